//! Packs for the component what it is asked for rarely: the texts, and what the manifest says of the actions. As it stands
//! it would be most of the component.

use std::collections::HashMap;
use std::path::Path;
use std::{env, fs};

const PHRASES: &str = "src/text/phrases.tsv";
const HINTS: &str = "src/text/hints.tsv";
/// Sorted by code.
const CODES: &str = "src/text/codes.tsv";
/// How many bytes of the codes are packed together: what an error unpacks to find one.
const CODES_PIECE: usize = 40_000;
const MANIFEST: &str = "schemas/manifest.json";

/// What stands for a text that was there before. No text has it.
const MARK: u8 = 1;
/// The shortest text that a mark pays for, in bytes.
const SHORTEST: usize = 24;
/// How far deflate looks back: where that is almost all of a text, marks are a loss.
const WINDOW: usize = 32 * 1024;
/// How many bytes of a text are looked up, and how many places that begin with them.
const KEY: usize = 12;
const CANDIDATES: usize = 300;

type Built<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Built<()> {
    println!("cargo::rerun-if-changed=build.rs");
    // Natively the tables are read as they are.
    if env::var("CARGO_CFG_TARGET_FAMILY")? != "wasm" {
        return Ok(());
    }
    pack("phrases.deflate", &read(PHRASES)?)?;
    pack("hints.deflate", &read(HINTS)?)?;
    pack_codes(&read(CODES)?)?;
    let manifest = read(MANIFEST)?;
    // What follows repeats the tables of texts; and one with WASI has no callbacks.
    let end = if env::var("CARGO_CFG_TARGET_OS")? == "wasi" { "callback\":{" } else { "error_codes\":[" };
    let (head, _) = manifest.split_once(&format!(",\n\"{end}")).ok_or_else(|| format!("{MANIFEST}: no {end}"))?;
    pack("manifest.deflate", head)
}

fn read(file: &str) -> Built<String> {
    println!("cargo::rerun-if-changed={file}");
    let path = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(file);
    fs::read_to_string(&path).map_err(|error| format!("{file}: {error}").into())
}

fn pack(name: &str, text: &str) -> Built<()> {
    write(name, &packed(&folded(text.as_bytes()))?)
}

fn write(name: &str, content: &[u8]) -> Built<()> {
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join(name), content)?)
}

/// Packs whole lines together, and writes for `text::tables` which code each piece begins with.
fn pack_codes(table: &str) -> Built<()> {
    let mut pieces = vec![String::new()];
    for line in table.split_inclusive('\n') {
        match pieces.last_mut() {
            Some(piece) if piece.len() < CODES_PIECE => piece.push_str(line),
            _ => pieces.push(line.to_owned()),
        }
    }
    let mut list = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        let name = format!("codes-{index}.deflate");
        pack(&name, piece)?;
        let first = piece.split('\t').next().unwrap_or_default();
        list.push_str(&format!("({first}, Piece::packed(include_bytes!({name:?}))),\n"));
    }
    let source = format!("pub(super) static CODES: [(i32, Piece); {}] = [\n{list}];\n", pieces.len());
    write("codes.rs", source.as_bytes())
}

/// The text with a mark for whatever stood in it before, and in front of it what each mark stands for: deflate looks back
/// 32 KB, and the parts that tables share stand further apart.
///
/// The number of bytes of the text, and that of the marks' list, each as four bytes; for each mark where its text begins, as
/// the distance from the end of the one before (doubled, and odd where it is negative), and how much longer than
/// [`SHORTEST`] it is; the text.
fn folded(text: &[u8]) -> Vec<u8> {
    let mut seen: HashMap<&[u8], Vec<usize>> = HashMap::new();
    let (mut marks, mut rest) = (Vec::new(), Vec::new());
    let (mut at, mut noted, mut expected) = (0, 0, 0_usize);
    if text.len() <= 2 * WINDOW {
        rest.extend_from_slice(text);
        at = text.len();
    }
    while at < text.len() {
        while noted < at && noted + KEY <= text.len() {
            seen.entry(&text[noted..noted + KEY]).or_default().push(noted);
            noted += 1;
        }
        match longest(text, &seen, at) {
            // Where the next byte begins a longer one, this is a byte like any other.
            Some((from, length)) if longest(text, &seen, at + 1).is_none_or(|(_, next)| next <= length + 8) => {
                rest.push(MARK);
                let distance = from.abs_diff(expected) * 2;
                number(&mut marks, if from < expected { distance - 1 } else { distance });
                number(&mut marks, length - SHORTEST);
                (at, expected) = (at + length, from + length);
            }
            _ => {
                rest.push(text[at]);
                (at, expected) = (at + 1, expected + 1);
            }
        }
    }
    let mut folded = Vec::new();
    for length in [text.len(), marks.len()] {
        folded.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }
    folded.extend(marks);
    folded.extend(rest);
    folded
}

/// The longest text before `at` that stands there again, and its length.
fn longest(text: &[u8], seen: &HashMap<&[u8], Vec<usize>>, at: usize) -> Option<(usize, usize)> {
    let same = |from: usize| text[from..].iter().zip(&text[at..]).take_while(|(before, now)| before == now).count();
    let candidates = seen.get(text.get(at..at + KEY)?)?;
    let found = candidates.iter().rev().take(CANDIDATES).map(|from| (*from, same(*from)));
    found.filter(|(_, length)| *length >= SHORTEST).max_by_key(|(_, length)| *length)
}

/// Seven bits in each byte, the lowest first.
fn number(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 127 {
        bytes.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
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
