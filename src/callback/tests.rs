//! Callbacks of the vendor's page and libraries, and what is none.

use serde_json::{Value, json};

use super::*;
use crate::connection::{AesKey, Callback};

/// The example of the vendor's page 90968.
const PAGE: (&str, &str, &str) = ("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7");
/// That of the vendor's library for Python.
const PYTHON: (&str, &str, &str) =
    ("hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo", "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt", "ww1436e0e65a779aee");
/// That of a library of others.
const OTHERS: (&str, &str, &str) = ("123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a");

const PAGE_QUERY: &str = "msg_signature=477715d11cdb4164915debcba66cb864d751f3e6&timestamp=1409659813&nonce=1372623149";
const PAGE_CIPHERTEXT: &str = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==";

fn given((token, encoding_aes_key, receive_id): (&str, &str, &str)) -> CheckedCallback {
    let connection = Callback {
        token: token.into(),
        encoding_aes_key: encoding_aes_key.into(),
        receive_id: Some(receive_id.into()),
    };
    connection.checked().unwrap()
}

fn page_body() -> String {
    format!(
        "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<Encrypt><![CDATA[{PAGE_CIPHERTEXT}]]></Encrypt>\n\
         <AgentID><![CDATA[218]]></AgentID>\n</xml>"
    )
}

fn check(answer: Result<impl std::fmt::Debug, CallbackError>) -> Check {
    match answer {
        Err(CallbackError::Refused(refusal)) => refusal.check,
        answer => panic!("{answer:?}"),
    }
}

/// A request with that message, as WeCom makes it.
fn request(connection: &CheckedCallback, message: &str) -> (String, String) {
    let ciphertext = crypto::encrypt(&connection.key, *b"0123456789abcdef", message, &connection.receive_id);
    let signature = crypto::signature(connection, "1409659813", "1372623149", &ciphertext);
    let query = format!("msg_signature={signature}&timestamp=1409659813&nonce=1372623149");
    (query, format!("<xml><Encrypt>{ciphertext}</Encrypt></xml>"))
}

/// The event of a message.
fn event(message: &str) -> Event {
    let connection = given(PAGE);
    let (query, body) = request(&connection, message);
    decrypt_message(&connection, &query, body.as_bytes(), None).unwrap()
}

#[test]
fn a_url_is_verified() {
    let page = "msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780&\
        echostr=P9nAzCzyDtyTWESHep1vC5X9xho%2FqYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp%2B4RPcs8TgAE7OaBO%2BFZXvnaqQ%3D%3D";
    let python = "msg_signature=012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb&timestamp=1476416373&nonce=47744683&\
        echostr=fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==";
    let others = "msg_signature=dd6b9c95b495b3f7e2901bfbc76c664930ffdb96&timestamp=1411443780&nonce=437374425&\
        echostr=4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==";
    for (connection, query, answer) in [
        (PAGE, page, Some("1616140317555161061")),
        (PYTHON, python, Some("1288432023552776189")),
        (OTHERS, others, None),
    ] {
        let connection = given(connection);
        for query in [
            query.to_owned(),
            format!("?{query}"),
            format!("https://example.com/wecom?{query}"),
            // A form's decoder made blanks of the plus signs.
            query.replace('+', "%20"),
            query.replace('+', " "),
        ] {
            let echo = verify_url(&connection, &query, None).unwrap();
            assert!(answer.is_none_or(|answer| answer == echo), "{echo}");
        }
        assert_eq!(check(verify_url(&connection, &query.replace("nonce=", "nonce=1"), None)), Check::Signature);
    }
}

