//! Interface `group-chat`: the group chats that the application has created.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::action::{About, Action, Beyond, EVERY_API, Effect, RateLimit, Request, Secrets, Truncated};
use crate::connection::{Application, CheckedApplication};
use crate::reply::{self, Malformed, Reply};
use crate::rules::{Limit, MaybeList as _};
use crate::url::MAX_TEXT_BYTES;
use crate::{rules, ui};

/// Beyond this, a group chat's name is cut.
const NAME: Limit = Limit::Chars(50);
/// The fewest members of a new group chat.
const MIN_MEMBERS: usize = 2;
/// The most members of a new group chat.
const MAX_MEMBERS: usize = 2000;

/// Where a person finds the ID of a group chat: nowhere but in an output.
pub(super) const FROM_CREATION: &str =
    "WeCom shows it nowhere: keep the Group Chat ID that creating the group chat returned.";

/// Table 9.
pub struct GetGroupChat;

/// Parameters of `get-group-chat`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetGroupChatParameters {
    /// ID of a group chat that this application created.
    #[schemars(title = "Group Chat ID", example = &"newhires2026", regex(pattern = rules::LINE), extend("x-ui" = ui::hint(FROM_CREATION)))]
    #[garde(length(chars, min = 1), custom(rules::line), custom(rules::max_bytes(MAX_TEXT_BYTES)))]
    pub chat_id: String,
}

/// Output of `get-group-chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetGroupChatOutput {
    /// ID of the group chat.
    #[schemars(title = "Group Chat ID")]
    #[serde(rename(deserialize = "chatid"))]
    pub chat_id: String,
    /// Name of the group chat.
    #[schemars(title = "Group Chat Name")]
    #[serde(default)]
    pub name: String,
    /// Member ID of the group owner.
    #[schemars(title = "Group Owner ID")]
    #[serde(default)]
    pub owner: String,
    /// Member IDs of the group.
    #[schemars(title = "Group Member IDs")]
    #[serde(rename(deserialize = "userlist"), default)]
    pub user_list: Vec<String>,
    /// 0 for an ordinary group chat, 1 for a course; absent where WeCom does not say.
    #[schemars(title = "Group Chat Type")]
    #[serde(default, deserialize_with = "chat_type", skip_serializing_if = "Option::is_none")]
    pub chat_type: Option<u32>,
}

fn chat_type<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    reply::number(deserializer).map(Some)
}

impl Action for GetGroupChat {
    const ABOUT: About = About {
        id: "get-group-chat",
        title: "Obtaining a group chat",
        description: "Returns the name, owner and members of a group chat that the application created.",
        interface: "group-chat",
        api: "appchat/get",
        secrets: Secrets::App,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/98914",
        sample_parameters: r#"{"chat_id": "newhires2026"}"#,
        sample_output: r#"{"chat_id": "newhires2026", "name": "新员工入职群", "owner": "lisi", "user_list": ["lisi", "zhangsan"], "chat_type": 0}"#,
    };
    type Connection = Application;
    type Parameters = GetGroupChatParameters;
    type Output = GetGroupChatOutput;

    fn request(parameters: Self::Parameters, _: &CheckedApplication) -> Request {
        Request::get(Self::ABOUT.api, [("chatid", Some(parameters.chat_id))])
    }

    fn output(reply: Reply, _: Truncated) -> Result<Self::Output, Malformed> {
        reply.object("chat_info")?.read()
    }
}

/// Table 10.
pub struct CreateGroupChat;

/// Parameters of `create-group-chat`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateGroupChatParameters {
    /// Name of the group chat. What is beyond 50 characters is cut.
    #[schemars(title = "Group Chat Name", example = &"新员工入职群", regex(pattern = rules::LINE), extend("x-ui" = ui::cut(NAME)))]
    #[garde(custom(rules::line))]
    pub name: Option<String>,
    /// Member ID of the group owner: one of the members. Where it is left out, WeCom picks a member at random.
    #[schemars(title = "Group Owner ID", example = &"lisi", regex(pattern = rules::LINE), extend("x-ui" = ui::options(ui::MEMBERS)))]
    #[garde(custom(rules::line))]
    pub owner: Option<String>,
    /// Member IDs of the group, 2 to 2000.
    #[schemars(title = "Group Member IDs", length(min = MIN_MEMBERS, max = MAX_MEMBERS), inner(length(min = 1), regex(pattern = rules::LINE)), extend("examples" = [["lisi", "zhangsan"]], "x-ui" = ui::list(",").options(ui::MEMBERS)))]
    #[garde(custom(rules::entries(MIN_MEMBERS, MAX_MEMBERS)), inner(custom(rules::entry)))]
    #[serde(rename(serialize = "userlist"))]
    pub user_list: Vec<String>,
    /// ID of the new group chat: up to 32 digits and letters. Where it is left out, WeCom makes one. Choose one yourself to be able to tell, after a lost answer, whether the group chat exists.
    #[schemars(title = "Group Chat ID", example = &"newhires2026", regex(pattern = rules::NEW_CHAT_ID), extend("x-ui" = ui::group(ui::ADVANCED)))]
    #[garde(length(chars, max = 32), custom(rules::new_chat_id))]
    #[serde(rename(serialize = "chatid"))]
    pub chat_id: Option<String>,
}

/// Output of `create-group-chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateGroupChatOutput {
    /// ID of the new group chat. Keep it: WeCom has no list of group chats.
    #[schemars(title = "Group Chat ID")]
    #[serde(rename(deserialize = "chatid"))]
    pub chat_id: String,
    /// Names of the parameters that were cut to their limit.
    #[schemars(title = "Truncated Parameters")]
    #[serde(skip_deserializing)]
    pub truncated: Vec<String>,
}

