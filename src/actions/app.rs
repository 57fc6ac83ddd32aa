//! Interface `app`: the application itself, and WeCom's addresses.

use super::app_message::{check_agent_id, set_agent_id};
use super::message::AGENT_ID;
use crate::about::{About, EVERY_API, Effect, Interface, Proof, Secrets, icon};
use crate::action::{Action, NoParameters, Request};
use crate::connection::{Application, CheckedApplication};
use crate::http::Method;
use crate::parameter::{Edits, Names, Parameters, Spec, output, table};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, text};

/// What is said of the application as a whole.
pub const INTERFACE: Interface = Interface {
    name: "app",
    title: text("The application", "应用"),
    docs: "The application itself, the way from its secret to its ID, and WeCom's addresses for firewalls.",
};

/// What is known of every action here.
const READ: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("app"),
    description: Text::NONE,
    remarks: &[],
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
    sample_parameters: "{}",
    sample_output: "",
    sample_reply: "",
};

const ID: Spec = Spec {
    title: text("Enterprise App ID", "企业应用ID"),
    description: text("ID of the application (AgentId).", "应用的ID，即AgentId。"),
    names: Names::Application,
    ..Spec::NEW
};
const NAME: Spec = Spec {
    title: text("App Name", "应用名称"),
    description: text("Name of the application.", "应用的名称。"),
    ..Spec::NEW
};
const LOGO: Spec = Spec {
    title: text("Logo Address", "应用图标地址"),
    description: text(
        "Address of its square logo; absent where it has none.",
        "应用的方形图标的网址；没有时没有此项。",
    ),
    ..Spec::NEW
};

/// `GET agent/get`
///
/// <https://developer.work.weixin.qq.com/document/path/90227>
pub struct GetApplication;

table! {
    /// Parameters of `get-application`.
    pub struct GetApplicationParameters {
        pub agent_id: Option<u64> = Spec {
            description: text(
                "ID of the application: the one whose secret the connection has. Default: that of the connection.",
                "应用的ID，须与连接中的AppSecret属于同一应用。不填时使用连接中的企业应用ID。",
            ),
            ..AGENT_ID
        },
    }
}

output! {
    /// Output of `get-application`.
    pub struct GetApplicationOutput {
        pub agent_id: u64 = ID,
        pub name: String = NAME,
        pub description: Option<String> = Spec {
            title: text("Description", "应用介绍"),
            description: text("What the application is for; absent where that is not said.", "应用的介绍；没有时没有此项。"),
            ..Spec::NEW
        },
        pub square_logo_url: Option<String> = LOGO,
        pub close: Option<u32> = Spec {
            title: text("Switched Off", "是否停用"),
            description: text(
                "0 where the application is switched on, 1 where it is switched off; absent where WeCom does not say.",
                "0表示应用已启用，1表示已停用；企业微信未返回时没有此项。",
            ),
            ..Spec::NEW
        },
        pub allow_user_infos: Vec<String> = Spec {
            title: text("Visible Members", "可见成员"),
            description: text(
                "IDs of the members that the visible range names one by one. Those of its departments and tags come to \
                them.",
                "可见范围中单独列出的成员的ID，不含可见部门和标签中的成员。",
            ),
            names: Names::Member,
            ..Spec::NEW
        },
        pub allow_partys: Vec<u32> = Spec {
            title: text("Visible Departments", "可见部门"),
            description: text(
                "IDs of the departments at the top of the visible range; what is below each belongs to it, too.",
                "可见范围中的部门的ID，包含其所有下级部门。",
            ),
            names: Names::Department,
            ..Spec::NEW
        },
        pub allow_tags: Vec<u32> = Spec {
            title: text("Visible Tags", "可见标签"),
            description: text("IDs of the tags in the visible range.", "可见范围中的标签的ID。"),
            names: Names::Tag,
            ..Spec::NEW
        },
        pub redirect_domain: Option<String> = Spec {
            title: text("Trusted Domain", "可信域名"),
            description: text(
                "The trusted domain of its web pages; absent where none is set.",
                "应用网页的可信域名；未设置时没有此项。",
            ),
            ..Spec::NEW
        },
        pub report_location_flag: Option<u32> = Spec {
            title: text("Location Reporting", "上报地理位置"),
            description: text(
                "Whether it is told where members are: 0 never, 1 when they open a chat with it, 2 all the time.",
                "是否上报成员的地理位置：0不上报，1进入会话时上报，2持续上报。",
            ),
            ..Spec::NEW
        },
        pub is_report_enter: Option<u32> = Spec {
            title: text("Entry Reporting", "上报进入应用事件"),
            description: text(
                "Whether it is told when members open it: 0 no, 1 yes.",
                "是否上报成员进入应用的事件：0不上报，1上报。",
            ),
            ..Spec::NEW
        },
        pub home_url: Option<String> = Spec {
            title: text("Home Page", "应用主页"),
            description: text("Address of its home page; absent where it has none.", "应用主页的网址；没有时没有此项。"),
            ..Spec::NEW
        },
        pub customized_publish_status: Option<u32> = Spec {
            title: text("Release State", "发布状态"),
            description: text(
                "State of an application that a provider develops for the enterprise; absent for others.",
                "代开发应用的发布状态；其他应用没有此项。",
            ),
            ..Spec::NEW
        },
    }
}

