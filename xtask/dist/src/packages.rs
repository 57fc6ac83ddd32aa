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
    /// The component that it is made for.
    of: Artifact,
    /// Whether that component is in it.
    has_component: bool,
    /// What makes it; `{}` stands for the path of the component.
    made_by: &'static str,
    /// The file of the sources that lists them in the package. One that does not list this file, as it is now, was made by
    /// another, and who knows what that listed.
    listed_by: &'static str,
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
    /// It lists what makes the package and is not in it as it is, the build's own files too: in the form of `sha256sum`,
    /// by paths from the folder of the sources.
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
        has_component: true,
        made_by: "pip install -r requirements-dev.txt && WECOM_STEPWISE_COMPONENT={} python -m build --no-isolation",
        listed_by: "hatch_build.py",
        origin,
    };
    let airflow = |file, what, origin| Package {
        file,
        what,
        folder: "packages/airflow",
        out: "dist",
        of: Artifact::Stepwise,
        has_component: false,
        made_by: "pip install build hatchling && python -m build --no-isolation",
        listed_by: "hatch_build.py",
        origin,
    };
    let npm = |file, what, folder| Package {
        file,
        what,
        folder,
        out: "",
        of: Artifact::Stepwise,
        has_component: true,
        made_by: "npm ci && WECOM_STEPWISE_COMPONENT={} npm pack",
        listed_by: "scripts/build.js",
        origin: npm,
    };
    vec![
        npm(format!("wecom-connector-{VERSION}.tgz"), "the package for JavaScript", "packages/js"),
        npm(format!("node-red-contrib-wecom-connector-{VERSION}.tgz"), "the palette for Node-RED", "packages/node-red"),
        npm(format!("n8n-nodes-wecom-connector-{VERSION}.tgz"), "the nodes for n8n", "packages/n8n"),
        python(format!("wecom_connector-{VERSION}-py3-none-any.whl"), "the package for Python", wheel),
        python(format!("wecom_connector-{VERSION}.tar.gz"), "the same as sources", sdist),
        airflow(
            format!("airflow_provider_wecom_connector-{VERSION}-py3-none-any.whl"),
            "the provider for Airflow",
            provider_wheel,
        ),
        airflow(format!("airflow_provider_wecom_connector-{VERSION}.tar.gz"), "the same as sources", provider_sdist),
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
    in_sdist(path.strip_prefix("wecom_connector-")?, "wecom_connector")
}

fn provider_sdist(path: &str) -> Option<Origin> {
    in_sdist(path.strip_prefix("airflow_provider_wecom_connector-")?, "wecom_connector_provider")
}

fn wheel(path: &str) -> Option<Origin> {
    in_wheel(path, "wecom_connector")
}

fn provider_wheel(path: &str) -> Option<Origin> {
    in_wheel(path, "wecom_connector_provider")
}

/// By the path behind the name of the package, which begins with the version.
fn in_sdist(path: &str, module: &str) -> Option<Origin> {
    let path = path.split_once('/')?.1;
    let in_module = path.strip_prefix("src/").and_then(|path| path.strip_prefix(module)?.strip_prefix('/'));
    Some(match (in_module.and_then(made), path) {
        (Some(origin), _) => origin,
        (None, "LICENSE" | "PKG-INFO" | "VERSION") => Origin::Build,
        (None, path) => Origin::Source(path.to_owned()),
    })
}

fn in_wheel(path: &str, module: &str) -> Option<Origin> {
    let (folder, rest) = path.split_once('/')?;
    if folder == module {
        return Some(made(rest).unwrap_or_else(|| Origin::Source(format!("src/{path}"))));
    }
    folder.ends_with(".dist-info").then_some(Origin::Build)
}

/// Files of a module that are not in its sources.
fn made(path: &str) -> Option<Origin> {
    Some(match path {
        "wecom_connector_stepwise.wasm" => Origin::Component,
        "sources.sha256" => Origin::Sources,
        "_actions.py" | "_operators.py" | "_connections.json" => Origin::Build,
        _ => return None,
    })
}

