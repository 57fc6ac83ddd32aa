//! What a message or an event can be answered with at once.
//!
//! <https://developer.work.weixin.qq.com/document/path/90241>

use serde_json::{Map, Value, json};

use super::event::Format;
use super::{CallbackError, Event, crypto};
use crate::actions::card::{self, ReplyCard};
use crate::actions::message::{ARTICLE_LINK, ARTICLE_TEXT, ARTICLE_TITLE, PICTURE, VIDEO_TEXT, VIDEO_TITLE};
use crate::connection::CheckedCallback;
use crate::connector;
use crate::cut::Limit;
use crate::error::{Argument, Violation};
#[cfg(not(target_family = "wasm"))]
use crate::parameter::conditions::{always, when};
use crate::parameter::field::{Word, word};
use crate::parameter::rules::{self, Rule};
use crate::parameter::{Described as _, Key, Parameters, Spec, decode, table, ui};
use crate::text::{Text, phrase, text};

/// The longest text of a reply, in bytes. WeCom cuts what is longer.
const MAX_CONTENT_BYTES: usize = 2048;

/// Who tells of what no member did.
const WECOM: &str = "sys";

const TEXT: &str = "text";
const IMAGE: &str = "image";
const VOICE: &str = "voice";
const VIDEO: &str = "video";
const NEWS: &str = "news";
const UPDATE_BUTTON: &str = "update_button";
const UPDATE_CARD: &str = "update_template_card";

const KINDS: &[Word] = &[
    word(TEXT, text("Text", "文本")),
    word(IMAGE, text("Picture", "图片")),
    word(VOICE, text("Voice message", "语音")),
    word(VIDEO, text("Video", "视频")),
    word(NEWS, text("Articles", "图文")),
    word(UPDATE_BUTTON, text("New text of the button", "更新按钮文字")),
    word(UPDATE_CARD, text("New card", "更新卡片")),
];

table! {
    /// An article of a reply.
    pub struct ReplyArticle {
        pub title: String = ARTICLE_TITLE,
        pub description: Option<String> = ARTICLE_TEXT,
        pub url: String = ARTICLE_LINK,
        pub pic_url: Option<String> = PICTURE,
    }
}

