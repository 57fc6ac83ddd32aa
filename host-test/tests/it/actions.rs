//! Each action through the real host over a real socket, by its own function and by `invoke`: what reaches
//! the wire, what comes back, what has changed at WeCom, and what WeCom's own refusals become.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use host_test::simulator::seed::*;
use host_test::simulator::{
    Chat, Department, Disturbance, Member, Membership, Message, Options, Recorded, Target, World,
};
use md5::{Digest as _, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use wasmtime::component::Type;
use wecom_connector::about::Secrets;

use crate::harness::{
    Answer, Bench, Caller, Error, Failure, Way, about, actions, api, application, assert_no_secret, is_chatbot, least,
    snapshot, with,
};

/// A picture of one pixel.
const PNG: &[u8] = include_bytes!("../../src/cli/pixel.png");
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

// ---------------------------------------------------------------------------------------------------- the test bench

/// What an action is expected to put on the wire, beside its credential.
enum Request<'a> {
    /// The API and its query.
    Get(&'a str, &'a [(&'a str, &'a str)]),
    /// The API and its body.
    Post(&'a str, Value),
}
use Request::{Get, Post};

/// Tells a story twice, each time in a world of its own: once by the actions' functions, once by `invoke`.
async fn both_ways(story: impl AsyncFn(&mut Bench)) {
    for way in Way::BOTH {
        // Shows where the test fails.
        println!("the way is {way:?}");
        let mut bench = Bench::start().await;
        bench.way = way;
        story(&mut bench).await;
    }
}

impl Bench {
    /// From now on the other application of the seed, which has created a group chat.
    fn become_the_other_application(&mut self) {
        self.application["app_secret"] = json!(OTHER_APP_SECRET);
        self.application["agent_id"] = json!(OTHER_AGENT_ID);
    }

    /// Carries out an action and holds its one request against what is expected. The output comes back.
    async fn sends(&mut self, action: &str, parameters: Value, expected: Request<'_>) -> Value {
        let (answer, request) = self.exchange(action, &parameters).await;
        self.assert_request(action, &request, expected);
        answer.unwrap_or_else(|error| panic!("{action} {parameters}: {error:?}"))
    }

    /// WeCom refuses an action with a code of its own, and nothing changes.
    async fn refuses(&mut self, action: &str, parameters: Value, errcode: i32, category: &str) -> Failure {
        self.refuses_with_error(action, parameters, errcode, category).await.1
    }

    /// The same; the error comes back too.
    async fn refuses_with_error(
        &mut self,
        action: &str,
        parameters: Value,
        errcode: i32,
        category: &str,
    ) -> (Error, Failure) {
        let before = snapshot(&self.server);
        let (answer, request) = self.exchange(action, &parameters).await;
        let case = format!("{action} {parameters}");
        let Err(error) = answer else { panic!("{case} was expected to be refused with {errcode}") };
        assert_eq!(request.errcode, Some(errcode.into()), "{case}");
        // 45009 is the one code here that passes by itself.
        let failure = if errcode == 45009 { error.clone().retryable() } else { error.clone().rejected() };
        assert_eq!((failure.errcode, failure.category.as_str()), (Some(errcode), category), "{case}");
        assert!(failure.message.contains(&format!("devtool/query?e={errcode}")), "{case}: {}", failure.message);
        assert!(failure.hint.en.len() > 20, "{case}: {}", failure.hint.en);
        assert!(failure.hint.zh.contains(is_chinese), "{case}: {}", failure.hint.zh);
        assert_eq!(failure.doc_url, format!("https://open.work.weixin.qq.com/devtool/query?e={errcode}"), "{case}");
        assert_eq!(failure.caller_ip.as_deref(), Some("127.0.0.1"), "{case}");
        assert_eq!(failure.api, api(&request), "{case}");
        assert_eq!(failure.credential, self.credential(action).0, "{case}");
        assert_eq!(snapshot(&self.server), before, "{case} changes nothing");
        (error, failure)
    }

    /// Carries out an action; the one request that it makes comes back, gettoken aside.
    async fn exchange(&mut self, action: &str, parameters: &Value) -> (Answer, Recorded) {
        let before = self.server.requests().len();
        let answer = self.call(action, parameters).await;
        let mut requests = self.server.requests().split_off(before);
        requests.retain(|request| api(request) != "gettoken");
        assert_eq!(requests.len(), 1, "{action} {parameters} makes one request: {answer:?}");
        (answer, requests.remove(0))
    }

    fn assert_request(&self, action: &str, request: &Recorded, expected: Request<'_>) {
        let (method, api, own, body) = match expected {
            Get(api, own) => ("GET", api, own, None),
            Post(api, body) => ("POST", api, &[][..], Some(body)),
        };
        assert_eq!(request.method, method, "{action}");
        assert_eq!(request.path, format!("/cgi-bin/{api}"), "{action}");

        let (_, name, credential) = self.credential(action);
        let pairs: Vec<_> = [(name, credential.as_str())].into_iter().chain(own.iter().copied()).collect();
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        assert_eq!(request.pairs, pairs.iter().map(owned).collect::<Vec<_>>(), "{action}");
        assert_eq!(request.query, encoded(&pairs), "{action}: reserved characters are percent-encoded");

        let header = |name: &str| {
            let values: Vec<_> = request.headers.iter().filter(|(key, _)| key == name).map(|(_, v)| v).collect();
            assert!(values.len() <= 1, "{action}: {name} stands twice");
            values.first().map(|value| value.as_str())
        };
        assert_eq!(header("host"), self.server.base_url().strip_prefix("http://"), "{action}");
        assert_eq!(header("transfer-encoding"), None, "{action}");
        assert_eq!(header("authorization"), None, "{action}");
        match body {
            Some(body) => {
                assert_eq!(header("content-type"), Some("application/json; charset=utf-8"), "{action}");
                assert_eq!(header("content-length"), Some(request.body.len().to_string().as_str()), "{action}");
                assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), body, "{action}");
                let text = str::from_utf8(&request.body).unwrap();
                assert!(!text.contains("\\u"), "{action}: raw UTF-8, because 40033 refuses some escapes: {text}");
                assert_no_secret(text);
            }
            None => {
                assert_eq!(header("content-type"), None, "{action}");
                assert!(matches!(header("content-length"), None | Some("0")), "{action}");
                assert_eq!(request.body.len(), 0, "{action}");
            }
        }
        for (name, value) in &request.headers {
            assert_no_secret(&format!("{name}: {value}"));
        }
    }

    /// What an error calls the credential of an action, its name in the query, and its value.
    fn credential(&self, action: &str) -> (&'static str, &'static str, String) {
        let text = |connection: &Value, field: &str| connection[field].as_str().map(str::to_owned);
        if is_chatbot(about(action)) {
            return ("chatbot-key", "key", text(&self.chatbot, "chatbot_key").unwrap());
        }
        let wants_contacts = about(action).secrets == Secrets::Contacts;
        let contacts = text(&self.application, "contacts_secret").filter(|_| wants_contacts);
        let (credential, secret) = match contacts {
            Some(secret) => ("contacts-secret", secret),
            None => ("app-secret", text(&self.application, "app_secret").unwrap()),
        };
        let fetched = ("corpsecret".to_owned(), secret);
        let requests = self.server.requests();
        let fetch = requests.iter().rfind(|request| api(request) == "gettoken" && request.pairs.contains(&fetched));
        let reply: Value = serde_json::from_slice(&fetch.expect("a token of that secret was fetched").reply).unwrap();
        (credential, "access_token", text(&reply, "access_token").unwrap())
    }

    /// What the simulator answered last.
    fn reply(&self) -> Value {
        serde_json::from_slice(&self.server.requests().last().unwrap().reply).unwrap()
    }

    fn world<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        self.server.with_world(|world| look(world))
    }

    fn department(&self, id: i64) -> Option<Department> {
        self.world(|world| world.departments().get(&id).cloned())
    }

    fn member(&self, userid: &str) -> Option<Member> {
        self.world(|world| world.members().get(userid).cloned())
    }

    fn chat(&self, chatid: &str) -> Option<Chat> {
        self.world(|world| world.chats().get(chatid).cloned())
    }

    fn last_message(&self) -> Message {
        self.world(|world| world.messages().last().cloned()).unwrap()
    }
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// A query as RFC 3986 has it: everything but the unreserved characters is encoded.
fn encoded(pairs: &[(&str, &str)]) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, RESERVED)));
    pairs.collect::<Vec<_>>().join("&")
}

fn department(id: i64, name: &str, name_en: Option<&str>, parentid: i64, order: i64) -> Department {
    Department { id, name: name.into(), name_en: name_en.map(str::to_owned), parentid, order }
}

// ------------------------------------------------------------------------------------------- the messages of two APIs

/// A kind of message that goes to members as well as to group chats.
struct Kind {
    /// In the names of its actions.
    name: &'static str,
    /// On the wire.
    msgtype: &'static str,
    /// Every parameter that says what the message holds, Confidentiality included.
    full: Value,
    /// The object that these become.
    full_wire: Value,
    /// The parameters that cannot be left out.
    least: Value,
    /// The object that these become.
    least_wire: Value,
    /// Whether the output names what was cut, or cleaned.
    has_text: bool,
}