/// Whether a package of some release has this name.
pub(crate) fn has_name(name: &str) -> bool {
    packages().iter().any(|package| package.file.split(VERSION).next().is_some_and(|begin| name.starts_with(begin)))
}

/// The packages in a workspace that were made of this component. What is missing, or is of something else, is noted.
pub(crate) fn made_of(
    artifact: Artifact,
    component: &[u8],
    workspace: &Path,
    notes: &mut Vec<String>,
) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for package in packages().into_iter().filter(|package| package.of == artifact) {
        let folder = workspace.join(package.folder);
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
    let (mut component_seen, mut list_seen) = (false, false);
    for (path, bytes) in unpacked(&package.file, packed)? {
        let is_same = match (package.origin)(&path) {
            None => false,
            Some(Origin::Build) => true,
            Some(Origin::Source(path)) => fs::read(folder.join(path)).is_ok_and(|now| now == bytes),
            Some(Origin::Sources) => {
                let list = std::str::from_utf8(&bytes)?;
                if let Some(source) = changed(list, folder)? {
                    return Ok(Some(source));
                }
                list_seen = list.lines().any(|line| line.ends_with(&format!("  {}", package.listed_by)));
                true
            }
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
    Ok(if package.has_component && !component_seen {
        Some("component".to_owned())
    } else if !list_seen {
        Some(package.listed_by.to_owned())
    } else {
        None
    })
}

/// The first file of a list of sums that has another one now.
fn changed(sums: &str, folder: &Path) -> Result<Option<String>> {
    for line in sums.lines() {
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

    /// A package as it has to be, and the parts of it that can be wrong.
    struct Sample {
        package: Package,
        /// The path of the component or its sum, and its text; what the build makes, where a package has neither.
        component: (String, String),
        /// The path of a file of the sources that is in the package as it is, and where it is in their folder.
        source: (String, &'static str),
        /// The path of what the build makes.
        built: String,
        list: String,
    }

    fn samples() -> Vec<Sample> {
        let samples = packages().into_iter().map(|package| {
            if package.file.ends_with(".tgz") {
                let sum = format!("{}\n", sum(COMPONENT.as_bytes()));
                return Sample {
                    package,
                    component: ("package/dist/component.sha256".to_owned(), sum),
                    source: ("package/src/a".to_owned(), "src/a"),
                    built: "package/dist/x".to_owned(),
                    list: "package/dist/sources.sha256".to_owned(),
                };
            }
            let (module, source, built) = if package.has_component {
                ("wecom_connector", "src/wecom_connector/a", "_actions.py")
            } else {
                ("wecom_connector_provider", "src/wecom_connector_provider/a", "_operators.py")
            };
            let at = match package.file.strip_suffix(".tar.gz") {
                Some(folder) => format!("{folder}/src/{module}/"),
                None => format!("{module}/"),
            };
            let component = if package.has_component { "wecom_connector_stepwise.wasm" } else { built };
            Sample {
                package,
                component: (format!("{at}{component}"), COMPONENT.to_owned()),
                source: (format!("{at}a"), source),
                built: format!("{at}{built}"),
                list: format!("{at}sources.sha256"),
            }
        });
        samples.collect()
    }

    impl Sample {
        /// Writes what the package is of.
        fn write_sources(&self, workspace: &Path) {
            let folder = workspace.join(self.package.folder);
            for path in [self.source.1, self.package.listed_by] {
                fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
                fs::write(folder.join(path), "now").unwrap();
            }
        }

        fn packed(&self, files: &[(&str, &str)]) -> Vec<u8> {
            let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
            if self.package.file.ends_with(".whl") { zip(&files) } else { tar(&files) }
        }

        fn listed(&self) -> String {
            format!("{}  {}\n", sum(b"now"), self.package.listed_by)
        }
    }

    #[test]
    fn a_package_of_other_sources_is_foreign() {
        for sample in samples() {
            let workspace = tempfile::tempdir().unwrap();
            sample.write_sources(workspace.path());
            let Sample { package, component, source, built, list } = &sample;
            let folder = workspace.path().join(package.folder);
            let foreign = |packed: &[u8]| foreign(package, packed, COMPONENT.as_bytes(), &folder);
            let of = |files: &[(&str, &str)]| foreign(&sample.packed(files)).unwrap();
            let listed = sample.listed();
            let (right, list) = ((component.0.as_str(), component.1.as_str()), (list.as_str(), listed.as_str()));
            let source = source.0.as_str();
            let file = &package.file;
            assert_eq!(of(&[right, list, (built, "x"), (source, "now")]), None, "{file}");
            let another = of(&[(right.0, "another"), list]);
            let without = of(&[list, (source, "now")]);
            let wrong = package.has_component.then_some((right.0, "component"));
            assert_eq!(another.as_deref().zip(without.as_deref()), wrong, "{file}");
            assert_eq!(of(&[right, list, (source, "then")]).as_deref(), Some(source));
            let gone = format!("{source}/gone");
            assert_eq!(of(&[right, list, (&gone, "")]), Some(gone));
            assert_eq!(of(&[right, list, ("elsewhere", "")]).as_deref(), Some("elsewhere"), "{file}");
            // Made before the list was, or before the build's own files were in it.
            let by = Some(package.listed_by.to_owned());
            let src = format!("{}  {}\n", sum(b"now"), sample.source.1);
            assert_eq!(of(&[right, (source, "now")]), by, "{file}");
            assert_eq!(of(&[right, (list.0, &src), (source, "now")]), by, "{file}");
            assert!(foreign(b"no archive").is_err(), "{file}");
        }
    }

    #[test]
    fn a_package_by_an_older_build_is_refused_in_one_line() {
        let workspace = tempfile::tempdir().unwrap();
        for sample in samples() {
            sample.write_sources(workspace.path());
            let (component, listed) = (&sample.component, sample.listed());
            let packed = sample.packed(&[(&component.0, &component.1), (&sample.list, &listed)]);
            let out = workspace.path().join(sample.package.folder).join(sample.package.out);
            fs::create_dir_all(&out).unwrap();
            fs::write(out.join(sample.package.file), packed).unwrap();
        }
        let taken = |notes: &mut Vec<String>| {
            made_of(Artifact::Stepwise, COMPONENT.as_bytes(), workspace.path(), notes).unwrap().len()
        };
        let mut notes = Vec::new();
        assert_eq!(taken(&mut notes), samples().len(), "{notes:?}");
        for Sample { package, .. } in samples() {
            fs::write(workspace.path().join(package.folder).join(package.listed_by), "then").unwrap();
        }
        assert_eq!(taken(&mut notes), 0);
        assert_eq!(notes.len(), samples().len());
        for (note, Sample { package, .. }) in notes.iter().zip(samples()) {
            let Package { file, listed_by, .. } = package;
            let why = format!("Without {file}, whose {listed_by} is of another state of these sources: ");
            assert!(note.starts_with(&why) && !note.contains('\n'), "{note}");
        }
    }

    #[test]
    fn the_first_file_of_a_list_that_has_another_sum_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/a"), "now").unwrap();
        let now = sum(b"now");
        let changed = |list: &str| changed(list, folder.path());
        assert_eq!(changed(&format!("{now}  src/a\n{now}  src/../src/a\n")).unwrap(), None);
        assert_eq!(changed(&format!("{now}  src/a\n{now}  src/gone\n")).unwrap().as_deref(), Some("src/gone"));
        assert_eq!(changed("12ab  src/a\n").unwrap().as_deref(), Some("src/a"));
        assert!(changed("no list\n").is_err());
    }
}
