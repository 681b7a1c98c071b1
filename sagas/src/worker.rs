//! Foundation of all sagas: the clock, the reaction to one event, errors, the lock of the active replica, and loops that
//! keep a consumer running.

pub(crate) mod active;
pub(crate) mod clock;
pub(crate) mod error;
pub(crate) mod reaction;

use std::{sync::Arc, time::Duration};

use ticketshow_nats::{
    consumers::subscription::{Handler, Subscription, run_subscription},
    failure::Failure,
    server::connection::Connection,
};
use tokio_util::sync::CancellationToken;

/// Pause before a failed saga is restarted.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Processes a consumer until `stop`, restarting it after failures.
pub(crate) async fn run_consumer<H: Handler>(
    connection: Connection,
    durable: Subscription,
    handler: Arc<H>,
    stop: CancellationToken,
) {
    let run = || run_subscription(&connection, &durable, Arc::clone(&handler), stop.clone());
    keep_running(durable.name, &stop, run).await;
}

/// Calls `run` repeatedly until `stop`.
pub(crate) async fn keep_running<F: Future<Output = Result<(), Failure>>>(
    name: &str,
    stop: &CancellationToken,
    run: impl Fn() -> F,
) {
    while !stop.is_cancelled() {
        if let Err(failure) = run().await {
            tracing::warn!(saga = name, error = &failure as &dyn std::error::Error, "saga failed");
        }
        if !pause(stop).await {
            return;
        }
    }
}

/// Waits for a second. Returns `false` if `stop` is cancelled first.
pub(crate) async fn pause(stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(RESTART_PAUSE) => true,
    }
}
