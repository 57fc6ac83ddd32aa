//! Interface `customer`: the people outside of the enterprise whom members have added, and group chats with them.

use serde_json::json;

use super::member::{Attribute, EXTERNAL_ATTRIBUTES, external_attributes};
use crate::about::{About, EVERY_API, Effect, Interface, Pagination, Proof, Secrets, icon};
use crate::action::{Action, CURSOR, NEXT_CURSOR, NoParameters, Request};
use crate::connection::{Application, CheckedApplication};
use crate::http::Method;
use crate::parameter::field::{Choice, choice};
use crate::parameter::{Edits, Names, Parameters, Spec, output, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, text};

/// The most members that one call may name.
const MAX_MEMBERS: usize = 100;
/// WeCom's code for no relation between member and customer.
const NO_RELATION: i32 = 84061;

const YES_NO: &[Choice] = &[choice(0, text("No", "否")), choice(1, text("Yes", "是"))];
const HANDOVERS: &[Choice] = &[
    choice(0, text("All", "全部")),
    choice(1, text("The owner has left, nobody has taken over", "群主已离职，待继承")),
    choice(2, text("Being taken over", "离职继承中")),
    choice(3, text("Taken over", "离职继承完成")),
];

/// What every action here needs.
const CALLABLE: Text = text(
    "The application has to be ticked at Customer Contact (客户联系) > API > Callable apps (可调用应用), or WeCom answers \
    48002; it sees the customers of the members in its visible range.",
    "须在“客户联系 > API > 可调用应用”里勾选该应用，否则企业微信返回48002；应用只能看到其可见范围内成员的客户。",
);

/// Where a person finds members who have customers.
const WHO_HAS_CUSTOMERS: Text = text(
    "Members who can have customers: the action “List members with customers” lists them.",
    "有客户联系功能的成员，可用“获取配置了客户联系的成员”查询。",
);

/// What is said of customers as a whole.
pub const INTERFACE: Interface = Interface {
    name: "customer",
    title: text("Customers", "客户"),
    docs: "The people outside of the enterprise whom members have added, and group chats with them. The application has \
    to be ticked among the callable apps of Customer Contact.",
};

/// What is known of every action here.
const READ: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("customer"),
    description: Text::NONE,
    remarks: &[CALLABLE],
    interface: &INTERFACE,
    method: Method::Get,
    api: "",
    proof: Proof::ErrcodeOnly,
    secrets: Secrets::App,
    effect: Effect::Read,
    idempotent: true,
    rate_limits: &EVERY_API,
    pagination: None,
    since: "0.2.0",
    doc_url: "",
    sample_parameters: "",
    sample_output: "",
    sample_reply: "",
};

