//! The component's file: built where it is missing or stale.
//!
//! A crate of its own, since the harness and the release builder need the same, and neither should have to compile what
//! the other needs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

/// The target of the component.
pub const TARGET: &str = "wasm32-wasip2";

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
    target_folder().join(TARGET).join("release/wecom_connector.wasm").exists()
}

/// Where cargo builds.
pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// Builds the component with cargo, once for each process, and returns its file. Where the target is missing it is
/// installed, or the error names the command that does so.
pub fn component() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    built.clone().map_err(anyhow::Error::msg)
}

fn build() -> Result<PathBuf> {
    ensure_target()?;
    let mut cargo = cargo();
    cargo.current_dir(workspace());
    // What the outer cargo says of its own package, and of coverage or sanitizers, is not for this one.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    compile(&mut cargo, &[])
}

/// Has this cargo build the component with these features, and returns the file.
pub fn compile(cargo: &mut Command, features: &[&str]) -> Result<PathBuf> {
    let output = cargo
        .args(["build", "--quiet", "--release", "--locked", "--package", "wecom-connector", "--lib"])
        .args(["--features", &features.join(",")])
        .args(["--target", TARGET, "--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("the component does not build: `cargo build --release --target {TARGET}` says why");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .rfind(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .context("cargo built no component")
}

/// Sees to it that rustc has the component's target.
pub fn ensure_target() -> Result<()> {
    let sysroot =
        Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).current_dir(workspace()).output();
    let installed = sysroot.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    });
    if installed {
        return Ok(());
    }
    eprintln!("installing the Rust target {TARGET} …");
    let added = Command::new("rustup").args(["target", "add", TARGET]).current_dir(workspace()).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        _ => bail!("the Rust target {TARGET} is missing; install it with `rustup target add {TARGET}`"),
    }
}

/// Cargo, as it was called.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
