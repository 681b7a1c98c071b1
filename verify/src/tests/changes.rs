//! Screenings that change, and logs in which a slot, a seat or a customer is forgotten.

use std::sync::Arc;

use jiff::Timestamp;
use ticketshow_domain::{
    booking,
    examples::row,
    promise::Promise,
    rescheduling::{Placement, Rescheduling, WantedChange},
    screen, screening,
    screening::ReleaseReason,
};
use uuid::Uuid;

use crate::tests::{Invariant, Step, bought, breaks_only, broken, story::*, verify, with};

const CHANGE: Uuid = Uuid::from_u128(77);

fn later() -> Arc<Promise> {
    promise(11, 13)
}

fn slot_reserved() -> Step {
    let (number, promise, by) = (0, later(), customer());
    let wanted = WantedChange { id: CHANGE, number, promise, by, fingerprint: None };
    on_screen(screen::Event::SlotReserved { screening: screening_id(), wanted })
}

fn slot_taken() -> Step {
    on_screen(screen::Event::SlotTaken { screening: screening_id(), change: CHANGE, promise: later() })
}

fn changed_to(promise: Arc<Promise>, bookings: u32) -> Step {
    let free_until = Some(promise.starts_at);
    on_screening(screening::Event::ScreeningChanged {
        change: CHANGE,
        promise,
        by: customer(),
        at: time(30),
        free_until,
        bookings,
        fingerprint: None,
    })
}

fn rescheduled(n: u8) -> Step {
    let rescheduling = Rescheduling {
        change: CHANGE,
        screening: screening_id(),
        before: Placement::of(&promise(10, 12)),
        after: Placement::of(&later()),
        cancel_until: time(0),
        free_until: time(60),
        paid: true,
    };
    on_booking(
        n,
        booking::Event::BookingRescheduled { booking: booking(n), customer: customer(), rescheduling },
    )
}

fn completed() -> Step {
    on_screening(screening::Event::ChangeCompleted { change: CHANGE })
}

fn whole() -> Vec<Step> {
    vec![slot_reserved(), changed_to(later(), 1), slot_taken(), rescheduled(1), completed()]
}

#[test]
fn a_change_that_everybody_follows_is_clean_and_frees_the_old_slot() {
    let steps = with(bought(), whole());
    let report = verify(&steps, Some(Timestamp::MAX));
    assert!(report.is_clean(), "{report}");
    assert!(broken(&with(steps.clone(), vec![scheduled(2, 9, 11)])).is_empty());
    breaks_only(Invariant::CalendarFree, &with(steps, vec![scheduled(2, 12, 14)]));
}

#[test]
fn a_reserved_slot_is_nobody_else_s_until_it_is_dropped() {
    let reserved = with(bought(), vec![slot_reserved()]);
    breaks_only(Invariant::CalendarFree, &with(reserved.clone(), vec![scheduled(2, 12, 14)]));
    let dropped = on_screen(screen::Event::SlotDropped { screening: screening_id(), change: CHANGE });
    assert!(broken(&with(reserved, vec![dropped, scheduled(2, 12, 14)])).is_empty());
    breaks_only(Invariant::CalendarFree, &with(bought(), vec![slot_taken()]));
}

#[test]
fn every_paid_booking_follows_before_the_change_is_complete() {
    let forgotten = vec![slot_reserved(), changed_to(later(), 1), slot_taken(), completed()];
    breaks_only(Invariant::ChangeIsFollowed, &with(bought(), forgotten.clone()));
    let counted_wrong = vec![changed_to(later(), 2)];
    breaks_only(Invariant::ChangeIsFollowed, &with(bought(), counted_wrong));
    let open = with(bought(), forgotten[..3].to_vec());
    let overdue = verify(&open, Some(Timestamp::MAX));
    assert_eq!(overdue.violations[0].invariant, Invariant::ChangeIsFollowed, "{overdue}");
    assert!(broken(&open).is_empty(), "in time");
    // One that gave its seats back meanwhile has nothing to follow.
    let gone = vec![
        changed_to(later(), 1),
        released(1, &["A-1"], ReleaseReason::CancelledByCustomer),
        completed(),
        booking_cancelled(1),
    ];
    assert!(broken(&with(bought(), gone)).is_empty());
}

#[test]
fn an_owner_keeps_the_seat_on_another_screen() {
    let there = |rows| {
        let mut promise = Promise::clone(&later());
        promise.layout.rows = rows;
        changed_to(Arc::new(promise), 1)
    };
    let steps = with(bought(), vec![there(vec![row("B", "gold", 4), row("A", "gold", 1)]), rescheduled(1)]);
    assert!(broken(&steps).is_empty());
    assert!(broken(&with(steps, vec![reserved(2, &["A-1"])])).contains(&Invariant::OneOwner));
    let lost = with(bought(), vec![there(vec![row("B", "gold", 4)])]);
    assert!(broken(&lost).contains(&Invariant::OneOwner));
}
