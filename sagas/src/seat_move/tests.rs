//! The three laws for moves, on real aggregates without a log: wherever a run breaks, whatever is cancelled meanwhile, the booking
//! has either its old seats or its new ones, and no rupee is lost or made.

mod by_card;

use std::collections::VecDeque;

use jiff::Timestamp;
use ticketshow_domain::{
    Decider,
    booking::{BookingStatus, CancelledBy, Command as Book, PaymentMethod},
    examples::{execute, inr},
    hold::Standing,
    seat_move::{Settlement, WantedMove},
    wallet::EntryKind,
};
use uuid::Uuid;

use super::*;
use crate::examples::{promise, start};

const OLD: ScreeningId = ScreeningId(Uuid::from_u128(1));
const NEW: ScreeningId = ScreeningId(Uuid::from_u128(2));
const BOOKING: BookingId = BookingId(Uuid::from_u128(3));
const CUSTOMER: UserId = UserId(Uuid::from_u128(4));
const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(5));
const MOVE: PaymentId = PaymentId(Uuid::from_u128(6));
const PRICE: i64 = 25_000;
/// Price of a seat of the new screening.
const NEW_PRICE: i64 = 30_000;
/// Money that the customer has after paying for the old seat.
const LEFT: i64 = 10_000;

fn now() -> Timestamp {
    start() - jiff::SignedDuration::from_hours(24)
}

fn must<A: Decider<Refusal: std::fmt::Debug>>(state: &mut A, command: &A::Command) -> Vec<A::Event> {
    execute(state, command, now()).unwrap()
}

fn seat(name: &str) -> SeatName {
    SeatName(name.to_owned())
}

/// A booking that has paid for A-1 of the old screening, and the events of bookings that no saga has processed.
#[derive(Debug, Clone, PartialEq)]
struct World {
    old: Screening,
    new: Screening,
    booking: Booking,
    wallet: Wallet,
    /// Payment of a difference by card.
    card: Payment,
    events: VecDeque<Event>,
}

impl World {
    fn paid(method: PaymentMethod) -> Self {
        let (mut old, mut new) = (Screening::default(), Screening::default());
        for (screening, id, price) in [(&mut old, OLD, PRICE), (&mut new, NEW, NEW_PRICE)] {
            let promise = promise(4, price).into();
            must(
                screening,
                &screening::Command::OpenScreening { screening: id, promise, blocks: Vec::new() },
            );
        }
        let (booking, customer, seats, fingerprint) = (BOOKING, CUSTOMER, vec![seat("A-1").into()], None);
        must(&mut old, &screening::Command::ReserveSeats { booking, customer, seats, fingerprint });
        let reservation = old.reservation(OLD, BOOKING).unwrap();
        must(&mut old, &screening::Command::SellSeats { booking, payment: PAYMENT });
        let mut world = Self {
            old,
            new,
            booking: Booking::default(),
            wallet: Wallet::default(),
            card: Payment::default(),
            events: VecDeque::new(),
        };
        let (standing, payment) = (Standing::Held(start()), PAYMENT);
        must(
            &mut world.booking,
            &Book::PayBooking { reservation, standing, payment, method, fingerprint: None },
        );
        must(&mut world.booking, &Book::ConfirmBooking { payment, tickets: Vec::new() });
        let reference = Reference { kind: EntryKind::Credit, id: Uuid::nil() };
        let (amount, reason, booking) = (inr(PRICE + LEFT), None, None);
        must(
            &mut world.wallet,
            &wallet::Command::CreditWallet { customer, reference, amount, booking, reason },
        );
        let (reference, amount, booking) = (Reference::payment(PAYMENT), inr(PRICE), BOOKING);
        must(&mut world.wallet, &wallet::Command::DebitWallet { customer, reference, amount, booking });
        world
    }

    /// Asks for another seat of the old screening, or for one of the new one.
    fn asked(to: ScreeningId) -> Self {
        let mut world = Self::paid(PaymentMethod::Wallet);
        let name = if to == OLD { "A-2" } else { "A-1" };
        let target = world.screening(to).move_target(to, &[seat(name).into()]).unwrap();
        let (by, fingerprint, settle, method) = (CancelledBy::Customer, None, Settlement::Pay, None);
        let wanted = WantedMove { id: MOVE, to: target, settle, method, by, reason: None, fingerprint };
        world.book(&Book::RequestMove { wanted });
        world
    }

