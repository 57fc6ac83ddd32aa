//! Callbacks: WeCom calls, and the caller's web server answers. Nothing here does HTTP: query and body go in as the server
//! got them.
//!
//! | function | for |
//! |---|---|
//! | [`verify_url`] | the GET with which WeCom asks whether the URL is the right one |
//! | [`decrypt_message`] | the POST of a message or an event |
//! | [`encrypt_reply`] | an answer to that, where there is one |
//!
//! <https://developer.work.weixin.qq.com/document/path/90930>

use serde_json::Value;

use crate::connection::{Callback, CheckedCallback, Connection as _};
use crate::connector;
use crate::error::{Argument, InvalidParameter, Violation};
use crate::text::{Localized, Text, text};

mod crypto;
mod document;
mod event;
#[cfg(not(target_family = "wasm"))]
pub mod events;
mod query;
mod reply;
#[cfg(test)]
mod tests;

pub use event::{Event, Format};
use query::Query;
pub use reply::{EncryptedReply, Reply, encrypt_reply};

/// The longest body that is read. WeCom's have a few kilobytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// How far the time of a request may be from the server's, in seconds. WeCom repeats a request within seconds.
const MAX_SKEW_SECONDS: u64 = 600;

/// What a message lacks whose query is none of WeCom's; it has no echo.
const NO_QUERY: Text = text(
    "The URL lacks msg_signature, timestamp or nonce: WeCom did not send this message.",
    "URL缺少msg_signature、timestamp或nonce：消息不是企业微信发出的。",
);

/// Why a callback was not taken, or a reply not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackError {
    /// The connection or the reply breaks rules: every one that was found.
    InvalidParameters(Vec<InvalidParameter>),
    /// The request is not WeCom's, or not for this receiver.
    Refused(Refusal),
}

/// A request that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which check it failed.
    pub check: Check,
    /// The HTTP status to answer with. It says the same of everything that whoever signed the request could have wrong, so
    /// that nobody learns from it what a forged ciphertext decrypts to.
    pub status: u16,
    /// What to look at, for whoever runs the server. It holds nothing of the request.
    pub message: Localized,
}

/// The checks of a request, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Check {
    /// The body is no longer than any of WeCom's.
    Size,
    /// The query has signature, timestamp and nonce, and where a URL is verified, an echo.
    Query,
    /// The body is XML or JSON with one ciphertext.
    Envelope,
    /// The signature was made with the token.
    Signature,
    /// The request is of now.
    Time,
    /// The ciphertext is Base64.
    Base64,
    /// It is whole blocks.
    Blocks,
    /// The padding is from 1 to 32.
    Padding,
    /// The message is as long as it says.
    Length,
    /// It is UTF-8.
    Utf8,
    /// It is for this receiver, and not from it.
    Receiver,
    /// It is XML or JSON, without a DOCTYPE; where a URL is verified, it is neither.
    Message,
}

impl Check {
    fn status(self) -> u16 {
        match self {
            Self::Size => 413,
            Self::Query | Self::Envelope => 400,
            _ => 403,
        }
    }

    fn message(self) -> Text {
        match self {
            Self::Size => text("The body is longer than any that WeCom sends.", "请求正文超出企业微信可能发送的长度。"),
            Self::Query => text(
                "The URL lacks msg_signature, timestamp, nonce or echostr: WeCom did not call it, perhaps a browser did.",
                "URL缺少msg_signature、timestamp、nonce或echostr：不是企业微信发出的请求，可能是用浏览器打开的。",
            ),
            Self::Envelope => {
                text("The body is no XML or JSON with one encrypted message.", "请求正文不是带有一段密文的XML或JSON。")
            }
            Self::Signature => text(
                "The signature is wrong. Compare the token with that of the callback settings: it may have been changed there.",
                "签名不正确。请核对Token与回调配置中的是否一致，可能已在后台修改。",
            ),
            Self::Time => text(
                "The request is more than ten minutes old, or the clock of this server is wrong. It may be a replay.",
                "请求时间与本机相差超过十分钟：可能是重放的旧请求，也可能是本机时钟不准。",
            ),
            Self::Base64 | Self::Blocks | Self::Padding | Self::Length | Self::Utf8 => text(
                "The signature is right, and the message cannot be decrypted. Compare EncodingAESKey with that of the callback \
                settings.",
                "签名正确，但消息无法解密。请核对EncodingAESKey与回调配置中的是否一致。",
            ),
            Self::Receiver => text(
                "The message is for another receiver. Compare the receiver ID with the enterprise ID; for a smart bot it is empty.",
                "消息不是发给该接收方的。请核对ReceiveId：通常为企业ID，智能机器人应留空。",
            ),
            Self::Message => text(
                "The decrypted message is no XML or JSON that WeCom sends.",
                "解密后的内容不是企业微信的XML或JSON。",
            ),
        }
    }
}

