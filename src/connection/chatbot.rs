//! The connection of a chatbot.

use super::table::connection;
use super::{BASE_URL, Connection, Endpoint, TIMEOUT};
use crate::http::url::BaseUrl;
use crate::parameter::rules::Rule;
use crate::parameter::{Described as _, Parameters, Spec, rules, ui};
use crate::secret::Secret;
use crate::text::{Text, text};

connection! {
    /// Access to WeCom as a chatbot in a group chat.
    pub struct Chatbot {
        pub chatbot_key: String = Spec {
            title: text("Chatbot Key", "机器人Key"),
            description: text(
                "Key of the chatbot, or its whole webhook address. Where the address is given, its host serves as the \
                base URL. Anyone with the key can write to the group: keep it secret.",
                "机器人的Key，或完整的Webhook地址。填写完整地址时，以其中的主机作为服务地址（Base URL）。拿到Key的人都能往群\
                里发消息，请当作密钥保管。",
            ),
            rules: &[Rule::Bare, rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ui: ui::hint(text(
                "In the group: Group settings (群设置) > Group chatbots (群机器人) > the chatbot > webhook address. \
                Paste the address or the part behind key=.",
                "群聊 > 群设置 > 群机器人（新版叫“消息推送”）> 该机器人：Webhook地址。可粘贴完整地址，或只粘贴key=后\
                面的部分。",
            )),
            variable: "WECOM_CHATBOT_KEY",
            secret: true,
            ..Spec::NEW
        },
        pub base_url: Option<String> = BASE_URL,
        pub timeout_seconds: Option<u32> = TIMEOUT,
    }
}

/// A [`Chatbot`] that breaks no rule.
#[derive(Clone, Debug)]
pub struct CheckedChatbot {
    /// Where WeCom is.
    pub endpoint: Endpoint,
    /// The key alone.
    pub key: Secret,
}

impl Connection for Chatbot {
    type Checked = CheckedChatbot;
    const TYPE: &'static str = "chatbot";
    const TITLE: Text = text("Chatbot", "群机器人");
    const DESCRIPTION: Text = text(Self::RECORD.docs.trim_ascii(), "以群聊中机器人的身份访问企业微信。");
    const HINT: Text = text("Messages by chatbot use this type.", "群机器人消息类操作使用此类型。");

    fn of(fields: &mut Parameters) -> Option<CheckedChatbot> {
        let mut base_url = None;
        let pasted = fields.text(Self::chatbot_key);
        // Of an address with a character that nobody sees, that one is the fault, not what it makes of the address.
        if !pasted.is_empty() && rules::ALL_SEEN.broken(pasted).is_none() {
            match BaseUrl::parse_key(pasted) {
                // The rules are about the key. In an address it may be percent-encoded.
                Ok((base, key)) => {
                    base_url = base;
                    fields.set(Self::chatbot_key, key);
                }
                Err(rule) => fields.violate(Self::chatbot_key, &[], rule),
            }
        }
        fields.check_fields();
        let endpoint = Endpoint::of(fields, Self::base_url, Self::timeout_seconds, base_url.unwrap_or_default());
        let key = fields.take_text(Self::chatbot_key).and_then(Secret::new)?;
        Some(CheckedChatbot { endpoint, key })
    }
}
