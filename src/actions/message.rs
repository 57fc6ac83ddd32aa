//! What messages of the application and messages to a group chat have in common: the same contents, addressed in two
//! ways. Every parameter stands here once; the tables put them together.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::action::Fields;
use crate::cut::Limit;
use crate::parameters::{Edits, Field, Parameters};
use crate::rules;
use crate::words::phrase;

/// Beyond this, the content of a text message is cut.
pub(super) const TEXT: Limit = Limit::Bytes(2048);
/// The greatest content of a markdown message, in bytes.
pub(super) const MAX_MARKDOWN_BYTES: usize = 2048;
/// The greatest content of an article, in bytes: 666 KB.
pub(super) const MAX_ARTICLE_BYTES: usize = 666 * 1024;
/// The greatest author of an article, in bytes.
pub(super) const MAX_AUTHOR_BYTES: usize = 64;
/// The greatest link of a text card, in bytes.
pub(super) const MAX_LINK_BYTES: usize = 2048;
/// Beyond this, a subject is cut.
pub(super) const SUBJECT: Limit = Limit::Bytes(128);
/// Beyond this, a description is cut.
pub(super) const DESCRIPTION: Limit = Limit::Bytes(512);
/// Beyond this, the text of a button is cut.
pub(super) const BUTTON: Limit = Limit::Chars(4);
/// The most members that a message may name.
pub(super) const MAX_RECEIVERS: usize = 1000;
/// The most departments that a message may name.
pub(super) const MAX_RECEIVING_DEPARTMENTS: usize = 100;

/// Where a person finds the ID of a file.
pub(super) const FROM_UPLOAD: &str =
    "The media_id that WeCom's API for temporary material returned. It is good for three days.";

/// The body of a message: its content below the name of its kind, and beside that what addresses it.
pub(super) fn body(kind: &'static str, mut content: Fields, beside: &[&'static str]) -> Fields {
    let mut body = Fields::new();
    for name in beside {
        if let Some(value) = content.remove(*name) {
            body.insert((*name).to_owned(), value);
        }
    }
    let content = match kind {
        "mpnews" | "news" => json!({"articles": [content]}),
        _ => content.into(),
    };
    body.insert("msgtype".to_owned(), kind.into());
    body.insert(kind.to_owned(), content);
    body
}

/// What a message to members says of who got it. A success may have reached only some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Delivery {
    /// ID of the message, to withdraw it with within 24 hours.
    #[schemars(title = "Message ID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// Members that the message did not reach: unknown, or out of the application's visible range. In lower case.
    #[schemars(title = "Members Not Reached")]
    pub invalid_user: Vec<String>,
    /// Departments that the message did not reach.
    #[schemars(title = "Departments Not Reached")]
    pub invalid_party: Vec<String>,
    /// Tags that the message did not reach.
    #[schemars(title = "Tags Not Reached")]
    pub invalid_tag: Vec<String>,
    /// Members that the message did not reach because they have no licence for the API.
    #[schemars(title = "Members Without Licence")]
    pub unlicensed_user: Vec<String>,
    /// Names of the parameters that were cut to their limit.
    #[schemars(title = "Truncated Parameters")]
    pub truncated: Vec<String>,
    /// Names of the parameters that control characters or colour codes were taken out of.
    #[schemars(title = "Cleaned Parameters")]
    pub cleaned: Vec<String>,
}

/// The output of a message that WeCom says nothing of but that it was taken, with what was done to its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pushed {
    /// Names of the parameters that were cut to their limit.
    #[schemars(title = "Truncated Parameters")]
    pub truncated: Vec<String>,
    /// Names of the parameters that control characters or colour codes were taken out of.
    #[schemars(title = "Cleaned Parameters")]
    pub cleaned: Vec<String>,
}

