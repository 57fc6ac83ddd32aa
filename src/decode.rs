//! From JSON to a parameter table, with every fault in one answer.
//!
//! A derived `Deserialize` stops at the first fault. The [`Deserializer`](de::Deserializer) here never fails: where a
//! value is missing or of the wrong type it notes the fault and hands on an empty value of the right type, so that all
//! other fields are looked at too.
//!
//! Two forms are taken beside those of the schema, because flow editors send them: a list may be one text with its
//! entries separated by `|` or `,`; and an optional parameter that is `null`, `""` or `[]` counts as left out.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeOwned, Visitor};
use serde_json::Value;

use crate::error::{Argument, InvalidParameter};
use crate::json::MAX_VALUES;

/// How much of an unknown name an error shows.
const MAX_NAME_CHARS: usize = 64;
/// How similar a name must be to be proposed, as [`strsim::normalized_damerau_levenshtein`] measures it.
const MIN_SIMILARITY: f64 = 0.5;

/// Reads `value` as a `T`. Where faults come back beside the `T`, the faulty fields of it are empty.
pub fn decode<T: DeserializeOwned>(argument: Argument, value: &Value) -> (Option<T>, Vec<InvalidParameter>) {
    let faults = Faults { argument, found: RefCell::default() };
    let decoded = if value.is_object() {
        T::deserialize(Node { input: Input::Json(value), path: &ROOT, faults: &faults }).ok()
    } else {
        None
    };
    if decoded.is_none() {
        faults.add(&ROOT, format!("must be a JSON object, not {}", kind(value)));
    }
    (decoded, faults.found.into_inner())
}

/// The name among `names` that `unknown` was perhaps meant to be.
pub fn nearest<'a>(unknown: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if unknown.len() > MAX_NAME_CHARS {
        return None;
    }
    let unknown = unknown.to_ascii_lowercase().replace('-', "_");
    names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&unknown, &name.replace('-', "_")), name))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

struct Faults {
    argument: Argument,
    found: RefCell<Vec<InvalidParameter>>,
}

impl Faults {
    fn add(&self, path: &Path<'_>, message: String) {
        let fault = InvalidParameter { argument: self.argument, pointer: path.to_string(), message };
        self.found.borrow_mut().push(fault);
    }
}

/// Where a value stands, written out only when there is a fault to report.
struct Path<'a> {
    parent: Option<&'a Self>,
    segment: Segment<'a>,
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

/// The document as a whole.
const ROOT: Path<'static> = Path { parent: None, segment: Segment::Root };

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parent.map_or(Ok(()), |parent| parent.fmt(f))?;
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Key(key) => write!(f, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Index(index) => write!(f, "/{index}"),
        }
    }
}

#[derive(Clone, Copy)]
enum Input<'a> {
    Missing,
    Json(&'a Value),
    /// One entry of a list that came as delimited text.
    Entry(&'a str),
}

struct Node<'a> {
    input: Input<'a>,
    path: &'a Path<'a>,
    faults: &'a Faults,
}

impl<'a> Node<'a> {
    fn fault(&self, rule: &str) {
        let message = match self.input {
            Input::Missing => "is required".to_owned(),
            // A number may be a secret that was not put in quotes.
            Input::Json(Value::Number(_)) if self.faults.argument == Argument::Connection => {
                format!("{rule}, not a number")
            }
            Input::Json(value) => format!("{rule}, not {}", kind(value)),
            Input::Entry(_) => format!("{rule}, not other text"),
        };
        self.faults.add(self.path, message);
    }

    fn whole_number(&self, max: u64) -> u64 {
        let number = match self.input {
            Input::Json(Value::Number(number)) => number.as_u64().or_else(|| {
                // JSON Schema counts 1.0 as an integer, and so do we.
                let float = number.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0)?;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole and not negative; `as` saturates, and the range is checked below"
                )]
                Some(float as u64)
            }),
            Input::Entry(text) => text.parse().ok(),
            Input::Missing | Input::Json(_) => None,
        };
        number.filter(|number| *number <= max).unwrap_or_else(|| {
            self.fault(&format!("must be a whole number from 0 to {max}"));
            0
        })
    }

    /// The entries of a list.
    fn items(&self) -> Vec<(Segment<'a>, Input<'a>)> {
        let items: Vec<Input<'a>> = match self.input {
            Input::Json(Value::Array(items)) => items.iter().map(Input::Json).collect(),
            Input::Json(Value::String(text)) => {
                let entries = text.split(['|', ',']).map(str::trim).filter(|entry| !entry.is_empty());
                let entries: Vec<Input<'a>> = entries.map(Input::Entry).take(MAX_VALUES + 1).collect();
                if entries.len() > MAX_VALUES {
                    self.faults.add(self.path, format!("must have at most {MAX_VALUES} entries"));
                    Vec::new()
                } else {
                    entries
                }
            }
            Input::Missing | Input::Json(_) | Input::Entry(_) => {
                self.fault("must be a list");
                Vec::new()
            }
        };
        items.into_iter().enumerate().map(|(index, input)| (Segment::Index(index), input)).collect()
    }

    /// The fields of a record, in the order of `names`, so that the derived code compares no names.
    fn fields(&self, names: &'static [&'static str]) -> Vec<(Segment<'a>, Input<'a>)> {
        let object = match self.input {
            Input::Json(Value::Object(object)) => Some(object),
            Input::Missing | Input::Json(_) | Input::Entry(_) => {
                self.fault("must be an object");
                None
            }
        };
        for unknown in object.into_iter().flat_map(serde_json::Map::keys).filter(|key| !names.contains(&key.as_str())) {
            let known = match nearest(unknown, names.iter().copied()) {
                Some(name) => format!("is not a parameter here; did you mean {name:?}?"),
                None if names.is_empty() => "is not a parameter here; there are none".to_owned(),
                None => format!("is not a parameter here; there are {}", names.join(", ")),
            };
            let unknown: String = unknown.chars().take(MAX_NAME_CHARS).collect();
            self.faults.add(&Path { parent: Some(self.path), segment: Segment::Key(&unknown) }, known);
        }
        let value = |name: &str| object.and_then(|object| object.get(name)).map_or(Input::Missing, Input::Json);
        names.iter().map(|name| (Segment::Key(name), value(name))).collect()
    }
}

