//! Interface `member`: the people of the address book.

use serde_json::{Map, Value, json};

use super::department::{self, MAX_DEPARTMENT_ID};
use crate::about::{About, EVERY_API, Effect, Interface, Pagination, Proof, Secrets, icon};
use crate::action::{Action, CLEANED, CURSOR, Edited, NEXT_CURSOR, Nothing, Request, plain};
use crate::connection::{Application, CheckedApplication};
use crate::http::Method;
use crate::parameter::conditions::{filled, given, not, when};
use crate::parameter::field::{Choice, choice};
use crate::parameter::rules::{self, Rule};
use crate::parameter::{Edits, Key, Names, Parameters, Spec, output, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, message, phrase, text};

/// The most departments that a member may be given.
const MAX_DEPARTMENTS: usize = 100;
/// The most superiors that a member may be given.
const MAX_SUPERIORS: usize = 5;
/// The most members that one call deletes.
const MAX_DELETED: usize = 200;
/// The most members that one call invites, or gives a tag.
pub(super) const MAX_LISTED: usize = 1000;
/// The most departments, or tags, that one call names beside them.
pub(super) const MAX_LISTED_GROUPS: usize = 100;

const GENDERS: &[Choice] = &[choice(1, text("Male", "男")), choice(2, text("Female", "女"))];
const STATES: &[Choice] = &[choice(1, text("Enabled", "启用")), choice(0, text("Disabled", "禁用"))];

pub(super) const IN_CONTACTS: Text = text(
    "In the admin console: Contacts (通讯录) > the member > Account (账号).",
    "管理后台 > 通讯录 > 成员详情：账号",
);

pub(super) const TAG_IN_CONTACTS: Text = text(
    "In the admin console: Contacts (通讯录) > Tags (标签) > the tag > its ID.",
    "管理后台 > 通讯录 > 标签 > 标签详情：标签ID",
);

/// What the miss of a search means, and what many of them do.
const MISSES: Text = text(
    "46004 means that no member has it, or that the member is outside the application's visible range: WeCom does not \
    say which. Too many misses, a fifth of the enterprise's size, and WeCom refuses the call for a day: do not try \
    variants.",
    "错误码46004表示没有这样的成员，或成员不在应用的可见范围内，企业微信不会区分。查不到的次数超过企业规模的20%时，企业\
    微信会停用此调用一天：请不要逐个尝试。",
);
/// What applications are not told.
const HIDDEN: Text = text(
    "Applications created since 20 June 2022 are not told avatar, gender, mobile number, mail addresses, QR code and \
    postal address: these are absent then.",
    "2022年6月20日以后创建的应用获取不到头像、性别、手机号、邮箱、企业邮箱、个人二维码和地址，结果中没有这些项。",
);
/// Whom a list of a department's members names.
const DIRECT: Text = text(
    "Only members of the department itself and inside the application's visible range are listed, not those of \
    departments below it.",
    "只列出直属该部门且在应用可见范围内的成员，不含下级部门的成员。",
);

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "member",
    title: text("Members", "成员"),
    docs: "The people of the address book. Reading names and details takes the secret of the application, all else that \
        of contacts synchronisation: see `application`.",
};

/// `POST user/list_id`
///
/// <https://developer.work.weixin.qq.com/document/path/96067>
pub struct ListMemberIds;

