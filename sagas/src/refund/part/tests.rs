//! The three laws for refunds of seats that were given back, on real aggregates without a log.

use ticketshow_domain::{
    SeatName,
    booking::{BookingStatus, CancelledBy},
    examples::inr,
    payment::{PaymentStatus, RefundStatus},
    seat_return::SeatReturn,
};
use uuid::Uuid;

use super::*;
use crate::refund::paid::{PRICE_MINOR, carry_out, paid};

const PART: PaymentId = PaymentId(Uuid::from_u128(5));

/// A paid booking of two seats that gave one back.
#[derive(Debug, Clone, PartialEq)]
struct World {
    booking: Booking,
    wallet: Wallet,
    payment: Payment,
    part: Payment,
    due: Option<PartDue>,
}

impl World {
    fn new(method: PaymentMethod, refund: RefundWay, price_minor: i64) -> Self {
        let (booking, wallet, payment) = paid(method, &["A-1", "A-2"], price_minor);
        let mut world = Self { booking, wallet, payment, part: Payment::default(), due: None };
        let (seats, by) = (vec![SeatName("A-1".to_owned())], CancelledBy::Customer);
        let (reason, fingerprint, counter) = (None, None, None);
        let returned = SeatReturn { id: PART, seats, by, refund, reason, fingerprint, counter };
        let [event] = &carry_out(&mut world.booking, &booking::Command::ReturnSeats { returned })[..] else {
            panic!("one event")
        };
        world.due = react(event);
        world
    }

    fn dispute(&mut self, status: DisputeStatus, amount_minor: i64) {
        let (dispute, amount) = ("dsp_1".to_owned(), inr(amount_minor));
        carry_out(&mut self.payment, &Command::RecordDispute { dispute, amount, status });
    }

    fn take(&mut self, step: Step) {
        let due = self.due.clone().unwrap();
        match step {
            Step::Credit => drop(carry_out(&mut self.wallet, &due.credit())),
            Step::Record(target) => drop(carry_out(&mut self.booking, &due.record(target))),
            Step::SplitOff => drop(carry_out(&mut self.payment, &due.split_off())),
            Step::Open => {
                for command in opening(&self.payment, &self.payment.parts()[0]).unwrap() {
                    carry_out(&mut self.part, &command);
                }
            }
            Step::Request(target) => drop(carry_out(&mut self.part, &PartDue::request(target))),
        }
    }

    fn steps(&self) -> Vec<Step> {
        self.due.as_ref().unwrap().steps()
    }

    fn run(mut self) -> Self {
        for step in self.steps() {
            self.take(step);
        }
        self
    }
}

