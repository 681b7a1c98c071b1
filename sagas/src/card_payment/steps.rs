//! The steps of a card payment as data: opening the page, using the money, and polling the provider.
//!
//! ```text
//! ExtendHold ──▶ OpenPage ──▶ RecordPage ──▶ done
//!     │ no          │ no
//!     ▼             ▼
//!   GiveUp ◀────────┘
//! ```
//!
//! The difference of a move has no hold: `CheckMove`, which finds out whether the booking still waits for it,
//! replaces `ExtendHold`.
//!
//! Every run starts from the first step. A page opened twice is harmless: only the recorded one is shown to the customer.

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    BookingId, PaymentId,
    booking::{self, Booking, BookingStatus, moving::KnownMove},
    hold::Standing,
    payment::{self, Command, Opened, Payment, PaymentStatus, Purpose, RefundReason, RefundTarget},
    screening,
    seat_move::{MoveOutcome, MoveRefusal},
    wallet::{self, EntryKind, Reference},
};

use super::reasons;
use crate::provider::interface::OpenedCheckout;

/// Wait before the provider is first asked about a page, and shortest wait afterwards.
const POLL_MIN: SignedDuration = SignedDuration::from_secs(30);
/// Time for which polling continues after a page has closed, because a payment may be in progress at that moment.
const POLL_AFTER_CLOSE: SignedDuration = SignedDuration::from_hours(1);
/// Lifetime of a page. Source: Dodo's documentation.
const PAGE_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A step of opening the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Extend the hold once, because paying on the page takes time.
    ExtendHold(BookingId),
    /// Find out whether the booking still waits for the difference of a move.
    CheckMove(BookingId),
    /// Open the page at the provider.
    OpenPage,
    /// Record the page in the payment.
    RecordPage(OpenedCheckout),
    /// Fail the payment.
    GiveUp(&'static str),
}

/// The consequence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    Then(Step),
    Done,
    /// Needs an operator.
    Stuck(Unexpected),
}

