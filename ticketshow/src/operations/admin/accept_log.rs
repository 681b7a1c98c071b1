//! The deliberate way out when the log went backwards: it is taken as it is.

use anyhow::{Context, Result};
use clap::Args;
use secrecy::ExposeSecret;
use sqlx::PgPool;
use ticketshow_nats::{NatsUser, accept_log};
use ticketshow_projectors::Verification;

use crate::config::Installation;
use crate::{logging, operations};

/// Of which installation, and up to where.
#[derive(Debug, Args)]
pub struct Settings {
    #[command(flatten)]
    installation: Installation,

    /// The position at which the log ends: proof that it was looked at.
    #[arg(long)]
    at: u64,
}

/// Discards newer snapshots, sets consumers back, and rebuilds the read models, whose mark then agrees with the log.
///
/// # Errors
///
/// The log ends elsewhere, or something is away. It may be repeated.
pub async fn accept(settings: &Settings) -> Result<()> {
    logging::warnings();
    let connection = settings.installation.connect(NatsUser::Provision).await?;
    accept_log(&connection, settings.at).await.context("the log was not accepted")?;
    let projectors = settings.installation.connect(NatsUser::Projectors).await?;
    let pool = PgPool::connect(settings.installation.database_url()?.expose_secret())
        .await
        .context("Postgres is away")?;
    operations::rebuild_with_progress(&pool, &projectors, Verification::Skip).await?;
    println!("the log is accepted up to position {}", settings.at);
    Ok(())
}
