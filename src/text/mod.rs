//! What is said to people, in English and Chinese.
//!
//! | where | what |
//! |---|---|
//! | [`Text`] | a constant: titles, descriptions and hints stand beside what they are about |
//! | `phrases.tsv` | what the connector says of its own accord, for [`phrase!`] and [`message!`] |
//! | `codes.tsv` | WeCom's error codes; [`error::code`](crate::error::code) reads them |
//! | `hints.tsv` | what to do about an error without a code |

use serde::Serialize;

mod phrases;
mod tables;

pub use phrases::{Insert, Message, Phrase};
pub(crate) use phrases::{message, phrase};
pub use tables::{code, codes, hint, hints, localize, phrases};

/// A constant text in the two languages of the connector's users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

/// A constant text in English and Chinese.
pub const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en, zh }
}

impl Text {
    /// Nothing to say.
    pub const NONE: Self = text("", "");

    /// One text for both languages: a name, a number, JSON.
    pub const fn both(text: &'static str) -> Self {
        Self { en: text, zh: text }
    }

    /// Whether there is nothing to say.
    pub const fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }
}

/// One text in the two languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Localized {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Localized {
    /// The two texts.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// One text for both: words of somebody else, a name, a number.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { en: text.clone(), zh: text }
    }

    /// These texts, followed by `other`'s.
    pub(crate) fn before(&self, other: &Self) -> Self {
        Self { en: format!("{} {}", self.en, other.en), zh: format!("{}{}", self.zh, other.zh) }
    }
}

impl From<Text> for Localized {
    fn from(text: Text) -> Self {
        Self::new(text.en, text.zh)
    }
}
