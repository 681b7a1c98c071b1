//! A world of one screening, one booking, one wallet and a rival, driven by the saga's steps. It can be cloned, so every
//! order of events can be tried.

mod orders;

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    BookingId, PaymentId, Policy, ScreeningId, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, PaymentMethod, opened::Outcome},
    examples::{execute, inr},
    payment,
    screening::{self, ClaimStatus, ReleaseReason, Screening},
    wallet::{self, EntryKind, Reference, Wallet},
};
use ticketshow_tickets::{Signer, Verifier};
use uuid::Uuid;

use super::super::steps::*;
use crate::{
    examples::{promise, seat, start},
    hold_expiry,
};
pub use orders::explore;

pub const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));
pub const BOOKING: BookingId = BookingId(Uuid::from_u128(2));
pub const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(3));
pub const CUSTOMER: UserId = UserId(Uuid::from_u128(4));
const CARD_PAYMENT: PaymentId = PaymentId(Uuid::from_u128(5));
const RIVAL: UserId = UserId(Uuid::from_u128(6));
const RIVALS_BOOKING: BookingId = BookingId(Uuid::from_u128(7));
const PRICE_MINOR: i64 = 25_000;

/// An act that may happen between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    CustomerCancels,
    HoldLapses,
    /// The hold ends, but is not released yet.
    TimePasses,
    /// The sagas were stopped for an hour.
    HourPasses,
    RivalReserves,
    RivalLeaves,
    ScreeningStarts,
    HouseCancelsScreening,
    MoneyArrives,
    CardBuysSeats,
    /// Consequences of other acts, some time later.
    CancellationReleases,
    HoldExpires,
    CardConfirms,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funds {
    Enough,
    TooLittle,
    SeatsAreFree,
}

#[derive(Debug, Clone, PartialEq)]
pub struct World {
    now: Timestamp,
    pub screening: Screening,
    pub booking: Booking,
    pub wallet: Wallet,
    /// The card payment, where one is explored.
    pub card: payment::Payment,
    pub commits: usize,
    /// Consequences still to come.
    pending: Vec<Act>,
}

fn requested_at() -> Timestamp {
    start() - SignedDuration::from_hours(24)
}

fn signer() -> Signer {
    Signer::from_secret(&[1; 32])
}

pub fn verifier() -> Verifier {
    Verifier::new([signer().public_key()])
}

impl World {
    /// A booking that waits for its wallet payment.
    pub fn new(funds: Funds) -> Self {
        Self::paying_by(&[(PAYMENT, PaymentMethod::Wallet)], funds)
    }

    /// The same, after a card was tried whose payment is still open.
    pub fn beside_a_card(funds: Funds) -> Self {
        Self::paying_by(&[(CARD_PAYMENT, PaymentMethod::Card), (PAYMENT, PaymentMethod::Wallet)], funds)
    }

    /// A booking whose card payment was captured a moment ago.
    pub fn paid_by_card() -> Self {
        let mut world = Self::paying_by(&[(PAYMENT, PaymentMethod::Card)], Funds::Enough);
        let (amount, fingerprint) = (inr(PRICE_MINOR), None);
        let purpose = payment::Purpose::Booking { booking: BOOKING };
        let request = payment::Command::RequestPayment {
            payment: PAYMENT,
            customer: CUSTOMER,
            purpose,
            amount,
            fingerprint,
        };
        world.card(&request).unwrap();
        let provider_payment = "pay_1".to_owned();
        world.card(&payment::Command::CapturePayment { provider_payment, captured: amount }).unwrap();
        world.commits = 0;
        world
    }

