//! `ticketshow verify`: checks the invariants of the log.

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use clap::Args;
use jiff::SignedDuration;
use ticketshow_nats::{clock, log::history::Log, server::users::NatsUser};

use crate::{config::Installation, logging, operations::progress};

/// The installation and the strictness of the check.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    installation: Installation,

    /// Age in seconds at which unfinished payments and refunds count as violations. Default: none, they count as in flight.
    #[arg(long, value_name = "SECONDS")]
    settled: Option<u32>,

    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the report. Exit code 0 if the log is clean, 1 if an invariant is violated.
///
/// # Errors
///
/// The log cannot be read.
pub async fn verify(settings: &Verify) -> Result<ExitCode> {
    logging::warnings();
    let connection = settings.installation.connect(NatsUser::QueryApi).await?;
    let settled = settings.settled.map(|seconds| Duration::from_secs(seconds.into()));
    let before =
        settled.and_then(|settled| clock::now().checked_sub(SignedDuration::try_from(settled).ok()?).ok());
    let bar = progress::bar();
    bar.set_message("verifying");
    let log = Log::new(&connection);
    let report = ticketshow_verify::run(&log, before, |position, last| {
        bar.set_length(last);
        bar.set_position(position);
    });
    let report = report.await?;
    bar.finish_and_clear();
    if settings.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
