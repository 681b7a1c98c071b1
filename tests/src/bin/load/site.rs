//! The installation under load: real servers that sync to disk, without the limits that would stop a single caller.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use ticketshow_tests::{Client, Durability, LIFTED, Nats, NatsPlace, Postgres, Stack, inr};
use uuid::Uuid;

use crate::{
    bulk::{Bulk, History, event},
    machine,
};

/// Seats in a row of every hall.
const ROW_SEATS: usize = 1_000;
/// Most seats of a screen that the API adds.
const SEATS_MAX: usize = 10_000;

/// Sync setting of nats-server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncInterval {
    /// With every message, as shipped.
    Always,
    /// Every two minutes, nats-server's own default.
    Relaxed,
}

impl SyncInterval {
    /// The configuration of a nats-server.
    pub fn config(self, place: &NatsPlace) -> String {
        match self {
            Self::Always => place.config(""),
            Self::Relaxed => place.config("").replace("sync_interval: always, ", ""),
        }
    }
}

/// A running installation.
pub struct Site {
    pub stack: Stack,
    pub admin: Client,
    pub address: SocketAddr,
}

/// Person who may buy.
#[derive(Debug, Clone)]
pub struct Buyer {
    pub token: String,
}

/// A screening with its seats.
#[derive(Debug, Clone)]
pub struct Hall {
    pub screening: String,
    pub seats: usize,
}

/// The name of a seat of any hall, counted from 0.
pub fn seat_name(index: usize) -> String {
    format!("R{}-{}", index / ROW_SEATS + 1, index % ROW_SEATS + 1)
}

/// Processor time used by the parts so far, in milliseconds, and commits.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    at: Instant,
    server: u64,
    nats: u64,
    postgres: u64,
    load: u64,
    commits: Commits,
}

/// Commits of the server that nats-server acknowledged so far, and for how many seconds they were waited for.
#[derive(Debug, Clone, Copy)]
struct Commits {
    count: f64,
    seconds: f64,
}

impl Site {
    pub async fn start(sync: SyncInterval, settings: &[(&str, &str)]) -> Result<Self> {
        let settings: Vec<_> = LIFTED.iter().chain(settings).copied().collect();
        let nats = Nats::start_configured(|place| sync.config(place));
        let (nats, postgres) = tokio::join!(nats, Postgres::start_with(Durability::Durable));
        let stack = Stack::start_on(nats, postgres, &settings).await;
        let admin = stack.admin().await;
        let store = stack.nats.store().to_str().context("the folder of a test")?;
        let staged = stack.server.command(&["admin", "stage-batches", "--store", store]);
        ensure!(staged.status.success(), "stage-batches: {}", String::from_utf8_lossy(&staged.stderr));
        let address = address(&stack.server.url())?;
        Ok(Self { stack, admin, address })
    }

    /// `count` people with tokens that are good for ten minutes.
    pub fn buyers(&self, count: usize) -> Result<Arc<[Buyer]>> {
        self.people(count, |_, token| Ok(Buyer { token: token.to_owned() }))
    }

    /// The same with `amount_minor` in each wallet, in minor units. Credited in the log, because people of `admin tokens` have no
    /// accounts: opening them would take minutes of hashing passwords.
    pub async fn buyers_with_money(&self, count: usize, amount_minor: i64) -> Result<Arc<[Buyer]>> {
        let people: Vec<(Uuid, Buyer)> =
            self.people(count, |user, token| Ok((user.parse()?, Buyer { token: token.to_owned() })))?;
        let mut bulk = Bulk::connect(&self.stack.nats).await?;
        let now = ticketshow_tests::now().to_string();
        for (user, _) in &people {
            let credited = json!({
                "customer": user, "reference": format!("credit:{user}"), "amount": inr(amount_minor),
                "balance_after_minor": amount_minor, "booking": null, "reason": "a load test",
            });
            let mut history = History::new("wallet", *user);
            bulk.commit(&mut history, &now, &[event("wallet_credited", &credited)]).await?;
        }
        bulk.finish().await?;
        Ok(people.into_iter().map(|(_, buyer)| buyer).collect())
    }

    /// The user ids of the first `count` buyers.
    pub fn customers(&self, count: usize) -> Result<Vec<Uuid>> {
        self.people(count, |user, _| Ok(user.parse()?))
    }

