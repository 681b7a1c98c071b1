//! Rules that can forbid a command to a booking.

use jiff::Timestamp;

use crate::{Money, PromotionId, SeatName};

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such booking")]
    NotFound,
    #[error("the booking has no such payment")]
    UnknownPayment,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("the hold has expired")]
    HoldExpired,
    #[error("the booking is paid")]
    AlreadyPaid,
    #[error("the booking is cancelled")]
    BookingCancelled,
    #[error("the screening is cancelled")]
    ScreeningCancelled,
    #[error("a payment is under way")]
    PaymentInProgress,
    #[error("bookings could be cancelled until {0}")]
    TooLateToCancel(Timestamp),
    #[error("the seats of the booking are not released")]
    SeatsNotReleased,
    #[error("the booking is not cancelled")]
    NotCancelled,
    #[error("a booking has at most {max} notes")]
    TooManyNotes { max: usize },
    #[error("the booking was not sold at the counter: its money goes back where it came from")]
    NotSoldAtCounter,
    #[error("the customer has an account, which only they can erase")]
    CustomerHasAccount,
    #[error("the buyer was erased")]
    BuyerErased,
    #[error("no money is owed")]
    NothingPaid,
    #[error("the money was handed back before")]
    AlreadyRefunded,
    #[error("the seller has no open till")]
    NoOpenTill,
    #[error("the booking is not paid")]
    NotConfirmed,
    #[error("the booking has no seat {0}")]
    UnknownSeat(SeatName),
    #[error("there is no such link")]
    UnknownShare,
    #[error("a booking has at most {max} links to its tickets")]
    TooManyShares { max: usize },
    #[error("the booking is being moved")]
    MoveInProgress,
    #[error("the move is over")]
    MoveOver,
    #[error("the difference of the move is not paid")]
    MoveNotPaid,
    #[error("the booking has {has} seats")]
    OtherSeatCount { has: usize },
    #[error("the booking has these seats")]
    SameSeats,
    #[error("a booking is moved at most {max} times")]
    TooManyMoves { max: usize },
    #[error("the new seats cost {} {} more, in minor units", .0.amount_minor, .0.currency)]
    DifferenceToPay(Money),
    #[error(
        "the difference is paid from the wallet that paid the booking, and is not paid for a booking of the counter"
    )]
    PaidOtherwise(Money),
    #[error("a difference of a booking sold at the counter does not go back by itself")]
    SoldAtCounter,
    #[error("a payment was begun: the amount is fixed")]
    PaymentBegun,
    #[error("the booking uses promotion {0:?}")]
    OtherPromotion(Option<PromotionId>),
}
