//! The drill of a restore: an installation with bookings of every kind is backed up while it runs and restored into new
//! servers, where it goes on as if nothing had happened.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt};

use serde_json::json;
use ticketshow_tests::{Customer, DodoSim, Folder, Inbox, Nats, Postgres, Stack, eventually, plain_rows};

async fn becomes(customer: &Customer, booking: &str, status: &str) {
    let path = format!("/bookings/{booking}");
    eventually(&format!("the booking to be {status}"), async || {
        let seen = customer.client.get(&path).try_send().await.ok()?;
        (seen.json["status"] == status).then_some(())
    })
    .await;
}

/// Runs an operation with the server's settings and returns what it printed.
fn operation(stack: &Stack, arguments: &[&str]) -> Result<String, String> {
    let output = stack.server.command(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Number of mails to a customer whose subject contains a text.
async fn mailed(inbox: &Inbox, customer: &Customer, subject: &str) -> usize {
    let mails = inbox.mails_to(&customer.email).await;
    mails.iter().filter(|mail| mail.subject.contains(subject)).count()
}

/// Waits until a customer has got the tickets of `bookings`.
async fn until_mailed(inbox: &Inbox, customer: &Customer, bookings: usize) {
    eventually(&format!("the tickets of {bookings} bookings"), async || {
        (mailed(inbox, customer, "Your tickets").await == bookings).then_some(())
    })
    .await;
}

/// The `Message-ID` of every mail: a mail that is sent again keeps its own.
async fn message_ids(inbox: &Inbox) -> Vec<String> {
    let mut ids = Vec::new();
    for mail in inbox.mails().await {
        let source = inbox.source(&mail).await;
        let id = source.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
        ids.push(id.expect("every mail has one").to_owned());
    }
    ids
}

async fn confirmed_by_card(sim: &DodoSim, customer: &Customer, booking: &str) {
    let path = format!("/bookings/{booking}/payment");
    let opened = customer.client.post(&path, &json!({"method": "card"})).await.expect(201);
    sim.pay(opened.str("checkout_url")).await;
    becomes(customer, booking, "confirmed").await;
}

async fn reserved(customer: &Customer, screening: &str, seat: &str) -> String {
    customer.reserve(screening, &[seat]).await.expect(201).str("booking_id").to_owned()
}

/// Waits until no consumer has anything left to process.
async fn idle(stack: &Stack) {
    eventually("the sagas to catch up", async || {
        let metrics = stack.server.operations().get("/metrics").try_send().await.ok()?.text();
        let pending = metrics.lines().filter(|line| line.starts_with("ticketshow_consumer_pending"));
        pending.map(|line| line.ends_with(" 0")).reduce(|all, one| all && one)?.then_some(())
    })
    .await;
}

/// Bookings of every kind.
struct Bookings {
    ada: Customer,
    bob: Customer,
    by_wallet: String,
    back_in_wallet: String,
    by_card: String,
    back_on_card: String,
    held: String,
    screening: String,
}

async fn book(stack: &Stack, sim: &DodoSim, inbox: &Inbox) -> Bookings {
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 20)).await;
    let (ada, bob) = (stack.customer_with(&admin, 1_000_000).await, stack.customer().await);
    let mut wallet = Vec::new();
    for seat in ["A-1", "A-2", "A-3"] {
        let booking = reserved(&ada, &screening, seat).await;
        ada.pay(&booking).await.expect(200);
        becomes(&ada, &booking, "confirmed").await;
        wallet.push(booking);
    }
    // No tickets are mailed for a booking that is cancelled before.
    until_mailed(inbox, &ada, 3).await;
    let (by_wallet, back_in_wallet) = (wallet.swap_remove(0), wallet.swap_remove(0));
    ada.client.delete(&format!("/bookings/{back_in_wallet}")).await.expect(202);
    becomes(&ada, &back_in_wallet, "refunded").await;
    let mut card = Vec::new();
    for seat in ["A-4", "A-5"] {
        let booking = reserved(&bob, &screening, seat).await;
        confirmed_by_card(sim, &bob, &booking).await;
        card.push(booking);
    }
    until_mailed(inbox, &bob, 2).await;
    let (by_card, back_on_card) = (card.swap_remove(0), card.swap_remove(0));
    bob.client.delete(&format!("/bookings/{back_on_card}")).await.expect(202);
    becomes(&bob, &back_on_card, "refunded").await;
    let held = reserved(&ada, &screening, "A-6").await;
    Bookings { ada, bob, by_wallet, back_in_wallet, by_card, back_on_card, held, screening }
}

