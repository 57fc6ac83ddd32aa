//! `user/…`: the members.

use std::time::Duration;

use serde_json::{Value, json};

use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::corp::{Corp, Member, Membership, ROOT_DEPARTMENT_ID};
use super::department::{self, IDS, ORDERS};
use super::endpoint::{Access, Endpoint};
use super::fields::Fields;
use super::http::Query;
use super::members::Members;
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::write("user/list_id", Access::Contacts, list_id),
    Endpoint::write("user/create", Access::Contacts, create),
    Endpoint::write("user/update", Access::Contacts, update),
    Endpoint::read("user/delete", &["access_token", "userid"], Access::Contacts, delete),
    Endpoint::write("user/batchdelete", Access::Contacts, batchdelete),
    Endpoint::read("user/get", &["access_token", "userid"], Access::Details, get).empty_on_failure(&[
        "department",
        "order",
        "is_leader_in_dept",
        "direct_leader",
    ]),
    Endpoint::read("user/simplelist", &["access_token", "department_id"], Access::Details, simplelist)
        .empty_on_failure(&["userlist"]),
    Endpoint::read("user/list", &["access_token", "department_id"], Access::Details, list)
        .empty_on_failure(&["userlist"]),
    Endpoint::write("user/getuserid", Access::App, getuserid),
    Endpoint::write("user/get_userid_by_email", Access::App, get_userid_by_email),
    Endpoint::write("batch/invite", Access::Either, invite),
];

const ROWS_LIMIT: usize = 10_000;
const NAME_LIMIT: usize = 64;
const POSITION_LIMIT: usize = 128;
const ADDRESS_LIMIT: usize = 128;
const PHONE_LIMIT: usize = 32;
const DEPARTMENTS_LIMIT: usize = 100;
const DELETED_LIMIT: usize = 200;
const INVITED_LIMIT: usize = 1000;
const INVITED_GROUPS_LIMIT: usize = 100;
/// How long a miss of a search counts.
const MISSES_COUNT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// The misses that even the smallest corp has.
const MISSES_FREE: usize = 10;
const MAIL_DOMAIN: &str = "corp.example.com";

pub(super) fn list_id(session: &mut Session, mut fields: Fields) -> Outcome {
    let cursor = fields.text("cursor")?;
    let limit = fields.integer_in("limit", 1..=ROWS_LIMIT as i64)?;
    fields.finish()?;

    let corp = &mut *session.corp;
    let after = match cursor {
        None => None,
        Some(cursor) => {
            let unknown = || codes::PARAMETER_WRONG.because("cursor");
            Some(corp.cursors.get(&cursor).ok_or_else(unknown)?)
        }
    };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(ROWS_LIMIT).min(session.options.rows_per_page.max(1));
    // In the order of the members' keys, so that a cursor stays good when members come and go.
    let mut rest = corp
        .members
        .from(after.map_or("", |(key, _)| key))
        .flat_map(|(key, member)| {
            let mut departments: Vec<_> = member.departments.iter().map(|place| place.department).collect();
            departments.sort_unstable();
            departments.into_iter().map(move |department| ((key.clone(), department), &member.userid))
        })
        .filter(|(row, _)| after.is_none_or(|after| row > after));
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    let more = rest.next().is_some();
    let rows: Vec<_> =
        page.iter().map(|((_, department), userid)| json!({ "userid": userid, "department": department })).collect();
    let next_cursor = match page.into_iter().next_back() {
        Some((row, _)) if more => {
            let cursor = session.ids.identifier("CURSOR");
            corp.cursors.insert(cursor.clone(), row);
            cursor
        }
        _ => String::new(),
    };
    Ok(Reply::ok().with("next_cursor", next_cursor).with("dept_user", rows))
}

