//! What one input of a fuzz target does, and what must hold whatever the input is.
//!
//! This is the one harness: the fuzz targets feed it, and so do the property tests in host-test/inputs, which include
//! this file. Every function panics where something does not hold.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a harness reports")]

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::Duration;

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::array::Array;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use wecom_connector::about::{About, Effect};
use wecom_connector::actions::ABOUT;
use wecom_connector::callback::{self, CallbackError, Check, Event, Format};
use wecom_connector::connection::CheckedCallback;
use wecom_connector::connector::Connector;
use wecom_connector::error::{Argument, Error, Failure, InvalidParameter};
use wecom_connector::http::Method;
use wecom_connector::http::transport::{Body, Host, HttpReply, HttpRequest, Progress, SendError, run_blocking};
use wecom_connector::http::url::{BaseUrl, DEFAULT_BASE_URL, Scheme};
use wecom_connector::secrecy::SecretFinder;
use wecom_connector::stepwise::{self, Operation, Output, Step, Stepwise};
use wecom_connector::text::{Message, Phrase};

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// The targets.
pub const TARGETS: [Target; 6] = [
    ("invoke", invoke),
    ("connection", connection),
    ("reply", reply),
    ("base_url", base_url),
    ("webhook", webhook),
    ("callback", callback),
];

/// What stands in every secret, in all its forms, and in no text of the connector's own. One for each credential.
const MARKS: [(&str, &str); 5] = [
    ("app_secret", "QMARKAPPQ"),
    ("contacts_secret", "QMARKCONTACTSQ"),
    ("access_token", "QMARKSUPPLIEDQ"),
    ("contacts_access_token", "QMARKCONTACTSSUPPLIEDQ"),
    ("chatbot_key", "QMARKKEYQ"),
];
/// The same for the token that gettoken returns. All characters that a URL or JSON writes in another way are in it. Like
/// every secret here it begins with a letter that no backslash may stand before, so that no input can eat that one.
const TOKEN: &str = "x+/=&?#% \"\\中\u{7f}QMARKTOKENQ";

const ALL_IS_WELL: &str =
    r#"{"errcode":0,"errmsg":"ok","id":2,"department":{"id":2},"chatid":"c","chat_info":{"chatid":"c"}}"#;

// ------------------------------------------------------------------------------------------------------------ targets

/// Parameters of every action. The first line names the action; the byte after it chooses what the host answers; the
/// rest is the JSON text. A line that begins with `?` is asked for as it stands behind that.
pub fn invoke(data: &[u8]) {
    let Some((line, [style, rest @ ..])) = first_line(data) else { return };
    let text = String::from_utf8_lossy(rest);
    let world = World::answering(*style);
    let connector = Connector::new(&world);
    if let [b'?', name @ ..] = line {
        let name = String::from_utf8_lossy(name);
        let answer = run_blocking(connector.invoke(&name, None, &*text));
        let about = ABOUT.iter().find(|about| about.id == name);
        if about.is_none() {
            let faults = faults_of(&answer);
            assert!(faults.iter().all(|fault| fault.argument == Argument::Action), "{faults:?}");
        }
        return assert_settled(about, &answer, &world, &text);
    }
    let about = named(line);
    let connection = marked(match about.interface.name {
        "chatbot-message" => r#"{"type":"chatbot","chatbot_key":"k+/="}"#,
        _ => r#"{"type":"application","corp_id":"ww1","app_secret":"a\"\\+中","contacts_secret":"c&= ","agent_id":7}"#,
    });
    let answer = run_blocking(connector.invoke(about.id, Some(&connection), &*text));
    if let Err(Error::PermanentInvalidParameters(faults)) = &answer {
        assert!(faults.iter().all(|fault| fault.argument == Argument::Parameters), "{faults:?}");
    }
    assert_settled(Some(about), &answer, &world, &text);
    assert_same_in_steps(about, &connection, &text, &answer, &world);
}

