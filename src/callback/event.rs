//! What WeCom tells: a message of a member, or something that happened.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use sha1::{Digest as _, Sha1};

use crate::tidy::hex;

/// How a request is written, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// XML, for applications.
    Xml,
    /// JSON, for smart bots.
    Json,
}

/// A message or an event, as every kind has it, and the whole of it as JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is, in lower case: `text`, `event/enter_agent`, `event/change_contact/create_user`.
    pub topic: String,
    /// The type of message: `text`, `image`, …, and `event` for what is none.
    pub msg_type: String,
    /// What happened, in lower case; absent for a message.
    pub event: Option<String>,
    /// What changed, in lower case: `create_user`.
    pub change_type: Option<String>,
    /// The member who wrote or did it. `sys` is WeCom itself.
    pub from_user: Option<String>,
    /// Who it is for: the enterprise ID, or that of a suite.
    pub to: Option<String>,
    /// The application that it is about. Contacts and customers have none.
    pub agent_id: Option<u64>,
    /// When it happened, in seconds since 1970.
    pub created_at: Option<u64>,
    /// The same for a repetition of the same, and for nothing else.
    pub key: String,
    /// Everything, with WeCom's names in snake_case, and lists as lists.
    pub json: String,
    /// How the request was written.
    pub format: Format,
    /// The nonce of the request, which a reply has, too.
    pub nonce: String,
}

/// What somebody wrote, and codes that open something, stand in the JSON.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("topic", &self.topic).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Event {
    /// The event of a message's fields.
    pub(super) fn of(fields: Map<String, Value>, format: Format, nonce: String) -> Self {
        let text = |name: &str| plain(fields.get(name));
        let lower = |name: &str| text(name).map(|text| text.to_ascii_lowercase());
        // A smart bot has the kind of event in an object of its own, and the member, too.
        let inner = |object: &str, name: &str| fields.get(object).and_then(|object| plain(object.get(name)));
        let msg_type = lower("msg_type").unwrap_or_default();
        let event = lower("event").or_else(|| inner("event", "event_type").map(|kind| kind.to_ascii_lowercase()));
        let change_type = lower("change_type");
        let parts = [Some(&msg_type), event.as_ref(), change_type.as_ref()];
        let topic = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/");
        let key = match text("msg_id") {
            Some(id) => format!("{topic}/{id}"),
            // Of two changes in one second all but one field may be the same, so that all of them count.
            None => {
                let mut all = String::new();
                canonical_fields(&fields, &mut all);
                format!("{topic}/{}", hex(&Sha1::digest(&all)))
            }
        };
        Self {
            from_user: text("from_user_name").or_else(|| inner("from", "user_id")),
            to: text("to_user_name"),
            agent_id: text("agent_id").and_then(|id| id.parse().ok()).filter(|id| *id != 0),
            created_at: text("create_time").and_then(|time| time.parse().ok()),
            topic,
            msg_type,
            event,
            change_type,
            key,
            json: Value::Object(fields).to_string(),
            format,
            nonce,
        }
    }
}

/// A text that is not empty, or a number.
fn plain(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn canonical_fields(fields: &Map<String, Value>, text: &mut String) {
    let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
    names.sort_unstable();
    text.push('{');
    for name in names {
        // A text can always be written to.
        let _ = write!(text, "{name:?}:");
        canonical(&fields[name], text);
    }
    text.push('}');
}

/// The value as a text that does not depend on the order of fields.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => canonical_fields(fields, text),
        Value::Array(entries) => {
            text.push('[');
            for entry in entries {
                canonical(entry, text);
                text.push(',');
            }
            text.push(']');
        }
        value => text.push_str(&value.to_string()),
    }
}
