//! From an HTTP answer to a reply or an error: the one parser of all actions.

use std::fmt;

use serde_json::{Map, Value};

use crate::about::{Effect, Proof, Secrets};
use crate::cut::{self, Limit};
use crate::error::{self, Category, Credential, Error, Failure, Outcome};
use crate::http::transport::{Bound, HttpReply, Loss, Lost};
use crate::json::{self, BadReply};
use crate::secret::{self, Secret};
use crate::text::{self, Message, Phrase, localize, message, phrase};

/// WeCom's code for a caller whose address is not on the list of trusted ones.
const UNTRUSTED_ADDRESS: i32 = 60020;
/// WeCom's code for an API that asks for another kind of secret.
const WRONG_SECRET: i32 = 48002;

/// How much of WeCom's words, or of what stood in their place, an error keeps.
const MAX_MESSAGE_CHARS: usize = 1000;
/// How many fields of an answer that is not WeCom's an error names, and how much of what they say.
const MAX_FOREIGN_FIELDS: usize = 6;
const MAX_FOREIGN_CHARS: usize = 160;
/// The fields in which servers that are not WeCom say what is wrong. Of others, only the name is shown: they may hold
/// anything.
const TELLING: [&str; 22] = [
    "fault",
    "faultstring",
    "errormessage",
    "error_message",
    "errorcode",
    "error_code",
    "message",
    "msg",
    "error",
    "error_description",
    "errors",
    "detail",
    "reason",
    "title",
    "code",
    "ret",
    "status",
    "status_code",
    "statuscode",
    "errmsg",
    "errcode",
    "success",
];

/// The fields of a reply that reports success, or of an object in it. That of gettoken holds a token, so
/// [`Debug`](fmt::Debug) shows no values.
#[derive(Clone, Default, PartialEq)]
pub struct Reply {
    fields: Map<String, Value>,
    /// Where the object stands in the whole reply: `chat_info.`, `department_id[3].`, empty for the reply itself.
    place: String,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reply").field(&format_args!("{} fields", self.fields.len())).finish()
    }
}

/// A reply that reports success and is not as documented.
#[derive(Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It lacks the field of that name and place.
    Missing(String),
    /// The field of that name and place is not what it should be.
    Other(String, Phrase),
    /// Something else is wrong with it.
    Message(Message),
}

impl Malformed {
    /// The same, where the object stands at that place.
    fn inside(self, place: &str) -> Self {
        match self {
            Self::Missing(name) => Self::Missing(format!("{place}{name}")),
            Self::Other(name, expected) => Self::Other(format!("{place}{name}"), expected),
            words @ Self::Message(_) => words,
        }
    }

    fn words(&self) -> Message {
        match self {
            Self::Missing(name) => message!("the answer reports success, but has no `{}`", name),
            Self::Other(name, expected) => {
                message!("the answer reports success, but its `{}` is not {}", name, *expected)
            }
            Self::Message(words) => words.clone(),
        }
    }
}

impl Reply {
    fn new(fields: Map<String, Value>) -> Self {
        Self { fields, place: String::new() }
    }

    /// The field, where it is there; `null` is as good as absent.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    /// The same as `read` makes of it; the error says that it is not what was expected.
    fn read<T>(
        &mut self,
        name: &str,
        expected: Phrase,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Option<T>, Malformed> {
        self.take(name).map(|value| read(value).ok_or_else(|| self.malformed(name, expected))).transpose()
    }

    /// A text, or an ID in whatever form a gateway gives it; empty or absent where there is nothing.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Malformed> {
        Ok(self.read(name, phrase!("a text"), id)?.filter(|text| !text.is_empty()))
    }

    /// A text that must be there, and be nothing but a text.
    pub fn required_text(&mut self, name: &str) -> Result<String, Malformed> {
        match self.take(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            Some(Value::String(_)) | None => Err(self.missing(name)),
            Some(_) => Err(self.malformed(name, phrase!("a text"))),
        }
    }

    /// A number that the documentation calls a 32-bit one, whatever form a gateway gives it.
    pub fn number(&mut self, name: &str) -> Result<Option<u32>, Malformed> {
        self.read(name, phrase!("a whole number from 0 to 4294967295"), |value| whole_number(&value)?.try_into().ok())
    }

    /// A number that must be there.
    pub fn required_number(&mut self, name: &str) -> Result<u32, Malformed> {
        self.number(name)?.ok_or_else(|| self.missing(name))
    }

