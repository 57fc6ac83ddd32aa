//! The seam between the connector and its host: one request, one answer.
//!
//! The path of an action is one `async fn` over this seam. A host that waits inside [`Host::send`] drives it with
//! [`run_blocking`]; one that does not polls it, and hands each request out.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::file::MEGABYTE;
use crate::http::Method;
use crate::http::multipart::Multipart;
use crate::http::url::Target;
use crate::text::Message;

/// The longest header of an answer that is read, in bytes.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// How much of an answer is read. A host grants a component some memory, and in it a value takes many times its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The longest body, in bytes.
    pub bytes: usize,
    /// The most values in it, objects and lists included.
    pub values: usize,
}

impl Bound {
    /// For what lists things. WeCom's longest lists are 30,000 departments (1.9 MB, 120,000 values) and a page of 10,000
    /// members with the longest IDs (1.1 MB, 30,000 values).
    pub const LIST: Self = Self { bytes: 4 * 1024 * 1024, values: 160_000 };
    /// For everything else: the longest is who was not reached by a message, some hundred kilobytes.
    pub const SHORT: Self = Self { bytes: 1024 * 1024, values: 131_072 };
    /// For a file: WeCom gives no greater one whole. What is no file is an error, and short.
    pub const FILE: Self = Self { bytes: 20 * MEGABYTE, values: 1024 };

    /// How many bytes of a file there may be; 0 where none is expected.
    pub fn of_file(self) -> usize {
        if self == Self::FILE { self.bytes } else { 0 }
    }
}

/// A request, ready to be sent. Holds credentials, so it has no `Debug`.
#[derive(Clone, Copy)]
pub struct HttpRequest<'a> {
    /// GET or POST.
    pub method: Method,
    /// Where to, credentials included.
    pub target: &'a Target,
    /// The body of a POST.
    pub body: Option<Body<'a>>,
    /// For connecting, for the first byte, and for the rest of the answer.
    pub timeout: Duration,
    /// How much of the answer is read.
    pub bound: Bound,
}

impl<'a> HttpRequest<'a> {
    /// The headers that have to go with it, in lower case. The length is the HTTP client's to say.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let accepted = if self.bound == Bound::FILE { "*/*" } else { "application/json" };
        [("accept", accepted), ("user-agent", concat!("wecom-connector/", env!("CARGO_PKG_VERSION")))]
            .into_iter()
            .chain(self.body.map(|body| ("content-type", body.content_type())))
    }
}

/// The body of a POST. It may hold anything, so it has no `Debug`.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// JSON.
    Json(&'a [u8]),
    /// A file.
    File(&'a Multipart),
}

impl<'a> Body<'a> {
    fn content_type(self) -> &'a str {
        match self {
            Self::Json(_) => "application/json; charset=utf-8",
            Self::File(form) => form.content_type(),
        }
    }

    /// How many bytes it has.
    pub fn size(self) -> usize {
        match self {
            Self::Json(json) => json.len(),
            Self::File(form) => form.size(),
        }
    }

    /// How many bytes of a file it has; 0 where it is none.
    pub fn of_file(self) -> usize {
        match self {
            Self::Json(_) => 0,
            Self::File(form) => form.size(),
        }
    }

    /// Its bytes, piece by piece: a whole file in memory is one too many.
    pub fn pieces(self) -> impl Iterator<Item = Cow<'a, [u8]>> {
        let (json, form) = match self {
            Self::Json(json) => (Some(json.into()), None),
            Self::File(form) => (None, Some(form)),
        };
        json.into_iter().chain(form.into_iter().flat_map(Multipart::pieces))
    }

    /// All of its bytes.
    pub fn to_vec(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        self.pieces().for_each(|piece| bytes.extend_from_slice(&piece));
        bytes
    }
}

/// An answer, whatever its status. That of gettoken holds a token, so [`Debug`](fmt::Debug) shows no body.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, where it is a number of seconds.
    pub retry_after_seconds: Option<u32>,
    /// `Content-Disposition`: only a file has it.
    pub content_disposition: Option<String>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpReply")
            .field("status", &self.status)
            .field("retry_after_seconds", &self.retry_after_seconds)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl HttpReply {
    /// An answer with what its headers `Retry-After`, where that is a number of seconds, and `Content-Disposition` say. One
    /// that no server sends, for its length, says nothing.
    pub fn new(status: u16, retry_after: Option<&[u8]>, content_disposition: Option<&[u8]>, body: Vec<u8>) -> Self {
        let seconds = |header: &[u8]| std::str::from_utf8(header).ok()?.trim().parse().ok();
        // Who succeeds is not asked to wait.
        let retry_after_seconds = retry_after.filter(|_| status != 200).and_then(seconds);
        // WeCom writes the name of a file as it is, in UTF-8.
        let content_disposition = content_disposition
            .filter(|header| header.len() <= MAX_HEADER_BYTES)
            .map(|header| String::from_utf8_lossy(header).into_owned());
        Self { status, retry_after_seconds, content_disposition, body }
    }
}

/// There is no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    /// How far it got.
    pub progress: Progress,
    /// What broke.
    pub cause: Message,
}

impl SendError {
    /// A request that got so far, and what broke it.
    pub fn new(progress: Progress, cause: impl Into<Message>) -> Self {
        Self { progress, cause: cause.into() }
    }
}

/// How far a request got that has no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The host refuses to send it, and will refuse again.
    Denied,
    /// The connector holds as many calls as it may, and did not hand it out.
    NoRoom,
    /// It certainly did not arrive.
    NotSent,
    /// It did not arrive, since the host does not trust the other end, and will not the next time.
    Untrusted,
    /// It may have arrived.
    NoAnswer,
    /// It arrived somewhere: an answer began, and is none that WeCom gives.
    NotWeCom,
    /// It arrived, and the answer is longer than what is read. It will be so again.
    TooLong,
}

/// What the connector needs of the world outside.
pub trait Host {
    /// Sends a request and reads the answer, as much of it as the request's bound allows. Follows no redirect.
    fn send(&self, request: HttpRequest<'_>) -> impl Future<Output = Result<HttpReply, SendError>>;

    /// A clock that never goes back, from a start of its own.
    fn now(&self) -> Duration;

    /// A variable of the environment; `None` where it is not set or empty.
    fn variable(&self, name: &str) -> Option<String>;

    /// Whether a call may be kept while it waits. One that may not ends with [`Progress::NoRoom`].
    fn has_room(&self) -> bool {
        true
    }

    /// Waits until `ready`, which another call causes; `None` where that takes longer than a request with this timeout may.
    /// Where [`Host::send`] never waits there is no other call, and nothing to give up.
    fn wait<T>(
        &self,
        _timeout: Duration,
        ready: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> impl Future<Output = Option<T>> {
        let ready = poll_fn(ready);
        async { Some(ready.await) }
    }
}

/// Drives a call to its end whose host answers before [`Host::send`] returns.
pub fn run_blocking<T>(call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        // Nothing that such a host is asked for is ever pending.
        if let Poll::Ready(outcome) = call.as_mut().poll(&mut context) {
            return outcome;
        }
    }
}
