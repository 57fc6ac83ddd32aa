//! Interface `department`: the tree of departments.

use schemars::JsonSchema;
use serde::Serialize;

use crate::action::{About, Action, EVERY_API, Edited, Effect, Fields, Nothing, Proof, Request, Secrets};
use crate::connection::{Application, CheckedApplication};
use crate::parameters::{Edits, table};
use crate::reply::{Malformed, Reply};
use crate::rules::{self, Rule};
use crate::ui;

/// The greatest department ID: every number that the wire's type, an unsigned 32-bit integer, can hold.
pub(super) const MAX_DEPARTMENT_ID: u64 = u32::MAX as u64;

const IN_CONTACTS: &str =
    "In the admin console: Contacts (通讯录) > the menu of the department > its ID; or list the department IDs.";

/// Table 1.
pub struct ListDepartmentIds;

table! {
    /// Parameters of `list-department-ids`.
    pub struct ListDepartmentIdsParameters {
        /// The department to list with everything below it. Where it is left out, every department that the connection may see is listed.
        #[schemars(title = "Department ID", example = 2, extend("x-ui" = ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS)))]
        pub id: Option<u32> => [rules::range(1, MAX_DEPARTMENT_ID)],
    }
}

/// Output of `list-department-ids`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListDepartmentIdsOutput {
    /// The departments, as the rows of a tree.
    #[schemars(title = "Departments")]
    pub department_id: Vec<DepartmentNode>,
}

/// A department's place in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DepartmentNode {
    /// ID of the department; 1 is the root.
    #[schemars(title = "Department ID")]
    pub id: u32,
    /// ID of the department above it; 0 above the root.
    #[schemars(title = "Parent Dept ID")]
    pub parent_id: u32,
    /// Its place among its siblings: the larger number comes first.
    #[schemars(title = "Order")]
    pub order: u32,
}

impl Action for ListDepartmentIds {
    const ABOUT: About = About {
        id: "list-department-ids",
        title: "Obtaining department IDs",
        label: "List department IDs",
        icon: "department",
        description: "Lists the IDs of a department and of everything below it, or of all departments. Names are not part of the answer.",
        interface: "department",
        api: "department/simplelist",
        proof: Proof::List("department_id"),
        secrets: Secrets::Contacts,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/95350",
        sample_parameters: r#"{"id": 1}"#,
        sample_output: r#"{"department_id": [{"id": 1, "parent_id": 0, "order": 100000000}, {"id": 2, "parent_id": 1, "order": 10}]}"#,
    };
    type Connection = Application;
    type Parameters = ListDepartmentIdsParameters;
    type Output = ListDepartmentIdsOutput;

    fn request(fields: Fields, _: &CheckedApplication) -> Request {
        Request::get(Self::ABOUT.api, fields)
    }

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let department_id = reply.own_rows("department_id", |row| {
            Ok(DepartmentNode {
                id: row.required_number("id")?,
                parent_id: row.number("parentid")?.unwrap_or_default(),
                order: row.number("order")?.unwrap_or_default(),
            })
        })?;
        Ok(ListDepartmentIdsOutput { department_id })
    }
}

/// Table 2.
pub struct CreateDepartment;

table! {
    /// Parameters of `create-department`.
    pub struct CreateDepartmentParameters {
        /// Name of the department: 1 to 32 characters without any of * ? " < > | : and unlike the name of any sibling.
        #[schemars(title = "Dept Name", example = &"研发中心")]
        pub name: String => [rules::chars(1, 32), rules::LINE, rules::DEPARTMENT_NAME],
        /// English name: 1 to 64 characters without any of * ? " < > | : and unlike that of any sibling. It shows only where several languages are switched on in the admin console.
        #[schemars(title = "English Name", example = &"R&D", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub name_en: Option<String> => [rules::chars(0, 64), rules::LINE, rules::DEPARTMENT_NAME],
        /// ID of the department to create it in; 1 is the root.
        #[schemars(title = "Parent Dept ID", example = 1, extend("x-ui" = ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS)))]
        pub parent_id as "parentid": u32 => [rules::range(1, MAX_DEPARTMENT_ID)],
        /// Place among its siblings, from 0 to 4294967295: the larger number comes first.
        #[schemars(title = "Order", example = 10, extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub order: Option<u32> => [],
        /// ID of the new department, from 2 up. Where it is left out, WeCom chooses one.
        #[schemars(title = "Dept ID", example = 20, extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub id: Option<u32> => [rules::range(2, MAX_DEPARTMENT_ID)],
    }
}

