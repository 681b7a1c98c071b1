//! Bad input on every route, by every kind of caller: the answer is a refusal with a reason, never a 500, and nothing gets stuck.

use serde_json::{Map, Value, json};
use ticketshow_tests::{Answer, Call, Client, LIFTED, Stack, plain_rows};
use tokio::task::JoinSet;

/// Requests that are under way at once.
const AT_ONCE: usize = 16;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

const NASTY_SEGMENTS: [&str; 8] = [
    "x",
    "0",
    "-1",
    "00000000-0000-0000-0000-000000000000",
    "%00",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "%27%3B%20DROP%20TABLE%20bookings%3B--",
];

const NASTY_QUERIES: [&str; 10] =
    ["", "0", "-1", "99999999999999999999999999", "x", "%00", "%ff", "2026-13-45", "null", "a&a=b&=&&"];

const NASTY_BODIES: [&str; 9] =
    ["", "{", "null", "[]", "\"text\"", "0", "{}", "{\"unknown\": true}", "{\"a\": 1, \"a\": \u{0}"];

fn nasty_values() -> Vec<Value> {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("   "),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{202e}\u{feff}\u{1f3ad}"),
        json!("x".repeat(20_000)),
        json!("9999-99-99T99:99:99Z"),
        json!([]),
        json!(["", "", null, 7]),
        json!(vec!["A-1"; 5_000]),
        json!({}),
        json!({"amount_minor": i64::MAX, "currency": "INR"}),
        json!({"amount_minor": "1", "currency": "\u{0}\u{0}\u{0}"}),
        json!({"rows": []}),
        json!({"gold": {"amount_minor": -5, "currency": "INR"}}),
        deep,
    ]
}

/// One route of the OpenAPI document.
struct Route {
    method: String,
    path: String,
    queries: Vec<String>,
    /// A valid body, if one is needed.
    body: Option<Value>,
}

fn routes(document: &Value) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("a document with paths") {
        for (method, operation) in operations.as_object().expect("operations by method") {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let queries = parameters.filter(|parameter| parameter["in"] == "query");
            let queries =
                queries.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect();
            let schema = operation.pointer("/requestBody/content/application~1json/schema");
            let path = path.strip_prefix("/api/v1").unwrap_or(path).to_owned();
            let body = schema.map(|schema| example(document, schema));
            routes.push(Route { method: method.clone(), path, queries, body });
        }
    }
    routes
}

/// A value that a schema allows.
fn example(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let target =
            document.pointer(reference.trim_start_matches('#')).expect("references point into the document");
        return example(document, target);
    }
    if let Some(first) = ["oneOf", "anyOf", "allOf"].iter().find_map(|name| schema[*name].as_array()?.last())
    {
        return example(document, first);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    // A value that may be null has a list of types.
    let kind = schema["type"].as_array().and_then(|kinds| kinds.first()).unwrap_or(&schema["type"]);
    match kind.as_str().unwrap_or_default() {
        "object" => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties
                .map(|(name, schema)| (name.clone(), example(document, schema)))
                .collect::<Map<_, _>>()
                .into()
        }
        "array" => json!([example(document, &schema["items"])]),
        "integer" | "number" => json!(1),
        "boolean" => json!(false),
        _ if schema["format"] == "uuid" => json!("0190aaaa-0000-7000-8000-000000000001"),
        _ if schema["format"] == "date-time" => json!("2030-01-01T10:00:00Z"),
        _ => json!("something"),
    }
}

/// A request, and its description for a failed assertion.
type Sent = (String, Call);

