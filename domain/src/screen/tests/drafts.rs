//! Screenings that customers do not see yet.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    added, busy_with,
    calendar::{hours, promise, reserve, schedule, scheduled, unschedule},
    given,
};
use crate::{
    Decider, ScreeningId,
    examples::{self, at, fingerprint, layout, pointers, screening, uuid},
    pricing::{CancellationRule, Terms},
    promise::Promise,
    screen::{
        Command, CurrentFacts, DRAFTS_MAX, Event, HouseBlock, OpeningHours, Publisher, Refusal, WantedDraft,
    },
    show::{Show, ShowDetails},
    venue::{Venue, VenueDetails},
};

fn wanted(from: i64, to: i64, publish_at: Option<i64>) -> WantedDraft {
    WantedDraft {
        offer: Arc::new(examples::offer(promise(at(from), at(to), "UTC"))),
        publish_at: publish_at.map(at),
        opening_hours: hours("00:00", "00:00"),
        show_cancelled: false,
        replaces: None,
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
        replaces: None,
    }
}

fn change(n: u8, from: i64, to: i64, publish_at: Option<i64>) -> Command {
    Command::ChangeDraft { screening: screening(n), wanted: wanted(from, to, publish_at) }
}

fn changed(n: u8, from: i64, to: i64, publish_at: Option<i64>) -> Event {
    let promise = Arc::new(promise(at(from), at(to), "UTC"));
    Event::DraftChanged { screening: screening(n), promise, publish_at: publish_at.map(at) }
}

fn publish_as(n: u8, publisher: Publisher, show: &Show, venue: &Venue) -> Command {
    Command::PublishDraft {
        screening: screening(n),
        publisher,
        facts: CurrentFacts::of(show, venue).unwrap(),
    }
}

fn publish_by(n: u8, publisher: Publisher) -> Command {
    publish_as(n, publisher, &show(60), &venue("00:00"))
}

fn publish(n: u8) -> Command {
    publish_by(n, Publisher::Staff)
}

/// The show of the promises of these tests, with another length.
fn show(duration_minutes: u16) -> Show {
    let details = ShowDetails {
        title: examples::promise().show_title,
        description: String::new(),
        duration_minutes,
        language: "English".into(),
        certificate: None,
        genres: vec![],
        people: vec![],
    };
    Show { details: Some(details), ..Show::default() }
}

/// The venue of the promises of these tests, open around the clock or from midnight.
fn venue(closes_at: &str) -> Venue {
    let Promise { venue_name: name, city, .. } = examples::promise();
    let OpeningHours { opens_at, closes_at, .. } = hours("00:00", closes_at);
    let (address, timezone) = ("12 Lake Road".into(), "UTC".parse().unwrap());
    let details = VenueDetails { name, address, city, timezone, opens_at, closes_at };
    Venue { details: Some(details), ..Venue::default() }
}

fn published(n: u8, from: i64, to: i64) -> Vec<Event> {
    // By default, customers may cancel until two hours before.
    let promise = Promise { cancel_until: at(from - 7_200), ..promise(at(from), at(to), "UTC") };
    let scheduled = Event::ScreeningScheduled {
        screening: screening(n),
        promise: Arc::new(promise),
        fingerprint: Some(fingerprint("body")),
        blocks: Vec::new(),
    };
    vec![Event::DraftPublished { screening: screening(n) }, scheduled]
}

fn discard(n: u8) -> Command {
    Command::DiscardDraft { screening: screening(n) }
}

fn discarded(n: u8) -> Event {
    Event::DraftDiscarded { screening: screening(n) }
}

