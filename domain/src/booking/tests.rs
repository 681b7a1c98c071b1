//! Rules of a booking as given, when, then.

mod counter;
mod differences;
mod fees;
mod moving;
mod rescheduling;
mod returning;
mod sharing;

use cqrs_es::test::TestFramework;

use super::{
    Booking, BookingStatus, CancelledBy, Command, Event, FailureReason, PaymentMethod, RefundDue, Refusal,
    Ticket,
};
use crate::{
    SeatName,
    examples::{Given, at, booking, context, fingerprint, gold, payment, rupees, screening, user, uuid},
    hold::{PricedSeat, Reservation, Standing},
    payment::RefundTarget,
    pricing::{Charges, TicketType},
};

const START: i64 = 86_400;
const CANCEL_UNTIL: i64 = START - 7_200;

fn given(history: &[Event]) -> Given<Booking> {
    Given::new(history)
}

pub(super) fn reservation() -> Reservation {
    Reservation {
        booking: booking(1),
        customer: user(1),
        screening: screening(1),
        seats: vec![PricedSeat {
            seat: SeatName("A-1".into()),
            category: "gold".into(),
            price_minor: 30_000,
            ticket_type: TicketType::default(),
            discount_minor: 0,
        }],
        amount: rupees(300),
        starts_at: at(START),
        cancel_until: at(CANCEL_UNTIL),
        charges: Charges::default(),
        cancellation_fee_minor: 0,
        promotion: None,
    }
}

fn pay_while(standing: Standing, by: u8, method: PaymentMethod) -> Command {
    let reservation = reservation();
    Command::PayBooking { reservation, standing, payment: payment(by), method, fingerprint: None }
}

fn pay(by: u8, method: PaymentMethod) -> Command {
    pay_while(Standing::Held(at(480)), by, method)
}

fn opened() -> Event {
    Event::BookingOpened { reservation: reservation(), sale: None }
}

fn requested(by: u8, method: PaymentMethod) -> Event {
    Event::PaymentAttemptStarted {
        booking: booking(1),
        screening: screening(1),
        customer: user(1),
        payment: payment(by),
        method,
        amount: rupees(300),
        fingerprint: None,
    }
}

fn fail(by: u8, reason: FailureReason) -> Command {
    Command::FailAttempt { payment: payment(by), reason }
}

fn failed(by: u8, reason: FailureReason, status: BookingStatus) -> Event {
    Event::PaymentAttemptFailed { booking: booking(1), payment: payment(by), reason, status }
}

fn tickets() -> Vec<Ticket> {
    vec![Ticket { seat: SeatName("A-1".into()), code: "code".into() }]
}

fn confirm(by: u8) -> Command {
    Command::ConfirmBooking { payment: payment(by), tickets: tickets() }
}

fn confirmed(by: u8, method: PaymentMethod) -> Event {
    Event::BookingConfirmed {
        booking: booking(1),
        screening: screening(1),
        customer: user(1),
        payment: payment(by),
        method,
        amount: rupees(300),
        tickets: tickets(),
    }
}

fn expired() -> Event {
    Event::BookingExpired { booking: booking(1) }
}

fn cancel(by: CancelledBy) -> Command {
    Command::CancelBooking { by, reason: None, cascade: None, released: true }
}

fn cancelled(by: CancelledBy, refund_due: Option<RefundDue>) -> Event {
    Event::BookingCancelled {
        booking: booking(1),
        screening: screening(1),
        customer: user(1),
        by,
        reason: None,
        cascade: None,
        refund_due,
    }
}

fn due(by: u8, method: PaymentMethod) -> RefundDue {
    RefundDue { payment: payment(by), method, amount: rupees(300), to: None }
}

fn record_refund(by: u8) -> Command {
    Command::RecordRefund { payment: payment(by), target: RefundTarget::Wallet, amount: rupees(300) }
}

fn refunded(by: u8) -> Event {
    let (booking, payment) = (booking(1), payment(by));
    let (target, cascade, counter) = (PaymentMethod::Wallet, None, None);
    Event::BookingRefunded { booking, payment, target, amount: rupees(300), cascade, counter }
}

