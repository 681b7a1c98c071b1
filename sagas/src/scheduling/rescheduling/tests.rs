//! The three laws of a saga, on real aggregates without a log: a change is made once or not at all, wherever the saga or the API
//! crashes, and however often a step is repeated.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;
use ticketshow_domain::{
    PaymentId, SeatName, UserId, VenueId,
    booking::{BookingStatus, PaymentMethod, Ticket},
    examples::{execute, offer},
    hold::Standing,
    promise::Promise,
    screen::OpeningHours,
};

use super::*;
use crate::{
    examples::{promise, start},
    scheduling::screen_blocks::comes_from_elsewhere,
};

const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));
const OLD: ScreenId = ScreenId(Uuid::from_u128(2));
const NEW: ScreenId = ScreenId(Uuid::from_u128(3));
const CHANGE: Uuid = Uuid::from_u128(4);
const BOOKING: BookingId = BookingId(Uuid::from_u128(5));

#[derive(Debug, Clone, PartialEq)]
struct World {
    screens: BTreeMap<ScreenId, Screen>,
    screening: Screening,
    booking: Booking,
    followed: usize,
}

fn hours() -> OpeningHours {
    let midnight = "00:00".parse().unwrap();
    OpeningHours { active: true, opens_at: midnight, closes_at: midnight }
}

fn now() -> jiff::Timestamp {
    start() - SignedDuration::from_hours(24)
}

/// A screening with a paid booking, and a slot reserved for it on `screen` an hour later, with `seats` seats.
fn reserved(screen: ScreenId, seats: u16) -> (World, Change) {
    let before = Promise { screen: OLD, ..promise(4, 25_000) };
    let mut world = World {
        screens: BTreeMap::new(),
        screening: Screening::default(),
        booking: Booking::default(),
        followed: 0,
    };
    for (screen, seats) in [(OLD, 4), (NEW, seats)] {
        let mut state = Screen::default();
        let layout = promise(seats, 1).layout;
        let (venue, name) = (VenueId(Uuid::nil()), "One".to_owned());
        let add = screen::Command::AddScreen {
            screen,
            venue,
            name,
            layout,
            turnaround_minutes: 0,
            fingerprint: None,
        };
        execute(&mut state, &add, now()).unwrap();
        world.screens.insert(screen, state);
    }
    let schedule = screen::Command::ScheduleScreening {
        screening: SCREENING,
        offer: Arc::new(offer(before.clone())),
        opening_hours: hours(),
        show_cancelled: false,
        fingerprint: None,
    };
    world.on(OLD, &schedule);
    let open = screening::Command::OpenScreening {
        screening: SCREENING,
        promise: Arc::new(before.clone()),
        blocks: Vec::new(),
    };
    execute(&mut world.screening, &open, now()).unwrap();
    world.buy();
    let hour = SignedDuration::from_hours(1);
    let after =
        Promise { screen, starts_at: before.starts_at + hour, ends_at: before.ends_at + hour, ..before };
    let (number, promise, by) = (0, Arc::new(after), UserId(Uuid::nil()));
    let wanted = WantedChange { id: CHANGE, number, promise, by, fingerprint: None };
    let reserve = screen::Command::ReserveSlot {
        screening: SCREENING,
        wanted,
        opening_hours: hours(),
        show_cancelled: false,
    };
    let events = world.on(screen, &reserve);
    let [screen::Event::SlotReserved { screening, wanted }] = &events[..] else { panic!("{events:?}") };
    let change = Change { screening: *screening, wanted: wanted.clone() };
    (world, change)
}

impl World {
    fn on(&mut self, screen: ScreenId, command: &screen::Command) -> Vec<screen::Event> {
        execute(self.screens.get_mut(&screen).unwrap(), command, now()).unwrap()
    }

    fn buy(&mut self) {
        let (customer, payment) = (UserId(Uuid::from_u128(6)), PaymentId(Uuid::from_u128(7)));
        let seats = [SeatName("A-4".to_owned())];
        let reserve = screening::Command::ReserveSeats {
            booking: BOOKING,
            customer,
            seats: seats.iter().cloned().map(Into::into).collect(),
            fingerprint: None,
        };
        execute(&mut self.screening, &reserve, now()).unwrap();
        let reservation = self.screening.reservation(SCREENING, BOOKING).unwrap();
        let method = PaymentMethod::Wallet;
        let standing = Standing::Held(start());
        let pay = booking::Command::PayBooking { reservation, standing, payment, method, fingerprint: None };
        execute(&mut self.booking, &pay, now()).unwrap();
        let sell = screening::Command::SellSeats { booking: BOOKING, payment };
        execute(&mut self.screening, &sell, now()).unwrap();
        let tickets = vec![Ticket { seat: seats[0].clone(), code: "code".to_owned() }];
        let confirm = booking::Command::ConfirmBooking { payment, tickets };
        execute(&mut self.booking, &confirm, now()).unwrap();
    }

