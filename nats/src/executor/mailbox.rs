//! One aggregate in memory, and the commands that wait for it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use rand::Rng;
use ticketshow_domain::Decider;
use ticketshow_traces::Span;
use tokio::{sync::mpsc, time::Instant};

use crate::{
    executor::{
        group::{DecidedGroup, GroupOutcome, Job, JobOutcome, decide, fail_all},
        outcome::{AggregateState, ExecuteError, Freshness},
        reply::{Reply, ReplySender, Watch},
        settings::Resources,
    },
    failure::Failure,
    log::{
        envelope::{COMMIT_BYTES_MAX, Commit},
        loaded::Loaded,
        metadata::{Actor, Metadata},
        snapshots::Snapshots,
        store::{AppendError, Prepared},
    },
    subjects,
};

/// Shortest time between two snapshots of one aggregate.
const SNAPSHOT_PAUSE: Duration = Duration::from_secs(10);
/// Aggregates with more events than this stay in memory longer.
const LONG_HISTORY: u64 = 100;

/// History that the sender of a command expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Any,
    /// None: assumes the state before the first event, and the commit checks that.
    New,
}

/// A request that waits in a mailbox.
pub(super) enum MailboxItem<A: Decider> {
    Execute { expected: Expected, command: A::Command, metadata: Metadata, reply: Box<dyn Reply<A>> },
    Read { freshness: Freshness, reply: ReplySender<AggregateState<A>, Failure> },
    Watch(Box<dyn Watch<A>>),
}

impl<A: Decider> MailboxItem<A> {
    pub fn is_of_saga(&self) -> bool {
        match self {
            Self::Execute { metadata, .. } => matches!(metadata.actor, Actor::Saga(_)),
            Self::Read { .. } | Self::Watch(_) => false,
        }
    }
}

/// The owner of one aggregate in memory. It decides and commits the waiting commands in groups.
pub(super) struct Mailbox<A: Decider> {
    id: A::Id,
    subject: String,
    resources: Arc<Resources>,
    receiver: mpsc::Receiver<MailboxItem<A>>,
    loaded: Option<Loaded<A>>,
    /// Link over which the state was loaded or last verified.
    link: Option<u64>,
    saved_version: u64,
    saved_at: Option<Instant>,
    /// `true` after a failed commit, most likely because of another writer: the state before each commit is then cloned, to
    /// roll back to. Cloning makes writes slower, so without a conflict a failed commit reloads from the log instead.
    keep_rollback: bool,
    /// `true` after another writer was first: such commits do not travel in batches.
    contended: bool,
    /// Callers that wait for a state.
    watches: Vec<Box<dyn Watch<A>>>,
}

impl<A: Decider> Mailbox<A> {
    pub fn new(id: A::Id, resources: &Arc<Resources>, receiver: mpsc::Receiver<MailboxItem<A>>) -> Self {
        let subject = subjects::aggregate(A::TYPE, &id);
        let resources = Arc::clone(resources);
        Self {
            id,
            subject,
            resources,
            receiver,
            loaded: None,
            link: None,
            saved_version: 0,
            saved_at: None,
            keep_rollback: false,
            contended: false,
            watches: Vec::new(),
        }
    }

    /// Serves requests until none arrives for a while.
    pub async fn run(mut self) {
        let mut drained = Vec::new();
        loop {
            let settings = &self.resources.settings;
            let long = self.loaded.as_ref().is_some_and(|loaded| loaded.version > LONG_HISTORY);
            let idle = if long { settings.idle_long } else { settings.idle };
            let group_max = settings.group_max;
            let received = tokio::time::timeout(idle, self.receiver.recv_many(&mut drained, group_max)).await;
            if received.is_err() {
                // Senders find it closed from here on; requests that arrived in the meantime are still served.
                self.receiver.close();
                while self.receiver.recv_many(&mut drained, group_max).await > 0 {
                    self.serve(&mut drained).await;
                }
                return;
            }
            self.serve(&mut drained).await;
        }
    }

    async fn serve(&mut self, drained: &mut Vec<MailboxItem<A>>) {
        let mut jobs = VecDeque::with_capacity(drained.len());
        let mut reads = Vec::new();
        let mut first_expects = None;
        for item in drained.drain(..) {
            match item {
                MailboxItem::Execute { expected, command, metadata, reply } => {
                    first_expects.get_or_insert(expected);
                    jobs.push_back(Job { command, metadata, reply });
                }
                MailboxItem::Read { freshness, reply } => reads.push((freshness, reply)),
                MailboxItem::Watch(watch) => self.watches.push(watch),
            }
        }
        self.answer_reads(reads).await;
        // Not after a failure: the state before a failed commit may be restored, and then must be one of the log.
        if self.loaded.is_none() && first_expects == Some(Expected::New) && !self.keep_rollback {
            (self.loaded, self.link) = (Some(Loaded::default()), self.resources.store.link());
        }
        while !jobs.is_empty() {
            self.settle_group(&mut jobs).await;
        }
        self.answer_watches().await;
    }

