//! Callbacks through the component that imports nothing: the vectors of others, and bytes on the wire of the web server.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use host_test::callback::{Note, Receiver, Told, Unusable, channel, event_json, limits};
use host_test::host::Limits;
use host_test::simulator::seed::{
    AGENT_ID, CALLBACK_KEY, CALLBACK_TOKEN, CORP_ID, IMAGE_MEDIA_ID, SECRETS, ZHANGSAN, callback as seed_callback,
};
use host_test::simulator::{Options, Press, Simulator, Source};
use host_test::stepwise::Host;
use host_test::stepwise::bindings::exports::wecom::connector::callback::{CallbackError, Check, Event, Format};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wecom_connector::secrecy::assert_no_secret;

use crate::harness::{stepwise_host, stepwise_host_with};

const TOKEN: &str = "TOKENofTheCallback7withDigits";
const AES_KEY: [u8; 32] = [7; 32];

fn key() -> String {
    STANDARD_NO_PAD.encode(AES_KEY)
}

fn connection() -> String {
    json!({"type": "callback", "token": TOKEN, "encoding_aes_key": key(), "receive_id": CORP_ID}).to_string()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The ciphertext of bytes that are padded already.
fn raw(padded: &[u8]) -> String {
    let cipher = Aes256::new(&Array::from(AES_KEY));
    let mut before: [u8; 16] = AES_KEY[..16].try_into().unwrap();
    let mut sealed = Vec::new();
    for block in padded.chunks(16) {
        let mixed = std::array::from_fn(|index| block[index] ^ before[index]);
        let mut block = Array::from(mixed);
        cipher.encrypt_block(&mut block);
        before = block.0;
        sealed.extend(before);
    }
    STANDARD.encode(sealed)
}

/// The ciphertext of a message that says it is that long, and what follows it.
fn sealed(length: u32, rest: &[u8]) -> String {
    let mut plain = [&[b'r'; 16][..], &length.to_be_bytes(), rest].concat();
    let padding = 32 - plain.len() % 32;
    plain.resize(plain.len() + padding, padding.try_into().unwrap());
    raw(&plain)
}

/// The ciphertext of a message for that receiver.
fn encrypted(message: &str, receiver: &str) -> String {
    sealed(message.len().try_into().unwrap(), [message, receiver].concat().as_bytes())
}

/// A query with the signature of that token.
fn query(token: &str, timestamp: &str, nonce: &str, ciphertext: &str) -> String {
    let mut parts = [token, timestamp, nonce, ciphertext];
    parts.sort_unstable();
    let signature: String = Sha1::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("msg_signature={signature}&timestamp={timestamp}&nonce={nonce}")
}

fn envelope(ciphertext: &str) -> String {
    format!("<xml><ToUserName>{CORP_ID}</ToUserName><Encrypt>{ciphertext}</Encrypt><AgentID>1000002</AgentID></xml>")
}

fn message(id: &str) -> String {
    format!(
        "<xml><ToUserName>{CORP_ID}</ToUserName><FromUserName>zhangsan</FromUserName><CreateTime>1700000000</CreateTime>\
         <MsgType>text</MsgType><Content>PLAINTEXTofTheMessage</Content><MsgId>{id}</MsgId><AgentID>1000002</AgentID></xml>"
    )
}

fn check(answer: Result<impl std::fmt::Debug, CallbackError>) -> (Check, u16) {
    match answer {
        Err(CallbackError::Refused(refusal)) => (refusal.check, refusal.status),
        answer => panic!("{answer:?}"),
    }
}

// ------------------------------------------------------------------------------------------------------- the contract

#[test]
fn what_others_test_with_holds_at_the_edge() {
    let vectors: Value = serde_json::from_str(include_str!("../../../src/callback/vectors.json")).unwrap();
    let list = |name: &str| {
        let list = vectors[name].as_array().unwrap();
        assert!(!list.is_empty());
        list.iter()
    };
    let text = |vector: &Value, name: &str| vector[name].as_str().unwrap().to_owned();
    let connection = |vector: &Value| {
        let [token, key, receiver] = ["token", "encoding_aes_key", "receive_id"].map(|name| &vector[name]);
        json!({"type": "callback", "token": token, "encoding_aes_key": key, "receive_id": receiver})
    };
    let mut calls = stepwise_host().calls().unwrap();
    for vector in list("verify") {
        let (connection, query) = (connection(vector), text(vector, "query"));
        let echo = calls.verify_url(&connection.to_string(), &query, None).unwrap();
        assert_eq!(echo.unwrap(), text(vector, "answer"), "{vector}");
        let spaced =
            calls.verify_url(&connection.to_string(), &format!("?{}", query.replace("%2B", " ")), None).unwrap();
        assert_eq!(spaced.unwrap(), text(vector, "answer"), "{vector}");
        let old = calls.verify_url(&connection.to_string(), &query, Some(now())).unwrap();
        assert_eq!(check(old), (Check::Time, 403));
        let mut foreign = connection.clone();
        foreign["receive_id"] = "ww1".into();
        assert_eq!(check(calls.verify_url(&foreign.to_string(), &query, None).unwrap()), (Check::Receiver, 403));
        let mut other = connection.clone();
        other["token"] = "another".into();
        assert_eq!(check(calls.verify_url(&other.to_string(), &query, None).unwrap()), (Check::Signature, 403));
    }
    for vector in list("decrypt") {
        let (connection, query, body) = (connection(vector), text(vector, "query"), text(vector, "body"));
        let event = calls.decrypt_message(&connection.to_string(), &query, body.as_bytes(), None).unwrap().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&event.json).unwrap(), vector["fields"], "{vector}");
        assert_eq!((event.format, event.to.as_deref()), (Format::Xml, vector["fields"]["to_user_name"].as_str()));
        // The same ciphertext in the other envelope.
        let ciphertext = body.split_once("<Encrypt>").unwrap().1.split_once("</Encrypt>").unwrap().0;
        let ciphertext = ciphertext.trim_start_matches("<![CDATA[").trim_end_matches("]]>");
        for body in [json!({"encrypt": ciphertext}), json!({"Encrypt": ciphertext, "AgentID": "1", "ToUserName": "x"})]
        {
            let same = calls.decrypt_message(&connection.to_string(), &query, body.to_string().as_bytes(), None);
            let same = same.unwrap().unwrap();
            assert_eq!((same.json, same.key, same.format), (event.json.clone(), event.key.clone(), Format::Json));
        }
        let mut foreign = connection.clone();
        foreign["receive_id"] = "".into();
        let refused = calls.decrypt_message(&foreign.to_string(), &query, body.as_bytes(), None).unwrap();
        assert_eq!(check(refused), (Check::Receiver, 403));
    }
    for vector in list("refused") {
        let (query, body) = (text(vector, "query"), text(vector, "body"));
        let refused =
            check(calls.decrypt_message(&connection(vector).to_string(), &query, body.as_bytes(), None).unwrap());
        assert_eq!(format!("{:?}", refused.0).to_lowercase(), format!("check::{}", text(vector, "check")), "{vector}");
    }
    // What a smart bot answers is taken as it is, so that it can be what others encrypt.
    let of_bots: Vec<&Value> = list("encrypt").filter(|vector| vector["receive_id"] == "").collect();
    assert!(!of_bots.is_empty());
    for vector in of_bots {
        let asked = Event {
            topic: "text".into(),
            msg_type: "text".into(),
            event: None,
            change_type: None,
            from_user: Some("zhangsan".into()),
            to: None,
            agent_id: None,
            created_at: None,
            key: "text/1".into(),
            json: "{}".into(),
            format: Format::Json,
            nonce: text(vector, "nonce"),
        };
        let (said, random) = (text(vector, "message"), text(vector, "random"));
        let time = text(vector, "timestamp").parse().unwrap();
        let reply = calls.encrypt_reply(&connection(vector).to_string(), &asked, &said, time, random.as_bytes());
        let reply: Value = serde_json::from_str(&reply.unwrap().unwrap().body).unwrap();
        let [ciphertext, signature] = ["ciphertext", "signature"].map(|name| &vector[name]);
        assert_eq!((&reply["encrypt"], &reply["msgsignature"]), (ciphertext, signature), "{vector}");
    }
    for bad in list("bad_keys") {
        let connection = json!({"type": "callback", "token": "t", "encoding_aes_key": bad, "receive_id": "ww1"});
        let Err(CallbackError::InvalidParameters(faults)) =
            calls.verify_url(&connection.to_string(), "", None).unwrap()
        else {
            panic!("{bad} is taken")
        };
        assert!(faults.iter().all(|fault| fault.pointer == "/encoding_aes_key"), "{faults:?}");
    }
}

