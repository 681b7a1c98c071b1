//! The log guard: keeps writers away from a log that went backwards, by comparing it with how far it had been projected.

use std::{error::Error, time::Duration};

use serde::de::IgnoredAny;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Failure,
    guard::gate::Gate,
    log::{envelope::Commit, history::Log, snapshots::Snapshots},
    server::{connection::Connection, topology},
    subjects::EVENTS,
};

/// How soon the guard looks again: after something was away, while the log is another one, and while all is well.
const AGAIN_AWAY: Duration = Duration::from_millis(250);
const AGAIN_DIVERGED: Duration = Duration::from_secs(1);
const AGAIN_OPEN: Duration = Duration::from_secs(30);

/// The furthest commit that was ever projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogMark {
    /// Its position.
    pub position: u64,
    /// SHA-256 of its payload.
    pub sha256: [u8; 32],
}

impl LogMark {
    /// The mark that a commit leaves.
    #[must_use]
    pub fn of(commit: &Commit) -> Self {
        Self { position: commit.position, sha256: Sha256::digest(&commit.payload).into() }
    }
}

/// Whether a log is the one that was projected.
enum Compared {
    Same,
    Other { seen: u64, last: u64 },
}

type Unreadable = Box<dyn Error + Send + Sync>;

/// Drives `gate` until `stop`: compares the log with the mark at start and after every reconnect, and again and again
/// while they do not agree. `mark` reads the mark from where the read models keep it; none yet means a new log.
///
/// Only what was projected is compared: commits lost behind the mark are noticed by whoever has them in memory, not here.
pub async fn guard_log<F, Fut>(connection: &Connection, gate: &Gate, mark: F, stop: CancellationToken)
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<Option<LogMark>, Unreadable>> + Send,
{
    stop.run_until_cancelled(watch_over(connection, gate, mark)).await;
}

async fn watch_over<F, Fut>(connection: &Connection, gate: &Gate, mark: F)
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<Option<LogMark>, Unreadable>> + Send,
{
    let mut changes = connection.link_changes();
    let mut compared_over = None;
    loop {
        changes.borrow_and_update();
        let link = connection.link();
        if link.is_none() || link != compared_over {
            gate.check();
            compared_over = None;
        }
        let again = match link {
            None => AGAIN_AWAY,
            Some(link) => match compare(connection, &mark).await {
                Ok(Compared::Same) => {
                    gate.open_over(link);
                    compared_over = Some(link);
                    AGAIN_OPEN
                }
                Ok(Compared::Other { seen, last }) => {
                    if compared_over.is_none() {
                        tracing::error!(
                            seen,
                            last,
                            "the log is not the one that was projected: writes are refused"
                        );
                    }
                    gate.diverged(seen, last);
                    compared_over = Some(link);
                    AGAIN_DIVERGED
                }
                Err(error) => {
                    tracing::warn!(error = error.as_ref(), "the log guard cannot compare");
                    AGAIN_AWAY
                }
            },
        };
        // Whichever comes first; the link may have changed unnoticed before.
        let _ = tokio::time::timeout(again, changes.changed()).await;
    }
}

async fn compare<F, Fut>(connection: &Connection, mark: &F) -> Result<Compared, Unreadable>
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = Result<Option<LogMark>, Unreadable>> + Send,
{
    let Some(mark) = mark().await?.filter(|mark| mark.position > 0) else { return Ok(Compared::Same) };
    let which = json!({ "seq": mark.position });
    let found = connection.ask_leader("comparing the log with its mark", EVENTS, &which).await?;
    if found.is_some_and(|found| <[u8; 32]>::from(Sha256::digest(&found.payload)) == mark.sha256) {
        return Ok(Compared::Same);
    }
    let last = Log::new(connection).last_position().await?;
    Ok(Compared::Other { seen: mark.position, last })
}

/// Makes NATS fit a log that was accepted as it is, up to its last position `at`: snapshots from beyond are discarded and
/// consumers that stood beyond are set back. The caller then replaces the mark. Needs the provisioning user.
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
    for (_, name) in topology::durable_names().filter(|(stream, _)| *stream == EVENTS) {
        connection.set_back(&name, at).await?;
    }
    Ok(())
}

impl Connection {
    /// Sees to it that a consumer of `EVENTS` does not wait for positions that will be taken by other commits.
    async fn set_back(&self, name: &str, at: u64) -> Result<(), Failure> {
        const DOING: &str = "setting a consumer back";
        let stands = self.ack_floor(EVENTS, name).await?;
        if stands > at {
            let subject = format!("CONSUMER.RESET.{EVENTS}.{name}");
            let reset = self.ask::<IgnoredAny>(DOING, &subject, &json!({ "seq": at + 1 })).await?;
            reset.map_err(|error| Failure::rejected(DOING, error))?;
        }
        Ok(())
    }
}

/// Why a log was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The position given is not the end of the log: somebody looked at another log, or it is being written to.
    #[error("the log ends at {last}, not at {at}")]
    NotTheEnd {
        /// What was given.
        at: u64,
        /// Where it ends.
        last: u64,
    },
    /// NATS is away. Worth repeating.
    #[error("NATS is away")]
    Away(#[from] Failure),
}
