//! Projected sums and differences of money.

use sqlx::PgPool;
use ticketshow_domain::{
    Currency, Money, PaymentId, UserId,
    booking::{self, Booking, CancelledBy, PaymentMethod},
    payment::{self, Payment, Purpose, RefundReason, RefundTarget},
    wallet::{self, EntryKind, Reference, Wallet},
};
use uuid::Uuid;

use crate::{
    fixture::{Booked, Fixture},
    orders::assert_equal_to_a_rebuild,
};

const TOP_UP: Money = Money { amount_minor: 50_000, currency: Currency::INR };

/// Opens a payment by card and captures it.
async fn capture(fixture: &Fixture, payment: PaymentId, customer: UserId, purpose: Purpose, amount: Money) {
    let request = payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint: None };
    fixture.execute::<Payment>(&payment, request).await;
    let provider_payment = format!("pay_{payment}");
    let capture = payment::Command::CapturePayment { provider_payment, captured: amount };
    fixture.execute::<Payment>(&payment, capture).await;
}

async fn credit(fixture: &Fixture, customer: UserId, reference: Reference, amount: Money) {
    let command = wallet::Command::CreditWallet { customer, reference, amount, booking: None, reason: None };
    fixture.execute::<Wallet>(&customer, command).await;
}

/// Cancels a booking that was paid from the wallet, and refunds it.
async fn refund(fixture: &Fixture, booked: &Booked, payment: PaymentId) {
    let (by, reason, cascade) = (CancelledBy::House, None, None);
    let cancel = booking::Command::CancelBooking { by, reason, cascade, released: false };
    fixture.execute::<Booking>(&booked.booking, cancel).await;
    credit(fixture, booked.customer, Reference::refund(payment), booked.amount()).await;
    let (target, amount) = (RefundTarget::Wallet, booked.amount());
    let refund = booking::Command::RecordRefund { payment, target, amount };
    fixture.execute::<Booking>(&booked.booking, refund).await;
}

