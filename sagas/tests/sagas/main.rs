//! The sagas against real servers.

#![cfg(test)]

mod buyers;
mod cards;
mod cascades;
mod fixture;
mod mails;
mod mornings;
mod post;
mod screen_blocks;

use std::sync::Arc;

use jiff::SignedDuration;
use ticketshow_domain::{
    BookingId, Currency, DayTime, RegisterId, ScreenId, ScreeningId, UserId,
    booking::{Booking, BookingStatus, CancelledBy, Command, FailureReason, opened::Outcome},
    examples::offer,
    screen::{self, OpeningHours, Screen},
    screening::{self, ClaimStatus, ReleaseReason, Screening},
};
use ticketshow_nats::{
    clock::now,
    consumers::parked::Parked,
    log::{history::Log, metadata::Actor},
    subjects::consumers,
};
use ticketshow_tests::{eventually, held_within};

use fixture::{Fixture, Held, PRICE_MINOR};

async fn claim(fixture: &Fixture, held: Held) -> ClaimStatus {
    fixture.state::<Screening>(&held.screening).await.claim(held.booking).unwrap().status
}

#[tokio::test]
async fn a_wallet_booking_costs_five_commits_and_its_invoice_one() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screening = fixture.screening(1).await;
    let log = Log::new(&fixture.connection);

    let before = log.last_position().await.unwrap();
    let held = fixture.reserve(screening, 1).await;
    fixture.credit(held.customer, PRICE_MINOR, Currency::INR).await;
    let payment = fixture.pay(held).await;
    fixture.becomes(held, BookingStatus::Confirmed).await;

    eventually("the invoice", async || {
        let documents = log.history("invoices", &RegisterId::ONLY.to_string()).await.ok()?;
        (documents.len() == 1).then_some(())
    })
    .await;
    let (crediting, invoice) = (1, 1);
    assert_eq!(log.last_position().await.unwrap() - before - crediting - invoice, 5);
    assert_eq!(claim(&fixture, held).await, ClaimStatus::Sold(payment));
    assert_eq!(fixture.balance(held.customer).await, 0);
    let commits = log.history("booking", &held.booking.to_string()).await.unwrap();
    let (metadata, _) = commits[1].commands().next().unwrap();
    assert_eq!(metadata.actor, Actor::Saga("payment".to_owned()));
    assert_eq!(metadata.causation, Some(commits[0].commit));
    assert_eq!(metadata.correlation, commits[0].commands().next().unwrap().0.correlation);
    sagas.stop().await;
}

#[tokio::test]
async fn too_little_money_fails_the_attempt_and_keeps_the_hold() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let held = fixture.reserve(fixture.screening(1).await, 1).await;
    fixture.credit(held.customer, PRICE_MINOR - 1, Currency::INR).await;
    let payment = fixture.pay(held).await;
    fixture.becomes(held, BookingStatus::Held).await;

    let booking: Booking = fixture.state(&held.booking).await;
    let outcome = booking.attempt(payment).unwrap().outcome;
    assert_eq!(outcome, Outcome::Failed(FailureReason::InsufficientFunds));
    assert_eq!(claim(&fixture, held).await, ClaimStatus::Held);
    sagas.stop().await;
}

#[tokio::test]
async fn a_wallet_payment_of_an_hour_ago_is_not_debited_after_an_outage() {
    let fixture = Fixture::build().await;
    let long_ago = now() - SignedDuration::from_hours(1);
    let customer = UserId(fixture.id());
    let held = fixture.reserve_for(customer, fixture.screening(1).await, 1, long_ago).await;
    fixture.credit(customer, PRICE_MINOR, Currency::INR).await;
    let payment = fixture.pay_at(held, long_ago).await;

    let sagas = fixture.start_sagas().await;
    let booking: Booking = eventually("the attempt to fail", async || {
        let booking: Booking = fixture.state(&held.booking).await;
        (booking.attempt(payment).unwrap().outcome != Outcome::Open).then_some(booking)
    })
    .await;
    let outcome = booking.attempt(payment).unwrap().outcome;
    assert_eq!(outcome, Outcome::Failed(FailureReason::TimedOut));
    assert_eq!(booking.opened.unwrap().status, BookingStatus::Expired);
    assert_eq!(fixture.balance(customer).await, PRICE_MINOR);
    sagas.stop().await;
}

