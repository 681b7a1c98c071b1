//! A booking of a screening that got another time or screen: its customer may cancel without charge for some days.

use jiff::Timestamp;

use super::{BookingStatus, Event, Refusal, opened::Opened};
use crate::{hold::Reservation, rescheduling::Rescheduling};

impl Opened {
    /// Returns the moment until which the customer may cancel or move.
    #[must_use]
    pub fn customer_may_leave_until(&self) -> Timestamp {
        self.free_until.map_or(self.cancel_until, |free_until| free_until.max(self.cancel_until))
    }

    /// Returns `true` while the customer may cancel without charge because the house changed the time or the screen.
    pub(super) fn is_free_of_charge(&self, now: Timestamp) -> bool {
        self.free_until.is_some_and(|free_until| now < free_until)
    }

    /// Follows a change of its screening. Without effect on a booking that is over, or has moved to another screening.
    pub(super) fn follow(&self, rescheduling: &Rescheduling) -> Result<Vec<Event>, Refusal> {
        if self.rescheduled.contains(&rescheduling.change) {
            return Ok(Vec::new());
        }
        if rescheduling.screening != self.screening {
            let arrives =
                self.open_move().is_some_and(|wanted| wanted.to.screening == rescheduling.screening);
            return if arrives { Err(Refusal::MoveInProgress) } else { Ok(Vec::new()) };
        }
        match self.status {
            BookingStatus::Confirmed => {}
            // Its seats are sold: it is confirmed in a moment.
            BookingStatus::Held | BookingStatus::Paying if rescheduling.paid => {
                return Err(Refusal::NotConfirmed);
            }
            BookingStatus::Held | BookingStatus::Paying => {}
            BookingStatus::Expired | BookingStatus::Cancelled | BookingStatus::Refunded => {
                return Ok(Vec::new());
            }
        }
        let Reservation { booking, customer, .. } = self.reservation;
        Ok(vec![Event::BookingRescheduled { booking, customer, rescheduling: rescheduling.clone() }])
    }

    pub(super) fn note_rescheduling(&mut self, rescheduling: &Rescheduling) {
        let Rescheduling { change, cancel_until, free_until, .. } = rescheduling;
        (self.cancel_until, self.free_until) = (*cancel_until, Some(*free_until));
        self.rescheduled.push(*change);
    }
}
