//! The rules of the tables, each at its edge: what breaks one is refused by the schema and by the connector, at the
//! same place and before anything is sent; what just keeps it is accepted by both.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use host_test::simulator::seed;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use wecom_connector::parameter::rules::Rule;
use wecom_connector::parameter::{Field, Kind};

use crate::harness::{
    Action, Answer, Bench, Caller, Error, LIMITS, actions, input_schema, least, required, runtime, sample,
};

// ------------------------------------------------------------------------------------------------- the examples

/// What the schema says of an example that the connector refuses or accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Schema {
    /// The same as the connector.
    Agrees,
    /// The opposite, for this reason.
    Differs(&'static str),
}
use Schema::{Agrees, Differs};

/// Why a schema lets something pass that the connector refuses.
const BYTES: Schema = Differs("JSON Schema counts characters, not bytes");
const COUNTS: Schema = Differs("JSON Schema cannot compare the lengths of two lists");
const CLEARED: Schema = Differs("JSON Schema trims nothing");
const EMPTIES: Schema = Differs("JSON Schema counts empty entries, which are dropped");
const DIGEST: Schema = Differs("JSON Schema computes no digests, and does not decode Base64");

/// Why a schema refuses something that the connector accepts: forms that flow editors send, and forms do not.
const DELIMITED: Schema = Differs("a list as one text is for engines that have only texts");
const UNSET: Schema = Differs("an empty value of another type, or null, stands for a parameter that is left out");
const NEIGHBOUR: Schema = Differs("a value of the neighbouring type is for templates, which have only texts");
const TIDIED: Schema = Differs("what copying adds to a value is for people, and a form shows it");

/// Stands in an example for a parameter that is not there.
const ABSENT: &str = "\u{1}absent";

/// Parameters that break one rule.
struct Bad {
    action: &'static str,
    parameters: Value,
    /// JSON pointer of the fault.
    pointer: &'static str,
    /// What the message must contain.
    words: &'static str,
    schema: Schema,
}

/// Parameters that keep all rules, just so.
struct Good {
    action: &'static str,
    parameters: Value,
    schema: Schema,
}

/// An image for the chatbot, with its digest.
fn image(bytes: &[u8]) -> Value {
    use md5::{Digest as _, Md5};
    let digest: String = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"base64": STANDARD.encode(bytes), "md5": digest})
}

/// [`least`], with `changes` on top; what is [`ABSENT`] is taken out.
fn with(action: &str, changes: &Value) -> Value {
    let mut parameters = least(action);
    let fields = parameters.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if *value == ABSENT {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    parameters
}

#[expect(clippy::needless_pass_by_value, reason = "examples are written in place")]
fn bad(action: &'static str, changes: Value, pointer: &'static str, words: &'static str, schema: Schema) -> Bad {
    Bad { action, parameters: with(action, &changes), pointer, words, schema }
}

#[expect(clippy::needless_pass_by_value, reason = "examples are written in place")]
fn good(action: &'static str, changes: Value, schema: Schema) -> Good {
    Good { action, parameters: with(action, &changes), schema }
}

/// A text of that many characters.
fn long(characters: usize) -> String {
    "长".repeat(characters)
}

/// A list of that many IDs.
fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("user{number}")).collect()
}

/// A list of that many numbers.
fn numbers(count: usize) -> Vec<usize> {
    (1..=count).collect()
}

/// The actions that hold so: those that send to members, that have Confidentiality, and so on.
fn those(holds: impl Fn(&Action) -> bool) -> impl Iterator<Item = &'static str> {
    actions().iter().filter(move |action| holds(action)).map(|action| action.id)
}

fn has(parameter: &'static str) -> impl Fn(&Action) -> bool {
    move |action| action.has(parameter)
}

/// Whether it sends to members, departments and tags of the enterprise.
fn to_members(action: &Action) -> bool {
    action.parameters.iter().any(|(name, ty)| *name == "to_party" && ty == "option<list<u32>>")
}

/// Whether Confidentiality may be 2, for articles that stay inside the enterprise. To linked enterprises none does.
fn keeps_inside(action: &str) -> bool {
    action.contains("image-text") && !action.ends_with("-to-linked-corps")
}

/// The action of that name.
fn named(id: &str) -> &'static Action {
    actions().iter().find(|action| action.id == id).unwrap()
}

// ------------------------------------------------------------------------------------------ the rules, by table

const NOT_EMPTY: &str = "must not be empty";
/// Every number that the wire's type has room for.
const GREATEST_DEPARTMENT_ID: u32 = u32::MAX;

fn department_rules() -> Vec<Bad> {
    let mut examples = vec![
        bad("list-department-ids", json!({"id": 0}), "/id", "must be 1 or more", Agrees),
        bad("list-department-ids", json!({"id": 4_294_967_296_u64}), "/id", "4294967295, not 4294967296", Agrees),
        bad("list-departments", json!({"id": 0}), "/id", "must be 1 or more", Agrees),
        bad("create-department", json!({"name": ABSENT}), "/name", "is required", Agrees),
        bad("create-department", json!({"name": ""}), "/name", NOT_EMPTY, Agrees),
        bad("create-department", json!({"name": long(33)}), "/name", "at most 32 characters", Agrees),
        bad("create-department", json!({"name_en": long(65)}), "/name_en", "at most 64 characters", Agrees),
        bad("create-department", json!({"parent_id": ABSENT}), "/parent_id", "is required", Agrees),
        bad("create-department", json!({"parent_id": 0}), "/parent_id", "must be 1 or more", Agrees),
        bad(
            "create-department",
            json!({"parent_id": 4_294_967_296_u64}),
            "/parent_id",
            "4294967295, not 4294967296",
            Agrees,
        ),
        bad("create-department", json!({"order": 4_294_967_296_u64}), "/order", "from 0 to 4294967295", Agrees),
        bad("create-department", json!({"order": -1}), "/order", "from 0 to 4294967295", Agrees),
        bad("create-department", json!({"id": 0}), "/id", "must be 2 or more", Agrees),
        bad("create-department", json!({"id": 1}), "/id", "must be 2 or more", Agrees),
        bad("create-department", json!({"id": 4_294_967_296_u64}), "/id", "4294967295, not 4294967296", Agrees),
        bad("update-department", json!({"id": ABSENT}), "/id", "is required", Agrees),
        bad("update-department", json!({"id": 0}), "/id", "must be 1 or more", Agrees),
        bad("update-department", json!({"id": 4_294_967_296_u64}), "/id", "4294967295, not 4294967296", Agrees),
        bad("update-department", json!({"name": long(33)}), "/name", "at most 32 characters", Agrees),
        bad("update-department", json!({"name_en": long(65)}), "/name_en", "at most 64 characters", Agrees),
        bad("update-department", json!({"parent_id": 0}), "/parent_id", "must be 1 or more", Agrees),
        bad(
            "update-department",
            json!({"parent_id": 4_294_967_296_u64}),
            "/parent_id",
            "4294967295, not 4294967296",
            Agrees,
        ),
        bad("update-department", json!({"order": 4_294_967_296_u64}), "/order", "from 0 to 4294967295", Agrees),
        bad("update-department", json!({"order": -1}), "/order", "from 0 to 4294967295", Agrees),
        bad("update-department", json!({"name": ""}), "/name", "cannot be cleared", Agrees),
        bad("update-department", json!({"parent_id": ""}), "/parent_id", "cannot be cleared", Agrees),
        bad("update-department", json!({"order": []}), "/order", "cannot be cleared", Agrees),
        bad("delete-department", json!({"id": ABSENT}), "/id", "is required", Agrees),
        bad("delete-department", json!({"id": 0}), "/id", "must be 1 or more", Agrees),
        bad("delete-department", json!({"id": 4_294_967_296_u64}), "/id", "4294967295, not 4294967296", Agrees),
    ];
    for character in "*?\"<>|:".chars() {
        for action in ["create-department", "update-department"] {
            for (name, pointer) in [("name", "/name"), ("name_en", "/name_en")] {
                let changes = json!({name: format!("R{character}D")});
                examples.push(bad(action, changes, pointer, "* ? \" < > | :", Agrees));
            }
        }
    }
    examples
}

