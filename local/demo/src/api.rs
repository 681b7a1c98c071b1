//! The few calls of the REST API that the demo data needs, repeated while the installation is busy.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use serde_json::{Value, json};
use ticketshow_http_client as http;

/// Attempts per call while the installation is busy or not ready.
const ATTEMPTS: u32 = 8;

/// Problem type of an installation without a poster store.
const NO_STORE: &str = "poster-store-unavailable";

/// An installation and the access token of the caller. Clones share connections.
#[derive(Debug, Clone)]
pub struct Api(http::Client);

/// A success, or a refusal that the caller may handle.
#[derive(Debug)]
pub enum Answer {
    Done { body: Value, position: u64 },
    Refused { status: u16, slug: String, detail: String },
}

impl Answer {
    /// Returns body and position of a success, and an error for a refusal.
    pub fn done(self) -> Result<(Value, u64)> {
        match self {
            Self::Done { body, position } => Ok((body, position)),
            Self::Refused { status, slug, detail } => bail!("{status} {slug}: {detail}"),
        }
    }
}

impl Api {
    /// Returns an anonymous client for an origin such as `http://127.0.0.1:8000`.
    pub fn new(base_url: &str) -> Self {
        Self(http::Client::new(&format!("{}/api/v1", base_url.trim_end_matches('/'))))
    }

    /// Returns an anonymous client of the same installation.
    pub fn anonymous(&self) -> Self {
        Self(self.0.anonymous())
    }

    /// Signs in and returns a client with the access token.
    pub async fn login(&self, email: &str, password: &str) -> Result<Self> {
        let body = json!({"email": email, "password": password});
        let (session, _) = self.post("/auth/login", "", &body).await?.done().context("signing in")?;
        let token = session["access_token"].as_str().context("a session has an access token")?;
        Ok(Self(self.0.with_token(token)))
    }

    /// Sends a POST, with an Idempotency-Key unless `key` is empty.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        // Keys contain titles and names; a header allows visible ASCII only.
        let key: String = key.chars().map(|c| if c.is_ascii_graphic() { c } else { '-' }).collect();
        let call = self.0.post(path, body);
        send(if key.is_empty() { call } else { call.key(&key) }).await
    }

    /// Sends a file with PUT.
    pub async fn put(&self, path: &str, content_type: &str, file: Bytes) -> Result<Answer> {
        send(self.0.put(path).header("content-type", content_type).body(file)).await
    }

    /// Sends a GET for the state at `min_position` or later.
    pub async fn get(&self, path: &str, min_position: u64) -> Result<Value> {
        let (body, _) = send(self.0.get(path).min_position(min_position)).await?.done()?;
        Ok(body)
    }
}

async fn send(call: http::Call) -> Result<Answer> {
    for attempt in 1.. {
        let answered = call.clone().try_send().await;
        let wait = match &answered {
            Ok(answer) if !is_busy(answer) => None,
            Ok(answer) => Some(retry_after(answer)),
            Err(_) => Some(Duration::from_millis(250)),
        };
        match wait {
            Some(wait) if attempt < ATTEMPTS => tokio::time::sleep(wait).await,
            Some(_) | None => return Ok(read(answered?)),
        }
    }
    unreachable!("the last attempt returns")
}

/// Returns true if the call should be repeated. A missing poster store may stay missing, so it is not waited for.
fn is_busy(answer: &http::Answer) -> bool {
    match answer.status {
        429 => true,
        503 => answer.problem() != Some(NO_STORE),
        _ => false,
    }
}

/// Returns the delay that the installation asks for, at most 10 s.
fn retry_after(answer: &http::Answer) -> Duration {
    Duration::from_secs(number(answer, "retry-after").unwrap_or(1).min(10))
}

fn number(answer: &http::Answer, header: &str) -> Option<u64> {
    answer.header(header)?.parse().ok()
}

fn read(answer: http::Answer) -> Answer {
    if (200..300).contains(&answer.status) {
        let position = number(&answer, "stream-position").unwrap_or(0);
        return Answer::Done { body: answer.json, position };
    }
    let slug = answer.problem().unwrap_or_default().to_owned();
    let detail = answer.json["detail"].as_str().unwrap_or_default().to_owned();
    Answer::Refused { status: answer.status, slug, detail }
}
