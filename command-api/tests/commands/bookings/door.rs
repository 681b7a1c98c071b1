//! Doors without a network.

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ticketshow_domain::{
    ScreeningId, SeatName,
    screening::{Command, ReleaseReason, Screening},
};
use ticketshow_nats::clock;
use uuid::Uuid;

use crate::{
    bookings::{
        check_ins::{bought, paid},
        payments::metadata,
    },
    fixture::{Answer, Fixture, signer},
};

/// A check-in of a code some seconds ago.
fn scanned(id: Uuid, code: &str, seconds_ago: i64) -> Value {
    json!({ "id": id, "code": code, "checked_in_at": ago(seconds_ago) })
}

/// Whole seconds, so that the time is the same when it comes back.
fn ago(seconds: i64) -> Timestamp {
    let now = Timestamp::from_second(clock::now().as_second()).unwrap();
    now - SignedDuration::from_secs(seconds)
}

async fn report(fixture: &Fixture, screening: ScreeningId, device: &str, check_ins: &[Value]) -> Answer {
    let body = json!({ "device": device, "check_ins": check_ins });
    fixture.ask(&format!("/screenings/{screening}/door/check-ins")).json(body).gives(200).await
}

fn outcomes(answer: &Answer) -> Vec<&str> {
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|item| item["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_report_is_recorded_with_the_times_of_the_door_and_can_be_sent_again() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let booking = paid(&fixture, &ada, screening, &["A-1", "A-2"]).await;
    let code = signer().sign(screening, booking, &SeatName("A-1".to_owned()));
    let found =
        json!({ "id": Uuid::from_u128(2), "booking_id": booking, "seat": "A-2", "checked_in_at": ago(90) });
    let check_ins = [scanned(Uuid::from_u128(1), &code, 100), found];

    let first = report(&fixture, screening, "Door 1", &check_ins).await;
    assert_eq!(outcomes(&first), ["done", "done"]);
    let [one, _] = &first.body["items"].as_array().unwrap()[..] else { panic!("{first:?}") };
    assert_eq!((&one["seat"], &one["reference"]), (&json!("A-1"), &json!(booking.reference())));
    assert_eq!(one["checked_in_at"], check_ins[0]["checked_in_at"]);
    let again = report(&fixture, screening, "Door 1", &check_ins).await;
    assert_eq!(again.body["items"], first.body["items"], "as if it were the first");
    assert_eq!(again.position(), first.position(), "nothing was recorded");

    let online = fixture.ask("/check-ins").json(json!({ "code": code })).send().await;
    assert_eq!(online.outcome(), (409, "already-used"));
    assert_eq!(online.body["used_at"], check_ins[0]["checked_in_at"], "the time of the door");
    assert_eq!(online.body["device"], json!("Door 1"));
    let undo = format!("/check-ins/{}", one["check_in_id"].as_str().unwrap());
    fixture.call(Method::DELETE, &undo).token(&fixture.admin).gives(204).await;
    fixture.ask("/check-ins").json(json!({ "code": code })).gives(200).await;
}

#[tokio::test]
async fn a_ticket_that_two_doors_admitted_is_reported_to_the_second_one_with_the_first() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let code = bought(&fixture, &ada, screening, "A-1").await;
    let (first, second) = (scanned(Uuid::from_u128(1), &code, 60), scanned(Uuid::from_u128(2), &code, 600));
    assert_eq!(
        outcomes(&report(&fixture, screening, "Door 1", std::slice::from_ref(&first)).await),
        ["done"]
    );
    for _ in 0..2 {
        let late = report(&fixture, screening, "Door 2", std::slice::from_ref(&second)).await;
        assert_eq!(outcomes(&late), ["already-used"], "the order of the reports decides, not the clocks");
        let item = &late.body["items"][0];
        assert_eq!(
            (&item["used"]["at"], &item["used"]["device"]),
            (&first["checked_in_at"], &json!("Door 1"))
        );
        assert_eq!(item["checked_in_at"], second["checked_in_at"], "both times are visible");
        assert!(item["used"]["by"].is_string() && item["check_in_id"].is_null(), "{item}");
    }
}

#[tokio::test]
async fn a_check_in_whose_answer_was_lost_is_reported_without_a_conflict() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let code = bought(&fixture, &ada, screening, "A-1").await;
    let id = Uuid::from_u128(1);
    let lost = fixture.ask("/check-ins").key(&id.to_string()).json(json!({ "code": code })).gives(200).await;
    let reported = report(&fixture, screening, "Door 1", &[scanned(id, &code, 1)]).await;
    assert_eq!(outcomes(&reported), ["done"]);
    assert_eq!(reported.body["items"][0]["check_in_id"], lost.body["check_in_id"]);
    let other = report(&fixture, screening, "Door 1", &[scanned(Uuid::from_u128(2), &code, 1)]).await;
    assert_eq!(outcomes(&other), ["already-used"]);
}

