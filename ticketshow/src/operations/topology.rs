//! `ticketshow admin topology`: creates streams, buckets and consumers, as the only NATS user with that right.

use anyhow::{Context, Result};
use clap::Args;
use ticketshow_nats::server::users::NatsUser;

use crate::config::{Installation, Topology};

/// The installation and the size of its streams.
#[derive(Debug, Args)]
pub struct Settings {
    #[command(flatten)]
    installation: Installation,
    #[command(flatten)]
    topology: Topology,
}

/// Creates or updates streams, buckets and consumers.
///
/// # Errors
///
/// NATS is unreachable, or the existing streams cannot be updated.
pub async fn provision(settings: &Settings) -> Result<()> {
    let connection = settings.installation.connect(NatsUser::Provision).await?;
    ticketshow_nats::server::topology::provision(&connection, &settings.topology.settings())
        .await
        .context("cannot create the streams")?;
    println!("streams, buckets and consumers are up to date");
    Ok(())
}
