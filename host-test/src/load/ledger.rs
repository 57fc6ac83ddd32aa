//! Two ledgers in one: what every caller was told, and what the simulator did. The verdict compares them.

use std::time::Duration;

/// What the caller of one call was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Answer {
    /// Nothing, so far.
    Missing,
    /// It happened.
    Ok,
    /// It happened; and what came back belongs to another call.
    Foreign,
    /// A parameter breaks a rule: nothing was sent.
    Invalid,
    /// The answer was no.
    Rejected,
    /// It did not happen, or it only read.
    Retryable,
    /// It may have happened.
    Uncertain,
    /// The component trapped, or the host gave up.
    Broken,
}

/// What one call comes to when both ledgers are laid side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A write that succeeded, and is there once.
    Once,
    /// A read that succeeded.
    Read,
    /// A write that did not happen, and is not there.
    Refused,
    /// A read that failed.
    ReadFailed,
    /// A write that may have happened, and did.
    UncertainThere,
    /// A write that may have happened, and did not.
    UncertainAbsent,
    /// A write that succeeded, and is not there.
    Lost,
    /// A write that is there twice, or was asked for twice, whatever the caller was told.
    Doubled,
    /// A write that did not happen by what the caller was told, and is there.
    Lied,
    /// A read of which the caller was told that it may have changed something.
    ReadUncertain,
    /// A call that was answered with what belongs to another one.
    Foreign,
    /// A call without an answer: a trap, or a deadline of the host.
    Broken,
}

impl Verdict {
    /// Every verdict, the good ones first.
    pub const ALL: [Self; 12] = [
        Self::Once,
        Self::Read,
        Self::Refused,
        Self::ReadFailed,
        Self::UncertainThere,
        Self::UncertainAbsent,
        Self::Lost,
        Self::Doubled,
        Self::Lied,
        Self::ReadUncertain,
        Self::Foreign,
        Self::Broken,
    ];

    /// The name in snake_case, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Read => "read",
            Self::Refused => "refused",
            Self::ReadFailed => "read_failed",
            Self::UncertainThere => "uncertain_there",
            Self::UncertainAbsent => "uncertain_absent",
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Lied => "lied",
            Self::ReadUncertain => "read_uncertain",
            Self::Foreign => "foreign",
            Self::Broken => "broken",
        }
    }

    /// What it means, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Once => "write: ok, and there exactly once",
            Self::Read => "read: ok",
            Self::Refused => "write: \"did not happen\", and not there",
            Self::ReadFailed => "read: failed, and may be repeated or not",
            Self::UncertainThere => "write: \"may have happened\", and there",
            Self::UncertainAbsent => "write: \"may have happened\", and not there",
            Self::Lost => "LOST: ok, and not there",
            Self::Doubled => "DOUBLED: there or asked for more than once",
            Self::Lied => "LIED: \"did not happen\", and there",
            Self::ReadUncertain => "read: \"may have happened\"",
            Self::Foreign => "answered with what belongs to another call",
            Self::Broken => "trap, or deadline of the host",
        }
    }

    /// Whether a run with such a call in it has failed.
    pub const fn is_fault(self) -> bool {
        matches!(self, Self::Lost | Self::Doubled | Self::Lied | Self::ReadUncertain | Self::Foreign | Self::Broken)
    }
}

/// One call: eight bytes, so that ten million of them can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place among the actions of the run.
    pub action: u8,
    /// Whether it only reads.
    pub reads: bool,
    /// What the caller was told.
    pub answer: Answer,
    /// How often the simulator did it, and how often it was asked to beyond refused tokens: four bits each.
    seen: u8,
    /// How long the caller waited, in microseconds.
    pub microseconds: u32,
}

/// More often than that is not counted.
const MANY: u8 = 15;

impl Entry {
    const fn new() -> Self {
        Self { action: 0, reads: false, answer: Answer::Missing, seen: 0, microseconds: 0 }
    }

    /// How often the simulator did it.
    pub const fn accepted(&self) -> u8 {
        self.seen & MANY
    }

    /// How often the simulator was asked to do it, without the requests whose access token it refused.
    pub const fn asked(&self) -> u8 {
        self.seen >> 4
    }

    /// What the two sides come to.
    pub const fn verdict(&self) -> Verdict {
        match self.answer {
            Answer::Missing | Answer::Broken => Verdict::Broken,
            Answer::Foreign => Verdict::Foreign,
            Answer::Ok if self.reads => Verdict::Read,
            Answer::Uncertain if self.reads => Verdict::ReadUncertain,
            _ if self.reads => Verdict::ReadFailed,
            _ if self.accepted() > 1 || self.asked() > 1 => Verdict::Doubled,
            Answer::Ok if self.accepted() == 1 => Verdict::Once,
            Answer::Ok => Verdict::Lost,
            Answer::Uncertain if self.accepted() == 1 => Verdict::UncertainThere,
            Answer::Uncertain => Verdict::UncertainAbsent,
            _ if self.accepted() == 1 => Verdict::Lied,
            _ => Verdict::Refused,
        }
    }
}

/// Both ledgers, by the number of the call.
#[derive(Debug)]
pub struct Ledger {
    entries: Vec<Entry>,
    strangers: u64,
}

impl Ledger {
    /// Room for that many calls. All of it is taken at once, so that the ledger does not grow during a run.
    pub fn new(calls: u32) -> Self {
        Self { entries: vec![Entry::new(); calls as usize], strangers: 0 }
    }

