//! Interface `group-chat`: the group chats that the application has created.

use crate::about::{About, Beyond, EVERY_API, Effect, Interface, Proof, RateLimit, Secrets, icon};
use crate::action::{Action, CLEANED, TRUNCATED};
use crate::connection::Application;
use crate::cut::Limit;
use crate::http::Method;
use crate::parameter::rules::{self, Rule};
use crate::parameter::{Edits, Names, Spec, output, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, text};

/// Beyond this, a group chat's name is cut.
const NAME: Limit = Limit::Chars(50);
/// The fewest members of a new group chat.
const MIN_MEMBERS: usize = 2;
/// The most members of a new group chat.
const MAX_MEMBERS: usize = 2000;

const OWN_CHAT: Text = text("ID of a group chat that this application created.", "由本应用创建的群聊的ID。");

/// Where a person finds the ID of a group chat: nowhere but in an output.
pub(super) const FROM_CREATION: Text = text(
    "WeCom shows it nowhere: keep the Group Chat ID that creating the group chat returned.",
    "群聊ID在企业微信里看不到，请保存创建群聊时返回的ID。",
);

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "group-chat",
    title: text("Group chats", "群聊"),
    docs: "Group chats. An application sees those only that it created itself, and only while its visible range is \
    the root department.",
};

/// `GET appchat/get`
///
/// <https://developer.work.weixin.qq.com/document/path/98914>
pub struct GetGroupChat;

