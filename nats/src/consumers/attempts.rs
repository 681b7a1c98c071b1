//! Attempts at processing a message, repeated until it is done, is parked, or the program stops.

use std::{error::Error, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::consumers::verdict::Verdict;

/// Pause after the first failed attempt; doubled after each further one, up to `PAUSE_MAX`.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// The first failed attempt is logged, then every tenth.
const LOGGED_EVERY: u32 = 10;

type Cause = Box<dyn Error + Send + Sync>;

/// Result of the last attempt.
#[derive(Debug)]
pub(crate) enum Attempted {
    Done,
    Parked { error: Cause, attempts: u32 },
    Stopped,
}

/// Attempts of one consumer, a limited number at once. A message waiting for its next attempt does not count.
#[derive(Debug)]
pub(crate) struct Attempts {
    permits: Semaphore,
    stop: CancellationToken,
}

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

impl Attempts {
    pub fn new(parallelism: usize, stop: CancellationToken) -> Self {
        Self { permits: Semaphore::new(parallelism.max(1)), stop }
    }

    /// Repeats `attempt`, when it asks for that or with back-off, until it is done, is parked, or the program stops.
    pub async fn make<Fut: Future<Output = Verdict>>(
        &self,
        name: &str,
        mut attempt: impl FnMut() -> Fut,
    ) -> Attempted {
        let mut attempts = 0;
        let mut pause = PAUSE_FIRST;
        loop {
            let permit = self.permits.acquire().await;
            if self.stop.is_cancelled() {
                return Attempted::Stopped;
            }
            attempts += 1;
            let verdict = AssertUnwindSafe(attempt()).catch_unwind().await;
            drop(permit);
            let wait = match verdict {
                Ok(Verdict::Done) => return Attempted::Done,
                Ok(Verdict::Park(error)) => return Attempted::Parked { error, attempts },
                Err(_) => return Attempted::Parked { error: Panicked.into(), attempts },
                Ok(Verdict::Wait(wait)) => {
                    attempts -= 1;
                    wait
                }
                Ok(Verdict::Retry(error)) => {
                    if attempts % LOGGED_EVERY == 1 {
                        tracing::warn!(
                            name,
                            attempts,
                            error = error.as_ref() as &dyn Error,
                            "attempt failed, retrying later"
                        );
                    }
                    let wait = pause;
                    pause = (pause * 2).min(PAUSE_MAX);
                    wait
                }
            };
            if self.stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return Attempted::Stopped;
            }
        }
    }
}
