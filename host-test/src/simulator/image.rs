//! What WeCom takes for an image: a PNG or a JPG that is all there.

use super::codes::{self, Refusal, ensure};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPG: &[u8] = b"\xff\xd8\xff";

/// Refuses what is no PNG and no JPG, and what ends before the image does.
pub(super) fn check(content: &[u8]) -> Result<(), Refusal> {
    let whole = match content {
        _ if content.starts_with(PNG) => png_ends(&content[PNG.len()..]),
        _ if content.starts_with(JPG) => jpg_ends(&content[2..]),
        _ => None,
    };
    ensure(whole.is_some(), codes::IMAGE_DAMAGED)
}

/// Goes from chunk to chunk up to the last one; none where it does not come.
fn png_ends(mut chunks: &[u8]) -> Option<()> {
    loop {
        let (length, rest) = chunks.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (name, rest) = rest.split_first_chunk::<4>()?;
        // The data and its checksum.
        chunks = rest.get(length.checked_add(4)?..)?;
        if name == b"IEND" {
            return Some(());
        }
    }
}

/// Goes from segment to segment, and through the data of each scan, up to the end of the image; none where it does not
/// come.
fn jpg_ends(mut segments: &[u8]) -> Option<()> {
    loop {
        let marker = match segments {
            [0xff, 0xff, ..] => {
                // A marker may have any number of these before it.
                segments = &segments[1..];
                continue;
            }
            [0xff, marker, ..] => *marker,
            _ => return None,
        };
        segments = &segments[2..];
        match marker {
            0xd9 => return Some(()),
            // What has no length: restarts, and the beginning.
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let (length, _) = segments.split_first_chunk()?;
        segments = segments.get(u16::from_be_bytes(*length).into()..)?;
        if marker == 0xda {
            // In a scan 0xff is data before a zero, and nothing but a restart before those.
            let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff | 0xd0..=0xd7);
            segments = &segments[segments.windows(2).position(is_marker)?..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::seed::PIXEL;

    /// Segments in the order of a progressive JPG: a thumbnail with an end of its own, and two scans.
    fn jpg() -> Vec<u8> {
        let segment = |marker: u8, data: &[u8]| {
            let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
            [&[0xff, marker], &length[..], data].concat()
        };
        let scan = [&segment(0xda, &[1, 1, 0, 0, 63, 0])[..], &[1, 0xff, 0, 2, 0xff, 0xd0, 3]].concat();
        [
            vec![0xff, 0xd8],
            segment(0xe1, b"Exif\0\0\xff\xd8\xff\xd9"),
            vec![0xff],
            segment(0xc2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
            scan.clone(),
            segment(0xc4, &[0x10, 1]),
            scan,
            vec![0xff, 0xd9],
        ]
        .concat()
    }

    #[test]
    fn a_whole_image_is_one_and_every_beginning_of_it_is_none() {
        for image in [PIXEL.to_vec(), jpg()] {
            assert_eq!(check(&image), Ok(()));
            assert_eq!(check(&[&image, &b"more"[..]].concat()), Ok(()), "what stands behind the end does not matter");
            for end in 0..image.len() {
                assert_eq!(check(&image[..end]).unwrap_err().code, 40123, "{end} of {} bytes", image.len());
            }
        }
    }

    #[test]
    fn another_format_is_no_image() {
        for content in [&b"GIF89a"[..], b"BM", b"hello", b"<svg/>", b"\x89PNG\r\n\x1a\n and some more", b"\xff\xd8\xff"]
        {
            assert_eq!(check(content).unwrap_err().code, 40123, "{content:?}");
        }
    }
}