/// Declares the parameter table of a message: how it is addressed (`app`, `group_chat`), then what it holds.
macro_rules! message_parameters {
    ($(#[$meta:meta])* app $name:ident $kind:ident) => {
        $crate::actions::message::message_parameters! {
            @content $kind $name
            [
                $(#[$meta])*
                #[schemars(extend(
                    "if" = $crate::actions::message::no_department(),
                    "then" = rules::filled("to_user"),
                ))]
            ]
            [
                /// IDs of the members who get the message, at most 1000; or @all, for everyone who may see the application.
                #[schemars(title = "Receiver ID", extend("examples" = [["zhangsan", "lisi"], ["@all"]], "x-ui" = ui::list("|").options(ui::MEMBERS).hint("In the admin console: Contacts (通讯录) > the member > Account (账号). @all stands for everyone.")))]
                pub to_user as "touser": Option<Vec<String>> => [rules::entries(0, MAX_RECEIVERS), rules::each(&[rules::RECEIVER])],
                /// IDs of the departments whose members get the message, at most 100. They are skipped where the receiver is @all.
                #[schemars(title = "Recipient Dept ID", extend("examples" = [[2]], "x-ui" = ui::list("|").options(ui::DEPARTMENTS).hint("In the admin console: Contacts (通讯录) > the menu of the department > its ID.")))]
                pub to_party as "toparty": Option<Vec<u32>> => [rules::entries(0, MAX_RECEIVING_DEPARTMENTS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)])],
                /// ID of the application that sends the message: the one whose secret the connection has. Where it is left out, that of the connection serves.
                #[schemars(title = "Enterprise App ID", example = 1_000_002, extend("x-ui" = ui::hint("In the admin console: App Management (应用管理) > the application > AgentId.").group(ui::ADVANCED).from_connection("agent_id")))]
                pub agent_id as "agentid": Option<u64> => [rules::range(1, $crate::connection::MAX_AGENT_ID)],
            ]
        }
    };
    ($(#[$meta:meta])* group_chat $name:ident $kind:ident) => {
        $crate::actions::message::message_parameters! {
            @content $kind $name
            [$(#[$meta])*]
            [
                /// ID of the group chat, which this application must have created.
                #[schemars(title = "Group Chat ID", example = &"newhires2026", extend("x-ui" = ui::hint(FROM_CREATION)))]
                pub chat_id as "chatid": String => [rules::NOT_EMPTY, rules::ID],
            ]
        }
    };
    (@content text $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// The text. Line breaks and links (<a href="…">…</a>) work; what is beyond 2048 bytes is cut.
            #[schemars(title = "Content", example = &"请于今天18:00前填写周报。", extend("x-ui" = ui::textarea()))]
            pub content: String => [rules::NOT_EMPTY, rules::TEXT, rules::cut_at(TEXT)],
            /// Whether the message is confidential: a confidential one has a watermark and cannot be passed on. Public where it is left out.
            #[schemars(title = "Confidentiality", extend("oneOf" = $crate::actions::message::safe(), "x-ui" = ui::group(ui::ADVANCED)))]
            pub safe: Option<u8> => [rules::range(0, 1)],
        ] }
    };
    (@content markdown $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// The text in WeCom's subset of Markdown, at most 2048 bytes. It shows in WeCom only, not in WeChat.
            #[schemars(title = "Content", example = &"**周报**已生成，[查看](https://example.com)", extend("x-ui" = ui::textarea()))]
            pub content: String => [rules::NOT_EMPTY, rules::TEXT, rules::bytes(0, MAX_MARKDOWN_BYTES)],
        ] }
    };
    (@content file $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @media "file" "File ID" "Media ID of the file, uploaded as temporary material by the same enterprise at most three days ago." $name [$($meta)*] [$($fields)*] }
    };
    (@content image $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @media "image" "Image Media File ID" "Media ID of the image, uploaded as temporary material by the same enterprise at most three days ago." $name [$($meta)*] [$($fields)*] }
    };
    (@media $kind:literal $title:literal $description:literal $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            #[doc = $description]
            #[schemars(title = $title, example = &"1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", extend("x-ui" = ui::hint(FROM_UPLOAD)))]
            pub media_id: String => [rules::NOT_EMPTY, rules::ID],
            /// Whether the message is confidential: a confidential one has a watermark and cannot be passed on. Public where it is left out.
            #[schemars(title = "Confidentiality", extend("oneOf" = $crate::actions::message::safe(), "x-ui" = ui::group(ui::ADVANCED)))]
            pub safe: Option<u8> => [rules::range(0, 1)],
        ] }
    };
    (@content mpnews $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// Headline of the article. What is beyond 128 bytes is cut.
            #[schemars(title = "Subject", example = &"春节放假安排")]
            pub title: String => [rules::NOT_EMPTY, rules::LINE, rules::cut_at(SUBJECT)],
            /// Media ID of the picture above the article, uploaded as temporary material by the same enterprise at most three days ago.
            #[schemars(title = "Message Thumbnail", example = &"1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", extend("x-ui" = ui::hint(FROM_UPLOAD)))]
            pub thumb_media_id: String => [rules::NOT_EMPTY, rules::ID],
            /// The article in HTML, at most 666 KB.
            #[schemars(title = "Content", example = &"<p>除夕至初七放假，共八天。</p>", extend("x-ui" = ui::textarea()))]
            pub content: String => [rules::NOT_EMPTY, rules::TEXT, rules::bytes(0, MAX_ARTICLE_BYTES)],
            /// Who wrote the article, at most 64 bytes.
            #[schemars(title = "Message Author", example = &"行政部")]
            pub author: Option<String> => [rules::LINE, rules::bytes(0, MAX_AUTHOR_BYTES)],
            /// Address of the page behind Read More.
            #[schemars(title = "Source Link", example = &"https://example.com/notice")]
            pub content_source_url: Option<String> => [rules::ID],
            /// Summary of the article. What is beyond 512 bytes is cut.
            #[schemars(title = "Description", example = &"放假时间与值班安排", extend("x-ui" = ui::textarea()))]
            pub digest: Option<String> => [rules::TEXT, rules::cut_at(DESCRIPTION)],
            /// Whether the message is confidential: a confidential one has a watermark and cannot be passed on, or only within the enterprise. Public where it is left out.
            #[schemars(title = "Confidentiality", extend("oneOf" = $crate::actions::message::safe_article(), "x-ui" = ui::group(ui::ADVANCED)))]
            pub safe: Option<u8> => [rules::range(0, 2)],
        ] }
    };
    (@content textcard $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// Headline of the card. What is beyond 128 bytes is cut.
            #[schemars(title = "Subject", example = &"领奖通知")]
            pub title: String => [rules::NOT_EMPTY, rules::LINE, rules::cut_at(SUBJECT)],
            /// The text of the card. Line breaks and <div class="gray|normal|highlight"> work; what is beyond 512 bytes is cut.
            #[schemars(title = "Description", example = &"请于10月10日前到行政部领取。", extend("x-ui" = ui::textarea()))]
            pub description: String => [rules::NOT_EMPTY, rules::TEXT, rules::cut_at(DESCRIPTION)],
            /// Where a click on the card leads: with http:// or https://, at most 2048 bytes.
            #[schemars(title = "Redirection Link", example = &"https://example.com/prize")]
            pub url: String => [rules::NOT_EMPTY, rules::LINK, rules::bytes(0, MAX_LINK_BYTES)],
            /// Text of the button. What is beyond 4 characters is cut; WeCom's own word for details stands there where it is left out.
            #[schemars(title = "Button Text", example = &"更多")]
            pub btn_txt as "btntxt": Option<String> => [rules::LINE, rules::cut_at(BUTTON)],
        ] }
    };
    (@table $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::parameters::table! {
            $($meta)*
            pub struct $name {
                $($fields)*
            }
        }
    };
}
pub(super) use message_parameters;

