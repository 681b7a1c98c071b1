//! Cancelling shows, closing venues and calling screenings off.

use std::sync::Arc;

use jiff::SignedDuration;
use ticketshow_domain::{
    ScreenId, ScreeningId, ShowId, VenueId,
    booking::{Booking, BookingStatus},
    examples::offer,
    promise::Promise,
    screen::{self, OpeningHours, Screen},
    screening::Screening,
    show::{self, Show, ShowDetails},
    venue::{self, Venue, VenueDetails},
};
use ticketshow_tests::{eventually, held_within};
use uuid::Uuid;

use crate::fixture::{Fixture, Held, PRICE_MINOR};

/// A show, and a room of a venue to schedule it in.
struct Programme<'a> {
    fixture: &'a Fixture,
    show: ShowId,
    venue: VenueId,
    screen: ScreenId,
}

impl<'a> Programme<'a> {
    async fn new(fixture: &'a Fixture, seats: u16) -> Self {
        let (show, venue, screen) = (ShowId(fixture.id()), VenueId(fixture.id()), ScreenId(fixture.id()));
        let details = ShowDetails {
            title: "The Lighthouse Keeper".to_owned(),
            description: String::new(),
            duration_minutes: 90,
            language: "English".to_owned(),
            certificate: None,
            genres: Vec::new(),
            people: Vec::new(),
        };
        fixture.execute::<Show>(&show, show::Command::CreateShow { show, details, fingerprint: None }).await;
        let details = VenueDetails {
            name: "Rex".to_owned(),
            address: "12 Lake Road".to_owned(),
            city: "Mumbai".to_owned(),
            timezone: "Asia/Kolkata".parse().unwrap(),
            opens_at: "00:00".parse().unwrap(),
            closes_at: "00:00".parse().unwrap(),
        };
        let create = venue::Command::CreateVenue { venue, details, fingerprint: None };
        fixture.execute::<Venue>(&venue, create).await;
        let (name, layout) = ("Screen 1".to_owned(), fixture.promise(seats).layout);
        let add = screen::Command::AddScreen {
            screen,
            venue,
            name,
            layout,
            turnaround_minutes: 0,
            fingerprint: None,
        };
        fixture.execute::<Screen>(&screen, add).await;
        Self { fixture, show, venue, screen }
    }

    /// Schedules the show that many hours from tomorrow on, and waits until it is open.
    async fn schedule(&self, hours: i64) -> ScreeningId {
        let screening = ScreeningId(self.fixture.id());
        let promise = self.fixture.promise(1);
        let starts_at = promise.starts_at + SignedDuration::from_hours(hours);
        let promise = Promise {
            show: self.show,
            starts_at,
            ends_at: starts_at + SignedDuration::from_mins(90),
            cancel_until: starts_at - SignedDuration::from_hours(2),
            ..promise
        };
        let midnight = "00:00".parse().unwrap();
        let opening_hours = OpeningHours { active: true, opens_at: midnight, closes_at: midnight };
        let schedule = screen::Command::ScheduleScreening {
            screening,
            offer: Arc::new(offer(promise)),
            opening_hours,
            show_cancelled: false,
            fingerprint: None,
        };
        self.fixture.execute::<Screen>(&self.screen, schedule).await;
        eventually("the screening to open", async || {
            self.fixture.state::<Screening>(&screening).await.promise().map(|_| ())
        })
        .await;
        screening
    }

    async fn cancel_show(&self) -> Uuid {
        let cascade = self.fixture.id();
        let reason = Some("The lead is ill.".to_owned());
        self.fixture.execute::<Show>(&self.show, show::Command::CancelShow { cascade, reason }).await;
        cascade
    }

    async fn cleared(&self, screening: ScreeningId) {
        eventually("the screening to be cleared", async || {
            self.fixture.state::<Screening>(&screening).await.is_cleared().then_some(())
        })
        .await;
    }
}

/// Reserves and pays, and waits for the ticket.
async fn paid(fixture: &Fixture, screening: ScreeningId, seat: u16) -> Held {
    let (held, _) = fixture.book(screening, seat).await;
    fixture.becomes(held, BookingStatus::Confirmed).await;
    held
}

