//! Packages that other tools make of the components, and that a release takes in.
//!
//! A release needs nothing but cargo, and these need npm or Python. So a release is made, the packages are made of its
//! components, and another call takes them in: those that are of these components and of the sources that are here now.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use artifact::Artifact;
use flate2::bufread::DeflateDecoder;
use flate2::read::GzDecoder;
use rawzip::{CompressionMethod, ZipArchive};

use crate::release::{File, VERSION, described, sum};

/// A package: a file, and what it has to be made of.
struct Package {
    /// Its file.
    file: String,
    /// What it is, in a few words.
    what: &'static str,
    /// Where its sources are, in the workspace.
    folder: &'static str,
    /// Where the file is made, in that folder.
    out: &'static str,
    /// The component that is in it.
    of: Artifact,
    /// What makes it; `{}` stands for the path of the component.
    made_by: &'static str,
    /// Where a file of it is from, by its path in the package; none where no package of this kind has such a file.
    origin: fn(&str) -> Option<Origin>,
}

/// Where a file of a package is from.
#[derive(Debug, PartialEq)]
enum Origin {
    /// It is the component.
    Component,
    /// It is the SHA-256 of the component.
    Sum,
    /// It is the file of this path in the folder of the sources.
    Source(String),
    /// It lists what the build has bundled, in the form of `sha256sum`, by paths from the folder of the sources.
    Sources,
    /// The build made it, of the component and the sources.
    Build,
}

/// All of them. What makes them for `cargo xtask ci` is in `xtask/src/ci.rs`.
fn packages() -> Vec<Package> {
    let python = |file, what, origin| Package {
        file,
        what,
        folder: "packages/python",
        out: "dist",
        of: Artifact::Stepwise,
        made_by: "pip install -r requirements-dev.txt && WECOM_STEPWISE_COMPONENT={} python -m build --no-isolation",
        origin,
    };
    let npm = |file, what, folder| Package {
        file,
        what,
        folder,
        out: "",
        of: Artifact::Stepwise,
        made_by: "npm ci && WECOM_STEPWISE_COMPONENT={} npm pack",
        origin: npm,
    };
    vec![
        npm(format!("wecom-connector-{VERSION}.tgz"), "the package for JavaScript", "packages/js"),
        npm(format!("node-red-contrib-wecom-connector-{VERSION}.tgz"), "the palette for Node-RED", "packages/node-red"),
        python(format!("wecom_connector-{VERSION}-py3-none-any.whl"), "the package for Python", wheel),
        python(format!("wecom_connector-{VERSION}.tar.gz"), "the same as sources", sdist),
    ]
}

fn npm(path: &str) -> Option<Origin> {
    Some(match path.strip_prefix("package/")? {
        "dist/component.sha256" => Origin::Sum,
        "dist/sources.sha256" => Origin::Sources,
        path if path.starts_with("dist/") => Origin::Build,
        path => Origin::Source(path.to_owned()),
    })
}

fn sdist(path: &str) -> Option<Origin> {
    Some(match path.strip_prefix("wecom_connector-")?.split_once('/')?.1 {
        "src/wecom_connector/wecom_connector_stepwise.wasm" => Origin::Component,
        "src/wecom_connector/_actions.py" | "LICENSE" | "PKG-INFO" | "VERSION" => Origin::Build,
        path => Origin::Source(path.to_owned()),
    })
}

fn wheel(path: &str) -> Option<Origin> {
    Some(match path.split_once('/')? {
        ("wecom_connector", "wecom_connector_stepwise.wasm") => Origin::Component,
        ("wecom_connector", "_actions.py") => Origin::Build,
        ("wecom_connector", _) => Origin::Source(format!("src/{path}")),
        (folder, _) => folder.ends_with(".dist-info").then_some(Origin::Build)?,
    })
}

/// Whether a package of some release has this name.
pub(crate) fn has_name(name: &str) -> bool {
    packages().iter().any(|package| package.file.split(VERSION).next().is_some_and(|begin| name.starts_with(begin)))
}

/// The packages that were made of this component. What is missing, or is of something else, is noted.
pub(crate) fn made_of(artifact: Artifact, component: &[u8], notes: &mut Vec<String>) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for package in packages().into_iter().filter(|package| package.of == artifact) {
        let folder = artifact::workspace().join(package.folder);
        let name = &package.file;
        let bytes = match fs::read(folder.join(package.out).join(name)) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| name.clone()),
        };
        let why = match bytes.as_deref().map(|bytes| foreign(&package, bytes, component, &folder)) {
            None => String::new(),
            Some(Ok(None)) => {
                files.extend(bytes.map(|bytes| File::new(package.file, package.what, bytes)));
                continue;
            }
            Some(Ok(Some(path))) => format!(", whose {path} is of another state of these sources"),
            Some(Err(error)) => format!(", which cannot be read ({error:#})"),
        };
        let component = format!("<path of {}-{VERSION}.wasm above>", described(artifact).0);
        notes.push(format!(
            "Without {name}{why}: `cd {} && {}` makes it, and another call of dist takes it in.",
            package.folder,
            package.made_by.replace("{}", &component)
        ));
    }
    Ok(files)
}

