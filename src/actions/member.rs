//! Interface `member`: the people of the address book.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::department::MAX_DEPARTMENT_ID;
use crate::action::{
    About, Action, EVERY_API, Edited, Effect, Fields, Nothing, Pagination, Proof, Request, Secrets, plain,
};
use crate::connection::{Application, CheckedApplication};
use crate::parameters::{Edits, Parameters, table};
use crate::reply::{Malformed, Reply};
use crate::rules::{self, Rule};
use crate::ui;
use crate::words::{phrase, words};

/// The most departments that a member may be given.
const MAX_DEPARTMENTS: usize = 100;
/// The most superiors that a member may be given.
const MAX_SUPERIORS: usize = 5;

const IN_CONTACTS: &str = "In the admin console: Contacts (通讯录) > the member > Account (账号).";

/// Table 5.
pub struct ListMemberIds;

table! {
    /// Parameters of `list-member-ids`.
    pub struct ListMemberIdsParameters {
        /// Where to go on: the next cursor that the last call returned. Leave it out for the first page.
        #[schemars(title = "Pagination Cursor")]
        pub cursor: Option<String> => [rules::ID],
        /// How many rows to ask for, from 1 to 10000.
        #[schemars(title = "Total Data", example = 1000)]
        pub limit: Option<u32> => [rules::range(1, 10_000)],
    }
}

/// Output of `list-member-ids`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListMemberIdsOutput {
    /// The cursor of the next page; absent on the last one. It alone says whether there is more.
    #[schemars(title = "Next Cursor")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// One row for each membership: a member of two departments has two rows.
    #[schemars(title = "Memberships")]
    pub dept_user: Vec<DeptUser>,
}

/// A member in a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeptUser {
    /// ID of the member; absent where WeCom gives the open ID instead.
    #[schemars(title = "Member ID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// ID of the member that holds for third-party applications only; absent for self-built ones.
    #[schemars(title = "Open Member ID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_user_id: Option<String>,
    /// ID of the department.
    #[schemars(title = "Department ID")]
    pub department: u32,
}

