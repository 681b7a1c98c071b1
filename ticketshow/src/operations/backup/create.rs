//! `ticketshow admin backup`: copies an installation while it is running.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use ticketshow_nats::{
    clock,
    server::{
        copies::{COPIED, Copies},
        users::NatsUser,
    },
};
use ticketshow_sagas::copy_tables;

use crate::{config::Installation, logging, operations::backup::manifest::Manifest};

/// The installation and the folder of the backup.
#[derive(Debug, Args)]
pub struct Backup {
    #[command(flatten)]
    installation: Installation,

    /// The installation secret, of which the backup holds a fingerprint. Default: the local stack's.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    secret: Option<SecretString>,

    /// Folder to create. It will contain personal data: keep it like the installation itself.
    #[arg(long)]
    to: PathBuf,
}

/// Copies the progress of the consumers first and the log last. Messages that arrive in between are at worst
/// processed again, which changes nothing, and nothing in the copy refers to a commit that the copied log lacks.
///
/// # Errors
///
/// A server is unreachable, or the folder exists. An incomplete backup has no manifest.
pub async fn create(settings: &Backup) -> Result<()> {
    logging::warnings();
    let Backup { installation, secret, to } = settings;
    let secret = installation.secret(secret.as_ref())?;
    let copies = Copies::new(&installation.connect(NatsUser::Provision).await?);
    let pool = PgPool::connect(installation.database_url()?.expose_secret()).await;
    let pool = pool.context("Postgres is unreachable")?;
    // For its owner only: it holds addresses and password hashes.
    let created = tokio::fs::DirBuilder::new().mode(0o700).create(to).await;
    created.with_context(|| format!("cannot create {}", to.display()))?;

    let created_at = clock::now();
    let ack_floors = copies.ack_floors().await.context("cannot read the progress of the consumers")?;
    let tables = copy_tables(&pool, to).await?;
    let mut streams = Vec::with_capacity(COPIED.len());
    for stream in COPIED {
        if !copies.has(stream).await? {
            continue;
        }
        let file = to.join(format!("{stream}.stream"));
        streams.push(copies.copy(stream, &file).await.with_context(|| format!("cannot copy {stream}"))?);
    }
    Manifest::new(created_at, &secret, ack_floors, tables, streams)?.write(to)?;
    println!("{} holds a backup as of {created_at}; keep the installation secret with it", to.display());
    Ok(())
}
