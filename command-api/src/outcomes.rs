//! How attempts to pay end: one reader of the log for all requests that wait for an outcome.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use ticketshow_domain::{
    AnyEvent, PaymentId,
    booking::{Event, FailureReason, Ticket},
};
use ticketshow_nats::{Commit, Failure, Log};
use tokio::{sync::oneshot, task::JoinHandle};

/// Between two attempts to follow a log that is away.
const PAUSE: Duration = Duration::from_millis(500);

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum Settled {
    /// The seats are the customer's.
    Confirmed(Vec<Ticket>),
    /// It came to nothing.
    Failed(FailureReason),
}

/// An outcome and the position of its commit.
#[derive(Debug, Clone)]
pub struct Told {
    pub settled: Settled,
    pub position: u64,
}

type Waiting = Arc<Mutex<HashMap<PaymentId, Vec<oneshot::Sender<Told>>>>>;

/// Those who wait, and the reader that tells them.
pub struct Outcomes {
    waiting: Waiting,
    reader: JoinHandle<()>,
}

impl Drop for Outcomes {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Outcomes {
    /// Reads along from the end of the log. What happened before is in the aggregates.
    pub fn follow(log: Log) -> Self {
        let waiting = Waiting::default();
        let reader = tokio::spawn(read_along(log, Arc::clone(&waiting)));
        Self { waiting, reader }
    }

    /// Begins to listen for the outcome of an attempt. To be called before the attempt is made.
    pub fn listen(&self, payment: PaymentId) -> Listener<'_> {
        let (teller, told) = oneshot::channel();
        lock(&self.waiting).entry(payment).or_default().push(teller);
        Listener { outcomes: self, payment, told }
    }
}

/// One request that waits. Leaves the list when it is dropped.
pub struct Listener<'a> {
    outcomes: &'a Outcomes,
    payment: PaymentId,
    told: oneshot::Receiver<Told>,
}

impl Listener<'_> {
    /// The outcome, if there is one within `patience`.
    pub async fn wait(&mut self, patience: Duration) -> Option<Told> {
        tokio::time::timeout(patience, &mut self.told).await.ok()?.ok()
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        self.told.close();
        let mut waiting = lock(&self.outcomes.waiting);
        if let Some(tellers) = waiting.get_mut(&self.payment) {
            tellers.retain(|teller| !teller.is_closed());
            if tellers.is_empty() {
                waiting.remove(&self.payment);
            }
        }
    }
}

fn lock(waiting: &Waiting) -> MutexGuard<'_, HashMap<PaymentId, Vec<oneshot::Sender<Told>>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn read_along(log: Log, waiting: Waiting) {
    loop {
        if let Err(failure) = follow_once(&log, &waiting).await {
            tracing::warn!(%failure, "outcomes of payments are not followed");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn follow_once(log: &Log, waiting: &Waiting) -> Result<(), Failure> {
    let end = log.last_position().await?;
    let mut commits = std::pin::pin!(log.tail(end, &["tix.booking.>"]).await?);
    while let Some(commit) = commits.next().await {
        tell(waiting, &commit?)?;
    }
    Ok(())
}

fn tell(waiting: &Waiting, commit: &Commit) -> Result<(), Failure> {
    // Reading the events of a commit costs more than looking whether anybody waits.
    if lock(waiting).is_empty() {
        return Ok(());
    }
    for recorded in commit.events()? {
        let AnyEvent::Booking(event) = recorded.event else { continue };
        let (payment, settled) = match event {
            Event::BookingConfirmed { payment, tickets, .. } => (payment, Settled::Confirmed(tickets)),
            Event::PaymentFailed { payment, reason, .. } => (payment, Settled::Failed(reason)),
            Event::BookingOpened { .. }
            | Event::PaymentRequested { .. }
            | Event::BookingExpired { .. }
            | Event::BookingCancelled { .. }
            | Event::BookingRefunded { .. } => continue,
        };
        let told = Told { settled, position: recorded.position };
        for teller in lock(waiting).remove(&payment).into_iter().flatten() {
            // One who left does not need to know.
            let _ = teller.send(told.clone());
        }
    }
    Ok(())
}
