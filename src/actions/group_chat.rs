//! Interface `group-chat`: the group chats that the application has created.

use schemars::JsonSchema;
use serde::Serialize;

use crate::action::{About, Action, Beyond, EVERY_API, Effect, Fields, Proof, RateLimit, Request, Secrets};
use crate::connection::{Application, CheckedApplication};
use crate::cut::Limit;
use crate::parameters::{Edits, table};
use crate::reply::{Malformed, Reply};
use crate::rules::{self, Rule};
use crate::ui;

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

table! {
    /// Parameters of `get-group-chat`.
    pub struct GetGroupChatParameters {
        /// ID of a group chat that this application created.
        #[schemars(title = "Group Chat ID", example = &"newhires2026", extend("x-ui" = ui::hint(FROM_CREATION)))]
        pub chat_id as "chatid": String => [rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
    }
}

/// Output of `get-group-chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GetGroupChatOutput {
    /// ID of the group chat.
    #[schemars(title = "Group Chat ID")]
    pub chat_id: String,
    /// Name of the group chat.
    #[schemars(title = "Group Chat Name")]
    pub name: String,
    /// Member ID of the group owner.
    #[schemars(title = "Group Owner ID")]
    pub owner: String,
    /// Member IDs of the group.
    #[schemars(title = "Group Member IDs")]
    pub user_list: Vec<String>,
    /// 0 for an ordinary group chat, 1 for a course; absent where WeCom does not say.
    #[schemars(title = "Group Chat Type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_type: Option<u32>,
}

impl Action for GetGroupChat {
    const ABOUT: About = About {
        id: "get-group-chat",
        title: "Obtaining a group chat",
        label: "Get a group chat",
        icon: "group-chat",
        description: "Returns the name, owner and members of a group chat that the application created.",
        interface: "group-chat",
        api: "appchat/get",
        proof: Proof::Object("chat_info"),
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

    fn request(fields: Fields, _: &CheckedApplication) -> Request {
        Request::get(Self::ABOUT.api, fields)
    }

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let mut chat = reply.object("chat_info")?;
        Ok(GetGroupChatOutput {
            chat_id: chat.required_text("chatid")?,
            name: chat.text("name")?.unwrap_or_default(),
            owner: chat.text("owner")?.unwrap_or_default(),
            user_list: chat.texts("userlist")?,
            chat_type: chat.number("chat_type")?,
        })
    }
}

/// Table 10.
pub struct CreateGroupChat;

table! {
    /// Parameters of `create-group-chat`.
    pub struct CreateGroupChatParameters {
        /// Name of the group chat. What is beyond 50 characters is cut.
        #[schemars(title = "Group Chat Name", example = &"新员工入职群")]
        pub name: Option<String> => [rules::LINE, rules::cut_at(NAME)],
        /// Member ID of the group owner: one of the members. Where it is left out, WeCom picks a member at random.
        #[schemars(title = "Group Owner ID", example = &"lisi", extend("x-ui" = ui::options(ui::MEMBERS)))]
        pub owner: Option<String> => [rules::ID],
        /// Member IDs of the group, 2 to 2000.
        #[schemars(title = "Group Member IDs", extend("examples" = [["lisi", "zhangsan"]], "x-ui" = ui::list(",").options(ui::MEMBERS)))]
        pub user_list as "userlist": Vec<String> => [rules::entries(MIN_MEMBERS, MAX_MEMBERS), rules::each(&[rules::ID])],
        /// ID of the new group chat: up to 32 digits and letters. Where it is left out, WeCom makes one. Choose one yourself to be able to tell, after a lost answer, whether the group chat exists.
        #[schemars(title = "Group Chat ID", example = &"newhires2026", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub chat_id as "chatid": Option<String> => [rules::chars(0, 32), rules::NEW_CHAT_ID],
    }
}

/// Output of `create-group-chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CreateGroupChatOutput {
    /// ID of the new group chat. Keep it: WeCom has no list of group chats.
    #[schemars(title = "Group Chat ID")]
    pub chat_id: String,
    /// Names of the parameters that were cut to their limit.
    #[schemars(title = "Truncated Parameters")]
    pub truncated: Vec<String>,
    /// Names of the parameters that control characters or colour codes were taken out of.
    #[schemars(title = "Cleaned Parameters")]
    pub cleaned: Vec<String>,
}

