//! `cargo xtask dist`: makes a release and shows its files. Exit status 0: done; 1: something does not build, or the
//! machine stands in the way; 2: the call is wrong.
//!
//! Its own package, so that `cargo xtask generate` and the harness do not have to compile what a release needs.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use release::File;
use serde_json::{Value, json};

mod component;
mod contract;
mod crates;
mod licences;
mod packages;
mod release;
mod sbom;

/// Make a release: the components, their contract, schemas, licences, what is linked in, and the sums of all these
#[derive(Parser)]
#[command(name = "cargo xtask dist", bin_name = "cargo xtask dist")]
struct Arguments {
    /// The folder to make, or to replace where it holds a release; dist/ in the workspace where it is left out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Build each component once more, from a copy in another folder; the release fails unless it is the same
    #[arg(long)]
    twice: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = arguments.out.clone().unwrap_or_else(|| artifact::workspace().join("dist"));
    // Known before minutes are spent on a build.
    if let Err(error) = release::earlier(&folder) {
        eprintln!("error: --out {}: {error:#}", folder.display());
        return ExitCode::from(2);
    }
    match run(&arguments, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, folder: &std::path::Path) -> anyhow::Result<()> {
    let release = release::make(arguments.twice)?;
    release.write(folder)?;
    let text = if arguments.json {
        let files: Vec<Value> = release.files.iter().map(entry).collect();
        json!({"folder": folder.display().to_string(), "files": files, "notes": release.notes}).to_string()
    } else {
        let mut text = table(&release.files);
        for note in &release.notes {
            writeln!(text, "{note}")?;
        }
        let twice = if arguments.twice { "; each component was built twice, and is the same to the byte" } else { "" };
        write!(text, "{} files are in {}{twice}.", release.files.len(), folder.display())?;
        text
    };
    match writeln!(io::stdout(), "{text}") {
        // A reader who has seen enough is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The files, one on a line.
fn table(files: &[File]) -> String {
    let width = |cell: fn(&File) -> usize| files.iter().map(cell).max().unwrap_or_default();
    let (name, what) = (width(|file| file.name.len()), width(|file| file.what.len()));
    let header = format!("{:name$}  {:what$}  {:>9}  SHA-256\n", "File", "What", "Bytes");
    let lines = files
        .iter()
        .map(|file| format!("{:name$}  {:what$}  {:>9}  {}\n", file.name, file.what, file.bytes.len(), file.sum()));
    header + &lines.collect::<String>()
}

fn entry(file: &File) -> Value {
    json!({"name": file.name, "what": file.what, "bytes": file.bytes.len(), "sha256": file.sum()})
}
