//! What a server does with one request, fault by fault.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use wecom_connector::about::Proof;
use wecom_connector::actions::ABOUT;

use super::Fault;

/// The access token that a [`FaultServer`](super::FaultServer) issues: as long as WeCom's, with everything in it that
/// has to be encoded in a URL.
pub const TOKEN: &str = "SIM-TOKEN-faults+/=&?#%41\"\\中 0123456789-abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ\
    ~SIM-TOKEN-second-third.0123456789-abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ";

const SHORT_PAUSE: Duration = Duration::from_millis(100);
const MEGABYTE: usize = 1024 * 1024;
/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a server does with one request.
#[derive(Debug)]
pub(super) struct Script {
    /// How much of the request is read first.
    pub take: Take,
    /// What is done then, one after the other.
    pub acts: Vec<Act>,
    /// What becomes of the connection.
    pub end: End,
}

/// How much of a request is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    Nothing,
    Head,
    Whole,
}

/// A step of an answer.
#[derive(Debug)]
pub(super) enum Act {
    Send(Vec<u8>),
    Pause(Duration),
    /// The same bytes again and again, until the client goes.
    Forever(Vec<u8>, Duration),
}

/// The end of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The next request of the connection may come.
    Next,
    /// The connection closes.
    Close,
    /// The connection is reset.
    Reset,
    /// Whatever comes is read and left unanswered, until the client goes.
    Hold,
}

/// The exchange that a script is for.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    /// Path and query of the request.
    pub target: &'a str,
    /// The body of the good answer.
    pub body: &'a [u8],
    /// Every secret that requests have brought so far.
    pub secrets: &'a [String],
    /// Where the server itself listens.
    pub base_url: &'a str,
}

/// Whether the success of that API is a file.
pub(super) fn gives_file(path: &str) -> bool {
    let api = path.rsplit_once("/cgi-bin/").map_or(path, |(_, api)| api);
    ABOUT.iter().any(|about| about.api == api && about.proof == Proof::Attachment)
}

/// The body of a success without more than the documentation promises.
pub(super) fn success(path: &str) -> Value {
    let api = path.rsplit_once("/cgi-bin/").map_or(path, |(_, api)| api);
    let about = ABOUT.iter().find(|about| about.api == api);
    match about.and_then(|about| serde_json::from_str(about.sample_reply).ok()) {
        Some(reply) => reply,
        None if api == "gettoken" => {
            json!({"errcode": 0, "errmsg": "ok", "access_token": TOKEN, "expires_in": 7200})
        }
        None => json!({"errcode": 0, "errmsg": "ok"}),
    }
}

impl Script {
    /// The good answer.
    pub(crate) fn good(body: &[u8]) -> Self {
        Self::answer(200, "", body)
    }

    /// The good answer of an API that gives out a file.
    pub(crate) fn attachment(body: &[u8]) -> Self {
        Self::answer(200, "content-disposition: attachment; filename=\"report.json\"\r\n", body)
    }

    /// The good answer, and the end of the connection.
    pub(crate) fn last(body: &[u8]) -> Self {
        Self::answer(200, "connection: close\r\n", body).end(End::Close)
    }

    /// A whole answer of another server.
    pub(crate) fn relayed(answer: &[u8]) -> Self {
        Self::raw(answer).end(End::Next)
    }

    /// What a gateway says whose server does not answer.
    pub(crate) fn bad_gateway() -> Self {
        page(502, "")
    }

    /// A whole answer with further headers, each with its line end.
    fn answer(status: u16, headers: &str, body: &[u8]) -> Self {
        Self::raw(&response(status, headers, body)).end(End::Next)
    }

    fn raw(bytes: &[u8]) -> Self {
        Self::silent().then(Act::Send(bytes.to_vec()))
    }

    fn silent() -> Self {
        Self { take: Take::Whole, acts: Vec::new(), end: End::Close }
    }

    fn take(self, take: Take) -> Self {
        Self { take, ..self }
    }

    fn then(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }

    fn end(self, end: End) -> Self {
        Self { end, ..self }
    }
}

