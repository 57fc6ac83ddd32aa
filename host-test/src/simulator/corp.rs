//! One corp: its tree of departments, members, apps, group chats and media.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::media::MediaLibrary;
pub use super::members::UNASSIGNED_DEPARTMENT_ID;
pub(super) use super::members::{Member, Members, Membership};

/// The root department, 云帆科技.
pub const ROOT_DEPARTMENT_ID: i64 = 1;

/// A corp and everything in it.
#[derive(Debug)]
pub struct Corp {
    /// By department id. The root has the parent 0.
    pub departments: BTreeMap<i64, Department>,
    /// By user id in lower case.
    pub members: Members,
    /// By chat id.
    pub chats: BTreeMap<String, Chat>,
    /// The user ids of the members who have the customer function.
    pub contact_members: BTreeSet<String>,
    /// By external user id.
    pub customers: BTreeMap<String, Customer>,
    /// By chat id.
    pub customer_chats: BTreeMap<String, CustomerChat>,
    /// By tag id.
    pub tags: BTreeMap<i64, Tag>,
    /// The agent ids that each linked mini program is linked with, by its appid.
    pub(super) mini_programs: BTreeMap<String, Vec<i64>>,
    pub(super) apps: Vec<App>,
    /// The corps that are linked in the old way.
    pub(super) links: Vec<Link>,
    /// The corps that apps are shared with, in the order of their ids.
    pub(super) shares: Vec<Share>,
    pub(super) contacts_secret: String,
    pub(super) media: MediaLibrary,
    /// The agent ids of the apps that WeCom tells what members do: they have a callback URL.
    pub(super) callbacks: BTreeSet<i64>,
    /// The task ids that each app has given to cards.
    pub(super) task_ids: BTreeSet<(i64, String)>,
    /// The cards that can be updated, by response code.
    pub(super) cards: BTreeMap<String, SentCard>,
    /// The last row of the page that each `next_cursor` was handed out with.
    pub(super) cursors: BTreeMap<String, (String, i64)>,
    /// When a member was looked for and not found.
    pub(super) misses: Vec<Duration>,
}

/// A self-built app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The id that `agentid` takes.
    pub agent_id: i64,
    /// The secret of the app's page.
    pub secret: String,
    /// The departments at the top of the app's visible range.
    pub visible: Vec<i64>,
    /// What people call it.
    pub name: String,
    /// Whether it is switched off.
    pub closed: bool,
    /// Whether it is ticked among the callable apps of customer contact.
    pub reads_customers: bool,
}

impl App {
    /// An app that is switched on, and not ticked for customers.
    pub fn new(agent_id: i64, secret: &str, visible: Vec<i64>) -> Self {
        Self {
            agent_id,
            secret: secret.into(),
            visible,
            name: format!("应用{agent_id}"),
            closed: false,
            reads_customers: false,
        }
    }
}

/// A corp that is linked with another one in the old way, as that one sees it.
#[derive(Debug)]
pub(super) struct Link {
    /// What stands before a department.
    pub linked_id: String,
    /// What stands before a member.
    pub corp_id: String,
    /// What is seen of it.
    pub corp: Corp,
}

/// An app that a corp shares with another one, where it is an app, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The app in the corp that shares it.
    pub agent_id: i64,
    /// 0 between linked corps, 1 downstream.
    pub business_type: i64,
    /// The other corp.
    pub corp_id: String,
    /// What that is called.
    pub name: String,
    /// The app there.
    pub lower_agent_id: i64,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// 1 is the root.
    pub id: i64,
    /// Unique among siblings.
    pub name: String,
    /// Unique among siblings where there is one.
    pub name_en: Option<String>,
    /// 0 for the root.
    pub parentid: i64,
    /// Larger comes first.
    pub order: i64,
}

