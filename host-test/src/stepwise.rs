//! A host for the component that imports nothing: what an engine does that sends the requests itself.
//!
//! [`Calls`] is the component as it is, one function after the other. [`Instance`] carries calls out with it: many at once,
//! each of them a future, all in one component, since that is where the tokens are.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Frame;
use hyper::header::{CONTENT_DISPOSITION, HOST, RETRY_AFTER};
use hyper::{Response as HttpResponse, Uri, http};
use tokio::sync::oneshot;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use crate::client::{Client, Http};
use crate::host::bindings::wecom::connector::types::{
    AccessToken, ConnectionReport, Error as ConnectorError, TokenScope,
};
use crate::host::{self, CallFault, Limits, Memory};

/// The contract, as wasmtime binds it.
#[allow(missing_docs, reason = "generated; the contract's own documentation is in the WIT files")]
pub mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package wecom:host@0.1.0;

            world stepper {
                export wecom:connector/callback@0.2.0;
                export wecom:connector/stepwise@0.2.0;
            }
        ",
        path: "../wit",
        world: "wecom:host/stepper",
        with: { "wecom:connector/types@0.2.0": crate::host::bindings::wecom::connector::types },
        additional_derives: [PartialEq],
    });
}

use bindings::exports::wecom::connector::callback::{CallbackError, EncryptedReply, Event};
use bindings::exports::wecom::connector::stepwise::{
    Answer, Invocation, Method, Misuse, Operation, Output, Request, Response, Step,
};
use bindings::{Stepper, StepperPre};

/// What the contract grants an instance: room for the arguments of all its calls, and for an answer that is far too long.
pub fn limits() -> Limits {
    Limits { memory: 512 * 1024 * 1024, ..Limits::default() }
}

/// A loaded component.
pub struct Host {
    engine: Engine,
    pre: StepperPre<Memory>,
    http: Arc<dyn Http>,
    limits: Limits,
    /// The clock runs for as long as this lives.
    _clock: Arc<()>,
}

impl Host {
    /// Compiles the component, or takes what an earlier run compiled from `cache`. It is given nothing at all.
    pub fn load(component: &Path, cache: Option<&Path>, limits: Limits) -> anyhow::Result<Self> {
        let engine = Engine::new(&host::config(cache, &limits)?).map_err(anyhow::Error::from)?;
        let component = Component::from_file(&engine, component)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("{} is no component that this host can load", component.display()))?;
        let pre = Linker::new(&engine).instantiate_pre(&component).map_err(anyhow::Error::from)?;
        let pre = StepperPre::new(pre).map_err(anyhow::Error::from).context("the component has another contract")?;
        let http = Arc::new(Client::new(limits.allow.clone()));
        let clock = host::start_clock(&engine);
        Ok(Self { engine, pre, http, limits, _clock: clock })
    }

    /// A new component, with no calls and no tokens.
    pub fn calls(&self) -> anyhow::Result<Calls> {
        let mut store = Store::new(&self.engine, Memory::new(self.limits.memory));
        store.limiter(|memory| memory);
        store.set_epoch_deadline(host::ticks(self.limits.deadline));
        let component = self.pre.instantiate(&mut store).map_err(anyhow::Error::from)?;
        Ok(Calls { store, component, deadline: self.limits.deadline })
    }

    /// The same, with the HTTP client of this host for what the calls send.
    pub fn instance(&self) -> anyhow::Result<Instance> {
        let running = Running { calls: self.calls()?, waiting: HashMap::new() };
        Ok(Instance(Arc::new(Shared {
            running: Mutex::new(running),
            http: Arc::clone(&self.http),
            deadline: self.limits.deadline,
            began: Instant::now(),
        })))
    }
}

/// The component and the calls in it. `now` is in milliseconds.
pub struct Calls {
    store: Store<Memory>,
    component: Stepper,
    deadline: Duration,
}

