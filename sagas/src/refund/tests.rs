//! The three laws, on real aggregates without a log: wherever it breaks off and however often it begins again, what was
//! taken comes back once.

use jiff::Timestamp;
use ticketshow_domain::{
    Context, Currency, Decider, Policy, ScreeningId, SeatName,
    booking::{BookingStatus, PricedSeat, Reservation},
    payment::{PaymentStatus, Purpose, RefundStatus},
    screening::Standing,
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

fn inr(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::INR }
}

/// A paid booking that was cancelled, its wallet and the payment of its card.
#[derive(Debug, Clone, PartialEq)]
struct World {
    booking: Booking,
    wallet: Wallet,
    payment: Payment,
    cancelled: Option<Due>,
}

fn carry_out<A: Decider<Refusal: std::fmt::Debug>>(state: &mut A, command: &A::Command) -> Vec<A::Event> {
    let events = state.decide(command, &Context { now: now(), policy: Policy::default() }).unwrap();
    for event in &events {
        state.evolve(event);
    }
    events
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
        let cancel = booking::Command::CancelBooking { by, reason, cascade, checked_in: false };
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

/// Every step broken off before and after, every step twice, and the whole way twice: the same end.
fn ends_alike_however_often_it_breaks(method: PaymentMethod, amount_minor: i64) -> World {
    let start = World::cancelled(method, amount_minor, CancelledBy::House);
    let way = start.due().way;
    let mut straight = start.clone();
    for step in way {
        straight.take(*step);
    }
    for crash_after in 0..=way.len() {
        let mut world = start.clone();
        let before = &way[..crash_after];
        for step in before.iter().chain(way.iter().flat_map(|step| [step, step])) {
            world.take(*step);
        }
        assert_eq!(world, straight, "after a crash behind step {crash_after}");
    }
    straight
}

#[test]
fn a_wallet_gets_back_what_it_gave_once() {
    let world = ends_alike_however_often_it_breaks(PaymentMethod::Wallet, PRICE_MINOR);
    assert_eq!(world.wallet.balance_minor(), PRICE_MINOR + 1);
    assert_eq!(world.wallet.entry(&Reference::refund(PAYMENT)), Some(PRICE_MINOR));
    assert_eq!(world.status(), BookingStatus::Refunded);
}

#[test]
fn what_was_free_is_refunded_without_money() {
    let world = ends_alike_however_often_it_breaks(PaymentMethod::Wallet, 0);
    assert_eq!(world.wallet.entry(&Reference::refund(PAYMENT)), None);
    assert_eq!(world.status(), BookingStatus::Refunded);
}

#[test]
fn a_card_is_asked_for_and_the_booking_waits() {
    let world = ends_alike_however_often_it_breaks(PaymentMethod::Card, PRICE_MINOR);
    assert_eq!(world.payment.status, PaymentStatus::Refunding);
    let refund = world.payment.refund.as_ref().unwrap();
    assert_eq!((refund.target, refund.status), (RefundTarget::Card, RefundStatus::Requested));
    assert_eq!(refund.reason, RefundReason::CancelledByHouse);
    assert_eq!(world.status(), BookingStatus::Cancelled);
}

#[test]
fn who_cancelled_is_the_reason_of_the_refund() {
    let mut world = World::cancelled(PaymentMethod::Card, PRICE_MINOR, CancelledBy::Customer);
    world.take(Step::Request);
    assert_eq!(world.payment.refund.unwrap().reason, RefundReason::CancelledByCustomer);
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
fn nothing_is_due_for_a_booking_that_was_never_paid() {
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
