//! The simulator over a real socket: what it accepts, what it refuses, and that a refusal changes nothing.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use host_test::simulator::seed::*;
use host_test::simulator::{
    App, Department, Disturbance, MediaKind, MediaOwner, Member, Message, Options, Recorded, Share, Simulator, Target,
    World,
};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use md5::{Digest, Md5};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::snapshot;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

// ---------------------------------------------------------------------------------------------- the client

/// A simulator and a client that fetches a token for every call.
struct Client(Simulator);

impl Client {
    async fn start() -> Self {
        Self::with(Options::strict()).await
    }

    async fn with(options: Options) -> Self {
        Self(Simulator::start(options).await.unwrap())
    }

    async fn token(&self, secret: &str) -> String {
        let reply = self.gettoken(&[("corpid", CORP_ID), ("corpsecret", secret)]).await;
        reply["access_token"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
    }

    async fn gettoken(&self, pairs: &[(&str, &str)]) -> Value {
        self.call("GET", &format!("gettoken?{}", query(pairs)), "").await
    }

    async fn get(&self, secret: &str, path: &str, pairs: &[(&str, &str)]) -> Value {
        let token = self.token(secret).await;
        let pairs = [&[("access_token", token.as_str())], pairs].concat();
        self.call("GET", &format!("{path}?{}", query(&pairs)), "").await
    }

    async fn post(&self, secret: &str, path: &str, body: &Value) -> Value {
        let token = self.token(secret).await;
        let path = format!("{path}?{}", query(&[("access_token", &token)]));
        self.call("POST", &path, body.to_string()).await
    }

    async fn robot(&self, key: &str, body: &Value) -> Value {
        self.call("POST", &format!("webhook/send?key={key}"), body.to_string()).await
    }

    async fn call(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Value {
        let (status, reply) = self.exchange(request(method, path, body)).await;
        assert_eq!(status, 200, "{method} {path}");
        serde_json::from_slice(&reply).unwrap()
    }

    async fn upload(&self, secret: &str, kind: &str, filename: &str, content: &[u8]) -> Value {
        let token = self.token(secret).await;
        let query = query(&[("access_token", &token), ("type", kind)]);
        self.form(&format!("media/upload?{query}"), filename, content).await
    }

    async fn form(&self, path: &str, filename: &str, content: &[u8]) -> Value {
        let head = format!(
            "--XyZ\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{filename}\"; \
             filelength={}\r\nContent-Type: application/octet-stream\r\n\r\n",
            content.len()
        );
        let body = [head.as_bytes(), content, b"\r\n--XyZ--\r\n"].concat();
        let mut request = request("POST", path, body);
        let form = "multipart/form-data; boundary=XyZ".parse().unwrap();
        request.headers_mut().insert("content-type", form);
        let (_, reply) = self.exchange(request).await;
        serde_json::from_slice(&reply).unwrap()
    }

    async fn exchange(&self, request: hyper::Request<Full<Bytes>>) -> (u16, Bytes) {
        send(&mut self.connect().await, request).await.unwrap()
    }

    async fn connect(&self) -> SendRequest<Full<Bytes>> {
        let stream = TcpStream::connect(("127.0.0.1", self.0.port())).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    /// Posts each body and expects its code and an unchanged world.
    async fn refuses(&self, secret: &str, path: &str, cases: &[(Value, i64)]) {
        for (body, code) in cases {
            let before = snapshot(&self.0);
            let reply = self.post(secret, path, body).await;
            assert_refused(&reply, *code, &format!("{path} {body}"));
            assert_eq!(snapshot(&self.0), before, "{path} {body}");
        }
    }

    async fn refuses_get(&self, secret: &str, path: &str, cases: &[(&[(&str, &str)], i64)]) {
        for (pairs, code) in cases {
            let before = snapshot(&self.0);
            let reply = self.get(secret, path, pairs).await;
            assert_refused(&reply, *code, &format!("{path} {pairs:?}"));
            assert_eq!(snapshot(&self.0), before, "{path} {pairs:?}");
        }
    }

    async fn robot_refuses(&self, cases: &[(Value, i64)]) {
        for (body, code) in cases {
            let before = snapshot(&self.0);
            let reply = self.robot(ROBOT_KEY, body).await;
            assert_refused(&reply, *code, &body.to_string());
            assert_eq!(snapshot(&self.0), before, "{body}");
        }
    }

    fn advance(&self, by: Duration) {
        self.0.with_world(|world| world.advance(by));
    }

    fn member(&self, userid: &str) -> Member {
        self.0.with_world(|world| world.members()[userid].clone())
    }

    fn last_message(&self) -> Message {
        self.0.with_world(|world| world.messages().last().unwrap().clone())
    }
}

fn request(method: &str, path: &str, body: impl Into<Bytes>) -> hyper::Request<Full<Bytes>> {
    let body = body.into();
    let mut request =
        hyper::Request::builder().method(method).uri(format!("/cgi-bin/{path}")).header("host", "127.0.0.1");
    if method == "POST" {
        // hyper leaves it out where the body is empty.
        request = request.header("content-length", body.len());
    }
    request.body(Full::new(body)).unwrap()
}

async fn send(
    sender: &mut SendRequest<Full<Bytes>>,
    request: hyper::Request<Full<Bytes>>,
) -> hyper::Result<(u16, Bytes)> {
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

fn query(pairs: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    pairs.join("&")
}

#[track_caller]
fn assert_refused(reply: &Value, code: i64, case: &str) {
    assert_eq!(reply["errcode"], code, "{case}: {reply}");
    let errmsg = reply["errmsg"].as_str().unwrap();
    let (text, rest) = errmsg.split_once(", hint: [").unwrap_or_else(|| panic!("{errmsg}"));
    let (hint, rest) = rest.split_once(']').unwrap();
    assert!(!text.is_empty(), "{case}");
    assert!(hint.len() > 20 && hint.bytes().all(|byte| byte.is_ascii_digit()), "{case}: {hint}");
    assert_eq!(
        rest,
        format!(", from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e={code}"),
        "{case}"
    );
}

#[track_caller]
fn assert_done(reply: &Value) {
    assert_eq!(reply["errcode"], 0, "{reply}");
}

/// The keys and types of a reply, whatever its values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(items) => items.first().map_or(json!([]), |item| json!([shape(item)])),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
    }
}

/// `base` with other values for some keys; null takes a key away.
fn with(base: &Value, changes: Value) -> Value {
    let mut whole = base.clone();
    let fields = whole.as_object_mut().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => fields.remove(key),
            value => fields.insert(key.clone(), value.clone()),
        };
    }
    whole
}

fn text() -> Value {
    json!({ "touser": ZHANGSAN, "agentid": AGENT_ID, "msgtype": "text", "text": { "content": "你好" } })
}

/// A message of that type to 张三.
fn message(msgtype: &str, body: Value) -> Value {
    json!({ "touser": ZHANGSAN, "agentid": AGENT_ID, "msgtype": msgtype, msgtype: body })
}

fn article() -> Value {
    json!({ "title": "T", "thumb_media_id": IMAGE_MEDIA_ID, "content": "<b>C</b>" })
}

fn card() -> Value {
    json!({ "title": "T", "description": "D", "url": "https://example.com/" })
}

fn new_member() -> Value {
    json!({ "userid": "wujiu", "name": "吴九", "mobile": "+852 12345678", "department": [2] })
}

fn robot_image(content: &[u8]) -> Value {
    let md5: String = Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "msgtype": "image", "image": { "base64": BASE64.encode(content), "md5": md5 } })
}

fn robot_text(content: &str) -> Value {
    json!({ "msgtype": "text", "text": { "content": content } })
}

// ------------------------------------------------------------------------------ the documentation's examples

#[tokio::test]
async fn the_examples_of_the_documentation_hold() {
    let bench = Client::start().await;
    let shaped = |reply: Value, example: Value| assert_eq!(shape(&reply), shape(&example), "{reply}");

    let reply = bench.gettoken(&[("corpid", CORP_ID), ("corpsecret", APP_SECRET)]).await;
    shaped(reply.clone(), json!({"errcode":0,"errmsg":"ok","access_token":"accesstoken000001","expires_in":7200}));
    assert_eq!(reply["expires_in"], 7200);

    let reply = bench.get(CONTACTS_SECRET, "department/simplelist", &[]).await;
    shaped(
        reply,
        json!({"errcode":0,"errmsg":"ok","department_id":[{"id":2,"parentid":1,"order":10},{"id":3,"parentid":2,"order":40}]}),
    );

    let department = json!({ "name": "广州研发中心", "parentid": 1, "id": 20 });
    let reply = bench.post(CONTACTS_SECRET, "department/create", &department).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"created","id":20}));
    let reply = bench.post(CONTACTS_SECRET, "department/update", &json!({"id":20,"order":7})).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"updated"}));
    let reply = bench.get(CONTACTS_SECRET, "department/delete", &[("id", "20")]).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"deleted"}));

    let reply = bench.post(CONTACTS_SECRET, "user/list_id", &json!({ "limit": 3 })).await;
    shaped(
        reply,
        json!({"errcode":0,"errmsg":"ok","next_cursor":"aaaaaaaaa","dept_user":[{"userid":"zhangsan","department":1}]}),
    );
    let reply = bench.post(CONTACTS_SECRET, "user/create", &new_member()).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"created"}));
    let reply = bench.post(CONTACTS_SECRET, "user/update", &json!({"userid":"wujiu","enable":0})).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"updated"}));
    let reply = bench.get(CONTACTS_SECRET, "user/delete", &[("userid", "wujiu")]).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"deleted"}));

    bench.0.with_world(|world| {
        for userid in ["userid1", "userid2", "userid3", "UserID4"] {
            world.add_member(CORP_ID, Member::new(userid, userid));
        }
    });
    let chat = json!({"name":"NAME","owner":"userid2","userlist":["userid1","userid2","userid3"],"chatid":"CHATID"});
    let reply = bench.post(APP_SECRET, "appchat/create", &chat).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"ok","chatid":"CHATID"}));
    let reply = bench.get(APP_SECRET, "appchat/get", &[("chatid", "CHATID")]).await;
    assert_eq!(
        reply,
        json!({"errcode":0,"errmsg":"ok","chat_info":{"chatid":"CHATID","name":"NAME","owner":"userid2","userlist":["userid1","userid2","userid3"],"chat_type":0}})
    );
    let body = json!({"chatid":"CHATID","msgtype":"text","text":{"content":"..."},"safe":0});
    let reply = bench.post(APP_SECRET, "appchat/send", &body).await;
    assert_eq!(reply, json!({"errcode":0,"errmsg":"ok"}));

    let secret = "SIMULATED-secret-of-the-app-not-real-000001";
    bench.0.with_world(|world| {
        let app = App::new(1, secret, vec![1]);
        world.add_app(CORP_ID, app);
    });
    let body = json!({"touser":"UserID1|UserID2","toparty":"PartyID1|PartyID2","msgtype":"text","agentid":1,"text":{"content":"..."},"safe":0});
    let reply = bench.post(secret, "message/send", &body).await;
    shaped(reply.clone(), json!({"errcode":0,"errmsg":"ok","invalidparty":"","msgid":"xxxx"}));
    let recall = json!({ "msgid": reply["msgid"] });
    assert_eq!(bench.post(secret, "message/recall", &recall).await, json!({"errcode":0,"errmsg":"ok"}));

    let reply = bench.upload(APP_SECRET, "image", "a.png", PIXEL).await;
    shaped(
        reply,
        json!({"errcode":0,"errmsg":"","type":"image","media_id":"1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0","created_at":"1380000000"}),
    );

    for body in [
        json!({"msgtype":"text","text":{"content":"hello","mentioned_list":["wangqing","@all"],"mentioned_mobile_list":["13800001111","@all"]}}),
        json!({"msgtype":"news","news":{"articles":[{"title":"T","description":"D","url":"www.qq.com","picurl":"http://host/p.png"}]}}),
        robot_image(PIXEL),
    ] {
        let reply = bench.robot(ROBOT_KEY, &body).await;
        assert_eq!(reply, json!({"errcode":0,"errmsg":"ok"}));
        assert_eq!(bench.last_message().body, body);
    }
}

#[tokio::test]
async fn all_lists_of_the_send_reply_appear_in_lower_case() {
    let bench = Client::start().await;
    bench.0.with_world(|world| {
        for userid in ["UserID3", "userid4"] {
            let member = Member { licensed: false, ..Member::new(userid, userid) };
            world.add_member(CORP_ID, member);
        }
    });
    let body = with(
        &text(),
        json!({
            "touser": "UserID1|userid2|UserID3|userid4",
            "toparty": "partyid1|99",
            "totag": "tagid1|tagid2",
        }),
    );
    let reply = bench.post(APP_SECRET, "message/send", &body).await;
    let expected = json!({
        "errcode": 0, "errmsg": "ok", "invaliduser": "userid1|userid2", "invalidparty": "partyid1|99",
        "invalidtag": "tagid1|tagid2", "unlicenseduser": "userid3|userid4", "msgid": reply["msgid"],
    });
    assert_eq!(reply, expected);
}

// ------------------------------------------------------------------------------------------- tokens and access

#[tokio::test]
async fn gettoken_refuses() {
    let bench = Client::start().await;
    let elsewhere = "SIMULATED-secret-of-contacts-not-real-00009";
    bench.0.with_world(|world| world.add_corp("ww0000000000000009", elsewhere));
    let cases: [(&[(&str, &str)], i64); 9] = [
        (&[], 41002),
        (&[("corpsecret", APP_SECRET)], 41002),
        (&[("corpid", ""), ("corpsecret", APP_SECRET)], 41002),
        (&[("corpid", CORP_ID)], 41004),
        (&[("corpid", "ww0"), ("corpsecret", APP_SECRET)], 40013),
        (&[("corpid", CORP_ID), ("corpsecret", "wrong")], 40001),
        (&[("corpid", CORP_ID), ("corpsecret", elsewhere)], 40091),
        (&[("corpid", CORP_ID), ("corpid", CORP_ID), ("corpsecret", APP_SECRET)], 40058),
        (&[("corpid", CORP_ID), ("corpsecret", APP_SECRET), ("debug", "1")], 40058),
    ];
    for (pairs, code) in cases {
        assert_refused(&bench.gettoken(pairs).await, code, &format!("{pairs:?}"));
    }
    assert_eq!(bench.0.with_world(|world| world.tokens_issued()), 0);
}