pub(super) fn create(session: &mut Session, mut fields: Fields) -> Outcome {
    let userid = fields.need_line("userid", codes::USERID_MISSING, codes::USERID_WRONG)?;
    let name = fields.need_line("name", codes::NAME_WRONG, codes::NAME_WRONG)?;
    let change = Change::read(&mut fields, false, session.options.max_direct_leaders)?;
    fields.finish()?;

    ensure(is_userid(&userid), codes::USERID_WRONG)?;
    check_name(&name)?;
    let reachable = change.mobile.is_some() || change.email.is_some();
    ensure(reachable, codes::MOBILE_AND_EMAIL_MISSING)?;
    let corp = &mut *session.corp;
    ensure(corp.member(&userid).is_none(), codes::USERID_EXISTS)?;

    let strangers = change.unknown_departments(corp);
    if !session.options.create_unknown_departments || strangers.iter().any(|id| !IDS.contains(id)) {
        ensure(strangers.is_empty(), codes::DEPARTMENT_ID_UNKNOWN)?;
    }
    let mut member = change.apply(corp, Member::new(&userid, &name))?;
    if member.biz_mail.is_none() {
        let generated = format!("{}@{MAIL_DOMAIN}", userid.replace('@', "."));
        let taken = corp.members.with_biz_mail(&generated).next().is_some();
        member.biz_mail = (!taken).then_some(generated);
    }
    let event = created_event(&member, session.options.tell_hidden_fields);
    corp.add_member(member);

    let reply = Reply::saying("created");
    let mut created = Vec::new();
    for id in strangers {
        let name = format!("部门{id}");
        corp.add_department(id, ROOT_DEPARTMENT_ID, &name);
        session.callbacks.tell_change(&session.corp_id, "create_party", department::event(&corp.departments[&id]));
        created.push(json!({ "name": name, "id": id }));
    }
    session.callbacks.tell_change(&session.corp_id, "create_user", event);
    if created.is_empty() {
        return Ok(reply);
    }
    Ok(reply.with("created_department_list", json!({ "department_info": created })))
}

pub(super) fn update(session: &mut Session, mut fields: Fields) -> Outcome {
    let userid = fields.need_line("userid", codes::USERID_MISSING, codes::USERID_WRONG)?;
    let name = fields.line_or("name", codes::NAME_WRONG, codes::NAME_WRONG)?;
    let new_userid = fields.text("new_userid")?;
    let change = Change::read(&mut fields, true, session.options.max_direct_leaders)?;
    fields.finish()?;

    let corp = &mut *session.corp;
    let known = corp.member(&userid).ok_or(codes::USERID_UNKNOWN)?.clone();
    // Only a generated user id can be changed, and here every one was chosen.
    ensure(new_userid.is_none(), codes::USERID_FIXED)?;
    let known_departments = change.unknown_departments(corp).is_empty();
    ensure(known_departments, codes::DEPARTMENT_ID_UNKNOWN)?;
    let mut member = change.apply(corp, known.clone())?;
    if let Some(name) = name {
        check_name(&name)?;
        member.name = name;
    }
    let event = updated_event(&known, &member, session.options.tell_hidden_fields);
    corp.add_member(member);
    if let Some(event) = event {
        session.callbacks.tell_change(&session.corp_id, "update_user", event);
    }
    Ok(Reply::saying("updated"))
}

pub(super) fn delete(session: &mut Session, query: &Query) -> Outcome {
    let userid = query.filled("userid").ok_or(codes::USERID_MISSING)?;
    check_deletable(session.corp, userid)?;
    remove(session, userid);
    Ok(Reply::saying("deleted"))
}

/// All of them, or where one cannot be deleted, none.
pub(super) fn batchdelete(session: &mut Session, mut fields: Fields) -> Outcome {
    let userids = fields.need_texts("useridlist", codes::USERID_MISSING)?;
    fields.finish()?;

    ensure(userids.len() <= DELETED_LIMIT, codes::USERS_TOO_MANY)?;
    userids.iter().try_for_each(|userid| check_deletable(session.corp, userid))?;
    userids.iter().for_each(|userid| remove(session, userid));
    Ok(Reply::saying("deleted"))
}

