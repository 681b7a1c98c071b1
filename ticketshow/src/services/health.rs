//! Health of a process: `/healthz` for liveness, `/readyz` for readiness with the state of each dependency by name. Causes are
//! for operators only: they contain addresses.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{Json, Router, http::StatusCode, routing::get};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::PgPool;
use ticketshow_command_api::PosterStore;
use ticketshow_http::error::chain;
use ticketshow_nats::{
    guard::gate::{Gate, GateState},
    log::history::Log,
    server::{
        connection::Connection,
        usage::{StreamUsage, Streams},
    },
};
use ticketshow_projectors::search::SearchIndex;
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};

/// Time within which a dependency must answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time for which an answer is repeated, so that callers do not load the dependencies.
const REPEATED: Duration = Duration::from_secs(1);

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
    /// The consumers of the sagas exist. Without one, what it would deliver waits.
    Consumers(Connection),
    /// The read models follow the log.
    Projections(PgPool),
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
            Self::Consumers(_) => "consumers",
            Self::Projections(_) => "projections",
            Self::ReadModels(_) => "read-models",
            Self::Posters(_) => "s3",
            Self::OpenSearch(_) => "opensearch",
        }
    }

    /// Returns true if the service cannot work without it.
    fn is_required(&self) -> bool {
        match self {
            Self::Nats(_)
            | Self::LogGuard(_)
            | Self::Postgres(_)
            | Self::ReadModels(_)
            | Self::Consumers(_)
            | Self::Projections(_) => true,
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
            Self::Consumers(connection) => {
                let missing = connection.missing_consumers().await.map_err(|error| chain(&error))?;
                no_warnings(missing.into_iter().map(|name| format!("{name} is missing")))
            }
            Self::Projections(pool) => {
                let halted = halted(pool).await.map_err(|error| chain(&error))?;
                no_warnings(halted.into_iter().map(|(name, why)| format!("{name} halted: {why}")))
            }
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

/// Returns the read models that stopped, with the reason.
async fn halted(pool: &PgPool) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as("SELECT name, halted FROM read.checkpoint WHERE halted IS NOT NULL ORDER BY name")
        .fetch_all(pool)
        .await
}

/// Returns `Ok`, or names the streams that are nearly full.
fn room(streams: Vec<StreamUsage>) -> Result<(), String> {
    let nearly_full = streams.into_iter().filter(StreamUsage::is_nearly_full);
    no_warnings(nearly_full.map(|usage| format!("{} is {} % full", usage.stream, usage.percent())))
}

fn no_warnings(warnings: impl Iterator<Item = String>) -> Result<(), String> {
    let warnings: Vec<String> = warnings.collect();
    if warnings.is_empty() { Ok(()) } else { Err(warnings.join(", ")) }
}

/// Returns `GET /healthz`: this process answers.
pub fn alive() -> Router {
    Router::new().route("/healthz", get(async || Json(json!({"status": "alive"}))))
}

/// Readiness of a service.
#[derive(Debug, Clone)]
pub struct Health(Arc<Checks>);

#[derive(Debug)]
struct Checks {
    dependencies: Vec<Dependency>,
    last: Mutex<Option<(Instant, Readiness)>>,
}

/// The state of each dependency at one moment.
#[derive(Debug, Clone)]
struct Readiness {
    is_ready: bool,
    /// By name: `Ok`, or the reason why the dependency is unavailable or needs attention.
    states: BTreeMap<&'static str, Result<(), String>>,
}

impl Health {
    /// The service is ready if every required dependency is `ok`.
    pub fn of(dependencies: Vec<Dependency>) -> Self {
        Self(Arc::new(Checks { dependencies, last: Mutex::default() }))
    }

    /// Returns `GET /healthz` and `GET /readyz` for all clients: each dependency is `ok` or `failed`.
    pub fn for_everybody(&self) -> Router {
        self.router(|_| "failed")
    }

    /// Returns `GET /healthz` and `GET /readyz` with the causes.
    pub fn for_operators(&self) -> Router {
        self.router(|cause| cause)
    }

    fn router(&self, shown: fn(&str) -> &str) -> Router {
        let health = self.clone();
        alive().route("/readyz", get(async move || health.readiness().await.answer(shown)))
    }

    /// Returns the readiness of now, or of less than a second ago. One of several concurrent callers checks the dependencies.
    async fn readiness(&self) -> Readiness {
        let mut last = self.0.last.lock().await;
        if let Some((at, readiness)) = &*last
            && at.elapsed() < REPEATED
        {
            return readiness.clone();
        }
        let readiness = Readiness::check(&self.0.dependencies).await;
        *last = Some((Instant::now(), readiness.clone()));
        readiness
    }
}

impl Readiness {
    async fn check(dependencies: &[Dependency]) -> Self {
        let states = join_all(dependencies.iter().map(async |dependency| {
            let state = tokio::time::timeout(PATIENCE, dependency.state()).await;
            let state = state.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())));
            (dependency, state)
        }));
        let states = states.await;
        let is_ready = states.iter().all(|(dependency, state)| state.is_ok() || !dependency.is_required());
        let states = states.into_iter().map(|(dependency, state)| (dependency.name(), state)).collect();
        Self { is_ready, states }
    }

    fn answer(&self, shown: fn(&str) -> &str) -> (StatusCode, Json<Value>) {
        let states: BTreeMap<_, _> = self
            .states
            .iter()
            .map(|(name, state)| (*name, state.as_ref().map_or_else(|cause| shown(cause), |()| "ok")))
            .collect();
        let (status, word) = if self.is_ready {
            (StatusCode::OK, "ready")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready")
        };
        (status, Json(json!({"status": word, "dependencies": states})))
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn ask(router: Router) -> (u16, Value) {
        let request = Request::get("/readyz").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_see_words_and_operators_causes_and_both_are_repeated_for_a_second() {
        let (built, is_built) = watch::channel(false);
        let health = Health::of(vec![Dependency::ReadModels(is_built), Dependency::LogGuard(Gate::open())]);
        let answer = |word: &str, state: &str| json!({"status": word, "dependencies": {"read-models": state, "log": "ok"}});

        assert_eq!(ask(health.for_everybody()).await, (503, answer("not ready", "failed")));
        let cause = answer("not ready", "being built from the log");
        assert_eq!(ask(health.for_operators()).await, (503, cause));

        built.send_replace(true);
        assert_eq!(ask(health.for_everybody()).await.0, 503, "the answer is repeated");
        tokio::time::advance(REPEATED).await;
        assert_eq!(ask(health.for_everybody()).await, (200, answer("ready", "ok")));
    }
}
