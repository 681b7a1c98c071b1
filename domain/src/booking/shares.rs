//! Links that show one ticket of a booking, for a guest who has no account.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Booking, BookingStatus, Event, Refusal, Ticket};
use crate::{BookingId, Fingerprint, SeatName};

/// Most links of a booking, ended ones included: ten for each of ten seats. They are remembered, so that a repeated request makes
/// none again.
pub const SHARES_MAX: usize = 100;

/// A link that shows the ticket of one seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Seat of the ticket.
    pub seat: SeatName,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// `true` once the customer has ended it.
    pub ended: bool,
}

impl Booking {
    /// Returns the ticket that a link shows; `None` once the link was ended, the seat was given back or the booking was cancelled.
    #[must_use]
    pub fn shared_ticket(&self, share: Uuid) -> Option<&Ticket> {
        let opened = self.opened.as_ref().filter(|opened| opened.status == BookingStatus::Confirmed)?;
        let share = self.shares.get(&share).filter(|share| !share.ended)?;
        opened.tickets.iter().find(|ticket| ticket.seat == share.seat)
    }

    pub(super) fn share_ticket(
        &self,
        share: Uuid,
        seat: &SeatName,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(known) = self.shares.get(&share) {
            let same = known.seat == *seat && known.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let opened = self.opened.as_ref().ok_or(Refusal::NotFound)?;
        match opened.status {
            BookingStatus::Confirmed => {}
            BookingStatus::Cancelled | BookingStatus::Refunded => return Err(Refusal::BookingCancelled),
            BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired => {
                return Err(Refusal::NotConfirmed);
            }
        }
        if !opened.tickets.iter().any(|ticket| ticket.seat == *seat) {
            return Err(Refusal::UnknownSeat(seat.clone()));
        }
        if self.shares.len() >= SHARES_MAX {
            return Err(Refusal::TooManyShares { max: SHARES_MAX });
        }
        let (booking, seat) = (opened.reservation.booking, seat.clone());
        Ok(vec![Event::TicketShared { booking, share, seat, fingerprint: fingerprint.cloned() }])
    }

    pub(super) fn end_share(&self, booking: BookingId, share: Uuid) -> Result<Vec<Event>, Refusal> {
        let known = self.shares.get(&share).ok_or(Refusal::UnknownShare)?;
        if known.ended {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ShareEnded { booking, share, seat: known.seat.clone() }])
    }

    pub(super) fn note_share(&mut self, event: &Event) {
        if let Event::TicketShared { share, seat, fingerprint, .. } = event {
            let (seat, fingerprint) = (seat.clone(), fingerprint.clone());
            self.shares.insert(*share, Share { seat, fingerprint, ended: false });
        }
        if let Event::ShareEnded { share, .. } = event
            && let Some(known) = self.shares.get_mut(share)
        {
            known.ended = true;
        }
    }
}
