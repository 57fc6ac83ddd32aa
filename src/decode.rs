//! From JSON to the parameters of a call, with every fault in one answer.
//!
//! Two forms are taken beside those of the schema, because flow editors send them: a list may be one text with its
//! entries separated by `|` or `,`; and an optional parameter that is `null`, `""` or `[]` counts as left out.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::error::{Argument, InvalidParameter};
use crate::json::MAX_VALUES;
use crate::parameters::{Field, Kind, Parameters, is_unset};

/// How much of an unknown name an error shows.
const MAX_NAME_CHARS: usize = 64;
/// How similar a name must be to be proposed, as [`strsim::normalized_damerau_levenshtein`] measures it.
const MIN_SIMILARITY: f64 = 0.5;

/// Reads a JSON document as the fields of a table, or of a connection. Faults of single fields are in what it returns;
/// the error is for a document that has no fields.
pub fn read(
    argument: Argument,
    fields: &'static [Field],
    document: Value,
) -> Result<Parameters, Vec<InvalidParameter>> {
    let Value::Object(mut object) = document else {
        let message = format!("must be a JSON object, not {}", kind(&document));
        return Err(vec![InvalidParameter { argument, pointer: String::new(), message }]);
    };
    let mut parameters = Parameters::with_faults(unknown_names(argument, fields, &object));
    for field in fields {
        let Some(value) = object.remove(field.name).filter(|value| field.required || !is_unset(value)) else {
            if field.required {
                parameters.misread(argument, field, "is required".into());
            }
            continue;
        };
        let mut reader = Reader { argument, field, parameters: &mut parameters };
        if let Some(value) = reader.value(value) {
            parameters.push(field, value);
        }
    }
    Ok(parameters)
}

fn unknown_names(argument: Argument, fields: &[Field], object: &Map<String, Value>) -> Vec<InvalidParameter> {
    let names = || fields.iter().map(|field| field.name);
    let unknown = object.keys().filter(|key| names().all(|name| name != key.as_str()));
    let fault = |unknown: &String| {
        let message = match nearest(unknown, names()) {
            Some(name) => format!("is not a parameter here; did you mean \"{name}\"?"),
            None if fields.is_empty() => "is not a parameter here; there are none".to_owned(),
            None => format!("is not a parameter here; there are {}", names().collect::<Vec<_>>().join(", ")),
        };
        let shown: String = unknown.chars().take(MAX_NAME_CHARS).collect();
        let pointer = format!("/{}", shown.replace('~', "~0").replace('/', "~1"));
        InvalidParameter { argument, pointer, message }
    };
    unknown.map(fault).collect()
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

/// Reads the value of one field.
struct Reader<'a> {
    argument: Argument,
    field: &'static Field,
    parameters: &'a mut Parameters,
}

