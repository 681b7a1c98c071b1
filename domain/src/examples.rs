//! Examples for tests, in every crate: ids, moments, amounts, a layout, a promise, and an aggregate with a history.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    BookingId, Context, Currency, Decider, Fingerprint, Flaws, Layout, Money, PaymentId, Policy, Row,
    ScreenId, ScreeningId, SeatName, ShowId, UserId, VenueId,
    hold::PricedSeat,
    pricing::{Charges, Quote, Terms, TicketType, WantedSeat},
    promise::{Offer, Promise},
};

/// An aggregate with a history.
#[derive(Debug)]
pub struct Given<A>(pub A);

impl<A: Decider> Given<A> {
    /// Applies the events of `history`, oldest first.
    #[must_use]
    pub fn new(history: &[A::Event]) -> Self {
        let mut state = A::default();
        for event in history {
            state.evolve(event);
        }
        Self(state)
    }

    /// Decides `command` at `now` under the default policy.
    ///
    /// # Errors
    ///
    /// The aggregate's refusal.
    #[expect(clippy::needless_pass_by_value, reason = "a test writes the command where it is decided")]
    pub fn decide(&self, command: A::Command, now: Timestamp) -> Result<Vec<A::Event>, A::Refusal> {
        self.0.decide(&command, &context(now))
    }
}

/// Decides `command` at `now` under the default policy, applies its events and returns them.
///
/// # Errors
///
/// The aggregate's refusal.
pub fn execute<A: Decider>(
    state: &mut A,
    command: &A::Command,
    now: Timestamp,
) -> Result<Vec<A::Event>, A::Refusal> {
    let events = state.decide(command, &context(now))?;
    for event in &events {
        state.evolve(event);
    }
    Ok(events)
}

/// Context of a decision at `now` under the default policy.
#[must_use]
pub fn context(now: Timestamp) -> Context {
    Context { now, policy: Policy::default() }
}

/// A moment this many seconds after 1 January 2026, 00:00 UTC.
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::constant(1_767_225_600, 0) + SignedDuration::from_secs(seconds)
}

/// A UUID with the value `n`.
#[must_use]
pub fn uuid(n: u8) -> Uuid {
    Uuid::from_u128(n.into())
}

/// User number `n`.
#[must_use]
pub fn user(n: u8) -> UserId {
    UserId(uuid(n))
}

/// Booking number `n`.
#[must_use]
pub fn booking(n: u8) -> BookingId {
    BookingId(uuid(n))
}

/// Payment number `n`.
#[must_use]
pub fn payment(n: u8) -> PaymentId {
    PaymentId(uuid(n))
}

/// Screening number `n`.
#[must_use]
pub fn screening(n: u8) -> ScreeningId {
    ScreeningId(uuid(n))
}

/// The show of [`promise`].
#[must_use]
pub fn show() -> ShowId {
    ShowId(uuid(201))
}

/// The venue of [`promise`].
#[must_use]
pub fn venue() -> VenueId {
    VenueId(uuid(202))
}

/// The screen of [`promise`].
#[must_use]
pub fn screen() -> ScreenId {
    ScreenId(uuid(203))
}

/// Whole rupees; an amount in minor units is a hundred times as many paise.
#[must_use]
pub fn rupees(amount: i64) -> Money {
    inr(amount * 100)
}

/// An amount in paise.
#[must_use]
pub fn inr(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::INR }
}

/// A stand-in for the keyed hash of the request body `text`.
#[must_use]
pub fn fingerprint(text: &str) -> Fingerprint {
    Fingerprint(text.to_owned())
}

/// Seats by name.
#[must_use]
pub fn seats(names: &[&str]) -> Vec<SeatName> {
    names.iter().map(|name| SeatName((*name).to_owned())).collect()
}

/// Seats by name, as a customer wants to book them.
#[must_use]
pub fn wanted(names: &[&str]) -> Vec<WantedSeat> {
    seats(names).into_iter().map(Into::into).collect()
}

