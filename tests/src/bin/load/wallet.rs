//! Row 3: whole bookings, from reserving a seat to the answer that the wallet has paid.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, Result};

use crate::{
    Options,
    baseline::Baseline,
    drive::{Outcome, Script, drive},
    report::{Line, speed},
    site::{Buyer, Hall, Site, SyncInterval, seat_name},
    wire::{Reply, request},
};

const CONNECTIONS: usize = 64;
/// At 20 seats per customer and screening they can buy more seats than there are.
const CUSTOMERS: usize = 256;
const SCREENINGS: usize = 16;
const SEATS: usize = 4_000;
/// In each wallet, in minor units: enough for 4,000 seats.
const CREDIT_MINOR: i64 = 100_000_000;

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let site = Site::start(SyncInterval::Always, &[]).await?;
    let halls = Halls::open(&site).await?;
    let buyers = with_wallets(&site).await?;
    drive(halls.callers(&site, &buyers), options.seconds(2)).await?;
    let before = site.spent().await;
    let mut outcome = drive(halls.callers(&site, &buyers), options.seconds(10)).await?;
    let spent = before.until(&site.spent().await);
    let verified = site.verify();
    drop(site);
    let baseline = Baseline::start().await?;
    baseline.purchase(SCREENINGS, SEATS, CUSTOMERS, CONNECTIONS, options.seconds(2)).await?;
    let mut rows = baseline.purchase(SCREENINGS, SEATS, CUSTOMERS, CONNECTIONS, options.seconds(10)).await?;
    let mut line = line(&mut outcome);
    line.baseline = Some((speed(&mut rows), outcome.rate() / rows.rate()));
    Ok(vec![
        line.note(spent).note(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64())).note(
            format!(
                "row locks: one transaction and one round trip per purchase; answers {}",
                rows.statuses()
            ),
        ),
    ])
}

fn line(outcome: &mut Outcome) -> Line {
    let met = outcome.rate() >= 1_500.0 && outcome.failures() == 0 && outcome.samples.p50() <= 30.0;
    let commits = outcome.positions.map_or(0, |(first, last)| last - first);
    Line::new(3, "wallet bookings, reserve to confirmed", speed(outcome), "≥ 1,500/s, p50 ≤ 30 ms", met)
        .note(format!(
            "{CONNECTIONS} connections, {CUSTOMERS} customers, {SCREENINGS} screenings; answers {} (202: paid, confirmed later)",
            outcome.statuses()
        ))
        .note(format!("{commits} commits for {} bookings", outcome.samples.len()))
}

/// Several screenings whose seats are sold one after the other.
pub struct Halls {
    halls: Arc<[Arc<Hall>]>,
    calls: Arc<AtomicUsize>,
}

impl Halls {
    pub async fn open(site: &Site) -> Result<Self> {
        let mut halls = Vec::new();
        for _ in 0..SCREENINGS {
            halls.push(site.hall(SEATS).await?);
        }
        Ok(Self::of(halls))
    }

    /// These halls.
    pub fn of(halls: impl IntoIterator<Item = Arc<Hall>>) -> Self {
        Self { halls: halls.into_iter().collect(), calls: Arc::default() }
    }

    pub fn callers(&self, site: &Site, buyers: &Arc<[Buyer]>) -> Vec<(std::net::SocketAddr, BookAndPay)> {
        let script = BookAndPay {
            buyers: Arc::clone(buyers),
            halls: Arc::clone(&self.halls),
            calls: Arc::clone(&self.calls),
            buyer: 0,
            booking: None,
        };
        (0..CONNECTIONS).map(|_| (site.address, script.clone())).collect()
    }
}

/// Customers with money.
pub async fn with_wallets(site: &Site) -> Result<Arc<[Buyer]>> {
    site.buyers_with_money(CUSTOMERS, CREDIT_MINOR).await
}

/// A caller who reserves a seat, pays for it, and goes on as the next customer.
#[derive(Debug, Clone)]
pub struct BookAndPay {
    buyers: Arc<[Buyer]>,
    halls: Arc<[Arc<Hall>]>,
    calls: Arc<AtomicUsize>,
    buyer: usize,
    booking: Option<String>,
}

impl Script for BookAndPay {
    fn next(&mut self, into: &mut Vec<u8>) -> bool {
        if let Some(booking) = &self.booking {
            let path = format!("POST /api/v1/bookings/{booking}/payment");
            request(into, &path, &self.buyers[self.buyer].token, "", r#"{"method":"wallet"}"#);
            return true;
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let hall = &self.halls[call % self.halls.len()];
        let seat = call / self.halls.len();
        if seat >= hall.seats {
            return false;
        }
        // One screening per round, or the limit per customer and screening would be reached.
        self.buyer = (call + call / self.buyers.len()) % self.buyers.len();
        let body = format!(r#"{{"screening_id":"{}","seats":["{}"]}}"#, hall.screening, seat_name(seat));
        request(into, "POST /api/v1/bookings", &self.buyers[self.buyer].token, "", &body);
        true
    }

    fn answered(&mut self, reply: &Reply<'_>) -> bool {
        if self.booking.take().is_some() {
            return reply.status == 200;
        }
        self.booking = reply.text("booking_id").map(str::to_owned);
        false
    }
}

/// Makes and pays this many bookings as fast as possible. Returns their number.
pub async fn book(site: &Site, limit: std::time::Duration) -> Result<usize> {
    let halls = Halls::open(site).await.context("opening halls")?;
    let buyers = with_wallets(site).await?;
    Ok(drive(halls.callers(site, &buyers), limit).await?.samples.len())
}