fn kinds() -> [Kind; 9] {
    let kind = |name, msgtype, full: Value, full_wire: Value, least: Value, least_wire: Value, has_text| Kind {
        name,
        msgtype,
        full,
        full_wire,
        least,
        least_wire,
        has_text,
    };
    let text = json!({"content": "请于今天 18:00 前\n填写<a href=\"https://example.com\">周报</a> \"😀\""});
    let markdown = json!({"content": "# 周报\n<font color=\"info\">已生成</font>"});
    let file = json!({ "media_id": FILE_MEDIA_ID });
    let image = json!({ "media_id": IMAGE_MEDIA_ID });
    let article = json!({"title": "春节放假", "thumb_media_id": IMAGE_MEDIA_ID, "content": "<p>共八天。</p>"});
    let article_extras =
        json!({"author": "行政部", "content_source_url": "https://example.com/?a=1&b=2", "digest": "d"});
    let card =
        json!({"title": "领奖", "description": "请到<div class=\"gray\">行政部</div>", "url": "https://example.com/"});
    let whole_article = with(article.clone(), article_extras);
    let link = json!({"title": "第29周报表", "url": "https://example.com/?a=1&b=2"});
    let voice = json!({ "media_id": VOICE_MEDIA_ID });
    let video = json!({ "media_id": VIDEO_MEDIA_ID });
    let whole_video = with(video.clone(), json!({"title": "培训", "description": "第一周\n看完"}));
    [
        kind("text", "text", with(text.clone(), json!({"safe": 0})), text.clone(), text.clone(), text, true),
        kind("markdown", "markdown", markdown.clone(), markdown.clone(), markdown.clone(), markdown, true),
        kind("file", "file", with(file.clone(), json!({"safe": 1})), file.clone(), file.clone(), file, false),
        kind("image", "image", with(image.clone(), json!({"safe": 0})), image.clone(), image.clone(), image, false),
        kind(
            "image-text",
            "mpnews",
            with(whole_article.clone(), json!({"safe": 2})),
            json!({ "articles": [whole_article] }),
            article.clone(),
            json!({ "articles": [article] }),
            true,
        ),
        kind(
            "text-card",
            "textcard",
            with(card.clone(), json!({"btn_txt": "去领奖"})),
            with(card.clone(), json!({"btntxt": "去领奖"})),
            card.clone(),
            card,
            true,
        ),
        kind(
            "news",
            "news",
            json!({ "articles": [with(link.clone(), json!({"description": "d", "pic_url": "https://example.com/p.png"}))] }),
            json!({ "articles": [with(link.clone(), json!({"description": "d", "picurl": "https://example.com/p.png"}))] }),
            json!({ "articles": [link.clone(), link.clone()] }),
            json!({ "articles": [link.clone(), link] }),
            true,
        ),
        kind("voice", "voice", voice.clone(), voice.clone(), voice.clone(), voice, false),
        kind("video", "video", with(whole_video.clone(), json!({"safe": 1})), whole_video, video.clone(), video, true),
    ]
}

fn kind(name: &str) -> Kind {
    kinds().into_iter().find(|kind| kind.name == name).unwrap()
}

/// The refusals of a message whose media ID is not good: unknown, of another kind, and of a chatbot. Others have none.
fn bad_media(kind: &Kind) -> Vec<(Value, i32, &'static str)> {
    let (field, other) = match kind.msgtype {
        "file" | "voice" | "video" => ("media_id", IMAGE_MEDIA_ID),
        "image" => ("media_id", FILE_MEDIA_ID),
        "mpnews" => ("thumb_media_id", FILE_MEDIA_ID),
        _ => return Vec::new(),
    };
    // What was uploaded for a chatbot is no good to the application.
    [("unknown", 40007, "not-found"), (other, 301_015, "invalid-request"), (ROBOT_FILE_MEDIA_ID, 40007, "not-found")]
        .map(|(media_id, errcode, category)| (with(kind.least.clone(), json!({ field: media_id })), errcode, category))
        .into()
}

/// A push to members and departments, from its parameters to what WeCom keeps.
async fn pushes_to_members(name: &str) {
    let kind = kind(name);
    let action = format!("push-{name}-message");
    both_ways(async |bench| {
        // Everything: the receivers that do not exist are no failure, and the output names them.
        let receivers = json!({"to_user": ["zhangsan", "LiSi", "Nobody"], "to_party": [2, 99], "agent_id": AGENT_ID});
        let body = json!({
            "touser": "zhangsan|LiSi|Nobody",
            "toparty": "2|99",
            "agentid": AGENT_ID,
            "msgtype": kind.msgtype,
            kind.msgtype: kind.full_wire,
            "safe": kind.full["safe"],
        });
        let body = with(body, json!({}));
        let parameters = with(receivers, kind.full.clone());
        let output = bench.sends(&action, parameters, Post("message/send", body.clone())).await;
        let msg_id = &bench.reply()["msgid"];
        assert!(msg_id.is_string());
        let expected = json!({
            "msg_id": msg_id,
            "invalid_user": ["nobody"],
            "invalid_party": ["99"],
            "invalid_tag": [],
            "unlicensed_user": ["sunqi"],
            "truncated": [],
            "cleaned": [],
        });
        assert_eq!(output, expected);
        let message = bench.last_message();
        let userids = [LISI, ZHANGSAN].map(str::to_owned).into();
        assert_eq!(message.target, Target::Members { corp_id: CORP_ID.into(), agent_id: AGENT_ID, userids });
        assert_eq!((message.msgtype.as_str(), message.body), (kind.msgtype, body));
        assert_eq!(json!(message.msgid), *msg_id);

        // As little as possible: the application is that of the connection.
        let parameters = with(json!({"to_user": ["zhangsan"]}), kind.least.clone());
        let body = json!({
            "touser": "zhangsan", "agentid": AGENT_ID, "msgtype": kind.msgtype, kind.msgtype: kind.least_wire
        });
        let output = bench.sends(&action, parameters.clone(), Post("message/send", body)).await;
        let expected = json!({
            "msg_id": bench.reply()["msgid"],
            "invalid_user": [],
            "invalid_party": [],
            "invalid_tag": [],
            "unlicensed_user": [],
            "truncated": [],
            "cleaned": [],
        });
        assert_eq!(output, expected);

        // To everyone.
        let everyone = with(parameters.clone(), json!({"to_user": ["@all"]}));
        let body = json!({
            "touser": "@all", "agentid": AGENT_ID, "msgtype": kind.msgtype, kind.msgtype: kind.least_wire
        });
        bench.sends(&action, everyone, Post("message/send", body)).await;

        let but = |changes| with(parameters.clone(), changes);
        bench.refuses(&action, but(json!({"to_user": ["nobody"], "to_party": [99]})), 81013, "not-found").await;
        bench.refuses(&action, but(json!({ "agent_id": OTHER_AGENT_ID })), 301_002, "permission").await;
        bench.refuses(&action, but(json!({"agent_id": 7})), 40056, "not-found").await;
        for (media, errcode, category) in bad_media(&kind) {
            bench.refuses(&action, but(media), errcode, category).await;
        }
        if kind.msgtype == "textcard" {
            // The connector takes a scheme in any case, and leaves the rest to WeCom.
            bench.refuses(&action, but(json!({"url": "HTTPS://example.com"})), 45034, "invalid-request").await;
        }
        // Nobody but the contacts secret's token is refused the API itself.
        bench.application["app_secret"] = json!(CONTACTS_SECRET);
        bench.refuses(&action, parameters.clone(), 48002, "permission").await;
    })
    .await;
}

/// A push to a group chat, likewise.
async fn pushes_to_a_group_chat(name: &str) {
    let kind = kind(name);
    let action = format!("push-{name}-message-to-group-chat");
    both_ways(async |bench| {
        bench.become_the_other_application();
        let chat = json!({ "chat_id": OTHER_CHAT_ID });
        let body = json!({
            "chatid": OTHER_CHAT_ID,
            "msgtype": kind.msgtype,
            kind.msgtype: kind.full_wire,
            "safe": kind.full["safe"],
        });
        let body = with(body, json!({}));
        let parameters = with(chat.clone(), kind.full.clone());
        let output = bench.sends(&action, parameters, Post("appchat/send", body.clone())).await;
        let expected = if kind.has_text { json!({"truncated": [], "cleaned": []}) } else { json!({}) };
        assert_eq!(output, expected);
        let message = bench.last_message();
        assert_eq!(message.target, Target::Chat { corp_id: CORP_ID.into(), chatid: OTHER_CHAT_ID.into() });
        assert_eq!((message.msgtype.as_str(), message.body), (kind.msgtype, body));

        let parameters = with(chat, kind.least.clone());
        let body = json!({ "chatid": OTHER_CHAT_ID, "msgtype": kind.msgtype, kind.msgtype: kind.least_wire });
        assert_eq!(bench.sends(&action, parameters.clone(), Post("appchat/send", body)).await, expected);

        let but = |changes| with(parameters.clone(), changes);
        bench.refuses(&action, but(json!({"chat_id": "unknown"})), 86003, "not-found").await;
        bench.refuses(&action, but(json!({"chat_id": "with-hyphen"})), 86001, "invalid-request").await;
        for (media, errcode, category) in bad_media(&kind) {
            bench.refuses(&action, but(media), errcode, category).await;
        }
        bench.application = application(&bench.server);
        bench.refuses(&action, parameters.clone(), 86008, "permission").await;
        bench.application["app_secret"] = json!(LIMITED_APP_SECRET);
        bench.refuses(&action, parameters.clone(), 60011, "permission").await;
    })
    .await;
}

/// A push by chatbot, likewise.
async fn pushes_by_chatbot(
    action: &str,
    full: (Value, Value),
    least: (Value, Value),
    output: Value,
    own: impl AsyncFn(&mut Bench),
) {
    both_ways(async |bench| {
        for (parameters, body) in [&full, &least] {
            let answer = bench.sends(action, parameters.clone(), Post("webhook/send", body.clone())).await;
            assert_eq!(answer, output);
            let message = bench.last_message();
            assert_eq!(message.target, Target::Robot { key: ROBOT_KEY.into() });
            assert_eq!((&json!(message.msgtype), &message.body), (&body["msgtype"], body));
        }
        own(bench).await;

        // Twenty a minute: the two above, and eighteen more.
        for _ in 0..18 {
            bench.call(action, &least.0).await.unwrap();
        }
        let (error, failure) = bench.refuses_with_error(action, least.0.clone(), 45009, "limit").await;
        assert!(matches!(error, Error::Retryable(_)));
        assert_eq!(failure.retry_after_seconds, Some(60));
        bench.server.with_world(|world| world.advance(Duration::from_secs(61)));
        bench.call(action, &least.0).await.unwrap();

        bench.server.with_world(|world| world.stop_robot(ROBOT_KEY));
        bench.refuses(action, least.0.clone(), 93004, "permission").await;
        bench.server.with_world(|world| world.remove_robot(ROBOT_KEY));
        bench.refuses(action, least.0.clone(), 93008, "permission").await;
        bench.chatbot["chatbot_key"] = json!("51a00000-0000-4000-8000-00000000ffff");
        bench.refuses(action, least.0.clone(), 93000, "authentication").await;
    })
    .await;
}

// -------------------------------------------------------------------------------------------------------- departments

