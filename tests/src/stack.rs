//! The whole system for a story: nats-server, Postgres and the one-process server, and people to act in it.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread::{self, ThreadId},
    time::Duration,
};

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, OnceCell},
    time::Instant,
};

use crate::{
    ADMIN_EMAIL, ADMIN_PASSWORD, Client, DodoSim, Nats, Postgres, SECRET, Server, eventually,
    eventually_within, server::run_to_end,
};

/// Password of every customer of a story.
pub const CUSTOMER_PASSWORD: &str = "a password of a customer";

/// Settings that lift the limits of a caller, for loads where all callers come from one address, and a few customers stand for
/// many.
pub const LIFTED: [(&str, &str); 18] = [
    ("TICKETSHOW_REQUESTS_PER_ADDRESS", "0"),
    ("TICKETSHOW_LIVE_MAPS_PER_ADDRESS", "0"),
    ("TICKETSHOW_REGISTRATIONS_PER_ADDRESS", "0"),
    ("TICKETSHOW_COMMANDS_PER_USER", "0"),
    ("TICKETSHOW_HOLDS_PER_USER", "0"),
    ("TICKETSHOW_PAYMENTS_PER_USER", "0"),
    ("TICKETSHOW_CANCELLATIONS_PER_USER", "0"),
    ("TICKETSHOW_SEARCHES_PER_ADDRESS", "0"),
    ("TICKETSHOW_LIVE_HOLDS_PER_USER", "0"),
    ("TICKETSHOW_HELD_SEATS_PER_ADDRESS", "0"),
    ("TICKETSHOW_OPEN_CHECKOUTS_PER_USER", "0"),
    ("TICKETSHOW_COOL_DOWN_SECONDS", "0"),
    ("TICKETSHOW_TOP_UPS_PER_USER", "0"),
    ("TICKETSHOW_MAILS_PER_USER", "0"),
    ("TICKETSHOW_PROFILE_CHANGES_PER_USER", "0"),
    ("TICKETSHOW_DOCUMENTS_PER_USER", "0"),
    ("TICKETSHOW_EXPORTS_PER_USER", "0"),
    ("TICKETSHOW_CREDIT_MAX_MINOR", "1000000000000"),
];

/// Time for which one token of the administrator is used to open accounts.
const OPENER_LIFE: Duration = Duration::from_mins(5);

/// A running system of its own.
#[derive(Debug)]
pub struct Stack {
    /// `ticketshow serve`.
    pub server: Server,
    /// Its read models.
    pub postgres: Postgres,
    /// Its log.
    pub nats: Nats,
    settings: Vec<(String, String)>,
    origin: String,
    customers: AtomicU32,
    opener: Mutex<Option<(Instant, ThreadId, Client)>>,
}

