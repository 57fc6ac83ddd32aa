//! A component as it is released: the same bytes wherever it is built.
//!
//! Panics tell where they arose, and so the paths of sources stand in the file. Cargo calls rustc for the workspace with
//! relative paths, but for dependencies with those of the cargo home; a configuration file cannot name that, and cargo's
//! `trim-paths` is not stable. So this build remaps them, and is kept apart from the plain one: their files differ.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use artifact::Artifact;
use serde::Deserialize;

use crate::crates::{Crate, Package};
use crate::release::{File, LIBRARY_LICENCES};

/// What stands between the arguments in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// Where a component is built.
pub(crate) struct Place {
    sources: PathBuf,
    /// Where cargo compiles.
    build: PathBuf,
    /// Where it puts what it made.
    target: PathBuf,
    /// None for the usual one.
    cargo_home: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Configuration {
    target: std::collections::BTreeMap<String, TargetConfiguration>,
}

#[derive(Deserialize)]
struct TargetConfiguration {
    rustflags: Vec<String>,
}

impl Place {
    /// The workspace. What runs while cargo compiles, macros say, is that of the plain build; what is made has a folder
    /// of its own.
    pub(crate) fn here() -> Self {
        let build = artifact::target_folder();
        Self { sources: artifact::workspace().to_owned(), target: build.join("dist"), build, cargo_home: None }
    }

    /// A copy of everything that is not built, in a folder; with a cargo home that shares only what was downloaded.
    pub(crate) fn elsewhere(here: &Self, folder: &Path) -> Result<Self> {
        let sources = folder.join("the sources");
        copy(&here.sources, &sources, &[".git", "dist", "target"])?;
        let cargo_home = cfg!(unix).then(|| folder.join("cargo home"));
        #[cfg(unix)]
        if let Some(home) = &cargo_home {
            let usual = here.usual_cargo_home();
            fs::create_dir_all(home.join("registry"))?;
            for shared in ["registry/index", "registry/cache", "config.toml"] {
                if usual.join(shared).exists() {
                    std::os::unix::fs::symlink(usual.join(shared), home.join(shared))?;
                }
            }
        }
        let target = folder.join("target");
        Ok(Self { sources, build: target.clone(), target, cargo_home })
    }

    fn usual_cargo_home(&self) -> PathBuf {
        let home = || std::env::home_dir().unwrap_or_default().join(".cargo");
        std::env::var_os("CARGO_HOME").filter(|path| !path.is_empty()).map_or_else(home, PathBuf::from)
    }

    /// The folders that no file of a release may name, with a `/` behind each.
    pub(crate) fn folders(&self) -> Vec<String> {
        let cargo_home = self.cargo_home.clone().unwrap_or_else(|| self.usual_cargo_home());
        let folders = [Some(self.sources.clone()), Some(self.build.clone()), Some(cargo_home), std::env::home_dir()];
        let folders = folders.into_iter().flatten().filter(|folder| folder.file_name().is_some());
        folders.map(|folder| format!("{}/", folder.display())).collect()
    }

    /// Cargo for this place, without what the environment says of profiles, flags and compilers.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = artifact::cargo();
        cargo.current_dir(&self.sources).stdin(Stdio::null());
        let changes = [
            "CARGO_BUILD_",
            "CARGO_PROFILE_",
            "CARGO_TARGET_",
            "CARGO_ENCODED_",
            "CARGO_INCREMENTAL",
            "RUSTC",
            "RUSTFLAGS",
        ];
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| changes.iter().any(|prefix| name.starts_with(prefix))) {
                cargo.env_remove(name);
            }
        }
        cargo.env("CARGO_BUILD_BUILD_DIR", &self.build).env("CARGO_TARGET_DIR", &self.target);
        if let Some(home) = &self.cargo_home {
            cargo.env("CARGO_HOME", home).env("CARGO_NET_OFFLINE", "true");
        }
        cargo
    }

    /// What a command prints.
    pub(crate) fn output(&self, command: &mut Command) -> Result<String> {
        let named = command.get_program().display().to_string();
        let output = command.output().with_context(|| format!("{named} could not be started"))?;
        let words = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{named} fails: {words}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// All packages that the lock file names for the artifact's target, and perhaps more.
    pub(crate) fn packages(&self, artifact: Artifact) -> Result<Vec<Package>> {
        let mut cargo = self.cargo();
        cargo.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", artifact.target()]);
        Ok(serde_json::from_str::<Metadata>(&self.output(&mut cargo)?)?.packages)
    }

    /// Builds the component of that artifact.
    pub(crate) fn build(&self, artifact: Artifact, crates: &[Crate]) -> Result<Vec<u8>> {
        let mut cargo = self.cargo();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", self.flags(artifact, crates)?.join(SEPARATOR));
        let files = artifact::compile(&mut cargo, &[artifact], &["smallest"])?;
        let file = files.first().context("cargo built nothing")?;
        fs::read(file).with_context(|| file.display().to_string())
    }

    /// What `.cargo/config.toml` sets, since the variable takes its place, and where each source seems to be.
    fn flags(&self, artifact: Artifact, crates: &[Crate]) -> Result<Vec<String>> {
        let file = self.sources.join(".cargo/config.toml");
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let mut configuration: Configuration = toml::from_str(&text)?;
        let target = configuration.target.remove(artifact.target()).context(".cargo/config.toml lacks the target")?;

        let mut flags = target.rustflags;
        let mut remap = |from: &Path, to: &str| flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        // The last that fits counts.
        remap(&self.sources, "");
        remap(&self.build, "target");
        for package in crates.iter().map(|linked| &linked.package).filter(|package| package.source.is_some()) {
            remap(package.folder(), &format!("{}-{}", package.name, package.version));
        }
        // With the sources of the standard library at hand, rustc may name these instead.
        let library = self.rustc(&["--print", "sysroot"])?;
        let version = self.rustc(&["-vV"])?;
        let commit =
            version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).context("rustc has no commit")?;
        remap(&Path::new(library.trim()).join("lib/rustlib/src/rust"), &format!("/rustc/{commit}"));
        Ok(flags)
    }

    /// The lock file.
    pub(crate) fn lock(&self) -> Result<String> {
        let file = self.sources.join("Cargo.lock");
        fs::read_to_string(&file).with_context(|| file.display().to_string())
    }

    /// The version of Rust, and so of the standard library.
    pub(crate) fn rust_version(&self) -> Result<String> {
        let version = self.rustc(&["-vV"])?;
        let release = version.lines().find_map(|line| line.strip_prefix("release: "));
        Ok(release.context("rustc has no version")?.to_owned())
    }

    fn rustc(&self, arguments: &[&str]) -> Result<String> {
        self.output(Command::new("rustc").args(arguments).current_dir(&self.sources))
    }

    /// The notices of Rust's standard library, which come with the toolchain.
    pub(crate) fn standard_library(&self) -> Result<File> {
        let sysroot = self.rustc(&["--print", "sysroot"])?;
        let text = fs::read(Path::new(sysroot.trim()).join("share/doc/rust/COPYRIGHT-library.html"));
        let text = text.context("the toolchain comes without the notices of Rust's standard library")?;
        Ok(File::new(LIBRARY_LICENCES, "licences of Rust's standard library", text))
    }
}

/// Copies a folder without some of its folders, and without what is made below it.
fn copy(from: &Path, to: &Path, without: &[&str]) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        if kind.is_dir() {
            if !without.iter().any(|without| name == *without) {
                copy(&entry.path(), &to.join(name), &["node_modules", "target"])?;
            }
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}
