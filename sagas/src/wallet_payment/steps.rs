//! The steps of one attempt as data: the command for each step, and the step that follows from the answer.
//!
//! ```text
//! (CheckHold)
//!   ▼
//! Debit ──▶ Sell ──▶ Confirm ──▶ done
//!   │        │ no       │ no
//!   │        ▼          ▼
//!   │      GiveUp ─▶ Credit ──────▶ Fail ──▶ done
//!   ▼ insufficient funds              ▲
//! Decline ──▶ Lapse ──▶ (Expire) ─────┘
//! ```
//!
//! A request that is older than a hold starts at `CheckHold`, which goes to `Decline` if the hold has lapsed: its customer no
//! longer expects to pay. A card payment starts at Sell, because its money is captured already, and has Refund in place of
//! Credit.
//!
//! Every run starts from the first step: a step that was taken before is answered as it was the first time. Money is
//! returned only once the screening can no longer sell these seats to this payment, and an attempt fails without a debit
//! only once its wallet can no longer make one: another process may be between any two steps of the same attempt. The
//! attempt is settled last, so a settled attempt needs no further step.

use jiff::SignedDuration;
use ticketshow_domain::{
    BookingId, Money, PaymentId, Policy, ScreeningId, SeatName, UserId,
    booking::{self, FailureReason, PaymentMethod, Ticket, opened::Outcome},
    hold::Standing,
    payment::{self, RefundReason, RefundTarget},
    screening::{self, ClaimStatus, ReleaseReason},
    wallet::{self, Reference},
};
use ticketshow_tickets::Signer;

/// One attempt to pay a booking, from its customer's wallet or by a card whose money was captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub payment: PaymentId,
    pub method: PaymentMethod,
    pub booking: BookingId,
    pub screening: ScreeningId,
    pub customer: UserId,
    pub amount: Money,
    pub seats: Vec<SeatName>,
}

