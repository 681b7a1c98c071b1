//! The authorisation matrix: every route of the OpenAPI document, called by nobody, with forged tokens, by customers, staff
//! and administrators, with ids of their own, of others, and of nothing. A new route is tested as soon as the document has it.

use hyper::Method;
use serde_json::{Value, json};
use ticketshow_tests::{
    Answer, CUSTOMER_PASSWORD, Client, Customer, LIFTED, Stack, eventually, login, plain_rows,
};
use uuid::Uuid;

/// Who may call a route, according to the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    Nothing,
    Account,
    Staff,
    Administrator,
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
            let needs = if ways.is_empty() || ways.iter().any(optional) {
                Needs::Nothing
            } else if forbidden.contains("not an administrator") {
                Needs::Administrator
            } else if forbidden.contains("not a member of staff") {
                Needs::Staff
            } else {
                Needs::Account
            };
            let method = method.to_uppercase().parse().expect("a method");
            let path = path.strip_prefix("/api/v1").expect("the base").to_owned();
            routes.push(Route { method, path, needs });
        }
    }
    routes
}

impl Route {
    /// The path with `id` for every id, and something fitting for each other parameter.
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

    /// Whether it names a thing that belongs to one customer.
    fn is_owned(&self) -> bool {
        self.needs == Needs::Account && self.path.contains('{')
    }

    /// A body that the route would accept from the owner.
    fn body(&self) -> Value {
        match (self.method.as_str(), self.path.as_str()) {
            ("POST", "/bookings/{id}/payment") => json!({"method": "wallet"}),
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
struct Owner {
    client: Client,
    booking: String,
    payment: String,
    session: String,
}

impl Owner {
    async fn new(customer: &Customer, screening: &str) -> Self {
        let booking = customer.reserve(screening, &["A-1"]).await.expect(201).str("booking_id").to_owned();
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

struct Matrix {
    stack: Stack,
    routes: Vec<Route>,
    admin: Client,
    staff: Client,
    owner: Owner,
    other: Client,
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
    let member = stack.customer().await;
    let role = admin.put(&format!("/admin/accounts/{}/role", member.user_id)).json(&json!({"role": "staff"}));
    role.await.expect(200);
    let staff = login(&stack.client(), &member.email, CUSTOMER_PASSWORD).await;
    Matrix { stack, routes, admin, staff, owner, other }
}

fn missing() -> String {
    Uuid::from_u128(0xdead << 100).to_string()
}

/// A 403 that says that the caller lacks the role.
fn lacks_role(answer: &Answer) -> bool {
    answer.status == 403 && answer.problem() == Some("forbidden")
}

/// Tokens that nobody was given: the payload of an administrator with the signature of a customer, one that claims to need no
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
    let Matrix { stack, routes, admin, staff, owner, .. } = &matrix().await;
    let nobody = stack.client();
    let mut wrong = Vec::new();
    let mut note = |route: &Route, caller: &str, answer: &Answer| {
        wrong.push(format!("{} {} as {caller}: {}", route.method, route.path, answer.status));
    };
    for route in routes {
        for token in forged(admin, &owner.client) {
            let answer = route.call(&nobody.with_token(&token), &missing(), &json!({})).await;
            if answer.status >= 500 || (route.needs > Needs::Nothing && answer.status != 401) {
                note(route, &format!("the bearer of a forged token {token:?}"), &answer);
            }
        }
        let answer = route.call(&nobody, &missing(), &json!({})).await;
        // These refuse anybody without the right password, cookie, link or signature.
        let guarded = ["/auth/", "/webhooks/"].iter().any(|part| route.path.starts_with(part));
        if answer.status >= 500 || (answer.status == 401) != (route.needs > Needs::Nothing) && !guarded {
            note(route, "nobody", &answer);
        }
        for (caller, client, may) in [
            ("a customer", &owner.client, Needs::Account),
            ("staff", staff, Needs::Staff),
            ("an administrator", admin, Needs::Administrator),
        ] {
            // Ending one's own session would end the matrix.
            if route.path == "/auth/logout" || route.path == "/me" && route.method == Method::DELETE {
                continue;
            }
            let answer = route.call(client, &missing(), &json!({})).await;
            let refused = lacks_role(&answer);
            let may = route.needs <= may;
            if answer.status >= 500 || refused == may || may && answer.status == 401 && !guarded {
                note(route, caller, &answer);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
