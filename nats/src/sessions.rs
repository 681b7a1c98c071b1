//! Signed-in sessions, in the bucket `SESSIONS`: only hashes of refresh tokens are kept, and each is good for one rotation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{AccountKey, UserId};
use uuid::Uuid;

use crate::{Connection, Failure};

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
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

/// What came of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The sessions of an installation.
#[derive(Debug, Clone)]
pub struct Sessions {
    _connection: Connection,
}

impl Sessions {
    /// Those of one connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { _connection: connection.clone() }
    }

    /// Keeps a new session.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not be kept.
    pub async fn create(&self, _session: &Session) -> Result<(), Failure> {
        unimplemented!()
    }

    /// A session, if it lives at `now`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn get(
        &self,
        _account: &AccountKey,
        _id: Uuid,
        _now: Timestamp,
    ) -> Result<Option<Session>, Failure> {
        unimplemented!()
    }

    /// All sessions of an account that live at `now`, oldest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] if they cannot be read.
    pub async fn list(&self, _account: &AccountKey, _now: Timestamp) -> Result<Vec<Session>, Failure> {
        unimplemented!()
    }

    /// Spends the refresh token that hashes to `shown` for one that hashes to `fresh`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the session cannot be read or written.
    pub async fn rotate(
        &self,
        _account: &AccountKey,
        _id: Uuid,
        _shown: TokenHash,
        _fresh: TokenHash,
        _now: Timestamp,
    ) -> Result<Rotation, Failure> {
        unimplemented!()
    }

    /// Ends a session. Done already: nothing happens.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still live.
    pub async fn end(&self, _account: &AccountKey, _id: Uuid) -> Result<(), Failure> {
        unimplemented!()
    }

    /// Ends all sessions of an account but `kept`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if some may still live.
    pub async fn end_all_but(&self, _account: &AccountKey, _kept: Option<Uuid>) -> Result<(), Failure> {
        unimplemented!()
    }
}
