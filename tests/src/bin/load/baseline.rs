//! The baseline: seats as rows of a table, locked by `UPDATE … WHERE locked_until`, behind axum and sqlx.
//!
//! It is the kind of server that this system replaces, made as fast as its design allows: one statement per reservation, no
//! sign-in, no booking written, no limits checked. A purchase from a wallet is one transaction in one round trip, a function of
//! the database. Runs as a process of its own.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};
use ticketshow_tests::{Durability, Folder, Port, Postgres, Process, eventually};
use uuid::Uuid;

use crate::{
    drive::{Outcome, Script, drive},
    reserve::Reserve,
    site::{Buyer, Hall, seat_name},
    wire::{Reply, request},
};

/// Connections to Postgres. More made it slower on two processors.
const POOL: u32 = 24;

/// A row-lock server and its Postgres.
pub struct Baseline {
    _server: Process,
    postgres: String,
    port: Port,
    _running: Postgres,
    _folder: Folder,
}

impl Baseline {
    /// Starts it, with `synchronous_commit` on.
    pub async fn start() -> Result<Self> {
        let running = Postgres::start_with(Durability::Durable).await;
        let postgres = running.fresh_database().await;
        let folder = Folder::new("baseline");
        let port = Port::free();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["baseline", "--database", &postgres, "--port", &port.to_string()]);
        let mut server = Process::start("baseline", command, &folder.join("baseline.log"));
        eventually("the baseline to listen", async || {
            server.must_run();
            tokio::net::TcpStream::connect(("127.0.0.1", port.number())).await.ok()
        })
        .await;
        Ok(Self { _server: server, postgres, port, _running: running, _folder: folder })
    }

    /// Lets `connections` callers reserve the seats of a new hall; `seat_of` returns the seat of the n-th call.
    pub async fn reserve(
        &self,
        seats: usize,
        script: impl Fn(Reserve) -> Reserve,
        connections: usize,
        limit: Duration,
    ) -> Result<Outcome> {
        let hall = self.hall(seats).await?;
        let nobody: Arc<[Buyer]> = [Buyer { token: String::new() }].into();
        let first = Reserve::new("POST /bookings", nobody, hall, Arc::new(AtomicUsize::new(0)));
        let address = ([127, 0, 0, 1], self.port.number()).into();
        let first = script(first);
        drive((0..connections).map(|_| (address, first.clone())).collect(), limit).await
    }
}

impl Baseline {
    /// Adds a hall with free seats.
    async fn hall(&self, seats: usize) -> Result<Arc<Hall>> {
        let hall = Hall { screening: Uuid::from_u128(rand::random()).to_string(), seats };
        let pool = PgPoolOptions::new().connect(&self.postgres).await?;
        let names: Vec<String> = (0..seats).map(seat_name).collect();
        sqlx::query("INSERT INTO seats (screening_id, seat) SELECT $1, * FROM UNNEST($2::text[])")
            .bind(hall.screening.parse::<Uuid>()?)
            .bind(names)
            .execute(&pool)
            .await?;
        sqlx::query("VACUUM ANALYZE seats").execute(&pool).await?;
        sqlx::query("CHECKPOINT").execute(&pool).await?;
        Ok(Arc::new(hall))
    }

    /// Lets callers buy the seats of new halls from the wallets of `customers` people, one seat after the other.
    pub async fn purchase(
        &self,
        halls: usize,
        seats: usize,
        customers: usize,
        connections: usize,
        limit: Duration,
    ) -> Result<Outcome> {
        let pool = PgPoolOptions::new().connect(&self.postgres).await?;
        let people: Vec<Uuid> = (0..customers).map(|_| Uuid::from_u128(rand::random())).collect();
        sqlx::query("INSERT INTO wallets (customer, balance_minor) SELECT *, $2 FROM UNNEST($1::uuid[])")
            .bind(&people)
            .bind(i64::MAX / 2)
            .execute(&pool)
            .await?;
        let mut all = Vec::new();
        for _ in 0..halls {
            all.push(self.hall(seats).await?);
        }
        let script = Purchase { people: people.into(), halls: all.into(), calls: Arc::default() };
        let address = ([127, 0, 0, 1], self.port.number()).into();
        drive((0..connections).map(|_| (address, script.clone())).collect(), limit).await
    }
}

/// A caller who buys one seat after the other, each for the next customer.
#[derive(Debug, Clone)]
struct Purchase {
    people: Arc<[Uuid]>,
    halls: Arc<[Arc<Hall>]>,
    calls: Arc<AtomicUsize>,
}