    fn screening(&mut self, id: ScreeningId) -> &mut Screening {
        if id == OLD { &mut self.old } else { &mut self.new }
    }

    fn book(&mut self, command: &Book) {
        let events = must(&mut self.booking, command);
        self.events.extend(events);
    }

    fn take(&mut self, task: &Task, step: Step) -> Next {
        match task.order(step, &Signer::from_secret(&[7; 32])) {
            Order::Screening(screening, command) => {
                let answer = execute(self.screening(screening), &command, now()).map(drop);
                after_screening(answer).unwrap()
            }
            Order::Wallet(command) => {
                let answer = execute(&mut self.wallet, &command, now()).map(drop);
                after_wallet(step, answer).unwrap()
            }
            Order::Payment(command) => {
                let answer = execute(&mut self.card, &command, now()).map(drop);
                after_payment(step, answer).unwrap()
            }
            Order::Booking(command) => {
                let answer = execute(&mut self.booking, &command, now());
                let answer = answer.map(|events| self.events.extend(events));
                after_booking(answer).unwrap()
            }
        }
    }

    /// Processes an event as the saga does, each step `times`, until it breaks before step `end`. Returns `true` if it came to
    /// its end.
    fn process(&mut self, event: &Event, times: usize, end: usize) -> bool {
        let Some(task) = react(event) else { return true };
        if matches!(task.part, Part::Undo | Part::Leave) {
            return self.take_all(&task, times, end);
        }
        if task.is_open(&self.booking) {
            self.carry_out(&task, times, end)
        } else {
            self.undo_if_refused(&task, times, end)
        }
    }

    /// Carries a task out as the saga does once it found the move open.
    fn carry_out(&mut self, task: &Task, times: usize, end: usize) -> bool {
        self.take_all(task, times, end) && self.undo_if_refused(task, times, usize::MAX)
    }

    fn undo_if_refused(&mut self, task: &Task, times: usize, end: usize) -> bool {
        !task.is_refused(&self.booking) || self.take_all(&task.undone(), times, end)
    }

    fn take_all(&mut self, task: &Task, times: usize, end: usize) -> bool {
        let mut skip = false;
        for (number, step) in task.steps().into_iter().enumerate() {
            if std::mem::take(&mut skip) {
                continue;
            }
            if number == end {
                return false;
            }
            let next = match (0..times).map(|_| self.take(task, step)).last().unwrap() {
                Next::Over => task.ruled_out(step).unwrap_or(Next::Over),
                next @ (Next::Continue | Next::Skip | Next::Refuse(..)) => next,
            };
            match next {
                Next::Continue => {}
                Next::Skip => skip = true,
                Next::Over => return true,
                Next::Refuse(reason, seats) => {
                    self.refuse(task, reason, seats);
                    return true;
                }
            }
        }
        true
    }

    /// Refuses a move as the saga does.
    fn refuse(&mut self, task: &Task, reason: MoveRefusal, seats: Vec<SeatName>) {
        if task.wanted.stays() {
            assert_eq!(self.take(task, Step::End), Next::Continue);
            if task.is_exchanged(&self.old) {
                assert!(matches!(self.take(task, Step::Complete), Next::Continue | Next::Over));
                return;
            }
        }
        self.book(&task.refuse(reason, seats));
    }

    /// Processes all events, each step `times`, after a run of the first that broke before step `end`.
    fn run(mut self, times: usize, end: usize, meanwhile: fn(&mut Self)) -> Self {
        let first = self.events.front().cloned().unwrap();
        self.process(&first, 1, end);
        meanwhile(&mut self);
        while let Some(event) = self.events.pop_front() {
            assert!(self.process(&event, times, usize::MAX));
        }
        self
    }

    fn outcome(&self) -> MoveOutcome {
        self.booking.opened.as_ref().unwrap().known_move(MOVE).unwrap().outcome.clone()
    }

