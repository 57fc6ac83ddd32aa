//! The connector for engines that do HTTP themselves: each request is handed out, and its answer handed in.
//!
//! A call is the same future that [`run_blocking`](crate::http::transport::run_blocking) drives to its end elsewhere.
//! Here it is polled once for each step, and waits in between for the engine.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::connector::{AccessToken, ConnectionReport, Connector, limited};
use crate::error::{Argument, Error};
use crate::http::Method;
use crate::http::transport::{Body, Host, HttpReply, HttpRequest, Progress, SendError};
use crate::http::url::Scheme;
use crate::text::{Phrase, message, phrase};

/// The most calls that are under way at once.
pub const MAX_CALLS: usize = 8192;
/// The most bytes that the arguments of all calls under way may have together.
pub const MAX_HELD_BYTES: usize = 256 * 1024 * 1024;
/// The most bytes that may be kept of them: an image as bytes becomes Base64, a third longer. What is sent may be longer than
/// what was given in other ways, too: numbers that are written out, a query that is encoded.
const MAX_KEPT_BYTES: usize = MAX_HELD_BYTES / 3 * 4;

/// How much is looked at of what an engine says of a request, in bytes: more than is shown, secrets in it included.
const MAX_WORDS: usize = 256 * 1024;

/// How long an answer is waited for, as a multiple of the connection's timeout: that holds for connecting, for the first
/// byte and for the rest of the answer, each by itself.
const TIMEOUTS: u32 = 4;
/// How long after its deadline a call is dropped that nobody hands in: an engine that gives up at the deadline still learns
/// what has come of the call.
const GRACE: Duration = Duration::from_secs(60);

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Operation {
    /// An action, by its name, with the JSON of its parameters.
    Invoke {
        /// The action.
        action: String,
        /// Its parameters, as JSON.
        parameters: String,
        /// Parameters that are files, by their names, as bytes.
        files: Vec<(String, Vec<u8>)>,
    },
    /// What can be proved of a connection.
    TestConnection,
    /// An access token, for the application's own secret or for that of contacts synchronisation.
    AccessToken {
        /// Whether it is that of contacts synchronisation.
        contacts: bool,
    },
}

/// What a call comes to. It may be a secret, so there is no `Debug`.
pub enum Output {
    /// The output of an action, as JSON.
    Json(String),
    /// What a test of a connection found out.
    Report(ConnectionReport),
    /// An access token.
    Token(AccessToken),
}

/// What the engine does next for a call.
pub enum Step {
    /// Send this, and hand in the answer.
    Send(Request),
    /// Wait for another call, which fetches the token that this one needs: see [`Stepwise::woken`].
    Wait {
        /// The number of this step.
        call: u64,
        /// When it is to go on all the same, by the engine's clock.
        deadline: Duration,
    },
    /// Nothing: it ended well.
    Done(Output),
    /// Nothing: it did not.
    Failed(Error),
}

/// What may hold a secret is not shown.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(Request { call, .. }) => f.debug_struct("Send").field("call", call).finish_non_exhaustive(),
            Self::Wait { call, .. } => f.debug_struct("Wait").field("call", call).finish_non_exhaustive(),
            Self::Done(_) => f.debug_struct("Done").finish_non_exhaustive(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}

/// A request as the engine sends it. It holds credentials, so there is no `Debug`.
pub struct Request {
    /// The number of this step. Each request has another.
    pub call: u64,
    /// GET or POST.
    pub method: Method,
    /// Where to, credentials included.
    pub url: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body of a POST.
    pub body: Option<Vec<u8>>,
    /// For connecting, for the first byte, and for the rest of the answer.
    pub timeout: Duration,
    /// How much of the answer's body is of use.
    pub max_body_bytes: usize,
    /// When the engine gives up waiting for the answer, by its clock.
    pub deadline: Duration,
}

