//! The three laws of a saga, on real aggregates without a log: wherever it crashes, and however often it restarts, the
//! money is returned once.

use ticketshow_domain::{
    booking::BookingStatus,
    examples::inr,
    payment::{PaymentStatus, RefundStatus},
    seat_return::{RefundWay, SeatReturn},
};
use uuid::Uuid;

use super::{
    paid::{BOOKING, CUSTOMER, PAYMENT, PRICE_MINOR, SCREENING, carry_out, paid_on_terms},
    *,
};

const CASCADE: Uuid = Uuid::from_u128(5);

/// A paid booking that was cancelled, with its wallet and its card payment.
#[derive(Debug, Clone, PartialEq)]
struct World {
    booking: Booking,
    wallet: Wallet,
    payment: Payment,
    cancelled: Option<Due>,
}

impl World {
    fn cancelled(method: PaymentMethod, amount_minor: i64, by: CancelledBy) -> Self {
        Self::cancelled_for(method, amount_minor, 0, by)
    }

    /// A customer's cancellation costs a fee.
    fn cancelled_for(method: PaymentMethod, amount_minor: i64, fee_minor: i64, by: CancelledBy) -> Self {
        let (booking, wallet, payment) = paid_on_terms(method, &["A-1"], amount_minor, fee_minor);
        let mut world = Self { booking, wallet, payment, cancelled: None };
        let (reason, cascade) = match by {
            CancelledBy::Customer => (None, None),
            CancelledBy::House => (Some("The roof leaks.".to_owned()), Some(CASCADE)),
        };
        let cancel = booking::Command::CancelBooking { by, reason, cascade, released: true };
        let [event] = &carry_out(&mut world.booking, &cancel)[..] else { panic!("one event") };
        world.cancelled = react(event);
        world
    }

    fn due(&self) -> Due {
        self.cancelled.clone().unwrap()
    }

    fn take(&mut self, step: Step) {
        let due = self.due();
        match step {
            Step::Credit => drop(carry_out(&mut self.wallet, &due.credit())),
            Step::Record(target) => drop(carry_out(&mut self.booking, &due.record(target))),
            Step::Keep => {
                if let Some(split) = due.keep(&self.booking) {
                    carry_out(&mut self.payment, &split);
                }
            }
            Step::Request => drop(carry_out(&mut self.payment, &due.request())),
        }
    }

    fn status(&self) -> BookingStatus {
        self.booking.opened.as_ref().unwrap().status
    }
}

/// A crash before and after every step, every step twice, and all steps twice lead to the same state.
fn ends_alike_however_often_it_crashes(method: PaymentMethod, amount_minor: i64) -> World {
    ends_alike(&World::cancelled(method, amount_minor, CancelledBy::House))
}

fn ends_alike(start: &World) -> World {
    let steps = start.due().steps;
    let mut straight = start.clone();
    for step in steps {
        straight.take(*step);
    }
    for crash_after in 0..=steps.len() {
        let mut world = start.clone();
        let before = &steps[..crash_after];
        for step in before.iter().chain(steps.iter().flat_map(|step| [step, step])) {
            world.take(*step);
        }
        assert_eq!(world, straight, "after a crash after step {crash_after}");
    }
    straight
}

#[test]
fn a_wallet_is_refunded_once() {
    let world = ends_alike_however_often_it_crashes(PaymentMethod::Wallet, PRICE_MINOR);
    assert_eq!(world.wallet.balance_minor(), PRICE_MINOR + 1);
    assert_eq!(world.wallet.entry(&Reference::refund(PAYMENT)), Some(PRICE_MINOR));
    assert_eq!(world.status(), BookingStatus::Refunded);
}

#[test]
fn a_free_booking_is_refunded_without_money() {
    let world = ends_alike_however_often_it_crashes(PaymentMethod::Wallet, 0);
    assert_eq!(world.wallet.entry(&Reference::refund(PAYMENT)), None);
    assert_eq!(world.status(), BookingStatus::Refunded);
}

#[test]
fn a_refund_to_a_card_is_requested_and_the_booking_waits() {
    let world = ends_alike_however_often_it_crashes(PaymentMethod::Card, PRICE_MINOR);
    assert_eq!(world.payment.status(), PaymentStatus::Refunding);
    let refund = world.payment.refund().unwrap();
    assert_eq!((refund.target, refund.status), (RefundTarget::Card, RefundStatus::Requested));
    assert_eq!(refund.reason, RefundReason::CancelledByHouse);
    assert_eq!(world.status(), BookingStatus::Cancelled);
}

