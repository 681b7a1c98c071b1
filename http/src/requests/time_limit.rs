//! The time limit of a request, which no outage behind a handler may extend.

use std::{pin::pin, time::Duration};

use axum::extract::Request;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// Longest handling of a request, not counting the arrival of its body. Above the limits of all dependencies, so it is
/// reached only if one of them hangs unexpectedly.
const HANDLING_MAX: Duration = Duration::from_secs(15);

/// Moment at which a request must have been answered. Event streams count as answered once they begin.
#[derive(Debug, Clone)]
pub(crate) struct TimeLimit(watch::Sender<Instant>);

impl TimeLimit {
    /// Starts the limit of a request and attaches it, so that the extractor of the body finds it.
    pub fn start(request: &mut Request) -> Self {
        let limit = Self(watch::Sender::new(Instant::now() + HANDLING_MAX));
        request.extensions_mut().insert(limit.clone());
        limit
    }

    /// Allows `arrival_max` for the body of a request to arrive. The handling time starts again with [`TimeLimit::arrived`].
    pub fn await_body(request: &Request, arrival_max: Duration) -> Option<Self> {
        let limit = request.extensions().get::<Self>()?.clone();
        limit.0.send_replace(Instant::now() + arrival_max + HANDLING_MAX);
        Some(limit)
    }

    /// Starts the handling time after the arrival of the body.
    pub fn arrived(&self) {
        self.0.send_replace(Instant::now() + HANDLING_MAX);
    }

    /// Waits for the handler. Returns `None` if the limit was reached; the handler is dropped then.
    pub async fn enforce<T>(self, handler: impl Future<Output = T>) -> Option<T> {
        let mut handler = pin!(handler);
        loop {
            let end = *self.0.borrow();
            if let Ok(done) = timeout_at(end, &mut handler).await {
                return Some(done);
            }
            if *self.0.borrow() == end {
                return None;
            }
        }
    }
}
