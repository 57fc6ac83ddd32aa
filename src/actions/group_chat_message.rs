//! Interface `group-chat-message`: messages that the application sends to a group chat it has created.

use super::group_chat::FROM_CREATION;
use super::message::{
    BUTTON, DESCRIPTION, FROM_UPLOAD, MAX_ARTICLE_BYTES, MAX_AUTHOR_BYTES, MAX_LINK_BYTES, MAX_MARKDOWN_BYTES, Pushed,
    SUBJECT, TEXT, body, message_parameters,
};
use crate::action::{About, Action, Beyond, EVERY_API, Effect, Fields, Nothing, Proof, RateLimit, Request, Secrets};
use crate::connection::{Application, CheckedApplication};
use crate::parameters::Edits;
use crate::reply::{Malformed, Reply};
use crate::{rules, ui};

/// The API of every push.
const SEND: &str = "appchat/send";

const LIMITS: [RateLimit; 5] = [
    EVERY_API[0],
    EVERY_API[1],
    RateLimit {
        scope: "enterprise",
        amount: 20_000,
        unit: "members reached",
        per_seconds: 60,
        beyond: Beyond::Refused,
    },
    RateLimit { scope: "member", amount: 200, unit: "messages", per_seconds: 60, beyond: Beyond::DroppedSilently },
    RateLimit {
        scope: "member",
        amount: 10_000,
        unit: "messages",
        per_seconds: 86_400,
        beyond: Beyond::DroppedSilently,
    },
];

macro_rules! push {
    (
        $(#[$doc:meta])* $action:ident($parameters:ident: $kind:ident) -> $output:ident {
            id: $id:literal, title: $title:literal, label: $label:literal, icon: $icon:literal, description: $description:literal,
            sample_parameters: $sample:literal, sample_output: $sample_output:literal $(,)?
        }
    ) => {
        $(#[$doc])*
        pub struct $action;

        message_parameters! {
            #[doc = concat!("Parameters of `", $id, "`.")]
            group_chat $parameters $kind
        }

        impl Action for $action {
            const ABOUT: About = About {
                id: $id,
                title: $title,
                label: $label,
                icon: $icon,
                description: concat!($description, " Sending is not idempotent: a second call sends a second message. The message has no ID and cannot be withdrawn."),
                interface: "group-chat-message",
                api: SEND,
                proof: Proof::ErrcodeOnly,
                secrets: Secrets::App,
                effect: Effect::Send,
                idempotent: false,
                rate_limits: &LIMITS,
                pagination: None,
                since: "0.1.0",
                doc_url: "https://developer.work.weixin.qq.com/document/path/90248",
                sample_parameters: $sample,
                sample_output: $sample_output,
            };
            type Connection = Application;
            type Parameters = $parameters;
            type Output = $output;

            fn request(fields: Fields, _: &CheckedApplication) -> Request {
                Request::post(SEND, body(stringify!($kind), fields, &["chatid", "safe"]))
            }

            fn output(_: Reply, edits: Edits) -> Result<$output, Malformed> {
                Ok(edits.into())
            }
        }
    };
}

push! {
    /// Table 19.
    PushTextMessageToGroupChat(PushTextMessageToGroupChatParameters: text) -> Pushed {
        id: "push-text-message-to-group-chat",
        title: "Pushing a text message to a group chat",
        label: "Push a text message to a group chat",
        icon: "text",
        description: "Sends a text to a group chat that the application created.",
        sample_parameters: r#"{"chat_id": "newhires2026", "content": "欢迎张三加入研发中心！", "safe": 0}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
    }
}

push! {
    /// Table 20.
    PushMarkdownMessageToGroupChat(PushMarkdownMessageToGroupChatParameters: markdown) -> Pushed {
        id: "push-markdown-message-to-group-chat",
        title: "Pushing a markdown message to a group chat",
        label: "Push a Markdown message to a group chat",
        icon: "markdown",
        description: "Sends a text in Markdown to a group chat that the application created.",
        sample_parameters: r##"{"chat_id": "newhires2026", "content": "# 第一周安排\n> 周一 **入职培训**"}"##,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
    }
}

push! {
    /// Table 21.
    PushFileMessageToGroupChat(PushFileMessageToGroupChatParameters: file) -> Nothing {
        id: "push-file-message-to-group-chat",
        title: "Pushing a file message to a group chat",
        label: "Push a file to a group chat",
        icon: "file",
        description: "Sends an uploaded file to a group chat that the application created.",
        sample_parameters: r#"{"chat_id": "newhires2026", "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "safe": 1}"#,
        sample_output: "{}",
    }
}

push! {
    /// Table 22.
    PushImageMessageToGroupChat(PushImageMessageToGroupChatParameters: image) -> Nothing {
        id: "push-image-message-to-group-chat",
        title: "Pushing an image message to a group chat",
        label: "Push an image to a group chat",
        icon: "image",
        description: "Sends an uploaded image to a group chat that the application created.",
        sample_parameters: r#"{"chat_id": "newhires2026", "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        sample_output: "{}",
    }
}

push! {
    /// Table 23.
    PushImageTextMessageToGroupChat(PushImageTextMessageToGroupChatParameters: mpnews) -> Pushed {
        id: "push-image-text-message-to-group-chat",
        title: "Pushing a text and image message to a group chat",
        label: "Push an image and text message to a group chat",
        icon: "article",
        description: "Sends an article with a picture, which WeCom itself keeps, to a group chat that the application created.",
        sample_parameters: r#"{"chat_id": "newhires2026", "title": "入职指南", "thumb_media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "content": "<p>第一天需要带的材料……</p>", "author": "人事部", "content_source_url": "https://example.com/guide", "digest": "第一天需要带什么", "safe": 0}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
    }
}

push! {
    /// Table 24.
    PushTextCardMessageToGroupChat(PushTextCardMessageToGroupChatParameters: textcard) -> Pushed {
        id: "push-text-card-message-to-group-chat",
        title: "Pushing a text card message to a group chat",
        label: "Push a text card to a group chat",
        icon: "card",
        description: "Sends a card with a text, a link and a button to a group chat that the application created.",
        sample_parameters: r#"{"chat_id": "newhires2026", "title": "填写入职登记", "description": "请在<div class=\"highlight\">今天</div>完成。", "url": "https://example.com/form", "btn_txt": "去填写"}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
    }
}