#[tokio::test]
async fn a_report_says_what_is_void_of_another_screening_unknown_or_of_no_possible_time() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let other = fixture.screening_in(SignedDuration::from_hours(4)).await;
    let gone = paid(&fixture, &ada, screening, &["A-1"]).await;
    let void = signer().sign(screening, gone, &SeatName("A-1".to_owned()));
    let release = Command::ReleaseSeats { booking: gone, reason: ReleaseReason::CancelledByCustomer };
    fixture.executor.execute(&screening, release, metadata(), |_: &Screening| ()).await.unwrap();
    let elsewhere = bought(&fixture, &ada, other, "A-1").await;
    let fine = bought(&fixture, &ada, screening, "A-2").await;
    let forged = format!("{fine}A");
    let ids = |n: u128| Uuid::from_u128(n);
    let check_ins = [
        scanned(ids(1), &void, 60),
        scanned(ids(2), &elsewhere, 60),
        scanned(ids(3), &forged, 60),
        json!({ "id": ids(4), "booking_id": Uuid::from_u128(9), "seat": "A-2", "checked_in_at": ago(60) }),
        scanned(ids(5), &fine, -600),
        scanned(ids(6), &fine, 24 * 3_600),
        json!({ "id": ids(8), "code": fine, "checked_in_at": "9999-12-31T23:59:59Z" }),
        json!({ "id": ids(9), "code": forged, "checked_in_at": "-009999-01-01T00:00:00-12:00" }),
        scanned(ids(7), &fine, 60),
    ];
    let answer = report(&fixture, screening, "Door 1", &check_ins).await;
    let expected = [
        "void",
        "other-screening",
        "unknown",
        "unknown",
        "wrong-time",
        "wrong-time",
        "wrong-time",
        "unknown",
        "done",
    ];
    assert_eq!(outcomes(&answer), expected);
    assert_eq!(answer.body["items"][6]["checked_in_at"], "9999-12-31T23:59:59Z");
    assert_eq!(answer.body["items"][1]["screening"]["screening_id"], json!(other));

    let refused = fixture.ask("/check-ins").json(json!({ "code": elsewhere, "screening_id": screening }));
    let refused = refused.send().await;
    assert_eq!(refused.outcome(), (409, "other-screening"));
    let words = refused.body["detail"].as_str().unwrap();
    assert!(
        words.starts_with("This is for ") && (words.contains(" am, ") || words.contains(" pm, ")),
        "{words}"
    );
    assert!(refused.body["show"]["title"].is_string());
}

#[tokio::test]
async fn a_report_is_limited_and_for_staff_only() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let screening = fixture.screening_in(SignedDuration::from_hours(2)).await;
    let path = format!("/screenings/{screening}/door/check-ins");
    let item = |n: u128| json!({ "id": Uuid::from_u128(n), "code": "x", "checked_in_at": ago(1) });
    let send = |device: &str, check_ins: Vec<Value>| {
        fixture.ask(&path).json(json!({ "device": device, "check_ins": check_ins }))
    };
    assert_eq!(outcomes(&send("Door", (0..200).map(item).collect()).gives(200).await), ["unknown"; 200]);
    let neither = json!({ "id": Uuid::from_u128(1), "seat": "A-1", "checked_in_at": ago(1) });
    let never = json!({ "id": Uuid::from_u128(1), "code": "x", "checked_in_at": "yesterday" });
    for (device, check_ins) in [
        ("Door", (0..201).map(item).collect()),
        ("Door", vec![]),
        (" ", vec![item(1)]),
        (&"d".repeat(61), vec![item(1)]),
        ("Door", vec![neither]),
        ("Door", vec![never]),
    ] {
        assert_eq!(send(device, check_ins).send().await.outcome(), (422, "invalid"));
    }
    let customer = fixture.call(Method::POST, &path).token(&ada.token);
    customer.json(json!({ "device": "Door", "check_ins": [item(1)] })).gives(403).await;
    let nowhere = fixture.ask(&format!("/screenings/{}/door/check-ins", Uuid::from_u128(7)));
    nowhere.json(json!({ "device": "Door", "check_ins": [item(1)] })).gives(404).await;
}
