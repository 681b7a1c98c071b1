//! Moves of paid bookings to other seats.
//!
//! ```text
//! MoveRequested ──▶ Begin ──▶ Debit ──▶ MoveIn ──▶ Complete ──▶ BookingMoved ──▶ Leave
//!                     │ no      │ no      │ no
//!                     └─────────┴─────────┴──▶ RefuseMove ──▶ MoveRefused ──▶ Decline ──▶ (Credit) ──▶ End ──▶ Void
//! ```
//!
//! Within one screening, the seats are exchanged by `MoveIn`, and there is no `Begin`, `Leave` or `Void`. `Debit` takes a
//! difference from the wallet; mostly there is none to pay. A difference to pay by card comes first:
//!
//! ```text
//! MoveRequested ──▶ Keep ──▶ Ask ──▶ (checkout) ──▶ MovePaid ──▶ Begin ──▶ MoveIn ──▶ Complete ──▶ …
//!                    │ no               │ no                      │ no       │ no
//!                    └──────────────────┴─────────────────────────┴──────────┴──▶ … MoveRefused ──▶ Close ──▶ Return ──▶ End ──▶ Void ──▶ Unkeep
//! ```
//!
//! While the checkout is open, the new seats are kept and the old ones are the booking's own. `card_payment` opens the checkout, and
//! has the booking decide whether captured money pays the move or comes too late.
//!
//! The booking decides: `Complete` succeeds unless the booking, or one of the screenings, was cancelled before. Until then the old
//! screening keeps the old seats. Every run starts from the first step, and a step that was taken before changes
//! nothing. The refusal of a move is in the log and triggers the undoing of its steps, so a crash in between loses
//! nothing. A process that stalls may take a step after another process undid the move, such as `Keep` or `MoveIn`:
//! it reads the booking again in the end, and undoes the move itself. If it dies before that, `hold_expiry` finds the
//! seats that it got, and a block ends by itself. Seats that were not exchanged before `End` never are: within one
//! screening it comes before `RefuseMove`, and a move whose seats another process exchanged meanwhile is completed
//! instead.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Money, PaymentId, ScreeningId, SeatName, UserId,
    booking::{self, Booking, Event, Ticket},
    payment::{self, Payment, Purpose, RefundReason, RefundTarget},
    screening::{self, MovedSeats, Screening},
    seat_move::{MoveOutcome, MoveRefusal, SeatMove},
    wallet::{self, Reference, Wallet},
};
use ticketshow_tickets::Signer;

use crate::worker::{error::SagaError, reaction::Reaction};

/// Work that an event of a booking starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub booking: BookingId,
    pub customer: UserId,
    pub wanted: SeatMove,
    pub part: Part,
}

/// Part of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Get the new seats, or request payment of the difference by card first.
    Carry,
    /// Get the new seats, whose difference is paid.
    Exchange,
    /// Undo a move that was refused.
    Undo,
    /// Leave the old seats.
    Leave,
}

/// One command of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask the new screening to keep the new seats while the customer pays.
    Keep(Timestamp),
    /// Ask for the difference by card.
    Ask(Money),
    /// Ask the old screening to keep the old seats.
    Begin,
    /// Take the difference from the wallet.
    Debit(Money),
    /// Ask the new screening to sell the new seats.
    MoveIn,
    Complete,
    /// Rule out a debit.
    Decline,
    /// Return a difference that was taken.
    Credit(Money),
    /// Close the checkout.
    Close,
    /// Return a difference that a card paid.
    Return,
    /// Ask the old screening to stop keeping the old seats, and not to exchange them any more.
    End,
    /// Ask the new screening to release the new seats.
    Void,
    /// Ask the new screening to sell the seats that it kept to others.
    Unkeep,
    /// Ask the old screening to release the old seats.
    Leave,
}

/// A step's command, by its aggregate.
#[derive(Debug)]
pub(crate) enum Order {
    Screening(ScreeningId, screening::Command),
    Wallet(wallet::Command),
    /// To the payment with the id of the move.
    Payment(payment::Command),
    Booking(booking::Command),
}