fn member_rules() -> Vec<Bad> {
    const ENTRY_FOR_EACH: &str = "must have one entry for each of the";
    let mut examples = vec![
        bad("list-member-ids", json!({"limit": 0}), "/limit", "must be 1 or more", Agrees),
        bad("list-member-ids", json!({"limit": 10_001}), "/limit", "must be 10000 or less", Agrees),
        bad("get-member", json!({"user_id": ""}), "/user_id", NOT_EMPTY, Agrees),
        bad("get-member-id-by-mobile", json!({"mobile": " "}), "/mobile", "at least 5 characters", Agrees),
        bad("get-member-id-by-mobile", json!({"mobile": "1234"}), "/mobile", "at least 5 characters", Agrees),
        bad("get-member-id-by-mobile", json!({"mobile": "1".repeat(33)}), "/mobile", "at most 32 characters", Agrees),
        bad("get-member-id-by-email", json!({"email": "zhangsan"}), "/email", "an email address", Agrees),
        bad("get-member-id-by-email", json!({"email_type": 3}), "/email_type", "must be 2 or less", Agrees),
        bad("list-members", json!({"department_id": 0}), "/department_id", "must be 1 or more", Agrees),
        bad("list-member-details", json!({"department_id": 0}), "/department_id", "must be 1 or more", Agrees),
        bad("delete-members", json!({"user_id_list": []}), "/user_id_list", "1 to 200 entries", Agrees),
        bad("delete-members", json!({"user_id_list": ids(201)}), "/user_id_list", "1 to 200 entries", Agrees),
        bad("delete-members", json!({"user_id_list": ["a", "", "b\u{200b}c"]}), "/user_id_list/2", "U+200B", Agrees),
        bad("invite-members", json!({"user": ABSENT}), "/user", "neither `party` nor `tag`", Agrees),
        bad(
            "invite-members",
            json!({"user": [], "party": [], "tag": null}),
            "/user",
            "neither `party` nor `tag`",
            Agrees,
        ),
        bad("invite-members", json!({"user": ids(1001)}), "/user", "at most 1000 entries", Agrees),
        bad("invite-members", json!({"party": numbers(101)}), "/party", "at most 100 entries", Agrees),
        bad("invite-members", json!({"party": [0]}), "/party/0", "must be 1 or more", Agrees),
        bad("invite-members", json!({"tag": numbers(101)}), "/tag", "at most 100 entries", Agrees),
        bad("create-member", json!({"user_id": ABSENT}), "/user_id", "is required", Agrees),
        bad("create-member", json!({"user_id": ""}), "/user_id", NOT_EMPTY, Agrees),
        bad("create-member", json!({"user_id": "a".repeat(65)}), "/user_id", "at most 64 characters", Agrees),
        bad("create-member", json!({"user_id": "_a"}), "/user_id", "start with a digit or a letter", Agrees),
        bad("create-member", json!({"user_id": "@all"}), "/user_id", "start with a digit or a letter", Agrees),
        bad("create-member", json!({"user_id": ".a"}), "/user_id", "start with a digit or a letter", Agrees),
        bad("create-member", json!({"user_id": "a b"}), "/user_id", "only digits, letters", Agrees),
        bad("create-member", json!({"user_id": "a|b"}), "/user_id", "only digits, letters", Agrees),
        bad("create-member", json!({"user_id": "张三"}), "/user_id", "only digits, letters", Agrees),
        bad("create-member", json!({"name": ABSENT}), "/name", "is required", Agrees),
        bad("create-member", json!({"name": ""}), "/name", NOT_EMPTY, Agrees),
        // One of the two must be there: the fault is at the one that the table names first.
        bad("create-member", json!({"mobile": ABSENT}), "/mobile", "is required where `email` is left out", Agrees),
        bad("create-member", json!({"mobile": "", "email": ""}), "/mobile", "one of the two, or both", Agrees),
        bad("create-member", json!({"email": "a@b.c"}), "/email", "must have 6 to 64 bytes", BYTES),
        bad("update-member", json!({"user_id": ABSENT}), "/user_id", "is required", Agrees),
        bad("update-member", json!({"user_id": ""}), "/user_id", NOT_EMPTY, Agrees),
        bad("update-member", json!({"name": " "}), "/name", "cannot be cleared", CLEARED),
        bad("update-member", json!({"mobile": ""}), "/mobile", "cannot be cleared", Agrees),
        bad("update-member", json!({"email": ""}), "/email", "cannot be cleared", Agrees),
        bad("update-member", json!({"biz_mail": ""}), "/biz_mail", "cannot be cleared", Agrees),
        bad("update-member", json!({"gender": ""}), "/gender", "cannot be cleared", Agrees),
        bad("update-member", json!({"department": []}), "/department", "cannot be cleared", Agrees),
        bad("update-member", json!({"department": [""]}), "/department", "cannot be cleared", Agrees),
        bad("delete-member", json!({"user_id": ABSENT}), "/user_id", "is required", Agrees),
        bad("delete-member", json!({"user_id": ""}), "/user_id", NOT_EMPTY, Agrees),
    ];
    // What Tables 6 and 7 have in common.
    for action in ["create-member", "update-member"] {
        let both = [
            bad(action, json!({"name": long(65)}), "/name", "at most 64 characters", Agrees),
            bad(action, json!({"alias": long(65)}), "/alias", "at most 64 characters", Agrees),
            bad(action, json!({"gender": 0}), "/gender", "must be 1 or more", Agrees),
            bad(action, json!({"gender": 3}), "/gender", "must be 2 or less", Agrees),
            bad(action, json!({"enable": 2}), "/enable", "must be 1 or less", Agrees),
            bad(action, json!({"main_department": 0}), "/main_department", "must be 1 or more", Agrees),
            bad(
                action,
                json!({"main_department": 4_294_967_296_u64}),
                "/main_department",
                "4294967295, not 4294967296",
                Agrees,
            ),
            bad(action, json!({"position": long(129)}), "/position", "at most 128 characters", Agrees),
            bad(action, json!({"address": long(129)}), "/address", "at most 128 characters", Agrees),
            bad(action, json!({"department": numbers(101)}), "/department", "at most 100 entries", Agrees),
            bad(action, json!({"department": [1, 0]}), "/department/1", "must be 1 or more", Agrees),
            bad(
                action,
                json!({"department": [4_294_967_296_u64]}),
                "/department/0",
                "4294967295, not 4294967296",
                Agrees,
            ),
            // As many as departments: too few, too many, and with no departments at all.
            bad(action, json!({"department": [1, 2], "order": [1]}), "/order", ENTRY_FOR_EACH, COUNTS),
            bad(action, json!({"department": [1], "order": [1, 2]}), "/order", ENTRY_FOR_EACH, COUNTS),
            bad(action, json!({"order": [1]}), "/order", "only together with `department`", Agrees),
            bad(
                action,
                json!({"department": [1], "order": [4_294_967_296_u64]}),
                "/order/0",
                "from 0 to 4294967295",
                Agrees,
            ),
            bad(action, json!({"department": [1], "order": [-1]}), "/order/0", "from 0 to 4294967295", Agrees),
            bad(
                action,
                json!({"department": [1, 2], "is_leader_in_dept": [1]}),
                "/is_leader_in_dept",
                ENTRY_FOR_EACH,
                COUNTS,
            ),
            bad(
                action,
                json!({"is_leader_in_dept": [0]}),
                "/is_leader_in_dept",
                "only together with `department`",
                Agrees,
            ),
            bad(
                action,
                json!({"department": [1], "is_leader_in_dept": [2]}),
                "/is_leader_in_dept/0",
                "must be 1 or less",
                Agrees,
            ),
            bad(
                action,
                json!({"department": [1], "is_leader_in_dept": [{}]}),
                "/is_leader_in_dept/0",
                "must be a whole number from 0 to 1, not an object",
                Agrees,
            ),
            bad(action, json!({"direct_leader": ids(6)}), "/direct_leader", "at most 5 entries", Agrees),
            bad(action, json!({"telephone": "020 123456"}), "/telephone", "only digits, hyphens", Agrees),
            bad(action, json!({"telephone": "020/123456"}), "/telephone", "only digits, hyphens", Agrees),
            bad(action, json!({"email": "zhangsan"}), "/email", "must be an email address", Agrees),
            bad(action, json!({"email": "@example.com"}), "/email", "must be an email address", Agrees),
            bad(action, json!({"email": "zhangsan@"}), "/email", "must be an email address", Agrees),
            bad(action, json!({"email": "a@b@example.com"}), "/email", "must be an email address", Agrees),
            bad(action, json!({"email": "zhang san@example.com"}), "/email", "must be an email address", Agrees),
            bad(action, json!({"biz_mail": "zhangsan"}), "/biz_mail", "must be an email address", Agrees),
            bad(action, json!({"biz_mail": "a@b.c"}), "/biz_mail", "must have 6 to 64 bytes", BYTES),
        ];
        examples.extend(both);
    }
    examples
}

fn group_chat_rules() -> Vec<Bad> {
    vec![
        bad("get-group-chat", json!({"chat_id": ABSENT}), "/chat_id", "is required", Agrees),
        bad("get-group-chat", json!({"chat_id": ""}), "/chat_id", NOT_EMPTY, Agrees),
        bad("create-group-chat", json!({"user_list": ABSENT}), "/user_list", "is required", Agrees),
        bad("create-group-chat", json!({"user_list": []}), "/user_list", "must have 2 to 2000 entries", Agrees),
        bad("create-group-chat", json!({"user_list": ids(1)}), "/user_list", "must have 2 to 2000 entries", Agrees),
        bad("create-group-chat", json!({"user_list": ids(2001)}), "/user_list", "must have 2 to 2000 entries", Agrees),
        bad(
            "create-group-chat",
            json!({"user_list": ["lisi", ""]}),
            "/user_list",
            "2 to 2000 entries, and has 1",
            EMPTIES,
        ),
        bad("create-group-chat", json!({"chat_id": "a".repeat(33)}), "/chat_id", "at most 32 characters", Agrees),
        bad("create-group-chat", json!({"chat_id": "a-b"}), "/chat_id", "only digits and letters", Agrees),
        bad("create-group-chat", json!({"chat_id": "a_b"}), "/chat_id", "only digits and letters", Agrees),
        bad("create-group-chat", json!({"chat_id": "群聊"}), "/chat_id", "only digits and letters", Agrees),
        bad("update-group-chat", json!({"name": ""}), "/name", "cannot be cleared", Agrees),
        bad("update-group-chat", json!({"owner": ""}), "/owner", "cannot be cleared", Agrees),
        bad("update-group-chat", json!({"chat_id": ABSENT}), "/chat_id", "is required", Agrees),
        bad("update-group-chat", json!({"chat_id": ""}), "/chat_id", NOT_EMPTY, Agrees),
    ]
}

/// A message that does not go to everyone.
const NOTICE: &str = "push-mini-program-notice";

