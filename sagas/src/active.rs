//! One replica works, the others stand by: a session-level advisory lock of Postgres decides which. It ends with the
//! connection that holds it, so a replica whose process was killed is followed within a second or two, and one that hangs
//! or whose machine vanished within 12. Correctness does not rest on it: every step of a saga may be repeated.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection as _, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

/// The lock's number in the database, "tix saga" in ASCII. The whole installation shares it.
const LOCK: i64 = 0x7469_7820_7361_6761;
/// What Postgres shows of the connection that holds it.
const APPLICATION: &str = "ticketshow sagas";
/// How often those who stand by try.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How often the holder looks whether it still holds it, and how long that may take.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(4);

/// The right to work, until the connection is gone.
#[derive(Debug)]
pub(crate) struct Active(PgConnection);

impl Active {
    /// Stands by until it is our turn; `None` once `stop` says so.
    pub async fn wait(pool: &PgPool, stop: &CancellationToken) -> Option<Self> {
        let mut waiting = false;
        loop {
            let tried = tokio::select! {
                () = stop.cancelled() => return None,
                tried = tokio::time::timeout(PATIENCE, Self::try_now(pool)) => tried,
            };
            match tried.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
                Ok(Some(active)) => return Some(active),
                Ok(None) if waiting => {}
                Ok(None) => {
                    waiting = true;
                    tracing::info!("another replica runs the sagas: standing by");
                }
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the sagas wait for Postgres");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(TRY_EVERY) => {}
            }
        }
    }

    async fn try_now(pool: &PgPool) -> Result<Option<Self>, sqlx::Error> {
        // The server notices after 4 + 3 × 2 s that our machine is gone, and after 10 s that we hang.
        let options = pool.connect_options().as_ref().clone().application_name(APPLICATION).options([
            ("idle_session_timeout", "10s"),
            ("tcp_keepalives_idle", "4"),
            ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
        ]);
        let mut connection = options.connect().await?;
        let ours: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut connection)
            .await?;
        if ours {
            return Ok(Some(Self(connection)));
        }
        connection.close().await?;
        Ok(None)
    }

    /// Returns when the lock is lost, which is when its connection is.
    pub async fn lost(&mut self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match tokio::time::timeout(PATIENCE, self.0.ping()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }

    /// Lets the next one in.
    pub async fn release(self) {
        // Whoever cannot say goodbye has lost the lock already.
        let _ = tokio::time::timeout(PATIENCE, self.0.close()).await;
    }
}
