//! Sales and reconciliation.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::fixture::TestApi;

async fn lines(api: &TestApi, query: &str) -> Vec<String> {
    let line = |sum: &Value| {
        let title = |name: &str| sum[name].as_str().unwrap_or("*").to_owned();
        let (day, show, venue) = (title("day"), title("show_title"), title("venue_name"));
        let net = &sum["net"]["amount_minor"];
        format!("{day} {show} {venue}: {} {} {net}", sum["bookings"], sum["seats"])
    };
    let sales = api.get_as_admin(&format!("/admin/sales{query}")).await.expect(200).json();
    sales["items"].as_array().expect("a list").iter().map(line).collect()
}

#[tokio::test]
async fn sales_are_summed_by_show_venue_and_day_at_the_venue() {
    let api = TestApi::open().await;
    assert_eq!(lines(&api, "").await, ["* * *: 3 3 35000"]);
    // Bob's booking was confirmed at 19:00 UTC, which is the next day in Mumbai.
    assert_eq!(
        lines(&api, "?group_by=day").await,
        ["2026-11-19 * *: 1 1 0", "2026-11-21 * *: 1 1 25000", "2026-11-22 * *: 1 1 10000"]
    );
    assert_eq!(lines(&api, "?group_by=show,venue").await, ["* Fog Globe: 1 1 0", "* Monsoon Rex: 2 2 35000"]);
    assert_eq!(lines(&api, "?group_by=show&from=2026-11-22&to=2026-11-22").await, ["* Monsoon *: 1 1 10000"]);
    assert!(lines(&api, "?from=2026-11-23").await.is_empty());
    api.get_as_admin("/admin/sales?group_by=week").await.expect(422);
    api.get_as_admin("/admin/sales?from=2026-11-22&to=2026-11-21").await.expect(422);
    api.get_as_admin("/admin/sales?from=soon").await.expect(422);
}

#[tokio::test]
async fn sales_are_available_as_csv() {
    let api = TestApi::open().await;
    let path = "/admin/sales?group_by=show,day";
    let csv = api.get_as_admin_with(path, &[("accept", "text/csv")]).await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8_lossy(&csv.body).replace('\r', "");
    let text = text.strip_prefix('\u{feff}').expect("the mark without which Excel guesses the encoding");
    assert_snapshot!(text, @r"
    day,hour,show_id,show_title,venue_id,venue_name,category,ticket_type,method,currency,bookings,seats,sold,bookings_refunded,seats_refunded,refunded,net
    2026-11-19,,50000000-0000-0000-0000-000000000002,Fog,,,,,,INR,1,1,15.00,1,1,15.00,0.00
    2026-11-21,,50000000-0000-0000-0000-000000000001,Monsoon,,,,,,INR,1,1,250.00,0,0,0.00,250.00
    2026-11-22,,50000000-0000-0000-0000-000000000001,Monsoon,,,,,,INR,1,1,100.00,0,0,0.00,100.00
    ");
}

#[tokio::test]
async fn sales_are_compared_with_the_period_before() {
    let api = TestApi::open().await;
    let path = "/admin/sales?from=2026-11-21&to=2026-11-22&compare=previous";
    let sales = api.get_as_admin(&format!("{path}&group_by=day")).await.expect(200).json();
    assert_eq!(sales["previous"], json!({ "from": "2026-11-19", "to": "2026-11-20" }));
    let days: Vec<String> = sales["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| {
            let net = |figures: &Value| figures["sold"]["amount_minor"].clone();
            format!("{}: {} {}", sum["day"].as_str().unwrap(), net(sum), net(&sum["previous"]))
        })
        .collect();
    assert_eq!(days, ["2026-11-21: 25000 1500", "2026-11-22: 10000 0"]);
    let total = &sales["totals"][0];
    assert_eq!((&total["seats"], &total["previous"]["seats"]), (&json!(2), &json!(1)));
    assert_eq!(total["previous"]["net"]["amount_minor"], json!(0));
    let plain = api.get_as_admin("/admin/sales").await.expect(200).json();
    assert!(plain["previous"].is_null() && plain["totals"][0]["previous"].is_null());
    for wrong in ["?compare=previous", "?from=2026-11-21&compare=previous", "?compare=next"] {
        api.get_as_admin(&format!("/admin/sales{wrong}")).await.expect(422);
    }
    let csv = api.get_as_admin_with(path, &[("accept", "text/csv")]).await.expect(200);
    let text = String::from_utf8_lossy(&csv.body).into_owned();
    assert!(text.contains(",previous_bookings,previous_seats,previous_sold,"), "{text}");
    assert!(text.contains("INR,2,2,350.00,0,0,0.00,350.00,1,1,15.00,1,1,15.00,0.00"), "{text}");
}

