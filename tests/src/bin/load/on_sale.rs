//! Row 11: the minute in which a screening goes on sale. Many people open it at the same moment, watch the live map, reserve
//! and pay, four in five from the wallet and one in five by card.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rand::seq::IteratorRandom;
use serde::Deserialize;
use serde_json::{Value, json};
use ticketshow_tests::DodoSim;
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    Options,
    drive::as_f64,
    live::Listener,
    report::{Line, grouped},
    samples::Samples,
    site::{Buyer, Site, SyncInterval},
    wire::{Wire, request},
};

const PEOPLE: usize = 5_000;
const SEATS: usize = 2_000;
/// Longest run. Also the pause after which a reader of the map asks again while a card payment is on its way.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOKS: Duration = Duration::from_millis(200);
/// Seats whose buyer pays by card: each fifth booking.
const BY_CARD: usize = 5;

pub async fn measure(_options: &Options) -> Result<Vec<Line>> {
    let sim = Arc::new(DodoSim::start().await);
    // The provider's own limit of calls does not belong to this measurement; the simulator has none.
    let mut settings = vec![("DODO_PAYMENTS_CALLS_PER_MINUTE", "60000".to_owned())];
    settings.extend(sim.environment());
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let site = Site::start(SyncInterval::Always, &settings).await?;
    sim.deliver_to(&site.stack);
    let hall = site.hall(SEATS).await?;
    let people = site.buyers_with_money(PEOPLE, 1_000_000).await?;

    let start = Arc::new(Barrier::new(PEOPLE + 1));
    let mut crowd = JoinSet::new();
    for (number, buyer) in people.iter().enumerate() {
        let person = Person {
            address: site.address,
            screening: hall.screening.clone(),
            buyer: buyer.clone(),
            by_card: (number % BY_CARD == 0).then(|| Arc::clone(&sim)),
            steps: Steps::default(),
        };
        crowd.spawn(person.attend(Arc::clone(&start)));
    }
    let before = site.spent().await;
    start.wait().await;
    let began = Instant::now();
    let mut steps = Steps::default();
    while let Some(person) = crowd.join_next().await {
        steps.add(person??);
    }
    let spent = before.until(&site.spent().await);
    let sold_out = steps.paid_at.iter().max().map_or(PATIENCE, |last| *last - began);

    let path = format!("/screenings/{}/seats", hall.screening);
    let map = site.admin.get(&path).await.expect(200).text();
    let sold = map.matches(r#""status":"sold""#).count();
    ensure!(sold == steps.paid_at.len(), "{sold} seats are sold, {} were paid for", steps.paid_at.len());
    let verified = site.verify();
    Ok(vec![
        steps
            .line(sold, sold_out)
            .note(spent)
            .note(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64())),
    ])
}

/// Durations and answers of the steps of one person, or of all.
#[derive(Default)]
struct Steps {
    open: Samples,
    listen: Samples,
    reserve: Samples,
    pay_by_wallet: Samples,
    start_by_card: Samples,
    statuses: BTreeMap<u16, u64>,
    /// Answers with a status from 500 on, by step.
    failures: BTreeMap<&'static str, u64>,
    /// People whose live map did not open in time.
    without_live_map: usize,
    /// Time of the answer that says that a seat is paid.
    paid_at: Vec<Instant>,
}

impl Steps {
    fn add(&mut self, other: Self) {
        self.open.add(other.open);
        self.listen.add(other.listen);
        self.reserve.add(other.reserve);
        self.pay_by_wallet.add(other.pay_by_wallet);
        self.start_by_card.add(other.start_by_card);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (step, count) in other.failures {
            *self.failures.entry(step).or_default() += count;
        }
        self.without_live_map += other.without_live_map;
        self.paid_at.extend(other.paid_at);
    }

    fn line(&mut self, sold: usize, sold_out: Duration) -> Line {
        let failures: u64 = self.failures.values().sum();
        let mut slowest: f64 = 0.0;
        let mut steps = Vec::new();
        for (name, samples) in [
            ("open the map", &mut self.open),
            ("connect to the live map", &mut self.listen),
            ("reserve", &mut self.reserve),
            ("pay from the wallet", &mut self.pay_by_wallet),
            ("begin a card payment", &mut self.start_by_card),
        ] {
            slowest = slowest.max(samples.p99());
            let (p50, p99) = (samples.p50(), samples.p99());
            steps.push(format!("{name}: {} times, p50 {p50:.0} ms, p99 {p99:.0} ms", samples.len()));
        }
        let seconds = sold_out.as_secs_f64();
        let met = sold == SEATS
            && seconds <= 15.0
            && failures == 0
            && self.without_live_map == 0
            && slowest <= 500.0;
        let people = grouped(as_f64(PEOPLE));
        let what = format!("the on-sale minute: {people} people, {} seats", grouped(as_f64(SEATS)));
        let ours = format!("{sold} seats sold in {seconds:.1} s, slowest step p99 {slowest:.0} ms");
        let goal = "sold out in ≤ 15 s, no 5xx, p99 of each step ≤ 500 ms";
        let statuses: Vec<_> =
            self.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        let by_step: Vec<_> =
            self.failures.iter().map(|(step, count)| format!("{count} to {step}")).collect();
        let by_step = if by_step.is_empty() { "none".to_owned() } else { by_step.join(", ") };
        Line::new(11, what, ours, goal, met).note(steps.join("; ")).note(format!(
            "answers {}, of those from 500 on: {by_step}; live maps that did not open: {}; one seat each, one in five paid by card",
            statuses.join(", "),
            self.without_live_map
        ))
    }
}

