//! Buyers at the counter who have no account are kept for a time after their screening.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use ticketshow_domain::{
    BookingId, PaymentId, ScreeningId, SeatName, UserId,
    booking::{self, Booking, PaymentMethod, Ticket},
    counter::{Buyer, CounterSale, CounterSeat},
    examples::one_row,
    promise::Promise,
    screening::{self, Screening},
};
use ticketshow_nats::{
    clock::now,
    log::{history::Log, metadata::Actor},
};
use ticketshow_tests::eventually_within;

use crate::fixture::{Fixture, PRICE_MINOR};

/// The default of the setting.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A booking that was sold at the counter.
#[derive(Clone, Copy)]
struct Sold {
    booking: BookingId,
    customer: UserId,
    screening: ScreeningId,
    ends_at: Timestamp,
}

/// Sells a seat at the counter an hour before the start of a screening that ended then, to a person with a telephone.
async fn sell(fixture: &Fixture, customer: Option<UserId>, ends_at: Timestamp) -> Sold {
    let promise = one_row(ends_at - SignedDuration::from_hours(2), 1, PRICE_MINOR);
    assert_eq!(promise.ends_at, ends_at);
    let (screening, booking) = (ScreeningId(fixture.id()), BookingId(fixture.id()));
    let customer = customer.unwrap_or(UserId(booking.0));
    let sold_at = promise.starts_at - SignedDuration::from_hours(1);
    let promise: Arc<Promise> = Arc::new(promise);
    let open = screening::Command::OpenScreening { screening, promise, blocks: Vec::new() };
    fixture.execute_at::<Screening>(&screening, open, sold_at).await;
    let sale = CounterSale {
        payment: PaymentId(fixture.id()),
        method: PaymentMethod::Upi,
        till: None,
        by: UserId(fixture.id()),
        reason: None,
        buyer: Buyer { phone: Some("022 5550 1234".into()), ..Buyer::default() },
    };
    let seats = vec![CounterSeat { seat: SeatName("A-1".to_owned()), block: None, ticket_type: None }];
    let fingerprint = None;
    let command = screening::Command::SellAtCounter { booking, customer, seats, sale, fingerprint };
    fixture.execute_at::<Screening>(&screening, command, sold_at).await;
    let state: Screening = fixture.state(&screening).await;
    let reservation = state.reservation(screening, booking).unwrap();
    let sale = state.counter_sale(booking).unwrap().clone();
    let tickets = vec![Ticket { seat: SeatName("A-1".to_owned()), code: "code".to_owned() }];
    let open = booking::Command::OpenSold { reservation, sale, tickets };
    fixture.execute_at::<Booking>(&booking, open, sold_at).await;
    Sold { booking, customer, screening, ends_at }
}

/// Writes what the projectors would, with the end that they have seen.
async fn project(fixture: &Fixture, sold: Sold, ends_at: Timestamp) {
    let screening = "
        INSERT INTO read.screenings (screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city, timezone,
            starts_at, ends_at, local_date, cancel_until, prices, currency, capacity, available_seats, status, position)
        VALUES ($1, $1, 'S', $1, 'V', $1, 'S', 'C', 'UTC', $2, $2, '2026-01-01', $2, '{}', 'INR', 1, 0, 'active', 1)";
    sqlx::query(screening)
        .bind(sold.screening.0)
        .bind(ends_at.to_sqlx())
        .execute(&fixture.pool)
        .await
        .unwrap();
    let booking = "
        INSERT INTO read.bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, currency, held_until,
            created_at, position)
        VALUES ($1, $2, $3, 'confirmed', 'sold', '{A-1}', 1, 'INR', now(), now(), 1)";
    let insert = sqlx::query(booking).bind(sold.booking.0).bind(sold.screening.0).bind(sold.customer.0);
    insert.execute(&fixture.pool).await.unwrap();
    let buyer = "INSERT INTO read.buyers (user_id, phone, position) VALUES ($1, '022 5550 1234', 1)";
    sqlx::query(buyer).bind(sold.customer.0).execute(&fixture.pool).await.unwrap();
}

async fn add_note(fixture: &Fixture, sold: Sold) {
    let Sold { booking, customer, .. } = sold;
    let (note, by) = (fixture.id(), UserId(fixture.id()));
    let text = "Comes late.".into();
    let command = booking::Command::AddNote { booking, customer, note, text, by, fingerprint: None };
    fixture.execute::<Booking>(&booking, command).await;
}

async fn is_known(fixture: &Fixture, sold: Sold) -> bool {
    let booking: Booking = fixture.state(&sold.booking).await;
    !booking.notes.is_empty()
        || booking.opened.and_then(|opened| opened.sale).is_some_and(|sale| sale.buyer != Buyer::default())
}

#[tokio::test]
async fn buyers_without_an_account_are_erased_once_their_time_is_over_as_the_log_says() {
    let fixture = Fixture::build().await;
    fixture.lay_out_read_models().await;
    let minute = SignedDuration::from_mins(1);
    let over = now() - KEPT;
    let due = sell(&fixture, None, over - minute).await;
    let soon = sell(&fixture, None, over + SignedDuration::from_hours(1)).await;
    let owner = UserId(fixture.id());
    let with_account = sell(&fixture, Some(owner), over - minute).await;
    // The house moved the screening, and the read models lag behind.
    let moved = sell(&fixture, None, over + SignedDuration::from_hours(1)).await;
    for sold in [due, soon, with_account, moved] {
        add_note(&fixture, sold).await;
    }
    for sold in [due, soon, with_account] {
        project(&fixture, sold, sold.ends_at).await;
    }
    project(&fixture, moved, over).await;

    let sagas = fixture.start_sagas().await;
    let minute = Duration::from_mins(1);
    eventually_within(minute, "the buyer to be erased", async || {
        (!is_known(&fixture, due).await).then_some(())
    })
    .await;
    for kept in [soon, with_account, moved] {
        assert!(is_known(&fixture, kept).await, "{}", kept.booking);
    }
    let log = Log::new(&fixture.connection);
    let history = log.history("booking", &due.booking.to_string()).await.unwrap();
    let (metadata, _) = history.last().unwrap().commands().next().unwrap();
    assert_eq!(metadata.actor, Actor::Saga("buyer-retention".to_owned()));
    sagas.stop().await;
}
