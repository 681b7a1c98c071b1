//! `ticketshow admin stage-batches`: memory in which nats-server stages batches.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use ticketshow_nats::server::staging::stage_batches_in_memory;

/// The server.
#[derive(Debug, Args)]
pub struct Settings {
    /// Folder in which the server stores the streams.
    #[arg(long)]
    store: PathBuf,
}

/// Has the server stage batches in memory until it is started again.
///
/// # Errors
///
/// There is no log yet, a batch is under way, there is no memory for it, or the folder belongs to another user.
pub fn stage(settings: &Settings) -> Result<()> {
    let store = settings.store.display();
    if !stage_batches_in_memory(&settings.store).with_context(|| format!("cannot change {store}"))? {
        bail!("{store} has no log yet, a batch is under way, or /dev/shm cannot be used");
    }
    Ok(())
}
