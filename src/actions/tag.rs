//! Interface `tag`: tags, which group members and departments across the tree.

use serde_json::{Map, Value};

use super::department::{self, MAX_DEPARTMENT_ID};
use super::member::{self, MAX_LISTED, MAX_LISTED_GROUPS, TAG_IN_CONTACTS};
use crate::about::{About, EVERY_API, Effect, Interface, Proof, Secrets, icon};
use crate::action::{Action, CLEANED, Edited, NoParameters, Nothing};
use crate::connection::{Application, CheckedApplication};
use crate::http::Method;
use crate::parameter::conditions::{filled, not, when};
use crate::parameter::{Edits, Names, Parameters, Spec, output, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, phrase, text};

/// The most characters of a tag's name.
const MAX_NAME_CHARS: usize = 32;

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "tag",
    title: text("Tags", "标签"),
    docs: "Tags, which group members and departments across the tree. Only the secret that made a tag may change it; that \
        of contacts synchronisation also those made in the admin console.",
};

/// Whose tags can be changed.
const MAKER: Text = text(
    "Only the secret that created a tag may change it; the contacts secret also one that was created in the admin \
    console. Others are refused with 81011.",
    "标签只能用创建它的Secret修改；通讯录Secret还可以修改在管理后台创建的标签。修改其他标签会被拒绝（错误码81011）。",
);

