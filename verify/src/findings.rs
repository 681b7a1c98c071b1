//! What can be found: rules that were broken, and what is still under way.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use ticketshow_domain::{BookingId, PaymentId};

/// Violations that are listed; of more, only the number is told.
const LISTED_MAX: usize = 1_000;

/// What must hold for every log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Invariant {
    /// No position of the log is missing.
    PositionsComplete,
    /// The versions of an aggregate count up from 1.
    VersionsContiguous,
    /// A seat has at most one owner, and only its owner gives it back.
    OneOwner,
    /// What is sold or confirmed was paid.
    SoldIsPaid,
    /// A confirmed booking has its seats, unless it is cancelled.
    ConfirmedHasSeats,
    /// Tickets are for the seats of their booking, one each, and let its owner in only.
    TicketsForOwnSeats,
    /// A ticket code is given out once.
    CodesUnique,
    /// A booking is confirmed once and then never fails or expires.
    ConfirmedStays,
    /// Money taken from a wallet pays a booking or goes back, as much as was taken.
    DebitSettled,
    /// Money taken by card pays a booking, fills a wallet, goes back or waits for a decision, as much as was taken.
    CardAccounted,
    /// A payment goes back once.
    RefundOnce,
    /// A wallet is never below zero.
    WalletSolvent,
    /// The balance that is told is the sum of the ledger.
    LedgerAdds,
    /// A reference moves money of a wallet once.
    ReferenceOnce,
    /// Screenings of a screen do not overlap.
    CalendarFree,
    /// A cancelled screening takes nobody in, and in the end nobody has a seat of it.
    CancelledIsCleared,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PositionsComplete => "no position of the log is missing",
            Self::VersionsContiguous => "the versions of an aggregate count up from 1",
            Self::OneOwner => "a seat has at most one owner, and only its owner gives it back",
            Self::SoldIsPaid => "what is sold or confirmed was paid",
            Self::ConfirmedHasSeats => "a confirmed booking has its seats, unless it is cancelled",
            Self::TicketsForOwnSeats => "tickets are for the seats of their booking, one each",
            Self::CodesUnique => "a ticket code is given out once",
            Self::ConfirmedStays => "a booking is confirmed once and then never fails or expires",
            Self::DebitSettled => "money taken from a wallet pays a booking or goes back",
            Self::CardAccounted => "money taken by card pays a booking, fills a wallet or goes back",
            Self::RefundOnce => "a payment goes back once",
            Self::WalletSolvent => "a wallet is never below zero",
            Self::LedgerAdds => "the balance that is told is the sum of the ledger",
            Self::ReferenceOnce => "a reference moves money of a wallet once",
            Self::CalendarFree => "screenings of a screen do not overlap",
            Self::CancelledIsCleared => "nobody keeps a seat of a cancelled screening",
        })
    }
}

/// One rule broken once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// The commit at which it shows.
    pub position: u64,
    /// What is wrong there. Names ids and seats, never people.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position {}: {} ({})", self.position, self.detail, self.invariant)
    }
}

/// Something that has begun and not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InFlight {
    /// The booking that it is about; none for a top-up.
    pub booking: Option<BookingId>,
    /// The payment that it is about.
    pub payment: PaymentId,
    /// The commit with which it began.
    pub position: u64,
    /// When.
    pub since: Timestamp,
    /// What is still to come.
    pub waits_for: &'static str,
}

impl fmt::Display for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { booking, payment, position, since, waits_for } = self;
        write!(f, "position {position}: ")?;
        if let Some(booking) = booking {
            write!(f, "booking {booking}, ")?;
        }
        write!(f, "payment {payment} waits for {waits_for} since {since}")
    }
}

/// What a log was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The last position read.
    pub positions: u64,
    /// How many events there were.
    pub events: u64,
    /// What is wrong, by position; the first thousand.
    pub violations: Vec<Violation>,
    /// How many violations there are besides.
    pub unlisted: u64,
    /// What is under way, by position.
    pub in_flight: Vec<InFlight>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.violations {
            writeln!(f, "VIOLATED: {violation}")?;
        }
        if self.unlisted > 0 {
            writeln!(f, "VIOLATED: {} times more", self.unlisted)?;
        }
        for in_flight in &self.in_flight {
            writeln!(f, "under way: {in_flight}")?;
        }
        let verdict = if self.is_clean() { "clean" } else { "NOT CLEAN" };
        write!(f, "{} positions, {} events: {verdict}", self.positions, self.events)
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    violations: Vec<Violation>,
    unlisted: u64,
    in_flight: Vec<InFlight>,
}

impl Findings {
    pub fn violated(&mut self, invariant: Invariant, position: u64, detail: String) {
        if self.violations.len() < LISTED_MAX {
            self.violations.push(Violation { invariant, position, detail });
        } else {
            self.unlisted += 1;
        }
    }

    pub fn under_way(&mut self, in_flight: InFlight) {
        self.in_flight.push(in_flight);
    }

    pub fn report(self, positions: u64, events: u64) -> Report {
        let Self { mut violations, unlisted, mut in_flight } = self;
        violations.sort_by_key(|violation| violation.position);
        in_flight.sort_by_key(|in_flight| in_flight.position);
        Report { positions, events, violations, unlisted, in_flight }
    }
}
