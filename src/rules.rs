//! The rules of the parameter tables, and the cutting of texts that are too long.
//!
//! A rule reads as the end of a sentence that starts with the field's name. A text that is empty breaks no rule but
//! [`NOT_EMPTY`]: an optional parameter that is empty counts as left out.

use schemars::Schema;
use serde_json::{Map, Value, json};

use crate::error::Fault;
use crate::parameters::Table;
use crate::url::MAX_TEXT_BYTES;
use crate::words::{Phrase, Words, phrase, words};

/// What one value must obey.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// A text of so many Unicode code points.
    Chars {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A text of so many bytes in UTF-8.
    Bytes {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A text that a URL has room for. It is no table's limit and stands in no schema.
    FitsUrl,
    /// A text of a certain form.
    Matches(&'static Pattern),
    /// A text that a function has to look at: the error is the broken rule. The schema needs keywords of its own.
    Custom(fn(&str) -> Result<(), Words>),
    /// A text that is cut at the limit.
    Cut(Limit),
    /// A number from `min` to `max`.
    Range {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// A list of so many entries.
    Entries {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A list whose entries obey these rules.
    Each(&'static [Rule]),
}

/// The form of a text.
#[derive(Debug)]
pub struct Pattern {
    /// As a regular expression, for the schema. It may be true of the empty text.
    pub regex: &'static str,
    /// The same, for the connector.
    pub holds: fn(&str) -> bool,
    /// The rule in words.
    pub words: Phrase,
}

/// A text of `min` to `max` characters.
pub const fn chars(min: usize, max: usize) -> Rule {
    Rule::Chars { min, max }
}

/// A text of `min` to `max` bytes in UTF-8.
pub const fn bytes(min: usize, max: usize) -> Rule {
    Rule::Bytes { min, max }
}

/// A text that is cut at `limit`.
pub const fn cut_at(limit: Limit) -> Rule {
    Rule::Cut(limit)
}

/// A number from `min` to `max`.
pub const fn range(min: u32, max: u32) -> Rule {
    Rule::Range { min, max }
}

/// A list of `min` to `max` entries.
pub const fn entries(min: usize, max: usize) -> Rule {
    Rule::Entries { min, max }
}

/// A list whose entries obey `rules`.
pub const fn each(rules: &'static [Rule]) -> Rule {
    Rule::Each(rules)
}

/// A text that is not empty.
pub const NOT_EMPTY: Rule = chars(1, usize::MAX);
/// A text that goes into a URL.
pub const FITS_URL: Rule = Rule::FitsUrl;
/// A text in one line: no control characters.
pub const LINE: Rule = Rule::Matches(&ONE_LINE);
/// A text with line breaks and tabs, and no other control characters.
pub const TEXT: Rule = Rule::Matches(&Pattern {
    regex: "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$",
    holds: |text| !has(text, |byte| byte.is_ascii_control() && !b"\t\n\r".contains(&byte)),
    words: phrase!("must not hold control characters other than line breaks and tabs"),
});
/// A department's name: one line without `*?"<>|:`.
pub const DEPARTMENT_NAME: Rule = Rule::Matches(&Pattern {
    regex: "^[^\\u0000-\\u001f\\u007f*?\"<>|:]*$",
    holds: |text| !has(text, |byte| byte.is_ascii_control() || b"*?\"<>|:".contains(&byte)),
    words: phrase!("must be one line and must not hold any of * ? \" < > | :"),
});
/// A new member's ID.
pub const NEW_USER_ID: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9A-Za-z][0-9A-Za-z_.@-]*$",
    holds: |text| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !has(text, |byte| !byte.is_ascii_alphanumeric() && !b"_-@.".contains(&byte))
    },
    words: phrase!("must start with a digit or a letter and hold only digits, letters, and _ - @ ."),
});
/// A new group chat's ID.
pub const NEW_CHAT_ID: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9A-Za-z]*$",
    holds: |text| !has(text, |byte| !byte.is_ascii_alphanumeric()),
    words: phrase!("must hold only digits and letters from A to Z and a to z"),
});
/// An ID that may be joined with others by `|`.
pub const RECEIVER: Rule = Rule::Matches(&Pattern {
    regex: "^[^\\u0000-\\u001f\\u007f|]*$",
    holds: |text| !has(text, |byte| byte.is_ascii_control() || byte == b'|'),
    words: phrase!("must be one ID, without | and control characters"),
});
/// A fixed-line number.
pub const TELEPHONE: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9+,-]*$",
    holds: |text| !has(text, |byte| !byte.is_ascii_digit() && !b"-+,".contains(&byte)),
    words: phrase!("must hold only digits, hyphens (-), plus signs (+) and commas (,)"),
});
/// An email address. The servers decide the rest.
pub const EMAIL: Rule = Rule::Matches(&Pattern {
    regex: "^([^@\\u0000-\\u0020\\u007f]+@[^@\\u0000-\\u0020\\u007f]+)?$",
    holds: |text| {
        !has(text, |byte| byte.is_ascii_control() || byte == b' ')
            && text
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
    },
    words: phrase!("must be an email address such as name@example.com"),
});
/// A link with its scheme.
pub const LINK: Rule = Rule::Matches(&Pattern {
    regex: "^[Hh][Tt][Tt][Pp][Ss]?://[^\\u0000-\\u0020\\u007f]+$",
    holds: |text| {
        let rest = ["http://", "https://"].iter().find_map(|scheme| {
            text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme)).map(|_| &text[scheme.len()..])
        });
        rest.is_some_and(|rest| !rest.is_empty() && !has(rest, |byte| byte.is_ascii_control() || byte == b' '))
    },
    words: phrase!("must start with http:// or https:// and hold no spaces"),
});
/// An MD5 digest in hexadecimal digits.
pub const MD5: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9A-Fa-f]{32}$",
    holds: |text| text.len() == 32 && !has(text, |byte| !byte.is_ascii_hexdigit()),
    words: phrase!("must be 32 hexadecimal digits"),
});

