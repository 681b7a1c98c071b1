//! `ticketshow verify`: folds the whole log and checks what must never be broken, at every position and at its end. It shares
//! nothing but the events with the aggregates that wrote them, so that a wrong rule there is found here.
//!
//! What is remembered grows with what is taken, booked and paid, not with the number of events.

#![deny(missing_docs)]

mod bookings;
mod calendar;
mod cards;
mod findings;
mod seats;
#[cfg(test)]
mod tests;
mod versions;
mod wallets;

use std::pin::pin;

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use jiff::Timestamp;
use ticketshow_domain::AnyEvent;
use ticketshow_nats::{Log, Recorded};

use bookings::Bookings;
use calendar::Calendars;
use cards::Cards;
use findings::Findings;
pub use findings::Report;
use seats::Seats;
use versions::Versions;
use wallets::Wallets;

/// The fold: takes every event of the log in order, and tells in the end what it found.
#[derive(Debug, Default)]
pub struct Verifier {
    events: u64,
    versions: Versions,
    calendars: Calendars,
    seats: Seats,
    bookings: Bookings,
    cards: Cards,
    wallets: Wallets,
    findings: Findings,
}

impl Verifier {
    /// Takes one event. The first must be the first of the log, and none may be left out.
    pub fn take(&mut self, recorded: &Recorded) {
        let Self { versions, calendars, seats, bookings, cards, wallets, findings, .. } = self;
        self.events += 1;
        versions.take(recorded, findings);
        match &recorded.event {
            AnyEvent::Screen(event) => calendars.take(recorded, event, findings),
            AnyEvent::Screening(event) => seats.take(recorded, event, findings),
            AnyEvent::Booking(event) => {
                bookings.take_booking(recorded, event, findings);
                cards.take_booking(recorded, event, findings);
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
            AnyEvent::Account(_) | AnyEvent::Show(_) | AnyEvent::Venue(_) => {}
        }
    }

    /// What was found. `settled_before`: what began before that moment must have come to an end by now; `None` while the
    /// log is still being written, when everything unfinished counts as under way.
    #[must_use]
    pub fn finish(self, settled_before: Option<Timestamp>) -> Report {
        let Self { events, versions, seats, bookings, cards, mut findings, .. } = self;
        seats.finish(settled_before, &mut findings);
        bookings.finish(&seats, settled_before, &mut findings);
        cards.finish(settled_before, &mut findings);
        findings.report(versions.position(), events)
    }
}

/// Folds the log up to its end as of now. `progress` is told each position and the last one.
///
/// # Errors
///
/// The log cannot be read, holds what this program does not know, or ends before it should.
pub async fn run(
    log: &Log,
    settled_before: Option<Timestamp>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Report> {
    let last = log.last_position().await.context("finding the end of the log")?;
    let mut verifier = Verifier::default();
    let mut commits = pin!(log.read(0, last));
    while let Some(commit) = commits.next().await {
        let commit = commit.context("reading the log")?;
        let position = commit.position;
        let events = commit.events().with_context(|| format!("reading the events at {position}"))?;
        for recorded in &events {
            verifier.take(recorded);
        }
        progress(position, last);
    }
    let report = verifier.finish(settled_before);
    ensure!(report.positions == last, "the log ended at {} instead of {last}", report.positions);
    Ok(report)
}
