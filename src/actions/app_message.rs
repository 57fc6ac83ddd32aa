//! Interface `app-message`: messages that the application sends to members.

use serde_json::Value;

use super::department::MAX_DEPARTMENT_ID;
use super::message::{
    BUTTON, DESCRIPTION, Delivery, FROM_UPLOAD, MAX_ARTICLE_BYTES, MAX_AUTHOR_BYTES, MAX_LINK_BYTES,
    MAX_MARKDOWN_BYTES, MAX_RECEIVERS, MAX_RECEIVING_DEPARTMENTS, SUBJECT, TEXT, body, check_receivers,
    message_parameters,
};
use crate::action::{
    About, Action, Beyond, EVERY_API, Effect, Fields, Nothing, Proof, RateLimit, Request, Secrets, plain,
};
use crate::connection::{Application, CheckedApplication};
use crate::parameters::{Edits, Field, Parameters, Table as _, table};
use crate::reply::{Malformed, Reply};
use crate::words::phrase;
use crate::{rules, ui};

/// The API of every push.
const SEND: &str = "message/send";

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

fn check(fields: &'static [Field], parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
    check_receivers(fields, parameters);
    if parameters.number("agent_id").is_none() && connection.is_some_and(|connection| connection.agent_id.is_none()) {
        parameters.fault("agent_id", &[], phrase!("is required where the connection has no `agent_id`"));
    }
}

