//! Packs for the component what it is asked for rarely: the texts, and what the manifest says of the actions. As it stands
//! it would be most of the component.

use std::path::Path;
use std::{env, fs};

/// The tables of texts, in the order in which `text::tables` unpacks them.
const TEXTS: [&str; 3] = ["src/text/phrases.tsv", "src/text/codes.tsv", "src/text/hints.tsv"];
const MANIFEST: &str = "schemas/manifest.json";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=build.rs");
    // Natively the tables are read as they are.
    if env::var("CARGO_CFG_TARGET_FAMILY")? != "wasm" {
        return Ok(());
    }
    let texts = TEXTS.iter().map(|file| read(file)).collect::<Outcome<Vec<_>>>()?;
    pack("texts.deflate", &texts.join("\0"))?;
    let manifest = read(MANIFEST)?;
    // What follows repeats the tables of texts.
    let (head, _) = manifest.split_once(",\n\"error_codes\":[").ok_or("schemas/manifest.json: no error_codes")?;
    pack("manifest.deflate", head)
}

fn read(file: &str) -> Outcome<String> {
    println!("cargo::rerun-if-changed={file}");
    let path = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(file);
    fs::read_to_string(&path).map_err(|error| format!("{file}: {error}").into())
}

fn pack(name: &str, text: &str) -> Outcome<()> {
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join(name), packed(text.as_bytes())?)?)
}

/// In a moment, which is what everybody wants who is not releasing.
#[cfg(not(feature = "smallest"))]
fn packed(text: &[u8]) -> std::io::Result<Vec<u8>> {
    const LEVEL: u8 = 10;
    Ok(miniz_oxide::deflate::compress_to_vec(text, LEVEL))
}

/// As small as it gets, in some seconds: more iterations take minutes, for a dozen bytes.
#[cfg(feature = "smallest")]
fn packed(text: &[u8]) -> std::io::Result<Vec<u8>> {
    const ITERATIONS: std::num::NonZeroU64 = std::num::NonZeroU64::new(15).unwrap();
    let options = zopfli::Options { iteration_count: ITERATIONS, ..zopfli::Options::default() };
    let mut packed = Vec::new();
    zopfli::compress(options, zopfli::Format::Deflate, text, &mut packed)?;
    Ok(packed)
}
