//! Other programs, called from the root of the repository.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
pub(crate) use artifact::workspace as root;

/// A program with arguments, in the root.
pub(crate) fn program(name: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// Cargo with arguments, in the root.
pub(crate) fn cargo(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut cargo = artifact::cargo();
    cargo.args(arguments).current_dir(root());
    cargo
}

/// Runs a command to its end; that it fails is an error.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let name = command.get_program().display().to_string();
    let status = command.status().with_context(|| format!("{name} could not be started"))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
        bail!("`{name} {}` fails: {status}", arguments.join(" "));
    }
    Ok(())
}
