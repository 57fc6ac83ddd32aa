//! The rules of the parameter tables that `garde` does not bring, and the cutting of texts that are too long.
//!
//! A rule reads as the end of a sentence that starts with the field's name. An optional parameter that is empty counts
//! as left out, so no rule speaks of it.

use std::borrow::Cow;
use std::fmt::Display;

use garde::i18n;

/// Pattern of a text in one line: no control characters.
pub const LINE: &str = "^[^\\u0000-\\u001f\\u007f]*$";
/// Pattern of a text with line breaks and tabs, and no other control characters.
pub const TEXT: &str = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$";
/// Pattern of a department's name: one line without `*?"<>|:`.
pub const DEPARTMENT_NAME: &str = "^[^\\u0000-\\u001f\\u007f*?\"<>|:]*$";
/// Pattern of a new member's ID.
pub const NEW_USER_ID: &str = "^[0-9A-Za-z][0-9A-Za-z_.@-]*$";
/// Pattern of a new group chat's ID, or of none.
pub const NEW_CHAT_ID: &str = "^[0-9A-Za-z]*$";
/// Pattern of an ID that may be joined with others by `|`.
pub const RECEIVER: &str = "^[^\\u0000-\\u001f\\u007f|]*$";
/// Pattern of a fixed-line number, or of none.
pub const TELEPHONE: &str = "^[0-9+,-]*$";
/// Pattern of an email address, or of none. The servers decide the rest.
pub const EMAIL: &str = "^([^@\\u0000-\\u0020\\u007f]+@[^@\\u0000-\\u0020\\u007f]+)?$";
/// Pattern of a link with its scheme.
pub const LINK: &str = "^[Hh][Tt][Tt][Pp][Ss]?://[^\\u0000-\\u0020\\u007f]+$";
/// Pattern of an MD5 digest in hexadecimal digits.
pub const MD5: &str = "^[0-9A-Fa-f]{32}$";
/// Pattern of Base64 in one piece.
pub const BASE64: &str = "^[0-9A-Za-z+/]+={0,2}$";

/// The receiver that stands for everyone.
pub const EVERYONE: &str = "@all";

/// A parameter that is a text, or may be one.
pub trait MaybeText {
    /// The text, where there is one and it is not empty.
    fn text(&self) -> Option<&str>;
}

impl MaybeText for String {
    fn text(&self) -> Option<&str> {
        Some(self.as_str()).filter(|text| !text.is_empty())
    }
}

impl MaybeText for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(MaybeText::text)
    }
}

/// A parameter that is a list, or may be one.
pub trait MaybeList {
    /// The type of the entries.
    type Item;
    /// The entries; none where the list is left out.
    fn items(&self) -> &[Self::Item];
}

impl<T> MaybeList for Vec<T> {
    type Item = T;
    fn items(&self) -> &[T] {
        self
    }
}

impl<T> MaybeList for Option<Vec<T>> {
    type Item = T;
    fn items(&self) -> &[T] {
        self.as_deref().unwrap_or_default()
    }
}

fn rule(holds: bool, words: impl Into<Cow<'static, str>>) -> garde::Result {
    if holds { Ok(()) } else { Err(garde::Error::new(words.into())) }
}

fn check<T: MaybeText>(value: &T, words: &'static str, holds: impl FnOnce(&str) -> bool) -> garde::Result {
    rule(value.text().is_none_or(holds), words)
}

/// [`LINE`].
pub fn line<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must be one line of text, without control characters", |text| !text.contains(is_control))
}

/// [`TEXT`].
pub fn text<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must not hold control characters other than line breaks and tabs", |text| {
        !text.contains(|c| is_control(c) && !matches!(c, '\t' | '\n' | '\r'))
    })
}

/// [`DEPARTMENT_NAME`].
pub fn department_name<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must be one line and must not hold any of * ? \" < > | :", |text| {
        !text.contains(|c| is_control(c) || "*?\"<>|:".contains(c))
    })
}

/// [`NEW_USER_ID`].
pub fn new_user_id<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must start with a digit or a letter and hold only digits, letters, and _ - @ .", |text| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-@.".contains(c))
    })
}

/// [`NEW_CHAT_ID`].
pub fn new_chat_id<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must hold only digits and letters from A to Z and a to z", |text| {
        text.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// [`TELEPHONE`].
pub fn telephone<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must hold only digits, hyphens (-), plus signs (+) and commas (,)", |text| {
        text.chars().all(|c| c.is_ascii_digit() || "-+,".contains(c))
    })
}

/// [`EMAIL`].
pub fn email<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must be an email address such as name@example.com", |text| {
        !text.contains(|c| is_control(c) || c == ' ')
            && text
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
    })
}

/// [`LINK`].
pub fn link<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must start with http:// or https:// and hold no spaces", |text| {
        let rest = ["http://", "https://"].iter().find_map(|scheme| {
            text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme)).map(|_| &text[scheme.len()..])
        });
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(|c| is_control(c) || c == ' '))
    })
}

/// [`MD5`].
pub fn md5<T: MaybeText>(value: &T, _: &()) -> garde::Result {
    check(value, "must be 32 hexadecimal digits", |text| {
        text.len() == 32 && text.chars().all(|c| c.is_ascii_hexdigit())
    })
}

