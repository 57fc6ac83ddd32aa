//! The host's HTTP: pooled connections, an allow-list, the way out that the environment names, and errors that say
//! whether the request can have left.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::PROXY_AUTHORIZATION;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use connect::{Connector, TunnelRefused, Unresolved};
use proxy::Proxies;
pub use proxy::{Proxy, Way};

mod connect;
mod proxy;
mod trust;

/// How long an idle connection is kept: shorter than servers keep theirs, so that a request rarely meets a closed one.
const IDLE: Duration = Duration::from_secs(10);
/// The timeout of every step where the guest sets none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The hosts that a component may call.
#[derive(Clone, Debug)]
pub enum Allow {
    /// Every host.
    Any,
    /// These only: host, and port where the URL has one.
    Authorities(Vec<String>),
}

impl Allow {
    fn permits(&self, uri: &Uri) -> bool {
        match self {
            Self::Any => true,
            Self::Authorities(allowed) => {
                uri.authority().is_some_and(|authority| allowed.iter().any(|name| name == authority.as_str()))
            }
        }
    }
}

/// What carries out the requests of components: [`Client`], or something that answers them without a network.
pub trait Http: Send + Sync + 'static {
    /// Sends one request. Time and hosts are limited here: the engine sets no limits to requests.
    fn send(&self, request: Request<WasiBody>, options: Option<RequestOptions>) -> Sending;
}

/// A request under way.
pub type Sending = Pin<Box<dyn Future<Output = Result<Response<WasiBody>, Error>> + Send>>;

type Pool = legacy::Client<Connector, WasiBody>;

/// An HTTP client that many instances share.
#[derive(Clone)]
pub struct Client {
    allow: Allow,
    outside: Arc<Outside>,
    /// hyper's connector has one connect timeout; instances may ask for different ones.
    pools: Arc<Mutex<HashMap<Duration, Pool>>>,
}

/// What lies between this machine and others.
struct Outside {
    proxies: Proxies,
    /// Reading the roots takes a while, and plain HTTP needs none.
    tls: OnceLock<Result<Arc<ClientConfig>, Misconfigured>>,
    /// The last request that was to leave.
    attempt: Mutex<Option<Attempt>>,
}

/// How a request left, and why it got nowhere where that was found out here. The component is told less: what
/// `wasi:http` has a code for.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The way it took.
    pub way: Way,
    /// Why there was no connection.
    pub obstacle: Option<Obstacle>,
}

/// What stood in the way of a connection.
#[derive(Clone, Debug)]
pub enum Obstacle {
    /// The proxy answered this instead of connecting.
    Proxy(StatusCode),
    /// What TLS says, in English.
    Tls(String),
}

/// A variable of the environment that is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misconfigured {
    /// The variable holds no address of a proxy that can be used. Its value may hold a password.
    NoProxyAddress(&'static str),
    /// The variable names no file with a certificate in it.
    NoCertificate(&'static str),
    /// There is no TLS at all.
    NoTls,
}

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProxyAddress(variable) => write!(f, "{variable} holds no address of a proxy"),
            Self::NoCertificate(variable) => write!(f, "{variable} names no file with a certificate in it"),
            Self::NoTls => f.write_str("TLS cannot be set up"),
        }
    }
}

impl std::error::Error for Misconfigured {}

impl Outside {
    fn tls(&self) -> Result<Arc<ClientConfig>, Misconfigured> {
        self.tls.get_or_init(|| trust::config(&variable)).clone()
    }

