//! Limits on calls that are expensive: how many of a kind are handled at the same time, and how many wait.

use std::{sync::Arc, time::Duration};

use ticketshow_http::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most calls that wait.
const WAITING_MAX: usize = 32;
/// Longest wait.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// Pause that a client is asked for.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Permits of one kind of call.
#[derive(Debug)]
pub struct Permits {
    free: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Permits {
    /// Permits for `max` calls at the same time.
    pub fn new(max: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(max)), waiting: Semaphore::new(WAITING_MAX) }
    }

    /// Waits for a permit, which is given back when dropped.
    ///
    /// # Errors
    ///
    /// 503 if others do not finish in time, or if too many wait.
    pub async fn take(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let busy = || Problem::unavailable(RETRY_AFTER);
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(permit);
        }
        let _place = self.waiting.try_acquire().map_err(|_| busy())?;
        let permit = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.free).acquire_owned()).await;
        permit.map_err(|_| busy())?.map_err(|_| Problem::internal())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_run_some_wait_and_the_others_are_turned_away_at_once() {
        let permits = Permits::new(2);
        let (first, _second) = (permits.take().await.unwrap(), permits.take().await.unwrap());
        let began = Instant::now();
        let waits = join_all((0..100).map(async |_| {
            let taken = permits.take().await;
            (taken.is_ok(), began.elapsed())
        }))
        .await;
        assert!(waits.iter().all(|(taken, _)| !taken));
        assert_eq!(waits.iter().filter(|(_, wait)| *wait == WAIT_MAX).count(), WAITING_MAX);
        assert_eq!(waits.iter().filter(|(_, wait)| wait.is_zero()).count(), 100 - WAITING_MAX);

        drop(first);
        assert!(permits.take().await.is_ok());
    }
}
