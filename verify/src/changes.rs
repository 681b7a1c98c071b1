//! Changes of the time or the screen: each booking that had paid seats then learns of it, unless it is over.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use ticketshow_domain::{BookingId, ScreeningId, booking, screening};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    findings::{Findings, Invariant},
    seats::Seats,
};

/// Changes that are not complete.
#[derive(Debug, Default)]
pub(super) struct Changes {
    open: HashMap<Uuid, Change>,
    /// Screenings of bookings that have moved.
    moved: HashMap<BookingId, ScreeningId>,
}

#[derive(Debug)]
struct Change {
    screening: Arc<str>,
    /// Bookings with paid seats that have not followed yet.
    left: HashSet<BookingId>,
    /// Position and time of the change.
    position: u64,
    since: Timestamp,
}

impl Changes {
    pub fn take_screening(
        &mut self,
        recorded: &RecordedEvent,
        event: &screening::Event,
        seats: &Seats,
        findings: &mut Findings,
    ) {
        if let screening::Event::ScreeningChanged { change, free_until: Some(_), bookings, .. } = event {
            let (position, since) = (recorded.position, recorded.metadata.time);
            let left: HashSet<BookingId> = seats.owners(&recorded.id).collect();
            if left.len() != usize::try_from(*bookings).unwrap_or(usize::MAX) {
                let detail = format!("change {change} counted {bookings} bookings of {}", left.len());
                findings.violated(Invariant::ChangeIsFollowed, position, detail);
            }
            let screening = Arc::clone(&recorded.id);
            self.open.insert(*change, Change { screening, left, position, since });
        }
        if let screening::Event::ChangeCompleted { change } = event {
            let Some(change) = self.open.remove(change) else { return };
            let still: HashSet<BookingId> = seats.owners(&change.screening).collect();
            let is_here = |booking: &&BookingId| {
                let elsewhere =
                    self.moved.get(booking).is_some_and(|there| there.to_string() != *change.screening);
                still.contains(booking) && !elsewhere
            };
            if let Some(booking) = change.left.iter().find(is_here) {
                let detail =
                    format!("booking {booking} did not follow a change of screening {}", change.screening);
                findings.violated(Invariant::ChangeIsFollowed, recorded.position, detail);
            }
        }
    }

    pub fn take_booking(&mut self, event: &booking::Event) {
        if let booking::Event::BookingMoved { booking, moved, .. } = event {
            self.moved.insert(*booking, moved.to.screening);
        }
        if let booking::Event::BookingRescheduled { booking, rescheduling, .. } = event
            && let Some(change) = self.open.get_mut(&rescheduling.change)
        {
            change.left.remove(booking);
        }
        if let booking::Event::BookingCancelled { booking, .. } = event {
            for change in self.open.values_mut() {
                change.left.remove(booking);
            }
        }
    }

    /// Checks that changes from before `settled_before` are complete.
    pub fn finish(&self, settled_before: Option<Timestamp>, findings: &mut Findings) {
        for (id, change) in &self.open {
            if settled_before.is_some_and(|settled_before| change.since < settled_before) {
                let detail = format!("change {id} of screening {} is not complete", change.screening);
                findings.violated(Invariant::ChangeIsFollowed, change.position, detail);
            }
        }
    }
}