fn message_rules() -> Vec<Bad> {
    const LINK: &str = "must start with http:// or https://";
    let mut examples = vec![
        bad("withdraw-message", json!({"msg_id": ABSENT}), "/msg_id", "is required", Agrees),
        bad("withdraw-message", json!({"msg_id": ""}), "/msg_id", NOT_EMPTY, Agrees),
        bad("get-application", json!({"agent_id": 0}), "/agent_id", "must be 1 or more", Agrees),
        bad("list-customer-ids", json!({"user_id": ""}), "/user_id", NOT_EMPTY, Agrees),
        bad("get-customer", json!({"external_user_id": ""}), "/external_user_id", NOT_EMPTY, Agrees),
        bad("list-customers", json!({"user_id_list": []}), "/user_id_list", "must have 1 to 100", Agrees),
        bad("list-customers", json!({"user_id_list": ids(101)}), "/user_id_list", "100 entries, and has 101", Agrees),
        bad("list-customers", json!({"limit": 101}), "/limit", "must be 100 or less", Agrees),
        bad("list-customer-group-chats", json!({"limit": ABSENT}), "/limit", "is required", Agrees),
        bad("list-customer-group-chats", json!({"limit": 1001}), "/limit", "must be 1000 or less", Agrees),
        bad("list-customer-group-chats", json!({"status_filter": 4}), "/status_filter", "must be 3 or less", Agrees),
        bad(
            "list-customer-group-chats",
            json!({"owner_user_id_list": ids(101)}),
            "/owner_user_id_list",
            "at most 100 entries",
            Agrees,
        ),
        bad("get-customer-group-chat", json!({"chat_id": ""}), "/chat_id", NOT_EMPTY, Agrees),
    ];
    // The receivers of messages to members.
    for action in those(to_members) {
        let receivers = [
            bad(action, json!({"to_user": ABSENT}), "/to_user", "is required where `to_party`", Agrees),
            bad(action, json!({"to_user": []}), "/to_user", "is required where `to_party`", Agrees),
            bad(action, json!({"to_user": [], "to_party": []}), "/to_user", "is required where `to_party`", Agrees),
            bad(action, json!({"to_user": ids(1001)}), "/to_user", "at most 1000 entries, and has 1001", Agrees),
            bad(action, json!({"to_party": numbers(101)}), "/to_party", "at most 100 entries, and has 101", Agrees),
            bad(action, json!({"to_party": [1, 0]}), "/to_party/1", "must be 1 or more", Agrees),
            bad(action, json!({"to_party": "1|x"}), "/to_party/1", "must be a whole number", Agrees),
            bad(action, json!({"agent_id": 0}), "/agent_id", "must be 1 or more", Agrees),
            bad(
                action,
                json!({"agent_id": 9_007_199_254_740_992_u64}),
                "/agent_id",
                "9007199254740991 or less",
                Agrees,
            ),
            bad(action, json!({"to_user": ABSENT, "to_tag": []}), "/to_user", "`to_tag` no tag", Agrees),
            bad(action, json!({"to_tag": numbers(101)}), "/to_tag", "at most 100 entries, and has 101", Agrees),
            bad(action, json!({"to_tag": "1|x"}), "/to_tag/1", "must be a whole number", Agrees),
        ];
        examples.extend(receivers);
    }
    // The same with those of linked enterprises, whose departments are texts.
    for action in those(has("to_all")) {
        let nobody = "`to_all` name nobody";
        examples.extend([
            bad(action, json!({"to_user": ABSENT}), "/to_user", nobody, Agrees),
            bad(action, json!({"to_user": [], "to_party": [], "to_tag": [], "to_all": 0}), "/to_user", nobody, Agrees),
            bad(action, json!({"to_user": ids(1001)}), "/to_user", "at most 1000 entries, and has 1001", Agrees),
            bad(action, json!({"to_party": ids(101)}), "/to_party", "at most 100 entries, and has 101", Agrees),
            bad(action, json!({"to_tag": numbers(101)}), "/to_tag", "at most 100 entries, and has 101", Agrees),
            bad(action, json!({"to_tag": "1|x"}), "/to_tag/1", "must be a whole number", Agrees),
            bad(action, json!({"to_all": 2}), "/to_all", "must be 1 or less", Agrees),
            bad(action, json!({"agent_id": 0}), "/agent_id", "must be 1 or more", Agrees),
        ]);
    }
    for action in those(has("duplicate_check_interval")) {
        let interval = |seconds: i64, words| {
            bad(action, json!({"duplicate_check_interval": seconds}), "/duplicate_check_interval", words, Agrees)
        };
        examples.extend([
            interval(0, "must be 1 or more"),
            interval(14_401, "must be 14400 or less"),
            interval(-1, "must be a whole number"),
        ]);
    }
    for everyone in ["@all", "@ALL", "＠all"] {
        examples.push(bad(NOTICE, json!({"to_user": ["a", everyone]}), "/to_user", "must not be @all", Agrees));
    }
    for (items, pointer, words) in [
        (json!([{"key": "", "value": "v"}]), "/content_item/0/key", NOT_EMPTY),
        (json!([{"key": "k"}]), "/content_item/0/value", "is required"),
        (json!([{"key": long(11), "value": "v"}]), "/content_item/0/key", "at most 10 characters"),
        (json!([{"key": "k", "value": long(31)}]), "/content_item/0/value", "at most 30 characters"),
        (json!(vec![json!({"key": "k", "value": "v"}); 11]), "/content_item", "at most 10 entries"),
    ] {
        examples.push(bad(NOTICE, json!({"content_item": items}), pointer, words, Agrees));
    }
    examples.push(bad(NOTICE, json!({"emphasis_first_item": 2}), "/emphasis_first_item", "must be 1 or less", Agrees));
    for action in those(has("articles")) {
        let article = json!({"title": "T", "url": "https://a.cn"});
        let with_article = |changes: Value| {
            let mut article = article.clone();
            article.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            article.as_object_mut().unwrap().retain(|_, value| *value != ABSENT);
            json!({"articles": [article]})
        };
        examples.extend([
            bad(action, json!({"articles": []}), "/articles", "must have 1 to 8 entries", Agrees),
            bad(action, json!({"articles": vec![article.clone(); 9]}), "/articles", "must have 1 to 8 entries", Agrees),
            bad(action, with_article(json!({"title": ABSENT})), "/articles/0/title", "is required", Agrees),
            bad(action, with_article(json!({"title": ""})), "/articles/0/title", NOT_EMPTY, Agrees),
            bad(action, with_article(json!({"url": ABSENT})), "/articles/0/url", "is required", Agrees),
        ]);
        if !action.ends_with("-by-chatbot") {
            let picture = "a".repeat(2049);
            examples.extend([
                bad(action, with_article(json!({"url": "www.qq.com"})), "/articles/0/url", LINK, Agrees),
                bad(action, with_article(json!({"pic_url": picture})), "/articles/0/pic_url", "at most 2048", BYTES),
            ]);
        }
    }
    let opens = |changes: Value| {
        let mut article = json!({"title": "T"});
        article.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({"articles": [article]})
    };
    for (article, pointer, words) in [
        (json!({}), "/articles/0/url", "is required where `app_id`"),
        (json!({"app_id": "wx1"}), "/articles/0/page_path", "is required together with `app_id`"),
        (json!({"url": "https://a.cn", "page_path": "p"}), "/articles/0/app_id", "together with `page_path`"),
        (json!({"url": "https://a.cn", "app_id": "wx1", "page_path": ""}), "/articles/0/page_path", "`app_id`"),
    ] {
        examples.push(bad("push-news-message", opens(article), pointer, words, Agrees));
    }
    // The group chat of messages to one.
    for action in those(|action| action.about.interface.name == "group-chat-message") {
        examples.push(bad(action, json!({"chat_id": ABSENT}), "/chat_id", "is required", Agrees));
        examples.push(bad(action, json!({"chat_id": ""}), "/chat_id", NOT_EMPTY, Agrees));
    }
    // What cannot be left out.
    for parameter in ["content", "app_id", "media_id", "title", "thumb_media_id", "description", "url"] {
        let required =
            move |action: &Action| action.parameters.iter().any(|(name, ty)| *name == parameter && ty == "string");
        for action in those(required) {
            let pointer = Box::leak(format!("/{parameter}").into_boxed_str());
            examples.push(bad(action, json!({parameter: ABSENT}), pointer, "is required", Agrees));
            examples.push(bad(action, json!({parameter: ""}), pointer, NOT_EMPTY, Agrees));
        }
    }
    for action in those(has("safe")) {
        let most = if keeps_inside(action) { 2 } else { 1 };
        let words = if most == 2 { "must be 2 or less" } else { "must be 1 or less" };
        examples.push(bad(action, json!({"safe": most + 1}), "/safe", words, Agrees));
        examples.push(bad(action, json!({"safe": -1}), "/safe", "must be a whole number", Agrees));
    }
    for action in ["push-text-card-message", "push-text-card-message-to-group-chat"] {
        for url in ["www.qq.com", "ftp://example.com", "https://", "https://a b", "//a.cn"] {
            examples.push(bad(action, json!({"url": url}), "/url", LINK, Agrees));
        }
    }
    examples
}

fn chatbot_rules() -> Vec<Bad> {
    const IMAGE: &str = "push-image-message-by-chatbot";
    let other = "5d41402abc4b2a76b9719d911017c592";
    let too_large = image(&vec![7; 2 * 1024 * 1024 + 1]);
    let much_too_large = image(&vec![7; 2 * 1024 * 1024 + 3]);
    vec![
        bad(IMAGE, json!({"base64": ABSENT}), "/base64", "is required", Agrees),
        bad(IMAGE, json!({"base64": ""}), "/base64", NOT_EMPTY, Agrees),
        bad(IMAGE, json!({"base64": "not*Base64"}), "/base64", "must be Base64: A-Z a-z 0-9 + /", Agrees),
        // Without the blank, which an editor may have put there, nine letters: a number that no bytes come to.
        bad(IMAGE, json!({"base64": "not Base64"}), "/base64", "its end is missing", Agrees),
        bad(IMAGE, json!({"md5": "5d41402a"}), "/md5", "32 hexadecimal digits", Agrees),
        bad(IMAGE, json!({"md5": "g".repeat(32)}), "/md5", "32 hexadecimal digits", Agrees),
        bad(IMAGE, image(&PNG[..PNG.len() - 4]), "/base64", "must hold the whole image", DIGEST),
        bad(IMAGE, json!({"base64": STANDARD.encode(&PNG[..PNG.len() - 4])}), "/base64", "the whole image", DIGEST),
        bad(IMAGE, json!({"md5": other}), "/md5", "must be the MD5 digest of the image", DIGEST),
        bad(IMAGE, much_too_large, "/base64", "at most 2097152 bytes", Agrees),
        bad(IMAGE, too_large, "/base64", "at most 2097152 bytes", DIGEST),
    ]
}

/// The limits in bytes beyond which a text is refused, from the tables: one byte too many.
fn byte_rules() -> Vec<Bad> {
    let refused = LIMITS.iter().copied().filter(|(.., excess)| *excess == "refuse");
    let examples = refused.flat_map(|(action, parameter, _, max, _)| {
        let max = usize::try_from(max).unwrap();
        let pointer: &str = Box::leak(format!("/{parameter}").into_boxed_str());
        let words: &str = Box::leak(format!("{max} bytes in UTF-8, and has {}", max + 1).into_boxed_str());
        [false, true].into_iter().filter_map(move |chinese| {
            let text = text_of(parameter, max + 1, chinese)?;
            Some(bad(action, json!({parameter: text}), pointer, words, BYTES))
        })
    });
    examples.collect()
}

/// A text for that parameter with so many bytes, of Latin or of Chinese characters.
fn text_of(parameter: &str, bytes: usize, chinese: bool) -> Option<String> {
    let (start, end) = match parameter {
        "email" | "biz_mail" => ("", "@b.cn"),
        "url" => ("https://a.cn/", ""),
        _ => ("", ""),
    };
    let fill = bytes - start.len() - end.len();
    let filling = match (parameter, chinese) {
        ("telephone", true) => return None,
        ("telephone", false) => "5".repeat(fill),
        (_, true) => "长".repeat(fill / 3) + &"a".repeat(fill % 3),
        (_, false) => "a".repeat(fill),
    };
    let text = format!("{start}{filling}{end}");
    assert_eq!(text.len(), bytes);
    Some(text)
}

