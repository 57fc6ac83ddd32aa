//! The content of a file on its way to WeCom, and back.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A mebibyte, in bytes: what WeCom counts as a megabyte.
pub const MEGABYTE: usize = 1024 * 1024;
/// How much of a text in Base64 is decoded at once: a whole number of groups of four letters.
const LETTERS_AT_ONCE: usize = 64 * 1024;
/// A text in JSON that is shorter is copied, like all others.
const LONG: usize = 256 * 1024;

/// The content of a file, as it was given: a copy of it in another form would need more memory than hosts grant.
pub enum Content<'a> {
    /// In Base64, without blanks, with its padding.
    Base64(Cow<'a, str>),
    /// As it is.
    Bytes(Cow<'a, [u8]>),
}

impl Content<'_> {
    /// How many bytes the file has.
    pub fn size(&self) -> usize {
        match self {
            Self::Base64(text) => decoded_len(text),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// How many bytes it has here.
    pub fn kept_bytes(&self) -> usize {
        match self {
            Self::Base64(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// The file, piece by piece.
    pub fn pieces(&self) -> Pieces<'_> {
        match self {
            Self::Base64(text) => Pieces::Base64(text),
            Self::Bytes(bytes) => Pieces::Bytes(bytes),
        }
    }

    /// Whether it is what [`pieces`](Self::pieces) takes it for.
    pub fn is_good(&self) -> bool {
        match self {
            Self::Base64(text) => decodes(text),
            Self::Bytes(_) => true,
        }
    }
}

/// See [`Content::pieces`].
pub enum Pieces<'a> {
    /// What is left, in Base64.
    Base64(&'a str),
    /// What is left.
    Bytes(&'a [u8]),
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Base64("") | Self::Bytes([]) => None,
            Self::Base64(text) => {
                let (now, later) = text.split_at_checked(LETTERS_AT_ONCE).unwrap_or((text, ""));
                *text = later;
                // Whether it is Base64 was asked before.
                Some(STANDARD.decode(now).unwrap_or_default().into())
            }
            Self::Bytes(bytes) => Some(std::mem::take(bytes).into()),
        }
    }
}

/// How many bytes a text in Base64 stands for.
fn decoded_len(text: &str) -> usize {
    text.len() / 4 * 3 - text.bytes().rev().take(2).filter(|byte| *byte == b'=').count().min(text.len() / 4 * 3)
}

/// Whether a text is Base64 from its first to its last letter.
fn decodes(text: &str) -> bool {
    let mut buffer = vec![0; LETTERS_AT_ONCE.min(text.len()) / 4 * 3 + 3];
    let letters = text.as_bytes().chunks(LETTERS_AT_ONCE);
    let last = letters.len();
    letters.enumerate().all(|(index, letters)| {
        // Padding ends a text, and nothing else.
        STANDARD.decode_slice(letters, &mut buffer).is_ok() && (index + 1 == last || letters.last() != Some(&b'='))
    })
}

/// How many letters of Base64 stand for so many bytes.
pub fn encoded_size(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// The bytes in Base64, in the memory that they have themselves: from the last group to the first, none is overwritten
/// before it is read.
pub fn encode(mut bytes: Vec<u8>) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let length = bytes.len();
    let groups = length.div_ceil(3);
    bytes.reserve_exact(encoded_size(length) - length);
    bytes.resize(encoded_size(length), 0);
    for group in (0..groups).rev() {
        let from = group * 3;
        let bits = u32::from_be_bytes([0, bytes[from], bytes[from + 1], bytes[from + 2]]);
        for place in 0..4 {
            let letter = (bits >> (18 - 6 * place)) & 63;
            bytes[group * 4 + place] = LETTERS[letter as usize];
        }
    }
    // What follows the last byte is no letter.
    let padding = groups * 3 - length;
    bytes[groups * 4 - padding..].fill(b'=');
    // Letters of ASCII, every one.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Takes a long text out of a JSON object, in the memory that it has: what stands for the field of that name at the top of
/// the object, if that is a text in ASCII. The object keeps an empty text in its place. Where the document is not as
/// expected, it stays as it is: who reads it next says what is wrong with it.
pub fn take_long_text(document: &mut String, name: &str, max_rest: usize) -> Option<String> {
    if document.len() < LONG {
        return None;
    }
    let text = text_at_top(document.as_bytes(), name)?;
    if text.len() < LONG || document.len() - text.len() > max_rest {
        return None;
    }
    let rest = [&document[..text.start], &document[text.end..]].concat();
    let mut bytes = std::mem::take(document).into_bytes();
    let mut end = text.start;
    let mut at = text.start;
    while at < text.end {
        let (byte, length) = letter(&bytes[at..text.end])?;
        bytes[end] = byte;
        end += 1;
        at += length;
    }
    bytes.truncate(end);
    bytes.drain(..text.start);
    *document = rest;
    // ASCII, as the search for its end has seen.
    String::from_utf8(bytes).ok()
}

/// Where the text of a field stands, its quotes not counted.
fn text_at_top(document: &[u8], name: &str) -> Option<std::ops::Range<usize>> {
    let blanks = |at: usize| at + document[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let expect = |at: usize, byte: u8| (document.get(blanks(at)) == Some(&byte)).then(|| blanks(at) + 1);
    let mut at = expect(0, b'{')?;
    loop {
        let key = expect(at, b'"')?;
        let key_end = end_of_text(document, key)?;
        let value = blanks(expect(key_end + 1, b':')?);
        if document.get(key..key_end) == Some(name.as_bytes()) {
            let text = expect(value, b'"')?;
            let mut end = text;
            while *document.get(end)? != b'"' {
                end += letter(&document[end..])?.1;
            }
            return Some(text..end);
        }
        at = expect(end_of_value(document, value)?, b',')?;
    }
}

/// The letter of a JSON text that stands there, and how many bytes it takes, where it is one of ASCII.
fn letter(text: &[u8]) -> Option<(u8, usize)> {
    Some(match text {
        [b'\\', b'u', digits @ ..] => {
            let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
            (u8::try_from(u16::from_str_radix(digits, 16).ok()?).ok().filter(u8::is_ascii)?, 6)
        }
        [b'\\', escaped, ..] => {
            let byte = match escaped {
                b'"' | b'\\' | b'/' => *escaped,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                _ => return None,
            };
            (byte, 2)
        }
        [byte @ b' '..=b'~', ..] => (*byte, 1),
        _ => return None,
    })
}

/// Where the closing quote of a text stands that begins there.
fn end_of_text(document: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match document.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where a value is over that begins there.
fn end_of_value(document: &[u8], mut at: usize) -> Option<usize> {
    let mut open = 0_usize;
    loop {
        match document.get(at)? {
            b'"' => at = end_of_text(document, at + 1)?,
            b'{' | b'[' => open += 1,
            b'}' | b']' if open > 0 => open -= 1,
            b'}' | b']' | b',' if open == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn whole(content: &Content<'_>) -> Vec<u8> {
        content.pieces().flat_map(Cow::into_owned).collect()
    }

    #[test]
    fn a_file_is_the_same_in_every_form() {
        for length in [0, 1, 2, 3, 4, 5, 49_151, 49_152, 49_153, 200_000] {
            let bytes: Vec<u8> = (0..length).map(|index: usize| (index * 7 % 251) as u8).collect();
            let text = encode(bytes.clone());
            assert_eq!(text, STANDARD.encode(&bytes), "{length}");
            assert!(decodes(&text), "{length}");
            for content in [Content::Base64(text.into()), Content::Bytes(bytes.clone().into())] {
                assert!(content.is_good());
                assert_eq!(content.size(), length);
                assert!(whole(&content) == bytes, "{length}");
            }
        }
    }

    #[test]
    fn base64_that_is_broken_anywhere_is_none() {
        let good = STANDARD.encode(vec![7; 100_000]);
        for (at, letter) in [(0, "*"), (LETTERS_AT_ONCE - 1, "="), (LETTERS_AT_ONCE, "-"), (good.len() - 1, "A")] {
            let mut bad = good.clone();
            bad.replace_range(at..=at, letter);
            assert!(!decodes(&bad), "{at}");
        }
        assert!(!decodes(&good[..good.len() - 1]));
        assert!(!decodes(&good[..good.len() - 2]));
    }

    #[test]
    fn a_long_text_is_taken_out_of_its_object() {
        let long = "QUJD/+".repeat(LONG / 6 + 1);
        let escaped = long.replace('/', "\\/").replace('+', "\\u002B");
        for text in [long.clone(), escaped] {
            let mut document =
                format!(r#" {{"a": {{"content": ["x}}", 1]}}, "b\"": "\\", "content" : "{text}", "kind":"file" }}"#);
            assert_eq!(take_long_text(&mut document, "content", 1024).as_deref(), Some(&*long));
            let rest: Value = serde_json::from_str(&document).unwrap();
            assert_eq!(rest, json!({"a": {"content": ["x}", 1]}, "b\"": "\\", "content": "", "kind": "file"}));
        }
    }

    #[test]
    fn what_is_no_such_object_stays_as_it_is() {
        let long = "A".repeat(LONG);
        for document in [
            "{}".to_owned(),
            r#"{"content": "short"}"#.to_owned(),
            format!(r#"{{"other": "{long}"}}"#),
            format!(r#"{{"content": "{long}"#),
            format!(r#"{{"content": "{long}\"#),
            format!(r#"{{"content": "{long}\u00"#),
            format!(r#"{{"content": "{long}企业"}}"#),
            format!(r#"{{"content": ["{long}"]}}"#),
            format!(r#"["{long}"]"#),
            format!(r#"{{"content": 1, "a": "{long}""#),
        ] {
            let mut left = document.clone();
            assert_eq!(take_long_text(&mut left, "content", 1024), None);
            assert_eq!(left, document);
        }
    }
}
