//! Interface `chatbot-message`: messages that a chatbot puts into its group chat.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use garde::Validate;
use md5::{Digest, Md5};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::message::{DESCRIPTION, Pushed, SUBJECT, TEXT};
use crate::action::{About, Action, Beyond, Effect, Nothing, RateLimit, Request, Secrets, Truncated, set_only};
use crate::connection::{Chatbot, CheckedChatbot};
use crate::error::InvalidParameter;
use crate::reply::{Malformed, Reply};
use crate::rules::MaybeList as _;
use crate::{rules, ui};

/// The API of every push.
const SEND: &str = "webhook/send";

/// The greatest content of a markdown message, in bytes.
const MAX_MARKDOWN_BYTES: usize = 4096;
/// The greatest image, in bytes before Base64 encoding.
const MAX_IMAGE_BYTES: usize = 2 * 1024 * 1024;
/// The greatest image in Base64, in characters.
const MAX_IMAGE_CHARS: usize = MAX_IMAGE_BYTES.div_ceil(3) * 4;

const LIMITS: [RateLimit; 1] =
    [RateLimit { scope: "chatbot", amount: 20, unit: "messages", per_seconds: 60, beyond: Beyond::Refused }];

/// The facts about a push, and what they have in common.
const fn about(
    id: &'static str,
    title: &'static str,
    description: &'static str,
    sample_parameters: &'static str,
    sample_output: &'static str,
) -> About {
    About {
        id,
        title,
        description,
        interface: "chatbot-message",
        api: SEND,
        secrets: Secrets::ChatbotKey,
        effect: Effect::Send,
        idempotent: false,
        rate_limits: &LIMITS,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/91770",
        sample_parameters,
        sample_output,
    }
}

fn request(kind: &str, content: Value, truncated: Truncated) -> Request {
    let mut body = json!({"msgtype": kind});
    body[kind] = content;
    Request::post(SEND, body).truncated(truncated)
}

/// Table 25.
pub struct PushTextMessageByChatbot;

/// Parameters of `push-text-message-by-chatbot`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushTextMessageByChatbotParameters {
    /// The text. What is beyond 2048 bytes is cut.
    #[schemars(title = "Content", example = &"构建失败，请查看。", regex(pattern = rules::TEXT), extend("x-ui" = ui::cut(TEXT).widget("textarea")))]
    #[garde(length(chars, min = 1), custom(rules::text))]
    pub content: String,
    /// IDs of members of the group to call by name; @all calls everyone.
    #[schemars(title = "User IDs to Mention", inner(length(min = 1), regex(pattern = rules::LINE)), extend("examples" = [["wangqing", "@all"]], "x-ui" = ui::list(",").hint("In the admin console: Contacts (通讯录) > the member > Account (账号). @all stands for everyone.")))]
    #[garde(inner(inner(custom(rules::entry))))]
    pub mentioned_list: Option<Vec<String>>,
    /// Mobile numbers of members of the group to call by name; @all calls everyone.
    #[schemars(title = "Mobile Numbers to Remind", inner(length(min = 1), regex(pattern = rules::LINE)), extend("examples" = [["13800001111", "@all"]], "x-ui" = ui::list(",")))]
    #[garde(inner(inner(custom(rules::entry))))]
    pub mentioned_mobile_list: Option<Vec<String>>,
}

impl Action for PushTextMessageByChatbot {
    const ABOUT: About = about(
        "push-text-message-by-chatbot",
        "Pushing a text message by chatbot",
        "Puts a text into the chatbot's group chat and can call members by name. Sending is not idempotent: a second call sends a second message.",
        r#"{"content": "构建失败，请查看。", "mentioned_list": ["wangqing", "@all"], "mentioned_mobile_list": ["13800001111"]}"#,
        r#"{"truncated": []}"#,
    );
    type Connection = Chatbot;
    type Parameters = PushTextMessageByChatbotParameters;
    type Output = Pushed;

    fn lists(parameters: &Self::Parameters) -> Vec<(&'static str, usize)> {
        vec![
            ("mentioned_list", parameters.mentioned_list.items().len()),
            ("mentioned_mobile_list", parameters.mentioned_mobile_list.items().len()),
        ]
    }

    fn request(mut parameters: Self::Parameters, _: &CheckedChatbot) -> Request {
        let mut truncated = Truncated::default();
        truncated.cut("content", &mut parameters.content, TEXT);
        let content = json!({
            "content": parameters.content,
            "mentioned_list": parameters.mentioned_list,
            "mentioned_mobile_list": parameters.mentioned_mobile_list,
        });
        request("text", set_only(content), truncated)
    }

