//! Pages to pay at: one reader of the log for all requests that wait for one to open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use ticketshow_domain::{
    PaymentId,
    payment::{Payment, PaymentStatus},
};
use ticketshow_http::Problem;
use ticketshow_nats::{Failure, Freshness, Log};
use tokio::{sync::Notify, task::JoinHandle};

use crate::{App, refusals::provider_unavailable};

/// Between two attempts to follow a log that is away.
const PAUSE: Duration = Duration::from_millis(500);

type Waiting = Arc<Mutex<HashMap<PaymentId, Arc<Notify>>>>;

/// Those who wait, and the reader that wakes them.
pub struct Checkouts {
    waiting: Waiting,
    reader: JoinHandle<()>,
}

impl Drop for Checkouts {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// A page to pay at, and the position of the commit that tells of it.
#[derive(Debug)]
pub struct Checkout {
    /// `None` if it is not open yet.
    pub url: Option<String>,
    pub position: u64,
}

impl Checkouts {
    /// Reads along from the end of the log. What happened before is in the aggregates.
    pub fn follow(log: Log) -> Self {
        let waiting = Waiting::default();
        let reader = tokio::spawn(read_along(log, Arc::clone(&waiting)));
        Self { waiting, reader }
    }

    /// Begins to listen for news of a payment. To be called before it is asked for.
    pub fn listen(&self, payment: PaymentId) -> Listener<'_> {
        let news = Arc::clone(lock(&self.waiting).entry(payment).or_default());
        Listener { checkouts: self, payment, news }
    }
}

/// One request that waits. Leaves the list when it is dropped.
pub struct Listener<'a> {
    checkouts: &'a Checkouts,
    payment: PaymentId,
    news: Arc<Notify>,
}

impl Listener<'_> {
    /// The page of `payment`, if it opens within `patience`. News only wake: the payment itself says what is so.
    ///
    /// # Errors
    ///
    /// 503 `payment-provider-unavailable` if the attempt came to nothing.
    pub async fn wait(
        &mut self,
        app: &App,
        payment: PaymentId,
        asked_at: u64,
        patience: Duration,
    ) -> Result<Checkout, Problem> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let news = Arc::clone(&self.news);
            let news = news.notified();
            let seen = app.state::<Payment>(&payment, Freshness::Fresh).await?;
            if let Some(checkout) = seen.state.checkout {
                return Ok(Checkout { url: Some(checkout.url), position: seen.position.max(asked_at) });
            }
            if seen.state.status != PaymentStatus::Pending {
                return Err(provider_unavailable());
            }
            if tokio::time::timeout_at(deadline, news).await.is_err() {
                return Ok(Checkout { url: None, position: seen.position.max(asked_at) });
            }
        }
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.checkouts.waiting);
        // The list and this listener are the last to know of it.
        if waiting.get(&self.payment).is_some_and(|news| Arc::strong_count(news) <= 2) {
            waiting.remove(&self.payment);
        }
    }
}

fn lock(waiting: &Waiting) -> MutexGuard<'_, HashMap<PaymentId, Arc<Notify>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn read_along(log: Log, waiting: Waiting) {
    loop {
        if let Err(failure) = follow_once(&log, &waiting).await {
            tracing::warn!(%failure, "pages to pay at are not followed");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn follow_once(log: &Log, waiting: &Waiting) -> Result<(), Failure> {
    let end = log.last_position().await?;
    let mut commits = std::pin::pin!(log.tail(end, &["tix.payment.>"]).await?);
    while let Some(commit) = commits.next().await {
        let Ok(payment) = commit?.id.parse::<PaymentId>() else { continue };
        if let Some(news) = lock(waiting).get(&payment) {
            news.notify_waiters();
        }
    }
    Ok(())
}