#[test]
fn a_message_is_read() {
    let connection = given(PAGE);
    let event = decrypt_message(&connection, PAGE_QUERY, page_body().as_bytes(), Some(1_409_659_800)).unwrap();
    let json: Value = serde_json::from_str(&event.json).unwrap();
    assert_eq!(
        json,
        json!({
            "to_user_name": "wx5823bf96d3bd56c7",
            "from_user_name": "mycreate",
            "create_time": "1409659813",
            "msg_type": "text",
            "content": "hello",
            "msg_id": "4561255354251345929",
            "agent_id": "218",
        })
    );
    assert_eq!(event.topic, "text");
    assert_eq!((event.from_user.as_deref(), event.to.as_deref()), (Some("mycreate"), Some("wx5823bf96d3bd56c7")));
    assert_eq!((event.agent_id, event.created_at, event.event), (Some(218), Some(1_409_659_813), None));
    assert_eq!(event.key, "text/4561255354251345929");

    let body = "<xml><ToUserName><![CDATA[ww1436e0e65a779aee]]></ToUserName>\n<Encrypt><![CDATA[Kl7kjoSf6DMD1zh7rtrHjFaDapSCkaOnwu3bqLc5tAybhhMl9pFeK8NslNPVdMwmBQTNoW4mY7AIjeLvEl3NyeTkAgGzBhzTtRLNshw2AEew+kkYcD+Fq72Kt00fT0WnN87hGrW8SqGc+NcT3mu87Ha3dz1pSDi6GaUA6A0sqfde0VJPQbZ9U+3JWcoD4Z5jaU0y9GSh010wsHF8KZD24YhmZH4ch4Ka7ilEbjbfvhKkNL65HHL0J6EYJIZUC2pFrdkJ7MhmEbU2qARR4iQHE7wy24qy0cRX3Mfp6iELcDNfSsPGjUQVDGxQDCWjayJOpcwocugux082f49HKYg84EpHSGXAyh+/oxwaWbvL6aSDPOYuPDGOCI8jmnKiypE+]]></Encrypt>\n<AgentID><![CDATA[1000002]]></AgentID></xml>";
    let query = "msg_signature=0c3914025cb4b4d68103f6bfc8db550f79dcf48e&timestamp=1476422779&nonce=1597212914";
    let event = decrypt_message(&given(PYTHON), query, body.as_bytes(), None).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&event.json).unwrap()["content"], "你好");
    assert_eq!(event.agent_id, Some(1_000_002));

    let body = "<xml><Encrypt>RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0=</Encrypt></xml>";
    let query = "msg_signature=74d92dfeb87ba7c714f89d98870ae5eb62dff26d&timestamp=1411525903&nonce=461056294";
    let event = decrypt_message(&given(OTHERS), query, body.as_bytes(), None).unwrap();
    assert_eq!(event.from_user.as_deref(), Some("messense"));
}

#[test]
fn a_message_in_json_is_read() {
    let query = "msg_signature=0623cbc5a8cbee5bcc137c70de99575366fc2af3&timestamp=1409659813&nonce=1372623149";
    let encrypt = "CZWs4CWRpI4VolQlvn4dlEC1alN2MUEY2VklGehgBVLBrlVF7SyT+SV+Toj43l4ayJ9UMGKphktKKmP7B2j/P1ey67XB8PBgS7Wr5/8+w/yWriZv3Vmoo/MH3/1HsIWZrPQ3N2mJrelStIfI2Y8kLKXA7EhfZgZX4o+ffdkZDM76SEl79Ib9mw7TGjZ9Aw/x/A2VjNbV1E8BtEbRxYYcQippYNw7hr8sFfa3nW1xLdxokt8QkRX83vK3DFP2F6TQFPL2Tu98UwhcUpPvdJBuu1/yiOQIScppV3eOuLWEsko=";
    for body in [
        json!({"tousername": "wx5823bf96d3bd56c7", "encrypt": encrypt, "agentid": "218"}),
        json!({"ToUserName": "wx5823bf96d3bd56c7", "Encrypt": encrypt, "AgentID": 218}),
    ] {
        let event = decrypt_message(&given(PAGE), query, body.to_string().as_bytes(), None).unwrap();
        assert_eq!((event.from_user.as_deref(), event.agent_id), (Some("mycreate"), Some(218)));
        // No engine that reads JSON may lose a digit of it.
        let json: Value = serde_json::from_str(&event.json).unwrap();
        assert_eq!(json["msg_id"], "4561255354251345929");
        assert_eq!(json["content"], "hello");
        assert_eq!(event.format, Format::Json);
    }
    // The plaintext of the vendor's other sample is no JSON.
    let query = "msg_signature=e3647471e395139e2308c1fa963f2d648a00b90e&timestamp=1409659813&nonce=1372623149";
    let body = r#"{ "tousername": "wx5823bf96d3bd56c7", "encrypt": "cjhLUX7UU4yCSelv1vz7T0zT8huF51bAMVWriNvO1FMegHrQZNrtvRxbwf0fUPsFvwqR0U0fgiJNEA5Y30F2MoI2S7vv3EjVQ68C0cjw9frBoUE2Hj0BvFp9h3u6Vbsg4lc1C8AtHdaN8orKuNKkLRLuYEL52R1J3v8olJGZRLnRdVKIivixmX/eQpzgeExtp20jI1HxRP1AAZ6xZoILdqDPO549LO4WeG+685JRUTdiwcY5fjZlqeMxuT4PpMn1X9OWsS7NRj06Wa5E3Tvg4twjWp39KPfOdRte6P1T4JU=", "agentid": 218 }"#;
    assert_eq!(check(decrypt_message(&given(PYTHON), query, body.as_bytes(), None)), Check::Message);
}