fn remove(session: &mut Session, userid: &str) {
    // One that stands in the list twice is gone the second time.
    let Some(member) = session.corp.member(userid) else { return };
    let event = vec![("UserID", member.userid.as_str().into())];
    session.corp.remove_member(userid);
    session.callbacks.tell_change(&session.corp_id, "delete_user", event);
}

/// What an event says of a new member. URLs that are set today are told no more than ID and departments.
fn created_event(member: &Member, with_all: bool) -> Vec<(&'static str, Value)> {
    let mut fields = described(member);
    fields.retain(|(name, value)| match with_all {
        true => value.as_str().is_some_and(|text| !text.is_empty()),
        false => TOLD.contains(name),
    });
    fields
}

/// The same of one that was changed, and nothing but what changed; none where nothing did.
fn updated_event(before: &Member, after: &Member, with_all: bool) -> Option<Vec<(&'static str, Value)>> {
    let before = described(before);
    let mut fields = described(after);
    fields.retain(|field| field.0 == "UserID" || (!before.contains(field) && (with_all || TOLD.contains(&field.0))));
    (fields.len() > 1).then_some(fields)
}

/// What URLs that are set today are told of a member.
const TOLD: [&str; 2] = ["UserID", "Department"];

/// A member with the names of events.
fn described(member: &Member) -> Vec<(&'static str, Value)> {
    let joined = |values: Vec<String>| Value::from(values.join(","));
    let places = || member.departments.iter();
    let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or_default());
    vec![
        ("UserID", member.userid.as_str().into()),
        ("Name", member.name.as_str().into()),
        ("Department", joined(places().map(|place| place.department.to_string()).collect())),
        ("MainDepartment", member.main_department.to_string().into()),
        ("IsLeaderInDept", joined(places().map(|place| u8::from(place.leader).to_string()).collect())),
        ("DirectLeader", joined(member.direct_leader.clone())),
        ("Position", text(&member.position)),
        ("Mobile", text(&member.mobile)),
        ("Gender", text(&member.gender)),
        ("Email", text(&member.email)),
        ("BizMail", text(&member.biz_mail)),
        ("Alias", text(&member.alias)),
        ("Telephone", text(&member.telephone)),
        ("Address", text(&member.address)),
    ]
}

fn check_deletable(corp: &Corp, userid: &str) -> Result<(), Refusal> {
    let member = corp.member(userid).ok_or(codes::USERID_UNKNOWN)?;
    ensure(!member.creator, codes::CREATOR_STAYS)
}

pub(super) fn invite(session: &mut Session, mut fields: Fields) -> Outcome {
    let users = fields.texts("user")?.unwrap_or_default();
    let parties = fields.integers("party")?.unwrap_or_default();
    let tags = fields.integers("tag")?.unwrap_or_default();
    fields.finish()?;

    ensure(!(users.is_empty() && parties.is_empty() && tags.is_empty()), codes::NO_RECEIVER)?;
    ensure(users.len() <= INVITED_LIMIT, codes::USERS_TOO_MANY)?;
    ensure(parties.len() <= INVITED_GROUPS_LIMIT, codes::PARTIES_TOO_MANY)?;
    ensure(tags.len() <= INVITED_GROUPS_LIMIT, codes::TAGS_TOO_MANY)?;
    let corp = &*session.corp;
    let tagged: Vec<_> = tags.iter().filter_map(|id| corp.tags.get(id)).collect();
    let is_meant = |member: &Member| {
        users.iter().any(|user| user.eq_ignore_ascii_case(&member.userid))
            || member
                .departments
                .iter()
                .any(|place| parties.iter().any(|&party| corp.is_below(place.department, party)))
            || tagged.iter().any(|tag| tag.members.contains(&member.userid))
    };
    let in_range = |member: &&Member| corp.is_in_range(&session.visible, member);
    let invited: Vec<String> = corp
        .members
        .iter()
        .filter(|(_, member)| in_range(member) && is_meant(member))
        .map(|(key, _)| key.clone())
        .collect();
    let unknown_users: Vec<_> = users.iter().filter(|user| corp.member(user).filter(in_range).is_none()).collect();
    let unseen = |party: &&i64| !corp.sees_department(&session.visible, **party);
    let reply = Reply::ok()
        .with("invaliduser", json!(unknown_users))
        .with("invalidparty", json!(parties.iter().filter(unseen).collect::<Vec<_>>()))
        .with("invalidtag", json!(tags.iter().filter(|tag| !corp.tags.contains_key(tag)).collect::<Vec<_>>()));
    for key in &invited {
        session.corp.members.change(key, |member| member.invited = true);
    }
    Ok(reply)
}