    /// A list of texts; empty where it is absent.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, Malformed> {
        let texts = self.read(name, phrase!("a list of texts"), |value| match value {
            Value::Array(items) => items.into_iter().map(id).collect(),
            _ => None,
        })?;
        Ok(texts.unwrap_or_default())
    }

    /// A text that holds IDs separated by `|`. A list of them, as WeCom's sister APIs have it, does too: who was not
    /// reached must not be lost, nor make a message that was sent a broken one.
    pub fn delimited(&mut self, name: &str) -> Result<Vec<String>, Malformed> {
        let ids = self.read(name, phrase!("a text of IDs"), |value| match value {
            Value::Array(items) => items.into_iter().map(id).collect(),
            value => Some(id(value)?.split('|').filter(|id| !id.is_empty()).map(str::to_owned).collect()),
        })?;
        Ok(ids.unwrap_or_default())
    }

    /// An object; empty where it is absent.
    pub fn object(&mut self, name: &str) -> Result<Self, Malformed> {
        let fields = self.read(name, phrase!("an object"), fields)?.unwrap_or_default();
        Ok(Self { fields, place: format!("{}{name}.", self.place) })
    }

    /// A list of objects, each as `row` reads it; empty where it is absent.
    pub fn rows<T>(&mut self, name: &str, row: fn(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let rows = self.read(name, phrase!("a list of objects"), |value| match value {
            Value::Array(rows) => rows.into_iter().map(fields).collect::<Option<Vec<_>>>(),
            _ => None,
        })?;
        let read = |(index, fields)| {
            // The place is put into words only where it is needed: most rows are good.
            let mut object = Self::new(fields);
            row(&mut object).map_err(|malformed| malformed.inside(&format!("{}{name}[{index}].", self.place)))
        };
        rows.unwrap_or_default().into_iter().enumerate().map(read).collect()
    }

    /// The same where the list is what the API is asked for. It may be absent; but where another list or an object stands
    /// there, as a gateway's `data`, the list is perhaps in that, and a company is not empty for it.
    pub fn own_rows<T>(&mut self, name: &str, row: fn(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let is_elsewhere = |value: &Value| value.is_array() || value.is_object();
        if self.fields.get(name).is_none_or(Value::is_null) && self.fields.values().any(is_elsewhere) {
            return Err(self.missing(name));
        }
        self.rows(name, row)
    }

    /// A number of seconds; 0 where it is none.
    pub fn seconds(&mut self, name: &str) -> u64 {
        self.take(name).and_then(|value| whole_number(&value)).and_then(|seconds| seconds.try_into().ok()).unwrap_or(0)
    }

    /// The reply lacks a field.
    pub fn missing(&self, name: &str) -> Malformed {
        Malformed::Missing(format!("{}{name}", self.place))
    }

    fn malformed(&self, name: &str, expected: Phrase) -> Malformed {
        Malformed::Other(format!("{}{name}", self.place), expected)
    }
}

fn fields(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(fields) = value { Some(fields) } else { None }
}

/// An ID as a text, whatever form a gateway gives it.
fn id(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A call whose answer is to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The API below `/cgi-bin/`.
    pub api: &'a str,
    /// What the call does.
    pub effect: Effect,
    /// What it was made with.
    pub credential: Credential,
    /// What the API asks for.
    pub needs: Secrets,
    /// What proves success where there is no `errcode`.
    pub proof: Proof,
    /// How much of the answer is read.
    pub bound: Bound,
    /// The vendor's page on the API.
    pub doc_url: &'a str,
    /// What must not stand in an error.
    pub secrets: &'a [&'a Secret],
    /// Those of them that may stand in the reply: what gettoken returns.
    pub returned: &'a [&'a Secret],
}

/// What the connector says where WeCom gave no code.
#[derive(Clone, Copy)]
enum Trouble {
    Lost(Loss),
    Status(u16),
}

impl Trouble {
    fn category(self) -> Category {
        match self {
            Self::Lost(Loss::NotSent | Loss::Untrusted | Loss::NoAnswer) | Self::Status(408) => Category::Network,
            Self::Lost(Loss::Denied) | Self::Status(401 | 403 | 407) => Category::Permission,
            Self::Status(429) => Category::Limit,
            Self::Status(500..) => Category::Service,
            Self::Lost(Loss::NotWeCom | Loss::TooLong) | Self::Status(_) => Category::Protocol,
        }
    }

