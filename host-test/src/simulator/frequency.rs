//! How often each corp calls each API.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::codes::{self, Refusal, ensure};

const MINUTE: Duration = Duration::from_secs(60);

/// The calls of the last minute.
#[derive(Debug, Default)]
pub(super) struct Frequency(BTreeMap<(String, &'static str), Calls>);

#[derive(Debug, Default)]
struct Calls {
    /// When the calls of the last minute were, the oldest first.
    times: VecDeque<Duration>,
    blocked_until: Duration,
}

impl Frequency {
    /// Counts a call. One too many within any minute is refused, and so is every other one for a minute from then on.
    pub(crate) fn count(
        &mut self,
        corp_id: String,
        api: &'static str,
        limit: u32,
        now: Duration,
    ) -> Result<(), Refusal> {
        let calls = self.0.entry((corp_id, api)).or_default();
        ensure(now >= calls.blocked_until, codes::RATE_LIMIT)?;
        while calls.times.front().is_some_and(|&time| time + MINUTE <= now) {
            calls.times.pop_front();
        }
        if u32::try_from(calls.times.len()).is_ok_and(|count| count < limit) {
            calls.times.push_back(now);
            return Ok(());
        }
        calls.blocked_until = now + MINUTE;
        Err(codes::RATE_LIMIT.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_too_many_closes_an_api_for_a_minute() {
        let mut frequency = Frequency::default();
        let mut call = |corp: &str, api, second| {
            let outcome = frequency.count(corp.into(), api, 2, Duration::from_secs(second));
            outcome.map_err(|refusal| refusal.code)
        };
        assert_eq!(call("a", "user/create", 0), Ok(()));
        assert_eq!(call("a", "user/create", 50), Ok(()));
        // The first one lies a minute back: the window moves with every call.
        assert_eq!(call("a", "user/create", 60), Ok(()));
        assert_eq!(call("a", "user/create", 70), Err(45009));
        assert_eq!(call("a", "user/create", 129), Err(45009));
        assert_eq!(call("a", "user/update", 129), Ok(()));
        assert_eq!(call("b", "user/create", 129), Ok(()));
        assert_eq!(call("a", "user/create", 130), Ok(()));
    }
}