pub(super) fn get(session: &mut Session, query: &Query) -> Outcome {
    let userid = query.filled("userid").ok_or(codes::USERID_MISSING)?;
    let member = session.corp.member(userid).ok_or(codes::USERID_UNKNOWN)?;
    ensure(session.corp.is_in_range(&session.visible, member), codes::NO_PRIVILEGE)?;
    let Value::Object(shown) = details(session, member) else { return Ok(Reply::ok()) };
    Ok(shown.into_iter().fold(Reply::ok(), |reply, (key, value)| reply.with(&key, value)))
}

pub(super) fn simplelist(session: &mut Session, query: &Query) -> Outcome {
    let name = |member: &Member| json!({ "userid": member.userid, "name": member.name, "department": departments_of(session, member) });
    let rows: Vec<_> = members_of(session, query)?.map(name).collect();
    Ok(Reply::ok().with("userlist", rows))
}

pub(super) fn list(session: &mut Session, query: &Query) -> Outcome {
    let rows: Vec<_> = members_of(session, query)?.map(|member| details(session, member)).collect();
    Ok(Reply::ok().with("userlist", rows))
}

/// The members of one department itself, as far as they are in view. WeCom still takes `fetch_child`, which its pages do
/// not have any more, and adds those of the departments below.
fn members_of<'a>(session: &'a Session, query: &Query) -> Result<Box<dyn Iterator<Item = &'a Member> + 'a>, Refusal> {
    let id = query.need_number("department_id")?;
    ensure(session.corp.departments.contains_key(&id), codes::DEPARTMENT_ID_UNKNOWN)?;
    ensure(session.corp.sees_department(&session.visible, id), codes::NO_PRIVILEGE)?;
    if query.number("fetch_child")? != Some(1) {
        return Ok(Box::new(session.corp.members.in_department(id)));
    }
    let belongs = move |place: &Membership| session.corp.is_below(place.department, id);
    Ok(Box::new(session.corp.members.values().filter(move |member| member.departments.iter().any(belongs))))
}

/// A member's departments in view.
fn departments_of(session: &Session, member: &Member) -> Vec<i64> {
    places_of(session, member).map(|place| place.department).collect()
}

fn places_of<'a>(session: &'a Session, member: &'a Member) -> impl Iterator<Item = &'a Membership> {
    member.departments.iter().filter(|place| session.corp.sees_department(&session.visible, place.department))
}