/// A group chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Up to 32 of `[0-9A-Za-z]`.
    pub chatid: String,
    /// Up to 50 characters; empty where none was given.
    pub name: String,
    /// One of `userlist`.
    pub owner: String,
    /// 2 to 2000 user ids.
    pub userlist: Vec<String>,
    /// The app that created the chat, and the only one that sees it.
    pub agent_id: i64,
}

/// A card that members can answer.
#[derive(Debug)]
pub(super) struct SentCard {
    pub agent_id: i64,
    pub msgid: String,
    /// A notice has a menu only.
    pub has_buttons: bool,
    pub receivers: BTreeSet<String>,
    /// On the virtual clock.
    pub sent_at: Duration,
    /// Its code is good for one update.
    pub updated: bool,
}

/// Somebody outside of the corp whom members have added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The nickname of a WeChat user, or what a WeCom user shows.
    pub name: String,
    /// The corp of a WeCom user.
    pub corp_name: Option<String>,
    /// Who has added the customer; nobody any more, where the customer has deleted them.
    pub follows: Vec<Follow>,
}

/// A member who has added a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// The member.
    pub userid: String,
    /// What the member calls the customer.
    pub remark: String,
    /// Unix seconds.
    pub createtime: u64,
    /// ID and name.
    pub tags: Vec<(String, String)>,
    /// What the member has written down.
    pub mobiles: Vec<String>,
}

/// A group chat with customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerChat {
    /// Its name.
    pub name: String,
    /// A member.
    pub owner: String,
    /// Unix seconds.
    pub create_time: u64,
    /// 0 for a group whose owner is there; 1 to 3 where somebody takes over.
    pub status: i64,
    /// User ids, and external user ids.
    pub members: Vec<String>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// 0 or above.
    pub tagid: i64,
    /// Unique.
    pub tagname: String,
    /// Who may change it.
    pub maker: Maker,
    /// User ids.
    pub members: BTreeSet<String>,
    /// Department ids.
    pub departments: BTreeSet<i64>,
}

/// Where a tag was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// In the admin console.
    Console,
    /// By the API, with the secret of contacts sync.
    Contacts,
    /// By the app with that agent id.
    App(i64),
}

impl Chat {
    /// Takes a deleted member out of the chat.
    pub(super) fn leave(&mut self, userid: &str) {
        self.userlist.retain(|member| member != userid);
        if self.owner == userid {
            self.owner = self.userlist.first().cloned().unwrap_or_default();
        }
    }
}

impl Link {
    /// The members in and below a department, as the other corp calls them.
    pub(super) fn members_below(&self, department: i64) -> impl Iterator<Item = String> {
        let userids = self.corp.visible_userids(&[department]);
        userids.into_iter().map(|userid| format!("{}/{userid}", self.corp_id))
    }
}

impl Corp {
    /// A corp of two departments, the root and the one of members to be assigned, with nobody in it.
    pub(super) fn new(contacts_secret: &str) -> Self {
        let mut corp = Self {
            departments: BTreeMap::new(),
            members: Members::default(),
            chats: BTreeMap::new(),
            contact_members: BTreeSet::new(),
            customers: BTreeMap::new(),
            customer_chats: BTreeMap::new(),
            tags: BTreeMap::new(),
            mini_programs: BTreeMap::new(),
            apps: Vec::new(),
            links: Vec::new(),
            shares: Vec::new(),
            contacts_secret: contacts_secret.into(),
            media: MediaLibrary::default(),
            callbacks: BTreeSet::new(),
            task_ids: BTreeSet::new(),
            cards: BTreeMap::new(),
            cursors: BTreeMap::new(),
            misses: Vec::new(),
        };
        corp.add_department(ROOT_DEPARTMENT_ID, 0, "云帆科技");
        corp.add_department(UNASSIGNED_DEPARTMENT_ID, ROOT_DEPARTMENT_ID, "待分配");
        corp
    }

    pub(super) fn add_department(&mut self, id: i64, parentid: i64, name: &str) {
        let department = Department { id, name: name.into(), name_en: None, parentid, order: 0 };
        self.departments.insert(id, department);
    }

