//! A world of one screening with four bookings, driven by the cascade's steps. It can be cloned, so every order of events
//! can be tried.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    BookingId, PaymentId, ScreenId, ScreeningId, SeatName, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, PaymentMethod, RefundDue},
    examples::execute,
    hold::Reservation,
    screening::{self, ReleaseReason, Screening},
};
use uuid::Uuid;

use super::super::{
    clearing::{CalledOff, Next},
    decision::Decision,
};
use crate::examples::{promise, start};

const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));
/// Paid and confirmed.
pub const PAID: BookingId = BookingId(Uuid::from_u128(11));
/// Held, without an attempt to pay.
const HELD: BookingId = BookingId(Uuid::from_u128(12));
/// Sold, and not confirmed yet.
const PAYING: BookingId = BookingId(Uuid::from_u128(13));
/// Expired, then sold late, and not confirmed yet.
const LATE: BookingId = BookingId(Uuid::from_u128(14));
const ALL: [BookingId; 4] = [PAID, HELD, PAYING, LATE];
/// Small enough for more than one round.
const AT_ONCE: usize = 2;

/// An act that may happen between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    CustomerCancelsPaid,
    CustomerGivesHoldBack,
    HoldLapses,
    /// The customer of the hold begins to pay.
    PayingBegins,
    PaymentConfirms,
    LatePaymentConfirms,
}

#[derive(Debug, Clone, PartialEq)]
pub struct World {
    now: Timestamp,
    pub screening: Screening,
    bookings: BTreeMap<BookingId, Booking>,
    /// The refunds due at each cancellation of a booking.
    cancelled: BTreeMap<BookingId, Vec<Option<RefundDue>>>,
}

pub fn called_off() -> CalledOff {
    let (cascade, reason) = (Uuid::from_u128(9), Some("The roof leaks.".to_owned()));
    let decided_at = start() - SignedDuration::from_hours(24);
    CalledOff {
        screening: SCREENING,
        screen: ScreenId(Uuid::nil()),
        decision: Decision { cascade, reason, decided_at },
    }
}

