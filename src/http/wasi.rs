//! HTTP through the host's `wasi:http/outgoing-handler`: the one function that sends.
//!
//! waki's bindings are used directly, because its client knows one of the three timeouts only, takes the failure of a
//! body's write for the cause of a refused connection, and reads answers of any size.

use std::borrow::Cow;
use std::time::Duration;

use waki::ErrorCode;
use waki::bindings::wasi::clocks::monotonic_clock;
use waki::bindings::wasi::http::outgoing_handler;
use waki::bindings::wasi::http::types::{
    Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use waki::bindings::wasi::io::poll::{self, Pollable};
use waki::bindings::wasi::io::streams::{OutputStream, StreamError};

use crate::file;
use crate::http::transport::{Body, Bound, HttpReply, HttpRequest, Progress, SendError};
use crate::http::{self, url};
use crate::text::phrase;

/// How much of an answer is read at once.
const CHUNK_BYTES: u64 = 64 * 1024;

/// See [`Host::send`](crate::http::transport::Host::send).
pub(crate) fn send(request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
    let outgoing = outgoing_request(&request)?;
    let body = request.body.map(|body| upload(&outgoing, body)).transpose()?;
    let options = options(request.timeout);
    // Hosts are free to ignore the options, so the connector watches the clock itself: connecting, then the first byte.
    let deadline = Deadline::after(request.timeout * 2);
    let response = outgoing_handler::handle(outgoing, Some(options)).map_err(|error| lost(&error))?;
    if let Some(body) = body {
        // Where the connection failed, so does the write; why, only the response tells.
        let _ = body.finish(&deadline);
    }
    let incoming = receive(&response, &deadline)?;
    read(incoming, request.timeout, request.bound)
}

fn outgoing_request(request: &HttpRequest<'_>) -> Result<OutgoingRequest, SendError> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.as_bytes().to_vec());
    let mut headers: Vec<(String, Vec<u8>)> = request.headers().map(owned).collect();
    // WeCom's gateways answer 412 to chunked bodies.
    headers.push(owned(("content-length", &request.body.map_or(0, Body::size).to_string())));
    let headers = Fields::from_list(&headers)
        .map_err(|_| SendError::new(Progress::NotSent, phrase!("the engine's HTTP client refused the request")))?;
    let outgoing = OutgoingRequest::new(headers);
    let method = match request.method {
        http::Method::Get => Method::Get,
        http::Method::Post => Method::Post,
    };
    let scheme = match request.target.scheme {
        url::Scheme::Http => Scheme::Http,
        url::Scheme::Https => Scheme::Https,
    };
    let set = outgoing
        .set_method(&method)
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(&request.target.authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(&request.target.path_and_query)));
    set.map_err(|()| SendError::new(Progress::NotSent, phrase!("the engine's HTTP client refused the request")))?;
    Ok(outgoing)
}

fn options(timeout: Duration) -> RequestOptions {
    let timeout = Some(nanoseconds(timeout));
    let options = RequestOptions::new();
    // A host that does not know a timeout says so; our own deadlines hold all the same.
    let _ = options.set_connect_timeout(timeout);
    let _ = options.set_first_byte_timeout(timeout);
    let _ = options.set_between_bytes_timeout(timeout);
    options
}

/// The body of a request on its way. A stream is dropped before the body it belongs to, or the host traps: fields are
/// dropped in this order.
struct Upload<'a, I> {
    stream: OutputStream,
    body: OutgoingBody,
    /// The piece that is being written.
    piece: Cow<'a, [u8]>,
    /// How much of it is.
    written: usize,
    /// What comes behind it.
    pieces: I,
}

/// Hands over what the host takes before the request is sent. Most bodies leave whole with its head then, in one packet,
/// and nothing has to be waited for.
fn upload<'a>(
    outgoing: &OutgoingRequest,
    body: Body<'a>,
) -> Result<Upload<'a, impl Iterator<Item = Cow<'a, [u8]>> + use<'a>>, SendError> {
    let none = |()| SendError::new(Progress::NotSent, phrase!("the engine's HTTP client failed"));
    let outgoing = outgoing.body().map_err(none)?;
    let stream = outgoing.write().map_err(none)?;
    let mut upload = Upload { stream, body: outgoing, piece: Cow::Borrowed(&[]), written: 0, pieces: body.pieces() };
    upload.write().map_err(|_| none(()))?;
    Ok(upload)
}

