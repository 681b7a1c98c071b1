//! Signed-in sessions, in the bucket `SESSIONS`. Only hashes of refresh tokens are stored, and each token is valid for one
//! rotation.

use std::time::Duration;

use base64::{DecodeSliceError, Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{AccountKey, Personal, UserId};
use uuid::Uuid;

use crate::{
    failure::Failure,
    kv::bucket::{Bucket, Entry, Written},
    server::connection::Connection,
    subjects::{SESSIONS, is_token},
};

/// Lifetime of a session without a refresh, after which the bucket removes it.
pub(crate) const LIFE_MAX: Duration = Duration::from_hours(30 * 24);
/// Most sessions of an account; the one unused for longest ends when another begins.
const SESSIONS_MAX: usize = 20;
/// Bytes that a new entry reserves for its later spent token, rotations and confirmation: a full bucket refuses an entry that is longer than the one it
/// replaces.
const SPENT_BYTES: usize = 150;
/// Most refreshes of a session, after which the user signs in again: an older token is recognised by refreshing it until it
/// is the valid one.
const ROTATIONS_MAX: u32 = 10_000;
/// A spent token presented again within this time comes from another tab or a repeat, not from a thief.
const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// SHA-256 of a refresh token. Stored in Base64; an earlier version stored a list of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredHash", into = "String")]
pub struct TokenHash(pub [u8; 32]);

#[derive(Deserialize)]
#[serde(untagged)]
enum StoredHash {
    Base64(String),
    Numbers([u8; 32]),
}

impl TryFrom<StoredHash> for TokenHash {
    type Error = DecodeSliceError;

    fn try_from(stored: StoredHash) -> Result<Self, Self::Error> {
        match stored {
            StoredHash::Base64(text) => {
                let mut hash = [0; 32];
                BASE64.decode_slice(text, &mut hash)?;
                Ok(Self(hash))
            }
            StoredHash::Numbers(hash) => Ok(Self(hash)),
        }
    }
}

impl From<TokenHash> for String {
    fn from(TokenHash(hash): TokenHash) -> Self {
        BASE64.encode(hash)
    }
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Id of the session.
    pub id: Uuid,
    /// Account it belongs to.
    pub account: AccountKey,
    /// User of the account.
    pub user: UserId,
    /// Hash of the valid refresh token.
    pub token: TokenHash,
    /// Hash of the previous token, and the moment it was spent.
    pub spent: Option<(TokenHash, Timestamp)>,
    /// Moment of signing in.
    pub created_at: Timestamp,
    /// Moment of the last refresh.
    pub used_at: Timestamp,
    /// Moment at which the session expires. Never extended: the user signs in again.
    pub expires_at: Timestamp,
    /// User agent of the browser.
    pub user_agent: Option<Personal>,
    /// Digest of the password hash for which the session is valid. A session of an earlier version has none until its next
    /// rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Moment at which the person last proved who they are, after signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Rotations so far, not counting those by an earlier version.
    #[serde(default)]
    pub rotations: u32,
}

/// Outcome of presenting a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "short-lived on the stack, and nearly always with its session")]
pub enum Rotation {
    /// The token was valid and is spent now. Contains the updated session.
    Rotated(Session),
    /// The token was spent a moment ago for the same fresh one, by another tab or a repeat of the same request.
    Repeated,
    /// The token was spent a moment ago for another fresh one. The session stays valid.
    JustSpent,
    /// The session does not exist or has expired, or the token never belonged to it.
    Unknown,
    /// The token was spent long ago, so two clients hold it and one stole it. The session has been ended.
    Stolen,
}

impl Session {
    /// Returns the moment at which the person last proved who they are.
    #[must_use]
    pub fn proved_at(&self) -> Timestamp {
        self.confirmed_at.unwrap_or(self.created_at)
    }

    fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.rotations < ROTATIONS_MAX
    }

    /// Decides the outcome of a token presented at `now`, unless another rotation is written first.
    fn rotated(&self, shown: TokenHash, fresh: TokenHash, now: Timestamp) -> Rotation {
        if !self.is_valid(now) {
            return Rotation::Unknown;
        }
        if shown == self.token {
            let (spent, rotations) = (Some((self.token, now)), self.rotations + 1);
            return Rotation::Rotated(Self { token: fresh, spent, used_at: now, rotations, ..self.clone() });
        }
        match self.spent {
            Some((spent, at)) if shown == spent && now.duration_since(at) <= GRACE => {
                if fresh == self.token {
                    Rotation::Repeated
                } else {
                    Rotation::JustSpent
                }
            }
            Some((spent, _)) if shown == spent => Rotation::Stolen,
            Some(_) | None => Rotation::Unknown,
        }
    }
}

/// Sessions of an installation.
#[derive(Debug, Clone)]
pub struct Sessions(Bucket);

