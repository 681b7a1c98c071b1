//! Groups of commands that are decided one after the other and committed together.

use std::collections::VecDeque;

use ticketshow_domain::{Context, Decider, Policy};

use crate::{
    executor::{outcome::ExecuteError, reply::Reply},
    failure::Failure,
    log::{envelope::Draft, metadata::Metadata},
};

/// A command and the caller that waits for it.
pub(super) struct Job<A: Decider> {
    pub command: A::Command,
    pub metadata: Metadata,
    pub reply: Box<dyn Reply<A>>,
}

/// Decision on one job, valid once its group is committed.
pub(super) enum JobOutcome<R> {
    Changed,
    Repeat,
    Refused(R),
    TooLarge(usize),
}

/// A decided group. The state passed to [`decide`] is now the state after it.
pub(super) struct DecidedGroup<R> {
    pub draft: Draft,
    /// Outcomes of the jobs that fitted into the commit, from the first on.
    pub outcomes: Vec<JobOutcome<R>>,
}

/// Result of one attempt to settle a group.
pub(super) enum GroupOutcome {
    Settled,
    /// Another writer was first; the state is up to date again.
    Overtaken,
}

/// Decides jobs one after the other, each on the state left by the previous one, until the commit is full.
pub(super) fn decide<A: Decider>(
    state: &mut A,
    jobs: &mut VecDeque<Job<A>>,
    policy: Policy,
) -> DecidedGroup<A::Refusal> {
    let mut draft = Draft::new();
    let mut outcomes = Vec::with_capacity(jobs.len());
    for Job { command, metadata, reply } in jobs {
        let context = Context { now: metadata.time, policy };
        let outcome = match state.decide(command, &context) {
            Ok(events) if events.is_empty() => JobOutcome::Repeat,
            Ok(events) => {
                if let Err(bytes) = draft.add(metadata, &events) {
                    if draft.is_empty() {
                        outcomes.push(JobOutcome::TooLarge(bytes));
                    }
                    break;
                }
                for event in &events {
                    state.evolve(event);
                }
                state.forget(metadata.time);
                JobOutcome::Changed
            }
            Err(refusal) => JobOutcome::Refused(refusal),
        };
        if !matches!(outcome, JobOutcome::Refused(_)) {
            reply.prepare(state);
        }
        outcomes.push(outcome);
    }
    DecidedGroup { draft, outcomes }
}

pub(super) fn fail_all<A: Decider>(jobs: &mut VecDeque<Job<A>>, failure: &Failure) {
    for mut job in jobs.drain(..) {
        job.reply.failed(ExecuteError::Unavailable(failure.clone()));
    }
}
