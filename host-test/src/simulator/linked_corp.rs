//! `linkedcorp/*`: members of corps that are linked in the old way, and messages to them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::codes::{self, Outcome, Refusal, Reply, ensure};
use super::content::{self, Place};
use super::corp::{Corp, Link, Member, ROOT_DEPARTMENT_ID};
use super::endpoint::{Access, Endpoint};
use super::fields::Fields;
use super::ledger::{Message, Target};
use super::message::{AGENT_IDS, PARTIES_LIMIT, TAGS_LIMIT, USERS_LIMIT};
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::ask("linkedcorp/agent/get_perm_list", Access::App, permissions),
    Endpoint::write("linkedcorp/user/get", Access::App, member),
    Endpoint::write("linkedcorp/user/simplelist", Access::App, members),
    Endpoint::write("linkedcorp/user/list", Access::App, member_details),
    Endpoint::write("linkedcorp/department/list", Access::App, departments),
    Endpoint::write("linkedcorp/message/send", Access::App, send),
];

/// Everything of the linked corps: each app sees all of them here.
pub(super) fn permissions(session: &mut Session, fields: Fields) -> Outcome {
    session.agent_id()?;
    fields.finish()?;
    let links = &session.corp.links;
    let userids: Vec<String> = links
        .iter()
        .flat_map(|link| link.corp.members.values().map(|member| format!("{}/{}", link.corp_id, member.userid)))
        .collect();
    let departments: Vec<String> = links
        .iter()
        .flat_map(|link| link.corp.departments.keys().map(|id| format!("{}/{id}", link.linked_id)))
        .collect();
    Ok(Reply::ok().with("userids", userids).with("department_ids", departments))
}

pub(super) fn member(session: &mut Session, mut fields: Fields) -> Outcome {
    session.agent_id()?;
    let userid = fields.need_text("userid", codes::USERID_MISSING)?;
    fields.finish()?;
    let (link, member) = session.corp.linked_member(&userid).ok_or(codes::USERID_UNKNOWN)?;
    Ok(Reply::ok().with("user_info", details(link, member)))
}

/// By id and name.
pub(super) fn members(session: &mut Session, fields: Fields) -> Outcome {
    list(session, fields, simple)
}

/// With all that is known of them.
pub(super) fn member_details(session: &mut Session, fields: Fields) -> Outcome {
    list(session, fields, details)
}

fn list(session: &mut Session, mut fields: Fields, row: fn(&Link, &Member) -> Value) -> Outcome {
    session.agent_id()?;
    let department = fields.need_text("department_id", codes::DEPARTMENT_ID_UNKNOWN)?;
    let with_children = fields.boolean("fetch_child")? == Some(true);
    fields.finish()?;
    let (link, department) = session.corp.linked_department(&department).ok_or(codes::DEPARTMENT_ID_UNKNOWN)?;
    let is_in = |member: &&Member| {
        member.departments.iter().any(|place| {
            place.department == department || with_children && link.corp.is_below(place.department, department)
        })
    };
    let rows: Vec<Value> = link.corp.members.values().filter(is_in).map(|member| row(link, member)).collect();
    Ok(Reply::ok().with("userlist", rows))
}

/// A department and those below it.
pub(super) fn departments(session: &mut Session, mut fields: Fields) -> Outcome {
    session.agent_id()?;
    let department = fields.need_text("department_id", codes::DEPARTMENT_ID_UNKNOWN)?;
    fields.finish()?;
    let (link, top) = session.corp.linked_department(&department).ok_or(codes::DEPARTMENT_ID_UNKNOWN)?;
    let rows: Vec<Value> = link
        .corp
        .departments
        .values()
        .filter(|department| link.corp.is_below(department.id, top))
        .map(|department| {
            json!({
                "department_id": department.id.to_string(),
                "department_name": department.name,
                "parentid": department.parentid.to_string(),
                "order": department.order,
            })
        })
        .collect();
    Ok(Reply::ok().with("department_list", rows))
}

fn simple(link: &Link, member: &Member) -> Value {
    let departments = member.departments.iter().map(|place| format!("{}/{}", link.linked_id, place.department));
    json!({
        "userid": member.userid,
        "name": member.name,
        "department": departments.collect::<Vec<_>>(),
        "corpid": link.corp_id,
    })
}

