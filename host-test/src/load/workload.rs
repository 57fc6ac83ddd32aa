//! What is called: a mix of actions, each write with a mark of its own.

use serde_json::{Value, json};

use crate::simulator::{Chat, Department, Member, Membership, Recorded, World, seed};

/// Every mark begins with it; the number of the call follows.
const MARK: &str = "load-";
/// The department that everything is created in.
const HOME: i64 = 900_000_000;
/// The departments that calls create and delete have this and the number of the call for an ID.
const FIRST_DEPARTMENT: i64 = 1_000_000_000;
/// How many departments, members and group chats there are to update and to read.
const POOL: u32 = 16;
/// How many chatbots take turns: each may send 20 messages a minute.
const ROBOTS: u32 = 100;

/// One action of the mix.
#[derive(Debug)]
pub struct Action {
    /// The name of the action.
    pub id: &'static str,
    /// How many of [`TOTAL`] calls are such.
    share: u32,
    parameters: fn(u32) -> Value,
}

const fn action(id: &'static str, share: u32, parameters: fn(u32) -> Value) -> Action {
    Action { id, share, parameters }
}

/// The actions that a run mixes. Left out are those whose requests have no room for a mark: files and images, which are
/// named by their media ID, and taking back a message, which is named by what WeCom calls it.
pub const MIX: &[Action] = &[
    action("push-text-message", 14, |number| json!({"to_user": to(), "content": text(number)})),
    action("push-markdown-message", 6, |number| json!({"to_user": to(), "content": text(number)})),
    action(
        "push-text-card-message",
        4,
        |number| json!({"to_user": to(), "title": mark(number), "description": "第一批", "url": URL}),
    ),
    action(
        "push-text-message-to-group-chat",
        9,
        |number| json!({"chat_id": chat_id(number % POOL), "content": text(number)}),
    ),
    action(
        "push-markdown-message-to-group-chat",
        5,
        |number| json!({"chat_id": chat_id(number % POOL), "content": text(number)}),
    ),
    action("push-text-message-by-chatbot", 8, |number| json!({"content": text(number)})),
    action("push-markdown-message-by-chatbot", 4, |number| json!({"content": text(number)})),
    action("push-image-text-message-by-chatbot", 3, |number| json!({"title": mark(number), "url": URL})),
    action(
        "create-department",
        5,
        |number| json!({"id": department_id(number), "name": mark(number), "parent_id": HOME}),
    ),
    action("update-department", 4, |number| json!({"id": HOME + pool(number), "name": mark(number)})),
    action("delete-department", 4, |number| json!({"id": department_id(number)})),
    action("create-member", 5, |number| {
        let email = format!("{}@example.com", mark(number));
        json!({"user_id": mark(number), "name": "新同事", "department": [HOME], "email": email})
    }),
    action("update-member", 4, |number| json!({"user_id": user_id(number % POOL), "position": mark(number)})),
    action("delete-member", 4, |number| json!({"user_id": mark(number)})),
    action("create-group-chat", 4, |number| json!({"name": mark(number), "user_list": to()})),
    action("update-group-chat", 4, |number| json!({"chat_id": chat_id(number % POOL), "name": mark(number)})),
    action("list-department-ids", 4, |number| json!({"id": HOME + pool(number)})),
    action("list-member-ids", 3, |_| json!({"limit": 10_000})),
    action("get-group-chat", 6, |number| json!({"chat_id": chat_id(number % POOL)})),
];

/// The pushes of a run with the duplicate check.
pub const CHECKED: &[Action] = &[
    action("push-text-message", 40, |number| checked(json!({"content": text(number)}))),
    action("push-markdown-message", 20, |number| checked(json!({"content": text(number)}))),
    action("push-text-card-message", 15, |number| {
        checked(json!({"title": mark(number), "description": "第一批", "url": URL}))
    }),
    action("push-news-message", 15, |number| checked(json!({"articles": [{"title": mark(number), "url": URL}]}))),
    action("push-mini-program-notice", 10, |number| {
        checked(json!({"app_id": seed::MINI_PROGRAM_ID, "title": mark(number)}))
    }),
];

/// A push that WeCom is asked not to deliver twice.
fn checked(mut push: Value) -> Value {
    push["to_user"] = json!(to());
    push["duplicate_check_interval"] = 1800.into();
    push
}