impl<'a, I: Iterator<Item = Cow<'a, [u8]>>> Upload<'a, I> {
    /// Writes as much as the host takes now. Whether that was all.
    fn write(&mut self) -> Result<bool, StreamError> {
        loop {
            while self.written == self.piece.len() {
                let Some(piece) = self.pieces.next() else { return Ok(true) };
                (self.piece, self.written) = (piece, 0);
            }
            let rest = &self.piece[self.written..];
            let permitted = usize::try_from(self.stream.check_write()?).unwrap_or(usize::MAX).min(rest.len());
            if permitted == 0 {
                return Ok(false);
            }
            self.stream.write(&rest[..permitted])?;
            self.written += permitted;
        }
    }

    /// Writes the rest.
    fn finish(mut self, deadline: &Deadline) -> Result<(), StreamError> {
        while !self.write()? {
            if !deadline.wait_for(&self.stream.subscribe()) {
                return Err(StreamError::Closed);
            }
        }
        self.stream.flush()?;
        drop(self.stream);
        OutgoingBody::finish(self.body, None).map_err(|_| StreamError::Closed)
    }
}

fn receive(response: &FutureIncomingResponse, deadline: &Deadline) -> Result<IncomingResponse, SendError> {
    let ready = response.subscribe();
    if !deadline.wait_for(&ready) {
        return Err(SendError::new(Progress::NoAnswer, phrase!("no answer came within the timeout of the connection")));
    }
    match response.get() {
        Some(Ok(Ok(incoming))) => Ok(incoming),
        Some(Ok(Err(error))) => Err(lost(&error)),
        Some(Err(())) | None => Err(SendError::new(Progress::NoAnswer, phrase!("the engine's HTTP client failed"))),
    }
}

fn read(incoming: IncomingResponse, timeout: Duration, bound: Bound) -> Result<HttpReply, SendError> {
    let status = incoming.status();
    // Each header is a call of the host, and a success that is no file needs none.
    let headers = (status != 200 || bound == Bound::FILE).then(|| incoming.headers());
    let header = |name: &str| headers.as_ref()?.get(&name.to_owned()).into_iter().next();
    let (retry_after, content_disposition) = (header("retry-after"), header("content-disposition"));
    let length = header("content-length").and_then(|length| std::str::from_utf8(&length).ok()?.trim().parse().ok());
    drop(headers);
    let body = incoming
        .consume()
        .map_err(|()| SendError::new(Progress::NoAnswer, phrase!("the engine's HTTP client failed")))?;
    let stream =
        body.stream().map_err(|()| SendError::new(Progress::NoAnswer, phrase!("the engine's HTTP client failed")))?;
    let mut bytes = Vec::new();
    // A file that grew as it comes, or when it becomes Base64, would need twice its memory.
    let length = length.unwrap_or(0_usize).min(bound.bytes);
    let room = if bound == Bound::FILE { file::encoded_size(length) } else { length };
    // A short answer is there with its head: most are read without waiting, and waiting takes two pollables.
    let mut waiting = None;
    loop {
        match stream.read(CHUNK_BYTES) {
            Ok(chunk) if chunk.is_empty() => {
                let (ready, deadline) = waiting.get_or_insert_with(|| (stream.subscribe(), Deadline::after(timeout)));
                if !deadline.wait_for(ready) {
                    return Err(SendError::new(
                        Progress::NoAnswer,
                        phrase!("the answer did not end within the timeout of the connection"),
                    ));
                }
            }
            Ok(chunk) if bytes.is_empty() => {
                bytes = chunk;
                bytes.reserve_exact(room.saturating_sub(bytes.len()));
            }
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                let cause = waki::bindings::wasi::http::types::http_error_code(&error);
                return Err(cause.map_or_else(
                    || SendError::new(Progress::NoAnswer, phrase!("the answer was cut off")),
                    |cause| arrived(&cause),
                ));
            }
        }
        if bytes.len() > bound.bytes {
            return Err(SendError::new(Progress::TooLong, phrase!("the answer is too long")));
        }
    }
    Ok(HttpReply::new(status, retry_after.as_deref(), content_disposition.as_deref(), bytes))
}

