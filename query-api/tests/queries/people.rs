//! A person with everything that the desk needs, and day sheets.

use insta::assert_snapshot;
use serde_json::json;
use ticketshow_domain::account::Role;

use crate::{
    fixture::{ADA, CAROL, MONSOON, TestApi},
    log::ApiWithLog,
};

const NOTE: &str = "
    INSERT INTO booking_notes (note_id, booking_id, customer_id, text, made_by, created_at)
    VALUES ('a0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000002',
            'ac000000-0000-0000-0000-000000000001', 'Comes by wheelchair.', 'ac000000-0000-0000-0000-000000000003',
            '2026-11-22T09:00:00Z')";

#[tokio::test]
async fn the_desk_sees_a_person_with_bookings_wallet_mails_and_notes() {
    let ApiWithLog { api, .. } = &ApiWithLog::open().await;
    api.project(101, NOTE).await;
    let path = format!("/admin/accounts/{ADA}");
    let person = api.get_as_admin(&path).await.expect(200).json();
    assert_eq!((&person["account"]["name"], &person["account"]["role"]), (&json!("Ada"), &json!("customer")));
    let ids: Vec<_> = person["bookings"].as_array().unwrap().iter().map(|one| &one["booking_id"]).collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert_eq!(person["notes"][0]["text"], json!("Comes by wheelchair."));
    assert_eq!(person["notes"][0]["by_name"], json!("100%"));
    assert_eq!(person["wallet"]["balance"]["amount_minor"], json!(75_000));
    assert_eq!(person["wallet"]["entries"].as_array().unwrap().len(), 4);
    assert!(person["mails"].is_array());
    api.get_as_admin("/admin/accounts/ac000000-0000-0000-0000-000000000099").await.expect(404);
    api.get_as(ADA, &path).await.expect(403);
    api.get_as_staff(&path).await.expect(403);
}

#[tokio::test]
async fn a_booking_has_its_notes_in_the_list_of_staff_and_nowhere_else() {
    let api = TestApi::open().await;
    api.project(101, NOTE).await;
    let listed = api.get_as_admin(&format!("/admin/bookings?screening_id={MONSOON}")).await.expect(200);
    let of = |id: &str| {
        let items = listed.json()["items"].as_array().unwrap().clone();
        items.iter().find(|item| item["booking_id"] == json!(id)).unwrap()["notes"].clone()
    };
    assert_eq!(of("b0000000-0000-0000-0000-000000000002")[0]["text"], json!("Comes by wheelchair."));
    assert_eq!(of("b0000000-0000-0000-0000-000000000003"), json!([]));
    let own = api.get_as(ADA, "/bookings/b0000000-0000-0000-0000-000000000002").await.expect(200);
    assert!(!String::from_utf8_lossy(&own.body).contains("wheelchair"));
}