/// The consequence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Take the next step.
    Continue,
    /// Skip the next step.
    Skip,
    /// The move fails. The seats are those that were taken.
    Refuse(MoveRefusal, Vec<SeatName>),
    /// Another run was faster, or the booking has ended the move.
    Over,
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    let (booking, customer, wanted, part) = match event {
        Event::MoveRequested { booking, customer, wanted } => (booking, customer, wanted, Part::Carry),
        Event::MovePaid { booking, customer, wanted } => (booking, customer, wanted, Part::Exchange),
        Event::MoveRefused { booking, customer, wanted, .. } => (booking, customer, wanted, Part::Undo),
        Event::BookingMoved { booking, customer, moved, .. } => (booking, customer, moved, Part::Leave),
        Event::BookingOpened { .. }
        | Event::PaymentAttemptStarted { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::BookingCancelled { .. }
        | Event::SeatsReturned { .. }
        | Event::ReturnRefunded { .. }
        | Event::BookingRefunded { .. }
        | Event::NoteAdded { .. }
        | Event::BuyerErased { .. }
        | Event::TicketShared { .. }
        | Event::ShareEnded { .. }
        | Event::DiscountApplied { .. }
        | Event::DiscountRemoved { .. }
        | Event::BookingRescheduled { .. } => return None,
    };
    Some(Task { booking: *booking, customer: *customer, wanted: wanted.clone(), part })
}

impl Task {
    /// Returns all steps. Every run starts from the first: a step that was taken before changes nothing.
    pub fn steps(&self) -> Vec<Step> {
        let SeatMove { to_pay, pay_until, .. } = self.wanted;
        let between = |steps: &'static [Step]| if self.wanted.stays() { &[][..] } else { steps };
        let checkout = pay_until.zip(to_pay).filter(|_| self.wanted.is_paid_by_card());
        let exchange = [Step::MoveIn, Step::Complete];
        match (self.part, checkout) {
            (Part::Carry, Some((until, to_pay))) => vec![Step::Keep(until), Step::Ask(to_pay)],
            (Part::Carry, None) => {
                let then = to_pay.map(Step::Debit).into_iter().chain(exchange);
                between(&[Step::Begin]).iter().copied().chain(then).collect()
            }
            (Part::Exchange, _) => between(&[Step::Begin]).iter().copied().chain(exchange).collect(),
            (Part::Undo, Some(_)) => {
                let then = between(&[Step::Void]).iter().copied();
                [Step::Close, Step::Return, Step::End].into_iter().chain(then).chain([Step::Unkeep]).collect()
            }
            (Part::Undo, None) => {
                let back = to_pay.map(|to_pay| [Step::Decline, Step::Credit(to_pay)]);
                let then = between(&[Step::Void]).iter().copied();
                back.into_iter().flatten().chain([Step::End]).chain(then).collect()
            }
            (Part::Leave, _) => between(&[Step::Leave]).to_vec(),
        }
    }

    /// Returns the task that undoes the move.
    pub fn undone(&self) -> Self {
        Self { part: Part::Undo, ..self.clone() }
    }

