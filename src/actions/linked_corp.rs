//! Interface `linked-corp`: messages to members of linked enterprises, and who can be reached there.

use serde_json::{Map, Value, json};

use super::app_message::{check_agent_id, delivery, names_everyone, names_nobody, set_agent_id};
use super::member::{ATTRIBUTES, Attribute, attributes};
use super::message::{
    AGENT_ID, ARTICLE, ARTICLE_TITLE, ARTICLES, AUTHOR, Article, BUTTON_TEXT, CARD_LINK, CARD_TEXT, CARD_TITLE, DIGEST,
    Delivery, EMPHASIS, FILE, IMAGE, MAX_RECEIVERS, MAX_RECEIVING_DEPARTMENTS, MINI_PROGRAM, NOTICE_ITEMS, NOTICE_PAGE,
    NOTICE_TEXT, NOTICE_TITLE, NoticeItem, SAFE, SENT_AGAIN, SOURCE_LINK, TEXT_CONTENT, THUMBNAIL, TO_TAG, body,
    check_article,
};
use crate::about::{About, EVERY_API, Effect, Interface, Proof, Secrets, icon};
use crate::action::{Action, NoParameters, Request, plain};
use crate::connection::{Application, CheckedApplication};
use crate::http::Method;
use crate::parameter::conditions::{filled, not, when};
use crate::parameter::field::NO_YES;
use crate::parameter::{Edits, Names, Parameters, Spec, output, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, phrase, text};

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "linked-corp",
    title: text("Linked enterprises", "互联企业"),
    docs: "Members of enterprises that are linked in the old way: messages to them, and who can be reached there. \
    WeCom no longer documents these APIs; where an application is shared, use a connection with a lower enterprise.",
};

/// What a person has to know before.
const OLD_WAY: Text = text(
    "It reaches enterprises that are linked in the old way only. For shared applications, use a connection with a lower \
    enterprise instead.",
    "仅适用于按旧方式互联的企业。应用已共享给对方企业的，请改用填写了下级企业的连接。",
);

/// Where a person finds IDs of linked enterprises.
const FROM_PERMISSIONS: Text = text(
    "In the output of the action that lists what can be reached (get-linked-corp-permissions).",
    "见“获取互联企业可见范围”操作（get-linked-corp-permissions）的输出。",
);

/// What is known of every action here.
const LINKED: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("share"),
    description: Text::NONE,
    remarks: &[OLD_WAY],
    interface: &INTERFACE,
    method: Method::Post,
    api: "",
    proof: Proof::ErrcodeOnly,
    secrets: Secrets::App,
    effect: Effect::Read,
    idempotent: true,
    rate_limits: &EVERY_API,
    pagination: None,
    since: "0.2.0",
    doc_url: "",
    sample_parameters: "{}",
    sample_output: "",
    sample_reply: "",
};

/// `POST linkedcorp/agent/get_perm_list`
///
/// <https://developer.work.weixin.qq.com/document/path/93172>
pub struct GetLinkedCorpPermissions;

output! {
    /// Output of `get-linked-corp-permissions`.
    pub struct GetLinkedCorpPermissionsOutput {
        pub user_ids: Vec<String> = Spec {
            title: text("Member IDs", "成员ID列表"),
            description: text(
                "The members in the application's visible range, each as CorpId/userid.",
                "应用可见范围内的成员，格式为CorpId/userid。",
            ),
            names: Names::LinkedMember,
            ..Spec::NEW
        },
        pub department_ids: Vec<String> = Spec {
            title: text("Department IDs", "部门ID列表"),
            description: text(
                "The departments in the application's visible range, each as LinkedId/partyid.",
                "应用可见范围内的部门，格式为LinkedId/partyid。",
            ),
            names: Names::LinkedDepartment,
            ..Spec::NEW
        },
    }
}

impl Action for GetLinkedCorpPermissions {
    const ABOUT: About = About {
        id: "get-linked-corp-permissions",
        title: text("Obtaining the visible range in linked enterprises", "获取互联企业可见范围"),
        label: text("List what can be reached in linked enterprises", "获取互联企业可见范围"),
        description: text(
            "Lists the members and departments of linked enterprises that the application may see.",
            "列出应用可见的互联企业成员和部门。",
        ),
        api: "linkedcorp/agent/get_perm_list",
        proof: Proof::List("userids"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/93172",
        sample_output: r#"{"user_ids": ["wwabcdef0123456789/wang01"], "department_ids": ["L0123456789/2"]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userids": ["wwabcdef0123456789/wang01"], "department_ids": ["L0123456789/2"]}"#,
        ..LINKED
    };
    type Connection = Application;
    type Parameters = NoParameters;
    type Output = GetLinkedCorpPermissionsOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let user_ids = reply.entries("userids")?;
        let department_ids = reply.texts("department_ids")?;
        Ok(GetLinkedCorpPermissionsOutput { user_ids, department_ids })
    }
}

/// `POST linkedcorp/user/get`
///
/// <https://developer.work.weixin.qq.com/document/path/93171>
pub struct GetLinkedCorpMember;