fn tag_rules() -> Vec<Bad> {
    let mut examples = vec![
        bad("create-tag", json!({"tag_name": ""}), "/tag_name", NOT_EMPTY, Agrees),
        bad("create-tag", json!({"tag_name": long(33)}), "/tag_name", "at most 32 characters", Agrees),
        bad("create-tag", json!({"tag_id": -1}), "/tag_id", "from 0 to 4294967295", Agrees),
        bad("update-tag", json!({"tag_name": long(33)}), "/tag_name", "at most 32 characters", Agrees),
        bad("update-tag", json!({"tag_id": ABSENT}), "/tag_id", "is required", Agrees),
        bad("get-tag", json!({"tag_id": ABSENT}), "/tag_id", "is required", Agrees),
        bad("delete-tag", json!({"tag_id": 4_294_967_296_u64}), "/tag_id", "4294967295, not 4294967296", Agrees),
    ];
    for action in ["add-tag-members", "remove-tag-members"] {
        examples.extend([
            bad(action, json!({"user_list": ABSENT}), "/user_list", "`party_list` has no entries", Agrees),
            bad(action, json!({"user_list": ids(1001)}), "/user_list", "at most 1000 entries", Agrees),
            bad(action, json!({"party_list": numbers(101)}), "/party_list", "at most 100 entries", Agrees),
            bad(action, json!({"party_list": [0]}), "/party_list/0", "must be 1 or more", Agrees),
        ]);
    }
    examples
}

fn bad_examples() -> Vec<Bad> {
    let all = [
        department_rules(),
        member_rules(),
        tag_rules(),
        group_chat_rules(),
        message_rules(),
        chatbot_rules(),
        byte_rules(),
    ];
    all.into_iter().flatten().collect()
}

fn good_examples() -> Vec<Good> {
    let base64 = STANDARD.encode(PNG);
    let mut examples: Vec<Good> = actions().iter().map(|action| good(action.id, json!({}), Agrees)).collect();
    examples.extend([
        good("list-department-ids", json!({"id": 1}), Agrees),
        good("list-department-ids", json!({"id": 1.0}), Agrees),
        good("list-department-ids", json!({"id": GREATEST_DEPARTMENT_ID}), Agrees),
        good("list-department-ids", json!({"id": null}), UNSET),
        good("list-department-ids", json!({"id": ""}), UNSET),
        good("list-department-ids", json!({"id": []}), UNSET),
        good("create-department", json!({"name": long(32), "name_en": long(64)}), Agrees),
        good("create-department", json!({"name": "R", "name_en": "R"}), Agrees),
        // Not among the characters that the table forbids.
        good("create-department", json!({"name": "R&D (1) / 'a', b; c"}), Agrees),
        good("create-department", json!({"name": "研发甲", "order": 0}), Agrees),
        good("create-department", json!({"name": "研发乙", "order": u32::MAX}), Agrees),
        good("create-department", json!({"name": "研发丙", "order": 4_294_967_295.0}), Agrees),
        good("create-department", json!({"name": "研发丁", "id": 20, "name_en": ""}), Agrees),
        good("create-department", json!({"name": "研发戊", "id": GREATEST_DEPARTMENT_ID}), Agrees),
        good("create-department", json!({"id": 2}), Agrees),
        good("create-department", json!({"parent_id": GREATEST_DEPARTMENT_ID}), Agrees),
        good("create-department", json!({"name": "研发己", "order": null, "id": "", "name_en": []}), UNSET),
        good("update-department", json!({"name": long(32), "name_en": long(64)}), Agrees),
        good("update-department", json!({"name_en": ""}), Agrees),
        good("update-department", json!({"parent_id": 4, "order": u32::MAX}), Agrees),
        good("update-department", json!({"order": 0}), Agrees),
        good("update-department", json!({"id": GREATEST_DEPARTMENT_ID}), Agrees),
        good("delete-department", json!({"id": GREATEST_DEPARTMENT_ID}), Agrees),
        good("list-member-ids", json!({"limit": 1}), Agrees),
        good("list-member-ids", json!({"limit": 10_000, "cursor": ""}), Agrees),
        good("list-member-ids", json!({"cursor": null, "limit": null}), UNSET),
        good("create-member", json!({"user_id": "a".repeat(64), "mobile": "13900000002"}), Agrees),
        good("create-member", json!({"user_id": "0_-@.Z", "mobile": "13900000003"}), Agrees),
        good("create-member", json!({"user_id": "e1", "mobile": ABSENT, "email": "a@b.cn"}), Agrees),
        good("create-member", json!({"user_id": "e2", "mobile": "", "email": "b@b.cn"}), Agrees),
        good("create-member", json!({"user_id": "e3", "mobile": "13900000004", "email": ""}), Agrees),
        good("create-member", json!({"user_id": "e4", "mobile": "+852 12345678"}), Agrees),
        good("create-member", json!({"user_id": "e5", "mobile": null, "email": "c@b.cn"}), UNSET),
        good("get-member-id-by-mobile", json!({"mobile": "+852 12345678"}), Agrees),
        good("get-member-id-by-mobile", json!({"mobile": 13_800_000_002_u64}), NEIGHBOUR),
        good("delete-members", json!({"user_id_list": ids(200)}), Agrees),
        good("delete-members", json!({"user_id_list": "a|b"}), DELIMITED),
        good("invite-members", json!({"user": ids(1000), "party": numbers(100), "tag": numbers(100)}), Agrees),
        good("invite-members", json!({"user": ABSENT, "tag": [0]}), Agrees),
        good("create-tag", json!({"tag_name": long(32), "tag_id": 0}), Agrees),
        good("add-tag-members", json!({"user_list": ids(1000), "party_list": numbers(100)}), Agrees),
        good("remove-tag-members", json!({"user_list": [], "party_list": [2]}), Agrees),
        good("delete-member", json!({"user_id": "a@b/c?d&e"}), Agrees),
        good("create-group-chat", json!({"user_list": ids(2000)}), Agrees),
        good("create-group-chat", json!({"chat_id": "aZ09".repeat(8)}), Agrees),
        good("create-group-chat", json!({"chat_id": "", "name": "", "owner": ""}), Agrees),
        good("create-group-chat", json!({"user_list": "zhangsan,LiSi"}), DELIMITED),
        good("create-group-chat", json!({"user_list": " zhangsan | LiSi |"}), DELIMITED),
        good("update-group-chat", json!({"add_user_list": ["wangwu"], "del_user_list": []}), Agrees),
        good("update-group-chat", json!({"add_user_list": "", "del_user_list": "wangwu"}), DELIMITED),
        good("push-text-message-by-chatbot", json!({"mentioned_list": ["@all"]}), Agrees),
        good("push-text-message-by-chatbot", json!({"mentioned_list": "zhangsan,@all"}), DELIMITED),
        good("push-text-message-by-chatbot", json!({"mentioned_mobile_list": ["13800001111", "@all"]}), Agrees),
        good(
            "push-image-message-by-chatbot",
            json!({"md5": image(PNG)["md5"].as_str().unwrap().to_uppercase()}),
            Agrees,
        ),
        good("push-text-message-by-chatbot", json!({"mentioned_list": ["wangqing", ""]}), Agrees),
        good("push-text-message-by-chatbot", json!({"mentioned_mobile_list": [13_800_001_111_u64]}), NEIGHBOUR),
        good("push-image-message-by-chatbot", json!({"md5": ABSENT}), Agrees),
        good("push-image-message-by-chatbot", json!({"md5": null}), UNSET),
        good("push-image-message-by-chatbot", json!({"base64": base64.trim_end_matches('=')}), Agrees),
        good("push-image-message-by-chatbot", json!({"base64": format!("data:image/png;base64,{base64}")}), TIDIED),
        good("push-image-message-by-chatbot", json!({"base64": base64.replace('A', "A\n")}), TIDIED),
        good("push-image-message-by-chatbot", image(&[PNG, &vec![7; 2 * 1024 * 1024 - PNG.len()]].concat()), Agrees),
    ]);
    for (number, action) in ["create-member", "update-member"].into_iter().enumerate() {
        let shared = [
            json!({"name": long(64), "alias": long(64), "position": long(128), "address": long(128)}),
            json!({"gender": 1, "enable": 0}),
            json!({"gender": 2, "enable": 1}),
            json!({"gender": 2.0}),
            json!({"main_department": 2, "department": [2]}),
            json!({"department": [1, 2], "order": [0, u32::MAX], "is_leader_in_dept": [0, 1]}),
            json!({"department": numbers(100), "order": numbers(100)}),
            json!({"department": [GREATEST_DEPARTMENT_ID]}),
            json!({"direct_leader": []}),
            json!({"mobile": " １３８９９９９００００ "}),
            json!({"direct_leader": ids(5)}),
            json!({"telephone": "+86-020-123456,7"}),
            json!({"email": "zhang.san+hr@mail.example.com"}),
            json!({"biz_mail": "a@b.cn"}),
            json!({"alias": "", "telephone": "", "address": "", "position": ""}),
        ];
        let delimited = [
            json!({"department": "1,2", "order": "0,4294967295", "is_leader_in_dept": "1,0"}),
            json!({"department": "1|2", "direct_leader": "LiSi, wangwu"}),
        ];
        let unset = [json!({"enable": null}), json!({"alias": null, "order": null, "direct_leader": ""})];
        let neighbours = [
            json!({"gender": "1"}),
            json!({"enable": true}),
            json!({"enable": "false"}),
            json!({"department": 2}),
            json!({"department": ["２"], "is_leader_in_dept": [false]}),
            json!({"direct_leader": [10_086]}),
            json!({"position": 7}),
        ];
        let tidied = [
            json!({"direct_leader": ["lisi,", null]}),
            json!({"telephone": "０２０－１２３４５６"}),
            json!({"position": "工程师\n"}),
            json!({"alias": "\u{1b}[1mJack\u{1b}[0m"}),
        ];
        let all = [
            (shared.as_slice(), Agrees),
            (&delimited, DELIMITED),
            (&unset, UNSET),
            (&neighbours, NEIGHBOUR),
            (&tidied, TIDIED),
        ];
        let all = all.into_iter().flat_map(|(changes, schema)| changes.iter().map(move |changes| (changes, schema)));
        for (index, (changes, schema)) in all.enumerate() {
            let mut changes = changes.clone();
            if action == "create-member" {
                changes["user_id"] = format!("new{number}{index}").into();
                let mobile = format!("1391000{number}{index:03}");
                changes.as_object_mut().unwrap().entry("mobile").or_insert(mobile.into());
            }
            examples.push(Good { action, parameters: with(action, &changes), schema });
        }
    }
    for action in those(has("to_all")) {
        examples.extend([
            good(action, json!({"to_user": ids(1000)}), Agrees),
            good(action, json!({"to_user": ABSENT, "to_party": ids(100)}), Agrees),
            good(action, json!({"to_user": ABSENT, "to_tag": [seed::TAG_ID]}), Agrees),
            good(action, json!({"to_user": ABSENT, "to_all": 1}), Agrees),
            good(action, json!({"to_user": "zhangsan|LiSi"}), DELIMITED),
            good(action, json!({"to_user": ABSENT, "to_all": true}), NEIGHBOUR),
        ]);
    }
    for action in those(to_members) {
        examples.extend([
            good(action, json!({"to_user": ids(1000)}), Agrees),
            good(action, json!({"to_user": ABSENT, "to_party": numbers(100)}), Agrees),
            good(action, json!({"to_user": [], "to_party": [2]}), Agrees),
            good(action, json!({"to_user": ["zhangsan"], "to_party": [1, 2.0]}), Agrees),
            good(action, json!({"agent_id": seed::AGENT_ID}), Agrees),
            good(action, json!({"agent_id": 1}), Agrees),
            good(action, json!({"to_user": "zhangsan|LiSi"}), DELIMITED),
            good(action, json!({"to_user": ABSENT, "to_tag": numbers(100)}), Agrees),
            good(action, json!({"to_user": [], "to_tag": [0]}), Agrees),
            good(action, json!({"to_user": "", "to_tag": "1|2"}), DELIMITED),
            good(action, json!({"duplicate_check_interval": 1}), Agrees),
            good(action, json!({"duplicate_check_interval": 14_400}), Agrees),
            good(action, json!({"duplicate_check_interval": "1800"}), NEIGHBOUR),
            good(action, json!({"to_user": ["a", ""]}), Agrees),
            good(action, json!({"to_user": ["a", "b|c"]}), DELIMITED),
            good(action, json!({"to_user": ["a", "b，c"]}), Agrees),
            good(action, json!({"agent_id": "1000002"}), NEIGHBOUR),
            good(action, json!({"agent_id": 1_013_699_173_317_u64}), Agrees),
            good(action, json!({"to_user": "", "to_party": "1|2"}), DELIMITED),
            good(action, json!({"to_user": null, "to_party": [2], "agent_id": ""}), UNSET),
        ]);
        if action != NOTICE {
            examples.extend([
                good(action, json!({"to_user": ["@all"]}), Agrees),
                good(action, json!({"to_user": ["@all"], "to_party": []}), Agrees),
                good(action, json!({"to_user": "@all"}), DELIMITED),
                good(action, json!({"to_user": "@ALL"}), DELIMITED),
                good(action, json!({"to_user": ["@all"], "to_party": [2], "to_tag": [1]}), Agrees),
                good(action, json!({"to_user": ["a", "@all"]}), Agrees),
            ]);
        }
    }
    let program = json!({"title": "T", "app_id": seed::MINI_PROGRAM_ID, "page_path": "p"});
    let link = json!({"title": "T", "url": "https://a.cn", "app_id": "", "page_path": ""});
    examples.extend([
        good("push-news-message", json!({"articles": vec![program.clone(); 8]}), Agrees),
        good("push-news-message", json!({"articles": program}), DELIMITED),
        good("push-news-message", json!({"articles": [link]}), Agrees),
        good(NOTICE, json!({"content_item": vec![json!({"key": long(10), "value": long(30)}); 10]}), Agrees),
        good(NOTICE, json!({"content_item": []}), Agrees),
        good(NOTICE, json!({"emphasis_first_item": false}), NEIGHBOUR),
        good("push-news-message-by-chatbot", json!({"articles": [{"title": "T", "url": "www.qq.com"}]}), Agrees),
    ]);
    for action in those(has("safe")) {
        let most = if keeps_inside(action) { 2 } else { 1 };
        // The vendor's page has 0 and 1 only for group chats: there the server decides about 2.
        examples.extend((0..=most).map(|safe| good(action, json!({"safe": safe}), Agrees)));
        examples.push(good(action, json!({"safe": null}), UNSET));
        examples.push(good(action, json!({"safe": true}), NEIGHBOUR));
    }
    for action in ["push-text-card-message", "push-text-card-message-to-group-chat"] {
        examples.push(good(action, json!({"url": "https://例子.cn/?a=b#c", "btn_txt": ""}), Agrees));
        examples.push(good(action, json!({"url": " https://a.cn\n"}), TIDIED));
    }
    for (action, parameter, _, max, excess) in LIMITS.iter().copied() {
        if excess == "refuse" {
            let max = usize::try_from(max).unwrap();
            for chinese in [false, true] {
                // Whether an email address may be Chinese is for the server to say.
                let decided_later = chinese && ["email", "biz_mail"].contains(&parameter);
                let Some(text) = text_of(parameter, max, chinese).filter(|_| !decided_later) else { continue };
                let mut changes = json!({parameter: text});
                if action == "create-member" {
                    changes["user_id"] = format!("max{parameter}{}", examples.len()).into();
                    changes["mobile"] = format!("139200{:05}", examples.len()).into();
                }
                examples.push(Good { action, parameters: with(action, &changes), schema: Agrees });
            }
        }
    }
    examples
}