#[tokio::test]
async fn sales_are_grouped_by_hour_category_ticket_type_and_way_of_payment() {
    let api = TestApi::open().await;
    let lines = "
        INSERT INTO sales_lines (day, hour, show_id, venue_id, category, ticket_type, method, currency, bookings, seats,
                                 sold_minor, bookings_refunded, seats_refunded, refunded_minor)
        SELECT '2026-11-21', hour, '50000000-0000-0000-0000-000000000001', '7e000000-0000-0000-0000-000000000001',
               category, type, method, 'INR', 1, seats, minor, 0, 0, 0
        FROM (VALUES (18, '', '', 'card', 3, 60000), (18, 'gold', 'standard', 'card', 2, 50000),
                     (18, 'silver', 'standard', 'card', 1, 10000), (20, '', '', 'wallet', 1, 10000),
                     (20, 'silver', 'standard', 'wallet', 1, 10000)) AS l (hour, category, type, method, seats, minor)";
    api.project(101, lines).await;
    let sums = async |query: &str, name: &str| -> Vec<String> {
        let sales = api.get_as_admin(&format!("/admin/sales?group_by={query}")).await.expect(200).json();
        let items = sales["items"].as_array().unwrap().clone();
        let line = |sum: &Value| format!("{} {} {}", sum[name], sum["seats"], sum["sold"]["amount_minor"]);
        items.iter().map(line).collect()
    };
    assert_eq!(sums("category", "category").await, ["\"gold\" 2 50000", "\"silver\" 2 20000"]);
    assert_eq!(sums("ticket_type", "ticket_type").await, ["\"standard\" 4 70000"]);
    assert_eq!(sums("method", "method").await, ["\"card\" 3 60000", "\"wallet\" 1 10000"]);
    assert_eq!(sums("hour", "hour").await, ["18 3 60000", "20 1 10000"]);
    assert_eq!(sums("hour,category&from=2026-11-22", "hour").await, Vec::<String>::new());
    let here = "hour&venue_id=7e000000-0000-0000-0000-000000000001";
    assert_eq!(sums(here, "venue_id").await, ["null 3 60000", "null 1 10000"]);
    assert_eq!(
        sums("hour&venue_id=7e000000-0000-0000-0000-000000000002", "hour").await,
        Vec::<String>::new()
    );
    let there = "day&venue_id=7e000000-0000-0000-0000-000000000002";
    assert_eq!(sums(there, "day").await, ["\"2026-11-19\" 1 1500"]);
}

