//! The HTTP problem for every refusal of the domain.

mod catalogue;

use std::time::Duration;

use axum::http::StatusCode;
use ticketshow_domain::{
    Flaw, Money, SeatName, account, booking, payment, promotion,
    screening::{self, changing::Unchangeable},
    seat_move::MoveRefusal,
    till, wallet,
};
use ticketshow_http::Problem;

/// A refusal that can be sent to a client.
pub trait Refuse: std::error::Error + Send + Sync + 'static {
    /// The problem to answer with.
    fn problem(self) -> Problem;
}

impl Refuse for account::Refusal {
    fn problem(self) -> Problem {
        match self {
            Self::EmailTaken => conflict("email-taken", "This e-mail already has an account", &self),
            Self::KeyReused => key_reused(),
            Self::NotRegistered => Problem::not_found(),
            Self::PasswordReplaced => {
                Problem::invalid_value("/current_password", "is not the password of this account")
            }
            Self::CodeUsed => Problem::invalid_value("/otp", "was used before: wait for the next code"),
            Self::OwnAccount => conflict("own-account", "This is your own account", &self),
            Self::Administrator => {
                conflict("administrator", "Another administrator has to take your role first", &self)
            }
            Self::Erased => conflict("account-erased", "This account was erased", &self),
            Self::NoSales => conflict("no-sales", "Your role does not include sales", &self),
            Self::Invalid(flaws) => Problem::invalid(&flaws),
        }
    }
}

impl Refuse for screening::Refusal {
    fn problem(self) -> Problem {
        match &self {
            Self::NotFound => Problem::not_found().detail(self.to_string()),
            Self::UnknownBooking | Self::UnknownCheckIn | Self::UnknownPlace | Self::UnknownBlock => {
                Problem::not_found()
            }
            Self::KeyReused => key_reused(),
            Self::ScreeningCancelled => screening_cancelled(),
            Self::BookingClosed(at) => booking_closed().with("closed_at", at).detail(self.to_string()),
            Self::SeatCount { max } => {
                wrong("seat-count", "Too many or too few seats", &self).with("max", max)
            }
            Self::DuplicateSeat(seat) => {
                wrong("duplicate-seat", "A seat is named twice", &self).with("seat", seat)
            }
            Self::UnknownSeat(seat) => {
                wrong("unknown-seat", "There is no such seat on this screening", &self).with("seat", seat)
            }
            Self::SeatTaken(seats) => {
                conflict("seat-taken", "These seats are taken", &self).with("seats", seats)
            }
            Self::KeptForWheelchairs { seats, until } => {
                kept_for_wheelchairs(&self).with("seats", seats).with("until", until)
            }
            Self::SingleSeatLeft(seats) => {
                conflict("single-seat-left", "These seats would be left single", &self).with("seats", seats)
            }
            Self::TooManyHolds { max } | Self::TooManySeats { max } => {
                conflict("too-many-holds", "You have reached the limit for this screening", &self)
                    .with("max", max)
            }
            Self::CoolingDown(until) => {
                conflict("cooling-down", "Unpaid holds have to wait", &self).with("until", until)
            }
            Self::HoldExpired | Self::GivenUp => hold_expired(),
            Self::AlreadySold(_) => already_paid(),
            Self::BookingCancelled => booking_cancelled(),
            Self::TicketVoid => conflict("void", "The ticket is void", &self),
            Self::AlreadyCheckedIn(used) => {
                let problem = conflict("already-used", "The ticket has been used", &self);
                problem.with("used_at", used.at).with("used_by", used.by).with("device", &used.device)
            }
            Self::TooEarly(from) => {
                conflict("too-early", "The doors are not open yet", &self).with("from", from)
            }
            Self::Over(at) => conflict("screening-over", "The screening is over", &self).with("ended_at", at),
            Self::TooManyMessages { max } => {
                conflict("too-many-messages", "Enough messages were sent about this screening", &self)
                    .with("max", max)
            }
            Self::NotSold => not_confirmed(),
            Self::TooLateToReturn(until) => {
                conflict("too-late-to-cancel", "It is too late to cancel", &self).with("until", until)
            }
            Self::MoveInProgress | Self::MoveOver => move_in_progress(),
            Self::SeatsChanged => conflict("seats-changed", "The booking has other seats by now", &self),
            Self::TimeChanged(_) => time_changed(),
            Self::CheckedIn => conflict("checked-in", "A ticket of the booking has been used", &self),
            Self::SeatsAvailable => seats_available(&self),
            Self::AlreadyWaiting(place) => already_waiting(&self).with("place_id", place),
            Self::WaitingListFull { max } => waiting_list_full(&self).with("max", max),
            Self::TicketTypeMissing { number, seat } => type_missing(*number, &self).with("seat", seat),
            Self::UnknownTicketType { number, ticket_type } => {
                type_unknown(*number, &self).with("ticket_type", ticket_type)
            }
            Self::TicketTypeLimit { ticket_type, .. } => type_limit(&self).with("ticket_type", ticket_type),
            Self::NoOpenTill => no_open_till(),
            Self::PricesChanged => conflict("amount-changed", "The prices have changed", &self),
            Self::Unchangeable(reason) => unchangeable(reason),
            Self::Invalid(flaws) => Problem::invalid(flaws),
        }
    }
}