impl Reader<'_> {
    /// The value in the form that the rest of the connector knows, or `None` with a fault.
    fn value(&mut self, value: Value) -> Option<Value> {
        match self.field.kind {
            Kind::Text => self.text(None, value),
            Kind::Number { max } => self.number(None, &value, max),
            Kind::Texts => self.list(value, Self::text),
            Kind::Numbers => self.list(value, |reader, index, value| reader.number(index, &value, u32::MAX)),
        }
    }

    fn text(&mut self, index: Option<usize>, value: Value) -> Option<Value> {
        if value.is_string() {
            return Some(value);
        }
        self.fault(index, "must be a text", &value);
        None
    }

    fn number(&mut self, index: Option<usize>, value: &Value, max: u32) -> Option<Value> {
        let number = match value {
            Value::Number(number) => number.as_u64().or_else(|| {
                // JSON Schema counts 1.0 as an integer, and so do we.
                let float = number.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0)?;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole and not negative; `as` saturates, and the range is checked below"
                )]
                Some(float as u64)
            }),
            _ => None,
        };
        let number = number.filter(|number| *number <= u64::from(max));
        if number.is_none() {
            self.fault(index, &format!("must be a whole number from 0 to {max}"), value);
        }
        number.map(Value::from)
    }

    /// A list, entry by entry; null stands for an entry that could not be read.
    fn list(&mut self, value: Value, entry: fn(&mut Self, Option<usize>, Value) -> Option<Value>) -> Option<Value> {
        let delimited = value.is_string();
        let entries: Vec<Value> = match value {
            Value::Array(entries) => entries,
            Value::String(text) => {
                let entries = || text.split(['|', ',']).map(str::trim).filter(|entry| !entry.is_empty());
                if entries().nth(MAX_VALUES).is_some() {
                    self.note(None, format!("must have at most {MAX_VALUES} entries"));
                    return None;
                }
                entries().enumerate().map(|(index, entry)| self.entry(index, entry)).collect()
            }
            other => {
                self.fault(None, "must be a list", &other);
                return None;
            }
        };
        let read = |(index, value): (usize, Value)| match value {
            Value::Null if delimited => Value::Null,
            value => entry(self, Some(index), value).unwrap_or(Value::Null),
        };
        let entries: Vec<Value> = entries.into_iter().enumerate().map(read).collect();
        // Text that holds separators only is a list of nothing.
        (self.field.required || !entries.is_empty()).then_some(Value::Array(entries))
    }

    /// An entry of a list that came as delimited text; null where it should be a number and is none.
    fn entry(&mut self, index: usize, text: &str) -> Value {
        if self.field.kind != Kind::Numbers {
            return text.into();
        }
        text.parse::<u32>().map_or_else(
            |_| {
                self.note(Some(index), format!("must be a whole number from 0 to {}, not other text", u32::MAX));
                Value::Null
            },
            Value::from,
        )
    }

    fn fault(&mut self, index: Option<usize>, rule: &str, value: &Value) {
        let message = match value {
            // A number may be a secret that was not put in quotes.
            Value::Number(_) if self.argument == Argument::Connection => format!("{rule}, not a number"),
            value => format!("{rule}, not {}", kind(value)),
        };
        self.note(index, message);
    }

    fn note(&mut self, index: Option<usize>, message: String) {
        let name = self.field.name;
        match index {
            None => self.parameters.misread(self.argument, self.field, message),
            Some(index) => {
                let pointer = format!("/{name}/{index}");
                self.parameters.faults.push(InvalidParameter { argument: self.argument, pointer, message });
            }
        }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parameters::{Table as _, table};

    table! {
        #[doc = "A table of every kind of parameter."]
        pub struct Table {
            #[doc = "A text."]
            pub name: String => [],
            #[doc = "Texts."]
            pub to_user as "touser": Option<Vec<String>> => [],
            #[doc = "Numbers."]
            pub department: Option<Vec<u32>> => [],
            #[doc = "A small number."]
            pub enable: Option<u8> => [],
            #[doc = "A number."]
            pub order: Option<u32> => [],
        }
    }

    fn parse(value: Value) -> (Value, Vec<(String, String)>) {
        let mut parameters = read(Argument::Parameters, Table::FIELDS, value).unwrap_or_else(Parameters::with_faults);
        let faults = std::mem::take(&mut parameters.faults);
        (parameters.into_wire().into(), faults.into_iter().map(|fault| (fault.pointer, fault.message)).collect())
    }

    #[test]
    fn values_arrive_under_their_names_on_the_wire() {
        let (wire, faults) = parse(
            json!({"name": "研发", "to_user": ["a", "b"], "department": [1, 2.0], "enable": 0, "order": 4_294_967_295_u32}),
        );
        assert_eq!(faults, []);
        assert_eq!(
            wire,
            json!({"name": "研发", "touser": ["a", "b"], "department": [1, 2], "enable": 0, "order": 4_294_967_295_u32})
        );
    }

    #[test]
    fn delimited_text_is_a_list_and_empty_is_left_out() {
        let (wire, faults) =
            parse(json!({"name": "n", "to_user": " a | b||c,", "department": "1, 2", "enable": null, "order": ""}));
        assert_eq!(faults, []);
        assert_eq!(wire, json!({"name": "n", "touser": ["a", "b", "c"], "department": [1, 2]}));
        assert_eq!(parse(json!({"name": "n", "to_user": " |, "})).0, json!({"name": "n"}));
    }

    #[test]
    fn all_faults_come_at_once_with_their_places() {
        let (_, mut faults) = parse(json!({
            "to_users": ["a"], "to_user": ["a", 7], "department": "1,x", "enable": 256, "order": -1, "a/b": 1
        }));
        let expected = [
            ("/a~1b", "is not a parameter here; there are name, to_user, department, enable, order"),
            ("/department/1", "must be a whole number from 0 to 4294967295, not other text"),
            ("/enable", "must be a whole number from 0 to 255, not 256"),
            ("/name", "is required"),
            ("/order", "must be a whole number from 0 to 4294967295, not -1"),
            ("/to_user/1", "must be a text, not 7"),
            ("/to_users", "is not a parameter here; did you mean \"to_user\"?"),
        ];
        faults.sort();
        assert_eq!(faults, expected.map(|(pointer, message)| (pointer.to_owned(), message.to_owned())));
    }

    #[test]
    fn a_connection_s_values_are_not_shown() {
        let parameters = read(Argument::Connection, Table::FIELDS, json!({"name": 123_456_789})).unwrap();
        assert_eq!(parameters.faults[0].message, "must be a text, not a number");
    }

    #[test]
    fn what_is_no_object_is_one_fault() {
        assert_eq!(parse(json!([])).1, [(String::new(), "must be a JSON object, not a list".into())]);
    }
}
