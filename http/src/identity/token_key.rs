//! Keys of access tokens: Ed25519, so that a service that only verifies tokens cannot issue them.

use std::{fmt, str::FromStr};

use ed25519_dalek::{SigningKey, VerifyingKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

use crate::{Secret, identity::secret::hex};

/// Header of an Ed25519 key in PKCS #8 (RFC 8410), before its 32 bytes.
const PKCS8: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// Key that signs access tokens. Its holder can sign in as any user. Written as 64 hexadecimal digits.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl TokenKey {
    /// The key of an installation that has no other: derived from its secret.
    #[must_use]
    pub fn derived(secret: &Secret) -> Self {
        Self(secret.derive("access-token-ed25519"))
    }

    /// A key of these random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> TokenPublicKey {
        TokenPublicKey(SigningKey::from_bytes(&self.0).verifying_key())
    }

    /// The key as it is written in settings.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex(&self.0)
    }

    pub(crate) fn encoding(&self) -> EncodingKey {
        EncodingKey::from_ed_der(&[&PKCS8[..], &self.0].concat())
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

impl FromStr for TokenKey {
    type Err = NotATokenKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes(text).map(Self).ok_or(NotATokenKey)
    }
}

/// Public half of a key, which verifies tokens. Written as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPublicKey(VerifyingKey);

impl TokenPublicKey {
    /// Identifier of the key in tokens: the first 8 bytes of its SHA-256.
    #[must_use]
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes())[..8])
    }

    pub(crate) fn decoding(&self) -> DecodingKey {
        DecodingKey::from_ed_der(self.0.as_bytes())
    }
}

impl fmt::Display for TokenPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

impl FromStr for TokenPublicKey {
    type Err = NotATokenKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = bytes(text).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        key.map(Self).ok_or(NotATokenKey)
    }
}

/// A text that is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is written as 64 hexadecimal digits")]
pub struct NotATokenKey;

fn bytes(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = TokenKey::derived(&Secret::new([1; 32]).unwrap());
        assert_eq!(key.reveal().parse::<TokenKey>().unwrap().public(), key.public());
        assert_eq!(key.public().to_string().parse::<TokenPublicKey>().unwrap(), key.public());
        for text in ["", "00", &"g".repeat(64), &"ü".repeat(32)] {
            assert!(text.parse::<TokenKey>().is_err(), "{text}");
        }
        assert_eq!(format!("{key:?}"), "TokenKey(…)");
    }
}
