//! Seats that a screen keeps back in all its screenings: a release overtakes the block that is still carried to them.

use std::time::Duration;

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;
use ticketshow_domain::{
    ScreenId, ScreeningId,
    screen::Screen,
    screening::{Screening, Seat},
};
use ticketshow_nats::{clock, executor::outcome::Freshness};
use tokio::time::timeout;
use uuid::Uuid;

use crate::fixture::{Fixture, screening_body};

/// Screenings of the screen: more than follow a block at once.
const SCREENINGS: i64 = 40;
/// Rounds in which a block is made and released at once.
const ROUNDS: usize = 6;

/// A screen that never closes, with its screenings.
async fn screen_with_screenings(fixture: &Fixture) -> (ScreenId, Vec<ScreeningId>) {
    let venue = json!({
        "name": "Regal", "address": "1 Marine Drive", "city": "Mumbai", "timezone": "Asia/Kolkata",
        "opens_at": "00:00", "closes_at": "00:00",
    });
    let venue = fixture.ask("/venues").json(venue).gives(201).await.id("venue_id");
    let (show, screen) = (fixture.show().await, fixture.screen(&venue).await);
    let mut screenings = Vec::new();
    for number in 1..=SCREENINGS {
        let starts_at = clock::now() + SignedDuration::from_hours(24 + 3 * number);
        let body = screening_body(&show, &screen, &starts_at.to_string());
        let scheduled = fixture.ask("/screenings").json(body).gives(201).await;
        screenings.push(scheduled.id("screening_id").parse().unwrap());
    }
    (screen.parse().unwrap(), screenings)
}

/// Waits for the block of the screen, as soon as it is in the log: the call that made it still carries it to the screenings.
async fn block_of(fixture: &Fixture, screen: ScreenId) -> Uuid {
    let found = timeout(Duration::from_secs(20), async {
        loop {
            let seen = fixture.executor.state::<Screen>(&screen, Freshness::Cached).await.unwrap();
            if let Some(block) = seen.state.active_blocks().next() {
                return block.id;
            }
            tokio::task::yield_now().await;
        }
    });
    found.await.expect("the seats are blocked in time")
}

#[tokio::test]
async fn a_block_that_is_released_while_it_is_carried_to_the_screenings_stays_in_none() {
    let fixture = Fixture::open().await;
    let (screen, screenings) = screen_with_screenings(&fixture).await;
    let path = format!("/screens/{screen}/blocks");
    for round in 0..ROUNDS {
        let body = json!({ "seats": ["A-1"], "reason": "Broken seat" });
        let block = fixture.ask(&path).json(body).gives(201);
        let release = async {
            let block = block_of(&fixture, screen).await;
            let release = fixture.call(Method::DELETE, &format!("{path}/{block}")).token(&fixture.admin);
            release.gives(204).await
        };
        tokio::join!(block, release);
        for screening in &screenings {
            let seen = fixture.executor.state::<Screening>(screening, Freshness::Fresh).await.unwrap();
            let first = seen.state.seats().next();
            assert_eq!(first, Some(Seat::Free), "{screening} in round {round}");
        }
    }
}