#[test]
fn every_check_has_its_status_at_the_edge() {
    let mut calls = stepwise_host().calls().unwrap();
    let good = encrypted(&message("1"), CORP_ID);
    let mut refused = |query: &str, body: &[u8]| {
        let answer = calls.decrypt_message(&connection(), query, body, Some(1_700_000_000)).unwrap();
        if let Err(CallbackError::Refused(refusal)) = &answer {
            assert!(!refusal.message.en.is_empty() && !refusal.message.zh.is_empty());
            assert_no_secret(&format!("{refusal:?}"), [TOKEN, &key(), "PLAINTEXTofTheMessage"]);
        }
        check(answer)
    };
    let at = |timestamp: &str, ciphertext: &str| query(TOKEN, timestamp, "9", ciphertext);
    let time = "1700000000";
    assert_eq!(refused(&at(time, &good), &vec![b' '; 1024 * 1024 + 1]), (Check::Size, 413));
    for wrong in ["", "a=b", "timestamp=1&nonce=2"] {
        assert_eq!(refused(wrong, envelope(&good).as_bytes()), (Check::Query, 400), "{wrong}");
    }
    for body in ["", "{}", "<xml>", &format!("<!DOCTYPE xml>{}", envelope(&good)), &envelope(&good)[..300]] {
        assert_eq!(refused(&at(time, &good), body.as_bytes()), (Check::Envelope, 400), "{body}");
    }
    let other = query("anotherToken", time, "9", &good);
    assert_eq!(refused(&other, envelope(&good).as_bytes()), (Check::Signature, 403));
    assert_eq!(refused(&at("1700000601", &good), envelope(&good).as_bytes()), (Check::Time, 403));
    assert_eq!(refused(&at("1699999399", &good), envelope(&good).as_bytes()), (Check::Time, 403));
    let receiver = CORP_ID.as_bytes();
    for (ciphertext, expected) in [
        ("no base64!".to_owned(), Check::Base64),
        ("AAAA".to_owned(), Check::Blocks),
        (raw(&[0; 64]), Check::Padding),
        (raw(&[33; 64]), Check::Padding),
        (raw(&[32; 32]), Check::Length),
        (sealed(1000, receiver), Check::Length),
        (sealed(u32::MAX, receiver), Check::Length),
        (sealed(2, &[b"\xff\xfe", receiver].concat()), Check::Utf8),
        (encrypted(&message("1"), "ww_of_somebody_else"), Check::Receiver),
        (encrypted(&message("1"), ""), Check::Receiver),
        (encrypted("PLAINTEXTofTheMessage", CORP_ID), Check::Message),
        (encrypted("<!DOCTYPE x [<!ENTITY e 'x'>]><xml><a>&e;</a></xml>", CORP_ID), Check::Message),
    ] {
        assert_eq!(refused(&at(time, &ciphertext), envelope(&ciphertext).as_bytes()), (expected, 403), "{expected:?}");
    }
}

