//! The authorisation matrix: every route of the OpenAPI document, called without a token, with forged tokens, by
//! customers, staff and administrators, with ids of their own, of others, and of nothing. A new route is tested as
//! soon as the document has it.

use hyper::Method;
use serde_json::{Value, json};
use ticketshow_tests::{
    Answer, CUSTOMER_PASSWORD, Client, Customer, LIFTED, Server, Stack, eventually, login, plain_rows,
};
use uuid::Uuid;

/// Callers that a route admits, according to the document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Needs {
    Nothing,
    Account,
    /// Permission of a role, and the thing whose venue it must be granted for.
    Permission(String, String),
}

#[derive(Debug)]
struct Route {
    method: Method,
    /// After `/api/v1`, with parameters in braces.
    path: String,
    needs: Needs,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Reads the routes of an OpenAPI document.
fn routes(document: &Value) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in METHODS {
            let operation = &operations[method];
            if operation.is_null() {
                continue;
            }
            let optional = |way: &Value| way.as_object().is_some_and(serde_json::Map::is_empty);
            let ways = operation["security"].as_array().map_or(&[][..], Vec::as_slice);
            let forbidden = operation["responses"]["403"]["description"].as_str().unwrap_or_default();
            let member = |name: &str| operation[name].as_str().map(str::to_owned);
            let rule = member("x-permission").zip(member("x-acts-on"));
            assert_eq!(forbidden.contains("the role does not include"), rule.is_some(), "{method} {path}");
            let needs = match rule {
                Some((permission, acts_on)) => Needs::Permission(permission, acts_on),
                None if ways.is_empty() || ways.iter().any(optional) => Needs::Nothing,
                None => Needs::Account,
            };
            let method = method.to_uppercase().parse().expect("a method");
            let path = path.strip_prefix("/api/v1").expect("the base").to_owned();
            routes.push(Route { method, path, needs });
        }
    }
    routes
}

impl Route {
    /// The path with `id` for every id, and a valid value for each other parameter.
    fn at(&self, id: &str) -> String {
        let filled = |part: &str| match part {
            "{seat}" => "A-1".to_owned(),
            "{aggregate}" => "booking".to_owned(),
            part if part.starts_with('{') => id.to_owned(),
            part => part.to_owned(),
        };
        self.path.split('/').map(filled).collect::<Vec<_>>().join("/")
    }

    async fn call(&self, client: &Client, id: &str, body: &Value) -> Answer {
        let call = client.call(self.method.clone(), &self.at(id));
        if self.method == Method::GET { call.await } else { call.json(body).await }
    }

    /// `true` if it names a thing that belongs to one customer. Screenings do not.
    fn is_owned(&self) -> bool {
        self.needs == Needs::Account && self.path.contains('{') && !self.path.starts_with("/screenings/")
    }

    /// A body that the route would accept from the owner.
    fn body(&self) -> Value {
        match (self.method.as_str(), self.path.as_str()) {
            ("POST", "/bookings/{id}/payment") => json!({"method": "wallet"}),
            ("POST", "/bookings/{id}/shares") => json!({"seat": "A-1"}),
            ("POST", "/bookings/{id}/move") => json!({"seats": ["A-2"]}),
            ("POST", "/bookings/{id}/promotion") => json!({"code": "MONSOON"}),
            _ => json!({}),
        }
    }

    /// An id of the customer's that the route is about.
    fn owned_by(&self, owner: &Owner) -> String {
        let id = match self.path.split('/').nth(1).expect("a first part") {
            "bookings" => &owner.booking,
            "payments" => &owner.payment,
            "me" => &owner.session,
            other => panic!("{} {}: say which id of a customer belongs in /{other}", self.method, self.path),
        };
        id.clone()
    }
}

/// A customer with things of their own.
#[derive(Clone)]
struct Owner {
    client: Client,
    booking: String,
    payment: String,
    session: String,
}

impl Owner {
    async fn new(customer: &Customer, screening: &str) -> Self {
        Self::with_seat(customer, screening, "A-1").await
    }

