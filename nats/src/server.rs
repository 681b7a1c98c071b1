//! What the server itself must be like before anybody relies on it.

use std::time::Duration;

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{Connection, Failure};

/// The oldest server that groups its syncs and resets consumers.
const VERSION_MIN: (u64, u64, u64) = (2, 15, 1);
const PATIENCE: Duration = Duration::from_secs(5);

/// What is wrong with a server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It could not be asked. Worth retrying.
    #[error("the server cannot be asked")]
    Away(#[from] Failure),
    /// It is too old.
    #[error("nats-server {found} is too old: {}.{}.{} or newer is needed", .wanted.0, .wanted.1, .wanted.2)]
    Old {
        /// Its version.
        found: String,
        /// The oldest that will do.
        wanted: (u64, u64, u64),
    },
    /// It acknowledges what is not on the disk yet.
    #[error(
        "the nats-server at {0} lacks `sync_interval: always`: a power cut would lose acknowledged bookings"
    )]
    NotDurable(String),
}

impl Connection {
    /// Checks that the server connected to is new enough.
    ///
    /// # Errors
    ///
    /// [`ServerError::Old`], or [`ServerError::Away`] while none is connected.
    pub async fn check_version(&self) -> Result<(), ServerError> {
        const DOING: &str = "asking for the server's version";
        // Answered by the server itself, so that there is one once this is over.
        let connected = timeout(PATIENCE, self.client().flush()).await;
        connected
            .map_err(|error| Failure::away(DOING, error))?
            .map_err(|error| Failure::away(DOING, error))?;
        let found = self.client().server_info().version;
        if version(&found).is_some_and(|found| found >= VERSION_MIN) {
            return Ok(());
        }
        Err(ServerError::Old { found, wanted: VERSION_MIN })
    }
}

/// Checks at a server's monitoring address, `http://host:port`, that it acknowledges only what is on the disk. Ask each
/// server of a cluster. In production a service must not start otherwise.
///
/// # Errors
///
/// [`ServerError::NotDurable`], or [`ServerError::Away`].
pub async fn check_durability(monitor_url: &str) -> Result<(), ServerError> {
    #[derive(Deserialize)]
    struct Varz {
        jetstream: JetStream,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct JetStream {
        config: Config,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Config {
        sync_always: bool,
    }
    const DOING: &str = "reading the server's monitoring page";
    let page = timeout(PATIENCE, get(monitor_url, "/varz")).await;
    let page =
        page.map_err(|error| Failure::away(DOING, error))?.map_err(|error| Failure::away(DOING, error))?;
    let varz: Varz = serde_json::from_slice(&page).map_err(|error| Failure::away(DOING, error))?;
    if varz.jetstream.config.sync_always {
        return Ok(());
    }
    Err(ServerError::NotDurable(monitor_url.to_owned()))
}

/// The body of one page. HTTP/1.0, so that it ends with the connection and comes in one piece.
async fn get(origin: &str, path: &str) -> std::io::Result<Vec<u8>> {
    let address = origin.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let body = head.map_or(answer.len(), |end| end + 4);
    Ok(answer.split_off(body))
}

/// `2.15.1-RC.1` counts as 2.15.1.
fn version(text: &str) -> Option<(u64, u64, u64)> {
    let plain = text.trim_start_matches('v').split('-').next()?;
    let mut parts = plain.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("2.15.1").unwrap() >= VERSION_MIN);
        assert!(version("2.16.0-RC.2").unwrap() >= VERSION_MIN);
        assert!(version("2.9.25").unwrap() < VERSION_MIN);
        assert_eq!(version("development"), None);
    }
}
