//! Mails against real servers of NATS and Postgres, and a mail server with configurable behaviour.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use ticketshow_domain::{
    AccountKey, Personal, UserId,
    account::{self, Account},
    booking::{Booking, BookingStatus, CancelledBy, Command},
    mail::MailKind,
    screening::Screening,
};
use ticketshow_nats::{
    clock::now,
    consumers::{
        mail::{Mail, MailEntry, MailFilter, MailState},
        mails::Mails,
    },
    failure::Failure,
};
use ticketshow_sagas::{MailSettings, Proof, SagaDependencies};
use ticketshow_tests::eventually;
use ticketshow_tickets::Signer;

use crate::{
    fixture::{Fixture, Held, PRICE_MINOR, Replica},
    post::{Manner, Post},
};

const ADDRESS: &str = "ada@example.org";
/// Longer than a write to the stream of mails waits for its answer.
const WRITE_PATIENCE: Duration = Duration::from_secs(6);

fn inr() -> ticketshow_domain::Currency {
    ticketshow_domain::Currency::INR
}

pub async fn start(fixture: &Fixture, post: &Post) -> Replica {
    let settings = MailSettings {
        smtp_url: post.url(),
        from: "Ticket Show <tickets@example.org>".to_owned(),
        origin: "http://localhost:8000/".to_owned(),
        reset_token: Arc::new(|account, hash, _| format!("{account}-{}", hash.len())),
        address_proof: Arc::new(|account, nonce| Proof {
            token: format!("{account}-{nonce}"),
            code: "012345".to_owned(),
        }),
        reminder_choice: Arc::new(|address| {
            let account = AccountKey(address.replace(['@', '.'], "-"));
            (account, format!("token-of-{address}"))
        }),
    };
    let dependencies = SagaDependencies::new(Signer::from_secret(&[7; 32])).with_mail(&settings).unwrap();
    fixture.start_sagas_with(dependencies).await
}

async fn book(fixture: &Fixture, customer: UserId) -> Held {
    let screening = fixture.screening(1).await;
    let held = fixture.reserve_for(customer, screening, 1, now()).await;
    fixture.credit(customer, PRICE_MINOR, inr()).await;
    fixture.pay(held).await;
    fixture.becomes(held, BookingStatus::Confirmed).await;
    held
}

/// The mails about a booking, oldest first.
async fn log_of(fixture: &Fixture, held: Held) -> Vec<MailEntry> {
    try_log_of(fixture, held).await.unwrap()
}

async fn try_log_of(fixture: &Fixture, held: Held) -> Result<Vec<MailEntry>, Failure> {
    let filter = MailFilter { booking: Some(held.booking), ..MailFilter::default() };
    let mut listed = Mails::new(&fixture.connection).list(filter, None, 100).await?;
    listed.reverse();
    Ok(listed.into_iter().map(|listed| listed.entry).collect())
}

/// Waits until all mails of a booking stand where they are expected.
async fn stand(fixture: &Fixture, held: Held, states: &[&str]) -> Vec<MailEntry> {
    eventually(&format!("mails to be {states:?}"), async || {
        // The connection may not be back yet after a restart of the server.
        let log = try_log_of(fixture, held).await.ok()?;
        let found: Vec<&str> = log.iter().map(|entry| entry.state.name()).collect();
        (found == states).then_some(log)
    })
    .await
}

#[tokio::test]
async fn a_customer_gets_mails_about_a_booking_and_its_cancellation() {
    let fixture = Fixture::build().await;
    let post = Post::open().await;
    let sagas = start(&fixture, &post).await;
    let held = book(&fixture, fixture.customer(ADDRESS).await).await;

    let confirmation = post.has(1).await.remove(0);
    assert_eq!(confirmation.to, ADDRESS);
    assert_eq!(confirmation.header("To"), "Ada <ada@example.org>");
    assert_eq!(confirmation.header("Auto-Submitted"), "auto-generated");
    assert!(confirmation.header("Subject").starts_with("Your tickets: The Lighthouse Keeper,"));
    for part in ["multipart/alternative", "text/plain", "text/html", "image/png", "application/pdf"] {
        assert!(confirmation.source.contains(&format!("Content-Type: {part}")), "{part}");
    }
    let [entry] = &stand(&fixture, held, &["sent"]).await[..] else { panic!("one mail") };
    assert_eq!(confirmation.header("Message-ID"), format!("<{}@example.org>", entry.mail.id));
    assert_eq!(entry.state, MailState::Sent { to: ADDRESS.into() });

    let (by, reason) = (CancelledBy::Customer, None);
    let cancel = Command::CancelBooking { by, reason, cascade: None, released: true };
    fixture.execute::<Booking>(&held.booking, cancel).await;
    let cancellation = post.has(2).await.remove(1);
    assert!(cancellation.header("Subject").starts_with("Cancelled: The Lighthouse Keeper,"));
    assert!(!cancellation.source.contains("application/pdf"));
    for part in ["Content-Type: text/calendar", "cancelled.ics"] {
        assert!(cancellation.source.contains(part), "{part} is missing: {}", cancellation.source);
    }
    assert!(!confirmation.source.contains("text/calendar"));
    stand(&fixture, held, &["sent", "sent"]).await;
    sagas.stop().await;
}

