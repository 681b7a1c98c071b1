//! A small HTTP/1.1 client for JSON APIs, for tests and the tools of a developer's machine: keep-alive, no redirects, no
//! cookie jar, no TLS. It depends on no crate of ours, so that all of them can use it.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Longest wait for an answer, unless [`Client::with_patience`] sets another.
const PATIENCE: Duration = Duration::from_secs(30);

type Connection = SendRequest<Full<Bytes>>;

/// Calls one origin. Clones share its idle connections.
#[derive(Debug, Clone)]
pub struct Client {
    base: Arc<str>,
    idle: Arc<Mutex<Vec<Connection>>>,
    token: Option<Arc<str>>,
    patience: Duration,
}

impl Client {
    /// Returns a client for an origin and path prefix such as `http://127.0.0.1:8000/api/v1`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').into(),
            idle: Arc::default(),
            token: None,
            patience: PATIENCE,
        }
    }

    /// Returns a client of the same origin that sends `token`.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// Returns a client of the same origin that sends no token.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// Returns a client of the same origin that waits this long for an answer.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Access token, if signed in.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// GET.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// POST of a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call(Method::POST, path).json(body)
    }

    /// PATCH with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Call {
        self.call(Method::PATCH, path).json(body)
    }

    /// PUT.
    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Any method.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let call = Call {
            client: self.clone(),
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
        };
        match &self.token {
            Some(token) => call.header(AUTHORIZATION.as_str(), &format!("Bearer {token}")),
            None => call,
        }
    }

    fn pooled(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if connection.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    async fn connect(&self, authority: &str) -> anyhow::Result<Connection> {
        let stream =
            TcpStream::connect(authority).await.with_context(|| format!("connecting to {authority}"))?;
        stream.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(connection)
    }
}

/// A request in preparation. Awaiting it sends it.
#[derive(Debug, Clone)]
#[must_use = "a call is sent by awaiting it"]
pub struct Call {
    client: Client,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Call {
    /// Adds a header. An `Authorization` replaces that of the client.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds an `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Adds a `Min-Position`.
    pub fn min_position(self, position: u64) -> Self {
        self.header("min-position", &position.to_string())
    }

    /// Adds a cookie, written `name=value`.
    pub fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE.as_str(), cookie)
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string()).header(CONTENT_TYPE.as_str(), "application/json")
    }

    /// Sets a body of any kind, without a content type.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request. A connection that the server has closed in the meantime is replaced once.
    ///
    /// # Errors
    ///
    /// The server is unreachable, or does not answer in time.
    pub async fn try_send(self) -> anyhow::Result<Answer> {
        let (what, patience) = (format!("{} {}", self.method, self.path), self.client.patience);
        let answered = tokio::time::timeout(patience, self.exchange()).await;
        let answered = answered.unwrap_or_else(|_| bail!("no answer within {} s", patience.as_secs()));
        answered.with_context(|| what.clone()).map(|answer| Answer { what, ..answer })
    }

    async fn exchange(self) -> anyhow::Result<Answer> {
        let url: hyper::Uri = format!("{}{}", self.client.base, self.path).parse()?;
        let authority = url.authority().context("an address has a host")?.as_str().to_owned();
        let target = url.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let mut connection = match self.client.pooled() {
            Some(connection) => connection,
            None => self.client.connect(&authority).await?,
        };
        let request = self.request(&authority, &target)?;
        let response = match connection.try_send_request(request).await {
            Ok(response) => response,
            Err(mut unsent) => {
                // Only a request that certainly was not sent is repeated.
                let request = unsent.take_message().ok_or_else(|| unsent.into_error())?;
                connection = self.client.connect(&authority).await?;
                connection.send_request(request).await?
            }
        };
        let (head, body) = response.into_parts();
        if head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream") {
            // The body never ends; dropping the connection closes it.
            let (body, json) = (Bytes::new(), Value::Null);
            return Ok(Answer {
                what: String::new(),
                status: head.status.as_u16(),
                headers: head.headers,
                body,
                json,
            });
        }
        let body = body.collect().await?.to_bytes();
        self.client.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok(Answer { what: String::new(), status: head.status.as_u16(), headers: head.headers, body, json })
    }

    fn request(&self, authority: &str, target: &str) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(self.method.clone()).uri(target).header(HOST, authority);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(request.body(Full::new(self.body.clone()))?)
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    /// Works like [`Call::try_send`], but panics without an answer.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.try_send().await.unwrap_or_else(|error| panic!("{error:#}")) })
    }
}

/// Status, headers and body of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Method and path of the call.
    pub what: String,
    /// Status code.
    pub status: u16,
    /// Response headers.
    pub headers: HeaderMap,
    /// The body as received.
    pub body: Bytes,
    /// The body as JSON; null if it is not JSON.
    pub json: Value,
}

impl Answer {
    /// Returns the answer, if it has this status.
    ///
    /// # Panics
    ///
    /// If it has another.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "also called for its check alone")]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        self
    }

    /// Returns the answer, if it is a problem document with this status and type `/problems/<slug>`.
    ///
    /// # Panics
    ///
    /// If it is anything else.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "also called for its check alone")]
    pub fn expect_problem(self, status: u16, slug: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.problem(), Some(slug), "{}: {}", answer.what, answer.text());
        answer
    }

    /// Returns the slug of a problem document.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let is_problem = self.header("content-type")?.starts_with("application/problem+json");
        let slug = self.json["type"].as_str()?.strip_prefix("/problems/")?;
        is_problem.then_some(slug)
    }

    /// Returns a response header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the `Stream-Position`.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    #[track_caller]
    pub fn position(&self) -> u64 {
        let position = self.header("stream-position").and_then(|text| text.parse().ok());
        position.unwrap_or_else(|| panic!("{} came without a Stream-Position", self.what))
    }

    /// Returns the first `Set-Cookie`, as `name=value`.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        let cookie = self.header(SET_COOKIE.as_str())?;
        cookie.split(';').next().map(str::to_owned)
    }

    /// Returns a text field of the JSON body.
    ///
    /// # Panics
    ///
    /// If it is missing or not text.
    #[must_use]
    #[track_caller]
    pub fn str(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_else(|| panic!("{} has no {field}: {}", self.what, self.text()))
    }

    /// Returns the body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
