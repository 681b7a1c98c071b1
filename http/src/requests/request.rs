//! The layer around every request: quota, correlation id, tracing span, metrics, a time limit, the rest of the body, headers
//! that protect browsers, and an answer even after a panic.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{FromRef, FromRequestParts, MatchedPath, Request},
    handler::Handler,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use ticketshow_traces::Span;
use tower::{Layer, Service};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    Edge, Problem, audit,
    identity::address::neighbourhood,
    requests::{time_limit::TimeLimit, unread::Unread},
    responses::{problem::Slug, protection::protect},
};

const CORRELATION_ID: HeaderName = HeaderName::from_static("correlation-id");

/// Methods that metrics and logs name; a stranger may invent others.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Routes that probes ask for every few seconds. They are no part of a trace.
const PROBED: [&str; 2] = ["/healthz", "/readyz"];

/// Pause that a client is asked for after a request reached the time limit.
const RETRY_AFTER_LIMIT: Duration = Duration::from_secs(5);

/// Completes a router: unknown paths and methods answer with problems, and every request passes the layer. Call it last,
/// after merging: routers with a fallback cannot be merged.
pub fn complete(router: Router, edge: &Arc<Edge>) -> Router {
    complete_with(router, async || Problem::not_found(), edge)
}

/// Completes a router like [`complete`], with a handler of unknown paths.
pub fn complete_with<T: 'static>(router: Router, unknown: impl Handler<T, ()>, edge: &Arc<Edge>) -> Router {
    router
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(unknown)
        .layer(RequestLayer(Arc::clone(edge)))
}

/// The ids that connect everything one request causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The trace id of `traceparent`, else a new id. Returned in the response header `Correlation-Id`.
    pub correlation: Uuid,
    /// The `traceparent` (W3C Trace Context) of the request's span if spans are exported, else the caller's, if there was a valid one.
    pub traceparent: Option<String>,
}

impl Trace {
    fn of(headers: &HeaderMap, fresh: fn() -> Uuid) -> Self {
        let parent = headers.get("traceparent").and_then(|value| value.to_str().ok());
        let trace = parent.and_then(|parent| Some((trace_id(parent)?, parent.to_owned())));
        match trace {
            Some((correlation, traceparent)) => Self { correlation, traceparent: Some(traceparent) },
            None => Self { correlation: fresh(), traceparent: None },
        }
    }

    /// Returns the ids for the work that the request causes, below its span if that is exported.
    fn below(self, span: &Span) -> Self {
        match span.trace_id() {
            Some(id) => Self { correlation: Uuid::from_bytes(id), traceparent: span.traceparent() },
            None => self,
        }
    }
}

/// The trace id of a `traceparent` of version 00: `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`.
fn trace_id(traceparent: &str) -> Option<Uuid> {
    let lengths = [2, 32, 16, 2];
    let parts: Vec<&str> = traceparent.split('-').collect();
    let hex = |part: &&str| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let well_formed = parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| part.len() == length)
        && parts.iter().all(hex)
        && parts[0] == "00";
    let id = Uuid::try_parse(parts.get(1)?).ok()?;
    (well_formed && !id.is_nil()).then_some(id)
}

impl<S: Sync> FromRequestParts<S> for Trace
where
    Arc<Edge>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let fresh = || Self::of(&parts.headers, Arc::<Edge>::from_ref(state).new_id);
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(fresh))
    }
}

#[derive(Clone)]
struct RequestLayer(Arc<Edge>);

impl<S> Layer<S> for RequestLayer {
    type Service = RequestService<S>;

    fn layer(&self, inner: S) -> RequestService<S> {
        RequestService { inner, edge: Arc::clone(&self.0) }
    }
}

#[derive(Clone)]
struct RequestService<S> {
    inner: S,
    edge: Arc<Edge>,
}

