//! A world of one card payment with its booking, screening and wallet, driven by the saga's steps. Each step is taken twice.

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    BookingId, PaymentId, Policy, ScreeningId, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, PaymentMethod, opened::Outcome},
    examples::{execute, inr},
    payment::{self, Command, Event, Payment, Purpose},
    screening::{self, ClaimStatus, ReleaseReason, Screening},
    wallet::Wallet,
};
use ticketshow_tickets::Signer;
use uuid::Uuid;

use super::super::{
    Task, react,
    steps::{self, Next, Spending, Step},
};
use crate::{
    examples::{promise, seat, start},
    provider::interface::OpenedCheckout,
    wallet_payment::steps::{self as settling, Attempt},
};

pub const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(3));
pub const PRICE_MINOR: i64 = 25_000;
const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));
const BOOKING: BookingId = BookingId(Uuid::from_u128(2));
const CUSTOMER: UserId = UserId(Uuid::from_u128(4));
const RIVAL: UserId = UserId(Uuid::from_u128(5));
const RIVALS_BOOKING: BookingId = BookingId(Uuid::from_u128(6));

/// An act of the provider, a customer or the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Captured,
    Declined,
    Leaves,
    Expires,
    CustomerCancels,
    HoldLapses,
    RivalReserves,
}

#[derive(Debug, Clone, PartialEq)]
pub struct World {
    now: Timestamp,
    pub payment: Payment,
    pub booking: Booking,
    screening: Screening,
    pub wallet: Wallet,
    pub provider_available: bool,
    /// All events of the payment, and the number that the saga has processed.
    events: Vec<Event>,
    processed: usize,
    steps: usize,
    crash_after: Option<usize>,
    interruption: Option<(usize, Vec<Act>)>,
}

pub fn page() -> OpenedCheckout {
    let (session, url) = ("ses_1".to_owned(), "https://pay.example.org/ses_1".to_owned());
    OpenedCheckout { session, url, expires_at: start() }
}

impl World {
    fn new(purpose: Purpose) -> Self {
        let mut world = Self {
            now: start() - SignedDuration::from_hours(24),
            payment: Payment::default(),
            booking: Booking::default(),
            screening: Screening::default(),
            wallet: Wallet::default(),
            provider_available: true,
            events: Vec::new(),
            processed: 0,
            steps: 0,
            crash_after: None,
            interruption: None,
        };
        if matches!(purpose, Purpose::Booking { .. }) {
            world.request_booking();
        }
        world
            .pay(&Command::RequestPayment {
                payment: PAYMENT,
                customer: CUSTOMER,
                purpose,
                amount: inr(PRICE_MINOR),
                fingerprint: None,
            })
            .unwrap();
        world
    }

    /// A booking whose card payment was requested.
    pub fn booking() -> Self {
        Self::new(Purpose::Booking { booking: BOOKING })
    }

    pub fn top_up() -> Self {
        Self::new(Purpose::TopUp)
    }

    pub fn stray() -> Self {
        Self::new(Purpose::Stray { of: PaymentId(Uuid::from_u128(7)) })
    }

    fn request_booking(&mut self) {
        let promise = promise(1, PRICE_MINOR).into();
        self.screen(&screening::Command::OpenScreening { screening: SCREENING, promise, blocks: Vec::new() })
            .unwrap();
        self.screen(&reserve(BOOKING, CUSTOMER)).unwrap();
        let pay = booking::Command::PayBooking {
            reservation: self.screening.reservation(SCREENING, BOOKING).unwrap(),
            standing: self.screening.standing(BOOKING, self.now).unwrap(),
            payment: PAYMENT,
            method: PaymentMethod::Card,
            fingerprint: None,
        };
        self.book(&pay).unwrap();
    }

    /// Lets the saga crash once, after its `steps`-th step.
    pub fn crash_after(&mut self, steps: usize) {
        self.crash_after = Some(steps);
    }

    /// Lets `acts` happen after the saga's `steps`-th step.
    pub fn interrupt_after(&mut self, steps: usize, acts: &[Act]) {
        self.interruption = Some((steps, acts.to_vec()));
    }

