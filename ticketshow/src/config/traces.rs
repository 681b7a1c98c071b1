//! Settings of traces.

use anyhow::{Context, Result};
use clap::Args;
use ticketshow_traces::{Export, ExportSettings};

/// Export of traces by OTLP. The names of these settings are those of OpenTelemetry.
#[derive(Debug, Clone, Args)]
pub struct TraceSettings {
    /// Collector of traces, `http://host:port` or `https://…`, which takes OTLP as JSON over HTTP, usually on port 4318. Default: none,
    /// nothing is exported.
    #[arg(long = "otlp-endpoint", env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true, value_parser = endpoint)]
    pub otlp_endpoint: Option<String>,

    /// Name of the service in traces. Default `ticketshow-<subcommand>`, such as `ticketshow-serve`.
    #[arg(long = "otel-service-name", env = "OTEL_SERVICE_NAME")]
    pub otel_service_name: Option<String>,

    /// Share of the traces that are exported, 0 to 1. A request that continues the trace of its caller is exported if the caller says so.
    /// Default 1.
    #[arg(long = "otel-traces-share", env = "OTEL_TRACES_SAMPLER_ARG", default_value = "1", value_parser = share)]
    pub otel_traces_share: f64,
}

impl TraceSettings {
    /// Starts the export of `service`, if a collector is set.
    ///
    /// # Errors
    ///
    /// The address of the collector is invalid.
    pub fn start(&self, service: &str) -> Result<Option<Export>> {
        let Some(endpoint) = self.otlp_endpoint.clone() else { return Ok(None) };
        let service_name = self.otel_service_name.clone().unwrap_or_else(|| format!("ticketshow-{service}"));
        let settings = ExportSettings { endpoint, service_name, share: self.otel_traces_share };
        Export::start(&settings).map(Some).context("OTEL_EXPORTER_OTLP_ENDPOINT")
    }
}

fn endpoint(text: &str) -> Result<String, String> {
    let has_host = ["http://", "https://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if has_host {
        Ok(text.to_owned())
    } else {
        Err("expected http://host:port or https://host:port".to_owned())
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        Ok(_) | Err(_) => Err("expected a number from 0 to 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        traces: TraceSettings,
    }

    fn accepts(setting: &str, value: &str) -> bool {
        Command::try_parse_from(["serve", setting, value]).is_ok()
    }

    #[test]
    fn the_share_has_an_enforced_range() {
        for share in ["0", "0.25", "1", "1.0"] {
            assert!(accepts("--otel-traces-share", share), "{share}");
        }
        for share in ["1.01", "NaN", "inf", "half", ""] {
            assert!(!accepts("--otel-traces-share", share), "{share}");
        }
    }

    #[test]
    fn a_collector_is_reached_by_http() {
        for endpoint in ["http://127.0.0.1:4318", "https://collector.example.org/otlp/"] {
            assert!(accepts("--otlp-endpoint", endpoint), "{endpoint}");
        }
        for endpoint in ["127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://"] {
            assert!(!accepts("--otlp-endpoint", endpoint), "{endpoint}");
        }
    }
}
