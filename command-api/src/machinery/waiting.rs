//! Requests that wait for a saga to change an aggregate.

use std::{pin::pin, time::Duration};

use ticketshow_domain::Decider;
use ticketshow_http::Problem;
use ticketshow_nats::executor::outcome::{AggregateState, Freshness};
use tokio::time::{Instant, sleep_until};

use crate::machinery::app::App;

/// Pauses between two readings of the log: the first, and the longest. The sagas of another process cannot notify this one.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// Waits until `find` finds something in the state of an aggregate, until `deadline` at the latest: sees commits of this process
/// at once, those of others by reading the log in growing pauses. Reads it once more at the deadline.
///
/// # Errors
///
/// 503 if the log cannot be read.
pub async fn wait_for<A: Decider, R: Clone + Send + 'static>(
    app: &App,
    id: &A::Id,
    find: impl Fn(&AggregateState<A>) -> Option<R> + Clone + Send + 'static,
    deadline: Instant,
) -> Result<Option<R>, Problem> {
    let mut seen_here = pin!(app.executor.when(id, find.clone()));
    let mut watching = true;
    let mut pause = PAUSE_MIN;
    loop {
        let read_at = deadline.min(Instant::now() + pause);
        tokio::select! {
            found = &mut seen_here, if watching => match found {
                Ok(found) => return Ok(Some(found)),
                // It left memory, or too much waits for it: the log is read instead.
                Err(_) => watching = false,
            },
            () = sleep_until(read_at) => {
                let found = find(&app.state::<A>(id, Freshness::Fresh).await?);
                if found.is_some() || Instant::now() >= deadline {
                    return Ok(found);
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}
