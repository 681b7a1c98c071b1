//! Checks of the server itself: its version and its durability.

use std::time::Duration;

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    failure::Failure,
    server::{connection::Connection, topology::TopologyError},
};

/// Oldest server that groups its syncs and can reset consumers.
const VERSION_MIN: &str = "2.15.1";
const PATIENCE: Duration = Duration::from_secs(5);

/// Checks that the connected server is new enough and, at its monitoring address (`http://host:port`), that it
/// acknowledges only what is on disk. In a cluster, check the address of each server.
///
/// # Errors
///
/// [`TopologyError::OldServer`]; [`TopologyError::NotDurable`], after which a service must not start in production; or
/// [`TopologyError::Away`].
pub async fn check_server(connection: &Connection, monitor_url: &str) -> Result<(), TopologyError> {
    check_version(connection).await?;
    check_durability(monitor_url).await
}

async fn check_version(connection: &Connection) -> Result<(), TopologyError> {
    const DOING: &str = "reading the server's version";
    // The server answers the flush, so its version is known afterwards.
    let connected = timeout(PATIENCE, connection.client().flush()).await;
    connected
        .map_err(|error| Failure::unreachable(DOING, error))?
        .map_err(|error| Failure::unreachable(DOING, error))?;
    let found = connection.client().server_info().version;
    if version(&found) >= version(VERSION_MIN) {
        return Ok(());
    }
    Err(TopologyError::OldServer { found, wanted: VERSION_MIN })
}

async fn check_durability(monitor_url: &str) -> Result<(), TopologyError> {
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
    let page = page
        .map_err(|error| Failure::unreachable(DOING, error))?
        .map_err(|error| Failure::unreachable(DOING, error))?;
    let varz: Varz = serde_json::from_slice(&page).map_err(|error| Failure::unreachable(DOING, error))?;
    if varz.jetstream.config.sync_always {
        return Ok(());
    }
    Err(TopologyError::NotDurable(monitor_url.to_owned()))
}

/// Reads the body of a page. With HTTP/1.0 it arrives unchunked and ends with the connection.
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

/// Parses a version; `2.15.1-RC.1` counts as 2.15.1.
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
        assert!(version("2.15.1") >= version(VERSION_MIN));
        assert!(version("2.16.0-RC.2") > version(VERSION_MIN));
        assert!(version("2.9.25") < version(VERSION_MIN));
        assert!(version("development") < version(VERSION_MIN));
    }
}
