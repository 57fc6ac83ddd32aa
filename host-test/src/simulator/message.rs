//! `message/send`, `message/recall` and `appchat/send`, and the ledger of what was accepted.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use super::code::{self, Code, Outcome, Refusal, Reply, ensure};
use super::content;
use super::corp::Corp;
use super::fields::Fields;
use super::group_chat;
use super::world::Session;

const USERS_LIMIT: usize = 1000;
const PARTIES_LIMIT: usize = 100;
const TAGS_LIMIT: usize = 100;
const RECALL_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
const DUPLICATE_CHECK_LIMIT: i64 = 14_400;
/// Agent IDs are whole numbers that every JSON reader keeps as they are.
const AGENT_IDS: RangeInclusive<i64> = 1..=(1 << 53) - 1;

/// An accepted message.
#[derive(Debug, Clone, PartialEq)]
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
    /// On the virtual clock.
    pub sent_at: Duration,
}

/// Where an accepted message went.
#[derive(Debug, Clone, PartialEq, Eq)]
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

pub(super) fn send(session: &mut Session, mut fields: Fields) -> Outcome {
    let own = session.agent_id()?;
    let body = fields.to_json();
    let audience = Audience::read(&mut fields)?;
    if !fields.has("agentid") {
        return Err(code::AGENTID_MISSING.into());
    }
    let agent_id = fields.integer_in("agentid", AGENT_IDS).map_err(|_| code::AGENTID_WRONG)?;
    let msgtype = content::read(&mut fields, session, false)?;
    fields.flag("enable_id_trans")?;
    fields.flag("enable_duplicate_check")?;
    fields.integer_in("duplicate_check_interval", 1..=DUPLICATE_CHECK_LIMIT)?;
    fields.finish()?;

    if agent_id != Some(own) {
        let known = session.corp.apps.iter().any(|app| Some(app.agent_id) == agent_id);
        ensure(!known, code::AGENT_OF_ANOTHER)?;
        return Err(code::AGENTID_WRONG.into());
    }
    let reach = audience.resolve(session.corp, &session.visible);
    if reach.nobody {
        let all_invalid = Refusal::from(code::ALL_INVALID);
        return Err(reach.lists().into_iter().fold(all_invalid, |refusal, (key, ids)| refusal.with(key, ids)));
    }
    let msgid = session.mint.identifier("MSGID");
    let reply = reach.lists().into_iter().fold(Reply::ok(), |reply, (key, ids)| reply.with(key, ids));
    session.ledger.push(Message {
        target: Target::Members { corp_id: session.corp_id.clone(), agent_id: own, userids: reach.reached },
        msgtype,
        body,
        msgid: Some(msgid.clone()),
        withdrawn: false,
        sent_at: session.now,
    });
    Ok(reply.with("msgid", msgid))
}

pub(super) fn recall(session: &mut Session, mut fields: Fields) -> Outcome {
    let own = session.agent_id()?;
    let msgid = fields.need_text("msgid", code::PARAMETER_EMPTY)?;
    fields.finish()?;

    let ours = |message: &&mut Message| {
        let Target::Members { corp_id, agent_id, .. } = &message.target else {
            return false;
        };
        *corp_id == session.corp_id && *agent_id == own && message.msgid.as_deref() == Some(&msgid)
    };
    let message = session
        .ledger
        .iter_mut()
        .find(ours)
        .filter(|message| !message.withdrawn)
        .ok_or_else(|| code::PARAMETER_WRONG.because("msgid"))?;
    let recent = session.now < message.sent_at + RECALL_WITHIN;
    ensure(recent, code::MSGID_TOO_OLD)?;
    message.withdrawn = true;
    Ok(Reply::ok())
}