#[tokio::test]
async fn a_reminder_says_how_to_turn_them_off_and_none_is_sent_after_that() {
    let fixture = Fixture::build().await;
    let post = Post::open().await;
    let sagas = start(&fixture, &post).await;
    let held = book(&fixture, fixture.customer(ADDRESS).await).await;
    let [confirmation] = &stand(&fixture, held, &["sent"]).await[..] else { panic!("one mail") };
    let screening: Screening = fixture.state(&held.screening).await;
    let starts_at = screening.promise().unwrap().starts_at;
    let matter = MailKind::Reminder { booking: held.booking, screening: held.screening, starts_at };
    let remind = async || {
        let again = confirmation.mail.again(fixture.id(), now(), fixture.id());
        let mail = Mail { matter: matter.clone(), repeats: None, ..again };
        Mails::new(&fixture.connection).want(&mail).await.unwrap();
    };

    remind().await;
    let reminder = post.has(2).await.remove(1);
    let address = format!("<http://localhost:8000/api/v1/reminders/unsubscribe?token=token-of-{ADDRESS}>");
    assert_eq!(reminder.header("List-Unsubscribe"), address);
    assert_eq!(reminder.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(post.taken()[0].header("List-Unsubscribe"), "", "tickets cannot be turned off");

    // The choice of the address, as a buyer at the counter makes it.
    let account = AccountKey(ADDRESS.replace(['@', '.'], "-"));
    fixture.execute::<Account>(&account, account::Command::ChooseReminders { wanted: false }).await;
    remind().await;
    let log = stand(&fixture, held, &["sent", "sent", "failed"]).await;
    let MailState::Failed { to: None, error } = &log[2].state else { panic!("{log:?}") };
    assert_eq!(error.join(": "), "the recipient wants no reminders");
    assert_eq!(post.taken().len(), 2);
    sagas.stop().await;
}

#[tokio::test]
async fn mails_wait_for_a_setting_and_for_an_unreachable_server() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let customer = fixture.customer(ADDRESS).await;
    let held = book(&fixture, customer).await;
    stand(&fixture, held, &["wanted"]).await;
    sagas.stop().await;

    let mut post = Post::closed();
    let sagas = start(&fixture, &post).await;
    stand(&fixture, held, &["sending"]).await;
    post.reopen().await;
    assert_eq!(post.has(1).await.len(), 1);
    stand(&fixture, held, &["sent"]).await;
    sagas.stop().await;
}

#[tokio::test]
async fn a_mail_whose_answer_got_lost_with_the_process_is_the_same_mail_again() {
    let fixture = Fixture::build().await;
    let post = Post::open().await;
    post.behave(Manner::TakesAndHangs);
    let sagas = start(&fixture, &post).await;
    let held = book(&fixture, fixture.customer(ADDRESS).await).await;
    post.has(1).await;
    sagas.kill().await;
    assert_eq!(log_of(&fixture, held).await[0].state.name(), "sending");

    post.behave(Manner::Takes);
    let sagas = start(&fixture, &post).await;
    let taken = post.has(2).await;
    assert_eq!(taken[0].header("Message-ID"), taken[1].header("Message-ID"));
    stand(&fixture, held, &["sent"]).await;
    sagas.stop().await;
}

#[tokio::test]
async fn a_refused_address_fails_its_mail_and_delays_no_other() {
    let fixture = Fixture::build().await;
    let post = Post::open().await;
    post.behave(Manner::Refuses);
    let sagas = start(&fixture, &post).await;
    let customer = fixture.customer(ADDRESS).await;
    let held = book(&fixture, customer).await;
    let [entry] = &stand(&fixture, held, &["failed"]).await[..] else { panic!("one mail") };
    let MailState::Failed { to, error } = &entry.state else { panic!("{entry:?}") };
    assert_eq!(to.as_ref().and_then(Personal::in_clear), Some(ADDRESS));
    assert!(error.join(": ").contains("no such mailbox"), "{error:?}");

    // An administrator has it sent again: a mail of its own.
    post.behave(Manner::Takes);
    let again = entry.mail.again(fixture.id(), now(), fixture.id());
    let mails = Mails::new(&fixture.connection);
    mails.want(&again).await.unwrap();
    mails.want(&again).await.unwrap();
    let taken = post.has(1).await;
    assert_eq!(taken[0].header("Message-ID"), format!("<{}@example.org>", again.id));
    let log = stand(&fixture, held, &["failed", "sent"]).await;
    assert_eq!(log[1].mail.repeats, Some(entry.mail.id));
    assert_eq!(mails.find(again.id).await.unwrap().unwrap().mail, again);
    sagas.stop().await;
}