impl<S> Service<Request> for RequestService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        let labels = Labels::of(&request);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let edge = Arc::clone(&self.edge);
        let trace = Trace::of(request.headers(), self.edge.new_id);
        let mut exported = labels.exported_span(trace.traceparent.as_deref());
        let trace = trace.below(&exported);
        let correlation = trace.correlation;
        let span =
            tracing::info_span!("request", method = labels.method, route = labels.route(), %correlation);
        let client = edge.proxies.client(request.headers(), request.extensions());
        let unread = Unread::lend(&mut request);
        let handled = edge.limiters.requests_per_address.take(client, edge.now()).map(|()| {
            request.extensions_mut().insert(trace);
            let limit = TimeLimit::start(&mut request);
            audit::noting(limit.enforce(AssertUnwindSafe(self.inner.call(request)).catch_unwind()))
        });
        Box::pin(
            async move {
                let (mut response, noted) = match handled {
                    Ok(handled) => {
                        let (handled, noted) = handled.await;
                        (answer_of(handled)?, Some(noted))
                    }
                    Err(wait) => (Problem::too_many_requests(wait).into_response(), None),
                };
                if let Ok(value) = HeaderValue::from_str(correlation.hyphenated().encode_lower(&mut [0; 36]))
                {
                    response.headers_mut().insert(CORRELATION_ID, value);
                }
                protect(response.headers_mut(), edge.origin.is_https());
                exported.answered(response.status().as_u16());
                labels.count(&response, started);
                if let (Some(route), Some(noted)) = (&labels.route, noted) {
                    let call = audit::Call {
                        method: &method,
                        route: route.as_str(),
                        path: uri.path(),
                        network: neighbourhood(client),
                        caller: noted.caller,
                        unchanged: noted.unchanged,
                        status: response.status(),
                        slug: response.extensions().get::<Slug>().map(|Slug(slug)| *slug),
                        correlation,
                    };
                    edge.audit.record(&call, edge.new_id, edge.now());
                }
                unread.read_before(&mut response).await;
                Ok(response)
            }
            .instrument(span),
        )
    }
}

/// Returns the handler's answer, or one in its place if it panicked or exceeded the time limit.
fn answer_of<P>(handled: Option<Result<Result<Response, Infallible>, P>>) -> Result<Response, Infallible> {
    match handled {
        Some(Ok(handled)) => handled,
        Some(Err(_)) => {
            tracing::error!("a handler panicked");
            Ok(Problem::internal().into_response())
        }
        None => {
            tracing::error!("a handler exceeded the time limit");
            Ok(Problem::unavailable(RETRY_AFTER_LIMIT).into_response())
        }
    }
}

/// The parts of a request that metrics and logs may contain: the template of the route, never the path or the query, and one
/// of a few methods. Input of a client never becomes a label, because labels are kept until the process ends.
struct Labels {
    method: &'static str,
    route: Option<MatchedPath>,
}

impl Labels {
    fn of(request: &Request) -> Self {
        let method = METHODS.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other");
        Self { method, route: request.extensions().get().cloned() }
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or("unmatched", MatchedPath::as_str)
    }

    /// The span of the request in the trace of `parent`. Pages and other files have no route and no span.
    fn exported_span(&self, parent: Option<&str>) -> Span {
        match &self.route {
            Some(route) if !PROBED.contains(&route.as_str()) => {
                Span::request(self.method, route.as_str(), parent)
            }
            Some(_) | None => Span::none(),
        }
    }