#[test]
fn a_reply_that_is_none_is_refused_at_the_edge() {
    let mut calls = stepwise_host().calls().unwrap();
    let ciphertext = encrypted(&message("1"), CORP_ID);
    let query = query(TOKEN, "1700000000", "9", &ciphertext);
    let event = calls.decrypt_message(&connection(), &query, envelope(&ciphertext).as_bytes(), None).unwrap().unwrap();
    let mut faults = |reply: Value, random: &[u8]| match calls
        .encrypt_reply(&connection(), &event, &reply.to_string(), 1, random)
        .unwrap()
    {
        Err(CallbackError::InvalidParameters(faults)) => faults.into_iter().map(|fault| fault.pointer).collect(),
        answer => panic!("{answer:?}"),
    };
    let text = json!({"msg_type": "text", "content": "x"});
    let pointers: Vec<String> = faults(text, &[7; 15]);
    assert_eq!(pointers, ["/random"]);
    assert_eq!(faults(json!({"msg_type": "text"}), &[7; 16]), ["/content"]);
    assert_eq!(faults(json!({}), &[7; 16]), ["/msg_type"]);
}

// ------------------------------------------------------------------------------------------------------ the web server

/// The host of all servers here.
fn host() -> Arc<Host> {
    static HOST: LazyLock<Arc<Host>> = LazyLock::new(|| stepwise_host_with(limits()).into());
    Arc::clone(&HOST)
}

