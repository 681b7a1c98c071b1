//! Rules of a show, as given, when, then.

use cqrs_es::test::TestFramework;

use super::{Command, Event, Poster, Refusal, Show, ShowChanges, ShowDetails};
use crate::{
    Decider,
    examples::{Given, at, context, fingerprint, pointers, show, uuid},
};

fn given(history: &[Event]) -> Given<Show> {
    Given::new(history)
}

fn details() -> ShowDetails {
    ShowDetails {
        title: "Dune".into(),
        description: "Sand.\nMore sand.".into(),
        duration_minutes: 155,
        language: "English".into(),
        certificate: Some("UA".into()),
        genres: vec!["Drama".into(), "Science fiction".into()],
        people: vec!["Zoya Rahman".into(), "Anil D'Souza".into()],
    }
}

fn create_with(details: ShowDetails, body: &str) -> Command {
    Command::CreateShow { show: show(), details, fingerprint: Some(fingerprint(body)) }
}

fn create() -> Command {
    create_with(details(), "body")
}

fn created() -> Event {
    Event::ShowCreated { show: show(), details: details(), fingerprint: Some(fingerprint("body")) }
}

fn cancel(cascade: u8) -> Command {
    Command::CancelShow { cascade: uuid(cascade), reason: Some(" Strike ".into()) }
}

fn cancelled() -> Event {
    Event::ShowCancelled { cascade: uuid(90), reason: Some("Strike".into()) }
}

fn flaws_of(change: impl FnOnce(&mut ShowDetails)) -> Vec<String> {
    let mut details = details();
    change(&mut details);
    match given(&[]).decide(create_with(details, "body"), at(0)) {
        Err(Refusal::Invalid(flaws)) => pointers(&flaws).into_iter().map(ToOwned::to_owned).collect(),
        other => {
            assert!(other.is_ok(), "{other:?}");
            vec![]
        }
    }
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Show>::with(context(at(0)))
        .given_no_previous_events()
        .when(create())
        .then_expect_events(vec![created()]);
}

#[test]
fn a_show_is_created_once() {
    assert_eq!(given(&[created()]).decide(create(), at(0)), Ok(vec![]));
    let other_body = create_with(details(), "other");
    assert_eq!(given(&[created()]).decide(other_body, at(0)), Err(Refusal::KeyReused));
    let no_key = Command::CreateShow { show: show(), details: details(), fingerprint: None };
    assert_eq!(given(&[created()]).decide(no_key, at(0)), Err(Refusal::KeyReused));
}

#[test]
fn blanks_around_texts_are_not_kept() {
    let mut typed = details();
    typed.title = " Dune ".into();
    typed.certificate = Some("UA ".into());
    typed.genres[0] = "Drama ".into();
    assert_eq!(given(&[]).decide(create_with(typed, "body"), at(0)), Ok(vec![created()]));
}

#[test]
fn texts_have_their_lengths() {
    for (length, expected) in [(0, 1), (1, 0), (200, 0), (201, 1)] {
        assert_eq!(flaws_of(|show| show.title = "x".repeat(length)).len(), expected, "title {length}");
    }
    for (length, expected) in [(0, 0), (10_000, 0), (10_001, 1)] {
        assert_eq!(flaws_of(|show| show.description = "x".repeat(length)).len(), expected);
    }
    for (length, expected) in [(0, 1), (1, 0), (50, 0), (51, 1)] {
        assert_eq!(flaws_of(|show| show.language = "x".repeat(length)).len(), expected);
    }
    for (length, expected) in [(0, 0), (1, 0), (20, 0), (21, 1)] {
        assert_eq!(flaws_of(|show| show.certificate = Some("x".repeat(length))).len(), expected);
    }
    for (length, expected) in [(0, 1), (1, 0), (40, 0), (41, 1)] {
        assert_eq!(flaws_of(|show| show.genres = vec!["x".repeat(length)]).len(), expected);
    }
}

#[test]
fn a_show_lasts_1_to_600_minutes() {
    for (minutes, expected) in [(0, 1), (1, 0), (600, 0), (601, 1)] {
        assert_eq!(flaws_of(|show| show.duration_minutes = minutes).len(), expected, "{minutes}");
    }
}

#[test]
fn a_show_has_up_to_10_genres_each_once() {
    let genres = |count: usize| (0..count).map(|n| format!("genre {n}")).collect::<Vec<_>>();
    assert_eq!(flaws_of(|show| show.genres = genres(10)), [""; 0]);
    assert_eq!(flaws_of(|show| show.genres = genres(11)), ["/genres"]);
    assert_eq!(flaws_of(|show| show.genres[1] = "Drama ".into()), ["/genres/1"]);
}

#[test]
fn a_show_has_up_to_20_people_each_once() {
    let people = |count: usize| (0..count).map(|n| format!("Person {n}")).collect::<Vec<_>>();
    assert_eq!(flaws_of(|show| show.people = people(20)), [""; 0]);
    assert_eq!(flaws_of(|show| show.people = people(21)), ["/people"]);
    assert_eq!(flaws_of(|show| show.people[1] = " Zoya Rahman".into()), ["/people/1"]);
    for (length, expected) in [(80, 0), (81, 1)] {
        assert_eq!(flaws_of(|show| show.people = vec!["x".repeat(length)]).len(), expected);
    }
}

