//! The one assertion on secrets, for every test of this project: a text that somebody could see shows none of them.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

/// How many characters of a secret in a row are too many. Of a shorter one, all of them are.
const PIECE_CHARS: usize = 12;

/// What no text in UTF-8 has.
const NO_TEXT: u8 = 0xff;

/// Asserts that no piece of the secrets stands in the text.
///
/// # Panics
///
/// Panics where [`find_secret`] finds one.
#[track_caller]
pub fn assert_no_secret<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) {
    SecretFinder::new(secrets).assert_none_in(text);
}

/// The first of the secrets of which a piece stands in the text: see [`SecretFinder::find_in`].
pub fn find_secret<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    SecretFinder::new(secrets).find_in(text)
}

/// Looks for all pieces of all secrets at once: a list of thirty thousand departments is looked through, too. Whoever
/// looks through many texts keeps one. It holds secrets, so there is no `Debug`.
pub struct SecretFinder<'a> {
    secrets: Vec<&'a str>,
    /// The pieces of four bytes and more, by the first four, each with the index of its secret.
    pieces: HashMap<[u8; 4], Vec<(&'a [u8], usize)>>,
    /// For any two bytes, whether one of those begins with them: most of a text is passed by without a hash.
    beginnings: Vec<bool>,
    /// The shorter ones.
    short: Vec<(&'a [u8], usize)>,
}

impl<'a> SecretFinder<'a> {
    /// For these secrets.
    pub fn new(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets: Vec<&str> = secrets.into_iter().collect();
        let mut pieces: HashMap<_, Vec<_>> = HashMap::new();
        let (mut beginnings, mut short) = (vec![false; 1 << 16], Vec::new());
        for (index, secret) in secrets.iter().enumerate() {
            for piece in pieces_of(secret).map(str::as_bytes) {
                match piece.first_chunk() {
                    Some(key @ &[first, second, _, _]) => {
                        beginnings[usize::from(u16::from_be_bytes([first, second]))] = true;
                        pieces.entry(*key).or_default().push((piece, index));
                    }
                    None => short.push((piece, index)),
                }
            }
        }
        Self { secrets, pieces, beginnings, short }
    }

    /// Asserts that no piece of the secrets stands in the text.
    ///
    /// # Panics
    ///
    /// Panics where [`find_in`](Self::find_in) finds one.
    #[track_caller]
    #[allow(clippy::panic, reason = "an assertion")]
    pub fn assert_none_in(&self, text: &str) {
        if let Some(secret) = self.find_in(text) {
            panic!("a piece of the secret {secret:?} stands in: {text}");
        }
    }

    /// The first of the secrets of which a piece of twelve characters stands in the text: as it is, escaped as JSON and
    /// `Debug` do, percent-encoded once or twice, with spaces as `+`, or as the numbers of its bytes.
    pub fn find_in(&self, text: &str) -> Option<&'a str> {
        let mut found: Vec<usize> = self.first_in(text.as_bytes()).into_iter().collect();
        let mut look = |form: &[u8]| found.extend(self.first_in(form));
        look(&numbers_in(text));
        let mut unescaped = Cow::Borrowed(text);
        if text.contains('\\') {
            unescaped = text.replace("\\\"", "\"").replace("\\\\", "\\").into();
            look(unescaped.as_bytes());
        }
        // Where nothing is encoded, nothing reads in another way.
        if unescaped.contains(['%', '+']) {
            look(decoded(&unescaped).as_bytes());
            let spaced = decoded(&unescaped.replace('+', " "));
            look(spaced.as_bytes());
            look(decoded(&spaced.replace('+', " ")).as_bytes());
        }
        found.into_iter().min().and_then(|index| self.secrets.get(index).copied())
    }

    /// The first of the secrets, by its index, of which a piece stands in the text as it is.
    fn first_in(&self, text: &[u8]) -> Option<usize> {
        let mut found: Option<usize> = None;
        let mut pair = 0;
        for (end, byte) in text.iter().enumerate() {
            pair = pair << 8 | u16::from(*byte);
            if self.beginnings[usize::from(pair)]
                && let Some(at) = end.checked_sub(1)
                && let Some(key) = text[at..].first_chunk()
                && let Some(pieces) = self.pieces.get(key)
            {
                let here = pieces.iter().filter(|(piece, _)| text[at..].starts_with(piece)).map(|(_, secret)| *secret);
                found = found.into_iter().chain(here).min();
            }
        }
        let stands = |piece: &[u8]| text.windows(piece.len().max(1)).any(|window| window == piece);
        let short = self.short.iter().filter(|(piece, _)| stands(piece)).map(|(_, secret)| *secret);
        found.into_iter().chain(short).min()
    }
}

