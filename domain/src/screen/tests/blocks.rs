//! Seats that a room, or a draft, keeps back in its screenings.

use super::{
    added,
    calendar::{promise, schedule, scheduled},
    given,
};
use crate::{
    Flaw, SeatName,
    examples::{at, fingerprint, layout, screening, seats, user, uuid},
    screen::{
        BLOCKS_MAX, Command, Event, HouseBlock, KEPT_SEATS_MAX, Refusal, ReplacedDraft, ScreenBlock,
        WantedSeats,
    },
    screening::WantedBlock,
};

fn block(n: u8, names: &[&str]) -> Command {
    let wanted = WantedSeats { seats: seats(names), reason: " Broken  seat ".into() };
    Command::BlockSeats { block: uuid(n), wanted, by: user(9), fingerprint: Some(fingerprint("body")) }
}

fn blocked(n: u8, names: &[&str]) -> Event {
    Event::ScreenSeatsBlocked {
        block: uuid(n),
        seats: seats(names),
        reason: "Broken seat".into(),
        by: user(9),
        fingerprint: Some(fingerprint("body")),
    }
}

fn release(n: u8) -> Command {
    Command::ReleaseBlock { block: uuid(n), by: user(8) }
}

fn released(n: u8) -> Event {
    Event::ScreenBlockReleased { block: uuid(n), by: user(8) }
}

/// The block of screening `n` that follows block `of`.
fn following(n: u8, of: u8, names: &[&str]) -> HouseBlock {
    let block = ScreenBlock {
        id: uuid(of),
        seats: seats(names),
        reason: "Broken seat".into(),
        by: user(9),
        fingerprint: None,
        released: false,
    };
    block.for_screening(screening(n).0)
}

