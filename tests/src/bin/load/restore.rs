//! Row 12: the drill of a restore. A large installation is backed up while it runs and restored into new servers.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use ticketshow_tests::{Client, Durability, Folder, Nats, Postgres, eventually_within};

use crate::{
    Options,
    drive::as_f64,
    large::{self, Size},
    report::{Line, grouped},
    site::{Site, SyncInterval},
};

/// Limit of every wait in the drill.
const PATIENCE: Duration = Duration::from_mins(20);
/// Time without a commit after which nothing is left to write.
const QUIET: Duration = Duration::from_secs(5);
/// Commits that the new booking and its payment need at most. More would mean that old ones were processed again.
const COMMITS_MAX: f64 = 10.0;

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let bookings = options.size.bookings;
    let size = Size { shows: 300, screenings: bookings.div_ceil(large::BOOKED).max(1), bookings };
    let mut site = Site::start(SyncInterval::Relaxed, &[]).await?;
    ensure!(site.stack.server.stop(), "the server ends when asked to");
    let events = large::write(&site, size).await?;
    site.stack.server.restart().await;
    large::until_projected(&site, &site.stack.client(), size).await?;
    until_idle(&site).await;

    let folder = Folder::new("backup");
    let backup = folder.join("backup");
    let backed_up = operation(&site, &["admin", "backup", "--to", &backup.display().to_string()])?;
    ensure!(site.stack.server.stop(), "the server ends when asked to");
    // As docs/operations.md has it: the server syncs every message after the restore only.
    let nats = Nats::start_configured(|place| SyncInterval::Relaxed.config(place));
    let (mut nats, postgres) = tokio::join!(nats, Postgres::start_with(Durability::Durable));
    for (name, value) in [
        ("NATS_URL", nats.url()),
        ("NATS_MONITOR_URL", nats.monitor_url()),
        ("DATABASE_URL", postgres.fresh_database().await),
    ] {
        site.stack.server.set(name, &value);
    }
    let restored = operation(&site, &["admin", "restore", "--from", &backup.display().to_string()])?;
    nats.restart_configured(|place| SyncInterval::Always.config(place)).await;

    let start = Instant::now();
    site.stack.server.restart().await;
    confirmed_payment(&site, size).await?;
    let paid = start.elapsed();
    large::until_projected(&site, &site.stack.client(), size).await?;
    let projected = start.elapsed();
    until_idle(&site).await;
    let commits = site.commits_so_far().await;
    ensure!(commits <= COMMITS_MAX, "{commits} commits: old bookings were processed again");
    let verified = site.verify();

    let ours = format!("{:.1} s", paid.as_secs_f64());
    let what = "start after a restore to the first confirmed wallet payment";
    let line = Line::new(12, what, ours, "≤ 30 s", paid <= Duration::from_secs(30));
    Ok(vec![
        line.note(format!(
            "{} paid bookings, {} events: backup of {:.1} GB in {:.0} s while it ran, restored into new servers in {:.0} s",
            grouped(as_f64(bookings)),
            grouped(as_f64(events)),
            gigabytes(&backup)?,
            backed_up.as_secs_f64(),
            restored.as_secs_f64(),
        ))
        .note(format!(
            "all read models were built {:.0} s after the start; {commits:.0} commits were written by then, all of the new booking",
            projected.as_secs_f64()
        ))
        .note(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64())),
    ])
}

/// Runs an operation with the server's settings and returns how long it took.
fn operation(site: &Site, arguments: &[&str]) -> Result<Duration> {
    let start = Instant::now();
    let output = site.stack.server.command(arguments);
    ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(start.elapsed())
}

/// Reserves a free seat of the last screening and pays it from the wallet, repeating both until they are carried out.
async fn confirmed_payment(site: &Site, size: Size) -> Result<()> {
    let buyers = site.buyers(1)?;
    let buyer = site.stack.client().with_token(&buyers.first().context("a buyer")?.token);
    let seats = json!({"screening_id": large::screening_id(size.screenings - 1), "seats": ["B-1"]});
    let booking = repeated(&buyer, "/bookings", &seats, 201).await;
    let path = format!("/bookings/{}/payment", booking["booking_id"].as_str().context("a booking")?);
    let paid = repeated(&buyer, &path, &json!({"method": "wallet"}), 200).await;
    ensure!(paid["status"] == "confirmed", "the booking is {}", paid["status"]);
    Ok(())
}

async fn repeated(buyer: &Client, path: &str, body: &serde_json::Value, status: u16) -> serde_json::Value {
    eventually_within(PATIENCE, &format!("{status} for {path}"), async || {
        let answer = buyer.post(path, body).key("after-the-restore").try_send().await.ok()?;
        assert!(
            !matches!(answer.status, 400 | 401 | 403 | 409 | 422),
            "{path}: {} {}",
            answer.status,
            answer.json
        );
        (answer.status == status).then_some(answer.json)
    })
    .await
}

/// Waits until no consumer has anything left to process, and nothing is written any more: invoices are issued without a consumer.
async fn until_idle(site: &Site) {
    until_consumed(site).await;
    eventually_within(PATIENCE, "the invoices to be issued", async || {
        let before = site.commits_so_far().await;
        tokio::time::sleep(QUIET).await;
        (site.commits_so_far().await <= before).then_some(())
    })
    .await;
}

async fn until_consumed(site: &Site) {
    eventually_within(PATIENCE, "the sagas to catch up", async || {
        let metrics = site.stack.server.operations().get("/metrics").try_send().await.ok()?.text();
        let pending = metrics.lines().filter(|line| line.starts_with("ticketshow_consumer_pending"));
        pending.map(|line| line.ends_with(" 0")).reduce(|all, one| all && one)?.then_some(())
    })
    .await;
}

fn gigabytes(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += usize::try_from(entry?.metadata()?.len())?;
    }
    Ok(as_f64(bytes) / 1e9)
}
