//! The three laws of a saga, on real aggregates without a log: wherever the saga crashes, and however often a step is
//! repeated, captured money buys the seats or is returned, once. And the timing of pages and polls.

mod world;

use jiff::SignedDuration;
use ticketshow_domain::{
    booking::{BookingStatus, opened::Outcome},
    examples::{execute, inr},
    payment::{PaymentStatus, RefundTarget},
    screening::ClaimStatus,
};

use super::*;
use crate::{
    examples::start,
    provider::{
        budget::Budget,
        interface::{ProviderDispute, ProviderPayment, ProviderRefund},
    },
};
use world::{Act, PAYMENT, World};

/// Stories of a booking paid by card, each with its acts in order.
const STORIES: [&[Act]; 11] = [
    &[Act::Captured],
    &[Act::Declined],
    &[Act::Leaves],
    &[Act::Expires],
    &[Act::Declined, Act::Captured],
    &[Act::Leaves, Act::Captured],
    &[Act::Expires, Act::Captured],
    &[Act::CustomerCancels, Act::Captured],
    &[Act::HoldLapses, Act::Captured],
    &[Act::HoldLapses, Act::RivalReserves, Act::Captured],
    &[Act::Captured, Act::Captured],
];

#[test]
fn a_page_is_opened_and_the_money_buys_the_seats() {
    let mut world = World::booking();
    world.run(&[]);
    assert!(world.payment.checkout().is_some());
    world.run(&[Act::Captured]);
    assert_eq!(world.status(), BookingStatus::Confirmed);
    assert_eq!(world.claim(), ClaimStatus::Sold(PAYMENT));
    world.check();
}

#[test]
fn a_crash_after_any_step_leads_to_the_same_end() {
    for acts in STORIES {
        let mut straight = World::booking();
        let steps = straight.run(acts);
        straight.check();
        for crash_after in 1..=steps {
            let mut world = World::booking();
            world.crash_after(crash_after);
            world.run(acts);
            assert_eq!(world, straight, "{acts:?} with a crash after step {crash_after}");
        }
    }
}

#[test]
fn acts_between_any_two_steps_neither_keep_money_nor_sell_seats_for_nothing() {
    for acts in STORIES {
        let steps = World::booking().run(acts);
        for between in 0..=steps {
            for crash_after in 1..=steps {
                let mut world = World::booking();
                world.crash_after(crash_after);
                world.interrupt_after(between, acts);
                world.run(&[]);
                world.check();
            }
        }
    }
}

#[test]
fn a_page_that_cannot_be_opened_fails_the_attempt_once() {
    let mut world = World::booking();
    world.provider_available = false;
    world.run(&[]);
    assert_eq!(world.payment.status(), PaymentStatus::Failed);
    assert_eq!(world.outcome(), Outcome::Failed(FailureReason::ProviderUnavailable));
    let before = world.clone();
    world.redeliver_all();
    assert_eq!(world, before);
}

#[test]
fn a_page_that_the_customer_left_is_no_declined_card_and_leaves_the_hold() {
    for code in ["CUSTOMER_CANCELLED", "cancelled"] {
        assert_eq!(reasons::failure(code), FailureReason::Abandoned, "{code}");
    }
    for code in ["CARD_DECLINED", "DO_NOT_HONOR", "failed"] {
        assert_eq!(reasons::failure(code), FailureReason::Declined, "{code}");
    }
    let mut world = World::booking();
    world.run(&[Act::Leaves]);
    assert_eq!(world.outcome(), Outcome::Failed(FailureReason::Abandoned));
    assert_eq!(world.status(), BookingStatus::Held);
}

#[test]
fn a_cancelled_booking_gets_no_page() {
    let mut world = World::booking();
    world.interrupt_after(0, &[Act::CustomerCancels]);
    world.run(&[]);
    assert_eq!(world.payment.checkout(), None);
    assert_eq!(world.payment.status(), PaymentStatus::Failed);
}

#[test]
fn a_hold_that_ends_while_its_payment_waits_for_the_provider_gets_no_page() {
    for (act, outcome) in
        [(Act::HoldLapses, FailureReason::SeatsGone), (Act::CustomerCancels, FailureReason::Cancelled)]
    {
        let mut world = World::booking();
        // After the hold was extended.
        world.interrupt_after(1, &[act]);
        world.run(&[]);
        assert_eq!(world.payment.checkout(), None, "{act:?}");
        assert_eq!(world.payment.status(), PaymentStatus::Failed, "{act:?}");
        assert_eq!(world.outcome(), Outcome::Failed(outcome), "{act:?}");
    }
}