impl Script for Purchase {
    fn next(&mut self, into: &mut Vec<u8>) -> bool {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let hall = &self.halls[call % self.halls.len()];
        let seat = call / self.halls.len();
        if seat >= hall.seats {
            return false;
        }
        let (screening, seat) = (&hall.screening, seat_name(seat));
        let customer = self.people[call % self.people.len()];
        let body =
            format!(r#"{{"screening_id":"{screening}","seats":["{seat}"],"customer_id":"{customer}"}}"#);
        request(into, "POST /purchases", "", "", &body);
        true
    }

    fn answered(&mut self, reply: &Reply<'_>) -> bool {
        reply.status == 201
    }
}

/// Arguments of the server's process.
#[derive(Debug, clap::Args)]
pub struct Settings {
    #[arg(long)]
    database: String,
    #[arg(long)]
    port: u16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    screening_id: Uuid,
    seats: [String; 1],
}

/// Serves until it is killed.
pub async fn serve(settings: &Settings) -> Result<()> {
    let pool = PgPoolOptions::new().max_connections(POOL).connect(&settings.database).await?;
    sqlx::query(
        "CREATE TABLE seats (screening_id uuid, seat text, locked_by uuid, locked_until timestamptz,
         PRIMARY KEY (screening_id, seat)) WITH (fillfactor = 50)",
    )
    .execute(&pool)
    .await?;
    sqlx::raw_sql(PURCHASES).execute(&pool).await?;
    let router = Router::new()
        .route("/bookings", post(lock_seat))
        .route("/purchases", post(purchase))
        .with_state(pool);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", settings.port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn lock_seat(State(pool): State<PgPool>, Json(body): Json<Body>) -> (StatusCode, Json<Value>) {
    let booking = Uuid::from_u128(rand::random());
    let [seat] = &body.seats;
    let locked = sqlx::query(
        "UPDATE seats SET locked_by = $1, locked_until = now() + interval '8 minutes'
         WHERE screening_id = $2 AND seat = $3 AND (locked_until IS NULL OR locked_until < now())",
    )
    .bind(booking)
    .bind(body.screening_id)
    .bind(seat)
    .execute(&pool)
    .await;
    match locked.map(|done| done.rows_affected()) {
        Ok(1) => (StatusCode::CREATED, Json(json!({"booking_id": booking, "status": "held"}))),
        Ok(_) => (StatusCode::CONFLICT, Json(json!({"type": "/problems/seat-taken"}))),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"detail": error.to_string()}))),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PurchaseBody {
    screening_id: Uuid,
    seats: [String; 1],
    customer_id: Uuid,
}

/// Price of a seat in minor units, the same as in our halls.
const PRICE_MINOR: i64 = 25_000;

/// Tables and the transaction of a purchase. The seat is taken before the wallet is charged; a refusal of either undoes both.
const PURCHASES: &str = "
    CREATE TABLE wallets (customer uuid PRIMARY KEY, balance_minor bigint NOT NULL CHECK (balance_minor >= 0))
        WITH (fillfactor = 50);
    CREATE TABLE bookings (booking uuid PRIMARY KEY, screening_id uuid NOT NULL, customer uuid NOT NULL,
        seat text NOT NULL, amount_minor bigint NOT NULL, status text NOT NULL, created_at timestamptz NOT NULL);
    CREATE INDEX ON bookings (customer, created_at);
    CREATE TABLE ledger (entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer uuid NOT NULL,
        booking uuid NOT NULL, amount_minor bigint NOT NULL, balance_after_minor bigint NOT NULL,
        created_at timestamptz NOT NULL);
    CREATE INDEX ON ledger (customer, entry);
    CREATE FUNCTION purchase(new_booking uuid, wanted_screening uuid, wanted_seat text, buyer uuid, price bigint)
    RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
        balance bigint;
    BEGIN
        UPDATE seats SET locked_by = new_booking, locked_until = 'infinity'
        WHERE screening_id = wanted_screening AND seat = wanted_seat
          AND (locked_until IS NULL OR locked_until < now());
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        UPDATE wallets SET balance_minor = balance_minor - price WHERE customer = buyer
        RETURNING balance_minor INTO STRICT balance;
        INSERT INTO bookings VALUES (new_booking, wanted_screening, buyer, wanted_seat, price, 'confirmed', now());
        INSERT INTO ledger (customer, booking, amount_minor, balance_after_minor, created_at)
        VALUES (buyer, new_booking, -price, balance, now());
        RETURN true;
    END $$;";

async fn purchase(State(pool): State<PgPool>, Json(body): Json<PurchaseBody>) -> (StatusCode, Json<Value>) {
    let booking = Uuid::from_u128(rand::random());
    let [seat] = &body.seats;
    let bought: Result<bool, _> = sqlx::query_scalar("SELECT purchase($1, $2, $3, $4, $5)")
        .bind(booking)
        .bind(body.screening_id)
        .bind(seat)
        .bind(body.customer_id)
        .bind(PRICE_MINOR)
        .fetch_one(&pool)
        .await;
    match bought {
        Ok(true) => (StatusCode::CREATED, Json(json!({"booking_id": booking, "status": "confirmed"}))),
        Ok(false) => (StatusCode::CONFLICT, Json(json!({"type": "/problems/seat-taken"}))),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"detail": error.to_string()}))),
    }
}