fn payment_of(booking: BookingId) -> PaymentId {
    PaymentId(booking.0)
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            now: start() - SignedDuration::from_hours(24),
            screening: Screening::default(),
            bookings: BTreeMap::new(),
            cancelled: BTreeMap::new(),
        };
        let promise = promise(4, 25_000).into();
        world
            .screening(&screening::Command::OpenScreening {
                screening: SCREENING,
                promise,
                blocks: Vec::new(),
            })
            .unwrap();
        for (booking, seat) in ALL.into_iter().zip(["A-1", "A-2", "A-3", "A-4"]) {
            let (customer, seats) = (UserId(booking.0), vec![SeatName(seat.to_owned()).into()]);
            let fingerprint = None;
            let reserve = screening::Command::ReserveSeats { booking, customer, seats, fingerprint };
            world.screening(&reserve).unwrap();
        }
        for booking in [PAID, PAYING, LATE] {
            world.begin_to_pay(booking).unwrap();
        }
        world.booking(LATE, &booking::Command::ExpireBooking).unwrap();
        for booking in [PAID, PAYING, LATE] {
            let payment = payment_of(booking);
            world.screening(&screening::Command::SellSeats { booking, payment }).unwrap();
        }
        world.confirm(PAID).unwrap();
        world
    }

    fn begin_to_pay(&mut self, booking: BookingId) -> Result<(), booking::Refusal> {
        let command = booking::Command::PayBooking {
            reservation: self.screening.reservation(SCREENING, booking).unwrap(),
            standing: self.screening.standing(booking, self.now).unwrap(),
            payment: payment_of(booking),
            method: PaymentMethod::Wallet,
            fingerprint: None,
        };
        self.booking(booking, &command)
    }

    fn confirm(&mut self, booking: BookingId) -> Result<(), booking::Refusal> {
        let (payment, tickets) = (payment_of(booking), Vec::new());
        self.booking(booking, &booking::Command::ConfirmBooking { payment, tickets })
    }

    /// Does what the payment saga does once the seats are sold.
    fn settle(&mut self, booking: BookingId) {
        if self.confirm(booking) == Err(booking::Refusal::BookingCancelled) {
            let reason = ReleaseReason::CancelledByCustomer;
            self.screening(&screening::Command::ReleaseSeats { booking, reason }).unwrap();
        }
    }

    pub fn act(&mut self, act: Act) {
        match act {
            Act::CustomerCancelsPaid => {
                let (by, reason, cascade) = (CancelledBy::Customer, None, None);
                let command = booking::Command::CancelBooking { by, reason, cascade, released: true };
                self.booking(PAID, &command).unwrap();
                let reason = ReleaseReason::CancelledByCustomer;
                self.screening(&screening::Command::ReleaseSeats { booking: PAID, reason }).unwrap();
            }
            Act::CustomerGivesHoldBack => {
                drop(self.screening(&screening::Command::CancelHold { booking: HELD }));
            }
            Act::HoldLapses => {
                self.now = self.now.max(self.screening.claim(HELD).unwrap().held_until);
                self.screening(&screening::Command::ReleaseLapsedHolds).unwrap();
                self.booking(HELD, &booking::Command::ExpireBooking).unwrap();
            }
            Act::PayingBegins => drop(self.begin_to_pay(HELD)),
            Act::PaymentConfirms => self.settle(PAYING),
            Act::LatePaymentConfirms => self.settle(LATE),
        }
    }

    fn screening(&mut self, command: &screening::Command) -> Result<(), screening::Refusal> {
        execute(&mut self.screening, command, self.now).map(drop)
    }

    fn booking(&mut self, id: BookingId, command: &booking::Command) -> Result<(), booking::Refusal> {
        let booking = self.bookings.entry(id).or_default();
        for event in execute(booking, command, self.now)? {
            if let booking::Event::BookingCancelled { refund_due, .. } = event {
                self.cancelled.entry(id).or_default().push(refund_due);
            }
        }
        Ok(())
    }

    /// Takes all steps from the start and returns the rounds.
    pub fn clear(&mut self) -> Vec<String> {
        self.clear_without(&HashSet::new())
    }

    /// Does the same while one booking cannot be called off.
    pub fn clear_but(&mut self, stuck: BookingId) {
        self.clear_without(&HashSet::from([stuck]));
    }

    fn clear_without(&mut self, stuck: &HashSet<BookingId>) -> Vec<String> {
        let mut rounds = Vec::new();
        loop {
            match called_off().next(&self.screening, AT_ONCE, stuck) {
                Next::Wait => panic!("it is open"),
                Next::Cancel => {
                    rounds.push("cancel".to_owned());
                    self.screening(&called_off().cancel()).unwrap();
                }
                Next::CallOff(bookings) => {
                    rounds.push(format!("call off {}", bookings.len()));
                    let ids = bookings.iter().map(|reservation| reservation.booking).collect();
                    for reservation in bookings {
                        self.call_off(reservation);
                    }
                    self.screening(&screening::Command::ReleaseCancelled { bookings: ids }).unwrap();
                }
                Next::Record => {
                    rounds.push("record".to_owned());
                    self.screening(&screening::Command::RecordCleared).unwrap();
                }
                Next::Done => return rounds,
            }
        }
    }

    fn call_off(&mut self, reservation: Reservation) {
        self.booking(reservation.booking, &called_off().call_off(reservation)).unwrap();
    }

    /// Checks the invariants of a final state.
    pub fn check(&self) {
        assert!(self.screening.is_cleared(), "not cleared: {self:?}");
        assert_eq!(self.screening.active().count(), 0, "a booking has a seat");
        for (id, booking) in &self.bookings {
            let Some(opened) = &booking.opened else { continue };
            let over = match opened.status {
                BookingStatus::Cancelled | BookingStatus::Expired => true,
                // A payment that begins too late cannot buy the seats and fails.
                BookingStatus::Paying => *id == HELD && self.screening.claim(HELD).is_some(),
                BookingStatus::Held | BookingStatus::Confirmed | BookingStatus::Refunded => false,
            };
            assert!(over, "{id} is {:?}", opened.status);
            let cancelled = self.cancelled.get(id).map_or(&[][..], Vec::as_slice);
            assert!(cancelled.len() <= 1, "{id} is cancelled twice");
            if let [due] = cancelled {
                let winner = opened.winner().map(|winner| winner.payment);
                assert_eq!(due.map(|due| due.payment), winner, "{id} gets its money back");
            }
        }
        for id in [PAID, PAYING, LATE] {
            assert_eq!(self.cancelled.get(&id).map(Vec::len), Some(1), "{id} is cancelled once");
        }
    }
}

