//! Interface `department`: the tree of departments.

use crate::about::{About, EVERY_API, Effect, Interface, Proof, Secrets, icon};
use crate::action::{Action, CLEANED, Edited, Nothing};
use crate::connection::Application;
use crate::http::Method;
use crate::parameter::rules::{self, Rule};
use crate::parameter::{Edits, Names, Spec, output, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, text};

/// The greatest department ID: every number that the wire's type, an unsigned 32-bit integer, can hold.
pub(super) const MAX_DEPARTMENT_ID: u64 = u32::MAX as u64;

pub(super) const IN_CONTACTS: Text = text(
    "In the admin console: Contacts (通讯录) > the menu of the department > its ID; or list the department IDs.",
    "管理后台 > 通讯录 > 部门旁的小圆点：部门ID。也可用“获取部门ID列表”查询。",
);

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "department",
    title: text("Departments", "部门"),
    docs: "The tree of departments. Reading names takes the secret of the application, all else that of contacts \
        synchronisation: see `application`.",
};

/// The parent of a department that WeCom tells of.
const PARENT_ID: Spec = Spec {
    title: text("Parent Dept ID", "父部门ID"),
    description: text("ID of the department above it; 0 above the root.", "上级部门的ID；最顶层部门的此项为0。"),
    names: Names::Department,
    ..Spec::NEW
};
/// The place of a department that WeCom tells of.
const ORDER: Spec = Spec {
    title: text("Order", "排序值"),
    description: text(
        "Its place among its siblings: the larger number comes first.",
        "在同级部门中的排序值，数值大的排在前面。",
    ),
    names: Names::Order,
    ..Spec::NEW
};

/// `GET department/simplelist`
///
/// <https://developer.work.weixin.qq.com/document/path/95350>
pub struct ListDepartmentIds;

/// The top of the departments that are listed.
const TOP: Spec = Spec {
    title: text("Department ID", "部门ID"),
    description: text(
        "The department to list with everything below it. Default: every department that the connection may see.",
        "要列出的部门，包含其所有下级部门。不填时列出该连接可见的全部部门。",
    ),
    examples: &[Text::both("2")],
    rules: &[rules::range(1, MAX_DEPARTMENT_ID)],
    ui: ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS),
    names: Names::Department,
    ..Spec::NEW
};

/// The departments that are listed.
const DEPARTMENTS: Spec = Spec {
    title: text("Departments", "部门"),
    description: text("The departments, as the rows of a tree.", "部门列表，每个部门一行，按父部门ID构成树形结构。"),
    ..Spec::NEW
};

table! {
    /// Parameters of `list-department-ids`.
    pub struct ListDepartmentIdsParameters {
        pub id: Option<u32> = TOP,
    }
}

output! {
    /// Output of `list-department-ids`.
    pub struct ListDepartmentIdsOutput {
        pub department_id: Vec<DepartmentNode> = DEPARTMENTS,
    }
}

output! {
    /// A department's place in the tree.
    pub struct DepartmentNode {
        pub id: u32 = Spec {
            title: text("Department ID", "部门ID"),
            description: text("ID of the department; 1 is the root.", "部门ID；1为最顶层部门。"),
            names: Names::Department,
            ..Spec::NEW
        },
        pub parent_id: u32 = PARENT_ID,
        pub order: u32 = ORDER,
    }
}

impl Action for ListDepartmentIds {
    const ABOUT: About = About {
        id: "list-department-ids",
        title: text("Obtaining department IDs", "获取部门ID列表"),
        label: text("List department IDs", "获取部门ID列表"),
        icon: icon!("department"),
        description: text(
            "Lists the IDs of a department and of everything below it, or of all departments. Names are not part of \
            the answer.",
            "列出指定部门及其所有下级部门的ID，或列出全部部门的ID。结果不含部门名称。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Get,
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
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "department_id": [{"id": 1, "parentid": 0, "order": 10}]}"#,
    };
    type Connection = Application;
    type Parameters = ListDepartmentIdsParameters;
    type Output = ListDepartmentIdsOutput;

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

/// `GET department/get`
///
/// <https://developer.work.weixin.qq.com/document/path/95351>
pub struct GetDepartment;

table! {
    /// Parameters of `get-department`.
    pub struct GetDepartmentParameters {
        pub id: u32 = Spec {
            title: text("Dept ID", "部门ID"),
            description: text(
                "ID of a department that the connection may see; 1 is the root.",
                "要获取的部门ID，须在该连接可见的范围内；1为最顶层部门。",
            ),
            examples: &[Text::both("2")],
            rules: &[rules::range(1, MAX_DEPARTMENT_ID)],
            ui: ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS),
            names: Names::Department,
            ..Spec::NEW
        },
    }
}

