//! Rebuilds that somebody asks for from afar: the active projector runs them in the background.

use std::pin::pin;

use futures_util::StreamExt;
use sqlx::PgPool;
use ticketshow_nats::{Connection, Failure, RebuildAnswer};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    checkpoint::NAME,
    live::chain,
    rebuild::{Verification, rebuild},
};

/// The rebuild that this process runs, if any.
#[derive(Default)]
pub(crate) struct Rebuilding(Option<JoinHandle<()>>);

impl Rebuilding {
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
            let runs = self.0.as_ref().is_some_and(|task| !task.is_finished());
            let answer = match (wish.projection == NAME, runs) {
                (false, _) => RebuildAnswer::Unknown,
                (true, true) => RebuildAnswer::Running,
                (true, false) => {
                    self.0 = Some(tokio::spawn(run(pool.clone(), connection.clone(), stop.clone())));
                    RebuildAnswer::Begun
                }
            };
            if let Err(failure) = wish.answer(answer).await {
                tracing::warn!(%failure, "whoever asked for a rebuild was not answered");
            }
        }
        Err(Failure::Stopping)
    }
}

/// The live tables are known to be in doubt: they are replaced whatever they hold.
async fn run(pool: PgPool, connection: Connection, stop: CancellationToken) {
    tracing::info!("rebuilding the read models, as asked");
    if let Err(error) = rebuild(&pool, &connection, Verification::Skip, &stop, |_| ()).await {
        tracing::error!(error = chain(&error), "the read models are not rebuilt");
    }
}
