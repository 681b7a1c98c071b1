//! Row 4: rebuild of every Postgres read model from a log of a million events.

use std::{
    process::Command,
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use ticketshow_tests::{Folder, Process, find_binary};

use crate::{
    Options,
    drive::{as_f64, drive},
    machine,
    report::{Line, grouped},
    reserve::Reserve,
    site::{Site, SyncInterval},
    wallet,
};

/// Seats of each screening that is sold out to make events: one event per reservation.
const SEATS: usize = 200_000;
const BUYERS: usize = 67_000;
const CONNECTIONS: usize = 64;
/// Holds must not lapse while the log is made.
const SETTINGS: [(&str, &str); 1] = [("TICKETSHOW_HOLD_SECONDS", "7200")];
/// Duration of the phase with whole bookings, so that every read model has rows.
const BOOKING: Duration = Duration::from_secs(8);
/// `BookingOpened`, `PaymentAttemptStarted`, `WalletDebited`, `SeatsReserved`, `SeatsSold`, `BookingConfirmed`.
const EVENTS_A_BOOKING: usize = 6;

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let site = Site::start(SyncInterval::Always, &SETTINGS).await?;
    let bookings = wallet::book(&site, BOOKING).await?;
    let mut events = bookings * EVENTS_A_BOOKING;
    while events < options.events {
        events += reserve(&site, options.events - events).await?;
    }

    let folder = Folder::new("replay");
    let mut command = Command::new(find_binary());
    command.arg("replay").envs(site.stack.settings());
    let start = Instant::now();
    let mut replay = Process::start("ticketshow replay", command, &folder.join("replay.log"));
    let mut peak = 0;
    let status = loop {
        peak = peak.max(machine::peak_kb(replay.pid()));
        if let Some(status) = replay.exit_status() {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let elapsed = start.elapsed();
    ensure!(status.success(), "ticketshow replay: {}", replay.log());
    let rate = as_f64(events) / elapsed.as_secs_f64();
    let ours = format!("{} events/s, {} MiB at most", grouped(rate), peak / 1024);
    let log = replay.log();
    let last = log.lines().rfind(|line| line.contains("rebuilt")).unwrap_or_default();
    let verified = site.verify();
    let line = Line::new(4, "replay into every Postgres read model", ours, "≥ 50,000/s", rate >= 50_000.0)
        .note(format!(
            "{} events in {:.1} s, start and swap included; made through the API: {} wallet bookings, the rest reservations",
            grouped(as_f64(events)),
            elapsed.as_secs_f64(),
            grouped(as_f64(bookings)),
        ))
        .note(format!("lifted: `{}={}`", SETTINGS[0].0, SETTINGS[0].1))
        .note(format!("it said: {last}"))
        .note(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64()));
    Ok(vec![line])
}

/// Makes up to `most` reservations on a new screening. Returns their number.
async fn reserve(site: &Site, most: usize) -> Result<usize> {
    let (buyers, hall) = (site.buyers(BUYERS)?, site.hall(SEATS.min(most)).await?);
    let script = Reserve::new("POST /api/v1/bookings", buyers, hall, Arc::new(AtomicUsize::new(0)));
    let callers = (0..CONNECTIONS).map(|_| (site.address, script.clone())).collect();
    let outcome = drive(callers, Duration::from_mins(5)).await?;
    ensure!(outcome.count(201) > 0, "no reservation was accepted: {}", outcome.statuses());
    Ok(usize::try_from(outcome.count(201))?)
}
