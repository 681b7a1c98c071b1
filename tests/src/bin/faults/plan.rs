//! The faults of a round, in a random order that a seed repeats.

use std::{fmt, time::Duration};

use clap::Args;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};

/// A service or server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One of the service processes, by index.
    Service(usize),
    /// The service processes of a name, whichever is active: `sagas`, `projectors`.
    Both(&'static str),
    /// One of the nats-servers.
    Nats(usize),
    Postgres,
}

/// One fault with its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL, then a new process after a pause.
    Kill(Target, Duration),
    /// SIGSTOP, then SIGCONT after a pause.
    Stop(Target, Duration),
    /// A nats-server without any network, as if its machine had vanished.
    Isolate(usize, Duration),
    /// A nats-server whose clients reach it, but whose peers do not.
    Split(usize, Duration),
    /// A power cut of one nats-server: data that it had not synced is gone.
    PowerCut(usize),
    /// A power cut of all three nats-servers at once.
    Blackout,
}

/// Number of faults of each kind in a round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Counts {
    /// Processes killed.
    #[arg(long, default_value_t = 35)]
    pub kills: usize,
    /// Processes stopped for longer than a lock lives, then continued.
    #[arg(long, default_value_t = 3)]
    pub stops: usize,
    /// Partitions of the network.
    #[arg(long, default_value_t = 3)]
    pub partitions: usize,
    /// Power cuts.
    #[arg(long, default_value_t = 2)]
    pub power_cuts: usize,
}

/// The faults of a round.
#[derive(Debug)]
pub struct Plan {
    faults: Vec<Fault>,
    counts: Counts,
}

/// Service processes of an installation.
pub const SERVICES: [&str; 8] =
    ["command-api", "command-api", "query-api", "query-api", "projectors", "projectors", "sagas", "sagas"];

impl Plan {
    /// Draws the faults of a seed.
    pub fn new(seed: u64, counts: &Counts) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut millis = |from: u64, to: u64| Duration::from_millis(rng.random_range(from..=to));
        let mut faults = Vec::new();
        for index in 0..counts.kills {
            // Of ten kills seven hit a service, two a nats-server, one Postgres.
            let target = match index % 10 {
                0..=6 => Target::Service(index % SERVICES.len()),
                7 | 8 => Target::Nats(index % 3),
                _ => Target::Postgres,
            };
            faults.push(Fault::Kill(target, millis(100, 2_000)));
        }
        for index in 0..counts.stops {
            let target = match index % 3 {
                0 => Target::Both("sagas"),
                1 => Target::Nats(index % 2),
                _ => Target::Both("projectors"),
            };
            faults.push(Fault::Stop(target, millis(14_000, 16_000)));
        }
        for index in 0..counts.partitions {
            let lasts = millis(6_000, 10_000);
            faults.push(if index % 2 == 0 {
                Fault::Isolate(index % 3, lasts)
            } else {
                Fault::Split(index % 3, lasts)
            });
        }
        for index in 0..counts.power_cuts {
            faults.push(if index % 2 == 0 { Fault::PowerCut(index % 3) } else { Fault::Blackout });
        }
        faults.shuffle(&mut rng);
        Self { faults, counts: *counts }
    }

    /// The faults in order.
    pub fn faults(&self) -> impl Iterator<Item = Fault> {
        self.faults.iter().copied()
    }

    /// Number of each kind.
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(index) => write!(f, "{} {}", SERVICES[*index], index % 2 + 1),
            Self::Both(name) => write!(f, "the first {name} process"),
            Self::Nats(index) => write!(f, "nats-server {}", index + 1),
            Self::Postgres => f.write_str("Postgres"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(target, pause) => write!(f, "kill {target}, start it after {pause:?}"),
            Self::Stop(target, pause) => write!(f, "stop {target} for {pause:?}"),
            Self::Isolate(index, pause) => write!(f, "isolate nats-server {} for {pause:?}", index + 1),
            Self::Split(index, pause) => {
                write!(f, "split nats-server {} from its peers for {pause:?}", index + 1)
            }
            Self::PowerCut(index) => write!(f, "cut the power of nats-server {}", index + 1),
            Self::Blackout => f.write_str("cut the power of all nats-servers"),
        }
    }
}
