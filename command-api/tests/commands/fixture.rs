//! The test harness: real servers shared by all tests, one app per test, and shortcuts to call it.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use futures_util::StreamExt;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::{PgPool, migrate::Migrator, postgres::PgConnectOptions};
use ticketshow_command_api::{
    App, NoticeKey, Parts, PasswordCost, StaffSessions, ensure_administrator, router,
};
use ticketshow_domain::{AccountKey, BookingId, Currency, Policy, ScreeningId, UserId};
use ticketshow_http::{Edge, Limits, PosterAddresses, Secret, TrustedProxies, complete};
use ticketshow_nats::{
    clock,
    consumers::{parked::Parked, rebuilds::RebuildReply},
    executor::Executor,
    guard::gate::Gate,
    kv::sessions::Sessions,
    log::history::Log,
    server::{
        connection::{Connection, Settings},
        topology::{TopologySettings, provision},
    },
};
use ticketshow_tests::{Nats, Postgres};
use ticketshow_tickets::{Signer, Verifier};
use tokio::{sync::OnceCell, task::AbortHandle};
use tower::ServiceExt;

/// Signs the tickets of these tests.
pub fn signer() -> Signer {
    Signer::from_secret(&[7; 32])
}

pub const PASSWORD: &str = "correct horse";

struct Servers {
    nats: Nats,
    postgres: Postgres,
}

async fn servers() -> &'static Servers {
    static SERVERS: OnceCell<Servers> = OnceCell::const_new();
    SERVERS
        .get_or_init(async || {
            let (nats, postgres) = tokio::join!(Nats::start(), Postgres::start());
            provisioned(&nats.url()).await;
            Servers { nats, postgres }
        })
        .await
}

/// Creates the streams of a new server.
pub async fn provisioned(url: &str) {
    let connection = connect(url).await;
    provision(&connection, &TopologySettings::default()).await.unwrap();
}

async fn connect(url: &str) -> Connection {
    let settings = Settings { url: url.to_owned(), name: "test".to_owned(), nkey_seed_file: None };
    Connection::open(&settings).await.unwrap()
}

pub struct Fixture {
    pub app: Router,
    pub state: App,
    pub connection: Connection,
    pub executor: Executor,
    pub log: Log,
    pub database: PgPool,
    pub edge: Arc<Edge>,
    pub admin: String,
    pub admin_email: String,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn slug(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/")
    }

    pub fn position(&self) -> u64 {
        self.headers["stream-position"].to_str().unwrap().parse().unwrap()
    }

    pub fn id(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no {member} in {self:?}")).to_owned()
    }

    /// The cookie of this name as a browser would send it back.
    pub fn cookie_named(&self, name: &str) -> String {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        let mut pairs = set.filter_map(|set| set.to_str().unwrap().split(';').next());
        let found = pairs.find(|pair| pair.split('=').next() == Some(name));
        found.unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }

    /// The cookie as a browser would send it back.
    pub fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }

    /// Status and slug in one, for comparisons.
    pub fn outcome(&self) -> (u16, &str) {
        (self.status.as_u16(), self.slug())
    }
}

/// A call being built.
pub struct Call<'a> {
    fixture: &'a Fixture,
    request: axum::http::request::Builder,
    body: Body,
}