/// A connection's JSON. The first byte chooses what is asked of the connector, the second what the host answers.
pub fn connection(data: &[u8]) {
    let [question, style, rest @ ..] = data else { return };
    let text = String::from_utf8_lossy(rest);
    let with_marks = marked(&text);
    // As it came, with keys that stand twice, and with secrets that are known when they are seen again.
    for connection in [text.as_ref(), with_marks.as_str()] {
        let world = World::answering(*style);
        let connector = Connector::new(&world);
        let invoke = |action: &str, parameters: &str| {
            let about = ABOUT.iter().find(|about| about.id == action);
            let answer = run_blocking(connector.invoke(action, Some(connection), parameters));
            assert_settled(about, &answer, &world, &text);
            answer
        };
        let answer = match chosen(*question, 6) {
            0 => invoke("list-department-ids", "{}"),
            1 => invoke("get-group-chat", r#"{"chat_id":"c"}"#),
            2 => invoke("push-text-message-by-chatbot", r#"{"content":"x"}"#),
            3 => {
                let report = run_blocking(connector.test_connection(Some(connection)));
                let answer = report.map(|report| format!("{report:?}"));
                assert_faults_and_failure(&answer);
                assert_no_mark(&answer, &text);
                answer
            }
            contacts => {
                let token = run_blocking(connector.access_token(Some(connection), contacts == 5));
                let answer = token.map(|token| {
                    assert_eq!(token.access_token, TOKEN);
                    "{}".to_owned()
                });
                assert_faults_and_failure(&answer);
                assert_no_mark(&answer, &text);
                answer
            }
        };
        if let Err(Error::PermanentInvalidParameters(faults)) = &answer {
            assert!(faults.iter().all(|fault| fault.argument == Argument::Connection), "{faults:?}");
        }
        assert_goes_where_the_connection_says(connection, &world);
    }
}

/// WeCom's answers. The first line names the action, the byte after it which call the answer is for, the next its status;
/// `{app_secret}`, `{contacts_secret}`, `{access_token}`, `{chatbot_key}` and `{token}` in the rest stand for secrets.
pub fn reply(data: &[u8]) {
    replied(data);
}

/// The same with the action, and with its output where there is one.
pub fn replied(data: &[u8]) -> Option<(&'static About, String)> {
    const STATUS: [u16; 12] = [200, 200, 200, 201, 204, 301, 401, 404, 408, 429, 500, 999];
    let (line, [call, status, rest @ ..]) = first_line(data)? else { return None };
    let about = named(line);
    let status = STATUS.get(chosen(*status, STATUS.len() + 2)).copied();
    let supplied = chosen(*call, 3) == 0;
    let given = marked(match about.interface.name {
        "chatbot-message" => r#"{"type":"chatbot","chatbot_key":"k+\"\\中 "}"#,
        _ if supplied => r#"{"type":"application","corp_id":"ww1","access_token":"x+\"\\中 ","agent_id":7}"#,
        _ => {
            r#"{"type":"application","corp_id":"ww1","app_secret":"a+\"\\中 ","contacts_secret":"c+\"\\ ","agent_id":7}"#
        }
    });
    let for_gettoken = chosen(*call, 3) == 1;
    // Who has no token cannot take it out.
    let issued = if supplied || for_gettoken || about.interface.name == "chatbot-message" { "" } else { TOKEN };
    let body = with_secrets(rest, &given, issued, status.is_some());
    let sent_body = body.clone();
    let answer_of = move |retry_after_seconds| match status {
        Some(status) => Ok(HttpReply { status, retry_after_seconds, content_disposition: None, body: body.clone() }),
        None => {
            let losses = [
                Progress::Denied,
                Progress::NotSent,
                Progress::Untrusted,
                Progress::NoAnswer,
                Progress::NotWeCom,
                Progress::TooLong,
            ];
            Err(SendError::new(losses[body.len() % losses.len()], echoed(&String::from_utf8_lossy(&body))))
        }
    };
    let world = World::new(move |sent: &Sent, _| match sent.api.as_str() {
        "gettoken" if for_gettoken => answer_of(None),
        "gettoken" => token_reply(),
        _ if for_gettoken => ok(ALL_IS_WELL.into()),
        _ => answer_of(Some(7)),
    });
    let connector = Connector::new(&world);
    let answer = run_blocking(connector.invoke(about.id, Some(&given), about.sample_parameters));
    let text = String::from_utf8_lossy(rest);
    assert_settled(Some(about), &answer, &world, &text);
    assert!(!matches!(answer, Err(Error::PermanentInvalidParameters(_))), "{answer:?}");

    // What the answer is judged by, read once more by other means. Where gettoken answers, it need not come to that.
    let document: Option<Value> =
        serde_json::from_slice(sent_body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&sent_body)).ok();
    let errcode = document.as_ref().and_then(Value::as_object).map(|fields| fields.get("errcode").cloned());
    let asked = !for_gettoken || world.sent.borrow().iter().any(|sent| sent.api == "gettoken");
    if asked && answer.is_ok() {
        assert!(status.is_some_and(|status| (200..300).contains(&status)), "success with the status {status:?}");
        let zero = |code: &Value| code.as_f64() == Some(0.0) || code.as_str().is_some_and(|code| code.parse() == Ok(0));
        let errcode = errcode.expect("success without a JSON object");
        let api = if for_gettoken { "gettoken" } else { about.api };
        let proved = errcode.as_ref().map_or_else(|| document.as_ref().is_some_and(|reply| proves(api, reply)), zero);
        assert!(proved, "success with the errcode {errcode:?}, and nothing else proves it");
        if for_gettoken {
            let token = document.as_ref().and_then(|reply| reply["access_token"].as_str());
            assert!(token.is_some_and(|token| !token.is_empty()), "success without a token");
        }
    } else if asked && let Some(code) = failure(&answer).and_then(|failure| failure.errcode) {
        assert_ne!(code, 0);
        let given = errcode.flatten().expect("an errcode that the answer does not have");
        let same =
            given.as_f64() == Some(f64::from(code)) || given.as_str().is_some_and(|given| given.parse() == Ok(code));
        assert!(same, "{code} is not {given}");
    }
    answer.ok().map(|output| (about, output))
}

/// Whether a reply without `errcode` proves that the API did what it was asked for.
fn proves(api: &str, reply: &Value) -> bool {
    match ABOUT.iter().find(|about| about.api == api) {
        Some(about) => reply.as_object().is_some_and(|fields| about.proof.stands_in(fields)),
        None => reply["access_token"].is_string(),
    }
}

/// A base URL.
pub fn base_url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(base) = BaseUrl::parse(&text) {
        assert_is_base(&base, &text);
    }
    send_by(json!({"type": "chatbot", "chatbot_key": "k", "base_url": text}), &text);
}

/// A chatbot's key, alone or in its webhook address.
pub fn webhook(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok((base, key)) = BaseUrl::parse_key(&text) {
        let pasted = Pasted::of(&text);
        assert_eq!(key, pasted.key, "{text:?}");
        assert_eq!(base.is_some(), pasted.address.is_some(), "{text:?}");
        if let (Some(base), Some(address)) = (&base, &pasted.address) {
            // All that stands before the path of the API is where it is.
            assert_is_base(base, &format!("{address}/cgi-bin"));
        }
        if !key.is_empty() {
            // What is sent is an address again, and means the same.
            let base = base.unwrap_or_default();
            let target = base.target("webhook/send", [("key", key.as_str())]);
            let again = format!("{}://{}{}", scheme(target.scheme), target.authority, target.path_and_query);
            assert_eq!(BaseUrl::parse_key(&again), Ok((Some(base), key)), "{again:?}");
        }
    }
    send_by(json!({"type": "chatbot", "chatbot_key": text}), &text);
}