/// A member as apps see it.
fn details(session: &Session, member: &Member) -> Value {
    let status = match member {
        Member { enabled: false, .. } => 2,
        Member { activated: true, .. } => 1,
        _ => 4,
    };
    let mut shown = json!({
        "userid": member.userid,
        "name": member.name,
        "department": departments_of(session, member),
        "order": places_of(session, member).map(|place| place.order).collect::<Vec<_>>(),
        "is_leader_in_dept": places_of(session, member).map(|place| i64::from(place.leader)).collect::<Vec<_>>(),
        "main_department": member.main_department,
        "direct_leader": member.direct_leader,
        "position": member.position.as_deref().unwrap_or_default(),
        "telephone": member.telephone.as_deref().unwrap_or_default(),
        "alias": member.alias.as_deref().unwrap_or_default(),
        "gender": "0",
        "status": status,
        "extattr": { "attrs": [] },
    });
    if session.options.tell_hidden_fields {
        shown["gender"] = member.gender.as_deref().unwrap_or("0").into();
        for (key, value) in [
            ("mobile", &member.mobile),
            ("email", &member.email),
            ("biz_mail", &member.biz_mail),
            ("address", &member.address),
        ] {
            shown[key] = value.as_deref().unwrap_or_default().into();
        }
    }
    shown
}

pub(super) fn getuserid(session: &mut Session, mut fields: Fields) -> Outcome {
    let mobile = fields.need_line("mobile", codes::MOBILE_WRONG, codes::MOBILE_WRONG)?;
    fields.finish()?;
    ensure(is_mobile(&mobile), codes::MOBILE_WRONG)?;
    find(session, |members| members.with_mobile(&mobile).collect())
}

pub(super) fn get_userid_by_email(session: &mut Session, mut fields: Fields) -> Outcome {
    let email = fields.need_line("email", codes::EMAIL_WRONG, codes::EMAIL_WRONG)?;
    let is_personal = fields.integer_in("email_type", 1..=2)? == Some(2);
    fields.finish()?;
    ensure(is_mail(&email), codes::EMAIL_WRONG)?;
    find(session, |members| match is_personal {
        true => members.with_email(&email).collect(),
        false => members.with_biz_mail(&email).collect(),
    })
}

/// The member in view who is looked for. Who is not there is a miss, and too many of them are refused for a day.
fn find(session: &mut Session, meant: impl Fn(&Members) -> Vec<&Member>) -> Outcome {
    let (now, corp) = (session.now, &mut *session.corp);
    corp.misses.retain(|miss| now < *miss + MISSES_COUNT_FOR);
    ensure(corp.misses.len() <= MISSES_FREE.max(corp.members.len() / 5), codes::RATE_LIMIT)?;
    let found = meant(&corp.members).into_iter().find(|member| corp.is_in_range(&session.visible, member));
    if let Some(member) = found {
        return Ok(Reply::ok().with("userid", member.userid.as_str()));
    }
    corp.misses.push(now);
    Err(codes::MEMBER_NOT_FOUND.into())
}

/// What `create` and `update` have in common: fields that are absent change nothing, and an empty text clears.
struct Change {
    alias: Option<String>,
    gender: Option<String>,
    enable: Option<bool>,
    main_department: Option<i64>,
    position: Option<String>,
    department: Option<Vec<i64>>,
    order: Option<Vec<i64>>,
    is_leader_in_dept: Option<Vec<i64>>,
    direct_leader: Option<Vec<String>>,
    telephone: Option<String>,
    mobile: Option<String>,
    email: Option<String>,
    biz_mail: Option<String>,
    address: Option<String>,
    to_invite: Option<bool>,
}

