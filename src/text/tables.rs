//! The tables of texts: a line for each entry, columns separated by tabs. The component has them packed, since they are
//! most of what it says and little of it is needed in a call.

use super::{Localized, Message, Phrase};

/// The tables, as the files have them.
struct Tables {
    phrases: &'static str,
    codes: &'static str,
    hints: &'static str,
}

#[cfg(not(target_family = "wasm"))]
fn tables() -> &'static Tables {
    &Tables { phrases: include_str!("phrases.tsv"), codes: include_str!("codes.tsv"), hints: include_str!("hints.tsv") }
}

/// They are unpacked and parted when a text is first needed, and kept, since that takes longer than all that an error reads
/// from them.
#[cfg(target_family = "wasm")]
fn tables() -> &'static Tables {
    use std::sync::LazyLock;

    /// The three files, packed by the build, with a zero byte between them.
    const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/texts.deflate"));
    static UNPACKED: LazyLock<String> = LazyLock::new(|| crate::packed::unpack(PACKED));
    static TABLES: LazyLock<Tables> = LazyLock::new(|| {
        let mut parts = UNPACKED.split('\0');
        let mut next = || parts.next().unwrap_or_default();
        Tables { phrases: next(), codes: next(), hints: next() }
    });
    &TABLES
}

/// Every line of `phrases.tsv`: English and Chinese.
pub fn phrases() -> impl Iterator<Item = [&'static str; 2]> {
    tables().phrases.lines().map(columns)
}

/// Every line of `codes.tsv`: code, category, outcome, how many seconds to wait or nothing, and what to do in English and
/// in Chinese.
pub fn codes() -> impl Iterator<Item = [&'static str; 6]> {
    tables().codes.lines().map(columns)
}

/// Every line of `hints.tsv`: the name of a problem without a code, and what to do about it in English and in Chinese.
pub fn hints() -> impl Iterator<Item = [&'static str; 3]> {
    tables().hints.lines().map(columns)
}

/// The message in both languages.
pub fn localize(message: &Message) -> Localized {
    message.localized(&template)
}

fn template(phrase: Phrase) -> Localized {
    // A phrase exists only where its line does.
    phrases().nth(phrase.line()).map(|[en, zh]| Localized::new(en, zh)).unwrap_or_default()
}

/// What a person does about a problem of which WeCom gave no code, or an unknown one.
pub fn hint(name: &str) -> Localized {
    // A test asks for every name that there is.
    hints().find(|[known, ..]| *known == name).map(|[_, en, zh]| Localized::new(en, zh)).unwrap_or_default()
}

fn columns<const N: usize>(line: &'static str) -> [&'static str; N] {
    let mut columns = line.split('\t');
    [(); N].map(|()| columns.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_columns() {
        let Tables { phrases, codes, hints } = tables();
        for (table, columns) in [(phrases, 2), (codes, 6), (hints, 3)] {
            for line in table.lines() {
                assert_eq!(line.split('\t').count(), columns, "{line}");
                assert!(!line.contains('\0'), "{line}");
            }
        }
    }
}