table! {
    /// What a message or an event is answered with. Which of the fields go with a kind, each field says.
    pub struct Reply {
        pub msg_type: String = Spec {
            title: text("Kind", "回复类型"),
            description: text(
                "What the answer is. The last two change the card that was pressed, for the member who pressed it.",
                "回复的类型。最后两种更新被点击的卡片，只对点击的成员生效。",
            ),
            examples: &[Text::both(r#""text""#)],
            words: KINDS,
            rules: &[
                Rule::OneOf(&[TEXT, IMAGE, VOICE, VIDEO, NEWS, UPDATE_BUTTON, UPDATE_CARD]),
                rules::NOT_EMPTY,
            ],
            ..Spec::NEW
        },
        pub content: Option<String> = Spec {
            title: text("Content", "内容"),
            description: text(
                "The text, of a text. What is beyond 2048 bytes is cut.",
                "文本回复的内容，超过2048字节的部分会被截断。",
            ),
            examples: &[text(r#""Noted.""#, r#""已收到。""#)],
            rules: &[rules::TEXT, rules::cut_at(Limit::Bytes(MAX_CONTENT_BYTES))],
            ui: ui::TEXTAREA,
            ..Spec::NEW
        },
        pub media_id: Option<String> = Spec {
            title: text("Media ID", "素材ID"),
            description: text(
                "Media ID of the picture, voice message or video, uploaded at most three days ago.",
                "图片、语音或视频的media_id，须为最近三天内上传的素材。",
            ),
            rules: &[rules::ID],
            ..Spec::NEW
        },
        pub title: Option<String> = VIDEO_TITLE,
        pub description: Option<String> = VIDEO_TEXT,
        pub articles: Option<Vec<ReplyArticle>> = Spec {
            title: text("Articles", "图文"),
            description: text("What a news reply shows, 1 to 8 articles.", "图文回复的内容，1到8条。"),
            rules: &[rules::entries(0, 8)],
            ..Spec::NEW
        },
        pub replace_name: Option<String> = Spec {
            title: text("Text of the Button", "按钮替换文字"),
            description: text("What the pressed button says from now on.", "点击后按钮显示的文字。"),
            examples: &[text(r#""Approved""#, r#""已同意""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub template_card: Option<ReplyCard> = Spec {
            title: text("New Card", "新卡片"),
            description: text("The card that takes the place of the one that was pressed.", "替换被点击的卡片的新卡片。"),
            conditions: card::kinds,
            ..Spec::NEW
        },
    }
}

/// The parts that a kind of reply must have, and those that it may.
fn parts(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        TEXT => (&["content"], &[]),
        IMAGE | VOICE => (&["media_id"], &[]),
        VIDEO => (&["media_id"], &["title", "description"]),
        NEWS => (&["articles"], &[]),
        UPDATE_BUTTON => (&["replace_name"], &[]),
        _ => (&["template_card"], &[]),
    }
}

/// The names of the fields that a kind of reply cannot have.
fn strangers(kind: &str) -> impl Iterator<Item = &'static str> {
    let (required, optional) = parts(kind);
    let is_strange = move |name: &&str| *name != "msg_type" && !required.contains(name) && !optional.contains(name);
    Reply::FIELDS.iter().map(|field| field.name).filter(is_strange)
}

impl Reply {
    /// What a schema can say of [`check`].
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn conditions() -> Map<String, Value> {
        let conditions = KINDS.iter().map(|kind| {
            let strangers: Map<String, Value> =
                strangers(kind.value).map(|name| (name.to_owned(), false.into())).collect();
            let condition = json!({"required": ["msg_type"], "properties": {"msg_type": {"const": kind.value}}});
            Value::from(when(condition, json!({"required": parts(kind.value).0, "properties": strangers})))
        });
        always(json!({"allOf": conditions.collect::<Vec<_>>()}))
    }
}

/// An answer to WeCom, ready to be sent with 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedReply {
    /// The header `content-type`.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// The answer to a message or an event, for the member who sent it. The reply is a JSON object: that of [`Reply`], or for a
/// smart bot what WeCom's page says, as it stands there. `now` is in seconds since 1970; the 16 random bytes must be new
/// ones each time.
pub fn encrypt_reply(
    connection: &CheckedCallback,
    event: &Event,
    reply: &str,
    now: u64,
    random: &[u8],
) -> Result<EncryptedReply, CallbackError> {
    let Ok(random) = random.try_into() else {
        return Err(vec![Violation::parameter("/random", phrase!("must be 16 bytes"))].into());
    };
    let is_bot = event.format == Format::Json && event.to.is_none();
    if !is_bot && event.from_user.as_deref().is_none_or(|user| user == WECOM) {
        let rule = phrase!("is no member: nobody would get the reply");
        return Err(vec![Violation::parameter("/event/from_user", rule)].into());
    }
    let reply = connector::document(Argument::Parameters, reply)?;
    let message = if is_bot { bot(&reply)? } else { written(event, reply, now)? };
    let ciphertext = crypto::encrypt(&connection.key, random, &message, &connection.receive_id);
    let signature = crypto::signature(connection, &now.to_string(), &event.nonce, &ciphertext);
    Ok(match event.format {
        Format::Xml => EncryptedReply {
            content_type: "application/xml".to_owned(),
            body: format!(
                "<xml><Encrypt>{}</Encrypt><MsgSignature>{}</MsgSignature><TimeStamp>{now}</TimeStamp><Nonce>{}</Nonce></xml>",
                cdata(&ciphertext),
                cdata(&signature),
                cdata(&event.nonce)
            ),
        },
        Format::Json => EncryptedReply {
            content_type: "application/json".to_owned(),
            body: json!({"encrypt": ciphertext, "msgsignature": signature, "timestamp": now, "nonce": event.nonce})
                .to_string(),
        },
    })
}

/// What a smart bot answers: as the caller wrote it.
fn bot(reply: &Value) -> Result<String, Vec<Violation>> {
    match reply.as_object() {
        Some(fields) if fields.contains_key("msgtype") || fields.contains_key("response_type") => Ok(reply.to_string()),
        _ => {
            let rule = phrase!("must be a JSON object with `msgtype` or `response_type`");
            Err(vec![Violation::parameter("", rule)])
        }
    }
}

/// What an application answers.
fn written(event: &Event, reply: Value, now: u64) -> Result<String, Vec<Violation>> {
    let mut reply = decode::read(Argument::Parameters, Reply::FIELDS, &[], reply)?;
    reply.check_fields();
    let kind = reply.text(Reply::msg_type).to_owned();
    if reply.is_good(Reply::msg_type) {
        check(&mut reply, &kind);
    }
    if !reply.violations.is_empty() {
        return Err(reply.violations);
    }
    reply.cut();
    let mut fields = Map::new();
    // From the member to the enterprise; the answer goes the other way.
    fields.insert("ToUserName".to_owned(), event.from_user.clone().unwrap_or_default().into());
    fields.insert("FromUserName".to_owned(), event.to.clone().unwrap_or_default().into());
    fields.insert("CreateTime".to_owned(), now.into());
    fields.insert("MsgType".to_owned(), kind.as_str().into());
    fields.extend(content(&kind, reply));
    Ok(match event.format {
        Format::Xml => {
            let mut xml = String::new();
            element(&mut xml, "xml", &Value::Object(fields));
            xml
        }
        Format::Json => Value::Object(fields).to_string(),
    })
}

/// Holds the reply against the rules of its kind.
fn check(reply: &mut Parameters, kind: &str) {
    for name in parts(kind).0 {
        if !reply.has(name) {
            reply.violate(Key::<String>::of(name), &[], phrase!("is required for this kind of reply"));
        }
    }
    for name in strangers(kind) {
        if reply.has(name) {
            reply.violate(Key::<String>::of(name), &[], phrase!("does not belong to this kind of reply"));
        }
    }
    reply.check_record(Reply::template_card, |card| {
        let card_type = card.text(ReplyCard::card_type).to_owned();
        card::check(card, &card_type, true);
    });
}

/// The fields of a reply as WeCom names them.
fn content(kind: &str, reply: Parameters) -> Map<String, Value> {
    let mut wire = reply.into_wire();
    wire.retain(|name, _| name != Reply::msg_type.name());
    let Value::Object(fields) = camel_case("", Value::Object(wire)) else { return Map::new() };
    match kind {
        TEXT | UPDATE_CARD => fields,
        NEWS => {
            let articles = fields.into_values().next().unwrap_or_default();
            let count = articles.as_array().map_or(0, Vec::len);
            Map::from_iter([
                ("ArticleCount".to_owned(), count.into()),
                ("Articles".to_owned(), json!({"item": articles})),
            ])
        }
        kind => {
            let name = if kind == UPDATE_BUTTON { "Button".to_owned() } else { camel(kind, "") };
            Map::from_iter([(name, fields.into())])
        }
    }
}

/// The names of a value in WeCom's camel case. `part` is the name that it has itself.
fn camel_case(part: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| (camel(&name, part), camel_case(&name, value));
            Value::Object(fields.into_iter().map(field).collect())
        }
        Value::Array(entries) => entries.into_iter().map(|entry| camel_case(part, entry)).collect(),
        value => value,
    }
}

/// `icon_url` is `IconUrl`. What stands in one word elsewhere is two here, and WeCom's page spells one of them in two ways.
fn camel(name: &str, part: &str) -> String {
    match (name, part) {
        ("appid", "quote_area" | "image_text_area") => return "Appid".to_owned(),
        ("appid", _) => return "AppId".to_owned(),
        ("pagepath", _) => return "PagePath".to_owned(),
        ("keyname", _) => return "KeyName".to_owned(),
        ("userid", _) => return "UserId".to_owned(),
        ("picurl", _) => return "PicUrl".to_owned(),
        ("checkbox", _) => return "CheckBox".to_owned(),
        _ => {}
    }
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    name.split('_').map(capital).collect()
}

/// Writes an element; of a list, one for each entry.
fn element(xml: &mut String, name: &str, value: &Value) {
    if let Value::Array(entries) = value {
        return entries.iter().for_each(|entry| element(xml, name, entry));
    }
    xml.push_str(&format!("<{name}>"));
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| element(xml, name, value)),
        Value::String(text) => xml.push_str(&cdata(text)),
        value => xml.push_str(&value.to_string()),
    }
    xml.push_str(&format!("</{name}>"));
}

fn cdata(text: &str) -> String {
    // XML has no such characters, not even escaped.
    let is_there =
        |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let text: String = text.chars().filter(is_there).collect();
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}