fn kept_for_wheelchairs(refusal: &screening::Refusal) -> Problem {
    conflict("kept-for-wheelchairs", "These seats are kept for wheelchair users", refusal)
}

fn type_limit(refusal: &screening::Refusal) -> Problem {
    wrong("ticket-type-limit", "The booking breaks the limits of a ticket type", refusal)
}

fn type_missing(number: usize, refusal: &screening::Refusal) -> Problem {
    at_ticket_type(number, wrong("ticket-type-missing", "A seat needs a ticket type", refusal), refusal)
}

fn type_unknown(number: usize, refusal: &screening::Refusal) -> Problem {
    let title = "There is no such ticket type for this seat";
    at_ticket_type(number, wrong("unknown-ticket-type", title, refusal), refusal)
}

fn unchangeable(reason: &Unchangeable) -> Problem {
    match reason {
        Unchangeable::InProgress => {
            conflict("change-in-progress", "Another change of the screening is in progress", reason)
        }
        Unchangeable::TooOften { max } => {
            conflict("too-many-changes", "The screening was changed too often", reason).with("max", max)
        }
        Unchangeable::SeatsMissing(seats) => {
            conflict("seats-missing", "The other screen lacks seats that are taken", reason)
                .with("seats", seats)
        }
        Unchangeable::NotAccessible(seats) => {
            let title = "Booked wheelchair places are not accessible on the other screen";
            conflict("seats-not-accessible", title, reason).with("seats", seats)
        }
        Unchangeable::Terms(refusal) => refusal.clone().problem(),
    }
}

