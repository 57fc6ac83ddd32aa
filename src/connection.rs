//! Connections: as a caller gives them, and checked, as an action uses them.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde_json::Value;

use crate::action::Secrets;
use crate::error::{Argument, Credential, Fault};
use crate::parameters::{Field, Parameters};
use crate::secret::Secret;
use crate::url::{BaseUrl, MAX_TEXT_BYTES};
use crate::words::{Phrase, Words, phrase, words};
use crate::{decode, json, rules, tidy, ui};

/// How long each step of a request may take where the connection does not say.
const DEFAULT_TIMEOUT_SECONDS: u32 = 30;
/// The longest that a connection may allow.
const MAX_TIMEOUT_SECONDS: u32 = 600;

/// The greatest ID of an application. WeCom's console shows IDs of thirteen digits; beyond this, JSON readers disagree.
pub const MAX_AGENT_ID: u64 = 9_007_199_254_740_991;

/// Access to WeCom as a self-built application.
#[derive(Clone, Default, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Application", extend("x-ui" = ui::hint("Address book, group chats and application messages use this type.")))]
pub struct Application {
    /// Enterprise ID (corpid): the same for every application of the enterprise.
    #[schemars(title = "Enterprise ID", example = &"ww5f2c8a9b1d3e4f60", length(min = 1), regex(pattern = rules::ALL_SEEN.regex), extend("x-ui" = ui::hint("In the admin console: My Company (我的企业) > Company Info (企业信息), at the bottom.")))]
    pub corp_id: String,
    /// Secret of the self-built application. May be left out only where an access token is given.
    #[schemars(title = "AppSecret", regex(pattern = rules::ALL_SEEN.regex), extend("format" = "password", "writeOnly" = true, "x-ui" = ui::hint("In the admin console: App Management (应用管理) > the application > Secret.").widget("password")))]
    pub app_secret: Option<String>,
    /// Secret of contacts synchronisation, which WeCom demands for most of the address book. Where it is left out, AppSecret serves.
    #[schemars(title = "Contacts Secret", regex(pattern = rules::ALL_SEEN.regex), extend("format" = "password", "writeOnly" = true, "x-ui" = ui::hint("In the admin console: Security & Management (安全与管理) > Management Tools (管理工具) > Contacts Sync (通讯录同步) > Secret.").widget("password")))]
    pub contacts_secret: Option<String>,
    /// Application ID that serves wherever an action leaves out Enterprise App ID.
    #[schemars(title = "Enterprise App ID", example = 1_000_002, range(min = 1, max = MAX_AGENT_ID), extend("x-ui" = ui::hint("In the admin console: App Management (应用管理) > the application > AgentId.")))]
    pub agent_id: Option<u64>,
    /// Access token that the caller keeps. It is used as it is and never refreshed.
    #[schemars(title = "Access Token", regex(pattern = rules::ALL_SEEN.regex), extend("format" = "password", "writeOnly" = true, "x-ui" = ui::hint("Leave this empty: it is for engines that fetch and keep tokens themselves.").widget("password").group(ui::ADVANCED)))]
    pub access_token: Option<String>,
    /// Access token for departments and members, where Access Token is not for them. It is used as it is, too.
    #[schemars(title = "Contacts Access Token", regex(pattern = rules::ALL_SEEN.regex), extend("format" = "password", "writeOnly" = true, "x-ui" = ui::hint("Leave this empty: it is for engines that fetch and keep tokens themselves.").widget("password").group(ui::ADVANCED)))]
    pub contacts_access_token: Option<String>,
    /// Where WeCom answers: scheme and host, and a path prefix where a proxy has one. https://qyapi.weixin.qq.com where it is left out.
    #[schemars(title = "Base URL", example = &"https://qyapi.weixin.qq.com", regex(pattern = rules::ALL_SEEN.regex), extend("x-ui" = ui::hint("Change it only for a private WeCom, or for a proxy whose fixed IP address is trusted.").group(ui::ADVANCED)))]
    pub base_url: Option<String>,
    /// How long connecting, the first byte and the rest of the answer may each take, in seconds, from 1 to 600. 30 where it is left out.
    #[schemars(title = "Timeout", range(min = 1, max = MAX_TIMEOUT_SECONDS), extend("x-ui" = ui::group(ui::ADVANCED)))]
    pub timeout_seconds: Option<u32>,
}

