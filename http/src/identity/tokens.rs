//! Access tokens: short-lived and verified without a lookup. A changed role or an ended session takes effect when the
//! token expires, within [`TOKEN_SECONDS`].

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{AccountKey, UserId, account::Role};
use uuid::Uuid;

use crate::{Caller, Secret};

/// Lifetime of an access token, in seconds. Source: the design, "Safety".
pub const TOKEN_SECONDS: i64 = 600;

/// Issues and verifies access tokens: JWTs signed with HMAC-SHA256 under a key of the installation.
pub struct Tokens {
    issuing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    account: AccountKey,
    role: Role,
    sid: Uuid,
    /// Seconds since the epoch (RFC 7519).
    exp: i64,
}

impl Tokens {
    /// The tokens of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        let key = secret.derive("access-token");
        let mut validation = Validation::new(Algorithm::HS256);
        // The library would read the clock itself; `check` compares with the time it is given.
        validation.validate_exp = false;
        Self { issuing: EncodingKey::from_secret(&key), checking: DecodingKey::from_secret(&key), validation }
    }

    /// A token for `caller`, valid for [`TOKEN_SECONDS`] from `now` on.
    ///
    /// # Panics
    ///
    /// Never: the claims serialise to JSON, and HMAC signs any input.
    #[must_use]
    pub fn issue(&self, caller: &Caller, now: Timestamp) -> String {
        let Caller { user, account, role, session } = caller.clone();
        let claims = Claims { sub: user, account, role, sid: session, exp: now.as_second() + TOKEN_SECONDS };
        encode(&Header::new(Algorithm::HS256), &claims, &self.issuing)
            .expect("the claims serialise to JSON, and HMAC signs any input")
    }

    /// The caller identified by `token`, if we issued it and it has not expired at `now`.
    #[must_use]
    pub fn check(&self, token: &str, now: Timestamp) -> Option<Caller> {
        let Claims { sub, account, role, sid, exp } =
            decode::<Claims>(token, &self.checking, &self.validation).ok()?.claims;
        (now.as_second() < exp).then_some(Caller { user: sub, account, role, session: sid })
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Caller {
        Caller {
            user: UserId(Uuid::from_u128(1)),
            account: AccountKey("0123456789abcdef0123456789abcdef".to_owned()),
            role: Role::Staff,
            session: Uuid::from_u128(2),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn tokens(byte: u8) -> Tokens {
        Tokens::new(&Secret::new([byte; 32]).unwrap())
    }

    #[test]
    fn a_token_identifies_its_caller_until_its_last_second() {
        let token = tokens(1).issue(&caller(), at(0));
        assert_eq!(tokens(1).check(&token, at(599)), Some(caller()));
        assert_eq!(tokens(1).check(&token, at(600)), None);
    }

    #[test]
    fn tokens_of_other_installations_and_tampered_tokens_are_invalid() {
        let token = tokens(1).issue(&caller(), at(0));
        assert_eq!(tokens(2).check(&token, at(0)), None);
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'B' { b'C' } else { b'B' };
            let changed = String::from_utf8(changed).unwrap();
            if changed != token {
                assert_ne!(tokens(1).check(&changed, at(0)), Some(caller()), "{position}");
            }
        }
    }

    #[test]
    fn unsigned_and_malformed_tokens_are_invalid() {
        // {"alg":"none"}
        let body = tokens(1).issue(&caller(), at(0)).split('.').nth(1).unwrap().to_owned();
        for token in
            [format!("eyJhbGciOiJub25lIn0.{body}."), String::new(), "a.b.c".to_owned(), "..".to_owned()]
        {
            assert_eq!(tokens(1).check(&token, at(0)), None, "{token}");
        }
    }
}