table! {
    /// Parameters of `list-member-ids`.
    pub struct ListMemberIdsParameters {
        pub cursor: Option<String> = CURSOR,
        pub limit: Option<u32> = Spec {
            title: text("Total Data", "每页行数"),
            description: text("How many rows to ask for, from 1 to 10000.", "每页返回多少行，1~10000。"),
            examples: &[Text::both("1000")],
            rules: &[rules::range(1, 10_000)],
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `list-member-ids`.
    pub struct ListMemberIdsOutput {
        pub next_cursor: Option<String> = NEXT_CURSOR,
        pub dept_user: Vec<DeptUser> = Spec {
            title: text("Memberships", "成员所属部门"),
            description: text(
                "One row for each membership: a member of two departments has two rows.",
                "每行对应成员的一个所属部门：属于两个部门的成员有两行。",
            ),
            ..Spec::NEW
        },
    }
}

output! {
    /// A member in a department.
    pub struct DeptUser {
        pub user_id: Option<String> = Spec {
            title: text("Member ID", "成员ID"),
            description: text(
                "ID of the member; absent where WeCom gives the open ID instead.",
                "成员的ID；企业微信改为返回Open ID时没有此项。",
            ),
            names: Names::Member,
            ..Spec::NEW
        },
        pub open_user_id: Option<String> = Spec {
            title: text("Open Member ID", "成员Open ID"),
            description: text(
                "ID of the member that holds for third-party applications only; absent for self-built ones.",
                "仅用于第三方应用的成员ID；自建应用没有此项。",
            ),
            names: Names::OpenMember,
            ..Spec::NEW
        },
        pub department: u32 = Spec {
            title: text("Department ID", "部门ID"),
            description: text("ID of the department.", "部门的ID。"),
            names: Names::Department,
            ..Spec::NEW
        },
    }
}

/// A member that WeCom tells of.
pub(super) const USER_ID: Spec = Spec {
    title: text("Member ID", "成员ID"),
    description: text("ID of the member.", "成员的ID。"),
    names: Names::Member,
    ..Spec::NEW
};
/// The name of a member that WeCom tells of.
pub(super) const NAME: Spec = Spec {
    title: text("Member Name", "姓名"),
    description: text(
        "Name of the member; the ID where WeCom does not tell the name.",
        "成员的姓名；企业微信未返回姓名时为成员ID。",
    ),
    ..Spec::NEW
};
/// The departments of a member that WeCom tells of.
const DEPARTMENTS: Spec = Spec {
    title: text("Dept IDs", "所属部门ID"),
    description: text(
        "IDs of the member's departments, as far as the connection may see them.",
        "成员所属部门的ID，仅含该连接可见的部门。",
    ),
    names: Names::Department,
    ..Spec::NEW
};

impl Action for ListMemberIds {
    const ABOUT: About = About {
        id: "list-member-ids",
        title: text("Obtaining member IDs", "获取成员ID列表"),
        label: text("List member IDs", "获取成员ID列表"),
        icon: icon!("person"),
        description: text(
            "Lists the IDs of members with their departments, page by page. WeCom allows it with the contacts secret \
            only.",
            "分页列出成员ID及其所属部门。企业微信只允许使用通讯录Secret调用。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "user/list_id",
        proof: Proof::List("dept_user"),
        secrets: Secrets::Contacts,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: Some(Pagination { cursor: "cursor", next_cursor: "/next_cursor", limit: "limit" }),
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/96067",
        sample_parameters: r#"{"limit": 1000}"#,
        sample_output: r#"{"next_cursor": "aaaaaaaaa", "dept_user": [{"user_id": "zhangsan", "department": 1}, {"user_id": "zhangsan", "department": 2}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "next_cursor": "", "dept_user": [{"userid": "zhangsan", "department": 1}]}"#,
    };
    type Connection = Application;
    type Parameters = ListMemberIdsParameters;
    type Output = ListMemberIdsOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let next_cursor = reply.text("next_cursor")?;
        let dept_user = reply.own_rows("dept_user", |row| {
            Ok(DeptUser {
                user_id: row.text("userid")?,
                open_user_id: row.text("open_userid")?,
                department: row.required_number("department")?,
            })
        })?;
        Ok(ListMemberIdsOutput { next_cursor, dept_user })
    }
}

/// `GET user/get`
///
/// <https://developer.work.weixin.qq.com/document/path/90196>
pub struct GetMember;

table! {
    /// Parameters of `get-member`.
    pub struct GetMemberParameters {
        pub user_id: String = Spec {
            wire: "userid",
            title: text("Member ID", "成员ID"),
            description: text(
                "ID of a member inside the application's visible range.",
                "要获取的成员ID，须在应用的可见范围内。",
            ),
            examples: &[Text::both(r#""zhangsan""#)],
            rules: &[rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ui: ui::hint(IN_CONTACTS).options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

output! {
    /// A member with all that WeCom tells of it.
    pub struct MemberDetails {
        pub user_id: String = USER_ID,
        pub name: String = NAME,
        pub alias: Option<String> = Spec {
            title: text("Alias", "别名"),
            description: text("Another name to find the member by.", "成员的别名，可用来查找该成员。"),
            ..Spec::NEW
        },
        pub position: Option<String> = Spec {
            title: text("Job Title", "职务"),
            description: text("Position in the enterprise.", "在企业中的职务。"),
            ..Spec::NEW
        },
        pub department: Vec<u32> = DEPARTMENTS,
        pub order: Vec<u32> = Spec {
            title: text("Sorting Members in Dept", "部门内排序值"),
            description: text(
                "The member's place in each department of Dept IDs: the larger number comes first.",
                "成员在每个所属部门中的排序值，与所属部门ID一一对应，数值大的排在前面。",
            ),
            names: Names::Order,
            ..Spec::NEW
        },
        pub is_leader_in_dept: Vec<u32> = Spec {
            title: text("Department Leaders?", "是否部门负责人"),
            description: text(
                "Whether the member leads each department of Dept IDs: 1 for a leader and 0 for others.",
                "成员是否为每个所属部门的负责人，与所属部门ID一一对应：1表示负责人，0表示不是。",
            ),
            ..Spec::NEW
        },
        pub main_department: Option<u32> = Spec {
            title: text("Major Dept ID", "主部门ID"),
            description: text("ID of the department that counts as the member's own.", "成员的主部门ID。"),
            names: Names::Department,
            ..Spec::NEW
        },
        pub direct_leader: Vec<String> = Spec {
            title: text("Immediate Superior IDs", "直属上级ID"),
            description: text("IDs of the members that the member reports to.", "该成员直属上级的成员ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
        pub status: Option<u32> = Spec {
            title: text("Account Status", "账号状态"),
            description: text(
                "1 activated, 2 disabled, 4 not activated, 5 left the enterprise.",
                "1为已激活，2为已禁用，4为未激活，5为已退出企业。",
            ),
            ..Spec::NEW
        },
        pub gender: Option<u32> = Spec {
            title: text("Gender", "性别"),
            description: text("1 male, 2 female; absent where it is not known.", "1为男，2为女；未知时没有此项。"),
            ..Spec::NEW
        },
        pub telephone: Option<String> = Spec {
            title: text("Fixed-line Phone", "座机"),
            description: text("Fixed-line number.", "座机号码。"),
            ..Spec::NEW
        },
        pub mobile: Option<String> = Spec {
            title: text("Mobile Number", "手机号"),
            description: text("Mobile number.", "成员的手机号。"),
            ..Spec::NEW
        },
        pub email: Option<String> = Spec {
            title: text("Email Address", "邮箱"),
            description: text("Email address.", "成员的邮箱地址。"),
            ..Spec::NEW
        },
        pub biz_mail: Option<String> = Spec {
            title: text("Enterprise Mailbox", "企业邮箱"),
            description: text("Address in the enterprise's own mail service.", "成员的企业邮箱地址。"),
            ..Spec::NEW
        },
        pub address: Option<String> = Spec {
            title: text("Address", "地址"),
            description: text("Postal address.", "通讯地址。"),
            ..Spec::NEW
        },
        pub avatar: Option<String> = Spec {
            title: text("Avatar", "头像"),
            description: text("Address of the member's picture.", "头像图片的地址。"),
            ..Spec::NEW
        },
        pub thumb_avatar: Option<String> = Spec {
            title: text("Small Avatar", "头像缩略图"),
            description: text("Address of the same picture, small.", "头像缩略图的地址。"),
            ..Spec::NEW
        },
        pub qr_code: Option<String> = Spec {
            title: text("Personal QR Code", "个人二维码"),
            description: text(
                "Address of the QR code by which people outside the enterprise add the member.",
                "个人二维码的地址，企业外的人扫码可添加该成员。",
            ),
            ..Spec::NEW
        },
        pub external_position: Option<String> = Spec {
            title: text("Title Shown Outside", "对外职务"),
            description: text(
                "Position that people outside the enterprise see.",
                "企业外的人看到的职务。",
            ),
            ..Spec::NEW
        },
        pub ext_attr: Vec<Attribute> = ATTRIBUTES,
        pub external_corp_name: Option<String> = EXTERNAL_CORP_NAME,
        pub external_attr: Vec<Attribute> = EXTERNAL_ATTRIBUTES,
    }
}

pub(super) const ATTRIBUTES: Spec = Spec {
    title: text("Custom Fields", "扩展属性"),
    description: text("The fields that the enterprise has added itself.", "企业自定义的成员字段。"),
    ..Spec::NEW
};

output! {
    /// A field that the enterprise has added to its members.
    pub struct Attribute {
        pub name: String = Spec {
            title: text("Field Name", "字段名称"),
            description: text("Name of the field.", "字段的名称。"),
            ..Spec::NEW
        },
        pub value: Option<String> = Spec {
            title: text("Field Value", "字段内容"),
            description: text("The text, or that of the link.", "文本内容，或链接的标题。"),
            ..Spec::NEW
        },
        pub url: Option<String> = Spec {
            title: text("Field Link", "字段链接"),
            description: text("Address of the link, where it is one.", "链接的地址；不是链接时没有此项。"),
            ..Spec::NEW
        },
        pub app_id: Option<String> = Spec {
            title: text("AppID", "小程序AppID"),
            description: text("AppID of the mini program, where it is one.", "小程序的AppID；不是小程序时没有此项。"),
            names: Names::MiniProgram,
            ..Spec::NEW
        },
        pub page_path: Option<String> = Spec {
            title: text("Mini Program Page", "小程序页面"),
            description: text("The page of the mini program.", "小程序的页面路径。"),
            ..Spec::NEW
        },
    }
}

/// See [`external_attributes`].
pub(super) const EXTERNAL_ATTRIBUTES: Spec = Spec {
    title: text("Shown to Others", "对外展示的属性"),
    description: text(
        "The fields that people outside the enterprise see: texts, links and mini programs.",
        "对外展示给企业外部人员的属性：文本、网页或小程序。",
    ),
    ..Spec::NEW
};

/// See [`external_attributes`].
pub(super) const EXTERNAL_CORP_NAME: Spec = Spec {
    title: text("Enterprise Shown to Others", "对外展示的企业简称"),
    description: text("Name of the enterprise that people outside it see.", "对外展示的企业名称。"),
    ..Spec::NEW
};

/// What an enterprise has added to its members.
pub(super) fn attributes(member: &mut Reply) -> Result<Vec<Attribute>, Malformed> {
    member.object("extattr")?.rows("attrs", attribute)
}

/// What others see of them, as fields of the same form.
pub(super) fn external_attributes(profile: &mut Reply) -> Result<Vec<Attribute>, Malformed> {
    profile.rows("external_attr", attribute)
}

fn attribute(attribute: &mut Reply) -> Result<Attribute, Malformed> {
    let mut web = attribute.object("web")?;
    let mut mini_program = attribute.object("miniprogram")?;
    let text = attribute.object("text")?.text("value")?;
    Ok(Attribute {
        name: attribute.text("name")?.unwrap_or_default(),
        value: text.or(web.text("title")?).or(mini_program.text("title")?),
        url: web.text("url")?,
        app_id: mini_program.text("appid")?,
        page_path: mini_program.text("pagepath")?,
    })
}

fn member(member: &mut Reply) -> Result<MemberDetails, Malformed> {
    let user_id = member.required_id("userid")?;
    let mut profile = member.object("external_profile")?;
    let mut texts = |name| member.text(name);
    Ok(MemberDetails {
        name: texts("name")?.unwrap_or_else(|| user_id.clone()),
        user_id,
        alias: texts("alias")?,
        position: texts("position")?,
        telephone: texts("telephone")?,
        mobile: texts("mobile")?,
        email: texts("email")?,
        biz_mail: texts("biz_mail")?,
        address: texts("address")?,
        avatar: texts("avatar")?,
        thumb_avatar: texts("thumb_avatar")?,
        qr_code: texts("qr_code")?,
        external_position: texts("external_position")?,
        // A text on the wire; "0" is what applications are told that may not know it.
        gender: texts("gender")?.and_then(|gender| gender.parse().ok()).filter(|gender| *gender != 0),
        department: member.numbers("department")?,
        order: member.numbers("order")?,
        is_leader_in_dept: member.numbers("is_leader_in_dept")?,
        main_department: member.number("main_department")?,
        direct_leader: member.texts("direct_leader")?,
        status: member.number("status")?,
        ext_attr: attributes(member)?,
        external_corp_name: profile.text("external_corp_name")?,
        external_attr: external_attributes(&mut profile)?,
    })
}

impl Action for GetMember {
    const ABOUT: About = About {
        id: "get-member",
        title: text("Obtaining a member", "获取成员详情"),
        label: text("Get a member", "获取成员详情"),
        icon: icon!("person"),
        description: text(
            "Returns the name, departments, job title and whatever else WeCom tells of a member. One outside of the \
            application's visible range is refused with 60011 or 60111.",
            "返回成员的姓名、所属部门、职务等信息。成员不在应用的可见范围内时会被拒绝（错误码60011或60111）。",
        ),
        remarks: &[HIDDEN],
        interface: &INTERFACE,
        method: Method::Get,
        api: "user/get",
        proof: Proof::Text("userid"),
        secrets: Secrets::App,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90196",
        sample_parameters: r#"{"user_id": "zhangsan"}"#,
        sample_output: r#"{"user_id": "zhangsan", "name": "张三", "position": "工程师", "department": [2], "order": [10], "is_leader_in_dept": [0], "main_department": 2, "direct_leader": ["lisi"], "status": 1, "telephone": "020-123456", "ext_attr": [{"name": "工号", "value": "A001"}], "external_attr": []}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userid": "zhangsan", "name": "n", "department": [1], "order": [1], "position": "p", "mobile": "13800000000", "gender": "1", "email": "zhangsan@example.com", "biz_mail": "zhangsan@corp.example.com", "is_leader_in_dept": [1], "direct_leader": ["lisi"], "avatar": "https://example.com/a", "thumb_avatar": "https://example.com/t", "telephone": "020-123456", "alias": "a", "address": "a", "open_userid": "o", "main_department": 1, "extattr": {"attrs": [{"type": 0, "name": "n", "text": {"value": "v"}}, {"type": 2, "name": "n", "miniprogram": {"title": "t", "appid": "a", "pagepath": "p"}}]}, "status": 1, "qr_code": "https://example.com/q", "external_position": "p", "external_profile": {"external_corp_name": "c", "external_attr": [{"type": 2, "name": "n", "miniprogram": {"title": "t", "appid": "a", "pagepath": "p"}}]}}"#,
    };
    type Connection = Application;
    type Parameters = GetMemberParameters;
    type Output = MemberDetails;

    fn output(mut reply: Reply, _: Edits) -> Result<MemberDetails, Malformed> {
        member(&mut reply)
    }
}

/// `POST user/getuserid`
///
/// <https://developer.work.weixin.qq.com/document/path/95402>
pub struct GetMemberIdByMobile;

table! {
    /// Parameters of `get-member-id-by-mobile`.
    pub struct GetMemberIdByMobileParameters {
        pub mobile: String = Spec {
            title: text("Mobile Number", "手机号"),
            description: text(
                "Mobile number of the member, 5 to 32 characters; with the country code outside mainland China.",
                "成员的手机号，5~32个字符；中国大陆以外的号码要带国家或地区代码。",
            ),
            examples: &[Text::both(r#""13800000000""#)],
            rules: &[Rule::Narrow, rules::chars(5, 32), rules::ID],
            ui: ui::hint(text(
                "As it stands in the admin console: Contacts (通讯录) > the member > Mobile (手机). A number that is not \
                found (46004) is another one there, or its member is missing in the application's visible range.",
                "与“管理后台 > 通讯录 > 成员详情：手机”一致。查不到（错误码46004）时，号码与此处不符，或成员不在应用的可见\
                范围内。",
            )),
            ..Spec::NEW
        },
    }
}

output! {
    /// The member that was looked for.
    pub struct MemberId {
        pub user_id: String = USER_ID,
    }
}

/// What the searches have in common.
const SEARCH: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("person"),
    description: Text::NONE,
    remarks: &[MISSES],
    interface: &INTERFACE,
    method: Method::Post,
    api: "",
    proof: Proof::Text("userid"),
    secrets: Secrets::App,
    effect: Effect::Read,
    idempotent: true,
    rate_limits: &EVERY_API,
    pagination: None,
    since: "0.2.0",
    doc_url: "",
    sample_parameters: "",
    sample_output: r#"{"user_id": "zhangsan"}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userid": "zhangsan"}"#,
};

impl Action for GetMemberIdByMobile {
    const ABOUT: About = About {
        id: "get-member-id-by-mobile",
        title: text("Finding a member by mobile number", "通过手机号获取成员ID"),
        label: text("Find a member by mobile number", "用手机号查成员"),
        description: text("Returns the ID of the member who has a mobile number.", "返回使用该手机号的成员的ID。"),
        api: "user/getuserid",
        doc_url: "https://developer.work.weixin.qq.com/document/path/95402",
        sample_parameters: r#"{"mobile": "13800000000"}"#,
        ..SEARCH
    };
    type Connection = Application;
    type Parameters = GetMemberIdByMobileParameters;
    type Output = MemberId;

    fn output(mut reply: Reply, _: Edits) -> Result<MemberId, Malformed> {
        Ok(MemberId { user_id: reply.required_id("userid")? })
    }
}

/// `POST user/get_userid_by_email`
///
/// <https://developer.work.weixin.qq.com/document/path/95895>
pub struct GetMemberIdByEmail;

table! {
    /// Parameters of `get-member-id-by-email`.
    pub struct GetMemberIdByEmailParameters {
        pub email: String = Spec {
            title: text("Email Address", "邮箱"),
            description: text("Email address of the member.", "成员的邮箱地址。"),
            examples: &[Text::both(r#""zhangsan@example.com""#)],
            rules: &[rules::NOT_EMPTY, rules::EMAIL],
            ui: ui::hint(text(
                "As it stands in the admin console: Contacts (通讯录) > the member > Enterprise mailbox (企业邮箱) or Email \
                (邮箱). An address that is not found (46004) is of the other kind, or its member is missing in the \
                application's visible range.",
                "与“管理后台 > 通讯录 > 成员详情：企业邮箱或邮箱”一致。查不到（错误码46004）时，邮箱类型不符，或成员不在应用\
                的可见范围内。",
            )),
            ..Spec::NEW
        },
        pub email_type: Option<u8> = Spec {
            title: text("Kind of Address", "邮箱类型"),
            description: text(
                "Which of the member's two addresses it is. Default: the enterprise mailbox.",
                "是成员的哪一个邮箱。不填时按企业邮箱查找。",
            ),
            choices: &[
                choice(1, text("Enterprise mailbox", "企业邮箱")),
                choice(2, text("Personal address", "个人邮箱")),
            ],
            rules: &[rules::range(1, 2)],
            ..Spec::NEW
        },
    }
}

impl Action for GetMemberIdByEmail {
    const ABOUT: About = About {
        id: "get-member-id-by-email",
        title: text("Finding a member by email address", "通过邮箱获取成员ID"),
        label: text("Find a member by email address", "用邮箱查成员"),
        description: text("Returns the ID of the member who has an email address.", "返回使用该邮箱的成员的ID。"),
        api: "user/get_userid_by_email",
        doc_url: "https://developer.work.weixin.qq.com/document/path/95895",
        sample_parameters: r#"{"email": "zhangsan@example.com", "email_type": 2}"#,
        ..SEARCH
    };
    type Connection = Application;
    type Parameters = GetMemberIdByEmailParameters;
    type Output = MemberId;

    fn output(mut reply: Reply, _: Edits) -> Result<MemberId, Malformed> {
        Ok(MemberId { user_id: reply.required_id("userid")? })
    }
}

/// `GET user/simplelist`
///
/// <https://developer.work.weixin.qq.com/document/path/90200>
pub struct ListMembers;

/// The department whose members are listed.
const OF_DEPARTMENT: Spec = Spec {
    title: text("Dept ID", "部门ID"),
    description: text("ID of the department; 1 is the root.", "部门ID；1为最顶层部门。"),
    examples: &[Text::both("2")],
    rules: &[rules::range(1, MAX_DEPARTMENT_ID)],
    ui: ui::hint(department::IN_CONTACTS).options(ui::DEPARTMENTS),
    names: Names::Department,
    ..Spec::NEW
};

/// The members that a list returns.
const USER_LIST: Spec = Spec {
    title: text("Members", "成员"),
    description: text("The members, a row for each.", "成员列表，每个成员一行。"),
    ..Spec::NEW
};

table! {
    /// Parameters of `list-members`.
    pub struct ListMembersParameters {
        pub department_id: u32 = OF_DEPARTMENT,
    }
}

output! {
    /// Output of `list-members`.
    pub struct ListMembersOutput {
        pub user_list: Vec<MemberName> = USER_LIST,
    }
}

output! {
    /// A member by name.
    pub struct MemberName {
        pub user_id: String = USER_ID,
        pub name: String = NAME,
        pub department: Vec<u32> = DEPARTMENTS,
    }
}

impl Action for ListMembers {
    const ABOUT: About = About {
        id: "list-members",
        title: text("Obtaining the members of a department", "获取部门成员"),
        label: text("List the members of a department", "获取部门成员"),
        icon: icon!("person"),
        description: text("Lists the IDs and names of a department's members.", "列出部门成员的ID和姓名。"),
        remarks: &[DIRECT],
        interface: &INTERFACE,
        method: Method::Get,
        api: "user/simplelist",
        proof: Proof::List("userlist"),
        secrets: Secrets::App,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90200",
        sample_parameters: r#"{"department_id": 2}"#,
        sample_output: r#"{"user_list": [{"user_id": "zhangsan", "name": "张三", "department": [2]}, {"user_id": "lisi", "name": "李四", "department": [2, 3]}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userlist": [{"userid": "zhangsan", "name": "n", "department": [1], "open_userid": "o"}]}"#,
    };
    type Connection = Application;
    type Parameters = ListMembersParameters;
    type Output = ListMembersOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let user_list = reply.own_rows("userlist", |row| {
            let user_id = row.required_id("userid")?;
            let name = row.text("name")?.unwrap_or_else(|| user_id.clone());
            Ok(MemberName { user_id, name, department: row.numbers("department")? })
        })?;
        Ok(ListMembersOutput { user_list })
    }
}

/// `GET user/list`
///
/// <https://developer.work.weixin.qq.com/document/path/90201>
pub struct ListMemberDetails;

table! {
    /// Parameters of `list-member-details`.
    pub struct ListMemberDetailsParameters {
        pub department_id: u32 = OF_DEPARTMENT,
    }
}

output! {
    /// Output of `list-member-details`.
    pub struct ListMemberDetailsOutput {
        pub user_list: Vec<MemberDetails> = USER_LIST,
    }
}

impl Action for ListMemberDetails {
    const ABOUT: About = About {
        id: "list-member-details",
        title: text("Obtaining the details of a department's members", "获取部门成员详情"),
        label: text("List the details of a department's members", "获取部门成员详情"),
        icon: icon!("person"),
        description: text(
            "Lists the members of a department with all that WeCom tells of them.",
            "列出部门成员的详细信息。",
        ),
        remarks: &[DIRECT, HIDDEN],
        interface: &INTERFACE,
        method: Method::Get,
        api: "user/list",
        proof: Proof::List("userlist"),
        secrets: Secrets::App,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90201",
        sample_parameters: r#"{"department_id": 2}"#,
        sample_output: r#"{"user_list": [{"user_id": "zhangsan", "name": "张三", "position": "工程师", "department": [2], "order": [10], "is_leader_in_dept": [0], "main_department": 2, "direct_leader": ["lisi"], "status": 1, "telephone": "020-123456", "ext_attr": [{"name": "工号", "value": "A001"}], "external_attr": []}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userlist": [{"userid": "zhangsan", "name": "n", "department": [1], "order": [1], "position": "p", "mobile": "13800000000", "gender": "1", "email": "zhangsan@example.com", "biz_mail": "zhangsan@corp.example.com", "is_leader_in_dept": [1], "direct_leader": ["lisi"], "avatar": "https://example.com/a", "thumb_avatar": "https://example.com/t", "telephone": "020-123456", "alias": "a", "address": "a", "open_userid": "o", "main_department": 1, "extattr": {"attrs": [{"type": 1, "name": "n", "web": {"url": "https://example.com", "title": "t"}}, {"type": 2, "name": "n", "miniprogram": {"title": "t", "appid": "a", "pagepath": "p"}}]}, "status": 1, "qr_code": "https://example.com/q", "external_position": "p", "external_profile": {"external_corp_name": "c", "external_attr": [{"type": 2, "name": "n", "miniprogram": {"title": "t", "appid": "a", "pagepath": "p"}}]}}]}"#,
    };
    type Connection = Application;
    type Parameters = ListMemberDetailsParameters;
    type Output = ListMemberDetailsOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(ListMemberDetailsOutput { user_list: reply.own_rows("userlist", member)? })
    }
}

/// `POST user/create`
///
/// <https://developer.work.weixin.qq.com/document/path/90195>
pub struct CreateMember;

table! {
    /// Parameters of `create-member`.
    pub struct CreateMemberParameters {
        pub user_id: String = Spec {
            wire: "userid",
            title: text("Member ID", "成员ID"),
            description: text(
                "ID of the new member, unique in the enterprise whatever the case: up to 64 digits, letters, and _ - \
                @ . starting with a digit or a letter.",
                "新成员的ID，企业内唯一，不区分大小写：最多64个字符，可用数字、字母和 _ - @ . 这些符号，且首位为数字\
                或字母。",
            ),
            examples: &[Text::both(r#""zhangsan""#)],
            rules: &[rules::chars(1, 64), rules::NEW_USER_ID],
            names: Names::Member,
            ..Spec::NEW
        },
        pub name: String = Spec {
            title: text("Member Name", "姓名"),
            description: text("Name of the member, up to 64 characters.", "成员的姓名，最多64个字符。"),
            examples: &[Text::both(r#""张三""#)],
            rules: &[rules::chars(1, 64), rules::LINE],
            ..Spec::NEW
        },
        pub alias: Option<String> = Spec {
            title: text("Alias", "别名"),
            description: text(
                "Another name to find the member by, up to 64 characters.",
                "成员的别名，可用来查找该成员，最多64个字符。",
            ),
            examples: &[Text::both(r#""Jack""#)],
            rules: &[rules::chars(0, 64), rules::LINE],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub gender: Option<u8> = Spec {
            title: text("Gender", "性别"),
            description: text("Gender of the member.", "成员的性别。"),
            choices: GENDERS,
            rules: &[rules::range(1, 2)],
            ..Spec::NEW
        },
        pub enable: Option<u8> = Spec {
            title: text("Enable Member", "启用成员"),
            description: text(
                "Whether the member may use WeCom. Default for a new member: enabled.",
                "成员是否可以使用企业微信。不填时，新成员为启用状态。",
            ),
            choices: STATES,
            rules: &[rules::range(0, 1)],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub main_department: Option<u32> = Spec {
            title: text("Major Dept ID", "主部门ID"),
            description: text(
                "ID of the department that counts as the member's own: one of Dept IDs.",
                "成员的主部门ID，须为所属部门ID中的一个。",
            ),
            examples: &[Text::both("2")],
            rules: &[rules::range(1, MAX_DEPARTMENT_ID)],
            ui: ui::options(ui::DEPARTMENTS).advanced(),
            names: Names::Department,
            ..Spec::NEW
        },
        pub position: Option<String> = Spec {
            title: text("Title", "职务"),
            description: text("Position in the enterprise, up to 128 characters.", "在企业中的职务，最多128个字符。"),
            examples: &[Text::both(r#""工程师""#)],
            rules: &[rules::chars(0, 128), rules::LINE],
            ..Spec::NEW
        },
        pub department: Option<Vec<u32>> = Spec {
            title: text("Dept IDs", "所属部门ID"),
            description: text("IDs of the member's departments, at most 100.", "成员所属部门的ID，最多100个。"),
            examples: &[Text::both("[2]")],
            rules: &[rules::entries(0, MAX_DEPARTMENTS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)])],
            ui: ui::list(",").options(ui::DEPARTMENTS),
            names: Names::Department,
            ..Spec::NEW
        },
        pub order: Option<Vec<u32>> = Spec {
            title: text("Sorting Members in Dept", "部门内排序值"),
            description: text(
                "The member's place in each department of Dept IDs, from 0 to 4294967295: one number for each, the \
                larger first in the list.",
                "成员在每个所属部门中的排序值，0~4294967295：与所属部门ID一一对应，数值大的排在前面。",
            ),
            examples: &[Text::both("[10]")],
            ui: ui::list(",").advanced(),
            names: Names::Order,
            ..Spec::NEW
        },
        pub is_leader_in_dept: Option<Vec<u32>> = Spec {
            title: text("Department Leaders?", "是否部门负责人"),
            description: text(
                "Whether the member leads each department of Dept IDs: one number for each, 1 for a leader and 0 for \
                others.",
                "成员是否为每个所属部门的负责人：与所属部门ID一一对应，1表示负责人，0表示不是。",
            ),
            examples: &[Text::both("[0]")],
            rules: &[rules::each(&[rules::range(0, 1)])],
            ui: ui::list(",").advanced(),
            ..Spec::NEW
        },
        pub direct_leader: Option<Vec<String>> = Spec {
            title: text("Immediate Superior IDs", "直属上级ID"),
            description: text(
                "IDs of the members that the member reports to, at most 5. Newer versions of WeCom take one only.",
                "该成员直属上级的成员ID，最多5个。新版企业微信只允许填1个。",
            ),
            examples: &[Text::both(r#"["lisi"]"#)],
            rules: &[rules::entries(0, MAX_SUPERIORS), rules::each(&[rules::ID])],
            ui: ui::list(",").options(ui::MEMBERS).hint(IN_CONTACTS).advanced(),
            names: Names::Member,
            ..Spec::NEW
        },
        pub telephone: Option<String> = Spec {
            title: text("Fixed-line Phone", "座机"),
            description: text(
                "Fixed-line number: up to 32 digits, hyphens, plus signs and commas. Commas belong to the number.",
                "座机号码：最多32个字符，由数字、连字符、加号和逗号组成。逗号是号码的一部分。",
            ),
            examples: &[Text::both(r#""020-123456""#)],
            rules: &[Rule::Narrow, rules::TELEPHONE, rules::bytes(0, 32)],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub mobile: Option<String> = Spec {
            title: text("Mobile Number", "手机号"),
            description: text(
                "Mobile number, unique in the enterprise; with the country code outside mainland China. This, or \
                Email Address, or both.",
                "手机号，企业内唯一；中国大陆以外的号码要带国家或地区代码。手机号和邮箱至少填一个。",
            ),
            examples: &[Text::both(r#""13800000000""#)],
            rules: &[Rule::Narrow, rules::ID],
            ..Spec::NEW
        },
        pub email: Option<String> = Spec {
            title: text("Email Address", "邮箱"),
            description: text(
                "Email address of 6 to 64 bytes, unique in the enterprise. This, or Mobile Number, or both.",
                "邮箱地址，6~64字节，企业内唯一。手机号和邮箱至少填一个。",
            ),
            examples: &[Text::both(r#""zhangsan@example.com""#)],
            rules: &[rules::EMAIL, rules::bytes(6, 64)],
            ..Spec::NEW
        },
        pub biz_mail: Option<String> = Spec {
            title: text("Enterprise Mailbox", "企业邮箱"),
            description: text(
                "Address in the enterprise's own mail service, 6 to 64 bytes, unique in the enterprise. Only for \
                enterprises that use that service; by default WeCom makes one, which can be changed once.",
                "企业邮箱地址，6~64字节，企业内唯一。仅适用于已开通企业邮箱的企业；不填时由企业微信生成，生成的地址只\
                能改一次。",
            ),
            examples: &[Text::both(r#""zhangsan@corp.example.com""#)],
            rules: &[rules::EMAIL, rules::bytes(6, 64)],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub address: Option<String> = Spec {
            title: text("Address", "地址"),
            description: text("Postal address, up to 128 characters.", "通讯地址，最多128个字符。"),
            examples: &[Text::both(r#""广州市海珠区新港中路""#)],
            rules: &[rules::chars(0, 128), rules::LINE],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `create-member`.
    pub struct CreateMemberOutput {
        pub created_department_list: Vec<CreatedDepartment> = Spec {
            title: text("Created Departments", "自动创建的部门"),
            description: text(
                "Departments that did not exist and that WeCom created with the member. A mistyped ID in Dept IDs \
                shows here.",
                "原本不存在、由企业微信随该成员一并创建的部门。所属部门ID填错时会显示在这里。",
            ),
            ..Spec::NEW
        },
        pub cleaned: Vec<String> = CLEANED,
    }
}

output! {
    /// A department that came into being with a member.
    pub struct CreatedDepartment {
        pub name: String = Spec {
            title: text("Dept Name", "部门名称"),
            description: text("Name of the department.", "部门的名称。"),
            ..Spec::NEW
        },
        pub id: u32 = Spec {
            title: text("Dept ID", "部门ID"),
            description: text("ID of the department.", "部门的ID。"),
            names: Names::Department,
            ..Spec::NEW
        },
    }
}

impl Action for CreateMember {
    const ABOUT: About = About {
        id: "create-member",
        title: text("Creating a member", "创建成员"),
        label: text("Create a member", "创建成员"),
        icon: icon!("person"),
        description: text(
            "Adds a member to the address book. WeCom invites the member by itself, for up to three working days. A \
            second call with the same ID is refused with 60102.",
            "在通讯录中添加成员。企业微信会自动邀请该成员，最多持续三个工作日。用相同的ID再次运行会被拒绝（错误码\
            60102）。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "user/create",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::Contacts,
        effect: Effect::Create,
        idempotent: false,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90195",
        sample_parameters: r#"{"user_id": "zhangsan", "name": "张三", "gender": 1, "position": "工程师", "department": [2], "is_leader_in_dept": [0], "mobile": "13800000000", "email": "zhangsan@example.com"}"#,
        sample_output: r#"{"created_department_list": [], "cleaned": []}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "created_department_list": {"department_info": [{"name": "n", "id": 2}]}}"#,
    };
    type Connection = Application;
    type Parameters = CreateMemberParameters;
    type Output = CreateMemberOutput;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        check_departments(parameters);
        if parameters.text(CreateMemberParameters::mobile).is_empty()
            && parameters.text(CreateMemberParameters::email).is_empty()
        {
            let rule = phrase!("is required where `email` is left out: one of the two, or both");
            parameters.violate(CreateMemberParameters::mobile, &["email"], rule);
        }
    }

    fn conditions() -> Map<String, Value> {
        let mut email_and_departments = given(CreateMemberParameters::email);
        for (keyword, schema) in departments_where_counted() {
            email_and_departments[keyword] = schema;
        }
        let mut conditions = when(not(given(CreateMemberParameters::mobile)), email_and_departments);
        conditions.insert("else".to_owned(), departments_where_counted().into());
        conditions
    }

    fn request(parameters: Parameters, _: &CheckedApplication) -> Request {
        request(Self::ABOUT.api, parameters)
    }

    fn output(mut reply: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        // Where the reply has no such list, nothing was created.
        let created_department_list = reply.object("created_department_list")?.rows("department_info", |row| {
            Ok(CreatedDepartment { name: row.text("name")?.unwrap_or_default(), id: row.required_number("id")? })
        })?;
        Ok(CreateMemberOutput { created_department_list, cleaned: edits.cleaned })
    }
}

/// `POST user/update`
///
/// <https://developer.work.weixin.qq.com/document/path/90197>
pub struct UpdateMember;

table! {
    /// Parameters of `update-member`. What is left out stays as it is; what is given empty is cleared.
    pub struct UpdateMemberParameters {
        pub user_id: String = Spec {
            wire: "userid",
            title: text("Member ID", "成员ID"),
            description: text(
                "ID of the member to change, 1 to 64 bytes; upper and lower case are the same.",
                "要修改的成员ID，1~64字节，不区分大小写。",
            ),
            examples: &[Text::both(r#""zhangsan""#)],
            rules: &[rules::NOT_EMPTY, rules::ID, rules::bytes(0, 64)],
            ui: ui::hint(IN_CONTACTS).options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub name: Option<String> = Spec {
            title: text("Member Name", "姓名"),
            description: text("New name, up to 64 characters.", "新姓名，最多64个字符。"),
            examples: &[Text::both(r#""张三""#)],
            rules: &[rules::chars(0, 64), rules::LINE, Rule::CannotBeCleared],
            ..Spec::NEW
        },
        pub alias: Option<String> = Spec {
            title: text("Alias", "别名"),
            description: text(
                "New second name to find the member by, up to 64 characters, or empty to remove it.",
                "新别名，可用来查找该成员，最多64个字符；填空值则清空。",
            ),
            examples: &[Text::both(r#""Jack""#)],
            rules: &[rules::chars(0, 64), rules::LINE, Rule::Clears],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub gender: Option<u8> = Spec {
            title: text("Gender", "性别"),
            description: text("Gender of the member.", "成员的性别。"),
            choices: GENDERS,
            rules: &[rules::range(1, 2), Rule::CannotBeCleared],
            ..Spec::NEW
        },
        pub enable: Option<u8> = Spec {
            title: text("Enable Member", "启用成员"),
            description: text("Whether the member may use WeCom.", "成员是否可以使用企业微信。"),
            choices: STATES,
            rules: &[rules::range(0, 1), Rule::CannotBeCleared],
            ..Spec::NEW
        },
        pub main_department: Option<u32> = Spec {
            title: text("Major Dept ID", "主部门ID"),
            description: text(
                "ID of the department that counts as the member's own: one of the member's departments.",
                "成员的主部门ID，须为该成员的所属部门之一。",
            ),
            examples: &[Text::both("2")],
            rules: &[rules::range(1, MAX_DEPARTMENT_ID), Rule::CannotBeCleared],
            ui: ui::options(ui::DEPARTMENTS).advanced(),
            names: Names::Department,
            ..Spec::NEW
        },
        pub position: Option<String> = Spec {
            title: text("Job Title", "职务"),
            description: text(
                "New position in the enterprise, up to 128 characters, or empty to remove it.",
                "在企业中的新职务，最多128个字符；填空值则清空。",
            ),
            examples: &[Text::both(r#""高级工程师""#)],
            rules: &[rules::chars(0, 128), rules::LINE, Rule::Clears],
            ..Spec::NEW
        },
        pub department: Option<Vec<u32>> = Spec {
            title: text("Dept IDs", "所属部门ID"),
            description: text(
                "IDs of all departments the member shall have from now on, at most 100. They replace the present \
                ones.",
                "修改后成员所属的全部部门的ID，最多100个。原有的所属部门会被替换。",
            ),
            examples: &[Text::both("[2]")],
            rules: &[rules::entries(0, MAX_DEPARTMENTS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)]), Rule::CannotBeCleared],
            ui: ui::list(",").options(ui::DEPARTMENTS),
            names: Names::Department,
            ..Spec::NEW
        },
        pub order: Option<Vec<u32>> = Spec {
            title: text("Sorting Members in Dept", "部门内排序值"),
            description: text(
                "The member's place in each department of Dept IDs, from 0 to 4294967295: one number for each, the \
                larger first in the list. Only together with Dept IDs.",
                "成员在每个所属部门中的排序值，0~4294967295：与所属部门ID一一对应，数值大的排在前面。须与所属部门ID一\
                起填写。",
            ),
            examples: &[Text::both("[10]")],
            rules: &[Rule::CannotBeCleared],
            ui: ui::list(",").advanced(),
            names: Names::Order,
            ..Spec::NEW
        },
        pub is_leader_in_dept: Option<Vec<u32>> = Spec {
            title: text("Department Leaders?", "是否部门负责人"),
            description: text(
                "Whether the member leads each department of Dept IDs: one number for each, 1 for a leader and 0 for \
                others. Only together with Dept IDs.",
                "成员是否为每个所属部门的负责人：与所属部门ID一一对应，1表示负责人，0表示不是。须与所属部门ID一起填写\
                。",
            ),
            examples: &[Text::both("[1]")],
            rules: &[rules::each(&[rules::range(0, 1)]), Rule::CannotBeCleared],
            ui: ui::list(",").advanced(),
            ..Spec::NEW
        },
        pub direct_leader: Option<Vec<String>> = Spec {
            title: text("Immediate Superior IDs", "直属上级ID"),
            description: text(
                "IDs of the members that the member reports to, at most 5, or an empty list for nobody. Newer \
                versions of WeCom take one only.",
                "该成员直属上级的成员ID，最多5个；填空列表则清空上级。新版企业微信只允许填1个。",
            ),
            examples: &[Text::both(r#"["lisi"]"#)],
            rules: &[rules::entries(0, MAX_SUPERIORS), rules::each(&[rules::ID]), Rule::Clears],
            ui: ui::list(",").options(ui::MEMBERS).hint(IN_CONTACTS).advanced(),
            names: Names::Member,
            ..Spec::NEW
        },
        pub telephone: Option<String> = Spec {
            title: text("Fixed-line Phone", "座机"),
            description: text(
                "New fixed-line number: 1 to 32 digits, hyphens, plus signs and commas, or empty to remove it. Commas \
                belong to the number.",
                "新座机号码：1~32个字符，由数字、连字符、加号和逗号组成；填空值则清空。逗号是号码的一部分。",
            ),
            examples: &[Text::both(r#""020-123456""#)],
            rules: &[Rule::Narrow, rules::TELEPHONE, rules::bytes(0, 32), Rule::Clears],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub mobile: Option<String> = Spec {
            title: text("Mobile Number", "手机号"),
            description: text(
                "New mobile number, unique in the enterprise. WeCom ignores it, and reports success, once the member \
                has activated the account.",
                "新手机号，企业内唯一。成员激活账号后，企业微信会忽略此项，但仍返回成功。",
            ),
            examples: &[Text::both(r#""13800000000""#)],
            rules: &[Rule::Narrow, rules::ID, Rule::CannotBeCleared],
            ..Spec::NEW
        },
        pub email: Option<String> = Spec {
            title: text("Email Address", "邮箱"),
            description: text(
                "New email address of up to 64 bytes, unique in the enterprise. WeCom ignores it, and reports \
                success, where the account is bound to Tencent's enterprise mail.",
                "新邮箱地址，最多64字节，企业内唯一。账号已绑定腾讯企业邮箱时，企业微信会忽略此项，但仍返回成功。",
            ),
            examples: &[Text::both(r#""zhangsan@example.com""#)],
            rules: &[rules::EMAIL, rules::bytes(0, 64), Rule::CannotBeCleared],
            ..Spec::NEW
        },
        pub biz_mail: Option<String> = Spec {
            title: text("Enterprise Mailbox", "企业邮箱"),
            description: text(
                "New address in the enterprise's own mail service, 6 to 64 bytes, unique in the enterprise. An \
                address that WeCom made can be changed once.",
                "新企业邮箱地址，6~64字节，企业内唯一。由企业微信生成的地址只能改一次。",
            ),
            examples: &[Text::both(r#""zhangsan@corp.example.com""#)],
            rules: &[rules::EMAIL, rules::bytes(6, 64), Rule::CannotBeCleared],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub address: Option<String> = Spec {
            title: text("Address", "地址"),
            description: text(
                "New postal address, up to 128 characters, or empty to remove it.",
                "新通讯地址，最多128个字符；填空值则清空。",
            ),
            examples: &[Text::both(r#""广州市海珠区新港中路""#)],
            rules: &[rules::chars(0, 128), rules::LINE, Rule::Clears],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
    }
}

impl Action for UpdateMember {
    const ABOUT: About = About {
        id: "update-member",
        title: text("Updating a member", "更新成员"),
        label: text("Update a member", "修改成员"),
        icon: icon!("person"),
        description: text(
            "Changes what is given of a member. What is left out stays as it is; an empty alias, job title, phone, \
            address or list of superiors is cleared. After an error, part of it may have changed. Success does not \
            prove a new mobile number or email address.",
            "修改成员的已填项；未填的项保持不变。别名、职务、座机、地址、直属上级填空值则清空。出错时可能已修改了一部\
            分。返回成功不代表手机号或邮箱一定已更新。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "user/update",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::Contacts,
        effect: Effect::Update,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90197",
        sample_parameters: r#"{"user_id": "zhangsan", "position": "高级工程师", "enable": 1}"#,
        sample_output: r#"{"cleaned": []}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
    };
    type Connection = Application;
    type Parameters = UpdateMemberParameters;
    type Output = Edited;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        check_departments(parameters);
    }

    fn conditions() -> Map<String, Value> {
        departments_where_counted()
    }

    fn request(parameters: Parameters, _: &CheckedApplication) -> Request {
        request(Self::ABOUT.api, parameters)
    }

    fn output(_: Reply, edits: Edits) -> Result<Edited, Malformed> {
        Ok(edits.into())
    }
}

/// `GET user/delete`
///
/// <https://developer.work.weixin.qq.com/document/path/90198>
pub struct DeleteMember;

table! {
    /// Parameters of `delete-member`.
    pub struct DeleteMemberParameters {
        pub user_id: String = Spec {
            wire: "userid",
            title: text("Member ID", "成员ID"),
            description: text("ID of the member to delete.", "要删除的成员ID。"),
            examples: &[Text::both(r#""zhangsan""#)],
            rules: &[rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ui: ui::hint(IN_CONTACTS).options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

impl Action for DeleteMember {
    const ABOUT: About = About {
        id: "delete-member",
        title: text("Deleting a member", "删除成员"),
        label: text("Delete a member", "删除成员"),
        icon: icon!("person"),
        description: text(
            "Removes a member from the enterprise, and the member's enterprise mailbox where there is one. A second \
            call is refused with 60111, since the member is gone.",
            "从企业中删除成员；成员有企业邮箱的，一并删除。成员删除后再次运行会被拒绝（错误码60111），因为成员已不存\
            在。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Get,
        api: "user/delete",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::Contacts,
        effect: Effect::Delete,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90198",
        sample_parameters: r#"{"user_id": "zhangsan"}"#,
        sample_output: "{}",
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
    };
    type Connection = Application;
    type Parameters = DeleteMemberParameters;
    type Output = Nothing;

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

/// `POST user/batchdelete`
///
/// <https://developer.work.weixin.qq.com/document/path/90199>
pub struct DeleteMembers;

table! {
    /// Parameters of `delete-members`.
    pub struct DeleteMembersParameters {
        pub user_id_list: Vec<String> = Spec {
            wire: "useridlist",
            title: text("Member IDs", "成员ID"),
            description: text("IDs of the members to delete, at most 200.", "要删除的成员ID，最多200个。"),
            examples: &[Text::both(r#"["zhangsan", "lisi"]"#)],
            rules: &[rules::entries(1, MAX_DELETED), rules::each(&[rules::ID])],
            ui: ui::list(",").options(ui::MEMBERS).hint(IN_CONTACTS),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

impl Action for DeleteMembers {
    const ABOUT: About = About {
        id: "delete-members",
        title: text("Deleting several members", "批量删除成员"),
        label: text("Delete several members", "批量删除成员"),
        icon: icon!("person"),
        description: text(
            "Removes members from the enterprise, and their enterprise mailboxes where there are any. One unknown ID, and \
            WeCom refuses the whole call and deletes nobody; so a second call is refused, too.",
            "从企业中删除多名成员；成员有企业邮箱的，一并删除。只要有一个成员ID不存在，整个调用就会被拒绝，一个成员也不会删\
            除；因此删除后再次运行也会被拒绝。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "user/batchdelete",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::Contacts,
        effect: Effect::Delete,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90199",
        sample_parameters: r#"{"user_id_list": ["wangwu", "sunqi"]}"#,
        sample_output: "{}",
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
    };
    type Connection = Application;
    type Parameters = DeleteMembersParameters;
    type Output = Nothing;

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

/// `POST batch/invite`
///
/// <https://developer.work.weixin.qq.com/document/path/90975>
pub struct InviteMembers;

table! {
    /// Parameters of `invite-members`.
    pub struct InviteMembersParameters {
        pub user: Option<Vec<String>> = Spec {
            title: text("Member IDs", "成员ID"),
            description: text(
                "IDs of the members to invite, at most 1000. This, Dept IDs or Tag IDs, or several of them.",
                "要邀请的成员ID，最多1000个。成员ID、部门ID、标签ID至少填一项。",
            ),
            examples: &[Text::both(r#"["zhangsan", "lisi"]"#)],
            rules: &[rules::entries(0, MAX_LISTED), rules::each(&[rules::ID])],
            ui: ui::list(",").options(ui::MEMBERS).hint(IN_CONTACTS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub party: Option<Vec<u32>> = Spec {
            title: text("Dept IDs", "部门ID"),
            description: text(
                "IDs of the departments whose members are invited, at most 100.",
                "要邀请的部门ID，邀请其中的成员，最多100个。",
            ),
            examples: &[Text::both("[2]")],
            rules: &[rules::entries(0, MAX_LISTED_GROUPS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)])],
            ui: ui::list(",").options(ui::DEPARTMENTS).hint(department::IN_CONTACTS),
            names: Names::Department,
            ..Spec::NEW
        },
        pub tag: Option<Vec<u32>> = Spec {
            title: text("Tag IDs", "标签ID"),
            description: text(
                "IDs of the tags whose members are invited, at most 100.",
                "要邀请的标签ID，邀请其中的成员，最多100个。",
            ),
            examples: &[Text::both("[1]")],
            rules: &[rules::entries(0, MAX_LISTED_GROUPS)],
            ui: ui::list(",").options(ui::TAGS).hint(TAG_IN_CONTACTS),
            names: Names::Tag,
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `invite-members`: who is not invited.
    pub struct Invited {
        pub invalid_user: Vec<String> = Spec {
            title: text("Members Not Invited", "未邀请的成员"),
            description: text(
                "Members that are unknown, or out of the application's visible range.",
                "不存在或不在应用可见范围内的成员。",
            ),
            names: Names::Member,
            ..Spec::NEW
        },
        pub invalid_party: Vec<String> = Spec {
            title: text("Departments Not Invited", "未邀请的部门"),
            description: text(
                "Departments that are unknown, or out of the application's visible range.",
                "不存在或不在应用可见范围内的部门。",
            ),
            names: Names::Department,
            ..Spec::NEW
        },
        pub invalid_tag: Vec<String> = Spec {
            title: text("Tags Not Invited", "未邀请的标签"),
            description: text("Tags that are unknown.", "不存在的标签。"),
            names: Names::Tag,
            ..Spec::NEW
        },
    }
}

impl Action for InviteMembers {
    const ABOUT: About = About {
        id: "invite-members",
        title: text("Inviting members", "邀请成员"),
        label: text("Invite members", "邀请成员"),
        icon: icon!("person"),
        description: text(
            "Asks members who have not joined to do so, by SMS or email. Success means that WeCom has taken the \
            order, not that somebody was reached. A second call invites again; WeCom writes to a person once a day at \
            most, on three days.",
            "通过短信或邮件邀请未加入的成员加入企业微信。返回成功只表示企业微信已受理，不代表已通知到人。再次运行会再次邀\
            请；每人每天最多收到一次，最多三天。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "batch/invite",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::App,
        effect: Effect::Send,
        idempotent: false,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90975",
        sample_parameters: r#"{"user": ["zhangsan", "lisi"], "party": [2], "tag": [1]}"#,
        sample_output: r#"{"invalid_user": ["wangwu"], "invalid_party": [], "invalid_tag": []}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "invaliduser": ["wangwu"], "invalidparty": [3], "invalidtag": [4]}"#,
    };
    type Connection = Application;
    type Parameters = InviteMembersParameters;
    type Output = Invited;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        let (user, party, tag) =
            (InviteMembersParameters::user, InviteMembersParameters::party, InviteMembersParameters::tag);
        if parameters.entries(user).is_empty()
            && parameters.entries(party).is_empty()
            && parameters.entries(tag).is_empty()
        {
            let rule = phrase!("is required where neither `party` nor `tag` has entries");
            parameters.violate(user, &[party.name(), tag.name()], rule);
        }
    }

    fn conditions() -> Map<String, Value> {
        let (user, party, tag) =
            (InviteMembersParameters::user, InviteMembersParameters::party, InviteMembersParameters::tag);
        when(not(filled(user)), when(not(filled(party)), filled(tag)).into())
    }

    fn output(mut reply: Reply, _: Edits) -> Result<Invited, Malformed> {
        Ok(Invited {
            invalid_user: reply.delimited("invaliduser")?,
            invalid_party: reply.delimited("invalidparty")?,
            invalid_tag: reply.delimited("invalidtag")?,
        })
    }
}

/// What a schema can say of [`check_departments`]: there is nothing to count without departments.
fn departments_where_counted() -> Map<String, Value> {
    let counted = json!({"anyOf": DEPARTMENT_LISTS.map(filled)});
    when(counted, filled(CreateMemberParameters::department))
}

/// The lists that have one entry for each department, in both tables.
const DEPARTMENT_LISTS: [Key<Vec<u32>>; 2] = [CreateMemberParameters::order, CreateMemberParameters::is_leader_in_dept];

/// Rules for lists that stand beside the departments: one entry for each.
fn check_departments(parameters: &mut Parameters) {
    let departments = CreateMemberParameters::department;
    let expected = parameters.entries(departments).len();
    for list in DEPARTMENT_LISTS {
        let count = parameters.entries(list).len();
        if count == 0 {
            continue;
        }
        let rule = match expected {
            0 => phrase!("counts only together with `department`, which has no entries").into(),
            _ if count != expected => {
                message!("must have one entry for each of the {} in `department`, and has {}", expected, count)
            }
            // An empty entry that only one of the two has would give a department what is another's.
            _ if parameters.slots(list) != parameters.slots(departments) => {
                phrase!("must have its empty entries where `department` has them, or none").into()
            }
            _ => continue,
        };
        parameters.violate(list, &[departments.name()], rule);
    }
}

/// WeCom takes gender as a text.
fn request(api: &'static str, mut parameters: Parameters) -> Request {
    if let Some(gender) = parameters.number(CreateMemberParameters::gender) {
        parameters.set(CreateMemberParameters::gender, plain(&gender.into()).into_owned());
    }
    Request::of(Method::Post, api, parameters)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::wire::{OK, call};

    const CREATED: &str = r#"{"errcode": 0, "errmsg": "created"}"#;
    const UPDATED: &str = r#"{"errcode": 0, "errmsg": "updated"}"#;

    #[test]
    fn list_member_ids() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "next_cursor": "aaaaaaaaa",
            "dept_user": [
                {"userid": "zhangsan", "department": 1},
                {"userid": "zhangsan", "department": 2},
                {"userid": "lisi", "department": 2}
            ]
        }"#;
        let output = json!({
            "next_cursor": "aaaaaaaaa",
            "dept_user": [
                {"user_id": "zhangsan", "department": 1},
                {"user_id": "zhangsan", "department": 2},
                {"user_id": "lisi", "department": 2},
            ],
        });
        call("list-member-ids", json!({"cursor": "xxxxxxx", "limit": 10000}))
            .posts("user/list_id", json!({"cursor": "xxxxxxx", "limit": 10000}))
            .returns(reply, output);
    }

    #[test]
    fn the_last_page_has_no_next_cursor() {
        let page = || call("list-member-ids", json!({})).posts("user/list_id", json!({}));
        let output = json!({"dept_user": [{"user_id": "lisi", "department": 2}]});
        for next_cursor in [r#""next_cursor": "","#, ""] {
            let rows = r#"[{"userid": "lisi", "department": 2}]"#;
            let reply = format!(r#"{{"errcode": 0, "errmsg": "ok", {next_cursor} "dept_user": {rows}}}"#);
            page().returns(&reply, output.clone());
        }
        page().fails(r#"{"errcode": 0, "errmsg": "ok", "data": {}}"#, "has no `dept_user`");
    }

    #[test]
    fn an_open_id_stands_in_for_a_member_id() {
        call("list-member-ids", json!({})).posts("user/list_id", json!({})).returns(
            r#"{"errcode": 0, "errmsg": "ok", "dept_user": [{"open_userid": "woAAAAAAAA", "department": 1}]}"#,
            json!({"dept_user": [{"open_user_id": "woAAAAAAAA", "department": 1}]}),
        );
    }

    #[test]
    fn create_member() {
        let parameters = json!({
            "user_id": "zhangsan",
            "name": "张三",
            "alias": "jackzhang",
            "gender": 1,
            "enable": 1,
            "main_department": 1,
            "position": "产品经理",
            "department": [1, 2],
            "order": [10, 40],
            "is_leader_in_dept": [1, 0],
            "direct_leader": ["lisi"],
            "telephone": "020-123456",
            "mobile": "+86 13800000000",
            "email": "zhangsan@gzdev.com",
            "biz_mail": "zhangsan@qyycs2.wecom.work",
            "address": "广州市海珠区新港中路",
        });
        let body = json!({
            "userid": "zhangsan",
            "name": "张三",
            "alias": "jackzhang",
            "gender": "1",
            "enable": 1,
            "main_department": 1,
            "position": "产品经理",
            "department": [1, 2],
            "order": [10, 40],
            "is_leader_in_dept": [1, 0],
            "direct_leader": ["lisi"],
            "telephone": "020-123456",
            "mobile": "+86 13800000000",
            "email": "zhangsan@gzdev.com",
            "biz_mail": "zhangsan@qyycs2.wecom.work",
            "address": "广州市海珠区新港中路",
        });
        call("create-member", parameters)
            .posts("user/create", body)
            .returns(CREATED, json!({"created_department_list": [], "cleaned": []}));
    }

    #[test]
    fn departments_that_came_with_a_member_are_returned() {
        let create = || {
            call("create-member", json!({"user_id": "zhangsan", "name": "张\u{7}三", "email": "zhangsan@gzdev.com"}))
                .posts("user/create", json!({"userid": "zhangsan", "name": "张三", "email": "zhangsan@gzdev.com"}))
        };
        let list = |rows: Value| {
            json!({"errcode": 0, "errmsg": "created", "created_department_list": {"department_info": rows}}).to_string()
        };
        create().returns(
            &list(json!([{"name": "xxxx", "id": 123}])),
            json!({"created_department_list": [{"name": "xxxx", "id": 123}], "cleaned": ["name"]}),
        );
        create().fails(&list(json!([{"name": "xxxx"}])), "`created_department_list.department_info[0].id`");
    }

    #[test]
    fn a_new_member_can_be_reached() {
        call("create-member", json!({"user_id": "zhangsan", "name": "张三"})).refused_at("/mobile", "is required");
    }

    #[test]
    fn update_member() {
        let parameters = json!({
            "user_id": "zhangsan",
            "name": "李四",
            "gender": 2,
            "enable": 0,
            "main_department": 1,
            "department": [1],
            "order": [10],
            "is_leader_in_dept": [0],
            "mobile": "13800000000",
            "email": "zhangsan@gzdev.com",
            "biz_mail": "zhangsan@qyycs2.wecom.work",
        });
        let body = json!({
            "userid": "zhangsan",
            "name": "李四",
            "gender": "2",
            "enable": 0,
            "main_department": 1,
            "department": [1],
            "order": [10],
            "is_leader_in_dept": [0],
            "mobile": "13800000000",
            "email": "zhangsan@gzdev.com",
            "biz_mail": "zhangsan@qyycs2.wecom.work",
        });
        call("update-member", parameters).posts("user/update", body).returns(UPDATED, json!({"cleaned": []}));
        call("update-member", json!({"user_id": "zhangsan"}))
            .posts("user/update", json!({"userid": "zhangsan"}))
            .returns(UPDATED, json!({"cleaned": []}));
    }

    #[test]
    fn what_is_given_empty_is_cleared_or_refused() {
        let update = |name: &str, empty: Value| call("update-member", json!({"user_id": "zhangsan", name: empty}));
        for name in ["alias", "position", "direct_leader", "telephone", "address"] {
            let empty = if name == "direct_leader" { json!([]) } else { json!("") };
            update(name, empty.clone())
                .posts("user/update", json!({"userid": "zhangsan", name: empty}))
                .returns(UPDATED, json!({"cleaned": []}));
        }
        for name in ["name", "mobile", "email", "biz_mail", "gender", "enable", "main_department"] {
            update(name, json!("")).refused_at(&format!("/{name}"), "cannot be cleared");
        }
        for name in ["department", "order", "is_leader_in_dept"] {
            update(name, json!([])).refused_at(&format!("/{name}"), "cannot be cleared");
        }
    }

    #[test]
    fn lists_beside_the_departments_have_an_entry_for_each() {
        for action in ["create-member", "update-member"] {
            for list in ["order", "is_leader_in_dept"] {
                let refused = |departments: Value, entries: Value, says: &str| {
                    let mut parameters = json!({"user_id": "zhangsan", "department": departments, list: entries});
                    if action == "create-member" {
                        parameters["name"] = "张三".into();
                        parameters["mobile"] = "13800000000".into();
                    }
                    call(action, parameters).refused_at(&format!("/{list}"), says);
                };
                refused(Value::Null, json!([1]), "counts only together with `department`");
                refused(json!([1, 2]), json!([1]), "one entry for each of the 2 in `department`, and has 1");
                refused(json!("1,,2"), json!("1,0,"), "empty entries where `department` has them");
            }
        }
    }

    #[test]
    fn delete_member() {
        call("delete-member", json!({"user_id": "zhangsan@gzdev"}))
            .gets("user/delete?userid=zhangsan%40gzdev")
            .returns(r#"{"errcode": 0, "errmsg": "deleted"}"#, json!({}));
    }

    const DETAILS: &str = r#""userid": "zhangsan",
        "name": "张三",
        "department": [1, 2],
        "order": [1, 2],
        "position": "后台工程师",
        "mobile": "13800000000",
        "gender": "1",
        "email": "zhangsan@gzdev.com",
        "biz_mail": "zhangsan@qyycs2.wecom.work",
        "is_leader_in_dept": [1, 0],
        "direct_leader": ["lisi"],
        "avatar": "http://wx.qlogo.cn/mmopen/0",
        "thumb_avatar": "http://wx.qlogo.cn/mmopen/100",
        "telephone": "020-123456",
        "alias": "jackzhang",
        "address": "广州市海珠区新港中路",
        "open_userid": "xxxxxx",
        "main_department": 1,
        "extattr": {"attrs": [
            {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
            {"type": 1, "name": "网页名称", "web": {"url": "http://www.test.com", "title": "标题"}}
        ]},
        "status": 1,
        "qr_code": "https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=xxx",
        "external_position": "产品经理",
        "external_profile": {"external_corp_name": "企业简称", "external_attr": [{"type": 0, "name": "文本名称", "text": {"value": "文本"}}]}"#;

    fn details() -> Value {
        json!({
            "user_id": "zhangsan",
            "name": "张三",
            "alias": "jackzhang",
            "position": "后台工程师",
            "department": [1, 2],
            "order": [1, 2],
            "is_leader_in_dept": [1, 0],
            "main_department": 1,
            "direct_leader": ["lisi"],
            "status": 1,
            "gender": 1,
            "telephone": "020-123456",
            "mobile": "13800000000",
            "email": "zhangsan@gzdev.com",
            "biz_mail": "zhangsan@qyycs2.wecom.work",
            "address": "广州市海珠区新港中路",
            "avatar": "http://wx.qlogo.cn/mmopen/0",
            "thumb_avatar": "http://wx.qlogo.cn/mmopen/100",
            "qr_code": "https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=xxx",
            "external_position": "产品经理",
            "ext_attr": [
                {"name": "文本名称", "value": "文本"},
                {"name": "网页名称", "value": "标题", "url": "http://www.test.com"},
            ],
            "external_corp_name": "企业简称",
            "external_attr": [{"name": "文本名称", "value": "文本"}],
        })
    }

    #[test]
    fn get_member() {
        let get = || call("get-member", json!({"user_id": "zhangsan"})).gets("user/get?userid=zhangsan");
        get().returns(&format!(r#"{{"errcode": 0, "errmsg": "ok", {DETAILS}}}"#), details());
        get().fails(r#"{"errcode": 0, "errmsg": "ok", "name": "张三"}"#, "has no `userid`");
    }

    #[test]
    fn what_wecom_hides_of_a_member_is_absent() {
        let few = json!({
            "user_id": "zhangsan",
            "name": "zhangsan",
            "department": [],
            "order": [],
            "is_leader_in_dept": [],
            "direct_leader": [],
            "ext_attr": [],
            "external_attr": [],
        });
        for hidden in ["", r#", "gender": "0", "mobile": "", "email": null, "extattr": {"attrs": []}"#] {
            let reply = format!(r#"{{"errcode": 0, "errmsg": "ok", "userid": "zhangsan"{hidden}}}"#);
            call("get-member", json!({"user_id": "zhangsan"}))
                .gets("user/get?userid=zhangsan")
                .returns(&reply, few.clone());
        }
    }

    #[test]
    fn get_member_id_by_mobile() {
        let find = || {
            call("get-member-id-by-mobile", json!({"mobile": "１３４３０３８８８８８"}))
                .posts("user/getuserid", json!({"mobile": "13430388888"}))
        };
        find().returns(r#"{"errcode": 0, "errmsg": "ok", "userid": "zhangsan"}"#, json!({"user_id": "zhangsan"}));
        find().fails(OK, "has no `userid`");
        for (mobile, says) in
            [("１２34", "at least 5 characters"), (" ", "at least 5 characters"), ("138\u{200b}00000000", "U+200B")]
        {
            call("get-member-id-by-mobile", json!({"mobile": mobile})).refused_at("/mobile", says);
        }
    }

    #[test]
    fn get_member_id_by_email() {
        let find = || {
            call("get-member-id-by-email", json!({"email": "zhangsan@tencent.com", "email_type": 1}))
                .posts("user/get_userid_by_email", json!({"email": "zhangsan@tencent.com", "email_type": 1}))
        };
        find().returns(r#"{"errcode": 0, "errmsg": "ok", "userid": "zhangsan"}"#, json!({"user_id": "zhangsan"}));
        find().fails(r#"{"errcode": 0, "errmsg": "ok", "userid": ""}"#, "has no `userid`");
        call("get-member-id-by-email", json!({"email": "zhangsan"})).refused_at("/email", "must be an email address");
    }

    #[test]
    fn list_members() {
        let list = || call("list-members", json!({"department_id": 2})).gets("user/simplelist?department_id=2");
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "userlist": [
                {"userid": "zhangsan", "name": "张三", "department": [1, 2], "open_userid": "xxxxxx"},
                {"userid": "lisi"}
            ]
        }"#;
        let output = json!({
            "user_list": [
                {"user_id": "zhangsan", "name": "张三", "department": [1, 2]},
                {"user_id": "lisi", "name": "lisi", "department": []},
            ],
        });
        list().returns(reply, output);
        list().returns(r#"{"errcode": 0, "errmsg": "ok", "userlist": []}"#, json!({"user_list": []}));
        list()
            .fails(r#"{"errcode": 0, "errmsg": "ok", "userlist": [{"name": "张三"}]}"#, "has no `userlist[0].userid`");
        list().fails(r#"{"errcode": 0, "errmsg": "ok", "data": []}"#, "has no `userlist`");
    }

    #[test]
    fn list_member_details() {
        let list = || call("list-member-details", json!({"department_id": 2})).gets("user/list?department_id=2");
        let reply = format!(r#"{{"errcode": 0, "errmsg": "ok", "userlist": [{{{DETAILS}}}]}}"#);
        list().returns(&reply, json!({"user_list": [details()]}));
        list().fails(r#"{"errcode": 0, "errmsg": "ok", "userlist": [{}]}"#, "has no `userlist[0].userid`");
    }

    #[test]
    fn delete_members() {
        call("delete-members", json!({"user_id_list": ["zhangsan", "lisi"]}))
            .posts("user/batchdelete", json!({"useridlist": ["zhangsan", "lisi"]}))
            .returns(r#"{"errcode": 0, "errmsg": "deleted"}"#, json!({}));
        for count in [0, 201] {
            call("delete-members", json!({"user_id_list": vec!["a"; count]}))
                .refused_at("/user_id_list", "must have 1 to 200 entries");
        }
    }

    #[test]
    fn invite_members() {
        let invite = || {
            call("invite-members", json!({"user": ["UserID1", "UserID2"], "party": [2, 3], "tag": [0, 1]}))
                .posts("batch/invite", json!({"user": ["UserID1", "UserID2"], "party": [2, 3], "tag": [0, 1]}))
        };
        invite().returns(
            r#"{"errcode": 0, "errmsg": "ok", "invaliduser": ["UserID1"], "invalidparty": [2, 3], "invalidtag": [1]}"#,
            json!({"invalid_user": ["UserID1"], "invalid_party": ["2", "3"], "invalid_tag": ["1"]}),
        );
        invite().returns(OK, json!({"invalid_user": [], "invalid_party": [], "invalid_tag": []}));
        call("invite-members", json!({})).refused_at("/user", "neither `party` nor `tag`");
        call("invite-members", json!({"user": vec!["a"; 1001]})).refused_at("/user", "at most 1000 entries");
        call("invite-members", json!({"party": vec![1; 101]})).refused_at("/party", "at most 100 entries");
        call("invite-members", json!({"tag": vec![1; 101]})).refused_at("/tag", "at most 100 entries");
    }
}
