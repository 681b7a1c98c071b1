//! A row of a booking, and the booking that is built from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{
    BookingId, Currency,
    booking::{CancelledBy, PaymentMethod},
    hold::PricedSeat,
    pricing::{CancellationRule, Charges, Terms, refund_minor},
    seat_return::RefundWay,
};
use ticketshow_http::{PosterAddresses, prices::Bill};
use uuid::Uuid;

use super::{
    BookedPayment, BookedRefund, BookedScreen, BookedScreening, BookedShow, BookedVenue, Booking,
    BookingStatus, Cancellation, CancellationMade, Customer, OpenMove, Rescheduled, ReturnedSeats,
    open_move::StoredMove,
    refund_parts::{RefundPart, StoredSource, parts},
};
use crate::{
    bookings::{booked_promotion::AppliedPromotion, booked_ticket::BookedTicket},
    machinery::{
        formatting::{LocalTime, Moment, money},
        word::Word,
    },
    money::payment::{PaymentStatus, RefundStatus},
};

/// Seats that were given back, as the table keeps them.
#[derive(Deserialize)]
struct Returned {
    id: Uuid,
    seats: Vec<String>,
    amount_minor: i64,
    by: CancelledBy,
    refund: RefundWay,
    reason: Option<String>,
    at: Timestamp,
    target: Option<PaymentMethod>,
}

/// A change of the screening, as the table keeps it.
#[derive(Deserialize)]
struct Before {
    change: Uuid,
    starts_at: Timestamp,
    screen: String,
    at: Timestamp,
}

/// A row of `select_bookings!`, with its show, screening, latest payment and refund.
#[derive(FromRow)]
pub struct Row {
    pub booking_id: Uuid,
    pub buyer_erased: bool,
    status: BookingStatus,
    seats: Vec<String>,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    held_until: Moment,
    payment_id: Option<Uuid>,
    payment_method: Option<Word<PaymentMethod>>,
    payment_status: Option<PaymentStatus>,
    checkout_url: Option<String>,
    /// Its payments, of a paid booking that moved: that which bought it first, then those of differences, the latest first.
    sources: Option<Json<Vec<StoredSource>>>,
    ticket_codes: Vec<String>,
    checked_in: i32,
    returns: Json<Vec<Returned>>,
    reschedulings: Json<Vec<Before>>,
    open_move: Option<Json<StoredMove>>,
    open_move_url: Option<String>,
    cancelled_by: Option<Word<CancelledBy>>,
    cancel_reason: Option<String>,
    refund_target: Option<Word<PaymentMethod>>,
    refund_status: Option<RefundStatus>,
    refund_minor: Option<i64>,
    refund_currency: Option<String>,
    pub created_at: Moment,
    customer_id: Uuid,
    email: Option<String>,
    customer_name: Option<String>,
    show_id: Uuid,
    show_title: String,
    poster_card: Option<String>,
    venue_id: Uuid,
    venue_name: String,
    address: Option<String>,
    city: String,
    screen_id: Uuid,
    screen_name: String,
    screening_id: Uuid,
    starts_at: Moment,
    ends_at: Moment,
    cancel_until: Moment,
    free_until: Option<Moment>,
    timezone: String,
    terms: Json<Terms>,
    lines: Option<Json<Vec<PricedSeat>>>,
    charges: Option<Json<Charges>>,
    promotion: Option<Json<AppliedPromotion>>,
    promotion_name: Option<String>,
    promotion_code: Option<String>,
    /// Levels of the rows of the seats, in a room with more than one.
    levels: Option<Json<BTreeMap<String, String>>>,
}

impl Row {
    fn tickets(&self) -> Vec<BookedTicket> {
        // The table keeps the codes of bookings that are no longer confirmed, but they are void.
        let codes: &[String] = if self.status == BookingStatus::Confirmed { &self.ticket_codes } else { &[] };
        BookedTicket::list(&self.seats, codes, self.levels.as_ref().map(|levels| &levels.0))
    }

    /// Takes the customer out of the row.
    pub fn customer(&mut self) -> Customer {
        Customer::new(self.customer_id, self.email.take(), self.customer_name.take())
    }

    fn payment(&self) -> Option<BookedPayment> {
        Some(BookedPayment {
            payment_id: self.payment_id?,
            method: self.payment_method?,
            status: self.payment_status?,
            checkout_url: self.checkout_url.clone(),
        })
    }

    fn refund(&self) -> Option<BookedRefund> {
        let currency = self.refund_currency.as_ref().and_then(|code| code.parse().ok());
        Some(BookedRefund {
            status: self.refund_status?,
            amount: money(self.refund_minor?, currency.unwrap_or(self.currency)),
            to: self.refund_target,
        })
    }