/// A booking with an open wallet payment.
fn paying() -> Vec<Event> {
    vec![opened(), requested(1, PaymentMethod::Wallet)]
}

/// [`paying`], followed by other events.
fn then(more: &[Event]) -> Vec<Event> {
    [paying(), more.to_vec()].concat()
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Booking>::with(context(at(0)))
        .given(paying())
        .when(confirm(1))
        .then_expect_events(vec![confirmed(1, PaymentMethod::Wallet)]);
}

#[test]
fn the_first_payment_opens_the_booking_in_the_same_commit() {
    let events = given(&[]).decide(pay(1, PaymentMethod::Wallet), at(0));
    assert_eq!(events, Ok(paying()));
}

#[test]
fn before_its_first_payment_there_is_no_booking_here() {
    for command in
        [confirm(1), fail(1, FailureReason::Declined), cancel(CancelledBy::House), record_refund(1)]
    {
        assert_eq!(given(&[]).decide(command, at(0)), Err(Refusal::NotFound));
    }
    assert_eq!(given(&[]).decide(Command::ExpireBooking, at(0)), Ok(vec![]));
}

#[test]
fn only_a_hold_that_stands_can_be_paid() {
    for (standing, refusal) in [
        (Standing::Lapsed, Refusal::HoldExpired),
        (Standing::Sold, Refusal::AlreadyPaid),
        (Standing::Cancelled, Refusal::BookingCancelled),
        (Standing::ScreeningCancelled, Refusal::ScreeningCancelled),
    ] {
        let command = pay_while(standing, 1, PaymentMethod::Wallet);
        assert_eq!(given(&[]).decide(command, at(0)), Err(refusal));
    }
}

#[test]
fn a_repeated_payment_is_the_same_payment() {
    let again = pay_while(Standing::Lapsed, 1, PaymentMethod::Wallet);
    assert_eq!(given(&paying()).decide(again, at(900)), Ok(vec![]));
    let after_failure = then(&[failed(1, FailureReason::InsufficientFunds, BookingStatus::Held)]);
    assert_eq!(given(&after_failure).decide(pay(1, PaymentMethod::Wallet), at(0)), Ok(vec![]));
}

#[test]
fn a_key_used_for_another_payment_is_refused() {
    let other_method = pay(1, PaymentMethod::Card);
    assert_eq!(given(&paying()).decide(other_method, at(0)), Err(Refusal::KeyReused));
    let other_body = Command::PayBooking {
        reservation: reservation(),
        standing: Standing::Held(at(480)),
        payment: payment(1),
        method: PaymentMethod::Wallet,
        fingerprint: Some(fingerprint("other")),
    };
    assert_eq!(given(&paying()).decide(other_body, at(0)), Err(Refusal::KeyReused));
}

#[test]
fn while_a_debit_is_under_way_nothing_else_is_paid() {
    for method in [PaymentMethod::Wallet, PaymentMethod::Card] {
        assert_eq!(given(&paying()).decide(pay(2, method), at(0)), Err(Refusal::PaymentInProgress));
    }
}

#[test]
fn an_open_checkout_is_kept_and_the_wallet_may_overtake_it() {
    let card = [opened(), requested(1, PaymentMethod::Card)];
    assert_eq!(given(&card).decide(pay(2, PaymentMethod::Card), at(0)), Ok(vec![]));
    let wallet = given(&card).decide(pay(2, PaymentMethod::Wallet), at(0));
    assert_eq!(wallet, Ok(vec![requested(2, PaymentMethod::Wallet)]));
}

#[test]
fn what_is_over_is_not_paid() {
    for (event, refusal) in [
        (confirmed(1, PaymentMethod::Wallet), Refusal::AlreadyPaid),
        (expired(), Refusal::HoldExpired),
        (cancelled(CancelledBy::Customer, None), Refusal::BookingCancelled),
    ] {
        let then = given(&then(&[event])).decide(pay(2, PaymentMethod::Wallet), at(0));
        assert_eq!(then, Err(refusal));
    }
}

