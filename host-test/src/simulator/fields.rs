//! Typed reading of a JSON object, in one of two ways.
//!
//! A strict reading takes what is documented: keys that the call knows, values of their type, nothing empty. The other
//! one takes what WeCom is known to take besides, from clients in production: it passes over unknown keys, `null`, `""`
//! and `[]`, reads a number from a text and a text from a number, 0 and 1 as switches and switches as 0 and 1, and
//! blanks or nothing between the bars of a list.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::codes::{self, Code, Refusal};

/// The keys of one JSON object that have not been read yet.
///
/// Every read takes its key away, so that [`Fields::finish`] can name the keys nobody asked for. Read strictly, a value
/// of another type, `null` included, is 40058; `""` and `[]` are 40063, because an unset key has to be absent, but where
/// they clear a field. A text is one line without control characters, unless it is read as lines.
#[derive(Debug)]
pub(super) struct Fields {
    /// Where the object stands in the body, to name a key in a refusal: empty, or `text.`.
    place: String,
    values: Map<String, Value>,
    strict: bool,
}

impl Fields {
    /// Reads a request body, which has to be one JSON object in UTF-8.
    pub(crate) fn parse(body: &[u8], strict: bool) -> Result<Self, Refusal> {
        let value = serde_json::from_slice(body)
            .map_err(|error| codes::PARAMETER_WRONG.because(format_args!("the JSON is malformed: {error}")))?;
        match value {
            Value::Object(values) => Ok(Self { place: String::new(), values, strict }),
            _ => Err(codes::PARAMETER_WRONG.because("the JSON is malformed: the body has to be an object")),
        }
    }

    /// A copy of what has not been read yet.
    pub(crate) fn to_json(&self) -> Value {
        Value::Object(self.values.clone())
    }

    /// Whether only what is documented is taken.
    pub(crate) fn strict(&self) -> bool {
        self.strict
    }