/// An answer of HTTP/1.1 with a length.
fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Status\r\n").into_bytes();
    if !headers.to_ascii_lowercase().contains("content-type:") {
        bytes.extend(b"content-type: application/json; charset=UTF-8\r\n");
    }
    bytes.extend(headers.as_bytes());
    bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend(body);
    bytes
}

/// The head of an answer of HTTP/1.1 with these headers, each with its line end.
fn head(headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}\r\n").into_bytes()
}

/// A page of a gateway.
fn page(status: u16, headers: &str) -> Script {
    let page = format!("<html><body><h1>{status}</h1></body></html>\r\n");
    Script::answer(status, &format!("content-type: text/html\r\n{headers}"), page.as_bytes())
}

fn fields(body: &[u8]) -> Map<String, Value> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    fields.remove("errcode");
    fields
}

/// Whether the answer is one of WeCom's refusals.
fn refuses(body: &[u8]) -> bool {
    let fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    fields.get("errcode").is_some_and(|errcode| *errcode != 0)
}

/// The good answer with another `errcode`, in the form that it has in JSON.
fn errcode(form: &str, body: &[u8]) -> Vec<u8> {
    members(&format!("\"errcode\":{form}"), &fields(body))
}

/// What APIs prove a success by where `errcode` is absent, each with a value that would.
fn proofs() -> BTreeMap<&'static str, Value> {
    let documented = ABOUT.iter().filter_map(|about| {
        let reply: Value = serde_json::from_str(about.sample_reply).ok()?;
        let name = about.proof.field()?;
        Some((name, reply[name].clone()))
    });
    documented.chain([("access_token", json!("token"))]).collect()
}

/// The fields of the good answer but for `errcode` and `errmsg`, with other values.
fn without_errcode(body: &[u8], value: impl Fn(&Value) -> Value) -> Vec<u8> {
    let mut fields = fields(body);
    fields.remove("errmsg");
    fields.iter_mut().for_each(|(_, field)| *field = value(field));
    Value::Object(fields).to_string().into_bytes()
}

/// A JSON object that begins with that text.
fn members(first: &str, rest: &Map<String, Value>) -> Vec<u8> {
    let rest = Value::Object(rest.clone()).to_string();
    let rest = rest.strip_prefix('{').unwrap_or_default();
    let comma = if rest == "}" || first.is_empty() { "" } else { "," };
    format!("{{{first}{comma}{rest}").into_bytes()
}

fn refusal(code: i64, words: &str) -> Script {
    Script::good(json!({"errcode": code, "errmsg": words}).to_string().as_bytes())
}

fn chunked(chunks: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in chunks {
        let chunk = chunk.as_ref();
        bytes.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes
}

/// Data as gzip has it, stored and not compressed.
fn gzip(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let data = &data[..length.into()];
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    bytes.extend(length.to_le_bytes());
    bytes.extend((!length).to_le_bytes());
    bytes.extend(data);
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    bytes.extend((!crc).to_le_bytes());
    bytes.extend(u32::from(length).to_le_bytes());
    bytes
}

/// A piece of every secret, each in that form.
fn echo(exchange: &Exchange<'_>, form: impl Fn(&str) -> String) -> String {
    let mut words = "invalid request:".to_owned();
    for secret in exchange.secrets {
        // Writing into a text cannot fail.
        let _ = write!(words, " <{}>", form(secret));
    }
    words
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn form_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        })
        .collect()
}