impl Action for ListMemberIds {
    const ABOUT: About = About {
        id: "list-member-ids",
        title: "Obtaining member IDs",
        label: "List member IDs",
        icon: "person",
        description: "Lists the IDs of members with their departments, page by page. WeCom allows it with the contacts secret only.",
        interface: "member",
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

/// Table 6.
pub struct CreateMember;

table! {
    /// Parameters of `create-member`.
    #[schemars(extend("if" = no_mobile(), "then" = email_and_departments(), "else" = departments()))]
    pub struct CreateMemberParameters {
        /// ID of the new member, unique in the enterprise whatever the case: up to 64 digits, letters, and _ - @ . starting with a digit or a letter.
        #[schemars(title = "Member ID", example = &"zhangsan")]
        pub user_id as "userid": String => [rules::chars(1, 64), rules::NEW_USER_ID],
        /// Name of the member, up to 64 characters.
        #[schemars(title = "Member Name", example = &"张三")]
        pub name: String => [rules::chars(1, 64), rules::LINE],
        /// Another name to find the member by, up to 64 characters.
        #[schemars(title = "Alias", example = &"Jack", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub alias: Option<String> => [rules::chars(0, 64), rules::LINE],
        /// Gender of the member.
        #[schemars(title = "Gender", extend("oneOf" = gender()))]
        pub gender: Option<u8> => [rules::range(1, 2)],
        /// Whether the member may use WeCom. A new member is enabled where this is left out.
        #[schemars(title = "Enable Member", extend("oneOf" = enable(), "x-ui" = ui::group(ui::ADVANCED)))]
        pub enable: Option<u8> => [rules::range(0, 1)],
        /// ID of the department that counts as the member's own: one of Dept IDs.
        #[schemars(title = "Major Dept ID", example = 2, extend("x-ui" = ui::options(ui::DEPARTMENTS).group(ui::ADVANCED)))]
        pub main_department: Option<u32> => [rules::range(1, MAX_DEPARTMENT_ID)],
        /// Position in the enterprise, up to 128 characters.
        #[schemars(title = "Title", example = &"工程师")]
        pub position: Option<String> => [rules::chars(0, 128), rules::LINE],
        /// IDs of the member's departments, at most 100.
        #[schemars(title = "Dept IDs", extend("examples" = [[2]], "x-ui" = ui::list(",").options(ui::DEPARTMENTS)))]
        pub department: Option<Vec<u32>> => [rules::entries(0, MAX_DEPARTMENTS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)])],
        /// The member's place in each department of Dept IDs, from 0 to 4294967295: one number for each, the larger first in the list.
        #[schemars(title = "Sorting Members in Dept", extend("examples" = [[10]], "x-ui" = ui::list(",").group(ui::ADVANCED)))]
        pub order: Option<Vec<u32>> => [],
        /// Whether the member leads each department of Dept IDs: one number for each, 1 for a leader and 0 for others.
        #[schemars(title = "Department Leaders?", extend("examples" = [[0]], "x-ui" = ui::list(",").group(ui::ADVANCED)))]
        pub is_leader_in_dept: Option<Vec<u32>> => [rules::each(&[rules::range(0, 1)])],
        /// IDs of the members that the member reports to, at most 5. Newer versions of WeCom take one only.
        #[schemars(title = "Immediate Superior IDs", extend("examples" = [["lisi"]], "x-ui" = ui::list(",").options(ui::MEMBERS).hint(IN_CONTACTS).group(ui::ADVANCED)))]
        pub direct_leader: Option<Vec<String>> => [rules::entries(0, MAX_SUPERIORS), rules::each(&[rules::ID])],
        /// Fixed-line number: up to 32 digits, hyphens, plus signs and commas. Commas belong to the number.
        #[schemars(title = "Fixed-line Phone", example = &"020-123456", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub telephone: Option<String> => [Rule::Narrow, rules::TELEPHONE, rules::bytes(0, 32)],
        /// Mobile number, unique in the enterprise; with the country code outside mainland China. This, or Email Address, or both.
        #[schemars(title = "Mobile Number", example = &"13800000000")]
        pub mobile: Option<String> => [Rule::Narrow, rules::ID],
        /// Email address of 6 to 64 bytes, unique in the enterprise. This, or Mobile Number, or both.
        #[schemars(title = "Email Address", example = &"zhangsan@example.com")]
        pub email: Option<String> => [rules::EMAIL, rules::bytes(6, 64)],
        /// Address in the enterprise's own mail service, 6 to 64 bytes, unique in the enterprise. Only for enterprises that use that service; where it is left out, WeCom makes one, which can be changed once.
        #[schemars(title = "Enterprise Mailbox", example = &"zhangsan@corp.example.com", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub biz_mail: Option<String> => [rules::EMAIL, rules::bytes(6, 64)],
        /// Postal address, up to 128 characters.
        #[schemars(title = "Address", example = &"广州市海珠区新港中路", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub address: Option<String> => [rules::chars(0, 128), rules::LINE],
    }
}

/// Output of `create-member`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CreateMemberOutput {
    /// Departments that did not exist and that WeCom created with the member. A mistyped ID in Dept IDs shows here.
    #[schemars(title = "Created Departments")]
    pub created_department_list: Vec<CreatedDepartment>,
    /// Names of the parameters that control characters or colour codes were taken out of.
    #[schemars(title = "Cleaned Parameters")]
    pub cleaned: Vec<String>,
}

/// A department that came into being with a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CreatedDepartment {
    /// Name of the department.
    #[schemars(title = "Dept Name")]
    pub name: String,
    /// ID of the department.
    #[schemars(title = "Dept ID")]
    pub id: u32,
}

impl Action for CreateMember {
    const ABOUT: About = About {
        id: "create-member",
        title: "Creating a member",
        label: "Create a member",
        icon: "person",
        description: "Adds a member to the address book. WeCom invites the member by itself, for up to three working days. A second call with the same ID is refused with 60102.",
        interface: "member",
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
    };
    type Connection = Application;
    type Parameters = CreateMemberParameters;
    type Output = CreateMemberOutput;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        check_departments(parameters);
        if parameters.text("mobile").is_empty() && parameters.text("email").is_empty() {
            let rule = phrase!("is required where `email` is left out: one of the two, or both");
            parameters.fault("mobile", &["email"], rule);
        }
    }

    fn request(fields: Fields, _: &CheckedApplication) -> Request {
        request(Self::ABOUT.api, fields)
    }

    fn output(mut reply: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        // Where the reply has no such list, nothing was created.
        let created_department_list = reply.object("created_department_list")?.rows("department_info", |row| {
            Ok(CreatedDepartment { name: row.text("name")?.unwrap_or_default(), id: row.required_number("id")? })
        })?;
        Ok(CreateMemberOutput { created_department_list, cleaned: edits.cleaned })
    }
}

/// Table 7.
pub struct UpdateMember;

