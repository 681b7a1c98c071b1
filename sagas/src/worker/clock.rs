//! The source of time and of new ids for all sagas.

use jiff::Timestamp;
use ticketshow_nats::clock;
use uuid::Uuid;

/// A clock, chosen where the sagas are started. A reaction reads it once, when it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The system clock, cut to the millisecond.
    System,
    /// A clock that stands still.
    #[cfg(test)]
    Fixed(Timestamp),
}

impl Clock {
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => clock::now(),
            #[cfg(test)]
            Self::Fixed(now) => now,
        }
    }

    pub fn new_id(self) -> Uuid {
        match self {
            Self::System => clock::new_id(),
            #[cfg(test)]
            Self::Fixed(now) => Uuid::from_u128(now.as_nanosecond().unsigned_abs()),
        }
    }
}
