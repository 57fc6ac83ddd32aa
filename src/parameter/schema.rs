//! JSON Schema of tables, drawn from their specs: draft-07, for form renderers.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::rules::{self, Lines, Rule};
use super::ui::{Options, Ui};
use super::{Field, Kind, Record, Spec};
use crate::cut::Limit;
use crate::text::{Localized, Text};

/// The version of JSON Schema.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of a struct, for [`schemars::JsonSchema`].
pub fn of_record(record: &Record) -> Schema {
    let mut schema = Map::new();
    schema.insert("description".to_owned(), record.docs.trim().into());
    schema.extend(object(record));
    schema.into()
}

/// The schema of a struct that has a file of its own.
pub(crate) fn root(title: Localized, description: &Localized, record: &Record) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), DRAFT.into());
    schema.insert("title".to_owned(), title.en.into());
    schema.insert("description".to_owned(), description.en.as_str().into());
    schema.extend(object(record));
    schema
}

fn object(record: &Record) -> Map<String, Value> {
    let properties: Map<String, Value> = record
        .lines()
        .map(|(field, spec, record)| (field.name.to_owned(), property(field, spec, record).into()))
        .collect();
    let required: Vec<&str> = record.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if record.closed {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

/// The schema of one field. The keywords stand in the order in which a person reads them; our own come last.
pub(crate) fn property(field: &Field, spec: &Spec, record: Option<&Record>) -> Map<String, Value> {
    let mut schema = Map::new();
    let mut ui = ui(&spec.ui);
    schema.insert("title".to_owned(), spec.title.en.into());
    if !spec.description.is_empty() {
        schema.insert("description".to_owned(), spec.description.en.into());
    }
    let record = record.map(|record| {
        let mut schema = of_record(record).to_value();
        if let Value::Object(schema) = &mut schema {
            schema.extend((spec.conditions)());
        }
        schema
    });
    match field.kind {
        Kind::Text => {
            schema.insert("type".to_owned(), "string".into());
        }
        Kind::Number { max } => schema.extend(integer(max)),
        Kind::Texts => {
            let mut text = Map::from_iter([("type".to_owned(), "string".into())]);
            text.extend((spec.conditions)());
            schema.extend(list(text.into()));
        }
        Kind::Numbers => schema.extend(list(integer(u32::MAX.into()).into())),
        Kind::Records(_) => schema.extend(list(record.unwrap_or_default())),
        Kind::Record(_) => {
            if let Some(Value::Object(record)) = record {
                // What it means here says more than what it is.
                schema.extend(record.into_iter().filter(|(keyword, _)| keyword != "description"));
            }
        }
    }
    for rule in spec.rules {
        keywords(rule, field.kind, &mut schema, &mut ui);
    }
    let alternatives = spec.alternatives();
    if !alternatives.is_empty() {
        let choices: Vec<Value> =
            alternatives.into_iter().map(|(value, title)| json!({"title": title.en, "const": value})).collect();
        // Choices are bounds enough.
        schema.shift_remove("minimum");
        schema.shift_remove("maximum");
        schema.insert("oneOf".to_owned(), choices.into());
    }
    if spec.secret {
        schema.insert("format".to_owned(), "password".into());
        schema.insert("writeOnly".to_owned(), true.into());
        ui.shift_insert(0, "widget".to_owned(), "password".into());
    }
    if !spec.examples.is_empty() {
        schema.insert("examples".to_owned(), spec.examples.iter().map(|example| parsed(example.en)).collect());
    }
    if !ui.is_empty() {
        schema.insert("x-ui".to_owned(), ui.into());
    }
    schema
}

/// An example. Where it is no JSON, it is shown as it is: the generator refuses that.
pub(crate) fn parsed(example: &str) -> Value {
    serde_json::from_str(example).unwrap_or_else(|_| example.into())
}

fn integer(max: u64) -> Map<String, Value> {
    /// Beyond it, JSON readers disagree.
    const MAX_SAFE: u64 = (1 << 53) - 1;
    Map::from_iter([
        ("type".to_owned(), "integer".into()),
        ("minimum".to_owned(), 0.into()),
        ("maximum".to_owned(), max.min(MAX_SAFE).into()),
    ])
}

fn list(items: Value) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), "array".into()), ("items".to_owned(), items)])
}