    /// `count` people as `read` makes them of their user id and their token, which is good for ten minutes.
    pub fn people<T, C: FromIterator<T>>(
        &self,
        count: usize,
        read: impl Fn(&str, &str) -> Result<T>,
    ) -> Result<C> {
        let output = self.stack.server.command(&["admin", "tokens", "--count", &count.to_string()]);
        ensure!(output.status.success(), "admin tokens: {}", String::from_utf8_lossy(&output.stderr));
        let person = |line: &str| {
            let (user, token) = line.split_once(' ').context("a line of user id and token")?;
            read(user, token)
        };
        String::from_utf8(output.stdout)?.lines().map(person).collect()
    }

    /// A screening of a new show in a new hall of this many seats, which the read models know.
    pub async fn hall(&self, seats: usize) -> Result<Arc<Hall>> {
        let row = |(index, first): (usize, usize)| {
            let seats = ROW_SEATS.min(seats - first);
            json!({"label": format!("R{}", index + 1), "category": "standard", "seats": seats, "aisles_after": [], "accessible": []})
        };
        let rows: Value = (0..seats).step_by(ROW_SEATS).enumerate().map(row).collect();
        let screening = if seats > SEATS_MAX {
            let screen = self.screen_of_any_size(&rows).await?;
            self.stack.screening_on(&self.admin, &screen, &rows).await
        } else {
            self.stack.screening(&self.admin, &rows).await
        };
        let hall = Hall { screening, seats };
        ticketshow_tests::eventually("the screening to be in the read models", async || {
            let path = format!("/screenings/{}", hall.screening);
            let answer = self.admin.get(&path).try_send().await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
        Ok(Arc::new(hall))
    }

    /// A screen written straight to the log, because the API takes none with so many seats.
    async fn screen_of_any_size(&self, rows: &Value) -> Result<String> {
        let venue = self.stack.venue(&self.admin).await;
        let mut history = History::new("screen", Uuid::from_u128(rand::random()));
        let added = json!({
            "screen": history.id, "venue": venue, "name": "Screen 1", "layout": {"rows": rows}, "fingerprint": null,
        });
        let now = ticketshow_tests::now().to_string();
        let mut bulk = Bulk::connect(&self.stack.nats).await?;
        bulk.commit(&mut history, &now, &[event("screen_added", &added)]).await?;
        bulk.finish().await?;
        Ok(history.id.to_string())
    }

    /// CPU time used so far.
    pub async fn spent(&self) -> Spent {
        Spent {
            commits: self.commits().await,
            at: Instant::now(),
            server: machine::processor_ms(self.stack.server.pid()),
            nats: machine::processor_ms(self.stack.nats.pid()),
            postgres: machine::family_processor_ms(self.stack.postgres.pid()),
            load: machine::processor_ms(std::process::id()),
        }
    }

    /// Number of commits of the server since it started.
    pub async fn commits_so_far(&self) -> f64 {
        self.commits().await.count
    }

    async fn commits(&self) -> Commits {
        let metrics = self.stack.server.operations().get("/metrics").await.expect(200).text();
        let value = |name: &str| {
            let values =
                metrics.lines().filter_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
            values.sum()
        };
        Commits {
            count: value("ticketshow_append_seconds_count"),
            seconds: value("ticketshow_append_seconds_sum"),
        }
    }

    /// Folds the log with `ticketshow verify`. Returns the duration.
    pub fn verify(&self) -> Duration {
        let start = Instant::now();
        self.stack.verify();
        start.elapsed()
    }
}

impl Spent {
    /// CPU time since `self`, in processors, and the duration of commits.
    pub fn until(&self, later: &Self) -> String {
        let elapsed = (later.at - self.at).as_secs_f64();
        let share =
            |from: u64, to: u64| Duration::from_millis(to.saturating_sub(from)).as_secs_f64() / elapsed;
        let busy = format!(
            "processors busy: server {:.2}, nats-server {:.2}, Postgres {:.2}, load generator {:.2}",
            share(self.server, later.server),
            share(self.nats, later.nats),
            share(self.postgres, later.postgres),
            share(self.load, later.load),
        );
        let count = later.commits.count - self.commits.count;
        if count < 1.0 {
            return busy;
        }
        let each_ms = (later.commits.seconds - self.commits.seconds) / count * 1_000.0;
        format!("{busy}; {:.0} commits a second, each kept after {each_ms:.1} ms", count / elapsed)
    }
}

/// Host and port of an origin.
pub fn address(origin: &str) -> Result<SocketAddr> {
    origin.trim_start_matches("http://").parse().context("an address of this machine")
}
