//! Packs the manifest for the component: it is a fifth of its size when it stands there as it is.

use std::num::NonZeroU64;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const MANIFEST: &str = "schemas/manifest.json";
    const ITERATIONS: NonZeroU64 = NonZeroU64::new(60).unwrap();
    println!("cargo::rerun-if-changed={MANIFEST}");
    let manifest = fs::read(Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(MANIFEST))?;
    let packed = fs::File::create(Path::new(&env::var("OUT_DIR")?).join("manifest.deflate"))?;
    let options = zopfli::Options { iteration_count: ITERATIONS, ..zopfli::Options::default() };
    zopfli::compress(options, zopfli::Format::Deflate, manifest.as_slice(), packed)?;
    Ok(())
}