#[test]
fn a_smart_bot_names_nobody() {
    let connection = given(("token", PAGE.1, ""));
    let message = r#"{"msgid": "m1", "aibotid": "b1", "chattype": "single", "from": {"userid": "zhangsan"}, "msgtype": "event",
        "create_time": 1700000000, "event": {"eventtype": "template_card_event", "template_card_event": {
        "card_type": "vote_interaction", "selected_items": {"selected_item": [{"question_key": "q", "option_ids": {"option_id": ["a"]}}]}}}}"#;
    let (query, body) = request(&connection, message);
    let body = body.replace("<xml><Encrypt>", "{\"encrypt\":\"").replace("</Encrypt></xml>", "\"}");
    let event = decrypt_message(&connection, &query, body.as_bytes(), None).unwrap();
    assert_eq!(
        (&*event.topic, event.from_user.as_deref(), event.to.as_deref()),
        ("event/template_card_event", Some("zhangsan"), None)
    );
    assert_eq!(event.key, "event/template_card_event/m1");
    let json: Value = serde_json::from_str(&event.json).unwrap();
    let selected = json!([{"question_key": "q", "option_ids": ["a"]}]);
    assert_eq!(json["event"]["template_card_event"]["selected_items"], selected);
    assert_eq!(
        check(decrypt_message(&given(("token", PAGE.1, "ww1")), &query, body.as_bytes(), None)),
        Check::Receiver
    );

    let reply = r#"{"msgtype": "stream", "stream": {"id": "s1", "finish": true, "content": "好"}}"#;
    let EncryptedReply { content_type, body } =
        encrypt_reply(&connection, &event, reply, 1_700_000_001, &[7; 16]).unwrap();
    assert_eq!(content_type, "application/json");
    let envelope: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&envelope["timestamp"], &envelope["nonce"]), (&json!(1_700_000_001), &json!("1372623149")));
    let (plain, receiver) = crypto::decrypt(&connection.key, envelope["encrypt"].as_str().unwrap()).unwrap();
    assert_eq!(receiver, "");
    assert_eq!(serde_json::from_str::<Value>(&plain).unwrap(), serde_json::from_str::<Value>(reply).unwrap());
}

#[test]
fn every_check_fails_by_its_name() {
    let connection = given(PAGE);
    let refused = |query: &str, body: &[u8]| check(decrypt_message(&connection, query, body, Some(1_409_659_813)));
    let body = page_body();
    assert_eq!(refused(PAGE_QUERY, &vec![b' '; MAX_BODY_BYTES + 1]), Check::Size);
    for query in [
        "",
        "?",
        "a=b",
        &PAGE_QUERY.replace("nonce", "once"),
        &format!("{PAGE_QUERY}&nonce=1"),
        &PAGE_QUERY.replace("1372623149", ""),
    ] {
        assert_eq!(refused(query, body.as_bytes()), Check::Query, "{query}");
    }
    let doctype = format!("<!DOCTYPE xml>{body}");
    let twice = body.replace("</xml>", "<Encrypt>x</Encrypt></xml>");
    let empty = body.replace(PAGE_CIPHERTEXT, "");
    for body in ["", "{}", "<xml/>", "[1]", r#"{"encrypt": 1}"#, &doctype, &twice, &empty, &body[..200]] {
        assert_eq!(refused(PAGE_QUERY, body.as_bytes()), Check::Envelope, "{body}");
    }
    assert_eq!(refused(PAGE_QUERY, b"<xml>\xff</xml>"), Check::Envelope);
    assert_eq!(refused(&PAGE_QUERY.replace("4777", "4778"), body.as_bytes()), Check::Signature);
    assert_eq!(refused(&PAGE_QUERY.replace("477715", "4777"), body.as_bytes()), Check::Signature);
    assert_eq!(refused(PAGE_QUERY, body.replace("RypE", "rypE").as_bytes()), Check::Signature);
    let late = decrypt_message(&connection, PAGE_QUERY, body.as_bytes(), Some(1_409_659_813 + 601));
    assert_eq!(check(late), Check::Time);
    let (upper, rest) = PAGE_QUERY.split_at(14 + 40);
    let upper =
        upper.replace("477715d11cdb4164915debcba66cb864d751f3e6", "477715D11CDB4164915DEBCBA66CB864D751F3E6") + rest;
    assert!(decrypt_message(&connection, &upper, body.as_bytes(), None).is_ok());
}

