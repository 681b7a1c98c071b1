//! Row 5: delay between a command's answer and a query that shows its result, while 1,000 seats per second are booked.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use tokio::time::MissedTickBehavior;

use crate::{
    Options,
    drive::as_f64,
    report::{Line, grouped},
    samples::Samples,
    site::{Buyer, Hall, Site, SyncInterval, seat_name},
    wire::{Wire, request},
};

/// Callers, each on its own connection.
const CALLERS: usize = 50;
const PER_SECOND: usize = 1_000;
const SEATS: usize = 100_000;
const BUYERS: usize = 34_000;

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let site = Site::start(SyncInterval::Always, &[]).await?;
    let (buyers, hall) = (site.buyers(BUYERS)?, site.hall(SEATS).await?);
    let calls = Arc::new(AtomicUsize::new(0));
    let limit = options.seconds(10);
    let start = Instant::now();
    let before = site.spent().await;
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let caller = Caller {
                address: site.address,
                buyers: Arc::clone(&buyers),
                hall: Arc::clone(&hall),
                calls: Arc::clone(&calls),
            };
            tokio::spawn(caller.run(number, start + limit))
        })
        .collect();
    let (mut lags, mut behind) = (Samples::default(), 0);
    for caller in callers {
        let seen = caller.await??;
        lags.add(seen.lags);
        behind += seen.behind;
    }
    let elapsed = start.elapsed();
    let spent = before.until(&site.spent().await);
    let rate = as_f64(lags.len()) / elapsed.as_secs_f64();
    let met = lags.p99() <= 20.0 && behind == 0 && rate >= 0.95 * as_f64(PER_SECOND);
    let ours = format!("p50 {:.1} ms, p99 {:.1} ms at {} bookings/s", lags.p50(), lags.p99(), grouped(rate));
    let line = Line::new(5, "a command's answer to its event in a query", ours, "p99 ≤ 20 ms", met)
        .note("after each reservation, `GET /bookings/{id}` with its `Min-Position`: from the answer of the one to the answer of the other")
        .note(format!("queries that gave up waiting: {behind}; longest wait {:.1} ms", lags.at(1_000)))
        .note(spent);
    Ok(vec![line])
}

struct Caller {
    address: SocketAddr,
    buyers: Arc<[Buyer]>,
    hall: Arc<Hall>,
    calls: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Seen {
    lags: Samples,
    behind: u64,
}

impl Caller {
    /// Books at an even pace, and queries each booking as soon as it is answered.
    async fn run(self, number: usize, deadline: Instant) -> Result<Seen> {
        let mut wire = Wire::connect(self.address).await?;
        let mut text = Vec::new();
        let every = Duration::from_secs(1) * u32::try_from(CALLERS)? / u32::try_from(PER_SECOND)?;
        let first = tokio::time::Instant::now() + every * u32::try_from(number)? / u32::try_from(CALLERS)?;
        let mut pace = interval_from(first, every);
        let mut seen = Seen::default();
        loop {
            pace.tick().await;
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            if Instant::now() >= deadline || call >= self.hall.seats {
                return Ok(seen);
            }
            let buyer = &self.buyers[call % self.buyers.len()];
            let body =
                format!(r#"{{"screening_id":"{}","seats":["{}"]}}"#, self.hall.screening, seat_name(call));
            request(&mut text, "POST /api/v1/bookings", &buyer.token, "", &body);
            let reply = wire.exchange(&text).await?;
            let (Some(booking), position) = (reply.text("booking_id"), reply.position()) else {
                bail!("a reservation was answered {}", reply.status);
            };
            let path = format!("GET /api/v1/bookings/{booking}");
            request(&mut text, &path, &buyer.token, &format!("min-position: {position}\r\n"), "");
            let answered = Instant::now();
            let reply = wire.exchange(&text).await?;
            match reply.status {
                200 => seen.lags.push(answered.elapsed()),
                503 => seen.behind += 1,
                other => bail!("a query was answered {other}"),
            }
        }
    }
}

/// Ticks that are late come at once: the pace is kept on average.
fn interval_from(first: tokio::time::Instant, every: Duration) -> tokio::time::Interval {
    let mut pace = tokio::time::interval_at(first, every);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    pace
}
