//! Access tokens: short-lived and verified without a lookup. A changed role or an ended session takes effect when the
//! token expires, within [`TOKEN_SECONDS`].

use std::{collections::HashMap, sync::Mutex};

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ticketshow_domain::{AccountKey, UserId, account::Role};
use uuid::Uuid;

use crate::{
    Caller, Secret,
    identity::{
        secret::TokenKeys,
        token_key::{TokenKey, TokenPublicKey},
    },
    sync::lock,
};

/// Lifetime of an access token, in seconds. Source: the design, "Safety".
pub const TOKEN_SECONDS: i64 = 600;
/// Kind of token in its header (RFC 9068), so that no other JWT is taken for one.
const KIND: &str = "at+jwt";
const ISSUER: &str = "ticketshow";
const AUDIENCE: &str = "ticketshow-api";

/// Issues and verifies access tokens: JWTs signed with Ed25519. The newest key signs; tokens of all keys are valid, so that
/// keys can be replaced.
pub struct Tokens {
    issuing: Option<(EncodingKey, Header)>,
    checking: HashMap<String, DecodingKey>,
    validation: Validation,
    older: Option<Older>,
    checked: CheckedTokens,
}

/// Number of tokens whose signature is remembered as valid, some 5 MB.
const CHECKED_MAX: usize = 20_000;

/// Tokens with a valid signature that were issued or seen lately: checking an Ed25519 signature takes as long as the rest of a small
/// request, and a person sends many requests with one token. Only the time is compared again; keys change with a restart.
#[derive(Default)]
struct CheckedTokens(Mutex<Generations>);

/// Entries by the SHA-256 hash of their token. When half of the places are taken by new entries, those of before are dropped.
#[derive(Default)]
struct Generations {
    new: HashMap<[u8; 32], Checked>,
    old: HashMap<[u8; 32], Checked>,
}

/// Caller of a token and second at which it expires.
#[derive(Clone)]
struct Checked {
    caller: Caller,
    expires: i64,
}

impl CheckedTokens {
    fn get(&self, hash: &[u8; 32]) -> Option<Checked> {
        let mut generations = lock(&self.0);
        if let Some(found) = generations.new.get(hash) {
            return Some(found.clone());
        }
        let found = generations.old.remove(hash)?;
        generations.add(*hash, found.clone());
        Some(found)
    }

    fn add(&self, hash: [u8; 32], checked: Checked) {
        lock(&self.0).add(hash, checked);
    }
}

impl Generations {
    fn add(&mut self, hash: [u8; 32], checked: Checked) {
        if self.new.len() >= CHECKED_MAX / 2 {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(hash, checked);
    }
}

/// Tokens of versions that signed with HMAC-SHA256.
struct Older {
    checking: DecodingKey,
    validation: Validation,
    accepted_until: Timestamp,
}

impl Older {
    fn new(secret: &Secret, accepted_until: Timestamp) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        Self {
            checking: DecodingKey::from_secret(&secret.derive("access-token")),
            validation,
            accepted_until,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    account: AccountKey,
    role: Role,
    sid: Uuid,
    /// The account has a second factor. A token of a version without this is believed to have, for its ten minutes.
    #[serde(default = "yes")]
    second_factor: bool,
    /// Seconds since the epoch (RFC 7519), as is `iat`.
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
}

fn yes() -> bool {
    true
}

impl Tokens {
    /// The tokens of an installation.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        let tokens = match &secret.tokens {
            TokenKeys::Derived => Self::signed_by(&[TokenKey::derived(secret)]),
            TokenKeys::Signing(keys) => Self::signed_by(keys),
            TokenKeys::Verifying(keys) => Self::verified_by(keys),
        };
        Self { older: secret.older_tokens_until.map(|until| Older::new(secret, until)), ..tokens }
    }

    /// Tokens signed by the first of some keys. Those of the others are valid as well.
    fn signed_by(keys: &[TokenKey]) -> Self {
        let public: Vec<_> = keys.iter().map(TokenKey::public).collect();
        let issuing = keys.first().map(|key| {
            let header = Header {
                typ: Some(KIND.to_owned()),
                kid: Some(key.public().id()),
                ..Header::new(Algorithm::EdDSA)
            };
            (key.encoding(), header)
        });
        Self { issuing, ..Self::verified_by(&public) }
    }

