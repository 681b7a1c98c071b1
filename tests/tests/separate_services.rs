//! The four services as processes of their own behind the gateway, and commands and queries each twice.

use std::path::Path;

use serde_json::json;
use ticketshow_tests::{
    ADMIN_EMAIL, ADMIN_PASSWORD, Caddy, Client, Folder, Server, Stack, certificate_of_localhost, eventually,
    plain_rows, seat_status,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Settings for the services of an installation that ran as one process before, which sealed the accounts with a key of its own.
fn separate_settings(stack: &Stack) -> Vec<(String, String)> {
    let printed = stack.server.command(&["admin", "rotate-keys"]);
    let printed = String::from_utf8(printed.stdout).expect("text");
    let keys = printed.lines().find_map(|line| line.strip_prefix("TICKETSHOW_PERSON_KEYS="));
    let keys = keys.expect("keys of persons").to_owned();
    let settings = stack.settings().into_iter();
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    settings.chain([("TICKETSHOW_PERSON_KEYS".to_owned(), keys)]).collect()
}

#[tokio::test]
async fn four_services_behind_caddy_sell_a_seat() {
    let mut stack = Stack::start().await;
    assert!(stack.server.stop(), "the one-process server ends when asked to");
    let settings = separate_settings(&stack);
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (mut commands, more_commands, queries, more_queries, _projectors, mut sagas) = tokio::join!(
        Server::start("command-api", &settings),
        Server::start("command-api", &settings),
        Server::start("query-api", &settings),
        Server::start("query-api", &settings),
        Server::start("projectors", &settings),
        Server::start("sagas", &settings),
    );
    let both = |one: &Server, two: &Server| format!("{} {}", one.url(), two.url()).replace("http://", "");
    let (to_commands, to_queries) = (both(&commands, &more_commands), both(&queries, &more_queries));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/Caddyfile");
    let Some(caddy) = Caddy::start(&file, &[("COMMAND_API", &to_commands), ("QUERY_API", &to_queries)]).await
    else {
        eprintln!("not tested: there is no Caddy here; `make tools-caddy` installs it");
        return;
    };
    stack.enter_by(&caddy.url());

    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let paid = ada.pay(held.str("booking_id")).await.expect(200);
    let path = format!("/bookings/{}", held.str("booking_id"));
    let seen = ada.client.get(&path).min_position(paid.position()).await.expect(200);
    assert_eq!(seen.str("status"), "confirmed");

    // Both replicas of the commands know what the other one sold, and one is enough.
    for _ in 0..4 {
        ada.reserve(&screening, &["A-1"]).await.expect_problem(409, "seat-taken");
    }
    commands.kill();
    sagas.restart().await;
    // A request that was on its way to the dead one may be lost with it: the gateway says 502 then.
    let held = eventually("the seats to be held by the other replica", async || {
        let held = ada.reserve(&screening, &["A-2"]).await;
        (held.status == 201).then_some(held)
    })
    .await;
    eventually("the payment to be settled", async || {
        let paid = ada.pay(held.str("booking_id")).await;
        (paid.status == 200 || paid.problem() == Some("already-paid")).then_some(())
    })
    .await;
    let map_path = format!("/screenings/{screening}/seats");
    eventually("the seat to be sold on the map", async || {
        let map = ada.client.get(&map_path).await.expect(200);
        (seat_status(&map.json, "A-2") == "sold").then_some(())
    })
    .await;
    stack.verify();
}

#[tokio::test]
async fn the_gateway_reaches_services_with_a_certificate_by_https_only() {
    let mut stack = Stack::start().await;
    assert!(stack.server.stop(), "the one-process server ends when asked to");
    let folder = Folder::new("certificate");
    certificate_of_localhost(&folder);
    let certificate = folder.join("cert.pem").display().to_string();
    let mut settings = separate_settings(&stack);
    settings.push(("TICKETSHOW_TLS_CERTIFICATE".to_owned(), certificate.clone()));
    settings.push(("TICKETSHOW_TLS_KEY".to_owned(), folder.join("key.pem").display().to_string()));
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (commands, queries, _projectors, _sagas) = tokio::join!(
        Server::start("command-api", &settings),
        Server::start("query-api", &settings),
        Server::start("projectors", &settings),
        Server::start("sagas", &settings),
    );
    let in_clear = commands.url().replace("http://", "");
    let mut connection = TcpStream::connect(&in_clear).await.expect("it listens");
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it reads");
    let mut answer = Vec::new();
    // It may reset the connection instead of ending it.
    let _ = connection.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "it answers in clear");

    let by_https = |server: &Server| server.url().replace("http://127.0.0.1", "https://localhost");
    let (to_commands, to_queries) = (by_https(&commands), by_https(&queries));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/Caddyfile");
    let environment =
        [("COMMAND_API", &*to_commands), ("QUERY_API", &*to_queries), ("SSL_CERT_FILE", &*certificate)];
    let Some(caddy) = Caddy::start(&file, &environment).await else {
        eprintln!("not tested: there is no Caddy here; `make tools-caddy` installs it");
        return;
    };
    stack.enter_by(&caddy.url());
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    ada.pay(held.str("booking_id")).await.expect(200);

    // The gateway refuses a certificate of an unknown authority.
    let other = Folder::new("other-certificate");
    certificate_of_localhost(&other);
    let other = other.join("cert.pem").display().to_string();
    let environment =
        [("COMMAND_API", &*to_commands), ("QUERY_API", &*to_queries), ("SSL_CERT_FILE", &*other)];
    let stranger = Caddy::start(&file, &environment).await.expect("there is a Caddy");
    Client::new(&stranger.url()).get("/api/v1/shows").await.expect(502);
}

#[tokio::test]
async fn a_command_api_starts_and_stays_ready_without_postgres() {
    let mut stack = Stack::start().await;
    assert!(stack.server.stop(), "the one-process server ends when asked to");
    let settings = separate_settings(&stack);
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut commands = Server::start("command-api", &settings).await;
    let health = Client::new(&commands.url());
    health.get("/readyz").await.expect(200);

    stack.postgres.kill();
    eventually("the loss of Postgres to be shown", async || {
        let ready = health.get("/readyz").await.expect(200);
        (ready.json["dependencies"]["postgres"] != "ok").then_some(())
    })
    .await;

    // The account is read from the log, and a session is no commit.
    commands.respawn();
    let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    eventually("the administrator to be signed in", async || {
        let answer = commands.client().post("/auth/login", &body).try_send().await.ok()?;
        (answer.status == 200).then_some(())
    })
    .await;

    stack.postgres.restart().await;
    commands.wait_until_ready().await;
}
