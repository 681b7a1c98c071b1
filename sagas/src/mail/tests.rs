//! Mails that events cause, the timing of mails, and the three laws of a saga: wherever sending crashes, and however often it
//! restarts, every mail arrives as the same mail, and none is sent without being announced.

mod laws;
mod letters;

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    AnyEvent, BookingId, Language, PaymentId, ScreeningId, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, FailureReason, PaymentMethod, RefundDue},
    examples::{execute, inr},
    hold::{PricedSeat, Reservation, Standing},
    mail::MailKind,
    payment::{self, RefundReason, RefundTarget},
    pricing::{Charges, TicketType},
};
use uuid::Uuid;

use super::{
    contents::{NoLongerRelevant, check_relevance, expiring},
    letter::Contents,
    mailing::may_appear,
    notification::{Notice, first_event, is_given_up, payment_failed, react},
    template::Template,
};
use crate::{examples::promise, worker::clock::Clock};

const BOOKING: BookingId = BookingId(Uuid::from_u128(2));
const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));
const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(3));
const ADA: UserId = UserId(Uuid::from_u128(4));

/// A booking that is being paid.
fn booking(method: PaymentMethod) -> Booking {
    use ticketshow_domain::SeatName;
    let now: Timestamp = "2026-12-01T10:00:00Z".parse().unwrap();
    let reservation = Reservation {
        booking: BOOKING,
        customer: ADA,
        screening: SCREENING,
        seats: vec![PricedSeat {
            seat: SeatName("A-1".to_owned()),
            category: "gold".to_owned(),
            price_minor: 25_000,
            ticket_type: TicketType::default(),
            discount_minor: 0,
        }],
        amount: inr(25_000),
        starts_at: now,
        cancel_until: now,
        charges: Charges::default(),
        cancellation_fee_minor: 0,
        promotion: None,
    };
    let (standing, fingerprint) = (Standing::Held(now), None);
    let pay = booking::Command::PayBooking { reservation, standing, payment: PAYMENT, method, fingerprint };
    let mut booking = Booking::default();
    execute(&mut booking, &pay, now).unwrap();
    booking
}

#[test]
fn a_confirmation_and_a_cancellation_cause_mails() {
    let confirmed = booking::Event::BookingConfirmed {
        booking: BOOKING,
        screening: SCREENING,
        customer: ADA,
        payment: PAYMENT,
        method: PaymentMethod::Wallet,
        amount: inr(1),
        tickets: Vec::new(),
    };
    let mail = Notice::Mail(ADA, MailKind::BookingConfirmed { booking: BOOKING });
    assert_eq!(react(&AnyEvent::Booking(confirmed)), Some(mail));

    let refund_due =
        Some(RefundDue { payment: PAYMENT, method: PaymentMethod::Wallet, amount: inr(1), to: None });
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
    let mail = Notice::Mail(ADA, MailKind::BookingCancelled { booking: BOOKING, by, reason, refund_due });
    assert_eq!(react(&AnyEvent::Booking(cancelled)), Some(mail));
}

#[test]
fn every_failed_payment_causes_a_mail_except_insufficient_funds_in_the_wallet() {
    let mail = |method, reason| payment_failed(&booking(method), PAYMENT, reason).is_some();
    assert!(!mail(PaymentMethod::Wallet, FailureReason::InsufficientFunds));
    assert!(mail(PaymentMethod::Wallet, FailureReason::SeatsGone));
    for reason in [FailureReason::Declined, FailureReason::TimedOut, FailureReason::SeatsGone] {
        assert!(mail(PaymentMethod::Card, reason));
    }
    let mail = payment_failed(&booking(PaymentMethod::Card), PAYMENT, FailureReason::Declined);
    let reason = FailureReason::Declined;
    assert_eq!(mail, Some((ADA, MailKind::PaymentFailed { booking: BOOKING, payment: PAYMENT, reason })));
}