/// Person who wants a seat.
struct Person {
    address: SocketAddr,
    screening: String,
    buyer: Buyer,
    /// The payment provider, for a person who pays by card.
    by_card: Option<Arc<DodoSim>>,
    steps: Steps,
}

impl Person {
    async fn attend(mut self, start: Arc<Barrier>) -> Result<Steps> {
        let mut wire = Wire::connect(self.address).await?;
        start.wait().await;
        let end = Instant::now() + PATIENCE;
        let mut chosen = self.open(&mut wire).await?;
        let began = Instant::now();
        let watching = match Listener::connect(self.address, &self.screening).await {
            Ok(listener) => Some(tokio::spawn(listener.watch())),
            // The page works without it.
            Err(_) => None,
        };
        self.steps.listen.push(began.elapsed());
        self.steps.without_live_map += usize::from(watching.is_none());
        while Instant::now() < end {
            let Some(seat) = &chosen else { break };
            let Some(booking) = self.reserve(&mut wire, seat).await? else {
                chosen = self.open(&mut wire).await?;
                continue;
            };
            if self.pay(&mut wire, &booking, end).await? {
                self.steps.paid_at.push(Instant::now());
            }
            break;
        }
        if let Some(watching) = watching {
            watching.abort();
        }
        Ok(self.steps)
    }

    /// Sends a request and returns the status, the duration and the body of the answer.
    async fn call(&mut self, wire: &mut Wire, what: &str, body: &str) -> Result<(u16, Duration, Value)> {
        self.ask(wire, what, body, |body| serde_json::from_slice(body).unwrap_or_default()).await
    }

    /// The same, with the body as `read` returns it.
    async fn ask<T>(
        &mut self,
        wire: &mut Wire,
        what: &str,
        body: &str,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<(u16, Duration, T)> {
        let mut text = Vec::new();
        request(&mut text, what, &self.buyer.token, "", body);
        let began = Instant::now();
        let reply = wire.exchange(&text).await?;
        let elapsed = began.elapsed();
        *self.steps.statuses.entry(reply.status).or_default() += 1;
        if reply.status >= 500 {
            *self.steps.failures.entry(step(what)).or_default() += 1;
        }
        Ok((reply.status, elapsed, read(reply.body)))
    }

    /// Opens the seat map and chooses a free seat, if there is one.
    async fn open(&mut self, wire: &mut Wire) -> Result<Option<String>> {
        let what = format!("GET /api/v1/screenings/{}/seats", self.screening);
        let (_, elapsed, seat) = self.ask(wire, &what, "", a_free_seat).await?;
        self.steps.open.push(elapsed);
        Ok(seat)
    }

    /// Reserves a seat and returns the booking, `None` if another was first.
    async fn reserve(&mut self, wire: &mut Wire, seat: &str) -> Result<Option<String>> {
        let body = json!({"screening_id": self.screening, "seats": [seat]}).to_string();
        let (status, elapsed, answer) = self.call(wire, "POST /api/v1/bookings", &body).await?;
        self.steps.reserve.push(elapsed);
        Ok((status == 201).then(|| answer["booking_id"].as_str().unwrap_or_default().to_owned()))
    }

    /// Pays and returns `true` once the booking is confirmed.
    async fn pay(&mut self, wire: &mut Wire, booking: &str, end: Instant) -> Result<bool> {
        let what = format!("POST /api/v1/bookings/{booking}/payment");
        let Some(sim) = self.by_card.clone() else {
            let (status, elapsed, _) = self.call(wire, &what, r#"{"method":"wallet"}"#).await?;
            self.steps.pay_by_wallet.push(elapsed);
            return if status == 202 { self.confirmed(wire, booking, end).await } else { Ok(status == 200) };
        };
        while Instant::now() < end {
            let (status, elapsed, answer) = self.call(wire, &what, r#"{"method":"card"}"#).await?;
            self.steps.start_by_card.push(elapsed);
            // 202: the page of the provider is not open yet. Asking again gives the same checkout.
            if let Some(page) = answer["checkout_url"].as_str() {
                sim.pay(page).await;
                return self.confirmed(wire, booking, end).await;
            }
            ensure!(matches!(status, 202 | 503), "a card payment was answered {status}: {answer}");
            tokio::time::sleep(LOOKS).await;
        }
        Ok(false)
    }

    /// Looks at the booking until it is confirmed.
    async fn confirmed(&mut self, wire: &mut Wire, booking: &str, end: Instant) -> Result<bool> {
        let what = format!("GET /api/v1/bookings/{booking}");
        while Instant::now() < end {
            let (_, _, answer) = self.call(wire, &what, "").await?;
            if answer["status"] == "confirmed" {
                return Ok(true);
            }
            tokio::time::sleep(LOOKS).await;
        }
        Ok(false)
    }
}

/// Returns the name of the step that a request is for.
fn step(what: &str) -> &'static str {
    if what.ends_with("/seats") {
        "open the map"
    } else if what.ends_with("/bookings") {
        "reserve"
    } else if what.ends_with("/payment") {
        "pay"
    } else {
        "look at the booking"
    }
}

/// A free seat of a map, any. Read without building the whole map in memory: the people share the machine with the server.
fn a_free_seat(map: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Map<'a> {
        #[serde(borrow)]
        rows: Vec<Row<'a>>,
    }
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        seats: Vec<Seat<'a>>,
    }
    #[derive(Deserialize)]
    struct Seat<'a> {
        seat: &'a str,
        status: &'a str,
    }
    let map: Map<'_> = serde_json::from_slice(map).ok()?;
    let seats = map.rows.into_iter().flat_map(|row| row.seats);
    seats.filter(|seat| seat.status == "free").choose(&mut rand::rng()).map(|seat| seat.seat.to_owned())
}
