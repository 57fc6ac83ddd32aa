//! The simulator's callbacks: what it sends, and what it makes of the answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use host_test::plain;
use host_test::simulator::seed::*;
use host_test::simulator::{Options, Press, Simulator, Source, State};
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wecom_connector::callback::{self, Event};
use wecom_connector::connection::CheckedCallback;

const TOKEN: &str = "TOKENofTheCallback7";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

/// How a request is answered.
#[derive(Clone)]
enum Reply {
    /// With this status and body.
    With(u16, Bytes),
    /// Not at all for as long.
    After(Duration),
    /// The connection closes.
    Never,
    /// With 200, and the echo between these.
    Quoted(&'static str, &'static str),
    /// With 200, and this reply to the event.
    Passive(Value),
}

/// What has arrived: query and body.
type Arrived = Arc<Mutex<Vec<(String, String)>>>;

/// A receiver of callbacks that answers as it is told; otherwise as it should.
struct Receiver {
    url: String,
    arrived: Arrived,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    server: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn connection() -> CheckedCallback {
    let text = json!({"type": "callback", "token": TOKEN, "encoding_aes_key": KEY, "receive_id": CORP_ID}).to_string();
    callback::connection(&text).unwrap()
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://127.0.0.1:{}/wecom?tenant=7", listener.local_addr().unwrap().port());
        let arrived = Arrived::default();
        let replies = Arc::<Mutex<VecDeque<Reply>>>::default();
        let server = tokio::spawn(serve(listener, Arc::clone(&arrived), Arc::clone(&replies)));
        Self { url, arrived, replies, server }
    }

    fn will(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().extend(replies);
    }

    /// What was posted so far.
    fn posts(&self) -> Vec<(String, String)> {
        self.arrived.lock().unwrap().iter().filter(|(_, body)| !body.is_empty()).cloned().collect()
    }

    /// The same as the connector reads it.
    fn events(&self) -> Vec<Event> {
        self.posts().iter().map(|(query, body)| read(query, body)).collect()
    }
}

fn read(query: &str, body: &str) -> Event {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    callback::decrypt_message(&connection(), query, body.as_bytes(), Some(now)).unwrap()
}

