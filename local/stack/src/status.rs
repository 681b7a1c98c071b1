//! Tells which parts of a local stack run, and whether the site is ready.

use std::process::ExitCode;

use anyhow::Result;

use super::home::Home;
use super::process::Record;
use super::settings::Place;
use super::{PARTS, SERVER, SUPERVISOR, probe};

/// Prints a line a part and what `/readyz` says. Exit code 0 if everything runs and is ready, 3 otherwise.
///
/// # Errors
///
/// The folder cannot be entered.
pub async fn status(place: &Place) -> Result<ExitCode> {
    let home = Home::open(&place.home)?;
    let mut well = true;
    println!("{:<12} {:<8} {:>8} {:>9}  address", "part", "state", "process", "restarts");
    for part in [SUPERVISOR].into_iter().chain(PARTS) {
        let record = Record::read(&home.record(part)).filter(|record| record.process.alive());
        if let Some(Record { process, address, restarts }) = record {
            println!("{part:<12} {:<8} {:>8} {restarts:>9}  {address}", "running", process.pid);
        } else if part == SUPERVISOR || Record::read(&home.record(part)).is_some() {
            well = false;
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
        well &= ready;
    } else {
        well = false;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
