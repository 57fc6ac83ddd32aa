//! Interface `app-message`: messages that the application sends to members.

use serde_json::{Map, Value};

use super::message::{
    AGENT_ID, ARTICLE, ARTICLE_TITLE, AUTHOR, BUTTON_TEXT, CARD_LINK, CARD_TEXT, CARD_TITLE, DIGEST, Delivery, FILE,
    IMAGE, MARKDOWN_CONTENT, SAFE, SAFE_ARTICLE, SENT_AGAIN, SOURCE_LINK, TEXT_CONTENT, THUMBNAIL, TO_PARTY, TO_USER,
    body,
};
use crate::about::{About, Beyond, EVERY_API, Effect, Interface, Proof, RateLimit, Secrets, icon};
use crate::action::{Action, Nothing, Request, plain};
use crate::connection::{Application, CheckedApplication};
use crate::http::Method;
use crate::parameter::conditions::{filled, not, when};
use crate::parameter::{Edits, Names, Parameters, Spec, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, phrase, text};

const LIMITS: [RateLimit; 5] = [
    EVERY_API[0],
    EVERY_API[1],
    RateLimit {
        scope: "application",
        amount: 200,
        unit: "members reached per account of the enterprise",
        per_seconds: 86_400,
        beyond: Beyond::Refused,
    },
    RateLimit { scope: "member", amount: 30, unit: "messages", per_seconds: 60, beyond: Beyond::DroppedSilently },
    RateLimit { scope: "member", amount: 1000, unit: "messages", per_seconds: 3600, beyond: Beyond::DroppedSilently },
];

/// What every push has in common.
type Push = PushTextMessageParameters;

/// What a schema can say of [`check_receivers`]: where no department is named, a member is.
fn somebody_receives() -> Map<String, Value> {
    when(not(filled(Push::to_party)), filled(Push::to_user))
}

/// Somebody must be there to receive a message. Where that is everyone, nobody else is named: WeCom takes `@all` only
/// alone, and the departments are skipped.
fn check_receivers(parameters: &mut Parameters) {
    let (to_user, to_party) = (Push::to_user, Push::to_party);
    let is_everyone = |id: &Value| {
        id.as_str().is_some_and(|id| id.strip_prefix(['@', '＠']).is_some_and(|all| all.eq_ignore_ascii_case("all")))
    };
    let members = parameters.entries(to_user);
    if members.iter().any(is_everyone) {
        parameters.set(to_user, [rules::EVERYONE].as_slice());
        parameters.remove(to_party);
    } else if members.is_empty() && parameters.entries(to_party).is_empty() {
        let rule = phrase!("is required where `to_party` names no department");
        parameters.violate(to_user, &[to_party.name()], rule);
    }
}

fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
    check_receivers(parameters);
    if parameters.number(Push::agent_id).is_none() && connection.is_some_and(|connection| connection.agent_id.is_none())
    {
        parameters.violate(Push::agent_id, &[], phrase!("is required where the connection has no `agent_id`"));
    }
}

fn request(kind: &'static str, mut content: Parameters, connection: &CheckedApplication) -> Request {
    if let (None, Some(agent_id)) = (content.number(Push::agent_id), connection.agent_id) {
        content.set(Push::agent_id, agent_id);
    }
    // WeCom replaces marks by names only where it is asked to.
    let translates = kind == "text" && has_id_marks(content.text(Push::content));
    let joined = |(wire, list)| (wire, joined(&list).into());
    let beside = [
        content.take(Push::to_user).map(joined),
        content.take(Push::to_party).map(joined),
        content.take(Push::agent_id),
        content.take(Push::safe),
        translates.then(|| ("enable_id_trans", 1.into())),
    ];
    Request::post(PUSH.api, body(kind, content, beside.into_iter().flatten()))
}

