//! The read models in Postgres, and how far they have come. Nothing here writes.

use std::time::{Duration, Instant};

use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use ticketshow_http::Problem;
use tokio::{sync::watch, task::JoinHandle};

/// Where the projections tell that they committed; the payload is the position.
const CHANNEL: &str = "projected";
/// Connections; one of them listens.
const CONNECTIONS: u32 = 9;
/// How long a query may wait for a connection. Short: a database that is away is told at once.
const CONNECTION_WAIT: Duration = Duration::from_secs(1);
/// A connection that was idle for longer is tried before it is used: the server may have been restarted.
const IDLE: Duration = Duration::from_secs(1);
/// How long a reader may wait for the position it asks for. Source: the REST surface, "Min-Position".
const POSITION_WAIT: Duration = Duration::from_secs(2);
/// The position is asked for this often even if nobody told of a new one: a notification may be lost.
const POLL: Duration = Duration::from_secs(1);
/// A position that was confirmed longer ago than this is not known to be current.
const CERTAIN: Duration = Duration::from_millis(2_500);
/// Between two tries to listen.
const PAUSE: Duration = Duration::from_millis(200);

/// How far the tables of this schema have read the log.
pub const POSITION: &str = "SELECT min(position) FROM checkpoint";

/// A pool for the read models at `url` (`postgres://…`). Connects when it is first used, and mends itself.
///
/// # Errors
///
/// If `url` is no address of a database.
pub fn pool(url: &str) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options
        .options([
            ("search_path", "read,public"),
            ("default_transaction_read_only", "on"),
            ("statement_timeout", "5s"),
            // How alike a word must be to be found by search; low, as the ranking tells the rest.
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
                if known.idle_for > IDLE {
                    sqlx::Connection::ping(connection).await?;
                }
                Ok(true)
            })
        });
    Ok(pool.connect_lazy_with(options))
}

/// The tables, and a task that follows how far they have come.
pub struct Tables {
    pool: PgPool,
    reached: watch::Receiver<Reached>,
    follower: JoinHandle<()>,
}

/// What is known of the position.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    position: u64,
    /// When that was last heard from the database; `None` while notifications may be getting lost.
    confirmed: Option<Instant>,
}

impl Tables {
    /// Follows the tables of `pool` for as long as the value lives. Needs a running Tokio runtime.
    pub fn follow(pool: PgPool) -> Self {
        let (sender, reached) = watch::channel(Reached::default());
        let follower = tokio::spawn(follow(pool.clone(), sender));
        Self { pool, reached, follower }
    }

    /// For reading.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The position as of now, give or take the time a notification travels; `None` if it is not certain.
    pub fn reached(&self) -> Option<u64> {
        let Reached { position, confirmed } = *self.reached.borrow();
        confirmed.filter(|at| at.elapsed() < CERTAIN).map(|_| position)
    }

    /// Waits until the tables contain `position`.
    ///
    /// # Errors
    ///
    /// 503 `read-model-behind` if they do not within 2 s.
    pub async fn wait_for(&self, position: u64) -> Result<(), Problem> {
        let mut reached = self.reached.clone();
        let arrived = reached.wait_for(|reached| reached.position >= position);
        match tokio::time::timeout(POSITION_WAIT, arrived).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Problem::read_model_behind()),
        }
    }

    /// Looks, and looks again whenever the tables have moved on, until something is found.
    ///
    /// # Errors
    ///
    /// 503 `read-model-behind` if nothing is within 2 s, and whatever `look` says.
    pub async fn found<T, F>(&self, mut look: impl FnMut() -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<Option<T>, Problem>>,
    {
        let mut reached = self.reached.clone();
        let search = async {
            loop {
                reached.mark_unchanged();
                if let Some(found) = look().await? {
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
            tracing::debug!(%error, "the read models cannot be followed");
        }
        reached.send_modify(|reached| reached.confirmed = None);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Ends only when the connection is lost. Whatever was missed is made up for by asking, after every silence and loss.
async fn listen(pool: &PgPool, reached: &watch::Sender<Reached>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // What is told from here on may be newer than what is asked now, never the other way round.
        let asked = Instant::now();
        let position: Option<i64> = sqlx::query_scalar(POSITION).fetch_one(pool).await?;
        let position = position.unwrap_or(0).cast_unsigned();
        reached.send_replace(Reached { position, confirmed: Some(asked) });
        while let Ok(told) = tokio::time::timeout(POLL, listener.try_recv()).await {
            let Some(told) = told? else {
                reached.send_modify(|reached| reached.confirmed = None);
                break;
            };
            let Ok(position) = told.payload().parse() else { break };
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