    pub(super) fn add_member(&mut self, member: Member) {
        self.members.insert(member);
    }

    /// Takes a member out of the corp and of everything that names members.
    pub(super) fn remove_member(&mut self, userid: &str) {
        let Some(Member { userid, .. }) = self.members.remove(&userid.to_ascii_lowercase()) else { return };
        for key in self.members.led_by(&userid) {
            self.members.change(&key, |other| other.direct_leader.retain(|leader| *leader != userid));
        }
        for chat in self.chats.values_mut() {
            chat.leave(&userid);
        }
        for tag in self.tags.values_mut() {
            tag.members.remove(&userid);
        }
    }

    /// The member of that user id, whatever its case.
    pub fn member(&self, userid: &str) -> Option<&Member> {
        self.members.get(&userid.to_ascii_lowercase())
    }

    /// Whether the department is that one, or somewhere below it.
    pub fn is_below(&self, department: i64, ancestor: i64) -> bool {
        self.path(department).any(|id| id == ancestor)
    }

    /// The level of a department in the tree; the root has 1.
    pub(super) fn level(&self, department: i64) -> usize {
        self.path(department).count()
    }

    /// The department and those above it, up to the root.
    fn path(&self, department: i64) -> impl Iterator<Item = i64> {
        let known = self.departments.get(&department);
        std::iter::successors(known, |child| self.departments.get(&child.parentid)).map(|department| department.id)
    }

    /// Whether the department lies in the visible range.
    pub(super) fn sees_department(&self, visible: &[i64], department: i64) -> bool {
        self.path(department).any(|id| visible.contains(&id))
    }

    /// The member of a linked corp that is called so: `CorpId/userid`.
    pub(super) fn linked_member(&self, name: &str) -> Option<(&Link, &Member)> {
        let (corp_id, userid) = name.split_once('/')?;
        let link = self.links.iter().find(|link| link.corp_id == corp_id)?;
        Some((link, link.corp.member(userid)?))
    }

    /// The department of a linked corp that is called so: `LinkedId/partyid`.
    pub(super) fn linked_department(&self, name: &str) -> Option<(&Link, i64)> {
        let (linked_id, id) = name.split_once('/')?;
        let link = self.links.iter().find(|link| link.linked_id == linked_id)?;
        let id = id.parse().ok().filter(|id| link.corp.departments.contains_key(id))?;
        Some((link, id))
    }

    /// The member of that user id if enabled and in the visible range.
    pub(super) fn visible_member(&self, visible: &[i64], userid: &str) -> Option<&Member> {
        self.member(userid).filter(|member| self.sees_member(visible, member))
    }

    /// The user ids of the enabled members in the visible range.
    pub(super) fn visible_userids(&self, visible: &[i64]) -> BTreeSet<String> {
        self.members
            .values()
            .filter(|member| self.sees_member(visible, member))
            .map(|member| member.userid.clone())
            .collect()
    }

    /// Those of them that a tag has, alone or by a department.
    pub(super) fn visible_tagged(&self, visible: &[i64], tag: &Tag) -> BTreeSet<String> {
        let departments = tag.departments.iter().copied();
        let departments: Vec<i64> = departments.filter(|&id| self.sees_department(visible, id)).collect();
        let members = tag.members.iter().filter_map(|id| self.visible_member(visible, id));
        members.map(|member| member.userid.clone()).chain(self.visible_userids(&departments)).collect()
    }

    fn sees_member(&self, visible: &[i64], member: &Member) -> bool {
        member.enabled && self.is_in_range(visible, member)
    }

    /// Whether the member, enabled or not, belongs to the visible range.
    pub(super) fn is_in_range(&self, visible: &[i64], member: &Member) -> bool {
        member.departments.iter().any(|place| self.sees_department(visible, place.department))
    }
}
