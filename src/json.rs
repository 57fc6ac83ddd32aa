//! JSON text that means one thing only: a key that stands twice is an error, not a silent choice.
//!
//! `serde_json` reads it. Its own `Value` takes the last of two equal keys and as many values as the memory holds, and its
//! errors are for programmers: they name neither the field nor what to write instead.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::text::{Message, Phrase, message, phrase};
use crate::tidy;

/// How much of a key an error shows.
const MAX_KEY_CHARS: usize = 64;
/// How many keys deep an error says where it lies.
const MAX_PLACE_KEYS: usize = 8;

/// The most values, keys not counted, that an argument may hold: several times what the longest lists of the tables
/// need. In memory a value takes many times the two bytes of text that it may have: without a bound, a document of a few
/// megabytes could need more memory than a host grants.
pub const MAX_VALUES: usize = 16_384;

/// Why an argument cannot be read, and the field that the place is in.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// JSON pointer: the innermost value that was begun, empty for the document itself.
    pub pointer: String,
    /// The rule, with line and column.
    pub rule: Message,
}

/// Why a reply cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub enum BadReply {
    /// It is not JSON at this line and column, both from 1. No more may be shown: part of a secret may stand there.
    Syntax(usize, usize),
    /// It has more values than it may.
    TooMany,
}

/// Reads the JSON document of an argument. What has one meaning is taken: invisible characters around the document, and
/// a document that is itself a text in JSON. The error says what is wrong where, and quotes no value. Nesting deeper than
/// 127 levels is an error, and so are more than [`MAX_VALUES`] values.
pub fn parse_argument(text: &str) -> Result<Value, Unreadable> {
    let document = parse_text(text)?;
    match &document {
        Value::String(inner) if tidy::trimmed(inner).starts_with('{') => parse_text(inner),
        _ => Ok(document),
    }
}

fn parse_text(text: &str) -> Result<Value, Unreadable> {
    let trimmed = tidy::trimmed(text);
    let budget = Budget::of(MAX_VALUES);
    parse_within(&budget, trimmed.as_bytes()).map_err(|error| {
        let at = text.find(trimmed).unwrap_or_default() + offset(trimmed, &error);
        let (line, column) = position(text, at);
        let rule = if let Some(key) = budget.repeated.take() {
            message!("must be JSON: key {} stands twice in one object at line {} column {}", &key, line, column)
        } else if budget.left.get() == 0 && error.is_data() {
            message!("must be JSON: more than {} values at line {} column {}", MAX_VALUES, line, column)
        } else {
            let cause = cause(&error, text, at);
            if cause == ENDED_EARLY
                && let Some(last) = budget.last.take()
            {
                budget.place.borrow_mut().insert(0, last);
            }
            message!("is not JSON at line {} column {}: {}", line, column, cause)
        };
        Unreadable { pointer: budget.pointer(), rule }
    })
}

/// The byte that an error is about, where the text has one there.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = (line_start + error.column()).saturating_sub(1);
    if error.is_eof() { text.len() } else { text.floor_char_boundary(at) }
}

/// Line and column of a byte, both from 1, in characters.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

const ENDED_EARLY: Phrase =
    phrase!("the text ended at the double quote before this; inside a text, a double quote must be written \\\"");
const BARE_WORD: Phrase =
    phrase!("a text must stand in double quotes (\"); without them there are only numbers, true, false and null");
const BAD_NUMBER: Phrase =
    phrase!("a number begins with neither + nor a superfluous 0, and has digits around its point");

