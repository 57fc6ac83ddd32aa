//! `user/…`: the members.

use serde_json::json;

use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::corp::{Corp, Member, Membership, ROOT_DEPARTMENT_ID};
use super::department::{IDS, ORDERS};
use super::fields::Fields;
use super::http::Query;
use super::session::Session;

const ROWS_LIMIT: usize = 10_000;
const NAME_LIMIT: usize = 64;
const POSITION_LIMIT: usize = 128;
const ADDRESS_LIMIT: usize = 128;
const PHONE_LIMIT: usize = 32;
const DEPARTMENTS_LIMIT: usize = 100;
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
        .iter()
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
        let taken = corp.members.values().any(|other| same(&other.biz_mail, &generated));
        member.biz_mail = (!taken).then_some(generated);
    }
    corp.add_member(member);

    let reply = Reply::saying("created");
    if strangers.is_empty() {
        return Ok(reply);
    }
    let mut created = Vec::new();
    for id in strangers {
        let name = format!("部门{id}");
        corp.add_department(id, ROOT_DEPARTMENT_ID, &name);
        created.push(json!({ "name": name, "id": id }));
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
    let known = corp.member(&userid).ok_or(codes::USERID_UNKNOWN)?;
    // Only a generated user id can be changed, and here every one was chosen.
    ensure(new_userid.is_none(), codes::USERID_FIXED)?;
    let known_departments = change.unknown_departments(corp).is_empty();
    ensure(known_departments, codes::DEPARTMENT_ID_UNKNOWN)?;
    let mut member = change.apply(corp, known.clone())?;
    if let Some(name) = name {
        check_name(&name)?;
        member.name = name;
    }
    corp.add_member(member);
    Ok(Reply::saying("updated"))
}

pub(super) fn delete(session: &mut Session, query: &Query) -> Outcome {
    let userid = query.filled("userid").ok_or(codes::USERID_MISSING)?;
    let corp = &mut *session.corp;
    let member = corp.member(userid).ok_or(codes::USERID_UNKNOWN)?;
    ensure(!member.creator, codes::CREATOR_STAYS)?;
    let userid = member.userid.clone();
    corp.members.remove(&userid.to_ascii_lowercase());
    for other in corp.members.values_mut() {
        other.direct_leader.retain(|leader| *leader != userid);
    }
    for chat in corp.chats.values_mut() {
        chat.leave(&userid);
    }
    Ok(Reply::saying("deleted"))
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
        for other in corp.members.values().filter(|other| other.userid != member.userid) {
            let taken =
                |theirs: &Option<String>, ours: &Option<String>| ours.as_deref().is_some_and(|ours| same(theirs, ours));
            ensure(!taken(&other.mobile, &self.mobile), codes::MOBILE_EXISTS)?;
            ensure(!taken(&other.email, &self.email), codes::EMAIL_EXISTS)?;
            ensure(!taken(&other.biz_mail, &self.biz_mail), codes::BIZ_MAIL_EXISTS)?;
        }
        Ok(())
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
