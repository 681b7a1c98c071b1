//! Ends of sessions, as they come into the bucket. Read in pages, without a consumer, like the log.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::SignedDuration;
use uuid::Uuid;

use crate::{clock, failure::Failure, kv::sessions::Sessions};

/// Pauses while nothing is written: the first, and the longest.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(160);
/// Pause after a failure.
const FAILED_PAUSE: Duration = Duration::from_millis(500);

impl Sessions {
    /// Calls `ended` with the id of every session that ends, soon after it does, and first with those that ended within `lookback`. Never
    /// returns. A session may be named more than once.
    pub async fn follow_ends(&self, lookback: SignedDuration, ended: impl Fn(Uuid) + Send + Sync) {
        let failing = AtomicBool::new(false);
        loop {
            let Err(failure) = self.follow(lookback, &ended, &failing).await;
            // Access tokens of ended sessions are accepted meanwhile. One line per outage.
            if failing.swap(true, Ordering::Relaxed) {
                tracing::debug!(%failure, "following the ends of sessions");
            } else {
                tracing::warn!(%failure, "cannot follow the ends of sessions");
            }
            tokio::time::sleep(FAILED_PAUSE).await;
        }
    }

    /// Follows the bucket until a failure, or until the link to the server changes: the bucket may be another one then.
    async fn follow(
        &self,
        lookback: SignedDuration,
        ended: &(impl Fn(Uuid) + Send + Sync),
        failing: &AtomicBool,
    ) -> Result<Infallible, Failure> {
        let bucket = self.bucket();
        let link = bucket.link();
        let mut revision = bucket.revision_at(clock::now() - lookback).await?;
        let mut pause = PAUSE_MIN;
        loop {
            let changes = bucket.changes_after(revision).await?;
            if bucket.link() != link {
                return Err(Failure::unreachable("following the ends of sessions", "the link changed"));
            }
            if failing.swap(false, Ordering::Relaxed) {
                tracing::info!("following the ends of sessions again");
            }
            if let Some(last) = changes.last() {
                (revision, pause) = (last.revision, PAUSE_MIN);
            } else {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
            let removed = changes.iter().filter(|change| change.removed);
            for session in removed.filter_map(|change| change.key.rsplit_once('.')?.1.parse().ok()) {
                ended(session);
            }
        }
    }
}