impl Refuse for booking::Refusal {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound | Self::UnknownPayment => Problem::not_found(),
            Self::KeyReused => key_reused(),
            Self::HoldExpired => hold_expired(),
            Self::AlreadyPaid => already_paid(),
            Self::BookingCancelled => booking_cancelled(),
            Self::ScreeningCancelled => screening_cancelled(),
            Self::PaymentInProgress => conflict("payment-in-progress", "A payment is in progress", &self),
            Self::TooLateToCancel(until) => {
                conflict("too-late-to-cancel", "It is too late to cancel", &self).with("until", until)
            }
            Self::SeatsNotReleased => conflict("seats-not-released", "The seats are not released yet", &self),
            Self::NotConfirmed => not_confirmed(),
            Self::PaymentBegun => conflict("payment-in-progress", "A payment was begun", &self),
            Self::OtherPromotion(_) => {
                conflict("promotion-changed", "The discount changed meanwhile: try again", &self)
            }
            Self::NotCancelled => conflict("not-cancelled", "The booking is not cancelled", &self),
            Self::UnknownSeat(ref seat) => {
                wrong("unknown-seat", "The booking has no ticket for this seat", &self).with("seat", seat)
            }
            Self::UnknownShare => Problem::not_found(),
            Self::TooManyShares { max } => {
                conflict("too-many-shares", "The booking has too many links to its tickets", &self)
                    .with("max", max)
            }
            Self::TooManyNotes { max } => {
                conflict("too-many-notes", "The booking has too many notes", &self).with("max", max)
            }
            Self::NotSoldAtCounter => {
                conflict("not-sold-at-counter", "The money goes back where it came from", &self)
            }
            Self::CustomerHasAccount => {
                conflict("customer-has-account", "Only the customer can erase the account", &self)
            }
            Self::BuyerErased => conflict("account-erased", "The customer was erased", &self),
            Self::NothingPaid => conflict("nothing-to-refund", "There is nothing to refund", &self),
            Self::AlreadyRefunded => conflict("already-refunded", "The money was handed back before", &self),
            Self::NoOpenTill => no_open_till(),
            Self::MoveInProgress | Self::MoveOver | Self::MoveNotPaid => move_in_progress(),
            Self::OtherSeatCount { has } => {
                wrong("seat-count", "A booking moves with all of its seats", &self).with("max", has)
            }
            Self::SameSeats => conflict("same-seats", "The booking has these seats", &self),
            Self::TooManyMoves { max } => {
                conflict("too-many-moves", "The booking was moved too often", &self).with("max", max)
            }
            Self::DifferenceToPay(more) => {
                conflict("difference-to-pay", "The new seats cost more", &self).with("amount", more)
            }
            Self::PaidOtherwise(more) => difference_from_wallet_only(more).detail(self.to_string()),
            Self::SoldAtCounter => sold_at_counter(),
        }
    }
}

impl Refuse for promotion::Refusal {
    fn problem(self) -> Problem {
        match &self {
            Self::NotFound => Problem::not_found(),
            Self::CodeTaken => conflict("code-taken", "Another promotion has this code", &self),
            Self::KeyReused => key_reused(),
            Self::UsedUp | Self::UsedUpByYou => {
                conflict("code-used-up", "The code has been used as often as it can be", &self)
            }
            Self::NotYet(from) => code_not_valid(&self).with("valid_from", from),
            Self::Ended(until) => code_not_valid(&self).with("valid_until", until),
            Self::OtherScreening => code_not_valid(&self),
            Self::Invalid(flaws) => Problem::invalid(flaws),
        }
    }
}

impl Refuse for till::Refusal {
    fn problem(self) -> Problem {
        match &self {
            Self::UnknownTill => Problem::not_found(),
            Self::KeyReused => key_reused(),
            Self::TillOpen(till) => {
                conflict("till-open", "A session of your till is open", &self).with("till_id", till)
            }
            Self::Closed(counted) => {
                conflict("till-closed", "The session was closed with another count", &self)
                    .with("counted", counted)
            }
            Self::Invalid(flaws) => Problem::invalid(flaws),
        }
    }
}

impl Refuse for payment::Refusal {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::KeyReused => key_reused(),
            Self::NotCaptured => conflict("not-captured", "No money has arrived", &self),
            Self::NotInReview => conflict("not-in-review", "The payment is not in review", &self),
            Self::Settled => conflict("payment-settled", "The payment is settled", &self),
            Self::OtherProviderPayment => conflict("other-payment", "Another payment arrived first", &self),
            Self::NoRefund => conflict("no-refund", "No refund is in progress", &self),
            Self::AllRefunded | Self::OtherCurrency => {
                conflict("refund-impossible", "No part of the payment can be refunded", &self)
            }
        }
    }
}

impl Refuse for wallet::Refusal {
    fn problem(self) -> Problem {
        match self {
            Self::InsufficientFunds { .. } | Self::DebitDeclined(_) => insufficient_funds(),
            Self::DebitMade(_) => already_paid(),
            Self::WrongCurrency(_) => wrong("wrong-currency", "This currency is not accepted here", &self),
            Self::NotProposed => Problem::not_found(),
            Self::OwnProposal => {
                conflict("own-proposal", "Another administrator has to approve the credit", &self)
            }
            Self::AmountOutOfRange => Problem::invalid_value("/amount/amount_minor", self.to_string()),
            Self::ReferenceReused(_) => key_reused(),
        }
    }
}

