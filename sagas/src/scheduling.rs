//! Opens scheduled screenings for booking, carries out changes of their time or screen, and arms the timers of drafts. The API
//! does the first two as well; this saga makes up for one that crashed before it did.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ticketshow_domain::{
    AnyEvent, ScreeningId,
    screen::Event,
    screening::{Command, Screening},
};
use ticketshow_nats::{
    consumers::{
        subscription::{Handler, Subscription},
        verdict::Verdict,
    },
    executor::Executor,
    log::envelope::Commit,
    subjects::consumers,
};
use ticketshow_tickets::Signer;

use crate::{
    publications::Publications,
    rescheduling::Change,
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
        reaction::Reactions,
    },
};

/// Work that an event of a calendar starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Open a screening.
    Open(ScreeningId, Command),
    /// Decide about a change, and carry it out.
    Change(Change),
    /// Arm the timer that publishes drafts.
    Arm,
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    match event {
        Event::ScreeningScheduled { screening, promise, .. } => {
            let promise = promise.clone();
            Some(Task::Open(*screening, Command::OpenScreening { screening: *screening, promise }))
        }
        Event::SlotReserved { screening, wanted } => {
            Some(Task::Change(Change { screening: *screening, wanted: wanted.clone() }))
        }
        Event::ScreeningDrafted { publish_at: Some(_), .. } | Event::DraftChanged { .. } => Some(Task::Arm),
        Event::ScreenAdded { .. }
        | Event::ScreenRenamed { .. }
        | Event::LayoutChanged { .. }
        | Event::TurnaroundChanged { .. }
        | Event::ScreenRetired {}
        | Event::ScreenReactivated {}
        | Event::ScreeningDrafted { publish_at: None, .. }
        | Event::DraftPublished { .. }
        | Event::DraftDiscarded { .. }
        | Event::ScreeningUnscheduled { .. }
        | Event::SlotTaken { .. }
        | Event::SlotDropped { .. }
        | Event::SlotVacated { .. } => None,
    }
}

/// Processes the consumer `scheduling`.
#[derive(Debug)]
pub(crate) struct Scheduling {
    reactions: Reactions,
    signer: Signer,
    publications: Arc<Publications>,
}

impl Scheduling {
    const NAME: &'static str = consumers::SCHEDULING;

    pub fn new(executor: &Executor, clock: Clock, signer: Signer, publications: Arc<Publications>) -> Self {
        Self { reactions: Reactions::new(Self::NAME, executor, clock), signer, publications }
    }

    /// The subscription, with `parallelism` screens at once.
    pub fn durable(parallelism: usize) -> Subscription {
        let events = &["screening_scheduled", "slot_reserved", "screening_drafted", "draft_changed"];
        Subscription { name: Self::NAME, events, parallelism }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        for recorded in commit.events()? {
            let AnyEvent::Screen(event) = &recorded.event else { continue };
            let reaction = self.reactions.to(&recorded);
            match react(event) {
                Some(Task::Open(screening, command)) => {
                    reaction.must::<Screening>(&screening, command).await?;
                }
                Some(Task::Change(change)) => change.carry_out(&reaction, &self.signer).await?,
                Some(Task::Arm) => {
                    let screen = commit.id.parse().map_err(SagaError::permanent)?;
                    self.publications.arm(screen).await?;
                }
                None => {}
            }
        }
        Ok(())
    }
}

impl Handler for Scheduling {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.process(commit).await)
    }
}
