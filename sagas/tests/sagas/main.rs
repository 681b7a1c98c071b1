//! The sagas against real servers.

#![cfg(test)]

mod cascades;
mod house;
mod mails;
mod post;

use std::sync::Arc;

use jiff::SignedDuration;
use ticketshow_domain::{
    Currency, DayTime, ScreenId, ScreeningId,
    booking::{Booking, BookingStatus, CancelledBy, Command, FailureReason, Outcome},
    screen::{self, OpeningHours, Screen},
    screening::{ClaimStatus, ReleaseReason, Screening},
};
use ticketshow_nats::{
    consumers::parked::Parked,
    log::{history::Log, metadata::Actor},
    subjects::consumers,
};
use ticketshow_tests::{eventually, held_within};

use house::{Held, House, PRICE_MINOR};

async fn claim(house: &House, held: Held) -> ClaimStatus {
    house.state::<Screening>(&held.screening).await.claim(held.booking).unwrap().status
}

#[tokio::test]
async fn a_wallet_booking_costs_five_commits() {
    let house = House::build().await;
    let sagas = house.start_sagas().await;
    let screening = house.screening(1).await;
    let log = Log::new(&house.connection);

    let before = log.last_position().await.unwrap();
    let held = house.reserve(screening, 1).await;
    house.credit(held.customer, PRICE_MINOR, Currency::INR).await;
    let payment = house.pay(held).await;
    house.becomes(held, BookingStatus::Confirmed).await;

    let crediting = 1;
    assert_eq!(log.last_position().await.unwrap() - before - crediting, 5);
    assert_eq!(claim(&house, held).await, ClaimStatus::Sold(payment));
    assert_eq!(house.balance(held.customer).await, 0);
    let commits = log.history("booking", &held.booking.to_string()).await.unwrap();
    let (metadata, _) = commits[1].commands().next().unwrap();
    assert_eq!(metadata.actor, Actor::Saga("payment".to_owned()));
    assert_eq!(metadata.causation, Some(commits[0].commit));
    assert_eq!(metadata.correlation, commits[0].commands().next().unwrap().0.correlation);
    sagas.stop().await;
}

#[tokio::test]
async fn too_little_money_fails_the_attempt_and_keeps_the_hold() {
    let house = House::build().await;
    let sagas = house.start_sagas().await;
    let held = house.reserve(house.screening(1).await, 1).await;
    house.credit(held.customer, PRICE_MINOR - 1, Currency::INR).await;
    let payment = house.pay(held).await;
    house.becomes(held, BookingStatus::Held).await;

    let booking: Booking = house.state(&held.booking).await;
    let outcome = booking.attempt(payment).unwrap().outcome;
    assert_eq!(outcome, Outcome::Failed(FailureReason::InsufficientFunds));
    assert_eq!(claim(&house, held).await, ClaimStatus::Held);
    sagas.stop().await;
}

#[tokio::test]
async fn lapsed_holds_are_released_and_their_bookings_expire() {
    let house = House::build().await;
    let sagas = house.start_sagas().await;
    let screening = house.screening(3).await;
    let never_paid = house.reserve_with(screening, 1, SignedDuration::from_secs(1)).await;
    let paid_in_vain = house.reserve_with(screening, 2, SignedDuration::from_secs(2)).await;
    house.pay(paid_in_vain).await;
    let later = house.reserve(screening, 3).await;

    house.becomes(paid_in_vain, BookingStatus::Expired).await;
    let lapsed = ClaimStatus::Released(ReleaseReason::Lapsed);
    eventually("both holds to be released", async || {
        (claim(&house, never_paid).await == lapsed && claim(&house, paid_in_vain).await == lapsed)
            .then_some(())
    })
    .await;
    assert_eq!(claim(&house, later).await, ClaimStatus::Held);
    let booking: Booking = house.state(&never_paid.booking).await;
    assert_eq!(booking, Booking::default(), "a hold without an attempt to pay has no booking");

    // The timer is armed for the last of them, rounded up.
    let due = later_due(&house, screening).await;
    let held_until = house.state::<Screening>(&screening).await.claim(later.booking).unwrap().held_until;
    assert!(held_until <= due && due < held_until + SignedDuration::from_secs(5), "{due} {held_until}");
    sagas.stop().await;
}

async fn later_due(house: &House, screening: ScreeningId) -> jiff::Timestamp {
    eventually("the timer to be armed", async || {
        let due: Option<jiff_sqlx::Timestamp> =
            sqlx::query_scalar("SELECT due_at FROM sagas.hold_timers WHERE screening = $1")
                .bind(screening.0)
                .fetch_optional(&house.pool)
                .await
                .unwrap();
        due.map(jiff_sqlx::Timestamp::to_jiff).filter(|due| *due > ticketshow_nats::clock::now())
    })
    .await
}

#[tokio::test]
async fn holds_that_lapse_while_nobody_watches_are_released_at_the_next_start() {
    let house = House::build().await;
    let sagas = house.start_sagas().await;
    let screening = house.screening(2).await;
    let held = house.reserve_with(screening, 1, SignedDuration::from_secs(2)).await;
    later_due(&house, screening).await;
    sagas.kill().await;
    // A database that was lost knows of no timer; the log does.
    sqlx::query("DROP SCHEMA sagas CASCADE").execute(&house.pool).await.unwrap();
    ticketshow_sagas::migrate(&house.pool).await.unwrap();

    let sagas = house.start_sagas().await;
    eventually("the hold to be released", async || {
        (claim(&house, held).await == ClaimStatus::Released(ReleaseReason::Lapsed)).then_some(())
    })
    .await;
    sagas.stop().await;
}

