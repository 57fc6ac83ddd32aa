//! Interface `shared-app`: the application in other enterprises.

use crate::about::{About, EVERY_API, Effect, Interface, Pagination, Proof, Secrets, icon};
use crate::action::{Action, CURSOR, NEXT_CURSOR, Request};
use crate::connection::{Application, CheckedApplication, MAX_AGENT_ID, SHARING, WHERE_AGENT_ID};
use crate::http::Method;
use crate::parameter::{Edits, Names, Parameters, Spec, output, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, phrase, text};

/// The most rows that a page may have.
const MAX_ROWS: u64 = 100;

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "shared-app",
    title: text("Shared applications", "共享应用"),
    docs: "The application in the enterprises that it is shared with: linked ones, and those downstream.",
};

/// `POST corpgroup/corp/list_app_share_info`
///
/// <https://developer.work.weixin.qq.com/document/path/93403>
pub struct ListSharedApps;

table! {
    /// Parameters of `list-shared-apps`.
    pub struct ListSharedAppsParameters {
        pub agent_id: Option<u64> = Spec {
            wire: "agentid",
            title: text("Enterprise App ID", "企业应用ID"),
            description: text(
                "ID of the application in the enterprise that shares it. Default: that of the connection.",
                "应用在共享方（上级）企业中的ID。不填时使用连接中的企业应用ID。",
            ),
            examples: &[Text::both("1000002")],
            rules: &[rules::range(1, MAX_AGENT_ID)],
            ui: ui::hint(WHERE_AGENT_ID).advanced().from_connection(&["agent_id"]),
            names: Names::Application,
            ..Spec::NEW
        },
        pub business_type: Option<u8> = Spec {
            title: text("Kind of Sharing", "共享类型"),
            description: text(
                "How the application is shared. Default: between linked enterprises.",
                "应用以哪种方式共享。不填时为企业互联。",
            ),
            choices: SHARING,
            rules: &[rules::range(0, 1)],
            ..Spec::NEW
        },
        pub corp_id: Option<String> = Spec {
            wire: "corpid",
            title: text("Lower Enterprise ID", "下级企业ID"),
            description: text(
                "ID of the enterprise to look up. Default: all that the application is shared with.",
                "要查询的下级（下游）企业的ID。不填时列出应用共享到的所有企业。",
            ),
            examples: &[Text::both(r#""wwabcdef0123456789""#)],
            rules: &[rules::ID],
            ui: ui::hint(text(
                "Run this action without it: the output has the IDs.",
                "不填时，见此操作输出的列表。",
            )),
            names: Names::Corp,
            ..Spec::NEW
        },
        pub limit: Option<u32> = Spec {
            title: text("Total Data", "每页行数"),
            description: text(
                "How many rows to ask for, from 1 to 100; 0, the default, stands for all.",
                "每页返回多少行，1~100；填0或不填时返回全部。",
            ),
            examples: &[Text::both("100")],
            rules: &[rules::range(0, MAX_ROWS)],
            ..Spec::NEW
        },
        pub cursor: Option<String> = CURSOR,
    }
}

output! {
    /// Output of `list-shared-apps`.
    pub struct ListSharedAppsOutput {
        pub next_cursor: Option<String> = NEXT_CURSOR,
        pub corp_list: Vec<SharedApp> = Spec {
            title: text("Enterprises", "企业列表"),
            description: text(
                "The enterprises that the application is shared with. One that has yet to confirm is not among them.",
                "应用共享到的企业。尚未确认共享的企业不在其中。",
            ),
            ..Spec::NEW
        },
    }
}

output! {
    /// An enterprise that the application is shared with.
    pub struct SharedApp {
        pub corp_id: String = Spec {
            title: text("Lower Enterprise ID", "下级企业ID"),
            description: text(
                "ID of the enterprise: Lower Enterprise ID of a connection.",
                "企业的ID，即连接中的下级企业ID。",
            ),
            names: Names::Corp,
            ..Spec::NEW
        },
        pub corp_name: Option<String> = Spec {
            title: text("Enterprise Name", "企业名称"),
            description: text("Name of the enterprise.", "企业的名称。"),
            ..Spec::NEW
        },
        pub agent_id: u64 = Spec {
            title: text("Lower Enterprise App ID", "下级企业应用ID"),
            description: text(
                "ID of the application in that enterprise: Lower Enterprise App ID of a connection.",
                "应用在该企业中的ID，即连接中的下级企业应用ID。",
            ),
            rules: &[rules::range(1, MAX_AGENT_ID)],
            names: Names::Application,
            ..Spec::NEW
        },
    }
}

impl Action for ListSharedApps {
    const ABOUT: About = About {
        id: "list-shared-apps",
        title: text("Obtaining the enterprises of a shared application", "获取应用共享信息"),
        label: text("List where the application is shared", "查询应用共享信息"),
        icon: icon!("share"),
        description: text(
            "Lists the enterprises that the application is shared with, page by page, with what a connection needs to \
            work in one of them. It asks the enterprise that shares, also where the connection names a lower one.",
            "分页列出应用共享到的企业，以及在连接中改用这些企业所需的ID。即使连接中填写了下级企业，查询的也是共享方企业。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "corpgroup/corp/list_app_share_info",
        proof: Proof::List("corp_list"),
        secrets: Secrets::App,
        effect: Effect::Read,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: Some(Pagination { cursor: "cursor", next_cursor: "/next_cursor", limit: "limit" }),
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/93403",
        sample_parameters: r#"{"agent_id": 1000002, "business_type": 0, "limit": 100}"#,
        sample_output: r#"{"next_cursor": "aaaaaaaaa", "corp_list": [{"corp_id": "wwabcdef0123456789", "corp_name": "云帆科技华南公司", "agent_id": 1000008}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "ending": 0, "corp_list": [{"corpid": "wwabcdef0123456789", "corp_name": "云帆科技华南公司", "agentid": 1000008}], "next_cursor": "aaaaaaaaa"}"#,
    };
    type Connection = Application;
    type Parameters = ListSharedAppsParameters;
    type Output = ListSharedAppsOutput;

    fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
        let agent_id = ListSharedAppsParameters::agent_id;
        if parameters.number(agent_id).is_none() && connection.is_some_and(|it| it.own_agent_id.is_none()) {
            parameters.violate(agent_id, &[], phrase!("is required where the connection has no `agent_id`"));
        }
    }

    fn request(mut parameters: Parameters, connection: &CheckedApplication) -> Request {
        let agent_id = ListSharedAppsParameters::agent_id;
        if let (None, Some(own)) = (parameters.number(agent_id), connection.own_agent_id) {
            parameters.set(agent_id, own);
        }
        Request::of(Self::ABOUT.method, Self::ABOUT.api, parameters)
    }

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let is_last = reply.number("ending")? == Some(1);
        let next_cursor = reply.text("next_cursor")?.filter(|_| !is_last);
        let corp_list = reply.own_rows("corp_list", |row| {
            Ok(SharedApp {
                corp_id: row.required_text("corpid")?,
                corp_name: row.text("corp_name")?,
                agent_id: row.required_agent_id("agentid")?,
            })
        })?;
        Ok(ListSharedAppsOutput { next_cursor, corp_list })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::wire::call;

    #[test]
    fn list_shared_apps() {
        let parameters = json!({
            "agent_id": 1111, "business_type": 1, "corp_id": "wwcorp", "limit": 100, "cursor": "xxxxxx",
        });
        let body = json!({
            "agentid": 1111, "business_type": 1, "corpid": "wwcorp", "limit": 100, "cursor": "xxxxxx",
        });
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "ending": 0,
            "corp_list": [
                {"corpid": "wwcorpid1", "corp_name": "测试企业1", "agentid": 1111},
                {"corpid": "wwcorpid2", "corp_name": "测试企业2", "agentid": 1112}
            ],
            "next_cursor": "next_cursor1111"
        }"#;
        let output = json!({
            "next_cursor": "next_cursor1111",
            "corp_list": [
                {"corp_id": "wwcorpid1", "corp_name": "测试企业1", "agent_id": 1111},
                {"corp_id": "wwcorpid2", "corp_name": "测试企业2", "agent_id": 1112},
            ],
        });
        let api = "corpgroup/corp/list_app_share_info";
        call("list-shared-apps", parameters).posts(api, body).returns(reply, output);

        // The last page says so. Whatever cursor stands beside that leads nowhere.
        let last = r#"{"errcode": 0, "ending": 1, "corp_list": [], "next_cursor": "x"}"#;
        let default = json!({"agentid": 1_000_002});
        call("list-shared-apps", json!({})).posts(api, default.clone()).returns(last, json!({"corp_list": []}));
        let odd = r#"{"errcode": 0, "corp_list": [{"corpid": "ww2", "agentid": "9007199254740991"}]}"#;
        let output = json!({"corp_list": [{"corp_id": "ww2", "agent_id": 9_007_199_254_740_991_u64}]});
        call("list-shared-apps", json!({})).posts(api, default.clone()).returns(odd, output);
        for (row, says) in [
            (r#"{"agentid": 7}"#, "`corp_list[0].corpid`"),
            (r#"{"corpid": "ww2"}"#, "`corp_list[0].agentid`"),
            (r#"{"corpid": "ww2", "agentid": -1}"#, "`corp_list[0].agentid` is not a whole number"),
        ] {
            let reply = format!(r#"{{"errcode": 0, "corp_list": [{row}]}}"#);
            call("list-shared-apps", json!({})).posts(api, default.clone()).fails(&reply, says);
        }
        call("list-shared-apps", json!({}))
            .without_agent_id()
            .refused_at("/agent_id", "is required where the connection has no `agent_id`");
        call("list-shared-apps", json!({"limit": 101})).refused_at("/limit", "must be 100 or less");
        call("list-shared-apps", json!({"business_type": 2})).refused_at("/business_type", "must be 1 or less");
    }
}
