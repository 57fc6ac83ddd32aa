//! The duplicate check of `message/send`: what was delivered, for as long as the request asked.

use std::collections::HashMap;
use std::time::Duration;

use super::codes::Reply;

/// The messages that are not to be delivered once more.
#[derive(Debug, Default)]
pub(super) struct Duplicates(HashMap<Sent, (Duration, Reply)>);

/// Who sent it, and the whole request.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sent {
    pub corp_id: String,
    pub agent_id: i64,
    pub body: String,
}

impl Duplicates {
    /// What the same message was answered, where it is still remembered.
    pub(crate) fn find(&self, sent: &Sent, now: Duration) -> Option<Reply> {
        self.0.get(sent).filter(|(until, _)| now < *until).map(|(_, reply)| reply.clone())
    }

    /// Remembers a message that was delivered.
    pub(crate) fn remember(&mut self, sent: Sent, until: Duration, reply: Reply) {
        self.0.insert(sent, (until, reply));
    }
}
