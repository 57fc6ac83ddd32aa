//! `appchat/…` but for sending: the group chats of an app.

use serde_json::json;

use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::corp::{Chat, Corp, ROOT_DEPARTMENT_ID};
use super::endpoint::{Access, Endpoint};
use super::fields::Fields;
use super::http::Query;
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::read("appchat/get", &["access_token", "chatid"], Access::App, get),
    Endpoint::write("appchat/create", Access::App, create),
    Endpoint::write("appchat/update", Access::App, update),
];

const CHATID_LIMIT: usize = 32;
const NAME_LIMIT: usize = 50;
const MEMBERS: std::ops::RangeInclusive<usize> = 2..=2000;

pub(super) fn get(session: &mut Session, query: &Query) -> Outcome {
    let agent_id = agent_for_chats(session)?;
    let chatid = query.filled("chatid").ok_or(codes::CHATID_MISSING)?;
    let chat = find(session.corp, agent_id, chatid)?;
    let info = json!({
        "chatid": chat.chatid,
        "name": chat.name,
        "owner": chat.owner,
        "userlist": chat.userlist,
        "chat_type": 0,
    });
    Ok(Reply::ok().with("chat_info", info))
}

pub(super) fn create(session: &mut Session, mut fields: Fields) -> Outcome {
    let agent_id = agent_for_chats(session)?;
    let name = name(&mut fields)?;
    let owner = fields.text("owner")?;
    let userids = fields.need_texts("userlist", codes::CHAT_MEMBERS_MISSING)?;
    let chatid = fields.line("chatid", codes::CHATID_WRONG)?;
    fields.finish()?;

    let mut userlist = Vec::new();
    join(&mut userlist, session, &userids, codes::CHAT_MEMBER_WRONG)?;
    ensure(MEMBERS.contains(&userlist.len()), codes::CHAT_SIZE)?;
    if let Some(chatid) = &chatid {
        check_chatid(chatid)?;
        ensure(!session.corp.chats.contains_key(chatid), codes::CHATID_EXISTS)?;
    }
    let owner = match owner {
        Some(owner) => owner_among(&userlist, session, &owner)?,
        None => session.ids.pick(&userlist).cloned().unwrap_or_default(),
    };
    let chatid = chatid.unwrap_or_else(|| session.ids.chatid());
    session.corp.chats.insert(
        chatid.clone(),
        Chat { chatid: chatid.clone(), name: name.unwrap_or_default(), owner, userlist, agent_id },
    );
    Ok(Reply::ok().with("chatid", chatid))
}

pub(super) fn update(session: &mut Session, mut fields: Fields) -> Outcome {
    let agent_id = agent_for_chats(session)?;
    let chatid = fields.need_line("chatid", codes::CHATID_MISSING, codes::CHATID_WRONG)?;
    let name = name(&mut fields)?;
    let owner = fields.text("owner")?;
    let added = fields.texts("add_user_list")?.unwrap_or_default();
    let removed = fields.texts("del_user_list")?.unwrap_or_default();
    fields.finish()?;

    let mut chat = find(session.corp, agent_id, &chatid)?.clone();
    for userid in &removed {
        let before = chat.userlist.len();
        chat.userlist.retain(|member| !member.eq_ignore_ascii_case(userid));
        ensure(chat.userlist.len() < before, codes::CHAT_CHANGE_WRONG)?;
    }
    join(&mut chat.userlist, session, &added, codes::CHAT_CHANGE_WRONG)?;
    ensure(MEMBERS.contains(&chat.userlist.len()), codes::CHAT_SIZE)?;
    if let Some(owner) = owner {
        chat.owner = owner_among(&chat.userlist, session, &owner)?;
    }
    // Whoever removes the owner has to name the next one.
    ensure(chat.userlist.contains(&chat.owner), codes::CHAT_OWNER_OUTSIDE)?;
    chat.name = name.unwrap_or(chat.name);
    session.corp.chats.insert(chatid, chat);
    Ok(Reply::ok())
}

/// The calling app, if it may use group chats: its visible range has to be the whole corp.
pub(super) fn agent_for_chats(session: &Session) -> Result<i64, Refusal> {
    let agent_id = session.agent_id()?;
    ensure(session.visible.contains(&ROOT_DEPARTMENT_ID), codes::NO_PRIVILEGE)?;
    Ok(agent_id)
}

/// The chat of that id, if that app created it.
pub(super) fn find<'a>(corp: &'a Corp, agent_id: i64, chatid: &str) -> Result<&'a Chat, Refusal> {
    check_chatid(chatid)?;
    let chat = corp.chats.get(chatid).ok_or(codes::CHAT_UNKNOWN)?;
    ensure(chat.agent_id == agent_id, codes::CHAT_OF_ANOTHER)?;
    Ok(chat)
}

fn check_chatid(chatid: &str) -> Result<(), Refusal> {
    ensure(chatid.len() <= CHATID_LIMIT, codes::CHATID_TOO_LONG)?;
    let allowed = chatid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ensure(allowed, codes::CHATID_WRONG)
}

/// The name, cut to its limit as WeCom does.
fn name(fields: &mut Fields) -> Result<Option<String>, Refusal> {
    let name = fields.line_or("name", codes::CHAT_NAME_MISSING, codes::CHAT_NAME_WRONG)?;
    let blank = name.as_deref().is_some_and(|name| name.trim().is_empty());
    ensure(!blank, codes::CHAT_NAME_WRONG)?;
    Ok(name.map(|name| name.chars().take(NAME_LIMIT).collect()))
}

/// Adds visible members, each once; `unknown` refuses the others.
fn join(userlist: &mut Vec<String>, session: &Session, userids: &[String], unknown: Code) -> Result<(), Refusal> {
    for userid in userids {
        let member = session.corp.visible_member(&session.visible, userid);
        let member = member.ok_or_else(|| unknown.because(userid))?;
        if !userlist.contains(&member.userid) {
            userlist.push(member.userid.clone());
        }
    }
    Ok(())
}

fn owner_among(userlist: &[String], session: &Session, owner: &str) -> Result<String, Refusal> {
    let member = session.corp.visible_member(&session.visible, owner);
    let member = member.ok_or(codes::CHAT_OWNER_WRONG)?;
    ensure(userlist.contains(&member.userid), codes::CHAT_OWNER_OUTSIDE)?;
    Ok(member.userid.clone())
}
