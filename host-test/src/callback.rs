//! A web server for callbacks: WeCom calls it, and the component that imports nothing says what was called.
//!
//! One instance serves all requests: the interface keeps nothing between calls, and a new one for each would cost more
//! than the call. One that has trapped is replaced.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wecom_connector::callback::MAX_BODY_BYTES;

use crate::host::bindings::wecom::connector::types::InvalidParameter;
use crate::host::{CallFault, Limits};
use crate::stepwise::bindings::exports::wecom::connector::callback::{CallbackError, Event, Format, Refusal};
use crate::stepwise::{Calls, Host};

/// How long the head of a request may take, and then its body. WeCom itself waits for five seconds.
const READ_WITHIN: Duration = Duration::from_secs(4);
/// How long a request waits for whoever takes the events. WeCom sends one again that nobody took.
const TAKE_WITHIN: Duration = Duration::from_secs(1);
/// How many events may wait for whoever takes them.
const WAITING: usize = 1024;
/// How many connections are open at once.
const CONNECTIONS: usize = 512;
/// How many events and signatures are remembered. WeCom repeats a message within a minute.
const REMEMBERED: usize = 65_536;

/// What the component may use for callbacks: a call takes less than a millisecond.
pub fn limits() -> Limits {
    Limits { deadline: Duration::from_secs(1), instances: 4, ..Limits::default() }
}

/// Receives callbacks of one connection.
pub struct Receiver {
    host: Arc<Host>,
    connection: String,
    reply: Option<String>,
    /// None where the last one has trapped.
    calls: Mutex<Option<Calls>>,
    seen: Mutex<Seen>,
    /// Whether too many events wait for whoever takes them.
    full: watch::Sender<bool>,
}

/// Why there can be no receiver.
#[derive(Debug)]
pub enum Unusable {
    /// The connection, or the reply, breaks rules.
    Invalid(Vec<InvalidParameter>),
    /// The component did not work.
    Fault(CallFault),
}

/// What a request came to, for whoever runs the server.
#[derive(Default)]
pub struct Told {
    /// An event that is new.
    pub event: Option<Event>,
    /// What is to be looked at.
    pub note: Option<Note>,
}

/// What is to be looked at: one line. It holds nothing of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What was answered.
    pub status: u16,
    /// In English and Chinese.
    pub words: [String; 2],
}

/// An answer to a request.
struct Answer {
    status: u16,
    content_type: &'static str,
    body: String,
}

impl Answer {
    fn empty(status: u16) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: String::new() }
    }
}

impl Receiver {
    /// Receives for that connection, and answers with that reply where there is one.
    pub fn new(host: impl Into<Arc<Host>>, connection: String, reply: Option<String>) -> Result<Self, Unusable> {
        let host = host.into();
        let (calls, seen) = (Mutex::new(None), Mutex::new(Seen::default()));
        let receiver = Self { host, connection, reply, calls, seen, full: watch::Sender::new(false) };
        match receiver.call(|calls| calls.verify_url(&receiver.connection, "", None)).map_err(Unusable::Fault)? {
            Err(CallbackError::InvalidParameters(faults)) => return Err(Unusable::Invalid(faults)),
            Ok(_) | Err(CallbackError::Refused(_)) => {}
        }
        if let Some(reply) = &receiver.reply {
            let outcome = receiver.encrypt(&sample(&receiver.connection), reply).map_err(Unusable::Fault)?;
            if let Err(faults) = outcome {
                return Err(Unusable::Invalid(faults));
            }
        }
        Ok(receiver)
    }

    /// Whether WeCom is told to come again, since nobody takes the events. It is not told with them: nobody would take it.
    pub fn full(&self) -> watch::Receiver<bool> {
        self.full.subscribe()
    }

    /// Calls the instance, or a new one where there is none. One that has trapped is not called again.
    fn call<T>(&self, call: impl FnOnce(&mut Calls) -> Result<T, CallFault>) -> Result<T, CallFault> {
        let mut kept = lock(&self.calls);
        let mut calls = match kept.take() {
            Some(calls) => calls,
            None => self.host.calls().map_err(CallFault::Trap)?,
        };
        let result = call(&mut calls)?;
        *kept = Some(calls);
        Ok(result)
    }

    fn verify(&self, query: &str) -> (Answer, Told) {
        match self.call(|calls| calls.verify_url(&self.connection, query, Some(now()))) {
            Ok(Ok(echo)) => {
                let words = ["The URL was verified.", "URL已通过验证。"];
                let told = Told { note: Some(note(200, words)), ..Told::default() };
                (Answer { body: echo, ..Answer::empty(200) }, told)
            }
            Ok(Err(error)) => refused(error),
            Err(fault) => broken(&fault),
        }
    }

