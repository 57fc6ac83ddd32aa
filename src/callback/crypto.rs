//! WeCom's envelope: a signature over the ciphertext, and AES-256-CBC with a padding of its own.
//!
//! <https://developer.work.weixin.qq.com/document/path/90968>

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::array::Array;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

use super::Check;
use crate::connection::{AesKey, CheckedCallback};
use crate::tidy::hex;

/// What the padding fills up to: twice the cipher's block, unlike PKCS#7 of most libraries.
const PADDED_TO: usize = 32;
/// How many random bytes stand before the message.
const RANDOM: usize = 16;
/// Those, and the length of the message.
const HEAD: usize = RANDOM + 4;

/// The signature of a ciphertext: SHA-1, in hexadecimal and lower case. The four texts are sorted, so that it does not
/// matter which is which.
pub(super) fn signature(connection: &CheckedCallback, timestamp: &str, nonce: &str, ciphertext: &str) -> String {
    let mut parts = [connection.token.expose(), timestamp, nonce, ciphertext];
    parts.sort_unstable();
    hex(&Sha1::digest(parts.concat()))
}

/// Whether a signature is the right one. How long that takes tells nothing of the right one.
pub(super) fn is_signed(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.to_ascii_lowercase().as_bytes()).into()
}

/// The message of a ciphertext that is signed, and the receiver that it names.
pub(super) fn decrypt(key: &AesKey, ciphertext: &str) -> Result<(String, String), Check> {
    let mut bytes = STANDARD.decode(ciphertext).map_err(|_| Check::Base64)?;
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
    if blocks.is_empty() || !rest.is_empty() {
        return Err(Check::Blocks);
    }
    decryptor(key).decrypt_blocks(blocks);
    let padding = usize::from(bytes.last().copied().unwrap_or_default());
    if !(1..=PADDED_TO).contains(&padding) {
        return Err(Check::Padding);
    }
    bytes.truncate(bytes.len().saturating_sub(padding));
    let (head, content) = bytes.split_at_checked(HEAD).ok_or(Check::Length)?;
    let length = head[RANDOM..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let (message, receiver) = content.split_at_checked(length).ok_or(Check::Length)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| Check::Utf8);
    Ok((text(message)?, text(receiver)?))
}

/// The ciphertext of a message for a receiver. The random bytes must be new ones each time.
pub(super) fn encrypt(key: &AesKey, random: [u8; RANDOM], message: &str, receiver: &str) -> String {
    // A message is no longer than what came in as JSON.
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes = [&random[..], &length, message.as_bytes(), receiver.as_bytes()].concat();
    let padding = PADDED_TO - bytes.len() % PADDED_TO;
    #[expect(clippy::cast_possible_truncation, reason = "at most 32")]
    bytes.resize(bytes.len() + padding, padding as u8);
    let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
    encryptor(key).encrypt_blocks(blocks);
    STANDARD.encode(&bytes)
}

fn decryptor(key: &AesKey) -> cbc::Decryptor<Aes256> {
    cbc::Decryptor::new(key.expose().into(), key.iv().into())
}

fn encryptor(key: &AesKey) -> cbc::Encryptor<Aes256> {
    cbc::Encryptor::new(key.expose().into(), key.iv().into())
}
