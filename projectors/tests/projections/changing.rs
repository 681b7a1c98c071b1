//! Screenings that get other prices, another time or another screen.

use std::sync::Arc;

use jiff::SignedDuration;
use sqlx::types::Json;
use ticketshow_domain::{
    ScreenId, UserId,
    booking::{self, Booking},
    promise::Promise,
    rescheduling::WantedChange,
    screening::{self, Screening},
};
use ticketshow_nats::executor::outcome::Freshness;
use uuid::Uuid;

use crate::{fixture::Fixture, orders::assert_equal_to_a_rebuild};

fn change(number: u32, promise: &Promise) -> screening::Command {
    let (id, promise) = (Uuid::from_u128(u128::from(number) + 1), Arc::new(promise.clone()));
    let by = UserId(Uuid::from_u128(7));
    screening::Command::ChangeScreening {
        wanted: WantedChange { id, number, promise, by, fingerprint: None },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_screening_has_its_new_terms_and_every_seat_its_owner() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    // Two chunks of seats, of which one is left after the change.
    let before = fixture.promise(3, 500);
    let screening = fixture.open(before.clone()).await;
    let paid = fixture.book(screening, &["R0-2"]).await;
    fixture.reserve(screening, &["R1-1"]).await;
    fixture.projected().await;
    assert_eq!(fixture.seats_of(screening).await.0, 1_498);

    let mut dearer = before.clone();
    dearer.prices.values_mut().for_each(|price| *price += 1);
    fixture.execute::<Screening>(&screening, change(0, &dearer)).await;
    let mut moved =
        Promise { screen: ScreenId(fixture.id()), layout: fixture.promise(2, 3).layout, ..before.clone() };
    moved.layout.rows.reverse();
    moved.starts_at = before.starts_at + SignedDuration::from_hours(1);
    moved.ends_at = before.ends_at + SignedDuration::from_hours(1);
    moved.prices.clone_from(&dearer.prices);
    fixture.execute::<Screening>(&screening, change(1, &moved)).await;
    let state = fixture.executor.state::<Screening>(&screening, Freshness::Fresh).await.unwrap().state;
    let affected: Vec<_> = state.reschedulings(screening, Uuid::from_u128(2)).collect();
    assert_eq!(affected.len(), 2);
    for (booking, rescheduling) in affected.into_iter().filter(|(booking, _)| *booking == paid.booking) {
        fixture.execute::<Booking>(&booking, booking::Command::FollowChange { rescheduling }).await;
    }
    fixture.projected().await;

    // Row R1 comes first now.
    assert_eq!(fixture.seats_of(screening).await, (4, vec![1, 0, 0, 0, 2, 0]));
    let select = "SELECT screen_id, starts_at = $2, capacity, prices FROM screenings WHERE screening_id = $1";
    let (screen, starts, capacity, prices): (Uuid, bool, i32, Json<serde_json::Value>) =
        sqlx::query_as(select)
            .bind(screening.0)
            .bind(jiff_sqlx::ToSqlx::to_sqlx(moved.starts_at))
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!((screen, starts, capacity), (moved.screen.0, true, 6));
    assert_eq!(prices.0, serde_json::to_value(&moved.prices).unwrap());
    let select = "SELECT free_until IS NOT NULL FROM bookings WHERE booking_id = $1";
    let free: bool = sqlx::query_scalar(select).bind(paid.booking.0).fetch_one(&fixture.pool).await.unwrap();
    assert!(free);

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}