impl Sessions {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(Bucket::new(connection, SESSIONS))
    }

    /// Stores a new session, and ends the ones unused for longest if the account has more than 20.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored.
    pub async fn create(&self, session: &Session) -> Result<(), Failure> {
        let entry = serialized(session, 0)?;
        let reserved = entry.len() + SPENT_BYTES;
        self.0.replace(&key(&session.account, session.id), serialized(session, reserved)?, 0).await?;
        self.end_surplus(&session.account, session.used_at).await
    }

    async fn end_surplus(&self, account: &AccountKey, now: Timestamp) -> Result<(), Failure> {
        let mut sessions = self.list(account, now).await?;
        sessions.sort_by_key(|session| (session.used_at, session.id));
        let surplus = sessions.len().saturating_sub(SESSIONS_MAX);
        for session in &sessions[..surplus] {
            self.end(account, session.id).await?;
        }
        Ok(())
    }

    /// Returns a session that is valid at `now`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn get(
        &self,
        account: &AccountKey,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Option<Session>, Failure> {
        let found = self.find(account, id).await?;
        Ok(found.map(|(session, _)| session).filter(|session| session.is_valid(now)))
    }

    /// Lists the sessions of an account that are valid at `now`, oldest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(&self, account: &AccountKey, now: Timestamp) -> Result<Vec<Session>, Failure> {
        let entries = self.0.list(&key(account, "*")).await?;
        let mut sessions: Vec<Session> = entries.iter().filter_map(read).collect();
        sessions.retain(|session| session.is_valid(now));
        sessions.sort_by_key(|session| (session.created_at, session.id));
        Ok(sessions)
    }

    /// Exchanges the refresh token with hash `shown` for one with hash `fresh`. A session of an earlier version becomes bound to
    /// `password`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the session cannot be read or written.
    pub async fn rotate(
        &self,
        account: &AccountKey,
        id: Uuid,
        shown: TokenHash,
        fresh: TokenHash,
        password: &str,
        now: Timestamp,
    ) -> Result<Rotation, Failure> {
        loop {
            let Some((session, entry)) = self.find(account, id).await? else {
                return Ok(Rotation::Unknown);
            };
            let mut rotation = session.rotated(shown, fresh, now);
            match &mut rotation {
                Rotation::Rotated(rotated) => {
                    rotated.password.get_or_insert_with(|| password.to_owned());
                    let value = serialized(rotated, entry.value.len())?;
                    match self.0.replace(&entry.key, value, entry.revision).await? {
                        Written::Stored => return Ok(rotation),
                        // Another rotation or the end of the session was first: read again.
                        Written::Overtaken => {}
                    }
                }
                Rotation::Stolen => {
                    self.end(account, id).await?;
                    return Ok(rotation);
                }
                Rotation::Repeated | Rotation::JustSpent | Rotation::Unknown => return Ok(rotation),
            }
        }
    }

    /// Keeps a session valid after its account's password has changed.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the session cannot be read or written.
    pub async fn bind(&self, account: &AccountKey, id: Uuid, password: &str) -> Result<(), Failure> {
        self.change(account, id, |session| session.password = Some(password.to_owned())).await
    }

    /// Notes that the person has proved at `now` who they are.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the session cannot be read or written.
    pub async fn confirm(&self, account: &AccountKey, id: Uuid, now: Timestamp) -> Result<(), Failure> {
        self.change(account, id, |session| session.confirmed_at = Some(now)).await
    }

    async fn change(
        &self,
        account: &AccountKey,
        id: Uuid,
        change: impl Fn(&mut Session),
    ) -> Result<(), Failure> {
        while let Some((mut session, entry)) = self.find(account, id).await? {
            change(&mut session);
            let value = serialized(&session, entry.value.len())?;
            if self.0.replace(&entry.key, value, entry.revision).await? == Written::Stored {
                break;
            }
        }
        Ok(())
    }

    /// Ends a session. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still be valid.
    pub async fn end(&self, account: &AccountKey, id: Uuid) -> Result<(), Failure> {
        self.0.remove(&key(account, id)).await
    }

    /// Ends all sessions of an account except `kept`, and returns their ids.
    ///
    /// # Errors
    ///
    /// [`Failure`] if some may still be valid.
    pub async fn end_all_but(&self, account: &AccountKey, kept: Option<Uuid>) -> Result<Vec<Uuid>, Failure> {
        let mut ended = Vec::new();
        for entry in self.0.list(&key(account, "*")).await? {
            if kept.is_none_or(|kept| entry.key != key(account, kept)) {
                self.0.remove(&entry.key).await?;
                ended.extend(entry.key.rsplit_once('.').and_then(|(_, id)| id.parse::<Uuid>().ok()));
            }
        }
        Ok(ended)
    }

    pub(super) fn bucket(&self) -> &Bucket {
        &self.0
    }

    async fn find(&self, account: &AccountKey, id: Uuid) -> Result<Option<(Session, Entry)>, Failure> {
        if !is_token(&account.0) {
            return Ok(None);
        }
        let entry = self.0.get(&key(account, id)).await?;
        Ok(entry.and_then(|entry| read(&entry).map(|session| (session, entry))))
    }
}