/// A command to send, by its aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Without money, find out whether the hold of an old request still lasts.
    CheckHold,
    Wallet(WalletStep),
    Screening(ScreeningStep),
    Booking(BookingStep),
    /// Return the money to the card; the booking records the reason next.
    Refund(FailureReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalletStep {
    Debit,
    /// Rule out a debit by another process; the booking records the reason.
    Decline(FailureReason),
    /// Return the money; the booking records the reason next.
    Credit(FailureReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScreeningStep {
    Sell,
    /// Release seats that cannot be sold now, so that they are never sold to this booking.
    GiveUp(FailureReason),
    /// Release the seats of a booking that was cancelled while they were being sold.
    Void,
    /// Without money, find out whether the hold has lapsed; the booking records the reason.
    Lapse(FailureReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BookingStep {
    Confirm,
    /// End a booking whose hold has lapsed, then record the reason.
    Expire(FailureReason),
    Fail(FailureReason),
}

/// An answer that no rule explains: parked for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unexpected {
    #[error("the wallet refused {0:?}")]
    Wallet(WalletStep, #[source] wallet::Refusal),
    #[error("the screening refused {0:?}")]
    Screening(ScreeningStep, #[source] screening::Refusal),
    #[error("the booking refused {0:?}")]
    Booking(BookingStep, #[source] booking::Refusal),
    #[error("the payment refused the refund because of {0:?}")]
    Refund(FailureReason, #[source] payment::Refusal),
    #[error("the screening answered {0:?} with {1:?}")]
    Claim(ScreeningStep, Option<ClaimStatus>),
    #[error("the booking does not know the payment")]
    NoAttempt,
    #[error("the screening does not know the booking")]
    NoHold,
}

/// The consequence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    Then(Step),
    Settled,
    /// Needs an operator.
    Stuck(Unexpected),
}

impl Attempt {
    /// Returns the attempt as recorded in its booking, or `None` if it is settled and needs no further step.
    pub fn open(booking: &booking::Booking, payment: PaymentId) -> Result<Option<Self>, Unexpected> {
        let opened = booking.opened.as_ref().ok_or(Unexpected::NoAttempt)?;
        let attempt = opened.attempt(payment).ok_or(Unexpected::NoAttempt)?;
        match (attempt.outcome, attempt.method) {
            (Outcome::Failed(_), PaymentMethod::Wallet) | (Outcome::Confirmed, _) => return Ok(None),
            // The money of a failed card payment may still arrive.
            (Outcome::Failed(_), PaymentMethod::Card)
            | (Outcome::Open, PaymentMethod::Wallet | PaymentMethod::Card) => {}
            // Settled by the seller.
            (
                _,
                PaymentMethod::Cash
                | PaymentMethod::CardTerminal
                | PaymentMethod::Upi
                | PaymentMethod::Complimentary,
            ) => return Ok(None),
        }
        let reservation = &opened.reservation;
        Ok(Some(Self {
            payment,
            method: attempt.method,
            booking: reservation.booking,
            screening: opened.screening,
            customer: reservation.customer,
            amount: reservation.amount,
            seats: reservation.seats.iter().map(|priced| priced.seat.clone()).collect(),
        }))
    }

    /// The step at which every run starts. `age` is the time since the attempt was requested.
    pub fn first(&self, age: SignedDuration, policy: &Policy) -> Step {
        match self.method {
            PaymentMethod::Wallet if age > SignedDuration::from_secs(policy.hold_seconds) => Step::CheckHold,
            PaymentMethod::Wallet => Step::Wallet(WalletStep::Debit),
            // The money is there.
            PaymentMethod::Card
            | PaymentMethod::Cash
            | PaymentMethod::CardTerminal
            | PaymentMethod::Upi
            | PaymentMethod::Complimentary => Step::Screening(ScreeningStep::Sell),
        }
    }

    pub fn wallet_command(&self, step: WalletStep) -> wallet::Command {
        let Self { customer, amount, booking, payment, .. } = *self;
        match step {
            WalletStep::Debit => {
                let reference = Reference::payment(payment);
                wallet::Command::DebitWallet { customer, reference, amount, booking }
            }
            WalletStep::Decline(_) => {
                let reference = Reference::payment(payment);
                wallet::Command::DeclineDebit { customer, reference, booking }
            }
            WalletStep::Credit(_) => wallet::Command::CreditWallet {
                customer,
                reference: Reference::refund(payment),
                amount,
                booking: Some(booking),
                reason: None,
            },
        }
    }

    pub fn screening_command(&self, step: ScreeningStep) -> screening::Command {
        let Self { booking, payment, .. } = *self;
        match step {
            ScreeningStep::Sell => screening::Command::SellSeats { booking, payment },
            ScreeningStep::GiveUp(_) => {
                screening::Command::ReleaseSeats { booking, reason: ReleaseReason::GivenUp }
            }
            // Only the customer can cancel a booking that is being paid: the house cancels screenings, which then
            // sell nothing.
            ScreeningStep::Void => {
                screening::Command::ReleaseSeats { booking, reason: ReleaseReason::CancelledByCustomer }
            }
            ScreeningStep::Lapse(_) => screening::Command::ReleaseLapsedHolds,
        }
    }

    pub fn booking_command(&self, step: BookingStep, signer: &Signer) -> booking::Command {
        let payment = self.payment;
        match step {
            BookingStep::Confirm => {
                booking::Command::ConfirmBooking { payment, tickets: self.tickets(signer) }
            }
            BookingStep::Expire(_) => booking::Command::ExpireBooking,
            BookingStep::Fail(reason) => booking::Command::FailAttempt { payment, reason },
        }
    }

    pub fn refund_command(reason: FailureReason) -> payment::Command {
        let reason = match reason {
            FailureReason::PaidTwice => RefundReason::PaidTwice,
            FailureReason::Cancelled => RefundReason::Cancelled,
            FailureReason::SeatsGone
            | FailureReason::BookingClosed
            | FailureReason::InsufficientFunds
            | FailureReason::Declined
            | FailureReason::TimedOut
            | FailureReason::ProviderUnavailable
            | FailureReason::SentBack
            | FailureReason::Abandoned => RefundReason::SeatsGone,
        };
        payment::Command::RequestRefund { target: RefundTarget::Card, reason }
    }

    pub fn after_refund(reason: FailureReason, answer: Result<(), payment::Refusal>) -> Next {
        match answer {
            Ok(()) => Next::Then(Step::Booking(BookingStep::Fail(reason))),
            Err(refusal) => Next::Stuck(Unexpected::Refund(reason, refusal)),
        }
    }

    fn tickets(&self, signer: &Signer) -> Vec<Ticket> {
        let code = |seat: &SeatName| signer.sign(self.screening, self.booking, seat);
        self.seats.iter().map(|seat| Ticket { seat: seat.clone(), code: code(seat) }).collect()
    }

    pub fn after_checking(standing: Option<Standing>) -> Next {
        match standing {
            Some(Standing::Lapsed) => Next::Then(Step::Wallet(WalletStep::Decline(FailureReason::TimedOut))),
            Some(Standing::Held(_) | Standing::Sold | Standing::Cancelled | Standing::ScreeningCancelled) => {
                Next::Then(Step::Wallet(WalletStep::Debit))
            }
            None => Next::Stuck(Unexpected::NoHold),
        }
    }

    pub fn after_wallet(step: WalletStep, answer: Result<(), wallet::Refusal>) -> Next {
        use wallet::Refusal;
        match (step, answer) {
            (WalletStep::Debit, Ok(())) => Next::Then(Step::Screening(ScreeningStep::Sell)),
            (WalletStep::Debit, Err(Refusal::InsufficientFunds { .. })) => {
                Next::Then(Step::Wallet(WalletStep::Decline(FailureReason::InsufficientFunds)))
            }
            // Declined by another run, or by this one before it was interrupted.
            (WalletStep::Debit, Err(Refusal::DebitDeclined(_))) => {
                Next::Then(Step::Screening(ScreeningStep::Lapse(FailureReason::InsufficientFunds)))
            }
            (WalletStep::Decline(reason), Ok(())) => {
                Next::Then(Step::Screening(ScreeningStep::Lapse(reason)))
            }
            // Another run was faster and had the money.
            (WalletStep::Decline(_), Err(Refusal::DebitMade(_))) => {
                Next::Then(Step::Screening(ScreeningStep::Sell))
            }
            (WalletStep::Credit(reason), Ok(())) => Next::Then(Step::Booking(BookingStep::Fail(reason))),
            (
                step,
                Err(
                    refusal @ (Refusal::WrongCurrency(_)
                    | Refusal::AmountOutOfRange
                    | Refusal::ReferenceReused(_)
                    | Refusal::InsufficientFunds { .. }
                    | Refusal::DebitMade(_)
                    | Refusal::DebitDeclined(_)
                    | Refusal::NotProposed
                    | Refusal::OwnProposal),
                ),
            ) => Next::Stuck(Unexpected::Wallet(step, refusal)),
        }
    }

    /// `answer` is the status of the booking's claim after the step.
    pub fn after_screening(
        &self,
        step: ScreeningStep,
        answer: Result<Option<ClaimStatus>, screening::Refusal>,
    ) -> Next {
        match (step, answer) {
            (ScreeningStep::Sell, Ok(_)) => Next::Then(Step::Booking(BookingStep::Confirm)),
            (ScreeningStep::Sell, Err(refusal)) => self.after_refused_sale(refusal),
            (ScreeningStep::GiveUp(reason), Ok(claim)) => self.after_giving_up(reason, claim),
            (ScreeningStep::Void, Ok(_)) => self.return_money(FailureReason::Cancelled),
            (ScreeningStep::Lapse(reason), Ok(claim)) => without_money(reason, claim),
            (
                step @ (ScreeningStep::GiveUp(_) | ScreeningStep::Void | ScreeningStep::Lapse(_)),
                Err(refusal),
            ) => Next::Stuck(Unexpected::Screening(step, refusal)),
        }
    }

    /// Gives up seats that may become free again before the money is returned, so that a repeat cannot sell them for
    /// nothing. The other refusals are final.
    fn after_refused_sale(&self, refusal: screening::Refusal) -> Next {
        use screening::Refusal;
        let give_up = |reason| Next::Then(Step::Screening(ScreeningStep::GiveUp(reason)));
        match refusal {
            Refusal::SeatTaken(_) | Refusal::HoldExpired => give_up(FailureReason::SeatsGone),
            Refusal::BookingClosed(_) => give_up(FailureReason::BookingClosed),
            Refusal::GivenUp => self.return_money(FailureReason::SeatsGone),
            Refusal::AlreadySold(_) => self.return_money(FailureReason::PaidTwice),
            Refusal::BookingCancelled | Refusal::ScreeningCancelled => {
                self.return_money(FailureReason::Cancelled)
            }
            Refusal::NotFound
            | Refusal::UnknownBooking
            | Refusal::KeyReused
            | Refusal::SeatCount { .. }
            | Refusal::DuplicateSeat(_)
            | Refusal::SingleSeatLeft(_)
            | Refusal::KeptForWheelchairs { .. }
            | Refusal::PricesChanged
            | Refusal::TimeChanged(_)
            | Refusal::UnknownSeat(_)
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
            | Refusal::Invalid(_) => Next::Stuck(Unexpected::Screening(ScreeningStep::Sell, refusal)),
        }
    }

    fn after_giving_up(&self, reason: FailureReason, claim: Option<ClaimStatus>) -> Next {
        match claim {
            // A concurrent run of this attempt was faster and did sell the seats.
            Some(ClaimStatus::Sold(by)) if by == self.payment => {
                Next::Then(Step::Booking(BookingStep::Confirm))
            }
            Some(ClaimStatus::Sold(_)) => self.return_money(FailureReason::PaidTwice),
            Some(ClaimStatus::Released(
                ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse | ReleaseReason::Moved,
            )) => self.return_money(FailureReason::Cancelled),
            Some(ClaimStatus::Released(ReleaseReason::GivenUp)) => self.return_money(reason),
            Some(ClaimStatus::Held | ClaimStatus::Released(ReleaseReason::Lapsed)) | None => {
                Next::Stuck(Unexpected::Claim(ScreeningStep::GiveUp(reason), claim))
            }
        }
    }

    pub fn after_booking(&self, step: BookingStep, answer: Result<(), booking::Refusal>) -> Next {
        use booking::Refusal;
        match (step, answer) {
            (BookingStep::Expire(reason), Ok(())) => Next::Then(Step::Booking(BookingStep::Fail(reason))),
            (BookingStep::Confirm, Err(Refusal::BookingCancelled)) => {
                Next::Then(Step::Screening(ScreeningStep::Void))
            }
            // Nothing is released: the payment that confirmed the booking owns its seats.
            (BookingStep::Confirm, Err(Refusal::AlreadyPaid)) => self.return_money(FailureReason::PaidTwice),
            // `AlreadyPaid`: a concurrent run of this attempt has confirmed it, so nothing failed.
            (BookingStep::Fail(_), Err(Refusal::AlreadyPaid))
            | (BookingStep::Confirm | BookingStep::Fail(_), Ok(())) => Next::Settled,
            (
                step,
                Err(
                    refusal @ (Refusal::NotFound
                    | Refusal::UnknownPayment
                    | Refusal::KeyReused
                    | Refusal::HoldExpired
                    | Refusal::AlreadyPaid
                    | Refusal::BookingCancelled
                    | Refusal::ScreeningCancelled
                    | Refusal::PaymentInProgress
                    | Refusal::TooLateToCancel(_)
                    | Refusal::SeatsNotReleased
                    | Refusal::NotCancelled
                    | Refusal::TooManyNotes { .. }
                    | Refusal::NotSoldAtCounter
                    | Refusal::CustomerHasAccount
                    | Refusal::BuyerErased
                    | Refusal::NothingPaid
                    | Refusal::AlreadyRefunded
                    | Refusal::NoOpenTill
                    | Refusal::NotConfirmed
                    | Refusal::UnknownSeat(_)
                    | Refusal::UnknownShare
                    | Refusal::TooManyShares { .. }
                    | Refusal::PaymentBegun
                    | Refusal::OtherPromotion(_)
                    | Refusal::MoveInProgress
                    | Refusal::MoveOver
                    | Refusal::MoveNotPaid
                    | Refusal::OtherSeatCount { .. }
                    | Refusal::SameSeats
                    | Refusal::TooManyMoves { .. }
                    | Refusal::DifferenceToPay(_)
                    | Refusal::PaidOtherwise(_)
                    | Refusal::SoldAtCounter),
                ),
            ) => Next::Stuck(Unexpected::Booking(step, refusal)),
        }
    }

    fn return_money(&self, reason: FailureReason) -> Next {
        Next::Then(match (self.method, self.amount.amount_minor) {
            (
                PaymentMethod::Card
                | PaymentMethod::Cash
                | PaymentMethod::CardTerminal
                | PaymentMethod::Upi
                | PaymentMethod::Complimentary,
                _,
            ) => Step::Refund(reason),
            // A free booking has nothing to return, and a wallet refuses a credit of zero.
            (PaymentMethod::Wallet, 0) => Step::Booking(BookingStep::Fail(reason)),
            (PaymentMethod::Wallet, _) => Step::Wallet(WalletStep::Credit(reason)),
        })
    }
}

/// Expires a booking whose hold has lapsed; it would wait for another attempt indefinitely.
fn without_money(reason: FailureReason, claim: Option<ClaimStatus>) -> Next {
    match claim {
        Some(ClaimStatus::Held | ClaimStatus::Sold(_)) => {
            Next::Then(Step::Booking(BookingStep::Fail(reason)))
        }
        Some(ClaimStatus::Released(ReleaseReason::Lapsed | ReleaseReason::GivenUp)) => {
            Next::Then(Step::Booking(BookingStep::Expire(reason)))
        }
        Some(ClaimStatus::Released(
            ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse | ReleaseReason::Moved,
        )) => Next::Then(Step::Booking(BookingStep::Fail(FailureReason::Cancelled))),
        None => Next::Stuck(Unexpected::Claim(ScreeningStep::Lapse(reason), claim)),
    }
}