    fn returns(&self) -> Vec<ReturnedSeats> {
        let method = self.payment_method.map_or(PaymentMethod::Wallet, |Word(method)| method);
        let view = |returned: &Returned| {
            let amount = money(returned.amount_minor, self.currency);
            let status =
                if returned.target.is_some() { RefundStatus::Completed } else { RefundStatus::Requested };
            let refund = returned.refund.destination(method).map(|due| BookedRefund {
                status,
                amount,
                to: Some(Word(returned.target.unwrap_or(due))),
            });
            ReturnedSeats {
                return_id: returned.id,
                seats: returned.seats.clone(),
                amount,
                by: returned.by,
                reason: returned.reason.clone(),
                returned_at: LocalTime::new(Moment::from(returned.at), &self.timezone),
                refund,
            }
        };
        self.returns.iter().map(view).collect()
    }

    /// The prices of the seats that were not given back.
    fn lines(&self) -> Vec<PricedSeat> {
        let is_left = |line: &&PricedSeat| self.seats.contains(&line.seat.0);
        self.lines.iter().flat_map(|lines| lines.iter()).filter(is_left).cloned().collect()
    }

    fn reschedulings(&self) -> Vec<Rescheduled> {
        let time = |moment: Timestamp| LocalTime::new(Moment::from(moment), &self.timezone);
        let view = |before: &Before| Rescheduled {
            change_id: before.change,
            starts_at: time(before.starts_at),
            screen: before.screen.clone(),
            changed_at: time(before.at),
        };
        self.reschedulings.iter().map(view).collect()
    }

    fn cancellation(&self, now: Timestamp) -> Option<Cancellation> {
        let lines = self.lines();
        let is_free = self.free_until.is_some_and(|free_until| now < free_until.timestamp());
        let (fee_minor, refund_minor) = if is_free {
            (0, self.amount_minor)
        } else {
            let fee_minor = self.terms.cancellation.map_or(0, CancellationRule::fee_minor);
            let priced = (!lines.is_empty()).then(|| refund_minor(&lines, fee_minor));
            (fee_minor, priced.unwrap_or(self.amount_minor))
        };
        let sources: &[StoredSource] = self.sources.as_ref().map_or(&[], |Json(sources)| sources);
        let parts = parts(refund_minor, sources, self.currency);
        let terms = |possible, to, parts| Cancellation {
            possible,
            until: LocalTime::new(self.cancel_until, &self.timezone),
            refund: money(refund_minor, self.currency),
            fee: money(fee_minor, self.currency),
            to,
            parts,
        };
        match self.status {
            BookingStatus::Held | BookingStatus::Paying => Some(terms(true, None, Vec::new())),
            BookingStatus::Confirmed => {
                let possible = now < self.cancel_until.timestamp() && self.checked_in == 0;
                let to = parts.iter().find_map(RefundPart::destination).or(self.payment_method);
                Some(terms(possible, to, if parts.len() > 1 { parts } else { Vec::new() }))
            }
            BookingStatus::Expired | BookingStatus::Cancelled | BookingStatus::Refunded => None,
        }
    }
}

impl Booking {
    /// Builds the booking as of `now`, which decides if it can still be cancelled.
    pub fn new(row: Row, now: Timestamp, posters: &PosterAddresses) -> Self {
        let (payment, refund, cancellation) = (row.payment(), row.refund(), row.cancellation(now));
        let charges = row.charges.as_ref().map(|charges| charges.0.clone()).unwrap_or_default();
        let bill = Bill::new(row.lines(), &charges, row.currency);
        let (returns, reschedulings, tickets) = (row.returns(), row.reschedulings(), row.tickets());
        let reason = row.cancel_reason;
        let cancelled = row.cancelled_by.map(|by| CancellationMade { by, reason });
        Self {
            booking_id: row.booking_id,
            reference: BookingId(row.booking_id).reference(),
            status: row.status,
            show: BookedShow {
                show_id: row.show_id,
                title: row.show_title,
                poster_url: posters.of(row.poster_card.as_deref()),
            },
            venue: BookedVenue {
                venue_id: row.venue_id,
                name: row.venue_name,
                address: row.address,
                city: row.city,
            },
            screen: BookedScreen { screen_id: row.screen_id, name: row.screen_name },
            screening: BookedScreening {
                screening_id: row.screening_id,
                starts_at: LocalTime::new(row.starts_at, &row.timezone),
                ends_at: LocalTime::new(row.ends_at, &row.timezone),
                timezone: row.timezone,
            },
            tickets,
            seats: row.seats,
            lines: bill.lines,
            fees: bill.fees,
            discount: bill.discount,
            promotion: row.promotion.map(|Json(used)| used.named(row.promotion_name, row.promotion_code)),
            tax: bill.tax,
            amount: money(row.amount_minor, row.currency),
            held_until: row.held_until,
            payment,
            refund,
            returns,
            open_move: row.open_move.map(|Json(stored)| OpenMove::new(stored, row.open_move_url)),
            reschedulings,
            cancelled,
            cancellation,
            created_at: row.created_at,
        }
    }
}
