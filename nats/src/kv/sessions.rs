//! Signed-in sessions, in the bucket `SESSIONS`: only hashes of refresh tokens are kept, and each is good for one rotation.

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

/// Longest life of a session without being refreshed: the bucket forgets older ones.
pub(crate) const LIFE_MAX: Duration = Duration::from_hours(30 * 24);
/// A spent token shown again within this time is another tab or a repeat, not a thief.
const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// SHA-256 of a refresh token.
pub type TokenHash = [u8; 32];

/// One browser of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// The account it belongs to.
    pub account: AccountKey,
    /// The account's user.
    pub user: UserId,
    /// The refresh token that is good now.
    pub token: TokenHash,
    /// The one before, and when it was spent.
    pub spent: Option<(TokenHash, Timestamp)>,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub used_at: Timestamp,
    /// When it ends by itself. Raised by nobody: sign in again.
    pub expires_at: Timestamp,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

/// What came of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, on the stack, and nearly always with its session"
)]
pub enum Rotation {
    /// It was good and is spent now: the session as it is from here on.
    Rotated(Session),
    /// It was spent a moment ago, by another tab or by a repeat of the same request. The session lives.
    JustSpent,
    /// There is no such session, it has expired, or this token was never its own.
    Unknown,
    /// It was spent long ago: two hold it, and one of them stole it. The session has been ended.
    Stolen,
}

impl Session {
    fn lives(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// What is to come of a token shown at `now`, if nobody else is faster.
    fn rotated(&self, shown: TokenHash, fresh: TokenHash, now: Timestamp) -> Rotation {
        if !self.lives(now) {
            return Rotation::Unknown;
        }
        if shown == self.token {
            let spent = Some((self.token, now));
            return Rotation::Rotated(Self { token: fresh, spent, used_at: now, ..self.clone() });
        }
        match self.spent {
            Some((spent, at)) if shown == spent && now.duration_since(at) <= GRACE => Rotation::JustSpent,
            Some((spent, _)) if shown == spent => Rotation::Stolen,
            Some(_) | None => Rotation::Unknown,
        }
    }
}

/// The sessions of an installation.
#[derive(Debug, Clone)]
pub struct Sessions(Bucket);

impl Sessions {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(Bucket::new(connection, SESSIONS))
    }

    /// Keeps a new session.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not be kept.
    pub async fn create(&self, session: &Session) -> Result<(), Failure> {
        self.0.replace(&key(&session.account, session.id), written(session)?, 0).await.map(drop)
    }

    /// A session, if it lives at `now`.
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
        Ok(found.map(|(session, _)| session).filter(|session| session.lives(now)))
    }

    /// All sessions of an account that live at `now`, oldest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(&self, account: &AccountKey, now: Timestamp) -> Result<Vec<Session>, Failure> {
        let entries = self.0.list(&key(account, "*")).await?;
        let mut sessions: Vec<Session> = entries.iter().filter_map(read).collect();
        sessions.retain(|session| session.lives(now));
        sessions.sort_by_key(|session| (session.created_at, session.id));
        Ok(sessions)
    }

    /// Spends the refresh token that hashes to `shown` for one that hashes to `fresh`.
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
                    match self.0.replace(&key(account, id), written(rotated)?, revision).await? {
                        Written::Stored => return Ok(rotation),
                        // Only another rotation or the end of the session can have come between: look again.
                        Written::Overtaken => {}
                    }
                }
                Rotation::Stolen => {
                    self.end(account, id).await?;
                    return Ok(rotation);
                }
                Rotation::JustSpent | Rotation::Unknown => return Ok(rotation),
            }
        }
    }

    /// Ends a session. Done already: nothing happens.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still live.
    pub async fn end(&self, account: &AccountKey, id: Uuid) -> Result<(), Failure> {
        self.0.remove(&key(account, id)).await
    }

    /// Ends all sessions of an account but `kept`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if some may still live.
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

/// An entry of an older form is no session any more.
fn read(entry: &Entry) -> Option<Session> {
    serde_json::from_slice(&entry.value).ok()
}

fn written(session: &Session) -> Result<bytes::Bytes, Failure> {
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
            other @ (Rotation::JustSpent | Rotation::Unknown | Rotation::Stolen) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_good_token_is_spent_for_a_fresh_one() {
        assert_eq!(rotated().token, FRESH);
        assert_eq!(rotated().used_at, at(100));
        assert!(matches!(rotated().rotated(FRESH, [3; 32], at(101)), Rotation::Rotated(_)));
    }

    #[test]
    fn a_spent_token_is_forgiven_for_ten_seconds() {
        assert_eq!(rotated().rotated(GOOD, [3; 32], at(110)), Rotation::JustSpent);
        let later = at(110) + SignedDuration::from_millis(1);
        assert_eq!(rotated().rotated(GOOD, [3; 32], later), Rotation::Stolen);
    }

    #[test]
    fn a_token_that_was_never_its_own_does_not_end_a_session() {
        assert_eq!(rotated().rotated([9; 32], [3; 32], at(200)), Rotation::Unknown);
    }

    #[test]
    fn a_session_ends_to_the_second() {
        assert!(matches!(session().rotated(GOOD, FRESH, at(999)), Rotation::Rotated(_)));
        assert_eq!(session().rotated(GOOD, FRESH, at(1_000)), Rotation::Unknown);
    }
}
