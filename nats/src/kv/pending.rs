//! Requests that wait for a person to prove that they read the mails to an address, in the bucket `REQUESTS`. A newer request
//! for an address replaces the one before, but not the count of wrong codes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{AccountKey, Fingerprint, Personal};
use uuid::Uuid;

use crate::{
    failure::Failure,
    kv::{
        bucket::{Bucket, Entry, Written},
        sessions::TokenHash,
    },
    server::connection::Connection,
    subjects::{REQUESTS, SESSIONS, is_token},
};

/// Maximum number of codes tried per request by the browser that asked, and by all other browsers together: a guess
/// succeeds with a probability of 5 in a million.
const TRIES_MAX: u32 = 5;
/// Time for which wrong codes of an account are counted together.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Opens an account.
    Registration,
    /// Signs in without a password.
    SignIn,
    /// Sets a second factor.
    SecondFactor,
}

/// A new account whose address is not verified yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Already normalised: trimmed and in lower case.
    pub email: Personal,
    /// Name of the person.
    pub name: Personal,
    /// Preferred city.
    pub city: Option<Personal>,
    /// PHC string of the password's argon2id hash.
    pub password_hash: Personal,
    /// Fingerprint of a request with an Idempotency-Key, without the password.
    pub fingerprint: Option<Fingerprint>,
}

/// A request that waits for its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRequest {
    /// The proof is computed from it. The id of the user, if an account is opened.
    pub nonce: Uuid,
    /// Moment from which no proof is accepted.
    pub expires_at: Timestamp,
    /// Codes tried so far by browsers that did not ask for one.
    pub tries: u32,
    /// Codes tried so far by the browser that asked, and by those that have signed in to the account before.
    #[serde(default)]
    pub own_tries: u32,
    /// Hash of the mark of the browser that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<TokenHash>,
    /// Codes tried for this and earlier requests. Kept by [`PendingRequests::put`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<CountedTries>,
    /// The new account, for a registration.
    pub registration: Option<Registration>,
}

impl PendingRequest {
    /// A request of which no code was tried yet.
    #[must_use]
    pub fn new(nonce: Uuid, expires_at: Timestamp, asked_by: Option<TokenHash>) -> Self {
        let (tries, own_tries, counted, registration) = (0, 0, None, None);
        Self { nonce, expires_at, tries, own_tries, asked_by, counted, registration }
    }

    /// Returns `true` if this browser asked for it.
    #[must_use]
    pub fn was_asked_by(&self, browser: Option<TokenHash>) -> bool {
        browser.is_some() && self.asked_by == browser
    }

    /// Counts a try at `now`. Returns `false` if the guesser has no more.
    fn count(&mut self, guesser: Guesser, tries_per_day: u32, now: Timestamp) -> bool {
        let is_own = guesser.is_known || self.was_asked_by(guesser.browser);
        let tries = if is_own { &mut self.own_tries } else { &mut self.tries };
        if *tries >= TRIES_MAX {
            return false;
        }
        if !guesser.is_known {
            let counted = self.counted.filter(|counted| now.duration_since(counted.since) < DAY);
            let CountedTries { since, tries } = counted.unwrap_or(CountedTries { since: now, tries: 0 });
            if tries >= tries_per_day {
                return false;
            }
            self.counted = Some(CountedTries { since, tries: tries + 1 });
        }
        *tries += 1;
        true
    }
}

/// Codes tried for the requests of an account by browsers that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedTries {
    /// Moment of the first.
    pub since: Timestamp,
    /// Number of them.
    pub tries: u32,
}

/// The browser that tries a code.
#[derive(Debug, Clone, Copy)]
pub struct Guesser {
    /// Hash of its mark.
    pub browser: Option<TokenHash>,
    /// It has signed in to the account before.
    pub is_known: bool,
}

impl Guesser {
    /// A browser that is signed in to the account.
    pub const SIGNED_IN: Self = Self { browser: None, is_known: true };
}

/// The pending requests of an installation.
#[derive(Debug, Clone)]
pub struct PendingRequests {
    connection: Connection,
    bucket: Bucket,
    /// Bucket of earlier versions, whose requests are still answered. Also used as long as there is no other.
    earlier: Bucket,
    is_provisioned: Arc<AtomicBool>,
    tries_per_day: u32,
}

impl PendingRequests {
    /// Creates an interface over `connection`. Browsers that an account does not know may try `tries_per_day` codes for it.
    #[must_use]
    pub fn new(connection: &Connection, tries_per_day: u32) -> Self {
        Self {
            connection: connection.clone(),
            bucket: Bucket::new(connection, REQUESTS),
            earlier: Bucket::new(connection, SESSIONS),
            is_provisioned: Arc::default(),
            tries_per_day,
        }
    }

    /// Stores a request in place of an earlier one for the same purpose, and keeps the count of its tries.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored.
    pub async fn put(
        &self,
        purpose: Purpose,
        account: &AccountKey,
        request: &PendingRequest,
    ) -> Result<(), Failure> {
        loop {
            let before = self.read(purpose, account).await?;
            let counted = before.as_ref().and_then(|before| before.request.counted);
            let request = serialized(&PendingRequest { counted, ..request.clone() })?;
            let Some(Stored { bucket, entry, .. }) = before else {
                return self.bucket().await?.put(&key(purpose, account), request).await;
            };
            if bucket.replace(&entry.key, request, entry.revision).await? == Written::Stored {
                return Ok(());
            }
        }
    }