#[tokio::test]
async fn tokens_are_fresh_expire_and_are_revoked() {
    let bench = Client::start().await;
    let list = |token: String| {
        let bench = &bench;
        async move {
            let path = format!("department/simplelist?access_token={token}");
            bench.call("GET", &path, "").await["errcode"].as_i64().unwrap()
        }
    };
    let (first, second) = (bench.token(APP_SECRET).await, bench.token(APP_SECRET).await);
    assert_ne!(first, second);
    assert!(first.starts_with("SIM-TOKEN-"), "{first}");
    assert_eq!(list(first.clone()).await, 0);
    assert_eq!(list(second.clone()).await, 0);

    bench.advance(Duration::from_secs(7190));
    assert_eq!(list(first.clone()).await, 0);
    bench.advance(Duration::from_secs(10));
    assert_eq!(list(first).await, 42001);

    let third = bench.token(APP_SECRET).await;
    bench.0.with_world(World::expire_tokens);
    assert_eq!(list(third).await, 42001);

    let fourth = bench.token(APP_SECRET).await;
    bench.0.with_world(World::revoke_tokens);
    assert_eq!(list(fourth).await, 40014);

    bench.0.with_world(|world| world.set_next_tokens_refused(2));
    for expected in [40014, 40014, 0] {
        assert_eq!(list(bench.token(APP_SECRET).await).await, expected);
    }
    assert_eq!(list("made-up".into()).await, 40014);
    assert_eq!(bench.0.with_world(|world| world.tokens_issued()), 7);
}

#[tokio::test]
async fn the_token_lifetime_can_be_chosen() {
    let expires_in = Duration::from_secs(60);
    let bench = Client::with(Options { expires_in, ..Options::strict() }).await;
    let reply = bench.gettoken(&[("corpid", CORP_ID), ("corpsecret", APP_SECRET)]).await;
    assert_eq!(reply["expires_in"], 60);
    let token = reply["access_token"].as_str().unwrap();
    bench.advance(expires_in);
    let path = format!("get_api_domain_ip?access_token={token}");
    assert_refused(&bench.call("GET", &path, "").await, 42001, "expired");
}

#[tokio::test]
async fn the_token_belongs_into_the_query_once() {
    let bench = Client::start().await;
    let token = bench.token(APP_SECRET).await;
    let mut in_header = request("GET", "department/simplelist", "");
    let header = format!("Bearer {token}").parse().unwrap();
    in_header.headers_mut().insert("authorization", header);
    let (_, reply) = bench.exchange(in_header).await;
    assert_refused(&serde_json::from_slice(&reply).unwrap(), 41001, "header");

    let in_body = json!({ "access_token": token }).to_string();
    let cases = [
        ("GET", "department/simplelist".to_owned(), String::new(), 41001),
        ("GET", "department/simplelist?access_token=".into(), String::new(), 41001),
        ("POST", "message/send".into(), in_body, 41001),
        ("GET", format!("department/simplelist?access_token={token}&access_token={token}"), String::new(), 40058),
        ("GET", format!("department/simplelist?access_token={token}&debug=1"), String::new(), 40058),
        ("GET", format!("department/simplelist?access_token={token}&id="), String::new(), 40063),
        ("GET", format!("department/simplelist?access_token={token}&id=x"), String::new(), 40058),
        ("GET", format!("department/simplelist?access_token={token}"), "{}".into(), 40063),
        ("POST", format!("department/simplelist?access_token={token}"), String::new(), 40063),
        ("GET", format!("message/send?access_token={token}"), String::new(), 40063),
        ("POST", format!("message/send?access_token={token}"), String::new(), 40058),
        ("POST", format!("message/send?access_token={token}"), "[]".into(), 40058),
        ("POST", format!("message/send?access_token={token}&agentid=1"), "{}".into(), 40058),
    ];
    for (method, path, body, code) in cases {
        let reply = bench.call(method, &path, body.clone()).await;
        assert_refused(&reply, code, &format!("{method} {path} {body}"));
    }
    let malformed = Bytes::from_static(b"{\"msgtype\":\"\xff\"}");
    let reply = bench.call("POST", &format!("message/send?access_token={token}"), malformed).await;
    assert_refused(&reply, 40058, "UTF-8");
    assert!(reply["errmsg"].as_str().unwrap().contains("JSON is malformed"), "{reply}");
}

#[tokio::test]
async fn a_failed_simplelist_still_carries_its_list() {
    let bench = Client::start().await;
    let reply = bench.call("GET", "department/simplelist?access_token=x", "").await;
    assert_refused(&reply, 40014, "simplelist");
    assert_eq!(reply["department_id"], json!([]));
}

#[tokio::test]
async fn each_secret_has_its_calls() {
    let bench = Client::start().await;
    let contacts_only = ["department/create", "department/update", "user/list_id", "user/create", "user/update"];
    let app_only = [
        "appchat/create",
        "appchat/update",
        "appchat/send",
        "message/send",
        "message/recall",
        "media/upload",
        "media/uploadimg",
    ];
    for path in contacts_only {
        bench.refuses(APP_SECRET, path, &[(json!({}), 48002)]).await;
    }
    for path in app_only {
        bench.refuses(CONTACTS_SECRET, path, &[(json!({}), 48002)]).await;
    }
    bench.refuses_get(APP_SECRET, "department/delete", &[(&[("id", "3")], 48002)]).await;
    bench.refuses_get(APP_SECRET, "user/delete", &[(&[("userid", LISI)], 48002)]).await;
    bench.refuses_get(CONTACTS_SECRET, "appchat/get", &[(&[("chatid", "A")], 48002)]).await;
    for secret in [APP_SECRET, CONTACTS_SECRET] {
        let reply = bench.get(secret, "get_api_domain_ip", &[]).await;
        assert_done(&reply);
        assert!(reply["ip_list"][0].is_string());
    }
}

#[tokio::test]
async fn an_untrusted_address_gets_tokens_and_nothing_else() {
    let bench = Client::start().await;
    bench.0.with_world(|world| world.trust_ip(false));
    bench.refuses(APP_SECRET, "message/send", &[(text(), 60020)]).await;
    bench.refuses_get(CONTACTS_SECRET, "department/simplelist", &[(&[], 60020)]).await;
    assert_done(&bench.robot(ROBOT_KEY, &robot_text("robots need no trust")).await);
    bench.0.with_world(|world| world.trust_ip(true));
    assert_done(&bench.post(APP_SECRET, "message/send", &text()).await);
}

#[tokio::test]
async fn failures_can_be_queued() {
    let bench = Client::start().await;
    bench.0.with_world(|world| {
        world.fail_next(-1, "system busy");
        world.fail_next(45033, "concurrency limit");
        world.fail_next(45009, "api freq out of limit");
    });
    bench.refuses(APP_SECRET, "message/send", &[(text(), -1), (text(), 45033)]).await;
    bench.robot_refuses(&[(robot_text("a"), 45009)]).await;
    assert_done(&bench.post(APP_SECRET, "message/send", &text()).await);
}

// ------------------------------------------------------------------------------------------------- departments

#[tokio::test]
async fn departments_are_listed_by_subtree_and_view() {
    let bench = Client::start().await;
    let ids = |reply: Value| -> Vec<i64> {
        let rows = reply["department_id"].as_array().unwrap();
        rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
    };
    let path = "department/simplelist";
    assert_eq!(ids(bench.get(CONTACTS_SECRET, path, &[]).await), [1, 2, 3, 4, 5]);
    assert_eq!(ids(bench.get(APP_SECRET, path, &[("id", "2")]).await), [2, 3]);
    assert_eq!(ids(bench.get(LIMITED_APP_SECRET, path, &[]).await), [4]);
    bench.refuses_get(LIMITED_APP_SECRET, path, &[(&[("id", "2")], 60011)]).await;
    bench.refuses_get(APP_SECRET, path, &[(&[("id", "99")], 60003)]).await;
}

#[tokio::test]
async fn departments_are_created_changed_and_deleted() {
    let bench = Client::start().await;
    let body = json!({ "name": "测试组", "name_en": "QA", "parentid": 2, "order": 4_294_967_295_u32 });
    let reply = bench.post(CONTACTS_SECRET, "department/create", &body).await;
    let id = reply["id"].as_i64().unwrap();
    let expected =
        Department { id, name: "测试组".into(), name_en: Some("QA".into()), parentid: 2, order: 4_294_967_295 };
    let stored = |id: i64| bench.0.with_world(|world| world.departments().get(&id).cloned());
    assert_eq!(stored(id), Some(expected.clone()));

    let body = json!({ "id": id, "parentid": 4, "order": 0 });
    assert_done(&bench.post(CONTACTS_SECRET, "department/update", &body).await);
    assert_eq!(stored(id), Some(Department { parentid: 4, order: 0, ..expected }));

    assert_done(&bench.get(CONTACTS_SECRET, "department/delete", &[("id", &id.to_string())]).await);
    assert_eq!(stored(id), None);
    let again: &[(&str, &str)] = &[("id", &id.to_string())];
    bench.refuses_get(CONTACTS_SECRET, "department/delete", &[(again, 60003)]).await;
}

#[tokio::test]
async fn the_ids_of_departments_fill_32_bits() {
    let bench = Client::start().await;
    let create = async |body: Value| bench.post(CONTACTS_SECRET, "department/create", &body).await;
    for id in [2_147_483_648_i64, 4_294_967_295] {
        let name = id.to_string();
        assert_eq!(create(json!({ "name": name, "parentid": 1, "id": id })).await["id"], id);
        assert_eq!(create(json!({ "name": "下级", "parentid": id })).await["errcode"], 0);
        let found = bench.get(CONTACTS_SECRET, "department/simplelist", &[("id", &name)]).await;
        let found = found["department_id"].as_array().unwrap();
        assert!(found.len() == 2 && found.iter().any(|row| row["id"] == id), "{found:?}");
        assert_done(&bench.post(CONTACTS_SECRET, "department/update", &json!({ "id": id, "order": 1 })).await);
        let member = with(&new_member(), json!({ "userid": name, "mobile": name, "department": [id] }));
        assert_done(&bench.post(CONTACTS_SECRET, "user/create", &member).await);
        let message = with(&text(), json!({ "touser": null, "toparty": name }));
        assert_eq!(bench.post(APP_SECRET, "message/send", &message).await["invalidparty"], Value::Null);
    }
    // Where nothing is behind the greatest ID, one before it is given out.
    let id = create(json!({ "name": "另一个", "parentid": 1 })).await["id"].as_i64().unwrap();
    assert!((6..1000).contains(&id), "{id}");
}

#[tokio::test]
async fn an_agent_id_is_a_number_that_every_reader_keeps() {
    let bench = Client::start().await;
    for (agent_id, secret) in [(1_013_699_173_317_i64, "SIMULATED-wide"), (9_007_199_254_740_991, "SIMULATED-widest")] {
        let app = App::new(agent_id, secret, vec![ROOT_DEPARTMENT_ID]);
        bench.0.with_world(|world| world.add_app(CORP_ID, app));
        let message = |agent_id: Value| with(&text(), json!({ "agentid": agent_id }));
        assert_done(&bench.post(secret, "message/send", &message(json!(agent_id))).await);
        let Target::Members { agent_id: sender, .. } = bench.last_message().target else { panic!() };
        assert_eq!(sender, agent_id);
        let refused = [
            (message(json!(agent_id.to_string())), 40056),
            (message(json!(agent_id as f64)), 40056),
            (message(json!(9_007_199_254_740_992_i64)), 40056),
            (message(json!(agent_id % 4_294_967_296)), 40056),
            (message(json!(AGENT_ID)), 301_002),
        ];
        bench.refuses(secret, "message/send", &refused).await;
    }
}

#[tokio::test]
async fn what_is_given_empty_in_an_update_is_cleared_where_that_is_possible() {
    let bench = Client::start().await;
    let full = json!({
        "alias": "九", "position": "工程师", "telephone": "020-123456", "address": "广州", "direct_leader": [ZHANGSAN],
    });
    assert_done(&bench.post(CONTACTS_SECRET, "user/create", &with(&new_member(), full)).await);
    let texts = |member: Member| [member.alias, member.position, member.telephone, member.address];
    let before = bench.member("wujiu");
    for (index, key) in ["alias", "position", "telephone", "address"].into_iter().enumerate() {
        assert!(texts(bench.member("wujiu"))[index].is_some(), "{key}");
        assert_done(&bench.post(CONTACTS_SECRET, "user/update", &json!({ "userid": "wujiu", key: "" })).await);
        assert_eq!(texts(bench.member("wujiu"))[index], None, "{key}");
    }
    assert_eq!(bench.member("wujiu").direct_leader, [ZHANGSAN]);
    assert_done(&bench.post(CONTACTS_SECRET, "user/update", &json!({ "userid": "wujiu", "direct_leader": [] })).await);
    let cleared = Member {
        alias: None,
        position: None,
        telephone: None,
        address: None,
        direct_leader: Vec::new(),
        ..before.clone()
    };
    assert_eq!(bench.member("wujiu"), cleared);
    let member = |key: &str, value: Value, code: i64| (json!({ "userid": "wujiu", key: value }), code);
    let refused = [
        member("name", json!(""), 60112),
        member("gender", json!(""), 40063),
        member("mobile", json!(""), 40063),
        member("email", json!(""), 40063),
        member("biz_mail", json!(""), 40063),
        member("department", json!([]), 40066),
        member("order", json!([]), 40063),
        member("is_leader_in_dept", json!([]), 40063),
        member("alias", json!(null), 40058),
        member("direct_leader", json!(""), 40063),
    ];
    bench.refuses(CONTACTS_SECRET, "user/update", &refused).await;
    let other = json!({ "userid": "zhengshi", "mobile": "13912345678" });
    let created = |key: &str, value: Value| (with(&with(&new_member(), other.clone()), json!({ key: value })), 40063);
    let refused = [
        created("alias", json!("")),
        created("position", json!("")),
        created("telephone", json!("")),
        created("address", json!("")),
        created("direct_leader", json!([])),
    ];
    bench.refuses(CONTACTS_SECRET, "user/create", &refused).await;

    let named = json!({ "name": "测试组", "name_en": "QA", "parentid": 1, "id": 30 });
    assert_done(&bench.post(CONTACTS_SECRET, "department/create", &named).await);
    assert_done(&bench.post(CONTACTS_SECRET, "department/update", &json!({ "id": 30, "name_en": "" })).await);
    let department = bench.0.with_world(|world| world.departments()[&30].clone());
    assert_eq!((department.name.as_str(), department.name_en), ("测试组", None));
}