    /// Seats that are sold to the booking.
    fn owned(&self) -> Vec<(ScreeningId, SeatName)> {
        let of = |id, screening: &Screening| {
            let claim = screening.active().find(|(booking, _)| *booking == BOOKING);
            let seats = claim.map_or_else(Vec::new, |(_, claim)| screening.names(&claim.seats));
            seats.into_iter().map(move |seat| (id, seat)).collect::<Vec<_>>()
        };
        [of(OLD, &self.old), of(NEW, &self.new)].concat()
    }

    /// Asserts that the booking has exactly these seats, with tickets or none, and that no rupee is lost or made.
    fn assert_whole(&self, seats: &[(ScreeningId, &str)]) {
        let expected: Vec<_> = seats.iter().map(|(id, name)| (*id, seat(name))).collect();
        assert_eq!(self.owned(), expected);
        let opened = self.booking.opened.as_ref().unwrap();
        assert!(opened.open_move().is_none());
        // Of a cancelled booking, the saga `refund` returns it.
        let paid = opened.amount().amount_minor;
        assert_eq!(self.wallet.balance_minor() + paid, PRICE + LEFT);
        for (id, screening) in [(OLD, &self.old), (NEW, &self.new)] {
            let moving = screening.claim(BOOKING).and_then(|claim| claim.moving);
            assert_eq!(moving, None, "screening {id} keeps nothing back");
        }
    }
}

fn nothing(_: &mut World) {}

#[test]
fn wherever_it_breaks_a_move_comes_about_once() {
    for (to, name) in [(OLD, "A-2"), (NEW, "A-1")] {
        let straight = World::asked(to).run(1, usize::MAX, nothing);
        straight.assert_whole(&[(to, name)]);
        assert_eq!(straight.outcome(), MoveOutcome::Moved);
        let tickets = &straight.booking.opened.as_ref().unwrap().tickets;
        assert_eq!(tickets.iter().map(|ticket| ticket.seat.clone()).collect::<Vec<_>>(), [seat(name)]);
        for end in 0..5 {
            for times in [1, 2] {
                assert_eq!(
                    World::asked(to).run(times, end, nothing),
                    straight,
                    "after {end} steps, {times} times"
                );
            }
        }
    }
}

#[test]
fn wherever_a_seat_is_lost_to_another_the_booking_stays_as_it_was() {
    for (to, end) in [(OLD, 0), (NEW, 0), (NEW, 1), (NEW, 2)] {
        let taken = |world: &mut World| {
            let name = if world.booking.opened.as_ref().unwrap().open_move().unwrap().stays() {
                "A-2"
            } else {
                "A-1"
            };
            let to = world.booking.opened.as_ref().unwrap().open_move().unwrap().to.screening;
            let (booking, customer) = (BookingId(Uuid::from_u128(30)), UserId(Uuid::from_u128(40)));
            let (seats, fingerprint) = (vec![seat(name).into()], None);
            let reserve = screening::Command::ReserveSeats { booking, customer, seats, fingerprint };
            must(world.screening(to), &reserve);
        };
        for times in [1, 2] {
            let world = World::asked(to).run(times, end, taken);
            world.assert_whole(&[(OLD, "A-1")]);
            let name = if to == OLD { "A-2" } else { "A-1" };
            assert_eq!(world.outcome(), MoveOutcome::Refused(MoveRefusal::SeatTaken, vec![seat(name)]));
        }
    }
}

