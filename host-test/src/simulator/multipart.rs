//! Forms with files in them, as clients upload them: `multipart/form-data`.

use bytes::Bytes;

use super::codes::{self, Refusal};
use super::http::Request;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The `name`, if there is one.
    pub name: Option<String>,
    /// The `filename`, if there is one. The form `filename*` is none: WeCom does not read it.
    pub filename: Option<String>,
    /// Everything between the part's head and the next boundary.
    pub content: Bytes,
}

/// The parts of a request's body.
///
/// A strict reading takes the form that is documented: nothing before the first boundary, one part, a header in UTF-8,
/// and a `filelength` that is true. Otherwise it is read as RFC 2046 has it.
pub(super) fn parts(request: &Request, strict: bool) -> Result<Vec<Part>, Refusal> {
    let missing = |what: &str| codes::UPLOAD_EMPTY.because(format_args!("multipart: {what}"));
    let content_type = request.header("content-type").unwrap_or_default();
    let boundary = match content_type.split_once(';') {
        Some((kind, rest)) if kind.trim().eq_ignore_ascii_case("multipart/form-data") => parameter(rest, "boundary"),
        _ => None,
    };
    let boundary = boundary.filter(|boundary| !boundary.is_empty()).ok_or_else(|| missing("boundary"))?;
    let delimiter = format!("\r\n--{boundary}");
    let delimiter = delimiter.as_bytes();

    let body = &request.body[..];
    let mut at = match body.strip_prefix(&delimiter[2..]) {
        Some(_) => delimiter.len() - 2,
        None if strict => return Err(missing("the opening boundary")),
        None => find(body, delimiter).ok_or_else(|| missing("the opening boundary"))? + delimiter.len(),
    };
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            let ended = matches!(&body[at + 2..], b"" | b"\r\n");
            return if ended || !strict { Ok(parts) } else { Err(malformed("something follows the last boundary")) };
        }
        let padding = body[at..].iter().take_while(|byte| b" \t".contains(byte)).count();
        at += padding;
        if !body[at..].starts_with(b"\r\n") || (strict && padding > 0) {
            return Err(malformed("boundary"));
        }
        // The line break of the boundary is the one before a head with nothing in it, too.
        let head = find(&body[at..], b"\r\n\r\n").ok_or_else(|| malformed("the head of a part"))? + at;
        let begin = head + 4;
        let end = find(&body[begin..], delimiter).ok_or_else(|| malformed("the closing boundary"))? + begin;
        parts.push(part(&body[at..head], request.body.slice(begin..end), strict)?);
        if strict && parts.len() > 1 {
            return Err(malformed("one part is expected"));
        }
        at = end + delimiter.len();
    }
}

fn part(head: &[u8], content: Bytes, strict: bool) -> Result<Part, Refusal> {
    let head = String::from_utf8_lossy(head);
    if strict && head.contains(char::REPLACEMENT_CHARACTER) {
        return Err(malformed("the head of a part is not UTF-8"));
    }
    let disposition = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
        .and_then(|(_, value)| value.trim_start().strip_prefix("form-data;"))
        .ok_or_else(|| malformed("Content-Disposition"))?;
    let filled = |key| parameter(disposition, key).filter(|value| !value.is_empty()).map(str::to_owned);
    if strict && parameter(disposition, "filelength").is_some_and(|length| length != content.len().to_string()) {
        return Err(malformed("filelength is not the length"));
    }
    let filename = filled("filename");
    if filename.as_deref().is_some_and(|name| name.contains(char::is_control)) {
        return Err(malformed("filename has a control character"));
    }
    Ok(Part { name: filled("name"), filename, content })
}

fn malformed(what: &str) -> Refusal {
    codes::PARAMETER_WRONG.because(format_args!("multipart: {what}"))
}

/// The value of `key` in `a=1; b="2"`; quotes may hold semicolons.
fn parameter<'a>(mut text: &'a str, key: &str) -> Option<&'a str> {
    loop {
        let (name, rest) = text.split_once('=')?;
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(';').unwrap_or(rest.len())),
        };
        if name.trim().eq_ignore_ascii_case(key) {
            return Some(value.trim_end());
        }
        text = after.trim_start().strip_prefix(';')?;
    }
}