output! {
    /// A department with all that WeCom tells of it.
    pub struct DepartmentDetails {
        pub id: u32 = Spec {
            title: text("Dept ID", "部门ID"),
            description: text("ID of the department; 1 is the root.", "部门ID；1为最顶层部门。"),
            names: Names::Department,
            ..Spec::NEW
        },
        pub name: String = Spec {
            title: text("Dept Name", "部门名称"),
            description: text(
                "Name of the department; empty where WeCom does not tell it to the application.",
                "部门名称；企业微信未向该应用返回名称时为空。",
            ),
            ..Spec::NEW
        },
        pub name_en: Option<String> = Spec {
            title: text("English Name", "英文名称"),
            description: text(
                "English name of the department; absent where it has none, or WeCom does not tell it.",
                "部门的英文名称；没有英文名称或企业微信未返回时没有此项。",
            ),
            ..Spec::NEW
        },
        pub department_leader: Vec<String> = Spec {
            title: text("Dept Leader IDs", "部门负责人ID"),
            description: text("Member IDs of the department's leaders.", "部门负责人的成员ID。"),
            names: Names::Member,
            ..Spec::NEW
        },
        pub parent_id: u32 = PARENT_ID,
        pub order: u32 = ORDER,
    }
}

/// What the application sees.
const IN_VIEW: Text = text(
    "WeCom tells it to the application, and of departments inside of its visible range only; another one is refused \
    with 60011.",
    "由应用获取，且仅限应用可见范围内的部门；获取其他部门会被拒绝（错误码60011）。",
);

fn department(department: &mut Reply) -> Result<DepartmentDetails, Malformed> {
    Ok(DepartmentDetails {
        id: department.required_number("id")?,
        name: department.text("name")?.unwrap_or_default(),
        name_en: department.text("name_en")?,
        department_leader: department.texts("department_leader")?,
        parent_id: department.number("parentid")?.unwrap_or_default(),
        order: department.number("order")?.unwrap_or_default(),
    })
}

impl Action for GetDepartment {
    const ABOUT: About = About {
        id: "get-department",
        title: text("Obtaining a department", "获取部门详情"),
        label: text("Get a department", "获取部门详情"),
        icon: icon!("department"),
        description: text(
            "Returns the name, leaders, parent and order of a department.",
            "返回部门的名称、负责人、父部门和排序值。",
        ),
        remarks: &[IN_VIEW],
        interface: &INTERFACE,
        method: Method::Get,
        api: "department/get",
        proof: Proof::Object("department"),
        secrets: Secrets::App,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/95351",
        sample_parameters: r#"{"id": 2}"#,
        sample_output: r#"{"id": 2, "name": "广州研发中心", "name_en": "RDGZ", "department_leader": ["zhangsan", "lisi"], "parent_id": 1, "order": 10}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "department": {"id": 1, "name": "n", "name_en": "e", "department_leader": ["zhangsan"], "parentid": 0, "order": 10}}"#,
    };
    type Connection = Application;
    type Parameters = GetDepartmentParameters;
    type Output = DepartmentDetails;

    fn output(mut reply: Reply, _: Edits) -> Result<DepartmentDetails, Malformed> {
        department(&mut reply.object("department")?)
    }
}

/// `GET department/list`
///
/// <https://developer.work.weixin.qq.com/document/path/90208>
pub struct ListDepartments;

table! {
    /// Parameters of `list-departments`.
    pub struct ListDepartmentsParameters {
        pub id: Option<u32> = TOP,
    }
}

output! {
    /// Output of `list-departments`.
    pub struct ListDepartmentsOutput {
        pub department: Vec<DepartmentDetails> = DEPARTMENTS,
    }
}

