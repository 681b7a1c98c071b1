//! Queuing of mails that may wait. The server syncs each message separately, and bookings wait for the same disk
//! syncs, so waiting mails are stored together, at most ten times per second.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until},
};

use crate::{
    consumers::{
        mail::Mail,
        mails::{Mails, queued},
    },
    failure::Failure,
    server::requests::{Publication, PublishError},
    sync::lock,
};

/// Least time between two writes.
const PACE: Duration = Duration::from_millis(100);
/// Number of mails from which a batch costs less than storing them one by one.
const BATCH_FROM: usize = 8;
/// Most mails in a batch. The server refuses more than 1,000.
const BATCH_MAX: usize = 500;
/// Mails stored one by one at the same time.
const SINGLES: usize = 8;

/// A writer to the mail queue that stores waiting mails together.
#[derive(Debug, Clone)]
pub struct MailBatches {
    mails: Mails,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// `true` while a task stores waiting mails.
    is_running: bool,
    /// Time before which nothing is stored.
    due: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    mail: Publication,
    stored: oneshot::Sender<Result<(), Failure>>,
}

/// The task that stores waiting mails. If it ends early, the callers whose mails wait get [`Failure::Stopping`], and
/// the next call starts another task.
struct Running {
    queue: Arc<Mutex<Queue>>,
    is_done: bool,
}

impl Running {
    /// Takes the next batch. If nothing waits, the task is done.
    fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let mut queue = lock(&self.queue);
        let count = queue.waiting.len().min(BATCH_MAX);
        if count == 0 {
            queue.is_running = false;
            self.is_done = true;
            return None;
        }
        queue.due = Some(Instant::now() + PACE);
        Some(queue.waiting.drain(..count).collect())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Once it is done, another task may be running.
        if self.is_done {
            return;
        }
        let mut queue = lock(&self.queue);
        queue.is_running = false;
        queue.waiting.clear();
    }
}

impl MailBatches {
    /// Creates a writer to `mails`.
    #[must_use]
    pub fn new(mails: &Mails) -> Self {
        Self { mails: mails.clone(), queue: Arc::default() }
    }

    /// Queues a mail like [`Mails::want`], together with others. The first one after a pause is stored at once.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it may not have been stored; retrying is safe.
    pub async fn want(&self, mail: &Mail) -> Result<(), Failure> {
        let (stored, outcome) = oneshot::channel();
        let waiting = Waiting { mail: Mails::wanted(mail)?, stored };
        let starts = {
            let mut queue = lock(&self.queue);
            queue.waiting.push(waiting);
            !std::mem::replace(&mut queue.is_running, true)
        };
        if starts {
            tokio::spawn(self.clone().run());
        }
        // The task ends early with the program, or by a bug.
        outcome.await.unwrap_or(Err(Failure::Stopping))
    }

    /// Stores mails until none waits.
    async fn run(self) {
        let mut running = Running { queue: Arc::clone(&self.queue), is_done: false };
        loop {
            let due = lock(&self.queue).due;
            if let Some(due) = due {
                sleep_until(due).await;
            }
            let Some(waiting) = running.next_batch() else { return };
            self.store(waiting).await;
        }
    }

    async fn store(&self, waiting: Vec<Waiting>) {
        if waiting.len() >= BATCH_FROM {
            let mails = waiting.iter().map(|waiting| waiting.mail.clone()).collect();
            match self.mails.store_batch(mails).await {
                Ok(_) => return answer(waiting, &Ok(())),
                // The callers retry. A mail that was stored after all is refused then, which says that it is queued.
                Err(PublishError::Unanswered(failure)) => return answer(waiting, &Err(failure)),
                // One of the mails is queued already, or the server takes no batches.
                Err(PublishError::Refused(_)) => {}
            }
        }
        let singles = stream::iter(waiting).for_each_concurrent(SINGLES, async |Waiting { mail, stored }| {
            let _ = stored.send(queued(self.mails.store(mail).await));
        });
        singles.await;
    }
}

/// Gives all callers the same answer.
fn answer(waiting: Vec<Waiting>, outcome: &Result<(), Failure>) {
    for Waiting { stored, .. } in waiting {
        // A handler that stopped waiting queues the mail again after the next start, which changes nothing.
        let _ = stored.send(outcome.clone());
    }
}

#[cfg(test)]
mod tests {
    use async_nats::HeaderMap;
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    fn waiting() -> (Waiting, oneshot::Receiver<Result<(), Failure>>) {
        let mail = Publication {
            subject: "mail.test".to_owned(),
            headers: HeaderMap::new(),
            payload: Vec::<u8>::new().into(),
        };
        let (stored, outcome) = oneshot::channel();
        (Waiting { mail, stored }, outcome)
    }

    #[test]
    fn a_task_that_ends_early_leaves_nobody_waiting_and_one_that_is_done_leaves_the_next_alone() {
        let (early, mut outcome) = waiting();
        let queue = Arc::new(Mutex::new(Queue { waiting: vec![early], is_running: true, due: None }));
        let task = || Running { queue: Arc::clone(&queue), is_done: false };
        drop(task());
        assert_eq!(outcome.try_recv().unwrap_err(), TryRecvError::Closed);
        assert!(!lock(&queue).is_running, "the next call starts a task");

        let mut done = task();
        assert!(done.next_batch().is_none());
        let (late, mut outcome) = waiting();
        *lock(&queue) = Queue { waiting: vec![late], is_running: true, due: None };
        drop(done);
        assert_eq!(outcome.try_recv().unwrap_err(), TryRecvError::Empty);
        assert!(lock(&queue).is_running);
    }
}