/// The problem for a failed attempt to pay.
pub fn payment_failed(reason: booking::FailureReason) -> Problem {
    match reason {
        booking::FailureReason::InsufficientFunds => insufficient_funds(),
        booking::FailureReason::Declined => {
            Problem::new(StatusCode::PAYMENT_REQUIRED, "payment-declined", "The payment was declined")
        }
        booking::FailureReason::Abandoned => Problem::new(
            StatusCode::PAYMENT_REQUIRED,
            "payment-abandoned",
            "The payment page was left without paying",
        ),
        booking::FailureReason::ProviderUnavailable => provider_unavailable(),
        booking::FailureReason::SentBack => Problem::new(
            StatusCode::PAYMENT_REQUIRED,
            "payment-sent-back",
            "A different amount arrived and was returned",
        ),
        booking::FailureReason::TimedOut | booking::FailureReason::SeatsGone => hold_expired(),
        booking::FailureReason::BookingClosed => booking_closed(),
        booking::FailureReason::PaidTwice => already_paid(),
        booking::FailureReason::Cancelled => booking_cancelled(),
    }
}

/// The problem for a move that failed.
pub fn move_refused(reason: MoveRefusal, seats: &[SeatName]) -> Problem {
    let conflict = |slug, title| Problem::new(StatusCode::CONFLICT, slug, title);
    match reason {
        MoveRefusal::SeatTaken => conflict("seat-taken", "These seats are taken").with("seats", seats),
        MoveRefusal::UnknownSeat => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unknown-seat",
            "There is no such seat on this screening",
        ),
        MoveRefusal::BookingClosed => booking_closed(),
        MoveRefusal::ScreeningCancelled => screening_cancelled(),
        MoveRefusal::ScreeningOver => conflict("screening-over", "The screening is over"),
        MoveRefusal::InsufficientFunds => insufficient_funds(),
        MoveRefusal::CheckedIn => conflict("checked-in", "A ticket of the booking has been used"),
        MoveRefusal::SeatsChanged => conflict("seats-changed", "The booking has other seats by now"),
        MoveRefusal::BookingCancelled => booking_cancelled(),
        MoveRefusal::TooManySeats => {
            conflict("too-many-holds", "You have reached the limit for this screening")
        }
        MoveRefusal::NotPaid => Problem::new(
            StatusCode::PAYMENT_REQUIRED,
            "difference-not-paid",
            "The difference was not paid: the booking has its seats as before",
        ),
        MoveRefusal::GivenUp => conflict("move-given-up", "The move was given up"),
        MoveRefusal::TimeChanged => time_changed(),
    }
}

/// 409: the house changed the time of the screening of the new seats meanwhile.
fn time_changed() -> Problem {
    Problem::new(StatusCode::CONFLICT, "time-changed", "The screening begins at another time by now")
}

/// 422: the Idempotency-Key was used with another body.
pub fn key_reused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "The Idempotency-Key was used for something else",
    )
}

/// 409: the customer, or the network, has that many unpaid holds already.
pub fn too_many_holds(max: u32) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "too-many-holds",
        "Pay for or release the seats already held, then hold others",
    )
    .with("max", max)
}

/// 409: the customer has that many checkout pages open already.
pub fn too_many_checkouts(max: u32) -> Problem {
    Problem::new(StatusCode::CONFLICT, "too-many-checkouts", "Complete a payment that you have begun first")
        .with("max", max)
}

/// 409: the customer waits for that many screenings already.
pub fn too_many_places(max: u32) -> Problem {
    Problem::new(StatusCode::CONFLICT, "too-many-places", "Leave another waiting list first").with("max", max)
}

