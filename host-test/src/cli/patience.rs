//! What takes its time is said before somebody wonders: a line each on standard error, be it a terminal or not.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::words::say;
use crate::artifact::{self, Artifact};
use crate::host::{Host, Limits};
use crate::{callback, stepwise};

/// When to say that something takes longer than it should, where nothing told that it would.
const PATIENCE: Duration = Duration::from_secs(10);

/// The component in a host with these limits.
pub(crate) fn load(limits: Limits) -> anyhow::Result<Host> {
    let ([component], is_new) = built([Artifact::Component])?;
    compiled(is_new, |cache| Host::load(&component, Some(cache), limits))
}

/// The component that imports nothing, in a host for callbacks.
pub(crate) fn load_for_callbacks() -> anyhow::Result<stepwise::Host> {
    let ([component], is_new) = built([Artifact::Stepwise])?;
    compiled(is_new, |cache| stepwise::Host::load(&component, Some(cache), callback::limits()))
}

/// Both.
pub(crate) fn load_with_callbacks(limits: Limits) -> anyhow::Result<(Host, stepwise::Host)> {
    let ([component, stepwise], is_new) = built(Artifact::ALL)?;
    compiled(is_new, |cache| {
        let host = Host::load(&component, Some(cache), limits)?;
        Ok((host, stepwise::Host::load(&stepwise, Some(cache), callback::limits())?))
    })
}

/// The files of these, built where they are missing or stale; and whether anybody had to wait for it.
fn built<const N: usize>(artifacts: [Artifact; N]) -> anyhow::Result<([PathBuf; N], bool)> {
    let patience = if artifacts.into_iter().all(Artifact::exists) { PATIENCE } else { Duration::ZERO };
    let (files, is_new) = said_if_slow(patience, building, || artifact::files(artifacts));
    Ok((files?, is_new))
}

/// What is made of components that are new, or not.
fn compiled<T>(is_new: bool, load: impl FnOnce(&Path) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let cache = artifact::cache();
    // A component that was there may still be new to this version of the host.
    let patience = if is_new || !cache.exists() { Duration::ZERO } else { PATIENCE };
    said_if_slow(patience, compiling, || load(&cache)).0
}

/// Has the components built and compiled, once in each process: tests of what commands print call it first, so that no
/// command has to say it.
pub fn prepare() {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(|| {
        if let Err(error) = load_with_callbacks(Limits::default()) {
            say_to_person(&format!("{error:#}"));
        }
    });
}

fn building() {
    say_to_person(&say!(
        "building for WebAssembly: about a minute, the first time only …",
        "正在构建WebAssembly组件：首次约需一分钟，以后不再需要……"
    ));
}

fn compiling() {
    say_to_person(&say!(
        "compiling that for this machine: about ten seconds, then it is cached …",
        "正在为本机编译组件：约十秒，之后使用缓存……"
    ));
}

fn say_to_person(line: &str) {
    // Where standard error cannot be written nobody waits.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Does the work, and says so where it is not done in time; whether that was said.
fn said_if_slow<T>(patience: Duration, tell: impl FnOnce() + Send, work: impl FnOnce() -> T) -> (T, bool) {
    if patience.is_zero() {
        tell();
        return (work(), true);
    }
    let (done, wait) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let watch = scope.spawn(move || {
            let is_slow = wait.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
            if is_slow {
                tell();
            }
            is_slow
        });
        let outcome = work();
        drop(done);
        (outcome, watch.join().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_slow_is_said() {
        for (patience, work, expected) in [(0, 0, true), (1, 300, true), (10_000, 0, false)] {
            let [patience, work] = [patience, work].map(Duration::from_millis);
            let mut said = false;
            let (outcome, is_slow) = said_if_slow(patience, || said = true, || thread::sleep(work));
            assert_eq!((outcome, said, is_slow), ((), expected, expected), "{work:?} where {patience:?} are given");
        }
    }
}
