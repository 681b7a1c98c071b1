//! Mails that events cause, the timing of mails, and the three laws of a saga: wherever sending crashes, and however often it
//! restarts, every mail arrives as the same mail, and none is sent without being announced.

mod laws;
mod letters;
mod refunds;

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    AnyEvent, BookingId, Language, PaymentId, ScreeningId, UserId,
    booking::{self, Booking, BookingStatus, CancelledBy, FailureReason, PaymentMethod, RefundDue},
    examples::{execute, inr},
    hold::{PricedSeat, Reservation, Standing},
    mail::MailKind,
    payment::{self, RefundReason, RefundTarget},
    pricing::{Charges, TicketType},
    screening::{self, Screening},
};
use ticketshow_nats::log::{
    envelope::RecordedEvent,
    metadata::{Actor, Metadata},
};
use uuid::Uuid;

use super::{
    contents::{check_relevance, expiring},
    letter::{Contents, Letter},
    mailing::may_appear,
    notification::{Notice, first_event, is_given_up, payment_failed, react},
    reminders::{check_reminder, day_of, is_to_walk_in, mails, map_of},
    source::NoLongerRelevant,
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
    let others = Vec::new();
    let matter = MailKind::BookingCancelled { booking: BOOKING, by, reason, refund_due, others };
    let mail = Notice::Mail(ADA, matter);
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
    assert!(!mail(PaymentMethod::Card, FailureReason::Abandoned), "the customer still chooses how to pay");
    let mail = payment_failed(&booking(PaymentMethod::Card), PAYMENT, FailureReason::Declined);
    let reason = FailureReason::Declined;
    assert_eq!(mail, Some((ADA, MailKind::PaymentFailed { booking: BOOKING, payment: PAYMENT, reason })));
}

