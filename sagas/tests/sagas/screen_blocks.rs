//! Blocks of a screen reach its screenings, and a draft that went to another screen is deleted there, although no API helps.

use std::sync::Arc;

use ticketshow_domain::{
    ScreenId, ScreeningId, SeatName, UserId, VenueId,
    examples::offer,
    promise::Promise,
    screen::{self, OpeningHours, ReplacedDraft, Screen, WantedDraft, WantedSeats},
    screening::{Screening, Seat, WantedBlock},
};
use ticketshow_tests::eventually;

use crate::fixture::Fixture;

/// Adds a screen with one row of four seats.
async fn add_screen(fixture: &Fixture) -> ScreenId {
    let screen = ScreenId(fixture.id());
    let command = screen::Command::AddScreen {
        screen,
        venue: VenueId(fixture.id()),
        name: "One".to_owned(),
        layout: fixture.promise(4).layout,
        turnaround_minutes: 0,
        fingerprint: None,
    };
    fixture.execute::<Screen>(&screen, command).await;
    screen
}

fn always_open() -> OpeningHours {
    let midnight = "00:00".parse().unwrap();
    OpeningHours { active: true, opens_at: midnight, closes_at: midnight }
}

/// The promise of a screening so many hours after tomorrow.
fn later(fixture: &Fixture, hours: i64) -> Promise {
    let later = jiff::SignedDuration::from_hours(hours);
    let promise = fixture.promise(4);
    Promise { starts_at: promise.starts_at + later, ends_at: promise.ends_at + later, ..promise }
}

async fn schedule(fixture: &Fixture, screen: ScreenId, hours: i64) -> ScreeningId {
    let screening = ScreeningId(fixture.id());
    let command = screen::Command::ScheduleScreening {
        screening,
        offer: Arc::new(offer(later(fixture, hours))),
        opening_hours: always_open(),
        show_cancelled: false,
        fingerprint: None,
    };
    fixture.execute::<Screen>(&screen, command).await;
    screening
}

async fn becomes(
    fixture: &Fixture,
    screening: ScreeningId,
    what: &str,
    is: impl Fn(&Screening, Vec<Seat>) -> bool,
) {
    eventually(what, async || {
        let state: Screening = fixture.state(&screening).await;
        let seats: Vec<Seat> = state.seats().collect();
        is(&state, seats).then_some(())
    })
    .await;
}

fn is_blocked(seat: Option<&Seat>) -> bool {
    matches!(seat, Some(Seat::Blocked(_)))
}

#[tokio::test]
async fn blocks_of_a_screen_reach_all_screenings_whatever_process_dies() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let screen = add_screen(&fixture).await;
    let first = schedule(&fixture, screen, 0).await;
    becomes(&fixture, first, "the screening to open", |state, _| state.promise().is_some()).await;
    fixture.reserve(first, 1).await;
    sagas.kill().await;

    let (block, by) = (fixture.id(), UserId(fixture.id()));
    let seats = ["A-1", "A-2"].map(|seat| SeatName(seat.to_owned())).to_vec();
    let wanted = WantedSeats { seats, reason: "Broken".to_owned() };
    let command = screen::Command::BlockSeats { block, wanted, by, fingerprint: None };
    fixture.execute::<Screen>(&screen, command).await;
    let second = schedule(&fixture, screen, 5).await;

    let sagas = fixture.start_sagas().await;
    becomes(&fixture, first, "the seat to be blocked", |_, seats| is_blocked(seats.get(1))).await;
    let state: Screening = fixture.state(&first).await;
    assert_eq!(state.guests_of_screen_block(block).len(), 1, "who holds A-1 keeps it");
    becomes(&fixture, second, "the later screening", |_, seats| {
        is_blocked(seats.first()) && is_blocked(seats.get(1))
    })
    .await;
    sagas.kill().await;

    fixture.execute::<Screen>(&screen, screen::Command::ReleaseBlock { block, by }).await;
    let sagas = fixture.start_sagas().await;
    for screening in [first, second] {
        becomes(&fixture, screening, "the seat to be free", |state, seats| {
            seats.get(1) == Some(&Seat::Free) && state.guests_of_screen_block(block).is_empty()
        })
        .await;
    }
    sagas.stop().await;
}

/// Makes a draft, which may replace another one.
async fn draft(fixture: &Fixture, screen: ScreenId, replaces: Option<ReplacedDraft>) -> ScreeningId {
    let screening = ScreeningId(fixture.id());
    let wanted = WantedDraft {
        offer: Arc::new(offer(later(fixture, 0))),
        publish_at: None,
        opening_hours: always_open(),
        show_cancelled: false,
        replaces,
    };
    let command = screen::Command::DraftScreening { screening, wanted, fingerprint: None };
    fixture.execute::<Screen>(&screen, command).await;
    screening
}

#[tokio::test]
async fn a_draft_stays_if_its_seats_were_blocked_while_another_one_took_its_place() {
    let fixture = Fixture::build().await;
    let (from, to) = (add_screen(&fixture).await, add_screen(&fixture).await);
    let old = draft(&fixture, from, None).await;
    let (seats, reason) = (vec![SeatName("A-1".to_owned())], "Press".to_owned());
    let wanted = WantedBlock { seats, reason, release_at: None };
    let (block, by) = (fixture.id(), UserId(fixture.id()));
    let command = screen::Command::BlockDraftSeats { screening: old, block, wanted, by, fingerprint: None };
    fixture.execute::<Screen>(&from, command).await;
    let replaced = ReplacedDraft { screen: from, draft: old, blocks: Vec::new(), seen: Vec::new() };
    draft(&fixture, to, Some(replaced)).await;

    let sagas = fixture.start_sagas().await;
    eventually("the new draft to be deleted", async || {
        let state: Screen = fixture.state(&to).await;
        state.drafts.is_empty().then_some(())
    })
    .await;
    let there: Screen = fixture.state(&from).await;
    assert!(there.drafts[&old].block(block).is_some());
    sagas.stop().await;
}

#[tokio::test]
async fn a_draft_whose_place_another_one_has_taken_is_deleted() {
    let fixture = Fixture::build().await;
    let (from, to) = (add_screen(&fixture).await, add_screen(&fixture).await);
    let old = draft(&fixture, from, None).await;
    let replaced = ReplacedDraft { screen: from, draft: old, blocks: Vec::new(), seen: Vec::new() };
    let new = draft(&fixture, to, Some(replaced)).await;

    let sagas = fixture.start_sagas().await;
    eventually("the old draft to be deleted", async || {
        let state: Screen = fixture.state(&from).await;
        state.drafts.is_empty().then_some(())
    })
    .await;
    let there: Screen = fixture.state(&to).await;
    assert!(there.drafts.contains_key(&new));
    sagas.stop().await;
}
