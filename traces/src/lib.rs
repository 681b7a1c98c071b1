//! Traces: spans of requests, commands, commits, reactions of sagas and calls to the payment provider, exported by OTLP. The only crate
//! that names OpenTelemetry. As long as no export was started, every span here is empty and costs one load of an atomic.
//!
//! A span finds its parent by a `traceparent` that is passed on as text: in the header of a request, in the metadata of a command and of
//! its commit, and so from one process to the next, across restarts. Spans hold what operators may see: templates of routes, types and
//! outcomes; never ids, names or addresses of people, queries or tokens.

#![deny(missing_docs)]

mod enclosing;
mod export;
mod queue;
mod reaction;
mod span;
mod traceparent;

pub use export::{Export, ExportError, ExportSettings};
pub use reaction::ReactionSpan;
pub use span::Span;
