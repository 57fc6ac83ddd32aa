//! One request over plain HTTP: what the simulator calls back with, and what asks a simulator.

use std::fmt;
use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The address cannot be called: it has to begin with `http://`.
    Address,
    /// There is no connection.
    Connect(io::Error),
    /// The connection broke off, or what came is no HTTP.
    Broken,
    /// The answer is longer than any that is of use.
    TooLong,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => formatter.write_str("the URL has to begin with http://, and name a host"),
            Self::Connect(error) => write!(formatter, "no connection: {}", error.kind()),
            Self::Broken => formatter.write_str("the connection broke off without an answer"),
            Self::TooLong => formatter.write_str("the answer is too long"),
        }
    }
}

impl std::error::Error for Failure {}

/// Whether a URL can be called here: servers on this machine have no certificate.
pub fn is_callable(url: &Uri) -> bool {
    url.scheme_str() == Some("http") && url.host().is_some_and(|host| !host.is_empty())
}

/// Sends a request by a connection of its own, and waits for the whole answer as long as it takes.
pub async fn exchange(
    method: Method,
    url: &Uri,
    content_type: Option<&str>,
    body: impl Into<Bytes>,
) -> Result<Answer, Failure> {
    let (true, Some(authority)) = (is_callable(url), url.authority()) else { return Err(Failure::Address) };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await.map_err(Failure::Connect)?;
    // Without it a request in two segments may wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let broken = |_| Failure::Broken;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder().method(method).uri(path).header(HOST, authority.as_str());
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    let request = request.body(Full::new(body.into())).map_err(|_| Failure::Address)?;
    let answer = async move {
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => Failure::TooLong,
            None => Failure::Broken,
        })?;
        Ok(Answer { status, body: body.to_bytes() })
    };
    // The connection moves as long as the answer is waited for, and ends with it.
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        _ = &mut connection => answer.await,
    }
}