    /// Takes the steps of [`Change::carry_out`], each `times` times, until it crashes before the step with the number `crash`.
    fn carry_out(&mut self, change: &Change, times: usize, crash: usize) {
        let mut left = crash;
        let mut goes_on = || {
            left = left.saturating_sub(1);
            left > 0
        };
        if !goes_on() {
            return;
        }
        for _ in 0..times {
            execute(&mut self.screening, &change.decide(), now()).unwrap();
        }
        let steps = change.next(&self.screening).unwrap();
        for (screen, command) in &steps.calendars {
            if !goes_on() {
                return;
            }
            for _ in 0..times {
                self.on(*screen, command);
            }
        }
        if !steps.has_followers {
            return;
        }
        let followers: Vec<_> = self.screening.reschedulings(SCREENING, CHANGE).collect();
        for (booking, rescheduling) in followers {
            assert_eq!(booking, BOOKING);
            if !goes_on() {
                return;
            }
            for _ in 0..times {
                let command = booking::Command::FollowChange { rescheduling: rescheduling.clone() };
                self.followed += execute(&mut self.booking, &command, now()).unwrap().len();
            }
        }
        if goes_on() {
            for _ in 0..times {
                let complete = screening::Command::CompleteChange { change: CHANGE };
                execute(&mut self.screening, &complete, now()).unwrap();
            }
        }
    }

    fn slots(&self, screen: ScreenId) -> usize {
        self.screens[&screen].calendar.len()
    }
}

#[test]
fn a_change_comes_about_once_wherever_the_saga_crashes() {
    for (screen, slots) in [(OLD, (1, 0)), (NEW, (0, 1))] {
        let (world, change) = reserved(screen, 4);
        let mut straight = world.clone();
        straight.carry_out(&change, 1, usize::MAX);
        assert_eq!((straight.slots(OLD), straight.slots(NEW)), slots);
        assert_eq!(straight.followed, 1);
        assert_eq!(straight.screening.promise().unwrap().starts_at, change.wanted.promise.starts_at);
        let opened = straight.booking.opened.as_ref().unwrap();
        assert_eq!((opened.status, opened.free_until.is_some()), (BookingStatus::Confirmed, true));
        for crash in 1..8 {
            let mut crashed = world.clone();
            crashed.carry_out(&change, 1, crash);
            crashed.carry_out(&change, 2, usize::MAX);
            assert_eq!(crashed, straight, "after a crash before step {crash}");
            crashed.carry_out(&change, 1, usize::MAX);
            assert_eq!(crashed, straight, "delivered again");
        }
    }
}

#[test]
fn a_refused_change_gives_the_slot_back_wherever_the_saga_crashes() {
    let (world, change) = reserved(NEW, 3);
    let mut straight = world.clone();
    straight.carry_out(&change, 1, usize::MAX);
    assert_eq!((straight.slots(OLD), straight.slots(NEW), straight.followed), (1, 0, 0));
    assert!(straight.screens[&NEW].reserved(CHANGE).is_none());
    for crash in 1..4 {
        let mut crashed = world.clone();
        crashed.carry_out(&change, 1, crash);
        crashed.carry_out(&change, 2, usize::MAX);
        assert_eq!(crashed, straight, "after a crash before step {crash}");
    }
}

#[test]
fn only_a_change_of_the_screen_brings_a_screening_under_other_blocks() {
    for (screen, is_elsewhere) in [(NEW, true), (OLD, false)] {
        let (mut world, change) = reserved(screen, 4);
        execute(&mut world.screening, &change.decide(), now()).unwrap();
        assert_eq!(comes_from_elsewhere(&world.screening, CHANGE), is_elsewhere);
    }
    let (world, _) = reserved(NEW, 4);
    assert!(!comes_from_elsewhere(&world.screening, CHANGE), "it is not decided");
}
