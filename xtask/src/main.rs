//! What maintainers run. `generate` writes every file that follows from the code; it needs the connector alone, so that
//! it answers in seconds. `dist` and most steps of `ci` are other programs, called from here.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use artifact::Artifact;
use clap::{Parser, Subcommand};

mod changelog;
mod ci;
mod command;
mod docs;
mod generate;
mod layers;

/// What maintainers of the WeCom connector run
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write every file that follows from the code
    Generate,
    /// Make a release; `cargo xtask dist --help` says how
    #[command(disable_help_flag = true)]
    Dist {
        /// What the release builder understands
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Make the component that imports nothing, and say where it is
    Stepwise,
    /// Check what every submission must pass: everything, or one step
    Ci {
        /// The step; without it, all of them
        #[arg(value_enum)]
        step: Option<ci::Step>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Generate => generate::run(command::root()).map(|()| ExitCode::SUCCESS),
        Command::Dist { arguments } => dist(&arguments),
        Command::Stepwise => artifact::build(&[Artifact::Stepwise]).map(|files| {
            files.iter().for_each(|file| println!("{}", file.display()));
            ExitCode::SUCCESS
        }),
        Command::Ci { step } => ci::run(step).map(|()| ExitCode::SUCCESS),
    };
    report(outcome, &mut io::stderr())
}

/// The exit status, and a line about the error where there is one.
fn report(outcome: Result<ExitCode>, errors: &mut dyn Write) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        // Where nobody listens, the status still says it.
        let _ = writeln!(errors, "error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Calls the release builder, which says itself what is wrong: its exit status is ours. It is a package of its own, since
/// it needs crates that take a minute to compile. Its paths are relative to the folder that this was called in.
fn dist(arguments: &[OsString]) -> Result<ExitCode> {
    let mut cargo = command::cargo(["run", "--locked", "--quiet", "--package", "dist", "--manifest-path"]);
    cargo.arg(command::root().join("Cargo.toml")).arg("--").args(arguments);
    let status = cargo.current_dir(std::env::current_dir()?).status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests;
