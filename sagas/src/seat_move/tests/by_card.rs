//! Moves whose difference is paid by card: until the money is there the booking has its old seats and nobody gets the new ones, and
//! money that buys nothing goes back.

use ticketshow_domain::payment::{PaymentStatus, RefundStatus};

use super::*;

/// Price difference of the new seat.
const MORE: i64 = NEW_PRICE - PRICE;

/// A booking that a card paid asks for a dearer seat, which a card pays too.
fn asked(to: ScreeningId) -> World {
    let mut world = World::paid(PaymentMethod::Card);
    let mut target = world.screening(to).move_target(to, &[seat(name(to)).into()]).unwrap();
    target.seats[0].price_minor = NEW_PRICE;
    let (by, fingerprint, settle, method) = (CancelledBy::Customer, None, Settlement::Pay, None);
    let wanted = WantedMove { id: MOVE, to: target, settle, method, by, reason: None, fingerprint };
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
fn seats_that_a_stalled_process_keeps_after_the_end_of_a_move_are_free_again() {
    for to in [OLD, NEW] {
        for end in [1, 2, usize::MAX] {
            for times in [1, 2] {
                let mut world = asked(to);
                let request = world.events.pop_front().unwrap();
                let task = react(&request).unwrap();
                give_up(&mut world);
                // Another process undoes the move, of which nothing was done yet.
                drain(&mut world, 1, usize::MAX);
                let is_whole = world.carry_out(&task, times, end);
                if !is_whole {
                    assert!(matches!(rival(&mut world, to), Err(screening::Refusal::SeatTaken(_))));
                    // It broke there: the request is delivered again.
                    assert!(world.process(&request, times, usize::MAX));
                }
                assert_eq!(rival(&mut world, to), Ok(()), "after {end} steps");
                assert_eq!(world.owned(), [(OLD, seat("A-1"))]);
            }
        }
    }
}

/// The part of the saga `card-payment` after a capture of another amount.
fn return_other_amount(world: &mut World) {
    let refuse = Book::RefuseMove { id: MOVE, reason: MoveRefusal::NotPaid, seats: Vec::new() };
    match execute(&mut world.booking, &refuse, now()) {
        Ok(events) => world.events.extend(events),
        Err(booking::Refusal::MoveInProgress) => {}
        Err(refusal) => panic!("{refusal}"),
    }
    if matches!(world.outcome(), MoveOutcome::Refused(..)) {
        let (target, reason) = (RefundTarget::Card, RefundReason::SeatsGone);
        must(&mut world.card, &payment::Command::RequestRefund { target, reason });
    }
}

fn capture_other(world: &mut World, amount_minor: i64) {
    let (provider_payment, captured) = ("pay_1".to_owned(), inr(amount_minor));
    must(&mut world.card, &payment::Command::CapturePayment { provider_payment, captured });
}

#[test]
fn another_amount_than_the_difference_ends_the_move_and_goes_back_in_full() {
    for (to, amount_minor) in [(OLD, MORE - 1), (NEW, MORE - 1), (OLD, MORE + 1), (NEW, MORE + 1)] {
        for end in 0..6 {
            for times in [1, 2] {
                let mut world = asked(to);
                drain(&mut world, 1, usize::MAX);
                capture_other(&mut world, amount_minor);
                (0..times).for_each(|_| return_other_amount(&mut world));
                drain(&mut world, times, end);
                assert_eq!(world.owned(), [(OLD, seat("A-1"))]);
                assert_eq!(world.outcome(), MoveOutcome::Refused(MoveRefusal::NotPaid, vec![]));
                assert_eq!(rival(&mut world, to), Ok(()), "after {end} steps");
                let refund = world.card.refund().expect("the money goes back");
                assert_eq!(
                    (refund.status, world.card.left()),
                    (RefundStatus::Requested, Some(inr(amount_minor)))
                );
            }
        }
    }
}

#[test]
fn another_amount_that_an_administrator_accepted_before_pays_the_move() {
    let mut world = asked(NEW);
    drain(&mut world, 1, usize::MAX);
    capture_other(&mut world, MORE - 1);
    let (decision, by) = (payment::ReviewDecision::Accept, UserId(Uuid::from_u128(9)));
    must(&mut world.card, &payment::Command::DecideReview { decision, by });
    spend(&mut world);
    return_other_amount(&mut world);
    drain(&mut world, 1, usize::MAX);
    return_other_amount(&mut world);
    assert_eq!(world.outcome(), MoveOutcome::Moved);
    assert!(world.card.refund().is_none(), "it pays the new seats");
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
