//! How much memory a run takes, and whether that is flat.
//!
//! The memory of a kept instance is known, and bounded by [`MAX_GUEST`]: WebAssembly gives nothing back, so that an
//! instance stays as large as its largest reply has made it. What the process has beyond those must not grow, which
//! [`MAX_GROWTH`] holds it to. The ledger is as large at the beginning as at the end.

/// By how many bytes the process, without the instances that are kept, may grow between a fifth of the calls and their
/// end: what an allocator and the pools of connections need to settle. A leak of 420 bytes for each of 100,000 calls is
/// more.
pub const MAX_GROWTH: u64 = 32 * 1024 * 1024;
/// How large an instance may get, in bytes: room for the longest reply that the connector reads, a mebibyte, in all the
/// forms that it takes on the way.
pub const MAX_GUEST: u64 = 16 * 1024 * 1024;

/// Memory at one moment, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// What is resident of the process, where the system says so.
    pub process: Option<u64>,
    /// The linear memory of the instances that are kept. Pages that they never touched are not resident, so that this
    /// can be more than what the process has.
    pub guests: u64,
}

/// The memory of a run, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Resident memory of the process when the first calls began.
    pub start: Option<u64>,
    /// When a fifth of the calls was done.
    pub warm: Option<Sample>,
    /// When all were, and the instances were still there.
    pub end: Sample,
    /// The most resident memory of the process.
    pub max: Option<u64>,
    /// The most that one instance had.
    pub guest_max: u64,
}

impl Memory {
    /// Looks at the memory. The first time that `is_warm` is what growth is measured from. `guests` is what the kept
    /// instances have together, and the most that one had.
    pub fn sample(&mut self, is_warm: bool, guests: (usize, usize)) {
        let (kept, most) = guests;
        let sample = Sample { process: resident(), guests: kept as u64 };
        self.start = self.start.or(sample.process);
        if is_warm {
            self.warm.get_or_insert(sample);
        }
        self.end = sample;
        self.max = self.max.max(sample.process);
        self.guest_max = most as u64;
    }

    /// By how much the process has grown since it was warm, without the instances that are kept.
    pub fn growth(&self) -> Option<u64> {
        let warm = self.warm?;
        let grown = self.end.process?.saturating_sub(warm.process?);
        Some(grown.saturating_sub(self.end.guests.saturating_sub(warm.guests)))
    }

    /// What is not flat, in words.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Some(growth) = self.growth().filter(|growth| *growth > MAX_GROWTH) {
            faults.push(format!("the process grew by {growth} bytes, more than {MAX_GROWTH}"));
        }
        if self.guest_max > MAX_GUEST {
            faults.push(format!("an instance grew to {} bytes, more than {MAX_GUEST}", self.guest_max));
        }
        faults
    }
}

/// The resident memory of this process, where there is a `/proc`.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_counts_from_the_warm_sample() {
        let mut memory = Memory::default();
        assert_eq!(memory.growth(), None);
        memory.sample(false, (1, 1));
        memory.sample(true, (2, 2));
        memory.sample(true, (3, 3));
        assert_eq!((memory.warm.map(|sample| sample.guests), memory.end.guests, memory.guest_max), (Some(2), 3, 3));
        if cfg!(target_os = "linux") {
            assert!(memory.start.is_some_and(|bytes| bytes > 1_000_000));
            assert!(memory.max >= memory.end.process && memory.growth().is_some());
        }
    }

    #[test]
    fn kept_instances_are_no_growth_and_have_a_limit_of_their_own() {
        let sample = |process, guests| Sample { process: Some(process), guests };
        let memory = |warm, end, guest_max| Memory { warm: Some(warm), end, guest_max, ..Memory::default() };
        assert_eq!(memory(sample(5, 0), sample(3, 0), 0).growth(), Some(0));
        assert_eq!(memory(sample(5, 1), sample(9, 3), 0).growth(), Some(2));
        assert_eq!(memory(sample(5, 1), sample(9, 8), 0).growth(), Some(0));
        let warm = sample(0, 0);
        assert_eq!(memory(warm, sample(MAX_GROWTH + 9, 9), MAX_GUEST).faults(), [] as [&str; 0]);
        assert_eq!(memory(warm, sample(MAX_GROWTH + 9, 8), 0).faults().len(), 1);
        assert_eq!(memory(warm, warm, MAX_GUEST + 1).faults().len(), 1);
    }
}
