//! From an HTTP answer to a reply or an error: the one place that decides what an answer means.

use serde_json::{Map, Value};

use super::reading::{Malformed, Reply, whole_number};
use crate::about::{Effect, Proof, Secrets};
use crate::cut::{self, Limit};
use crate::error::{self, Category, Credential, Error, Failure, Outcome};
use crate::http::transport::{Bound, HttpReply, Progress, SendError};
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

/// What gettoken returns, and no other API.
pub const TOKEN: Proof = Proof::Text("access_token");

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
    /// WeCom's code for there being nothing to list.
    pub nothing_found: Option<i32>,
    /// Whether WeCom was asked not to carry out the same call twice.
    pub duplicate_check: bool,
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
enum TransportOutcome {
    Unanswered(Progress),
    Status(u16),
}

impl TransportOutcome {
    fn category(self) -> Category {
        match self {
            Self::Unanswered(Progress::NotSent | Progress::Untrusted | Progress::NoAnswer) | Self::Status(408) => {
                Category::Network
            }
            Self::Unanswered(Progress::Denied) | Self::Status(401 | 403 | 407) => Category::Permission,
            Self::Unanswered(Progress::NoRoom) | Self::Status(429) => Category::Limit,
            Self::Status(500..) => Category::Service,
            Self::Unanswered(Progress::NotWeCom | Progress::TooLong) | Self::Status(_) => Category::Protocol,
        }
    }

    fn outcome(self, effect: Effect) -> Outcome {
        match self {
            // Who reads gets the same answer again; what a write did, such an answer does not tell.
            Self::Unanswered(Progress::TooLong) if effect == Effect::Read => Outcome::Rejected,
            Self::Unanswered(Progress::NoRoom | Progress::NotSent) | Self::Status(429) => Outcome::Retryable,
            // WeCom and its gateways end no call with 1xx: whether it was carried out, that does not say. 303 is how a
            // server answers what it may well have carried out.
            Self::Status(..200 | 303 | 408 | 500..)
            | Self::Unanswered(Progress::NoAnswer | Progress::NotWeCom | Progress::TooLong) => Outcome::Uncertain,
            Self::Unanswered(Progress::Denied | Progress::Untrusted) | Self::Status(_) => Outcome::Rejected,
        }
    }

    /// Its name in the table of hints.
    fn name(self) -> &'static str {
        match self {
            Self::Unanswered(Progress::Denied) => "denied",
            Self::Unanswered(Progress::Untrusted) => "untrusted-certificate",
            Self::Unanswered(Progress::TooLong) => "too-long",
            Self::Unanswered(Progress::NoRoom) => "no-room",
            Self::Unanswered(Progress::NotSent) => "not-sent",
            Self::Unanswered(Progress::NoAnswer) => "no-answer",
            Self::Unanswered(Progress::NotWeCom) | Self::Status(..200 | 303) => "not-wecom",
            Self::Status(429) => "too-many-requests",
            Self::Status(408 | 500..) => "server-failed",
            Self::Status(_) => "refused-before-wecom",
        }
    }
}