/// 409: the hold expired before the payment, or the seats are gone.
pub fn hold_expired() -> Problem {
    Problem::new(StatusCode::CONFLICT, "hold-expired", "The hold has expired")
}

/// 503: the payment provider is unreachable or not configured.
pub fn provider_unavailable() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "payment-provider-unavailable",
        "Cards cannot be accepted at the moment; the wallet can",
    )
    // A payment waits a minute for its page at most; if the queue is longer, it fails.
    .retry_after(Duration::from_mins(1))
}

fn already_paid() -> Problem {
    Problem::new(StatusCode::CONFLICT, "already-paid", "The booking is paid")
}

/// 422: the provider takes no card payment of so little; the wallet pays any amount.
pub fn too_small_for_a_card(amount: Money, least: Money) -> Problem {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let problem = if amount.amount_minor == 0 {
        let title =
            "Nothing is to be paid: confirm the booking with the method `wallet`, which charges nothing";
        Problem::new(unprocessable, "nothing-to-pay", title)
    } else {
        let title = "The amount is too small for a card; the wallet pays any amount";
        Problem::new(unprocessable, "too-small-for-card", title)
    };
    problem.with("amount", amount).with("least", least)
}

/// 409: the booking is not paid.
pub fn not_confirmed() -> Problem {
    Problem::new(StatusCode::CONFLICT, "not-confirmed", "The booking is not paid")
}

/// 409: the booking is cancelled.
pub fn booking_cancelled() -> Problem {
    Problem::new(StatusCode::CONFLICT, "booking-cancelled", "The booking is cancelled")
}

/// 409: a booking that the wallet paid pays a difference from it, and one of the counter pays none.
fn difference_from_wallet_only(more: Money) -> Problem {
    let title = "The difference can be paid from the wallet only, for a booking that was paid from it";
    Problem::new(StatusCode::CONFLICT, "difference-from-wallet-only", title).with("amount", more)
}

/// 409: money of a sale at the counter does not go back by itself.
pub fn sold_at_counter() -> Problem {
    let title = "The booking was sold at the counter: its money is handed back there, for the whole booking";
    Problem::new(StatusCode::CONFLICT, "sold-at-counter", title)
}

/// 409: the booking is being moved.
pub fn move_in_progress() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "move-in-progress",
        "The booking is being moved: try again in a moment",
    )
}

fn code_not_valid(refusal: &promotion::Refusal) -> Problem {
    conflict("code-not-valid", "The code is not valid for this booking", refusal)
}

fn no_open_till() -> Problem {
    Problem::new(StatusCode::CONFLICT, "no-open-till", "Cash needs an open session of your till")
}

fn booking_closed() -> Problem {
    Problem::new(StatusCode::CONFLICT, "booking-closed", "The screening has started")
}

fn screening_cancelled() -> Problem {
    Problem::new(StatusCode::CONFLICT, "screening-cancelled", "The screening is cancelled")
}

fn insufficient_funds() -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "insufficient-funds", "The wallet balance is too low")
}

fn conflict(slug: &'static str, title: &'static str, refusal: &impl std::error::Error) -> Problem {
    Problem::new(StatusCode::CONFLICT, slug, title).detail(refusal.to_string())
}

fn seats_available(refusal: &impl std::error::Error) -> Problem {
    conflict("seats-available", "These seats can be booked now: nobody has to wait for them", refusal)
}

fn already_waiting(refusal: &impl std::error::Error) -> Problem {
    conflict("already-waiting", "You are on this waiting list already", refusal)
}

fn waiting_list_full(refusal: &impl std::error::Error) -> Problem {
    conflict("waiting-list-full", "The waiting list is full", refusal)
}

/// Points to the ticket type of a seat of the request.
fn at_ticket_type(number: usize, problem: Problem, refusal: &impl std::error::Error) -> Problem {
    let pointer = format!("/seats/{number}/ticket_type");
    problem.with("errors", vec![Flaw { pointer, message: refusal.to_string() }])
}

fn wrong(slug: &'static str, title: &'static str, refusal: &impl std::error::Error) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title).detail(refusal.to_string())
}