    fn receive(&self, query: &str, body: &[u8]) -> (Answer, Told) {
        let event = match self.call(|calls| calls.decrypt_message(&self.connection, query, body, Some(now()))) {
            Ok(Ok(event)) => event,
            Ok(Err(error)) => return refused(error),
            Err(fault) => return broken(&fault),
        };
        let (is_replayed, is_new) = {
            let mut seen = lock(&self.seen);
            let is_replayed = !seen.remember(("signature", &signature(query)));
            (is_replayed, seen.remember(("event", &event.key)))
        };
        // The answer to the first one may have been lost.
        let (answer, problem) = self.reply_to(&event);
        let replayed = || {
            let words = [
                "A request that was taken before came again, as it was: it is no event again.",
                "收到一个已处理过的请求，内容完全相同：不再作为新事件。",
            ];
            note(200, words)
        };
        let told = match is_replayed {
            true => Told { note: Some(replayed()), ..Told::default() },
            false => Told { event: is_new.then_some(event), note: problem },
        };
        (answer, told)
    }

    fn reply_to(&self, event: &Event) -> (Answer, Option<Note>) {
        let is_of_somebody = event.from_user.as_deref().is_some_and(|user| user != "sys");
        let Some(reply) = self.reply.as_ref().filter(|_| is_of_somebody) else { return (Answer::empty(200), None) };
        match self.encrypt(event, reply) {
            Ok(Ok(answer)) => (answer, None),
            Ok(Err(faults)) => {
                let faults = |pick: fn(&InvalidParameter) -> &str| {
                    faults
                        .iter()
                        .map(|fault| format!("{} {}", fault.pointer, pick(fault)))
                        .collect::<Vec<_>>()
                        .join("; ")
                };
                let [en, zh] = [faults(|fault| &fault.message.en), faults(|fault| &fault.message.zh)];
                let words = [format!("There was no reply: {en}"), format!("未能回复：{zh}")];
                (Answer::empty(200), Some(Note { status: 200, words }))
            }
            Err(_) => {
                let words = ["There was no reply: the component broke down.", "未能回复：组件运行出错。"];
                (Answer::empty(200), Some(note(200, words)))
            }
        }
    }

    fn encrypt(&self, event: &Event, reply: &str) -> Result<Result<Answer, Vec<InvalidParameter>>, CallFault> {
        let mut random = [0; 16];
        let provider = rustls::crypto::ring::default_provider();
        let filled = provider.secure_random.fill(&mut random);
        filled.map_err(|_| CallFault::Trap(anyhow::anyhow!("there are no random bytes")))?;
        let reply = self.call(|calls| calls.encrypt_reply(&self.connection, event, reply, now(), &random))?;
        Ok(match reply {
            Ok(reply) => {
                let content_type =
                    if reply.content_type.contains("json") { "application/json" } else { "application/xml" };
                Ok(Answer { status: 200, content_type, body: reply.body })
            }
            Err(CallbackError::InvalidParameters(faults)) => Err(faults),
            Err(CallbackError::Refused(_)) => Err(Vec::new()),
        })
    }

    /// Answers whoever connects, and tells what came. Where nobody takes what is told, WeCom is told to come again.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, tell: mpsc::Sender<Told>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let (receiver, tell) = (Arc::clone(&self), tell.clone());
                        connections.spawn(async move {
                            receiver.converse(stream, tell).await;
                            drop(place);
                        });
                    }
                    // Out of file descriptors, most likely: others have to close some first.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn converse(&self, stream: TcpStream, tell: mpsc::Sender<Told>) {
        // Without it an answer in two segments may wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| async { Ok::<_, Infallible>(self.exchange(request, &tell).await) });
        // How a client ends its connection is its own affair.
        let _ = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(READ_WITHIN)
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn exchange(&self, request: Request<Incoming>, tell: &mpsc::Sender<Told>) -> Response<Full<Bytes>> {
        let Ok(Ok(permit)) = timeout(TAKE_WITHIN, tell.reserve()).await else {
            self.full.send_if_modified(|full| !std::mem::replace(full, true));
            return respond(Answer::empty(503), true);
        };
        // Whoever takes them one by one has not caught up yet.
        if tell.capacity() > WAITING / 2 {
            self.full.send_if_modified(|full| std::mem::replace(full, false));
        }
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        // A GET has no body that anybody would look at.
        let must_close = !body.is_end_stream();
        let (answer, told, closes) = match head.method {
            Method::GET => {
                let (answer, told) = self.verify(query);
                (answer, told, must_close)
            }
            Method::POST => match read(body).await {
                Ok(body) => {
                    let (answer, told) = self.receive(query, &body);
                    (answer, told, false)
                }
                Err(note) => (Answer::empty(note.status), Told { note: Some(note), ..Told::default() }, true),
            },
            _ => {
                let words = [
                    "The request is neither a GET nor a POST: WeCom did not send it.",
                    "请求既不是GET也不是POST：不是企业微信发出的。",
                ];
                (Answer::empty(405), Told { note: Some(note(405, words)), ..Told::default() }, true)
            }
        };
        if told.event.is_some() || told.note.is_some() {
            permit.send(told);
        }
        respond(answer, closes)
    }
}

/// The way to whoever takes the events.
pub fn channel() -> (mpsc::Sender<Told>, mpsc::Receiver<Told>) {
    mpsc::channel(WAITING)
}