/// A ciphertext of these bytes, padded by the caller.
fn raw(connection: &CheckedCallback, plain: &[u8]) -> String {
    use aes::Aes256;
    use base64::Engine as _;
    use cbc::cipher::array::Array;
    use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};

    let mut bytes = plain.to_vec();
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
    assert!(rest.is_empty());
    cbc::Encryptor::<Aes256>::new(connection.key.expose().into(), connection.key.iv().into()).encrypt_blocks(blocks);
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_ciphertext_that_is_signed_is_looked_at_all_the_same() {
    let connection = given(PAGE);
    let refused = |ciphertext: &str| {
        let signature = crypto::signature(&connection, "1", "2", ciphertext);
        let body = json!({"encrypt": ciphertext}).to_string();
        let query = format!("msg_signature={signature}&timestamp=1&nonce=2");
        check(decrypt_message(&connection, &query, body.as_bytes(), None))
    };
    assert_eq!(refused("no base64!"), Check::Base64);
    assert_eq!(refused("AAAA"), Check::Blocks);
    for pad in [0, 33, 255] {
        assert_eq!(refused(&raw(&connection, &[pad; 64])), Check::Padding, "{pad}");
    }
    // With the padding taken off, there is no room for a length.
    assert_eq!(refused(&raw(&connection, &[32; 32])), Check::Length);
    let message = |length: u32, content: &[u8]| {
        let mut plain = [&[b'r'; 16][..], &length.to_be_bytes(), content].concat();
        let padding = 32 - plain.len() % 32;
        plain.resize(plain.len() + padding, u8::try_from(padding).unwrap());
        raw(&connection, &plain)
    };
    for length in [2, 100, u32::MAX] {
        assert_eq!(refused(&message(length, b"a")), Check::Length);
    }
    assert_eq!(refused(&message(2, b"\xff\xfewx5823bf96d3bd56c7")), Check::Utf8);
    assert_eq!(refused(&message(2, b"{}ww_of_somebody_else")), Check::Receiver);
    assert_eq!(refused(&message(2, b"{}")), Check::Receiver);
    assert_eq!(refused(&message(1, b"1wx5823bf96d3bd56c7")), Check::Message);
    let doctype = b"<!DOCTYPE x [<!ENTITY e \"x\">]><xml><Content>&e;</Content></xml>";
    let length = u32::try_from(doctype.len()).unwrap();
    assert_eq!(refused(&message(length, &[doctype, &b"wx5823bf96d3bd56c7"[..]].concat())), Check::Message);
}

#[test]
fn every_length_of_a_message_comes_back() {
    let connection = given(PAGE);
    for length in 0..70 {
        let message = "好".repeat(length / 3) + &"x".repeat(length % 3);
        let ciphertext =
            crypto::encrypt(&connection.key, [length.try_into().unwrap(); 16], &message, &connection.receive_id);
        assert_eq!(crypto::decrypt(&connection.key, &ciphertext).unwrap(), (message, connection.receive_id.clone()));
    }
}

