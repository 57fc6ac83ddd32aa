//! `department/…`: the tree.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::corp::{Corp, Department, Member, ROOT_DEPARTMENT_ID};
use super::endpoint::{Access, Endpoint};
use super::fields::Fields;
use super::http::Query;
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::read("department/simplelist", &["access_token", "id"], Access::Either, simplelist)
        .empty_on_failure(&["department_id"]),
    Endpoint::read("department/get", &["access_token", "id"], Access::Details, get),
    Endpoint::read("department/list", &["access_token", "id"], Access::Details, list).empty_on_failure(&["department"]),
    Endpoint::write("department/create", Access::Contacts, create),
    Endpoint::write("department/update", Access::Contacts, update),
    Endpoint::read("department/delete", &["access_token", "id"], Access::Contacts, delete),
];

const NAME_LIMIT: usize = 64;
const LEVEL_LIMIT: usize = 15;
/// The range of every department's ID.
pub(super) const IDS: RangeInclusive<i64> = 1..=u32::MAX as i64;
/// The range of every `order`.
pub(super) const ORDERS: RangeInclusive<i64> = 0..=u32::MAX as i64;

pub(super) fn simplelist(session: &mut Session, query: &Query) -> Outcome {
    let rows: Vec<_> = listed(session, query)?
        .map(|department| json!({ "id": department.id, "parentid": department.parentid, "order": department.order }))
        .collect();
    Ok(Reply::ok().with("department_id", rows))
}

/// The departments in view: all, or one with those below it.
fn listed<'a>(session: &'a Session, query: &Query) -> Result<impl Iterator<Item = &'a Department>, Refusal> {
    let top = query.number("id")?;
    let corp = &*session.corp;
    if let Some(id) = top {
        ensure(corp.departments.contains_key(&id), codes::DEPARTMENT_UNKNOWN)?;
        ensure(corp.sees_department(&session.visible, id), codes::NO_PRIVILEGE)?;
    }
    let in_view = corp.departments.values().filter(|department| corp.sees_department(&session.visible, department.id));
    Ok(in_view.filter(move |department| top.is_none_or(|top| corp.is_below(department.id, top))))
}

pub(super) fn get(session: &mut Session, query: &Query) -> Outcome {
    let id = query.need_number("id")?;
    let corp = &*session.corp;
    let department = corp.departments.get(&id).ok_or(codes::DEPARTMENT_UNKNOWN)?;
    ensure(corp.sees_department(&session.visible, id), codes::NO_PRIVILEGE)?;
    Ok(Reply::ok().with("department", shown(corp, department)))
}

pub(super) fn list(session: &mut Session, query: &Query) -> Outcome {
    let rows: Vec<_> = listed(session, query)?.map(|department| shown(session.corp, department)).collect();
    Ok(Reply::ok().with("department", rows))
}

/// A department as those see it who are told its name.
fn shown(corp: &Corp, department: &Department) -> Value {
    let id = department.id;
    let leads = |member: &&Member| member.departments.iter().any(|place| place.department == id && place.leader);
    let leaders: Vec<&str> =
        corp.members.in_department(id).filter(leads).map(|member| member.userid.as_str()).collect();
    let mut shown = json!({
        "id": id,
        "name": department.name,
        "department_leader": leaders,
        "parentid": department.parentid,
        "order": department.order,
    });
    if let Some(name_en) = &department.name_en {
        shown["name_en"] = name_en.as_str().into();
    }
    shown
}

pub(super) fn create(session: &mut Session, mut fields: Fields) -> Outcome {
    let name = fields.need_line("name", codes::DEPARTMENT_NAME_LENGTH, codes::DEPARTMENT_NAME_CHARACTERS)?;
    let name_en = fields.line("name_en", codes::DEPARTMENT_NAME_WRONG)?;
    let parentid = fields.integer("parentid")?.ok_or_else(|| codes::PARAMETER_EMPTY.because("parentid"))?;
    let order = fields.integer_in("order", ORDERS)?;
    let id = fields.integer_in("id", IDS)?;
    fields.finish()?;

    let corp = &mut *session.corp;
    if let Some(id) = id {
        ensure(!corp.departments.contains_key(&id), codes::DEPARTMENT_EXISTS)?;
    }
    let department =
        Department { id: id.unwrap_or_else(|| next_id(corp)), name, name_en, parentid, order: order.unwrap_or(0) };
    check(corp, &department, 1)?;
    let reply = Reply::saying("created").with("id", department.id);
    session.callbacks.tell_change(&session.corp_id, "create_party", event(&department));
    corp.departments.insert(department.id, department);
    Ok(reply)
}