    fn paying_by(payments: &[(PaymentId, PaymentMethod)], funds: Funds) -> Self {
        let (price_minor, balance_minor) = match funds {
            Funds::Enough => (PRICE_MINOR, PRICE_MINOR),
            Funds::TooLittle => (PRICE_MINOR, PRICE_MINOR - 1),
            Funds::SeatsAreFree => (0, 1),
        };
        let mut world = Self {
            now: requested_at(),
            screening: Screening::default(),
            booking: Booking::default(),
            wallet: Wallet::default(),
            card: payment::Payment::default(),
            commits: 0,
            pending: Vec::new(),
        };
        let promise = promise(1, price_minor).into();
        world
            .screening(&screening::Command::OpenScreening {
                screening: SCREENING,
                promise,
                blocks: Vec::new(),
            })
            .unwrap();
        world.screening(&reserve(BOOKING, CUSTOMER)).unwrap();
        world.credit(balance_minor, 1);
        for &(payment, method) in payments {
            let reservation = world.screening.reservation(SCREENING, BOOKING).unwrap();
            let standing = world.screening.standing(BOOKING, world.now).unwrap();
            let fingerprint = None;
            world
                .booking_command(&booking::Command::PayBooking {
                    reservation,
                    standing,
                    payment,
                    method,
                    fingerprint,
                })
                .unwrap();
        }
        world.commits = 0;
        world
    }

    pub fn booking(&self) -> &booking::opened::Opened {
        self.booking.opened.as_ref().unwrap()
    }

    pub fn attempt(&self) -> &booking::opened::Attempt {
        self.booking.attempt(PAYMENT).unwrap()
    }

    /// The attempt as the saga reads it.
    pub fn open_attempt(&self) -> Attempt {
        Attempt::open(&self.booking, PAYMENT).unwrap().unwrap()
    }

    pub fn claim(&self) -> ClaimStatus {
        self.screening.claim(BOOKING).unwrap().status
    }

    /// Takes all steps from the start and returns them.
    pub fn settle(&mut self) -> Vec<Step> {
        let mut cursor = Cursor::Undelivered;
        std::iter::from_fn(|| {
            loop {
                match cursor {
                    Cursor::Undelivered => cursor = cursor.advance(self),
                    Cursor::At(step) => {
                        cursor = cursor.advance(self);
                        return Some(step);
                    }
                    Cursor::Settled => return None,
                }
            }
        })
        .collect()
    }

    /// Takes steps from the start until `step` would be next.
    pub fn crash_before(&mut self, step: Step) {
        let mut cursor = Cursor::Undelivered;
        while cursor != Cursor::At(step) {
            assert_ne!(cursor, Cursor::Settled, "never reached {step:?}");
            cursor = cursor.advance(self);
        }
    }

    pub fn pass(&mut self, time: SignedDuration) {
        self.now += time;
    }

    /// Extends the hold by the longest time that a checkout can.
    pub fn extend_hold(&mut self) {
        self.screening(&screening::Command::ExtendHold { booking: BOOKING }).unwrap();
    }

    /// Fails the attempt in the booking.
    pub fn fails(&mut self, reason: booking::FailureReason) {
        self.booking_command(&booking::Command::FailAttempt { payment: PAYMENT, reason }).unwrap();
    }