fn key(account: &AccountKey, id: impl std::fmt::Display) -> String {
    format!("{account}.{id}")
}

/// Parses an entry. An entry in an unknown format is ignored.
fn read(entry: &Entry) -> Option<Session> {
    serde_json::from_slice(&entry.value).ok()
}

/// Serialises a session, with spaces at the end up to `bytes_min`.
fn serialized(session: &Session, bytes_min: usize) -> Result<Bytes, Failure> {
    let mut bytes =
        serde_json::to_vec(session).map_err(|error| Failure::unreachable("writing a session", error))?;
    bytes.resize(bytes.len().max(bytes_min), b' ');
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: TokenHash = TokenHash([1; 32]);
    const FRESH: TokenHash = TokenHash([2; 32]);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn session() -> Session {
        Session {
            id: Uuid::nil(),
            account: AccountKey("0123".into()),
            user: UserId(Uuid::nil()),
            token: GOOD,
            spent: None,
            created_at: at(0),
            used_at: at(0),
            expires_at: at(1_000),
            user_agent: None,
            password: None,
            confirmed_at: None,
            rotations: 0,
        }
    }

    fn rotated() -> Session {
        match session().rotated(GOOD, FRESH, at(100)) {
            Rotation::Rotated(session) => session,
            other @ (Rotation::Repeated | Rotation::JustSpent | Rotation::Unknown | Rotation::Stolen) => {
                panic!("{other:?}")
            }
        }
    }

    #[test]
    fn a_valid_token_is_exchanged_for_a_fresh_one() {
        assert_eq!(rotated().token, FRESH);
        assert_eq!(rotated().used_at, at(100));
        assert!(matches!(rotated().rotated(FRESH, TokenHash([3; 32]), at(101)), Rotation::Rotated(_)));
    }

    #[test]
    fn a_spent_token_is_tolerated_for_ten_seconds() {
        assert_eq!(rotated().rotated(GOOD, TokenHash([3; 32]), at(110)), Rotation::JustSpent);
        let later = at(110) + SignedDuration::from_millis(1);
        assert_eq!(rotated().rotated(GOOD, TokenHash([3; 32]), later), Rotation::Stolen);
    }

    #[test]
    fn a_refresh_whose_answer_was_lost_gets_the_same_token_for_ten_seconds() {
        assert_eq!(rotated().rotated(GOOD, FRESH, at(110)), Rotation::Repeated);
        let later = at(110) + SignedDuration::from_millis(1);
        assert_eq!(rotated().rotated(GOOD, FRESH, later), Rotation::Stolen);
    }

    #[test]
    fn a_foreign_token_does_not_end_a_session() {
        assert_eq!(rotated().rotated(TokenHash([9; 32]), TokenHash([3; 32]), at(200)), Rotation::Unknown);
    }

    #[test]
    fn a_session_expires_to_the_second() {
        assert!(matches!(session().rotated(GOOD, FRESH, at(999)), Rotation::Rotated(_)));
        assert_eq!(session().rotated(GOOD, FRESH, at(1_000)), Rotation::Unknown);
    }

    #[test]
    fn a_session_ends_after_its_last_rotation() {
        let last = Session { rotations: ROTATIONS_MAX - 1, ..session() };
        let Rotation::Rotated(worn) = last.rotated(GOOD, FRESH, at(100)) else { panic!("rotated") };
        assert_eq!(worn.rotated(FRESH, TokenHash([3; 32]), at(101)), Rotation::Unknown);
    }

    #[test]
    fn an_entry_of_an_earlier_version_is_still_read() {
        let numbers = format!("[{}]", ["1"; 32].join(","));
        let spent = format!("[{},\"1970-01-01T00:00:00Z\"]", numbers.replace('1', "2"));
        let stored = format!(
            r#"{{"id":"00000000-0000-0000-0000-000000000000","account":"0123",
                "user":"00000000-0000-0000-0000-000000000000","token":{numbers},"spent":{spent},
                "created_at":"1970-01-01T00:00:00Z","used_at":"1970-01-01T00:00:00Z",
                "expires_at":"1970-01-01T00:16:40Z","user_agent":null}}"#
        );

        let session = Session { spent: Some((FRESH, at(0))), ..session() };
        assert_eq!(serde_json::from_str::<Session>(&stored).unwrap(), session);
        let compact = serialized(&session, 0).unwrap();
        assert!(compact.len() < stored.len());
        assert_eq!(serde_json::from_slice::<Session>(&compact).unwrap(), session);
    }

    #[test]
    fn a_new_entry_has_room_for_its_spent_token() {
        let whole = serialized(&session(), 0).unwrap().len();
        let fine = at(100) + SignedDuration::from_millis(123);
        let rotated = Session {
            spent: Some((GOOD, fine)),
            used_at: fine,
            confirmed_at: Some(fine),
            rotations: ROTATIONS_MAX,
            ..session()
        };
        assert!(serialized(&rotated, 0).unwrap().len() <= whole + SPENT_BYTES);
    }
}
