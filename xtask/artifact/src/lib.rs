//! The files that cargo makes of the connector: built where they are missing or stale.
//!
//! A crate of its own, since the harness and the release builder need the same, and neither should have to compile what
//! the other needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

/// What cargo makes of the connector. The target decides which of its two worlds it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Artifact {
    /// The component that calls the host's HTTP.
    Component,
    /// The component that imports nothing.
    Stepwise,
}

impl Artifact {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Component, Self::Stepwise];

    /// The target that it is built for.
    pub fn target(self) -> &'static str {
        match self {
            Self::Component => "wasm32-wasip2",
            Self::Stepwise => "wasm32-unknown-unknown",
        }
    }

    /// The environment's name for a file that is taken in its place, as it is.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Component => "WECOM_COMPONENT",
            Self::Stepwise => "WECOM_STEPWISE_COMPONENT",
        }
    }

    /// Whether an earlier build has left it, fresh or stale, or another file is taken in its place.
    pub fn exists(self) -> bool {
        self.given().is_some() || target_folder().join(self.target()).join("release").join(self.file_name()).exists()
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Component => "wecom_connector.wasm",
            Self::Stepwise => "wecom_connector_stepwise.wasm",
        }
    }

    fn given(self) -> Option<PathBuf> {
        std::env::var_os(self.variable()).filter(|file| !file.is_empty()).map(PathBuf::from)
    }

    /// The file that the environment names.
    fn checked(self, file: PathBuf) -> Result<PathBuf, String> {
        if file.is_file() { Ok(file) } else { Err(format!("{} names no file: {}", self.variable(), file.display())) }
    }
}

/// The folder of the connector's package: the one that this was compiled in.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."))
}

/// Where compiled components are kept between runs.
pub fn cache() -> PathBuf {
    target_folder().join("wasmtime-cache")
}

/// Where cargo builds.
pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// The component that calls the host's HTTP: see [`files`].
pub fn component() -> Result<PathBuf> {
    files([Artifact::Component]).map(|[file]| file)
}

/// The component that imports nothing: see [`files`].
pub fn stepwise() -> Result<PathBuf> {
    files([Artifact::Stepwise]).map(|[file]| file)
}

/// The files of these: those that the environment names, or else built, once for each process.
pub fn files<const N: usize>(artifacts: [Artifact; N]) -> Result<[PathBuf; N]> {
    static FILES: Mutex<BTreeMap<Artifact, Result<PathBuf, String>>> = Mutex::new(BTreeMap::new());
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let given = artifacts.into_iter().filter_map(|artifact| Some((artifact, artifact.checked(artifact.given()?))));
    files.extend(given);
    let missing: Vec<Artifact> = artifacts.into_iter().filter(|artifact| !files.contains_key(artifact)).collect();
    if !missing.is_empty() {
        match build(&missing) {
            Ok(built) => files.extend(missing.into_iter().zip(built.into_iter().map(Ok))),
            Err(error) => files.extend(missing.into_iter().map(|artifact| (artifact, Err(format!("{error:#}"))))),
        }
    }
    let mut found = artifacts.map(|_| PathBuf::new());
    for (artifact, found) in artifacts.into_iter().zip(&mut found) {
        let file = files.get(&artifact).context("cargo built nothing")?;
        *found = file.clone().map_err(anyhow::Error::msg)?;
    }
    Ok(found)
}

/// Builds these with cargo where they are missing or stale, and returns the file of each. Two together take less than one
/// after the other. Where a target is missing it is installed, or the error names the command that does so.
pub fn build(artifacts: &[Artifact]) -> Result<Vec<PathBuf>> {
    artifacts.iter().try_for_each(|artifact| ensure_target(*artifact))?;
    let mut cargo = cargo();
    cargo.current_dir(workspace());
    // What the outer cargo says of its own package, and of coverage or sanitizers, is not for this one.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    let files = compile(&mut cargo, artifacts, &[])?;
    artifacts
        .iter()
        .zip(files)
        .map(|(artifact, file)| placed(&file, file.with_file_name(artifact.file_name())))
        .collect()
}

/// Sees to it that the file is there by that name, too.
fn placed(file: &Path, name: PathBuf) -> Result<PathBuf> {
    if file == name {
        return Ok(name);
    }
    let component = fs::read(file).with_context(|| file.display().to_string())?;
    // Another process may be reading it.
    if fs::read(&name).is_ok_and(|present| present == component) {
        return Ok(name);
    }
    let new = name.with_extension(format!("wasm.{}", std::process::id()));
    fs::write(&new, component).and_then(|()| fs::rename(&new, &name)).with_context(|| name.display().to_string())?;
    Ok(name)
}

/// Has this cargo build them with these features, and returns the file of each.
pub fn compile(cargo: &mut Command, artifacts: &[Artifact], features: &[&str]) -> Result<Vec<PathBuf>> {
    let targets: Vec<&str> = artifacts.iter().flat_map(|artifact| ["--target", artifact.target()]).collect();
    let output = cargo
        .args(["build", "--quiet", "--release", "--locked", "--package", "component", "--lib"])
        .args(["--features", &features.join(",")])
        .args(&targets)
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("the connector does not build: `cargo build --release {}` says why", targets.join(" "));
    }
    let made: Vec<PathBuf> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .filter(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    let of = |artifact: &Artifact| {
        let is_its = |file: &&PathBuf| file.iter().any(|part| part == artifact.target());
        made.iter().rfind(is_its).cloned().with_context(|| format!("cargo built nothing for {}", artifact.target()))
    };
    artifacts.iter().map(of).collect()
}

/// Sees to it that rustc has the target.
pub fn ensure_target(artifact: Artifact) -> Result<()> {
    let target = artifact.target();
    let sysroot =
        Command::new("rustc").args(["--print", "target-libdir", "--target", target]).current_dir(workspace()).output();
    let installed = sysroot.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    });
    if installed {
        return Ok(());
    }
    eprintln!("installing the Rust target {target} …");
    let added = Command::new("rustup").args(["target", "add", target]).current_dir(workspace()).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        _ => bail!("the Rust target {target} is missing; install it with `rustup target add {target}`"),
    }
}

/// Cargo, as it was called.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