#[tokio::test]
async fn list_department_ids() {
    both_ways(async |bench| {
        let action = "list-department-ids";
        let output = bench.sends(action, json!({"id": 2}), Get("department/simplelist", &[("id", "2")])).await;
        let tree = json!([{"id": 2, "parent_id": 1, "order": 0}, {"id": 3, "parent_id": 2, "order": 0}]);
        assert_eq!(output, json!({ "department_id": tree }));

        let output = bench.sends(action, json!({}), Get("department/simplelist", &[])).await;
        let row = |id: i64, parent: i64| json!({"id": id, "parent_id": parent, "order": 0});
        assert_eq!(output, json!({"department_id": [row(1, 0), row(2, 1), row(3, 2), row(4, 1), row(5, 1)]}));

        bench.refuses(action, json!({"id": 99}), 60003, "not-found").await;
        // AppSecret serves where there is no other, and sees what the application sees.
        let limited = json!({ "app_secret": LIMITED_APP_SECRET, "contacts_secret": null });
        bench.application = with(bench.application.clone(), limited);
        bench.refuses(action, json!({"id": 2}), 60011, "permission").await;
    })
    .await;
}

#[tokio::test]
async fn departments_by_name() {
    both_ways(async |bench| {
        let row = |id: i64, name: &str, parent_id: i64, leaders: &[&str]| {
            json!({"id": id, "name": name, "department_leader": leaders, "parent_id": parent_id, "order": 0})
        };
        let output = bench.sends("get-department", json!({"id": 2}), Get("department/get", &[("id", "2")])).await;
        assert_eq!(output, row(2, "研发部", 1, &[ZHANGSAN]));
        let rows = json!([row(2, "研发部", 1, &[ZHANGSAN]), row(3, "前端组", 2, &[])]);
        let output = bench.sends("list-departments", json!({"id": 2}), Get("department/list", &[("id", "2")])).await;
        assert_eq!(output, json!({ "department": rows }));
        for action in ["get-department", "list-departments"] {
            bench.refuses(action, json!({"id": 99}), 60003, "not-found").await;
        }
        bench.application["app_secret"] = json!(LIMITED_APP_SECRET);
        let output = bench.sends("list-departments", json!({}), Get("department/list", &[])).await;
        assert_eq!(output, json!({"department": [row(4, "市场部", 1, &[])]}), "what the application sees");
        for action in ["get-department", "list-departments"] {
            bench.refuses(action, json!({"id": 2}), 60011, "permission").await;
        }
        // The contacts secret in the place of the other: WeCom does not tell it names.
        bench.application["app_secret"] = json!(CONTACTS_SECRET);
        for action in ["get-department", "list-departments"] {
            bench.refuses(action, json!({"id": 2}), 48009, "permission").await;
        }
    })
    .await;
}

#[tokio::test]
async fn create_department() {
    both_ways(async |bench| {
        let action = "create-department";
        let parameters =
            json!({"name": "广州 研发中心", "name_en": "R&D", "parent_id": 1, "order": u32::MAX, "id": 20});
        let body = json!({"name": "广州 研发中心", "name_en": "R&D", "parentid": 1, "order": u32::MAX, "id": 20});
        assert_eq!(
            bench.sends(action, parameters, Post("department/create", body)).await,
            json!({"id": 20, "cleaned": []})
        );
        let created = department(20, "广州 研发中心", Some("R&D"), 1, u32::MAX.into());
        assert_eq!(bench.department(20), Some(created));

        let body = json!({"name": least(action)["name"], "parentid": 1});
        assert_eq!(
            bench.sends(action, least(action), Post("department/create", body)).await,
            json!({"id": 21, "cleaned": []})
        );
        assert_eq!(bench.department(21), Some(department(21, "研发中心", None, 1, 0)));

        let zero = json!({"name": "法务部", "parent_id": 20, "order": 0});
        let body = json!({"name": "法务部", "parentid": 20, "order": 0});
        bench.sends(action, zero, Post("department/create", body)).await;

        bench.refuses(action, json!({"name": "研发部", "parent_id": 1}), 60008, "conflict").await;
        bench.refuses(action, json!({"name": "新部门", "parent_id": 1, "id": 2}), 60008, "conflict").await;
        bench.refuses(action, json!({"name": "新部门", "parent_id": 99}), 60004, "not-found").await;
        bench.refuses(action, json!({"name": "a\\b", "parent_id": 1}), 60009, "invalid-request").await;
        let english = json!({"name": "新部门", "name_en": "a\\b", "parent_id": 1});
        bench.refuses(action, english, 60125, "invalid-request").await;
        bench.application = with(bench.application.clone(), json!({"contacts_secret": null}));
        bench.refuses(action, least(action), 48002, "permission").await;
    })
    .await;
}

#[tokio::test]
async fn update_department() {
    both_ways(async |bench| {
        let action = "update-department";
        bench.refuses(action, json!({"id": 2, "parent_id": 3}), 60010, "conflict").await;
        bench.refuses(action, json!({"id": 99, "name": "无"}), 60003, "not-found").await;
        bench.refuses(action, json!({"id": 4, "name": "研发部"}), 60008, "conflict").await;
        bench.refuses(action, json!({"id": 4, "parent_id": 99}), 60004, "not-found").await;

        let parameters = json!({"id": 3, "name": "体验组", "name_en": "UX", "parent_id": 4, "order": 7});
        let body = json!({"id": 3, "name": "体验组", "name_en": "UX", "parentid": 4, "order": 7});
        assert_eq!(bench.sends(action, parameters, Post("department/update", body)).await, json!({"cleaned": []}));
        assert_eq!(bench.department(3), Some(department(3, "体验组", Some("UX"), 4, 7)));

        bench
            .sends(action, json!({"id": 3, "order": 0}), Post("department/update", json!({"id": 3, "order": 0})))
            .await;
        assert_eq!(bench.department(3), Some(department(3, "体验组", Some("UX"), 4, 0)));

        let before = snapshot(&bench.server);
        assert_eq!(
            bench.sends(action, least(action), Post("department/update", json!({"id": 4}))).await,
            json!({"cleaned": []})
        );
        assert_eq!(snapshot(&bench.server), before, "what is left out stays as it is");
    })
    .await;
}

#[tokio::test]
async fn delete_department() {
    both_ways(async |bench| {
        let action = "delete-department";
        assert_eq!(bench.sends(action, least(action), Get("department/delete", &[("id", "5")])).await, json!({}));
        assert_eq!(bench.department(5), None);

        bench.refuses(action, json!({"id": 5}), 60003, "not-found").await;
        bench.refuses(action, json!({"id": 1}), 60007, "conflict").await;
        bench.refuses(action, json!({"id": 2}), 60005, "conflict").await;
        for (id, parent_id) in [(20, 1), (21, 20)] {
            let parameters = json!({"name": format!("部门{id}"), "parent_id": parent_id, "id": id});
            bench.call("create-department", &parameters).await.unwrap();
        }
        bench.refuses(action, json!({"id": 20}), 60006, "conflict").await;
    })
    .await;
}

// ------------------------------------------------------------------------------------------------------------ members

#[tokio::test]
async fn list_member_ids() {
    both_ways(async |bench| {
        let action = "list-member-ids";
        let row = |user_id: &str, department: i64| json!({"user_id": user_id, "department": department});
        let first = [row(CREATOR, 1), row(LISI, 2), row(LISI, 3)];
        let rest = [row(UNLICENSED, 2), row(WANGWU, 4), row(ZHANGSAN, 2), row(ZHAOLIU, 4), row(DISABLED, 2)];

        let output = bench.sends(action, json!({"limit": 3}), Post("user/list_id", json!({"limit": 3}))).await;
        let cursor = bench.reply()["next_cursor"].clone();
        assert!(cursor.as_str().is_some_and(|cursor| !cursor.is_empty()));
        assert_eq!(output, json!({ "next_cursor": cursor, "dept_user": first }));

        let page = json!({ "cursor": cursor, "limit": 10000 });
        let output = bench.sends(action, page.clone(), Post("user/list_id", page)).await;
        assert_eq!(output, json!({ "dept_user": rest }), "the last page has no cursor");

        let output = bench.sends(action, json!({}), Post("user/list_id", json!({}))).await;
        let all = [&first[..], &rest[..]].concat();
        assert_eq!(output, json!({ "dept_user": all }));

        bench.refuses(action, json!({"cursor": "nonsense"}), 40058, "invalid-request").await;
        bench.application = with(bench.application.clone(), json!({"contacts_secret": null}));
        bench.refuses(action, json!({}), 48002, "permission").await;
    })
    .await;
}

#[tokio::test]
async fn the_longest_page_of_member_ids_is_read() {
    both_ways(async |bench| {
        // 10 000 members with the longest IDs there are, and departments with the longest numbers.
        bench.server.with_world(|world| {
            for number in 0..10_000 {
                let mut member = Member::new(&format!("{number:064}"), "x");
                member.departments[0].department = i32::MAX.into();
                world.add_member(CORP_ID, member);
            }
        });
        let output = bench.call("list-member-ids", &json!({"limit": 10_000})).await.unwrap();
        let rows = output["dept_user"].as_array().unwrap();
        assert_eq!(rows.len(), 10_000);
        assert_eq!(rows[9999], json!({"user_id": format!("{:064}", 9999), "department": i32::MAX}));
        assert!(output["next_cursor"].is_string(), "those of the seed are on the next page");
    })
    .await;
}

