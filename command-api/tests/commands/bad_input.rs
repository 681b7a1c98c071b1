//! No input gets a 5xx, an empty body or an HTML page.

use axum::http::{Method, header};
use serde_json::json;
use uuid::Uuid;

use crate::fixture::Fixture;

const COMMANDS: [(Method, &str); 22] = [
    (Method::POST, "/auth/register"),
    (Method::POST, "/auth/login"),
    (Method::POST, "/auth/refresh"),
    (Method::POST, "/auth/logout"),
    (Method::POST, "/auth/password"),
    (Method::PATCH, "/me"),
    (Method::DELETE, "/me/sessions/{id}"),
    (Method::PUT, "/admin/accounts/{id}/role"),
    (Method::POST, "/shows"),
    (Method::PATCH, "/shows/{id}"),
    (Method::POST, "/venues"),
    (Method::PATCH, "/venues/{id}"),
    (Method::POST, "/venues/{id}/screens"),
    (Method::PATCH, "/screens/{id}"),
    (Method::POST, "/screenings"),
    (Method::POST, "/bookings"),
    (Method::POST, "/bookings/{id}/payment"),
    (Method::DELETE, "/bookings/{id}"),
    (Method::POST, "/admin/wallets/{id}/credits"),
    (Method::POST, "/admin/projections/{id}/rebuild"),
    (Method::POST, "/admin/parked/{id}/retry"),
    (Method::DELETE, "/admin/parked/{id}"),
];

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let json = "application/json";
    let nested = "[".repeat(100_000).into_bytes();
    let huge = format!(r#"{{"title": "{}"}}"#, "x".repeat(300_000)).into_bytes();
    vec![
        (json, b"".to_vec()),
        (json, b"{".to_vec()),
        (json, b"null".to_vec()),
        (json, b"[]".to_vec()),
        (json, b"{}".to_vec()),
        (json, b"\xff\xfe".to_vec()),
        (json, b"{\"email\": 7, \"title\": [], \"seats\": {}, \"rows\": null}".to_vec()),
        (json, b"{\"surprise\": true}".to_vec()),
        (json, b"{\"email\": \"a@b\", \"email\": \"a@b\"}".to_vec()),
        (json, nested),
        (json, huge),
        ("text/html", b"<script>".to_vec()),
        ("", b"{}".to_vec()),
        ("application/x-www-form-urlencoded", b"a=b".to_vec()),
    ]
}

#[tokio::test]
async fn bad_input_is_a_client_error_with_a_problem() {
    let fixture = Fixture::open().await;
    fixture.project_position().await;
    let _projector = fixture.projector().await;
    for id in ["7".to_owned(), Uuid::nil().to_string(), "%00".to_owned(), "x".repeat(5_000)] {
        for (method, path) in COMMANDS {
            for (content_type, body) in bodies() {
                let call = fixture.call(method.clone(), &path.replace("{id}", &id)).token(&fixture.admin);
                let answer = call.raw(content_type, body).send().await;
                let status = answer.status.as_u16();
                assert!(status < 500, "{method} {path} {answer:?}");
                if status >= 400 {
                    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
                    assert_eq!(answer.body["status"], status);
                }
            }
        }
    }
}

#[tokio::test]
async fn without_a_valid_token_no_input_is_read() {
    let fixture = Fixture::open().await;
    let wanting =
        COMMANDS.iter().filter(|(_, path)| !path.starts_with("/auth/") || *path == "/auth/password");
    for (method, path) in wanting {
        let path = path.replace("{id}", &Uuid::nil().to_string());
        for authorization in ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "Bearer \u{fc}"] {
            let call = fixture.call(method.clone(), &path).header("authorization", authorization);
            let answer = call.json(json!({})).gives(401).await;
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        }
    }
}

#[tokio::test]
async fn a_token_expires_after_ten_minutes() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let old = fixture.edge.tokens.check(&ada.token, (fixture.edge.clock)()).unwrap();
    let issued = (fixture.edge.clock)() - jiff::SignedDuration::from_mins(10);
    let token = fixture.edge.tokens.issue(&old, issued);
    fixture.call(Method::PATCH, "/me").token(&token).json(json!({})).gives(401).await;
}

#[tokio::test]
async fn extreme_values_are_refused_properly() {
    let fixture = Fixture::open().await;
    let (show, venue) = (fixture.show().await, fixture.venue().await);
    let screen = fixture.screen(&venue).await;
    for starts_at in [
        "9999-12-31T23:59:59Z",
        "9999-12-30T22:00:00.999999999Z",
        "9999-12-30T12:00:00Z",
        "2300-01-01T12:00:00Z",
        "-009999-01-02T00:00:00Z",
        "2027-01-01",
        "2027-01-01T10:00:00",
        "now",
        "",
    ] {
        let body = crate::fixture::screening_body(&show, &screen, starts_at);
        fixture.ask("/screenings").json(body).gives(422).await;
    }
    for minor in [i64::MAX, -1] {
        let mut body = crate::fixture::screening_body(&show, &screen, &crate::fixture::tomorrow("12:00"));
        body["prices"]["gold"]["amount_minor"] = minor.into();
        fixture.ask("/screenings").json(body).gives(422).await;
    }
    for key in ["", "a b", &"k".repeat(129)] {
        fixture.ask("/shows").key(key).json(json!({})).gives(400).await;
    }
}
