//! Timers of drafts that were lost are armed again: which of them, and how often.

use std::{fs, sync::Mutex};

use sqlx::{AssertSqlSafe, postgres::PgPoolOptions};
use ticketshow_tests::Postgres;
use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn timers_are_restored_at_once_every_hour_and_soon_after_a_failure() {
    let (began, stop) = (Instant::now(), CancellationToken::new());
    let attempts = Mutex::new(Vec::new());
    let attempt = async || {
        let mut attempts = attempts.lock().unwrap();
        attempts.push(began.elapsed().as_secs());
        match attempts.len() {
            2 => return Err(SagaError::transient(sqlx::Error::PoolTimedOut)),
            5 => stop.cancel(),
            _ => {}
        }
        Ok(())
    };
    repeat(&stop, &|| attempt().boxed()).await;
    assert_eq!(attempts.into_inner().unwrap(), [0, 3_600, 3_610, 7_210, 10_810]);
}

#[tokio::test]
async fn only_drafts_that_may_still_be_published_automatically_have_their_timers_armed() {
    let postgres = Postgres::start().await;
    let pool = PgPoolOptions::new().connect(&postgres.fresh_database().await).await.unwrap();
    sqlx::raw_sql("CREATE SCHEMA read").execute(&pool).await.unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../projectors/migrations/20261203701000_drafts.sql");
    let table =
        fs::read_to_string(folder).unwrap().replace("CREATE TABLE drafts", "CREATE TABLE read.drafts");
    let table = table.replace("ON drafts", "ON read.drafts");
    sqlx::raw_sql(AssertSqlSafe(table)).execute(&pool).await.unwrap();
    let since: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let moment = |seconds: i64| Some(since + SignedDuration::from_secs(seconds));
    for (screen, publish_at, status) in [
        (1, moment(1), "draft"),
        (1, moment(90_000), "draft"),
        (2, moment(90_000), "draft"),
        (3, moment(0), "draft"),
        (4, moment(-90_000), "draft"),
        (5, None, "draft"),
        (6, moment(90_000), "published"),
        (7, moment(90_000), "discarded"),
    ] {
        let insert = "INSERT INTO read.drafts (screening_id, screen_id, venue_id, show_id, starts_at, ends_at, publish_at, prices, currency,
                          terms, status, position)
                      VALUES (gen_random_uuid(), $1, $1, $1, now(), now(), $2, '{}', 'INR', '{}', $3, 1)";
        let insert = sqlx::query(insert).bind(Uuid::from_u128(screen));
        insert.bind(publish_at.map(ToSqlx::to_sqlx)).bind(status).execute(&pool).await.unwrap();
    }
    let found = screens_to_arm(&pool, since).await.unwrap();
    assert_eq!(found, [1, 2].map(|screen| ScreenId(Uuid::from_u128(screen))));
}
