//! Screenings that customers do not see yet.

use std::sync::Arc;

use super::{
    added,
    calendar::{hours, promise, reserve, schedule, scheduled, unschedule},
    given,
};
use crate::{
    Decider,
    examples::{self, at, fingerprint, layout, pointers, screening},
    screen::{Command, Event, OpeningHours, Publisher, Refusal, WantedDraft},
};

fn wanted(from: i64, to: i64, publish_at: Option<i64>) -> WantedDraft {
    WantedDraft {
        offer: Arc::new(examples::offer(promise(at(from), at(to), "UTC"))),
        publish_at: publish_at.map(at),
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: false,
    }
}

fn draft(n: u8, from: i64, to: i64) -> Command {
    draft_due(n, from, to, None)
}

fn draft_due(n: u8, from: i64, to: i64, publish_at: Option<i64>) -> Command {
    let wanted = wanted(from, to, publish_at);
    Command::DraftScreening { screening: screening(n), wanted, fingerprint: Some(fingerprint("body")) }
}

fn drafted(n: u8, from: i64, to: i64, publish_at: Option<i64>) -> Event {
    Event::ScreeningDrafted {
        screening: screening(n),
        promise: Arc::new(promise(at(from), at(to), "UTC")),
        publish_at: publish_at.map(at),
        fingerprint: Some(fingerprint("body")),
    }
}

fn change(n: u8, from: i64, to: i64, publish_at: Option<i64>) -> Command {
    Command::ChangeDraft { screening: screening(n), wanted: wanted(from, to, publish_at) }
}

fn changed(n: u8, from: i64, to: i64, publish_at: Option<i64>) -> Event {
    let promise = Arc::new(promise(at(from), at(to), "UTC"));
    Event::DraftChanged { screening: screening(n), promise, publish_at: publish_at.map(at) }
}

fn publish_by(n: u8, publisher: Publisher) -> Command {
    Command::PublishDraft {
        screening: screening(n),
        publisher,
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: false,
    }
}

fn publish(n: u8) -> Command {
    publish_by(n, Publisher::Staff)
}

fn published(n: u8, from: i64, to: i64) -> Vec<Event> {
    vec![Event::DraftPublished { screening: screening(n) }, scheduled(n, from, to)]
}

fn discard(n: u8) -> Command {
    Command::DiscardDraft { screening: screening(n) }
}

fn discarded(n: u8) -> Event {
    Event::DraftDiscarded { screening: screening(n) }
}

fn busy(n: u8, from: i64, to: i64) -> Result<Vec<Event>, Refusal> {
    let (starts_at, ends_at) = (at(from), at(to));
    Err(Refusal::ScreenBusy { screening: screening(n), starts_at, ends_at, turnaround_minutes: 0 })
}

#[test]
fn a_draft_has_its_slot_but_is_not_in_the_calendar() {
    assert_eq!(
        given(&[added()]).decide(draft(1, 3_600, 7_200), at(0)),
        Ok(vec![drafted(1, 3_600, 7_200, None)])
    );
    let screen = given(&[added(), drafted(1, 3_600, 7_200, None)]);
    assert!(screen.0.calendar.is_empty());
    assert_eq!(screen.decide(schedule(2, 7_199, 9_000), at(0)), busy(1, 3_600, 7_200));
    assert_eq!(screen.decide(draft(2, 3_000, 3_601), at(0)), busy(1, 3_600, 7_200));
    assert_eq!(screen.decide(reserve(2, 3_600, 7_200), at(0)), busy(1, 3_600, 7_200));
    assert!(screen.decide(schedule(2, 7_200, 9_000), at(0)).is_ok());
}

#[test]
fn a_draft_is_made_once_and_a_repeat_is_recognised_whatever_became_of_it() {
    let made = vec![added(), drafted(1, 3_600, 7_200, None)];
    let gone = [&made[..], &[discarded(1)]].concat();
    let public = [&made[..], &published(1, 3_600, 7_200)].concat();
    for history in [&made, &gone, &public] {
        assert_eq!(given(history).decide(draft(1, 3_600, 7_200), at(0)), Ok(vec![]));
        let other = Command::DraftScreening {
            screening: screening(1),
            wanted: wanted(9_000, 9_600, None),
            fingerprint: Some(fingerprint("other")),
        };
        assert_eq!(given(history).decide(other, at(0)), Err(Refusal::KeyReused));
    }
}