    /// Returns the request that is pending at `now`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read.
    pub async fn get(
        &self,
        purpose: Purpose,
        account: &AccountKey,
        now: Timestamp,
    ) -> Result<Option<PendingRequest>, Failure> {
        Ok(self.find(purpose, account, now).await?.map(|stored| stored.request))
    }

    /// Counts a try of a code and returns the request, unless the guesser has no more tries.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read or written.
    pub async fn count_try(
        &self,
        purpose: Purpose,
        account: &AccountKey,
        guesser: Guesser,
        now: Timestamp,
    ) -> Result<Option<PendingRequest>, Failure> {
        while let Some(Stored { mut request, bucket, entry }) = self.find(purpose, account, now).await? {
            if !request.count(guesser, self.tries_per_day, now) {
                return Ok(None);
            }
            let written = bucket.replace(&entry.key, serialized(&request)?, entry.revision).await?;
            if written == Written::Stored {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }

    /// Forgets a request and the count of its tries. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still be pending.
    pub async fn remove(&self, purpose: Purpose, account: &AccountKey) -> Result<(), Failure> {
        while let Some(Stored { bucket, entry, .. }) = self.read(purpose, account).await? {
            bucket.remove(&entry.key).await?;
        }
        Ok(())
    }

    async fn find(
        &self,
        purpose: Purpose,
        account: &AccountKey,
        now: Timestamp,
    ) -> Result<Option<Stored<'_>>, Failure> {
        let found = self.read(purpose, account).await?;
        Ok(found.filter(|stored| now < stored.request.expires_at))
    }

    /// Returns the latest request, even if it has expired.
    async fn read(&self, purpose: Purpose, account: &AccountKey) -> Result<Option<Stored<'_>>, Failure> {
        if !is_token(&account.0) {
            return Ok(None);
        }
        let key = key(purpose, account);
        for bucket in [self.bucket().await?, &self.earlier] {
            if let Some(entry) = bucket.get(&key).await?
                && let Ok(request) = serde_json::from_slice(&entry.value)
            {
                return Ok(Some(Stored { request, bucket, entry }));
            }
        }
        Ok(None)
    }

    /// Bucket of new requests.
    async fn bucket(&self) -> Result<&Bucket, Failure> {
        if !self.is_provisioned.load(Ordering::Relaxed) {
            if !self.connection.has_stream(&format!("KV_{REQUESTS}")).await? {
                return Ok(&self.earlier);
            }
            self.is_provisioned.store(true, Ordering::Relaxed);
        }
        Ok(&self.bucket)
    }
}

/// A request where it was found.
struct Stored<'a> {
    request: PendingRequest,
    bucket: &'a Bucket,
    entry: Entry,
}

/// No session's key begins like this, in the bucket that earlier versions shared: sessions begin with the key of their account, in hex
/// digits.
fn key(purpose: Purpose, account: &AccountKey) -> String {
    match purpose {
        Purpose::Registration => format!("registration.{account}"),
        Purpose::SignIn => format!("sign-in.{account}"),
        Purpose::SecondFactor => format!("second-factor.{account}"),
    }
}

fn serialized(request: &PendingRequest) -> Result<Bytes, Failure> {
    let bytes = serde_json::to_vec(request);
    bytes.map(Bytes::from).map_err(|error| Failure::unreachable("writing a pending request", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Guesser = Guesser { browser: Some(TokenHash([1; 32])), is_known: false };
    const OTHER: Guesser = Guesser { browser: Some(TokenHash([2; 32])), is_known: false };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn request() -> PendingRequest {
        PendingRequest::new(Uuid::nil(), at(600), ASKED.browser)
    }

    fn tries(request: &mut PendingRequest, guesser: Guesser, now: Timestamp) -> usize {
        (0..100).take_while(|_| request.count(guesser, 12, now)).count()
    }

    #[test]
    fn the_tries_of_strangers_leave_those_of_the_browser_that_asked() {
        let mut request = request();
        assert_eq!(tries(&mut request, OTHER, at(0)), 5);
        assert_eq!(tries(&mut request, Guesser { browser: None, is_known: false }, at(0)), 0);
        assert_eq!(tries(&mut request, ASKED, at(0)), 5);
    }

    #[test]
    fn tries_for_an_account_are_counted_together_for_a_day() {
        let mut first = request();
        assert_eq!(tries(&mut first, ASKED, at(0)) + tries(&mut first, OTHER, at(0)), 10);
        let mut second = PendingRequest { counted: first.counted, ..request() };
        assert_eq!(tries(&mut second, OTHER, at(60)), 2);
        assert_eq!(tries(&mut second, Guesser { is_known: true, ..OTHER }, at(60)), 5, "its own are apart");
        let mut next_day = PendingRequest { counted: second.counted, ..request() };
        assert_eq!(tries(&mut next_day, ASKED, at(24 * 3_600 - 1)), 0);
        assert_eq!(tries(&mut next_day, ASKED, at(24 * 3_600)), 5);
    }

    #[test]
    fn a_request_of_an_earlier_version_is_still_read() {
        let stored = r#"{"nonce":"00000000-0000-0000-0000-000000000000","expires_at":"1970-01-01T00:10:00Z","tries":2,
            "registration":null}"#;
        let read: PendingRequest = serde_json::from_str(stored).unwrap();
        assert_eq!(read, PendingRequest { tries: 2, asked_by: None, ..request() });
        assert!(!read.was_asked_by(None));
    }
}
