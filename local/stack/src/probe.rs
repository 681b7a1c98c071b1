//! Readiness checks of parts on this machine: one GET per connection.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Returns status and body of `GET path` within two seconds. Uses HTTP/1.0, so the response ends with the connection.
///
/// # Errors
///
/// There is no response, or it is not HTTP.
pub async fn get(address: &str, path: &str) -> Result<(u16, String)> {
    timeout(Duration::from_secs(2), request(address, path)).await.context("no answer within 2 s")?
}

async fn request(address: &str, path: &str) -> Result<(u16, String)> {
    let mut connection = TcpStream::connect(address).await.context("connection refused")?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.context("connection closed")?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.context("connection closed")?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("not an HTTP response")?;
    let status = head.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok());
    Ok((status.context("not an HTTP response")?, body.to_owned()))
}