impl Action for GetApplication {
    const ABOUT: About = About {
        id: "get-application",
        title: text("Obtaining an application", "获取应用详情"),
        label: text("Get the application", "获取应用详情"),
        description: text(
            "Returns the name of the application, whether it is switched on, and its visible range: whom it may write to. \
            The ID of another application is refused with 301002.",
            "返回应用的名称、是否启用和可见范围（可以给谁发消息）。填其他应用的ID会被拒绝（错误码301002）。",
        ),
        api: "agent/get",
        proof: Proof::Object("allow_userinfos"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/90227",
        sample_parameters: r#"{"agent_id": 1000002}"#,
        sample_output: r#"{"agent_id": 1000002, "name": "审批助手", "description": "审批通知", "square_logo_url": "https://example.com/logo.png", "close": 0, "allow_user_infos": ["zhangsan"], "allow_partys": [1], "allow_tags": [], "redirect_domain": "example.com", "report_location_flag": 0, "is_report_enter": 0, "home_url": "https://example.com"}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "agentid": 1000002, "name": "n", "square_logo_url": "https://a.cn/l", "description": "d", "allow_userinfos": {"user": [{"userid": "zhangsan"}]}, "allow_partys": {"partyid": [1]}, "allow_tags": {"tagid": [1]}, "close": 0, "redirect_domain": "a.cn", "report_location_flag": 0, "isreportenter": 0, "home_url": "https://a.cn", "customized_publish_status": 1}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = GetApplicationParameters;
    type Output = GetApplicationOutput;

    fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
        check_agent_id(parameters, connection);
    }

    fn request(mut parameters: Parameters, connection: &CheckedApplication) -> Request {
        set_agent_id(&mut parameters, connection);
        Request::of(Self::ABOUT.method, Self::ABOUT.api, parameters)
    }

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(GetApplicationOutput {
            agent_id: reply.required_agent_id("agentid")?,
            name: reply.text("name")?.unwrap_or_default(),
            description: reply.text("description")?,
            square_logo_url: reply.text("square_logo_url")?,
            close: reply.number("close")?,
            allow_user_infos: reply.object("allow_userinfos")?.rows("user", |user| user.required_text("userid"))?,
            allow_partys: reply.object("allow_partys")?.numbers("partyid")?,
            allow_tags: reply.object("allow_tags")?.numbers("tagid")?,
            redirect_domain: reply.text("redirect_domain")?,
            report_location_flag: reply.number("report_location_flag")?,
            is_report_enter: reply.number("isreportenter")?,
            home_url: reply.text("home_url")?,
            customized_publish_status: reply.number("customized_publish_status")?,
        })
    }
}

/// `GET agent/list`
///
/// <https://developer.work.weixin.qq.com/document/path/90227>
pub struct ListApplications;

output! {
    /// Output of `list-applications`.
    pub struct ListApplicationsOutput {
        pub agent_list: Vec<Agent> = Spec {
            title: text("Applications", "应用"),
            description: text(
                "The applications that the secret belongs to: one, where it is that of a self-built application.",
                "该Secret可以访问的应用；自建应用的Secret只对应该应用自己。",
            ),
            ..Spec::NEW
        },
    }
}

output! {
    /// An application of the enterprise.
    pub struct Agent {
        pub agent_id: u64 = ID,
        pub name: String = NAME,
        pub square_logo_url: Option<String> = LOGO,
    }
}

