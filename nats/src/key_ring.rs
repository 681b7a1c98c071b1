//! Keys of persons in memory, the keys of the installation that wrap them, and the cipher of both: ChaCha20-Poly1305.

use std::{
    collections::HashMap,
    fmt,
    sync::Mutex,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ticketshow_domain::UserId;
use uuid::Uuid;

use crate::sync::lock;

/// Time for which a key stays in memory: short, because other processes do not notice that it was destroyed.
const KNOWN: Duration = Duration::from_secs(10);
/// Keys in memory, 2 MB at most.
const KNOWN_MAX: usize = 10_000;
const KEY_BYTES: usize = 32;

/// Keyed hash of an e-mail address, by which mails to it are found. Only a holder of the wrapping key can compute it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressIndex(Uuid);

impl fmt::Display for AddressIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Keys of the installation that wrap those of persons. The first wraps, all unwrap.
#[derive(Clone)]
pub struct WrappingKeys(Vec<[u8; KEY_BYTES]>);

impl WrappingKeys {
    /// Uses these keys. `None` if there are none.
    #[must_use]
    pub fn new(keys: Vec<[u8; KEY_BYTES]>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// Returns `true` if there is a key besides the first.
    pub(crate) fn are_several(&self) -> bool {
        self.0.len() > 1
    }

    fn first(&self) -> &[u8; KEY_BYTES] {
        self.0.first().expect("the list is not empty")
    }

    fn find(&self, id: &str) -> Option<&[u8; KEY_BYTES]> {
        self.0.iter().find(|key| id_of(key) == id)
    }

    /// Id of the key that wraps.
    pub(crate) fn id(&self) -> String {
        id_of(self.first())
    }

    /// Index of an address under each of the keys, the first one first.
    pub(crate) fn indexes<'a>(&'a self, address: &'a str) -> impl Iterator<Item = AddressIndex> + 'a {
        self.0.iter().map(move |key| index_of(key, address))
    }

    /// Wraps the key of a person with the first key.
    pub(crate) fn wrap(&self, user: UserId, key: &PersonKey) -> String {
        encrypt(self.first(), user, &key.0)
    }

    /// Unwraps the key of a person. `None` if the key with this id is missing, or is not the right one.
    pub(crate) fn unwrap(&self, user: UserId, id: &str, wrapped: &str) -> Option<PersonKey> {
        decrypt(self.find(id)?, user, wrapped)?.try_into().ok().map(PersonKey)
    }
}

impl fmt::Debug for WrappingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappingKeys(…)")
    }
}

/// Id of a wrapping key, which does not reveal it.
fn id_of(key: &[u8; KEY_BYTES]) -> String {
    BASE64.encode(&Sha256::digest([b"ticketshow wrapping key ".as_slice(), key].concat())[..6])
}

/// Index of an address. Its key is derived, so that no key serves two ciphers.
fn index_of(key: &[u8; KEY_BYTES], address: &str) -> AddressIndex {
    let derived = Sha256::digest([b"ticketshow index of addresses ".as_slice(), key].concat());
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &derived), address.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&tag.as_ref()[..16]);
    AddressIndex(Uuid::from_bytes(bytes))
}

/// The key of one person.
#[derive(Clone, Copy)]
pub(crate) struct PersonKey([u8; KEY_BYTES]);

impl PersonKey {
    /// A new key.
    pub fn random() -> Self {
        Self(rand::random())
    }

    pub fn seal(&self, user: UserId, text: &str) -> String {
        encrypt(&self.0, user, text.as_bytes())
    }

    pub fn open(&self, user: UserId, sealed: &str) -> Option<String> {
        String::from_utf8(decrypt(&self.0, user, sealed)?).ok()
    }
}

/// The wrapping keys of a process, and the keys of persons that it used lately.
pub(crate) struct KeyRing {
    /// Without them, texts are stored in clear.
    pub wrapping: Option<WrappingKeys>,
    known: Mutex<HashMap<UserId, (PersonKey, Instant)>>,
}

impl KeyRing {
    pub fn new(wrapping: Option<WrappingKeys>) -> Self {
        Self { wrapping, known: Mutex::default() }
    }

    pub fn find(&self, user: UserId) -> Option<PersonKey> {
        let known = lock(&self.known);
        known.get(&user).filter(|(_, since)| since.elapsed() < KNOWN).map(|(key, _)| *key)
    }

    pub fn note(&self, user: UserId, key: PersonKey) {
        let mut known = lock(&self.known);
        if known.len() >= KNOWN_MAX {
            known.retain(|_, (_, since)| since.elapsed() < KNOWN);
        }
        if known.len() < KNOWN_MAX {
            known.insert(user, (key, Instant::now()));
        }
    }

