//! Processes over time: what happens because something happened. Sagas hold no rules: each turns events into commands,
//! and the aggregates decide. Every step may be repeated, so a crash between any two of them heals by starting over.
//!
//! To add a saga: a file with its pure part (`react`, steps that are data) and its handler, a consumer name in
//! `nats/src/subjects.rs`, a line in `run.rs`, and tests of the three laws: break each step and it comes back clean; run
//! each undo twice; run each step twice.

mod active;
mod card_payment;
mod card_refund;
mod cards;
mod cascade;
mod dodo;
mod hold_expiry;
mod notices;
mod notification;
mod payment;
mod provider;
mod provider_books;
mod reaction;
mod recipients;
mod refund;
mod run;
mod scheduling;

pub use dodo::{CALLS_PER_MINUTE, DodoSettings, NoClient};
pub use notification::{MailSettings, MailerError, ResetToken};
pub use run::{Parties, Settings, migrate, run};
