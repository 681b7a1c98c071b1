//! Shows the parts of a local stack and the readiness of the site.

use std::process::ExitCode;

use anyhow::Result;

use crate::{PARTS, SERVER, SUPERVISOR, home::Home, probe, process::Record, settings::Place};

/// Prints one line per part, and `/readyz`. Exit code 0 if all parts run and the site is ready, else 3.
///
/// # Errors
///
/// The folder cannot be entered.
pub async fn status(place: &Place) -> Result<ExitCode> {
    let home = Home::open(&place.home)?;
    let mut healthy = true;
    println!("{:<12} {:<8} {:>8} {:>9}  address", "part", "state", "process", "restarts");
    for part in [SUPERVISOR].into_iter().chain(PARTS) {
        let record = Record::read(&home.record(part)).filter(|record| record.process.alive());
        if let Some(Record { process, address, restarts }) = record {
            println!("{part:<12} {:<8} {:>8} {restarts:>9}  {address}", "running", process.pid);
        } else if part == SUPERVISOR || Record::read(&home.record(part)).is_some() {
            healthy = false;
            println!("{part:<12} {:<8}", "stopped");
        }
    }
    let server = Record::read(&home.record(SERVER)).filter(|record| record.process.alive());
    if let Some(server) = server {
        let (ready, text) = match probe::get(&server.address, "/readyz").await {
            Ok((status, body)) => (status == 200, body),
            Err(error) => (false, format!("{error:#}")),
        };
        println!("\n/readyz: {}", text.trim());
        healthy &= ready;
    } else {
        healthy = false;
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
