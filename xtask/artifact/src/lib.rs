//! The files that cargo makes of the connector: built where they are missing or stale.
//!
//! A crate of its own, since the harness and the release builder need the same, and neither should have to compile what
//! the other needs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

/// What cargo makes of the connector. The target decides which of its two worlds it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// The component that calls the host's HTTP.
    Component,
    /// The module of the component that imports nothing.
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

    /// What it has beyond the profile `release`, for `--config`. A profile of its own would have everything that runs
    /// while it is built compiled once more.
    fn config(self) -> Option<&'static str> {
        match self {
            Self::Component => None,
            // There is no HTTP in it to wait for: what it computes is what it costs an engine. With 2 it
            // would compute less, but be more than a twentieth larger than the other: decision 0014.
            Self::Stepwise => Some("profile.release.opt-level=\"s\""),
        }
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

/// Whether an earlier build has left a component, fresh or stale.
pub fn exists() -> bool {
    target_folder().join(Artifact::Component.target()).join("release/wecom_connector.wasm").exists()
}

/// Where cargo builds.
pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// Builds the component with cargo, once for each process, and returns its file. Where the target is missing it is
/// installed, or the error names the command that does so.
pub fn component() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build(Artifact::Component).map_err(|error| format!("{error:#}")));
    built.clone().map_err(anyhow::Error::msg)
}

/// Builds what it is now, and returns its file.
pub fn build(artifact: Artifact) -> Result<PathBuf> {
    ensure_target(artifact)?;
    let mut cargo = cargo();
    cargo.current_dir(workspace());
    // What the outer cargo says of its own package, and of coverage or sanitizers, is not for this one.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    compile(&mut cargo, artifact, &[])
}

/// Has this cargo build it with these features, and returns the file.
pub fn compile(cargo: &mut Command, artifact: Artifact, features: &[&str]) -> Result<PathBuf> {
    let target = artifact.target();
    let output = cargo
        .args(["build", "--quiet", "--release", "--locked", "--package", "wecom-connector", "--lib"])
        .args(["--features", &features.join(",")])
        .args(artifact.config().into_iter().flat_map(|config| ["--config", config]))
        .args(["--target", target, "--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("the connector does not build: `cargo build --release --target {target}` says why");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .rfind(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .context("cargo built nothing")
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
