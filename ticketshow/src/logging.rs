//! What a process tells about itself: lines on standard error, as text or as JSON.

use anyhow::{Context, Result};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Logging};

/// Begins to log. Once a process.
///
/// # Errors
///
/// The filter makes no sense.
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

/// Tells what goes wrong, and nothing else: for operations, whose output is for a person.
pub fn warnings() {
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr);
    lines.with_ansi(std::io::stderr().is_terminal()).init();
}
