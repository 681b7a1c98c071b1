//! Upgrades: the data of an earlier version is served as before, and an event of a later version is not skipped.
//!
//! `tests/fixtures/upgrade/README.md` says how the data was made.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use ticketshow_tests::{
    ADMIN_EMAIL, ADMIN_PASSWORD, Client, Customer, Nats, Postgres, Server, Stack, eventually, inr, login,
    plain_rows, run_to_end, seat_status,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Fields that depend on later work, or on the position of the log.
const IGNORED: [&str; 2] = ["mailed", "position"];

/// This version on the data of an earlier one.
struct Upgraded {
    server: Server,
    expected: Value,
    _nats: Nats,
    _postgres: Postgres,
}

impl Upgraded {
    async fn start() -> Self {
        let nats = Nats::start_configured(|place| {
            fs::create_dir_all(&place.store).expect("our folder can be written");
            let mut tar = Command::new("tar");
            tar.arg("-xJf").arg(fixture("log.tar.xz")).arg("-C").arg(&place.store);
            assert!(tar.status().expect("a POSIX system has tar").success());
            place.config("")
        });
        let (nats, postgres) = tokio::join!(nats, Postgres::start());
        let database = postgres.fresh_database().await;
        fill(&database).await;

        let mut settings = earlier_settings();
        for (name, value) in
            [("NATS_URL", nats.url()), ("NATS_MONITOR_URL", nats.monitor_url()), ("DATABASE_URL", database)]
        {
            settings.push((name.to_owned(), value));
        }
        // As `ticketshow up`, the container files and the instructions for an upgrade do.
        let topology = run_to_end(&["admin", "topology"], &settings);
        assert!(topology.status.success(), "admin topology: {}", String::from_utf8_lossy(&topology.stderr));
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let server = Server::start("serve", &settings).await;
        server.show_log_on_panic();
        let expected = fs::read(fixture("expected.json")).expect("the fixture was made");
        let expected = serde_json::from_slice(&expected).expect("JSON");
        Self { server, expected, _nats: nats, _postgres: postgres }
    }

    fn text(&self, pointer: &str) -> &str {
        self.expected.pointer(pointer).and_then(Value::as_str).expect("the fixture has it")
    }

    async fn admin(&self) -> Client {
        login(&self.server.client(), ADMIN_EMAIL, ADMIN_PASSWORD).await
    }

    /// A customer of the earlier version, signed in with the password of then.
    async fn customer(&self, name: &str) -> Customer {
        let field = |field: &str| self.text(&format!("/people/{name}/{field}")).to_owned();
        let client = login(&self.server.client(), &field("email"), &field("password")).await;
        Customer { client, user_id: field("user_id"), email: field("email") }
    }