pub(super) fn send_to_chat(session: &mut Session, mut fields: Fields) -> Outcome {
    let agent_id = group_chat::agent_for_chats(session)?;
    let body = fields.to_json();
    let chatid = fields.need_line("chatid", code::CHATID_MISSING, code::CHATID_WRONG)?;
    let msgtype = content::read(&mut fields, session, true)?;
    fields.finish()?;

    group_chat::find(session.corp, agent_id, &chatid)?;
    session.ledger.push(Message {
        target: Target::Chat { corp_id: session.corp_id.clone(), chatid },
        msgtype,
        body,
        msgid: None,
        withdrawn: false,
        sent_at: session.now,
    });
    Ok(Reply::ok())
}

/// Whom a message is addressed to.
enum Audience {
    Everyone,
    Listed { users: Vec<String>, parties: Vec<String>, tags: Vec<String> },
}

impl Audience {
    fn read(fields: &mut Fields) -> Result<Self, Refusal> {
        let users = joined(fields, "touser", USERS_LIMIT, code::USERS_TOO_MANY)?;
        let parties = joined(fields, "toparty", PARTIES_LIMIT, code::PARTIES_TOO_MANY)?;
        let tags = joined(fields, "totag", TAGS_LIMIT, code::TAGS_TOO_MANY)?;
        let someone = !(users.is_empty() && parties.is_empty() && tags.is_empty());
        ensure(someone, code::NO_RECEIVER)?;
        Ok(if users == ["@all"] { Self::Everyone } else { Self::Listed { users, parties, tags } })
    }

    fn resolve(self, corp: &Corp, visible: &[i64]) -> Reach {
        let mut reach = Reach::default();
        match self {
            Self::Everyone => reach.reached = corp.visible_userids(visible),
            Self::Listed { users, parties, tags } => {
                reach.nobody = true;
                for user in users {
                    match corp.visible_member(visible, &user) {
                        Some(member) => {
                            reach.nobody = false;
                            reach.reached.insert(member.userid.clone());
                        }
                        None => reach.invaliduser.push(user.to_ascii_lowercase()),
                    }
                }
                for party in parties {
                    let id = party.parse().ok().filter(|&id| corp.sees_department(visible, id));
                    match id {
                        Some(id) => {
                            reach.nobody = false;
                            reach.reached.extend(corp.visible_userids(&[id]));
                        }
                        None => reach.invalidparty.push(party),
                    }
                }
                // No corp here has tags.
                reach.invalidtag = tags;
            }
        }
        let (licensed, unlicensed) =
            reach.reached.into_iter().partition(|userid| corp.member(userid).is_some_and(|member| member.licensed));
        reach.reached = licensed;
        reach.unlicensed = unlicensed;
        reach
    }
}

/// What became of an audience.
#[derive(Default)]
struct Reach {
    /// No receiver exists and is in view.
    nobody: bool,
    reached: BTreeSet<String>,
    unlicensed: BTreeSet<String>,
    invaliduser: Vec<String>,
    invalidparty: Vec<String>,
    invalidtag: Vec<String>,
}

impl Reach {
    /// The lists of the reply that have something in them; WeCom writes user ids in lower case.
    fn lists(&self) -> Vec<(&'static str, String)> {
        let unlicensed: Vec<_> = self.unlicensed.iter().map(|id| id.to_ascii_lowercase()).collect();
        let lists = [
            ("invaliduser", self.invaliduser.join("|")),
            ("invalidparty", self.invalidparty.join("|")),
            ("invalidtag", self.invalidtag.join("|")),
            ("unlicenseduser", unlicensed.join("|")),
        ];
        lists.into_iter().filter(|(_, ids)| !ids.is_empty()).collect()
    }
}

/// A list of ids in one text, joined by bars.
fn joined(fields: &mut Fields, key: &str, limit: usize, too_many: Code) -> Result<Vec<String>, Refusal> {
    let Some(text) = fields.text(key)? else {
        return Ok(Vec::new());
    };
    let ids: Vec<_> = text.split('|').map(str::to_owned).collect();
    if ids.iter().any(String::is_empty) {
        return Err(code::PARAMETER_WRONG.because(format_args!("{key} has an empty element")));
    }
    ensure(ids.len() <= limit, too_many)?;
    Ok(ids)
}
