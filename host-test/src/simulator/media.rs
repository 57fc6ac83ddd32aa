//! Uploads, and the media that messages refer to.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clock::unix_seconds;
use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::http::Request;
use super::ids::Ids;
use super::image;

/// How long a media id serves.
const LIFETIME: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// Uploads have to be larger than this many bytes.
const TOO_SMALL: usize = 5;
/// Megabytes as WeCom counts them.
const MB: usize = 1024 * 1024;
/// The first bytes of an AMR file.
const AMR_MAGIC: &[u8] = b"#!AMR";

/// The `type` of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// JPG or PNG, up to 10 MB.
    Image,
    /// AMR, up to 2 MB.
    Voice,
    /// MP4, up to 10 MB.
    Video,
    /// Anything, up to 20 MB.
    File,
}

/// Whose media: an id serves one corp, or one robot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaOwner<'a> {
    /// The corp of that id: `media/upload`.
    Corp(&'a str),
    /// The robot of that key: `webhook/upload_media`.
    Robot(&'a str),
}

impl MediaKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    /// Reads the `type` of an upload that takes only the `allowed` kinds.
    pub(super) fn parse(word: Option<&str>, allowed: &[Self]) -> Result<Self, Refusal> {
        allowed.iter().copied().find(|kind| Some(kind.as_str()) == word).ok_or_else(|| codes::MEDIA_KIND.into())
    }

    fn size_limit(self) -> (usize, Code) {
        match self {
            Self::Image => (10 * MB, codes::IMAGE_SIZE),
            Self::Voice => (2 * MB, codes::MEDIA_SIZE),
            Self::Video => (10 * MB, codes::VIDEO_SIZE),
            Self::File => (20 * MB, codes::FILE_TOO_LARGE),
        }
    }

    fn check(self, upload: &Upload) -> Result<(), Refusal> {
        let (limit, too_large) = self.size_limit();
        ensure(upload.content.len() > TOO_SMALL, codes::MEDIA_SIZE)?;
        ensure(upload.content.len() <= limit, too_large)?;
        let extension = upload.filename.rsplit_once('.').map_or("", |(_, end)| end);
        let extensions: &[&str] = match self {
            Self::Image => &["jpg", "jpeg", "png"],
            Self::Voice => &["amr"],
            Self::Video => &["mp4"],
            Self::File => return Ok(()),
        };
        let known = |known: &&str| known.eq_ignore_ascii_case(extension);
        ensure(extensions.iter().any(known), codes::MEDIA_FORMAT)?;
        match self {
            Self::Image => image::check(upload.content),
            Self::Voice => ensure(upload.content.starts_with(AMR_MAGIC), codes::MEDIA_FORMAT),
            Self::Video => ensure(upload.content[4..].starts_with(b"ftyp"), codes::MEDIA_FORMAT),
            Self::File => Ok(()),
        }
    }
}

/// The media of one owner.
#[derive(Debug, Default)]
pub(super) struct MediaLibrary(BTreeMap<String, (MediaKind, Duration)>);

impl MediaLibrary {
    /// Keeps a media id that was made at `now`.
    pub(crate) fn put(&mut self, media_id: String, kind: MediaKind, now: Duration) {
        self.0.insert(media_id, (kind, now));
    }

    /// Refuses an id that is unknown here, older than three days, or of another kind.
    pub(crate) fn check(&self, media_id: &str, kind: MediaKind, now: Duration) -> Result<(), Refusal> {
        let fresh = self.0.get(media_id).filter(|(_, made)| now < *made + LIFETIME);
        let (stored, _) = fresh.ok_or(codes::MEDIA_ID_WRONG)?;
        ensure(*stored == kind, codes::MEDIA_OF_ANOTHER_KIND)
    }

    /// Stores an upload and answers as both upload calls do.
    pub(crate) fn accept(&mut self, kind: MediaKind, upload: &Upload, now: Duration, ids: &mut Ids) -> Outcome {
        kind.check(upload)?;
        let media_id = ids.identifier("MEDIA");
        self.put(media_id.clone(), kind, now);
        Ok(Reply::saying("")
            .with("type", kind.as_str())
            .with("media_id", media_id)
            .with("created_at", unix_seconds(now).to_string()))
    }
}

