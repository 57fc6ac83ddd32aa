//! The one assertion on secrets, for every test of this project: a text that somebody could see shows none of them.

use std::collections::{BTreeSet, HashMap};

use percent_encoding::percent_decode_str;

/// How many characters of a secret in a row are too many. Of a shorter one, all of them are.
const PIECE_CHARS: usize = 12;

/// Asserts that no piece of the secrets stands in the text.
///
/// # Panics
///
/// Panics where [`shown`] finds one.
#[track_caller]
#[allow(clippy::panic, reason = "an assertion")]
pub fn assert_none_shown<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) {
    if let Some(secret) = shown(text, secrets) {
        panic!("a piece of the secret {secret:?} stands in: {text}");
    }
}

/// The first of the secrets of which a piece of twelve characters stands in the text: as it is, escaped as JSON and
/// `Debug` do, percent-encoded once or twice, with spaces as `+`, or as the numbers of its bytes.
pub fn shown<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let secrets: Vec<&str> = secrets.into_iter().collect();
    let unescaped = text.replace("\\\"", "\"").replace("\\\\", "\\");
    let once = decoded(&unescaped);
    let spaced = decoded(&unescaped.replace('+', " "));
    let twice = decoded(&spaced.replace('+', " "));
    let numbers = text.split_whitespace().collect::<Vec<_>>().join(" ");

    let mut search = Search::default();
    let mut search_numbers = Search { numbers: true, ..Search::default() };
    for (index, secret) in secrets.iter().enumerate() {
        for piece in pieces(secret) {
            search.add(piece.as_bytes(), index);
            search_numbers.add(format!("{:?}", piece.as_bytes()).trim_matches(['[', ']']).as_bytes(), index);
        }
    }
    let mut forms = vec![text, &unescaped, &once, &spaced, &twice];
    // Most texts are the same in several forms.
    forms.dedup();
    let found =
        forms.into_iter().filter_map(|form| search.first_in(form)).chain(search_numbers.first_in(&numbers)).min();
    found.and_then(|index| secrets.get(index).copied())
}

/// Looks for all pieces of all secrets at once: a list of thirty thousand departments is looked through, too.
#[derive(Default)]
struct Search {
    /// The pieces of four bytes and more, by the first four, with the secrets that they are of.
    pieces: HashMap<[u8; 4], Vec<(Vec<u8>, usize)>>,
    /// The first two bytes of those.
    beginnings: BTreeSet<u16>,
    /// The shorter ones.
    short: Vec<(Vec<u8>, usize)>,
    /// Whether the pieces are numbers: 82 stands neither in 182 nor in 820.
    numbers: bool,
}

impl Search {
    fn add(&mut self, piece: &[u8], secret: usize) {
        match piece.first_chunk::<4>() {
            None => self.short.push((piece.to_vec(), secret)),
            Some(first) => {
                self.beginnings.insert(u16::from_be_bytes([first[0], first[1]]));
                self.pieces.entry(*first).or_default().push((piece.to_vec(), secret));
            }
        }
    }

    /// The first of the secrets, in their order, of which a piece stands in the text.
    fn first_in(&self, text: &str) -> Option<usize> {
        let mut begins = vec![false; 1 << 16];
        self.beginnings.iter().for_each(|beginning| begins[usize::from(*beginning)] = true);
        let text = text.as_bytes();
        let mut found: Option<usize> = None;
        let mut at = 0;
        while let [first, second, ..] = text[at..] {
            if begins[usize::from(first) << 8 | usize::from(second)]
                && let Some(key) = text[at..].first_chunk::<4>()
                && let Some(pieces) = self.pieces.get(key)
            {
                let is_here = |piece: &[u8]| {
                    let end = at + piece.len();
                    let is_digit = |index: usize| text.get(index).is_some_and(u8::is_ascii_digit);
                    text[at..].starts_with(piece) && !(self.numbers && (is_digit(end) || is_digit(at.wrapping_sub(1))))
                };
                let here = pieces.iter().filter(|(piece, _)| is_here(piece)).map(|(_, secret)| *secret);
                found = found.into_iter().chain(here).min();
            }
            at += 1;
        }
        let stands = |piece: &[u8]| text.windows(piece.len().max(1)).any(|window| window == piece);
        let short = self.short.iter().filter(|(piece, _)| stands(piece)).map(|(_, secret)| *secret);
        found.into_iter().chain(short).min()
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Every run of [`PIECE_CHARS`] characters, or the whole where it is no longer.
fn pieces(secret: &str) -> impl Iterator<Item = &str> {
    let mut boundaries: Vec<usize> = secret.char_indices().map(|(at, _)| at).collect();
    boundaries.push(secret.len());
    let length = PIECE_CHARS.min(boundaries.len() - 1);
    (0..boundaries.len() - length).map(move |first| &secret[boundaries[first]..boundaries[first + length]])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr+t/=& \"\\中 0123456789";

    #[test]
    fn a_secret_is_seen_in_every_form() {
        for text in [
            SECRET.to_owned(),
            "… cr+t/=& \"\\中 …".to_owned(),
            "… \\中 0123456789 …".to_owned(),
            format!("{SECRET:?}"),
            serde_json::json!({ "key": SECRET }).to_string(),
            "key=s3cr%2Bt%2F%3D%26%20%22%5C%E4%B8%AD%200123456789".to_owned(),
            "key=s3cr%2Bt%2F%3D%26+%22%5C%E4%B8%AD+0123456789".to_owned(),
            "url=key%3Ds3cr%252Bt%252F%253D%2526%2B%2522%255C%25E4%25B8%25AD".to_owned(),
            "url=key%3Ds3cr%252Bt%252F%253D%2526%2520%2522%255C%25E4%25B8%25AD".to_owned(),
            format!("{:?}", SECRET.as_bytes()),
            format!("{:#?}", SECRET.as_bytes()),
        ] {
            assert_eq!(shown(&text, ["another", SECRET]), Some(SECRET), "{text}");
        }
    }

    #[test]
    fn what_is_no_piece_is_not() {
        for text in ["", "[redacted]", "s3cr+t/=& \"", "0123456789", "[115, 51, 99, 114]"] {
            assert_eq!(shown(text, [SECRET]), None, "{text}");
        }
        assert_eq!(shown("a short one", ["short"]), Some("short"));
        assert_eq!(shown("a shor one", ["short"]), None);
        assert_eq!(shown("a b", ["b"]), Some("b"));
        assert_eq!(shown("[97, 98]", ["ab"]), Some("ab"));
        for text in ["[97, 982]", "[197, 98]", "97, 9 8"] {
            assert_eq!(shown(text, ["ab"]), None, "{text}");
        }
        assert_eq!(shown("one and another", ["another", "one"]), Some("another"), "the first of the secrets");
    }

    #[test]
    #[should_panic(expected = "a piece of the secret")]
    fn what_is_shown_panics() {
        assert_none_shown(&format!("key={SECRET}"), [SECRET]);
    }
}
