//! Queuing of mails that are in no hurry. The server syncs each message alone, and the disk's syncs are what bookings wait for, so
//! the mails that wait together are stored together, at most ten times a second.

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
/// Mails from which on a batch costs less than storing them one by one.
const BATCH_FROM: usize = 8;
/// Most mails in a batch. The server refuses more than 1,000.
const BATCH_MAX: usize = 500;
/// Mails stored one by one at the same time.
const SINGLES: usize = 8;

/// A writer of mails to the mail queue that stores together what waits.
#[derive(Debug, Clone)]
pub struct MailBatches {
    mails: Mails,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// `true` while a task stores what waits.
    is_running: bool,
    /// Time before which nothing is stored.
    due: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    mail: Publication,
    stored: oneshot::Sender<Result<(), Failure>>,
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
        // The task ends early only with the program.
        outcome.await.unwrap_or(Err(Failure::Stopping))
    }

    /// Stores what waits until nothing does.
    async fn run(self) {
        loop {
            let due = lock(&self.queue).due;
            if let Some(due) = due {
                sleep_until(due).await;
            }
            let waiting = {
                let mut queue = lock(&self.queue);
                let count = queue.waiting.len().min(BATCH_MAX);
                if count == 0 {
                    queue.is_running = false;
                    return;
                }
                queue.due = Some(Instant::now() + PACE);
                queue.waiting.drain(..count).collect()
            };
            self.store(waiting).await;
        }
    }

    async fn store(&self, waiting: Vec<Waiting>) {
        if waiting.len() >= BATCH_FROM {
            let mails = waiting.iter().map(|waiting| waiting.mail.clone()).collect();
            if self.mails.store_batch(mails).await.is_ok() {
                for Waiting { stored, .. } in waiting {
                    // A handler that stopped waiting queues the mail again after the next start, which changes nothing.
                    let _ = stored.send(Ok(()));
                }
                return;
            }
        }
        // Also after a batch that was refused, because one of its mails is queued already, or not answered: a mail that was stored is
        // refused then, which says that it is queued.
        let singles = stream::iter(waiting).for_each_concurrent(SINGLES, async |Waiting { mail, stored }| {
            let _ = stored.send(queued(self.mails.store(mail).await));
        });
        singles.await;
    }
}