/// Access to WeCom as a chatbot in a group chat.
#[derive(Clone, Default, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Chatbot", extend("x-ui" = ui::hint("Messages by chatbot use this type.")))]
pub struct Chatbot {
    /// Key of the chatbot, or its whole webhook address. Where the address is given, its host serves as the base URL.
    #[schemars(title = "Chatbot Key", length(min = 1), regex(pattern = rules::ALL_SEEN.regex), extend("format" = "password", "writeOnly" = true, "x-ui" = ui::hint("In the group: Group settings (群设置) > Group chatbots (群机器人) > the chatbot > webhook address. Paste the address or the part behind key=.").widget("password")))]
    pub chatbot_key: String,
    /// Where WeCom answers: scheme and host, and a path prefix where a proxy has one. https://qyapi.weixin.qq.com where it is left out.
    #[schemars(title = "Base URL", example = &"https://qyapi.weixin.qq.com", regex(pattern = rules::ALL_SEEN.regex), extend("x-ui" = ui::hint("Change it only for a private WeCom, or for a proxy.").group(ui::ADVANCED)))]
    pub base_url: Option<String>,
    /// How long connecting, the first byte and the rest of the answer may each take, in seconds, from 1 to 600. 30 where it is left out.
    #[schemars(title = "Timeout", range(min = 1, max = MAX_TIMEOUT_SECONDS), extend("x-ui" = ui::group(ui::ADVANCED)))]
    pub timeout_seconds: Option<u32>,
}

/// Where WeCom is and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where the APIs stand.
    pub base_url: BaseUrl,
    /// For connecting, for the first byte, and between bytes.
    pub timeout: Duration,
}

/// An [`Application`] that breaks no rule.
#[derive(Clone, Debug)]
pub struct CheckedApplication {
    /// Where WeCom is.
    pub endpoint: Endpoint,
    /// Enterprise ID.
    pub corp_id: String,
    /// Secret of the self-built application.
    pub app_secret: Option<Secret>,
    /// Secret of contacts synchronisation.
    pub contacts_secret: Option<Secret>,
    /// Default of Enterprise App ID.
    pub agent_id: Option<u64>,
    /// Token of the caller.
    pub access_token: Option<Secret>,
    /// Token of the caller for departments and members, where that is another one.
    pub contacts_access_token: Option<Secret>,
}

/// A [`Chatbot`] that breaks no rule.
#[derive(Clone, Debug)]
pub struct CheckedChatbot {
    /// Where WeCom is.
    pub endpoint: Endpoint,
    /// The key alone.
    pub key: Secret,
}

/// Reads a variable of the environment; `None` where it is not set or empty.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A type of connection.
pub trait Connection: Sized + 'static {
    /// The same, checked.
    type Checked: fmt::Debug;
    /// What the JSON form calls this type.
    const TYPE: &'static str;
    /// The variable of the environment that a connection of this type cannot do without.
    const VARIABLE: &'static str;

    /// The fields of the JSON form, beside `type`, `name` and `description`.
    const FIELDS: &'static [Field];

    /// The connection of those of its fields that are set.
    fn from_fields(fields: Parameters) -> Self;

    /// Reads the whole connection from the environment.
    fn from_environment(environment: Environment<'_>) -> Result<Self, Vec<Fault>>;

    /// Checks every rule.
    fn checked(self) -> Result<Self::Checked, Vec<Fault>>;

    /// The connection that was given, or else that of the environment, checked.
    fn resolve(given: Option<Self>, environment: Environment<'_>) -> Result<Self::Checked, Vec<Fault>> {
        given.map_or_else(|| Self::from_environment(environment), Ok)?.checked()
    }

    /// Reads the JSON form: the fields of the record beside `type`, `name` and `description`.
    fn from_json(text: &str) -> Result<Self, Vec<Fault>> {
        fields(text, Self::TYPE, Self::FIELDS).map(Self::from_fields)
    }
}

fn parsed(text: &str) -> Result<Value, Vec<Fault>> {
    json::parse_argument(text).map_err(|unreadable| vec![Fault::connection(unreadable.pointer, unreadable.rule)])
}

