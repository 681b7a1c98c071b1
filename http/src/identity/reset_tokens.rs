//! One-time tokens to reset a password: `<account key>.<expiry, in seconds>.<signature>`. Nothing is stored. The
//! signature covers the hash of the current password, so a token becomes invalid once the password changes.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use ticketshow_domain::AccountKey;

use crate::{Secret, identity::secret::hex};

/// Lifetime of a token, in seconds. Source: the REST surface.
pub const RESET_SECONDS: i64 = 30 * 60;

/// Issues and verifies the tokens of an installation.
#[derive(Clone)]
pub struct ResetTokens([u8; 32]);

/// A well-formed token. Validity depends on the current password of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetToken {
    /// Stream key of the account.
    pub account: AccountKey,
    expires_at: Timestamp,
    signature: Vec<u8>,
}

impl ResetTokens {
    /// The tokens of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("password-reset"))
    }

    /// Tokens that prove the first factor of a sign-in, until the second follows.
    #[must_use]
    pub fn challenges(secret: &Secret) -> Self {
        Self(secret.derive("sign-in-challenge"))
    }

    /// Issues a token for the account with this current password hash, valid until `expires_at`, in whole seconds.
    #[must_use]
    pub fn issue(&self, account: &AccountKey, password_hash: &str, expires_at: Timestamp) -> String {
        let signature = self.mac(account, password_hash, expires_at).finalize().into_bytes();
        format!("{account}.{}.{}", expires_at.as_second(), hex(&signature))
    }

    /// Returns `true` if a token is valid at `now` for the account with this current password hash.
    #[must_use]
    pub fn check(&self, token: &ResetToken, password_hash: &str, now: Timestamp) -> bool {
        let ResetToken { account, expires_at, signature } = token;
        // Compares in constant time.
        let ours = self.mac(account, password_hash, *expires_at).verify_slice(signature).is_ok();
        ours && now < *expires_at
    }

    fn mac(&self, account: &AccountKey, password_hash: &str, expires_at: Timestamp) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        // Neither a key nor a number contains a line break.
        mac.update(format!("{account}\n{}\n{password_hash}", expires_at.as_second()).as_bytes());
        mac
    }
}

impl std::fmt::Debug for ResetTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResetTokens(…)")
    }
}

impl ResetToken {
    /// Parses a token; `None` if it is malformed.
    #[must_use]
    pub fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (account, seconds, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let is_key = account.len() == 32 && account.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_key || parts.next().is_some() {
            return None;
        }
        let expires_at = Timestamp::from_second(seconds.parse().ok()?).ok()?;
        Some(Self { account: AccountKey(account.to_owned()), expires_at, signature: unhex(signature)? })
    }
}

/// Bytes of hex digits; `None` for other characters.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(byte: u8) -> ResetTokens {
        ResetTokens::new(&Secret::new([byte; 32]).unwrap())
    }

    fn account() -> AccountKey {
        AccountKey("0123456789abcdef0123456789abcdef".to_owned())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn is_valid(tokens: &ResetTokens, token: &str, password_hash: &str, now: Timestamp) -> bool {
        ResetToken::read(token).is_some_and(|token| tokens.check(&token, password_hash, now))
    }

    #[test]
    fn a_token_is_valid_until_its_last_second_and_names_its_account() {
        let token = tokens(1).issue(&account(), "hash", at(RESET_SECONDS));
        assert_eq!(ResetToken::read(&token).unwrap().account, account());
        assert!(is_valid(&tokens(1), &token, "hash", at(RESET_SECONDS - 1)));
        assert!(!is_valid(&tokens(1), &token, "hash", at(RESET_SECONDS)));
    }

    #[test]
    fn a_token_is_invalid_once_the_password_has_changed() {
        let token = tokens(1).issue(&account(), "hash", at(60));
        assert!(!is_valid(&tokens(1), &token, "another hash", at(0)));
    }

    #[test]
    fn tokens_of_other_installations_and_tampered_tokens_are_invalid() {
        let token = tokens(1).issue(&account(), "hash", at(60));
        assert!(!is_valid(&tokens(2), &token, "hash", at(0)));
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(changed).unwrap();
            if changed != token {
                assert!(!is_valid(&tokens(1), &changed, "hash", at(0)), "{position}");
            }
        }
        for nonsense in ["", "..", "a.b.c", &format!("{}.60.", account()), &token[..token.len() - 1]] {
            assert!(!is_valid(&tokens(1), nonsense, "hash", at(0)), "{nonsense}");
        }
    }
}