    async fn answer_watches(&mut self) {
        if self.watches.is_empty() {
            return;
        }
        if let Err(failure) = self.load().await {
            self.watches.drain(..).for_each(|mut watch| watch.failed(failure.clone()));
            return;
        }
        let state = self.aggregate_state();
        self.watches.retain_mut(|watch| !watch.look(&state));
    }

    fn aggregate_state(&self) -> AggregateState<A> {
        let Loaded { state, position, version, .. } = self.loaded.clone().unwrap_or_default();
        AggregateState { state, position, version }
    }

    async fn answer_reads(&mut self, reads: Vec<(Freshness, ReplySender<AggregateState<A>, Failure>)>) {
        let mut confirmed = false;
        for (freshness, reply) in reads {
            let mut ready = self.load().await;
            let suffices = match freshness {
                Freshness::Cached => true,
                Freshness::Including(position) => confirmed || self.position() >= position,
                Freshness::Fresh => confirmed,
            };
            if ready.is_ok() && !suffices {
                ready = self.freshen().await.map(drop);
                confirmed = ready.is_ok();
            }
            let _ = reply.send(ready.map(|()| self.aggregate_state()));
        }
    }

    /// Ensures that a state is loaded. Memory is trusted as long as the link to the server lasts: the log behind a new link
    /// may have lost its end.
    async fn load(&mut self) -> Result<(), Failure> {
        let link = self.resources.store.link();
        if link.is_some() && link != self.link {
            self.forget_if_log_differs().await?;
            self.link = link;
        }
        if self.loaded.is_none() {
            let (loaded, saved_version) = self.resources.store.load(&self.id).await?;
            (self.loaded, self.saved_version) = (Some(loaded), saved_version);
        }
        Ok(())
    }

    async fn forget_if_log_differs(&mut self) -> Result<(), Failure> {
        if let Some(loaded) = &self.loaded
            && !self.resources.store.contains(loaded).await?
        {
            self.loaded = None;
        }
        Ok(())
    }

    /// Settles as many jobs from the front as fit into one commit, retrying after conflicts; fails them if that is impossible.
    async fn settle_group(&mut self, jobs: &mut VecDeque<Job<A>>) {
        for tried in 0..self.resources.settings.tries_max {
            match self.retry_group(jobs, tried).await {
                Ok(GroupOutcome::Settled) => return,
                Ok(GroupOutcome::Overtaken) => {
                    metrics::counter!("ticketshow_overtaken", "aggregate" => A::TYPE).increment(1);
                }
                Err(failure) => {
                    tracing::warn!(
                        aggregate = A::TYPE,
                        error = &failure as &dyn std::error::Error,
                        "commands failed"
                    );
                    return fail_all(jobs, &failure);
                }
            }
        }
        for mut job in jobs.drain(..) {
            job.reply.failed(ExecuteError::Overloaded { retry_after: Duration::from_secs(1) });
        }
    }

    /// After losing the race twice, backs off briefly and reloads, because the state is stale by then.
    async fn retry_group(
        &mut self,
        jobs: &mut VecDeque<Job<A>>,
        tried: u32,
    ) -> Result<GroupOutcome, Failure> {
        if tried > 1 {
            let pause = rand::rng().random_range(1_000..5_000);
            tokio::time::sleep(Duration::from_micros(pause)).await;
            self.freshen().await?;
        }
        self.try_group(jobs).await
    }

    async fn try_group(&mut self, jobs: &mut VecDeque<Job<A>>) -> Result<GroupOutcome, Failure> {
        self.load().await?;
        let mut loaded = self.loaded.take().expect("loaded above");
        let before = self.keep_rollback.then(|| loaded.clone());
        let group = decide(&mut loaded.state, jobs, self.resources.policy);
        let first_changed = group.first_changed();
        let DecidedGroup { draft, outcomes } = group;
        let Some(first) = first_changed else {
            self.loaded = Some(loaded);
            if self.freshen().await? {
                return Ok(GroupOutcome::Overtaken);
            }
            self.settle(jobs, outcomes);
            return Ok(GroupOutcome::Settled);
        };
        let mut prepared = Prepared::new(&self.id, &loaded, &draft, &jobs[first].metadata);
        prepared.contended = self.contended;
        let span = Span::commit(A::TYPE, draft.count(), jobs[first].metadata.trace.as_deref());
        let appended = self.resources.store.append(&prepared).await;
        span.end(outcome_of(&appended));
        match appended {
            Ok(position) => {
                let version = loaded.version + draft.count();
                self.loaded =
                    Some(Loaded { state: loaded.state, position, version, commit: prepared.commit });
                metrics::counter!("ticketshow_commits", "aggregate" => A::TYPE).increment(1);
                metrics::counter!("ticketshow_events", "aggregate" => A::TYPE).increment(draft.count());
                self.settle(jobs, outcomes);
                self.save_snapshot_if_due();
                Ok(GroupOutcome::Settled)
            }
            Err(AppendError::Overtaken) => {
                (self.loaded, self.keep_rollback) = (before, true);
                if self.was_stored(&prepared).await? {
                    self.settle(jobs, outcomes);
                    return Ok(GroupOutcome::Settled);
                }
                self.contended = true;
                Ok(GroupOutcome::Overtaken)
            }
            Err(AppendError::Failed(failure)) => {
                (self.loaded, self.keep_rollback) = (before, true);
                Err(failure)
            }
            Err(AppendError::Diverged) => {
                jobs.drain(..).for_each(|mut job| job.reply.failed(ExecuteError::LogDiverged));
                Ok(GroupOutcome::Settled)
            }
            // Memory may be behind the log: the state was taken above and is reloaded before the next decision.
            Err(AppendError::Unresolved(failure)) => Err(failure),
        }
    }