impl Stack {
    /// Starts everything with the default settings.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The one installation that all stories of a file share; for stories that disturb nobody.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Stack> = OnceCell::const_new();
        SHARED
            .get_or_init(async || {
                let stack = Self::start().await;
                stack.server.show_log_on_panic();
                stack
            })
            .await
    }

    /// Starts everything; `settings` are added to the server's environment.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let (nats, postgres) = tokio::join!(Nats::start(), Postgres::start());
        Self::start_on(nats, postgres, settings).await
    }

    /// Starts everything and the payment simulator, each configured with the address of the other; `settings` are added
    /// to the server's environment.
    pub async fn with_cards(settings: &[(&str, &str)]) -> (Self, DodoSim) {
        let sim = DodoSim::start().await;
        let environment = sim.environment();
        let mut all: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(settings);
        let stack = Self::start_with(&all).await;
        sim.deliver_to(&stack);
        (stack, sim)
    }

    /// Starts the server on these parts; `settings` are added to its environment.
    ///
    /// # Panics
    ///
    /// If the streams cannot be made.
    pub async fn start_on(nats: Nats, postgres: Postgres, settings: &[(&str, &str)]) -> Self {
        let database = postgres.fresh_database().await;
        let settings = environment(&nats, &database, settings);
        let topology = run_to_end(&["admin", "topology"], &settings);
        assert!(topology.status.success(), "admin topology: {}", String::from_utf8_lossy(&topology.stderr));
        let server = Server::start("serve", &borrowed(&settings)).await;
        let origin = server.url();
        Self {
            server,
            postgres,
            nats,
            settings,
            origin,
            customers: AtomicU32::new(0),
            opener: Mutex::default(),
        }
    }

    /// The server's settings but for its address: what another process on the same data needs.
    #[must_use]
    pub fn settings(&self) -> Vec<(&str, &str)> {
        borrowed(&self.settings)
    }

    /// Makes clients use another origin from now on, such as a gateway's.
    pub fn enter_by(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    /// An anonymous client. Paths begin after `/api/v1`.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&format!("{}/api/v1", self.origin))
    }

    /// The administrator, signed in.
    pub async fn admin(&self) -> Client {
        login(&self.client(), ADMIN_EMAIL, ADMIN_PASSWORD).await
    }

    /// The administrator who opens accounts, signed in now and then: a token lasts ten minutes. Each story has a runtime and a
    /// thread of its own, and the connections of a client end with the runtime that opened them.
    async fn opener(&self) -> Client {
        let mut opener = self.opener.lock().await;
        let here = thread::current().id();
        if let Some((since, thread, client)) = &*opener
            && since.elapsed() < OPENER_LIFE
            && *thread == here
        {
            return client.clone();
        }
        let client = self.admin().await;
        *opener = Some((Instant::now(), here, client.clone()));
        client
    }

    /// A customer whose account was just opened, signed in.
    pub async fn customer(&self) -> Customer {
        let number = self.customers.fetch_add(1, Ordering::Relaxed);
        let email = format!("customer-{number}-{:08x}@example.com", rand::random::<u32>());
        let body =
            json!({"email": email, "password": CUSTOMER_PASSWORD, "name": format!("Customer {number}")});
        let account = self.opener().await.post("/admin/accounts", &body).await.expect(201);
        let client = login(&self.client(), &email, CUSTOMER_PASSWORD).await;
        Customer { client, user_id: account.str("user_id").to_owned(), email }
    }

    /// A customer with this much in the wallet, in minor units.
    pub async fn customer_with(&self, admin: &Client, amount_minor: i64) -> Customer {
        let customer = self.customer().await;
        let body = json!({"amount": inr(amount_minor), "reason": "a story"});
        let path = format!("/admin/wallets/{}/credits", customer.user_id);
        let position = admin.post(&path, &body).key("first-credit").await.expect(201).position();
        customer.client.get("/wallet").min_position(position).await.expect(200);
        customer
    }

    /// A screening tomorrow in a new room of a new venue that is always open, of a new show; every seat costs 250.00 INR.
    pub async fn screening(&self, admin: &Client, rows: &Value) -> String {
        let screen = json!({"name": "Screen 1", "layout": {"rows": rows}});
        let path = format!("/venues/{}/screens", self.venue(admin).await);
        let screen = admin.post(&path, &screen).await.expect(201);
        self.screening_on(admin, screen.str("screen_id"), rows).await
    }

    /// A new venue that is always open.
    pub async fn venue(&self, admin: &Client) -> String {
        let venue = json!({"name": "Rex", "address": "12 Lake Road", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "00:00", "closes_at": "00:00"});
        admin.post("/venues", &venue).await.expect(201).str("venue_id").to_owned()
    }

    /// A screening tomorrow on a screen with these rows, of a new show; every seat costs 250.00 INR.
    pub async fn screening_on(&self, admin: &Client, screen: &str, rows: &Value) -> String {
        let show = json!({"title": "The Lighthouse Keeper", "description": "A play about waiting.", "duration_minutes": 90,
            "language": "English", "genres": ["Drama"]});
        let show = admin.post("/shows", &show).await.expect(201);
        let categories = rows.as_array().into_iter().flatten().filter_map(|row| row["category"].as_str());
        let prices: serde_json::Map<_, _> = categories.map(|name| (name.to_owned(), inr(25_000))).collect();
        let screening = json!({"show_id": show.str("show_id"), "screen_id": screen,
            "starts_at": tomorrow().to_string(), "prices": prices});
        admin.post("/screenings", &screening).await.expect(201).str("screening_id").to_owned()
    }

    /// Runs `ticketshow verify`.
    ///
    /// # Panics
    ///
    /// See above.
    pub fn verify(&self) {
        let output = self.server.command(&["verify"]);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "ticketshow verify:\n{out}\n{err}");
    }
}

