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
        if text.contains(&self.0) {
            *text = text.replace(&self.0, REDACTED);
        }
        if !text.contains(['%', '+']) {
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
    use std::marker::PhantomData;

    use super::*;
    use crate::action::{Effect, Proof, Secrets};
    use crate::connection::{Application, Chatbot, Connection as _};
    use crate::connector::AccessToken;
    use crate::error::Credential;
    use crate::leak::assert_none_shown;
    use crate::parameters::Parameters;
    use crate::reply::Call;
    use crate::transport::{Bound, HttpReply, HttpRequest, Loss, Lost};
    use crate::url::Target;
    use crate::words::words;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("s3cr+t/value").unwrap();
        assert_eq!(format!("{secret:?}"), "[redacted]");
        let mut text = "GET /?corpsecret=s3cr%2Bt%2Fvalue: s3cr+t/value is wrong".to_owned();
        secret.redact(&mut text);
        assert_eq!(text, "GET /?corpsecret=[redacted]: [redacted] is wrong");
    }

    /// Nothing that a program could print of this shows a secret of the test.
    #[track_caller]
    fn assert_shows_none(value: &dyn fmt::Debug) {
        assert_none_shown(&format!("{value:?} {value:#?}"), ["S3CRET"]);
    }

    fn application(base_url: &str) -> Application {
        Application {
            corp_id: "ww1".into(),
            app_secret: Some("S3CRET-app".into()),
            contacts_secret: Some("S3CRET-contacts".into()),
            access_token: Some("S3CRET-token".into()),
            contacts_access_token: Some("S3CRET-other-token".into()),
            base_url: Some(base_url.into()),
            ..Application::default()
        }
    }

    fn chatbot(key: &str, base_url: Option<&str>) -> Chatbot {
        Chatbot { chatbot_key: key.into(), base_url: base_url.map(str::to_owned), timeout_seconds: None }
    }

    #[test]
    fn a_connection_shows_no_secret() {
        let base_urls = [
            "https://qyapi.weixin.qq.com",
            "https://user:S3CRET@host",
            "https://host/cgi-bin/webhook/send?key=S3CRET-pasted-into-the-wrong-field",
            "S3CRET",
        ];
        let keys = ["S3CRET-key", "https://host/cgi-bin/webhook/send?key=S3CRET-key", "https://host/?key=S3CRET-key"];
        for base_url in base_urls {
            let given = application(base_url);
            assert_shows_none(&given);
            assert_shows_none(&given.clone().checked());
            for key in keys {
                let given = chatbot(key, Some(base_url));
                assert_shows_none(&given);
                assert_shows_none(&given.clone().checked());
            }
        }
        assert_shows_none(&chatbot(keys[1], None).checked());
        // What is seen is known to be there.
        assert!(application(base_urls[0]).checked().is_ok_and(|checked| checked.secrets().count() == 4));
        assert!(chatbot(keys[1], None).checked().is_ok_and(|checked| checked.key.expose() == "S3CRET-key"));
    }

    #[test]
    fn faults_of_a_connection_show_no_secret() {
        for text in [
            r#"{"type": "application", "corp_id": "ww1", "app_secret": ["S3CRET"], "contacts_secret": {"x": "S3CRET"}}"#,
            r#"{"type": "S3CRET", "corp_id": "ww1"}"#,
            r#"{"type": "application", "corp_id": "S3CRET\n", "app_secret": "S3CRET", "agent_id": "S3CRET"}"#,
            r#"{"type": "application", "corp_id": "ww1", "app_secret": "S3CRET", "app_secret": "S3CRET"}"#,
            r#"{"type": "application", "corp_id": "ww1", "app_secret": S3CRET}"#,
            r#"{"type": "application", "corp_id": "ww1", "app_secret": "S3CRET", "base_url": "https://a:S3CRET@b"}"#,
            r#""S3CRET""#,
        ] {
            let faults = Application::from_json(text).and_then(Application::checked);
            assert!(faults.is_err(), "{text}");
            assert_shows_none(&faults);
            assert_shows_none(&Chatbot::from_json(text).and_then(Chatbot::checked));
        }
    }

    #[test]
    fn an_answer_and_what_becomes_of_it_shows_no_secret() {
        let secret = Secret::new("S3CRET-token").unwrap();
        let call = Call {
            api: "gettoken",
            effect: Effect::Read,
            credential: Credential::AppSecret,
            needs: Secrets::App,
            proof: Proof::Text("access_token"),
            bound: Bound::SHORT,
            doc_url: "https://doc",
            secrets: &[&secret],
            returned: &[],
        };
        assert_shows_none(&call);
        // The connector has not seen this token before: nothing could take it out.
        let body = br#"{"errcode": 0, "access_token": "S3CRET-of-the-answer", "expires_in": 7200}"#.to_vec();
        let answer = HttpReply { status: 200, retry_after_seconds: None, body };
        assert_shows_none(&answer);
        assert_shows_none(&call.judge(Ok(answer)));
        let refusal = br#"{"errcode": 40014, "errmsg": "S3CRET-token is not good"}"#.to_vec();
        let refused = call.judge(Ok(HttpReply { status: 200, retry_after_seconds: None, body: refusal }));
        assert!(refused.is_err());
        assert_shows_none(&refused);
        let lost = Lost::new(
            Loss::NoAnswer,
            words!(
                "is required: no connection was given, and {} is not set in the environment",
                "https://x?key=S3CRET-token"
            ),
        );
        assert_shows_none(&call.judge(Err(lost)));
    }

    /// Whether a type has a `Debug`: the method of the type itself comes before that of the trait.
    struct Probe<T>(PhantomData<T>);

    trait NoDebug {
        fn has_debug(&self) -> bool {
            false
        }
    }

    impl<T> NoDebug for Probe<T> {}

    impl<T: fmt::Debug> Probe<T> {
        fn has_debug(&self) -> bool {
            true
        }
    }

    #[test]
    fn what_is_made_of_secrets_has_no_debug() {
        assert!(Probe::<Secret>(PhantomData).has_debug(), "the probe sees a Debug where there is one");
        assert!(!Probe::<Target>(PhantomData).has_debug());
        assert!(!Probe::<HttpRequest<'_>>(PhantomData).has_debug());
        assert!(!Probe::<AccessToken>(PhantomData).has_debug());
        assert!(!Probe::<Parameters>(PhantomData).has_debug());
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