#[tokio::test]
async fn lapsed_holds_are_released_and_their_bookings_expire() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screening = fixture.screening(3).await;
    let never_paid = fixture.reserve_with(screening, 1, SignedDuration::from_secs(1)).await;
    let paid_in_vain = fixture.reserve_with(screening, 2, SignedDuration::from_secs(2)).await;
    fixture.pay(paid_in_vain).await;
    let later = fixture.reserve(screening, 3).await;

    fixture.becomes(paid_in_vain, BookingStatus::Expired).await;
    let lapsed = ClaimStatus::Released(ReleaseReason::Lapsed);
    eventually("both holds to be released", async || {
        (claim(&fixture, never_paid).await == lapsed && claim(&fixture, paid_in_vain).await == lapsed)
            .then_some(())
    })
    .await;
    assert_eq!(claim(&fixture, later).await, ClaimStatus::Held);
    let booking: Booking = fixture.state(&never_paid.booking).await;
    assert_eq!(booking, Booking::default(), "a hold without an attempt to pay has no booking");

    // The timer is armed for the last of them, rounded up.
    let due = later_due(&fixture, screening).await;
    let held_until = fixture.state::<Screening>(&screening).await.claim(later.booking).unwrap().held_until;
    assert!(held_until <= due && due < held_until + SignedDuration::from_secs(5), "{due} {held_until}");
    sagas.stop().await;
}

async fn later_due(fixture: &Fixture, screening: ScreeningId) -> jiff::Timestamp {
    eventually("the timer to be armed", async || {
        let due: Option<jiff_sqlx::Timestamp> =
            sqlx::query_scalar("SELECT due_at FROM sagas.hold_timers WHERE screening = $1")
                .bind(screening.0)
                .fetch_optional(&fixture.pool)
                .await
                .unwrap();
        due.map(jiff_sqlx::Timestamp::to_jiff).filter(|due| *due > ticketshow_nats::clock::now())
    })
    .await
}

#[tokio::test]
async fn holds_that_lapse_while_nobody_watches_are_released_at_the_next_start() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screening = fixture.screening(2).await;
    let held = fixture.reserve_with(screening, 1, SignedDuration::from_secs(2)).await;
    later_due(&fixture, screening).await;
    sagas.kill().await;
    // A database that was lost knows of no timer; the log does.
    sqlx::query("DROP SCHEMA sagas CASCADE").execute(&fixture.pool).await.unwrap();
    ticketshow_sagas::migrate(&fixture.pool).await.unwrap();

    let sagas = fixture.start_sagas().await;
    eventually("the hold to be released", async || {
        (claim(&fixture, held).await == ClaimStatus::Released(ReleaseReason::Lapsed)).then_some(())
    })
    .await;
    sagas.stop().await;
}

#[tokio::test]
async fn sagas_that_run_while_another_log_is_accepted_read_it_from_the_beginning() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screening = fixture.screening(2).await;
    let held = fixture.reserve_with(screening, 1, SignedDuration::from_secs(6)).await;
    later_due(&fixture, screening).await;
    // Data that they derived from the log before: another programme and other accounts, and no timer of this hold.
    fixture.lose_timer("hold-expiry", &screening.to_string()).await;
    let derived = "DELETE FROM sagas.hold_timers;
        INSERT INTO sagas.programme_screenings (screening, screen, show, venue, starts_at, position)
        VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), 1);
        INSERT INTO sagas.programme_closures (house, position, decided_at) VALUES (gen_random_uuid(), 1, now());
        UPDATE sagas.programme SET position = 1;
        INSERT INTO sagas.recipients (user_id, account_key) VALUES (gen_random_uuid(), 'lost');
        UPDATE sagas.recipients_read SET position = 1";
    sqlx::raw_sql(derived).execute(&fixture.pool).await.unwrap();

    ticketshow_sagas::start_over(&fixture.pool).await.unwrap();

    eventually("the hold to be released", async || {
        (claim(&fixture, held).await == ClaimStatus::Released(ReleaseReason::Lapsed)).then_some(())
    })
    .await;
    let left: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM sagas.programme_screenings), (SELECT count(*) FROM sagas.programme_closures),
                (SELECT count(*) FROM sagas.recipients), (SELECT position FROM sagas.recipients_read)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(left, (0, 0, 0, 0));
    sagas.stop().await;
}

