//! The three laws of a saga, on real aggregates without a log: wherever it crashes, and however often it restarts, the
//! money is returned once.

use jiff::Timestamp;
use ticketshow_domain::{
    Decider, ScreeningId, SeatName,
    booking::BookingStatus,
    examples::{execute, inr},
    hold::{PricedSeat, Reservation, Standing},
    payment::{PaymentStatus, Purpose, RefundStatus},
    wallet::EntryKind,
};
use uuid::Uuid;

use super::*;

const BOOKING: BookingId = BookingId(Uuid::from_u128(1));
const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(2));
const CUSTOMER: UserId = UserId(Uuid::from_u128(3));
const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(4));
const CASCADE: Uuid = Uuid::from_u128(5);
const PRICE_MINOR: i64 = 25_000;

fn now() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

/// A paid booking that was cancelled, with its wallet and its card payment.
#[derive(Debug, Clone, PartialEq)]
struct World {
    booking: Booking,
    wallet: Wallet,
    payment: Payment,
    cancelled: Option<Due>,
}

fn carry_out<A: Decider<Refusal: std::fmt::Debug>>(state: &mut A, command: &A::Command) -> Vec<A::Event> {
    execute(state, command, now()).unwrap()
}

impl World {
    fn cancelled(method: PaymentMethod, amount_minor: i64, by: CancelledBy) -> Self {
        let amount = inr(amount_minor);
        let mut world = Self {
            booking: Booking::default(),
            wallet: Wallet::default(),
            payment: Payment::default(),
            cancelled: None,
        };
        world.pay(method, amount);
        let (reason, cascade) = match by {
            CancelledBy::Customer => (None, None),
            CancelledBy::House => (Some("The roof leaks.".to_owned()), Some(CASCADE)),
        };
        let cancel = booking::Command::CancelBooking { by, reason, cascade, released: true };
        let [event] = &carry_out(&mut world.booking, &cancel)[..] else { panic!("one event") };
        world.cancelled = react(event);
        world
    }

    fn pay(&mut self, method: PaymentMethod, amount: Money) {
        let later = "2026-12-01T18:00:00Z".parse().unwrap();
        let seat = PricedSeat {
            seat: SeatName("A-1".to_owned()),
            category: "gold".to_owned(),
            price_minor: amount.amount_minor,
        };
        let reservation = Reservation {
            booking: BOOKING,
            customer: CUSTOMER,
            screening: SCREENING,
            seats: vec![seat],
            amount,
            starts_at: later,
            cancel_until: later,
        };
        let (standing, payment, fingerprint) = (Standing::Held(later), PAYMENT, None);
        let pay = booking::Command::PayBooking { reservation, standing, payment, method, fingerprint };
        carry_out(&mut self.booking, &pay);
        let tickets = Vec::new();
        carry_out(&mut self.booking, &booking::Command::ConfirmBooking { payment, tickets });
        match method {
            PaymentMethod::Wallet => self.pay_from_wallet(amount),
            PaymentMethod::Card => self.pay_by_card(amount),
            // The seller took the money.
            PaymentMethod::Cash
            | PaymentMethod::CardTerminal
            | PaymentMethod::Upi
            | PaymentMethod::Complimentary => {}
        }
    }

    fn pay_from_wallet(&mut self, amount: Money) {
        let reference = Reference { kind: EntryKind::Credit, id: CASCADE };
        let (customer, booking) = (CUSTOMER, None);
        let given = inr(amount.amount_minor + 1);
        carry_out(
            &mut self.wallet,
            &wallet::Command::CreditWallet { customer, reference, amount: given, booking, reason: None },
        );
        let (reference, booking) = (Reference::payment(PAYMENT), BOOKING);
        carry_out(&mut self.wallet, &wallet::Command::DebitWallet { customer, reference, amount, booking });
    }

    fn pay_by_card(&mut self, amount: Money) {
        let (payment, customer) = (PAYMENT, CUSTOMER);
        let purpose = Purpose::Booking { booking: BOOKING };
        let fingerprint = None;
        let request = payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint };
        carry_out(&mut self.payment, &request);
        let provider_payment = "pay_1".to_owned();
        let capture = payment::Command::CapturePayment { provider_payment, captured: amount };
        carry_out(&mut self.payment, &capture);
    }

    fn due(&self) -> Due {
        self.cancelled.clone().unwrap()
    }

    fn take(&mut self, step: Step) {
        let due = self.due();
        match step {
            Step::Credit => drop(carry_out(&mut self.wallet, &due.credit())),
            Step::Record(target) => drop(carry_out(&mut self.booking, &due.record(target))),
            Step::Request => drop(carry_out(&mut self.payment, &due.request())),
        }
    }

    fn status(&self) -> BookingStatus {
        self.booking.opened.as_ref().unwrap().status
    }
}

/// A crash before and after every step, every step twice, and all steps twice lead to the same state.
fn ends_alike_however_often_it_crashes(method: PaymentMethod, amount_minor: i64) -> World {
    let start = World::cancelled(method, amount_minor, CancelledBy::House);
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
