//! Rules of a screen as given, when, then: the room here, its calendar in its own file.

mod blocks;
mod calendar;
mod drafts;
mod rescheduling;
mod retiring;
mod turnaround;

use cqrs_es::test::TestFramework;

use super::{Command, Event, Refusal, Screen, TakenSlot};
use crate::{
    Layout,
    examples::{self, Given, at, context, fingerprint, layout, pointers, screen, screening, venue},
};

fn given(history: &[Event]) -> Given<Screen> {
    Given::new(history)
}

fn add(name: &str, layout: Layout, body: &str) -> Command {
    let fingerprint = Some(fingerprint(body));
    Command::AddScreen {
        screen: screen(),
        venue: venue(),
        name: name.into(),
        layout,
        turnaround_minutes: 0,
        fingerprint,
    }
}

/// The slot of a screening, or a draft, that is in the way.
fn busy_with(n: u8, from: i64, to: i64, is_draft: bool, turnaround_minutes: u16) -> Refusal {
    let taken = TakenSlot {
        screening: screening(n),
        show_title: examples::promise().show_title,
        starts_at: at(from),
        ends_at: at(to),
        timezone: "UTC".parse().unwrap(),
        is_draft,
    };
    Refusal::ScreenBusy { taken: Box::new(taken), turnaround_minutes }
}

fn added() -> Event {
    Event::ScreenAdded {
        screen: screen(),
        venue: venue(),
        name: "Screen 1".into(),
        layout: layout(4),
        fingerprint: Some(fingerprint("body")),
    }
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Screen>::with(context(at(0)))
        .given_no_previous_events()
        .when(add(" Screen 1 ", layout(4), "body"))
        .then_expect_events(vec![added()]);
}

#[test]
fn a_screen_is_added_once() {
    let history = [added()];
    assert_eq!(given(&history).decide(add("Screen 1", layout(4), "body"), at(0)), Ok(vec![]));
    let other = given(&history).decide(add("Screen 1", layout(4), "other"), at(0));
    assert_eq!(other, Err(Refusal::KeyReused));
}

#[test]
fn the_flaws_of_name_and_layout_are_reported_at_once() {
    let Err(Refusal::Invalid(flaws)) = given(&[]).decide(add("", layout(0), "body"), at(0)) else {
        panic!("refused")
    };
    assert_eq!(pointers(&flaws), ["/name", "/layout/rows/0/seats", "/layout/rows/1/seats"]);
}

#[test]
fn a_screen_is_renamed() {
    let rename = |name: &str| given(&[added()]).decide(Command::RenameScreen { name: name.into() }, at(0));
    assert_eq!(rename("Audi 1 "), Ok(vec![Event::ScreenRenamed { name: "Audi 1".into() }]));
    assert_eq!(rename("Screen 1"), Ok(vec![]));
    assert!(rename(&"x".repeat(100)).is_ok());
    for wrong in [String::new(), "x".repeat(101)] {
        assert!(matches!(rename(&wrong), Err(Refusal::Invalid(_))));
    }
}

#[test]
fn a_layout_is_changed() {
    let change = |seats| given(&[added()]).decide(Command::ChangeLayout { layout: layout(seats) }, at(0));
    assert_eq!(change(5), Ok(vec![Event::LayoutChanged { layout: layout(5) }]));
    assert_eq!(change(4), Ok(vec![]));
    assert!(matches!(change(0), Err(Refusal::Invalid(_))));
}

#[test]
fn names_in_a_layout_are_stored_as_they_look() {
    let named = |category: &str, level: &str| {
        let mut room = layout(4);
        for row in &mut room.rows {
            (row.category, row.level) = (category.to_owned(), Some(level.to_owned()));
        }
        room
    };
    let (typed, stored) = (named(" E\u{301}lite  gold", "Balco\u{301}n"), named("Élite gold", "Balcón"));
    assert_ne!(typed, stored);
    let change = Command::ChangeLayout { layout: typed.clone() };
    let changed = given(&[added()]).decide(change.clone(), at(0));
    assert_eq!(changed, Ok(vec![Event::LayoutChanged { layout: stored.clone() }]));
    let history = [added(), Event::LayoutChanged { layout: stored.clone() }];
    assert_eq!(given(&history).decide(change, at(0)), Ok(vec![]));
    let added = given(&[]).decide(add("Screen 1", typed, "body"), at(0)).unwrap();
    assert!(matches!(&added[..], [Event::ScreenAdded { layout, .. }] if *layout == stored), "{added:?}");
}

#[test]
fn an_unknown_screen_is_not_changed() {
    for command in [
        Command::RenameScreen { name: "Audi 1".into() },
        Command::ChangeLayout { layout: layout(4) },
        Command::ChangeTurnaround { minutes: 15 },
        Command::RetireScreen,
        Command::ReactivateScreen,
    ] {
        assert_eq!(given(&[]).decide(command, at(0)), Err(Refusal::NotFound));
    }
}