#[tokio::test]
async fn a_day_sheet_lists_the_screenings_of_a_day_by_screen_as_json_csv_and_pdf() {
    let api = TestApi::open().await;
    // One block stands, one is over although nothing has released it yet, and one was released.
    let blocks = "
        INSERT INTO blocks (block_id, screening_id, seats, reason, release_at, created_by, created_at, released_at, position)
        VALUES (gen_random_uuid(), '{MONSOON}', '{B-2}', 'Press', NULL, '{CAROL}', now(), NULL, 1),
               (gen_random_uuid(), '{MONSOON}', '{A-1}', 'Crew', '2026-11-22T09:00:00Z', '{CAROL}', now(), NULL, 1),
               (gen_random_uuid(), '{MONSOON}', '{}', 'Sponsor', NULL, '{CAROL}', now(), '2026-11-22T09:00:00Z', 1)";
    let blocks = blocks.replace("{MONSOON}", MONSOON).replace("{CAROL}", &CAROL.to_string());
    api.project(101, &blocks).await;
    let of = |date: &str| format!("/venues/7e000000-0000-0000-0000-000000000001/day-sheet?date={date}");
    let sheet = api.get_as_staff(&of("2026-11-23")).await.expect(200).json();
    assert_eq!((&sheet["venue_name"], &sheet["date"]), (&json!("Rex"), &json!("2026-11-23")));
    let screen = &sheet["screens"][0];
    assert_eq!((&screen["name"], screen["screenings"].as_array().unwrap().len()), (&json!("Screen 1"), 1));
    let screening = &screen["screenings"][0];
    let numbers = ["capacity", "sold", "held", "blocked", "free", "checked_in"];
    let numbers = numbers.map(|name| screening[name].as_i64().unwrap());
    assert_eq!(numbers, [4, 2, 1, 1, 0, 0], "seats of every kind add up to the capacity");
    assert_eq!(screening["house_seats"], json!([{"reason": "Press", "seats": 1}]));
    assert_eq!(screening["starts_at"], json!("2026-11-23T18:30:00+05:30"));
    // The one after midnight belongs to the next day.
    let next = api.get_as_staff(&of("2026-11-24")).await.expect(200).json();
    assert_eq!(
        next["screens"][0]["screenings"][0]["screening_id"],
        json!("5e000000-0000-0000-0000-000000000002")
    );
    let today = api.get_as_staff("/venues/7e000000-0000-0000-0000-000000000001/day-sheet").await.expect(200);
    assert_eq!((&today.json()["date"], &today.json()["screens"]), (&json!("2026-11-22"), &json!([])));
    let other = format!("{}&screen_id=5c000000-0000-0000-0000-000000000002", of("2026-11-23"));
    assert_eq!(api.get_as_staff(&other).await.expect(200).json()["screens"], json!([]));

    let csv = api.get_as_staff_with(&of("2026-11-23"), &[("accept", "text/csv")]).await.expect(200);
    let text = String::from_utf8_lossy(&csv.body).replace('\r', "");
    assert_snapshot!(text.trim_start_matches('\u{feff}'), @r"
    screen,starts_at,ends_at,show,status,capacity,sold,held,checked_in,blocked,free,house_seats
    Screen 1,2026-11-23T18:30:00+05:30,2026-11-23T20:30:00+05:30,Monsoon,active,4,2,1,0,1,0,Press 1
    ");
    let pdf = api.get_as_staff_with(&of("2026-11-23"), &[("accept", "application/pdf")]).await.expect(200);
    assert_eq!(pdf.header("content-type"), "application/pdf");
    assert!(pdf.body.starts_with(b"%PDF"));
    api.get_as_staff("/venues/7e000000-0000-0000-0000-000000000099/day-sheet").await.expect(404);
    api.get_as(ADA, &of("2026-11-23")).await.expect(403);
}

#[tokio::test]
async fn a_role_for_one_venue_reads_nothing_of_another() {
    let api = TestApi::open().await;
    let set = |role: &str, venues: &str| {
        format!("UPDATE accounts SET role = '{role}', venues = {venues} WHERE user_id = '{CAROL}'")
    };
    let (rex, globe) = ("7e000000-0000-0000-0000-000000000001", "7e000000-0000-0000-0000-000000000002");
    let read = async |path: &str| api.get_with_role(CAROL, Role::Manager, path).await.status;
    let guests = format!("/screenings/{MONSOON}/guests");
    for (position, role, venues, expected) in [
        (101, "manager", format!("'[\"{rex}\"]'"), 200),
        (102, "manager", format!("'[\"{globe}\"]'"), 403),
        (103, "manager", "NULL".to_owned(), 200),
        // The token is older than the account.
        (104, "customer", "NULL".to_owned(), 403),
    ] {
        api.project(position, &set(role, &venues)).await;
        assert_eq!(read(&guests).await, expected, "{role} {venues}");
        assert_eq!(read(&format!("/venues/{rex}/day-sheet")).await, expected, "{role} {venues}");
        assert_eq!(read(&format!("/admin/bookings?venue_id={rex}")).await, expected, "{role} {venues}");
        assert_eq!(read(&format!("/admin/sales?venue_id={rex}")).await, expected, "{role} {venues}");
    }
    api.project(105, &set("manager", &format!("'[\"{rex}\"]'"))).await;
    for path in
        ["/admin/bookings", "/admin/sales", "/admin/payments", "/admin/audit", "/admin/bookings?venue%5Fid=x"]
    {
        assert_eq!(read(path).await, 403, "{path}");
    }
    assert_eq!(read("/screenings/5e000000-0000-0000-0000-000000000099/guests").await, 404);
}

#[tokio::test]
async fn a_seller_of_one_venue_sees_their_own_till_and_prints_tickets_sold_at_that_venue() {
    let api = TestApi::open().await;
    let (own, other) = ("71000000-0000-0000-0000-000000000001", "71000000-0000-0000-0000-000000000002");
    let tills = format!(
        "INSERT INTO tills (till_id, seller_id, float_minor, currency, taken_minor, returned_minor, opened_at, position)
         VALUES ('{own}', '{CAROL}', 1, 'INR', 0, 0, now(), 1), ('{other}', '{ADA}', 1, 'INR', 0, 0, now(), 1);
         INSERT INTO counter_sales (booking_id, screening_id, seller_id, method, amount_minor, currency, sold_at, position)
         VALUES ('b0000000-0000-0000-0000-000000000003', '{MONSOON}', '{CAROL}', 'cash', 1, 'INR', now(), 1)"
    );
    api.project(101, &tills).await;
    let (rex, globe) = ("7e000000-0000-0000-0000-000000000001", "7e000000-0000-0000-0000-000000000002");
    let read = async |path: &str| api.get_with_role(CAROL, Role::BoxOffice, path).await;
    let tickets = "/bookings/b0000000-0000-0000-0000-000000000003/tickets.pdf";
    for (position, venues, tills, others, printed) in [
        (102, format!("'[\"{rex}\"]'"), 1, 404, 200),
        (103, format!("'[\"{globe}\"]'"), 1, 404, 404),
        (104, "NULL".to_owned(), 2, 200, 200),
    ] {
        let set =
            format!("UPDATE accounts SET role = 'box_office', venues = {venues} WHERE user_id = '{CAROL}'");
        api.project(position, &set).await;
        let listed = read("/box-office/tills").await.expect(200).json();
        assert_eq!(listed["items"].as_array().unwrap().len(), tills, "{venues}");
        read(&format!("/box-office/tills/{own}")).await.expect(200);
        read(&format!("/box-office/tills/{other}")).await.expect(others);
        read(tickets).await.expect(printed);
    }
    api.get_with_role(CAROL, Role::Accountant, tickets).await.expect(404);
    api.get_with_role(CAROL, Role::Accountant, "/box-office/tills").await.expect(403);
}

#[tokio::test]
async fn staff_see_why_a_booking_was_cancelled() {
    let api = TestApi::open().await;
    let cancelled = "UPDATE bookings SET status = 'cancelled', cancelled_by = 'house', cancel_reason = 'The customer fell ill.'
                     WHERE booking_id = 'b0000000-0000-0000-0000-000000000003'";
    api.project(101, cancelled).await;
    let listed = api.get_as_admin(&format!("/admin/bookings?screening_id={MONSOON}&status=cancelled")).await;
    let shown = listed.expect(200).json()["items"][0]["cancelled"].clone();
    assert_eq!(shown, json!({ "by": "house", "reason": "The customer fell ill." }));
}

#[tokio::test]
async fn a_manager_sees_the_mails_of_messages_at_their_venues_only() {
    let ApiWithLog { api, .. } = &ApiWithLog::open().await;
    let message = format!(
        "INSERT INTO cascades (cascade_id, kind, subject_id, reason, started_at, spread, screenings, screenings_cleared, total,
                               cancelled, refunds_due, refunded, changed_at, position)
         VALUES ('ca000000-0000-0000-0000-000000000001', 'message', '{MONSOON}', 'Late', now(), true, 0, 0, 2, 0, 0, 0, now(), 1),
                ('ca000000-0000-0000-0000-000000000002', 'show', '50000000-0000-0000-0000-000000000001', NULL, now(), true, 1, 1,
                 2, 0, 0, 0, now(), 1)"
    );
    api.project(101, &message).await;
    let read = async |n: u8| {
        let path = format!("/admin/cascades/ca000000-0000-0000-0000-00000000000{n}");
        api.get_with_role(CAROL, Role::Manager, &path).await.status
    };
    let (rex, globe) = ("7e000000-0000-0000-0000-000000000001", "7e000000-0000-0000-0000-000000000002");
    for (position, venues, expected) in [
        (102, format!("'[\"{rex}\"]'"), [200, 403]),
        (103, format!("'[\"{globe}\"]'"), [403, 403]),
        (104, "NULL".to_owned(), [200, 200]),
    ] {
        let set =
            format!("UPDATE accounts SET role = 'manager', venues = {venues} WHERE user_id = '{CAROL}'");
        api.project(position, &set).await;
        assert_eq!([read(1).await, read(2).await], expected, "{venues}");
    }
    assert_eq!(read(9).await, 404);
    assert_eq!(api.get_with_role(CAROL, Role::Manager, "/admin/cascades").await.status, 403);
}

