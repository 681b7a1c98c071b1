//! Whether a process is alive, and whether it can do its work: each thing it depends on by name, and what it can do without.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use ticketshow_command_api::PosterStore;
use ticketshow_nats::{Gate, Log, Shut};
use ticketshow_projectors::search::SearchIndex;

/// Whoever has not answered by then is away.
const PATIENCE: Duration = Duration::from_secs(1);

/// One thing that a service works with.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there are a few of them in a process")]
pub enum Dependency {
    /// The log can be read.
    Nats(Log),
    /// The log did not go backwards, so it may be written.
    LogGuard(Gate),
    /// The read models can be read.
    Postgres(PgPool),
    /// Posters can be uploaded. Without it everything else goes on.
    Posters(PosterStore),
    /// There is a search index. Without it Postgres answers searches, so nothing waits for it.
    OpenSearch(SearchIndex),
}

impl Dependency {
    fn name(&self) -> &'static str {
        match self {
            Self::Nats(_) => "nats",
            Self::LogGuard(_) => "log",
            Self::Postgres(_) => "postgres",
            Self::Posters(_) => "s3",
            Self::OpenSearch(_) => "opensearch",
        }
    }

    /// Whether the service is of no use without it.
    fn is_needed(&self) -> bool {
        match self {
            Self::Nats(_) | Self::LogGuard(_) | Self::Postgres(_) => true,
            Self::Posters(_) | Self::OpenSearch(_) => false,
        }
    }

    /// `ok`, or why not.
    async fn state(&self) -> Result<(), String> {
        match self {
            Self::Nats(log) => log.last_position().await.map(drop).map_err(|error| chain(&error)),
            Self::LogGuard(gate) => match gate.state() {
                Shut::Open => Ok(()),
                Shut::Checking => Err("being compared with the read models".to_owned()),
                Shut::Diverged { seen, last } => Err(format!(
                    "log-diverged: position {seen} had been projected, now the log ends at {last} or differs; \
                     writes are refused until `ticketshow admin accept-log --at {last}`"
                )),
            },
            Self::OpenSearch(index) => index.position().await.map(drop).map_err(|error| chain(&error)),
            Self::Postgres(pool) => {
                sqlx::query("SELECT 1").execute(pool).await.map(drop).map_err(|error| chain(&error))
            }
            Self::Posters(store) => store.check().await.map_err(|error| chain(&error)),
        }
    }
}

/// `GET /healthz`: this process answers.
pub fn alive() -> Router {
    Router::new().route("/healthz", get(async || Json(json!({"status": "alive"}))))
}

/// The same, and `GET /readyz`: 200 with every dependency that is needed `ok`, else 503; and why.
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
        ready &= state.is_ok() || !dependency.is_needed();
        states.insert(dependency.name().to_owned(), json!(state.err().as_deref().unwrap_or("ok")));
    }
    let (status, word) =
        if ready { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    (status, Json(json!({"status": word, "dependencies": states})))
}

/// An error with its causes. Addresses may be among them: for the operator's page only.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
