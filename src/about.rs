//! What a palette and an engine may know of an action without calling it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::http::Method;
use crate::text::{Localized, Text};

/// What a palette and an engine may know of an action without calling it.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Name of the WIT function and of `invoke`'s `action`.
    pub id: &'static str,
    /// The heading of its table.
    pub title: Text,
    /// The same as a person says it who picks it from a palette.
    pub label: Text,
    /// Its picture.
    pub icon: Icon,
    /// What it does, in one or two sentences.
    pub description: Text,
    /// More sentences, which its neighbours have, too.
    pub remarks: &'static [Text],
    /// The WIT interface, which is also its group in a palette.
    pub interface: &'static Interface,
    /// How the API is called.
    pub method: Method,
    /// The vendor's name of the API: `message/send`. Where an action calls any API, that of its sample.
    pub api: &'static str,
    /// What proves its success where the reply has no `errcode`.
    pub proof: Proof,
    /// Which secret the API asks for.
    pub secrets: Secrets,
    /// What it does to the enterprise's data.
    pub effect: Effect,
    /// Whether doing it twice leaves things as doing it once does.
    pub idempotent: bool,
    /// How often it may be called.
    pub rate_limits: &'static [RateLimit],
    /// How to get what does not fit into one reply.
    pub pagination: Option<Pagination>,
    /// The first version of the connector that has it.
    pub since: &'static str,
    /// The vendor's page.
    pub doc_url: &'static str,
    /// Parameters that break no rule, as JSON.
    pub sample_parameters: &'static str,
    /// An output that fits the schema, as JSON.
    pub sample_output: &'static str,
    /// WeCom's reply to a call that it carried out, with every field that it documents, as JSON. Tests answer with it.
    pub sample_reply: &'static str,
}

impl About {
    /// Description and remarks.
    pub fn whole_description(&self) -> Localized {
        let mut whole = Localized::from(self.description);
        for remark in self.remarks {
            whole = whole.before(&(*remark).into());
        }
        whole
    }
}

/// A group of actions: a WIT interface.
#[derive(Clone, Copy, Debug)]
pub struct Interface {
    /// Its name.
    pub name: &'static str,
    /// What a palette calls it.
    pub title: Text,
    /// What it is for, in English.
    pub docs: &'static str,
}

/// A picture.
#[derive(Clone, Copy, Debug)]
pub struct Icon {
    /// Its name: actions with the same picture have the same.
    pub name: &'static str,
    /// The picture.
    pub svg: &'static str,
}

/// The picture of that name in `icons/`.
macro_rules! icon {
    ($name:literal) => {
        $crate::about::Icon {
            name: $name,
            svg: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/icons/", $name, ".svg")),
        }
    };
}
pub(crate) use icon;

/// The field that an API's success is documented with, beside `errcode`. A reply without `errcode` proves success only by
/// holding it: WeCom's older shapes lack `errcode`, and so do the pages of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// There is none: success needs an `errcode` of 0.
    ErrcodeOnly,
    /// A text that is not empty.
    Text(&'static str),
    /// A list.
    List(&'static str),
    /// An object.
    Object(&'static str),
    /// There is none, and success is a file, which comes as an attachment.
    Attachment,
}

impl Proof {
    /// The name of the field, where there is one.
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::ErrcodeOnly | Self::Attachment => None,
            Self::Text(name) | Self::List(name) | Self::Object(name) => Some(name),
        }
    }

    /// Whether the fields of a reply hold it.
    pub fn stands_in(self, fields: &Map<String, Value>) -> bool {
        match self {
            Self::ErrcodeOnly | Self::Attachment => false,
            Self::Text(name) => fields.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
            Self::List(name) => fields.get(name).is_some_and(Value::is_array),
            Self::Object(name) => fields.get(name).is_some_and(Value::is_object),
        }
    }
}

/// Which secret an API asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrets {
    /// The secret of the self-built application.
    #[serde(rename = "app_secret")]
    App,
    /// The secret of contacts synchronisation, or else that of the application.
    #[serde(rename = "contacts_secret")]
    Contacts,
    /// The key of the chatbot.
    #[serde(rename = "chatbot_key")]
    ChatbotKey,
}

/// What an action does to the enterprise's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing.
    Read,
    /// Adds something.
    Create,
    /// Changes something.
    Update,
    /// Removes something.
    Delete,
    /// Shows a message to people.
    Send,
}

/// A bound of the vendor's on how much may be done.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RateLimit {
    /// What is counted together.
    pub scope: &'static str,
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: &'static str,
    /// In how many seconds.
    pub per_seconds: u32,
    /// What happens to the rest.
    pub beyond: Beyond,
}

/// What happens beyond a [`RateLimit`].
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// The call fails with `errcode` 45009.
    Refused,
    /// The call succeeds, and the member does not get the message.
    DroppedSilently,
}

/// How pages follow each other.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pagination {
    /// The parameter that takes the cursor.
    pub cursor: &'static str,
    /// JSON pointer into the output: the next cursor, absent on the last page.
    pub next_cursor: &'static str,
    /// The parameter that takes the size of a page; empty where WeCom chooses it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub limit: &'static str,
}

/// The limits that hold for every API that takes an access token.
pub const EVERY_API: [RateLimit; 2] = [
    RateLimit { scope: "enterprise and API", amount: 10_000, unit: "calls", per_seconds: 60, beyond: Beyond::Refused },
    RateLimit {
        scope: "enterprise and API",
        amount: 150_000,
        unit: "calls",
        per_seconds: 3600,
        beyond: Beyond::Refused,
    },
];
