//! The three laws of a saga, on real aggregates without a log: a scheduled screening is opened once, wherever the saga or the
//! API crashes, and however often either is repeated.

use ticketshow_domain::{
    ScreenId, VenueId,
    examples::{execute, offer},
    screen::{self, OpeningHours, Screen},
};
use uuid::Uuid;

use super::*;
use crate::examples::{promise, start};

const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));
const PRICE_MINOR: i64 = 25_000;

/// A screen with a scheduled screening, and the events that scheduled it.
fn scheduled() -> Vec<Event> {
    let now = start() - jiff::SignedDuration::from_hours(24);
    let promise = promise(4, PRICE_MINOR);
    let mut state = Screen::default();
    let add = screen::Command::AddScreen {
        screen: ScreenId(Uuid::nil()),
        venue: VenueId(Uuid::nil()),
        name: "One".to_owned(),
        layout: promise.layout.clone(),
        turnaround_minutes: 0,
        fingerprint: None,
    };
    execute(&mut state, &add, now).unwrap();
    let midnight = "00:00".parse().unwrap();
    let schedule = screen::Command::ScheduleScreening {
        screening: SCREENING,
        offer: Arc::new(offer(promise)),
        opening_hours: OpeningHours { active: true, opens_at: midnight, closes_at: midnight },
        show_cancelled: false,
        fingerprint: None,
    };
    execute(&mut state, &schedule, now).unwrap()
}

/// Delivers each event `times` times to one screening, with a crash after `crash_after` commands.
fn deliver(screening: &mut Screening, events: &[Event], times: usize, crash_after: usize) -> usize {
    let commands = events.iter().filter_map(react).map(|task| {
        let Task::Open(screening, command) = task else { panic!("{task:?}") };
        (screening, command)
    });
    let commands = commands.flat_map(|command| std::iter::repeat_n(command, times)).take(crash_after);
    let mut changes = 0;
    for (id, command) in commands {
        assert_eq!(id, SCREENING);
        changes += usize::from(!execute(screening, &command, start()).unwrap().is_empty());
    }
    changes
}

#[test]
fn a_scheduled_screening_is_opened_as_promised() {
    let mut screening = Screening::default();
    assert_eq!(deliver(&mut screening, &scheduled(), 1, usize::MAX), 1);
    let opened = screening.promise().unwrap();
    assert_eq!((opened.starts_at, opened.prices["gold"]), (start(), PRICE_MINOR));
}

#[test]
fn a_screening_is_opened_once_wherever_the_saga_crashes() {
    let events = scheduled();
    let mut straight = Screening::default();
    deliver(&mut straight, &events, 1, usize::MAX);
    for crash_after in 0..=2 {
        let mut screening = Screening::default();
        let changes = deliver(&mut screening, &events, 1, crash_after)
            + deliver(&mut screening, &events, 2, usize::MAX);
        assert_eq!(changes, 1, "opened once after a crash after {crash_after} commands");
        assert_eq!(screening, straight);
    }
}

#[test]
fn a_screening_that_the_api_has_opened_is_left_alone() {
    let events = scheduled();
    let mut screening = Screening::default();
    deliver(&mut screening, &events, 1, usize::MAX);
    let reserve = Command::ReserveSeats {
        booking: ticketshow_domain::BookingId(Uuid::from_u128(2)),
        customer: ticketshow_domain::UserId(Uuid::from_u128(3)),
        seats: vec![crate::examples::seat().into()],
        fingerprint: None,
    };
    let now = start() - jiff::SignedDuration::from_hours(1);
    execute(&mut screening, &reserve, now).unwrap();
    let before = screening.clone();
    assert_eq!(deliver(&mut screening, &events, 2, usize::MAX), 0);
    assert_eq!(screening, before);
}

#[test]
fn a_late_repeat_does_not_reopen_a_cancelled_screening() {
    let events = scheduled();
    let mut screening = Screening::default();
    deliver(&mut screening, &events, 1, usize::MAX);
    let cascade = Uuid::from_u128(9);
    let now = start() - jiff::SignedDuration::from_hours(1);
    let cancel = Command::CancelScreening { cascade, reason: None, decided_at: now };
    execute(&mut screening, &cancel, now).unwrap();
    assert_eq!(deliver(&mut screening, &events, 2, usize::MAX), 0);
    assert_eq!(screening.cancelled(), Some(cascade));
}

#[test]
fn blocks_of_a_screen_and_replaced_drafts_are_carried_on() {
    let by = UserId(Uuid::from_u128(7));
    let block = Uuid::from_u128(8);
    let (seats, reason) = (vec![crate::examples::seat()], "Broken".to_owned());
    let blocked = Event::ScreenSeatsBlocked { block, seats, reason, by, fingerprint: None };
    assert_eq!(react(&blocked), Some(Task::Block(block)));
    assert_eq!(react(&Event::ScreenBlockReleased { block, by }), Some(Task::Release { block, by }));
    let promise = Arc::new(promise(4, PRICE_MINOR));
    let taken = Event::SlotTaken { screening: SCREENING, change: block, promise: Arc::clone(&promise) };
    assert_eq!(react(&taken), Some(Task::BlockAll(SCREENING, block)));
    let drafted = |publish_at, replaces| Event::ScreeningDrafted {
        screening: SCREENING,
        promise: Arc::clone(&promise),
        publish_at,
        fingerprint: None,
        replaces,
    };
    assert_eq!(react(&drafted(None, None)), None);
    assert_eq!(react(&drafted(Some(start()), None)), Some(Task::Arm));
    let replaced = ReplacedDraft {
        screen: ScreenId(Uuid::nil()),
        draft: ScreeningId(Uuid::from_u128(5)),
        blocks: Vec::new(),
        seen: Vec::new(),
    };
    let task = Task::Replace { draft: SCREENING, replaced: replaced.clone() };
    assert_eq!(react(&drafted(None, Some(replaced))), Some(task));
}
