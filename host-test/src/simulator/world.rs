//! The state of a small WeCom, and what a test may do to it. How it answers is in `endpoints`.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::callback::Callbacks;
use super::chatbot::{Robot, Standing};
use super::clock::Clock;
use super::corp::{App, Chat, Corp, Department, Member, Share};
use super::duplicates::Duplicates;
use super::frequency::Frequency;
use super::ids::Ids;
use super::ledger::Message;
use super::media::{MediaKind, MediaOwner};
use super::options::Options;
use super::seed;
use super::token::Tokens;

/// A small WeCom: corps, robots, tokens, and everything that was sent.
///
/// Begins as [`seed`] says. Time is virtual: it begins at 0, follows the real clock in a
/// [`Simulator`](super::Simulator), and [`World::advance`] skips ahead.
#[derive(Debug)]
pub struct World {
    pub(super) options: Options,
    pub(super) clock: Clock,
    pub(super) corps: BTreeMap<String, Corp>,
    pub(super) robots: BTreeMap<String, Robot>,
    pub(super) tokens: Tokens,
    pub(super) ip_trusted: bool,
    /// What [`World::fail_next`] has queued.
    pub(super) failures: VecDeque<(i64, String)>,
    pub(super) ledger: Vec<Message>,
    pub(super) duplicates: Duplicates,
    pub(super) frequency: Frequency,
    pub(super) ids: Ids,
    pub(super) callbacks: Callbacks,
    /// How many calls were refused so far.
    pub(super) refusals: u64,
}

impl World {
    /// A world with the seed in it.
    pub fn new(options: Options) -> Self {
        let mut world = Self {
            options,
            clock: Clock::default(),
            corps: seed::corps(),
            robots: BTreeMap::new(),
            tokens: Tokens::default(),
            ip_trusted: true,
            failures: VecDeque::new(),
            ledger: Vec::new(),
            duplicates: Duplicates::default(),
            frequency: Frequency::default(),
            ids: Ids::default(),
            callbacks: Callbacks::default(),
            refusals: 0,
        };
        world.add_robot(seed::ROBOT_KEY);
        world.add_robot(seed::OTHER_ROBOT_KEY);
        let media = &mut world.robot_mut(seed::ROBOT_KEY).media;
        media.put(seed::ROBOT_FILE_MEDIA_ID.into(), MediaKind::File, Duration::ZERO);
        media.put(seed::ROBOT_VOICE_MEDIA_ID.into(), MediaKind::Voice, Duration::ZERO);
        world
    }

