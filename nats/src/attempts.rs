//! Trying until it works, a person has to look, or the program stops.

use std::{error::Error, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::Verdict;

/// Waiting time after the first failed attempt; doubled after each further one, up to the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Of the attempts at one thing, the first and then every so many are logged.
const LOGGED_EVERY: u32 = 10;

type Cause = Box<dyn Error + Send + Sync>;

/// How it ended.
#[derive(Debug)]
pub(crate) enum Attempted {
    Done,
    Parked { error: Cause, attempts: u32 },
    Stopped,
}

/// Attempts of one process, so many at once. What waits for its next attempt takes no place.
#[derive(Debug)]
pub(crate) struct Attempts {
    places: Semaphore,
    stop: CancellationToken,
}

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

impl Attempts {
    pub fn new(at_once: usize, stop: CancellationToken) -> Self {
        Self { places: Semaphore::new(at_once.max(1)), stop }
    }

    /// Makes attempts until one is the last.
    pub async fn make<Fut: Future<Output = Verdict>>(
        &self,
        name: &str,
        mut attempt: impl FnMut() -> Fut,
    ) -> Attempted {
        let mut attempts = 0;
        let mut pause = PAUSE_FIRST;
        loop {
            let place = self.places.acquire().await;
            if self.stop.is_cancelled() {
                return Attempted::Stopped;
            }
            attempts += 1;
            let verdict = AssertUnwindSafe(attempt()).catch_unwind().await;
            drop(place);
            match verdict {
                Ok(Verdict::Done) => return Attempted::Done,
                Ok(Verdict::Park(error)) => return Attempted::Parked { error, attempts },
                Err(_) => return Attempted::Parked { error: Panicked.into(), attempts },
                Ok(Verdict::Retry(error)) => {
                    if attempts % LOGGED_EVERY == 1 {
                        tracing::warn!(
                            name,
                            attempts,
                            error = error.as_ref() as &dyn Error,
                            "trying again later"
                        );
                    }
                }
            }
            if self.stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return Attempted::Stopped;
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}
