//! Rebuilds requested by an operator: the active projector runs them in the background.

use std::pin::pin;

use futures_util::StreamExt;
use sqlx::PgPool;
use ticketshow_nats::{consumers::rebuilds::RebuildReply, failure::Failure, server::connection::Connection};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    checkpoint::NAME,
    error::chain,
    rebuild::{Verification, rebuild},
    search::{self, Counted, SearchIndex},
};

/// The rebuilds that this process runs.
pub(crate) struct Rebuilding {
    tables: Option<JoinHandle<()>>,
    search: Option<JoinHandle<()>>,
    index: Option<SearchIndex>,
}

impl Rebuilding {
    pub fn new(index: Option<SearchIndex>) -> Self {
        Self { tables: None, search: None, index }
    }

    /// Answers rebuild requests while this process is active.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the subscription ends.
    pub async fn answer(
        &mut self,
        pool: &PgPool,
        connection: &Connection,
        stop: &CancellationToken,
    ) -> Result<(), Failure> {
        let mut requests = pin!(connection.rebuild_requests().await?);
        while let Some(request) = requests.next().await {
            let (pool, stop) = (pool.clone(), stop.clone());
            let answer = match (request.projection.as_str(), &self.index) {
                (NAME, _) => {
                    let connection = connection.clone();
                    begin(&mut self.tables, async move { run(pool, connection, stop).await })
                }
                (search::NAME, Some(index)) => {
                    let index = index.clone();
                    begin(&mut self.search, async move { run_search(pool, index, stop).await })
                }
                _ => RebuildReply::Unknown,
            };
            if let Err(failure) = request.answer(answer).await {
                tracing::warn!(%failure, "a rebuild request was not answered");
            }
        }
        Err(Failure::Stopping)
    }
}

/// Starts a rebuild unless one is running.
fn begin(
    running: &mut Option<JoinHandle<()>>,
    work: impl Future<Output = ()> + Send + 'static,
) -> RebuildReply {
    if running.as_ref().is_some_and(|task| !task.is_finished()) {
        return RebuildReply::Running;
    }
    *running = Some(tokio::spawn(work));
    RebuildReply::Begun
}

/// Rebuilds without a comparison: the operator doubts the live tables.
async fn run(pool: PgPool, connection: Connection, stop: CancellationToken) {
    tracing::info!("rebuilding the read models on request");
    if let Err(error) = rebuild(&pool, &connection, Verification::Skip, &stop, |_| ()).await {
        tracing::error!(error = chain(&error), "rebuilding the read models failed");
    }
}

async fn run_search(pool: PgPool, index: SearchIndex, stop: CancellationToken) {
    tracing::info!("rebuilding the search index on request");
    if let Err(error) = search::rebuild(&pool, &index, Verification::Skip, &stop, |_: Counted| ()).await {
        tracing::error!(error = chain(&error), "rebuilding the search index failed");
    }
}