    fn output(_: Reply, truncated: Truncated) -> Result<Pushed, Malformed> {
        Ok(truncated.into())
    }
}

/// Table 26.
pub struct PushMarkdownMessageByChatbot;

/// Parameters of `push-markdown-message-by-chatbot`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushMarkdownMessageByChatbotParameters {
    /// The text in WeCom's subset of Markdown, at most 4096 bytes. <@ID> calls the member with that ID by name.
    #[schemars(title = "Content", example = &"构建 <font color=\"warning\">失败</font>，请 <@wangqing> 查看。", regex(pattern = rules::TEXT), extend("x-ui" = ui::max_bytes(MAX_MARKDOWN_BYTES).widget("textarea")))]
    #[garde(length(chars, min = 1), custom(rules::text), custom(rules::max_bytes(MAX_MARKDOWN_BYTES)))]
    pub content: String,
}

impl Action for PushMarkdownMessageByChatbot {
    const ABOUT: About = about(
        "push-markdown-message-by-chatbot",
        "Pushing a markdown message by chatbot",
        "Puts a text in Markdown into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"content": "构建 <font color=\"warning\">失败</font>，请 <@wangqing> 查看。"}"#,
        "{}",
    );
    type Connection = Chatbot;
    type Parameters = PushMarkdownMessageByChatbotParameters;
    type Output = Nothing;

    fn request(parameters: Self::Parameters, _: &CheckedChatbot) -> Request {
        request("markdown", json!({"content": parameters.content}), Truncated::default())
    }

    fn output(_: Reply, _: Truncated) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

/// Table 27.
pub struct PushFileMessageByChatbot;

/// Parameters of `push-file-message-by-chatbot`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushFileMessageByChatbotParameters {
    /// Media ID of the file, uploaded for this very chatbot at most three days ago. IDs of the application's own material do not work.
    #[schemars(title = "File ID", example = &"3a8asd892asd8asd", regex(pattern = rules::LINE), extend("x-ui" = ui::hint("The media_id that WeCom's upload API for chatbots returned. It is good for three days.")))]
    #[garde(length(chars, min = 1), custom(rules::line))]
    pub media_id: String,
}

impl Action for PushFileMessageByChatbot {
    const ABOUT: About = about(
        "push-file-message-by-chatbot",
        "Pushing a file message by chatbot",
        "Puts an uploaded file into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"media_id": "3a8asd892asd8asd"}"#,
        "{}",
    );
    type Connection = Chatbot;
    type Parameters = PushFileMessageByChatbotParameters;
    type Output = Nothing;

    fn request(parameters: Self::Parameters, _: &CheckedChatbot) -> Request {
        request("file", json!({"media_id": parameters.media_id}), Truncated::default())
    }

    fn output(_: Reply, _: Truncated) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

/// Table 28.
pub struct PushImageMessageByChatbot;

/// Parameters of `push-image-message-by-chatbot`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushImageMessageByChatbotParameters {
    /// The image (JPG or PNG, at most 2 MB) in Base64, without line breaks and without a data: prefix.
    #[schemars(title = "Base64-encoded Image Content", example = &"aGVsbG8=", length(min = 1, max = MAX_IMAGE_CHARS), regex(pattern = rules::BASE64), extend("x-ui" = ui::textarea()))]
    #[garde(custom(image))]
    pub base64: String,
    /// MD5 digest of the image before Base64 encoding: 32 hexadecimal digits.
    #[schemars(title = "MD5 Value", example = &"5d41402abc4b2a76b9719d911017c592", regex(pattern = rules::MD5))]
    #[garde(length(chars, min = 1), custom(rules::md5))]
    pub md5: String,
}

