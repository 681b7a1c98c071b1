//! Customers who book, pay and cancel during faults, and the acknowledgements that they got.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use ticketshow_dodo_sim::{SUCCESS_CARD, Simulator};
use ticketshow_tests::{
    ADMIN_EMAIL, ADMIN_PASSWORD, Answer, CUSTOMER_PASSWORD, Call, Client, inr, login, plain_rows, tomorrow,
};
use tokio::{task::JoinSet, time::Instant};

use crate::installation::Installation;

const CUSTOMERS: usize = 30;
const SCREENINGS: i64 = 8;
const ROWS: u8 = 26;
const SEATS: u16 = 40;
/// Credit of every customer: enough for everything they could buy.
pub const CREDIT_MINOR: i64 = 1_000_000_000;
/// Longest time a customer repeats a call that had no answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Customers and the seats that they can book.
#[derive(Debug)]
pub struct House {
    pub customers: Vec<Customer>,
    screenings: Vec<String>,
}

/// A signed-in customer.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Both command APIs.
    commands: [Client; 2],
    pub queries: Client,
}

/// An acknowledged booking, and its later acknowledgements.
#[derive(Debug)]
pub struct Booked {
    pub customer: usize,
    pub booking: String,
    pub paid: bool,
    pub cancelled: bool,
}

/// Everything that was acknowledged in a round.
#[derive(Debug, Default)]
pub struct Acknowledged {
    pub bookings: Vec<Booked>,
    /// Longest time without any acknowledged reservation.
    pub longest_pause: Duration,
    /// Answers that no customer should get.
    pub unexpected: Vec<String>,
}

/// Schedules screenings and signs up customers with credit.
pub async fn prepare(installation: &Installation) -> Result<House> {
    let [first, second] = installation.commands();
    let admin = login(&first, ADMIN_EMAIL, ADMIN_PASSWORD).await;
    let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
        "opens_at": "00:00", "closes_at": "00:00"});
    let venue = admin.post("/venues", &venue).await.expect(201);
    let screen = json!({"name": "Screen 1", "layout": {"rows": plain_rows(ROWS, SEATS)}});
    let screen = admin.post(&format!("/venues/{}/screens", venue.str("venue_id")), &screen).await.expect(201);
    let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.",
        "duration_minutes": 60, "language": "English", "genres": ["Drama"]});
    let show = admin.post("/shows", &show).await.expect(201);
    let mut screenings = Vec::new();
    for hours in 0..SCREENINGS {
        let starts_at = tomorrow().checked_add(jiff::SignedDuration::from_hours(2 * hours))?;
        let screening = json!({"show_id": show.str("show_id"), "screen_id": screen.str("screen_id"),
            "starts_at": starts_at.to_string(), "prices": {"standard": inr(25_000)}});
        screenings
            .push(admin.post("/screenings", &screening).await.expect(201).str("screening_id").to_owned());
    }
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        let email = format!("customer-{number}@example.com");
        let body =
            json!({"email": email, "password": CUSTOMER_PASSWORD, "name": format!("Customer {number}")});
        let account = admin.post("/admin/accounts", &body).await.expect(201);
        let signed_in = login(&first, &email, CUSTOMER_PASSWORD).await;
        let token = signed_in.token().context("a signed-in client has a token")?.to_owned();
        let credit = json!({"amount": inr(CREDIT_MINOR), "reason": "a fault run"});
        let path = format!("/admin/wallets/{}/credits", account.str("user_id"));
        admin.post(&path, &credit).key(&email).await.expect(201);
        let queries = installation.queries().with_token(&token);
        customers.push(Customer { commands: [signed_in, second.with_token(&token)], queries });
    }
    Ok(House { customers, screenings })
}

/// The running load.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<Vec<Booked>>,
}

#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    provider: Simulator,
    screenings: Vec<String>,
    pause: Mutex<Pause>,
    unexpected: Mutex<Vec<String>>,
}

/// The last acknowledged reservation, and the longest time between two.
#[derive(Debug)]
struct Pause {
    last: Instant,
    longest: Duration,
}

impl Load {
    /// Lets every customer of the house book until [`Load::stop`].
    pub fn start(installation: &Installation, house: &House, seed: u64) -> Self {
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            provider: installation.provider.simulator.clone(),
            screenings: house.screenings.clone(),
            pause: Mutex::new(Pause { last: Instant::now(), longest: Duration::ZERO }),
            unexpected: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for (index, customer) in house.customers.iter().enumerate() {
            let rng = StdRng::seed_from_u64(seed.wrapping_mul(1_000).wrapping_add(index as u64));
            let buyer = Buyer { index, customer: customer.clone(), shared: Arc::clone(&shared), rng };
            tasks.spawn(buyer.run());
        }
        Self { shared, tasks }
    }

