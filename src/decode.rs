//! From JSON to the parameters of a call, with every fault in one answer.
//!
//! Two forms are taken beside those of the schema, because flow editors send them: a list may be one text with its
//! entries separated by `|` or `,`; and an optional parameter that is `null`, `""` or `[]` counts as left out.

use serde_json::{Map, Value};

use crate::error::{Argument, Fault};
use crate::json::MAX_VALUES;
use crate::parameters::{Field, Kind, Parameters, is_unset};
use crate::words::{Gap, Phrase, Words, phrase, words};

/// How much of an unknown name an error shows.
const MAX_NAME_CHARS: usize = 64;
/// How similar a name must be to be proposed, 1 for the same name and 0 where no letter of it is left.
const MIN_SIMILARITY: f64 = 0.5;

/// Reads a JSON document as the fields of a table, or of a connection. Faults of single fields are in what it returns;
/// the error is for a document that has no fields.
pub fn read(argument: Argument, fields: &'static [Field], document: Value) -> Result<Parameters, Vec<Fault>> {
    let Value::Object(mut object) = document else {
        let rule = words!("must be a JSON object, not {}", type_name(&document));
        return Err(vec![Fault { argument, pointer: String::new(), rule }]);
    };
    let mut parameters = Parameters::with_faults(unknown_names(argument, fields, &object));
    for field in fields {
        let Some(value) = object.remove(field.name).filter(|value| field.required || !is_unset(value)) else {
            if field.required {
                parameters.misread(argument, field, phrase!("is required"));
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

fn unknown_names(argument: Argument, fields: &[Field], object: &Map<String, Value>) -> Vec<Fault> {
    let names = || fields.iter().map(|field| field.name);
    let unknown = object.keys().filter(|key| names().all(|name| name != key.as_str()));
    let fault = |unknown: &String| {
        let rule = match nearest(unknown, names()) {
            Some(name) => words!("is not a parameter here; did you mean \"{}\"?", name),
            None if fields.is_empty() => phrase!("is not a parameter here; there are none").into(),
            None => words!("is not a parameter here; there are {}", &list(names())),
        };
        let shown: String = unknown.chars().take(MAX_NAME_CHARS).collect();
        let pointer = format!("/{}", shown.replace('~', "~0").replace('/', "~1"));
        Fault { argument, pointer, rule }
    };
    unknown.map(fault).collect()
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.fold(String::new(), |list, name| if list.is_empty() { name.to_owned() } else { list + ", " + name })
}

/// The name among `names` that `unknown` was perhaps meant to be.
pub fn nearest<'a>(unknown: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // All names are ASCII, and what is not is no misspelling of one.
    if unknown.len() > MAX_NAME_CHARS || !unknown.is_ascii() {
        return None;
    }
    let unknown = unknown.to_ascii_lowercase().replace('-', "_");
    names
        .into_iter()
        .map(|name| (similarity(&unknown, &name.replace('-', "_")), name))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// How similar two ASCII names are. Letters in the wrong order count as one mistake; of strsim's measures that do so,
/// this is the one that brings no hash table into the component.
fn similarity(one: &str, other: &str) -> f64 {
    let length = one.len().max(other.len()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "names are short")]
    return 1.0 - strsim::osa_distance(one, other) as f64 / length as f64;
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
        self.note(index, words!("must be a text, not {}", self.kind(&value, &mut String::new())));
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
            self.note(
                index,
                words!("must be a whole number from 0 to {}, not {}", max, self.kind(value, &mut String::new())),
            );
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
                let count = entries().count();
                if count > MAX_VALUES {
                    self.note(None, words!("must have at most {} entries, and has {}", MAX_VALUES, count));
                    return None;
                }
                entries().enumerate().map(|(index, entry)| self.entry(index, entry)).collect()
            }
            other => {
                self.note(None, words!("must be a list, not {}", self.kind(&other, &mut String::new())));
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
                let other = phrase!("other text");
                self.note(Some(index), words!("must be a whole number from 0 to {}, not {}", u32::MAX, other));
                Value::Null
            },
            Value::from,
        )
    }

    /// What a value is that should be something else; a number is shown, as a text in `shown`.
    fn kind<'a>(&self, value: &Value, shown: &'a mut String) -> Gap<'a> {
        match value {
            // In a connection, it may be a secret that was not put in quotes.
            Value::Number(number) if self.argument != Argument::Connection => {
                *shown = number.to_string();
                Gap::Text(shown)
            }
            value => type_name(value).into(),
        }
    }

    fn note(&mut self, index: Option<usize>, rule: Words) {
        let name = self.field.name;
        match index {
            None => self.parameters.misread(self.argument, self.field, rule),
            Some(index) => {
                let pointer = format!("/{name}/{index}");
                self.parameters.faults.push(Fault { argument: self.argument, pointer, rule });
            }
        }
    }
}

/// What a value is, without the value.
pub(crate) fn type_name(value: &Value) -> Phrase {
    match value {
        Value::Null => phrase!("null"),
        Value::Bool(_) => phrase!("a boolean"),
        Value::Number(_) => phrase!("a number"),
        Value::String(_) => phrase!("a text"),
        Value::Array(_) => phrase!("a list"),
        Value::Object(_) => phrase!("an object"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Manifest;
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
        let manifest = Manifest::open();
        let said = |fault: Fault| (fault.pointer, manifest.say(&fault.rule).en);
        (parameters.into_wire().into(), faults.into_iter().map(said).collect())
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
        assert_eq!(parameters.faults[0].rule, words!("must be a text, not {}", phrase!("a number")));
    }

    #[test]
    fn what_is_no_object_is_one_fault() {
        assert_eq!(parse(json!([])).1, [(String::new(), "must be a JSON object, not a list".into())]);
    }
}
