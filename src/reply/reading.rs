//! The fields of a reply, as what the documentation calls them.

use std::fmt;

use serde_json::{Map, Value};

use crate::text::{Message, Phrase, message, phrase};

/// The fields of a reply that reports success, or of an object in it. That of gettoken holds a token, so
/// [`Debug`](fmt::Debug) shows no values.
#[derive(Clone, Default, PartialEq)]
pub struct Reply {
    fields: Map<String, Value>,
    /// Where the object stands in the whole reply: `chat_info.`, `department_id[3].`, empty for the reply itself.
    place: String,
    /// The file that it is, in place of an object.
    attachment: Option<Attachment>,
}

/// A file that WeCom gives out.
#[derive(Clone, PartialEq)]
pub struct Attachment {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its content.
    pub content: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reply").field(&format_args!("{} fields", self.fields.len())).finish()
    }
}

/// A reply that reports success and is not as documented.
#[derive(Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It lacks the field of that name and place.
    Missing(String),
    /// The field of that name and place is not what it should be.
    Other(String, Phrase),
    /// Something else is wrong with it.
    Message(Message),
}

impl Malformed {
    /// The same, where the object stands at that place.
    fn inside(self, place: &str) -> Self {
        match self {
            Self::Missing(name) => Self::Missing(format!("{place}{name}")),
            Self::Other(name, expected) => Self::Other(format!("{place}{name}"), expected),
            words @ Self::Message(_) => words,
        }
    }

    pub(super) fn words(&self) -> Message {
        match self {
            Self::Missing(name) => message!("the answer reports success, but has no `{}`", name),
            Self::Other(name, expected) => {
                message!("the answer reports success, but its `{}` is not {}", name, *expected)
            }
            Self::Message(words) => words.clone(),
        }
    }
}

impl Reply {
    pub(super) fn new(fields: Map<String, Value>) -> Self {
        Self { fields, ..Self::default() }
    }

    pub(super) fn attached(name: Option<String>, content: Vec<u8>) -> Self {
        Self { attachment: Some(Attachment { name, content }), ..Self::default() }
    }

    /// The file that it is.
    pub fn attachment(self) -> Result<Attachment, Malformed> {
        self.attachment.ok_or_else(|| Malformed::Message(phrase!("the answer reports success, but is no file").into()))
    }

    /// Its fields as JSON, with the `errcode` that stood there.
    pub fn into_json(self) -> Value {
        let mut fields = Map::from_iter([("errcode".to_owned(), 0.into())]);
        fields.extend(self.fields);
        Value::Object(fields)
    }

    /// The field, where it is there; `null` is as good as absent.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    /// The same as `read` makes of it; the error says that it is not what was expected.
    fn read<T>(
        &mut self,
        name: &str,
        expected: Phrase,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Option<T>, Malformed> {
        self.take(name).map(|value| read(value).ok_or_else(|| self.malformed(name, expected))).transpose()
    }

    /// A text, or an ID in whatever form a gateway gives it; empty or absent where there is nothing.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Malformed> {
        Ok(self.read(name, phrase!("a text"), id)?.filter(|text| !text.is_empty()))
    }

    /// The same where it must be there.
    pub fn required_id(&mut self, name: &str) -> Result<String, Malformed> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// A text that must be there, and be nothing but a text.
    pub fn required_text(&mut self, name: &str) -> Result<String, Malformed> {
        match self.take(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            Some(Value::String(_)) | None => Err(self.missing(name)),
            Some(_) => Err(self.malformed(name, phrase!("a text"))),
        }
    }

    /// A number that the documentation calls a 32-bit one, whatever form a gateway gives it.
    pub fn number(&mut self, name: &str) -> Result<Option<u32>, Malformed> {
        self.read(name, phrase!("a whole number from 0 to 4294967295"), |value| whole_number(&value)?.try_into().ok())
    }

    /// A number that must be there.
    pub fn required_number(&mut self, name: &str) -> Result<u32, Malformed> {
        self.number(name)?.ok_or_else(|| self.missing(name))
    }

    /// The ID of an application, which has more digits than the other numbers.
    pub fn required_agent_id(&mut self, name: &str) -> Result<u64, Malformed> {
        let number = self.read(name, phrase!("a whole number"), |value| whole_number(&value)?.try_into().ok())?;
        number.ok_or_else(|| self.missing(name))
    }

    /// A list of such numbers; empty where it is absent.
    pub fn numbers(&mut self, name: &str) -> Result<Vec<u32>, Malformed> {
        let numbers = self.read(name, phrase!("a list of whole numbers"), |value| match value {
            Value::Array(items) => items.iter().map(|item| whole_number(item)?.try_into().ok()).collect(),
            _ => None,
        })?;
        Ok(numbers.unwrap_or_default())
    }

