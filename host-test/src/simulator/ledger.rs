//! What was accepted, and where it went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// An accepted message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Where it went.
    pub target: Target,
    /// `text`, `markdown`, `file` …
    pub msgtype: String,
    /// The whole body of the request. WeCom would have cut what is too long; here it is as it came.
    pub body: Value,
    /// Only messages of `message/send` have one.
    pub msgid: Option<String>,
    /// Whether it was recalled.
    pub withdrawn: bool,
    /// What members see in the place of a card, by user id: `button` or `template_card`, as `update_template_card` takes
    /// them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub updates: BTreeMap<String, Value>,
    /// On the virtual clock.
    #[serde(skip)]
    pub sent_at: Duration,
}

/// Where an accepted message went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// `message/send`.
    Members {
        /// The sender's corp.
        corp_id: String,
        /// The sender.
        agent_id: i64,
        /// The user ids of all members it reached.
        userids: BTreeSet<String>,
    },
    /// `appchat/send`.
    Chat {
        /// The sender's corp.
        corp_id: String,
        /// The chat.
        chatid: String,
    },
    /// `webhook/send`.
    Robot {
        /// The robot's key.
        key: String,
    },
}
