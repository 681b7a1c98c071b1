//! One aggregate in memory, and the commands that wait for it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use rand::Rng;
use ticketshow_domain::{Context, Decider, Policy};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{ExecuteError, Executed, Freshness, Seen, Shared};
use crate::{
    Commit, Failure, Metadata,
    envelope::{COMMIT_BYTES_MAX, Draft},
    snapshots::Snapshots,
    store::{AppendError, Loaded, Prepared},
    subjects,
};

/// Between two snapshots of one aggregate at least.
const SNAPSHOT_PAUSE: Duration = Duration::from_secs(10);
/// Aggregates with more events than this stay in memory longer.
const LONG_HISTORY: u64 = 100;

/// The way back to a caller.
type Answer<T, E> = oneshot::Sender<Result<T, E>>;

/// What can wait in a mailbox.
pub(super) enum Work<A: Decider> {
    Execute { command: A::Command, metadata: Metadata, pending: Box<dyn Reply<A>> },
    Read { freshness: Freshness, reply: Answer<Seen<A>, Failure> },
}

/// A caller that waits for its answer, whatever type the answer has.
pub(super) trait Reply<A: Decider>: Send {
    /// Takes the answer from the state after the command, in case it is carried out so.
    fn prepare(&mut self, state: &A);
    /// Gives the prepared answer to the caller.
    fn done(&mut self, position: u64, changed: bool);
    /// Tells the caller why not.
    fn failed(&mut self, error: ExecuteError<A::Refusal>);
}

pub(super) struct Pending<A: Decider, R, F> {
    pub answer: F,
    pub prepared: Option<R>,
    pub reply: Option<Answer<Executed<R>, ExecuteError<A::Refusal>>>,
}

impl<A: Decider, R: Send, F: Fn(&A) -> R + Send> Reply<A> for Pending<A, R, F> {
    fn prepare(&mut self, state: &A) {
        self.prepared = Some((self.answer)(state));
    }

    fn done(&mut self, position: u64, changed: bool) {
        // A caller that went away does not want an answer.
        if let (Some(reply), Some(answer)) = (self.reply.take(), self.prepared.take()) {
            let _ = reply.send(Ok(Executed { answer, position, changed }));
        }
    }

    fn failed(&mut self, error: ExecuteError<A::Refusal>) {
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(Err(error));
        }
    }
}

struct Job<A: Decider> {
    command: A::Command,
    metadata: Metadata,
    pending: Box<dyn Reply<A>>,
}

/// What was decided for a job of a group, as long as the group is not settled.
enum Verdict<R> {
    Changed,
    Repeat,
    Refused(R),
    TooLarge(usize),
}

/// A group decided on a state, which is now the one after it.
struct Decided<R> {
    draft: Draft,
    /// For as many jobs as fitted into the commit, from the first on.
    verdicts: Vec<Verdict<R>>,
}

/// How a try to settle a group went.
enum Try {
    Settled,
    /// Somebody else wrote first; the state is up to date again.
    Overtaken,
}

pub(super) struct Mailbox<A: Decider> {
    id: A::Id,
    subject: String,
    shared: Arc<Shared>,
    receiver: mpsc::Receiver<Work<A>>,
    loaded: Option<Loaded<A>>,
    /// The link that it was loaded or last looked at over.
    link: Option<u64>,
    saved_version: u64,
    saved_at: Option<Instant>,
    /// Whether a commit failed before, most likely because somebody else writes too: then the state before a commit is kept
    /// until it is in the log. Changing a state of which there is a copy is dearer, so without need there is none; what a
    /// failed commit had changed is then read from the log again.
    careful: bool,
}

impl<A: Decider> Mailbox<A> {
    pub fn new(id: A::Id, shared: &Arc<Shared>, receiver: mpsc::Receiver<Work<A>>) -> Self {
        let subject = subjects::aggregate(A::TYPE, &id);
        let shared = Arc::clone(shared);
        Self {
            id,
            subject,
            shared,
            receiver,
            loaded: None,
            link: None,
            saved_version: 0,
            saved_at: None,
            careful: false,
        }
    }

    /// Works until nothing came for a while.
    pub async fn run(mut self) {
        let mut drained = Vec::new();
        loop {
            let settings = &self.shared.settings;
            let long = self.loaded.as_ref().is_some_and(|loaded| loaded.version > LONG_HISTORY);
            let idle = if long { settings.idle_long } else { settings.idle };
            let group_max = settings.group_max;
            let received = tokio::time::timeout(idle, self.receiver.recv_many(&mut drained, group_max)).await;
            if received.is_err() {
                // From here on senders find it closed; what came in the meantime is still done.
                self.receiver.close();
                while self.receiver.recv_many(&mut drained, group_max).await > 0 {
                    self.work(&mut drained).await;
                }
                return;
            }
            self.work(&mut drained).await;
        }
    }

