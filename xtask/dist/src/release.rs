//! A release: the components and what goes with them, made from the sources with cargo alone.
//!
//! Everything else follows from the sources, the lock file and the texts in the dependencies' own folders, so the files
//! differ between two machines only where these do.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use artifact::Artifact;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use memchr::memmem;
use sha2::{Digest as _, Sha256};

use crate::component::Place;
use crate::{contract, crates, licences, packages, sbom};

/// The version that is released.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How the names of most files begin.
const NAME: &str = "wecom-connector";

/// The list of the other files, in the form of `sha256sum`.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// The connector's own licence.
const LICENCE: &str = "LICENSE";
/// Those of the crates that are linked in.
const LICENCES: &str = "THIRD-PARTY-LICENSES.txt";
/// Those of Rust's standard library.
pub(crate) const LIBRARY_LICENCES: &str = "RUST-COPYRIGHT-library.html";

/// A file of the release.
#[derive(Debug)]
pub(crate) struct File {
    /// Its name; there are no folders.
    pub(crate) name: String,
    /// What it is, in a few words.
    pub(crate) what: &'static str,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
}

impl File {
    pub(crate) fn new(name: impl Into<String>, what: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), what, bytes: bytes.into() }
    }

    /// What it holds, without compression.
    fn unpacked(&self) -> Result<Cow<'_, [u8]>> {
        if self.name.ends_with(".whl") {
            let files = packages::unpacked(&self.name, &self.bytes)?;
            return Ok(Cow::Owned(files.into_iter().flat_map(|(_, bytes)| bytes).collect()));
        }
        if !self.name.ends_with("gz") {
            return Ok(Cow::Borrowed(&self.bytes));
        }
        let mut unpacked = Vec::new();
        GzDecoder::new(self.bytes.as_slice()).read_to_end(&mut unpacked).with_context(|| self.name.clone())?;
        Ok(Cow::Owned(unpacked))
    }

    /// SHA-256 in hexadecimal digits.
    #[must_use]
    pub(crate) fn sum(&self) -> String {
        sum(&self.bytes)
    }
}

/// A release that is not written yet.
#[derive(Debug)]
pub(crate) struct Release {
    /// The files, the list of their sums last.
    pub(crate) files: Vec<File>,
    /// What whoever releases has to know.
    pub(crate) notes: Vec<String>,
}

/// How the files of a component begin, and what it is.
pub(crate) fn described(artifact: Artifact) -> (&'static str, &'static str) {
    match artifact {
        Artifact::Component => (NAME, "the component that calls the host's HTTP"),
        Artifact::Stepwise => ("wecom-connector-stepwise", "the component that imports nothing"),
    }
}

