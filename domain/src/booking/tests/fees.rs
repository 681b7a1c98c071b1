//! Fees, discounts and what a cancellation costs: what was paid is refunded or kept, to the last unit.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{
    Decider, Money,
    booking::opened::Opened,
    examples::{inr, seats},
    pricing::{Fee, FeePer},
    seat_return::{RefundWay, SeatReturn},
};

const NAMES: [&str; 3] = ["A-1", "A-2", "A-3"];

/// Three seats for 300 rupees, one of them with a discount of 50, on these terms.
fn three_seats(fee: Option<Fee>, cancellation_fee_minor: i64) -> Reservation {
    let priced = |name: &&str| PricedSeat {
        seat: SeatName((*name).into()),
        category: "gold".into(),
        price_minor: 30_000,
        ticket_type: TicketType("adult".to_owned()),
        discount_minor: if *name == "A-3" { 5_000 } else { 0 },
    };
    let seats: Vec<PricedSeat> = NAMES.iter().map(priced).collect();
    let charges = Charges { fee, tax_rates: Vec::new() };
    let amount = inr(charges.total_minor(&seats));
    Reservation { seats, amount, charges, cancellation_fee_minor, ..reservation() }
}

fn paid(reservation: Reservation) -> Booking {
    let (method, standing) = (PaymentMethod::Wallet, Standing::Held(at(480)));
    let pay = Command::PayBooking { reservation, standing, payment: payment(1), method, fingerprint: None };
    let mut booking = Booking::default();
    carry_out(&mut booking, &pay);
    carry_out(&mut booking, &Command::ConfirmBooking { payment: payment(1), tickets: Vec::new() });
    booking
}

fn carry_out(booking: &mut Booking, command: &Command) -> Vec<Event> {
    let events = booking.decide(command, &context(at(0))).unwrap();
    for event in &events {
        booking.evolve(event);
    }
    events
}

fn give_back(id: u8, names: &[&str], by: CancelledBy) -> Command {
    let (id, refund) = (payment(id), RefundWay::Original);
    let (seats, reason, fingerprint, counter) = (seats(names), None, None, None);
    let returned = SeatReturn { id, seats, by, refund, reason, fingerprint, counter };
    Command::ReturnSeats { returned }
}

fn cancel(by: CancelledBy) -> Command {
    Command::CancelBooking { by, reason: None, cascade: None, released: true }
}

/// The refund that an event promises.
fn promised(events: &[Event]) -> i64 {
    match events {
        [Event::SeatsReturned { due, .. }] => due.amount.amount_minor,
        [Event::BookingCancelled { refund_due, .. }] => refund_due.map_or(0, |due| due.amount.amount_minor),
        other => panic!("{other:?}"),
    }
}

fn opened(booking: &Booking) -> &Opened {
    booking.opened.as_ref().unwrap()
}

#[test]
fn a_customer_gets_prices_back_and_the_house_returns_fees_too() {
    let (ticket, once) = (FeePer::Ticket, FeePer::Booking);
    for (by, per, names, refund_minor) in [
        (CancelledBy::Customer, ticket, &NAMES[..1], 30_000 - 2_000),
        (CancelledBy::House, ticket, &NAMES[..1], 30_000 + 1_000),
        (CancelledBy::Customer, once, &NAMES[..1], 30_000 - 2_000),
        (CancelledBy::House, once, &NAMES[..1], 30_000),
        // With its share of the discount, not with that of the others.
        (CancelledBy::House, once, &NAMES[2..], 25_000),
        (CancelledBy::Customer, ticket, &NAMES[..], 85_000 - 2_000),
        (CancelledBy::House, ticket, &NAMES[..], 85_000 + 3_000),
        (CancelledBy::House, once, &NAMES[..], 85_000 + 1_000),
    ] {
        let mut booking = paid(three_seats(Some(Fee { per, amount_minor: 1_000 }), 2_000));
        let events = carry_out(&mut booking, &give_back(2, names, by));
        assert_eq!(promised(&events), refund_minor, "{by:?} {per:?} {names:?}");
    }
}