#[test]
fn a_process_that_stalls_until_a_move_is_undone_leaves_nothing_behind() {
    for (to, name) in [(OLD, "A-2"), (NEW, "A-1")] {
        let mut world = World::asked(to);
        let task = react(&world.events.pop_front().unwrap()).unwrap();
        let steps = task.steps();
        let stall = steps.iter().position(|step| *step == Step::MoveIn).unwrap();
        assert!(!world.take_all(&task, 1, stall));
        // Another process finds the seat taken, and undoes the move. The seat is free again.
        let (reason, seats) = (MoveRefusal::SeatTaken, vec![seat(name)]);
        world.book(&Book::RefuseMove { id: MOVE, reason, seats });
        while let Some(event) = world.events.pop_front() {
            assert!(world.process(&event, 1, usize::MAX));
        }
        // Within the screening, the seats are not exchanged any more.
        let next = if to == OLD { Next::Over } else { Next::Continue };
        assert_eq!(world.take(&task, Step::MoveIn), next);
        assert_eq!(world.take(&task, Step::Complete), Next::Over);
        assert!(world.undo_if_refused(&task, 1, usize::MAX));
        world.assert_whole(&[(OLD, "A-1")]);
        let (booking, customer) = (BookingId(Uuid::from_u128(30)), UserId(Uuid::from_u128(40)));
        let (seats, fingerprint) = (vec![seat(name).into()], None);
        must(
            world.screening(to),
            &screening::Command::ReserveSeats { booking, customer, seats, fingerprint },
        );
    }
}

#[test]
fn seats_that_a_process_got_too_late_are_released_even_if_it_dies() {
    let mut world = World::asked(NEW);
    let task = react(&world.events.pop_front().unwrap()).unwrap();
    assert!(!is_late(&world.booking, MOVE), "it may still succeed");
    world.book(&Book::RefuseMove { id: MOVE, reason: MoveRefusal::SeatTaken, seats: vec![seat("A-1")] });
    while let Some(event) = world.events.pop_front() {
        assert!(world.process(&event, 1, usize::MAX));
    }
    assert_eq!(world.take(&task, Step::MoveIn), Next::Continue);
    assert_eq!(world.owned().len(), 2, "it is sold two seats");
    // The process is gone. The saga that reads the screening finds the move over.
    assert!(is_late(&world.booking, MOVE));
    let out = screening::Command::MoveOut { booking: BOOKING, id: MOVE };
    assert_eq!(must(&mut world.new, &out).len(), 1);
    assert_eq!(must(&mut world.new, &out).len(), 0, "once");
    world.assert_whole(&[(OLD, "A-1")]);

    for to in [OLD, NEW] {
        let moved = World::asked(to).run(1, usize::MAX, nothing);
        assert!(!is_late(&moved.booking, MOVE));
    }
    let mut within = World::asked(OLD);
    within.book(&Book::RefuseMove { id: MOVE, reason: MoveRefusal::SeatTaken, seats: Vec::new() });
    assert!(!is_late(&within.booking, MOVE), "these are all the seats that it has");
}

#[test]
fn a_process_that_stalls_before_it_refuses_an_exchange_completes_it_if_another_one_made_it() {
    let mut world = World::asked(OLD);
    let task = react(&world.events.pop_front().unwrap()).unwrap();
    // One process finds the seat taken, and stalls. It is free again, and another process gets it.
    assert_eq!(world.take(&task, Step::MoveIn), Next::Continue);
    world.refuse(&task, MoveRefusal::SeatTaken, vec![seat("A-2")]);
    assert_eq!(world.outcome(), MoveOutcome::Moved);
    assert_eq!(world.take(&task, Step::Complete), Next::Continue, "it is completed once");
    while let Some(event) = world.events.pop_front() {
        assert!(world.process(&event, 1, usize::MAX));
    }
    world.assert_whole(&[(OLD, "A-2")]);
}

#[test]
fn an_exchange_that_was_ruled_out_is_refused_even_if_the_process_dies_in_between() {
    let mut world = World::asked(OLD);
    let request = world.events.front().cloned().unwrap();
    let task = react(&request).unwrap();
    assert_eq!(world.take(&task, Step::End), Next::Continue);
    let world = world.run(1, usize::MAX, nothing);
    assert_eq!(world.outcome(), MoveOutcome::Refused(MoveRefusal::SeatsChanged, vec![]));
    world.assert_whole(&[(OLD, "A-1")]);
}

#[test]
fn a_place_that_is_kept_for_wheelchairs_is_taken() {
    let refused = screening::Refusal::KeptForWheelchairs { seats: vec![seat("A-1")], until: now() };
    let next = after_screening(Err(refused)).unwrap();
    assert!(matches!(&next, Next::Refuse(MoveRefusal::SeatTaken, seats) if *seats == [seat("A-1")]));
}

