//! `tag/…`: the tags.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::json;

use super::codes::{self, Outcome, Refusal, Reply, ensure};
use super::corp::{Corp, Maker, Tag};
use super::endpoint::{Access, Endpoint, TOKEN};
use super::fields::Fields;
use super::http::Query;
use super::session::Session;
use super::token::Grant;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::read("tag/list", TOKEN, Access::Either, list),
    Endpoint::read("tag/get", &["access_token", "tagid"], Access::Either, get),
    Endpoint::write("tag/create", Access::Either, create),
    Endpoint::write("tag/update", Access::Either, update),
    Endpoint::read("tag/delete", &["access_token", "tagid"], Access::Either, delete),
    Endpoint::write("tag/addtagusers", Access::Either, add),
    Endpoint::write("tag/deltagusers", Access::Either, remove),
];

const NAME_LIMIT: usize = 32;
const USERS_LIMIT: usize = 1000;
const PARTIES_LIMIT: usize = 100;
const IDS: RangeInclusive<i64> = 0..=u32::MAX as i64;

pub(super) fn list(session: &mut Session, _: &Query) -> Outcome {
    let rows: Vec<_> =
        session.corp.tags.values().map(|tag| json!({ "tagid": tag.tagid, "tagname": tag.tagname })).collect();
    Ok(Reply::ok().with("taglist", rows))
}

pub(super) fn get(session: &mut Session, query: &Query) -> Outcome {
    let corp = &*session.corp;
    let tag = corp.tags.get(&tagid(query)?).ok_or(codes::TAG_UNKNOWN)?;
    let members = tag.members.iter().filter_map(|userid| corp.member(userid));
    let users: Vec<_> = members
        .filter(|member| corp.is_in_range(&session.visible, member))
        .map(|member| json!({ "userid": member.userid, "name": member.name }))
        .collect();
    let parties: Vec<_> =
        tag.departments.iter().copied().filter(|id| corp.sees_department(&session.visible, *id)).collect();
    Ok(Reply::ok().with("tagname", tag.tagname.as_str()).with("userlist", users).with("partylist", parties))
}

pub(super) fn create(session: &mut Session, mut fields: Fields) -> Outcome {
    let tagname = name(&mut fields)?;
    let tagid = fields.integer_in("tagid", IDS)?;
    fields.finish()?;

    let corp = &mut *session.corp;
    check_name(corp, &tagname, None)?;
    ensure(tagid.is_none_or(|id| !corp.tags.contains_key(&id)), codes::TAG_UNKNOWN)?;
    let behind = corp.tags.keys().next_back().map_or(1, |last| last + 1);
    let tagid = tagid.unwrap_or(behind);
    let maker = match session.grant {
        Grant::Contacts => Maker::Contacts,
        Grant::App(agent_id) => Maker::App(agent_id),
    };
    let tag = Tag { tagid, tagname, maker, members: BTreeSet::new(), departments: BTreeSet::new() };
    corp.tags.insert(tagid, tag);
    Ok(Reply::saying("created").with("tagid", tagid))
}

pub(super) fn update(session: &mut Session, mut fields: Fields) -> Outcome {
    let tagid = need_tagid(&mut fields)?;
    let tagname = name(&mut fields)?;
    fields.finish()?;

    own(session, tagid)?;
    check_name(session.corp, &tagname, Some(tagid))?;
    own(session, tagid)?.tagname = tagname;
    Ok(Reply::saying("updated"))
}

pub(super) fn delete(session: &mut Session, query: &Query) -> Outcome {
    let tagid = tagid(query)?;
    own(session, tagid)?;
    session.corp.tags.remove(&tagid);
    Ok(Reply::saying("deleted"))
}

pub(super) fn add(session: &mut Session, fields: Fields) -> Outcome {
    let names = ["AddUserItems", "AddPartyItems"];
    change(session, fields, names, |tag, members, departments| {
        tag.members.extend(members);
        tag.departments.extend(departments);
    })
}