#[tokio::test]
async fn a_screening_that_was_only_scheduled_is_opened() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let (screen, screening) = (ScreenId(fixture.id()), ScreeningId(fixture.id()));
    let promise = fixture.promise(1);
    let (name, layout) = ("Screen 1".to_owned(), promise.layout.clone());
    let add = screen::Command::AddScreen {
        screen,
        venue: promise.venue,
        name,
        layout,
        turnaround_minutes: 0,
        fingerprint: None,
    };
    fixture.execute::<Screen>(&screen, add).await;
    let midnight: DayTime = "00:00".parse().unwrap();
    let opening_hours = OpeningHours { active: true, opens_at: midnight, closes_at: midnight };
    let schedule = screen::Command::ScheduleScreening {
        screening,
        offer: Arc::new(offer(promise)),
        opening_hours,
        show_cancelled: false,
        fingerprint: None,
    };
    fixture.execute::<Screen>(&screen, schedule).await;
    eventually("the screening to open", async || {
        fixture.state::<Screening>(&screening).await.promise().map(|_| ())
    })
    .await;
    sagas.stop().await;
}

#[tokio::test]
async fn a_cancelled_booking_gives_its_seats_back_even_if_nobody_else_does() {
    let fixture = Fixture::build().await;
    let held = fixture.reserve(fixture.screening(1).await, 1).await;
    fixture.credit(held.customer, PRICE_MINOR, Currency::INR).await;
    fixture.pay(held).await;
    let by = CancelledBy::Customer;
    let cancel = Command::CancelBooking { by, reason: None, cascade: None, released: true };
    fixture.execute::<Booking>(&held.booking, cancel).await;

    let sagas = fixture.start_sagas().await;
    eventually("the seats to be released", async || {
        (claim(&fixture, held).await == ClaimStatus::Released(ReleaseReason::CancelledByCustomer))
            .then_some(())
    })
    .await;
    eventually("the money to be back", async || {
        (fixture.balance(held.customer).await == PRICE_MINOR).then_some(())
    })
    .await;
    assert_eq!(fixture.status(held).await, BookingStatus::Cancelled);
    sagas.stop().await;
}

#[tokio::test]
async fn seats_that_their_customer_gave_back_cancel_the_booking_even_if_nobody_else_does() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let (held, _) = fixture.book(fixture.screening(1).await, 1).await;
    fixture.becomes(held, BookingStatus::Confirmed).await;
    let Held { booking, screening, .. } = held;
    let reason = ReleaseReason::CancelledByCustomer;
    fixture.execute::<Screening>(&screening, screening::Command::ReleaseSeats { booking, reason }).await;

    fixture.becomes(held, BookingStatus::Refunded).await;
    assert_eq!(fixture.balance(held.customer).await, PRICE_MINOR);
    sagas.stop().await;
}

