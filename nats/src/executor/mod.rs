//! Execution of commands: the only way commands become events.
//!
//! An aggregate in use is kept in memory behind a mailbox. Waiting commands are drained together: each is decided on the
//! state left by the previous one, their events are committed together in one message, and each caller gets its own
//! answer. If another writer was first, the new commits are read and everything is decided again. Refusals are confirmed
//! with the leader, so two processes on one log are always correct.

mod group;
mod mailbox;
pub mod outcome;
mod reply;
pub mod settings;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use ticketshow_domain::{Decider, Policy};
use ticketshow_traces::Span;
use tokio::sync::{mpsc, oneshot};

use crate::{
    executor::{
        mailbox::{Expected, Mailbox, MailboxItem},
        outcome::{AggregateState, ExecuteError, Executed, Freshness},
        reply::{PendingReply, PendingWatch},
        settings::{ExecutorSettings, Resources},
    },
    failure::Failure,
    guard::gate::Gate,
    log::{metadata::Metadata, store::Store},
    server::connection::Connection,
    sync::lock,
};

/// Executor of commands: decides them and commits their events. Cheap to clone; all services of a process share one.
#[derive(Clone)]
pub struct Executor(Arc<Shared>);

struct Shared {
    resources: Arc<Resources>,
    /// One `Mailboxes<A>` per type of aggregate.
    registries: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// The aggregates of one type that are in memory.
struct Mailboxes<A: Decider>(Mutex<HashMap<A::Id, mpsc::Sender<MailboxItem<A>>>>);

impl Executor {
    /// Creates an executor on the log of `connection` with the default limits.
    #[must_use]
    pub fn new(connection: &Connection, policy: Policy, gate: Gate) -> Self {
        Self::with_settings(connection, policy, gate, ExecutorSettings::default())
    }

    /// Creates an executor with other limits.
    #[must_use]
    pub fn with_settings(
        connection: &Connection,
        policy: Policy,
        gate: Gate,
        settings: ExecutorSettings,
    ) -> Self {
        let store = Store::new(connection, gate, settings.batch_from);
        let resources = Arc::new(Resources { store, policy, settings });
        Self(Arc::new(Shared { resources, registries: Mutex::default() }))
    }

    /// Policy that commands are decided with.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.resources.policy
    }

    /// Carries out a command; `metadata.time` is the moment of the decision. `answer` reads the caller's result from the
    /// state after the command, also for a repeat.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]: only `Refused` is final; after the others the command may be repeated with the same ids.
    pub async fn execute<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        command: A::Command,
        metadata: Metadata,
        answer: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Executed<R>, ExecuteError<A::Refusal>> {
        self.execute_expecting(Expected::Any, id, command, metadata, answer).await
    }

    /// Carries out a command, most likely the first one of its aggregate: nothing is read before it is committed. If the aggregate
    /// has a history after all, it is read then, and the result is the same.
    ///
    /// # Errors
    ///
    /// As [`Executor::execute`].
    pub async fn execute_first<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        command: A::Command,
        metadata: Metadata,
        answer: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Executed<R>, ExecuteError<A::Refusal>> {
        self.execute_expecting(Expected::New, id, command, metadata, answer).await
    }

    async fn execute_expecting<A: Decider, R: Send + 'static>(
        &self,
        expected: Expected,
        id: &A::Id,
        command: A::Command,
        mut metadata: Metadata,
        answer: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Executed<R>, ExecuteError<A::Refusal>> {
        let span = Span::command(A::TYPE, metadata.trace.as_deref());
        if let Some(traceparent) = span.traceparent() {
            metadata.trace = Some(traceparent);
        }
        let (reply, answered) = oneshot::channel();
        let pending = PendingReply { answer, prepared: None, sender: Some(reply) };
        let item = MailboxItem::Execute { expected, command, metadata, reply: Box::new(pending) };
        let executed = match self.send(id, item) {
            Ok(()) => answered.await.unwrap_or(Err(ExecuteError::Unavailable(Failure::Stopping))),
            Err(error) => Err(error),
        };
        span.end(outcome_of(&executed));
        executed
    }

    /// Reads the state of an aggregate.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be loaded or confirmed.
    pub async fn state<A: Decider>(
        &self,
        id: &A::Id,
        freshness: Freshness,
    ) -> Result<AggregateState<A>, Failure> {
        let (reply, answered) = oneshot::channel();
        match self.send(id, MailboxItem::Read { freshness, reply }) {
            Ok(()) => answered.await.unwrap_or(Err(Failure::Stopping)),
            Err(ExecuteError::Unavailable(failure)) => Err(failure),
            Err(
                ExecuteError::Overloaded { .. } | ExecuteError::Refused { .. } | ExecuteError::LogDiverged,
            ) => Err(Failure::Busy),
        }
    }

