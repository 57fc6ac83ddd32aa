//! Pictures, as far as the connector has to know them: whether one is whole. WeCom shows the half of a picture as it is.

/// Whether the bytes begin as a JPEG or a PNG and end before the picture does. Of other formats nothing is known.
pub fn ends_too_early(image: &[u8]) -> bool {
    if let Some(chunks) = image.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        !png_ends(chunks)
    } else if let Some(segments) = image.strip_prefix(b"\xff\xd8") {
        !jpeg_ends(segments)
    } else {
        false
    }
}

/// Whether the chunk IEND comes. What is behind it, viewers overlook. What does not begin with the chunk that every PNG
/// begins with has the signature of one and is none.
fn png_ends(mut chunks: &[u8]) -> bool {
    const HEADER: &[u8] = b"\0\0\0\x0dIHDR";
    if !chunks.starts_with(HEADER) && !HEADER.starts_with(chunks) {
        return true;
    }
    while let Some(([a, b, c, d, kind @ ..], rest)) = chunks.split_first_chunk::<8>() {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        // The data and its checksum.
        let Some(next) = length.checked_add(4).and_then(|length| rest.get(length..)) else { return false };
        if kind == b"IEND" {
            return true;
        }
        chunks = next;
    }
    false
}

/// Whether the marker EOI comes outside a segment: inside one it may be that of a preview. Where anything but a segment
/// stands before the first scan, the picture has the signature of a JPEG and is none.
fn jpeg_ends(mut rest: &[u8]) -> bool {
    const FILL: u8 = 0xff;
    const SCAN: u8 = 0xda;
    const END: u8 = 0xd9;
    let mut is_scanned = false;
    loop {
        if !is_scanned && rest.first().is_some_and(|byte| *byte != FILL) {
            return true;
        }
        // A marker: any number of fill bytes, then its code. In what was compressed, 0 stands for the byte 255 itself.
        let Some(at) = rest.iter().position(|byte| *byte == FILL) else { return false };
        rest = &rest[at..];
        let Some(code) = rest.iter().position(|byte| *byte != FILL) else { return false };
        let marker = rest[code];
        rest = &rest[code + 1..];
        match marker {
            END => return true,
            // A stuffed byte, markers without a segment.
            0 | 0x01 | 0xd0..=0xd8 => {}
            _ => {
                // What a scan compressed follows its segment, and is passed over as anything that is no marker is.
                let Some((length, _)) = rest.split_first_chunk::<2>() else { return false };
                let length = usize::from(u16::from_be_bytes(*length));
                // It counts itself.
                if !is_scanned && length < 2 {
                    return true;
                }
                is_scanned |= marker == SCAN;
                let Some(next) = rest.get(length..) else { return false };
                rest = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One red pixel, as encoders write it.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xd0\xae\xb9\x0c\0\x02P\x01{\xf0\xb1\xcc\xa4\0\0\0\0IEND\xaeB`\x82";
    /// A preview with an end of its own in a segment, a scan with stuffed bytes and restarts, and a second scan.
    const JPEG: &[u8] = b"\xff\xd8\xff\xe1\0\x08\xff\xd8\xff\xd9\0\0\xff\xda\0\x03\0\x12\xff\0\x34\xff\xd0\x56\xff\xff\xda\0\x03\0\x12\xff\xd9";

    #[test]
    fn a_whole_picture_is_whole() {
        for image in [PNG, JPEG] {
            assert!(!ends_too_early(image));
            assert!(!ends_too_early(&[image, b"\0\0"].concat()), "bytes behind the end");
        }
    }

    #[test]
    fn a_picture_without_its_end_is_not() {
        for end in 8..PNG.len() {
            assert!(ends_too_early(&PNG[..end]), "{end}");
        }
        for end in 2..JPEG.len() {
            assert!(ends_too_early(&JPEG[..end]), "{end}");
        }
    }

    #[test]
    fn of_other_formats_nothing_is_known() {
        for other in [
            &b""[..],
            b"hello",
            b"GIF89a",
            b"\xff",
            b"\x89PNG",
            b"\x89PNG\r\n\x1a\n and more",
            b"\xff\xd8 and more",
            b"\xff\xd8\xff\xe0\0\0\0\0",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0 and more",
        ] {
            assert!(!ends_too_early(other));
        }
    }
}
