//! What WeCom's error codes mean.

use super::Category;
use crate::text::{self, Localized};

/// What is known of one of WeCom's error codes.
#[derive(Clone, Debug)]
pub struct ErrorCode {
    /// What kind of problem the code stands for.
    pub category: Category,
    /// What it means for the call.
    pub outcome: Outcome,
    /// What a person does now.
    pub hint: Localized,
    /// How long the problem lasts, if known.
    pub retry_after_seconds: Option<u32>,
}

/// What an answer, or that there is none, means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did not happen, and will not until someone acts.
    Rejected,
    /// It did not happen, and may later.
    Retryable,
    /// It may have happened.
    Uncertain,
}

impl Outcome {
    fn named(name: &str) -> Option<Self> {
        match name {
            "rejected" => Some(Self::Rejected),
            "retryable" => Some(Self::Retryable),
            "uncertain" => Some(Self::Uncertain),
            _ => None,
        }
    }
}

/// What the table says of the code; `None` for one that is not in it.
pub fn code(code: i32) -> Option<ErrorCode> {
    let [_, category, outcome, seconds, en, zh] = text::code(code)?;
    Some(ErrorCode {
        category: Category::named(category)?,
        outcome: Outcome::named(outcome)?,
        hint: Localized::new(en, zh),
        retry_after_seconds: seconds.parse().ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_table_is_found() {
        for [line, _, _, seconds, _, zh] in text::codes() {
            let found = code(line.parse().unwrap()).unwrap_or_else(|| panic!("{line} cannot be read"));
            assert_eq!(found.hint.zh, zh, "{line}");
            assert_eq!(found.retry_after_seconds.is_some(), !seconds.is_empty(), "{line}");
        }
        assert!(code(0).is_none());
        assert!(code(7_654_321).is_none());
    }
}
