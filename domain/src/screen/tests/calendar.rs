//! Rules of the calendar.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use proptest::{collection::vec, prelude::*};

use super::{added, busy_with, given};
use crate::{
    Decider,
    examples::{self, at, context, fingerprint, layout, pointers, screening, user, uuid},
    promise::Promise,
    rescheduling::WantedChange,
    screen::{Command, Event, OpeningHours, Refusal, Screen},
};

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn hours(opens_at: &str, closes_at: &str) -> OpeningHours {
    let (opens_at, closes_at) = (opens_at.parse().unwrap(), closes_at.parse().unwrap());
    OpeningHours { opens_at, closes_at, active: true }
}

pub(super) fn promise(starts_at: Timestamp, ends_at: Timestamp, zone: &str) -> Promise {
    Promise {
        timezone: zone.parse().unwrap(),
        starts_at,
        ends_at,
        cancel_until: starts_at,
        layout: layout(4),
        ..examples::promise()
    }
}

fn schedule_as(n: u8, promise: Promise, opening_hours: OpeningHours) -> Command {
    Command::ScheduleScreening {
        screening: screening(n),
        offer: Arc::new(examples::offer(promise)),
        opening_hours,
        show_cancelled: false,
        fingerprint: Some(fingerprint("body")),
    }
}

/// Around the clock, in seconds after the epoch of the tests.
pub(super) fn schedule(n: u8, from: i64, to: i64) -> Command {
    schedule_as(n, promise(at(from), at(to), "UTC"), hours("00:00", "00:00"))
}

/// The slot of a change of screening `n`, which has the id `n` too.
pub(super) fn reserve(n: u8, from: i64, to: i64) -> Command {
    Command::ReserveSlot {
        screening: screening(n),
        wanted: wanted(n, from, to),
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: false,
    }
}

pub(super) fn wanted(n: u8, from: i64, to: i64) -> WantedChange {
    let promise = Arc::new(promise(at(from), at(to), "UTC"));
    WantedChange { id: uuid(n), number: 0, promise, by: user(9), fingerprint: None }
}

pub(super) fn scheduled(n: u8, from: i64, to: i64) -> Event {
    Event::ScreeningScheduled {
        screening: screening(n),
        promise: Arc::new(promise(at(from), at(to), "UTC")),
        fingerprint: Some(fingerprint("body")),
        blocks: Vec::new(),
    }
}