    /// How much memory the entries take, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.entries.as_slice())
    }

    /// The caller's side: which action the call was, and what its caller was told after how long.
    pub fn answered(&mut self, number: u32, action: u8, reads: bool, answer: Answer, time: Duration) {
        if let Some(entry) = self.entries.get_mut(number as usize) {
            entry.action = action;
            entry.reads = reads;
            entry.answer = answer;
            entry.microseconds = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        }
    }

    /// The simulator's side: it did what the call asks for.
    pub fn accepted(&mut self, number: Option<u32>) {
        self.note(number, |seen| if seen & MANY < MANY { seen + 1 } else { seen });
    }

    /// The simulator's side: it was asked to, with a token that is good.
    pub fn asked(&mut self, number: Option<u32>) {
        self.note(number, |seen| if seen >> 4 < MANY { seen + 16 } else { seen });
    }

    fn note(&mut self, number: Option<u32>, change: impl FnOnce(u8) -> u8) {
        match number.and_then(|number| self.entries.get_mut(number as usize)) {
            Some(entry) => entry.seen = change(entry.seen),
            None => self.strangers += 1,
        }
    }

    /// What the simulator did that no call had asked for. There should be nothing.
    pub fn strangers(&self) -> u64 {
        self.strangers
    }

    /// The calls in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict on one call with that answer, done and asked for so often.
    fn verdict(reads: bool, answer: Answer, accepted: u32, asked: u32) -> Verdict {
        let mut ledger = Ledger::new(3);
        ledger.answered(1, 4, reads, answer, Duration::from_millis(5));
        (0..accepted).for_each(|_| ledger.accepted(Some(1)));
        (0..asked).for_each(|_| ledger.asked(Some(1)));
        let entry = ledger.entries()[1];
        assert_eq!((u32::from(entry.accepted()), u32::from(entry.asked())), (accepted.min(15), asked.min(15)));
        assert_eq!((entry.action, entry.microseconds), (4, 5000));
        assert_eq!(ledger.entries()[0].verdict(), Verdict::Broken, "the others were never answered");
        assert_eq!(ledger.strangers(), 0);
        entry.verdict()
    }

    #[test]
    fn what_is_well_is_told_so() {
        for (answer, accepted, expected) in [
            (Answer::Ok, 1, Verdict::Once),
            (Answer::Invalid, 0, Verdict::Refused),
            (Answer::Rejected, 0, Verdict::Refused),
            (Answer::Retryable, 0, Verdict::Refused),
            (Answer::Uncertain, 1, Verdict::UncertainThere),
            (Answer::Uncertain, 0, Verdict::UncertainAbsent),
        ] {
            assert_eq!(verdict(false, answer, accepted, accepted), expected, "{answer:?}");
            assert!(!expected.is_fault());
        }
        // WeCom was asked and said no.
        assert_eq!(verdict(false, Answer::Rejected, 0, 1), Verdict::Refused);
        assert_eq!(verdict(true, Answer::Ok, 0, 0), Verdict::Read);
        assert_eq!(verdict(true, Answer::Retryable, 0, 0), Verdict::ReadFailed);
    }

    #[test]
    fn a_lost_call_is_found() {
        assert_eq!(verdict(false, Answer::Ok, 0, 0), Verdict::Lost);
        // It arrived, and was not done.
        assert_eq!(verdict(false, Answer::Ok, 0, 1), Verdict::Lost);
    }

    #[test]
    fn a_doubled_call_is_found_whatever_the_caller_was_told() {
        for answer in [Answer::Ok, Answer::Uncertain, Answer::Rejected, Answer::Retryable, Answer::Invalid] {
            assert_eq!(verdict(false, answer, 2, 2), Verdict::Doubled, "{answer:?}");
            // The second was refused because of the first: a retry that the caller knows nothing of.
            assert_eq!(verdict(false, answer, 1, 2), Verdict::Doubled, "{answer:?}");
        }
        assert_eq!(verdict(false, Answer::Ok, 300, 300), Verdict::Doubled);
    }

    #[test]
    fn a_lie_is_found() {
        for answer in [Answer::Invalid, Answer::Rejected, Answer::Retryable] {
            assert_eq!(verdict(false, answer, 1, 1), Verdict::Lied, "{answer:?}");
        }
    }

    #[test]
    fn what_broke_or_belongs_elsewhere_is_found() {
        for accepted in [0, 1] {
            assert_eq!(verdict(false, Answer::Broken, accepted, accepted), Verdict::Broken);
            assert_eq!(verdict(false, Answer::Missing, accepted, accepted), Verdict::Broken);
            assert_eq!(verdict(false, Answer::Foreign, accepted, accepted), Verdict::Foreign);
        }
        assert_eq!(verdict(true, Answer::Foreign, 0, 0), Verdict::Foreign);
        assert_eq!(verdict(true, Answer::Uncertain, 0, 0), Verdict::ReadUncertain);
    }

    #[test]
    fn what_nobody_asked_for_is_counted() {
        let mut ledger = Ledger::new(1);
        ledger.accepted(None);
        ledger.asked(Some(1));
        ledger.accepted(Some(0));
        assert_eq!(ledger.strangers(), 2);
    }

    #[test]
    fn every_verdict_has_a_name_and_the_faults_are_six() {
        let mut names: Vec<_> = Verdict::ALL.map(Verdict::name).into();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Verdict::ALL.len());
        assert_eq!(Verdict::ALL.into_iter().filter(|verdict| verdict.is_fault()).count(), 6);
        assert_eq!(Ledger::new(1000).bytes(), 8000);
    }
}