async fn serve(listener: TcpListener, arrived: Arrived, replies: Arc<Mutex<VecDeque<Reply>>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (arrived, replies) = (Arc::clone(&arrived), Arc::clone(&replies));
        tokio::spawn(async move {
            let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| async {
                let query = request.uri().query().unwrap_or_default().to_owned();
                let is_post = request.method() == "POST";
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let body = String::from_utf8(body.to_vec()).unwrap();
                arrived.lock().unwrap().push((query.clone(), body.clone()));
                let reply = replies.lock().unwrap().pop_front();
                let (status, answer) = match reply {
                    Some(Reply::With(status, body)) => (status, body),
                    Some(Reply::After(time)) => {
                        tokio::time::sleep(time).await;
                        (200, Bytes::new())
                    }
                    Some(Reply::Never) => return Err("no answer"),
                    Some(Reply::Quoted(before, after)) => {
                        let echo = callback::verify_url(&connection(), &query, None).unwrap();
                        (200, format!("{before}{echo}{after}").into())
                    }
                    Some(Reply::Passive(reply)) => {
                        let event = read(&query, &body);
                        let answer =
                            callback::encrypt_reply(&connection(), &event, &reply.to_string(), 1_700_000_000, &[7; 16]);
                        (200, answer.unwrap().body.into())
                    }
                    None if is_post => (200, Bytes::new()),
                    None => (200, callback::verify_url(&connection(), &query, None).unwrap().into()),
                };
                Ok(hyper::Response::builder().status(status).body(Full::new(answer)).unwrap())
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A simulator, and a receiver of its callbacks.
async fn start(sources: &[Source]) -> (Simulator, Receiver) {
    start_with(Options::strict(), sources).await
}

async fn start_with(options: Options, sources: &[Source]) -> (Simulator, Receiver) {
    let simulator = Simulator::start(options).await.unwrap();
    let receiver = Receiver::start().await;
    for source in sources {
        simulator.set_callback(*source, &receiver.url, TOKEN, KEY).await.unwrap();
    }
    (simulator, receiver)
}

const APP: Source = Source::App(AGENT_ID);

/// Calls the simulator below `/simulator/`.
async fn control(simulator: &Simulator, method: &str, what: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/simulator/{what}", simulator.base_url()).parse().unwrap();
    let body = if method == "GET" { String::new() } else { body.to_string() };
    let answer = plain::exchange(method.parse().unwrap(), &url, None, body).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// Calls an API with a token of that secret.
async fn call(simulator: &Simulator, secret: &str, path: &str, body: Value) -> Value {
    let ask = async |method: &str, path: String, body: String| {
        let url = format!("{}/cgi-bin/{path}", simulator.base_url()).parse().unwrap();
        let answer = plain::exchange(method.parse().unwrap(), &url, None, body).await.unwrap();
        serde_json::from_slice::<Value>(&answer.body).unwrap()
    };
    let token = ask("GET", format!("gettoken?corpid={CORP_ID}&corpsecret={secret}"), String::new()).await;
    let joint = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{joint}access_token={}", token["access_token"].as_str().unwrap());
    let reply = match body {
        Value::Null => ask("GET", path, String::new()).await,
        body => ask("POST", path, body.to_string()).await,
    };
    assert_eq!(reply["errcode"], 0, "{reply}");
    reply
}

fn card() -> Value {
    json!({
        "touser": "zhangsan|LiSi", "msgtype": "template_card", "agentid": AGENT_ID,
        "template_card": {
            "card_type": "button_interaction", "main_title": {"title": "请假"}, "task_id": "leave-1",
            "button_selection": {"question_key": "days", "option_list": [{"id": "1", "text": "一天"}, {"id": "2", "text": "两天"}]},
            "button_list": [{"text": "同意", "key": "approve"}, {"text": "拒绝", "key": "refuse"},
                {"text": "查看", "type": 1, "url": "https://example.com"}],
        },
    })
}

fn press(key: &str) -> Press {
    Press { user_id: "zhangsan".into(), key: key.into(), ..Press::default() }
}

#[tokio::test]
async fn a_url_is_set_only_where_it_answers_well() {
    let (simulator, receiver) = start(&[]).await;
    let url = json!({"agent_id": AGENT_ID, "url": receiver.url, "token": TOKEN, "encoding_aes_key": KEY});
    let with = |name: &str, value: Value| {
        let mut url = url.clone();
        url[name] = value;
        url
    };
    for (order, words) in [
        (json!({}), "is expected"),
        (with("agent_id", json!(7)), "there is no application 7"),
        (with("agent_id", json!("everything")), "is expected"),
        (with("token", json!("a-b")), "1 to 32 letters and digits"),
        (with("token", json!("t".repeat(33))), "1 to 32 letters and digits"),
        (with("encoding_aes_key", json!(&KEY[1..])), "43 letters and digits"),
        (with("encoding_aes_key", json!(KEY.replace('j', "+"))), "43 letters and digits"),
        (with("url", json!("https://example.com/")), "http://"),
        (with("url", json!("http://127.0.0.1:1/")), "no connection"),
    ] {
        let (status, answer) = control(&simulator, "POST", "callback", &order).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{words} is not in {answer}");
    }
    for (reply, words) in [
        (Reply::With(403, Bytes::new()), "HTTP status 403"),
        (Reply::With(200, Bytes::new()), "empty"),
        (Reply::With(200, "12".into()), "not the decrypted echostr"),
        (Reply::Quoted("\"", "\""), "something round it"),
        (Reply::Quoted("\u{feff}", ""), "something round it"),
        (Reply::Quoted("", "\n"), "something round it"),
        (Reply::After(Duration::from_millis(1200)), "within a second"),
        (Reply::Never, "broke off"),
    ] {
        receiver.will([reply]);
        let (status, answer) = control(&simulator, "POST", "callback", &url).await;
        assert_eq!(status, 400, "{answer}");
        let wrong = answer["error"].as_str().unwrap();
        assert!(wrong.contains(words), "{words} is not in {wrong}");
        assert!(!wrong.contains(TOKEN) && !wrong.contains(KEY), "{wrong}");
    }
    let (status, wrong) =
        control(&simulator, "POST", "enter", &json!({"user_id": "zhangsan", "agent_id": AGENT_ID})).await;
    assert_eq!(status, 400, "{wrong}");
    assert!(wrong["error"].as_str().unwrap().contains("set a callback URL"), "{wrong}");

    assert_eq!(control(&simulator, "POST", "callback", &url).await, (200, json!({"errcode": 0, "errmsg": "ok"})));
    let (query, body) = receiver.arrived.lock().unwrap().last().cloned().unwrap();
    assert!(query.starts_with("tenant=7&msg_signature=") && body.is_empty(), "{query}");
    // It is Base64, whose signs are encoded.
    let (_, echo) = query.split_once("&echostr=").unwrap();
    assert!(echo.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{query}");
    let echo = callback::verify_url(&connection(), &query, None).unwrap();
    assert!(echo.len() == 19 && echo.bytes().all(|byte| byte.is_ascii_digit()), "{echo}");
    // The other application could not send cards before it had a URL.
    let other = json!({"agent_id": OTHER_AGENT_ID, "url": receiver.url, "token": TOKEN, "encoding_aes_key": KEY});
    assert_eq!(control(&simulator, "POST", "callback", &other).await.0, 200);
    let mut sent = card();
    sent["agentid"] = OTHER_AGENT_ID.into();
    call(&simulator, OTHER_APP_SECRET, "message/send", sent).await;
}

#[tokio::test]
async fn a_member_writes_and_enters() {
    let (simulator, receiver) = start(&[APP]).await;
    let order = json!({"user_id": "ZhangSan", "agent_id": AGENT_ID, "content": "你好 ]]> <b>"});
    let (_, told) = control(&simulator, "POST", "write", &order).await;
    assert_eq!(told["callback"], 1, "{told}");
    simulator.callbacks_sent().await;
    let order = json!({"user_id": "zhangsan", "agent_id": AGENT_ID});
    assert_eq!(control(&simulator, "POST", "enter", &order).await.0, 200);
    simulator.callbacks_sent().await;
    let events = receiver.events();
    let [text, entered] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (&*text.topic, text.from_user.as_deref(), text.to.as_deref()),
        ("text", Some("zhangsan"), Some(CORP_ID))
    );
    assert_eq!(text.agent_id, Some(AGENT_ID.unsigned_abs()));
    let fields: Value = serde_json::from_str(&text.json).unwrap();
    assert_eq!(fields["content"], "你好 ]]> <b>");
    assert!(fields["msg_id"].as_str().is_some_and(|id| id.len() == 19), "{fields}");
    assert_eq!(entered.topic, "event/enter_agent");
    let (_, body) = &receiver.posts()[0];
    let head = format!("<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><Encrypt><![CDATA[");
    assert!(body.starts_with(&head) && body.ends_with("<AgentID><![CDATA[1000002]]></AgentID></xml>"), "{body}");

    for (path, order, words) in [
        ("write", json!({"user_id": "nobody", "agent_id": AGENT_ID, "content": "x"}), "no member nobody"),
        ("write", json!({"user_id": "zhangsan", "agent_id": AGENT_ID, "content": ""}), "nothing"),
        ("write", json!({"user_id": "zhangsan"}), "is expected"),
        ("enter", json!({"user_id": "zhangsan", "agent_id": 7}), "no application 7"),
        ("enter", json!({"user_id": "zhouba", "agent_id": AGENT_ID}), "no member zhouba"),
        ("enter", json!({"user_id": "zhangsan", "agent_id": LIMITED_AGENT_ID}), "does not see"),
        ("press", json!({"user_id": "zhangsan", "key": "approve"}), "got no such card"),
    ] {
        let (status, answer) = control(&simulator, "POST", path, &order).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{words} is not in {answer}");
    }
    assert_eq!(control(&simulator, "GET", "callbacks/2", &Value::Null).await.1["state"], "delivered");
    assert_eq!(control(&simulator, "GET", "callbacks/3", &Value::Null).await.0, 404);
}

#[tokio::test]
async fn what_was_not_answered_with_200_is_sent_three_more_times() {
    let options = Options { callback_timeout: Duration::from_millis(600), ..Options::strict() };
    let (simulator, receiver) = start_with(options, &[APP]).await;
    receiver.will([Reply::With(500, Bytes::new()), Reply::Never, Reply::After(Duration::from_secs(2))]);
    let began = std::time::Instant::now();
    simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
    simulator.callbacks_sent().await;
    assert!(began.elapsed() >= Duration::from_millis(1800), "{:?}", began.elapsed());
    let events = receiver.events();
    assert_eq!(events.len(), 4);
    // The same message, each time with a nonce of its own.
    assert!(events.iter().all(|event| event.key == events[0].key && event.json == events[0].json));
    let mut nonces: Vec<&str> = events.iter().map(|event| event.nonce.as_str()).collect();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), 4);
    let (_, list) = control(&simulator, "GET", "callbacks", &Value::Null).await;
    let attempts = &list[0]["attempts"];
    assert_eq!((&attempts[0]["status"], &attempts[3]["status"]), (&json!(500), &json!(200)), "{list}");
    assert!(attempts[1]["failure"].as_str().unwrap().contains("broke off"), "{list}");
    assert_eq!(attempts[2]["failure"], "no answer within 600 ms");
    assert_eq!(list[0]["state"], "delivered");

    receiver.will(vec![Reply::With(403, Bytes::new()); 4]);
    simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
    simulator.callbacks_sent().await;
    assert_eq!(receiver.events().len(), 8);
    let lost = simulator.with_world(|world| world.callbacks()[1].state);
    assert_eq!(lost, State::Lost);
    let (_, list) = control(&simulator, "GET", "callbacks", &Value::Null).await;
    assert_eq!((&list[1]["state"], list[1]["attempts"].as_array().unwrap().len()), (&json!("lost"), 4), "{list}");
    assert!(!list.to_string().contains(TOKEN) && !list.to_string().contains(KEY), "{list}");
}

#[tokio::test]
async fn a_pressed_card_can_be_updated_once() {
    let (simulator, receiver) = start(&[APP]).await;
    let sent = call(&simulator, APP_SECRET, "message/send", card()).await;
    for (order, words) in [
        (json!({"user_id": "zhangsan", "key": "no"}), "it has approve, refuse"),
        (json!({"user_id": "zhangsan", "key": "approve", "task_id": "leave-2"}), "no such card"),
        (json!({"user_id": "wangwu", "key": "approve"}), "no such card"),
        (json!({"user_id": "zhangsan", "key": "approve", "selected": {"hours": ["1"]}}), "no question"),
        (json!({"user_id": "zhangsan", "key": "approve", "selected": {"days": ["3"]}}), "no option"),
        (json!({"user_id": "zhangsan", "key": "approve", "selected": {"days": ["1", "2"]}}), "takes one"),
    ] {
        let (status, answer) = control(&simulator, "POST", "press", &order).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{words} is not in {answer}");
    }
    let order = json!({"user_id": "zhangsan", "key": "approve", "msgid": sent["msgid"], "selected": {"days": "2"}});
    assert_eq!(control(&simulator, "POST", "press", &order).await.0, 200);
    simulator.callbacks_sent().await;
    let event = receiver.events().pop().unwrap();
    let fields: Value = serde_json::from_str(&event.json).unwrap();
    assert_eq!((&*event.topic, event.from_user.as_deref()), ("event/template_card_event", Some("zhangsan")));
    assert_eq!(fields["event_key"], "approve");
    assert_eq!((&fields["task_id"], &fields["card_type"]), (&json!("leave-1"), &json!("button_interaction")));
    assert_eq!(fields["selected_items"], json!([{"question_key": "days", "option_ids": ["2"]}]));
    let code = fields["response_code"].as_str().unwrap();
    assert_ne!(Some(code), sent["response_code"].as_str());

    let update = json!({"userids": ["zhangsan"], "agentid": AGENT_ID, "response_code": code, "button": {"replace_name": "已同意"}});
    call(&simulator, APP_SECRET, "message/update_template_card", update.clone()).await;
    let updates = simulator.with_world(|world| world.messages()[0].updates.clone());
    assert_eq!(json!(updates), json!({"zhangsan": {"button": {"replace_name": "已同意"}}}));
    let (_, messages) = control(&simulator, "GET", "messages", &Value::Null).await;
    assert_eq!(messages[0]["updates"]["zhangsan"]["button"]["replace_name"], "已同意");
    // Once, and not by a member for whom the button is another by now.
    let again = simulator.with_world(|world| world.press(&press("approve")));
    assert!(again.unwrap_err().contains("已同意"));
    let lisi = Press { user_id: LISI.into(), ..press("refuse") };
    simulator.with_world(|world| world.press(&lisi)).unwrap();
    simulator.callbacks_sent().await;
    let fields: Value = serde_json::from_str(&receiver.events().pop().unwrap().json).unwrap();
    assert_eq!(fields["selected_items"], json!([{"question_key": "days", "option_ids": ["1"]}]));
}

#[tokio::test]
async fn votes_and_menus_are_told_as_they_are() {
    let (simulator, receiver) = start(&[APP]).await;
    let vote = json!({
        "touser": "zhangsan", "msgtype": "template_card", "agentid": AGENT_ID,
        "template_card": {
            "card_type": "vote_interaction", "main_title": {"title": "午餐"}, "task_id": "lunch",
            "checkbox": {"question_key": "what", "mode": 1, "option_list": [
                {"id": "rice", "text": "饭", "is_checked": true}, {"id": "soup", "text": "汤"}]},
            "submit_button": {"text": "投票", "key": "vote"},
        },
    });
    call(&simulator, APP_SECRET, "message/send", vote).await;
    let notice = json!({
        "touser": "zhangsan", "msgtype": "template_card", "agentid": AGENT_ID,
        "template_card": {
            "card_type": "text_notice", "main_title": {"title": "通知"}, "task_id": "note",
            "card_action": {"type": 1, "url": "https://example.com"},
            "action_menu": {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "mute"}]},
        },
    });
    call(&simulator, APP_SECRET, "message/send", notice).await;
    // The newest card is the notice.
    simulator.with_world(|world| world.press(&press("mute"))).unwrap();
    let vote = |selected: Value| Press {
        task_id: Some("lunch".into()),
        selected: serde_json::from_value(selected).unwrap(),
        ..press("vote")
    };
    simulator.callbacks_sent().await;
    simulator.with_world(|world| world.press(&vote(json!({})))).unwrap();
    simulator.callbacks_sent().await;
    simulator.with_world(|world| world.press(&vote(json!({"what": ["rice", "soup"]})))).unwrap();
    simulator.callbacks_sent().await;
    let events = receiver.events();
    let json = |event: &Event| serde_json::from_str::<Value>(&event.json).unwrap();
    assert_eq!((&*events[0].topic, &json(&events[0])["event_key"]), ("event/template_card_menu_event", &json!("mute")));
    assert!(json(&events[0])["selected_items"].is_null());
    assert_eq!(json(&events[1])["selected_items"], json!([{"question_key": "what", "option_ids": ["rice"]}]));
    assert_eq!(json(&events[2])["selected_items"], json!([{"question_key": "what", "option_ids": ["rice", "soup"]}]));
}

#[tokio::test]
async fn passive_replies_take_effect() {
    let (simulator, receiver) = start(&[APP]).await;
    call(&simulator, APP_SECRET, "message/send", card()).await;
    for reply in [
        json!({"msg_type": "text", "content": "收到 ]]> <b>"}),
        json!({"msg_type": "image", "media_id": IMAGE_MEDIA_ID}),
        json!({"msg_type": "voice", "media_id": VOICE_MEDIA_ID}),
        json!({"msg_type": "video", "media_id": VIDEO_MEDIA_ID, "title": "t"}),
        json!({"msg_type": "news", "articles": [{"title": "t", "url": "https://a.cn"}]}),
        json!({"msg_type": "news", "articles": [{"title": "t", "url": "https://a.cn"}, {"title": "u", "url": "https://b.cn"}]}),
    ] {
        receiver.will([Reply::Passive(reply.clone())]);
        simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
        simulator.callbacks_sent().await;
        let message = simulator.with_world(|world| world.messages().last().unwrap().clone());
        assert_eq!(message.msgtype, reply["msg_type"].as_str().unwrap(), "{message:?}");
        let (content, kind) = (&message.body[&message.msgtype], &message.msgtype);
        let expected = match kind.as_str() {
            "text" => json!({"content": reply["content"]}),
            "news" => json!({"articles": reply["articles"]}),
            "video" => json!({"media_id": reply["media_id"], "title": "t"}),
            _ => json!({"media_id": reply["media_id"]}),
        };
        assert_eq!(*content, expected);
    }
    let card_of = |member: &str| simulator.with_world(|world| json!(world.messages()[0].updates.get(member)));
    // As long as the menu of a reply may be, and no other.
    let entries: Vec<Value> = (0..10).map(|number| json!({"text": "更多", "key": format!("more-{number}")})).collect();
    let new = json!({
        "card_type": "button_interaction", "main_title": {"title": "请假"}, "source": {"icon_url": "https://a.cn/i", "desc_color": 1},
        "horizontal_content_list": [{"key_name": "天数", "value": "2"}], "button_list": [{"text": "撤销", "key": "undo", "style": 2}],
        "replace_text": "处理中", "action_menu": {"action_list": entries},
    });
    receiver.will([Reply::Passive(json!({"msg_type": "update_template_card", "template_card": new}))]);
    simulator.with_world(|world| world.press(&press("approve"))).unwrap();
    simulator.callbacks_sent().await;
    let seen = card_of(ZHANGSAN);
    assert_eq!(seen["template_card"]["horizontal_content_list"], json!([{"keyname": "天数", "value": "2"}]), "{seen}");
    assert_eq!(seen["template_card"]["source"]["desc_color"], 1);
    assert_eq!(seen["template_card"]["action_menu"]["action_list"], json!(entries));
    assert_eq!(card_of(LISI), Value::Null);
    // It has other buttons now, and the task that it had.
    receiver.will([Reply::Passive(json!({"msg_type": "update_button", "replace_name": "已撤销"}))]);
    simulator.with_world(|world| world.press(&press("undo"))).unwrap();
    simulator.callbacks_sent().await;
    assert_eq!(card_of(ZHANGSAN), json!({"button": {"replace_name": "已撤销"}}));
    let last: Value = serde_json::from_str(&receiver.events().pop().unwrap().json).unwrap();
    assert_eq!(last["task_id"], "leave-1");
    simulator.with_world(|world| {
        let told = world.callbacks().iter().all(|callback| callback.reply.is_some() && callback.reply_error.is_none());
        assert!(told, "{:?}", world.callbacks());
    });
}

#[tokio::test]
async fn a_reply_that_is_none_is_told_and_has_no_effect() {
    let (simulator, receiver) = start(&[APP, Source::Contacts]).await;
    let sealed = |member: &str, receiver: &str| {
        let connection = json!({"type": "callback", "token": TOKEN, "encoding_aes_key": KEY, "receive_id": receiver});
        let connection = callback::connection(&connection.to_string()).unwrap();
        let event = event_of(member);
        callback::encrypt_reply(&connection, &event, r#"{"msg_type":"text","content":"x"}"#, 1, &[7; 16]).unwrap().body
    };
    let good = sealed(ZHANGSAN, CORP_ID);
    assert!(good.contains("<Nonce><![CDATA[n]]></Nonce>"), "{good}");
    let other_key = good.replace("MsgSignature>", "Signature>");
    for (body, words) in [
        ("OK".to_owned(), "cannot be read"),
        ("{}".to_owned(), "cannot be read"),
        ("<xml></xml>".to_owned(), "cannot be read"),
        ("<xml><Encrypt>a</Encrypt></xml>".to_owned(), "has no MsgSignature"),
        (other_key, "has an element Signature"),
        (good.replace("<TimeStamp>1<", "<TimeStamp>2<"), "MsgSignature of the reply is wrong"),
        (good.replace("<TimeStamp>1<", "<TimeStamp>now<"), "TimeStamp"),
        (sealed(ZHANGSAN, "ww_other"), "another receiver"),
        (sealed(LISI, CORP_ID), "ToUserName and FromUserName"),
    ] {
        receiver.will([Reply::With(200, body.clone().into())]);
        simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
        simulator.callbacks_sent().await;
        let told = simulator.with_world(|world| world.callbacks().last().unwrap().json());
        let wrong = told["reply_error"].as_str().unwrap_or_default();
        assert!(wrong.contains(words), "{words} is not in {wrong}: {body}");
        assert!(!told.to_string().contains(TOKEN) && !told.to_string().contains(KEY), "{told}");
    }
    let media = json!({"msg_type": "image", "media_id": VOICE_MEDIA_ID});
    let button = json!({"msg_type": "update_button", "replace_name": "x"});
    for (reply, words) in [(media, "another kind"), (button, "only in the answer to a card's event")] {
        receiver.will([Reply::Passive(reply)]);
        simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
        simulator.callbacks_sent().await;
        let told = simulator.with_world(|world| world.callbacks().last().unwrap().json());
        assert!(told["reply_error"].as_str().unwrap_or_default().contains(words), "{told}");
    }
    receiver.will([Reply::With(200, good.into())]);
    call(&simulator, CONTACTS_SECRET, "user/delete?userid=wangwu", Value::Null).await;
    simulator.callbacks_sent().await;
    let told = simulator.with_world(|world| world.callbacks().last().unwrap().json());
    assert!(told["reply_error"].as_str().unwrap_or_default().contains("nobody who could be answered"), "{told}");
    // This word, and nothing, are no replies.
    receiver.will([Reply::With(200, "success".into())]);
    simulator.with_world(|world| world.enter(ZHANGSAN, AGENT_ID)).unwrap();
    simulator.callbacks_sent().await;
    let told = simulator.with_world(|world| world.callbacks().last().unwrap().json());
    assert_eq!((&told["state"], &told["reply_error"]), (&json!("delivered"), &Value::Null));
    assert!(simulator.with_world(|world| world.messages().is_empty()));
}

/// An event of that member, as far as a reply needs it.
fn event_of(member: &str) -> Event {
    Event {
        topic: String::new(),
        msg_type: String::new(),
        event: None,
        change_type: None,
        from_user: Some(member.into()),
        to: Some(CORP_ID.into()),
        agent_id: None,
        created_at: None,
        key: String::new(),
        json: String::new(),
        format: callback::Format::Xml,
        nonce: "n".into(),
    }
}

#[tokio::test]
async fn changes_of_contacts_are_told() {
    for tells_all in [false, true] {
        let options = Options { tell_hidden_fields: tells_all, ..Options::strict() };
        let simulator = Simulator::start(options).await.unwrap();
        let receiver = Receiver::start().await;
        simulator.set_callback(Source::Contacts, &receiver.url, TOKEN, KEY).await.unwrap();
        let change = async |path: &str, body: Value| {
            call(&simulator, CONTACTS_SECRET, path, body).await;
            simulator.callbacks_sent().await;
        };
        change("department/create", json!({"name": "云平台部", "parentid": 1, "order": 7, "id": 20})).await;
        change("department/update", json!({"id": 20, "name": "云平台研发部"})).await;
        let member = json!({"userid": "chenyu", "name": "陈雨", "department": [20, 2], "mobile": "13900000000"});
        change("user/create", member).await;
        change("user/update", json!({"userid": "ChenYu", "position": "工程师"})).await;
        change("user/update", json!({"userid": "chenyu", "department": [2]})).await;
        change("user/update", json!({"userid": "chenyu", "department": [2]})).await;
        change("tag/create", json!({"tagname": "新同事", "tagid": 9})).await;
        change("tag/addtagusers", json!({"tagid": 9, "userlist": ["chenyu"], "partylist": [20]})).await;
        change("tag/deltagusers", json!({"tagid": 9, "userlist": ["chenyu"]})).await;
        change("user/batchdelete", json!({"useridlist": ["chenyu", "CHENYU"]})).await;
        change("department/delete?id=20", Value::Null).await;
        let mut events = Vec::new();
        for event in receiver.events() {
            assert_eq!((event.from_user.as_deref(), event.agent_id), (Some("sys"), None));
            let mut fields: Value = serde_json::from_str(&event.json).unwrap();
            for common in ["to_user_name", "from_user_name", "create_time", "msg_type", "event", "change_type"] {
                fields.as_object_mut().unwrap().remove(common);
            }
            events.push((event.topic.replace("event/change_contact/", ""), fields));
        }
        let (_, body) = &receiver.posts()[0];
        assert!(body.ends_with("<AgentID><![CDATA[]]></AgentID></xml>"), "{body}");
        let mut expected = vec![
            ("create_party", json!({"id": "20", "name": "云平台部", "parent_id": "1", "order": "7"})),
            ("update_party", json!({"id": "20", "name": "云平台研发部"})),
            ("create_user", json!({"user_id": "chenyu", "department": ["20", "2"]})),
            ("update_user", json!({"user_id": "chenyu", "department": ["2"]})),
            ("update_tag", json!({"tag_id": "9", "add_user_items": ["chenyu"], "add_party_items": ["20"]})),
            ("update_tag", json!({"tag_id": "9", "del_user_items": ["chenyu"]})),
            ("delete_user", json!({"user_id": "chenyu"})),
            ("delete_party", json!({"id": "20"})),
        ];
        if tells_all {
            expected[2].1 = json!({
                "user_id": "chenyu", "name": "陈雨", "department": ["20", "2"], "main_department": "20",
                "is_leader_in_dept": ["0", "0"], "mobile": "13900000000", "biz_mail": "chenyu@corp.example.com",
            });
            expected.insert(3, ("update_user", json!({"user_id": "chenyu", "position": "工程师"})));
            expected[4].1["main_department"] = "2".into();
            expected[4].1["is_leader_in_dept"] = json!(["0"]);
        }
        let expected: Vec<_> = expected.into_iter().map(|(name, fields)| (name.to_owned(), fields)).collect();
        assert_eq!(events, expected);
    }
}

#[tokio::test]
async fn anything_can_be_told() {
    let (simulator, receiver) = start(&[Source::Customers]).await;
    let order = json!({"agent_id": "customers", "fields": {
        "MsgType": "event", "Event": "change_external_contact", "ChangeType": "add_external_contact",
        "UserID": "zhangsan", "ExternalUserID": CUSTOMER, "List": {"Item": ["1", "2"]},
    }});
    assert_eq!(control(&simulator, "POST", "tell", &order).await.0, 200);
    simulator.callbacks_sent().await;
    let event = receiver.events().pop().unwrap();
    assert_eq!(event.topic, "event/change_external_contact/add_external_contact");
    let fields: Value = serde_json::from_str(&event.json).unwrap();
    assert_eq!((&fields["external_user_id"], &fields["list"]["item"]), (&json!(CUSTOMER), &json!(["1", "2"])));
    for wrong in [
        json!({}),
        json!({"agent_id": "customers", "fields": {}}),
        json!({"agent_id": "customers", "fields": {"MsgType": "event", "a b": 1}}),
        json!({"agent_id": "customers", "fields": {"MsgType": "event", "A": [{"b c<": 1}]}}),
    ] {
        assert_eq!(control(&simulator, "POST", "tell", &wrong).await.0, 400, "{wrong}");
    }
}