    /// Waits for the answers to all calls and returns what was acknowledged.
    pub async fn stop(self) -> Acknowledged {
        self.shared.stop.store(true, Ordering::Relaxed);
        let bookings = self.tasks.join_all().await.into_iter().flatten().collect();
        let longest_pause = lock(&self.shared.pause).longest;
        let unexpected = std::mem::take(&mut *lock(&self.shared.unexpected));
        Acknowledged { bookings, longest_pause, unexpected }
    }
}

/// One customer at work.
struct Buyer {
    index: usize,
    customer: Customer,
    shared: Arc<Shared>,
    rng: StdRng,
}

impl Buyer {
    async fn run(mut self) -> Vec<Booked> {
        let mut bookings = Vec::new();
        while !self.shared.stop.load(Ordering::Relaxed) {
            bookings.extend(self.book().await);
            let pause = self.rng.random_range(700..1_500);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        bookings
    }

    /// Reserves one or two seats, usually pays, and sometimes cancels a paid booking.
    async fn book(&mut self) -> Option<Booked> {
        let screening = self.rng.random_range(0..self.shared.screenings.len());
        let row = char::from(b'A' + self.rng.random_range(0..ROWS));
        let seat = self.rng.random_range(1..SEATS);
        let seats: Vec<_> =
            (seat..=seat + self.rng.random_range(0..=1)).map(|seat| format!("{row}-{seat}")).collect();
        let body = json!({"screening_id": self.shared.screenings[screening], "seats": seats});
        let held = self.answer(|client| client.post("/bookings", &body)).await?;
        match held.status {
            201 => {}
            // Others were faster, or this customer holds enough there.
            409 if matches!(held.problem(), Some("seat-taken" | "too-many-holds")) => return None,
            _ => {
                self.unexpected(&held);
                return None;
            }
        }
        {
            let mut pause = lock(&self.shared.pause);
            pause.longest = pause.longest.max(pause.last.elapsed());
            pause.last = Instant::now();
        }
        let booking = held.str("booking_id").to_owned();
        let mut booked = Booked { customer: self.index, booking, paid: false, cancelled: false };
        match self.rng.random_range(0..10) {
            0 => {}
            1 | 2 => self.pay_by_card(&booked.booking).await,
            _ => booked.paid = self.pay_from_wallet(&booked.booking).await,
        }
        if booked.paid && self.rng.random_range(0..6) == 0 {
            let path = format!("/bookings/{}", booked.booking);
            let answer = self.answer(|client| client.delete(&path)).await;
            booked.cancelled = answer.as_ref().is_some_and(|answer| answer.status < 300);
            if let Some(answer) = answer.filter(|answer| answer.status >= 300) {
                self.unexpected(&answer);
            }
        }
        Some(booked)
    }

    async fn pay_from_wallet(&self, booking: &str) -> bool {
        let path = format!("/bookings/{booking}/payment");
        let Some(answer) = self.answer(|client| client.post(&path, &json!({"method": "wallet"}))).await
        else {
            return false;
        };
        match (answer.status, answer.problem()) {
            (200, _) => true,
            // Under way, or the hold ended during the outage.
            (202, _) | (409, Some("hold-expired" | "payment-in-progress")) => false,
            // The answer to an earlier attempt was lost.
            (409, Some("already-paid")) => true,
            _ => {
                self.unexpected(&answer);
                false
            }
        }
    }

    /// Opens the payment page and pays there. Whether the money bought the seats is decided later.
    async fn pay_by_card(&self, booking: &str) {
        let path = format!("/bookings/{booking}/payment");
        let Some(answer) = self.answer(|client| client.post(&path, &json!({"method": "card"}))).await else {
            return;
        };
        match (answer.status, answer.problem()) {
            (201, _) => {
                let session = answer.str("checkout_url").rsplit('/').next().unwrap_or_default().to_owned();
                if let Err(refusal) = self.shared.provider.pay_session(&session, SUCCESS_CARD) {
                    lock(&self.shared.unexpected).push(format!("paying {session}: {refusal:?}"));
                }
            }
            (202, _) | (409, Some("hold-expired" | "payment-in-progress" | "already-paid")) => {}
            _ => self.unexpected(&answer),
        }
    }

    /// Repeats a call with the same key, at both replicas in turn, until it has a definite answer.
    async fn answer(&self, call: impl Fn(&Client) -> Call) -> Option<Answer> {
        let key = format!("{:032x}", rand::random::<u128>());
        let deadline = Instant::now() + PATIENCE;
        let mut replica = self.index;
        while Instant::now() < deadline {
            let client = &self.customer.commands[replica % 2];
            match call(client).key(&key).try_send().await {
                // A deposed leader may not know a booking that its successor acknowledged.
                Ok(answer) if answer.status < 500 && !matches!(answer.status, 404 | 429) => {
                    return Some(answer);
                }
                Ok(_) | Err(_) => {}
            }
            replica += 1;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        lock(&self.shared.unexpected).push(format!("no answer within {PATIENCE:?}"));
        None
    }

    fn unexpected(&self, answer: &Answer) {
        let text = format!("{}: {} {}", answer.what, answer.status, answer.text());
        lock(&self.shared.unexpected).push(text);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
