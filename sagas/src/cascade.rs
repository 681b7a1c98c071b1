//! Cancellation of shows, venues and screenings: calls off every screening that had not started by the time of the decision,
//! and every booking of those screenings.
//!
//! ```text
//! ShowCancelled, VenueDeactivated ──▶ UnscheduleScreening, for each ─┐
//! ScreeningScheduled, too late ─────▶ UnscheduleScreening ───────────┤
//! DELETE /screenings/{id} ──────────▶ UnscheduleScreening ───────────┤
//!                                                                    ▼
//!         ScreeningUnscheduled ──▶ CancelScreening ──▶ CallOff, per booking ──▶ ReleaseCancelled ──▶ RecordCleared
//! ```
//!
//! Everything starts from the calendars of the screens: the busy streams of screenings are not read, a screening is called
//! off once however many cascades include it, and its bookings come from its own state. Refunds and mails follow from the
//! bookings.

mod clearing;
mod decision;
mod programme;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::PgPool;
use ticketshow_domain::{
    AnyEvent, ScreenId, ScreeningId, ShowId, VenueId,
    screen::{self, Screen},
    screening::Screening,
    show::{self, Show},
    venue::{self, Venue},
};
use ticketshow_nats::{
    consumers::{
        subscription::{Handler, Subscription},
        verdict::Verdict,
    },
    executor::Executor,
    log::envelope::{Commit, RecordedEvent},
    server::connection::Connection,
    subjects::consumers,
};
use ticketshow_tickets::Signer;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::worker::{
    clock::Clock,
    error::{SagaError, verdict},
    reaction::{Reaction, Reactions},
};
use clearing::CalledOff;
use decision::{Decision, Scope};
use programme::{Closed, Programme};

/// Screenings unscheduled concurrently.
const SCREENINGS_AT_ONCE: usize = 32;

/// Work that an event starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Unschedule every screening in a scope.
    Clear(Scope, Decision),
    /// Unschedule this screening if its show was cancelled, or its venue closed, before it was scheduled.
    UnscheduleIfClosed { screening: ScreeningId, screen: ScreenId, show: ShowId, venue: VenueId },
    /// Cancel a screening and its bookings.
    CallOff(CalledOff),
}

pub(crate) fn react(recorded: &RecordedEvent) -> Result<Option<Task>, uuid::Error> {
    let decision = |cascade: &Uuid, reason: &Option<String>| Decision {
        cascade: *cascade,
        reason: reason.clone(),
        decided_at: recorded.metadata.time,
    };
    Ok(match &recorded.event {
        AnyEvent::Show(show::Event::ShowCancelled { cascade, reason }) => {
            Some(Task::Clear(Scope::Show(recorded.id.parse()?), decision(cascade, reason)))
        }
        AnyEvent::Venue(venue::Event::VenueDeactivated { cascade, reason }) => {
            Some(Task::Clear(Scope::Venue(recorded.id.parse()?), decision(cascade, reason)))
        }
        AnyEvent::Screen(screen::Event::ScreeningScheduled { screening, promise, .. }) => {
            let (screening, screen) = (*screening, recorded.id.parse()?);
            Some(Task::UnscheduleIfClosed { screening, screen, show: promise.show, venue: promise.venue })
        }
        // The decision may have come while it was between two screens.
        AnyEvent::Screen(screen::Event::SlotTaken { screening, promise, .. }) => {
            let (screening, screen) = (*screening, recorded.id.parse()?);
            Some(Task::UnscheduleIfClosed { screening, screen, show: promise.show, venue: promise.venue })
        }
        AnyEvent::Screen(screen::Event::ScreeningUnscheduled { screening, cascade, reason, decided_at }) => {
            let (screening, cascade, decided_at) = (*screening, *cascade, *decided_at);
            let decision = Decision { cascade, reason: reason.clone(), decided_at };
            Some(Task::CallOff(CalledOff { screening, screen: recorded.id.parse()?, decision }))
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
            | venue::Event::PriceTemplateAdded { .. }
            | venue::Event::PriceTemplateChanged { .. }
            | venue::Event::PriceTemplateDropped { .. }
            | venue::Event::VenueCleared { .. },
        )
        | AnyEvent::Screen(
            screen::Event::ScreenAdded { .. }
            | screen::Event::ScreenRenamed { .. }
            | screen::Event::LayoutChanged { .. }
            | screen::Event::TurnaroundChanged { .. }
            | screen::Event::ScreenRetired {}
            | screen::Event::ScreenReactivated {}
            | screen::Event::ScreeningDrafted { .. }
            | screen::Event::DraftChanged { .. }
            | screen::Event::DraftPublished { .. }
            | screen::Event::DraftDiscarded { .. }
            | screen::Event::DraftSeatsBlocked { .. }
            | screen::Event::DraftBlockReleased { .. }
            | screen::Event::ScreenSeatsBlocked { .. }
            | screen::Event::ScreenBlockReleased { .. }
            | screen::Event::SlotReserved { .. }
            | screen::Event::SlotDropped { .. }
            | screen::Event::SlotVacated { .. },
        )
        | AnyEvent::Account(_)
        | AnyEvent::Screening(_)
        | AnyEvent::Booking(_)
        | AnyEvent::Payment(_)
        | AnyEvent::Wallet(_)
        | AnyEvent::Till(_)
        | AnyEvent::Promotion(_)
        | AnyEvent::Invoices(_) => None,
    })
}