/// `a|b`, as WeCom takes receivers.
fn joined(list: &Value) -> String {
    let mut joined = String::new();
    for (index, entry) in list.as_array().into_iter().flatten().enumerate() {
        if index > 0 {
            joined.push('|');
        }
        joined.push_str(&plain(entry));
    }
    joined
}

/// Whether the text has marks such as `$userName=ID$`, which WeCom can replace by names.
fn has_id_marks(content: &str) -> bool {
    ["$userName=", "$departmentName="].iter().any(|mark| content.contains(mark))
}

fn delivery(mut reply: Reply, edits: Edits) -> Result<Delivery, Malformed> {
    Ok(Delivery {
        msg_id: reply.text("msgid")?,
        invalid_user: reply.delimited("invaliduser")?,
        invalid_party: reply.delimited("invalidparty")?,
        invalid_tag: reply.delimited("invalidtag")?,
        unlicensed_user: reply.delimited("unlicenseduser")?,
        truncated: edits.truncated,
        cleaned: edits.cleaned,
    })
}

/// What is known of every push.
const PUSH: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("text"),
    description: Text::NONE,
    remarks: &[SENT_AGAIN, DROPPED],
    interface: &INTERFACE,
    method: Method::Post,
    api: "message/send",
    proof: Proof::Text("msgid"),
    secrets: Secrets::App,
    effect: Effect::Send,
    idempotent: false,
    rate_limits: &LIMITS,
    pagination: None,
    since: "0.1.0",
    doc_url: "https://developer.work.weixin.qq.com/document/path/90236",
    sample_parameters: "",
    sample_output: r#"{"msg_id": "vEVpd0nVZyyiUsl5kHm3F1yvKB9HCS6nDlSk8Xnp6Hk", "invalid_user": ["wangwu"], "invalid_party": [], "invalid_tag": [], "unlicensed_user": [], "truncated": [], "cleaned": []}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok", "invaliduser": "", "invalidparty": "", "invalidtag": "", "unlicenseduser": "", "msgid": "msg"}"#,
};

/// Of limits beyond which a member gets nothing.
const DROPPED: Text = text(
    "Members beyond WeCom's limits do not get it, and WeCom does not say so.",
    "超出企业微信发送限制的成员收不到消息，企业微信也不会提示。",
);

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "app-message",
    title: text("Messages to members", "应用消息"),
    docs: "Messages that the application sends to members and departments, and taking them back.",
};

/// What every push does the same way: only its table and the kind of its content differ.
macro_rules! push {
    ($parameters:ty, $kind:literal) => {
        type Connection = Application;
        type Parameters = $parameters;
        type Output = Delivery;

        fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
            check(parameters, connection);
        }

        fn conditions() -> Map<String, Value> {
            somebody_receives()
        }

        fn request(parameters: Parameters, connection: &CheckedApplication) -> Request {
            request($kind, parameters, connection)
        }

        fn output(reply: Reply, edits: Edits) -> Result<Delivery, Malformed> {
            delivery(reply, edits)
        }
    };
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushTextMessage;

table! {
    /// Parameters of `push-text-message`.
    pub struct PushTextMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub content: String = TEXT_CONTENT,
        pub safe: Option<u8> = SAFE,
    }
}

impl Action for PushTextMessage {
    const ABOUT: About = About {
        id: "push-text-message",
        title: text("Pushing a text message", "推送文本消息"),
        label: text("Push a text message", "发送文本消息"),
        icon: icon!("text"),
        description: text(
            "Sends a text from the application to members or departments. Marks such as $userName=zhangsan$ and \
            $departmentName=2$ in it become names.",
            "由应用向成员或部门发送文本。正文中的$userName=zhangsan$、$departmentName=2$等标记会显示为对应的名称。",
        ),
        sample_parameters: r#"{"to_user": ["zhangsan", "wangwu"], "agent_id": 1000002, "content": "请于今天18:00前填写周报。", "safe": 0}"#,
        ..PUSH
    };
    push!(PushTextMessageParameters, "text");
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushMarkdownMessage;

table! {
    /// Parameters of `push-markdown-message`.
    pub struct PushMarkdownMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub content: String = MARKDOWN_CONTENT,
    }
}

