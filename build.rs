//! Packs the manifest for the component: it is a fifth of its size when it stands there as it is.

use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const MANIFEST: &str = "schemas/manifest.json";
    println!("cargo::rerun-if-changed={MANIFEST}");
    let manifest = fs::read(Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(MANIFEST))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("manifest.deflate"), packed(&manifest)?)?;
    Ok(())
}

/// In a moment, which is what everybody wants who is not releasing.
#[cfg(not(feature = "smallest"))]
fn packed(manifest: &[u8]) -> std::io::Result<Vec<u8>> {
    const LEVEL: u8 = 10;
    Ok(miniz_oxide::deflate::compress_to_vec(manifest, LEVEL))
}

/// As small as it gets, in half a minute.
#[cfg(feature = "smallest")]
fn packed(manifest: &[u8]) -> std::io::Result<Vec<u8>> {
    const ITERATIONS: std::num::NonZeroU64 = std::num::NonZeroU64::new(60).unwrap();
    let options = zopfli::Options { iteration_count: ITERATIONS, ..zopfli::Options::default() };
    let mut packed = Vec::new();
    zopfli::compress(options, zopfli::Format::Deflate, manifest, &mut packed)?;
    Ok(packed)
}
