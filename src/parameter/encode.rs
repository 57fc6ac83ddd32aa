//! From the values of an output to its JSON.

use super::field::{Field, Kind};
use super::table::{Given, Values};

/// A text beyond so many bytes is a file.
const LONG: usize = 64 * 1024;
/// How many bytes stand behind a file in an output, at most.
const REST: usize = 256;

/// The JSON object of an output, in the order of its fields. What is absent is left out.
pub fn json(fields: &[Field], values: &Values) -> String {
    let mut json = Vec::new();
    object(&mut json, fields, values);
    String::from_utf8(json).unwrap_or_default()
}

fn object(json: &mut Vec<u8>, fields: &[Field], values: &Values) {
    json.push(b'{');
    let mut separator: &[u8] = b"\"";
    for (field, given) in fields.iter().zip(&values.0) {
        if matches!(given, Given::Nothing) {
            continue;
        }
        json.extend_from_slice(separator);
        separator = b",\"";
        json.extend_from_slice(field.name.as_bytes());
        json.extend_from_slice(b"\":");
        match (given, field.kind) {
            (Given::Value(value), _) => {
                let length = value.as_str().map_or(0, str::len);
                if length > LONG {
                    // Room is doubled where a byte has none, and behind a file that would be most of the memory.
                    json.reserve_exact(length + REST);
                }
                // A value is nothing that JSON could refuse.
                serde_json::to_writer(&mut *json, value).unwrap_or_default();
            }
            (Given::Record(values), Kind::Record(fields)) => object(json, fields, values),
            (Given::Records(records), Kind::Records(fields)) => {
                json.push(b'[');
                for (index, values) in records.iter().enumerate() {
                    if index > 0 {
                        json.push(b',');
                    }
                    object(json, fields, values);
                }
                json.push(b']');
            }
            // A record is one by its kind, too, and no output has more than its reply.
            _ => json.extend_from_slice(b"null"),
        }
    }
    json.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::{Described as _, Spec, Table as _, output};

    output! {
        /// One row of a list.
        pub struct Row {
            pub name: Option<String> = Spec::NEW,
            pub parts: Vec<Part> = Spec::NEW,
        }
    }

    output! {
        /// A part of a row.
        pub struct Part {
            pub ids: Vec<u32> = Spec::NEW,
        }
    }

    output! {
        /// An output of every type.
        pub struct Sample {
            pub since: u64 = Spec::NEW,
            pub kind: Option<u8> = Spec::NEW,
            pub words: Vec<String> = Spec::NEW,
            pub rows: Vec<Row> = Spec::NEW,
            pub part: Option<Part> = Spec::NEW,
            pub name: String = Spec::NEW,
        }
    }

    #[test]
    fn an_output_is_written_in_the_order_of_its_fields_without_what_is_absent() {
        let row = |name: Option<&str>, parts| Row { name: name.map(str::to_owned), parts };
        let mut sample = Sample {
            since: u64::MAX,
            kind: None,
            words: vec!["\"".into(), String::new()],
            rows: vec![row(Some("a"), vec![Part { ids: vec![7] }, Part { ids: Vec::new() }]), row(None, Vec::new())],
            part: None,
            name: "中".into(),
        };
        assert_eq!(
            json(Sample::FIELDS, &sample.clone().into_values()),
            r#"{"since":18446744073709551615,"words":["\"",""],"rows":[{"name":"a","parts":[{"ids":[7]},{"ids":[]}]},{"parts":[]}],"name":"中"}"#
        );
        sample = Sample { kind: Some(0), rows: Vec::new(), part: Some(Part { ids: Vec::new() }), ..sample };
        assert_eq!(
            json(Sample::FIELDS, &sample.into_values()),
            r#"{"since":18446744073709551615,"kind":0,"words":["\"",""],"rows":[],"part":{"ids":[]},"name":"中"}"#
        );
        assert_eq!(json(&[], &Values::default()), "{}");
    }
}
