//! The three laws of a saga, on real aggregates without a log: whatever happens between two steps, and however often
//! clearing crashes and restarts, every booking is called off once and none keeps a seat. And the events that start work.

mod world;

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;
use ticketshow_domain::{booking, screening::Screening};
use ticketshow_nats::log::metadata::{Actor, Metadata};

use super::{clearing::Next, *};
use world::{Act, World, called_off, explore};

const ACTS: [Act; 6] = [
    Act::CustomerCancelsPaid,
    Act::CustomerGivesHoldBack,
    Act::HoldLapses,
    Act::PaymentConfirms,
    Act::LatePaymentConfirms,
    Act::PayingBegins,
];

#[test]
fn a_screening_is_cleared_step_by_step() {
    let mut world = World::new();
    let steps = world.clear();
    assert_eq!(steps, ["cancel", "call off 2", "call off 2", "record"]);
    world.check();
}

#[test]
fn a_screening_that_is_not_open_yet_is_waited_for() {
    let next = called_off().next(&Screening::default(), 500, &HashSet::new());
    assert_eq!(next, Next::Wait);
}

#[test]
fn a_stuck_booking_delays_no_other_and_keeps_the_screening_from_being_cleared() {
    let mut world = World::new();
    world.clear_but(world::PAID);
    let stuck = HashSet::from([world::PAID]);
    assert_eq!(called_off().next(&world.screening, 500, &stuck), Next::Done);
    assert!(!world.screening.is_cleared());
    let left: Vec<_> = world.screening.active().map(|(booking, _)| booking).collect();
    assert_eq!(left, [world::PAID]);
    // The next run tries the stuck booking again.
    world.clear();
    world.check();
}

#[test]
fn no_interleaving_with_two_crashes_leaves_a_booking_behind() {
    for_each_subset(|acts| assert!(explore(&World::new(), 1, 2, acts) > 0));
}

#[test]
fn two_replicas_at_once_call_no_booking_off_twice() {
    for_each_subset(|acts| assert!(explore(&World::new(), 2, 0, acts) > 0));
}

/// Visits every pair of acts.
fn for_each_subset(mut visit: impl FnMut(&[Act])) {
    for (index, first) in ACTS.iter().enumerate() {
        for second in &ACTS[index + 1..] {
            visit(&[*first, *second]);
        }
    }
}

const CASCADE: Uuid = Uuid::from_u128(1);
const ID: Uuid = Uuid::from_u128(2);

fn decided_at() -> Timestamp {
    "2026-11-25T09:00:00Z".parse().unwrap()
}

fn recorded(aggregate: &str, event: AnyEvent) -> RecordedEvent {
    let metadata =
        Metadata { time: decided_at(), actor: Actor::System, correlation: ID, causation: None, trace: None };
    RecordedEvent {
        position: 1,
        commit: ID,
        aggregate: aggregate.into(),
        id: ID.to_string().into(),
        version: 1,
        metadata: Arc::new(metadata),
        event,
    }
}

#[test]
fn a_cancelled_show_or_closed_venue_is_cleared_as_of_that_moment() {
    let (cascade, reason) = (CASCADE, Some("The roof leaks.".to_owned()));
    let decision = || Decision { cascade, reason: reason.clone(), decided_at: decided_at() };
    let show = show::Event::ShowCancelled { cascade, reason: reason.clone() };
    let task = react(&recorded("show", AnyEvent::Show(show))).unwrap();
    assert_eq!(task, Some(Task::Clear(Scope::Show(ShowId(ID)), decision())));
    let venue = venue::Event::VenueDeactivated { cascade, reason: reason.clone() };
    let task = react(&recorded("venue", AnyEvent::Venue(venue))).unwrap();
    assert_eq!(task, Some(Task::Clear(Scope::Venue(VenueId(ID)), decision())));
}

#[test]
fn an_unscheduled_screening_is_called_off_as_of_the_decision() {
    let (screening, reason) = (ScreeningId(Uuid::from_u128(3)), None);
    let earlier = "2026-11-25T08:00:00Z".parse().unwrap();
    let event = screen::Event::ScreeningUnscheduled {
        screening,
        cascade: CASCADE,
        reason: reason.clone(),
        decided_at: earlier,
    };
    let decision = Decision { cascade: CASCADE, reason, decided_at: earlier };
    let task = react(&recorded("screen", AnyEvent::Screen(event))).unwrap();
    assert_eq!(task, Some(Task::CallOff(CalledOff { screening, screen: ScreenId(ID), decision })));
}

#[test]
fn a_reopened_or_cleared_venue_starts_no_work() {
    let opened = AnyEvent::Venue(venue::Event::VenueReactivated {});
    assert_eq!(react(&recorded("venue", opened)).unwrap(), None);
    let cleared = AnyEvent::Show(show::Event::ShowCleared { cascade: CASCADE, screenings: 1 });
    assert_eq!(react(&recorded("show", cleared)).unwrap(), None);
    let expired = booking::Event::BookingExpired { booking: ticketshow_domain::BookingId(ID) };
    assert_eq!(react(&recorded("booking", AnyEvent::Booking(expired))).unwrap(), None);
}
