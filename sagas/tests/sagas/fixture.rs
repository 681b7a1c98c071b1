//! A fixture with real servers: people reserve and ask to pay through one process, the sagas run in others, each as its own
//! NATS user.

use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};
use ticketshow_domain::{
    AccountKey, BookingId, Currency, Decider, Money, PaymentId, Policy, ScreenId, ScreeningId, SeatName,
    ShowId, UserId, VenueId,
    account::{self, Account, Role},
    booking::{self, Booking, BookingStatus, PaymentMethod},
    examples::one_row,
    promise::Promise,
    screening::{self, Screening},
    wallet::{self, EntryKind, Reference, Wallet},
};
use ticketshow_nats::{
    clock::now,
    consumers::timers::Timers,
    executor::{Executor, outcome::Freshness},
    guard::gate::Gate,
    log::metadata::{Actor, Metadata},
    server::{
        config::{ServerConfig, Sync, server_config},
        connection::{Connection, Settings},
        topology::{TopologySettings, provision},
        users::{NatsUser, UserKey, generate_user_key},
    },
};
use ticketshow_sagas as sagas;
use ticketshow_tests::{Client, Folder, Nats, Postgres, eventually, find_tool};
use ticketshow_tickets::Signer;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const PRICE_MINOR: i64 = 25_000;

pub struct Fixture {
    pub nats: Nats,
    pub pool: PgPool,
    pub connection: Connection,
    pub executor: Executor,
    _postgres: Postgres,
    keys: Folder,
    ids: AtomicU64,
}

/// A process that runs the sagas.
pub struct Replica {
    stop: CancellationToken,
    task: JoinHandle<()>,
    connection: Connection,
}

/// A hold of one seat.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    pub booking: BookingId,
    pub screening: ScreeningId,
    pub customer: UserId,
}

impl Fixture {
    pub async fn build() -> Self {
        Box::pin(Self::set_up()).await
    }

    async fn set_up() -> Self {
        let keys = Folder::new("saga-keys");
        let users = NatsUser::ALL.map(|user| {
            let UserKey { seed, public } = generate_user_key();
            fs::write(keys.join(user.name()), seed).unwrap();
            (user, public)
        });
        let nats = Nats::start_configured(|place| {
            server_config(&ServerConfig {
                name: place.name.clone(),
                host: "127.0.0.1".to_owned(),
                monitor_host: "127.0.0.1".to_owned(),
                port: place.port,
                monitor_port: place.monitor_port,
                store: place.store.clone(),
                users: users.to_vec(),
                cluster: None,
                sync: Sync::EveryMessage,
            })
        });
        let (nats, postgres) = tokio::join!(nats, Postgres::start());
        let topology = TopologySettings { events_bytes_max: 1 << 30, ..TopologySettings::default() };
        provision(&connect(&nats, &keys, NatsUser::Provision).await, &topology).await.unwrap();

        let database = postgres.fresh_database().await;
        let pool = PgPoolOptions::new().max_connections(10).connect(&database).await.unwrap();
        sagas::migrate(&pool).await.unwrap();
        let connection = connect(&nats, &keys, NatsUser::CommandApi).await;
        let executor = Executor::new(&connection, Policy::default(), Gate::open());
        Self { nats, pool, connection, executor, _postgres: postgres, keys, ids: AtomicU64::new(1) }
    }

    /// Starts a process that runs the sagas or stands by.
    pub async fn start_sagas(&self) -> Replica {
        self.start_sagas_with(sagas::SagaDependencies::new(Signer::from_secret(&[7; 32]))).await
    }

    /// Does the same with other dependencies.
    pub async fn start_sagas_with(&self, dependencies: sagas::SagaDependencies) -> Replica {
        let connection = connect(&self.nats, &self.keys, NatsUser::Sagas).await;
        let executor = Executor::new(&connection, Policy::default(), Gate::open());
        let stop = CancellationToken::new();
        let settings = sagas::Settings::default();
        let run =
            sagas::run(settings, connection.clone(), executor, self.pool.clone(), dependencies, stop.clone());
        Replica { stop, task: tokio::spawn(run), connection }
    }

