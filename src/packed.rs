//! What the build has packed for the component.

/// What stands for a text that was there before, and how short that may be: as build.rs has it.
const MARK: u8 = 1;
const SHORTEST: usize = 24;

/// The text that was packed.
pub(crate) fn unpack(packed: &[u8]) -> String {
    // Packed by the build from a text, so that unpacking cannot fail; a test compares the two.
    let folded = miniz_oxide::inflate::decompress_to_vec(packed).unwrap_or_default();
    String::from_utf8(unfolded(&folded).unwrap_or_default()).unwrap_or_default()
}

/// See `folded` in build.rs.
fn unfolded(folded: &[u8]) -> Option<Vec<u8>> {
    let (whole, folded) = folded.split_first_chunk()?;
    let (length, folded) = folded.split_first_chunk()?;
    let (marks, rest) = folded.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
    let mut marks = marks.iter();
    let mut parts = rest.split(|byte| *byte == MARK);
    // Memory is the host's to give, and may be little: no more is taken than the text needs.
    let mut text = Vec::with_capacity(u32::from_le_bytes(*whole).try_into().ok()?);
    text.extend_from_slice(parts.next()?);
    let mut expected = text.len();
    for part in parts {
        let distance = number(&mut marks)?;
        let length = number(&mut marks)? + SHORTEST;
        let from =
            if distance % 2 == 0 { expected + distance / 2 } else { expected.checked_sub(distance.div_ceil(2))? };
        let end = text.len() + length;
        // It may reach into what it makes itself.
        while text.len() < end {
            let at = from + length - (end - text.len());
            let there = text.len().checked_sub(at).filter(|there| *there > 0)?;
            text.extend_from_within(at..at + there.min(end - text.len()));
        }
        text.extend_from_slice(part);
        expected = from + length + part.len();
    }
    Some(text)
}

/// Seven bits in each byte, the lowest first.
fn number<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> Option<usize> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = usize::from(*bytes.next()?);
        number |= (byte & 127).checked_shl(shift)?;
        shift += 7;
        if byte < 128 {
            return Some(number);
        }
    }
}