#[test]
fn what_others_encrypt_we_encrypt() {
    let connection = given(OTHERS);
    let message = "<xml>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[test]]></Content>\n\
        <FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>\n<ToUserName><![CDATA[messense]]></ToUserName>\n\
        <AgentID>1</AgentID>\n<CreateTime>1411525903</CreateTime>\n</xml>";
    let expected = "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGsL8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSjPUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFYFMNMpatF9XiKzHo3";
    let ciphertext = crypto::encrypt(&connection.key, *b"1234567890123456", message, &connection.receive_id);
    assert_eq!(ciphertext, expected);
    let signature = crypto::signature(&connection, "1411525903", "461056294", &ciphertext);
    assert_eq!(signature, "407518b7649e86ef23978113f92d27afa9296533");
}

/// The same signature is over an echo and over a message.
#[test]
fn a_message_is_no_echo() {
    let connection = given(PAGE);
    let query = format!("{PAGE_QUERY}&echostr={}", PAGE_CIPHERTEXT.replace('+', "%2B"));
    assert_eq!(check(verify_url(&connection, &query, None)), Check::Message);
    for message in ["{\"msgid\": \"m\"}", "<broken", " {"] {
        let (query, body) = request(&connection, message);
        let ciphertext = document::read(&body).unwrap()["encrypt"].as_str().unwrap().replace('+', "%2B");
        assert_eq!(check(verify_url(&connection, &format!("{query}&echostr={ciphertext}"), None)), Check::Message);
    }
}

