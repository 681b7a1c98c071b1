//! All services in one process, with one executor.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{self, Next},
    response::IntoResponse,
};
use sqlx::PgPool;
use ticketshow_http::{Edge, Problem, complete_with};
use ticketshow_nats::{
    consumers::{audit::AuditTrail, mails::Mails, parked::Parked},
    executor::Executor,
    kv::{persons::Persons, sessions::Sessions},
    log::history::Log,
    server::{connection::Connection, usage::Streams, users::NatsUser},
};
use ticketshow_projectors::search::SearchIndex;
use ticketshow_sagas::SagaDependencies;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Data, Posters, Serve, Service, Web},
    services::{
        command_api, docs,
        health::{Dependency, Health},
        host::{self, Started},
        previews::Previews,
        start::{self, Writes},
        web,
    },
};

/// Pause that a client is asked for while the read models are built.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Runs all services and serves the web app until shutdown. Commands need no read models, so they are served while these are
/// built; queries answer 503 until then.
///
/// # Errors
///
/// The address is taken, a setting is invalid, or the streams or tables do not match this version.
pub async fn serve(settings: &Serve) -> Result<()> {
    let Serve {
        service: Service { process, nats, data, rules, callers, cards, mail, posters, search, passes },
        web,
    } = settings;
    settings.service.meet_demands()?;
    host::run("serve", process, &callers.trusted_proxies, async |host| {
        let edge = start::edge(process.mode, rules, callers, mail)?;
        let parties = start::parties(rules, cards, mail)?;
        let connection = start::nats(host, nats, NatsUser::Serve, process.mode).await?;
        let keys = rules.keys.persons.listed_or_derived(rules.secret.as_ref())?;
        let connection = start::wrap_again(host, connection.with_wrapping_keys(keys));
        start::known_secret(&connection, rules, Writes::Yes).await?;
        let pool = start::lazy_postgres(data)?;

        // The executor has its own connection, so that replies to its commits do not queue behind the stream of events.
        let writing = start::nats(host, nats, NatsUser::Serve, process.mode).await?;
        let (executor, gate) = start::executor(host, &writing, &pool, rules);
        let (poster_store, tables) = (start::poster_store(host, posters)?, data.read_pool()?);
        // The sagas of this process open no page without it.
        let notices = if cards.dodo_api_key.is_some() { cards.notices()? } else { None };
        let (reading, store) = (tables.clone(), poster_store.clone());
        let commands = command_api::app(
            &settings.service,
            &connection,
            executor.clone(),
            reading,
            &edge,
            store,
            notices,
        )?;
        let queries = ticketshow_query_api::App::new(ticketshow_query_api::Parts {
            log: Log::new(&connection),
            sessions: Sessions::new(&connection),
            persons: Persons::new(&connection),
            parked: Parked::new(&connection),
            mails: Mails::new(&connection),
            audit: AuditTrail::new(&connection),
            streams: Streams::new(&connection),
            database: tables,
            search: start::searched(search)?,
            edge: edge.clone(),
            currency: rules.currency,
            policy: rules.policy.policy(),
            ticket_keys: rules.keys.verifying_ticket_keys(rules.secret.as_ref())?,
            posters: posters.addresses(),
            passes: start::passes(rules, passes)?,
            stop: host.stop.clone(),
        });

        let (index, (built, is_built)) = (start::indexed(search)?, watch::channel(false));
        host.need(build_and_follow(Followers {
            data: data.clone(),
            pool: pool.clone(),
            connection,
            executor,
            parties,
            index: index.clone(),
            built,
            stop: host.stop.clone(),
        }));
        command_api::create_administrator(host, &commands, callers).await?;

        let postgres = Dependency::Postgres(pool.clone());
        let mut dependencies = start::writer_dependencies(host, &writing, gate, postgres);
        dependencies.extend(of_followers(writing, pool, is_built.clone(), index));
        dependencies.extend(poster_store.map(Dependency::Posters));
        let health = Health::of(dependencies);
        let queries = once_built(ticketshow_query_api::router(queries), is_built);
        let apis = queries.merge(ticketshow_command_api::router(commands));
        let previews = Previews::new(apis.clone(), &mail.origin);
        Ok(Started { public: site(apis, &health, web, posters, previews, &edge), health })
    })
    .await
}

/// Returns the public routes: the APIs and their document, health, and the web app for all other paths.
fn site(
    apis: Router,
    health: &Health,
    web: &Web,
    posters: &Posters,
    previews: Previews,
    edge: &Arc<Edge>,
) -> Router {
    let router = apis.merge(docs::router()).merge(health.for_everybody());
    let pages = web::pages(&web.folder, posters.addresses().origin().as_ref(), previews);
    complete_with(router, pages, edge)
}

/// Everything that follows the log, and its dependencies.
struct Followers {
    data: Data,
    pool: PgPool,
    connection: Connection,
    executor: Executor,
    parties: SagaDependencies,
    index: Option<SearchIndex>,
    /// Becomes true once the read models have the layout of this version.
    built: watch::Sender<bool>,
    stop: CancellationToken,
}

/// Returns the dependencies of the followers of the log, and the checks that they keep up.
fn of_followers(
    connection: Connection,
    pool: PgPool,
    is_built: watch::Receiver<bool>,
    index: Option<SearchIndex>,
) -> impl Iterator<Item = Dependency> {
    let required =
        [Dependency::Consumers(connection), Dependency::Projections(pool), Dependency::ReadModels(is_built)];
    required.into_iter().chain(index.map(Dependency::OpenSearch))
}

/// Migrates the tables, then runs projectors, sagas and search index until shutdown.
async fn build_and_follow(followers: Followers) -> Result<()> {
    let Followers { data, pool, connection, executor, parties, index, built, stop } = followers;
    let migrated = stop.run_until_cancelled(async {
        start::await_postgres(&data).await?;
        start::read_models(&connection, &pool, &stop).await?;
        start::saga_tables(&pool).await
    });
    let Some(migrated) = migrated.await else { return Ok(()) };
    migrated?;
    built.send_replace(true);
    let mut work = JoinSet::new();
    if let Some(index) = index.clone() {
        work.spawn(ticketshow_projectors::search::follow(pool.clone(), index, stop.clone()));
    }
    work.spawn({
        let (pool, connection, stop) = (pool.clone(), connection.clone(), stop.clone());
        async move { ticketshow_projectors::run(pool, &connection, index, stop).await }
    });
    let sagas = ticketshow_sagas::Settings::default();
    work.spawn(ticketshow_sagas::run(sagas, connection, executor, pool, parties, stop));
    // A panic in one of them does not end the others.
    while work.join_next().await.is_some() {}
    Ok(())
}

/// Answers queries with 503 `read-models` until the read models are built.
fn once_built(queries: Router, is_built: watch::Receiver<bool>) -> Router {
    queries.route_layer(middleware::from_fn(move |request: Request, next: Next| {
        let is_built = *is_built.borrow();
        async move {
            if is_built {
                return next.run(request).await;
            }
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "read-models",
                "The data is being rebuilt, try again soon",
            )
            .retry_after(RETRY_AFTER)
            .into_response()
        }
    }))
}
