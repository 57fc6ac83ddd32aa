//! What the connector says of its own accord.
//!
//! Both texts stand in `phrases.tsv`, which the manifest publishes. The code names a line by its English text, and only
//! its number gets into the component: a text that is not in the file does not compile.

use super::Localized;

const TABLE: &[u8] = include_bytes!("phrases.tsv");

/// Where each line's English text begins and ends in the table. It is a static, since the compiler computes that once: a
/// walk along the table takes it a twentieth of a second, and hundreds of constants look a text up.
static ENGLISH: [(usize, usize); LINES] = {
    let mut english = [(0, 0); LINES];
    let (mut line, mut begin, mut at) = (0, 0, 0);
    while line < LINES {
        if TABLE[at] == b'\t' {
            english[line] = (begin, at);
        }
        if TABLE[at] == b'\n' {
            (line, begin) = (line + 1, at + 1);
        }
        at += 1;
    }
    english
};

const LINES: usize = {
    let (mut at, mut lines) = (0, 0);
    while at < TABLE.len() {
        if TABLE[at] == b'\n' {
            lines += 1;
        }
        at += 1;
    }
    lines
};

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase(u16);

const _: () = assert!(LINES <= 1 << 16, "a phrase is the number of its line");

impl Phrase {
    /// The line with this English text, whose gaps are written `{}`. Only for constants: see [`phrase!`] and [`message!`].
    pub const fn of(english: &str, gaps: usize) -> Self {
        let english = english.as_bytes();
        assert!(count_gaps(english) == gaps, "the text has another number of gaps");
        let mut line = 0;
        while line < LINES {
            let (begin, end) = ENGLISH[line];
            if end - begin == english.len() && is_at(TABLE, begin, english) {
                return Self(line as u16);
            }
            line += 1;
        }
        panic!("{}", missing(english, &mut [0; 1024]))
    }

    /// How many lines stand before it.
    pub(super) const fn line(self) -> usize {
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

/// What the compiler says of a text that is in no line, so that its first line names the text. A constant cannot format.
const fn missing<'a>(english: &[u8], memory: &'a mut [u8]) -> &'a str {
    const WHERE: &[u8] = b"src/text/phrases.tsv has no line: ";
    let mut at = 0;
    while at < memory.len() && at < WHERE.len() + english.len() {
        memory[at] = if at < WHERE.len() { WHERE[at] } else { english[at - WHERE.len()] };
        at += 1;
    }
    match std::str::from_utf8(memory.split_at(at).0) {
        Ok(text) => text,
        Err(_) => "src/text/phrases.tsv has no line for the text",
    }
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
        const { $crate::text::Phrase::of($english, 0) }
    };
}
pub(crate) use phrase;

/// A text and what fills its gaps: `message!("must be {} or more", 1)`.
macro_rules! message {
    ($english:expr $(, $gap:expr)* $(,)?) => {
        $crate::text::Message::new(
            const { $crate::text::Phrase::of($english, [$(stringify!($gap)),*].len()) },
            &[$($crate::text::Insert::from($gap)),*],
        )
    };
}
pub(crate) use message;

/// A line of the table with its gaps filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    phrase: Phrase,
    inserts: Vec<Inserted>,
}

/// What is to fill a gap.
#[derive(Clone, Copy, Debug)]
pub enum Insert<'a> {
    /// A number.
    Number(u64),
    /// A name, or the words of somebody else: the same in both languages.
    Text(&'a str),
    /// A line of the table itself.
    Phrase(Phrase),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inserted {
    Text(String),
    Phrase(Phrase),
}

impl Message {
    /// See [`message!`]. One function for all, since the component has to be small.
    #[inline(never)]
    pub fn new(phrase: Phrase, gaps: &[Insert<'_>]) -> Self {
        let inserted = |gap: &Insert<'_>| match *gap {
            Insert::Number(number) => Inserted::Text(number.to_string()),
            Insert::Text(text) => Inserted::Text(text.to_owned()),
            Insert::Phrase(inner) => Inserted::Phrase(inner),
        };
        Self { phrase, inserts: gaps.iter().map(inserted).collect() }
    }

    /// The texts, where `template` gives those of a line.
    #[inline(never)]
    pub(super) fn localized(&self, template: &dyn Fn(Phrase) -> Localized) -> Localized {
        let localized = |insert: &Inserted| match insert {
            Inserted::Text(text) => Localized::same(text.as_str()),
            Inserted::Phrase(inner) => template(*inner),
        };
        let Localized { en, zh } = template(self.phrase);
        let inserts: Vec<Localized> = self.inserts.iter().map(localized).collect();
        Localized {
            en: filled(&en, &mut inserts.iter().map(|insert| insert.en.as_str())),
            zh: filled(&zh, &mut inserts.iter().map(|insert| insert.zh.as_str())),
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

impl From<Phrase> for Message {
    fn from(phrase: Phrase) -> Self {
        Self { phrase, inserts: Vec::new() }
    }
}

impl From<Phrase> for Insert<'_> {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(phrase)
    }
}

impl<'a> From<&'a String> for Insert<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a str> for Insert<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Insert<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Insert<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Insert<'_> {
    fn from(number: usize) -> Self {
        // Nothing that the connector runs on has more than 64 bits.
        Self::Number(number as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::phrases;

    #[test]
    fn a_line_is_found_by_its_english_text() {
        for (line, [en, zh]) in phrases().enumerate() {
            let gaps = count_gaps(en.as_bytes());
            assert_eq!(Phrase::of(en, gaps).line(), line, "{en}");
            assert_eq!(count_gaps(zh.as_bytes()), gaps, "{en}");
        }
    }

    #[test]
    #[should_panic = "src/text/phrases.tsv has no line: “Nobody” says this"]
    fn a_text_that_is_in_no_line_is_named() {
        Phrase::of("“Nobody” says this", 0);
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
        for [en, _] in phrases() {
            assert!(code.contains(&format!("{en:?}")), "nothing says {en:?}");
        }
    }

    #[test]
    fn gaps_are_filled_in_order_and_what_fills_them_has_none() {
        let message = Message::new(Phrase(1), &["{}".into(), 7_u32.into(), Phrase(2).into()]);
        let localized = message.localized(&|phrase| match phrase {
            Phrase(1) => Localized::new("{} has {} of {}.", "{}有{}个{}。"),
            _ => Localized::new("a list", "列表"),
        });
        assert_eq!(localized, Localized::new("{} has 7 of a list.", "{}有7个列表。"));
    }
}