#[tokio::test]
async fn a_refund_that_is_open_for_an_hour_is_listed() {
    let api = TestApi::open().await;
    let listed = async || {
        let answer = api.get_as_admin("/admin/reconciliation").await.expect(200).json();
        let refunds = answer["open_refunds"].as_array().expect("a list").clone();
        refunds
            .iter()
            .map(|refund| format!("{} {}", refund["payment_id"], refund["status"]))
            .collect::<Vec<_>>()
    };
    let attempted = |at: &str| {
        format!(
            "UPDATE payments SET refund_status = 'attempted', refund_requested_at = '{at}'
             WHERE payment_id = 'fa000000-0000-0000-0000-000000000005'"
        )
    };
    // It is 10:00.
    api.project(101, &attempted("2026-11-22T09:00:00Z")).await;
    assert!(listed().await.is_empty());
    api.project(102, &attempted("2026-11-22T08:59:59Z")).await;
    assert_eq!(listed().await, [r#""fa000000-0000-0000-0000-000000000005" "attempted""#]);
    let completed = "UPDATE payments SET refund_status = 'completed', status = 'refunded'
                     WHERE payment_id = 'fa000000-0000-0000-0000-000000000005'";
    api.project(103, completed).await;
    assert!(listed().await.is_empty());
}

#[tokio::test]
async fn sums_beyond_the_largest_amount_do_not_end_the_reconciliation() {
    let api = TestApi::open().await;
    // Three credits of the largest amount, as older versions allowed them.
    let beyond = "UPDATE money_sums SET amount_minor = 3 * 9223372036854775807::numeric";
    api.project(101, beyond).await;
    let answer = api.get_as_admin("/admin/reconciliation").await.expect(200).json();
    for sum in ["captured", "wallet_movements", "wallet_balance"] {
        let sums = answer[sum].as_array().unwrap();
        assert!(!sums.is_empty(), "{sum}");
        assert!(sums.iter().all(|sum| sum["amount"]["amount_minor"] == i64::MAX), "{sums:?}");
    }
}

async fn unmatched(api: &TestApi) -> Vec<String> {
    let answer = api.get_as_admin("/admin/reconciliation").await.expect(200).json();
    let line = |row: &Value| {
        let minor = |name: &str| row[name]["amount_minor"].clone();
        format!("{} {} {}", row["kind"].as_str().expect("text"), minor("expected"), minor("found"))
    };
    answer["unmatched"].as_array().expect("a list").iter().map(line).collect()
}

#[tokio::test]
async fn consistent_records_have_no_mismatches() {
    let api = TestApi::open().await;
    let answer = api.get_as_admin("/admin/reconciliation").await.expect(200).json();
    let line = |name: &str, sum: &Value| {
        let (of, amount) = (sum["of"].as_str().expect("text"), &sum["amount"]["amount_minor"]);
        format!("{name} {of}: {} {amount}", sum["count"])
    };
    let sums = ["captured", "refunded", "refunding", "in_review", "wallet_movements", "wallet_balance"].map(
        |name| {
            let sums = answer[name].as_array().expect("a list").iter();
            sums.map(|sum| line(name, sum)).collect::<Vec<_>>().join("\n")
        },
    );
    assert_snapshot!(sums.join("\n"), @r"
    captured card: 2 11500
    captured wallet: 2 26500
    refunded wallet: 1 1500
    refunding card: 1 1500

    wallet_movements credit: 1 100000
    wallet_movements payment: 2 -26500
    wallet_movements refund: 1 1500
    wallet_balance wallets: 1 75000
    ");
    assert_eq!(answer["settled_before"], "2026-11-22T09:55:00Z");
    assert_eq!((&answer["provider"], &answer["unmatched"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn money_without_a_counterpart_is_listed_with_both_amounts() {
    for (change, found) in [
        (
            "UPDATE payments SET confirmed_minor = NULL, difference = 'capture_unused', differs_since = '2026-11-21T19:00:01Z'
             WHERE payment_id = 'fa000000-0000-0000-0000-000000000002'",
            "capture_unused null 10000",
        ),
        (
            "UPDATE payments SET confirmed_minor = 1500, captured_minor = NULL, difference = 'confirmed_unpaid',
                                 differs_since = '2026-11-21T19:00:01Z'
             WHERE payment_id = 'fa000000-0000-0000-0000-000000000005'",
            "confirmed_unpaid 1500 null",
        ),
        (
            "UPDATE payments SET debited_minor = 24999, difference = 'debit_differs', differs_since = '2026-11-21T19:00:01Z'
             WHERE payment_id = 'fa000000-0000-0000-0000-000000000001'",
            "debit_differs 25000 24999",
        ),
        (
            "UPDATE payments SET status = 'captured', captured_minor = 50000, captured_currency = 'INR',
                                 difference = 'top_up_differs', differs_since = '2026-11-22T09:51:00Z'
             WHERE payment_id = 'fa000000-0000-0000-0000-000000000004'",
            "top_up_differs 50000 null",
        ),
        (
            "UPDATE payments SET refund_target = 'card', difference = 'refund_differs', differs_since = '2026-11-22T09:51:00Z'
             WHERE payment_id = 'fa000000-0000-0000-0000-000000000003'",
            "refund_differs null 1500",
        ),
        ("UPDATE wallets SET balance_minor = 75001", "balance_differs 75000 75001"),
    ] {
        let api = TestApi::open().await;
        api.project(101, change).await;
        assert_eq!(unmatched(&api).await, [found]);
    }
}

#[tokio::test]
async fn recent_money_is_not_compared_yet() {
    let api = TestApi::open().await;
    let captured = |at: &str| {
        format!(
            "UPDATE payments SET status = 'captured', captured_minor = 50000, captured_currency = 'INR',
                                 difference = 'top_up_differs', differs_since = '{at}'
             WHERE payment_id = 'fa000000-0000-0000-0000-000000000004'"
        )
    };
    api.project(101, &captured("2026-11-22T09:55:00Z")).await;
    assert!(unmatched(&api).await.is_empty());
    api.project(102, &captured("2026-11-22T09:54:59Z")).await;
    assert_eq!(unmatched(&api).await.len(), 1);
}

/// The tables of the sagas, and the provider's reports of both captured card payments.
const REPORTS: &str = concat!(
    "CREATE SCHEMA sagas;",
    include_str!("../../../sagas/migrations/20261123010000_provider_movements.sql"),
    include_str!("../../../sagas/migrations/20261129100000_provider_disputes.sql"),
    "INSERT INTO sagas.provider_movements VALUES
         ('pay_2', 'capture', 'pay_2', 'fa000000-0000-0000-0000-000000000002', 10000, 'INR', '2026-11-21T19:00:00Z'),
         ('pay_5', 'capture', 'pay_5', 'fa000000-0000-0000-0000-000000000005', 1500, 'INR', '2026-11-19T09:30:00Z');",
    include_str!("../../../sagas/migrations/20261129120000_provider_sums.sql"),
);

#[tokio::test]
async fn money_that_the_log_does_not_know_is_listed_at_once() {
    let api = TestApi::open().await;
    let unknown = "INSERT INTO sagas.provider_movements VALUES
            ('pay_9', 'capture', 'pay_9', 'fa000000-0000-0000-0000-000000000009', 700, 'INR', '2026-11-22T09:59:59Z')";
    api.project(101, &format!("{REPORTS};{unknown}")).await;
    assert_eq!(unmatched(&api).await, ["provider_capture_differs null 700"]);
    let refunded = "INSERT INTO sagas.provider_movements VALUES
            ('ref_9', 'refund', 'pay_9', NULL, 700, 'INR', '2026-11-22T09:59:59Z')";
    api.project(102, refunded).await;
    assert!(unmatched(&api).await.is_empty(), "all of it went back");
}

#[tokio::test]
async fn a_refund_made_by_hand_is_listed_with_its_payment() {
    let api = TestApi::open().await;
    let by_hand = "INSERT INTO sagas.provider_movements VALUES
            ('ref_9', 'refund', 'pay_2', NULL, 10000, 'INR', '2026-11-21T19:31:00Z')";
    api.project(101, &format!("{REPORTS};{by_hand}")).await;
    let answer = api.get_as_admin("/admin/reconciliation").await.expect(200).json();
    let row = &answer["unmatched"][0];
    assert_eq!((&row["kind"], &row["provider_id"]), (&json!("provider_refund_differs"), &json!("ref_9")));
    assert_eq!(row["payment_id"], "fa000000-0000-0000-0000-000000000002");
    assert_eq!(row["booking_id"], "b0000000-0000-0000-0000-000000000003");
}

#[tokio::test]
async fn disputes_are_listed_while_they_need_attention() {
    let api = TestApi::open().await;
    let open = "INSERT INTO sagas.provider_disputes VALUES
            ('dsp_2', 'pay_2', 'fa000000-0000-0000-0000-000000000002', 'open', 10000, 'INR', '2026-11-22T09:59:59Z',
             '2026-11-22T09:59:59Z')";
    api.project(101, &format!("{REPORTS};{open}")).await;
    assert_eq!(unmatched(&api).await, ["dispute_open 10000 10000"]);
    api.project(102, "UPDATE sagas.provider_disputes SET status = 'lost'").await;
    assert_eq!(unmatched(&api).await, ["charged_back 10000 10000"]);
    api.project(103, "UPDATE sagas.provider_disputes SET changed_at = '2026-10-22T00:00:00Z'").await;
    assert!(unmatched(&api).await.is_empty());
    let won = "UPDATE sagas.provider_disputes SET status = 'won', changed_at = '2026-11-22T09:59:59Z'";
    api.project(104, won).await;
    assert!(unmatched(&api).await.is_empty());
}

#[tokio::test]
async fn card_payments_are_compared_with_the_provider_s_reports() {
    let api = TestApi::open().await;
    api.project(101, REPORTS).await;
    let answer = api.get_as_admin("/admin/reconciliation").await.expect(200).json();
    assert_eq!(answer["unmatched"], json!([]));
    let sum = json!({"of": "capture", "count": 2, "amount": {"amount_minor": 11_500, "currency": "INR"}});
    assert_eq!(answer["provider"], json!([sum]));

    let refund = "INSERT INTO sagas.provider_movements VALUES
            ('ref_5', 'refund', 'pay_5', 'fa000000-0000-0000-0000-000000000005', NULL, NULL, '2026-11-19T09:31:00Z')";
    api.project(102, refund).await;
    assert_eq!(unmatched(&api).await, ["provider_refund_differs null null"]);
    let done = "UPDATE payments SET status = 'refunded', refund_status = 'completed', refunded_at = '2026-11-19T10:00:00Z'
                WHERE payment_id = 'fa000000-0000-0000-0000-000000000005'";
    api.project(103, done).await;
    assert!(unmatched(&api).await.is_empty());

    let other = "UPDATE sagas.provider_movements SET amount_minor = 10001, matched = false WHERE provider_id = 'pay_2'";
    api.project(104, other).await;
    assert_eq!(unmatched(&api).await, ["provider_capture_differs 10000 10001"]);
    api.project(105, "DELETE FROM sagas.provider_movements WHERE provider_id = 'pay_2'").await;
    assert_eq!(unmatched(&api).await, ["provider_capture_differs 10000 null"]);
}

#[tokio::test]
async fn credits_that_wait_for_a_second_administrator_are_listed() {
    let api = TestApi::open().await;
    let insert = "
        INSERT INTO credits (customer_id, credit_id, amount_minor, currency, reason, status, made_by, created_at, given_by)
        SELECT user_id, gen_random_uuid(), 5000, 'INR', 'Sorry', status, user_id, now(), CASE WHEN status = 'given' THEN user_id END
        FROM (SELECT user_id FROM accounts LIMIT 1) AS a, UNNEST(ARRAY['pending', 'given']) AS status";
    api.maintain(insert).await;
    let pending = api.get_as_admin("/admin/credits?status=pending").await.expect(200).json();
    let items = pending["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1);
    assert_eq!((&items[0]["status"], &items[0]["given_by"]), (&json!("pending"), &Value::Null));
    assert_eq!(items[0]["made_by"], items[0]["customer"]);
    assert_eq!(items[0]["amount"]["amount_minor"], 5_000);
    let first = api.get_as_admin("/admin/credits?limit=1").await.expect(200).json();
    let cursor = first["next_cursor"].as_str().expect("a second page");
    let second =
        api.get_as_admin(&format!("/admin/credits?limit=1&cursor={cursor}")).await.expect(200).json();
    assert_ne!(first["items"][0]["credit_id"], second["items"][0]["credit_id"]);
    assert_eq!(second["next_cursor"], Value::Null);
    api.get_as_admin("/admin/credits?status=lost").await.expect(422);
}
