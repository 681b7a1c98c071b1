//! Row 8: memory of the idle one-process server.

use anyhow::Result;
use ticketshow_tests::eventually_within;

use crate::{
    Options, machine,
    report::Line,
    site::{Site, SyncInterval},
};

/// The server counts as idle if two measurements a second apart differ by less than this, in kB.
const STILL_KB: u64 = 256;

pub async fn measure(_options: &Options) -> Result<Vec<Line>> {
    let site = Site::start(SyncInterval::Always, &[]).await?;
    site.hall(300).await?;
    let pid = site.stack.server.pid();
    let mut last = 0;
    let resident = eventually_within(std::time::Duration::from_mins(1), "memory to settle", async || {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let now = machine::resident_kb(pid);
        let still = now.abs_diff(last) < STILL_KB;
        last = now;
        still.then_some(now)
    })
    .await;
    let mib = resident / 1024;
    let line = Line::new(
        8,
        "idle memory of the one-process server",
        format!("{mib} MiB"),
        "≤ 100 MB",
        resident <= 97_656,
    )
    .note(format!(
        "resident, after start and one screening; highest so far {} MiB",
        machine::peak_kb(pid) / 1024
    ));
    Ok(vec![line])
}
