//! The manifest: one JSON document with everything a palette needs.
//!
//! It is assembled from the tables: natively from all of them; in the component from what the build has packed of the
//! actions, and from the tables of texts, which errors read, too.

use serde_json::Value;

use crate::text;

#[cfg(not(target_family = "wasm"))]
mod files;
#[cfg(not(target_family = "wasm"))]
mod schemas;

#[cfg(not(target_family = "wasm"))]
pub use files::{GenerateError, files};

/// The text of `schemas/manifest.json`, byte for byte.
#[cfg(not(target_family = "wasm"))]
pub fn manifest() -> String {
    // A test generates it: what the files cannot be generated from is not committed.
    files().ok().and_then(|mut files| files.remove("manifest.json")).unwrap_or_default()
}

/// The text of `schemas/manifest.json`, byte for byte; without `callback` in the component that calls the host's HTTP, which
/// has none.
#[cfg(target_family = "wasm")]
pub fn manifest() -> String {
    /// Everything before the tables of texts.
    const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/manifest.deflate"));
    let (mut manifest, tables) = (crate::packed::unpack(PACKED), tables());
    // Without it twice the memory would be taken.
    manifest.reserve_exact(tables.len());
    manifest.push_str(&tables);
    manifest
}

/// The end of the manifest: error codes, hints and phrases, each in a line, as the tables have them.
fn tables() -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let both = |en: &str, zh: &str| format!("{{\"en\":{},\"zh\":{}}}", quoted(en), quoted(zh));
    let mut tables = String::new();
    let mut table = |name: &str, rows: &mut dyn Iterator<Item = String>| {
        tables.push_str(&format!(",\n\"{name}\":[\n"));
        for (index, row) in rows.enumerate() {
            tables.push_str(if index == 0 { "" } else { ",\n" });
            tables.push_str(&row);
        }
        tables.push_str("\n]");
    };
    table(
        "error_codes",
        &mut text::codes().map(|[code, category, outcome, seconds, en, zh]| {
            let hint = both(en, zh);
            let seconds =
                if seconds.is_empty() { String::new() } else { format!(",\"retry_after_seconds\":{seconds}") };
            format!(
                "{{\"code\":{code},\"category\":\"{category}\",\"outcome\":\"{outcome}\",\"hint\":{hint}{seconds}}}"
            )
        }),
    );
    table(
        "hints_without_code",
        &mut text::hints().map(|[name, en, zh]| format!("{{\"name\":\"{name}\",\"hint\":{}}}", both(en, zh))),
    );
    table("phrases", &mut text::phrases().map(|[en, zh]| both(en, zh)));
    tables.push_str("\n}\n");
    tables
}
