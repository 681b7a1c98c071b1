//! Opens scheduled screenings for booking. The API opens them too; this saga makes up for one that crashed before it did.

#[cfg(test)]
mod tests;

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

use crate::worker::{
    clock::Clock,
    error::{SagaError, verdict},
    reaction::Reactions,
};

pub(crate) fn react(event: &Event) -> Option<(ScreeningId, Command)> {
    match event {
        Event::ScreeningScheduled { screening, promise, .. } => {
            let promise = promise.clone();
            Some((*screening, Command::OpenScreening { screening: *screening, promise }))
        }
        Event::ScreenAdded { .. }
        | Event::ScreenRenamed { .. }
        | Event::LayoutChanged { .. }
        | Event::ScreeningUnscheduled { .. } => None,
    }
}

/// Processes the consumer `scheduling`.
#[derive(Debug)]
pub(crate) struct Scheduling {
    reactions: Reactions,
}

impl Scheduling {
    const NAME: &'static str = consumers::SCHEDULING;

    pub fn new(executor: &Executor, clock: Clock) -> Self {
        Self { reactions: Reactions::new(Self::NAME, executor, clock) }
    }

    /// The subscription, with `parallelism` screens at once.
    pub fn durable(parallelism: usize) -> Subscription {
        Subscription { name: Self::NAME, events: &["screening_scheduled"], parallelism }
    }

    async fn process(&self, commit: &Commit) -> Result<(), SagaError> {
        for recorded in commit.events()? {
            let AnyEvent::Screen(event) = &recorded.event else { continue };
            if let Some((screening, command)) = react(event) {
                self.reactions.to(&recorded).must::<Screening>(&screening, command).await?;
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
