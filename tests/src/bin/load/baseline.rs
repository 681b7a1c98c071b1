//! The baseline: seats as rows of a table, locked by `UPDATE … WHERE locked_until`, behind axum and sqlx.
//!
//! It is the kind of server that this system replaces, made as fast as its design allows: one statement per reservation, no
//! sign-in, no booking written, no limits checked. Runs as a process of its own.

use std::{
    process::Command,
    sync::{Arc, atomic::AtomicUsize},
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
    drive::{Outcome, drive},
    reserve::Reserve,
    site::{Buyer, Hall, seat_name},
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

    /// Lets `connections` callers reserve the seats of a new hall, `seat_of` telling which seat the n-th call asks for.
    pub async fn reserve(
        &self,
        seats: usize,
        script: impl Fn(Reserve) -> Reserve,
        connections: usize,
        limit: Duration,
    ) -> Result<Outcome> {
        let hall = Arc::new(Hall { screening: Uuid::from_u128(rand::random()).to_string(), seats });
        let pool = PgPoolOptions::new().connect(&self.postgres).await?;
        let names: Vec<String> = (0..seats).map(seat_name).collect();
        sqlx::query("INSERT INTO seats (screening_id, seat) SELECT $1, * FROM UNNEST($2::text[])")
            .bind(hall.screening.parse::<Uuid>()?)
            .bind(names)
            .execute(&pool)
            .await?;
        sqlx::query("VACUUM ANALYZE seats").execute(&pool).await?;
        sqlx::query("CHECKPOINT").execute(&pool).await?;
        let nobody: Arc<[Buyer]> = [Buyer { token: String::new() }].into();
        let first = Reserve::new("POST /bookings", nobody, hall, Arc::new(AtomicUsize::new(0)));
        let address = ([127, 0, 0, 1], self.port.number()).into();
        let first = script(first);
        drive((0..connections).map(|_| (address, first.clone())).collect(), limit).await
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
    let router = Router::new().route("/bookings", post(lock_seat)).with_state(pool);
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
