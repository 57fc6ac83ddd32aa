//! The duplicate check of `message/send`: what was delivered, for as long as the request asked.

use std::collections::HashMap;
use std::time::Duration;

use super::codes::Reply;

/// The messages that are not to be delivered once more.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    sent: HashMap<Sent, (Duration, Reply)>,
    /// When there are so many, those whose time has passed are forgotten.
    limit: usize,
}

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
        self.sent.get(sent).filter(|(until, _)| now < *until).map(|(_, reply)| reply.clone())
    }

    /// Remembers a message that was delivered.
    pub(crate) fn remember(&mut self, sent: Sent, now: Duration, interval: Duration, reply: Reply) {
        if self.sent.len() >= self.limit {
            self.sent.retain(|_, (until, _)| now < *until);
            self.limit = 1024 + self.sent.len() * 2;
        }
        self.sent.insert(sent, (now + interval, reply));
    }
}
