//! Promotions: no more bookings use one than it allows, and every discount has a use.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, PromotionId,
    booking::{self, BookingStatus},
    promotion::Event,
};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::findings::{Findings, Invariant};

/// All promotions, and the bookings that use one.
#[derive(Debug, Default)]
pub(super) struct Promotions {
    known: HashMap<PromotionId, Promotion>,
    bookings: HashMap<BookingId, Discounted>,
}

#[derive(Debug, Default)]
struct Promotion {
    uses_max: u32,
    /// The moment at which each use lapses; `None` for one that is kept.
    uses: HashMap<BookingId, Option<Timestamp>>,
    /// Uses that are not kept.
    lapses: BTreeSet<(Timestamp, BookingId)>,
}

/// A booking that was opened with a discount.
#[derive(Debug)]
struct Discounted {
    promotion: PromotionId,
    is_over: bool,
    position: u64,
    since: Timestamp,
}

impl Promotion {
    fn remove(&mut self, booking: BookingId) {
        if let Some(Some(until)) = self.uses.remove(&booking) {
            self.lapses.remove(&(until, booking));
        }
    }

    fn is_kept(&self, booking: BookingId) -> bool {
        self.uses.get(&booking) == Some(&None)
    }

    /// Returns the number of uses that have not lapsed.
    fn counted(&self, now: Timestamp) -> usize {
        let lapsed = self.lapses.iter().take_while(|(until, _)| *until <= now).count();
        self.uses.len() - lapsed
    }
}

impl Promotions {
    pub fn take_promotion(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let Ok(id) = recorded.id.parse::<PromotionId>() else { return };
        let (now, promotion) = (recorded.metadata.time, self.known.entry(id).or_default());
        let mut wrong = |detail| findings.violated(Invariant::UsesWithinLimit, recorded.position, detail);
        match event {
            Event::PromotionCreated { terms, .. } | Event::PromotionChanged { terms, .. } => {
                promotion.uses_max = terms.uses_max;
            }
            Event::UseTaken { booking, until, .. } => {
                promotion.remove(*booking);
                promotion.uses.insert(*booking, Some(*until));
                promotion.lapses.insert((*until, *booking));
                if promotion.counted(now) > promotion.uses_max as usize {
                    wrong(format!("promotion {id} is used more often than it allows"));
                }
            }
            Event::UseKept { booking } => {
                let is_theirs =
                    promotion.uses.get(booking).is_some_and(|until| until.is_some_and(|until| now < until));
                if !is_theirs {
                    wrong(format!("promotion {id} kept a use that booking {booking} did not have"));
                }
                promotion.remove(*booking);
                promotion.uses.insert(*booking, None);
            }
            Event::UseReturned { booking, kept: _ } => promotion.remove(*booking),
        }
    }

    pub fn take_booking(
        &mut self,
        recorded: &RecordedEvent,
        event: &booking::Event,
        findings: &mut Findings,
    ) {
        use booking::Event;
        match event {
            Event::BookingOpened { reservation, .. } => {
                let Some(promotion) = reservation.promotion else { return };
                let booking = reservation.booking;
                if !self.known.get(&promotion).is_some_and(|known| known.is_kept(booking)) {
                    let detail = format!("booking {booking} has a discount without a use of {promotion}");
                    findings.violated(Invariant::DiscountHasUse, recorded.position, detail);
                }
                let (position, since) = (recorded.position, recorded.metadata.time);
                self.bookings.insert(booking, Discounted { promotion, is_over: false, position, since });
            }
            Event::BookingExpired { booking }
            | Event::BookingCancelled { booking, .. }
            | Event::PaymentAttemptFailed {
                booking,
                status: BookingStatus::Expired | BookingStatus::Cancelled,
                ..
            } => {
                if let Some(known) = self.bookings.get_mut(booking)
                    && !known.is_over
                {
                    (known.position, known.since) = (recorded.position, recorded.metadata.time);
                    known.is_over = true;
                }
            }
            Event::BookingConfirmed { booking, .. } => {
                if self.bookings.get(booking).is_some_and(|known| known.is_over) {
                    let detail = format!("booking {booking} was confirmed after its discount had ended");
                    findings.violated(Invariant::DiscountHasUse, recorded.position, detail);
                }
            }
            Event::PaymentAttemptFailed { .. }
            | Event::PaymentAttemptStarted { .. }
            | Event::SeatsReturned { .. }
            | Event::ReturnRefunded { .. }
            | Event::BookingRefunded { .. }
            | Event::NoteAdded { .. }
            | Event::BuyerErased { .. }
            | Event::TicketShared { .. }
            | Event::ShareEnded { .. }
            | Event::MoveRequested { .. }
            | Event::BookingRescheduled { .. }
            | Event::MovePaid { .. }
            | Event::MoveRefused { .. }
            | Event::BookingMoved { .. }
            | Event::DiscountApplied { .. }
            | Event::DiscountRemoved { .. } => {}
        }
    }

    /// Checks that bookings have their uses, and that those that ended before `settled_before` have returned them.
    pub fn finish(&self, settled_before: Option<Timestamp>, findings: &mut Findings) {
        for (booking, Discounted { promotion, is_over, position, since }) in &self.bookings {
            let kept = self.known.get(promotion).is_some_and(|known| known.is_kept(*booking));
            let overdue = settled_before.is_some_and(|settled_before| *since < settled_before);
            let detail = match (is_over, kept) {
                (false, false) => format!("booking {booking} has a discount without a use of {promotion}"),
                (true, true) if overdue => format!("booking {booking} is over and still uses {promotion}"),
                (false | true, true) | (true, false) => continue,
            };
            findings.violated(Invariant::DiscountHasUse, *position, detail);
        }
    }
}