/// The first file of a package that is not the one that it would have now.
fn foreign(package: &Package, packed: &[u8], component: &[u8], folder: &Path) -> Result<Option<String>> {
    let mut component_seen = false;
    for (path, bytes) in unpacked(&package.file, packed)? {
        let is_same = match (package.origin)(&path) {
            None => false,
            Some(Origin::Build) => true,
            Some(Origin::Source(path)) => fs::read(folder.join(path)).is_ok_and(|now| now == bytes),
            Some(Origin::Sources) => match changed(&bytes, folder)? {
                Some(source) => return Ok(Some(source)),
                None => true,
            },
            Some(Origin::Component) => {
                component_seen = true;
                bytes == component
            }
            Some(Origin::Sum) => {
                component_seen = true;
                bytes.trim_ascii_end() == sum(component).as_bytes()
            }
        };
        if !is_same {
            return Ok(Some(path));
        }
    }
    Ok((!component_seen).then(|| "component".to_owned()))
}

/// The first file of a list of sums that has another one now.
fn changed(sums: &[u8], folder: &Path) -> Result<Option<String>> {
    for line in std::str::from_utf8(sums)?.lines() {
        let (then, path) = line.split_once("  ").with_context(|| line.to_owned())?;
        if !fs::read(folder.join(path)).is_ok_and(|now| sum(&now) == then) {
            return Ok(Some(path.to_owned()));
        }
    }
    Ok(None)
}

/// The files of an archive, with their paths in it: of a `.whl`, which is a ZIP, or of a compressed tar.
pub(crate) fn unpacked(name: &str, packed: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    if name.ends_with(".whl") {
        let archive = ZipArchive::from_slice(packed)?;
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry()? {
            let path = entry.file_path().try_normalize()?.as_ref().to_owned();
            let held = archive.get_entry(entry.wayfinder())?;
            let mut bytes = Vec::new();
            match entry.compression_method() {
                CompressionMethod::STORE => held.verifying_reader(held.data()).read_to_end(&mut bytes)?,
                CompressionMethod::DEFLATE => {
                    held.verifying_reader(DeflateDecoder::new(held.data())).read_to_end(&mut bytes)?
                }
                method => bail!("{path} is compressed by {method:?}"),
            };
            files.push((path, bytes));
        }
    } else {
        for entry in tar::Archive::new(GzDecoder::new(packed)).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            files.push((path, bytes));
        }
    }
    ensure!(!files.is_empty(), "it is empty");
    Ok(files)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use rawzip::ZipArchiveWriter;

    use super::*;

    const COMPONENT: &str = "the component";

    fn tar(files: &[(String, String)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len().try_into().unwrap());
            archive.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        archive.into_inner().unwrap().finish().unwrap()
    }

    fn zip(files: &[(String, String)]) -> Vec<u8> {
        let mut archive = ZipArchiveWriter::new(Vec::new());
        for (path, text) in files {
            let (mut entry, config) =
                archive.new_file(path).compression_method(CompressionMethod::DEFLATE).start().unwrap();
            let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, Compression::fast()));
            writer.write_all(text.as_bytes()).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap()
    }

    /// What is foreign in a package of these files, for each kind: the path of the component's file or sum, of a source
    /// and where that is in the folder, and of what the build makes.
    #[test]
    fn a_package_of_other_sources_is_foreign() {
        let sum = format!("{}\n", sum(COMPONENT.as_bytes()));
        let python = |path: &str| format!("wecom_connector-{VERSION}/{path}");
        let kinds = [
            (
                ".tgz",
                "package/dist/component.sha256".to_owned(),
                sum,
                "package/src/a".to_owned(),
                "package/dist/x".to_owned(),
            ),
            (
                ".tar.gz",
                python("src/wecom_connector/wecom_connector_stepwise.wasm"),
                COMPONENT.to_owned(),
                python("src/wecom_connector/a"),
                python("PKG-INFO"),
            ),
            (
                ".whl",
                "wecom_connector/wecom_connector_stepwise.wasm".to_owned(),
                COMPONENT.to_owned(),
                "wecom_connector/a".to_owned(),
                format!("wecom_connector-{VERSION}.dist-info/RECORD"),
            ),
        ];
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("src/wecom_connector")).unwrap();
        for place in ["src/a", "src/wecom_connector/a"] {
            fs::write(folder.path().join(place), "now").unwrap();
        }
        for (end, component, right, source, built) in kinds {
            let package = packages().into_iter().find(|package| package.file.ends_with(end)).unwrap();
            let of = |files: &[(&str, &str)]| {
                let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
                let packed = if end == ".whl" { zip(&files) } else { tar(&files) };
                foreign(&package, &packed, COMPONENT.as_bytes(), folder.path()).unwrap()
            };
            let right = (component.as_str(), right.as_str());
            assert_eq!(of(&[right, (&built, "x"), (&source, "now")]), None, "{end}");
            assert_eq!(of(&[(&component, "another")]).as_ref(), Some(&component));
            assert_eq!(of(&[(&source, "now")]).as_deref(), Some("component"), "{end}");
            assert_eq!(of(&[right, (&source, "then")]).as_ref(), Some(&source));
            let gone = format!("{source}/gone");
            assert_eq!(of(&[right, (&gone, "")]), Some(gone));
            assert_eq!(of(&[right, ("elsewhere", "")]).as_deref(), Some("elsewhere"), "{end}");
            assert!(foreign(&package, b"no archive", COMPONENT.as_bytes(), folder.path()).is_err(), "{end}");
        }
        let now = super::sum(b"now");
        let changed = |list: &str| changed(list.as_bytes(), folder.path());
        assert_eq!(changed(&format!("{now}  src/a\n{now}  src/../src/a\n")).unwrap(), None);
        assert_eq!(changed(&format!("{now}  src/a\n{now}  src/gone\n")).unwrap().as_deref(), Some("src/gone"));
        assert_eq!(changed("12ab  src/a\n").unwrap().as_deref(), Some("src/a"));
        assert!(changed("no list\n").is_err());
    }
}