/// The sum of the shares.
const TOTAL: u32 = 100;
const URL: &str = "https://example.com/";

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    /// Its number, from 0.
    pub number: u32,
    /// What is called.
    pub about: &'static Action,
    /// Its place among the actions of the run.
    pub action: u8,
    /// The parameters as JSON.
    pub parameters: Value,
}

impl Call {
    /// The call of that number: the same seed makes the same call, whatever went before.
    pub(crate) fn new(mix: &'static [Action], seed: u64, number: u32) -> Self {
        let mut lot = u32::try_from(hash(seed ^ hash(number.into())) % u64::from(TOTAL)).unwrap_or_default();
        let mut place = 0;
        while let Some(action) = mix.get(usize::from(place)).filter(|action| lot >= action.share) {
            lot -= action.share;
            place += 1;
        }
        let about = &mix[usize::from(place)];
        Self { number, about, action: place, parameters: (about.parameters)(number) }
    }

    /// Whether the call is made by a new instance, or by one that is kept.
    pub(crate) fn is_fresh(&self) -> bool {
        is_fresh(self.number)
    }

    /// Whether the call is made by the action's own function, or by `invoke`.
    pub(crate) fn is_typed(&self) -> bool {
        (self.number / 2).is_multiple_of(2)
    }

    /// The key of the chatbot that sends, where it is one.
    pub(crate) fn robot(&self) -> String {
        robot(self.number % ROBOTS)
    }

    /// Whether an output of this action can be the answer to this call.
    pub(crate) fn fits(&self, output: &Value) -> bool {
        let same = |key| output.get(key).is_some_and(|value| *value == self.parameters[key]);
        match self.about.id {
            "create-department" => same("id"),
            "get-group-chat" => same("chat_id"),
            "list-department-ids" => output["department_id"]
                .as_array()
                .is_some_and(|rows| rows.iter().any(|row| row["id"] == self.parameters["id"])),
            _ => true,
        }
    }

    /// Puts into the world what the call needs.
    pub(crate) fn prepare(&self, world: &mut World) {
        match self.about.id {
            // Twenty messages a minute and chatbot are permitted; this many and more have passed since its last turn.
            id if id.ends_with("-by-chatbot") => world.advance(std::time::Duration::from_secs(3)),
            // Tokens expire, and what WeCom remembers does.
            _ if self.parameters.get("duplicate_check_interval").is_some() => {
                world.advance(std::time::Duration::from_millis(100));
            }
            "delete-department" => add_department(world, department_id(self.number), &format!("old {}", self.number)),
            "delete-member" => add_member(world, &mark(self.number)),
            _ => {}
        }
    }
}

/// Whether the call of that number is made by a new instance.
pub fn is_fresh(number: u32) -> bool {
    number.is_multiple_of(2)
}

/// The world that a run begins with: something to update and to read, and chatbots.
pub(crate) fn seed_world(world: &mut World) {
    add_department(world, HOME, "load");
    for index in 0..POOL {
        add_department(world, HOME + 1 + i64::from(index), &format!("pool {index}"));
        add_member(world, &user_id(index));
        let chat = Chat {
            chatid: chat_id(index),
            name: String::new(),
            owner: seed::ZHANGSAN.into(),
            userlist: vec![seed::ZHANGSAN.into(), seed::LISI.into()],
            agent_id: seed::AGENT_ID,
        };
        world.corp_mut(seed::CORP_ID).chats.insert(chat.chatid.clone(), chat);
    }
    (0..ROBOTS).for_each(|index| world.add_robot(&robot(index)));
}

/// Takes out of the world what the call has made or left, so that the world does not grow.
pub(crate) fn cleanup(world: &mut World, number: u32) {
    let corp = world.corp_mut(seed::CORP_ID);
    corp.departments.remove(&department_id(number));
    corp.members.remove(&mark(number));
}

/// Takes out of the world a group chat that a call has made.
pub(crate) fn cleanup_chat(world: &mut World, reply: &[u8]) {
    let reply: Value = serde_json::from_slice(reply).unwrap_or_default();
    if let Some(chat_id) = reply["chatid"].as_str() {
        world.corp_mut(seed::CORP_ID).chats.remove(chat_id);
    }
}

