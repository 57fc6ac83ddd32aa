//! Connections: as a caller gives them, and checked, as an action uses them.
//!
//! A connection is a table like that of an action, whose fields can come from the environment, too.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Argument, Violation};
use crate::http::url::BaseUrl;
use crate::parameter::rules::Rule;
use crate::parameter::{Field, Key, Kind, Parameters, Spec, Table, Values, decode, rules, ui};
use crate::text::{Message, Text, message, phrase, text};
use crate::{json, tidy};

mod application;
mod callback;
mod chatbot;
mod table;

pub use application::{Application, CheckedApplication, LowerCorp, MAX_AGENT_ID, SHARING, TokenSource, WHERE_AGENT_ID};
pub use callback::{AesKey, Callback, CheckedCallback};
pub use chatbot::{Chatbot, CheckedChatbot};
pub use table::Variables;

/// How long each step of a request may take where the connection does not say.
const DEFAULT_TIMEOUT_SECONDS: u32 = 30;
/// The longest that a connection may allow.
const MAX_TIMEOUT_SECONDS: u32 = 600;

/// The field that every connection has for where WeCom is.
const BASE_URL: Spec = Spec {
    title: text("Base URL", "服务地址（Base URL）"),
    description: text(
        "Where WeCom answers: scheme and host, and a path prefix where a proxy has one. \
        Default: https://qyapi.weixin.qq.com.",
        "企业微信接口的地址：协议和主机名，代理有路径前缀时一并填写。不填时为https://qyapi.weixin.qq.com。",
    ),
    examples: &[Text::both(r#""https://qyapi.weixin.qq.com""#)],
    rules: &[Rule::Bare, rules::ID, rules::FITS_URL],
    ui: ui::hint(text(
        "Change it only for a private WeCom, or for a proxy.",
        "仅在使用私有化部署的企业微信，或经由代理访问时修改。",
    ))
    .advanced(),
    variable: "WECOM_BASE_URL",
    ..Spec::NEW
};

/// The field that every connection has for its timeout.
const TIMEOUT: Spec = Spec {
    title: text("Timeout", "超时时间"),
    description: text(
        "How long connecting, the first byte and the rest of the answer may each take, in seconds, from 1 to 600. Default: 30.",
        "建立连接、等待首个字节、接收其余应答各自允许的最长时间，单位为秒，取值1~600。不填时为30。",
    ),
    rules: &[rules::range(1, MAX_TIMEOUT_SECONDS as u64)],
    ui: ui::ADVANCED,
    variable: "WECOM_TIMEOUT_SECONDS",
    ..Spec::NEW
};

/// Where WeCom is and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where the APIs stand.
    pub base_url: BaseUrl,
    /// For connecting, for the first byte, and between bytes.
    pub timeout: Duration,
}

/// Reads a variable of the environment; `None` where it is not set or empty.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A type of connection.
pub trait Connection: Table + Variables + Sized + 'static {
    /// The same, checked.
    type Checked: fmt::Debug;
    /// What the JSON form calls this type.
    const TYPE: &'static str;
    /// What people call it.
    const TITLE: Text;
    /// What it is.
    const DESCRIPTION: Text;
    /// Which actions it is for.
    const HINT: Text;
    /// The variable of the environment that a connection of this type cannot do without: that of its first field.
    const VARIABLE: &'static str = {
        assert!(Self::FIELDS[0].required);
        Self::VARIABLES[0]
    };

    /// The connection of what was given. It holds the fields against the rules of the table, and against those that are of
    /// this type alone, and notes in them what is broken; what it returns counts only where nothing is.
    fn of(fields: &mut Parameters) -> Option<Self::Checked>;

    /// What JSON Schema can say of the rules between fields: see [`conditions`](crate::parameter::conditions).
    fn conditions() -> Map<String, Value> {
        Map::new()
    }

    /// Checks every rule.
    fn checked(self) -> Result<Self::Checked, Vec<Violation>> {
        Self::from_values(self.into_values())
    }

    /// Checks the values of a connection's fields.
    fn from_values(values: Values) -> Result<Self::Checked, Vec<Violation>> {
        checked::<Self>(Parameters::new(Argument::Connection, Self::FIELDS, values)?)
    }

    /// Reads the whole connection from the environment, and checks it.
    fn from_environment(environment: Environment<'_>) -> Result<Self::Checked, Vec<Violation>> {
        checked::<Self>(from_environment(Self::FIELDS, Self::VARIABLES, environment)?)
    }

    /// Reads the JSON form, the fields of the record beside `type`, `name` and `description`, and checks it.
    fn from_json(text: &str) -> Result<Self::Checked, Vec<Violation>> {
        checked::<Self>(fields(text, Self::TYPE, Self::FIELDS)?)
    }
}