struct Server {
    port: u16,
    told: mpsc::Receiver<Told>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start(connection: String, reply: Option<Value>) -> Self {
        Self::of(Receiver::new(host(), connection, reply.map(|reply| reply.to_string())).unwrap()).await
    }

    async fn of(receiver: Receiver) -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).await.unwrap(), receiver)
    }

    fn on(listener: TcpListener, receiver: Receiver) -> Self {
        let port = listener.local_addr().unwrap().port();
        let (tell, told) = channel();
        let task = tokio::spawn(Arc::new(receiver).serve(listener, tell));
        Self { port, told, task }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/wecom", self.port)
    }

    /// Sends these bytes, and reads until the connection closes: the status and the body.
    async fn send(&self, bytes: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (mut read, mut write) = stream.split();
        // What is too long is not read to its end: writing it fails then.
        let send = async {
            let _ = write.write_all(bytes).await;
            std::future::pending::<()>().await;
        };
        let mut answer = Vec::new();
        tokio::select! {
            () = send => {}
            _ = read.read_to_end(&mut answer) => {}
        }
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    async fn get(&self, query: &str) -> (u16, String) {
        self.send(format!("GET /wecom{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await
    }

    async fn post(&self, query: &str, body: &str) -> (u16, String) {
        let head = format!(
            "POST /wecom?{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.send(format!("{head}{body}").as_bytes()).await
    }

    /// What was told since the last time.
    fn told(&mut self) -> (Vec<Event>, Vec<Note>) {
        let told: Vec<Told> = std::iter::from_fn(|| self.told.try_recv().ok()).collect();
        let (mut events, mut notes) = (Vec::new(), Vec::new());
        for Told { event, note } in told {
            events.extend(event);
            notes.extend(note);
        }
        (events, notes)
    }

    /// The one line that was told, and no event.
    fn note(&mut self) -> Note {
        let (events, mut notes) = self.told();
        assert_eq!((events.len(), notes.len()), (0, 1), "{notes:?}");
        notes.remove(0)
    }
}

/// A request as WeCom makes it: query and body.
fn request(nonce: &str, message: &str) -> (String, String) {
    let ciphertext = encrypted(message, CORP_ID);
    (query(TOKEN, &now().to_string(), nonce, &ciphertext), envelope(&ciphertext))
}

#[tokio::test]
async fn a_url_is_verified_by_the_bare_echo() {
    let mut server = Server::start(connection(), None).await;
    let echo = encrypted("1234567890123456789", CORP_ID);
    let encoded: String = percent_encoding::utf8_percent_encode(&echo, percent_encoding::NON_ALPHANUMERIC).to_string();
    let query = query(TOKEN, &now().to_string(), "1", &echo);
    assert_eq!(server.get(&format!("?{query}&echostr={encoded}")).await, (200, "1234567890123456789".to_owned()));
    let note = server.note();
    assert!(note.status == 200 && note.words[0] == "The URL was verified.", "{note:?}");
    // Who has seen a message in ciphertext does not get it in plain.
    let (signed, body) = request("3", &message("70"));
    let ciphertext = body.split_once("<Encrypt>").unwrap().1.split_once('<').unwrap().0;
    let ciphertext = percent_encoding::utf8_percent_encode(ciphertext, percent_encoding::NON_ALPHANUMERIC);
    assert_eq!(server.get(&format!("?{signed}&echostr={ciphertext}")).await, (403, String::new()));
    assert_eq!(server.note().status, 403);
    // Without the echo it is a browser's, or a POST that lost its method.
    assert_eq!(server.get(&format!("?{query}")).await.0, 400);
    assert_eq!(server.note().status, 400);
    let forged = query.replace("nonce=1", "nonce=2");
    assert_eq!(server.get(&format!("?{forged}&echostr={encoded}")).await, (403, String::new()));
    let note = server.note();
    assert!(note.words[0].contains("signature"), "{note:?}");
}

#[tokio::test]
async fn an_event_is_taken_once() {
    let mut server = Server::start(connection(), None).await;
    let (query, body) = request("1", &message("71"));
    assert_eq!(server.post(&query, &body).await, (200, String::new()));
    let (events, notes) = server.told();
    assert!(notes.is_empty(), "{notes:?}");
    let event = event_json(&events[0]);
    assert_eq!(
        (&event["topic"], &event["from_user"], &event["agent_id"]),
        (&json!("text"), &json!("zhangsan"), &json!(1_000_002))
    );
    assert_eq!((&event["key"], &event["format"], &event["nonce"]), (&json!("text/71"), &json!("xml"), &json!("1")));
    assert_eq!(event["fields"]["content"], "PLAINTEXTofTheMessage");

    // WeCom repeats it with another nonce: 200, and no event.
    let (repeated, body_again) = request("2", &message("71"));
    assert_eq!(server.post(&repeated, &body_again).await, (200, String::new()));
    assert_eq!(server.told().0.len() + server.told().1.len(), 0);
    // Whoever has seen the request sends it as it was: 200, no event, and a line.
    assert_eq!(server.post(&query, &body).await, (200, String::new()));
    let note = server.note();
    assert!(note.status == 200 && note.words[0].contains("taken before"), "{note:?}");
    // In capitals it is the same signature.
    let (head, rest) = query.split_once('&').unwrap();
    let upper = format!("msg_signature={}&{rest}", head.trim_start_matches("msg_signature=").to_ascii_uppercase());
    assert_eq!(server.post(&upper, &body).await.0, 200);
    assert!(server.note().words[0].contains("taken before"));
    // Percent-encoded, too.
    let signature = head.trim_start_matches("msg_signature=");
    let encoded = format!("msg_signature=%{:02X}{}&{rest}", signature.as_bytes()[0], &signature[1..]);
    assert_eq!(server.post(&encoded, &body).await.0, 200);
    assert!(server.note().words[0].contains("taken before"));
    // A nonce alone says nothing: another message may have the same one.
    let (query, body) = request("1", &message("72"));
    assert_eq!(server.post(&query, &body).await.0, 200);
    assert_eq!(server.told().0.len(), 1);
}

#[tokio::test]
async fn bad_input_has_its_status_and_one_line() {
    let mut server = Server::start(connection(), None).await;
    let (good, body) = request("1", &message("1"));
    let ciphertext = encrypted(&message("1"), CORP_ID);
    let old = query(TOKEN, &(now() - 660).to_string(), "1", &ciphertext);
    let future = query(TOKEN, &(now() + 660).to_string(), "1", &ciphertext);
    let other_token = query("theNewToken", &now().to_string(), "1", &ciphertext);
    let foreign = encrypted(&message("1"), "ww_of_somebody_else");
    let foreign_query = query(TOKEN, &now().to_string(), "1", &foreign);
    let post = |query: &str, body: &str| {
        format!(
            "POST /?{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let huge = 10 * 1024 * 1024;
    let chunks = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024)).repeat(20);
    for (bytes, status, words) in [
        ("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), 400, "perhaps a browser did"),
        (
            "GET /favicon.ico?a=b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
            400,
            "perhaps a browser did",
        ),
        (post(&good.replace("signature=", "signature=0"), &body), 403, "Compare the token"),
        (post(&old, &body), 403, "ten minutes"),
        (post(&future, &body), 403, "ten minutes"),
        (post(&other_token, &body), 403, "Compare the token"),
        (post(&foreign_query, &envelope(&foreign)), 403, "another receiver"),
        (post(&good, &body[..200]), 400, "no XML or JSON"),
        (post("", &body), 400, "msg_signature, timestamp or nonce"),
        (
            format!("POST /?{good} HTTP/1.1\r\nhost: x\r\ncontent-length: {huge}\r\n\r\n{}", "x".repeat(huge)),
            413,
            "not read",
        ),
        (
            format!("POST /?{good} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"),
            413,
            "not read",
        ),
        (format!("PUT /?{good} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"), 405, "neither a GET nor a POST"),
    ] {
        let (answered, answer) = server.send(bytes.as_bytes()).await;
        assert_eq!(answered, status, "{words}");
        let note = server.note();
        assert_eq!(note.status, status);
        assert!(note.words[0].contains(words), "{words} is not in {note:?}");
        assert!(!note.words[1].is_empty() && !note.words.iter().any(|line| line.contains('\n')), "{note:?}");
        assert_no_secret(&format!("{note:?}{answer}"), [TOKEN, &key(), "PLAINTEXTofTheMessage"]);
        // A person in a browser learns what it is; whoever forges learns nothing.
        assert_eq!(answer.contains("企业微信的回调地址"), status == 400 && !words.contains("broke"), "{answer}");
    }
    // Nothing of it was taken, so that the good one is new.
    assert_eq!(server.post(&good, &body).await.0, 200);
    assert_eq!(server.told().0.len(), 1);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let mut server = Server::start(connection(), None).await;
    let (good, body) = request("1", &message("1"));
    let head = format!("POST /?{good} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    // Cut off: whoever sent it hears nothing, and the operator does.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    stream.write_all(format!("{head}{}", &body[..100]).as_bytes()).await.unwrap();
    drop(stream);
    let told = tokio::time::timeout(Duration::from_secs(2), server.told.recv()).await.unwrap().unwrap();
    assert!(told.note.is_some_and(|note| note.status == 400 && note.words[0].contains("broke off")));
    let (status, _) = server.send(format!("{head}{}", &body[..100]).as_bytes()).await;
    assert_eq!(status, 408);
    assert_eq!(server.note().status, 408);
}

#[tokio::test]
async fn what_nobody_takes_is_sent_again() {
    let receiver = Receiver::new(host(), connection(), None).unwrap();
    let mut full = receiver.full();
    let mut server = Server::of(receiver).await;
    let mut statuses = Vec::new();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let mut answer = vec![0; 4096];
    for number in 0..1025 {
        let (query, body) = request(&number.to_string(), &message(&number.to_string()));
        let head = format!("POST /?{query} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        let length = stream.read(&mut answer).await.unwrap();
        statuses.push(String::from_utf8_lossy(&answer[..length])[9..12].to_owned());
    }
    let last = statuses.pop().unwrap();
    assert!(statuses.iter().all(|status| status == "200"), "{statuses:?}");
    assert_eq!(last, "503");
    // The operator hears it once, not for each request, until there is room again.
    assert!(full.has_changed().unwrap() && *full.borrow_and_update());
    let (query, body) = request("2000", &message("2000"));
    assert_eq!(server.post(&query, &body).await.0, 503);
    assert!(!full.has_changed().unwrap());
    assert_eq!(server.told().0.len(), 1024);
    assert_eq!(server.post(&query, &body).await.0, 200);
    assert!(!*full.borrow_and_update());
}

#[tokio::test]
async fn a_component_that_breaks_down_is_replaced() {
    // A body of a megabyte does not fit into that much memory.
    let host = stepwise_host_with(Limits { memory: 3 * 1024 * 1024, ..limits() });
    let mut server = Server::of(Receiver::new(host, connection(), None).unwrap()).await;
    let big = format!("<xml><Encrypt>{}</Encrypt></xml>", "A".repeat(1_000_000));
    let (good, body) = request("1", &message("1"));
    assert_eq!(server.post(&good, &big).await.0, 500);
    assert!(server.note().words[0].contains("broke down"));
    assert_eq!(server.post(&good, &body).await.0, 200);
    assert_eq!(server.told().0.len(), 1);
}

#[tokio::test]
async fn the_simulator_and_the_server_agree() {
    let options = Options { callback_timeout: Duration::from_millis(500), ..Options::strict() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut server = Server::start(seed_callback().to_string(), None).await;
    simulator.set_callbacks(&server.url()).await.unwrap();
    assert!(server.told().1.iter().all(|note| note.words[0] == "The URL was verified."));
    let wrong = simulator.set_callback(Source::Contacts, &server.url(), "anotherToken", CALLBACK_KEY).await;
    assert!(wrong.unwrap_err().contains("HTTP status 403"));
    assert!(server.note().words[0].contains("Compare the token"));
    let key = CALLBACK_KEY.replace("SIM", "sim");
    let wrong = simulator.set_callback(Source::Contacts, &server.url(), CALLBACK_TOKEN, &key).await;
    assert!(wrong.unwrap_err().contains("HTTP status 403"));
    assert!(server.note().words[0].contains("EncodingAESKey"));

    // Callbacks are of now, however late it is in the world.
    simulator.with_world(|world| world.advance(Duration::from_secs(7200)));
    simulator.with_world(|world| world.write(ZHANGSAN, AGENT_ID, "你好")).unwrap();
    simulator.callbacks_sent().await;
    let (events, notes) = server.told();
    assert!(events.len() == 1 && notes.is_empty(), "{notes:?}");
    // The server gets another token, and WeCom keeps the old one: what comes is refused, repeated, and lost.
    server.task.abort();
    let _ = (&mut server.task).await;
    let listener = TcpListener::bind(("127.0.0.1", server.port)).await.unwrap();
    let mut renewed = Server::on(listener, Receiver::new(host(), connection(), None).unwrap());
    simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
    simulator.callbacks_sent().await;
    let (events, notes) = renewed.told();
    assert_eq!((events.len(), notes.len()), (0, 4), "{notes:?}");
    assert!(notes.iter().all(|note| note.status == 403 && note.words[0].contains("Compare the token")), "{notes:?}");
    let lost = simulator.with_world(|world| world.callbacks()[1].json());
    assert_eq!(lost["state"], "lost", "{lost}");
    assert_no_secret(&format!("{lost}{notes:?}"), SECRETS);
}

/// The answer to the first one may have been lost, and whoever sends it again learns nothing from a second one.
#[tokio::test]
async fn a_request_that_comes_again_as_it_was_gets_the_reply_again() {
    let mut server = Server::start(connection(), Some(json!({"msg_type": "text", "content": "Noted."}))).await;
    let (query, body) = request("1", &message("71"));
    for events in [1, 0] {
        let (status, answer) = server.post(&query, &body).await;
        assert!(status == 200 && answer.contains("<Encrypt>"), "{status} {answer}");
        assert_eq!(server.told().0.len(), events);
    }
}

#[tokio::test]
async fn a_reply_is_what_the_simulator_can_read() {
    let simulator = Simulator::start(Options::strict()).await.unwrap();
    for (reply, shown) in [
        (json!({"msg_type": "text", "content": "收到 ]]> <b>"}), json!({"content": "收到 ]]> <b>"})),
        (json!({"msg_type": "image", "media_id": IMAGE_MEDIA_ID}), json!({"media_id": IMAGE_MEDIA_ID})),
        (
            json!({"msg_type": "news", "articles": [{"title": "t", "url": "https://a.cn"}]}),
            json!({"articles": [{"title": "t", "url": "https://a.cn"}]}),
        ),
    ] {
        let mut server = Server::start(seed_callback().to_string(), Some(reply.clone())).await;
        simulator.set_callbacks(&server.url()).await.unwrap();
        simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
        simulator.callbacks_sent().await;
        let told = simulator.with_world(|world| world.callbacks().last().unwrap().json());
        assert_eq!(told["reply_error"], Value::Null, "{told}");
        let message = simulator.with_world(|world| world.messages().last().unwrap().clone());
        assert_eq!(message.body[message.msgtype.as_str()], shown);
        assert_eq!(server.told().0.len(), 1);
    }
    // WeCom itself is not answered.
    let server = Server::start(seed_callback().to_string(), Some(json!({"msg_type": "text", "content": "x"}))).await;
    simulator.set_callbacks(&server.url()).await.unwrap();
    let fields = json!({"MsgType": "event", "Event": "change_contact", "ChangeType": "delete_user", "UserID": "a"});
    let Value::Object(fields) = fields else { unreachable!() };
    simulator.with_world(|world| world.tell(Source::Contacts, fields)).unwrap();
    simulator.callbacks_sent().await;
    let told = simulator.with_world(|world| world.callbacks().last().unwrap().json());
    assert_eq!(
        (&told["state"], &told["reply"], &told["reply_error"]),
        (&json!("delivered"), &Value::Null, &Value::Null)
    );
    let nobody = Press { user_id: ZHANGSAN.into(), key: "x".into(), ..Press::default() };
    assert!(simulator.with_world(|world| world.press(&nobody)).is_err());
}

#[test]
fn a_receiver_needs_what_is_whole() {
    let faults = |connection: Value, reply: Option<Value>| match Receiver::new(
        host(),
        connection.to_string(),
        reply.map(|reply| reply.to_string()),
    ) {
        Err(Unusable::Invalid(faults)) => faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(),
        Err(Unusable::Fault(fault)) => panic!("{fault:?}"),
        Ok(_) => Vec::new(),
    };
    let whole: Value = serde_json::from_str(&connection()).unwrap();
    assert_eq!(faults(whole.clone(), None), [""; 0]);
    assert_eq!(faults(json!({"type": "callback"}), None), ["/token", "/encoding_aes_key"]);
    assert_eq!(faults(whole.clone(), Some(json!({"msg_type": "text"}))), ["/content"]);
    // To a smart bot a reply goes as it is.
    let mut bot = whole;
    bot.as_object_mut().unwrap().remove("receive_id");
    assert_eq!(faults(bot.clone(), Some(json!({"msgtype": "stream", "stream": {"id": "1"}}))), [""; 0]);
    assert_eq!(faults(bot, Some(json!({"msg_type": "text", "content": "x"}))), [""]);
}

/// Every event that the manifest offers comes back as its sample says.
#[tokio::test]
async fn every_sample_of_the_manifest_comes_through_the_wire() {
    let manifest: Value = serde_json::from_str(&wecom_connector::manifest::manifest()).unwrap();
    let simulator = Simulator::start(Options::strict()).await.unwrap();
    let mut server = Server::start(seed_callback().to_string(), None).await;
    simulator.set_callbacks(&server.url()).await.unwrap();
    server.told();
    let mut count = 0;
    for entry in manifest["callback"]["events"].as_array().unwrap() {
        let source = match entry["source"].as_str().unwrap() {
            "application" => Source::App(AGENT_ID),
            "contacts" => Source::Contacts,
            "customers" => Source::Customers,
            // They come as JSON, which an application's URL does not get.
            _ => continue,
        };
        let sample = &entry["sample"];
        let mut fields = serde_json::Map::new();
        let names =
            [("MsgType", "msg_type"), ("Event", "event"), ("ChangeType", "change_type"), ("FromUserName", "from_user")];
        for (wire, name) in names {
            if let Some(text) = sample[name].as_str() {
                fields.insert(wire.into(), text.into());
            }
        }
        if let Some(id) = sample["fields"]["msg_id"].as_str() {
            fields.insert("MsgId".into(), id.into());
        }
        simulator.with_world(|world| world.tell(source, fields)).unwrap();
        simulator.callbacks_sent().await;
        let (events, notes) = server.told();
        assert!(notes.is_empty() && events.len() == 1, "{sample}: {notes:?}");
        let event = event_json(&events[0]);
        for name in ["topic", "msg_type", "event", "change_type", "from_user", "to", "agent_id"] {
            assert_eq!(event[name], sample[name], "{name} of {sample}");
        }
        count += 1;
    }
    assert!(count > 50, "{count}");
}