table! {
    /// Parameters of `get-group-chat`.
    pub struct GetGroupChatParameters {
        pub chat_id: String = Spec {
            wire: "chatid",
            title: text("Group Chat ID", "群聊ID"),
            description: OWN_CHAT,
            examples: &[Text::both(r#""newhires2026""#)],
            rules: &[rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ui: ui::hint(FROM_CREATION),
            names: Names::GroupChat,
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `get-group-chat`.
    pub struct GetGroupChatOutput {
        pub chat_id: String = Spec {
            title: text("Group Chat ID", "群聊ID"),
            description: text("ID of the group chat.", "群聊的ID。"),
            names: Names::GroupChat,
            ..Spec::NEW
        },
        pub name: String = Spec {
            title: text("Group Chat Name", "群聊名称"),
            description: text("Name of the group chat.", "群聊的名称。"),
            ..Spec::NEW
        },
        pub owner: String = Spec {
            title: text("Group Owner ID", "群主ID"),
            description: text("Member ID of the group owner.", "群主的成员ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
        pub user_list: Vec<String> = Spec {
            title: text("Group Member IDs", "群成员ID"),
            description: text("Member IDs of the group.", "群内成员的成员ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
        pub chat_type: Option<u32> = Spec {
            title: text("Group Chat Type", "群聊类型"),
            description: text(
                "0 for an ordinary group chat, 1 for a course; absent where WeCom does not say.",
                "0为普通群聊，1为课程群聊；企业微信未返回时没有此项。",
            ),
            ..Spec::NEW
        },
    }
}

impl Action for GetGroupChat {
    const ABOUT: About = About {
        id: "get-group-chat",
        title: text("Obtaining a group chat", "获取群聊会话"),
        label: text("Get a group chat", "获取群聊信息"),
        icon: icon!("group-chat"),
        description: text(
            "Returns the name, owner and members of a group chat that the application created.",
            "返回由本应用创建的群聊的名称、群主和成员。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Get,
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
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "chat_info": {"chatid": "chat", "name": "n", "owner": "zhangsan", "userlist": ["zhangsan"], "chat_type": 0}}"#,
    };
    type Connection = Application;
    type Parameters = GetGroupChatParameters;
    type Output = GetGroupChatOutput;

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

/// `POST appchat/create`
///
/// <https://developer.work.weixin.qq.com/document/path/90245>
pub struct CreateGroupChat;

table! {
    /// Parameters of `create-group-chat`.
    pub struct CreateGroupChatParameters {
        pub name: Option<String> = Spec {
            title: text("Group Chat Name", "群聊名称"),
            description: text(
                "Name of the group chat. What is beyond 50 characters is cut.",
                "群聊的名称，超过50个字符的部分会被截断。",
            ),
            examples: &[Text::both(r#""新员工入职群""#)],
            rules: &[rules::LINE, rules::cut_at(NAME)],
            ..Spec::NEW
        },
        pub owner: Option<String> = Spec {
            title: text("Group Owner ID", "群主ID"),
            description: text(
                "Member ID of the group owner: one of the members. By default WeCom picks a member at random.",
                "群主的成员ID，须为群成员之一。不填时由企业微信随机选择一名成员。",
            ),
            examples: &[Text::both(r#""lisi""#)],
            rules: &[rules::ID],
            ui: ui::options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub user_list: Vec<String> = Spec {
            wire: "userlist",
            title: text("Group Member IDs", "群成员ID"),
            description: text("Member IDs of the group, 2 to 2000.", "群内成员的成员ID，2~2000个。"),
            examples: &[Text::both(r#"["lisi", "zhangsan"]"#)],
            rules: &[rules::entries(MIN_MEMBERS, MAX_MEMBERS), rules::each(&[rules::ID])],
            ui: ui::list(",").options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub chat_id: Option<String> = Spec {
            wire: "chatid",
            title: text("Group Chat ID", "群聊ID"),
            description: text(
                "ID of the new group chat: up to 32 digits and letters. By default WeCom makes one. Choose \
                one yourself to be able to tell, after a lost answer, whether the group chat exists.",
                "新群聊的ID：最多32个数字和英文字母。不填时由企业微信生成。自行指定ID，可在未收到应答时确认群聊是否已\
                建好。",
            ),
            examples: &[Text::both(r#""newhires2026""#)],
            rules: &[rules::chars(0, 32), rules::NEW_CHAT_ID],
            ui: ui::ADVANCED,
            names: Names::GroupChat,
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `create-group-chat`.
    pub struct CreateGroupChatOutput {
        pub chat_id: String = Spec {
            title: text("Group Chat ID", "群聊ID"),
            description: text(
                "ID of the new group chat. Keep it: WeCom has no list of group chats.",
                "新群聊的ID。请妥善保存：企业微信不提供群聊列表。",
            ),
            names: Names::GroupChat,
            ..Spec::NEW
        },
        pub truncated: Vec<String> = TRUNCATED,
        pub cleaned: Vec<String> = CLEANED,
    }
}

impl Action for CreateGroupChat {
    const ABOUT: About = About {
        id: "create-group-chat",
        title: text("Creating a group chat", "创建群聊会话"),
        label: text("Create a group chat", "创建群聊"),
        icon: icon!("group-chat"),
        description: text(
            "Creates a group chat. WeCom's older clients show it once it has a message. A second call without an ID \
            creates a second group chat; with the same ID it is refused with 86215.",
            "创建群聊。在旧版企业微信客户端中，群聊有了消息才会显示。不填群聊ID时，再次运行会再建一个群聊；群聊ID相同\
            时会被拒绝（错误码86215）。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
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
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "chatid": "chat"}"#,
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

/// `POST appchat/update`
///
/// <https://developer.work.weixin.qq.com/document/path/98913>
pub struct UpdateGroupChat;

table! {
    /// Parameters of `update-group-chat`. What is left out stays as it is.
    pub struct UpdateGroupChatParameters {
        pub chat_id: String = Spec {
            wire: "chatid",
            title: text("Group Chat ID", "群聊ID"),
            description: OWN_CHAT,
            examples: &[Text::both(r#""newhires2026""#)],
            rules: &[rules::NOT_EMPTY, rules::ID],
            ui: ui::hint(FROM_CREATION),
            names: Names::GroupChat,
            ..Spec::NEW
        },
        pub name: Option<String> = Spec {
            title: text("Group Chat Name", "群聊名称"),
            description: text(
                "New name. What is beyond 50 characters is cut.",
                "新名称，超过50个字符的部分会被截断。",
            ),
            examples: &[Text::both(r#""2026届新员工""#)],
            rules: &[rules::LINE, rules::cut_at(NAME), Rule::CannotBeCleared],
            ..Spec::NEW
        },
        pub owner: Option<String> = Spec {
            title: text("Group Owner ID", "群主ID"),
            description: text(
                "Member ID of the new owner. It must be given where the present owner is removed; the owner of a \
                course's group chat must be in the course's list of owners.",
                "新群主的成员ID。移除现任群主时必填；课程群聊的群主须在该课程的群主名单中。",
            ),
            examples: &[Text::both(r#""zhangsan""#)],
            rules: &[rules::ID, Rule::CannotBeCleared],
            ui: ui::options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub add_user_list: Option<Vec<String>> = Spec {
            title: text("Member IDs to Add", "要添加的成员ID"),
            description: text("IDs of members who join the group chat.", "要加入群聊的成员的ID。"),
            examples: &[Text::both(r#"["wangwu"]"#)],
            rules: &[rules::each(&[rules::ID])],
            ui: ui::list(",").options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub del_user_list: Option<Vec<String>> = Spec {
            title: text("Member IDs to Remove", "要移除的成员ID"),
            description: text("IDs of members who leave the group chat.", "要移出群聊的成员的ID。"),
            examples: &[Text::both(r#"["lisi"]"#)],
            rules: &[rules::each(&[rules::ID])],
            ui: ui::list(",").options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `update-group-chat`.
    pub struct UpdateGroupChatOutput {
        pub truncated: Vec<String> = TRUNCATED,
        pub cleaned: Vec<String> = CLEANED,
    }
}

impl Action for UpdateGroupChat {
    const ABOUT: About = About {
        id: "update-group-chat",
        title: text("Modifying a group chat", "修改群聊会话"),
        label: text("Update a group chat", "修改群聊"),
        icon: icon!("group-chat"),
        description: text(
            "Changes the name, owner or members of a group chat that the application created. What is left out stays \
            as it is. Removing a member who has left already is refused with 86216.",
            "修改由本应用创建的群聊的名称、群主或成员。未填的项保持不变。移除已不在群里的成员会被拒绝（错误码86216）\
            。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
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
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
    };
    type Connection = Application;
    type Parameters = UpdateGroupChatParameters;
    type Output = UpdateGroupChatOutput;

    fn output(_: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        Ok(UpdateGroupChatOutput { truncated: edits.truncated, cleaned: edits.cleaned })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::wire::{OK, call};

    #[test]
    fn get_group_chat() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "chat_info": {
                "chatid": "CHATID",
                "name": "NAME",
                "owner": "userid2",
                "userlist": ["userid1", "userid2", "userid3"],
                "chat_type": 0
            }
        }"#;
        let output = json!({
            "chat_id": "CHATID",
            "name": "NAME",
            "owner": "userid2",
            "user_list": ["userid1", "userid2", "userid3"],
            "chat_type": 0,
        });
        let get = || call("get-group-chat", json!({"chat_id": "CHATID"})).gets("appchat/get?chatid=CHATID");
        get().returns(reply, output);

        // Before there were courses, there was no type.
        get().returns(
            r#"{"errcode": 0, "errmsg": "ok", "chat_info": {"chatid": "CHATID", "name": "NAME", "owner": "userid2"}}"#,
            json!({"chat_id": "CHATID", "name": "NAME", "owner": "userid2", "user_list": []}),
        );
        get().fails(r#"{"errcode": 0, "errmsg": "ok", "chat_info": {}}"#, "has no `chat_info.chatid`");
    }

    #[test]
    fn create_group_chat() {
        let reply = r#"{"errcode": 0, "errmsg": "ok", "chatid": "CHATID"}"#;
        call(
            "create-group-chat",
            json!({"name": "NAME", "owner": "userid1", "user_list": ["userid1", "userid2"], "chat_id": "CHATID"}),
        )
        .posts(
            "appchat/create",
            json!({"name": "NAME", "owner": "userid1", "userlist": ["userid1", "userid2"], "chatid": "CHATID"}),
        )
        .returns(reply, json!({"chat_id": "CHATID", "truncated": [], "cleaned": []}));

        call("create-group-chat", json!({"user_list": ["userid1", "userid2"]}))
            .posts("appchat/create", json!({"userlist": ["userid1", "userid2"]}))
            .fails(OK, "has no `chatid`");
    }

    #[test]
    fn update_group_chat() {
        let (added, removed) = (["userid1", "userid2"], ["userid3", "userid4"]);
        call(
            "update-group-chat",
            json!({
                "chat_id": "CHATID",
                "name": "NAME",
                "owner": "userid2",
                "add_user_list": added,
                "del_user_list": removed,
            }),
        )
        .posts(
            "appchat/update",
            json!({
                "chatid": "CHATID",
                "name": "NAME",
                "owner": "userid2",
                "add_user_list": added,
                "del_user_list": removed,
            }),
        )
        .returns(OK, json!({"truncated": [], "cleaned": []}));

        let update = |name: &str| call("update-group-chat", json!({"chat_id": "CHATID", name: ""}));
        update("name").refused_at("/name", "cannot be cleared");
        update("owner").refused_at("/owner", "cannot be cleared");
        update("add_user_list")
            .posts("appchat/update", json!({"chatid": "CHATID"}))
            .returns(OK, json!({"truncated": [], "cleaned": []}));
    }

    #[test]
    fn a_long_name_is_cut_and_control_characters_are_taken_out() {
        let (given, name) = (format!("新\u{7}{}", "群".repeat(50)), format!("新{}", "群".repeat(49)));
        call("create-group-chat", json!({"user_list": ["userid1", "userid2"], "name": given}))
            .posts("appchat/create", json!({"userlist": ["userid1", "userid2"], "name": name}))
            .returns(
                r#"{"errcode": 0, "errmsg": "ok", "chatid": "CHATID"}"#,
                json!({"chat_id": "CHATID", "truncated": ["name"], "cleaned": ["name"]}),
            );
        call("update-group-chat", json!({"chat_id": "CHATID", "name": format!("新{}", "群".repeat(50))}))
            .posts("appchat/update", json!({"chatid": "CHATID", "name": format!("新{}", "群".repeat(49))}))
            .returns(OK, json!({"truncated": ["name"], "cleaned": []}));
    }
}