/// Processes the consumer `cascade`.
#[derive(Debug)]
pub(crate) struct Cascade {
    reactions: Reactions,
    programme: Programme,
    signer: Signer,
}

impl Cascade {
    const NAME: &'static str = consumers::CASCADE;

    pub fn new(
        connection: &Connection,
        executor: &Executor,
        clock: Clock,
        pool: &PgPool,
        signer: Signer,
    ) -> Self {
        let reactions = Reactions::new(Self::NAME, executor, clock);
        Self { reactions, programme: Programme::new(connection, pool), signer }
    }

    /// The subscription, with `parallelism` shows, venues and screens at once.
    pub fn durable(parallelism: usize) -> Subscription {
        let events = &[
            "show_cancelled",
            "venue_deactivated",
            "screening_scheduled",
            "screening_unscheduled",
            "slot_taken",
        ];
        Subscription { name: Self::NAME, events, parallelism }
    }

    /// Keeps the programme up to date with the log until `stop`.
    pub async fn follow_programme(self: Arc<Self>, stop: CancellationToken) {
        self.programme.follow(&stop).await;
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        for recorded in commit.events()? {
            let reaction = self.reactions.to(&recorded);
            match react(&recorded).map_err(SagaError::permanent)? {
                Some(Task::Clear(scope, decision)) => {
                    self.clear(&reaction, scope, &decision, commit.position).await?;
                }
                Some(Task::UnscheduleIfClosed { screening, screen, show, venue }) => {
                    let closed = self.programme.closed_before(commit.position, show, venue).await?;
                    if let Some(Closed(decision)) = closed {
                        unschedule(&reaction, screening, screen, &decision).await?;
                    }
                }
                Some(Task::CallOff(called_off)) => {
                    called_off.clear(&reaction, &self.signer).await?;
                    unschedule_elsewhere(&reaction, &called_off).await?;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Unschedules every screening that was scheduled before `position`. Later ones are unscheduled when their event arrives.
    async fn clear(
        &self,
        reaction: &Reaction<'_>,
        scope: Scope,
        decision: &Decision,
        position: u64,
    ) -> Result<(), SagaError> {
        let found = self.programme.scheduled_before(position, scope, decision.decided_at).await?;
        let screenings = stream::iter(found)
            .map(async |(screening, screen)| unschedule(reaction, screening, screen, decision).await)
            .buffer_unordered(SCREENINGS_AT_ONCE)
            .try_fold(0, async |screenings, by_us| Ok(screenings + u32::from(by_us)))
            .await?;
        let cascade = decision.cascade;
        match scope {
            Scope::Show(show) => {
                let command = show::Command::RecordCleared { cascade, screenings };
                reaction.must::<Show>(&show, command).await
            }
            Scope::Venue(venue) => {
                let command = venue::Command::RecordCleared { cascade, screenings };
                reaction.must::<Venue>(&venue, command).await
            }
        }
    }
}

/// Frees the slot of a cancelled screening that got another screen while the calendar of this one unscheduled it.
async fn unschedule_elsewhere(reaction: &Reaction<'_>, called_off: &CalledOff) -> Result<(), SagaError> {
    let CalledOff { screening, screen, decision } = called_off;
    let state: Screening = reaction.read(screening).await?;
    match state.promise().map(|promise| promise.screen).filter(|there| there != screen) {
        Some(there) => unschedule(reaction, *screening, there, decision).await.map(drop),
        None => Ok(()),
    }
}

/// Unschedules a screening. Returns `false` if another cascade did so before, or the screening had started.
async fn unschedule(
    reaction: &Reaction<'_>,
    screening: ScreeningId,
    screen: ScreenId,
    decision: &Decision,
) -> Result<bool, SagaError> {
    let Decision { cascade, reason, decided_at } = decision.clone();
    let command = screen::Command::UnscheduleScreening { screening, cascade, reason, decided_at };
    let by_us =
        move |screen: &Screen| screen.unscheduled.get(&screening).is_some_and(|by| by.cascade == cascade);
    match reaction.execute_and_read(&screen, command, by_us).await? {
        Ok(by_us) => Ok(by_us),
        Err(screen::Refusal::Started(_)) => Ok(false),
        Err(refusal) => Err(SagaError::permanent(refusal)),
    }
}

impl Handler for Cascade {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}