/// The fields of a connection's JSON form, where that is of the type.
fn fields(text: &str, of: &'static str, known: &'static [Field]) -> Result<Parameters, Vec<Fault>> {
    let fault = |pointer, rule: Words| vec![Fault::connection(pointer, rule)];
    let mut value = parsed(text)?;
    let mut faults = Vec::new();
    if let Value::Object(fields) = &mut value {
        match fields.remove("type") {
            Some(Value::String(given)) if given == of => {}
            // The fields of another type of connection would only be faults that follow from this one.
            Some(_) => return Err(fault("/type", words!("must be \"{}\" for this action", of))),
            None => faults.extend(fault("/type", words!("is required, and must be \"{}\" for this action", of))),
        }
        // For people: accepted and ignored.
        for label in ["name", "description"] {
            if fields.remove(label).is_some_and(|label| !label.is_string() && !label.is_null()) {
                faults.push(Fault::connection(format!("/{label}"), phrase!("must be a text")));
            }
        }
    }
    let mut fields = decode::read(Argument::Connection, known, &[], value)?;
    faults.append(&mut fields.faults);
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

/// The same for both types.
const TIMEOUT: Field =
    Field { rules: &[rules::range(1, MAX_TIMEOUT_SECONDS as u64)], ..Field::of::<Option<u32>>("timeout_seconds") };

impl Connection for Application {
    type Checked = CheckedApplication;
    const TYPE: &'static str = "application";
    const VARIABLE: &'static str = "WECOM_CORP_ID";
    const FIELDS: &'static [Field] = &[
        Field::of::<String>("corp_id"),
        Field::of::<Option<String>>("app_secret"),
        Field::of::<Option<String>>("contacts_secret"),
        Field { rules: &[rules::range(1, MAX_AGENT_ID)], ..Field::of::<Option<u64>>("agent_id") },
        Field::of::<Option<String>>("access_token"),
        Field::of::<Option<String>>("contacts_access_token"),
        Field::of::<Option<String>>("base_url"),
        TIMEOUT,
    ];

    fn from_fields(mut fields: Parameters) -> Self {
        Self {
            corp_id: fields.take_text("corp_id").unwrap_or_default(),
            app_secret: fields.take_text("app_secret"),
            contacts_secret: fields.take_text("contacts_secret"),
            agent_id: fields.number("agent_id"),
            access_token: fields.take_text("access_token"),
            contacts_access_token: fields.take_text("contacts_access_token"),
            base_url: fields.take_text("base_url"),
            timeout_seconds: fields.number("timeout_seconds").and_then(|seconds| seconds.try_into().ok()),
        }
    }

    fn from_environment(environment: Environment<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let connection = Self {
            corp_id: required(environment, Self::VARIABLE, "/corp_id", &mut faults),
            app_secret: environment("WECOM_APP_SECRET"),
            contacts_secret: environment("WECOM_CONTACTS_SECRET"),
            agent_id: number(environment, "WECOM_AGENT_ID", "/agent_id", (1, MAX_AGENT_ID), &mut faults),
            access_token: environment("WECOM_ACCESS_TOKEN"),
            contacts_access_token: environment("WECOM_CONTACTS_ACCESS_TOKEN"),
            base_url: environment("WECOM_BASE_URL"),
            timeout_seconds: timeout_seconds(environment, &mut faults),
        };
        if faults.is_empty() { Ok(connection) } else { Err(faults) }
    }

    fn checked(self) -> Result<CheckedApplication, Vec<Fault>> {
        let mut faults = Vec::new();
        let corp_id = bare(Some(self.corp_id)).unwrap_or_default();
        let [app_secret, contacts_secret, access_token, contacts_access_token] =
            [self.app_secret, self.contacts_secret, self.access_token, self.contacts_access_token].map(bare);
        if corp_id.is_empty() {
            faults.push(Fault::connection("/corp_id", phrase!("must not be empty")));
        }
        let texts = [
            ("/corp_id", Some(&corp_id)),
            ("/app_secret", app_secret.as_ref()),
            ("/contacts_secret", contacts_secret.as_ref()),
            ("/access_token", access_token.as_ref()),
            ("/contacts_access_token", contacts_access_token.as_ref()),
        ];
        for (pointer, text) in texts {
            faults.extend(text.and_then(|text| unfit(pointer, text)));
        }
        match self.agent_id {
            Some(0) => faults.push(Fault::connection("/agent_id", words!("must be {} or more", 1_u32))),
            Some(id) if id > MAX_AGENT_ID => {
                faults.push(Fault::connection("/agent_id", words!("must be {} or less", MAX_AGENT_ID)));
            }
            _ => {}
        }
        if app_secret.is_none() && access_token.is_none() {
            faults.push(Fault::connection(
                "/app_secret",
                phrase!("is required: the secret of the application, or else an access token in `access_token`"),
            ));
        }
        match Endpoint::checked(self.base_url, BaseUrl::default(), self.timeout_seconds, &mut faults) {
            Some(endpoint) if faults.is_empty() => Ok(CheckedApplication {
                endpoint,
                corp_id,
                app_secret: app_secret.and_then(Secret::new),
                contacts_secret: contacts_secret.and_then(Secret::new),
                agent_id: self.agent_id,
                access_token: access_token.and_then(Secret::new),
                contacts_access_token: contacts_access_token.and_then(Secret::new),
            }),
            _ => Err(faults),
        }
    }
}