/// Ids of things that exist, by the segment before them in a path: bodies are looked at only where the path is right.
struct RealIds(Vec<(&'static str, String)>);

impl RealIds {
    fn fill_in(&self, path: &str) -> String {
        let mut filled = Vec::<String>::new();
        for part in path.split('/') {
            let before = filled.last().cloned().unwrap_or_default();
            let real =
                || self.0.iter().find(|(collection, _)| *collection == before).map(|(_, id)| id.clone());
            let part = if part.starts_with('{') {
                real().unwrap_or_else(|| "0190aaaa-0000-7000-8000-000000000001".to_owned())
            } else {
                part.to_owned()
            };
            filled.push(part);
        }
        filled.join("/")
    }
}

fn nasty_requests(client: &Client, who: &str, route: &Route, real: &RealIds) -> Vec<Sent> {
    let method: hyper::Method = route.method.to_uppercase().parse().expect("a method of the document");
    let plain = real.fill_in(&route.path);
    let call = |path: &str| client.call(method.clone(), path);
    let mut requests = Vec::new();
    let mut add =
        |what: String, call| requests.push((format!("{who}: {method} {}: {what}", route.path), call));

    for segment in NASTY_SEGMENTS {
        let path: Vec<_> =
            route.path.split('/').map(|part| if part.starts_with('{') { segment } else { part }).collect();
        let path = path.join("/");
        add(path.clone(), route.body.iter().fold(call(&path), Call::json));
        for name in &route.queries {
            for value in NASTY_QUERIES {
                add(format!("{name}={value}"), call(&format!("{path}?{name}={value}")));
            }
        }
    }
    for body in NASTY_BODIES {
        add(format!("body {body}"), call(&plain).body(body).header("content-type", "application/json"));
        add(format!("no JSON {body}"), call(&plain).body(body).header("content-type", "text/plain"));
    }
    for (name, value) in [
        ("idempotency-key", String::new()),
        ("idempotency-key", "k".repeat(129)),
        ("idempotency-key", "with blank".to_owned()),
        ("min-position", "-1".to_owned()),
        ("min-position", "x".to_owned()),
        ("if-none-match", "\"".to_owned()),
        ("authorization", "Bearer".to_owned()),
        ("authorization", "Bearer a.b.c".to_owned()),
        ("authorization", "Basic YTpi".to_owned()),
        ("cookie", "=;;=".to_owned()),
        ("accept", "image/png".to_owned()),
    ] {
        let with_body = route.body.iter().fold(call(&plain), Call::json);
        add(format!("{name}: {value}"), with_body.header(name, &value));
    }
    for (field, _) in route.body.iter().filter_map(Value::as_object).flatten() {
        for value in nasty_values() {
            let mut body = route.body.clone().unwrap_or_default();
            body[field] = value.clone();
            let shown: String = value.to_string().chars().take(60).collect();
            add(format!("{field} = {shown}"), call(&plain).json(&body));
        }
    }
    requests
}

fn check(what: &str, answer: &Answer) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text());
    if answer.status >= 400 {
        assert!(
            answer.problem().is_some(),
            "{what}: {} is no problem document: {}",
            answer.status,
            answer.text()
        );
        assert_eq!(answer.json["status"], answer.status, "{what}");
        assert!(answer.json["title"].is_string(), "{what}");
    }
}

/// Passes on the panic of a request.
fn finished(task: Option<Result<(), tokio::task::JoinError>>) {
    if let Some(Err(error)) = task {
        std::panic::resume_unwind(error.into_panic());
    }
}

async fn send_all(requests: Vec<Sent>) -> usize {
    let count = requests.len();
    let mut under_way = JoinSet::new();
    for (what, call) in requests {
        if under_way.len() >= AT_ONCE {
            finished(under_way.join_next().await);
        }
        under_way.spawn(async move {
            // A server that refuses before it has read a body may close the connection under the next request.
            let answer = match call.clone().try_send().await {
                Ok(answer) => answer,
                Err(_) => call.try_send().await.unwrap_or_else(|error| panic!("{what}: {error:#}")),
            };
            check(&what, &answer);
        });
    }
    while !under_way.is_empty() {
        finished(under_way.join_next().await);
    }
    count
}

