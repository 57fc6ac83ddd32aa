//! Interface `group-chat-message`: messages that the application sends to a group chat it has created.

use super::message::{
    ARTICLE, ARTICLE_TITLE, AUTHOR, BUTTON_TEXT, CARD_LINK, CARD_TEXT, CARD_TITLE, CHAT_ID, DIGEST, FILE, IMAGE,
    LINK_ARTICLES, LinkArticle, MARKDOWN_CONTENT, MENTIONED, Pushed, SAFE, SAFE_ARTICLE, SENT_AGAIN, SOURCE_LINK,
    TEXT_CONTENT, THUMBNAIL, VIDEO, VIDEO_TEXT, VIDEO_TITLE, VOICE, body,
};
use crate::about::{About, Beyond, EVERY_API, Effect, Interface, Proof, RateLimit, Secrets, icon};
use crate::action::{Action, Nothing, Request};
use crate::connection::{Application, CheckedApplication};
use crate::http::Method;
use crate::parameter::{Edits, Parameters, Spec, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, text};

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

/// What is known of every push.
const PUSH: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("text"),
    description: Text::NONE,
    remarks: &[SENT_AGAIN, NO_ID],
    interface: &INTERFACE,
    method: Method::Post,
    api: "appchat/send",
    proof: Proof::ErrcodeOnly,
    secrets: Secrets::App,
    effect: Effect::Send,
    idempotent: false,
    rate_limits: &LIMITS,
    pagination: None,
    since: "0.1.0",
    doc_url: "https://developer.work.weixin.qq.com/document/path/90248",
    sample_parameters: "",
    sample_output: r#"{"truncated": [], "cleaned": []}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
};

fn request(kind: &'static str, mut content: Parameters) -> Request {
    let beside = [
        content.take(PushTextMessageToGroupChatParameters::chat_id),
        content.take(PushTextMessageToGroupChatParameters::safe),
    ];
    Request::post(PUSH.api, body(kind, content, beside.into_iter().flatten()))
}

/// Of messages that WeCom gives no ID.
const NO_ID: Text = text("The message has no ID and cannot be withdrawn.", "消息没有消息ID，无法撤回。");

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "group-chat-message",
    title: text("Messages to a group chat", "群聊消息"),
    docs: "Messages that the application sends to a group chat it has created. They have no ID and cannot be \
    withdrawn.",
};

/// What every push does the same way: only its table, the kind of its content and its output differ.
macro_rules! push {
    ($parameters:ty, $kind:literal -> $output:ty) => {
        type Connection = Application;
        type Parameters = $parameters;
        type Output = $output;

        fn request(parameters: Parameters, _: &CheckedApplication) -> Request {
            request($kind, parameters)
        }

        fn output(_: Reply, edits: Edits) -> Result<$output, Malformed> {
            Ok(edits.into())
        }
    };
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushTextMessageToGroupChat;

table! {
    /// Parameters of `push-text-message-to-group-chat`.
    pub struct PushTextMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub content: String = TEXT_CONTENT,
        pub safe: Option<u8> = SAFE,
        pub mentioned_list: Option<Vec<String>> = Spec {
            ui: MENTIONED.ui.options(ui::MEMBERS).advanced(),
            ..MENTIONED
        },
    }
}

impl Action for PushTextMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-text-message-to-group-chat",
        title: text("Pushing a text message to a group chat", "推送文本消息到群聊"),
        label: text("Push a text message to a group chat", "发送文本消息到群聊"),
        icon: icon!("text"),
        description: text(
            "Sends a text to a group chat that the application created, and can call members by name.",
            "向由本应用创建的群聊发送文本，可@群成员。",
        ),
        sample_parameters: r#"{"chat_id": "newhires2026", "content": "欢迎张三加入研发中心！", "safe": 0}"#,
        ..PUSH
    };
    push!(PushTextMessageToGroupChatParameters, "text" -> Pushed);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushMarkdownMessageToGroupChat;

table! {
    /// Parameters of `push-markdown-message-to-group-chat`.
    pub struct PushMarkdownMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub content: String = MARKDOWN_CONTENT,
    }
}

