//! Rebuilding beside the live tables: it yields the same rows, does not interrupt readers and loses no commits.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::fixture::Fixture;
use serde_json::json;
use sqlx::PgPool;
use ticketshow_nats::consumers::rebuilds::RebuildReply;
use ticketshow_projectors::{
    MigrateError, ProjectionState, RebuildError, Rebuilt, Stage, Verification, migrate, rebuild, status,
};
use ticketshow_tests::{eventually, find_tool};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

async fn rebuild_now(fixture: &Fixture, verification: Verification) -> Result<u64, RebuildError> {
    rebuild_with(fixture, verification).await.map(|rebuilt| rebuilt.events)
}

async fn rebuild_now_whole(fixture: &Fixture) -> Rebuilt {
    rebuild_with(fixture, Verification::Compare).await.unwrap()
}

async fn rebuild_with(fixture: &Fixture, verification: Verification) -> Result<Rebuilt, RebuildError> {
    let stop = CancellationToken::new();
    loop {
        // The lock of a failed rebuild ends with its connection, a moment later.
        match rebuild(&fixture.pool, &fixture.connection, verification, &stop, |_| ()).await {
            Err(RebuildError::Running) => tokio::task::yield_now().await,
            ended => return ended,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_and_prepared_statements_survive_the_swap() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(40, 50).await;
    let first = fixture.book(screening, &["R0-1"]).await;
    fixture.projected().await;

    let over = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..3)
        .map(|_| tokio::spawn(read_on(fixture.pool.clone(), Arc::clone(&over), Arc::clone(&reads))))
        .collect();
    for round in 0..3 {
        let seen = reads.load(Ordering::Relaxed);
        let (rebuilt, ()) = tokio::join!(rebuild_now(&fixture, Verification::Compare), async {
            for seat in 2..=20 {
                fixture.book(screening, &[&format!("R{round}-{seat}")]).await;
            }
        });
        rebuilt.unwrap();
        fixture.projected().await;
        eventually("reads after the swap", async || (reads.load(Ordering::Relaxed) > seen).then_some(()))
            .await;
    }
    over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(fixture.status_of(&first).await, "confirmed");
    let confirmed: i64 = sqlx::query_scalar("SELECT count(*) FROM bookings WHERE status = 'confirmed'")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(confirmed, 1 + 3 * 19);
    let schemas: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'read%'")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(schemas, 1);
    rebuild_now(&fixture, Verification::Compare).await.unwrap();
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_rebuild_resumes_where_it_was() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(100, 50).await;
    for seat in 1..=40 {
        fixture.book(screening, &[&format!("R0-{seat}")]).await;
    }
    fixture.projected().await;

    let stop = CancellationToken::new();
    let mut reached = 0;
    let stopped = rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |progress| {
        if progress.stage == Stage::Loading {
            reached = progress.position;
            stop.cancel();
        }
    });
    assert!(matches!(stopped.await, Err(RebuildError::Stopped)));
    assert!(reached > 0);

    fixture.book(screening, &["R1-1"]).await;
    fixture.projected().await;
    let rebuilt = rebuild_now_whole(&fixture).await;
    assert_eq!(rebuilt.left_off, reached);

    // A finished rebuild leaves no resume point.
    let again = rebuild_now_whole(&fixture).await;
    assert_eq!(again.left_off, 0);
    assert!(rebuilt.events < again.events, "{} of {} events were read", rebuilt.events, again.events);
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_active_projector_rebuilds_on_request() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(4, 5).await;
    let booked = fixture.book(screening, &["R0-1"]).await;
    fixture.projected().await;
    sqlx::query("UPDATE bookings SET status = 'expired'").execute(&fixture.pool).await.unwrap();

    let unknown = fixture.connection.request_rebuild("unread-models").await.unwrap();
    assert_eq!(unknown, RebuildReply::Unknown);
    let begun = fixture.connection.request_rebuild("read-models").await.unwrap();
    assert_eq!(begun, RebuildReply::Begun);
    eventually("the damaged row to be repaired", async || {
        (fixture.status_of(&booked).await == "confirmed").then_some(())
    })
    .await;
    projector.stop().await;
}

