//! All services in one process.

use anyhow::{Context, Result};
use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::config::Service;
use crate::stop;

/// Serves until told to stop.
///
/// # Errors
///
/// The address cannot be listened on.
pub async fn serve(settings: &Service) -> Result<()> {
    let stop = stop::on_signal()?;
    let listener = TcpListener::bind(&settings.api.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.api.listen))?;
    let router = Router::new().route("/readyz", get(async || "ready"));
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await.context("cannot serve")
}