impl CheckedApplication {
    /// The caller's own token for an action with these needs.
    pub fn given_token(&self, secrets: Secrets) -> Option<&Secret> {
        let contacts = self.contacts_access_token.as_ref().filter(|_| secrets == Secrets::Contacts);
        contacts.or(self.access_token.as_ref())
    }

    /// All tokens that the caller gave.
    pub fn given_tokens(&self) -> impl Iterator<Item = &Secret> {
        [&self.access_token, &self.contacts_access_token].into_iter().flatten()
    }

    /// The credential that an action with these needs goes by, and the secret that is behind it.
    pub fn secret(&self, secrets: Secrets) -> Result<(Credential, &Secret), Vec<Fault>> {
        let contacts = self.contacts_secret.as_ref().filter(|_| secrets == Secrets::Contacts);
        match (contacts, &self.app_secret) {
            (Some(secret), _) => Ok((Credential::ContactsSecret, secret)),
            (None, Some(secret)) => Ok((Credential::AppSecret, secret)),
            (None, None) => {
                Err(vec![Fault::connection("/app_secret", phrase!("is required to fetch an access token"))])
            }
        }
    }

    /// Everything in the connection that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.app_secret, &self.contacts_secret].into_iter().flatten().chain(self.given_tokens())
    }
}

impl Connection for Chatbot {
    type Checked = CheckedChatbot;
    const TYPE: &'static str = "chatbot";
    const VARIABLE: &'static str = "WECOM_CHATBOT_KEY";
    const FIELDS: &'static [Field] =
        &[Field::of::<String>("chatbot_key"), Field::of::<Option<String>>("base_url"), TIMEOUT];

    fn from_fields(mut fields: Parameters) -> Self {
        Self {
            chatbot_key: fields.take_text("chatbot_key").unwrap_or_default(),
            base_url: fields.take_text("base_url"),
            timeout_seconds: fields.number("timeout_seconds").and_then(|seconds| seconds.try_into().ok()),
        }
    }

    fn from_environment(environment: Environment<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let connection = Self {
            chatbot_key: required(environment, Self::VARIABLE, "/chatbot_key", &mut faults),
            base_url: environment("WECOM_BASE_URL"),
            timeout_seconds: timeout_seconds(environment, &mut faults),
        };
        if faults.is_empty() { Ok(connection) } else { Err(faults) }
    }

    fn checked(self) -> Result<CheckedChatbot, Vec<Fault>> {
        let mut faults = Vec::new();
        let given = bare(Some(self.chatbot_key)).unwrap_or_default();
        let read = match hidden("/chatbot_key", &given) {
            None => BaseUrl::parse_key(&given).map_err(|rule| Fault::connection("/chatbot_key", rule)),
            Some(fault) => Err(fault),
        };
        let (base_url, key) = match read {
            Ok((base_url, key)) => {
                if key.is_empty() {
                    faults.push(Fault::connection("/chatbot_key", phrase!("must not be empty")));
                }
                // In an address the key may be percent-encoded.
                faults.extend(unfit("/chatbot_key", &key));
                (base_url.unwrap_or_default(), key)
            }
            Err(fault) => {
                faults.push(fault);
                (BaseUrl::default(), String::new())
            }
        };
        let endpoint = Endpoint::checked(self.base_url, base_url, self.timeout_seconds, &mut faults);
        match (endpoint, Secret::new(key)) {
            (Some(endpoint), Some(key)) if faults.is_empty() => Ok(CheckedChatbot { endpoint, key }),
            _ => Err(faults),
        }
    }
}

impl Endpoint {
    fn checked(
        base_url: Option<String>,
        default: BaseUrl,
        timeout_seconds: Option<u32>,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let base_url = match bare(base_url) {
            None => Some(default),
            Some(text) => match unfit("/base_url", &text) {
                Some(fault) => {
                    faults.push(fault);
                    None
                }
                None => BaseUrl::parse(&text).map_err(|rule| faults.push(Fault::connection("/base_url", rule))).ok(),
            },
        };
        let seconds = timeout_seconds.unwrap_or(DEFAULT_TIMEOUT_SECONDS);
        if !(1..=MAX_TIMEOUT_SECONDS).contains(&seconds) {
            let rule = words!("must be from 1 to {} seconds", MAX_TIMEOUT_SECONDS);
            faults.push(Fault::connection("/timeout_seconds", rule));
        }
        Some(Self { base_url: base_url?, timeout: Duration::from_secs(seconds.into()) })
    }
}

