//! Uploads, and the media that messages refer to.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::clock::unix_seconds;
use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::http::{Request, Response};
use super::ids::Ids;
use super::{image, multipart};

/// How long a media id serves.
const LIFETIME: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// Uploads have to be larger than this many bytes.
const TOO_SMALL: usize = 5;
/// Megabytes as WeCom counts them.
const MB: usize = 1024 * 1024;
/// The first bytes of an AMR file.
const AMR_MAGIC: &[u8] = b"#!AMR";
/// The largest image that `media/uploadimg` takes.
const PICTURE_LIMIT: usize = 2 * MB;
/// A PNG image of one pixel.
pub(super) const PIXEL: &[u8] = include_bytes!("../cli/pixel.png");

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

    /// The endings that a name of this kind has; a file may have any.
    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Image => &["jpg", "jpeg", "png"],
            Self::Voice => &["amr"],
            Self::Video => &["mp4"],
            Self::File => &[],
        }
    }

    /// Refuses a content of the wrong size or format. A strict reading looks at the ending of the name, too.
    fn check(self, upload: &Upload, strict: bool) -> Result<(), Refusal> {
        let content = &upload.content[..];
        let (limit, too_large) = self.size_limit();
        ensure(content.len() > TOO_SMALL, codes::MEDIA_SIZE)?;
        ensure(content.len() <= limit, too_large)?;
        if strict && self != Self::File {
            let name = upload.filename.as_deref().unwrap_or_default();
            let extension = name.rsplit_once('.').map_or("", |(_, end)| end);
            let known = |known: &&str| known.eq_ignore_ascii_case(extension);
            ensure(self.extensions().iter().any(known), codes::MEDIA_FORMAT)?;
        }
        match self {
            Self::Image => image::check(content),
            Self::Voice => ensure(content.starts_with(AMR_MAGIC), codes::MEDIA_FORMAT),
            Self::Video => ensure(content[4..].starts_with(b"ftyp"), codes::MEDIA_FORMAT),
            Self::File => Ok(()),
        }
    }
}

/// What was uploaded.
#[derive(Debug)]
struct Medium {
    kind: MediaKind,
    made: Duration,
    /// As `media/get` names it.
    filename: String,
    content: Bytes,
}

/// The media of one owner.
#[derive(Debug, Default)]
pub(super) struct MediaLibrary(BTreeMap<String, Medium>);

impl MediaLibrary {
    /// Keeps a media id that was made at `now`, with the smallest content of its kind.
    pub(crate) fn put(&mut self, media_id: String, kind: MediaKind, now: Duration) {
        let (filename, content): (_, &[u8]) = match kind {
            MediaKind::Image => ("pixel.png", PIXEL),
            MediaKind::Voice => ("silence.amr", b"#!AMR\n\x3c"),
            MediaKind::Video => ("empty.mp4", b"\0\0\0\x10ftypmp42\0\0\0\0"),
            MediaKind::File => ("report.txt", b"a report\n"),
        };
        let medium = Medium { kind, made: now, filename: filename.into(), content: Bytes::from_static(content) };
        self.0.insert(media_id, medium);
    }

    /// Refuses an id that is unknown here, older than three days, or of another kind.
    pub(crate) fn check(&self, media_id: &str, kind: MediaKind, now: Duration) -> Result<(), Refusal> {
        let medium = self.fresh(media_id, now).ok_or(codes::MEDIA_ID_WRONG)?;
        ensure(medium.kind == kind, codes::MEDIA_OF_ANOTHER_KIND)
    }

    /// Stores an upload and answers as both upload calls do.
    pub(crate) fn accept(
        &mut self,
        (kind, errmsg): (MediaKind, &str),
        upload: Upload,
        strict: bool,
        now: Duration,
        ids: &mut Ids,
    ) -> Outcome {
        kind.check(&upload, strict)?;
        let media_id = ids.identifier("MEDIA");
        // WeCom makes a name of its own where the upload has none.
        let filename = upload.filename.unwrap_or_else(|| ids.identifier("NAME"));
        self.0.insert(media_id.clone(), Medium { kind, made: now, filename, content: upload.content });
        Ok(Reply::saying(errmsg)
            .with("type", kind.as_str())
            .with("media_id", media_id)
            .with("created_at", unix_seconds(now).to_string()))
    }

    /// Answers `media/get`: the whole content, or the part of it that a `Range` asks for.
    pub(crate) fn download(&self, media_id: &str, range: Option<&str>, now: Duration) -> Result<Response, Refusal> {
        let medium = self.fresh(media_id, now).ok_or(codes::MEDIA_ID_WRONG)?;
        let content = &medium.content;
        let content_type = match medium.kind {
            MediaKind::Image if content.starts_with(b"\xff") => "image/jpeg",
            MediaKind::Image => "image/png",
            MediaKind::Voice => "audio/amr",
            MediaKind::Video => "video/mp4",
            MediaKind::File => "application/octet-stream",
        };
        let mut headers = vec![("content-disposition", format!("attachment; filename=\"{}\"", medium.filename))];
        let Some((first, last)) = range.and_then(|range| bounds(range, content.len())) else {
            return Ok(Response { status: 200, content_type, headers, errcode: None, body: content.clone() });
        };
        if first > last {
            return Ok(Response::page(416, "Requested Range Not Satisfiable"));
        }
        headers.push(("content-range", format!("bytes {first}-{last}/{}", content.len())));
        Ok(Response { status: 206, content_type, headers, errcode: None, body: content.slice(first..=last) })
    }

