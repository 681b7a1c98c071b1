//! The invariants, their violations, and the report.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use ticketshow_domain::{BookingId, PaymentId};

/// Maximum number of violations in a report; the rest are only counted.
const LISTED_MAX: usize = 1_000;

/// A statement that holds for every correct log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Invariant {
    /// No position of the log is missing.
    PositionsComplete,
    /// Every message of the log is a commit of the aggregate that its subject names.
    OwnSubject,
    /// The versions of an aggregate count up from 1.
    VersionsContiguous,
    /// No seat is sold twice: a seat has at most one owner, and only its owner gives it back.
    OneOwner,
    /// Sold seats and confirmed bookings were paid for, and no booking has sold seats besides its own.
    SoldIsPaid,
    /// A confirmed booking has its seats, unless it is cancelled.
    ConfirmedHasSeats,
    /// A booking has one ticket per seat, for its own seats, and only the owner of a seat is checked in on it.
    TicketsForOwnSeats,
    /// Each ticket code is issued once.
    CodesUnique,
    /// A booking is confirmed once and then never fails or expires.
    ConfirmedStays,
    /// Money debited from a wallet pays for a booking or is refunded in full.
    DebitSettled,
    /// Money captured by card pays for a booking, tops up a wallet, is refunded or awaits a decision, all of it.
    CardAccounted,
    /// A payment is refunded once at most.
    RefundOnce,
    /// Refunds of a booking's payment, those of returned seats included, never exceed what was paid.
    RefundWithinPayment,
    /// The balance of a wallet is never negative.
    WalletSolvent,
    /// The balance in each event is the sum of the ledger so far.
    LedgerAdds,
    /// A reference moves money in a wallet once.
    ReferenceOnce,
    /// Screenings on one screen do not overlap.
    CalendarFree,
    /// A cancelled screening sells nothing more, and all its seats become free.
    CancelledIsCleared,
    /// The cash that a session of a till should hold is its float with the sales, less the refunds.
    TillAdds,
    /// The cash of each sale and refund at the counter is in the session that it names, once.
    CashInTill,
    /// A waiting list is served in order, each place once, with the seats that its customer waits for.
    ListInOrder,
    /// The numbers of invoices and of credit notes count up from 1 in each year.
    NumbersGapless,
    /// Each payment and refund of a booking has one invoice or credit note, with its amount.
    MoneyDocumented,
    /// Each booking with paid seats learns of another time or screen of its screening.
    ChangeIsFollowed,
    /// No more bookings use a promotion than it allows.
    UsesWithinLimit,
    /// A booking with a discount has a use of its promotion, until it ends.
    DiscountHasUse,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PositionsComplete => "no position of the log is missing",
            Self::OwnSubject => "every message is a commit of the aggregate that its subject names",
            Self::VersionsContiguous => "the versions of an aggregate count up from 1",
            Self::OneOwner => "a seat has at most one owner, and only its owner gives it back",
            Self::SoldIsPaid => "sold seats and confirmed bookings were paid for",
            Self::ConfirmedHasSeats => "a confirmed booking has its seats, unless it is cancelled",
            Self::TicketsForOwnSeats => "a booking has one ticket per seat, for its own seats",
            Self::CodesUnique => "each ticket code is issued once",
            Self::ConfirmedStays => "a booking is confirmed once and then never fails or expires",
            Self::DebitSettled => "money debited from a wallet pays for a booking or is refunded",
            Self::CardAccounted => {
                "money captured by card pays for a booking, tops up a wallet or is refunded"
            }
            Self::RefundOnce => "a payment is refunded once at most",
            Self::RefundWithinPayment => "the refunds of a payment never exceed what was paid",
            Self::WalletSolvent => "the balance of a wallet is never negative",
            Self::LedgerAdds => "the balance in each event is the sum of the ledger so far",
            Self::ReferenceOnce => "a reference moves money in a wallet once",
            Self::CalendarFree => "screenings on one screen do not overlap",
            Self::CancelledIsCleared => "all seats of a cancelled screening become free",
            Self::TillAdds => "the cash of a till is its float with the sales, less the refunds",
            Self::CashInTill => "the cash of each sale and refund at the counter is in one till, once",
            Self::ListInOrder => "a waiting list is served in order, each place once",
            Self::NumbersGapless => "the numbers of documents count up from 1 in each year",
            Self::MoneyDocumented => "each payment and refund of a booking has one document, with its amount",
            Self::ChangeIsFollowed => "each paid booking learns of another time or screen",
            Self::UsesWithinLimit => "never more bookings use a promotion than it allows",
            Self::DiscountHasUse => "a booking with a discount uses its promotion until it ends",
        })
    }
}

/// One violation of one invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The invariant that is violated.
    pub invariant: Invariant,
    /// Position of the commit that shows it.
    pub position: u64,
    /// Description with ids and seats, without personal data.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position {}: {} ({})", self.position, self.detail, self.invariant)
    }
}

/// A payment, refund or release that has started and is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InFlight {
    /// Its booking; `None` for a top-up.
    pub booking: Option<BookingId>,
    /// Its payment.
    pub payment: PaymentId,
    /// Position of the commit that started it.
    pub position: u64,
    /// Time of that commit.
    pub since: Timestamp,
    /// The step that has not happened yet.
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

/// Result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The last position read.
    pub positions: u64,
    /// Number of events read.
    pub events: u64,
    /// Violations by position, 1,000 at most.
    pub violations: Vec<Violation>,
    /// Number of further violations.
    pub unlisted: u64,
    /// Unfinished payments, refunds and releases, by position.
    pub in_flight: Vec<InFlight>,
}

impl Report {
    /// Returns true if there are no violations.
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
            writeln!(f, "VIOLATED: {} more times", self.unlisted)?;
        }
        for in_flight in &self.in_flight {
            writeln!(f, "in flight: {in_flight}")?;
        }
        let verdict = if self.is_clean() { "clean" } else { "NOT CLEAN" };
        write!(f, "{} positions, {} events: {verdict}", self.positions, self.events)
    }
}

/// Findings so far.
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

    pub fn in_flight(&mut self, in_flight: InFlight) {
        self.in_flight.push(in_flight);
    }

    pub fn report(self, positions: u64, events: u64) -> Report {
        let Self { mut violations, unlisted, mut in_flight } = self;
        violations.sort_by_key(|violation| violation.position);
        in_flight.sort_by_key(|in_flight| in_flight.position);
        Report { positions, events, violations, unlisted, in_flight }
    }
}