#[tokio::test]
async fn control_characters_are_refused_wherever_they_stand() {
    let bench = Client::start().await;
    for bad in ["a\u{1b}[31mb", "a\u{0}b", "a\u{7f}b", "a\u{85}b"] {
        let member = |key: &str, code: i64| (with(&new_member(), json!({ key: bad })), code);
        let cases = [
            member("userid", 40003),
            member("name", 60112),
            member("alias", 40058),
            member("position", 301_012),
            member("telephone", 301_013),
            member("mobile", 60103),
            member("email", 60105),
            member("address", 40058),
        ];
        bench.refuses(CONTACTS_SECRET, "user/create", &cases).await;
        bench.refuses(CONTACTS_SECRET, "department/create", &[(json!({ "name": bad, "parentid": 1 }), 60009)]).await;
        let chat = json!({ "name": bad, "userlist": [ZHANGSAN, LISI] });
        bench.refuses(APP_SECRET, "appchat/create", &[(chat, 86004)]).await;
        let cases = [
            (message("text", json!({ "content": bad })), 40058),
            (message("markdown", json!({ "content": bad })), 40058),
            (message("textcard", with(&card(), json!({ "title": bad }))), 40058),
            (message("textcard", with(&card(), json!({ "description": bad }))), 40058),
            (message("textcard", with(&card(), json!({ "btntxt": bad }))), 40058),
            (message("mpnews", json!({ "articles": [with(&article(), json!({ "digest": bad }))] })), 40058),
            (message("mpnews", json!({ "articles": [with(&article(), json!({ "author": bad }))] })), 40058),
            (with(&text(), json!({ "touser": bad })), 40058),
        ];
        bench.refuses(APP_SECRET, "message/send", &cases).await;
        bench.robot_refuses(&[(robot_text(bad), 40058)]).await;
    }
    // Line breaks and tabs belong to a content, and to no title.
    let lines = "a\r\n\tb";
    assert_done(&bench.robot(ROBOT_KEY, &robot_text(lines)).await);
    for body in [message("text", json!({ "content": lines })), message("markdown", json!({ "content": lines }))] {
        assert_done(&bench.post(APP_SECRET, "message/send", &body).await);
    }
    let article = with(&article(), json!({ "content": lines, "digest": lines }));
    assert_done(&bench.post(APP_SECRET, "message/send", &message("mpnews", json!({ "articles": [article] }))).await);
    let card = |changes: Value| message("textcard", with(&card(), changes));
    assert_done(&bench.post(APP_SECRET, "message/send", &card(json!({ "description": lines }))).await);
    bench.refuses(APP_SECRET, "message/send", &[(card(json!({ "title": lines })), 40058)]).await;
}

/// What WeCom's own limits allow is there to be read: 30,000 departments, and a page of 10,000 members whose IDs are as
/// long as an ID may be.
#[tokio::test]
async fn the_largest_corp_that_there_may_be_is_listed() {
    let bench = Client::start().await;
    bench.0.with_world(|world| {
        let corp = world.corp_mut(CORP_ID);
        for id in 4_294_937_301..=4_294_967_295_i64 {
            let department = Department { id, name: id.to_string(), name_en: None, parentid: 1, order: 4_294_967_295 };
            corp.departments.insert(id, department);
        }
        for number in 0..10_000 {
            world.add_member(CORP_ID, Member::new(&format!("{number:0>64}"), "n"));
        }
    });
    let all = bench.get(CONTACTS_SECRET, "department/simplelist", &[]).await;
    assert_eq!(all["department_id"].as_array().unwrap().len(), 30_000);
    let page = bench.post(CONTACTS_SECRET, "user/list_id", &json!({ "limit": 10_000 })).await;
    let rows = page["dept_user"].as_array().unwrap();
    assert!(rows.len() == 10_000 && rows[7]["userid"].as_str().unwrap().len() == 64, "{}", rows[7]);
    let rest = bench.post(CONTACTS_SECRET, "user/list_id", &json!({ "cursor": page["next_cursor"] })).await;
    assert_eq!((rest["dept_user"].as_array().unwrap().len(), &rest["next_cursor"]), (8, &json!("")));
}

#[tokio::test]
async fn departments_refuse() {
    let bench = Client::start().await;
    let good = json!({ "name": "新部门", "parentid": 1 });
    let long = "部".repeat(65);
    bench
        .refuses(
            CONTACTS_SECRET,
            "department/create",
            &[
                (with(&good, json!({ "name": null })), 60001),
                (with(&good, json!({ "name": "" })), 60001),
                (with(&good, json!({ "name": long })), 60001),
                (with(&good, json!({ "name": 1 })), 40058),
                (with(&good, json!({ "name": "a|b" })), 60009),
                (with(&good, json!({ "name": "a\\b" })), 60009),
                (with(&good, json!({ "name_en": "a*b" })), 60125),
                (with(&good, json!({ "name_en": "" })), 40063),
                (with(&good, json!({ "parentid": null })), 40063),
                (with(&good, json!({ "parentid": "1" })), 40058),
                (with(&good, json!({ "parentid": 99 })), 60004),
                (with(&good, json!({ "name": "研发部" })), 60008),
                (with(&good, json!({ "id": 2 })), 60008),
                (with(&good, json!({ "id": 1 })), 60008),
                (with(&good, json!({ "id": 0 })), 40058),
                (with(&good, json!({ "id": 4_294_967_296_i64 })), 40058),
                (with(&good, json!({ "name": "新\n部门" })), 60009),
                (with(&good, json!({ "name_en": "\u{1b}[1mQA" })), 60125),
                (with(&good, json!({ "order": -1 })), 40058),
                (with(&good, json!({ "order": 4_294_967_296_i64 })), 40058),
                (with(&good, json!({ "leader": "x" })), 40058),
            ],
        )
        .await;
    bench
        .refuses(
            CONTACTS_SECRET,
            "department/update",
            &[
                (json!({ "name": "n" }), 40063),
                (json!({ "id": 99, "name": "n" }), 60003),
                (json!({ "id": 2, "name": "" }), 60001),
                (json!({ "id": 2, "name": "研发部\t" }), 60009),
                (json!({ "id": 2, "name_en": null }), 40058),
                (json!({ "id": 2, "name": "市场部" }), 60008),
                (json!({ "id": 2, "name": "a?" }), 60009),
                (json!({ "id": 2, "parentid": 2 }), 60010),
                (json!({ "id": 2, "parentid": 3 }), 60010),
                (json!({ "id": 1, "parentid": 2 }), 60010),
                (json!({ "id": 2, "parentid": 99 }), 60004),
            ],
        )
        .await;
    bench
        .refuses_get(
            CONTACTS_SECRET,
            "department/delete",
            &[
                (&[], 40063),
                (&[("id", "two")], 40058),
                (&[("id", "99")], 60003),
                (&[("id", "1")], 60007),
                (&[("id", "2")], 60005),
            ],
        )
        .await;
    let parent = json!({ "name": "上级", "parentid": 1, "id": 30 });
    let child = json!({ "name": "下级", "parentid": 30 });
    assert_done(&bench.post(CONTACTS_SECRET, "department/create", &parent).await);
    assert_done(&bench.post(CONTACTS_SECRET, "department/create", &child).await);
    bench.refuses_get(CONTACTS_SECRET, "department/delete", &[(&[("id", "30")], 60006)]).await;
}

#[tokio::test]
async fn the_tree_has_fifteen_levels() {
    let bench = Client::start().await;
    for level in 2..=15 {
        let parentid = if level == 2 { 1 } else { 98 + level };
        let body = json!({ "name": "层", "parentid": parentid, "id": 99 + level });
        assert_done(&bench.post(CONTACTS_SECRET, "department/create", &body).await);
    }
    let cases = [(json!({ "name": "层", "parentid": 114 }), 81002)];
    bench.refuses(CONTACTS_SECRET, "department/create", &cases).await;
    // The department itself would fit below, the one below it would not.
    let cases = [(json!({ "id": 2, "parentid": 113 }), 81002)];
    bench.refuses(CONTACTS_SECRET, "department/update", &cases).await;
}

// ----------------------------------------------------------------------------------------------------- members

#[tokio::test]
async fn member_ids_come_in_pages_with_one_row_per_membership() {
    let rows = |reply: &Value| reply["dept_user"].as_array().unwrap().clone();
    let bench = Client::start().await;
    let whole = bench.post(CONTACTS_SECRET, "user/list_id", &json!({})).await;
    assert_eq!(whole["next_cursor"], "");
    let of_lisi = rows(&whole).into_iter().filter(|row| row["userid"] == LISI);
    let departments: Vec<_> = of_lisi.map(|row| row["department"].clone()).collect();
    assert_eq!(departments, [2, 3]);
    assert_eq!(rows(&whole).len(), 8);

    let (mut collected, mut body, mut pages) = (Vec::new(), json!({ "limit": 3 }), 0);
    loop {
        let page = bench.post(CONTACTS_SECRET, "user/list_id", &body).await;
        collected.extend(rows(&page));
        pages += 1;
        if page["next_cursor"] == "" {
            break;
        }
        body = json!({ "limit": 3, "cursor": page["next_cursor"] });
    }
    assert_eq!((collected, pages), (rows(&whole), 3));

    let cases = [
        (json!({ "limit": 0 }), 40058),
        (json!({ "limit": 10_001 }), 40058),
        (json!({ "limit": "10" }), 40058),
        (json!({ "cursor": "" }), 40063),
        (json!({ "cursor": "3" }), 40058),
        (json!({ "offset": 1 }), 40058),
    ];
    bench.refuses(CONTACTS_SECRET, "user/list_id", &cases).await;
}

#[tokio::test]
async fn pages_may_be_shorter_than_asked_for() {
    let bench = Client::with(Options { rows_per_page: 2, ..Options::strict() }).await;
    let page = bench.post(CONTACTS_SECRET, "user/list_id", &json!({ "limit": 5 })).await;
    assert_eq!(page["dept_user"].as_array().unwrap().len(), 2);
    assert_ne!(page["next_cursor"], "");
}

#[tokio::test]
async fn calls_beyond_the_limit_of_a_minute_are_refused_for_a_minute() {
    let bench = Client::with(Options { calls_per_minute: Some(3), ..Options::strict() }).await;
    let page = async || bench.post(CONTACTS_SECRET, "user/list_id", &json!({})).await["errcode"].clone();
    for _ in 0..3 {
        assert_eq!(page().await, 0);
    }
    assert_eq!(page().await, 45009);
    // Each API has a limit of its own.
    assert_done(&bench.get(CONTACTS_SECRET, "tag/list", &[]).await);
    bench.advance(Duration::from_secs(50));
    assert_eq!(page().await, 45009);
    bench.advance(Duration::from_secs(10));
    assert_eq!(page().await, 0);
}

#[tokio::test]
async fn a_member_is_stored_with_every_field() {
    let bench = Client::start().await;
    let body = json!({
        "userid": "Wu.Jiu@x_1-2", "name": "吴九", "alias": "九", "gender": "2", "enable": 0,
        "main_department": 3, "position": "工程师", "department": [2, 3], "order": [10, 40],
        "is_leader_in_dept": [1, 0], "direct_leader": ["ZHANGSAN"], "telephone": "020-123456,88",
        "mobile": "13900000001", "email": "wujiu@example.com", "biz_mail": "wujiu@corp.example.com",
        "address": "广州市海珠区", "to_invite": false,
    });
    assert_done(&bench.post(CONTACTS_SECRET, "user/create", &body).await);
    let member = bench.member("wu.jiu@x_1-2");
    assert_eq!(member.userid, "Wu.Jiu@x_1-2");
    assert_eq!((member.alias.as_deref(), member.gender.as_deref()), (Some("九"), Some("2")));
    assert!(!member.enabled && !member.invited);
    let places: Vec<_> = member.departments.iter().map(|p| (p.department, p.order, p.leader)).collect();
    assert_eq!(places, [(2, 10, true), (3, 40, false)]);
    assert_eq!((member.main_department, member.direct_leader), (3, vec![ZHANGSAN.to_owned()]));
    assert_eq!(member.telephone.as_deref(), Some("020-123456,88"));

    let update = json!({
        "userid": "WU.JIU@X_1-2", "name": "吴玖", "enable": 1, "department": [4], "order": [7],
        "direct_leader": [], "mobile": "13900000002",
    });
    assert_done(&bench.post(CONTACTS_SECRET, "user/update", &update).await);
    let member = bench.member("wu.jiu@x_1-2");
    assert_eq!((member.name.as_str(), member.enabled), ("吴玖", true));
    assert_eq!((member.main_department, member.departments[0].order), (4, 7));
    assert!(member.direct_leader.is_empty());
    assert_eq!(member.mobile.as_deref(), Some("13900000002"));
    assert_eq!(member.alias.as_deref(), Some("九"));
}

#[tokio::test]
async fn a_member_gets_what_was_left_out() {
    let bench = Client::start().await;
    let body = json!({ "userid": "wujiu", "name": "吴九", "email": "wujiu@example.com" });
    assert_done(&bench.post(CONTACTS_SECRET, "user/create", &body).await);
    let member = bench.member("wujiu");
    assert!(member.enabled && member.invited && member.is_in(UNASSIGNED_DEPARTMENT_ID));
    assert_eq!(member.biz_mail.as_deref(), Some("wujiu@corp.example.com"));
    let change = |mail: &str| json!({ "userid": "wujiu", "biz_mail": mail });
    assert_done(&bench.post(CONTACTS_SECRET, "user/update", &change("jiu@corp.example.com")).await);
    let cases = [(change("nine@corp.example.com"), 60144)];
    bench.refuses(CONTACTS_SECRET, "user/update", &cases).await;
}