/// Person with an account.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Calls the API in their name.
    pub client: Client,
    /// Their id.
    pub user_id: String,
    /// Their login; the password is [`CUSTOMER_PASSWORD`].
    pub email: String,
}

impl Customer {
    /// Asks for seats.
    pub async fn reserve(&self, screening: &str, seats: &[&str]) -> crate::Answer {
        self.client.post("/bookings", &json!({"screening_id": screening, "seats": seats})).await
    }

    /// Waits until `as_wanted` accepts a booking, over any number of restarts.
    ///
    /// # Panics
    ///
    /// Once `limit` has passed.
    pub async fn booking_when(
        &self,
        limit: Duration,
        booking: &str,
        what: &str,
        as_wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let path = format!("/bookings/{booking}");
        eventually_within(limit, what, async || {
            let seen = self.client.get(&path).try_send().await.ok()?;
            (seen.status == 200 && as_wanted(&seen.json)).then_some(seen.json)
        })
        .await
    }

    /// Pays a booking from the wallet.
    pub async fn pay(&self, booking: &str) -> crate::Answer {
        self.client.post(&format!("/bookings/{booking}/payment"), &json!({"method": "wallet"})).await
    }
}

/// Signs in and returns a client with the token.
pub async fn login(client: &Client, email: &str, password: &str) -> Client {
    let answer = eventually("a server that signs people in", async || {
        let answer = client.post("/auth/login", &json!({"email": email, "password": password})).await;
        (answer.status != 503).then_some(answer)
    })
    .await
    .expect(200);
    client.with_token(answer.str("access_token"))
}

/// An amount of rupees in paise, as the API writes money.
#[must_use]
pub fn inr(amount_minor: i64) -> Value {
    json!({"amount_minor": amount_minor, "currency": "INR"})
}

/// This moment, in whole milliseconds.
///
/// # Panics
///
/// At the end of time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the edge of the tests")]
pub fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).expect("the present is in range")
}

/// This time tomorrow.
///
/// # Panics
///
/// At the end of time.
#[must_use]
pub fn tomorrow() -> Timestamp {
    now().checked_add(24.hours()).expect("the near future is in range")
}

/// Rows `A`, `B`, … of `seats` seats each, all of category `standard`.
#[must_use]
pub fn plain_rows(rows: u8, seats: u16) -> Value {
    let row = |index| json!({"label": char::from(b'A' + index).to_string(), "category": "standard", "seats": seats});
    (0..rows).map(row).collect()
}

/// Status of a seat on a seat map: `free`, `held` or `sold`.
///
/// # Panics
///
/// If the map has no such seat.
#[must_use]
#[track_caller]
pub fn seat_status<'a>(map: &'a Value, seat: &str) -> &'a str {
    let rows = map["rows"].as_array().into_iter().flatten();
    let mut seats = rows.flat_map(|row| row["seats"].as_array().into_iter().flatten());
    let status = seats.find(|entry| entry["seat"] == seat).and_then(|entry| entry["status"].as_str());
    status.unwrap_or_else(|| panic!("no seat {seat} in {map}"))
}

fn environment(nats: &Nats, database: &str, settings: &[(&str, &str)]) -> Vec<(String, String)> {
    let (url, monitor_url) = (nats.url(), nats.monitor_url());
    let own = [
        ("NATS_URL", url.as_str()),
        ("NATS_MONITOR_URL", &monitor_url),
        ("DATABASE_URL", database),
        ("TICKETSHOW_SECRET", SECRET),
        // A story may take longer than a sign-in is fresh.
        ("TICKETSHOW_CONFIRMATION_SECONDS", "43200"),
        ("TICKETSHOW_ADMIN_EMAIL", ADMIN_EMAIL),
        ("TICKETSHOW_ADMIN_PASSWORD", ADMIN_PASSWORD),
    ];
    let overridden = |name: &str| settings.iter().any(|(known, _)| *known == name);
    let own = own.iter().filter(|(name, _)| !overridden(name));
    own.chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn borrowed(settings: &[(String, String)]) -> Vec<(&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
