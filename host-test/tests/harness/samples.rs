//! Parameters that are good: each action's own sample, with what the simulator's world has in place of what it has not.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use host_test::simulator::seed;
use serde_json::{Map, Value, json};

use super::{about, actions, input_schema, with};

/// The group chat of the application of the seed, in every world of the tests.
pub(crate) const ROOM: &str = "room";

/// What stands in the simulator's world, for each action whose sample names something else. Null takes a parameter away.
fn in_the_simulator(action: &str) -> Value {
    match action {
        "update-department" => json!({"id": seed::SALES_DEPARTMENT_ID}),
        "delete-department" => json!({"id": seed::UNASSIGNED_DEPARTMENT_ID}),
        "create-member" => json!({"user_id": "newcomer", "mobile": "13900000001"}),
        "get-member-id-by-mobile" => json!({"mobile": "13800000002"}),
        "get-member-id-by-email" => json!({"email": "sim2@example.com"}),
        "update-tag" | "delete-tag" => json!({"tag_id": seed::TAG_ID}),
        "delete-member" => json!({"user_id": seed::ZHAOLIU}),
        "push-file-message"
        | "push-file-message-to-group-chat"
        | "push-file-message-to-linked-corps"
        | "download-media" => {
            json!({"media_id": seed::FILE_MEDIA_ID})
        }
        "push-image-message" | "push-image-message-to-group-chat" | "push-image-message-to-linked-corps" => {
            json!({"media_id": seed::IMAGE_MEDIA_ID})
        }
        "push-image-text-message"
        | "push-image-text-message-to-group-chat"
        | "push-image-text-message-to-linked-corps" => json!({"thumb_media_id": seed::IMAGE_MEDIA_ID}),
        "push-voice-message" | "push-voice-message-to-group-chat" => json!({"media_id": seed::VOICE_MEDIA_ID}),
        "push-video-message" | "push-video-message-to-group-chat" => json!({"media_id": seed::VIDEO_MEDIA_ID}),
        "push-mini-program-notice" | "push-mini-program-notice-to-linked-corps" => {
            json!({"app_id": seed::MINI_PROGRAM_ID})
        }
        "push-voice-message-by-chatbot" => json!({"media_id": seed::ROBOT_VOICE_MEDIA_ID}),
        "get-linked-corp-member" => json!({"user_id": format!("{}/{}", seed::LOWER_CORP_ID, seed::LOWER_MEMBER)}),
        "list-linked-corp-members" | "list-linked-corp-member-details" | "list-linked-corp-departments" => {
            json!({"department_id": format!("{}/1", seed::LINKED_ID)})
        }
        "push-file-message-by-chatbot" => json!({"media_id": seed::ROBOT_FILE_MEDIA_ID}),
        "update-card" => json!({"response_code": seed::RESPONSE_CODE}),
        "get-customer" => json!({"external_user_id": seed::CUSTOMER}),
        "get-customer-group-chat" => json!({"chat_id": seed::CUSTOMER_CHAT_ID}),
        _ => json!({}),
    }
}

/// Parameters that break no rule, and that can be carried out in the simulator's world.
pub(crate) fn sample(action: &str) -> Value {
    let sample: Value = serde_json::from_str(about(action).sample_parameters).unwrap();
    // Names that mean the same wherever they stand.
    let mut everywhere = json!({});
    if !["create-group-chat", "get-customer-group-chat"].contains(&action) && sample.get("chat_id").is_some() {
        everywhere["chat_id"] = ROOM.into();
    }
    if input_schema(action)["properties"].get("to_party").is_some() {
        everywhere["to_user"] = json!([seed::ZHANGSAN]);
        everywhere["to_party"] = Value::Null;
        // Where everyone is named, other receivers are left out, whatever is wrong with them.
        everywhere["to_all"] = Value::Null;
    }
    with(with(sample, everywhere), in_the_simulator(action))
}

/// The same with as few parameters as the schema lets through: what it requires, and one or two more where it asks for one
/// of several.
pub(crate) fn least(action: &str) -> Value {
    static ALL: LazyLock<BTreeMap<&str, Value>> =
        LazyLock::new(|| actions().iter().map(|action| (action.id, fewest(action.id))).collect());
    ALL.get(action).unwrap_or_else(|| panic!("there is no action {action}")).clone()
}

fn fewest(action: &str) -> Value {
    let Value::Object(sample) = sample(action) else { panic!("{action}: the sample is no object") };
    let schema = input_schema(action);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let required = super::required(&schema);
    let (least, others): (Map<_, _>, Map<_, _>) = sample.into_iter().partition(|(name, _)| required.contains(name));
    let others: Vec<_> = others.into_iter().collect();
    let one_more = others.iter().map(|other| vec![other]);
    let two_more =
        others.iter().enumerate().flat_map(|(index, other)| others[..index].iter().map(move |one| vec![one, other]));
    let mut candidates = std::iter::once(Vec::new()).chain(one_more).chain(two_more).map(|more| {
        let more = more.into_iter().cloned();
        Value::Object(least.clone().into_iter().chain(more).collect())
    });
    candidates
        .find(|candidate| validator.is_valid(candidate))
        .unwrap_or_else(|| panic!("{action}: the schema refuses what it requires, and two more parameters do not help"))
}