#[tokio::test]
async fn a_buyer_is_found_by_telephone_number_however_it_is_written() {
    let api = TestApi::open().await;
    let buyers = "INSERT INTO buyers (user_id, phone, position) VALUES
        ('ac000000-0000-0000-0000-000000000002', '+91 98200 12345', 1), ('ac000000-0000-0000-0000-000000000001', NULL, 1)";
    api.project(101, buyers).await;
    let found = async |typed: &str| {
        let path = format!("/admin/bookings?q={}", typed.replace('+', "%2B").replace(' ', "%20"));
        api.get_as_admin(&path).await.expect(200).each("booking_id").len()
    };
    for typed in ["+91 98200 12345", "9820012345", "098200-12345", "00919820012345", "12345"] {
        assert_eq!(found(typed).await, 2, "{typed}");
    }
    assert_eq!(found("98200 12346").await, 0);
}

#[tokio::test]
async fn a_search_for_a_buyer_does_not_read_every_buyer() {
    const BUYERS: &str = "
        INSERT INTO buyers (user_id, name, email, phone, position)
        SELECT gen_random_uuid(), 'Buyer ' || n, 'buyer' || n || '@example.org', '98200 ' || n, n FROM generate_series(10001, 30000) AS n";
    let api = TestApi::open().await;
    api.project(101, BUYERS).await;
    for statement in ["VACUUM ANALYZE", "SELECT pg_stat_force_next_flush()", "SELECT pg_stat_reset()"] {
        api.maintain(statement).await;
    }
    // The log of mails is unavailable in these tests; the buyers are read before.
    api.get_as_admin("/admin/mails?to=buyer20000@example.org").await;
    api.get_as_admin("/admin/bookings?q=buyer20000@example.org").await.expect(200);
    api.get_as_admin("/admin/bookings?q=9820020000").await.expect(200);
    let read = api.rows_read(&["buyers"]).await;
    assert!((1..5_000).contains(&read), "{read} of 20,000 buyers read for three searches");
}
