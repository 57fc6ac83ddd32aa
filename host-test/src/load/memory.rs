//! How much memory the process takes.

/// By how many bytes the process may grow between a fifth of the calls and their end: what an allocator and the pools
/// of connections need to settle. A leak of 400 bytes for each of 100,000 calls is more.
pub const MAX_GROWTH: u64 = 32 * 1024 * 1024;

/// The memory of the process and of the guests, in bytes. Where the system does not say, it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Resident memory of the process when the first call began.
    pub start: Option<u64>,
    /// When a fifth of the calls was done.
    pub warm: Option<u64>,
    /// When all were.
    pub end: Option<u64>,
    /// The most of all samples.
    pub max: Option<u64>,
    /// The largest memory that an instance had had when a fifth of the calls was done.
    pub guest_warm: usize,
    /// The largest memory that an instance had at all.
    pub guest_max: usize,
}

impl Memory {
    /// Looks at the memory. The first time that `is_warm` is what growth is measured from.
    pub fn sample(&mut self, is_warm: bool, guest: usize) {
        let resident = resident();
        self.start = self.start.or(resident);
        if is_warm && self.warm.is_none() {
            self.warm = resident;
            self.guest_warm = guest;
        }
        self.end = resident;
        self.max = self.max.max(resident);
        self.guest_max = guest;
    }

    /// By how much the process has grown since it was warm.
    pub fn growth(&self) -> Option<u64> {
        Some(self.end?.saturating_sub(self.warm?))
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
        memory.sample(false, 1);
        memory.sample(true, 2);
        memory.sample(true, 3);
        assert_eq!((memory.guest_warm, memory.guest_max), (2, 3));
        let (start, warm) = (memory.start, memory.warm);
        if cfg!(target_os = "linux") {
            assert!(start.is_some_and(|bytes| bytes > 1_000_000) && warm.is_some());
            assert!(memory.max >= memory.end && memory.growth().is_some());
        }
        let shrunk = Memory { warm: Some(5), end: Some(3), ..Memory::default() };
        assert_eq!(shrunk.growth(), Some(0));
    }
}
