//! Changes of a screening that is on sale: other prices, another time, another screen. A calendar reserves the slot, the screening
//! decides, and each of its bookings follows.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Fingerprint, ScreenId, ScreeningId, UserId, promise::Promise};

/// New terms of a screening, as they were requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedChange {
    /// Identity of the change, which happens once; the same for a repeated request.
    pub id: Uuid,
    /// Number of changes before it: the change is refused if another one came first.
    pub number: u32,
    /// All terms, the unchanged ones included.
    pub promise: Arc<Promise>,
    /// User id of the member of staff.
    pub by: UserId,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
}

/// Time and place of a screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Screen it is scheduled on.
    pub screen: ScreenId,
    /// Name of the screen at that time.
    pub screen_name: String,
    /// Start of the screening.
    pub starts_at: Timestamp,
}

impl Placement {
    /// Returns the time and the place that a promise names.
    #[must_use]
    pub fn of(promise: &Promise) -> Self {
        let Promise { screen, screen_name, starts_at, .. } = promise;
        Self { screen: *screen, screen_name: screen_name.clone(), starts_at: *starts_at }
    }

    /// Returns `true` for the same start on the same screen, whatever its name.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.screen == other.screen && self.starts_at == other.starts_at
    }
}

/// A change of the time or the screen, as sent to a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescheduling {
    /// Identity of the change.
    pub change: Uuid,
    /// Screening that changed.
    pub screening: ScreeningId,
    /// Time and place before.
    pub before: Placement,
    /// Time and place from now on.
    pub after: Placement,
    /// Ordinary cut-off of cancellations by the customer.
    pub cancel_until: Timestamp,
    /// Until this moment the customer may cancel without charge, whatever the cut-off.
    pub free_until: Timestamp,
    /// `true` if the seats were paid, so the customer gets a mail.
    pub paid: bool,
}