impl Action for CreateGroupChat {
    const ABOUT: About = About {
        id: "create-group-chat",
        title: "Creating a group chat",
        label: "Create a group chat",
        icon: "group-chat",
        description: "Creates a group chat. WeCom's older clients show it once it has a message. A second call without an ID creates a second group chat; with the same ID it is refused with 86215.",
        interface: "group-chat",
        api: "appchat/create",
        proof: Proof::Text("chatid"),
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
        sample_output: r#"{"chat_id": "newhires2026", "truncated": [], "cleaned": []}"#,
    };
    type Connection = Application;
    type Parameters = CreateGroupChatParameters;
    type Output = CreateGroupChatOutput;

    fn output(mut reply: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        Ok(CreateGroupChatOutput {
            chat_id: reply.required_text("chatid")?,
            truncated: edits.truncated,
            cleaned: edits.cleaned,
        })
    }
}

/// Table 11.
pub struct UpdateGroupChat;

table! {
    /// Parameters of `update-group-chat`. What is left out stays as it is.
    pub struct UpdateGroupChatParameters {
        /// ID of a group chat that this application created.
        #[schemars(title = "Group Chat ID", example = &"newhires2026", extend("x-ui" = ui::hint(FROM_CREATION)))]
        pub chat_id as "chatid": String => [rules::NOT_EMPTY, rules::ID],
        /// New name. What is beyond 50 characters is cut.
        #[schemars(title = "Group Chat Name", example = &"2026届新员工")]
        pub name: Option<String> => [rules::LINE, rules::cut_at(NAME), Rule::CannotBeCleared],
        /// Member ID of the new owner. It must be given where the present owner is removed; the owner of a course's group chat must be in the course's list of owners.
        #[schemars(title = "Group Owner ID", example = &"zhangsan", extend("x-ui" = ui::options(ui::MEMBERS)))]
        pub owner: Option<String> => [rules::ID, Rule::CannotBeCleared],
        /// IDs of members who join the group chat.
        #[schemars(title = "Member IDs to Add", extend("examples" = [["wangwu"]], "x-ui" = ui::list(",").options(ui::MEMBERS)))]
        pub add_user_list: Option<Vec<String>> => [rules::each(&[rules::ID])],
        /// IDs of members who leave the group chat.
        #[schemars(title = "Member IDs to Remove", extend("examples" = [["lisi"]], "x-ui" = ui::list(",").options(ui::MEMBERS)))]
        pub del_user_list: Option<Vec<String>> => [rules::each(&[rules::ID])],
    }
}

/// Output of `update-group-chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpdateGroupChatOutput {
    /// Names of the parameters that were cut to their limit.
    #[schemars(title = "Truncated Parameters")]
    pub truncated: Vec<String>,
    /// Names of the parameters that control characters or colour codes were taken out of.
    #[schemars(title = "Cleaned Parameters")]
    pub cleaned: Vec<String>,
}

impl Action for UpdateGroupChat {
    const ABOUT: About = About {
        id: "update-group-chat",
        title: "Modifying a group chat",
        label: "Update a group chat",
        icon: "group-chat",
        description: "Changes the name, owner or members of a group chat that the application created. What is left out stays as it is. Removing a member who has left already is refused with 86216.",
        interface: "group-chat",
        api: "appchat/update",
        proof: Proof::ErrcodeOnly,
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
        sample_parameters: r#"{"chat_id": "newhires2026", "name": "2026届新员工", "add_user_list": ["wangwu"]}"#,
        sample_output: r#"{"truncated": [], "cleaned": []}"#,
    };
    type Connection = Application;
    type Parameters = UpdateGroupChatParameters;
    type Output = UpdateGroupChatOutput;

    fn output(_: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        Ok(UpdateGroupChatOutput { truncated: edits.truncated, cleaned: edits.cleaned })
    }
}