impl Action for ListApplications {
    const ABOUT: About = About {
        id: "list-applications",
        title: text("Obtaining applications", "获取应用列表"),
        label: text("List applications", "获取应用列表"),
        description: text(
            "Lists the applications that AppSecret belongs to: the application itself, with its ID. That is the way to \
            find Enterprise App ID.",
            "列出AppSecret所属的应用，即该应用本身及其ID，可用来查找企业应用ID。",
        ),
        api: "agent/list",
        proof: Proof::List("agentlist"),
        doc_url: "https://developer.work.weixin.qq.com/document/path/90227",
        sample_output: r#"{"agent_list": [{"agent_id": 1000002, "name": "审批助手", "square_logo_url": "https://example.com/logo.png"}]}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "agentlist": [{"agentid": 1000002, "name": "n", "square_logo_url": "https://a.cn/l"}]}"#,
        ..READ
    };
    type Connection = Application;
    type Parameters = NoParameters;
    type Output = ListApplicationsOutput;

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let agent_list = reply.own_rows("agentlist", |agent| {
            Ok(Agent {
                agent_id: agent.required_agent_id("agentid")?,
                name: agent.text("name")?.unwrap_or_default(),
                square_logo_url: agent.text("square_logo_url")?,
            })
        })?;
        Ok(ListApplicationsOutput { agent_list })
    }
}

output! {
    /// Addresses of WeCom.
    pub struct Addresses {
        pub ip_list: Vec<String> = Spec {
            title: text("IP Addresses", "IP地址"),
            description: text(
                "IP addresses; some are ranges (198.51.100.0/24) or patterns (198.51.100.*).",
                "IP地址，其中有的是地址段（198.51.100.0/24）或通配形式（198.51.100.*）。",
            ),
            ..Spec::NEW
        },
    }
}

/// The output of both lists of addresses.
fn addresses(mut reply: Reply) -> Result<Addresses, Malformed> {
    Ok(Addresses { ip_list: reply.own_texts("ip_list")? })
}

/// What both lists of addresses have in common.
const ADDRESSES: About = About {
    proof: Proof::List("ip_list"),
    sample_output: r#"{"ip_list": ["192.0.2.10", "198.51.100.0/24"]}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok", "ip_list": ["192.0.2.10"]}"#,
    ..READ
};

/// `GET getcallbackip`
///
/// <https://developer.work.weixin.qq.com/document/path/92521>
pub struct ListCallbackAddresses;

impl Action for ListCallbackAddresses {
    const ABOUT: About = About {
        id: "list-callback-addresses",
        title: text("Obtaining callback addresses", "获取企业微信回调IP段"),
        label: text("List callback addresses", "获取企业微信回调IP段"),
        description: text(
            "Lists the IP addresses from which WeCom calls a message-receiving address: let them through the firewall. \
            They change; look once a day.",
            "列出企业微信回调接收消息服务器时所用的IP地址，请在防火墙中放行。地址会变化，建议每天查询一次。",
        ),
        api: "getcallbackip",
        doc_url: "https://developer.work.weixin.qq.com/document/path/92521",
        ..ADDRESSES
    };
    type Connection = Application;
    type Parameters = NoParameters;
    type Output = Addresses;

    fn output(reply: Reply, _: Edits) -> Result<Addresses, Malformed> {
        addresses(reply)
    }
}

/// `GET get_api_domain_ip`
///
/// <https://developer.work.weixin.qq.com/document/path/92520>
pub struct ListApiAddresses;

impl Action for ListApiAddresses {
    const ABOUT: About = About {
        id: "list-api-addresses",
        title: text("Obtaining API addresses", "获取企业微信接口IP段"),
        label: text("List API addresses", "获取企业微信接口IP段"),
        description: text(
            "Lists the IP addresses of qyapi.weixin.qq.com, to which the connector's calls go: for firewalls that let \
            only known addresses out. They change; look once a day.",
            "列出qyapi.weixin.qq.com的IP地址，即连接器所访问的地址，供只放行指定地址的防火墙使用。地址会变化，建议每天\
            查询一次。",
        ),
        api: "get_api_domain_ip",
        doc_url: "https://developer.work.weixin.qq.com/document/path/92520",
        ..ADDRESSES
    };
    type Connection = Application;
    type Parameters = NoParameters;
    type Output = Addresses;

