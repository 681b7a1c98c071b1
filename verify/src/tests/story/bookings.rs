//! Events of bookings.

use ticketshow_domain::{
    AnyEvent, PromotionId, SeatName,
    booking::{self, BookingStatus, CancelledBy, FailureReason, PaymentMethod, RefundDue, Ticket},
    counter::CounterRefund,
    examples::{gold, inr, seats},
    hold::Reservation,
    payment::RefundTarget,
    pricing::Charges,
    screening,
    seat_move::{MoveRefusal, MoveTarget, SeatMove, Settlement},
    seat_return::{RefundWay, SeatReturn},
};

use crate::tests::story::*;

pub fn requested_at_counter(n: u8, by: u8) -> Step {
    requested_with(n, by, PaymentMethod::Cash)
}

pub fn booking_opened(n: u8, names: &[&str]) -> Step {
    opened_with(n, names, None)
}

/// Booking `n`, opened with a discount.
pub fn discounted(n: u8, names: &[&str], promotion: PromotionId) -> Step {
    opened_with(n, names, Some(promotion))
}

fn opened_with(n: u8, names: &[&str], promotion: Option<PromotionId>) -> Step {
    let priced: Vec<_> = names.iter().map(|seat| gold(seat, 300)).collect();
    let reservation = Reservation {
        booking: booking(n),
        customer: customer(),
        screening: screening_id(),
        amount: inr(priced.iter().map(|seat| seat.price_minor).sum()),
        seats: priced,
        starts_at: time(36_000),
        cancel_until: time(36_000),
        charges: Charges::default(),
        cancellation_fee_minor: 0,
        promotion,
    };
    on_booking(n, booking::Event::BookingOpened { reservation, sale: None })
}

fn requested_with(n: u8, by: u8, method: PaymentMethod) -> Step {
    on_booking(
        n,
        booking::Event::PaymentAttemptStarted {
            booking: booking(n),
            screening: screening_id(),
            customer: customer(),
            payment: payment(by),
            method,
            amount: inr(300),
            fingerprint: None,
        },
    )
}

pub fn requested(n: u8, by: u8) -> Step {
    requested_with(n, by, PaymentMethod::Wallet)
}

pub fn requested_by_card(n: u8, by: u8) -> Step {
    requested_with(n, by, PaymentMethod::Card)
}

pub fn failed(n: u8, by: u8, reason: FailureReason, status: BookingStatus) -> Step {
    let (booking, payment) = (booking(n), payment(by));
    on_booking(n, booking::Event::PaymentAttemptFailed { booking, payment, reason, status })
}

pub fn confirmed(n: u8, by: u8, names: &[&str], code: &str) -> Step {
    confirmed_for(n, by, names, code, 300)
}

pub fn confirmed_for(n: u8, by: u8, names: &[&str], code: &str, amount: i64) -> Step {
    let ticket = |(index, seat)| Ticket { seat, code: format!("{code}-{index}") };
    on_booking(
        n,
        booking::Event::BookingConfirmed {
            booking: booking(n),
            screening: screening_id(),
            customer: customer(),
            payment: payment(by),
            method: PaymentMethod::Wallet,
            amount: inr(amount),
            tickets: seats(names).into_iter().enumerate().map(ticket).collect(),
        },
    )
}

pub fn booking_expired(n: u8) -> Step {
    on_booking(n, booking::Event::BookingExpired { booking: booking(n) })
}

pub fn booking_cancelled(n: u8) -> Step {
    booking_cancelled_for(n, 300)
}

/// The booking is cancelled for this refund.
pub fn booking_cancelled_for(n: u8, amount: i64) -> Step {
    on_booking(
        n,
        booking::Event::BookingCancelled {
            booking: booking(n),
            screening: screening_id(),
            customer: customer(),
            by: CancelledBy::Customer,
            reason: None,
            cascade: None,
            refund_due: Some(due(n, PaymentMethod::Wallet, amount)),
        },
    )
}

fn due(by: u8, method: PaymentMethod, amount: i64) -> RefundDue {
    RefundDue { payment: payment(by), method, amount: inr(amount), to: None }
}

/// Booking `n`, paid by payment `n`, gives seats back under the id of payment `part`.
pub fn seats_returned(
    n: u8,
    part: u8,
    names: &[&str],
    amount: i64,
    method: PaymentMethod,
    refund: RefundWay,
) -> [Step; 2] {
    let (id, by, reason, fingerprint) = (payment(part), CancelledBy::Customer, None, None);
    let returned = SeatReturn { id, seats: seats(names), by, refund, reason, fingerprint, counter: None };
    let taken_back =
        screening::Event::SeatsTakenBack { booking: booking(n), returned: returned.clone(), left: 1 };
    let given_back = booking::Event::SeatsReturned {
        booking: booking(n),
        screening: screening_id(),
        customer: customer(),
        returned,
        due: due(n, method, amount),
    };
    [on_screening(taken_back), on_booking(n, given_back)]
}