#[tokio::test]
async fn a_cancelled_show_calls_off_every_booking_of_every_screening() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let programme = Programme::new(&fixture, 3).await;
    let (first, second) = (programme.schedule(0).await, programme.schedule(3).await);
    let (ada, bob) = (paid(&fixture, first, 1).await, paid(&fixture, second, 1).await);
    let holder = fixture.reserve(second, 2).await;

    let cascade = programme.cancel_show().await;
    for held in [ada, bob] {
        fixture.becomes(held, BookingStatus::Refunded).await;
        assert_eq!(fixture.balance(held.customer).await, PRICE_MINOR);
    }
    // There was no attempt to pay, but the customer must be notified.
    let cancelled = eventually("the hold to become a cancelled booking", async || {
        fixture.state::<Booking>(&holder.booking).await.opened
    })
    .await;
    assert_eq!((cancelled.status, cancelled.cascade), (BookingStatus::Cancelled, Some(cascade)));
    assert_eq!(cancelled.reservation.customer, holder.customer);
    for screening in [first, second] {
        programme.cleared(screening).await;
        assert_eq!(fixture.state::<Screening>(&screening).await.cancelled(), Some(cascade));
    }
    let screen: Screen = fixture.state(&programme.screen).await;
    assert!(screen.calendar.is_empty(), "{:?}", screen.calendar);
    eventually("the show to be cleared", async || {
        (fixture.state::<Show>(&programme.show).await.cleared == Some(cascade)).then_some(())
    })
    .await;
    sagas.stop().await;
}

#[tokio::test]
async fn what_was_scheduled_too_late_is_caught_and_what_comes_after_a_reopening_is_not() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let programme = Programme::new(&fixture, 1).await;
    let cascade = fixture.id();
    let close = venue::Command::DeactivateVenue { cascade, reason: None };
    fixture.execute::<Venue>(&programme.venue, close).await;
    // The scheduling did not know of the closing yet.
    let late = programme.schedule(0).await;
    programme.cleared(late).await;
    assert_eq!(fixture.state::<Screening>(&late).await.cancelled(), Some(cascade));

    fixture.execute::<Venue>(&programme.venue, venue::Command::ReactivateVenue).await;
    let again = programme.schedule(3).await;
    let held = paid(&fixture, again, 1).await;
    assert_eq!(fixture.state::<Screening>(&again).await.cancelled(), None);
    assert_eq!(fixture.status(held).await, BookingStatus::Confirmed);
    sagas.stop().await;
}

#[tokio::test]
async fn a_single_screening_is_called_off_by_its_calendar() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let programme = Programme::new(&fixture, 1).await;
    let (off, stays) = (programme.schedule(0).await, programme.schedule(3).await);
    let (lost, kept) = (paid(&fixture, off, 1).await, paid(&fixture, stays, 1).await);
    let unschedule = screen::Command::UnscheduleScreening {
        screening: off,
        cascade: fixture.id(),
        reason: None,
        decided_at: ticketshow_nats::clock::now(),
    };
    fixture.execute::<Screen>(&programme.screen, unschedule).await;
    fixture.becomes(lost, BookingStatus::Refunded).await;
    programme.cleared(off).await;
    assert_eq!(fixture.status(kept).await, BookingStatus::Confirmed);
    sagas.stop().await;
}

/// Whatever is killed in between, everybody has the money back once.
#[tokio::test]
async fn killed_sagas_and_a_killed_server_leave_no_booking_of_a_cancelled_show_behind() {
    const BOOKINGS: u16 = 60;
    let mut fixture = Fixture::build().await;
    let mut sagas = fixture.start_sagas().await;
    let (screening, show) = {
        let programme = Programme::new(&fixture, BOOKINGS).await;
        (programme.schedule(0).await, programme.show)
    };
    let mut bookings = Vec::new();
    for seat in 1..=BOOKINGS {
        bookings.push(fixture.book(screening, seat).await.0);
    }
    for held in &bookings {
        fixture.becomes(*held, BookingStatus::Confirmed).await;
    }
    let cascade = fixture.id();
    fixture.execute::<Show>(&show, show::Command::CancelShow { cascade, reason: None }).await;
    for round in 0..4 {
        eventually("some more bookings to be refunded", async || {
            let mut refunded = 0;
            for held in &bookings {
                refunded += usize::from(fixture.status(*held).await == BookingStatus::Refunded);
            }
            (refunded >= round * 8).then_some(())
        })
        .await;
        sagas.kill().await;
        if round == 1 {
            fixture.nats.kill();
            fixture.nats.restart().await;
            held_within(std::time::Duration::from_secs(10), async || {
                fixture.connection.is_connected().then_some(())
            })
            .await;
        }
        sagas = fixture.start_sagas().await;
    }
    for held in bookings {
        fixture.becomes(held, BookingStatus::Refunded).await;
        assert_eq!(fixture.balance(held.customer).await, PRICE_MINOR);
    }
    assert!(fixture.state::<Screening>(&screening).await.active().next().is_none());
    sagas.stop().await;
}