async fn differences(fixture: &Fixture) -> Vec<String> {
    fixture.projected().await;
    let select = "SELECT difference FROM payments WHERE difference IS NOT NULL AND differs_since IS NOT NULL ORDER BY 1";
    sqlx::query_scalar(select).fetch_all(&fixture.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn money_without_a_counterpart_is_marked_until_it_has_one() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let (top_up, customer) = (PaymentId(fixture.id()), UserId(fixture.id()));
    capture(&fixture, top_up, customer, Purpose::TopUp, TOP_UP).await;
    assert_eq!(differences(&fixture).await, ["top_up_differs"]);
    credit(&fixture, customer, Reference { kind: EntryKind::TopUp, id: top_up.0 }, TOP_UP).await;
    assert!(differences(&fixture).await.is_empty());

    let screening = fixture.screening(1, 4).await;
    let booked = fixture.reserve(screening, &["R0-1"]).await;
    let payment = fixture.request_payment_by(&booked, PaymentMethod::Card).await;
    let purpose = Purpose::Booking { booking: booked.booking };
    capture(&fixture, payment, booked.customer, purpose, booked.amount()).await;
    assert_eq!(differences(&fixture).await, ["capture_unused"]);
    let (target, reason) = (RefundTarget::Wallet, RefundReason::SeatsGone);
    fixture.execute::<Payment>(&payment, payment::Command::RequestRefund { target, reason }).await;
    assert!(differences(&fixture).await.is_empty());
    fixture.execute::<Payment>(&payment, payment::Command::CompleteRefund { target }).await;
    assert_eq!(differences(&fixture).await, ["refund_differs"]);
    credit(&fixture, booked.customer, Reference::refund(payment), booked.amount()).await;
    assert!(differences(&fixture).await.is_empty());

    let free = fixture.reserve(screening, &["R0-2"]).await;
    let unpaid = fixture.request_payment_by(&free, PaymentMethod::Card).await;
    let confirm = booking::Command::ConfirmBooking { payment: unpaid, tickets: Vec::new() };
    fixture.execute::<Booking>(&free.booking, confirm).await;
    assert_eq!(differences(&fixture).await, ["confirmed_unpaid"]);
    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

/// The lines of two statements must be the same.
async fn assert_same(pool: &PgPool, kept: &str, added_up: &str) {
    let text = |select: &str| format!("SELECT t::text FROM ({select}) AS t ORDER BY 1");
    let lines = async |select: &str| -> Vec<String> {
        sqlx::query_scalar(sqlx::AssertSqlSafe(text(select))).fetch_all(pool).await.unwrap()
    };
    let kept = lines(kept).await;
    assert!(!kept.is_empty());
    assert_eq!(kept, lines(added_up).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_sums_are_what_the_tables_add_up_to() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let (matinee, evening) = (fixture.screening(1, 4).await, fixture.screening(1, 4).await);
    for (screening, seats) in [(matinee, ["R0-1", "R0-2"]), (evening, ["R0-3", "R0-4"])] {
        fixture.book(screening, &seats).await;
    }
    let again = fixture.reserve(evening, &["R0-1"]).await;
    fixture.credit(again.customer, 100_000).await;
    let payment = fixture.pay(&again).await;
    fixture.projected().await;
    refund(&fixture, &again, payment).await;
    let top_up = PaymentId(fixture.id());
    capture(&fixture, top_up, again.customer, Purpose::TopUp, TOP_UP).await;
    credit(&fixture, again.customer, Reference { kind: EntryKind::TopUp, id: top_up.0 }, TOP_UP).await;
    fixture.projected().await;

    let pool = &fixture.pool;
    let kept = "SELECT total, part, currency, count, amount_minor::bigint FROM money_sums WHERE count <> 0";
    let added_up = "
        SELECT 'captured', method, captured_currency, count(*), sum(captured_minor)::bigint
        FROM payments WHERE captured_minor IS NOT NULL GROUP BY 2, 3
        UNION ALL SELECT 'refunded', refund_target, captured_currency, count(*), sum(captured_minor)::bigint
        FROM payments WHERE refund_status = 'completed' GROUP BY 2, 3
        UNION ALL SELECT 'wallet_movements', kind, currency, count(*), sum(amount_minor)::bigint
        FROM wallet_entries GROUP BY 2, 3
        UNION ALL SELECT 'wallet_balance', 'wallets', currency, count(*), sum(balance_minor)::bigint
        FROM wallets GROUP BY 3";
    assert_same(pool, kept, added_up).await;
    let kept = "
        SELECT span, day, NULLIF(show_id, '00000000-0000-0000-0000-000000000000'),
               NULLIF(venue_id, '00000000-0000-0000-0000-000000000000'), currency, bookings, seats, sold_minor,
               bookings_refunded, seats_refunded, refunded_minor FROM sales";
    let added_up = "
        WITH moved AS (
            SELECT p.show_id, p.venue_id, b.confirmed_at AT TIME ZONE p.timezone AS at, b.currency, 1 AS sold,
                   cardinality(b.seats) AS seats, b.amount_minor AS minor
            FROM bookings b JOIN screenings p USING (screening_id) WHERE b.confirmed_at IS NOT NULL
            UNION ALL
            SELECT p.show_id, p.venue_id, t.refunded_at AT TIME ZONE p.timezone, b.currency, 0,
                   cardinality(b.seats), t.captured_minor
            FROM bookings b JOIN screenings p USING (screening_id) JOIN payments t USING (payment_id)
            WHERE t.refunded_at IS NOT NULL)
        SELECT span, CASE span WHEN 'ever' THEN '0001-01-01' ELSE date_trunc(span, at)::date END, show_id, venue_id, currency, sum(sold)::bigint, sum(seats * sold)::bigint, sum(minor * sold)::bigint,
               sum(1 - sold)::bigint, sum(seats * (1 - sold))::bigint, sum(minor * (1 - sold))::bigint
        FROM moved CROSS JOIN (VALUES ('day'), ('month'), ('ever')) AS spans (span)
        GROUP BY GROUPING SETS ((1, 2, currency), (1, 2, currency, show_id), (1, 2, currency, venue_id),
                                (1, 2, currency, show_id, venue_id))";
    assert_same(pool, kept, added_up).await;
    // Whole bookings and their seats by category add up to the same.
    let sum = "SELECT sum(seats)::bigint, sum(sold_minor)::bigint, sum(seats_refunded)::bigint, sum(refunded_minor)::bigint FROM";
    let all = format!("{sum} sales WHERE span = 'ever' AND show_id = $1 AND venue_id = $1");
    let all: (i64, i64, i64, i64) =
        sqlx::query_as(sqlx::AssertSqlSafe(all)).bind(Uuid::nil()).fetch_one(pool).await.unwrap();
    let levels = format!("{sum} sales_lines GROUP BY category = ''");
    let levels: Vec<(i64, i64, i64, i64)> =
        sqlx::query_as(sqlx::AssertSqlSafe(levels)).fetch_all(pool).await.unwrap();
    assert_eq!(levels, [all, all]);
    let methods = "SELECT DISTINCT method FROM sales_lines ORDER BY method";
    let methods: Vec<String> = sqlx::query_scalar(methods).fetch_all(pool).await.unwrap();
    assert_eq!(methods, ["wallet"]);
    let differing = "SELECT count(*) FROM wallets WHERE differs";
    assert_eq!(sqlx::query_scalar::<_, i64>(differing).fetch_one(pool).await.unwrap(), 0);
    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test]
async fn sums_beyond_the_largest_amount_do_not_stop_the_projection() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    for _ in 0..3 {
        fixture.credit(UserId(fixture.id()), i64::MAX).await;
        fixture.projected().await;
    }
    let kept: Vec<(String, String)> =
        sqlx::query_as("SELECT total, amount_minor::text FROM money_sums ORDER BY total")
            .fetch_all(&fixture.pool)
            .await
            .unwrap();
    let sum = (3 * i128::from(i64::MAX)).to_string();
    assert_eq!(kept, [("wallet_balance".to_owned(), sum.clone()), ("wallet_movements".to_owned(), sum)]);
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_stays_that_of_the_administrator_who_proposed_it() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let (customer, by) = (UserId(fixture.id()), UserId(fixture.id()));
    let reference = Reference { kind: EntryKind::Credit, id: fixture.id() };
    let propose = wallet::Command::ProposeCredit { customer, reference, amount: TOP_UP, reason: None, by };
    fixture.execute::<Wallet>(&customer, propose).await;
    let listed = async || -> Vec<(String, bool)> {
        fixture.projected().await;
        let select = "SELECT status, made_by = $1 FROM credits ORDER BY created_at";
        sqlx::query_as(select).bind(by.0).fetch_all(&fixture.pool).await.unwrap()
    };
    assert_eq!(listed().await, [("pending".to_owned(), true)]);
    let approve = wallet::Command::ApproveCredit { reference, by: UserId(fixture.id()) };
    fixture.execute::<Wallet>(&customer, approve).await;
    assert_eq!(listed().await, [("given".to_owned(), true)]);
    // Movements of other kinds are no credits.
    let top_up = PaymentId(fixture.id());
    capture(&fixture, top_up, customer, Purpose::TopUp, TOP_UP).await;
    credit(&fixture, customer, Reference { kind: EntryKind::TopUp, id: top_up.0 }, TOP_UP).await;
    assert_eq!(listed().await.len(), 1);
    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}