/// What is wrong at the byte that an error is about.
fn cause(error: &serde_json::Error, text: &str, at: usize) -> Phrase {
    let here = text.get(at..).and_then(|rest| rest.chars().next());
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let said = error.to_string();
    let says = |beginning: &str| said.starts_with(beginning);
    match here {
        _ if error.is_eof() => phrase!("it breaks off there"),
        Some('\n' | '\r') if says("control character") => phrase!("a line break inside a text must be written \\n"),
        Some('\t') if says("control character") => phrase!("a tab inside a text must be written \\t"),
        _ if says("control character") => {
            phrase!("a control character inside a text must be written \\u and four hexadecimal digits")
        }
        _ if says("number out of range") => phrase!("a number is too large"),
        _ if says("recursion limit") => phrase!("there are more than 127 brackets inside each other"),
        _ if says("invalid escape") => {
            phrase!(
                "a backslash inside a text must be written \\\\, or begin one of \\n \\t \\r \\b \\f \\/ \\\" \\uXXXX"
            )
        }
        _ if says("lone leading surrogate") || says("unexpected end of hex escape") => {
            phrase!("\\uXXXX stands for half a character there")
        }
        _ if says("trailing comma") => phrase!("there is a comma too many before the closing bracket"),
        Some(',') if says("trailing characters") || says("key must be a string") || says("expected value") => {
            phrase!("there is a comma too many")
        }
        _ if says("trailing characters") => phrase!("there is text after the end of the document"),
        Some(c)
            if before == Some('"')
                && says("expected `,`")
                && !c.is_whitespace()
                && !",:;}]，：；｝］、/#".contains(c) =>
        {
            ENDED_EARLY
        }
        Some(c) if c.is_ascii_alphanumeric() && before.is_some_and(|before| before.is_ascii_digit()) => BAD_NUMBER,
        Some(c) if says("invalid number") => {
            if c.is_ascii_alphabetic() {
                BARE_WORD
            } else {
                BAD_NUMBER
            }
        }
        Some('\'' | '`') => phrase!("texts and names stand in double quotes (\"), not in single ones"),
        Some('“' | '”' | '‘' | '’' | '＂' | '：' | '，' | '；' | '｛' | '｝' | '［' | '］' | '、') => {
            phrase!("quotes, colons, commas and brackets must be those of an English keyboard")
        }
        Some('/' | '#') => phrase!("JSON has no comments"),
        _ if says("expected ident") => BARE_WORD,
        Some(c) if !c.is_ascii() && tidy::trimmed(c.encode_utf8(&mut [0; 4])).is_empty() => {
            phrase!("between values, JSON has ordinary blanks only: this one is full-width or invisible")
        }
        Some('+' | '.') => BAD_NUMBER,
        Some(c) if c.is_ascii_alphanumeric() && says("expected `,`") => BARE_WORD,
        Some('}' | ']') if !says("expected `,`") => phrase!("a value is missing there"),
        _ if says("invalid number") => BAD_NUMBER,
        _ if says("expected `:`") => phrase!("a colon is missing there"),
        _ if says("expected `,`") => phrase!("a comma or a closing bracket is missing there"),
        _ if says("key must be a string") => phrase!("a name must stand in double quotes (\")"),
        _ => BARE_WORD,
    }
}

/// The same for a reply, which may hold so many values.
pub fn parse_reply(text: &[u8], max_values: usize) -> Result<Value, BadReply> {
    const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
    let budget = Budget::of(max_values);
    parse_within(&budget, text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)).map_err(|error| {
        if budget.left.get() == 0 && error.is_data() && budget.repeated.take().is_none() {
            BadReply::TooMany
        } else {
            BadReply::Syntax(error.line(), error.column())
        }
    })
}

/// The greatest whole number that every reader of JSON has exactly: doubles skip some beyond it.
pub const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// What a document may hold.
struct Budget {
    /// How many values may still come.
    left: Cell<usize>,
    /// The key that stands twice, as JSON.
    repeated: Cell<Option<String>>,
    /// Where the error lies, the innermost key or index first; none where the document is a list, which has no fields.
    place: RefCell<Vec<Key>>,
    /// What was read last before the error, in the object or list that it lies in.
    last: RefCell<Option<Key>>,
}

/// A step into a document.
enum Key {
    Name(String),
    Index(usize),
}

impl Budget {
    fn of(values: usize) -> Self {
        Self { left: Cell::new(values), repeated: Cell::new(None), place: RefCell::default(), last: RefCell::default() }
    }