/// Directs the server to new servers, without restarting it.
async fn move_to(stack: &mut Stack, nats: &Nats, postgres: &Postgres) {
    for (name, value) in [
        ("NATS_URL", nats.url()),
        ("NATS_MONITOR_URL", nats.monitor_url()),
        ("DATABASE_URL", postgres.fresh_database().await),
    ] {
        stack.server.set(name, &value);
    }
}

#[tokio::test]
async fn a_restored_installation_goes_on_and_pays_refunds_and_mails_nothing_again() {
    let inbox = Inbox::start().await;
    let (mut stack, sim) = Stack::with_cards(&[("SMTP_URL", &inbox.url())]).await;
    let booked = book(&stack, &sim, &inbox).await;
    let Bookings { ada, bob, held, .. } = &booked;
    inbox.wait_for(&bob.email, "Your refund of").await;
    sim.settled().await;
    let balance = async || {
        let wallet = ada.client.get("/wallet").try_send().await.ok()?;
        wallet.json["balance"]["amount_minor"].as_i64()
    };
    let (wallet, ledger) = (balance().await.expect("a balance"), format!("{:?}", sim.ledger()));

    let folder = Folder::new("backup");
    let backup = folder.join("backup").display().to_string();
    operation(&stack, &["admin", "backup", "--to", &backup]).unwrap_or_else(|error| panic!("{error}"));
    let mode = fs::metadata(&backup).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "other users of the machine read the backup");
    let onto_itself = operation(&stack, &["admin", "restore", "--from", &backup]).expect_err("refused");
    assert!(onto_itself.contains("exists already"), "{onto_itself}");
    // Changes after the backup are lost with the servers.
    reserved(ada, &booked.screening, "A-7").await;
    assert!(stack.server.stop());
    let (nats, postgres) = tokio::join!(Nats::start(), Postgres::start());
    move_to(&mut stack, &nats, &postgres).await;
    let secret = "another secret of thirty-two characters and more";
    let foreign = operation(&stack, &["admin", "restore", "--from", &backup, "--secret", secret]);
    assert!(foreign.expect_err("refused").contains("not the secret of this backup"));
    operation(&stack, &["admin", "restore", "--from", &backup]).unwrap_or_else(|error| panic!("{error}"));
    stack.server.restart().await;

    eventually("a new wallet payment to be taken", async || {
        let paid = ada.pay(held).await;
        matches!(paid.status, 200 | 202).then_some(())
    })
    .await;
    becomes(ada, held, "confirmed").await;
    until_mailed(&inbox, ada, 4).await;
    idle(&stack).await;
    nothing_was_repeated(&inbox, &booked).await;
    assert_eq!(format!("{:?}", sim.ledger()), ledger, "nothing is charged or refunded again");
    eventually("one more payment from the wallet", async || {
        (balance().await? == wallet - 25_000).then_some(())
    })
    .await;

    bob.client.delete(&format!("/bookings/{}", booked.by_card)).await.expect(202);
    becomes(bob, &booked.by_card, "refunded").await;
    let books = stack.admin().await.get("/admin/reconciliation").await.expect(200);
    assert_eq!(books.json["unmatched"], json!([]), "{}", books.text());
    stack.verify();
}

/// Every booking is what it was, and every mail was sent once.
async fn nothing_was_repeated(inbox: &Inbox, booked: &Bookings) {
    let Bookings { ada, bob, by_wallet, back_in_wallet, by_card, back_on_card, .. } = booked;
    for (customer, booking, status) in [
        (ada, by_wallet, "confirmed"),
        (ada, back_in_wallet, "refunded"),
        (bob, by_card, "confirmed"),
        (bob, back_on_card, "refunded"),
    ] {
        becomes(customer, booking, status).await;
    }
    for (customer, subject, count) in
        [(ada, "Your tickets", 4), (ada, "Cancelled", 1), (bob, "Your tickets", 2), (bob, "Cancelled", 1)]
    {
        assert_eq!(mailed(inbox, customer, subject).await, count, "{subject} to {}", customer.email);
    }
    let ids = message_ids(inbox).await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "no mail is sent again: {ids:?}");
}
