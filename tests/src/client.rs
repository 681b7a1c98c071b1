//! A small HTTP/1.1 client for JSON APIs: keep-alive, no redirects, no cookie jar.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
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

/// Limit of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

type Connection = SendRequest<Full<Bytes>>;

/// Calls one origin. Clones share its idle connections.
#[derive(Debug, Clone)]
pub struct Client {
    base: Arc<str>,
    idle: Arc<Mutex<Vec<Connection>>>,
    token: Option<Arc<str>>,
}

impl Client {
    /// For an origin and path prefix such as `http://127.0.0.1:8000/api/v1`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').into(), idle: Arc::default(), token: None }
    }

    /// The same origin, for the bearer of `token`.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same origin, for nobody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
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

/// A request that is being put together. Awaiting it sends it.
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
    /// With a header more. An `Authorization` replaces that of the client.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With an `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a `Min-Position`.
    pub fn min_position(self, position: u64) -> Self {
        self.header("min-position", &position.to_string())
    }

    /// With a cookie, written `name=value`.
    pub fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE.as_str(), cookie)
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string()).header(CONTENT_TYPE.as_str(), "application/json")
    }

    /// With any body, and no content type of its own.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it. A connection that the server had closed meanwhile is replaced once.
    ///
    /// # Errors
    ///
    /// If no answer came within 30 s, or none at all.
    pub async fn try_send(self) -> anyhow::Result<Answer> {
        let what = format!("{} {}", self.method, self.path);
        tokio::time::timeout(PATIENCE, self.exchange())
            .await?
            .with_context(|| what.clone())
            .map(|answer| Answer { what, ..answer })
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
                // Only what certainly never left us is sent again.
                let request = unsent.take_message().ok_or_else(|| unsent.into_error())?;
                connection = self.client.connect(&authority).await?;
                connection.send_request(request).await?
            }
        };
        let (head, body) = response.into_parts();
        if head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream") {
            // It never ends; dropping the connection leaves it. `live_events` listens.
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

    /// Like [`Call::try_send`], but panics if no answer came.
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
    /// The body as it came.
    pub body: Bytes,
    /// The body as JSON, null if it is none.
    pub json: Value,
}

impl Answer {
    /// The answer, if it has this status.
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

    /// The answer, if it is a problem document with this status and type `/problems/<slug>`.
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

    /// The slug of a problem document.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let is_problem = self.header("content-type")?.starts_with("application/problem+json");
        let slug = self.json["type"].as_str()?.strip_prefix("/problems/")?;
        is_problem.then_some(slug)
    }

    /// A response header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Stream-Position`.
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

    /// The first `Set-Cookie`, as `name=value`.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        let cookie = self.header(SET_COOKIE.as_str())?;
        cookie.split(';').next().map(str::to_owned)
    }

    /// A text field of the JSON body.
    ///
    /// # Panics
    ///
    /// If it is missing or no text.
    #[must_use]
    #[track_caller]
    pub fn str(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_else(|| panic!("{} has no {field}: {}", self.what, self.text()))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