#[tokio::test]
async fn create_member() {
    both_ways(async |bench| {
        let action = "create-member";
        let parameters = json!({
            "user_id": "qian-jiu@example.com",
            "name": "钱九",
            "alias": "Jiu",
            "gender": 2,
            "enable": 0,
            "main_department": 3,
            "position": "工程师",
            "department": [3, 4],
            "order": [0, u32::MAX],
            "is_leader_in_dept": [0, 1],
            "direct_leader": ["zhangsan", "LiSi"],
            "telephone": "020-123456,8",
            "mobile": "+852 12345678",
            "email": "qianjiu@example.com",
            "biz_mail": "qianjiu@corp.example.com",
            "address": "广州市海珠区新港中路",
        });
        let body = json!({
            "userid": "qian-jiu@example.com",
            "name": "钱九",
            "alias": "Jiu",
            "gender": "2",
            "enable": 0,
            "main_department": 3,
            "position": "工程师",
            "department": [3, 4],
            "order": [0, u32::MAX],
            "is_leader_in_dept": [0, 1],
            "direct_leader": ["zhangsan", "LiSi"],
            "telephone": "020-123456,8",
            "mobile": "+852 12345678",
            "email": "qianjiu@example.com",
            "biz_mail": "qianjiu@corp.example.com",
            "address": "广州市海珠区新港中路",
        });
        let output = bench.sends(action, parameters, Post("user/create", body)).await;
        assert_eq!(output, json!({"created_department_list": [], "cleaned": []}));
        let some = |text: &str| Some(text.to_owned());
        let created = Member {
            alias: some("Jiu"),
            gender: some("2"),
            enabled: false,
            main_department: 3,
            position: some("工程师"),
            departments: vec![
                Membership { department: 3, order: 0, leader: false },
                Membership { department: 4, order: u32::MAX.into(), leader: true },
            ],
            direct_leader: vec![ZHANGSAN.into(), LISI.into()],
            telephone: some("020-123456,8"),
            mobile: some("+852 12345678"),
            email: some("qianjiu@example.com"),
            biz_mail: some("qianjiu@corp.example.com"),
            biz_mail_changeable: false,
            address: some("广州市海珠区新港中路"),
            ..Member::new("qian-jiu@example.com", "钱九")
        };
        assert_eq!(bench.member("qian-jiu@example.com"), Some(created));

        let body = json!({"userid": "newcomer", "name": "张三", "mobile": "13900000001"});
        let output = bench.sends(action, least(action), Post("user/create", body)).await;
        assert_eq!(output, json!({"created_department_list": [], "cleaned": []}));
        let created = Member {
            mobile: some("13900000001"),
            biz_mail: some("newcomer@corp.example.com"),
            ..Member::new("newcomer", "张三")
        };
        assert_eq!(bench.member("newcomer"), Some(created), "enabled and invited by default");

        let new = json!({"user_id": "zhengshi", "name": "郑十", "email": "zhengshi@example.com"});
        for (changes, errcode, category) in [
            (json!({"user_id": "ZHANGSAN"}), 60102, "conflict"),
            (json!({"mobile": "not a number"}), 60103, "invalid-request"),
            (json!({"mobile": "13800000002"}), 60104, "conflict"),
            (json!({"email": "sim2@localhost"}), 60105, "invalid-request"),
            (json!({"email": "sim2@example.com"}), 60106, "conflict"),
            (json!({"biz_mail": "sim2@localhost"}), 60143, "invalid-request"),
            (json!({"biz_mail": "sim2@corp.example.com"}), 60145, "conflict"),
            (json!({"department": [2, 99]}), 60123, "not-found"),
            (json!({"department": [2, 2]}), 40066, "not-found"),
            (json!({"department": [2], "main_department": 4}), 40058, "invalid-request"),
            (json!({"direct_leader": ["nobody"]}), 301_021, "not-found"),
        ] {
            bench.refuses(action, with(new.clone(), changes), errcode, category).await;
        }
    })
    .await;
}

#[tokio::test]
async fn create_member_reports_the_departments_that_came_into_being() {
    for way in Way::BOTH {
        let options = Options { create_unknown_departments: true, max_direct_leaders: 1, ..Options::strict() };
        let mut bench = Bench::with(options).await;
        bench.way = way;
        let superiors = json!({"user_id": "a", "name": "b", "mobile": "139", "direct_leader": ["zhangsan", "LiSi"]});
        bench.refuses("create-member", superiors, 60257, "limit").await;

        let parameters = json!({"user_id": "a", "name": "b", "mobile": "139", "department": [2, 77]});
        let output = bench.call("create-member", &parameters).await.unwrap();
        assert_eq!(output, json!({"created_department_list": [{"name": "部门77", "id": 77}], "cleaned": []}));
        assert_eq!(bench.department(77), Some(department(77, "部门77", None, 1, 0)));
    }
}

#[tokio::test]
async fn update_member() {
    both_ways(async |bench| {
        let action = "update-member";
        let parameters = json!({
            "user_id": "ZhaoLiu@Example.com",
            "name": "赵六六",
            "alias": "Liu",
            "gender": 1,
            "enable": 0,
            "main_department": 2,
            "position": "高级工程师",
            "department": [2, 4],
            "order": [0, 9],
            "is_leader_in_dept": [1, 0],
            "direct_leader": ["zhangsan"],
            "telephone": "+86-20,1",
            "mobile": "13900000006",
            "email": "zhaoliu6@example.com",
            "biz_mail": "zhaoliu6@corp.example.com",
            "address": "深圳",
        });
        let body = json!({
            "userid": "ZhaoLiu@Example.com",
            "name": "赵六六",
            "alias": "Liu",
            "gender": "1",
            "enable": 0,
            "main_department": 2,
            "position": "高级工程师",
            "department": [2, 4],
            "order": [0, 9],
            "is_leader_in_dept": [1, 0],
            "direct_leader": ["zhangsan"],
            "telephone": "+86-20,1",
            "mobile": "13900000006",
            "email": "zhaoliu6@example.com",
            "biz_mail": "zhaoliu6@corp.example.com",
            "address": "深圳",
        });
        assert_eq!(bench.sends(action, parameters, Post("user/update", body)).await, json!({"cleaned": []}));
        let some = |text: &str| Some(text.to_owned());
        let updated = Member {
            alias: some("Liu"),
            gender: some("1"),
            enabled: false,
            main_department: 2,
            position: some("高级工程师"),
            departments: vec![
                Membership { department: 2, order: 0, leader: true },
                Membership { department: 4, order: 9, leader: false },
            ],
            direct_leader: vec![ZHANGSAN.into()],
            telephone: some("+86-20,1"),
            mobile: some("13900000006"),
            email: some("zhaoliu6@example.com"),
            biz_mail: some("zhaoliu6@corp.example.com"),
            biz_mail_changeable: false,
            address: some("深圳"),
            ..Member::new(ZHAOLIU, "赵六六")
        };
        assert_eq!(bench.member(ZHAOLIU), Some(updated));

        let before = snapshot(&bench.server);
        let output = bench.sends(action, least(action), Post("user/update", json!({"userid": "zhangsan"}))).await;
        assert_eq!(
            (output, snapshot(&bench.server)),
            (json!({"cleaned": []}), before),
            "what is left out stays as it is"
        );

        for (parameters, errcode, category) in [
            (json!({"user_id": "nobody", "enable": 0}), 60111, "not-found"),
            (json!({"user_id": "zhangsan", "mobile": "13800000003"}), 60104, "conflict"),
            (json!({"user_id": "zhangsan", "email": "sim3@example.com"}), 60106, "conflict"),
            (json!({"user_id": "zhangsan", "department": [99]}), 60123, "not-found"),
            (json!({"user_id": "zhangsan", "direct_leader": ["nobody"]}), 301_021, "not-found"),
            (json!({"user_id": ZHAOLIU, "biz_mail": "again@corp.example.com"}), 60144, "conflict"),
        ] {
            bench.refuses(action, parameters, errcode, category).await;
        }
    })
    .await;
}

