//! From JSON to the parameters of a call, with every fault in one answer.
//!
//! More forms are taken than those of the schema, because flow editors and templates send them. What has one meaning is
//! taken: a list that is one text or one value, digits for a number, a number or a boolean for a text, a boolean for 0
//! and 1. `null` counts as left out everywhere.

use serde_json::{Map, Number, Value};

use super::field::{Field, Kind};
use super::rules::Rule;
use super::values::{self, Budget, Content, Parameters, Places, is_empty};
use crate::error::{Argument, Violation};
use crate::text::{Insert, Message, Phrase, message, phrase};
use crate::{json, tidy};

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
) -> Result<Parameters, Vec<Violation>> {
    read_at(argument, String::new(), fields, elsewhere, &Budget::default(), document)
        .map_err(|violation| vec![violation])
}

/// The same for a record that stands at the pointer.
fn read_at(
    argument: Argument,
    pointer: String,
    fields: &'static [Field],
    elsewhere: &[Elsewhere],
    budget: &Budget,
    document: Value,
) -> Result<Parameters, Violation> {
    let Value::Object(mut object) = document else {
        let rule = message!("must be a JSON object, not {}", type_name(&document));
        return Err(Violation { argument, pointer, rule });
    };
    let mut parameters = Parameters::none(argument, pointer, fields);
    parameters.violations = unknown_names(&parameters, argument, fields, elsewhere, &object);
    for field in fields {
        match object.remove(field.name) {
            Some(value) if field.required || !value.is_null() => {
                let mut reader = Reader { argument, field, budget, parameters: &mut parameters };
                match reader.value(value) {
                    Some((Content::Value(value), places)) => parameters.settle(field, value, places),
                    Some((records, places)) => {
                        parameters.settle_records(field, records, places.map_or(1, |places| places.given.len()));
                    }
                    None => {}
                }
            }
            _ if field.required => parameters.misread(field, phrase!("is required")),
            _ => {}
        }
    }
    Ok(parameters)
}