#[test]
fn a_booking_is_confirmed_once_and_the_first_payment_wins() {
    let card_too = [paying(), vec![requested(2, PaymentMethod::Card)]].concat();
    let won = [card_too, vec![confirmed(1, PaymentMethod::Wallet)]].concat();
    assert_eq!(given(&won).decide(confirm(1), at(0)), Ok(vec![]));
    assert_eq!(given(&won).decide(confirm(2), at(0)), Err(Refusal::AlreadyPaid));
    assert_eq!(given(&won).decide(confirm(3), at(0)), Err(Refusal::UnknownPayment));
}

#[test]
fn a_late_capture_confirms_an_expired_booking() {
    let late = [opened(), requested(1, PaymentMethod::Card), expired()];
    assert_eq!(given(&late).decide(confirm(1), at(0)), Ok(vec![confirmed(1, PaymentMethod::Card)]));
    let timed_out = [
        opened(),
        requested(1, PaymentMethod::Card),
        failed(1, FailureReason::TimedOut, BookingStatus::Held),
    ];
    assert_eq!(given(&timed_out).decide(confirm(1), at(0)), Ok(vec![confirmed(1, PaymentMethod::Card)]));
}

#[test]
fn a_cancelled_booking_is_not_confirmed() {
    for more in [
        vec![cancelled(CancelledBy::Customer, None)],
        vec![
            confirmed(1, PaymentMethod::Wallet),
            cancelled(CancelledBy::House, Some(due(1, PaymentMethod::Wallet))),
            refunded(1),
        ],
    ] {
        assert_eq!(given(&then(&more)).decide(confirm(1), at(0)), Err(Refusal::BookingCancelled));
    }
}

#[test]
fn a_failed_attempt_leaves_the_hold_for_the_next() {
    for reason in [FailureReason::InsufficientFunds, FailureReason::Declined, FailureReason::TimedOut] {
        let events = given(&paying()).decide(fail(1, reason), at(0));
        assert_eq!(events, Ok(vec![failed(1, reason, BookingStatus::Held)]));
        let again = given(&then(&events.unwrap())).decide(fail(1, reason), at(0));
        assert_eq!(again, Ok(vec![]));
    }
}

#[test]
fn a_booking_is_being_paid_while_another_attempt_is_open() {
    let both = [opened(), requested(1, PaymentMethod::Card), requested(2, PaymentMethod::Wallet)];
    let reason = FailureReason::InsufficientFunds;
    let then = given(&both).decide(fail(2, reason), at(0));
    assert_eq!(then, Ok(vec![failed(2, reason, BookingStatus::Paying)]));
}

#[test]
fn a_failure_for_want_of_the_seats_ends_the_booking() {
    for (reason, status) in [
        (FailureReason::SeatsGone, BookingStatus::Expired),
        (FailureReason::BookingClosed, BookingStatus::Expired),
        (FailureReason::Cancelled, BookingStatus::Cancelled),
    ] {
        let then = given(&paying()).decide(fail(1, reason), at(0));
        assert_eq!(then, Ok(vec![failed(1, reason, status)]));
    }
}

#[test]
fn a_booking_paid_twice_waits_for_the_payment_that_got_the_seats() {
    let both = [opened(), requested(1, PaymentMethod::Card), requested(2, PaymentMethod::Wallet)];
    let then = given(&both).decide(fail(2, FailureReason::PaidTwice), at(0));
    assert_eq!(then, Ok(vec![failed(2, FailureReason::PaidTwice, BookingStatus::Paying)]));
}

#[test]
fn a_failure_never_touches_what_is_confirmed_or_over() {
    let card_too = requested(2, PaymentMethod::Card);
    for (event, status) in [
        (confirmed(1, PaymentMethod::Wallet), BookingStatus::Confirmed),
        (expired(), BookingStatus::Expired),
        (cancelled(CancelledBy::House, None), BookingStatus::Cancelled),
    ] {
        let history = then(&[card_too.clone(), event]);
        for reason in [FailureReason::SeatsGone, FailureReason::Cancelled, FailureReason::Declined] {
            let then = given(&history).decide(fail(2, reason), at(0));
            assert_eq!(then, Ok(vec![failed(2, reason, status)]));
        }
    }
    let won = then(&[confirmed(1, PaymentMethod::Wallet)]);
    let winner = given(&won).decide(fail(1, FailureReason::Declined), at(0));
    assert_eq!(winner, Err(Refusal::AlreadyPaid));
    let unknown = given(&won).decide(fail(9, FailureReason::Declined), at(0));
    assert_eq!(unknown, Err(Refusal::UnknownPayment));
}