impl Action for PushMarkdownMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-markdown-message-to-group-chat",
        title: text("Pushing a markdown message to a group chat", "推送markdown消息到群聊"),
        label: text("Push a Markdown message to a group chat", "发送Markdown消息到群聊"),
        icon: icon!("markdown"),
        description: text(
            "Sends a text in Markdown to a group chat that the application created.",
            "向由本应用创建的群聊发送Markdown文本。",
        ),
        sample_parameters: r##"{"chat_id": "newhires2026", "content": "# 第一周安排\n> 周一 **入职培训**"}"##,
        ..PUSH
    };
    push!(PushMarkdownMessageToGroupChatParameters, "markdown" -> Pushed);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushFileMessageToGroupChat;

table! {
    /// Parameters of `push-file-message-to-group-chat`.
    pub struct PushFileMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub media_id: String = FILE,
        pub safe: Option<u8> = SAFE,
    }
}

impl Action for PushFileMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-file-message-to-group-chat",
        title: text("Pushing a file message to a group chat", "推送文件消息到群聊"),
        label: text("Push a file to a group chat", "发送文件到群聊"),
        icon: icon!("file"),
        description: text(
            "Sends an uploaded file to a group chat that the application created.",
            "向由本应用创建的群聊发送已上传的文件。",
        ),
        sample_parameters: r#"{"chat_id": "newhires2026", "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "safe": 1}"#,
        sample_output: "{}",
        ..PUSH
    };
    push!(PushFileMessageToGroupChatParameters, "file" -> Nothing);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushImageMessageToGroupChat;

table! {
    /// Parameters of `push-image-message-to-group-chat`.
    pub struct PushImageMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub media_id: String = IMAGE,
        pub safe: Option<u8> = SAFE,
    }
}

impl Action for PushImageMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-image-message-to-group-chat",
        title: text("Pushing an image message to a group chat", "推送图片消息到群聊"),
        label: text("Push an image to a group chat", "发送图片到群聊"),
        icon: icon!("image"),
        description: text(
            "Sends an uploaded image to a group chat that the application created.",
            "向由本应用创建的群聊发送已上传的图片。",
        ),
        sample_parameters: r#"{"chat_id": "newhires2026", "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        sample_output: "{}",
        ..PUSH
    };
    push!(PushImageMessageToGroupChatParameters, "image" -> Nothing);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushImageTextMessageToGroupChat;

table! {
    /// Parameters of `push-image-text-message-to-group-chat`.
    pub struct PushImageTextMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub title: String = ARTICLE_TITLE,
        pub thumb_media_id: String = THUMBNAIL,
        pub content: String = ARTICLE,
        pub author: Option<String> = AUTHOR,
        pub content_source_url: Option<String> = SOURCE_LINK,
        pub digest: Option<String> = DIGEST,
        pub safe: Option<u8> = SAFE_ARTICLE,
    }
}

impl Action for PushImageTextMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-image-text-message-to-group-chat",
        title: text("Pushing a text and image message to a group chat", "推送图文消息到群聊"),
        label: text("Push an image and text message to a group chat", "发送图文消息到群聊"),
        icon: icon!("article"),
        description: text(
            "Sends an article with a picture, which WeCom itself keeps, to a group chat that the application created.",
            "向由本应用创建的群聊发送图文消息，内容保存在企业微信。",
        ),
        sample_parameters: r#"{"chat_id": "newhires2026", "title": "入职指南", "thumb_media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "content": "<p>第一天需要带的材料……</p>", "author": "人事部", "content_source_url": "https://example.com/guide", "digest": "第一天需要带什么", "safe": 0}"#,
        ..PUSH
    };
    push!(PushImageTextMessageToGroupChatParameters, "mpnews" -> Pushed);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushTextCardMessageToGroupChat;

table! {
    /// Parameters of `push-text-card-message-to-group-chat`.
    pub struct PushTextCardMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub title: String = CARD_TITLE,
        pub description: String = CARD_TEXT,
        pub url: String = CARD_LINK,
        pub btn_txt: Option<String> = BUTTON_TEXT,
    }
}

impl Action for PushTextCardMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-text-card-message-to-group-chat",
        title: text("Pushing a text card message to a group chat", "推送文本卡片消息到群聊"),
        label: text("Push a text card to a group chat", "发送文本卡片到群聊"),
        icon: icon!("card"),
        description: text(
            "Sends a card with a text, a link and a button to a group chat that the application created.",
            "向由本应用创建的群聊发送带文字、链接和按钮的卡片。",
        ),
        sample_parameters: r#"{"chat_id": "newhires2026", "title": "填写入职登记", "description": "请在<div class=\"highlight\">今天</div>完成。", "url": "https://example.com/form", "btn_txt": "去填写"}"#,
        ..PUSH
    };
    push!(PushTextCardMessageToGroupChatParameters, "textcard" -> Pushed);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushNewsMessageToGroupChat;

table! {
    /// Parameters of `push-news-message-to-group-chat`.
    pub struct PushNewsMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub articles: Vec<LinkArticle> = LINK_ARTICLES,
    }
}

impl Action for PushNewsMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-news-message-to-group-chat",
        title: text("Pushing a news message to a group chat", "推送链接图文消息到群聊"),
        label: text("Push articles with links to a group chat", "发送链接图文消息到群聊"),
        icon: icon!("article"),
        description: text(
            "Sends up to eight headlines with pictures, which open links, to a group chat that the application created.",
            "向由本应用创建的群聊发送最多八条带图片和链接的标题。",
        ),
        since: "0.2.0",
        sample_parameters: r#"{"chat_id": "newhires2026", "articles": [{"title": "第29周销售报表", "description": "环比增长4%", "url": "https://bi.example.com/report/29", "pic_url": "https://bi.example.com/report/29.png"}]}"#,
        ..PUSH
    };
    push!(PushNewsMessageToGroupChatParameters, "news" -> Pushed);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushVoiceMessageToGroupChat;

table! {
    /// Parameters of `push-voice-message-to-group-chat`.
    pub struct PushVoiceMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub media_id: String = VOICE,
    }
}

impl Action for PushVoiceMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-voice-message-to-group-chat",
        title: text("Pushing a voice message to a group chat", "推送语音消息到群聊"),
        label: text("Push a voice message to a group chat", "发送语音消息到群聊"),
        icon: icon!("voice"),
        description: text(
            "Sends an uploaded voice recording to a group chat that the application created.",
            "向由本应用创建的群聊发送已上传的语音。",
        ),
        since: "0.2.0",
        sample_parameters: r#"{"chat_id": "newhires2026", "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        sample_output: "{}",
        ..PUSH
    };
    push!(PushVoiceMessageToGroupChatParameters, "voice" -> Nothing);
}

/// `POST appchat/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90248>
pub struct PushVideoMessageToGroupChat;

table! {
    /// Parameters of `push-video-message-to-group-chat`.
    pub struct PushVideoMessageToGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub media_id: String = VIDEO,
        pub title: Option<String> = VIDEO_TITLE,
        pub description: Option<String> = VIDEO_TEXT,
        pub safe: Option<u8> = SAFE,
    }
}

impl Action for PushVideoMessageToGroupChat {
    const ABOUT: About = About {
        id: "push-video-message-to-group-chat",
        title: text("Pushing a video message to a group chat", "推送视频消息到群聊"),
        label: text("Push a video to a group chat", "发送视频消息到群聊"),
        icon: icon!("video"),
        description: text(
            "Sends an uploaded video to a group chat that the application created.",
            "向由本应用创建的群聊发送已上传的视频。",
        ),
        since: "0.2.0",
        sample_parameters: r#"{"chat_id": "newhires2026", "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "title": "新员工安全培训", "description": "入职第一周内看完即可。", "safe": 0}"#,
        ..PUSH
    };
    push!(PushVideoMessageToGroupChatParameters, "video" -> Pushed);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::wire::{OK, call};

    #[test]
    fn push_text_message_to_group_chat() {
        let output = json!({"truncated": [], "cleaned": []});
        let body = json!({"chatid": "CHATID", "msgtype": "text", "text": {"content": "..."}, "safe": 0});
        call("push-text-message-to-group-chat", json!({"chat_id": "CHATID", "content": "...", "safe": 0}))
            .posts("appchat/send", body)
            .returns(OK, output.clone());
        // Where nothing is said of it, nothing is sent of it.
        let body = json!({"chatid": "CHATID", "msgtype": "text", "text": {"content": "..."}});
        call("push-text-message-to-group-chat", json!({"chat_id": "CHATID", "content": "..."}))
            .posts("appchat/send", body)
            .returns(OK, output.clone());
        let body = json!({
            "chatid": "CHATID",
            "msgtype": "text",
            "text": {"content": "...", "mentioned_list": ["wangqing", "@all"]},
        });
        let mentioned = json!({"chat_id": "CHATID", "content": "...", "mentioned_list": ["wangqing", "@all"]});
        call("push-text-message-to-group-chat", mentioned).posts("appchat/send", body).returns(OK, output);
    }

