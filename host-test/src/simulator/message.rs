//! `message/send`, `message/recall` and `appchat/send`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::card;
use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::content::{self, Place};
use super::corp::Corp;
use super::duplicates::Sent;
use super::endpoint::{Access, Endpoint};
use super::fields::Fields;
use super::group_chat;
use super::ledger::{Message, Target};
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::write("appchat/send", Access::App, send_to_chat),
    Endpoint::write("message/send", Access::App, send),
    Endpoint::write("message/recall", Access::App, recall),
];

pub(super) const USERS_LIMIT: usize = 1000;
pub(super) const PARTIES_LIMIT: usize = 100;
pub(super) const TAGS_LIMIT: usize = 100;
const RECALL_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
const DUPLICATE_CHECK_LIMIT: u64 = 14_400;
/// For how many seconds a message is remembered where the request does not say.
const DUPLICATE_CHECK: u64 = 1800;
/// Agent IDs are whole numbers that every JSON reader keeps as they are.
pub(super) const AGENT_IDS: RangeInclusive<i64> = 1..=(1 << 53) - 1;

pub(super) fn send(session: &mut Session, mut fields: Fields) -> Outcome {
    let own = session.agent_id()?;
    let body = fields.to_json();
    let audience = Audience::read(&mut fields)?;
    let is_named = fields.has("agentid");
    let agent_id = fields.integer_in("agentid", AGENT_IDS).map_err(|_| codes::AGENTID_WRONG)?;
    // The page's example of a notice of a mini program has none.
    ensure(is_named || fields.is_text("msgtype", "miniprogram_notice"), codes::AGENTID_MISSING)?;
    let msgtype = content::read(&mut fields, session, Place::Members)?;
    let duplicate_check = duplicate_check(&mut fields)?;
    fields.finish()?;
    if msgtype == "miniprogram_notice" && matches!(audience, Audience::Everyone) {
        return Err(codes::PARAMETER_WRONG.because("touser: a notice of a mini program does not go to @all"));
    }

    if is_named {
        session.ensure_own(own, agent_id)?;
    }
    let reach = audience.resolve(session.corp, &session.visible);
    if reach.nobody {
        let all_invalid = Refusal::from(codes::ALL_INVALID);
        return Err(reach.lists().into_iter().fold(all_invalid, |refusal, (key, ids)| refusal.with(key, ids)));
    }
    let sent = Sent::new(&session.corp_id, own, &body.to_string());
    if duplicate_check.is_some()
        && let Some(reply) = session.duplicates.find(&sent, session.now)
    {
        return Ok(reply);
    }
    let card = (msgtype == "template_card").then(|| body["template_card"].clone());
    if let Some(card) = &card {
        card::check_sender(session.corp, own, card)?;
    }
    let msgid = session.ids.identifier("MSGID");
    let code = card.and_then(|card| {
        card::issue(session.corp, session.ids, (own, &msgid), &card, reach.reached.clone(), session.now)
    });
    let reply = reach.lists().into_iter().fold(Reply::ok(), |reply, (key, ids)| reply.with(key, ids));
    session.ledger.push(Message {
        target: Target::Members { corp_id: session.corp_id.clone(), agent_id: own, userids: reach.reached },
        msgtype,
        body,
        msgid: Some(msgid.clone()),
        withdrawn: false,
        updates: BTreeMap::new(),
        sent_at: session.now,
    });
    let reply = reply.with("msgid", msgid);
    let reply = code.into_iter().fold(reply, |reply, code| reply.with("response_code", code));
    if let Some(interval) = duplicate_check {
        session.duplicates.remember(sent, session.now, interval, reply.clone());
    }
    Ok(reply)
}

/// For how long the same message is not to be delivered once more, where the request says so.
fn duplicate_check(fields: &mut Fields) -> Result<Option<Duration>, Refusal> {
    let is_asked_for = fields.flag("enable_duplicate_check")?;
    // Clients with structs send 0 for what nobody set.
    let least = if fields.strict() { 1 } else { 0 };
    let interval = fields.integer_in("duplicate_check_interval", least..=DUPLICATE_CHECK_LIMIT.cast_signed())?;
    let interval = interval.filter(|interval| *interval > 0).map_or(DUPLICATE_CHECK, i64::cast_unsigned);
    Ok((is_asked_for == Some(true)).then(|| Duration::from_secs(interval)))
}

pub(super) fn recall(session: &mut Session, mut fields: Fields) -> Outcome {
    let own = session.agent_id()?;
    let msgid = fields.need_text("msgid", codes::PARAMETER_EMPTY)?;
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
        .ok_or_else(|| codes::PARAMETER_WRONG.because("msgid"))?;
    let recent = session.now < message.sent_at + RECALL_WITHIN;
    ensure(recent, codes::MSGID_TOO_OLD)?;
    message.withdrawn = true;
    Ok(Reply::ok())
}

pub(super) fn send_to_chat(session: &mut Session, mut fields: Fields) -> Outcome {
    let agent_id = group_chat::agent_for_chats(session)?;
    let body = fields.to_json();
    let chatid = fields.need_line("chatid", codes::CHATID_MISSING, codes::CHATID_WRONG)?;
    let msgtype = content::read(&mut fields, session, Place::GroupChat)?;
    fields.finish()?;

    group_chat::find(session.corp, agent_id, &chatid)?;
    session.ledger.push(Message {
        target: Target::Chat { corp_id: session.corp_id.clone(), chatid },
        msgtype,
        body,
        msgid: None,
        withdrawn: false,
        updates: BTreeMap::new(),
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
        let users = joined(fields, "touser", USERS_LIMIT, codes::USERS_TOO_MANY)?;
        let parties = joined(fields, "toparty", PARTIES_LIMIT, codes::PARTIES_TOO_MANY)?;
        let tags = joined(fields, "totag", TAGS_LIMIT, codes::TAGS_TOO_MANY)?;
        let someone = !(users.is_empty() && parties.is_empty() && tags.is_empty());
        ensure(someone, codes::NO_RECEIVER)?;
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
                for tag in tags {
                    match tag.parse().ok().and_then(|id: i64| corp.tags.get(&id)) {
                        Some(tag) => {
                            reach.nobody = false;
                            reach.reached.extend(corp.visible_tagged(visible, tag));
                        }
                        None => reach.invalidtag.push(tag),
                    }
                }
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
    let ids = fields.joined(key)?;
    ensure(ids.len() <= limit, too_many)?;
    Ok(ids)
}
