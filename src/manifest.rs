//! The manifest: one JSON document with everything a palette needs. Generated; see `schema::files`.

use std::sync::LazyLock;

use serde_json::Value;

use crate::error::{Category, Localized};
use crate::json;
use crate::words::{Phrase, Words};

/// `schemas/manifest.json`, packed.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/manifest.deflate"));

/// The text of `schemas/manifest.json`, byte for byte.
pub fn manifest() -> String {
    Manifest::open().text.clone()
}

/// The manifest, unpacked.
pub struct Manifest {
    text: String,
    /// Where the table of words begins.
    words: usize,
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

impl Manifest {
    /// Unpacks it when it is first asked for. It is kept, since that takes longer than all that an error reads from it.
    pub fn open() -> &'static Self {
        static OPEN: LazyLock<Manifest> = LazyLock::new(Manifest::unpacked);
        &OPEN
    }

    fn unpacked() -> Self {
        // Packed by the build from a text, so that unpacking cannot fail; a test compares the two.
        let unpacked = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
        let text = String::from_utf8(unpacked).unwrap_or_default();
        let words = text.lines().take_while(|line| *line != "\"words\":[").map(|line| line.len() + 1).sum();
        Self { text, words }
    }

    /// What the error table says of one of WeCom's codes.
    pub fn error_code(&self, code: i32) -> Option<ErrorCode> {
        let entry = self.line_that_begins(&format!("{{\"code\":{code},"))?;
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
    pub fn hint(&self, trouble: &str) -> Localized {
        let entry = self.line_that_begins(&format!("{{\"trouble\":\"{trouble}\","));
        // A test asks for every trouble that there is.
        entry.and_then(|entry| localized(&entry["hint"])).unwrap_or_default()
    }

    /// The connector's own words.
    pub fn say(&self, words: &Words) -> Localized {
        words.said(&|phrase| self.phrase(phrase))
    }

    fn phrase(&self, phrase: Phrase) -> Localized {
        // The generator copies the table line by line; a test asks for every line.
        self.text
            .get(self.words..)
            .unwrap_or_default()
            .lines()
            .nth(phrase.line())
            .and_then(parsed)
            .as_ref()
            .and_then(localized)
            .unwrap_or_default()
    }

    /// The entry that begins so. The generator gives each a line of its own: only that one is parsed.
    fn line_that_begins(&self, start: &str) -> Option<Value> {
        self.text.lines().find(|line| line.starts_with(start)).and_then(parsed)
    }
}

fn parsed(line: &str) -> Option<Value> {
    json::parse_reply(line.trim_end_matches(',').as_bytes(), json::MAX_VALUES).ok()
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
        let manifest = Manifest::open();
        for line in codes {
            let found =
                manifest.error_code(i32::try_from(line["code"].as_i64().unwrap()).unwrap()).expect("a known code");
            assert_eq!(found.hint.zh, line["hint"]["zh"], "{line}");
        }
        assert!(manifest.error_code(0).is_none());
        assert!(manifest.error_code(7_654_321).is_none());
    }

    #[test]
    fn every_line_of_the_words_is_found() {
        let manifest = Manifest::open();
        let table: Value = serde_json::from_str(include_str!("words.json")).unwrap();
        for line in table.as_array().unwrap() {
            let english = line["en"].as_str().unwrap();
            let phrase = Phrase::of(english, english.matches("{}").count());
            assert_eq!(Some(manifest.phrase(phrase)), localized(line));
        }
    }
}