pub(super) fn update(session: &mut Session, mut fields: Fields) -> Outcome {
    let id = fields.integer_in("id", IDS)?.ok_or_else(|| codes::PARAMETER_EMPTY.because("id"))?;
    let name = fields.line_or("name", codes::DEPARTMENT_NAME_LENGTH, codes::DEPARTMENT_NAME_CHARACTERS)?;
    let english = |fields: &mut Fields, key: &str| fields.line(key, codes::DEPARTMENT_NAME_WRONG);
    let name_en = fields.or_cleared("name_en", english)?;
    let parentid = fields.integer("parentid")?;
    let order = fields.integer_in("order", ORDERS)?;
    fields.finish()?;

    let corp = &mut *session.corp;
    let known = corp.departments.get(&id).ok_or(codes::DEPARTMENT_UNKNOWN)?;
    let department = Department {
        id,
        name: name.unwrap_or_else(|| known.name.clone()),
        name_en: name_en.or_else(|| known.name_en.clone()).filter(|name| !name.is_empty()),
        parentid: parentid.unwrap_or(known.parentid),
        order: order.unwrap_or(known.order),
    };
    ensure(!corp.is_below(department.parentid, id), codes::DEPARTMENT_LOOP)?;
    check(corp, &department, height(corp, id))?;
    let mut changes = event(&department);
    let before = event(known);
    // Events of updates have no order, and only what changed.
    changes.retain(|field| field.0 == "Id" || (field.0 != "Order" && !before.contains(field)));
    corp.departments.insert(id, department);
    if changes.len() > 1 {
        session.callbacks.tell_change(&session.corp_id, "update_party", changes);
    }
    Ok(Reply::saying("updated"))
}

// region: delete
pub(super) fn delete(session: &mut Session, query: &Query) -> Outcome {
    let id = query.need_number("id")?;
    let corp = &mut *session.corp;
    ensure(id != ROOT_DEPARTMENT_ID, codes::DEPARTMENT_IS_ROOT)?;
    ensure(corp.departments.contains_key(&id), codes::DEPARTMENT_UNKNOWN)?;
    let inhabited = corp.members.in_department(id).next().is_some();
    ensure(!inhabited, codes::DEPARTMENT_HAS_MEMBERS)?;
    let parent = corp.departments.values().any(|child| child.parentid == id);
    ensure(!parent, codes::DEPARTMENT_HAS_CHILDREN)?;
    corp.departments.remove(&id);
    corp.tags.values_mut().for_each(|tag| tag.departments.retain(|department| *department != id));
    session.callbacks.tell_change(&session.corp_id, "delete_party", vec![("Id", id.into())]);
    Ok(Reply::saying("deleted"))
}
// endregion

/// A department with the names of events.
pub(super) fn event(department: &Department) -> Vec<(&'static str, Value)> {
    vec![
        ("Id", department.id.into()),
        ("Name", department.name.as_str().into()),
        ("ParentId", department.parentid.into()),
        ("Order", department.order.into()),
    ]
}

/// A department as it shall become, with `height` levels of departments from itself downwards.
fn check(corp: &Corp, department: &Department, height: usize) -> Result<(), Refusal> {
    let Department { id, parentid, .. } = *department;
    check_name(&department.name, codes::DEPARTMENT_NAME_LENGTH, codes::DEPARTMENT_NAME_CHARACTERS)?;
    if let Some(name) = &department.name_en {
        check_name(name, codes::DEPARTMENT_NAME_WRONG, codes::DEPARTMENT_NAME_WRONG)?;
    }
    if id == ROOT_DEPARTMENT_ID {
        // The root stays on top; everything else would be a loop.
        return ensure(parentid == 0, codes::PARENT_UNKNOWN);
    }
    ensure(corp.departments.contains_key(&parentid), codes::PARENT_UNKNOWN)?;
    let mut siblings = corp.departments.values().filter(|other| other.parentid == parentid && other.id != id);
    let taken = siblings.any(|sibling| {
        sibling.name == department.name || (sibling.name_en.is_some() && sibling.name_en == department.name_en)
    });
    ensure(!taken, codes::DEPARTMENT_EXISTS)?;
    ensure(corp.level(parentid) + height <= LEVEL_LIMIT, codes::DEPARTMENT_TOO_DEEP)
}

fn check_name(name: &str, length: Code, characters: Code) -> Result<(), Refusal> {
    ensure(name.chars().count() <= NAME_LIMIT, length)?;
    ensure(!name.contains(['\\', ':', '*', '?', '"', '<', '>', '|']), characters)
}

/// How many levels a department and those below it take.
fn height(corp: &Corp, id: i64) -> usize {
    let below = corp.departments.keys().filter(|&&other| corp.is_below(other, id));
    let lowest = below.map(|&other| corp.level(other)).max().unwrap_or(0);
    (lowest + 1).saturating_sub(corp.level(id))
}

/// The ID behind the greatest one; where there is none any more, the least that is free.
fn next_id(corp: &Corp) -> i64 {
    let behind = corp.departments.keys().next_back().map_or(ROOT_DEPARTMENT_ID, |last| last + 1);
    let free = || IDS.clone().find(|id| !corp.departments.contains_key(id));
    Some(behind).filter(|id| IDS.contains(id)).or_else(free).unwrap_or(behind)
}
