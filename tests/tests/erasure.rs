//! A person deletes the account: the planted texts are gone from every store, and the totals of money are unchanged.

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, Row};
use ticketshow_tests::{Client, Customer, Inbox, Server, Stack, eventually, inr, plain_rows, planted};

const PASSWORD: &str = "plant09 a password of a person";

/// Texts that a person leaves behind, each by another endpoint. A number makes each unique.
const PLANTED: [&str; 20] = [
    "plant01.address",
    "plant02 name",
    "plant03 city",
    "plant04 later name",
    "plant05 later city",
    "plant06 browser",
    "plant07 browser",
    "plant08 browser",
    "plant09 a password",
    "plant10 wrong password",
    "plant11 reason",
    "plant12 newest name",
    "plant13-idempotency-key",
    "plant14 search",
    "plant15 city of a filter",
    "plant16 unusable name",
    "plant17 recovery code",
    "plant18 pending name",
    "plant19.path",
    "plant20 next password",
];

fn address() -> String {
    format!("{}@example.com", PLANTED[0])
}

fn in_browser(client: &Client, number: usize, body: &Value) -> ticketshow_tests::Call {
    client.post("/auth/login", body).header("user-agent", PLANTED[number - 1])
}

/// Registers, follows the link of the mail and signs in with three browsers.
async fn arrive(stack: &Stack, inbox: &Inbox) -> Customer {
    let (client, email) = (stack.client(), address());
    let body = json!({"email": email, "password": PASSWORD, "name": PLANTED[17], "city": PLANTED[2]});
    client.post("/auth/register", &body).await.expect(202);
    // Mails that are sent at the same time arrive in any order.
    eventually("the first link", async || (inbox.mails_to(&email).await.len() == 1).then_some(())).await;
    let body = json!({"email": email, "password": PASSWORD, "name": PLANTED[1], "city": PLANTED[2]});
    client.post("/auth/register", &body).key(PLANTED[12]).await.expect(202);
    let token = eventually("the newest link", async || {
        let mails = inbox.mails_to(&email).await;
        let text = mails.last().filter(|_| mails.len() == 2)?.text.clone();
        let (_, token) = text.split_once("verify#token=")?;
        token.split_whitespace().next().map(str::to_owned)
    })
    .await;
    client.post("/auth/verify", &json!({"token": token})).await.expect(204);
    let credentials = json!({"email": email, "password": PASSWORD});
    let mut signed_in = None;
    for browser in [6, 7, 8] {
        signed_in = Some(in_browser(&client, browser, &credentials).await.expect(200));
    }
    let signed_in = signed_in.expect("three browsers");
    let user_id = signed_in.json["user"]["user_id"].as_str().expect("an id").to_owned();
    Customer { client: client.with_token(signed_in.str("access_token")), user_id, email }
}

/// Leaves texts behind by every endpoint that accepts them.
async fn leave_texts(stack: &Stack, admin: &Client, ada: &Customer) {
    let client = &ada.client;
    client.patch("/me", &json!({"name": PLANTED[3], "city": PLANTED[4]})).await.expect(200);
    client.patch("/me", &json!({"name": PLANTED[11]})).await.expect(200);
    client.patch("/me", &json!({"name": format!("{}\u{7}", PLANTED[15])})).await.expect(422);
    let wrong = json!({"email": ada.email, "password": PLANTED[9]});
    stack.client().post("/auth/login", &wrong).await.expect(401);
    let wrong = json!({"email": ada.email, "challenge": "none", "recovery_code": PLANTED[16]});
    stack.client().post("/auth/login", &wrong).await.expect(401);
    client.get("/search?q=plant14%20search").await.expect(200);
    client.get("/shows?city=plant15%20city%20of%20a%20filter").await.expect(200);
    client.get(&format!("/{}", PLANTED[18])).await.expect(404);
    admin.get(&format!("/admin/accounts?q={}", PLANTED[0])).await.expect(200);
    stack.client().post("/auth/code", &json!({"email": ada.email})).await.expect(202);
    stack.client().post("/auth/forgotten", &json!({"email": ada.email})).await.expect(202);
    client.get("/me/export").await.expect(200);
}

async fn becomes(customer: &Customer, booking: &str, status: &str) {
    eventually(&format!("the booking to be {status}"), async || {
        let seen = customer.client.get(&format!("/bookings/{booking}")).try_send().await.ok()?;
        (seen.json["status"] == status).then_some(())
    })
    .await;
}

fn proof(password: &str) -> Value {
    json!({"password": password})
}

async fn delete_me(client: &Client, proof: &Value) -> ticketshow_tests::Answer {
    client.delete("/me").json(proof).await
}

