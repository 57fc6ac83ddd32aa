//! What maintainers run: `cargo xtask generate` writes every file that follows from the code. It needs the connector
//! alone, so that it answers in seconds.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod docs;
mod generate;
#[cfg(test)]
mod layers;

/// What maintainers of the WeCom connector run.
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
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Generate => generate::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