/// A refusal that no rule explains.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unexpected {
    #[error("the screening refused to extend the hold")]
    Hold(#[source] screening::Refusal),
    #[error("the payment refused the page")]
    Page(#[source] payment::Refusal),
    #[error("the payment refused to fail")]
    GiveUp(#[source] payment::Refusal),
}

/// Returns the first step of opening a page; `None` if the payment has one, or needs none any more.
pub(super) fn first(payment: &Payment) -> Option<Step> {
    let (Some(opened), None, PaymentStatus::Pending) =
        (payment.opened(), payment.checkout(), payment.status())
    else {
        return None;
    };
    Some(match opened.purpose {
        Purpose::Booking { booking } => Step::ExtendHold(booking),
        Purpose::Difference { booking } => Step::CheckMove(booking),
        Purpose::TopUp | Purpose::Stray { .. } | Purpose::Part { .. } => Step::OpenPage,
    })
}

pub(super) fn after_hold(answer: Result<(), screening::Refusal>) -> Next {
    use screening::Refusal;
    Next::Then(match answer {
        Ok(()) => Step::OpenPage,
        Err(Refusal::HoldExpired | Refusal::GivenUp | Refusal::BookingClosed(_)) => {
            Step::GiveUp(reasons::HOLD_EXPIRED)
        }
        Err(Refusal::BookingCancelled | Refusal::ScreeningCancelled) => Step::GiveUp(reasons::CANCELLED),
        Err(Refusal::AlreadySold(_)) => Step::GiveUp(reasons::ALREADY_PAID),
        Err(
            refusal @ (Refusal::NotFound
            | Refusal::UnknownBooking
            | Refusal::KeyReused
            | Refusal::SeatCount { .. }
            | Refusal::DuplicateSeat(_)
            | Refusal::SingleSeatLeft(_)
            | Refusal::KeptForWheelchairs { .. }
            | Refusal::PricesChanged
            | Refusal::TimeChanged(_)
            | Refusal::UnknownSeat(_)
            | Refusal::SeatTaken(_)
            | Refusal::TooManyHolds { .. }
            | Refusal::TooManySeats { .. }
            | Refusal::CoolingDown(_)
            | Refusal::TicketVoid
            | Refusal::AlreadyCheckedIn(_)
            | Refusal::TooEarly(_)
            | Refusal::UnknownCheckIn
            | Refusal::Over(_)
            | Refusal::CheckedIn
            | Refusal::NotSold
            | Refusal::TooManyMessages { .. }
            | Refusal::TooLateToReturn(_)
            | Refusal::MoveInProgress
            | Refusal::MoveOver
            | Refusal::SeatsChanged
            | Refusal::AlreadyWaiting(_)
            | Refusal::SeatsAvailable
            | Refusal::WaitingListFull { .. }
            | Refusal::UnknownPlace
            | Refusal::TicketTypeMissing { .. }
            | Refusal::UnknownTicketType { .. }
            | Refusal::TicketTypeLimit { .. }
            | Refusal::UnknownBlock
            | Refusal::NoOpenTill
            | Refusal::Unchangeable(_)
            | Refusal::Invalid(_)),
        ) => return Next::Stuck(Unexpected::Hold(refusal)),
    })
}

/// Returns the step to take instead of opening a page, if the hold has ended while the payment waited for its turn.
pub(super) fn instead_of_page(hold: Option<Standing>) -> Option<Next> {
    let reason = match hold? {
        Standing::Held(_) => return None,
        Standing::Lapsed => reasons::HOLD_EXPIRED,
        Standing::Sold => reasons::ALREADY_PAID,
        Standing::Cancelled | Standing::ScreeningCancelled => reasons::CANCELLED,
    };
    Some(Next::Then(Step::GiveUp(reason)))
}

pub(super) fn after_checking_move(booking: &Booking, payment: PaymentId, now: Timestamp) -> Next {
    Next::Then(instead_of_move_page(booking, payment, now).unwrap_or(Step::OpenPage))
}

/// Returns the step to take instead of opening a page, if the booking no longer waits for the difference of a move.
pub(super) fn instead_of_move_page(booking: &Booking, payment: PaymentId, now: Timestamp) -> Option<Step> {
    match waiting_move(booking, payment) {
        Some(known) if known.wanted.pay_until.is_none_or(|until| now < until) => None,
        Some(_) => Some(Step::GiveUp(reasons::HOLD_EXPIRED)),
        None => Some(Step::GiveUp(reasons::CANCELLED)),
    }
}

/// Returns the move of which this payment is the difference, while it waits for the money.
pub(super) fn waiting_move(booking: &Booking, payment: PaymentId) -> Option<&KnownMove> {
    let known = booking.opened.as_ref()?.known_move(payment)?;
    Some(known).filter(|known| known.outcome == MoveOutcome::Open && !known.paid)
}

/// `page` is `None` if the provider did not open one.
pub(super) fn after_opening(page: Option<OpenedCheckout>) -> Next {
    Next::Then(page.map_or(Step::GiveUp(reasons::PROVIDER_UNAVAILABLE), Step::RecordPage))
}

pub(super) fn after_recording(answer: Result<(), payment::Refusal>) -> Next {
    match answer {
        // If the payment has failed meanwhile, the page stays unknown to the customer.
        Ok(()) | Err(payment::Refusal::Settled) => Next::Done,
        Err(refusal) => Next::Stuck(Unexpected::Page(refusal)),
    }
}

pub(super) fn after_giving_up(answer: Result<(), payment::Refusal>) -> Next {
    answer.map_or_else(|refusal| Next::Stuck(Unexpected::GiveUp(refusal)), |()| Next::Done)
}

pub(super) fn record_page(OpenedCheckout { session, url, expires_at }: OpenedCheckout) -> Command {
    Command::OpenCheckout { session, url, expires_at }
}

pub(super) fn give_up(reason: &str) -> Command {
    Command::FailPayment { reason: reason.to_owned() }
}

/// Use of captured money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spending {
    /// Buy the seats of a booking.
    Settle(BookingId),
    /// Pay the difference of a move of a booking.
    PayMove(BookingId),
    /// Top up the customer's wallet.
    Credit(wallet::Command),
    /// Return the money.
    Refund(Command),
}

/// Returns the use of a payment's money; `None` if none was captured, or if it goes back by itself.
pub(super) fn spending(payment: &Payment) -> Option<Spending> {
    let (opened, (_, captured)) = (payment.opened()?, payment.captured()?);
    Some(match opened.purpose {
        Purpose::Booking { booking } => Spending::Settle(booking),
        Purpose::Difference { booking } => Spending::PayMove(booking),
        Purpose::TopUp => Spending::Credit(wallet::Command::CreditWallet {
            customer: opened.customer,
            reference: Reference { kind: EntryKind::TopUp, id: opened.payment.0 },
            amount: captured,
            booking: None,
            reason: None,
        }),
        Purpose::Stray { of: _ } => Spending::Refund(Command::RequestRefund {
            target: RefundTarget::Card,
            reason: RefundReason::PaidTwice,
        }),
        // Its refund is requested where the part is split off.
        Purpose::Part { .. } => return None,
    })
}

/// Returns the refund of a difference whose move is over; `None` if the money pays the move.
pub(super) fn after_paying_move(
    answer: Result<(), booking::Refusal>,
) -> Result<Option<Command>, booking::Refusal> {
    match answer {
        Ok(()) => Ok(None),
        Err(booking::Refusal::MoveOver) => Ok(Some(refund_of_move())),
        Err(refusal) => Err(refusal),
    }
}

fn refund_of_move() -> Command {
    Command::RequestRefund { target: RefundTarget::Card, reason: RefundReason::SeatsGone }
}

/// Returns the booking of a difference that was captured with another amount, about which no administrator has decided. It ends by
/// itself: the new seats are kept for minutes.
pub(super) fn mismatched_move(payment: &Payment) -> Option<BookingId> {
    let opened = payment.opened().filter(|_| payment.status() == PaymentStatus::Review)?;
    match opened.purpose {
        Purpose::Difference { booking } => Some(booking),
        Purpose::Booking { .. } | Purpose::TopUp | Purpose::Stray { .. } | Purpose::Part { .. } => None,
    }
}

/// Returns `true` if the move of this difference failed.
pub(super) fn is_refused_move(booking: &Booking, payment: PaymentId) -> bool {
    let known = booking.opened.as_ref().and_then(|opened| opened.known_move(payment));
    known.is_some_and(|known| matches!(known.outcome, MoveOutcome::Refused(..)))
}

/// Returns the refund of another amount than the difference, once the move is refused. `None` if an administrator accepted the amount
/// before: it pays the move.
pub(super) fn after_ending_move(
    is_refused: Result<bool, booking::Refusal>,
) -> Result<Option<Command>, booking::Refusal> {
    match is_refused {
        Ok(is_refused) => Ok(is_refused.then(refund_of_move)),
        Err(booking::Refusal::MoveInProgress) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// Returns the command that ends the move of a difference that was not paid.
pub(super) fn refuse_move(payment: PaymentId) -> booking::Command {
    booking::Command::RefuseMove { id: payment, reason: MoveRefusal::NotPaid, seats: Vec::new() }
}

/// Accepts the booking's answer to it.
pub(super) fn after_refusing_move(answer: Result<(), booking::Refusal>) -> Result<(), booking::Refusal> {
    match answer {
        // Outdated: the money arrived after all.
        Ok(()) | Err(booking::Refusal::MoveInProgress) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

/// Accepts the booking's answer to a failed payment.
pub(super) fn after_failing(answer: Result<(), booking::Refusal>) -> Result<(), booking::Refusal> {
    match answer {
        // Outdated: the money arrived after all.
        Ok(()) | Err(booking::Refusal::AlreadyPaid) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

/// Returns the moment of the first poll of a page that was recorded at `now`.
pub(super) fn first_poll(now: Timestamp) -> Timestamp {
    now + POLL_MIN
}

/// Returns the moment of the next poll of a page; `None` once it has been closed for long enough. The wait is the age of
/// the page, so polls become rarer.
pub(super) fn next_poll(now: Timestamp, closes_at: Timestamp) -> Option<Timestamp> {
    let age = now.duration_since(closes_at) + PAGE_LIFE;
    (now < closes_at + POLL_AFTER_CLOSE).then(|| now + age.max(POLL_MIN))
}

/// Returns `true` if a payment without money is to expire: its page has closed, or its booking no longer waits for it. Late
/// money may still buy the seats, but not those of a move.
pub(super) fn expires(
    now: Timestamp,
    closes_at: Timestamp,
    opened: &Opened,
    booking: Option<&Booking>,
) -> bool {
    let waits = |booking: &Booking| match opened.purpose {
        Purpose::Difference { .. } => instead_of_move_page(booking, opened.payment, now).is_none(),
        Purpose::Booking { .. } | Purpose::TopUp | Purpose::Stray { .. } | Purpose::Part { .. } => {
            booking.opened.as_ref().is_some_and(|opened| opened.status == BookingStatus::Paying)
        }
    };
    closes_at <= now || booking.is_some_and(|booking| !waits(booking))
}

/// Returns the moment of a poll, which is no later than the end of the time to pay the difference of a move.
pub(super) fn in_time(
    at: Timestamp,
    now: Timestamp,
    payment: PaymentId,
    booking: Option<&Booking>,
) -> Timestamp {
    let waiting = booking.and_then(|booking| waiting_move(booking, payment));
    let until = waiting.and_then(|known| known.wanted.pay_until).filter(|until| now < *until);
    until.map_or(at, |until| at.min(until))
}

/// Returns the booking that the payment is about.
pub(super) fn booking_of(opened: &Opened) -> Option<BookingId> {
    match opened.purpose {
        Purpose::Booking { booking } | Purpose::Difference { booking } => Some(booking),
        Purpose::TopUp | Purpose::Stray { .. } | Purpose::Part { .. } => None,
    }
}