table! {
    /// Parameters of `update-member`. What is left out stays as it is; what is given empty is cleared.
    #[schemars(extend("if" = counting(), "then" = rules::filled("department")))]
    pub struct UpdateMemberParameters {
        /// ID of the member to change, 1 to 64 bytes; upper and lower case are the same.
        #[schemars(title = "Member ID", example = &"zhangsan", extend("x-ui" = ui::hint(IN_CONTACTS).options(ui::MEMBERS)))]
        pub user_id as "userid": String => [rules::NOT_EMPTY, rules::ID, rules::bytes(0, 64)],
        /// New name, up to 64 characters.
        #[schemars(title = "Member Name", example = &"张三")]
        pub name: Option<String> => [rules::chars(0, 64), rules::LINE, Rule::CannotBeCleared],
        /// New second name to find the member by, up to 64 characters, or empty to remove it.
        #[schemars(title = "Alias", example = &"Jack", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub alias: Option<String> => [rules::chars(0, 64), rules::LINE, Rule::Clears],
        /// Gender of the member.
        #[schemars(title = "Gender", extend("oneOf" = gender()))]
        pub gender: Option<u8> => [rules::range(1, 2), Rule::CannotBeCleared],
        /// Whether the member may use WeCom.
        #[schemars(title = "Enable Member", extend("oneOf" = enable()))]
        pub enable: Option<u8> => [rules::range(0, 1), Rule::CannotBeCleared],
        /// ID of the department that counts as the member's own: one of the member's departments.
        #[schemars(title = "Major Dept ID", example = 2, extend("x-ui" = ui::options(ui::DEPARTMENTS).group(ui::ADVANCED)))]
        pub main_department: Option<u32> => [rules::range(1, MAX_DEPARTMENT_ID), Rule::CannotBeCleared],
        /// New position in the enterprise, up to 128 characters, or empty to remove it.
        #[schemars(title = "Job Title", example = &"高级工程师")]
        pub position: Option<String> => [rules::chars(0, 128), rules::LINE, Rule::Clears],
        /// IDs of all departments the member shall have from now on, at most 100. They replace the present ones.
        #[schemars(title = "Dept IDs", extend("examples" = [[2]], "x-ui" = ui::list(",").options(ui::DEPARTMENTS)))]
        pub department: Option<Vec<u32>> => [rules::entries(0, MAX_DEPARTMENTS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)]), Rule::CannotBeCleared],
        /// The member's place in each department of Dept IDs, from 0 to 4294967295: one number for each, the larger first in the list. Only together with Dept IDs.
        #[schemars(title = "Sorting Members in Dept", extend("examples" = [[10]], "x-ui" = ui::list(",").group(ui::ADVANCED)))]
        pub order: Option<Vec<u32>> => [Rule::CannotBeCleared],
        /// Whether the member leads each department of Dept IDs: one number for each, 1 for a leader and 0 for others. Only together with Dept IDs.
        #[schemars(title = "Department Leaders?", extend("examples" = [[1]], "x-ui" = ui::list(",").group(ui::ADVANCED)))]
        pub is_leader_in_dept: Option<Vec<u32>> => [rules::each(&[rules::range(0, 1)]), Rule::CannotBeCleared],
        /// IDs of the members that the member reports to, at most 5, or an empty list for nobody. Newer versions of WeCom take one only.
        #[schemars(title = "Immediate Superior IDs", extend("examples" = [["lisi"]], "x-ui" = ui::list(",").options(ui::MEMBERS).hint(IN_CONTACTS).group(ui::ADVANCED)))]
        pub direct_leader: Option<Vec<String>> => [rules::entries(0, MAX_SUPERIORS), rules::each(&[rules::ID]), Rule::Clears],
        /// New fixed-line number: 1 to 32 digits, hyphens, plus signs and commas, or empty to remove it. Commas belong to the number.
        #[schemars(title = "Fixed-line Phone", example = &"020-123456", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub telephone: Option<String> => [Rule::Narrow, rules::TELEPHONE, rules::bytes(0, 32), Rule::Clears],
        /// New mobile number, unique in the enterprise. WeCom ignores it, and reports success, once the member has activated the account.
        #[schemars(title = "Mobile Number", example = &"13800000000")]
        pub mobile: Option<String> => [Rule::Narrow, rules::ID, Rule::CannotBeCleared],
        /// New email address of up to 64 bytes, unique in the enterprise. WeCom ignores it, and reports success, where the account is bound to Tencent's enterprise mail.
        #[schemars(title = "Email Address", example = &"zhangsan@example.com")]
        pub email: Option<String> => [rules::EMAIL, rules::bytes(0, 64), Rule::CannotBeCleared],
        /// New address in the enterprise's own mail service, 6 to 64 bytes, unique in the enterprise. An address that WeCom made can be changed once.
        #[schemars(title = "Enterprise Mailbox", example = &"zhangsan@corp.example.com", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub biz_mail: Option<String> => [rules::EMAIL, rules::bytes(6, 64), Rule::CannotBeCleared],
        /// New postal address, up to 128 characters, or empty to remove it.
        #[schemars(title = "Address", example = &"广州市海珠区新港中路", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub address: Option<String> => [rules::chars(0, 128), rules::LINE, Rule::Clears],
    }
}

