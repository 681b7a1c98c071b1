//! A process that serves HTTP: first only whether it is ready yet, then its routes, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::ListenerExt;
use serde_json::json;
use ticketshow_http::{Metrics, Problem};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::health;
use crate::config::Process;
use crate::{logging, stop};

/// How long requests and background work may take to end once we are told to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a service has at hand while it starts.
#[derive(Debug)]
pub struct Host {
    /// Cancelled when the process is to stop.
    pub stop: CancellationToken,
    /// Runs until `stop`; awaited before the process ends.
    pub work: JoinSet<()>,
    awaited: Arc<Mutex<&'static str>>,
}

impl Host {
    /// Tells on `/readyz` what is being waited for.
    pub fn await_part(&self, part: &'static str) {
        *self.awaited.lock().unwrap_or_else(PoisonError::into_inner) = part;
    }
}

/// Runs a service: `start` waits for what it needs and gives the routes.
///
/// # Errors
///
/// The address is taken, or `start` gave up.
pub async fn run(process: &Process, start: impl AsyncFnOnce(&mut Host) -> Result<Router>) -> Result<()> {
    let listen = &process.listen;
    logging::start(&process.logging)?;
    let metrics = Metrics::install().context("cannot count")?;
    let stop = stop::on_signal()?;
    let listener = listen_on(listen).await?;
    let mut host =
        Host { stop: stop.clone(), work: JoinSet::new(), awaited: Arc::new(Mutex::new("nothing")) };

    let started = CancellationToken::new();
    let early = serve(&listener, not_ready(&host.awaited), started.clone())?;
    let early = tokio::spawn(early);
    let router = tokio::select! {
        router = start(&mut host) => router?.merge(metrics.clone().router()),
        () = stop.cancelled() => return Ok(()),
    };
    // Ends with the process, nothing waits for it.
    tokio::spawn(metrics.keep_up());
    // The early answers end before the real ones begin: who is told "not ready" need not be told twice.
    started.cancel();
    early.await.context("cannot serve")??;
    tracing::info!(%listen, "ready");

    let served = serve(&listener, router, stop.clone())?;
    let served = tokio::spawn(served);
    stop.cancelled().await;
    tracing::info!("stopping");
    // Whoever is not done by then, an endless stream say, is cut off.
    let _ = tokio::time::timeout(PATIENCE, served).await;
    end(host.work).await;
    Ok(())
}

/// By tokio, whose backlog is long enough for a rush; kept as the system's own, so that it can be served on twice.
async fn listen_on(address: &str) -> Result<TcpListener> {
    let listener = tokio::net::TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    listener.into_std().context("cannot share the listener")
}

/// Serves on a copy of the listener until `stop`, then finishes what is under way.
fn serve(
    listener: &TcpListener,
    router: Router,
    stop: CancellationToken,
) -> Result<impl Future<Output = Result<()>> + Send + use<>> {
    let listener = listener.try_clone().context("cannot share the listener")?;
    let listener = tokio::net::TcpListener::from_std(listener).context("cannot listen")?;
    let listener = listener.tap_io(|connection| {
        // A connection that cannot be set is about to fail anyway.
        let _ = connection.set_nodelay(true);
    });
    let service: IntoMakeServiceWithConnectInfo<Router, SocketAddr> =
        router.into_make_service_with_connect_info();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned());
    Ok(async { served.await.context("cannot serve") })
}

/// What is answered until the service is there.
fn not_ready(awaited: &Arc<Mutex<&'static str>>) -> Router {
    let awaited = Arc::clone(awaited);
    let readyz = move || {
        let part = *awaited.lock().unwrap_or_else(PoisonError::into_inner);
        let state = json!({"status": "not ready", "dependencies": {part: "waiting for it"}});
        async move { (StatusCode::SERVICE_UNAVAILABLE, axum::Json(state)) }
    };
    health::alive()
        .route("/readyz", get(readyz))
        .fallback(async || Problem::unavailable(Duration::from_secs(1)))
}

/// Lets the background work finish, which knows of the wish to stop; cuts off what does not.
async fn end(mut work: JoinSet<()>) {
    let ended = async { while work.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(PATIENCE, ended).await;
    work.shutdown().await;
}
