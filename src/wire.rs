//! What the tests beside the actions say of the wire: a call, the request that it makes, the vendor's reply to that,
//! and the output. No host, no server.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::{Value, json};

use crate::actions;
use crate::connector::Connector;
use crate::error::{Argument, Error};
use crate::http::Method;
use crate::http::transport::{Body, Host, HttpReply, HttpRequest, SendError, run_blocking};
use crate::operation::AnyOperation;

/// What WeCom replies where it has nothing to say.
pub(crate) const OK: &str = r#"{"errcode": 0, "errmsg": "ok"}"#;

/// A call of an action, and what the test has said of it so far.
pub(crate) struct Call {
    action: &'static str,
    connection: Value,
    /// The name of its credential in the query.
    credential: &'static str,
    parameters: Value,
    request: Option<Sent>,
    disposition: Option<&'static str>,
}

/// Method, API and query of a request, and its body; null where it has none.
type Sent = (String, Value);

/// A call of the action with these parameters. The application of the connection is 1000002.
pub(crate) fn call(action: &'static str, parameters: Value) -> Call {
    let (connection, credential) = match actions::find(action).expect("an action") {
        AnyOperation::Application(_) => (
            json!({"type": "application", "corp_id": "ww1", "agent_id": 1_000_002, "access_token": "CREDENTIAL"}),
            "access_token",
        ),
        AnyOperation::Chatbot(_) => (json!({"type": "chatbot", "chatbot_key": "CREDENTIAL"}), "key"),
    };
    Call { action, connection, credential, parameters, request: None, disposition: None }
}

impl Call {
    /// The connection does not say which application it is.
    pub(crate) fn without_agent_id(mut self) -> Self {
        self.connection["agent_id"] = Value::Null;
        self
    }

    /// The request without a body: `GET department/simplelist?id=2`. The credential is not named: it is always there,
    /// under the name that its connection has for it.
    pub(crate) fn gets(self, request: &str) -> Self {
        Self { request: Some((format!("GET {request}"), Value::Null)), ..self }
    }

    /// The request with a file, as [`form`] shows it.
    pub(crate) fn uploads(self, api: &str, file_name: &str, content: &str) -> Self {
        self.posts(api, json!({"media": file_name, "content": content}))
    }

    /// The reply is a file, with this header `Content-Disposition`.
    pub(crate) fn attached(self, disposition: &'static str) -> Self {
        Self { disposition: Some(disposition), ..self }
    }

    /// The request with a body.
    pub(crate) fn posts(self, api: &str, body: Value) -> Self {
        Self { request: Some((format!("POST {api}"), body)), ..self }
    }

    /// Carries out the call, and asserts the request, and the output where WeCom replies with that.
    #[track_caller]
    pub(crate) fn returns(self, reply: &str, output: Value) {
        let result = self.sends(reply).unwrap_or_else(|error| panic!("{}: {error}", self.action));
        assert_eq!(serde_json::from_str::<Value>(&result).unwrap(), output, "{}: the output", self.action);
        println!("{}", asserted(self.action, std::thread::current().name().unwrap_or_default()));
    }

    /// Carries out the call, and asserts the request, and that the error for that reply says so much.
    #[track_caller]
    pub(crate) fn fails(self, reply: &str, says: &str) {
        let error = self.sends(reply).expect_err("a failure").to_string();
        assert!(error.contains(says), "{}: {error}", self.action);
    }

    /// Asserts that nothing is sent, because one parameter breaks one rule, which says so much.
    #[track_caller]
    pub(crate) fn refused_at(self, pointer: &str, says: &str) {
        let (result, sent) = self.carried_out("");
        assert_eq!(sent, None, "{}: the request", self.action);
        let Err(Error::PermanentInvalidParameters(faults)) = result else { panic!("{}: {result:?}", self.action) };
        let [fault] = &*faults else { panic!("{}: {faults:?}", self.action) };
        assert_eq!((fault.argument, &*fault.pointer), (Argument::Parameters, pointer), "{}: {fault:?}", self.action);
        assert!(fault.message.en.contains(says), "{}: {}", self.action, fault.message.en);
    }

    /// What comes of the call, once the request is as the test says.
    #[track_caller]
    fn sends(&self, reply: &str) -> Result<String, Error> {
        let (result, sent) = self.carried_out(reply);
        let Some((line, body)) = sent else { panic!("{}: nothing was sent: {result:?}", self.action) };
        let (expected_line, expected_body) = self.request.as_ref().expect("the test says what is sent");
        assert_eq!(line, *expected_line, "{}: the request", self.action);
        assert_eq!(body, *expected_body, "{}: the body", self.action);
        result
    }

    fn carried_out(&self, reply: &str) -> (Result<String, Error>, Option<Sent>) {
        let connector = Connector::new(Wecom {
            credential: self.credential,
            reply: reply.to_owned(),
            disposition: self.disposition,
            sent: RefCell::default(),
        });
        let result = run_blocking(connector.invoke(
            self.action,
            Some(&self.connection.to_string()),
            self.parameters.to_string(),
        ));
        (result, connector.host().sent.take())
    }
}

