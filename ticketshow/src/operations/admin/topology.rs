//! Streams, buckets and consumers, made by the one user who may.

use anyhow::{Context, Result};
use clap::Args;
use ticketshow_nats::{NatsUser, provision};

use crate::config::{Installation, Topology};

/// Where, and how large.
#[derive(Debug, Args)]
pub struct Settings {
    #[command(flatten)]
    installation: Installation,
    #[command(flatten)]
    topology: Topology,
}

/// Makes them.
///
/// # Errors
///
/// NATS is away, or what is there cannot be brought up to date.
pub async fn make(settings: &Settings) -> Result<()> {
    let connection = settings.installation.connect(NatsUser::Provision).await?;
    provision(&connection, &settings.topology.settings()).await.context("cannot make the streams")?;
    println!("streams, buckets and consumers are as they must be");
    Ok(())
}