/// Reads like the query API: position and rows in one snapshot. The tables never go back, and they agree with each other.
async fn read_on(pool: PgPool, over: Arc<AtomicBool>, reads: Arc<AtomicU64>) {
    let (mut position, mut bookings) = (0, 0);
    while !over.load(Ordering::Relaxed) {
        let mut snapshot = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.unwrap();
        let now: i64 =
            sqlx::query_scalar("SELECT position FROM checkpoint").fetch_one(&mut *snapshot).await.unwrap();
        let (count, last): (i64, i64) = sqlx::query_as("SELECT count(*), max(position) FROM bookings")
            .fetch_one(&mut *snapshot)
            .await
            .unwrap();
        assert!(now >= position, "went back from {position} to {now}");
        assert!(count >= bookings, "lost bookings: {count} of {bookings}");
        assert!(last <= now, "a row of {last} at {now}");
        (position, bookings) = (now, count);
        snapshot.commit().await.unwrap();
        reads.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_differs_from_the_log_is_found_and_repaired() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(2, 10).await;
    let booked = fixture.book(screening, &["R0-1"]).await;
    fixture.projected().await;
    projector.stop().await;
    sqlx::query("UPDATE bookings SET amount_minor = 1").execute(&fixture.pool).await.unwrap();

    let found = rebuild_now(&fixture, Verification::Compare).await;
    let Err(RebuildError::Different(differences)) = found else { panic!("{found:?}") };
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].table, "bookings");
    assert_eq!(differences[0].keys, [format!("({})", booked.booking)]);

    rebuild_now(&fixture, Verification::Skip).await.unwrap();
    rebuild_now(&fixture, Verification::Compare).await.unwrap();
    let amount: i64 =
        sqlx::query_scalar("SELECT amount_minor FROM bookings").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(amount, booked.amount().amount_minor);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rebuild_runs_at_a_time_and_can_be_stopped() {
    let fixture = Fixture::build().await;
    let screening = fixture.screening(1, 10).await;
    fixture.book(screening, &["R0-1"]).await;
    let projector = fixture.project();
    fixture.projected().await;
    let stop = CancellationToken::new();
    let mut second = None;
    let mut stages = Vec::new();
    let (began, begun) = std::sync::mpsc::channel();
    let rebuilding = rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |progress| {
        stages.push(progress.stage);
        began.send(()).ok();
    });
    let other = async {
        eventually("the rebuild to begin", async || begun.try_recv().ok()).await;
        second = Some(rebuild_now(&fixture, Verification::Skip).await);
    };
    let (first, ()) = tokio::join!(rebuilding, other);
    first.unwrap();
    assert_eq!(stages.last(), Some(&Stage::Swapping));
    // The second found the first running, or came after it.
    assert!(matches!(second, Some(Err(RebuildError::Running) | Ok(_))), "{second:?}");
    projector.stop().await;
}

/// Publishes `payload` as a commit of `subject`, as an operator could by hand.
fn publish(fixture: &Fixture, subject: &str, payload: &str) {
    let nats = Command::new(find_tool("nats"))
        .args(["-s", &fixture.nats.url(), "pub", subject, payload])
        .output()
        .unwrap();
    assert!(nats.status.success(), "{}", String::from_utf8_lossy(&nats.stderr));
}

