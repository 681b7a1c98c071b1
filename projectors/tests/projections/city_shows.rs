//! Cities in which shows can still be booked.

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::promise::Promise;
use ticketshow_projectors::{Verification, rebuild};
use tokio_util::sync::CancellationToken;

use crate::fixture::Fixture;

/// Cities with the last start of a show there.
async fn last_starts(fixture: &Fixture) -> Vec<(String, Timestamp)> {
    let select = "SELECT city, last_start FROM city_shows ORDER BY city, last_start";
    let rows: Vec<(String, jiff_sqlx::Timestamp)> =
        sqlx::query_as(select).fetch_all(&fixture.pool).await.unwrap();
    rows.into_iter().map(|(city, start)| (city, start.to_jiff())).collect()
}

/// Number of shows by city and day.
async fn days(fixture: &Fixture) -> Vec<(String, String, i32)> {
    let select = "SELECT city, day::text, shows FROM city_days ORDER BY city, day";
    sqlx::query_as(select).fetch_all(&fixture.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_show_can_be_booked_in_a_city_until_its_last_screening_there_that_is_not_cancelled() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    // Whole days from a date in the future, so that the days are certain.
    let day = |number: i64| -> Timestamp {
        "2099-01-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * number)
    };
    let promise = fixture.promise(1, 2);
    let open = async |city: &str, number: i64| {
        let (starts_at, ends_at) = (day(number), day(number) + SignedDuration::from_hours(2));
        let city = city.to_owned();
        fixture.open(Promise { city, starts_at, ends_at, ..promise.clone() }).await
    };
    open("Delhi", 3).await;
    let middle = open("Mumbai", 1).await;
    let last = open("Mumbai", 2).await;
    open("Mumbai", 0).await;
    // Another show that ends on the same day.
    let other = Promise { starts_at: day(2), ends_at: day(3), ..fixture.promise(1, 1) };
    fixture.open(other).await;
    fixture.projected().await;
    let (delhi, mumbai) = (|| "delhi".to_owned(), || "mumbai".to_owned());
    assert_eq!(last_starts(&fixture).await, [(delhi(), day(3)), (mumbai(), day(2)), (mumbai(), day(2))]);
    let date = |number: i64| day(number).to_string()[..10].to_owned();
    assert_eq!(days(&fixture).await, [(delhi(), date(3), 1), (mumbai(), date(2), 2)]);

    fixture.cancel(middle).await;
    fixture.cancel(last).await;
    fixture.projected().await;
    assert_eq!(last_starts(&fixture).await, [(delhi(), day(3)), (mumbai(), day(0)), (mumbai(), day(2))]);
    assert_eq!(days(&fixture).await, [(delhi(), date(3), 1), (mumbai(), date(0), 1), (mumbai(), date(2), 1)]);

    projector.stop().await;
    let stop = CancellationToken::new();
    rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_show_whose_screenings_are_all_cancelled_is_nowhere() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 2).await;
    fixture.projected().await;
    assert_eq!(last_starts(&fixture).await.len(), 1);
    fixture.cancel(screening).await;
    fixture.projected().await;
    assert!(last_starts(&fixture).await.is_empty() && days(&fixture).await.is_empty());
    projector.stop().await;
}