fn details(link: &Link, member: &Member) -> Value {
    let mut row = simple(link, member);
    let mobile = member.mobile.as_ref().map(|mobile| format!("+86 {mobile}"));
    let known: Map<String, Value> = [
        ("mobile", mobile),
        ("telephone", member.telephone.clone()),
        ("email", member.email.clone()),
        ("position", member.position.clone()),
    ]
    .into_iter()
    .map(|(key, text)| (key.to_owned(), text.unwrap_or_default().into()))
    .collect();
    if let Value::Object(row) = &mut row {
        row.extend(known);
        row.insert("extattr".to_owned(), json!({ "attrs": [] }));
    }
    row
}

pub(super) fn send(session: &mut Session, mut fields: Fields) -> Outcome {
    let own = session.agent_id()?;
    let body = fields.to_json();
    let mut list = |key, limit, too_many| {
        let ids = fields.texts(key)?.unwrap_or_default();
        ensure(ids.len() <= limit, too_many).map(|()| ids)
    };
    let users = list("touser", USERS_LIMIT, codes::USERS_TOO_MANY)?;
    let parties = list("toparty", PARTIES_LIMIT, codes::PARTIES_TOO_MANY)?;
    let tags = list("totag", TAGS_LIMIT, codes::TAGS_TOO_MANY)?;
    let everyone = fields.flag("toall")? == Some(true);
    ensure(everyone || !(users.is_empty() && parties.is_empty() && tags.is_empty()), codes::NO_RECEIVER)?;
    let agent_id = fields.integer_in("agentid", AGENT_IDS).map_err(|_| codes::AGENTID_WRONG)?;
    let msgtype = content::read(&mut fields, session, Place::Linked)?;
    fields.finish()?;

    // The notice of a mini program goes without.
    if agent_id.is_some() || msgtype != "miniprogram_notice" {
        ensure(agent_id.is_some(), codes::AGENTID_MISSING)?;
        session.ensure_own(own, agent_id)?;
    }
    let reach = if everyone {
        Reach::everyone(session.corp, &session.visible)
    } else {
        Reach::of(session.corp, &session.visible, users, parties, tags)
    };
    if reach.userids.is_empty() {
        return Err(reach
            .lists()
            .into_iter()
            .fold(Refusal::from(codes::ALL_INVALID), |refusal, (key, ids)| refusal.with(key, json!(ids))));
    }
    let reply = reach.lists().into_iter().fold(Reply::ok(), |reply, (key, ids)| reply.with(key, json!(ids)));
    session.ledger.push(Message {
        target: Target::Members { corp_id: session.corp_id.clone(), agent_id: own, userids: reach.userids },
        msgtype,
        body,
        msgid: None,
        withdrawn: false,
        updates: BTreeMap::new(),
        sent_at: session.now,
    });
    Ok(reply)
}

/// What became of an audience.
#[derive(Default)]
struct Reach {
    /// Members of linked corps as `CorpId/userid`, those of the own as they are.
    userids: BTreeSet<String>,
    invalid_users: Vec<String>,
    invalid_parties: Vec<String>,
    invalid_tags: Vec<String>,
}

impl Reach {
    fn everyone(corp: &Corp, visible: &[i64]) -> Self {
        let linked = corp.links.iter().flat_map(|link| link.members_below(ROOT_DEPARTMENT_ID));
        Self { userids: corp.visible_userids(visible).into_iter().chain(linked).collect(), ..Self::default() }
    }

    fn of(corp: &Corp, visible: &[i64], users: Vec<String>, parties: Vec<String>, tags: Vec<String>) -> Self {
        let mut reach = Self::default();
        for user in users {
            let linked = corp.linked_member(&user).map(|(link, member)| format!("{}/{}", link.corp_id, member.userid));
            let known = linked.or_else(|| corp.visible_member(visible, &user).map(|member| member.userid.clone()));
            match known {
                Some(userid) => {
                    reach.userids.insert(userid);
                }
                None => reach.invalid_users.push(user.to_ascii_lowercase()),
            }
        }
        for party in parties {
            if let Some((link, id)) = corp.linked_department(&party) {
                reach.userids.extend(link.members_below(id));
            } else if let Some(id) = party.parse().ok().filter(|&id| corp.sees_department(visible, id)) {
                reach.userids.extend(corp.visible_userids(&[id]));
            } else {
                reach.invalid_parties.push(party);
            }
        }
        for tag in tags {
            match tag.parse().ok().and_then(|id: i64| corp.tags.get(&id)) {
                Some(tag) => reach.userids.extend(corp.visible_tagged(visible, tag)),
                None => reach.invalid_tags.push(tag),
            }
        }
        reach
    }

    fn lists(&self) -> [(&'static str, &[String]); 3] {
        [
            ("invaliduser", &self.invalid_users),
            ("invalidparty", &self.invalid_parties),
            ("invalidtag", &self.invalid_tags),
        ]
    }
}
