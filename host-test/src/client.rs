//! The host's HTTP: pooled connections, an allow-list, and errors that say whether the request can have left.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiResolver, Name};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, Sleep};
use tower_service::Service;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

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

type Connector = HttpsConnector<HttpConnector<Resolver>>;
type Pool = legacy::Client<InTime, WasiBody>;

/// An HTTP client that many instances share.
#[derive(Clone)]
pub struct Client {
    allow: Allow,
    /// hyper's connector has one connect timeout; instances may ask for different ones.
    pools: Arc<Mutex<HashMap<Duration, Pool>>>,
}

impl Client {
    /// A client that calls the allowed hosts only.
    pub fn new(allow: Allow) -> Self {
        Self { allow, pools: Arc::default() }
    }

    /// The answer's body keeps to the timeouts too.
    async fn exchange(
        self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        if !self.allow.permits(request.uri()) {
            return Err(Error::HttpRequestDenied);
        }
        let options = options.unwrap_or_default();
        let pool = self.pool(options.connect_timeout.unwrap_or(DEFAULT_TIMEOUT));
        let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
        // Connecting has its own timeout, and only what is left of waiting counts for the first byte.
        let patience = options.connect_timeout.unwrap_or(DEFAULT_TIMEOUT) + first_byte;
        let answer = tokio::time::timeout(patience, pool.request(request)).await;
        let answer = answer.map_err(|_| Error::ConnectionReadTimeout)?.map_err(|error| request_error(&error))?;
        let between_bytes = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
        Ok(answer.map(|body| Timed::new(body, between_bytes).boxed_unsync()))
    }

    fn pool(&self, connect_timeout: Duration) -> Pool {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.entry(connect_timeout).or_insert_with(|| new_pool(connect_timeout)).clone()
    }
}

impl Http for Client {
    fn send(&self, request: Request<WasiBody>, options: Option<RequestOptions>) -> Sending {
        Box::pin(self.clone().exchange(request, options))
    }
}

fn new_pool(connect_timeout: Duration) -> Pool {
    let mut http = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(connect_timeout));
    let connector =
        HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(http);
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        // The component says `Host` itself through the engine.
        .set_host(false)
        .build(InTime { connector, connect_timeout })
}

/// Connects in time, TLS included: hyper's own timeout ends with the TCP connection, and a server that never answers
/// the handshake would look like one that never answers the request.
#[derive(Clone)]
struct InTime {
    connector: Connector,
    connect_timeout: Duration,
}

impl Service<Uri> for InTime {
    type Response = <Connector as Service<Uri>>::Response;
    type Error = <Connector as Service<Uri>>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connection = tokio::time::timeout(self.connect_timeout, self.connector.call(uri));
        Box::pin(
            async move { connection.await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into())) },
        )
    }
}

/// Resolves names, and marks failures as such.
#[derive(Clone)]
struct Resolver(GaiResolver);

/// A name that did not resolve.
#[derive(Debug)]
struct Unresolved;

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host name was not resolved")
    }
}

impl std::error::Error for Unresolved {}

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = Unresolved;
    type Future = Pin<Box<dyn Future<Output = Result<GaiAddrs, Unresolved>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        self.0.poll_ready(context).map_err(|_| Unresolved)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let addresses = self.0.call(name);
        Box::pin(async move { addresses.await.map_err(|_| Unresolved) })
    }
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
