//! What an action is.

use garde::Validate;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::connection::Connection;
use crate::error::InvalidParameter;
use crate::json::MAX_VALUES;
use crate::reply::{Malformed, Reply};
use crate::rules::{self, Limit, Words};

/// One operation of the connector: parameters become a request, a reply becomes an output. Both ways are pure; the
/// [`Connector`](crate::connector::Connector) does what lies between.
pub trait Action {
    /// What a palette shows of the action.
    const ABOUT: About;

    /// The type of connection it needs.
    type Connection: Connection;
    /// Its parameter table. `Deserialize` reads the names of the contract; `Serialize`, where it is derived, writes those
    /// of the wire.
    type Parameters: DeserializeOwned + Validate<Context = ()> + JsonSchema;
    /// What it returns. `Deserialize`, where it is derived, reads the names of the wire; `Serialize` writes those of the
    /// contract.
    type Output: Serialize + JsonSchema;

    /// The lists of the parameters with their lengths, so that absurd ones are refused before each entry is looked at.
    fn lists(_parameters: &Self::Parameters) -> Vec<(&'static str, usize)> {
        Vec::new()
    }

    /// Rules that no single parameter can be held against. The connection is absent where it is faulty itself.
    fn check(
        _parameters: &Self::Parameters,
        _connection: Option<&<Self::Connection as Connection>::Checked>,
    ) -> Vec<InvalidParameter> {
        Vec::new()
    }

    /// The request for parameters that break no rule.
    fn request(parameters: Self::Parameters, connection: &<Self::Connection as Connection>::Checked) -> Request;

    /// The output for a reply that reports success.
    fn output(reply: Reply, truncated: Truncated) -> Result<Self::Output, Malformed>;
}

/// What a palette and an engine may know of an action without calling it.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Name of the WIT function and of `invoke`'s `action`.
    pub id: &'static str,
    /// The heading of its table.
    pub title: &'static str,
    /// What it does, in one or two sentences.
    pub description: &'static str,
    /// The WIT interface, which is also its group in a palette.
    pub interface: &'static str,
    /// The vendor's name of the API: `message/send`.
    pub api: &'static str,
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
    pub query: Vec<(&'static str, String)>,
    /// The JSON body of a POST.
    pub body: Option<Value>,
    /// What was cut to make it.
    pub truncated: Truncated,
}

impl Request {
    /// A GET with those of the query's values that are set.
    pub fn get(api: &'static str, query: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Self {
        let query = query.into_iter().filter_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?)));
        Self { method: Method::Get, api, query: query.collect(), body: None, truncated: Truncated::default() }
    }

    /// A POST whose body holds what is set of `body`: WeCom takes an empty text or list for an order to clear.
    pub fn post(api: &'static str, body: impl Serialize) -> Self {
        // Parameter tables hold texts, numbers and lists only: nothing that JSON could refuse.
        let body = set_only(serde_json::to_value(body).unwrap_or_default());
        Self { method: Method::Post, api, query: Vec::new(), body: Some(body), truncated: Truncated::default() }
    }

    /// The same with what was cut.
    pub fn truncated(self, truncated: Truncated) -> Self {
        Self { truncated, ..self }
    }
}

/// An object with those of its fields that are set: `null`, `""` and `[]` stand for a parameter that is left out.
pub fn set_only(mut object: Value) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|_, value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => true,
        });
    }
    object
}

/// The parameters that were cut to their limit, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truncated(pub Vec<String>);

impl Truncated {
    /// Cuts the parameter `name` at its limit.
    pub fn cut(&mut self, name: &str, text: &mut String, limit: Limit) {
        if rules::cut(text, limit) {
            self.0.push(name.to_owned());
        }
    }

    /// The same for a parameter that may be left out.
    pub fn cut_optional(&mut self, name: &str, text: &mut Option<String>, limit: Limit) {
        if let Some(text) = text {
            self.cut(name, text, limit);
        }
    }
}

/// The output of an action that returns nothing: `{}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl From<Nothing> for () {
    fn from(_: Nothing) {}
}

/// For messages of which nothing is ever cut.
impl From<Truncated> for Nothing {
    fn from(_: Truncated) -> Self {
        Self {}
    }
}

/// The lists that are too long to be looked at entry by entry: their faults alone could fill the memory.
pub fn absurd_lists(lists: &[(&'static str, usize)]) -> Vec<InvalidParameter> {
    let absurd = lists.iter().filter(|(_, length)| *length > MAX_VALUES);
    let fault = |(name, length): &(&str, usize)| {
        InvalidParameter::parameter(
            format!("/{name}"),
            format!("must have at most {MAX_VALUES} entries, and has {length}"),
        )
    };
    absurd.map(fault).collect()
}

/// Every rule of a parameter table that its parameters break.
pub fn broken_rules<P: Validate<Context = ()>>(parameters: &P) -> Vec<InvalidParameter> {
    let report = garde::i18n::with_i18n(Words, || parameters.validate());
    let faults = report.err().map(garde::Report::into_inner).unwrap_or_default();
    faults.into_iter().map(|(path, error)| InvalidParameter::parameter(pointer(&path), error.message())).collect()
}

/// `to_user[3]` as `/to_user/3`.
fn pointer(path: &garde::Path) -> String {
    let path = path.to_string();
    if path.is_empty() { path } else { format!("/{}", path.replace(['.', '['], "/").replace(']', "")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_list_is_refused_before_its_entries() {
        let faults = absurd_lists(&[("to_user", MAX_VALUES), ("to_party", MAX_VALUES + 1)]);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].pointer, "/to_party");
    }

    #[test]
    fn what_is_unset_is_left_out_and_zero_is_not() {
        let body = set_only(serde_json::json!({"a": null, "b": "", "c": [], "d": 0, "e": false, "f": {}}));
        assert_eq!(body, serde_json::json!({"d": 0, "e": false, "f": {}}));
    }

    #[test]
    fn a_path_becomes_a_pointer() {
        let path = garde::Path::new("to_user").join(3_usize);
        assert_eq!(pointer(&path), "/to_user/3");
        assert_eq!(pointer(&garde::Path::empty()), "");
    }
}