/// The body of a request, as far as there can be one. Of one that is too long no more is read.
async fn read(body: Incoming) -> Result<Bytes, Note> {
    let too_long = || {
        note(
            413,
            [
                "The body is longer than any that WeCom sends: it was not read.",
                "请求正文超出企业微信可能发送的长度：未读取。",
            ],
        )
    };
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(too_long());
    }
    match timeout(READ_WITHIN, Limited::new(body, MAX_BODY_BYTES).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long()),
        Ok(Err(_)) => Err(note(400, ["The request broke off within its body.", "请求正文没有传完就断开了。"])),
        Err(_) => Err(note(408, ["The body did not arrive in time.", "请求正文没有及时到达。"])),
    }
}

fn respond(answer: Answer, closes: bool) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(answer.status);
    if !answer.body.is_empty() {
        response = response.header(CONTENT_TYPE, answer.content_type);
    }
    if answer.status == 405 {
        response = response.header(ALLOW, "GET, POST");
    }
    if closes {
        response = response.header(CONNECTION, "close");
    }
    response.body(Full::new(answer.body.into())).unwrap_or_default()
}

/// A request that was refused. What a person sees who opens the URL in a browser says what it is for.
fn refused(error: CallbackError) -> (Answer, Told) {
    let Refusal { status, message, .. } = match error {
        CallbackError::Refused(refusal) => refusal,
        CallbackError::InvalidParameters(_) => {
            return broken(&CallFault::Trap(anyhow::anyhow!("the connection has changed")));
        }
    };
    let words = if status == 400 {
        "This is a callback URL of WeCom: it answers nobody else. 这是企业微信的回调地址，只应答企业微信。\n"
    } else {
        ""
    };
    let note = Note { status, words: [message.en, message.zh] };
    (Answer { body: words.into(), ..Answer::empty(status) }, Told { note: Some(note), ..Told::default() })
}

/// The component gave no answer. WeCom will ask again, and another instance answers.
fn broken(fault: &CallFault) -> (Answer, Told) {
    let words = match fault {
        CallFault::Deadline => {
            ["The component took too long; a new one takes its place.", "组件用时过长，已换用新的实例。"]
        }
        CallFault::Trap(_) => {
            ["The component broke down; a new one takes its place.", "组件运行出错，已换用新的实例。"]
        }
    };
    (Answer::empty(500), Told { note: Some(note(500, words)), ..Told::default() })
}

fn note(status: u16, words: [&str; 2]) -> Note {
    Note { status, words: words.map(str::to_owned) }
}

/// What the query calls its signature; one may be written in capitals, or percent-encoded.
fn signature(query: &str) -> String {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("msg_signature="));
    percent_decode_str(value.unwrap_or_default()).decode_utf8_lossy().to_ascii_lowercase()
}

/// An event that a reply is tried on: what is wrong with a reply is so for every event of the connection.
fn sample(connection: &str) -> Event {
    let connection: Value = serde_json::from_str(connection).unwrap_or_default();
    let receive_id = connection["receive_id"].as_str().filter(|id| !id.is_empty());
    Event {
        topic: "text".into(),
        msg_type: "text".into(),
        event: None,
        change_type: None,
        from_user: Some("user".into()),
        to: receive_id.map(str::to_owned),
        agent_id: None,
        created_at: None,
        key: String::new(),
        json: "{}".into(),
        format: if receive_id.is_some() { Format::Xml } else { Format::Json },
        nonce: "1".into(),
    }
}

/// An event as programs read it: the names that the packages have.
pub fn event_json(event: &Event) -> Value {
    json!({
        "topic": event.topic,
        "msg_type": event.msg_type,
        "event": event.event,
        "change_type": event.change_type,
        "from_user": event.from_user,
        "to": event.to,
        "agent_id": event.agent_id,
        "created_at": event.created_at,
        "key": event.key,
        "fields": serde_json::from_str::<Value>(&event.json).unwrap_or_default(),
        "format": match event.format {
            Format::Xml => "xml",
            Format::Json => "json",
        },
        "nonce": event.nonce,
    })
}

/// What was there before, as far as it is remembered. It is kept as hashes: what came is of any length.
#[derive(Default)]
struct Seen {
    known: HashSet<[u64; 2]>,
    order: VecDeque<[u64; 2]>,
    hashers: [RandomState; 2],
}

impl Seen {
    /// Whether it is new. The oldest is forgotten where there are too many.
    fn remember(&mut self, what: (&str, &str)) -> bool {
        let hash = [&self.hashers[0], &self.hashers[1]].map(|hasher| hasher.hash_one(what));
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > 2 * REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut seen = Seen::default();
        for number in 0..2 * REMEMBERED {
            assert!(seen.remember(("event", &number.to_string())));
        }
        assert!(!seen.remember(("event", "0")) && seen.remember(("signature", "0")));
        // The first one had to go for it.
        assert!(seen.remember(("event", "0")));
        assert_eq!((seen.known.len(), seen.order.len()), (2 * REMEMBERED, 2 * REMEMBERED));
    }
}
