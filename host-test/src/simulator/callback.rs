//! Callbacks: the URLs that were set, and what is to be told there. How it gets there is in `delivery`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::Uri;
use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::{Map, Value, json};

use super::envelope::Keys;
use super::xml;
use crate::plain;

/// How often a message is sent again that was not answered with 200.
pub const REPEATS: usize = 3;
/// How long an answer may take where a URL is verified.
pub(super) const VERIFY_WITHIN: Duration = Duration::from_secs(1);

/// What a URL is for: each has a token and a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Messages and events of the app with that agent id.
    App(i64),
    /// Changes of members, departments and tags.
    Contacts,
    /// Changes of customers.
    Customers,
}

impl Source {
    fn json(self) -> Value {
        match self {
            Self::App(agent_id) => agent_id.into(),
            Self::Contacts => "contacts".into(),
            Self::Customers => "customers".into(),
        }
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(word) if word == "contacts" => Ok(Self::Contacts),
            Value::String(word) if word == "customers" => Ok(Self::Customers),
            value => value.as_i64().map(Self::App).ok_or_else(|| de::Error::custom("no agent_id")),
        }
    }
}

/// A callback URL, with what it is signed and encrypted with.
#[derive(Debug)]
pub(super) struct Setting {
    pub source: Source,
    /// Who the messages are for.
    pub corp_id: String,
    url: Uri,
    keys: Keys,
}

/// A request to be sent, with what is new in each.
pub(super) struct Sealed {
    pub url: Uri,
    pub timestamp: u64,
    pub nonce: String,
    /// Empty where the URL is verified.
    pub body: String,
}

impl Setting {
    /// What WeCom's console would take; otherwise what is wrong.
    pub(crate) fn new(
        (corp_id, source): (&str, Source),
        url: &str,
        token: &str,
        encoding_aes_key: &str,
    ) -> Result<Self, String> {
        let keys = Keys::parse(token, encoding_aes_key)?;
        let url: Uri = url.parse().map_err(|_| "url: it is no URL")?;
        if !plain::is_callable(&url) {
            return Err(format!("url: {}; there is no TLS here", plain::Failure::Address));
        }
        Ok(Self { source, corp_id: corp_id.into(), url, keys })
    }

    /// The GET that verifies the URL, and what it has to be answered with.
    pub(crate) fn verification(&self) -> Option<(Sealed, String)> {
        let echo = fastrand::u64(1_000_000_000_000_000_000..10_000_000_000_000_000_000).to_string();
        let ciphertext = self.keys.encrypt(&echo, &self.corp_id);
        Some((self.sealed(&ciphertext, Some(&ciphertext), String::new())?, echo))
    }

    /// The POST of a message.
    pub(crate) fn post(&self, message: &str) -> Option<Sealed> {
        let ciphertext = self.keys.encrypt(message, &self.corp_id);
        let agent_id = match self.source {
            Source::App(agent_id) => agent_id.to_string(),
            Source::Contacts | Source::Customers => String::new(),
        };
        let [to, encrypt, agent_id] = [self.corp_id.as_str(), &ciphertext, &agent_id].map(Value::from);
        let body = xml::write([("ToUserName", &to), ("Encrypt", &encrypt), ("AgentID", &agent_id)]);
        self.sealed(&ciphertext, None, body)
    }

    fn sealed(&self, ciphertext: &str, echo: Option<&str>, body: String) -> Option<Sealed> {
        let timestamp = unix_time();
        let nonce = fastrand::u32(1_000_000_000..).to_string();
        let signature = self.keys.signature(&timestamp.to_string(), &nonce, ciphertext);
        let mut query = format!("msg_signature={signature}&timestamp={timestamp}&nonce={nonce}");
        if let Some(echo) = echo {
            query.push_str("&echostr=");
            query.extend(percent_encoding::utf8_percent_encode(echo, percent_encoding::NON_ALPHANUMERIC));
        }
        let joint = if self.url.query().is_some() { '&' } else { '?' };
        let url = format!("{}{joint}{query}", self.url).parse().ok()?;
        Some(Sealed { url, timestamp, nonce, body })
    }

    /// The fields of a passive reply to that member; otherwise what is wrong with it.
    pub(crate) fn open(&self, body: &[u8], member: &str) -> Result<Map<String, Value>, String> {
        let text = std::str::from_utf8(body).map_err(|_| "the reply is not UTF-8")?;
        let envelope = xml::read(text).map_err(|wrong| format!("the reply cannot be read: {wrong}"))?;
        let known = ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"];
        if let Some(stranger) = envelope.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!(
                "the reply has an element {stranger}; there are Encrypt, MsgSignature, TimeStamp and Nonce"
            ));
        }
        let part = |name: &str| {
            let text = envelope.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.ok_or_else(|| format!("the reply has no {name}"))
        };
        let [ciphertext, signature, timestamp, nonce] =
            [part(known[0])?, part(known[1])?, part(known[2])?, part(known[3])?];
        if !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("TimeStamp of the reply is no number".into());
        }
        if self.keys.signature(timestamp, nonce, ciphertext) != signature {
            return Err("MsgSignature of the reply is wrong".into());
        }
        let (message, receiver) =
            self.keys.decrypt(ciphertext).map_err(|wrong| format!("the reply cannot be decrypted: {wrong}"))?;
        if receiver != self.corp_id {
            return Err("the reply is encrypted for another receiver than the enterprise".into());
        }
        let fields = xml::read(&message).map_err(|wrong| format!("the decrypted reply cannot be read: {wrong}"))?;
        let is = |name: &str, expected: &str| fields.get(name).is_some_and(|value| value == expected);
        if !is("ToUserName", member) || !is("FromUserName", &self.corp_id) {
            return Err("the reply has to be to the member, from the enterprise: ToUserName and FromUserName".into());
        }
        let created = fields.get("CreateTime").and_then(Value::as_str).unwrap_or_default();
        if created.is_empty() || !created.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("CreateTime of the reply is no number".into());
        }
        Ok(fields)
    }
}

