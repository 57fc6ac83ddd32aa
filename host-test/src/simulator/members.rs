//! The members of a corp, with what to find them by: there may be a hundred thousand of them, and each creation asks
//! whether a number or an address is taken.

use std::collections::btree_map::Range;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Deref};

/// 待分配, below the root: where members without a department land.
pub const UNASSIGNED_DEPARTMENT_ID: i64 = 5;

/// The members of a corp by user id in lower case, because user ids are unique ignoring case.
#[derive(Debug, Default)]
pub struct Members {
    by_key: BTreeMap<String, Member>,
    in_department: Index<i64>,
    /// By the user id of a direct superior, as it is written there.
    led_by: Index<String>,
    /// The three in lower case. A test may add two members with the same one, unchecked.
    mobiles: Index<String>,
    emails: Index<String>,
    biz_mails: Index<String>,
}

/// The keys of the members who have something.
#[derive(Debug)]
struct Index<K>(BTreeMap<K, BTreeSet<String>>);

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Index<K> {
    fn add(&mut self, value: K, key: &str) {
        self.0.entry(value).or_default().insert(key.to_owned());
    }

    fn remove(&mut self, value: &K, key: &str) {
        if let Some(keys) = self.0.get_mut(value) {
            keys.remove(key);
            if keys.is_empty() {
                self.0.remove(value);
            }
        }
    }

    fn keys<'a>(&'a self, value: &K) -> impl Iterator<Item = &'a String> + use<'a, K> {
        self.0.get(value).into_iter().flatten()
    }
}

impl Deref for Members {
    type Target = BTreeMap<String, Member>;

    fn deref(&self) -> &Self::Target {
        &self.by_key
    }
}

impl Members {
    /// Adds a member, in place of the one of that user id.
    pub fn insert(&mut self, member: Member) {
        let key = member.userid.to_ascii_lowercase();
        self.remove(&key);
        for place in &member.departments {
            self.in_department.add(place.department, &key);
        }
        for leader in &member.direct_leader {
            self.led_by.add(leader.clone(), &key);
        }
        for (index, value) in self.unique(&member) {
            index.add(value, &key);
        }
        self.by_key.insert(key, member);
    }

    /// Takes out the member of that key.
    pub fn remove(&mut self, key: &str) -> Option<Member> {
        let member = self.by_key.remove(key)?;
        for place in &member.departments {
            self.in_department.remove(&place.department, key);
        }
        for leader in &member.direct_leader {
            self.led_by.remove(leader, key);
        }
        for (index, value) in self.unique(&member) {
            index.remove(&value, key);
        }
        Some(member)
    }

    /// Changes the member of that key, if there is one.
    pub fn change(&mut self, key: &str, change: impl FnOnce(&mut Member)) {
        if let Some(mut member) = self.remove(key) {
            change(&mut member);
            self.insert(member);
        }
    }

    /// What no two members have, and where it is found.
    fn unique(&mut self, member: &Member) -> impl Iterator<Item = (&mut Index<String>, String)> {
        [
            (&mut self.mobiles, &member.mobile),
            (&mut self.emails, &member.email),
            (&mut self.biz_mails, &member.biz_mail),
        ]
        .map(|(index, value)| value.as_ref().map(|value| (index, value.to_ascii_lowercase())))
        .into_iter()
        .flatten()
    }

    /// The rest of the members, from that key on.
    pub(super) fn from(&self, key: &str) -> Range<'_, String, Member> {
        self.by_key.range::<str, _>((Bound::Included(key), Bound::Unbounded))
    }

    /// The members of the department itself.
    pub(super) fn in_department(&self, department: i64) -> impl Iterator<Item = &Member> {
        self.in_department.keys(&department).filter_map(|key| self.by_key.get(key))
    }

    /// The keys of the members who have that direct superior.
    pub(super) fn led_by(&self, userid: &str) -> Vec<String> {
        self.led_by.keys(&userid.to_owned()).cloned().collect()
    }

    /// Whoever has that mobile number.
    pub(super) fn with_mobile<'a>(&'a self, mobile: &str) -> impl Iterator<Item = &'a Member> + use<'a> {
        self.mobiles.keys(&mobile.to_ascii_lowercase()).filter_map(|key| self.by_key.get(key))
    }

    /// Whoever has that address.
    pub(super) fn with_email<'a>(&'a self, email: &str) -> impl Iterator<Item = &'a Member> + use<'a> {
        self.emails.keys(&email.to_ascii_lowercase()).filter_map(|key| self.by_key.get(key))
    }

    /// Whoever has that address in the corp's own mail.
    pub(super) fn with_biz_mail<'a>(&'a self, biz_mail: &str) -> impl Iterator<Item = &'a Member> + use<'a> {
        self.biz_mails.keys(&biz_mail.to_ascii_lowercase()).filter_map(|key| self.by_key.get(key))
    }
}