    /// Waits until `answer` finds something in the state of an aggregate in the memory of this process, and returns it. Sees
    /// commits of other processes only once a command or a fresh reading has brought them into memory.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the aggregate cannot be loaded, or leaves memory while nothing was found: then its state can be read.
    pub async fn when<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        answer: impl Fn(&AggregateState<A>) -> Option<R> + Send + 'static,
    ) -> Result<R, Failure> {
        let (reply, answered) = oneshot::channel();
        let watch = PendingWatch { answer, reply: Some(reply) };
        match self.send(id, MailboxItem::Watch(Box::new(watch))) {
            Ok(()) => answered.await.unwrap_or(Err(Failure::Busy)),
            Err(ExecuteError::Unavailable(failure)) => Err(failure),
            Err(
                ExecuteError::Overloaded { .. } | ExecuteError::Refused { .. } | ExecuteError::LogDiverged,
            ) => Err(Failure::Busy),
        }
    }

    /// Number of aggregates of a type in memory.
    #[must_use]
    pub fn in_memory<A: Decider>(&self) -> usize {
        lock(&self.mailboxes::<A>().0).len()
    }

    /// Puts a request into the aggregate's mailbox, opening the mailbox if necessary.
    fn send<A: Decider>(&self, id: &A::Id, mut item: MailboxItem<A>) -> Result<(), ExecuteError<A::Refusal>> {
        let kept = if item.is_of_saga() { 0 } else { self.0.resources.settings.saga_places };
        loop {
            let mailbox = self.mailbox(id);
            if mailbox.capacity() <= kept && !mailbox.is_closed() {
                return Err(full::<A>());
            }
            match mailbox.try_send(item) {
                Ok(()) => return Ok(()),
                // It closed between the lookup and now: open another one.
                Err(mpsc::error::TrySendError::Closed(returned)) => {
                    self.forget::<A>(id, &mailbox);
                    item = returned;
                }
                Err(mpsc::error::TrySendError::Full(_)) => return Err(full::<A>()),
            }
        }
    }

    fn mailbox<A: Decider>(&self, id: &A::Id) -> mpsc::Sender<MailboxItem<A>> {
        let mailboxes = self.mailboxes::<A>();
        let mut open = lock(&mailboxes.0);
        let open_mailbox = || {
            let settings = &self.0.resources.settings;
            let (sender, receiver) = mpsc::channel(settings.mailbox_capacity + settings.saga_places);
            let mailbox = Mailbox::new(id.clone(), &self.0.resources, receiver);
            let executor = self.clone();
            let (id, own) = (id.clone(), sender.downgrade());
            tokio::spawn(async move {
                mailbox.run().await;
                if let Some(own) = own.upgrade() {
                    executor.forget::<A>(&id, &own);
                }
            });
            sender
        };
        open.entry(id.clone()).or_insert_with(open_mailbox).clone()
    }

    /// Removes a closed mailbox from the registry, unless another was opened in its place.
    fn forget<A: Decider>(&self, id: &A::Id, closed: &mpsc::Sender<MailboxItem<A>>) {
        let mailboxes = self.mailboxes::<A>();
        let mut open = lock(&mailboxes.0);
        if open.get(id).is_some_and(|sender| sender.same_channel(closed)) {
            open.remove(id);
        }
    }

    fn mailboxes<A: Decider>(&self) -> Arc<Mailboxes<A>> {
        let mut registries = lock(&self.0.registries);
        let registry =
            registries.entry(TypeId::of::<A>()).or_insert_with(|| Arc::new(Mailboxes::<A>(Mutex::default())));
        Arc::clone(registry).downcast().expect("each entry is inserted under the type it holds")
    }
}

/// Outcome of a command in traces.
fn outcome_of<R, E: std::error::Error + 'static>(
    executed: &Result<Executed<R>, ExecuteError<E>>,
) -> &'static str {
    match executed {
        Ok(Executed { changed: true, .. }) => "changed",
        Ok(Executed { changed: false, .. }) => "repeated",
        Err(ExecuteError::Refused { .. }) => "refused",
        Err(ExecuteError::Overloaded { .. }) => "overloaded",
        Err(ExecuteError::Unavailable(_)) => "unavailable",
        Err(ExecuteError::LogDiverged) => "log diverged",
    }
}

fn full<A: Decider>() -> ExecuteError<A::Refusal> {
    metrics::counter!("ticketshow_mailbox_full", "aggregate" => A::TYPE).increment(1);
    ExecuteError::Overloaded { retry_after: Duration::from_secs(1) }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}
