//! One payment by card, and where its money stands.

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Money,
    booking::BookingStatus,
    payment::{Purpose, RefundTarget},
};
use ticketshow_nats::Recorded;

/// What the log says of a payment by card.
#[derive(Debug)]
pub(super) struct Card {
    pub purpose: Purpose,
    pub asked: Money,
    pub captured: Option<Money>,
    /// The commit that told of the money, and when.
    pub begun: Option<(u64, Timestamp)>,
    pub review: Review,
    pub refund: Option<Refund>,
    /// A wallet was filled with it.
    pub filled: bool,
    /// It went back to a wallet, by that wallet's own ledger.
    pub in_wallet: bool,
}

/// Whether an administrator had to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Review {
    None,
    Undecided,
    Decided,
}

/// The money is to go back.
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

/// Where the money of a payment is in the end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Settled,
    Waits { waits_for: &'static str, patience: Patience },
    Wrong(&'static str),
}

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Our own programs do it.
    Short,
    /// A provider or a person does it.
    Long,
}

impl Card {
    pub fn new(purpose: Purpose, asked: Money) -> Self {
        Self {
            purpose,
            asked,
            captured: None,
            begun: None,
            review: Review::None,
            refund: None,
            filled: false,
            in_wallet: false,
        }
    }

    pub fn capture(&mut self, captured: Money, recorded: &Recorded) {
        self.captured = Some(captured);
        self.begun = Some((recorded.position, recorded.metadata.time));
    }

    /// The booking that it is for.
    pub fn booking(&self) -> Option<BookingId> {
        match &self.purpose {
            Purpose::Booking { booking } => Some(*booking),
            Purpose::TopUp | Purpose::Stray { of: _ } => None,
        }
    }

    /// Where captured money is; `won` is the status of the booking that it confirmed.
    pub fn standing(&self, won: Option<BookingStatus>) -> Standing {
        let pays = won == Some(BookingStatus::Confirmed);
        match &self.refund {
            Some(Refund { done: true, .. }) if pays => {
                Standing::Wrong("went back while its booking is confirmed")
            }
            Some(Refund { done: true, .. }) if self.filled => {
                Standing::Wrong("filled a wallet and went back")
            }
            Some(Refund { done: true, target: RefundTarget::Wallet }) if !self.in_wallet => {
                Standing::Wrong("is told to be back in the wallet, and is not there")
            }
            Some(Refund { done: true, .. }) => Standing::Settled,
            Some(Refund { done: false, .. }) => {
                Standing::Waits { waits_for: "its refund", patience: Patience::Long }
            }
            None if self.review == Review::Undecided => {
                Standing::Waits { waits_for: "an administrator's decision", patience: Patience::Long }
            }
            None if self.in_wallet => Standing::Wrong("went back to a wallet, and nobody asked for it"),
            None if pays || self.filled => Standing::Settled,
            None => Standing::Waits { waits_for: "its booking, wallet or refund", patience: Patience::Short },
        }
    }
}