/// Callbacks. The first byte chooses what the rest is: a request as it came, its query and a line break before the body
/// (A); or what stands behind the signature, so that it is right: the message of an application in XML (B) or of a smart bot
/// in JSON (C); all that is encrypted but the padding (D); whole blocks (E); a body, with `{ciphertext}` in it (F); an echo
/// (G). Or it is what a member is answered (H), or the user of a smart bot (I).
pub fn callback(data: &[u8]) {
    let [kind, rest @ ..] = data else { return };
    match chosen(*kind, 9) {
        0 => {
            let Some((query, body)) = first_line(rest) else { return };
            let query = String::from_utf8_lossy(query);
            let answer = callback::decrypt_message(&APPLICATION, &query, body, None);
            assert_refused_as_it_should_be(&answer, rest);
            assert_refused_as_it_should_be(&callback::verify_url(&APPLICATION, &query, None), rest);
        }
        1 => {
            let ciphertext = encrypted(padded(&unpadded(rest, RECEIVER)));
            let body = format!("<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>");
            assert_read(&APPLICATION, &ciphertext, body.as_bytes(), rest, Format::Xml);
        }
        2 => {
            let ciphertext = encrypted(padded(&unpadded(rest, "")));
            assert_read(&BOT, &ciphertext, json!({"encrypt": ciphertext}).to_string().as_bytes(), rest, Format::Json);
        }
        3 => {
            let ciphertext = encrypted(padded(rest));
            let body = json!({"encrypt": ciphertext}).to_string();
            let answer = callback::decrypt_message(&APPLICATION, &signed(&ciphertext), body.as_bytes(), None);
            assert_refused_as_it_should_be(&answer, rest);
            match wrong_with(rest) {
                Some(expected) => assert_eq!(check(&answer), Some(expected)),
                // What is from the receiver is a reply that came back.
                None => assert!(matches!(check(&answer), None | Some(Check::Message | Check::Receiver))),
            }
        }
        4 => {
            let blocks = &rest[..rest.len() / 16 * 16];
            let ciphertext = encrypted(blocks.to_vec());
            let query = format!("{}&echostr={}", signed(&ciphertext), encoded(&ciphertext));
            let answer = callback::verify_url(&APPLICATION, &query, None);
            assert_refused_as_it_should_be(&answer, rest);
            let expected = match blocks.last() {
                None => Some(Check::Query),
                Some(0 | 33..) => Some(Check::Padding),
                Some(padding) => wrong_with(&blocks[..blocks.len().saturating_sub((*padding).into())]),
            };
            match (expected, check(&answer)) {
                (None, found) => assert!(matches!(found, None | Some(Check::Message)), "{found:?}"),
                (expected, found) => assert_eq!(found, expected),
            }
        }
        5 => {
            let ciphertext =
                encrypted(padded(&unpadded(b"{\"MsgType\":\"text\",\"FromUserName\":\"zhangsan\"}", RECEIVER)));
            let body = String::from_utf8_lossy(rest).replace("{ciphertext}", &ciphertext);
            let answer = callback::decrypt_message(&APPLICATION, &signed(&ciphertext), body.as_bytes(), None);
            assert_refused_as_it_should_be(&answer, rest);
            match answer {
                Ok(event) => assert_eq!(event.from_user.as_deref(), Some("zhangsan")),
                answer => assert!(matches!(check(&answer), Some(Check::Envelope | Check::Signature))),
            }
        }
        6 => {
            let ciphertext = encrypted(padded(&unpadded(rest, RECEIVER)));
            let query = format!("{}&echostr={}", signed(&ciphertext), encoded(&ciphertext));
            let answer = callback::verify_url(&APPLICATION, &query, None);
            match str::from_utf8(rest) {
                // A message is no echo.
                Ok(echo) => match check(&answer) {
                    None => assert_eq!(answer.unwrap(), echo),
                    found => {
                        assert_eq!(found, Some(Check::Message));
                        let begins = |text: &str| text.trim_start().starts_with(['<', '{', '\u{feff}']);
                        assert!(begins(echo) || begins(echo.trim_start_matches('\u{feff}')), "{echo}");
                    }
                },
                Err(_) => assert_eq!(check(&answer), Some(Check::Utf8)),
            }
        }
        kind => {
            let reply = String::from_utf8_lossy(rest);
            let is_bot = kind == 8;
            let event = Event {
                format: if is_bot { Format::Json } else { Format::Xml },
                // From the receiver itself a reply would not be read again.
                to: (!is_bot).then(|| "ww1".to_owned()),
                ..EVENT.clone()
            };
            let connection: &CheckedCallback = if is_bot { &BOT } else { &APPLICATION };
            let answer = callback::encrypt_reply(connection, &event, &reply, NOW, &[7; 16]);
            match answer {
                // A smart bot may say what the reader of requests has no room for.
                Ok(answer) => match check(&reply_of(&answer.body, &event, connection)) {
                    None => {}
                    Some(check) => assert!(is_bot && check == Check::Message, "{check:?}"),
                },
                Err(CallbackError::InvalidParameters(faults)) => {
                    assert!(faults.iter().all(|fault| fault.argument == Argument::Parameters), "{faults:?}");
                    assert_faults_and_failure(&Err(Error::PermanentInvalidParameters(faults)));
                }
                Err(refused) => panic!("{refused:?}"),
            }
        }
    }
}

/// The token and the key of callbacks: those of WeCom's page, whose requests are among the seeds.
const CALLBACK_TOKEN: &str = "QDG6eK";
const CALLBACK_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const RECEIVER: &str = "wx5823bf96d3bd56c7";
const NOW: u64 = 1_409_659_813;
const NONCE: &str = "1372623149";

static APPLICATION: LazyLock<CheckedCallback> = LazyLock::new(|| receiver(RECEIVER));
static BOT: LazyLock<CheckedCallback> = LazyLock::new(|| receiver(""));
static KEY: LazyLock<[u8; 32]> = LazyLock::new(|| {
    // The last letter has two bits more, which the decoder wants to be zero.
    let letters = format!("{}A=", CALLBACK_KEY.strip_suffix('C').unwrap());
    STANDARD.decode(letters).unwrap().try_into().unwrap()
});
static EVENT: LazyLock<Event> = LazyLock::new(|| {
    let ciphertext = encrypted(padded(&unpadded(b"{\"msgtype\":\"text\",\"from\":{\"userid\":\"zhangsan\"}}", "")));
    let body = json!({"encrypt": ciphertext}).to_string();
    callback::decrypt_message(&BOT, &signed(&ciphertext), body.as_bytes(), None).unwrap()
});

fn receiver(receive_id: &str) -> CheckedCallback {
    let connection = json!({
        "type": "callback",
        "token": CALLBACK_TOKEN,
        "encoding_aes_key": CALLBACK_KEY,
        "receive_id": receive_id,
    });
    callback::connection(&connection.to_string()).unwrap()
}

/// What is encrypted, but for the padding.
fn unpadded(message: &[u8], receiver: &str) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[b'r'; 16][..], &length, message, receiver.as_bytes()].concat()
}

