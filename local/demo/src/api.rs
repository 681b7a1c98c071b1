//! HTTP client for the few calls of the REST API that the demo data needs.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Attempts per call while the installation is busy or not ready.
const ATTEMPTS: u32 = 8;

/// Problem type of an installation without a poster store.
const NO_STORE: &str = "poster-store-unavailable";

type Connection = SendRequest<Full<Bytes>>;

/// An installation and the access token of the caller. Clones share connections.
#[derive(Debug, Clone)]
pub struct Api {
    authority: Arc<str>,
    token: Option<Arc<str>>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

/// A success, or a refusal that the caller may handle.
#[derive(Debug)]
pub enum Answer {
    Done { body: Value, position: u64 },
    Refused { status: StatusCode, slug: String, detail: String },
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
        let authority = base_url.trim_start_matches("http://").trim_end_matches('/');
        Self { authority: authority.into(), token: None, idle: Arc::default() }
    }

    /// Returns an anonymous client of the same installation.
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// Signs in and returns a client with the access token.
    pub async fn login(&self, email: &str, password: &str) -> Result<Self> {
        let body = json!({"email": email, "password": password});
        let (session, _) = self.post("/auth/login", "", &body).await?.done().context("signing in")?;
        let token = session["access_token"].as_str().context("a session has an access token")?;
        Ok(Self { token: Some(token.into()), ..self.clone() })
    }

    /// Sends a POST, with an Idempotency-Key unless `key` is empty.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        let body = Bytes::from(body.to_string());
        // Keys contain titles and names; a header allows visible ASCII only.
        let key: String = key.chars().map(|c| if c.is_ascii_graphic() { c } else { '-' }).collect();
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        let headers = if key.is_empty() { &headers[..1] } else { &headers[..] };
        self.call(&Method::POST, path, headers, body).await
    }

    /// Sends a file with PUT.
    pub async fn put(&self, path: &str, content_type: &str, file: Bytes) -> Result<Answer> {
        self.call(&Method::PUT, path, &[("content-type", content_type)], file).await
    }

    /// Sends a GET for the state at `min_position` or later.
    pub async fn get(&self, path: &str, min_position: u64) -> Result<Value> {
        let min_position = min_position.to_string();
        let answer = self.call(&Method::GET, path, &[("min-position", &min_position)], Bytes::new()).await?;
        answer.done().map(|(body, _)| body)
    }

    async fn call(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer> {
        for attempt in 1.. {
            let answered = self.exchange(method, path, headers, body.clone()).await;
            let wait = match &answered {
                Ok(response) if !is_busy(response) => None,
                Ok(response) => Some(retry_after(response)),
                Err(_) => Some(Duration::from_millis(250)),
            };
            match wait {
                Some(wait) if attempt < ATTEMPTS => tokio::time::sleep(wait).await,
                Some(_) | None => {
                    let response = answered.with_context(|| format!("{method} {path}"))?;
                    return Ok(read(&response));
                }
            }
        }
        unreachable!("the last attempt returns")
    }

    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::HOST, &*self.authority);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let mut connection = self.connection().await?;
        let response: Response<Incoming> = connection.send_request(request.body(Full::new(body))?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(Response::from_parts(head, body))
    }

    async fn connection(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle.filter(Connection::is_ready) {
            return Ok(connection);
        }
        let stream = TcpStream::connect(&*self.authority).await?;
        stream.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(connection)
    }
}

/// Returns true if the call should be repeated. A missing poster store may stay missing, so it is not waited for.
fn is_busy(response: &Response<Bytes>) -> bool {
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => {
            !matches!(read(response), Answer::Refused { slug, .. } if slug == NO_STORE)
        }
        _ => false,
    }
}

/// Returns the delay that the installation asks for, at most 10 s.
fn retry_after(response: &Response<Bytes>) -> Duration {
    Duration::from_secs(number(response, header::RETRY_AFTER.as_str()).unwrap_or(1).min(10))
}

fn number(response: &Response<Bytes>, name: &str) -> Option<u64> {
    response.headers().get(name)?.to_str().ok()?.parse().ok()
}

fn read(response: &Response<Bytes>) -> Answer {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if response.status().is_success() {
        return Answer::Done { body, position: number(response, "stream-position").unwrap_or(0) };
    }
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let slug = text("type").trim_start_matches("/problems/").to_owned();
    Answer::Refused { status: response.status(), slug, detail: text("detail") }
}
