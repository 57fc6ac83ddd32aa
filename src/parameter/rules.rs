//! The rules of the parameter tables.
//!
//! A rule reads as the end of a sentence that starts with the field's name. A text that is empty breaks no rule but
//! [`NOT_EMPTY`]: what an empty optional parameter means, the parameters settle before.

use serde_json::Value;

use crate::cut::Limit;
use crate::http::url::MAX_TEXT_BYTES;
use crate::text::{Message, Phrase, message, phrase};
use crate::tidy::{is_hidden, shown};

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
    /// Words for people, in one line or several. What they may not hold is taken out instead of refused.
    Prose(Lines),
    /// Digits and signs of a telephone: full-width ones become those of ASCII.
    Narrow,
    /// A credential or an address: what copying and environment files put around it goes, and full-width characters, which
    /// a Chinese keyboard makes and none of these has, become those of ASCII.
    Bare,
    /// Base64, in whatever form a form or an editor gives it.
    Base64 {
        /// How many bytes it stands for at most.
        max_bytes: usize,
    },
    /// The content of a file: the same, or bytes where an engine has them.
    File,
    /// A JSON document as a text. Where a call is JSON itself, it may stand there as what it is.
    Json,
    /// One of these words, in whatever case it is written.
    OneOf(&'static [&'static str]),
    /// A text that a function has to look at: the error is the broken rule.
    Custom {
        /// The function.
        check: fn(&str) -> Result<(), Message>,
        /// The fewest and the most characters that it takes, for the schema.
        chars: (usize, usize),
    },
    /// A text that is cut at the limit.
    Cut(Limit),
    /// A number from `min` to `max`.
    Range {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// A number that is 0 for no and 1 for yes, and `false` or `true` on the wire.
    Switch,
    /// A list of so many entries.
    Entries {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A list whose entries obey these rules.
    Each(&'static [Rule]),
    /// An optional parameter of an update that clears the field where it is given empty.
    Clears,
    /// An optional parameter of an update whose field WeCom cannot clear: to give it empty is a fault.
    CannotBeCleared,
}

/// How many lines words for people may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// One.
    One,
    /// Any number.
    Many,
}

/// The form of a text.
#[derive(Debug)]
pub struct Pattern {
    /// As a regular expression, for the schema. It may be true of the empty text.
    pub regex: &'static str,
    /// The same, for the connector.
    pub form: fn(&str) -> Form,
    /// The rule in words.
    pub words: Phrase,
}

/// Whether a text has the form of a [`Pattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It has.
    Good,
    /// It has not.
    Bad,
    /// It has a character that it may not have, at this byte.
    BadAt(usize),
}

impl Pattern {
    /// The rule in words, with the character that breaks it, where the text breaks it.
    pub fn broken(&self, text: &str) -> Option<Message> {
        match (self.form)(text) {
            Form::Good => None,
            Form::Bad => Some(self.words.into()),
            Form::BadAt(at) => {
                let (before, rest) = text.split_at(at);
                let character = rest.chars().next().map(shown).unwrap_or_default();
                Some(message!("{}; character {} is {}", self.words, before.chars().count() + 1, &character))
            }
        }
    }
}

