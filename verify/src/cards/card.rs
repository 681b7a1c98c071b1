//! One payment by card, and the whereabouts of its money.

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Money,
    booking::BookingStatus,
    payment::{Purpose, RefundTarget},
};
use ticketshow_nats::log::envelope::RecordedEvent;

/// State of a payment by card, according to the log.
#[derive(Debug)]
pub(super) struct Card {
    pub purpose: Purpose,
    pub asked: Money,
    pub captured: Option<Money>,
    /// Sum of the parts that were split off.
    pub split_minor: i64,
    /// Position and time of the commit that reported the money.
    pub begun: Option<(u64, Timestamp)>,
    pub review: Review,
    pub refund: Option<Refund>,
    /// A wallet was credited with it as a top-up.
    pub topped_up: bool,
    /// A wallet was credited with it as a refund, according to the wallet's ledger.
    pub refunded_to_wallet: bool,
}

/// Review by an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Review {
    None,
    Undecided,
    Decided,
}

/// A requested refund.
#[derive(Debug)]
pub(super) struct Refund {
    pub target: RefundTarget,
    pub done: bool,
}

impl Refund {
    pub fn new(target: RefundTarget) -> Self {
        Self { target, done: false }
    }
}

/// Whereabouts of captured money at the end of the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    Settled,
    InFlight { waits_for: &'static str, patience: Patience },
    Wrong(&'static str),
}

/// Time that a step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Done by our own processes: a `settled_before` applies.
    Short,
    /// Done by the provider or a person: days are normal.
    Long,
}

impl Card {
    pub fn new(purpose: Purpose, asked: Money) -> Self {
        Self {
            purpose,
            asked,
            captured: None,
            split_minor: 0,
            begun: None,
            review: Review::None,
            refund: None,
            topped_up: false,
            refunded_to_wallet: false,
        }
    }

    pub fn capture(&mut self, captured: Money, recorded: &RecordedEvent) {
        self.captured = Some(captured);
        self.begun = Some((recorded.position, recorded.metadata.time));
    }

    /// Returns the captured money without the parts.
    pub fn left(&self) -> Option<Money> {
        let captured = self.captured?;
        Some(Money { amount_minor: captured.amount_minor - self.split_minor, ..captured })
    }

    /// Returns the booking that it pays for.
    pub fn booking(&self) -> Option<BookingId> {
        match &self.purpose {
            Purpose::Booking { booking } | Purpose::Difference { booking } => Some(*booking),
            Purpose::TopUp | Purpose::Stray { .. } | Purpose::Part { .. } => None,
        }
    }

    /// Returns `true` if it pays the difference of a move.
    pub fn is_difference(&self) -> bool {
        matches!(self.purpose, Purpose::Difference { .. })
    }

    /// Returns the whereabouts of the captured money. `won` is the status of the booking that it confirmed.
    pub fn whereabouts(&self, won: Option<BookingStatus>) -> Whereabouts {
        let pays = won == Some(BookingStatus::Confirmed);
        match &self.refund {
            Some(Refund { done: true, .. }) if pays => {
                Whereabouts::Wrong("was refunded while its booking is confirmed")
            }
            Some(Refund { done: true, .. }) if self.topped_up => {
                Whereabouts::Wrong("topped up a wallet and was refunded")
            }
            Some(Refund { done: true, target: RefundTarget::Wallet }) if !self.refunded_to_wallet => {
                Whereabouts::Wrong("is recorded as refunded to the wallet, which was not credited")
            }
            Some(Refund { done: true, .. }) => Whereabouts::Settled,
            Some(Refund { done: false, .. }) => {
                Whereabouts::InFlight { waits_for: "its refund", patience: Patience::Long }
            }
            None if self.review == Review::Undecided => {
                Whereabouts::InFlight { waits_for: "an administrator's decision", patience: Patience::Long }
            }
            None if self.refunded_to_wallet => {
                Whereabouts::Wrong("was refunded to a wallet without a request")
            }
            None if pays || self.topped_up => Whereabouts::Settled,
            None => Whereabouts::InFlight {
                waits_for: "its booking, wallet or refund",
                patience: Patience::Short,
            },
        }
    }
}