    fn fresh(&self, media_id: &str, now: Duration) -> Option<&Medium> {
        self.0.get(media_id).filter(|medium| now < medium.made + LIFETIME)
    }
}

/// The first and the last byte that a `Range` asks for; the first is behind the last where there is none of them. A
/// header that is not understood is no header.
fn bounds(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = length.saturating_sub(1);
    if first.is_empty() {
        let count: usize = last.parse().ok()?;
        return Some((length.saturating_sub(count), end));
    }
    let first: usize = first.parse().ok()?;
    let last = if last.is_empty() { end } else { last.parse().ok().filter(|&last| last >= first)? };
    Some((first, last.min(end)))
}

/// The file of an upload.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upload {
    filename: Option<String>,
    content: Bytes,
}

impl Upload {
    /// Reads the file of a form, from the part of that name.
    ///
    /// A strict reading demands the name and a `filename`. WeCom is known to take a part of any name, and to make up
    /// a name for the file.
    pub(crate) fn parse(request: &Request, name: Option<&str>, strict: bool) -> Result<Self, Refusal> {
        let parts = multipart::parts(request, strict)?;
        let named = |part: &multipart::Part| name.is_none() || part.name.as_deref() == name;
        let is_file = |part: &multipart::Part| part.filename.is_some();
        let found = match strict {
            true => parts.iter().position(|part| named(part) && is_file(part)),
            false => parts.iter().position(is_file).or_else(|| parts.iter().position(named)),
        };
        let missing = || codes::UPLOAD_MISSING.because("a part with a file and its name");
        let multipart::Part { filename, content, .. } =
            found.and_then(|index| parts.into_iter().nth(index)).ok_or_else(missing)?;
        ensure(!content.is_empty(), codes::UPLOAD_EMPTY)?;
        Ok(Self { filename, content })
    }

    /// Answers `media/uploadimg`.
    pub(crate) fn picture(&self, ids: &mut Ids) -> Outcome {
        ensure(self.content.len() > TOO_SMALL, codes::MEDIA_SIZE)?;
        ensure(self.content.len() <= PICTURE_LIMIT, codes::IMAGE_SIZE)?;
        image::check(&self.content)?;
        let address = format!("http://p.qpic.cn/pic_wework/{}/0", ids.identifier("PICTURE"));
        Ok(Reply::saying("").with("url", address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(disposition: &str, name: Option<&str>, strict: bool) -> Result<Upload, i64> {
        let body = format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n123456\r\n--B--");
        let request = Request {
            method: "POST".into(),
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".into(), "multipart/form-data; boundary=B".into())],
            body: body.into(),
        };
        Upload::parse(&request, name, strict).map_err(|refusal| refusal.code)
    }

    #[test]
    fn an_upload_is_one_part_with_a_file_name() {
        let file = |filename: Option<&str>| Ok(Upload { filename: filename.map(Into::into), content: "123456".into() });
        let media = Some("media");
        for (disposition, name, strict, expected) in [
            ("name=\"media\"; filename=\"a\"", media, true, file(Some("a"))),
            ("name=\"file\"; filename=\"a\"", media, true, Err(41005)),
            ("filename=\"a\"", media, true, Err(41005)),
            ("name=\"media\"", media, true, Err(41005)),
            ("name=\"media\"; filename=\"\"", media, true, Err(41005)),
            ("name=\"media\"; filename*=UTF-8''a", media, true, Err(41005)),
            ("name=\"picture\"; filename=\"a\"", None, true, file(Some("a"))),
            ("name=\"file\"; filename=\"a\"", media, false, file(Some("a"))),
            ("filename=\"a\"", media, false, file(Some("a"))),
            ("name=\"media\"", media, false, file(None)),
            ("name=\"media\"; filename*=UTF-8''a", media, false, file(None)),
            ("name=\"file\"", media, false, Err(41005)),
        ] {
            assert_eq!(upload(disposition, name, strict), expected, "{disposition} {name:?} {strict}");
        }
    }

    #[test]
    fn a_range_is_from_byte_to_byte() {
        for (range, expected) in [
            ("bytes=0-3", Some((0, 3))),
            ("bytes=4-", Some((4, 9))),
            ("bytes=4-99", Some((4, 9))),
            ("bytes=-4", Some((6, 9))),
            ("bytes=-99", Some((0, 9))),
            ("bytes=10-", Some((10, 9))),
            ("bytes=3-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=a-b", None),
            ("lines=0-3", None),
        ] {
            assert_eq!(bounds(range, 10), expected, "{range}");
        }
    }
}
