//! The decision that starts a cascade, and its scope.

use jiff::Timestamp;
use ticketshow_domain::{ShowId, VenueId};
use uuid::Uuid;

/// A show or venue, with every screening that is scheduled for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Show(ShowId),
    Venue(VenueId),
}

/// A decision to call off screenings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub cascade: Uuid,
    pub reason: Option<String>,
    /// Screenings that had started by then go on.
    pub decided_at: Timestamp,
}