#[tokio::test]
async fn a_payment_that_no_rule_explains_is_parked_and_delays_no_other() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screening = fixture.screening(2).await;
    let stuck = fixture.reserve(screening, 1).await;
    fixture.credit(stuck.customer, PRICE_MINOR, "EUR".parse().unwrap()).await;
    fixture.pay(stuck).await;
    let (other, _) = fixture.book(screening, 2).await;

    fixture.becomes(other, BookingStatus::Confirmed).await;
    let parked = Parked::new(&fixture.connection);
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
async fn an_event_of_a_later_version_is_neither_skipped_nor_parked_and_delays_no_other() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screening = fixture.screening(2).await;
    let later = BookingId(fixture.id());
    fixture.append_later::<Booking>(&later, "booking_gilded");

    let (other, _) = fixture.book(screening, 1).await;
    fixture.becomes(other, BookingStatus::Confirmed).await;
    eventually("all but that commit to be acknowledged", async || {
        (fixture.unacknowledged(consumers::PAYMENT).await == 1).then_some(())
    })
    .await;
    assert_eq!(Parked::new(&fixture.connection).list(None, 10).await.unwrap(), []);

    // The next process gets it, too.
    sagas.stop().await;
    let sagas = fixture.start_sagas().await;
    let (other, _) = fixture.book(screening, 2).await;
    fixture.becomes(other, BookingStatus::Confirmed).await;
    eventually("all but that commit to be acknowledged again", async || {
        (fixture.unacknowledged(consumers::PAYMENT).await == 1).then_some(())
    })
    .await;
    sagas.stop().await;
}

#[tokio::test]
async fn an_event_of_a_later_version_is_not_left_to_the_timer_of_a_hold() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screening = fixture.screening(2).await;
    // Its timer is armed before the next commit of the screening is handled.
    fixture.reserve(screening, 1).await;
    fixture.append_later::<Screening>(&screening, "screening_gilded");

    let (other, _) = fixture.book(fixture.screening(2).await, 1).await;
    fixture.becomes(other, BookingStatus::Confirmed).await;
    eventually("all but that commit to be acknowledged", async || {
        (fixture.unacknowledged(consumers::HOLD_EXPIRY).await == 1).then_some(())
    })
    .await;
    sagas.stop().await;
    assert_eq!(fixture.unacknowledged(consumers::HOLD_EXPIRY).await, 1);
}

#[tokio::test]
async fn another_replica_takes_over_when_one_stops_or_loses_its_lock() {
    let fixture = Fixture::build().await;
    let screening = fixture.screening(3).await;
    let first = fixture.start_sagas().await;
    let (held, _) = fixture.book(screening, 1).await;
    fixture.becomes(held, BookingStatus::Confirmed).await;

    let second = fixture.start_sagas().await;
    first.stop().await;
    let (held, _) = fixture.book(screening, 2).await;
    fixture.becomes(held, BookingStatus::Confirmed).await;

    let third = fixture.start_sagas().await;
    let ended: bool = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert!(ended);
    let (held, _) = fixture.book(screening, 3).await;
    fixture.becomes(held, BookingStatus::Confirmed).await;
    second.stop().await;
    third.stop().await;
}

/// Whatever is killed in between, every booking is confirmed once and paid once.
#[tokio::test]
async fn killed_sagas_and_a_killed_server_lose_no_payment() {
    const BOOKINGS: u16 = 60;
    let mut fixture = Fixture::build().await;
    let screening = fixture.screening(BOOKINGS).await;
    let mut sagas = fixture.start_sagas().await;
    let mut bookings = Vec::new();
    for seat in 1..=BOOKINGS {
        bookings.push(fixture.book(screening, seat).await);
        if seat % 20 == 10 {
            sagas.kill().await;
            sagas = fixture.start_sagas().await;
        }
        if seat == 35 {
            fixture.nats.kill();
            fixture.nats.restart().await;
            held_within(std::time::Duration::from_secs(10), async || {
                fixture.connection.is_connected().then_some(())
            })
            .await;
        }
    }
    for (held, payment) in bookings {
        fixture.becomes(held, BookingStatus::Confirmed).await;
        assert_eq!(claim(&fixture, held).await, ClaimStatus::Sold(payment));
        assert_eq!(fixture.balance(held.customer).await, 0);
    }
    sagas.stop().await;
}