/// A picture of one pixel, with some bytes behind its end: viewers overlook these.
const PNG: &[u8] = include_bytes!("../../src/cli/pixel.png");

// ------------------------------------------------------------------------------------------------- both verdicts

/// The schemas of all parameters, under both drafts.
fn validators(action: &str) -> &'static [Validator; 2] {
    static ALL: OnceLock<BTreeMap<&str, [Validator; 2]>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let compiled = actions().iter().map(|action| {
            let mut schema = input_schema(action.id);
            let both = [
                (Draft::Draft7, "http://json-schema.org/draft-07/schema#"),
                (Draft::Draft202012, "https://json-schema.org/draft/2020-12/schema"),
            ];
            let compiled = both.map(|(draft, tag)| {
                schema["$schema"] = tag.into();
                jsonschema::options().with_draft(draft).build(&schema).unwrap()
            });
            (action.id, compiled)
        });
        compiled.collect()
    });
    &all[action]
}

/// Whether the schema accepts the parameters; both drafts must say the same.
fn schema_accepts(action: &str, parameters: &Value) -> bool {
    let [draft_07, draft_2020_12] = validators(action).each_ref().map(|schema| schema.is_valid(parameters));
    assert_eq!(draft_07, draft_2020_12, "{action} {}: the drafts differ", shown(parameters));
    draft_07
}

fn shown(parameters: &Value) -> String {
    parameters.to_string().chars().take(300).collect()
}

/// A broken rule: argument, JSON pointer, message.
type Broken = (String, String, String);

fn bench() -> Bench {
    runtime().block_on(Bench::start())
}

impl Bench {
    /// Calls `invoke` of a new instance.
    fn invoke_with(&self, action: &str, connection: Option<&str>, parameters: &str) -> Answer {
        runtime().block_on(async { Caller::new().await.invoke_text(action, connection, parameters).await })
    }

    /// The same with the connection that the action needs.
    fn invoke(&self, action: &str, parameters: &str) -> Answer {
        self.invoke_with(action, Some(&self.connection(action).to_string()), parameters)
    }

    /// Calls `invoke`, expects it to refuse its arguments, and that nothing was sent. The faults, in order of place.
    fn refused_with(&self, action: &str, connection: Option<&str>, parameters: &str) -> Vec<Broken> {
        let shown: String = parameters.chars().take(200).collect();
        self.server.clear_requests();
        let answer = self.invoke_with(action, connection, parameters);
        let sent = self.server.requests();
        assert!(sent.is_empty(), "{action} {shown}: sent {} {}", sent[0].method, sent[0].path);
        let Err(Error::PermanentInvalidParameters(faults)) = answer else { panic!("{action} {shown}: {answer:?}") };
        assert!(!faults.is_empty(), "{action} {shown}: refused without a reason");
        let mut faults: Vec<Broken> =
            faults.into_iter().map(|fault| (fault.argument, fault.pointer, fault.message)).collect();
        faults.sort_by(|a, b| a.1.cmp(&b.1));
        faults
    }

    /// The same with the connection that the action needs; the faults are in the parameters.
    fn refused(&self, action: &str, parameters: &str) -> Vec<(String, String)> {
        let faults = self.refused_with(action, Some(&self.connection(action).to_string()), parameters);
        let faults = faults.into_iter().map(|(argument, pointer, message)| {
            assert_eq!(argument, "parameters", "{action}: {pointer} {message}");
            (pointer, message)
        });
        faults.collect()
    }
}

/// Asserts that schema and connector refuse parameters for one reason.
fn assert_refused(bench: &Bench, action: &str, parameters: &Value, pointer: &str, words: &str, schema: Schema) {
    let place = format!("{action} {}", shown(parameters));
    let faults = bench.refused(action, &parameters.to_string());
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, [pointer], "{place}: {faults:?}");
    assert!(faults[0].1.contains(words), "{place}: {:?} does not say {words:?}", faults[0].1);
    match schema {
        Agrees => assert!(!schema_accepts(action, parameters), "{place}: the schema accepts it"),
        Differs(reason) => {
            assert!(schema_accepts(action, parameters), "{place}: the schema can say it, in spite of: {reason}");
        }
    }
}

