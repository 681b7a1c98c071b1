//! The three laws of a saga, on real aggregates without a log: whatever happens between two steps, and however often the
//! saga crashes and restarts, no seat is sold without money, and no money is lost or created.

mod world;

use jiff::SignedDuration;
use ticketshow_domain::{
    Policy,
    booking::{self, Booking, BookingStatus, FailureReason, PaymentMethod, opened::Outcome},
    screening::{self, ClaimStatus, ReleaseReason},
    wallet,
};

use super::{steps::*, *};
use crate::examples::start;
use world::{Act, BOOKING, Funds, PAYMENT, SCREENING, World, explore};

/// Everything that may happen between two steps.
const ACTS: [Act; 9] = [
    Act::CustomerCancels,
    Act::HoldLapses,
    Act::TimePasses,
    Act::RivalReserves,
    Act::RivalLeaves,
    Act::ScreeningStarts,
    Act::HouseCancelsScreening,
    Act::MoneyArrives,
    Act::CardBuysSeats,
];

#[test]
fn a_booking_is_paid_in_three_steps() {
    let mut world = World::new(Funds::Enough);
    let steps = world.settle();
    let expected = [
        Step::Wallet(WalletStep::Debit),
        Step::Screening(ScreeningStep::Sell),
        Step::Booking(BookingStep::Confirm),
    ];
    assert_eq!(steps, expected);
    assert_eq!(world.commits, 3);
    assert_eq!(world.booking().status, BookingStatus::Confirmed);
    world.check();
}

#[test]
fn a_paid_booking_has_a_signed_ticket_for_each_seat() {
    let mut world = World::new(Funds::Enough);
    world.settle();
    let [ticket] = &world.booking().tickets[..] else { panic!("one seat, one ticket") };
    let facts = world::verifier().verify(&ticket.code).unwrap();
    assert_eq!((facts.screening, facts.booking, facts.seat), (SCREENING, BOOKING, ticket.seat.clone()));
}

#[test]
fn free_seats_are_confirmed_without_money() {
    let mut world = World::new(Funds::SeatsAreFree);
    world.settle();
    assert_eq!(world.booking().status, BookingStatus::Confirmed);
    world.check();
}

#[test]
fn free_seats_that_are_gone_return_no_money() {
    let mut world = World::new(Funds::SeatsAreFree);
    world.act(Act::TimePasses);
    world.act(Act::RivalReserves);
    let steps = world.settle();
    assert!(!steps.iter().any(|step| matches!(step, Step::Wallet(WalletStep::Credit(_)))), "{steps:?}");
    world.check();
}

fn world_for(funds: Funds, acts: &[Act]) -> World {
    if acts.contains(&Act::CardBuysSeats) { World::beside_a_card(funds) } else { World::new(funds) }
}

/// The failure that the booking records in the end.
fn failure_after(funds: Funds, acts: &[Act]) -> FailureReason {
    let mut world = world_for(funds, acts);
    for act in acts {
        world.act(*act);
    }
    world.settle();
    world.finish();
    world.check();
    match world.attempt().outcome {
        Outcome::Failed(reason) => reason,
        Outcome::Open | Outcome::Confirmed => panic!("not refused: {:?}", world.attempt()),
    }
}

#[test]
fn each_refusal_has_its_own_failure_reason() {
    let enough = |acts: &[Act]| failure_after(Funds::Enough, acts);
    assert_eq!(failure_after(Funds::TooLittle, &[]), FailureReason::InsufficientFunds);
    assert_eq!(enough(&[Act::TimePasses, Act::RivalReserves]), FailureReason::SeatsGone);
    // The payment was requested a day before.
    assert_eq!(enough(&[Act::ScreeningStarts]), FailureReason::TimedOut);
    assert_eq!(enough(&[Act::CardBuysSeats]), FailureReason::PaidTwice);
    assert_eq!(enough(&[Act::CustomerCancels]), FailureReason::Cancelled);
    assert_eq!(enough(&[Act::HouseCancelsScreening]), FailureReason::Cancelled);
}

#[test]
fn a_screening_that_has_just_started_gives_the_money_back_as_closed() {
    let closed = Err(screening::Refusal::BookingClosed(start()));
    let next = World::new(Funds::Enough).open_attempt().after_screening(ScreeningStep::Sell, closed);
    assert_eq!(next, Next::Then(Step::Screening(ScreeningStep::GiveUp(FailureReason::BookingClosed))));
}

#[test]
fn a_lapsed_hold_is_paid_if_its_seats_are_still_free() {
    let mut world = World::new(Funds::Enough);
    world.act(Act::HoldLapses);
    world.settle();
    world.finish();
    assert_eq!(world.booking().status, BookingStatus::Confirmed);
    world.check();
}

