//! `gettoken`, its sister for corps that an app is shared with, and what the tokens it issued are worth.

use std::collections::BTreeMap;
use std::time::Duration;

use super::codes::{self, Outcome, Refusal, Reply, ensure};
use super::corp::{Corp, ROOT_DEPARTMENT_ID};
use super::http::Query;
use super::ids::Ids;

/// Which secret a token was fetched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    /// The secret of contacts sync.
    Contacts,
    /// The secret of the app with that agent id.
    App(i64),
}

impl Grant {
    /// The departments at the top of what the holder sees.
    pub(crate) fn visible(self, corp: &Corp) -> Vec<i64> {
        match self {
            Self::Contacts => vec![ROOT_DEPARTMENT_ID],
            Self::App(agent_id) => {
                corp.apps.iter().find(|app| app.agent_id == agent_id).map(|app| app.visible.clone()).unwrap_or_default()
            }
        }
    }
}

#[derive(Debug)]
struct Token {
    corp_id: String,
    grant: Grant,
    expires_at: Duration,
    revoked: bool,
}

/// Every token ever issued.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: BTreeMap<String, Token>,
    /// How many of the next tokens are worthless from the start.
    pub refuse_next: u64,
}

impl Tokens {
    pub(crate) fn count(&self) -> usize {
        self.issued.len()
    }

    /// Answers `gettoken`: a fresh token every time, the older ones stay good.
    pub(crate) fn issue(
        &mut self,
        corps: &BTreeMap<String, Corp>,
        query: &Query,
        now: Duration,
        lifetime: Duration,
        ids: &mut Ids,
    ) -> Outcome {
        let corp_id = query.filled("corpid").ok_or(codes::CORPID_MISSING)?;
        let secret = query.filled("corpsecret").ok_or(codes::SECRET_MISSING)?;
        let corp = corps.get(corp_id).ok_or(codes::CORPID_WRONG)?;
        let Some(grant) = grant(corp, secret) else {
            let elsewhere = corps.values().any(|corp| grant(corp, secret).is_some());
            ensure(!elsewhere, codes::SECRET_OF_ANOTHER)?;
            return Err(codes::SECRET_WRONG.into());
        };
        Ok(self.issue_to(corp_id, grant, now, lifetime, ids))
    }

    /// A fresh token for what was granted.
    pub(crate) fn issue_to(
        &mut self,
        corp_id: &str,
        grant: Grant,
        now: Duration,
        lifetime: Duration,
        ids: &mut Ids,
    ) -> Reply {
        let token = ids.identifier("TOKEN");
        self.issued.insert(
            token.clone(),
            Token {
                corp_id: corp_id.into(),
                grant,
                expires_at: now.saturating_add(lifetime),
                revoked: self.refuse_next > 0,
            },
        );
        self.refuse_next = self.refuse_next.saturating_sub(1);
        Reply::ok().with("access_token", token).with("expires_in", lifetime.as_secs())
    }

    /// The corp and the kind of secret that the `access_token` of a call stands for.
    pub(crate) fn check(&self, query: &Query, now: Duration) -> Result<(String, Grant), Refusal> {
        let token = query.filled("access_token").ok_or(codes::TOKEN_MISSING)?;
        let token = self.issued.get(token).ok_or(codes::TOKEN_INVALID)?;
        ensure(!token.revoked, codes::TOKEN_INVALID)?;
        ensure(now < token.expires_at, codes::TOKEN_EXPIRED)?;
        Ok((token.corp_id.clone(), token.grant))
    }

    pub(crate) fn revoke(&mut self) {
        self.issued.values_mut().for_each(|token| token.revoked = true);
    }

    pub(crate) fn forget(&mut self, expired_by: Duration) {
        self.issued.retain(|_, token| token.expires_at > expired_by);
    }

    pub(crate) fn expire(&mut self, now: Duration) {
        for token in self.issued.values_mut() {
            token.expires_at = token.expires_at.min(now);
        }
    }
}

fn grant(corp: &Corp, secret: &str) -> Option<Grant> {
    if secret == corp.contacts_secret {
        return Some(Grant::Contacts);
    }
    let app = corp.apps.iter().find(|app| app.secret == secret)?;
    Some(Grant::App(app.agent_id))
}
