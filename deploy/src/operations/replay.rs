//! `ticketshow replay`: builds the read models anew beside the live ones, and puts them in their place.

use anyhow::{Context, Result};
use clap::Args;
use sqlx::PgPool;
use ticketshow_nats::{Connection, NatsUser};
use ticketshow_projectors::{Progress, Rebuilt, Stage, Verification, rebuild};

use super::progress;
use crate::config::Installation;
use crate::{logging, stop};

/// Of which installation, and how.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    installation: Installation,

    /// Compares the new tables with the live ones, row by row; if they differ, the live ones stay and the exit code is 1.
    #[arg(long)]
    verify: bool,
}

/// Replays the log.
///
/// # Errors
///
/// The live tables are as they were, and why.
pub async fn replay(settings: &Replay) -> Result<()> {
    logging::warnings();
    let connection = settings.installation.connect(NatsUser::Projectors).await?;
    let pool =
        PgPool::connect(settings.installation.database_url()?.expose()).await.context("Postgres is away")?;
    let verification = if settings.verify { Verification::Compare } else { Verification::Skip };
    rebuild_with_progress(&pool, &connection, verification).await
}

/// The same, for whoever is connected already. Ctrl-C stops it and leaves the live tables.
///
/// # Errors
///
/// The live tables are as they were, and why.
pub async fn rebuild_with_progress(
    pool: &PgPool,
    connection: &Connection,
    verification: Verification,
) -> Result<()> {
    let stop = stop::on_signal()?;
    let bar = progress::bar();
    let rebuilt = rebuild(pool, connection, verification, &stop, |progress: Progress| {
        bar.set_message(match progress.stage {
            Stage::Loading => "loading",
            Stage::Indexing => "indexing",
            Stage::Comparing => "comparing",
            Stage::Swapping => "swapping",
        });
        bar.set_length(progress.target);
        bar.set_position(progress.position);
    });
    let rebuilt = rebuilt.await.context("the read models are as they were")?;
    bar.finish_and_clear();
    println!("{}", summary(&rebuilt, verification));
    Ok(())
}

fn summary(rebuilt: &Rebuilt, verification: Verification) -> String {
    let Rebuilt { position, events, loading, took } = *rebuilt;
    let equal = match verification {
        Verification::Compare => ", equal to the ones they replaced",
        Verification::Skip => "",
    };
    let rate = u128::from(events) * 1_000 / loading.as_millis().max(1);
    format!(
        "the read models are rebuilt up to position {position}{equal}: {events} events in {:.1} s ({rate} a second), {:.1} s in all",
        loading.as_secs_f64(),
        took.as_secs_f64(),
    )
}