/// WeCom, which gives one reply and remembers the request.
struct Wecom {
    /// The name of the credential in the query.
    credential: &'static str,
    reply: String,
    /// The reply is a file.
    disposition: Option<&'static str>,
    sent: RefCell<Option<Sent>>,
}

impl Host for Wecom {
    async fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let path = request.target.path_and_query.strip_prefix("/cgi-bin/").expect("an API");
        let path = without_credential(path, self.credential)
            .unwrap_or_else(|| panic!("{path}: no credential of the name {}", self.credential));
        let body = request.body.map(|body| match body {
            Body::Json(json) => serde_json::from_slice(json).expect("JSON"),
            Body::File(_) => form(&request),
        });
        let body = body.unwrap_or_default();
        assert!(self.sent.replace(Some((format!("{method} {path}"), body))).is_none(), "one request");
        Ok(HttpReply::new(200, None, self.disposition.map(str::as_bytes), self.reply.clone().into_bytes()))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// The one file of a form as JSON: what `uploads` expects. The form is as a server reads it that knows nothing of us.
fn form(request: &HttpRequest<'_>) -> Value {
    let (_, content_type) = request.headers().find(|(name, _)| *name == "content-type").expect("a content type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a form");
    let body = request.body.expect("a body").to_vec();
    let body = String::from_utf8_lossy(&body);
    let part = body.strip_prefix(&format!("--{boundary}\r\n")).expect("it begins");
    let part = part.strip_suffix(&format!("\r\n--{boundary}--\r\n")).expect("it ends");
    let (headers, content) = part.split_once("\r\n\r\n").expect("headers");
    let name = headers
        .strip_prefix("Content-Disposition: form-data; name=\"media\"; filename=\"")
        .and_then(|rest| rest.strip_suffix("\"\r\nContent-Type: application/octet-stream"))
        .expect("the headers of WeCom's page");
    json!({"media": name, "content": content})
}

/// The path without the credential of that name; none if it has no such.
fn without_credential(path: &str, name: &str) -> Option<String> {
    let (api, query) = path.split_once('?')?;
    let credential = format!("{name}=CREDENTIAL");
    let (credentials, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| *pair == credential);
    let query = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    (credentials.len() == 1).then(|| format!("{api}{query}"))
}

/// What a test prints that has asserted request and output of an action.
fn asserted(action: &str, test: &str) -> String {
    format!("asserted request and output of {action} in {test}")
}

/// The actions of which no test with their name has printed that.
fn untested<'a>(printed: &str, actions: &[&'a str]) -> Vec<&'a str> {
    let is_tested = |action: &str| {
        let before = asserted(action, "");
        let of_that_name = format!("::{}", action.replace('-', "_"));
        // Whoever runs the tests may have set that the line of libtest begins before ours.
        let mut tests = printed.lines().filter_map(|line| line.split_once(&before)).map(|(_, test)| test);
        tests.any(|test| test.ends_with(&of_that_name))
    };
    actions.iter().copied().filter(|action| !is_tested(action)).collect()
}

/// An action whose wire nobody looks at is one that nobody has tried. What a test asserts, only running it shows: many
/// call a function that does so for several.
#[test]
fn the_wire_of_every_action_is_tested() {
    let mut tests = std::process::Command::new(std::env::current_exe().unwrap());
    // With a thread for each test, the thread has the test's name.
    let done = tests.args(["actions::", "--show-output", "--test-threads=2"]).output().unwrap();
    let printed = String::from_utf8_lossy(&done.stdout);
    assert_eq!(untested(&printed, actions::IDS), [""; 0], "no test of that name asserts request and output");
}

#[test]
fn a_test_that_asserts_nothing_is_none() {
    let empty = "test actions::tag::tests::get_tag ... ok\n---- actions::tag::tests::get_tag stdout ----\n";
    let good = asserted("list-tags", "actions::tag::tests::list_tags");
    let elsewhere = asserted("get-tag", "actions::tag::tests::list_tags");
    let of_another = asserted("list-tags", "actions::tag::tests::get_tag");
    let printed = format!("{empty}{good}\n{elsewhere}\n{of_another}\n");
    assert_eq!(untested(&printed, &["list-tags", "get-tag"]), ["get-tag"]);
    let good = asserted("get-tag", "actions::tag::tests::get_tag");
    assert_eq!(untested(&format!("{printed}test x ... {good}\n"), &["list-tags", "get-tag"]), [""; 0]);
}

#[test]
fn a_credential_has_the_name_that_its_connection_has_for_it() {
    let without = |path| without_credential(path, "key");
    assert_eq!(without("webhook/send?key=CREDENTIAL").as_deref(), Some("webhook/send"));
    assert_eq!(without("webhook/upload?key=CREDENTIAL&type=file").as_deref(), Some("webhook/upload?type=file"));
    for path in ["a", "a?b=c", "a?access_token=CREDENTIAL", "a?my_key=CREDENTIAL", "a?key=CREDENTIAL&key=CREDENTIAL"] {
        assert_eq!(without(path), None, "{path}");
    }
}