/// A tag that is meant.
const TAG_ID: Spec = Spec {
    wire: "tagid",
    title: text("Tag ID", "标签ID"),
    description: text("ID of the tag.", "标签的ID。"),
    examples: &[Text::both("12")],
    ui: ui::hint(TAG_IN_CONTACTS).options(ui::TAGS),
    names: Names::Tag,
    ..Spec::NEW
};
/// The name that a tag gets.
const NEW_NAME: Spec = Spec {
    wire: "tagname",
    title: text("Tag Name", "标签名称"),
    description: text(
        "Name of the tag, 1 to 32 characters, unlike that of any other tag.",
        "标签名称，1~32个字符，不能与其他标签重名。",
    ),
    examples: &[Text::both(r#""值班""#)],
    rules: &[rules::chars(1, MAX_NAME_CHARS), rules::LINE],
    ..Spec::NEW
};
/// The name of a tag that WeCom tells of.
const NAME: Spec =
    Spec {
        title: text("Tag Name", "标签名称"), description: text("Name of the tag.", "标签的名称。"), ..Spec::NEW
    };
/// What is known of every action here, but for what each of them is.
const TAGS: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("tag"),
    description: Text::NONE,
    remarks: &[],
    interface: &INTERFACE,
    method: Method::Get,
    api: "",
    proof: Proof::ErrcodeOnly,
    secrets: Secrets::Contacts,
    effect: Effect::Read,
    idempotent: true,
    rate_limits: &EVERY_API,
    pagination: None,
    since: "0.2.0",
    doc_url: "",
    sample_parameters: "",
    sample_output: "{}",
    sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
};

/// `GET tag/list`
///
/// <https://developer.work.weixin.qq.com/document/path/90216>
pub struct ListTags;

output! {
    /// Output of `list-tags`.
    pub struct ListTagsOutput {
        pub tag_list: Vec<Tag> = Spec {
            title: text("Tags", "标签"),
            description: text("The tags of the enterprise, a row for each.", "企业的标签，每个标签一行。"),
            ..Spec::NEW
        },
    }
}

output! {
    /// A tag.
    pub struct Tag {
        pub tag_id: u32 = Spec {
            title: text("Tag ID", "标签ID"),
            description: text("ID of the tag.", "标签的ID。"),
            names: Names::Tag,
            ..Spec::NEW
        },
        pub tag_name: String = NAME,
    }
}

impl Action for ListTags {
    const ABOUT: About = About {
        id: "list-tags",
        title: text("Obtaining tags", "获取标签列表"),
        label: text("List tags", "获取标签列表"),
        description: text("Lists the tags of the enterprise.", "列出企业的全部标签。"),
        api: "tag/list",
        proof: Proof::List("taglist"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/90216",
        sample_parameters: "{}",
        sample_output: r#"{"tag_list": [{"tag_id": 1, "tag_name": "值班"}, {"tag_id": 2, "tag_name": "新员工"}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "taglist": [{"tagid": 1, "tagname": "n"}]}"#,
        ..TAGS
    };
    type Connection = Application;
    type Parameters = NoParameters;
    type Output = ListTagsOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let tag_list = reply.own_rows("taglist", |row| {
            Ok(Tag { tag_id: row.required_number("tagid")?, tag_name: row.text("tagname")?.unwrap_or_default() })
        })?;
        Ok(ListTagsOutput { tag_list })
    }
}

/// `GET tag/get`
///
/// <https://developer.work.weixin.qq.com/document/path/90213>
pub struct GetTag;

table! {
    /// Parameters of `get-tag`.
    pub struct GetTagParameters {
        pub tag_id: u32 = TAG_ID,
    }
}

output! {
    /// Output of `get-tag`.
    pub struct GetTagOutput {
        pub tag_name: String = NAME,
        pub user_list: Vec<TagMember> = Spec {
            title: text("Members", "成员"),
            description: text(
                "The members that have the tag themselves, a row for each.",
                "直接带有该标签的成员，每个成员一行。",
            ),
            ..Spec::NEW
        },
        pub party_list: Vec<u32> = Spec {
            title: text("Dept IDs", "部门ID"),
            description: text("IDs of the departments that have the tag.", "带有该标签的部门的ID。"),
            names: Names::Department,
            ..Spec::NEW
        },
    }
}

output! {
    /// A member that has a tag.
    pub struct TagMember {
        pub user_id: String = member::USER_ID,
        pub name: String = member::NAME,
    }
}

impl Action for GetTag {
    const ABOUT: About = About {
        id: "get-tag",
        title: text("Obtaining the members of a tag", "获取标签成员"),
        label: text("Get a tag", "获取标签成员"),
        description: text(
            "Returns the name of a tag, and the members and departments that have it, as far as the secret may see \
            them.",
            "返回标签的名称，以及带有该标签的成员和部门，仅含该Secret可见的部分。",
        ),
        api: "tag/get",
        proof: Proof::List("userlist"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/90213",
        sample_parameters: r#"{"tag_id": 1}"#,
        sample_output: r#"{"tag_name": "值班", "user_list": [{"user_id": "zhangsan", "name": "张三"}], "party_list": [2]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "tagname": "n", "userlist": [{"userid": "zhangsan", "name": "n"}], "partylist": [2]}"#,
        ..TAGS
    };
    type Connection = Application;
    type Parameters = GetTagParameters;
    type Output = GetTagOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(GetTagOutput {
            tag_name: reply.text("tagname")?.unwrap_or_default(),
            user_list: reply.rows("userlist", |row| {
                let user_id = row.required_id("userid")?;
                Ok(TagMember { name: row.text("name")?.unwrap_or_else(|| user_id.clone()), user_id })
            })?,
            party_list: reply.numbers("partylist")?,
        })
    }
}

/// `POST tag/create`
///
/// <https://developer.work.weixin.qq.com/document/path/90210>
pub struct CreateTag;

table! {
    /// Parameters of `create-tag`.
    pub struct CreateTagParameters {
        pub tag_name: String = NEW_NAME,
        pub tag_id: Option<u32> = Spec {
            description: text("ID of the new tag. By default WeCom chooses one.", "新标签的ID。不填时由企业微信生成。"),
            ui: ui::ADVANCED,
            ..TAG_ID
        },
    }
}

output! {
    /// Output of `create-tag`.
    pub struct CreateTagOutput {
        pub tag_id: u32 = Spec {
            title: text("Tag ID", "标签ID"),
            description: text("ID of the new tag.", "新标签的ID。"),
            names: Names::Tag,
            ..Spec::NEW
        },
        pub cleaned: Vec<String> = CLEANED,
    }
}

impl Action for CreateTag {
    const ABOUT: About = About {
        id: "create-tag",
        title: text("Creating a tag", "创建标签"),
        label: text("Create a tag", "创建标签"),
        description: text(
            "Creates a tag, which nobody has yet. An enterprise has at most 3000. A second call with the same name is \
            refused with 40071.",
            "创建一个还没有成员的标签；一个企业最多3000个标签。用相同的名称再次运行会被拒绝（错误码40071）。",
        ),
        method: Method::Post,
        api: "tag/create",
        effect: Effect::Create,
        idempotent: false,
        doc_url: "https://developer.work.weixin.qq.com/document/path/90210",
        sample_parameters: r#"{"tag_name": "夜班", "tag_id": 12}"#,
        sample_output: r#"{"tag_id": 12, "cleaned": []}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "created", "tagid": 12}"#,
        ..TAGS
    };
    type Connection = Application;
    type Parameters = CreateTagParameters;
    type Output = CreateTagOutput;

    fn output(mut reply: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        Ok(CreateTagOutput { tag_id: reply.required_number("tagid")?, cleaned: edits.cleaned })
    }
}

/// `POST tag/update`
///
/// <https://developer.work.weixin.qq.com/document/path/90211>
pub struct UpdateTag;

table! {
    /// Parameters of `update-tag`.
    pub struct UpdateTagParameters {
        pub tag_id: u32 = TAG_ID,
        pub tag_name: String = NEW_NAME,
    }
}

impl Action for UpdateTag {
    const ABOUT: About = About {
        id: "update-tag",
        title: text("Updating a tag", "更新标签名字"),
        label: text("Rename a tag", "修改标签名称"),
        description: text("Gives a tag another name.", "修改标签的名称。"),
        remarks: &[MAKER],
        method: Method::Post,
        api: "tag/update",
        effect: Effect::Update,
        doc_url: "https://developer.work.weixin.qq.com/document/path/90211",
        sample_parameters: r#"{"tag_id": 12, "tag_name": "夜间值班"}"#,
        sample_output: r#"{"cleaned": []}"#,
        ..TAGS
    };
    type Connection = Application;
    type Parameters = UpdateTagParameters;
    type Output = Edited;

    fn output(_: Reply, edits: Edits) -> Result<Edited, Malformed> {
        Ok(edits.into())
    }
}

/// `GET tag/delete`
///
/// <https://developer.work.weixin.qq.com/document/path/90212>
pub struct DeleteTag;

table! {
    /// Parameters of `delete-tag`.
    pub struct DeleteTagParameters {
        pub tag_id: u32 = TAG_ID,
    }
}

impl Action for DeleteTag {
    const ABOUT: About = About {
        id: "delete-tag",
        title: text("Deleting a tag", "删除标签"),
        label: text("Delete a tag", "删除标签"),
        description: text(
            "Deletes a tag; those who had it stay. A second call is refused with 40068, since the tag is gone.",
            "删除标签，其中的成员不受影响。标签删除后再次运行会被拒绝（错误码40068），因为标签已不存在。",
        ),
        remarks: &[MAKER],
        api: "tag/delete",
        effect: Effect::Delete,
        doc_url: "https://developer.work.weixin.qq.com/document/path/90212",
        sample_parameters: r#"{"tag_id": 12}"#,
        ..TAGS
    };
    type Connection = Application;
    type Parameters = DeleteTagParameters;
    type Output = Nothing;

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

/// The members that get or lose a tag.
const USER_LIST: Spec = Spec {
    wire: "userlist",
    title: text("Member IDs", "成员ID"),
    description: text(
        "IDs of the members, at most 1000. These, Dept IDs, or both.",
        "成员的ID，最多1000个。成员ID和部门ID至少填一项。",
    ),
    examples: &[Text::both(r#"["zhangsan", "lisi"]"#)],
    rules: &[rules::entries(0, MAX_LISTED), rules::each(&[rules::ID])],
    ui: ui::list(",").options(ui::MEMBERS).hint(member::IN_CONTACTS),
    names: Names::Member,
    ..Spec::NEW
};
/// The departments that get or lose a tag.
const PARTY_LIST: Spec = Spec {
    wire: "partylist",
    title: text("Dept IDs", "部门ID"),
    description: text(
        "IDs of the departments, at most 100. These, Member IDs, or both.",
        "部门的ID，最多100个。成员ID和部门ID至少填一项。",
    ),
    examples: &[Text::both("[2]")],
    rules: &[rules::entries(0, MAX_LISTED_GROUPS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)])],
    ui: ui::list(",").options(ui::DEPARTMENTS).hint(department::IN_CONTACTS),
    names: Names::Department,
    ..Spec::NEW
};

output! {
    /// Whom a change of a tag left out. A success may have left out some.
    pub struct Tagged {
        pub invalid_list: Vec<String> = Spec {
            title: text("Members Left Out", "无效的成员"),
            description: text(
                "Members that are unknown, or that the secret may not see.",
                "不存在或该Secret无权查看的成员。",
            ),
            names: Names::Member,
            ..Spec::NEW
        },
        pub invalid_party: Vec<String> = Spec {
            title: text("Departments Left Out", "无效的部门"),
            description: text(
                "Departments that are unknown, or that the secret may not see.",
                "不存在或该Secret无权查看的部门。",
            ),
            names: Names::Department,
            ..Spec::NEW
        },
    }
}

/// Somebody must get or lose the tag.
fn check_lists(parameters: &mut Parameters) {
    let (user_list, party_list) = (AddTagMembersParameters::user_list, AddTagMembersParameters::party_list);
    if parameters.entries(user_list).is_empty() && parameters.entries(party_list).is_empty() {
        let rule = phrase!("is required where `party_list` has no entries");
        parameters.violate(user_list, &[party_list.name()], rule);
    }
}

/// What a schema can say of [`check_lists`].
fn somebody_is_listed() -> Map<String, Value> {
    when(not(filled(AddTagMembersParameters::party_list)), filled(AddTagMembersParameters::user_list))
}

fn tagged(mut reply: Reply) -> Result<Tagged, Malformed> {
    Ok(Tagged { invalid_list: reply.delimited("invalidlist")?, invalid_party: reply.delimited("invalidparty")? })
}

/// What both changes have in common.
const CHANGE: About = About {
    remarks: &[PARTLY, MAKER],
    method: Method::Post,
    effect: Effect::Update,
    sample_parameters: r#"{"tag_id": 1, "user_list": ["zhangsan", "lisi"], "party_list": [2]}"#,
    sample_output: r#"{"invalid_list": ["wangwu"], "invalid_party": ["9"]}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok", "invalidlist": "wangwu|zhaoliu", "invalidparty": [9]}"#,
    ..TAGS
};

/// Of lists with wrong entries.
const PARTLY: Text = text(
    "Wrong IDs are left out, and the output names them; where all are wrong, WeCom refuses the call with 40070.",
    "无效的ID会被忽略，并在结果中列出；全部无效时调用会被拒绝（错误码40070）。",
);

/// `POST tag/addtagusers`
///
/// <https://developer.work.weixin.qq.com/document/path/90214>
pub struct AddTagMembers;

table! {
    /// Parameters of `add-tag-members`.
    pub struct AddTagMembersParameters {
        pub tag_id: u32 = TAG_ID,
        pub user_list: Option<Vec<String>> = USER_LIST,
        pub party_list: Option<Vec<u32>> = PARTY_LIST,
    }
}

impl Action for AddTagMembers {
    const ABOUT: About = About {
        id: "add-tag-members",
        title: text("Adding members to a tag", "增加标签成员"),
        label: text("Add members to a tag", "添加标签成员"),
        description: text("Gives a tag to members and departments.", "给成员和部门打上标签。"),
        api: "tag/addtagusers",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90214",
        ..CHANGE
    };
    type Connection = Application;
    type Parameters = AddTagMembersParameters;
    type Output = Tagged;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        check_lists(parameters);
    }

    fn conditions() -> Map<String, Value> {
        somebody_is_listed()
    }

    fn output(reply: Reply, _: Edits) -> Result<Tagged, Malformed> {
        tagged(reply)
    }
}

/// `POST tag/deltagusers`
///
/// <https://developer.work.weixin.qq.com/document/path/90215>
pub struct RemoveTagMembers;

table! {
    /// Parameters of `remove-tag-members`.
    pub struct RemoveTagMembersParameters {
        pub tag_id: u32 = TAG_ID,
        pub user_list: Option<Vec<String>> = USER_LIST,
        pub party_list: Option<Vec<u32>> = PARTY_LIST,
    }
}

impl Action for RemoveTagMembers {
    const ABOUT: About = About {
        id: "remove-tag-members",
        title: text("Removing members from a tag", "删除标签成员"),
        label: text("Remove members from a tag", "移除标签成员"),
        description: text("Takes a tag away from members and departments.", "取消成员和部门的标签。"),
        api: "tag/deltagusers",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90215",
        ..CHANGE
    };
    type Connection = Application;
    type Parameters = RemoveTagMembersParameters;
    type Output = Tagged;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        check_lists(parameters);
    }

    fn conditions() -> Map<String, Value> {
        somebody_is_listed()
    }

    fn output(reply: Reply, _: Edits) -> Result<Tagged, Malformed> {
        tagged(reply)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::wire::{OK, call};

    #[test]
    fn list_tags() {
        let list = || call("list-tags", json!({})).gets("tag/list");
        list().returns(
            r#"{"errcode": 0, "errmsg": "ok", "taglist": [{"tagid": 1, "tagname": "a"}, {"tagid": "2"}]}"#,
            json!({"tag_list": [{"tag_id": 1, "tag_name": "a"}, {"tag_id": 2, "tag_name": ""}]}),
        );
        list().fails(r#"{"errcode": 0, "errmsg": "ok", "taglist": [{"tagname": "a"}]}"#, "has no `taglist[0].tagid`");
        list().fails(r#"{"errcode": 0, "errmsg": "ok", "data": []}"#, "has no `taglist`");
    }

    #[test]
    fn get_tag() {
        let get = || call("get-tag", json!({"tag_id": 0})).gets("tag/get?tagid=0");
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "tagname": "乒乓球协会",
            "userlist": [{"userid": "zhangsan", "name": "李四"}, {"userid": "lisi"}],
            "partylist": [2]
        }"#;
        let members = json!([{"user_id": "zhangsan", "name": "李四"}, {"user_id": "lisi", "name": "lisi"}]);
        get().returns(reply, json!({"tag_name": "乒乓球协会", "user_list": members, "party_list": [2]}));
        get().returns(OK, json!({"tag_name": "", "user_list": [], "party_list": []}));
        get().fails(r#"{"errcode": 0, "errmsg": "ok", "userlist": [{"name": "李四"}]}"#, "has no `userlist[0].userid`");
        get().fails(
            r#"{"errcode": 0, "errmsg": "ok", "partylist": ["a"]}"#,
            "`partylist` is not a list of whole numbers",
        );
    }

    #[test]
    fn create_tag() {
        let create = || {
            call("create-tag", json!({"tag_name": "U\u{7}I", "tag_id": 12}))
                .posts("tag/create", json!({"tagname": "UI", "tagid": 12}))
        };
        for id in ["12", "\"12\""] {
            let reply = format!(r#"{{"errcode": 0, "errmsg": "created", "tagid": {id}}}"#);
            create().returns(&reply, json!({"tag_id": 12, "cleaned": ["tag_name"]}));
        }
        create().fails(OK, "has no `tagid`");
        call("create-tag", json!({"tag_name": "长".repeat(33)})).refused_at("/tag_name", "at most 32 characters");
    }

    #[test]
    fn update_tag() {
        call("update-tag", json!({"tag_id": 12, "tag_name": "UI design"}))
            .posts("tag/update", json!({"tagid": 12, "tagname": "UI design"}))
            .returns(r#"{"errcode": 0, "errmsg": "updated"}"#, json!({"cleaned": []}));
    }

    #[test]
    fn delete_tag() {
        call("delete-tag", json!({"tag_id": 12}))
            .gets("tag/delete?tagid=12")
            .returns(r#"{"errcode": 0, "errmsg": "deleted"}"#, json!({}));
    }

    #[test]
    fn add_tag_members() {
        let add = || {
            call("add-tag-members", json!({"tag_id": 12, "user_list": ["user1", "user2"], "party_list": [4]}))
                .posts("tag/addtagusers", json!({"tagid": 12, "userlist": ["user1", "user2"], "partylist": [4]}))
        };
        add().returns(OK, json!({"invalid_list": [], "invalid_party": []}));
        add().returns(
            r#"{"errcode": 0, "errmsg": "ok", "invalidlist": "usr1|usr2|usr", "invalidparty": [2, 4]}"#,
            json!({"invalid_list": ["usr1", "usr2", "usr"], "invalid_party": ["2", "4"]}),
        );
    }

    #[test]
    fn remove_tag_members() {
        call("remove-tag-members", json!({"tag_id": 12, "party_list": [2, 4]}))
            .posts("tag/deltagusers", json!({"tagid": 12, "partylist": [2, 4]}))
            .returns(
                r#"{"errcode": 0, "errmsg": "deleted", "invalidlist": "usr1", "invalidparty": []}"#,
                json!({"invalid_list": ["usr1"], "invalid_party": []}),
            );
    }

    #[test]
    fn somebody_gets_or_loses_the_tag() {
        for action in ["add-tag-members", "remove-tag-members"] {
            call(action, json!({"tag_id": 1})).refused_at("/user_list", "`party_list` has no entries");
            call(action, json!({"tag_id": 1, "user_list": vec!["a"; 1001]})).refused_at("/user_list", "at most 1000");
            call(action, json!({"tag_id": 1, "party_list": vec![1; 101]})).refused_at("/party_list", "at most 100");
        }
    }
}
