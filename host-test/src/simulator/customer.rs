//! `externalcontact/…`: the customers of members, and group chats with them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::codes::{self, Outcome, Refusal, Reply, ensure};
use super::corp::{Corp, Customer, CustomerChat, Follow};
use super::endpoint::{Access, Endpoint, TOKEN};
use super::fields::Fields;
use super::http::Query;
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::read("externalcontact/get_follow_user_list", TOKEN, Access::Customers, followers),
    Endpoint::read("externalcontact/list", &["access_token", "userid"], Access::Customers, list),
    Endpoint::read("externalcontact/get", &["access_token", "external_userid", "cursor"], Access::Customers, get),
    Endpoint::write("externalcontact/batch/get_by_user", Access::Customers, get_by_user),
    Endpoint::write("externalcontact/groupchat/list", Access::Customers, groups),
    Endpoint::write("externalcontact/groupchat/get", Access::Customers, group),
];

/// The most members that a call may name.
const MEMBERS_LIMIT: usize = 100;
/// The most customers in a page, and how many where the call does not say.
const CUSTOMERS_LIMIT: i64 = 100;
const CUSTOMERS_DEFAULT: usize = 50;
/// The most groups in a page.
const GROUPS_LIMIT: i64 = 1000;
/// With more members in view, groups are listed by owner only.
const UNFILTERED_LIMIT: usize = 1000;

pub(super) fn followers(session: &mut Session, _: &Query) -> Outcome {
    let corp = &*session.corp;
    let visible = corp.visible_userids(&session.visible);
    let followers: Vec<&String> = corp.contact_members.iter().filter(|userid| visible.contains(*userid)).collect();
    Ok(Reply::ok().with("follow_user", json!(followers)))
}

pub(super) fn list(session: &mut Session, query: &Query) -> Outcome {
    let userid = query.filled("userid").ok_or(codes::USERID_MISSING)?;
    let corp = &*session.corp;
    let userid = seen(corp, &session.visible, userid, codes::USERID_UNKNOWN.into())?;
    let customers: Vec<&str> = follows(corp).filter(|(_, follow)| follow.userid == userid).map(|(id, _)| id).collect();
    ensure(!customers.is_empty(), codes::NO_RELATION)?;
    Ok(Reply::ok().with("external_userid", json!(customers)))
}

pub(super) fn get(session: &mut Session, query: &Query) -> Outcome {
    let id = query.filled("external_userid").ok_or(codes::CUSTOMER_MISSING)?;
    let corp = &*session.corp;
    let customer = corp.customers.get(id).ok_or(codes::CUSTOMER_WRONG)?;
    // No customer of the seed has the 500 followers that make a second page.
    ensure(query.filled("cursor").is_none(), codes::CURSOR_WRONG)?;
    ensure(!customer.follows.is_empty(), codes::NO_RELATION)?;
    let visible = corp.visible_userids(&session.visible);
    let followers: Vec<Value> =
        customer.follows.iter().filter(|follow| visible.contains(&follow.userid)).map(with_tags).collect();
    if followers.is_empty() {
        return Err(Refusal::from(codes::NO_PRIVILEGE).with("external_contact", json!({})));
    }
    Ok(Reply::ok().with("external_contact", shown(id, customer)).with("follow_user", followers).with("next_cursor", ""))
}