/// The one check of every connection, however it was given.
fn checked<C: Connection>(mut fields: Parameters) -> Result<C::Checked, Vec<Violation>> {
    match C::of(&mut fields) {
        Some(connection) if fields.violations.is_empty() => Ok(connection),
        _ => Err(fields.violations),
    }
}

/// The fields that the environment has.
fn from_environment(
    fields: &'static [Field],
    variables: &[&str],
    environment: Environment<'_>,
) -> Result<Parameters, Vec<Violation>> {
    let mut violations = Vec::new();
    let mut given = Map::new();
    for (field, variable) in fields.iter().zip(variables) {
        let mut violate = |rule: Message| violations.push(Violation::connection(format!("/{}", field.name), rule));
        let set = environment(variable).filter(|text| !tidy::bare(text).is_empty());
        let value = match (set, field.kind) {
            (None, _) => {
                if field.required {
                    violate(message!(
                        "is required: no connection was given, and {} is not set in the environment",
                        *variable
                    ));
                }
                continue;
            }
            (Some(text), Kind::Number { .. }) => {
                let (min, max) = field.bounds();
                let number = tidy::whole_number(&text).filter(|number| (min..=max).contains(number));
                let Some(number) = number else {
                    violate(message!("must be a whole number from {} to {} in {}", min, max, *variable));
                    continue;
                };
                number.into()
            }
            (Some(text), _) => text.into(),
        };
        given.insert(field.name.to_owned(), value);
    }
    if violations.is_empty() { decode::read(Argument::Connection, fields, &[], given.into()) } else { Err(violations) }
}

fn parsed(text: &str) -> Result<Value, Vec<Violation>> {
    json::parse_argument(text).map_err(|unreadable| vec![Violation::connection(unreadable.pointer, unreadable.rule)])
}

/// The fields of a connection's JSON form, where that is of the type. Faults beside them are in what it returns, too.
fn fields(text: &str, of: &'static str, known: &'static [Field]) -> Result<Parameters, Vec<Violation>> {
    let fault = |pointer, rule: Message| vec![Violation::connection(pointer, rule)];
    let mut value = parsed(text)?;
    let mut violations = Vec::new();
    if let Value::Object(fields) = &mut value {
        match fields.remove("type") {
            Some(Value::String(given)) if given == of => {}
            // The fields of another type of connection would only be violations that follow from this one.
            Some(_) => return Err(fault("/type", message!("must be \"{}\" for this action", of))),
            None => {
                violations.extend(fault("/type", message!("is required, and must be \"{}\" for this action", of)));
            }
        }
        // For people: accepted and ignored.
        for label in ["name", "description"] {
            if fields.remove(label).is_some_and(|label| !label.is_string() && !label.is_null()) {
                violations.push(Violation::connection(format!("/{label}"), phrase!("must be a text")));
            }
        }
    }
    let mut fields = decode::read(Argument::Connection, known, &[], value)?;
    violations.append(&mut fields.violations);
    fields.violations = violations;
    Ok(fields)
}

impl Endpoint {
    /// What the two fields say that every connection has, once they were held against their rules. `default` serves where
    /// there is no base URL.
    fn of(fields: &mut Parameters, base_url: Key<String>, timeout_seconds: Key<u32>, default: BaseUrl) -> Self {
        let base_url = match fields.text(base_url) {
            text if !text.is_empty() && fields.is_good(base_url) => BaseUrl::parse(text).unwrap_or_else(|rule| {
                fields.violate(base_url, &[], rule);
                default
            }),
            _ => default,
        };
        let seconds = fields.number(timeout_seconds).unwrap_or(DEFAULT_TIMEOUT_SECONDS);
        Self { base_url, timeout: Duration::from_secs(seconds.into()) }
    }
}

