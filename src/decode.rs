//! From JSON to the parameters of a call, with every fault in one answer.
//!
//! More forms are taken than those of the schema, because flow editors and templates send them. What has one meaning is
//! taken: a list that is one text or one value, digits for a number, a number or a boolean for a text, a boolean for 0
//! and 1. `null` counts as left out everywhere.

use serde_json::{Map, Number, Value};

use crate::error::{Argument, Fault};
use crate::parameters::{self, Field, Kind, Parameters, Places, is_empty};
use crate::tidy;
use crate::words::{Gap, Phrase, Words, phrase, words};

/// A whole number up to here is the same in every program that reads JSON; beyond, the last digits may be others.
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// How much of an unknown name an error shows.
const MAX_NAME_CHARS: usize = 64;
/// How similar a name must be to be proposed, 1 for the same name and 0 where no letter of it is left.
const MIN_SIMILARITY: f64 = 0.5;

/// A name that people look for in a table that does not have it, and what to do instead.
pub type Elsewhere = (&'static str, Phrase);

/// Reads a JSON document as the fields of a table, or of a connection. Faults of single fields are in what it returns;
/// the error is for a document that has no fields.
pub fn read(
    argument: Argument,
    fields: &'static [Field],
    elsewhere: &[Elsewhere],
    document: Value,
) -> Result<Parameters, Vec<Fault>> {
    let Value::Object(mut object) = document else {
        let rule = words!("must be a JSON object, not {}", type_name(&document));
        return Err(vec![Fault { argument, pointer: String::new(), rule }]);
    };
    let unknown = unknown_names(argument, fields, elsewhere, &object);
    let mut parameters = Parameters::with_faults(argument, unknown);
    for field in fields {
        match object.remove(field.name) {
            Some(value) if field.required || !value.is_null() => {
                let mut reader = Reader { argument, field, parameters: &mut parameters };
                if let Some((value, places)) = reader.value(value) {
                    parameters.settle(field, value, places);
                }
            }
            _ if field.required => parameters.misread(field, phrase!("is required")),
            _ => {}
        }
    }
    Ok(parameters)
}

fn unknown_names(
    argument: Argument,
    fields: &[Field],
    elsewhere: &[Elsewhere],
    object: &Map<String, Value>,
) -> Vec<Fault> {
    let names = || fields.iter().map(|field| field.name);
    let unknown = object.keys().filter(|key| names().all(|name| name != key.as_str()));
    let fault = |unknown: &String| {
        let instead = elsewhere.iter().find(|(name, _)| name == unknown).map(|(_, instead)| *instead);
        let rule = match (instead, nearest(unknown, names())) {
            (Some(instead), _) => instead.into(),
            (None, Some(name)) => words!("is not a parameter here; did you mean \"{}\"?", name),
            (None, None) if fields.is_empty() => phrase!("is not a parameter here; there are none").into(),
            (None, None) => words!("is not a parameter here; there are {}", &list(names())),
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

/// A value, and where the entries of a list stood.
type Placed = (Value, Option<Places>);

impl Reader<'_> {
    /// The value in the form that the rest of the connector knows, or `None` with a fault.
    fn value(&mut self, value: Value) -> Option<Placed> {
        // What is given empty is so whatever the type: what that means, the field knows.
        let is_blank = value.as_str().is_some_and(|text| tidy::trimmed(text).is_empty());
        if !self.field.required && (is_blank || is_empty(&value)) {
            let empty = if self.field.kind == Kind::Text { String::new().into() } else { Value::Array(Vec::new()) };
            return Some((empty, None));
        }
        match self.field.kind {
            Kind::Text => Some((self.text(None, value)?, None)),
            Kind::Number { .. } => Some((self.number(None, &value)?, None)),
            Kind::Texts => self.list(value, Self::text),
            Kind::Numbers => self.list(value, |reader, place, value| reader.number(place, &value)),
        }
    }

    fn text(&mut self, place: Option<usize>, value: Value) -> Option<Value> {
        let text = match &value {
            Value::String(_) => return Some(value),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => {
                let is_exact = number.is_u64() || number.is_i64();
                let is_small = number.as_f64().is_some_and(|number| number.abs() <= MAX_EXACT);
                if !is_exact && !is_small {
                    self.note(
                        place,
                        phrase!("must be a text: a number of so many digits loses some, put it in quotes"),
                    );
                    return None;
                }
                Some(plain_number(number))
            }
            _ => None,
        };
        if text.is_none() {
            self.note(place, words!("must be a text, not {}", self.kind(&value, &mut String::new())));
        }
        text.map(Value::from)
    }

    fn number(&mut self, place: Option<usize>, value: &Value) -> Option<Value> {
        let (min, max) = self.field.bounds();
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
            Value::String(text) => tidy::whole_number(text).or_else(|| {
                let text = tidy::bare(text);
                let switch = [("false", 0), ("true", 1)].into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
                switch.map(|(_, number)| number).filter(|_| min == 0 && max <= 2)
            }),
            // Where 0 and 1 are the choices, they are off and on.
            Value::Bool(value) if min == 0 && max <= 2 => Some((*value).into()),
            _ => None,
        };
        let number = number.filter(|number| *number <= self.field.kind.greatest());
        if number.is_none() {
            let shown = &mut String::new();
            self.note(place, words!("must be a whole number from {} to {}, not {}", min, max, self.kind(value, shown)));
        }
        number.map(Value::from)
    }

    /// A list, entry by entry; null stands for an entry that could not be read.
    fn list(&mut self, value: Value, entry: fn(&mut Self, Option<usize>, Value) -> Option<Value>) -> Option<Placed> {
        let is_one_text = value.is_string();
        let given = match value {
            Value::Array(given) => given,
            Value::Object(_) | Value::Null => {
                self.note(None, words!("must be a list, not {}", self.kind(&value, &mut String::new())));
                return None;
            }
            // One value, or a text of several.
            one => vec![one],
        };
        let (given, mut places) = match parameters::entries(given) {
            Ok(placed) => placed,
            Err(many) => {
                self.note(None, many);
                return None;
            }
        };
        if is_one_text {
            // The entries of a text are counted as they stand in it.
            places.given = (0..given.len()).collect();
        }
        let read = |(index, value)| entry(self, places.given.get(index).copied(), value).unwrap_or(Value::Null);
        let entries = given.into_iter().enumerate().map(read).collect();
        Some((Value::Array(entries), Some(places)))
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

    fn note(&mut self, place: Option<usize>, rule: impl Into<Words>) {
        let name = self.field.name;
        match place {
            None => self.parameters.misread(self.field, rule),
            Some(place) => {
                let pointer = format!("/{name}/{place}");
                self.parameters.faults.push(Fault { argument: self.argument, pointer, rule: rule.into() });
            }
        }
    }
}

/// A number as a person writes it: an ID that passed through a spreadsheet is 10086.0.
fn plain_number(number: &Number) -> String {
    let text = number.to_string();
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
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
    use crate::rules;

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
            pub enable: Option<u8> => [rules::range(0, 1)],
            #[doc = "A number."]
            pub order: Option<u32> => [],
        }
    }

    table! {
        #[doc = "What an update takes."]
        pub struct Update {
            #[doc = "A text that can be cleared."]
            pub alias: Option<String> => [rules::LINE, rules::Rule::Clears],
            #[doc = "A list that can be cleared."]
            pub leaders: Option<Vec<String>> => [rules::Rule::Clears],
            #[doc = "A text that cannot be cleared."]
            pub mail: Option<String> => [rules::Rule::CannotBeCleared],
            #[doc = "A number, which cannot be cleared."]
            pub gender: Option<u8> => [rules::Rule::CannotBeCleared],
        }
    }

    fn parse(value: Value) -> (Value, Vec<(String, String)>) {
        let mut parameters = read(Argument::Parameters, Table::FIELDS, &[], value)
            .unwrap_or_else(|faults| Parameters::with_faults(Argument::Parameters, faults));
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
        let (wire, faults) = parse(
            json!({"name": "n", "to_user": " a | b；c、d,,e\n", "department": "1， 2", "enable": null, "order": ""}),
        );
        assert_eq!(faults, []);
        assert_eq!(wire, json!({"name": "n", "touser": ["a", "b", "c", "d", "e"], "department": [1, 2]}));
        assert_eq!(parse(json!({"name": "n", "to_user": " |, ", "department": [null, ""]})).0, json!({"name": "n"}));
    }

    #[test]
    fn values_of_the_neighbouring_type_are_taken() {
        for (given, taken) in [
            (json!({"name": 23.5}), json!({"name": "23.5"})),
            (json!({"name": 1e3}), json!({"name": "1000"})),
            (json!({"name": true}), json!({"name": "true"})),
            (json!({"name": "n", "to_user": 10086}), json!({"name": "n", "touser": ["10086"]})),
            (json!({"name": "n", "to_user": [10086, "a,b"]}), json!({"name": "n", "touser": ["10086", "a", "b"]})),
            (json!({"name": "n", "department": 2}), json!({"name": "n", "department": [2]})),
            (json!({"name": "n", "department": ["２", 3, " 4 "]}), json!({"name": "n", "department": [2, 3, 4]})),
            (json!({"name": "n", "department": "2.0\t３．０"}), json!({"name": "n", "department": [2, 3]})),
            (json!({"name": "n", "order": "12"}), json!({"name": "n", "order": 12})),
            (json!({"name": "n", "enable": false}), json!({"name": "n", "enable": 0})),
            (json!({"name": "n", "enable": "True"}), json!({"name": "n", "enable": 1})),
            (json!({"name": "n", "enable": "“true”"}), json!({"name": "n", "enable": 1})),
            (json!({"name": "n", "enable": "0"}), json!({"name": "n", "enable": 0})),
        ] {
            assert_eq!(parse(given.clone()), (taken, Vec::new()), "{given}");
        }
        for given in [
            json!({"name": 1e300}),
            json!({"name": {}}),
            json!({"name": ["n"]}),
            json!({"name": "n", "order": true}),
            json!({"name": "n", "order": "1.5"}),
            json!({"name": "n", "order": "+1"}),
            json!({"name": "n", "order": "1e3"}),
            json!({"name": "n", "enable": 0.5}),
            json!({"name": "n", "department": true}),
            json!({"name": "n", "to_user": {}}),
        ] {
            assert_eq!(parse(given.clone()).1.len(), 1, "{given}");
        }
    }

    #[test]
    fn all_faults_come_at_once_with_their_places() {
        let (_, mut faults) = parse(json!({
            "to_users": ["a"], "to_user": ["a", [7]], "department": "1,x", "enable": 2, "order": -1, "a/b": 1,
            "there": 1,
        }));
        let expected = [
            ("/a~1b", "is not a parameter here; there are name, to_user, department, enable, order"),
            ("/department/1", "must be a whole number from 0 to 4294967295, not a text"),
            ("/name", "is required"),
            ("/order", "must be a whole number from 0 to 4294967295, not -1"),
            ("/there", "is not a parameter here; there are name, to_user, department, enable, order"),
            ("/to_user/1", "must be a text, not a list"),
            ("/to_users", "is not a parameter here; did you mean \"to_user\"?"),
        ];
        faults.sort();
        assert_eq!(faults, expected.map(|(pointer, message)| (pointer.to_owned(), message.to_owned())));
        let (_, faults) = parse(json!({"name": "n", "department": ["", 1, null, "x"]}));
        assert_eq!(faults[0].0, "/department/3", "the place is that of what was given");
    }

    #[test]
    fn an_update_clears_what_is_given_empty() {
        for (given, cleared) in [
            (json!({"alias": "", "leaders": []}), json!({"alias": "", "leaders": []})),
            (json!({"alias": " ", "leaders": " "}), json!({"alias": "", "leaders": []})),
            (json!({"alias": [], "leaders": ""}), json!({"alias": "", "leaders": []})),
            (json!({"alias": null, "leaders": null, "mail": null}), json!({})),
            (json!({}), json!({})),
        ] {
            let parameters = read(Argument::Parameters, Update::FIELDS, &[], given.clone()).unwrap();
            assert_eq!(parameters.faults, [], "{given}");
            assert_eq!(Value::Object(parameters.into_wire()), cleared, "{given}");
        }
        for given in [json!({"mail": ""}), json!({"mail": []}), json!({"gender": ""}), json!({"gender": []})] {
            let parameters = read(Argument::Parameters, Update::FIELDS, &[], given.clone()).unwrap();
            let rule = phrase!("cannot be cleared in WeCom: leave it out to keep it as it is");
            assert_eq!(parameters.faults.len(), 1, "{given}");
            assert_eq!(parameters.faults[0].rule, rule.into(), "{given}");
        }
        for given in [json!({"leaders": [null]}), json!({"leaders": ["", " "]}), json!({"leaders": ","})] {
            let parameters = read(Argument::Parameters, Update::FIELDS, &[], given.clone()).unwrap();
            let rule = phrase!("has nothing but empty entries: to clear it, give an empty list");
            assert_eq!(
                parameters.faults.iter().map(|fault| &fault.rule).collect::<Vec<_>>(),
                [&rule.into()],
                "{given}"
            );
        }
    }

    #[test]
    fn a_name_that_belongs_elsewhere_says_where() {
        let elsewhere = [("to_party", phrase!("is required"))];
        let parameters =
            read(Argument::Parameters, Table::FIELDS, &elsewhere, json!({"name": "n", "to_party": 1})).unwrap();
        assert_eq!(parameters.faults[0].rule, phrase!("is required").into());
    }

    #[test]
    fn a_connection_s_values_are_not_shown() {
        let parameters =
            read(Argument::Connection, Table::FIELDS, &[], json!({"name": [123_456_789], "order": 1.5})).unwrap();
        assert_eq!(parameters.faults[0].rule, words!("must be a text, not {}", phrase!("a list")));
        let number = phrase!("a number");
        assert_eq!(
            parameters.faults[1].rule,
            words!("must be a whole number from {} to {}, not {}", 0_u64, 4_294_967_295_u64, number)
        );
    }

    #[test]
    fn what_is_no_object_is_one_fault() {
        assert_eq!(parse(json!([])).1, [(String::new(), "must be a JSON object, not a list".into())]);
    }
}
