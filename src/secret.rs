//! Secrets that cannot be shown by accident.

use std::fmt;

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";

/// Shorter secrets are taken out of error messages only: a few characters may stand in an ID by chance, and an
/// output with a changed ID would be worse than a secret nobody can have.
const MIN_BYTES_IN_DATA: usize = 8;

/// A corp secret, access token or chatbot key. Opaque: of its length and its characters, nothing is known but
/// what a URL has room for and a person can see.
#[derive(Clone, PartialEq, Eq)]
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

    /// Takes the secret out of a text, plain and however it stands in a URL: servers and proxies that echo a request
    /// encode other characters than the connector does.
    fn redact(&self, text: &mut String) {
        // Encoded, it is longer still.
        if text.len() < self.0.len() {
            return;
        }
        if self.is_in(text) {
            *text = text.replace(&self.0, REDACTED);
        }
        if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
            return;
        }
        let mut rest = text.as_str();
        let mut redacted = String::new();
        while let Some((at, end)) = self.find_encoded(rest) {
            redacted.push_str(&rest[..at]);
            redacted.push_str(REDACTED);
            rest = &rest[end..];
        }
        if !redacted.is_empty() {
            redacted.push_str(rest);
            *text = redacted;
        }
    }

    /// Whether the secret stands in the text as it is. The texts of a reply are short: to prepare a search, as
    /// `str::contains` does, takes longer than to look.
    fn is_in(&self, text: &str) -> bool {
        let secret = self.0.as_bytes();
        text.as_bytes().windows(secret.len()).any(|part| part.first() == secret.first() && part == secret)
    }

    /// Where the secret stands first, with any of its bytes percent-encoded and any space as a plus.
    fn find_encoded(&self, text: &str) -> Option<(usize, usize)> {
        text.char_indices().find_map(|(at, _)| Some((at, at + self.encoded_at_start(&text.as_bytes()[at..])?)))
    }

    /// How long the secret is at the beginning of the text, where it stands there.
    fn encoded_at_start(&self, text: &[u8]) -> Option<usize> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut rest = text;
        for &byte in self.0.as_bytes() {
            rest = match rest {
                [b'%', high, low, rest @ ..]
                    if digit(*high).zip(digit(*low)).is_some_and(|(high, low)| high * 16 + low == u32::from(byte)) =>
                {
                    rest
                }
                [first, rest @ ..] if *first == byte || (*first, byte) == (b'+', b' ') => rest,
                _ => return None,
            };
        }
        Some(text.len() - rest.len())
    }

    /// Takes the secret out of every text of a JSON document.
    fn redact_json(&self, value: &mut serde_json::Value) {
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

/// Takes every one of the secrets out of a text.
pub fn redact<'a>(secrets: impl IntoIterator<Item = &'a Secret>, text: &mut String) {
    longest_first(secrets).iter().for_each(|secret| secret.redact(text));
}

/// Takes every one of the secrets out of every text of a JSON document.
pub fn redact_json<'a>(secrets: impl IntoIterator<Item = &'a Secret>, value: &mut serde_json::Value) {
    longest_first(secrets).iter().for_each(|secret| secret.redact_json(value));
}

/// A secret may stand inside another one: taken out first, it would leave the rest of that one unknown.
fn longest_first<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Vec<&'a Secret> {
    let mut longest_first: Vec<&Secret> = Vec::new();
    for secret in secrets {
        let shorter = longest_first.iter().position(|other| other.0.len() < secret.0.len());
        longest_first.insert(shorter.unwrap_or(longest_first.len()), secret);
    }
    longest_first
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
    fn a_secret_inside_another_one_leaves_nothing_of_it() {
        let [inner, outer] = ["S3CRET-inner", "before-S3CRET-inner-after"].map(|text| Secret::new(text).unwrap());
        let shown = "S3CRET-inner and before-S3CRET-inner-after";
        let mut text = shown.to_owned();
        redact([&inner, &outer], &mut text);
        assert_eq!(text, "[redacted] and [redacted]");
        let mut document = serde_json::json!([shown]);
        redact_json([&inner, &outer], &mut document);
        assert_eq!(document, serde_json::json!(["[redacted] and [redacted]"]));
    }

    #[test]
    fn a_secret_is_found_however_a_url_has_it() {
        let secret = Secret::new("s3 +/%25中").unwrap();
        for form in ["s3 +/%25中", "s3%20%2B%2F%2525%E4%B8%AD", "s3+%2b%2f%2525%e4%b8%ad", "%73%33%20%2B/%25%32%35中"]
        {
            let mut text = format!("中{form}s3 {form}");
            secret.redact(&mut text);
            assert_eq!(text, "中[redacted]s3 [redacted]", "{form}");
        }
        for other in ["", "s3", "s3 +/%25", "%", "s3%2", "s3 +/%25\u{4e2e}"] {
            let mut text = other.to_owned();
            secret.redact(&mut text);
            assert_eq!(text, other);
        }
    }

    #[test]
    fn short_secrets_leave_data_alone() {
        let mut reply = serde_json::json!({"msgid": "abc", "list": ["token-0001-token"]});
        Secret::new("b").unwrap().redact_json(&mut reply);
        Secret::new("token-0001").unwrap().redact_json(&mut reply);
        assert_eq!(reply, serde_json::json!({"msgid": "abc", "list": ["[redacted]-token"]}));
    }
}