impl Calls {
    /// Begins a call.
    pub fn begin(&mut self, operation: &Operation, connection: &str, now: u64) -> Result<Step, CallFault> {
        self.wind();
        Ok(self.component.wecom_connector_stepwise().call_begin(&mut self.store, operation, connection, now)?)
    }

    /// Goes on with a call whose request has its answer.
    pub fn resume(&mut self, call: u64, answer: &Answer, now: u64) -> Result<Result<Step, Misuse>, CallFault> {
        self.wind();
        Ok(self.component.wecom_connector_stepwise().call_resume(&mut self.store, call, answer, now)?)
    }

    /// Goes on with a call that waited for another one.
    pub fn proceed(&mut self, call: u64, now: u64) -> Result<Result<Step, Misuse>, CallFault> {
        self.wind();
        Ok(self.component.wecom_connector_stepwise().call_proceed(&mut self.store, call, now)?)
    }

    /// The steps that waited and can go on.
    pub fn woken(&mut self) -> Result<Vec<u64>, CallFault> {
        self.wind();
        Ok(self.component.wecom_connector_stepwise().call_woken(&mut self.store)?)
    }

    /// Drops a call.
    pub fn cancel(&mut self, call: u64) -> Result<(), CallFault> {
        self.wind();
        Ok(self.component.wecom_connector_stepwise().call_cancel(&mut self.store, call)?)
    }

    /// The manifest.
    pub fn manifest(&mut self) -> Result<String, CallFault> {
        self.wind();
        Ok(self.component.wecom_connector_stepwise().call_manifest(&mut self.store)?)
    }

    /// What to answer where WeCom verifies a URL. `now` is in seconds since 1970, here and below.
    pub fn verify_url(
        &mut self,
        connection: &str,
        query: &str,
        now: Option<u64>,
    ) -> Result<Result<String, CallbackError>, CallFault> {
        self.wind();
        Ok(self.component.wecom_connector_callback().call_verify_url(&mut self.store, connection, query, now)?)
    }

    /// The message or event of a callback.
    pub fn decrypt_message(
        &mut self,
        connection: &str,
        query: &str,
        body: &[u8],
        now: Option<u64>,
    ) -> Result<Result<Event, CallbackError>, CallFault> {
        self.wind();
        let callback = self.component.wecom_connector_callback();
        Ok(callback.call_decrypt_message(&mut self.store, connection, query, body, now)?)
    }

    /// The answer to one.
    pub fn encrypt_reply(
        &mut self,
        connection: &str,
        event: &Event,
        reply: &str,
        now: u64,
        random: &[u8],
    ) -> Result<Result<EncryptedReply, CallbackError>, CallFault> {
        self.wind();
        let callback = self.component.wecom_connector_callback();
        Ok(callback.call_encrypt_reply(&mut self.store, connection, event, reply, now, random)?)
    }

    /// How much memory it has, in bytes. WebAssembly never gives memory back, so this is also the most it ever had.
    pub fn memory(&self) -> usize {
        self.store.data().size()
    }

    /// What computes for too long is ended.
    fn wind(&mut self) {
        self.store.set_epoch_deadline(host::ticks(self.deadline));
    }
}

/// A component with its calls under way. A clone is the same one.
///
/// A call whose future is dropped is cancelled: what it has sent is sent.
#[derive(Clone)]
pub struct Instance(Arc<Shared>);

struct Shared {
    running: Mutex<Running>,
    http: Arc<dyn Http>,
    deadline: Duration,
    began: Instant,
}

struct Running {
    calls: Calls,
    /// Whoever waits for another call, by the number of the step.
    waiting: HashMap<u64, oneshot::Sender<()>>,
}

/// What is next for a call.
enum Next {
    Send(Request),
    Wait { call: u64, woken: oneshot::Receiver<()>, patience: Duration },
    Done(Output),
    Failed(ConnectorError),
}

