//! Keys of persons, in the bucket `PERSONS`. Texts about a person are sealed with a key of that person wherever they are stored;
//! once the key is destroyed, nobody can read them, neither in the log nor in a later backup of it. The keys themselves are
//! stored wrapped by a key of the installation.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ticketshow_domain::{Personal, UserId};

use crate::{
    failure::Failure,
    key_ring::{AddressIndex, KeyRing, PersonKey, WrappingKeys},
    kv::bucket::{Bucket, Entry, Written},
    server::connection::Connection,
    subjects::PERSONS,
};

/// Life of a key whose person has no account yet: longer than any mail is deferred and any link is valid.
const PROVISIONAL: &str = "168h";
/// Attempts to create a key while another process does the same. If they all fail, the key was destroyed recently.
const TRIES: usize = 3;

/// A stored key.
#[derive(Serialize, Deserialize)]
struct Wrapped {
    /// Id of the wrapping key.
    by: String,
    /// The wrapped key in Base64.
    key: String,
    /// The person has an account, so the key stays until it is destroyed.
    lasting: bool,
}

/// The persons of an installation, and the texts sealed with their keys. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Persons {
    bucket: Bucket,
    ring: Arc<KeyRing>,
}

impl Persons {
    /// Creates an interface over `connection`. Without wrapping keys ([`Connection::with_wrapping_keys`]), texts are stored in clear,
    /// and sealed ones cannot be read.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { bucket: Bucket::new(connection, PERSONS), ring: Arc::clone(connection.key_ring()) }
    }

    /// Seals a text about a person with an account, and creates the key of a person who has none.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the key cannot be read or stored.
    pub async fn seal(&self, user: UserId, text: &str) -> Result<Personal, Failure> {
        let Some(wrapping) = &self.ring.wrapping else { return Ok(text.into()) };
        let key = match self.ring.find(user) {
            Some(key) => key,
            None => self.find_or_create(user, wrapping, true).await?,
        };
        Ok(Personal::sealed(user, &key.seal(user, text)))
    }

    /// Seals texts about a person without an account. The key disappears after a week, unless the person gets one
    /// ([`Persons::keep`]).
    ///
    /// # Errors
    ///
    /// [`Failure`] if the key cannot be read or stored.
    pub async fn seal_for_a_week<const N: usize>(
        &self,
        user: UserId,
        texts: [&str; N],
    ) -> Result<[Personal; N], Failure> {
        let Some(wrapping) = &self.ring.wrapping else { return Ok(texts.map(Into::into)) };
        // Always stored again, so that the week begins now.
        let key = self.find_or_create(user, wrapping, false).await?;
        Ok(texts.map(|text| Personal::sealed(user, &key.seal(user, text))))
    }

    /// Indexes that mails to an address may have, that of new ones first. None without wrapping keys.
    #[must_use]
    pub fn indexes(&self, address: &str) -> Vec<AddressIndex> {
        self.ring.wrapping.iter().flat_map(|keys| keys.indexes(address)).collect()
    }

    /// Keeps the key of a person who gets an account. Returns `false` if it no longer exists.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the key cannot be read or stored.
    pub async fn keep(&self, user: UserId) -> Result<bool, Failure> {
        let Some(wrapping) = &self.ring.wrapping else { return Ok(true) };
        match self.bucket.get(&user.to_string()).await? {
            Some(entry) => self.renew(user, &entry, wrapping, true).await.map(|key| key.is_some()),
            None => Ok(false),
        }
    }

    /// Returns a text in clear, or `None` if the key was destroyed.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the key cannot be read, [`Failure::Sealed`] if this process lacks the wrapping key.
    pub async fn unseal(&self, text: &Personal) -> Result<Option<String>, Failure> {
        let Some((user, sealed)) = text.seal() else { return Ok(Some(text.as_stored().to_owned())) };
        let key = match self.ring.find(user) {
            Some(key) => key,
            // From the leader: on a replica that lags, a new person would seem to be erased.
            None => match self.bucket.get(&user.to_string()).await? {
                Some(entry) => self.unwrapped(user, &read(&entry)?)?,
                None => return Ok(None),
            },
        };
        key.open(user, sealed).map(Some).ok_or(Failure::Sealed)
    }

    /// Returns a text in clear, or the word `erased`.
    ///
    /// # Errors
    ///
    /// As [`Persons::unseal`].
    pub async fn shown(&self, text: &Personal) -> Result<String, Failure> {
        Ok(self.unseal(text).await?.unwrap_or_else(|| Personal::ERASED.to_owned()))
    }

    /// Destroys the key of a person. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may still exist.
    pub async fn destroy(&self, user: UserId) -> Result<(), Failure> {
        self.bucket.remove(&user.to_string()).await?;
        self.ring.forget(user);
        Ok(())
    }

    /// Wraps all keys with the first wrapping key that are wrapped with another. Returns their number.
    ///
    /// # Errors
    ///
    /// [`Failure`] if some may still be wrapped with another key.
    pub async fn wrap_again(&self) -> Result<usize, Failure> {
        let Some(wrapping) = self.ring.wrapping.as_ref().filter(|keys| keys.are_several()) else {
            return Ok(0);
        };
        let mut count = 0;
        for entry in self.bucket.list("*").await? {
            let wrapped = read(&entry)?;
            let Some(user) = entry.key.parse().ok().filter(|_| wrapped.by != wrapping.id()) else { continue };
            let key = self.unwrapped(user, &wrapped)?;
            // One that changed meanwhile was wrapped with the first key, or was destroyed.
            self.store(user, key, wrapping, wrapped.lasting, entry.revision).await?;
            count += 1;
        }
        Ok(count)
    }

    async fn find_or_create(
        &self,
        user: UserId,
        wrapping: &WrappingKeys,
        lasting: bool,
    ) -> Result<PersonKey, Failure> {
        for _ in 0..TRIES {
            let stored = if let Some(entry) = self.bucket.get(&user.to_string()).await? {
                self.renew(user, &entry, wrapping, lasting).await?
            } else {
                let key = PersonKey::random();
                let written = self.store(user, key, wrapping, lasting, 0).await?;
                (written == Written::Stored).then_some(key)
            };
            if let Some(key) = stored {
                self.ring.note(user, key);
                return Ok(key);
            }
        }
        Err(Failure::Busy)
    }

    /// Gives a stored key its life. Returns `None` if another process changed it meanwhile.
    async fn renew(
        &self,
        user: UserId,
        entry: &Entry,
        wrapping: &WrappingKeys,
        lasting: bool,
    ) -> Result<Option<PersonKey>, Failure> {
        let wrapped = read(entry)?;
        let key = self.unwrapped(user, &wrapped)?;
        if wrapped.lasting {
            return Ok(Some(key));
        }
        let written = self.store(user, key, wrapping, lasting, entry.revision).await?;
        Ok((written == Written::Stored).then_some(key))
    }

    async fn store(
        &self,
        user: UserId,
        key: PersonKey,
        wrapping: &WrappingKeys,
        lasting: bool,
        revision: u64,
    ) -> Result<Written, Failure> {
        let wrapped = Wrapped { by: wrapping.id(), key: wrapping.wrap(user, &key), lasting };
        let value =
            serde_json::to_vec(&wrapped).map_err(|error| Failure::unreachable("storing a key", error))?;
        let life = (!lasting).then_some(PROVISIONAL);
        self.bucket.replace_for(&user.to_string(), value.into(), revision, life).await
    }

    fn unwrapped(&self, user: UserId, wrapped: &Wrapped) -> Result<PersonKey, Failure> {
        let wrapping = self.ring.wrapping.as_ref();
        let key = wrapping.and_then(|keys| keys.unwrap(user, &wrapped.by, &wrapped.key));
        let key = key.ok_or(Failure::Sealed)?;
        self.ring.note(user, key);
        Ok(key)
    }
}

fn read(entry: &Entry) -> Result<Wrapped, Failure> {
    serde_json::from_slice(&entry.value).map_err(|_| Failure::Sealed)
}
