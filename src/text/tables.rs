//! The tables of texts: a line for each entry, columns separated by tabs. The component has them packed, since they are
//! most of what it says and little of it is needed in a call.

use super::{Localized, Message, Phrase};

use pieces::{CODES, HINTS, PHRASES};

/// The tables, as the files have them.
#[cfg(not(target_family = "wasm"))]
mod pieces {
    pub(super) static PHRASES: Piece = Piece(include_str!("phrases.tsv"));
    pub(super) static HINTS: Piece = Piece(include_str!("hints.tsv"));
    pub(super) static CODES: [(i32, Piece); 1] = [(i32::MIN, Piece(include_str!("codes.tsv")))];

    /// Whole lines.
    pub(super) struct Piece(&'static str);

    impl Piece {
        pub(super) fn text(&self) -> &'static str {
            self.0
        }
    }
}

/// The tables, as the build has packed them: the codes in pieces, each with the code that it begins with, so that an error
/// unpacks no more than it says.
#[cfg(target_family = "wasm")]
mod pieces {
    use std::sync::OnceLock;

    pub(super) static PHRASES: Piece = Piece::packed(include_bytes!(concat!(env!("OUT_DIR"), "/phrases.deflate")));
    pub(super) static HINTS: Piece = Piece::packed(include_bytes!(concat!(env!("OUT_DIR"), "/hints.deflate")));
    include!(concat!(env!("OUT_DIR"), "/codes.rs"));

    /// Whole lines, unpacked when one is first needed, and kept.
    pub(super) struct Piece {
        packed: &'static [u8],
        text: OnceLock<String>,
    }

    impl Piece {
        const fn packed(packed: &'static [u8]) -> Self {
            Self { packed, text: OnceLock::new() }
        }

        pub(super) fn text(&'static self) -> &'static str {
            self.text.get_or_init(|| crate::packed::unpack(self.packed))
        }
    }
}

/// Every line of `phrases.tsv`: English and Chinese.
pub fn phrases() -> impl Iterator<Item = [&'static str; 2]> {
    PHRASES.text().lines().map(columns)
}

/// Every line of `codes.tsv`: code, category, outcome, how many seconds to wait or nothing, and what to do in English and
/// in Chinese.
pub fn codes() -> impl Iterator<Item = [&'static str; 6]> {
    CODES.iter().flat_map(|(_, piece)| piece.text().lines()).map(columns)
}

/// The line of `codes.tsv` with this code.
pub fn code(code: i32) -> Option<[&'static str; 6]> {
    let (_, piece) = CODES.iter().rfind(|(first, _)| *first <= code)?;
    let code = code.to_string();
    piece.text().lines().map(columns).find(|[known, ..]: &[&str; 6]| **known == *code)
}

/// Every line of `hints.tsv`: the name of a problem without a code, and what to do about it in English and in Chinese.
pub fn hints() -> impl Iterator<Item = [&'static str; 3]> {
    HINTS.text().lines().map(columns)
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
        let codes = CODES.iter().map(|(_, piece)| (piece.text(), 6));
        for (table, columns) in [(PHRASES.text(), 2), (HINTS.text(), 3)].into_iter().chain(codes) {
            for line in table.lines() {
                assert_eq!(line.split('\t').count(), columns, "{line}");
            }
        }
    }

    /// The component looks for a code in the piece that begins with it or before it.
    #[test]
    fn codes_are_sorted() {
        let codes: Vec<i32> = codes().map(|[code, ..]| code.parse().unwrap()).collect();
        assert!(codes.is_sorted_by(|one, next| one < next));
    }
}