/// The `x-ui` object: the keys that apply.
fn ui(ui: &Ui) -> Map<String, Value> {
    let hint = Some(ui.hint).filter(|hint: &Text| !hint.is_empty());
    let keys = [
        ("widget", ui.widget.map(Value::from)),
        ("group", ui.advanced.then(|| "advanced".into())),
        ("hint", hint.map(|hint| hint.en.into())),
        ("separator", ui.separator.map(Value::from)),
        ("optionsFrom", ui.options_from.map(|source| options(&source))),
        ("fromConnection", Some(ui.from_connection).filter(|fields| !fields.is_empty()).map(Value::from)),
    ];
    keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// The `optionsFrom` object: the keys that apply.
fn options(source: &Options) -> Value {
    let keys = [
        ("action", source.action),
        ("items", source.items),
        ("value", source.value),
        ("label", source.label),
        ("parameter", source.parameter),
    ];
    let given = keys.into_iter().filter(|(_, value)| !value.is_empty());
    let mut options: Map<String, Value> = given.map(|(key, value)| (key.to_owned(), value.into())).collect();
    options.extend(source.fallback.map(|source| ("fallback".to_owned(), self::options(source))));
    options.into()
}

/// What a rule is in JSON Schema, and in `x-ui` where that has no keyword for it.
fn keywords(rule: &Rule, kind: Kind, schema: &mut Map<String, Value>, ui: &mut Map<String, Value>) {
    let mut bounds = |names: [&str; 2], min: usize, max: usize| {
        for (name, bound) in names.into_iter().zip([(min > 0).then_some(min), (max < usize::MAX).then_some(max)]) {
            if let Some(bound) = bound {
                schema.insert(name.to_owned(), bound.into());
            }
        }
    };
    match rule {
        Rule::Chars { min, max } | Rule::Custom { chars: (min, max), .. } => {
            bounds(["minLength", "maxLength"], *min, *max);
        }
        Rule::Entries { min, max } => bounds(["minItems", "maxItems"], *min, *max),
        Rule::Range { min, max } => {
            schema.insert("minimum".into(), json!(min));
            schema.insert("maximum".into(), json!(max));
        }
        Rule::Switch => keywords(&rules::range(0, 1), kind, schema, ui),
        Rule::Matches(pattern) => {
            schema.insert("pattern".into(), json!(pattern.regex));
        }
        // The connector takes more than the schema allows: a form shows what should not be in a text.
        Rule::Prose(lines) => {
            let regex = if *lines == Lines::One { rules::ONE_LINE } else { rules::LINES };
            // Where the text has to have a form beside, that one says it too.
            schema.entry("pattern").or_insert_with(|| json!(regex));
        }
        Rule::Base64 { .. } | Rule::File => {
            schema.insert("contentEncoding".into(), json!("base64"));
            schema.insert("pattern".into(), json!(rules::BASE64));
            ui.insert("widget".into(), json!("file"));
        }
        Rule::Clears => {
            ui.insert("clear".into(), json!(true));
        }
        Rule::CannotBeCleared if matches!(kind, Kind::Text) => bounds(["minLength", "maxLength"], 1, usize::MAX),
        Rule::CannotBeCleared if kind.is_list() => bounds(["minItems", "maxItems"], 1, usize::MAX),
        Rule::Bytes { min, max } => {
            if *min > 1 {
                ui.insert("minBytes".into(), json!(min));
            }
            ui.insert("maxBytes".into(), json!(max));
            ui.insert("excess".into(), json!("refuse"));
        }
        Rule::Cut(limit) => {
            match limit {
                Limit::Bytes(max) => ui.insert("maxBytes".into(), json!(max)),
                Limit::Chars(max) => ui.insert("maxCharacters".into(), json!(max)),
            };
            ui.insert("excess".into(), json!("cut"));
        }
        Rule::Each(rules) => {
            if let Some(Value::Object(items)) = schema.get_mut("items") {
                let mut own = Map::new();
                rules.iter().for_each(|rule| keywords(rule, kind, items, &mut own));
                if !own.is_empty() {
                    items.insert("x-ui".to_owned(), own.into());
                }
            }
        }
        // The words of a choice stand in the schema already.
        Rule::CannotBeCleared | Rule::FitsUrl | Rule::Narrow | Rule::Bare | Rule::OneOf(_) => {}
        Rule::Json => {
            schema.insert("contentMediaType".into(), json!("application/json"));
        }
    }
}
