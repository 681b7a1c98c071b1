//! `ticketshow admin healthy`: health check for containers, whose image has no other HTTP client.

use anyhow::{Result, ensure};
use clap::Args;
use ticketshow_stack::get;

/// The service to check.
#[derive(Debug, Args)]
pub struct Settings {
    /// Address on which the service listens, `host:port`. Default 127.0.0.1:8000.
    #[arg(long, env = "TICKETSHOW_LISTEN", default_value = "127.0.0.1:8000")]
    listen: String,
}

/// Requests `/healthz` of the service.
///
/// # Errors
///
/// The service does not answer with 200.
pub async fn check(settings: &Settings) -> Result<()> {
    // A service on all interfaces is reached through loopback.
    let address = settings.listen.replace("0.0.0.0", "127.0.0.1");
    let (status, body) = get(&address, "/healthz").await?;
    ensure!(status == 200, "the service answered {status}: {body}");
    println!("alive");
    Ok(())
}