#[test]
fn a_reply_of_ours_is_no_message() {
    let posted_back = |connection: &CheckedCallback, event: &Event, reply: &str| {
        let EncryptedReply { body, .. } = encrypt_reply(connection, event, reply, 1, &[7; 16]).unwrap();
        let fields = document::read(&body).unwrap();
        let text = |name: &str| fields[name].as_str().map_or_else(|| fields[name].to_string(), str::to_owned);
        let signature = if event.format == Format::Xml { "msg_signature" } else { "msgsignature" };
        let time = if event.format == Format::Xml { "time_stamp" } else { "timestamp" };
        let query = format!("msg_signature={}&timestamp={}&nonce={}", text(signature), text(time), text("nonce"));
        // Whoever posts it back is free to write another envelope.
        let ciphertext = text("encrypt");
        let others =
            [format!("<xml><Encrypt>{ciphertext}</Encrypt></xml>"), json!({"encrypt": ciphertext}).to_string()];
        let checks = others.map(|other| check(decrypt_message(connection, &query, other.as_bytes(), None)));
        let posted = check(decrypt_message(connection, &query, body.as_bytes(), None));
        assert!(checks.iter().all(|check| *check == posted), "{checks:?}");
        posted
    };
    let connection = given(PAGE);
    let asked = decrypt_message(&connection, PAGE_QUERY, page_body().as_bytes(), None).unwrap();
    assert_eq!(posted_back(&connection, &asked, r#"{"msg_type": "text", "content": "c"}"#), Check::Receiver);
    let bot = given(("token", PAGE.1, ""));
    let asked = Event { format: Format::Json, to: None, ..asked };
    assert_eq!(posted_back(&bot, &asked, r#"{"msgtype": "text", "text": {"content": "c"}}"#), Check::Message);
}

#[test]
fn nobody_sees_what_was_written() {
    let event = event("<xml><FromUserName>u</FromUserName><MsgType>text</MsgType><Content>hush</Content></xml>");
    assert!(!format!("{event:?}").contains("hush"), "{event:?}");
}

/// What is public of others: tests of libraries, and pages of the vendor's. `vectors.json` is for every language.
#[test]
fn what_others_test_with_holds() {
    let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let list = |name: &str| vectors[name].as_array().unwrap().iter();
    let text = |vector: &Value, name: &str| vector[name].as_str().unwrap().to_owned();
    let connection = |vector: &Value| {
        given((&text(vector, "token"), &text(vector, "encoding_aes_key"), &text(vector, "receive_id")))
    };
    for vector in list("verify") {
        let answer = verify_url(&connection(vector), &text(vector, "query"), None);
        assert_eq!(answer.unwrap(), vector["answer"], "{}", vector["source"]);
        let foreign = CheckedCallback { receive_id: "ww1".to_owned(), ..connection(vector) };
        assert_eq!(check(verify_url(&foreign, &text(vector, "query"), None)), Check::Receiver);
        // One digit of the signature is damaged, as a test of go-workwx has it.
        let (before, rest) = vector["query"].as_str().unwrap().split_once("msg_signature=").unwrap();
        let last = if &rest[39..40] == "0" { "1" } else { "0" };
        let damaged = format!("{before}msg_signature={}{last}{}", &rest[..39], &rest[40..]);
        assert_eq!(check(verify_url(&connection(vector), &damaged, None)), Check::Signature);
    }
    for vector in list("decrypt") {
        let (query, body) = (text(vector, "query"), text(vector, "body"));
        let event = decrypt_message(&connection(vector), &query, body.as_bytes(), None).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&event.json).unwrap(), vector["fields"], "{}", vector["source"]);
        let foreign = CheckedCallback { receive_id: String::new(), ..connection(vector) };
        assert_eq!(check(decrypt_message(&foreign, &query, body.as_bytes(), None)), Check::Receiver);
    }
    for vector in list("encrypt") {
        let connection = connection(vector);
        let random = text(vector, "random").into_bytes().try_into().unwrap();
        let ciphertext = crypto::encrypt(&connection.key, random, &text(vector, "message"), &connection.receive_id);
        assert_eq!(ciphertext, vector["ciphertext"], "{}", vector["source"]);
        let signature = crypto::signature(&connection, &text(vector, "timestamp"), &text(vector, "nonce"), &ciphertext);
        assert_eq!(signature, vector["signature"], "{}", vector["source"]);
    }
    for vector in list("refused") {
        let (query, body) = (text(vector, "query"), text(vector, "body"));
        let answer = |connection| decrypt_message(&connection, &query, body.as_bytes(), None);
        let refused = check(answer(connection(vector)));
        assert_eq!(format!("{refused:?}").to_lowercase(), vector["check"], "{}", vector["source"]);
        answer(CheckedCallback { receive_id: text(vector, "encrypted_for"), ..connection(vector) }).unwrap();
    }
    for key in list("bad_keys") {
        assert_eq!(AesKey::parse(key.as_str().unwrap()), None, "{key}");
    }
}

#[test]
fn keys_are_43_letters_whose_last_bits_may_be_anything() {
    for end in ["B2A", "B2B", "B2C", "B2D"] {
        let key = PAGE.1.replace("B2C", end);
        assert_eq!(AesKey::parse(&key), AesKey::parse(PAGE.1), "{key}");
    }
    let good = PAGE.1;
    for bad in [
        "",
        &good[1..],
        &format!("{good}="),
        &format!("{good}A"),
        &good.replace('j', "$"),
        &format!("{}=", &good[1..]),
        &good.replace('j', "好"),
    ] {
        assert_eq!(AesKey::parse(bad), None, "{bad}");
    }
    let connection = Callback { token: "t".into(), encoding_aes_key: good[1..].into(), receive_id: None };
    let fault = connection.checked().unwrap_err();
    assert_eq!((&*fault[0].pointer, fault.len()), ("/encoding_aes_key", 1));
    let checked = given(PAGE);
    assert!(!format!("{checked:?}").contains("QDG6eK") && !format!("{checked:?}").contains("jWmY"), "{checked:?}");
}

#[test]
fn two_changes_of_one_second_are_two() {
    let change = |name: &str, rest: &str| {
        event(&format!(
            "<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1403610513</CreateTime>\
             <MsgType>event</MsgType><Event>change_contact</Event><ChangeType>{name}</ChangeType>{rest}</xml>"
        ))
    };
    let update = change("update_user", "<UserID>zhangsan</UserID><Name>a</Name>");
    assert_eq!(update.topic, "event/change_contact/update_user");
    assert_eq!((update.agent_id, update.from_user.as_deref()), (None, Some("sys")));
    let others = [
        change("create_user", "<UserID>zhangsan</UserID><Name>a</Name>"),
        change("update_user", "<UserID>lisi</UserID><Name>a</Name>"),
        change("update_user", "<UserID>zhangsan</UserID><Name>b</Name>"),
    ];
    for other in &others {
        assert_ne!(other.key, update.key);
    }
    // A repetition is one however it is written.
    let again = change("<![CDATA[update_user]]>", " <Name>a</Name>\n<UserID><![CDATA[zhangsan]]></UserID>");
    assert_eq!(again.key, update.key);
}

#[test]
fn what_is_unknown_passes_with_all_its_fields() {
    let event = event(
        "<xml><ToUserName>ww1</ToUserName><FromUserName>u</FromUserName><MsgType>EVENT</MsgType><Event>Brand_New</Event>\
         <AgentID></AgentID><Deep><One><Two>3</Two></One></Deep><Same>1</Same><Same>2</Same></xml>",
    );
    assert_eq!((&*event.topic, event.event.as_deref()), ("event/brand_new", Some("brand_new")));
    let json: Value = serde_json::from_str(&event.json).unwrap();
    assert_eq!(json["deep"], json!({"one": {"two": "3"}}));
    assert_eq!(json["same"], json!(["1", "2"]));
    assert_eq!((event.agent_id, event.created_at), (None, None));
}

/// The plaintext of a reply to a message.
fn replied(reply: Value) -> Result<String, CallbackError> {
    let connection = given(PAGE);
    let event = event(
        "<xml><ToUserName>ww1</ToUserName><FromUserName>zhangsan</FromUserName><MsgType>event</MsgType><Event>click</Event></xml>",
    );
    let answer = encrypt_reply(&connection, &event, &reply.to_string(), 1_700_000_000, &[7; 16])?;
    assert_eq!(answer.content_type, "application/xml");
    let fields = document::read(&answer.body).unwrap();
    let text = |name: &str| fields[name].as_str().unwrap().to_owned();
    assert_eq!((text("time_stamp"), text("nonce")), ("1700000000".to_owned(), "1372623149".to_owned()));
    let signature = crypto::signature(&connection, "1700000000", "1372623149", &text("encrypt"));
    assert_eq!(text("msg_signature"), signature);
    let (plain, receiver) = crypto::decrypt(&connection.key, &text("encrypt")).unwrap();
    assert_eq!(receiver, connection.receive_id);
    let head = "<xml><ToUserName><![CDATA[zhangsan]]></ToUserName><FromUserName><![CDATA[ww1]]></FromUserName>\
        <CreateTime>1700000000</CreateTime><MsgType>";
    Ok(plain.strip_prefix(head).unwrap().strip_suffix("</xml>").unwrap().to_owned())
}

#[test]
fn replies_are_as_the_page_has_them() {
    for (reply, xml) in [
        (
            json!({"msg_type": "text", "content": "好]]>的"}),
            "<![CDATA[text]]></MsgType><Content><![CDATA[好]]]]><![CDATA[>的]]></Content>",
        ),
        (
            json!({"msg_type": "image", "media_id": "m"}),
            "<![CDATA[image]]></MsgType><Image><MediaId><![CDATA[m]]></MediaId></Image>",
        ),
        (
            json!({"msg_type": "voice", "media_id": "m"}),
            "<![CDATA[voice]]></MsgType><Voice><MediaId><![CDATA[m]]></MediaId></Voice>",
        ),
        (
            json!({"msg_type": "video", "media_id": "m", "title": "t"}),
            "<![CDATA[video]]></MsgType><Video><MediaId><![CDATA[m]]></MediaId><Title><![CDATA[t]]></Title></Video>",
        ),
        (
            json!({"msg_type": "news", "articles": [{"title": "t", "url": "https://a.cn", "pic_url": "https://a.cn/p"}]}),
            "<![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item><Title><![CDATA[t]]></Title>\
             <Url><![CDATA[https://a.cn]]></Url><PicUrl><![CDATA[https://a.cn/p]]></PicUrl></item></Articles>",
        ),
        (
            json!({"msg_type": "update_button", "replace_name": "已同意"}),
            "<![CDATA[update_button]]></MsgType><Button><ReplaceName><![CDATA[已同意]]></ReplaceName></Button>",
        ),
    ] {
        assert_eq!(replied(reply).unwrap(), xml);
    }
    // Characters that XML has not are left out, and what ends a section is parted.
    assert_eq!(
        replied(json!({"msg_type": "text", "content": "a\u{fffe}b]]>\u{ffff}"})).unwrap(),
        "<![CDATA[text]]></MsgType><Content><![CDATA[ab]]]]><![CDATA[>]]></Content>"
    );
    let card = json!({"msg_type": "update_template_card", "template_card": {
        "card_type": "news_notice",
        "source": {"icon_url": "i", "desc": "d", "desc_color": 1},
        "main_title": {"title": "t"},
        "quote_area": {"type": 2, "app_id": "wx1", "page_path": "p", "title": "q"},
        "card_image": {"url": "u", "aspect_ratio": "1.3"},
        "horizontal_content_list": [{"key_name": "k", "value": "v"}, {"type": 3, "key_name": "k2", "user_id": "u2"}],
        "jump_list": [{"type": 2, "title": "j", "app_id": "wx2"}],
        "card_action": {"type": 1, "url": "https://a.cn"},
    }});
    let xml = replied(card).unwrap();
    for part in [
        "<TemplateCard><CardType><![CDATA[news_notice]]></CardType>",
        "<Source><IconUrl><![CDATA[i]]></IconUrl><Desc><![CDATA[d]]></Desc><DescColor>1</DescColor></Source>",
        "<Appid><![CDATA[wx1]]></Appid><PagePath><![CDATA[p]]></PagePath>",
        "<AspectRatio>1.3</AspectRatio>",
        "<HorizontalContentList><KeyName><![CDATA[k]]></KeyName><Value><![CDATA[v]]></Value></HorizontalContentList>\
         <HorizontalContentList><Type>3</Type><KeyName><![CDATA[k2]]></KeyName><UserId><![CDATA[u2]]></UserId></HorizontalContentList>",
        "<AppId><![CDATA[wx2]]></AppId></JumpList>",
        "<CardAction><Type>1</Type><Url><![CDATA[https://a.cn]]></Url></CardAction>",
    ] {
        assert!(xml.contains(part), "{part}\n{xml}");
    }
}

#[test]
fn a_reply_that_is_none_is_refused_at_its_field() {
    let faults = |reply: Value| match replied(reply) {
        Err(CallbackError::InvalidParameters(faults)) => {
            faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.message.en)).collect::<Vec<_>>()
        }
        answer => panic!("{answer:?}"),
    };
    assert_eq!(faults(json!({})), ["/msg_type is required"]);
    assert_eq!(faults(json!({"msg_type": "text"})), ["/content is required for this kind of reply"]);
    assert_eq!(
        faults(json!({"msg_type": "image", "media_id": "m", "content": "c"})),
        ["/content does not belong to this kind of reply"]
    );
    assert_eq!(faults(json!({"msg_type": "news", "articles": [{"title": "t"}]})), ["/articles/0/url is required"]);
    assert!(!faults(json!({"msg_type": "sms"})).is_empty());
    assert_eq!(faults(json!({"msg_type": "text", "contnt": "c"})).len(), 2);
    let card = json!({"msg_type": "update_template_card", "template_card": {"card_type": "text_notice"}});
    assert!(faults(card).iter().all(|fault| fault.starts_with("/template_card/")));
    // The menu may be longer than that of a card that is pushed.
    let card = |entries: usize| {
        let entry = |number| json!({"text": "t", "key": format!("k{number}")});
        let menu = json!({"action_list": (0..entries).map(entry).collect::<Vec<_>>()});
        let action = json!({"type": 1, "url": "https://a.cn"});
        let parts =
            json!({"card_type": "text_notice", "sub_title_text": "t", "card_action": action, "action_menu": menu});
        json!({"msg_type": "update_template_card", "template_card": parts})
    };
    assert_eq!(replied(card(10)).unwrap().matches("<ActionList>").count(), 10);
    let fault = "/template_card/action_menu/action_list must have 1 to 10 entries, and has 11";
    assert_eq!(faults(card(11)), [fault]);
    let connection = given(PAGE);
    for nobody in ["", "<FromUserName>sys</FromUserName>"] {
        let event = event(&format!("<xml>{nobody}<MsgType>event</MsgType><Event>low_active</Event></xml>"));
        let reply = encrypt_reply(&connection, &event, r#"{"msg_type": "text", "content": "c"}"#, 1, &[7; 16]);
        let Err(CallbackError::InvalidParameters(faults)) = reply else { panic!("{reply:?}") };
        assert_eq!((&*faults[0].pointer, faults.len()), ("/event/from_user", 1));
    }
    let event = event("<xml><FromUserName>u</FromUserName><MsgType>text</MsgType></xml>");
    let short = encrypt_reply(&given(PAGE), &event, r#"{"msg_type": "text", "content": "c"}"#, 1, &[7; 15]);
    assert!(matches!(short, Err(CallbackError::InvalidParameters(_))));
}