fn busy(n: u8, from: i64, to: i64) -> Result<Vec<Event>, Refusal> {
    Err(busy_with(n, from, to, true, 0))
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
    let in_the_way = Err(busy_with(1, 3_600, 7_200, false, 0));
    assert_eq!(given(&history).decide(draft(2, 3_600, 7_200), at(0)), in_the_way);
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
fn a_screening_begins_with_the_blocks_of_its_draft_whose_time_is_not_over() {
    let block = |n: u8, name: &str, release_at: Option<i64>| Event::DraftSeatsBlocked {
        screening: screening(1),
        block: HouseBlock {
            id: uuid(n),
            seats: examples::seats(&[name]),
            reason: "Press".into(),
            by: examples::user(9),
            screen_block: None,
            release_at: release_at.map(at),
        },
        fingerprint: None,
    };
    let history = [added(), drafted(1, 3_600, 7_200, None), block(5, "A-1", Some(60)), block(6, "A-2", None)];
    let first = |now: i64| {
        let then = given(&history).decide(publish(1), at(now)).unwrap();
        let [Event::DraftPublished { .. }, Event::ScreeningScheduled { blocks, .. }] = &then[..] else {
            panic!("{then:?}")
        };
        blocks.iter().map(|block| (block.id, block.release_at)).collect::<Vec<_>>()
    };
    assert_eq!(first(59), [(uuid(5), Some(at(60))), (uuid(6), None)]);
    assert_eq!(first(60), [(uuid(6), None)]);
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
    let with = |active: bool, show_cancelled: bool| {
        let show = Show { cancelled: show_cancelled.then(|| uuid(1)), ..show(60) };
        let venue = Venue { inactive: (!active).then(|| uuid(1)), ..venue("00:00") };
        screen.decide(publish_as(1, Publisher::Staff, &show, &venue), at(0))
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
    let short = publish_as(2, Publisher::Staff, &show(30), &venue("00:00"));
    assert!(screen.decide(short, at(0)).is_ok());
    let next = |now, tried: &[_]| screen.0.next_publication(at(now), tried);
    assert_eq!(next(999, &[]), Some(at(1_000)));
    assert_eq!(next(1_000, &[screening(1)]), Some(at(2_000)));
    assert_eq!(next(2_000, &[screening(1), screening(3)]), Some(at(5_600)), "the other starts before");
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
    let in_the_way = Err(busy_with(9, 0, 1_800, false, 0));
    assert_eq!(screen.decide(change(1, 1_000, 4_600, None), at(0)), in_the_way);
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
    assert_eq!(gone.0.next_publication(at(0), &[]), None);
    assert!(gone.decide(schedule(2, 3_600, 7_200), at(0)).is_ok());
}

#[test]
fn drafts_of_long_ago_are_forgotten() {
    let (day, year) = (24 * 3_600, 400 * 24 * 3_600);
    let history = [
        added(),
        drafted(1, 3_600, 7_200, None),
        drafted(2, 7_200, 9_000, None),
        discarded(2),
        changed(1, 9_000, 9_600, None),
    ];
    let mut screen = given(&history);
    screen.0.forget(at(9_000 + day));
    assert_eq!(screen.0.drafts.len(), 1);
    screen.0.forget(at(9_001 + day));
    assert_eq!(screen.0.drafts.len(), 0, "it cannot be published any more");
    assert_eq!(screen.decide(publish(1), at(9_001 + day)), Err(Refusal::NoDraft));
    screen.0.forget(at(9_000 + year));
    assert_eq!(screen.decide(draft(1, 3_600, 7_200), at(0)), Ok(vec![]), "the first request, again");
    screen.0.forget(at(9_001 + year));
    assert_eq!(screen.0, given(&[added()]).0);
}

#[test]
fn a_draft_that_could_not_be_published_is_tried_again_every_hour_for_a_day_only() {
    let (hour, day) = (3_600, 24 * 3_600);
    let screen = given(&[added(), drafted(1, 10 * day, 10 * day + 3_600, Some(1_000))]);
    let closed = Venue { inactive: Some(uuid(1)), ..venue("00:00") };
    let refused = publish_as(1, Publisher::Timer, &show(60), &closed);
    assert_eq!(screen.decide(refused, at(1_000)), Err(Refusal::VenueInactive));
    let next = |now, tried: &[_]| screen.0.next_publication(at(now), tried);
    let tried = [screening(1)];
    assert_eq!(next(1_000, &tried), Some(at(1_000 + hour)));
    assert_eq!(next(1_005, &tried), Some(at(1_000 + hour)));
    assert_eq!(next(999 + hour, &tried), Some(at(1_000 + hour)));
    assert_eq!(next(1_000 + hour, &tried), Some(at(1_000 + 2 * hour)));
    assert_eq!(next(1_000 + 22 * hour, &tried), Some(at(1_000 + 23 * hour)));
    assert_eq!(next(1_000 + 23 * hour, &tried), None);
    // A timer that is restored within the day fires at once, and later never.
    assert_eq!(next(999 + day, &[]), Some(at(999 + day)));
    assert_eq!(next(1_000 + day, &[]), None);
    let timer = |now| screen.decide(publish_by(1, Publisher::Timer), at(now));
    assert_eq!(timer(999 + day), Ok(published(1, 10 * day, 10 * day + 3_600)));
    assert_eq!(timer(1_000 + day), Ok(vec![]));
    assert_eq!(screen.0.due_drafts(at(999 + day)).len(), 1);
    assert_eq!(screen.0.due_drafts(at(1_000 + day)), []);
    assert!(screen.decide(publish(1), at(1_000 + day)).is_ok_and(|then| then.len() == 2), "by staff");
}

#[test]
fn a_draft_that_became_due_while_others_were_tried_is_published_at_once() {
    let day = 24 * 3_600;
    let screen = given(&[
        added(),
        drafted(1, day, day + 3_600, Some(1_000)),
        drafted(2, 2 * day, 2 * day + 3_600, Some(1_001)),
        drafted(3, 3 * day, 3 * day + 3_600, Some(2_000)),
    ]);
    assert_eq!(screen.0.next_publication(at(1_002), &[screening(1)]), Some(at(1_002)));
    assert_eq!(screen.0.next_publication(at(1_002), &[screening(1), screening(2)]), Some(at(2_000)));
}

#[test]
fn a_published_draft_that_went_to_another_screen_is_neither_deleted_nor_published_again() {
    let mut history = vec![added(), drafted(1, 3_600, 7_200, None)];
    history.extend(published(1, 3_600, 7_200));
    history.push(Event::SlotVacated { screening: screening(1), change: uuid(5) });
    let moved = given(&history);
    assert_eq!(moved.decide(discard(1), at(0)), Err(Refusal::Published));
    assert_eq!(moved.decide(change(1, 9_000, 9_600, None), at(0)), Err(Refusal::Published));
    assert_eq!(moved.decide(publish(1), at(0)), Ok(vec![]));
    assert_eq!(moved.decide(draft(1, 3_600, 7_200), at(0)), Ok(vec![]), "the first request, again");
    assert!(moved.0.was_draft(screening(1)));
}

#[test]
fn a_published_draft_has_the_facts_of_the_day_and_the_prices_of_the_draft() {
    let rule = CancellationRule::Until { minutes: 10, fee_minor: 0 };
    let terms = Terms { cancellation: Some(rule), ..Terms::default() };
    let before = Promise { terms, ..promise(at(3_600), at(7_200), "UTC") };
    let history = [
        added(),
        Event::ScreeningDrafted {
            screening: screening(1),
            promise: Arc::new(before.clone()),
            publish_at: None,
            fingerprint: None,
            replaces: None,
        },
    ];
    let mut film = show(90);
    film.details.as_mut().unwrap().title = "Dune: Part Two".into();
    let mut house = venue("00:00");
    let details = house.details.as_mut().unwrap();
    details.name = "Regal Palace".into();
    details.city = "Pune".into();
    details.timezone = "Asia/Kolkata".parse().unwrap();
    let then = given(&history).decide(publish_as(1, Publisher::Staff, &film, &house), at(0)).unwrap();
    let Some(Event::ScreeningScheduled { promise, .. }) = then.last() else { panic!("{then:?}") };
    let expected = Promise {
        show_title: "Dune: Part Two".into(),
        venue_name: "Regal Palace".into(),
        city: "Pune".into(),
        timezone: "Asia/Kolkata".parse().unwrap(),
        ends_at: at(3_600 + 90 * 60),
        cancel_until: at(3_000),
        ..before
    };
    assert_eq!(**promise, expected);
    // The greater length has to fit.
    let late = publish_as(1, Publisher::Staff, &film, &venue("02:15"));
    assert!(matches!(given(&history).decide(late, at(0)), Err(Refusal::OutsideOpeningHours { .. })));
    let next = [&history[..], &[scheduled(2, 9_000, 9_600)]].concat();
    assert!(given(&next).decide(publish(1), at(0)).is_ok());
    let long = publish_as(1, Publisher::Staff, &show(91), &venue("00:00"));
    assert_eq!(given(&next).decide(long, at(0)), Err(busy_with(2, 9_000, 9_600, false, 0)));
}

#[test]
fn a_draft_keeps_its_slot_when_cleaning_takes_longer() {
    let history = [
        added(),
        scheduled(9, 0, 3_600),
        drafted(1, 3_600, 7_200, None),
        Event::TurnaroundChanged { minutes: 15 },
    ];
    let screen = given(&history);
    assert_eq!(screen.decide(publish(1), at(0)), Ok(published(1, 3_600, 7_200)));
    assert!(screen.decide(change(1, 3_600, 7_200, Some(10)), at(0)).is_ok_and(|then| then.len() == 1));
    let other_slot = Err(busy_with(9, 0, 3_600, false, 15));
    assert_eq!(screen.decide(change(1, 3_601, 7_201, None), at(0)), other_slot);
    let longer = publish_as(1, Publisher::Staff, &show(61), &venue("00:00"));
    assert_eq!(screen.decide(longer, at(0)), other_slot);
}

#[test]
fn a_screen_has_at_most_five_hundred_drafts_to_come() {
    let mut history = vec![added()];
    for n in 1..=500_u128 {
        let from = i64::try_from(n).unwrap() * 100;
        history.push(Event::ScreeningDrafted {
            screening: ScreeningId(Uuid::from_u128(1_000 + n)),
            promise: Arc::new(promise(at(from), at(from + 100), "UTC")),
            publish_at: None,
            fingerprint: None,
            replaces: None,
        });
    }
    assert_eq!(history.len(), 1 + DRAFTS_MAX);
    let full = given(&history);
    let one_more = || draft(1, 90_000, 93_600);
    assert_eq!(full.decide(one_more(), at(99)), Err(Refusal::TooManyDrafts { max: 500 }));
    assert!(full.decide(one_more(), at(100)).is_ok(), "one has begun");
    assert!(given(&history[..500]).decide(one_more(), at(0)).is_ok());
}
