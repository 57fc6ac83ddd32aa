//! What the tests beside the actions say of the wire: a call, the request that it makes, the vendor's reply to that, and
//! the output. No host, no server.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::{Value, json};

use crate::connector::Connector;
use crate::error::Error;
use crate::http::Method;
use crate::http::transport::{Host, HttpReply, HttpRequest, SendError};

/// A call of an action, and what the test has said of it so far.
pub(crate) struct Call {
    action: &'static str,
    parameters: Value,
    request: Option<(&'static str, Value)>,
}

/// A call of the action with these parameters.
pub(crate) fn call(action: &'static str, parameters: Value) -> Call {
    Call { action, parameters, request: None }
}

impl Call {
    /// The request without a body: `GET department/simplelist?id=2`. The credential is not named: it is always there.
    pub(crate) fn gets(self, request: &'static str) -> Self {
        Self { request: Some((request, Value::Null)), ..self }
    }

    /// The request with a body.
    pub(crate) fn posts(self, api: &'static str, body: Value) -> Self {
        Self { request: Some((api, body)), ..self }
    }

    /// Carries out the call, and asserts the request, and the output where WeCom replies with that.
    #[track_caller]
    pub(crate) fn returns(self, reply: &str, output: &Value) {
        let (result, request) = self.carried_out(reply);
        self.assert_request(&request);
        let result = result.unwrap_or_else(|error| panic!("{}: {error}", self.action));
        assert_eq!(serde_json::from_str::<Value>(&result).unwrap(), *output, "{}: the output", self.action);
    }

    /// Carries out the call, and asserts the request, and that the error for that reply says so much.
    #[track_caller]
    pub(crate) fn fails(self, reply: &str, says: &str) {
        let (result, request) = self.carried_out(reply);
        self.assert_request(&request);
        let error = result.expect_err("a failure").to_string();
        assert!(error.contains(says), "{}: {error}", self.action);
    }

    #[track_caller]
    fn assert_request(&self, (line, body): &(String, Value)) {
        let (expected, expected_body) = self.request.as_ref().expect("the test says what is sent");
        let method = if expected_body.is_null() { "GET" } else { "POST" };
        assert_eq!(*line, format!("{method} {expected}"), "{}: the request", self.action);
        assert_eq!(body, expected_body, "{}: the body", self.action);
    }

    fn carried_out(&self, reply: &str) -> (Result<String, Error>, (String, Value)) {
        let connector = Connector::new(Wecom { reply: reply.to_owned(), request: RefCell::default() });
        let connection = if self.action.ends_with("-by-chatbot") {
            json!({"type": "chatbot", "chatbot_key": "CREDENTIAL"})
        } else {
            json!({"type": "application", "corp_id": "ww1", "agent_id": 1_000_002, "access_token": "CREDENTIAL"})
        };
        let result = connector.invoke(self.action, Some(&connection.to_string()), &self.parameters.to_string());
        let Some(request) = connector.host().request.take() else {
            panic!("{}: nothing was sent: {result:?}", self.action)
        };
        (result, request)
    }
}

/// WeCom, which gives one reply and remembers the request.
struct Wecom {
    reply: String,
    request: RefCell<Option<(String, Value)>>,
}

impl Host for Wecom {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let path = request.target.path_and_query.strip_prefix("/cgi-bin/").expect("an API");
        let credential = ["access_token=CREDENTIAL", "key=CREDENTIAL"].iter().find(|name| path.contains(*name));
        let path = path.replacen(credential.expect("a credential"), "", 1);
        let path = path.replacen("?&", "?", 1).trim_end_matches('?').to_owned();
        let body = request.body.map(|body| serde_json::from_slice(body).expect("JSON")).unwrap_or_default();
        assert!(self.request.replace(Some((format!("{method} {path}"), body))).is_none(), "one request");
        Ok(HttpReply { status: 200, retry_after_seconds: None, body: self.reply.clone().into_bytes() })
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// An action whose wire nobody looks at is one that nobody has tried.
#[test]
fn the_wire_of_every_action_is_tested() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/actions");
    let mut tests = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        tests.extend(text.split_once("#[cfg(test)]").map(|(_, tests)| tests.to_owned()));
    }
    for id in crate::actions::IDS {
        assert!(tests.contains(&format!("\"{id}\",")), "{id} has no test of its wire in src/actions");
    }
}
