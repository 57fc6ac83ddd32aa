//! The thin HTTP/1.1 layer on 127.0.0.1.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::Method;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{self, OnUpgrade};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::callback::{Attempt, Delivery, REPEATS, Setting, Source, State as DeliveryState};
use super::control::{self, Disturbance};
use super::delivery;
use super::http::{Request, Response, pairs};
use super::options::Options;
use super::seed;
use super::tls::{HOST, Tls};
use super::world::World;

/// The largest body that is taken: the largest upload, and room for its envelope.
const BODY_LIMIT: usize = 32 * 1024 * 1024;
/// How long a request that is under way when the simulator stops may still take.
const GRACE: Duration = Duration::from_secs(1);

/// A request that arrived, and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The method in capitals.
    pub method: String,
    /// The path, not decoded.
    pub path: String,
    /// What follows the `?`, not decoded; empty where there is none.
    pub query: String,
    /// The query's pairs in order, decoded.
    pub pairs: Vec<(String, String)>,
    /// The headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body; empty where it was too large or broke off.
    pub body: Bytes,
    /// The HTTP status of the answer; 499 where the request was lost on purpose.
    pub status: u16,
    /// The `errcode` of the answer; none where it was a page of the gateway or replaced.
    pub errcode: Option<i64>,
    /// The body of the answer.
    pub reply: Bytes,
}

/// A running simulator. It stops when the handle is dropped.
///
/// The handle can be used from any thread, inside and outside the runtime that runs the server.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<()>,
    server: JoinHandle<()>,
    /// Sends callbacks.
    sender: JoinHandle<()>,
}

impl Simulator {
    /// Starts to listen on 127.0.0.1, and spawns the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Where the port is taken or cannot be had.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            tls: Tls::new().map_err(io::Error::other)?,
            began: Instant::now(),
            arrived: Notify::new(),
            to_send: Notify::new(),
            sent: Notify::new(),
            state: Mutex::new(State {
                world: World::new(options),
                requests: Vec::new(),
                disturbances: VecDeque::new(),
                ended: Vec::new(),
            }),
        });
        let (stop, stopped) = watch::channel(());
        let sender = tokio::spawn(send_callbacks(Arc::clone(&shared), stopped.clone()));
        let server = tokio::spawn(listen(listener, Arc::clone(&shared), stopped));
        Ok(Self { address, shared, stop, server, sender })
    }

    /// For example `http://127.0.0.1:40123`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The certificate of the authority to trust, as PEM, for a client that has WeCom's host name fixed: it reaches the
    /// simulator by [`Simulator::base_url`] as its HTTPS proxy. Each simulator has an authority of its own.
    pub fn authority(&self) -> &str {
        &self.shared.tls.authority
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Everything that arrived since the start or [`Simulator::clear_requests`], in the order it was answered.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.state().requests.clone()
    }

    /// The same, and forgets them.
    pub fn take_requests(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.shared.state().requests)
    }

    /// Waits until something has arrived since the last wait. One task at a time waits.
    pub async fn arrival(&self) {
        self.shared.arrived.notified().await;
    }

    /// Forgets what arrived so far.
    pub fn clear_requests(&self) {
        self.shared.state().requests.clear();
    }

    /// Reads or controls the world; no request is answered meanwhile.
    pub fn with_world<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        let result = act(&mut self.shared.state().world);
        self.shared.to_send.notify_one();
        result
    }

    /// Sets a callback URL of [`seed::CORP_ID`](super::seed::CORP_ID), as in WeCom's console: it is called at once.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL, with its token or its key, or with what it answered.
    pub async fn set_callback(
        &self,
        source: Source,
        url: &str,
        token: &str,
        encoding_aes_key: &str,
    ) -> Result<(), String> {
        let setting = self.with_world(|world| world.proposed(source, url, token, encoding_aes_key))?;
        self.shared.verify(setting).await
    }

    /// Sets that URL for everything that can have one, with the token and the key of the seed.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL, or with what it answered.
    pub async fn set_callbacks(&self, url: &str) -> Result<(), String> {
        for source in [Source::App(seed::AGENT_ID), Source::Contacts, Source::Customers] {
            self.set_callback(source, url, seed::CALLBACK_TOKEN, seed::CALLBACK_KEY).await?;
        }
        Ok(())
    }

    /// The callbacks that have arrived, or were sent often enough, since the last time that this was asked.
    pub fn take_sent_callbacks(&self) -> Vec<serde_json::Value> {
        let mut state = self.shared.state();
        let ended = std::mem::take(&mut state.ended);
        ended.iter().filter_map(|id| state.world.callbacks().get(id - 1).map(Delivery::json)).collect()
    }

    /// Waits until no callback is on its way.
    pub async fn callbacks_sent(&self) {
        loop {
            let mut sent = pin!(self.shared.sent.notified());
            sent.as_mut().enable();
            let is_pending =
                |world: &mut World| world.callbacks().iter().any(|callback| callback.state == DeliveryState::Pending);
            if !self.with_world(is_pending) {
                return;
            }
            sent.await;
        }
    }

    /// The next request of any kind meets this. Several queue up.
    pub fn disturb_next(&self, disturbance: Disturbance) {
        self.shared.state().disturbances.push_back(disturbance);
    }

    /// Stops, and returns when nothing is left: no listener, no connection. Requests under way have a second. What
    /// arrived and was not taken yet is the result.
    pub async fn stop(mut self) -> Vec<Recorded> {
        self.stop.send_replace(());
        // A server that panicked has stopped too.
        let _ = (&mut self.server).await;
        let _ = (&mut self.sender).await;
        self.take_requests()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.send_replace(());
    }
}

