//! The command line of the harness.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_test::cli::run(std::env::args_os())
}
