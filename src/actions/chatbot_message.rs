//! Interface `chatbot-message`: messages that a chatbot puts into its group chat.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

use super::card::{
    self, CardAction, CardDetail, CardEmphasis, CardImage, CardImageText, CardJump, CardParagraph, CardQuote,
    CardSource, CardTitle, NEWS_NOTICE, TEXT_NOTICE,
};
use super::message::{self, ARTICLE_TEXT, ARTICLE_TITLE, LINK_ARTICLES, MENTIONED, Pushed, SENT_AGAIN, TEXT, body};
use crate::about::{About, Beyond, Effect, Interface, Proof, RateLimit, Secrets, icon};
use crate::action::{Action, Nothing, Request};
use crate::connection::{Chatbot, CheckedChatbot};
use crate::http::Method;
use crate::image;
use crate::parameter::rules::{self, Form, Rule};
use crate::parameter::{Edits, Elsewhere, Parameters, Spec, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Message, Phrase, Text, message, phrase, text};
use crate::tidy;

/// The greatest content of a markdown message, in bytes.
const MAX_MARKDOWN_BYTES: usize = 4096;
/// The greatest image, in bytes before Base64 encoding.
const MAX_IMAGE_BYTES: usize = 2 * 1024 * 1024;
/// The greatest image in Base64, in characters.
const MAX_IMAGE_CHARS: usize = MAX_IMAGE_BYTES.div_ceil(3) * 4;

pub(super) const LIMITS: [RateLimit; 1] =
    [RateLimit { scope: "chatbot", amount: 20, unit: "messages", per_seconds: 60, beyond: Beyond::Refused }];

/// Where an article leads. WeCom's own example has no scheme.
const LINK: Spec = Spec {
    description: text("Address that a click leads to.", "点击后打开的链接。"),
    rules: &[rules::NOT_EMPTY, rules::ID],
    ..message::ARTICLE_LINK
};

const PICTURE: Spec = Spec { rules: &[rules::ID], ..message::PICTURE };

const FILE: Spec = Spec {
    description: text(
        "Media ID of the file, uploaded for this very chatbot at most three days ago. IDs of the application's own \
        material do not work.",
        "文件的media_id，须为最近三天内用同一个机器人上传的文件。应用上传的素材ID不能使用。",
    ),
    examples: &[Text::both(r#""3a8asd892asd8asd""#)],
    ui: ui::hint(text(
        "What a step before it, Upload a file by chatbot, returned as Media ID. It is good for three days.",
        "前面的“通过群机器人上传文件”步骤返回的素材ID，三天内有效。",
    )),
    ..message::FILE
};

/// What is known of every push.
const PUSH: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("text"),
    description: Text::NONE,
    remarks: &[SENT_AGAIN],
    interface: &INTERFACE,
    method: Method::Post,
    api: "webhook/send",
    proof: Proof::ErrcodeOnly,
    secrets: Secrets::ChatbotKey,
    effect: Effect::Send,
    idempotent: false,
    rate_limits: &LIMITS,
    pagination: None,
    since: "0.1.0",
    doc_url: "https://developer.work.weixin.qq.com/document/path/91770",
    sample_parameters: "",
    sample_output: r#"{}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
};

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "chatbot-message",
    title: text("Messages by chatbot", "群机器人消息"),
    docs: "Messages that a chatbot puts into its group chat: at most 20 a minute.",
};

fn request(kind: &'static str, content: Parameters) -> Request {
    Request::post(PUSH.api, body(kind, content, []))
}

/// What every push does the same way: only its table, the kind of its content and its output differ.
macro_rules! push {
    ($parameters:ty, $kind:literal -> $output:ty) => {
        type Connection = Chatbot;
        type Parameters = $parameters;
        type Output = $output;

        fn request(parameters: Parameters, _: &CheckedChatbot) -> Request {
            request($kind, parameters)
        }

        fn output(_: Reply, edits: Edits) -> Result<$output, Malformed> {
            Ok(edits.into())
        }
    };
}

