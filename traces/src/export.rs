//! Export of spans by OTLP, as JSON over HTTP.

use std::time::Duration;

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider, SpanExporter as _},
};
use reqwest::{Client, redirect::Policy};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{queue::queue, span};

/// Time limit of a request to the collector.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Time that the last spans have at the end of the process.
const FLUSH_MAX: Duration = Duration::from_secs(3);

/// Collector of spans, and the share of spans that it gets.
#[derive(Clone)]
pub struct ExportSettings {
    /// Address of the collector, without `/v1/traces`.
    pub endpoint: String,
    /// Name of this service in traces.
    pub service_name: String,
    /// Share of the traces that begin here, 0 to 1. A trace that began elsewhere is exported if its origin exports it.
    pub share: f64,
}

impl std::fmt::Debug for ExportSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may contain a password.
        f.debug_struct("ExportSettings").field("service_name", &self.service_name).finish_non_exhaustive()
    }
}

/// Reason spans cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The machine cannot make HTTP calls.
    #[error("cannot create the HTTP client for the collector")]
    NoClient(#[source] reqwest::Error),
    /// A setting is invalid.
    #[error("the collector cannot be used")]
    Invalid(#[source] ExporterBuildError),
    /// An export runs already in this process.
    #[error("spans are exported already")]
    Started,
}

/// The export of the spans of this process.
#[derive(Debug)]
pub struct Export {
    stop: CancellationToken,
    sending: JoinHandle<()>,
}

impl Export {
    /// Starts exporting. Requires a running Tokio runtime. The collector need not be there.
    ///
    /// # Errors
    ///
    /// [`ExportError`] if a setting is invalid, or if this is the second export of the process.
    pub fn start(settings: &ExportSettings) -> Result<Self, ExportError> {
        // Installing it twice is harmless: the workspace has no other provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build();
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client.map_err(ExportError::NoClient)?)
            .with_endpoint(format!("{}/v1/traces", settings.endpoint.trim_end_matches('/')))
            .with_protocol(Protocol::HttpJson)
            .with_timeout(TIMEOUT)
            .build()
            .map_err(ExportError::Invalid)?;
        let resource = Resource::builder()
            .with_service_name(settings.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        exporter.set_resource(&resource);

        let stop = CancellationToken::new();
        let (entrance, sender) = queue(exporter, stop.clone());
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.share))))
            .with_resource(resource)
            .with_span_processor(entrance)
            .build();
        span::install(provider.tracer("ticketshow")).map_err(|_| ExportError::Started)?;
        Ok(Self { stop, sending: tokio::spawn(sender.run()) })
    }

    /// Sends the spans that still wait, for three seconds at most. Spans that end later are dropped.
    pub async fn finish(mut self) {
        self.stop.cancel();
        if tokio::time::timeout(FLUSH_MAX, &mut self.sending).await.is_err() {
            self.sending.abort();
            tracing::warn!("the collector did not take the last spans in time");
        }
    }
}
