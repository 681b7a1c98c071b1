//! New seats of a booking that moves, kept while its customer pays the difference at the provider's checkout.
//!
//! They are a block of the house with the id of the move: nobody else gets them, it ends by itself, and the move takes them out of it.
//! Until then the booking has its old seats, and only those.

use jiff::Timestamp;

use super::MovedSeats;
use crate::{
    Context, PaymentId, SeatIndex,
    screening::{Event, Refusal, Screening, Seat},
};

impl Screening {
    /// Keeps the new seats of a move until a moment. Refused as the move itself would be.
    pub(in crate::screening) fn keep_for_move(
        &self,
        moved: &MovedSeats,
        until: Timestamp,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.block(moved.id.0).is_some() {
            return Ok(Vec::new());
        }
        if until <= context.now {
            return Err(Refusal::HoldExpired);
        }
        let wanted = self.check_move(moved, &[], context)?;
        let is_own = |index: &SeatIndex| self.seat(*index).booking() == Some(moved.booking);
        let others: Vec<SeatIndex> = wanted.into_iter().filter(|index| !is_own(index)).collect();
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let mut events = self.make_free(&others, None, context.now)?;
        events.push(Event::SeatsBlocked {
            block: moved.id.0,
            seats: self.names(&others),
            reason: format!("Booking {} moves here once the difference is paid", moved.booking.reference()),
            release_at: Some(until),
            by: moved.customer,
            fingerprint: None,
            screen_block: None,
            awaited: Vec::new(),
        });
        Ok(events)
    }

    /// Puts the seats that were kept for a move on sale again.
    pub(in crate::screening) fn end_keeping(&self, id: PaymentId) -> Vec<Event> {
        let known = self.block(id.0).filter(|known| !known.is_over());
        known.map(|known| self.block_released(id.0, known, None)).into_iter().collect()
    }

    /// Returns the seats that are kept for a move.
    pub(in crate::screening) fn kept_for(&self, id: PaymentId) -> Vec<SeatIndex> {
        let is_kept = |index: &SeatIndex| self.seat(*index) == Seat::Blocked(id.0);
        self.block(id.0).map_or_else(Vec::new, |block| block.seats.iter().copied().filter(is_kept).collect())
    }
}
