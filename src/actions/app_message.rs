//! Interface `app-message`: messages that the application sends to members.

use serde_json::{Map, Value};

use super::message::{
    AGENT_ID, ARTICLE, ARTICLE_TITLE, ARTICLES, AUTHOR, Article, BUTTON_TEXT, CARD_LINK, CARD_TEXT, CARD_TITLE, DIGEST,
    DUPLICATE_CHECK, Delivery, EMPHASIS, FILE, IMAGE, MARKDOWN_CONTENT, MINI_PROGRAM, NOTICE_ITEMS, NOTICE_PAGE,
    NOTICE_TEXT, NOTICE_TITLE, NoticeItem, SAFE, SAFE_ARTICLE, SOURCE_LINK, TEXT_CONTENT, THUMBNAIL, TO_NAMED_USER,
    TO_PARTY, TO_TAG, TO_USER, VIDEO, VIDEO_TEXT, VIDEO_TITLE, VOICE, body, check_article,
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

/// The parameter that makes a push idempotent.
pub(super) const IDEMPOTENT_WITH: Option<&'static str> = Some(Push::duplicate_check_interval.name());

/// What a schema can say of [`check_receivers`]: where no department and no tag is named, a member is.
pub(super) fn somebody_receives() -> Map<String, Value> {
    let without_tag = when(not(filled(Push::to_tag)), filled(Push::to_user));
    when(not(filled(Push::to_party)), without_tag.into())
}

/// Whether a receiver stands for everyone.
pub(super) fn names_everyone(parameters: &Parameters) -> bool {
    parameters.entries(Push::to_user).iter().any(|id| {
        id.as_str().is_some_and(|id| id.strip_prefix(['@', '＠']).is_some_and(|all| all.eq_ignore_ascii_case("all")))
    })
}

/// Whether neither a member nor a department nor a tag is named.
pub(super) fn names_nobody(parameters: &Parameters) -> bool {
    parameters.entries(Push::to_user).is_empty()
        && parameters.entries(Push::to_party).is_empty()
        && parameters.entries(Push::to_tag).is_empty()
}

/// Somebody must be there to receive a message. Where that is everyone, nobody else is named: WeCom takes `@all` only
/// alone, and departments and tags are skipped.
fn check_receivers(parameters: &mut Parameters) {
    let (to_user, to_party, to_tag) = (Push::to_user, Push::to_party, Push::to_tag);
    if names_everyone(parameters) {
        parameters.set(to_user, [rules::EVERYONE].as_slice());
        parameters.remove(to_party);
        parameters.remove(to_tag);
    } else if names_nobody(parameters) {
        let rule = phrase!("is required where `to_party` names no department and `to_tag` no tag");
        parameters.violate(to_user, &[to_party.name(), to_tag.name()], rule);
    }
}

/// The application must be named, by the parameters or by the connection.
pub(super) fn check_agent_id(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
    if parameters.number(Push::agent_id).is_none() && connection.is_some_and(|connection| connection.agent_id.is_none())
    {
        parameters.violate(Push::agent_id, &[], phrase!("is required where the connection has no `agent_id`"));
    }
}

/// Names the application of the connection where the parameters name none.
pub(super) fn set_agent_id(parameters: &mut Parameters, connection: &CheckedApplication) {
    if let (None, Some(agent_id)) = (parameters.number(Push::agent_id), connection.agent_id) {
        parameters.set(Push::agent_id, agent_id);
    }
}

/// What every push is held against beside the rules of its fields.
pub(super) fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
    check_receivers(parameters);
    check_agent_id(parameters, connection);
}

/// The request of a push. Its content is what is left of the parameters.
pub(super) fn request(kind: &'static str, mut content: Parameters, connection: &CheckedApplication) -> Request {
    set_agent_id(&mut content, connection);
    let joined = |(wire, list)| (wire, joined(&list).into());
    let duplicate_check = content.number(Push::duplicate_check_interval);
    let beside = [
        content.take(Push::to_user).map(joined),
        content.take(Push::to_party).map(joined),
        content.take(Push::to_tag).map(joined),
        content.take(Push::agent_id),
        content.take(Push::safe),
        duplicate_check.map(|_| ("enable_duplicate_check", 1.into())),
        content.take(Push::duplicate_check_interval),
    ];
    let mut body = body(kind, content, beside.into_iter().flatten());
    if TRANSLATED.contains(&kind) {
        translate(&mut body, kind);
    }
    Request { duplicate_check, ..Request::post(PUSH.api, body) }
}

