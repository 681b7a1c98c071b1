//! Requests that wait for a saga to change an aggregate.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use ticketshow_domain::Decider;
use ticketshow_http::Problem;
use ticketshow_nats::executor::outcome::{AggregateState, Freshness};
use tokio::time::{Instant, sleep_until};

use crate::machinery::app::App;

/// Pauses between two readings of the log: the first, and the longest. The sagas of another process cannot notify this one.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// Origin of the sagas' latest answers. While they come from this process, which sees its commits at once, the log is
/// read rarely: under load, a request would otherwise read it two or three times in vain.
#[derive(Debug, Default)]
pub struct SagasHere(AtomicBool);

impl SagasHere {
    fn first_pause(&self) -> Duration {
        if self.0.load(Ordering::Relaxed) { PAUSE_MAX } else { PAUSE_MIN }
    }

    fn note(&self, here: bool) {
        self.0.store(here, Ordering::Relaxed);
    }
}

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
    let mut pause = app.sagas_here.first_pause();
    loop {
        let read_at = deadline.min(Instant::now() + pause);
        tokio::select! {
            found = &mut seen_here, if watching => match found {
                Ok(found) => {
                    app.sagas_here.note(true);
                    return Ok(Some(found));
                }
                // It left memory, or too many requests wait for it: the log is read instead.
                Err(_) => watching = false,
            },
            () = sleep_until(read_at) => {
                let found = find(&app.state::<A>(id, Freshness::Fresh).await?);
                if found.is_some() {
                    app.sagas_here.note(false);
                }
                if found.is_some() || Instant::now() >= deadline {
                    return Ok(found);
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_read_soon_unless_the_last_answer_came_from_this_process() {
        let sagas = SagasHere::default();
        assert_eq!(sagas.first_pause(), PAUSE_MIN);
        sagas.note(true);
        assert_eq!(sagas.first_pause(), PAUSE_MAX);
        sagas.note(false);
        assert_eq!(sagas.first_pause(), PAUSE_MIN);
    }
}