impl Action for PushMarkdownMessage {
    const ABOUT: About = About {
        id: "push-markdown-message",
        title: text("Pushing a markdown message", "推送markdown消息"),
        label: text("Push a Markdown message", "发送Markdown消息"),
        icon: icon!("markdown"),
        description: text(
            "Sends a text in Markdown from the application to members or departments.",
            "由应用向成员或部门发送Markdown文本。",
        ),
        sample_parameters: r##"{"to_party": [2], "agent_id": 1000002, "content": "# 周报\n<font color=\"info\">已生成</font>，[查看](https://example.com)"}"##,
        ..PUSH
    };
    push!(PushMarkdownMessageParameters, "markdown");
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushFileMessage;

table! {
    /// Parameters of `push-file-message`.
    pub struct PushFileMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub media_id: String = FILE,
        pub safe: Option<u8> = SAFE,
    }
}

impl Action for PushFileMessage {
    const ABOUT: About = About {
        id: "push-file-message",
        title: text("Pushing a file message", "推送文件消息"),
        label: text("Push a file", "发送文件"),
        icon: icon!("file"),
        description: text(
            "Sends an uploaded file from the application to members or departments.",
            "由应用向成员或部门发送已上传的文件。",
        ),
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "safe": 1}"#,
        ..PUSH
    };
    push!(PushFileMessageParameters, "file");
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushImageMessage;

table! {
    /// Parameters of `push-image-message`.
    pub struct PushImageMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub media_id: String = IMAGE,
        pub safe: Option<u8> = SAFE,
    }
}

impl Action for PushImageMessage {
    const ABOUT: About = About {
        id: "push-image-message",
        title: text("Pushing an image message", "推送图片消息"),
        label: text("Push an image", "发送图片"),
        icon: icon!("image"),
        description: text(
            "Sends an uploaded image from the application to members or departments.",
            "由应用向成员或部门发送已上传的图片。",
        ),
        sample_parameters: r#"{"to_user": ["@all"], "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        ..PUSH
    };
    push!(PushImageMessageParameters, "image");
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushImageTextMessage;

table! {
    /// Parameters of `push-image-text-message`.
    pub struct PushImageTextMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub title: String = ARTICLE_TITLE,
        pub thumb_media_id: String = THUMBNAIL,
        pub content: String = ARTICLE,
        pub author: Option<String> = AUTHOR,
        pub content_source_url: Option<String> = SOURCE_LINK,
        pub digest: Option<String> = DIGEST,
        pub safe: Option<u8> = SAFE_ARTICLE,
    }
}

impl Action for PushImageTextMessage {
    const ABOUT: About = About {
        id: "push-image-text-message",
        title: text("Pushing an image and text message", "推送图文消息"),
        label: text("Push an image and text message", "发送图文消息"),
        icon: icon!("article"),
        description: text(
            "Sends an article with a picture, which WeCom itself keeps, from the application to members or \
            departments.",
            "由应用向成员或部门发送图文消息，内容保存在企业微信。",
        ),
        sample_parameters: r#"{"to_user": ["zhangsan"], "to_party": [2], "agent_id": 1000002, "title": "春节放假安排", "thumb_media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "content": "<p>除夕至初七放假，共八天。</p>", "author": "行政部", "content_source_url": "https://example.com/notice", "digest": "放假时间与值班安排", "safe": 2}"#,
        ..PUSH
    };
    push!(PushImageTextMessageParameters, "mpnews");
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushTextCardMessage;

table! {
    /// Parameters of `push-text-card-message`.
    pub struct PushTextCardMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub title: String = CARD_TITLE,
        pub description: String = CARD_TEXT,
        pub url: String = CARD_LINK,
        pub btn_txt: Option<String> = BUTTON_TEXT,
    }
}