/// Output of `create-department`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CreateDepartmentOutput {
    /// ID of the new department.
    #[schemars(title = "Dept ID")]
    pub id: u32,
    /// Names of the parameters that control characters or colour codes were taken out of.
    #[schemars(title = "Cleaned Parameters")]
    pub cleaned: Vec<String>,
}

impl Action for CreateDepartment {
    const ABOUT: About = About {
        id: "create-department",
        title: "Creating a department",
        label: "Create a department",
        icon: "department",
        description: "Creates a department below another one. A second call with the same name or ID is refused with 60008.",
        interface: "department",
        api: "department/create",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::Contacts,
        effect: Effect::Create,
        idempotent: false,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90205",
        sample_parameters: r#"{"name": "研发中心", "name_en": "R&D", "parent_id": 1, "order": 10, "id": 20}"#,
        sample_output: r#"{"id": 20, "cleaned": []}"#,
    };
    type Connection = Application;
    type Parameters = CreateDepartmentParameters;
    type Output = CreateDepartmentOutput;

    fn output(mut reply: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        Ok(CreateDepartmentOutput { id: reply.required_number("id")?, cleaned: edits.cleaned })
    }
}

/// Table 3.
pub struct UpdateDepartment;

table! {
    /// Parameters of `update-department`. What is left out stays as it is; what is given empty is cleared.
    pub struct UpdateDepartmentParameters {
        /// ID of the department to change.
        #[schemars(title = "Dept ID", example = 20, extend("x-ui" = ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS)))]
        pub id: u32 => [rules::range(1, MAX_DEPARTMENT_ID)],
        /// New name: 1 to 32 characters without any of * ? " < > | : and unlike the name of any sibling.
        #[schemars(title = "Dept Name", example = &"研发一部")]
        pub name: Option<String> => [rules::chars(0, 32), rules::LINE, rules::DEPARTMENT_NAME, Rule::CannotBeCleared],
        /// New English name: 1 to 64 characters without any of * ? " < > | :, or empty to remove it. It shows only where several languages are switched on in the admin console.
        #[schemars(title = "English Name", example = &"R&D 1", extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub name_en: Option<String> => [rules::chars(0, 64), rules::LINE, rules::DEPARTMENT_NAME, Rule::Clears],
        /// ID of the department to move it to: neither itself nor one below it.
        #[schemars(title = "Parent Dept ID", example = 1, extend("x-ui" = ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS)))]
        pub parent_id as "parentid": Option<u32> => [rules::range(1, MAX_DEPARTMENT_ID), Rule::CannotBeCleared],
        /// New place among its siblings, from 0 to 4294967295: the larger number comes first.
        #[schemars(title = "Order", example = 20, extend("x-ui" = ui::group(ui::ADVANCED)))]
        pub order: Option<u32> => [Rule::CannotBeCleared],
    }
}

impl Action for UpdateDepartment {
    const ABOUT: About = About {
        id: "update-department",
        title: "Updating a department",
        label: "Update a department",
        icon: "department",
        description: "Changes a department's name, place or parent. What is left out stays as it is; an empty English name is removed.",
        interface: "department",
        api: "department/update",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::Contacts,
        effect: Effect::Update,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90206",
        sample_parameters: r#"{"id": 20, "name": "研发一部", "order": 20}"#,
        sample_output: r#"{"cleaned": []}"#,
    };
    type Connection = Application;
    type Parameters = UpdateDepartmentParameters;
    type Output = Edited;

    fn output(_: Reply, edits: Edits) -> Result<Edited, Malformed> {
        Ok(edits.into())
    }
}

/// Table 4.
pub struct DeleteDepartment;

table! {
    /// Parameters of `delete-department`.
    pub struct DeleteDepartmentParameters {
        /// ID of the department to delete. It must have no members and no departments below it, and not be the root.
        #[schemars(title = "Dept ID", example = 20, extend("x-ui" = ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS)))]
        pub id: u32 => [rules::range(1, MAX_DEPARTMENT_ID)],
    }
}

impl Action for DeleteDepartment {
    const ABOUT: About = About {
        id: "delete-department",
        title: "Deleting a department",
        label: "Delete a department",
        icon: "department",
        description: "Deletes an empty department. A second call is refused with 60003, since the department is gone.",
        interface: "department",
        api: "department/delete",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::Contacts,
        effect: Effect::Delete,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.1.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90207",
        sample_parameters: r#"{"id": 20}"#,
        sample_output: "{}",
    };
    type Connection = Application;
    type Parameters = DeleteDepartmentParameters;
    type Output = Nothing;

    fn request(fields: Fields, _: &CheckedApplication) -> Request {
        Request::get(Self::ABOUT.api, fields)
    }

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}
