//! Asks a part on this machine whether it is there: one GET over a connection of its own.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Status and body of `GET path`, within two seconds. HTTP/1.0, so that the end of the connection is the end of the
/// answer.
///
/// # Errors
///
/// Nobody answers there, or not in HTTP.
pub async fn get(address: &str, path: &str) -> Result<(u16, String)> {
    timeout(Duration::from_secs(2), ask(address, path)).await.context("no answer within 2 s")?
}

async fn ask(address: &str, path: &str) -> Result<(u16, String)> {
    let mut connection = TcpStream::connect(address).await.context("nobody listens")?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.context("hung up")?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.context("hung up")?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("not an HTTP answer")?;
    let status = head.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok());
    Ok((status.context("not an HTTP answer")?, body.to_owned()))
}
