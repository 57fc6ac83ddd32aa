//! The command line of the harness.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_test::cli::run(std::env::args_os())
}

/// Sees whether standard output is closed before Rust opens `/dev/null` in its place, which it does before `main`. What
/// is printed there would be lost, and the status would say that all is well.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "only the loader runs anything before Rust does")]
mod closed_output {
    use std::sync::atomic::Ordering;

    #[used]
    // SAFETY: the loader calls every function whose address stands in this section, once, before `main`.
    #[unsafe(link_section = ".init_array")]
    static BEFORE_MAIN: extern "C" fn() = look;

    extern "C" fn look() {
        // SAFETY: asks for the flags of a descriptor, and takes any number for one.
        let is_closed = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } == -1;
        host_test::cli::output::IS_CLOSED.store(is_closed, Ordering::Relaxed);
    }
}
