//! What has been published does not change: a component that was built for a version finds the same interfaces in every
//! other of that version.
//!
//! Each version that CHANGELOG.md calls released has its interfaces in a folder of `wit/published`, and `SHA256SUMS` has
//! the sum of each file there. `wit/` itself is compared as well, as long as it has the version that was released last.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::list_files;
use crate::changelog::{CHANGELOG, released};

const FOLDER: &str = "wit/published";
const SUMS: &str = "SHA256SUMS";

/// Whether everything that was published stands. `present` are the files of `wit/` as they are to be, by their names.
pub(super) fn check(root: &Path, present: &BTreeMap<String, String>) -> Result<()> {
    let folder = root.join(FOLDER);
    check_sums(&folder)?;
    let changelog = fs::read_to_string(root.join(CHANGELOG)).context(CHANGELOG)?;
    for (line, version) in released(&changelog) {
        let files = folder.join(version);
        ensure!(files.is_dir(), "{CHANGELOG}:{line}: {version} is released, and {FOLDER}/{version} is missing");
        check_version(&files, version)?;
    }
    let version = env!("CARGO_PKG_VERSION");
    let published = folder.join(version);
    if published.is_dir() { compare(present, &texts(&published)?, version) } else { Ok(()) }
}

/// Whether each file has the sum that is listed, and none is there without one.
fn check_sums(folder: &Path) -> Result<()> {
    let listed = fs::read_to_string(folder.join(SUMS)).with_context(|| format!("{FOLDER}/{SUMS}"))?;
    let mut sums = BTreeMap::new();
    for (index, line) in listed.lines().enumerate() {
        let place = format!("{FOLDER}/{SUMS}:{}", index + 1);
        let (sum, name) = line.split_once("  ").with_context(|| format!("{place}: {line:?} is no sum of a file"))?;
        ensure!(sums.insert(name, sum).is_none(), "{place}: {name} stands twice");
    }
    let mut paths = Vec::new();
    list_files(folder, &mut paths).context(FOLDER)?;
    paths.sort();
    for path in paths {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string().replace('\\', "/");
        if name == SUMS {
            continue;
        }
        let place = format!("{FOLDER}/{name}");
        let bytes = fs::read(&path).with_context(|| place.clone())?;
        match sums.remove(name.as_str()) {
            None => bail!("{place}: it is not listed in {FOLDER}/{SUMS}"),
            Some(sum) if format!("{:x}", Sha256::digest(bytes)) != sum => {
                bail!("{place}: it was changed after it was published: {FOLDER}/{SUMS} has another sum of it")
            }
            Some(_) => {}
        }
    }
    match sums.first_key_value() {
        Some((name, _)) => bail!("{FOLDER}/{name}: it was published, and is missing now"),
        None => Ok(()),
    }
}

/// Whether a folder has the interfaces of its version, all of them.
fn check_version(folder: &Path, version: &str) -> Result<()> {
    let files = texts(folder)?;
    let package = format!("package wecom:connector@{version};");
    for (name, text) in &files {
        ensure!(text.lines().any(|line| line == package), "{FOLDER}/{version}/{name}: `{package}` is missing");
    }
    let world = files.get("world.wit").with_context(|| format!("{FOLDER}/{version}/world.wit is missing"))?;
    for (line, declaration) in declarations(world) {
        let interface = declaration.strip_prefix("export ").and_then(|rest| rest.strip_suffix(';'));
        if let Some(interface) = interface.filter(|interface| !files.contains_key(&format!("{interface}.wit"))) {
            bail!("{FOLDER}/{version}/world.wit:{line}: {interface}.wit is missing beside it");
        }
    }
    Ok(())
}

/// The files of a folder, by their names.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>> {
    let read = |path: &Path| {
        let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Ok((name, text))
    };
    let mut paths = Vec::new();
    list_files(folder, &mut paths)?;
    paths.iter().map(|path| read(path)).collect()
}

/// Compares the files of `wit/` with what was published of the same version. Comments may differ.
fn compare(present: &BTreeMap<String, String>, published: &BTreeMap<String, String>, version: &str) -> Result<()> {
    if let Some(name) = present.keys().find(|name| !published.contains_key(*name)) {
        bail!("wit/{name}: {version} was published without it: a new interface needs a new version");
    }
    for (name, old) in published {
        let new = present.get(name);
        let new = new.with_context(|| format!("wit/{name}: it was published in {version}, and is missing now"))?;
        let (mut old, mut new) = (declarations(old), declarations(new));
        loop {
            match (old.next(), new.next()) {
                (None, None) => break,
                (Some((_, old)), Some((_, new))) if old == new => {}
                (old, new) => {
                    let line = new.or(old).map_or(0, |(line, _)| line);
                    let was = old.map_or("nothing", |(_, text)| text);
                    let is = new.map_or("nothing", |(_, text)| text);
                    bail!(
                        "wit/{name}:{line}: `{was}` was published in {version}, and is `{is}` now: a changed interface \
                         needs a new version"
                    );
                }
            }
        }
    }
    Ok(())
}

/// The lines that are no comments, with their numbers.
fn declarations(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_its_place_and_a_comment_is_none() {
        let files = |texts: &[(&str, &str)]| {
            texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let old = files(&[("a.wit", "interface a {\n  /// One.\n  f: func();\n}\n")]);
        let compared = |new: &[(&str, &str)]| compare(&files(new), &old, "1.0.0").map_err(|error| format!("{error:#}"));
        let commented = "interface a {\n  /// The first one,\n  /// in two lines.\n  f: func();\n}\n";
        assert_eq!(compared(&[("a.wit", commented)]), Ok(()));
        for (new, says) in [
            (
                &[("a.wit", "interface a {\n  /// One.\n  f: func() -> u32;\n}\n")] as &[_],
                "wit/a.wit:3: `f: func();` was published in 1.0.0, and is `f: func() -> u32;` now: a changed interface \
                 needs a new version",
            ),
            (
                &[("a.wit", "interface a {\n  f: func();\n  g: func();\n}\n")],
                "wit/a.wit:3: `}` was published in 1.0.0, and is `g: func();` now: a changed interface needs a new \
                 version",
            ),
            (&[], "wit/a.wit: it was published in 1.0.0, and is missing now"),
            (
                &[("a.wit", commented), ("b.wit", "interface b {}\n")],
                "wit/b.wit: 1.0.0 was published without it: a new interface needs a new version",
            ),
        ] {
            assert_eq!(compared(new), Err(says.to_owned()));
        }
    }
}
