//! The one assertion on secrets, for every test of this project: a text that somebody could see shows none of them.

use std::collections::{BTreeSet, HashMap};

use percent_encoding::percent_decode_str;

/// How many characters of a secret in a row are too many. Of a shorter one, all of them are.
const PIECE_CHARS: usize = 12;

/// Asserts that no piece of the secrets stands in the text.
///
/// # Panics
///
/// Panics where [`find_secret`] finds one.
#[track_caller]
#[allow(clippy::panic, reason = "an assertion")]
pub fn assert_no_secret<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) {
    if let Some(secret) = find_secret(text, secrets) {
        panic!("a piece of the secret {secret:?} stands in: {text}");
    }
}

/// The first of the secrets of which a piece of twelve characters stands in the text: as it is, escaped as JSON and
/// `Debug` do, percent-encoded once or twice, with spaces as `+`, or as the numbers of its bytes.
pub fn find_secret<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let secrets: Vec<&str> = secrets.into_iter().collect();
    let unescaped = text.replace("\\\"", "\"").replace("\\\\", "\\");
    let once = decoded(&unescaped);
    let spaced = decoded(&unescaped.replace('+', " "));
    let twice = decoded(&spaced.replace('+', " "));
    let numbers = text.split_whitespace().collect::<Vec<_>>().join(" ");

    let mut search = Search::default();
    let mut search_numbers = Search { numbers: true, ..Search::default() };
    for (index, secret) in secrets.iter().enumerate() {
        for piece in pieces(secret) {
            search.add(piece.as_bytes(), index);
            search_numbers.add(format!("{:?}", piece.as_bytes()).trim_matches(['[', ']']).as_bytes(), index);
        }
    }
    let mut forms = vec![text, &unescaped, &once, &spaced, &twice];
    // Most texts are the same in several forms.
    forms.dedup();
    let found =
        forms.into_iter().filter_map(|form| search.first_in(form)).chain(search_numbers.first_in(&numbers)).min();
    found.and_then(|index| secrets.get(index).copied())
}

/// Looks for all pieces of all secrets at once: a list of thirty thousand departments is looked through, too.
#[derive(Default)]
struct Search {
    /// The pieces of four bytes and more, by the first four, with the secrets that they are of.
    pieces: HashMap<[u8; 4], Vec<(Vec<u8>, usize)>>,
    /// The first bytes of those.
    beginnings: BTreeSet<u8>,
    /// The shorter ones.
    short: Vec<(Vec<u8>, usize)>,
    /// Whether the pieces are numbers: 82 stands neither in 182 nor in 820.
    numbers: bool,
}

impl Search {
    fn add(&mut self, piece: &[u8], secret: usize) {
        match piece.first_chunk::<4>() {
            None => self.short.push((piece.to_vec(), secret)),
            Some(first) => {
                self.beginnings.insert(first[0]);
                self.pieces.entry(*first).or_default().push((piece.to_vec(), secret));
            }
        }
    }

    /// The first of the secrets, in their order, of which a piece stands in the text.
    fn first_in(&self, text: &str) -> Option<usize> {
        let mut begins = [false; 256];
        self.beginnings.iter().for_each(|beginning| begins[usize::from(*beginning)] = true);
        let text = text.as_bytes();
        let mut found: Option<usize> = None;
        for (at, first) in text.iter().enumerate() {
            if begins[usize::from(*first)]
                && let Some(key) = text[at..].first_chunk::<4>()
                && let Some(pieces) = self.pieces.get(key)
            {
                let is_here = |piece: &[u8]| {
                    let end = at + piece.len();
                    let is_digit = |index: usize| text.get(index).is_some_and(u8::is_ascii_digit);
                    text[at..].starts_with(piece) && !(self.numbers && (is_digit(end) || is_digit(at.wrapping_sub(1))))
                };
                let here = pieces.iter().filter(|(piece, _)| is_here(piece)).map(|(_, secret)| *secret);
                found = found.into_iter().chain(here).min();
            }
        }
        let stands = |piece: &[u8]| text.windows(piece.len().max(1)).any(|window| window == piece);
        let short = self.short.iter().filter(|(piece, _)| stands(piece)).map(|(_, secret)| *secret);
        found.into_iter().chain(short).min()
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Every run of [`PIECE_CHARS`] characters, or the whole where it is no longer.
fn pieces(secret: &str) -> impl Iterator<Item = &str> {
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
        assert_eq!(find_secret("[97, 98]", ["ab"]), Some("ab"));
        for text in ["[97, 982]", "[197, 98]", "97, 9 8"] {
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
    }

    #[test]
    fn an_empty_text_is_no_secret() {
        assert_eq!(Secret::new(""), None);
    }
}
