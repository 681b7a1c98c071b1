//! A screening that was scheduled opens for booking. Whoever schedules it also opens it at once; this saga makes up for
//! one that crashed in between.

use ticketshow_domain::{
    AnyEvent, ScreeningId,
    screen::Event,
    screening::{Command, Screening},
};
use ticketshow_nats::{Commit, Durable, Executor, Handler, Verdict, consumers};

use crate::reaction::{Halt, Reaction, verdict};

fn react(event: &Event) -> Option<(ScreeningId, Command)> {
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

/// Works off the consumer `scheduling`.
#[derive(Debug)]
pub(crate) struct Scheduling {
    executor: Executor,
}

impl Scheduling {
    const NAME: &'static str = consumers::SCHEDULING;

    pub fn new(executor: &Executor) -> Self {
        Self { executor: executor.clone() }
    }

    /// The events it reads, `parallelism` screens side by side.
    pub fn durable(parallelism: usize) -> Durable {
        Durable { name: Self::NAME, events: &["screening_scheduled"], parallelism }
    }

    async fn work_off(&self, commit: &Commit) -> Result<(), Halt> {
        for recorded in commit.events()? {
            let AnyEvent::Screen(event) = &recorded.event else { continue };
            if let Some((screening, command)) = react(event) {
                let reaction = Reaction::to(&recorded, Self::NAME, &self.executor);
                reaction.execute::<Screening, _>(&screening, command, |_| ()).await?.map_err(Halt::stuck)?;
            }
        }
        Ok(())
    }
}

impl Handler for Scheduling {
    async fn handle(&self, commit: &Commit) -> Verdict {
        verdict(self.work_off(commit).await)
    }
}
