//! The connection of a chatbot.

use super::table::connection;
use super::{Connection, Endpoint, TIMEOUT, bare, hidden, unfit};
use crate::error::Violation;
use crate::http::url::BaseUrl;
use crate::parameter::{Spec, rules, ui};
use crate::secret::Secret;
use crate::text::{Text, phrase, text};

connection! {
    /// Access to WeCom as a chatbot in a group chat.
    pub struct Chatbot {
        pub chatbot_key: String = Spec {
            title: text("Chatbot Key", "机器人Key"),
            description: text(
                "Key of the chatbot, or its whole webhook address. Where the address is given, its host serves as the \
                base URL.",
                "机器人的Key，或完整的Webhook地址。填写完整地址时，以其中的主机作为服务地址（Base URL）。",
            ),
            rules: &[rules::NOT_EMPTY, rules::ID],
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
        pub base_url: Option<String> = Spec {
            title: text("Base URL", "服务地址（Base URL）"),
            description: text(
                "Where WeCom answers: scheme and host, and a path prefix where a proxy has one. \
                Default: https://qyapi.weixin.qq.com.",
                "企业微信接口的地址：协议和主机名，代理有路径前缀时一并填写。不填时为https://qyapi.weixin.qq.com。",
            ),
            examples: &[Text::both(r#""https://qyapi.weixin.qq.com""#)],
            rules: &[rules::ID],
            ui: ui::hint(text(
                "Change it only for a private WeCom, or for a proxy.",
                "仅在使用私有化部署的企业微信，或经由代理访问时修改。",
            )).advanced(),
            variable: "WECOM_BASE_URL",
            ..Spec::NEW
        },
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
    const DESCRIPTION: Text =
        text("Access to WeCom as a chatbot in a group chat.", "以群聊中机器人的身份访问企业微信。");
    const HINT: Text = text("Messages by chatbot use this type.", "群机器人消息类操作使用此类型。");
    const VARIABLE: &'static str = "WECOM_CHATBOT_KEY";

    fn checked(self) -> Result<CheckedChatbot, Vec<Violation>> {
        let mut violations = Vec::new();
        let given = bare(Some(self.chatbot_key)).unwrap_or_default();
        let read = match hidden("/chatbot_key", &given) {
            None => BaseUrl::parse_key(&given).map_err(|rule| Violation::connection("/chatbot_key", rule)),
            Some(violation) => Err(violation),
        };
        let (base_url, key) = match read {
            Ok((base_url, key)) => {
                if key.is_empty() {
                    violations.push(Violation::connection("/chatbot_key", phrase!("must not be empty")));
                }
                // In an address the key may be percent-encoded.
                violations.extend(unfit("/chatbot_key", &key));
                (base_url.unwrap_or_default(), key)
            }
            Err(violation) => {
                violations.push(violation);
                (BaseUrl::default(), String::new())
            }
        };
        let endpoint = Endpoint::checked(self.base_url, base_url, self.timeout_seconds, &mut violations);
        match (endpoint, Secret::new(key)) {
            (Some(endpoint), Some(key)) if violations.is_empty() => Ok(CheckedChatbot { endpoint, key }),
            _ => Err(violations),
        }
    }
}