/// The choices of Confidentiality.
pub(super) fn safe() -> Value {
    json!([{"const": 0, "title": "Public"}, {"const": 1, "title": "Confidential"}])
}

/// The choices of Confidentiality for an article.
pub(super) fn safe_article() -> Value {
    json!([
        {"const": 0, "title": "Public"},
        {"const": 1, "title": "Confidential"},
        {"const": 2, "title": "Public within the enterprise"},
    ])
}

/// The rule of [`check_receivers`] for a schema: where no department is named, a member is.
pub(super) fn no_department() -> Value {
    json!({"not": rules::filled("to_party")})
}

/// Somebody must be there to receive a message. Where that is everyone, nobody else is named: WeCom takes `@all` only
/// alone, and the departments are skipped.
pub(super) fn check_receivers(fields: &'static [Field], parameters: &mut Parameters) {
    let is_everyone = |id: &Value| {
        id.as_str().is_some_and(|id| id.strip_prefix(['@', '＠']).is_some_and(|all| all.eq_ignore_ascii_case("all")))
    };
    let members = parameters.entries("to_user");
    if members.iter().any(is_everyone) {
        parameters.replace(fields, "to_user", Some(json!([rules::EVERYONE])));
        parameters.replace(fields, "to_party", None);
    } else if members.is_empty() && parameters.entries("to_party").is_empty() {
        parameters.fault("to_user", &["to_party"], phrase!("is required where `to_party` names no department"));
    }
}

impl From<Edits> for Pushed {
    fn from(edits: Edits) -> Self {
        Self { truncated: edits.truncated, cleaned: edits.cleaned }
    }
}