fn kind(value: &Value) -> Cow<'static, str> {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "a boolean".into(),
        Value::Number(number) => number.to_string().into(),
        Value::String(_) => "a text".into(),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

/// A type that no parameter table holds. What it is shows in the test that looks at every action.
#[derive(Debug)]
struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot be read: a parameter table has only texts, whole numbers, lists and records")
    }
}

impl std::error::Error for Unsupported {}

impl de::Error for Unsupported {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> de::Deserializer<'de> for Node<'_> {
    type Error = Unsupported;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Unsupported> {
        Err(Unsupported)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        visitor.visit_u64(self.whole_number(u8::MAX.into()))
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        visitor.visit_u64(self.whole_number(u32::MAX.into()))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        visitor.visit_str(match self.input {
            Input::Json(Value::String(text)) => text,
            Input::Entry(text) => text,
            Input::Missing | Input::Json(_) => {
                self.fault("must be a text");
                ""
            }
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        let unset = match self.input {
            Input::Missing | Input::Json(Value::Null) => true,
            Input::Json(Value::String(text)) => text.is_empty(),
            Input::Json(Value::Array(items)) => items.is_empty(),
            Input::Json(_) | Input::Entry(_) => false,
        };
        if unset { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        visitor.visit_seq(Inputs { inputs: self.items().into_iter(), path: self.path, faults: self.faults })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unsupported> {
        visitor.visit_seq(Inputs { inputs: self.fields(fields).into_iter(), path: self.path, faults: self.faults })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u16 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct newtype_struct tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// The entries of a list, or the fields of a record, with where they stand.
struct Inputs<'a> {
    // Not generic, so that one piece of code serves every record.
    inputs: std::vec::IntoIter<(Segment<'a>, Input<'a>)>,
    path: &'a Path<'a>,
    faults: &'a Faults,
}

impl<'de> de::SeqAccess<'de> for Inputs<'_> {
    type Error = Unsupported;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unsupported> {
        let Some((segment, input)) = self.inputs.next() else { return Ok(None) };
        let path = Path { parent: Some(self.path), segment };
        seed.deserialize(Node { input, path: &path, faults: self.faults }).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        name: String,
        to_user: Option<Vec<String>>,
        department: Option<Vec<u32>>,
        enable: Option<u8>,
        order: Option<u32>,
    }

    fn read(value: &Value) -> (Option<Table>, Vec<(String, String)>) {
        let (table, faults) = decode(Argument::Parameters, value);
        (table, faults.into_iter().map(|fault| (fault.pointer, fault.message)).collect())
    }

    #[test]
    fn values_arrive_as_they_are() {
        let (table, faults) = read(
            &json!({"name": "研发", "to_user": ["a", "b"], "department": [1, 2.0], "enable": 0, "order": 4_294_967_295_u32}),
        );
        assert_eq!(faults, []);
        let table = table.unwrap();
        assert_eq!(table.department, Some(vec![1, 2]));
        assert_eq!((table.enable, table.order), (Some(0), Some(u32::MAX)));
    }

    #[test]
    fn delimited_text_is_a_list_and_empty_is_left_out() {
        let (table, faults) =
            read(&json!({"name": "n", "to_user": " a | b||c,", "department": "1, 2", "enable": null, "order": ""}));
        assert_eq!(faults, []);
        let table = table.unwrap();
        assert_eq!(table.to_user, Some(vec!["a".into(), "b".into(), "c".into()]));
        assert_eq!(table.department, Some(vec![1, 2]));
        assert_eq!((table.enable, table.order), (None, None));
    }

    #[test]
    fn all_faults_come_at_once_with_their_places() {
        let (table, faults) = read(&json!({
            "to_users": ["a"], "to_user": ["a", 7], "department": "1,x", "enable": 256, "order": -1, "a/b": 1
        }));
        let expected = [
            ("/a~1b", "is not a parameter here; there are name, to_user, department, enable, order"),
            ("/to_users", "is not a parameter here; did you mean \"to_user\"?"),
            ("/name", "is required"),
            ("/to_user/1", "must be a text, not 7"),
            ("/department/1", "must be a whole number from 0 to 4294967295, not other text"),
            ("/enable", "must be a whole number from 0 to 255, not 256"),
            ("/order", "must be a whole number from 0 to 4294967295, not -1"),
        ];
        let mut expected: Vec<_> = expected.iter().map(|(p, m)| ((*p).to_owned(), (*m).to_owned())).collect();
        let mut faults = faults;
        expected.sort();
        faults.sort();
        assert_eq!(faults, expected);
        assert!(table.is_some());
    }

    #[test]
    fn a_connection_s_values_are_not_shown() {
        let (_, faults) = decode::<Table>(Argument::Connection, &json!({"name": 123_456_789}));
        assert_eq!(faults[0].message, "must be a text, not a number");
    }

    #[test]
    fn what_is_no_object_is_one_fault() {
        assert_eq!(read(&json!([])), (None, vec![(String::new(), "must be a JSON object, not a list".into())]));
    }
}
