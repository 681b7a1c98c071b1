//! Readiness checks of parts on this machine.

use std::time::Duration;

use anyhow::Result;
use ticketshow_http_client::Client;

/// Returns status and body of `GET path` within two seconds, on a connection of its own.
///
/// # Errors
///
/// There is no response, or it is not HTTP.
pub async fn get(address: &str, path: &str) -> Result<(u16, String)> {
    let client = Client::new(&format!("http://{address}")).with_patience(Duration::from_secs(2));
    let answer = client.get(path).try_send().await?;
    Ok((answer.status, answer.text()))
}