#[tokio::test]
async fn no_route_answers_500_to_anything() {
    let mut settings = LIFTED.to_vec();
    settings
        .extend([("TICKETSHOW_FAILED_LOGINS_PER_EMAIL", "0"), ("TICKETSHOW_FAILED_LOGINS_PER_ADDRESS", "0")]);
    let stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let customer = stack.customer().await;
    let document = stack.client().get("/openapi.json").await.expect(200).json;
    let routes = routes(&document);
    assert!(routes.len() > 40, "the document has {} routes", routes.len());

    let screening = stack.screening(&admin, &plain_rows(10, 30)).await;
    let held = customer.reserve(&screening, &["A-1"]).await.expect(201);
    let known = customer.client.get(&format!("/screenings/{screening}")).min_position(held.position()).await;
    let text = known.expect(200).text();
    let id = |name: &str| {
        let (_, rest) =
            text.split_once(&format!("\"{name}\":\"")).expect("a screening names its show, screen and venue");
        rest[..36].to_owned()
    };
    let real = RealIds(vec![
        ("shows", id("show_id")),
        ("venues", id("venue_id")),
        ("screens", id("screen_id")),
        ("bookings", held.str("booking_id").to_owned()),
        ("screenings", screening),
        ("wallets", customer.user_id.clone()),
    ]);

    let mut sent = 0;
    for route in &routes {
        sent += send_all(nasty_requests(&stack.client(), "nobody", route, &real)).await;
        sent += send_all(nasty_requests(&customer.client, "a customer", route, &real)).await;
        sent += send_all(nasty_requests(&admin, "the administrator", route, &real)).await;
    }
    assert!(sent > 5_000, "{sent}");

    // Accepted input has not stopped a projection or a saga.
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let paid = ada.pay(held.str("booking_id")).await.expect(200);
    ada.client.get("/bookings").min_position(paid.position()).await.expect(200);
    stack.verify();
}

#[tokio::test]
async fn what_is_too_large_wrongly_typed_or_nowhere_is_told_by_its_status() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let huge = format!("{{\"title\": \"{}\"}}", "x".repeat(8 * 1024 * 1024));
    let call = |method, path| admin.call(method, path);
    let post = hyper::Method::POST;
    let too_large = call(post.clone(), "/shows").body(huge).header("content-type", "application/json");
    // The server may close the connection before all of it is sent.
    if let Ok(answer) = too_large.try_send().await {
        answer.expect(413);
    }
    call(post.clone(), "/shows").body("title=x").header("content-type", "text/plain").await.expect(415);
    call(post.clone(), "/shows").body("{").header("content-type", "application/json").await.expect(400);
    call(post, "/nowhere").json(&json!({})).await.expect_problem(404, "not-found");
    call(hyper::Method::PUT, "/shows").json(&json!({})).await.expect(405);
    stack.client().get("/shows/x").await.expect(404);
    let customer = stack.customer().await;
    let show = json!({"title": "T", "description": "", "duration_minutes": 1, "language": "L", "genres": []});
    customer.client.post("/shows", &show).await.expect(403);
    stack.client().post("/shows", &show).await.expect(401);
    let token = customer.client.token().unwrap().to_owned();
    stack.client().with_token(&format!("{}x", &token[..token.len() - 1])).get("/me").await.expect(401);
}

#[tokio::test]
async fn wrong_values_are_pointed_at() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let show =
        json!({"title": " ", "description": "", "duration_minutes": 601, "language": "L", "genres": []});
    let answer = admin.post("/shows", &show).await.expect(422);
    let pointers: Vec<_> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/title", "/duration_minutes"]);

    let screening = stack.screening(&admin, &plain_rows(1, 12)).await;
    let ada = stack.customer().await;
    ada.reserve(&screening, &[]).await.expect_problem(422, "seat-count");
    let eleven: Vec<String> = (1..=11).map(|number| format!("A-{number}")).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    ada.reserve(&screening, &eleven).await.expect_problem(422, "seat-count");
    ada.reserve(&screening, &["A-1", "A-1"]).await.expect_problem(422, "duplicate-seat");
    ada.reserve(&screening, &["Z-1"]).await.expect_problem(422, "unknown-seat");
    ada.reserve("0190aaaa-0000-7000-8000-000000000001", &["A-1"]).await.expect_problem(404, "not-found");
}