    /// Tokens that are only verified, with the public halves of the keys.
    fn verified_by(keys: &[TokenPublicKey]) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // The library would read the clock itself; `check` compares with the time it is given.
        validation.validate_exp = false;
        let checking = keys.iter().map(|key| (key.id(), key.decoding())).collect();
        Self { issuing: None, checking, validation, older: None, checked: CheckedTokens::default() }
    }

    /// A token for `caller`, valid for [`TOKEN_SECONDS`] from `now` on.
    ///
    /// # Panics
    ///
    /// If these tokens are only verified. Otherwise never: the claims serialise to JSON, and Ed25519 signs any input.
    #[must_use]
    pub fn issue(&self, caller: &Caller, now: Timestamp) -> String {
        let Caller { user, account, role, session, second_factor } = caller.clone();
        let (key, header) =
            self.issuing.as_ref().expect("a service that signs people in has a key to sign with");
        let now = now.as_second();
        let claims = Claims {
            sub: user,
            account,
            role,
            sid: session,
            second_factor,
            exp: now + TOKEN_SECONDS,
            iat: Some(now),
            iss: Some(ISSUER.to_owned()),
            aud: Some(AUDIENCE.to_owned()),
        };
        let token =
            encode(header, &claims, key).expect("the claims serialise to JSON, and Ed25519 signs any input");
        self.checked.add(Sha256::digest(&token).into(), claims.into());
        token
    }

    /// The caller identified by `token`, if we issued it and it has not expired at `now`.
    #[must_use]
    pub fn check(&self, token: &str, now: Timestamp) -> Option<Caller> {
        let hash = Sha256::digest(token).into();
        let checked = match self.checked.get(&hash) {
            Some(checked) => checked,
            None => self.check_signature(token, hash, now)?,
        };
        (now.as_second() < checked.expires).then_some(checked.caller)
    }

    fn check_signature(&self, token: &str, hash: [u8; 32], now: Timestamp) -> Option<Checked> {
        let header = decode_header(token).ok()?;
        match &header.kid {
            Some(id) if header.typ.as_deref() == Some(KIND) => {
                let checked = Self::decode(token, self.checking.get(id)?, &self.validation)?;
                self.checked.add(hash, checked.clone());
                Some(checked)
            }
            Some(_) => None,
            // Not remembered, because a time limits them that they do not name.
            None => {
                let older = self.older.as_ref().filter(|older| now < older.accepted_until)?;
                Self::decode(token, &older.checking, &older.validation)
            }
        }
    }

    fn decode(token: &str, key: &DecodingKey, validation: &Validation) -> Option<Checked> {
        decode::<Claims>(token, key, validation).ok().map(|token| token.claims.into())
    }
}

