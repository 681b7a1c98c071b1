//! How tests of the aggregates speak: given a history, decide a command, at a time.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    BookingId, Context, Currency, Decider, Fingerprint, Flaws, Money, PaymentId, Policy, ScreenId,
    ScreeningId, SeatName, ShowId, UserId, VenueId,
};

/// An aggregate with a history.
pub struct Given<A>(pub A);

impl<A: Decider> Given<A> {
    pub fn new(history: &[A::Event]) -> Self {
        let mut state = A::default();
        for event in history {
            state.evolve(event);
        }
        Self(state)
    }

    #[expect(clippy::needless_pass_by_value, reason = "a test writes the command where it is decided")]
    pub fn decide(&self, command: A::Command, now: Timestamp) -> Result<Vec<A::Event>, A::Refusal> {
        self.0.decide(&command, &context(now))
    }
}

pub fn context(now: Timestamp) -> Context {
    Context { now, policy: Policy::default() }
}

/// The first of January 2026, 00:00 UTC, and some seconds.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap() + SignedDuration::from_secs(seconds)
}

pub fn uuid(n: u8) -> Uuid {
    Uuid::from_u128(n.into())
}

pub fn user(n: u8) -> UserId {
    UserId(uuid(n))
}

pub fn booking(n: u8) -> BookingId {
    BookingId(uuid(n))
}

pub fn payment(n: u8) -> PaymentId {
    PaymentId(uuid(n))
}

pub fn show() -> ShowId {
    ShowId(uuid(201))
}

pub fn venue() -> VenueId {
    VenueId(uuid(202))
}

pub fn screen() -> ScreenId {
    ScreenId(uuid(203))
}

pub fn screening(n: u8) -> ScreeningId {
    ScreeningId(uuid(n))
}

pub fn rupees(amount: i64) -> Money {
    Money { amount_minor: amount * 100, currency: Currency::INR }
}

pub fn print(text: &str) -> Fingerprint {
    Fingerprint(text.to_owned())
}

pub fn seats(names: &[&str]) -> Vec<SeatName> {
    names.iter().map(|name| SeatName((*name).to_owned())).collect()
}

pub fn pointers(flaws: &Flaws) -> Vec<&str> {
    flaws.0.iter().map(|flaw| flaw.pointer.as_str()).collect()
}