fn padded(plain: &[u8]) -> Vec<u8> {
    let padding = 32 - plain.len() % 32;
    [plain, &vec![u8::try_from(padding).unwrap(); padding]].concat()
}

/// The ciphertext of whole blocks.
fn encrypted(mut bytes: Vec<u8>) -> String {
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
    assert!(rest.is_empty());
    let iv: &[u8; 16] = KEY.first_chunk().unwrap();
    cbc::Encryptor::<Aes256>::new((&*KEY).into(), iv.into()).encrypt_blocks(blocks);
    STANDARD.encode(bytes)
}

fn signature(time: u64, nonce: &str, ciphertext: &str) -> String {
    let mut parts = [CALLBACK_TOKEN, &time.to_string(), nonce, ciphertext];
    parts.sort_unstable();
    Sha1::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The query of a request with that ciphertext.
fn signed(ciphertext: &str) -> String {
    format!("msg_signature={}&timestamp={NOW}&nonce={NONCE}", signature(NOW, NONCE, ciphertext))
}

/// Base64 as it stands in a query.
fn encoded(ciphertext: &str) -> String {
    ciphertext.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

fn check<T>(answer: &Result<T, CallbackError>) -> Option<Check> {
    match answer {
        Ok(_) => None,
        Err(CallbackError::Refused(refusal)) => Some(refusal.check),
        Err(CallbackError::InvalidParameters(faults)) => panic!("{faults:?}"),
    }
}

/// What is wrong with what was encrypted, read by other means.
fn wrong_with(plain: &[u8]) -> Option<Check> {
    let length: Option<[u8; 4]> = plain.get(16..20).map(|bytes| bytes.try_into().unwrap());
    let Some(length) = length else { return Some(Check::Length) };
    let end = usize::try_from(u32::from_be_bytes(length)).unwrap().saturating_add(20);
    let (Some(message), Some(receiver)) = (plain.get(20..end), plain.get(end..)) else { return Some(Check::Length) };
    match (str::from_utf8(message), str::from_utf8(receiver)) {
        (Ok(_), Ok(RECEIVER)) => None,
        (Ok(_), Ok(_)) => Some(Check::Receiver),
        _ => Some(Check::Utf8),
    }
}

/// A refusal says nothing of the request or the connection, and the same to whoever signed it.
fn assert_refused_as_it_should_be<T: Debug>(answer: &Result<T, CallbackError>, input: &[u8]) {
    let Err(error) = answer else { return };
    let CallbackError::Refused(refusal) = error else { panic!("{error:?}") };
    let status = match refusal.check {
        Check::Size => 413,
        Check::Query | Check::Envelope => 400,
        _ => 403,
    };
    assert_eq!(refusal.status, status, "{refusal:?}");
    assert!(!refusal.message.en.is_empty() && !refusal.message.zh.is_empty(), "{refusal:?}");
    let shown = format!("{error:?}");
    assert!(!shown.contains(CALLBACK_TOKEN) && !shown.contains(CALLBACK_KEY), "{shown}");
    // One word of the input may stand in any text; many do not.
    let begin = String::from_utf8_lossy(&input[..input.len().min(24)]).into_owned();
    assert!(begin.chars().count() < 20 || !shown.contains(&begin), "{shown}");
}

/// A message that is signed: read, or refused for what it says. An answer to it comes from where it went.
fn assert_read(connection: &CheckedCallback, ciphertext: &str, body: &[u8], message: &[u8], format: Format) {
    let query = signed(ciphertext);
    // Whatever it says, nothing of it counts before the signature and the time.
    let other = query.replace("nonce=", "nonce=1");
    assert_eq!(check(&callback::decrypt_message(connection, &other, body, None)), Some(Check::Signature));
    let late = callback::decrypt_message(connection, &query, body, Some(NOW + 601));
    assert_eq!(check(&late), Some(Check::Time));
    let answer = callback::decrypt_message(connection, &query, body, Some(NOW + 600));
    assert_refused_as_it_should_be(&answer, message);
    let event = match answer {
        Ok(event) => event,
        refused => {
            let found = check(&refused);
            let is_expected = match str::from_utf8(message) {
                Ok(message) => {
                    found == Some(Check::Message) || found == Some(Check::Receiver) && message.contains(RECEIVER)
                }
                Err(_) => found == Some(Check::Utf8),
            };
            return assert!(is_expected, "{found:?}");
        }
    };
    assert!(!message.to_ascii_lowercase().starts_with(b"<!doctype"), "{event:?}");
    assert_eq!((&*event.nonce, event.format), (NONCE, format), "{event:?}");
    let parts = [Some(&event.msg_type), event.event.as_ref(), event.change_type.as_ref()];
    assert_eq!(
        event.topic,
        parts.map(|part| part.map(String::as_str)).into_iter().flatten().collect::<Vec<_>>().join("/")
    );
    assert!(event.key.starts_with(&format!("{}/", event.topic)), "{event:?}");
    assert!(matches!(serde_json::from_str(&event.json), Ok(Value::Object(_))), "{event:?}");
    // Nothing small becomes large.
    assert!(event.json.len() <= 8 * message.len() + 64, "{event:?}");

    let is_bot = format == Format::Json && event.to.is_none();
    let reply = if is_bot { r#"{"msgtype":"text"}"# } else { r#"{"msg_type":"text","content":"好]]>的"}"# };
    let answer = callback::encrypt_reply(connection, &event, reply, NOW, &[7; 16]);
    if !is_bot && event.from_user.as_deref().is_none_or(|user| user == "sys") {
        return assert!(matches!(answer, Err(CallbackError::InvalidParameters(_))), "{answer:?}");
    }
    // A reply that comes back is no message; one from anybody else than the receiver is read as one.
    let back = reply_of(&answer.unwrap().body, &event, connection);
    if is_bot {
        return assert_eq!(check(&back), Some(Check::Message));
    }
    if event.to.as_deref() == Some(&*connection.receive_id).filter(|id| !id.is_empty()) {
        return assert_eq!(check(&back), Some(Check::Receiver));
    }
    let back = back.unwrap();
    assert_eq!(back.msg_type, "text");
    if !is_bot {
        // A line ends in one way where XML is read, and some characters it cannot hold.
        let line = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n");
            let is_held = |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
            text.chars().filter(is_held).collect::<String>().trim().to_owned()
        };
        assert_eq!((line(&back.from_user), line(&back.to)), (line(&event.to), line(&event.from_user)));
        let json: Value = serde_json::from_str(&back.json).unwrap();
        assert_eq!(json["content"], "好]]>的");
    }
}

/// A reply, read as a request: it has the same form. The envelope is not signed: another one makes no difference to what
/// is refused.
fn reply_of(body: &str, event: &Event, connection: &CheckedCallback) -> Result<Event, CallbackError> {
    let (begin, end) = match event.format {
        Format::Xml => ("<Encrypt><![CDATA[", "]]>"),
        Format::Json => (r#""encrypt":""#, "\""),
    };
    let (_, rest) = body.split_once(begin).unwrap();
    let (ciphertext, _) = rest.split_once(end).unwrap();
    assert_eq!(event.nonce, NONCE);
    assert!(body.contains(&signature(NOW, NONCE, ciphertext)), "{body}");
    assert_eq!(decrypted(ciphertext).first_chunk(), Some(&[7; 16]));
    let posted = |body: &str| callback::decrypt_message(connection, &signed(ciphertext), body.as_bytes(), None);
    let back = posted(body);
    let other = match event.format {
        Format::Xml => format!(r#"{{"encrypt":"{ciphertext}"}}"#),
        Format::Json => format!("<xml><Encrypt>{ciphertext}</Encrypt></xml>"),
    };
    assert_eq!(check(&back), check(&posted(&other)));
    back
}

fn decrypted(ciphertext: &str) -> Vec<u8> {
    let mut bytes = STANDARD.decode(ciphertext).unwrap();
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
    assert!(rest.is_empty());
    let iv: &[u8; 16] = KEY.first_chunk().unwrap();
    cbc::Decryptor::<Aes256>::new((&*KEY).into(), iv.into()).decrypt_blocks(blocks);
    bytes
}

/// What a chatbot's key means in whatever form it was copied, read by other means than the connector's.
struct Pasted {
    /// The address before the path of the API, where there is one.
    address: Option<String>,
    key: String,
}

impl Pasted {
    fn of(text: &str) -> Self {
        let text = bare(text);
        // A line of a file of settings.
        let line = text.strip_prefix("export ").unwrap_or(text);
        let names = ["key", "chatbot_key", "wecom_chatbot_key", "webhook", "webhook_url"];
        let text = match line.split_once(['=', ':', '：']) {
            Some((name, value)) if names.contains(&name.trim().to_ascii_lowercase().as_str()) => {
                bare(value.trim_end_matches([';', ',', '；', '，']))
            }
            _ => line,
        };
        if !["://", "webhook/", "key="].iter().any(|part| text.contains(part)) {
            return Self { address: None, key: text.to_owned() };
        }
        let (address, query) = match text.find('?') {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => ("", text),
        };
        let query = query.split('#').next().unwrap_or_default();
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let key = pairs.find(|(name, _)| name.eq_ignore_ascii_case("key")).map(|(_, key)| key).unwrap_or_default();
        let key = percent_decode_str(key).decode_utf8_lossy();
        let address = address.trim_end_matches('/');
        let api = ["webhook/send", "webhook/upload_media"].iter().find_map(|api| address.strip_suffix(api));
        let address = api.and_then(|root| root.strip_suffix("cgi-bin/")).unwrap_or_default().trim_end_matches('/');
        Self { address: Some(address.to_owned()).filter(|address| !address.is_empty()), key: bare(&key).to_owned() }
    }
}

/// A message through a chatbot's connection: refused with a reason, or sent where the connection says.
fn send_by(connection: Value, input: &str) {
    let world = World::answering(b'B');
    let connection = marked(&connection.to_string());
    let connector = Connector::new(&world);
    let push = connector.invoke("push-text-message-by-chatbot", Some(&connection), r#"{"content":"x"}"#);
    let answer = run_blocking(push);
    let about = ABOUT.iter().find(|about| about.id == "push-text-message-by-chatbot");
    assert_settled(about, &answer, &world, input);
    assert_goes_where_the_connection_says(&connection, &world);
}

/// The first line, and what is behind it.
fn first_line(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    Some((&data[..end], &data[end + 1..]))
}

/// The action that a line names. One that names none is still one or other, so that no edit of an input is in vain.
pub fn named(line: &[u8]) -> &'static About {
    let sum = line.iter().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    ABOUT.iter().find(|about| about.id.as_bytes() == line).unwrap_or(&ABOUT[sum % ABOUT.len()])
}

/// The choice that a byte stands for; `A` is the first, so that seeds can be read.
fn chosen(byte: u8, choices: usize) -> usize {
    usize::from(byte.wrapping_sub(b'A')) % choices
}

// -------------------------------------------------------------------------------------------------------------- world

/// A request as it was sent, in its parts.
struct Sent {
    scheme: Scheme,
    authority: String,
    prefix: String,
    api: String,
    query: Vec<(String, String)>,
    everything: String,
}

type Answer = Result<HttpReply, SendError>;

/// A host that keeps what is sent, and looks at it.
struct World {
    sent: RefCell<Vec<Sent>>,
    answered: RefCell<Vec<Answer>>,
    answer: Box<dyn Fn(&Sent, usize) -> Answer>,
}

fn ok(body: String) -> Answer {
    Ok(HttpReply::new(200, None, None, body.into_bytes()))
}

fn token_reply() -> Answer {
    ok(json!({"errcode": 0, "access_token": TOKEN, "expires_in": 7200}).to_string())
}

impl World {
    fn new(answer: impl Fn(&Sent, usize) -> Answer + 'static) -> Self {
        Self { sent: RefCell::default(), answered: RefCell::default(), answer: Box::new(answer) }
    }

    /// A host that issues tokens and otherwise answers in one of several ways; most of them tell back all they were
    /// told.
    fn answering(style: u8) -> Self {
        Self::new(move |sent, count| {
            let echo = &sent.everything;
            let lost = |loss| Err(SendError::new(loss, echoed(echo)));
            match (chosen(style, 8), sent.api.as_str()) {
                (0 | 1 | 3 | 4 | 6 | 7, "gettoken") => token_reply(),
                (0, _) => ok(ALL_IS_WELL.into()),
                (1, _) => ok(json!({"errcode": 60011, "errmsg": echo}).to_string()),
                (2, _) => lost(Progress::NotSent),
                (3, _) => lost(Progress::NoAnswer),
                // A token that is refused, and refused again.
                (4, _) => ok(json!({"errcode": 42001, "errmsg": echo}).to_string()),
                (5, _) => Ok(HttpReply::new(502, Some(b"3"), None, echo.clone().into_bytes())),
                // Successes with something else where a text or a number was expected.
                (6, _) => ok(json!({
                    "errcode": 0, "id": {echo.as_str(): echo}, "chatid": {echo.as_str(): [echo]}, "chat_info": echo,
                    "invaliduser": {echo.as_str(): count}, "dept_user": echo, "department_id": [{"id": echo}],
                    "department": echo,
                })
                .to_string()),
                _ => ok(json!({
                    "errcode": 0, "id": 2, "chatid": echo, "chat_info": {"chatid": echo, "name": echo, "userlist": [echo]},
                    "msgid": echo, "invaliduser": echo, "next_cursor": echo, "dept_user": [{"userid": echo, "department": 1}],
                    "department": {"id": 2, "name": echo, "name_en": echo, "department_leader": [echo]},
                })
                .to_string()),
            }
        })
    }
}

impl Host for &World {
    async fn send(&self, request: HttpRequest<'_>) -> Answer {
        let target = request.target;
        let (path, query) = target.path_and_query.split_once('?').expect("no call goes without a credential");
        // The last one is the connector's: the prefix of the base URL may hold another.
        let (prefix, api) = path.rsplit_once("/cgi-bin/").expect("every API stands below /cgi-bin/");
        let in_url = |c: char| c.is_ascii_graphic() && c != '#' && c != '?';
        assert!(path.starts_with('/') && path.chars().all(in_url), "the path {path:?}");
        assert!(
            target.authority.chars().all(in_url) && !target.authority.contains(['/', '@', '\\']),
            "{:?}",
            target.authority
        );
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
        let pairs = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').expect("a query is made of pairs");
            assert!(value.chars().all(unreserved) && !value.is_empty(), "the query value {value:?}");
            (name.to_owned(), percent_decode_str(value).decode_utf8().unwrap().into_owned())
        });
        let query: Vec<(String, String)> = pairs.collect();
        let body: Option<Value> = match request.body {
            Some(Body::Json(json)) => Some(serde_json::from_slice(json).expect("a body is JSON")),
            // Whether its content is that of the parameter is asked elsewhere.
            Some(Body::File(form)) => Some(json!({"bytes": form.size()})),
            None => None,
        };
        match (request.method, &body) {
            (Method::Get, None) => {}
            (Method::Post, Some(Value::Object(fields))) => {
                // What an update clears was given empty; nothing else may come to be an order to clear.
                let clears: &[&str] = match api {
                    "user/update" => &["alias", "position", "direct_leader", "telephone", "address"],
                    "department/update" => &["name_en"],
                    _ => &[],
                };
                let is_empty = |value: &Value| [Value::Null, json!(""), json!([])].contains(value);
                let empty = fields
                    .iter()
                    .find(|(name, value)| is_empty(value) && (value.is_null() || !clears.contains(&name.as_str())));
                assert!(empty.is_none(), "{empty:?} is an order to clear");
            }
            other => panic!("{other:?}"),
        }
        assert!((1..=600).contains(&request.timeout.as_secs()), "{:?}", request.timeout);
        let sent = Sent {
            scheme: target.scheme,
            authority: target.authority.clone(),
            prefix: prefix.to_owned(),
            api: api.to_owned(),
            everything: format!("{}{} {}", target.authority, target.path_and_query, plain(&query)),
            query,
        };
        let answer = (self.answer)(&sent, self.sent.borrow().len());
        self.sent.borrow_mut().push(sent);
        self.answered.borrow_mut().push(answer.clone());
        assert!(self.sent.borrow().len() <= 4, "a call takes two tokens and two attempts at most");
        answer
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// The values of a query as they are.
fn plain(query: &[(String, String)]) -> String {
    query.iter().map(|(name, value)| format!("{name}={value} ")).collect()
}

/// A JSON text, which may have invisible characters around it, and may be wrapped in a JSON text itself.
fn document(text: &str) -> Option<Value> {
    match serde_json::from_str(trimmed(text)).ok()? {
        Value::String(inner) if trimmed(&inner).starts_with('{') => serde_json::from_str(trimmed(&inner)).ok(),
        document => Some(document),
    }
}

/// A text without white space, control characters and invisible characters at its edges.
fn trimmed(text: &str) -> &str {
    let is_invisible = |c: char| matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    // What begins a terminal's escape sequence goes with the whole of it, or stays.
    let begins_sequence = |c: char| matches!(c, '\u{1b}' | '\u{9b}');
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() && !begins_sequence(c) || is_invisible(c))
}

/// The same, without the quotes that copying adds to a credential.
fn bare(text: &str) -> &str {
    let mut rest = text;
    loop {
        let shorter = trimmed(rest).trim_matches(|c| "\"'`“”‘’＂「」『』<>".contains(c));
        if shorter == rest {
            return rest;
        }
        rest = shorter;
    }
}

/// What an address means as a base URL: without the path of an API, and with a scheme.
fn meant(text: &str) -> String {
    let text = bare(text);
    let ends = |at: usize| {
        let rest = &text[at + "/cgi-bin".len()..];
        rest.is_empty() || rest.starts_with(['/', '?', '#'])
    };
    let end = text.rmatch_indices("/cgi-bin").map(|(at, _)| at).find(|at| ends(*at)).unwrap_or(text.len());
    let url = &text[..end];
    if url.contains("://") { url.to_owned() } else { format!("https://{}", url.strip_prefix("//").unwrap_or(url)) }
}

/// A connection whose secrets have their marks; anything else as it is.
fn marked(connection: &str) -> String {
    let Some(Value::Object(mut fields)) = document(connection) else { return connection.to_owned() };
    for (name, mark) in MARKS {
        if let Some(Value::String(secret)) = fields.get_mut(name)
            && !secret.is_empty()
        {
            secret.push_str(mark);
        }
    }
    Value::Object(fields).to_string()
}

/// The bytes with each `{name}` replaced by that secret of the connection, or by the token, as it stands inside a JSON
/// text or as it is.
fn with_secrets(bytes: &[u8], connection: &str, token: &str, in_json: bool) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let connection: Value = serde_json::from_str(connection).unwrap();
    let secrets = MARKS.iter().map(|(name, _)| (*name, connection[name].as_str().unwrap_or_default()));
    let mut text = text.to_owned();
    for (name, secret) in secrets.chain([("token", token)]) {
        let escaped = json!(secret).to_string();
        // Something has to stand between what is around it: together that might look like a secret.
        let escaped = if secret.is_empty() { r#""-""#.to_owned() } else { escaped };
        let secret = if in_json || secret.is_empty() { &escaped[1..escaped.len() - 1] } else { secret };
        text = text.replace(&format!("{{{name}}}"), secret);
    }
    text.into_bytes()
}

/// What broke, in words that hold what was echoed.
fn echoed(text: &str) -> Message {
    Message::new(const { Phrase::of("the answer has no `errcode`; it has {}", 1) }, &[text.into()])
}

// --------------------------------------------------------------------------------------------------- what must hold

fn faults_of(answer: &Result<String, Error>) -> &[InvalidParameter] {
    match answer {
        Err(Error::PermanentInvalidParameters(faults)) => faults,
        other => panic!("{other:?}"),
    }
}

fn failure(answer: &Result<String, Error>) -> Option<&Failure> {
    match answer {
        Err(
            Error::PermanentRejected(failure) | Error::PermanentOutcomeUnknown(failure) | Error::Retryable(failure),
        ) => Some(failure),
        _ => None,
    }
}

/// What holds of every answer to every action.
fn assert_settled(about: Option<&About>, answer: &Result<String, Error>, world: &World, input: &str) {
    let requests = world.sent.borrow().len();
    assert_faults_and_failure(answer);
    match answer {
        Ok(output) => {
            assert!(requests > 0, "a success of which nobody was asked");
            assert!(matches!(serde_json::from_str(output), Ok(Value::Object(_))), "{output} is no JSON object");
        }
        Err(Error::PermanentInvalidParameters(faults)) => assert_eq!(requests, 0, "{faults:?}, and it was sent"),
        Err(Error::PermanentOutcomeUnknown(failure)) => {
            assert!(requests > 0, "{failure:?}, and nothing was sent");
            assert!(about.is_some_and(|about| about.effect != Effect::Read), "a read has no outcome: {failure:?}");
            assert_ne!(failure.api, "gettoken", "fetching a token changes nothing: {failure:?}");
        }
        Err(error) => assert!(requests > 0, "{error:?}, and nothing was sent"),
    }
    assert_no_mark(answer, input);
}

/// The connector that hands each request out sends the same requests, and makes the same of the same answers.
fn assert_same_in_steps(
    about: &About,
    connection: &str,
    parameters: &str,
    answer: &Result<String, Error>,
    world: &World,
) {
    let mut calls = Stepwise::default();
    let operation =
        Operation::Invoke { action: about.id.to_owned(), parameters: parameters.to_owned(), files: Vec::new() };
    let mut step = calls.begin(operation, connection, Duration::ZERO);
    let mut is_lost = false;
    for (sent, answered) in world.sent.borrow().iter().zip(world.answered.borrow().iter()) {
        let Step::Send(request) = step else { panic!("{} was not sent: {step:?}", sent.api) };
        let (_, target) = request.url.split_once("://").expect("a URL has a scheme");
        assert!(sent.everything.starts_with(&format!("{target} ")), "{target:?} was sent");
        is_lost = answered.is_err();
        // Its words tell back what was sent, as those of a client may.
        let words = sent.everything.clone();
        let answer = match answered {
            Ok(HttpReply { status, retry_after_seconds, content_disposition, body }) => stepwise::Answer::Response {
                status: *status,
                retry_after: retry_after_seconds.map(|seconds| seconds.to_string()),
                content_disposition: content_disposition.clone(),
                body: body.clone(),
            },
            Err(SendError { progress: Progress::NotSent, .. }) => stepwise::Answer::NotSent(words),
            Err(_) => stepwise::Answer::Lost(words),
        };
        step = calls.resume(request.call, answer, Duration::ZERO).expect("the request waits for its answer");
    }
    let in_steps = match step {
        Step::Done(Output::Json(output)) => Ok(output),
        Step::Failed(error) => Err(error),
        step => panic!("nothing more was to be sent: {step:?}"),
    };
    if !is_lost {
        return assert_eq!(in_steps, *answer);
    }
    // Whoever lost the answer has words of its own.
    let told = |answer: &Result<String, Error>| {
        let case = answer.as_ref().err().map(std::mem::discriminant);
        (case, failure(answer).map(|failure| (failure.category, failure.api.clone(), failure.credential)))
    };
    assert_eq!(told(&in_steps), told(answer));
    assert_settled(Some(about), &in_steps, world, parameters);
}

/// An error says something, where and to whom.
fn assert_faults_and_failure(answer: &Result<String, Error>) {
    match answer {
        Ok(_) => {}
        Err(Error::ExecutionFailed) => panic!("the connector never returns that"),
        Err(Error::PermanentInvalidParameters(faults)) => {
            assert!(!faults.is_empty(), "refused without a reason");
            for InvalidParameter { pointer, message, .. } in faults {
                assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?} is no JSON pointer");
                for message in [&message.en, &message.zh] {
                    assert!(!message.is_empty() && message.len() < 1000, "{pointer:?} {message:?}");
                }
            }
        }
        Err(_) => {
            let failure = failure(answer).unwrap();
            assert!(!failure.message.trim().is_empty(), "no words: {failure:?}");
            assert!(failure.message.chars().count() <= 1001, "too many words: {failure:?}");
            assert!(!failure.hint.en.is_empty() && !failure.hint.zh.is_empty(), "no hint: {failure:?}");
            assert!(failure.doc_url.starts_with("https://") && !failure.api.is_empty(), "no place: {failure:?}");
        }
    }
}

/// No secret is seen in any form, nor a part of one, unless the input itself names it.
fn assert_no_mark(answer: &Result<String, Error>, input: &str) {
    let seen = match answer {
        Ok(output) => output.clone(),
        Err(error) => format!("{error} {error:?}"),
    };
    static MARK: LazyLock<SecretFinder<'_>> = LazyLock::new(|| SecretFinder::new(["QMARK"]));
    if MARK.find_in(&seen).is_some() && !holds_mark(input) {
        MARK.assert_none_in(&seen);
    }
}

/// Whether the input holds the mark itself, in a form that the assertion looks for, or in one that becomes such a form
/// on the way: escaped as JSON, percent-encoded, as the numbers of its bytes, in full-width characters, or parted by
/// what the connector takes out or cuts off.
pub fn holds_mark(input: &str) -> bool {
    let mut forms = [input.to_owned(), unescaped(input)];
    for _ in 0..4 {
        if forms.iter().any(|form| names_mark(form)) {
            return true;
        }
        forms = forms.map(|form| percent_decode_str(&form).decode_utf8_lossy().into_owned());
        forms[1] = unescaped(&forms[1]);
    }
    false
}

/// Whether the mark stands in a text, whatever lies between its letters, or as numbers.
fn names_mark(form: &str) -> bool {
    let plain: String = form.chars().map(narrow).collect();
    let mut letters = plain.chars().filter(char::is_ascii_alphanumeric);
    let numbers: Vec<&str> = plain.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let is_spelt = match plain.contains(['\u{1b}', '\u{9b}']) {
        // A terminal's escape sequence may hold anything, and is taken out as a whole.
        true => "QMARK".chars().all(|letter| letters.any(|other| other == letter)),
        false => letters.collect::<String>().contains("QMARK"),
    };
    is_spelt || numbers.windows(5).any(|five| five == ["81", "77", "65", "82", "75"])
}

/// A text with its escapes of JSON resolved, wherever they stand.
fn unescaped(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        whole.push_str(before);
        let code = after.strip_prefix('u').and_then(|digits| digits.get(..4));
        match code.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32) {
            Some(character) => {
                whole.push(character);
                rest = &after[5..];
            }
            None => {
                let mut characters = after.chars();
                characters.next();
                rest = characters.as_str();
            }
        }
    }
    whole + rest
}

