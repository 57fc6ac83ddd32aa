//! Identifiers that cannot be guessed and cannot be confused with other text.

use std::hash::{BuildHasher, RandomState};

/// Makes identifiers: a counter for people, and a hash that differs in every run.
#[derive(Debug, Default)]
pub(super) struct Ids {
    made: u64,
    hasher: RandomState,
}

impl Ids {
    /// For example `SIM-TOKEN-000001-9f3c…` for the kind `TOKEN`.
    pub(crate) fn identifier(&mut self, kind: &str) -> String {
        let (number, hash) = self.next();
        format!("SIM-{kind}-{number:06}-{hash:016x}")
    }

    /// A chat id: at most 32 of `[0-9A-Za-z]`.
    pub(crate) fn chatid(&mut self) -> String {
        let (number, hash) = self.next();
        format!("SIMCHAT{number:06}{hash:016x}")
    }

    /// One of the items, any of them.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let (_, hash) = self.next();
        let count = u64::try_from(items.len()).ok()?;
        items.get(usize::try_from(hash.checked_rem(count)?).ok()?)
    }

    fn next(&mut self) -> (u64, u64) {
        self.made += 1;
        (self.made, self.hasher.hash_one(self.made))
    }
}