#[test]
fn a_cancellation_never_costs_more_than_the_refund() {
    let mut booking = paid(three_seats(None, 90_000));
    assert_eq!(promised(&carry_out(&mut booking, &give_back(2, &["A-1"], CancelledBy::Customer))), 0);
    assert_eq!(promised(&carry_out(&mut booking, &cancel(CancelledBy::Customer))), 0);
    assert_eq!(opened(&booking).refund_due, None);
}

#[test]
fn seats_that_stay_keep_their_fees_and_discounts() {
    let mut booking = paid(three_seats(Some(Fee { per: FeePer::Booking, amount_minor: 1_000 }), 0));
    carry_out(&mut booking, &give_back(2, &["A-1", "A-2"], CancelledBy::Customer));
    assert_eq!(opened(&booking).amount(), inr(25_000 + 1_000));
    assert_eq!(promised(&carry_out(&mut booking, &cancel(CancelledBy::House))), 26_000);
    assert_eq!(opened(&booking).kept(), inr(0));
}

#[test]
fn what_was_paid_for_returned_seats_is_their_refund_and_what_the_house_keeps() {
    let (ticket, once) = (FeePer::Ticket, FeePer::Booking);
    for (per, names, paid_minor) in [
        (ticket, &NAMES[..1], 30_000 + 1_000),
        (once, &NAMES[..1], 30_000),
        (ticket, &NAMES[1..], 55_000 + 2_000),
        (once, &NAMES[2..], 25_000),
    ] {
        for by in [CancelledBy::Customer, CancelledBy::House] {
            let mut booking = paid(three_seats(Some(Fee { per, amount_minor: 1_000 }), 2_000));
            let refund_minor = promised(&carry_out(&mut booking, &give_back(2, names, by)));
            let opened = opened(&booking);
            assert_eq!(opened.paid_for_returned(&seats(names)), inr(paid_minor), "{per:?} {names:?}");
            let charge_minor = if by == CancelledBy::House { 0 } else { 2_000 };
            let fees_minor = if by == CancelledBy::House { 0 } else { opened.ticket_fees_minor(names.len()) };
            assert_eq!(refund_minor + charge_minor + fees_minor, paid_minor, "{by:?} {per:?} {names:?}");
        }
    }
}

fn fees() -> impl Strategy<Value = Option<Fee>> {
    let fee = (select(vec![FeePer::Ticket, FeePer::Booking]), 0..3_000_i64);
    prop::option::of(fee.prop_map(|(per, amount_minor)| Fee { per, amount_minor }))
}

proptest! {
    /// Whichever seats are returned, by the customer or by the house, the refunds and the house's charges add up to the amount paid.
    #[test]
    fn nothing_is_lost_or_made(
        fee in fees(),
        cancellation_fee in 0..40_000_i64,
        returns in vec((select(&NAMES[..]), any::<bool>()), 0..4),
        last_by_house in any::<bool>(),
    ) {
        let by = |house| if house { CancelledBy::House } else { CancelledBy::Customer };
        let reservation = three_seats(fee, cancellation_fee);
        let Money { amount_minor: paid_minor, .. } = reservation.amount;
        let mut booking = paid(reservation);
        let mut back_minor = 0;
        for (id, (name, house)) in (2..).zip(&returns) {
            let events = carry_out(&mut booking, &give_back(id, &[*name], by(*house)));
            back_minor += if events.is_empty() { 0 } else { promised(&events) };
        }
        if opened(&booking).status == BookingStatus::Confirmed {
            back_minor += promised(&carry_out(&mut booking, &cancel(by(last_by_house))));
        }
        prop_assert_eq!(back_minor + opened(&booking).kept().amount_minor, paid_minor);
        prop_assert!((0..=paid_minor).contains(&back_minor));
        let all_by_house = last_by_house && returns.iter().all(|(_, house)| *house);
        prop_assert!(!all_by_house || back_minor == paid_minor);
    }
}
