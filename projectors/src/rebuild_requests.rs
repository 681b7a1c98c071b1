//! Rebuilds that somebody asks for from afar: the active projector runs them in the background.

use std::pin::pin;

use futures_util::StreamExt;
use sqlx::PgPool;
use ticketshow_nats::{Connection, Failure, RebuildAnswer};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    checkpoint::NAME,
    error::chain,
    rebuild::{Verification, rebuild},
    search::{self, Counted, SearchIndex},
};

/// The rebuilds that this process runs, if any.
pub(crate) struct Rebuilding {
    tables: Option<JoinHandle<()>>,
    search: Option<JoinHandle<()>>,
    /// Where there is one.
    index: Option<SearchIndex>,
}

impl Rebuilding {
    /// None runs yet.
    pub fn new(index: Option<SearchIndex>) -> Self {
        Self { tables: None, search: None, index }
    }

    /// Answers wishes for rebuilds, for as long as this process is the active one.
    ///
    /// # Errors
    ///
    /// [`Failure`] if nobody can be heard any more.
    pub async fn answer(
        &mut self,
        pool: &PgPool,
        connection: &Connection,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        let mut wishes = pin!(connection.rebuild_wishes().await?);
        while let Some(wish) = wishes.next().await {
            let (pool, stop) = (pool.clone(), stop.clone());
            let answer = match (wish.projection.as_str(), &self.index) {
                (NAME, _) => {
                    let connection = connection.clone();
                    begin(&mut self.tables, async move { run(pool, connection, stop).await })
                }
                (search::NAME, Some(index)) => {
                    let index = index.clone();
                    begin(&mut self.search, async move { run_search(pool, index, stop).await })
                }
                _ => RebuildAnswer::Unknown,
            };
            if let Err(failure) = wish.answer(answer).await {
                tracing::warn!(%failure, "whoever asked for a rebuild was not answered");
            }
        }
        Err(Failure::Stopping)
    }
}

/// Begins a rebuild unless one runs.
fn begin(
    running: &mut Option<JoinHandle<()>>,
    work: impl Future<Output = ()> + Send + 'static,
) -> RebuildAnswer {
    if running.as_ref().is_some_and(|task| !task.is_finished()) {
        return RebuildAnswer::Running;
    }
    *running = Some(tokio::spawn(work));
    RebuildAnswer::Begun
}

/// The live tables are known to be in doubt: they are replaced whatever they hold.
async fn run(pool: PgPool, connection: Connection, stop: CancellationToken) {
    tracing::info!("rebuilding the read models, as asked");
    if let Err(error) = rebuild(&pool, &connection, Verification::Skip, &stop, |_| ()).await {
        tracing::error!(error = chain(&error), "the read models are not rebuilt");
    }
}

async fn run_search(pool: PgPool, index: SearchIndex, stop: CancellationToken) {
    tracing::info!("rebuilding the search index, as asked");
    if let Err(error) = search::rebuild(&pool, &index, Verification::Skip, &stop, |_: Counted| ()).await {
        tracing::error!(error = chain(&error), "the search index is not rebuilt");
    }
}
