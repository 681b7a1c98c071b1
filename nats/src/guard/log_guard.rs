//! The log guard: prevents writing to a log that went backwards, by comparing the log with the last projected commit.

use std::{error::Error, time::Duration};

use serde::de::IgnoredAny;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Failure,
    guard::gate::Gate,
    log::{envelope::Commit, history::Log, snapshots::Snapshots},
    server::{connection::Connection, durables},
    subjects::EVENTS,
};

/// Pauses between two comparisons: after an outage, while the log differs, and while it matches.
const PAUSE_OUTAGE: Duration = Duration::from_millis(250);
const PAUSE_DIVERGED: Duration = Duration::from_secs(1);
const PAUSE_OPEN: Duration = Duration::from_secs(30);
/// Longest wait for the mark, if an earlier one is known to compare with instead.
const MARK_MAX: Duration = Duration::from_secs(1);

/// Identity of the furthest commit that was ever projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogMark {
    /// Position of the commit.
    pub position: u64,
    /// SHA-256 of the payload.
    pub sha256: [u8; 32],
}

impl LogMark {
    /// Mark of a log of which nothing was projected.
    const NOTHING: Self = Self { position: 0, sha256: [0; 32] };

    /// Creates the mark of a commit.
    #[must_use]
    pub fn of(commit: &Commit) -> Self {
        Self { position: commit.position, sha256: Sha256::digest(&commit.payload).into() }
    }
}

/// Result of comparing the log with its mark.
enum Comparison {
    Same,
    Other { seen: u64, last: u64 },
}

type Unreadable = Box<dyn Error + Send + Sync>;

/// Controls `gate` until `stop`: compares the log with the mark at start and after every reconnect, and repeatedly while
/// they differ. `mark` reads the mark from the read models; `None` means a new log. While they are unreachable, the last mark
/// that was read is compared, so that they are needed only once in the life of a process.
///
/// Only the projected part is compared. Commits lost after the mark are detected by executors that have them in memory.
pub async fn guard_log<F, Fut>(connection: &Connection, gate: &Gate, mark: F, stop: CancellationToken)
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<Option<LogMark>, Unreadable>> + Send,
{
    stop.run_until_cancelled(compare_repeatedly(connection, gate, mark)).await;
}

async fn compare_repeatedly<F, Fut>(connection: &Connection, gate: &Gate, mark: F)
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<Option<LogMark>, Unreadable>> + Send,
{
    let mut changes = connection.link_changes();
    let mut compared_over = None;
    let mut known = None;
    loop {
        changes.borrow_and_update();
        let link = connection.link();
        if link.is_none() || link != compared_over {
            gate.check();
            compared_over = None;
        }
        let pause = match link {
            None => PAUSE_OUTAGE,
            Some(link) => match compare(connection, &mark, &mut known).await {
                Ok(Comparison::Same) => {
                    gate.open_over(link);
                    compared_over = Some(link);
                    PAUSE_OPEN
                }
                Ok(Comparison::Other { seen, last }) => {
                    if compared_over.is_none() {
                        tracing::error!(
                            seen,
                            last,
                            "the log differs from the projected one, writes are refused"
                        );
                    }
                    gate.diverged(seen, last);
                    compared_over = Some(link);
                    PAUSE_DIVERGED
                }
                Err(error) => {
                    tracing::warn!(error = error.as_ref(), "the log guard could not compare the log");
                    PAUSE_OUTAGE
                }
            },
        };
        // The timeout also covers a link that changed between the check and this wait.
        let _ = timeout(pause, changes.changed()).await;
    }
}

/// Compares the log with the mark, or with the one `known` from before if it cannot be read.
async fn compare<F, Fut>(
    connection: &Connection,
    mark: &F,
    known: &mut Option<LogMark>,
) -> Result<Comparison, Unreadable>
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<Option<LogMark>, Unreadable>> + Send,
{
    let mark = match *known {
        None => mark().await?.unwrap_or(LogMark::NOTHING),
        Some(known) => {
            if let Ok(Ok(mark)) = timeout(MARK_MAX, mark()).await {
                mark.unwrap_or(LogMark::NOTHING)
            } else {
                tracing::warn!("comparing the log with an earlier mark: the read models are unreachable");
                known
            }
        }
    };
    *known = Some(mark);
    if mark == LogMark::NOTHING {
        return Ok(Comparison::Same);
    }
    let query = json!({ "seq": mark.position });
    let found = connection.ask_leader("comparing the log with its mark", EVENTS, &query).await?;
    if found.is_some_and(|found| <[u8; 32]>::from(Sha256::digest(&found.payload)) == mark.sha256) {
        return Ok(Comparison::Same);
    }
    let last = Log::new(connection).last_position().await?;
    Ok(Comparison::Other { seen: mark.position, last })
}

/// Accepts the log with its last position `at`: discards snapshots and resets consumers beyond it. The caller then replaces
/// the mark. Needs the provisioning user.
///
/// # Errors
///
/// [`AcceptError`].
pub async fn accept_log(connection: &Connection, at: u64) -> Result<(), AcceptError> {
    let last = Log::new(connection).last_position().await?;
    if last != at {
        return Err(AcceptError::NotTheEnd { at, last });
    }
    Snapshots::new(connection).discard_beyond(at).await?;
    for (_, name) in durables::durable_names().filter(|(stream, _)| *stream == EVENTS) {
        connection.reset_beyond(&name, at).await?;
    }
    Ok(())
}

impl Connection {
    /// Resets a consumer of `EVENTS` that is beyond `at`, because other commits will take those positions.
    async fn reset_beyond(&self, name: &str, at: u64) -> Result<(), Failure> {
        const DOING: &str = "resetting a consumer";
        let floor = self.progress(EVENTS, name).await?.ack_floor;
        if floor > at {
            let subject = format!("CONSUMER.RESET.{EVENTS}.{name}");
            let reset = self.ask::<IgnoredAny>(DOING, &subject, &json!({ "seq": at + 1 })).await?;
            reset.map_err(|error| Failure::rejected(DOING, error))?;
        }
        Ok(())
    }
}

/// Reason a log was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The given position is not the end of the log: it belongs to another log, or the log is being written to.
    #[error("the log ends at {last}, not at {at}")]
    NotTheEnd {
        /// Given position.
        at: u64,
        /// Last position of the log.
        last: u64,
    },
    /// NATS is unavailable. Worth retrying.
    #[error("NATS is unavailable")]
    Away(#[from] Failure),
}