#[test]
fn what_breaks_a_rule_is_refused_by_schema_and_connector() {
    let bench = bench();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for Bad { action, parameters, pointer, words, schema } in bad_examples() {
        *seen.entry(action).or_default() += 1;
        assert_refused(&bench, action, &parameters, pointer, words, schema);
    }
    for action in actions() {
        let schema = input_schema(action.id);
        let missing = required(&schema).into_iter().map(|name| (name, json!(ABSENT), "is required"));
        let too_great = schema["properties"].as_object().unwrap().iter().filter_map(|(name, parameter)| {
            let greatest = parameter["maximum"].as_u64()?;
            Some((name.clone(), json!(greatest + 1), "must be"))
        });
        for (name, value, words) in missing.into_iter().chain(too_great) {
            *seen.entry(action.id).or_default() += 1;
            let parameters = with(action.id, &json!({name.as_str(): value}));
            assert_refused(&bench, action.id, &parameters, &format!("/{name}"), words, Agrees);
        }
    }
    let without: Vec<&str> = those(|action| !action.parameters.is_empty() && !seen.contains_key(action.id)).collect();
    assert_eq!(without, Vec::<&str>::new(), "actions without an example in `bad_examples`");
}

#[test]
fn what_just_keeps_the_rules_is_accepted_by_both() {
    let bench = bench();
    for (number, Good { action, mut parameters, schema }) in good_examples().into_iter().enumerate() {
        // Each card has another.
        if parameters.get("task_id").is_some() {
            parameters["task_id"] = format!("task-{number}").into();
        }
        let place = format!("{action} {}", shown(&parameters));
        // Chatbots may send 20 messages a minute.
        bench.pass_time();
        bench.server.clear_requests();
        let answer = bench.invoke(action, &parameters.to_string());
        // The simulator may refuse what the connector accepts: it knows who exists. But the form must be right.
        match &answer {
            Ok(_) => {}
            Err(Error::PermanentRejected(failure)) => {
                // 40058 is also the answer to the ID of a message that there is not. And what the API of a caller's choice
                // asks for, the caller knows and the connector does not.
                let is_known = action != "withdraw-message" && !named(action).has("effect");
                let of_form = is_known && ["invalid-request", "limit"].contains(&failure.category.as_str());
                assert!(!of_form, "{place}: {failure:?}");
            }
            Err(_) => panic!("{place}: {answer:?}"),
        }
        let sent = bench.server.requests();
        let business = sent.last().is_some_and(|request| request.path != "/cgi-bin/gettoken");
        assert!(business, "{place}: nothing was sent: {answer:?}");
        match schema {
            Agrees => assert!(schema_accepts(action, &parameters), "{place}: the schema refuses it"),
            Differs(reason) => {
                assert!(!schema_accepts(action, &parameters), "{place}: the schema accepts it, in spite of: {reason}");
            }
        }
    }
}

// ------------------------------------------------------------------------------------------ rules of every table

#[test]
fn unknown_parameters_are_refused_with_the_nearest_name() {
    let bench = bench();
    for action in actions() {
        for (name, _) in &action.parameters {
            // A letter too many, and another way of writing: of those that are not another parameter's name.
            for misspelt in [format!("{name}s"), name.to_uppercase(), name.replace('_', "-")] {
                if action.has(&misspelt) {
                    continue;
                }
                let mut parameters = least(action.id);
                parameters[&misspelt] = 1.into();
                let words = format!("is not a parameter here; did you mean {name:?}?");
                assert_refused(&bench, action.id, &parameters, &format!("/{misspelt}"), &words, Agrees);
            }
        }
        for title in ["标题", "部门名称", "手机号", "接收人ID"] {
            let mut parameters = least(action.id);
            parameters[title] = "x".into();
            let words = "is not a parameter here; there are ";
            assert_refused(&bench, action.id, &parameters, &format!("/{title}"), words, Agrees);
        }
        let mut parameters = least(action.id);
        parameters["frobnicate%~/x"] = json!({"deep": [1, 2, 3]});
        let words = "is not a parameter here; there are ";
        assert_refused(&bench, action.id, &parameters, "/frobnicate%~0~1x", words, Agrees);
    }
}

#[test]
fn wrong_types_are_refused_everywhere() {
    let bench = bench();
    let huge: Value = serde_json::from_str("1e300").unwrap();
    for action in actions() {
        for ((name, ty), field) in action.parameters.iter().zip(action.fields) {
            let optional = ty.starts_with("option<");
            let kind = ty.trim_start_matches("option<").trim_end_matches('>');
            let is_json = field.rules.iter().any(|rule| matches!(rule, Rule::Json));
            let (words, mut wrong) = match kind {
                // An object may stand there as what it is.
                "string" if is_json => ("must be a ", vec![json!(["a"]), huge.clone()]),
                "string" => ("must be a text", vec![json!({}), json!(["a"]), huge.clone()]),
                "record" => ("must be a JSON object", vec![json!("a"), json!(1), json!(["a"]), json!(true)]),
                // One record is a list of one.
                "list<record" => ("must be a list", vec![json!("a"), json!(1), json!(true)]),
                "u8" | "u32" | "u64" => {
                    let wrong = [json!("x"), json!("1.5"), json!({}), json!([1]), json!(-1), json!(1.5)];
                    // The greatest application ID is that of a rule, and told as such.
                    let too_large = if kind == "u64" { json!(-1.0) } else { huge.clone() };
                    let wrong = wrong.into_iter().chain([too_large, json!(-0.5), json!("-1")]);
                    ("must be a whole number from ", wrong.collect())
                }
                _ => ("must be a list", vec![json!({}), json!({"0": "a"})]),
            };
            if !optional {
                wrong.push(Value::Null);
            }
            for value in wrong {
                let parameters = with(action.id, &json!({*name: value}));
                assert_refused(&bench, action.id, &parameters, &format!("/{name}"), words, Agrees);
            }
            let entries: (&str, Vec<Value>) = match kind.strip_prefix("list<") {
                Some("string") => ("must be a text", vec![json!(["a"]), json!({})]),
                Some("record") => {
                    for value in [json!("a"), json!(1), json!(["a"]), json!(true)] {
                        let parameters = with(action.id, &json!({*name: [value]}));
                        let place = format!("/{name}/0");
                        assert_refused(&bench, action.id, &parameters, &place, "must be a JSON object", Agrees);
                    }
                    continue;
                }
                Some(_) => {
                    ("must be a whole number from ", vec![json!("x"), json!([1]), json!({}), json!(-1), json!(1.5)])
                }
                None => continue,
            };
            for value in entries.1 {
                let good = if entries.0 == "must be a text" { json!("a") } else { json!(1) };
                let mut changes = json!({*name: [good, value]});
                if ["order", "is_leader_in_dept"].contains(name) {
                    changes["department"] = json!([1, 2]);
                }
                let parameters = with(action.id, &changes);
                assert_refused(&bench, action.id, &parameters, &format!("/{name}/1"), entries.0, Agrees);
            }
        }
    }
}

/// The texts that are words for people, each with the record that it stands in where others have another of that name.
/// Every other one is an ID, a number or an address: what is inside it is not taken out, since another one would be left.
const PROSE: &[&str] = &[
    "address",
    "alias",
    "author",
    "btn_txt",
    "content",
    "content_item/key",
    "content_item/value",
    "desc",
    "description",
    "digest",
    "horizontal_content_list/key_name",
    "horizontal_content_list/value",
    "name",
    "name_en",
    "position",
    "quote_text",
    "replace_name",
    "replace_text",
    "sub_title_text",
    "tag_name",
    "text",
    "title",
];

fn is_prose(place: &str, field: &Field) -> bool {
    let is_listed = PROSE.iter().any(|prose| place == *prose || place.ends_with(&format!("/{prose}")));
    // Files have content, and queries have names.
    is_listed && !field.is_file() && place != "query/name"
}

/// The regular expression that a text, or each of a list, has to match.
fn pattern(rules: &'static [Rule]) -> Option<&'static str> {
    rules.iter().find_map(|rule| match rule {
        Rule::Matches(form) => Some(form.regex),
        Rule::Each(rules) => pattern(rules),
        _ => None,
    })
}

/// Every text of a table and of the records in it, each with its place: `card/main_title/title`.
fn texts(fields: &'static [Field]) -> Vec<(String, &'static Field)> {
    let of = |field: &'static Field| match field.kind {
        Kind::Text | Kind::Texts => vec![(field.name.to_owned(), field)],
        Kind::Record(fields) | Kind::Records(fields) => {
            texts(fields).into_iter().map(|(place, below)| (format!("{}/{place}", field.name), below)).collect()
        }
        Kind::Number { .. } | Kind::Numbers => Vec::new(),
    };
    fields.iter().flat_map(of).collect()
}

#[test]
fn words_for_people_are_known_as_such() {
    let mut wrong = BTreeMap::new();
    for action in actions() {
        for (place, field) in texts(action.fields) {
            if is_prose(&place, field) != field.rules.iter().any(|rule| matches!(rule, Rule::Prose(_))) {
                wrong.entry(place).or_insert_with(Vec::new).push(action.id);
            }
        }
    }
    assert!(wrong.is_empty(), "words for people, or not: `PROSE` and the rules of the field differ: {wrong:#?}");
}

/// Parameters with that value at a place in a record, and the pointer to it.
fn with_below(action: &'static Action, place: &str, value: Value) -> (Value, String) {
    let (mut parameters, mut pointer, mut fields) = (sample(action.id), String::new(), action.fields);
    let mut at = &mut parameters;
    for name in place.split('/') {
        let field = fields.iter().find(|field| field.name == name).unwrap();
        let entries = at.as_object_mut().unwrap().entry(name);
        pointer.push_str(&format!("/{name}"));
        match field.kind {
            Kind::Record(below) => (at, fields) = (entries.or_insert(json!({})), below),
            Kind::Records(below) => {
                (at, fields) = (&mut entries.or_insert(json!([{}]))[0], below);
                pointer.push_str("/0");
            }
            _ => at = entries.or_insert(Value::Null),
        }
    }
    *at = value;
    (parameters, pointer)
}