impl From<Check> for Refusal {
    fn from(check: Check) -> Self {
        Self { check, status: check.status(), message: check.message().into() }
    }
}

impl From<Check> for CallbackError {
    fn from(check: Check) -> Self {
        Self::Refused(check.into())
    }
}

impl From<Vec<Violation>> for CallbackError {
    fn from(violations: Vec<Violation>) -> Self {
        Self::InvalidParameters(violations.into_iter().map(InvalidParameter::from).collect())
    }
}

/// The connection of a JSON text.
pub fn connection(text: &str) -> Result<CheckedCallback, CallbackError> {
    Ok(connector::limited(Argument::Connection, text.len()).and_then(|()| Callback::from_json(text))?)
}

/// What to answer WeCom with when it verifies the URL: the body of an answer of 200, within a second, and nothing else. The
/// query is that of the GET, as it came. `now` is in seconds since 1970; without it a request may be of any time.
pub fn verify_url(connection: &CheckedCallback, query: &str, now: Option<u64>) -> Result<String, CallbackError> {
    let query = Query::parse(query).ok_or(Check::Query)?;
    let echo = query.echo.as_deref().ok_or(Check::Query)?;
    let answer = opened(connection, &query, echo, now)?;
    // A message is signed as an echo is: who has one in ciphertext would get it in plain.
    match document::read(&answer) {
        None if !answer.trim_start().starts_with(['<', '{', '\u{feff}']) => Ok(answer),
        _ => Err(Check::Message.into()),
    }
}

/// The message or event of a POST. Query and body are given as they came.
pub fn decrypt_message(
    connection: &CheckedCallback,
    query: &str,
    body: &[u8],
    now: Option<u64>,
) -> Result<Event, CallbackError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Check::Size.into());
    }
    let query = Query::parse(query)
        .ok_or_else(|| CallbackError::Refused(Refusal { message: NO_QUERY.into(), ..Check::Query.into() }))?;
    let (format, ciphertext) = envelope(body).ok_or(Check::Envelope)?;
    let message = opened(connection, &query, &ciphertext, now)?;
    let fields = document::read(&message).ok_or(Check::Message)?;
    let is_empty = |name: &str| fields.get(name).is_none_or(|value| *value == "");
    // A reply of ours is signed and encrypted as a message is: posted back, it would be one. The form of the envelope is
    // not signed, and may be another one than that of the reply.
    if connection.receive_id.is_empty() {
        if !document::is_xml(&message) && ["msg_id", "aibot_id", "from"].into_iter().all(is_empty) {
            return Err(Check::Message.into());
        }
    } else if fields.get("from_user_name").is_some_and(|from| *from == *connection.receive_id) {
        return Err(Check::Receiver.into());
    }
    Ok(Event::of(fields, format, query.nonce))
}

/// How a body is written, and the ciphertext in it.
fn envelope(body: &[u8]) -> Option<(Format, String)> {
    let text = std::str::from_utf8(body).ok()?;
    let format = if document::is_xml(text) { Format::Xml } else { Format::Json };
    match document::read(text)?.remove("encrypt") {
        Some(Value::String(ciphertext)) if !ciphertext.trim().is_empty() => {
            Some((format, ciphertext.trim().to_owned()))
        }
        _ => None,
    }
}

/// What stands in a ciphertext. Nothing of it is looked at before the signature.
fn opened(connection: &CheckedCallback, query: &Query, ciphertext: &str, now: Option<u64>) -> Result<String, Check> {
    let signature = crypto::signature(connection, &query.timestamp, &query.nonce, ciphertext);
    if !crypto::is_signed(&signature, &query.signature) {
        return Err(Check::Signature);
    }
    if let Some(now) = now {
        let time: u64 = query.timestamp.parse().map_err(|_| Check::Time)?;
        if time.abs_diff(now) > MAX_SKEW_SECONDS {
            return Err(Check::Time);
        }
    }
    let (message, receiver) = crypto::decrypt(&connection.key, ciphertext)?;
    if receiver != connection.receive_id {
        return Err(Check::Receiver);
    }
    Ok(message)
}