/// Progress of one replica.
#[derive(Debug, Clone, PartialEq)]
enum Cursor {
    Looking,
    /// Reading and commands are separate steps: these bookings were read and are being called off.
    CallingOff {
        left: Vec<Reservation>,
        done: Vec<BookingId>,
    },
    Done,
}

impl Cursor {
    fn advance(self, world: &mut World) -> Self {
        match self {
            Self::Looking => match called_off().next(&world.screening, AT_ONCE, &HashSet::new()) {
                Next::Wait => panic!("it is open"),
                Next::Cancel => {
                    twice(world, |world| world.screening(&called_off().cancel()).unwrap());
                    Self::Looking
                }
                Next::CallOff(left) => Self::CallingOff { left, done: Vec::new() },
                Next::Record => {
                    twice(world, |world| world.screening(&screening::Command::RecordCleared).unwrap());
                    Self::Looking
                }
                Next::Done => Self::Done,
            },
            Self::CallingOff { mut left, mut done } => {
                if let Some(reservation) = left.pop() {
                    done.push(reservation.booking);
                    twice(world, |world| world.call_off(reservation.clone()));
                    return Self::CallingOff { left, done };
                }
                let release = screening::Command::ReleaseCancelled { bookings: done };
                twice(world, |world| world.screening(&release).unwrap());
                Self::Looking
            }
            Self::Done => Self::Done,
        }
    }
}

/// Takes a step twice; the second time must have no effect.
fn twice(world: &mut World, step: impl Fn(&mut World)) {
    step(world);
    let before = world.clone();
    step(world);
    assert_eq!(*world, before, "a step taken twice has an effect twice");
}

/// Tries every order of the steps of `replicas`, `crashes` and `acts`, and checks each final state. Returns the number of
/// distinct states.
pub fn explore(world: &World, replicas: usize, crashes: usize, acts: &[Act]) -> usize {
    let cursors = vec![Cursor::Looking; replicas];
    let branch = Branch { world: world.clone(), cursors, crashes, acts: acts.to_vec() };
    let mut visited = HashMap::new();
    branch.explore(&mut visited);
    visited.values().map(Vec::len).sum()
}

#[derive(Clone)]
struct Branch {
    world: World,
    cursors: Vec<Cursor>,
    crashes: usize,
    acts: Vec<Act>,
}

impl Branch {
    fn explore(self, visited: &mut HashMap<String, Vec<World>>) {
        let alike = visited.entry(format!("{:?}{:?}{}", self.cursors, self.acts, self.crashes)).or_default();
        if alike.contains(&self.world) {
            return;
        }
        alike.push(self.world.clone());
        for index in 0..self.acts.len() {
            let mut branch = self.clone();
            let act = branch.acts.remove(index);
            branch.world.act(act);
            branch.explore(visited);
        }
        for (index, cursor) in self.cursors.iter().enumerate() {
            if *cursor != Cursor::Done {
                let mut branch = self.clone();
                branch.cursors[index] = cursor.clone().advance(&mut branch.world);
                branch.explore(visited);
            }
            if *cursor != Cursor::Looking && self.crashes > 0 {
                let mut branch = self.clone();
                branch.cursors[index] = Cursor::Looking;
                branch.crashes -= 1;
                branch.explore(visited);
            }
        }
        if self.acts.is_empty() && self.cursors.iter().all(|cursor| *cursor == Cursor::Done) {
            self.world.check();
        }
    }
}
