//! Requests that wait for a person to prove that they read the mails to an address, in the bucket `SESSIONS`. A newer request
//! for an address replaces the one before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{AccountKey, Fingerprint, Personal};
use uuid::Uuid;

use crate::{
    failure::Failure,
    kv::bucket::{Bucket, Entry, Written},
    server::connection::Connection,
    subjects::{SESSIONS, is_token},
};

/// Most codes tried per request: a guess succeeds with a probability of 5 in a million.
const TRIES_MAX: u32 = 5;

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
    /// Codes tried so far.
    pub tries: u32,
    /// The new account, for a registration.
    pub registration: Option<Registration>,
}

/// The pending requests of an installation.
#[derive(Debug, Clone)]
pub struct PendingRequests(Bucket);

impl PendingRequests {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(Bucket::new(connection, SESSIONS))
    }

    /// Stores a request in place of an earlier one for the same purpose.
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
        self.0.put(&key(purpose, account), serialized(request)?.into()).await
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
        Ok(self.find(purpose, account, now).await?.map(|(request, _)| request))
    }

    /// Counts a try of a code and returns the request, unless it has been tried too often.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be read or written.
    pub async fn count_try(
        &self,
        purpose: Purpose,
        account: &AccountKey,
        now: Timestamp,
    ) -> Result<Option<PendingRequest>, Failure> {
        while let Some((mut request, entry)) = self.find(purpose, account, now).await? {
            if request.tries >= TRIES_MAX {
                return Ok(None);
            }
            request.tries += 1;
            let written = self.0.replace(&entry.key, serialized(&request)?.into(), entry.revision).await?;
            if written == Written::Stored {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }

    /// Forgets a request. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still be pending.
    pub async fn remove(&self, purpose: Purpose, account: &AccountKey) -> Result<(), Failure> {
        self.0.remove(&key(purpose, account)).await
    }

    async fn find(
        &self,
        purpose: Purpose,
        account: &AccountKey,
        now: Timestamp,
    ) -> Result<Option<(PendingRequest, Entry)>, Failure> {
        if !is_token(&account.0) {
            return Ok(None);
        }
        let entry = self.0.get(&key(purpose, account)).await?;
        let found = entry.and_then(|entry| Some((serde_json::from_slice(&entry.value).ok()?, entry)));
        Ok(found.filter(|(request, _): &(PendingRequest, _)| now < request.expires_at))
    }
}

/// No session's key begins like this: sessions begin with the key of their account, in hex digits.
fn key(purpose: Purpose, account: &AccountKey) -> String {
    match purpose {
        Purpose::Registration => format!("registration.{account}"),
        Purpose::SignIn => format!("sign-in.{account}"),
        Purpose::SecondFactor => format!("second-factor.{account}"),
    }
}

fn serialized(request: &PendingRequest) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(request).map_err(|error| Failure::unreachable("writing a pending request", error))
}