/// A crash before and after every step, every step twice, and all steps twice lead to the same state.
fn ends_alike_however_often_it_crashes(method: PaymentMethod, refund: RefundWay, price_minor: i64) -> World {
    let start = World::new(method, refund, price_minor);
    let steps = start.steps();
    let straight = start.clone().run();
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

fn refunded(world: &World) -> bool {
    let opened = world.booking.opened.as_ref().unwrap();
    assert_eq!(opened.status, BookingStatus::Confirmed, "the other seat stays");
    opened.returns[0].refunded
}

#[test]
fn a_wallet_gets_the_price_of_the_seat_once() {
    for way in [RefundWay::Original, RefundWay::Wallet] {
        let world = ends_alike_however_often_it_crashes(PaymentMethod::Wallet, way, PRICE_MINOR);
        assert_eq!(world.wallet.balance_minor(), PRICE_MINOR + 1);
        assert!(refunded(&world));
    }
}

#[test]
fn money_that_the_house_keeps_goes_nowhere() {
    let wallet = ends_alike_however_often_it_crashes(PaymentMethod::Wallet, RefundWay::None, PRICE_MINOR);
    assert_eq!(wallet.wallet.balance_minor(), 1);
    let card = ends_alike_however_often_it_crashes(PaymentMethod::Card, RefundWay::None, PRICE_MINOR);
    assert_eq!((card.payment.left(), card.part), (Some(inr(PRICE_MINOR)), Payment::default()));
    assert!(!refunded(&wallet));
}

#[test]
fn a_free_seat_is_refunded_without_money() {
    for method in [PaymentMethod::Wallet, PaymentMethod::Card] {
        let world = ends_alike_however_often_it_crashes(method, RefundWay::Original, 0);
        assert!(refunded(&world) && world.part == Payment::default());
    }
}

#[test]
fn a_part_of_a_card_payment_has_a_refund_of_its_own() {
    for (way, target) in
        [(RefundWay::Original, RefundTarget::Card), (RefundWay::Wallet, RefundTarget::Wallet)]
    {
        let world = ends_alike_however_often_it_crashes(PaymentMethod::Card, way, PRICE_MINOR);
        assert_eq!(world.payment.status(), PaymentStatus::Captured);
        assert_eq!(world.payment.left(), Some(inr(PRICE_MINOR)));
        assert_eq!(world.part.captured(), Some(("pay_1", inr(PRICE_MINOR))));
        let refund = world.part.refund().unwrap();
        assert_eq!((refund.target, refund.status), (target, RefundStatus::Requested));
        assert_eq!(refund.reason, RefundReason::SeatsReturned);
        assert!(!refunded(&world), "not before the money is back");
    }
}

#[test]
fn a_part_waits_for_the_end_of_a_dispute_about_the_whole() {
    let mut disputed = World::new(PaymentMethod::Card, RefundWay::Original, PRICE_MINOR);
    disputed.dispute(DisputeStatus::Open, 2 * PRICE_MINOR);
    let mut disputed = disputed.run();
    assert!(disputed.part.is_disputed());
    disputed.dispute(DisputeStatus::Won, 2 * PRICE_MINOR);
    disputed.take(Step::Open);
    assert!(!disputed.part.is_disputed() && !disputed.part.is_charged_back());
}

#[test]
fn a_bank_that_took_all_of_the_money_has_refunded_the_part_too() {
    let mut lost = World::new(PaymentMethod::Card, RefundWay::Original, PRICE_MINOR).run();
    lost.dispute(DisputeStatus::Lost, 2 * PRICE_MINOR);
    lost.take(Step::Open);
    assert_eq!(lost.part.refund().unwrap().status, RefundStatus::Completed);

    let mut rest = World::new(PaymentMethod::Card, RefundWay::Original, PRICE_MINOR).run();
    rest.dispute(DisputeStatus::Lost, PRICE_MINOR);
    rest.take(Step::Open);
    assert!(rest.payment.is_charged_back(), "the bank took the seat that is left");
    assert_eq!(rest.part.refund().unwrap().status, RefundStatus::Requested, "the part is still due");
}

#[test]
fn the_payment_of_a_difference_has_parts_of_its_own() {
    let due = World::new(PaymentMethod::Card, RefundWay::Original, PRICE_MINOR).due.unwrap();
    let (payment, customer, booking) = (PaymentId(Uuid::from_u128(6)), due.customer, due.booking);
    let (purpose, amount, fingerprint) = (Purpose::Difference { booking }, inr(PRICE_MINOR / 2), None);
    let (mut difference, mut part) = (Payment::default(), Payment::default());
    carry_out(&mut difference, &Command::RequestPayment { payment, customer, purpose, amount, fingerprint });
    let provider_payment = "pay_2".to_owned();
    carry_out(&mut difference, &Command::CapturePayment { provider_payment, captured: amount });
    // Never more than it took.
    carry_out(&mut difference, &due.split_off());
    assert_eq!(difference.left(), Some(inr(0)));
    for command in opening(&difference, &difference.parts()[0]).unwrap() {
        carry_out(&mut part, &command);
    }
    assert_eq!(part.captured(), Some(("pay_2", amount)));
    assert_eq!(part.opened().unwrap().purpose, Purpose::Part { of: payment, booking });
}
