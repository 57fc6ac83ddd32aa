//! The manifest: one JSON document with everything a palette needs. Generated; see `schema::files`.

use serde_json::Value;

use crate::error::{Category, Localized};
use crate::json;

/// `schemas/manifest.json`, packed.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/manifest.deflate"));

/// The text of `schemas/manifest.json`, byte for byte.
pub fn manifest() -> String {
    // Packed by the build from a text, so that unpacking cannot fail; a test compares the two.
    let unpacked = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
    String::from_utf8(unpacked).unwrap_or_default()
}

/// One line of the error table.
#[derive(Clone, Debug)]
pub struct ErrorCode {
    /// What kind of trouble the code stands for.
    pub category: Category,
    /// What it means for the call.
    pub outcome: Outcome,
    /// What a person does now.
    pub hint: Localized,
    /// How long the trouble lasts, where that is known.
    pub retry_after_seconds: Option<u32>,
}

/// What an error code means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did not happen, and will not until someone acts.
    Rejected,
    /// It did not happen, and may later.
    Retryable,
    /// It may have happened.
    Uncertain,
}

/// What the error table of the manifest says of one of WeCom's codes.
pub fn error_code(code: i32) -> Option<ErrorCode> {
    let entry = line(&format!("{{\"code\":{code},"))?;
    Some(ErrorCode {
        category: Category::named(entry["category"].as_str()?)?,
        outcome: match entry["outcome"].as_str()? {
            "rejected" => Outcome::Rejected,
            "retryable" => Outcome::Retryable,
            "uncertain" => Outcome::Uncertain,
            _ => return None,
        },
        hint: localized(&entry["hint"])?,
        retry_after_seconds: entry["retry_after_seconds"].as_u64().and_then(|seconds| seconds.try_into().ok()),
    })
}

/// What a person does about a trouble of which WeCom gave no code, or an unknown one.
pub fn hint(trouble: &str) -> Localized {
    let entry = line(&format!("{{\"trouble\":\"{trouble}\","));
    // A test asks for every trouble that there is.
    entry.and_then(|entry| localized(&entry["hint"])).unwrap_or_else(|| Localized::new("", ""))
}

/// The entry of the manifest that begins so. The generator gives each a line of its own: only that one is parsed.
fn line(start: &str) -> Option<Value> {
    let manifest = manifest();
    let line = manifest.lines().find(|line| line.starts_with(start))?;
    json::parse_reply(line.trim_end_matches(',').as_bytes()).ok()
}

fn localized(texts: &Value) -> Option<Localized> {
    Some(Localized::new(texts["en"].as_str()?, texts["zh"].as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_the_file_byte_for_byte() {
        assert_eq!(manifest(), include_str!("../schemas/manifest.json"));
    }

    #[test]
    fn every_code_of_the_table_is_found() {
        let table: Value = serde_json::from_str(include_str!("errcodes.json")).unwrap();
        let codes = table.as_array().unwrap();
        assert_eq!(codes.len(), 152);
        for line in codes {
            let found = error_code(i32::try_from(line["code"].as_i64().unwrap()).unwrap()).expect("a known code");
            assert_eq!(found.hint.zh, line["hint"]["zh"], "{line}");
        }
        assert!(error_code(0).is_none());
        assert!(error_code(7_654_321).is_none());
    }
}
