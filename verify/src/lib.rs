//! `ticketshow verify`: an independent check of the log. It folds every event from the first to the last and checks invariants,
//! some of them at every event, the others at the end of the log.
//!
//! It shares the event types with the aggregates, and no rule: no `decide`, no `evolve`, no state of theirs. A wrong rule in an
//! aggregate is therefore found here. Each invariant is a variant of [`Invariant`], and each is checked in one file:
//!
//! | File | Invariants |
//! |---|---|
//! | `versions.rs` | No position of the log is missing, every message is a commit of the aggregate that its subject names, and the versions of an aggregate count up from 1. |
//! | `seats.rs` | **No seat is sold twice**: a seat has at most one owner, and only its owner gives it back. Only the booking that bought a seat is checked in on it. A cancelled screening sells nothing more, and all its seats become free. |
//! | `bookings.rs` | Sold and confirmed seats were paid for, and a confirmed booking has no sold seats besides its own. A confirmed booking has all its seats and a ticket for each. Ticket codes are unique. A confirmed booking never fails or expires. Money debited from a wallet pays for a booking or is refunded in full. |
//! | `bookings/refunds.rs` | A payment is refunded once at most, and its refunds never exceed what was paid, those of returned seats included. |
//! | `cards.rs`, `cards/card.rs` | Money captured by card pays for a booking, tops up a wallet, is refunded or awaits a decision, to the minor unit. |
//! | `wallets.rs` | No balance is negative, each balance is the sum of its ledger, and each reference moves money once. |
//! | `tills.rs` | The cash of each session of a till adds up, and the cash of each sale and refund at the counter is in one session. |
//! | `waiting.rs` | Waiting lists are served in order, each place once, with the seats that its customer waits for. |
//! | `invoices.rs` | The numbers of invoices and of credit notes have no gap, and each payment and refund of a booking has one document, with its amount. |
//! | `promotions.rs` | Never more bookings use a promotion than it allows, and a booking with a discount uses its promotion until it ends. |
//! | `calendar.rs` | Screenings on one screen do not overlap. |
//! | `changes.rs` | Each booking with paid seats learns of another time or screen of its screening. |
//!
//! `findings.rs` has the list of invariants and the report. Memory grows with the seats taken, the bookings and the payments,
//! not with the number of events.

#![deny(missing_docs)]

mod bookings;
mod calendar;
mod cards;
mod changes;
mod findings;
mod invoices;
mod promotions;
mod seats;
#[cfg(test)]
mod tests;
mod tills;
mod versions;
mod waiting;
mod wallets;

use std::pin::pin;

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use jiff::Timestamp;
use ticketshow_domain::AnyEvent;
use ticketshow_nats::{
    failure::Failure,
    log::{envelope::RecordedEvent, history::Log},
};

use crate::{
    bookings::Bookings, calendar::Calendars, cards::Cards, changes::Changes, findings::Findings,
    invoices::Invoices, promotions::Promotions, seats::Seats, tills::Tills, versions::Versions,
    waiting::WaitingLists, wallets::Wallets,
};

pub use findings::{InFlight, Invariant, Report, Violation};

/// The fold: takes every event of the log in order and reports its findings at the end.
#[derive(Debug, Default)]
pub struct Verifier {
    events: u64,
    versions: Versions,
    calendars: Calendars,
    seats: Seats,
    bookings: Bookings,
    cards: Cards,
    wallets: Wallets,
    tills: Tills,
    waiting: WaitingLists,
    invoices: Invoices,
    changes: Changes,
    promotions: Promotions,
    findings: Findings,
}

impl Verifier {
    /// Takes one event. The caller passes every event of the log, starting with the first.
    pub fn take(&mut self, recorded: &RecordedEvent) {
        let Self {
            versions,
            calendars,
            seats,
            bookings,
            cards,
            wallets,
            tills,
            waiting,
            invoices,
            changes,
            promotions,
            findings,
            events: _,
        } = self;
        self.events += 1;
        versions.take(recorded, findings);
        match &recorded.event {
            AnyEvent::Screen(event) => calendars.take(recorded, event, findings),
            AnyEvent::Screening(event) => {
                seats.take(recorded, event, findings);
                changes.take_screening(recorded, event, seats, findings);
                bookings.take_screening(recorded, event);
                tills.take_screening(recorded, event);
                waiting.take(recorded, event, findings);
            }
            AnyEvent::Booking(event) => {
                bookings.take_booking(recorded, event, findings);
                cards.take_booking(recorded, event, findings);
                tills.take_booking(recorded, event);
                invoices.take_booking(recorded, event);
                changes.take_booking(event);
                promotions.take_booking(recorded, event, findings);
            }
            AnyEvent::Payment(event) => {
                bookings.take_payment(recorded, event, findings);
                cards.take_payment(recorded, event, findings);
            }
            AnyEvent::Wallet(event) => {
                wallets.take(recorded, event, findings);
                bookings.take_wallet(recorded, event, findings);
                cards.take_wallet(recorded, event, findings);
            }
            AnyEvent::Till(event) => tills.take_till(recorded, event, findings),
            AnyEvent::Invoices(event) => invoices.take(recorded, event, findings),
            AnyEvent::Promotion(event) => promotions.take_promotion(recorded, event, findings),
            AnyEvent::Account(_) | AnyEvent::Show(_) | AnyEvent::Venue(_) => {}
        }
    }

    /// Takes a message of the log that is not a commit of the aggregate that its subject names.
    pub fn take_unreadable(&mut self, position: u64, detail: String) {
        self.versions.take_unreadable(position, detail, &mut self.findings);
    }

    /// Checks the final state and returns the report.
    ///
    /// Payments, refunds and cancellations that started before `settled_before` must be complete, or they are violations.
    /// With `None`, for a log that is still being written, everything unfinished counts as in flight.
    #[must_use]
    pub fn finish(self, settled_before: Option<Timestamp>) -> Report {
        let Self {
            events,
            versions,
            seats,
            bookings,
            cards,
            tills,
            invoices,
            changes,
            promotions,
            mut findings,
            ..
        } = self;
        seats.finish(settled_before, &mut findings);
        changes.finish(settled_before, &mut findings);
        bookings.finish(&seats, settled_before, &mut findings);
        cards.finish(settled_before, &mut findings);
        tills.finish(settled_before, &mut findings);
        invoices.finish(settled_before, &mut findings);
        promotions.finish(settled_before, &mut findings);
        findings.report(versions.position(), events)
    }
}

/// Folds the log up to its current end. `progress` is called with each position and the last one.
///
/// # Errors
///
/// The log cannot be read, contains an event of an unknown type, or ends too early.
pub async fn run(
    log: &Log,
    settled_before: Option<Timestamp>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Report> {
    let last = log.last_position().await.context("finding the end of the log")?;
    let mut verifier = Verifier::default();
    let mut messages = pin!(log.read_unparsed(0, last));
    while let Some(message) = messages.next().await {
        let message = message.context("reading the log")?;
        let position = message.position;
        match message.parse() {
            Ok(commit) => {
                let events = commit.events().with_context(|| format!("reading the events at {position}"))?;
                for recorded in &events {
                    verifier.take(recorded);
                }
            }
            Err(Failure::Unreadable(error)) => verifier.take_unreadable(position, error.to_string()),
            Err(failure) => return Err(failure).context("reading the log"),
        }
        progress(position, last);
    }
    let report = verifier.finish(settled_before);
    ensure!(report.positions == last, "the log ended at {} instead of {last}", report.positions);
    Ok(report)
}
