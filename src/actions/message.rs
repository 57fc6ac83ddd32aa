//! What messages of the application and messages to a group chat have in common: the same contents, addressed in two
//! ways. Every parameter stands here once; the tables put them together.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::action::Truncated;
use crate::error::InvalidParameter;
use crate::rules::{self, Limit};

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

/// The content of a message, and how it stands on the wire.
pub(super) trait Message {
    /// WeCom's name of the kind of message.
    const KIND: &'static str;

    /// Whether the message is confidential, where the kind knows that and the parameters say so.
    fn safe(&self) -> Option<u8>;

    /// The object that stands under the kind's name.
    fn content(self, truncated: &mut Truncated) -> Value;

    /// Whether the content has marks such as `$userName=ID$`, which WeCom can replace by names.
    fn has_id_marks(&self) -> bool {
        false
    }
}

/// The marks that WeCom replaces by names.
pub(super) const ID_MARKS: [&str; 2] = ["$userName=", "$departmentName="];

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
}

/// The output of a message that WeCom says nothing of but that it was taken, and that may have been cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pushed {
    /// Names of the parameters that were cut to their limit.
    #[schemars(title = "Truncated Parameters")]
    pub truncated: Vec<String>,
}

/// Declares the parameter table of a message: how it is addressed (`app`, `group_chat`), then what it holds.
macro_rules! message_parameters {
    ($(#[$meta:meta])* app $name:ident $kind:ident) => {
        $crate::actions::message::message_parameters! {
            @content $kind $name
            [
                $(#[$meta])*
                #[schemars(extend("allOf" = $crate::actions::message::receiver_rules()))]
            ]
            [
                /// IDs of the members who get the message, at most 1000; or @all alone, for everyone who may see the application.
                #[schemars(title = "Receiver ID", length(max = MAX_RECEIVERS), inner(length(min = 1), regex(pattern = rules::RECEIVER)), extend("examples" = [["zhangsan", "lisi"], ["@all"]], "x-ui" = ui::list("|").options(ui::MEMBERS).hint("In the admin console: Contacts (通讯录) > the member > Account (账号). @all stands for everyone.")))]
                #[garde(custom(rules::entries(0, MAX_RECEIVERS)), inner(inner(custom(rules::receiver))))]
                pub to_user: Option<Vec<String>>,
                /// IDs of the departments whose members get the message, at most 100. Leave it out where the receiver is @all.
                #[schemars(title = "Recipient Dept ID", length(max = MAX_RECEIVING_DEPARTMENTS), inner(range(min = 1, max = MAX_DEPARTMENT_ID)), extend("examples" = [[2]], "x-ui" = ui::list("|").options(ui::DEPARTMENTS).hint("In the admin console: Contacts (通讯录) > the menu of the department > its ID.")))]
                #[garde(custom(rules::entries(0, MAX_RECEIVING_DEPARTMENTS)), inner(inner(range(min = 1, max = MAX_DEPARTMENT_ID))))]
                pub to_party: Option<Vec<u32>>,
                /// ID of the application that sends the message: the one whose secret the connection has. Where it is left out, that of the connection serves.
                #[schemars(title = "Enterprise App ID", example = 1_000_002, extend("x-ui" = ui::hint("In the admin console: App Management (应用管理) > the application > AgentId.").group(ui::ADVANCED)))]
                #[garde(range(min = 1))]
                pub agent_id: Option<u32>,
            ]
        }
        impl $crate::actions::app_message::Addressed for $name {
            fn to_user(&self) -> &[String] {
                rules::MaybeList::items(&self.to_user)
            }

            fn to_party(&self) -> &[u32] {
                rules::MaybeList::items(&self.to_party)
            }

            fn agent_id(&self) -> Option<u32> {
                self.agent_id
            }
        }
    };
    ($(#[$meta:meta])* group_chat $name:ident $kind:ident) => {
        $crate::actions::message::message_parameters! {
            @content $kind $name
            [$(#[$meta])*]
            [
                /// ID of the group chat, which this application must have created.
                #[schemars(title = "Group Chat ID", example = &"newhires2026", regex(pattern = rules::LINE), extend("x-ui" = ui::hint(FROM_CREATION)))]
                #[garde(length(chars, min = 1), custom(rules::line))]
                pub chat_id: String,
            ]
        }
        impl $crate::actions::group_chat_message::Addressed for $name {
            fn chat_id(&self) -> &str {
                &self.chat_id
            }
        }
    };
    (@content text $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// The text. Line breaks and links (<a href="…">…</a>) work; what is beyond 2048 bytes is cut.
            #[schemars(title = "Content", example = &"请于今天 18:00 前填写周报。", regex(pattern = rules::TEXT), extend("x-ui" = ui::cut(TEXT).widget("textarea")))]
            #[garde(length(chars, min = 1), custom(rules::text))]
            pub content: String,
            /// Whether the message is confidential: a confidential one has a watermark and cannot be passed on. Public where it is left out.
            #[schemars(title = "Confidentiality", extend("oneOf" = $crate::actions::message::safe(), "x-ui" = ui::group(ui::ADVANCED)))]
            #[garde(range(max = 1))]
            pub safe: Option<u8>,
        ] }
        impl $crate::actions::message::Message for $name {
            const KIND: &'static str = "text";

            fn safe(&self) -> Option<u8> {
                self.safe
            }

            fn content(mut self, truncated: &mut Truncated) -> Value {
                truncated.cut("content", &mut self.content, TEXT);
                json!({"content": self.content})
            }

            fn has_id_marks(&self) -> bool {
                $crate::actions::message::ID_MARKS.iter().any(|mark| self.content.contains(mark))
            }
        }
    };
    (@content markdown $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// The text in WeCom's subset of Markdown, at most 2048 bytes. It shows in WeCom only, not in WeChat.
            #[schemars(title = "Content", example = &"**周报**已生成，[查看](https://example.com)", regex(pattern = rules::TEXT), extend("x-ui" = ui::max_bytes(MAX_MARKDOWN_BYTES).widget("textarea")))]
            #[garde(length(chars, min = 1), custom(rules::text), custom(rules::max_bytes(MAX_MARKDOWN_BYTES)))]
            pub content: String,
        ] }
        impl $crate::actions::message::Message for $name {
            const KIND: &'static str = "markdown";

            fn safe(&self) -> Option<u8> {
                None
            }

            fn content(self, _: &mut Truncated) -> Value {
                json!({"content": self.content})
            }
        }
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
            #[schemars(title = $title, example = &"1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", regex(pattern = rules::LINE), extend("x-ui" = ui::hint(FROM_UPLOAD)))]
            #[garde(length(chars, min = 1), custom(rules::line))]
            pub media_id: String,
            /// Whether the message is confidential: a confidential one has a watermark and cannot be passed on. Public where it is left out.
            #[schemars(title = "Confidentiality", extend("oneOf" = $crate::actions::message::safe(), "x-ui" = ui::group(ui::ADVANCED)))]
            #[garde(range(max = 1))]
            pub safe: Option<u8>,
        ] }
        impl $crate::actions::message::Message for $name {
            const KIND: &'static str = $kind;

            fn safe(&self) -> Option<u8> {
                self.safe
            }

            fn content(self, _: &mut Truncated) -> Value {
                json!({"media_id": self.media_id})
            }
        }
    };
    (@content mpnews $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// Headline of the article. What is beyond 128 bytes is cut.
            #[schemars(title = "Subject", example = &"春节放假安排", regex(pattern = rules::LINE), extend("x-ui" = ui::cut(SUBJECT)))]
            #[garde(length(chars, min = 1), custom(rules::line))]
            pub title: String,
            /// Media ID of the picture above the article, uploaded as temporary material by the same enterprise at most three days ago.
            #[schemars(title = "Message Thumbnail", example = &"1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", regex(pattern = rules::LINE), extend("x-ui" = ui::hint(FROM_UPLOAD)))]
            #[garde(length(chars, min = 1), custom(rules::line))]
            pub thumb_media_id: String,
            /// The article in HTML, at most 666 KB.
            #[schemars(title = "Content", example = &"<p>除夕至初七放假，共八天。</p>", regex(pattern = rules::TEXT), extend("x-ui" = ui::max_bytes(MAX_ARTICLE_BYTES).widget("textarea")))]
            #[garde(length(chars, min = 1), custom(rules::text), custom(rules::max_bytes(MAX_ARTICLE_BYTES)))]
            pub content: String,
            /// Who wrote the article, at most 64 bytes.
            #[schemars(title = "Message Author", example = &"行政部", regex(pattern = rules::LINE), extend("x-ui" = ui::max_bytes(MAX_AUTHOR_BYTES)))]
            #[garde(custom(rules::line), custom(rules::max_bytes(MAX_AUTHOR_BYTES)))]
            pub author: Option<String>,
            /// Address of the page behind Read More.
            #[schemars(title = "Source Link", example = &"https://example.com/notice", regex(pattern = rules::LINE))]
            #[garde(custom(rules::line))]
            pub content_source_url: Option<String>,
            /// Summary of the article. What is beyond 512 bytes is cut.
            #[schemars(title = "Description", example = &"放假时间与值班安排", regex(pattern = rules::TEXT), extend("x-ui" = ui::cut(DESCRIPTION).widget("textarea")))]
            #[garde(custom(rules::text))]
            pub digest: Option<String>,
            /// Whether the message is confidential: a confidential one has a watermark and cannot be passed on, or only within the enterprise. Public where it is left out.
            #[schemars(title = "Confidentiality", extend("oneOf" = $crate::actions::message::safe_article(), "x-ui" = ui::group(ui::ADVANCED)))]
            #[garde(range(max = 2))]
            pub safe: Option<u8>,
        ] }
        impl $crate::actions::message::Message for $name {
            const KIND: &'static str = "mpnews";

            fn safe(&self) -> Option<u8> {
                self.safe
            }

            fn content(mut self, truncated: &mut Truncated) -> Value {
                truncated.cut("title", &mut self.title, SUBJECT);
                truncated.cut_optional("digest", &mut self.digest, DESCRIPTION);
                json!({"articles": [$crate::action::set_only(json!({
                    "title": self.title,
                    "thumb_media_id": self.thumb_media_id,
                    "author": self.author,
                    "content_source_url": self.content_source_url,
                    "content": self.content,
                    "digest": self.digest,
                }))]})
            }
        }
    };
    (@content textcard $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        $crate::actions::message::message_parameters! { @table $name [$($meta)*] [
            $($fields)*
            /// Headline of the card. What is beyond 128 bytes is cut.
            #[schemars(title = "Subject", example = &"领奖通知", regex(pattern = rules::LINE), extend("x-ui" = ui::cut(SUBJECT)))]
            #[garde(length(chars, min = 1), custom(rules::line))]
            pub title: String,
            /// The text of the card. Line breaks and <div class="gray|normal|highlight"> work; what is beyond 512 bytes is cut.
            #[schemars(title = "Description", example = &"请于 10 月 10 日前到行政部领取。", regex(pattern = rules::TEXT), extend("x-ui" = ui::cut(DESCRIPTION).widget("textarea")))]
            #[garde(length(chars, min = 1), custom(rules::text))]
            pub description: String,
            /// Where a click on the card leads: with http:// or https://, at most 2048 bytes.
            #[schemars(title = "Redirection Link", example = &"https://example.com/prize", regex(pattern = rules::LINK), extend("x-ui" = ui::max_bytes(MAX_LINK_BYTES)))]
            #[garde(length(chars, min = 1), custom(rules::link), custom(rules::max_bytes(MAX_LINK_BYTES)))]
            pub url: String,
            /// Text of the button. What is beyond 4 characters is cut; WeCom's own word for details stands there where it is left out.
            #[schemars(title = "Button Text", example = &"更多", regex(pattern = rules::LINE), extend("x-ui" = ui::cut(BUTTON)))]
            #[garde(custom(rules::line))]
            pub btn_txt: Option<String>,
        ] }
        impl $crate::actions::message::Message for $name {
            const KIND: &'static str = "textcard";

            fn safe(&self) -> Option<u8> {
                None
            }

            fn content(mut self, truncated: &mut Truncated) -> Value {
                truncated.cut("title", &mut self.title, SUBJECT);
                truncated.cut("description", &mut self.description, DESCRIPTION);
                truncated.cut_optional("btn_txt", &mut self.btn_txt, BUTTON);
                $crate::action::set_only(json!({
                    "title": self.title,
                    "description": self.description,
                    "url": self.url,
                    "btntxt": self.btn_txt,
                }))
            }
        }
    };
    (@table $name:ident [$($meta:tt)*] [$($fields:tt)*]) => {
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, garde::Validate, schemars::JsonSchema)]
        $($meta)*
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($fields)*
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