    /// A list of texts; empty where it is absent.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, Malformed> {
        self.list(name, id)
    }

    /// A text that holds IDs separated by `|`. A list of them, as WeCom's sister APIs have it, does too: who was not
    /// reached must not be lost, nor make a message that was sent a broken one.
    pub fn delimited(&mut self, name: &str) -> Result<Vec<String>, Malformed> {
        let ids = self.read(name, phrase!("a text of IDs"), |value| match value {
            Value::Array(items) => items.into_iter().map(id).collect(),
            value => Some(id(value)?.split('|').filter(|id| !id.is_empty()).map(str::to_owned).collect()),
        })?;
        Ok(ids.unwrap_or_default())
    }

    /// An object; empty where it is absent.
    pub fn object(&mut self, name: &str) -> Result<Self, Malformed> {
        let fields = self.read(name, phrase!("an object"), fields)?.unwrap_or_default();
        Ok(Self { fields, place: format!("{}{name}.", self.place), attachment: None })
    }

    /// A list of objects, each as `row` reads it; empty where it is absent.
    pub fn rows<T>(&mut self, name: &str, row: fn(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let rows = self.read(name, phrase!("a list of objects"), |value| match value {
            Value::Array(rows) => rows.into_iter().map(fields).collect::<Option<Vec<_>>>(),
            _ => None,
        })?;
        let read = |(index, fields)| {
            // The place is put into words only where it is needed: most rows are good.
            let mut object = Self::new(fields);
            row(&mut object).map_err(|malformed| malformed.inside(&format!("{}{name}[{index}].", self.place)))
        };
        rows.unwrap_or_default().into_iter().enumerate().map(read).collect()
    }

    /// The same where the list is what the API is asked for. It may be absent; but where another list or an object stands
    /// there, as a gateway's `data`, the list is perhaps in that, and a company is not empty for it.
    pub fn own_rows<T>(&mut self, name: &str, row: fn(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        self.ensure_own(name)?;
        self.rows(name, row)
    }

    /// The same of a list that [`Self::entries`] reads.
    pub fn own_texts(&mut self, name: &str) -> Result<Vec<String>, Malformed> {
        self.ensure_own(name)?;
        self.entries(name)
    }

    /// A list of texts and nothing but texts, none of them empty, as it must be where it is all that proves the success;
    /// empty where it is absent.
    pub fn entries(&mut self, name: &str) -> Result<Vec<String>, Malformed> {
        self.list(name, own_text)
    }

    fn list(&mut self, name: &str, text: fn(Value) -> Option<String>) -> Result<Vec<String>, Malformed> {
        let texts = self.read(name, phrase!("a list of texts"), |value| match value {
            Value::Array(items) => items.into_iter().map(text).collect(),
            _ => None,
        })?;
        Ok(texts.unwrap_or_default())
    }

    fn ensure_own(&self, name: &str) -> Result<(), Malformed> {
        let is_elsewhere = |value: &Value| value.is_array() || value.is_object();
        if self.fields.get(name).is_none_or(Value::is_null) && self.fields.values().any(is_elsewhere) {
            return Err(self.missing(name));
        }
        Ok(())
    }

    /// A number of seconds; 0 where it is none.
    pub fn seconds(&mut self, name: &str) -> u64 {
        self.take(name).and_then(|value| whole_number(&value)).and_then(|seconds| seconds.try_into().ok()).unwrap_or(0)
    }

    /// The reply lacks a field.
    pub fn missing(&self, name: &str) -> Malformed {
        Malformed::Missing(format!("{}{name}", self.place))
    }

    fn malformed(&self, name: &str, expected: Phrase) -> Malformed {
        Malformed::Other(format!("{}{name}", self.place), expected)
    }
}

fn fields(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(fields) = value { Some(fields) } else { None }
}

fn own_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// An ID as a text, whatever form a gateway gives it.
fn id(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Some gateways rewrite numbers: 7.0 and "7" mean 7 all the same.
pub(super) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
            #[expect(clippy::cast_possible_truncation, reason = "whole, and where it is too large `as` saturates")]
            Some(float as i64)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(fields: Value) -> Reply {
        let Value::Object(fields) = fields else { panic!("{fields}") };
        Reply::new(fields)
    }

    #[test]
    fn ids_are_read_in_every_form() {
        for (form, ids) in [
            (json!("a|b||"), vec!["a", "b"]),
            (json!(["a", 7]), vec!["a", "7"]),
            (json!(7), vec!["7"]),
            (json!(""), vec![]),
        ] {
            assert_eq!(reply(json!({"ids": form})).delimited("ids").expect("readable"), ids);
        }
    }

    #[test]
    fn what_is_missing_is_named_with_its_place() {
        let mut reply = reply(json!({"list": [{"id": 1}, {"x": 1}], "one": {"deep": {"id": []}}}));
        let rows = reply.rows("list", |row| row.required_number("id")).expect_err("the second has none");
        assert_eq!(rows, Malformed::Missing("list[1].id".into()));
        let mut deep = reply.object("one").and_then(|mut one| one.object("deep")).expect("objects");
        assert_eq!(deep.required_text("id"), Err(Malformed::Other("one.deep.id".into(), phrase!("a text"))));
    }
}