#[test]
fn a_hold_given_up_after_failed_payments_causes_no_mail() {
    let cancelled = |by, refund_due| {
        let (reason, others) = (None, Vec::new());
        MailKind::BookingCancelled { booking: BOOKING, by, reason, refund_due, others }
    };
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
fn a_reminder_is_sent_before_the_start_that_it_speaks_of() {
    let promise = promise(1, 25_000);
    let (starts_at, moment) = (promise.starts_at, SignedDuration::from_millis(1));
    let check = |is_there, of, now| check_reminder(is_there, of, &promise, Clock::Fixed(now).now());
    assert_eq!(check(true, starts_at, starts_at - moment), Ok(()));
    assert_eq!(check(true, starts_at, starts_at), Err(NoLongerRelevant::Over));
    assert_eq!(check(false, starts_at, starts_at - moment), Err(NoLongerRelevant::NotConfirmed));
    assert_eq!(check(true, starts_at - moment, starts_at - moment), Err(NoLongerRelevant::OtherTime));
}

#[test]
fn a_reminder_names_the_day_of_its_start() {
    let (zone, now) = ("Asia/Kolkata".parse().unwrap(), "2026-12-01T16:30:00Z".parse().unwrap());
    let day = |starts_at: &str, language| day_of(starts_at.parse().unwrap(), &zone, now, language);
    assert_eq!(day("2026-12-01T18:29:00Z", Language::En), ["Today", "today"]);
    assert_eq!(day("2026-12-01T18:29:00Z", Language::Hi), ["आज", "आज"]);
    // Half past midnight there.
    assert_eq!(day("2026-12-01T19:00:00Z", Language::En), ["Tomorrow", "tomorrow"]);
    assert_eq!(day("2026-12-01T19:00:00Z", Language::Hi), ["कल", "कल"]);
    let date = "Thursday, 3 December 2026";
    assert_eq!(day("2026-12-03T10:00:00Z", Language::En), [date.to_owned(), format!("on {date}")]);
}

#[test]
fn a_mail_to_a_buyer_without_an_account_greets_nobody_by_name() {
    for template in Template::ALL {
        if !template.source(Language::En).contains("[facts]")
            || matches!(template, Template::SeatsOffered | Template::SalesOfDay)
        {
            continue;
        }
        for (language, greeting) in [(Language::En, "\n\nHello,\n\n"), (Language::Hi, "\n\nनमस्ते,\n\n")]
        {
            let mut contents = Contents { language, ..letters::contents(template) };
            let named = Letter::new(&contents).unwrap().text;
            contents.values.remove("name");
            contents.values.insert("unnamed", String::new());
            let unnamed = Letter::new(&contents).unwrap().text;
            assert!(!named.contains(greeting) && unnamed.contains(greeting), "{template:?}: {unnamed}");
        }
    }
}

#[test]
fn a_map_is_found_by_any_address() {
    let map = "https://www.google.com/maps/search/?api=1&query=Rex%2C%20M%C3%BCnchen%26Co";
    assert_eq!(map_of("Rex, München&Co"), map);
}

#[test]
fn a_reminder_brings_one_mail_per_guest_with_the_same_id_however_often_it_is_queued() {
    use ticketshow_domain::examples::{at, booking as booking_id, one_row, payment, user, wanted};
    let mut state = Screening::default();
    let promise = one_row(at(86_400), 5, 25_000);
    let starts_at = promise.starts_at;
    let open = screening::Command::OpenScreening {
        screening: SCREENING,
        promise: promise.into(),
        blocks: Vec::new(),
    };
    execute(&mut state, &open, at(0)).unwrap();
    for (n, seat) in [(1, "A-1"), (2, "A-2"), (3, "A-3")] {
        let (booking, customer) = (booking_id(n), user(n));
        let (seats, fingerprint) = (wanted(&[seat]), None);
        let reserve = screening::Command::ReserveSeats { booking, customer, seats, fingerprint };
        execute(&mut state, &reserve, at(0)).unwrap();
        if n < 3 {
            let sell = screening::Command::SellSeats { booking, payment: payment(n) };
            execute(&mut state, &sell, at(1)).unwrap();
        }
    }
    let events = execute(&mut state, &screening::Command::ReleaseLapsedHolds, at(86_400 - 10_800)).unwrap();
    let [.., screening::Event::GuestsReminded { held_until, bookings: 2, .. }] = events[..] else {
        panic!("{events:?}")
    };
    let actor = Actor::System;
    let metadata = Metadata { time: at(0), actor, correlation: Uuid::nil(), causation: None, trace: None };
    let cause = RecordedEvent {
        position: 1,
        commit: Uuid::from_u128(9),
        aggregate: "screening".into(),
        id: SCREENING.to_string().into(),
        version: 1,
        metadata: metadata.into(),
        event: AnyEvent::Screening(events.last().unwrap().clone()),
    };
    let mails = |starts_at| mails(&cause, SCREENING, &state, starts_at, held_until);
    let mut queued = mails(starts_at);
    queued.sort_by_key(|mail| mail.recipient);
    assert_eq!(queued.iter().map(|mail| mail.recipient).collect::<Vec<_>>(), [user(1), user(2)]);
    assert_eq!(mails(starts_at).iter().filter(|mail| queued.contains(mail)).count(), 2, "the same mails");
    assert_eq!(mails(at(90_000)), [], "the screening has another time by now");
    // These guests have the numbers of their bookings, as buyers at the counter without an account.
    assert!(queued.iter().all(is_to_walk_in));
    let mut to_account = queued[0].clone();
    to_account.recipient = user(9);
    assert!(!is_to_walk_in(&to_account));
}

#[test]
fn a_password_reset_is_sent_until_its_link_expires() {
    let expires_at: Timestamp = "2026-12-01T10:30:00Z".parse().unwrap();
    let at = |language, asked_at, now| {
        expiring(Contents::new(Template::PasswordReset, language), asked_at, expires_at, now)
    };
    let before = expires_at - SignedDuration::from_millis(1);
    // Without a time of day, because nobody knows the time zone of the reader, and the same however late the mail is sent.
    for (left, english, hindi) in [
        (SignedDuration::from_millis(1), "1 minute", "1 मिनट"),
        (SignedDuration::from_millis(599_999), "10 minutes", "10 मिनट"),
        (SignedDuration::from_secs(600), "10 minutes", "10 मिनट"),
        (SignedDuration::from_secs(90), "2 minutes", "2 मिनट"),
        (SignedDuration::from_mins(60), "60 minutes", "60 मिनट"),
        (SignedDuration::from_mins(179), "179 minutes", "179 मिनट"),
        (SignedDuration::from_millis(24 * 3_600_000 - 1), "24 hours", "24 घंटे"),
        (SignedDuration::from_hours(24), "24 hours", "24 घंटे"),
    ] {
        for now in [expires_at - left, before] {
            assert_eq!(at(Language::En, expires_at - left, now).unwrap().values["valid_for"], english);
            assert_eq!(at(Language::Hi, expires_at - left, now).unwrap().values["valid_for"], hindi);
        }
    }
    assert_eq!(at(Language::En, before, expires_at), Err(NoLongerRelevant::Expired));
}

#[test]
fn a_missing_account_is_awaited_for_a_minute() {
    let queued_at: Timestamp = "2026-12-01T10:00:00Z".parse().unwrap();
    assert!(may_appear(queued_at, queued_at + SignedDuration::from_millis(59_999)));
    assert!(!may_appear(queued_at, queued_at + SignedDuration::from_secs(60)));
}