#[test]
fn the_house_keeps_what_a_cancellation_by_the_customer_costs() {
    let fee_minor = 5_000;
    let cancelled = |method, fee_minor, by| World::cancelled_for(method, PRICE_MINOR, fee_minor, by);
    let wallet = ends_alike(&cancelled(PaymentMethod::Wallet, fee_minor, CancelledBy::Customer));
    assert_eq!(wallet.wallet.balance_minor(), PRICE_MINOR - fee_minor + 1);
    assert_eq!(wallet.status(), BookingStatus::Refunded);
    let card = ends_alike(&cancelled(PaymentMethod::Card, fee_minor, CancelledBy::Customer));
    assert_eq!(card.payment.status(), PaymentStatus::Refunding);
    assert_eq!(card.payment.left(), Some(inr(PRICE_MINOR - fee_minor)));

    // The house itself keeps nothing, and nobody pays more than the price of the seats.
    let house = ends_alike(&cancelled(PaymentMethod::Card, fee_minor, CancelledBy::House));
    assert_eq!(house.payment.left(), Some(inr(PRICE_MINOR)));
    let all = cancelled(PaymentMethod::Card, PRICE_MINOR + 1, CancelledBy::Customer);
    assert_eq!((all.cancelled, all.booking.opened.unwrap().kept()), (None, inr(PRICE_MINOR)));
}

#[test]
fn the_refund_names_the_customer_who_cancelled() {
    let mut world = World::cancelled(PaymentMethod::Card, PRICE_MINOR, CancelledBy::Customer);
    world.take(Step::Request);
    assert_eq!(world.payment.refund().unwrap().reason, RefundReason::CancelledByCustomer);
}

#[test]
fn the_refund_names_the_cascade_that_cancelled() {
    let mut world = World::cancelled(PaymentMethod::Wallet, PRICE_MINOR, CancelledBy::House);
    let record = world.due().record(RefundTarget::Wallet);
    let [Event::BookingRefunded { cascade, .. }] = carry_out(&mut world.booking, &record)[..] else {
        panic!("one refund")
    };
    assert_eq!(cascade, Some(CASCADE));
}

#[test]
fn no_refund_is_due_for_a_booking_that_was_never_paid() {
    let cancelled = Event::BookingCancelled {
        booking: BOOKING,
        screening: SCREENING,
        customer: CUSTOMER,
        by: CancelledBy::Customer,
        reason: None,
        cascade: None,
        refund_due: None,
    };
    assert_eq!(react(&cancelled), None);
}

#[test]
fn money_of_the_counter_waits_for_a_person_and_its_cash_is_entered_in_the_till() {
    for method in [PaymentMethod::Cash, PaymentMethod::CardTerminal, PaymentMethod::Upi] {
        let mut world = ends_alike_however_often_it_crashes(method, PRICE_MINOR);
        assert_eq!((world.due().steps, world.status()), (&[][..], BookingStatus::Cancelled));
        let (till, seller) = (TillId(Uuid::from_u128(6)), UserId(Uuid::from_u128(7)));
        let counter = CounterRefund { refund: Uuid::from_u128(8), till: Some(till), by: seller };
        let target = PaymentMethod::Cash;
        let hand_back = booking::Command::RefundAtCounter { target, counter };
        let [event] = &carry_out(&mut world.booking, &hand_back)[..] else { panic!("one event") };
        let (booking, payment, amount) = (BOOKING, PAYMENT, inr(PRICE_MINOR));
        assert_eq!(payout(event), Some(Payout { seller, till, booking, payment, amount }));
    }
}

#[test]
fn the_cash_of_single_seats_is_entered_in_the_till_under_the_id_of_their_return() {
    let (till, seller) = (TillId(Uuid::from_u128(6)), UserId(Uuid::from_u128(7)));
    let (id, payment, amount) = (PaymentId(Uuid::from_u128(9)), PAYMENT, inr(PRICE_MINOR));
    let returned = |counter| Event::SeatsReturned {
        booking: BOOKING,
        screening: SCREENING,
        customer: CUSTOMER,
        returned: SeatReturn {
            id,
            seats: Vec::new(),
            by: CancelledBy::House,
            refund: RefundWay::Cash,
            reason: None,
            fingerprint: None,
            counter,
        },
        due: RefundDue { payment, method: PaymentMethod::Upi, amount, to: None },
    };
    let counter = CounterRefund { refund: id.0, till: Some(till), by: seller };
    let entered = payout(&returned(Some(counter)));
    assert_eq!(entered, Some(Payout { seller, till, booking: BOOKING, payment: id, amount }));
    assert_eq!(payout(&returned(None)), None);
    assert!(part::react(&returned(Some(counter))).unwrap().steps().is_empty(), "nothing goes back by itself");
}