/// See [`LINE`].
pub static ONE_LINE: Pattern = Pattern {
    regex: "^[^\\u0000-\\u001f\\u007f]*$",
    holds: |text| !has(text, |byte| byte.is_ascii_control()),
    words: phrase!("must be one line of text, without control characters"),
};

/// Regular expression of Base64 in one piece.
pub const BASE64: &str = "^[0-9A-Za-z+/]+={0,2}$";

/// The receiver that stands for everyone.
pub const EVERYONE: &str = "@all";

/// Holds the value of the parameter `name` against a rule. An entry of a list that is null could not be read, and breaks
/// no rule.
pub fn check(rule: &Rule, name: &str, value: &Value, faults: &mut Vec<Fault>) {
    if let (Rule::Each(rules), Value::Array(items)) = (rule, value) {
        for (index, item) in items.iter().enumerate() {
            for message in rules.iter().filter_map(|rule| broken(rule, item)) {
                faults.push(Fault::parameter(format!("/{name}/{index}"), message));
            }
        }
    } else if let Some(message) = broken(rule, value) {
        faults.push(Fault::parameter(format!("/{name}"), message));
    }
}

/// The rule in words, where the value breaks it.
fn broken(rule: &Rule, value: &Value) -> Option<Words> {
    match (rule, value) {
        (Rule::Chars { min, max }, Value::String(text)) => match text.chars().count() {
            0 if *min == 1 => Some(phrase!("must not be empty").into()),
            count if count < *min => Some(words!("must have at least {} characters", *min)),
            count if count > *max => Some(words!("must have at most {} characters", *max)),
            _ => None,
        },
        (Rule::Bytes { min, max }, Value::String(text)) => match text.len() {
            0 => None,
            length if (*min..=*max).contains(&length) => None,
            length if *min <= 1 => Some(words!("must have at most {} bytes in UTF-8, and has {}", *max, length)),
            length => Some(words!("must have {} to {} bytes in UTF-8, and has {}", *min, *max, length)),
        },
        (Rule::FitsUrl, value) => broken(&bytes(0, MAX_TEXT_BYTES), value),
        (Rule::Matches(pattern), Value::String(text)) => {
            (!text.is_empty() && !(pattern.holds)(text)).then(|| pattern.words.into())
        }
        (Rule::Custom(check), Value::String(text)) => check(text).err(),
        (Rule::Range { min, max }, Value::Number(number)) => match number.as_u64()? {
            number if number < u64::from(*min) => Some(words!("must be {} or more", *min)),
            number if number > u64::from(*max) => Some(words!("must be {} or less", *max)),
            _ => None,
        },
        (Rule::Entries { min, max }, Value::Array(items)) => match items.len() {
            count if (*min..=*max).contains(&count) => None,
            count if *min == 0 => Some(words!("must have at most {} entries, and has {}", *max, count)),
            count => Some(words!("must have {} to {} entries, and has {}", *min, *max, count)),
        },
        // The rest speaks of other types, or is carried out instead of checked.
        _ => None,
    }
}

/// Writes the rules of a table into its schema.
pub fn describe<T: Table>(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for field in T::FIELDS {
        if let Some(Value::Object(property)) = properties.get_mut(field.name) {
            field.rules.iter().for_each(|rule| keywords(rule, property));
        }
    }
}

