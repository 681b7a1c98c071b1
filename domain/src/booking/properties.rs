//! Invariants of a booking after any sequence of commands.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    Booking, BookingStatus, CancelledBy, Command, Event, FailureReason, PaymentMethod, opened::Outcome, tests,
};
use crate::{
    Decider,
    examples::{at, context, payment, rupees, uuid},
    hold::Standing,
    payment::RefundTarget,
};

fn commands() -> impl Strategy<Value = Command> {
    let payments = || (1..5_u8).prop_map(payment);
    let standings =
        select(vec![Standing::Held(at(480)), Standing::Held(at(480)), Standing::Lapsed, Standing::Sold]);
    let methods = select(vec![PaymentMethod::Wallet, PaymentMethod::Card]);
    let reasons = select(vec![
        FailureReason::InsufficientFunds,
        FailureReason::Declined,
        FailureReason::TimedOut,
        FailureReason::ProviderUnavailable,
        FailureReason::SentBack,
        FailureReason::SeatsGone,
        FailureReason::BookingClosed,
        FailureReason::PaidTwice,
        FailureReason::Cancelled,
        FailureReason::Abandoned,
    ]);
    let pay = (payments(), standings, methods).prop_map(|(payment, standing, method)| Command::PayBooking {
        reservation: tests::reservation(),
        standing,
        payment,
        method,
        fingerprint: None,
    });
    let cancel = (select(vec![CancelledBy::Customer, CancelledBy::House]), any::<bool>())
        .prop_map(|(by, released)| Command::CancelBooking { by, reason: None, cascade: None, released });
    let refund = payments().prop_map(|payment| Command::RecordRefund {
        payment,
        target: RefundTarget::Wallet,
        amount: rupees(300),
    });
    prop_oneof![
        6 => pay,
        3 => payments().prop_map(|payment| Command::ConfirmBooking { payment, tickets: vec![] }),
        4 => (payments(), reasons).prop_map(|(payment, reason)| Command::FailAttempt { payment, reason }),
        1 => Just(Command::ExpireBooking),
        1 => cancel,
        1 => Just(call_off()),
        2 => refund,
    ]
}

fn call_off() -> Command {
    Command::CallOff { reservation: tests::reservation(), reason: None, cascade: uuid(90) }
}

/// Allowed transitions. A payment that failed may be captured late while the hold still lasts: held to confirmed.
fn is_a_way(from: BookingStatus, to: BookingStatus) -> bool {
    use BookingStatus::{Cancelled, Confirmed, Expired, Held, Paying, Refunded};
    from == to
        || match from {
            Held => matches!(to, Paying | Confirmed | Expired | Cancelled),
            Paying => matches!(to, Held | Confirmed | Expired | Cancelled),
            Expired => matches!(to, Confirmed | Cancelled),
            Confirmed => to == Cancelled,
            Cancelled => to == Refunded,
            Refunded => false,
        }
}

fn status(booking: &Booking) -> BookingStatus {
    booking.opened.as_ref().map_or(BookingStatus::Held, |opened| opened.status)
}

proptest! {
    #[test]
    fn a_booking_takes_only_the_ways_of_its_state_machine(steps in vec(commands(), 1..60)) {
        let mut booking = Booking::default();
        let mut refunds = 0;
        for command in steps {
            let Ok(events) = booking.decide(&command, &context(at(0))) else { continue };
            for event in &events {
                let before = status(&booking);
                booking.evolve(event);
                let after = status(&booking);
                prop_assert!(is_a_way(before, after), "{event:?}: {before:?} to {after:?}");
                refunds += usize::from(matches!(event, Event::BookingRefunded { .. }));
            }
            prop_assert_eq!(booking.decide(&command, &context(at(0))), Ok(vec![]), "{:?} twice", command);
        }
        prop_assert!(refunds <= 1);
        if let Some(opened) = &booking.opened {
            let winners = opened.attempts.iter().filter(|attempt| attempt.outcome == Outcome::Confirmed).count();
            prop_assert!(winners <= 1, "the first payment wins");
            let open = |method| {
                let open = |a: &&super::Attempt| a.method == method && a.outcome == Outcome::Open;
                opened.attempts.iter().filter(open).count()
            };
            prop_assert!(open(PaymentMethod::Wallet) <= 1, "one debit at a time");
            prop_assert!(open(PaymentMethod::Card) <= 1, "one checkout at a time");
        }
    }
}
