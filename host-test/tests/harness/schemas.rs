//! The files of `schemas/`.

use serde_json::{Map, Value};

/// A file of `schemas/`, as text.
pub(crate) fn schema_text(name: &str) -> String {
    let path = artifact::workspace().join("schemas").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of `schemas/`, as JSON.
pub(crate) fn schema(name: &str) -> Value {
    serde_json::from_str(&schema_text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The schema of an action's parameters.
pub(crate) fn input_schema(action: &str) -> Value {
    schema(&format!("actions/{action}.input.schema.json"))
}

/// The schema of an action's output.
pub(crate) fn output_schema(action: &str) -> Value {
    schema(&format!("actions/{action}.output.schema.json"))
}

/// The properties of a schema, in order.
pub(crate) fn properties(schema: &Value) -> Map<String, Value> {
    schema["properties"].as_object().cloned().unwrap_or_default()
}

/// The names that a schema requires.
pub(crate) fn required(schema: &Value) -> Vec<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