#[derive(Debug)]
struct Shared {
    tls: Tls,
    began: Instant,
    /// Something was recorded.
    arrived: Notify,
    /// A callback may be waiting to be sent.
    to_send: Notify,
    /// A callback was sent for the last time.
    sent: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    world: World,
    requests: Vec<Recorded>,
    disturbances: VecDeque<Disturbance>,
    /// The callbacks that are over, as far as nobody has asked for them.
    ended: Vec<usize>,
}

impl Shared {
    /// The state, its clock up to date. A test that panicked inside `with_world` does not take others along.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.world.follow(self.began.elapsed());
        state
    }

    async fn exchange(
        &self,
        mut request: hyper::Request<Incoming>,
        tunnel: &Mutex<Option<OnUpgrade>>,
    ) -> Result<hyper::Response<Full<Bytes>>, NoAnswer> {
        if request.method() == Method::CONNECT {
            let leads_here = request.uri().host() == Some(HOST) && request.uri().port_u16() == Some(443);
            if !leads_here {
                return respond(Response::page(403, "Forbidden"));
            }
            let mut tunnel = tunnel.lock().unwrap_or_else(PoisonError::into_inner);
            *tunnel = Some(upgrade::on(&mut request));
            return Ok(hyper::Response::default());
        }
        let (head, body) = request.into_parts();
        let counted = head.headers.contains_key(CONTENT_LENGTH);
        let body = Limited::new(body, BODY_LIMIT).collect().await;
        let body = body.map(Collected::to_bytes);
        let request = Request {
            method: head.method.as_str().into(),
            path: head.uri.path().into(),
            query: head.uri.query().unwrap_or_default().into(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.as_str().to_owned(), value)
                })
                .collect(),
            body: body.as_ref().cloned().unwrap_or_default(),
        };
        let setting = control::callback_url(&self.state().world, &request);
        if let Some(setting) = setting {
            let outcome = match setting {
                Ok(setting) => self.verify(setting).await,
                Err(wrong) => Err(wrong),
            };
            return respond(control::answered(outcome.map(|()| json!({"errcode": 0, "errmsg": "ok"}))));
        }
        if let Some(response) = self.control(&request) {
            self.to_send.notify_one();
            return respond(response);
        }
        let gateway = match body {
            // Asked for by name, so through a proxy.
            _ if head.uri.host() == Some(HOST) => Some(Response::moved(&head.uri)),
            // The gateways in front of WeCom take no chunked bodies.
            _ if head.method == Method::POST && !counted => Some(Response::page(412, "Precondition Failed")),
            Err(_) => Some(Response::page(413, "Request Entity Too Large")),
            Ok(_) => None,
        };
        let (response, disturbance) = self.answer(request, gateway);
        match disturbance {
            Some(Disturbance::LoseRequest | Disturbance::LoseReply) => return Err(NoAnswer),
            Some(Disturbance::Delay(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        respond(response)
    }

    /// Calls a URL, and takes it where it answers well.
    async fn verify(&self, setting: Setting) -> Result<(), String> {
        delivery::verify(&setting).await?;
        self.state().world.set_callback(setting);
        Ok(())
    }

    /// Sends a callback until it has arrived, or often enough.
    async fn deliver(self: Arc<Self>, id: usize) {
        for repeat in 0..=REPEATS {
            let began = tokio::time::Instant::now();
            let (request, within) = {
                let state = self.state();
                let request = state.world.callbacks().get(id - 1).and_then(Delivery::post);
                (request, state.world.options.callback_timeout)
            };
            let Some(request) = request else { break };
            let answer = delivery::send(&request, within).await;
            let outcome = answer.as_ref().map(|answer| answer.status).map_err(Clone::clone);
            let attempt = Attempt { timestamp: request.timestamp, nonce: request.nonce, outcome };
            if self.state().world.was_sent(id, attempt, answer.as_ref().ok(), repeat == REPEATS) {
                break;
            }
            tokio::time::sleep_until(began + within).await;
        }
        self.state().ended.push(id);
        self.sent.notify_waiters();
        self.arrived.notify_one();
    }

    fn control(&self, request: &Request) -> Option<Response> {
        let mut state = self.state();
        let State { world, disturbances, .. } = &mut *state;
        control::answer(world, disturbances, request)
    }

    /// Answers and records under one lock, so that the record has the order of the answers.
    fn answer(&self, request: Request, gateway: Option<Response>) -> (Response, Option<Disturbance>) {
        let mut state = self.state();
        let disturbance = state.disturbances.pop_front();
        let gateway = match &disturbance {
            Some(Disturbance::Page(status)) => Some(Response::page(*status, "Disturbed")),
            Some(Disturbance::LoseRequest) => Some(Response::page(499, "Request Lost")),
            _ => gateway,
        };
        let mut response = gateway.unwrap_or_else(|| state.world.answer(&request));
        if let Some(Disturbance::Replace(body)) = &disturbance {
            response.body = body.clone();
            response.errcode = None;
        }
        state.requests.push(Recorded {
            pairs: pairs(&request.query),
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body,
            status: response.status,
            errcode: response.errcode,
            reply: response.body.clone(),
        });
        self.arrived.notify_one();
        self.to_send.notify_one();
        (response, disturbance)
    }
}

fn respond(response: Response) -> Result<hyper::Response<Full<Bytes>>, NoAnswer> {
    let mut answer = hyper::Response::builder().status(response.status).header(CONTENT_TYPE, response.content_type);
    for (name, value) in response.headers {
        // As bytes: the name of a file is in UTF-8.
        answer = answer.header(name, value.as_bytes());
    }
    answer.body(Full::new(response.body)).map_err(|_| NoAnswer)
}

/// The connection is to close without an answer.
#[derive(Debug)]
struct NoAnswer;

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the simulator gives no answer")
    }
}

