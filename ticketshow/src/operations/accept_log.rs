//! `ticketshow admin accept-log`: accepts a log that is shorter than before or differs, after a restore.

use anyhow::{Context, Result};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use ticketshow_nats::{guard::log_guard::accept_log, server::users::NatsUser};
use ticketshow_projectors::Verification;

use crate::{
    config::{Installation, PersonKeySettings},
    logging,
    operations::replay::rebuild_with_progress,
};

/// The installation and the end of its log.
#[derive(Debug, Args)]
pub struct Settings {
    #[command(flatten)]
    installation: Installation,

    #[command(flatten)]
    persons: PersonKeySettings,

    /// The installation secret, from which the keys of persons are derived unless they are listed. Default: the local stack's.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    secret: Option<SecretString>,

    /// Position at which the log ends, as a confirmation.
    #[arg(long)]
    at: u64,
}

/// Discards newer snapshots, resets consumers, makes the sagas start over, and rebuilds the read models, whose mark then
/// agrees with the log. Services may be running.
///
/// # Errors
///
/// The log ends elsewhere, or a server is unreachable. The operation may be repeated.
pub async fn accept(settings: &Settings) -> Result<()> {
    logging::warnings();
    let connection = settings.installation.connect(NatsUser::Provision).await?;
    accept_log(&connection, settings.at).await.context("the log was not accepted")?;
    let projectors = settings.installation.connect(NatsUser::Projectors).await?;
    let secret = settings.installation.secret(settings.secret.as_ref()).ok();
    let projectors = projectors.with_wrapping_keys(settings.persons.listed_or_derived(secret.as_ref())?);
    let pool = PgPool::connect(settings.installation.database_url()?.expose_secret())
        .await
        .context("Postgres is unreachable")?;
    // An installation that never ran has no tables of the sagas yet.
    ticketshow_sagas::migrate(&pool).await.context("the tables of the sagas are not usable")?;
    ticketshow_sagas::start_over(&pool).await.context("the sagas did not start over")?;
    rebuild_with_progress(&pool, &projectors, Verification::Skip).await?;
    println!("the log is accepted up to position {}", settings.at);
    Ok(())
}