fn request(kind: &'static str, mut fields: Fields, connection: &CheckedApplication) -> Request {
    if let (None, Some(agent_id)) = (fields.get("agentid"), connection.agent_id) {
        fields.insert("agentid".into(), agent_id.into());
    }
    for receivers in ["touser", "toparty"] {
        if let Some(list) = fields.get_mut(receivers) {
            *list = joined(list).into();
        }
    }
    if kind == "text" && has_id_marks(&fields) {
        fields.insert("enable_id_trans".into(), 1.into());
    }
    Request::post(SEND, body(kind, fields, &["touser", "toparty", "agentid", "safe", "enable_id_trans"]))
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
fn has_id_marks(fields: &Fields) -> bool {
    let content = fields.get("content").and_then(Value::as_str).unwrap_or_default();
    ["$userName=", "$departmentName="].iter().any(|mark| content.contains(mark))
}

fn output(mut reply: Reply, edits: Edits) -> Result<Delivery, Malformed> {
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

macro_rules! push {
    (
        $(#[$doc:meta])* $action:ident($parameters:ident: $kind:ident) {
            id: $id:literal, title: $title:literal, label: $label:literal, icon: $icon:literal, description: $description:literal,
            sample_parameters: $sample:literal $(,)?
        }
    ) => {
        $(#[$doc])*
        pub struct $action;

        message_parameters! {
            #[doc = concat!("Parameters of `", $id, "`.")]
            app $parameters $kind
        }

        impl Action for $action {
            const ABOUT: About = About {
                id: $id,
                title: $title,
                label: $label,
                icon: $icon,
                description: concat!($description, " Sending is not idempotent: a second call sends a second message. Members beyond WeCom's limits do not get it, and WeCom does not say so."),
                interface: "app-message",
                api: SEND,
                proof: Proof::Text("msgid"),
                secrets: Secrets::App,
                effect: Effect::Send,
                idempotent: false,
                rate_limits: &LIMITS,
                pagination: None,
                since: "0.1.0",
                doc_url: "https://developer.work.weixin.qq.com/document/path/90236",
                sample_parameters: $sample,
                sample_output: r#"{"msg_id": "vEVpd0nVZyyiUsl5kHm3F1yvKB9HCS6nDlSk8Xnp6Hk", "invalid_user": ["wangwu"], "invalid_party": [], "invalid_tag": [], "unlicensed_user": [], "truncated": [], "cleaned": []}"#,
            };
            type Connection = Application;
            type Parameters = $parameters;
            type Output = Delivery;

            fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
                check($parameters::FIELDS, parameters, connection);
            }

            fn request(fields: Fields, connection: &CheckedApplication) -> Request {
                request(stringify!($kind), fields, connection)
            }

            fn output(reply: Reply, edits: Edits) -> Result<Delivery, Malformed> {
                output(reply, edits)
            }
        }
    };
}

push! {
    /// Table 12.
    PushTextMessage(PushTextMessageParameters: text) {
        id: "push-text-message",
        title: "Pushing a text message",
        label: "Push a text message",
        icon: "text",
        description: "Sends a text from the application to members or departments. Marks such as $userName=zhangsan$ and $departmentName=2$ in it become names.",
        sample_parameters: r#"{"to_user": ["zhangsan", "wangwu"], "agent_id": 1000002, "content": "请于今天18:00前填写周报。", "safe": 0}"#,
    }
}

push! {
    /// Table 13.
    PushMarkdownMessage(PushMarkdownMessageParameters: markdown) {
        id: "push-markdown-message",
        title: "Pushing a markdown message",
        label: "Push a Markdown message",
        icon: "markdown",
        description: "Sends a text in Markdown from the application to members or departments.",
        sample_parameters: r##"{"to_party": [2], "agent_id": 1000002, "content": "# 周报\n<font color=\"info\">已生成</font>，[查看](https://example.com)"}"##,
    }
}

push! {
    /// Table 14.
    PushFileMessage(PushFileMessageParameters: file) {
        id: "push-file-message",
        title: "Pushing a file message",
        label: "Push a file",
        icon: "file",
        description: "Sends an uploaded file from the application to members or departments.",
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "safe": 1}"#,
    }
}

push! {
    /// Table 15.
    PushImageMessage(PushImageMessageParameters: image) {
        id: "push-image-message",
        title: "Pushing an image message",
        label: "Push an image",
        icon: "image",
        description: "Sends an uploaded image from the application to members or departments.",
        sample_parameters: r#"{"to_user": ["@all"], "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
    }
}

push! {
    /// Table 16.
    PushImageTextMessage(PushImageTextMessageParameters: mpnews) {
        id: "push-image-text-message",
        title: "Pushing an image and text message",
        label: "Push an image and text message",
        icon: "article",
        description: "Sends an article with a picture, which WeCom itself keeps, from the application to members or departments.",
        sample_parameters: r#"{"to_user": ["zhangsan"], "to_party": [2], "agent_id": 1000002, "title": "春节放假安排", "thumb_media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "content": "<p>除夕至初七放假，共八天。</p>", "author": "行政部", "content_source_url": "https://example.com/notice", "digest": "放假时间与值班安排", "safe": 2}"#,
    }
}

push! {
    /// Table 17.
    PushTextCardMessage(PushTextCardMessageParameters: textcard) {
        id: "push-text-card-message",
        title: "Pushing a text card message",
        label: "Push a text card",
        icon: "card",
        description: "Sends a card with a text, a link and a button from the application to members or departments.",
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "title": "领奖通知", "description": "<div class=\"gray\">10月1日</div>请于10月10日前到行政部领取。", "url": "https://example.com/prize", "btn_txt": "更多"}"#,
    }
}

/// Table 18.
pub struct WithdrawMessage;

table! {
    /// Parameters of `withdraw-message`.
    pub struct WithdrawMessageParameters {
        /// ID that pushing the message returned. Messages to group chats and by chatbot have none and cannot be withdrawn.
        #[schemars(title = "Message ID", example = &"vEVpd0nVZyyiUsl5kHm3F1yvKB9HCS6nDlSk8Xnp6Hk", extend("x-ui" = ui::hint("The msg_id in the output of the action that pushed the message.")))]
        pub msg_id as "msgid": String => [rules::NOT_EMPTY, rules::ID],
    }
}

impl Action for WithdrawMessage {
    const ABOUT: About = About {
        id: "withdraw-message",
        title: "Withdrawing an application message",
        label: "Withdraw a message",
        icon: "withdraw",
        description: "Takes back a message that the same application sent to members within the last 24 hours. It disappears from WeCom, not from WeChat. A second call is refused.",
        interface: "app-message",
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
    };
    type Connection = Application;
    type Parameters = WithdrawMessageParameters;
    type Output = Nothing;

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}
