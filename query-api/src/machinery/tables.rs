//! Access to the read models in Postgres, and the log position they have reached. Read-only.

use std::time::{Duration, Instant};

use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use ticketshow_http::Problem;
use ticketshow_nats::subjects::PROJECTED;
use tokio::{sync::watch, task::JoinHandle};

/// Connections in the pool; one of them listens for notifications.
const CONNECTIONS: u32 = 9;
/// Wait for a free connection. Short, so that an outage is reported at once.
const CONNECTION_WAIT: Duration = Duration::from_secs(1);
/// A connection idle for longer is pinged before use: the server may have restarted.
const IDLE_MAX: Duration = Duration::from_secs(1);
/// Wait for the position named by `Min-Position`. Source: the REST surface.
const POSITION_WAIT: Duration = Duration::from_secs(2);
/// Interval of polling the position: a notification may be lost.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Age at which a confirmed position is no longer trusted to be current.
const CONFIRMED_MAX: Duration = Duration::from_millis(2_500);
/// Pause before reconnecting the listener.
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);

/// Selects the log position that all read models have reached.
pub const POSITION: &str = "SELECT min(position) FROM checkpoint";

/// A pool for the read models at `url` (`postgres://…`). Connects on first use and reconnects by itself.
///
/// # Errors
///
/// If `url` is not a valid Postgres address.
pub fn pool(url: &str) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options
        .options([
            ("search_path", "read,public"),
            ("default_transaction_read_only", "on"),
            ("statement_timeout", "5s"),
            // Compiling a query takes longer than these take.
            ("jit", "off"),
            // Minimum similarity of a search hit; low, because the ranking sorts out weak hits.
            ("pg_trgm.word_similarity_threshold", "0.4"),
        ])
        .application_name("query-api")
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECTION_WAIT)
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for > IDLE_MAX {
                    sqlx::Connection::ping(connection).await?;
                }
                Ok(true)
            })
        });
    Ok(pool.connect_lazy_with(options))
}

/// The connection pool, and a task that follows the position of the tables.
pub struct Tables {
    pool: PgPool,
    reached: watch::Receiver<Reached>,
    follower: JoinHandle<()>,
}

/// Last known position of the tables.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    position: u64,
    /// Time of the last confirmation by the database; `None` while notifications may be lost.
    confirmed: Option<Instant>,
}

impl Tables {
    /// Follows the position until the value is dropped. Needs a running Tokio runtime.
    pub fn follow(pool: PgPool) -> Self {
        let (sender, reached) = watch::channel(Reached::default());
        let follower = tokio::spawn(follow(pool.clone(), sender));
        Self { pool, reached, follower }
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The current position, at most one notification delay old; `None` if it is not confirmed.
    pub fn reached(&self) -> Option<u64> {
        let Reached { position, confirmed } = *self.reached.borrow();
        confirmed.filter(|at| at.elapsed() < CONFIRMED_MAX).map(|_| position)
    }

    /// Waits until the tables contain `position`.
    ///
    /// # Errors
    ///
    /// 503 `read-model-behind` after 2 s.
    pub async fn wait_for(&self, position: u64) -> Result<(), Problem> {
        let mut reached = self.reached.clone();
        let arrived = reached.wait_for(|reached| reached.position >= position);
        match tokio::time::timeout(POSITION_WAIT, arrived).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Problem::read_model_behind()),
        }
    }

    /// Repeats `find` after each change of the tables until it finds something.
    ///
    /// # Errors
    ///
    /// 503 `read-model-behind` after 2 s, and the errors of `find`.
    pub async fn wait_until_found<T, F>(&self, mut find: impl FnMut() -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<Option<T>, Problem>>,
    {
        let mut reached = self.reached.clone();
        let search = async {
            loop {
                reached.mark_unchanged();
                if let Some(found) = find().await? {
                    return Ok(found);
                }
                reached.changed().await.map_err(|_| Problem::read_model_behind())?;
            }
        };
        tokio::time::timeout(POSITION_WAIT, search)
            .await
            .unwrap_or_else(|_| Err(Problem::read_model_behind()))
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

async fn follow(pool: PgPool, reached: watch::Sender<Reached>) {
    loop {
        if let Err(error) = listen(&pool, &reached).await {
            tracing::debug!(%error, "lost the position listener; reconnecting");
        }
        reached.send_modify(|reached| reached.confirmed = None);
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
}

/// Runs until the connection is lost. Polls after every quiet interval and reconnect, which covers lost notifications.
async fn listen(pool: &PgPool, reached: &watch::Sender<Reached>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(PROJECTED).await?;
    loop {
        // Taken before the query: later notifications may be newer than its answer, but never older.
        let asked = Instant::now();
        let position: Option<i64> = sqlx::query_scalar(POSITION).fetch_one(pool).await?;
        let position = position.unwrap_or(0).cast_unsigned();
        reached.send_replace(Reached { position, confirmed: Some(asked) });
        while let Ok(notification) = tokio::time::timeout(POLL_INTERVAL, listener.try_recv()).await {
            let Some(notification) = notification? else {
                reached.send_modify(|reached| reached.confirmed = None);
                break;
            };
            let Ok(position) = notification.payload().parse() else { break };
            reached.send_modify(|reached| {
                reached.position = reached.position.max(position);
                reached.confirmed = Some(Instant::now());
            });
        }
    }
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tables").field("reached", &self.reached).finish_non_exhaustive()
    }
}
