//! Secrets that cannot be shown by accident.

use std::fmt;

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";

/// Shorter secrets are taken out of error messages only: a few characters may stand in an ID by chance, and an
/// output with a changed ID would be worse than a secret nobody can have.
const MIN_BYTES_IN_DATA: usize = 8;

/// A corp secret, access token or chatbot key. Opaque: nothing is known of its length or its characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// The secret, or `None` for an empty text.
    pub fn new(value: impl Into<String>) -> Option<Self> {
        let value = value.into();
        (!value.is_empty()).then_some(Self(value))
    }

    /// The secret itself, for the one place that puts it on the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Takes the secret out of a text, plain and as it stands in a URL.
    pub fn redact(&self, text: &mut String) {
        for form in [self.0.as_str(), crate::url::encode(&self.0).as_str()] {
            if text.contains(form) {
                *text = text.replace(form, REDACTED);
            }
        }
    }

    /// Takes the secret out of every text of a JSON document.
    pub fn redact_json(&self, value: &mut serde_json::Value) {
        use serde_json::Value;
        if self.0.len() < MIN_BYTES_IN_DATA {
            return;
        }
        match value {
            Value::String(text) => self.redact(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_json(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.redact_json(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("s3cr+t/value").unwrap();
        assert_eq!(format!("{secret:?}"), "[redacted]");
        let mut text = "GET /?corpsecret=s3cr%2Bt%2Fvalue: s3cr+t/value is wrong".to_owned();
        secret.redact(&mut text);
        assert_eq!(text, "GET /?corpsecret=[redacted]: [redacted] is wrong");
    }

    #[test]
    fn an_empty_text_is_no_secret() {
        assert_eq!(Secret::new(""), None);
    }

    #[test]
    fn short_secrets_leave_data_alone() {
        let mut reply = serde_json::json!({"msgid": "abc", "list": ["token-0001-token"]});
        Secret::new("b").unwrap().redact_json(&mut reply);
        Secret::new("token-0001").unwrap().redact_json(&mut reply);
        assert_eq!(reply, serde_json::json!({"msgid": "abc", "list": ["[redacted]-token"]}));
    }
}
