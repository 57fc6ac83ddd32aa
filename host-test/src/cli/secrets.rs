//! Secrets that stand on the command line, where they should not: none is ever shown again.

use std::ffi::OsString;

use wecom_connector::actions;

/// Stands where an argument was.
const HIDDEN: &str = "[…]";

/// An argument of fewer characters is shown even if it holds digits and has no dot: no secret of WeCom's is so short.
const MIN_SECRET_CHARS: usize = 20;

/// Shorter arguments are shown whatever they look like.
const MIN_HIDDEN_CHARS: usize = 4;

/// The arguments of this call that may hold a secret.
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// Those among the arguments.
    pub(super) fn among(arguments: &[OsString]) -> Self {
        let mut secrets: Vec<String> = Vec::new();
        // The first is this program.
        for argument in arguments.iter().skip(1).map(|argument| argument.to_string_lossy()) {
            let value = argument.split_once('=').filter(|_| argument.starts_with("--")).map(|(_, value)| value);
            let value = value.unwrap_or(&argument);
            let value = value.strip_prefix('@').unwrap_or(value);
            // `{}` and `""` hold none, and stand in many a message.
            let is_long = value.chars().count() >= MIN_HIDDEN_CHARS;
            secrets.extend((is_long && may_be_secret(value)).then(|| value.to_owned()));
        }
        // What stands inside another one goes with it.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// The text without them.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            let escaped = format!("{secret:?}");
            text = text.replace(&escaped, HIDDEN).replace(escaped.trim_matches('"'), HIDDEN).replace(secret, HIDDEN);
        }
        text
    }
}

/// Whether a value looks like a connection, like a part of one, or like a secret, rather than like a file or a name.
pub(super) fn may_be_secret(value: &str) -> bool {
    const BRACKETS: [char; 6] = ['{', '}', '[', ']', '"', '\''];
    let value = value.trim();
    if actions::IDS.contains(&value) {
        return false;
    }
    let small = value.to_lowercase();
    let names_a_secret = ["key", "secret", "token"].iter().any(|name| small.contains(name));
    let is_path = value.contains(['/', '\\', '.']);
    let is_name = !value.contains(|letter: char| letter.is_ascii_digit() || letter.is_uppercase());
    value.starts_with(BRACKETS)
        || value.ends_with(BRACKETS)
        || value.contains("://")
        || (names_a_secret && (value.contains('=') || (value.contains(':') && !is_path)))
        || (!is_path && !is_name && value.chars().count() >= MIN_SECRET_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_told_from_what_names_something() {
        for secret in [
            r#"{"type":"chatbot"}"#,
            "{app_secret:",
            "TOPSECRET}",
            r#""quoted""#,
            "[1]",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=51a0",
            "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=51a0",
            "key=51a0",
            "app_secret=x",
            "51a00000-0000-4000-8000-0000000000b1",
            "SIMULATED-secret-of-the-app-not-real-000002",
        ] {
            assert!(may_be_secret(secret), "{secret}");
        }
        for name in [
            "env",
            "connection.json",
            "secrets/app.json",
            "/does/not/exist",
            "C:\\keys\\app.json",
            "push-markdown-v2-message-by-chatbot",
            "push-image-text-mesage-to-group-chat",
            "65536",
            "--concurrency",
        ] {
            assert!(!may_be_secret(name), "{name}");
        }
    }

    #[test]
    fn they_are_hidden_however_they_are_quoted() {
        let json = r#"{"app_secret": "TOPSECRET\n"}"#;
        let arguments =
            ["host-test", "invoke", "x", &format!("--connection={json}"), "@{y }", "{}"].map(OsString::from);
        let secrets = Secrets::among(&arguments);
        assert_eq!(secrets.hide(&format!("no {json} and no {json:?}, {{y }} {{}}")), "no […] and no […], […] {}");
    }
}
