//! Signed-in sessions, in the bucket `SESSIONS`. Only hashes of refresh tokens are stored, and each token is valid for one
//! rotation.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{AccountKey, UserId};
use uuid::Uuid;

use crate::{
    failure::Failure,
    kv::bucket::{Bucket, Entry, Written},
    server::connection::Connection,
    subjects::{SESSIONS, is_token},
};

/// Lifetime of a session without a refresh, after which the bucket removes it.
pub(crate) const LIFE_MAX: Duration = Duration::from_hours(30 * 24);
/// A spent token presented again within this time comes from another tab or a repeat, not from a thief.
const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// SHA-256 of a refresh token.
pub type TokenHash = [u8; 32];

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
    pub user_agent: Option<String>,
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
    fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Decides the outcome of a token presented at `now`, unless another rotation is written first.
    fn rotated(&self, shown: TokenHash, fresh: TokenHash, now: Timestamp) -> Rotation {
        if !self.is_valid(now) {
            return Rotation::Unknown;
        }
        if shown == self.token {
            let spent = Some((self.token, now));
            return Rotation::Rotated(Self { token: fresh, spent, used_at: now, ..self.clone() });
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

    /// Stores a new session.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored.
    pub async fn create(&self, session: &Session) -> Result<(), Failure> {
        self.0.replace(&key(&session.account, session.id), serialized(session)?, 0).await.map(drop)
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

    /// Exchanges the refresh token with hash `shown` for one with hash `fresh`.
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
        now: Timestamp,
    ) -> Result<Rotation, Failure> {
        loop {
            let Some((session, revision)) = self.find(account, id).await? else {
                return Ok(Rotation::Unknown);
            };
            let rotation = session.rotated(shown, fresh, now);
            match &rotation {
                Rotation::Rotated(rotated) => {
                    match self.0.replace(&key(account, id), serialized(rotated)?, revision).await? {
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

    /// Ends a session. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still be valid.
    pub async fn end(&self, account: &AccountKey, id: Uuid) -> Result<(), Failure> {
        self.0.remove(&key(account, id)).await
    }

    /// Ends all sessions of an account except `kept`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if some may still be valid.
    pub async fn end_all_but(&self, account: &AccountKey, kept: Option<Uuid>) -> Result<(), Failure> {
        for entry in self.0.list(&key(account, "*")).await? {
            if kept.is_none_or(|kept| entry.key != key(account, kept)) {
                self.0.remove(&entry.key).await?;
            }
        }
        Ok(())
    }

    async fn find(&self, account: &AccountKey, id: Uuid) -> Result<Option<(Session, u64)>, Failure> {
        if !is_token(&account.0) {
            return Ok(None);
        }
        let entry = self.0.get(&key(account, id)).await?;
        Ok(entry.and_then(|entry| read(&entry).map(|session| (session, entry.revision))))
    }
}

fn key(account: &AccountKey, id: impl std::fmt::Display) -> String {
    format!("{account}.{id}")
}

/// Parses an entry. An entry in an older format is ignored.
fn read(entry: &Entry) -> Option<Session> {
    serde_json::from_slice(&entry.value).ok()
}

fn serialized(session: &Session) -> Result<bytes::Bytes, Failure> {
    let bytes =
        serde_json::to_vec(session).map_err(|error| Failure::unreachable("writing a session", error))?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: TokenHash = [1; 32];
    const FRESH: TokenHash = [2; 32];

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
        assert!(matches!(rotated().rotated(FRESH, [3; 32], at(101)), Rotation::Rotated(_)));
    }

    #[test]
    fn a_spent_token_is_tolerated_for_ten_seconds() {
        assert_eq!(rotated().rotated(GOOD, [3; 32], at(110)), Rotation::JustSpent);
        let later = at(110) + SignedDuration::from_millis(1);
        assert_eq!(rotated().rotated(GOOD, [3; 32], later), Rotation::Stolen);
    }

    #[test]
    fn a_refresh_whose_answer_was_lost_gets_the_same_token_for_ten_seconds() {
        assert_eq!(rotated().rotated(GOOD, FRESH, at(110)), Rotation::Repeated);
        let later = at(110) + SignedDuration::from_millis(1);
        assert_eq!(rotated().rotated(GOOD, FRESH, later), Rotation::Stolen);
    }

    #[test]
    fn a_foreign_token_does_not_end_a_session() {
        assert_eq!(rotated().rotated([9; 32], [3; 32], at(200)), Rotation::Unknown);
    }

    #[test]
    fn a_session_expires_to_the_second() {
        assert!(matches!(session().rotated(GOOD, FRESH, at(999)), Rotation::Rotated(_)));
        assert_eq!(session().rotated(GOOD, FRESH, at(1_000)), Rotation::Unknown);
    }
}
