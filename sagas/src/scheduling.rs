//! Opens scheduled screenings for booking, carries out changes of their time or screen, applies the blocks of screens to their screenings,
//! and arms the timers of drafts. The API does all of this as well, except for the timers; this saga completes the work of an API process
//! that crashed.

pub(crate) mod publications;
mod rescheduling;
mod screen_blocks;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ticketshow_domain::{
    AnyEvent, ScreenId, ScreeningId, UserId,
    screen::{Event, ReplacedDraft},
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
use uuid::Uuid;

use crate::{
    scheduling::{publications::Publications, rescheduling::Change},
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
    Open(ScreeningId, Box<Command>),
    /// Decide about a change, and carry it out.
    Change(Change),
    /// Arm the timer that publishes drafts.
    Arm,
    /// Delete the draft that a new one replaces, and arm the timer that publishes drafts.
    Replace {
        /// The new draft.
        draft: ScreeningId,
        /// The draft of another screen.
        replaced: ReplacedDraft,
    },
    /// Keep the seats of a block back in all screenings to come.
    Block(Uuid),
    /// Put the seats of a block on sale again.
    Release {
        /// The block of the screen.
        block: Uuid,
        /// Member of staff.
        by: UserId,
    },
    /// Keep the seats of all blocks back in a screening that the change brought here.
    BlockAll(ScreeningId, Uuid),
}

pub(crate) fn react(event: &Event) -> Option<Task> {
    match event {
        Event::ScreeningScheduled { screening, promise, blocks, .. } => {
            let (screening, promise, blocks) = (*screening, promise.clone(), blocks.clone());
            let command = Command::OpenScreening { screening, promise, blocks };
            Some(Task::Open(screening, Box::new(command)))
        }
        Event::SlotReserved { screening, wanted } => {
            Some(Task::Change(Change { screening: *screening, wanted: wanted.clone() }))
        }
        Event::ScreeningDrafted { screening, replaces: Some(replaced), .. } => {
            Some(Task::Replace { draft: *screening, replaced: replaced.clone() })
        }
        Event::ScreeningDrafted { publish_at: Some(_), .. } | Event::DraftChanged { .. } => Some(Task::Arm),
        Event::ScreenSeatsBlocked { block, .. } => Some(Task::Block(*block)),
        Event::ScreenBlockReleased { block, by } => Some(Task::Release { block: *block, by: *by }),
        Event::SlotTaken { screening, change, .. } => Some(Task::BlockAll(*screening, *change)),
        Event::ScreenAdded { .. }
        | Event::ScreenRenamed { .. }
        | Event::LayoutChanged { .. }
        | Event::TurnaroundChanged { .. }
        | Event::ScreenRetired {}
        | Event::ScreenReactivated {}
        | Event::ScreeningDrafted { publish_at: None, replaces: None, .. }
        | Event::DraftPublished { .. }
        | Event::DraftDiscarded { .. }
        | Event::DraftSeatsBlocked { .. }
        | Event::DraftBlockReleased { .. }
        | Event::ScreeningUnscheduled { .. }
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
        let events = &[
            "screening_scheduled",
            "slot_reserved",
            "screening_drafted",
            "draft_changed",
            "screen_seats_blocked",
            "screen_block_released",
            "slot_taken",
        ];
        Subscription { name: Self::NAME, events, parallelism }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        for recorded in commit.events()? {
            let AnyEvent::Screen(event) = &recorded.event else { continue };
            let reaction = self.reactions.to(&recorded);
            let screen: ScreenId = commit.id.parse().map_err(SagaError::permanent)?;
            match react(event) {
                Some(Task::Open(screening, command)) => {
                    reaction.must::<Screening>(&screening, *command).await?;
                }
                Some(Task::Change(change)) => change.carry_out(&reaction, &self.signer).await?,
                Some(Task::Arm) => self.publications.arm(screen).await?,
                Some(Task::Replace { draft, replaced }) => {
                    screen_blocks::end_replaced(&reaction, screen, draft, &replaced).await?;
                    self.publications.arm(screen).await?;
                }
                Some(Task::Block(block)) => screen_blocks::follow(&reaction, screen, block).await?,
                Some(Task::Release { block, by }) => {
                    screen_blocks::release(&reaction, screen, block, by).await?;
                }
                Some(Task::BlockAll(screening, change)) => {
                    screen_blocks::follow_all(&reaction, screen, screening, change).await?;
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