    pub fn forget(&self, user: UserId) {
        lock(&self.known).remove(&user);
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing(…)")
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> LessSafeKey {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("ChaCha20 takes keys of 32 bytes");
    LessSafeKey::new(key)
}

/// Encrypts with a random nonce, which precedes the text. A key seals far fewer texts than the 2³² after which two nonces might be
/// the same. Bound to the user, so that a text cannot be moved to another person.
fn encrypt(key: &[u8; KEY_BYTES], user: UserId, text: &[u8]) -> String {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let mut sealed = text.to_vec();
    cipher(key)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(user.0.as_bytes()),
            &mut sealed,
        )
        .expect("a text is shorter than 256 GB");
    BASE64.encode([&nonce[..], &sealed].concat())
}

fn decrypt(key: &[u8; KEY_BYTES], user: UserId, encoded: &str) -> Option<Vec<u8>> {
    let sealed = BASE64.decode(encoded).ok()?;
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut text = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let text = cipher(key).open_in_place(nonce, Aad::from(user.0.as_bytes()), &mut text).ok()?;
    Some(text.to_vec())
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::Personal;

    use super::*;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[test]
    fn a_text_opens_with_its_key_and_for_its_person_only() {
        let sealed = encrypt(&[1; 32], user(1), b"Ada");
        assert_eq!(decrypt(&[1; 32], user(1), &sealed), Some(b"Ada".to_vec()));
        assert_eq!(decrypt(&[2; 32], user(1), &sealed), None);
        assert_eq!(decrypt(&[1; 32], user(2), &sealed), None);
        assert_ne!(encrypt(&[1; 32], user(1), b"Ada"), sealed, "a nonce of its own");
        for damaged in ["", "AAAA", &sealed[1..], &format!("{sealed}AAAA")] {
            assert_eq!(decrypt(&[1; 32], user(1), damaged), None);
        }
    }

    #[test]
    fn even_an_empty_text_is_recognised_as_sealed() {
        let sealed = Personal::sealed(user(1), &encrypt(&[1; 32], user(1), b""));
        assert_eq!(sealed.seal().map(|(user, _)| user), Some(user(1)));
    }

    #[test]
    fn a_wrapped_key_opens_with_the_key_that_wrapped_it() {
        let key = PersonKey::random();
        let [old, new] = [vec![[1; 32]], vec![[2; 32], [1; 32]]].map(|keys| WrappingKeys::new(keys).unwrap());
        let wrapped = old.wrap(user(1), &key);
        for keys in [&old, &new] {
            let unwrapped = keys.unwrap(user(1), &old.id(), &wrapped).unwrap();
            assert_eq!(unwrapped.open(user(1), &key.seal(user(1), "Ada")).as_deref(), Some("Ada"));
        }
        assert!(new.unwrap(user(2), &old.id(), &wrapped).is_none());
        assert!(old.unwrap(user(1), &new.id(), &wrapped).is_none());
    }

    #[test]
    fn a_forgotten_key_is_not_found() {
        let ring = KeyRing::new(None);
        ring.note(user(1), PersonKey::random());
        assert!(ring.find(user(1)).is_some());
        ring.forget(user(1));
        assert!(ring.find(user(1)).is_none());
    }

    #[test]
    fn a_wrapping_key_is_found_by_its_id_which_does_not_reveal_it() {
        let keys = WrappingKeys::new(vec![[1; 32], [2; 32]]).unwrap();
        assert_eq!(keys.find(&id_of(&[2; 32])), Some(&[2; 32]));
        assert_eq!(keys.find(&id_of(&[3; 32])), None);
        assert_eq!(id_of(&[1; 32]).len(), 8);
        assert!(WrappingKeys::new(Vec::new()).is_none());
    }

    #[test]
    fn an_address_has_one_index_per_key() {
        let [old, new] = [vec![[1; 32]], vec![[2; 32], [1; 32]]].map(|keys| WrappingKeys::new(keys).unwrap());
        let indexes = |keys: &WrappingKeys, address| keys.indexes(address).collect::<Vec<_>>();
        let [first, second] = [indexes(&old, "ada@example.org"), indexes(&new, "ada@example.org")];
        assert_eq!((first.len(), second.len()), (1, 2));
        assert_eq!(first[0], second[1]);
        assert_ne!(second[0], second[1]);
        assert_ne!(first, indexes(&old, "eve@example.org"));
    }
}