impl Call<'_> {
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    #[expect(clippy::needless_pass_by_value, reason = "a test writes the body where it is sent")]
    pub fn json(self, body: Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub fn raw(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self = self.header("content-type", content_type);
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Answer {
        let request = self.request.body(self.body).unwrap();
        let (parts, body) = self.fixture.app.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends the call and expects this status.
    pub async fn gives(self, status: u16) -> Answer {
        let answer = self.send().await;
        assert_eq!(answer.status.as_u16(), status, "{answer:#?}");
        answer
    }
}

/// A signed-in user.
pub struct Person {
    pub user: UserId,
    pub email: String,
    pub token: String,
}

impl Fixture {
    pub async fn open() -> Self {
        Self::open_with(&Limits::OFF).await
    }

    /// One that has these rules for staff and administrators.
    pub async fn open_with_rules(rules: StaffSessions) -> Self {
        let Servers { nats, postgres } = servers().await;
        Self::over_with(nats.url(), Self::tables(postgres).await, &Limits::OFF, None, rules).await
    }

    pub async fn open_with(limits: &Limits) -> Self {
        let Servers { nats, postgres } = servers().await;
        Self::open_at(nats, postgres, limits).await
    }

    pub async fn open_at(nats: &Nats, postgres: &Postgres, limits: &Limits) -> Self {
        Self::open_by(nats.url(), postgres, limits).await
    }

    /// An app that reaches nats-server at this address.
    pub async fn open_by(url: String, postgres: &Postgres, limits: &Limits) -> Self {
        Self::over(url, Self::tables(postgres).await, limits, None).await
    }

    /// An app that accepts cards.
    pub async fn with_cards(limits: &Limits) -> Self {
        let Servers { nats, postgres } = servers().await;
        let key = NoticeKey::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        Self::over(nats.url(), Self::tables(postgres).await, limits, Some(key)).await
    }

    /// Empty read models.
    async fn tables(postgres: &Postgres) -> PgPool {
        let address: PgConnectOptions = postgres.fresh_database().await.parse().unwrap();
        let database = PgPool::connect_with(address.options([("search_path", "read,public")])).await.unwrap();
        sqlx::raw_sql("CREATE SCHEMA read").execute(&database).await.unwrap();
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../projectors/migrations");
        Migrator::new(migrations).await.unwrap().run(&database).await.unwrap();
        database
    }

    /// Another replica over the same log and the same tables.
    pub async fn replica(&self) -> Self {
        Self::over(servers().await.nats.url(), self.database.clone(), &Limits::OFF, None).await
    }

    async fn over(url: String, database: PgPool, limits: &Limits, notices: Option<NoticeKey>) -> Self {
        Self::over_with(url, database, limits, notices, StaffSessions::default()).await
    }

    async fn over_with(
        url: String,
        database: PgPool,
        limits: &Limits,
        notices: Option<NoticeKey>,
        staff_sessions: StaffSessions,
    ) -> Self {
        let connection = connect(&url).await;
        let executor = Executor::new(&connection, Policy::default(), Gate::open());
        let secret = Secret::new([7; 32]).unwrap();
        // The peer of every call here, so that a test can call from any network.
        let proxies: TrustedProxies = "0.0.0.0".parse().unwrap();
        let edge = Edge::new(&secret, limits, proxies, clock::now, clock::new_id);
        let log = Log::new(&connection);
        let app = App::new(Parts {
            connection: connection.clone(),
            executor: executor.clone(),
            log: log.clone(),
            sessions: Sessions::new(&connection),
            parked: Parked::new(&connection),
            database: database.clone(),
            edge: Arc::clone(&edge),
            currency: Currency::INR,
            notices,
            password_cost: PasswordCost::FOR_TESTS,
            staff_sessions,
            tickets: Verifier::new([signer().public_key()]),
            signer: signer(),
            poster_store: None,
            posters: PosterAddresses::default(),
        });
        let email = format!("admin-{}@example.org", clock::new_id());
        ensure_administrator(&app, &email, PASSWORD.to_owned()).await.unwrap();
        let mut fixture = Self {
            app: complete(router(app.clone()), &edge),
            state: app,
            connection,
            executor,
            log,
            database,
            edge,
            admin: String::new(),
            admin_email: email,
        };
        fixture.admin = fixture.log_in(&fixture.admin_email).await.id("access_token");
        fixture
    }

    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        let uri = format!("http://localhost:8000/api/v1{path}");
        let request = Request::builder().method(method).uri(uri).header("host", "localhost:8000");
        Call { fixture: self, request, body: Body::empty() }
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    /// A call of the administrator.
    pub fn ask(&self, path: &str) -> Call<'_> {
        self.post(path).token(&self.admin)
    }

    pub async fn log_in(&self, email: &str) -> Answer {
        self.post("/auth/login").json(json!({ "email": email, "password": PASSWORD })).gives(200).await
    }

    /// A new customer, signed in and present in the read models.
    pub async fn customer(&self) -> Person {
        let email = format!("customer-{}@example.org", clock::new_id());
        let body = json!({ "email": email, "password": PASSWORD, "name": "Ada" });
        let registered = self.ask("/admin/accounts").json(body).gives(201).await;
        let user: UserId = registered.id("user_id").parse().unwrap();
        self.project_account(user, &email).await;
        Person { user, token: self.log_in(&email).await.id("access_token"), email }
    }

    /// A new administrator, signed in and present in the read models.
    pub async fn administrator(&self) -> Person {
        let person = self.customer().await;
        let path = format!("/admin/accounts/{}/role", person.user);
        self.call(Method::PUT, &path).token(&self.admin).json(json!({ "role": "admin" })).gives(200).await;
        let token = self.log_in(&person.email).await.id("access_token");
        Person { token, ..person }
    }

    async fn project_account(&self, user: UserId, email: &str) {
        let AccountKey(key) = self.edge.keys.account(email);
        let insert = "INSERT INTO accounts (user_id, account_key, email, name, role, created_at) \
                      VALUES ($1, $2, $3, 'Ada', 'customer', now())";
        sqlx::query(insert).bind(user.0).bind(key).bind(email).execute(&self.database).await.unwrap();
    }

    /// Projects a booking, in place of the projector.
    pub async fn project_booking(&self, booking: BookingId, screening: ScreeningId, customer: UserId) {
        let insert = "INSERT INTO bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, \
                      currency, held_until, created_at, position) \
                      VALUES ($1, $2, $3, 'held', 'held', '{A-1}', 1, 'INR', now(), now(), 1)";
        let query = sqlx::query(insert).bind(booking.0).bind(screening.0).bind(customer.0);
        query.execute(&self.database).await.unwrap();
    }

    /// A projector that accepts every rebuild request, until it is aborted.
    pub async fn projector(&self) -> AbortHandle {
        let wishes = self.connection.rebuild_requests().await.unwrap();
        let answering = tokio::spawn(async move {
            let mut wishes = std::pin::pin!(wishes);
            while let Some(wish) = wishes.next().await {
                let known = wish.projection == "read-models";
                let answer = if known { RebuildReply::Begun } else { RebuildReply::Unknown };
                wish.answer(answer).await.unwrap();
            }
        });
        answering.abort_handle()
    }

    /// Moves the checkpoint of the read models past the end of the log, because other tests write to it too.
    pub async fn project_position(&self) {
        let update = "UPDATE checkpoint SET position = $1 WHERE name = 'read-models'";
        sqlx::query(update).bind(i64::MAX).execute(&self.database).await.unwrap();
    }

    pub async fn show(&self) -> String {
        let body = json!({ "title": "Dune", "description": "Sand.", "duration_minutes": 150, "language": "English" });
        self.ask("/shows").json(body).gives(201).await.id("show_id")
    }

    pub async fn venue(&self) -> String {
        let body = json!({
            "name": "Regal", "address": "1 Marine Drive", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "09:00", "closes_at": "02:00",
        });
        self.ask("/venues").json(body).gives(201).await.id("venue_id")
    }

    pub async fn screen(&self, venue: &str) -> String {
        let body = json!({ "name": "Screen 1", "layout": { "rows": [
            { "label": "A", "category": "gold", "seats": 12 },
            { "label": "B", "category": "silver", "seats": 12 },
        ] } });
        self.ask(&format!("/venues/{venue}/screens")).json(body).gives(201).await.id("screen_id")
    }

    /// A screening tomorrow evening, in its own venue.
    pub async fn screening(&self) -> ScreeningId {
        let (show, venue) = (self.show().await, self.venue().await);
        let screen = self.screen(&venue).await;
        let scheduled =
            self.ask("/screenings").json(screening_body(&show, &screen, &tomorrow("19:30"))).gives(201);
        scheduled.await.id("screening_id").parse().unwrap()
    }

    /// A screening that starts after `wait`, in its own venue that never closes.
    pub async fn screening_in(&self, wait: SignedDuration) -> ScreeningId {
        let venue = json!({
            "name": "Regal", "address": "1 Marine Drive", "city": "Mumbai", "timezone": "Asia/Kolkata",
            "opens_at": "00:00", "closes_at": "00:00",
        });
        let venue = self.ask("/venues").json(venue).gives(201).await.id("venue_id");
        let (show, screen) = (self.show().await, self.screen(&venue).await);
        let body = screening_body(&show, &screen, &(clock::now() + wait).to_string());
        self.ask("/screenings").json(body).gives(201).await.id("screening_id").parse().unwrap()
    }

    pub fn reserve(&self, person: &Person, screening: ScreeningId, seats: &[&str]) -> Call<'_> {
        self.post("/bookings").token(&person.token).json(json!({ "screening_id": screening, "seats": seats }))
    }

    pub async fn credit(&self, person: &Person, amount_minor: i64) -> Answer {
        let path = format!("/admin/wallets/{}/credits", person.user);
        let amount = json!({ "amount_minor": amount_minor, "currency": "INR" });
        self.ask(&path).json(json!({ "amount": amount, "reason": "Goodwill" })).gives(201).await
    }
}

pub fn screening_body(show: &str, screen: &str, starts_at: &str) -> Value {
    json!({
        "show_id": show, "screen_id": screen, "starts_at": starts_at,
        "prices": {
            "gold": { "amount_minor": 30_000, "currency": "INR" },
            "silver": { "amount_minor": 20_000, "currency": "INR" },
        },
    })
}

/// A time tomorrow in Mumbai.
pub fn tomorrow(time: &str) -> String {
    let day =
        clock::now().to_zoned(jiff::tz::TimeZone::get("Asia/Kolkata").unwrap()).date().tomorrow().unwrap();
    format!("{day}T{time}:00+05:30")
}
