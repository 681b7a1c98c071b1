//! The queries, alone.

use anyhow::{Context, Result};
use axum::Router;
use ticketshow_http::complete;
use ticketshow_nats::{Log, NatsUser, Parked, Sessions};
use ticketshow_query_api::{App, Parts};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::health::{self, Dependency};
use super::{docs, host, start};
use crate::config::Service;

/// Serves queries until told to stop.
///
/// # Errors
///
/// The address is taken, a setting makes no sense, or the streams are not as they must be.
pub async fn query_api(settings: &Service) -> Result<()> {
    let Service { process, nats, data, rules, callers } = settings;
    host::run(process, async |host| {
        let edge = start::edge(rules, callers)?;
        let connection = start::nats(host, nats, NatsUser::QueryApi, process.mode).await?;
        let log = Log::new(&connection);
        let database = ticketshow_query_api::pool(data.database_url.expose()).context("DATABASE_URL")?;
        let app = App::new(Parts {
            log: log.clone(),
            sessions: Sessions::new(&connection),
            parked: Parked::new(&connection),
            database: database.clone(),
            edge: edge.clone(),
            currency: rules.currency,
        });
        let (queries, document) = routes(app);
        let router = queries.merge(docs::router(document, ticketshow_command_api::openapi()));
        let dependencies = vec![Dependency::Nats(log), Dependency::Postgres(database)];
        Ok(complete(router, &edge).merge(health::router(dependencies)))
    })
    .await
}

/// The queries below `/api/v1`, and what the OpenAPI document says of them.
pub fn routes(app: App) -> (Router, OpenApi) {
    OpenApiRouter::new().nest("/api/v1", ticketshow_query_api::router(app)).split_for_parts()
}
