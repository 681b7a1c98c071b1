//! Customers with unpaid seats of a screening, and quotas of expensive calls.

use serde_json::json;
use ticketshow_http::Limits;

use crate::fixture::{ADA, BOB, MONSOON, TestApi};

#[tokio::test]
async fn an_administrator_sees_the_biggest_holders_first() {
    let api = TestApi::open().await;
    let hold = |booking: u8, customer: &str, status: &str, claim: &str, seats: &str, until: &str| {
        format!(
            "INSERT INTO bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, currency,
                                   held_until, created_at, position)
             VALUES ('b1000000-0000-0000-0000-0000000000{booking:02}', '{MONSOON}', '{customer}', '{status}', '{claim}',
                     '{seats}', 1, 'INR', '2026-11-22T{until}Z', '2026-11-22T09:00:00Z', 91)"
        )
    };
    let dan = "ac000000-0000-0000-0000-000000000004";
    let rows = [
        hold(1, dan, "held", "held", "{B-1,B-2}", "10:06:00"),
        hold(2, dan, "paying", "held", "{A-3}", "10:15:00"),
        hold(3, dan, "expired", "lapsed", "{A-4}", "09:08:00"),
        // Lapsed, but not released yet.
        hold(4, dan, "held", "held", "{A-5}", "10:00:00"),
    ];
    api.project(100, &rows.join("; ")).await;
    let path = format!("/admin/screenings/{MONSOON}/holders");
    assert_eq!(api.get_as(BOB, &path).await.expect(403).slug(), "forbidden");

    let holders = api.get_as_admin(&path).await.expect(200);
    assert_eq!(holders.each("seats"), [json!(3), json!(1)]);
    assert_eq!(holders.each("holds"), [json!(2), json!(1)]);
    assert_eq!(holders.each("paying"), [json!(1), json!(0)]);
    assert_eq!(holders.each("lapsed"), [json!(1), json!(0)]);
    assert_eq!(holders.each("held_until"), [json!("2026-11-22T10:06:00Z"), json!("2026-11-22T10:05:00Z")]);
    let customers = holders.each("customer");
    assert_eq!((&customers[0]["user_id"], &customers[1]["user_id"]), (&json!(dan), &json!(ADA)));
    assert!(customers[1]["email"].is_string());
    let missing = "/admin/screenings/00000000-0000-0000-0000-000000000000/holders";
    assert_eq!(api.get_as_admin(missing).await.expect(404).slug(), "not-found");
}

#[tokio::test]
async fn searches_and_documents_have_quotas_of_their_own() {
    let twice = "2/1h".parse().unwrap();
    let limits = Limits { searches_per_address: twice, documents_per_user: twice, ..Limits::OFF };
    let api = TestApi::with_limits(&limits).await;
    let tickets = "/bookings/b0000000-0000-0000-0000-000000000002/tickets";
    for (first, second) in [
        ("/search?q=monsoon".to_owned(), "/search/suggest?q=mon".to_owned()),
        (format!("{tickets}.pdf"), format!("{tickets}/A-2/qr.svg")),
    ] {
        for path in [&first, &second] {
            api.get_as(ADA, path).await.expect(200);
        }
        for path in [&first, &second] {
            let refused = api.get_as(ADA, path).await.expect(429);
            assert_eq!(refused.slug(), "too-many-requests");
            assert!(refused.headers.contains_key("retry-after"));
        }
    }
    let booking = tickets.trim_end_matches("/tickets");
    for other in ["invoice.pdf", "tickets/A-2/pass.pkpass", "tickets/A-2/google-wallet"] {
        api.get_as(ADA, &format!("{booking}/{other}")).await.expect(429);
    }
    api.get_as(BOB, &format!("{tickets}.pdf")).await.expect(404);
    api.get_as(ADA, "/shows").await.expect(200);
}

#[tokio::test]
async fn a_person_exports_a_few_times_a_day() {
    let limits = Limits { exports_per_user: "2/24h".parse().unwrap(), ..Limits::OFF };
    let api = TestApi::with_limits(&limits).await;
    // The log is unavailable in these tests, so nothing is exported.
    for _ in 0..2 {
        assert_ne!(api.get_as(ADA, "/me/export").await.status, 429);
    }
    assert_eq!(api.get_as(ADA, "/me/export").await.expect(429).slug(), "too-many-requests");
    assert_ne!(api.get_as(BOB, "/me/export").await.status, 429);
}
