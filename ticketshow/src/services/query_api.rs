//! The query API as a process.

use anyhow::Result;
use ticketshow_http::complete;
use ticketshow_nats::{
    consumers::{audit::AuditTrail, mails::Mails, parked::Parked},
    kv::{persons::Persons, sessions::Sessions},
    log::history::Log,
    server::{usage::Streams, users::NatsUser},
};
use ticketshow_query_api::{App, Parts};

use crate::{
    config::{Demands, Service},
    services::{
        docs,
        health::{Dependency, Health},
        host::{self, Started},
        start,
    },
};

/// Serves queries until shutdown.
///
/// # Errors
///
/// The address is taken, a setting is invalid, or the streams do not match this version.
pub async fn query_api(settings: &Service) -> Result<()> {
    let Service { process, nats, data, rules, callers, cards: _, mail, posters, search, passes } = settings;
    Demands::of(process).nats(nats).postgres(data).search(search).check()?;
    host::run("query-api", process, &callers.trusted_proxies, async |host| {
        let edge = start::edge(process.mode, rules, callers, mail)?;
        let connection = start::nats(host, nats, NatsUser::QueryApi, process.mode).await?;
        let connection = connection.with_wrapping_keys(rules.keys.persons.listed()?);
        start::known_secret(&connection, rules, start::Writes::No).await?;
        let log = Log::new(&connection);
        let database = data.read_pool()?;
        let app = App::new(Parts {
            log: log.clone(),
            sessions: Sessions::new(&connection),
            persons: Persons::new(&connection),
            parked: Parked::new(&connection),
            mails: Mails::new(&connection),
            audit: AuditTrail::new(&connection),
            streams: Streams::new(&connection),
            database: database.clone(),
            search: start::searched(search)?,
            edge: edge.clone(),
            currency: rules.currency,
            policy: rules.policy.policy(),
            ticket_keys: rules.keys.verifying_ticket_keys(rules.secret.as_ref())?,
            posters: posters.addresses(),
            passes: start::passes(rules, passes)?,
            stop: host.stop.clone(),
        });
        let router = ticketshow_query_api::router(app).merge(docs::router());
        let streams = start::streams(host, &connection);
        let mut dependencies = vec![Dependency::Nats(log), Dependency::Postgres(database), streams];
        dependencies.extend(start::indexed(search)?.map(Dependency::OpenSearch));
        let health = Health::of(dependencies);
        let public = complete(router.merge(health.for_everybody()), &edge);
        Ok(Started { public, health })
    })
    .await
}