/// A point in time that waiting does not pass.
struct Deadline {
    passed: Pollable,
}

impl Deadline {
    fn after(duration: Duration) -> Self {
        Self { passed: monotonic_clock::subscribe_duration(nanoseconds(duration)) }
    }

    /// Waits until `event` is ready; `false` where the deadline has passed, even if the event is ready too: a body
    /// that trickles is always ready.
    fn wait_for(&self, event: &Pollable) -> bool {
        !poll::poll(&[event, &self.passed]).contains(&1)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}

/// A request that ended with `error` after an answer had begun: nothing says any more that it did not arrive.
fn arrived(error: &ErrorCode) -> SendError {
    let lost = lost(error);
    let says_what_came = matches!(lost.progress, Progress::NotWeCom | Progress::TooLong);
    SendError { progress: if says_what_came { lost.progress } else { Progress::NoAnswer }, ..lost }
}

/// A request that ended with `error`.
fn lost(error: &ErrorCode) -> SendError {
    let (loss, cause) = match error {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => {
            (Progress::NotSent, phrase!("the host name was not resolved"))
        }
        ErrorCode::DestinationNotFound | ErrorCode::DestinationUnavailable => {
            (Progress::NotSent, phrase!("the host was not found"))
        }
        ErrorCode::DestinationIpProhibited | ErrorCode::HttpRequestDenied => {
            (Progress::Denied, phrase!("the engine does not allow calls to this host"))
        }
        ErrorCode::DestinationIpUnroutable => (Progress::NotSent, phrase!("there is no route to the host")),
        ErrorCode::ConnectionRefused => (Progress::NotSent, phrase!("the connection was refused")),
        ErrorCode::ConnectionTimeout => (Progress::NotSent, phrase!("no connection was made within the timeout")),
        ErrorCode::ConnectionLimitReached => (Progress::NotSent, phrase!("the engine has too many connections open")),
        // Most hosts say this of a certificate that they do not trust, too.
        ErrorCode::TlsProtocolError => {
            (Progress::Untrusted, phrase!("TLS could not be agreed on, or the certificate of the host is not trusted"))
        }
        ErrorCode::TlsCertificateError => (Progress::Untrusted, phrase!("the certificate of the host is not trusted")),
        ErrorCode::HttpRequestLengthRequired
        | ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::HttpRequestTrailerSectionSize(_)
        | ErrorCode::HttpRequestTrailerSize(_) => {
            (Progress::Denied, phrase!("the engine's HTTP client refused the request"))
        }
        ErrorCode::TlsAlertReceived(_) => (Progress::NoAnswer, phrase!("the host broke off TLS")),
        ErrorCode::ConnectionTerminated => {
            (Progress::NoAnswer, phrase!("the connection was closed before an answer came"))
        }
        ErrorCode::ConnectionReadTimeout | ErrorCode::ConnectionWriteTimeout | ErrorCode::HttpResponseTimeout => {
            (Progress::NoAnswer, phrase!("no answer came within the timeout of the connection"))
        }
        ErrorCode::HttpResponseIncomplete => (Progress::NoAnswer, phrase!("the answer was cut off")),
        ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_)
        | ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseTrailerSectionSize(_)
        | ErrorCode::HttpResponseTrailerSize(_) => (Progress::TooLong, phrase!("the answer is too long")),
        ErrorCode::HttpResponseTransferCoding(_)
        | ErrorCode::HttpResponseContentCoding(_)
        | ErrorCode::HttpProtocolError
        | ErrorCode::HttpUpgradeFailed => (Progress::NotWeCom, phrase!("the answer is not good HTTP")),
        ErrorCode::LoopDetected => (Progress::NotWeCom, phrase!("the engine's HTTP client failed")),
        ErrorCode::ConfigurationError | ErrorCode::InternalError(_) => {
            (Progress::NoAnswer, phrase!("the engine's HTTP client failed"))
        }
    };
    SendError::new(loss, cause)
}
