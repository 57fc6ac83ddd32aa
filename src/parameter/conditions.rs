//! What JSON Schema can say of rules between parameters: keywords at the root of a table's schema. They stand in `if`,
//! `then` and `else`: form libraries draw nothing where there is an `allOf`.

use serde_json::{Map, Value, json};

use super::Key;

/// Objects whose number of that name is this one.
pub fn is(number: Key<u8>, value: u8) -> Value {
    json!({"required": [number.name()], "properties": {number.name(): {"const": value}}})
}

/// Keywords by which every object is that, too. No condition has to be said of it.
pub fn always(schema: Value) -> Map<String, Value> {
    // `false` would say the same, but many a reader of schemas takes objects alone.
    Map::from_iter([("if".to_owned(), not(json!({}))), ("else".to_owned(), schema)])
}

/// Objects whose text of that name is not empty.
pub fn given(text: Key<String>) -> Value {
    json!({"required": [text.name()], "properties": {text.name(): {"minLength": 1}}})
}

/// Objects whose list of that name has entries.
pub fn filled<T>(list: Key<Vec<T>>) -> Value {
    json!({"required": [list.name()], "properties": {list.name(): {"minItems": 1}}})
}

/// Objects that have a value of that name.
pub fn needs<T>(key: Key<T>) -> Value {
    json!({"required": [key.name()]})
}

/// Objects whose record of that name has such a field. Form libraries begin records with nothing in them.
pub fn holds<T, V>(record: Key<T>, field: Key<V>) -> Value {
    json!({"required": [record.name()], "properties": {record.name(): {"required": [field.name()]}}})
}

/// Objects that are one of these.
pub fn either(one: Value, other: Value) -> Value {
    json!({"anyOf": [one, other]})
}

/// Objects that are not those.
pub fn not(schema: Value) -> Value {
    json!({"not": schema})
}

/// Keywords by which those objects that are the first are the second, too.
pub fn when(condition: Value, then: Value) -> Map<String, Value> {
    Map::from_iter([("if".to_owned(), condition), ("then".to_owned(), then)])
}

/// The same, and those that are not the first are the third.
pub fn when_else(condition: Value, then: Value, otherwise: impl Into<Value>) -> Map<String, Value> {
    let mut keywords = when(condition, then);
    keywords.insert("else".to_owned(), otherwise.into());
    keywords
}

/// Objects that are both; the two have no keyword in common.
pub fn both(mut one: Value, other: Map<String, Value>) -> Value {
    if let Value::Object(one) = &mut one {
        one.extend(other);
    }
    one
}
