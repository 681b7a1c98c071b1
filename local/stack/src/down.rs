//! Ends a local stack: its supervisor in good order, and whatever an earlier one left behind.

use std::fs::{self, File, TryLockError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use super::console::Console;
use super::home::Home;
use super::process::Record;
use super::settings::Place;
use super::{PARTS, SUPERVISOR, postgres};

/// How long the supervisor may take for ending its parts.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ends what runs; done when nothing does.
///
/// # Errors
///
/// The supervisor does not end.
pub async fn down(place: &Place) -> Result<()> {
    let home = Home::open(&place.home)?;
    let console = Console::new();
    let running = Record::read(&home.record(SUPERVISOR)).filter(|record| record.process.alive());
    if let Some(record) = &running {
        record.process.signal(Signal::TERM);
        ensure!(
            record.process.gone_within(PATIENCE).await,
            "the supervisor (process {}) has not ended within {} s; see {}",
            record.process.pid,
            PATIENCE.as_secs(),
            home.path().join("logs").display(),
        );
    }
    let lock = lock(&home)?.context("another `ticketshow up` has just begun")?;
    let left = end_left_over(&home, console).await;
    drop(lock);
    console
        .say("down", if running.is_some() || left { "everything has ended" } else { "nothing was running" });
    Ok(())
}

/// Ends what runs and forgets the data, the logs and the secrets.
///
/// # Errors
///
/// As [`down`], or a folder cannot be removed.
pub async fn clean(place: &Place) -> Result<()> {
    down(place).await?;
    Home::open(&place.home)?.forget()?;
    Console::new().say("clean", "data, logs and secrets are gone; tools are still there");
    Ok(())
}

/// The right to be the one supervisor of this folder; none while another has it. Given back by the system however the
/// holder ends.
///
/// # Errors
///
/// The lock file cannot be used.
pub fn lock(home: &Home) -> Result<Option<File>> {
    let path = home.lock();
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// Ends the parts of a supervisor that was killed. The caller holds the lock. True if there were any.
pub async fn end_left_over(home: &Home, console: Console) -> bool {
    let mut any = false;
    for part in PARTS {
        let path = home.record(part);
        if let Some(record) = Record::read(&path).filter(|record| record.process.alive()) {
            any = true;
            console.say(part, &format!("left over from before, ending it (process {})", record.process.pid));
            let stop = if part == postgres::NAME { Signal::INT } else { Signal::TERM };
            record.process.signal(stop);
            if !record.process.gone_within(Duration::from_secs(15)).await {
                record.process.kill_group();
                record.process.gone_within(Duration::from_secs(5)).await;
            }
        }
        // Gone or never there: either way it tells nothing any more.
        let _ = fs::remove_file(&path);
    }
    let _ = fs::remove_file(home.record(SUPERVISOR));
    any
}
