//! Business rules of Ticket Show. No I/O, no clock, no randomness: time, ids and facts of other aggregates come in as
//! arguments.
//!
//! Every aggregate is a module with the same four parts: `Command` (a request), `Event` (a fact), `Refusal` (the rule
//! that forbids a command) and the state with its `decide`/`evolve` pair ([`Decider`]). Facts that one aggregate hands
//! to another are in [`promise`], [`hold`] and [`counter`].
//!
//! # Glossary
//!
//! - **show**: a film or play. **screening**: one showing of it on a screen. **event**: always an entry of the log.
//! - **venue**: a building at an address in a time zone. **screen**: a room in it with a seat layout and a calendar.
//! - **promise**: the terms of a screening when it is scheduled: layout, prices, show, venue, times, cut-off. Later
//!   changes do not touch it; corrected names are read from where they were corrected. A change of the screening itself makes a new
//!   promise, and each booking keeps the prices of the one it was made under.
//! - **booking**: one customer's seats on one screening. **hold**: an unpaid booking, which lapses by itself.
//!   **claim**: the entry of a booking in its screening.
//! - **attempt**: one try to pay a booking, with its own payment id.
//! - **release**: giving seats back. **refusal**: a rule said no. **the house**: the operator.
//! - **position**: the sequence of a commit in the log. **version**: the number of an event in its aggregate, from 1.

#![deny(missing_docs)]

mod aggregate;
mod any_event;
mod permission;
mod policy;
mod values;
mod wire;

pub mod account;
pub mod audit;
pub mod booking;
pub mod counter;
#[cfg(any(test, feature = "examples"))]
pub mod examples;
pub mod folding;
pub mod hold;
pub mod invoices;
pub mod mail;
pub mod payment;
pub mod pricing;
pub mod promise;
pub mod promotion;
pub mod rescheduling;
pub mod screen;
pub mod screening;
pub mod seat_move;
pub mod seat_return;
pub mod show;
pub mod till;
pub mod venue;
pub mod wallet;

pub use aggregate::{Context, Decider, Snapshot};
pub use any_event::AnyEvent;
pub use permission::Permission;
pub use policy::Policy;
pub use values::{
    ids::{
        AccountKey, AggregateId, BookingId, Fingerprint, PaymentId, PromotionId, RegisterId, ScreenId,
        ScreeningId, ShowId, TillId, UserId, VenueId,
    },
    language::Language,
    money::{Currency, Money},
    personal::Personal,
    reference::{BookingReference, NotAReference},
    seats::{CAPACITY_MAX, Gap, Layout, Row, SeatIndex, SeatName, SeatStatus},
    text::{DayTime, Flaw, Flaws, TimeZoneName, tidy, tidy_line, tidy_prose},
};
pub use wire::{Tagged, WireError, WireEvent, WireRef, decode};
