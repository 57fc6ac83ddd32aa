//! `agent/…` and the addresses: what an app finds out about itself and about WeCom.

use serde_json::{Value, json};

use super::codes::{self, Outcome, Reply, ensure};
use super::endpoint::{Access, Endpoint, TOKEN};
use super::http::Query;
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::read("get_api_domain_ip", TOKEN, Access::Either, api_addresses).empty_on_failure(&["ip_list"]),
    Endpoint::read("getcallbackip", TOKEN, Access::Either, callback_addresses).empty_on_failure(&["ip_list"]),
    Endpoint::read("agent/get", &["access_token", "agentid"], Access::Own, get),
    Endpoint::read("agent/list", TOKEN, Access::Own, list),
];

pub(super) fn get(session: &mut Session, query: &Query) -> Outcome {
    let asked = query.filled("agentid").ok_or(codes::AGENTID_MISSING)?;
    let asked: i64 = asked.parse().map_err(|_| codes::AGENTID_WRONG)?;
    let app = session.app()?;
    ensure(app.agent_id == asked, codes::AGENT_OF_ANOTHER)?;
    Ok(Reply::ok()
        .with("agentid", app.agent_id)
        .with("name", app.name.as_str())
        .with("square_logo_url", "https://example.com/logo.png")
        .with("description", "")
        .with("allow_userinfos", json!({ "user": [] }))
        .with("allow_partys", json!({ "partyid": app.visible }))
        .with("allow_tags", json!({ "tagid": [] }))
        .with("close", u8::from(app.closed))
        .with("redirect_domain", "")
        .with("report_location_flag", 0)
        .with("isreportenter", 0)
        .with("home_url", ""))
}

/// The app of the secret, and no other.
pub(super) fn list(session: &mut Session, _: &Query) -> Outcome {
    let app = session.app()?;
    let row = json!({ "agentid": app.agent_id, "name": app.name, "square_logo_url": "https://example.com/logo.png" });
    Ok(Reply::ok().with("agentlist", json!([row])))
}

/// Addresses from the ranges reserved for documentation.
pub(super) fn api_addresses(_: &mut Session, _: &Query) -> Outcome {
    let addresses: Value = json!(["192.0.2.10", "198.51.100.0/24"]);
    Ok(Reply::ok().with("ip_list", addresses))
}

/// The same; some of WeCom's are patterns.
pub(super) fn callback_addresses(_: &mut Session, _: &Query) -> Outcome {
    let addresses: Value = json!(["192.0.2.20", "203.0.113.*"]);
    Ok(Reply::ok().with("ip_list", addresses))
}
