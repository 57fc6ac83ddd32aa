//! Connections: directly or through a proxy, and TLS.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::{Request, StatusCode, Uri};
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::client::legacy::connect::{self, Connected, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::Outside;
use super::proxy::{Proxy, Way};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Bytes in both directions, whatever carries them.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

type Stream = Box<dyn Duplex>;

/// Connects in time, proxy and TLS included: hyper's own timeout ends with the TCP connection, and a server that never
/// answers the handshake would look like one that never answers the request.
#[derive(Clone)]
pub(super) struct Connector {
    outside: Arc<Outside>,
    tcp: HttpConnector<Resolver>,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(outside: Arc<Outside>, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout));
        Self { outside, tcp, timeout }
    }

    async fn reach(mut self, uri: Uri) -> Result<Connection, BoxError> {
        let is_https = uri.scheme_str() == Some("https");
        let (stream, is_proxied) = match self.outside.proxies.way(&uri)? {
            Way::Directly => (self.dial(&uri).await?, false),
            Way::Proxy(proxy) if proxy.is_socks() => (self.socks(&proxy, &uri).await?, false),
            Way::Proxy(proxy) => {
                let mut stream = self.dial(proxy.uri()).await?;
                if proxy.uri().scheme_str() == Some("https") {
                    stream = self.secure(stream, proxy.uri()).await?;
                }
                if is_https { (tunnel(stream, &uri, proxy.authorization()).await?, false) } else { (stream, true) }
            }
        };
        let stream = if is_https { self.secure(stream, &uri).await? } else { stream };
        Ok(Connection { io: TokioIo::new(stream), is_proxied })
    }

    async fn dial(&mut self, to: &Uri) -> Result<Stream, BoxError> {
        Ok(Box::new(self.tcp.call(to.clone()).await?.into_inner()))
    }

    async fn secure(&self, stream: Stream, host: &Uri) -> Result<Stream, BoxError> {
        let name = host.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_owned())?;
        let tls = TlsConnector::from(self.outside.tls()?);
        Ok(Box::new(tls.connect(name, stream).await?))
    }

    /// The proxy resolves the name, for socks5 as for socks5h: a machine that needs a proxy often cannot.
    async fn socks(&self, proxy: &Proxy, to: &Uri) -> Result<Stream, BoxError> {
        let mut socks = SocksV5::new(proxy.uri().clone(), self.tcp.clone());
        if let Some((user, password)) = proxy.user() {
            socks = socks.with_auth(user.to_owned(), password.to_owned());
        }
        let with_port = Uri::builder().scheme("http").authority(authority(to)).path_and_query("/").build()?;
        Ok(Box::new(socks.call(with_port).await?.into_inner()))
    }
}

/// Host and port: proxies are always told the port.
fn authority(uri: &Uri) -> String {
    let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    format!("{}:{}", uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(default))
}

/// Has the proxy connect to the host. hyper-util's own tunnel does not say what a proxy answered that refuses.
async fn tunnel(stream: Stream, to: &Uri, authorization: Option<&HeaderValue>) -> Result<Stream, BoxError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    let authority = authority(to);
    let mut request = Request::connect(&authority).header(HOST, &authority).body(Empty::<Bytes>::new())?;
    if let Some(authorization) = authorization {
        request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
    }
    let response = sender.send_request(request).await?;
    if !response.status().is_success() {
        return Err(TunnelRefused(response.status()).into());
    }
    Ok(Box::new(TokioIo::new(hyper::upgrade::on(response).await?)))
}

/// The proxy does not connect to the host.
#[derive(Debug)]
pub(super) struct TunnelRefused(pub(super) StatusCode);

impl fmt::Display for TunnelRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy answered {}", self.0)
    }
}

impl std::error::Error for TunnelRefused {}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connection = tokio::time::timeout(self.timeout, self.clone().reach(uri));
        Box::pin(
            async move { connection.await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into())) },
        )
    }
}

/// A connection, as hyper-util pools it.
pub(super) struct Connection {
    io: TokioIo<Stream>,
    /// At the other end is a proxy, which has to be told the whole URL.
    is_proxied: bool,
}

impl connect::Connection for Connection {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_proxied)
    }
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}

/// Resolves names, and marks failures as such.
#[derive(Clone)]
pub(super) struct Resolver(GaiResolver);

/// A name that did not resolve.
#[derive(Debug)]
pub(super) struct Unresolved;

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