#[test]
fn a_hold_given_up_after_failed_payments_causes_no_mail() {
    let cancelled =
        |by, refund_due| MailKind::BookingCancelled { booking: BOOKING, by, reason: None, refund_due };
    let mut booking = booking(PaymentMethod::Wallet);
    let by_customer = cancelled(CancelledBy::Customer, None);
    assert!(!is_given_up(&booking, &by_customer), "money may still arrive");
    let fail = booking::Command::FailAttempt { payment: PAYMENT, reason: FailureReason::InsufficientFunds };
    execute(&mut booking, &fail, "2026-12-01T10:00:00Z".parse().unwrap()).unwrap();
    assert!(is_given_up(&booking, &by_customer));
    assert!(!is_given_up(&booking, &cancelled(CancelledBy::House, None)));
}

#[test]
fn refunds_cause_a_mail_when_they_complete_and_when_they_start_if_no_other_mail_says_so() {
    let requested = |target, reason| {
        react(&AnyEvent::Payment(payment::Event::RefundRequested { target, reason, amount: inr(5) }))
    };
    for reason in
        [RefundReason::CancelledByCustomer, RefundReason::CancelledByHouse, RefundReason::SeatsReturned]
    {
        assert_eq!(requested(RefundTarget::Card, reason), None, "{reason:?} has a mail of its own");
    }
    for reason in
        [RefundReason::PaidTwice, RefundReason::SeatsGone, RefundReason::Cancelled, RefundReason::Decided]
    {
        let mail = Notice::RefundStarted { amount: inr(5) };
        assert_eq!(requested(RefundTarget::Card, reason), Some(mail));
        assert_eq!(requested(RefundTarget::Wallet, reason), None);
    }
    for target in [RefundTarget::Card, RefundTarget::Wallet] {
        let completed = payment::Event::RefundCompleted { target, amount: inr(5) };
        let mail = Notice::RefundCompleted { amount: inr(5), target };
        assert_eq!(react(&AnyEvent::Payment(completed)), Some(mail));
    }
}

#[test]
fn the_first_start_sends_no_mail_for_events_older_than_a_day() {
    let now: Timestamp = "2026-12-01T10:00:00Z".parse().unwrap();
    assert_eq!(first_event(Clock::Fixed(now).now()), now - SignedDuration::from_hours(24));
}

#[test]
fn a_confirmation_is_sent_until_the_screening_ends() {
    let promise = promise(1, 25_000);
    let check = |status, now| check_relevance(status, &promise, Clock::Fixed(now).now());
    let last = promise.ends_at - SignedDuration::from_millis(1);
    assert_eq!(check(BookingStatus::Confirmed, last), Ok(()));
    assert_eq!(check(BookingStatus::Confirmed, promise.ends_at), Err(NoLongerRelevant::Over));
    assert_eq!(check(BookingStatus::Cancelled, last), Err(NoLongerRelevant::NotConfirmed));
}

#[test]
fn a_password_reset_is_sent_until_its_link_expires() {
    let expires_at: Timestamp = "2026-12-01T10:30:00Z".parse().unwrap();
    let at = |language, now| expiring(Contents::new(Template::PasswordReset, language), expires_at, now);
    let before = expires_at - SignedDuration::from_millis(1);
    assert_eq!(at(Language::En, before).unwrap().values["expires"], "10:30 UTC on 1 December 2026");
    assert_eq!(at(Language::Hi, before).unwrap().values["expires"], "1/12/2026, 10:30 UTC");
    assert_eq!(at(Language::En, expires_at), Err(NoLongerRelevant::Expired));
}

#[test]
fn a_missing_account_is_awaited_for_a_minute() {
    let queued_at: Timestamp = "2026-12-01T10:00:00Z".parse().unwrap();
    assert!(may_appear(queued_at, queued_at + SignedDuration::from_millis(59_999)));
    assert!(!may_appear(queued_at, queued_at + SignedDuration::from_secs(60)));
}
