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
use crate::{contract, crates, licences, sbom};

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
fn described(artifact: Artifact) -> (&'static str, &'static str) {
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
        } else {
            files.extend(npm_packages(&component, &mut notes)?);
        }
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
    ["wecom-connector-", "node-red-contrib-wecom-connector-"].iter().any(|prefix| name.starts_with(prefix))
        || [SUMS, LICENCE, LICENCES, LIBRARY_LICENCES].contains(&name)
}

fn sum(bytes: &[u8]) -> String {
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

/// The packages that npm makes from the component that imports nothing: where, their names, and what they are.
const NPM_PACKAGES: [(&str, &str, &str); 2] = [
    ("packages/js", "wecom-connector", "the package for JavaScript"),
    ("packages/node-red", "node-red-contrib-wecom-connector", "the palette for Node-RED"),
];

/// Those of them that npm has made from this very component, and from the files that are here now.
fn npm_packages(component: &[u8], notes: &mut Vec<String>) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for (place, package, what) in NPM_PACKAGES {
        let name = format!("{package}-{VERSION}.tgz");
        let folder = artifact::workspace().join(place);
        let how = format!(
            "`cd {place} && npm ci && WECOM_STEPWISE_COMPONENT=<path of {NAME}-stepwise-{VERSION}.wasm above> npm pack` \
             makes it, and another call of dist takes it in"
        );
        let bytes = match fs::read(folder.join(&name)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                notes.push(format!("Without {what}: {how}."));
                continue;
            }
            Err(error) => return Err(error).context(name),
        };
        if let Some(file) = stale(&bytes, &sum(component), &folder).with_context(|| name.clone())? {
            notes.push(format!("Without {what}, whose {file} is of another state of these sources: {how}."));
            continue;
        }
        files.push(File::new(name, what, bytes));
    }
    Ok(files)
}

/// The first file of a package that is another one now: of the component that its build has put down the sum of, of the
/// sources that the build has put down the sums of, or of the folder that npm copied.
fn stale(packed: &[u8], component: &str, folder: &Path) -> io::Result<Option<String>> {
    const SUM: &str = "dist/component.sha256";
    const SOURCES: &str = "dist/sources.sha256";
    let mut sum_seen = false;
    for entry in tar::Archive::new(GzDecoder::new(packed)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.strip_prefix("package").map(Path::to_owned).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        let is_same = if path == Path::new(SUM) {
            sum_seen = true;
            bytes.trim_ascii_end() == component.as_bytes()
        } else if path == Path::new(SOURCES) {
            let sources = String::from_utf8(bytes).map_err(io::Error::other)?;
            let is_same =
                |(old, source): &(&str, &str)| fs::read(folder.join(source)).is_ok_and(|now| sum(&now) == *old);
            if let Some((_, source)) =
                sources.lines().filter_map(|line| line.split_once("  ")).find(|line| !is_same(line))
            {
                return Ok(Some(source.to_owned()));
            }
            true
        } else {
            // What else the build makes follows from these, and from the build's own files, which are not packed.
            path.starts_with("dist") || fs::read(folder.join(&path)).is_ok_and(|now| now == bytes)
        };
        if !is_same {
            return Ok(Some(path.display().to_string()));
        }
    }
    Ok((!sum_seen).then(|| SUM.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

    use super::*;

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len().try_into().unwrap());
            archive.append_data(&mut header, format!("package/{path}"), text.as_bytes()).unwrap();
        }
        archive.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn a_package_of_other_sources_is_stale() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        let of = |files: &[(&str, &str)]| stale(&packed(files), "12ab", folder.path()).unwrap();
        let sum = ("dist/component.sha256", "12ab\n");
        assert_eq!(of(&[sum, ("dist/made.js", "x"), ("package.json", "{}")]), None);
        assert_eq!(of(&[("dist/component.sha256", "12ac\n")]).as_deref(), Some("dist/component.sha256"));
        assert_eq!(of(&[("package.json", "{}")]).as_deref(), Some("dist/component.sha256"));
        assert_eq!(of(&[sum, ("package.json", "{ }")]).as_deref(), Some("package.json"));
        assert_eq!(of(&[sum, ("src/gone.js", "")]).as_deref(), Some("src/gone.js"));
        let now = super::sum(b"{}");
        let sources = |line: &str| of(&[sum, ("dist/sources.sha256", line)]);
        assert_eq!(sources(&format!("{now}  package.json\n")), None);
        assert_eq!(sources(&format!("{now}  package.json\n12ac  package.json\n")).as_deref(), Some("package.json"));
        assert_eq!(sources(&format!("{now}  ../gone.js\n")).as_deref(), Some("../gone.js"));
        assert!(stale(b"no archive", "12ab", folder.path()).is_err());
    }

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
