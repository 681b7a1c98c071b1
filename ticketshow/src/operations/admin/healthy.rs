//! Whether a service on this machine is alive, for the health check of a container, which has no other client for HTTP.

use anyhow::{Result, ensure};
use clap::Args;

use ticketshow_stack::get;

/// Which one.
#[derive(Debug, Args)]
pub struct Settings {
    /// Where it listens, `host:port`. Default 127.0.0.1:8000.
    #[arg(long, env = "TICKETSHOW_LISTEN", default_value = "127.0.0.1:8000")]
    listen: String,
}

/// Asks its `/healthz`.
///
/// # Errors
///
/// It is not alive.
pub async fn ask(settings: &Settings) -> Result<()> {
    // What listens everywhere is asked here.
    let address = settings.listen.replace("0.0.0.0", "127.0.0.1");
    let (status, body) = get(&address, "/healthz").await?;
    ensure!(status == 200, "it answers {status}: {body}");
    println!("alive");
    Ok(())
}
