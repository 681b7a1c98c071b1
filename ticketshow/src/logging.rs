//! Logging to standard error, as text or JSON.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Logging};

/// Starts logging. Called once per process.
///
/// # Errors
///
/// The filter is invalid.
pub fn start(settings: &Logging) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.filter)
        .with_context(|| format!("TICKETSHOW_LOG: {:?} is not a log filter", settings.filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Logs warnings and errors only, for operations, whose output is read by a person.
pub fn warnings() {
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr);
    lines.with_ansi(std::io::stderr().is_terminal()).init();
}