/// A message on its way, or where it has arrived.
#[derive(Debug)]
pub struct Delivery {
    /// Counts from 1.
    pub id: usize,
    /// Which URL it goes to.
    pub source: Source,
    /// What it says, with WeCom's names.
    pub message: Value,
    /// How often it was sent, and what came of that.
    pub attempts: Vec<Attempt>,
    /// What became of it.
    pub state: State,
    /// The fields of the passive reply, decrypted.
    pub reply: Option<Value>,
    /// What is wrong with the reply. It has no effect then.
    pub reply_error: Option<String>,
    /// The member who may be answered.
    pub(super) member: Option<String>,
    /// The message id of the card that was pressed.
    pub(super) card: Option<String>,
    pub(super) setting: Arc<Setting>,
    xml: String,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is on its way, or will be sent again.
    Pending,
    /// It was answered with 200.
    Delivered,
    /// It was not, however often it was sent.
    Lost,
}

/// A message as it was sent once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// In the query.
    pub timestamp: u64,
    /// In the query.
    pub nonce: String,
    /// The HTTP status of the answer; otherwise why there was none.
    pub outcome: Result<u16, String>,
}

impl Delivery {
    /// As it is listed for a test.
    pub fn json(&self) -> Value {
        let attempt = |attempt: &Attempt| {
            let mut json = json!({"timestamp": attempt.timestamp, "nonce": attempt.nonce});
            match &attempt.outcome {
                Ok(status) => json["status"] = (*status).into(),
                Err(failure) => json["failure"] = failure.as_str().into(),
            }
            json
        };
        json!({
            "id": self.id,
            "agent_id": self.source.json(),
            "state": match self.state {
                State::Pending => "pending",
                State::Delivered => "delivered",
                State::Lost => "lost",
            },
            "message": self.message,
            "attempts": self.attempts.iter().map(attempt).collect::<Vec<_>>(),
            "reply": self.reply,
            "reply_error": self.reply_error,
        })
    }

    /// What it is, for a line: `event template_card_event`.
    pub fn kind(&self) -> String {
        let names = ["MsgType", "Event", "ChangeType"].map(|name| self.message[name].as_str());
        names.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The next request that carries it.
    pub(super) fn post(&self) -> Option<Sealed> {
        self.setting.post(&self.xml)
    }
}

/// Who a message is about, beside what it says.
#[derive(Default)]
pub(super) struct About {
    /// The member who may be answered.
    pub member: Option<String>,
    /// The message id of a card.
    pub card: Option<String>,
}

/// Every URL that was set, and every message to them.
#[derive(Debug, Default)]
pub(super) struct Callbacks {
    settings: BTreeMap<(String, Source), Arc<Setting>>,
    deliveries: Vec<Delivery>,
    /// Those that nobody has taken up yet.
    outbox: VecDeque<usize>,
}

impl Callbacks {
    pub(crate) fn set(&mut self, setting: Setting) {
        self.settings.insert((setting.corp_id.clone(), setting.source), Arc::new(setting));
    }

    /// Sends a message to the URL, where there is one, and returns its number.
    pub(crate) fn tell(
        &mut self,
        corp_id: &str,
        source: Source,
        from: &str,
        fields: Vec<(&str, Value)>,
        about: About,
    ) -> Option<usize> {
        let setting = self.settings.get(&(corp_id.to_owned(), source))?;
        let mut all: Vec<(&str, Value)> =
            vec![("ToUserName", corp_id.into()), ("FromUserName", from.into()), ("CreateTime", unix_time().into())];
        all.extend(fields);
        if let Source::App(agent_id) = source {
            all.push(("AgentID", agent_id.into()));
        }
        let xml = xml::write(all.iter().map(|(name, value)| (*name, value)));
        let id = self.deliveries.len() + 1;
        self.deliveries.push(Delivery {
            id,
            source,
            message: all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            attempts: Vec::new(),
            state: State::Pending,
            reply: None,
            reply_error: None,
            member: about.member,
            card: about.card,
            setting: Arc::clone(setting),
            xml,
        });
        self.outbox.push_back(id);
        Some(id)
    }

    /// An event of the contacts, from WeCom itself.
    pub(crate) fn tell_change(&mut self, corp_id: &str, change_type: &str, fields: Vec<(&str, Value)>) {
        let mut event = event("change_contact");
        event.push(("ChangeType", change_type.into()));
        event.extend(fields);
        self.tell(corp_id, Source::Contacts, "sys", event, About::default());
    }

    pub(crate) fn has(&self, corp_id: &str, source: Source) -> bool {
        self.settings.contains_key(&(corp_id.to_owned(), source))
    }

    pub(crate) fn all(&self) -> &[Delivery] {
        &self.deliveries
    }

    pub(crate) fn get(&self, id: usize) -> Option<&Delivery> {
        self.deliveries.get(id.checked_sub(1)?)
    }

    pub(crate) fn get_mut(&mut self, id: usize) -> Option<&mut Delivery> {
        self.deliveries.get_mut(id.checked_sub(1)?)
    }

    /// The next message that is to be taken up.
    pub(crate) fn next(&mut self) -> Option<usize> {
        self.outbox.pop_front()
    }
}

/// The first fields of an event.
pub(super) fn event(name: &str) -> Vec<(&'static str, Value)> {
    vec![("MsgType", "event".into()), ("Event", name.into())]
}

/// The real time: receivers refuse what is not of now, however the clock of the world was set.
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