    /// Fails unless everything that the earlier version answered is answered the same. There may be more.
    async fn expect_as_before(&self) {
        let (ada, bob) = (self.customer("ada").await.client, self.customer("bob").await.client);
        let (admin, nobody) = (self.admin().await, self.server.client());
        let mut found = Vec::new();
        for seen in self.expected["seen"].as_array().expect("a list") {
            let client = match seen["by"].as_str().expect("a name") {
                "ada" => &ada,
                "bob" => &bob,
                "admin" => &admin,
                _ => &nobody,
            };
            let path = seen["path"].as_str().expect("a path");
            let answer = client.get(path).await.expect(200);
            differences(path, &seen["answer"], &answer.json, &mut found);
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    fn must_run(&self, arguments: &[&str]) {
        let ran = self.server.command(arguments);
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "ticketshow {}:\n{out}\n{err}", arguments.join(" "));
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/upgrade").join(name)
}

fn earlier_settings() -> Vec<(String, String)> {
    let text = fs::read_to_string(fixture("settings.env")).expect("the fixture was made");
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Fills an empty database with the tables of the earlier version.
async fn fill(database: &str) {
    let unpacked = Command::new("xz").arg("-dc").arg(fixture("postgres.sql.xz")).output();
    let unpacked = unpacked.expect("tar needs xz, too");
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    let statements = String::from_utf8(unpacked.stdout).expect("text");
    let mut connection = PgConnection::connect(database).await.expect("Postgres runs");
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.expect("the tables of then");
    connection.close().await.expect("a connection");
}

/// Collects the fields of `before` that are not the same in `after`.
fn differences(path: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (name, value) in before.iter().filter(|(name, _)| !IGNORED.contains(&name.as_str())) {
                let now = after.get(name).unwrap_or(&Value::Null);
                differences(&format!("{path} {name}"), value, now, found);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (value, now)) in before.iter().zip(after).enumerate() {
                differences(&format!("{path} {index}"), value, now, found);
            }
        }
        _ if before == after => {}
        _ => found.push(format!("{path}: {before} became {after}")),
    }
}

async fn becomes(customer: &Customer, booking: &str, status: &str) {
    let path = format!("/bookings/{booking}");
    eventually(&format!("the booking to be {status}"), async || {
        let seen = customer.client.get(&path).try_send().await.ok()?;
        (seen.json["status"] == status).then_some(())
    })
    .await;
}

async fn balance_becomes(customer: &Customer, amount_minor: i64) {
    eventually(&format!("{amount_minor} in the wallet"), async || {
        let wallet = customer.client.get("/wallet").try_send().await.ok()?;
        (wallet.json["balance"] == inr(amount_minor)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_data_of_an_earlier_version_is_served_as_before_and_goes_on() {
    let site = Upgraded::start().await;
    let (ada, screening) = (site.customer("ada").await, site.text("/screening"));
    // Its time was over before this version began.
    becomes(&ada, site.text("/bookings/held"), "expired").await;
    let map = format!("/screenings/{screening}/seats");
    eventually("the seat of the lapsed hold to be free", async || {
        let map = site.server.client().get(&map).try_send().await.ok()?;
        (map.status == 200 && seat_status(&map.json, "A-4") == "free").then_some(())
    })
    .await;
    site.expect_as_before().await;

    let old =
        json!({"email": site.text("/people/bob/email"), "password": site.text("/first_password_of_bob")});
    site.server.client().post("/auth/login", &old).await.expect(401);

    site.must_run(&["replay", "--verify"]);
    site.expect_as_before().await;
    doors_know_the_tickets(&site, "too-early").await;

    let wallet = ada.client.get("/wallet").await.expect(200).json["balance"]["amount_minor"].as_i64();
    let wallet = wallet.expect("an amount");
    let another = ada.reserve(screening, &["B-5"]).await.expect(201).str("booking_id").to_owned();
    let paid = ada.pay(&another).await;
    assert!(matches!(paid.status, 200 | 202), "{}", paid.text());
    becomes(&ada, &another, "confirmed").await;
    balance_becomes(&ada, wallet - 25_000).await;

    let confirmed = site.text("/bookings/wallet");
    ada.client.delete(&format!("/bookings/{confirmed}")).await.expect(202);
    becomes(&ada, confirmed, "refunded").await;
    balance_becomes(&ada, wallet - 25_000 + 50_000).await;
    doors_know_the_tickets(&site, "void").await;
    site.must_run(&["verify"]);
}

/// The tickets of the earlier version at the door, years before the start; `valid` is the answer to the one that nobody used.
async fn doors_know_the_tickets(site: &Upgraded, valid: &str) {
    let admin = site.admin().await;
    for (ticket, answer) in [("valid", valid), ("used", "already-used"), ("void", "void")] {
        let code = json!({"code": site.text(&format!("/codes/{ticket}"))});
        admin.post("/check-ins", &code).await.expect_problem(409, answer);
    }
}

/// Appends an event of a type that this version does not know to an aggregate, as a later version would.
async fn append_later(stack: &Stack, admin: &Client, aggregate: &str, id: &str, event_type: &str) {
    let history = admin.get(&format!("/admin/history/{aggregate}/{id}")).await.expect(200);
    let version = history.json["version"].as_u64().expect("a version") + 1;
    let commit = json!({
        "commit": uuid::Uuid::from_u128(rand::random()), "aggregate": aggregate, "id": id, "first_version": version,
        "commands": [{"time": "2026-11-29T10:00:00Z", "actor": "system", "correlation": uuid::Uuid::nil(), "events": 1}],
        "events": [{"version": 1, "type": event_type, "data": {}}],
    })
    .to_string();
    let headers = format!("NATS/1.0\r\nTix-Events: {event_type}\r\n\r\n");
    let lines = format!(
        "CONNECT {{\"verbose\":false,\"headers\":true}}\r\nHPUB tix.{aggregate}.{id} {} {}\r\n{headers}{commit}\r\nPING\r\n",
        headers.len(),
        headers.len() + commit.len(),
    );
    let address = stack.nats.url().trim_start_matches("nats://").to_owned();
    let mut connection = TcpStream::connect(address).await.expect("a server");
    connection.write_all(lines.as_bytes()).await.expect("a connection");
    let mut answer = Vec::new();
    while !answer.ends_with(b"PONG\r\n") {
        assert!(connection.read_buf(&mut answer).await.expect("an answer") > 0);
    }
}

#[tokio::test]
async fn an_event_of_a_later_version_stops_what_needs_it_and_nothing_else() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let bob = stack.customer_with(&admin, 100_000).await;
    let of_ada = ada.reserve(&screening, &["A-1"]).await.expect(201).str("booking_id").to_owned();
    let of_bob = bob.reserve(&screening, &["A-2"]).await.expect(201).str("booking_id").to_owned();

    append_later(&stack, &admin, "wallet", &ada.user_id, "wallet_gilded").await;

    let operations = stack.server.operations();
    let cause = eventually("the read models to be known to stand still", async || {
        let ready = operations.get("/readyz").try_send().await.ok()?;
        let cause = ready.json["dependencies"]["projections"].as_str().unwrap_or_default().to_owned();
        (ready.status == 503 && cause.contains("halted")).then_some(cause)
    })
    .await;
    assert!(cause.contains("event \"wallet_gilded\" is unknown here"), "{cause}");

    // Commands on it are refused for now, and others go on.
    let credits = |customer: &Customer| format!("/admin/wallets/{}/credits", customer.user_id);
    let credit = json!({"amount": inr(100), "reason": "a story"});
    let refused = admin.post(&credits(&ada), &credit).await.expect(503);
    assert!(refused.header("retry-after").is_some(), "{}", refused.text());
    admin.post(&credits(&bob), &credit).await.expect(201);

    // So do payments: the one that needs the wallet waits, and is not parked.
    ada.pay(&of_ada).await.expect(202);
    eventually("the other payment to be made", async || (bob.pay(&of_bob).await.status == 200).then_some(()))
        .await;
    let parked = admin.get("/admin/parked").await.expect(200);
    assert_eq!(parked.json["items"], json!([]), "{}", parked.text());
    let pending = eventually("the payment to wait", async || {
        let metrics = operations.get("/metrics").try_send().await.ok()?.text();
        let line = metrics
            .lines()
            .find(|line| line.starts_with("ticketshow_consumer_pending") && line.contains("\"payment\""));
        line.map(str::to_owned)
    })
    .await;
    assert!(!pending.ends_with(" 0"), "{pending}");
}