    fn output(reply: Reply, _: Edits) -> Result<Addresses, Malformed> {
        addresses(reply)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::wire::call;

    #[test]
    fn get_application() {
        let reply = r#"{
            "errcode": 0,
            "errmsg": "ok",
            "agentid": 1000005,
            "name": "HR助手",
            "square_logo_url": "https://p.qlogo.cn/bizmail/FicwmI50icF8GH9ib7rUAYR5kicLTgP265naVFQKnleqSlRhiaBx7QA9u7Q/0",
            "description": "HR服务与员工自助平台",
            "allow_userinfos": {"user": [{"userid": "zhangshan"}, {"userid": "lisi"}]},
            "allow_partys": {"partyid": [1]},
            "allow_tags": {"tagid": [1, 2, 3]},
            "close": 0,
            "redirect_domain": "open.work.weixin.qq.com",
            "report_location_flag": 0,
            "isreportenter": 0,
            "home_url": "https://open.work.weixin.qq.com",
            "customized_publish_status": 1
        }"#;
        let output = json!({
            "agent_id": 1_000_005,
            "name": "HR助手",
            "description": "HR服务与员工自助平台",
            "square_logo_url": "https://p.qlogo.cn/bizmail/FicwmI50icF8GH9ib7rUAYR5kicLTgP265naVFQKnleqSlRhiaBx7QA9u7Q/0",
            "close": 0,
            "allow_user_infos": ["zhangshan", "lisi"],
            "allow_partys": [1],
            "allow_tags": [1, 2, 3],
            "redirect_domain": "open.work.weixin.qq.com",
            "report_location_flag": 0,
            "is_report_enter": 0,
            "home_url": "https://open.work.weixin.qq.com",
            "customized_publish_status": 1,
        });
        call("get-application", json!({"agent_id": 1_000_005}))
            .gets("agent/get?agentid=1000005")
            .returns(reply, output);

        // An application that nobody may see yet, by the ID of the connection. IDs have up to thirteen digits.
        let get = || call("get-application", json!({})).gets("agent/get?agentid=1000002");
        get().returns(
            r#"{"errcode": 0, "errmsg": "ok", "agentid": 1013699173317, "name": "a", "description": ""}"#,
            json!({"agent_id": 1_013_699_173_317_u64, "name": "a", "allow_user_infos": [], "allow_partys": [], "allow_tags": []}),
        );
        get().fails(r#"{"errcode": 0, "errmsg": "ok", "name": "a"}"#, "has no `agentid`");
        get().fails(
            r#"{"errcode": 0, "errmsg": "ok", "agentid": 1, "allow_userinfos": {"user": [{"name": "a"}]}}"#,
            "has no `allow_userinfos.user[0].userid`",
        );
        call("get-application", json!({})).without_agent_id().refused_at("/agent_id", "where the connection has no");
    }

    #[test]
    fn list_applications() {
        let list = || call("list-applications", json!({})).gets("agent/list");
        list().returns(
            r#"{
                "errcode": 0,
                "errmsg": "ok",
                "agentlist": [{"agentid": 1000005, "name": "HR助手", "square_logo_url": "https://p.qlogo.cn/bizmail/F/0"}]
            }"#,
            json!({"agent_list": [{"agent_id": 1_000_005, "name": "HR助手", "square_logo_url": "https://p.qlogo.cn/bizmail/F/0"}]}),
        );
        list().returns(r#"{"errcode": 0, "errmsg": "ok", "agentlist": []}"#, json!({"agent_list": []}));
        list().fails(r#"{"errcode": 0, "agentlist": [{"name": "a"}]}"#, "has no `agentlist[0].agentid`");
    }

    #[test]
    fn list_callback_addresses() {
        let list = || call("list-callback-addresses", json!({})).gets("getcallbackip");
        let output = json!({"ip_list": ["101.226.103.*", "101.226.62.*"]});
        // Without `errcode`, as in WeCom's older examples.
        for head in [r#""errcode": 0, "errmsg": "ok", "#, ""] {
            list().returns(&format!(r#"{{{head}"ip_list": ["101.226.103.*", "101.226.62.*"]}}"#), output.clone());
        }
        list().fails(r#"{"errcode": 40014, "errmsg": "invalid access_token", "ip_list": []}"#, "40014");
    }

    #[test]
    fn list_api_addresses() {
        let list = || call("list-api-addresses", json!({})).gets("get_api_domain_ip");
        list().returns(
            r#"{"errcode": 0, "errmsg": "ok", "ip_list": ["182.254.11.176", "182.254.78.66"]}"#,
            json!({"ip_list": ["182.254.11.176", "182.254.78.66"]}),
        );
        list().fails(r#"{"errcode": 48002, "errmsg": "api forbidden", "ip_list": []}"#, "48002");
        list().fails(r#"{"ip_list": "182.254.11.176"}"#, "has no `errcode`");
    }
}
