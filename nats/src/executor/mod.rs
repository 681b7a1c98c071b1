//! The one way commands become events.
//!
//! An aggregate in use lives in memory behind a mailbox. Waiting commands are drained together: each is decided against
//! the state left by the one before, those that bring events are committed together in one message, and each caller gets
//! its own answer. If somebody else wrote first, the tail is read and everything is decided again. Refusals are confirmed
//! with the leader, so two processes on one log are always correct.

mod mailbox;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ticketshow_domain::{Decider, Policy};
use tokio::sync::{mpsc, oneshot};

use crate::{Connection, Failure, Gate, Metadata, store::Store};
use mailbox::{Mailbox, Pending, Work};

/// Limits of an executor.
#[derive(Debug, Clone, Copy)]
pub struct ExecutorSettings {
    /// Commands that may wait for one aggregate; more are turned away.
    pub mailbox_capacity: usize,
    /// Commands decided together at most.
    pub group_max: usize,
    /// How long an aggregate with a short history stays in memory after its last command.
    pub idle: Duration,
    /// The same for one with more than a hundred events, which is dearer to load.
    pub idle_long: Duration,
    /// How often a group is decided anew because somebody else wrote first.
    pub tries_max: u32,
}

impl Default for ExecutorSettings {
    fn default() -> Self {
        Self {
            mailbox_capacity: 1_024,
            group_max: 512,
            idle: Duration::from_secs(10),
            idle_long: Duration::from_mins(5),
            tries_max: 50,
        }
    }
}

/// Whether memory is good enough for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// What is in memory, which another process may have overtaken.
    Cached,
    /// Confirmed with the leader of the log.
    Fresh,
}

/// An aggregate as it was read.
#[derive(Debug, Clone)]
pub struct Seen<A> {
    /// Its state.
    pub state: A,
    /// Position of its last commit; 0 if there is none.
    pub position: u64,
    /// Its last version; 0 if there is none.
    pub version: u64,
}

/// A command that was carried out, now or by an earlier repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed<R> {
    /// What the caller wanted to know of the state.
    pub answer: R,
    /// Position of the aggregate's last commit that the answer speaks of.
    pub position: u64,
    /// Whether it brought events; `false` for a repeat.
    pub changed: bool,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R: std::error::Error + 'static> {
    /// A rule said no.
    #[error("refused")]
    Refused {
        /// What stood in the way.
        #[source]
        refusal: R,
        /// Position of the aggregate's last commit that the refusal was decided on.
        position: u64,
    },
    /// Too many commands wait for this aggregate. Nothing was done.
    #[error("too many commands wait")]
    Overloaded {
        /// When to come again.
        retry_after: Duration,
    },
    /// The log is away. Whether the command was carried out is not known; repeating it is safe.
    #[error("the log is away")]
    Unavailable(#[from] Failure),
    /// The log guard found another log than before: nothing may be written until an administrator decides.
    #[error("the log went backwards")]
    LogDiverged,
}

/// Decides commands and commits their events. Cheap to clone; all services of a process share one.
#[derive(Clone)]
pub struct Executor(Arc<Shared>);

struct Shared {
    store: Store,
    policy: Policy,
    settings: ExecutorSettings,
    /// A `Mailboxes<A>` for each type of aggregate.
    registries: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// The aggregates of one type that are in memory.
struct Mailboxes<A: Decider>(Mutex<HashMap<A::Id, mpsc::Sender<Work<A>>>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds these locks can leave a map half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Executor {
    /// An executor on the log of `connection`, with the usual limits.
    #[must_use]
    pub fn new(connection: &Connection, policy: Policy, gate: Gate) -> Self {
        Self::with_settings(connection, policy, gate, ExecutorSettings::default())
    }

    /// An executor with limits of its own.
    #[must_use]
    pub fn with_settings(
        connection: &Connection,
        policy: Policy,
        gate: Gate,
        settings: ExecutorSettings,
    ) -> Self {
        let store = Store::new(connection, gate);
        Self(Arc::new(Shared { store, policy, settings, registries: Mutex::default() }))
    }

    /// The numbers that it decides with.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Carries out a command; `metadata.time` is the moment of the decision. `answer` reads what the caller needs from
    /// the state after the command, also when it had been carried out before.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]: only `Refused` is final; the others may be repeated with the same ids.
    pub async fn execute<A: Decider, R: Send + 'static>(
        &self,
        id: &A::Id,
        command: A::Command,
        metadata: Metadata,
        answer: impl Fn(&A) -> R + Send + 'static,
    ) -> Result<Executed<R>, ExecuteError<A::Refusal>> {
        let (reply, answered) = oneshot::channel();
        let pending = Pending { answer, prepared: None, reply: Some(reply) };
        self.send(id, Work::Execute { command, metadata, pending: Box::new(pending) })?;
        answered.await.unwrap_or(Err(ExecuteError::Unavailable(Failure::Stopping)))
    }

    /// Reads an aggregate.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be loaded or confirmed.
    pub async fn state<A: Decider>(&self, id: &A::Id, freshness: Freshness) -> Result<Seen<A>, Failure> {
        let (reply, answered) = oneshot::channel();
        match self.send(id, Work::Read { freshness, reply }) {
            Ok(()) => answered.await.unwrap_or(Err(Failure::Stopping)),
            Err(ExecuteError::Unavailable(failure)) => Err(failure),
            Err(
                ExecuteError::Overloaded { .. } | ExecuteError::Refused { .. } | ExecuteError::LogDiverged,
            ) => Err(Failure::Busy),
        }
    }

    /// How many aggregates of a type are in memory.
    #[must_use]
    pub fn in_memory<A: Decider>(&self) -> usize {
        lock(&self.mailboxes::<A>().0).len()
    }

    /// Puts work into the aggregate's mailbox, opening it if need be.
    fn send<A: Decider>(&self, id: &A::Id, mut work: Work<A>) -> Result<(), ExecuteError<A::Refusal>> {
        loop {
            let mailbox = self.mailbox(id);
            match mailbox.try_send(work) {
                Ok(()) => return Ok(()),
                // It went to sleep between the look-up and now: open it again.
                Err(mpsc::error::TrySendError::Closed(returned)) => {
                    self.forget::<A>(id, &mailbox);
                    work = returned;
                }
                Err(mpsc::error::TrySendError::Full(_)) => {
                    metrics::counter!("ticketshow_mailbox_full", "aggregate" => A::TYPE).increment(1);
                    return Err(ExecuteError::Overloaded { retry_after: Duration::from_secs(1) });
                }
            }
        }
    }

    fn mailbox<A: Decider>(&self, id: &A::Id) -> mpsc::Sender<Work<A>> {
        let mailboxes = self.mailboxes::<A>();
        let mut open = lock(&mailboxes.0);
        let open_mailbox = || {
            let (sender, receiver) = mpsc::channel(self.0.settings.mailbox_capacity);
            let mailbox = Mailbox::new(id.clone(), &self.0, receiver);
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

    /// Takes a closed mailbox out of the registry, unless another was opened in its place.
    fn forget<A: Decider>(&self, id: &A::Id, closed: &mpsc::Sender<Work<A>>) {
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
        Arc::clone(registry).downcast().expect("entries are made under the type they hold")
    }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}
