//! What the build has packed for the component.

/// The text that was packed.
pub(crate) fn unpack(packed: &[u8]) -> String {
    // Packed by the build from a text, so that unpacking cannot fail; a test compares the two.
    let unpacked = miniz_oxide::inflate::decompress_to_vec(packed).unwrap_or_default();
    String::from_utf8(unpacked).unwrap_or_default()
}