/// The text without what copying and environment files put around it, and with full-width characters as the ASCII ones
/// that a Chinese keyboard made them of: none of these values has one. None where nothing is left.
fn bare(text: Option<String>) -> Option<String> {
    let mut text = text?;
    tidy::keep(&mut text, tidy::bare);
    tidy::narrow(&mut text);
    (!text.is_empty()).then_some(text)
}

/// The fault of a text that no URL has room for, or that has what nobody sees. It is no check of a secret's form: no real
/// one comes near.
fn unfit(pointer: &str, text: &str) -> Option<Fault> {
    let too_long = || words!("must have at most {} bytes", MAX_TEXT_BYTES);
    if text.len() > MAX_TEXT_BYTES { Some(Fault::connection(pointer, too_long())) } else { hidden(pointer, text) }
}

/// The fault of a text with a character that nobody sees. WeCom would only say that the secret is wrong.
fn hidden(pointer: &str, text: &str) -> Option<Fault> {
    rules::ALL_SEEN.broken(text).map(|rule| Fault::connection(pointer, rule))
}

/// The type that a connection's JSON form says it is: one of the two.
pub fn declared_type(text: &str) -> Result<String, Vec<Fault>> {
    let fault = |pointer, rule: Words| vec![Fault::connection(pointer, rule)];
    let value = parsed(text)?;
    if !value.is_object() {
        return Err(fault("", words!("must be a JSON object, not {}", decode::type_name(&value))));
    }
    let declared = value.get("type").and_then(Value::as_str);
    let known = declared.filter(|name| [Application::TYPE, Chatbot::TYPE].contains(name)).map(str::to_owned);
    known.ok_or_else(|| fault("/type", phrase!("must be \"application\" or \"chatbot\"").into()))
}

fn required(environment: Environment<'_>, name: &str, pointer: &str, faults: &mut Vec<Fault>) -> String {
    bare(environment(name)).unwrap_or_else(|| {
        let rule = words!("is required: no connection was given, and {} is not set in the environment", name);
        faults.push(Fault::connection(pointer, rule));
        String::new()
    })
}

fn timeout_seconds(environment: Environment<'_>, faults: &mut Vec<Fault>) -> Option<u32> {
    let bounds = (1, MAX_TIMEOUT_SECONDS.into());
    number(environment, "WECOM_TIMEOUT_SECONDS", "/timeout_seconds", bounds, faults)
}

fn number<N: TryFrom<u64>>(
    environment: Environment<'_>,
    name: &str,
    pointer: &str,
    (min, max): (u64, u64),
    faults: &mut Vec<Fault>,
) -> Option<N> {
    let text = bare(environment(name))?;
    let number = tidy::whole_number(&text).filter(|number| (min..=max).contains(number));
    if number.is_none() {
        let rule = words!("must be a whole number from {} to {} in {}", min, max, name);
        faults.push(Fault::connection(pointer, rule));
    }
    number?.try_into().ok()
}

/// `Some("[redacted]")` or `None`.
fn shown(secret: Option<&String>) -> Option<Secret> {
    secret.and_then(Secret::new)
}

/// The base URL where it is one. A user name and a password may stand in anything else, and so may a chatbot's key.
fn shown_url(text: Option<&String>) -> Option<Result<BaseUrl, Phrase>> {
    text.map(|text| BaseUrl::parse(text))
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("corp_id", &self.corp_id)
            .field("app_secret", &shown(self.app_secret.as_ref()))
            .field("contacts_secret", &shown(self.contacts_secret.as_ref()))
            .field("agent_id", &self.agent_id)
            .field("access_token", &shown(self.access_token.as_ref()))
            .field("contacts_access_token", &shown(self.contacts_access_token.as_ref()))
            .field("base_url", &shown_url(self.base_url.as_ref()))
            .field("timeout_seconds", &self.timeout_seconds)
            .finish()
    }
}

impl fmt::Debug for Chatbot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chatbot")
            .field("chatbot_key", &shown(Some(&self.chatbot_key)))
            .field("base_url", &shown_url(self.base_url.as_ref()))
            .field("timeout_seconds", &self.timeout_seconds)
            .finish()
    }
}