    /// Returns the end of the move; `None` if the booking does not know it.
    fn outcome<'a>(&self, booking: &'a Booking) -> Option<&'a MoveOutcome> {
        let known = booking.opened.as_ref()?.known_move(self.wanted.id)?;
        Some(&known.outcome)
    }

    fn is_open(&self, booking: &Booking) -> bool {
        self.outcome(booking) == Some(&MoveOutcome::Open)
    }

    fn is_refused(&self, booking: &Booking) -> bool {
        matches!(self.outcome(booking), Some(MoveOutcome::Refused(..)))
    }

    /// Returns the seats that the booking gets.
    fn moved(&self) -> MovedSeats {
        let (booking, customer) = (self.booking, self.customer);
        let SeatMove { id, payment, ref to, by, ref given, .. } = self.wanted;
        let given = self.wanted.stays().then(|| given.clone());
        let (seats, wheelchairs) = (self.wanted.new_seats(), to.wheelchairs.clone());
        let (starts_at, amount, quote) = (to.starts_at, to.amount(), to.quote());
        MovedSeats { booking, customer, payment, id, seats, wheelchairs, given, starts_at, amount, quote, by }
    }

    pub fn order(&self, step: Step, signer: &Signer) -> Order {
        let (booking, customer) = (self.booking, self.customer);
        let SeatMove { id, from, ref to, ref given, .. } = self.wanted;
        match step {
            Step::Keep(until) => {
                let moved = self.moved();
                Order::Screening(to.screening, screening::Command::KeepForMove { moved, until })
            }
            Step::Ask(amount) => {
                let (purpose, fingerprint) = (Purpose::Difference { booking }, None);
                let payment = id;
                Order::Payment(payment::Command::RequestPayment {
                    payment,
                    customer,
                    purpose,
                    amount,
                    fingerprint,
                })
            }
            Step::Begin => {
                let seats = given.clone();
                Order::Screening(from, screening::Command::BeginMove { booking, id, seats })
            }
            Step::Debit(amount) => {
                let reference = Reference::payment(id);
                Order::Wallet(wallet::Command::DebitWallet { customer, reference, amount, booking })
            }
            Step::MoveIn => Order::Screening(to.screening, screening::Command::MoveIn(self.moved())),
            Step::Complete => {
                let ticket = |seat: SeatName| {
                    let code = signer.sign(to.screening, booking, &seat);
                    Ticket { seat, code }
                };
                let tickets = self.wanted.new_seats().into_iter().map(ticket).collect();
                Order::Booking(booking::Command::CompleteMove { id, tickets })
            }
            Step::Decline => {
                let reference = Reference::payment(id);
                Order::Wallet(wallet::Command::DeclineDebit { customer, reference, booking })
            }
            Step::Credit(amount) => Order::Wallet(wallet::Command::CreditWallet {
                customer,
                reference: Reference::refund(id),
                amount,
                booking: Some(booking),
                reason: None,
            }),
            Step::Close => Order::Payment(payment::Command::ExpirePayment),
            Step::Return => {
                let (target, reason) = (RefundTarget::Card, RefundReason::SeatsGone);
                Order::Payment(payment::Command::RequestRefund { target, reason })
            }
            Step::Unkeep => Order::Screening(to.screening, screening::Command::EndKeeping { id }),
            Step::End => Order::Screening(from, screening::Command::EndMove { booking, id }),
            Step::Void => Order::Screening(to.screening, screening::Command::MoveOut { booking, id }),
            Step::Leave => Order::Screening(from, screening::Command::MoveOut { booking, id }),
        }
    }

    /// Returns `true` if the seats were exchanged within the screening.
    fn is_exchanged(&self, screening: &Screening) -> bool {
        screening.has_sold_exactly(self.booking, &self.wanted.new_seats())
    }

    /// Returns the refusal of a move that the screening does not know as open, although the booking may.
    fn ruled_out(&self, step: Step) -> Option<Next> {
        let is_exchange = step == Step::MoveIn && self.wanted.stays();
        is_exchange.then(|| Next::Refuse(MoveRefusal::SeatsChanged, Vec::new()))
    }

    fn refuse(&self, reason: MoveRefusal, seats: Vec<SeatName>) -> booking::Command {
        booking::Command::RefuseMove { id: self.wanted.id, reason, seats }
    }
}

pub(crate) fn after_wallet(step: Step, answer: Result<(), wallet::Refusal>) -> Result<Next, wallet::Refusal> {
    use wallet::Refusal;
    match (step, answer) {
        // Nothing was debited, and nothing will be.
        (Step::Decline, Ok(())) => Ok(Next::Skip),
        (Step::Decline, Err(Refusal::DebitMade(_))) | (_, Ok(())) => Ok(Next::Continue),
        (Step::Debit(_), Err(Refusal::InsufficientFunds { .. } | Refusal::DebitDeclined(_))) => {
            Ok(Next::Refuse(MoveRefusal::InsufficientFunds, Vec::new()))
        }
        (
            _,
            Err(
                refusal @ (Refusal::InsufficientFunds { .. }
                | Refusal::DebitDeclined(_)
                | Refusal::DebitMade(_)
                | Refusal::WrongCurrency(_)
                | Refusal::AmountOutOfRange
                | Refusal::ReferenceReused(_)
                | Refusal::NotProposed
                | Refusal::OwnProposal),
            ),
        ) => Err(refusal),
    }
}