#[tokio::test]
async fn delete_member() {
    both_ways(async |bench| {
        let action = "delete-member";
        let output = bench.sends(action, least(action), Get("user/delete", &[("userid", ZHAOLIU)])).await;
        assert_eq!((output, bench.member(ZHAOLIU)), (json!({}), None));

        bench.refuses(action, least(action), 60111, "not-found").await;
        bench.refuses(action, json!({ "user_id": CREATOR }), 301_005, "conflict").await;
        let awkward = "a&userid=zhangsan #?%41+中";
        bench.refuses(action, json!({ "user_id": awkward }), 60111, "not-found").await;
        assert!(bench.member(ZHANGSAN).is_some());
        assert_eq!(bench.server.requests().last().unwrap().pairs[1], ("userid".to_owned(), awkward.to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_member_is_found_and_shown_as_far_as_the_application_sees() {
    both_ways(async |bench| {
        let [mobile, email, get] = ["get-member-id-by-mobile", "get-member-id-by-email", "get-member"];
        let found = json!({ "user_id": LISI });
        let number = json!({"mobile": "13800000003"});
        assert_eq!(bench.sends(mobile, number.clone(), Post("user/getuserid", number.clone())).await, found);
        for (address, kind) in [("sim3@corp.example.com", 1), ("sim3@example.com", 2)] {
            let address = json!({"email": address, "email_type": kind});
            let output = bench.sends(email, address.clone(), Post("user/get_userid_by_email", address)).await;
            assert_eq!(output, found);
        }
        let personal = json!({"email": "sim3@example.com"});
        bench.refuses(email, personal, 46004, "not-found").await;

        let output = bench.sends(get, json!({ "user_id": LISI }), Get("user/get", &[("userid", LISI)])).await;
        let shown = json!({
            "user_id": LISI, "name": "李四", "department": [2, 3], "order": [0, 0], "is_leader_in_dept": [0, 0],
            "main_department": 2, "direct_leader": [], "status": 1, "ext_attr": [], "external_attr": [],
        });
        assert_eq!(output, shown, "number and addresses are hidden");
        bench.refuses(get, json!({"user_id": "nobody"}), 60111, "not-found").await;

        bench.application["app_secret"] = json!(LIMITED_APP_SECRET);
        bench.refuses(get, json!({ "user_id": LISI }), 60011, "permission").await;
        bench.refuses(mobile, number, 46004, "not-found").await;
        bench.application["app_secret"] = json!(CONTACTS_SECRET);
        bench.refuses(get, json!({ "user_id": LISI }), 48009, "permission").await;
    })
    .await;
}

#[tokio::test]
async fn too_many_searches_that_find_nobody_are_refused_for_a_day() {
    both_ways(async |bench| {
        let action = "get-member-id-by-mobile";
        let (nobody, somebody) = (json!({"mobile": "13999999999"}), json!({"mobile": "13800000003"}));
        for _ in 0..11 {
            let failure = bench.refuses(action, nobody.clone(), 46004, "not-found").await;
            assert!(failure.hint.en.contains("Visible range"), "{}", failure.hint.en);
        }
        bench.refuses(action, somebody.clone(), 45009, "limit").await;
        bench.server.with_world(|world| world.advance(DAY));
        bench.call(action, &somebody).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_application_from_before_2022_is_told_all_of_a_member() {
    for way in Way::BOTH {
        let mut bench = Bench::with(Options { tell_hidden_fields: true, ..Options::default() }).await;
        bench.way = way;
        bench.call("update-member", &json!({"user_id": ZHAOLIU, "gender": 2, "address": "深圳"})).await.unwrap();
        let output = bench.call("list-member-details", &json!({"department_id": 4})).await.unwrap();
        let members = output["user_list"].as_array().unwrap();
        assert_eq!(members.len(), 2);
        let told = json!({
            "user_id": ZHAOLIU, "name": "赵六", "department": [4], "order": [0], "is_leader_in_dept": [0],
            "main_department": 4, "direct_leader": [], "status": 4, "gender": 2, "mobile": "13800000005",
            "email": "sim5@example.com", "biz_mail": "sim5@corp.example.com", "address": "深圳", "ext_attr": [], "external_attr": [],
        });
        assert_eq!(members[1], told);
    }
}

#[tokio::test]
async fn the_members_of_a_department() {
    both_ways(async |bench| {
        let of = |id: i64| json!({ "department_id": id });
        let query = [("department_id", "2")];
        let output = bench.sends("list-members", of(2), Get("user/simplelist", &query)).await;
        let member = |user_id: &str, name: &str, department: &[i64]| json!({"user_id": user_id, "name": name, "department": department});
        let members = json!([
            member(LISI, "李四", &[2, 3]), member(UNLICENSED, "孙七", &[2]), member(ZHANGSAN, "张三", &[2]),
            member(DISABLED, "周八", &[2]),
        ]);
        assert_eq!(output, json!({ "user_list": members }));
        let output = bench.sends("list-member-details", of(2), Get("user/list", &query)).await;
        let states: Vec<_> = output["user_list"].as_array().unwrap().iter().map(|member| &member["status"]).collect();
        assert_eq!(states, [1, 1, 1, 2]);

        for action in ["list-members", "list-member-details"] {
            bench.refuses(action, of(99), 60123, "not-found").await;
        }
        bench.application["app_secret"] = json!(LIMITED_APP_SECRET);
        for action in ["list-members", "list-member-details"] {
            bench.refuses(action, of(2), 60011, "permission").await;
        }
        bench.application["app_secret"] = json!(CONTACTS_SECRET);
        for action in ["list-members", "list-member-details"] {
            bench.refuses(action, of(2), 48009, "permission").await;
        }
    })
    .await;
}

#[tokio::test]
async fn delete_members() {
    both_ways(async |bench| {
        let action = "delete-members";
        let list = |members: &[&str]| json!({ "user_id_list": members });
        bench.refuses(action, list(&[ZHAOLIU, "nobody"]), 60111, "not-found").await;
        bench.refuses(action, list(&[ZHAOLIU, CREATOR]), 301_005, "conflict").await;
        assert!(bench.member(ZHAOLIU).is_some(), "one that is wrong, and nobody is deleted");
        let body = json!({ "useridlist": [ZHAOLIU, "WangWu"] });
        let output = bench.sends(action, list(&[ZHAOLIU, "WangWu"]), Post("user/batchdelete", body)).await;
        assert_eq!((output, bench.member(ZHAOLIU), bench.member(WANGWU)), (json!({}), None, None));
        bench.application["contacts_secret"] = json!(null);
        bench.refuses(action, list(&[ZHANGSAN]), 48002, "permission").await;
    })
    .await;
}

#[tokio::test]
async fn invite_members() {
    both_ways(async |bench| {
        let action = "invite-members";
        let lists = json!({"user": ["zhangsan", "nobody"], "party": [4, 99], "tag": [1, 9]});
        let output = bench.sends(action, lists.clone(), Post("batch/invite", lists)).await;
        assert_eq!(output, json!({"invalid_user": ["nobody"], "invalid_party": ["99"], "invalid_tag": ["9"]}));
    })
    .await;
}

// --------------------------------------------------------------------------------------------------------------- tags

#[tokio::test]
async fn tags() {
    both_ways(async |bench| {
        let body = json!({"tagname": "新员工", "tagid": 0});
        let output =
            bench.sends("create-tag", json!({"tag_name": "新员工", "tag_id": 0}), Post("tag/create", body)).await;
        assert_eq!(output, json!({"tag_id": 0, "cleaned": []}));
        bench.refuses("create-tag", json!({"tag_name": "新员工"}), 40071, "conflict").await;
        bench.refuses("create-tag", json!({"tag_name": "又一个", "tag_id": 0}), 40068, "not-found").await;

        let body = json!({"tagid": 0, "tagname": "新同事"});
        let output =
            bench.sends("update-tag", json!({"tag_id": 0, "tag_name": "新同事"}), Post("tag/update", body)).await;
        assert_eq!(output, json!({"cleaned": []}));
        bench.refuses("update-tag", json!({"tag_id": 0, "tag_name": "值班"}), 40071, "conflict").await;

        let lists = json!({"tag_id": 0, "user_list": ["lisi", "nobody", "noone"], "party_list": [4, 99]});
        let body = json!({"tagid": 0, "userlist": ["lisi", "nobody", "noone"], "partylist": [4, 99]});
        let output = bench.sends("add-tag-members", lists, Post("tag/addtagusers", body)).await;
        assert_eq!(output, json!({"invalid_list": ["nobody", "noone"], "invalid_party": ["99"]}));
        let shown = bench.sends("get-tag", json!({"tag_id": 0}), Get("tag/get", &[("tagid", "0")])).await;
        let members = json!([{"user_id": LISI, "name": "李四"}]);
        assert_eq!(shown, json!({"tag_name": "新同事", "user_list": members, "party_list": [4]}));
        let wrong = json!({"tag_id": 0, "user_list": ["nobody"]});
        bench.refuses("add-tag-members", wrong.clone(), 40070, "not-found").await;
        bench.refuses("remove-tag-members", wrong, 40070, "not-found").await;
        let output = bench
            .sends(
                "remove-tag-members",
                json!({"tag_id": 0, "user_list": [LISI]}),
                Post("tag/deltagusers", json!({"tagid": 0, "userlist": [LISI]})),
            )
            .await;
        assert_eq!(output, json!({"invalid_list": [], "invalid_party": []}));
        let shown = bench.call("get-tag", &json!({"tag_id": 0})).await.unwrap();
        assert_eq!(shown, json!({"tag_name": "新同事", "user_list": [], "party_list": [4]}));

        let output = bench.sends("list-tags", json!({}), Get("tag/list", &[])).await;
        let row = |tag_id: i64, tag_name: &str| json!({"tag_id": tag_id, "tag_name": tag_name});
        assert_eq!(output, json!({"tag_list": [row(0, "新同事"), row(TAG_ID, "值班"), row(OTHER_TAG_ID, "市场活动")]}));

        // What is made in the console is also the contacts secret's, what another application made is not.
        bench.call("update-tag", &json!({"tag_id": TAG_ID, "tag_name": "夜间值班"})).await.unwrap();
        let theirs = json!({ "tag_id": OTHER_TAG_ID });
        let members = with(theirs.clone(), json!({"user_list": [LISI]}));
        bench.refuses("update-tag", with(theirs.clone(), json!({"tag_name": "改"})), 81011, "permission").await;
        bench.refuses("add-tag-members", members.clone(), 81011, "permission").await;
        bench.refuses("remove-tag-members", members, 81011, "permission").await;
        bench.refuses("delete-tag", theirs, 81011, "permission").await;
        for action in ["get-tag", "delete-tag"] {
            bench.refuses(action, json!({"tag_id": 77}), 40068, "not-found").await;
        }
        assert_eq!(
            bench.sends("delete-tag", json!({"tag_id": 0}), Get("tag/delete", &[("tagid", "0")])).await,
            json!({})
        );

        // The application has its own, and sees of all tags what is in its range.
        bench.application = with(
            bench.application.clone(),
            json!({"app_secret": LIMITED_APP_SECRET, "agent_id": LIMITED_AGENT_ID, "contacts_secret": null}),
        );
        let shown = bench.call("get-tag", &json!({ "tag_id": TAG_ID })).await.unwrap();
        assert_eq!(shown, json!({"tag_name": "夜间值班", "user_list": [], "party_list": []}));
        bench.refuses("delete-tag", json!({ "tag_id": TAG_ID }), 81011, "permission").await;
        let made = bench.call("create-tag", &json!({"tag_name": "客户"})).await.unwrap();
        bench.call("delete-tag", &json!({"tag_id": made["tag_id"]})).await.unwrap();
    })
    .await;
}

// -------------------------------------------------------------------------------------------------------- group chats

#[tokio::test]
async fn get_group_chat() {
    both_ways(async |bench| {
        let action = "get-group-chat";
        bench.become_the_other_application();
        let theirs = json!({ "chat_id": OTHER_CHAT_ID });
        let output = bench.sends(action, theirs.clone(), Get("appchat/get", &[("chatid", OTHER_CHAT_ID)])).await;
        let expected = json!({
            "chat_id": OTHER_CHAT_ID,
            "name": "市场周会",
            "owner": "wangwu",
            "user_list": ["wangwu", "zhangsan"],
            "chat_type": 0,
        });
        assert_eq!(output, expected);

        bench.refuses(action, json!({"chat_id": "unknown"}), 86003, "not-found").await;
        bench.refuses(action, json!({"chat_id": "with-hyphen"}), 86001, "invalid-request").await;
        bench.refuses(action, json!({"chat_id": "x".repeat(33)}), 86205, "limit").await;
        bench.application = application(&bench.server);
        bench.refuses(action, theirs, 86008, "permission").await;
    })
    .await;
}

#[tokio::test]
async fn create_group_chat() {
    both_ways(async |bench| {
        let action = "create-group-chat";
        let parameters = json!({
            "name": "新员工入职群", "owner": "LiSi", "user_list": ["zhangsan", "lisi"], "chat_id": "newhires2026"
        });
        let body = json!({
            "name": "新员工入职群", "owner": "LiSi", "userlist": ["zhangsan", "lisi"], "chatid": "newhires2026"
        });
        let output = bench.sends(action, parameters, Post("appchat/create", body)).await;
        assert_eq!(output, json!({"chat_id": "newhires2026", "truncated": [], "cleaned": []}));
        let created = Chat {
            chatid: "newhires2026".into(),
            name: "新员工入职群".into(),
            owner: LISI.into(),
            userlist: vec![ZHANGSAN.into(), LISI.into()],
            agent_id: AGENT_ID,
        };
        assert_eq!(bench.chat("newhires2026"), Some(created));

        let body = json!({"userlist": least(action)["user_list"]});
        let output = bench.sends(action, least(action), Post("appchat/create", body)).await;
        let chat_id = &bench.reply()["chatid"];
        assert_eq!(output, json!({"chat_id": chat_id, "truncated": [], "cleaned": []}));
        assert!(bench.chat(chat_id.as_str().unwrap()).is_some());

        for (changes, errcode, category) in [
            (json!({"chat_id": "newhires2026"}), 86215, "conflict"),
            (json!({"owner": "wangwu"}), 86207, "invalid-request"),
            (json!({"owner": "nobody"}), 86005, "not-found"),
            (json!({"user_list": ["zhangsan", "nobody"]}), 86007, "not-found"),
            (json!({"user_list": ["lisi", "LiSi"]}), 86006, "limit"),
        ] {
            bench.refuses(action, with(least(action), changes), errcode, category).await;
        }
        bench.application["app_secret"] = json!(LIMITED_APP_SECRET);
        bench.refuses(action, least(action), 60011, "permission").await;
    })
    .await;
}

#[tokio::test]
async fn update_group_chat() {
    both_ways(async |bench| {
        let action = "update-group-chat";
        bench.become_the_other_application();
        let theirs = json!({ "chat_id": OTHER_CHAT_ID });
        let parameters = json!({
            "chat_id": OTHER_CHAT_ID,
            "name": "市场例会",
            "owner": "zhangsan",
            "add_user_list": ["LiSi", "admin"],
            "del_user_list": ["wangwu"],
        });
        let body = json!({
            "chatid": OTHER_CHAT_ID,
            "name": "市场例会",
            "owner": "zhangsan",
            "add_user_list": ["LiSi", "admin"],
            "del_user_list": ["wangwu"],
        });
        let output = bench.sends(action, parameters, Post("appchat/update", body)).await;
        assert_eq!(output, json!({"truncated": [], "cleaned": []}));
        let updated = Chat {
            chatid: OTHER_CHAT_ID.into(),
            name: "市场例会".into(),
            owner: ZHANGSAN.into(),
            userlist: vec![ZHANGSAN.into(), LISI.into(), CREATOR.into()],
            agent_id: OTHER_AGENT_ID,
        };
        assert_eq!(bench.chat(OTHER_CHAT_ID), Some(updated.clone()));

        let output =
            bench.sends(action, theirs.clone(), Post("appchat/update", json!({"chatid": OTHER_CHAT_ID}))).await;
        assert_eq!((output, bench.chat(OTHER_CHAT_ID)), (json!({"truncated": [], "cleaned": []}), Some(updated)));

        for (changes, errcode, category) in [
            (json!({"chat_id": "unknown"}), 86003, "not-found"),
            (json!({"add_user_list": ["nobody"]}), 86216, "not-found"),
            (json!({"del_user_list": ["wangwu"]}), 86216, "not-found"),
            (json!({"del_user_list": ["LiSi", "admin"]}), 86006, "limit"),
            (json!({"del_user_list": ["zhangsan"]}), 86207, "invalid-request"),
            (json!({"owner": "nobody"}), 86005, "not-found"),
        ] {
            bench.refuses(action, with(theirs.clone(), changes), errcode, category).await;
        }
        bench.application = application(&bench.server);
        bench.refuses(action, theirs, 86008, "permission").await;
    })
    .await;
}

// ------------------------------------------------------------------------------------------- messages of the application

macro_rules! pushes {
    ($($test:ident: $run:ident($name:literal);)*) => {
        $(#[tokio::test]
        async fn $test() {
            $run($name).await;
        })*
    };
}

pushes! {
    push_text_message: pushes_to_members("text");
    push_markdown_message: pushes_to_members("markdown");
    push_file_message: pushes_to_members("file");
    push_image_message: pushes_to_members("image");
    push_image_text_message: pushes_to_members("image-text");
    push_text_card_message: pushes_to_members("text-card");
    push_news_message: pushes_to_members("news");
    push_voice_message: pushes_to_members("voice");
    push_video_message: pushes_to_members("video");
    push_text_message_to_group_chat: pushes_to_a_group_chat("text");
    push_markdown_message_to_group_chat: pushes_to_a_group_chat("markdown");
    push_file_message_to_group_chat: pushes_to_a_group_chat("file");
    push_image_message_to_group_chat: pushes_to_a_group_chat("image");
    push_image_text_message_to_group_chat: pushes_to_a_group_chat("image-text");
    push_text_card_message_to_group_chat: pushes_to_a_group_chat("text-card");
    push_news_message_to_group_chat: pushes_to_a_group_chat("news");
    push_voice_message_to_group_chat: pushes_to_a_group_chat("voice");
    push_video_message_to_group_chat: pushes_to_a_group_chat("video");
}

#[tokio::test]
async fn a_text_with_marks_for_ids_asks_for_their_translation() {
    both_ways(async |bench| {
        let action = "push-text-message";
        let content = "$userName=zhangsan$，请到 $departmentName=2$。";
        let body = json!({
            "touser": "zhangsan",
            "agentid": AGENT_ID,
            "msgtype": "text",
            "text": { "content": content },
            "enable_id_trans": 1,
        });
        let parameters = json!({ "to_user": ["zhangsan"], "content": content });
        bench.sends(action, parameters, Post("message/send", body)).await;

        // Money is no mark.
        let content = "午餐 $12，晚餐 $30";
        let body = json!({
            "touser": "zhangsan", "agentid": AGENT_ID, "msgtype": "text", "text": { "content": content }
        });
        let parameters = json!({ "to_user": ["zhangsan"], "content": content });
        bench.sends(action, parameters, Post("message/send", body)).await;
    })
    .await;
}

#[tokio::test]
async fn every_list_of_those_who_were_not_reached_is_handed_on() {
    both_ways(async |bench| {
        // The seed has no tags, and the connector names none; a reply may all the same.
        let reply = json!({
            "errcode": 0,
            "errmsg": "ok",
            "invaliduser": "a|b",
            "invalidparty": "7",
            "invalidtag": "1|2",
            "unlicenseduser": "c|d|",
            "msgid": "M",
            "response_code": "unknown to the contract",
        });
        let parameters = least("push-text-message");
        bench.call("push-text-message", &parameters).await.unwrap();
        bench.server.disturb_next(Disturbance::Replace(reply.to_string().into()));
        let expected = json!({
            "msg_id": "M",
            "invalid_user": ["a", "b"],
            "invalid_party": ["7"],
            "invalid_tag": ["1", "2"],
            "unlicensed_user": ["c", "d"],
            "truncated": [],
            "cleaned": [],
        });
        assert_eq!(bench.call("push-text-message", &parameters).await, Ok(expected));
    })
    .await;
}

#[tokio::test]
async fn withdraw_message() {
    both_ways(async |bench| {
        let action = "withdraw-message";
        let push = least("push-text-message");
        let sent = bench.call("push-text-message", &push).await.unwrap();
        let output = bench
            .sends(action, json!({"msg_id": sent["msg_id"]}), Post("message/recall", json!({"msgid": sent["msg_id"]})))
            .await;
        assert_eq!(output, json!({}));
        assert!(bench.last_message().withdrawn);

        bench.refuses(action, json!({"msg_id": sent["msg_id"]}), 40058, "invalid-request").await;
        bench.refuses(action, json!({"msg_id": "unknown"}), 40058, "invalid-request").await;

        let sent = bench.call("push-text-message", &push).await.unwrap();
        let parameters = json!({"msg_id": sent["msg_id"]});
        let own = bench.application.clone();
        bench.become_the_other_application();
        bench.refuses(action, parameters.clone(), 40058, "invalid-request").await;
        // A day later every token has expired, which is another story: a new instance has none.
        bench.server.with_world(|world| world.advance(DAY));
        bench.caller = Caller::new().await;
        bench.application = own;
        bench.refuses(action, parameters, 42052, "not-found").await;
    })
    .await;
}

// ------------------------------------------------------------------------------------------------ messages by chatbot

#[tokio::test]
async fn push_text_message_by_chatbot() {
    let parameters = json!({
        "content": "构建失败\n请查看。",
        "mentioned_list": ["wangqing", "@all"],
        "mentioned_mobile_list": ["13800001111", "@all"],
    });
    let full = (parameters.clone(), json!({ "msgtype": "text", "text": parameters }));
    let least = json!({"content": "构建失败"});
    let least = (least.clone(), json!({ "msgtype": "text", "text": least }));
    pushes_by_chatbot(
        "push-text-message-by-chatbot",
        full,
        least,
        json!({"truncated": [], "cleaned": []}),
        async |_| {},
    )
    .await;
}

#[tokio::test]
async fn push_markdown_message_by_chatbot() {
    let content = json!({"content": format!("# 构建 {}", "x".repeat(4096 - 9))});
    assert_eq!(content["content"].as_str().unwrap().len(), 4096, "twice what the application may send");
    let full = (content.clone(), json!({ "msgtype": "markdown", "markdown": content }));
    let action = "push-markdown-message-by-chatbot";
    pushes_by_chatbot(action, full.clone(), full, json!({"truncated": [], "cleaned": []}), async |_| {}).await;
}

#[tokio::test]
async fn push_markdown_v2_message_by_chatbot() {
    let content = json!({"content": "    code\n\n---\n| a | b |\n"});
    let full = (content.clone(), json!({ "msgtype": "markdown_v2", "markdown_v2": content }));
    let action = "push-markdown-v2-message-by-chatbot";
    pushes_by_chatbot(action, full.clone(), full, json!({"truncated": [], "cleaned": []}), async |_| {}).await;
}

#[tokio::test]
async fn push_voice_message_by_chatbot() {
    let voice = json!({ "media_id": ROBOT_VOICE_MEDIA_ID });
    let full = (voice.clone(), json!({ "msgtype": "voice", "voice": voice }));
    let action = "push-voice-message-by-chatbot";
    pushes_by_chatbot(action, full.clone(), full, json!({}), async |bench| {
        bench.refuses(action, json!({ "media_id": VOICE_MEDIA_ID }), 40007, "not-found").await;
        bench.refuses(action, json!({ "media_id": ROBOT_FILE_MEDIA_ID }), 301_015, "invalid-request").await;
    })
    .await;
}

#[tokio::test]
async fn push_news_message_by_chatbot() {
    let article = |picture: &str| json!({"title": "中秋节礼品", "description": "豪礼", "url": "www.qq.com", picture: "http://a/p.png"});
    let body = |articles: Value| json!({"msgtype": "news", "news": {"articles": articles}});
    let full = (json!({"articles": vec![article("pic_url"); 8]}), body(json!(vec![article("picurl"); 8])));
    let least = json!([{"title": "中秋节礼品", "url": "https://www.qq.com/?a=1&b=2"}]);
    let least = (json!({ "articles": least }), body(least));
    let action = "push-news-message-by-chatbot";
    pushes_by_chatbot(action, full, least, json!({"truncated": [], "cleaned": []}), async |_| {}).await;
}

#[tokio::test]
async fn push_mini_program_notice() {
    both_ways(async |bench| {
        let action = "push-mini-program-notice";
        let parameters = json!({
            "to_user": ["zhangsan"], "app_id": MINI_PROGRAM_ID, "page": "pages/index?a=1", "title": "会议室预订成功",
            "description": "4月27日", "emphasis_first_item": 1, "content_item": [{"key": "会议室", "value": "402"}],
        });
        let notice = json!({
            "appid": MINI_PROGRAM_ID, "page": "pages/index?a=1", "title": "会议室预订成功", "description": "4月27日",
            "emphasis_first_item": true, "content_item": [{"key": "会议室", "value": "402"}],
        });
        let body = json!({
            "touser": "zhangsan", "agentid": AGENT_ID, "msgtype": "miniprogram_notice", "miniprogram_notice": notice,
        });
        bench.sends(action, parameters.clone(), Post("message/send", body)).await;
        assert_eq!(bench.last_message().msgtype, "miniprogram_notice");

        let but = |changes| with(parameters.clone(), changes);
        bench.refuses(action, but(json!({"app_id": "wx1"})), 90207, "not-found").await;
        bench.refuses(action, but(json!({"app_id": "wx51a0000000000003"})), 90206, "permission").await;
        bench.refuses(action, but(json!({ "app_id": OTHER_MINI_PROGRAM_ID })), 90208, "permission").await;
        let program = json!([{"title": "T", "app_id": OTHER_MINI_PROGRAM_ID, "page_path": "pages/index"}]);
        let news = json!({"to_user": ["zhangsan"], "articles": program});
        bench.refuses("push-news-message", news, 90208, "permission").await;
    })
    .await;
}

/// The same call within the time is delivered once, and answered as the first was.
#[tokio::test]
async fn the_same_push_is_delivered_once() {
    both_ways(async |bench| {
        let action = "push-text-message";
        let push = json!({"to_user": ["zhangsan", "nobody"], "content": "once", "duplicate_check_interval": 60});
        let delivered = |bench: &Bench| bench.server.with_world(|world| world.messages().len());
        let before = delivered(bench);
        let first = bench.call(action, &push).await.unwrap();
        assert_eq!(first["invalid_user"], json!(["nobody"]));
        for _ in 0..3 {
            assert_eq!(bench.call(action, &push).await.unwrap(), first);
        }
        assert_eq!(delivered(bench), before + 1);
        // Another text is another message, and so is the same one after the time.
        bench.call(action, &with(push.clone(), json!({"content": "twice"}))).await.unwrap();
        assert_eq!(delivered(bench), before + 2);
        bench.server.with_world(|world| world.advance(Duration::from_secs(60)));
        assert_ne!(bench.call(action, &push).await.unwrap(), first);
        assert_eq!(delivered(bench), before + 3);
        // Nobody looks where nobody is asked to.
        let push = with(push, json!({"duplicate_check_interval": null}));
        for count in 4..6 {
            bench.call(action, &push).await.unwrap();
            assert_eq!(delivered(bench), before + count);
        }
    })
    .await;
}

#[tokio::test]
async fn push_file_message_by_chatbot() {
    let file = json!({ "media_id": ROBOT_FILE_MEDIA_ID });
    let full = (file.clone(), json!({ "msgtype": "file", "file": file }));
    let action = "push-file-message-by-chatbot";
    pushes_by_chatbot(action, full.clone(), full, json!({}), async |bench| {
        for media_id in ["unknown", FILE_MEDIA_ID] {
            bench.refuses(action, json!({ "media_id": media_id }), 40007, "not-found").await;
        }
        // Another robot's file is as good as none.
        bench.chatbot["chatbot_key"] = json!(OTHER_ROBOT_KEY);
        bench.refuses(action, json!({ "media_id": ROBOT_FILE_MEDIA_ID }), 40007, "not-found").await;
        bench.chatbot["chatbot_key"] = json!(ROBOT_KEY);
    })
    .await;
}

#[tokio::test]
async fn push_image_message_by_chatbot() {
    let image = image(PNG);
    let full = (image.clone(), json!({ "msgtype": "image", "image": image }));
    // Digits in capitals are taken, and sent as WeCom wants them.
    let capitals = with(image.clone(), json!({"md5": image["md5"].as_str().unwrap().to_uppercase()}));
    assert_ne!(capitals, image);
    let action = "push-image-message-by-chatbot";
    pushes_by_chatbot(action, full.clone(), (capitals, full.1), json!({}), async |bench| {
        bench.refuses(action, self::image(b"GIF89a is neither PNG nor JPG"), 40123, "invalid-request").await;
    })
    .await;
}

#[tokio::test]
async fn the_largest_image_reaches_a_chatbot() {
    both_ways(async |bench| {
        let mut content = PNG.to_vec();
        content.resize(2 * 1024 * 1024, 0);
        let image = image(&content);
        let body = json!({ "msgtype": "image", "image": image });
        bench.sends("push-image-message-by-chatbot", image, Post("webhook/send", body)).await;
    })
    .await;
}

#[tokio::test]
async fn push_image_text_message_by_chatbot() {
    let parameters =
        json!({"title": "中秋节礼品", "description": "豪礼", "url": "www.qq.com", "pic_url": "http://a/p.png"});
    let article =
        json!({"title": "中秋节礼品", "description": "豪礼", "url": "www.qq.com", "picurl": "http://a/p.png"});
    let full = (parameters, json!({"msgtype": "news", "news": {"articles": [article]}}));
    let least = json!({"title": "中秋节礼品", "url": "https://www.qq.com/?a=1&b=2"});
    let least = (least.clone(), json!({"msgtype": "news", "news": {"articles": [least]}}));
    pushes_by_chatbot(
        "push-image-text-message-by-chatbot",
        full,
        least,
        json!({"truncated": [], "cleaned": []}),
        async |_| {},
    )
    .await;
}

fn image(content: &[u8]) -> Value {
    let md5: String = Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "base64": BASE64.encode(content), "md5": md5 })
}

// ---------------------------------------------------------------------------------------------- what is left out

#[tokio::test]
async fn what_is_empty_is_left_out() {
    for action in actions() {
        let (action, least) = (action.id, least(action.id));
        let mut caller = Caller::new().await;
        let is_update = about(action).effect == wecom_connector::about::Effect::Update;
        let mut empty = Map::new();
        let mut null = Map::new();
        for (name, ty) in caller.parameters(action) {
            let Type::Option(ty) = ty else { continue };
            if least.get(&name).is_none() {
                null.insert(name.clone(), Value::Null);
            }
            let value = match ty.ty() {
                Type::String => json!(""),
                Type::List(_) => json!([]),
                _ => continue,
            };
            empty.entry(name).or_insert(value);
        }
        empty.extend(least.as_object().unwrap().clone());
        null.extend(least.as_object().unwrap().clone());
        if is_update {
            // There it clears, as `what_is_given_empty_in_an_update_clears` shows.
            empty = least.as_object().unwrap().clone();
        }

        let mut wires = Vec::new();
        for (way, parameters) in [
            (Way::Typed, &least),
            (Way::Typed, &empty.clone().into()),
            (Way::Invoke, &empty.into()),
            (Way::Invoke, &null.into()),
        ] {
            // Whether WeCom agrees is not asked here.
            let mut bench = Bench::start().await;
            bench.way = way;
            let (_, request) = bench.exchange(action, parameters).await;
            let own: Vec<_> = request.pairs.into_iter().skip(1).collect();
            wires.push((request.path, own, request.body));
        }
        assert!(wires.iter().all(|wire| *wire == wires[0]), "{action}: {wires:?}");
    }
}

#[tokio::test]
async fn invoke_takes_lists_as_text() {
    let mut bench = Bench::start().await;
    let parameters = json!({"to_user": " zhangsan | LiSi ||", "to_party": "2,4", "content": "x"});
    let body = json!({
        "touser": "zhangsan|LiSi", "toparty": "2|4", "agentid": AGENT_ID, "msgtype": "text", "text": {"content": "x"}
    });
    bench.sends("push-text-message", parameters, Post("message/send", body)).await;

    let parameters = json!({
        "user_id": "a", "name": "b", "email": "a@example.com", "department": "2, 4", "order": "0|1",
        "is_leader_in_dept": "1,0", "direct_leader": "zhangsan",
    });
    let body = json!({
        "userid": "a", "name": "b", "email": "a@example.com", "department": [2, 4], "order": [0, 1],
        "is_leader_in_dept": [1, 0], "direct_leader": ["zhangsan"],
    });
    bench.sends("create-member", parameters, Post("user/create", body)).await;
}

// ------------------------------------------------------------------------------------------------------ what is cut

/// The unit of a limit.
#[derive(Clone, Copy)]
enum Limit {
    Bytes(usize),
    Chars(usize),
}

impl Limit {
    /// As many whole characters of the text as fit.
    fn cut(self, text: &str) -> String {
        let mut cut = String::new();
        for (count, c) in text.chars().enumerate() {
            let fits = match self {
                Self::Bytes(max) => cut.len() + c.len_utf8() <= max,
                Self::Chars(max) => count < max,
            };
            if !fits {
                break;
            }
            cut.push(c);
        }
        cut
    }

    /// A text that has just the length of the limit, or as near as its characters allow.
    fn fill(self, start: &str, c: char) -> String {
        let (Self::Bytes(max) | Self::Chars(max)) = self;
        self.cut(&format!("{start}{}", c.to_string().repeat(max)))
    }
}

/// An action, and of each parameter that is cut: its name, its limit, and its place on the wire.
type Cut = (String, &'static [(&'static str, Limit, &'static str)]);

fn cuts() -> Vec<Cut> {
    use Limit::{Bytes, Chars};
    let mut cuts: Vec<Cut> = vec![
        ("create-group-chat".into(), &[("name", Chars(50), "/name")]),
        ("update-group-chat".into(), &[("name", Chars(50), "/name")]),
        ("push-text-message-by-chatbot".into(), &[("content", Bytes(2048), "/text/content")]),
        (
            "push-image-text-message-by-chatbot".into(),
            &[
                ("title", Bytes(128), "/news/articles/0/title"),
                ("description", Bytes(512), "/news/articles/0/description"),
            ],
        ),
    ];
    for target in ["", "-to-group-chat"] {
        cuts.push((format!("push-text-message{target}"), &[("content", Bytes(2048), "/text/content")]));
        cuts.push((
            format!("push-image-text-message{target}"),
            &[("title", Bytes(128), "/mpnews/articles/0/title"), ("digest", Bytes(512), "/mpnews/articles/0/digest")],
        ));
        cuts.push((
            format!("push-video-message{target}"),
            &[("title", Bytes(128), "/video/title"), ("description", Bytes(512), "/video/description")],
        ));
        cuts.push((
            format!("push-text-card-message{target}"),
            &[
                ("title", Bytes(128), "/textcard/title"),
                ("description", Bytes(512), "/textcard/description"),
                ("btn_txt", Chars(4), "/textcard/btntxt"),
            ],
        ));
    }
    cuts
}

#[tokio::test]
async fn what_is_too_long_is_cut_between_characters_and_named() {
    for (action, parameters) in cuts() {
        let names: Vec<_> = parameters.iter().map(|(name, ..)| *name).collect();
        both_ways(async |bench| {
            // One byte, then characters of one to four: every limit falls once between two of them and once inside one.
            for (start, c) in [("", 'x'), ("", 'é'), ("x", 'é'), ("", '企'), ("x", '企'), ("", '😀'), ("xy", '😀')]
            {
                let mut whole = least(&action);
                let mut long = whole.clone();
                for (name, limit, _) in parameters {
                    whole[*name] = json!(limit.fill(start, c));
                    long[*name] = json!(format!("{}{c}😀", limit.fill(start, c)));
                }
                for (given, truncated) in [(&whole, json!([])), (&long, json!(names))] {
                    let (answer, request) = bench.exchange(&action, given).await;
                    assert_eq!(answer.unwrap()["truncated"], truncated, "{action} {given}");
                    let body: Value = serde_json::from_slice(&request.body).unwrap();
                    for (name, limit, place) in parameters {
                        let expected = limit.cut(given[*name].as_str().unwrap());
                        assert_eq!(body.pointer(place), Some(&json!(expected)), "{action} {name}");
                    }
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn only_what_was_cut_is_named() {
    both_ways(async |bench| {
        let card = |title: &str, button: &str| {
            with(least("push-text-card-message"), json!({"title": title, "btn_txt": button}))
        };
        let output = bench.call("push-text-card-message", &card("领奖", "查看更多详情")).await.unwrap();
        assert_eq!(output["truncated"], json!(["btn_txt"]));
        assert_eq!(bench.last_message().body["textcard"]["btntxt"], "查看更多");
        let output = bench.call("push-text-card-message", &card(&"企".repeat(43), "查看更多")).await.unwrap();
        assert_eq!(output["truncated"], json!(["title"]));
        assert_eq!(bench.last_message().body["textcard"]["title"], "企".repeat(42), "129 bytes become 126");
    })
    .await;
}

// ------------------------------------------------------------------------------------- the application and customers

#[tokio::test]
async fn an_application_knows_itself_and_no_other() {
    both_ways(async |bench| {
        let output = bench.sends("get-application", json!({}), Get("agent/get", &[("agentid", "1000002")])).await;
        assert_eq!(output["name"], APP_NAME);
        assert_eq!((&output["close"], &output["allow_partys"]), (&json!(0), &json!([ROOT_DEPARTMENT_ID])));
        bench.refuses("get-application", json!({"agent_id": OTHER_AGENT_ID}), 301_002, "permission").await;

        bench.become_the_other_application();
        let output = bench.sends("list-applications", json!({}), Get("agent/list", &[])).await;
        assert_eq!(output["agent_list"][0]["agent_id"], OTHER_AGENT_ID);
        bench.sends("list-api-addresses", json!({}), Get("get_api_domain_ip", &[])).await;
        bench.sends("list-callback-addresses", json!({}), Get("getcallbackip", &[])).await;
        bench.server.with_world(|world| world.fail_next(60011, "no privilege"));
        let answer = bench.call("list-api-addresses", &json!({})).await;
        assert_eq!(answer.unwrap_err().rejected().errcode, Some(60011), "an empty list beside a refusal is none");
    })
    .await;
}

#[tokio::test]
async fn customers_are_for_an_application_that_is_ticked() {
    both_ways(async |bench| {
        bench.become_the_other_application();
        for (action, parameters) in [
            ("list-follow-members", json!({})),
            ("list-customer-ids", json!({"user_id": ZHANGSAN})),
            ("get-customer", json!({"external_user_id": CUSTOMER})),
            ("list-customers", json!({"user_id_list": [ZHANGSAN]})),
            ("list-customer-group-chats", json!({"limit": 10})),
            ("get-customer-group-chat", json!({"chat_id": CUSTOMER_CHAT_ID})),
        ] {
            let failure = bench.refuses(action, parameters, 48002, "permission").await;
            assert!(failure.hint.en.contains("Callable apps (可调用应用)"), "{}", failure.hint.en);
            assert!(failure.hint.zh.contains("可调用应用”里勾选"), "{}", failure.hint.zh);
        }
    })
    .await;
}

#[tokio::test]
async fn customers_of_members_in_view() {
    both_ways(async |bench| {
        let output = bench.call("list-customer-ids", &json!({"user_id": "ZhangSan"})).await.unwrap();
        assert_eq!(output, json!({"external_user_id": [CUSTOMER, WECOM_CUSTOMER]}));
        // 84061 here: a member without customers has none.
        let (answer, request) = bench.exchange("list-customer-ids", &json!({"user_id": LISI})).await;
        assert_eq!((answer.unwrap(), request.errcode), (json!({"external_user_id": []}), Some(84061)));
        bench.refuses("list-customer-ids", json!({"user_id": "nobody"}), 60111, "not-found").await;

        let output = bench.call("get-customer", &json!({"external_user_id": CUSTOMER})).await.unwrap();
        assert_eq!(output["follow_user"][0]["remark_mobiles"], json!(["13700000001"]));
        assert_eq!(output["follow_user"].as_array().unwrap().len(), 2);
        assert_eq!(output["next_cursor"], Value::Null);
        bench.refuses("get-customer", json!({"external_user_id": "wm1"}), 40096, "not-found").await;
        bench.refuses("get-customer", json!({"external_user_id": LOST_CUSTOMER}), 84061, "not-found").await;
        let beyond = json!({"external_user_id": CUSTOMER, "cursor": "x"});
        bench.refuses("get-customer", beyond, 50100, "invalid-request").await;
        bench.refuses("list-customers", json!({"user_id_list": ["nobody"]}), 40058, "invalid-request").await;
        let (answer, request) = bench.exchange("list-customers", &json!({"user_id_list": [LISI]})).await;
        assert_eq!((answer.unwrap(), request.errcode), (json!({"external_contact_list": []}), Some(84061)));
        bench.refuses("get-customer-group-chat", json!({"chat_id": ROOM_OF_NOBODY}), 90500, "not-found").await;

        // The application of the sales department sees what its members have.
        bench.application["app_secret"] = json!(LIMITED_APP_SECRET);
        let output = bench.call("list-follow-members", &json!({})).await.unwrap();
        assert_eq!(output, json!({"follow_user": [WANGWU]}));
        let output = bench.call("get-customer", &json!({"external_user_id": CUSTOMER})).await.unwrap();
        assert_eq!(output["follow_user"][0]["user_id"], WANGWU);
        bench.refuses("get-customer", json!({"external_user_id": WECOM_CUSTOMER}), 60011, "permission").await;
        bench.refuses("list-customer-ids", json!({"user_id": ZHANGSAN}), 60011, "permission").await;
        bench.refuses("get-customer-group-chat", json!({"chat_id": CUSTOMER_CHAT_ID}), 60011, "permission").await;
    })
    .await;
}

/// No group chat with customers.
const ROOM_OF_NOBODY: &str = "wrNOBODY";

#[tokio::test]
async fn customers_and_their_groups_come_page_by_page() {
    let mut bench = Bench::start().await;
    let mut pages = Vec::new();
    let mut parameters = json!({"user_id_list": [WANGWU, ZHANGSAN], "limit": 2});
    loop {
        let output = bench.call("list-customers", &parameters).await.unwrap();
        let rows = output["external_contact_list"].as_array().unwrap();
        let row = |row: &Value| json!([row["follow_info"]["user_id"], row["external_contact"]["external_user_id"]]);
        pages.push(rows.iter().map(row).collect::<Vec<_>>());
        match output.get("next_cursor") {
            Some(cursor) => parameters["cursor"] = cursor.clone(),
            None => break,
        }
    }
    let expected =
        [vec![json!([WANGWU, CUSTOMER]), json!([ZHANGSAN, CUSTOMER])], vec![json!([ZHANGSAN, WECOM_CUSTOMER])]];
    assert_eq!(pages, expected);
    parameters["cursor"] = json!("x");
    bench.refuses("list-customers", parameters, 50100, "invalid-request").await;

    let first = bench.call("list-customer-group-chats", &json!({"limit": 1})).await.unwrap();
    assert_eq!(first["group_chat_list"], json!([{"chat_id": CUSTOMER_CHAT_ID, "status": 0}]));
    let second = json!({"limit": 1, "cursor": first["next_cursor"]});
    let second = bench.call("list-customer-group-chats", &second).await.unwrap();
    let other = json!({"group_chat_list": [{"chat_id": OTHER_CUSTOMER_CHAT_ID, "status": 1}]});
    assert_eq!(second, other);
    for filter in [json!({"owner_user_id_list": [WANGWU]}), json!({"status_filter": 1})] {
        let output = bench.call("list-customer-group-chats", &with(filter, json!({"limit": 9}))).await.unwrap();
        assert_eq!(output, other);
    }
    for (named, people) in
        [(json!({}), [Value::Null, Value::Null]), (json!({"need_name": 1}), [json!("张三"), json!("钱女士")])]
    {
        let parameters = with(named, json!({"chat_id": CUSTOMER_CHAT_ID}));
        let output = bench.call("get-customer-group-chat", &parameters).await.unwrap();
        let members = output["member_list"].as_array().unwrap();
        assert_eq!([&members[0]["type"], &members[1]["type"]], [1, 2]);
        assert_eq!([members[0]["name"].clone(), members[1]["name"].clone()], people);
    }

    // Of a large company, groups are listed by owner only.
    bench.server.with_world(|world| {
        for number in 0..1000 {
            let place = Membership { department: ROOT_DEPARTMENT_ID, order: 0, leader: false };
            let member = Member::new(&format!("many{number}"), "多");
            world.add_member(CORP_ID, Member { departments: vec![place], ..member });
        }
    });
    bench.refuses("list-customer-group-chats", json!({"limit": 9}), 81017, "limit").await;
    bench.call("list-customer-group-chats", &json!({"owner_user_id_list": [WANGWU], "limit": 9})).await.unwrap();
}
