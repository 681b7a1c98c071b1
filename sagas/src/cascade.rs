//! What is called off when a show is cancelled, a venue closed or a screening called off: every screening that had not
//! started then, and every booking on them.
//!
//! ```text
//! ShowCancelled, VenueDeactivated ──▶ UnscheduleScreening, one each ─┐
//! ScreeningScheduled, too late ─────▶ UnscheduleScreening ───────────┤
//! DELETE /screenings/{id} ──────────▶ UnscheduleScreening ───────────┤
//!                                                                    ▼
//!         ScreeningUnscheduled ──▶ CancelScreening ──▶ CallOff, a booking each ──▶ ReleaseCancelled ──▶ RecordCleared
//! ```
//!
//! So all of it hangs on the calendars of the screens: the busy streams of the screenings are not read, each screening is
//! called off once whoever asks, and its bookings come from its own state. Refunds and mails follow from the bookings.

mod clearing;
mod programme;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, ScreenId, ScreeningId, ShowId, VenueId, screen,
    screen::Screen,
    show::{self, Show},
    venue::{self, Venue},
};
use ticketshow_nats::{Commit, Connection, Durable, Executor, Handler, Recorded, Verdict, consumers};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::reaction::{Halt, Reaction, verdict};
use clearing::CalledOff;
use programme::{Closed, Programme};

/// Screenings taken off their calendars side by side.
const SCREENINGS_AT_ONCE: usize = 32;

/// A show or venue with everything that is scheduled for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum House {
    Show(ShowId),
    Venue(VenueId),
}

/// Why and since when something is called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub cascade: Uuid,
    pub reason: Option<String>,
    /// What had started by then goes on.
    pub decided_at: Timestamp,
}

/// What an event asks of this saga.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Task {
    /// Take every screening that it has off its calendar.
    Clear(House, Decision),
    /// Do so with this one, if its show was cancelled or its venue closed before.
    Catch { screening: ScreeningId, screen: ScreenId, show: ShowId, venue: VenueId },
    /// Cancel a screening and its bookings.
    CallOff(CalledOff),
}

fn react(recorded: &Recorded) -> Result<Option<Task>, uuid::Error> {
    let decision = |cascade: &Uuid, reason: &Option<String>| Decision {
        cascade: *cascade,
        reason: reason.clone(),
        decided_at: recorded.metadata.time,
    };
    Ok(match &recorded.event {
        AnyEvent::Show(show::Event::ShowCancelled { cascade, reason }) => {
            Some(Task::Clear(House::Show(recorded.id.parse()?), decision(cascade, reason)))
        }
        AnyEvent::Venue(venue::Event::VenueDeactivated { cascade, reason }) => {
            Some(Task::Clear(House::Venue(recorded.id.parse()?), decision(cascade, reason)))
        }
        AnyEvent::Screen(screen::Event::ScreeningScheduled { screening, promise, .. }) => {
            let (screening, screen) = (*screening, recorded.id.parse()?);
            Some(Task::Catch { screening, screen, show: promise.show, venue: promise.venue })
        }
        AnyEvent::Screen(screen::Event::ScreeningUnscheduled { screening, cascade, reason, decided_at }) => {
            let (screening, cascade, decided_at) = (*screening, *cascade, *decided_at);
            let decision = Decision { cascade, reason: reason.clone(), decided_at };
            Some(Task::CallOff(CalledOff { screening, decision }))
        }
        AnyEvent::Show(
            show::Event::ShowCreated { .. }
            | show::Event::ShowUpdated { .. }
            | show::Event::PosterSet { .. }
            | show::Event::ShowCleared { .. },
        )
        | AnyEvent::Venue(
            venue::Event::VenueCreated { .. }
            | venue::Event::VenueUpdated { .. }
            | venue::Event::VenueReactivated {}
            | venue::Event::VenueCleared { .. },
        )
        | AnyEvent::Screen(
            screen::Event::ScreenAdded { .. }
            | screen::Event::ScreenRenamed { .. }
            | screen::Event::LayoutChanged { .. },
        )
        | AnyEvent::Account(_)
        | AnyEvent::Screening(_)
        | AnyEvent::Booking(_)
        | AnyEvent::Payment(_)
        | AnyEvent::Wallet(_) => None,
    })
}

