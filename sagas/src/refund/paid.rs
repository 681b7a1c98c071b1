//! A paid booking on real aggregates without a log, for tests of its refunds.

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Decider, Money, PaymentId, ScreeningId, SeatName, UserId,
    booking::{self, Booking, PaymentMethod},
    examples::{execute, inr},
    hold::{PricedSeat, Reservation, Standing},
    payment::{self, Payment, Purpose},
    pricing::{Charges, TicketType},
    wallet::{self, EntryKind, Reference, Wallet},
};
use uuid::Uuid;

pub const BOOKING: BookingId = BookingId(Uuid::from_u128(1));
pub const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(2));
pub const CUSTOMER: UserId = UserId(Uuid::from_u128(3));
pub const PAYMENT: PaymentId = PaymentId(Uuid::from_u128(4));
pub const PRICE_MINOR: i64 = 25_000;

pub fn carry_out<A: Decider<Refusal: std::fmt::Debug>>(state: &mut A, command: &A::Command) -> Vec<A::Event> {
    let now: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
    execute(state, command, now).unwrap()
}

/// Pays for these seats. The wallet has a hundredth of a rupee more than it needs.
pub fn paid(method: PaymentMethod, seats: &[&str], price_minor: i64) -> (Booking, Wallet, Payment) {
    paid_on_terms(method, seats, price_minor, 0)
}

/// Pays for seats whose cancellation by the customer costs a fee.
pub fn paid_on_terms(
    method: PaymentMethod,
    seats: &[&str],
    price_minor: i64,
    cancellation_fee_minor: i64,
) -> (Booking, Wallet, Payment) {
    let (mut booking, mut wallet, mut card) = (Booking::default(), Wallet::default(), Payment::default());
    let later = "2026-12-01T18:00:00Z".parse().unwrap();
    let priced = |seat: &&str| PricedSeat {
        seat: SeatName((*seat).to_owned()),
        category: "gold".to_owned(),
        price_minor,
        ticket_type: TicketType::default(),
        discount_minor: 0,
    };
    let seats: Vec<PricedSeat> = seats.iter().map(priced).collect();
    let amount = inr(seats.iter().map(|seat| seat.price_minor).sum());
    let reservation = Reservation {
        booking: BOOKING,
        customer: CUSTOMER,
        screening: SCREENING,
        seats,
        amount,
        starts_at: later,
        cancel_until: later,
        charges: Charges::default(),
        cancellation_fee_minor,
        promotion: None,
    };
    let (standing, payment, fingerprint) = (Standing::Held(later), PAYMENT, None);
    let pay = booking::Command::PayBooking { reservation, standing, payment, method, fingerprint };
    carry_out(&mut booking, &pay);
    let tickets = Vec::new();
    carry_out(&mut booking, &booking::Command::ConfirmBooking { payment, tickets });
    match method {
        PaymentMethod::Wallet => pay_from_wallet(&mut wallet, amount),
        PaymentMethod::Card => pay_by_card(&mut card, amount),
        // The seller took the money.
        PaymentMethod::Cash
        | PaymentMethod::CardTerminal
        | PaymentMethod::Upi
        | PaymentMethod::Complimentary => {}
    }
    (booking, wallet, card)
}

fn pay_from_wallet(wallet: &mut Wallet, amount: Money) {
    let reference = Reference { kind: EntryKind::Credit, id: PAYMENT.0 };
    let (customer, booking, reason) = (CUSTOMER, None, None);
    let given = inr(amount.amount_minor + 1);
    let credit = wallet::Command::CreditWallet { customer, reference, amount: given, booking, reason };
    carry_out(wallet, &credit);
    let (reference, booking) = (Reference::payment(PAYMENT), BOOKING);
    carry_out(wallet, &wallet::Command::DebitWallet { customer, reference, amount, booking });
}

fn pay_by_card(card: &mut Payment, amount: Money) {
    let (payment, customer, fingerprint) = (PAYMENT, CUSTOMER, None);
    let purpose = Purpose::Booking { booking: BOOKING };
    let request = payment::Command::RequestPayment { payment, customer, purpose, amount, fingerprint };
    carry_out(card, &request);
    let provider_payment = "pay_1".to_owned();
    carry_out(card, &payment::Command::CapturePayment { provider_payment, captured: amount });
}
