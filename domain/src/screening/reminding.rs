//! The reminder on the day, to each who has paid seats, some hours before the start. The timer of the screening's
//! holds triggers it, so that there is one timer per screening.

use jiff::{SignedDuration, Timestamp};

use super::{Claim, ClaimStatus, Event, Screening};
use crate::{BookingId, Context, Policy};

impl Screening {
    /// Returns the moment of the reminder, if it is still to come.
    #[must_use]
    pub fn next_reminder(&self, context: &Context) -> Option<Timestamp> {
        self.reminder_due(&context.policy).filter(|due| context.now < *due)
    }

    /// Returns the moment of the reminder; `None` without one, after it, or if the house changed the time or screen so late that everybody
    /// has read of it on the day.
    fn reminder_due(&self, policy: &Policy) -> Option<Timestamp> {
        let starts_at = self.promise.as_ref()?.starts_at;
        let is_off = !policy.sends_reminders() || self.cancelled.is_some();
        if is_off || self.reminded == Some(starts_at) {
            return None;
        }
        let due = starts_at.checked_sub(SignedDuration::from_secs(policy.reminder_seconds)).ok()?;
        Some(due).filter(|due| self.rescheduled_at.is_none_or(|at| at < *due))
    }

    /// Reminds customers who had their seats when the reminder was due, even if this runs late, but never after the start.
    pub(super) fn remind_guests(&self, context: &Context) -> Vec<Event> {
        let Context { now, policy } = context;
        let starts_at = self.promise.as_ref().map(|promise| promise.starts_at);
        let due = self.reminder_due(policy).filter(|due| due <= now);
        let (Some(starts_at), Some(due)) = (starts_at.filter(|starts_at| now < starts_at), due) else {
            return Vec::new();
        };
        let held_until = due.checked_add(SignedDuration::from_secs(policy.hold_seconds)).unwrap_or(due);
        let bookings = u32::try_from(self.guests_held_until(held_until).count()).unwrap_or(u32::MAX);
        if bookings == 0 {
            return Vec::new();
        }
        vec![Event::GuestsReminded { starts_at, held_until, bookings }]
    }

    /// Returns the bookings with paid seats whose first hold ended by `held_until`, and those that moved here.
    pub fn guests_held_until(&self, held_until: Timestamp) -> impl Iterator<Item = (BookingId, &Claim)> {
        self.active().filter(move |(_, claim)| {
            let is_meant = claim.reserved_until <= held_until || !claim.moves.is_empty();
            matches!(claim.status, ClaimStatus::Sold(_)) && is_meant
        })
    }
}