    fn outcome(self, effect: Effect) -> Outcome {
        match self {
            // Who reads gets the same answer again; what a write did, such an answer does not tell.
            Self::Lost(Loss::TooLong) if effect == Effect::Read => Outcome::Rejected,
            Self::Lost(Loss::NotSent) | Self::Status(429) => Outcome::Retryable,
            // WeCom and its gateways end no call with 1xx: whether it was carried out, that does not say. 303 is how a
            // server answers what it may well have carried out.
            Self::Status(..200 | 303 | 408 | 500..) | Self::Lost(Loss::NoAnswer | Loss::NotWeCom | Loss::TooLong) => {
                Outcome::Uncertain
            }
            Self::Lost(Loss::Denied | Loss::Untrusted) | Self::Status(_) => Outcome::Rejected,
        }
    }

    /// Its name in the table of hints.
    fn name(self) -> &'static str {
        match self {
            Self::Lost(Loss::Denied) => "denied",
            Self::Lost(Loss::Untrusted) => "untrusted-certificate",
            Self::Lost(Loss::TooLong) => "too-long",
            Self::Lost(Loss::NotSent) => "not-sent",
            Self::Lost(Loss::NoAnswer) => "no-answer",
            Self::Lost(Loss::NotWeCom) | Self::Status(..200 | 303) => "not-wecom",
            Self::Status(429) => "too-many-requests",
            Self::Status(408 | 500..) => "server-failed",
            Self::Status(_) => "refused-before-wecom",
        }
    }
}

