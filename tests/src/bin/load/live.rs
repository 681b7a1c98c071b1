//! Row 9: time from a reservation until all listeners of the seat map have seen it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::MissedTickBehavior,
};

use crate::{
    Options,
    drive::as_f64,
    report::{Line, grouped},
    samples::Samples,
    site::{Site, SyncInterval, seat_name},
    wire::{Wire, request},
};

const LISTENERS: usize = 1_000;
const PER_SECOND: u32 = 10;
const SEATS: usize = 300;
/// Time a listener waits at the end for events in flight.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let site = Site::start(SyncInterval::Always, &[]).await?;
    let (buyers, hall) = (site.buyers(SEATS)?, site.hall(SEATS).await?);
    let clock = Arc::new(Clock::new());
    let seats = SEATS.min(usize::try_from(options.seconds(10).as_secs())? * usize::try_from(PER_SECOND)?);
    let mut listeners = JoinSet::new();
    for _ in 0..LISTENERS {
        let listener = Listener::connect(site.address, &hall.screening).await?;
        listeners.spawn(listener.hear(seats, Arc::clone(&clock)));
    }

    let before = site.spent().await;
    let (start, mut wire, mut text) = (Instant::now(), Wire::connect(site.address).await?, Vec::new());
    let mut pace = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for seat in 0..seats {
        pace.tick().await;
        let body = format!(r#"{{"screening_id":"{}","seats":["{}"]}}"#, hall.screening, seat_name(seat));
        request(&mut text, "POST /api/v1/bookings", &buyers[seat].token, "", &body);
        clock.sent(seat);
        let reply = wire.exchange(&text).await?;
        ensure!(reply.status == 201, "a reservation was answered {}", reply.status);
    }
    let (spent, elapsed) = (before.until(&site.spent().await), start.elapsed());
    let mut lags = Samples::default();
    while let Some(heard) = listeners.join_next().await {
        lags.add(heard??);
    }
    let all = lags.len() == seats * LISTENERS;
    let met = lags.p99() <= 50.0 && all;
    let ours = format!("p50 {:.1} ms, p99 {:.1} ms", lags.p50(), lags.p99());
    let what = format!("a reservation to the seat maps of {} listeners", grouped(as_f64(LISTENERS)));
    let rate = grouped(as_f64(lags.len()) / elapsed.as_secs_f64());
    let line = Line::new(9, what, ours, "p99 ≤ 50 ms", met)
        .note("from the moment a reservation is sent, its commit included, to the event at each listener")
        .note(format!(
            "{PER_SECOND} reservations a second, {rate} events a second; longest wait {:.1} ms",
            lags.at(1_000)
        ))
        .note(spent);
    Ok(vec![line])
}

/// Time of each request for a seat, in microseconds since the beginning.
struct Clock {
    start: Instant,
    sent: Vec<AtomicU64>,
}

impl Clock {
    fn new() -> Self {
        Self { start: Instant::now(), sent: (0..SEATS).map(|_| AtomicU64::new(0)).collect() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn sent(&self, seat: usize) {
        self.sent[seat].store(self.now(), Ordering::Relaxed);
    }

    fn since(&self, seat: usize) -> Duration {
        Duration::from_micros(self.now().saturating_sub(self.sent[seat].load(Ordering::Relaxed)))
    }
}

/// A connection to the live seat map.
pub struct Listener {
    stream: TcpStream,
    text: Vec<u8>,
}

impl Listener {
    /// Connects, and waits for the first event: from there on it hears everything.
    pub async fn connect(address: SocketAddr, screening: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let mut text = Vec::new();
        request(&mut text, &format!("GET /api/v1/screenings/{screening}/seats/live"), "", "", "");
        stream.write_all(&text).await?;
        text.clear();
        let mut listener = Self { stream, text };
        let first = listener.event().await?;
        ensure!(first.contains("event: seats"), "listening was answered {first}");
        Ok(listener)
    }

    /// Everything up to the next event and the event itself.
    async fn event(&mut self) -> Result<String> {
        loop {
            let end = self.text.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
            if let Some(end) = end {
                let event: Vec<u8> = self.text.drain(..end).collect();
                let event = String::from_utf8(event)?;
                if event.contains("event:") {
                    return Ok(event);
                }
                continue;
            }
            let mut bytes = [0; 4096];
            match tokio::time::timeout(PATIENCE, self.stream.read(&mut bytes))
                .await
                .context("nothing came")??
            {
                0 => bail!("a listener was let go"),
                read => self.text.extend_from_slice(&bytes[..read]),
            }
        }
    }

    /// Reads everything until the connection ends.
    pub async fn watch(mut self) {
        let mut bytes = [0; 4096];
        while let Ok(1..) = self.stream.read(&mut bytes).await {}
    }

    async fn hear(mut self, seats: usize, clock: Arc<Clock>) -> Result<Samples> {
        let mut lags = Samples::default();
        while lags.len() < seats {
            let event = self.event().await?;
            for named in event.split("\"seat\":\"R1-").skip(1) {
                let number = named.split('"').next().unwrap_or_default();
                lags.push(clock.since(number.parse::<usize>().context("a seat")? - 1));
            }
        }
        Ok(lags)
    }
}
