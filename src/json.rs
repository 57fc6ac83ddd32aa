//! JSON text that means one thing only: a key that stands twice is an error, not a silent choice.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::words::{Words, words};

/// How much of a repeated key an error shows.
const MAX_KEY_CHARS: usize = 64;

/// The most values, keys not counted, that an argument may hold: several times what the longest lists of the tables
/// need. In memory a value takes many times the two bytes of text that it may have: without a bound, a document of a few
/// megabytes could need more memory than a host grants.
pub const MAX_VALUES: usize = 16_384;

/// The most values that a reply may hold. The longest, all departments that fit into a reply's bytes, has fewer.
pub const MAX_REPLY_VALUES: usize = 131_072;

/// Reads the JSON document of an argument. The error says at which line and column it cannot be read, and quotes no
/// value. Nesting deeper than 127 levels is an error, and so are more than [`MAX_VALUES`] values.
pub fn parse_argument(text: &str) -> Result<Value, Words> {
    let budget = Budget::of(MAX_VALUES);
    parse_within(&budget, text.as_bytes()).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if let Some(key) = budget.repeated.take() {
            return words!("must be JSON: key {} stands twice in one object at line {} column {}", &key, line, column);
        }
        if budget.left.get() == 0 && error.is_data() {
            return words!("must be JSON: more than {} values at line {} column {}", MAX_VALUES, line, column);
        }
        if error.is_eof() {
            return words!("must be JSON: it breaks off at line {} column {}", line, column);
        }
        words!("must be JSON: it cannot be read at line {} column {}", line, column)
    })
}

/// The same for a reply, which may hold [`MAX_REPLY_VALUES`] values. Of the error, line and column may be shown: part of a
/// secret may stand in a key.
pub fn parse_reply(text: &[u8]) -> Result<Value, serde_json::Error> {
    parse_within(&Budget::of(MAX_REPLY_VALUES), text)
}

/// What a document may hold.
struct Budget {
    /// How many values may still come.
    left: Cell<usize>,
    /// The key that stands twice, as JSON.
    repeated: Cell<Option<String>>,
}

impl Budget {
    fn of(values: usize) -> Self {
        Self { left: Cell::new(values), repeated: Cell::new(None) }
    }
}

fn parse_within(budget: &Budget, text: &[u8]) -> Result<Value, serde_json::Error> {
    const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
    let mut reader = serde_json::Deserializer::from_slice(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text));
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
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if fields.contains_key(&key) {
                let key: String = key.chars().take(MAX_KEY_CHARS).collect();
                self.budget.repeated.set(Some(quoted(&key)));
                return Err(A::Error::custom("a key stands twice"));
            }
            let value = map.next_value_seed(self)?;
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

fn quoted(key: &str) -> String {
    // A text is nothing that JSON could refuse.
    serde_json::to_string(key).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn said(read: Result<Value, Words>) -> String {
        Manifest::open().say(&read.unwrap_err()).en
    }

    #[test]
    fn a_document_is_read_as_it_is() {
        let text = "\u{feff}{\"a\": [1, -2, 1.5, true, null, \"x\"], \"b\": {}}";
        assert_eq!(
            parse_reply(text.as_bytes()).unwrap(),
            serde_json::json!({"a": [1, -2, 1.5, true, null, "x"], "b": {}})
        );
    }

    #[test]
    fn errors_name_line_and_column() {
        let repeated = "{\"a\": 1,\n \"a\": 2}";
        for (text, words, line, column) in [
            (repeated, "must be JSON: key \"a\" stands twice in one object at line 2 column 4", 2, 4),
            ("{\"a\": ", "must be JSON: it breaks off at line 1 column 6", 1, 6),
            ("{\"a\": 1} x", "must be JSON: it cannot be read at line 1 column 10", 1, 10),
            ("", "must be JSON: it breaks off at line 1 column 0", 1, 0),
        ] {
            assert_eq!(said(parse_argument(text)), words);
            let error = parse_reply(text.as_bytes()).unwrap_err();
            assert_eq!((error.line(), error.column()), (line, column), "{text:?}");
        }
    }

    #[test]
    fn the_values_of_an_argument_are_counted() {
        // One is the list itself.
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(parse_argument(&list(MAX_VALUES - 1)).is_ok());
        let error = said(parse_argument(&list(MAX_VALUES)));
        assert!(error.starts_with("must be JSON: more than 16384 values at line 1 column "), "{error}");
        assert!(parse_reply(list(MAX_VALUES).as_bytes()).is_ok(), "a page of 10 000 member IDs has more");
        assert!(parse_reply(list(MAX_REPLY_VALUES).as_bytes()).is_err());
    }

    #[test]
    fn bad_bytes_and_deep_nesting_are_errors() {
        assert!(parse_reply(b"\"\xff\"").is_err());
        assert!(parse_reply("[".repeat(100_000).as_bytes()).is_err());
    }
}
