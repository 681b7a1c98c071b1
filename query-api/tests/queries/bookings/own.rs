//! Bookings, wallets and accounts: callers see their own only.

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::{
    fixture::{ADA, BOB, DAN, TestApi},
    payments::TOP_UP,
};

const HELD: &str = "/bookings/b0000000-0000-0000-0000-000000000001";
const CONFIRMED: &str = "/bookings/b0000000-0000-0000-0000-000000000002";
const OF_BOB: &str = "/bookings/b0000000-0000-0000-0000-000000000003";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one answer in full")]
async fn a_confirmed_booking_has_its_tickets_and_terms() {
    let api = TestApi::open().await;
    let mut booking = api.get_as(ADA, CONFIRMED).await.expect(200).json();
    let (venue, show, fees) = (booking["venue"].take(), booking["show"].take(), booking["fees"].take());
    assert_eq!(
        (&venue["name"], &show["title"], &fees["amount_minor"]),
        (&"Rex".into(), &"Monsoon".into(), &0.into())
    );
    assert_json_snapshot!(booking, @r#"
    {
      "amount": {
        "amount_minor": 25000,
        "currency": "INR"
      },
      "booking_id": "b0000000-0000-0000-0000-000000000002",
      "cancellation": {
        "fee": {
          "amount_minor": 0,
          "currency": "INR"
        },
        "possible": true,
        "refund": {
          "amount_minor": 25000,
          "currency": "INR"
        },
        "to": "wallet",
        "until": "2026-11-23T16:30:00+05:30"
      },
      "cancelled": null,
      "created_at": "2026-11-21T10:00:00Z",
      "discount": {
        "amount_minor": 0,
        "currency": "INR"
      },
      "fees": null,
      "held_until": "2026-11-21T10:08:00Z",
      "lines": [],
      "open_move": null,
      "payment": {
        "checkout_url": null,
        "method": "wallet",
        "payment_id": "fa000000-0000-0000-0000-000000000001",
        "status": "captured"
      },
      "promotion": null,
      "reference": "Q222-2222",
      "refund": null,
      "reschedulings": [],
      "returns": [],
      "screen": {
        "name": "Screen 1",
        "screen_id": "5c000000-0000-0000-0000-000000000001"
      },
      "screening": {
        "ends_at": "2026-11-23T20:30:00+05:30",
        "screening_id": "5e000000-0000-0000-0000-000000000001",
        "starts_at": "2026-11-23T18:30:00+05:30",
        "timezone": "Asia/Kolkata"
      },
      "seats": [
        "A-2"
      ],
      "show": null,
      "status": "confirmed",
      "tax": [],
      "tickets": [
        {
          "code": "code-of-a-2",
          "seat": "A-2"
        }
      ],
      "venue": null
    }
    "#);
}

#[tokio::test]
async fn a_held_booking_shows_its_cancellation_terms_before_payment() {
    let api = TestApi::open().await;
    assert_json_snapshot!(api.get_as(ADA, HELD).await.expect(200).json(), @r#"
    {
      "amount": {
        "amount_minor": 25000,
        "currency": "INR"
      },
      "booking_id": "b0000000-0000-0000-0000-000000000001",
      "cancellation": {
        "fee": {
          "amount_minor": 0,
          "currency": "INR"
        },
        "possible": true,
        "refund": {
          "amount_minor": 25000,
          "currency": "INR"
        },
        "to": null,
        "until": "2026-11-23T16:30:00+05:30"
      },
      "cancelled": null,
      "created_at": "2026-11-22T09:57:00Z",
      "discount": {
        "amount_minor": 0,
        "currency": "INR"
      },
      "fees": {
        "amount_minor": 0,
        "currency": "INR"
      },
      "held_until": "2026-11-22T10:05:00Z",
      "lines": [],
      "open_move": null,
      "payment": null,
      "promotion": null,
      "reference": "Q222-2222",
      "refund": null,
      "reschedulings": [],
      "returns": [],
      "screen": {
        "name": "Screen 1",
        "screen_id": "5c000000-0000-0000-0000-000000000001"
      },
      "screening": {
        "ends_at": "2026-11-23T20:30:00+05:30",
        "screening_id": "5e000000-0000-0000-0000-000000000001",
        "starts_at": "2026-11-23T18:30:00+05:30",
        "timezone": "Asia/Kolkata"
      },
      "seats": [
        "A-1"
      ],
      "show": {
        "poster_url": "https://s3.example.org/posters/shows/1-card.jpg",
        "show_id": "50000000-0000-0000-0000-000000000001",
        "title": "Monsoon"
      },
      "status": "held",
      "tax": [],
      "tickets": [],
      "venue": {
        "address": "12 Lake Road",
        "city": "Mumbai",
        "name": "Rex",
        "venue_id": "7e000000-0000-0000-0000-000000000001"
      }
    }
    "#);
}

#[tokio::test]
async fn a_refunded_booking_shows_no_ticket_codes() {
    let api = TestApi::open().await;
    let refunded = api.get_as(ADA, "/bookings?status=refunded").await.expect(200).json();
    let booking = &refunded["items"][0];
    assert_eq!(booking["tickets"].as_array().unwrap().len(), 0);
    assert!(booking["cancellation"].is_null());
    assert_eq!(booking["cancelled"], serde_json::json!({ "by": "customer", "reason": null }));
    assert_eq!(booking["refund"]["status"], "completed");
    assert_eq!(booking["refund"]["amount"]["amount_minor"], 1_500);
}

#[tokio::test]
async fn a_booking_names_the_offer_that_lowered_its_price() {
    let api = TestApi::open().await;
    let offer = "
        INSERT INTO promotions (promotion_id, code, terms, uses, created_at, position)
        VALUES ('9a000000-0000-0000-0000-000000000001', NULL, '{\"name\": \"Tuesday price\"}', 1, now(), 101);
        UPDATE bookings SET promotion = '{\"promotion\": \"9a000000-0000-0000-0000-000000000001\", \"code\": null}'
        WHERE booking_id = 'b0000000-0000-0000-0000-000000000002'";
    api.project(101, offer).await;
    let booking = api.get_as(ADA, CONFIRMED).await.expect(200).json();
    let promotion = serde_json::json!({
        "promotion_id": "9a000000-0000-0000-0000-000000000001", "code": null, "name": "Tuesday price",
    });
    assert_eq!(booking["promotion"], promotion);
}

#[tokio::test]
async fn an_expired_booking_shows_the_refund_of_a_late_payment() {
    let api = TestApi::open().await;
    let expired = api.get_as(BOB, "/bookings?status=expired").await.expect(200).json()["items"][0].clone();
    assert_eq!(expired["payment"]["status"], "refunding");
    assert_eq!(expired["refund"]["status"], "submitted");
    assert_eq!((&expired["refund"]["to"], &expired["cancellation"]), (&"card".into(), &Value::Null));
}

#[tokio::test]
async fn a_paid_booking_cannot_be_cancelled_after_the_deadline_or_a_check_in() {
    let api = TestApi::open().await;
    let possible =
        async || api.get_as(ADA, CONFIRMED).await.expect(200).json()["cancellation"]["possible"].clone();
    assert_eq!(possible().await, true);
    api.project(101, "UPDATE bookings SET checked_in = 1").await;
    assert_eq!(possible().await, false);
    // The time is exactly ten o'clock: the deadline itself is too late.
    let cut_off =
        "UPDATE bookings SET checked_in = 0; UPDATE screenings SET cancel_until = '2026-11-22T10:00:00Z'";
    api.project(102, cut_off).await;
    assert_eq!(possible().await, false);
    api.project(103, "UPDATE screenings SET cancel_until = '2026-11-22T10:00:01Z'").await;
    assert_eq!(possible().await, true);
}

#[tokio::test]
async fn a_booking_being_paid_by_card_shows_its_payment_page() {
    let api = TestApi::open().await;
    let attempts = "INSERT INTO payments (payment_id, booking_id, customer_id, method, status, amount_minor, currency,
                                          checkout_url, created_at, position) VALUES
        ('fa000000-0000-0000-0000-000000000008', 'b0000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
         'card', 'pending', 25000, 'INR', 'https://pay.example/8', '2026-11-22T09:58:00Z', 101),
        ('fa000000-0000-0000-0000-000000000009', 'b0000000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001',
         'wallet', 'failed', 25000, 'INR', NULL, '2026-11-22T09:59:00Z', 101)";
    api.project(101, attempts).await;
    let payment = api.get_as(ADA, HELD).await.expect(200).json()["payment"].clone();
    assert_eq!(
        (&payment["method"], &payment["checkout_url"]),
        (&"card".into(), &"https://pay.example/8".into())
    );
}

#[tokio::test]
async fn bookings_are_listed_newest_first_and_by_status() {
    let api = TestApi::open().await;
    let all = api.get_as(ADA, "/bookings").await.expect(200);
    assert_eq!(all.each("status"), ["held", "confirmed", "refunded"]);
    let held = api.get_as(ADA, "/bookings?status=held").await.expect(200);
    assert_eq!(held.each("status"), ["held"]);
    let mut path = "/bookings?limit=1".to_owned();
    let mut statuses = Vec::new();
    loop {
        let page = api.get_as(ADA, &path).await.expect(200);
        statuses.extend(page.each("status"));
        let Some(cursor) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        path = format!("/bookings?limit=1&cursor={cursor}");
    }
    assert_eq!(statuses, ["held", "confirmed", "refunded"]);
    api.get_as(ADA, "/bookings?status=lost").await.expect(422);
}

#[tokio::test]
async fn other_customers_bookings_are_404() {
    let api = TestApi::open().await;
    for path in [OF_BOB, &format!("{OF_BOB}/history"), "/bookings/7", "/bookings/7/history"] {
        api.get_as(ADA, path).await.expect(404);
    }
    // The same holds for administrators, who have addresses of their own.
    api.get_as_admin(OF_BOB).await.expect(404);
    api.get_as(BOB, OF_BOB).await.expect(200);
    assert_eq!(api.get_as(BOB, "/bookings").await.expect(200).each("status"), ["confirmed", "expired"]);
}

#[tokio::test]
async fn anonymous_callers_are_401() {
    let api = TestApi::open().await;
    for path in [
        "/me",
        "/me/sessions",
        "/bookings",
        CONFIRMED,
        &format!("{CONFIRMED}/history"),
        "/wallet",
        "/wallet/transactions",
        "/payments",
        TOP_UP,
        "/admin/accounts",
        "/admin/bookings",
        "/admin/payments",
        "/admin/refunds",
        "/admin/sales",
        "/admin/reconciliation",
        "/admin/projections",
        "/admin/parked",
        "/admin/mails",
        "/admin/streams",
        "/admin/history/show/50000000-0000-0000-0000-000000000001",
    ] {
        assert_eq!(api.get(path).await.expect(401).slug(), "unauthorized", "{path}");
        api.call(path, &[("authorization", "Bearer x")]).await.expect(401);
    }
}

#[tokio::test]
async fn a_wallet_lists_its_ledger_newest_first() {
    let api = TestApi::open().await;
    let wallet = api.get_as(ADA, "/wallet").await.expect(200).json();
    assert_eq!(wallet["balance"]["amount_minor"], 75_000);
    let newest = api.get_as(ADA, "/wallet/transactions?limit=1").await.expect(200).json();
    assert_json_snapshot!(newest["items"][0], @r#"
    {
      "amount": {
        "amount_minor": -25000,
        "currency": "INR"
      },
      "balance_after": {
        "amount_minor": 75000,
        "currency": "INR"
      },
      "booking_id": "b0000000-0000-0000-0000-000000000002",
      "created_at": "2026-11-21T10:00:00Z",
      "kind": "payment",
      "reason": null
    }
    "#);
    let next = format!("/wallet/transactions?cursor={}", newest["next_cursor"].as_str().unwrap());
    let rest = api.get_as(ADA, &next).await.expect(200);
    assert_eq!(rest.each("kind"), ["refund", "payment", "credit"]);

    let empty = api.get_as(BOB, "/wallet").await.expect(200).json();
    assert_eq!(empty["balance"], serde_json::json!({"amount_minor": 0, "currency": "INR"}));
    assert!(api.get_as(BOB, "/wallet/transactions").await.expect(200).each("kind").is_empty());
}

#[tokio::test]
async fn an_account_shows_its_wallet_balance() {
    let api = TestApi::open().await;
    assert_json_snapshot!(api.get_as(ADA, "/me").await.expect(200).json(), @r#"
    {
      "city": "Mumbai",
      "created_at": "2026-11-01T09:00:00Z",
      "email": "ada@example.com",
      "name": "Ada",
      "reminders": true,
      "role": "customer",
      "sales_mail": false,
      "second_factor": false,
      "user_id": "ac000000-0000-0000-0000-000000000001",
      "wallet_balance": {
        "amount_minor": 75000,
        "currency": "INR"
      }
    }
    "#);
}

#[tokio::test]
async fn a_query_waits_for_an_account_that_is_not_projected_yet() {
    let api = TestApi::open().await;
    let answer = api.get_as(DAN, "/me").await.expect(503);
    assert_eq!((answer.slug().as_str(), answer.header("retry-after")), ("read-model-behind", "1"));
    let registered = "INSERT INTO accounts (user_id, account_key, email, name, role, created_at) VALUES
        ('ac000000-0000-0000-0000-000000000004', 'd4', 'dan@example.com', 'Dan', 'customer', '2026-11-22T10:00:00Z')";
    let (answer, ()) = tokio::join!(api.get_as(DAN, "/me"), api.project(101, registered));
    assert_eq!(answer.expect(200).json()["name"], "Dan");
}

#[tokio::test]
async fn administration_is_for_administrators() {
    let api = TestApi::open().await;
    for path in [
        "/admin/accounts",
        "/admin/bookings",
        "/admin/payments",
        "/admin/refunds",
        "/admin/sales",
        "/admin/reconciliation",
        "/admin/projections",
        "/admin/parked",
        "/admin/mails",
        "/admin/streams",
        "/admin/history/show/50000000-0000-0000-0000-000000000001",
    ] {
        assert_eq!(api.get_as(ADA, path).await.expect(403).slug(), "forbidden", "{path}");
    }
}

#[tokio::test]
async fn accounts_are_found_by_a_part_of_name_or_email() {
    let api = TestApi::open().await;
    let emails = async |query: &str| {
        api.get_as_admin(&format!("/admin/accounts{query}")).await.expect(200).each("email")
    };
    assert_eq!(emails("").await, ["carol@example.com", "bob@example.com", "ada@example.com"]);
    assert_eq!(emails("?q=BOB").await, ["bob@example.com"]);
    assert_eq!(emails("?q=100%25").await, ["carol@example.com"]);
    assert!(emails("?q=_").await.is_empty());
}
