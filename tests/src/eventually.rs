//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

/// Interval between checks of a condition.
const EVERY: Duration = Duration::from_millis(15);

/// Waits up to 20 s until `attempt` returns a value. `what` completes "waited in vain for …".
///
/// # Panics
///
/// If the time is over.
pub async fn eventually<T>(what: &str, attempt: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(Duration::from_secs(20), what, attempt).await
}

/// Waits up to `limit` until `attempt` gives something.
///
/// # Panics
///
/// If the time is over.
pub async fn eventually_within<T>(limit: Duration, what: &str, attempt: impl AsyncFnMut() -> Option<T>) -> T {
    held_within(limit, attempt).await.unwrap_or_else(|| panic!("waited {limit:?} in vain for {what}"))
}

/// Waits up to `limit` until `attempt` gives something; `None` if it never did.
pub async fn held_within<T>(limit: Duration, mut attempt: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = attempt().await {
            return Some(value);
        }
        if Instant::now() >= deadline {
            return None;
        }
        tokio::time::sleep(EVERY).await;
    }
}
