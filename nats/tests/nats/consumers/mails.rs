//! The mail queue.

use std::time::Duration;

use async_nats::{
    Client, ConnectOptions,
    jetstream::{self, consumer::PullConsumer},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use futures_util::future::join_all;
use serde_json::{Value, json};
use ticketshow_domain::{BookingId, UserId, mail::MailKind};
use ticketshow_nats::{
    clock,
    consumers::{
        mail::{Mail, MailEntry, MailState},
        mail_batches::MailBatches,
        mails::Mails,
        verdict::Verdict,
    },
    server::{
        connection::{Connection, Settings},
        topology::provision,
        users::NatsUser,
    },
};
use ticketshow_tests::{Nats, eventually};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::site::{Site, small};

fn mail() -> Mail {
    Mail {
        id: clock::new_id(),
        recipient: UserId(clock::new_id()),
        matter: MailKind::BookingConfirmed { booking: BookingId(clock::new_id()) },
        wanted_at: clock::now(),
        correlation: clock::new_id(),
        trace: None,
        repeats: None,
        cascade: None,
        address: None,
    }
}

#[tokio::test]
async fn a_deferred_mail_does_not_hold_back_the_acknowledgements_of_the_queue() {
    let nats = Nats::start().await;
    let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
    let connection = Connection::open(&settings).await.unwrap();
    provision(&connection, &small()).await.unwrap();
    let mails = Mails::new(&connection);
    let deferred = mail();
    mails.want(&deferred).await.unwrap();
    for _ in 0..20 {
        mails.want(&mail()).await.unwrap();
    }

    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (mails, stop, deferred) = (mails.clone(), stop.clone(), deferred.id);
        async move {
            let queue = mails.clone();
            let send = move |entry: MailEntry| {
                let mails = mails.clone();
                async move { send(&mails, &entry, deferred).await }
            };
            queue.process(1, send, stop).await.unwrap();
        }
    });
    // The mail waits at its new place, behind the twenty others.
    let context = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    let mut queue: PullConsumer = context.get_consumer_from_stream("mailing", "MAILS").await.unwrap();
    eventually("the queue to move past the deferred mail", async || {
        let info = queue.info().await.unwrap();
        (info.ack_floor.stream_sequence > 20).then_some(())
    })
    .await;
    let waiting = mails.state(&deferred).await.unwrap().unwrap();
    assert!(is_deferred(&waiting), "{waiting:?}");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn mails_that_wait_together_are_stored_together_and_each_once() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let (mails, server) = (Mails::new(&connection), raw(&site, NatsUser::Sagas).await);
    let batches = MailBatches::new(&mails);
    let first: Vec<Mail> = (0..100).map(|_| mail()).collect();
    want_all(&batches, &first).await;
    let stored = stored_mails(&server).await;
    assert_eq!(stored.len(), 100);
    assert!(stored.iter().filter(|headers| headers.contains("Nats-Batch-Id")).count() > 80);

    // A batch with a mail that is queued already is refused as a whole, and its mails are stored one by one.
    let second: Vec<Mail> = first.iter().step_by(7).cloned().chain((0..50).map(|_| mail())).collect();
    want_all(&batches, &second).await;
    assert_eq!(stored_mails(&server).await.len(), 150);
    for mail in first.iter().chain(&second) {
        assert_eq!(mails.state(mail).await.unwrap().unwrap().state, MailState::Wanted {});
    }
}

#[tokio::test]
async fn mails_are_queued_while_the_server_hangs_and_refuses_batches() {
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let server = raw(&site, NatsUser::Sagas).await;
    let owner = raw(&site, NatsUser::Provision).await;
    let batches = MailBatches::new(&Mails::new(&connection));
    // As in an installation of an older version before its streams are updated.
    let info = ask(&owner, "STREAM.INFO.MAILS", json!({})).await;
    let mut config = info["config"].clone();
    config["allow_atomic"] = false.into();
    ask(&owner, "STREAM.UPDATE.MAILS", config).await;
    let queued: Vec<Mail> = (0..40).map(|_| mail()).collect();
    want_all(&batches, &queued).await;
    assert_eq!(stored_mails(&server).await.len(), 40);

    // A batch that nobody answers is not tried again mail by mail: each attempt costs five seconds.
    let unanswered: Vec<Mail> = (0..200).map(|_| mail()).collect();
    site.nats.pause();
    let began = tokio::time::Instant::now();
    let answers = join_all(unanswered.iter().map(|mail| batches.want(mail))).await;
    assert!(answers.iter().all(Result::is_err));
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    site.nats.resume();
    eventually("all to be queued", async || {
        let retried = join_all(unanswered.iter().map(|mail| batches.want(mail))).await;
        retried.iter().all(Result::is_ok).then_some(())
    })
    .await;
    assert_eq!(stored_mails(&server).await.len(), 240);

    site.nats.kill();
    let mail = mail();
    batches.want(&mail).await.unwrap_err();
    site.nats.restart().await;
    eventually("the mail to be queued", async || batches.want(&mail).await.ok()).await;
    assert_eq!(stored_mails(&server).await.len(), 241);
}

/// A client that speaks to the server itself.
async fn raw(site: &Site, user: NatsUser) -> Client {
    let seed = std::fs::read_to_string(site.seed_file(user)).unwrap();
    let options = ConnectOptions::with_nkey(seed).custom_inbox_prefix(format!("_INBOX_{}", user.name()));
    options.connect(site.nats.url()).await.unwrap()
}

async fn ask(server: &Client, call: &str, question: Value) -> Value {
    let answer = server.request(format!("$JS.API.{call}"), question.to_string().into()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(answer["error"], Value::Null);
    answer
}

/// Headers of all messages of `MAILS`.
async fn stored_mails(server: &Client) -> Vec<String> {
    let info = ask(server, "STREAM.INFO.MAILS", json!({})).await;
    let mut stored = Vec::new();
    for sequence in 1..=info["state"]["last_seq"].as_u64().unwrap() {
        let message = ask(server, "STREAM.MSG.GET.MAILS", json!({ "seq": sequence })).await;
        let headers = BASE64.decode(message["message"]["hdrs"].as_str().unwrap()).unwrap();
        stored.push(String::from_utf8(headers).unwrap());
    }
    stored
}

async fn want_all(batches: &MailBatches, mails: &[Mail]) {
    for queued in join_all(mails.iter().map(|mail| batches.want(mail))).await {
        queued.unwrap();
    }
}

/// Defers one mail and sends all others.
async fn send(mails: &Mails, entry: &MailEntry, deferred: Uuid) -> Verdict {
    if is_deferred(entry) {
        return Verdict::Wait(Duration::from_hours(1));
    }
    let (to, now) = ("ada@example.org".into(), clock::now());
    let state = if entry.mail.id == deferred {
        MailState::Sending { to, deferred_since: Some(now) }
    } else {
        MailState::Sent { to }
    };
    mails.note(&entry.mail, &state, now).await.unwrap();
    Verdict::Done
}

fn is_deferred(entry: &MailEntry) -> bool {
    matches!(entry.state, MailState::Sending { deferred_since: Some(_), .. })
}