#[tokio::test]
async fn some_updates_are_silently_ignored() {
    let bench = Client::start().await;
    let change = |userid| json!({ "userid": userid, "mobile": "13911112222", "email": "new@example.com" });
    let before = bench.member(WANGWU);
    assert_done(&bench.post(CONTACTS_SECRET, "user/update", &change(WANGWU)).await);
    assert_eq!(bench.member(WANGWU), before);
    assert_done(&bench.post(CONTACTS_SECRET, "user/update", &change(ZHAOLIU)).await);
    let member = bench.member(ZHAOLIU);
    assert_eq!(member.mobile.as_deref(), Some("13911112222"));
    assert_eq!(member.email.as_deref(), Some("new@example.com"));
}

#[tokio::test]
async fn unknown_departments_are_created_where_that_is_chosen() {
    let bench = Client::with(Options { create_unknown_departments: true, ..Options::strict() }).await;
    let body = with(&new_member(), json!({ "department": [2, 77] }));
    let reply = bench.post(CONTACTS_SECRET, "user/create", &body).await;
    let created = json!({ "department_info": [{ "name": "部门77", "id": 77 }] });
    assert_eq!(reply["created_department_list"], created);
    assert!(bench.member("wujiu").is_in(77));
    assert_eq!(bench.0.with_world(|world| world.departments()[&77].parentid), 1);
    let cases = [(json!({ "userid": "wujiu", "department": [78] }), 60123)];
    bench.refuses(CONTACTS_SECRET, "user/update", &cases).await;
}

#[tokio::test]
async fn members_refuse() {
    let bench = Client::start().await;
    let change = |changes| with(&new_member(), changes);
    let names: Vec<_> = (0..6).map(|_| ZHANGSAN).collect();
    let departments: Vec<_> = (1..=101).collect();
    let creation = [
        (change(json!({ "userid": null })), 41009),
        (change(json!({ "userid": "_a" })), 40003),
        (change(json!({ "userid": "张" })), 40003),
        (change(json!({ "userid": "a".repeat(65) })), 40003),
        (change(json!({ "userid": "ZhangSan" })), 60102),
        (change(json!({ "name": null })), 60112),
        (change(json!({ "name": "" })), 60112),
        (change(json!({ "name": "名".repeat(65) })), 60112),
        (change(json!({ "mobile": null })), 60129),
        (change(json!({ "mobile": "" })), 40063),
        (change(json!({ "mobile": "12x" })), 60103),
        (change(json!({ "mobile": 13800000000_i64 })), 40058),
        (change(json!({ "mobile": "13800000002" })), 60104),
        (change(json!({ "email": "a@b" })), 60105),
        (change(json!({ "email": "SIM2@example.com" })), 60106),
        (change(json!({ "biz_mail": "x" })), 60143),
        (change(json!({ "biz_mail": "sim2@corp.example.com" })), 60145),
        (change(json!({ "telephone": "12a" })), 301013),
        (change(json!({ "position": "职".repeat(129) })), 301012),
        (change(json!({ "address": "址".repeat(129) })), 40058),
        (change(json!({ "alias": "别".repeat(65) })), 40058),
        (change(json!({ "gender": 1 })), 40058),
        (change(json!({ "gender": "0" })), 40058),
        (change(json!({ "enable": true })), 40058),
        (change(json!({ "enable": 2 })), 40058),
        (change(json!({ "to_invite": 1 })), 40058),
        (change(json!({ "department": "2" })), 41019),
        (change(json!({ "department": 2 })), 41019),
        (change(json!({ "department": ["2"] })), 40066),
        (change(json!({ "department": [] })), 40066),
        (change(json!({ "department": [2, 2] })), 40066),
        (change(json!({ "department": [2, 99] })), 60123),
        (change(json!({ "department": departments })), 60110),
        (change(json!({ "main_department": 4 })), 40058),
        (change(json!({ "order": [1, 2] })), 40058),
        (change(json!({ "order": [-1] })), 40058),
        (change(json!({ "is_leader_in_dept": [1, 0] })), 60132),
        (change(json!({ "is_leader_in_dept": [2] })), 40058),
        (change(json!({ "direct_leader": ["nobody"] })), 301021),
        (change(json!({ "direct_leader": names })), 60257),
        (change(json!({ "direct_leader": "zhangsan" })), 40058),
        (change(json!({ "english_name": "x" })), 40058),
    ];
    bench.refuses(CONTACTS_SECRET, "user/create", &creation).await;

    let change = |changes| with(&json!({ "userid": ZHANGSAN }), changes);
    let update = [
        (json!({ "name": "x" }), 41009),
        (json!({ "userid": "nobody", "name": "x" }), 60111),
        (change(json!({ "name": "" })), 60112),
        (change(json!({ "department": [] })), 40066),
        (change(json!({ "department": [99] })), 60123),
        (change(json!({ "mobile": "13800000003" })), 60104),
        (change(json!({ "email": "sim3@example.com" })), 60106),
        (change(json!({ "biz_mail": "sim3@corp.example.com" })), 60145),
        (change(json!({ "name": "changed", "direct_leader": ["nobody"] })), 301021),
        (change(json!({ "is_leader_in_dept": [1, 1] })), 60132),
        (change(json!({ "main_department": 4 })), 40058),
        (change(json!({ "new_userid": "other" })), 301036),
    ];
    bench.refuses(CONTACTS_SECRET, "user/update", &update).await;
    let null = "{\"userid\":\"zhangsan\",\"alias\":null}";
    let token = bench.token(CONTACTS_SECRET).await;
    let reply = bench.call("POST", &format!("user/update?access_token={token}"), null).await;
    assert_refused(&reply, 40058, null);

    bench
        .refuses_get(
            CONTACTS_SECRET,
            "user/delete",
            &[
                (&[], 41009),
                (&[("userid", "nobody")], 60111),
                (&[("userid", CREATOR)], 301005),
                (&[("userid", LISI), ("id", "1")], 40058),
            ],
        )
        .await;
}

#[tokio::test]
async fn a_deleted_member_is_gone_everywhere() {
    let bench = Client::start().await;
    let body = json!({ "userid": LISI, "direct_leader": [WANGWU] });
    assert_done(&bench.post(CONTACTS_SECRET, "user/update", &body).await);
    assert_done(&bench.get(CONTACTS_SECRET, "user/delete", &[("userid", "WangWu")]).await);
    assert!(bench.member("lisi").direct_leader.is_empty());
    let chat = bench.0.with_world(|world| world.chats()[OTHER_CHAT_ID].clone());
    assert_eq!((chat.owner.as_str(), chat.userlist), (ZHANGSAN, vec![ZHANGSAN.to_owned()]));
    let at = bench.get(CONTACTS_SECRET, "user/delete", &[("userid", ZHAOLIU)]).await;
    assert_done(&at);
    assert_eq!(bench.0.with_world(|world| world.members().len()), 5);
}

// ------------------------------------------------------------------------------------------------- group chats

