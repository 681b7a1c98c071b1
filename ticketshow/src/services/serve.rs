//! All services in one process, with one executor.

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use ticketshow_http::complete;
use ticketshow_nats::{
    consumers::{mails::Mails, parked::Parked},
    kv::sessions::Sessions,
    log::history::Log,
    server::{usage::Streams, users::NatsUser},
};

use crate::{
    config::{Serve, Service},
    services::{
        command_api, docs,
        health::{self, Dependency},
        host, start, web,
    },
};

/// Runs all services and serves the web app until shutdown.
///
/// # Errors
///
/// The address is taken, a setting is invalid, or the streams or tables do not match this version.
pub async fn serve(settings: &Serve) -> Result<()> {
    let Serve { service: Service { process, nats, data, rules, callers, cards, mail, posters, search }, web } =
        settings;
    host::run(process, async |host| {
        let edge = start::edge(rules, callers)?;
        let parties = start::parties(rules, cards, mail)?;
        let connection = start::nats(host, nats, NatsUser::Serve, process.mode).await?;
        let pool = start::postgres(host, data).await?;
        start::read_models(host, &connection, &pool).await?;
        ticketshow_sagas::migrate(&pool).await.context("cannot migrate the tables of the sagas")?;

        // The executor has its own connection, so that replies to its commits do not queue behind the stream of events.
        let writing = start::nats(host, nats, NatsUser::Serve, process.mode).await?;
        let (executor, gate) = start::executor(host, &writing, &pool, rules);
        let (log, sessions, parked) =
            (Log::new(&connection), Sessions::new(&connection), Parked::new(&connection));
        let poster_store = start::poster_store(host, posters)?;
        let tables = ticketshow_query_api::pool(data.database_url.expose_secret()).context("DATABASE_URL")?;
        let commands = ticketshow_command_api::App::new(ticketshow_command_api::Parts {
            connection: connection.clone(),
            executor: executor.clone(),
            log: log.clone(),
            sessions: sessions.clone(),
            parked: parked.clone(),
            database: tables.clone(),
            edge: edge.clone(),
            currency: rules.currency,
            password_cost: ticketshow_command_api::PasswordCost::default(),
            notices: cards.notices()?,
            tickets: start::verifier(rules)?,
            poster_store: poster_store.clone(),
            posters: posters.addresses(),
        });
        let queries = ticketshow_query_api::App::new(ticketshow_query_api::Parts {
            log: log.clone(),
            sessions,
            parked,
            mails: Mails::new(&connection),
            streams: Streams::new(&connection),
            database: tables,
            search: start::searched(search)?,
            edge: edge.clone(),
            currency: rules.currency,
            policy: rules.policy.policy(),
            posters: posters.addresses(),
            stop: host.stop.clone(),
        });

        let index = start::indexed(search)?;
        let (stop, work) = (host.stop.clone(), &mut host.work);
        if let Some(index) = index.clone() {
            work.spawn(ticketshow_projectors::search::follow(pool.clone(), index, stop.clone()));
        }
        work.spawn({
            let (pool, connection, index, stop) =
                (pool.clone(), connection.clone(), index.clone(), stop.clone());
            async move { ticketshow_projectors::run(pool, &connection, index, stop).await }
        });
        let sagas = ticketshow_sagas::Settings::default();
        work.spawn(ticketshow_sagas::run(sagas, connection, executor, pool.clone(), parties, stop));
        command_api::create_administrator(host, &commands, callers).await?;

        let mut dependencies = start::writer_dependencies(host, &writing, gate, Dependency::Postgres(pool));
        dependencies.extend(poster_store.map(Dependency::Posters));
        dependencies.extend(index.map(Dependency::OpenSearch));
        let router = ticketshow_query_api::router(queries)
            .merge(ticketshow_command_api::router(commands))
            .merge(docs::router());
        let api = complete(router, &edge).merge(health::router(dependencies));
        Ok(web::around(api, &web.folder))
    })
    .await
}