#[test]
fn what_nobody_sees_inside_an_id_is_refused_and_shown() {
    const HIDDEN: &str = "\0\u{1}\u{b}\u{1f}\u{7f}\u{85}\t\u{1b}\u{ad}\u{61c}\u{180e}\u{200b}\u{200d}\u{200e}\u{2028}\u{202a}\u{202e}\u{2060}\u{2066}\u{206a}\u{feff}";
    let bench = bench();
    for action in actions() {
        for (place, field) in texts(action.fields) {
            // Words, one of which it has to be; JSON has its own way to write what nobody sees.
            let is_other = field.rules.iter().any(|rule| matches!(rule, Rule::OneOf(_) | Rule::Json));
            if is_other || is_prose(&place, field) {
                continue;
            }
            let is_list = matches!(field.kind, Kind::Texts);
            let is_base64 = field.is_file() || field.name == "base64";
            let pattern = pattern(field.rules);
            assert!(is_base64 || pattern.is_some(), "{} {place} takes any text", action.id);
            let before = if pattern.is_some_and(|pattern| pattern.contains("://")) { "https://1" } else { "123" };
            let is_below = place.contains('/');
            // Below, what the rules of a field do is the same.
            for character in HIDDEN.chars().step_by(if is_below { 9 } else { 1 }) {
                // Base64 has white space where a program broke its lines.
                if is_base64 && character.is_whitespace() {
                    continue;
                }
                // There it parts two entries.
                if character == '\t' && is_list {
                    continue;
                }
                let text = format!("{before}{character}456");
                let value = if is_list { json!(["b", text]) } else { json!(text) };
                let entry = if is_list { "/1" } else { "" };
                let shown = match field.name {
                    // They are a word and a number, and say so.
                    "card_type" | "aspect_ratio" => "must be ".to_owned(),
                    _ => format!("; character {} is U+{:04X}", before.len() + 1, u32::from(character)),
                };
                if is_below {
                    // The record may lack what else it needs.
                    let (parameters, pointer) = with_below(action, &place, value);
                    let faults = bench.refused(action.id, &parameters.to_string());
                    let is_told =
                        |(at, words): &(String, String)| *at == format!("{pointer}{entry}") && words.contains(&shown);
                    assert!(faults.iter().any(is_told), "{} {parameters}: {shown:?} is not in {faults:?}", action.id);
                    assert!(
                        !schema_accepts(action.id, &parameters),
                        "{} {parameters}: the schema accepts it",
                        action.id
                    );
                } else {
                    let parameters = with(action.id, &json!({field.name: value}));
                    assert_refused(&bench, action.id, &parameters, &format!("/{place}{entry}"), &shown, Agrees);
                }
            }
        }
    }
}

#[test]
fn a_refused_character_is_shown_with_its_place() {
    let bench = bench();
    for (action, changes, words) in [
        ("create-department", json!({"name": "研发*部"}), "< > | :; character 3 is \"*\""),
        ("create-member", json!({"user_id": "zhang san"}), "_ - @ .; character 6 is U+0020"),
        ("create-member", json!({"user_id": "zhang？san"}), "; character 6 is \"？\" (U+FF1F)"),
        ("update-member", json!({"telephone": "020/1"}), "; character 4 is \"/\""),
        ("update-member", json!({"email": "zhang san@example.com"}), "; character 6 is U+0020"),
        ("create-group-chat", json!({"chat_id": "a-b"}), "; character 2 is \"-\""),
        ("push-text-card-message", json!({"url": "https://a.cn/a b"}), "; character 15 is U+0020"),
    ] {
        let faults = bench.refused(action, &with(action, &changes).to_string());
        assert!(faults.len() == 1 && faults[0].1.ends_with(words), "{action} {changes}: {faults:?}");
    }
}

#[test]
fn an_update_leaves_a_short_address_to_the_server() {
    // Creating says 6 to 64 bytes, updating up to 64. The vendor's limits hold for both.
    let bench = bench();
    let parameters = with("update-member", &json!({"email": "a@b.c"}));
    assert!(schema_accepts("update-member", &parameters));
    let answer = bench.invoke("update-member", &parameters.to_string());
    let Err(Error::PermanentRejected(failure)) = answer else { panic!("{answer:?}") };
    assert_eq!(failure.errcode, Some(60105));
}

#[test]
fn the_application_must_be_named_by_parameters_or_connection() {
    let bench = bench();
    for action in those(has("agent_id")) {
        let mut connection = bench.connection(action);
        connection.as_object_mut().unwrap().remove("agent_id");
        let connection = connection.to_string();
        let faults = bench.refused_with(action, Some(&connection), &least(action).to_string());
        let words = "is required where the connection has no `agent_id`".to_owned();
        assert_eq!(faults, [("parameters".into(), "/agent_id".into(), words)], "{action}");
        let parameters = with(action, &json!({"agent_id": seed::AGENT_ID}));
        bench.invoke_with(action, Some(&connection), &parameters.to_string()).unwrap();
    }
}

// -------------------------------------------------------------------------------------------------- all at once

#[test]
fn all_faults_come_in_one_answer() {
    let bench = bench();
    let five = json!({"name": "a*b", "name_en": long(65), "parent_id": 0, "order": -1, "id": 1});
    let examples = [
        ("create-department", five, vec!["/id", "/name", "/name_en", "/order", "/parent_id"]),
        (
            "create-member",
            json!({
                "user_id": "-", "name": "", "gender": 3, "enable": "yes", "department": [1, 0, "x"], "order": [1, 2],
                "is_leader_in_dept": [1, 2, 0], "direct_leader": ["", "a", "b", "c", "d", "e", "f\u{1}g"], "telephone": "tel",
                "email": "nonsense", "biz_mail": "y@z", "adress": "Canton",
            }),
            vec![
                "/adress",
                "/biz_mail",
                "/department/1",
                "/department/2",
                "/direct_leader",
                "/direct_leader/6",
                "/email",
                "/enable",
                "/gender",
                "/is_leader_in_dept/1",
                "/name",
                "/order",
                "/telephone",
                "/user_id",
            ],
        ),
        (
            "push-image-text-message",
            json!({"to_party": [0], "agent_id": 0, "title": "\u{1b}[0m", "author": long(22), "safe": 3}),
            vec!["/agent_id", "/author", "/content", "/safe", "/thumb_media_id", "/title", "/to_party/0"],
        ),
        (
            "push-text-message",
            json!({"to_user": ["a\u{1}b"], "to_party": [{}], "content": "\u{7}"}),
            vec!["/content", "/to_party/0", "/to_user/0"],
        ),
    ];
    for (action, parameters, expected) in examples {
        let faults = bench.refused(action, &parameters.to_string());
        let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, expected, "{action}: {faults:#?}");
        // Each fault is one: without the others it is still there, and with all mended nothing is left.
        assert!(!schema_accepts(action, &parameters), "{action}");
    }
}

#[test]
fn faults_of_connection_and_parameters_come_together() {
    let bench = bench();
    let connection = json!({"type": "application", "corp_id": "", "app_secret": "x", "base_url": "nonsense"});
    let faults = bench.refused_with("create-department", Some(&connection.to_string()), r#"{"name": "a*b"}"#);
    let places: Vec<(&str, &str)> =
        faults.iter().map(|(argument, place, _)| (argument.as_str(), place.as_str())).collect();
    let expected = [
        ("connection", "/base_url"),
        ("connection", "/corp_id"),
        ("parameters", "/name"),
        ("parameters", "/parent_id"),
    ];
    assert_eq!(places, expected, "{faults:#?}");
}

#[test]
fn a_fault_is_not_blamed_on_another_parameter() {
    let bench = bench();
    // What cannot be read is no parameter that was left out.
    for (action, parameters, pointer) in [
        ("create-member", json!({"mobile": ABSENT, "email": {}}), "/email"),
        ("create-member", json!({"department": {}, "order": [1]}), "/department"),
        ("update-member", json!({"department": {}, "is_leader_in_dept": [1]}), "/department"),
        ("push-text-message", json!({"to_user": ABSENT, "to_party": {}}), "/to_party"),
        ("push-text-message", json!({"to_user": {}}), "/to_user"),
        ("push-image-message-by-chatbot", json!({"base64": ABSENT, "md5": image(PNG)["md5"]}), "/base64"),
    ] {
        let faults = bench.refused(action, &with(action, &parameters).to_string());
        let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, [pointer], "{action}: {faults:#?}");
    }
}

// ------------------------------------------------------------------------------------------------------ cutting

/// Where a parameter that is cut stands in the body.
fn place_in_body(action: &str, parameter: &str) -> &'static str {
    match (action, parameter) {
        ("create-group-chat" | "update-group-chat", _) => "/name",
        (_, "content") => "/text/content",
        ("push-image-text-message-by-chatbot", "title") => "/news/articles/0/title",
        ("push-image-text-message-by-chatbot", "description") => "/news/articles/0/description",
        (_, "btn_txt") => "/textcard/btntxt",
        (_, "digest") => "/mpnews/articles/0/digest",
        (video, "title") if video.contains("video") => "/video/title",
        (video, "description") if video.contains("video") => "/video/description",
        (_, "description") => "/textcard/description",
        (card, "title") if card.contains("text-card") => "/textcard/title",
        (_, "title") => "/mpnews/articles/0/title",
        other => panic!("{other:?} is not cut"),
    }
}

