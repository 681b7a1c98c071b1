//! Health of a process: `/healthz` for liveness, `/readyz` for readiness with the state of each dependency by name.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, http::StatusCode, routing::get};
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use ticketshow_command_api::PosterStore;
use ticketshow_http::error::chain;
use ticketshow_nats::{
    guard::gate::{Gate, GateState},
    log::history::Log,
    server::usage::{StreamUsage, Streams},
};
use ticketshow_projectors::search::SearchIndex;
use tokio::sync::watch;

/// Time within which a dependency must answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// A dependency of a service.
#[derive(Debug, Clone)]
pub enum Dependency {
    /// The log can be read.
    Nats(Log),
    /// The log has not diverged, so writes are allowed.
    LogGuard(Gate),
    /// The read models can be read.
    Postgres(PgPool),
    /// The streams have room. A warning only.
    Streams(Streams),
    /// The read models have the layout of this version.
    ReadModels(watch::Receiver<bool>),
    /// Commands find the aggregate of an id that is not in memory. Optional: most do not look for one.
    Routes(PgPool),
    /// Posters can be uploaded. Optional.
    Posters(PosterStore),
    /// The search index can be read. Optional: without it Postgres answers searches.
    OpenSearch(SearchIndex),
}

impl Dependency {
    fn name(&self) -> &'static str {
        match self {
            Self::Nats(_) => "nats",
            Self::LogGuard(_) => "log",
            Self::Postgres(_) | Self::Routes(_) => "postgres",
            Self::Streams(_) => "streams",
            Self::ReadModels(_) => "read-models",
            Self::Posters(_) => "s3",
            Self::OpenSearch(_) => "opensearch",
        }
    }

    /// Returns true if the service cannot work without it.
    fn is_required(&self) -> bool {
        match self {
            Self::Nats(_) | Self::LogGuard(_) | Self::Postgres(_) | Self::ReadModels(_) => true,
            Self::Routes(_) | Self::Streams(_) | Self::Posters(_) | Self::OpenSearch(_) => false,
        }
    }

    /// Returns `Ok`, or the reason why the dependency is unavailable or needs attention.
    async fn state(&self) -> Result<(), String> {
        match self {
            Self::Nats(log) => log.last_position().await.map(drop).map_err(|error| chain(&error)),
            Self::LogGuard(gate) => match gate.state() {
                GateState::Open => Ok(()),
                GateState::Checking => Err("being compared with the read models".to_owned()),
                GateState::Diverged { seen, last } => Err(format!(
                    "log-diverged: position {seen} had been projected, now the log ends at {last} or differs; \
                     writes are refused until `ticketshow admin accept-log --at {last}`"
                )),
            },
            Self::Streams(streams) => streams.usage().await.map_err(|error| chain(&error)).and_then(room),
            Self::OpenSearch(index) => index.position().await.map(drop).map_err(|error| chain(&error)),
            Self::Postgres(pool) | Self::Routes(pool) => {
                sqlx::query("SELECT 1").execute(pool).await.map(drop).map_err(|error| chain(&error))
            }
            Self::ReadModels(built) if *built.borrow() => Ok(()),
            Self::ReadModels(_) => Err("being built from the log".to_owned()),
            Self::Posters(store) => store.check().await.map_err(|error| chain(&error)),
        }
    }
}

/// Returns `Ok`, or names the streams that are nearly full.
fn room(streams: Vec<StreamUsage>) -> Result<(), String> {
    let nearly_full = streams.into_iter().filter(StreamUsage::is_nearly_full);
    let warnings: Vec<String> =
        nearly_full.map(|usage| format!("{} is {} % full", usage.stream, usage.percent())).collect();
    if warnings.is_empty() { Ok(()) } else { Err(warnings.join(", ")) }
}

/// Returns `GET /healthz`: this process answers.
pub fn alive() -> Router {
    Router::new().route("/healthz", get(async || Json(json!({"status": "alive"}))))
}

/// Returns `GET /healthz` and `GET /readyz`. The latter answers 200 if every required dependency is `ok`, else 503, with the
/// state of each dependency.
pub fn router(dependencies: Vec<Dependency>) -> Router {
    let dependencies = Arc::new(dependencies);
    alive().route("/readyz", get(move || ready(Arc::clone(&dependencies))))
}

async fn ready(dependencies: Arc<Vec<Dependency>>) -> (StatusCode, Json<Value>) {
    let mut states = Map::new();
    let mut ready = true;
    for dependency in &*dependencies {
        let state = tokio::time::timeout(PATIENCE, dependency.state()).await;
        let state = state.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())));
        ready &= state.is_ok() || !dependency.is_required();
        states.insert(dependency.name().to_owned(), json!(state.err().as_deref().unwrap_or("ok")));
    }
    let (status, word) =
        if ready { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    (status, Json(json!({"status": word, "dependencies": states})))
}