    async fn with_seat(customer: &Customer, screening: &str, seat: &str) -> Self {
        let booking = customer.reserve(screening, &[seat]).await.expect(201).str("booking_id").to_owned();
        customer.pay(&booking).await;
        let client = customer.client.clone();
        let payment = eventually("the payment to be captured", async || {
            let answer = client.get(&format!("/bookings/{booking}")).try_send().await.ok()?;
            let payment = &answer.json["payment"];
            (payment["status"] == "captured").then(|| payment["payment_id"].as_str().map(str::to_owned))?
        })
        .await;
        let sessions = client.get("/me/sessions").await.expect(200);
        let session = sessions.json["items"][0]["session_id"].as_str().expect("a session").to_owned();
        Self { client, booking, payment, session }
    }
}

/// A member of staff, with a role at one venue or at all of them.
struct Member {
    role: &'static str,
    permissions: &'static [&'static str],
    is_everywhere: bool,
    client: Client,
}

impl Member {
    /// `true` if the role admits the member to a route about another venue's things.
    fn may(&self, needs: &Needs) -> bool {
        match needs {
            Needs::Nothing | Needs::Account => true,
            Needs::Permission(permission, acts_on) => {
                let includes = self.permissions.contains(&permission.as_str());
                includes && (self.is_everywhere || acts_on == "body")
            }
        }
    }
}

struct Matrix {
    stack: Stack,
    routes: Vec<Route>,
    admin: Client,
    members: Vec<Member>,
    owner: Owner,
    other: Client,
}

/// Permissions of each role, and whether it can be granted for some venues only.
const ROLES: [(&str, &[&str], bool); 5] = [
    ("staff", &["door", "box_office"], false),
    ("door", &["door"], true),
    ("box_office", &["door", "box_office", "desk"], true),
    ("accountant", &["accounts"], true),
    ("manager", &["door", "box_office", "desk", "accounts", "programme"], true),
];

/// One member for each role, and one for each that can be granted for one venue.
async fn members(stack: &Stack, admin: &Client, venue: &str) -> Vec<Member> {
    let mut members = Vec::new();
    for (role, permissions, has_venues) in ROLES {
        for is_everywhere in [true, false] {
            if !is_everywhere && !has_venues {
                continue;
            }
            let member = stack.customer().await;
            let body =
                if is_everywhere { json!({"role": role}) } else { json!({"role": role, "venues": [venue]}) };
            let path = format!("/admin/accounts/{}/role", member.user_id);
            let granted = admin.put(&path).json(&body).await.expect(200);
            assert_eq!(granted.json["venues"].is_null(), is_everywhere);
            let client = login(&stack.client(), &member.email, CUSTOMER_PASSWORD).await;
            members.push(Member { role, permissions, is_everywhere, client });
        }
    }
    members
}

async fn matrix() -> Matrix {
    let stack = Stack::start_with(&LIFTED).await;
    let document = stack.client().get("/openapi.json").await.expect(200).json;
    let routes = routes(&document);
    assert!(routes.len() > 70, "{} routes", routes.len());
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let owner = Owner::new(&stack.customer_with(&admin, 100_000).await, &screening).await;
    let other = stack.customer_with(&admin, 100_000).await.client;
    let venue = admin.get(&format!("/screenings/{screening}")).await.expect(200).str("venue_id").to_owned();
    let members = members(&stack, &admin, &venue).await;
    Matrix { stack, routes, admin, members, owner, other }
}

fn missing() -> String {
    Uuid::from_u128(0xdead << 100).to_string()
}

/// A 403 that says that the caller lacks the role.
fn lacks_role(answer: &Answer) -> bool {
    answer.status == 403 && answer.problem() == Some("forbidden")
}

/// Tokens that were never issued: the payload of an administrator with the signature of a customer, one that claims to need no
/// signature, a token cut short, and no token at all.
fn forged(admin: &Client, customer: &Client) -> [String; 4] {
    let parts = |client: &Client| -> Vec<String> {
        client.token().expect("a token").split('.').map(str::to_owned).collect()
    };
    let (admin, customer) = (parts(admin), parts(customer));
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    [
        format!("{}.{}.{}", admin[0], admin[1], customer[2]),
        format!("{unsigned}.{}.", admin[1]),
        format!("{}.{}", admin[0], admin[1]),
        "undefined".to_owned(),
    ]
}