#[tokio::test]
async fn a_mail_is_not_handed_over_again_because_recording_it_failed() {
    let mut fixture = Fixture::build().await;
    let post = Post::open().await;
    post.behave(Manner::TakesAndWaits);
    let sagas = start(&fixture, &post).await;
    let held = book(&fixture, fixture.customer(ADDRESS).await).await;
    post.has(1).await;

    // The mail server answers while nothing can be recorded, for longer than a write waits.
    fixture.nats.kill();
    post.behave(Manner::Takes);
    tokio::time::sleep(WRITE_PATIENCE).await;
    fixture.nats.restart().await;
    stand(&fixture, held, &["sent"]).await;
    assert_eq!(post.taken().len(), 1, "the same mail was handed over again");
    sagas.stop().await;
}

#[tokio::test]
async fn a_mail_is_not_handed_over_again_because_counting_it_failed() {
    let fixture = Fixture::build().await;
    let post = Post::open().await;
    let sagas = start(&fixture, &post).await;
    let held = book(&fixture, fixture.customer(ADDRESS).await).await;
    let [entry] = &stand(&fixture, held, &["sent"]).await[..] else { panic!("one mail") };

    sqlx::query("ALTER TABLE sagas.cascade_mails RENAME TO away").execute(&fixture.pool).await.unwrap();
    let cascade = fixture.id();
    let counted = Mail { cascade: Some(cascade), ..entry.mail.again(fixture.id(), now(), fixture.id()) };
    Mails::new(&fixture.connection).want(&counted).await.unwrap();
    stand(&fixture, held, &["sent", "sent"]).await;

    sqlx::query("ALTER TABLE sagas.away RENAME TO cascade_mails").execute(&fixture.pool).await.unwrap();
    eventually("the mail to be counted", async || {
        let rows = "SELECT count(*) FROM sagas.cascade_mails WHERE cascade_id = $1";
        let rows: i64 = sqlx::query_scalar(rows).bind(cascade).fetch_one(&fixture.pool).await.unwrap();
        (rows == 1).then_some(())
    })
    .await;
    assert_eq!(post.taken().len(), 2, "the same mail was handed over again");
    sagas.stop().await;
}

#[tokio::test]
async fn an_address_that_is_always_deferred_fails_its_mail_after_three_days_and_delays_no_other() {
    let fixture = Fixture::build().await;
    let post = Post::open().await;
    post.behave(Manner::Defers("full"));
    let sagas = start(&fixture, &post).await;
    let full = book(&fixture, fixture.customer("full@example.org").await).await;
    let mail = eventually("the mail to be deferred", async || {
        let entry = log_of(&fixture, full).await.pop()?;
        matches!(entry.state, MailState::Sending { deferred_since: Some(_), .. }).then_some(entry.mail)
    })
    .await;
    let other = book(&fixture, fixture.customer(ADDRESS).await).await;
    stand(&fixture, other, &["sent"]).await;
    sagas.stop().await;

    // The same, three days later.
    let since = now() - SignedDuration::from_hours(72);
    let state = MailState::Sending { to: "full@example.org".into(), deferred_since: Some(since) };
    let noted_at = now() - SignedDuration::from_hours(1);
    Mails::new(&fixture.connection).note(&mail, &state, noted_at).await.unwrap();
    let sagas = start(&fixture, &post).await;
    let [entry] = &stand(&fixture, full, &["failed"]).await[..] else { panic!("one mail") };
    let MailState::Failed { error, .. } = &entry.state else { panic!("{entry:?}") };
    assert!(error.join(": ").contains("greylisted"), "{error:?}");
    sagas.stop().await;
}

#[tokio::test]
async fn no_mail_is_sent_about_events_long_before_the_first_start() {
    let fixture = Fixture::build().await;
    let customer = fixture.customer(ADDRESS).await;
    let long_ago = now() - SignedDuration::from_hours(25);
    let old = fixture.reserve_for(customer, fixture.screening(1).await, 1, long_ago).await;
    let payment = fixture.pay_at(old, long_ago).await;
    let confirm = Command::ConfirmBooking { payment, tickets: Vec::new() };
    fixture.execute_at::<Booking>(&old.booking, confirm, long_ago).await;

    let sagas = fixture.start_sagas().await;
    let new = book(&fixture, customer).await;
    stand(&fixture, new, &["wanted"]).await;
    assert!(log_of(&fixture, old).await.is_empty());
    sagas.stop().await;
}

#[tokio::test]
async fn the_newest_mails_come_first_and_page_by_page() {
    let fixture = Fixture::build().await;
    let sagas = fixture.start_sagas().await;
    let customer = fixture.customer(ADDRESS).await;
    let mut booked = Vec::new();
    for _ in 0..3 {
        let held = book(&fixture, customer).await;
        stand(&fixture, held, &["wanted"]).await;
        booked.push(held.booking);
    }
    booked.reverse();
    let mails = Mails::new(&fixture.connection);
    for filter in [MailFilter::default(), MailFilter { recipient: Some(customer), ..MailFilter::default() }] {
        let first = mails.list(filter, None, 2).await.unwrap();
        let rest = mails.list(filter, first.last().map(|listed| listed.place), 2).await.unwrap();
        let about = |listed: &ticketshow_nats::consumers::mail::ListedMail| {
            listed.entry.mail.matter.booking().unwrap()
        };
        let found: Vec<_> = first.iter().chain(&rest).map(about).collect();
        assert_eq!(found, booked);
    }
    sagas.stop().await;
}