impl Action for CreateGroupChat {
    const ABOUT: About = About {
        id: "create-group-chat",
        title: "Creating a group chat",
        description: "Creates a group chat. WeCom's older clients show it once it has a message. A second call without an ID creates a second group chat; with the same ID it is refused with 86215.",
        interface: "group-chat",
        api: "appchat/create",
        secrets: Secrets::App,
        effect: Effect::Create,
        idempotent: false,
        rate_limits: &[
            EVERY_API[0],
            EVERY_API[1],
            RateLimit {
                scope: "enterprise",
                amount: 1000,
                unit: "group chats",
                per_seconds: 86_400,
                beyond: Beyond::Refused,
            },
        ],
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90245",
        sample_parameters: r#"{"name": "新员工入职群", "owner": "lisi", "user_list": ["lisi", "zhangsan"], "chat_id": "newhires2026"}"#,
        sample_output: r#"{"chat_id": "newhires2026", "truncated": []}"#,
    };
    type Connection = Application;
    type Parameters = CreateGroupChatParameters;
    type Output = CreateGroupChatOutput;

    fn lists(parameters: &Self::Parameters) -> Vec<(&'static str, usize)> {
        vec![("user_list", parameters.user_list.items().len())]
    }

    fn request(mut parameters: Self::Parameters, _: &CheckedApplication) -> Request {
        let mut truncated = Truncated::default();
        truncated.cut_optional("name", &mut parameters.name, NAME);
        Request::post(Self::ABOUT.api, parameters).truncated(truncated)
    }

    fn output(reply: Reply, truncated: Truncated) -> Result<Self::Output, Malformed> {
        Ok(CreateGroupChatOutput { truncated: truncated.0, ..reply.read()? })
    }
}

/// Table 11.
pub struct UpdateGroupChat;

/// Parameters of `update-group-chat`. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateGroupChatParameters {
    /// ID of a group chat that this application created.
    #[schemars(title = "Group Chat ID", example = &"newhires2026", regex(pattern = rules::LINE), extend("x-ui" = ui::hint(FROM_CREATION)))]
    #[garde(length(chars, min = 1), custom(rules::line))]
    #[serde(rename(serialize = "chatid"))]
    pub chat_id: String,
    /// New name. What is beyond 50 characters is cut.
    #[schemars(title = "Group Chat Name", example = &"2026 届新员工", regex(pattern = rules::LINE), extend("x-ui" = ui::cut(NAME)))]
    #[garde(custom(rules::line))]
    pub name: Option<String>,
    /// Member ID of the new owner. It must be given where the present owner is removed; the owner of a course's group chat must be in the course's list of owners.
    #[schemars(title = "Group Owner ID", example = &"zhangsan", regex(pattern = rules::LINE), extend("x-ui" = ui::options(ui::MEMBERS)))]
    #[garde(custom(rules::line))]
    pub owner: Option<String>,
    /// IDs of members who join the group chat.
    #[schemars(title = "Member IDs to Add", inner(length(min = 1), regex(pattern = rules::LINE)), extend("examples" = [["wangwu"]], "x-ui" = ui::list(",").options(ui::MEMBERS)))]
    #[garde(inner(inner(custom(rules::entry))))]
    pub add_user_list: Option<Vec<String>>,
    /// IDs of members who leave the group chat.
    #[schemars(title = "Member IDs to Remove", inner(length(min = 1), regex(pattern = rules::LINE)), extend("examples" = [["lisi"]], "x-ui" = ui::list(",").options(ui::MEMBERS)))]
    #[garde(inner(inner(custom(rules::entry))))]
    pub del_user_list: Option<Vec<String>>,
}

/// Output of `update-group-chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpdateGroupChatOutput {
    /// Names of the parameters that were cut to their limit.
    #[schemars(title = "Truncated Parameters")]
    pub truncated: Vec<String>,
}

impl Action for UpdateGroupChat {
    const ABOUT: About = About {
        id: "update-group-chat",
        title: "Modifying a group chat",
        description: "Changes the name, owner or members of a group chat that the application created. What is left out stays as it is. Removing a member who has left already is refused with 86216.",
        interface: "group-chat",
        api: "appchat/update",
        secrets: Secrets::App,
        effect: Effect::Update,
        idempotent: false,
        rate_limits: &[
            EVERY_API[0],
            EVERY_API[1],
            RateLimit { scope: "enterprise", amount: 1000, unit: "calls", per_seconds: 3600, beyond: Beyond::Refused },
        ],
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/98913",
        sample_parameters: r#"{"chat_id": "newhires2026", "name": "2026 届新员工", "add_user_list": ["wangwu"]}"#,
        sample_output: r#"{"truncated": []}"#,
    };
    type Connection = Application;
    type Parameters = UpdateGroupChatParameters;
    type Output = UpdateGroupChatOutput;

    fn lists(parameters: &Self::Parameters) -> Vec<(&'static str, usize)> {
        vec![
            ("add_user_list", parameters.add_user_list.items().len()),
            ("del_user_list", parameters.del_user_list.items().len()),
        ]
    }

    fn request(mut parameters: Self::Parameters, _: &CheckedApplication) -> Request {
        let mut truncated = Truncated::default();
        truncated.cut_optional("name", &mut parameters.name, NAME);
        Request::post(Self::ABOUT.api, parameters).truncated(truncated)
    }

    fn output(_: Reply, truncated: Truncated) -> Result<Self::Output, Malformed> {
        Ok(UpdateGroupChatOutput { truncated: truncated.0 })
    }
}
