//! The duplicate check of `message/send`: what was delivered, for as long as the request asked.

use std::collections::HashMap;
use std::time::Duration;

use md5::{Digest as _, Md5};
use serde_json::Value;

use super::codes::Reply;

/// The messages that are not to be delivered once more, with the fields of their replies. A load test has a hundred
/// thousand of them, so that a map for each would be most of its memory.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    sent: HashMap<Sent, (Duration, Box<[(String, Value)]>)>,
    /// When there are so many, those whose time has passed are forgotten.
    limit: usize,
}

/// The digest of who sent it, and of the whole request.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sent([u8; 16]);

impl Sent {
    pub(crate) fn new(corp_id: &str, agent_id: i64, body: &str) -> Self {
        // A corp ID has no line break.
        Self(Md5::digest(format!("{corp_id}\n{agent_id}\n{body}")).into())
    }
}

impl Duplicates {
    /// What the same message was answered, where it is still remembered.
    pub(crate) fn find(&self, sent: &Sent, now: Duration) -> Option<Reply> {
        self.sent.get(sent).filter(|(until, _)| now < *until).map(|(_, fields)| fields.to_vec().into())
    }

    /// Remembers a message that was delivered.
    pub(crate) fn remember(&mut self, sent: Sent, now: Duration, interval: Duration, reply: Reply) {
        if self.sent.len() >= self.limit {
            self.sent.retain(|_, (until, _)| now < *until);
            self.limit = 1024 + self.sent.len() * 2;
        }
        self.sent.insert(sent, (now + interval, reply.into()));
    }
}