/// Works off the consumer `cascade`.
#[derive(Debug)]
pub(crate) struct Cascade {
    executor: Executor,
    programme: Programme,
}

impl Cascade {
    const NAME: &'static str = consumers::CASCADE;

    pub fn new(connection: &Connection, executor: &Executor, pool: &PgPool) -> Self {
        Self { executor: executor.clone(), programme: Programme::new(connection, pool) }
    }

    /// The events it reads, `parallelism` shows, venues and screens side by side.
    pub fn durable(parallelism: usize) -> Durable {
        let events = &["show_cancelled", "venue_deactivated", "screening_scheduled", "screening_unscheduled"];
        Durable { name: Self::NAME, events, parallelism }
    }

    /// Keeps up with what is scheduled where, until `stop`.
    pub async fn follow_programme(self: Arc<Self>, stop: CancellationToken) {
        self.programme.follow(&stop).await;
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        for recorded in commit.events()? {
            let reaction = Reaction::to(&recorded, Self::NAME, &self.executor);
            match react(&recorded).map_err(Halt::stuck)? {
                Some(Task::Clear(house, decision)) => {
                    self.clear(&reaction, house, &decision, commit.position).await?;
                }
                Some(Task::Catch { screening, screen, show, venue }) => {
                    let closed = self.programme.closed_before(commit.position, show, venue).await?;
                    if let Some(Closed(decision)) = closed {
                        unschedule(&reaction, screening, screen, &decision).await?;
                    }
                }
                Some(Task::CallOff(called_off)) => called_off.clear(&reaction).await?,
                None => {}
            }
        }
        Ok(())
    }

    /// Takes everything off its calendar that was scheduled before `position`. What is scheduled later is caught then.
    async fn clear(
        &self,
        reaction: &Reaction<'_>,
        house: House,
        decision: &Decision,
        position: u64,
    ) -> Result<(), Halt> {
        let found = self.programme.scheduled_before(position, house, decision.decided_at).await?;
        let screenings = stream::iter(found)
            .map(async |(screening, screen)| unschedule(reaction, screening, screen, decision).await)
            .buffer_unordered(SCREENINGS_AT_ONCE)
            .try_fold(0, async |screenings, by_us| Ok(screenings + u32::from(by_us)))
            .await?;
        let cascade = decision.cascade;
        match house {
            House::Show(show) => {
                let command = show::Command::RecordCleared { cascade, screenings };
                reaction.execute::<Show, _>(&show, command, |_| ()).await?.map_err(Halt::stuck)
            }
            House::Venue(venue) => {
                let command = venue::Command::RecordCleared { cascade, screenings };
                reaction.execute::<Venue, _>(&venue, command, |_| ()).await?.map_err(Halt::stuck)
            }
        }
    }
}

/// Takes a screening off its calendar; `false` if another cascade did so before, or it had started.
async fn unschedule(
    reaction: &Reaction<'_>,
    screening: ScreeningId,
    screen: ScreenId,
    decision: &Decision,
) -> Result<bool, Halt> {
    let Decision { cascade, reason, decided_at } = decision.clone();
    let command = screen::Command::UnscheduleScreening { screening, cascade, reason, decided_at };
    let by_us =
        move |screen: &Screen| screen.unscheduled.get(&screening).is_some_and(|by| by.cascade == cascade);
    match reaction.execute(&screen, command, by_us).await? {
        Ok(by_us) => Ok(by_us),
        Err(screen::Refusal::Started(_)) => Ok(false),
        Err(refusal) => Err(Halt::stuck(refusal)),
    }
}

impl Handler for Cascade {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}