#[test]
fn a_draft_obeys_the_rules_of_the_calendar() {
    let history = [added(), scheduled(1, 3_600, 7_200)];
    assert_eq!(given(&history).decide(draft(2, 3_600, 7_200), at(0)), busy(1, 3_600, 7_200));
    assert_eq!(given(&[added()]).decide(draft(1, 3_600, 7_200), at(3_600)), Err(Refusal::InThePast));
    assert_eq!(given(&[]).decide(draft(1, 3_600, 7_200), at(0)), Err(Refusal::NotFound));
    let retired = [added(), Event::ScreenRetired {}];
    assert_eq!(given(&retired).decide(draft(1, 3_600, 7_200), at(0)), Err(Refusal::ScreenRetired));
    let off = WantedDraft { show_cancelled: true, ..wanted(3_600, 7_200, None) };
    let off = Command::DraftScreening { screening: screening(1), wanted: off, fingerprint: None };
    assert_eq!(given(&[added()]).decide(off, at(0)), Err(Refusal::ShowCancelled));
}

#[test]
fn a_draft_is_published_by_itself_before_its_start_only() {
    let with = |publish_at| given(&[added()]).decide(draft_due(1, 3_600, 7_200, Some(publish_at)), at(100));
    assert!(with(3_599).is_ok());
    assert!(with(0).is_ok(), "at once");
    let Err(Refusal::Invalid(flaws)) = with(3_600) else { panic!("refused") };
    assert_eq!(pointers(&flaws), ["/publish_at"]);
}

#[test]
fn a_draft_keeps_a_room_in_use() {
    let history = [added(), drafted(1, 3_600, 7_200, None)];
    let in_use = Err(Refusal::ScreenInUse { screenings: 1, first_at: at(3_600) });
    assert_eq!(given(&history).decide(Command::RetireScreen, at(3_599)), in_use);
    assert!(given(&history).decide(Command::RetireScreen, at(3_600)).is_ok());
}

#[test]
fn a_published_draft_is_scheduled_with_the_room_as_it_is_then() {
    let history = [added(), drafted(1, 3_600, 7_200, None), Event::ScreenRenamed { name: "Audi 1".into() }];
    let larger = [&history[..], &[Event::LayoutChanged { layout: layout(9) }]].concat();
    let then = given(&larger).decide(publish(1), at(0)).unwrap();
    let [Event::DraftPublished { .. }, Event::ScreeningScheduled { promise, fingerprint, .. }] = &then[..]
    else {
        panic!("{then:?}")
    };
    assert_eq!((&promise.screen_name[..], &promise.layout), ("Audi 1", &layout(9)));
    assert_eq!(fingerprint, &Some(crate::examples::fingerprint("body")));
}

#[test]
fn a_draft_is_published_once_and_then_is_a_screening_like_any_other() {
    let history = [added(), drafted(1, 3_600, 7_200, None)];
    assert_eq!(given(&history).decide(publish(1), at(0)), Ok(published(1, 3_600, 7_200)));
    let public = [&history[..], &published(1, 3_600, 7_200)].concat();
    assert_eq!(given(&public).decide(publish(1), at(0)), Ok(vec![]));
    assert_eq!(given(&public).0.calendar.len(), 1);
    assert_eq!(given(&public).decide(discard(1), at(0)), Err(Refusal::Published));
    assert_eq!(given(&public).decide(change(1, 9_000, 9_600, None), at(0)), Err(Refusal::Published));
    let called_off = given(&public).decide(unschedule(1, 0), at(0)).unwrap();
    let called_off = [&public[..], &called_off].concat();
    assert_eq!(given(&called_off).decide(publish(1), at(0)), Ok(vec![]));
    assert_eq!(given(&called_off).decide(discard(1), at(0)), Err(Refusal::Published));
    // The same calendar as without the draft.
    assert_eq!(given(&public).0.calendar, given(&[added(), scheduled(1, 3_600, 7_200)]).0.calendar);
}