#[test]
fn a_late_redelivery_of_every_event_changes_nothing() {
    for acts in STORIES {
        let mut world = World::booking();
        world.run(acts);
        let before = world.clone();
        world.redeliver_all();
        assert_eq!(world, before, "{acts:?}");
    }
}

#[test]
fn a_top_up_fills_the_wallet_once() {
    let mut world = World::top_up();
    let steps = world.run(&[Act::Captured]);
    let filled = world.wallet.balance_minor();
    assert_eq!(filled, world::PRICE_MINOR);
    for crash_after in 1..=steps {
        let mut world = World::top_up();
        world.crash_after(crash_after);
        world.run(&[Act::Captured]);
        world.redeliver_all();
        assert_eq!(world.wallet.balance_minor(), filled, "with a crash after step {crash_after}");
    }
}

#[test]
fn a_stray_payment_opens_no_page_and_is_returned_to_its_card() {
    let mut world = World::stray();
    world.run(&[Act::Captured]);
    assert_eq!(world.payment.checkout(), None);
    assert_eq!(world.payment.refund().unwrap().target, RefundTarget::Card);
    let before = world.clone();
    world.redeliver_all();
    assert_eq!(world, before);
}

#[test]
fn a_page_is_polled_ever_more_rarely_until_an_hour_after_it_closes() {
    let opened = Clock::Fixed(start()).now();
    let closes_at = opened + SignedDuration::from_hours(24);
    let mut now = steps::first_poll(opened);
    assert_eq!(now.duration_since(opened), SignedDuration::from_secs(30));
    let mut polls = vec![now];
    while let Some(next) = steps::next_poll(Clock::Fixed(now).now(), closes_at) {
        assert!(next.duration_since(now) >= SignedDuration::from_secs(30));
        now = next;
        polls.push(now);
    }
    let minutes: Vec<i64> = polls.iter().map(|at| at.duration_since(opened).as_mins()).collect();
    assert_eq!(minutes, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]);
    assert_eq!(steps::next_poll(closes_at + SignedDuration::from_hours(1), closes_at), None);
}

#[test]
fn a_payment_expires_when_its_page_closes_and_not_a_millisecond_earlier() {
    let (closes_at, world) = (start(), World::top_up());
    let expires = |now| steps::expires(now, closes_at, world.payment.opened().unwrap(), None);
    assert!(!expires(closes_at - SignedDuration::from_millis(1)));
    assert!(expires(closes_at));
}

#[test]
fn a_payment_expires_early_if_its_booking_no_longer_waits_for_it() {
    let (now, closes_at) = (start(), start() + SignedDuration::from_hours(1));
    let mut world = World::booking();
    let opened = world.payment.opened().unwrap().clone();
    let expires = |booking: &Booking| steps::expires(now, closes_at, &opened, Some(booking));
    assert!(!expires(&world.booking));
    world.run(&[Act::CustomerCancels]);
    assert!(expires(&world.booking));
    assert!(expires(&Booking::default()));
}

#[test]
fn money_for_a_move_pays_it_or_goes_back() {
    assert_eq!(steps::after_paying_move(Ok(())), Ok(None));
    let back = Command::RequestRefund {
        target: RefundTarget::Card,
        reason: ticketshow_domain::payment::RefundReason::SeatsGone,
    };
    assert_eq!(steps::after_paying_move(Err(booking::Refusal::MoveOver)), Ok(Some(back)));
    let unknown = booking::Refusal::UnknownPayment;
    assert_eq!(steps::after_paying_move(Err(unknown.clone())), Err(unknown));
    // Outdated news of a failure.
    assert_eq!(steps::after_refusing_move(Err(booking::Refusal::MoveInProgress)), Ok(()));
}

