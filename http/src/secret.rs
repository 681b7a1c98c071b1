//! The one secret of an installation, and the keys made from it. A key for one purpose says nothing about another.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use ticketshow_domain::{AccountKey, Fingerprint};

/// Fewer bytes could be guessed.
const SECRET_BYTES_MIN: usize = 32;

/// What `TICKETSHOW_SECRET` holds. Whoever knows it can sign in as anybody.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes the bytes as they are.
    ///
    /// # Errors
    ///
    /// [`SecretTooShort`] below 32 bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SecretTooShort> {
        let bytes = bytes.into();
        if bytes.len() < SECRET_BYTES_MIN {
            return Err(SecretTooShort);
        }
        Ok(Self(bytes.into()))
    }

    /// The key for one purpose: HMAC-SHA256 of the label under the secret. The same label always gives the same key.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        mac(&self.0, [label.as_bytes()])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret that could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the installation secret must have at least {SECRET_BYTES_MIN} bytes")]
pub struct SecretTooShort;

/// The keyed hashes that stand in for what must not be written down: e-mails in subjects, bodies in events.
#[derive(Clone)]
pub struct Keys {
    accounts: [u8; 32],
    bodies: [u8; 32],
}

impl Keys {
    /// The keys of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self { accounts: secret.derive("account-key"), bodies: secret.derive("body-fingerprint") }
    }

    /// The stream key of the account with this e-mail, whatever its letter case and the blanks around it.
    #[must_use]
    pub fn account(&self, email: &str) -> AccountKey {
        AccountKey(hex(&mac(&self.accounts, [normalise_email(email).as_bytes()])[..16]))
    }

    /// Tells this body from another one. `body` leaves its password fields out (`#[serde(skip_serializing)]`).
    ///
    /// # Panics
    ///
    /// If the body has no JSON form: a map whose keys are no strings.
    #[must_use]
    pub fn fingerprint(&self, body: &impl Serialize) -> Fingerprint {
        let bytes = serde_json::to_vec(body).expect("bodies come from JSON, so they have a JSON form");
        Fingerprint(hex(&mac(&self.bodies, [&bytes[..]])[..16]))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// An e-mail as accounts are known by: without blanks around it and in lower case.
#[must_use]
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

fn mac<'a>(key: &[u8], parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret() -> Secret {
        Secret::new([7; 32]).unwrap()
    }

    #[test]
    fn a_secret_of_31_bytes_is_refused_and_one_of_32_is_not() {
        assert_eq!(Secret::new([1; 31]).err(), Some(SecretTooShort));
        assert!(Secret::new([1; 32]).is_ok());
    }

    #[test]
    fn nothing_of_the_secret_shows() {
        let shown = format!("{:?} {:?}", secret(), Keys::new(&secret()));
        assert_eq!(shown, "Secret(…) Keys(…)");
    }

    #[test]
    fn labels_give_keys_of_their_own() {
        assert_eq!(secret().derive("a"), secret().derive("a"));
        assert_ne!(secret().derive("a"), secret().derive("b"));
    }

    #[test]
    fn one_person_has_one_account_key_however_the_email_is_typed() {
        let keys = Keys::new(&secret());
        assert_eq!(keys.account(" Ada@Example.ORG "), keys.account("ada@example.org"));
        assert_ne!(keys.account("ada@example.org"), keys.account("bob@example.org"));
        assert_eq!(keys.account("ada@example.org").0.len(), 32);
    }

    #[test]
    fn another_body_has_another_fingerprint() {
        let keys = Keys::new(&secret());
        assert_eq!(keys.fingerprint(&json!({"a": 1})), keys.fingerprint(&json!({"a": 1})));
        assert_ne!(keys.fingerprint(&json!({"a": 1})), keys.fingerprint(&json!({"a": 2})));
    }
}
