//! The virtual clock of a world.

use std::time::Duration;

/// The second of the Unix clock at which every world begins: 2026-11-21, 00:00 UTC.
const BEGINNING: u64 = 1_795_219_200;

/// Time since the world began: the real time that has passed, and what was skipped.
#[derive(Debug, Default)]
pub(super) struct Clock {
    elapsed: Duration,
    skipped: Duration,
}

impl Clock {
    /// The virtual time since the world began.
    pub(crate) fn now(&self) -> Duration {
        self.elapsed + self.skipped
    }

    /// Skips ahead.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.skipped += by;
    }

    /// So much real time has passed since the world began.
    pub(crate) fn follow(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
    }
}

/// A moment of the virtual clock in seconds of the Unix clock.
pub(super) fn unix_seconds(now: Duration) -> u64 {
    BEGINNING + now.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_told_otherwise() {
        let mut clock = Clock::default();
        assert_eq!(clock.now(), Duration::ZERO);
        clock.advance(Duration::from_secs(5));
        clock.follow(Duration::from_secs(2));
        clock.follow(Duration::from_secs(3));
        assert_eq!(clock.now(), Duration::from_secs(8));
    }
}
