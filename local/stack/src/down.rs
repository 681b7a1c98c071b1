//! Stops a local stack: its supervisor, and processes that a killed one left behind.

use std::{
    fs::{self, File, TryLockError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use crate::{PARTS, SUPERVISOR, console::Console, home::Home, postgres, process::Record, settings::Place};

/// Time that the supervisor has to stop its parts.
const PATIENCE: Duration = Duration::from_mins(1);

/// Stops the stack and waits until all its processes have exited.
///
/// # Errors
///
/// The supervisor does not stop.
pub async fn down(place: &Place) -> Result<()> {
    let home = Home::open(&place.home)?;
    let console = Console::new();
    let running = Record::read(&home.record(SUPERVISOR)).filter(|record| record.process.alive());
    if let Some(record) = &running {
        record.process.signal(Signal::TERM);
        ensure!(
            record.process.gone_within(PATIENCE).await,
            "the supervisor (process {}) did not stop within {} s; see {}",
            record.process.pid,
            PATIENCE.as_secs(),
            home.path().join("logs").display(),
        );
    }
    let lock = lock(&home)?.context("another `ticketshow up` has just started")?;
    let left = end_left_over(&home, console).await;
    drop(lock);
    console.say("down", if running.is_some() || left { "stopped" } else { "nothing was running" });
    Ok(())
}

/// Stops the stack and deletes its data, logs and secrets.
///
/// # Errors
///
/// The stack does not stop, or a folder cannot be deleted.
pub async fn clean(place: &Place) -> Result<()> {
    down(place).await?;
    Home::open(&place.home)?.forget()?;
    Console::new().say("clean", "deleted data, logs and secrets; kept the tools");
    Ok(())
}

/// Takes the lock that allows one supervisor per folder; `None` if another process holds it. The system releases it when the
/// holder exits.
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

/// Stops the parts of a supervisor that was killed, and returns true if there were any. The caller holds the lock.
pub async fn end_left_over(home: &Home, console: Console) -> bool {
    let mut any = false;
    for part in PARTS {
        let path = home.record(part);
        if let Some(record) = Record::read(&path).filter(|record| record.process.alive()) {
            any = true;
            console.say(
                part,
                &format!("stopping a process from an earlier run (process {})", record.process.pid),
            );
            let stop = if part == postgres::NAME { Signal::INT } else { Signal::TERM };
            record.process.signal(stop);
            if !record.process.gone_within(Duration::from_secs(15)).await {
                record.process.kill_group();
                record.process.gone_within(Duration::from_secs(5)).await;
            }
        }
        // The record is obsolete now.
        let _ = fs::remove_file(&path);
    }
    let _ = fs::remove_file(home.record(SUPERVISOR));
    any
}
