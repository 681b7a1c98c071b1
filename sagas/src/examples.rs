//! Examples shared by the tests of several sagas.

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    Context, Currency, Decider, Layout, Money, Policy, Row, ScreenId, SeatName, ShowId, VenueId,
    promise::Promise,
};
use uuid::Uuid;

pub fn inr(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::INR }
}

/// The start of the screening.
pub fn start() -> Timestamp {
    "2026-12-01T18:00:00Z".parse().unwrap()
}

/// The first seat of the screening.
pub fn seat() -> SeatName {
    SeatName("A-1".to_owned())
}

/// A screening with one row of `seats` seats.
pub fn promise(seats: u16, price_minor: i64) -> Promise {
    let row = Row {
        label: "A".to_owned(),
        category: "gold".to_owned(),
        seats,
        aisles_after: Vec::new(),
        accessible: Vec::new(),
    };
    Promise {
        show: ShowId(Uuid::nil()),
        show_title: "Rain".to_owned(),
        venue: VenueId(Uuid::nil()),
        venue_name: "Rex".to_owned(),
        city: "Mumbai".to_owned(),
        timezone: "Asia/Kolkata".parse().unwrap(),
        screen: ScreenId(Uuid::nil()),
        screen_name: "One".to_owned(),
        starts_at: start(),
        ends_at: start() + SignedDuration::from_hours(2),
        cancel_until: start() - SignedDuration::from_hours(2),
        layout: Layout { rows: vec![row] },
        prices: [("gold".to_owned(), price_minor)].into(),
        currency: Currency::INR,
    }
}

/// Executes a command on an aggregate, and returns its events.
pub fn execute<A: Decider>(
    state: &mut A,
    command: &A::Command,
    now: Timestamp,
) -> Result<Vec<A::Event>, A::Refusal> {
    let events = state.decide(command, &Context { now, policy: Policy::default() })?;
    for event in &events {
        state.evolve(event);
    }
    Ok(events)
}