/// The ASCII character that a full-width one stands for.
fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    }
}

fn scheme(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    }
}

/// Scheme and authority of a URL, told apart by hand.
fn origin(url: &str) -> (String, &str) {
    let (scheme, rest) = url.split_once("://").expect("a URL has a scheme");
    (scheme.to_ascii_lowercase(), rest.split(['/', '?', '#']).next().unwrap())
}

/// A base URL says what its text says, and what is made of it stays where it points.
fn assert_is_base(base: &BaseUrl, text: &str) {
    let url = meant(text);
    let (from, authority) = origin(&url);
    assert_eq!(base.authority(), authority, "{text:?}");
    assert!(!authority.is_empty() && !authority.contains(['@', '\\', ' ']), "{text:?}");
    assert!(!url.contains(['?', '#']), "{text:?}");
    let value = "a&b=/?#%\u{0} 中";
    let target = base.target("message/send", [("access_token", value), ("x", "")]);
    assert_eq!((scheme(target.scheme), target.authority.as_str()), (from.as_str(), authority), "{text:?}");
    let (path, query) = target.path_and_query.split_once('?').unwrap();
    let prefix = path.strip_suffix("/cgi-bin/message/send").expect("the API stands at the end of the path");
    assert!(
        path.starts_with('/') && path.is_ascii() && !path.contains(|c: char| c.is_ascii_control() || c == ' '),
        "{text:?}"
    );
    assert_eq!(query, "access_token=a%26b%3D%2F%3F%23%25%00%20%E4%B8%AD&x=", "{text:?}");
    // Of an address that has the path of the APIs twice, the last one is the API's.
    let again = format!("{}://{authority}{prefix}/cgi-bin", scheme(target.scheme));
    assert_eq!(BaseUrl::parse(&again).as_ref(), Ok(base), "{text:?} and {again:?}");
}