    /// Whether the key is there, whatever its value. A value that is passed over is not there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|value| self.strict || !self.is_empty(value))
    }

    /// Whether a switch is there; one that is off is not, where it is passed over.
    pub(crate) fn has_switch(&self, key: &str) -> bool {
        self.has(key) && (self.strict || self.values.get(key).cloned().and_then(loose_integer) != Some(0))
    }

    /// Whether the key holds this text.
    pub(crate) fn is_text(&self, key: &str, text: &str) -> bool {
        self.values.get(key).is_some_and(|value| value == text)
    }

    /// Whether the key holds an array.
    pub(crate) fn is_array(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(Value::is_array)
    }

    /// A text in one line.
    pub(crate) fn text(&mut self, key: &str) -> Result<Option<String>, Refusal> {
        self.line(key, codes::PARAMETER_WRONG)
    }

    /// A text whose line breaks and other control characters `wrong` refuses.
    pub(crate) fn line(&mut self, key: &str, wrong: Code) -> Result<Option<String>, Refusal> {
        self.text_without(key, wrong, char::is_control)
    }

    /// A text in any number of lines, with tabs in them.
    pub(crate) fn lines(&mut self, key: &str) -> Result<Option<String>, Refusal> {
        self.text_without(key, codes::PARAMETER_WRONG, |c| c.is_control() && !"\n\r\t".contains(c))
    }

    /// A text that is checked elsewhere.
    pub(crate) fn raw(&mut self, key: &str) -> Result<Option<String>, Refusal> {
        self.take(key, "a string", text(self.strict))
    }

    /// The elements of a list that one text holds, joined by bars.
    pub(crate) fn joined(&mut self, key: &str) -> Result<Vec<String>, Refusal> {
        let Some(text) = self.text(key)? else {
            return Ok(Vec::new());
        };
        if !self.strict {
            return Ok(text.split('|').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect());
        }
        let ids: Vec<_> = text.split('|').map(str::to_owned).collect();
        if ids.iter().any(String::is_empty) {
            return Err(codes::PARAMETER_WRONG.because(format_args!("{} has an empty element", self.name(key))));
        }
        Ok(ids)
    }

    /// What `read` makes of the key, or the empty text where that stands there: to clear the field.
    pub(crate) fn or_cleared(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Self, &str) -> Result<Option<String>, Refusal>,
    ) -> Result<Option<String>, Refusal> {
        if self.values.get(key).is_some_and(|value| value == "") {
            self.values.remove(key);
            return Ok(Some(String::new()));
        }
        read(self, key)
    }

    /// A text of at most `limit` characters; `wrong` refuses a longer one.
    pub(crate) fn line_within(&mut self, key: &str, limit: usize, wrong: Code) -> Result<Option<String>, Refusal> {
        let text = self.line(key, wrong)?;
        match &text {
            Some(text) if text.chars().count() > limit => Err(wrong.because(self.name(key))),
            _ => Ok(text),
        }
    }

    /// A text that may be absent; `empty` refuses an empty one, `wrong` one that is not a line.
    pub(crate) fn line_or(&mut self, key: &str, empty: Code, wrong: Code) -> Result<Option<String>, Refusal> {
        if self.has(key) { self.need_line(key, empty, wrong).map(Some) } else { Ok(None) }
    }

    /// A text that has to be there; `missing` refuses an absent or empty one, `wrong` one that is not a line.
    pub(crate) fn need_line(&mut self, key: &str, missing: Code, wrong: Code) -> Result<String, Refusal> {
        self.need(key, missing, |fields, key| fields.line(key, wrong))
    }

    /// A text in one line that has to be there.
    pub(crate) fn need_text(&mut self, key: &str, missing: Code) -> Result<String, Refusal> {
        self.need(key, missing, Self::text)
    }

    /// A text in any number of lines that has to be there.
    pub(crate) fn need_lines(&mut self, key: &str, missing: Code) -> Result<String, Refusal> {
        self.need(key, missing, Self::lines)
    }

    pub(crate) fn integer(&mut self, key: &str) -> Result<Option<i64>, Refusal> {
        self.take(key, "an integer", integer(self.strict))
    }

    pub(crate) fn integer_in(&mut self, key: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, Refusal> {
        let wanted = format!("an integer from {} to {}", range.start(), range.end());
        let integer = integer(self.strict);
        self.take(key, &wanted, |value| integer(value).filter(|number| range.contains(number)))
    }

    /// An integer that means no or yes: 0 or 1.
    pub(crate) fn flag(&mut self, key: &str) -> Result<Option<bool>, Refusal> {
        Ok(self.integer_in(key, 0..=1)?.map(|number| number == 1))
    }

    /// A number that need not be whole.
    pub(crate) fn number(&mut self, key: &str) -> Result<Option<f64>, Refusal> {
        let strict = self.strict;
        self.take(key, "a number", |value| match value {
            Value::String(text) if !strict => text.trim().parse().ok(),
            value => value.as_f64(),
        })
    }

    pub(crate) fn boolean(&mut self, key: &str) -> Result<Option<bool>, Refusal> {
        let strict = self.strict;
        self.take(key, "true or false", |value| match value {
            Value::Bool(value) => Some(value),
            _ if strict => None,
            value => loose_integer(value).filter(|number| (0..=1).contains(number)).map(|number| number == 1),
        })
    }

    /// An array of strings, none of them empty.
    pub(crate) fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>, Refusal> {
        self.array(key, "an array of strings", text(self.strict))
    }

    /// As [`Fields::texts`], where `[]` means something: to clear the list.
    pub(crate) fn texts_or_none(&mut self, key: &str) -> Result<Option<Vec<String>>, Refusal> {
        if self.values.get(key).is_some_and(|value| value.as_array().is_some_and(Vec::is_empty)) {
            self.values.remove(key);
            return Ok(Some(Vec::new()));
        }
        self.texts(key)
    }

    pub(crate) fn need_texts(&mut self, key: &str, missing: Code) -> Result<Vec<String>, Refusal> {
        self.need(key, missing, Self::texts)
    }

    pub(crate) fn integers(&mut self, key: &str) -> Result<Option<Vec<i64>>, Refusal> {
        self.integers_in(key, i64::MIN..=i64::MAX)
    }

    pub(crate) fn integers_in(&mut self, key: &str, range: RangeInclusive<i64>) -> Result<Option<Vec<i64>>, Refusal> {
        let integer = integer(self.strict);
        self.array(key, "an array of integers within bounds", |value| {
            integer(value).filter(|number| range.contains(number))
        })
    }

    /// An object inside this one. One in which nothing stands may be passed over.
    pub(crate) fn object(&mut self, key: &str) -> Result<Option<Fields>, Refusal> {
        if !self.strict && self.values.get(key).and_then(Value::as_object).is_some_and(Map::is_empty) {
            self.values.remove(key);
        }
        let (place, strict) = (format!("{}.", self.name(key)), self.strict);
        self.take(key, "an object", |value| Self::nested(place, value, strict))
    }

    pub(crate) fn need_object(&mut self, key: &str) -> Result<Fields, Refusal> {
        self.need(key, codes::PARAMETER_EMPTY, Self::object)
    }

    /// An array of objects that has to be there and not be empty.
    pub(crate) fn need_objects(&mut self, key: &str) -> Result<Vec<Fields>, Refusal> {
        let (name, strict) = (self.name(key), self.strict);
        self.need(key, codes::PARAMETER_EMPTY, |fields, key| {
            let mut index = 0;
            fields.array(key, "an array of objects", |value| {
                let place = format!("{name}[{index}].");
                index += 1;
                Self::nested(place, value, strict)
            })
        })
    }

    /// An array of objects; where it is absent or empty there are none.
    pub(crate) fn objects(&mut self, key: &str) -> Result<Vec<Fields>, Refusal> {
        if self.values.get(key).and_then(Value::as_array).is_some_and(Vec::is_empty) {
            self.values.remove(key);
        }
        if self.has(key) { self.need_objects(key) } else { Ok(Vec::new()) }
    }

    /// Refuses the keys that nobody has read, or passes over them.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        match self.values.keys().next() {
            Some(key) if self.strict => {
                Err(codes::PARAMETER_WRONG.because(format_args!("unknown key {}", self.name(key))))
            }
            _ => Ok(()),
        }
    }

    /// The key with its place in the body, as refusals name it.
    pub(crate) fn name(&self, key: &str) -> String {
        format!("{}{key}", self.place)
    }

    fn text_without(
        &mut self,
        key: &str,
        wrong: Code,
        is_bad: impl Fn(char) -> bool,
    ) -> Result<Option<String>, Refusal> {
        let text = self.raw(key)?;
        match text.as_ref().and_then(|text| text.chars().find(|c| is_bad(*c))) {
            None => Ok(text),
            Some(c) => {
                let (name, number) = (self.name(key), u32::from(c));
                Err(wrong.because(format_args!("{name} has the control character U+{number:04X}")))
            }
        }
    }

    fn nested(place: String, value: Value, strict: bool) -> Option<Fields> {
        match value {
            Value::Object(values) => Some(Fields { place, values, strict }),
            _ => None,
        }
    }

    fn need<T>(
        &mut self,
        key: &str,
        missing: Code,
        read: impl FnOnce(&mut Self, &str) -> Result<Option<T>, Refusal>,
    ) -> Result<T, Refusal> {
        let refusal = missing.because(self.name(key));
        if self.values.get(key).is_none_or(|value| self.is_empty(value)) {
            return Err(refusal);
        }
        read(self, key)?.ok_or(refusal)
    }

    fn array<T>(
        &mut self,
        key: &str,
        wanted: &str,
        mut element: impl FnMut(Value) -> Option<T>,
    ) -> Result<Option<Vec<T>>, Refusal> {
        self.take(key, wanted, |value| match value {
            Value::Array(values) => values.into_iter().map(&mut element).collect(),
            _ => None,
        })
    }

    fn take<T>(
        &mut self,
        key: &str,
        wanted: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.values.remove(key) else {
            return Ok(None);
        };
        match self.is_empty(&value) {
            true if self.strict => return Err(codes::PARAMETER_EMPTY.because(self.name(key))),
            true => return Ok(None),
            false => {}
        }
        read(value)
            .map(Some)
            .ok_or_else(|| codes::PARAMETER_WRONG.because(format_args!("{} has to be {wanted}", self.name(key))))
    }

    /// Whether a value says nothing. Read strictly, `null` is a value of the wrong type.
    fn is_empty(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => text.is_empty(),
            Value::Array(values) => values.is_empty(),
            Value::Null => !self.strict,
            _ => false,
        }
    }
}