impl Action for PushTextCardMessage {
    const ABOUT: About = About {
        id: "push-text-card-message",
        title: text("Pushing a text card message", "推送文本卡片消息"),
        label: text("Push a text card", "发送文本卡片"),
        icon: icon!("card"),
        description: text(
            "Sends a card with a text, a link and a button from the application to members or departments.",
            "由应用向成员或部门发送带文字、链接和按钮的卡片。",
        ),
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "title": "领奖通知", "description": "<div class=\"gray\">10月1日</div>请于10月10日前到行政部领取。", "url": "https://example.com/prize", "btn_txt": "更多"}"#,
        ..PUSH
    };
    push!(PushTextCardMessageParameters, "textcard");
}

/// `POST message/recall`
///
/// <https://developer.work.weixin.qq.com/document/path/94867>
pub struct WithdrawMessage;

table! {
    /// Parameters of `withdraw-message`.
    pub struct WithdrawMessageParameters {
        pub msg_id: String = Spec {
            wire: "msgid",
            title: text("Message ID", "消息ID"),
            description: text(
                "ID that pushing the message returned. Messages to group chats and by chatbot have none and cannot be \
                withdrawn.",
                "发送消息时返回的消息ID。群聊消息和群机器人消息没有消息ID，无法撤回。",
            ),
            examples: &[Text::both(r#""vEVpd0nVZyyiUsl5kHm3F1yvKB9HCS6nDlSk8Xnp6Hk""#)],
            rules: &[rules::NOT_EMPTY, rules::ID],
            ui: ui::hint(text(
                "The msg_id in the output of the action that pushed the message.",
                "即发送消息的操作返回的消息ID（msg_id）。",
            )),
            names: Names::Message,
            ..Spec::NEW
        },
    }
}

impl Action for WithdrawMessage {
    const ABOUT: About = About {
        id: "withdraw-message",
        title: text("Withdrawing an application message", "撤回应用消息"),
        label: text("Withdraw a message", "撤回消息"),
        icon: icon!("withdraw"),
        description: text(
            "Takes back a message that the same application sent to members within the last 24 hours. It disappears \
            from WeCom, not from WeChat. A second call is refused.",
            "撤回同一应用在24小时内发给成员的消息。消息会从企业微信中消失，但不会从微信中消失。再次运行会被拒绝。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "message/recall",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::App,
        effect: Effect::Delete,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/94867",
        sample_parameters: r#"{"msg_id": "vEVpd0nVZyyiUsl5kHm3F1yvKB9HCS6nDlSk8Xnp6Hk"}"#,
        sample_output: "{}",
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
    };
    type Connection = Application;
    type Parameters = WithdrawMessageParameters;
    type Output = Nothing;

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::wire::{OK, call};

    const SENT: &str = r#"{
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": "userid1|userid2",
        "invalidparty": "partyid1|partyid2",
        "invalidtag": "tagid1|tagid2",
        "unlicenseduser": "userid3|userid4",
        "msgid": "xxxx",
        "response_code": "xyzxyz"
    }"#;

    /// The output for [`SENT`], where nothing was done to the texts.
    fn sent() -> Value {
        json!({
            "msg_id": "xxxx",
            "invalid_user": ["userid1", "userid2"],
            "invalid_party": ["partyid1", "partyid2"],
            "invalid_tag": ["tagid1", "tagid2"],
            "unlicensed_user": ["userid3", "userid4"],
            "truncated": [],
            "cleaned": [],
        })
    }

    #[test]
    fn push_text_message() {
        let parameters = json!({
            "to_user": ["UserID1", "UserID2"],
            "to_party": [1, 2],
            "agent_id": 1,
            "content": "你的快递已到，请携带工卡前往邮件中心领取。",
            "safe": 0,
        });
        let body = json!({
            "touser": "UserID1|UserID2",
            "toparty": "1|2",
            "msgtype": "text",
            "agentid": 1,
            "text": {"content": "你的快递已到，请携带工卡前往邮件中心领取。"},
            "safe": 0,
        });
        call("push-text-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn push_markdown_message() {
        let parameters = json!({"to_party": [1], "agent_id": 1, "content": "您的会议室已经预定"});
        let markdown = json!({"content": "您的会议室已经预定"});
        let body = json!({"toparty": "1", "msgtype": "markdown", "agentid": 1, "markdown": markdown});
        call("push-markdown-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn push_file_message() {
        let parameters = json!({"to_user": ["UserID1"], "agent_id": 1, "media_id": "MEDIA_ID", "safe": 1});
        let file = json!({"media_id": "MEDIA_ID"});
        let body = json!({"touser": "UserID1", "msgtype": "file", "agentid": 1, "file": file, "safe": 1});
        call("push-file-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn push_image_message() {
        let parameters = json!({"to_user": ["UserID1"], "agent_id": 1, "media_id": "MEDIA_ID", "safe": 0});
        let image = json!({"media_id": "MEDIA_ID"});
        let body = json!({"touser": "UserID1", "msgtype": "image", "agentid": 1, "image": image, "safe": 0});
        call("push-image-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn push_image_text_message() {
        let parameters = json!({
            "to_user": ["UserID1"],
            "agent_id": 1,
            "title": "Title",
            "thumb_media_id": "MEDIA_ID",
            "content": "Content",
            "author": "Author",
            "content_source_url": "URL",
            "digest": "Digest description",
            "safe": 2,
        });
        let article = json!({
            "title": "Title",
            "thumb_media_id": "MEDIA_ID",
            "content": "Content",
            "author": "Author",
            "content_source_url": "URL",
            "digest": "Digest description",
        });
        let articles = json!({"articles": [article]});
        let body = json!({"touser": "UserID1", "msgtype": "mpnews", "agentid": 1, "mpnews": articles, "safe": 2});
        call("push-image-text-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn push_text_card_message() {
        let parameters = json!({
            "to_user": ["UserID1"],
            "agent_id": 1,
            "title": "领奖通知",
            "description": "<div class=\"gray\">2016年9月26日</div>",
            "url": "https://work.weixin.qq.com",
            "btn_txt": "更多",
        });
        let card = json!({
            "title": "领奖通知",
            "description": "<div class=\"gray\">2016年9月26日</div>",
            "url": "https://work.weixin.qq.com",
            "btntxt": "更多",
        });
        let body = json!({"touser": "UserID1", "msgtype": "textcard", "agentid": 1, "textcard": card});
        call("push-text-card-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn withdraw_message() {
        call("withdraw-message", json!({"msg_id": "xxxx"}))
            .posts("message/recall", json!({"msgid": "xxxx"}))
            .returns(OK, json!({}));
    }

    const PUSHES: [(&str, &str, &str); 6] = [
        ("push-text-message", "text", r#"{"content": "T"}"#),
        ("push-markdown-message", "markdown", r#"{"content": "T"}"#),
        ("push-file-message", "file", r#"{"media_id": "M"}"#),
        ("push-image-message", "image", r#"{"media_id": "M"}"#),
        ("push-image-text-message", "mpnews", r#"{"title": "T", "thumb_media_id": "M", "content": "C"}"#),
        ("push-text-card-message", "textcard", r#"{"title": "T", "description": "D", "url": "https://qq.com"}"#),
    ];

    /// Every push with nothing but what it must have, and the receivers; its body, but for the receivers and the sender.
    fn every_push(to: &Value) -> impl Iterator<Item = (&'static str, Value, Value)> {
        PUSHES.into_iter().map(move |(action, kind, content)| {
            let content: Value = serde_json::from_str(content).unwrap();
            let mut parameters = content.clone();
            parameters.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
            let content = if kind == "mpnews" { json!({"articles": [content]}) } else { content };
            (action, parameters, json!({"msgtype": kind, kind: content}))
        })
    }

    #[test]
    fn the_connection_says_which_application_it_is() {
        for (action, mut parameters, mut body) in every_push(&json!({"to_user": ["UserID1"]})) {
            body["touser"] = "UserID1".into();
            body["agentid"] = 1_000_002.into();
            call(action, parameters.clone()).posts("message/send", body.clone()).returns(SENT, sent());

            call(action, parameters.clone()).without_agent_id().refused_at("/agent_id", "is required where");

            parameters["agent_id"] = 1.into();
            body["agentid"] = 1.into();
            call(action, parameters).without_agent_id().posts("message/send", body).returns(SENT, sent());
        }
    }

    #[test]
    fn everyone_is_the_only_receiver() {
        for (action, parameters, mut body) in every_push(&json!({"to_user": ["UserID1", "@ALL"], "to_party": [1]})) {
            body["touser"] = "@all".into();
            body["agentid"] = 1_000_002.into();
            call(action, parameters).posts("message/send", body).returns(SENT, sent());
        }
    }

    #[test]
    fn somebody_receives() {
        for (action, parameters, _) in every_push(&json!({})) {
            call(action, parameters).refused_at("/to_user", "is required where `to_party` names no department");
        }
    }

    #[test]
    fn names_are_asked_for_where_a_text_has_marks() {
        let pushed = |action: &'static str, kind: &str, content: &str, translation: Value| {
            let mut body =
                json!({"touser": "UserID1", "msgtype": kind, "agentid": 1_000_002, kind: {"content": content}});
            body.as_object_mut().unwrap().extend(translation.as_object().unwrap().clone());
            call(action, json!({"to_user": ["UserID1"], "content": content})).posts("message/send", body)
        };
        for marked in ["$userName=zhangsan$ 请填写", "请到 $departmentName=2$"] {
            pushed("push-text-message", "text", marked, json!({"enable_id_trans": 1})).returns(SENT, sent());
            pushed("push-markdown-message", "markdown", marked, json!({})).returns(SENT, sent());
        }
        pushed("push-text-message", "text", "午餐 $12，晚餐 $30", json!({})).returns(SENT, sent());
    }

    #[test]
    fn who_was_not_reached_is_a_text_or_a_list() {
        let pushed = || {
            call("push-text-message", json!({"to_user": ["UserID1"], "content": "T"})).posts(
                "message/send",
                json!({"touser": "UserID1", "msgtype": "text", "agentid": 1_000_002, "text": {"content": "T"}}),
            )
        };
        // As messages to linked enterprises have it.
        let lists = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "invaliduser": ["userid1", "userid2"],
            "invalidparty": ["partyid1", "partyid2"],
            "invalidtag": ["tagid1", "tagid2"],
            "unlicenseduser": ["userid3", "userid4"],
            "msgid": "xxxx"
        }"#;
        pushed().returns(lists, sent());

        let nobody = json!({
            "invalid_user": [],
            "invalid_party": [],
            "invalid_tag": [],
            "unlicensed_user": [],
            "truncated": [],
            "cleaned": [],
        });
        pushed().returns(OK, nobody);
        pushed().fails(r#"{"errcode": 0, "errmsg": "ok", "invaliduser": {}}"#, "its `invaliduser` is not");
    }

    #[test]
    fn what_was_done_to_the_texts_is_returned() {
        let mut output = sent();
        output["truncated"] = json!(["title"]);
        output["cleaned"] = json!(["description"]);
        let (title, url) = ("T".repeat(128), "https://qq.com");
        let card = json!({"title": title, "description": "Text", "url": url});
        call(
            "push-text-card-message",
            json!({"to_user": ["UserID1"], "title": format!("{title}T"), "description": "Text\u{7}", "url": url}),
        )
        .posts(
            "message/send",
            json!({"touser": "UserID1", "msgtype": "textcard", "agentid": 1_000_002, "textcard": card}),
        )
        .returns(SENT, output);
    }
}