#[tokio::test]
async fn a_screening_that_was_only_scheduled_is_opened() {
    let house = House::build().await;
    let sagas = house.start_sagas().await;
    let (screen, screening) = (ScreenId(house.id()), ScreeningId(house.id()));
    let promise = house.promise(1);
    let (name, layout) = ("Screen 1".to_owned(), promise.layout.clone());
    let add = screen::Command::AddScreen { screen, venue: promise.venue, name, layout, fingerprint: None };
    house.execute::<Screen>(&screen, add).await;
    let midnight: DayTime = "00:00".parse().unwrap();
    let opening_hours = OpeningHours { active: true, opens_at: midnight, closes_at: midnight };
    let schedule = screen::Command::ScheduleScreening {
        screening,
        promise: Arc::new(promise),
        opening_hours,
        show_cancelled: false,
        fingerprint: None,
    };
    house.execute::<Screen>(&screen, schedule).await;
    eventually("the screening to open", async || {
        house.state::<Screening>(&screening).await.promise().map(|_| ())
    })
    .await;
    sagas.stop().await;
}

#[tokio::test]
async fn a_cancelled_booking_gives_its_seats_back_even_if_nobody_else_does() {
    let house = House::build().await;
    let held = house.reserve(house.screening(1).await, 1).await;
    house.credit(held.customer, PRICE_MINOR, Currency::INR).await;
    house.pay(held).await;
    let by = CancelledBy::Customer;
    let cancel = Command::CancelBooking { by, reason: None, cascade: None, checked_in: false };
    house.execute::<Booking>(&held.booking, cancel).await;

    let sagas = house.start_sagas().await;
    eventually("the seats to be released", async || {
        (claim(&house, held).await == ClaimStatus::Released(ReleaseReason::CancelledByCustomer)).then_some(())
    })
    .await;
    eventually("the money to be back", async || {
        (house.balance(held.customer).await == PRICE_MINOR).then_some(())
    })
    .await;
    assert_eq!(house.status(held).await, BookingStatus::Cancelled);
    sagas.stop().await;
}

#[tokio::test]
async fn a_payment_that_no_rule_explains_is_parked_and_delays_no_other() {
    let house = House::build().await;
    let sagas = house.start_sagas().await;
    let screening = house.screening(2).await;
    let stuck = house.reserve(screening, 1).await;
    house.credit(stuck.customer, PRICE_MINOR, "EUR".parse().unwrap()).await;
    house.pay(stuck).await;
    let (other, _) = house.book(screening, 2).await;

    house.becomes(other, BookingStatus::Confirmed).await;
    let parked = Parked::new(&house.connection);
    let message = eventually("the payment to be parked", async || {
        parked.list(None, 10).await.unwrap().into_iter().next()
    })
    .await;
    assert_eq!(message.id.consumer, consumers::PAYMENT);
    assert_eq!(message.aggregate_id, stuck.booking.to_string());
    assert_eq!(message.error, ["the wallet refused Debit", "the wallet is kept in EUR"]);
    sagas.stop().await;
}

#[tokio::test]
async fn another_replica_takes_over_when_one_stops_or_loses_its_lock() {
    let house = House::build().await;
    let screening = house.screening(3).await;
    let first = house.start_sagas().await;
    let (held, _) = house.book(screening, 1).await;
    house.becomes(held, BookingStatus::Confirmed).await;

    let second = house.start_sagas().await;
    first.stop().await;
    let (held, _) = house.book(screening, 2).await;
    house.becomes(held, BookingStatus::Confirmed).await;

    let third = house.start_sagas().await;
    let ended: bool = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
    )
    .fetch_one(&house.pool)
    .await
    .unwrap();
    assert!(ended);
    let (held, _) = house.book(screening, 3).await;
    house.becomes(held, BookingStatus::Confirmed).await;
    second.stop().await;
    third.stop().await;
}

/// Whatever is killed in between, every booking is confirmed once and paid once.
#[tokio::test]
async fn killed_sagas_and_a_killed_server_lose_no_payment() {
    const BOOKINGS: u16 = 60;
    let mut house = House::build().await;
    let screening = house.screening(BOOKINGS).await;
    let mut sagas = house.start_sagas().await;
    let mut bookings = Vec::new();
    for seat in 1..=BOOKINGS {
        bookings.push(house.book(screening, seat).await);
        if seat % 20 == 10 {
            sagas.kill().await;
            sagas = house.start_sagas().await;
        }
        if seat == 35 {
            house.nats.kill();
            house.nats.restart().await;
            held_within(std::time::Duration::from_secs(10), async || {
                house.connection.is_connected().then_some(())
            })
            .await;
        }
    }
    for (held, payment) in bookings {
        house.becomes(held, BookingStatus::Confirmed).await;
        assert_eq!(claim(&house, held).await, ClaimStatus::Sold(payment));
        assert_eq!(house.balance(held.customer).await, 0);
    }
    sagas.stop().await;
}
