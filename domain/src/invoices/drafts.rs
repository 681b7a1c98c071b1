//! Documents that follow from the events of bookings.

use jiff::Timestamp;

use super::{DocumentKind, Draft, Line, Source, Tax};
use crate::{
    BookingId, Money, ScreeningId,
    booking::{self, opened::Opened},
    hold::PricedSeat,
    pricing::tax_shares,
    promise::Promise,
    seat_return::RefundWay,
};

/// Money of a booking that moved, and needs a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// Booking that it is about.
    pub booking: BookingId,
    /// Screening of the booking at that moment.
    pub screening: ScreeningId,
    kind: DocumentKind,
    amount: Money,
    /// `true` if the booking was paid as a whole.
    is_purchase: bool,
}

impl Cause {
    /// Returns the money that an event of a booking moved, if it did.
    #[must_use]
    pub fn of(event: &booking::Event) -> Option<Self> {
        let paid = |booking, screening, amount, is_purchase| Self {
            booking,
            screening,
            kind: DocumentKind::Invoice,
            amount,
            is_purchase,
        };
        let back = |booking, screening, amount| Self {
            booking,
            screening,
            kind: DocumentKind::CreditNote,
            amount,
            is_purchase: false,
        };
        let cause = match event {
            booking::Event::BookingConfirmed { booking, screening, amount, .. } => {
                Some(paid(*booking, *screening, *amount, true))
            }
            booking::Event::BookingCancelled { booking, screening, refund_due, .. } => {
                refund_due.map(|due| back(*booking, *screening, due.amount))
            }
            booking::Event::SeatsReturned { booking, screening, returned, due, .. } => {
                (returned.refund != RefundWay::None).then(|| back(*booking, *screening, due.amount))
            }
            booking::Event::BookingMoved { booking, moved, .. } => {
                let screening = moved.to.screening;
                moved
                    .to_pay
                    .map(|amount| paid(*booking, screening, amount, false))
                    .or_else(|| moved.refund_due().map(|due| back(*booking, screening, due.amount)))
            }
            booking::Event::BookingOpened { .. }
            | booking::Event::PaymentAttemptStarted { .. }
            | booking::Event::PaymentAttemptFailed { .. }
            | booking::Event::BookingExpired { .. }
            | booking::Event::ReturnRefunded { .. }
            | booking::Event::BookingRefunded { .. }
            | booking::Event::NoteAdded { .. }
            | booking::Event::BuyerErased { .. }
            | booking::Event::TicketShared { .. }
            | booking::Event::ShareEnded { .. }
            | booking::Event::MoveRequested { .. }
            | booking::Event::DiscountApplied { .. }
            | booking::Event::DiscountRemoved { .. }
            | booking::Event::MovePaid { .. }
            | booking::Event::MoveRefused { .. }
            | booking::Event::BookingRescheduled { .. } => None,
        };
        cause.filter(|cause| cause.amount.amount_minor > 0)
    }

    /// Returns the document for it. What is read from the booking never changes after its opening, so a later state does, too.
    #[must_use]
    pub fn draft(self, source: Source, at: Timestamp, opened: &Opened, promise: &Promise) -> Draft {
        let Self { booking, screening, kind, amount, is_purchase } = self;
        let reservation = &opened.reservation;
        let seats: &[PricedSeat] = if is_purchase { &reservation.seats } else { &[] };
        let line = |priced: &PricedSeat| Line {
            seat: priced.seat.clone(),
            ticket_type: priced.ticket_type.clone(),
            amount_minor: priced.net_minor(),
            discount_minor: priced.discount_minor,
        };
        let is_discounted = seats.iter().any(|priced| priced.discount_minor > 0);
        let tickets_minor: i64 = seats.iter().map(PricedSeat::net_minor).sum();
        let tax = tax_shares(amount.amount_minor, &reservation.charges.tax_rates);
        let tax = tax.into_iter().map(|share| Tax {
            name: share.rate.name.clone(),
            percent_hundredths: share.rate.percent_hundredths,
            amount_minor: share.amount_minor,
        });
        Draft {
            kind,
            source,
            booking,
            customer: reservation.customer,
            screening,
            at,
            day: at.to_zoned(promise.timezone.zone()).date(),
            show_title: promise.show_title.clone(),
            venue_name: promise.venue_name.clone(),
            lines: seats.iter().map(line).collect(),
            fees_minor: if is_purchase { amount.amount_minor - tickets_minor } else { 0 },
            amount,
            tax: tax.collect(),
            promotion: reservation.promotion.filter(|_| is_discounted),
        }
    }
}