impl Call<'_> {
    /// The reply, where the answer reports success; else what went wrong.
    pub fn classify(&self, answer: Result<HttpReply, SendError>) -> Result<Reply, Error> {
        let answer = answer
            .map_err(|error| self.transport_error(TransportOutcome::Unanswered(error.progress), &error.cause, None))?;
        if !(200..300).contains(&answer.status) {
            let outcome = TransportOutcome::Status(answer.status);
            let status = message!("HTTP status {}", u32::from(answer.status));
            return Err(self.transport_error(outcome, &status, answer.retry_after_seconds));
        }
        if let (Proof::Attachment, Some(disposition)) = (self.proof, &answer.content_disposition)
            && disposition.trim_start().get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("attachment"))
        {
            return Ok(Reply::attached(file_name(disposition), answer.body));
        }
        let not_wecom =
            |why: Message| self.transport_error(TransportOutcome::Unanswered(Progress::NotWeCom), &why, None);
        match answer.body.trim_ascii() {
            [] => return Err(not_wecom(phrase!("the answer is empty").into())),
            [b'<', ..] => return Err(not_wecom(phrase!("the answer is a web page or XML, not JSON").into())),
            _ => {}
        }
        let mut document = json::parse_reply(&answer.body, self.bound.values).map_err(|bad| match bad {
            BadReply::Syntax(line, column) => {
                not_wecom(message!("the answer is not JSON: line {}, column {}", line, column))
            }
            BadReply::TooMany => self.transport_error(
                TransportOutcome::Unanswered(Progress::TooLong),
                &phrase!("the answer is too long").into(),
                None,
            ),
        })?;
        let hidden = self.secrets.iter().copied().filter(|secret| !self.returned.contains(secret));
        secret::redact_json(hidden, &mut document);
        let Value::Object(mut fields) = document else {
            return Err(not_wecom(phrase!("the answer is JSON, but not an object").into()));
        };
        // An engine that mixes up what it hands in must not read that a message was sent.
        if self.proof != TOKEN && TOKEN.stands_in(&fields) {
            return Err(not_wecom(phrase!("the answer is to another call: it has an `access_token`").into()));
        }
        let errcode = fields.remove("errcode");
        match errcode.as_ref().map(|value| whole_number(value).and_then(|number| i32::try_from(number).ok())) {
            Some(Some(0)) => Ok(Reply::new(fields)),
            Some(found) if found.is_some() && found == self.nothing_found => Ok(Reply::new(Map::new())),
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
        self.transport_error(TransportOutcome::Unanswered(Progress::NotWeCom), &what.words(), None)
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

    fn transport_error(&self, outcome: TransportOutcome, what: &Message, retry_after_seconds: Option<u32>) -> Error {
        let what = localize(what);
        let mut hint = text::hint(outcome.name());
        let call = match outcome {
            // Who repeats it gets the same answer again.
            TransportOutcome::Unanswered(Progress::TooLong) => Self { duplicate_check: false, ..*self },
            _ => *self,
        };
        if outcome.outcome(self.effect) == Outcome::Uncertain && !call.may_be_repeated() {
            hint = hint.before(&localize(
                &phrase!("This action may have been carried out: look in WeCom before you repeat it.").into(),
            ));
        }
        // The message is English. Who reads Chinese learns from the hint what broke, and not only what to do.
        hint.zh = format!("{}。{}", self.shown(what.zh), hint.zh);
        let failure = Failure {
            category: outcome.category(),
            errcode: None,
            message: self.shown(what.en),
            hint,
            doc_url: self.doc_url.to_owned(),
            retry_after_seconds,
            caller_ip: None,
            api: self.api.to_owned(),
            credential: self.credential,
        };
        call.case(outcome.outcome(self.effect), failure)
    }

    /// Whether it may be made again without knowing whether it was carried out.
    fn may_be_repeated(&self) -> bool {
        self.effect == Effect::Read || self.duplicate_check
    }

    fn case(&self, outcome: Outcome, failure: Failure) -> Error {
        match outcome {
            Outcome::Rejected => Error::PermanentRejected(failure),
            Outcome::Retryable => Error::Retryable(failure),
            Outcome::Uncertain if self.may_be_repeated() => Error::Retryable(failure),
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

/// Cuts a text to so many characters. Whether there were more.
fn cut(text: &mut String, max_chars: usize) -> bool {
    cut::cut_off(text, Limit::Chars(max_chars))
}

/// The name of a file in a header `Content-Disposition`, without folders.
fn file_name(disposition: &str) -> Option<String> {
    let (_, name) = disposition.split_once("filename=")?;
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?.0,
        None => name.split(';').next()?.trim(),
    };
    let name = name.rsplit(['/', '\\']).next().filter(|name| !name.is_empty())?;
    Some(name.to_owned())
}

/// The address behind `from ip:` in WeCom's words.
fn caller_ip(words: &str) -> Option<String> {
    let (_, rest) = words.split_once("from ip:")?;
    let ip = rest.trim_start().split(|c: char| c == ',' || c.is_whitespace()).next()?;
    is_address(ip).then(|| ip.to_owned())
}

/// Whether a word has the form of an IP address. It is shown to a person, who knows one.
fn is_address(word: &str) -> bool {
    let is_of = |may_stand: fn(&char) -> bool| word.chars().all(|c| may_stand(&c));
    let count = |c| word.matches(c).count();
    count('.') == 3 && is_of(|c| c.is_ascii_digit() || *c == '.')
        || count(':') >= 2 && is_of(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'))
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
            nothing_found: None,
            duplicate_check: false,
            bound: Bound::SHORT,
            doc_url: "https://doc",
            secrets,
            returned: &[],
        }
    }

    fn answer(status: u16, body: &str) -> Result<HttpReply, SendError> {
        Ok(HttpReply::new(status, None, None, body.as_bytes().to_vec()))
    }

    fn lost(progress: Progress) -> Result<HttpReply, SendError> {
        Err(SendError::new(progress, phrase!("the connection was refused")))
    }

    /// `ok`, or the name of the error's case and its category.
    fn judged(effect: Effect, answer: Result<HttpReply, SendError>) -> String {
        judged_by(&call(effect, &[]), answer)
    }

    fn judged_by(call: &Call, answer: Result<HttpReply, SendError>) -> String {
        let (case, failure) = match call.classify(answer) {
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
        for (what, read, rest, checked) in [
            (lost(Progress::Denied), "rejected Permission", "rejected Permission", "rejected Permission"),
            (lost(Progress::NotSent), "retryable Network", "retryable Network", "retryable Network"),
            (lost(Progress::NoAnswer), "retryable Network", "unknown Network", "retryable Network"),
            (lost(Progress::NotWeCom), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (lost(Progress::Untrusted), "rejected Network", "rejected Network", "rejected Network"),
            (lost(Progress::TooLong), "rejected Protocol", "unknown Protocol", "unknown Protocol"),
            (answer(101, ""), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(301, ""), "rejected Protocol", "rejected Protocol", "rejected Protocol"),
            (answer(303, ""), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(400, ""), "rejected Protocol", "rejected Protocol", "rejected Protocol"),
            (answer(401, ""), "rejected Permission", "rejected Permission", "rejected Permission"),
            (answer(403, ""), "rejected Permission", "rejected Permission", "rejected Permission"),
            (answer(404, ""), "rejected Protocol", "rejected Protocol", "rejected Protocol"),
            (answer(408, ""), "retryable Network", "unknown Network", "retryable Network"),
            (answer(412, ""), "rejected Protocol", "rejected Protocol", "rejected Protocol"),
            (answer(429, ""), "retryable Limit", "retryable Limit", "retryable Limit"),
            (answer(500, ""), "retryable Service", "unknown Service", "retryable Service"),
            (answer(502, ""), "retryable Service", "unknown Service", "retryable Service"),
            (answer(503, ""), "retryable Service", "unknown Service", "retryable Service"),
            (answer(200, ""), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "<html>"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errcode\": 0"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "[]"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "null"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errcode\": \"no\"}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errcode\": null}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errcode\": 0.5}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errcode\": 99999999999}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (
                answer(200, "{\"errcode\": 0, \"errcode\": 40014}"),
                "retryable Protocol",
                "unknown Protocol",
                "retryable Protocol",
            ),
            (answer(200, "{\"errcode\": -1}"), "retryable Service", "unknown Service", "retryable Service"),
            (answer(200, "{\"errcode\": 45009}"), "retryable Limit", "retryable Limit", "retryable Limit"),
            (answer(200, "{\"errcode\": 48002}"), "rejected Permission", "rejected Permission", "rejected Permission"),
            (answer(200, "{\"errcode\": 7654321}"), "rejected Unknown", "rejected Unknown", "rejected Unknown"),
            (
                answer(200, "{\"errcode\": \"48002\"}"),
                "rejected Permission",
                "rejected Permission",
                "rejected Permission",
            ),
            (answer(200, "{\"errcode\": 0, \"errmsg\": \"anything\"}"), "ok", "ok", "ok"),
            (answer(200, "{\"errcode\": 0.0}"), "ok", "ok", "ok"),
            (answer(200, "{\"errcode\": \"0\"}"), "ok", "ok", "ok"),
            (answer(200, "{\"msgid\": \"m\"}"), "ok", "ok", "ok"),
            (answer(200, "{\"msgid\": \"\"}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"msgid\": 7}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errcode\": \"\"}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errmsg\": \"ok\"}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (answer(200, "{\"errCode\": 93000}"), "retryable Protocol", "unknown Protocol", "retryable Protocol"),
            (
                answer(200, "{\"ret\": 0, \"msg\": \"x\"}"),
                "retryable Protocol",
                "unknown Protocol",
                "retryable Protocol",
            ),
        ] {
            for effect in [Effect::Create, Effect::Update, Effect::Delete, Effect::Send] {
                assert_eq!(judged(effect, what.clone()), rest, "{effect:?}: {what:?}");
            }
            assert_eq!(judged(Effect::Read, what.clone()), read, "{what:?}");
            let send = Call { duplicate_check: true, ..call(Effect::Send, &[]) };
            assert_eq!(judged_by(&send, what.clone()), checked, "with the duplicate check: {what:?}");
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
        for what in [
            lost(Progress::NoAnswer),
            lost(Progress::NotWeCom),
            lost(Progress::TooLong),
            answer(500, ""),
            answer(200, "{}"),
        ] {
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
    fn long_words_are_cut() {
        let body = serde_json::json!({"errcode": 1, "errmsg": "企".repeat(5000)}).to_string();
        let Err(Error::PermanentRejected(failure)) = call(Effect::Send, &[]).classify(answer(200, &body)) else {
            panic!()
        };
        assert_eq!(failure.message.chars().count(), MAX_MESSAGE_CHARS + 1);
    }

    #[test]
    fn an_address_has_the_form_of_one() {
        for address in ["203.0.113.9", "::1", "2001:db8::8a2e:370:7334", "::ffff:203.0.113.9"] {
            assert!(is_address(address), "{address}");
        }
        for other in ["", "1.2.3", "a.b.c.d", "12:34", "more", "2026-11-26", "https://a.b.c", "1.2.3.4/24"] {
            assert!(!is_address(other), "{other}");
        }
    }

    #[test]
    fn a_text_without_an_address_names_no_caller() {
        for words in ["", "from ip:", "from ip: ", "from ip: nobody", "from ip 203.0.113.9"] {
            assert_eq!(caller_ip(words), None, "{words}");
        }
        assert_eq!(caller_ip("x from ip: 2001:db8::1, y").as_deref(), Some("2001:db8::1"));
    }
}
