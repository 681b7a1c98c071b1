//! Ids. Created where a request arrives; no code reads order or time from them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Id of an aggregate: one token of a subject.
pub trait AggregateId: Clone + Eq + std::hash::Hash + fmt::Display + FromStr + Send + Sync + 'static {}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl AggregateId for $name {}
    )+};
}

uuid_ids! {
    /// A person with an account: customer, staff or administrator.
    UserId;
    /// A film or play.
    ShowId;
    /// A building with screens.
    VenueId;
    /// A room of a venue.
    ScreenId;
    /// One showing of a show.
    ScreeningId;
    /// One customer's seats on one screening.
    BookingId;
    /// One attempt to pay.
    PaymentId;
    /// One session of a seller's till.
    TillId;
    /// A code or another offer that lowers prices.
    PromotionId;
    /// The register of invoices.
    RegisterId;
}

/// Stream key of an account: HMAC-SHA256 of the normalised e-mail under the installation secret, 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountKey(pub String);

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountKey {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl AggregateId for AccountKey {}

/// Keyed hash of a request body, 32 hex digits. Distinguishes a repeated request from a reused Idempotency-Key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);
