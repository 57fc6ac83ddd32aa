//! What the connector says of its own accord, in English and Chinese.
//!
//! Both texts stand in `words.json`, which the manifest publishes. The code names a line by its English text, and only
//! its number gets into the component: a text that is not in the file does not compile.

use crate::error::Localized;

const TABLE: &str = include_str!("words.json");

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase(u16);

impl Phrase {
    /// The line with this English text, whose gaps are written `{}`. Only for constants: see [`phrase!`] and [`words!`].
    pub const fn of(english: &str, gaps: usize) -> Self {
        assert!(count_gaps(english.as_bytes()) == gaps, "the text has another number of gaps");
        let table = TABLE.as_bytes();
        let (mut at, mut line) = (0, 0);
        while at < table.len() {
            if is_at(table, at, b"{\"en\":\"") && is_quoted_at(table, at + b"{\"en\":\"".len(), english.as_bytes()) {
                return Self(line);
            }
            if table[at] == b'\n' {
                line += 1;
            }
            at += 1;
        }
        panic!("the text is not in words.json")
    }

    /// How many lines stand before it, that of the bracket included.
    pub const fn line(self) -> usize {
        self.0 as usize
    }
}

const fn is_at(text: &[u8], at: usize, part: &[u8]) -> bool {
    let mut index = 0;
    while index < part.len() {
        if at + index >= text.len() || text[at + index] != part[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Whether the rest of a JSON text is `part`, in which only quotes and backslashes need an escape.
const fn is_quoted_at(text: &[u8], mut at: usize, part: &[u8]) -> bool {
    let mut index = 0;
    while index < part.len() {
        if part[index] == b'"' || part[index] == b'\\' {
            if !is_at(text, at, b"\\") {
                return false;
            }
            at += 1;
        }
        if at >= text.len() || text[at] != part[index] {
            return false;
        }
        at += 1;
        index += 1;
    }
    is_at(text, at, b"\"")
}

const fn count_gaps(text: &[u8]) -> usize {
    let (mut at, mut gaps) = (0, 0);
    while at < text.len() {
        if is_at(text, at, b"{}") {
            gaps += 1;
        }
        at += 1;
    }
    gaps
}

/// A text without gaps: `phrase!("must not be empty")`.
macro_rules! phrase {
    ($english:expr) => {
        const { $crate::words::Phrase::of($english, 0) }
    };
}
pub(crate) use phrase;

/// A text and what fills its gaps: `words!("must be {} or more", 1)`.
macro_rules! words {
    ($english:expr $(, $gap:expr)* $(,)?) => {
        $crate::words::Words::new(
            const { $crate::words::Phrase::of($english, [$(stringify!($gap)),*].len()) },
            &[$($crate::words::Gap::from($gap)),*],
        )
    };
}
pub(crate) use words;

/// A line of the table with its gaps filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    phrase: Phrase,
    gaps: Vec<Filling>,
}

/// What is to fill a gap.
#[derive(Clone, Copy, Debug)]
pub enum Gap<'a> {
    /// A number.
    Number(u64),
    /// A name, or the words of somebody else: the same in both languages.
    Text(&'a str),
    /// A line of the table itself.
    Phrase(Phrase),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Filling {
    Text(String),
    Phrase(Phrase),
}

impl Words {
    /// See [`words!`]. One function for all, since the component has to be small.
    #[inline(never)]
    pub fn new(phrase: Phrase, gaps: &[Gap<'_>]) -> Self {
        let filling = |gap: &Gap<'_>| match *gap {
            Gap::Number(number) => Filling::Text(number.to_string()),
            Gap::Text(text) => Filling::Text(text.to_owned()),
            Gap::Phrase(inner) => Filling::Phrase(inner),
        };
        Self { phrase, gaps: gaps.iter().map(filling).collect() }
    }

    /// The texts, where `template` gives those of a line.
    #[inline(never)]
    pub fn said(&self, template: &dyn Fn(Phrase) -> Localized) -> Localized {
        let filling = |filling: &Filling| match filling {
            Filling::Text(text) => Localized::same(text.as_str()),
            Filling::Phrase(inner) => template(*inner),
        };
        let Localized { en, zh } = template(self.phrase);
        let fillings: Vec<Localized> = self.gaps.iter().map(filling).collect();
        Localized {
            en: filled(&en, &mut fillings.iter().map(|filling| filling.en.as_str())),
            zh: filled(&zh, &mut fillings.iter().map(|filling| filling.zh.as_str())),
        }
    }
}

fn filled(template: &str, gaps: &mut dyn Iterator<Item = &str>) -> String {
    // No text has a brace but for its gaps.
    let mut parts = template.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (part, gap) in parts.zip(gaps) {
        text.push_str(gap);
        text.push_str(part.strip_prefix('}').unwrap_or(part));
    }
    text
}

impl From<Phrase> for Words {
    fn from(phrase: Phrase) -> Self {
        Self { phrase, gaps: Vec::new() }
    }
}

impl From<Phrase> for Gap<'_> {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(phrase)
    }
}

impl<'a> From<&'a String> for Gap<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a str> for Gap<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Gap<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Gap<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Gap<'_> {
    fn from(number: usize) -> Self {
        // Nothing that the connector runs on has more than 64 bits.
        Self::Number(number as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Vec<Localized> {
        let table: serde_json::Value = serde_json::from_str(TABLE).unwrap();
        let text = |line: &serde_json::Value, language: &str| line[language].as_str().unwrap().to_owned();
        table.as_array().unwrap().iter().map(|line| Localized::new(text(line, "en"), text(line, "zh"))).collect()
    }

    #[test]
    fn a_line_is_found_by_its_english_text() {
        for (index, line) in table().iter().enumerate() {
            let gaps = count_gaps(line.en.as_bytes());
            assert_eq!(Phrase::of(&line.en, gaps).line(), index + 1, "{line:?}");
            assert_eq!(count_gaps(line.zh.as_bytes()), gaps, "{line:?}");
        }
    }

    #[test]
    fn every_line_is_said_somewhere() {
        let mut code = String::new();
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(path).unwrap();
                    // Tests quote lines, too, and stand last in their files.
                    code.push_str(text.split("\n#[cfg(test)]\nmod ").next().unwrap());
                }
            }
        }
        for line in table() {
            assert!(code.contains(&format!("{:?}", line.en)), "nothing says {:?}", line.en);
        }
    }

    #[test]
    fn gaps_are_filled_in_order_and_what_fills_them_has_none() {
        let words = Words::new(Phrase(1), &["{}".into(), 7_u32.into(), Phrase(2).into()]);
        let said = words.said(&|phrase| match phrase {
            Phrase(1) => Localized::new("{} has {} of {}.", "{}有{}个{}。"),
            _ => Localized::new("a list", "列表"),
        });
        assert_eq!(said, Localized::new("{} has 7 of a list.", "{}有7个列表。"));
    }
}