    /// Processes all events, then each act with the events that it causes. Returns the number of steps.
    pub fn run(&mut self, acts: &[Act]) -> usize {
        self.process();
        for act in acts {
            self.act(*act);
            self.process();
        }
        let steps = std::mem::take(&mut self.steps);
        (self.crash_after, self.interruption) = (None, None);
        steps
    }

    /// Processes every event again.
    pub fn redeliver_all(&mut self) {
        self.processed = 0;
        self.run(&[]);
    }

    fn process(&mut self) {
        self.interrupt();
        while let Some(event) = self.events.get(self.processed).cloned() {
            // A crash leaves the event unprocessed, so it is delivered again.
            if self.react_to(&event).is_ok() {
                self.processed += 1;
            }
        }
    }

    fn react_to(&mut self, event: &Event) -> Result<(), Crash> {
        match react(event) {
            Some(Task::Open) => self.open(),
            Some(Task::Spend) => self.spend(),
            Some(Task::Fail(reason)) => {
                if steps::booking_of(self.payment.opened().unwrap()).is_none() {
                    return Ok(());
                }
                let command = booking::Command::FailAttempt { payment: PAYMENT, reason };
                self.step(|world| steps::after_failing(world.book(&command)).unwrap())
            }
            // Only the difference of a move is returned.
            Some(Task::Watch | Task::Return) | None => Ok(()),
        }
    }

    fn open(&mut self) -> Result<(), Crash> {
        let mut next = steps::first(&self.payment);
        while let Some(step) = next {
            let mut answer = Next::Done;
            self.step(|world| answer = world.take(step.clone()))?;
            next = match answer {
                Next::Then(step) => Some(step),
                Next::Done => None,
                Next::Stuck(unexpected) => panic!("{unexpected}"),
            };
        }
        Ok(())
    }

    fn take(&mut self, step: Step) -> Next {
        match step {
            Step::ExtendHold(booking) => {
                steps::after_hold(self.screen(&screening::Command::ExtendHold { booking }))
            }
            Step::CheckMove(_) => panic!("nothing moves"),
            Step::OpenPage => {
                if steps::first(&self.payment).is_none() {
                    return Next::Done;
                }
                let hold = steps::booking_of(self.payment.opened().unwrap())
                    .and_then(|booking| self.screening.standing(booking, self.now));
                steps::instead_of_page(hold)
                    .unwrap_or_else(|| steps::after_opening(self.provider_available.then(page)))
            }
            Step::RecordPage(page) => steps::after_recording(self.pay(&steps::record_page(page))),
            Step::GiveUp(reason) => steps::after_giving_up(self.pay(&steps::give_up(reason))),
        }
    }

    fn spend(&mut self) -> Result<(), Crash> {
        match steps::spending(&self.payment) {
            Some(Spending::Settle(_)) => self.settle(),
            Some(Spending::PayMove(_)) => panic!("nothing moves"),
            Some(Spending::Credit(credit)) => {
                self.step(|world| drop(execute(&mut world.wallet, &credit, world.now).unwrap()))
            }
            Some(Spending::Refund(refund)) => self.step(|world| world.pay(&refund).unwrap()),
            None => Ok(()),
        }
    }

    fn settle(&mut self) -> Result<(), Crash> {
        let Some(attempt) = Attempt::open(&self.booking, PAYMENT).unwrap() else { return Ok(()) };
        let mut step = attempt.first(SignedDuration::ZERO, &Policy::default());
        loop {
            let mut answer = settling::Next::Settled;
            self.step(|world| answer = world.take_settling(&attempt, step))?;
            match answer {
                settling::Next::Then(next) => step = next,
                settling::Next::Settled => return Ok(()),
                settling::Next::Stuck(unexpected) => panic!("{unexpected}"),
            }
        }
    }

    fn take_settling(&mut self, attempt: &Attempt, step: settling::Step) -> settling::Next {
        match step {
            settling::Step::CheckHold | settling::Step::Wallet(_) => {
                panic!("a card payment touches no wallet: {step:?}")
            }
            settling::Step::Screening(step) => {
                let answer = self.screen(&attempt.screening_command(step));
                let claim = self.screening.claim(BOOKING).map(|claim| claim.status);
                attempt.after_screening(step, answer.map(|()| claim))
            }
            settling::Step::Booking(step) => {
                let signer = Signer::from_secret(&[1; 32]);
                let answer = self.book(&attempt.booking_command(step, &signer));
                attempt.after_booking(step, answer)
            }
            settling::Step::Refund(reason) => {
                let answer = self.pay(&Attempt::refund_command(reason));
                Attempt::after_refund(reason, answer)
            }
        }
    }

