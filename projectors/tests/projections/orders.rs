//! Two streams report on a booking; their commits come in more than one order.

use crate::fixture::{Fixture, now};
use jiff::SignedDuration;
use ticketshow_domain::{
    BookingId, Currency, Money, PaymentId, SeatName, UserId,
    booking::{self, Booking, CancelledBy, FailureReason, PaymentMethod},
    payment::{self, Payment, Purpose, RefundReason, RefundTarget, ReviewDecision},
    screening::{self, ReleaseReason, Screening, WantedBlock},
    wallet::{self, Reference, Wallet},
};
use ticketshow_projectors::{Verification, rebuild};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const LAPSED: SignedDuration = SignedDuration::from_mins(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_ends_with_its_hold_unless_it_was_paid() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 10).await;
    let release = screening::Command::ReleaseLapsedHolds;

    let unpaid = fixture.reserve_at(screening, &["R0-1"], now() - LAPSED).await;
    let late = fixture.reserve_at(screening, &["R0-2"], now() - LAPSED).await;
    let short = fixture.reserve_at(screening, &["R0-3"], now() - LAPSED).await;
    fixture.request_payment(&late).await;
    let too_much = fixture.request_payment(&short).await;
    fixture.execute::<Screening>(&screening, release).await;
    fixture.projected().await;
    for lapsed in [&unpaid, &late, &short] {
        assert_eq!(fixture.status_of(lapsed).await, "expired");
    }
    assert_eq!(fixture.seats_of(screening).await.0, 10);

    // The wallet answers after the hold lapsed: there is no further attempt.
    let command =
        booking::Command::FailAttempt { payment: too_much, reason: FailureReason::InsufficientFunds };
    fixture.execute::<Booking>(&short.booking, command).await;
    fixture.projected().await;
    assert_eq!(fixture.status_of(&short).await, "expired");
    assert_eq!(payments_of(&fixture).await, ["failed insufficient_funds", "pending -"]);

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_knows_the_commits_of_its_screening_that_concern_it() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;
    let other = fixture.reserve(screening, &["R0-1"]).await;
    let booked = fixture.book(screening, &["R0-2"]).await;
    let cancel = screening::Command::CancelHold { booking: other.booking };
    fixture.execute::<Screening>(&screening, cancel).await;
    fixture.projected().await;

    // The screening opens at 1; then come a hold, a hold, the second customer's credit, request, debit, sale and
    // confirmation, and the end of the first hold.
    let positions = async |booking: BookingId| -> Vec<i64> {
        let select = "SELECT claim_positions FROM bookings WHERE booking_id = $1";
        sqlx::query_scalar(select).bind(booking.0).fetch_one(&fixture.pool).await.unwrap()
    };
    assert_eq!(positions(other.booking).await, [2, 9]);
    assert_eq!(positions(booked.booking).await, [3, 7]);

    let end = fixture.cancel(screening).await;
    fixture.projected().await;
    let select = "SELECT cancelled_position FROM screenings";
    let cancelled: Option<i64> = sqlx::query_scalar(select).fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(cancelled, Some(end.cast_signed()));

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_keeps_its_seats_until_it_is_released() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;
    let block = |block: Uuid, seat: &str, release_at| screening::Command::BlockSeats {
        block,
        wanted: WantedBlock {
            seats: vec![SeatName(seat.to_owned())],
            reason: "Press".to_owned(),
            release_at,
        },
        by: UserId(Uuid::from_u128(7)),
        fingerprint: None,
    };
    let (by_hand, by_itself) = (fixture.id(), fixture.id());
    let end = now() + SignedDuration::from_mins(10);
    fixture.execute::<Screening>(&screening, block(by_hand, "R0-1", None)).await;
    fixture.execute::<Screening>(&screening, block(by_itself, "R0-2", Some(end))).await;
    fixture.projected().await;
    assert_eq!(fixture.seats_of(screening).await, (2, vec![3, 3, 0, 0]));

    fixture.execute_at::<Screening>(&screening, screening::Command::ReleaseLapsedHolds, end).await;
    fixture.projected().await;
    assert_eq!(fixture.seats_of(screening).await, (3, vec![3, 0, 0, 0]));
    let select = "SELECT block_id FROM blocks WHERE released_at IS NULL";
    let blocked: Vec<Uuid> = sqlx::query_scalar(select).fetch_all(&fixture.pool).await.unwrap();
    assert_eq!(blocked, [by_hand]);

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_payment_gets_free_seats_back() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;
    let late = fixture.reserve_at(screening, &["R0-1", "R0-2"], now() - LAPSED).await;
    fixture.credit(late.customer, 100_000).await;
    let payment = fixture.request_payment(&late).await;
    fixture.execute::<Screening>(&screening, screening::Command::ReleaseLapsedHolds).await;
    fixture.execute::<Booking>(&late.booking, booking::Command::ExpireBooking).await;
    fixture.projected().await;
    assert_eq!(
        (fixture.status_of(&late).await.as_str(), fixture.seats_of(screening).await.0),
        ("expired", 4)
    );

    let sell = screening::Command::SellSeats { booking: late.booking, payment };
    fixture.execute::<Screening>(&screening, sell).await;
    fixture.projected().await;
    assert_eq!(fixture.seats_of(screening).await, (2, vec![2, 2, 0, 0]));
    let confirm = booking::Command::ConfirmBooking { payment, tickets: Vec::new() };
    fixture.execute::<Booking>(&late.booking, confirm).await;
    fixture.projected().await;
    assert_eq!(fixture.status_of(&late).await, "confirmed");

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_booking_goes_back_seats_first_or_last() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;

    let held = fixture.reserve(screening, &["R0-1"]).await;
    let cancel = screening::Command::CancelHold { booking: held.booking };
    fixture.execute::<Screening>(&screening, cancel).await;
    fixture.projected().await;
    assert_eq!(fixture.status_of(&held).await, "cancelled");

    let paid = fixture.reserve(screening, &["R0-2"]).await;
    fixture.credit(paid.customer, 100_000).await;
    let payment = fixture.pay(&paid).await;
    let cancel = booking::Command::CancelBooking {
        by: CancelledBy::Customer,
        reason: None,
        cascade: None,
        released: true,
    };
    fixture.execute::<Booking>(&paid.booking, cancel).await;
    fixture.projected().await;
    assert_eq!(refund_of(&fixture, &paid).await, "cancelled wallet requested refunding");
    assert_eq!(fixture.seats_of(screening).await.0, 3);

    let release = screening::Command::ReleaseSeats {
        booking: paid.booking,
        reason: ReleaseReason::CancelledByCustomer,
    };
    fixture.execute::<Screening>(&screening, release).await;
    let credit = wallet::Command::CreditWallet {
        customer: paid.customer,
        reference: Reference::refund(payment),
        amount: paid.amount(),
        booking: Some(paid.booking),
        reason: None,
    };
    fixture.execute::<Wallet>(&paid.customer, credit).await;
    fixture.projected().await;
    assert_eq!(refund_of(&fixture, &paid).await, "cancelled wallet completed refunded");
    assert_eq!(fixture.seats_of(screening).await.0, 4);

    let refund =
        booking::Command::RecordRefund { payment, target: RefundTarget::Wallet, amount: paid.amount() };
    fixture.execute::<Booking>(&paid.booking, refund).await;
    fixture.projected().await;
    assert_eq!(refund_of(&fixture, &paid).await, "refunded wallet completed refunded");

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_payment_is_followed_to_its_refund_in_the_wallet() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;
    let booked = fixture.reserve(screening, &["R0-1"]).await;
    let payment = fixture.request_payment_by(&booked, PaymentMethod::Card).await;
    let (customer, amount) = (booked.customer, booked.amount());
    let purpose = Purpose::Booking { booking: booked.booking };
    let request = payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint: None };
    fixture.execute::<Payment>(&payment, request).await;
    let (session, url, expires_at) = ("cks_1".to_owned(), "https://pay.example/1".to_owned(), now());
    fixture.execute::<Payment>(&payment, payment::Command::OpenCheckout { session, url, expires_at }).await;
    fixture.projected().await;
    assert_eq!(the_payment(&fixture).await, "pending https://pay.example/1");

    let provider_payment = "pay_1".to_owned();
    let capture = payment::Command::CapturePayment { provider_payment, captured: amount };
    fixture.execute::<Payment>(&payment, capture).await;
    let late = booking::Command::FailAttempt { payment, reason: FailureReason::SeatsGone };
    fixture.execute::<Booking>(&booked.booking, late).await;
    let (target, reason) = (RefundTarget::Card, RefundReason::SeatsGone);
    fixture.execute::<Payment>(&payment, payment::Command::RequestRefund { target, reason }).await;
    fixture.execute::<Payment>(&payment, payment::Command::RecordRefundAttempt { attempt: 1 }).await;
    fixture.projected().await;
    let expected = "refunding https://pay.example/1 pay_1 25000 INR seats_gone attempted card seats_gone";
    assert_eq!(the_payment(&fixture).await, expected);

    let failure = payment::Command::FailRefund { reason: "window expired".to_owned() };
    fixture.execute::<Payment>(&payment, failure).await;
    let (target, reason) = (RefundTarget::Wallet, RefundReason::Decided);
    fixture.execute::<Payment>(&payment, payment::Command::RequestRefund { target, reason }).await;
    let credit = wallet::Command::CreditWallet {
        customer,
        reference: Reference::refund(payment),
        amount,
        booking: Some(booked.booking),
        reason: None,
    };
    fixture.execute::<Wallet>(&customer, credit).await;
    fixture.execute::<Payment>(&payment, payment::Command::CompleteRefund { target }).await;
    fixture.projected().await;
    let expected = "refunded https://pay.example/1 pay_1 25000 INR seats_gone completed wallet decided";
    assert_eq!(the_payment(&fixture).await, expected);

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_top_up_of_another_amount_is_in_review_until_it_is_decided() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let (payment, customer) = (PaymentId(fixture.id()), UserId(fixture.id()));
    let amount = Money { amount_minor: 500, currency: Currency::INR };
    let purpose = Purpose::TopUp;
    let request = payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint: None };
    fixture.execute::<Payment>(&payment, request).await;
    let captured = Money { amount_minor: 7, currency: "EUR".parse().unwrap() };
    let provider_payment = "pay_1".to_owned();
    fixture
        .execute::<Payment>(&payment, payment::Command::CapturePayment { provider_payment, captured })
        .await;
    fixture.projected().await;
    assert_eq!(the_payment(&fixture).await, "review pay_1 7 EUR");
    let (decision, by) = (ReviewDecision::Refund, UserId(fixture.id()));
    fixture.execute::<Payment>(&payment, payment::Command::DecideReview { decision, by }).await;
    fixture.projected().await;
    assert_eq!(the_payment(&fixture).await, "refunding pay_1 7 EUR requested card decided");

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_was_taken_twice_is_a_payment_of_its_own() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let (of, payment, customer) = (PaymentId(fixture.id()), PaymentId(fixture.id()), UserId(fixture.id()));
    let amount = Money { amount_minor: 500, currency: Currency::INR };
    let purpose = Purpose::Stray { of };
    let request = payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint: None };
    fixture.execute::<Payment>(&payment, request).await;
    let provider_payment = "pay_2".to_owned();
    let capture = payment::Command::CapturePayment { provider_payment, captured: amount };
    fixture.execute::<Payment>(&payment, capture).await;
    fixture.projected().await;
    assert_eq!(the_payment(&fixture).await, "captured pay_2 500 INR");
    let select = "SELECT stray_of FROM payments WHERE booking_id IS NULL";
    let stray_of: Uuid = sqlx::query_scalar(select).fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(stray_of, of.0);

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_bought_no_seats_goes_back_for_a_reason() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;
    let booked = fixture.reserve(screening, &["R0-1"]).await;
    fixture.credit(booked.customer, 100_000).await;
    let payment = fixture.request_payment(&booked).await;
    let debit = wallet::Command::DebitWallet {
        customer: booked.customer,
        reference: Reference::payment(payment),
        amount: booked.amount(),
        booking: booked.booking,
    };
    fixture.execute::<Wallet>(&booked.customer, debit).await;
    let credit = wallet::Command::CreditWallet {
        customer: booked.customer,
        reference: Reference::refund(payment),
        amount: booked.amount(),
        booking: Some(booked.booking),
        reason: None,
    };
    fixture.execute::<Wallet>(&booked.customer, credit).await;
    let fail = booking::Command::FailAttempt { payment, reason: FailureReason::SeatsGone };
    fixture.execute::<Booking>(&booked.booking, fail).await;
    fixture.projected().await;
    let expected = "refunded 25000 INR seats_gone completed wallet seats_gone";
    assert_eq!(the_payment(&fixture).await, expected);

    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

/// Describes the only payment.
async fn the_payment(fixture: &Fixture) -> String {
    let select = "SELECT concat_ws(' ', status, checkout_url, provider_payment, captured_minor, captured_currency,
                                   failure_reason, refund_status, refund_target, refund_reason) FROM payments";
    sqlx::query_scalar(select).fetch_one(&fixture.pool).await.unwrap()
}

/// Panics if a rebuild in one pass differs from the tables projected commit by commit.
pub async fn assert_equal_to_a_rebuild(fixture: &Fixture) {
    let stop = CancellationToken::new();
    rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
}

async fn payments_of(fixture: &Fixture) -> Vec<String> {
    let select = "SELECT status || ' ' || COALESCE(failure_reason, '-') FROM payments ORDER BY 1";
    sqlx::query_scalar(select).fetch_all(&fixture.pool).await.unwrap()
}

async fn refund_of(fixture: &Fixture, booked: &crate::fixture::Booked) -> String {
    let select = "SELECT concat_ws(' ', b.status, p.refund_target, p.refund_status, p.status)
                  FROM bookings b JOIN payments p USING (payment_id) WHERE b.booking_id = $1";
    sqlx::query_scalar(select).bind(booked.booking.0).fetch_one(&fixture.pool).await.unwrap()
}
