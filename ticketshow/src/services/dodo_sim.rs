//! The Dodo simulator, alone: no service of the installation, but a stand-in for the provider.

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use ticketshow_dodo_sim::{Conduct, Settings, Simulator};
use tokio::net::TcpListener;

use crate::config::DodoSim;
use crate::{logging, stop};

/// Serves until told to stop.
///
/// # Errors
///
/// The address is taken, a setting makes no sense, or its file cannot be used.
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
        conduct: Conduct { refund_delay_millis: settings.refund_millis, ..Conduct::default() },
    })?;
    let listen = &settings.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    tracing::info!(%listen, "ready");
    simulator.serve(listener, stop.cancelled_owned()).await;
    Ok(())
}
