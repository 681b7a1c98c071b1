//! A booking is told of by two streams, whose commits come in more than one order.

use crate::house::{House, now};
use jiff::SignedDuration;
use ticketshow_domain::{
    booking::{self, Booking, CancelledBy, FailureReason},
    payment::RefundTarget,
    screening::{self, ReleaseReason, Screening},
    wallet::{self, Reference, Wallet},
};
use ticketshow_projectors::{Verification, rebuild};
use tokio_util::sync::CancellationToken;

const LAPSED: SignedDuration = SignedDuration::from_mins(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_ends_with_its_hold_unless_it_was_paid() {
    let house = House::build().await;
    let projector = house.project();
    let screening = house.screening(1, 10).await;
    let release = screening::Command::ReleaseLapsedHolds;

    let unpaid = house.reserve_at(screening, &["R0-1"], now() - LAPSED).await;
    let late = house.reserve_at(screening, &["R0-2"], now() - LAPSED).await;
    let short = house.reserve_at(screening, &["R0-3"], now() - LAPSED).await;
    house.request_payment(&late).await;
    let too_much = house.request_payment(&short).await;
    house.execute::<Screening>(&screening, release).await;
    house.projected().await;
    for lapsed in [&unpaid, &late, &short] {
        assert_eq!(house.status_of(lapsed).await, "expired");
    }
    assert_eq!(house.seats_of(screening).await.0, 10);

    // The wallet's answer comes after the hold is gone: nothing waits for another attempt.
    let command =
        booking::Command::FailPayment { payment: too_much, reason: FailureReason::InsufficientFunds };
    house.execute::<Booking>(&short.booking, command).await;
    house.projected().await;
    assert_eq!(house.status_of(&short).await, "expired");
    assert_eq!(payments_of(&house).await, ["failed insufficient_funds", "pending -"]);

    projector.stop().await;
    equal(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_payment_gets_free_seats_back() {
    let house = House::build().await;
    let projector = house.project();
    let screening = house.screening(1, 4).await;
    let late = house.reserve_at(screening, &["R0-1", "R0-2"], now() - LAPSED).await;
    house.credit(late.customer, 100_000).await;
    let payment = house.request_payment(&late).await;
    house.execute::<Screening>(&screening, screening::Command::ReleaseLapsedHolds).await;
    house.execute::<Booking>(&late.booking, booking::Command::ExpireBooking).await;
    house.projected().await;
    assert_eq!((house.status_of(&late).await.as_str(), house.seats_of(screening).await.0), ("expired", 4));

    let sell = screening::Command::SellSeats { booking: late.booking, payment };
    house.execute::<Screening>(&screening, sell).await;
    house.projected().await;
    assert_eq!(house.seats_of(screening).await, (2, vec![2, 2, 0, 0]));
    let confirm = booking::Command::ConfirmBooking { payment, tickets: Vec::new() };
    house.execute::<Booking>(&late.booking, confirm).await;
    house.projected().await;
    assert_eq!(house.status_of(&late).await, "confirmed");

    projector.stop().await;
    equal(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_booking_goes_back_seats_first_or_last() {
    let house = House::build().await;
    let projector = house.project();
    let screening = house.screening(1, 4).await;

    let held = house.reserve(screening, &["R0-1"]).await;
    let cancel = screening::Command::CancelHold { booking: held.booking };
    house.execute::<Screening>(&screening, cancel).await;
    house.projected().await;
    assert_eq!(house.status_of(&held).await, "cancelled");

    let paid = house.reserve(screening, &["R0-2"]).await;
    house.credit(paid.customer, 100_000).await;
    let payment = house.pay(&paid).await;
    let cancel = booking::Command::CancelBooking {
        by: CancelledBy::Customer,
        reason: None,
        cascade: None,
        checked_in: false,
    };
    house.execute::<Booking>(&paid.booking, cancel).await;
    house.projected().await;
    assert_eq!(refund_of(&house, &paid).await, "cancelled wallet requested refunding");
    assert_eq!(house.seats_of(screening).await.0, 3);

    let release = screening::Command::ReleaseSeats {
        booking: paid.booking,
        reason: ReleaseReason::CancelledByCustomer,
    };
    house.execute::<Screening>(&screening, release).await;
    let credit = wallet::Command::CreditWallet {
        customer: paid.customer,
        reference: Reference::refund(payment),
        amount: paid.amount(),
        booking: Some(paid.booking),
        reason: None,
    };
    house.execute::<Wallet>(&paid.customer, credit).await;
    house.projected().await;
    assert_eq!(refund_of(&house, &paid).await, "cancelled wallet completed refunded");
    assert_eq!(house.seats_of(screening).await.0, 4);

    let refund =
        booking::Command::RecordRefund { payment, target: RefundTarget::Wallet, amount: paid.amount() };
    house.execute::<Booking>(&paid.booking, refund).await;
    house.projected().await;
    assert_eq!(refund_of(&house, &paid).await, "refunded wallet completed refunded");

    projector.stop().await;
    equal(&house).await;
}

/// What was projected commit by commit is what one pass over the log makes.
async fn equal(house: &House) {
    let stop = CancellationToken::new();
    rebuild(&house.pool, &house.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
}

async fn payments_of(house: &House) -> Vec<String> {
    let select = "SELECT status || ' ' || COALESCE(failure_reason, '-') FROM payments ORDER BY 1";
    sqlx::query_scalar(select).fetch_all(&house.pool).await.unwrap()
}

async fn refund_of(house: &House, booked: &crate::house::Booked) -> String {
    let select = "SELECT concat_ws(' ', status, refund_target, refund_status, payment_status) FROM bookings
                  WHERE booking_id = $1";
    sqlx::query_scalar(select).bind(booked.booking.0).fetch_one(&house.pool).await.unwrap()
}