    fn count(&self, response: &Response, started: Instant) {
        let (status, taken) = (response.status(), started.elapsed());
        // For unknown routes all methods share one label.
        let method = if self.route.is_some() { self.method } else { "any" };
        let labels = [
            ("method", method.to_owned()),
            ("route", self.route().to_owned()),
            ("status", status.as_str().to_owned()),
        ];
        metrics::counter!("ticketshow_requests", &labels).increment(1);
        metrics::histogram!("ticketshow_request_seconds", "route" => self.route().to_owned()).record(taken);
        tracing::debug!(status = status.as_u16(), seconds = taken.as_secs_f64(), "answered");
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, Bytes},
        http::header,
        routing::post,
    };
    use futures_util::stream;
    use jiff::Timestamp;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;
    use crate::{Limits, RawBody, Secret, SiteOrigin, TrustedProxies};

    fn fresh() -> Uuid {
        Uuid::from_u128(7)
    }

    fn app(limits: &Limits) -> Router {
        app_at("http://localhost:8000", limits)
    }

    fn app_at(origin: &str, limits: &Limits) -> Router {
        let secret = Secret::new([1; 32]).unwrap();
        let (origin, proxies) = (SiteOrigin::of(origin), TrustedProxies::default());
        let edge = Arc::new(Edge::at(origin, &secret, limits, proxies, || Timestamp::UNIX_EPOCH, fresh));
        let router = Router::new()
            .route("/ok", post(async |trace: Trace| trace.correlation.to_string()))
            .route("/hang", post(std::future::pending::<&'static str>))
            .route("/echo", post(async |RawBody(body): RawBody| body))
            .route("/stream", post(async || Body::from_stream(ticks(40))))
            .route("/cached", post(async || [(header::CACHE_CONTROL, "no-cache")]))
            .route("/bug", post(async || -> &'static str { panic!("a bug") }))
            .with_state(Arc::clone(&edge));
        complete(router, &edge)
    }

    /// A body of this many bytes, one per second.
    fn ticks(count: u8) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(0, move |sent| async move {
            if sent == count {
                return None;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok(Bytes::from_static(b".")), sent + 1))
        })
    }

    async fn call(app: &Router, request: axum::http::request::Builder) -> (u16, HeaderMap, String) {
        send(app, request, Body::empty()).await
    }

    async fn send(
        app: &Router,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (u16, HeaderMap, String) {
        let response = app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status.as_u16(), parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn unknown_paths_unknown_methods_and_panics_are_problems() {
        let app = app(&Limits::OFF);
        for (request, status, slug) in [
            (Request::post("/nowhere"), 404, "/problems/not-found"),
            (Request::get("/ok"), 405, "/problems/method-not-allowed"),
            (Request::post("/bug"), 500, "/problems/internal"),
        ] {
            let (answered, headers, body) = call(&app, request).await;
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((answered, problem["type"].as_str()), (status, Some(slug)));
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
            assert!(headers.contains_key(CORRELATION_ID));
        }
    }

    #[tokio::test]
    async fn every_answer_protects_the_browser_that_gets_it() {
        let limits = Limits { requests_per_address: "4/1h".parse().unwrap(), ..Limits::OFF };
        for (origin, transport) in [
            ("https://tickets.example.org", Some("max-age=31536000; includeSubDomains")),
            ("http://localhost:8000", None),
        ] {
            let app = app_at(origin, &limits);
            for (path, status) in
                [("/ok", 200), ("/nowhere", 404), ("/bug", 500), ("/cached", 200), ("/ok", 429)]
            {
                let (answered, headers, _) = call(&app, Request::post(path)).await;
                assert_eq!(answered, status);
                let header = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap());
                let cached = if path == "/cached" { "no-cache" } else { "no-store" };
                assert_eq!(header("cache-control"), Some(cached), "{path}");
                assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
                let policy = header("content-security-policy").unwrap();
                assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
                assert_eq!(header("strict-transport-security"), transport, "{path}");
            }
        }
    }

    #[tokio::test]
    async fn a_trace_is_continued_and_an_invalid_one_replaced() {
        let app = app(&Limits::OFF);
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let (_, headers, body) = call(&app, Request::post("/ok").header("traceparent", traceparent)).await;
        assert_eq!(body, "0af76519-16cd-43dd-8448-eb211c80319c");
        assert_eq!(headers[CORRELATION_ID], body);

        for broken in ["", "00-0-0-00", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ü"] {
            let (_, _, body) = call(&app, Request::post("/ok").header("traceparent", broken)).await;
            assert_eq!(body, fresh().to_string(), "{broken}");
        }
    }

    #[tokio::test]
    async fn an_address_over_its_quota_gets_a_retry_after() {
        let requests_per_address = "2/10s".parse().unwrap();
        let app = app(&Limits { requests_per_address, ..Limits::OFF });
        assert_eq!(call(&app, Request::post("/ok")).await.0, 200);
        assert_eq!(call(&app, Request::post("/ok")).await.0, 200);
        let (status, headers, _) = call(&app, Request::post("/ok")).await;
        assert_eq!((status, headers[header::RETRY_AFTER].to_str().unwrap()), (429, "5"));
    }

    #[test]
    fn an_invented_method_is_no_label() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                let app = app(&Limits::OFF);
                for n in 0..100 {
                    let invented = format!("INVENTED{n}");
                    assert_eq!(
                        call(&app, Request::builder().method(invented.as_str()).uri("/ok")).await.0,
                        405
                    );
                }
            });
        });
        let measured = recorder.handle().render();
        assert!(
            measured.contains(r#"ticketshow_requests{method="other",route="/ok",status="405"} 100"#),
            "{measured}"
        );
        assert!(!measured.contains("INVENTED"), "{measured}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_hangs_is_answered_with_a_503() {
        let app = app(&Limits::OFF);
        let started = tokio::time::Instant::now();
        let (status, headers, body) = call(&app, Request::post("/hang")).await;
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, problem["type"].as_str()), (503, Some("/problems/unavailable")));
        assert_eq!(headers[header::RETRY_AFTER], "5");
        assert_eq!(started.elapsed().as_secs(), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_and_an_event_stream_are_not_cut_off_by_the_time_limit() {
        let app = app(&Limits::OFF);
        let echoed = send(&app, Request::post("/echo"), Body::from_stream(ticks(25))).await;
        assert_eq!((echoed.0, echoed.2.len()), (200, 25));
        let streamed = call(&app, Request::post("/stream")).await;
        assert_eq!((streamed.0, streamed.2.len()), (200, 40));
    }
}
