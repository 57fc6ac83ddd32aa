//! What an action is.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::connection::Connection;
use crate::decode::Elsewhere;
use crate::parameters::{Edits, Parameters, Table};
use crate::reply::{Malformed, Reply};

/// One operation of the connector: parameters become a request, a reply becomes an output. Both ways are pure; the
/// [`Connector`](crate::connector::Connector) does what lies between.
pub trait Action {
    /// What a palette shows of the action.
    const ABOUT: About;

    /// The type of connection it needs.
    type Connection: Connection;
    /// Its parameter table.
    type Parameters: Table + JsonSchema;
    /// What it returns. `Serialize` writes the names of the contract.
    type Output: Serialize + JsonSchema;

    /// Names that people look for in the table and that it does not have, with what to do instead.
    const ELSEWHERE: &'static [Elsewhere] = &[];

    /// Rules that no single parameter can be held against. The connection is absent where it is faulty itself.
    fn check(_parameters: &mut Parameters, _connection: Option<&<Self::Connection as Connection>::Checked>) {}

    /// The request for parameters that break no rule: a POST of them, where the action does not say otherwise.
    fn request(fields: Fields, _connection: &<Self::Connection as Connection>::Checked) -> Request {
        Request::post(Self::ABOUT.api, fields)
    }

    /// The output for a reply that reports success.
    fn output(reply: Reply, edits: Edits) -> Result<Self::Output, Malformed>;
}

/// The parameters that are set, under their names on the wire.
pub type Fields = Map<String, Value>;

/// What a palette and an engine may know of an action without calling it.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Name of the WIT function and of `invoke`'s `action`.
    pub id: &'static str,
    /// The heading of its table.
    pub title: &'static str,
    /// The same as a person says it who picks it from a palette.
    pub label: &'static str,
    /// Its picture: the name of a file in `icons/`.
    pub icon: &'static str,
    /// What it does, in one or two sentences.
    pub description: &'static str,
    /// The WIT interface, which is also its group in a palette.
    pub interface: &'static str,
    /// The vendor's name of the API: `message/send`.
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
}

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
}

impl Proof {
    /// Whether the fields of a reply hold it.
    pub fn stands_in(self, fields: &Map<String, Value>) -> bool {
        match self {
            Self::ErrcodeOnly => false,
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
    /// The parameter that takes the size of a page.
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

/// The method of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET, without a body.
    Get,
    /// POST, with a JSON body.
    Post,
}

/// What an action asks WeCom for; credentials come later.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// The API below `/cgi-bin/`.
    pub api: &'static str,
    /// Names and values behind the credential, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The JSON body of a POST.
    pub body: Option<Value>,
}

impl Request {
    /// A GET with the fields, texts and numbers, in its query.
    pub fn get(api: &'static str, fields: Fields) -> Self {
        let query = fields.into_iter().map(|(name, value)| (name, plain(&value).into_owned())).collect();
        Self { method: Method::Get, api, query, body: None }
    }

    /// A POST of the fields as a JSON object.
    pub fn post(api: &'static str, fields: Fields) -> Self {
        Self { method: Method::Post, api, query: Vec::new(), body: Some(Value::Object(fields)) }
    }
}

/// A text as it is, or a whole number in digits: all that a query or a joined list can hold.
pub(crate) fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        value => value.as_u64().unwrap_or_default().to_string().into(),
    }
}

/// The output of an action that returns nothing: `{}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl From<Nothing> for () {
    fn from(_: Nothing) {}
}

/// For messages without a text.
impl From<Edits> for Nothing {
    fn from(_: Edits) -> Self {
        Self {}
    }
}

/// The output of an action that returns nothing but what it did to texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edited {
    /// Names of the parameters that control characters or colour codes were taken out of.
    #[schemars(title = "Cleaned Parameters")]
    pub cleaned: Vec<String>,
}

impl From<Edits> for Edited {
    fn from(edits: Edits) -> Self {
        Self { cleaned: edits.cleaned }
    }
}