#[test]
fn a_request_of_an_hour_ago_is_not_debited_once_its_hold_has_lapsed() {
    let mut world = World::new(Funds::Enough);
    world.act(Act::HourPasses);
    let before = world.wallet.balance_minor();
    world.settle();
    assert_eq!(world.attempt().outcome, Outcome::Failed(FailureReason::TimedOut));
    assert_eq!(world.booking().status, BookingStatus::Expired);
    assert_eq!(world.wallet.balance_minor(), before);
    world.check();
}

#[test]
fn an_old_request_whose_hold_was_extended_is_paid() {
    let mut world = World::beside_a_card(Funds::Enough);
    // One second longer than a hold lasts.
    world.extend_hold();
    world.pass(SignedDuration::from_secs(Policy::default().hold_seconds + 1));
    assert_eq!(world.settle()[0], Step::CheckHold);
    assert_eq!(world.booking().status, BookingStatus::Confirmed);
    world.check();
}

/// Two replicas, one crash, and any act beside an outage of the sagas.
#[test]
fn an_outage_of_an_hour_loses_neither_a_seat_nor_money() {
    for funds in [Funds::Enough, Funds::TooLittle] {
        for act in ACTS {
            let acts = [Act::HourPasses, act];
            assert!(explore(&world_for(funds, &acts), 2, 1, &acts) > 0);
        }
    }
}

#[test]
fn too_little_money_leaves_the_hold_for_another_attempt() {
    let mut world = World::new(Funds::TooLittle);
    world.settle();
    assert_eq!(world.booking().status, BookingStatus::Held);
    assert_eq!(world.claim(), ClaimStatus::Held);
}

#[test]
fn too_little_money_for_a_hold_that_lapsed_ends_the_booking() {
    let mut world = World::new(Funds::TooLittle);
    world.act(Act::TimePasses);
    world.settle();
    assert_eq!(world.booking().status, BookingStatus::Expired);
    assert_eq!(world.claim(), ClaimStatus::Released(ReleaseReason::Lapsed));
}

#[test]
fn a_refused_attempt_is_not_paid_by_a_repeat_once_money_arrives() {
    let mut world = World::new(Funds::TooLittle);
    world.settle();
    world.act(Act::MoneyArrives);
    assert_eq!(world.settle(), []);
    world.check();
}

#[test]
fn refunded_seats_are_not_sold_by_a_repeat_once_they_are_free_again() {
    let mut world = World::new(Funds::Enough);
    world.act(Act::TimePasses);
    world.act(Act::RivalReserves);
    world.crash_before(Step::Booking(BookingStep::Fail(FailureReason::SeatsGone)));
    world.act(Act::RivalLeaves);
    world.settle();
    assert_eq!(world.claim(), ClaimStatus::Released(ReleaseReason::GivenUp));
    world.check();
}

#[test]
fn a_cancellation_before_the_confirmation_releases_the_seats_and_returns_the_money() {
    let mut world = World::new(Funds::Enough);
    world.crash_before(Step::Booking(BookingStep::Confirm));
    world.act(Act::CustomerCancels);
    world.settle();
    assert_eq!(world.claim(), ClaimStatus::Released(ReleaseReason::CancelledByCustomer));
    world.check();
}

/// One delivery, one crash anywhere, and any three acts in any order.
#[test]
fn no_interleaving_with_a_crash_loses_a_seat_or_money() {
    for funds in [Funds::Enough, Funds::TooLittle] {
        for_each_subset(3, |acts| assert!(explore(&world_for(funds, acts), 1, 1, acts) > 0));
    }
}

/// Two replicas with the same attempt, and any two acts in any order.
#[test]
fn two_replicas_at_once_lose_neither_a_seat_nor_money() {
    for funds in [Funds::Enough, Funds::TooLittle, Funds::SeatsAreFree] {
        for_each_subset(2, |acts| assert!(explore(&world_for(funds, acts), 2, 0, acts) > 0));
    }
}

/// Two replicas with the same attempt, one of which crashes, perhaps never to come back, around a top-up.
#[test]
fn no_debit_is_lost_between_a_replica_without_money_and_one_that_found_some() {
    for act in ACTS.into_iter().filter(|act| *act != Act::MoneyArrives) {
        let acts = [Act::MoneyArrives, act];
        assert!(explore(&world_for(Funds::TooLittle, &acts), 2, 1, &acts) > 0);
    }
}