/// What became of a request. Words are the engine's, in any language. A body may hold a token, so there is no `Debug`.
#[derive(Clone)]
pub enum Answer {
    /// A whole answer, whatever its status.
    Response {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`.
        retry_after: Option<String>,
        /// The header `Content-Disposition`.
        content_disposition: Option<String>,
        /// The body.
        body: Vec<u8>,
    },
    /// The request certainly did not reach a server.
    NotSent(String),
    /// Nor did it, since the engine does not trust the certificate of the host.
    NotTrusted(String),
    /// Nor did it, since the engine's own rules forbid it.
    NotAllowed(String),
    /// It may have arrived, and there is no whole answer.
    Lost(String),
    /// It arrived, and the answer is longer than what is of use.
    TooLong,
}

/// A step that was handed in for no step that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Misuse {
    /// No step has this number now: it was answered already, its call was cancelled, or dropped long after its deadline, or
    /// it never was one.
    UnknownCall,
    /// The call waits for another one: it has no request that this could answer.
    NothingSent,
    /// The call waits for the answer to its request, not for another call.
    AnswerMissing,
}

/// The calls under way, and the connector that they share.
pub struct Stepwise {
    connector: Rc<Connector<Engine>>,
    calls: BTreeMap<u64, Call>,
    /// The number of the newest step.
    newest: u64,
    held: Held,
    /// No call is to be dropped before that.
    next_drop: Duration,
    woken: Arc<Mutex<Vec<u64>>>,
}

type Running = Pin<Box<dyn Future<Output = Result<Output, Error>>>>;

/// A call between two steps.
struct Call {
    running: Running,
    /// What wakes it; `None` where it waits for the answer to a request.
    waker: Option<Waker>,
    deadline: Duration,
    held: Held,
}

/// What calls hold, in bytes.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Of their arguments, as they came.
    arguments: usize,
    /// Of what is kept of these.
    kept: usize,
}

impl Held {
    fn and(self, other: Self) -> Self {
        let Self { arguments, kept } = other;
        Self { arguments: self.arguments.saturating_add(arguments), kept: self.kept.saturating_add(kept) }
    }

    fn without(self, other: Self) -> Self {
        let Self { arguments, kept } = other;
        Self { arguments: self.arguments.saturating_sub(arguments), kept: self.kept.saturating_sub(kept) }
    }

    fn fits(self) -> bool {
        self.arguments <= MAX_HELD_BYTES && self.kept <= MAX_KEPT_BYTES
    }
}

impl Default for Stepwise {
    fn default() -> Self {
        Self {
            connector: Rc::new(Connector::new(Engine::default())),
            calls: BTreeMap::new(),
            newest: 0,
            held: Held::default(),
            next_drop: Duration::MAX,
            woken: Arc::default(),
        }
    }
}

impl Stepwise {
    /// Begins a call. `now` is the time by a clock of the engine.
    pub fn begin(&mut self, operation: Operation, connection: &str, now: Duration) -> Step {
        self.advance(now);
        if let Err(violations) = limited(Argument::Connection, connection.len()) {
            return Step::Failed(violations.into());
        }
        let arguments = connection.len()
            + match &operation {
                Operation::Invoke { parameters, files, .. } => {
                    parameters.len() + files.iter().map(|(_, content)| content.len()).sum::<usize>()
                }
                Operation::TestConnection | Operation::AccessToken { .. } => 0,
            };
        let mut held = Held { arguments, kept: connection.len() };
        let connector = Rc::clone(&self.connector);
        let running: Running = match operation {
            Operation::Invoke { action, parameters, files } => {
                match connector.call(&action, Some(connection), parameters, files) {
                    Ok(call) => {
                        held.kept += call.kept_bytes();
                        Box::pin(async move { connector.execute_any(call).await.map(Output::Json) })
                    }
                    Err(error) => return Step::Failed(error),
                }
            }
            Operation::TestConnection => {
                let connection = connection.to_owned();
                Box::pin(async move { connector.test_connection(Some(&connection)).await.map(Output::Report) })
            }
            Operation::AccessToken { contacts } => {
                let connection = connection.to_owned();
                Box::pin(async move { connector.access_token(Some(&connection), contacts).await.map(Output::Token) })
            }
        };
        let has_room = self.calls.len() < MAX_CALLS && self.held.and(held).fits();
        self.connector.host().has_room.set(has_room);
        let step = self.poll(running, held, None);
        self.connector.host().has_room.set(true);
        step
    }

    /// Goes on with a call whose request has its answer. Whoever is late is heard as long as the call is there.
    pub fn resume(&mut self, call: u64, answer: Answer, now: Duration) -> Result<Step, Misuse> {
        let taken = self.take(call, |call| call.waker.is_none(), Misuse::NothingSent);
        self.advance(now);
        let Call { running, held, .. } = taken?;
        self.connector.host().answer.replace(Some(answer));
        let step = self.poll(running, held, None);
        self.connector.host().answer.take();
        Ok(step)
    }

    /// Goes on with a call that waited for another one. Where that is not done yet, it waits on, under the same number; past
    /// its deadline it does what the other one has not.
    pub fn proceed(&mut self, call: u64, now: Duration) -> Result<Step, Misuse> {
        let taken = self.take(call, |call| call.waker.is_some(), Misuse::AnswerMissing);
        self.advance(now);
        let Call { running, held, waker, .. } = taken?;
        Ok(self.poll(running, held, waker.map(|waker| (call, waker))))
    }

    /// The calls that waited and can go on since this was last asked.
    pub fn woken(&mut self) -> Vec<u64> {
        let woken = std::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner));
        let waits = |call: &u64| self.calls.get(call).is_some_and(|call| call.waker.is_some());
        woken.into_iter().filter(waits).collect()
    }

    /// Drops a call. What it has sent is sent.
    pub fn cancel(&mut self, call: u64) {
        if let Some(call) = self.calls.remove(&call) {
            self.held = self.held.without(call.held);
        }
    }

    /// Takes the engine's time, and drops the calls that nobody has handed in for too long. Time does not go back: where the
    /// engine's does, it stands still until that has caught up.
    fn advance(&mut self, now: Duration) {
        let clock = &self.connector.host().now;
        let now = now.max(clock.get());
        clock.set(now);
        if now < self.next_drop {
            return;
        }
        let late: Vec<u64> =
            self.calls.iter().filter(|(_, call)| dropped_at(call.deadline) <= now).map(|(call, _)| *call).collect();
        late.into_iter().for_each(|call| self.cancel(call));
        self.next_drop = self.calls.values().map(|call| dropped_at(call.deadline)).min().unwrap_or(Duration::MAX);
    }

    fn take(&mut self, call: u64, is_due: fn(&Call) -> bool, otherwise: Misuse) -> Result<Call, Misuse> {
        let Entry::Occupied(call) = self.calls.entry(call) else { return Err(Misuse::UnknownCall) };
        if !is_due(call.get()) {
            return Err(otherwise);
        }
        let call = call.remove();
        self.held = self.held.without(call.held);
        Ok(call)
    }

    /// Drives a call to its next request, its next wait or its end. One that waited keeps its number, and what wakes it.
    fn poll(&mut self, mut running: Running, held: Held, waited: Option<(u64, Waker)>) -> Step {
        let (call, waker) = waited.unwrap_or_else(|| {
            self.newest += 1;
            (self.newest, Waker::from(Arc::new(Alarm { call: self.newest, woken: Arc::clone(&self.woken) })))
        });
        match running.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(Ok(output)) => return Step::Done(output),
            Poll::Ready(Err(error)) => return Step::Failed(error),
            Poll::Pending => {}
        }
        let engine = self.connector.host();
        let (sent, deadline) = (engine.sent.take(), engine.deadline.get());
        self.calls.insert(call, Call { running, waker: sent.is_none().then_some(waker), deadline, held });
        self.held = self.held.and(held);
        self.next_drop = self.next_drop.min(dropped_at(deadline));
        match sent {
            Some(request) => Step::Send(Request { call, ..request }),
            None => Step::Wait { call, deadline },
        }
    }
}

/// When a call is dropped that nobody hands in.
fn dropped_at(deadline: Duration) -> Duration {
    deadline.saturating_add(GRACE)
}

/// Notes that a call can go on.
struct Alarm {
    call: u64,
    woken: Arc<Mutex<Vec<u64>>>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner).push(self.call);
    }
}

/// The engine as the connector sees it. Only one call is polled at a time: what is sent is its request, and what is
/// answered is the one that it waits for.
struct Engine {
    now: Cell<Duration>,
    sent: RefCell<Option<Request>>,
    /// Of what is sent, or waited for.
    deadline: Cell<Duration>,
    answer: RefCell<Option<Answer>>,
    has_room: Cell<bool>,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            now: Cell::default(),
            sent: RefCell::default(),
            deadline: Cell::default(),
            answer: RefCell::default(),
            has_room: Cell::new(true),
        }
    }
}

impl Engine {
    /// When what begins now is given up.
    fn deadline(&self, timeout: Duration) -> Duration {
        self.now.get().saturating_add(timeout.saturating_mul(TIMEOUTS))
    }
}

impl Host for Engine {
    async fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        if !self.has_room.get() {
            let full = phrase!("the connector holds as many calls as it may at once");
            return Err(SendError::new(Progress::NoRoom, full));
        }
        let deadline = self.deadline(request.timeout);
        self.deadline.set(deadline);
        self.sent.replace(Some(handed_out(&request, deadline)));
        let answer = poll_fn(|_| self.answer.take().map_or(Poll::Pending, Poll::Ready)).await;
        handed_in(answer, request.bound.bytes)
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn has_room(&self) -> bool {
        self.has_room.get()
    }

    async fn wait<T>(&self, timeout: Duration, mut ready: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
        let deadline = self.deadline(timeout);
        poll_fn(|context| match ready(context) {
            Poll::Ready(ready) => Poll::Ready(Some(ready)),
            Poll::Pending if deadline <= self.now.get() => Poll::Ready(None),
            Poll::Pending => {
                self.deadline.set(deadline);
                Poll::Pending
            }
        })
        .await
    }
}

/// The request as the engine gets it; its number is set where it is known.
fn handed_out(request: &HttpRequest<'_>, deadline: Duration) -> Request {
    let scheme = match request.target.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    Request {
        call: 0,
        method: request.method,
        url: format!("{scheme}://{}{}", request.target.authority, request.target.path_and_query),
        headers: request.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: request.body.map(Body::to_vec),
        timeout: request.timeout,
        max_body_bytes: request.bound.bytes,
        deadline,
    }
}

fn handed_in(answer: Answer, max_body_bytes: usize) -> Result<HttpReply, SendError> {
    let told = |progress, what: Phrase, words: &str| {
        // What is not shown is not copied. The blanks go first: behind them, a secret that the cut parts would be shown.
        let words = words.trim();
        let words = words.get(..words.floor_char_boundary(MAX_WORDS)).unwrap_or_default();
        let cause = if words.is_empty() { what.into() } else { message!("{}: {}", what, words) };
        Err(SendError::new(progress, cause))
    };
    match answer {
        Answer::Response { body, .. } if body.len() > max_body_bytes => {
            Err(SendError::new(Progress::TooLong, phrase!("the answer is too long")))
        }
        Answer::Response { status, retry_after, content_disposition, body } => {
            let [retry_after, content_disposition] =
                [&retry_after, &content_disposition].map(|header| header.as_deref().map(str::as_bytes));
            Ok(HttpReply::new(status, retry_after, content_disposition, body))
        }
        Answer::NotSent(words) => told(Progress::NotSent, phrase!("the engine could not send the request"), &words),
        Answer::NotTrusted(words) => {
            told(Progress::Untrusted, phrase!("the certificate of the host is not trusted"), &words)
        }
        Answer::NotAllowed(words) => {
            told(Progress::Denied, phrase!("the engine does not allow calls to this host"), &words)
        }
        Answer::Lost(words) => told(Progress::NoAnswer, phrase!("the engine got no answer"), &words),
        Answer::TooLong => Err(SendError::new(Progress::TooLong, phrase!("the answer is too long"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::{Category, Failure};

    const CONNECTION: &str =
        r#"{"type": "application", "corp_id": "ww1", "app_secret": "SECRET", "agent_id": 7, "timeout_seconds": 5}"#;
    const OTHER: &str = r#"{"type": "application", "corp_id": "ww2", "app_secret": "SECRET", "agent_id": 7}"#;
    const LOWER: &str = r#"{"type": "application", "corp_id": "ww1", "app_secret": "SECRET", "agent_id": 7,
        "lower_corp_id": "ww9", "lower_agent_id": 8}"#;
    const TOKEN_GIVEN: &str = r#"{"type": "application", "corp_id": "ww1", "access_token": "GIVEN", "agent_id": 7}"#;
    const START: Duration = Duration::from_secs(1000);

    fn push(text: &str) -> Operation {
        let parameters = json!({"to_user": ["a"], "content": text}).to_string();
        Operation::Invoke { action: "push-text-message".to_owned(), parameters, files: Vec::new() }
    }

    fn ok(fields: Value) -> Answer {
        let mut reply = json!({"errcode": 0, "errmsg": "ok"});
        reply.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
        Answer::Response {
            status: 200,
            retry_after: None,
            content_disposition: None,
            body: reply.to_string().into_bytes(),
        }
    }

    fn refused(errcode: i32) -> Answer {
        let body = json!({"errcode": errcode, "errmsg": "no"}).to_string().into_bytes();
        Answer::Response { status: 200, retry_after: None, content_disposition: None, body }
    }

    fn token(value: &str) -> Answer {
        ok(json!({"access_token": value, "expires_in": 7200}))
    }

    #[track_caller]
    fn sent(step: Step) -> Request {
        let Step::Send(request) = step else { panic!("{step:?}") };
        request
    }

    #[track_caller]
    fn waits(step: &Step) -> u64 {
        let Step::Wait { call, .. } = step else { panic!("{step:?}") };
        *call
    }

    #[track_caller]
    fn output(step: Step) -> Value {
        let Step::Done(Output::Json(output)) = step else { panic!("{step:?}") };
        serde_json::from_str(&output).unwrap()
    }

    #[track_caller]
    fn retryable(step: Step) -> Failure {
        let Step::Failed(Error::Retryable(failure)) = step else { panic!("{step:?}") };
        failure
    }

    /// A token for the connection, and the request of the push that it is for.
    fn with_token(calls: &mut Stepwise) -> Request {
        let gettoken = sent(calls.begin(push("x"), CONNECTION, START));
        sent(calls.resume(gettoken.call, token("T1"), START).unwrap())
    }

    #[test]
    fn a_call_is_its_requests_one_by_one() {
        let mut calls = Stepwise::default();
        let step = calls.begin(push("中"), CONNECTION, START);
        assert!(!format!("{step:?}").contains("SECRET"));
        let request = sent(step);
        assert_eq!(request.url, "https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=ww1&corpsecret=SECRET");
        assert_eq!((request.method, &request.body), (Method::Get, &None));
        assert_eq!((request.timeout, request.deadline), (Duration::from_secs(5), START + Duration::from_secs(20)));
        let request = sent(calls.resume(request.call, token("T1"), START).unwrap());
        assert_eq!(request.url, "https://qyapi.weixin.qq.com/cgi-bin/message/send?access_token=T1");
        let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accept", "user-agent", "content-type"]);
        let body: Value = serde_json::from_slice(&request.body.unwrap()).unwrap();
        assert_eq!(body["text"]["content"], "中");
        // The token is kept, and renewed once where WeCom refuses it.
        let done = output(calls.resume(request.call, ok(json!({"msgid": "m"})), START).unwrap());
        assert_eq!(done["msg_id"], "m");
        let request = sent(calls.begin(push("x"), CONNECTION, START));
        let request = sent(calls.resume(request.call, refused(42001), START).unwrap());
        assert!(request.url.contains("/gettoken?"), "{}", request.url);
        let request = sent(calls.resume(request.call, token("T2"), START).unwrap());
        assert!(request.url.ends_with("access_token=T2"));
        assert!(matches!(calls.resume(request.call, refused(42001), START).unwrap(), Step::Failed(_)));
        assert!(calls.calls.is_empty() && calls.held.arguments == 0 && calls.held.kept == 0);
    }

    /// What is sent may be longer than what was given.
    #[test]
    fn what_is_kept_is_counted_as_it_is_sent() {
        let any = |parameters: Value| Operation::Invoke {
            action: "call-api".to_owned(),
            parameters: parameters.to_string().replace("0.125", "1e15"),
            files: Vec::new(),
        };
        let numbers =
            any(json!({"method": "POST", "api": "user/get", "body": {"n": vec![0.125; 1000]}, "effect": "write"}));
        let query = any(
            json!({"method": "GET", "api": "user/get", "query": [{"name": "n", "value": "!".repeat(4000)}], "effect": "write"}),
        );
        for operation in [numbers, query] {
            let mut calls = Stepwise::default();
            // A connection without a token asks for one first.
            let request = sent(calls.begin(operation, CONNECTION, START));
            let request = sent(calls.resume(request.call, token("T"), START).unwrap());
            let sent = request.body.map_or(0, |body| body.len()) + request.url.len();
            assert!(sent > calls.held.arguments && calls.held.kept >= sent, "{sent}: {}", calls.held.kept);
            calls.cancel(request.call);
            assert!(calls.held.arguments == 0 && calls.held.kept == 0);
        }
    }

    #[test]
    fn what_is_wrong_with_a_call_is_said_before_anything_is_sent() {
        let mut calls = Stepwise::default();
        for (operation, connection) in [
            (push(""), CONNECTION),
            (push("x"), "{}"),
            (Operation::TestConnection, "[]"),
            (Operation::AccessToken { contacts: false }, r#"{"type": "chatbot", "chatbot_key": "k"}"#),
        ] {
            let step = calls.begin(operation, connection, START);
            assert!(matches!(step, Step::Failed(Error::PermanentInvalidParameters(_))), "{step:?}");
        }
        assert!(calls.calls.is_empty());
    }

    #[test]
    fn a_test_takes_no_token_away_from_calls() {
        let mut calls = Stepwise::default();
        with_token(&mut calls);
        // A new token is asked for, which proves the secret; the one that is kept serves meanwhile.
        let test = sent(calls.begin(Operation::TestConnection, CONNECTION, START));
        assert!(test.url.contains("/gettoken?"), "{}", test.url);
        let push_meanwhile = sent(calls.begin(push("x"), CONNECTION, START));
        assert!(push_meanwhile.url.ends_with("access_token=T1"), "{}", push_meanwhile.url);
        // That the test fails is nobody else's failure.
        let step = calls.resume(test.call, Answer::Lost("reset".to_owned()), START).unwrap();
        assert!(matches!(step, Step::Failed(Error::Retryable(_))), "{step:?}");
        let request = sent(calls.begin(push("x"), CONNECTION, START));
        assert!(request.url.ends_with("access_token=T1"), "{}", request.url);
        // Nor is a test that is never ended.
        let test = sent(calls.begin(Operation::TestConnection, CONNECTION, START));
        calls.cancel(test.call);
        let request = sent(calls.begin(push("x"), CONNECTION, START));
        assert!(request.url.ends_with("access_token=T1"), "{}", request.url);
        // A call whose token is refused meanwhile asks for itself and the others: the test's may be the same token.
        let test = sent(calls.begin(Operation::TestConnection, CONNECTION, START));
        let renewal = sent(calls.resume(push_meanwhile.call, refused(42001), START).unwrap());
        assert!(renewal.url.contains("/gettoken?"), "{}", renewal.url);
        let waiting = waits(&calls.begin(push("x"), CONNECTION, START));
        // What the test asks next waits as well.
        waits(&calls.resume(test.call, token("T1"), START).unwrap());
        assert!(calls.woken().is_empty());
        let request = sent(calls.resume(renewal.call, token("T2"), START).unwrap());
        assert!(request.url.ends_with("access_token=T2"), "{}", request.url);
        let request = sent(calls.proceed(waiting, START).unwrap());
        assert!(request.url.ends_with("access_token=T2"), "{}", request.url);
    }

    #[test]
    fn connections_are_tested_and_tokens_fetched_in_steps() {
        let mut calls = Stepwise::default();
        let request = sent(calls.begin(Operation::TestConnection, CONNECTION, START));
        let step = calls.resume(request.call, refused(40001), START).unwrap();
        let Step::Done(Output::Report(report)) = step else { panic!("{step:?}") };
        assert!(!report.checks[0].proved);
        let request = sent(calls.begin(Operation::AccessToken { contacts: true }, CONNECTION, START));
        let step = calls.resume(request.call, token("T"), START).unwrap();
        let Step::Done(Output::Token(token)) = step else { panic!("{step:?}") };
        assert_eq!((token.access_token.as_str(), token.expires_in_seconds), ("T", 6900));
    }

    #[test]
    fn calls_that_need_the_same_token_share_one_request_for_it() {
        let mut calls = Stepwise::default();
        let first = sent(calls.begin(push("0"), CONNECTION, START));
        let waiting: Vec<u64> = (1..100).map(|_| waits(&calls.begin(push("x"), CONNECTION, START))).collect();
        let other = sent(calls.begin(push("x"), OTHER, START));
        assert!(other.url.contains("corpid=ww2"), "another company has a token of its own");
        assert_eq!(calls.woken(), [0; 0]);
        sent(calls.resume(first.call, token("T1"), START).unwrap());
        let mut woken = calls.woken();
        woken.sort_unstable();
        assert_eq!(woken, waiting);
        assert_eq!(calls.woken(), [0; 0], "each is named once");
        for call in woken {
            assert!(sent(calls.proceed(call, START).unwrap()).url.ends_with("access_token=T1"));
        }
    }

    #[test]
    fn calls_that_wait_for_the_same_token_fail_alike_and_ask_no_more() {
        let mut calls = Stepwise::default();
        let first = sent(calls.begin(push("0"), CONNECTION, START));
        let second = waits(&calls.begin(push("1"), CONNECTION, START));
        let failure = retryable(calls.resume(first.call, Answer::Lost("reset".to_owned()), START).unwrap());
        assert_eq!(failure.api, "gettoken");
        assert_eq!(retryable(calls.proceed(second, START).unwrap()), failure);
        // The next one asks again.
        assert!(sent(calls.begin(push("2"), CONNECTION, START)).url.contains("/gettoken?"));
    }

    #[test]
    fn where_the_call_that_asks_is_cancelled_the_next_one_asks() {
        let mut calls = Stepwise::default();
        let first = sent(calls.begin(push("0"), CONNECTION, START));
        let second = waits(&calls.begin(push("1"), CONNECTION, START));
        let third = waits(&calls.begin(push("2"), CONNECTION, START));
        calls.cancel(first.call);
        assert_eq!(calls.woken(), [second, third]);
        let again = sent(calls.proceed(second, START).unwrap());
        assert!(again.url.contains("/gettoken?"));
        assert_eq!(waits(&calls.proceed(third, START).unwrap()), third);
        sent(calls.resume(again.call, token("T"), START).unwrap());
        assert_eq!(calls.woken(), [third]);
        // Who waits may be cancelled, too, and is not woken then.
        calls.cancel(third);
        assert_eq!(calls.resume(first.call, token("T"), START).unwrap_err(), Misuse::UnknownCall);
    }

    #[test]
    fn a_token_that_another_call_has_renewed_is_not_fetched_again() {
        let mut calls = Stepwise::default();
        let one = with_token(&mut calls);
        let two = sent(calls.begin(push("x"), CONNECTION, START));
        let three = sent(calls.begin(push("x"), CONNECTION, START));
        let gettoken = sent(calls.resume(one.call, refused(42001), START).unwrap());
        let two = waits(&calls.resume(two.call, refused(42001), START).unwrap());
        sent(calls.resume(gettoken.call, token("T2"), START).unwrap());
        assert!(sent(calls.proceed(two, START).unwrap()).url.ends_with("access_token=T2"));
        assert!(sent(calls.resume(three.call, refused(42001), START).unwrap()).url.ends_with("access_token=T2"));
    }

    #[test]
    fn a_step_is_handed_in_once_and_for_what_it_is() {
        let mut calls = Stepwise::default();
        let first = sent(calls.begin(push("0"), CONNECTION, START));
        let second = waits(&calls.begin(push("1"), CONNECTION, START));
        assert_eq!(calls.resume(second, token("T"), START).unwrap_err(), Misuse::NothingSent);
        assert_eq!(calls.proceed(first.call, START).unwrap_err(), Misuse::AnswerMissing);
        assert_eq!(calls.resume(77, token("T"), START).unwrap_err(), Misuse::UnknownCall);
        let push = sent(calls.resume(first.call, token("T"), START).unwrap());
        assert_eq!(calls.resume(first.call, token("T"), START).unwrap_err(), Misuse::UnknownCall, "twice");
        output(calls.resume(push.call, ok(json!({})), START).unwrap());
        assert_eq!(calls.resume(push.call, ok(json!({})), START).unwrap_err(), Misuse::UnknownCall, "it has ended");
        calls.cancel(push.call);
        sent(calls.proceed(second, START).unwrap());
    }

    #[test]
    fn an_engine_that_gives_up_at_the_deadline_learns_what_has_come_of_the_call() {
        let mut calls = Stepwise::default();
        let gettoken = sent(calls.begin(push("0"), CONNECTION, START));
        let late = gettoken.deadline;
        // Others go on meanwhile.
        sent(calls.begin(push("x"), OTHER, late));
        retryable(calls.resume(gettoken.call, Answer::Lost(String::new()), late).unwrap());
        let push = with_token(&mut calls);
        let late = push.deadline + GRACE;
        let step = calls.resume(push.call, Answer::Lost(String::new()), late).unwrap();
        assert!(matches!(step, Step::Failed(Error::PermanentOutcomeUnknown(_))), "{step:?}");
        // An answer is no worse for being late.
        let push = sent(calls.begin(self::push("x"), CONNECTION, late));
        output(calls.resume(push.call, ok(json!({})), late + GRACE * 100).unwrap());
    }

    #[test]
    fn a_call_that_nobody_resumes_is_dropped_a_minute_after_its_deadline() {
        let mut calls = Stepwise::default();
        let first = sent(calls.begin(push("0"), CONNECTION, START));
        let second = waits(&calls.begin(push("1"), CONNECTION, START));
        calls.begin(push("x"), OTHER, first.deadline + GRACE - Duration::from_millis(1));
        assert_eq!(calls.calls.len(), 3);
        calls.begin(push("x"), OTHER, first.deadline + GRACE);
        assert_eq!(calls.calls.len(), 2, "the other company's, and no more");
        assert_eq!(calls.resume(first.call, token("T"), START).unwrap_err(), Misuse::UnknownCall);
        assert_eq!(calls.proceed(second, START).unwrap_err(), Misuse::UnknownCall);
        assert_eq!(calls.woken(), [0; 0]);
    }

    #[test]
    fn a_call_that_waits_too_long_asks_itself() {
        let patient = CONNECTION.replace("\"timeout_seconds\": 5", "\"timeout_seconds\": 600");
        let mut calls = Stepwise::default();
        let first = sent(calls.begin(push("0"), &patient, START));
        let Step::Wait { call: second, deadline } = calls.begin(push("1"), CONNECTION, START) else { panic!() };
        let third = waits(&calls.begin(push("2"), CONNECTION, START));
        assert_eq!(deadline, START + Duration::from_secs(20), "by its own timeout");
        for _ in 0..3 {
            assert_eq!(waits(&calls.proceed(second, deadline - Duration::from_millis(1)).unwrap()), second);
        }
        let again = sent(calls.proceed(second, deadline).unwrap());
        assert!(again.url.contains("/gettoken?"));
        assert_eq!(calls.proceed(second, deadline).unwrap_err(), Misuse::AnswerMissing);
        // The others wait for that one, each named once however often it has proceeded.
        assert_eq!(waits(&calls.proceed(third, deadline).unwrap()), third);
        assert!(sent(calls.resume(again.call, token("T2"), deadline).unwrap()).url.ends_with("access_token=T2"));
        assert_eq!(calls.woken(), [third]);
        assert!(sent(calls.proceed(third, deadline).unwrap()).url.ends_with("access_token=T2"));
        // And what it replaced is taken when it comes.
        assert!(sent(calls.resume(first.call, token("T1"), deadline).unwrap()).url.ends_with("access_token=T1"));
        assert_eq!(calls.woken(), [0; 0]);
    }

    #[test]
    fn a_file_may_come_as_bytes_in_the_place_of_its_parameter() {
        let upload = |parameters: Value, files: &[(&str, &[u8])]| {
            let files = files.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect();
            let operation =
                Operation::Invoke { action: "upload-media".to_owned(), parameters: parameters.to_string(), files };
            Stepwise::default().begin(operation, TOKEN_GIVEN, START)
        };
        let given = json!({"file_name": "a.bin", "kind": "file"});
        let request = sent(upload(given.clone(), &[("content", b"\xff\0\r\n--x")]));
        assert!(request.url.ends_with("/media/upload?access_token=GIVEN&type=file"), "{}", request.url);
        let body = request.body.unwrap();
        assert!(body.windows(10).any(|bytes| bytes == b"\n\xff\0\r\n--x\r\n"), "{body:?}");

        let mut twice = given.clone();
        twice["content"] = "YWJjZGVm".into();
        for (parameters, files, expected) in [
            (twice, vec![("content", &b"abcdef"[..])], vec!["/content is given twice"]),
            (given.clone(), vec![("content", b"abc")], vec!["/content must have more than 5 bytes"]),
            (json!({"kind": "file"}), vec![("content", b"abcdef"), ("file_name", b"a")], vec!["/file_name is no file"]),
            (given, vec![("content", b"abcdef"), ("contents", b"")], vec!["/contents is not a parameter here"]),
        ] {
            let Step::Failed(Error::PermanentInvalidParameters(faults)) = upload(parameters, &files) else {
                panic!("{expected:?}: nothing may be sent");
            };
            let said: Vec<String> =
                faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.message.en)).collect();
            assert_eq!(said.len(), expected.len(), "{said:?}");
            assert!(said.iter().zip(&expected).all(|(said, expected)| said.starts_with(expected)), "{said:?}");
        }
    }

    #[test]
    fn calls_for_a_lower_enterprise_share_its_token_and_that_of_the_own() {
        let mut calls = Stepwise::default();
        let own = sent(calls.begin(push("0"), LOWER, START));
        assert!(own.url.ends_with("/gettoken?corpid=ww1&corpsecret=SECRET"), "{}", own.url);
        let waiting: Vec<u64> = (1..100).map(|_| waits(&calls.begin(push("x"), LOWER, START))).collect();
        let lower = sent(calls.resume(own.call, token("OWN"), START).unwrap());
        assert!(lower.url.ends_with("/corpgroup/corp/gettoken?access_token=OWN"), "{}", lower.url);
        let body: Value = serde_json::from_slice(&lower.body.unwrap()).unwrap();
        assert_eq!(body, json!({"corpid": "ww9", "agentid": 8, "business_type": 0}));
        assert_eq!(calls.woken(), [0; 0], "there is no token for them yet");
        let here = sent(calls.begin(push("x"), CONNECTION, START));
        assert!(here.url.ends_with("/message/send?access_token=OWN"), "the own one serves the own enterprise");
        let first = sent(calls.resume(lower.call, token("LOWER"), START).unwrap());
        assert!(first.url.ends_with("/message/send?access_token=LOWER"), "{}", first.url);
        let body: Value = serde_json::from_slice(&first.body.unwrap()).unwrap();
        assert_eq!(body["agentid"], 8);
        let mut woken = calls.woken();
        woken.sort_unstable();
        assert_eq!(woken, waiting);
        let proceeded: Vec<Request> = woken.into_iter().map(|call| sent(calls.proceed(call, START).unwrap())).collect();
        assert!(proceeded.iter().all(|request| request.url.ends_with("/message/send?access_token=LOWER")));

        // All are refused at once, and get the same new one, which a new one of the own enterprise has got.
        let own = sent(calls.resume(first.call, refused(40014), START).unwrap());
        assert!(own.url.contains("/gettoken?corpid=ww1"), "{}", own.url);
        for request in &proceeded {
            waits(&calls.resume(request.call, refused(42001), START).unwrap());
        }
        let lower = sent(calls.resume(own.call, token("OWN2"), START).unwrap());
        assert!(lower.url.ends_with("/corpgroup/corp/gettoken?access_token=OWN2"), "{}", lower.url);
        let again = sent(calls.resume(lower.call, token("LOWER2"), START).unwrap());
        assert!(again.url.ends_with("/message/send?access_token=LOWER2"), "{}", again.url);
        let woken = calls.woken();
        assert_eq!(woken.len(), 99);
        for call in woken {
            let request = sent(calls.proceed(call, START).unwrap());
            assert!(request.url.ends_with("/message/send?access_token=LOWER2"), "{}", request.url);
        }
        // Twice is once too often.
        let step = calls.resume(again.call, refused(40014), START).unwrap();
        assert!(matches!(step, Step::Failed(Error::PermanentRejected(_))), "{step:?}");
    }

    #[test]
    fn where_the_call_that_fetches_for_a_lower_enterprise_is_dropped_another_begins_anew() {
        let mut calls = Stepwise::default();
        let own = sent(calls.begin(push("0"), LOWER, START));
        let second = waits(&calls.begin(push("1"), LOWER, START));
        let lower = sent(calls.resume(own.call, token("OWN"), START).unwrap());
        calls.cancel(lower.call);
        assert_eq!(calls.woken(), [second]);
        let lower = sent(calls.proceed(second, START).unwrap());
        assert!(lower.url.ends_with("/corpgroup/corp/gettoken?access_token=OWN"), "what is kept serves: {}", lower.url);
    }

    #[test]
    fn where_the_clock_goes_back_it_stands_still() {
        let mut calls = Stepwise::default();
        let request = with_token(&mut calls);
        output(calls.resume(request.call, ok(json!({})), Duration::ZERO).unwrap());
        let request = sent(calls.begin(push("x"), CONNECTION, Duration::ZERO));
        assert_eq!(request.deadline, START + Duration::from_secs(20));
        let late = sent(calls.begin(push("x"), CONNECTION, START + Duration::from_secs(6900)));
        assert!(late.url.contains("/gettoken?"));
        for now in [Duration::MAX, Duration::ZERO] {
            let step = calls.begin(push("x"), CONNECTION, now);
            assert!(matches!(step, Step::Send(_) | Step::Wait { .. }), "{step:?}");
        }
    }

    #[test]
    fn beyond_the_bound_a_call_is_told_to_come_again() {
        let mut calls = Stepwise::default();
        let one = with_token(&mut calls);
        let mut last = one.call;
        while calls.calls.len() < MAX_CALLS {
            last = sent(calls.begin(push("x"), CONNECTION, START)).call;
        }
        let failure = retryable(calls.begin(push("x"), CONNECTION, START));
        assert_eq!((failure.category, failure.api.as_str()), (Category::Limit, "message/send"));
        // One that would have to wait for a token, too.
        let failure = retryable(calls.begin(push("x"), OTHER, START));
        assert_eq!((failure.category, failure.api.as_str()), (Category::Limit, "gettoken"));
        output(calls.resume(last, ok(json!({})), START).unwrap());
        sent(calls.begin(push("x"), OTHER, START));
        assert_eq!(retryable(calls.begin(push("x"), OTHER, START)).category, Category::Limit);
    }

    #[test]
    fn large_calls_have_a_bound_of_their_own() {
        let mut calls = Stepwise::default();
        let parameters = format!(r#"{{"to_user": ["a"], "content": "x"}}{}"#, " ".repeat(5 * 1024 * 1024));
        let begin = |calls: &mut Stepwise| {
            let action = "push-text-message".to_owned();
            calls.begin(
                Operation::Invoke { action, parameters: parameters.clone(), files: Vec::new() },
                CONNECTION,
                START,
            )
        };
        let mut begun = 0;
        let failure = loop {
            match begin(&mut calls) {
                Step::Send(_) | Step::Wait { .. } => begun += 1,
                step => break retryable(step),
            }
        };
        assert_eq!(
            (failure.category, begun),
            (Category::Limit, MAX_HELD_BYTES / (parameters.len() + CONNECTION.len()))
        );
    }

    #[test]
    fn what_the_engine_could_not_do_is_classified_by_what_may_have_arrived() {
        let secret = "T1 SECRET";
        let words = || format!("connect ECONNREFUSED {secret}");
        let cases: [(Answer, fn(&Error) -> bool, &str); 7] = [
            (Answer::NotSent(words()), |e| matches!(e, Error::Retryable(_)), "could not send the request: connect"),
            (Answer::NotSent(" ".to_owned()), |e| matches!(e, Error::Retryable(_)), "could not send the request"),
            (Answer::NotTrusted(words()), |e| matches!(e, Error::PermanentRejected(_)), "is not trusted: connect"),
            (Answer::NotAllowed(words()), |e| matches!(e, Error::PermanentRejected(_)), "does not allow"),
            (Answer::Lost(words()), |e| matches!(e, Error::PermanentOutcomeUnknown(_)), "got no answer: connect"),
            (Answer::TooLong, |e| matches!(e, Error::PermanentOutcomeUnknown(_)), "too long"),
            (
                Answer::Response {
                    status: 200,
                    retry_after: None,
                    content_disposition: None,
                    body: vec![b' '; 1024 * 1024 + 1],
                },
                |e| matches!(e, Error::PermanentOutcomeUnknown(_)),
                "too long",
            ),
        ];
        for (answer, is_class, says) in cases {
            let mut calls = Stepwise::default();
            let request = with_token(&mut calls);
            let step = calls.resume(request.call, answer, START).unwrap();
            let Step::Failed(error) = step else { panic!("{says}: {step:?}") };
            let said = format!("{error:?}");
            assert!(is_class(&error) && said.contains(says), "{says}: {said}");
            assert!(!said.contains("SECRET") && !said.contains("T1"), "{said}");
        }
        // An engine that never gets an answer gets an end all the same.
        let mut calls = Stepwise::default();
        for _ in 0..10_000 {
            let request = sent(calls.begin(push("x"), CONNECTION, START));
            retryable(calls.resume(request.call, Answer::Lost(String::new()), START).unwrap());
        }
        assert!(calls.calls.is_empty() && calls.woken().is_empty());
    }

    #[test]
    fn a_server_that_asks_for_patience_is_heard() {
        let mut calls = Stepwise::default();
        let request = with_token(&mut calls);
        let answer = Answer::Response {
            status: 429,
            retry_after: Some(" 7 ".to_owned()),
            content_disposition: None,
            body: Vec::new(),
        };
        assert_eq!(retryable(calls.resume(request.call, answer, START).unwrap()).retry_after_seconds, Some(7));
    }
}