    /// Catches up after a lost race. Returns `true` if our commit is in the log: an earlier try stored it and its answer was
    /// lost.
    async fn was_stored(&mut self, prepared: &Prepared) -> Result<bool, Failure> {
        let newer = self.resources.store.newer_commits(&self.subject, prepared.expected).await?;
        let stored = newer.iter().any(|commit| commit.commit == prepared.commit);
        if let Some(loaded) = self.loaded.take() {
            self.apply(loaded, &newer)?;
        } else {
            self.load().await?;
            self.catch_up().await?;
        }
        if !stored && self.position() == prepared.expected {
            // The winning write has not replicated to us yet, or the log was replaced.
            self.forget_if_log_differs().await?;
        }
        Ok(stored)
    }

    /// Answers the decided jobs. The jobs behind them wait for the next commit.
    fn settle(&self, jobs: &mut VecDeque<Job<A>>, outcomes: Vec<JobOutcome<A::Refusal>>) {
        let position = self.position();
        let logged = tracing::enabled!(tracing::Level::DEBUG);
        for (outcome, mut job) in outcomes.into_iter().zip(std::iter::from_fn(|| jobs.pop_front())) {
            if logged && matches!(outcome, JobOutcome::Changed) {
                let Metadata { actor, correlation, .. } = &job.metadata;
                tracing::debug!(subject = self.subject, position, %actor, %correlation, "committed");
            }
            match outcome {
                JobOutcome::Changed => job.reply.done(position, true),
                JobOutcome::Repeat => job.reply.done(position, false),
                JobOutcome::Refused(refusal) => job.reply.failed(ExecuteError::Refused { refusal, position }),
                JobOutcome::TooLarge(bytes) => {
                    job.reply.failed(Failure::TooLarge { bytes, max: COMMIT_BYTES_MAX }.into());
                }
            }
        }
    }

    /// Catches up with the leader by one request. Returns `true` if memory was behind.
    async fn freshen(&mut self) -> Result<bool, Failure> {
        self.load().await?;
        let before = self.position();
        self.catch_up().await?;
        Ok(self.position() != before)
    }

    /// Applies the commits of other writers.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        // The state is taken out, so a failure half-way discards it.
        let loaded = self.loaded.take().unwrap_or_default();
        let tail = self.resources.store.tail(&self.subject, loaded.position).await?;
        self.apply(loaded, &tail)
    }

    fn apply(&mut self, mut loaded: Loaded<A>, commits: &[Commit]) -> Result<(), Failure> {
        for commit in commits {
            loaded.apply(commit)?;
        }
        self.loaded = Some(loaded);
        Ok(())
    }

    fn position(&self) -> u64 {
        self.loaded.as_ref().map_or(0, |loaded| loaded.position)
    }

    /// Saves the state of a long history in the background, at intervals.
    fn save_snapshot_if_due(&mut self) {
        let Some(loaded) = &self.loaded else { return };
        let rested = self.saved_at.is_none_or(|at| at.elapsed() >= SNAPSHOT_PAUSE);
        if !rested || !Snapshots::is_due(loaded.version, self.saved_version) {
            return;
        }
        self.saved_version = loaded.version;
        self.saved_at = Some(Instant::now());
        let (loaded, id) = (loaded.clone(), self.id.clone());
        let snapshots = self.resources.store.snapshots().clone();
        tokio::spawn(async move {
            if let Err(failure) = snapshots.save(&id, loaded).await {
                let error = &failure as &dyn std::error::Error;
                tracing::warn!(aggregate = A::TYPE, error, "snapshot not saved");
            }
        });
    }
}

/// Outcome of a commit in traces.
fn outcome_of(appended: &Result<u64, AppendError>) -> &'static str {
    match appended {
        Ok(_) => "stored",
        Err(AppendError::Overtaken) => "overtaken",
        Err(AppendError::Failed(_)) => "failed",
        Err(AppendError::Diverged) => "log diverged",
        Err(AppendError::Unresolved(_)) => "unresolved",
    }
}