/// Every request went to the host that the connection names, with the secrets that it holds.
fn assert_goes_where_the_connection_says(connection: &str, world: &World) {
    let sent = world.sent.borrow();
    let Some(connection) = document(connection) else {
        return assert!(sent.is_empty(), "sent with a connection that is no JSON");
    };
    // A number or a boolean stands for the text that a person would write for it, and full-width characters for ASCII.
    let text = |name: &str| match connection.get(name) {
        Some(Value::String(text)) => bare(text).chars().map(narrow).collect(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string().trim_end_matches(".0").to_owned(),
        _ => String::new(),
    };
    let pasted = Pasted::of(&text("chatbot_key"));
    let url = match (text("base_url"), &pasted.address) {
        (base, None) if base.is_empty() => DEFAULT_BASE_URL.to_owned(),
        (base, Some(address)) if base.is_empty() => meant(&format!("{address}/cgi-bin")),
        (base, _) => meant(&base),
    };
    for request in sent.iter() {
        assert_eq!((scheme(request.scheme).to_owned(), request.authority.as_str()), origin(&url), "{connection}");
        assert!(url.contains(request.prefix.as_str()), "{:?} of {connection}", request.prefix);
        let tokens = [text("access_token"), text("contacts_access_token")];
        for (name, value) in &request.query {
            match name.as_str() {
                "corpid" => assert_eq!(*value, text("corp_id")),
                "corpsecret" => assert!([text("app_secret"), text("contacts_secret")].contains(value)),
                "access_token" if tokens.iter().any(|token| !token.is_empty()) => {
                    assert!(tokens.contains(value) || value == TOKEN);
                }
                "access_token" => assert_eq!(value, TOKEN),
                "key" => assert_eq!(*value, pasted.key),
                "chatid" => assert_eq!(value, "c"),
                // What is asked of an application's own data. A number may have zeros before and after it.
                "agentid" => {
                    let number = |text: &str| text.split('.').next().and_then(|whole| whole.parse::<u64>().ok());
                    let named = ["agent_id", "lower_agent_id"].map(|name| number(&text(name)));
                    assert!(number(value).is_some() && named.contains(&number(value)), "{value} of {connection}");
                }
                other => panic!("nobody asked for {other}"),
            }
        }
    }
}
