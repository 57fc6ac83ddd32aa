//! JSON text that means one thing only: a key that stands twice is an error, not a silent choice.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How much of a repeated key an error shows.
const MAX_KEY_CHARS: usize = 64;

/// The most values, keys not counted, that an argument may hold: several times what the longest lists of the tables
/// need. In memory a value takes many times the two bytes of text that it may have: without a bound, a document of a few
/// megabytes could need more memory than a host grants.
pub const MAX_VALUES: usize = 16_384;

/// The most values that a reply may hold. The longest, all departments that fit into a reply's bytes, has fewer.
pub const MAX_REPLY_VALUES: usize = 131_072;

/// Reads the JSON document of an argument. The error says what is wrong and at which line and column, and quotes no
/// value. Nesting deeper than 127 levels is an error, and so are more than [`MAX_VALUES`] values.
pub fn parse_argument(text: &str) -> Result<Value, serde_json::Error> {
    parse_within(&Budget { max: MAX_VALUES, left: Cell::new(MAX_VALUES), quotes_keys: true }, text.as_bytes())
}

/// The same for a reply, which may hold [`MAX_REPLY_VALUES`] values. The error quotes no key either: part of a secret may
/// stand in one.
pub fn parse_reply(text: &[u8]) -> Result<Value, serde_json::Error> {
    parse_within(&Budget { max: MAX_REPLY_VALUES, left: Cell::new(MAX_REPLY_VALUES), quotes_keys: false }, text)
}

/// What a document may hold, and what its errors may show.
struct Budget {
    /// The most values.
    max: usize,
    /// How many values may still come.
    left: Cell<usize>,
    quotes_keys: bool,
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
        let Budget { max, left, .. } = self.budget;
        left.set(left.get().checked_sub(1).ok_or_else(|| D::Error::custom(format_args!("more than {max} values")))?);
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
                if !self.budget.quotes_keys {
                    return Err(A::Error::custom("a key stands twice in one object"));
                }
                let key: String = key.chars().take(MAX_KEY_CHARS).collect();
                return Err(A::Error::custom(format_args!("key {} stands twice in one object", quoted(&key))));
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
        let error = parse_argument(repeated).unwrap_err().to_string();
        assert_eq!(error, "key \"a\" stands twice in one object at line 2 column 4");
        for (text, words) in [
            (repeated, "a key stands twice in one object at line 2 column 4"),
            ("{\"a\": ", "line 1 column 6"),
            ("{\"a\": 1} x", "line 1 column 10"),
            ("", "line 1 column 0"),
        ] {
            let error = parse_reply(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_values_of_an_argument_are_counted() {
        // One is the list itself.
        let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(parse_argument(&list(MAX_VALUES - 1)).is_ok());
        let error = parse_argument(&list(MAX_VALUES)).unwrap_err().to_string();
        assert!(error.starts_with("more than 16384 values at line 1 column "), "{error}");
        assert!(parse_reply(list(MAX_VALUES).as_bytes()).is_ok(), "a page of 10 000 member IDs has more");
        let error = parse_reply(list(MAX_REPLY_VALUES).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("more than 131072 values at line 1 column "), "{error}");
    }

    #[test]
    fn bad_bytes_and_deep_nesting_are_errors() {
        assert!(parse_reply(b"\"\xff\"").is_err());
        assert!(parse_reply("[".repeat(100_000).as_bytes()).is_err());
    }
}
