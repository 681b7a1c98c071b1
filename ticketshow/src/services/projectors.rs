//! The projectors as a process.

use anyhow::Result;
use ticketshow_http::TrustedProxies;
use ticketshow_nats::{log::history::Log, server::users::NatsUser};

use crate::{
    config::{Demands, Projectors},
    services::{
        health::{Dependency, Health},
        host::{self, Started},
        start,
    },
};

/// Updates the read models from the log until shutdown.
///
/// # Errors
///
/// The address is taken, a setting is invalid, or the streams or tables do not match this version.
pub async fn projectors(settings: &Projectors) -> Result<()> {
    let Projectors { process, nats, data, persons, search } = settings;
    Demands::of(process).nats(nats).postgres(data).search(search).check()?;
    host::run("projectors", process, &TrustedProxies::default(), async |host| {
        let connection = start::nats(host, nats, NatsUser::Projectors, process.mode).await?;
        let connection = connection.with_wrapping_keys(persons.listed()?);
        let pool = start::postgres(host, data).await?;
        host.await_part("read-models");
        start::read_models(&connection, &pool, &host.stop).await?;
        let index = start::indexed(search)?;
        let mut dependencies = vec![
            Dependency::Nats(Log::new(&connection)),
            Dependency::Postgres(pool.clone()),
            Dependency::Projections(pool.clone()),
            start::streams(host, &connection),
        ];
        dependencies.extend(index.clone().map(Dependency::OpenSearch));
        let stop = host.stop.clone();
        if let Some(index) = index.clone() {
            host.work.spawn(ticketshow_projectors::search::follow(pool.clone(), index, stop.clone()));
        }
        host.work.spawn(async move { ticketshow_projectors::run(pool, &connection, index, stop).await });
        let health = Health::of(dependencies);
        Ok(Started { public: health.for_everybody(), health })
    })
    .await
}