impl Action for ListDepartments {
    const ABOUT: About = About {
        id: "list-departments",
        title: text("Obtaining departments", "获取部门列表"),
        label: text("List departments", "获取部门列表"),
        icon: icon!("department"),
        description: text(
            "Lists a department and everything below it, or all departments, with names and leaders. In a large \
            enterprise this is slow: list the IDs, and get single departments.",
            "列出指定部门及其所有下级部门，或列出全部部门，包含名称和负责人。企业较大时响应较慢，建议先获取部门ID列表，再逐个获\
            取部门详情。",
        ),
        remarks: &[IN_VIEW],
        interface: &INTERFACE,
        method: Method::Get,
        api: "department/list",
        proof: Proof::List("department"),
        secrets: Secrets::App,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/90208",
        sample_parameters: r#"{"id": 1}"#,
        sample_output: r#"{"department": [{"id": 2, "name": "广州研发中心", "name_en": "RDGZ", "department_leader": ["zhangsan", "lisi"], "parent_id": 1, "order": 10}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "department": [{"id": 1, "name": "n", "name_en": "e", "department_leader": ["zhangsan"], "parentid": 0, "order": 10}]}"#,
    };
    type Connection = Application;
    type Parameters = ListDepartmentsParameters;
    type Output = ListDepartmentsOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(ListDepartmentsOutput { department: reply.own_rows("department", department)? })
    }
}

/// `POST department/create`
///
/// <https://developer.work.weixin.qq.com/document/path/90205>
pub struct CreateDepartment;