    fn pointer(&self) -> String {
        let place = self.place.borrow();
        let mut pointer = String::new();
        for key in place.iter().rev().take(MAX_PLACE_KEYS) {
            pointer.push('/');
            match key {
                Key::Index(_) if pointer.len() == 1 => return String::new(),
                Key::Index(index) => pointer.push_str(&index.to_string()),
                Key::Name(name) => {
                    let name: String = name.chars().take(MAX_KEY_CHARS).collect();
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
            }
        }
        pointer
    }

    /// Notes that the error lies behind that.
    fn after<E>(&self, last: Option<Key>, error: E) -> E {
        self.last.replace(last);
        error
    }

    /// Notes that the error lies there.
    fn at<E>(&self, key: Key, error: E) -> E {
        self.place.borrow_mut().push(key);
        error
    }
}

fn parse_within(budget: &Budget, text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = StrictVisitor { budget }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct StrictVisitor<'a> {
    budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for StrictVisitor<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = &self.budget.left;
        left.set(left.get().checked_sub(1).ok_or_else(|| D::Error::custom("too many values"))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictVisitor<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) =
            seq.next_element_seed(self).map_err(|error| self.budget.at(Key::Index(items.len()), error))?
        {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        // The field that was read last waits for the next one, so that an error can name it.
        let mut last: Option<(String, Value)> = None;
        loop {
            let next = map.next_key::<String>();
            let key = match (next, last.take()) {
                (Err(error), last) => return Err(self.budget.after(last.map(|(name, _)| Key::Name(name)), error)),
                (Ok(key), last) => {
                    fields.extend(last);
                    key
                }
            };
            let Some(key) = key else { return Ok(Value::Object(fields)) };
            if fields.contains_key(&key) {
                let key: String = key.chars().take(MAX_KEY_CHARS).collect();
                self.budget.repeated.set(Some(quoted(&key)));
                return Err(A::Error::custom("a key stands twice"));
            }
            match map.next_value_seed(self) {
                Ok(value) => last = Some((key, value)),
                Err(error) => return Err(self.budget.at(Key::Name(key), error)),
            }
        }
    }
}

fn quoted(key: &str) -> String {
    // A text is nothing that JSON could refuse.
    serde_json::to_string(key).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::localize;

    /// Pointer and English words of what is wrong with an argument.
    fn said(text: &str) -> (String, String) {
        let unreadable = parse_argument(text).expect_err(text);
        (unreadable.pointer, localize(&unreadable.rule).en)
    }

    #[test]
    fn a_document_is_read_as_it_is() {
        let text = "\u{feff}{\"a\": [1, -2, 1.5, true, null, \"x\"], \"b\": {}}";
        let read = serde_json::json!({"a": [1, -2, 1.5, true, null, "x"], "b": {}});
        assert_eq!(parse_reply(text.as_bytes(), MAX_VALUES), Ok(read.clone()));
        for text in [text, &format!("\u{200b}\n{text}\u{a0}\u{0}"), &Value::from(&text[3..]).to_string()] {
            assert_eq!(parse_argument(text), Ok(read.clone()), "{text}");
        }
    }

    #[test]
    fn errors_name_cause_and_place() {
        for (text, pointer, words) in [
            ("{\"a\": 1,\n \"a\": 2}", "", "must be JSON: key \"a\" stands twice in one object at line 2 column 4"),
            ("{\"a\":", "/a", "is not JSON at line 1 column 6: it breaks off there"),
            ("", "", "is not JSON at line 1 column 1: it breaks off there"),
            (
                "{\"a\": {\"b\": \"中\nx\"}}",
                "/a/b",
                "is not JSON at line 1 column 15: a line break inside a text must be written \\n",
            ),
            ("{\"a\": \"\t\"}", "/a", "is not JSON at line 1 column 8: a tab inside a text must be written \\t"),
            (
                "{\"a\": \"\u{1b}\"}",
                "/a",
                "is not JSON at line 1 column 8: a control character inside a text must be written \\u and four hexadecimal digits",
            ),
            ("{\"a\": 1,}", "", "is not JSON at line 1 column 9: there is a comma too many before the closing bracket"),
            (
                "{\"a\": [1,]}",
                "/a/1",
                "is not JSON at line 1 column 10: there is a comma too many before the closing bracket",
            ),
            ("{\"a\": 1,,\"b\": 1}", "", "is not JSON at line 1 column 9: there is a comma too many"),
            (
                "{'a': 1}",
                "",
                "is not JSON at line 1 column 2: texts and names stand in double quotes (\"), not in single ones",
            ),
            (
                "{\"a\": 'x'}",
                "/a",
                "is not JSON at line 1 column 7: texts and names stand in double quotes (\"), not in single ones",
            ),
            (
                "{“a”: 1}",
                "",
                "is not JSON at line 1 column 2: quotes, colons, commas and brackets must be those of an English keyboard",
            ),
            (
                "{\"a\"：1}",
                "/a",
                "is not JSON at line 1 column 5: quotes, colons, commas and brackets must be those of an English keyboard",
            ),
            (
                "{\"a\": 1，\"b\": 2}",
                "",
                "is not JSON at line 1 column 8: quotes, colons, commas and brackets must be those of an English keyboard",
            ),
            ("{\"a\": 1} x", "", "is not JSON at line 1 column 10: there is text after the end of the document"),
            ("{\"a\": 1}}", "", "is not JSON at line 1 column 9: there is text after the end of the document"),
            ("{\"a\": 1e400}", "/a", "is not JSON at line 1 column 11: a number is too large"),
            (
                "{\"a\": True}",
                "/a",
                "is not JSON at line 1 column 7: a text must stand in double quotes (\"); without them there are only numbers, true, false and null",
            ),
            (
                "{\"a\": undefined}",
                "/a",
                "is not JSON at line 1 column 7: a text must stand in double quotes (\"); without them there are only numbers, true, false and null",
            ),
            ("{a: 1}", "", "is not JSON at line 1 column 2: a name must stand in double quotes (\")"),
            (
                "{\"a\": tru}",
                "/a",
                "is not JSON at line 1 column 10: a text must stand in double quotes (\"); without them there are only numbers, true, false and null",
            ),
            (
                "{\"a\": 0x1F}",
                "",
                "is not JSON at line 1 column 8: a number begins with neither + nor a superfluous 0, and has digits around its point",
            ),
            (
                "{\"a\": 1.}",
                "/a",
                "is not JSON at line 1 column 9: a number begins with neither + nor a superfluous 0, and has digits around its point",
            ),
            (
                "{\"a\": [\"x\"}",
                "/a/1",
                "is not JSON at line 1 column 11: a comma or a closing bracket is missing there",
            ),
            (
                "{\"a\": \"say \"hi\" there\"}",
                "/a",
                "is not JSON at line 1 column 13: the text ended at the double quote before this; inside a text, a double quote must be written \\\"",
            ),
            (
                "{\"a\": {\"b\": \"他说\"你好\"了\"}}",
                "/a/b",
                "is not JSON at line 1 column 17: the text ended at the double quote before this; inside a text, a double quote must be written \\\"",
            ),
            (
                "{\"a\": .5}",
                "/a",
                "is not JSON at line 1 column 7: a number begins with neither + nor a superfluous 0, and has digits around its point",
            ),
            (
                "{\u{3000}\"a\": 5}",
                "",
                "is not JSON at line 1 column 2: between values, JSON has ordinary blanks only: this one is full-width or invisible",
            ),
            ("{\"a\": 1 // x\n}", "", "is not JSON at line 1 column 9: JSON has no comments"),
            (
                "{\"a\": 1 \"b\": 2}",
                "",
                "is not JSON at line 1 column 9: a comma or a closing bracket is missing there",
            ),
            ("{\"a\" 1}", "/a", "is not JSON at line 1 column 6: a colon is missing there"),
            ("{\"a\": }", "/a", "is not JSON at line 1 column 7: a value is missing there"),
            (
                "{\"a\": 01}",
                "/a",
                "is not JSON at line 1 column 8: a number begins with neither + nor a superfluous 0, and has digits around its point",
            ),
            (
                "{\"a\": \"C:\\dir\"}",
                "/a",
                "is not JSON at line 1 column 11: a backslash inside a text must be written \\\\, or begin one of \\n \\t \\r \\b \\f \\/ \\\" \\uXXXX",
            ),
        ] {
            assert_eq!(said(text), (pointer.to_owned(), words.to_owned()), "{text}");
        }
        let deep = said(&"{\"a\":".repeat(200));
        assert!(deep.1.ends_with("there are more than 127 brackets inside each other"), "{deep:?}");
        assert_eq!(deep.0, "/a".repeat(MAX_PLACE_KEYS));
        assert_eq!(parse_reply(b"{\"a\": 1} x", MAX_VALUES), Err(BadReply::Syntax(1, 10)));
    }

    #[test]
    fn the_values_of_an_argument_are_counted() {
        // One is the list itself.
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(parse_argument(&list(MAX_VALUES - 1)).is_ok());
        let (_, error) = said(&list(MAX_VALUES));
        assert!(error.starts_with("must be JSON: more than 16384 values at line 1 column "), "{error}");
        assert!(parse_reply(list(100).as_bytes(), 101).is_ok());
        assert_eq!(parse_reply(list(100).as_bytes(), 100), Err(BadReply::TooMany));
    }

    #[test]
    fn bad_bytes_and_deep_nesting_are_errors() {
        assert!(parse_reply(b"\"\xff\"", MAX_VALUES).is_err());
        assert!(parse_reply("[".repeat(100_000).as_bytes(), MAX_VALUES).is_err());
    }
}
