//! `corpgroup/*`: what is asked of an app that is shared with other corps.

use serde_json::json;

use super::codes::{self, Outcome, Refusal, Reply, ensure};
use super::corp::Share;
use super::endpoint::{Access, Endpoint};
use super::fields::Fields;
use super::message::AGENT_IDS;
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint::write("corpgroup/corp/list_app_share_info", Access::App, list)];

const ROWS_LIMIT: i64 = 100;

pub(super) fn list(session: &mut Session, mut fields: Fields) -> Outcome {
    let own = session.agent_id()?;
    ensure(fields.has("agentid"), codes::AGENTID_MISSING)?;
    let agent_id = fields.integer_in("agentid", AGENT_IDS).map_err(|_| codes::AGENTID_WRONG)?;
    let business_type = fields.integer_in("business_type", 0..=1)?.unwrap_or(0);
    let corp_id = fields.text("corpid")?;
    let limit = fields.integer_in("limit", 0..=ROWS_LIMIT)?.unwrap_or(0);
    let cursor = fields.text("cursor")?;
    fields.finish()?;

    session.ensure_own(own, agent_id)?;
    let corp = &mut *session.corp;
    let after = match cursor {
        None => None,
        Some(cursor) => Some(corp.cursors.get(&cursor).ok_or_else(|| codes::PARAMETER_WRONG.because("cursor"))?),
    };
    let mut rest = corp
        .shares
        .iter()
        .filter(|share| share.agent_id == own && share.business_type == business_type)
        .filter(|share| corp_id.as_ref().is_none_or(|corp_id| *corp_id == share.corp_id))
        .filter(|share| after.is_none_or(|(last, _)| share.corp_id > *last));
    let limit = usize::try_from(limit).ok().filter(|&limit| limit > 0).unwrap_or(usize::MAX);
    let page: Vec<&Share> = rest.by_ref().take(limit).collect();
    let more = rest.next().is_some();
    let rows: Vec<_> = page
        .iter()
        .map(|share| json!({"corpid": share.corp_id, "corp_name": share.name, "agentid": share.lower_agent_id}))
        .collect();
    let next_cursor = match page.last() {
        Some(last) if more => {
            let cursor = session.ids.identifier("CURSOR");
            corp.cursors.insert(cursor.clone(), (last.corp_id.clone(), last.lower_agent_id));
            cursor
        }
        _ => String::new(),
    };
    let ending = i64::from(!more);
    Ok(Reply::ok().with("ending", ending).with("corp_list", rows).with("next_cursor", next_cursor))
}

/// The app in a lower corp that a token is asked for: the corp, and the app's id there.
pub(super) fn target(session: &mut Session, mut fields: Fields) -> Result<(String, i64), Refusal> {
    let own = session.agent_id()?;
    let corp_id = fields.need_text("corpid", codes::CORPID_MISSING)?;
    ensure(fields.has("agentid"), codes::AGENTID_MISSING)?;
    let agent_id = fields.integer_in("agentid", AGENT_IDS).map_err(|_| codes::AGENTID_WRONG)?;
    let business_type = fields.integer_in("business_type", 0..=1)?.unwrap_or(0);
    fields.finish()?;

    let shared =
        |share: &&Share| share.agent_id == own && share.business_type == business_type && share.corp_id == corp_id;
    let share = session.corp.shares.iter().find(shared).ok_or(codes::APP_NOT_SHARED)?;
    ensure(agent_id == Some(share.lower_agent_id), codes::AGENTID_WRONG)?;
    Ok((corp_id, share.lower_agent_id))
}
