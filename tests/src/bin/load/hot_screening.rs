//! Row 1: all callers reserve seats of one screening with 200,000 seats.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use anyhow::{Result, ensure};
use ticketshow_tests::Server;

use crate::{
    Options,
    baseline::Baseline,
    drive::{Outcome, drive},
    report::{Line, speed},
    reserve::Reserve,
    site::{Buyer, Hall, Site, SyncInterval, address},
};

const SEATS: usize = 200_000;
const CONNECTIONS: usize = 64;
/// Enough for every seat, at three unpaid holds per customer.
const BUYERS: usize = 67_000;
/// Runs before the measured one, so that neither side pays for warming up.
const WARM_UP: Duration = Duration::from_secs(2);

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let limit = options.seconds(8);
    let mut durable = one_process(SyncInterval::Always, limit).await?;
    let mut two = two_processes(limit).await?;
    let mut relaxed = one_process(SyncInterval::Relaxed, limit).await?;
    let baseline = Baseline::start().await?;
    baseline.reserve(SEATS, |script| script, CONNECTIONS, WARM_UP).await?;
    let mut rows = baseline.reserve(SEATS, |script| script, CONNECTIONS, limit).await?;

    let ratio = durable.outcome.rate() / rows.rate();
    let met = durable.outcome.rate() >= 20_000.0 && durable.outcome.samples.p99() <= 25.0 && ratio >= 4.0;
    let mut first = durable.line("reservations on one hot screening");
    first.baseline = Some((speed(&mut rows), ratio));
    (first.goal, first.met) = ("≥ 20,000/s, p99 ≤ 25 ms, ≥ 4×", met);
    let first = first.note(format!("row locks: {}", rows.statuses()));
    Ok(vec![
        first,
        two.line("the same, two processes selling"),
        relaxed
            .line("the same as the first, synced every 2 minutes")
            .note("a power cut would lose up to two minutes of acknowledged reservations; never shipped"),
    ])
}

/// One run, with its remarks.
struct Run {
    outcome: Outcome,
    spent: String,
    verified: Duration,
}

impl Run {
    fn line(&mut self, what: &str) -> Line {
        let Self { outcome, spent, verified } = self;
        let seats = format!("{CONNECTIONS} connections, {SEATS} seats, {BUYERS} customers");
        Line::new(1, what, speed(outcome), "", true)
            .note(format!("{seats}; answers {}", outcome.statuses()))
            .note(format!("{:.1} reservations a commit; {spent}", outcome.per_commit()))
            .note(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64()))
    }
}

async fn one_process(sync: SyncInterval, limit: Duration) -> Result<Run> {
    let site = Site::start(sync, &[]).await?;
    let only = site.address;
    run(&site, [only, only], limit).await
}

async fn two_processes(limit: Duration) -> Result<Run> {
    let site = Site::start(SyncInterval::Always, &[]).await?;
    let second = Server::start("serve", &site.stack.settings()).await;
    run(&site, [site.address, address(&second.url())?], limit).await
}

/// Half of the callers go to each address.
async fn run(site: &Site, addresses: [SocketAddr; 2], limit: Duration) -> Result<Run> {
    let buyers = site.buyers(BUYERS)?;
    drive(callers(addresses, &buyers, &site.hall(SEATS).await?), WARM_UP).await?;
    let hall = site.hall(SEATS).await?;
    let before = site.spent().await;
    let outcome = drive(callers(addresses, &buyers, &hall), limit).await?;
    let spent = before.until(&site.spent().await);
    ensure!(outcome.count(201) > 0, "no reservation was accepted: {}", outcome.statuses());
    Ok(Run { outcome, spent, verified: site.verify() })
}

fn callers(
    addresses: [SocketAddr; 2],
    buyers: &Arc<[Buyer]>,
    hall: &Arc<Hall>,
) -> Vec<(SocketAddr, Reserve)> {
    let calls = Arc::new(AtomicUsize::new(0));
    let script = Reserve::new("POST /api/v1/bookings", Arc::clone(buyers), Arc::clone(hall), calls);
    (0..CONNECTIONS).map(|caller| (addresses[caller % 2], script.clone())).collect()
}
