//! The component that imports nothing. Rust has no target for one: it is built as a module, and wrapped here.
//!
//! A crate of its own, since whoever only wants to see the connector run should not have to compile what this needs.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use artifact::Artifact;
use wit_component::ComponentEncoder;

/// The file, beside the module that it is made of.
const FILE: &str = "wecom_connector_stepwise.wasm";

/// Builds the component, once for each process, and returns its file.
pub fn component() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    built.clone().map_err(anyhow::Error::msg)
}

fn build() -> Result<PathBuf> {
    let module = artifact::build(Artifact::Stepwise)?;
    let component = encode(&fs::read(&module).with_context(|| module.display().to_string())?)?;
    let file = module.with_file_name(FILE);
    // Another process may be reading it.
    if fs::read(&file).is_ok_and(|present| present == component) {
        return Ok(file);
    }
    let new = module.with_file_name(format!("{FILE}.{}", std::process::id()));
    fs::write(&new, component).and_then(|()| fs::rename(&new, &file)).with_context(|| file.display().to_string())?;
    Ok(file)
}

/// The component of a module. wit-bindgen has put down in it which world it is of.
pub fn encode(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default().validate(true).module(module)?.encode()
}
