//! Vocabulary for the logs of these tests.

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    AnyEvent, BookingId, PaymentId, PromotionId, RegisterId, ScreenId, ScreeningId, SeatName, TillId, UserId,
    booking::{self, BookingStatus, CancelledBy, FailureReason, PaymentMethod, RefundDue, Ticket},
    counter::{Buyer, CounterRefund, CounterSale},
    examples::{gold, inr, one_row, seats},
    hold::Reservation,
    invoices::{self, DocumentKind, DocumentNumber, Draft, Source},
    payment::{self, Purpose, RefundReason, RefundTarget, ReviewDecision},
    pricing::Charges,
    promise::Promise,
    promotion, screen,
    screening::{self, ReleaseReason, Wish},
    seat_move::{MoveRefusal, MoveTarget, SeatMove, Settlement},
    seat_return::{RefundWay, SeatReturn},
    till,
    wallet::{self, EntryKind, Reference},
};
use ticketshow_nats::log::{
    envelope::RecordedEvent,
    metadata::{Actor, Metadata},
};
use uuid::Uuid;

/// One event of one aggregate.
#[derive(Debug, Clone)]
pub struct Step {
    aggregate: &'static str,
    id: Uuid,
    event: AnyEvent,
}

/// Returns the log of these steps: one position per step, one second per position.
pub fn recorded(steps: &[Step]) -> Vec<RecordedEvent> {
    let mut versions: HashMap<(&str, Uuid), u64> = HashMap::new();
    let mut record = |(position, step): (u64, &Step)| {
        let version = versions.entry((step.aggregate, step.id)).or_default();
        *version += 1;
        RecordedEvent {
            position,
            commit: Uuid::from_u128(position.into()),
            aggregate: step.aggregate.into(),
            id: step.id.to_string().into(),
            version: *version,
            metadata: Arc::new(Metadata {
                time: time(position.cast_signed()),
                actor: Actor::System,
                correlation: Uuid::nil(),
                causation: None,
                trace: None,
            }),
            event: step.event.clone(),
        }
    };
    (1..).zip(steps).map(&mut record).collect()
}

/// Returns the time of the step at a position.
pub fn time(position: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(position)
}

fn id(kind: u128, n: u8) -> Uuid {
    Uuid::from_u128(kind << 8 | u128::from(n))
}

pub fn booking(n: u8) -> BookingId {
    BookingId(id(1, n))
}

pub fn payment(n: u8) -> PaymentId {
    PaymentId(id(2, n))
}

pub fn cascade() -> Uuid {
    id(9, 1)
}

pub fn customer() -> UserId {
    UserId(id(3, 1))
}

pub fn screening_id() -> ScreeningId {
    ScreeningId(id(4, 1))
}

fn screen_id() -> ScreenId {
    ScreenId(id(5, 1))
}

pub fn promise(from_hour: i64, to_hour: i64) -> Arc<Promise> {
    let promise = Promise {
        screen: screen_id(),
        ends_at: time(to_hour * 3_600),
        ..one_row(time(from_hour * 3_600), 9, 300)
    };
    Arc::new(promise)
}

pub fn on_screen(event: screen::Event) -> Step {
    Step { aggregate: "screen", id: screen_id().0, event: AnyEvent::Screen(event) }
}

pub fn on_screening(event: screening::Event) -> Step {
    Step { aggregate: "screening", id: screening_id().0, event: AnyEvent::Screening(event) }
}

pub fn on_booking(n: u8, event: booking::Event) -> Step {
    Step { aggregate: "booking", id: booking(n).0, event: AnyEvent::Booking(event) }
}

fn on_payment(n: u8, event: payment::Event) -> Step {
    Step { aggregate: "payment", id: payment(n).0, event: AnyEvent::Payment(event) }
}

fn on_wallet(event: wallet::Event) -> Step {
    Step { aggregate: "wallet", id: customer().0, event: AnyEvent::Wallet(event) }
}

