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

impl<R> DecidedGroup<R> {
    /// Index of the first job with events in the commit, if there is one. Its request gives the commit its headers.
    pub fn first_changed(&self) -> Option<usize> {
        self.outcomes.iter().position(|outcome| matches!(outcome, JobOutcome::Changed))
    }
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

#[cfg(test)]
mod tests {
    use ticketshow_domain::{
        BookingId, Currency, Money, PaymentId, UserId,
        wallet::{Command, EntryKind, Reference, Wallet},
    };
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;
    use crate::{clock, executor::reply::PendingReply, log::metadata::Actor};

    fn job(command: Command) -> Job<Wallet> {
        let (time, correlation) = (clock::now(), clock::new_id());
        let metadata = Metadata { time, actor: Actor::System, correlation, causation: None, trace: None };
        let (sender, _) = oneshot::channel();
        let reply = PendingReply { answer: |_: &Wallet| (), prepared: None, sender: Some(sender) };
        Job { command, metadata, reply: Box::new(reply) }
    }

    fn credit(id: u128) -> Command {
        Command::CreditWallet {
            customer: UserId(Uuid::nil()),
            reference: Reference { kind: EntryKind::Credit, id: Uuid::from_u128(id) },
            amount: Money { amount_minor: 1, currency: Currency::INR },
            booking: None,
            reason: None,
        }
    }

    fn refused() -> Command {
        Command::DebitWallet {
            customer: UserId(Uuid::nil()),
            reference: Reference::payment(PaymentId(Uuid::nil())),
            amount: Money { amount_minor: 1_000, currency: Currency::INR },
            booking: BookingId(Uuid::nil()),
        }
    }

    #[test]
    fn a_refused_request_does_not_give_a_commit_its_headers() {
        let mut wallet = Wallet::default();
        let first = |wallet: &mut Wallet, commands: Vec<Command>| {
            let mut jobs = commands.into_iter().map(job).collect();
            decide(wallet, &mut jobs, Policy::default()).first_changed()
        };
        assert_eq!(first(&mut wallet, vec![refused(), refused(), credit(1), credit(2)]), Some(2));
        assert_eq!(first(&mut wallet, vec![credit(1), credit(3)]), Some(1), "a repeat has no events");
        assert_eq!(first(&mut wallet, vec![refused(), credit(1)]), None);
    }
}
