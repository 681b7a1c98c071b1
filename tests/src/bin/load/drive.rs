//! Many callers at once, each sending its next request when the last one is answered, and their results.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{
    samples::Samples,
    wire::{Reply, Wire},
};

/// Requests of one caller.
pub trait Script: Send + 'static {
    /// Writes the next request; `false`: there is none.
    fn next(&mut self, request: &mut Vec<u8>) -> bool;

    /// Takes the answer. `true`: it completes a measurement, begun by the request after the last completed one.
    fn answered(&mut self, reply: &Reply<'_>) -> bool;
}

/// Answers to all callers.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Durations of completed measurements.
    pub samples: Samples,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Connections that broke.
    pub broken: u64,
    pub elapsed: Duration,
    /// First and last `Stream-Position` seen.
    pub positions: Option<(u64, u64)>,
}

impl Outcome {
    /// Completed per second.
    pub fn rate(&self) -> f64 {
        as_f64(self.samples.len()) / self.elapsed.as_secs_f64()
    }

    /// Completed in one commit on average, 0 if nothing was committed.
    pub fn per_commit(&self) -> f64 {
        let commits = self.positions.map_or(0, |(first, last)| last - first);
        if commits == 0 {
            0.0
        } else {
            as_f64(self.samples.len()) / as_f64(usize::try_from(commits).unwrap_or(0))
        }
    }

    /// Answers with this status.
    pub fn count(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }

    /// Answers that no client should see under load: 5xx, and connections that broke.
    pub fn failures(&self) -> u64 {
        self.broken + self.statuses.range(500..).map(|(_, count)| count).sum::<u64>()
    }

    /// `201: 153,000, 409: 12`.
    pub fn statuses(&self) -> String {
        let mut parts: Vec<_> =
            self.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        if self.broken > 0 {
            parts.push(format!("broken connections: {}", self.broken));
        }
        parts.join(", ")
    }

    fn add(&mut self, other: Self) {
        self.samples.add(other.samples);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.broken += other.broken;
        self.positions = match (self.positions, other.positions) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, None) | (None, one) => one,
        };
    }

    fn note(&mut self, reply: &Reply<'_>) {
        *self.statuses.entry(reply.status).or_default() += 1;
        let position = reply.position();
        if position > 0 {
            let (first, last) = self.positions.unwrap_or((position, position));
            self.positions = Some((first.min(position), last.max(position)));
        }
    }
}

/// A count as a number to divide; exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts of a load test stay far below 2^53")]
pub fn as_f64(count: usize) -> f64 {
    count as f64
}

/// Runs all scripts, each on its own connection to the given address, until they end or `limit` is over.
pub async fn drive<S: Script>(scripts: Vec<(SocketAddr, S)>, limit: Duration) -> anyhow::Result<Outcome> {
    let mut callers = Vec::with_capacity(scripts.len());
    for (address, script) in scripts {
        callers.push((Wire::connect(address).await?, script));
    }
    let start = Instant::now();
    let tasks: Vec<_> =
        callers.into_iter().map(|(wire, script)| tokio::spawn(call(wire, script, start + limit))).collect();
    let mut outcome = Outcome::default();
    for task in tasks {
        outcome.add(task.await?);
    }
    outcome.elapsed = start.elapsed();
    Ok(outcome)
}

async fn call<S: Script>(mut wire: Wire, mut script: S, deadline: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let mut request = Vec::with_capacity(1_024);
    let mut begun = Instant::now();
    while Instant::now() < deadline && script.next(&mut request) {
        match exchange(&mut wire, &request, &mut script, &mut outcome).await {
            Ok(true) => {
                let now = Instant::now();
                outcome.samples.push(now - begun);
                begun = now;
            }
            Ok(false) => {}
            Err(_) => {
                outcome.broken += 1;
                break;
            }
        }
    }
    outcome
}

async fn exchange<S: Script>(
    wire: &mut Wire,
    request: &[u8],
    script: &mut S,
    outcome: &mut Outcome,
) -> io::Result<bool> {
    let reply = wire.exchange(request).await?;
    outcome.note(&reply);
    Ok(script.answered(&reply))
}
