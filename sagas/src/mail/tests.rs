//! What customers are told, and the three laws of a saga: wherever it crashes and however often it begins again, every mail
//! arrives, as the same mail, and none is sent that nobody announced.

mod laws;
mod letters;

use ticketshow_domain::{
    Currency, ScreeningId,
    booking::{CancelledBy, PricedSeat, RefundDue, Reservation},
    payment::RefundReason,
    screening::Standing,
};
use uuid::Uuid;

use super::*;

const BOOKING: BookingId = BookingId(Uuid::from_u128(2));
const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));
const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(3));
const ADA: UserId = UserId(Uuid::from_u128(4));

fn inr(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::INR }
}

/// A booking that is being paid.
fn booking(method: PaymentMethod) -> Booking {
    use ticketshow_domain::{Context, Decider, Policy, SeatName};
    let now: Timestamp = "2026-12-01T10:00:00Z".parse().unwrap();
    let reservation = Reservation {
        booking: BOOKING,
        customer: ADA,
        screening: SCREENING,
        seats: vec![PricedSeat {
            seat: SeatName("A-1".to_owned()),
            category: "gold".to_owned(),
            price_minor: 25_000,
        }],
        amount: inr(25_000),
        starts_at: now,
        cancel_until: now,
    };
    let (standing, fingerprint) = (Standing::Held(now), None);
    let pay = booking::Command::PayBooking { reservation, standing, payment: PAYMENT, method, fingerprint };
    let mut booking = Booking::default();
    for event in booking.decide(&pay, &Context { now, policy: Policy::default() }).unwrap() {
        booking.evolve(&event);
    }
    booking
}

#[test]
fn a_confirmation_and_a_cancellation_are_told() {
    let confirmed = booking::Event::BookingConfirmed {
        booking: BOOKING,
        screening: SCREENING,
        customer: ADA,
        payment: PAYMENT,
        method: PaymentMethod::Wallet,
        amount: inr(1),
        tickets: Vec::new(),
    };
    let told = Notice::Tell(ADA, Matter::BookingConfirmed { booking: BOOKING });
    assert_eq!(react(&AnyEvent::Booking(confirmed)), Some(told));

    let refund_due = Some(RefundDue { payment: PAYMENT, method: PaymentMethod::Wallet, amount: inr(1) });
    let (by, reason) = (CancelledBy::House, Some("Flood".to_owned()));
    let cancelled = booking::Event::BookingCancelled {
        booking: BOOKING,
        screening: SCREENING,
        customer: ADA,
        by,
        reason: reason.clone(),
        cascade: None,
        refund_due,
    };
    let told = Notice::Tell(ADA, Matter::BookingCancelled { booking: BOOKING, by, reason, refund_due });
    assert_eq!(react(&AnyEvent::Booking(cancelled)), Some(told));
}

#[test]
fn an_empty_wallet_is_not_told_again_and_everything_else_that_failed_is() {
    let told = |method, reason| payment_failed(&booking(method), PAYMENT, reason).is_some();
    assert!(!told(PaymentMethod::Wallet, FailureReason::InsufficientFunds));
    assert!(told(PaymentMethod::Wallet, FailureReason::SeatsGone));
    for reason in [FailureReason::Declined, FailureReason::TimedOut, FailureReason::SeatsGone] {
        assert!(told(PaymentMethod::Card, reason));
    }
    let told = payment_failed(&booking(PaymentMethod::Card), PAYMENT, FailureReason::Declined);
    let reason = FailureReason::Declined;
    assert_eq!(told, Some((ADA, Matter::PaymentFailed { booking: BOOKING, payment: PAYMENT, reason })));
}

#[test]
fn refunds_are_told_when_they_start_for_a_card_and_when_they_are_done() {
    let requested = |target| {
        let reason = RefundReason::CancelledByCustomer;
        react(&AnyEvent::Payment(payment::Event::RefundRequested { target, reason, amount: inr(5) }))
    };
    assert_eq!(requested(RefundTarget::Card), Some(Notice::RefundStarted { amount: inr(5) }));
    assert_eq!(requested(RefundTarget::Wallet), None);
    for target in [RefundTarget::Card, RefundTarget::Wallet] {
        let completed = payment::Event::RefundCompleted { target, amount: inr(5) };
        let told = Notice::RefundCompleted { amount: inr(5), target };
        assert_eq!(react(&AnyEvent::Payment(completed)), Some(told));
    }
}