    pub fn act(&mut self, act: Act) {
        match act {
            // The cancellation of a confirmed booking does not concern this saga.
            Act::CustomerCancels if self.booking().status == BookingStatus::Confirmed => {}
            Act::CustomerCancels => {
                let (by, reason, cascade) = (CancelledBy::Customer, None, None);
                let command = booking::Command::CancelBooking { by, reason, cascade, released: true };
                if self.booking_command(&command).is_ok() {
                    self.pending.push(Act::CancellationReleases);
                }
            }
            Act::CancellationReleases => {
                let reason = ReleaseReason::CancelledByCustomer;
                self.screening(&screening::Command::ReleaseSeats { booking: BOOKING, reason }).unwrap();
            }
            Act::HoldLapses => {
                self.now = self.now.max(self.screening.claim(BOOKING).unwrap().held_until);
                self.screening(&screening::Command::ReleaseLapsedHolds).unwrap();
            }
            Act::HoldExpires => self.booking_command(&booking::Command::ExpireBooking).unwrap(),
            Act::TimePasses => {
                self.now = self.now.max(self.screening.claim(BOOKING).unwrap().held_until);
            }
            Act::HourPasses => self.pass(SignedDuration::from_hours(1)),
            Act::RivalReserves => drop(self.screening(&reserve(RIVALS_BOOKING, RIVAL))),
            Act::RivalLeaves => {
                drop(self.screening(&screening::Command::CancelHold { booking: RIVALS_BOOKING }));
            }
            Act::ScreeningStarts => self.now = self.now.max(start()),
            Act::HouseCancelsScreening => {
                let cascade = Uuid::from_u128(9);
                let (reason, decided_at) = (None, self.now);
                let command = screening::Command::CancelScreening { cascade, reason, decided_at };
                drop(self.screening(&command));
            }
            Act::MoneyArrives => self.credit(PRICE_MINOR, 2),
            Act::CardBuysSeats => {
                let command = screening::Command::SellSeats { booking: BOOKING, payment: CARD_PAYMENT };
                if self.screening(&command).is_ok() {
                    self.pending.push(Act::CardConfirms);
                }
            }
            Act::CardConfirms => {
                let command = booking::Command::ConfirmBooking { payment: CARD_PAYMENT, tickets: Vec::new() };
                if self.booking_command(&command) == Err(booking::Refusal::BookingCancelled) {
                    self.act(Act::CancellationReleases);
                }
            }
        }
    }

    /// Carries out all pending consequences.
    pub fn finish(&mut self) {
        while let Some(act) = self.pending.pop() {
            self.act(act);
        }
    }

    /// Checks the invariants of a final state.
    pub fn check(&self) {
        let moved = |kind, id| self.wallet.entry(&Reference { kind, id }).unwrap_or(0);
        let amount = self.booking().reservation.amount.amount_minor;
        let debit = moved(EntryKind::Payment, PAYMENT.0);
        let net_of_wallet = debit + moved(EntryKind::Refund, PAYMENT.0);
        let net = match self.attempt().method {
            PaymentMethod::Wallet => net_of_wallet,
            PaymentMethod::Card if self.card.refund().is_some() => 0,
            PaymentMethod::Card => -amount,
            PaymentMethod::Cash
            | PaymentMethod::CardTerminal
            | PaymentMethod::Upi
            | PaymentMethod::Complimentary => {
                unreachable!("paid at the counter")
            }
        };
        let arrived =
            moved(EntryKind::Credit, Uuid::from_u128(1)) + moved(EntryKind::Credit, Uuid::from_u128(2));
        assert_eq!(
            self.wallet.balance_minor(),
            arrived + net_of_wallet,
            "the balance is the fold of the ledger"
        );

        let (status, claim) = (self.booking().status, self.claim());
        match self.attempt().outcome {
            Outcome::Confirmed => {
                assert_eq!(net, -amount, "a ticket without money");
                assert_eq!((status, claim), (BookingStatus::Confirmed, ClaimStatus::Sold(PAYMENT)));
            }
            Outcome::Failed(_) => {
                assert_eq!(net, 0, "money without a ticket");
                assert_ne!(claim, ClaimStatus::Sold(PAYMENT), "a seat sold for nothing");
            }
            Outcome::Open => panic!("the attempt was never settled"),
        }
        match status {
            BookingStatus::Held => assert_eq!(claim, ClaimStatus::Held, "a booking waits without a hold"),
            BookingStatus::Paying => assert!(self.booking().open_attempt(PaymentMethod::Card).is_some()),
            BookingStatus::Confirmed => assert!(matches!(claim, ClaimStatus::Sold(_))),
            BookingStatus::Expired | BookingStatus::Cancelled => {
                assert!(!matches!(claim, ClaimStatus::Sold(_)), "{status:?} and sold");
            }
            BookingStatus::Refunded => panic!("this world refunds nothing"),
        }
    }