    /// The virtual time since the world began.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Skips ahead: tokens and media expire, windows pass.
    pub fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
    }

    /// Tells the world how much real time has passed since it began.
    pub(super) fn follow(&mut self, elapsed: Duration) {
        self.clock.follow(elapsed);
    }

    /// Withdraws every token issued so far: calls with them answer 40014.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke();
    }

    /// Lets every token issued so far expire: calls with them answer 42001.
    pub fn expire_tokens(&mut self) {
        self.tokens.expire(self.now());
    }

    /// Forgets the tokens that expired at least so long ago: calls with them answer 40014, as with any that never
    /// were.
    pub fn forget_tokens_expired_for(&mut self, age: Duration) {
        self.tokens.forget(self.now().saturating_sub(age));
    }

    /// The next `count` tokens are issued, and answer 40014 as soon as they are used.
    pub fn set_next_tokens_refused(&mut self, count: u64) {
        self.tokens.refuse_next = count;
    }

    /// Whether the caller's address is on the list of trusted IPs. While it is not, every call with a good token
    /// answers 60020; `gettoken` and robots still work.
    pub fn trust_ip(&mut self, trusted: bool) {
        self.ip_trusted = trusted;
    }

    /// The next business call whose token or robot key is good answers this failure instead of being done.
    /// Several queue up. `errmsg` is what comes before `, hint: […]`.
    pub fn fail_next(&mut self, errcode: i64, errmsg: impl Into<String>) {
        self.failures.push_back((errcode, errmsg.into()));
    }

    /// Stops a robot in its group: 93004.
    ///
    /// # Panics
    ///
    /// Where there is no such robot.
    pub fn stop_robot(&mut self, key: &str) {
        self.robot_mut(key).standing = Standing::Stopped;
    }

    /// Removes a robot from its group: 93008. (A key that never existed is 93000.)
    ///
    /// # Panics
    ///
    /// Where there is no such robot.
    pub fn remove_robot(&mut self, key: &str) {
        self.robot_mut(key).standing = Standing::Removed;
    }

    /// Adds a corp of two departments, the root and [`seed::UNASSIGNED_DEPARTMENT_ID`].
    pub fn add_corp(&mut self, corp_id: &str, contacts_secret: &str) {
        self.corps.insert(corp_id.into(), Corp::new(contacts_secret));
    }

    /// Adds an app to a corp.
    ///
    /// # Panics
    ///
    /// Where there is no such corp.
    pub fn add_app(&mut self, corp_id: &str, app: App) {
        self.corp_mut(corp_id).apps.push(app);
    }

    /// Shares an app with another corp.
    ///
    /// # Panics
    ///
    /// Where there is no such corp.
    pub fn share_app(&mut self, corp_id: &str, share: Share) {
        let shares = &mut self.corp_mut(corp_id).shares;
        shares.push(share);
        shares.sort_by(|one, other| one.corp_id.cmp(&other.corp_id));
    }

    /// Adds a member as it is, unchecked, in place of the one of that user id.
    ///
    /// # Panics
    ///
    /// Where there is no such corp.
    pub fn add_member(&mut self, corp_id: &str, member: Member) {
        self.corp_mut(corp_id).add_member(member);
    }

    /// Adds a robot, in a group of its own.
    pub fn add_robot(&mut self, key: &str) {
        self.robots.insert(key.into(), Robot::default());
    }

    /// Adds a medium as if it had just been uploaded, and returns its id.
    ///
    /// # Panics
    ///
    /// Where there is no such corp or robot.
    pub fn add_media(&mut self, kind: MediaKind, owner: MediaOwner) -> String {
        let now = self.now();
        let media_id = self.ids.identifier("MEDIA");
        let media = match owner {
            MediaOwner::Corp(corp_id) => &mut self.corp_mut(corp_id).media,
            MediaOwner::Robot(key) => &mut self.robot_mut(key).media,
        };
        media.put(media_id.clone(), kind, now);
        media_id
    }

    /// How many tokens `gettoken` has issued, without those that were forgotten.
    pub fn tokens_issued(&self) -> usize {
        self.tokens.count()
    }

    /// Every accepted message, of all corps and robots, in order.
    pub fn messages(&self) -> &[Message] {
        &self.ledger
    }

    /// The same, and forgets them: they cannot be recalled any more.
    pub fn take_messages(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.ledger)
    }

    /// A corp by its id.
    pub fn corp(&self, corp_id: &str) -> Option<&Corp> {
        self.corps.get(corp_id)
    }

    /// A corp by its id, to change it unchecked.
    ///
    /// # Panics
    ///
    /// Where there is no such corp.
    pub fn corp_mut(&mut self, corp_id: &str) -> &mut Corp {
        let corp = self.corps.get_mut(corp_id);
        corp.unwrap_or_else(|| panic!("no corp {corp_id} in the simulator"))
    }

    /// The departments of [`seed::CORP_ID`] by id.
    pub fn departments(&self) -> &BTreeMap<i64, Department> {
        &self.corps[seed::CORP_ID].departments
    }

    /// The members of [`seed::CORP_ID`] by user id in lower case.
    pub fn members(&self) -> &BTreeMap<String, Member> {
        &self.corps[seed::CORP_ID].members
    }

    /// The group chats of [`seed::CORP_ID`] by chat id.
    pub fn chats(&self) -> &BTreeMap<String, Chat> {
        &self.corps[seed::CORP_ID].chats
    }

    fn robot_mut(&mut self, key: &str) -> &mut Robot {
        let robot = self.robots.get_mut(key);
        robot.unwrap_or_else(|| panic!("no robot {key} in the simulator"))
    }
}