fn for_each_subset(size: usize, mut visit: impl FnMut(&[Act])) {
    for mask in 0_u32..1 << ACTS.len() {
        if mask.count_ones() as usize == size {
            let chosen = ACTS.iter().enumerate().filter(|(index, _)| mask & (1 << index) != 0);
            visit(&chosen.map(|(_, act)| *act).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_request_is_settled_from_the_wallet_or_charged_to_a_card() {
    let world = World::new(Funds::Enough);
    let (customer, amount) = (world::CUSTOMER, world.booking().reservation.amount);
    let requested = |method| booking::Event::PaymentAttemptStarted {
        booking: BOOKING,
        screening: SCREENING,
        customer,
        payment: PAYMENT,
        method,
        amount,
        fingerprint: None,
    };
    let settle = Task::Settle { booking: BOOKING, payment: PAYMENT };
    assert_eq!(react(&requested(PaymentMethod::Wallet)), Some(settle));
    let charge = Task::Charge { booking: BOOKING, payment: PAYMENT, customer, amount };
    assert_eq!(react(&requested(PaymentMethod::Card)), Some(charge));
}

#[test]
fn an_answer_that_no_rule_explains_is_parked() {
    let world = World::new(Funds::Enough);
    let attempt = Attempt::open(&world.booking, PAYMENT).unwrap().unwrap();
    let unknown = screening::Refusal::UnknownBooking;
    assert_eq!(
        attempt.after_screening(ScreeningStep::Sell, Err(unknown.clone())),
        Next::Stuck(Unexpected::Screening(ScreeningStep::Sell, unknown))
    );
    let reused = wallet::Refusal::ReferenceReused(wallet::Reference::payment(PAYMENT));
    assert_eq!(
        Attempt::after_wallet(WalletStep::Debit, Err(reused.clone())),
        Next::Stuck(Unexpected::Wallet(WalletStep::Debit, reused))
    );
    assert_eq!(
        attempt.after_booking(BookingStep::Confirm, Err(booking::Refusal::NotFound)),
        Next::Stuck(Unexpected::Booking(BookingStep::Confirm, booking::Refusal::NotFound))
    );
    assert_eq!(Attempt::open(&Booking::default(), PAYMENT), Err(Unexpected::NoAttempt));
}

#[test]
fn another_payment_that_confirmed_the_booking_keeps_the_seats() {
    let world = World::new(Funds::Enough);
    let attempt = Attempt::open(&world.booking, PAYMENT).unwrap().unwrap();
    let next = attempt.after_booking(BookingStep::Confirm, Err(booking::Refusal::AlreadyPaid));
    assert_eq!(next, Next::Then(Step::Wallet(WalletStep::Credit(FailureReason::PaidTwice))));
}

#[test]
fn a_captured_card_payment_buys_the_seats_in_two_steps() {
    let mut world = World::paid_by_card();
    let steps = world.settle();
    assert_eq!(steps, [Step::Screening(ScreeningStep::Sell), Step::Booking(BookingStep::Confirm)]);
    assert_eq!(world.booking().status, BookingStatus::Confirmed);
    world.check();
}

#[test]
fn a_failed_card_payment_may_still_buy_the_seats() {
    for given_up in [FailureReason::Declined, FailureReason::TimedOut] {
        let mut world = World::paid_by_card();
        world.fails(given_up);
        world.settle();
        world.finish();
        assert_eq!(world.booking().status, BookingStatus::Confirmed);
        world.check();
    }
}

#[test]
fn a_cards_money_is_returned_when_the_seats_cannot_be_sold() {
    for (acts, reason) in [
        (&[Act::TimePasses, Act::RivalReserves][..], FailureReason::SeatsGone),
        (&[Act::ScreeningStarts], FailureReason::BookingClosed),
        (&[Act::CustomerCancels], FailureReason::Cancelled),
        (&[Act::HouseCancelsScreening], FailureReason::Cancelled),
    ] {
        let mut world = World::paid_by_card();
        for act in acts {
            world.act(*act);
        }
        let steps = world.settle();
        world.finish();
        assert!(steps.contains(&Step::Refund(reason)), "{steps:?}");
        assert_eq!(world.attempt().outcome, Outcome::Failed(reason));
        world.check();
    }
}

#[test]
fn no_order_of_acts_sells_a_seat_to_a_card_for_nothing_or_keeps_its_money() {
    let acts = [
        Act::CustomerCancels,
        Act::HoldLapses,
        Act::TimePasses,
        Act::RivalReserves,
        Act::RivalLeaves,
        Act::ScreeningStarts,
        Act::HouseCancelsScreening,
    ];
    let mut met = 0;
    for first in acts {
        for second in acts {
            met += explore(&World::paid_by_card(), 2, 1, &[first, second]);
        }
    }
    assert!(met > 1_000, "only {met} states");
}
