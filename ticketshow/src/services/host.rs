//! A process that serves HTTP: first only `/healthz` and `/readyz`, then all routes, until shutdown.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{
    Router, extract::connect_info::IntoMakeServiceWithConnectInfo, http::StatusCode, routing::get,
    serve::ListenerExt,
};
use serde_json::json;
use ticketshow_http::{Metrics, Problem, sync::lock};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{config::Process, logging, services::health, stop};

/// Time that requests and background tasks have to finish after the shutdown signal.
const PATIENCE: Duration = Duration::from_secs(10);

/// The process around a service that starts.
#[derive(Debug)]
pub struct Host {
    /// Cancelled at shutdown.
    pub stop: CancellationToken,
    /// Background tasks, which run until `stop` and are awaited before the process exits.
    pub work: JoinSet<()>,
    awaited: Arc<Mutex<&'static str>>,
    failure: Arc<Mutex<Option<anyhow::Error>>>,
}

impl Host {
    /// Runs work in the background that the service needs. If it fails, the process stops with its error.
    pub fn need(&mut self, work: impl Future<Output = Result<()>> + Send + 'static) {
        let (stop, failure) = (self.stop.clone(), Arc::clone(&self.failure));
        self.work.spawn(async move {
            if let Err(error) = work.await
                && !stop.is_cancelled()
            {
                *lock(&failure) = Some(error);
                stop.cancel();
            }
        });
    }

    /// Shows on `/readyz` that the service waits for `part`.
    pub fn await_part(&self, part: &'static str) {
        *lock(&self.awaited) = part;
    }
}

/// Runs a service: `start` waits for its dependencies and returns the routes.
///
/// # Errors
///
/// The address is taken, or `start` failed.
pub async fn run(process: &Process, start: impl AsyncFnOnce(&mut Host) -> Result<Router>) -> Result<()> {
    let listen = &process.listen;
    logging::start(&process.logging)?;
    let metrics = Metrics::install().context("cannot install metrics")?;
    let stop = stop::on_signal()?;
    let listener = listen_on(listen).await?;
    let failure = Arc::new(Mutex::new(None));
    let mut host = Host {
        stop: stop.clone(),
        work: JoinSet::new(),
        awaited: Arc::new(Mutex::new("nothing")),
        failure: Arc::clone(&failure),
    };

    let started = CancellationToken::new();
    let early = serve(&listener, not_ready(&host.awaited), started.clone())?;
    let early = tokio::spawn(early);
    let router = tokio::select! {
        router = start(&mut host) => router?.merge(metrics.clone().router()),
        () = stop.cancelled() => return failed(&failure),
    };
    // Runs until the process exits.
    tokio::spawn(metrics.keep_up());
    // The early server stops before the real one starts, so that no client sees "not ready" after "ready".
    started.cancel();
    early.await.context("cannot serve")??;
    tracing::info!(%listen, "ready");

    let served = serve(&listener, router, stop.clone())?;
    let served = tokio::spawn(served);
    stop.cancelled().await;
    tracing::info!("stopping");
    // Requests that are still running by then, such as event streams, are cut off.
    let _ = tokio::time::timeout(PATIENCE, served).await;
    end(host.work).await;
    failed(&failure)
}

/// Returns the failure of work in the background, if there was one.
fn failed(failure: &Mutex<Option<anyhow::Error>>) -> Result<()> {
    lock(failure).take().map_or(Ok(()), Err)
}

/// Listens with tokio's backlog, which is long enough for a rush, and returns a standard listener, which can be cloned.
async fn listen_on(address: &str) -> Result<TcpListener> {
    let listener = tokio::net::TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    listener.into_std().context("cannot share the listener")
}

/// Serves on a clone of the listener until `stop`, then finishes the requests in flight.
fn serve(
    listener: &TcpListener,
    router: Router,
    stop: CancellationToken,
) -> Result<impl Future<Output = Result<()>> + Send + use<>> {
    let listener = listener.try_clone().context("cannot share the listener")?;
    let listener = tokio::net::TcpListener::from_std(listener).context("cannot listen")?;
    let listener = listener.tap_io(|connection| {
        // If this fails, the connection is about to fail anyway.
        let _ = connection.set_nodelay(true);
    });
    let service: IntoMakeServiceWithConnectInfo<Router, SocketAddr> =
        router.into_make_service_with_connect_info();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned());
    Ok(async { served.await.context("cannot serve") })
}

/// Returns the routes that are served until the service has started.
fn not_ready(awaited: &Arc<Mutex<&'static str>>) -> Router {
    let awaited = Arc::clone(awaited);
    let readyz = move || {
        let part = *lock(&awaited);
        let state = json!({"status": "not ready", "dependencies": {part: "waiting for it"}});
        async move { (StatusCode::SERVICE_UNAVAILABLE, axum::Json(state)) }
    };
    health::alive()
        .route("/readyz", get(readyz))
        .fallback(async || Problem::unavailable(Duration::from_secs(1)))
}

/// Waits for background tasks, which see the shutdown signal themselves, and aborts those that take too long.
async fn end(mut work: JoinSet<()>) {
    let ended = async { while work.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(PATIENCE, ended).await;
    work.shutdown().await;
}