impl Call<'_> {
    /// The reply, where the answer reports success; else what went wrong.
    pub fn classify(&self, answer: Result<HttpReply, Lost>) -> Result<Reply, Error> {
        let answer = answer.map_err(|lost| self.trouble(Trouble::Lost(lost.loss), &lost.cause, None))?;
        if !(200..300).contains(&answer.status) {
            let trouble = Trouble::Status(answer.status);
            let status = message!("HTTP status {}", u32::from(answer.status));
            return Err(self.trouble(trouble, &status, answer.retry_after_seconds));
        }
        let not_wecom = |why: Message| self.trouble(Trouble::Lost(Loss::NotWeCom), &why, None);
        match answer.body.trim_ascii() {
            [] => return Err(not_wecom(phrase!("the answer is empty").into())),
            [b'<', ..] => return Err(not_wecom(phrase!("the answer is a web page or XML, not JSON").into())),
            _ => {}
        }
        let mut document = json::parse_reply(&answer.body, self.bound.values).map_err(|bad| match bad {
            BadReply::Syntax(line, column) => {
                not_wecom(message!("the answer is not JSON: line {}, column {}", line, column))
            }
            BadReply::TooMany => {
                self.trouble(Trouble::Lost(Loss::TooLong), &phrase!("the answer is too long").into(), None)
            }
        })?;
        let hidden = self.secrets.iter().copied().filter(|secret| !self.returned.contains(secret));
        secret::redact_json(hidden, &mut document);
        let Value::Object(mut fields) = document else {
            return Err(not_wecom(phrase!("the answer is JSON, but not an object").into()));
        };
        let errcode = fields.remove("errcode");
        match errcode.as_ref().map(|value| whole_number(value).and_then(|number| i32::try_from(number).ok())) {
            Some(Some(0)) => Ok(Reply::new(fields)),
            None if self.proof.stands_in(&fields) => Ok(Reply::new(fields)),
            None if fields.is_empty() => {
                Err(not_wecom(phrase!("the answer is an empty JSON object, without `errcode`").into()))
            }
            None => Err(not_wecom(message!("the answer has no `errcode`; it has {}", &self.foreign(&fields)))),
            Some(Some(errcode)) => {
                let words = fields.get("errmsg").and_then(Value::as_str).filter(|words| !words.trim().is_empty());
                Err(self.refusal(errcode, words.unwrap_or("errcode without errmsg")))
            }
            Some(None) => {
                let others = if fields.is_empty() { "`errmsg`".to_owned() } else { self.foreign(&fields) };
                Err(not_wecom(message!(
                    "the answer has an `errcode` that is no 32-bit whole number; beside it stands {}",
                    &others
                )))
            }
        }
    }

    /// The error for a reply that reports success and is not as documented.
    pub fn malformed(&self, what: &Malformed) -> Error {
        self.trouble(Trouble::Lost(Loss::NotWeCom), &what.words(), None)
    }

    /// The error for a code that is not 0.
    fn refusal(&self, errcode: i32, words: &str) -> Error {
        let known = error::code(errcode);
        let caller_ip = caller_ip(words);
        let mut hint = known.as_ref().map_or_else(|| text::hint("unknown-code"), |known| known.hint.clone());
        if errcode == WRONG_SECRET {
            hint = localize(&self.needed_secret().into()).before(&hint);
        }
        if let (UNTRUSTED_ADDRESS, Some(ip)) = (errcode, &caller_ip) {
            hint = localize(&message!("WeCom saw this call come from {}.", ip)).before(&hint);
        }
        let failure = Failure {
            category: known.as_ref().map_or(Category::Unknown, |known| known.category),
            errcode: Some(errcode),
            message: self.shown(words.to_owned()),
            hint,
            doc_url: format!("https://open.work.weixin.qq.com/devtool/query?e={errcode}"),
            retry_after_seconds: known.as_ref().and_then(|known| known.retry_after_seconds),
            caller_ip,
            api: self.api.to_owned(),
            credential: self.credential,
        };
        self.case(known.map_or(Outcome::Rejected, |known| known.outcome), failure)
    }

    /// The secret that the API asks for.
    fn needed_secret(&self) -> Phrase {
        match self.needs {
            Secrets::Contacts => {
                phrase!("This action needs the contacts secret (Contacts Secret).")
            }
            Secrets::App => phrase!("This action needs the secret of the application (AppSecret)."),
            Secrets::ChatbotKey => phrase!("This action needs a chatbot key."),
        }
    }

    fn trouble(&self, trouble: Trouble, what: &Message, retry_after_seconds: Option<u32>) -> Error {
        let what = localize(what);
        let mut hint = text::hint(trouble.name());
        if trouble.outcome(self.effect) == Outcome::Uncertain && self.effect != Effect::Read {
            hint = hint.before(&localize(
                &phrase!("This action may have been carried out: look in WeCom before you repeat it.").into(),
            ));
        }
        // The message is English. Who reads Chinese learns from the hint what broke, and not only what to do.
        hint.zh = format!("{}。{}", self.shown(what.zh), hint.zh);
        let failure = Failure {
            category: trouble.category(),
            errcode: None,
            message: self.shown(what.en),
            hint,
            doc_url: self.doc_url.to_owned(),
            retry_after_seconds,
            caller_ip: None,
            api: self.api.to_owned(),
            credential: self.credential,
        };
        self.case(trouble.outcome(self.effect), failure)
    }

    fn case(&self, outcome: Outcome, failure: Failure) -> Error {
        match outcome {
            Outcome::Rejected => Error::PermanentRejected(failure),
            Outcome::Retryable => Error::Retryable(failure),
            Outcome::Uncertain if self.effect == Effect::Read => Error::Retryable(failure),
            Outcome::Uncertain => Error::PermanentOutcomeUnknown(failure),
        }
    }

    /// The fields of an answer that is not WeCom's: their names, and what those say that are there for it.
    fn foreign(&self, fields: &Map<String, Value>) -> String {
        let said = |(name, value): (&String, &Value)| {
            let telling = is_telling(name);
            let name = self.shown_to(name.clone(), MAX_FOREIGN_CHARS);
            // Some say it one level below.
            let value = match value {
                Value::Array(items) => items.first().unwrap_or(value),
                value => value,
            };
            let inner = value.as_object().filter(|_| telling).into_iter().flatten();
            let inner = inner.filter(|(name, value)| is_telling(name) && !value.is_object() && !value.is_array());
            let inner: Vec<String> = inner
                .take(MAX_FOREIGN_FIELDS)
                .map(|(inner, value)| {
                    format!("`{name}.{inner}`: {}", self.shown_to(value.to_string(), MAX_FOREIGN_CHARS))
                })
                .collect();
            if !inner.is_empty() {
                return inner.join(", ");
            }
            match value {
                Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null if telling => {
                    format!("`{name}`: {}", self.shown_to(value.to_string(), MAX_FOREIGN_CHARS))
                }
                _ => format!("`{name}`"),
            }
        };
        let mut shown: Vec<String> = fields.iter().take(MAX_FOREIGN_FIELDS).map(said).collect();
        if fields.len() > MAX_FOREIGN_FIELDS {
            shown.push("…".to_owned());
        }
        shown.join(", ")
    }

    /// A text without secrets, in a length that fits an error.
    fn shown(&self, text: String) -> String {
        self.shown_to(text, MAX_MESSAGE_CHARS)
    }

    fn shown_to(&self, mut text: String, max_chars: usize) -> String {
        // Encoded, a secret is three times as long. What is not shown is not looked through either: a server may echo a
        // megabyte of short secrets.
        let longest = self.secrets.iter().map(|secret| secret.expose().len() * 3).max().unwrap_or_default();
        let cut_off = cut(&mut text, max_chars + longest);
        secret::redact(self.secrets.iter().copied(), &mut text);
        if cut_off {
            // Its end may be the beginning of a secret.
            let kept = text.chars().count().saturating_sub(longest);
            cut(&mut text, kept);
        }
        if cut(&mut text, max_chars) || cut_off {
            text.push('…');
        }
        text
    }
}

