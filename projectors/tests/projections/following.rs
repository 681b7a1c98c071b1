//! Following the log: crashes, hangs and outages neither lose nor duplicate rows.

use std::time::Duration;

use crate::fixture::{Fixture, now};
use jiff::SignedDuration;
use ticketshow_domain::{
    SeatName, UserId,
    screening::{Command, OfflineCheckIn, Screening},
};
use ticketshow_projectors::{Verification, rebuild};
use ticketshow_tests::eventually;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Panics if a rebuild differs from the tables.
async fn assert_equal_to_a_rebuild(fixture: &Fixture) {
    let stop = CancellationToken::new();
    rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_is_shown_at_each_step() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(2, 3).await;
    let booked = fixture.reserve(screening, &["R0-1", "R1-3"]).await;
    fixture.projected().await;
    assert_eq!(fixture.status_of(&booked).await, "held");
    assert_eq!(fixture.seats_of(screening).await, (4, vec![1, 0, 0, 0, 0, 1]));
    fixture.credit(booked.customer, 60_000).await;
    fixture.pay(&booked).await;
    fixture.projected().await;
    assert_eq!(fixture.status_of(&booked).await, "confirmed");
    assert_eq!(fixture.seats_of(screening).await, (4, vec![2, 0, 0, 0, 0, 2]));
    let (seats, codes, payment): (Vec<String>, Vec<String>, String) = sqlx::query_as(
        "SELECT seats, ticket_codes, payments.status FROM bookings JOIN payments USING (payment_id)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(seats, ["R0-1", "R1-3"]);
    assert_eq!(codes, [format!("{}/R0-1", booked.booking), format!("{}/R1-3", booked.booking)]);
    assert_eq!(payment, "captured");
    let entries: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT version, amount_minor, balance_after_minor FROM wallet_entries ORDER BY version",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(entries, [(1, 60_000, 60_000), (2, -50_000, 10_000)]);
    let balance: i64 =
        sqlx::query_scalar("SELECT balance_minor FROM wallets").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(balance, 10_000);
    let check_in = |n: u128, seat: &str| Command::CheckInTickets {
        booking: booked.booking,
        seats: vec![SeatName(seat.to_owned())],
        by: UserId(fixture.id()),
        check_in: Uuid::from_u128(n),
        fingerprint: None,
    };
    let doors = now() + SignedDuration::from_hours(23);
    for (n, seat) in [(1, "R0-1"), (9, "R1-3")] {
        fixture.execute_at::<Screening>(&screening, check_in(n, seat), doors).await;
    }
    let (seat, by) = (SeatName("R0-1".to_owned()), UserId(fixture.id()));
    let undo = Command::UndoCheckIn { check_in: Uuid::from_u128(1), seat, by };
    fixture.execute_at::<Screening>(&screening, undo, doors).await;
    fixture.projected().await;
    let (count, check_ins): (i32, serde_json::Value) =
        sqlx::query_as("SELECT checked_in, check_ins FROM bookings").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!((count, check_ins), (1, serde_json::json!({ "R1-3": doors })));

    // A door without a network admitted both, R1-3 for the second time.
    let offline = |n: u128, seat: &str| OfflineCheckIn {
        check_in: Uuid::from_u128(n),
        online: [Uuid::from_u128(n + 10); 2],
        booking: booked.booking,
        seat: SeatName(seat.to_owned()),
        at: doors,
    };
    let (check_ins, by) = (vec![offline(2, "R0-1"), offline(3, "R1-3")], UserId(fixture.id()));
    let report = Command::ReportCheckIns { check_ins, by, device: "Door 2".to_owned() };
    fixture.execute_at::<Screening>(&screening, report, doors).await;
    fixture.projected().await;
    let kept: (i32, String, String, String) = sqlx::query_as(
        "SELECT checked_in, admissions->'R0-1'->>'device', conflicts->0->>'seat', conflicts->0->>'kind' FROM bookings",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(kept, (2, "Door 2".to_owned(), "R1-3".to_owned(), "already-used".to_owned()));
    assert_equal_to_a_rebuild(&fixture).await;
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_projector_resumes_where_it_was() {
    let fixture = Fixture::build().await;
    let screening = fixture.screening(20, 50).await;
    for (round, row) in (0..8).enumerate() {
        let projector = fixture.project();
        for seat in 1..=10 {
            fixture.book(screening, &[&format!("R{row}-{seat}")]).await;
            if seat == round + 2 {
                // Like a crash, between any two steps of a batch.
                projector.task.abort();
            }
        }
    }
    let projector = fixture.project();
    fixture.projected().await;
    let count: (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM bookings WHERE status = 'confirmed'), (SELECT count(*) FROM wallet_entries)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(count, (80, 160));
    assert_equal_to_a_rebuild(&fixture).await;
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_by_takes_over_from_one_that_lost_its_session() {
    let fixture = Fixture::build().await;
    let (one, other) = (fixture.project(), fixture.project());
    let screening = fixture.screening(1, 10).await;
    fixture.projected().await;
    // The active projector loses its session and cannot recover.
    let holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND granted";
    let before: i32 = sqlx::query_scalar(holder).fetch_one(&fixture.pool).await.unwrap();
    one.task.abort();
    fixture.book(screening, &["R0-1"]).await;
    let after = eventually("a stand-by to take over", async || {
        fixture.projected().await;
        let pid: Option<i32> = sqlx::query_scalar(holder).fetch_optional(&fixture.pool).await.unwrap();
        pid
    })
    .await;
    sqlx::query("SELECT pg_terminate_backend($1)").bind(after).execute(&fixture.pool).await.unwrap();
    fixture.book(screening, &["R0-2"]).await;
    fixture.projected().await;
    assert_ne!(before, 0);
    assert_equal_to_a_rebuild(&fixture).await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_and_nats_may_go_and_come_back() {
    let mut fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(10, 10).await;
    fixture.book(screening, &["R0-1"]).await;
    fixture.projected().await;
    fixture.postgres.kill();
    fixture.book(screening, &["R0-2"]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    fixture.postgres.restart().await;
    fixture.projected().await;
    fixture.nats.kill();
    fixture.nats.restart().await;
    fixture.book(screening, &["R0-3"]).await;
    fixture.projected().await;
    assert_equal_to_a_rebuild(&fixture).await;
    projector.stop().await;
}
