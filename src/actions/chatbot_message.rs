//! Interface `chatbot-message`: messages that a chatbot puts into its group chat.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::message::{DESCRIPTION, Pushed, SUBJECT, TEXT, body};
use crate::action::{About, Action, Beyond, Effect, Fields, Nothing, Proof, RateLimit, Request, Secrets};
use crate::connection::{Chatbot, CheckedChatbot};
use crate::decode::Elsewhere;
use crate::parameters::{Edits, Parameters, Table as _, table};
use crate::reply::{Malformed, Reply};
use crate::rules::{self, Form, Rule};
use crate::words::{Phrase, Words, phrase, words};
use crate::{image, ui};

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
    label: &'static str,
    icon: &'static str,
    description: &'static str,
    sample_parameters: &'static str,
    sample_output: &'static str,
) -> About {
    About {
        id,
        title,
        label,
        icon,
        description,
        interface: "chatbot-message",
        api: SEND,
        proof: Proof::ErrcodeOnly,
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

/// Table 25.
pub struct PushTextMessageByChatbot;

table! {
    /// Parameters of `push-text-message-by-chatbot`.
    pub struct PushTextMessageByChatbotParameters {
        /// The text. What is beyond 2048 bytes is cut.
        #[schemars(title = "Content", example = &"构建失败，请查看。", extend("x-ui" = ui::textarea()))]
        pub content: String => [rules::NOT_EMPTY, rules::TEXT, rules::cut_at(TEXT)],
        /// IDs of members of the group to call by name; @all calls everyone.
        #[schemars(title = "User IDs to Mention", extend("examples" = [["wangqing", "@all"]], "x-ui" = ui::list(",").hint("In the admin console: Contacts (通讯录) > the member > Account (账号). @all stands for everyone.")))]
        pub mentioned_list: Option<Vec<String>> => [rules::each(&[rules::ID])],
        /// Mobile numbers of members of the group to call by name; @all calls everyone.
        #[schemars(title = "Mobile Numbers to Remind", extend("examples" = [["13800001111", "@all"]], "x-ui" = ui::list(",")))]
        pub mentioned_mobile_list: Option<Vec<String>> => [Rule::Narrow, rules::each(&[rules::ID])],
    }
}

impl Action for PushTextMessageByChatbot {
    const ABOUT: About = about(
        "push-text-message-by-chatbot",
        "Pushing a text message by chatbot",
        "Push a text message by chatbot",
        "text",
        "Puts a text into the chatbot's group chat and can call members by name. Sending is not idempotent: a second call sends a second message.",
        r#"{"content": "构建失败，请查看。", "mentioned_list": ["wangqing", "@all"], "mentioned_mobile_list": ["13800001111"]}"#,
        r#"{"truncated": [], "cleaned": []}"#,
    );
    type Connection = Chatbot;
    type Parameters = PushTextMessageByChatbotParameters;
    type Output = Pushed;

    fn request(fields: Fields, _: &CheckedChatbot) -> Request {
        Request::post(SEND, body("text", fields, &[]))
    }

    fn output(_: Reply, edits: Edits) -> Result<Pushed, Malformed> {
        Ok(edits.into())
    }
}

/// What to do instead of naming members beside a Markdown text.
const MENTION: Phrase = phrase!(
    "is not a parameter here: in Markdown, write <@ID> into the text where the member with that ID is to be called"
);

/// Table 26.
pub struct PushMarkdownMessageByChatbot;

table! {
    /// Parameters of `push-markdown-message-by-chatbot`.
    pub struct PushMarkdownMessageByChatbotParameters {
        /// The text in WeCom's subset of Markdown, at most 4096 bytes. <@ID> calls the member with that ID by name.
        #[schemars(title = "Content", example = &"构建 <font color=\"warning\">失败</font>，请 <@wangqing> 查看。", extend("x-ui" = ui::textarea()))]
        pub content: String => [rules::NOT_EMPTY, rules::TEXT, rules::bytes(0, MAX_MARKDOWN_BYTES)],
    }
}

impl Action for PushMarkdownMessageByChatbot {
    const ABOUT: About = about(
        "push-markdown-message-by-chatbot",
        "Pushing a markdown message by chatbot",
        "Push a Markdown message by chatbot",
        "markdown",
        "Puts a text in Markdown into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"content": "构建 <font color=\"warning\">失败</font>，请 <@wangqing> 查看。"}"#,
        r#"{"truncated": [], "cleaned": []}"#,
    );
    type Connection = Chatbot;
    type Parameters = PushMarkdownMessageByChatbotParameters;
    type Output = Pushed;

    const ELSEWHERE: &'static [Elsewhere] = &[("mentioned_list", MENTION), ("mentioned_mobile_list", MENTION)];

    fn request(fields: Fields, _: &CheckedChatbot) -> Request {
        Request::post(SEND, body("markdown", fields, &[]))
    }

    fn output(_: Reply, edits: Edits) -> Result<Pushed, Malformed> {
        Ok(edits.into())
    }
}

/// Table 27.
pub struct PushFileMessageByChatbot;

table! {
    /// Parameters of `push-file-message-by-chatbot`.
    pub struct PushFileMessageByChatbotParameters {
        /// Media ID of the file, uploaded for this very chatbot at most three days ago. IDs of the application's own material do not work.
        #[schemars(title = "File ID", example = &"3a8asd892asd8asd", extend("x-ui" = ui::hint("The media_id that WeCom's upload API for chatbots returned. It is good for three days.")))]
        pub media_id: String => [rules::NOT_EMPTY, rules::ID],
    }
}

impl Action for PushFileMessageByChatbot {
    const ABOUT: About = about(
        "push-file-message-by-chatbot",
        "Pushing a file message by chatbot",
        "Push a file by chatbot",
        "file",
        "Puts an uploaded file into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"media_id": "3a8asd892asd8asd"}"#,
        "{}",
    );
    type Connection = Chatbot;
    type Parameters = PushFileMessageByChatbotParameters;
    type Output = Nothing;

    fn request(fields: Fields, _: &CheckedChatbot) -> Request {
        Request::post(SEND, body("file", fields, &[]))
    }

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

/// Table 28.
pub struct PushImageMessageByChatbot;

table! {
    /// Parameters of `push-image-message-by-chatbot`.
    pub struct PushImageMessageByChatbotParameters {
        /// The image (JPG or PNG, at most 2 MB) in Base64, or as a data: URL.
        #[schemars(title = "Base64-encoded Image Content", example = &SAMPLE_IMAGE, length(min = 1, max = MAX_IMAGE_CHARS))]
        pub base64: String => [Rule::Base64, Rule::Custom(image)],
        /// MD5 digest of the image before Base64 encoding: 32 hexadecimal digits. Where it is left out, the connector computes it.
        #[schemars(title = "MD5 Value", example = &SAMPLE_DIGEST, extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub md5: Option<String> => [rules::MD5],
    }
}

/// A picture of one pixel.
const SAMPLE_IMAGE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC";
/// Its digest.
const SAMPLE_DIGEST: &str = "2769871c648de0b05716f5497bbae01f";

impl Action for PushImageMessageByChatbot {
    const ABOUT: About = about(
        "push-image-message-by-chatbot",
        "Pushing an image message by chatbot",
        "Push an image by chatbot",
        "image",
        "Puts an image into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC"}"#,
        "{}",
    );
    type Connection = Chatbot;
    type Parameters = PushImageMessageByChatbotParameters;
    type Output = Nothing;

    fn check(parameters: &mut Parameters, _: Option<&CheckedChatbot>) {
        // Where there is no image, its digest is not at fault.
        let Ok(image) = decoded(parameters.text("base64")) else { return };
        if !parameters.known(&["md5"]) {
            return;
        }
        let given = parameters.text("md5");
        let digest: String = Md5::digest(image).iter().map(|byte| format!("{byte:02x}")).collect();
        if given.is_empty() || given.eq_ignore_ascii_case(&digest) {
            // WeCom wants small letters.
            parameters.replace(Self::Parameters::FIELDS, "md5", Some(digest.into()));
        } else if (rules::MD5_DIGITS.form)(given) == Form::Good {
            // What is no digest at all is told by its own rule.
            parameters.fault("md5", &["base64"], words!("must be the MD5 digest of the image, which is {}", &digest));
        }
    }

    fn request(fields: Fields, _: &CheckedChatbot) -> Request {
        Request::post(SEND, body("image", fields, &[]))
    }

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

fn image(base64: &str) -> Result<(), Words> {
    decoded(base64).map(drop)
}

/// Of an image that ends too early.
const LOST: Phrase = phrase!("must hold the whole image: this one ends too early, part of it was lost on the way here");

/// What is wrong with Base64 that cannot be decoded: a character, or its end, which may be that of a picture.
fn not_base64(base64: &str) -> Words {
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
fn decoded(base64: &str) -> Result<Vec<u8>, Words> {
    if base64.is_empty() {
        return Err(phrase!("must not be empty").into());
    }
    if base64.len() > MAX_IMAGE_CHARS {
        return Err(words!(
            "must hold an image of at most {} bytes: {} characters in Base64, and has {}",
            MAX_IMAGE_BYTES,
            MAX_IMAGE_CHARS,
            base64.len(),
        ));
    }
    let image = STANDARD.decode(base64).map_err(|_| not_base64(base64))?;
    if image.len() > MAX_IMAGE_BYTES {
        // The last four characters stand for one to three bytes.
        return Err(words!("must hold an image of at most {} bytes, and has {}", MAX_IMAGE_BYTES, image.len()));
    }
    if image::ends_too_early(&image) {
        return Err(LOST.into());
    }
    Ok(image)
}

/// Table 29.
pub struct PushImageTextMessageByChatbot;

table! {
    /// Parameters of `push-image-text-message-by-chatbot`.
    pub struct PushImageTextMessageByChatbotParameters {
        /// Headline of the article. What is beyond 128 bytes is cut.
        #[schemars(title = "Subject", example = &"中秋节礼品领取")]
        pub title: String => [rules::NOT_EMPTY, rules::LINE, rules::cut_at(SUBJECT)],
        /// Text below the headline. What is beyond 512 bytes is cut.
        #[schemars(title = "Description", example = &"今年中秋节公司有豪礼相送", extend("x-ui" = ui::textarea()))]
        pub description: Option<String> => [rules::TEXT, rules::cut_at(DESCRIPTION)],
        /// Address that a click leads to.
        #[schemars(title = "Redirection URL", example = &"https://www.qq.com")]
        pub url: String => [rules::NOT_EMPTY, rules::ID],
        /// Address of the picture, JPG or PNG. 1068 x 455 pixels look best, or 150 x 150 for a small one.
        #[schemars(title = "Image URL", example = &"https://example.com/picture.png")]
        pub pic_url as "picurl": Option<String> => [rules::ID],
    }
}

impl Action for PushImageTextMessageByChatbot {
    const ABOUT: About = about(
        "push-image-text-message-by-chatbot",
        "Pushing an image and text message by chatbot",
        "Push an image and text message by chatbot",
        "article",
        "Puts a headline with a picture and a link into the chatbot's group chat. Sending is not idempotent: a second call sends a second message.",
        r#"{"title": "中秋节礼品领取", "description": "今年中秋节公司有豪礼相送", "url": "https://www.qq.com", "pic_url": "https://example.com/picture.png"}"#,
        r#"{"truncated": [], "cleaned": []}"#,
    );
    type Connection = Chatbot;
    type Parameters = PushImageTextMessageByChatbotParameters;
    type Output = Pushed;

    fn request(fields: Fields, _: &CheckedChatbot) -> Request {
        Request::post(SEND, body("news", fields, &[]))
    }

    fn output(_: Reply, edits: Edits) -> Result<Pushed, Malformed> {
        Ok(edits.into())
    }
}