/// What is known of every push of a card.
const PUSH_CARD: About =
    About { icon: icon!("card"), since: "0.2.0", sample_output: r#"{"truncated": [], "cleaned": []}"#, ..PUSH };

/// The same for cards, whose rules speak of several of their parts.
macro_rules! push_card {
    ($parameters:ty, $card_type:ident $(, $conditions:expr)?) => {
        type Connection = Chatbot;
        type Parameters = $parameters;
        type Output = Pushed;

        fn check(parameters: &mut Parameters, _: Option<&CheckedChatbot>) {
            card::check(parameters, $card_type, false);
        }

        $(fn conditions() -> Map<String, Value> {
            $conditions
        })?

        fn request(parameters: Parameters, _: &CheckedChatbot) -> Request {
            card::typed(request("template_card", parameters), $card_type)
        }

        fn output(_: Reply, edits: Edits) -> Result<Pushed, Malformed> {
            Ok(edits.into())
        }
    };
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/91770>
pub struct PushTextMessageByChatbot;

table! {
    /// Parameters of `push-text-message-by-chatbot`.
    pub struct PushTextMessageByChatbotParameters {
        pub content: String = Spec {
            title: text("Content", "内容"),
            description: text(
                "The text. What is beyond 2048 bytes is cut.",
                "文本内容，超过2048字节的部分会被截断。",
            ),
            examples: &[Text::both(r#""构建失败，请查看。""#)],
            rules: &[rules::NOT_EMPTY, rules::TEXT, rules::cut_at(TEXT)],
            ui: ui::TEXTAREA,
            ..Spec::NEW
        },
        pub mentioned_list: Option<Vec<String>> = MENTIONED,
        pub mentioned_mobile_list: Option<Vec<String>> = Spec {
            title: text("Mobile Numbers to Remind", "要提醒的手机号"),
            description: text(
                "Mobile numbers of members of the group to call by name; @all calls everyone.",
                "要@的群成员的手机号；@all表示提醒所有人。",
            ),
            examples: &[Text::both(r#"["13800001111", "@all"]"#)],
            rules: &[Rule::Narrow, rules::each(&[rules::ID])],
            ui: ui::list(","),
            ..Spec::NEW
        },
    }
}

impl Action for PushTextMessageByChatbot {
    const ABOUT: About = About {
        id: "push-text-message-by-chatbot",
        title: text("Pushing a text message by chatbot", "通过群机器人推送文本消息"),
        label: text("Push a text message by chatbot", "通过群机器人发送文本消息"),
        icon: icon!("text"),
        description: text(
            "Puts a text into the chatbot's group chat and can call members by name.",
            "在机器人所在的群聊中发送文本，可@群成员。",
        ),
        sample_parameters: r#"{"content": "构建失败，请查看。", "mentioned_list": ["wangqing", "@all"], "mentioned_mobile_list": ["13800001111"]}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
        ..PUSH
    };
    push!(PushTextMessageByChatbotParameters, "text" -> Pushed);
}

/// What to do instead of naming members beside a Markdown text.
const MENTION: Phrase = phrase!(
    "is not a parameter here: in Markdown, write <@ID> into the text where the member with that ID is to be called"
);

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/91770>
pub struct PushMarkdownMessageByChatbot;

table! {
    /// Parameters of `push-markdown-message-by-chatbot`.
    pub struct PushMarkdownMessageByChatbotParameters {
        pub content: String = Spec {
            title: text("Content", "内容"),
            description: text(
                "The text in WeCom's subset of Markdown, at most 4096 bytes. <@ID> calls the member with that ID by \
                name.",
                "Markdown文本，仅支持企业微信限定的语法，最多4096字节。用<@ID>可提醒该ID对应的成员。",
            ),
            examples: &[Text::both(r#""构建 <font color=\"warning\">失败</font>，请 <@wangqing> 查看。""#)],
            rules: &[rules::NOT_EMPTY, rules::TEXT, rules::bytes(0, MAX_MARKDOWN_BYTES)],
            ui: ui::TEXTAREA,
            ..Spec::NEW
        },
    }
}

impl Action for PushMarkdownMessageByChatbot {
    const ABOUT: About = About {
        id: "push-markdown-message-by-chatbot",
        title: text("Pushing a markdown message by chatbot", "通过群机器人推送markdown消息"),
        label: text("Push a Markdown message by chatbot", "通过群机器人发送Markdown消息"),
        icon: icon!("markdown"),
        description: text(
            "Puts a text in Markdown into the chatbot's group chat.",
            "在机器人所在的群聊中发送Markdown文本。",
        ),
        sample_parameters: r#"{"content": "构建 <font color=\"warning\">失败</font>，请 <@wangqing> 查看。"}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
        ..PUSH
    };
    const ELSEWHERE: &'static [Elsewhere] = &[("mentioned_list", MENTION), ("mentioned_mobile_list", MENTION)];

    push!(PushMarkdownMessageByChatbotParameters, "markdown" -> Pushed);
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/99110>
pub struct PushMarkdownV2MessageByChatbot;

table! {
    /// Parameters of `push-markdown-v2-message-by-chatbot`.
    pub struct PushMarkdownV2MessageByChatbotParameters {
        pub content: String = Spec {
            title: text("Content", "内容"),
            description: text(
                "The text in Markdown, at most 4096 bytes: headings, lists, quotes, links, pictures, tables and code. It \
                cannot call members by name, and has no colours. WeCom before 4.1.36 shows it as plain text.",
                "Markdown文本，最多4096字节，支持标题、列表、引用、链接、图片、表格和代码，不支持@成员和字体颜色。\
                4.1.36以下版本的企业微信显示为纯文本。",
            ),
            examples: &[Text::both(r#""| 环境 | 结果 |\n| :--- | ---: |\n| 生产 | **成功** |""#)],
            rules: &[rules::NOT_EMPTY, rules::TEXT, rules::bytes(0, MAX_MARKDOWN_BYTES)],
            ui: ui::TEXTAREA,
            ..Spec::NEW
        },
    }
}

impl Action for PushMarkdownV2MessageByChatbot {
    const ABOUT: About = About {
        id: "push-markdown-v2-message-by-chatbot",
        title: text("Pushing a markdown v2 message by chatbot", "通过群机器人推送markdown_v2消息"),
        label: text("Push a Markdown v2 message by chatbot", "通过群机器人发送Markdown v2消息"),
        icon: icon!("markdown"),
        description: text(
            "Puts a text in Markdown with tables, pictures and code into the chatbot's group chat.",
            "在机器人所在的群聊中发送支持表格、图片和代码的Markdown文本。",
        ),
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/99110",
        sample_parameters: r##"{"content": "# 每日构建\n| 环境 | 结果 |\n| :--- | ---: |\n| 生产 | **成功** |"}"##,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
        ..PUSH
    };
    const ELSEWHERE: &'static [Elsewhere] = &[("mentioned_list", NO_MENTION), ("mentioned_mobile_list", NO_MENTION)];

    push!(PushMarkdownV2MessageByChatbotParameters, "markdown_v2" -> Pushed);
}

/// What to do instead of naming members beside a text in Markdown v2.
const NO_MENTION: Phrase =
    phrase!("is not a parameter here: Markdown v2 calls nobody by name, a text message or Markdown does");

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/91770>
pub struct PushFileMessageByChatbot;

table! {
    /// Parameters of `push-file-message-by-chatbot`.
    pub struct PushFileMessageByChatbotParameters {
        pub media_id: String = FILE,
    }
}

impl Action for PushFileMessageByChatbot {
    const ABOUT: About = About {
        id: "push-file-message-by-chatbot",
        title: text("Pushing a file message by chatbot", "通过群机器人推送文件消息"),
        label: text("Push a file by chatbot", "通过群机器人发送文件"),
        icon: icon!("file"),
        description: text(
            "Puts an uploaded file into the chatbot's group chat.",
            "在机器人所在的群聊中发送已上传的文件。",
        ),
        sample_parameters: r#"{"media_id": "3a8asd892asd8asd"}"#,
        ..PUSH
    };
    push!(PushFileMessageByChatbotParameters, "file" -> Nothing);
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/91770>
pub struct PushImageMessageByChatbot;

table! {
    /// Parameters of `push-image-message-by-chatbot`.
    pub struct PushImageMessageByChatbotParameters {
        pub base64: String = Spec {
            title: text("Base64-encoded Image Content", "图片Base64编码"),
            description: text(
                "The image (JPG or PNG, at most 2 MB) in Base64, or as a data: URL.",
                "图片（JPG或PNG，最大2MB）的Base64编码，或data: URL。",
            ),
            examples: &[Text::both(r#""iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC""#)],
            rules: &[Rule::Base64 { max_bytes: MAX_IMAGE_BYTES }, Rule::Custom { check: image, chars: (1, MAX_IMAGE_CHARS) }],
            ..Spec::NEW
        },
        pub md5: Option<String> = Spec {
            title: text("MD5 Value", "MD5值"),
            description: text(
                "MD5 digest of the image before Base64 encoding: 32 hexadecimal digits. By default the connector computes it.",
                "图片在Base64编码之前的MD5值，32位十六进制数。不填时由连接器计算。",
            ),
            examples: &[Text::both(r#""2769871c648de0b05716f5497bbae01f""#)],
            rules: &[rules::MD5],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
    }
}

impl Action for PushImageMessageByChatbot {
    const ABOUT: About = About {
        id: "push-image-message-by-chatbot",
        title: text("Pushing an image message by chatbot", "通过群机器人推送图片消息"),
        label: text("Push an image by chatbot", "通过群机器人发送图片"),
        icon: icon!("image"),
        description: text("Puts an image into the chatbot's group chat.", "在机器人所在的群聊中发送图片。"),
        sample_parameters: r#"{"base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC"}"#,
        ..PUSH
    };
    type Connection = Chatbot;
    type Parameters = PushImageMessageByChatbotParameters;
    type Output = Nothing;

    fn check(parameters: &mut Parameters, _: Option<&CheckedChatbot>) {
        let md5 = PushImageMessageByChatbotParameters::md5;
        let base64 = PushImageMessageByChatbotParameters::base64;
        // Where there is no image, its digest is not at fault.
        let Ok(image) = decoded(parameters.text(base64)) else { return };
        if !parameters.are_known(&[md5.name()]) {
            return;
        }
        let given = parameters.text(md5);
        let digest: String = tidy::hex(&Md5::digest(image));
        if given.is_empty() || given.eq_ignore_ascii_case(&digest) {
            // WeCom wants small letters.
            parameters.set(md5, digest);
        } else if (rules::MD5_DIGITS.form)(given) == Form::Good {
            // What is no digest at all is told by its own rule.
            let rule = message!("must be the MD5 digest of the image, which is {}", &digest);
            parameters.violate(md5, &[base64.name()], rule);
        }
    }

    fn request(parameters: Parameters, _: &CheckedChatbot) -> Request {
        request("image", parameters)
    }

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

fn image(base64: &str) -> Result<(), Message> {
    decoded(base64).map(drop)
}

/// Of an image that ends too early.
pub(super) const LOST: Phrase =
    phrase!("must hold the whole image: this one ends too early, part of it was lost on the way here");

/// What is wrong with Base64 that cannot be decoded: a character, or its end, which may be that of a picture.
fn not_base64(base64: &str) -> Message {
    let letters = base64.trim_end_matches('=');
    if let Some(rule) = rules::BASE64_LETTERS.broken(letters) {
        return rule;
    }
    let whole = STANDARD.decode(&letters[..letters.len() / 4 * 4]).unwrap_or_default();
    if image::ends_too_early(&whole) {
        return LOST.into();
    }
    phrase!("must be an image in Base64: its end is missing, or was changed on the way here").into()
}

/// The image that the Base64 stands for, or the rule that it breaks.
fn decoded(base64: &str) -> Result<Vec<u8>, Message> {
    if base64.is_empty() {
        return Err(phrase!("must not be empty").into());
    }
    if base64.len() > MAX_IMAGE_CHARS {
        return Err(message!(
            "must hold an image of at most {} bytes: {} characters in Base64, and has {}",
            MAX_IMAGE_BYTES,
            MAX_IMAGE_CHARS,
            base64.len(),
        ));
    }
    let image = STANDARD.decode(base64).map_err(|_| not_base64(base64))?;
    if image.len() > MAX_IMAGE_BYTES {
        // The last four characters stand for one to three bytes.
        return Err(message!("must hold an image of at most {} bytes, and has {}", MAX_IMAGE_BYTES, image.len()));
    }
    if image::ends_too_early(&image) {
        return Err(LOST.into());
    }
    Ok(image)
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/91770>
pub struct PushImageTextMessageByChatbot;

table! {
    /// Parameters of `push-image-text-message-by-chatbot`.
    pub struct PushImageTextMessageByChatbotParameters {
        pub title: String = ARTICLE_TITLE,
        pub description: Option<String> = ARTICLE_TEXT,
        pub url: String = LINK,
        pub pic_url: Option<String> = PICTURE,
    }
}

impl Action for PushImageTextMessageByChatbot {
    const ABOUT: About = About {
        id: "push-image-text-message-by-chatbot",
        title: text("Pushing an image and text message by chatbot", "通过群机器人推送图文消息"),
        label: text("Push an image and text message by chatbot", "通过群机器人发送图文消息"),
        icon: icon!("article"),
        description: text(
            "Puts a headline with a picture and a link into the chatbot's group chat.",
            "在机器人所在的群聊中发送带标题、图片和链接的图文消息。",
        ),
        sample_parameters: r#"{"title": "中秋节礼品领取", "description": "今年中秋节公司有豪礼相送", "url": "https://www.qq.com", "pic_url": "https://example.com/picture.png"}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
        ..PUSH
    };
    push!(PushImageTextMessageByChatbotParameters, "news" -> Pushed);
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/91770>
pub struct PushTextNoticeCardByChatbot;

table! {
    /// Parameters of `push-text-notice-card-by-chatbot`.
    pub struct PushTextNoticeCardByChatbotParameters {
        pub main_title: Option<CardTitle> = card::NOTICE_TITLE,
        pub sub_title_text: Option<String> = card::TEXT,
        pub emphasis_content: Option<CardEmphasis> = card::EMPHASIS,
        pub horizontal_content_list: Option<Vec<CardDetail>> = card::DETAILS,
        pub card_action: CardAction = card::NOTICE_ACTION,
        pub source: Option<CardSource> = card::SOURCE,
        pub quote_area: Option<CardQuote> = card::QUOTE,
        pub jump_list: Option<Vec<CardJump>> = card::JUMPS,
    }
}

impl Action for PushTextNoticeCardByChatbot {
    const ABOUT: About = About {
        id: "push-text-notice-card-by-chatbot",
        title: text("Pushing a text notice card by chatbot", "通过群机器人推送文本通知型模板卡片"),
        label: text("Push a text notice card by chatbot", "通过群机器人发送文本通知卡片"),
        description: text(
            "Puts a card with a title, a figure, details and links into the chatbot's group chat.",
            "在机器人所在的群聊中发送带标题、关键数据、明细和跳转链接的卡片。",
        ),
        sample_parameters: r#"{"main_title": {"title": "构建失败", "desc": "主干"}, "sub_title_text": "单元测试未通过", "horizontal_content_list": [{"key_name": "提交人", "value": "王青", "type": 3, "user_id": "wangqing"}], "card_action": {"type": 1, "url": "https://example.com/builds/17"}, "jump_list": [{"type": 1, "title": "全部构建", "url": "https://example.com/builds"}]}"#,
        ..PUSH_CARD
    };
    push_card!(PushTextNoticeCardByChatbotParameters, TEXT_NOTICE, card::titled_or_text());
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/91770>
pub struct PushNewsNoticeCardByChatbot;

table! {
    /// Parameters of `push-news-notice-card-by-chatbot`.
    pub struct PushNewsNoticeCardByChatbotParameters {
        pub main_title: CardTitle = card::TITLE,
        pub card_image: CardImage = card::IMAGE,
        pub image_text_area: Option<CardImageText> = Spec {
            description: text("A picture with a text to its right.", "左侧为图片、右侧为文字的区域。"),
            ui: ui::ADVANCED,
            ..card::IMAGE_TEXT
        },
        pub vertical_content_list: Option<Vec<CardParagraph>> = card::PARAGRAPHS,
        pub horizontal_content_list: Option<Vec<CardDetail>> = card::DETAILS,
        pub card_action: CardAction = card::NOTICE_ACTION,
        pub source: Option<CardSource> = card::SOURCE,
        pub quote_area: Option<CardQuote> = card::QUOTE,
        pub jump_list: Option<Vec<CardJump>> = card::JUMPS,
    }
}

impl Action for PushNewsNoticeCardByChatbot {
    const ABOUT: About = About {
        id: "push-news-notice-card-by-chatbot",
        title: text("Pushing a news notice card by chatbot", "通过群机器人推送图文展示型模板卡片"),
        label: text("Push a news notice card by chatbot", "通过群机器人发送图文展示卡片"),
        description: text(
            "Puts a card with a picture, paragraphs and links into the chatbot's group chat.",
            "在机器人所在的群聊中发送带图片、段落和跳转链接的卡片。",
        ),
        sample_parameters: r#"{"main_title": {"title": "版本1.0发布"}, "card_image": {"url": "https://example.com/release.png", "aspect_ratio": "2.25"}, "vertical_content_list": [{"title": "更新说明", "desc": "新增报表"}], "card_action": {"type": 1, "url": "https://example.com/release"}}"#,
        ..PUSH_CARD
    };
    push_card!(PushNewsNoticeCardByChatbotParameters, NEWS_NOTICE);
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/99110>
pub struct PushVoiceMessageByChatbot;

table! {
    /// Parameters of `push-voice-message-by-chatbot`.
    pub struct PushVoiceMessageByChatbotParameters {
        pub media_id: String = Spec {
            title: message::VOICE.title,
            description: text(
                "Media ID of the voice recording, uploaded for this very chatbot at most three days ago. IDs of the \
                application's own material do not work.",
                "语音的media_id，须为最近三天内用同一个机器人上传的语音。应用上传的素材ID不能使用。",
            ),
            ..FILE
        },
    }
}

impl Action for PushVoiceMessageByChatbot {
    const ABOUT: About = About {
        id: "push-voice-message-by-chatbot",
        title: text("Pushing a voice message by chatbot", "通过群机器人推送语音消息"),
        label: text("Push a voice message by chatbot", "通过群机器人发送语音消息"),
        icon: icon!("voice"),
        description: text(
            "Puts an uploaded voice recording into the chatbot's group chat.",
            "在机器人所在的群聊中发送已上传的语音。",
        ),
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/99110",
        sample_parameters: r#"{"media_id": "3a8asd892asd8asd"}"#,
        ..PUSH
    };
    push!(PushVoiceMessageByChatbotParameters, "voice" -> Nothing);
}

/// `POST webhook/send`
///
/// <https://developer.work.weixin.qq.com/document/path/99110>
pub struct PushNewsMessageByChatbot;

table! {
    /// An article of a news message by chatbot. It opens a link.
    pub struct ChatbotArticle {
        pub title: String = ARTICLE_TITLE,
        pub description: Option<String> = ARTICLE_TEXT,
        pub url: String = LINK,
        pub pic_url: Option<String> = PICTURE,
    }
}

table! {
    /// Parameters of `push-news-message-by-chatbot`.
    pub struct PushNewsMessageByChatbotParameters {
        pub articles: Vec<ChatbotArticle> = LINK_ARTICLES,
    }
}

impl Action for PushNewsMessageByChatbot {
    const ABOUT: About = About {
        id: "push-news-message-by-chatbot",
        title: text("Pushing a news message by chatbot", "通过群机器人推送链接图文消息"),
        label: text("Push articles with links by chatbot", "通过群机器人发送链接图文消息"),
        icon: icon!("article"),
        description: text(
            "Puts up to eight headlines with pictures and links into the chatbot's group chat.",
            "在机器人所在的群聊中发送最多八条带图片和链接的标题。",
        ),
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/99110",
        sample_parameters: r#"{"articles": [{"title": "版本1.0发布", "description": "更新说明", "url": "https://example.com/release", "pic_url": "https://example.com/release.png"}, {"title": "升级步骤", "url": "https://example.com/upgrade"}]}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
        ..PUSH
    };
    push!(PushNewsMessageByChatbotParameters, "news" -> Pushed);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::wire::{OK, call};

    /// The image of the vendor's sample, in Base64, and its digest.
    const HELLO: &str = "aGVsbG8=";
    const MD5: &str = "5d41402abc4b2a76b9719d911017c592";

    #[test]
    fn push_text_message_by_chatbot() {
        let (members, mobiles) = (["wangqing", "@all"], ["13800001111", "@all"]);
        call(
            "push-text-message-by-chatbot",
            json!({"content": "hello", "mentioned_list": members, "mentioned_mobile_list": mobiles}),
        )
        .posts(
            "webhook/send",
            json!({
                "msgtype": "text",
                "text": {"content": "hello", "mentioned_list": members, "mentioned_mobile_list": mobiles},
            }),
        )
        .returns(OK, json!({"truncated": [], "cleaned": []}));

        call("push-text-message-by-chatbot", json!({"content": "hello", "mentioned_list": []}))
            .posts("webhook/send", json!({"msgtype": "text", "text": {"content": "hello"}}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn push_markdown_message_by_chatbot() {
        call("push-markdown-message-by-chatbot", json!({"content": "请 <@wangqing> 查看"}))
            .posts("webhook/send", json!({"msgtype": "markdown", "markdown": {"content": "请 <@wangqing> 查看"}}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));

        for list in ["mentioned_list", "mentioned_mobile_list"] {
            call("push-markdown-message-by-chatbot", json!({"content": "hello", list: ["@all"]}))
                .refused_at(&format!("/{list}"), "in Markdown, write <@ID> into the text");
        }
    }

    #[test]
    fn push_markdown_v2_message_by_chatbot() {
        // Blanks and line breaks at the edges count.
        for content in ["# 标题\n*斜体*\n---\n| a | b |", "    code\n\n---\n", "\t- a\n  - b  \n"] {
            call("push-markdown-v2-message-by-chatbot", json!({"content": content}))
                .posts("webhook/send", json!({"msgtype": "markdown_v2", "markdown_v2": {"content": content}}))
                .returns(OK, json!({"truncated": [], "cleaned": []}));
        }
        for list in ["mentioned_list", "mentioned_mobile_list"] {
            call("push-markdown-v2-message-by-chatbot", json!({"content": "hello", list: ["@all"]}))
                .refused_at(&format!("/{list}"), "Markdown v2 calls nobody by name");
        }
    }

    #[test]
    fn push_voice_message_by_chatbot() {
        call("push-voice-message-by-chatbot", json!({"media_id": "MEDIA_ID"}))
            .posts("webhook/send", json!({"msgtype": "voice", "voice": {"media_id": "MEDIA_ID"}}))
            .returns(OK, json!({}));
    }

    #[test]
    fn push_news_message_by_chatbot() {
        let articles = |picture: &str| {
            json!([
                {
                    "title": "中秋节礼品领取",
                    "description": "今年中秋节公司有豪礼相送",
                    "url": "www.qq.com",
                    picture: "http://res.mail.qq.com/test.png",
                },
                {"title": "T", "url": "https://qq.com"},
            ])
        };
        call("push-news-message-by-chatbot", json!({"articles": articles("pic_url")}))
            .posts("webhook/send", json!({"msgtype": "news", "news": {"articles": articles("picurl")}}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn push_file_message_by_chatbot() {
        call("push-file-message-by-chatbot", json!({"media_id": "3a8asd892asd8asd"}))
            .posts("webhook/send", json!({"msgtype": "file", "file": {"media_id": "3a8asd892asd8asd"}}))
            .returns(OK, json!({}));
    }

    #[test]
    fn push_image_message_by_chatbot() {
        let data_url = format!("data:image/png;base64,{HELLO}");
        for parameters in [
            json!({"base64": HELLO, "md5": MD5}),
            json!({"base64": HELLO}),
            json!({"base64": HELLO, "md5": MD5.to_uppercase()}),
            json!({"base64": data_url}),
            json!({"base64": HELLO.trim_end_matches('=')}),
        ] {
            call("push-image-message-by-chatbot", parameters)
                .posts("webhook/send", json!({"msgtype": "image", "image": {"base64": HELLO, "md5": MD5}}))
                .returns(OK, json!({}));
        }
    }

    #[test]
    fn a_digest_is_that_of_the_image() {
        let push =
            |base64: &str, md5: &str| call("push-image-message-by-chatbot", json!({"base64": base64, "md5": md5}));
        push(HELLO, &"0".repeat(32)).refused_at("/md5", &format!("the MD5 digest of the image, which is {MD5}"));
        push(HELLO, "hello").refused_at("/md5", "must be 32 hexadecimal digits");
        // Where there is no image, its digest is not at fault.
        push("aGVsbG8*", &"0".repeat(32)).refused_at("/base64", "must be Base64");
        push("", &"0".repeat(32)).refused_at("/base64", "must not be empty");
    }

    #[test]
    fn an_image_is_whole() {
        let push = |base64: &str| call("push-image-message-by-chatbot", json!({"base64": base64}));
        push("iVBORw0KGgoAAAANSUhEUgAA").refused_at("/base64", "must hold the whole image");
        push("iVBORw0KGgoAAAANSUhEUgAAA").refused_at("/base64", "must hold the whole image");
        push("aGVsbG8hI").refused_at("/base64", "its end is missing");
    }

    #[test]
    fn push_image_text_message_by_chatbot() {
        let article = json!({"title": "T", "description": "D", "url": "www.qq.com", "picurl": "http://host/p.png"});
        call(
            "push-image-text-message-by-chatbot",
            json!({"title": "T", "description": "D", "url": "www.qq.com", "pic_url": "http://host/p.png"}),
        )
        .posts("webhook/send", json!({"msgtype": "news", "news": {"articles": [article]}}))
        .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn what_was_done_to_the_texts_is_returned() {
        let title = "T".repeat(128);
        let article = json!({"title": title, "description": "Description", "url": "www.qq.com"});
        call(
            "push-image-text-message-by-chatbot",
            json!({"title": format!("{title}T"), "description": "De\u{7}scription", "url": "www.qq.com"}),
        )
        .posts("webhook/send", json!({"msgtype": "news", "news": {"articles": [article]}}))
        .returns(OK, json!({"truncated": ["title"], "cleaned": ["description"]}));
    }

    #[test]
    fn push_text_notice_card_by_chatbot() {
        let card = json!({
            "source": {"icon_url": "https://wework.qpic.cn/wwpic/252813_jOfDHtcISzuodLa_1629280209/0", "desc": "企业微信", "desc_color": 0},
            "main_title": {"title": "欢迎使用企业微信", "desc": "您的好友正在邀请您加入企业微信"},
            "emphasis_content": {"title": "100", "desc": "数据含义"},
            "quote_area": {
                "type": 1,
                "url": "https://work.weixin.qq.com/?from=openApi",
                "title": "引用文本标题",
                "quote_text": "Jack：企业微信真的很好用~\nBalian：超级好的一款软件！",
            },
            "sub_title_text": "下载企业微信还能抢红包！",
            "horizontal_content_list": [{"key_name": "邀请人", "value": "张三"}],
            "jump_list": [{"type": 1, "url": "https://work.weixin.qq.com/?from=openApi", "title": "企业微信官网"}],
            "card_action": {"type": 1, "url": "https://work.weixin.qq.com/?from=openApi"},
        });
        let mut wire = card.clone();
        wire["card_type"] = "text_notice".into();
        wire["horizontal_content_list"] = json!([{"keyname": "邀请人", "value": "张三"}]);
        call("push-text-notice-card-by-chatbot", card.clone())
            .posts("webhook/send", json!({"msgtype": "template_card", "template_card": wire}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));

        let mut untitled = card;
        untitled["main_title"] = json!({"desc": "您的好友正在邀请您加入企业微信"});
        untitled["sub_title_text"] = "".into();
        call("push-text-notice-card-by-chatbot", untitled)
            .refused_at("/sub_title_text", "is required where `main_title` has no `title`");
    }

    #[test]
    fn push_news_notice_card_by_chatbot() {
        let image = |ratio: Value| json!({"url": "https://wework.qpic.cn/wwpic/354393_4zpkKXd7SrGMvfg_1629280616/0", "aspect_ratio": ratio});
        let mut card = json!({
            "main_title": {"title": "欢迎使用企业微信"},
            "card_image": image("2.25".into()),
            "vertical_content_list": [{"title": "惊喜红包等你来拿", "desc": "下载企业微信还能抢红包！"}],
            "card_action": {"type": 2, "app_id": "APPID", "page_path": "PAGEPATH"},
        });
        let mut wire = card.clone();
        wire["card_type"] = "news_notice".into();
        wire["card_image"] = image(2.25.into());
        wire["card_action"] = json!({"type": 2, "appid": "APPID", "pagepath": "PAGEPATH"});
        call("push-news-notice-card-by-chatbot", card.clone())
            .posts("webhook/send", json!({"msgtype": "template_card", "template_card": wire}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));

        card["card_image"] = json!({});
        call("push-news-notice-card-by-chatbot", card.clone()).refused_at("/card_image/url", "is required");
        card["card_image"] = image(3.into());
        call("push-news-notice-card-by-chatbot", card).refused_at("/card_image/aspect_ratio", "from 1.3 to 2.25");
    }
}