fn pointers(refused: Result<Vec<Event>, Refusal>) -> Vec<String> {
    match refused {
        Err(Refusal::Invalid(flaws)) => flaws.0.into_iter().map(|Flaw { pointer, .. }| pointer).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_screening_begins_with_the_blocks_of_its_screen_until_they_are_released() {
    let mut history = vec![added(), blocked(1, &["A-1", "B-2"])];
    let then = given(&history).decide(schedule(1, 3_600, 7_200), at(0)).unwrap();
    let [Event::ScreeningScheduled { blocks, .. }] = &then[..] else { panic!("{then:?}") };
    assert_eq!(blocks, &[following(1, 1, &["A-1", "B-2"])]);
    assert_eq!(blocks[0].screen_block, Some(uuid(1)));
    let other = following(2, 1, &["A-1"]);
    assert_ne!(other.id, blocks[0].id, "each screening has a block of its own");

    history.push(released(1));
    let then = given(&history).decide(schedule(1, 3_600, 7_200), at(0));
    assert_eq!(then, Ok(vec![scheduled(1, 3_600, 7_200)]));
}

#[test]
fn a_seat_that_the_room_has_no_longer_is_left_out() {
    let history = [added(), blocked(1, &["A-4", "B-4"]), blocked(2, &["A-1"])];
    let smaller = [&history[..], &[Event::LayoutChanged { layout: layout(3) }]].concat();
    let screen = given(&smaller).0;
    let blocks = screen.first_blocks(screening(1), &layout(3), &[]);
    assert_eq!(blocks, [following(1, 2, &["A-1"])]);
}

#[test]
fn seats_of_a_room_are_blocked_and_released_once() {
    assert_eq!(given(&[added()]).decide(block(1, &["A-1"]), at(0)), Ok(vec![blocked(1, &["A-1"])]));
    let mut history = vec![added(), blocked(1, &["A-1"])];
    assert_eq!(given(&history).decide(block(1, &["A-1"]), at(0)), Ok(vec![]));
    let wanted = WantedSeats { seats: seats(&["A-2"]), reason: "Other".into() };
    let other =
        Command::BlockSeats { block: uuid(1), wanted, by: user(9), fingerprint: Some(fingerprint("other")) };
    assert_eq!(given(&history).decide(other, at(0)), Err(Refusal::KeyReused));
    let again = given(&history).decide(block(2, &["A-2", "A-1"]), at(0));
    assert_eq!(again, Err(Refusal::Blocked(seats(&["A-1"]))));

    assert_eq!(given(&history).decide(release(1), at(0)), Ok(vec![released(1)]));
    history.push(released(1));
    assert_eq!(given(&history).decide(release(1), at(0)), Ok(vec![]));
    let late = given(&history).decide(block(1, &["A-1"]), at(0));
    assert_eq!(late, Ok(vec![]), "a late repeat blocks nothing");
    assert_eq!(given(&history).decide(release(2), at(0)), Err(Refusal::UnknownBlock));
    assert!(given(&history).decide(block(2, &["A-1"]), at(0)).is_ok());
}

#[test]
fn a_block_names_a_reason_and_seats_of_the_room_and_not_too_many() {
    let decide = |names: &[&str], reason: &str| {
        let wanted = WantedSeats { seats: seats(names), reason: reason.into() };
        let command = Command::BlockSeats { block: uuid(1), wanted, by: user(9), fingerprint: None };
        given(&[added()]).decide(command, at(0))
    };
    assert_eq!(pointers(decide(&[], " ")), ["/reason", "/seats"]);
    assert_eq!(pointers(decide(&["A-1", "Z-1", "A-1"], "Dirty")), ["/seats/1", "/seats/2"]);

    let wide = [added(), Event::LayoutChanged { layout: layout(400) }];
    let row = |label: &str, count: usize| -> Vec<SeatName> {
        (1..=count).map(|number| SeatName(format!("{label}-{number}"))).collect()
    };
    let many = |block: u8, seats: Vec<SeatName>| Command::BlockSeats {
        block: uuid(block),
        wanted: WantedSeats { seats, reason: "Works".into() },
        by: user(9),
        fingerprint: None,
    };
    let first = given(&wide).decide(many(1, row("A", 400)), at(0)).unwrap();
    let history = [&wide[..], &first].concat();
    assert!(given(&history).decide(many(2, row("B", KEPT_SEATS_MAX - 400)), at(0)).is_ok());
    let over = given(&history).decide(many(2, row("B", KEPT_SEATS_MAX - 399)), at(0));
    assert_eq!(over, Err(Refusal::TooManyBlocked { max: KEPT_SEATS_MAX }));
}

#[test]
fn a_screen_and_a_draft_keep_so_many_blocks_and_no_more() {
    let wide = [added(), Event::LayoutChanged { layout: layout(400) }, drafted()];
    let name = |row: &str, number: usize| vec![SeatName(format!("{row}-{number}"))];
    let id = |number: usize| uuid(u8::try_from(number).unwrap());
    let of_screen = |number: usize| Command::BlockSeats {
        block: id(number),
        wanted: WantedSeats { seats: name("A", number), reason: "Works".into() },
        by: user(9),
        fingerprint: None,
    };
    let of_draft = |number: usize| Command::BlockDraftSeats {
        screening: screening(1),
        block: id(number),
        wanted: WantedBlock { seats: name("B", number), reason: "Press".into(), release_at: None },
        by: user(9),
        fingerprint: None,
    };
    let mut history = wide.to_vec();
    for number in 1..=BLOCKS_MAX {
        for command in [of_screen(number), of_draft(number + 100)] {
            let then = given(&history).decide(command, at(0)).unwrap();
            history.extend(then);
        }
    }
    let full = Err(Refusal::TooManyBlocks { max: BLOCKS_MAX });
    assert_eq!(given(&history).decide(of_screen(BLOCKS_MAX + 1), at(0)), full);
    assert_eq!(given(&history).decide(of_draft(BLOCKS_MAX + 101), at(0)), full);
    history.push(released(1));
    history.push(Event::DraftBlockReleased { screening: screening(1), block: id(101), by: user(8) });
    assert!(given(&history).decide(of_screen(BLOCKS_MAX + 1), at(0)).is_ok());
    assert!(given(&history).decide(of_draft(BLOCKS_MAX + 101), at(0)).is_ok());
}

fn drafted() -> Event {
    Event::ScreeningDrafted {
        screening: screening(1),
        promise: std::sync::Arc::new(promise(at(3_600), at(7_200), "UTC")),
        publish_at: None,
        fingerprint: None,
        replaces: None,
    }
}

fn block_draft(n: u8, names: &[&str]) -> Command {
    block_draft_until(n, names, None)
}

fn block_draft_until(n: u8, names: &[&str], release_at: Option<i64>) -> Command {
    let (seats, release_at) = (seats(names), release_at.map(at));
    let wanted = WantedBlock { seats, reason: "Press".into(), release_at };
    let fingerprint = Some(fingerprint("body"));
    Command::BlockDraftSeats { screening: screening(1), block: uuid(n), wanted, by: user(9), fingerprint }
}

fn draft_blocked(n: u8, names: &[&str]) -> Event {
    draft_blocked_until(n, names, None)
}

fn draft_blocked_until(n: u8, names: &[&str], release_at: Option<i64>) -> Event {
    let (seats, reason, release_at) = (seats(names), "Press".into(), release_at.map(at));
    let block = HouseBlock { id: uuid(n), seats, reason, by: user(9), screen_block: None, release_at };
    Event::DraftSeatsBlocked { screening: screening(1), block, fingerprint: Some(fingerprint("body")) }
}

#[test]
fn seats_of_a_draft_are_blocked_and_its_screening_begins_with_them() {
    let mut history = vec![added(), blocked(1, &["B-1"]), drafted()];
    assert_eq!(given(&history).decide(block_draft(5, &["A-1"]), at(0)), Ok(vec![draft_blocked(5, &["A-1"])]));
    let again = given(&history).decide(block_draft(5, &["B-1"]), at(0));
    assert_eq!(again, Err(Refusal::Blocked(seats(&["B-1"]))), "all screenings keep it back already");
    history.push(draft_blocked(5, &["A-1"]));
    assert_eq!(given(&history).decide(block_draft(5, &["A-1"]), at(0)), Ok(vec![]));
    let state = given(&history).0;
    let of_draft: Vec<HouseBlock> = state.drafts[&screening(1)].active_blocks().cloned().collect();
    let kept = state.first_blocks(screening(1), &layout(4), &of_draft);
    let names: Vec<_> = kept.iter().flat_map(|block| block.seats.clone()).collect();
    assert_eq!(names, seats(&["B-1", "A-1"]));

    let release = || Command::ReleaseDraftBlock { screening: screening(1), block: uuid(5), by: user(8) };
    let then = Event::DraftBlockReleased { screening: screening(1), block: uuid(5), by: user(8) };
    assert_eq!(given(&history).decide(release(), at(0)), Ok(vec![then.clone()]));
    history.push(then);
    assert_eq!(given(&history).decide(release(), at(0)), Ok(vec![]));
    assert_eq!(given(&history).0.drafts[&screening(1)].active_blocks().count(), 0);
    let late = given(&history).decide(block_draft(5, &["A-1"]), at(0));
    assert_eq!(late, Ok(vec![]), "a late repeat blocks nothing");
    let wanted = WantedBlock { seats: seats(&["A-2"]), reason: "Other".into(), release_at: None };
    let (screening, fingerprint) = (screening(1), Some(fingerprint("other")));
    let other = Command::BlockDraftSeats { screening, block: uuid(5), wanted, by: user(9), fingerprint };
    assert_eq!(given(&history).decide(other, at(0)), Err(Refusal::KeyReused));
    assert_eq!(given(&[added()]).decide(block_draft(5, &["A-1"]), at(0)), Err(Refusal::NoDraft));
}

#[test]
fn a_block_of_a_draft_ends_at_its_time_also_before_the_publication() {
    let history = [added(), drafted()];
    let then = given(&history).decide(block_draft_until(5, &["A-1"], Some(600)), at(0));
    assert_eq!(then, Ok(vec![draft_blocked_until(5, &["A-1"], Some(600))]));
    for no_time in [0, 3_600] {
        let refused = given(&history).decide(block_draft_until(5, &["A-1"], Some(no_time)), at(0));
        assert_eq!(pointers(refused), ["/release_at"], "{no_time}");
    }
    assert!(given(&history).decide(block_draft_until(5, &["A-1"], Some(3_599)), at(0)).is_ok());

    let blocked = [&history[..], &[draft_blocked_until(5, &["A-1"], Some(600))]].concat();
    let again = given(&blocked).decide(block_draft(6, &["A-1"]), at(599));
    assert_eq!(again, Err(Refusal::Blocked(seats(&["A-1"]))));
    assert!(
        given(&blocked).decide(block_draft(6, &["A-1"]), at(600)).is_ok(),
        "nothing keeps it back any more"
    );
    let first = |now: i64| -> Vec<HouseBlock> {
        let state = given(&blocked).0;
        state.drafts[&screening(1)].blocks_at(at(now)).cloned().collect()
    };
    assert_eq!(first(599)[0].release_at, Some(at(600)), "the screening releases it");
    assert_eq!(first(600), []);
}

#[test]
fn blocks_of_a_draft_whose_time_is_over_make_room_for_others() {
    let wide = [added(), Event::LayoutChanged { layout: layout(400) }, drafted()];
    let block = |number: usize, release_at: Option<i64>| {
        let (name, number) = (format!("B-{number}"), u8::try_from(number).unwrap());
        block_draft_until(number, &[name.as_str()], release_at)
    };
    let mut history = wide.to_vec();
    for number in 1..=BLOCKS_MAX {
        let then = given(&history).decide(block(number, (number <= 2).then_some(600)), at(0)).unwrap();
        history.extend(then);
    }
    let next = |now: i64| given(&history).decide(block(BLOCKS_MAX + 1, None), at(now));
    assert_eq!(next(599), Err(Refusal::TooManyBlocks { max: BLOCKS_MAX }));
    let release = |n: u8| Event::DraftBlockReleased { screening: screening(1), block: uuid(n), by: user(9) };
    let then = next(600).unwrap();
    assert_eq!(then[..2], [release(1), release(2)]);
    assert!(matches!(then[2..], [Event::DraftSeatsBlocked { .. }]), "{then:?}");
    history.extend(then);
    assert_eq!(given(&history).0.drafts[&screening(1)].active_blocks().count(), BLOCKS_MAX - 1);
    let late = given(&history).decide(block(1, Some(600)), at(600));
    assert_eq!(late, Ok(vec![]), "a late repeat blocks nothing");
}

#[test]
fn a_draft_gives_way_to_another_one_only_with_the_blocks_that_this_one_has() {
    let history = [added(), drafted(), draft_blocked(5, &["A-1"])];
    let replace = |seen: &[u8]| Command::ReplaceDraft {
        screening: screening(1),
        seen: seen.iter().map(|n| uuid(*n)).collect(),
    };
    let gone = Event::DraftDiscarded { screening: screening(1) };
    assert_eq!(given(&history).decide(replace(&[5]), at(0)), Ok(vec![gone.clone()]));
    for seen in [&[][..], &[6], &[5, 6]] {
        let refused = given(&history).decide(replace(seen), at(0));
        assert_eq!(refused, Err(Refusal::DraftBlocksChanged), "{seen:?}");
    }
    let after = [&history[..], &[gone]].concat();
    assert_eq!(given(&after).decide(replace(&[6]), at(0)), Ok(vec![]), "it is gone already");
}

#[test]
fn a_draft_knows_the_one_whose_place_it_takes_until_it_is_published() {
    let (screen, draft) = (crate::ScreenId(uuid(77)), screening(2));
    let block = HouseBlock {
        id: uuid(5),
        seats: seats(&["A-1"]),
        reason: "Press".into(),
        by: user(9),
        screen_block: None,
        release_at: None,
    };
    let replaced = ReplacedDraft { screen, draft, blocks: vec![block.clone()], seen: vec![uuid(5), uuid(6)] };
    let mut drafted = drafted();
    if let Event::ScreeningDrafted { replaces, .. } = &mut drafted {
        *replaces = Some(replaced.clone());
    }
    let state = given(&[added(), drafted]).0;
    let known = &state.drafts[&screening(1)];
    assert_eq!(known.replaces, Some(ReplacedDraft { blocks: Vec::new(), ..replaced }));
    assert!(known.active_blocks().eq([&block]));
}