/// A text that has no character but those that `may_stand`.
fn only(text: &str, may_stand: impl Fn(char) -> bool) -> Form {
    text.find(|c| !may_stand(c)).map_or(Form::Good, Form::BadAt)
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
pub const fn range(min: u64, max: u64) -> Rule {
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

/// No or yes: 0 or 1, and `false` or `true` on the wire. Its choices are
/// [`NO_YES`](super::field::NO_YES), if it has no better words.
pub const SWITCH: Rule = Rule::Switch;
/// A text that is not empty.
pub const NOT_EMPTY: Rule = chars(1, usize::MAX);
/// A text that goes into a URL.
pub const FITS_URL: Rule = Rule::FitsUrl;
/// Words for people in one line.
pub const LINE: Rule = Rule::Prose(Lines::One);
/// Words for people, with line breaks and tabs.
pub const TEXT: Rule = Rule::Prose(Lines::Many);
/// An ID, a number or an address in one line. What may stand in it, WeCom decides.
pub const ID: Rule = Rule::Matches(&ALL_SEEN);
/// A department's name: one line without `*?"<>|:`.
pub const DEPARTMENT_NAME: Rule = Rule::Matches(&Pattern {
    regex: "^[^\\u0000-\\u001f\\u007f-\\u009f*?\"<>|:]*$",
    form: |text| only(text, |c| !c.is_control() && !"*?\"<>|:".contains(c)),
    words: phrase!("must be one line and must not hold any of * ? \" < > | :"),
});
/// A new member's ID.
pub const NEW_USER_ID: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9A-Za-z][0-9A-Za-z_.@-]*$",
    form: |text| match text.chars().next() {
        Some(first) if !first.is_ascii_alphanumeric() => Form::BadAt(0),
        _ => only(text, |c| c.is_ascii_alphanumeric() || "_-@.".contains(c)),
    },
    words: phrase!("must start with a digit or a letter and hold only digits, letters, and _ - @ ."),
});
/// A new group chat's ID.
pub const NEW_CHAT_ID: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9A-Za-z]*$",
    form: |text| only(text, |c| c.is_ascii_alphanumeric()),
    words: phrase!("must hold only digits and letters from A to Z and a to z"),
});
/// An ID that may be joined with others by `|`.
pub const RECEIVER: Rule = Rule::Matches(&Pattern {
    regex: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff|]*$",
    form: |text| only(text, |c| !is_hidden(c) && c != '|'),
    words: phrase!("must be one ID, without | and without control and invisible characters"),
});
/// An ID in another enterprise, with what that is called before it.
pub const LINKED_ID: Rule = Rule::Matches(&Pattern {
    regex: "^[^/\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+/[^/\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+$",
    form: |text| match only(text, |c| !is_hidden(c)) {
        Form::Good => match text.split_once('/') {
            Some((of, id)) if !of.is_empty() && !id.is_empty() && !id.contains('/') => Form::Good,
            _ => Form::Bad,
        },
        bad => bad,
    },
    words: phrase!("must be two IDs with / between: of the enterprise or link, and of what is in it"),
});
/// A fixed-line number.
pub const TELEPHONE: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9+,-]*$",
    form: |text| only(text, |c| c.is_ascii_digit() || "-+,".contains(c)),
    words: phrase!("must hold only digits, hyphens (-), plus signs (+) and commas (,)"),
});
/// An email address. The servers decide the rest.
pub const EMAIL: Rule = Rule::Matches(&Pattern {
    regex: "^([^@\\u0000-\\u0020\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+@[^@\\u0000-\\u0020\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+)?$",
    form: |text| match only(text, |c| !is_hidden(c) && c != ' ') {
        Form::Good => match text.split_once('@') {
            Some((name, host)) if !name.is_empty() && !host.is_empty() && !host.contains('@') => Form::Good,
            _ => Form::Bad,
        },
        bad => bad,
    },
    words: phrase!("must be an email address such as name@example.com"),
});
/// A link with its scheme.
pub const LINK: Rule = Rule::Matches(&Pattern {
    regex: "^[Hh][Tt][Tt][Pp][Ss]?://[^\\u0000-\\u0020\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+$",
    form: |text| {
        let has_scheme = ["http://", "https://"].iter().any(|scheme| {
            text.len() > scheme.len()
                && text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if has_scheme { only(text, |c| !is_hidden(c) && c != ' ') } else { Form::Bad }
    },
    words: phrase!("must start with http:// or https:// and hold no spaces and no invisible characters"),
});
/// An MD5 digest in hexadecimal digits.
pub const MD5: Rule = Rule::Matches(&MD5_DIGITS);

/// See [`MD5`].
pub static MD5_DIGITS: Pattern = Pattern {
    regex: "^[0-9A-Fa-f]{32}$",
    form: |text| match only(text, |c| c.is_ascii_hexdigit()) {
        Form::Good if text.len() != 32 => Form::Bad,
        form => form,
    },
    words: phrase!("must be 32 hexadecimal digits"),
};

/// See [`ID`]. A secret obeys it, too: what it shows of one is a character that nobody sees.
pub static ALL_SEEN: Pattern = Pattern {
    regex: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]*$",
    form: |text| only(text, |c| !is_hidden(c)),
    words: phrase!("must be one line of text, without control and invisible characters"),
};

/// The form of [`LINE`], for a schema. Words may have invisible characters: they join the parts of an emoji, and letters.
pub const ONE_LINE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

/// The form of [`TEXT`], for a schema.
pub const LINES: &str = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$";

/// The letters of Base64, for the connector to say which character is none. Its padding is looked at elsewhere.
pub static BASE64_LETTERS: Pattern = Pattern {
    regex: "^[0-9A-Za-z+/]*$",
    form: |text| only(text, |c| c.is_ascii_alphanumeric() || c == '+' || c == '/'),
    words: phrase!("must be Base64: A-Z a-z 0-9 + / and nothing else"),
};

/// Regular expression of Base64 in one piece. A `data:` URL is taken beside it: validators of draft-07 that look at
/// `contentEncoding` would refuse one whatever stood here.
pub const BASE64: &str = "^[0-9A-Za-z+/]+={0,2}$";

/// The receiver that stands for everyone.
pub const EVERYONE: &str = "@all";

/// The numbers that the rules allow, where they speak of numbers.
pub(super) fn bounds(rules: &[Rule]) -> Option<(u64, u64)> {
    rules.iter().find_map(|rule| match rule {
        Rule::Range { min, max } => Some((*min, *max)),
        Rule::Switch => Some((0, 1)),
        Rule::Each(rules) => bounds(rules),
        _ => None,
    })
}

/// The rules that a value breaks, in words: with the index of the entry where that is one of a list. An entry that is
/// null could not be read, and breaks no rule.
pub fn check(rule: &Rule, value: &Value, mut report: impl FnMut(Option<usize>, Message)) {
    if let (Rule::Each(rules), Value::Array(items)) = (rule, value) {
        for (index, item) in items.iter().enumerate() {
            rules.iter().filter_map(|rule| broken(rule, item)).for_each(|message| report(Some(index), message));
        }
    } else if let Some(message) = broken(rule, value) {
        report(None, message);
    }
}

/// The rule in words, where the value breaks it.
fn broken(rule: &Rule, value: &Value) -> Option<Message> {
    match (rule, value) {
        (Rule::Chars { min, max }, Value::String(text)) => match text.chars().count() {
            0 if *min == 1 => Some(phrase!("must not be empty").into()),
            count if count < *min => Some(message!("must have at least {} characters", *min)),
            count if count > *max => Some(message!("must have at most {} characters", *max)),
            _ => None,
        },
        (Rule::Bytes { min, max }, Value::String(text)) => match text.len() {
            0 => None,
            length if (*min..=*max).contains(&length) => None,
            length if *min <= 1 => Some(message!("must have at most {} bytes in UTF-8, and has {}", *max, length)),
            length => Some(message!("must have {} to {} bytes in UTF-8, and has {}", *min, *max, length)),
        },
        (Rule::FitsUrl, value) => broken(&bytes(0, MAX_TEXT_BYTES), value),
        (Rule::Matches(pattern), Value::String(text)) if !text.is_empty() => pattern.broken(text),
        (Rule::Custom { check, .. }, Value::String(text)) => check(text).err(),
        (Rule::Range { min, max }, Value::Number(number)) => match number.as_u64()? {
            number if number < *min => Some(message!("must be {} or more", *min)),
            number if number > *max => Some(message!("must be {} or less", *max)),
            _ => None,
        },
        (Rule::Switch, value) => broken(&range(0, 1), value),
        (rule @ Rule::Entries { .. }, Value::Array(items)) => count(rule, items.len()),
        (Rule::OneOf(words), Value::String(text)) if !text.is_empty() && !words.contains(&text.as_str()) => {
            Some(message!("must be one of {}", &words.join(", ")))
        }
        // The rest speaks of other types, or is carried out instead of checked.
        _ => None,
    }
}

/// The rule in words, where a list of so many entries breaks it.
pub(super) fn count(rule: &Rule, count: usize) -> Option<Message> {
    match rule {
        Rule::Entries { min, max } if (*min..=*max).contains(&count) => None,
        Rule::Entries { min: 0, max } => Some(message!("must have at most {} entries, and has {}", *max, count)),
        Rule::Entries { min, max } => Some(message!("must have {} to {} entries, and has {}", *min, *max, count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bytes_are_counted_in_utf8() {
        assert_eq!(broken(&bytes(0, 6), &json!("企业")), None);
        let message = broken(&bytes(0, 5), &json!("企业")).unwrap();
        assert_eq!(message, message!("must have at most {} bytes in UTF-8, and has {}", 5_usize, 6_usize));
        assert_eq!(broken(&bytes(6, 64), &json!("")), None, "empty counts as left out");
        assert!(broken(&bytes(6, 64), &json!("a@b.c")).is_some());
    }

    #[test]
    fn what_nobody_sees_is_refused_in_an_id_and_kept_in_words() {
        for c in "\u{ad}\u{180e}\u{200b}\u{200d}\u{200e}\u{2028}\u{202a}\u{202e}\u{2060}\u{2066}\u{feff}\u{85}".chars()
        {
            for (rule, before, after) in
                [(&ID, "a", "b"), (&RECEIVER, "a", "b"), (&EMAIL, "a", "@b.cn"), (&LINK, "https://a", "")]
            {
                let message = broken(rule, &json!(format!("{before}{c}{after}"))).unwrap();
                let Rule::Matches(pattern) = rule else { unreachable!() };
                let place = before.len() + 1;
                assert_eq!(message, message!("{}; character {} is {}", pattern.words, place, &shown(c)), "{rule:?}");
                assert!(shown(c).starts_with("U+"), "{c:?}");
            }
            assert_eq!(broken(&LINE, &json!(format!("a{c}b"))), None);
        }
        for text in ["张 三", "a\u{301}", "👍🏽", "a\u{3000}b"] {
            assert_eq!(broken(&ID, &json!(text)), None, "{text}");
        }
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
