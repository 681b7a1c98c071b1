//! The sagas as a process.

use anyhow::Result;
use ticketshow_http::TrustedProxies;
use ticketshow_nats::server::users::NatsUser;
use ticketshow_sagas::Settings;

use crate::{
    config::{Demands, Sagas},
    services::{
        health::{Dependency, Health},
        host::{self, Started},
        start,
    },
};

/// Runs the sagas until shutdown.
///
/// # Errors
///
/// The address is taken, a setting is invalid, or the streams or tables do not match this version.
pub async fn sagas(settings: &Sagas) -> Result<()> {
    let Sagas { process, nats, data, rules, cards, mail } = settings;
    Demands::of(process).nats(nats).postgres(data).cards(cards).mail(mail).check()?;
    host::run("sagas", process, &TrustedProxies::default(), async |host| {
        let parties = start::parties(rules, cards, mail)?;
        let connection = start::nats(host, nats, NatsUser::Sagas, process.mode).await?;
        let connection = connection.with_wrapping_keys(rules.keys.persons.listed()?);
        start::known_secret(&connection, rules, start::Writes::Yes).await?;
        let pool = start::postgres(host, data).await?;
        start::saga_tables(&pool).await?;
        let (executor, gate) = start::executor(host, &connection, &pool, rules);
        let mut dependencies =
            start::writer_dependencies(host, &connection, gate, Dependency::Postgres(pool.clone()));
        dependencies.push(Dependency::Consumers(connection.clone()));
        let stop = host.stop.clone();
        host.work.spawn(ticketshow_sagas::run(
            Settings::default(),
            connection,
            executor,
            pool,
            parties,
            stop,
        ));
        let health = Health::of(dependencies);
        Ok(Started { public: health.for_everybody(), health })
    })
    .await
}