/// The type that a connection's JSON form says it is: one of the two.
pub fn declared_type(text: &str) -> Result<String, Vec<Violation>> {
    let fault = |pointer, rule: Message| vec![Violation::connection(pointer, rule)];
    let value = parsed(text)?;
    if !value.is_object() {
        return Err(fault("", message!("must be a JSON object, not {}", decode::type_name(&value))));
    }
    let declared = value.get("type").and_then(Value::as_str);
    let known = declared.filter(|name| [Application::TYPE, Chatbot::TYPE].contains(name)).map(str::to_owned);
    known.ok_or_else(|| fault("/type", phrase!("must be \"application\" or \"chatbot\"").into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::localize;

    /// What is said of a connection, or nothing of a good one.
    fn said<T>(checked: Result<T, Vec<Violation>>) -> Vec<String> {
        let said = |violation: Violation| {
            assert_eq!(violation.argument, Argument::Connection);
            format!("{} {}", violation.pointer, localize(&violation.rule).en)
        };
        checked.err().unwrap_or_default().into_iter().map(said).collect()
    }

    fn in_environment<C: Connection>(variables: &[(&str, &str)]) -> Result<C::Checked, Vec<Violation>> {
        let value =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        C::from_environment(&value)
    }

    #[test]
    fn however_it_is_given_it_is_held_against_the_same_rules() {
        let long = "x".repeat(4097);
        let record = Application {
            corp_id: "''".into(),
            app_secret: Some("SIMULATED\u{200b}x".into()),
            contacts_secret: Some(long.clone()),
            base_url: Some("ftp://example.com".into()),
            timeout_seconds: Some(601),
            agent_id: Some(0),
            ..Application::default()
        };
        let hidden =
            "/app_secret must be one line of text, without control and invisible characters; character 10 is U+200B";
        let too_long = "/contacts_secret must have at most 4096 bytes in UTF-8, and has 4097";
        let no_url = "/base_url must be a URL such as https://qyapi.weixin.qq.com: http or https, a host name, and at most a port \
            and a path";
        let all = [
            "/corp_id must not be empty",
            hidden,
            too_long,
            "/agent_id must be 1 or more",
            "/timeout_seconds must be 600 or less",
            no_url,
        ];
        let json = json!({
            "type": "application", "corp_id": "''", "app_secret": "SIMULATED\u{200b}x", "contacts_secret": long,
            "base_url": "ftp://example.com", "timeout_seconds": 601, "agent_id": 0,
        });
        assert_eq!(said(record.checked()), all);
        assert_eq!(said(Application::from_json(&json.to_string())), all);
        let variables = [
            ("WECOM_CORP_ID", "SIMULATED"),
            ("WECOM_APP_SECRET", "SIMULATED\u{200b}x"),
            ("WECOM_CONTACTS_SECRET", &long),
            ("WECOM_BASE_URL", "ftp://example.com"),
        ];
        assert_eq!(said(in_environment::<Application>(&variables)), [hidden, too_long, no_url]);
    }

    #[test]
    fn what_copying_and_a_chinese_keyboard_make_of_a_value_is_undone() {
        let record = Application {
            corp_id: " “ｗｗ１” ".into(),
            app_secret: Some("'ＳＩＭＵＬＡＴＥＤ'\n".into()),
            base_url: Some("<https：//example.com>".into()),
            access_token: Some("\"\"".into()),
            ..Application::default()
        };
        let json = json!({
            "type": "application", "corp_id": record.corp_id, "app_secret": record.app_secret,
            "base_url": record.base_url, "access_token": record.access_token,
        });
        let variables = [
            ("WECOM_CORP_ID", &*record.corp_id),
            ("WECOM_APP_SECRET", "'ＳＩＭＵＬＡＴＥＤ'\n"),
            ("WECOM_BASE_URL", "<https：//example.com>"),
            ("WECOM_ACCESS_TOKEN", "\"\""),
        ];
        let checked = [
            Application::from_json(&json.to_string()).unwrap(),
            in_environment::<Application>(&variables).unwrap(),
            record.checked().unwrap(),
        ];
        for checked in checked {
            assert_eq!((&*checked.corp_id, checked.endpoint.base_url.authority()), ("ww1", "example.com"));
            assert_eq!(checked.app_secret.unwrap().expose(), "SIMULATED");
            assert!(checked.access_token.is_none());
        }
    }

    #[test]
    fn what_says_more_of_a_lower_enterprise_goes_with_its_id() {
        let given = |lower_corp_id: Option<&str>, lower_agent_id, business_type| {
            let lower_corp_id = lower_corp_id.map(str::to_owned);
            let app_secret = Some("SIMULATED".to_owned());
            let own = Application { corp_id: "ww1".into(), app_secret, agent_id: Some(7), ..Application::default() };
            Application { lower_corp_id, lower_agent_id, business_type, ..own }.checked()
        };
        let own = given(None, None, None).unwrap();
        assert_eq!((own.agent_id, own.own_agent_id, own.lower), (Some(7), Some(7), None));
        let lower = given(Some(" ww２ "), Some(8), None).unwrap();
        assert_eq!((lower.agent_id, lower.own_agent_id), (Some(8), Some(7)));
        assert_eq!(lower.lower, Some(LowerCorp { corp_id: "ww2".into(), agent_id: 8, business_type: 0 }));
        assert_eq!(given(Some("ww2"), Some(8), Some(1)).unwrap().lower.unwrap().business_type, 1);
        let alone = "/lower_corp_id is required where `lower_agent_id` or `business_type` is given";
        for (corp, agent, kind, faults) in [
            (Some("ww2"), None, None, vec!["/lower_agent_id is required where `lower_corp_id` is given"]),
            (None, Some(8), None, vec![alone]),
            (Some(" "), None, Some(0), vec![alone]),
            (
                Some("ww2"),
                Some(0),
                Some(2),
                vec!["/lower_agent_id must be 1 or more", "/business_type must be 1 or less"],
            ),
        ] {
            assert_eq!(said(given(corp, agent, kind)), faults);
        }
        let variables = [
            ("WECOM_CORP_ID", "ww1"),
            ("WECOM_APP_SECRET", "SIMULATED"),
            ("WECOM_LOWER_CORP_ID", "ww2"),
            ("WECOM_LOWER_AGENT_ID", "8"),
            ("WECOM_BUSINESS_TYPE", "1"),
        ];
        let lower = in_environment::<Application>(&variables).unwrap().lower;
        assert_eq!(lower, Some(LowerCorp { corp_id: "ww2".into(), agent_id: 8, business_type: 1 }));
    }

    #[test]
    fn the_rules_are_about_the_key_in_an_address() {
        let chatbot = |key: &str| Chatbot { chatbot_key: key.into(), ..Chatbot::default() };
        let address = |key: &str| format!("https://example.com/cgi-bin/webhook/send?key={key}");
        let host = format!("https://example.com/{}/cgi-bin/webhook/send?key=SIMULATED", "x".repeat(4096));
        let checked = chatbot(&host).checked().unwrap();
        assert_eq!(checked.key.expose(), "SIMULATED");
        let hidden = "/chatbot_key must be one line of text, without control and invisible characters; character ";
        for (key, fault) in [
            ("", "/chatbot_key must not be empty".to_owned()),
            ("key=", "/chatbot_key must not be empty".to_owned()),
            (&"x".repeat(4097), "/chatbot_key must have at most 4096 bytes in UTF-8, and has 4097".to_owned()),
            (
                &address(&"x".repeat(4097)),
                "/chatbot_key must have at most 4096 bytes in UTF-8, and has 4097".to_owned(),
            ),
            (&address("a%E2%80%8Bb"), format!("{hidden}2 is U+200B")),
            (&address("a").replace("webhook", "web\u{200b}hook"), format!("{hidden}32 is U+200B")),
        ] {
            assert_eq!(said(chatbot(key).checked()), [fault]);
        }
    }
}