/// A member of the corp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// As it was written when the member was created.
    pub userid: String,
    /// 1 to 64 characters.
    pub name: String,
    /// Up to 64 characters.
    pub alias: Option<String>,
    /// `"1"` male, `"2"` female.
    pub gender: Option<String>,
    /// A disabled member is out of every app's view.
    pub enabled: bool,
    /// One of the departments below.
    pub main_department: i64,
    /// Up to 128 characters.
    pub position: Option<String>,
    /// Never empty.
    pub departments: Vec<Membership>,
    /// User ids.
    pub direct_leader: Vec<String>,
    /// Digits, `-`, `+` and `,`.
    pub telephone: Option<String>,
    /// Unique.
    pub mobile: Option<String>,
    /// Unique.
    pub email: Option<String>,
    /// Unique; generated where none was given.
    pub biz_mail: Option<String>,
    /// Whether `biz_mail` may still be changed: once, and only a generated one.
    pub biz_mail_changeable: bool,
    /// Up to 128 characters.
    pub address: Option<String>,
    /// Whether the member was invited when created.
    pub invited: bool,
    /// An activated member's mobile number is not changed by an update.
    pub activated: bool,
    /// The address of a member with Tencent corp mail is not changed by an update.
    pub mail_bound: bool,
    /// Whether the corp has an API licence for the member.
    pub licensed: bool,
    /// The creator of the corp cannot be deleted.
    pub creator: bool,
}

/// A member's place in one department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The department's id.
    pub department: i64,
    /// Larger comes first.
    pub order: i64,
    /// Whether the member leads the department.
    pub leader: bool,
}

impl Member {
    /// An enabled, licensed member who has not activated the account and waits for a department.
    pub fn new(userid: &str, name: &str) -> Self {
        Self {
            userid: userid.into(),
            name: name.into(),
            alias: None,
            gender: None,
            enabled: true,
            main_department: UNASSIGNED_DEPARTMENT_ID,
            position: None,
            departments: vec![Membership { department: UNASSIGNED_DEPARTMENT_ID, order: 0, leader: false }],
            direct_leader: Vec::new(),
            telephone: None,
            mobile: None,
            email: None,
            biz_mail: None,
            biz_mail_changeable: true,
            address: None,
            invited: true,
            activated: false,
            mail_bound: false,
            licensed: true,
            creator: false,
        }
    }

    /// Whether the member belongs to the department itself.
    pub fn is_in(&self, department: i64) -> bool {
        self.departments.iter().any(|membership| membership.department == department)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(userid: &str, mobile: &str, department: i64) -> Member {
        Member {
            mobile: Some(mobile.into()),
            departments: vec![Membership { department, order: 0, leader: false }],
            direct_leader: vec!["Boss".into()],
            ..Member::new(userid, userid)
        }
    }

    fn ids<'a>(found: impl Iterator<Item = &'a Member>) -> Vec<&'a str> {
        found.map(|member| member.userid.as_str()).collect()
    }

    #[test]
    fn what_a_member_had_finds_nobody_any_more() {
        let mut members = Members::default();
        members.insert(member("A", "1", 2));
        members.insert(member("b", "2", 2));
        assert_eq!(ids(members.in_department(2)), ["A", "b"]);
        assert_eq!(members.led_by("Boss"), ["a", "b"]);

        members.insert(member("a", "3", 4));
        assert_eq!(ids(members.with_mobile("1")), [""; 0]);
        assert_eq!(ids(members.with_mobile("3")), ["a"]);
        assert_eq!(ids(members.in_department(2)), ["b"]);

        members.change("b", |member| member.direct_leader.clear());
        assert_eq!(members.led_by("Boss"), ["a"]);
        members.remove("a");
        assert_eq!(members.led_by("Boss"), [""; 0]);
        assert_eq!(ids(members.in_department(4)), [""; 0]);
        assert_eq!(members.len(), 1);
    }

    #[test]
    fn two_who_were_added_with_the_same_number_are_both_found() {
        let mut members = Members::default();
        members.insert(member("a", "1", 2));
        members.insert(member("b", "1", 2));
        members.remove("a");
        assert_eq!(ids(members.with_mobile("1")), ["b"]);
    }
}
