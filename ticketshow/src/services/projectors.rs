//! The projectors, alone.

use anyhow::Result;
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
    let Projectors { process, nats, data, search } = settings;
    host::run(process, async |host| {
        let connection = start::nats(host, nats, NatsUser::Projectors, process.mode).await?;
        let pool = start::postgres(host, data).await?;
        start::read_models(host, &connection, &pool).await?;
        let index = start::indexed(search)?;
        let mut dependencies =
            vec![Dependency::Nats(Log::new(&connection)), Dependency::Postgres(pool.clone())];
        dependencies.extend(index.clone().map(Dependency::OpenSearch));
        let stop = host.stop.clone();
        if let Some(index) = index.clone() {
            host.work.spawn(ticketshow_projectors::search::follow(pool.clone(), index, stop.clone()));
        }
        host.work.spawn(async move { ticketshow_projectors::run(pool, &connection, index, stop).await });
        Ok(health::router(dependencies))
    })
    .await
}
