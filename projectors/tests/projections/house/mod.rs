//! Test fixture: a log and a database of its own, with commands to book.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use sqlx::{PgPool, postgres::PgPoolOptions};
use ticketshow_domain::{
    BookingId, Currency, Decider, Layout, Money, PaymentId, Policy, Row, ScreenId, ScreeningId, SeatName,
    ShowId, UserId, VenueId,
    booking::{self, Booking, PaymentMethod, Ticket},
    hold::{PricedSeat, Reservation, Standing},
    promise::Promise,
    screening::{self, Screening},
    wallet::{self, EntryKind, Reference, Wallet},
};
use ticketshow_nats::{
    executor::Executor,
    guard::gate::Gate,
    log::{
        history::Log,
        metadata::{Actor, Metadata},
    },
    server::{
        connection::{Connection, Settings},
        topology::{TopologySettings, provision},
    },
};
use ticketshow_projectors::{migrate, run};
use ticketshow_tests::{Nats, Postgres, eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Price of every seat, in minor units.
pub const PRICE: i64 = 25_000;

pub struct House {
    pub nats: Nats,
    pub postgres: Postgres,
    pub pool: PgPool,
    pub connection: Connection,
    pub executor: Executor,
    ids: AtomicU64,
}

/// A projector running in the background.
pub struct Projector {
    pub stop: CancellationToken,
    pub task: JoinHandle<()>,
}

impl Projector {
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// A booking with its screening, customer and seats.
#[derive(Clone)]
pub struct Booked {
    pub booking: BookingId,
    pub screening: ScreeningId,
    pub customer: UserId,
    pub seats: Vec<String>,
}

impl House {
    pub async fn build() -> Self {
        let (nats, postgres) = tokio::join!(Nats::start(), Postgres::start());
        let database = postgres.fresh_database().await;
        let connection = connect(&nats).await;
        let topology = TopologySettings { events_bytes_max: 1 << 30, ..TopologySettings::default() };
        provision(&connection, &topology).await.unwrap();
        let options = PgPoolOptions::new().max_connections(10);
        let pool =
            options.connect(&format!("{database}?options=-c%20search_path=read,public")).await.unwrap();
        migrate(&pool, &connection, &CancellationToken::new()).await.unwrap();
        let executor = Executor::new(&connection, Policy::default(), Gate::open());
        Self { nats, postgres, pool, connection, executor, ids: AtomicU64::new(1) }
    }

    pub fn log(&self) -> Log {
        Log::new(&self.connection)
    }

    pub fn project(&self) -> Projector {
        let (pool, connection, stop) = (self.pool.clone(), self.connection.clone(), CancellationToken::new());
        let stopping = stop.clone();
        Projector { stop, task: tokio::spawn(async move { run(pool, &connection, None, stopping).await }) }
    }

    /// Returns an unused id.
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

    /// Opens a screening tomorrow with `rows` rows of `seats` seats.
    pub async fn screening(&self, rows: u16, seats: u16) -> ScreeningId {
        let screening = ScreeningId(self.id());
        let starts_at = now() + SignedDuration::from_hours(24);
        let row = |index| Row {
            label: format!("R{index}"),
            category: "standard".to_owned(),
            seats,
            aisles_after: Vec::new(),
            accessible: Vec::new(),
        };
        let promise = Promise {
            show: ShowId(self.id()),
            show_title: "The Lighthouse Keeper".to_owned(),
            venue: VenueId(self.id()),
            venue_name: "Rex".to_owned(),
            city: "Mumbai".to_owned(),
            timezone: "Asia/Kolkata".parse().unwrap(),
            screen: ScreenId(self.id()),
            screen_name: "Screen 1".to_owned(),
            starts_at,
            ends_at: starts_at + SignedDuration::from_mins(90),
            cancel_until: starts_at - SignedDuration::from_hours(2),
            layout: Layout { rows: (0..rows).map(row).collect() },
            prices: [("standard".to_owned(), PRICE)].into(),
            currency: Currency::INR,
        };
        let command = screening::Command::OpenScreening { screening, promise: Arc::new(promise) };
        self.execute::<Screening>(&screening, command).await;
        screening
    }

    /// Holds seats for a new customer.
    pub async fn reserve(&self, screening: ScreeningId, seats: &[&str]) -> Booked {
        self.reserve_at(screening, seats, now()).await
    }

    pub async fn reserve_at(&self, screening: ScreeningId, seats: &[&str], time: Timestamp) -> Booked {
        let (booking, customer) = (BookingId(self.id()), UserId(self.id()));
        let seats: Vec<String> = seats.iter().map(|&seat| seat.to_owned()).collect();
        let command = screening::Command::ReserveSeats {
            booking,
            customer,
            seats: seats.iter().cloned().map(SeatName).collect(),
            fingerprint: None,
        };
        self.execute_at::<Screening>(&screening, command, time).await;
        Booked { booking, screening, customer, seats }
    }

    /// Requests a payment from the wallet.
    pub async fn request_payment(&self, booked: &Booked) -> PaymentId {
        self.request_payment_by(booked, PaymentMethod::Wallet).await
    }

    pub async fn request_payment_by(&self, booked: &Booked, method: PaymentMethod) -> PaymentId {
        let payment = PaymentId(self.id());
        let seat = |seat: &String| PricedSeat {
            seat: SeatName(seat.clone()),
            category: "standard".to_owned(),
            price_minor: PRICE,
        };
        let reservation = Reservation {
            booking: booked.booking,
            customer: booked.customer,
            screening: booked.screening,
            seats: booked.seats.iter().map(seat).collect(),
            amount: booked.amount(),
            starts_at: now() + SignedDuration::from_hours(24),
            cancel_until: now() + SignedDuration::from_hours(22),
        };
        let command = booking::Command::PayBooking {
            reservation,
            standing: Standing::Held(now()),
            payment,
            method,
            fingerprint: None,
        };
        self.execute::<Booking>(&booked.booking, command).await;
        payment
    }

    pub async fn credit(&self, customer: UserId, amount_minor: i64) {
        let reference = Reference { kind: EntryKind::Credit, id: self.id() };
        let amount = Money { amount_minor, currency: Currency::INR };
        let reason = Some("goodwill".to_owned());
        let command = wallet::Command::CreditWallet { customer, reference, amount, booking: None, reason };
        self.execute::<Wallet>(&customer, command).await;
    }

    /// Pays, sells and confirms.
    pub async fn pay(&self, booked: &Booked) -> PaymentId {
        let payment = self.request_payment(booked).await;
        let command = wallet::Command::DebitWallet {
            customer: booked.customer,
            reference: Reference::payment(payment),
            amount: booked.amount(),
            booking: booked.booking,
        };
        self.execute::<Wallet>(&booked.customer, command).await;
        let command = screening::Command::SellSeats { booking: booked.booking, payment };
        self.execute::<Screening>(&booked.screening, command).await;
        let ticket = |seat: &String| Ticket {
            seat: SeatName(seat.clone()),
            code: format!("{}/{seat}", booked.booking),
        };
        let tickets = booked.seats.iter().map(ticket).collect();
        let command = booking::Command::ConfirmBooking { payment, tickets };
        self.execute::<Booking>(&booked.booking, command).await;
        payment
    }

    /// Books and pays with a new customer's wallet.
    pub async fn book(&self, screening: ScreeningId, seats: &[&str]) -> Booked {
        let booked = self.reserve(screening, seats).await;
        self.credit(booked.customer, 1_000_000).await;
        self.pay(&booked).await;
        booked
    }

    /// Waits until the tables reach the end of the log.
    pub async fn projected(&self) -> u64 {
        let end = self.log().last_position().await.unwrap();
        eventually("the tables to reach the end of the log", async || {
            (self.position().await? >= end).then_some(())
        })
        .await;
        end
    }

    pub async fn position(&self) -> Option<u64> {
        let position: i64 =
            sqlx::query_scalar("SELECT position FROM checkpoint").fetch_one(&self.pool).await.ok()?;
        Some(position.cast_unsigned())
    }

    pub async fn status_of(&self, booked: &Booked) -> String {
        let select = "SELECT status FROM bookings WHERE booking_id = $1";
        sqlx::query_scalar(select).bind(booked.booking.0).fetch_one(&self.pool).await.unwrap()
    }

    /// Returns the number of free seats and the states of the map.
    pub async fn seats_of(&self, screening: ScreeningId) -> (i32, Vec<u8>) {
        let select = "
            SELECT available_seats, (SELECT string_agg(states, ''::bytea ORDER BY chunk) FROM seat_map_chunks AS chunks
                                     WHERE chunks.screening_id = screenings.screening_id)
            FROM screenings WHERE screening_id = $1";
        sqlx::query_as(select).bind(screening.0).fetch_one(&self.pool).await.unwrap()
    }
}

impl Booked {
    pub fn amount(&self) -> Money {
        let seats = i64::try_from(self.seats.len()).unwrap();
        Money { amount_minor: PRICE * seats, currency: Currency::INR }
    }
}

pub async fn connect(nats: &Nats) -> Connection {
    let settings = Settings { url: nats.url(), name: "projectors".to_owned(), nkey_seed_file: None };
    Connection::open(&settings).await.unwrap()
}

pub fn now() -> Timestamp {
    ticketshow_nats::clock::now()
}
