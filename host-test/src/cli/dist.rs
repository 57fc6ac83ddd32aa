//! The release, and the table of its files.

use std::path::PathBuf;

use comfy_table::{Cell, CellAlignment};
use serde_json::{Value, json};

use super::output::{print, print_table, table};
use super::{CommandError, Outcome};
use crate::artifact;
use crate::dist::{self, File};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to make, or to replace where it holds a release; dist/ in the workspace where it is left out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Build the component once more, from a copy in another folder; the release fails unless it is the same
    #[arg(long)]
    twice: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Makes the release and shows its files.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let folder = arguments.out.clone().unwrap_or_else(|| artifact::workspace().join("dist"));
    // Known before minutes are spent on a build.
    dist::earlier(&folder).map_err(|error| CommandError::Usage(format!("--out {}: {error:#}", folder.display())))?;
    let release = dist::make(arguments.twice)?;
    release.write(&folder)?;
    if arguments.json {
        let files: Vec<Value> = release.files.iter().map(entry).collect();
        return print(json!({"folder": folder.display().to_string(), "files": files, "notes": release.notes}));
    }
    let mut table = table(["File", "What", "Bytes", "SHA-256"]);
    for file in &release.files {
        let size = Cell::new(file.bytes.len()).set_alignment(CellAlignment::Right);
        table.add_row([Cell::new(&file.name), Cell::new(file.what), size, Cell::new(file.sum())]);
    }
    print_table(table)?;
    release.notes.iter().try_for_each(print)?;
    let twice = if arguments.twice { "; the component was built twice, and is the same to the byte" } else { "" };
    print(format_args!("{} files are in {}{twice}.", release.files.len(), folder.display()))
}

fn entry(file: &File) -> Value {
    json!({"name": file.name, "what": file.what, "bytes": file.bytes.len(), "sha256": file.sum()})
}
