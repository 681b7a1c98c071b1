//! Payments and refunds, of the caller and, for administrators, of all customers.

use insta::assert_json_snapshot;

use crate::fixture::{ADA, BOB, MONSOON, TestApi};

pub const TOP_UP: &str = "/payments/fa000000-0000-0000-0000-000000000004";

#[tokio::test]
async fn a_pending_top_up_shows_its_payment_page() {
    let api = TestApi::open().await;
    assert_json_snapshot!(api.get_as(ADA, TOP_UP).await.expect(200).json(), @r#"
    {
      "amount": {
        "amount_minor": 50000,
        "currency": "INR"
      },
      "booking_id": null,
      "captured": null,
      "captured_at": null,
      "checkout_until": "2026-11-22T10:20:00Z",
      "checkout_url": "https://pay.example/4",
      "created_at": "2026-11-22T09:50:00Z",
      "failure_reason": null,
      "method": "card",
      "part_of": null,
      "payment_id": "fa000000-0000-0000-0000-000000000004",
      "purpose": "top_up",
      "refund": null,
      "status": "pending",
      "stray_of": null
    }
    "#);
}

#[tokio::test]
async fn customers_see_their_own_payments_newest_first_and_by_status() {
    let api = TestApi::open().await;
    let all = api.get_as(ADA, "/payments").await.expect(200);
    assert_eq!(all.each("status"), ["pending", "captured", "refunded"]);
    assert_eq!(all.each("purpose"), ["top_up", "booking", "booking"]);
    let first = api.get_as(ADA, "/payments?limit=2").await.expect(200).json();
    let next = format!("/payments?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(api.get_as(ADA, &next).await.expect(200).each("status"), ["refunded"]);
    let captured = api.get_as(ADA, "/payments?status=captured").await.expect(200);
    assert_eq!(captured.each("method"), ["wallet"]);
    api.get_as(ADA, "/payments?status=lost").await.expect(422);
    api.get_as(BOB, TOP_UP).await.expect(404);
    api.get_as_admin(TOP_UP).await.expect(404);
    api.get_as(ADA, "/payments/7").await.expect(404);
}

#[tokio::test]
async fn administrators_see_any_customer_s_payments() {
    let api = TestApi::open().await;
    let all = api.get_as_admin("/admin/payments").await.expect(200);
    let last = |id: &serde_json::Value| id.as_str().unwrap().chars().last().unwrap();
    let ids: String = all.each("payment_id").iter().map(last).collect();
    assert_eq!(ids, "42135");
    let card = api.get_as_admin("/admin/payments?status=refunding").await.expect(200).json();
    assert_json_snapshot!(card["items"][0]["customer"], @r#"
    {
      "email": "bob@example.com",
      "name": "Bob",
      "user_id": "ac000000-0000-0000-0000-000000000002"
    }
    "#);
    assert_eq!(card["items"][0]["provider_payment"], "pay_5");
}

#[tokio::test]
async fn administrators_see_refunds_the_latest_first() {
    let api = TestApi::open().await;
    let all = api.get_as_admin("/admin/refunds").await.expect(200);
    assert_eq!(all.each("status"), ["completed", "submitted"]);
    let first = api.get_as_admin("/admin/refunds?limit=1").await.expect(200).json();
    let next = format!("/admin/refunds?cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(api.get_as_admin(&next).await.expect(200).each("provider_refund"), ["ref_5"]);
    let submitted = api.get_as_admin("/admin/refunds?status=submitted").await.expect(200).json();
    assert_json_snapshot!(submitted["items"], @r#"
    [
      {
        "amount": {
          "amount_minor": 1500,
          "currency": "INR"
        },
        "booking_id": "b0000000-0000-0000-0000-000000000005",
        "completed_at": null,
        "customer": {
          "email": "bob@example.com",
          "name": "Bob",
          "user_id": "ac000000-0000-0000-0000-000000000002"
        },
        "failure": null,
        "method": "card",
        "payment_id": "fa000000-0000-0000-0000-000000000005",
        "provider_payment": "pay_5",
        "provider_refund": "ref_5",
        "reason": "seats_gone",
        "requested_at": "2026-11-19T09:30:01Z",
        "status": "submitted",
        "to": "card"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_text_that_fits_many_customers_finds_their_newest_bookings() {
    let api = TestApi::open().await;
    let crowd = "INSERT INTO accounts (user_id, account_key, email, name, role, created_at)
                 SELECT gen_random_uuid(), 'crowd' || n, 'crowd' || n || '@example.com', 'Crowd', 'customer', now()
                 FROM generate_series(1, 1001) AS n;
                 INSERT INTO bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, currency,
                                       held_until, created_at, position)
                 SELECT gen_random_uuid(), '5e000000-0000-0000-0000-000000000001', user_id, 'expired', 'lapsed', '{A-1}', 1, 'INR',
                        now(), '2026-11-20T00:00:00Z', 90 FROM accounts WHERE name = 'Crowd';
                 INSERT INTO buyers (user_id, name, position) VALUES ('ac000000-0000-0000-0000-000000000009', 'Crowd', 90);
                 INSERT INTO bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, currency,
                                       held_until, created_at, position)
                 VALUES ('b0000000-0000-0000-0000-000000000009', '5e000000-0000-0000-0000-000000000001',
                         'ac000000-0000-0000-0000-000000000009', 'confirmed', 'sold', '{D-1}', 1, 'INR',
                         now(), '2026-11-19T00:00:00Z', 90)";
    api.project(101, crowd).await;
    let page = api.get_as_admin("/admin/bookings?q=CROWD&limit=100").await.expect(200).json();
    let names =
        page["items"].as_array().unwrap().iter().map(|item| item["customer"]["name"].as_str().unwrap());
    assert_eq!(names.filter(|name| *name == "Crowd").count(), 100);
    assert!(page["next_cursor"].is_string());
    let seat = api.get_as_admin("/admin/bookings?q=a-1&limit=100").await.expect(200).json();
    assert_eq!(seat["items"].as_array().unwrap().len(), 100, "more than are looked up one by one");
    let at_the_counter = api.get_as_admin("/admin/bookings?q=crowd&status=confirmed").await.expect(200);
    assert_eq!(at_the_counter.each("booking_id"), ["b0000000-0000-0000-0000-000000000009"]);
    let none = api.get_as_admin("/admin/bookings?q=crowd&status=refunded").await.expect(200);
    assert!(none.each("booking_id").is_empty());
}

#[tokio::test]
async fn administrators_find_bookings_by_everything_they_are_known_by() {
    let api = TestApi::open().await;
    let found = async |query: &str| -> String {
        let answer = api.get_as_admin(&format!("/admin/bookings{query}")).await.expect(200);
        answer.each("booking_id").iter().map(|id| id.as_str().unwrap().chars().last().unwrap()).collect()
    };
    assert_eq!(found("").await, "13245");
    assert_eq!(found("?q=b0000000-0000-0000-0000-000000000003").await, "3");
    assert_eq!(found("?q=B0000000-0000-0000-0000-000000000003").await, "3");
    assert_eq!(found("?q=b0000000-0000-0000-0000").await, "13245", "the beginning of an id");
    assert_eq!(found("?q=ADA@").await, "124");
    assert_eq!(found("?q=bob").await, "35");
    assert_eq!(found("?q=_").await, "");
    assert_eq!(found("?q=ada&status=confirmed").await, "2");
    assert_eq!(found("?screening_id=5e000000-0000-0000-0000-000000000004").await, "45");
    assert_eq!(found("?venue_id=7e000000-0000-0000-0000-000000000001").await, "132");
    assert_eq!(found("?date=2026-11-20").await, "45");
    assert_eq!(found("?date=2026-11-20&q=ada").await, "4");
    assert_eq!(found("?date=2026-11-21").await, "");
    assert_eq!(found("?venue_id=7e000000-0000-0000-0000-000000000002&date=2026-11-23").await, "");
    assert_eq!(found("?q=MONS").await, "132", "part of a title");
    assert_eq!(found("?q=a-2").await, "2", "a seat");
    assert_eq!(found("?q=b-1&status=confirmed").await, "3");
    for number in ["Q222-2222", "q2222222", "Q2%20222222"] {
        assert_eq!(found(&format!("?q={number}")).await, "13245", "all bookings with a number: {number}");
    }
    assert_eq!(found("?q=Q222-22A2").await, "");
    let other = "INSERT INTO bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, currency,
                                       held_until, created_at, position)
                 VALUES ('b0000001-0000-4000-8000-000000000007', '{MONSOON}', 'ac000000-0000-0000-0000-000000000001',
                         'expired', 'lapsed', '{B-2}', 1, 'INR', now(), '2026-11-20T00:00:00Z', 90)";
    api.project(101, &other.replace("{MONSOON}", MONSOON)).await;
    assert_eq!(found("?q=Q222-22A2").await, "7");
    let first = api.get_as_admin("/admin/bookings?limit=3").await.expect(200).json();
    assert_eq!(found(&format!("?cursor={}", first["next_cursor"].as_str().unwrap())).await, "745");
    assert_eq!(first["items"][0]["customer"]["email"], "ada@example.com");
    assert_eq!(first["items"][0]["show"]["title"], "Monsoon");
    api.get_as_admin("/admin/bookings?screening_id=7").await.expect(422);
}
