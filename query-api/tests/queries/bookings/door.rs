//! The data that a door without a network downloads.

use serde_json::json;

use crate::fixture::{ADA, TestApi};

const DOOR: &str = "/screenings/5e000000-0000-0000-0000-000000000001/door";

#[tokio::test]
async fn a_door_gets_tickets_keys_and_times_but_no_codes() {
    let api = TestApi::open().await;
    let at_the_door = "
        UPDATE bookings SET check_ins = '{\"A-2\": \"2026-11-23T12:00:00Z\"}', checked_in = 1,
               admissions = '{\"A-2\": {\"check_in\": \"c0000000-0000-0000-0000-000000000001\",
                                        \"by\": \"ac000000-0000-0000-0000-000000000003\", \"device\": \"Door 1\"}}',
               conflicts = '[{\"seat\": \"A-2\", \"kind\": \"already-used\", \"at\": \"2026-11-23T11:50:00Z\",
                              \"by\": \"ac000000-0000-0000-0000-000000000003\", \"device\": \"Door 2\"}]'
        WHERE booking_id = 'b0000000-0000-0000-0000-000000000002';
        UPDATE bookings SET claim = 'cancelled' WHERE booking_id = 'b0000000-0000-0000-0000-000000000003'";
    api.project(101, at_the_door).await;
    let door = api.get_as_staff(DOOR).await.expect(200);
    assert!(!String::from_utf8_lossy(&door.body).contains("code-of-a-2"));
    let door = door.json();
    assert_eq!(door["screening"]["screening_id"], json!("5e000000-0000-0000-0000-000000000001"));
    assert_eq!(door["server_time"], json!("2026-11-22T10:00:00Z"));
    let key = json!({ "key_id": "72ASYEXT", "public_key": "6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw" });
    assert_eq!(door["codes"], json!({ "version": "TS1", "keys": [key] }));
    let (staff, screening) = ("ac000000-0000-0000-0000-000000000003", "5e000000-0000-0000-0000-000000000001");
    let conflict = json!({
        "seat": "A-2", "kind": "already-used", "at": "2026-11-23T11:50:00Z", "by": staff, "device": "Door 2",
    });
    let ticket = json!({
        "booking_id": "b0000000-0000-0000-0000-000000000002", "reference": "Q222-2222", "name": "Ada", "seat": "A-2",
        "ticket_type": "standard", "checked_in_at": "2026-11-23T12:00:00Z", "checked_in_by": staff, "device": "Door 1",
        "check_in_id": format!("{screening}.c0000000-0000-0000-0000-000000000001.A-2"), "conflicts": [conflict],
    });
    assert_eq!(door["tickets"], json!([ticket]));
    let void = json!({
        "booking_id": "b0000000-0000-0000-0000-000000000003", "reference": "Q222-2222", "name": "Bob", "seat": "B-1",
        "conflicts": [],
    });
    assert_eq!(door["void"], json!([void]));
    assert_eq!((&door["clock_skew_seconds"], &door["batch_max"]), (&json!(300), &json!(200)));
    let times = ["doors_open_at", "undo_until"].map(|name| door[name].as_str().unwrap().to_owned());
    assert!(times[0] < times[1], "{times:?}");
    assert_eq!(api.get_as(ADA, DOOR).await.expect(403).slug(), "forbidden");
    api.get(DOOR).await.expect(401);
    api.get_as_staff("/screenings/5e000000-0000-0000-0000-000000000099/door").await.expect(404);
}

#[tokio::test]
async fn a_door_refuses_seats_that_were_given_back_and_knows_who_bought_at_the_counter() {
    let api = TestApi::open().await;
    let counter = "
        UPDATE bookings SET returns = '[{\"seats\": [\"A-3\", \"A-4\"]}, {\"seats\": [\"A-5\"]}]'
        WHERE booking_id = 'b0000000-0000-0000-0000-000000000002';
        UPDATE bookings SET customer_id = 'ac000000-0000-0000-0000-000000000009'
        WHERE booking_id = 'b0000000-0000-0000-0000-000000000003';
        INSERT INTO buyers (user_id, name, position) VALUES ('ac000000-0000-0000-0000-000000000009', 'Walk-in', 101)";
    api.project(101, counter).await;
    let door = api.get_as_staff(DOOR).await.expect(200).json();
    let of = |list: &str, field: &str| -> Vec<String> {
        let items = door[list].as_array().unwrap().iter();
        items.map(|item| item[field].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (of("tickets", "seat"), of("tickets", "name")),
        (vec!["A-2".into(), "B-1".into()], vec!["Ada".into(), "Walk-in".into()])
    );
    assert_eq!(of("void", "seat"), ["A-3", "A-4", "A-5"]);
}
