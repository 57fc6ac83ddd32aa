//! Connections: as a caller gives them, and checked, as an action uses them.
//!
//! A connection is a table like that of an action, whose fields can come from the environment, too.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Argument, Violation};
use crate::http::url::{BaseUrl, MAX_TEXT_BYTES};
use crate::parameter::{Described, Field, Kind, Parameters, Spec, decode, rules, ui};
use crate::text::{Message, Text, message, phrase, text};
use crate::{json, tidy};

mod application;
mod chatbot;
mod table;

pub use application::{Application, CheckedApplication, MAX_AGENT_ID};
pub use chatbot::{Chatbot, CheckedChatbot};
pub use table::Variables;

/// How long each step of a request may take where the connection does not say.
const DEFAULT_TIMEOUT_SECONDS: u32 = 30;
/// The longest that a connection may allow.
const MAX_TIMEOUT_SECONDS: u32 = 600;

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
pub trait Connection: Described + Variables + Default + 'static {
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
    /// The variable of the environment that a connection of this type cannot do without.
    const VARIABLE: &'static str;

    /// Checks every rule.
    fn checked(self) -> Result<Self::Checked, Vec<Violation>>;

    /// What JSON Schema can say of the rules between fields: see [`conditions`](crate::parameter::conditions).
    fn conditions() -> Map<String, Value> {
        Map::new()
    }

    /// Reads the whole connection from the environment.
    fn from_environment(environment: Environment<'_>) -> Result<Self, Vec<Violation>> {
        from_environment(Self::FIELDS, Self::VARIABLES, environment).map(Self::of)
    }

    /// The connection that was given, or else that of the environment, checked.
    fn resolve(given: Option<Self>, environment: Environment<'_>) -> Result<Self::Checked, Vec<Violation>> {
        given.map_or_else(|| Self::from_environment(environment), Ok)?.checked()
    }

    /// Reads the JSON form: the fields of the record beside `type`, `name` and `description`.
    fn from_json(text: &str) -> Result<Self, Vec<Violation>> {
        fields(text, Self::TYPE, Self::FIELDS).map(Self::of)
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
        let value = match (bare(environment(variable)), field.kind) {
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

/// The fields of a connection's JSON form, where that is of the type.
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
    if violations.is_empty() { Ok(fields) } else { Err(violations) }
}

impl Endpoint {
    fn checked(
        base_url: Option<String>,
        default: BaseUrl,
        timeout_seconds: Option<u32>,
        violations: &mut Vec<Violation>,
    ) -> Option<Self> {
        let base_url = match bare(base_url) {
            None => Some(default),
            Some(text) => match unfit("/base_url", &text) {
                Some(violation) => {
                    violations.push(violation);
                    None
                }
                None => {
                    BaseUrl::parse(&text).map_err(|rule| violations.push(Violation::connection("/base_url", rule))).ok()
                }
            },
        };
        let seconds = timeout_seconds.unwrap_or(DEFAULT_TIMEOUT_SECONDS);
        if !(1..=MAX_TIMEOUT_SECONDS).contains(&seconds) {
            let rule = message!("must be from 1 to {} seconds", MAX_TIMEOUT_SECONDS);
            violations.push(Violation::connection("/timeout_seconds", rule));
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

/// What is wrong with a text that no URL has room for, or that has what nobody sees. It is no check of a secret's form: no
/// real one comes near.
fn unfit(pointer: &str, text: &str) -> Option<Violation> {
    let too_long = || message!("must have at most {} bytes", MAX_TEXT_BYTES);
    if text.len() > MAX_TEXT_BYTES { Some(Violation::connection(pointer, too_long())) } else { hidden(pointer, text) }
}

/// What is wrong with a text that has a character that nobody sees. WeCom would only say that the secret is wrong.
fn hidden(pointer: &str, text: &str) -> Option<Violation> {
    rules::ALL_SEEN.broken(text).map(|rule| Violation::connection(pointer, rule))
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
