//! The licences of what is linked in, in one file.
//!
//! The texts are those in the crates' own folders, so that every copyright notice is there. The crate `spdx` reads the
//! expressions; `cargo-about` would do more, but is a program that has to be installed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::crates::Crate;
use crate::release::VERSION;

/// How the names of files with licences and notices begin, in capitals.
const NAMES: [&str; 6] = ["COPYING", "COPYRIGHT", "LICENCE", "LICENSE", "NOTICE", "UNLICENSE"];

/// A text, and the crates that have it.
struct Text {
    text: String,
    of: Vec<String>,
}

/// The list of crates with their licences, then each text once.
pub(crate) fn text<'a>(crates: impl IntoIterator<Item = &'a Crate>) -> Result<String> {
    let mut list = format!(
        "What is linked into the components of wecom-connector {VERSION}, with its licences; which crate is in which\n\
         say the files *.cdx.json. The licence of the connector itself is in LICENSE, those of Rust's standard library\n\
         in RUST-COPYRIGHT-library.html. In the component that calls the host's HTTP, the library brings wasi-libc,\n\
         which is under Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT.\n\n"
    );
    let mut without = String::new();
    let mut texts: Vec<Text> = Vec::new();
    for linked in crates.into_iter().filter(|linked| linked.package.source.is_some()) {
        let package = &linked.package;
        let named = format!("{} {}", package.name, package.version);
        writeln!(list, "{named}: {}", linked.licence)?;
        let files = files(package.folder(), package.license_file.as_deref())?;
        if files.is_empty() {
            if !is_apache_enough(linked) {
                bail!("{named} comes without the text of its licence, {}", linked.licence);
            }
            writeln!(without, "{named}: {}", package.repository.as_deref().unwrap_or("no repository"))?;
        }
        for file in files {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?.replace("\r\n", "\n");
            match texts.iter_mut().find(|known| known.text == text) {
                Some(known) if known.of.contains(&named) => {}
                Some(known) => known.of.push(named.clone()),
                None => texts.push(Text { text, of: vec![named.clone()] }),
            }
        }
    }
    if !without.is_empty() {
        list.push_str("\nThese come without a text. They may be had under Apache-2.0, whose text is in LICENSE.\n\n");
        list.push_str(&without);
    }
    for Text { text, of } in texts {
        let line = "-".repeat(100);
        write!(list, "\n{line}\n{}\n{line}\n\n{}\n", of.join(", "), text.trim_end())?;
    }
    Ok(list)
}

/// Whether the licence that the project itself is under would do.
fn is_apache_enough(linked: &Crate) -> bool {
    let apache = spdx::license_id("Apache-2.0");
    linked.licence.evaluate(|required| required.license.id() == apache && required.addition.is_none())
}

/// The files in a crate's folder that hold licences and notices, and the one that it names.
fn files(folder: &Path, named: Option<&Path>) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = named.map(|file| folder.join(file)).into_iter().collect();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if entry.file_type()?.is_file() && NAMES.iter().any(|begin| name.starts_with(begin)) {
            files.push(entry.path());
        }
    }
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crates::tests::linked;

    #[test]
    fn a_crate_needs_the_text_of_its_licence_unless_apache_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        for (licence, without) in [
            ("MIT", Err("left-pad 1.2.3 comes without the text of its licence, MIT")),
            ("Apache-2.0 AND MIT", Err("left-pad 1.2.3 comes without the text of its licence, Apache-2.0 AND MIT")),
            ("Apache-2.0 WITH LLVM-exception", Err("left-pad 1.2.3 comes without the text of its licence")),
            ("MIT OR Apache-2.0", Ok("left-pad 1.2.3: https://example.com/left-pad\n")),
        ] {
            let text = text(&[linked(folder.path(), licence)]).map_err(|error| error.to_string());
            match without {
                Ok(line) => assert!(text.as_ref().unwrap().ends_with(line), "{licence}: {text:?}"),
                Err(words) => assert!(text.as_ref().unwrap_err().starts_with(words), "{licence}: {text:?}"),
            }
        }
    }

    #[test]
    fn every_text_stands_there_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("license-mit.md"), "Copyright 2026 A. Nobody\r\n").unwrap();
        fs::write(folder.path().join("NOTICE"), "Copyright 2026 A. Nobody\n").unwrap();
        let text = text(&[linked(folder.path(), "MIT"), linked(folder.path(), "MIT")]).unwrap();
        assert_eq!(text.matches("Copyright 2026 A. Nobody\n").count(), 1, "{text}");
        assert_eq!(text.matches("\nleft-pad 1.2.3\n").count(), 1, "{text}");
    }
}
