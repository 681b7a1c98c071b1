//! Rules of a venue, as given, when, then.

mod price_templates;

use cqrs_es::test::TestFramework;

use super::{Command, Event, Refusal, Venue, VenueChanges, VenueDetails};
use crate::examples::{Given, at, context, fingerprint, pointers, uuid, venue};

fn given(history: &[Event]) -> Given<Venue> {
    Given::new(history)
}

fn details() -> VenueDetails {
    VenueDetails {
        name: "Regal".into(),
        address: "Shahid Bhagat Singh Road".into(),
        city: "Mumbai".into(),
        timezone: "Asia/Kolkata".parse().unwrap(),
        opens_at: "10:00".parse().unwrap(),
        closes_at: "02:00".parse().unwrap(),
    }
}

fn create_with(details: VenueDetails, body: &str) -> Command {
    Command::CreateVenue { venue: venue(), details, fingerprint: Some(fingerprint(body)) }
}

fn created() -> Event {
    Event::VenueCreated { venue: venue(), details: details(), fingerprint: Some(fingerprint("body")) }
}

fn deactivate(cascade: u8) -> Command {
    Command::DeactivateVenue { cascade: uuid(cascade), reason: Some(" Fire ".into()) }
}

fn deactivated() -> Event {
    Event::VenueDeactivated { cascade: uuid(90), reason: Some("Fire".into()) }
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Venue>::with(context(at(0)))
        .given_no_previous_events()
        .when(create_with(VenueDetails { name: " Regal ".into(), ..details() }, "body"))
        .then_expect_events(vec![created()]);
}

#[test]
fn a_venue_is_created_once() {
    let history = [created()];
    assert_eq!(given(&history).decide(create_with(details(), "body"), at(0)), Ok(vec![]));
    let other = given(&history).decide(create_with(details(), "other"), at(0));
    assert_eq!(other, Err(Refusal::KeyReused));
}

#[test]
fn texts_have_their_lengths() {
    let flaws_of = |name: usize, address: usize, city: usize| {
        let [name, address, city] = [name, address, city].map(|length| "x".repeat(length));
        let details = VenueDetails { name, address, city, ..details() };
        match given(&[]).decide(create_with(details, "body"), at(0)) {
            Err(Refusal::Invalid(flaws)) => pointers(&flaws).len(),
            other => {
                assert!(other.is_ok());
                0
            }
        }
    };
    assert_eq!(flaws_of(1, 1, 1), 0);
    assert_eq!(flaws_of(200, 500, 100), 0);
    assert_eq!(flaws_of(201, 501, 101), 3);
    assert_eq!(flaws_of(0, 0, 0), 3);
}

#[test]
fn an_update_keeps_what_is_not_given() {
    let history = [created()];
    let update = |changes| given(&history).decide(Command::UpdateVenue { changes }, at(0));
    let closes_at = "23:00".parse().unwrap();
    let then = update(VenueChanges { closes_at: Some(closes_at), ..VenueChanges::default() });
    assert_eq!(then, Ok(vec![Event::VenueUpdated { details: VenueDetails { closes_at, ..details() } }]));
    assert_eq!(update(VenueChanges::default()), Ok(vec![]));
    assert_eq!(update(VenueChanges { city: Some("Mumbai ".into()), ..VenueChanges::default() }), Ok(vec![]));
    let Err(Refusal::Invalid(flaws)) =
        update(VenueChanges { city: Some(String::new()), ..VenueChanges::default() })
    else {
        panic!("refused")
    };
    assert_eq!(pointers(&flaws), ["/city"]);
}

#[test]
fn a_venue_closes_and_opens_again() {
    assert_eq!(given(&[created()]).decide(deactivate(90), at(0)), Ok(vec![deactivated()]));
    let closed = [created(), deactivated()];
    assert_eq!(given(&closed).decide(deactivate(91), at(0)), Ok(vec![]), "by the first cascade");
    let reopened = Event::VenueReactivated {};
    assert_eq!(given(&closed).decide(Command::ReactivateVenue, at(0)), Ok(vec![reopened.clone()]));
    assert_eq!(given(&[created()]).decide(Command::ReactivateVenue, at(0)), Ok(vec![]));
    let history = [created(), deactivated(), reopened];
    assert_eq!(given(&history).0.inactive, None);
}

#[test]
fn a_venue_is_cleared_once_a_cascade() {
    let record = |n, screenings| Command::RecordCleared { cascade: uuid(n), screenings };
    let cleared = |n, screenings| Event::VenueCleared { cascade: uuid(n), screenings };
    let history = [created(), deactivated()];
    assert_eq!(given(&history).decide(record(90, 3), at(0)), Ok(vec![cleared(90, 3)]));
    let history = [created(), deactivated(), cleared(90, 3)];
    assert_eq!(given(&history).decide(record(90, 0), at(0)), Ok(vec![]));
    assert_eq!(given(&history).decide(record(91, 0), at(0)), Ok(vec![cleared(91, 0)]));
    assert_eq!(given(&[]).decide(record(90, 3), at(0)), Err(Refusal::NotFound));
}

#[test]
fn a_reason_has_at_most_500_characters() {
    let deactivate = |length| {
        let reason = Some("x".repeat(length));
        given(&[created()]).decide(Command::DeactivateVenue { cascade: uuid(90), reason }, at(0))
    };
    assert!(deactivate(500).is_ok());
    assert!(matches!(deactivate(501), Err(Refusal::Invalid(_))));
}

#[test]
fn an_unknown_venue_is_not_changed() {
    for command in
        [Command::UpdateVenue { changes: VenueChanges::default() }, deactivate(90), Command::ReactivateVenue]
    {
        assert_eq!(given(&[]).decide(command, at(0)), Err(Refusal::NotFound));
    }
}
