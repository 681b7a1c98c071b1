//! One span, from its start until it is dropped.

use std::{sync::OnceLock, time::SystemTime};

use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

use crate::{enclosing, traceparent};

const OUTCOME: &str = "ticketshow.outcome";
const AGGREGATE: &str = "ticketshow.aggregate";

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Makes spans of this process go to `tracer` from now on. Returns it if there is one already.
pub(crate) fn install(tracer: SdkTracer) -> Result<(), SdkTracer> {
    TRACER.set(tracer)
}

/// `true` if spans are exported.
pub(crate) fn is_exporting() -> bool {
    TRACER.get().is_some()
}

/// A span, which ends when it is dropped. Empty if nothing is exported, or if it would have no trace to belong to.
#[derive(Debug, Default)]
pub struct Span(Option<Box<opentelemetry_sdk::trace::Span>>);

impl Span {
    /// An empty span.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// The span of an HTTP request. Continues the trace of `parent`, or begins one. `route` is the template of the route, not the path.
    #[must_use]
    pub fn request(method: &'static str, route: &str, parent: Option<&str>) -> Self {
        Self::start(parent, || {
            SpanBuilder::from_name(format!("{method} {route}")).with_kind(SpanKind::Server).with_attributes([
                KeyValue::new("http.request.method", method),
                KeyValue::new("http.route", route.to_owned()),
            ])
        })
    }

    /// The span of a command, from the request to its outcome.
    #[must_use]
    pub fn command(aggregate: &'static str, parent: Option<&str>) -> Self {
        Self::start_below(parent, || {
            SpanBuilder::from_name(format!("command {aggregate}"))
                .with_attributes([KeyValue::new(AGGREGATE, aggregate)])
        })
    }

    /// The span of a commit, from the decision until it is stored. `parent` is its first command.
    #[must_use]
    pub fn commit(aggregate: &'static str, events: u64, parent: Option<&str>) -> Self {
        Self::start_below(parent, || {
            let events = i64::try_from(events).unwrap_or(i64::MAX);
            SpanBuilder::from_name(format!("commit {aggregate}")).with_attributes([
                KeyValue::new(AGGREGATE, aggregate),
                KeyValue::new("ticketshow.events", events),
            ])
        })
    }

    /// The span of a saga's reaction that began at `began`.
    pub(crate) fn reaction(saga: &'static str, began: SystemTime, parent: Option<&str>) -> Self {
        Self::start_below(parent, || {
            SpanBuilder::from_name(format!("saga {saga}"))
                .with_kind(SpanKind::Consumer)
                .with_start_time(began)
                .with_attributes([KeyValue::new("ticketshow.saga", saga)])
        })
    }

    /// The span of a call to the payment provider. Belongs to the reaction that encloses it, or begins a trace. `template` is the path
    /// without ids.
    #[must_use]
    pub fn provider_call(method: &'static str, template: &'static str) -> Self {
        Self::start(enclosing::current().as_deref(), || {
            SpanBuilder::from_name(format!("payment provider {method} {template}"))
                .with_kind(SpanKind::Client)
                .with_attributes([
                    KeyValue::new("http.request.method", method),
                    KeyValue::new("url.template", template),
                ])
        })
    }

    /// `traceparent` of the work that follows from this span.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        self.0.as_ref().map(|span| traceparent::write(span.span_context()))
    }

    /// Id of its trace.
    #[must_use]
    pub fn trace_id(&self) -> Option<[u8; 16]> {
        self.0.as_ref().map(|span| span.span_context().trace_id().to_bytes())
    }

    /// Notes the status of the answer.
    pub fn answered(&mut self, status: u16) {
        let Some(span) = &mut self.0 else { return };
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        if status >= 500 {
            span.set_status(Status::error(""));
        }
    }

    /// Notes that no answer came.
    pub fn unanswered(&mut self) {
        if let Some(span) = &mut self.0 {
            span.set_status(Status::error("no answer"));
        }
    }

    /// Ends the span with an outcome, one of a few words.
    pub fn end(mut self, outcome: &'static str) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(OUTCOME, outcome));
        }
    }

    /// Starts a span in the trace of `parent`; an empty one if there is none.
    fn start_below(parent: Option<&str>, builder: impl FnOnce() -> SpanBuilder) -> Self {
        if parent.is_some() { Self::start(parent, builder) } else { Self::none() }
    }

    /// Starts a span in the trace of `parent`, or in a new one.
    fn start(parent: Option<&str>, builder: impl FnOnce() -> SpanBuilder) -> Self {
        let Some(tracer) = TRACER.get() else { return Self::none() };
        let context = match parent.and_then(traceparent::read) {
            Some(parent) => Context::new().with_remote_span_context(parent),
            None => Context::new(),
        };
        Self(Some(Box::new(tracer.build_with_context(builder(), &context))))
    }
}