pub fn scheduled(n: u8, from_hour: i64, to_hour: i64) -> Step {
    let (screening, promise) = (ScreeningId(id(4, n)), promise(from_hour, to_hour));
    on_screen(screen::Event::ScreeningScheduled { screening, promise, fingerprint: None, blocks: Vec::new() })
}

pub fn unscheduled(n: u8) -> Step {
    on_screen(screen::Event::ScreeningUnscheduled {
        screening: ScreeningId(id(4, n)),
        cascade: cascade(),
        reason: None,
        decided_at: time(0),
    })
}

pub fn opened() -> Step {
    let (screening, promise) = (screening_id(), promise(10, 12));
    on_screening(screening::Event::ScreeningOpened { screening, promise })
}

pub fn reserved(n: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::SeatsReserved {
        booking: booking(n),
        customer: customer(),
        seats: seats(names),
        amount: inr(300),
        held_until: time(480),
        fingerprint: None,
        quote: None,
        replaces: None,
    })
}

pub fn extended(n: u8) -> Step {
    on_screening(screening::Event::HoldExtended { booking: booking(n), held_until: time(1_000) })
}

pub fn released(n: u8, names: &[&str], reason: ReleaseReason) -> Step {
    on_screening(screening::Event::SeatsReleased { booking: booking(n), seats: seats(names), reason })
}

pub fn sold(n: u8, by: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::SeatsSold {
        booking: booking(n),
        customer: customer(),
        payment: payment(by),
        seats: seats(names),
    })
}

fn session(n: u8) -> TillId {
    TillId(id(10, n))
}

/// Seats sold at the counter to booking `n`, for 300 rupees each by payment `by` in session 1.
pub fn sold_at_counter(n: u8, by: u8, names: &[&str], method: PaymentMethod) -> Step {
    let (till, buyer) = (Some(session(1)), Buyer::default());
    on_screening(screening::Event::SeatsSoldAtCounter {
        booking: booking(n),
        customer: customer(),
        seats: seats(names),
        amount: inr(300 * i64::try_from(names.len()).unwrap()),
        sale: CounterSale { payment: payment(by), method, till, by: customer(), reason: None, buyer },
        at: time(0),
        fingerprint: None,
        quote: None,
        promotion: None,
    })
}

pub fn requested_at_counter(n: u8, by: u8) -> Step {
    requested_with(n, by, PaymentMethod::Cash)
}

pub fn on_promotion(promotion: PromotionId, event: promotion::Event) -> Step {
    Step { aggregate: "promotion", id: promotion.0, event: AnyEvent::Promotion(event) }
}

fn on_till(event: till::Event) -> Step {
    Step { aggregate: "till", id: customer().0, event: AnyEvent::Till(event) }
}

pub fn till_opened(n: u8, float: i64) -> Step {
    let (till, seller, float, fingerprint) = (session(n), customer(), inr(float), None);
    on_till(till::Event::TillOpened { till, seller, float, fingerprint })
}

pub fn cash_taken(n: u8, by: u8, amount: i64) -> Step {
    let (till, booking, payment, amount) = (session(n), booking(by), payment(by), inr(amount));
    on_till(till::Event::CashTaken { till, booking, payment, amount })
}

pub fn cash_returned(n: u8, by: u8, amount: i64) -> Step {
    cash_returned_for(n, by, by, amount)
}

/// Cash for booking `of` that was returned in session `n` under the id of payment `by`.
pub fn cash_returned_for(n: u8, of: u8, by: u8, amount: i64) -> Step {
    let (till, booking, payment, amount) = (session(n), booking(of), payment(by), inr(amount));
    on_till(till::Event::CashReturned { till, booking, payment, amount })
}

pub fn till_closed(n: u8, expected: i64) -> Step {
    let (till, counted, expected, at) = (session(n), inr(0), inr(expected), time(0));
    on_till(till::Event::TillClosed { till, counted, expected, at })
}