pub(crate) fn after_payment(
    step: Step,
    answer: Result<(), payment::Refusal>,
) -> Result<Next, payment::Refusal> {
    match (step, answer) {
        // It was never asked for. What is asked for later finds the move refused.
        (Step::Close, Err(payment::Refusal::NotFound)) => Ok(Next::Skip),
        // Money that comes later finds the move refused.
        (Step::Return, Err(payment::Refusal::NotCaptured)) | (_, Ok(())) => Ok(Next::Continue),
        (_, Err(refusal)) => Err(refusal),
    }
}

pub(crate) fn after_screening(answer: Result<(), screening::Refusal>) -> Result<Next, screening::Refusal> {
    use screening::Refusal;
    let reason = match answer {
        Ok(()) => return Ok(Next::Continue),
        Err(Refusal::MoveOver) => return Ok(Next::Over),
        // Wheelchair places are kept for others.
        Err(Refusal::SeatTaken(seats) | Refusal::KeptForWheelchairs { seats, until: _ }) => {
            return Ok(Next::Refuse(MoveRefusal::SeatTaken, seats));
        }
        Err(Refusal::UnknownSeat(_) | Refusal::DuplicateSeat(_)) => MoveRefusal::UnknownSeat,
        Err(Refusal::BookingClosed(_)) => MoveRefusal::BookingClosed,
        Err(Refusal::ScreeningCancelled) => MoveRefusal::ScreeningCancelled,
        Err(Refusal::Over(_)) => MoveRefusal::ScreeningOver,
        Err(Refusal::CheckedIn) => MoveRefusal::CheckedIn,
        Err(Refusal::SeatsChanged | Refusal::MoveInProgress) => MoveRefusal::SeatsChanged,
        Err(Refusal::BookingCancelled | Refusal::UnknownBooking | Refusal::NotSold) => {
            MoveRefusal::BookingCancelled
        }
        Err(Refusal::TooManySeats { .. }) => MoveRefusal::TooManySeats,
        Err(Refusal::TimeChanged(_)) => MoveRefusal::TimeChanged,
        // Others took their neighbours meanwhile. A refusal returns what was paid.
        Err(Refusal::SingleSeatLeft(_)) => MoveRefusal::SeatTaken,
        // The request waited for too long.
        Err(Refusal::HoldExpired) => MoveRefusal::NotPaid,
        Err(
            refusal @ (Refusal::NotFound
            | Refusal::KeyReused
            | Refusal::SeatCount { .. }
            | Refusal::PricesChanged
            | Refusal::TooManyHolds { .. }
            | Refusal::CoolingDown(_)
            | Refusal::AlreadySold(_)
            | Refusal::GivenUp
            | Refusal::TicketVoid
            | Refusal::AlreadyCheckedIn(_)
            | Refusal::TooEarly(_)
            | Refusal::UnknownCheckIn
            | Refusal::UnknownBlock
            | Refusal::NoOpenTill
            | Refusal::Unchangeable(_)
            | Refusal::Invalid(_)
            | Refusal::TooManyMessages { .. }
            | Refusal::TooLateToReturn(_)
            | Refusal::AlreadyWaiting(_)
            | Refusal::SeatsAvailable
            | Refusal::WaitingListFull { .. }
            | Refusal::UnknownPlace
            | Refusal::TicketTypeMissing { .. }
            | Refusal::UnknownTicketType { .. }
            | Refusal::TicketTypeLimit { .. }),
        ) => return Err(refusal),
    };
    Ok(Next::Refuse(reason, Vec::new()))
}

pub(crate) fn after_booking(answer: Result<(), booking::Refusal>) -> Result<Next, booking::Refusal> {
    match answer {
        Ok(()) => Ok(Next::Continue),
        Err(booking::Refusal::MoveOver) => Ok(Next::Over),
        Err(refusal) => Err(refusal),
    }
}

