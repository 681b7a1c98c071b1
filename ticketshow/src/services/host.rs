//! A process that serves HTTP: first only `/healthz` and `/readyz`, then all routes, until shutdown. Operators' pages have a
//! listener of their own.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{Router, http::StatusCode, routing::get};
use serde_json::json;
use ticketshow_http::{Metrics, Problem, TrustedProxies, sync::lock};
use ticketshow_nats::clock;
use tokio::{net::TcpSocket, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{OPERATIONS_LISTEN, Process},
    logging,
    services::{
        certificate::Certificate,
        connections::{self, ConnectionLimits, Waits},
        file_limit::raise_file_limit,
        health::{self, Health},
    },
    stop,
};

/// Time that requests and background tasks have to finish after the shutdown signal.
const PATIENCE: Duration = Duration::from_secs(10);

/// Clients that wait to be accepted, for the moment in which a screening goes on sale. The system limits it to
/// `net.core.somaxconn`; 128, the usual number of libraries, loses connections.
const BACKLOG: u32 = 4096;

/// Time that clients of the early server have to finish.
const EARLY_END: Duration = Duration::from_secs(1);

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

/// Routes and readiness of a started service.
#[derive(Debug)]
pub struct Started {
    /// Public routes.
    pub public: Router,
    /// Readiness, which the operators' pages show with causes.
    pub health: Health,
}

/// Runs a service: `start` waits for its dependencies and returns the routes. `name` is its subcommand, and `proxies` connect for many
/// clients.
///
/// # Errors
///
/// An address is taken, or `start` failed.
pub async fn run(
    name: &str,
    process: &Process,
    proxies: &TrustedProxies,
    start: impl AsyncFnOnce(&mut Host) -> Result<Started>,
) -> Result<()> {
    logging::start(&process.logging)?;
    let metrics = Metrics::install(clock::now()).context("cannot install metrics")?;
    let export = process.traces.start(name)?;
    let stop = stop::on_signal()?;
    let certificate = Certificate::read(&process.tls).await?;
    let listeners = Listeners::open(process, proxies, certificate.as_ref()).await?;
    let failure = Arc::new(Mutex::new(None));
    let mut host = Host {
        stop: stop.clone(),
        work: JoinSet::new(),
        awaited: Arc::new(Mutex::new("nothing")),
        failure: Arc::clone(&failure),
    };
    if let Some(certificate) = certificate {
        host.work.spawn(certificate.keep_up(stop.clone()));
    }

    let started = CancellationToken::new();
    let waiting = not_ready(&host.awaited);
    let mut early = tokio::spawn(listeners.serve(waiting.clone(), waiting, &started)?);
    let Started { public, health } = tokio::select! {
        started = start(&mut host) => started?,
        () = stop.cancelled() => return failed(&failure),
    };
    let operations = health.for_operators().merge(metrics.clone().router());
    // Runs until the process exits.
    tokio::spawn(metrics.keep_up());
    // The early server stops before the real one starts, so that no client sees "not ready" after "ready".
    started.cancel();
    if tokio::time::timeout(EARLY_END, &mut early).await.is_err() {
        // Clients that connected and sent nothing.
        early.abort();
    }
    tracing::info!(listen = process.listen, "ready");

    let served = tokio::spawn(listeners.serve(public, operations, &stop)?);
    stop.cancelled().await;
    tracing::info!("stopping");
    // Requests that are still running by then, such as event streams, are cut off.
    let _ = tokio::time::timeout(PATIENCE, served).await;
    end(host.work).await;
    if let Some(export) = export {
        export.finish().await;
    }
    failed(&failure)
}

/// Returns the failure of work in the background, if there was one.
fn failed(failure: &Mutex<Option<anyhow::Error>>) -> Result<()> {
    lock(failure).take().map_or(Ok(()), Err)
}

/// The public listener and the one for operators.
struct Listeners {
    public: TcpListener,
    operations: Option<TcpListener>,
    limits: ConnectionLimits,
    /// TLS of the public listener. Operators' pages are plain: probes and Prometheus know no authority of the installation.
    tls: Option<TlsAcceptor>,
}

impl Listeners {
    async fn open(
        process: &Process,
        proxies: &TrustedProxies,
        certificate: Option<&Certificate>,
    ) -> Result<Self> {
        let tls = certificate.map(Certificate::acceptor).transpose()?;
        let public = listen_on(&process.listen).await?;
        let operations = match &process.operations_listen {
            Some(address) => Some(listen_on(address).await?),
            None => listen_on(OPERATIONS_LISTEN)
                .await
                .inspect_err(|error| {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "no pages for operators: set TICKETSHOW_OPERATIONS_LISTEN");
                })
                .ok(),
        };
        let limits = ConnectionLimits {
            total_max: raise_file_limit(process.connections_max),
            per_address_max: process.connections_per_address,
            proxies: proxies.clone(),
            waits: Waits::USUAL,
        };
        Ok(Self { public, operations, limits, tls })
    }

    /// Serves on clones of the listeners until `stop`, then finishes the requests in flight.
    fn serve(
        &self,
        public: Router,
        operations: Router,
        stop: &CancellationToken,
    ) -> Result<impl Future<Output = ()> + Send + use<>> {
        let serve = |listener: &TcpListener, router, tls| -> Result<_> {
            let listener = listener.try_clone().context("cannot share the listener")?;
            let listener = tokio::net::TcpListener::from_std(listener).context("cannot listen")?;
            Ok(connections::serve(listener, router, self.limits.clone(), tls, stop.clone()))
        };
        let public = serve(&self.public, public, self.tls.clone())?;
        let operations =
            self.operations.as_ref().map(|listener| serve(listener, operations, None)).transpose()?;
        Ok(async {
            let operations = async {
                if let Some(operations) = operations {
                    operations.await;
                }
            };
            tokio::join!(public, operations);
        })
    }
}

/// Returns a standard listener, which can be cloned.
async fn listen_on(address: &str) -> Result<TcpListener> {
    let doing = || format!("cannot listen on {address}");
    let mut failed = None;
    for address in tokio::net::lookup_host(address).await.with_context(doing)? {
        match listen(address) {
            Ok(listener) => return listener.into_std().context("cannot share the listener"),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())).with_context(doing)
}

fn listen(address: SocketAddr) -> io::Result<tokio::net::TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
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

#[cfg(test)]
mod tests {
    use std::{net::TcpStream, time::Duration};

    use super::listen_on;

    #[tokio::test]
    async fn a_rush_of_clients_waits_to_be_accepted() {
        let listener = listen_on("localhost:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connect = |_| TcpStream::connect_timeout(&address, Duration::from_millis(500));
        let clients: Vec<_> = (0..500).map(connect).collect::<Result<_, _>>().unwrap();
        assert_eq!(clients.len(), 500);
    }
}