#[test]
fn another_amount_is_returned_only_of_a_difference_whose_move_is_refused() {
    let (booking, amount) = (BookingId(uuid::Uuid::from_u128(3)), inr(100));
    let (customer, fingerprint) = (UserId(uuid::Uuid::from_u128(4)), None);
    let mismatched = |purpose: Purpose| {
        let mut payment = Payment::default();
        let request = Command::RequestPayment {
            payment: PAYMENT,
            customer,
            purpose,
            amount,
            fingerprint: fingerprint.clone(),
        };
        execute(&mut payment, &request, start()).unwrap();
        assert_eq!(steps::mismatched_move(&payment), None, "nothing is captured");
        let (provider_payment, captured) = ("pay_1".to_owned(), inr(99));
        execute(&mut payment, &Command::CapturePayment { provider_payment, captured }, start()).unwrap();
        payment
    };
    for purpose in [Purpose::Booking { booking }, Purpose::TopUp] {
        assert_eq!(steps::mismatched_move(&mismatched(purpose)), None, "an administrator decides");
    }
    let mut difference = mismatched(Purpose::Difference { booking });
    assert_eq!(steps::mismatched_move(&difference), Some(booking));
    let decide = Command::DecideReview { decision: ReviewDecision::Accept, by: customer };
    execute(&mut difference, &decide, start()).unwrap();
    assert_eq!(steps::mismatched_move(&difference), None, "decided");

    assert!(matches!(steps::after_ending_move(Ok(true)), Ok(Some(Command::RequestRefund { .. }))));
    for pays in [Ok(false), Err(booking::Refusal::MoveInProgress)] {
        assert_eq!(steps::after_ending_move(pays), Ok(None), "it pays the move");
    }
    let unknown = booking::Refusal::NotFound;
    assert_eq!(steps::after_ending_move(Err(unknown.clone())), Err(unknown));
    assert!(!steps::is_refused_move(&Booking::default(), PAYMENT));
}

#[test]
fn a_difference_gets_no_page_once_nothing_moves() {
    let next = steps::after_checking_move(&Booking::default(), PAYMENT, start());
    assert_eq!(next, steps::Next::Then(steps::Step::GiveUp(reasons::CANCELLED)));
}

/// A provider that is unavailable for some calls.
struct Flaky {
    budget: Budget,
    failures: u32,
    calls: std::sync::atomic::AtomicU32,
}

impl Provider for Flaky {
    fn budget(&self) -> &Budget {
        &self.budget
    }

    async fn open_checkout(
        &self,
        turn: Turn,
        _wanted: &WantedCheckout,
    ) -> Result<OpenedCheckout, ProviderError> {
        turn.spend();
        let call = self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if call < self.failures {
            return Err(ProviderError::Unavailable("connection refused".into()));
        }
        Ok(world::page())
    }

    async fn payment_of(&self, _turn: Turn, _session: &str) -> Result<Option<String>, ProviderError> {
        unreachable!()
    }

    async fn payment(&self, _turn: Turn, _provider_payment: &str) -> Result<ProviderPayment, ProviderError> {
        unreachable!()
    }

    async fn refund(&self, _turn: Turn, _provider_refund: &str) -> Result<ProviderRefund, ProviderError> {
        unreachable!()
    }

    async fn refund_payment(
        &self,
        _turn: Turn,
        _provider_payment: &str,
        _refund: PaymentId,
        _part: Option<ticketshow_domain::Money>,
    ) -> Result<ProviderRefund, ProviderError> {
        unreachable!()
    }

    async fn captures_since(
        &self,
        _turn: Turn,
        _since: Timestamp,
        _page: u32,
    ) -> Result<Vec<String>, ProviderError> {
        unreachable!()
    }

    async fn refunds_since(
        &self,
        _turn: Turn,
        _since: Timestamp,
        _page: u32,
    ) -> Result<Vec<ProviderRefund>, ProviderError> {
        unreachable!()
    }

    async fn disputes_since(
        &self,
        _turn: Turn,
        _since: Timestamp,
        _page: u32,
    ) -> Result<Vec<ProviderDispute>, ProviderError> {
        unreachable!()
    }
}

#[tokio::test(start_paused = true)]
async fn opening_a_page_is_tried_three_times_within_a_second() {
    let wanted = WantedCheckout { payment: PAYMENT, booking: None, amount: inr(1), customer: None };
    for (failures, opens) in [(0, true), (2, true), (3, false)] {
        let began = tokio::time::Instant::now();
        let provider = Flaky { budget: Budget::new(90), failures, calls: 0.into() };
        let [turn] = provider.budget.turns(Lane::Checkout).await;
        assert_eq!(open_page(&provider, turn, &wanted).await.is_ok(), opens, "after {failures} failures");
        assert!(began.elapsed() <= Duration::from_millis(900 + 10));
    }
}