pub(super) fn remove(session: &mut Session, fields: Fields) -> Outcome {
    let names = ["DelUserItems", "DelPartyItems"];
    change(session, fields, names, |tag, members, departments| {
        tag.members.retain(|member| !members.contains(member));
        tag.departments.retain(|department| !departments.contains(department));
    })
}

/// Changes a tag by those of the lists that are in view; the reply names the others. The event has the lists by these names.
fn change(
    session: &mut Session,
    mut fields: Fields,
    [user_items, party_items]: [&str; 2],
    change: fn(&mut Tag, BTreeSet<String>, BTreeSet<i64>),
) -> Outcome {
    let tagid = need_tagid(&mut fields)?;
    let users = fields.texts("userlist")?.unwrap_or_default();
    let parties = fields.integers("partylist")?.unwrap_or_default();
    fields.finish()?;

    if users.is_empty() && parties.is_empty() {
        return Err(codes::PARAMETER_EMPTY.because("userlist and partylist"));
    }
    ensure(users.len() <= USERS_LIMIT && parties.len() <= PARTIES_LIMIT, codes::TAG_ENTRIES_TOO_MANY)?;
    own(session, tagid)?;
    let corp = &*session.corp;
    let mut members = BTreeSet::new();
    let mut strangers = Vec::new();
    for user in users {
        match corp.member(&user).filter(|member| corp.is_in_range(&session.visible, member)) {
            Some(member) => drop(members.insert(member.userid.clone())),
            None => strangers.push(user),
        }
    }
    let (departments, unseen): (BTreeSet<i64>, BTreeSet<i64>) =
        parties.into_iter().partition(|id| corp.sees_department(&session.visible, *id));
    ensure(!(members.is_empty() && departments.is_empty()), codes::TAG_ENTRIES_WRONG)?;
    let joined = |items: Vec<String>| serde_json::Value::from(items.join(","));
    let mut event = vec![
        ("TagId", tagid.into()),
        (user_items, joined(members.iter().cloned().collect())),
        (party_items, joined(departments.iter().map(i64::to_string).collect())),
    ];
    event.retain(|(_, items)| items != "");
    change(own(session, tagid)?, members, departments);
    session.callbacks.tell_change(&session.corp_id, "update_tag", event);
    let mut reply = Reply::ok();
    if !strangers.is_empty() {
        reply = reply.with("invalidlist", strangers.join("|"));
    }
    if !unseen.is_empty() {
        reply = reply.with("invalidparty", json!(unseen));
    }
    Ok(reply)
}

/// The tag, if the caller may change it.
fn own<'a>(session: &'a mut Session, tagid: i64) -> Result<&'a mut Tag, Refusal> {
    let tag = session.corp.tags.get_mut(&tagid).ok_or(codes::TAG_UNKNOWN)?;
    let may = match (session.grant, tag.maker) {
        (Grant::Contacts, maker) => matches!(maker, Maker::Console | Maker::Contacts),
        (Grant::App(agent_id), maker) => maker == Maker::App(agent_id),
    };
    ensure(may, codes::TAG_OF_ANOTHER)?;
    Ok(tag)
}

fn tagid(query: &Query) -> Result<i64, Refusal> {
    query.number("tagid")?.ok_or_else(|| codes::TAG_MISSING.into())
}

fn need_tagid(fields: &mut Fields) -> Result<i64, Refusal> {
    fields.integer_in("tagid", IDS)?.ok_or_else(|| codes::TAG_MISSING.into())
}

fn name(fields: &mut Fields) -> Result<String, Refusal> {
    fields.need_line("tagname", codes::TAG_NAME_MISSING, codes::TAG_NAME_WRONG)
}

fn check_name(corp: &Corp, name: &str, own: Option<i64>) -> Result<(), Refusal> {
    ensure(name.chars().count() <= NAME_LIMIT, codes::TAG_NAME_WRONG)?;
    let taken = corp.tags.values().any(|other| other.tagname == name && Some(other.tagid) != own);
    ensure(!taken, codes::TAG_NAME_EXISTS)
}