#[tokio::test]
async fn group_chats_are_created_and_changed() {
    let bench = Client::start().await;
    let body = json!({ "name": "名".repeat(51), "userlist": ["ZHANGSAN", "lisi", LISI] });
    let reply = bench.post(APP_SECRET, "appchat/create", &body).await;
    let chatid = reply["chatid"].as_str().unwrap().to_owned();
    assert!(chatid.len() <= 32 && chatid.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let stored = || bench.0.with_world(|world| world.chats()[&chatid].clone());
    assert_eq!(stored().name.chars().count(), 50);
    assert_eq!(stored().userlist, [ZHANGSAN, LISI]);
    assert!(stored().userlist.contains(&stored().owner));

    let body = json!({
        "chatid": chatid, "name": "新名", "owner": WANGWU, "add_user_list": [WANGWU, CREATOR],
        "del_user_list": ["lisi", "zhangsan"],
    });
    assert_eq!(bench.post(APP_SECRET, "appchat/update", &body).await, json!({ "errcode": 0, "errmsg": "ok" }));
    assert_eq!((stored().name.as_str(), stored().owner.as_str()), ("新名", WANGWU));
    assert_eq!(stored().userlist, [WANGWU, CREATOR]);
}

#[tokio::test]
async fn group_chats_refuse() {
    let bench = Client::start().await;
    let good = json!({ "chatid": "Ours1", "owner": ZHANGSAN, "userlist": [ZHANGSAN, LISI, WANGWU] });
    assert_done(&bench.post(APP_SECRET, "appchat/create", &good).await);

    let change = |changes| with(&with(&good, json!({ "chatid": "Ours2" })), changes);
    let many: Vec<_> = (0..2001).map(|number| format!("many{number}")).collect();
    bench.0.with_world(|world| {
        for userid in &many {
            world.add_member(CORP_ID, Member::new(userid, userid));
        }
    });
    let creation = [
        (change(json!({ "userlist": null })), 86204),
        (change(json!({ "userlist": [] })), 86204),
        (change(json!({ "userlist": "zhangsan,lisi" })), 40058),
        (change(json!({ "userlist": [ZHANGSAN, "ZhangSan"] })), 86006),
        (change(json!({ "userlist": many, "owner": null })), 86006),
        (change(json!({ "userlist": [ZHANGSAN, "nobody"] })), 86007),
        (change(json!({ "userlist": [ZHANGSAN, DISABLED] })), 86007),
        (change(json!({ "owner": "nobody" })), 86005),
        (change(json!({ "owner": CREATOR })), 86207),
        (change(json!({ "name": "" })), 86202),
        (change(json!({ "name": "  " })), 86004),
        (change(json!({ "chatid": "a-b" })), 86001),
        (change(json!({ "chatid": "a".repeat(33) })), 86205),
        (change(json!({ "chatid": "Ours1" })), 86215),
        (change(json!({ "chatid": OTHER_CHAT_ID })), 86215),
        (change(json!({ "agentid": AGENT_ID })), 40058),
    ];
    bench.refuses(APP_SECRET, "appchat/create", &creation).await;
    bench.refuses(LIMITED_APP_SECRET, "appchat/create", &[(change(json!({})), 60011)]).await;

    let change = |changes| with(&json!({ "chatid": "Ours1" }), changes);
    let update = [
        (json!({ "name": "x" }), 86201),
        (json!({ "chatid": "Nowhere", "name": "x" }), 86003),
        (json!({ "chatid": "no way", "name": "x" }), 86001),
        (json!({ "chatid": OTHER_CHAT_ID, "name": "x" }), 86008),
        (change(json!({ "add_user_list": ["nobody"] })), 86216),
        (change(json!({ "del_user_list": [CREATOR] })), 86216),
        (change(json!({ "add_user_list": [] })), 40063),
        (change(json!({ "del_user_list": [LISI, WANGWU] })), 86006),
        (change(json!({ "del_user_list": [ZHANGSAN] })), 86207),
        (change(json!({ "owner": "nobody" })), 86005),
        (change(json!({ "owner": CREATOR })), 86207),
        (change(json!({ "userlist": [ZHANGSAN] })), 40058),
    ];
    bench.refuses(APP_SECRET, "appchat/update", &update).await;
    bench
        .refuses_get(
            APP_SECRET,
            "appchat/get",
            &[
                (&[], 86201),
                (&[("chatid", "Nowhere")], 86003),
                (&[("chatid", OTHER_CHAT_ID)], 86008),
                (&[("chatid", "a b")], 86001),
            ],
        )
        .await;
    let body = json!({ "chatid": "Ours1", "msgtype": "text", "text": { "content": "c" } });
    let sending = [
        (with(&body, json!({ "chatid": null })), 86201),
        (with(&body, json!({ "chatid": "Nowhere" })), 86003),
        (with(&body, json!({ "chatid": OTHER_CHAT_ID })), 86008),
        (with(&body, json!({ "chatid": "no way" })), 86001),
        (with(&body, json!({ "agentid": AGENT_ID })), 40058),
        (with(&body, json!({ "touser": ZHANGSAN })), 40058),
        (with(&body, json!({ "safe": 2 })), 40058),
    ];
    bench.refuses(APP_SECRET, "appchat/send", &sending).await;
    let message = with(&body, json!({ "text": { "content": "c", "mentioned_list": ["@all"] } }));
    assert_done(&bench.post(APP_SECRET, "appchat/send", &message).await);
    let sent = bench.last_message();
    let chat = Target::Chat { corp_id: CORP_ID.into(), chatid: "Ours1".into() };
    assert_eq!((sent.target, sent.msgid, sent.body), (chat, None, message));
}

// ---------------------------------------------------------------------------------------------------- messages

#[tokio::test]
async fn every_type_of_message_is_accepted_by_apps_and_group_chats() {
    let bench = Client::start().await;
    let chat = json!({ "chatid": "Ours", "userlist": [ZHANGSAN, LISI] });
    assert_done(&bench.post(APP_SECRET, "appchat/create", &chat).await);
    let full = with(&article(), json!({ "author": "A", "content_source_url": "https://example.com/", "digest": "D" }));
    let link =
        json!({ "title": "T", "description": "D", "url": "https://example.com/", "picurl": "http://host/p.png" });
    let bodies = [
        ("text", json!({ "content": "长".repeat(2000) }), Some(1)),
        ("markdown", json!({ "content": "m".repeat(2048) }), None),
        ("file", json!({ "media_id": FILE_MEDIA_ID }), Some(1)),
        ("image", json!({ "media_id": IMAGE_MEDIA_ID }), Some(0)),
        ("mpnews", json!({ "articles": vec![full; 8] }), Some(2)),
        ("textcard", with(&card(), json!({ "btntxt": "更多" })), None),
        ("voice", json!({ "media_id": VOICE_MEDIA_ID }), None),
        ("video", json!({ "media_id": VIDEO_MEDIA_ID, "title": "T", "description": "D\nD" }), Some(1)),
        ("news", json!({ "articles": vec![link; 8] }), None),
    ];
    for (msgtype, content, safe) in bodies {
        let mut body = json!({ "msgtype": msgtype, msgtype: content });
        if let Some(safe) = safe {
            body["safe"] = json!(safe);
        }
        let mut to_app = with(
            &body,
            json!({
                "touser": "@all", "toparty": "2", "agentid": AGENT_ID, "enable_duplicate_check": 1,
                "duplicate_check_interval": 1800,
            }),
        );
        if ["text", "textcard", "mpnews", "news"].contains(&msgtype) {
            to_app["enable_id_trans"] = json!(0);
        }
        let reply = bench.post(APP_SECRET, "message/send", &to_app).await;
        assert_done(&reply);
        let sent = bench.last_message();
        assert_eq!((sent.msgtype.as_str(), &sent.body), (msgtype, &to_app));
        assert_eq!(json!(sent.msgid), reply["msgid"]);
        let to_chat = with(&body, json!({ "chatid": "Ours" }));
        assert_done(&bench.post(APP_SECRET, "appchat/send", &to_chat).await);
        assert_eq!(bench.last_message().body, to_chat);
    }
}

#[tokio::test]
async fn receivers_are_those_in_view() {
    let bench = Client::start().await;
    let to = async |secret, agentid: i64, receivers: Value| {
        let body = with(&with(&text(), json!({ "touser": null, "agentid": agentid })), receivers);
        let reply = bench.post(secret, "message/send", &body).await;
        let reached = match bench.last_message().target {
            Target::Members { userids, .. } => userids.into_iter().collect::<Vec<_>>(),
            target => panic!("{target:?}"),
        };
        (reply, reached)
    };
    let (reply, reached) = to(APP_SECRET, AGENT_ID, json!({ "touser": "@all" })).await;
    assert_eq!(reached, [LISI, CREATOR, WANGWU, ZHANGSAN, ZHAOLIU]);
    assert_eq!(reply["unlicenseduser"], UNLICENSED);
    let (reply, reached) = to(APP_SECRET, AGENT_ID, json!({ "toparty": "3|99" })).await;
    assert_eq!((reached, &reply["invalidparty"]), (vec![LISI.to_owned()], &json!("99")));
    let receivers = json!({ "touser": "LISI|Zhouba|wangwu" });
    let (reply, reached) = to(LIMITED_APP_SECRET, LIMITED_AGENT_ID, receivers).await;
    assert_eq!((reached, &reply["invaliduser"]), (vec![WANGWU.to_owned()], &json!("lisi|zhouba")));
    let receivers = json!({ "totag": format!("{TAG_ID}|{OTHER_TAG_ID}|99|x") });
    let (reply, reached) = to(APP_SECRET, AGENT_ID, receivers).await;
    assert_eq!((reached, &reply["invalidtag"]), ([LISI, WANGWU, ZHANGSAN].map(str::to_owned).into(), &json!("99|x")));
    let (_, reached) =
        to(LIMITED_APP_SECRET, LIMITED_AGENT_ID, json!({ "totag": format!("{TAG_ID}|{OTHER_TAG_ID}") })).await;
    assert_eq!(reached, [WANGWU], "of a tag, those in view");
    let (reply, reached) = to(APP_SECRET, AGENT_ID, json!({ "touser": UNLICENSED })).await;
    assert_eq!((reached.len(), &reply["unlicenseduser"]), (0, &json!(UNLICENSED)));
}

#[tokio::test]
async fn messages_reach_linked_corps_and_name_who_they_do_not_reach() {
    let bench = Client::start().await;
    let linked = format!("{LOWER_CORP_ID}/{LOWER_MEMBER}");
    let text = |receivers: Value| {
        let text = json!({ "agentid": AGENT_ID, "msgtype": "text", "text": { "content": "c" } });
        with(&text, receivers)
    };
    let reply = bench
        .post(
            APP_SECRET,
            "linkedcorp/message/send",
            &text(json!({
                "touser": [ZHANGSAN, linked, "wwnobody/Nobody", format!("{LOWER_CORP_ID}/nobody")],
                "toparty": [format!("{LINKED_ID}/1"), format!("{LINKED_ID}/7"), "77"],
                "totag": ["7"],
            })),
        )
        .await;
    let expected = json!({
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": ["wwnobody/nobody", format!("{LOWER_CORP_ID}/nobody")],
        "invalidparty": [format!("{LINKED_ID}/7"), "77"],
        "invalidtag": ["7"],
    });
    assert_eq!(reply, expected);
    let reply = bench.post(APP_SECRET, "linkedcorp/message/send", &text(json!({ "toall": 1 }))).await;
    assert_eq!(reply["errcode"], 0, "{reply}");
    let reached = |index: usize| {
        bench.0.with_world(|world| match &world.messages()[index].target {
            Target::Members { userids, .. } => userids.clone(),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(reached(0), [ZHANGSAN.to_owned(), linked.clone()].into());
    assert!(reached(1).contains(&linked) && reached(1).contains(WANGWU));

    let ids = |count: usize| vec!["1"; count];
    let refused = [
        (text(json!({})), 82001),
        (text(json!({ "toall": 0 })), 82001),
        (text(json!({ "touser": "zhangsan" })), 40058),
        (text(json!({ "touser": ids(1001) })), 40032),
        (text(json!({ "toparty": ids(101) })), 82002),
        (text(json!({ "totag": ids(101) })), 82003),
        (text(json!({ "touser": ["wwnobody/a"] })), 81013),
        (text(json!({ "touser": [linked], "agentid": null })), 41011),
        (text(json!({ "touser": [linked], "agentid": OTHER_AGENT_ID })), 301_002),
        (text(json!({ "touser": [linked], "toall": true })), 40058),
        (text(json!({ "touser": [linked], "enable_duplicate_check": 1 })), 40058),
    ];
    bench.refuses(APP_SECRET, "linkedcorp/message/send", &refused).await;
    bench.refuses(CONTACTS_SECRET, "linkedcorp/message/send", &[(text(json!({ "toall": 1 })), 48002)]).await;
}

#[tokio::test]
async fn linked_corps_are_seen_with_what_stands_before_them() {
    let bench = Client::start().await;
    let ask = async |api: &str, body: Value| bench.post(APP_SECRET, &format!("linkedcorp/{api}"), &body).await;
    let permissions = ask("agent/get_perm_list", json!({})).await;
    assert_eq!(permissions["userids"], json!([format!("{LOWER_CORP_ID}/{LOWER_MEMBER}")]));
    assert_eq!(permissions["department_ids"], json!([format!("{LINKED_ID}/1"), format!("{LINKED_ID}/5")]));
    let member = ask("user/get", json!({ "userid": permissions["userids"][0] })).await["user_info"].clone();
    assert_eq!((&member["userid"], &member["corpid"]), (&json!(LOWER_MEMBER), &json!(LOWER_CORP_ID)));
    assert_eq!((&member["mobile"], &member["department"]), (&json!("+86 13800000009"), &json!(["L0123456789/5"])));
    let below = json!({ "department_id": "L0123456789/1", "fetch_child": true });
    assert_eq!(ask("user/list", below.clone()).await["userlist"], json!([member]));
    let simple = ask("user/simplelist", below).await["userlist"][0].clone();
    assert_eq!((&simple["userid"], simple.get("mobile")), (&json!(LOWER_MEMBER), None));
    assert_eq!(ask("user/simplelist", json!({ "department_id": "L0123456789/1" })).await["userlist"], json!([]));
    let departments = ask("department/list", json!({ "department_id": "L0123456789/5" })).await;
    let row = json!({ "department_id": "5", "department_name": "待分配", "parentid": "1", "order": 0 });
    assert_eq!(departments["department_list"], json!([row]));
    for (api, body, code) in [
        ("user/get", json!({}), 41009),
        ("user/get", json!({ "userid": LOWER_MEMBER }), 60111),
        ("user/list", json!({ "department_id": "1" }), 60123),
        ("user/simplelist", json!({ "department_id": "L0123456789/1", "fetch_child": 1 }), 40058),
        ("department/list", json!({ "department_id": "L0123456789/7" }), 60123),
    ] {
        bench.refuses(APP_SECRET, &format!("linkedcorp/{api}"), &[(body, code)]).await;
    }
}

#[tokio::test]
async fn shared_apps_come_in_pages() {
    let bench = Client::start().await;
    let share = |corp_id: &str| Share {
        agent_id: AGENT_ID,
        business_type: 0,
        corp_id: corp_id.into(),
        name: "x".into(),
        lower_agent_id: 7,
    };
    bench.0.with_world(|world| ["ww2", "ww1"].map(|corp_id| world.share_app(CORP_ID, share(corp_id))));
    let list = async |changes: Value| {
        let api = "corpgroup/corp/list_app_share_info";
        bench.post(APP_SECRET, api, &with(&json!({ "agentid": AGENT_ID }), changes)).await
    };
    let corps = |reply: &Value| -> Vec<String> {
        let rows = reply["corp_list"].as_array().unwrap().iter();
        rows.map(|row| row["corpid"].as_str().unwrap().to_owned()).collect()
    };
    let all = list(json!({})).await;
    assert_eq!((corps(&all), &all["ending"]), (vec!["ww1".into(), "ww2".into(), LOWER_CORP_ID.into()], &json!(1)));
    let first = list(json!({ "limit": 2 })).await;
    assert_eq!((corps(&first), &first["ending"]), (vec!["ww1".to_owned(), "ww2".to_owned()], &json!(0)));
    let rest = list(json!({ "limit": 2, "cursor": first["next_cursor"] })).await;
    assert_eq!((corps(&rest), &rest["ending"]), (vec![LOWER_CORP_ID.to_owned()], &json!(1)));
    assert_eq!(corps(&list(json!({ "business_type": 1 })).await), [DOWNSTREAM_CORP_ID]);
    assert_eq!(corps(&list(json!({ "corpid": "ww2" })).await), ["ww2"]);
    let refused = [
        (json!({}), 41011),
        (json!({ "agentid": 7 }), 40056),
        (json!({ "agentid": OTHER_AGENT_ID }), 301_002),
        (json!({ "agentid": AGENT_ID, "limit": 101 }), 40058),
        (json!({ "agentid": AGENT_ID, "cursor": "x" }), 40058),
    ];
    bench.refuses(APP_SECRET, "corpgroup/corp/list_app_share_info", &refused).await;
    let refused = [
        (json!({}), 41002),
        (json!({ "corpid": LOWER_CORP_ID }), 41011),
        (json!({ "corpid": LOWER_CORP_ID, "agentid": 7 }), 40056),
        (json!({ "corpid": LOWER_CORP_ID, "agentid": LOWER_AGENT_ID, "business_type": 1 }), 670_001),
        (json!({ "corpid": CORP_ID, "agentid": AGENT_ID }), 670_001),
    ];
    bench.refuses(APP_SECRET, "corpgroup/corp/gettoken", &refused).await;
    let lower = json!({ "corpid": LOWER_CORP_ID, "agentid": LOWER_AGENT_ID });
    bench.refuses(OTHER_APP_SECRET, "corpgroup/corp/gettoken", &[(lower.clone(), 670_001)]).await;
    bench.refuses(CONTACTS_SECRET, "corpgroup/corp/gettoken", &[(lower, 48002)]).await;
}

#[tokio::test]
async fn messages_refuse() {
    let bench = Client::start().await;
    let change = |changes| with(&text(), changes);
    let ids = |count: usize| vec!["1"; count].join("|");
    let envelope = [
        (change(json!({ "touser": null })), 82001),
        (change(json!({ "touser": "" })), 40063),
        (change(json!({ "touser": [ZHANGSAN] })), 40058),
        (change(json!({ "touser": "zhangsan||lisi" })), 40058),
        (change(json!({ "touser": ids(1001) })), 40032),
        (change(json!({ "toparty": ids(101) })), 82002),
        (change(json!({ "totag": ids(101) })), 82003),
        (change(json!({ "toparty": "" })), 40063),
        (change(json!({ "agentid": null })), 41011),
        (change(json!({ "agentid": AGENT_ID.to_string() })), 40056),
        (change(json!({ "agentid": 7 })), 40056),
        (change(json!({ "agentid": OTHER_AGENT_ID })), 301002),
        (change(json!({ "msgtype": null })), 40008),
        (change(json!({ "msgtype": "markdown_v2" })), 40008),
        (change(json!({ "text": null })), 40063),
        (change(json!({ "safe": "0" })), 40058),
        (change(json!({ "safe": false })), 40058),
        (change(json!({ "safe": 2 })), 40058),
        (change(json!({ "enable_id_trans": true })), 40058),
        (change(json!({ "duplicate_check_interval": 14_401 })), 40058),
        (change(json!({ "image": { "media_id": IMAGE_MEDIA_ID } })), 40058),
        (change(json!({ "chatid": "x" })), 40058),
    ];
    bench.refuses(APP_SECRET, "message/send", &envelope).await;

    let robot_file = bench.0.with_world(|world| world.add_media(MediaKind::File, MediaOwner::Robot(ROBOT_KEY)));
    let articles = |article: Value| message("mpnews", json!({ "articles": [article] }));
    let safe = |message: Value, safe: i64| with(&message, json!({ "safe": safe }));
    let link = json!({ "title": "T", "url": "https://example.com/" });
    let news = |changes: Value| message("news", json!({ "articles": [with(&link, changes)] }));
    let program = json!({ "appid": MINI_PROGRAM_ID, "title": "T" });
    let notice = |changes: Value| message("miniprogram_notice", with(&program, changes));
    let bodies = [
        (message("text", json!({})), 44004),
        (message("text", json!({ "content": "" })), 44004),
        (message("text", json!({ "content": 1 })), 40058),
        (message("text", json!({ "content": "c", "mentioned_list": ["@all"] })), 40058),
        (message("markdown", json!({ "content": "" })), 44004),
        (message("markdown", json!({ "content": "长".repeat(683) })), 45002),
        (safe(message("markdown", json!({ "content": "c" })), 0), 40074),
        (message("image", json!({})), 41006),
        (message("image", json!({ "media_id": FILE_MEDIA_ID })), 301_015),
        (message("voice", json!({})), 41006),
        (message("voice", json!({ "media_id": VIDEO_MEDIA_ID })), 301_015),
        (message("voice", json!({ "media_id": VOICE_MEDIA_ID, "title": "T" })), 40058),
        (safe(message("voice", json!({ "media_id": VOICE_MEDIA_ID })), 0), 40074),
        (with(&message("voice", json!({ "media_id": VOICE_MEDIA_ID })), json!({ "enable_id_trans": 1 })), 40058),
        (message("video", json!({ "media_id": VOICE_MEDIA_ID })), 301_015),
        (safe(message("video", json!({ "media_id": VIDEO_MEDIA_ID })), 2), 40058),
        (message("news", json!({ "articles": [] })), 40063),
        (message("news", json!({ "articles": vec![link.clone(); 9] })), 45008),
        (news(json!({ "title": null })), 41016),
        (news(json!({ "url": null })), 40063),
        (news(json!({ "url": "www.qq.com" })), 45034),
        (news(json!({ "url": format!("http://{}", "u".repeat(2048)) })), 40039),
        (news(json!({ "picurl": format!("http://{}", "u".repeat(2048)) })), 40039),
        (news(json!({ "btntxt": "b" })), 40058),
        (news(json!({ "pagepath": "p" })), 90200),
        (news(json!({ "appid": MINI_PROGRAM_ID })), 90204),
        (news(json!({ "appid": MINI_PROGRAM_ID, "pagepath": "p".repeat(129) })), 90204),
        (news(json!({ "appid": OTHER_MINI_PROGRAM_ID, "pagepath": "p" })), 90208),
        (safe(news(json!({})), 0), 40074),
        (notice(json!({ "appid": null })), 90200),
        (notice(json!({ "appid": "wx123" })), 90207),
        (notice(json!({ "appid": "wx51a0000000000003" })), 90206),
        (notice(json!({ "appid": OTHER_MINI_PROGRAM_ID })), 90208),
        (notice(json!({ "page": "p".repeat(1025) })), 90204),
        (notice(json!({ "title": null })), 41016),
        (notice(json!({ "emphasis_first_item": 1 })), 40058),
        (notice(json!({ "content_item": [] })), 40063),
        (notice(json!({ "content_item": vec![json!({ "key": "k", "value": "v" }); 11] })), 90201),
        (notice(json!({ "content_item": [{ "key": "", "value": "v" }] })), 90202),
        (notice(json!({ "content_item": [{ "key": "k".repeat(11), "value": "v" }] })), 90202),
        (notice(json!({ "content_item": [{ "key": "k" }] })), 90203),
        (notice(json!({ "content_item": [{ "key": "k", "value": "v".repeat(31) }] })), 90203),
        (notice(json!({ "content_item": [{ "key": "k", "value": "v", "x": "y" }] })), 40058),
        (with(&notice(json!({})), json!({ "touser": "@all" })), 40058),
        (message("file", json!({ "media_id": "made-up" })), 40007),
        (message("file", json!({ "media_id": robot_file })), 40007),
        (message("mpnews", json!({})), 40063),
        (message("mpnews", json!({ "articles": [] })), 40063),
        (message("mpnews", json!({ "articles": article() })), 40058),
        (message("mpnews", json!({ "articles": vec![article(); 9] })), 45008),
        (articles(with(&article(), json!({ "title": null }))), 41016),
        (articles(with(&article(), json!({ "thumb_media_id": null }))), 41006),
        (articles(with(&article(), json!({ "thumb_media_id": FILE_MEDIA_ID }))), 301_015),
        (articles(with(&article(), json!({ "content": null }))), 44004),
        (articles(with(&article(), json!({ "content": "c".repeat(666 * 1024 + 1) }))), 45002),
        (articles(with(&article(), json!({ "author": "a".repeat(65) }))), 45032),
        (articles(with(&article(), json!({ "digest": "" }))), 40063),
        (articles(with(&article(), json!({ "description": "d" }))), 40058),
        (safe(articles(article()), 3), 40058),
        (message("textcard", with(&card(), json!({ "title": null }))), 41016),
        (message("textcard", with(&card(), json!({ "description": null }))), 40063),
        (message("textcard", with(&card(), json!({ "url": null }))), 40063),
        (message("textcard", with(&card(), json!({ "url": "www.qq.com" }))), 45034),
        (message("textcard", with(&card(), json!({ "url": format!("http://{}", "u".repeat(2048)) }))), 40039),
        (message("textcard", with(&card(), json!({ "btntxt": "" }))), 40063),
        (safe(message("textcard", card()), 1), 40074),
    ];
    bench.refuses(APP_SECRET, "message/send", &bodies).await;
}

#[tokio::test]
async fn the_duplicate_check_tells_messages_by_sender_and_body() {
    let bench = Client::start().await;
    let checked = with(&text(), json!({ "enable_duplicate_check": 1, "duplicate_check_interval": 60 }));
    let count = || bench.0.with_world(|world| world.messages().len());
    let first = bench.post(APP_SECRET, "message/send", &checked).await;
    assert_done(&first);
    assert_eq!(bench.post(APP_SECRET, "message/send", &checked).await, first);
    assert_eq!(count(), 1);

    // The interval alone asks for nothing, and half an hour is what counts without it.
    let unchecked = with(&text(), json!({ "duplicate_check_interval": 60 }));
    let switched = with(&text(), json!({ "enable_duplicate_check": 1 }));
    for (body, expected) in [(&unchecked, 2), (&unchecked, 3), (&switched, 4), (&switched, 4)] {
        assert_done(&bench.post(APP_SECRET, "message/send", body).await);
        assert_eq!(count(), expected, "{body}");
    }
    bench.advance(Duration::from_secs(60));
    for (body, expected) in [(&checked, 5), (&switched, 5)] {
        assert_done(&bench.post(APP_SECRET, "message/send", body).await);
        assert_eq!(count(), expected, "{body}");
    }
    bench.advance(Duration::from_secs(1740));
    assert_done(&bench.post(APP_SECRET, "message/send", &switched).await);
    assert_eq!(count(), 6);

    // Who else sends it sends another one, and what was refused was not sent.
    let other = with(&checked, json!({ "agentid": OTHER_AGENT_ID }));
    assert_done(&bench.post(OTHER_APP_SECRET, "message/send", &other).await);
    assert_eq!(count(), 7);
    bench.0.with_world(|world| world.fail_next(-1, "system busy"));
    let body = with(&checked, json!({ "toparty": "2" }));
    assert_eq!(bench.post(APP_SECRET, "message/send", &body).await["errcode"], -1);
    assert_done(&bench.post(APP_SECRET, "message/send", &body).await);
    assert_eq!(count(), 8);
}

#[tokio::test]
async fn notices_need_a_mini_program_of_the_app() {
    let bench = Client::start().await;
    let notice = json!({ "appid": MINI_PROGRAM_ID, "title": "T", "content_item": [{ "key": "k", "value": "v" }] });
    let body = with(&message("miniprogram_notice", notice), json!({ "enable_id_trans": 1 }));
    assert_done(&bench.post(APP_SECRET, "message/send", &body).await);
    let limited = with(&body, json!({ "touser": WANGWU, "agentid": LIMITED_AGENT_ID }));
    bench.refuses(LIMITED_APP_SECRET, "message/send", &[(limited, 48002)]).await;
    let program = json!({ "title": "T", "appid": MINI_PROGRAM_ID, "pagepath": "p" });
    assert_done(&bench.post(APP_SECRET, "message/send", &message("news", json!({ "articles": [program] }))).await);
    // A group chat has neither.
    let chat = json!({ "chatid": "Ours", "userlist": [ZHANGSAN, LISI] });
    assert_done(&bench.post(APP_SECRET, "appchat/create", &chat).await);
    let to_chat = |msgtype: &str, content: Value| json!({ "chatid": "Ours", "msgtype": msgtype, msgtype: content });
    let link = json!({ "title": "T", "url": "https://example.com/" });
    let cases = [
        (to_chat("miniprogram_notice", json!({ "appid": MINI_PROGRAM_ID, "title": "T" })), 40008),
        (to_chat("news", json!({ "articles": [{ "title": "T" }] })), 40063),
        (to_chat("news", json!({ "articles": [with(&link, json!({ "appid": MINI_PROGRAM_ID }))] })), 40058),
    ];
    bench.refuses(APP_SECRET, "appchat/send", &cases).await;
}

#[tokio::test]
async fn a_message_that_reaches_nobody_is_refused_with_the_lists() {
    let bench = Client::start().await;
    let body = with(&text(), json!({ "touser": "Nobody|Zhouba", "toparty": "99" }));
    bench.refuses(APP_SECRET, "message/send", &[(body.clone(), 81013)]).await;
    let reply = bench.post(APP_SECRET, "message/send", &body).await;
    assert_eq!((&reply["invaliduser"], &reply["invalidparty"]), (&json!("nobody|zhouba"), &json!("99")));
    assert_eq!(reply.get("msgid"), None);
}

#[tokio::test]
async fn messages_are_recalled_once_by_their_app_within_a_day() {
    let bench = Client::start().await;
    let send = async || json!({ "msgid": bench.post(APP_SECRET, "message/send", &text()).await["msgid"] });
    let first = send().await;
    let cases = [(first.clone(), 40058)];
    bench.refuses(OTHER_APP_SECRET, "message/recall", &cases).await;
    assert_done(&bench.post(APP_SECRET, "message/recall", &first).await);
    assert!(bench.last_message().withdrawn);
    bench.refuses(APP_SECRET, "message/recall", &cases).await;
    let cases = [
        (json!({}), 40063),
        (json!({ "msgid": "" }), 40063),
        (json!({ "msgid": 1 }), 40058),
        (json!({ "msgid": "made-up" }), 40058),
    ];
    bench.refuses(APP_SECRET, "message/recall", &cases).await;

    let second = send().await;
    bench.advance(DAY);
    bench.refuses(APP_SECRET, "message/recall", &[(second, 42052)]).await;
}

// ------------------------------------------------------------------------------------------- robots and uploads

#[tokio::test]
async fn robots_refuse() {
    let bench = Client::start().await;
    let robot = |msgtype: &str, body: Value| json!({ "msgtype": msgtype, msgtype: body });
    let news = |article: Value| robot("news", json!({ "articles": [article] }));
    let upper = |mut image: Value| {
        let md5 = image["image"]["md5"].as_str().unwrap().to_uppercase();
        image["image"]["md5"] = json!(md5);
        image
    };
    let encoded = |base64: String| robot("image", json!({ "base64": base64, "md5": "0" }));
    let mut large = PIXEL.to_vec();
    large.resize(2 * 1024 * 1024 + 1, 0);
    bench
        .robot_refuses(&[
            (json!({}), 40008),
            (robot("video", json!({ "media_id": ROBOT_VOICE_MEDIA_ID })), 40008),
            (robot("markdown_v2", json!({ "content": "c".repeat(4097) })), 40058),
            (robot("voice", json!({ "media_id": VOICE_MEDIA_ID })), 40007),
            (robot("voice", json!({ "media_id": ROBOT_FILE_MEDIA_ID })), 301_015),
            (json!({ "msgtype": "text" }), 40063),
            (robot("text", json!({})), 44004),
            (robot("text", json!({ "content": "c", "mentioned_list": [] })), 40063),
            (robot("text", json!({ "content": "c", "mentioned_list": "@all" })), 40058),
            (robot("text", json!({ "content": "c", "mentioned_mobile_list": [13800000000_i64] })), 40058),
            (with(&robot_text("c"), json!({ "safe": 0 })), 40058),
            (robot_text(&"c".repeat(5121)), 40058),
            (robot("markdown", json!({ "content": "c".repeat(4097) })), 40058),
            (robot("markdown", json!({ "content": "c", "mentioned_list": ["@all"] })), 40058),
            (robot("file", json!({})), 41006),
            (robot("file", json!({ "media_id": FILE_MEDIA_ID })), 40007),
            (robot("image", json!({ "md5": "0" })), 40063),
            (robot("image", json!({ "base64": "AAAA" })), 40063),
            (encoded(format!("data:image/png;base64,{}", BASE64.encode(PIXEL))), 40058),
            (encoded(format!("{}\n", BASE64.encode(PIXEL))), 40058),
            (robot_image(b"hello"), 40123),
            (robot_image(b"GIF89a, in colours"), 40123),
            (robot_image(&PIXEL[..PIXEL.len() - 1]), 40123),
            (encoded(BASE64.encode(&PIXEL[1..]).trim_end_matches('=').to_owned()), 40058),
            (robot_image(&large), 40009),
            (upper(robot_image(PIXEL)), 301019),
            (encoded(BASE64.encode(PIXEL)), 301019),
            (robot("news", json!({ "articles": [] })), 40063),
            (robot("news", json!({ "articles": vec![json!({ "title": "T", "url": "u" }); 9] })), 45008),
            (news(json!({ "url": "u" })), 41016),
            (news(json!({ "title": "T" })), 40063),
            (news(json!({ "title": "T", "url": "u", "btntxt": "b" })), 40058),
        ])
        .await;
    let long = bench.robot(ROBOT_KEY, &robot("markdown", json!({ "content": "c".repeat(4097) }))).await;
    assert!(long["errmsg"].as_str().unwrap().contains("markdown.content exceed max length 4096"));

    assert_done(&bench.robot(ROBOT_KEY, &robot_text(&"c".repeat(5120))).await);
    assert_done(&bench.robot(ROBOT_KEY, &robot("markdown", json!({ "content": "c".repeat(4096) }))).await);
    assert_eq!(bench.last_message().target, Target::Robot { key: ROBOT_KEY.into() });
}

#[tokio::test]
async fn robots_are_known_by_their_key() {
    let bench = Client::start().await;
    let body = robot_text("c");
    assert_refused(&bench.robot("made-up", &body).await, 93000, "unknown");
    assert_refused(&bench.robot("", &body).await, 93000, "empty");
    assert_refused(&bench.call("POST", "webhook/send", body.to_string()).await, 93000, "missing");
    bench.0.with_world(|world| world.stop_robot(ROBOT_KEY));
    bench.robot_refuses(&[(body.clone(), 93004)]).await;
    bench.0.with_world(|world| world.remove_robot(ROBOT_KEY));
    bench.robot_refuses(&[(body.clone(), 93008)]).await;
    assert_done(&bench.robot(OTHER_ROBOT_KEY, &body).await);
    bench.0.with_world(|world| world.add_robot("new"));
    assert_done(&bench.robot("new", &body).await);
}

#[tokio::test]
async fn a_robot_sends_twenty_messages_a_minute() {
    let bench = Client::start().await;
    bench.advance(Duration::from_secs(59));
    for _ in 0..20 {
        assert_done(&bench.robot(ROBOT_KEY, &robot_text("c")).await);
    }
    bench.robot_refuses(&[(robot_text("c"), 45009)]).await;
    assert_done(&bench.robot(OTHER_ROBOT_KEY, &robot_text("c")).await);
    bench.advance(Duration::from_secs(50));
    bench.robot_refuses(&[(robot_text("c"), 45009)]).await;
    bench.advance(Duration::from_secs(10));
    assert_done(&bench.robot(ROBOT_KEY, &robot_text("c")).await);
}

#[tokio::test]
async fn files_of_a_robot_are_its_own() {
    let bench = Client::start().await;
    let send = async |key, media_id: &str| {
        let body = json!({ "msgtype": "file", "file": { "media_id": media_id } });
        bench.robot(key, &body).await["errcode"].as_i64().unwrap()
    };
    assert_eq!(send(ROBOT_KEY, ROBOT_FILE_MEDIA_ID).await, 0);
    let path = format!("webhook/upload_media?key={ROBOT_KEY}&type=file");
    let reply = bench.form(&path, "表.txt", b"123456").await;
    assert_eq!((&reply["errcode"], &reply["type"]), (&json!(0), &json!("file")));
    let media_id = reply["media_id"].as_str().unwrap();
    assert_eq!(send(ROBOT_KEY, media_id).await, 0);
    assert_eq!(send(OTHER_ROBOT_KEY, media_id).await, 40007);
    bench.advance(3 * DAY);
    assert_eq!(send(ROBOT_KEY, media_id).await, 40007);

    for (query, content, code) in [
        (format!("key={ROBOT_KEY}&type=image"), &b"123456"[..], 40005),
        ("type=file".into(), b"123456", 40058),
        ("key=made-up&type=file".into(), b"123456", 93000),
        ("key=made-up&type=file".into(), b"", 44001),
        (format!("key={ROBOT_KEY}&type=file"), b"12345", 40006),
    ] {
        let reply = bench.form(&format!("webhook/upload_media?{query}"), "a.txt", content).await;
        assert_refused(&reply, code, &query);
    }
}

#[tokio::test]
async fn uploads_are_checked_and_serve_three_days() {
    let bench = Client::start().await;
    let reply = bench.upload(APP_SECRET, "image", "图.PNG", PIXEL).await;
    let image = message("image", json!({ "media_id": reply["media_id"] }));
    assert_done(
        &bench.post(OTHER_APP_SECRET, "message/send", &with(&image, json!({ "agentid": OTHER_AGENT_ID }))).await,
    );
    assert_done(&bench.post(APP_SECRET, "message/send", &image).await);
    bench.advance(3 * DAY - Duration::from_secs(60));
    assert_done(&bench.post(APP_SECRET, "message/send", &image).await);
    bench.advance(Duration::from_secs(60));
    bench.refuses(APP_SECRET, "message/send", &[(image, 40007)]).await;

    let sized = |magic: &[u8], size: usize| {
        let mut content = magic.to_vec();
        content.resize(size, 0);
        content
    };
    let cases = [
        ("picture", "a.png", PIXEL.to_vec(), 40005),
        ("image", "a.png", b"12345".to_vec(), 40006),
        ("image", "a.gif", PIXEL.to_vec(), 40004),
        ("image", "a.png", b"not an image".to_vec(), 40123),
        ("image", "a.png", PIXEL[..40].to_vec(), 40123),
        ("image", "a.png", sized(PIXEL, 10 * 1024 * 1024 + 1), 40009),
        ("voice", "a.mp3", b"#!AMR\n...".to_vec(), 40004),
        ("voice", "a.amr", sized(b"#!AMR\n", 2 * 1024 * 1024 + 1), 40006),
        ("voice", "a.amr", b"#!AMR\n...".to_vec(), 0),
        ("video", "a.mp4", b"\0\0\0\x18ftypmp42".to_vec(), 0),
        ("video", "a.mp4", sized(b"\0\0\0\x18ftyp", 10 * 1024 * 1024 + 1), 40011),
        ("file", "a", b"".to_vec(), 44001),
        ("file", "a", sized(b"", 20 * 1024 * 1024), 0),
        ("file", "a", sized(b"", 20 * 1024 * 1024 + 1), 45001),
    ];
    for (kind, filename, content, code) in cases {
        let reply = bench.upload(APP_SECRET, kind, filename, &content).await;
        assert_eq!(reply["errcode"], code, "{kind} {filename}: {reply}");
    }
    let token = bench.token(APP_SECRET).await;
    let path = format!("media/upload?access_token={token}&type=file");
    assert_refused(&bench.call("POST", &path, "{}").await, 44001, "not multipart");
    assert_refused(&bench.form(&path, "", b"123456").await, 41005, "no file name");
}

#[tokio::test]
async fn pictures_get_an_address() {
    let bench = Client::start().await;
    let token = bench.token(APP_SECRET).await;
    let path = format!("media/uploadimg?access_token={token}");
    let reply = bench.form(&path, "a.png", PIXEL).await;
    assert_eq!((&reply["errcode"], &reply["errmsg"]), (&json!(0), &json!("")));
    assert!(reply["url"].as_str().unwrap().starts_with("http://p.qpic.cn/pic_wework/"), "{reply}");
    let mut large = PIXEL.to_vec();
    large.resize(2 * 1024 * 1024, 0);
    assert_done(&bench.form(&path, "a.png", &large).await);
    large.push(0);
    for (content, code) in
        [(&b""[..], 44001), (b"12345", 40006), (b"not an image", 40123), (&PIXEL[..40], 40123), (&large, 40009)]
    {
        assert_refused(&bench.form(&path, "a.png", content).await, code, &code.to_string());
    }
}

#[tokio::test]
async fn media_are_downloaded_whole_and_in_part() {
    let bench = Client::start().await;
    let uploaded = bench.upload(OTHER_APP_SECRET, "file", "周报 7.txt", b"0123456789").await;
    let token = bench.token(APP_SECRET).await;
    let get = async |media_id: &str, range: Option<&str>| {
        let query = query(&[("access_token", &token), ("media_id", media_id)]);
        let mut request = request("GET", &format!("media/get?{query}"), "");
        if let Some(range) = range {
            request.headers_mut().insert("range", range.parse().unwrap());
        }
        let response = bench.connect().await.send_request(request).await.unwrap();
        let header = |name| {
            let value = response.headers().get(name).map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap());
            value.unwrap_or_default()
        };
        let headers = ["content-type", "content-disposition", "content-range"].map(header);
        (response.status().as_u16(), headers, response.into_body().collect().await.unwrap().to_bytes())
    };
    let media_id = uploaded["media_id"].as_str().unwrap();
    let named = "attachment; filename=\"周报 7.txt\"";
    let file = "application/octet-stream";
    let whole = (200, [file, named, ""].map(String::from), Bytes::from("0123456789"));
    assert_eq!(get(media_id, None).await, whole);
    assert_eq!(get(media_id, Some("bytes=5-4")).await, whole, "what is no range is passed over");
    let part = (206, [file, named, "bytes 2-5/10"].map(String::from), Bytes::from("2345"));
    assert_eq!(get(media_id, Some("bytes=2-5")).await, part);
    assert_eq!(get(media_id, Some("bytes=10-")).await.0, 416);
    let (status, headers, content) = get(IMAGE_MEDIA_ID, None).await;
    assert_eq!((status, headers[0].as_str(), &content[..]), (200, "image/png", PIXEL));

    for (query, code) in [(&[("media_id", "made-up")][..], 40007), (&[("media_id", "")], 41006), (&[], 41006)] {
        assert_refused(&bench.get(APP_SECRET, "media/get", query).await, code, &format!("{query:?}"));
    }
    bench.advance(3 * DAY);
    let query = [("media_id", media_id)];
    assert_refused(&bench.get(APP_SECRET, "media/get", &query).await, 40007, "three days later");
}

// ---------------------------------------------------------------------------------------------- HTTP and handle

#[tokio::test]
async fn a_post_needs_a_content_length() {
    let bench = Client::start().await;
    let path = format!("POST /cgi-bin/webhook/send?key={ROBOT_KEY} HTTP/1.1\r\nHost: x\r\n");
    let body = robot_text("c").to_string();
    let chunked = format!("{path}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for raw in [chunked, format!("{path}\r\n")] {
        let mut stream = TcpStream::connect(("127.0.0.1", bench.0.port())).await.unwrap();
        stream.write_all(raw.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 412");
    }
    let requests = bench.0.requests();
    assert_eq!(requests[0].body, body);
    assert_eq!((requests[0].status, requests[0].errcode), (412, None));
    assert!(snapshot(&bench.0).3.is_empty());
}

#[tokio::test]
async fn pages_of_the_gateway_are_not_json() {
    let bench = Client::start().await;
    for path in ["nowhere", "message/send/", "", "Message/send"] {
        let (status, page) = bench.exchange(request("POST", path, "{}")).await;
        assert_eq!((status, page), (404, Bytes::new()), "{path}");
    }
    let (status, page) = bench.exchange(request("POST", "message/send", vec![b' '; 33 << 20])).await;
    assert_eq!(status, 413);
    assert!(page.starts_with(b"<html>"));
}

#[tokio::test]
async fn a_connection_is_kept_and_everything_is_recorded() {
    let bench = Client::start().await;
    assert_eq!(bench.0.base_url(), format!("http://127.0.0.1:{}", bench.0.port()));
    let mut sender = bench.connect().await;
    for _ in 0..3 {
        let path = format!("webhook/send?key={ROBOT_KEY}");
        let request = request("POST", &path, robot_text("你好").to_string());
        let (status, _) = send(&mut sender, request).await.unwrap();
        assert_eq!(status, 200);
    }
    send(&mut sender, request("GET", "gettoken?corpid=%E5%BC%A0+&corpid=b", "")).await.unwrap();

    let requests = bench.0.requests();
    assert_eq!(requests.len(), 4);
    let Recorded { method, path, pairs, headers, body, status, errcode, reply, .. } = &requests[2];
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/cgi-bin/webhook/send"));
    assert_eq!(pairs, &[("key".to_owned(), ROBOT_KEY.to_owned())]);
    assert!(headers.contains(&("host".into(), "127.0.0.1".into())));
    assert_eq!(body, &robot_text("你好").to_string());
    assert_eq!((*status, *errcode), (200, Some(0)));
    assert_eq!(reply, "{\"errcode\":0,\"errmsg\":\"ok\"}");
    assert_eq!(requests[3].query, "corpid=%E5%BC%A0+&corpid=b");
    assert_eq!(requests[3].pairs[0], ("corpid".to_owned(), "张 ".to_owned()));
    assert_eq!(requests[3].errcode, Some(40058));

    bench.0.clear_requests();
    assert!(bench.0.requests().is_empty());
}

#[tokio::test]
async fn disturbances_hit_the_next_request() {
    let bench = Client::start().await;
    let sent = || snapshot(&bench.0).3.len();
    let path = format!("webhook/send?key={ROBOT_KEY}");
    let post = async || {
        let request = request("POST", &path, robot_text("c").to_string());
        send(&mut bench.connect().await, request).await
    };
    bench.0.disturb_next(Disturbance::Page(502));
    assert_eq!(post().await.unwrap().0, 502);
    bench.0.disturb_next(Disturbance::LoseRequest);
    assert!(post().await.is_err());
    assert_eq!(sent(), 0);
    bench.0.disturb_next(Disturbance::LoseReply);
    assert!(post().await.is_err());
    assert_eq!(sent(), 1);
    bench.0.disturb_next(Disturbance::Replace("{\"errcode\"".into()));
    assert_eq!(post().await.unwrap(), (200, "{\"errcode\"".into()));
    bench.0.disturb_next(Disturbance::Delay(Duration::from_millis(50)));
    let began = std::time::Instant::now();
    assert_eq!(post().await.unwrap().0, 200);
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert_eq!(sent(), 3);
}

/// What another process orders and reads is no call: it meets no fault, and is not recorded.
#[tokio::test]
async fn faults_are_ordered_and_messages_are_read_by_http() {
    let bench = Client::start().await;
    let control = async |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = request(method, "", body);
        *request.uri_mut() = format!("/simulator/{path}").parse().unwrap();
        let (status, reply) = bench.exchange(request).await;
        (status, serde_json::from_slice::<Value>(&reply).unwrap_or_default())
    };
    let ordered = control("POST", "faults", json!([{ "status": 502 }, { "errcode": 45009 }])).await;
    assert_eq!(ordered, (200, json!({ "ordered": 2 })));
    assert_eq!(control("GET", "messages", Value::Null).await, (200, json!([])));
    let send = async || {
        let path = format!("webhook/send?key={ROBOT_KEY}");
        let (status, reply) = bench.exchange(request("POST", &path, robot_text("c").to_string())).await;
        (status, serde_json::from_slice::<Value>(&reply).unwrap_or_default()["errcode"].as_i64())
    };
    assert_eq!(send().await, (502, None));
    assert_eq!(send().await, (200, Some(45009)));
    assert_eq!(send().await, (200, Some(0)));
    let (_, messages) = control("GET", "messages", Value::Null).await;
    let target = json!({ "kind": "robot", "key": ROBOT_KEY });
    assert_eq!((&messages[0]["target"], &messages[0]["body"]), (&target, &robot_text("c")));
    assert_eq!(control("POST", "clock", json!({ "advance": 7200 })).await.0, 200);
    assert!(bench.0.with_world(|world| world.now()) >= Duration::from_secs(7200));
    assert_eq!(control("POST", "faults", json!({})).await.0, 400);
    assert_eq!(control("GET", "nothing", Value::Null).await, (404, Value::Null));
    assert_eq!(bench.0.requests().len(), 3);
}

/// As wechatpy and corpwechatbot send it.
#[tokio::test]
async fn what_clients_in_production_send_is_taken_unless_strict() {
    let body = json!({
        "touser": "zhangsan | lisi", "toparty": "", "totag": null, "agentid": AGENT_ID.to_string(), "chatid": "",
        "msgtype": "markdown", "markdown": { "content": "c", "strange": 1 }, "safe": 0, "enable_id_trans": null,
    });
    let member = json!({
        "userid": "chenjiu", "name": "陈九", "mobile": "13800009999", "gender": 0, "department": ["3"], "weixinid": "x",
    });
    let strict = Client::start().await;
    strict.refuses(APP_SECRET, "message/send", &[(body.clone(), 40063)]).await;
    strict.refuses(CONTACTS_SECRET, "user/create", &[(member.clone(), 40058)]).await;

    let bench = Client::with(Options::default()).await;
    assert_done(&bench.post(APP_SECRET, "message/send", &body).await);
    let message = bench.last_message();
    let Target::Members { userids, .. } = &message.target else { panic!("{message:?}") };
    assert_eq!(userids.iter().map(|userid| userid.to_ascii_lowercase()).collect::<Vec<_>>(), ["lisi", "zhangsan"]);
    assert_eq!(message.body, body, "kept as it came");
    assert_done(&bench.post(CONTACTS_SECRET, "user/create", &member).await);
    assert_eq!(bench.member("chenjiu").gender, None);
    bench.refuses(APP_SECRET, "message/send", &[(with(&body, json!({ "safe": 1 })), 40074)]).await;
    let reply = bench.upload(APP_SECRET, "image", "", PIXEL).await;
    assert_done(&reply);
    assert_done(&bench.get(APP_SECRET, "department/get", &[("id", "3"), ("debug", "1")]).await);
}

#[tokio::test]
async fn a_dropped_simulator_leaves_nothing_running() {
    let bench = Client::start().await;
    let port = bench.0.port();
    let mut idle = bench.connect().await;
    send(&mut idle, request("GET", "gettoken", "")).await.unwrap();
    drop(bench);
    let mut attempts = 0;
    while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
        attempts += 1;
        assert!(attempts < 100, "still listening");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(send(&mut idle, request("GET", "gettoken", "")).await.is_err());
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let bench = Client::start().await;
    let port = bench.0.port();
    let _idle = bench.connect().await;
    bench.0.stop().await;
    let again = Client::with(Options { port, ..Options::strict() }).await;
    assert_eq!(again.0.port(), port);
    let taken = Simulator::start(Options { port, ..Options::strict() }).await;
    assert_eq!(taken.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn the_handle_works_outside_the_runtime() {
    fn shared<T: Send + Sync>(value: T) -> T {
        value
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let bench = shared(Client(runtime.block_on(Simulator::start(Options::strict())).unwrap()));
    bench.advance(DAY);
    runtime.block_on(bench.token(APP_SECRET));
    assert_eq!(bench.0.with_world(|world| world.tokens_issued()), 1);
    assert!(bench.0.with_world(|world| world.now()) >= DAY);
    assert_eq!(bench.0.requests().len(), 1);
    drop(bench);
}

#[test]
fn secrets_have_the_form_of_real_ones() {
    for secret in [CONTACTS_SECRET, APP_SECRET, OTHER_APP_SECRET, LIMITED_APP_SECRET] {
        assert_eq!(secret.len(), 43, "{secret}");
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(secret.bytes().all(allowed), "{secret}");
    }
    assert_eq!(CORP_ID.len(), 18);
    for key in [ROBOT_KEY, OTHER_ROBOT_KEY] {
        let lengths: Vec<_> = key.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{key}");
    }
}

// ---------------------------------------------------------------------------------------------------- cards

/// A card of that kind to one member, with its own task ID.
fn template_card(card_type: &str) -> Value {
    let options = json!([{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]);
    let mut card = json!({
        "card_type": card_type,
        "source": {"icon_url": "https://example.com/icon.png", "desc": "Source"},
        "main_title": {"title": "Title", "desc": "one\ntwo"},
    });
    let parts = match card_type {
        "vote_interaction" => json!({
            "checkbox": {"question_key": "q", "mode": 1, "option_list": options},
            "submit_button": {"text": "Send", "key": "k"},
        }),
        "multiple_interaction" => json!({
            "select_list": [{"question_key": "q", "title": "T", "selected_id": "b", "option_list": options}],
            "submit_button": {"key": "k"},
        }),
        _ => json!({
            "quote_area": {"type": 1, "url": "https://example.com", "title": "T", "quote_text": "Q"},
            "horizontal_content_list": [
                {"keyname": "K", "value": "V"},
                {"type": 1, "keyname": "K", "url": "https://example.com"},
                {"type": 2, "keyname": "K", "value": "a.pdf", "media_id": FILE_MEDIA_ID},
                {"type": 3, "keyname": "K", "userid": ZHANGSAN},
            ],
            "card_action": {"type": 2, "appid": "wx1", "pagepath": "pages/index"},
        }),
    };
    card = with(&card, parts);
    let own = match card_type {
        "text_notice" => json!({"sub_title_text": "S", "emphasis_content": {"title": "1"}, "jump_list": []}),
        "news_notice" => json!({
            "card_image": {"url": "https://example.com/a.png", "aspect_ratio": 2.25},
            "vertical_content_list": [{"title": "T", "desc": "D"}],
            "jump_list": [{"title": "J", "type": 1, "url": "https://example.com"}],
        }),
        "button_interaction" => json!({
            "button_list": [{"text": "B", "key": "k", "style": 2}, {"text": "O", "type": 1, "url": "https://example.com"}],
            "button_selection": {"question_key": "q", "option_list": options},
        }),
        _ => json!({}),
    };
    with(&card, own)
}

/// The card with this at the pointer; null takes it away.
fn changed(card: &Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut card = card.clone();
    let parent = card.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer}"));
    match value {
        Value::Null => {
            parent.as_object_mut().unwrap().remove(name);
        }
        value => match name.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => parent[name] = value,
        },
    }
    card
}

#[tokio::test]
async fn cards_are_refused_with_one_code_for_each_missing_piece() {
    let client = Client::start().await;
    let task = json!({"task_id": "t"});
    let text = template_card("text_notice");
    let news = template_card("news_notice");
    let button = with(&template_card("button_interaction"), task.clone());
    let vote = with(&template_card("vote_interaction"), task.clone());
    let multiple = with(&template_card("multiple_interaction"), task);
    let entry = json!({"text": "T", "key": "k"});
    let menu = |entries: Value| with(&text, json!({"task_id": "t", "action_menu": {"action_list": entries}}));
    let many = |entry: Value, count: usize| Value::from(vec![entry; count]);
    let option = |id: &str| json!({"id": id, "text": "T"});
    let cases = [
        (changed(&text, "/card_type", "card".into()), 42031),
        (changed(&text, "/horizontal_content_list/0/keyname", Value::Null), 42027),
        (changed(&text, "/horizontal_content_list/1/url", Value::Null), 42028),
        (changed(&text, "/horizontal_content_list/2/media_id", Value::Null), 42029),
        (changed(&text, "/horizontal_content_list/3/userid", Value::Null), 42050),
        (changed(&text, "/horizontal_content_list", many(json!({"keyname": "K"}), 7)), 42035),
        (changed(&text, "/card_action/appid", Value::Null), 42030),
        (changed(&text, "/card_action/type", 0.into()), 42045),
        (changed(&text, "/card_action", Value::Null), 42045),
        (changed(&text, "/jump_list", many(json!({"title": "J"}), 4)), 42042),
        (changed(&text, "/jump_list", json!([{"type": 1, "url": "u"}])), 42033),
        (changed(&changed(&text, "/main_title/title", Value::Null), "/sub_title_text", Value::Null), 41016),
        (menu(json!([entry, entry])), 42051),
        (changed(&menu(json!([entry])), "/task_id", Value::Null), 42014),
        (changed(&menu(json!([entry])), "/task_id", "t t".into()), 42014),
        (changed(&text, "/colour", 1.into()), 40058),
        (changed(&news, "/card_image", Value::Null), 42044),
        (changed(&news, "/card_image/aspect_ratio", 2.26.into()), 40058),
        (changed(&news, "/main_title", Value::Null), 41016),
        (changed(&news, "/vertical_content_list", many(json!({"title": "T"}), 5)), 42036),
        (changed(&news, "/vertical_content_list/0/title", Value::Null), 42033),
        (changed(&button, "/button_list/0/text", Value::Null), 42038),
        (changed(&button, "/button_list/0/key", Value::Null), 42039),
        (changed(&button, "/button_list/1", json!({"text": "B", "key": "k"})), 42039),
        (changed(&button, "/button_list/1/url", Value::Null), 42028),
        (changed(&button, "/button_selection/question_key", Value::Null), 42043),
        (changed(&vote, "/checkbox/option_list", json!([])), 42037),
        (changed(&vote, "/checkbox/option_list", json!([{"text": "A"}])), 42040),
        (changed(&vote, "/checkbox/option_list", many(option("a"), 2)), 42040),
        (changed(&vote, "/checkbox/option_list/0/text", Value::Null), 42041),
        (changed(&vote, "/checkbox/option_list/0/is_checked", 1.into()), 40058),
        (changed(&vote, "/checkbox/disable", true.into()), 40058),
        (changed(&vote, "/submit_button", Value::Null), 42046),
        (changed(&vote, "/source/desc_color", 1.into()), 40058),
        (changed(&multiple, "/select_list", json!([])), 42047),
        (changed(&multiple, "/select_list/0/option_list", many(option("a"), 11)), 42037),
        (changed(&multiple, "/submit_button/key", Value::Null), 42046),
    ];
    let cases: Vec<_> = cases.into_iter().map(|(card, code)| (message("template_card", card), code)).collect();
    client.refuses(APP_SECRET, "message/send", &cases).await;
    // The other application hears of nothing that members choose.
    let from_other = |card: &Value| with(&message("template_card", card.clone()), json!({"agentid": OTHER_AGENT_ID}));
    client.refuses(OTHER_APP_SECRET, "message/send", &[(from_other(&vote), 43012)]).await;
    let sent = client.post(OTHER_APP_SECRET, "message/send", &from_other(&text)).await;
    assert_done(&sent);
    assert_eq!(sent["response_code"], Value::Null, "a notice without a menu cannot be updated");

    let robot = |card: &Value| json!({"msgtype": "template_card", "template_card": card});
    let file = "/horizontal_content_list/2/media_id";
    let [text, news] = [text, news].map(|card| changed(&card, file, ROBOT_FILE_MEDIA_ID.into()));
    for card in [&text, &news] {
        assert_done(&client.robot(ROBOT_KEY, &robot(card)).await);
    }
    client
        .robot_refuses(&[
            (robot(&vote), 42031),
            (robot(&changed(&text, "/task_id", "t".into())), 40058),
            (robot(&changed(&text, "/action_menu", json!({"action_list": [entry]}))), 40058),
            (robot(&changed(&text, file, FILE_MEDIA_ID.into())), 40007),
        ])
        .await;
}

#[tokio::test]
async fn a_card_is_updated_once_within_three_days_by_its_sender() {
    let client = Client::start().await;
    let sent = async |task_id: &str| {
        let card = with(&template_card("button_interaction"), json!({"task_id": task_id}));
        let reply = client.post(APP_SECRET, "message/send", &message("template_card", card)).await;
        assert_done(&reply);
        reply
    };
    let update = |code: &Value, changes: Value| {
        let update = json!({"agentid": AGENT_ID, "response_code": code, "userids": [ZHANGSAN], "button": {"replace_name": "OK"}});
        with(&update, changes)
    };
    let api = "message/update_template_card";
    let first = sent("first").await;
    let again = with(&template_card("vote_interaction"), json!({"task_id": "first"}));
    client.refuses(APP_SECRET, "message/send", &[(message("template_card", again), 42014)]).await;

    let code = &first["response_code"];
    let replacement = changed(&template_card("vote_interaction"), "/checkbox/disable", true.into());
    client
        .refuses(
            APP_SECRET,
            api,
            &[
                (update(code, json!({"userids": null})), 82101),
                (update(code, json!({"userids": null, "atall": 0})), 82101),
                (update(code, json!({"userids": [WANGWU]})), 82102),
                (update(code, json!({"userids": null, "partyids": [SALES_DEPARTMENT_ID]})), 82102),
                (update(code, json!({"button": {}})), 42020),
                (update(code, json!({"button": null})), 40063),
                (update(code, json!({"template_card": replacement})), 40063),
                (update(code, json!({"agentid": null})), 41011),
                (update(code, json!({"agentid": OTHER_AGENT_ID})), 40056),
                (update(&"unknown".into(), json!({})), 60140),
            ],
        )
        .await;
    let by_other = update(code, json!({"agentid": OTHER_AGENT_ID}));
    client.refuses(OTHER_APP_SECRET, api, &[(by_other, 42015)]).await;
    let reply = client.post(APP_SECRET, api, &update(code, json!({"userids": ["ZhangSan", "WangWu"]}))).await;
    assert_done(&reply);
    assert_eq!(reply["invaliduser"], json!(["wangwu"]));
    client.refuses(APP_SECRET, api, &[(update(code, json!({})), 60140)]).await;

    let second = sent("second").await;
    let by_card =
        json!({"button": null, "template_card": replacement, "userids": null, "atall": 1, "enable_id_trans": 1});
    assert_done(&client.post(APP_SECRET, api, &update(&second["response_code"], by_card)).await);

    let third = sent("third").await;
    assert_done(&client.post(APP_SECRET, "message/recall", &json!({"msgid": third["msgid"]})).await);
    client.refuses(APP_SECRET, api, &[(update(&third["response_code"], json!({})), 42016)]).await;

    let fourth = sent("fourth").await;
    client.advance(3 * DAY);
    client.refuses(APP_SECRET, api, &[(update(&fourth["response_code"], json!({})), 60140)]).await;
}