    fn credit(&mut self, amount_minor: i64, number: u128) {
        let reference = Reference { kind: EntryKind::Credit, id: Uuid::from_u128(number) };
        let (amount, booking, reason) = (inr(amount_minor), None, None);
        self.wallet(&wallet::Command::CreditWallet {
            customer: CUSTOMER,
            reference,
            amount,
            booking,
            reason,
        })
        .unwrap();
    }

    fn take(&mut self, attempt: &Attempt, step: Step) -> Next {
        match step {
            Step::CheckHold => Attempt::after_checking(self.screening.standing(BOOKING, self.now)),
            Step::Wallet(step) => {
                let answer = self.wallet(&attempt.wallet_command(step));
                Attempt::after_wallet(step, answer)
            }
            Step::Screening(step) => {
                let answer = self.screening(&attempt.screening_command(step));
                let claim = self.screening.claim(attempt.booking).map(|claim| claim.status);
                attempt.after_screening(step, answer.map(|()| claim))
            }
            Step::Booking(step) => {
                let answer = self.booking_command(&attempt.booking_command(step, &signer()));
                attempt.after_booking(step, answer)
            }
            Step::Refund(reason) => {
                let answer = self.card(&Attempt::refund_command(reason));
                Attempt::after_refund(reason, answer)
            }
        }
    }

    fn wallet(&mut self, command: &wallet::Command) -> Result<(), wallet::Refusal> {
        let events = execute(&mut self.wallet, command, self.now)?;
        self.commits += usize::from(!events.is_empty());
        Ok(())
    }

    fn card(&mut self, command: &payment::Command) -> Result<(), payment::Refusal> {
        let events = execute(&mut self.card, command, self.now)?;
        self.commits += usize::from(!events.is_empty());
        Ok(())
    }

    fn booking_command(&mut self, command: &booking::Command) -> Result<(), booking::Refusal> {
        let events = execute(&mut self.booking, command, self.now)?;
        self.commits += usize::from(!events.is_empty());
        Ok(())
    }

    fn screening(&mut self, command: &screening::Command) -> Result<(), screening::Refusal> {
        let events = execute(&mut self.screening, command, self.now)?;
        self.commits += usize::from(!events.is_empty());
        let expires = Some(hold_expiry::Task::Expire(BOOKING));
        if events.iter().any(|event| hold_expiry::react(event) == expires) {
            self.pending.push(Act::HoldExpires);
        }
        Ok(())
    }
}

fn reserve(booking: BookingId, customer: UserId) -> screening::Command {
    screening::Command::ReserveSeats { booking, customer, seats: vec![seat().into()], fingerprint: None }
}

/// Progress of one delivery of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Undelivered,
    At(Step),
    Settled,
}

impl Cursor {
    fn advance(self, world: &mut World) -> Self {
        match self {
            Self::Undelivered => match Attempt::open(&world.booking, PAYMENT).unwrap() {
                Some(attempt) => {
                    let age = world.now.duration_since(requested_at());
                    Self::At(attempt.first(age, &Policy::default()))
                }
                None => Self::Settled,
            },
            Self::At(step) => {
                let (amount, method) = (world.booking().reservation.amount, world.attempt().method);
                let attempt = Attempt { method, amount, ..attempt() };
                let next = world.take(&attempt, step);
                let before = world.clone();
                assert_eq!(world.take(&attempt, step), next, "{step:?} taken twice leads elsewhere");
                assert_eq!(*world, before, "{step:?} taken twice has an effect twice");
                match next {
                    Next::Then(step) => Self::At(step),
                    Next::Settled => Self::Settled,
                    Next::Stuck(unexpected) => panic!("{unexpected}"),
                }
            }
            Self::Settled => self,
        }
    }
}

fn attempt() -> Attempt {
    Attempt {
        payment: PAYMENT,
        method: PaymentMethod::Wallet,
        booking: BOOKING,
        screening: SCREENING,
        customer: CUSTOMER,
        amount: inr(PRICE_MINOR),
        seats: vec![seat()],
    }
}