impl Change {
    /// Reads the fields and checks what can be checked without the corp. An update may clear some: those are empty then.
    fn read(fields: &mut Fields, clears: bool, max_direct_leaders: usize) -> Result<Self, Refusal> {
        let line = |limit, wrong| move |fields: &mut Fields, key: &str| fields.line_within(key, limit, wrong);
        let change = Self {
            alias: clearable(fields, clears, "alias", line(NAME_LIMIT, codes::PARAMETER_WRONG))?,
            // Clients send 0, as WeCom answers it, for none.
            gender: fields.text("gender")?.filter(|gender| fields.strict() || gender != "0"),
            enable: fields.flag("enable")?,
            main_department: fields.integer("main_department")?,
            position: clearable(fields, clears, "position", line(POSITION_LIMIT, codes::POSITION_WRONG))?,
            department: departments(fields)?,
            order: fields.integers_in("order", ORDERS)?,
            is_leader_in_dept: fields.integers_in("is_leader_in_dept", 0..=1)?,
            direct_leader: match clears {
                true => fields.texts_or_none("direct_leader")?,
                false => fields.texts("direct_leader")?,
            },
            telephone: clearable(fields, clears, "telephone", Fields::raw)?,
            mobile: fields.raw("mobile")?,
            email: fields.raw("email")?,
            biz_mail: fields.raw("biz_mail")?,
            address: clearable(fields, clears, "address", line(ADDRESS_LIMIT, codes::PARAMETER_WRONG))?,
            to_invite: fields.boolean("to_invite")?,
        };
        // Documented, and of no consequence here.
        for key in ["avatar_mediaid", "nickname", "external_position"] {
            fields.text(key)?;
        }
        for key in ["extattr", "external_profile", "biz_mail_alias"] {
            fields.object(key)?;
        }

        let fits = |value: &Option<String>, check: fn(&str) -> bool, code: Code| {
            ensure(value.as_deref().is_none_or(|value| value.is_empty() || check(value)), code)
        };
        fits(&change.gender, |gender| matches!(gender, "1" | "2"), codes::PARAMETER_WRONG)?;
        fits(&change.telephone, is_telephone, codes::TELEPHONE_WRONG)?;
        fits(&change.mobile, is_mobile, codes::MOBILE_WRONG)?;
        fits(&change.email, is_mail, codes::EMAIL_WRONG)?;
        fits(&change.biz_mail, is_mail, codes::BIZ_MAIL_WRONG)?;
        let leaders = change.direct_leader.as_ref().map_or(0, Vec::len);
        ensure(leaders <= max_direct_leaders, codes::SUPERIORS_TOO_MANY)?;
        Ok(change)
    }

    fn unknown_departments(&self, corp: &Corp) -> Vec<i64> {
        let named = self.department.iter().flatten().copied();
        named.filter(|id| !corp.departments.contains_key(id)).collect()
    }

    /// The member as it shall become; refuses what does not fit to the corp.
    fn apply(self, corp: &Corp, mut member: Member) -> Result<Member, Refusal> {
        self.check_unique(corp, &member)?;
        if let Some(ids) = &self.department {
            member.departments = self.memberships(ids, &member)?;
        }
        if let Some(leaders) = &self.is_leader_in_dept {
            ensure(leaders.len() == member.departments.len(), codes::LEADERS_COUNT)?;
            for (place, leader) in member.departments.iter_mut().zip(leaders) {
                place.leader = *leader == 1;
            }
        }
        if let Some(id) = self.main_department {
            if !member.is_in(id) {
                return Err(codes::PARAMETER_WRONG.because("main_department is not in department"));
            }
            member.main_department = id;
        } else if !member.is_in(member.main_department) {
            let first = member.departments.first();
            member.main_department = first.map_or(ROOT_DEPARTMENT_ID, |place| place.department);
        }
        if let Some(leaders) = self.direct_leader {
            let leader = |userid: String| {
                let known = corp.member(&userid).ok_or(codes::SUPERIOR_UNKNOWN)?;
                Ok(known.userid.clone())
            };
            member.direct_leader = leaders.into_iter().map(leader).collect::<Result<_, Refusal>>()?;
        }
        if let Some(mail) = self.biz_mail
            && !same(&member.biz_mail, &mail)
        {
            ensure(member.biz_mail_changeable, codes::BIZ_MAIL_FIXED)?;
            member.biz_mail = Some(mail);
            member.biz_mail_changeable = false;
        }
        // WeCom says yes to these two and leaves them as they are.
        if !member.activated {
            member.mobile = self.mobile.or(member.mobile);
        }
        if !member.mail_bound {
            member.email = self.email.or(member.email);
        }
        let filled = |change: Option<String>, before| change.or(before).filter(|text| !text.is_empty());
        member.alias = filled(self.alias, member.alias);
        member.gender = self.gender.or(member.gender);
        member.enabled = self.enable.unwrap_or(member.enabled);
        member.position = filled(self.position, member.position);
        member.telephone = filled(self.telephone, member.telephone);
        member.address = filled(self.address, member.address);
        member.invited = self.to_invite.unwrap_or(member.invited);
        Ok(member)
    }