/// The numbers in the text as bytes; [`NO_TEXT`] stands between two that are not parted by one comma.
fn numbers_in(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for run in text.as_bytes().chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit()) {
        if run[0].is_ascii_digit() {
            bytes.push(str::from_utf8(run).ok().and_then(|digits| digits.parse().ok()).unwrap_or(NO_TEXT));
        } else if run.trim_ascii() != b"," {
            bytes.push(NO_TEXT);
        }
    }
    bytes
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Every run of [`PIECE_CHARS`] characters, or the whole where it is no longer.
fn pieces_of(secret: &str) -> impl Iterator<Item = &str> {
    let mut boundaries: Vec<usize> = secret.char_indices().map(|(at, _)| at).collect();
    boundaries.push(secret.len());
    let length = PIECE_CHARS.min(boundaries.len() - 1);
    (0..boundaries.len() - length).map(move |first| &secret[boundaries[first]..boundaries[first + length]])
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::marker::PhantomData;

    use super::*;
    use crate::about::{Effect, Proof, Secrets};
    use crate::connection::{Application, Chatbot, Connection as _};
    use crate::connector::AccessToken;
    use crate::error::Credential;
    use crate::http::transport::{Bound, HttpReply, HttpRequest, Progress, SendError};
    use crate::http::url::Target;
    use crate::parameter::Parameters;
    use crate::reply::Call;
    use crate::secret::Secret;
    use crate::text::message;

    const SECRET: &str = "s3cr+t/=& \"\\中 0123456789";

    #[test]
    fn a_secret_is_seen_in_every_form() {
        for text in [
            SECRET.to_owned(),
            "… cr+t/=& \"\\中 …".to_owned(),
            "… \\中 0123456789 …".to_owned(),
            format!("{SECRET:?}"),
            serde_json::json!({ "key": SECRET }).to_string(),
            "key=s3cr%2Bt%2F%3D%26%20%22%5C%E4%B8%AD%200123456789".to_owned(),
            "key=s3cr%2Bt%2F%3D%26+%22%5C%E4%B8%AD+0123456789".to_owned(),
            "url=key%3Ds3cr%252Bt%252F%253D%2526%2B%2522%255C%25E4%25B8%25AD".to_owned(),
            "url=key%3Ds3cr%252Bt%252F%253D%2526%2520%2522%255C%25E4%25B8%25AD".to_owned(),
            format!("{:?}", SECRET.as_bytes()),
            format!("{:#?}", SECRET.as_bytes()),
        ] {
            assert_eq!(find_secret(&text, ["another", SECRET]), Some(SECRET), "{text}");
        }
    }

    #[test]
    fn what_is_no_piece_is_not() {
        for text in ["", "[redacted]", "s3cr+t/=& \"", "0123456789", "[115, 51, 99, 114]"] {
            assert_eq!(find_secret(text, [SECRET]), None, "{text}");
        }
        assert_eq!(find_secret("a short one", ["short"]), Some("short"));
        assert_eq!(find_secret("a shor one", ["short"]), None);
        assert_eq!(find_secret("a b", ["b"]), Some("b"));
        for text in ["[97, 98]", "[1], [97, 98]", "97,98", "{\"body\":[1,97,98,2]}"] {
            assert_eq!(find_secret(text, ["ab"]), Some("ab"), "{text}");
        }
        for text in ["{\"body\":[97]}", "97 ms"] {
            assert_eq!(find_secret(text, ["a"]), Some("a"), "{text}");
        }
        for text in ["[97, 982]", "[197, 98]", "97, 9 8", "[97], [98]", "97, , 98", "[97, 353, 98]"] {
            assert_eq!(find_secret(text, ["ab"]), None, "{text}");
        }
        assert_eq!(find_secret("one and another", ["another", "one"]), Some("another"), "the first of the secrets");
    }

    #[test]
    #[should_panic(expected = "a piece of the secret")]
    fn what_is_shown_panics() {
        assert_no_secret(&format!("key={SECRET}"), [SECRET]);
    }

    /// Nothing that a program could print of this shows a secret of the test.
    #[track_caller]
    fn assert_shows_none(value: &dyn fmt::Debug) {
        assert_no_secret(&format!("{value:?} {value:#?}"), ["S3CRET"]);
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
            let faults = Application::from_json(text);
            assert!(faults.is_err(), "{text}");
            assert_shows_none(&faults);
            assert_shows_none(&Chatbot::from_json(text));
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
            nothing_found: None,
            duplicate_check: false,
            bound: Bound::SHORT,
            doc_url: "https://doc",
            secrets: &[&secret],
            returned: &[],
        };
        assert_shows_none(&call);
        // The connector has not seen this token before: nothing could take it out.
        let body = br#"{"errcode": 0, "access_token": "S3CRET-of-the-answer", "expires_in": 7200}"#.to_vec();
        let answer = HttpReply::new(200, None, None, body);
        assert_shows_none(&answer);
        assert_shows_none(&call.classify(Ok(answer)));
        let refusal = br#"{"errcode": 40014, "errmsg": "S3CRET-token is not good"}"#.to_vec();
        let refused = call.classify(Ok(HttpReply::new(200, None, None, refusal)));
        assert!(refused.is_err());
        assert_shows_none(&refused);
        let lost = SendError::new(
            Progress::NoAnswer,
            message!(
                "is required: no connection was given, and {} is not set in the environment",
                "https://x?key=S3CRET-token"
            ),
        );
        assert_shows_none(&call.classify(Err(lost)));
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
        assert!(!Probe::<SecretFinder<'_>>(PhantomData).has_debug());
    }

    #[test]
    fn an_empty_text_is_no_secret() {
        assert_eq!(Secret::new(""), None);
    }
}