table! {
    /// Parameters of `get-linked-corp-member`.
    pub struct GetLinkedCorpMemberParameters {
        pub user_id: String = Spec {
            wire: "userid",
            title: text("Member ID", "成员ID"),
            description: text(
                "ID of the member, with that of the enterprise before it: CorpId/userid.",
                "成员的ID，前面加上企业ID：CorpId/userid。",
            ),
            examples: &[Text::both(r#""wwabcdef0123456789/wang01""#)],
            rules: &[rules::NOT_EMPTY, rules::LINKED_ID],
            ui: ui::hint(FROM_PERMISSIONS),
            names: Names::LinkedMember,
            ..Spec::NEW
        },
    }
}

output! {
    /// A member of a linked enterprise.
    pub struct LinkedMember {
        pub corp_id: Option<String> = Spec {
            title: text("Enterprise ID", "企业ID"),
            description: text(
                "ID of the member's enterprise. With a slash and the member's ID behind it, it is a receiver.",
                "成员所在企业的ID。后面加上斜杠和成员ID，即为接收人ID。",
            ),
            names: Names::Corp,
            ..Spec::NEW
        },
        pub user_id: String = Spec {
            title: text("Member ID", "成员ID"),
            description: text("ID of the member in that enterprise.", "成员在其企业中的ID。"),
            names: Names::Elsewhere,
            ..Spec::NEW
        },
        pub name: Option<String> = Spec {
            title: text("Member Name", "姓名"),
            description: text("Name of the member.", "成员的姓名。"),
            ..Spec::NEW
        },
        pub department: Vec<String> = Spec {
            title: text("Dept IDs", "所属部门ID"),
            description: text(
                "The departments that the member belongs to, each as LinkedId/partyid.",
                "成员所属的部门，格式为LinkedId/partyid。",
            ),
            names: Names::LinkedDepartment,
            ..Spec::NEW
        },
        pub mobile: Option<String> = Spec {
            title: text("Mobile Number", "手机号"),
            description: text("Mobile number, with the country code.", "成员的手机号，带国家或地区代码。"),
            ..Spec::NEW
        },
        pub telephone: Option<String> = Spec {
            title: text("Fixed-line Phone", "座机"),
            description: text("Fixed-line number.", "座机号码。"),
            ..Spec::NEW
        },
        pub email: Option<String> = Spec {
            title: text("Email Address", "邮箱"),
            description: text("Email address.", "成员的邮箱地址。"),
            ..Spec::NEW
        },
        pub position: Option<String> = Spec {
            title: text("Job Title", "职务"),
            description: text("Position in that enterprise.", "在其企业中的职务。"),
            ..Spec::NEW
        },
        pub ext_attr: Vec<Attribute> = ATTRIBUTES,
    }
}

fn member(member: &mut Reply) -> Result<LinkedMember, Malformed> {
    Ok(LinkedMember {
        corp_id: member.text("corpid")?,
        user_id: member.required_id("userid")?,
        name: member.text("name")?,
        department: member.texts("department")?,
        mobile: member.text("mobile")?,
        telephone: member.text("telephone")?,
        email: member.text("email")?,
        position: member.text("position")?,
        ext_attr: attributes(member)?,
    })
}

impl Action for GetLinkedCorpMember {
    const ABOUT: About = About {
        id: "get-linked-corp-member",
        title: text("Obtaining a member of a linked enterprise", "获取互联企业成员详情"),
        label: text("Get a member of a linked enterprise", "获取互联企业成员详情"),
        description: text(
            "Returns the name, departments, phone numbers and position of a member of a linked enterprise.",
            "返回互联企业成员的姓名、部门、电话和职务等信息。",
        ),
        api: "linkedcorp/user/get",
        proof: Proof::Object("user_info"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/93171",
        sample_parameters: r#"{"user_id": "wwabcdef0123456789/wang01"}"#,
        sample_output: r#"{"corp_id": "wwabcdef0123456789", "user_id": "wang01", "name": "王一", "department": ["L0123456789/2"], "mobile": "+86 13800000000", "position": "产品经理", "ext_attr": []}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "user_info": {"userid": "wang01", "name": "n", "department": ["L0123456789/2"], "mobile": "+86 13800000000", "telephone": "020-123456", "email": "wang01@example.com", "position": "p", "corpid": "wwabcdef0123456789", "extattr": {"attrs": [{"name": "n", "type": 0, "text": {"value": "v"}}]}}}"#,
        ..LINKED
    };
    type Connection = Application;
    type Parameters = GetLinkedCorpMemberParameters;
    type Output = LinkedMember;

    fn output(mut reply: Reply, _: Edits) -> Result<LinkedMember, Malformed> {
        member(&mut reply.object("user_info")?)
    }
}

const DEPARTMENT_ID: Spec = Spec {
    title: text("Department ID", "部门ID"),
    description: text(
        "ID of the department, with that of the link before it: LinkedId/partyid.",
        "部门的ID，前面加上互联ID：LinkedId/partyid。",
    ),
    examples: &[Text::both(r#""L0123456789/2""#)],
    rules: &[rules::NOT_EMPTY, rules::LINKED_ID],
    ui: ui::hint(FROM_PERMISSIONS),
    names: Names::LinkedDepartment,
    ..Spec::NEW
};

const FETCH_CHILD: Spec = Spec {
    title: text("With Departments Below", "包含下级部门"),
    description: text(
        "Whether members of the departments below are listed, too. Default: no.",
        "是否同时列出下级部门的成员。不填时不列出。",
    ),
    choices: NO_YES,
    rules: &[rules::SWITCH],
    ..Spec::NEW
};

output! {
    /// Members of linked enterprises.
    pub struct LinkedMembers {
        pub user_list: Vec<LinkedMember> = Spec {
            title: text("Members", "成员列表"),
            description: text("The members of the department.", "该部门的成员。"),
            ..Spec::NEW
        },
    }
}

fn members(mut reply: Reply) -> Result<LinkedMembers, Malformed> {
    Ok(LinkedMembers { user_list: reply.own_rows("userlist", member)? })
}

/// `POST linkedcorp/user/simplelist`
///
/// <https://developer.work.weixin.qq.com/document/path/93168>
pub struct ListLinkedCorpMembers;

table! {
    /// Parameters of `list-linked-corp-members`.
    pub struct ListLinkedCorpMembersParameters {
        pub department_id: String = DEPARTMENT_ID,
        pub fetch_child: Option<u8> = FETCH_CHILD,
    }
}

impl Action for ListLinkedCorpMembers {
    const ABOUT: About = About {
        id: "list-linked-corp-members",
        title: text("Obtaining members of a linked enterprise", "获取互联企业部门成员"),
        label: text("List members of a linked enterprise", "获取互联企业部门成员"),
        description: text(
            "Lists the members of a department of a linked enterprise by ID and name.",
            "列出互联企业某部门的成员ID和姓名。",
        ),
        api: "linkedcorp/user/simplelist",
        proof: Proof::List("userlist"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/93168",
        sample_parameters: r#"{"department_id": "L0123456789/2", "fetch_child": 1}"#,
        sample_output: r#"{"user_list": [{"corp_id": "wwabcdef0123456789", "user_id": "wang01", "name": "王一", "department": ["L0123456789/2"], "ext_attr": []}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userlist": [{"userid": "wang01", "name": "n", "department": ["L0123456789/2"], "corpid": "wwabcdef0123456789"}]}"#,
        ..LINKED
    };
    type Connection = Application;
    type Parameters = ListLinkedCorpMembersParameters;
    type Output = LinkedMembers;

    fn output(reply: Reply, _: Edits) -> Result<LinkedMembers, Malformed> {
        members(reply)
    }
}

/// `POST linkedcorp/user/list`
///
/// <https://developer.work.weixin.qq.com/document/path/93169>
pub struct ListLinkedCorpMemberDetails;

table! {
    /// Parameters of `list-linked-corp-member-details`.
    pub struct ListLinkedCorpMemberDetailsParameters {
        pub department_id: String = DEPARTMENT_ID,
        pub fetch_child: Option<u8> = FETCH_CHILD,
    }
}

impl Action for ListLinkedCorpMemberDetails {
    const ABOUT: About = About {
        id: "list-linked-corp-member-details",
        title: text("Obtaining member details of a linked enterprise", "获取互联企业部门成员详情"),
        label: text("List members of a linked enterprise with details", "获取互联企业部门成员详情"),
        description: text(
            "Lists the members of a department of a linked enterprise with phone numbers, position and custom fields.",
            "列出互联企业某部门的成员，包括电话、职务和扩展属性。",
        ),
        api: "linkedcorp/user/list",
        proof: Proof::List("userlist"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/93169",
        sample_parameters: r#"{"department_id": "L0123456789/2", "fetch_child": 0}"#,
        sample_output: r#"{"user_list": [{"corp_id": "wwabcdef0123456789", "user_id": "wang01", "name": "王一", "department": ["L0123456789/2"], "mobile": "+86 13800000000", "position": "产品经理", "ext_attr": []}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userlist": [{"userid": "wang01", "name": "n", "department": ["L0123456789/2"], "mobile": "+86 13800000000", "telephone": "020-123456", "email": "wang01@example.com", "position": "p", "corpid": "wwabcdef0123456789", "extattr": {"attrs": [{"name": "n", "type": 0, "text": {"value": "v"}}]}}]}"#,
        ..LINKED
    };
    type Connection = Application;
    type Parameters = ListLinkedCorpMemberDetailsParameters;
    type Output = LinkedMembers;

    fn output(reply: Reply, _: Edits) -> Result<LinkedMembers, Malformed> {
        members(reply)
    }
}

/// `POST linkedcorp/department/list`
///
/// <https://developer.work.weixin.qq.com/document/path/93170>
pub struct ListLinkedCorpDepartments;

table! {
    /// Parameters of `list-linked-corp-departments`.
    pub struct ListLinkedCorpDepartmentsParameters {
        pub department_id: String = DEPARTMENT_ID,
    }
}

output! {
    /// Output of `list-linked-corp-departments`.
    pub struct ListLinkedCorpDepartmentsOutput {
        pub department_list: Vec<LinkedDepartment> = Spec {
            title: text("Departments", "部门列表"),
            description: text("The department and those below it.", "该部门及其下级部门。"),
            ..Spec::NEW
        },
    }
}

output! {
    /// A department of a linked enterprise.
    pub struct LinkedDepartment {
        pub department_id: String = Spec {
            title: text("Department ID", "部门ID"),
            description: text(
                "ID of the department. With the ID of the link and a slash before it, it is a receiver.",
                "部门的ID。前面加上互联ID和斜杠，即为接收部门ID。",
            ),
            names: Names::Elsewhere,
            ..Spec::NEW
        },
        pub department_name: Option<String> = Spec {
            title: text("Dept Name", "部门名称"),
            description: text("Name of the department.", "部门的名称。"),
            ..Spec::NEW
        },
        pub parent_id: Option<String> = Spec {
            title: text("Parent Dept ID", "父部门ID"),
            description: text("ID of the department above; 0 for the topmost.", "上级部门的ID，最顶层部门为0。"),
            names: Names::Elsewhere,
            ..Spec::NEW
        },
        pub order: Option<u32> = Spec {
            title: text("Order", "排序值"),
            description: text(
                "Place among the departments beside it: the larger number comes first.",
                "在同级部门中的排序值，数值大的排在前面。",
            ),
            names: Names::Order,
            ..Spec::NEW
        },
    }
}

impl Action for ListLinkedCorpDepartments {
    const ABOUT: About = About {
        id: "list-linked-corp-departments",
        title: text("Obtaining departments of a linked enterprise", "获取互联企业部门列表"),
        label: text("List departments of a linked enterprise", "获取互联企业部门列表"),
        description: text(
            "Lists a department of a linked enterprise and those below it, with names.",
            "列出互联企业的某部门及其下级部门的ID和名称。",
        ),
        api: "linkedcorp/department/list",
        proof: Proof::List("department_list"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/93170",
        sample_parameters: r#"{"department_id": "L0123456789/1"}"#,
        sample_output: r#"{"department_list": [{"department_id": "1", "department_name": "总部", "parent_id": "0", "order": 100000000}, {"department_id": "2", "department_name": "产品部", "parent_id": "1", "order": 99999999}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "department_list": [{"department_id": "1", "department_name": "n", "parentid": "0", "order": 100000000}]}"#,
        ..LINKED
    };
    type Connection = Application;
    type Parameters = ListLinkedCorpDepartmentsParameters;
    type Output = ListLinkedCorpDepartmentsOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let department_list = reply.own_rows("department_list", |row| {
            Ok(LinkedDepartment {
                department_id: row.required_id("department_id")?,
                department_name: row.text("department_name")?,
                parent_id: row.text("parentid")?,
                order: row.number("order")?,
            })
        })?;
        Ok(ListLinkedCorpDepartmentsOutput { department_list })
    }
}

const TO_USER: Spec = Spec {
    wire: "touser",
    title: text("Receiver ID", "接收人ID"),
    description: text(
        "The members who get the message, at most 1000: CorpId/userid for those of a linked enterprise, the ID alone for \
        the own one.",
        "接收消息的成员，最多1000个：互联企业的成员填CorpId/userid，本企业的成员只填成员ID。",
    ),
    examples: &[Text::both(r#"["lisi007", "wwabcdef0123456789/wang01"]"#)],
    rules: &[rules::entries(0, MAX_RECEIVERS), rules::each(&[rules::ID])],
    ui: ui::list("|").hint(FROM_PERMISSIONS),
    names: Names::LinkedMember,
    ..Spec::NEW
};

const TO_PARTY: Spec = Spec {
    wire: "toparty",
    title: text("Recipient Dept ID", "接收部门ID"),
    description: text(
        "The departments whose members get the message, at most 100: LinkedId/partyid for those of a linked enterprise, \
        the ID alone for the own one.",
        "接收消息的部门，部门成员都会收到，最多100个：互联企业的部门填LinkedId/partyid，本企业的部门只填部门ID。",
    ),
    examples: &[Text::both(r#"["L0123456789/2"]"#)],
    rules: &[rules::entries(0, MAX_RECEIVING_DEPARTMENTS), rules::each(&[rules::ID])],
    ui: ui::list("|").hint(FROM_PERMISSIONS),
    names: Names::LinkedDepartment,
    ..Spec::NEW
};

const TO_OWN_TAG: Spec = Spec {
    description: text(
        "IDs of tags of the own enterprise whose members get the message, at most 100.",
        "接收消息的标签的ID，仅限本企业的标签，标签成员都会收到，最多100个。",
    ),
    ..TO_TAG
};

const TO_ALL: Spec = Spec {
    wire: "toall",
    title: text("To Everyone", "发给所有人"),
    description: text(
        "Whether everyone whom the application sees gets the message, in linked enterprises, too. Other receivers are not \
        sent then. Default: no.",
        "是否发给应用可见范围内的所有人，包括互联企业的成员。选“是”时不再发送其他接收人。不填时为否。",
    ),
    choices: NO_YES,
    rules: &[rules::range(0, 1)],
    ..Spec::NEW
};

/// What every push has in common.
type Push = PushTextMessageToLinkedCorpsParameters;

/// What a schema can say of [`check`]: where nobody else is named, a member is.
fn somebody_receives() -> Map<String, Value> {
    let is_to_all = json!({"required": [Push::to_all.name()], "properties": {Push::to_all.name(): {"const": 1}}});
    let without_all = when(not(is_to_all), filled(Push::to_user));
    let without_tag = when(not(filled(Push::to_tag)), without_all.into());
    when(not(filled(Push::to_party)), without_tag.into())
}

/// Somebody must be there to receive a message. Where that is everyone, nobody else is named.
fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
    let (to_user, to_party, to_tag) = (Push::to_user, Push::to_party, Push::to_tag);
    if names_everyone(parameters) || parameters.number(Push::to_all) == Some(1) {
        parameters.set(Push::to_all, 1);
        parameters.remove(to_user);
        parameters.remove(to_party);
        parameters.remove(to_tag);
    } else if names_nobody(parameters) {
        let others = [to_party.name(), to_tag.name(), Push::to_all.name()];
        parameters.violate(
            to_user,
            &others,
            phrase!("is required where `to_party`, `to_tag` and `to_all` name nobody"),
        );
    }
    check_agent_id(parameters, connection);
}

fn request(kind: &'static str, mut content: Parameters, connection: &CheckedApplication) -> Request {
    set_agent_id(&mut content, connection);
    // Tags are numbers everywhere but here.
    let texts = |(wire, list): (&'static str, Value)| {
        (wire, list.as_array().into_iter().flatten().map(|tag| plain(tag).into_owned()).collect())
    };
    let beside = [
        content.take(Push::to_user),
        content.take(Push::to_party),
        content.take(Push::to_tag).map(texts),
        content.take(Push::to_all),
        content.take(Push::agent_id),
        content.take(Push::safe),
    ];
    Request::post(PUSH.api, body(kind, content, beside.into_iter().flatten()))
}

/// What is known of every push.
const PUSH: About = About {
    remarks: &[SENT_AGAIN, OLD_WAY],
    api: "linkedcorp/message/send",
    effect: Effect::Send,
    idempotent: false,
    doc_url: "https://developer.work.weixin.qq.com/document/path/90250",
    sample_output: r#"{"invalid_user": ["wwabcdef0123456789/wang02"], "invalid_party": [], "invalid_tag": [], "unlicensed_user": [], "truncated": [], "cleaned": []}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok", "invaliduser": ["wwabcdef0123456789/wang02"], "invalidparty": ["L0123456789/3"], "invalidtag": ["7"]}"#,
    ..LINKED
};

/// What every push does the same way: only its table and the kind of its content differ.
macro_rules! push {
    ($parameters:ty, $kind:literal $(, $check:expr)?) => {
        type Connection = Application;
        type Parameters = $parameters;
        type Output = Delivery;

        fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
            check(parameters, connection);
            $(($check)(parameters);)?
        }

        fn conditions() -> Map<String, Value> {
            somebody_receives()
        }

        fn request(parameters: Parameters, connection: &CheckedApplication) -> Request {
            request($kind, parameters, connection)
        }

        fn output(reply: Reply, edits: Edits) -> Result<Delivery, Malformed> {
            delivery(reply, edits)
        }
    };
}

/// `POST linkedcorp/message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90250>
pub struct PushTextMessageToLinkedCorps;

table! {
    /// Parameters of `push-text-message-to-linked-corps`.
    pub struct PushTextMessageToLinkedCorpsParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<String>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub content: String = TEXT_CONTENT,
        pub safe: Option<u8> = SAFE,
        pub to_tag: Option<Vec<u32>> = TO_OWN_TAG,
        pub to_all: Option<u8> = TO_ALL,
    }
}

impl Action for PushTextMessageToLinkedCorps {
    const ABOUT: About = About {
        id: "push-text-message-to-linked-corps",
        title: text("Pushing a text message to linked enterprises", "推送文本消息到互联企业"),
        label: text("Push a text to linked enterprises", "向互联企业发送文本"),
        icon: icon!("text"),
        description: text(
            "Sends a text to members or departments of linked enterprises, and of the own one.",
            "向互联企业及本企业的成员或部门发送文本。",
        ),
        sample_parameters: r#"{"to_user": ["lisi007", "wwabcdef0123456789/wang01"], "agent_id": 1000002, "content": "请于今天18:00前填写周报。", "safe": 0}"#,
        ..PUSH
    };
    push!(PushTextMessageToLinkedCorpsParameters, "text");
}

/// `POST linkedcorp/message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90250>
pub struct PushFileMessageToLinkedCorps;

table! {
    /// Parameters of `push-file-message-to-linked-corps`.
    pub struct PushFileMessageToLinkedCorpsParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<String>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub media_id: String = FILE,
        pub safe: Option<u8> = SAFE,
        pub to_tag: Option<Vec<u32>> = TO_OWN_TAG,
        pub to_all: Option<u8> = TO_ALL,
    }
}

impl Action for PushFileMessageToLinkedCorps {
    const ABOUT: About = About {
        id: "push-file-message-to-linked-corps",
        title: text("Pushing a file message to linked enterprises", "推送文件消息到互联企业"),
        label: text("Push a file to linked enterprises", "向互联企业发送文件"),
        icon: icon!("file"),
        description: text(
            "Sends an uploaded file to members or departments of linked enterprises, and of the own one.",
            "向互联企业及本企业的成员或部门发送已上传的文件。",
        ),
        sample_parameters: r#"{"to_party": ["L0123456789/2"], "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        ..PUSH
    };
    push!(PushFileMessageToLinkedCorpsParameters, "file");
}

/// `POST linkedcorp/message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90250>
pub struct PushImageMessageToLinkedCorps;

table! {
    /// Parameters of `push-image-message-to-linked-corps`.
    pub struct PushImageMessageToLinkedCorpsParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<String>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub media_id: String = IMAGE,
        pub safe: Option<u8> = SAFE,
        pub to_tag: Option<Vec<u32>> = TO_OWN_TAG,
        pub to_all: Option<u8> = TO_ALL,
    }
}

impl Action for PushImageMessageToLinkedCorps {
    const ABOUT: About = About {
        id: "push-image-message-to-linked-corps",
        title: text("Pushing an image message to linked enterprises", "推送图片消息到互联企业"),
        label: text("Push an image to linked enterprises", "向互联企业发送图片"),
        icon: icon!("image"),
        description: text(
            "Sends an uploaded image to members or departments of linked enterprises, and of the own one.",
            "向互联企业及本企业的成员或部门发送已上传的图片。",
        ),
        sample_parameters: r#"{"to_all": 1, "agent_id": 1000002, "media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        ..PUSH
    };
    push!(PushImageMessageToLinkedCorpsParameters, "image");
}

/// `POST linkedcorp/message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90250>
pub struct PushImageTextMessageToLinkedCorps;

table! {
    /// Parameters of `push-image-text-message-to-linked-corps`.
    pub struct PushImageTextMessageToLinkedCorpsParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<String>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub title: String = ARTICLE_TITLE,
        pub thumb_media_id: String = THUMBNAIL,
        pub content: String = ARTICLE,
        pub author: Option<String> = AUTHOR,
        pub content_source_url: Option<String> = SOURCE_LINK,
        pub digest: Option<String> = DIGEST,
        pub safe: Option<u8> = SAFE,
        pub to_tag: Option<Vec<u32>> = TO_OWN_TAG,
        pub to_all: Option<u8> = TO_ALL,
    }
}

impl Action for PushImageTextMessageToLinkedCorps {
    const ABOUT: About = About {
        id: "push-image-text-message-to-linked-corps",
        title: text("Pushing an image and text message to linked enterprises", "推送图文消息到互联企业"),
        label: text("Push an image and text message to linked enterprises", "向互联企业发送图文消息"),
        icon: icon!("article"),
        description: text(
            "Sends an article with a picture, which WeCom itself keeps, to members or departments of linked \
            enterprises, and of the own one.",
            "向互联企业及本企业的成员或部门发送图文消息，内容保存在企业微信。",
        ),
        sample_parameters: r#"{"to_user": ["wwabcdef0123456789/wang01"], "to_tag": [1], "agent_id": 1000002, "title": "春节放假安排", "thumb_media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "content": "<p>除夕至初七放假，共八天。</p>", "author": "行政部", "content_source_url": "https://example.com/notice", "digest": "放假时间与值班安排"}"#,
        ..PUSH
    };
    push!(PushImageTextMessageToLinkedCorpsParameters, "mpnews");
}

/// `POST linkedcorp/message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90250>
pub struct PushTextCardMessageToLinkedCorps;

table! {
    /// Parameters of `push-text-card-message-to-linked-corps`.
    pub struct PushTextCardMessageToLinkedCorpsParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<String>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub title: String = CARD_TITLE,
        pub description: String = CARD_TEXT,
        pub url: String = CARD_LINK,
        pub btn_txt: Option<String> = BUTTON_TEXT,
        pub to_tag: Option<Vec<u32>> = TO_OWN_TAG,
        pub to_all: Option<u8> = TO_ALL,
    }
}

impl Action for PushTextCardMessageToLinkedCorps {
    const ABOUT: About = About {
        id: "push-text-card-message-to-linked-corps",
        title: text("Pushing a text card message to linked enterprises", "推送文本卡片消息到互联企业"),
        label: text("Push a text card to linked enterprises", "向互联企业发送文本卡片"),
        icon: icon!("card"),
        description: text(
            "Sends a card with a text, a link and a button to members or departments of linked enterprises, and of \
            the own one.",
            "向互联企业及本企业的成员或部门发送带文字、链接和按钮的卡片。",
        ),
        sample_parameters: r#"{"to_user": ["wwabcdef0123456789/wang01"], "agent_id": 1000002, "title": "领奖通知", "description": "<div class=\"gray\">10月1日</div>请于10月10日前到行政部领取。", "url": "https://example.com/prize", "btn_txt": "更多"}"#,
        ..PUSH
    };
    push!(PushTextCardMessageToLinkedCorpsParameters, "textcard");
}

/// `POST linkedcorp/message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90250>
pub struct PushNewsMessageToLinkedCorps;

table! {
    /// Parameters of `push-news-message-to-linked-corps`.
    pub struct PushNewsMessageToLinkedCorpsParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<String>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub articles: Vec<Article> = ARTICLES,
        pub to_tag: Option<Vec<u32>> = TO_OWN_TAG,
        pub to_all: Option<u8> = TO_ALL,
    }
}

impl Action for PushNewsMessageToLinkedCorps {
    const ABOUT: About = About {
        id: "push-news-message-to-linked-corps",
        title: text("Pushing a news message to linked enterprises", "推送链接图文消息到互联企业"),
        label: text("Push articles with links to linked enterprises", "向互联企业发送链接图文"),
        icon: icon!("article"),
        description: text(
            "Sends up to eight headlines with pictures to members or departments of linked enterprises, and of the \
            own one. Each opens a link or a mini program.",
            "向互联企业及本企业的成员或部门发送最多八条带图片的标题，每条可打开一个链接或小程序。",
        ),
        sample_parameters: r#"{"to_user": ["wwabcdef0123456789/wang01"], "agent_id": 1000002, "articles": [{"title": "第29周销售报表", "description": "环比增长4%", "url": "https://bi.example.com/report/29", "pic_url": "https://bi.example.com/report/29.png"}]}"#,
        ..PUSH
    };
    push!(PushNewsMessageToLinkedCorpsParameters, "news", |parameters: &mut Parameters| {
        parameters.check_records(PushNewsMessageToLinkedCorpsParameters::articles, check_article);
    });
}

/// `POST linkedcorp/message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90250>
pub struct PushMiniProgramNoticeToLinkedCorps;

table! {
    /// Parameters of `push-mini-program-notice-to-linked-corps`.
    pub struct PushMiniProgramNoticeToLinkedCorpsParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<String>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub app_id: String = MINI_PROGRAM,
        pub page: Option<String> = NOTICE_PAGE,
        pub title: String = NOTICE_TITLE,
        pub description: Option<String> = NOTICE_TEXT,
        pub emphasis_first_item: Option<u8> = EMPHASIS,
        pub content_item: Option<Vec<NoticeItem>> = NOTICE_ITEMS,
        pub to_tag: Option<Vec<u32>> = TO_OWN_TAG,
        pub to_all: Option<u8> = TO_ALL,
    }
}

impl Action for PushMiniProgramNoticeToLinkedCorps {
    const ABOUT: About = About {
        id: "push-mini-program-notice-to-linked-corps",
        title: text("Pushing a mini program notice to linked enterprises", "推送小程序通知消息到互联企业"),
        label: text("Push a mini program notice to linked enterprises", "向互联企业发送小程序通知"),
        icon: icon!("mini-program"),
        description: text(
            "Sends a notice of a mini program, which opens it, to members or departments of linked enterprises, and \
            of the own one. The application must be linked with the mini program.",
            "向互联企业及本企业的成员或部门发送小程序通知，点击后打开小程序。应用须已关联该小程序。",
        ),
        sample_parameters: r#"{"to_user": ["wwabcdef0123456789/wang01"], "agent_id": 1000002, "app_id": "wx123123123123123", "page": "pages/index?userid=zhangsan", "title": "会议室预订成功通知", "description": "4月27日16:16", "emphasis_first_item": 1, "content_item": [{"key": "会议室", "value": "402"}]}"#,
        ..PUSH
    };
    push!(PushMiniProgramNoticeToLinkedCorpsParameters, "miniprogram_notice");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::wire::{OK, call};

    const SENT: &str = r#"{
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": ["userid1", "userid2", "CorpId1/userid1", "CorpId2/userid2"],
        "invalidparty": ["partyid1", "partyid2", "LinkedId1/partyid1", "LinkedId2/partyid2"],
        "invalidtag": ["tagid1", "tagid2"]
    }"#;

    /// The output for [`SENT`], where nothing was done to the texts.
    fn sent() -> Value {
        json!({
            "invalid_user": ["userid1", "userid2", "CorpId1/userid1", "CorpId2/userid2"],
            "invalid_party": ["partyid1", "partyid2", "LinkedId1/partyid1", "LinkedId2/partyid2"],
            "invalid_tag": ["tagid1", "tagid2"],
            "unlicensed_user": [],
            "truncated": [],
            "cleaned": [],
        })
    }

    /// The push with that content to a member, and the body that it makes.
    fn pushes(action: &'static str, kind: &str, content: Value, beside: Value, wire: Value) {
        let mut parameters = json!({"to_user": ["CorpId1/userid1"]});
        parameters.as_object_mut().unwrap().append(&mut content.as_object().unwrap().clone());
        let mut body = json!({"touser": ["CorpId1/userid1"], "agentid": 1_000_002, "msgtype": kind, kind: wire});
        body.as_object_mut().unwrap().append(&mut beside.as_object().unwrap().clone());
        call(action, parameters).posts("linkedcorp/message/send", body).returns(SENT, sent());
    }

    #[test]
    fn push_text_message_to_linked_corps() {
        let id = "push-text-message-to-linked-corps";
        let parameters = json!({
            "to_user": ["userid1", "CorpId1/userid1"],
            "to_party": ["partyid1", "LinkedId1/partyid1"],
            "to_tag": [1, 2],
            "to_all": 0,
            "agent_id": 1,
            "content": "你的快递已到，请携带工卡前往邮件中心领取。",
            "safe": 0,
        });
        let body = json!({
            "touser": ["userid1", "CorpId1/userid1"],
            "toparty": ["partyid1", "LinkedId1/partyid1"],
            "totag": ["1", "2"],
            "toall": 0,
            "agentid": 1,
            "safe": 0,
            "msgtype": "text",
            "text": {"content": "你的快递已到，请携带工卡前往邮件中心领取。"},
        });
        let api = "linkedcorp/message/send";
        call("push-text-message-to-linked-corps", parameters).posts(api, body).returns(SENT, sent());

        // Everyone is everyone, however that is said.
        let body = json!({"toall": 1, "agentid": 1_000_002, "msgtype": "text", "text": {"content": "x"}});
        let nobody = json!({
            "invalid_user": [], "invalid_party": [], "invalid_tag": [], "unlicensed_user": [], "truncated": [],
            "cleaned": [],
        });
        for receivers in [
            json!({"to_all": 1}),
            json!({"to_all": true, "to_user": "a|ww2/b", "to_party": "L1/2", "to_tag": 7}),
            json!({"to_user": ["@all"]}),
        ] {
            let mut parameters = receivers;
            parameters["content"] = json!("x");
            call(id, parameters).posts(api, body.clone()).returns(OK, nobody.clone());
        }

        let nobody = "is required where `to_party`, `to_tag` and `to_all` name nobody";
        call(id, json!({"content": "x", "to_all": 0})).refused_at("/to_user", nobody);
        call(id, json!({"content": "x", "to_user": "a", "to_all": 2})).refused_at("/to_all", "must be 1 or less");
        let many: Vec<String> = (0..1001).map(|number| format!("ww2/{number}")).collect();
        call(id, json!({"content": "x", "to_user": many})).refused_at("/to_user", "must have at most 1000 entries");
        call(id, json!({"content": "x", "to_user": ["a", "ww2/\u{200b}b"]}))
            .refused_at("/to_user/1", "control and invisible characters");
        call(id, json!({"content": "x", "to_user": "a"}))
            .without_agent_id()
            .refused_at("/agent_id", "is required where the connection has no `agent_id`");
        let body = json!({"touser": ["a"], "agentid": 1_000_002, "msgtype": "text", "text": {"content": "x"}});
        call(id, json!({"content": "x", "to_user": "a"}))
            .posts(api, body)
            .fails(r#"{"invaliduser": []}"#, "has no `errcode`");
    }

    #[test]
    fn push_file_message_to_linked_corps() {
        let content = json!({"media_id": "1G6nrLmr5EC3MMb", "safe": 1});
        let wire = json!({"media_id": "1G6nrLmr5EC3MMb"});
        pushes("push-file-message-to-linked-corps", "file", content, json!({"safe": 1}), wire);
    }

    #[test]
    fn push_image_message_to_linked_corps() {
        let content = json!({"media_id": "MEDIA_ID", "safe": 0});
        let wire = json!({"media_id": "MEDIA_ID"});
        pushes("push-image-message-to-linked-corps", "image", content, json!({"safe": 0}), wire);
    }

    #[test]
    fn push_image_text_message_to_linked_corps() {
        let article = json!({
            "title": "地球一小时",
            "thumb_media_id": "biz_get(image)",
            "author": "Author",
            "content_source_url": "https://work.weixin.qq.com",
            "content": "3月24日20:30-21:30 \n办公区将关闭照明一小时，请各部门同事相互转告",
            "digest": "3月24日20:30-21:30 \n办公区将关闭照明一小时",
        });
        let wire = json!({"articles": [article.clone()]});
        let mut content = article;
        content["safe"] = json!(0);
        pushes("push-image-text-message-to-linked-corps", "mpnews", content, json!({"safe": 0}), wire);
    }

    #[test]
    fn push_text_card_message_to_linked_corps() {
        let card =
            json!({"title": "领奖通知", "description": "恭喜你抽中一台手机", "url": "https://work.weixin.qq.com"});
        let mut content = card.clone();
        content["btn_txt"] = json!("更多");
        let mut wire = card;
        wire["btntxt"] = json!("更多");
        pushes("push-text-card-message-to-linked-corps", "textcard", content, json!({}), wire);
    }

    #[test]
    fn push_news_message_to_linked_corps() {
        let article = |picture: &str| {
            json!({
                "title": "中秋节礼品领取",
                "description": "今年中秋节公司有豪礼相送",
                "url": "https://work.weixin.qq.com/wework_admin/ww_mt/agenda",
                picture: "http://res.mail.qq.com/node/ww/wwopenmng/images/independent/doc/test_pic_msg1.png",
            })
        };
        let content = json!({"articles": [article("pic_url")]});
        let wire = json!({"articles": [article("picurl")]});
        pushes("push-news-message-to-linked-corps", "news", content, json!({}), wire);
        let opens_nothing = json!({"to_all": 1, "articles": [{"title": "a"}]});
        call("push-news-message-to-linked-corps", opens_nothing).refused_at("/articles/0/url", "is required where");
    }

    #[test]
    fn push_mini_program_notice_to_linked_corps() {
        let items = json!([{"key": "会议室", "value": "402"}, {"key": "会议地点", "value": "广州TIT-会议室"}]);
        let content = json!({
            "app_id": "wx123123123123123",
            "page": "pages/index?userid=zhangsan&orderid=123123123",
            "title": "会议室预订成功通知",
            "description": "4月27日 16:16",
            "emphasis_first_item": 1,
            "content_item": items,
        });
        let wire = json!({
            "appid": "wx123123123123123",
            "page": "pages/index?userid=zhangsan&orderid=123123123",
            "title": "会议室预订成功通知",
            "description": "4月27日 16:16",
            "emphasis_first_item": true,
            "content_item": items,
        });
        pushes("push-mini-program-notice-to-linked-corps", "miniprogram_notice", content, json!({}), wire);
    }

    #[test]
    fn get_linked_corp_permissions() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "userids": ["CORPID/USERID"],
            "department_ids": ["LINKEDID/DEPARTMENTID"]
        }"#;
        let output = json!({"user_ids": ["CORPID/USERID"], "department_ids": ["LINKEDID/DEPARTMENTID"]});
        let api = "linkedcorp/agent/get_perm_list";
        call("get-linked-corp-permissions", json!({})).posts(api, json!({})).returns(reply, output);
        let nothing = json!({"user_ids": [], "department_ids": []});
        call("get-linked-corp-permissions", json!({})).posts(api, json!({})).returns(OK, nothing);
        call("get-linked-corp-permissions", json!({}))
            .posts(api, json!({}))
            .fails(r#"{"errcode": 0, "userids": "CORPID/USERID"}"#, "`userids` is not a list of texts");
    }

    /// A member as WeCom shows it with all details, and in the output.
    fn member() -> (Value, Value) {
        let wire = json!({
            "userid": "zhangsan",
            "name": "张三",
            "department": ["LINKEDID/1", "LINKEDID/2"],
            "mobile": "+86 12345678901",
            "telephone": "10086",
            "email": "zhangsan@tencent.com",
            "position": "后台开发",
            "corpid": "xxxxxx",
            "extattr": {"attrs": [
                {"name": "自定义属性(文本)", "type": 0, "text": {"value": "10086"}},
                {"name": "自定义属性(网页)", "type": 1, "web": {"url": "https://work.weixin.qq.com/", "title": "官网"}},
            ]},
        });
        let output = json!({
            "corp_id": "xxxxxx",
            "user_id": "zhangsan",
            "name": "张三",
            "department": ["LINKEDID/1", "LINKEDID/2"],
            "mobile": "+86 12345678901",
            "telephone": "10086",
            "email": "zhangsan@tencent.com",
            "position": "后台开发",
            "ext_attr": [
                {"name": "自定义属性(文本)", "value": "10086"},
                {"name": "自定义属性(网页)", "value": "官网", "url": "https://work.weixin.qq.com/"},
            ],
        });
        (wire, output)
    }

    #[test]
    fn get_linked_corp_member() {
        let (wire, output) = member();
        let reply = json!({"errcode": 0, "errmsg": "ok", "user_info": wire}).to_string();
        let asks = |reply: &str, fails: &str| {
            call("get-linked-corp-member", json!({"user_id": "CORPID/USERID"}))
                .posts("linkedcorp/user/get", json!({"userid": "CORPID/USERID"}))
                .fails(reply, fails);
        };
        call("get-linked-corp-member", json!({"user_id": "CORPID/USERID"}))
            .posts("linkedcorp/user/get", json!({"userid": "CORPID/USERID"}))
            .returns(&reply, output);
        let least = json!({"user_id": "7", "department": [], "ext_attr": []});
        call("get-linked-corp-member", json!({"user_id": "CORPID/USERID"}))
            .posts("linkedcorp/user/get", json!({"userid": "CORPID/USERID"}))
            .returns(r#"{"errcode": 0, "user_info": {"userid": 7}}"#, least);
        asks(OK, "has no `user_info.userid`");
        for id in ["zhangsan", "/zhangsan", "CORPID/", "CORPID/a/b"] {
            call("get-linked-corp-member", json!({"user_id": id}))
                .refused_at("/user_id", "must be two IDs with / between");
        }
    }

    #[test]
    fn list_linked_corp_members() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "userlist": [
                {"userid": "zhangsan", "name": "张三", "department": ["LINKEDID/1", "LINKEDID/2"], "corpid": "xxxxxx"},
                {"userid": "lisi", "name": "李四", "department": ["LINKEDID/1"], "corpid": "xxxxxx"}
            ]
        }"#;
        let row = |user_id: &str, name: &str, department: Value| json!({"corp_id": "xxxxxx", "user_id": user_id, "name": name, "department": department, "ext_attr": []});
        let rows =
            [row("zhangsan", "张三", json!(["LINKEDID/1", "LINKEDID/2"])), row("lisi", "李四", json!(["LINKEDID/1"]))];
        let body = json!({"department_id": "LINKEDID/DEPARTMENTID", "fetch_child": true});
        call("list-linked-corp-members", json!({"department_id": "LINKEDID/DEPARTMENTID", "fetch_child": 1}))
            .posts("linkedcorp/user/simplelist", body)
            .returns(reply, json!({ "user_list": rows }));
        call("list-linked-corp-members", json!({"department_id": "LINKEDID/1"}))
            .posts("linkedcorp/user/simplelist", json!({"department_id": "LINKEDID/1"}))
            .fails(r#"{"errcode": 0, "userlist": [{"name": "a"}]}"#, "has no `userlist[0].userid`");
        call("list-linked-corp-members", json!({"department_id": "1"}))
            .refused_at("/department_id", "must be two IDs with / between");
    }

    #[test]
    fn list_linked_corp_member_details() {
        let (wire, output) = member();
        let reply = json!({"errcode": 0, "errmsg": "ok", "userlist": [wire]}).to_string();
        let body = json!({"department_id": "LINKEDID/DEPARTMENTID", "fetch_child": false});
        call("list-linked-corp-member-details", json!({"department_id": "LINKEDID/DEPARTMENTID", "fetch_child": 0}))
            .posts("linkedcorp/user/list", body)
            .returns(&reply, json!({"user_list": [output]}));
    }

    #[test]
    fn list_linked_corp_departments() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "department_list": [
                {"department_id": "1", "department_name": "测试部门1", "parentid": "0", "order": 100000000},
                {"department_id": "2", "department_name": "测试部门2", "parentid": "1", "order": 99999999}
            ]
        }"#;
        let output = json!({"department_list": [
            {"department_id": "1", "department_name": "测试部门1", "parent_id": "0", "order": 100_000_000},
            {"department_id": "2", "department_name": "测试部门2", "parent_id": "1", "order": 99_999_999},
        ]});
        let asks = || {
            call("list-linked-corp-departments", json!({"department_id": "LINKEDID/DEPARTMENTID"}))
                .posts("linkedcorp/department/list", json!({"department_id": "LINKEDID/DEPARTMENTID"}))
        };
        asks().returns(reply, output);
        let least = json!({"department_list": [{"department_id": "7"}]});
        asks().returns(r#"{"errcode": 0, "department_list": [{"department_id": 7}]}"#, least);
        asks().fails(r#"{"errcode": 0, "department_list": [{}]}"#, "has no `department_list[0].department_id`");
    }
}