#[test]
fn a_show_of_before_there_were_people_has_none() {
    let mut written = serde_json::to_value(details()).unwrap();
    written.as_object_mut().unwrap().remove("people");
    let read: ShowDetails = serde_json::from_value(written).unwrap();
    assert_eq!(read, ShowDetails { people: Vec::new(), ..details() });
}

#[test]
fn all_flaws_are_told_at_once_and_control_characters_are_flaws() {
    let flaws = flaws_of(|show| {
        show.title = "Du\u{0}ne".into();
        show.description = "Sand\u{7}".into();
        show.duration_minutes = 0;
        show.language = "\n".into();
        show.certificate = Some("U\tA".into());
        show.genres.push(" ".into());
    });
    let expected = ["/title", "/description", "/duration_minutes", "/language", "/certificate", "/genres/2"];
    assert_eq!(flaws, expected);
}

#[test]
fn an_update_keeps_what_is_not_given() {
    let changes = ShowChanges { title: Some("Dune 2".into()), ..ShowChanges::default() };
    let then = given(&[created()]).decide(Command::UpdateShow { changes }, at(0));
    let details = ShowDetails { title: "Dune 2".into(), ..details() };
    assert_eq!(then, Ok(vec![Event::ShowUpdated { details }]));

    let changes = ShowChanges { certificate: Some(String::new()), ..ShowChanges::default() };
    let then = given(&[created()]).decide(Command::UpdateShow { changes }, at(0));
    let details = ShowDetails { certificate: None, ..self::details() };
    assert_eq!(then, Ok(vec![Event::ShowUpdated { details }]));
}

#[test]
fn an_update_that_changes_nothing_is_no_news() {
    let changes = ShowChanges { title: Some("Dune ".into()), ..ShowChanges::default() };
    for changes in [ShowChanges::default(), changes] {
        let then = given(&[created()]).decide(Command::UpdateShow { changes }, at(0));
        assert_eq!(then, Ok(vec![]));
    }
}

#[test]
fn an_update_is_checked_like_a_new_show() {
    let changes = ShowChanges { duration_minutes: Some(601), ..ShowChanges::default() };
    let then = given(&[created()]).decide(Command::UpdateShow { changes }, at(0));
    let Err(Refusal::Invalid(flaws)) = then else { panic!("refused") };
    assert_eq!(pointers(&flaws), ["/duration_minutes"]);
}

#[test]
fn a_poster_remembers_the_one_it_replaces() {
    let poster = |name: &str| Poster { card: format!("{name}-card"), full: format!("{name}-full") };
    let set = |name| Command::SetPoster { poster: poster(name) };
    let first = Event::PosterSet { poster: poster("a"), replaced: None };
    assert_eq!(given(&[created()]).decide(set("a"), at(0)), Ok(vec![first.clone()]));
    let with_poster = given(&[created(), first]);
    assert_eq!(with_poster.decide(set("a"), at(0)), Ok(vec![]));
    let second = Event::PosterSet { poster: poster("b"), replaced: Some(poster("a")) };
    assert_eq!(with_poster.decide(set("b"), at(0)), Ok(vec![second.clone()]));
    let mut show = Show::default();
    for event in [created(), Event::PosterSet { poster: poster("a"), replaced: None }, second] {
        show.evolve(&event);
    }
    assert_eq!((show.poster, show.replaced_poster), (Some(poster("b")), Some(poster("a"))));
}

#[test]
fn a_cancelled_show_stays_cancelled() {
    assert_eq!(given(&[created()]).decide(cancel(90), at(0)), Ok(vec![cancelled()]));
    let history = [created(), cancelled()];
    assert_eq!(given(&history).decide(cancel(91), at(0)), Ok(vec![]), "by the first cascade");
    let poster = Poster { card: "card".into(), full: "full".into() };
    for command in [Command::UpdateShow { changes: ShowChanges::default() }, Command::SetPoster { poster }] {
        assert_eq!(given(&history).decide(command, at(0)), Err(Refusal::ShowCancelled));
    }
    assert_eq!(given(&history).decide(create(), at(0)), Ok(vec![]), "a late repeat revives nothing");
}

#[test]
fn a_show_is_cleared_once() {
    let record = |screenings| Command::RecordCleared { cascade: uuid(90), screenings };
    let cleared = Event::ShowCleared { cascade: uuid(90), screenings: 3 };
    let history = [created(), cancelled()];
    assert_eq!(given(&history).decide(record(3), at(0)), Ok(vec![cleared.clone()]));
    let history = [created(), cancelled(), cleared];
    assert_eq!(given(&history).decide(record(0), at(0)), Ok(vec![]));
    assert_eq!(given(&[]).decide(record(3), at(0)), Err(Refusal::NotFound));
}

#[test]
fn a_reason_has_at_most_500_characters() {
    let cancel = |length| {
        let reason = Some("x".repeat(length));
        given(&[created()]).decide(Command::CancelShow { cascade: uuid(90), reason }, at(0))
    };
    assert!(cancel(500).is_ok());
    let Err(Refusal::Invalid(flaws)) = cancel(501) else { panic!("refused") };
    assert_eq!(pointers(&flaws), ["/reason"]);
}

#[test]
fn an_unknown_show_is_not_changed() {
    let poster = Poster { card: "card".into(), full: "full".into() };
    for command in
        [Command::UpdateShow { changes: ShowChanges::default() }, Command::SetPoster { poster }, cancel(90)]
    {
        assert_eq!(given(&[]).decide(command, at(0)), Err(Refusal::NotFound));
    }
}