impl Action for PushImageMessageByChatbot {
    const ABOUT: About = about(
        "push-image-message-by-chatbot",
        "Pushing an image message by chatbot",
        "Puts an image into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC", "md5": "2769871c648de0b05716f5497bbae01f"}"#,
        "{}",
    );
    type Connection = Chatbot;
    type Parameters = PushImageMessageByChatbotParameters;
    type Output = Nothing;

    fn check(parameters: &Self::Parameters, _: Option<&CheckedChatbot>) -> Vec<InvalidParameter> {
        // Where there is no image, its digest is not at fault.
        let Some(image) = STANDARD.decode(&parameters.base64).ok().filter(|image| !image.is_empty()) else {
            return Vec::new();
        };
        let digest: String = Md5::digest(image).iter().map(|byte| format!("{byte:02x}")).collect();
        // What is no digest at all is told by its own rule.
        let is_digest = !parameters.md5.is_empty() && rules::md5(&parameters.md5, &()).is_ok();
        if !is_digest || parameters.md5.eq_ignore_ascii_case(&digest) {
            return Vec::new();
        }
        vec![InvalidParameter::parameter("/md5", format!("must be the MD5 digest of the image, which is {digest}"))]
    }

    fn request(parameters: Self::Parameters, _: &CheckedChatbot) -> Request {
        let content = json!({"base64": parameters.base64, "md5": parameters.md5.to_ascii_lowercase()});
        request("image", content, Truncated::default())
    }

    fn output(_: Reply, _: Truncated) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

fn image(base64: &str, _: &()) -> garde::Result {
    let fault = |words: String| Err(garde::Error::new(words));
    if base64.is_empty() {
        return fault("must not be empty".into());
    }
    if base64.len() > MAX_IMAGE_CHARS {
        let length = base64.len();
        return fault(format!(
            "must hold an image of at most {MAX_IMAGE_BYTES} bytes: {MAX_IMAGE_CHARS} characters in Base64, and has {length}"
        ));
    }
    match STANDARD.decode(base64) {
        Err(_) => fault("must be Base64 with its padding, without line breaks and without a data: prefix".into()),
        // The last four characters stand for one to three bytes.
        Ok(image) if image.len() > MAX_IMAGE_BYTES => {
            fault(format!("must hold an image of at most {MAX_IMAGE_BYTES} bytes, and has {}", image.len()))
        }
        Ok(_) => Ok(()),
    }
}

/// Table 29.
pub struct PushImageTextMessageByChatbot;

/// Parameters of `push-image-text-message-by-chatbot`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushImageTextMessageByChatbotParameters {
    /// Headline of the article. What is beyond 128 bytes is cut.
    #[schemars(title = "Subject", example = &"中秋节礼品领取", regex(pattern = rules::LINE), extend("x-ui" = ui::cut(SUBJECT)))]
    #[garde(length(chars, min = 1), custom(rules::line))]
    pub title: String,
    /// Text below the headline. What is beyond 512 bytes is cut.
    #[schemars(title = "Description", example = &"今年中秋节公司有豪礼相送", regex(pattern = rules::TEXT), extend("x-ui" = ui::cut(DESCRIPTION).widget("textarea")))]
    #[garde(custom(rules::text))]
    pub description: Option<String>,
    /// Address that a click leads to.
    #[schemars(title = "Redirection URL", example = &"https://www.qq.com", regex(pattern = rules::LINE))]
    #[garde(length(chars, min = 1), custom(rules::line))]
    pub url: String,
    /// Address of the picture, JPG or PNG. 1068 x 455 pixels look best, or 150 x 150 for a small one.
    #[schemars(title = "Image URL", example = &"https://example.com/picture.png", regex(pattern = rules::LINE))]
    #[garde(custom(rules::line))]
    pub pic_url: Option<String>,
}

impl Action for PushImageTextMessageByChatbot {
    const ABOUT: About = about(
        "push-image-text-message-by-chatbot",
        "Pushing an image and text message by chatbot",
        "Puts a headline with a picture and a link into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"title": "中秋节礼品领取", "description": "今年中秋节公司有豪礼相送", "url": "https://www.qq.com", "pic_url": "https://example.com/picture.png"}"#,
        r#"{"truncated": []}"#,
    );
    type Connection = Chatbot;
    type Parameters = PushImageTextMessageByChatbotParameters;
    type Output = Pushed;

    fn request(mut parameters: Self::Parameters, _: &CheckedChatbot) -> Request {
        let mut truncated = Truncated::default();
        truncated.cut("title", &mut parameters.title, SUBJECT);
        truncated.cut_optional("description", &mut parameters.description, DESCRIPTION);
        let article = json!({
            "title": parameters.title,
            "description": parameters.description,
            "url": parameters.url,
            "picurl": parameters.pic_url,
        });
        request("news", json!({"articles": [set_only(article)]}), truncated)
    }

    fn output(_: Reply, truncated: Truncated) -> Result<Pushed, Malformed> {
        Ok(truncated.into())
    }
}