    fn check_unique(&self, corp: &Corp, member: &Member) -> Result<(), Refusal> {
        let is_other = |other: &Member| other.userid != member.userid;
        let has = |value: &Option<String>, of: &dyn Fn(&str) -> bool| value.as_deref().is_some_and(of);
        let mobile = has(&self.mobile, &|mobile| corp.members.with_mobile(mobile).any(is_other));
        ensure(!mobile, codes::MOBILE_EXISTS)?;
        let email = has(&self.email, &|email| corp.members.with_email(email).any(is_other));
        ensure(!email, codes::EMAIL_EXISTS)?;
        let biz_mail = has(&self.biz_mail, &|mail| corp.members.with_biz_mail(mail).any(is_other));
        ensure(!biz_mail, codes::BIZ_MAIL_EXISTS)
    }

    fn memberships(&self, ids: &[i64], before: &Member) -> Result<Vec<Membership>, Refusal> {
        if self.order.as_ref().is_some_and(|order| order.len() != ids.len()) {
            return Err(codes::PARAMETER_WRONG.because("order and department differ in size"));
        }
        let orders = self.order.iter().flatten().copied().chain(std::iter::repeat(0));
        let led = |id| before.departments.iter().any(|place| place.department == id && place.leader);
        let memberships = ids.iter().zip(orders).map(|(&department, order)| Membership {
            department,
            order,
            leader: led(department),
        });
        Ok(memberships.collect())
    }
}

/// A text that an update may clear.
fn clearable(
    fields: &mut Fields,
    clears: bool,
    key: &str,
    read: impl FnOnce(&mut Fields, &str) -> Result<Option<String>, Refusal>,
) -> Result<Option<String>, Refusal> {
    if clears { fields.or_cleared(key, read) } else { read(fields, key) }
}

/// `department` has codes of its own: one when it is no array, one when its elements are no numbers.
fn departments(fields: &mut Fields) -> Result<Option<Vec<i64>>, Refusal> {
    if fields.has("department") && !fields.is_array("department") {
        return Err(codes::DEPARTMENT_NOT_AN_ARRAY.into());
    }
    let ids = fields.integers("department").map_err(|_| codes::DEPARTMENT_LIST_WRONG)?;
    if let Some(ids) = &ids {
        ensure(ids.len() <= DEPARTMENTS_LIMIT, codes::DEPARTMENTS_TOO_MANY)?;
        let twice = ids.iter().enumerate().any(|(index, id)| ids[..index].contains(id));
        ensure(!twice, codes::DEPARTMENT_LIST_WRONG)?;
    }
    Ok(ids)
}

fn same(theirs: &Option<String>, ours: &str) -> bool {
    theirs.as_deref().is_some_and(|theirs| theirs.eq_ignore_ascii_case(ours))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    ensure(name.chars().count() <= NAME_LIMIT, codes::NAME_WRONG)
}

fn is_userid(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_@.-".contains(&byte))
}

fn is_telephone(text: &str) -> bool {
    is_phone(text, b"-+,")
}

fn is_mobile(text: &str) -> bool {
    is_phone(text, b"-+ ")
}

fn is_phone(text: &str, marks: &[u8]) -> bool {
    text.len() <= PHONE_LIMIT
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || marks.contains(&byte))
}

fn is_mail(text: &str) -> bool {
    let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.contains('@') && domain.trim_matches('.').contains('.')
    });
    (6..=64).contains(&text.len()) && well_formed && text.bytes().all(|byte| byte.is_ascii_graphic())
}
