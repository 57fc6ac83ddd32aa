//! The body of an upload: one file, as a form in a browser sends it.

use std::borrow::Cow;
use std::iter;

use md5::{Digest as _, Md5};

use crate::file::Content;
use crate::tidy;

/// A body of the type `multipart/form-data` with one part.
///
/// WeCom reads a file name only as raw UTF-8 in `filename`, and a length only from `content-length`; the boundary has to
/// stand in the header of the request.
pub struct Multipart {
    content_type: String,
    head: Vec<u8>,
    content: Content<'static>,
    tail: Vec<u8>,
}

impl Multipart {
    /// The body with this file in the part `media`. Its name has no quotes and no line breaks.
    pub fn new(file_name: &str, content: Content<'static>) -> Self {
        // No file holds its own digest, so that the boundary never stands in it.
        let mut digest = Md5::new();
        content.pieces().for_each(|piece| digest.update(piece));
        let boundary = tidy::hex(&digest.finalize());
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{file_name}\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n"
        );
        Self {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            head: head.into_bytes(),
            content,
            tail: format!("\r\n--{boundary}--\r\n").into_bytes(),
        }
    }

    /// The header `content-type`.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.head.len() + self.content.size() + self.tail.len()
    }

    /// How many bytes it has here: the file may be in Base64.
    pub fn kept_bytes(&self) -> usize {
        self.head.len() + self.content.kept_bytes() + self.tail.len()
    }

    /// The body, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let edge = |bytes| iter::once(Cow::Borrowed(bytes));
        edge(&*self.head).chain(self.content.pieces()).chain(edge(&*self.tail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_as_wecom_reads_it() {
        let body = Multipart::new("周报 7.xlsx", Content::Base64("aGVsbG8=".into()));
        let boundary = "5d41402abc4b2a76b9719d911017c592";
        assert_eq!(body.content_type(), format!("multipart/form-data; boundary={boundary}"));
        let whole: Vec<u8> = body.pieces().flat_map(Cow::into_owned).collect();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"周报 7.xlsx\"\r\n\
            Content-Type: application/octet-stream\r\n\r\nhello\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(whole).unwrap(), expected);
        assert_eq!(body.size(), expected.len());
    }
}
