//! Election of the one active replica, by a session-level advisory lock in Postgres. The lock ends with its connection: a
//! killed replica is replaced within two seconds, one that hangs or whose machine vanished within 12. Correctness does not
//! depend on it, because every step of a saga may be repeated.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection as _, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

/// Number of the lock, "tix saga" in ASCII, shared by the whole installation.
const LOCK: i64 = 0x7469_7820_7361_6761;
/// Name under which Postgres lists the connection that holds the lock.
const APPLICATION: &str = "ticketshow sagas";
/// Interval at which a standby replica tries to take the lock.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// Interval at which the lock holder checks its connection.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// Time limit of each operation on the lock.
const TIMEOUT: Duration = Duration::from_secs(4);

/// The lock, held until its connection ends.
#[derive(Debug)]
pub(crate) struct Active(PgConnection);

impl Active {
    /// Stands by until this replica holds the lock. Returns `None` if `stop` is cancelled first.
    pub async fn wait(pool: &PgPool, stop: &CancellationToken) -> Option<Self> {
        let mut waiting = false;
        loop {
            let tried = tokio::select! {
                () = stop.cancelled() => return None,
                tried = tokio::time::timeout(TIMEOUT, Self::try_now(pool)) => tried,
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
                    tracing::warn!(error, "sagas are waiting for Postgres");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(TRY_EVERY) => {}
            }
        }
    }

    async fn try_now(pool: &PgPool) -> Result<Option<Self>, sqlx::Error> {
        // The server detects a vanished machine after 4 + 3 × 2 s and a hanging process after 10 s.
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

    /// Takes the lock from the replica that holds it. That replica notices within seconds, starts over and competes again.
    pub async fn depose(pool: &PgPool) -> Result<(), sqlx::Error> {
        let holders = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE application_name = $1 AND datname = current_database()";
        sqlx::query(holders).bind(APPLICATION).execute(pool).await.map(drop)
    }

    /// Returns when the lock is lost, that is, when its connection fails.
    pub async fn lost(&mut self) {
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            match tokio::time::timeout(TIMEOUT, self.0.ping()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }

    /// Releases the lock to the next replica.
    pub async fn release(self) {
        // If closing fails, the session, and with it the lock, is gone.
        let _ = tokio::time::timeout(TIMEOUT, self.0.close()).await;
    }
}
