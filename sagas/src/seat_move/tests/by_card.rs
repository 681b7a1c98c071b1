//! Moves whose difference is paid by card: until the money is there the booking has its old seats and nobody gets the new ones, and
//! money that buys nothing goes back.

use ticketshow_domain::payment::{PaymentStatus, RefundStatus};

use super::*;

/// What the new seat costs more.
const MORE: i64 = NEW_PRICE - PRICE;

/// A booking that a card paid asks for a dearer seat, which a card pays too.
fn asked(to: ScreeningId) -> World {
    let mut world = World::paid(PaymentMethod::Card);
    let mut target = world.screening(to).move_target(to, &[seat(name(to)).into()]).unwrap();
    target.seats[0].price_minor = NEW_PRICE;
    let (by, fingerprint, settle, method) = (CancelledBy::Customer, None, Settlement::Pay, None);
    let wanted = WantedMove { id: MOVE, to: target, settle, method, by, fingerprint };
    world.book(&Book::RequestMove { wanted });
    world
}

fn name(to: ScreeningId) -> &'static str {
    if to == OLD { "A-2" } else { "A-1" }
}

/// Processes the first event until it breaks before step `end`, then all events, each step `times`.
fn drain(world: &mut World, times: usize, end: usize) {
    if let Some(first) = world.events.front().cloned() {
        world.process(&first, 1, end);
    }
    while let Some(event) = world.events.pop_front() {
        assert!(world.process(&event, times, usize::MAX));
    }
}

fn capture(world: &mut World) {
    let (provider_payment, captured) = ("pay_1".to_owned(), inr(MORE));
    must(&mut world.card, &payment::Command::CapturePayment { provider_payment, captured });
}

/// The part of the saga `card-payment` after the capture.
fn spend(world: &mut World) {
    let pay = execute(&mut world.booking, &Book::PayMove { id: MOVE }, now());
    match pay {
        Ok(events) => world.events.extend(events),
        Err(booking::Refusal::MoveOver) => {
            let (target, reason) = (RefundTarget::Card, RefundReason::SeatsGone);
            must(&mut world.card, &payment::Command::RequestRefund { target, reason });
        }
        Err(refusal) => panic!("{refusal}"),
    }
}

fn give_up(world: &mut World) {
    world.book(&Book::RefuseMove { id: MOVE, reason: MoveRefusal::GivenUp, seats: Vec::new() });
}

/// Another customer asks for the new seat.
fn rival(world: &mut World, to: ScreeningId) -> Result<(), screening::Refusal> {
    let (booking, customer) = (BookingId(Uuid::from_u128(30)), UserId(Uuid::from_u128(40)));
    let (seats, fingerprint) = (vec![seat(name(to)).into()], None);
    let reserve = screening::Command::ReserveSeats { booking, customer, seats, fingerprint };
    execute(world.screening(to), &reserve, now()).map(drop)
}

#[test]
fn wherever_it_breaks_the_seats_follow_the_money_once() {
    for to in [OLD, NEW] {
        let carried = |times, end| {
            let mut world = asked(to);
            drain(&mut world, times, end);
            assert_eq!(world.owned(), [(OLD, seat("A-1"))], "until the money is there");
            assert_eq!(world.card.status(), PaymentStatus::Pending);
            assert!(matches!(rival(&mut world, to), Err(screening::Refusal::SeatTaken(_))));
            capture(&mut world);
            (0..times).for_each(|_| spend(&mut world));
            drain(&mut world, times, end);
            world
        };
        let straight = carried(1, usize::MAX);
        assert_eq!(straight.owned(), [(to, seat(name(to)))]);
        assert_eq!(straight.outcome(), MoveOutcome::Moved);
        assert_eq!(straight.card.status(), PaymentStatus::Captured);
        for end in 0..4 {
            for times in [1, 2] {
                assert_eq!(carried(times, end), straight, "after {end} steps, {times} times");
            }
        }
    }
}

#[test]
fn a_move_that_is_given_up_frees_the_seats_and_late_money_goes_back() {
    for to in [OLD, NEW] {
        for end in 0..6 {
            for times in [1, 2] {
                let mut world = asked(to);
                drain(&mut world, 1, usize::MAX);
                give_up(&mut world);
                drain(&mut world, times, end);
                assert_eq!(world.owned(), [(OLD, seat("A-1"))]);
                assert_eq!(world.card.status(), PaymentStatus::Expired);
                assert_eq!(rival(&mut world, to), Ok(()));
                capture(&mut world);
                (0..times).for_each(|_| spend(&mut world));
                drain(&mut world, times, usize::MAX);
                assert_eq!(world.owned(), [(OLD, seat("A-1"))]);
                let refund = world.card.refund().expect("the money goes back");
                assert_eq!(refund.status, RefundStatus::Requested);
            }
        }
    }
}

#[test]
fn a_booking_that_is_cancelled_with_its_difference_paid_gets_it_back() {
    for end in 0..6 {
        let mut world = asked(NEW);
        drain(&mut world, 1, usize::MAX);
        capture(&mut world);
        spend(&mut world);
        call_off(&mut world, OLD);
        // The cancellation comes after the payment of the difference, and both before the exchange.
        drain(&mut world, 2, end);
        assert!(world.owned().is_empty());
        assert!(world.card.refund().is_some(), "after {end} steps");
        assert_eq!(world.booking.opened.as_ref().unwrap().status, BookingStatus::Cancelled);
    }
}

#[test]
fn seats_that_the_house_put_on_sale_again_may_be_lost_and_the_money_goes_back() {
    let mut world = asked(NEW);
    drain(&mut world, 1, usize::MAX);
    let release = screening::Command::ReleaseBlock { block: MOVE.0, by: UserId(Uuid::from_u128(9)) };
    must(&mut world.new, &release);
    assert_eq!(rival(&mut world, NEW), Ok(()));
    capture(&mut world);
    spend(&mut world);
    drain(&mut world, 2, usize::MAX);
    assert_eq!(world.owned(), [(OLD, seat("A-1"))]);
    assert_eq!(world.outcome(), MoveOutcome::Refused(MoveRefusal::SeatTaken, vec![seat("A-1")]));
    assert!(world.card.refund().is_some());
    let used = screening::Command::BeginMove { booking: BOOKING, id: PAYMENT, seats: vec![seat("A-1")] };
    assert!(execute(world.screening(OLD), &used, now()).is_ok(), "nothing keeps its seat");
}

#[test]
fn a_request_that_waited_for_too_long_keeps_nothing() {
    let next = after_screening(Err(screening::Refusal::HoldExpired)).unwrap();
    assert_eq!(next, Next::Refuse(MoveRefusal::NotPaid, vec![]));
}