    async fn work(&mut self, drained: &mut Vec<Work<A>>) {
        let mut jobs = VecDeque::with_capacity(drained.len());
        let mut reads = Vec::new();
        for work in drained.drain(..) {
            match work {
                Work::Execute { command, metadata, pending } => {
                    jobs.push_back(Job { command, metadata, pending });
                }
                Work::Read { freshness, reply } => reads.push((freshness, reply)),
            }
        }
        self.answer_reads(reads).await;
        while !jobs.is_empty() {
            self.settle_group(&mut jobs).await;
        }
    }

    async fn answer_reads(&mut self, reads: Vec<(Freshness, Answer<Seen<A>, Failure>)>) {
        let mut confirmed = false;
        for (freshness, reply) in reads {
            let known = match freshness {
                Freshness::Fresh if !confirmed => {
                    let freshened = self.freshen().await.map(drop);
                    confirmed = freshened.is_ok();
                    freshened
                }
                Freshness::Fresh | Freshness::Cached => self.load().await,
            };
            let seen = known.map(|()| {
                let Loaded { state, position, version, .. } = self.loaded.clone().unwrap_or_default();
                Seen { state, position, version }
            });
            let _ = reply.send(seen);
        }
    }

    /// Makes sure that there is a state. What is in memory is trusted as long as the link to the server lasts: behind
    /// another one may be a log that lost its end.
    async fn load(&mut self) -> Result<(), Failure> {
        let link = self.shared.store.link();
        if link.is_some() && link != self.link {
            self.forget_if_not_of_this_log().await?;
            self.link = link;
        }
        if self.loaded.is_none() {
            let (loaded, saved_version) = self.shared.store.load(&self.id).await?;
            (self.loaded, self.saved_version) = (Some(loaded), saved_version);
        }
        Ok(())
    }

    async fn forget_if_not_of_this_log(&mut self) -> Result<(), Failure> {
        if let Some(loaded) = &self.loaded
            && !self.shared.store.has(loaded).await?
        {
            self.loaded = None;
        }
        Ok(())
    }