/// Booking `n`, of which a seat was handed back in cash in session `till`, under the id of payment `part`.
pub fn seat_handed_back(n: u8, part: u8, name: &str, amount: i64, till: u8) -> [Step; 2] {
    let [mut taken_back, mut given_back] =
        seats_returned(n, part, &[name], amount, PaymentMethod::Cash, RefundWay::Cash);
    let counter = Some(CounterRefund { refund: id(11, part), till: Some(session(till)), by: customer() });
    if let AnyEvent::Screening(screening::Event::SeatsTakenBack { returned, .. }) = &mut taken_back.event {
        returned.counter = counter;
    }
    if let AnyEvent::Booking(booking::Event::SeatsReturned { returned, .. }) = &mut given_back.event {
        returned.counter = counter;
    }
    [taken_back, given_back]
}

pub fn return_refunded(n: u8, part: u8, amount: i64) -> Step {
    let (booking, payment) = (booking(n), payment(part));
    let (seats, target, amount) = (Vec::new(), RefundTarget::Wallet, inr(amount));
    on_booking(n, booking::Event::ReturnRefunded { booking, payment, seats, target, amount })
}

/// Booking `n` of seat A-1 asks for A-2 under id `part`, which costs this much more.
fn seat_move(n: u8, part: u8, difference: i64) -> SeatMove {
    let seats = vec![gold("A-2", 300 + difference)];
    let (screening, currency) = (screening_id(), inr(0).currency);
    let (starts_at, cancel_until, charges) = (time(36_000), time(36_000), Charges::default());
    let cancellation_fee_minor = 0;
    let to = MoveTarget {
        screening,
        seats,
        currency,
        starts_at,
        cancel_until,
        charges,
        cancellation_fee_minor,
        wheelchairs: Vec::new(),
    };
    SeatMove {
        id: payment(part),
        payment: payment(n),
        method: PaymentMethod::Wallet,
        from: screening,
        given: vec![SeatName("A-1".to_owned())],
        to,
        settle: Settlement::Pay,
        by: CancelledBy::Customer,
        to_pay: (difference > 0).then(|| inr(difference)),
        due: (difference < 0).then(|| inr(-difference)),
        fingerprint: None,
        apart: None,
        pay_until: None,
        waived: None,
        reason: None,
    }
}

pub fn move_requested(n: u8, part: u8, difference: i64) -> Step {
    let (booking, customer, wanted) = (booking(n), customer(), seat_move(n, part, difference));
    on_booking(n, booking::Event::MoveRequested { booking, customer, wanted })
}

pub fn move_paid(n: u8, part: u8, difference: i64) -> Step {
    let (booking, customer, wanted) = (booking(n), customer(), seat_move(n, part, difference));
    on_booking(n, booking::Event::MovePaid { booking, customer, wanted })
}

pub fn move_refused(n: u8, part: u8, difference: i64) -> Step {
    let (booking, customer, wanted) = (booking(n), customer(), seat_move(n, part, difference));
    let (reason, seats) = (MoveRefusal::SeatTaken, Vec::new());
    on_booking(n, booking::Event::MoveRefused { booking, customer, wanted, reason, seats })
}

pub fn booking_moved(n: u8, part: u8, difference: i64) -> Step {
    let (booking, customer, moved) = (booking(n), customer(), seat_move(n, part, difference));
    let tickets = vec![Ticket { seat: SeatName("A-2".to_owned()), code: format!("new code of {n}") }];
    on_booking(n, booking::Event::BookingMoved { booking, customer, moved, tickets })
}

/// A step of a move whose difference is paid by card.
pub fn by_card(mut step: Step) -> Step {
    if let AnyEvent::Booking(
        booking::Event::MoveRequested { wanted, .. }
        | booking::Event::MovePaid { wanted, .. }
        | booking::Event::MoveRefused { wanted, .. }
        | booking::Event::BookingMoved { moved: wanted, .. },
    ) = &mut step.event
    {
        (wanted.method, wanted.apart) = (PaymentMethod::Card, Some(PaymentMethod::Card));
        wanted.pay_until = Some(time(9));
    }
    step
}

/// Payment `of` contributes this much to a refund of booking `n`, under id `part`.
pub fn contributed(n: u8, of: u8, part: u8, amount: i64) -> Step {
    let [_, mut step] = seats_returned(n, part, &[], amount, PaymentMethod::Card, RefundWay::Original);
    if let AnyEvent::Booking(booking::Event::SeatsReturned { due, .. }) = &mut step.event {
        due.payment = payment(of);
    }
    step
}

pub fn refunded(n: u8, by: u8) -> Step {
    refunded_as(n, by, PaymentMethod::Wallet, None)
}

/// Booking `n`, whose money was handed back in session `till`.
pub fn handed_back(n: u8, by: u8, till: u8) -> Step {
    let counter = CounterRefund { refund: id(11, n), till: Some(session(till)), by: customer() };
    refunded_as(n, by, PaymentMethod::Cash, Some(counter))
}

fn refunded_as(n: u8, by: u8, target: PaymentMethod, counter: Option<CounterRefund>) -> Step {
    let (booking, payment, amount, cascade) = (booking(n), payment(by), inr(300), None);
    on_booking(n, booking::Event::BookingRefunded { booking, payment, target, amount, cascade, counter })
}