impl Instance {
    /// The manifest.
    pub fn manifest(&self) -> Result<String, CallFault> {
        self.0.lock().calls.manifest()
    }

    /// Carries out an action; connection, parameters and output are JSON.
    pub async fn invoke(
        &self,
        action: &str,
        connection: &str,
        parameters: &str,
    ) -> Result<Result<String, ConnectorError>, CallFault> {
        let invocation = Invocation { action: action.to_owned(), parameters: parameters.to_owned(), files: Vec::new() };
        self.run(Operation::Invoke(invocation), connection, |output| match output {
            Output::Json(output) => Some(output),
            _ => None,
        })
        .await
    }

    /// Tests a connection.
    pub async fn test_connection(
        &self,
        connection: &str,
    ) -> Result<Result<ConnectionReport, ConnectorError>, CallFault> {
        self.run(Operation::TestConnection, connection, |output| match output {
            Output::ConnectionReport(report) => Some(report),
            _ => None,
        })
        .await
    }

    /// Fetches an access token.
    pub async fn access_token(
        &self,
        connection: &str,
        scope: TokenScope,
    ) -> Result<Result<AccessToken, ConnectorError>, CallFault> {
        self.run(Operation::GetAccessToken(scope), connection, |output| match output {
            Output::AccessToken(token) => Some(token),
            _ => None,
        })
        .await
    }

    /// How much memory the component has, in bytes.
    pub fn memory(&self) -> usize {
        self.0.lock().calls.memory()
    }