/// Waits until the projection halts at `end`, and returns the reason.
async fn halted_at(fixture: &Fixture, end: u64) -> String {
    let halted = eventually("the projection to halt", async || {
        let status = status(&fixture.pool, &fixture.log()).await.unwrap().remove(0);
        (status.state != ProjectionState::Running).then_some(status)
    })
    .await;
    assert_eq!((halted.position, halted.lag > 1), (end, true));
    let ProjectionState::Halted { why } = halted.state else { panic!("{halted:?}") };
    why
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_applied_halts_the_projection() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 10).await;
    let before = fixture.book(screening, &["R0-1"]).await;
    let end = fixture.projected().await;
    publish(&fixture, "tix.booking.x", "this is no commit");
    fixture.book(screening, &["R0-2"]).await;

    let why = halted_at(&fixture, end).await;
    assert!(why.contains(&format!("message {}", end + 1)), "{why}");
    assert_eq!(fixture.status_of(&before).await, "confirmed");
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_later_version_halts_the_projection_and_is_named() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 10).await;
    fixture.book(screening, &["R0-1"]).await;
    let end = fixture.projected().await;
    let (nil, id) = (Uuid::nil(), Uuid::from_u128(u128::MAX));
    let commit = json!({
        "commit": nil, "aggregate": "booking", "id": id, "first_version": 1,
        "commands": [{"time": "2026-11-29T10:00:00Z", "actor": "system", "correlation": nil, "events": 1}],
        "events": [{"version": 1, "type": "booking_gilded", "data": {}}],
    });
    publish(&fixture, &format!("tix.booking.{id}"), &commit.to_string());
    fixture.book(screening, &["R0-2"]).await;

    let why = halted_at(&fixture, end).await;
    assert!(why.contains("event \"booking_gilded\" is unknown here"), "{why}");
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stadium_is_kept_in_chunks() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(100, 500).await;
    fixture.reserve(screening, &["R0-1", "R2-25", "R99-500"]).await;
    fixture.projected().await;
    let (free, states) = fixture.seats_of(screening).await;
    assert_eq!((free, states.len()), (49_997, 50_000));
    let held: Vec<usize> = (0..states.len()).filter(|index| states[*index] == 1).collect();
    assert_eq!(held, [0, 1_024, 49_999]);
    let sizes: Vec<(i64, i32)> = sqlx::query_as(
        "SELECT count(*), length(states) FROM seat_map_chunks GROUP BY length(states) ORDER BY 2",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(sizes, [(1, 848), (48, 1_024)]);
    // The next projector starts with an empty cache.
    projector.stop().await;
    let projector = fixture.project();
    fixture.reserve(screening, &["R50-1"]).await;
    fixture.projected().await;
    assert_eq!(fixture.seats_of(screening).await.0, 49_996);
    rebuild_now(&fixture, Verification::Compare).await.unwrap();
    projector.stop().await;
}

async fn migrate_now(fixture: &Fixture) -> Result<(), MigrateError> {
    migrate(&fixture.pool, &fixture.connection, &CancellationToken::new()).await
}

/// Makes the tables look like those of an older version without bookings.
async fn age(fixture: &Fixture) {
    for statement in [
        "UPDATE read._sqlx_migrations SET checksum = '\\x00'
         WHERE version = (SELECT min(version) FROM read._sqlx_migrations)",
        "DELETE FROM read.bookings",
    ] {
        sqlx::query(statement).execute(&fixture.pool).await.unwrap();
    }
}

async fn bookings(fixture: &Fixture) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM read.bookings").fetch_one(&fixture.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_an_older_version_are_rebuilt() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(4, 5).await;
    fixture.book(screening, &["R0-1"]).await;
    fixture.projected().await;
    projector.stop().await;

    age(&fixture).await;
    migrate_now(&fixture).await.unwrap();
    assert_eq!(bookings(&fixture).await, 1);

    let projector = fixture.project();
    fixture.book(screening, &["R0-2"]).await;
    fixture.projected().await;
    assert_eq!(bookings(&fixture).await, 2);
    migrate_now(&fixture).await.unwrap();
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_another_log_or_of_a_newer_version_are_left_alone() {
    const NEWER: &str = "
        INSERT INTO read._sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (99991231000000, 'later', true, '', 0)";

    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(4, 5).await;
    fixture.book(screening, &["R0-1"]).await;
    fixture.projected().await;
    projector.stop().await;

    sqlx::query(NEWER).execute(&fixture.pool).await.unwrap();
    assert!(matches!(migrate_now(&fixture).await, Err(MigrateError::Schema(_))));
    sqlx::query("DELETE FROM read._sqlx_migrations WHERE description = 'later'")
        .execute(&fixture.pool)
        .await
        .unwrap();

    age(&fixture).await;
    sqlx::query("UPDATE read.checkpoint SET hash = '\\x00'").execute(&fixture.pool).await.unwrap();
    assert!(matches!(migrate_now(&fixture).await, Err(MigrateError::Schema(_))));
    assert_eq!(bookings(&fixture).await, 0);
}