pub(super) fn get_by_user(session: &mut Session, mut fields: Fields) -> Outcome {
    let userids = fields.need_texts("userid_list", codes::PARAMETER_WRONG)?;
    let cursor = fields.text("cursor")?;
    // Clients with structs send 0 for what nobody set.
    let least = if fields.strict() { 1 } else { 0 };
    let limit = fields.integer_in("limit", least..=CUSTOMERS_LIMIT)?.filter(|limit| *limit > 0);
    fields.finish()?;

    let corp = &*session.corp;
    let userids = owners(corp, &session.visible, &userids)?;
    let rows = corp.customers.iter().flat_map(|(id, customer)| {
        let follows = customer.follows.iter().filter(|follow| userids.contains(&follow.userid));
        follows.map(move |follow| (format!("{}/{id}", follow.userid), (id, customer, follow)))
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(CUSTOMERS_DEFAULT);
    let (page, last) = page(corp, rows, cursor.as_deref(), limit)?;
    ensure(!page.is_empty() || cursor.is_some(), codes::NO_RELATION)?;
    let row = |(id, customer, follow): (&String, &Customer, &Follow)| json!({ "external_contact": shown(id, customer), "follow_info": with_tag_ids(follow) });
    let rows: Vec<Value> = page.into_iter().map(row).collect();
    let next_cursor = next_cursor(session, last);
    Ok(Reply::ok().with("external_contact_list", rows).with("next_cursor", next_cursor))
}

pub(super) fn groups(session: &mut Session, mut fields: Fields) -> Outcome {
    let status = fields.integer_in("status_filter", 0..=3)?.unwrap_or(0);
    let userids = match fields.object("owner_filter")? {
        None => None,
        Some(mut filter) => {
            let is_strict = filter.strict();
            let userids = match filter.texts("userid_list")? {
                None if is_strict => return Err(codes::PARAMETER_WRONG.because("owner_filter.userid_list")),
                userids => userids,
            };
            filter.finish()?;
            userids
        }
    };
    let cursor = fields.text("cursor")?;
    let limit = fields.integer_in("limit", 1..=GROUPS_LIMIT)?;
    fields.finish()?;
    let limit = limit.ok_or_else(|| codes::PARAMETER_WRONG.because("limit"))?;

    let corp = &*session.corp;
    let visible = corp.visible_userids(&session.visible);
    let owners = match userids {
        Some(userids) => owners(corp, &session.visible, &userids)?,
        None if visible.len() > UNFILTERED_LIMIT => return Err(codes::TOO_MANY_ITEMS.into()),
        None => visible,
    };
    let is_asked = |chat: &CustomerChat| owners.contains(&chat.owner) && (status == 0 || chat.status == status);
    let rows: Vec<_> = corp.customer_chats.iter().filter(|(_, chat)| is_asked(chat)).collect();
    let rows = rows.into_iter().map(|(id, chat)| (id.clone(), (id, chat))).collect();
    let (page, last) = page(corp, rows, cursor.as_deref(), usize::try_from(limit).unwrap_or(usize::MAX))?;
    let rows: Vec<Value> = page.into_iter().map(|(id, chat)| json!({ "chat_id": id, "status": chat.status })).collect();
    let next_cursor = next_cursor(session, last);
    Ok(Reply::ok().with("group_chat_list", rows).with("next_cursor", next_cursor))
}

pub(super) fn group(session: &mut Session, mut fields: Fields) -> Outcome {
    let chat_id = fields.need_text("chat_id", codes::PARAMETER_EMPTY)?;
    let with_names = fields.flag("need_name")?.unwrap_or(false);
    fields.finish()?;

    let corp = &*session.corp;
    let chat = corp.customer_chats.get(&chat_id).ok_or(codes::CUSTOMER_CHAT_WRONG)?;
    ensure(corp.visible_member(&session.visible, &chat.owner).is_some(), codes::NO_PRIVILEGE)?;
    let members = chat.members.iter().map(|id| {
        let customer = corp.customers.get(id);
        let mut member = json!({
            "userid": id,
            "type": if customer.is_some() { 2 } else { 1 },
            "join_time": chat.create_time,
            "join_scene": 1,
            "invitor": { "userid": chat.owner },
            "group_nickname": "",
        });
        if with_names {
            let known = customer.map(|customer| &customer.name).or(corp.member(id).map(|member| &member.name));
            member["name"] = known.map_or("", String::as_str).into();
        }
        member
    });
    Ok(Reply::ok().with(
        "group_chat",
        json!({
            "chat_id": chat_id,
            "name": chat.name,
            "owner": chat.owner,
            "create_time": chat.create_time,
            "notice": "",
            "member_list": members.collect::<Vec<Value>>(),
            "admin_list": [],
        }),
    ))
}

/// Every customer with each of its followers.
fn follows(corp: &Corp) -> impl Iterator<Item = (&str, &Follow)> {
    corp.customers.iter().flat_map(|(id, customer)| customer.follows.iter().map(move |follow| (id.as_str(), follow)))
}

/// The user id as it is written, of a member in view.
fn seen<'a>(corp: &'a Corp, visible: &[i64], userid: &str, unknown: Refusal) -> Result<&'a str, Refusal> {
    let member = corp.member(userid).ok_or(unknown)?;
    ensure(corp.visible_member(visible, userid).is_some(), codes::NO_PRIVILEGE)?;
    Ok(&member.userid)
}

/// The user ids of a list: up to 100 members in view.
fn owners(corp: &Corp, visible: &[i64], userids: &[String]) -> Result<BTreeSet<String>, Refusal> {
    let wrong = |why: &str| codes::PARAMETER_WRONG.because(format_args!("userid_list: {why}"));
    if userids.len() > MEMBERS_LIMIT {
        return Err(wrong("too many"));
    }
    userids.iter().map(|userid| seen(corp, visible, userid, wrong(userid)).map(str::to_owned)).collect()
}

/// The rows behind those of the cursor, at most so many, and the key of the last one where there are more.
fn page<T>(
    corp: &Corp,
    rows: Vec<(String, T)>,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let after = match cursor {
        None => None,
        Some(cursor) => Some(&corp.cursors.get(cursor).ok_or(codes::CURSOR_WRONG)?.0),
    };
    let mut rest: Vec<(String, T)> =
        rows.into_iter().filter(|(key, _)| after.is_none_or(|after| key > after)).collect();
    let more = rest.len() > limit;
    rest.truncate(limit);
    let last = rest.last().map(|(key, _)| key.clone()).filter(|_| more);
    Ok((rest.into_iter().map(|(_, row)| row).collect(), last))
}

/// A new cursor behind that row; none on the last page.
fn next_cursor(session: &mut Session, last: Option<String>) -> String {
    last.map_or_else(String::new, |last| {
        let cursor = session.ids.identifier("CURSOR");
        session.corp.cursors.insert(cursor.clone(), (last, 0));
        cursor
    })
}

fn shown(id: &str, customer: &Customer) -> Value {
    let mut shown = json!({
        "external_userid": id,
        "name": customer.name,
        "avatar": "https://example.com/avatar.png",
        "type": if customer.corp_name.is_some() { 2 } else { 1 },
        "gender": 0,
    });
    if let Some(corp_name) = &customer.corp_name {
        shown["corp_name"] = corp_name.as_str().into();
    }
    shown
}

fn common(follow: &Follow) -> Value {
    json!({
        "userid": follow.userid,
        "remark": follow.remark,
        "description": "",
        "createtime": follow.createtime,
        "remark_mobiles": follow.mobiles,
        "oper_userid": follow.userid,
        "add_way": 1,
        "state": "",
    })
}

/// A follower, as one customer has it.
fn with_tags(follow: &Follow) -> Value {
    let tag =
        |(id, name): &(String, String)| json!({ "group_name": "客户等级", "tag_name": name, "tag_id": id, "type": 1 });
    let mut shown = common(follow);
    shown["tags"] = follow.tags.iter().map(tag).collect();
    shown
}

/// The same in a list of customers.
fn with_tag_ids(follow: &Follow) -> Value {
    let mut shown = common(follow);
    shown["tag_id"] = follow.tags.iter().map(|(id, _)| id.as_str()).collect();
    shown
}