/// Waits until the key of the person is destroyed: nobody reads the address in the log then.
async fn until_erased(admin: &Client, user: &str) {
    eventually("the account to be erased", async || {
        let found = admin.get("/admin/accounts?q=erased").try_send().await.ok()?;
        let mut accounts = found.json["items"].as_array()?.iter();
        accounts.find(|account| account["user_id"] == *user && account["erased"] == true).map(drop)
    })
    .await;
}

#[tokio::test]
async fn nothing_that_a_person_left_behind_is_found_after_the_account_was_deleted() {
    let inbox = Inbox::start().await;
    let (stack, sim) = Stack::with_cards(&[("SMTP_URL", &inbox.url())]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let other = stack.customer_with(&admin, 50_000).await;
    let seat = other.reserve(&screening, &["A-9"]).await.expect(201);
    other.pay(seat.str("booking_id")).await.expect(200);
    let ada = arrive(&stack, &inbox).await;
    leave_texts(&stack, &admin, &ada).await;
    let disable = json!({"disabled": true, "reason": PLANTED[10]});
    let state = format!("/admin/accounts/{}/state", ada.user_id);
    admin.put(&state).json(&disable).await.expect(204);
    admin.put(&state).json(&json!({"disabled": false})).await.expect(204);
    let ada = sign_in(&stack, ada, PASSWORD).await;
    let changed = json!({"current_password": PASSWORD, "new_password": PLANTED[19]});
    ada.client.post("/auth/password", &changed).await.expect(204);
    let ada = sign_in(&stack, ada, PLANTED[19]).await;
    let export = ada.client.get("/me/export").await.expect(200).text();
    for text in [PLANTED[0], PLANTED[1], PLANTED[3], PLANTED[4], PLANTED[10], PLANTED[11]] {
        assert!(export.contains(text), "{text} was not planted");
    }

    let credit = json!({"amount": inr(60_000), "reason": "a story"});
    admin.post(&format!("/admin/wallets/{}/credits", ada.user_id), &credit).await.expect(201);
    let bought = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let bought = bought.str("booking_id");
    ada.pay(bought).await.expect(200);
    let by_card = ada.reserve(&screening, &["A-2"]).await.expect(201);
    let by_card = by_card.str("booking_id");
    let page = ada.client.post(&format!("/bookings/{by_card}/payment"), &json!({"method": "card"})).await;
    sim.pay(page.expect(201).str("checkout_url")).await;
    becomes(&ada, by_card, "confirmed").await;
    delete_me(&ada.client, &proof("not the password")).await.expect(422);
    let refused = delete_me(&ada.client, &proof(PLANTED[19])).await.expect_problem(409, "open-bookings");
    assert_eq!(refused.json["open"], 2);
    for booking in [bought, by_card] {
        ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
        becomes(&ada, booking, "refunded").await;
    }
    sim.settled().await;
    let before = planted::totals(&admin).await;

    delete_me(&ada.client, &proof(PLANTED[19])).await.expect(202);
    delete_me(&ada.client, &proof(PLANTED[19])).await.expect_problem(401, "unauthorized");
    let farewell = inbox.wait_for(&ada.email, "Your account was deleted").await;
    assert!(farewell.text.contains(&ada.user_id) && farewell.text.contains("600.00"), "{}", farewell.text);
    until_erased(&admin, &ada.user_id).await;
    let gone = json!({"email": ada.email, "password": PLANTED[19]});
    stack.client().post("/auth/login", &gone).await.expect_problem(401, "bad-credentials");
    nothing_is_left(&stack, &admin, &ada.user_id).await;

    let rebuilt = stack.server.command(&["replay", "--verify"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    until_erased(&admin, &ada.user_id).await;
    assert_eq!(planted::totals(&admin).await, before, "the books are as before");
    let booked = admin.get(&format!("/admin/bookings?screening_id={screening}")).await.expect(200);
    assert!(booked.text().contains(bought), "bookings stay: {}", booked.text());
    stack.verify();
    comes_back(&stack, &inbox, &ada).await;
}

async fn sign_in(stack: &Stack, ada: Customer, password: &str) -> Customer {
    let credentials = json!({"email": ada.email, "password": password});
    let signed_in = in_browser(&stack.client(), 8, &credentials).await.expect(200);
    Customer { client: stack.client().with_token(signed_in.str("access_token")), ..ada }
}

/// Looks through all stores, files and lists.
async fn nothing_is_left(stack: &Stack, admin: &Client, user: &str) {
    let texts: Vec<String> = PLANTED.iter().map(|&text| text.to_owned()).collect();
    planted::expect_nowhere(stack, &texts).await;
    for list in ["accounts", "bookings", "payments", "audit", "refunds"] {
        let page = admin.get(&format!("/admin/{list}?limit=100")).await.expect(200).text();
        planted::expect_nothing_in(list, &page, &texts);
    }
    // The first registration never became this account: the address of its mail has a key of its own, for a week.
    let mails = admin.get("/admin/mails?limit=100").await.expect(200).json;
    let mails = mails["items"].as_array().expect("a list");
    let own: Vec<_> = mails.iter().filter(|mail| mail["user_id"] == *user).map(Value::to_string).collect();
    assert!(!own.is_empty());
    planted::expect_nothing_in("mails", &own.concat(), &texts);
    // The index of the address does not show that a person with an account was written to.
    let found = admin.get(&format!("/admin/mails?limit=100&to={}", address())).await.expect(200).json;
    let found = found["items"].as_array().expect("a list");
    assert!(found.iter().all(|mail| mail["user_id"] != *user), "{found:?}");
    for planted in ["plant01", "plant12"] {
        let found = admin.get(&format!("/admin/accounts?q={planted}")).await.expect(200);
        assert_eq!(found.json["items"], json!([]));
    }
}

/// The owner of the address opens another account.
async fn comes_back(stack: &Stack, inbox: &Inbox, before: &Customer) {
    let client = stack.client();
    client.post("/auth/code", &json!({"email": before.email})).await.expect(202);
    let code = eventually("the newest code", async || {
        let mails = inbox.mails_to(&before.email).await;
        let after = mails.iter().skip_while(|mail| !mail.subject.contains("deleted")).skip(1);
        after.last()?.text.split_whitespace().find(|word| is_code(word)).map(str::to_owned)
    })
    .await;
    let body = json!({"email": before.email, "code": code});
    let opened = client.post("/auth/code/login", &body).await.expect(200);
    assert_ne!(opened.json["user"]["user_id"], *before.user_id);
    assert_eq!(opened.json["user"]["email"], *before.email);
    let again = client.with_token(opened.str("access_token"));
    let me = again.get("/me").min_position(opened.position()).await.expect(200);
    assert_eq!(me.json["wallet_balance"], inr(0));
    // This account has a random password.
    delete_me(&again, &json!({"code": "000000"})).await.expect(422);
    client.post("/auth/code", &json!({"email": before.email})).await.expect(202);
    let mails = inbox.mails_to(&before.email).await.len();
    let code = eventually("another code", async || {
        let mails: Vec<_> = inbox.mails_to(&before.email).await.split_off(mails.saturating_sub(1));
        let code = mails.last()?.text.split_whitespace().find(|word| is_code(word)).map(str::to_owned)?;
        let deleted = delete_me(&again, &json!({"code": code})).await;
        (deleted.status == 202).then_some(code)
    })
    .await;
    assert!(is_code(&code));
    stack.verify();
}

fn is_code(word: &str) -> bool {
    word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[tokio::test]
async fn an_account_of_an_earlier_version_is_erased_except_for_its_old_events() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    // Without keys of persons, as an earlier version stored them.
    let older = Server::start("command-api", &stack.settings()).await;
    let (email, password) = ("plant01.old@example.com", "a password of a person");
    let body = json!({"email": email, "password": password, "name": "plant02 old name"});
    let opened = older.client().with_token(admin.token().unwrap()).post("/admin/accounts", &body).await;
    let opened = opened.expect(201);
    let credentials = json!({"email": email, "password": password});
    let signed_in = stack.client().post("/auth/login", &credentials).await.expect(200);
    let ada = stack.client().with_token(signed_in.str("access_token"));
    let me = ada.get("/me").min_position(opened.position()).await.expect(200);
    assert_eq!(me.str("name"), "plant02 old name");
    ada.patch("/me", &json!({"name": "plant04 new name"})).await.expect(200);

    delete_me(&ada, &proof(password)).await.expect(202);
    until_erased(&admin, opened.str("user_id")).await;
    let texts = ["plant01.old", "plant02 old", "plant04 new"].map(str::to_owned);
    let database =
        stack.settings().into_iter().find(|(name, _)| *name == "DATABASE_URL").expect("a database").1;
    let mut connection = PgConnection::connect(database).await.expect("Postgres runs");
    let kept = "SELECT coalesce(string_agg(t::text, ' '), '') FROM read.accounts t";
    let kept: String = sqlx::query(kept).fetch_one(&mut connection).await.expect("rows").get(0);
    planted::expect_nothing_in("the accounts", &kept, &texts);
    planted::expect_nothing_below(stack.nats.store(), &texts[2..]);
    stack.client().post("/auth/login", &credentials).await.expect_problem(401, "bad-credentials");
    stack.verify();
}

#[tokio::test]
async fn an_administrator_is_erased_only_after_another_has_taken_the_role() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let password = json!({"password": ticketshow_tests::ADMIN_PASSWORD});
    delete_me(&admin, &password).await.expect_problem(409, "administrator");
    admin.get("/admin/accounts").await.expect(200);
    delete_me(&stack.client(), &password).await.expect_problem(401, "unauthorized");
}