const EXTERNAL_USER_ID: Spec = Spec {
    wire: "external_userid",
    title: text("External User ID", "外部联系人ID"),
    description: text(
        "ID of the customer: begins with wm (WeChat) or wo (WeCom), and holds in this enterprise only.",
        "客户的ID：以wm（微信用户）或wo（企业微信用户）开头，仅在本企业内有效。",
    ),
    examples: &[Text::both(r#""wmqfasd1e1927831123109rBAAAA""#)],
    rules: &[rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
    ui: ui::hint(text(
        "From the action “List a member's customers”, or from an event.",
        "可用“获取成员的客户列表”查询，也可取自回调事件。",
    )),
    names: Names::Customer,
    ..Spec::NEW
};
const CHAT_ID: Spec = Spec {
    title: text("Customer Group ID", "客户群ID"),
    description: text("ID of the group chat with customers.", "客户群的ID。"),
    examples: &[Text::both(r#""wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA""#)],
    rules: &[rules::NOT_EMPTY, rules::ID],
    ui: ui::hint(text(
        "From the action “List customer groups”. Group chats that the application has created are none.",
        "可用“获取客户群列表”查询。应用自己创建的群聊不是客户群。",
    )),
    names: Names::CustomerGroup,
    ..Spec::NEW
};
const LIMIT: Spec = Spec {
    title: text("Page Size", "每页行数"),
    description: text(
        "How many rows to ask for, from 1 to 100. Default: 50. A page may have fewer, and not be the last.",
        "每页返回多少行，1~100，不填时为50。一页可能不满，但不代表是最后一页。",
    ),
    examples: &[Text::both("100")],
    rules: &[rules::range(1, 100)],
    ui: ui::ADVANCED,
    ..Spec::NEW
};

/// `GET externalcontact/get_follow_user_list`
///
/// <https://developer.work.weixin.qq.com/document/path/92571>
pub struct ListFollowMembers;

output! {
    /// Output of `list-follow-members`.
    pub struct ListFollowMembersOutput {
        pub follow_user: Vec<String> = Spec {
            title: text("Member IDs", "成员ID"),
            description: text("IDs of the members who can have customers.", "有客户联系功能的成员的ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

impl Action for ListFollowMembers {
    const ABOUT: About = About {
        id: "list-follow-members",
        title: text("Obtaining members with the customer function", "获取配置了客户联系功能的成员列表"),
        label: text("List members with customers", "获取配置了客户联系的成员"),
        description: text(
            "Lists the members who can add customers and have group chats with them.",
            "列出有客户联系功能的成员，即可以添加客户、建立客户群的成员。",
        ),
        api: "externalcontact/get_follow_user_list",
        proof: Proof::List("follow_user"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/92571",
        sample_parameters: "{}",
        sample_output: r#"{"follow_user": ["zhangsan", "lisi"]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "follow_user": ["zhangsan"]}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = NoParameters;
    type Output = ListFollowMembersOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(ListFollowMembersOutput { follow_user: reply.own_texts("follow_user")? })
    }
}

/// `GET externalcontact/list`
///
/// <https://developer.work.weixin.qq.com/document/path/92113>
pub struct ListCustomerIds;

table! {
    /// Parameters of `list-customer-ids`.
    pub struct ListCustomerIdsParameters {
        pub user_id: String = Spec {
            wire: "userid",
            title: text("Member ID", "成员ID"),
            description: text("ID of the member whose customers to list.", "要列出其客户的成员的ID。"),
            examples: &[Text::both(r#""zhangsan""#)],
            rules: &[rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ui: ui::hint(WHO_HAS_CUSTOMERS).options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `list-customer-ids`.
    pub struct ListCustomerIdsOutput {
        pub external_user_id: Vec<String> = Spec {
            title: text("External User IDs", "外部联系人ID"),
            description: text("IDs of the member's customers; empty where there are none.", "该成员的客户的ID；没有客户时为空。"),
            names: Names::Customer,
            ..Spec::NEW
        },
    }
}

impl Action for ListCustomerIds {
    const ABOUT: About = About {
        id: "list-customer-ids",
        title: text("Obtaining the customers of a member", "获取客户列表"),
        label: text("List a member's customers", "获取成员的客户列表"),
        description: text(
            "Lists the IDs of the customers whom a member has added; none, where the member has no customers.",
            "列出一名成员所添加的客户的ID；成员没有客户时返回空列表。",
        ),
        api: "externalcontact/list",
        proof: Proof::List("external_userid"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/92113",
        sample_parameters: r#"{"user_id": "zhangsan"}"#,
        sample_output: r#"{"external_user_id": ["wmqfasd1e1927831123109rBAAAA", "woqfasd1e1927831123109rBAAAA"]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "external_userid": ["wmqfasd1e1927831123109rBAAAA"]}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = ListCustomerIdsParameters;
    type Output = ListCustomerIdsOutput;

    // A member without customers has no relation to any.
    const NOTHING_FOUND: Option<i32> = Some(NO_RELATION);

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(ListCustomerIdsOutput { external_user_id: reply.own_texts("external_userid")? })
    }
}

output! {
    /// A customer, as everybody sees it.
    pub struct ExternalContact {
        pub external_user_id: String = EXTERNAL_USER_ID,
        pub name: String = Spec {
            title: text("Customer Name", "客户名称"),
            description: text(
                "Name of the customer: the nickname of a WeChat user, or what a WeCom user shows to others.",
                "客户的名称：微信用户的昵称，或企业微信用户对外显示的名称。",
            ),
            ..Spec::NEW
        },
        pub type_: Option<u32> = Spec {
            title: text("Customer Type", "客户类型"),
            description: text("1 for a WeChat user, 2 for a WeCom user.", "1为微信用户，2为企业微信用户。"),
            ..Spec::NEW
        },
        pub gender: Option<u32> = Spec {
            title: text("Gender", "性别"),
            description: text("0 unknown, 1 male, 2 female.", "0未知，1男，2女。"),
            ..Spec::NEW
        },
        pub position: Option<String> = Spec {
            title: text("Title", "职务"),
            description: text(
                "Position of a WeCom user; absent where that is hidden, and of a WeChat user.",
                "企业微信用户的职务；对方未公开或为微信用户时没有此项。",
            ),
            ..Spec::NEW
        },
        pub avatar: Option<String> = Spec {
            title: text("Avatar", "头像"),
            description: text("Address of the avatar; absent where WeCom does not tell it.", "头像的网址；企业微信未返回时没有此项。"),
            ..Spec::NEW
        },
        pub corp_name: Option<String> = Spec {
            title: text("Enterprise Short Name", "企业简称"),
            description: text(
                "Short name of a WeCom user's enterprise; absent of a WeChat user.",
                "企业微信用户所在企业的简称；微信用户没有此项。",
            ),
            ..Spec::NEW
        },
        pub corp_full_name: Option<String> = Spec {
            title: text("Enterprise Name", "企业全称"),
            description: text(
                "Whole name of a WeCom user's enterprise; absent of a WeChat user.",
                "企业微信用户所在企业的全称；微信用户没有此项。",
            ),
            ..Spec::NEW
        },
        pub union_id: Option<String> = Spec {
            title: text("WeChat unionid", "微信unionid"),
            description: text(
                "unionid of a WeChat user; absent where the enterprise has bound no account of WeChat's open platform.",
                "微信用户的unionid；企业没有绑定微信开发者账号时没有此项。",
            ),
            names: Names::WechatUser,
            ..Spec::NEW
        },
        pub external_attr: Vec<Attribute> = EXTERNAL_ATTRIBUTES,
    }
}

output! {
    /// What a member has written down of a customer.
    pub struct FollowUser {
        pub user_id: String = Spec {
            title: text("Member ID", "成员ID"),
            description: text("ID of the member who has added the customer.", "添加了该客户的成员的ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
        pub remark: Option<String> = Spec {
            title: text("Remark Name", "备注"),
            description: text("What the member calls the customer.", "成员给客户的备注名。"),
            ..Spec::NEW
        },
        pub description: Option<String> = Spec {
            title: text("Description", "描述"),
            description: text("What the member has written about the customer.", "成员对客户的描述。"),
            ..Spec::NEW
        },
        pub create_time: u64 = Spec {
            title: text("Added At", "添加时间"),
            description: text(
                "When the member added the customer, in seconds since 1970; 0 where WeCom does not say.",
                "成员添加客户的时间，Unix时间戳（秒）；企业微信未返回时为0。",
            ),
            ..Spec::NEW
        },
        pub tag_id: Vec<String> = Spec {
            title: text("Tag IDs", "标签ID"),
            description: text("IDs of the customer tags that the member has given.", "成员给客户打的客户标签的ID。"),
            names: Names::CustomerTag,
            ..Spec::NEW
        },
        pub tags: Vec<CustomerTag> = Spec {
            title: text("Tags", "标签"),
            description: text(
                "The tags with their names; empty in lists of customers, which have the IDs only.",
                "标签及其名称；客户列表只返回标签ID，此项为空。",
            ),
            ..Spec::NEW
        },
        pub remark_corp_name: Option<String> = Spec {
            title: text("Remark Enterprise", "备注的企业名称"),
            description: text("The enterprise that the member has written down.", "成员备注的企业名称。"),
            ..Spec::NEW
        },
        pub remark_mobiles: Vec<String> = Spec {
            title: text("Remark Mobile Numbers", "备注的手机号"),
            description: text("The mobile numbers that the member has written down.", "成员备注的手机号。"),
            ..Spec::NEW
        },
        pub oper_user_id: Option<String> = Spec {
            title: text("Operator ID", "发起添加者ID"),
            description: text(
                "Who began it: ID of the member, or of the customer where that one added the member.",
                "由谁发起添加：成员的ID；如果是客户主动添加，则为客户的ID。",
            ),
            names: Names::Member,
            ..Spec::NEW
        },
        pub add_way: Option<u32> = Spec {
            title: text("Source", "添加来源"),
            description: text(
                "How they met: 0 unknown, 1 QR code, 2 mobile number, 3 card, 4 group chat, 10 a mini program, 201 \
                assigned, and more that WeCom's page lists.",
                "客户的来源：0未知，1扫描二维码，2搜索手机号，3名片分享，4群聊，10小程序，201内部共享等，其余见企业微信\
                文档。",
            ),
            ..Spec::NEW
        },
        pub state: Option<String> = Spec {
            title: text("State", "渠道参数"),
            description: text(
                "What the QR code or link by which they met has been given to tell it from others.",
                "客户扫描的联系二维码或链接中设置的渠道参数。",
            ),
            ..Spec::NEW
        },
    }
}

output! {
    /// A tag that a member has given to a customer.
    pub struct CustomerTag {
        pub group_name: Option<String> = Spec {
            title: text("Tag Group", "标签组"),
            description: text("Name of the group that the tag belongs to.", "标签所属的标签组名称。"),
            ..Spec::NEW
        },
        pub tag_name: Option<String> = Spec {
            title: text("Tag Name", "标签名称"),
            description: text("Name of the tag.", "标签的名称。"),
            ..Spec::NEW
        },
        pub tag_id: Option<String> = Spec {
            title: text("Tag ID", "标签ID"),
            description: text("ID of an enterprise's tag; absent of a member's own one.", "企业标签的ID；成员自建的标签没有此项。"),
            names: Names::CustomerTag,
            ..Spec::NEW
        },
        pub type_: Option<u32> = Spec {
            title: text("Tag Type", "标签类型"),
            description: text(
                "1 for a tag of the enterprise, 2 for one of the member's own, 3 for one that a rule has given.",
                "1为企业设置的标签，2为成员自建的标签，3为规则组标签。",
            ),
            ..Spec::NEW
        },
    }
}

fn external_contact(contact: &mut Reply) -> Result<ExternalContact, Malformed> {
    Ok(ExternalContact {
        external_user_id: contact.required_text("external_userid")?,
        name: contact.text("name")?.unwrap_or_default(),
        type_: contact.number("type")?,
        gender: contact.number("gender")?,
        position: contact.text("position")?,
        avatar: contact.text("avatar")?,
        corp_name: contact.text("corp_name")?,
        corp_full_name: contact.text("corp_full_name")?,
        union_id: contact.text("unionid")?,
        external_attr: external_attributes(&mut contact.object("external_profile")?)?,
    })
}

/// A follower of a customer: with the tags themselves, or with their IDs.
fn follow_user(follower: &mut Reply) -> Result<FollowUser, Malformed> {
    let tags = follower.rows("tags", |tag| {
        Ok(CustomerTag {
            group_name: tag.text("group_name")?,
            tag_name: tag.text("tag_name")?,
            tag_id: tag.text("tag_id")?,
            type_: tag.number("type")?,
        })
    })?;
    let mut tag_id = follower.texts("tag_id")?;
    tag_id.extend(tags.iter().filter_map(|tag| tag.tag_id.clone()));
    Ok(FollowUser {
        user_id: follower.required_text("userid")?,
        remark: follower.text("remark")?,
        description: follower.text("description")?,
        create_time: follower.seconds("createtime"),
        tag_id,
        tags,
        remark_corp_name: follower.text("remark_corp_name")?,
        remark_mobiles: follower.texts("remark_mobiles")?,
        oper_user_id: follower.text("oper_userid")?,
        add_way: follower.number("add_way")?,
        state: follower.text("state")?,
    })
}

/// `GET externalcontact/get`
///
/// <https://developer.work.weixin.qq.com/document/path/92114>
pub struct GetCustomer;

table! {
    /// Parameters of `get-customer`.
    pub struct GetCustomerParameters {
        pub external_user_id: String = EXTERNAL_USER_ID,
        pub cursor: Option<String> = Spec {
            description: text(
                "Where to go on with the followers, of a customer who has more than 500: the next cursor that the last \
                call returned.",
                "从何处继续：客户的跟进成员超过500人时，填上次返回的下一页游标。",
            ),
            rules: &[rules::ID, rules::FITS_URL],
            ui: ui::ADVANCED,
            ..CURSOR
        },
    }
}

output! {
    /// Output of `get-customer`.
    pub struct GetCustomerOutput {
        pub external_contact: ExternalContact = Spec {
            title: text("Customer", "客户"),
            description: text("The customer.", "客户的资料。"),
            ..Spec::NEW
        },
        pub follow_user: Vec<FollowUser> = Spec {
            title: text("Followers", "跟进成员"),
            description: text(
                "The members who have added the customer, at most 500 in a page.",
                "添加了该客户的成员，每页最多500人。",
            ),
            ..Spec::NEW
        },
        pub next_cursor: Option<String> = NEXT_CURSOR,
    }
}

impl Action for GetCustomer {
    const ABOUT: About = About {
        id: "get-customer",
        title: text("Obtaining a customer", "获取客户详情"),
        label: text("Get a customer", "获取客户详情"),
        description: text(
            "Returns a customer with the members who have added it, and what each of them has written down.",
            "返回客户的资料，以及添加了该客户的成员和他们的备注、标签等。",
        ),
        api: "externalcontact/get",
        proof: Proof::Object("external_contact"),
        pagination: Some(Pagination { cursor: "cursor", next_cursor: "/next_cursor", limit: "" }),
        doc_url: "https://developer.work.weixin.qq.com/document/path/92114",
        sample_parameters: r#"{"external_user_id": "wmqfasd1e1927831123109rBAAAA"}"#,
        sample_output: r#"{"external_contact": {"external_user_id": "wmqfasd1e1927831123109rBAAAA", "name": "李女士", "type": 1, "gender": 2, "avatar": "https://example.com/avatar.png", "external_attr": []}, "follow_user": [{"user_id": "zhangsan", "remark": "李部长", "description": "对方案感兴趣", "create_time": 1525779812, "tag_id": ["etAJ2GCAAAXtWyujaWJHDDGi0mACAAAA"], "tags": [{"group_name": "客户等级", "tag_name": "重要", "tag_id": "etAJ2GCAAAXtWyujaWJHDDGi0mACAAAA", "type": 1}], "remark_mobiles": ["13800000001"], "oper_user_id": "zhangsan", "add_way": 1, "state": "expo"}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "external_contact": {"external_userid": "wmqfasd1e1927831123109rBAAAA", "name": "n", "position": "p", "avatar": "https://a.cn/a", "corp_name": "c", "corp_full_name": "f", "type": 2, "gender": 1, "unionid": "u", "external_profile": {"external_attr": [{"type": 2, "name": "n", "text": {"value": "v"}, "web": {"title": "t", "url": "u"}, "miniprogram": {"title": "t", "appid": "a", "pagepath": "p"}}]}}, "follow_user": [{"userid": "zhangsan", "remark": "r", "description": "d", "createtime": 1525779812, "tags": [{"group_name": "g", "tag_name": "t", "tag_id": "et", "type": 1}], "remark_corp_name": "c", "remark_mobiles": ["13800000001"], "oper_userid": "zhangsan", "add_way": 1, "state": "s"}], "next_cursor": "next"}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = GetCustomerParameters;
    type Output = GetCustomerOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(GetCustomerOutput {
            external_contact: external_contact(&mut reply.object("external_contact")?)?,
            follow_user: reply.rows("follow_user", follow_user)?,
            next_cursor: reply.text("next_cursor")?,
        })
    }
}

/// `POST externalcontact/batch/get_by_user`
///
/// <https://developer.work.weixin.qq.com/document/path/92994>
pub struct ListCustomers;

table! {
    /// Parameters of `list-customers`.
    pub struct ListCustomersParameters {
        pub user_id_list: Vec<String> = Spec {
            wire: "userid_list",
            title: text("Member IDs", "成员ID"),
            description: text(
                "IDs of the members whose customers to list, 1 to 100.",
                "要列出其客户的成员的ID，1~100个。",
            ),
            examples: &[Text::both(r#"["zhangsan", "lisi"]"#)],
            rules: &[rules::entries(1, MAX_MEMBERS), rules::each(&[rules::ID])],
            ui: ui::list(",").hint(WHO_HAS_CUSTOMERS).options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub cursor: Option<String> = CURSOR,
        pub limit: Option<u32> = LIMIT,
    }
}

output! {
    /// Output of `list-customers`.
    pub struct ListCustomersOutput {
        pub external_contact_list: Vec<CustomerRow> = Spec {
            title: text("Customers", "客户"),
            description: text(
                "One row for each customer of each member: who has been added by two of them has two rows.",
                "每名成员的每个客户一行：被其中两名成员添加的客户有两行。",
            ),
            ..Spec::NEW
        },
        pub next_cursor: Option<String> = NEXT_CURSOR,
    }
}

output! {
    /// A customer of a member.
    pub struct CustomerRow {
        pub external_contact: ExternalContact = Spec {
            title: text("Customer", "客户"),
            description: text("The customer.", "客户的资料。"),
            ..Spec::NEW
        },
        pub follow_info: FollowUser = Spec {
            title: text("Follower", "跟进信息"),
            description: text(
                "The member who has added the customer, and what that one has written down.",
                "添加了该客户的成员及其备注、标签等。",
            ),
            ..Spec::NEW
        },
    }
}

impl Action for ListCustomers {
    const ABOUT: About = About {
        id: "list-customers",
        title: text("Obtaining the customers of several members", "批量获取客户详情"),
        label: text("List customers with details", "批量获取客户详情"),
        description: text(
            "Lists the customers of up to 100 members with their details, page by page.",
            "分页列出最多100名成员的客户及其详情。",
        ),
        method: Method::Post,
        api: "externalcontact/batch/get_by_user",
        proof: Proof::List("external_contact_list"),
        pagination: Some(Pagination { cursor: "cursor", next_cursor: "/next_cursor", limit: "limit" }),
        doc_url: "https://developer.work.weixin.qq.com/document/path/92994",
        sample_parameters: r#"{"user_id_list": ["zhangsan", "lisi"], "limit": 100}"#,
        sample_output: r#"{"external_contact_list": [{"external_contact": {"external_user_id": "wmqfasd1e1927831123109rBAAAA", "name": "李女士", "type": 1, "gender": 2, "external_attr": []}, "follow_info": {"user_id": "zhangsan", "remark": "李部长", "create_time": 1525779812, "tag_id": ["etAJ2GCAAAXtWyujaWJHDDGi0mACAAAA"], "tags": [], "remark_mobiles": ["13800000001"], "oper_user_id": "zhangsan", "add_way": 1}}], "next_cursor": "r9FqSqsI8fgNbHLHE5QoCP50UIg2cFQbfma3l2QsmwI"}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "external_contact_list": [{"external_contact": {"external_userid": "wmqfasd1e1927831123109rBAAAA", "name": "n", "position": "p", "avatar": "https://a.cn/a", "corp_name": "c", "corp_full_name": "f", "type": 2, "gender": 1, "unionid": "u", "external_profile": {"external_attr": [{"type": 2, "name": "n", "text": {"value": "v"}, "web": {"title": "t", "url": "u"}, "miniprogram": {"title": "t", "appid": "a", "pagepath": "p"}}]}}, "follow_info": {"userid": "zhangsan", "remark": "r", "description": "d", "createtime": 1525779812, "tag_id": ["et"], "remark_corp_name": "c", "remark_mobiles": ["13800000001"], "oper_userid": "zhangsan", "add_way": 1, "state": "s"}}], "next_cursor": "next"}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = ListCustomersParameters;
    type Output = ListCustomersOutput;

    // Members without customers have no relation to any.
    const NOTHING_FOUND: Option<i32> = Some(NO_RELATION);

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let next_cursor = reply.text("next_cursor")?;
        let external_contact_list = reply.own_rows("external_contact_list", |row| {
            Ok(CustomerRow {
                external_contact: external_contact(&mut row.object("external_contact")?)?,
                follow_info: follow_user(&mut row.object("follow_info")?)?,
            })
        })?;
        Ok(ListCustomersOutput { external_contact_list, next_cursor })
    }
}

/// `POST externalcontact/groupchat/list`
///
/// <https://developer.work.weixin.qq.com/document/path/92120>
pub struct ListCustomerGroupChats;

table! {
    /// Parameters of `list-customer-group-chats`.
    pub struct ListCustomerGroupChatsParameters {
        pub status_filter: Option<u8> = Spec {
            title: text("Handover State", "跟进状态"),
            description: text(
                "Lists only the groups in this state. Default: all.",
                "只列出该状态的客户群。不填时列出全部。",
            ),
            choices: HANDOVERS,
            rules: &[rules::range(0, 3)],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub owner_user_id_list: Option<Vec<String>> = Spec {
            wire: "userid_list",
            title: text("Owner IDs", "群主ID"),
            description: text(
                "Lists only the groups that one of these members owns, at most 100. Without it WeCom answers only where \
                the application sees at most 1000 members (81017).",
                "只列出以这些成员为群主的客户群，最多100人。不填时，应用可见的成员超过1000人会被拒绝（错误码81017）。",
            ),
            examples: &[Text::both(r#"["zhangsan"]"#)],
            rules: &[rules::entries(0, MAX_MEMBERS), rules::each(&[rules::ID])],
            ui: ui::list(",").hint(WHO_HAS_CUSTOMERS).options(ui::MEMBERS),
            names: Names::Member,
            ..Spec::NEW
        },
        pub cursor: Option<String> = CURSOR,
        pub limit: u32 = Spec {
            description: text(
                "How many rows to ask for, from 1 to 1000. A page may have fewer, and not be the last.",
                "每页返回多少行，1~1000。一页可能不满，但不代表是最后一页。",
            ),
            rules: &[rules::range(1, 1000)],
            ui: ui::Ui::NONE,
            ..LIMIT
        },
    }
}

output! {
    /// Output of `list-customer-group-chats`.
    pub struct ListCustomerGroupChatsOutput {
        pub group_chat_list: Vec<CustomerGroup> = Spec {
            title: text("Customer Groups", "客户群"),
            description: text("The group chats with customers.", "客户群列表。"),
            ..Spec::NEW
        },
        pub next_cursor: Option<String> = NEXT_CURSOR,
    }
}

output! {
    /// A group chat with customers, in a list.
    pub struct CustomerGroup {
        pub chat_id: String = CHAT_ID,
        pub status: Option<u32> = Spec {
            title: text("Handover State", "跟进状态"),
            description: text(
                "0 for a group whose owner is there, 1 where the owner has left, 2 while somebody takes over, 3 once \
                that is done.",
                "0为正常跟进，1为群主已离职待继承，2为离职继承中，3为离职继承完成。",
            ),
            ..Spec::NEW
        },
    }
}

impl Action for ListCustomerGroupChats {
    const ABOUT: About = About {
        id: "list-customer-group-chats",
        title: text("Obtaining customer groups", "获取客户群列表"),
        label: text("List customer groups", "获取客户群列表"),
        icon: icon!("group-chat"),
        description: text("Lists the IDs of group chats with customers, page by page.", "分页列出客户群的ID。"),
        method: Method::Post,
        api: "externalcontact/groupchat/list",
        proof: Proof::List("group_chat_list"),
        pagination: Some(Pagination { cursor: "cursor", next_cursor: "/next_cursor", limit: "limit" }),
        doc_url: "https://developer.work.weixin.qq.com/document/path/92120",
        sample_parameters: r#"{"status_filter": 0, "owner_user_id_list": ["zhangsan"], "limit": 100}"#,
        sample_output: r#"{"group_chat_list": [{"chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", "status": 0}], "next_cursor": "tJzlB9tdqfh-g7i_J-ehOz_TWcd7dSKa39_AqCIeMFw"}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "group_chat_list": [{"chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", "status": 0}], "next_cursor": "next"}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = ListCustomerGroupChatsParameters;
    type Output = ListCustomerGroupChatsOutput;

    fn request(mut parameters: Parameters, _: &CheckedApplication) -> Request {
        let owners = parameters.take(ListCustomerGroupChatsParameters::owner_user_id_list);
        let mut body = parameters.into_wire();
        if let Some((wire, owners)) = owners {
            body.insert("owner_filter".to_owned(), json!({ wire: owners }));
        }
        Request::post(Self::ABOUT.api, body)
    }

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let next_cursor = reply.text("next_cursor")?;
        let group_chat_list = reply.own_rows("group_chat_list", |group| {
            Ok(CustomerGroup { chat_id: group.required_text("chat_id")?, status: group.number("status")? })
        })?;
        Ok(ListCustomerGroupChatsOutput { group_chat_list, next_cursor })
    }
}

/// `POST externalcontact/groupchat/get`
///
/// <https://developer.work.weixin.qq.com/document/path/92122>
pub struct GetCustomerGroupChat;

table! {
    /// Parameters of `get-customer-group-chat`.
    pub struct GetCustomerGroupChatParameters {
        pub chat_id: String = CHAT_ID,
        pub need_name: Option<u8> = Spec {
            title: text("With Names", "返回名称"),
            description: text(
                "Whether the names of the people in the group are returned. Default: no.",
                "是否返回群成员的名称。不填时不返回。",
            ),
            choices: YES_NO,
            rules: &[rules::range(0, 1)],
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `get-customer-group-chat`.
    pub struct GetCustomerGroupChatOutput {
        pub chat_id: String = CHAT_ID,
        pub name: String = Spec {
            title: text("Group Name", "群名"),
            description: text("Name of the group; empty where it has none.", "客户群的名称；没有群名时为空。"),
            ..Spec::NEW
        },
        pub owner: String = Spec {
            title: text("Group Owner ID", "群主ID"),
            description: text("Member ID of the group's owner.", "群主的成员ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
        pub create_time: u64 = Spec {
            title: text("Created At", "创建时间"),
            description: text(
                "When the group was made, in seconds since 1970; 0 where WeCom does not say.",
                "客户群的创建时间，Unix时间戳（秒）；企业微信未返回时为0。",
            ),
            ..Spec::NEW
        },
        pub notice: Option<String> = Spec {
            title: text("Notice", "群公告"),
            description: text("The notice of the group; absent where it has none.", "群公告；没有时没有此项。"),
            ..Spec::NEW
        },
        pub member_list: Vec<GroupMember> = Spec {
            title: text("People in the Group", "群成员"),
            description: text("Members of the enterprise and customers.", "群内的企业成员和客户。"),
            ..Spec::NEW
        },
        pub admin_list: Vec<String> = Spec {
            title: text("Group Admin IDs", "群管理员ID"),
            description: text("Member IDs of the group's admins.", "群管理员的成员ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

output! {
    /// Somebody in a group chat with customers.
    pub struct GroupMember {
        pub user_id: String = Spec {
            title: text("Member ID", "成员ID"),
            description: text(
                "ID of the member, or External User ID of a customer: Type says which.",
                "企业成员的ID，或客户的外部联系人ID，由成员类型区分。",
            ),
            names: Names::Member,
            ..Spec::NEW
        },
        pub type_: Option<u32> = Spec {
            title: text("Type", "成员类型"),
            description: text("1 for a member of the enterprise, 2 for a customer.", "1为企业成员，2为客户。"),
            ..Spec::NEW
        },
        pub union_id: Option<String> = Spec {
            title: text("WeChat unionid", "微信unionid"),
            description: text(
                "unionid of a customer with WeChat; absent where the enterprise has bound no account of WeChat's open \
                platform.",
                "微信客户的unionid；企业没有绑定微信开发者账号时没有此项。",
            ),
            names: Names::WechatUser,
            ..Spec::NEW
        },
        pub join_time: u64 = Spec {
            title: text("Joined At", "入群时间"),
            description: text(
                "When this one joined, in seconds since 1970; 0 where WeCom does not say.",
                "入群的时间，Unix时间戳（秒）；企业微信未返回时为0。",
            ),
            ..Spec::NEW
        },
        pub join_scene: Option<u32> = Spec {
            title: text("Joined By", "入群方式"),
            description: text(
                "1 invited by a member, 2 by an invitation link, 3 by the group's QR code.",
                "1由成员邀请，2通过邀请链接，3扫描群二维码。",
            ),
            ..Spec::NEW
        },
        pub invitor: Option<String> = Spec {
            title: text("Inviter ID", "邀请者ID"),
            description: text("Member ID of who invited; absent where nobody did.", "邀请者的成员ID；没有邀请者时没有此项。"),
            names: Names::Member,
            ..Spec::NEW
        },
        pub group_nickname: Option<String> = Spec {
            title: text("Name in the Group", "群昵称"),
            description: text("What this one is called in the group.", "在群里的昵称。"),
            ..Spec::NEW
        },
        pub name: Option<String> = Spec {
            title: text("Name", "名称"),
            description: text("Name of this one; absent where names were not asked for.", "该成员的名称；未要求返回名称时没有此项。"),
            ..Spec::NEW
        },
    }
}

impl Action for GetCustomerGroupChat {
    const ABOUT: About = About {
        id: "get-customer-group-chat",
        title: text("Obtaining a customer group", "获取客户群详情"),
        label: text("Get a customer group", "获取客户群详情"),
        icon: icon!("group-chat"),
        description: text(
            "Returns the name, owner, notice and people of a group chat with customers.",
            "返回客户群的名称、群主、公告和群成员。",
        ),
        method: Method::Post,
        api: "externalcontact/groupchat/get",
        proof: Proof::Object("group_chat"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/92122",
        sample_parameters: r#"{"chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", "need_name": 1}"#,
        sample_output: r#"{"chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", "name": "新品咨询群", "owner": "zhangsan", "create_time": 1572505490, "notice": "工作时间9:00到18:00", "member_list": [{"user_id": "zhangsan", "type": 1, "join_time": 1572505490, "join_scene": 1, "invitor": "lisi", "name": "张三"}], "admin_list": ["lisi"]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "group_chat": {"chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", "name": "n", "owner": "zhangsan", "create_time": 1572505490, "notice": "a", "member_list": [{"userid": "zhangsan", "type": 1, "unionid": "u", "join_time": 1572505490, "join_scene": 1, "invitor": {"userid": "lisi"}, "group_nickname": "g", "name": "n"}], "admin_list": [{"userid": "lisi"}]}}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = GetCustomerGroupChatParameters;
    type Output = GetCustomerGroupChatOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let mut group = reply.object("group_chat")?;
        Ok(GetCustomerGroupChatOutput {
            chat_id: group.required_text("chat_id")?,
            name: group.text("name")?.unwrap_or_default(),
            owner: group.text("owner")?.unwrap_or_default(),
            create_time: group.seconds("create_time"),
            notice: group.text("notice")?,
            member_list: group.rows("member_list", |member| {
                Ok(GroupMember {
                    user_id: member.required_text("userid")?,
                    type_: member.number("type")?,
                    union_id: member.text("unionid")?,
                    join_time: member.seconds("join_time"),
                    join_scene: member.number("join_scene")?,
                    invitor: member.object("invitor")?.text("userid")?,
                    group_nickname: member.text("group_nickname")?,
                    name: member.text("name")?,
                })
            })?,
            admin_list: group.rows("admin_list", |admin| admin.required_text("userid"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::wire::call;

    /// A follower without what WeCom may leave out.
    fn follower(user_id: &str) -> Value {
        json!({"user_id": user_id, "create_time": 0, "tag_id": [], "tags": [], "remark_mobiles": []})
    }

    #[test]
    fn list_follow_members() {
        let list = || call("list-follow-members", json!({})).gets("externalcontact/get_follow_user_list");
        list().returns(
            r#"{"errcode": 0, "errmsg": "ok", "follow_user": ["zhangsan", "lissi"]}"#,
            json!({"follow_user": ["zhangsan", "lissi"]}),
        );
        list().returns(r#"{"errcode": 0, "errmsg": "ok", "follow_user": []}"#, json!({"follow_user": []}));
        list().fails(r#"{"errcode": 48002, "errmsg": "api forbidden"}"#, "48002");
        // Where a gateway wraps the answer, nobody is not what it says.
        list().fails(r#"{"errcode": 0, "data": {"follow_user": ["zhangsan"]}}"#, "has no `follow_user`");
    }

    #[test]
    fn list_customer_ids() {
        let list =
            || call("list-customer-ids", json!({"user_id": "zhangsan"})).gets("externalcontact/list?userid=zhangsan");
        list().returns(
            r#"{
                "errcode": 0,
                "errmsg": "ok",
                "external_userid": ["woAJ2GCAAAXtWyujaWJHDDGi0mACAAA", "wmqfasd1e1927831291723123109rAAA"]
            }"#,
            json!({"external_user_id": ["woAJ2GCAAAXtWyujaWJHDDGi0mACAAA", "wmqfasd1e1927831291723123109rAAA"]}),
        );
        let none = json!({"external_user_id": []});
        list().returns(r#"{"errcode": 0, "errmsg": "ok", "external_userid": []}"#, none.clone());
        // No relation to any customer is no error here.
        list().returns(r#"{"errcode": 84061, "errmsg": "not external contact", "external_userid": []}"#, none);
        list().fails(r#"{"errcode": 60111, "errmsg": "userid not found"}"#, "60111");
        call("list-customer-ids", json!({"user_id": ""})).refused_at("/user_id", "must not be empty");
    }

    #[test]
    fn get_customer() {
        let id = "woAJ2GCAAAXtWyujaWJHDDGi0mACH71w";
        let get = || {
            call("get-customer", json!({"external_user_id": id}))
                .gets("externalcontact/get?external_userid=woAJ2GCAAAXtWyujaWJHDDGi0mACH71w")
        };
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "external_contact": {
                "external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACH71w",
                "name": "李四",
                "position": "Manager",
                "avatar": "http://p.qlogo.cn/bizmail/IcsdgagqefergqerhewSdage/0",
                "corp_name": "腾讯",
                "corp_full_name": "腾讯科技有限公司",
                "type": 2,
                "gender": 1,
                "unionid": "ozynqsulJFCZ2z1aYeS8h-nuasdAAA",
                "external_profile": {"external_attr": [
                    {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
                    {"type": 1, "name": "网页名称", "web": {"url": "http://www.test.com", "title": "标题"}},
                    {"type": 2, "name": "测试app", "miniprogram": {"appid": "wx8bd80126147df384", "pagepath": "/index", "title": "my miniprogram"}}
                ]}
            },
            "follow_user": [
                {
                    "userid": "rocky",
                    "remark": "李部长",
                    "description": "对接采购事务",
                    "createtime": 1525779812,
                    "tags": [
                        {"group_name": "标签分组名称", "tag_name": "标签名称", "tag_id": "etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", "type": 1},
                        {"group_name": "标签分组名称", "tag_name": "标签名称", "type": 2}
                    ],
                    "remark_corp_name": "腾讯科技",
                    "remark_mobiles": ["13800000001", 13000000002],
                    "oper_userid": "rocky",
                    "add_way": 10,
                    "state": ""
                },
                {"userid": "tommy", "remark": "李总", "createtime": 1525881637, "state": "外联二维码1"}
            ],
            "next_cursor": "NEXT_CURSOR"
        }"#;
        let output = json!({
            "external_contact": {
                "external_user_id": id,
                "name": "李四",
                "type": 2,
                "gender": 1,
                "position": "Manager",
                "avatar": "http://p.qlogo.cn/bizmail/IcsdgagqefergqerhewSdage/0",
                "corp_name": "腾讯",
                "corp_full_name": "腾讯科技有限公司",
                "union_id": "ozynqsulJFCZ2z1aYeS8h-nuasdAAA",
                "external_attr": [
                    {"name": "文本名称", "value": "文本"},
                    {"name": "网页名称", "value": "标题", "url": "http://www.test.com"},
                    {"name": "测试app", "value": "my miniprogram", "app_id": "wx8bd80126147df384", "page_path": "/index"},
                ],
            },
            "follow_user": [
                {
                    "user_id": "rocky",
                    "remark": "李部长",
                    "description": "对接采购事务",
                    "create_time": 1_525_779_812,
                    "tag_id": ["etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA"],
                    "tags": [
                        {"group_name": "标签分组名称", "tag_name": "标签名称", "tag_id": "etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", "type": 1},
                        {"group_name": "标签分组名称", "tag_name": "标签名称", "type": 2},
                    ],
                    "remark_corp_name": "腾讯科技",
                    "remark_mobiles": ["13800000001", "13000000002"],
                    "oper_user_id": "rocky",
                    "add_way": 10,
                },
                {
                    "user_id": "tommy",
                    "remark": "李总",
                    "create_time": 1_525_881_637,
                    "tag_id": [],
                    "tags": [],
                    "remark_mobiles": [],
                    "state": "外联二维码1",
                },
            ],
            "next_cursor": "NEXT_CURSOR",
        });
        get().returns(reply, output);
        get().returns(
            r#"{"errcode": 0, "external_contact": {"external_userid": "wm1"}, "next_cursor": ""}"#,
            json!({"external_contact": {"external_user_id": "wm1", "name": "", "external_attr": []}, "follow_user": []}),
        );
        get().fails(r#"{"errcode": 0, "external_contact": {}}"#, "has no `external_contact.external_userid`");
        get().fails(
            r#"{"errcode": 0, "external_contact": {"external_userid": "wm1"}, "follow_user": [{"remark": "a"}]}"#,
            "has no `follow_user[0].userid`",
        );
        // A customer who has deleted the member is an error here, and so is one that is out of view.
        get().fails(r#"{"errcode": 84061, "errmsg": "not external contact"}"#, "84061");
        get().fails(r#"{"errcode": 60011, "errmsg": "no privilege", "external_contact": {}}"#, "60011");
        call("get-customer", json!({"external_user_id": "wm1", "cursor": "CURSOR"}))
            .gets("externalcontact/get?external_userid=wm1&cursor=CURSOR")
            .fails(r#"{"errcode": 50100, "errmsg": "invalid cursor"}"#, "50100");
    }

    #[test]
    fn list_customers() {
        let parameters = json!({"user_id_list": ["zhangsan", "lisi"], "cursor": "CURSOR", "limit": 100});
        let body = json!({"userid_list": ["zhangsan", "lisi"], "cursor": "CURSOR", "limit": 100});
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "external_contact_list": [
                {
                    "external_contact": {
                        "external_userid": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA",
                        "name": "李四",
                        "position": "Manager",
                        "corp_name": "腾讯",
                        "type": 2,
                        "gender": 1
                    },
                    "follow_info": {
                        "userid": "rocky",
                        "remark": "李部长",
                        "createtime": 1525779812,
                        "tag_id": ["etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA"],
                        "remark_mobiles": [13000000001],
                        "oper_userid": "woAJ2GCAAAd4uL12hdfsdasassdDmAAAAA",
                        "add_way": 3
                    }
                },
                {"external_contact": {"external_userid": "wm2"}, "follow_info": {"userid": "tommy"}}
            ],
            "next_cursor": "r9FqSqsI8fgNbHLHE5QoCP50UIg2cFQbfma3l2QsmwI"
        }"#;
        let output = json!({
            "external_contact_list": [
                {
                    "external_contact": {
                        "external_user_id": "woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA",
                        "name": "李四",
                        "type": 2,
                        "gender": 1,
                        "position": "Manager",
                        "corp_name": "腾讯",
                        "external_attr": [],
                    },
                    "follow_info": {
                        "user_id": "rocky",
                        "remark": "李部长",
                        "create_time": 1_525_779_812,
                        "tag_id": ["etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA"],
                        "tags": [],
                        "remark_mobiles": ["13000000001"],
                        "oper_user_id": "woAJ2GCAAAd4uL12hdfsdasassdDmAAAAA",
                        "add_way": 3,
                    },
                },
                {"external_contact": {"external_user_id": "wm2", "name": "", "external_attr": []}, "follow_info": follower("tommy")},
            ],
            "next_cursor": "r9FqSqsI8fgNbHLHE5QoCP50UIg2cFQbfma3l2QsmwI",
        });
        call("list-customers", parameters).posts("externalcontact/batch/get_by_user", body).returns(reply, output);

        let list = || {
            call("list-customers", json!({"user_id_list": "zhangsan"}))
                .posts("externalcontact/batch/get_by_user", json!({"userid_list": ["zhangsan"]}))
        };
        list().returns(
            r#"{"errcode": 0, "external_contact_list": [], "next_cursor": ""}"#,
            json!({"external_contact_list": []}),
        );
        list().fails(
            r#"{"errcode": 0, "external_contact_list": [{"external_contact": {"external_userid": "wm1"}}]}"#,
            "has no `external_contact_list[0].follow_info.userid`",
        );
        list().returns(r#"{"errcode": 84061, "errmsg": "not external contact"}"#, json!({"external_contact_list": []}));
        let many: Vec<String> = (0..101).map(|number| format!("m{number}")).collect();
        call("list-customers", json!({"user_id_list": many})).refused_at("/user_id_list", "100 entries, and has 101");
    }

    #[test]
    fn list_customer_group_chats() {
        let parameters = json!({"status_filter": 0, "owner_user_id_list": ["abel"], "cursor": "CURSOR", "limit": 10});
        let body =
            json!({"status_filter": 0, "owner_filter": {"userid_list": ["abel"]}, "cursor": "CURSOR", "limit": 10});
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "group_chat_list": [
                {"chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", "status": 0},
                {"chat_id": "wrOgQhDgAAcwMTB7YmDkbeBsAAAA"}
            ],
            "next_cursor": "tJzlB9tdqfh-g7i_J-ehOz_TWcd7dSKa39_AqCIeMFw"
        }"#;
        let output = json!({
            "group_chat_list": [
                {"chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", "status": 0},
                {"chat_id": "wrOgQhDgAAcwMTB7YmDkbeBsAAAA"},
            ],
            "next_cursor": "tJzlB9tdqfh-g7i_J-ehOz_TWcd7dSKa39_AqCIeMFw",
        });
        call("list-customer-group-chats", parameters)
            .posts("externalcontact/groupchat/list", body)
            .returns(reply, output);

        let list = || {
            call("list-customer-group-chats", json!({"owner_user_id_list": [], "limit": 1000}))
                .posts("externalcontact/groupchat/list", json!({"limit": 1000}))
        };
        list().returns(r#"{"errcode": 0, "group_chat_list": []}"#, json!({"group_chat_list": []}));
        list().fails(r#"{"errcode": 0, "group_chat_list": [{"status": 0}]}"#, "has no `group_chat_list[0].chat_id`");
        call("list-customer-group-chats", json!({})).refused_at("/limit", "is required");
        call("list-customer-group-chats", json!({"limit": 1, "status_filter": 4})).refused_at("/status_filter", "3");
    }

    #[test]
    fn get_customer_group_chat() {
        let chat_id = "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA";
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "group_chat": {
                "chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA",
                "name": "销售客服群",
                "owner": "ZhuShengBen",
                "create_time": 1572505490,
                "notice": "文明沟通，拒绝脏话",
                "member_list": [
                    {
                        "userid": "abel",
                        "type": 1,
                        "join_time": 1572505491,
                        "join_scene": 1,
                        "invitor": {"userid": "jack"},
                        "group_nickname": "客服小张",
                        "name": "张三丰"
                    },
                    {
                        "userid": "wmOgQhDgAAuXFJGwbve4g4iXknfOAAAA",
                        "type": 2,
                        "unionid": "ozynqsulJFCZ2z1aYeS8h-nuasdAAA",
                        "join_time": 1572505492,
                        "join_scene": 3,
                        "name": "王语嫣"
                    }
                ],
                "admin_list": [{"userid": "sam"}, {"userid": "pony"}]
            }
        }"#;
        let output = json!({
            "chat_id": chat_id,
            "name": "销售客服群",
            "owner": "ZhuShengBen",
            "create_time": 1_572_505_490,
            "notice": "文明沟通，拒绝脏话",
            "member_list": [
                {
                    "user_id": "abel",
                    "type": 1,
                    "join_time": 1_572_505_491,
                    "join_scene": 1,
                    "invitor": "jack",
                    "group_nickname": "客服小张",
                    "name": "张三丰",
                },
                {
                    "user_id": "wmOgQhDgAAuXFJGwbve4g4iXknfOAAAA",
                    "type": 2,
                    "union_id": "ozynqsulJFCZ2z1aYeS8h-nuasdAAA",
                    "join_time": 1_572_505_492,
                    "join_scene": 3,
                    "name": "王语嫣",
                },
            ],
            "admin_list": ["sam", "pony"],
        });
        call("get-customer-group-chat", json!({"chat_id": chat_id, "need_name": 1}))
            .posts("externalcontact/groupchat/get", json!({"chat_id": chat_id, "need_name": 1}))
            .returns(reply, output);

        let get = || {
            call("get-customer-group-chat", json!({"chat_id": chat_id}))
                .posts("externalcontact/groupchat/get", json!({"chat_id": chat_id}))
        };
        get().returns(
            r#"{"errcode": 0, "group_chat": {"chat_id": "wr1", "name": ""}}"#,
            json!({"chat_id": "wr1", "name": "", "owner": "", "create_time": 0, "member_list": [], "admin_list": []}),
        );
        get().fails(r#"{"errcode": 0, "group_chat": {}}"#, "has no `group_chat.chat_id`");
        call("get-customer-group-chat", json!({"chat_id": ""})).refused_at("/chat_id", "must not be empty");
    }
}