pub fn blocked(n: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::SeatsBlocked {
        block: Uuid::from_u128(n.into()),
        seats: seats(names),
        reason: "Press".to_owned(),
        release_at: None,
        by: customer(),
        fingerprint: None,
        screen_block: None,
        awaited: Vec::new(),
    })
}

pub fn unblocked(n: u8, names: &[&str]) -> Step {
    on_screening(screening::Event::BlockReleased {
        block: Uuid::from_u128(n.into()),
        seats: seats(names),
        by: None,
        awaited: Vec::new(),
    })
}

pub fn screening_cancelled(bookings: u32) -> Step {
    on_screening(screening::Event::ScreeningCancelled { cascade: cascade(), reason: None, bookings })
}

pub fn screening_cleared() -> Step {
    on_screening(screening::Event::ScreeningCleared { cascade: cascade() })
}

pub fn checked_in(n: u8, name: &str) -> Step {
    on_screening(screening::Event::TicketCheckedIn {
        booking: booking(n),
        seat: SeatName(name.into()),
        by: customer(),
        at: time(0),
        check_in: None,
        device: None,
        fingerprint: None,
    })
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

pub fn seats_moved_in(n: u8, part: u8, names: &[&str], given: &[&str]) -> Step {
    on_screening(screening::Event::SeatsMovedIn {
        booking: booking(n),
        customer: customer(),
        payment: payment(n),
        id: payment(part),
        seats: seats(names),
        given: seats(given),
        amount: inr(300),
        quote: None,
    })
}

/// A part of payment `n` is split off.
pub fn split_off(n: u8, part: u8, amount: i64) -> Step {
    let (part, amount, refund) = (payment(part), inr(amount), RefundWay::Original);
    on_payment(n, payment::Event::PartSplitOff { part, amount, refund })
}

/// Payment `part`, which refunds a part of payment `n`.
pub fn part_opened(n: u8, part: u8, amount: i64) -> [Step; 2] {
    let purpose = Purpose::Part { of: payment(n), booking: booking(n) };
    [opened_of(part, purpose, amount), captured_of(part, amount)]
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

pub fn captured(n: u8) -> Step {
    captured_of(n, 300)
}

pub fn refund_requested_to_wallet(n: u8) -> Step {
    let (target, reason) = (RefundTarget::Wallet, RefundReason::PaidTwice);
    on_payment(n, payment::Event::RefundRequested { target, reason, amount: inr(300) })
}

/// Card payment `n` for a booking of 300 rupees.
pub fn card_opened(of: u8, n: u8) -> Step {
    card_opened_of(of, n, 300)
}

pub fn card_opened_of(of: u8, n: u8, amount: i64) -> Step {
    opened_of(n, Purpose::Booking { booking: booking(of) }, amount)
}

/// Card payment `n` for the difference of a move of booking `of`.
pub fn difference_opened(of: u8, n: u8, amount: i64) -> Step {
    opened_of(n, Purpose::Difference { booking: booking(of) }, amount)
}

/// Payment `n`: money that the provider captured a second time for payment `of`.
pub fn stray_opened(n: u8, of: u8) -> Step {
    opened_for(n, Purpose::Stray { of: payment(of) })
}

pub fn top_up_opened(n: u8) -> Step {
    opened_for(n, Purpose::TopUp)
}

fn opened_for(n: u8, purpose: Purpose) -> Step {
    opened_of(n, purpose, 300)
}

fn opened_of(n: u8, purpose: Purpose, amount: i64) -> Step {
    let (payment, customer, amount) = (payment(n), customer(), inr(amount));
    on_payment(n, payment::Event::PaymentOpened { payment, customer, purpose, amount, fingerprint: None })
}

pub fn captured_of(n: u8, amount: i64) -> Step {
    let (provider_payment, captured) = (format!("pay_{n}"), inr(amount));
    on_payment(n, payment::Event::PaymentCaptured { provider_payment, captured })
}

pub fn mismatched(n: u8, amount: i64) -> Step {
    let (provider_payment, captured) = (format!("pay_{n}"), inr(amount));
    on_payment(n, payment::Event::PaymentMismatched { provider_payment, captured })
}

pub fn accepted(n: u8) -> Step {
    let (decision, by) = (ReviewDecision::Accept, customer());
    on_payment(n, payment::Event::ReviewDecided { decision, by })
}

pub fn refund_requested(n: u8, amount: i64) -> Step {
    let (target, reason) = (RefundTarget::Card, RefundReason::PaidTwice);
    on_payment(n, payment::Event::RefundRequested { target, reason, amount: inr(amount) })
}

pub fn refund_completed(n: u8, amount: i64) -> Step {
    let (target, amount) = (RefundTarget::Card, inr(amount));
    on_payment(n, payment::Event::RefundCompleted { target, amount })
}

pub fn refund_completed_to_wallet(n: u8) -> Step {
    let (target, amount) = (RefundTarget::Wallet, inr(300));
    on_payment(n, payment::Event::RefundCompleted { target, amount })
}

pub fn top_up(n: u8) -> Reference {
    Reference { kind: EntryKind::TopUp, id: payment(n).0 }
}

pub fn credit(n: u8) -> Reference {
    Reference { kind: EntryKind::Credit, id: id(8, n) }
}

pub fn refund(n: u8) -> Reference {
    Reference::refund(payment(n))
}

pub fn credited(reference: Reference, amount: i64, balance_after_minor: i64) -> Step {
    on_wallet(wallet::Event::WalletCredited {
        customer: customer(),
        reference,
        amount: inr(amount),
        balance_after_minor,
        booking: None,
        reason: None,
    })
}

pub fn debited(n: u8, by: u8, amount: i64, balance_after_minor: i64) -> Step {
    on_wallet(wallet::Event::WalletDebited {
        customer: customer(),
        reference: Reference::payment(payment(by)),
        amount: inr(amount),
        balance_after_minor,
        booking: booking(n),
    })
}

/// Customer `n` waits for some seats, as place `n` with a number in line.
pub fn joined(n: u8, seats: u32, number: u64) -> Step {
    let wish = Wish { seats, categories: Vec::new(), wheelchair: false };
    let (place, customer, at, fingerprint) = (id(11, n), UserId(id(12, n)), time(0), None);
    on_screening(screening::Event::WaitingListJoined { place, customer, wish, number, at, fingerprint })
}

pub fn left(n: u8) -> Step {
    on_screening(screening::Event::WaitingListLeft { place: id(11, n), customer: UserId(id(12, n)) })
}

/// Booking `by` is offered to place `n`.
pub fn offered(n: u8, by: u8) -> Step {
    let (place, booking, customer, held_until) = (id(11, n), booking(by), UserId(id(12, n)), time(900));
    on_screening(screening::Event::SeatsOffered { place, booking, customer, held_until })
}

/// Document `number` for what booking `n` paid or got back with an event: its position, and its version in the booking.
pub fn issued(kind: DocumentKind, number: u64, n: u8, source: (u64, u64), minor: i64) -> Step {
    let draft = Draft {
        kind,
        source: Source { position: source.0, version: source.1 },
        booking: booking(n),
        customer: customer(),
        screening: screening_id(),
        at: time(0),
        day: "2026-11-30".parse().unwrap(),
        show_title: "Rain".to_owned(),
        venue_name: "Rex".to_owned(),
        lines: Vec::new(),
        fees_minor: 0,
        amount: inr(minor),
        tax: Vec::new(),
    };
    let number = DocumentNumber { kind, year: 2026, number };
    let event = AnyEvent::Invoices(invoices::Event::DocumentIssued { number, draft });
    Step { aggregate: "invoices", id: RegisterId::ONLY.0, event }
}
