//! Proofs that a person reads the mails to an address: a link and a code of six digits. Both are computed from a nonce, which
//! the mail and the pending request share, so that no mail and no log holds them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use ticketshow_domain::AccountKey;
use uuid::Uuid;

use crate::{
    Secret,
    identity::{reset_tokens::unhex, secret::hex},
};

/// Number of different codes.
const CODES: u32 = 1_000_000;

/// Makes and verifies the proofs of an installation.
#[derive(Clone)]
pub struct MailedProofs {
    links: [u8; 32],
    codes: [u8; 32],
}

impl MailedProofs {
    /// The proofs of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self { links: secret.derive("address-link"), codes: secret.derive("address-code") }
    }

    /// Returns the token of a link: `<account key>.<nonce>.<signature>`.
    #[must_use]
    pub fn token(&self, account: &AccountKey, nonce: Uuid) -> String {
        let signature = mac(self.links, account, nonce).finalize().into_bytes();
        format!("{account}.{}.{}", nonce.simple(), hex(&signature))
    }

    /// Returns the account and the nonce of a token, if this installation made it.
    #[must_use]
    pub fn check(&self, token: &str) -> Option<(AccountKey, Uuid)> {
        let mut parts = token.splitn(3, '.');
        let (account, nonce, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let (account, nonce) = (AccountKey(account.to_owned()), Uuid::try_parse(nonce).ok()?);
        // Compares in constant time.
        let ours = mac(self.links, &account, nonce).verify_slice(&unhex(signature)?);
        ours.is_ok().then_some((account, nonce))
    }

    /// Returns the code: six digits.
    #[must_use]
    pub fn code(&self, account: &AccountKey, nonce: Uuid) -> String {
        let digest = mac(self.codes, account, nonce).finalize().into_bytes();
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:06}", number % u64::from(CODES))
    }
}

impl std::fmt::Debug for MailedProofs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailedProofs(…)")
    }
}

fn mac(key: [u8; 32], account: &AccountKey, nonce: Uuid) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
    mac.update(account.0.as_bytes());
    mac.update(nonce.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proofs(byte: u8) -> MailedProofs {
        MailedProofs::new(&Secret::new([byte; 32]).unwrap())
    }

    fn account() -> AccountKey {
        AccountKey("0123456789abcdef0123456789abcdef".to_owned())
    }

    #[test]
    fn a_token_names_its_account_and_its_nonce() {
        let nonce = Uuid::from_u128(7);
        let token = proofs(1).token(&account(), nonce);
        assert_eq!(proofs(1).check(&token), Some((account(), nonce)));
        assert_eq!(proofs(2).check(&token), None);
    }

    #[test]
    fn malformed_and_tampered_tokens_are_invalid() {
        let token = proofs(1).token(&account(), Uuid::from_u128(7));
        let (start, _) = token.rsplit_once('.').unwrap();
        let other = proofs(1).token(&account(), Uuid::from_u128(8));
        let (_, signature) = other.rsplit_once('.').unwrap();
        for wrong in ["", "..", "a.b.c", start, &token[..token.len() - 1], &format!("{start}.{signature}")] {
            assert_eq!(proofs(1).check(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_has_six_digits_and_depends_on_its_nonce() {
        let code = |number| proofs(1).code(&account(), Uuid::from_u128(number));
        assert!((0..100).map(code).all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())));
        assert_eq!(code(1), code(1));
        assert_ne!(code(1), code(2));
    }
}