    async fn run<T>(
        &self,
        operation: Operation,
        connection: &str,
        expected: impl FnOnce(Output) -> Option<T>,
    ) -> Result<Result<T, ConnectorError>, CallFault> {
        let ended = tokio::time::timeout(self.0.deadline, self.0.execute(&operation, connection)).await;
        match ended.unwrap_or(Err(CallFault::Deadline))? {
            Ok(output) => expected(output)
                .map(Ok)
                .ok_or_else(|| CallFault::Trap(anyhow!("the output is that of another operation"))),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl Shared {
    async fn execute(
        &self,
        operation: &Operation,
        connection: &str,
    ) -> Result<Result<Output, ConnectorError>, CallFault> {
        let mut next = self.step(|calls, now| calls.begin(operation, connection, now))?;
        loop {
            next = match next {
                Next::Send(request) => {
                    let open = Open { shared: self, call: request.call };
                    let answer = send(&*self.http, request).await;
                    let call = open.hand_in();
                    self.step(|calls, now| calls.resume(call, &answer, now)?.map_err(late))?
                }
                Next::Wait { call, woken, patience } => {
                    let open = Open { shared: self, call };
                    // Whether it was woken, proceeding says.
                    let _ = tokio::time::timeout(patience, woken).await;
                    let call = open.hand_in();
                    self.step(|calls, now| calls.proceed(call, now)?.map_err(late))?
                }
                Next::Done(output) => return Ok(Ok(output)),
                Next::Failed(error) => return Ok(Err(error)),
            };
        }
    }

    /// Takes a call one step further, and wakes those that can go on after it.
    fn step(&self, take: impl FnOnce(&mut Calls, u64) -> Result<Step, CallFault>) -> Result<Next, CallFault> {
        let mut running = self.lock();
        let now = self.began.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let step = take(&mut running.calls, now);
        let next = step.map(|step| match step {
            Step::Send(request) => Next::Send(request),
            Step::Wait(waiting) => {
                let (wake, woken) = oneshot::channel();
                running.waiting.insert(waiting.call, wake);
                let patience = Duration::from_millis(waiting.deadline.saturating_sub(now));
                Next::Wait { call: waiting.call, woken, patience }
            }
            Step::Done(output) => Next::Done(output),
            Step::Failed(error) => Next::Failed(error),
        });
        running.wake();
        next
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn wake(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let Ok(woken) = self.calls.woken() else {
            // The component has trapped. Whoever goes on is told so.
            return self.waiting.clear();
        };
        for call in woken {
            if let Some(wake) = self.waiting.remove(&call) {
                let _ = wake.send(());
            }
        }
    }
}

/// A step that is open. It is cancelled where it is dropped.
struct Open<'a> {
    shared: &'a Shared,
    call: u64,
}

impl Open<'_> {
    /// The number of the step, which is about to be handed in.
    fn hand_in(self) -> u64 {
        let call = self.call;
        std::mem::forget(self);
        call
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let mut running = self.shared.lock();
        running.waiting.remove(&self.call);
        // A component that has trapped has no call left that could be dropped.
        let _ = running.calls.cancel(self.call);
        running.wake();
    }
}

/// A step that the component does not know any more: it was handed in long after its deadline.
fn late(misuse: Misuse) -> CallFault {
    match misuse {
        Misuse::UnknownCall => CallFault::Deadline,
        Misuse::NothingSent | Misuse::AnswerMissing => CallFault::Trap(anyhow!("the step is another: {misuse:?}")),
    }
}

/// Sends a request, and reads the answer to it, as far as it is of use.
async fn send(http: &dyn Http, request: Request) -> Answer {
    let timeout = Duration::from_millis(request.timeout_ms.into());
    let options = RequestOptions {
        connect_timeout: Some(timeout),
        first_byte_timeout: Some(timeout),
        between_bytes_timeout: Some(timeout),
    };
    let max_body_bytes = request.max_body_bytes.try_into().unwrap_or(usize::MAX);
    let outgoing = match outgoing(request) {
        Ok(outgoing) => outgoing,
        Err(error) => return Answer::NotSent(error.to_string()),
    };
    match http.send(outgoing, Some(options)).await {
        Ok(incoming) => tokio::time::timeout(timeout, read(incoming, max_body_bytes))
            .await
            .unwrap_or_else(|_| unanswered(&Error::ConnectionReadTimeout)),
        Err(error) => unanswered(&error),
    }
}

fn outgoing(request: Request) -> http::Result<hyper::Request<WasiBody>> {
    let uri: Uri = request.url.parse()?;
    let method = match request.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
    };
    let mut builder = hyper::Request::builder().method(method);
    if let Some(authority) = uri.authority() {
        builder = builder.header(HOST, authority.as_str());
    }
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let body = Full::new(Bytes::from(request.body.unwrap_or_default()));
    builder.uri(uri).body(body.map_err(|never| match never {}).boxed_unsync())
}

async fn read(incoming: HttpResponse<WasiBody>, max_body_bytes: usize) -> Answer {
    let status = incoming.status().as_u16();
    let [retry_after, content_disposition] = [RETRY_AFTER, CONTENT_DISPOSITION]
        .map(|name| incoming.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut incoming = incoming.into_body();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) if body.len() + data.len() > max_body_bytes => return Answer::TooLong,
            Ok(Ok(data)) => body.extend_from_slice(&data),
            // Trailers say nothing of use.
            Ok(Err(_)) => {}
            Err(error) => return unanswered(&error),
        }
    }
    Answer::Response(Response { status, retry_after, content_disposition, body })
}

/// What became of a request without an answer, by the errors of [`Client`].
fn unanswered(error: &Error) -> Answer {
    let words = error.to_string();
    match error {
        Error::DnsError { .. }
        | Error::ConnectionRefused
        | Error::ConnectionTimeout
        | Error::DestinationIpUnroutable
        | Error::DestinationUnavailable => Answer::NotSent(words),
        Error::TlsCertificateError | Error::TlsProtocolError => Answer::NotTrusted(words),
        Error::HttpRequestDenied => Answer::NotAllowed(words),
        // The head of an answer may be too long, too, and will be so again.
        Error::HttpResponseHeaderSectionSize(_) => Answer::TooLong,
        _ => Answer::Lost(words),
    }
}