#[test]
fn an_unpaid_booking_expires_once() {
    let held = then(&[failed(1, FailureReason::Declined, BookingStatus::Held)]);
    for history in [paying(), held] {
        assert_eq!(given(&history).decide(Command::ExpireBooking, at(0)), Ok(vec![expired()]));
    }
    for event in [expired(), confirmed(1, PaymentMethod::Wallet), cancelled(CancelledBy::Customer, None)] {
        assert_eq!(given(&then(&[event])).decide(Command::ExpireBooking, at(0)), Ok(vec![]));
    }
}

#[test]
fn a_customer_cancels_until_two_hours_before_the_start() {
    let history = then(&[confirmed(1, PaymentMethod::Wallet)]);
    let cancelled = cancelled(CancelledBy::Customer, Some(due(1, PaymentMethod::Wallet)));
    let ask =
        || Command::CancelBooking { by: CancelledBy::Customer, reason: None, cascade: None, released: false };
    assert_eq!(given(&history).decide(ask(), at(CANCEL_UNTIL - 1)), Err(Refusal::SeatsNotReleased));
    let late = Err(Refusal::TooLateToCancel(at(CANCEL_UNTIL)));
    assert_eq!(given(&history).decide(ask(), at(CANCEL_UNTIL)), late);
    // Released seats are no longer sold to the booking, however late it learns of the release.
    for time in [CANCEL_UNTIL - 1, CANCEL_UNTIL, START] {
        let then = given(&history).decide(cancel(CancelledBy::Customer), at(time));
        assert_eq!(then, Ok(vec![cancelled.clone()]));
    }
}

#[test]
fn the_house_cancels_at_any_time() {
    let history = then(&[confirmed(1, PaymentMethod::Card)]);
    let command =
        Command::CancelBooking { by: CancelledBy::House, reason: None, cascade: None, released: false };
    let then = given(&history).decide(command, at(START));
    assert_eq!(then, Ok(vec![cancelled(CancelledBy::House, Some(due(1, PaymentMethod::Wallet)))]));
}

#[test]
fn an_unpaid_booking_is_cancelled_without_a_refund_even_late() {
    for by in [CancelledBy::Customer, CancelledBy::House] {
        let then = given(&paying()).decide(cancel(by), at(CANCEL_UNTIL));
        assert_eq!(then, Ok(vec![cancelled(by, None)]));
    }
}

#[test]
fn what_is_over_is_not_cancelled_again() {
    let history = then(&[cancelled(CancelledBy::House, None)]);
    assert_eq!(given(&history).decide(cancel(CancelledBy::Customer), at(0)), Ok(vec![]));
    let history = then(&[expired()]);
    assert_eq!(given(&history).decide(cancel(CancelledBy::House), at(0)), Ok(vec![]));
    let by_customer = given(&history).decide(cancel(CancelledBy::Customer), at(0));
    assert_eq!(by_customer, Err(Refusal::HoldExpired));
}

fn call_off() -> Command {
    Command::CallOff { reservation: reservation(), reason: Some("The roof leaks.".into()), cascade: uuid(90) }
}

fn called_off(refund_due: Option<RefundDue>) -> Event {
    Event::BookingCancelled {
        booking: booking(1),
        screening: screening(1),
        customer: user(1),
        by: CancelledBy::House,
        reason: Some("The roof leaks.".into()),
        cascade: Some(uuid(90)),
        refund_due,
    }
}

#[test]
fn a_hold_that_is_called_off_becomes_a_booking_so_that_its_owner_is_told() {
    let then = given(&[]).decide(call_off(), at(0));
    assert_eq!(then, Ok(vec![opened(), called_off(None)]));
    let history = [opened(), called_off(None)];
    assert_eq!(given(&history).decide(call_off(), at(0)), Ok(vec![]));
}

