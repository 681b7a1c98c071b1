//! The waiting list of a sold-out screening.

use axum::http::Method;
use serde_json::json;
use ticketshow_domain::{BookingId, ScreeningId, screening::Screening};
use ticketshow_http::Limits;
use ticketshow_nats::executor::outcome::Freshness;
use uuid::Uuid;

use crate::{
    bookings::returning::paid,
    fixture::{Call, Fixture, Person},
};

const SEATS: [&str; 12] =
    ["B-1", "B-2", "B-3", "B-4", "B-5", "B-6", "B-7", "B-8", "B-9", "B-10", "B-11", "B-12"];

/// A screening whose silver seats are sold to Ada in two bookings.
async fn sold_out(fixture: &Fixture, ada: &Person) -> (ScreeningId, BookingId) {
    let screening = fixture.screening().await;
    paid(fixture, ada, screening, &SEATS[..10]).await;
    let booking = paid(fixture, ada, screening, &SEATS[10..]).await;
    (screening, booking)
}

/// Projects a screening of tomorrow, in place of the projector.
async fn project_screening(fixture: &Fixture, screening: ScreeningId) {
    let insert = "INSERT INTO screenings (screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city, city_key,
                  timezone, starts_at, ends_at, local_date, cancel_until, prices, currency, capacity, available_seats, status, position)
                  VALUES ($1, $1, 'Dune', $1, 'Regal', $1, 'Screen 1', 'Mumbai', 'mumbai', 'Asia/Kolkata', now() + '1 day', now() + '2 days',
                  '2027-01-01', now() + '1 day', '{}', 'INR', 24, 12, 'active', 1)";
    sqlx::query(insert).bind(screening.0).execute(&fixture.database).await.unwrap();
}

fn join<'a>(fixture: &'a Fixture, person: &Person, screening: ScreeningId, seats: u32) -> Call<'a> {
    let body = json!({ "seats": seats, "categories": ["silver"] });
    fixture.post(&format!("/screenings/{screening}/waiting-list")).token(&person.token).json(body)
}

#[tokio::test]
async fn a_customer_joins_once_is_offered_seats_and_leaves() {
    let fixture = Fixture::open().await;
    let (ada, bob, carol) = (fixture.customer().await, fixture.customer().await, fixture.customer().await);
    let (screening, booking) = sold_out(&fixture, &ada).await;
    let list = format!("/screenings/{screening}/waiting-list");

    let first = join(&fixture, &bob, screening, 2).key("k").gives(201).await;
    assert_eq!((&first.body["position"], &first.body["status"]), (&json!(1), &json!("waiting")));
    assert_eq!(join(&fixture, &bob, screening, 2).key("k").gives(201).await.body, first.body);
    assert_eq!(
        join(&fixture, &bob, screening, 1).key("k").send().await.outcome(),
        (422, "idempotency-key-reused")
    );
    let again = join(&fixture, &bob, screening, 1).send().await;
    assert_eq!(
        (again.outcome(), &again.body["place_id"]),
        ((409, "already-waiting"), &first.body["place_id"])
    );
    assert_eq!(join(&fixture, &carol, screening, 1).gives(201).await.body["position"], json!(2));
    let any = fixture.post(&list).token(&carol.token).json(json!({ "seats": 1 }));
    assert_eq!(any.send().await.outcome(), (409, "already-waiting"));
    let dan = fixture.customer().await;
    let gold = fixture.post(&list).token(&dan.token).json(json!({ "seats": 1 }));
    assert_eq!(gold.send().await.outcome(), (409, "seats-available"));
    let unknown = json!({ "seats": 1, "categories": ["box"] });
    assert_eq!(fixture.post(&list).token(&dan.token).json(unknown).send().await.outcome(), (422, "invalid"));
    assert_eq!(join(&fixture, &dan, screening, 0).send().await.outcome(), (422, "seat-count"));
    let delete = |person: &Person| fixture.call(Method::DELETE, &list).token(&person.token);
    delete(&dan).gives(404).await;

    fixture.call(Method::DELETE, &format!("/bookings/{booking}")).token(&ada.token).gives(202).await;
    let answer = join(&fixture, &bob, screening, 2).key("k").gives(201).await;
    assert_eq!((&answer.body["position"], &answer.body["status"]), (&json!(null), &json!("offered")));
    assert_eq!(fixture.reserve(&dan, screening, &["B-11"]).send().await.outcome(), (409, "seat-taken"));

    // Bob gives the offer up, and Carol gets a seat.
    delete(&bob).gives(204).await;
    let seen = fixture.executor.state::<Screening>(&screening, Freshness::Fresh).await.unwrap();
    let (_, place) = seen.state.place_of(carol.user).unwrap();
    assert_eq!(place.state.name(), "offered");
    delete(&bob).gives(204).await;
    fixture.reserve(&dan, screening, &["B-12"]).gives(201).await;
}

#[tokio::test]
async fn places_are_given_up_by_their_owners_only_and_their_number_is_limited() {
    let fixture = Fixture::open_with(&Limits { waiting_places_per_user: 1, ..Limits::OFF }).await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let (screening, _) = sold_out(&fixture, &ada).await;
    let (other, _) = sold_out(&fixture, &ada).await;
    let place = join(&fixture, &bob, screening, 1).key("k").gives(201).await.id("place_id");
    // In place of the projector.
    let insert = "INSERT INTO waiting_places (place_id, screening_id, customer_id, number, seats, categories, created_at, position)
                  VALUES ($1, $2, $3, 0, 1, '{}', now(), 1)";
    let id: Uuid = place.parse().unwrap();
    sqlx::query(insert).bind(id).bind(screening.0).bind(bob.user.0).execute(&fixture.database).await.unwrap();
    project_screening(&fixture, screening).await;
    fixture.project_position().await;
    let full = join(&fixture, &bob, other, 1).send().await;
    assert_eq!((full.outcome(), &full.body["max"]), ((409, "too-many-places"), &json!(1)));
    join(&fixture, &bob, screening, 1).key("k").gives(201).await;

    let delete = |person: &Person, place: &str| {
        fixture.call(Method::DELETE, &format!("/me/waiting-list/{place}")).token(&person.token)
    };
    delete(&ada, &place).gives(404).await;
    delete(&bob, &other.to_string()).gives(404).await;
    delete(&bob, &place).gives(204).await;
    delete(&bob, &place).gives(204).await;
    let seen = fixture.executor.state::<Screening>(&screening, Freshness::Fresh).await.unwrap();
    assert_eq!(seen.state.position_in_line(id), None);
}
