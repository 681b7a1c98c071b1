//! Requests of strangers that must not harm the site or other users.

use std::path::Path;

use futures_util::{StreamExt, stream};
use hyper::Method;
use serde_json::json;
use ticketshow_tests::{ADMIN_EMAIL, ADMIN_PASSWORD, Caddy, Client, Stack, eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends many bodies that are answered before they are read, and other callers' requests between them.
async fn send_early_answered(site: &Client) {
    for length in [50, 20_000, 100_000, 2_000_000] {
        let body = json!({"screening_id": "x".repeat(length)});
        stream::iter(0..60)
            .for_each_concurrent(8, async |number| {
                if number % 3 == 0 {
                    site.post("/auth/logout", &json!({})).await.expect(204);
                } else {
                    site.post("/bookings", &body).await.expect_problem(401, "unauthorized");
                }
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn early_answers_behind_a_gateway_are_no_bad_gateways() {
    let stack = Stack::shared().await;
    send_early_answered(&stack.client()).await;

    let server = stack.server.url().replace("http://", "");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/Caddyfile");
    let Some(caddy) = Caddy::start(&file, &[("COMMAND_API", &server), ("QUERY_API", &server)]).await else {
        eprintln!("not tested: there is no Caddy here; `make tools-caddy` installs it");
        return;
    };
    send_early_answered(&Client::new(&format!("{}/api/v1", caddy.url()))).await;
}

#[tokio::test]
async fn metrics_and_causes_are_for_operators_only() {
    let stack = Stack::shared().await;
    let site = Client::new(&stack.server.url());
    site.get("/metrics").await.expect_problem(404, "not-found");
    site.get("/healthz").await.expect(200);
    // Under the load of other stories a dependency may take longer than a second to answer.
    eventually("all dependencies to be ok", async || {
        let ready = site.get("/readyz").await.json;
        let states = ready["dependencies"].as_object().unwrap();
        assert!(states.len() > 4, "{ready}");
        assert!(states.values().all(|state| state == "ok" || state == "failed"), "{ready}");
        states.values().all(|state| state == "ok").then_some(())
    })
    .await;

    let invented = Method::from_bytes(b"INVENTED").unwrap();
    site.call(invented, "/api/v1/shows").await.expect_problem(405, "method-not-allowed");
    let measured = stack.server.operations().get("/metrics").await.expect(200).text();
    assert!(measured.contains(r#"method="other",route="/api/v1/shows",status="405""#), "{measured}");
    assert!(!measured.contains("INVENTED"), "{measured}");
}

#[tokio::test]
async fn no_page_of_the_site_is_outside_the_quota_of_an_address() {
    // Replenished so fast that waiting for the start does not use it up.
    let stack = Stack::start_with(&[("TICKETSHOW_REQUESTS_PER_ADDRESS", "120/10s")]).await;
    let site = Client::new(&stack.server.url());
    for path in ["/", "/a.js", "/nowhere", "/healthz", "/readyz", "/api/v1/docs/", "/api/v1/openapi.json"] {
        let mut calls = 0;
        while site.get(path).await.status != 429 {
            calls += 1;
            assert!(calls < 1_000, "{path} is outside the quota");
        }
    }
    stack.server.operations().get("/readyz").await.expect(200);
}

#[tokio::test]
async fn every_answer_of_a_public_site_protects_browsers() {
    let stack = Stack::start_with(&[("TICKETSHOW_ORIGIN", "https://tickets.example.org")]).await;
    let site = Client::new(&stack.server.url());
    let paths = [
        "/",
        "/nowhere",
        "/a.js",
        "/readyz",
        "/api/v1/docs/",
        "/api/v1/openapi.json",
        "/api/v1/shows",
        "/api/v1/me",
    ];
    for path in paths {
        let answer = site.get(path).header("accept", "text/html").await;
        let header = |name| answer.header(name).unwrap_or_else(|| panic!("{path} has no {name}")).to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(["no-store", "no-cache"].contains(&header("cache-control").as_str()), "{path}");
    }

    // A proxy has changed the `Host` to this machine's.
    let credentials = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let log_in = |origin| site.post("/api/v1/auth/login", &credentials).header("origin", origin);
    let answer = log_in("https://tickets.example.org").await.expect(200);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-ticketshow_refresh=") && cookie.contains("; Secure"), "{cookie}");
    let (cookie, _) = cookie.split_once(';').unwrap();
    site.post("/api/v1/auth/refresh", &json!({})).cookie(cookie).await.expect(200);
    for origin in ["http://tickets.example.org", "https://evil.example", "null"] {
        log_in(origin).await.expect_problem(403, "foreign-origin");
    }
}

/// Sends a message to the log without a service, as a broken program would.
async fn publish(stack: &Stack, subject: &str) {
    let address = stack.nats.url().trim_start_matches("nats://").to_owned();
    let mut connection = TcpStream::connect(address).await.expect("a server");
    let lines = format!("CONNECT {{\"verbose\":false}}\r\nPUB {subject} 2\r\n{{}}\r\nPING\r\n");
    connection.write_all(lines.as_bytes()).await.expect("a connection");
    let mut answer = Vec::new();
    while !answer.ends_with(b"PONG\r\n") {
        assert!(connection.read_buf(&mut answer).await.expect("an answer") > 0);
    }
}

#[tokio::test]
async fn a_server_whose_work_stands_still_is_not_ready() {
    let stack = Stack::start().await;
    let (site, operations) = (Client::new(&stack.server.url()), stack.server.operations());

    publish(&stack, "$JS.API.CONSUMER.DELETE.EVENTS.payment").await;
    let cause = eventually("the missing consumer to be noticed", async || {
        let ready = operations.get("/readyz").await;
        (ready.status == 503).then(|| ready.json["dependencies"]["consumers"].to_string())
    })
    .await;
    assert_eq!(cause, "\"payment is missing\"");
    assert_eq!(site.get("/readyz").await.expect(503).json["dependencies"]["consumers"], "failed");

    let repaired = stack.server.command(&["admin", "topology"]);
    assert!(repaired.status.success(), "{}", String::from_utf8_lossy(&repaired.stderr));
    eventually("the server to be ready again", async || {
        (operations.get("/readyz").await.status == 200).then_some(())
    })
    .await;

    publish(&stack, "tix.wallet.nobody").await;
    eventually("the read models to be known to stand still", async || {
        let ready = operations.get("/readyz").await;
        let cause = ready.json["dependencies"]["projections"].as_str().unwrap_or_default().to_owned();
        (ready.status == 503 && cause.contains("halted")).then_some(())
    })
    .await;
}