/// The rules of [`receiver_faults`] for a schema.
pub(super) fn receiver_rules() -> Value {
    let everyone =
        json!({"properties": {"to_user": {"contains": {"const": rules::EVERYONE}}}, "required": ["to_user"]});
    json!([
        {
            "if": {"not": {"required": ["to_user"], "properties": {"to_user": {"minItems": 1}}}},
            "then": {"required": ["to_party"], "properties": {"to_party": {"minItems": 1}}},
        },
        {
            "if": everyone,
            "then": {"properties": {"to_user": {"maxItems": 1}, "to_party": {"maxItems": 0}}},
        },
    ])
}

/// Somebody must be there to receive a message, and @all stands alone.
pub(super) fn receiver_faults(to_user: &[String], to_party: &[u32]) -> Vec<InvalidParameter> {
    let everyone = to_user.iter().any(|id| id == rules::EVERYONE);
    let faults = [
        (to_user.is_empty() && to_party.is_empty(), "/to_user", "is required where `to_party` names no department"),
        (everyone && to_user.len() > 1, "/to_user", "must hold nothing beside @all, which already stands for everyone"),
        (
            everyone && !to_party.is_empty(),
            "/to_party",
            "must be left out where `to_user` is @all, which stands for everyone",
        ),
    ];
    faults
        .iter()
        .filter(|fault| fault.0)
        .map(|(_, pointer, rule)| InvalidParameter::parameter(*pointer, *rule))
        .collect()
}

impl From<Truncated> for Pushed {
    fn from(truncated: Truncated) -> Self {
        Self { truncated: truncated.0 }
    }
}