/// What the fault makes of an exchange. Faults of address and listener come before there is one: they give silence.
pub(super) fn script(fault: Fault, exchange: &Exchange<'_>) -> Script {
    use Fault as F;

    let body = exchange.body;
    let (first_half, second_half) = body.split_at(body.len() / 2);
    let good = response(200, "", body);
    let length = format!("content-length: {}\r\n", body.len());
    let half = [head(&length), first_half.to_vec()].concat();
    let json = |document: &str| Script::good(document.as_bytes());
    let code = |form: &str| Script::good(&errcode(form, body));
    let more = |first: &str| Script::good(&members(first, &fields(body)));
    let chunked_head = || head("transfer-encoding: chunked\r\n");

    match fault {
        // These are forms of a success. A refusal of the server behind this one must not become one.
        F::ErrcodeMissing | F::ErrcodeZeroText | F::ErrcodeZeroFloat | F::ErrcodeMinusZero | F::FieldsMore
            if refuses(body) =>
        {
            Script::good(body)
        }

        F::ResetUnread => Script::silent().take(Take::Nothing).end(End::Reset),
        F::ResetAfterHead => Script::silent().take(Take::Head).end(End::Reset),
        F::ResetAfterRequest => Script::silent().end(End::Reset),
        F::CloseAfterHead => Script::silent().take(Take::Head),
        F::NameUnresolved
        | F::NoRoute
        | F::TlsNotSpoken
        | F::TlsReset
        | F::TlsClosed
        | F::TlsAlert
        | F::TlsUntrusted
        | F::TlsSilent
        | F::ConnectionRefused
        | F::ConnectTimeout
        | F::ResetOnAccept
        | F::CloseOnAccept
        | F::CloseAfterRequest => Script::silent(),
        F::NeverRead => Script::silent().take(Take::Nothing).then(Act::Pause(Duration::from_secs(60))),
        F::NeverAnswered => Script::silent().end(End::Hold),
        F::FirstByteLate => {
            Script::silent().then(Act::Pause(Duration::from_secs(10))).then(Act::Send(good)).end(End::Next)
        }
        F::ResetInStatusLine => Script::raw(b"HTTP/1.1 2").then(Act::Pause(SHORT_PAUSE)).end(End::Reset),
        F::ResetInHeaders => {
            Script::raw(b"HTTP/1.1 200 OK\r\ncontent-le").then(Act::Pause(SHORT_PAUSE)).end(End::Reset)
        }
        F::CloseInHeaders => Script::raw(b"HTTP/1.1 200 OK\r\ncontent-le"),
        F::HeadersNeverEnd => {
            Script::raw(b"HTTP/1.1 200 OK\r\n").then(Act::Forever(b"x-more: to come\r\n".to_vec(), SHORT_PAUSE))
        }
        F::StatusLineTrickles => {
            let bytes = b"HTTP/1.1 200 A reason that takes its time".iter();
            let wait = Duration::from_millis(500);
            bytes.fold(Script::silent(), |script, byte| script.then(Act::Send(vec![*byte])).then(Act::Pause(wait)))
        }
        F::InformationalForEver => {
            Script::silent().then(Act::Forever(b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(), SHORT_PAUSE))
        }
        F::BodyNeverBegins => Script::raw(&head(&length)).end(End::Hold),
        F::ResetInBody => Script::raw(&half).then(Act::Pause(SHORT_PAUSE)).end(End::Reset),
        F::BodyShort => Script::raw(&half),
        F::BodyStalls => Script::raw(&half).end(End::Hold),
        F::BodyTrickles => {
            Script::raw(&head("content-length: 100000\r\n")).then(Act::Forever(b" ".to_vec(), SHORT_PAUSE))
        }
        F::ChunksTrickle => Script::raw(&chunked_head()).then(Act::Forever(chunked([" "]), SHORT_PAUSE)),
        F::GigabyteAnnounced => Script::raw(&head("content-length: 1073741824\r\n"))
            .then(Act::Send(body.to_vec()))
            .then(Act::Forever(vec![b' '; 1024], SHORT_PAUSE)),
        F::ChunkCut => Script::raw(&[chunked_head(), b"ffff\r\n".to_vec(), first_half.to_vec()].concat()),
        F::LastChunkMissing => Script::raw(&[chunked_head(), chunked([body])].concat()),
        F::UnmeasuredReset => Script::raw(&[head("connection: close\r\n"), body.to_vec()].concat())
            .then(Act::Pause(SHORT_PAUSE))
            .end(End::Reset),

        F::NotHttp => Script::raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        F::Http2 => Script::raw(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff"),
        F::StatusLineBad => Script::raw(b"HTTP/1.1 OK 200\r\ncontent-length: 0\r\n\r\n"),
        F::VersionUnknown => Script::raw(b"HTTP/7.3 200 OK\r\ncontent-length: 0\r\n\r\n"),
        F::HeaderBad => {
            Script::raw(&[head("this header has no colon\r\ncontent-length: 2\r\n"), b"{}".to_vec()].concat())
        }
        F::HeaderHuge => {
            let filler = "x".repeat(MEGABYTE);
            Script::raw(&[head(&format!("x-filler: {filler}\r\n{length}")), body.to_vec()].concat())
        }
        F::HeadersMany => {
            let filler: String = (0..1000).map(|number| format!("x-{number}: filler\r\n")).collect();
            Script::raw(&[head(&format!("{filler}{length}")), body.to_vec()].concat())
        }
        F::LengthTwice => Script::raw(&[head(&format!("{length}content-length: 3\r\n")), body.to_vec()].concat()),
        F::LengthBad => Script::raw(&[head("content-length: many\r\n"), body.to_vec()].concat()),
        F::LengthNegative => Script::raw(&[head("content-length: -1\r\n"), body.to_vec()].concat()),
        F::ChunkSizeBad => Script::raw(&[chunked_head(), b"many\r\n".to_vec(), body.to_vec()].concat()),
        F::SwitchingProtocols => {
            Script::raw(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n")
                .end(End::Hold)
        }

        F::Status204 => Script::raw(b"HTTP/1.1 204 No Content\r\n\r\n").end(End::Next),
        F::Status206 => {
            let range = format!("content-range: bytes 0-{}/{}\r\n", first_half.len().saturating_sub(1), body.len());
            Script::answer(206, &range, first_half)
        }
        F::Status301 => page(301, &elsewhere(exchange)),
        F::Status302 => page(302, "location: https://login.example/\r\n"),
        F::Status303 => page(303, &elsewhere(exchange)),
        F::Status304 => Script::raw(b"HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\n\r\n").end(End::Next),
        F::Status307 => page(307, &elsewhere(exchange)),
        F::Status308 => page(308, &elsewhere(exchange)),
        F::RedirectLoop => page(307, &format!("location: {}{}\r\n", exchange.base_url, exchange.target)),
        F::Status400 => page(400, ""),
        F::Status401 => page(401, "www-authenticate: Basic realm=\"proxy\"\r\n"),
        F::Status403 => page(403, ""),
        F::Status404 => page(404, ""),
        F::Status405 => page(405, "allow: HEAD\r\n"),
        F::Status407 => page(407, "proxy-authenticate: Basic realm=\"proxy\"\r\n"),
        F::Status408 => page(408, ""),
        F::Status411 => page(411, ""),
        F::Status412 => page(412, ""),
        F::Status413 => page(413, ""),
        F::Status413Early => page(413, "connection: close\r\n").take(Take::Head).end(End::Hold),
        F::Status414 => page(414, ""),
        F::Status418 => page(418, ""),
        F::Status429 => page(429, ""),
        F::Status429After => page(429, "retry-after: 7\r\n"),
        F::Status429Date => page(429, "retry-after: Wed, 21 Oct 2065 07:28:00 GMT\r\n"),
        F::Status429Huge => page(429, "retry-after: 99999999999\r\n"),
        F::Status429Negative => page(429, "retry-after: -7\r\n"),
        F::Status431 => page(431, ""),
        F::Status499 => page(499, ""),
        F::Status400Json => Script::answer(400, "", br#"{"errcode":40058,"errmsg":"no"}"#),
        F::Status500 => page(500, ""),
        F::Status500Success => Script::answer(500, "", body),
        F::Status501 => page(501, ""),
        F::Status502 => page(502, ""),
        F::Status503 => page(503, ""),
        F::Status503After => page(503, "retry-after: 7\r\n"),
        F::Status504 => page(504, ""),
        F::Status520 => page(520, ""),
        F::Status999 => page(999, ""),

        F::BodyEmpty => json(""),
        F::BodyBlank => json(" \r\n\t"),
        F::BodyHtml => page(200, ""),
        F::BodyXml => json("<xml><errcode>0</errcode></xml>"),
        F::BodyJsonp => Script::good(&[b"callback(", body, b");"].concat()),
        F::JsonCut => Script::good(first_half),
        F::AnnouncedShort => {
            let short = format!("content-length: {}\r\n", first_half.len());
            Script::raw(&[head(&short), first_half.to_vec(), second_half.to_vec()].concat())
        }
        F::UnmeasuredCut => Script::raw(&[head("connection: close\r\n"), first_half.to_vec()].concat()),
        F::JsonArray => json("[]"),
        F::JsonString => json("\"ok\""),
        F::JsonNumber => json("0"),
        F::JsonNull => json("null"),
        F::JsonTrue => json("true"),
        F::JsonTwice => Script::good(&[body, body].concat()),
        F::JsonTrailing => Script::good(&[body, b"}"].concat()),
        F::JsonComma => json(r#"{"errcode":0,"errmsg":"ok",}"#),
        F::JsonNan => json(r#"{"errcode":0,"x":NaN}"#),
        F::ErrcodeTwice => more(r#""errcode":0,"errcode":40058"#),
        F::KeyTwice => more(r#""errcode":0,"errmsg":"ok""#),
        F::Utf16 => {
            let text = String::from_utf8_lossy(body);
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            Script::good(&units.flat_map(u16::to_le_bytes).collect::<Vec<_>>())
        }
        F::Gbk => Script::good(b"{\"errcode\":0,\"errmsg\":\"\xb3\xc9\xb9\xa6\"}"),
        F::Utf8Invalid => Script::good(b"{\"errcode\":0,\"errmsg\":\"\xff\"}"),
        F::LoneSurrogate => json(r#"{"errcode":0,"errmsg":"\ud83d"}"#),
        F::ControlCharacter => json("{\"errcode\":0,\"errmsg\":\"a\nb\0\"}"),
        F::Gzip => Script::answer(200, "content-encoding: gzip\r\n", &gzip(body)),
        F::TenMegabytes => Script::good(&[body, &b" ".repeat(10 * MEGABYTE)].concat()),
        F::TenMegabytesChunked => {
            let blank = " ".repeat(64 * 1024);
            let chunks = std::iter::once(body).chain(std::iter::repeat_n(blank.as_bytes(), 160));
            Script::raw(&[chunked_head(), chunked(chunks), chunked([""])].concat()).end(End::Next)
        }
        F::NestedArrays => json(&"[".repeat(100_000)),
        F::NestedObjects => json(&format!(r#"{{"errcode":0,"x":{}0{}"#, r#"{"x":"#.repeat(20_000), "}".repeat(20_001))),
        F::ValuesMany => json(&format!(r#"{{"errcode":0,"x":[0{}]}}"#, ",0".repeat(500_000))),

        F::ErrcodeWord => code("\"ok\""),
        F::ErrcodeFraction => code("0.5"),
        F::ErrcodeHuge => code("4294967296"),
        F::ErrcodeInfinite => code("1e400"),
        F::ErrcodeNull => code("null"),
        F::ErrcodeBoolean => code("false"),
        F::ErrcodeList => code("[0]"),
        F::ErrcodeObject => code("{\"errcode\":0}"),
        F::ErrcodeEmpty => code("\"\""),
        F::ErrcodeText => code("\"40058\""),
        F::ErrcodeFloat => code("40058.0"),
        F::ErrcodeNegative => code("-40058"),
        F::ErrcodeBusy => code("-1"),
        F::ErrcodeLimit => code("45009"),
        F::ErrcodeAddress => refusal(60020, "not allow to access from your ip, hint: [1], from ip: 203.0.113.9, more"),
        F::ErrcodeUnknown => code("7654321"),
        F::WordsLong => refusal(40058, &"企".repeat(100_000)),
        F::WordsNoText => json(r#"{"errcode":40058,"errmsg":{"no":["text"]}}"#),

        F::TypesOther => {
            let other = fields(body).into_iter().map(|(name, value)| (name, json!({ "other": [value] })));
            Script::good(&members("\"errcode\":0", &other.collect()))
        }
        F::FieldsMissing => json(r#"{"errcode":0}"#),
        F::FieldsNull => {
            let nulls = fields(body).into_iter().map(|(name, _)| (name, Value::Null));
            Script::good(&members("\"errcode\":0", &nulls.collect()))
        }

        F::ObjectEmpty => json("{}"),
        F::OtherMessage => json(r#"{"message":"Request failed with status_code: 404"}"#),
        F::OtherRet => json(r#"{"ret":401,"msg":"not logged in"}"#),
        F::OtherErrCode => json(r#"{"errCode":93000}"#),
        F::OtherErrcode => json(r#"{"Errcode":0}"#),
        F::OtherCode => json(r#"{"code":0,"msg":"ok","data":{}}"#),
        F::OtherSuccess => json(r#"{"success":true}"#),
        F::OtherError => json(r#"{"error":"upstream connect error"}"#),
        F::OtherErrorObject => json(r#"{"error":{"code":"AuthFailure","message":"no such tenant"}}"#),
        F::OtherStatus => {
            let answer = json!({"timestamp": "2026-11-25T08:00:00Z", "status": 404, "error": "Not Found", "path": "/"});
            Script::good(answer.to_string().as_bytes())
        }
        F::OtherLogin => {
            json(r#"{"code":302,"msg":"please log in","data":{"html":"<html><form action=\"/login\"></form></html>"}}"#)
        }
        F::OtherData => json(r#"{"data":[]}"#),
        F::OtherErrmsg => json(r#"{"errmsg":"ok"}"#),
        F::OtherErrcodeEmpty => json(r#"{"errcode":""}"#),
        F::OtherWrapped => Script::good(&[br#"{"result":"#, body, b"}"].concat()),
        F::OtherLong => Script::good(json!({"message": "企".repeat(100_000)}).to_string().as_bytes()),
        F::ProofForeign => {
            let own = fields(body);
            let foreign: Map<String, Value> = proofs()
                .into_iter()
                .filter(|(name, _)| !own.contains_key(*name))
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            json(&Value::from(foreign).to_string())
        }
        F::ProofNull => Script::good(&without_errcode(body, |_| Value::Null)),
        F::ProofEmpty => Script::good(&without_errcode(body, |_| json!(""))),
        F::ProofTypes => Script::good(&without_errcode(body, |value| match value {
            Value::Array(_) => json!({}),
            Value::Object(_) => json!([]),
            _ => json!([true]),
        })),

        F::EchoPlain => refusal(40058, &echo(exchange, str::to_owned)),
        F::EchoEncoded => refusal(40058, &echo(exchange, encoded)),
        F::EchoForm => refusal(40058, &echo(exchange, form_encoded)),
        F::EchoAll => {
            refusal(40058, &echo(exchange, |secret| secret.bytes().map(|byte| format!("%{byte:02X}")).collect()))
        }
        F::EchoPage => {
            let words = echo(exchange, encoded);
            let page = echo(exchange, str::to_owned);
            let answer = format!(
                "HTTP/1.1 403 {words}\r\nx-echo: {words}\r\nretry-after: {words}\r\ncontent-length: {}\r\n\r\n{page}",
                page.len()
            );
            Script::raw(answer.as_bytes()).end(End::Next)
        }
        F::EchoRedirect => page(302, &elsewhere(exchange)),
        F::EchoKey => {
            let key = Value::String(exchange.secrets.last().cloned().unwrap_or_default());
            more(&format!("\"errcode\":0,{key}:1,{key}:2"))
        }
        F::EchoTypes => {
            let words = json!(echo(exchange, str::to_owned));
            let other = fields(body).into_iter().map(|(name, value)| {
                let value = if value.is_string() { json!({ "other": words }) } else { words.clone() };
                (name, value)
            });
            Script::good(&members("\"errcode\":0", &other.collect()))
        }
        F::EchoErrcode => code(&json!(echo(exchange, str::to_owned)).to_string()),
        F::EchoOther => {
            let [plain, escaped] = [echo(exchange, str::to_owned), echo(exchange, encoded)];
            let mut answer = Map::new();
            answer.insert("message".into(), plain.clone().into());
            answer.insert("msg".into(), escaped.into());
            answer.insert("error".into(), json!({ "message": plain.clone() }));
            answer.insert(plain, 404.into());
            answer.extend(exchange.secrets.iter().map(|secret| (secret.clone(), 0.into())));
            Script::good(Value::Object(answer).to_string().as_bytes())
        }

        F::Slow => {
            let pieces = good.chunks(good.len().div_ceil(6));
            pieces.fold(Script::silent().end(End::Next), |script, piece| {
                script.then(Act::Pause(Duration::from_millis(60))).then(Act::Send(piece.to_vec()))
            })
        }
        F::Informational => {
            let first = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
            Script::raw(&[first, good.as_slice()].concat()).end(End::Next)
        }
        F::Unmeasured => Script::raw(&[b"HTTP/1.0 200 OK\r\n\r\n", body].concat()),
        F::Chunked => {
            let chunks = chunked(body.chunks(1));
            Script::raw(&[chunked_head(), chunks, chunked([""])].concat()).end(End::Next)
        }
        F::LengthAndChunks => {
            let head = head("content-length: 3\r\ntransfer-encoding: chunked\r\n");
            Script::raw(&[head, chunked([body]), chunked([""])].concat())
        }
        F::BodyLong => {
            let refusal = response(200, "", br#"{"errcode":40058,"errmsg":"an answer to nothing"}"#);
            Script::raw(&[good, refusal].concat()).end(End::Next)
        }
        F::AnsweredEarly => Script::last(body).take(Take::Head).end(End::Hold),
        F::Status201 => Script::answer(201, "", body),
        F::ContentTypeWrong => Script::answer(200, "content-type: text/html; charset=GBK\r\n", body),
        F::ContentTypeMissing => {
            Script::raw(&[format!("HTTP/1.1 200 OK\r\n{length}\r\n").as_bytes(), body].concat()).end(End::Next)
        }
        F::GzipClaimed => Script::answer(200, "content-encoding: gzip\r\n", body),
        F::ByteOrderMark => Script::good(&[b"\xef\xbb\xbf", body].concat()),
        F::BlankAround => Script::good(&[b"\r\n \t", body, b"\n\n"].concat()),
        F::ErrcodeMissing => more(""),
        F::ErrcodeZeroText => code("\"0\""),
        F::ErrcodeZeroFloat => code("0.0"),
        F::ErrcodeMinusZero => code("-0"),
        F::FieldsMore => more(r#""errcode":0,"more":{"fields":[1,null]},"":0"#),
    }
}

/// A header that leads elsewhere, with the secrets of the request behind it.
fn elsewhere(exchange: &Exchange<'_>) -> String {
    format!("location: {}/elsewhere{}\r\n", exchange.base_url, exchange.target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Reach, Scope};

    #[test]
    fn no_unusual_form_makes_a_success_of_a_refusal() {
        let body = br#"{"errcode":42001,"errmsg":"access_token expired"}"#;
        let exchange = Exchange { target: "/cgi-bin/user/create", body, secrets: &[], base_url: "" };
        let good = Fault::ALL.iter().filter(|fault| fault.reach() == Reach::Always && fault.scope() == Scope::Exchange);
        for fault in good.copied() {
            let mut sent = Vec::new();
            for act in script(fault, &exchange).acts {
                if let Act::Send(bytes) = act {
                    sent.extend(bytes);
                }
            }
            // A chunked answer has a byte in each chunk.
            let text = String::from_utf8_lossy(&sent).replace("\r\n1\r\n", "");
            assert!(text.contains("42001"), "{fault:?}: {text}");
        }
    }
}