/// Whether servers that are not WeCom say in a field of that name what is wrong.
fn is_telling(name: &str) -> bool {
    TELLING.iter().any(|telling| name.eq_ignore_ascii_case(telling))
}

/// Some gateways rewrite numbers: 7.0 and "7" mean 7 all the same.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
            #[expect(clippy::cast_possible_truncation, reason = "whole, and where it is too large `as` saturates")]
            Some(float as i64)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Cuts a text to so many characters. Whether there were more.
fn cut(text: &mut String, max_chars: usize) -> bool {
    cut::cut_off(text, Limit::Chars(max_chars))
}

/// The address behind `from ip:` in WeCom's words.
fn caller_ip(words: &str) -> Option<String> {
    let (_, rest) = words.split_once("from ip:")?;
    let ip = rest.trim_start().split(|c: char| c == ',' || c.is_whitespace()).next()?;
    is_address(ip).then(|| ip.to_owned())
}

/// Whether a text is an IP address. The parser of `std` would be a hundredth of the component.
fn is_address(text: &str) -> bool {
    fn is_v4(text: &str) -> bool {
        let is_byte = |part: &str| {
            (part.len() == 1 || !part.starts_with('0')) && !part.starts_with('+') && part.parse::<u8>().is_ok()
        };
        text.split('.').count() == 4 && text.split('.').all(is_byte)
    }
    /// How many groups of 16 bits the text has; `None` where it has anything else.
    fn groups(text: &str, is_end: bool) -> Option<usize> {
        let (mut groups, mut parts) = (0, text.split(':').peekable());
        while let Some(part) = parts.next() {
            groups += match part {
                "" if text.is_empty() => 0,
                part if is_end && parts.peek().is_none() && is_v4(part) => 2,
                part if (1..=4).contains(&part.len()) && part.chars().all(|c| c.is_ascii_hexdigit()) => 1,
                _ => return None,
            };
        }
        Some(groups)
    }
    let is_v6 = match text.split_once("::") {
        Some((head, tail)) => groups(head, false).zip(groups(tail, true)).is_some_and(|(head, tail)| head + tail < 8),
        None => groups(text, true) == Some(8),
    };
    is_v6 || is_v4(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'a>(effect: Effect, secrets: &'a [&'a Secret]) -> Call<'a> {
        Call {
            api: "message/send",
            effect,
            credential: Credential::AppSecret,
            needs: Secrets::App,
            proof: Proof::Text("msgid"),
            bound: Bound::SHORT,
            doc_url: "https://doc",
            secrets,
            returned: &[],
        }
    }

    fn answer(status: u16, body: &str) -> Result<HttpReply, Lost> {
        Ok(HttpReply { status, retry_after_seconds: None, body: body.as_bytes().to_vec() })
    }

    fn lost(loss: Loss) -> Result<HttpReply, Lost> {
        Err(Lost::new(loss, phrase!("the connection was refused")))
    }

    /// `ok`, or the name of the error's case and its category.
    fn judged(effect: Effect, answer: Result<HttpReply, Lost>) -> String {
        let (case, failure) = match call(effect, &[]).classify(answer) {
            Ok(_) => return "ok".into(),
            Err(Error::PermanentRejected(failure)) => ("rejected", failure),
            Err(Error::PermanentOutcomeUnknown(failure)) => ("unknown", failure),
            Err(Error::Retryable(failure)) => ("retryable", failure),
            Err(other) => panic!("{other}"),
        };
        assert!(!failure.hint.en.is_empty() && !failure.hint.zh.is_empty());
        format!("{case} {:?}", failure.category)
    }

    /// The table in the documentation of [`Error`], line by line.
    #[test]
    fn the_rule_holds_for_reads_and_for_the_rest() {
        for (what, read, rest) in [
            (lost(Loss::Denied), "rejected Permission", "rejected Permission"),
            (lost(Loss::NotSent), "retryable Network", "retryable Network"),
            (lost(Loss::NoAnswer), "retryable Network", "unknown Network"),
            (lost(Loss::NotWeCom), "retryable Protocol", "unknown Protocol"),
            (lost(Loss::Untrusted), "rejected Network", "rejected Network"),
            (lost(Loss::TooLong), "rejected Protocol", "unknown Protocol"),
            (answer(101, ""), "retryable Protocol", "unknown Protocol"),
            (answer(301, ""), "rejected Protocol", "rejected Protocol"),
            (answer(303, ""), "retryable Protocol", "unknown Protocol"),
            (answer(400, ""), "rejected Protocol", "rejected Protocol"),
            (answer(401, ""), "rejected Permission", "rejected Permission"),
            (answer(403, ""), "rejected Permission", "rejected Permission"),
            (answer(404, ""), "rejected Protocol", "rejected Protocol"),
            (answer(408, ""), "retryable Network", "unknown Network"),
            (answer(412, ""), "rejected Protocol", "rejected Protocol"),
            (answer(429, ""), "retryable Limit", "retryable Limit"),
            (answer(500, ""), "retryable Service", "unknown Service"),
            (answer(502, ""), "retryable Service", "unknown Service"),
            (answer(503, ""), "retryable Service", "unknown Service"),
            (answer(200, ""), "retryable Protocol", "unknown Protocol"),
            (answer(200, "<html>"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": 0"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "[]"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "null"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": \"no\"}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": null}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": 0.5}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": 99999999999}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": 0, \"errcode\": 40014}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": -1}"), "retryable Service", "unknown Service"),
            (answer(200, "{\"errcode\": 45009}"), "retryable Limit", "retryable Limit"),
            (answer(200, "{\"errcode\": 48002}"), "rejected Permission", "rejected Permission"),
            (answer(200, "{\"errcode\": 7654321}"), "rejected Unknown", "rejected Unknown"),
            (answer(200, "{\"errcode\": \"48002\"}"), "rejected Permission", "rejected Permission"),
            (answer(200, "{\"errcode\": 0, \"errmsg\": \"anything\"}"), "ok", "ok"),
            (answer(200, "{\"errcode\": 0.0}"), "ok", "ok"),
            (answer(200, "{\"errcode\": \"0\"}"), "ok", "ok"),
            (answer(200, "{\"msgid\": \"m\"}"), "ok", "ok"),
            (answer(200, "{\"msgid\": \"\"}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"msgid\": 7}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errcode\": \"\"}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errmsg\": \"ok\"}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"errCode\": 93000}"), "retryable Protocol", "unknown Protocol"),
            (answer(200, "{\"ret\": 0, \"msg\": \"x\"}"), "retryable Protocol", "unknown Protocol"),
        ] {
            for effect in [Effect::Create, Effect::Update, Effect::Delete, Effect::Send] {
                assert_eq!(judged(effect, what.clone()), rest, "{effect:?}: {what:?}");
            }
            assert_eq!(judged(Effect::Read, what.clone()), read, "{what:?}");
        }
    }

    #[test]
    fn a_refusal_keeps_what_helps_and_hides_secrets() {
        let token = Secret::new("TOKEN/with+signs").expect("not empty");
        let words = "not allow to access from your ip, hint: [1625], from ip: 203.0.113.9, more info at \
                     https://open.work.weixin.qq.com/devtool/query?e=60020 TOKEN/with+signs TOKEN%2Fwith%2Bsigns";
        let body = serde_json::json!({"errcode": 60020, "errmsg": words}).to_string();
        let error = call(Effect::Send, &[&token]).classify(answer(200, &body)).expect_err("a refusal");
        let Error::PermanentRejected(failure) = error else { panic!("{error}") };
        assert_eq!(failure.caller_ip.as_deref(), Some("203.0.113.9"));
        assert_eq!(failure.errcode, Some(60020));
        assert!(failure.message.contains("hint: [1625]"), "{}", failure.message);
        assert!(!failure.message.contains("TOKEN"), "{}", failure.message);
        assert!(failure.doc_url.ends_with("e=60020"));
    }

    #[test]
    fn who_only_reads_is_not_told_to_look_whether_it_happened() {
        for what in
            [lost(Loss::NoAnswer), lost(Loss::NotWeCom), lost(Loss::TooLong), answer(500, ""), answer(200, "{}")]
        {
            for effect in [Effect::Read, Effect::Send, Effect::Update] {
                let error = call(effect, &[]).classify(what.clone()).expect_err("no success");
                let says = error.hint().en.contains("look in WeCom before you repeat it");
                assert_eq!(says, effect != Effect::Read, "{effect:?}: {error}");
                assert_eq!(error.hint().zh.contains("请先在企业微信中确认"), says, "{effect:?}: {error}");
            }
        }
    }

    /// Every code of the table, for every effect: the case follows from the outcome, the rest is the table's.
    #[test]
    fn every_known_code_comes_out_as_the_table_says() {
        for [code, category, outcome, seconds, en, zh] in text::codes() {
            let body = format!("{{\"errcode\": {code}, \"errmsg\": \"no\"}}");
            for effect in [Effect::Read, Effect::Create, Effect::Update, Effect::Delete, Effect::Send] {
                let (case, failure) = match call(effect, &[]).classify(answer(200, &body)).expect_err("a refusal") {
                    Error::PermanentRejected(failure) => ("rejected", failure),
                    Error::PermanentOutcomeUnknown(failure) => ("uncertain", failure),
                    Error::Retryable(failure) if outcome == "uncertain" => ("uncertain read", failure),
                    Error::Retryable(failure) => ("retryable", failure),
                    other => panic!("{other}"),
                };
                let is_uncertain_read = outcome == "uncertain" && effect == Effect::Read;
                assert_eq!(case, if is_uncertain_read { "uncertain read" } else { outcome }, "{code}");
                assert_eq!(failure.category.name(), category);
                assert_eq!(failure.errcode, code.parse().ok());
                assert_eq!(failure.retry_after_seconds, seconds.parse().ok());
                for (hint, words) in [(&failure.hint.en, en), (&failure.hint.zh, zh)] {
                    assert!(!words.is_empty() && hint.ends_with(words), "{code}");
                }
            }
        }
    }

    #[test]
    fn the_hint_names_the_address_and_the_secret() {
        let words =
            serde_json::json!({"errcode": 60020, "errmsg": "not allowed, from ip: 203.0.113.9, more"}).to_string();
        let Err(Error::PermanentRejected(failure)) = call(Effect::Send, &[]).classify(answer(200, &words)) else {
            panic!()
        };
        assert!(failure.hint.en.contains("203.0.113.9") && failure.hint.zh.contains("203.0.113.9"), "{failure:?}");
        for (needs, en, zh) in [
            (Secrets::App, "needs the secret of the application (AppSecret)", "需要应用的Secret"),
            (Secrets::Contacts, "needs the contacts secret", "需要通讯录Secret"),
        ] {
            let call = Call { needs, ..call(Effect::Read, &[]) };
            let Err(Error::PermanentRejected(failure)) = call.classify(answer(200, "{\"errcode\": 48002}")) else {
                panic!()
            };
            assert!(failure.hint.en.contains(en) && failure.hint.zh.contains(zh), "{failure:?}");
        }
    }

    #[test]
    fn ids_are_read_in_every_form() {
        for (form, ids) in [
            (serde_json::json!("a|b||"), vec!["a", "b"]),
            (serde_json::json!(["a", 7]), vec!["a", "7"]),
            (serde_json::json!(7), vec!["7"]),
            (serde_json::json!(""), vec![]),
        ] {
            let mut reply = Reply::new(Map::from_iter([("ids".to_owned(), form)]));
            assert_eq!(reply.delimited("ids").expect("readable"), ids);
        }
    }

    #[test]
    fn a_reply_of_small_values_is_bounded() {
        let body = format!("{{\"x\":[[0]{}]}}", ",[0]".repeat(200_000));
        assert_eq!(judged(Effect::Send, answer(200, &body)), "unknown Protocol");
        assert_eq!(judged(Effect::Read, answer(200, &body)), "rejected Protocol");
    }

    #[test]
    fn a_refusal_without_words_says_so() {
        for errmsg in [serde_json::json!(null), serde_json::json!(" "), serde_json::json!({"a": 1})] {
            let body = serde_json::json!({"errcode": 60111, "errmsg": errmsg}).to_string();
            let Err(Error::PermanentRejected(failure)) = call(Effect::Update, &[]).classify(answer(200, &body)) else {
                panic!("{body}")
            };
            assert_eq!(failure.message, "errcode without errmsg", "{body}");
        }
    }

    #[test]
    fn a_secret_that_is_a_key_is_not_shown() {
        // Escaped, it is not the text that is looked for; cut at some length, neither.
        let secret = Secret::new(format!("TOKEN\"{}", "x".repeat(200))).expect("not empty");
        let call = call(Effect::Read, &[]);
        let call = Call { secrets: &[&secret], ..call };
        let object = serde_json::json!({"errcode": 0, "id": {secret.expose(): 1}});
        let mut reply = call.classify(answer(200, &object.to_string())).expect("a success");
        let errors = [
            call.malformed(&reply.required_number("id").expect_err("an object is no number")),
            call.classify(answer(200, &format!("{{{0}:1,{0}:2}}", Value::from(secret.expose())))).expect_err("no JSON"),
            call.classify(answer(200, &format!("{{{}:1}}", Value::from(secret.expose())))).expect_err("no errcode"),
        ];
        for error in errors {
            assert!(!format!("{error} {error:?}").contains("TOKEN"), "{error}");
        }
    }

    #[test]
    fn what_is_not_wecom_s_is_named() {
        let long = "x".repeat(1000);
        for (body, said) in [
            ("{}".to_owned(), "the answer is an empty JSON object, without `errcode`".to_owned()),
            (
                r#"{"data": {"code": 1}, "message": "… status_code: 404", "token": "unknown"}"#.to_owned(),
                r#"the answer has no `errcode`; it has `data`, `message`: "… status_code: 404", `token`"#.to_owned(),
            ),
            (
                r#"{"error": {"code": 401, "message": "login", "token": "unknown"}}"#.to_owned(),
                r#"it has `error.code`: 401, `error.message`: "login""#.to_owned(),
            ),
            ("<html>login</html>".to_owned(), "the answer is a web page or XML, not JSON".to_owned()),
            (" \n".to_owned(), "the answer is empty".to_owned()),
            (
                r#"{"errcode": "ok", "msg": "denied"}"#.to_owned(),
                r#"no 32-bit whole number; beside it stands `msg`: "denied""#.to_owned(),
            ),
            (
                r#"{"Ret": 401, "msg": null}"#.to_owned(),
                "the answer has no `errcode`; it has `Ret`: 401, `msg`: null".to_owned(),
            ),
            (format!(r#"{{"error": "{long}"}}"#), format!("it has `error`: \"{}…", "x".repeat(MAX_FOREIGN_CHARS - 1))),
            (r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}"#.to_owned(), "`e`, `f`, …".to_owned()),
        ] {
            let Err(Error::PermanentOutcomeUnknown(failure)) = call(Effect::Send, &[]).classify(answer(200, &body))
            else {
                panic!("{body}")
            };
            assert!(failure.message.ends_with(&said), "{}", failure.message);
        }
    }

    #[test]
    fn what_is_missing_is_named_with_its_place() {
        let body = r#"{"errcode": 0, "list": [{"id": 1}, {"x": 1}], "one": {"deep": {"id": []}}}"#;
        let mut reply = call(Effect::Read, &[]).classify(answer(200, body)).expect("a success");
        let rows = reply.rows("list", |row| row.required_number("id")).expect_err("the second has none");
        assert_eq!(rows, Malformed::Missing("list[1].id".into()));
        let mut deep = reply.object("one").and_then(|mut one| one.object("deep")).expect("objects");
        assert_eq!(deep.required_text("id"), Err(Malformed::Other("one.deep.id".into(), phrase!("a text"))));
    }

    #[test]
    fn long_words_are_cut() {
        let body = serde_json::json!({"errcode": 1, "errmsg": "企".repeat(5000)}).to_string();
        let Err(Error::PermanentRejected(failure)) = call(Effect::Send, &[]).classify(answer(200, &body)) else {
            panic!()
        };
        assert_eq!(failure.message.chars().count(), MAX_MESSAGE_CHARS + 1);
    }

    #[test]
    fn an_address_is_what_std_takes_for_one() {
        for text in [
            "127.0.0.1",
            "255.255.255.255",
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "+1.2.3.4",
            "1..2.3",
            "",
            "::",
            "::1",
            "1::",
            "2001:db8::1",
            "::ffff:203.0.113.9",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:1.2.3.4",
            "1.2.3.4::",
            "1.2.3.4:1:2:3:4:5:6",
            "1::2::3",
            ":::",
            ":::::",
            "dead:beef:cafe",
            "12345::",
            "g::",
            "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7",
            "::1:2:3:4:5:6:7:8",
            "nobody",
            "1:2",
            "::1.2.3.4.5",
            "0000000000.1.1.1",
        ] {
            assert_eq!(is_address(text), text.parse::<std::net::IpAddr>().is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_text_without_an_address_names_no_caller() {
        for words in ["", "from ip:", "from ip: nobody, more", "from ip: 999.1.1.1"] {
            assert_eq!(caller_ip(words), None, "{words}");
        }
        assert_eq!(caller_ip("x from ip: 2001:db8::1, y").as_deref(), Some("2001:db8::1"));
    }
}