/// Carries out a task.
pub(crate) async fn run(reaction: &Reaction<'_>, signer: &Signer, task: &Task) -> Result<(), SagaError> {
    match task.part {
        Part::Undo | Part::Leave => return take_all(reaction, signer, task).await,
        Part::Carry | Part::Exchange => {}
    }
    if task.is_open(&reaction.read_after_cause::<Booking>(&task.booking).await?) {
        take_all(reaction, signer, task).await?;
    }
    // Another process may have undone the move before this one took its last step.
    if task.is_refused(&reaction.read::<Booking>(&task.booking).await?) {
        take_all(reaction, signer, &task.undone()).await?;
    }
    Ok(())
}

async fn take_all(reaction: &Reaction<'_>, signer: &Signer, task: &Task) -> Result<(), SagaError> {
    let mut skip = false;
    for step in task.steps() {
        if std::mem::take(&mut skip) {
            continue;
        }
        let next = match take(reaction, signer, task, step).await? {
            Next::Over => task.ruled_out(step).unwrap_or(Next::Over),
            next @ (Next::Continue | Next::Skip | Next::Refuse(..)) => next,
        };
        match next {
            Next::Continue => {}
            Next::Skip => skip = true,
            Next::Over => return Ok(()),
            Next::Refuse(reason, seats) => return refuse(reaction, signer, task, reason, seats).await,
        }
    }
    Ok(())
}

/// Refuses the move. Another process may have exchanged the seats since this one was refused: then the booking has them.
async fn refuse(
    reaction: &Reaction<'_>,
    signer: &Signer,
    task: &Task,
    reason: MoveRefusal,
    seats: Vec<SeatName>,
) -> Result<(), SagaError> {
    if task.wanted.stays() && end_exchange(reaction, task).await? {
        return take(reaction, signer, task, Step::Complete).await.map(drop);
    }
    reaction.must::<Booking>(&task.booking, task.refuse(reason, seats)).await
}

/// Prevents an exchange of the seats from now on. Returns `true` if they were exchanged before.
async fn end_exchange(reaction: &Reaction<'_>, task: &Task) -> Result<bool, SagaError> {
    let (booking, id, from) = (task.booking, task.wanted.id, task.wanted.from);
    let end = screening::Command::EndMove { booking, id };
    let exchanged = {
        let task = task.clone();
        move |screening: &Screening| task.is_exchanged(screening)
    };
    reaction.execute_and_read::<Screening, _>(&from, end, exchanged).await?.map_err(SagaError::permanent)
}

/// Releases seats that another screening sold to a booking after their move ended, because a process stalled before this step, and
/// died after it.
pub(crate) async fn release_if_late(
    reaction: &Reaction<'_>,
    screening: ScreeningId,
    booking: BookingId,
    id: PaymentId,
) -> Result<(), SagaError> {
    if is_late(&reaction.read(&booking).await?, id) {
        reaction.must::<Screening>(&screening, screening::Command::MoveOut { booking, id }).await?;
    }
    Ok(())
}

/// Returns `true` if a booking will not have the seats of another screening that a move got it.
fn is_late(booking: &Booking, id: PaymentId) -> bool {
    let known = booking.opened.as_ref().and_then(|opened| opened.known_move(id));
    known.is_some_and(|known| matches!(known.outcome, MoveOutcome::Refused(..)) && !known.wanted.stays())
}

async fn take(reaction: &Reaction<'_>, signer: &Signer, task: &Task, step: Step) -> Result<Next, SagaError> {
    match task.order(step, signer) {
        Order::Screening(screening, command) => {
            let answer = reaction.execute::<Screening>(&screening, command).await?;
            after_screening(answer).map_err(SagaError::permanent)
        }
        Order::Wallet(command) => {
            let answer = reaction.execute::<Wallet>(&task.customer, command).await?;
            after_wallet(step, answer).map_err(SagaError::permanent)
        }
        Order::Payment(command) => {
            let answer = reaction.execute::<Payment>(&task.wanted.id, command).await?;
            after_payment(step, answer).map_err(SagaError::permanent)
        }
        Order::Booking(command) => {
            let answer = reaction.execute::<Booking>(&task.booking, command).await?;
            after_booking(answer).map_err(SagaError::permanent)
        }
    }
}