#[test]
fn a_draft_is_not_published_after_its_start_nor_if_its_show_or_venue_is_closed() {
    let screen = given(&[added(), drafted(1, 3_600, 7_200, None)]);
    assert_eq!(screen.decide(publish(1), at(3_600)), Err(Refusal::InThePast));
    let with = |active, show_cancelled| {
        let opening_hours = OpeningHours { active, ..hours("00:00", "00:00") };
        let publisher = Publisher::Staff;
        let command =
            Command::PublishDraft { screening: screening(1), publisher, opening_hours, show_cancelled };
        screen.decide(command, at(0))
    };
    assert_eq!(with(false, false), Err(Refusal::VenueInactive));
    assert_eq!(with(true, true), Err(Refusal::ShowCancelled));
    assert!(with(true, false).is_ok());
    assert_eq!(screen.decide(publish(2), at(0)), Err(Refusal::NoDraft));
}

#[test]
fn the_timer_publishes_what_is_due_and_staff_publish_anything() {
    let history = [
        added(),
        drafted(1, 3_600, 7_200, Some(1_000)),
        drafted(2, 7_200, 9_000, None),
        drafted(3, 9_000, 9_600, Some(2_000)),
    ];
    let screen = given(&history);
    let timer = |n, now| screen.decide(publish_by(n, Publisher::Timer), at(now));
    assert_eq!(timer(1, 999), Ok(vec![]));
    assert_eq!(timer(1, 1_000), Ok(published(1, 3_600, 7_200)));
    assert_eq!(timer(2, 3_000), Ok(vec![]));
    assert!(screen.decide(publish(2), at(0)).is_ok());
    assert_eq!(screen.0.next_publication(at(999)), Some(at(1_000)));
    assert_eq!(screen.0.next_publication(at(1_000)), Some(at(2_000)));
    assert_eq!(screen.0.next_publication(at(2_000)), None);
    let due = |now| screen.0.due_drafts(at(now)).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(due(999), []);
    assert_eq!(due(1_000), [screening(1)]);
    assert_eq!(due(2_000), [screening(1), screening(3)]);
}

#[test]
fn a_draft_is_changed_over_its_own_slot() {
    let history = [added(), scheduled(9, 0, 1_800), drafted(1, 3_600, 7_200, None)];
    let screen = given(&history);
    assert_eq!(screen.decide(change(1, 3_600, 7_200, None), at(0)), Ok(vec![]));
    let later = changed(1, 5_400, 9_000, Some(600));
    assert_eq!(screen.decide(change(1, 5_400, 9_000, Some(600)), at(0)), Ok(vec![later.clone()]));
    assert_eq!(screen.decide(change(1, 1_000, 4_600, None), at(0)), busy(9, 0, 1_800));
    assert_eq!(screen.decide(change(2, 5_400, 9_000, None), at(0)), Err(Refusal::NoDraft));
    let moved = given(&[&history[..], &[later]].concat());
    assert!(moved.decide(schedule(3, 3_600, 5_400), at(0)).is_ok());
    assert_eq!(moved.decide(schedule(3, 3_600, 5_401), at(0)), busy(1, 5_400, 9_000));
    assert_eq!(moved.decide(draft(1, 3_600, 7_200), at(0)), Ok(vec![]), "the first request, again");
}

#[test]
fn a_discarded_draft_frees_its_slot_and_is_never_published() {
    let history = [added(), drafted(1, 3_600, 7_200, Some(10))];
    assert_eq!(given(&history).decide(discard(1), at(0)), Ok(vec![discarded(1)]));
    let gone = given(&[&history[..], &[discarded(1)]].concat());
    assert_eq!(gone.decide(discard(1), at(0)), Ok(vec![]));
    assert_eq!(gone.decide(discard(2), at(0)), Err(Refusal::NoDraft));
    assert_eq!(gone.decide(publish(1), at(0)), Err(Refusal::NoDraft));
    assert_eq!(gone.0.next_publication(at(0)), None);
    assert!(gone.decide(schedule(2, 3_600, 7_200), at(0)).is_ok());
}

#[test]
fn drafts_of_long_ago_are_forgotten() {
    let year = 400 * 24 * 3_600;
    let history = [
        added(),
        drafted(1, 3_600, 7_200, None),
        drafted(2, 7_200, 9_000, None),
        discarded(2),
        changed(1, 9_000, 9_600, None),
    ];
    let mut screen = given(&history);
    screen.0.forget(at(9_000 + year));
    assert_eq!(screen.0.drafts.len(), 1);
    screen.0.forget(at(9_001 + year));
    assert_eq!(screen.0, given(&[added()]).0);
}
