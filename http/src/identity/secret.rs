//! The secret of an installation and the keys derived from it. A key for one purpose reveals nothing about another.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::Serialize;
use sha2::Sha256;
use ticketshow_domain::{AccountKey, Fingerprint};
use uuid::Uuid;

use crate::{TokenKey, TokenPublicKey};

/// Shortest secret that cannot be guessed, in bytes.
const SECRET_BYTES_MIN: usize = 32;

/// The value of `TICKETSHOW_SECRET`, with the keys that replace derived ones. Its holder can sign in as any user.
#[derive(Clone)]
pub struct Secret {
    root: Box<[u8]>,
    pub(crate) tokens: TokenKeys,
    /// Moment until which tokens signed with the secret itself are accepted.
    pub(crate) older_tokens_until: Option<Timestamp>,
}

/// Keys of access tokens.
#[derive(Clone)]
pub(crate) enum TokenKeys {
    /// One that is derived from the secret.
    Derived,
    /// The first signs.
    Signing(Vec<TokenKey>),
    /// Public halves, which only verify.
    Verifying(Vec<TokenPublicKey>),
}

impl Secret {
    /// Uses the bytes as they are.
    ///
    /// # Errors
    ///
    /// [`SecretTooShort`] below 32 bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SecretTooShort> {
        let bytes = bytes.into();
        if bytes.len() < SECRET_BYTES_MIN {
            return Err(SecretTooShort);
        }
        Ok(Self { root: bytes.into(), tokens: TokenKeys::Derived, older_tokens_until: None })
    }

    /// Signs access tokens with the first of some keys instead of a derived one, and accepts those of all.
    #[must_use]
    pub fn with_token_keys(self, keys: Vec<TokenKey>) -> Self {
        Self { tokens: TokenKeys::Signing(keys), ..self }
    }

    /// Verifies access tokens with public halves of keys, and signs none.
    #[must_use]
    pub fn with_public_token_keys(self, keys: Vec<TokenPublicKey>) -> Self {
        Self { tokens: TokenKeys::Verifying(keys), ..self }
    }

    /// Also accepts access tokens of versions that signed with the secret itself, until a moment.
    #[must_use]
    pub fn accepting_older_tokens(self, until: Timestamp) -> Self {
        Self { older_tokens_until: Some(until), ..self }
    }

    /// The key for one purpose: HMAC-SHA256 of the label under the secret. The same label always gives the same key.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        mac(&self.root, [label.as_bytes()])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret short enough to be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the installation secret must have at least {SECRET_BYTES_MIN} bytes")]
pub struct SecretTooShort;

/// Keyed hashes in place of data that must not be stored: e-mails in subjects, bodies in events, refresh tokens.
#[derive(Clone)]
pub struct Keys {
    accounts: [u8; 32],
    bodies: [u8; 32],
    refreshes: [u8; 32],
    devices: [u8; 32],
    promotions: [u8; 32],
}

