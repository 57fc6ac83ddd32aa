//! The connection of callbacks: what WeCom and the receiver of its messages share.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Connection;
use super::table::connection;
use crate::parameter::rules::Rule;
use crate::parameter::{Described as _, Parameters, Spec, rules, ui};
use crate::secret::Secret;
use crate::text::{Text, phrase, text};

/// How many letters and digits WeCom's key has.
const KEY_LETTERS: usize = 43;

/// 43 letters hold two bits more than 32 bytes. Those of most keys are not zero.
const KEY: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

connection! {
    /// What WeCom signs and encrypts its callbacks with.
    pub struct Callback {
        pub token: String = Spec {
            title: text("Token", "Token（校验签名）"),
            description: text(
                "Token of the callback settings. WeCom signs with it; it is no access token.",
                "回调配置中的Token，用于校验签名，与access_token无关。",
            ),
            rules: &[Rule::Bare, rules::NOT_EMPTY, rules::ID],
            ui: ui::hint(text(
                "Where the callback URL is set, in the application: Receive messages (接收消息) > Token. WeCom makes one up, or take \
                your own: up to 32 letters and digits.",
                "应用详情 > 接收消息 > 设置API接收：Token。可随机获取，也可自己填写，最多32个字母和数字。",
            )),
            variable: "WECOM_TOKEN",
            secret: true,
            ..Spec::NEW
        },
        pub encoding_aes_key: String = Spec {
            title: text("EncodingAESKey", "EncodingAESKey（加解密密钥）"),
            description: text(
                "Key of the callback settings, 43 letters and digits. Messages are encrypted with it.",
                "回调配置中的EncodingAESKey，43个字母和数字，用于加解密消息。",
            ),
            rules: &[Rule::Bare, rules::NOT_EMPTY, rules::ID],
            ui: ui::hint(text(
                "Beside the token, in the callback settings.",
                "与Token在同一页面：设置API接收 > EncodingAESKey。",
            )),
            variable: "WECOM_ENCODING_AES_KEY",
            secret: true,
            ..Spec::NEW
        },
        pub receive_id: Option<String> = Spec {
            title: text("Receiver ID", "接收方ID（ReceiveId）"),
            description: text(
                "Who the messages are for: the enterprise ID, or the ID of a third-party suite. Leave it empty for a smart bot. \
                Messages for anybody else are refused.",
                "消息的接收方：企业ID（CorpID），第三方应用填写SuiteID，智能机器人不填。发给其他接收方的消息会被拒绝。",
            ),
            rules: &[Rule::Bare, rules::ID],
            ui: ui::hint(text(
                "In the admin console: My company (我的企业) > Company information (企业信息), at the bottom.",
                "管理后台 > 我的企业 > 企业信息，页面底部的企业ID。",
            )),
            variable: "WECOM_RECEIVE_ID",
            ..Spec::NEW
        },
    }
}

/// The 32 bytes of a key. Nobody sees them.
#[derive(Clone, PartialEq, Eq)]
pub struct AesKey([u8; 32]);

impl AesKey {
    /// The key of 43 letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut key = [0; 33];
        let length = KEY.decode_slice(text, &mut key).ok()?;
        let (bytes, _) = key.split_first_chunk::<32>()?;
        (text.len() == KEY_LETTERS && length == bytes.len()).then_some(Self(*bytes))
    }

    /// The key itself.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the cipher begins with: half of the key.
    pub(crate) fn iv(&self) -> &[u8; 16] {
        let (half, _) = self.0.split_first_chunk().unwrap_or((&[0; 16], &[]));
        half
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::secret::REDACTED)
    }
}

/// A [`Callback`] that breaks no rule.
#[derive(Clone, Debug)]
pub struct CheckedCallback {
    /// What signatures are made with.
    pub token: Secret,
    /// What messages are encrypted with.
    pub key: AesKey,
    /// Who they are for; empty for a smart bot.
    pub receive_id: String,
}

impl Connection for Callback {
    type Checked = CheckedCallback;
    const TYPE: &'static str = "callback";
    const TITLE: Text = text("Callback", "回调");
    const DESCRIPTION: Text = text(Self::RECORD.docs.trim_ascii(), "企业微信回调的签名与加密信息。");
    const HINT: Text =
        text("What receives messages and events from WeCom uses this type.", "接收企业微信消息与事件时使用此类型。");

    fn of(fields: &mut Parameters) -> Option<CheckedCallback> {
        fields.check_fields();
        let key = fields.take_text(Self::encoding_aes_key).unwrap_or_default();
        let parsed = AesKey::parse(&key);
        if parsed.is_none() && fields.is_good(Self::encoding_aes_key) {
            fields.violate(
                Self::encoding_aes_key,
                &[],
                phrase!("must be 43 letters and digits, as the callback settings show them"),
            );
        }
        let receive_id = fields.take_text(Self::receive_id).unwrap_or_default();
        let token = fields.take_text(Self::token).and_then(Secret::new)?;
        Some(CheckedCallback { token, key: parsed?, receive_id })
    }
}