    #[test]
    fn push_news_message_to_group_chat() {
        let article = |picture: &str| {
            json!({
                "title": "中秋节礼品领取",
                "description": "今年中秋节公司有豪礼相送",
                "url": "https://work.weixin.qq.com",
                picture: "http://res.mail.qq.com/test.png",
            })
        };
        let body = json!({"chatid": "CHATID", "msgtype": "news", "news": {"articles": [article("picurl")]}});
        call("push-news-message-to-group-chat", json!({"chat_id": "CHATID", "articles": [article("pic_url")]}))
            .posts("appchat/send", body)
            .returns(OK, json!({"truncated": [], "cleaned": []}));
        // No mini program opens here.
        let program = json!([{"title": "T", "url": "https://qq.com", "app_id": "wx1"}]);
        call("push-news-message-to-group-chat", json!({"chat_id": "CHATID", "articles": program}))
            .refused_at("/articles/0/app_id", "is not a parameter here");
        call("push-news-message-to-group-chat", json!({"chat_id": "CHATID", "articles": [{"title": "T"}]}))
            .refused_at("/articles/0/url", "is required");
    }

    #[test]
    fn push_voice_message_to_group_chat() {
        let body = json!({"chatid": "CHATID", "msgtype": "voice", "voice": {"media_id": "MEDIA_ID"}});
        call("push-voice-message-to-group-chat", json!({"chat_id": "CHATID", "media_id": "MEDIA_ID"}))
            .posts("appchat/send", body)
            .returns(OK, json!({}));
    }

    #[test]
    fn push_video_message_to_group_chat() {
        let video = json!({"media_id": "MEDIA_ID", "title": "Title", "description": "Description"});
        let mut parameters = video.clone();
        parameters["chat_id"] = "CHATID".into();
        parameters["safe"] = 0.into();
        call("push-video-message-to-group-chat", parameters)
            .posts("appchat/send", json!({"chatid": "CHATID", "msgtype": "video", "video": video, "safe": 0}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn push_markdown_message_to_group_chat() {
        let body = json!({"chatid": "CHATID", "msgtype": "markdown", "markdown": {"content": "# 会议"}});
        call("push-markdown-message-to-group-chat", json!({"chat_id": "CHATID", "content": "# 会议"}))
            .posts("appchat/send", body)
            .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn push_file_message_to_group_chat() {
        let body = json!({"chatid": "CHATID", "msgtype": "file", "file": {"media_id": "MEDIA_ID"}, "safe": 1});
        call("push-file-message-to-group-chat", json!({"chat_id": "CHATID", "media_id": "MEDIA_ID", "safe": 1}))
            .posts("appchat/send", body)
            .returns(OK, json!({}));
    }

    #[test]
    fn push_image_message_to_group_chat() {
        let body = json!({"chatid": "CHATID", "msgtype": "image", "image": {"media_id": "MEDIA_ID"}, "safe": 0});
        call("push-image-message-to-group-chat", json!({"chat_id": "CHATID", "media_id": "MEDIA_ID", "safe": 0}))
            .posts("appchat/send", body)
            .returns(OK, json!({}));
    }

    #[test]
    fn push_image_text_message_to_group_chat() {
        let parameters = json!({
            "chat_id": "CHATID",
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
        let body = json!({"chatid": "CHATID", "msgtype": "mpnews", "mpnews": {"articles": [article]}, "safe": 2});
        call("push-image-text-message-to-group-chat", parameters)
            .posts("appchat/send", body)
            .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn push_text_card_message_to_group_chat() {
        let parameters = json!({
            "chat_id": "CHATID",
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
        call("push-text-card-message-to-group-chat", parameters)
            .posts("appchat/send", json!({"chatid": "CHATID", "msgtype": "textcard", "textcard": card}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn what_was_done_to_the_texts_is_returned() {
        let (title, url) = ("T".repeat(128), "https://qq.com");
        call(
            "push-text-card-message-to-group-chat",
            json!({"chat_id": "CHATID", "title": format!("{title}T"), "description": "De\u{7}scription", "url": url}),
        )
        .posts(
            "appchat/send",
            json!({
                "chatid": "CHATID",
                "msgtype": "textcard",
                "textcard": {"title": title, "description": "Description", "url": url},
            }),
        )
        .returns(OK, json!({"truncated": ["title"], "cleaned": ["description"]}));
    }
}