/// The one part of an upload's body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upload<'a> {
    filename: String,
    content: &'a [u8],
}

impl<'a> Upload<'a> {
    /// Reads a `multipart/form-data` body, which has to consist of the part `media` with a `filename`.
    pub(crate) fn parse(request: &'a Request) -> Result<Self, Refusal> {
        let malformed = |what: &str| codes::PARAMETER_WRONG.because(format_args!("multipart: {what}"));

        let content_type = request.header("content-type").unwrap_or_default();
        let boundary = match content_type.split_once(';') {
            Some((media_type, rest)) if media_type.trim() == "multipart/form-data" => parameter(rest, "boundary"),
            _ => None,
        };
        let boundary = boundary.ok_or_else(|| malformed("content type"))?;

        let opening = format!("--{boundary}\r\n");
        let closing = format!("\r\n--{boundary}");
        let part = request.body.strip_prefix(opening.as_bytes());
        let part = part.ok_or_else(|| malformed("opening boundary"))?;
        let headers_end = find(part, b"\r\n\r\n").ok_or_else(|| malformed("part header"))?;
        let (headers, content) = (&part[..headers_end], &part[headers_end + 4..]);
        let end = find(content, closing.as_bytes()).ok_or_else(|| malformed("closing boundary"))?;
        let (content, rest) = (&content[..end], &content[end + closing.len()..]);
        if !matches!(rest, b"--" | b"--\r\n") {
            return Err(malformed("one part is expected"));
        }

        let headers = std::str::from_utf8(headers).map_err(|_| malformed("part header"))?;
        let disposition = headers
            .split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))
            .and_then(|(_, value)| value.trim_start().strip_prefix("form-data;"))
            .ok_or_else(|| malformed("Content-Disposition"))?;
        if parameter(disposition, "name") != Some("media") {
            return Err(malformed("the part has to be named media"));
        }
        let filename = parameter(disposition, "filename").filter(|name| !name.is_empty());
        let filename = filename.ok_or_else(|| malformed("filename is missing"))?;
        ensure(!content.is_empty(), codes::UPLOAD_EMPTY)?;
        if parameter(disposition, "filelength").is_some_and(|n| n != content.len().to_string()) {
            return Err(malformed("filelength is not the length"));
        }
        Ok(Self { filename: filename.into(), content })
    }
}

/// The value of `key` in `a=1; b="2"`; quotes may hold semicolons.
fn parameter<'a>(mut text: &'a str, key: &str) -> Option<&'a str> {
    loop {
        let (name, rest) = text.split_once('=')?;
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(';').unwrap_or(rest.len())),
        };
        if name.trim() == key {
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

    fn request(content_type: &str, body: &str) -> Request {
        Request {
            method: "POST".into(),
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".into(), content_type.into())],
            body: body.as_bytes().to_vec().into(),
        }
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
        let upload = Upload::parse(&request).unwrap();
        assert_eq!(upload.filename, "a; 表.txt");
        assert_eq!(upload.content, b"mytext");
    }

    #[test]
    fn sloppy_bodies_are_refused() {
        let good = "--B\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\n123456\r\n--B--";
        let form = "multipart/form-data; boundary=B";
        assert!(Upload::parse(&request(form, good)).is_ok());
        let second = "\r\n--B\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n--B--";
        let cases = [
            ("application/json", good.to_owned(), 40058),
            ("multipart/form-data", good.to_owned(), 40058),
            (form, good.replace("name=\"media\"", "name=\"file\""), 40058),
            (form, good.replace("; filename=\"a\"", ""), 40058),
            (form, good.replace("filename=\"a\"", "filename*=UTF-8''a"), 40058),
            (form, good.replace("\"a\"", "\"a\"; filelength=5"), 40058),
            (form, good.replace("\r\n--B--", second), 40058),
            (form, good.replace("--B--", "--B"), 40058),
            (form, good.replace("123456", ""), 44001),
            (form, String::new(), 40058),
        ];
        for (content_type, body, code) in cases {
            let request = request(content_type, &body);
            assert_eq!(Upload::parse(&request).unwrap_err().code, code, "{body}");
        }
    }
}