    /// Cancels a timer, as if it were lost.
    pub async fn lose_timer(&self, kind: &'static str, id: &str) {
        let connection = connect(&self.nats, &self.keys, NatsUser::Sagas).await;
        Timers::new(&connection).cancel(kind, id).await.unwrap();
        connection.close().await;
    }

    /// Appends a commit with an event of a type that this version does not know, as a later version would.
    pub fn append_later<A: Decider>(&self, id: &A::Id, event_type: &str) {
        let aggregate = A::TYPE;
        let commit = json!({
            "commit": self.id(), "aggregate": aggregate, "id": id.to_string(), "first_version": 1,
            "commands": [{"time": now(), "actor": "system", "correlation": self.id(), "events": 1}],
            "events": [{"version": 1, "type": event_type, "data": {}}],
        });
        let mut nats = Command::new(find_tool("nats"));
        nats.args(["-s", &self.nats.url(), "--nkey"]).arg(self.keys.join(NatsUser::CommandApi.name()));
        nats.args(["pub", "-H", &format!("Tix-Events:{event_type}")]);
        let published = nats.args([&format!("tix.{aggregate}.{id}"), &commit.to_string()]).output().unwrap();
        assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));
    }

    /// Number of messages that a consumer of the log was given and has not acknowledged.
    pub async fn unacknowledged(&self, consumer: &str) -> u64 {
        let pages = Client::new(&self.nats.monitor_url());
        let page = pages.get("/jsz?accounts=true&streams=true&consumers=true&config=false").await.expect(200);
        let pending = find_consumer(&page.json, consumer).and_then(|found| found["num_ack_pending"].as_u64());
        pending.unwrap_or_else(|| panic!("no consumer {consumer} in {}", page.json))
    }

    /// Lays out the read models, empty.
    pub async fn lay_out_read_models(&self) {
        let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../projectors/migrations")).unwrap();
        let mut migrations: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
        migrations.sort();
        let mut connection = self.pool.acquire().await.unwrap().detach();
        sqlx::raw_sql("CREATE SCHEMA read; SET search_path TO read").execute(&mut connection).await.unwrap();
        for migration in migrations {
            let layout = AssertSqlSafe(fs::read_to_string(migration).unwrap());
            sqlx::raw_sql(layout).execute(&mut connection).await.unwrap();
        }
    }

    pub fn id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
    }

    pub async fn execute<A: Decider>(&self, id: &A::Id, command: A::Command) {
        self.execute_at::<A>(id, command, now()).await;
    }

    pub async fn execute_at<A: Decider>(&self, id: &A::Id, command: A::Command, time: Timestamp) {
        let metadata =
            Metadata { time, actor: Actor::System, correlation: self.id(), causation: None, trace: None };
        self.executor.execute::<A, ()>(id, command, metadata, |_| ()).await.unwrap();
    }

    pub async fn state<A: Decider>(&self, id: &A::Id) -> A {
        self.executor.state::<A>(id, Freshness::Fresh).await.unwrap().state
    }

    /// Promise of a screening tomorrow with one row of `seats` seats.
    pub fn promise(&self, seats: u16) -> Promise {
        Promise {
            show: ShowId(self.id()),
            show_title: "The Lighthouse Keeper".to_owned(),
            venue: VenueId(self.id()),
            screen: ScreenId(self.id()),
            ..one_row(now() + SignedDuration::from_hours(24), seats, PRICE_MINOR)
        }
    }

    pub async fn screening(&self, seats: u16) -> ScreeningId {
        let screening = ScreeningId(self.id());
        let promise = Arc::new(self.promise(seats));
        let command = screening::Command::OpenScreening { screening, promise, blocks: Vec::new() };
        self.execute::<Screening>(&screening, command).await;
        screening
    }

    /// Holds a seat for a new customer.
    pub async fn reserve(&self, screening: ScreeningId, seat: u16) -> Held {
        self.reserve_at(screening, seat, now()).await
    }

    /// Holds a seat so long ago that the hold ends after `left`.
    pub async fn reserve_with(&self, screening: ScreeningId, seat: u16, left: SignedDuration) -> Held {
        let hold = SignedDuration::from_secs(Policy::default().hold_seconds);
        self.reserve_at(screening, seat, now() - hold + left).await
    }

    async fn reserve_at(&self, screening: ScreeningId, seat: u16, time: Timestamp) -> Held {
        self.reserve_for(UserId(self.id()), screening, seat, time).await
    }

    /// Holds a seat for a customer.
    pub async fn reserve_for(
        &self,
        customer: UserId,
        screening: ScreeningId,
        seat: u16,
        time: Timestamp,
    ) -> Held {
        let held = Held { booking: BookingId(self.id()), screening, customer };
        let command = screening::Command::ReserveSeats {
            booking: held.booking,
            customer: held.customer,
            seats: vec![SeatName(format!("A-{seat}")).into()],
            fingerprint: None,
        };
        self.execute_at::<Screening>(&screening, command, time).await;
        held
    }

    pub async fn credit(&self, customer: UserId, amount_minor: i64, currency: Currency) {
        let reference = Reference { kind: EntryKind::Credit, id: self.id() };
        let amount = Money { amount_minor, currency };
        let (booking, reason) = (None, None);
        let command = wallet::Command::CreditWallet { customer, reference, amount, booking, reason };
        self.execute::<Wallet>(&customer, command).await;
    }

    /// Person with an account.
    pub async fn customer(&self, email: &str) -> UserId {
        let user = UserId(self.id());
        let command = account::Command::RegisterAccount {
            user,
            email: email.into(),
            name: "Ada".into(),
            city: None,
            password_hash: "$argon2id$".into(),
            role: Role::Customer,
            fingerprint: None,
        };
        self.execute::<Account>(&AccountKey(format!("{:032x}", user.0.as_u128())), command).await;
        user
    }

    /// Asks to pay a hold from the wallet.
    pub async fn pay(&self, held: Held) -> PaymentId {
        self.pay_at(held, now()).await
    }

    /// The same, some time ago.
    pub async fn pay_at(&self, held: Held, time: Timestamp) -> PaymentId {
        let payment = PaymentId(self.id());
        let Held { booking, screening, .. } = held;
        let state: Screening = self.state(&screening).await;
        let reservation = state.reservation(screening, booking).unwrap();
        let standing = state.standing(booking, time).unwrap();
        let (method, fingerprint) = (PaymentMethod::Wallet, None);
        let command = booking::Command::PayBooking { reservation, standing, payment, method, fingerprint };
        self.execute_at::<Booking>(&booking, command, time).await;
        payment
    }

    /// Holds a seat for a customer with just enough money, and requests the payment.
    pub async fn book(&self, screening: ScreeningId, seat: u16) -> (Held, PaymentId) {
        let held = self.reserve(screening, seat).await;
        self.credit(held.customer, PRICE_MINOR, Currency::INR).await;
        let payment = self.pay(held).await;
        (held, payment)
    }

    pub async fn status(&self, held: Held) -> BookingStatus {
        self.state::<Booking>(&held.booking).await.opened.unwrap().status
    }

    pub async fn becomes(&self, held: Held, status: BookingStatus) {
        eventually(&format!("a booking to become {status:?}"), async || {
            (self.status(held).await == status).then_some(())
        })
        .await;
    }

    pub async fn balance(&self, customer: UserId) -> i64 {
        self.state::<Wallet>(&customer).await.balance_minor()
    }
}

impl Replica {
    /// Lets it finish and end.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
        self.connection.close().await;
    }

    /// Ends it in the middle of whatever it does.
    pub async fn kill(self) {
        self.task.abort();
        drop(self.task.await);
        self.connection.close().await;
    }
}

async fn connect(nats: &Nats, keys: &Folder, user: NatsUser) -> Connection {
    let settings = Settings {
        url: nats.url(),
        name: user.name().to_owned(),
        nkey_seed_file: Some(keys.join(user.name())),
    };
    Connection::open(&settings).await.unwrap()
}

/// The consumer of this name, anywhere in a page of nats-server.
fn find_consumer<'a>(page: &'a Value, name: &str) -> Option<&'a Value> {
    if page["name"] == name && page["num_ack_pending"].is_u64() {
        return Some(page);
    }
    match page {
        Value::Object(fields) => fields.values().find_map(|field| find_consumer(field, name)),
        Value::Array(items) => items.iter().find_map(|item| find_consumer(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