/// Reads a text that is not empty.
fn text(strict: bool) -> impl Fn(Value) -> Option<String> {
    move |value| match value {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) if !strict => Some(number.to_string()),
        _ => None,
    }
}

/// Reads an integer.
fn integer(strict: bool) -> impl Fn(Value) -> Option<i64> {
    move |value| if strict { value.as_i64() } else { loose_integer(value) }
}

/// An integer in any form that stands for one: digits in a text, a number with no fraction, true and false.
fn loose_integer(value: Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(value.into()),
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| number.to_string().strip_suffix(".0")?.parse().ok()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields::parse(value.to_string().as_bytes(), true).unwrap()
    }

    fn loose(value: Value) -> Fields {
        Fields::parse(value.to_string().as_bytes(), false).unwrap()
    }

    #[test]
    fn a_body_is_one_json_object_in_utf_8() {
        for body in [&b""[..], b"{", b"[]", b"1", b"{} {}", b"{\"a\":\"\xff\"}", b"\xef\xbb\xbf{}"] {
            for strict in [true, false] {
                let refusal = Fields::parse(body, strict).unwrap_err();
                assert_eq!(refusal.code, 40058, "{body:?}");
                assert!(refusal.into_json("0")["errmsg"].as_str().unwrap().contains("JSON is malformed"));
            }
        }
    }

    #[test]
    fn types_are_exact_and_empty_values_are_refused() {
        let read = |kind: &str, value: Value| {
            let mut fields = fields(json!({ "k": value }));
            match kind {
                "text" => fields.text("k").map(drop),
                "integer" => fields.integer("k").map(drop),
                "flag" => fields.flag("k").map(drop),
                "boolean" => fields.boolean("k").map(drop),
                "texts" => fields.texts("k").map(drop),
                "integers" => fields.integers("k").map(drop),
                _ => fields.object("k").map(drop),
            }
            .map_err(|refusal| refusal.code)
        };
        let cases = [
            ("text", json!("a"), Ok(())),
            ("text", json!(1), Err(40058)),
            ("text", json!(null), Err(40058)),
            ("text", json!(""), Err(40063)),
            ("integer", json!(-1), Ok(())),
            ("integer", json!("1"), Err(40058)),
            ("integer", json!(1.0), Err(40058)),
            ("integer", json!(true), Err(40058)),
            ("flag", json!(1), Ok(())),
            ("flag", json!(2), Err(40058)),
            ("flag", json!(false), Err(40058)),
            ("boolean", json!(false), Ok(())),
            ("boolean", json!(0), Err(40058)),
            ("texts", json!(["a"]), Ok(())),
            ("texts", json!("a"), Err(40058)),
            ("texts", json!(["a", ""]), Err(40058)),
            ("texts", json!([]), Err(40063)),
            ("integers", json!([1]), Ok(())),
            ("integers", json!(["1"]), Err(40058)),
            ("object", json!({}), Ok(())),
            ("object", json!([1]), Err(40058)),
        ];
        for (key, value, expected) in cases {
            assert_eq!(read(key, value.clone()), expected, "{key} {value}");
        }
    }

    #[test]
    fn what_wecom_is_known_to_take_is_taken() {
        let read = |kind: &str, value: Value| {
            let mut fields = loose(json!({ "k": value }));
            let read = match kind {
                "text" => fields.text("k").map(|text| json!(text)),
                "integer" => fields.integer("k").map(|number| json!(number)),
                "flag" => fields.flag("k").map(|flag| json!(flag)),
                "boolean" => fields.boolean("k").map(|flag| json!(flag)),
                "texts" => fields.texts("k").map(|texts| json!(texts)),
                "joined" => fields.joined("k").map(|texts| json!(texts)),
                "integers" => fields.integers("k").map(|numbers| json!(numbers)),
                _ => fields.object("k").map(|object| json!(object.is_some())),
            };
            read.map_err(|refusal| refusal.code)
        };
        for (kind, value, expected) in [
            ("text", json!(1), Ok(json!("1"))),
            ("text", json!(""), Ok(json!(null))),
            ("text", json!(null), Ok(json!(null))),
            ("text", json!(true), Err(40058)),
            ("text", json!({}), Err(40058)),
            ("integer", json!("1000002"), Ok(json!(1_000_002))),
            ("integer", json!(1.0), Ok(json!(1))),
            ("integer", json!(true), Ok(json!(1))),
            ("integer", json!(1.5), Err(40058)),
            ("integer", json!("one"), Err(40058)),
            ("flag", json!("0"), Ok(json!(false))),
            ("flag", json!(true), Ok(json!(true))),
            ("flag", json!(2), Err(40058)),
            ("boolean", json!(1), Ok(json!(true))),
            ("boolean", json!("0"), Ok(json!(false))),
            ("boolean", json!(2), Err(40058)),
            ("texts", json!([1, "a"]), Ok(json!(["1", "a"]))),
            ("texts", json!([]), Ok(json!(null))),
            ("texts", json!(["a", ""]), Err(40058)),
            ("joined", json!(" a | b||"), Ok(json!(["a", "b"]))),
            ("joined", json!(2), Ok(json!(["2"]))),
            ("integers", json!(["1", 2]), Ok(json!([1, 2]))),
            ("object", json!(null), Ok(json!(false))),
            ("object", json!("x"), Err(40058)),
        ] {
            assert_eq!(read(kind, value.clone()), expected, "{kind} {value}");
        }
    }

    #[test]
    fn what_is_passed_over_is_not_there() {
        for value in [json!(null), json!(""), json!([])] {
            let mut fields = loose(json!({ "k": value.clone(), "strange": 1 }));
            assert!(!fields.has("k"), "{value}");
            assert_eq!(fields.need_text("k", codes::TITLE_MISSING).unwrap_err().code, 41016, "{value}");
            assert_eq!(fields.finish(), Ok(()));
        }
        for (value, is_on) in [(json!(0), false), (json!("0"), false), (json!(false), false), (json!(1), true)] {
            assert_eq!(loose(json!({ "k": value.clone() })).has_switch("k"), is_on, "{value}");
            assert!(fields(json!({ "k": value })).has_switch("k"));
        }
        let mut outer = loose(json!({ "text": { "content": 1, "colour": "red" } }));
        let mut inner = outer.need_object("text").unwrap();
        assert_eq!(inner.need_text("content", codes::CONTENT_EMPTY).unwrap(), "1", "nested objects are read so, too");
        assert_eq!(inner.finish(), Ok(()));
    }

    #[test]
    fn control_characters_are_refused_and_lines_are_not_everywhere() {
        let read = |text: &str| {
            let mut fields = fields(json!({ "a": text, "b": text, "c": text }));
            let code = |read: Result<_, Refusal>| read.map_err(|refusal| refusal.code).err();
            [code(fields.text("a")), code(fields.line("b", codes::NAME_WRONG)), code(fields.lines("c"))]
        };
        assert_eq!(read("a b中"), [None; 3]);
        for text in ["a\nb", "a\tb", "\r\n"] {
            assert_eq!(read(text), [Some(40058), Some(60112), None], "{text:?}");
        }
        for text in ["\u{1b}[31mred", "\u{0}", "a\u{7f}", "\u{85}"] {
            assert_eq!(read(text), [Some(40058), Some(60112), Some(40058)], "{text:?}");
        }
    }

    #[test]
    fn an_empty_text_clears_only_where_it_is_asked_for() {
        let mut fields = fields(json!({ "a": "", "b": "", "c": "x", "d": null }));
        assert_eq!(fields.or_cleared("a", Fields::text), Ok(Some(String::new())));
        assert_eq!(fields.text("b").unwrap_err().code, 40063);
        assert_eq!(fields.or_cleared("c", Fields::text), Ok(Some("x".into())));
        assert_eq!(fields.or_cleared("d", Fields::text).unwrap_err().code, 40058);
        assert_eq!(fields.or_cleared("e", Fields::text), Ok(None));
    }

    #[test]
    fn what_nobody_read_is_named_with_its_place() {
        let mut outer = fields(json!({ "text": { "content": "c", "colour": "red" } }));
        let mut inner = outer.need_object("text").unwrap();
        assert_eq!(inner.need_text("content", codes::CONTENT_EMPTY).unwrap(), "c");
        let reply = inner.finish().unwrap_err().into_json("0");
        assert!(reply["errmsg"].as_str().unwrap().contains("unknown key text.colour"));
        assert!(outer.finish().is_ok());
    }
}