impl From<Claims> for Checked {
    fn from(claims: Claims) -> Self {
        let Claims { sub, account, role, sid, second_factor, exp, .. } = claims;
        let caller = Caller { user: sub, account, role, session: sid, second_factor };
        Self { caller, expires: exp }
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
            second_factor: true,
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
    fn a_token_that_was_checked_before_still_expires_and_is_forgotten_after_many_others() {
        let tokens = tokens(1);
        let token = tokens.issue(&caller(), at(0));
        assert!(
            tokens.checked.get(&Sha256::digest(&token).into()).is_some(),
            "its own signature needs no check"
        );
        assert_eq!(tokens.check(&token, at(1)), Some(caller()));
        assert_eq!(tokens.check(&token, at(599)), Some(caller()));
        assert_eq!(tokens.check(&token, at(600)), None);
        assert_eq!(tokens.check(&format!("{token}A"), at(1)), None);

        for number in 0..2 * CHECKED_MAX {
            let hash = Sha256::digest(number.to_be_bytes()).into();
            tokens.checked.add(hash, Checked { caller: caller(), expires: 0 });
        }
        assert!(tokens.checked.get(&Sha256::digest(&token).into()).is_none());
        let kept = lock(&tokens.checked.0);
        assert!(kept.new.len() + kept.old.len() <= CHECKED_MAX);
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
    fn a_verifier_without_the_key_to_sign_accepts_tokens_and_says_whose_they_are() {
        let key = TokenKey::derived(&Secret::new([1; 32]).unwrap());
        let verifier = Tokens::verified_by(&[key.public()]);
        let token = tokens(1).issue(&caller(), at(0));
        assert_eq!(verifier.check(&token, at(0)), Some(caller()));
        assert!(verifier.issuing.is_none());

        let header = decode_header(&token).unwrap();
        assert_eq!((header.typ.as_deref(), header.kid), (Some("at+jwt"), Some(key.public().id())));
    }

    #[test]
    fn tokens_of_an_older_key_are_valid_as_long_as_it_is_listed() {
        let [old, new] = [1, 2].map(|byte| TokenKey::derived(&Secret::new([byte; 32]).unwrap()));
        let token = Tokens::signed_by(std::slice::from_ref(&old)).issue(&caller(), at(0));
        let both = Tokens::signed_by(&[new.clone(), old]);
        assert_eq!(both.check(&token, at(0)), Some(caller()));
        assert_eq!(Tokens::signed_by(std::slice::from_ref(&new)).check(&token, at(0)), None);
        let fresh = both.issue(&caller(), at(0));
        assert_eq!(Tokens::verified_by(&[new.public()]).check(&fresh, at(0)), Some(caller()));
    }

    #[test]
    fn tokens_of_a_version_that_signed_with_the_secret_are_valid_until_the_upgrade_is_over() {
        let secret = Secret::new([1; 32]).unwrap();
        let claims = serde_json::json!({
            "sub": caller().user, "account": caller().account, "role": caller().role, "sid": caller().session,
            "exp": at(600).as_second(),
        });
        let key = EncodingKey::from_secret(&secret.derive("access-token"));
        let token = encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
        let upgraded = Tokens::new(&secret.accepting_older_tokens(at(300)));
        assert_eq!(upgraded.check(&token, at(299)), Some(caller()));
        assert_eq!(upgraded.check(&token, at(300)), None);
        assert_eq!(tokens(1).check(&token, at(0)), None);
    }

    #[test]
    fn tokens_of_another_issuer_audience_or_kind_are_invalid() {
        let key = TokenKey::derived(&Secret::new([1; 32]).unwrap());
        let signed = |typ: &str, iss: Option<&str>, aud: Option<&str>| {
            let mut claims = serde_json::json!({
                "sub": caller().user, "account": caller().account, "role": caller().role, "sid": caller().session,
                "exp": at(600).as_second(),
            });
            for (name, value) in [("iss", iss), ("aud", aud)] {
                value.inspect(|value| claims[name] = (*value).into());
            }
            let header = Header {
                typ: Some(typ.to_owned()),
                kid: Some(key.public().id()),
                ..Header::new(Algorithm::EdDSA)
            };
            encode(&header, &claims, &key.encoding()).unwrap()
        };
        let valid = |token: &str| tokens(1).check(token, at(0)).is_some();
        assert!(valid(&signed(KIND, Some(ISSUER), Some(AUDIENCE))));
        assert!(!valid(&signed("JWT", Some(ISSUER), Some(AUDIENCE))));
        assert!(!valid(&signed(KIND, Some("other"), Some(AUDIENCE))));
        assert!(!valid(&signed(KIND, Some(ISSUER), Some("other"))));
        assert!(!valid(&signed(KIND, None, Some(AUDIENCE))));
        assert!(!valid(&signed(KIND, Some(ISSUER), None)));
    }

    #[test]
    fn a_public_key_is_no_key_for_hmac() {
        let key = TokenKey::derived(&Secret::new([1; 32]).unwrap());
        let claims = serde_json::json!({
            "sub": caller().user, "account": caller().account, "role": Role::Admin, "sid": caller().session,
            "exp": at(600).as_second(), "iss": ISSUER, "aud": AUDIENCE,
        });
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let header =
                Header { typ: Some(KIND.to_owned()), kid: Some(key.public().id()), ..Header::new(algorithm) };
            let public = key.public().to_string();
            let token = encode(&header, &claims, &EncodingKey::from_secret(public.as_bytes())).unwrap();
            assert_eq!(tokens(1).check(&token, at(0)), None);
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