fn unknown_names(
    parameters: &Parameters,
    argument: Argument,
    fields: &[Field],
    elsewhere: &[Elsewhere],
    object: &Map<String, Value>,
) -> Vec<Violation> {
    let names = || fields.iter().map(|field| field.name);
    let unknown = object.keys().filter(|key| names().all(|name| name != key.as_str()));
    let fault = |unknown: &String| {
        let instead = elsewhere.iter().find(|(name, _)| name == unknown).map(|(_, instead)| *instead);
        let rule = match (instead, nearest(unknown, names())) {
            (Some(instead), _) => instead.into(),
            (None, Some(name)) => message!("is not a parameter here; did you mean \"{}\"?", name),
            (None, None) if fields.is_empty() => phrase!("is not a parameter here; there are none").into(),
            (None, None) => message!("is not a parameter here; there are {}", &list(names())),
        };
        let shown: String = unknown.chars().take(MAX_NAME_CHARS).collect();
        let pointer = parameters.pointer_to(&shown.replace('~', "~0").replace('/', "~1"));
        Violation { argument, pointer, rule }
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
    budget: &'a Budget,
    parameters: &'a mut Parameters,
}

/// A value, and where the entries of a list stood.
type Placed = (Content, Option<Places>);

impl Reader<'_> {
    /// The value in the form that the rest of the connector knows, or `None` with a fault.
    fn value(&mut self, value: Value) -> Option<Placed> {
        // What is given empty is so whatever the type: what that means, the field knows.
        if !self.field.required && is_unset(self.field.kind, &value) {
            let is_text = matches!(self.field.kind, Kind::Text);
            let empty = if is_text { String::new().into() } else { Value::Array(Vec::new()) };
            return Some((Content::Value(empty), None));
        }
        match self.field.kind {
            Kind::Text => Some((Content::Value(self.text(None, value)?), None)),
            Kind::Number { .. } => Some((Content::Value(self.number(None, &value)?), None)),
            Kind::Texts => self.list(value, Self::text),
            Kind::Numbers => self.list(value, |reader, place, value| reader.number(place, &value)),
            Kind::Record(fields) => Some((Content::Record(self.record(fields, None, value)?), None)),
            Kind::Records(fields) => self.records(fields, value),
        }
    }

    fn text(&mut self, place: Option<usize>, value: Value) -> Option<Value> {
        let text = match &value {
            Value::String(_) => return Some(value),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => {
                let is_exact = number.is_u64() || number.is_i64();
                let is_small = number.as_f64().is_some_and(|number| number.abs() <= json::MAX_EXACT);
                if !is_exact && !is_small {
                    self.note(
                        place,
                        phrase!("must be a text: a number of so many digits loses some, put it in quotes"),
                    );
                    return None;
                }
                Some(plain_number(number))
            }
            Value::Object(_) | Value::Array(_) if self.field.rules.iter().any(|rule| matches!(rule, Rule::Json)) => {
                Some(value.to_string())
            }
            _ => None,
        };
        if text.is_none() {
            self.note(place, message!("must be a text, not {}", self.kind(&value, &mut String::new())));
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
            self.note(
                place,
                message!("must be a whole number from {} to {}, not {}", min, max, self.kind(value, shown)),
            );
        }
        number.map(Value::from)
    }

    /// A list, entry by entry; null stands for an entry that could not be read.
    fn list(&mut self, value: Value, entry: fn(&mut Self, Option<usize>, Value) -> Option<Value>) -> Option<Placed> {
        let is_one_text = value.is_string();
        let given = match value {
            Value::Array(given) => given,
            Value::Object(_) | Value::Null => {
                self.note(None, message!("must be a list, not {}", self.kind(&value, &mut String::new())));
                return None;
            }
            // One value, or a text of several.
            one => vec![one],
        };
        let (given, mut places) = match values::entries(given, self.budget) {
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
        Some((Content::Value(Value::Array(entries)), Some(places)))
    }

    fn record(&mut self, fields: &'static [Field], place: Option<usize>, value: Value) -> Option<Parameters> {
        let pointer = self.pointer(place);
        match read_at(self.argument, pointer, fields, &[], self.budget, value) {
            Ok(record) => Some(record),
            Err(violation) => {
                self.note(place, violation.rule);
                None
            }
        }
    }

    /// A list of records; one record is a list of one. An entry that could not be read stands there without values.
    fn records(&mut self, fields: &'static [Field], value: Value) -> Option<Placed> {
        let is_one = value.is_object();
        let given = match value {
            Value::Array(given) => given,
            record @ Value::Object(_) => vec![record],
            value => {
                self.note(None, message!("must be a list, not {}", self.kind(&value, &mut String::new())));
                return None;
            }
        };
        let places = Places { given: (0..given.len()).collect(), ..Places::default() };
        // An entry with fields is one that somebody meant, also where a flow had nothing to put into them.
        let given = given.into_iter().enumerate().filter(|(_, value)| !is_nothing(value));
        let records = given.map(|(index, value)| {
            // A fault is at its place in what was given.
            let place = (!is_one).then_some(index);
            let record = self.record(fields, place, value);
            record.unwrap_or_else(|| Parameters::none(self.argument, self.pointer(place), fields))
        });
        Some((Content::Records(records.collect()), Some(places)))
    }

    /// JSON pointer to the field, or to an entry of it.
    fn pointer(&self, place: Option<usize>) -> String {
        let pointer = self.parameters.pointer_to(self.field.name);
        place.map_or_else(|| pointer.clone(), |place| format!("{pointer}/{place}"))
    }

    /// What a value is that should be something else; a number is shown, as a text in `shown`.
    fn kind<'a>(&self, value: &Value, shown: &'a mut String) -> Insert<'a> {
        match value {
            // In a connection, it may be a secret that was not put in quotes.
            Value::Number(number) if self.argument != Argument::Connection => {
                *shown = number.to_string();
                Insert::Text(shown)
            }
            value => type_name(value).into(),
        }
    }

    fn note(&mut self, place: Option<usize>, rule: impl Into<Message>) {
        match place {
            None => self.parameters.misread(self.field, rule),
            Some(_) => {
                let pointer = self.pointer(place);
                self.parameters.violations.push(Violation { argument: self.argument, pointer, rule: rule.into() });
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

/// Whether it is as good as not there, in a list too.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| tidy::trimmed(text).is_empty())
}

/// Whether nothing is set: an empty value, or a record of such, required or not, as forms leave one that nobody filled in.
fn is_unset(kind: Kind, value: &Value) -> bool {
    let has_none = |kind: Kind, value: &Value| {
        kind.is_list() && (is_nothing(value) || value.as_array().is_some_and(|entries| entries.iter().all(is_nothing)))
    };
    is_blank(value)
        || is_empty(value)
        || match (kind, value) {
            (Kind::Record(fields), Value::Object(object)) => object.iter().all(|(name, value)| {
                let kind = fields.iter().find(|field| field.name == name).map(|field| field.kind);
                kind.is_some_and(|kind| has_none(kind, value) || is_unset(kind, value))
            }),
            _ => false,
        }
}

/// Whether there is no entry of a list.
fn is_nothing(value: &Value) -> bool {
    is_blank(value) || value.as_object().is_some_and(|fields| fields.values().all(Value::is_null))
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
    use crate::parameter::rules;
    use crate::parameter::{Described as _, Spec, table};
    use crate::text::localize;

    const CLEARS: Spec = Spec { rules: &[Rule::Clears], ..Spec::NEW };
    const CANNOT_BE_CLEARED: Spec = Spec { rules: &[Rule::CannotBeCleared], ..Spec::NEW };

    table! {
        /// A table of every kind of parameter.
        pub struct Table {
            pub name: String = Spec::NEW,
            pub to_user: Option<Vec<String>> = Spec { wire: "touser", ..Spec::NEW },
            pub department: Option<Vec<u32>> = Spec::NEW,
            pub enable: Option<u8> = Spec { rules: &[rules::range(0, 1)], ..Spec::NEW },
            pub order: Option<u32> = Spec::NEW,
        }
    }

    table! {
        /// What an update takes.
        pub struct Update {
            pub alias: Option<String> = Spec { rules: &[rules::LINE, Rule::Clears], ..Spec::NEW },
            pub leaders: Option<Vec<String>> = CLEARS,
            pub mail: Option<String> = CANNOT_BE_CLEARED,
            pub gender: Option<u8> = CANNOT_BE_CLEARED,
        }
    }

    fn parse(value: Value) -> (Value, Vec<(String, String)>) {
        let mut parameters = match read(Argument::Parameters, Table::FIELDS, &[], value) {
            Ok(parameters) => parameters,
            Err(violations) => {
                let mut none = Parameters::none(Argument::Parameters, String::new(), Table::FIELDS);
                none.violations = violations;
                none
            }
        };
        let violations = std::mem::take(&mut parameters.violations);
        let said = |violation: Violation| (violation.pointer, localize(&violation.rule).en);
        (parameters.into_wire().into(), violations.into_iter().map(said).collect())
    }

    #[test]
    fn values_arrive_under_their_names_on_the_wire() {
        let (wire, violations) = parse(
            json!({"name": "研发", "to_user": ["a", "b"], "department": [1, 2.0], "enable": 0, "order": 4_294_967_295_u32}),
        );
        assert_eq!(violations, []);
        assert_eq!(
            wire,
            json!({"name": "研发", "touser": ["a", "b"], "department": [1, 2], "enable": 0, "order": 4_294_967_295_u32})
        );
    }

    #[test]
    fn delimited_text_is_a_list_and_empty_is_left_out() {
        let (wire, violations) = parse(
            json!({"name": "n", "to_user": " a | b；c、d,,e\n", "department": "1， 2", "enable": null, "order": ""}),
        );
        assert_eq!(violations, []);
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
    fn all_violations_come_at_once_with_their_places() {
        let (_, mut violations) = parse(json!({
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
        violations.sort();
        assert_eq!(violations, expected.map(|(pointer, message)| (pointer.to_owned(), message.to_owned())));
        let (_, violations) = parse(json!({"name": "n", "department": ["", 1, null, "x"]}));
        assert_eq!(violations[0].0, "/department/3", "the place is that of what was given");
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
            assert_eq!(parameters.violations, [], "{given}");
            assert_eq!(Value::Object(parameters.into_wire()), cleared, "{given}");
        }
        for given in [json!({"mail": ""}), json!({"mail": []}), json!({"gender": ""}), json!({"gender": []})] {
            let parameters = read(Argument::Parameters, Update::FIELDS, &[], given.clone()).unwrap();
            let rule = phrase!("cannot be cleared in WeCom: leave it out to keep it as it is");
            assert_eq!(parameters.violations.len(), 1, "{given}");
            assert_eq!(parameters.violations[0].rule, rule.into(), "{given}");
        }
        for given in [json!({"leaders": [null]}), json!({"leaders": ["", " "]}), json!({"leaders": ","})] {
            let parameters = read(Argument::Parameters, Update::FIELDS, &[], given.clone()).unwrap();
            let rule = phrase!("has nothing but empty entries: to clear it, give an empty list");
            assert_eq!(
                parameters.violations.iter().map(|violation| &violation.rule).collect::<Vec<_>>(),
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
        assert_eq!(parameters.violations[0].rule, phrase!("is required").into());
    }

    #[test]
    fn a_connection_s_values_are_not_shown() {
        let parameters =
            read(Argument::Connection, Table::FIELDS, &[], json!({"name": [123_456_789], "order": 1.5})).unwrap();
        assert_eq!(parameters.violations[0].rule, message!("must be a text, not {}", phrase!("a list")));
        let number = phrase!("a number");
        assert_eq!(
            parameters.violations[1].rule,
            message!("must be a whole number from {} to {}, not {}", 0_u64, 4_294_967_295_u64, number)
        );
    }

    #[test]
    fn what_is_no_object_is_one_fault() {
        assert_eq!(parse(json!([])).1, [(String::new(), "must be a JSON object, not a list".into())]);
    }
}