/// Returns true if the venue is open from `from` to `to`.
fn is_open((opens, closes): (&str, &str), zone: &str, from: &str, to: &str) -> bool {
    let promise = promise(moment(from), moment(to), zone);
    let command = schedule_as(1, promise, hours(opens, closes));
    match given(&[added()]).decide(command, at(0)) {
        Ok(_) => true,
        Err(Refusal::OutsideOpeningHours { opens_at, closes_at }) => {
            assert_eq!((opens_at.to_string(), closes_at.to_string()), (opens.into(), closes.into()));
            false
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_screening_is_scheduled_with_the_room_as_it_is() {
    let then = given(&[added()]).decide(schedule(1, 3_600, 7_200), at(0));
    assert_eq!(then, Ok(vec![scheduled(1, 3_600, 7_200)]));
}

#[test]
fn nothing_is_scheduled_in_an_unknown_room() {
    assert_eq!(given(&[]).decide(schedule(1, 3_600, 7_200), at(0)), Err(Refusal::NotFound));
    assert_eq!(given(&[]).decide(unschedule(1, 0), at(0)), Err(Refusal::NotFound));
}

#[test]
fn a_screening_is_scheduled_once() {
    let history = [added(), scheduled(1, 3_600, 7_200)];
    assert_eq!(given(&history).decide(schedule(1, 3_600, 7_200), at(9_000)), Ok(vec![]));
    let other = Command::ScheduleScreening {
        screening: screening(1),
        offer: Arc::new(examples::offer(promise(at(9_000), at(9_600), "UTC"))),
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: false,
        fingerprint: Some(fingerprint("other")),
    };
    assert_eq!(given(&history).decide(other, at(0)), Err(Refusal::KeyReused));
}

#[test]
fn a_late_repeat_does_not_schedule_again_what_was_unscheduled() {
    let freed = unscheduled(1, 0);
    let history = [added(), scheduled(1, 3_600, 7_200), freed];
    assert_eq!(given(&history).decide(schedule(1, 3_600, 7_200), at(0)), Ok(vec![]));
}

#[test]
fn screenings_that_are_long_over_leave_the_calendar() {
    let year = 400 * 24 * 3_600;
    let history = [
        added(),
        scheduled(1, 3_600, 7_200),
        scheduled(2, 7_200, 9_000),
        scheduled(3, 9_000, 9_900),
        unscheduled(2, 0),
    ];
    let mut screen = given(&history);
    screen.0.forget(at(3_600 + year));
    assert_eq!(screen.0, given(&history).0, "the first one began exactly that long before");
    screen.0.forget(at(7_201 + year));
    let only_the_last = given(&[added(), scheduled(3, 9_000, 9_900)]);
    assert_eq!(screen.0, only_the_last.0);
    // The remaining entries are unchanged.
    assert_eq!(screen.decide(schedule(3, 9_000, 9_900), at(year)), Ok(vec![]));
    assert_eq!(screen.decide(unschedule(3, 0), at(year)), Ok(vec![unscheduled(3, 0)]));
}

pub(super) fn unschedule(n: u8, decided_at: i64) -> Command {
    let (screening, cascade, reason) = (screening(n), uuid(90), Some(" The roof leaks.".into()));
    Command::UnscheduleScreening { screening, cascade, reason, decided_at: at(decided_at) }
}

fn unscheduled(n: u8, decided_at: i64) -> Event {
    let (screening, cascade, reason) = (screening(n), uuid(90), Some("The roof leaks.".into()));
    Event::ScreeningUnscheduled { screening, cascade, reason, decided_at: at(decided_at) }
}

#[test]
fn only_what_had_not_started_when_it_was_decided_is_called_off_however_late_it_is_asked() {
    let history = [added(), scheduled(1, 3_600, 7_200)];
    let started = Err(Refusal::Started(at(3_600)));
    assert_eq!(given(&history).decide(unschedule(1, 3_600), at(3_600)), started);
    let then = given(&history).decide(unschedule(1, 3_599), at(9_999));
    assert_eq!(then, Ok(vec![unscheduled(1, 3_599)]));
}

#[test]
fn a_reason_has_at_most_500_characters() {
    let history = [added(), scheduled(1, 3_600, 7_200)];
    let with = |length| {
        let (screening, cascade, reason) = (screening(1), uuid(90), Some("x".repeat(length)));
        let command = Command::UnscheduleScreening { screening, cascade, reason, decided_at: at(0) };
        given(&history).decide(command, at(0))
    };
    assert!(with(500).is_ok());
    assert!(matches!(with(501), Err(Refusal::Invalid(_))));
}

#[test]
fn a_slot_is_freed_once() {
    let freed = unscheduled(1, 0);
    let history = [added(), scheduled(1, 3_600, 7_200)];
    assert_eq!(given(&history).decide(unschedule(1, 0), at(0)), Ok(vec![freed.clone()]));
    let history = [added(), scheduled(1, 3_600, 7_200), freed];
    assert_eq!(given(&history).decide(unschedule(1, 0), at(0)), Ok(vec![]));
    let then = given(&history).decide(schedule(2, 3_600, 7_200), at(0));
    assert_eq!(then, Ok(vec![scheduled(2, 3_600, 7_200)]));
}

#[test]
fn neither_a_cancelled_show_nor_an_inactive_venue_is_scheduled() {
    let inactive = OpeningHours { active: false, ..hours("00:00", "00:00") };
    let command = schedule_as(1, promise(at(3_600), at(7_200), "UTC"), inactive);
    assert_eq!(given(&[added()]).decide(command, at(0)), Err(Refusal::VenueInactive));
    let off = Command::ScheduleScreening {
        screening: screening(1),
        offer: Arc::new(examples::offer(promise(at(3_600), at(7_200), "UTC"))),
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: true,
        fingerprint: None,
    };
    assert_eq!(given(&[added()]).decide(off, at(0)), Err(Refusal::ShowCancelled));
}

#[test]
fn a_screening_starts_in_the_future() {
    let when = || schedule(1, 3_600, 7_200);
    assert!(given(&[added()]).decide(when(), at(3_599)).is_ok());
    assert_eq!(given(&[added()]).decide(when(), at(3_600)), Err(Refusal::InThePast));
}

#[test]
fn a_screening_starts_within_a_hundred_years() {
    let start = 36_525 * 86_400;
    let when = || schedule(1, start, start + 60);
    assert!(given(&[added()]).decide(when(), at(0)).is_ok());
    match given(&[added()]).decide(when(), at(-1)) {
        Err(Refusal::Invalid(flaws)) => assert_eq!(pointers(&flaws), ["/starts_at"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_category_has_a_price() {
    let mut promise = promise(at(3_600), at(7_200), "UTC");
    promise.prices.clear();
    let command = schedule_as(1, promise, hours("00:00", "00:00"));
    let categories = vec!["gold".into(), "silver".into()];
    assert_eq!(given(&[added()]).decide(command, at(0)), Err(Refusal::PriceMissing { categories }));
}

#[test]
fn prices_are_in_range_and_of_categories_of_the_room() {
    let flaws_of = |category: &str, price: i64| {
        let mut promise = promise(at(3_600), at(7_200), "UTC");
        promise.prices.insert(category.into(), price);
        match given(&[added()]).decide(schedule_as(1, promise, hours("00:00", "00:00")), at(0)) {
            Err(Refusal::Invalid(flaws)) => pointers(&flaws).join(" "),
            other => other.map(|_| String::new()).unwrap(),
        }
    };
    assert_eq!(flaws_of("gold", -1), "/prices/gold");
    assert_eq!(flaws_of("gold", 0), "");
    assert_eq!(flaws_of("gold", 1_000_000_000), "");
    assert_eq!(flaws_of("gold", 1_000_000_001), "/prices/gold");
    assert_eq!(flaws_of("a/b~c", 1), "/prices/a~1b~0c");
}

#[test]
fn screenings_may_touch_but_not_overlap() {
    let history = [added(), scheduled(1, 3_600, 7_200), scheduled(2, 10_800, 14_400)];
    let busy = |n, from, to| Err(busy_with(n, from, to, false, 0));
    let when = |from, to| given(&history).decide(schedule(3, from, to), at(0)).map(|_| ());
    assert_eq!(when(7_200, 10_800), Ok(()));
    assert_eq!(when(1_800, 3_600), Ok(()));
    assert_eq!(when(14_400, 18_000), Ok(()));
    assert_eq!(when(7_199, 10_800), busy(1, 3_600, 7_200));
    assert_eq!(when(7_200, 10_801), busy(2, 10_800, 14_400));
    assert_eq!(when(3_600, 7_200), busy(1, 3_600, 7_200));
    assert_eq!(when(4_000, 5_000), busy(1, 3_600, 7_200));
    assert_eq!(when(10_000, 20_000), busy(2, 10_800, 14_400));
    assert_eq!(when(1_800, 3_601), busy(1, 3_600, 7_200));
}

#[test]
fn a_screening_lies_inside_the_opening_hours() {
    // Mumbai is five and a half hours ahead of UTC.
    let day = |from, to| is_open(("10:00", "22:00"), "Asia/Kolkata", from, to);
    assert!(day("2026-03-01T04:30:00Z", "2026-03-01T16:30:00Z"), "the whole day");
    assert!(!day("2026-03-01T04:29:00Z", "2026-03-01T06:00:00Z"), "a minute early");
    assert!(!day("2026-03-01T14:00:00Z", "2026-03-01T16:31:00Z"), "a minute late");
    assert!(!day("2026-03-01T14:00:00Z", "2026-03-02T05:00:00Z"), "not from one day into the next");
}

#[test]
fn an_evening_may_go_on_past_midnight() {
    let night = |from, to| is_open(("10:00", "02:00"), "Asia/Kolkata", from, to);
    assert!(night("2026-03-01T17:30:00Z", "2026-03-01T20:30:00Z"), "23:00 to 02:00");
    assert!(night("2026-03-01T18:30:00Z", "2026-03-01T20:30:00Z"), "00:00 to 02:00");
    assert!(night("2026-03-01T19:00:00Z", "2026-03-01T20:30:00Z"), "00:30 to 02:00");
    assert!(!night("2026-03-01T19:00:00Z", "2026-03-01T20:31:00Z"), "00:30 to 02:01");
    assert!(!night("2026-03-01T20:30:00Z", "2026-03-01T22:00:00Z"), "02:00 to 03:30");
    assert!(!night("2026-03-01T04:29:00Z", "2026-03-01T06:00:00Z"), "09:59");
    assert!(night("2026-03-01T04:30:00Z", "2026-03-01T20:30:00Z"), "10:00 to 02:00");
}

#[test]
fn midnight_as_closing_time_is_the_end_of_the_day() {
    let day = |from, to| is_open(("10:00", "00:00"), "UTC", from, to);
    assert!(day("2026-03-01T22:00:00Z", "2026-03-02T00:00:00Z"));
    assert!(!day("2026-03-01T22:00:00Z", "2026-03-02T00:01:00Z"));
    assert!(!day("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"));
}

#[test]
fn a_house_that_opens_when_it_closes_is_open_around_the_clock() {
    assert!(is_open(("10:00", "10:00"), "UTC", "2026-03-01T09:00:00Z", "2026-03-01T12:00:00Z"));
}

#[test]
fn opening_hours_follow_the_clock_of_the_venue_when_it_is_changed() {
    // Berlin goes from UTC+1 to UTC+2 in the night of 29 March 2026, and back in that of 25 October.
    let day = |from, to| is_open(("10:00", "23:00"), "Europe/Berlin", from, to);
    assert!(day("2026-03-28T09:00:00Z", "2026-03-28T11:00:00Z"), "10:00 in winter");
    assert!(!day("2026-03-28T08:00:00Z", "2026-03-28T11:00:00Z"), "09:00 in winter");
    assert!(day("2026-03-29T08:00:00Z", "2026-03-29T11:00:00Z"), "10:00 in summer");
    assert!(!day("2026-03-29T07:59:00Z", "2026-03-29T11:00:00Z"), "09:59 in summer");
    assert!(!day("2026-03-29T20:00:00Z", "2026-03-29T21:01:00Z"), "23:01 in summer");

    let night = |from, to| is_open(("20:00", "04:00"), "Europe/Berlin", from, to);
    // 20:00 to 04:00 is seven hours in the night that loses one, and nine in the night that gains one.
    assert!(night("2026-03-28T19:00:00Z", "2026-03-29T02:00:00Z"));
    assert!(!night("2026-03-28T19:00:00Z", "2026-03-29T02:01:00Z"));
    assert!(night("2026-10-24T18:00:00Z", "2026-10-25T03:00:00Z"));
    assert!(!night("2026-10-24T18:00:00Z", "2026-10-25T03:01:00Z"));
}

#[test]
fn the_end_of_time_is_outside_opening_hours() {
    let last = "9999-12-30T22:00:00Z";
    assert!(!is_open(("23:30", "23:00"), "Pacific/Kiritimati", last, last));
}

proptest! {
    #[test]
    fn screenings_of_a_screen_never_overlap(
        steps in vec((0..30_u8, 0..100_i64, 1..12_i64, 0..9_u8), 1..80),
    ) {
        let mut screen = Screen::default();
        screen.evolve(&added());
        let mut slots: BTreeMap<_, (Timestamp, Timestamp)> = BTreeMap::new();
        let mut reserved: BTreeMap<_, (Timestamp, Timestamp)> = BTreeMap::new();
        for (n, start, length, step) in steps {
            let (from, to) = (start * 600, (start + length) * 600);
            let command = match step {
                0 => unschedule(n, -1),
                1 => reserve(n, from, to),
                2 => Command::TakeSlot { change: uuid(n) },
                3 => Command::DropSlot { change: uuid(n) },
                4.. => schedule(n, from, to),
            };
            for event in screen.decide(&command, &context(at(-1))).unwrap_or_default() {
                screen.evolve(&event);
                match event {
                    Event::ScreeningScheduled { screening, promise, .. } => {
                        let Promise { starts_at, ends_at, .. } = *promise;
                        prop_assert_eq!(slots.insert(screening, (starts_at, ends_at)), None);
                    }
                    Event::SlotReserved { screening, wanted } => {
                        let Promise { starts_at, ends_at, .. } = *wanted.promise;
                        prop_assert_eq!(reserved.insert(screening, (starts_at, ends_at)), None);
                    }
                    Event::SlotTaken { screening, promise, .. } => {
                        let slot = (promise.starts_at, promise.ends_at);
                        prop_assert_eq!(reserved.remove(&screening), Some(slot));
                        slots.insert(screening, slot);
                    }
                    Event::SlotDropped { screening, .. } => {
                        prop_assert!(reserved.remove(&screening).is_some());
                    }
                    Event::ScreeningUnscheduled { screening, .. } => {
                        let (slot, kept) = (slots.remove(&screening), reserved.remove(&screening));
                        prop_assert!(slot.or(kept).is_some());
                    }
                    Event::SlotVacated { .. }
                    | Event::ScreenAdded { .. }
                    | Event::ScreenRenamed { .. }
                    | Event::LayoutChanged { .. }
                    | Event::TurnaroundChanged { .. }
                    | Event::ScreenRetired {}
                    | Event::ScreenReactivated {}
                    | Event::ScreeningDrafted { .. }
                    | Event::DraftChanged { .. }
                    | Event::DraftPublished { .. }
                    | Event::DraftDiscarded { .. }
                    | Event::DraftSeatsBlocked { .. }
                    | Event::DraftBlockReleased { .. }
                    | Event::ScreenSeatsBlocked { .. }
                    | Event::ScreenBlockReleased { .. } => {}
                }
            }
            let all: Vec<_> = slots.iter().chain(&reserved).collect();
            for (index, (id, (from, to))) in all.iter().enumerate() {
                let clash = all[..index].iter().find(|(other, (start, end))| other != id && start < to && from < end);
                prop_assert_eq!(clash, None);
            }
            let kept = screen.calendar.iter().map(|((from, id), slot)| (*id, (*from, slot.ends_at)));
            prop_assert_eq!(kept.collect::<BTreeMap<_, _>>(), slots.clone());
        }
    }
}