#[test]
fn what_changed_while_the_customer_paid_ends_the_move() {
    for (refused, reason) in [
        (screening::Refusal::SingleSeatLeft(vec![seat("A-3")]), MoveRefusal::SeatTaken),
        (screening::Refusal::TimeChanged(now()), MoveRefusal::TimeChanged),
    ] {
        assert_eq!(after_screening(Err(refused)), Ok(Next::Refuse(reason, vec![])));
    }
}

#[test]
fn without_the_money_the_booking_stays_as_it_was() {
    let spend = |world: &mut World| {
        let reference = Reference::payment(PaymentId(Uuid::from_u128(50)));
        let (customer, amount, booking) = (CUSTOMER, inr(LEFT), BookingId(Uuid::from_u128(30)));
        must(&mut world.wallet, &wallet::Command::DebitWallet { customer, reference, amount, booking });
    };
    for end in [0, 1] {
        let mut world = World::asked(NEW).run(2, end, spend);
        assert_eq!(world.outcome(), MoveOutcome::Refused(MoveRefusal::InsufficientFunds, vec![]));
        assert_eq!(world.owned(), [(OLD, seat("A-1"))]);
        assert_eq!(world.wallet.balance_minor(), 0);
        let used = screening::Command::BeginMove { booking: BOOKING, id: PAYMENT, seats: vec![seat("A-1")] };
        assert!(execute(world.screening(OLD), &used, now()).is_ok(), "nothing keeps its seat");
    }
}

/// The cascade's treatment of a booking with seats of a screening, repeated while it has some.
fn call_off(world: &mut World, id: ScreeningId) {
    let (cascade, reason) = (Uuid::from_u128(90), None);
    let cancel = screening::Command::CancelScreening { cascade, reason: None, decided_at: now() };
    must(world.screening(id), &cancel);
    if let Some(reservation) = world.screening(id).reservation(id, BOOKING)
        && world.owned().iter().any(|(of, _)| *of == id)
    {
        world.book(&Book::CallOff { reservation, reason, cascade });
        let bookings = vec![BOOKING];
        must(world.screening(id), &screening::Command::ReleaseCancelled { bookings });
    }
}

#[test]
fn a_cascade_in_the_middle_has_one_outcome() {
    for to in [OLD, NEW] {
        for end in 0..5 {
            // The old screening: the booking is cancelled, unless it has moved away.
            let off = |world: &mut World| call_off(world, OLD);
            let mut world = World::asked(to).run(2, end, off);
            let moved = world.outcome() == MoveOutcome::Moved;
            call_off(&mut world, OLD);
            while let Some(event) = world.events.pop_front() {
                world.process(&event, 2, usize::MAX);
            }
            if moved && to == NEW {
                world.assert_whole(&[(NEW, "A-1")]);
            } else {
                world.assert_whole(&[]);
                assert_eq!(world.booking.opened.as_ref().unwrap().status, BookingStatus::Cancelled);
            }
        }
    }
    for end in 0..4 {
        // The new screening: the booking stays where it was.
        let off = |world: &mut World| call_off(world, NEW);
        let world = World::asked(NEW).run(2, end, off);
        world.assert_whole(&[(OLD, "A-1")]);
        let refused = MoveOutcome::Refused(MoveRefusal::ScreeningCancelled, vec![]);
        assert_eq!(world.outcome(), refused, "after {end} steps");
        assert_eq!(world.booking.opened.as_ref().unwrap().status, BookingStatus::Confirmed);
    }
}

#[test]
fn a_used_ticket_keeps_the_booking_in_its_seat() {
    let mut world = World::asked(NEW);
    let by = UserId(Uuid::from_u128(9));
    let check_in = screening::Command::CheckInTickets {
        booking: BOOKING,
        seats: vec![],
        by,
        check_in: Uuid::nil(),
        fingerprint: None,
    };
    execute(&mut world.old, &check_in, start()).unwrap();
    let world = world.run(1, usize::MAX, nothing);
    world.assert_whole(&[(OLD, "A-1")]);
    assert_eq!(world.outcome(), MoveOutcome::Refused(MoveRefusal::CheckedIn, vec![]));
}