table! {
    /// Parameters of `create-department`.
    pub struct CreateDepartmentParameters {
        pub name: String = Spec {
            title: text("Dept Name", "部门名称"),
            description: text(
                "Name of the department: 1 to 32 characters without any of * ? \" < > | : and unlike the name of any \
                sibling.",
                "部门名称，1~32个字符，不能含有 * ? \" < > | : 这些字符，且不能与同级部门重名。",
            ),
            examples: &[Text::both(r#""研发中心""#)],
            rules: &[rules::chars(1, 32), rules::LINE, rules::DEPARTMENT_NAME],
            ..Spec::NEW
        },
        pub name_en: Option<String> = Spec {
            title: text("English Name", "英文名称"),
            description: text(
                "English name: 1 to 64 characters without any of * ? \" < > | : and unlike that of any sibling. It \
                shows only where several languages are switched on in the admin console.",
                "英文名称，1~64个字符，不能含有 * ? \" < > | : 这些字符，且不能与同级部门相同。仅在管理后台开启多语言\
                后显示。",
            ),
            examples: &[Text::both(r#""R&D""#)],
            rules: &[rules::chars(0, 64), rules::LINE, rules::DEPARTMENT_NAME],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub parent_id: u32 = Spec {
            wire: "parentid",
            title: text("Parent Dept ID", "父部门ID"),
            description: text(
                "ID of the department to create it in; 1 is the root.",
                "在哪个部门下创建，填该部门的ID；1为最顶层部门。",
            ),
            examples: &[Text::both("1")],
            rules: &[rules::range(1, MAX_DEPARTMENT_ID)],
            ui: ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS),
            names: Names::Department,
            ..Spec::NEW
        },
        pub order: Option<u32> = Spec {
            title: text("Order", "排序值"),
            description: text(
                "Place among its siblings, from 0 to 4294967295: the larger number comes first.",
                "在同级部门中的排序值，0~4294967295，数值大的排在前面。",
            ),
            examples: &[Text::both("10")],
            ui: ui::ADVANCED,
            names: Names::Order,
            ..Spec::NEW
        },
        pub id: Option<u32> = Spec {
            title: text("Dept ID", "部门ID"),
            description: text(
                "ID of the new department, from 2 up. By default WeCom chooses one.",
                "新部门的ID，不小于2。不填时由企业微信生成。",
            ),
            examples: &[Text::both("20")],
            rules: &[rules::range(2, MAX_DEPARTMENT_ID)],
            ui: ui::ADVANCED,
            names: Names::Department,
            ..Spec::NEW
        },
    }
}

output! {
    /// Output of `create-department`.
    pub struct CreateDepartmentOutput {
        pub id: u32 = Spec {
            title: text("Dept ID", "部门ID"),
            description: text("ID of the new department.", "新部门的ID。"),
            names: Names::Department,
            ..Spec::NEW
        },
        pub cleaned: Vec<String> = CLEANED,
    }
}

impl Action for CreateDepartment {
    const ABOUT: About = About {
        id: "create-department",
        title: text("Creating a department", "创建部门"),
        label: text("Create a department", "创建部门"),
        icon: icon!("department"),
        description: text(
            "Creates a department below another one. A second call with the same name or ID is refused with 60008.",
            "在指定部门下创建部门。用相同的名称或ID再次运行会被拒绝（错误码60008）。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
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
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "id": 7}"#,
    };
    type Connection = Application;
    type Parameters = CreateDepartmentParameters;
    type Output = CreateDepartmentOutput;

    fn output(mut reply: Reply, edits: Edits) -> Result<Self::Output, Malformed> {
        Ok(CreateDepartmentOutput { id: reply.required_number("id")?, cleaned: edits.cleaned })
    }
}

/// `POST department/update`
///
/// <https://developer.work.weixin.qq.com/document/path/90206>
pub struct UpdateDepartment;

table! {
    /// Parameters of `update-department`. What is left out stays as it is; what is given empty is cleared.
    pub struct UpdateDepartmentParameters {
        pub id: u32 = Spec {
            title: text("Dept ID", "部门ID"),
            description: text("ID of the department to change.", "要修改的部门ID。"),
            examples: &[Text::both("20")],
            rules: &[rules::range(1, MAX_DEPARTMENT_ID)],
            ui: ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS),
            names: Names::Department,
            ..Spec::NEW
        },
        pub name: Option<String> = Spec {
            title: text("Dept Name", "部门名称"),
            description: text(
                "New name: 1 to 32 characters without any of * ? \" < > | : and unlike the name of any sibling.",
                "新名称，1~32个字符，不能含有 * ? \" < > | : 这些字符，且不能与同级部门重名。",
            ),
            examples: &[Text::both(r#""研发一部""#)],
            rules: &[rules::chars(0, 32), rules::LINE, rules::DEPARTMENT_NAME, Rule::CannotBeCleared],
            ..Spec::NEW
        },
        pub name_en: Option<String> = Spec {
            title: text("English Name", "英文名称"),
            description: text(
                "New English name: 1 to 64 characters without any of * ? \" < > | :, or empty to remove it. It shows \
                only where several languages are switched on in the admin console.",
                "新英文名称，1~64个字符，不能含有 * ? \" < > | : 这些字符；填空值则清空。仅在管理后台开启多语言后显示\
                。",
            ),
            examples: &[Text::both(r#""R&D 1""#)],
            rules: &[rules::chars(0, 64), rules::LINE, rules::DEPARTMENT_NAME, Rule::Clears],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub parent_id: Option<u32> = Spec {
            wire: "parentid",
            title: text("Parent Dept ID", "父部门ID"),
            description: text(
                "ID of the department to move it to: neither itself nor one below it.",
                "要移到哪个部门下，填该部门的ID；不能是本部门或其下级部门。",
            ),
            examples: &[Text::both("1")],
            rules: &[rules::range(1, MAX_DEPARTMENT_ID), Rule::CannotBeCleared],
            ui: ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS),
            names: Names::Department,
            ..Spec::NEW
        },
        pub order: Option<u32> = Spec {
            title: text("Order", "排序值"),
            description: text(
                "New place among its siblings, from 0 to 4294967295: the larger number comes first.",
                "在同级部门中新的排序值，0~4294967295，数值大的排在前面。",
            ),
            examples: &[Text::both("20")],
            rules: &[Rule::CannotBeCleared],
            ui: ui::ADVANCED,
            names: Names::Order,
            ..Spec::NEW
        },
    }
}

impl Action for UpdateDepartment {
    const ABOUT: About = About {
        id: "update-department",
        title: text("Updating a department", "更新部门"),
        label: text("Update a department", "修改部门"),
        icon: icon!("department"),
        description: text(
            "Changes a department's name, place or parent. What is left out stays as it is; an empty English name is \
            removed.",
            "修改部门的名称、排序值或父部门。未填的项保持不变；英文名称填空值则清空。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
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
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
    };
    type Connection = Application;
    type Parameters = UpdateDepartmentParameters;
    type Output = Edited;

    fn output(_: Reply, edits: Edits) -> Result<Edited, Malformed> {
        Ok(edits.into())
    }
}

// region: delete-department
/// `GET department/delete`
///
/// <https://developer.work.weixin.qq.com/document/path/90207>
pub struct DeleteDepartment;

table! {
    /// Parameters of `delete-department`.
    pub struct DeleteDepartmentParameters {
        pub id: u32 = Spec {
            title: text("Dept ID", "部门ID"),
            description: text(
                "ID of the department to delete. It must have no members and no departments below it, and not be the \
                root.",
                "要删除的部门ID。该部门不能有成员或下级部门，也不能是最顶层部门。",
            ),
            examples: &[Text::both("20")],
            rules: &[rules::range(1, MAX_DEPARTMENT_ID)],
            ui: ui::hint(IN_CONTACTS).options(ui::DEPARTMENTS),
            names: Names::Department,
            ..Spec::NEW
        },
    }
}

impl Action for DeleteDepartment {
    const ABOUT: About = About {
        id: "delete-department",
        title: text("Deleting a department", "删除部门"),
        label: text("Delete a department", "删除部门"),
        icon: icon!("department"),
        description: text(
            "Deletes an empty department. A second call is refused with 60003, since the department is gone.",
            "删除空部门。部门删除后再次运行会被拒绝（错误码60003），因为部门已不存在。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Get,
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
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
    };
    type Connection = Application;
    type Parameters = DeleteDepartmentParameters;
    type Output = Nothing;

    fn output(_: Reply, _: Edits) -> Result<Nothing, Malformed> {
        Ok(Nothing {})
    }
}
// endregion

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::wire::call;

    #[test]
    fn list_department_ids() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "department_id": [
                {"id": 2, "parentid": 1, "order": 10},
                {"id": 3, "parentid": 2, "order": 40}
            ]
        }"#;
        call("list-department-ids", json!({"id": 2})).gets("department/simplelist?id=2").returns(
            reply,
            json!({"department_id": [{"id": 2, "parent_id": 1, "order": 10}, {"id": 3, "parent_id": 2, "order": 40}]}),
        );
        call("list-department-ids", json!({}))
            .gets("department/simplelist")
            .fails(r#"{"errcode": 0, "data": {}}"#, "has no `department_id`");
    }

    #[test]
    fn get_department() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "department": {
                "id": 2,
                "name": "广州研发中心",
                "name_en": "RDGZ",
                "department_leader": ["zhangsan", "lisi"],
                "parentid": 1,
                "order": 10
            }
        }"#;
        let output = json!({
            "id": 2,
            "name": "广州研发中心",
            "name_en": "RDGZ",
            "department_leader": ["zhangsan", "lisi"],
            "parent_id": 1,
            "order": 10,
        });
        let get = || call("get-department", json!({"id": 2})).gets("department/get?id=2");
        get().returns(reply, output);

        // Some applications are not told the names.
        get().returns(
            r#"{"errcode": 0, "errmsg": "ok", "department": {"id": 2, "parentid": 1, "order": 10}}"#,
            json!({"id": 2, "name": "", "department_leader": [], "parent_id": 1, "order": 10}),
        );
        get().fails(r#"{"errcode": 0, "errmsg": "ok", "department": {}}"#, "has no `department.id`");
    }

    #[test]
    fn list_departments() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "department": [
                {
                    "id": 2,
                    "name": "广州研发中心",
                    "name_en": "RDGZ",
                    "department_leader": ["zhangsan", "lisi"],
                    "parentid": 1,
                    "order": 10
                },
                {"id": 3, "parentid": 2}
            ]
        }"#;
        let output = json!({"department": [
            {
                "id": 2,
                "name": "广州研发中心",
                "name_en": "RDGZ",
                "department_leader": ["zhangsan", "lisi"],
                "parent_id": 1,
                "order": 10,
            },
            {"id": 3, "name": "", "department_leader": [], "parent_id": 2, "order": 0},
        ]});
        call("list-departments", json!({"id": 2})).gets("department/list?id=2").returns(reply, output);
        let all = || call("list-departments", json!({})).gets("department/list");
        all().returns(r#"{"errcode": 0, "errmsg": "ok", "department": []}"#, json!({"department": []}));
        all().fails(r#"{"errcode": 0, "errmsg": "ok", "department": [{"name": "x"}]}"#, "has no `department[0].id`");
        all().fails(r#"{"errcode": 0, "errmsg": "ok", "department_id": []}"#, "has no `department`");
    }

    #[test]
    fn create_department() {
        call(
            "create-department",
            json!({"name": "广州研发中心", "name_en": "RDGZ", "parent_id": 1, "order": 1, "id": 2}),
        )
        .posts(
            "department/create",
            json!({"name": "广州研发中心", "name_en": "RDGZ", "parentid": 1, "order": 1, "id": 2}),
        )
        .returns(r#"{"errcode": 0, "errmsg": "created", "id": 2}"#, json!({"id": 2, "cleaned": []}));
    }

    #[test]
    fn update_department() {
        call("update-department", json!({"id": 2, "name": "广州研发中心", "name_en": "", "parent_id": 1}))
            .posts("department/update", json!({"id": 2, "name": "广州研发中心", "name_en": "", "parentid": 1}))
            .returns(r#"{"errcode": 0, "errmsg": "updated"}"#, json!({"cleaned": []}));
    }

    // region: delete-department-wire
    #[test]
    fn delete_department() {
        call("delete-department", json!({"id": 2}))
            .gets("department/delete?id=2")
            .returns(r#"{"errcode": 0, "errmsg": "deleted"}"#, json!({}));
    }
    // endregion
}