    /// Settles as many jobs from the front as fit into one commit, whatever it takes, or fails them.
    async fn settle_group(&mut self, jobs: &mut VecDeque<Job<A>>) {
        for tried in 0..self.shared.settings.tries_max {
            match self.try_group_again(jobs, tried).await {
                Ok(Try::Settled) => return,
                Ok(Try::Overtaken) => {
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
            job.pending.failed(ExecuteError::Overloaded { retry_after: Duration::from_secs(1) });
        }
    }

    /// Whoever was overtaken twice lets the other go on for a moment. What was read before that moment is old after it.
    async fn try_group_again(&mut self, jobs: &mut VecDeque<Job<A>>, tried: u32) -> Result<Try, Failure> {
        if tried > 1 {
            let pause = rand::rng().random_range(1_000..5_000);
            tokio::time::sleep(Duration::from_micros(pause)).await;
            self.freshen().await?;
        }
        self.try_group(jobs).await
    }

    async fn try_group(&mut self, jobs: &mut VecDeque<Job<A>>) -> Result<Try, Failure> {
        self.load().await?;
        let mut loaded = self.loaded.take().expect("loaded above");
        let before = self.careful.then(|| loaded.clone());
        let Decided { draft, verdicts } = decide(&mut loaded.state, jobs, self.shared.policy);
        if draft.is_empty() {
            self.loaded = Some(loaded);
            if self.freshen().await? {
                return Ok(Try::Overtaken);
            }
            self.settle(jobs, verdicts);
            return Ok(Try::Settled);
        }
        let prepared = Prepared::new(&self.id, &loaded, &draft, &jobs[0].metadata);
        match self.shared.store.append(&prepared).await {
            Ok(position) => {
                let version = loaded.version + draft.count();
                self.loaded =
                    Some(Loaded { state: loaded.state, position, version, commit: prepared.commit });
                metrics::counter!("ticketshow_commits", "aggregate" => A::TYPE).increment(1);
                metrics::counter!("ticketshow_events", "aggregate" => A::TYPE).increment(draft.count());
                self.settle(jobs, verdicts);
                self.save_snapshot_if_due();
                Ok(Try::Settled)
            }
            Err(AppendError::Overtaken) => {
                (self.loaded, self.careful) = (before, true);
                if self.was_stored(&prepared).await? {
                    self.settle(jobs, verdicts);
                    return Ok(Try::Settled);
                }
                Ok(Try::Overtaken)
            }
            Err(AppendError::Failed(failure)) => {
                (self.loaded, self.careful) = (before, true);
                Err(failure)
            }
            Err(AppendError::Diverged) => {
                jobs.drain(..).for_each(|mut job| job.pending.failed(ExecuteError::LogDiverged));
                Ok(Try::Settled)
            }
            // What memory held may be behind the log or not: nobody may decide on it.
            Err(AppendError::Unresolved(failure)) => Err(failure),
        }
    }

    /// Catches up after a lost race: whether the commit is in the log after all, by a try whose answer was lost.
    async fn was_stored(&mut self, prepared: &Prepared) -> Result<bool, Failure> {
        let news = self.shared.store.news(&self.subject, prepared.expected).await?;
        let stored = news.iter().any(|commit| commit.commit == prepared.commit);
        if let Some(loaded) = self.loaded.take() {
            self.take(loaded, &news)?;
        } else {
            self.load().await?;
            self.catch_up().await?;
        }
        if !stored && self.position() == prepared.expected {
            // Whoever was first is still on the way through the cluster, or the log is another one.
            self.forget_if_not_of_this_log().await?;
        }
        Ok(stored)
    }

    /// Answers the jobs that were decided. Those behind them wait for the next commit.
    fn settle(&self, jobs: &mut VecDeque<Job<A>>, verdicts: Vec<Verdict<A::Refusal>>) {
        let position = self.position();
        let told = tracing::enabled!(tracing::Level::DEBUG);
        for (verdict, mut job) in verdicts.into_iter().zip(std::iter::from_fn(|| jobs.pop_front())) {
            if told && matches!(verdict, Verdict::Changed) {
                let Metadata { actor, correlation, .. } = &job.metadata;
                tracing::debug!(subject = self.subject, position, %actor, %correlation, "committed");
            }
            match verdict {
                Verdict::Changed => job.pending.done(position, true),
                Verdict::Repeat => job.pending.done(position, false),
                Verdict::Refused(refusal) => job.pending.failed(ExecuteError::Refused { refusal, position }),
                Verdict::TooLarge(bytes) => {
                    job.pending.failed(Failure::TooLarge { bytes, max: COMMIT_BYTES_MAX }.into());
                }
            }
        }
    }

    /// Makes sure that memory is not behind, by one question to the leader: whether it was.
    async fn freshen(&mut self) -> Result<bool, Failure> {
        self.load().await?;
        let before = self.position();
        self.catch_up().await?;
        Ok(self.position() != before)
    }

    /// Reads what others wrote.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        // If something fails half-way, nothing is kept.
        let loaded = self.loaded.take().unwrap_or_default();
        let tail = self.shared.store.tail(&self.subject, loaded.position).await?;
        self.take(loaded, &tail)
    }

    fn take(&mut self, mut loaded: Loaded<A>, news: &[Commit]) -> Result<(), Failure> {
        for commit in news {
            loaded.take(commit)?;
        }
        self.loaded = Some(loaded);
        Ok(())
    }

    fn position(&self) -> u64 {
        self.loaded.as_ref().map_or(0, |loaded| loaded.position)
    }

    /// Saves a long history's state in the background, now and then.
    fn save_snapshot_if_due(&mut self) {
        let Some(loaded) = &self.loaded else { return };
        let rested = self.saved_at.is_none_or(|at| at.elapsed() >= SNAPSHOT_PAUSE);
        if !rested || !Snapshots::is_due(loaded.version, self.saved_version) {
            return;
        }
        self.saved_version = loaded.version;
        self.saved_at = Some(Instant::now());
        let (loaded, id) = (loaded.clone(), self.id.clone());
        let snapshots = self.shared.store.snapshots().clone();
        tokio::spawn(async move {
            if let Err(failure) = snapshots.save(&id, loaded).await {
                let error = &failure as &dyn std::error::Error;
                tracing::warn!(aggregate = A::TYPE, error, "no snapshot saved");
            }
        });
    }
}

/// Decides jobs one after the other, each on the state left by the one before, until the commit is full.
fn decide<A: Decider>(state: &mut A, jobs: &mut VecDeque<Job<A>>, policy: Policy) -> Decided<A::Refusal> {
    let mut draft = Draft::new();
    let mut verdicts = Vec::with_capacity(jobs.len());
    for Job { command, metadata, pending } in jobs {
        let context = Context { now: metadata.time, policy };
        let verdict = match state.decide(command, &context) {
            Ok(events) if events.is_empty() => Verdict::Repeat,
            Ok(events) => {
                if let Err(bytes) = draft.add(metadata, &events) {
                    if draft.is_empty() {
                        verdicts.push(Verdict::TooLarge(bytes));
                    }
                    break;
                }
                for event in &events {
                    state.evolve(event);
                }
                Verdict::Changed
            }
            Err(refusal) => Verdict::Refused(refusal),
        };
        if !matches!(verdict, Verdict::Refused(_)) {
            pending.prepare(state);
        }
        verdicts.push(verdict);
    }
    Decided { draft, verdicts }
}

fn fail_all<A: Decider>(jobs: &mut VecDeque<Job<A>>, failure: &Failure) {
    for mut job in jobs.drain(..) {
        job.pending.failed(ExecuteError::Unavailable(failure.clone()));
    }
}
