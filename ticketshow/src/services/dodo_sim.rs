//! The Dodo simulator as a process. It replaces the payment provider and is no service of the installation.

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use ticketshow_dodo_sim::{Behaviour, Settings, Simulator};
use tokio::net::TcpListener;

use crate::{config::DodoSim, logging, stop};

/// Serves until shutdown.
///
/// # Errors
///
/// The address is taken, a setting is invalid, or its file cannot be used.
pub async fn dodo_sim(settings: &DodoSim) -> Result<()> {
    logging::start(&settings.logging)?;
    let stop = stop::on_signal()?;
    let simulator = Simulator::open(Settings {
        api_key: settings.api_key.expose_secret().to_owned(),
        webhook_secret: settings.webhook_key.expose_secret().to_owned(),
        webhook_url: Some(settings.webhook_url.clone()),
        currency: settings.currency.to_string(),
        origin: settings.origin.clone(),
        file: settings.file.clone(),
        conduct: Behaviour { refund_delay_millis: settings.refund_millis, ..Behaviour::default() },
    })?;
    let listen = &settings.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    tracing::info!(%listen, "ready");
    simulator.serve(listener, stop.cancelled_owned()).await;
    Ok(())
}
