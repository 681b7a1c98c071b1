//! The mail queue.

use std::time::Duration;

use async_nats::jetstream::{self, consumer::PullConsumer};
use ticketshow_domain::{BookingId, UserId, mail::MailKind};
use ticketshow_nats::{
    clock,
    consumers::{
        mail::{Mail, MailEntry, MailState},
        mails::Mails,
        verdict::Verdict,
    },
    server::{
        connection::{Connection, Settings},
        topology::provision,
    },
};
use ticketshow_tests::{Nats, eventually};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::site::small;

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
