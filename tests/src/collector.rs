//! A collector of traces, in this process: it takes OTLP as JSON over HTTP and keeps the spans.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::eventually;

/// A running collector; gone when dropped.
#[derive(Debug)]
pub struct Collector {
    spans: Arc<Mutex<Vec<ExportedSpan>>>,
    origin: String,
    task: JoinHandle<()>,
}

/// A span that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedSpan {
    /// `service.name` of its sender.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Id of its trace, 32 hexadecimal digits.
    pub trace: String,
    /// Its id, 16 hexadecimal digits.
    pub id: String,
    /// Id of its parent; empty for the first of its trace.
    pub parent: String,
    /// The span as it came.
    pub json: Value,
}

impl Collector {
    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free loopback port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let spans = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&spans);
        let router = Router::new().route(
            "/v1/traces",
            post(async move |Json(request): Json<Value>| {
                kept.lock().unwrap_or_else(PoisonError::into_inner).extend(all(&request));
                Json(json!({}))
            }),
        );
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the collector serves");
        });
        Self { spans, origin: format!("http://127.0.0.1:{port}"), task }
    }

    /// `OTEL_EXPORTER_OTLP_ENDPOINT` for a server.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.origin
    }

    /// Every span that arrived.
    #[must_use]
    pub fn spans(&self) -> Vec<ExportedSpan> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a span of that trace and name.
    ///
    /// # Panics
    ///
    /// If none comes within 20 s.
    pub async fn wait_for(&self, trace: &str, name: &str) -> ExportedSpan {
        eventually(&format!("span {name:?} of trace {trace}"), async || {
            self.spans().into_iter().find(|span| span.trace == trace && span.name == name)
        })
        .await
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ExportedSpan {
    /// An attribute of the span, as text.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let value = attribute(&self.json["attributes"], key)?;
        value["stringValue"].as_str().or_else(|| value["intValue"].as_str())
    }
}

/// The spans of an `ExportTraceServiceRequest`.
fn all(request: &Value) -> Vec<ExportedSpan> {
    let mut all = Vec::new();
    for resource in listed(&request["resourceSpans"]) {
        let service = attribute(&resource["resource"]["attributes"], "service.name");
        let service = service.and_then(|name| name["stringValue"].as_str()).unwrap_or_default();
        let spans = listed(&resource["scopeSpans"]).flat_map(|scope| listed(&scope["spans"]));
        all.extend(spans.map(|span| read(service, span)));
    }
    all
}

fn read(service: &str, span: &Value) -> ExportedSpan {
    let text = |field: &str| span[field].as_str().unwrap_or_default().to_owned();
    ExportedSpan {
        service: service.to_owned(),
        name: text("name"),
        trace: text("traceId"),
        id: text("spanId"),
        parent: text("parentSpanId"),
        json: span.clone(),
    }
}

fn listed(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn attribute<'a>(attributes: &'a Value, key: &str) -> Option<&'a Value> {
    listed(attributes).find(|attribute| attribute["key"] == key).map(|attribute| &attribute["value"])
}
