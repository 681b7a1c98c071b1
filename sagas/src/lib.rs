//! Processes over time (sagas). A saga turns events into commands and holds no rules: the aggregates decide. Every step may
//! be repeated, so after a crash a saga starts over from the first step.
//!
//! To add a saga: a file with a pure `react`, steps that are data, and a handler; its line in `run.rs`; its line in
//! `subscriptions.rs`, which checks that it is subscribed to exactly the events it reacts to; and tests of the three laws:
//! break each step and it comes back clean; run each undo twice; run each step twice. A saga with a consumer of its own
//! needs a name in `ticketshow_nats::subjects::consumers`.

mod buyer_retention;
mod card_payment;
mod card_refund;
mod cascade;
mod counter_sale;
#[cfg(test)]
mod examples;
mod hold_expiry;
mod invoicing;
mod mail;
mod payment_consumer;
mod provider;
mod recipients;
mod refund;
mod run;
mod scheduling;
mod seat_move;
#[cfg(test)]
mod subscriptions;
mod wallet_payment;
mod worker;

pub use mail::mailer::{AddressProof, MailSettings, MailerError, Proof, ReminderChoice, ResetToken};
pub use provider::{
    budget::CALLS_PER_MINUTE,
    dodo::{DodoSettings, NoClient},
};
pub use run::{
    SagaDependencies, Settings, migrate, run, start_over,
    tables::{TableCopy, TablesError, copy_tables, expect_new_database, restore_tables},
};
