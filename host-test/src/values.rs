//! Between JSON and the values of the component model, for calls whose functions are known by name only.

use serde_json::{Map, Value, json};
use wasmtime::component::types::Record;
use wasmtime::component::{Type, Val};

/// JSON as a value of that type: records have their names in snake_case, and an option that is left out or `null` is
/// none.
///
/// # Panics
///
/// Where the JSON is no value of the type: a slip of whoever wrote it must not pass for an answer of the component.
pub fn to_val(value: &Value, ty: &Type) -> Val {
    match (ty, value) {
        (Type::Option(_), Value::Null) => Val::Option(None),
        (Type::Option(some), _) => Val::Option(Some(Box::new(to_val(value, &some.ty())))),
        (Type::List(list), Value::Array(items)) => {
            Val::List(items.iter().map(|item| to_val(item, &list.ty())).collect())
        }
        (Type::Record(record), Value::Object(fields)) => record_val(record, fields),
        (Type::String, Value::String(text)) => Val::String(text.clone()),
        (Type::Enum(_), Value::String(name)) => Val::Enum(name.clone()),
        (Type::Bool, Value::Bool(value)) => Val::Bool(*value),
        (Type::U8, Value::Number(_)) => Val::U8(number(value)),
        (Type::U32, Value::Number(_)) => Val::U32(number(value)),
        (Type::U64, Value::Number(_)) => Val::U64(number(value)),
        _ => panic!("{value} is no value of the type {ty:?}"),
    }
}

fn record_val(record: &Record, fields: &Map<String, Value>) -> Val {
    for key in fields.keys() {
        assert!(record.fields().any(|field| snake(field.name) == *key), "the record has no field {key}");
    }
    let fields = record.fields().map(|field| {
        let value = fields.get(&snake(field.name)).unwrap_or(&Value::Null);
        (field.name.to_owned(), to_val(value, &field.ty))
    });
    Val::Record(fields.collect())
}

fn number<T: TryFrom<u64>>(value: &Value) -> T {
    let number = value.as_u64().and_then(|number| T::try_from(number).ok());
    number.unwrap_or_else(|| panic!("{value} does not fit the type of the contract"))
}

/// A value as JSON, the other way round: what is none is left out, and a variant is an object with its case for a key.
///
/// # Panics
///
/// Where the value is of a type that the contract does without.
pub fn to_json(value: &Val) -> Value {
    match value {
        Val::Bool(value) => json!(value),
        Val::U8(number) => json!(number),
        Val::U32(number) => json!(number),
        Val::U64(number) => json!(number),
        Val::S32(number) => json!(number),
        Val::String(text) | Val::Enum(text) => json!(text),
        Val::List(items) => items.iter().map(to_json).collect(),
        Val::Option(None) => Value::Null,
        Val::Option(Some(value)) => to_json(value),
        Val::Record(fields) => fields
            .iter()
            .filter(|(_, value)| !matches!(value, Val::Option(None)))
            .map(|(name, value)| (snake(name), to_json(value)))
            .collect(),
        Val::Variant(case, None) => json!(case),
        Val::Variant(case, Some(value)) => json!({ case: to_json(value) }),
        other => panic!("the contract should have no {other:?}"),
    }
}

/// `to-user` as `to_user`.
fn snake(name: &str) -> String {
    name.replace('-', "_")
}