#[test]
fn a_paid_booking_that_is_called_off_gets_its_money_back_even_late() {
    let history = then(&[confirmed(1, PaymentMethod::Wallet)]);
    let expected = called_off(Some(due(1, PaymentMethod::Wallet)));
    assert_eq!(given(&history).decide(call_off(), at(START)), Ok(vec![expected]));
    assert_eq!(given(&paying()).decide(call_off(), at(0)), Ok(vec![called_off(None)]));
}

#[test]
fn seats_bought_late_and_called_off_are_not_confirmed_any_more() {
    let history = then(&[expired()]);
    assert_eq!(given(&history).decide(call_off(), at(0)), Ok(vec![called_off(None)]));
    let history = then(&[expired(), called_off(None)]);
    assert_eq!(given(&history).decide(confirm(1), at(0)), Err(Refusal::BookingCancelled));
}

#[test]
fn what_its_customer_cancelled_first_is_not_called_off() {
    let history = then(&[cancelled(CancelledBy::Customer, None)]);
    assert_eq!(given(&history).decide(call_off(), at(0)), Ok(vec![]));
}

#[test]
fn a_refund_tells_the_cascade_that_brought_it() {
    let due = Some(due(1, PaymentMethod::Wallet));
    let history = then(&[confirmed(1, PaymentMethod::Wallet), called_off(due)]);
    let (booking, payment, target) = (booking(1), payment(1), PaymentMethod::Wallet);
    let (cascade, counter) = (Some(uuid(90)), None);
    let recorded = Event::BookingRefunded { booking, payment, target, amount: rupees(300), cascade, counter };
    assert_eq!(given(&history).decide(record_refund(1), at(0)), Ok(vec![recorded]));
}

#[test]
fn a_refund_is_recorded_once_for_the_payment_that_confirmed() {
    let due = Some(due(1, PaymentMethod::Wallet));
    let history = then(&[confirmed(1, PaymentMethod::Wallet), cancelled(CancelledBy::House, due)]);
    assert_eq!(given(&history).decide(record_refund(1), at(0)), Ok(vec![refunded(1)]));
    assert_eq!(given(&history).decide(record_refund(2), at(0)), Err(Refusal::UnknownPayment));
    let done = [history, vec![refunded(1)]].concat();
    assert_eq!(given(&done).decide(record_refund(1), at(0)), Ok(vec![]));
}

#[test]
fn a_booking_that_stands_has_no_refund() {
    let history = then(&[confirmed(1, PaymentMethod::Wallet)]);
    assert_eq!(given(&history).decide(record_refund(1), at(0)), Err(Refusal::NotCancelled));
    assert_eq!(given(&paying()).decide(record_refund(1), at(0)), Err(Refusal::UnknownPayment));
}

#[test]
fn a_note_is_added_once_also_before_the_booking_is_paid() {
    use crate::Decider as _;

    let by = crate::examples::user(9);
    let note = |n: u8, text: &str, body: &str| Command::AddNote {
        booking: crate::examples::booking(1),
        customer: crate::examples::user(1),
        note: uuid(n),
        text: text.into(),
        by,
        fingerprint: Some(crate::examples::fingerprint(body)),
    };
    let mut booking = Booking::default();
    let events = crate::examples::execute(&mut booking, &note(1, "Rang", "1"), at(0)).unwrap();
    assert!(matches!(&events[..], [Event::NoteAdded { text, .. }] if text.as_stored() == "Rang"));
    assert!(booking.opened.is_none(), "a note opens no booking");
    // Each request seals the text again, so only the fingerprint says if it is the same.
    assert_eq!(booking.decide(&note(1, "sealed again", "1"), &context(at(0))), Ok(vec![]));
    assert_eq!(booking.decide(&note(1, "Other", "2"), &context(at(0))), Err(Refusal::KeyReused));
    for n in 2..=200 {
        crate::examples::execute(&mut booking, &note(n, "x", &n.to_string()), at(0)).unwrap();
    }
    let full = booking.decide(&note(201, "x", "x"), &context(at(0)));
    assert_eq!(full, Err(Refusal::TooManyNotes { max: 200 }));
}
