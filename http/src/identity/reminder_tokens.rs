//! Tokens of links that turn reminders off: `<account key>.<signature>`. They need no sign-in, never expire and can do nothing else,
//! so that the link of an old mail still works.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use ticketshow_domain::AccountKey;

use crate::{
    Secret,
    identity::{reset_tokens::unhex, secret::hex},
};

/// Makes and verifies the tokens of an installation.
#[derive(Clone)]
pub struct ReminderTokens([u8; 32]);

impl ReminderTokens {
    /// The tokens of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("reminder-choice"))
    }

    /// Returns the token of an address, which need not have an account.
    #[must_use]
    pub fn token(&self, account: &AccountKey) -> String {
        format!("{account}.{}", hex(&self.mac(account).finalize().into_bytes()))
    }

    /// Returns the account key of a token, if this installation made it.
    #[must_use]
    pub fn check(&self, token: &str) -> Option<AccountKey> {
        let (account, signature) = token.split_once('.')?;
        let account = AccountKey(account.to_owned());
        // Compares in constant time.
        let ours = self.mac(&account).verify_slice(&unhex(signature)?);
        ours.is_ok().then_some(account)
    }

    fn mac(&self, account: &AccountKey) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(account.0.as_bytes());
        mac
    }
}

impl std::fmt::Debug for ReminderTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReminderTokens(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(byte: u8) -> ReminderTokens {
        ReminderTokens::new(&Secret::new([byte; 32]).unwrap())
    }

    fn account(digit: char) -> AccountKey {
        AccountKey(digit.to_string().repeat(32))
    }

    #[test]
    fn a_token_names_its_account_and_is_the_same_in_every_mail() {
        let token = tokens(1).token(&account('a'));
        assert_eq!(token, tokens(1).token(&account('a')));
        assert_eq!(tokens(1).check(&token), Some(account('a')));
        assert_eq!(tokens(2).check(&token), None);
    }

    #[test]
    fn malformed_and_tampered_tokens_are_invalid() {
        let token = tokens(1).token(&account('a'));
        let (_, signature) = token.split_once('.').unwrap();
        let other = format!("{}.{signature}", account('b'));
        for wrong in ["", ".", "a.b", &token[..token.len() - 1], &token[1..], &other] {
            assert_eq!(tokens(1).check(wrong), None, "{wrong}");
        }
    }
}
