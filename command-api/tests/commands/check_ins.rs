//! Tickets at the door.

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ticketshow_domain::{
    PaymentId, ScreeningId, SeatName,
    screening::{Command, Screening},
};
use ticketshow_nats::clock;

use crate::{
    fixture::{Fixture, Person, signer},
    payments::metadata,
};

/// The code of a seat that a customer bought.
async fn bought(fixture: &Fixture, person: &Person, screening: ScreeningId, seat: &str) -> String {
    let held = fixture.reserve(person, screening, &[seat]).gives(201).await;
    let (booking, payment) = (held.id("booking_id").parse().unwrap(), PaymentId(clock::new_id()));
    let command = Command::SellSeats { booking, payment };
    fixture.executor.execute(&screening, command, metadata(), |_: &Screening| ()).await.unwrap();
    signer().sign(screening, booking, &SeatName(seat.to_owned()))
}

#[tokio::test]
async fn a_check_in_is_bound_to_its_screening_and_to_the_hours_before_it() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let soon = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let late = fixture.screening_in(SignedDuration::from_hours(4)).await;
    let (here, other) =
        (bought(&fixture, &ada, soon, "A-1").await, bought(&fixture, &ada, late, "A-1").await);
    let scan = |code: &str, door: ScreeningId| {
        fixture.ask("/check-ins").json(json!({ "code": code, "screening_id": door }))
    };

    let refused = scan(&other, soon).send().await;
    assert_eq!(refused.outcome(), (409, "other-screening"));
    assert_eq!(refused.body["screening"]["screening_id"], json!(late));
    let early = scan(&other, late).send().await;
    assert_eq!(early.outcome(), (409, "too-early"));
    let from: Timestamp = early.id("from").parse().unwrap();
    let wait = from.duration_since(clock::now()).as_secs();
    assert!((3_000..=3_600).contains(&wait), "the doors open in an hour, not in {wait} s");
    scan(&here, soon).gives(200).await;
    assert_eq!(scan(&here, soon).send().await.outcome(), (409, "already-used"));
}

#[tokio::test]
async fn a_check_in_whose_answer_was_lost_is_repeated_and_one_made_by_mistake_is_undone() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let code = bought(&fixture, &ada, screening, "A-1").await;
    let scan = |key: &str| fixture.ask("/check-ins").key(key).json(json!({ "code": code }));
    let first = scan("k").gives(200).await;
    assert_eq!(scan("k").gives(200).await.body, first.body);
    assert_eq!(scan("l").send().await.outcome(), (409, "already-used"));

    let undo = |id: &str| fixture.call(Method::DELETE, &format!("/check-ins/{id}"));
    let id = first.id("check_in_id");
    undo(&id).token(&ada.token).gives(403).await;
    for _ in 0..2 {
        assert_eq!(undo(&id).token(&fixture.admin).gives(204).await.body, Value::Null);
    }
    let again = scan("l").gives(200).await;
    undo(&id).token(&fixture.admin).gives(204).await;
    assert_eq!(
        scan("m").send().await.outcome(),
        (409, "already-used"),
        "a late repeat undoes no later check-in"
    );
    assert_ne!(again.id("check_in_id"), id);
    undo("7").token(&fixture.admin).gives(404).await;
}