impl std::error::Error for NoAnswer {}

/// Sends callbacks until told to stop. None waits for another one: of two, either may arrive first.
async fn send_callbacks(shared: Arc<Shared>, mut stopped: watch::Receiver<()>) {
    let mut deliveries = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = shared.to_send.notified() => {
                let new: Vec<usize> = {
                    let callbacks = &mut shared.state().world.callbacks;
                    std::iter::from_fn(|| callbacks.next()).collect()
                };
                for id in new {
                    deliveries.spawn(Arc::clone(&shared).deliver(id));
                }
            }
            Some(_) = deliveries.join_next() => {}
        }
    }
}

/// Accepts connections until told to stop, then waits for those under way.
async fn listen(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&shared), stopped.clone()));
                }
                // Out of file descriptors, most likely: others have to close some first.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Serves one connection for as long as the client keeps it, and TLS on it where it is a proxy's.
async fn converse(stream: TcpStream, shared: Arc<Shared>, mut stopped: watch::Receiver<()>) {
    // Without it a reply in two segments may wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let Some(tunnel) = serve(TokioIo::new(stream), &shared, &mut stopped).await else { return };
    let secured = async { shared.tls.acceptor.accept(TokioIo::new(tunnel.await.ok()?)).await.ok() };
    let secured = tokio::select! {
        secured = secured => secured,
        _ = stopped.changed() => None,
    };
    if let Some(stream) = secured {
        serve(TokioIo::new(stream), &shared, &mut stopped).await;
    }
}

/// Serves one stream; returns what becomes of it when the client wants a tunnel.
async fn serve<S>(stream: S, shared: &Shared, stopped: &mut watch::Receiver<()>) -> Option<OnUpgrade>
where
    S: Read + Write + Send + Unpin + 'static,
{
    let tunnel = Mutex::new(None);
    let service = service_fn(|request| shared.exchange(request, &tunnel));
    {
        let mut connection = pin!(http1::Builder::new().serve_connection(stream, service).with_upgrades());
        tokio::select! {
            // How a client ends its connection is its own affair.
            _ = connection.as_mut() => {}
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(GRACE, connection).await;
                return None;
            }
        }
    }
    tunnel.into_inner().unwrap_or_else(PoisonError::into_inner)
}