/// The kinds of message in which WeCom replaces marks.
const TRANSLATED: [&str; 6] = ["text", "textcard", "news", "mpnews", "miniprogram_notice", "template_card"];

/// What WeCom can replace by a name or a text: `$userName=ID$`.
const MARKS: [&str; 7] = [
    "$departmentName=",
    "$userName=",
    "$userAlias=",
    "$userAliasOrName=",
    "$chatName=",
    "$msgContent=",
    "$externalUserName=",
];

/// WeCom replaces marks by names only where it is asked to.
pub(super) fn translate(body: &mut Map<String, Value>, content: &str) {
    if body.get(content).is_some_and(has_id_marks) {
        body.insert("enable_id_trans".to_owned(), 1.into());
    }
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

/// Whether a text in it has marks that WeCom can replace.
fn has_id_marks(content: &Value) -> bool {
    match content {
        // Most texts have none, and one search says so.
        Value::String(text) => text.contains('$') && MARKS.iter().any(|mark| text.contains(mark)),
        Value::Array(items) => items.iter().any(has_id_marks),
        Value::Object(fields) => fields.values().any(has_id_marks),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The output of a push.
pub(super) fn delivery(mut reply: Reply, edits: Edits) -> Result<Delivery, Malformed> {
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
pub(super) const PUSH: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("text"),
    description: Text::NONE,
    remarks: &[SENT_ONCE, DROPPED],
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

/// What a second call does.
pub(super) const SENT_ONCE: Text = text(
    "A second call sends a second message, unless Duplicate Check is set: then WeCom delivers the same message only once \
    for that time.",
    "再次运行会再发一条；填写“重复消息检查”后，在所填时间内相同的消息只投递一次。",
);

/// Of limits beyond which a member gets nothing.
pub(super) const DROPPED: Text = text(
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
    ($parameters:ty, $kind:literal $(, $check:expr)?) => {
        const IDEMPOTENT_WITH: Option<&'static str> = IDEMPOTENT_WITH;

        type Connection = Application;
        type Parameters = $parameters;
        type Output = Delivery;

        fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
            check(parameters, connection);
            $(($check)(parameters);)?
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
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
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
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
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
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
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
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
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
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
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
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
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

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushNewsMessage;

table! {
    /// Parameters of `push-news-message`.
    pub struct PushNewsMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub articles: Vec<Article> = ARTICLES,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushNewsMessage {
    const ABOUT: About = About {
        id: "push-news-message",
        title: text("Pushing a news message", "推送链接图文消息"),
        label: text("Push articles with links", "发送链接图文消息"),
        icon: icon!("article"),
        description: text(
            "Sends up to eight headlines with pictures from the application to members or departments. Each opens a link \
            or a mini program.",
            "由应用向成员或部门发送最多八条带图片的标题，每条可打开一个链接或小程序。",
        ),
        since: "0.2.0",
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "articles": [{"title": "第29周销售报表", "description": "环比增长4%", "url": "https://bi.example.com/report/29", "pic_url": "https://bi.example.com/report/29.png"}]}"#,
        ..PUSH
    };
    push!(PushNewsMessageParameters, "news", |parameters: &mut Parameters| {
        parameters.check_records(PushNewsMessageParameters::articles, check_article);
    });
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushMiniProgramNotice;

table! {
    /// Parameters of `push-mini-program-notice`.
    pub struct PushMiniProgramNoticeParameters {
        pub to_user: Option<Vec<String>> = TO_NAMED_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub app_id: String = MINI_PROGRAM,
        pub page: Option<String> = NOTICE_PAGE,
        pub title: String = NOTICE_TITLE,
        pub description: Option<String> = NOTICE_TEXT,
        pub emphasis_first_item: Option<u8> = EMPHASIS,
        pub content_item: Option<Vec<NoticeItem>> = NOTICE_ITEMS,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushMiniProgramNotice {
    const ABOUT: About = About {
        id: "push-mini-program-notice",
        title: text("Pushing a mini program notice", "推送小程序通知消息"),
        label: text("Push a mini program notice", "发送小程序通知"),
        icon: icon!("mini-program"),
        description: text(
            "Sends a notice of a mini program, which opens it, to members or departments. The application must be linked \
            with the mini program.",
            "由应用向成员或部门发送小程序通知，点击后打开小程序。应用须已关联该小程序。",
        ),
        since: "0.2.0",
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "app_id": "wx123123123123123", "page": "pages/index?userid=zhangsan", "title": "会议室预订成功通知", "description": "4月27日16:16", "emphasis_first_item": 1, "content_item": [{"key": "会议室", "value": "402"}, {"key": "会议地点", "value": "广州TIT-会议室"}]}"#,
        ..PUSH
    };
    push!(PushMiniProgramNoticeParameters, "miniprogram_notice", check_notice);
}

/// A notice goes to members, departments and tags that are named.
fn check_notice(parameters: &mut Parameters) {
    if names_everyone(parameters) {
        let rule = phrase!("must not be @all: WeCom sends notices of mini programs to named members only");
        parameters.violate(Push::to_user, &[], rule);
    }
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushVoiceMessage;

table! {
    /// Parameters of `push-voice-message`.
    pub struct PushVoiceMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub media_id: String = VOICE,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushVoiceMessage {
    const ABOUT: About = About {
        id: "push-voice-message",
        title: text("Pushing a voice message", "推送语音消息"),
        label: text("Push a voice message", "发送语音消息"),
        icon: icon!("voice"),
        description: text(
            "Sends an uploaded voice recording from the application to members or departments.",
            "由应用向成员或部门发送已上传的语音。",
        ),
        since: "0.2.0",
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        ..PUSH
    };
    push!(PushVoiceMessageParameters, "voice");
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushVideoMessage;

table! {
    /// Parameters of `push-video-message`.
    pub struct PushVideoMessageParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub media_id: String = VIDEO,
        pub title: Option<String> = VIDEO_TITLE,
        pub description: Option<String> = VIDEO_TEXT,
        pub safe: Option<u8> = SAFE,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushVideoMessage {
    const ABOUT: About = About {
        id: "push-video-message",
        title: text("Pushing a video message", "推送视频消息"),
        label: text("Push a video", "发送视频消息"),
        icon: icon!("video"),
        description: text(
            "Sends an uploaded video from the application to members or departments.",
            "由应用向成员或部门发送已上传的视频。",
        ),
        since: "0.2.0",
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "title": "新员工安全培训", "description": "入职第一周内看完即可。", "safe": 0}"#,
        ..PUSH
    };
    push!(PushVideoMessageParameters, "video");
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

    use crate::about::{About, Effect};
    use crate::actions::ABOUT;
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
    fn push_news_message() {
        let parameters = json!({
            "to_user": ["UserID1", "UserID2"],
            "to_party": [1, 2],
            "to_tag": [1, 2],
            "agent_id": 1,
            "articles": [
                {
                    "title": "中秋节礼品领取",
                    "description": "今年中秋节公司有豪礼相送",
                    "url": "https://work.weixin.qq.com",
                    "pic_url": "http://res.mail.qq.com/test.png",
                    "app_id": "wx123123123123123",
                    "page_path": "pages/index?userid=zhangsan&orderid=123123123",
                },
                {"title": "T", "app_id": "wx1", "page_path": "pages/index"},
            ],
        });
        let articles = json!([
            {
                "title": "中秋节礼品领取",
                "description": "今年中秋节公司有豪礼相送",
                "url": "https://work.weixin.qq.com",
                "picurl": "http://res.mail.qq.com/test.png",
                "appid": "wx123123123123123",
                "pagepath": "pages/index?userid=zhangsan&orderid=123123123",
            },
            {"title": "T", "appid": "wx1", "pagepath": "pages/index"},
        ]);
        let body = json!({
            "touser": "UserID1|UserID2",
            "toparty": "1|2",
            "totag": "1|2",
            "msgtype": "news",
            "agentid": 1,
            "news": {"articles": articles},
        });
        call("push-news-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn an_article_opens_a_link_or_a_page_of_a_mini_program() {
        let article = |article: Value| {
            let good = json!({"title": "T", "url": "https://qq.com"});
            call("push-news-message", json!({"to_user": ["UserID1"], "articles": [good, article]}))
        };
        article(json!({"title": "T"})).refused_at("/articles/1/url", "name no mini program");
        article(json!({"title": "T", "url": "https://qq.com", "app_id": "wx1"}))
            .refused_at("/articles/1/page_path", "is required together with `app_id`");
        article(json!({"title": "T", "page_path": "pages/index"}))
            .refused_at("/articles/1/app_id", "is required together with `page_path`");
        article(json!({"title": "T", "url": "qq.com"})).refused_at("/articles/1/url", "must start with http://");
        // What could not be read is at fault for that alone.
        article(json!({"title": "T", "url": ["https://qq.com"]})).refused_at("/articles/1/url", "must be a text");
        article(json!("https://qq.com")).refused_at("/articles/1", "must be a JSON object");
    }

    #[test]
    fn push_mini_program_notice() {
        let parameters = json!({
            "to_user": ["zhangsan", "lisi"],
            "to_party": [1, 2],
            "to_tag": [1, 2],
            "app_id": "wx123123123123123",
            "page": "pages/index?userid=zhangsan&orderid=123123123",
            "title": "会议室预订成功通知",
            "description": "4月27日 16:16",
            "emphasis_first_item": true,
            "content_item": [{"key": "会议室", "value": "402"}, {"key": "会议地点", "value": "广州TIT-402会议室"}],
        });
        let notice = json!({
            "appid": "wx123123123123123",
            "page": "pages/index?userid=zhangsan&orderid=123123123",
            "title": "会议室预订成功通知",
            "description": "4月27日 16:16",
            "emphasis_first_item": true,
            "content_item": [{"key": "会议室", "value": "402"}, {"key": "会议地点", "value": "广州TIT-402会议室"}],
        });
        let body = json!({
            "touser": "zhangsan|lisi",
            "toparty": "1|2",
            "totag": "1|2",
            "msgtype": "miniprogram_notice",
            "agentid": 1_000_002,
            "miniprogram_notice": notice,
        });
        call("push-mini-program-notice", parameters).posts("message/send", body).returns(SENT, sent());

        let everyone = json!({"to_user": ["@all"], "app_id": "wx1", "title": "T"});
        call("push-mini-program-notice", everyone).refused_at("/to_user", "must not be @all");
    }

    #[test]
    fn push_voice_message() {
        let parameters = json!({"to_user": ["UserID1"], "to_party": [1], "to_tag": [1], "media_id": "MEDIA_ID"});
        let body = json!({
            "touser": "UserID1",
            "toparty": "1",
            "totag": "1",
            "msgtype": "voice",
            "agentid": 1_000_002,
            "voice": {"media_id": "MEDIA_ID"},
        });
        call("push-voice-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn push_video_message() {
        let video = json!({"media_id": "MEDIA_ID", "title": "Title", "description": "Description"});
        let mut parameters = video.clone();
        parameters["to_user"] = json!(["UserID1"]);
        parameters["safe"] = 0.into();
        let body = json!({"touser": "UserID1", "msgtype": "video", "agentid": 1_000_002, "video": video, "safe": 0});
        call("push-video-message", parameters).posts("message/send", body).returns(SENT, sent());
    }

    #[test]
    fn withdraw_message() {
        call("withdraw-message", json!({"msg_id": "xxxx"}))
            .posts("message/recall", json!({"msgid": "xxxx"}))
            .returns(OK, json!({}));
    }

    const PUSHES: &[(&str, &str, &str)] = &[
        ("push-text-message", "text", r#"{"content": "T"}"#),
        ("push-markdown-message", "markdown", r#"{"content": "T"}"#),
        ("push-file-message", "file", r#"{"media_id": "M"}"#),
        ("push-image-message", "image", r#"{"media_id": "M"}"#),
        ("push-image-text-message", "mpnews", r#"{"title": "T", "thumb_media_id": "M", "content": "C"}"#),
        ("push-text-card-message", "textcard", r#"{"title": "T", "description": "D", "url": "https://qq.com"}"#),
        ("push-news-message", "news", r#"{"articles": [{"title": "T", "url": "https://qq.com"}]}"#),
        ("push-mini-program-notice", "miniprogram_notice", r#"{"appid": "wx1", "title": "T"}"#),
        ("push-voice-message", "voice", r#"{"media_id": "M"}"#),
        ("push-video-message", "video", r#"{"media_id": "M"}"#),
    ];

    /// Every push with nothing but what it must have, and the receivers; its body, but for the receivers and the sender.
    fn every_push(to: &Value) -> impl Iterator<Item = (&'static str, Value, Value)> {
        PUSHES.iter().map(move |&(action, kind, content)| {
            let mut parameters: Value = serde_json::from_str(&content.replace("appid", "app_id")).unwrap();
            let content: Value = serde_json::from_str(content).unwrap();
            parameters.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
            let content = if kind == "mpnews" { json!({"articles": [content]}) } else { content };
            (action, parameters, json!({"msgtype": kind, kind: content}))
        })
    }

    #[test]
    fn every_push_is_tried() {
        let is_push = |about: &&About| about.interface.name == super::INTERFACE.name && about.effect == Effect::Send;
        let pushes: Vec<&str> = ABOUT.iter().filter(is_push).map(|about| about.id).collect();
        let tried: Vec<&str> = PUSHES.iter().map(|(action, ..)| *action).collect();
        assert_eq!(tried, pushes, "`PUSHES` has a line for each push, in the order of src/actions/mod.rs");
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
        let everyone = json!({"to_user": ["UserID1", "@ALL"], "to_party": [1], "to_tag": [1]});
        for (action, parameters, mut body) in every_push(&everyone) {
            if action == "push-mini-program-notice" {
                call(action, parameters).refused_at("/to_user", "must not be @all");
                continue;
            }
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
        for (action, parameters, mut body) in every_push(&json!({"to_tag": [1, 2]})) {
            body["totag"] = "1|2".into();
            body["agentid"] = 1_000_002.into();
            call(action, parameters).posts("message/send", body).returns(SENT, sent());
        }
    }

    #[test]
    fn wecom_is_asked_to_look_for_duplicates() {
        for (action, parameters, mut body) in
            every_push(&json!({"to_user": ["UserID1"], "duplicate_check_interval": 1800}))
        {
            body["touser"] = "UserID1".into();
            body["agentid"] = 1_000_002.into();
            body["enable_duplicate_check"] = 1.into();
            body["duplicate_check_interval"] = 1800.into();
            let pushed = || call(action, parameters.clone()).posts("message/send", body.clone());
            pushed().returns(SENT, sent());
            // What is not known to have happened may be repeated; what has, may not.
            let until = "may be repeated within 1800 seconds of the first one";
            pushed().fails(r#"{"errcode": -1}"#, "retryable");
            pushed().fails(r#"{"errcode": -1}"#, until);
            pushed().fails("", until);
            pushed().fails(r#"{"errcode": 45009}"#, until);
            pushed().fails(r#"{"errcode": 0, "invaliduser": {}}"#, "outcome unknown");
        }
    }

    #[test]
    fn names_are_asked_for_where_a_text_has_marks() {
        for (action, mut parameters, mut body) in every_push(&json!({"to_user": ["UserID1"]})) {
            let kind = body["msgtype"].as_str().unwrap().to_owned();
            let (place, translates) = match kind.as_str() {
                "text" => ("/content", true),
                "markdown" => ("/content", false),
                "textcard" | "mpnews" | "miniprogram_notice" => ("/title", true),
                "news" => ("/articles/0/title", true),
                "video" => ("/title", false),
                _ => continue,
            };
            body["touser"] = "UserID1".into();
            body["agentid"] = 1_000_002.into();
            for (text, has_marks) in [
                ("$userName=zhangsan$ 请填写", true),
                ("请到 $departmentName=2$", true),
                ("$userAlias=a$", true),
                ("$userAliasOrName=a$", true),
                ("$chatName=c$", true),
                ("$msgContent=m/k$", true),
                ("$externalUserName=wm1$", true),
                ("午餐 $12，晚餐 $30", false),
            ] {
                *at(&mut parameters, place) = text.into();
                let wire = if kind == "mpnews" { "/articles/0/title" } else { place };
                *at(&mut body[kind.as_str()], wire) = text.into();
                let mut body = body.clone();
                if translates && has_marks {
                    body["enable_id_trans"] = 1.into();
                }
                call(action, parameters.clone()).posts("message/send", body).returns(SENT, sent());
            }
        }
    }

    /// The value at the pointer, made where it is not there.
    fn at<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Value {
        pointer.split('/').skip(1).fold(document, |value, name| match name.parse::<usize>() {
            Ok(index) => &mut value[index],
            Err(_) => &mut value[name],
        })
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