/// A text of `min` to `max` bytes in UTF-8.
pub fn bytes<T: MaybeText>(min: usize, max: usize) -> impl FnOnce(&T, &()) -> garde::Result {
    move |value, ()| {
        let length = value.text().map(str::len).filter(|length| !(min..=max).contains(length));
        let words = |length| match min {
            0 | 1 => format!("must have at most {max} bytes in UTF-8, and has {length}"),
            _ => format!("must have {min} to {max} bytes in UTF-8, and has {length}"),
        };
        length.map_or(Ok(()), |length| rule(false, words(length)))
    }
}

/// At most `max` bytes in UTF-8.
pub fn max_bytes<T: MaybeText>(max: usize) -> impl FnOnce(&T, &()) -> garde::Result {
    bytes(0, max)
}

/// A list of `min` to `max` entries.
pub fn entries<T: MaybeList>(min: usize, max: usize) -> impl FnOnce(&T, &()) -> garde::Result {
    move |value, ()| {
        let count = value.items().len();
        if (min..=max).contains(&count) {
            return Ok(());
        }
        rule(
            false,
            match min {
                0 => format!("must have at most {max} entries, and has {count}"),
                _ => format!("must have {min} to {max} entries, and has {count}"),
            },
        )
    }
}

/// A list with one entry for each department.
pub fn same_count<T: MaybeList>(departments: &Option<Vec<u32>>) -> impl FnOnce(&T, &()) -> garde::Result {
    let expected = departments.items().len();
    move |value, ()| {
        let count = value.items().len();
        match expected {
            _ if count == 0 || count == expected => Ok(()),
            0 => rule(false, "counts only together with `department`, which has no entries"),
            _ => {
                rule(false, format!("must have one entry for each of the {expected} in `department`, and has {count}"))
            }
        }
    }
}

/// A text that is one of several entries that are joined by `|`.
pub fn receiver(value: &str, _: &()) -> garde::Result {
    rule(!value.is_empty(), "must not be empty")?;
    rule(!value.contains(|c| is_control(c) || c == '|'), "must be one ID, without | and control characters")
}

/// A text that is one entry of a list.
pub fn entry(value: &str, _: &()) -> garde::Result {
    rule(!value.is_empty(), "must not be empty")?;
    rule(!value.contains(is_control), "must be one line of text, without control characters")
}

fn is_control(c: char) -> bool {
    c.is_ascii_control()
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
        Limit::Bytes(max) => text.floor_char_boundary(max),
        Limit::Chars(max) => text.char_indices().nth(max).map_or(text.len(), |(index, _)| index),
    };
    let cut = end < text.len();
    text.truncate(end);
    cut
}

macro_rules! delegate {
    ($($rule:ident($($argument:ident: $type:ty)?)),*) => {
        $(fn $rule(&self $(, $argument: $type)?) -> Cow<'static, str> {
            i18n::DefaultI18n.$rule($($argument)?)
        })*
    };
}

/// The words of `garde`'s own rules. Lengths are those of texts, in characters: lists use [`entries`].
pub struct Words;

impl i18n::I18n for Words {
    fn length_lower_than(&self, min: usize) -> Cow<'static, str> {
        match min {
            1 => "must not be empty".into(),
            _ => format!("must have at least {min} characters").into(),
        }
    }

    fn length_greater_than(&self, max: usize) -> Cow<'static, str> {
        format!("must have at most {max} characters").into()
    }

    fn range_lower_than(&self, min: &dyn Display) -> Cow<'static, str> {
        format!("must be {min} or more").into()
    }

    fn range_greater_than(&self, max: &dyn Display) -> Cow<'static, str> {
        format!("must be {max} or less").into()
    }

    // Rules that no parameter table uses speak in `garde`'s own words.
    delegate! {
        credit_card_invalid(reason: i18n::InvalidCreditCard),
        pattern_no_match(pattern: &dyn Display),
        contains_missing(pattern: &dyn Display),
        url_invalid(reason: i18n::InvalidUrl),
        prefix_missing(pattern: &dyn Display),
        suffix_missing(pattern: &dyn Display),
        phone_number_invalid(reason: i18n::InvalidPhoneNumber),
        ip_invalid(kind: i18n::IpKind),
        matches_field_mismatch(field: &dyn Display),
        email_invalid(reason: i18n::InvalidEmail),
        ascii_invalid(),
        alphanumeric_invalid(),
        required_not_set()
    }
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
        assert!(max_bytes(6)(&"企业".to_owned(), &()).is_ok());
        let error = max_bytes(5)(&"企业".to_owned(), &()).unwrap_err();
        assert_eq!(error.message(), "must have at most 5 bytes in UTF-8, and has 6");
        assert!(bytes(6, 64)(&Some(String::new()), &()).is_ok(), "empty counts as left out");
        assert!(bytes(6, 64)(&Some("a@b.c".to_owned()), &()).is_err());
    }

    #[test]
    fn an_email_address_has_two_sides() {
        for (address, good) in
            [("a@b.cn", true), ("@b.cn", false), ("a@", false), ("a@b@c", false), ("a b@c.cn", false), ("abc", false)]
        {
            assert_eq!(email(&address.to_owned(), &()).is_ok(), good, "{address}");
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
            assert_eq!(link(&url.to_owned(), &()).is_ok(), good, "{url}");
        }
    }
}