/// A standard seat of the category gold.
#[must_use]
pub fn gold(seat: &str, price_minor: i64) -> PricedSeat {
    let (seat, category) = (SeatName(seat.to_owned()), "gold".to_owned());
    PricedSeat { seat, category, price_minor, ticket_type: TicketType::default(), discount_minor: 0 }
}

/// Prices of seats of [`promise`]: 300 rupees in row A, which is gold, and 200 elsewhere.
#[must_use]
pub fn quoted(names: &[&str]) -> Quote {
    let line = |seat: SeatName| {
        let (category, price_minor) =
            if seat.0.starts_with('A') { ("gold", 30_000) } else { ("silver", 20_000) };
        let (category, ticket_type, discount_minor) = (category.to_owned(), TicketType::default(), 0);
        PricedSeat { seat, category, price_minor, ticket_type, discount_minor }
    };
    Quote { lines: seats(names).into_iter().map(line).collect(), charges: Charges::default() }
}

/// A row without aisles and wheelchair spaces.
#[must_use]
pub fn row(label: &str, category: &str, seats: u16) -> Row {
    let (label, category) = (label.to_owned(), category.to_owned());
    Row { label, category, seats, ..Row::default() }
}

/// Two rows of `seats` each: A is gold, B is silver.
#[must_use]
pub fn layout(seats: u16) -> Layout {
    Layout { rows: vec![row("A", "gold", seats), row("B", "silver", seats)] }
}

/// A promise of a screening in Mumbai that starts one day after [`at`]`(0)` and takes two and a half hours: 12 gold seats
/// for 300 rupees each and 12 silver seats for 200, cancellation until two hours before the start.
///
/// # Panics
///
/// Never: its time zone is in the IANA database.
#[must_use]
pub fn promise() -> Promise {
    const START: i64 = 86_400;
    Promise {
        show: show(),
        show_title: "Dune".to_owned(),
        venue: venue(),
        venue_name: "Regal".to_owned(),
        city: "Mumbai".to_owned(),
        timezone: "Asia/Kolkata".parse().expect("a time zone of the IANA database"),
        screen: screen(),
        screen_name: "Screen 1".to_owned(),
        starts_at: at(START),
        ends_at: at(START + 9_000),
        cancel_until: at(START - 7_200),
        layout: layout(12),
        prices: BTreeMap::from([("gold".to_owned(), 30_000), ("silver".to_owned(), 20_000)]),
        currency: Currency::INR,
        terms: Terms::default(),
    }
}

/// The promise of a screening that starts at `starts_at` and takes two hours: one row of `seats` gold seats, A-1 and so on,
/// for `price_minor` paise each, cancellation until two hours before the start.
#[must_use]
pub fn one_row(starts_at: Timestamp, seats: u16, price_minor: i64) -> Promise {
    const TWO_HOURS: SignedDuration = SignedDuration::from_hours(2);
    Promise {
        starts_at,
        ends_at: starts_at + TWO_HOURS,
        cancel_until: starts_at - TWO_HOURS,
        layout: Layout { rows: vec![row("A", "gold", seats)] },
        prices: BTreeMap::from([("gold".to_owned(), price_minor)]),
        ..promise()
    }
}

/// The offer that becomes `promise` on its screen.
#[must_use]
pub fn offer(promise: Promise) -> Offer {
    Offer {
        show: promise.show,
        show_title: promise.show_title,
        venue_name: promise.venue_name,
        city: promise.city,
        timezone: promise.timezone,
        starts_at: promise.starts_at,
        ends_at: promise.ends_at,
        cancel_until: promise.cancel_until,
        prices: promise.prices,
        currency: promise.currency,
        terms: promise.terms,
    }
}

/// JSON pointers of `flaws`, in order.
#[must_use]
pub fn pointers(flaws: &Flaws) -> Vec<&str> {
    flaws.0.iter().map(|flaw| flaw.pointer.as_str()).collect()
}