/// Where `needle` begins. Skips from first byte to first byte, since uploads are large.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle.first()?;
    let mut start = 0;
    loop {
        start += haystack[start..].iter().position(|byte| byte == first)?;
        if haystack[start..].starts_with(needle) {
            return Some(start);
        }
        start += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "multipart/form-data; boundary=B";

    fn request(content_type: &str, body: &str) -> Request {
        Request {
            method: "POST".into(),
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".into(), content_type.into())],
            body: body.as_bytes().to_vec().into(),
        }
    }

    fn read(body: &str, strict: bool) -> Result<Vec<(Option<String>, Option<String>, Bytes)>, i64> {
        let parts = parts(&request(FORM, body), strict).map_err(|refusal| refusal.code)?;
        Ok(parts.into_iter().map(|part| (part.name, part.filename, part.content)).collect())
    }

    #[test]
    fn the_official_example_is_read() {
        let request = request(
            "multipart/form-data; boundary=\"acebdf13572468\"",
            "--acebdf13572468\r\n\
             Content-Disposition: form-data; name=\"media\";filename=\"a; 表.txt\"; filelength=6\r\n\
             Content-Type: application/octet-stream\r\n\r\n\
             mytext\r\n--acebdf13572468--\r\n",
        );
        let expected =
            Part { name: Some("media".into()), filename: Some("a; 表.txt".into()), content: "mytext".into() };
        assert_eq!(parts(&request, true), Ok(vec![expected]));
    }

    /// As requests, httpx, aiohttp and the clients on them write: parts without a name, the type before the
    /// disposition, fields beside the file, a file that holds what looks like a boundary.
    #[test]
    fn other_forms_are_read_unless_they_have_to_be_as_documented() {
        let media = (Some("media".into()), Some("a".into()), Bytes::from("123456"));
        let file = "Content-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\n123456\r\n";
        for (body, expected) in [
            (
                "--B\r\nContent-Disposition: form-data; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nx\r\n--B--\r\n"
                    .to_owned(),
                vec![(None, Some("a.png".into()), Bytes::from("x"))],
            ),
            (
                "--B\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name=media; filename=a\r\n\r\n\r\n--C\
                 \r\n--B--"
                    .to_owned(),
                vec![(Some("media".into()), Some("a".into()), Bytes::from("\r\n--C"))],
            ),
        ] {
            assert_eq!(read(&body, true), Ok(expected.clone()), "{body}");
            assert_eq!(read(&body, false), Ok(expected), "{body}");
        }
        let field = "--B\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nfile\r\n";
        let two = vec![(Some("type".into()), None, Bytes::from("file")), media.clone()];
        for (body, expected) in [
            (format!("a preamble\r\n--B\r\n{file}--B--"), vec![media.clone()]),
            (format!("--B \r\n{file}--B--"), vec![media.clone()]),
            (format!("--B\r\n{file}--B--\r\nan epilogue"), vec![media]),
            (format!("{field}--B\r\n{file}--B--"), two),
        ] {
            assert_eq!(read(&body, false), Ok(expected), "{body}");
            assert!(read(&body, true).is_err(), "{body}");
        }
        let length = format!("--B\r\n{}--B--", file.replace("\"a\"", "\"a\"; filelength=5"));
        assert_eq!((read(&length, true).is_err(), read(&length, false).is_err()), (true, false));
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let good = "--B\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\n123456\r\n--B--";
        assert!(read(good, true).is_ok());
        for strict in [true, false] {
            for content_type in ["application/json", "multipart/form-data", "multipart/form-data; boundary="] {
                assert_eq!(parts(&request(content_type, good), strict).unwrap_err().code, 44001, "{content_type}");
            }
            for (body, code) in [
                (String::new(), 44001),
                ("{}".into(), 44001),
                (good.replace("--B--", "--B"), 40058),
                (good.replace("--B--", ""), 40058),
                (good.replace("form-data; ", ""), 40058),
                (good.replace("\r\n\r\n", "\r\n"), 40058),
                (good.replace("\"a\"", "\"a\u{7}\""), 40058),
            ] {
                assert_eq!(read(&body, strict), Err(code), "{body}");
            }
        }
    }

    #[test]
    fn a_name_in_another_form_is_none() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"media\"; filename*=UTF-8''a\r\n\r\n123456\r\n--B--";
        assert_eq!(read(body, true).unwrap()[0].1, None);
    }
}
