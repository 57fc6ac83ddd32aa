//! What is linked into a component.
//!
//! Cargo says it itself: `cargo tree` which crates, with the features of the component alone, and `cargo metadata` what
//! each is. No other tool is needed, and no library that would change how others are built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use artifact::Artifact;
use serde::Deserialize;
use spdx::Expression;

use crate::component::Place;

/// A package, in the words of `cargo metadata`.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) license_file: Option<PathBuf>,
    pub(crate) repository: Option<String>,
    /// None where it is in the workspace.
    pub(crate) source: Option<String>,
    manifest_path: PathBuf,
}

impl Package {
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }
}

/// A crate that is linked in.
pub(crate) struct Crate {
    pub(crate) package: Package,
    pub(crate) licence: Expression,
    /// SHA-256 of what the registry gave, as the lock file has it.
    pub(crate) checksum: Option<String>,
    /// The crates that it uses, by name and version.
    pub(crate) uses: Vec<Key>,
}

/// A crate by name and version.
pub(crate) type Key = (String, String);

impl Crate {
    pub(crate) fn key(&self) -> Key {
        (self.package.name.clone(), self.package.version.clone())
    }
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// The component's own crate first, then all that are linked into it, by name.
pub(crate) fn linked(place: &Place, artifact: Artifact) -> Result<Vec<Crate>> {
    let mut tree = tree(place, artifact)?;
    let lock: Lock = toml::from_str(&place.lock()?)?;
    let mut crates = Vec::new();
    for package in place.packages(artifact)? {
        let Some(mut uses) = tree.remove(&(package.name.clone(), package.version.clone())) else { continue };
        uses.sort_unstable();
        uses.dedup();
        let licence = licence(&package)?;
        let locked = lock.package.iter().find(|one| one.name == package.name && one.version == package.version);
        let checksum = locked.and_then(|locked| locked.checksum.clone());
        crates.push(Crate { package, licence, checksum, uses });
    }
    ensure!(tree.is_empty(), "cargo metadata lacks {:?}", tree.keys());
    crates.sort_by_key(|linked| (linked.package.source.is_some(), linked.key()));
    Ok(crates)
}

/// The licence that a package names, in the words of SPDX.
fn licence(package: &Package) -> Result<Expression> {
    let named = format!("{} {}", package.name, package.version);
    let licence = package.license.as_deref().with_context(|| format!("{named} names no licence"))?;
    Expression::parse(licence).map_err(|error| anyhow!("{named}: the licence {licence:?}: {}", error.reason))
}

/// Which crate uses which. What runs in the compiler, like macros and build scripts, is not among them.
fn tree(place: &Place, artifact: Artifact) -> Result<BTreeMap<Key, Vec<Key>>> {
    let mut cargo = place.cargo();
    cargo.args(["tree", "--locked", "--package", "wecom-connector", "--target", artifact.target()]);
    cargo.args(["--edges", "normal,no-proc-macro", "--no-dedupe", "--prefix", "depth", "--format", " {p}"]);
    let mut uses: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    let mut above: Vec<Key> = Vec::new();
    for line in place.output(&mut cargo)?.lines() {
        // As `2 bytes v1.12.1`, with the depth before it and perhaps a source behind it.
        let mut words = line.split_whitespace();
        let entry = || {
            let depth: usize = words.next()?.parse().ok()?;
            Some((depth, (words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned())))
        };
        let (depth, key) = { entry }().with_context(|| format!("cargo tree says {line:?}"))?;
        above.truncate(depth);
        if let Some(user) = above.last() {
            uses.entry(user.clone()).or_default().push(key.clone());
        }
        uses.entry(key.clone()).or_default();
        above.push(key);
    }
    Ok(uses)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn package(folder: &Path, licence: Option<&str>) -> Package {
        Package {
            name: "left-pad".into(),
            version: "1.2.3".into(),
            description: None,
            license: licence.map(str::to_owned),
            license_file: None,
            repository: Some("https://example.com/left-pad".into()),
            source: Some("registry".into()),
            manifest_path: folder.join("Cargo.toml"),
        }
    }

    /// A crate that lives in a folder.
    pub(crate) fn linked(folder: &Path, licence: &str) -> Crate {
        let package = package(folder, Some(licence));
        Crate { licence: super::licence(&package).unwrap(), package, checksum: None, uses: Vec::new() }
    }

    #[test]
    fn a_licence_that_spdx_does_not_know_is_an_error() {
        for (name, words) in [
            (None, "left-pad 1.2.3 names no licence"),
            (Some("Left-Pad-1.0"), "left-pad 1.2.3: the licence \"Left-Pad-1.0\": unknown term"),
            (Some("MIT/Apache-2.0"), "left-pad 1.2.3: the licence \"MIT/Apache-2.0\": "),
        ] {
            let error = licence(&package(Path::new("left-pad"), name)).unwrap_err().to_string();
            assert!(error.starts_with(words), "{error}");
        }
    }
}
