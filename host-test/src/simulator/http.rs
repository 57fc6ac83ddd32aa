//! Requests and responses, without any I/O.

use bytes::Bytes;
use hyper::Uri;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::codes::{self, Refusal};

/// One HTTP request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// The path, not decoded.
    pub path: String,
    /// What follows the `?`, not decoded; empty where there is none.
    pub query: String,
    /// The headers in order, names in lower case. A value that is not UTF-8 has its bad bytes replaced.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl Request {
    /// The value of the first header of that name, which has to be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        Some(value)
    }
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status; 200 whatever the `errcode`.
    pub status: u16,
    /// The value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The other headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The `errcode` of the body; none where the body is a page of the gateway, or a file.
    pub errcode: Option<i64>,
    /// The whole body.
    pub body: Bytes,
}

impl Response {
    pub(super) fn json(value: &Value) -> Self {
        Self {
            status: 200,
            content_type: "application/json; charset=UTF-8",
            headers: Vec::new(),
            errcode: value["errcode"].as_i64(),
            body: value.to_string().into(),
        }
    }

    /// An HTML page, as gateways answer.
    pub(super) fn page(status: u16, title: &str) -> Self {
        let page = format!(
            "<html>\r\n<head><title>{status} {title}</title></head>\r\n\
             <body>\r\n<center><h1>{status} {title}</h1></center>\r\n</body>\r\n</html>\r\n"
        );
        Self { status, content_type: "text/html", headers: Vec::new(), errcode: None, body: page.into() }
    }

    /// What a client learns that does without TLS.
    pub(super) fn moved(from: &Uri) -> Self {
        let to = from.to_string().replacen("http:", "https:", 1);
        Self { headers: vec![("location", to)], ..Self::page(301, "Moved Permanently") }
    }

    /// What there is where there is no API: nothing.
    pub(super) fn nowhere() -> Self {
        Self { body: Bytes::new(), ..Self::page(404, "Not Found") }
    }
}

/// The query's pairs in order, decoded; what is not UTF-8 has its bad bytes replaced.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// The query of a call. Read strictly: no key twice, no empty number, and only keys that the call knows. Otherwise the
/// first value of a key counts, and all of those are passed over.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    strict: bool,
}

impl Query {
    pub(crate) fn parse(raw: &str, known: &[&str], strict: bool) -> Result<Self, Refusal> {
        let pairs = pairs(raw);
        for (index, (key, value)) in pairs.iter().enumerate() {
            let problem = if strict && !known.contains(&key.as_str()) {
                "unknown query key"
            } else if strict && pairs[..index].iter().any(|(other, _)| other == key) {
                "query key given twice"
            } else if value.contains(char::REPLACEMENT_CHARACTER) {
                "malformed UTF-8 in query key"
            } else {
                continue;
            };
            return Err(codes::PARAMETER_WRONG.because(format_args!("{problem} {key}")));
        }
        Ok(Self { pairs, strict })
    }

    /// The value; none where the key is absent or its value empty.
    pub(crate) fn filled(&self, key: &str) -> Option<&str> {
        self.get(key).filter(|value| !value.is_empty())
    }

    /// A decimal number from 0 to 2^32 - 1.
    pub(crate) fn number(&self, key: &str) -> Result<Option<i64>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some("") if !self.strict => Ok(None),
            Some("") => Err(codes::PARAMETER_EMPTY.because(key)),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse::<u32>().map(|number| Some(number.into())).map_err(|_| codes::PARAMETER_WRONG.because(key))
            }
            Some(_) => Err(codes::PARAMETER_WRONG.because(format_args!("{key} has to be a number"))),
        }
    }

    pub(crate) fn need_number(&self, key: &str) -> Result<i64, Refusal> {
        self.number(key)?.ok_or_else(|| codes::PARAMETER_EMPTY.because(key))
    }

    fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(name, _)| name == key)?;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_in_order() {
        let decoded = pairs("a=%E5%BC%A0%40&b=x+y&c&a=1");
        let expected = [("a", "张@"), ("b", "x y"), ("c", ""), ("a", "1")];
        assert_eq!(decoded, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn a_query_is_strict_where_it_shall_be() {
        let query = |raw, strict| Query::parse(raw, &["id"], strict).and_then(|query| query.number("id"));
        let read = |raw| query(raw, true);
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("id=4294967295"), Ok(Some(4_294_967_295)));
        for (raw, code) in [
            ("id=", 40063),
            ("id=-1", 40058),
            ("id=%2B1", 40058),
            ("id=4294967296", 40058),
            ("id=1&id=1", 40058),
            ("id=1&debug=1", 40058),
            ("id=%FF", 40058),
        ] {
            assert_eq!(read(raw).unwrap_err().code, code, "{raw}");
        }
        for (raw, number) in [("id=", None), ("id=1&id=2", Some(1)), ("id=1&debug=1", Some(1))] {
            assert_eq!(query(raw, false), Ok(number), "{raw}");
        }
        for (raw, code) in [("id=-1", 40058), ("id=%FF", 40058)] {
            assert_eq!(query(raw, false).unwrap_err().code, code, "{raw}");
        }
    }
}