/// The number of the call that a request belongs to.
pub(crate) fn number_of(request: &Recorded) -> Option<u32> {
    if request.path.ends_with("/department/delete") {
        let id = request.pairs.iter().find(|(name, _)| name == "id")?.1.parse::<i64>().ok()?;
        return u32::try_from(id - FIRST_DEPARTMENT).ok();
    }
    number_in(&request.body).or_else(|| number_in(request.query.as_bytes()))
}

/// The number in the first mark of a text.
pub(crate) fn number_in(text: &[u8]) -> Option<u32> {
    let at = text.windows(MARK.len()).position(|window| window == MARK.as_bytes())? + MARK.len();
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[at..at + digits]).ok()?.parse().ok()
}

fn add_department(world: &mut World, id: i64, name: &str) {
    let parentid = if id == HOME { seed::ROOT_DEPARTMENT_ID } else { HOME };
    let department = Department { id, name: name.into(), name_en: None, parentid, order: 0 };
    world.corp_mut(seed::CORP_ID).departments.insert(id, department);
}

fn add_member(world: &mut World, userid: &str) {
    let member = Member {
        main_department: HOME,
        departments: vec![Membership { department: HOME, order: 0, leader: false }],
        ..Member::new(userid, "同事")
    };
    world.add_member(seed::CORP_ID, member);
}

fn mark(number: u32) -> String {
    format!("{MARK}{number}")
}

fn text(number: u32) -> String {
    format!("{} 部署完成，请验收。", mark(number))
}

fn to() -> [&'static str; 2] {
    [seed::ZHANGSAN, seed::LISI]
}

fn department_id(number: u32) -> i64 {
    FIRST_DEPARTMENT + i64::from(number)
}

fn pool(number: u32) -> i64 {
    i64::from(1 + number % POOL)
}

fn user_id(index: u32) -> String {
    format!("pool{index}")
}

fn chat_id(index: u32) -> String {
    format!("pool{index}")
}

fn robot(index: u32) -> String {
    format!("51a00000-0000-4000-8000-1000000{index:05}")
}

/// A number whose bits have nothing to do with those of the one before.
fn hash(number: u64) -> u64 {
    fastrand::Rng::with_seed(number).u64(..)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wecom_connector::actions;

    use super::*;

    #[test]
    fn the_shares_add_up_and_every_action_exists() {
        for mix in [MIX, CHECKED] {
            assert_eq!(mix.iter().map(|action| action.share).sum::<u32>(), TOTAL);
            for action in mix {
                assert!(actions::IDS.contains(&action.id), "{}", action.id);
            }
        }
    }

    #[test]
    fn every_share_is_kept_and_the_seed_decides() {
        let mut counts = BTreeMap::new();
        for number in 0..10_000 {
            let call = Call::new(MIX, 7, number);
            assert_eq!(call.action, Call::new(MIX, 7, number).action);
            *counts.entry(call.action).or_insert(0) += 1;
        }
        for (place, action) in (0..).zip(MIX) {
            let (count, expected) = (counts[&place], action.share * 100);
            assert!(count > expected * 7 / 10 && count < expected * 13 / 10, "{}: {count}", action.id);
        }
        assert!((0..100).any(|number| Call::new(MIX, 7, number).action != Call::new(MIX, 8, number).action));
    }

    #[test]
    fn the_mark_of_every_write_is_found() {
        for number in [0, 7, 9_999_999] {
            for action in MIX.iter().chain(CHECKED) {
                let parameters = (action.parameters)(number).to_string();
                let reads = actions::ABOUT
                    .iter()
                    .any(|about| about.id == action.id && about.effect == wecom_connector::about::Effect::Read);
                let by_id = action.id == "delete-department";
                assert_eq!(number_in(parameters.as_bytes()).is_some(), !reads && !by_id, "{parameters}");
                assert!(number_in(parameters.as_bytes()).is_none_or(|found| found == number), "{parameters}");
            }
        }
        assert_eq!(number_in(b"access_token=x&userid=load-12&y=load-13"), Some(12));
        assert_eq!(number_in(b"load-"), None);
        assert_eq!(number_in(b"loa"), None);
    }

    #[test]
    fn half_of_the_calls_have_an_instance_of_their_own_and_half_are_typed() {
        let calls: Vec<_> = (0..4).map(|number| Call::new(MIX, 1, number)).collect();
        let ways: Vec<_> = calls.iter().map(|call| (call.is_fresh(), call.is_typed())).collect();
        assert_eq!(ways, [(true, true), (false, true), (true, false), (false, false)]);
    }
}