#[test]
fn excess_is_cut_where_the_table_says_so() {
    let bench = bench();
    let mut count = 0;
    for (action, parameter, unit, max, excess) in LIMITS.iter().copied() {
        if excess != "cut" {
            continue;
        }
        let max = usize::try_from(max).unwrap();
        // Given, and what is left of it.
        let a = |count: usize| "a".repeat(count);
        let examples = match unit {
            "maxBytes" => vec![
                (a(max), a(max)),
                (a(max + 1), a(max)),
                (long(max / 3), long(max / 3)),
                (long(max), long(max / 3)),
                // Never inside a character: three bytes do not fit where one or two are left.
                (a(max - 1) + "长", a(max - 1)),
                (a(max - 2) + "长", a(max - 2)),
                (a(max - 3) + "长", a(max - 3) + "长"),
                // Four bytes in UTF-8, two in UTF-16.
                (a(max - 3) + "😀", a(max - 3)),
            ],
            _ => vec![
                (a(max), a(max)),
                (long(max), long(max)),
                (long(max + 1), long(max)),
                ("😀".repeat(max + 1), "😀".repeat(max)),
                (long(1000), long(max)),
            ],
        };
        for (given, left) in examples {
            let place = format!("{action} {parameter} of {} characters", given.chars().count());
            let parameters = with(action, &json!({parameter: given}));
            assert!(schema_accepts(action, &parameters), "{place}: the schema refuses it");
            bench.pass_time();
            bench.server.clear_requests();
            let output = bench.invoke(action, &parameters.to_string()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
            let names = if given == left { json!([]) } else { json!([parameter]) };
            assert_eq!(output["truncated"], names, "{place}");
            let body: Value = serde_json::from_slice(&bench.server.requests().last().unwrap().body).unwrap();
            assert_eq!(body.pointer(place_in_body(action, parameter)), Some(&json!(left)), "{place}");
            count += 1;
        }
    }
    assert!(count > 100, "{count} examples are too few to be all");
}

#[test]
fn several_parameters_are_cut_in_one_call() {
    let bench = bench();
    let parameters = json!({"title": long(43), "description": long(171), "btn_txt": "查看详情吧"});
    for action in ["push-text-card-message", "push-text-card-message-to-group-chat"] {
        let output = bench.invoke(action, &with(action, &parameters).to_string()).unwrap();
        assert_eq!(output["truncated"], json!(["title", "description", "btn_txt"]), "{action}");
    }
}

// --------------------------------------------------------------------------------------------------- bad input

#[test]
fn unknown_actions_are_refused_with_the_nearest_name() {
    let bench = bench();
    let long = "push-text-message".repeat(1_000_000);
    for (action, words) in [
        ("push-text-mesage", "did you mean \"push-text-message\"?"),
        ("push_text_message", "did you mean \"push-text-message\"?"),
        ("PUSH-TEXT-MESSAGE", "did you mean \"push-text-message\"?"),
        ("create-departement", "did you mean \"create-department\"?"),
        ("delete-user", "did you mean \"delete-member\"?"),
        ("message/send", "is no action"),
        ("frobnicate", "the manifest lists them"),
        ("", "the manifest lists them"),
        ("企业微信", "the manifest lists them"),
        ("推送文本消息到群聊", "the manifest lists them"),
        ("get-access-token", "is no action"),
        ("\0", "is no action"),
        (&long, "the manifest lists them"),
    ] {
        let name: String = action.chars().take(40).collect();
        let faults = bench.refused_with(action, Some(&bench.connection("create-department").to_string()), "{}");
        let [(argument, pointer, message)] = &faults[..] else { panic!("{name}: {faults:?}") };
        assert_eq!((argument.as_str(), pointer.as_str()), ("action", ""), "{name}");
        assert!(message.contains(words), "{name}: {message}");
        assert!(message.len() < 200, "{name}: {} bytes of message", message.len());
    }
}

#[test]
fn malformed_json_is_refused_with_line_and_column() {
    let bench = bench();
    let deep_list = "[".repeat(100_000);
    let deep_object = "{\"a\":".repeat(100_000);
    let deep_and_whole = format!("{{\"content\": {}{}}}", "[".repeat(200), "]".repeat(200));
    for (text, pointer, words) in [
        ("", "", "line 1 column 1: it breaks off"),
        (" ", "", "line 1 column 1: it breaks off"),
        ("{", "", "line 1 column 2: it breaks off"),
        ("{\"content\": \"x\"", "", "line 1 column 16: it breaks off"),
        ("{\n  \"content\": \"x\",\n}", "", "line 3 column 1: there is a comma too many"),
        ("{\n  content: \"x\"\n}", "", "line 2 column 3: a name must stand in double quotes"),
        ("{'content': 'x'}", "", "line 1 column 2: texts and names stand in double quotes"),
        ("{\"content\": 'x'}", "/content", "line 1 column 13: texts and names stand in double quotes"),
        ("{\"content\": “x”}", "/content", "line 1 column 13: quotes, colons, commas and brackets must be those of"),
        ("{\"content\"：\"x\"}", "/content", "line 1 column 11: quotes, colons"),
        ("{\"content\": \"x\"} {}", "", "line 1 column 18: there is text after the end"),
        ("{\"content\": \"告警\ny\"}", "/content", "line 1 column 16: a line break inside a text must be written \\n"),
        ("{\"mentioned_list\": [\"a\", \"b\tc\"]}", "/mentioned_list/1", "a tab inside a text must be written \\t"),
        ("{\"content\": NaN}", "/content", "line 1 column 13: a text must stand in double quotes"),
        ("{\"content\": None}", "/content", "a text must stand in double quotes"),
        ("{\"content\": 01}", "/content", "line 1 column 14: a number begins with"),
        ("{\"content\": \"\\ud800\"}", "/content", "stands for half a character"),
        ("{\"content\": \"C:\\x\"}", "/content", "line 1 column 17: a backslash inside a text"),
        (
            "{\"content\": \"x\", \"content\": \"y\"}",
            "",
            "key \"content\" stands twice in one object at line 1 column 26",
        ),
        (
            "{\"content\": \"x\",\n \"safe\": 1, \"c\": {\"a\": 1,\n \"a\": 2}}",
            "/c",
            "key \"a\" stands twice in one object at line 3",
        ),
        ("{\"content\": \"x\", \"cont\\u0065nt\": \"y\"}", "", "stands twice"),
        ("{\"content\": 1e999}", "/content", "a number is too large"),
        ("/* no */ {}", "", "line 1 column 1: JSON has no comments"),
        (&deep_list, "", "line 1 column 128: there are more than 127 brackets"),
        (&deep_object, "/a/a/a/a/a/a/a/a", "there are more than 127 brackets"),
        (&deep_and_whole, "/content/0/0/0/0/0/0/0", "there are more than 127 brackets"),
    ] {
        let name: String = text.chars().take(40).collect();
        let faults = bench.refused("push-text-message-by-chatbot", text);
        let [(place, message)] = &faults[..] else { panic!("{name}: {faults:?}") };
        assert_eq!(place, pointer, "{name}: {message}");
        assert!(
            message.starts_with("is not JSON at line ") || message.starts_with("must be JSON: key"),
            "{name}: {message}"
        );
        assert!(message.contains(words), "{name}: {message}");
    }
}

#[test]
fn the_root_must_be_an_object() {
    let bench = bench();
    for (text, kind) in [
        ("[]", "a list"),
        ("\"x\"", "a text"),
        ("7", "a number"),
        ("null", "null"),
        ("true", "a boolean"),
        ("[{}]", "a list"),
    ] {
        for action in actions() {
            let faults = bench.refused(action.id, text);
            assert_eq!(faults, [(String::new(), format!("must be a JSON object, not {kind}"))], "{}", action.id);
            assert!(!schema_accepts(action.id, &serde_json::from_str(text).unwrap()), "{}", action.id);
        }
    }
}

#[test]
fn what_stands_around_the_document_is_no_fault() {
    let bench = bench();
    for text in ["\u{feff}{}", "\u{200b} {}\u{a0}\n\0", "\"{}\"", "\"{\\\"id\\\": 1}\""] {
        bench.invoke("list-department-ids", text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"));
    }
}

#[test]
fn ten_megabytes_are_refused() {
    const LIMIT: usize = 8 * 1024 * 1024;
    let bench = bench();
    let action = "push-markdown-message-by-chatbot";
    let of_size = |size: usize| format!("{{\"content\": \"{}\"}}", "x".repeat(size - 15));
    assert_eq!(of_size(LIMIT).len(), LIMIT);
    // The text as a whole is too long.
    for size in [LIMIT + 1, 10 * 1024 * 1024] {
        let faults = bench.refused(action, &of_size(size));
        assert_eq!(faults, [(String::new(), format!("must have at most {LIMIT} bytes in UTF-8, and has {size}"))]);
    }
    // It is read, and one parameter is too long.
    let faults = bench.refused(action, &of_size(LIMIT));
    let words = format!("must have at most 4096 bytes in UTF-8, and has {}", LIMIT - 15);
    assert_eq!(faults, [("/content".into(), words)]);
    // It is read, and cut.
    let output = bench.invoke("push-text-message-by-chatbot", &of_size(LIMIT)).unwrap();
    assert_eq!(output, json!({"truncated": ["content"], "cleaned": []}));
}

#[test]
fn whatever_stands_in_eight_megabytes_is_answered() {
    const LIMIT: usize = 8 * 1024 * 1024;
    let bench = bench();
    // Repeats `entry` between `start` and `end`, up to the limit.
    let fill = |start: &str, entry: &str, end: &str| {
        let count = (LIMIT - start.len() - end.len()) / entry.len();
        let text = format!("{start}{}{}{end}", entry.repeat(count - 1), entry.trim_end_matches(','));
        assert!((LIMIT - 64..=LIMIT).contains(&text.len()), "{}", text.len());
        text
    };
    let keys: String = (0..600_000).map(|number| format!("\"{number}\":0,")).collect();
    let huge_connection =
        json!({"type": "application", "corp_id": "x".repeat(LIMIT - 100), "app_secret": "x"}).to_string();
    for (name, text) in [
        ("numbers", fill("{\"to_user\":[", "1,", "]}")),
        ("empty texts", fill("{\"to_user\":[", "\"\",", "]}")),
        ("empty lists", fill("{\"to_user\":[", "[],", "]}")),
        ("empty objects", fill("[", "{},", "]")),
        ("small objects", fill("[", "{\"a\":0},", "]")),
        ("a list as text", fill("{\"to_user\":\"", "a|", "\"}")),
        ("escapes", fill("{\"content\":\"", "\\u4f01", "\"}")),
        ("a long name", fill("{\"", "x", "\":1}")),
        ("unknown parameters", format!("{{{keys}\"x\":0}}")),
    ] {
        assert!(text.len() <= LIMIT, "{name}: {}", text.len());
        for connection in [&bench.connection("push-text-message").to_string(), &huge_connection] {
            let faults = bench.refused_with("push-text-message", Some(connection), &text);
            let size: usize = faults.iter().map(|(_, pointer, message)| pointer.len() + message.len()).sum();
            assert!(size < LIMIT / 2, "{name}: {} faults of {size} bytes", faults.len());
        }
    }
}

/// Ten times as many take about ten times as long, on whatever machine; were each held against all others, it would be a
/// hundred times.
#[test]
fn thousands_of_faults_are_told_in_good_time() {
    let bench = bench();
    // Each entry is a fault of its own; none is told twice.
    let control = "must be one line of text, without control and invisible characters; character 2 is U+0001";
    for (entry, words) in [(json!({}), "must be a text, not an object"), (json!("a\u{1}b"), control)] {
        let told = |count: usize| {
            let parameters = with("update-group-chat", &json!({"add_user_list": vec![&entry; count]}));
            let begin = std::time::Instant::now();
            let faults = bench.refused("update-group-chat", &parameters.to_string());
            assert_eq!(faults.len(), count);
            assert!(faults.iter().all(|(_, message)| message == words), "{:?}", faults[0]);
            begin.elapsed()
        };
        let thousand = (0..3).map(|_| told(1000)).min().unwrap();
        let ten_thousand = told(10_000);
        assert!(ten_thousand < 40 * thousand, "{ten_thousand:?}, and {thousand:?} for a tenth");
    }
}
