//! The projectors, alone.

use anyhow::{Context, Result};
use ticketshow_nats::{Log, NatsUser};

use super::health::{self, Dependency};
use super::{host, start};
use crate::config::Projectors;

/// Keeps the read models up with the log until told to stop.
///
/// # Errors
///
/// The address is taken, a setting makes no sense, or the streams or tables are not as they must be.
pub async fn projectors(settings: &Projectors) -> Result<()> {
    let Projectors { process, nats, data } = settings;
    host::run(process, async |host| {
        let connection = start::nats(host, nats, NatsUser::Projectors, process.mode).await?;
        let pool = start::postgres(host, data).await?;
        ticketshow_projectors::migrate(&pool).await.context("cannot bring the read models up to date")?;
        let dependencies = vec![Dependency::Nats(Log::new(&connection)), Dependency::Postgres(pool.clone())];
        let stop = host.stop.clone();
        host.work.spawn(async move { ticketshow_projectors::run(pool, &connection, stop).await });
        Ok(health::router(dependencies))
    })
    .await
}
