//! The metrics of a process, for Prometheus to scrape.

use std::time::Duration;

use axum::{Router, http::header, routing::get};
use jiff::Timestamp;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the histogram buckets, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// Interval of [`Metrics::keep_up`].
const UPKEEP: Duration = Duration::from_secs(5);

/// The recorder of everything that the process measures through the crate `metrics`.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder of a process that began at `started`. Once per process.
    ///
    /// # Errors
    ///
    /// If a recorder is already installed.
    pub fn install(started: Timestamp) -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new().set_buckets(&SECONDS)?.install_recorder()?;
        // The usual name in Prometheus. A change of its value shows a restart.
        metrics::gauge!("process_start_time_seconds").set(started.as_duration().as_secs_f64());
        Ok(Self(recorder))
    }

    /// Folds measurements into the buckets periodically. Without it, they accumulate in memory between scrapes. Never
    /// returns.
    pub async fn keep_up(self) {
        let mut rounds = tokio::time::interval(UPKEEP);
        loop {
            rounds.tick().await;
            self.0.run_upkeep();
        }
    }

    /// `GET /metrics`.
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let render = move || {
            let text = self.0.render();
            async { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
        };
        Router::new().route("/metrics", get(render))
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}
