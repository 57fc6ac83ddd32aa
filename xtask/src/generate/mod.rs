//! The generated files: written where they are not the same yet, removed where nothing makes them any more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result};
use wecom_connector::actions::ABOUT;
use wecom_connector::parameter::{Described as _, example, schema};

use crate::docs;

mod actions;
mod bindings;
mod published;
mod wave;
mod wit;

/// The folders in which generated files lie that nothing may make any more.
const FOLDERS: [&str; 4] = ["schemas", "wit", SEEDS[0], SEEDS[1]];

/// Those of the seeds.
const SEEDS: [&str; 2] = ["fuzz/seeds/invoke", "fuzz/seeds/reply"];

/// The files of `wit/` that are written by hand.
const BY_HAND: [&str; 4] = ["world.wit", "callback.wit", "connector.wit", "stepwise.wit"];

/// Written by hand, with a part that is generated.
const TYPES: &str = "wit/types.wit";

/// Writes every generated file, and says which have changed.
pub(crate) fn run(root: &Path) -> Result<()> {
    let changes = write_all(root)?;
    changes.iter().for_each(|change| println!("{change}"));
    if changes.is_empty() {
        println!("every generated file is up to date");
    }
    Ok(())
}

/// Every generated file, by its path from the root.
fn files(root: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let schemas = wecom_connector::manifest::files()?;
    let actions = actions::all();
    let mut files: BTreeMap<PathBuf, String> = docs::files(root, &schemas)?.into_iter().collect();
    files.extend(schemas.into_iter().map(|(name, text)| (Path::new("schemas").join(name), text)));
    files.extend(wit::files(&actions)?.into_iter().map(|(name, text)| (Path::new("wit").join(name), text)));
    let types = fs::read_to_string(root.join(TYPES)).context(TYPES)?;
    files.insert(TYPES.into(), wit::types(&types).context(TYPES)?);
    files.insert("src/component/outgoing/bindings.rs".into(), bindings::outgoing(&actions));
    files.insert("src/component/stepwise/bindings.rs".into(), bindings::stepwise());
    files.insert("host-test/engines/wasmtime-cli/samples.wave".into(), wave::file(&actions)?);
    // The palette's forms are tried with every type that a field can have, also those that no action has yet.
    let example = schema::of_record(example::ExampleParameters::RECORD).to_value();
    files.insert("packages/node-red/test/support/example.schema.json".into(), format!("{example:#}\n"));
    files.extend(seeds());
    Ok(files)
}

/// What the fuzz targets know of each action: its sample, and WeCom's reply to it. `A` is a host that answers well.
fn seeds() -> impl Iterator<Item = (PathBuf, String)> {
    ABOUT.iter().flat_map(|about| {
        let seed = |folder, text| (Path::new(folder).join(about.id), format!("{}\n{text}", about.id));
        let [invoke, reply] = SEEDS;
        [seed(invoke, format!("A{}", about.sample_parameters)), seed(reply, format!("AA{}", about.sample_reply))]
    })
}

/// Writes what is not the same yet, removes what is generated no more, and returns what it did. Nothing is touched where
/// that would break what was published.
fn write_all(root: &Path) -> Result<Vec<String>> {
    let files = files(root)?;
    published::check(root, &contract(root, &files)?)?;
    let mut changes = Vec::new();
    for (name, text) in &files {
        if write(&root.join(name), text)? {
            changes.push(format!("wrote {}", name.display()));
        }
    }
    for folder in FOLDERS {
        let mut present = Vec::new();
        list_files(&root.join(folder), &mut present).context(folder)?;
        for path in present {
            let name = path.strip_prefix(root).unwrap_or(&path);
            if !files.contains_key(name) && was_generated(folder, &path)? {
                fs::remove_file(&path)?;
                changes.push(format!("removed {}", name.display()));
            }
        }
    }
    Ok(changes)
}

/// The files of `wit/`, by their names: those that are generated as they are to be, the others as they are.
fn contract(root: &Path, files: &BTreeMap<PathBuf, String>) -> Result<BTreeMap<String, String>> {
    let generated = files.iter().filter_map(|(path, text)| {
        let name = path.strip_prefix("wit").ok()?;
        Some((name.display().to_string(), text.clone()))
    });
    let mut contract: BTreeMap<String, String> = generated.collect();
    for name in BY_HAND {
        let place = Path::new("wit").join(name);
        let text = fs::read_to_string(root.join(&place)).with_context(|| place.display().to_string())?;
        contract.insert(name.to_owned(), text);
    }
    Ok(contract)
}

/// Whether a file below one of [`FOLDERS`] is one that was generated, now or earlier.
fn was_generated(folder: &str, path: &Path) -> Result<bool> {
    let name = path.file_name().unwrap_or_default();
    Ok(match folder {
        // What other packages and earlier versions promise lies in folders of its own.
        "wit" => {
            path.parent().is_some_and(|parent| parent.ends_with(folder)) && !BY_HAND.iter().any(|hand| name == *hand)
        }
        // A seed that is written by hand is not called after the action that it calls.
        folder if SEEDS.contains(&folder) => {
            let seed = fs::read(path).with_context(|| path.display().to_string())?;
            seed.split(|byte| *byte == b'\n').next() == Some(name.as_encoded_bytes())
        }
        _ => true,
    })
}

/// Writes a file where it is not the same yet; whether it was not.
pub(crate) fn write(path: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| path.display().to_string())?;
    Ok(true)
}

pub(crate) fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::root;

    /// It mends what it finds: the second run passes, and the difference is to be committed.
    #[test]
    fn every_generated_file_is_up_to_date() {
        let changes = write_all(root()).unwrap_or_else(|error| panic!("{error:#}"));
        assert!(changes.is_empty(), "stale, and mended now: look at them and commit them\n{}", changes.join("\n"));
    }
}