/// Makes all files. With `twice`, each component is built once more from a copy of the sources in another folder, with
/// another cargo home, and has to be the same to the byte.
///
/// # Errors
///
/// Where something does not build, names a folder of this machine, is not the same twice, or has no licence.
pub(crate) fn make(twice: bool) -> Result<Release> {
    Artifact::ALL.into_iter().try_for_each(artifact::ensure_target)?;
    let place = Place::here();
    let elsewhere = tempfile::tempdir()?;
    let other = twice.then(|| Place::elsewhere(&place, elsewhere.path())).transpose()?;
    let contract = contract::Contract::read(&artifact::workspace().join("wit"))?;
    let mut files = vec![
        File::new(format!("{NAME}-{VERSION}.wit.wasm"), "the contract, a WIT package", contract.package()?),
        File::new(format!("{NAME}-schemas-{VERSION}.tar.gz"), "schemas and manifest", schemas()?),
        place.standard_library()?,
        File::new(LICENCE, "the licence", fs::read(artifact::workspace().join(LICENCE))?),
    ];
    let mut notes = Vec::new();
    let mut linked = BTreeMap::new();
    for artifact in Artifact::ALL {
        let crates = crates::linked(&place, artifact)?;
        let component = place.build(artifact, &crates)?;
        let (name, what) = described(artifact);
        let name = |rest: &str| format!("{name}-{VERSION}{rest}");
        if let Some(other) = &other {
            let second = other.build(artifact, &crates::linked(other, artifact)?)?;
            ensure!(component == second, "{what} is not the same where it is built in another folder");
        }
        let sbom = sbom::cyclonedx(artifact, &crates, &place.rust_version()?, &name(".wasm"), &sum(&component));
        files.push(File::new(name(".cdx.json"), "what is linked in, CycloneDX", sbom));
        if artifact == Artifact::Component {
            let described = contract.described(&component)?;
            files.push(File::new(name(".wassette.wasm"), "the same with descriptions, for Wassette", described));
        }
        files.extend(packages::made_of(artifact, &component, artifact::workspace(), &mut notes)?);
        files.push(File::new(name(".wasm"), what, component));
        linked.extend(crates.into_iter().map(|linked| (linked.key(), linked)));
    }
    files.push(File::new(LICENCES, "licences of what is linked in", licences::text(linked.values())?));

    let private: Vec<String> = [Some(place), other].iter().flatten().flat_map(Place::folders).collect();
    for file in &files {
        if let Some(folder) = named(&private, &file.unpacked()?) {
            bail!("{} names a folder of this machine, {folder}", file.name);
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let sums: String = files.iter().map(|file| format!("{}  {}\n", file.sum(), file.name)).collect();
    files.push(File::new(SUMS, "the sums of all these", sums));
    Ok(Release { files, notes })
}

impl Release {
    /// Writes the files into a folder, in the place of an earlier release.
    ///
    /// # Errors
    ///
    /// Where the folder holds what no release put there, or cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let at = || folder.display().to_string();
        fs::create_dir_all(folder).with_context(at)?;
        for path in earlier(folder).with_context(at)? {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
        for file in &self.files {
            let path = folder.join(&file.name);
            fs::write(&path, &file.bytes).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

/// The files of a release that a folder holds: what has the name of such a file, and is in the release's own list. None
/// where the folder does not exist.
///
/// # Errors
///
/// Where it holds anything else.
pub(crate) fn earlier(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let sums = fs::read_to_string(folder.join(SUMS)).unwrap_or_default();
    let listed: BTreeSet<&str> = sums.lines().filter_map(|line| Some(line.split_once("  ")?.1)).chain([SUMS]).collect();
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        ensure!(
            entry.file_type()?.is_file() && name.to_str().is_some_and(|name| is_ours(name) && listed.contains(name)),
            "it holds {}, which is of no release; name another folder",
            name.display()
        );
        files.push(entry.path());
    }
    Ok(files)
}

/// Whether a file of some release has this name.
fn is_ours(name: &str) -> bool {
    name.starts_with("wecom-connector-")
        || packages::has_name(name)
        || [SUMS, LICENCE, LICENCES, LIBRARY_LICENCES].contains(&name)
}

pub(crate) fn sum(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// The first of the folders that the bytes name, other than as a part of another path: `/src/` does not stand in
/// `alloc/src/fmt.rs`.
fn named<'a>(folders: &'a [String], bytes: &[u8]) -> Option<&'a str> {
    let begins = |at: usize| at.checked_sub(1).is_none_or(|before| !is_in_a_name(bytes[before]));
    let stands = |folder: &&String| memmem::find_iter(bytes, folder.as_bytes()).any(begins);
    folders.iter().find(stands).map(String::as_str)
}

fn is_in_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

/// `schemas/`, packed so that nothing of the machine, the user or the time is in it.
fn schemas() -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (path, text) in wecom_connector::manifest::files()? {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(text.len())?);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        archive.append_data(&mut header, format!("wecom-connector-schemas-{VERSION}/{path}"), text.as_bytes())?;
    }
    let mut packed = archive.into_inner()?;
    packed.flush()?;
    Ok(packed.finish()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_folder_is_named_where_its_whole_path_stands() {
        let folders = ["/src/".to_owned(), "/home/a/".to_owned()];
        for bytes in [&b"/src/lib.rs"[..], b"at /src/lib.rs", b"\x00/home/a/x", b"serde-1/src/x \"/src/y\""] {
            assert!(named(&folders, bytes).is_some(), "{bytes:?}");
        }
        for bytes in [&b""[..], b"alloc/src/fmt.rs", b"serde_json-1.0.1/src/de.rs", b"/mnt/home/a/x", b"/home/ab/"] {
            assert_eq!(named(&folders, bytes), None, "{bytes:?}");
        }
    }
}
