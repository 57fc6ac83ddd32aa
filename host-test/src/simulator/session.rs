//! What a call with a good token works with.

use std::time::Duration;

use super::callback::Callbacks;
use super::codes::{self, Refusal, ensure};
use super::corp::{App, Corp};
use super::duplicates::Duplicates;
use super::ids::Ids;
use super::ledger::Message;
use super::options::Options;
use super::token::Grant;

/// What a call with a good token works with.
pub(super) struct Session<'a> {
    pub corp_id: String,
    pub corp: &'a mut Corp,
    /// The departments at the top of what the caller sees.
    pub visible: Vec<i64>,
    pub now: Duration,
    pub options: &'a Options,
    pub ids: &'a mut Ids,
    pub ledger: &'a mut Vec<Message>,
    pub duplicates: &'a mut Duplicates,
    pub callbacks: &'a mut Callbacks,
    pub grant: Grant,
}

impl Session<'_> {
    /// The app that calls.
    pub(crate) fn app(&self) -> Result<&App, Refusal> {
        let agent_id = self.agent_id()?;
        self.corp.apps.iter().find(|app| app.agent_id == agent_id).ok_or_else(|| codes::API_FORBIDDEN.into())
    }

    /// The ID of the app that calls.
    pub(crate) fn agent_id(&self) -> Result<i64, Refusal> {
        match self.grant {
            Grant::App(agent_id) => Ok(agent_id),
            Grant::Contacts => Err(codes::API_FORBIDDEN.into()),
        }
    }

    /// Refuses an app that is not the one that calls.
    pub(crate) fn ensure_own(&self, own: i64, agent_id: Option<i64>) -> Result<(), Refusal> {
        if agent_id == Some(own) {
            return Ok(());
        }
        let known = self.corp.apps.iter().any(|app| Some(app.agent_id) == agent_id);
        ensure(!known, codes::AGENT_OF_ANOTHER)?;
        Err(codes::AGENTID_WRONG.into())
    }
}