impl Action for UpdateMember {
    const ABOUT: About = About {
        id: "update-member",
        title: "Updating a member",
        label: "Update a member",
        icon: "person",
        description: "Changes what is given of a member. What is left out stays as it is; an empty alias, job title, phone, address or list of superiors is cleared. After an error, part of it may have changed. Success does not prove a new mobile number or email address.",
        interface: "member",
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
    };
    type Connection = Application;
    type Parameters = UpdateMemberParameters;
    type Output = Edited;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        check_departments(parameters);
    }

    fn request(fields: Fields, _: &CheckedApplication) -> Request {
        request(Self::ABOUT.api, fields)
    }

    fn output(_: Reply, edits: Edits) -> Result<Edited, Malformed> {
        Ok(edits.into())
    }
}

/// Table 8.
pub struct DeleteMember;

table! {
    /// Parameters of `delete-member`.
    pub struct DeleteMemberParameters {
        /// ID of the member to delete.
        #[schemars(title = "Member ID", example = &"zhangsan", extend("x-ui" = ui::hint(IN_CONTACTS).options(ui::MEMBERS)))]
        pub user_id as "userid": String => [rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
    }
}

impl Action for DeleteMember {
    const ABOUT: About = About {
        id: "delete-member",
        title: "Deleting a member",
        label: "Delete a member",
        icon: "person",
        description: "Removes a member from the enterprise, and the member's enterprise mailbox where there is one. A second call is refused with 60111, since the member is gone.",
        interface: "member",
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
    };
    type Connection = Application;
    type Parameters = DeleteMemberParameters;
    type Output = Nothing;

    fn request(fields: Fields, _: &CheckedApplication) -> Request {
        Request::get(Self::ABOUT.api, fields)
    }

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}

fn gender() -> Value {
    json!([{"const": 1, "title": "Male"}, {"const": 2, "title": "Female"}])
}

fn enable() -> Value {
    json!([{"const": 1, "title": "Enabled"}, {"const": 0, "title": "Disabled"}])
}

/// A new member needs a mobile number or an email address. The rule for a schema: without the one …
fn no_mobile() -> Value {
    json!({"not": {"required": ["mobile"], "properties": {"mobile": {"minLength": 1}}}})
}

/// … the other; and [`departments`] in either case.
fn email_and_departments() -> Value {
    json!({
        "required": ["email"],
        "properties": {"email": {"minLength": 1}},
        "if": counting(),
        "then": rules::filled("department"),
    })
}

/// What a schema can say of [`check_departments`]: there is nothing to count without departments.
fn departments() -> Value {
    json!({"if": counting(), "then": rules::filled("department")})
}

/// Whether there is a list that stands beside the departments.
fn counting() -> Value {
    json!({"anyOf": DEPARTMENT_LISTS.map(rules::filled)})
}

/// The lists that have one entry for each department.
const DEPARTMENT_LISTS: [&str; 2] = ["order", "is_leader_in_dept"];

/// Rules for lists that stand beside the departments: one entry for each.
fn check_departments(parameters: &mut Parameters) {
    let expected = parameters.entries("department").len();
    for list in DEPARTMENT_LISTS {
        let count = parameters.entries(list).len();
        if count == 0 {
            continue;
        }
        let rule = match expected {
            0 => phrase!("counts only together with `department`, which has no entries").into(),
            _ if count != expected => {
                words!("must have one entry for each of the {} in `department`, and has {}", expected, count)
            }
            // An empty entry that only one of the two has would give a department what is another's.
            _ if parameters.slots(list) != parameters.slots("department") => {
                phrase!("must have its empty entries where `department` has them, or none").into()
            }
            _ => continue,
        };
        parameters.fault(list, &["department"], rule);
    }
}

/// WeCom takes gender as a text.
fn request(api: &'static str, mut fields: Fields) -> Request {
    if let Some(gender) = fields.get_mut("gender") {
        *gender = plain(gender).into_owned().into();
    }
    Request::post(api, fields)
}