    /// Takes a step twice, the second time without any effect.
    fn step(&mut self, mut take: impl FnMut(&mut Self)) -> Result<(), Crash> {
        take(self);
        let before = self.clone();
        take(self);
        assert_eq!(*self, before, "a step taken twice has an effect twice");
        self.steps += 1;
        self.interrupt();
        if self.crash_after == Some(self.steps) {
            self.crash_after = None;
            return Err(Crash);
        }
        Ok(())
    }

    fn interrupt(&mut self) {
        if let Some((_, acts)) = self.interruption.take_if(|(after, _)| *after == self.steps) {
            for act in acts {
                self.act(act);
            }
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Captured => {
                let (provider_payment, captured) = ("pay_1".to_owned(), inr(PRICE_MINOR));
                self.pay(&Command::CapturePayment { provider_payment, captured }).unwrap();
            }
            Act::Declined => self.pay(&Command::FailPayment { reason: "CARD_DECLINED".to_owned() }).unwrap(),
            Act::Leaves => {
                self.pay(&Command::FailPayment { reason: "CUSTOMER_CANCELLED".to_owned() }).unwrap();
            }
            Act::Expires => self.pay(&Command::ExpirePayment).unwrap(),
            Act::CustomerCancels => {
                let (by, reason, cascade) = (CancelledBy::Customer, None, None);
                let cancel = booking::Command::CancelBooking { by, reason, cascade, released: true };
                // A booking that is confirmed already stays out of this saga.
                if self.status() != BookingStatus::Confirmed && self.book(&cancel).is_ok() {
                    let reason = ReleaseReason::CancelledByCustomer;
                    let release = screening::Command::ReleaseSeats { booking: BOOKING, reason };
                    self.screen(&release).unwrap();
                }
            }
            Act::HoldLapses => {
                self.now = self.now.max(self.screening.claim(BOOKING).unwrap().held_until);
                self.screen(&screening::Command::ReleaseLapsedHolds).unwrap();
                if !matches!(self.claim(), ClaimStatus::Sold(_)) {
                    self.book(&booking::Command::ExpireBooking).unwrap();
                }
            }
            Act::RivalReserves => drop(self.screen(&reserve(RIVALS_BOOKING, RIVAL))),
        }
    }

    /// Checks the invariants of a final state of a booking.
    pub fn check(&self) {
        let (outcome, claim) = (self.outcome(), self.claim());
        if self.payment.captured().is_some() {
            let bought = outcome == Outcome::Confirmed && claim == ClaimStatus::Sold(PAYMENT);
            assert_ne!(
                bought,
                self.payment.refund().is_some(),
                "neither bought nor returned, or both: {self:?}"
            );
        } else {
            assert_ne!(outcome, Outcome::Confirmed, "a ticket without money: {self:?}");
            assert_ne!(claim, ClaimStatus::Sold(PAYMENT), "a seat sold for nothing: {self:?}");
        }
    }

    pub fn status(&self) -> BookingStatus {
        self.booking.opened.as_ref().unwrap().status
    }

    pub fn outcome(&self) -> Outcome {
        self.booking.attempt(PAYMENT).unwrap().outcome
    }

    pub fn claim(&self) -> ClaimStatus {
        self.screening.claim(BOOKING).unwrap().status
    }

    fn pay(&mut self, command: &Command) -> Result<(), payment::Refusal> {
        let events = execute(&mut self.payment, command, self.now)?;
        self.events.extend(events);
        Ok(())
    }

    fn book(&mut self, command: &booking::Command) -> Result<(), booking::Refusal> {
        execute(&mut self.booking, command, self.now).map(drop)
    }

    fn screen(&mut self, command: &screening::Command) -> Result<(), screening::Refusal> {
        execute(&mut self.screening, command, self.now).map(drop)
    }
}

/// A crash of the saga in the middle of an event.
#[derive(Debug)]
struct Crash;

fn reserve(booking: BookingId, customer: UserId) -> screening::Command {
    screening::Command::ReserveSeats { booking, customer, seats: vec![seat().into()], fingerprint: None }
}