    fn note(&self, attempt: Attempt) {
        *self.attempt.lock().unwrap_or_else(PoisonError::into_inner) = Some(attempt);
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Client {
    /// A client that calls the allowed hosts only, by the way that the environment names.
    pub fn new(allow: Allow) -> Self {
        let outside = Outside { proxies: Proxies::of(&variable), tls: OnceLock::new(), attempt: Mutex::default() };
        Self { allow, outside: Arc::new(outside), pools: Arc::default() }
    }

    /// Whether the environment lets a request to `uri` leave. What is said here no request would say so well.
    pub fn check(&self, uri: &Uri) -> Result<(), Misconfigured> {
        let way = self.outside.proxies.way(uri)?;
        let to_proxy = matches!(&way, Way::Proxy(proxy) if proxy.uri().scheme_str() == Some("https"));
        if to_proxy || uri.scheme_str() == Some("https") {
            self.outside.tls()?;
        }
        Ok(())
    }

    /// The last request that was to leave, of whatever instance.
    pub fn last_attempt(&self) -> Option<Attempt> {
        self.outside.attempt.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The answer's body keeps to the timeouts too.
    async fn exchange(
        self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        if !self.allow.permits(request.uri()) {
            return Err(Error::HttpRequestDenied);
        }
        let way = self.outside.proxies.way(request.uri()).map_err(|_| Error::HttpRequestDenied)?;
        if let Way::Proxy(proxy) = &way
            && request.uri().scheme_str() == Some("http")
            && let Some(authorization) = proxy.authorization()
        {
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        self.outside.note(Attempt { way: way.clone(), obstacle: None });
        let options = options.unwrap_or_default();
        let pool = self.pool(options.connect_timeout.unwrap_or(DEFAULT_TIMEOUT));
        let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
        // Connecting has its own timeout, and only what is left of waiting counts for the first byte.
        let patience = options.connect_timeout.unwrap_or(DEFAULT_TIMEOUT) + first_byte;
        let answer = tokio::time::timeout(patience, pool.request(request)).await;
        let answer = match answer.map_err(|_| Error::ConnectionReadTimeout)? {
            Ok(answer) => answer,
            Err(error) => {
                let obstacle = obstacle(&error);
                let refusal = obstacle.as_ref().and_then(refusal);
                self.outside.note(Attempt { way, obstacle });
                return refusal.map_or_else(|| Err(request_error(&error)), Ok);
            }
        };
        let between_bytes = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
        Ok(answer.map(|body| Timed::new(body, between_bytes).boxed_unsync()))
    }

    fn pool(&self, connect_timeout: Duration) -> Pool {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.entry(connect_timeout).or_insert_with(|| new_pool(&self.outside, connect_timeout)).clone()
    }
}

impl Http for Client {
    fn send(&self, request: Request<WasiBody>, options: Option<RequestOptions>) -> Sending {
        Box::pin(self.clone().exchange(request, options))
    }
}

fn new_pool(outside: &Arc<Outside>, connect_timeout: Duration) -> Pool {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        // The component says `Host` itself through the engine.
        .set_host(false)
        .build(Connector::new(Arc::clone(outside), connect_timeout))
}

/// An answer's body that fails when it pauses for too long.
struct Timed {
    body: Incoming,
    pause: Duration,
    patience: Pin<Box<Sleep>>,
}

impl Timed {
    fn new(body: Incoming, pause: Duration) -> Self {
        Self { body, pause, patience: Box::pin(tokio::time::sleep(pause)) }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            let deadline = Instant::now() + self.pause;
            self.patience.as_mut().reset(deadline);
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| answer_error(&error))));
        }
        self.patience.as_mut().poll(context).map(|()| Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What went wrong before an answer began. Where no connection was made, the error says so: then nothing was sent.
fn request_error(error: &legacy::Error) -> Error {
    if error.is_connect() {
        if find::<Unresolved>(error).is_some() {
            return Error::DnsError { rcode: None, info_code: None };
        }
        if find::<Misconfigured>(error).is_some() {
            return Error::HttpRequestDenied;
        }
        if let Some(tls) = find::<rustls::Error>(error) {
            return match tls {
                rustls::Error::InvalidCertificate(_) => Error::TlsCertificateError,
                _ => Error::TlsProtocolError,
            };
        }
        return match find::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Error::ConnectionRefused,
            Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
            Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => Error::DestinationIpUnroutable,
            _ => Error::DestinationUnavailable,
        };
    }
    find::<hyper::Error>(error).map_or(Error::ConnectionTerminated, answer_error)
}

/// What the component is told of a proxy that does not let the request out: the status that it would be told, too, had
/// the request been one without TLS. The body stays here, since nobody has proved whose it is. Where it is the proxy
/// that fails, `wasi:http` has a code that says more: nothing has been sent.
fn refusal(obstacle: &Obstacle) -> Option<Response<WasiBody>> {
    let Obstacle::Proxy(status) = obstacle else { return None };
    if !status.is_client_error() || *status == StatusCode::REQUEST_TIMEOUT {
        return None;
    }
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    Response::builder().status(status).body(body).ok()
}

/// What of that a person should know beside the code.
fn obstacle(error: &legacy::Error) -> Option<Obstacle> {
    if let Some(TunnelRefused(status)) = find(error) {
        return Some(Obstacle::Proxy(*status));
    }
    find::<rustls::Error>(error).map(|error| Obstacle::Tls(error.to_string()))
}

/// What went wrong with an answer.
fn answer_error(error: &hyper::Error) -> Error {
    if error.is_parse_too_large() {
        Error::HttpResponseHeaderSectionSize(None)
    } else if error.is_parse() {
        Error::HttpProtocolError
    } else if error.is_timeout() {
        Error::HttpResponseTimeout
    } else if error.is_body_write_aborted() || find::<Error>(error).is_some() {
        Error::InternalError(Some("the component broke off its request".to_owned()))
    } else {
        Error::ConnectionTerminated
    }
}

/// The first cause of that type. An `io::Error` may hold its cause inside.
fn find<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inside.map(|error| error as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    None
}
