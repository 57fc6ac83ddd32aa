//! The signature and the encryption of callbacks, as WeCom's side makes and checks them.
//!
//! Nothing of it is the connector's: a fault that stood in both would hide itself. It has the cipher's single blocks from
//! a library, and chains them itself.

use std::fmt;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest as _, Sha1};

/// The cipher's block.
const BLOCK: usize = 16;
/// What the padding fills up to.
const PADDED_TO: usize = 32;
/// The most letters and digits of a token.
const TOKEN_LIMIT: usize = 32;
/// The letters and digits of a key.
const KEY_LENGTH: usize = 43;

/// The two bits that a key has too many may be anything.
const KEY: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The token and the key of a callback URL.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Keys {
    token: String,
    key: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys")
    }
}

impl Keys {
    /// Those that WeCom's console would take.
    pub(crate) fn parse(token: &str, encoding_aes_key: &str) -> Result<Self, &'static str> {
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if token.is_empty() || token.len() > TOKEN_LIMIT || !is_plain(token) {
            return Err("token: 1 to 32 letters and digits are expected");
        }
        const WRONG_KEY: &str = "encoding_aes_key: 43 letters and digits are expected";
        if encoding_aes_key.len() != KEY_LENGTH || !is_plain(encoding_aes_key) {
            return Err(WRONG_KEY);
        }
        let key = KEY.decode(format!("{encoding_aes_key}=")).map_err(|_| WRONG_KEY)?;
        let key = key.try_into().map_err(|_| WRONG_KEY)?;
        Ok(Self { token: token.into(), key })
    }

    /// The signature of a ciphertext, in lower case.
    pub(crate) fn signature(&self, timestamp: &str, nonce: &str, ciphertext: &str) -> String {
        let mut parts = [self.token.as_str(), timestamp, nonce, ciphertext];
        parts.sort_by(|one, other| one.as_bytes().cmp(other.as_bytes()));
        Sha1::digest(parts.concat().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A message for a receiver, with 16 new random bytes before it.
    pub(crate) fn encrypt(&self, message: &str, receiver: &str) -> String {
        let mut plain: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(16).collect();
        // Messages are far shorter than that.
        plain.extend(u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
        plain.extend(message.as_bytes());
        plain.extend(receiver.as_bytes());
        let padding = PADDED_TO - plain.len() % PADDED_TO;
        plain.extend(std::iter::repeat_n(padding.to_le_bytes()[0], padding));
        let cipher = Aes256::new(&Array::from(self.key));
        let mut before = self.iv();
        let mut sealed = Vec::with_capacity(plain.len());
        for block in plain.chunks(BLOCK) {
            let mixed = std::array::from_fn(|index| block[index] ^ before[index]);
            let mut block = Array::from(mixed);
            cipher.encrypt_block(&mut block);
            before = block.0;
            sealed.extend(before);
        }
        STANDARD.encode(sealed)
    }

    /// The message of a ciphertext, and who it is for.
    pub(crate) fn decrypt(&self, ciphertext: &str) -> Result<(String, String), &'static str> {
        let sealed = STANDARD.decode(ciphertext).map_err(|_| "Encrypt is not Base64")?;
        if sealed.is_empty() || sealed.len() % PADDED_TO != 0 {
            return Err("Encrypt is not padded to 32 bytes");
        }
        let cipher = Aes256::new(&Array::from(self.key));
        let mut before = self.iv();
        let mut plain = Vec::with_capacity(sealed.len());
        for sealed in sealed.chunks(BLOCK) {
            let own: [u8; BLOCK] = std::array::from_fn(|index| sealed[index]);
            let mut block = Array::from(own);
            cipher.decrypt_block(&mut block);
            plain.extend(block.iter().zip(before).map(|(byte, before)| byte ^ before));
            before = own;
        }
        let padding = plain.last().copied().map_or(0, usize::from);
        let end = plain.len().checked_sub(padding).filter(|_| (1..=PADDED_TO).contains(&padding));
        let (content, filling) = plain.split_at(end.ok_or("the padding is none")?);
        if filling.iter().any(|byte| usize::from(*byte) != padding) {
            return Err("the padding is none");
        }
        let (head, content) = content.split_at_checked(20).ok_or("there is no length")?;
        let length = head[16..].iter().fold(0, |length, byte| (length << 8) + usize::from(*byte));
        let (message, receiver) = content.split_at_checked(length).ok_or("the length is wrong")?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| "the message is not UTF-8");
        Ok((text(message)?, text(receiver)?))
    }

    fn iv(&self) -> [u8; BLOCK] {
        std::array::from_fn(|index| self.key[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of WeCom's page 90968.
    fn page() -> Keys {
        Keys::parse("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C").unwrap()
    }

    #[test]
    fn the_page_s_example_is_signed_and_opened() {
        let echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==";
        assert_eq!(page().signature("1409659589", "263014780", echo), "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3");
        let opened = page().decrypt(echo);
        assert_eq!(opened, Ok(("1616140317555161061".to_owned(), "wx5823bf96d3bd56c7".to_owned())));
    }

    #[test]
    fn every_length_comes_back() {
        for length in 0..70 {
            let message = "x".repeat(length);
            let sealed = page().encrypt(&message, "ww1");
            assert_eq!(page().decrypt(&sealed), Ok((message, "ww1".to_owned())));
        }
    }

    #[test]
    fn what_the_console_refuses_is_refused() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        for (token, key) in [
            ("", key),
            ("a b", key),
            ("t-1", key),
            (&"t".repeat(33), key),
            ("t", &key[1..]),
            ("t", &key.replace('j', "+")),
        ] {
            assert!(Keys::parse(token, key).is_err(), "{token} {key}");
        }
        assert!(Keys::parse(&"t".repeat(32), key).is_ok());
        for sealed in ["", "AAAA", "no base64", &STANDARD.encode([7; 16]), &STANDARD.encode([7; 32])] {
            assert!(page().decrypt(sealed).is_err(), "{sealed}");
        }
        assert_eq!(format!("{:?}", page()), "Keys");
    }
}
