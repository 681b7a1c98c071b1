//! The keys of ticket codes: one to sign with, any number to verify with. After a key rotation, old tickets stay valid
//! as long as the old public key is trusted.

use std::{collections::HashMap, fmt, str::FromStr};

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use ticketshow_domain::{
    BookingId, ScreeningId, SeatName,
    booking::Ticket,
    hold::{PricedSeat, Reservation},
};

use crate::{CodeError, TicketFacts, base32, code};

const KEY_ID_BYTES: usize = 5;

/// Identifier of a key: the first 5 bytes of the SHA-256 of the public key, written as 8 base32 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; KEY_ID_BYTES]);

impl KeyId {
    fn of(key: &VerifyingKey) -> Self {
        let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        Self(std::array::from_fn(|index| hash[index]))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32::encode(&self.0))
    }
}

impl FromStr for KeyId {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        base32::decode(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NotAKey)
    }
}

/// Key to verify codes with. Not secret; written as 52 base32 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The 32 bytes of the key (RFC 8032).
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Identifier of this key in codes.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.0)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32::encode(self.0.as_bytes()))
    }
}

impl FromStr for PublicKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: [u8; 32] = base32::decode(text).and_then(|bytes| bytes.try_into().ok()).ok_or(NotAKey)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| NotAKey)
    }
}

/// A text that is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a ticket key")]
pub struct NotAKey;

/// Signs codes. Its holder can issue tickets.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    id: KeyId,
}

impl Signer {
    /// The signer of an installation. `secret` is the Ed25519 seed (RFC 8032), derived from the installation's secret
    /// for this purpose alone; the same secret always gives the same key.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(secret);
        let id = KeyId::of(&key.verifying_key());
        Self { key, id }
    }

    /// The public key, for a [`Verifier`].
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.key.verifying_key())
    }

    /// The tickets of a booking, in the order of its seats.
    #[must_use]
    pub fn tickets(&self, reservation: &Reservation) -> Vec<Ticket> {
        let ticket = |priced: &PricedSeat| Ticket {
            seat: priced.seat.clone(),
            code: self.sign(reservation.screening, reservation.booking, &priced.seat),
        };
        reservation.seats.iter().map(ticket).collect()
    }

    /// The code of one seat. The same ticket always gets the same code.
    #[must_use]
    pub fn sign(&self, screening: ScreeningId, booking: BookingId, seat: &SeatName) -> String {
        code::sign(&self.key, self.id, &TicketFacts { screening, booking, seat: seat.clone() })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Verifies codes with the trusted keys.
#[derive(Debug, Clone)]
pub struct Verifier(HashMap<KeyId, VerifyingKey>);

impl Verifier {
    /// A verifier that trusts these keys.
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self(keys.into_iter().map(|key| (key.id(), key.0)).collect())
    }

    /// Returns the facts in a code signed by a trusted key. The ticket may still be void or already used.
    ///
    /// # Errors
    ///
    /// [`CodeError`]: do not admit the bearer.
    pub fn verify(&self, code: &str) -> Result<TicketFacts, CodeError> {
        code::verify(code, |id| self.0.get(&id))
    }
}