fn keywords(rule: &Rule, property: &mut Map<String, Value>) {
    let mut bounds = |names: [&str; 2], least: usize, min: usize, max: usize| {
        for (name, bound) in names.into_iter().zip([(min > least).then_some(min), (max < usize::MAX).then_some(max)]) {
            if let Some(bound) = bound {
                property.insert(name.to_owned(), bound.into());
            }
        }
    };
    match rule {
        Rule::Chars { min, max } => bounds(["minLength", "maxLength"], 0, *min, *max),
        Rule::Entries { min, max } => bounds(["minItems", "maxItems"], 0, *min, *max),
        Rule::Range { min, max } => {
            property.insert("minimum".into(), json!(min));
            property.insert("maximum".into(), json!(max));
        }
        Rule::Matches(pattern) => {
            property.insert("pattern".into(), json!(pattern.regex));
        }
        Rule::Bytes { min, max } => {
            if *min > 1 {
                ui(property, "minBytes", json!(min));
            }
            ui(property, "maxBytes", json!(max));
            ui(property, "excess", json!("refuse"));
        }
        Rule::Cut(limit) => {
            match limit {
                Limit::Bytes(max) => ui(property, "maxBytes", json!(max)),
                Limit::Chars(max) => ui(property, "maxCharacters", json!(max)),
            }
            ui(property, "excess", json!("cut"));
        }
        Rule::Each(rules) => {
            if let Some(Value::Object(items)) = property.get_mut("items") {
                rules.iter().for_each(|rule| keywords(rule, items));
            }
        }
        Rule::FitsUrl | Rule::Custom(_) => {}
    }
}

/// A schema for objects whose list of that name has entries, to make rules between fields of. These stand in `if`,
/// `then` and `else`: form libraries draw nothing where there is an `allOf` at the root.
pub fn filled(list: &str) -> Value {
    json!({"required": [list], "properties": {list: {"minItems": 1}}})
}

/// Sets a key of the property's `x-ui`, which JSON Schema has no keyword for.
fn ui(property: &mut Map<String, Value>, key: &str, value: Value) {
    if let Value::Object(ui) = property.entry("x-ui").or_insert_with(|| json!({})) {
        ui.insert(key.to_owned(), value);
    }
}

/// Whether a text has such a byte. All that the rules look for is ASCII, which is never part of another character: an
/// article has its characters decoded for nothing else.
fn has(text: &str, is_wanted: impl FnMut(u8) -> bool) -> bool {
    text.bytes().any(is_wanted)
}

/// The unit of a limit that is cut at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes in UTF-8.
    Bytes(usize),
    /// Unicode code points.
    Chars(usize),
}

/// Cuts `text` at the limit, never inside a character. Whether anything was cut.
pub fn cut(text: &mut String, limit: Limit) -> bool {
    let end = match limit {
        // As many bytes are never more characters.
        Limit::Bytes(max) | Limit::Chars(max) if text.len() <= max => return false,
        Limit::Bytes(max) => text.floor_char_boundary(max),
        Limit::Chars(max) => text.char_indices().nth(max).map_or(text.len(), |(index, _)| index),
    };
    let cut = end < text.len();
    text.truncate(end);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_to(text: &str, limit: Limit) -> (String, bool) {
        let mut text = text.to_owned();
        let was_cut = cut(&mut text, limit);
        (text, was_cut)
    }

    #[test]
    fn a_cut_never_parts_a_character() {
        assert_eq!(cut_to("企业微信", Limit::Bytes(7)), ("企业".into(), true));
        assert_eq!(cut_to("企业微信", Limit::Bytes(12)), ("企业微信".into(), false));
        assert_eq!(cut_to("查看详情吧", Limit::Chars(4)), ("查看详情".into(), true));
        assert_eq!(cut_to("详情", Limit::Chars(4)), ("详情".into(), false));
        assert_eq!(cut_to("é", Limit::Bytes(1)), (String::new(), true));
    }

    #[test]
    fn bytes_are_counted_in_utf8() {
        assert_eq!(broken(&bytes(0, 6), &json!("企业")), None);
        let message = broken(&bytes(0, 5), &json!("企业")).unwrap();
        assert_eq!(message, words!("must have at most {} bytes in UTF-8, and has {}", 5_usize, 6_usize));
        assert_eq!(broken(&bytes(6, 64), &json!("")), None, "empty counts as left out");
        assert!(broken(&bytes(6, 64), &json!("a@b.c")).is_some());
    }

    #[test]
    fn an_email_address_has_two_sides() {
        for (address, good) in
            [("a@b.cn", true), ("@b.cn", false), ("a@", false), ("a@b@c", false), ("a b@c.cn", false), ("abc", false)]
        {
            assert_eq!(broken(&EMAIL, &json!(address)).is_none(), good, "{address}");
        }
    }

    #[test]
    fn a_link_has_a_scheme() {
        for (url, good) in [
            ("https://a.cn", true),
            ("HTTP://a.cn/x?y", true),
            ("https://", false),
            ("www.qq.com", false),
            ("ftp://a.cn", false),
            ("https://a b", false),
            ("企业微信企业微信", false),
        ] {
            assert_eq!(broken(&LINK, &json!(url)).is_none(), good, "{url}");
        }
    }
}