impl Keys {
    /// The keys of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self {
            accounts: secret.derive("account-key"),
            bodies: secret.derive("body-fingerprint"),
            refreshes: secret.derive("refresh-token"),
            devices: secret.derive("device-cookie"),
            promotions: secret.derive("promotion-code"),
        }
    }

    /// The stream key of the account with this e-mail, regardless of letter case and surrounding whitespace.
    #[must_use]
    pub fn account(&self, email: &str) -> AccountKey {
        AccountKey(hex(&mac(&self.accounts, [normalise_email(email).as_bytes()])[..16]))
    }

    /// The stream key that an older version gave the account with this e-mail, if it was another: until then, an address with letters
    /// beyond ASCII in its domain was kept as it was typed.
    #[must_use]
    pub fn older_account(&self, email: &str) -> Option<AccountKey> {
        let email = older_email(email)?;
        Some(AccountKey(hex(&mac(&self.accounts, [email.as_bytes()])[..16])))
    }

    /// The id of the promotion with this code: one per code, and nobody finds a code by its id.
    #[must_use]
    pub fn promotion(&self, code: &str) -> Uuid {
        Uuid::new_v5(&Uuid::nil(), &mac(&self.promotions, [code.as_bytes()]))
    }

    /// The refresh token that replaces a spent one. Always the same, so that a client whose answer was lost gets it again.
    #[must_use]
    pub fn refreshed(&self, spent: &[u8; 32]) -> [u8; 32] {
        mac(&self.refreshes, [&spent[..]])
    }

    /// Proof that this browser has signed in to this account, at a time when a digest of its password was `password`.
    #[must_use]
    pub fn device(&self, account: &AccountKey, device: Uuid, password: &str) -> [u8; 32] {
        mac(&self.devices, [account.0.as_bytes(), device.as_bytes(), password.as_bytes()])
    }

    /// Fingerprint of a body, different for different bodies. Password fields are left out
    /// (`#[serde(skip_serializing)]`).
    ///
    /// # Panics
    ///
    /// If the body cannot be serialised to JSON: a map whose keys are not strings.
    #[must_use]
    pub fn fingerprint(&self, body: &impl Serialize) -> Fingerprint {
        let bytes = serde_json::to_vec(body).expect("bodies are parsed from JSON, so they serialise to JSON");
        Fingerprint(hex(&mac(&self.bodies, [&bytes[..]])[..16]))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// The normal form of an e-mail: trimmed, in lower case, and its domain in ASCII (IDNA). Some browsers send `müller.example` as it was
/// typed, others as `xn--mller-kva.example`: both are one address.
#[must_use]
pub fn normalise_email(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let Some((local, domain)) = email.rsplit_once('@').filter(|_| !email.is_ascii()) else { return email };
    idna::domain_to_ascii(domain).map_or_else(|_| email.clone(), |domain| format!("{local}@{domain}"))
}

/// The form in which an older version stored this e-mail, if it was another: with the letters of its domain as they are typed.
#[must_use]
pub fn older_email(email: &str) -> Option<String> {
    let email = normalise_email(email);
    let (local, domain) = email.rsplit_once('@').filter(|(_, domain)| domain.contains("xn--"))?;
    let (domain, read) = idna::domain_to_unicode(domain);
    read.ok()?;
    Some(format!("{local}@{domain}"))
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
    fn debug_output_hides_the_secret() {
        let shown = format!("{:?} {:?}", secret(), Keys::new(&secret()));
        assert_eq!(shown, "Secret(…) Keys(…)");
    }

    #[test]
    fn each_label_has_its_own_key() {
        assert_eq!(secret().derive("a"), secret().derive("a"));
        assert_ne!(secret().derive("a"), secret().derive("b"));
    }

    #[test]
    fn an_email_has_one_account_key_regardless_of_case_and_whitespace() {
        let keys = Keys::new(&secret());
        assert_eq!(keys.account(" Ada@Example.ORG "), keys.account("ada@example.org"));
        assert_ne!(keys.account("ada@example.org"), keys.account("bob@example.org"));
        assert_eq!(keys.account("ada@example.org").0.len(), 32);
    }

    #[test]
    fn an_address_is_the_same_however_a_browser_writes_its_domain() {
        for (typed, stored) in [
            (" Ravi@Müller-Kino.example ", "ravi@xn--mller-kino-9db.example"),
            ("ravi@mu\u{308}ller-kino.example", "ravi@xn--mller-kino-9db.example"),
            ("ravi@xn--mller-kino-9db.example", "ravi@xn--mller-kino-9db.example"),
            ("ravi@हिन्दी.example", "ravi@xn--j2bd4cyah0f.example"),
            ("ravi@kino。example", "ravi@kino.example"),
            ("रवि@kino.example", "रवि@kino.example"),
            ("a@b@müller.example", "a@b@xn--mller-kva.example"),
            ("müller", "müller"),
        ] {
            assert_eq!(normalise_email(typed), stored, "{typed}");
        }
        let keys = Keys::new(&secret());
        assert_eq!(keys.account("ada@müller.example"), keys.account("ada@xn--mller-kva.example"));
        let typed = AccountKey(hex(&mac(&keys.accounts, ["ada@müller.example".as_bytes()])[..16]));
        for email in ["ada@müller.example", "Ada@xn--mller-kva.example"] {
            assert_eq!(keys.older_account(email), Some(typed.clone()));
        }
        assert_eq!(keys.older_account("ada@example.org"), None);
    }

    #[test]
    fn different_bodies_have_different_fingerprints() {
        let keys = Keys::new(&secret());
        assert_eq!(keys.fingerprint(&json!({"a": 1})), keys.fingerprint(&json!({"a": 1})));
        assert_ne!(keys.fingerprint(&json!({"a": 1})), keys.fingerprint(&json!({"a": 2})));
    }
}
