//! `ticketshow admin restore`: fills new servers from a backup.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use ticketshow_nats::server::{copies::Copies, topology::provision, users::NatsUser};
use ticketshow_sagas::{expect_new_database, restore_tables};

use crate::{
    config::{Installation, Topology},
    logging,
    operations::backup::manifest::Manifest,
};

/// The new installation and the folder of the backup.
#[derive(Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    installation: Installation,

    #[command(flatten)]
    topology: Topology,

    /// The installation secret, the same as at the backup. Default: the local stack's.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    secret: Option<SecretString>,

    /// Folder of the backup.
    #[arg(long)]
    from: PathBuf,
}

/// Restores into a new nats-server and a new database. The consumers continue where they were, so nothing is paid, refunded
/// or mailed again; the read models are built from the log when the services start.
///
/// # Errors
///
/// The backup is incomplete or of another secret, the servers are not new, or one is unreachable. After a failure begin again
/// with new servers.
pub async fn restore(settings: &Restore) -> Result<()> {
    logging::warnings();
    let Restore { installation, topology, secret, from } = settings;
    let manifest = Manifest::read(from)?;
    manifest.check_secret(&installation.secret(secret.as_ref())?)?;
    let connection = installation.connect(NatsUser::Provision).await?;
    let copies = Copies::new(&connection);
    copies.expect_new_server().await?;
    let pool = PgPool::connect(installation.database_url()?.expose_secret()).await;
    let pool = pool.context("Postgres is unreachable")?;
    expect_new_database(&pool).await?;

    let topology = topology.settings();
    for stream in &manifest.streams {
        let file = from.join(format!("{}.stream", stream.name));
        let restored = copies.restore(stream, &file, topology.replicas).await;
        restored.with_context(|| format!("cannot restore {}", stream.name))?;
    }
    provision(&connection, &topology).await.context("cannot create the consumers")?;
    copies.resume_after(&manifest.ack_floors).await.context("cannot set the consumers")?;
    restore_tables(&pool, &manifest.tables, from).await?;
    println!(
        "restored the backup of {} (version {}); start the services, then run `ticketshow verify`",
        manifest.created_at, manifest.version
    );
    Ok(())
}