#[tokio::test]
async fn every_route_admits_exactly_those_whom_the_document_names() {
    let Matrix { stack, routes, admin, members, owner, .. } = &matrix().await;
    let nobody = stack.client();
    let mut wrong = Vec::new();
    let mut note = |route: &Route, caller: &str, answer: &Answer| {
        wrong.push(format!("{} {} as {caller}: {}", route.method, route.path, answer.status));
    };
    for route in routes {
        for token in forged(admin, &owner.client) {
            let answer = route.call(&nobody.with_token(&token), &missing(), &json!({})).await;
            if answer.status >= 500 || (route.needs != Needs::Nothing && answer.status != 401) {
                note(route, &format!("the bearer of a forged token {token:?}"), &answer);
            }
        }
        let answer = route.call(&nobody, &missing(), &json!({})).await;
        // These refuse callers without the right password, cookie, link or signature.
        let guarded = ["/auth/", "/webhooks/"].iter().any(|part| route.path.starts_with(part));
        if answer.status >= 500 || (answer.status == 401) != (route.needs != Needs::Nothing) && !guarded {
            note(route, "nobody", &answer);
        }
        let of = |member: &'_ Member| {
            let place = if member.is_everywhere { "everywhere" } else { "elsewhere" };
            (format!("{} {place}", member.role), member.client.clone(), member.may(&route.needs))
        };
        let is_staff_route = matches!(route.needs, Needs::Permission(..));
        let callers = [
            ("a customer".to_owned(), owner.client.clone(), !is_staff_route),
            ("an administrator".to_owned(), admin.clone(), true),
        ];
        for (caller, client, may) in callers.into_iter().chain(members.iter().map(of)) {
            // Ending one's own session would end the matrix.
            if route.path == "/auth/logout" || route.path == "/me" && route.method == Method::DELETE {
                continue;
            }
            let answer = route.call(&client, &missing(), &json!({})).await;
            // A thing that does not exist has no venue: 404, for a role with venues too.
            let refused = lacks_role(&answer) || !may && is_staff_route && answer.status == 404;
            if answer.status >= 500 || refused == may || may && answer.status == 401 && !guarded {
                note(route, &caller, &answer);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Access tokens of accounts that lost their sessions a moment ago, each in another way, and a thing of each account.
async fn without_session(matrix: &Matrix) -> Vec<(&'static str, Owner)> {
    let Matrix { stack, admin, .. } = matrix;
    let screening = stack.screening(admin, &plain_rows(1, 10)).await;
    let mut owners = Vec::new();
    for way in ["disabled", "signed out by an administrator", "given another role", "erased"] {
        let customer = stack.customer_with(admin, 100_000).await;
        let owner = if way == "erased" {
            // Without a booking, which would have to be over first.
            let Owner { booking, payment, .. } = matrix.owner.clone();
            Owner { client: customer.client.clone(), booking, payment, session: missing() }
        } else {
            let seat = format!("A-{}", owners.len() + 1);
            Owner::with_seat(&customer, &screening, &seat).await
        };
        let account = format!("/admin/accounts/{}", customer.user_id);
        match way {
            "disabled" => {
                let body = json!({"disabled": true, "reason": "stolen"});
                admin.put(&format!("{account}/state")).json(&body).await.expect(204)
            }
            "given another role" => {
                admin.put(&format!("{account}/role")).json(&json!({"role": "staff"})).await.expect(200)
            }
            "erased" => {
                owner.client.delete("/me").json(&json!({"password": CUSTOMER_PASSWORD})).await.expect(202)
            }
            _ => admin.delete(&format!("{account}/sessions")).await.expect(204),
        };
        owners.push((way, owner));
    }
    owners
}

#[tokio::test]
async fn no_route_admits_the_access_token_of_a_session_that_has_ended() {
    let matrix = matrix().await;
    let owners = without_session(&matrix).await;
    let guarded: Vec<_> = matrix.routes.iter().filter(|route| route.needs != Needs::Nothing).collect();
    let commands =
        guarded.iter().filter(|route| route.method != Method::GET && route.needs == Needs::Account);
    assert!(commands.count() > 20);
    let mut wrong = Vec::new();
    for (way, owner) in &owners {
        for route in &guarded {
            let id = if route.is_owned() { route.owned_by(owner) } else { missing() };
            let answer = route.call(&owner.client, &id, &route.body()).await;
            if answer.problem() != Some("unauthorized") {
                wrong.push(format!("{} {} as one {way}: {}", route.method, route.path, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Another process, which hears of the ends in the bucket: of some before it starts, of others while it runs.
    let other = Server::start("command-api", &matrix.stack.settings()).await;
    let topped_up = json!({"amount": {"amount_minor": 10_000, "currency": "INR"}});
    let refused = async |client: &Client, what: &str| {
        let there = other.client().with_token(client.token().expect("a token"));
        eventually(what, async || {
            let answer = there.post("/wallet/top-ups", &topped_up).try_send().await.ok()?;
            (answer.status == 401).then_some(())
        })
        .await;
    };
    for (way, owner) in &owners {
        refused(&owner.client, way).await;
    }
    let customer = matrix.stack.customer().await;
    let there = other.client().with_token(customer.client.token().expect("a token"));
    assert_ne!(there.patch("/me", &json!({"name": "Still here"})).await.status, 401);
    let path = format!("/admin/accounts/{}/sessions", customer.user_id);
    matrix.admin.delete(&path).await.expect(204);
    refused(&customer.client, "ended while the other process runs").await;
}

#[tokio::test]
async fn a_foreign_thing_is_answered_like_a_missing_one() {
    let Matrix { routes, owner, other, .. } = &matrix().await;
    let owned: Vec<&Route> = routes.iter().filter(|route| route.is_owned()).collect();
    assert!(owned.len() >= 8, "{owned:?}");
    for route in owned {
        let id = route.owned_by(owner);
        let foreign = route.call(other, &id, &route.body()).await;
        let nothing = route.call(other, &missing(), &route.body()).await;
        assert_eq!(foreign.status, 404, "{} {} of a foreign id", route.method, route.path);
        let without_id = |answer: &Answer, id: &str| answer.text().replace(id, "");
        assert_eq!(
            without_id(&foreign, &id),
            without_id(&nothing, &missing()),
            "{} {}",
            route.method,
            route.path
        );
    }
    let own = format!("/bookings/{}", owner.booking);
    assert_eq!(
        owner.client.get(&own).await.expect(200).json["status"],
        "confirmed",
        "nothing was done to it"
    );
}

#[tokio::test]
async fn a_role_for_one_venue_reaches_nothing_of_another() {
    let stack = Stack::start_with(&[("TICKETSHOW_CHECK_IN_SECONDS", "31536000")]).await;
    let admin = stack.admin().await;
    let (here, there) = (
        stack.screening(&admin, &plain_rows(1, 10)).await,
        stack.screening(&admin, &plain_rows(1, 10)).await,
    );
    let place = async |screening: &str| {
        let seen = eventually("the screening to be listed", async || {
            let seen = admin.get(&format!("/screenings/{screening}")).try_send().await.ok()?;
            (seen.status == 200).then_some(seen)
        })
        .await;
        ["venue_id", "screen_id", "show_id", "starts_at"].map(|name| seen.str(name).to_owned())
    };
    let ([venue_a, screen_a, show, starts], [venue_b, screen_b, ..]) =
        (place(&here).await, place(&there).await);
    assert_ne!(venue_a, venue_b);
    let member = stack.customer().await;
    let path = format!("/admin/accounts/{}/role", member.user_id);
    let role = json!({"role": "manager", "venues": [venue_a]});
    admin.put(&path).json(&role).await.expect(200);
    let manager = login(&stack.client(), &member.email, CUSTOMER_PASSWORD).await;
    eventually("the role to be in the read model", async || {
        let me = manager.get("/me").try_send().await.ok()?;
        (me.json["role"] == "manager" && me.json["venues"] == json!([venue_a])).then_some(())
    })
    .await;

    let name = json!({"name": "Grand"});
    let screen = json!({"name": "New", "layout": plain_rows(1, 4)});
    let screening =
        |screen: &str| json!({"show_id": show, "screen_id": screen, "starts_at": starts, "prices": {}});
    let forbidden = |answer: Answer| expect_forbidden(&answer);
    for (path, venue, other) in [
        ("/screenings/{}/guests", &here, &there),
        ("/screenings/{}/door", &here, &there),
        ("/screenings/{}/check-ins", &here, &there),
        ("/venues/{}/day-sheet", &venue_a, &venue_b),
        ("/admin/bookings?venue_id={}", &venue_a, &venue_b),
        ("/admin/bookings?screening_id={}", &here, &there),
        ("/admin/screenings/{}/holders", &here, &there),
    ] {
        manager.get(&path.replace("{}", venue)).await.expect(200);
        forbidden(manager.get(&path.replace("{}", other)).await);
    }
    for path in ["/admin/bookings", "/admin/payments", "/admin/accounts", "/admin/audit", "/admin/sales"] {
        forbidden(manager.get(path).await);
    }
    forbidden(manager.patch(&format!("/venues/{venue_b}"), &name).await);
    forbidden(manager.patch(&format!("/screens/{screen_b}"), &name).await);
    forbidden(manager.post(&format!("/venues/{venue_b}/screens"), &screen).await);
    forbidden(manager.post("/screenings", &screening(&screen_b)).await);
    forbidden(manager.delete(&format!("/screenings/{there}")).await);
    forbidden(manager.patch(&format!("/screenings/{there}"), &json!({})).await);
    let report = json!({"device": "Door", "check_ins": [{"id": Uuid::from_u128(1), "code": "x", "checked_in_at": starts}]});
    forbidden(manager.post(&format!("/screenings/{there}/door/check-ins"), &report).await);
    manager.patch(&format!("/venues/{venue_a}"), &name).await.expect(200);
    manager.patch(&format!("/screens/{screen_a}"), &name).await.expect(200);
    manager.post("/screenings", &screening(&screen_a)).await.expect(422);
    manager.post(&format!("/screenings/{here}/door/check-ins"), &report).await.expect(200);

    tickets_of_both_houses(&stack, &admin, &manager, [&here, &there]).await;
    // Taken away, the role ends at once: commands ask the account.
    admin.put(&path).json(&json!({"role": "manager", "venues": [venue_b]})).await.expect(200);
    manager.patch(&format!("/venues/{venue_a}"), &name).await.expect(401);
}

#[track_caller]
fn expect_forbidden(answer: &Answer) {
    assert_eq!(answer.problem(), Some("forbidden"), "{}", answer.text());
}

/// Tickets and bookings here, where the manager may, and there.
async fn tickets_of_both_houses(stack: &Stack, admin: &Client, manager: &Client, [here, there]: [&str; 2]) {
    let ada = stack.customer_with(admin, 100_000).await;
    for (screening, may) in [(here, true), (there, false)] {
        let booking = ada.reserve(screening, &["A-1"]).await.expect(201).str("booking_id").to_owned();
        ada.pay(&booking).await;
        let code = eventually("the ticket to be sold", async || {
            let seen = ada.client.get(&format!("/bookings/{booking}")).try_send().await.ok()?;
            seen.json["tickets"][0]["code"].as_str().map(str::to_owned)
        })
        .await;
        let note = manager.post(&format!("/bookings/{booking}/notes"), &json!({"text": "Rang."})).await;
        let scanned = manager.post("/check-ins", &json!({"code": code})).await;
        if may {
            note.expect(201);
            let id = scanned.expect(200).str("check_in_id").to_owned();
            manager.delete(&format!("/check-ins/{id}")).await.expect(204);
        } else {
            expect_forbidden(&note);
            expect_forbidden(&scanned);
        }
    }
}
