//! Permissions of the users.

use std::{process::Command, time::Duration};

use async_nats::{ConnectOptions, Event, ServerError};
use futures_util::StreamExt;
use ticketshow_nats::{clock, server::users::NatsUser};
use ticketshow_tests::find_tool;
use tokio::sync::mpsc;

use crate::{
    site::{self, Site},
    wallets::*,
};

/// Plain client with the key of a user.
struct Raw {
    client: async_nats::Client,
    violations: mpsc::UnboundedReceiver<String>,
    user: NatsUser,
}

impl Raw {
    async fn connect(site: &Site, user: NatsUser) -> Self {
        let seed = std::fs::read_to_string(site.seed_file(user)).unwrap();
        let (noted, violations) = mpsc::unbounded_channel();
        let options = ConnectOptions::with_nkey(seed)
            .custom_inbox_prefix(format!("_INBOX_{}", user.name()))
            .event_callback(move |event| {
                if let Event::ServerError(ServerError::Other(text)) = event {
                    noted.send(text).ok();
                }
                std::future::ready(())
            });
        Self { client: options.connect(site.nats.url()).await.unwrap(), violations, user }
    }

    /// Publishes a message and returns the answer; `None` for a permissions violation.
    async fn ask(&mut self, subject: &str, payload: &str) -> Option<String> {
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await.unwrap();
        let payload = payload.to_owned().into();
        self.client.publish_with_reply(subject.to_owned(), inbox, payload).await.unwrap();
        tokio::select! {
            answer = answers.next() => Some(String::from_utf8_lossy(&answer.unwrap().payload).into_owned()),
            violation = self.violations.recv() => {
                let violation = violation.unwrap().to_lowercase();
                assert!(violation.contains("permissions violation for publish"), "{violation}");
                None
            }
            () = tokio::time::sleep(Duration::from_secs(3)) => panic!("{}: {subject} is neither refused nor answered", self.user.name()),
        }
    }

    async fn must_not_publish(&mut self, subject: &str) {
        let answer = self.ask(subject, "{}").await;
        assert_eq!(answer, None, "{} may publish to {subject}", self.user.name());
    }

    async fn must_not_subscribe(&mut self, subject: &str) {
        let _subscriber = self.client.subscribe(subject.to_owned()).await.unwrap();
        let violation = tokio::time::timeout(Duration::from_secs(3), self.violations.recv()).await;
        let violation = violation.unwrap_or_else(|_| panic!("{} may subscribe {subject}", self.user.name()));
        assert!(violation.unwrap().to_lowercase().contains("permissions violation for subscription"));
    }
}

#[tokio::test]
async fn no_user_destroys_streams_or_consumers() {
    let site = site::shared().await;
    for user in NatsUser::ALL {
        let mut raw = Raw::connect(site, user).await;
        for stream in [
            "EVENTS",
            "TIMERS",
            "PARKED",
            "WEBHOOKS",
            "MAILS",
            "AUDIT",
            "AUDIT_ACTS",
            "KV_SNAPSHOTS",
            "KV_SESSIONS",
            "KV_REQUESTS",
            "KV_PERSONS",
        ] {
            for call in ["DELETE", "PURGE", "MSG.DELETE"] {
                raw.must_not_publish(&format!("$JS.API.STREAM.{call}.{stream}")).await;
            }
            if user != NatsUser::Provision {
                raw.must_not_publish(&format!("$JS.API.STREAM.RESTORE.{stream}")).await;
                raw.must_not_publish(&format!("$JS.API.STREAM.SNAPSHOT.{stream}")).await;
            }
        }
        for consumer in
            ["read-models", "hold-expiry", "payment", "refund", "cascade", "notification", "scheduling"]
        {
            raw.must_not_publish(&format!("$JS.API.CONSUMER.DELETE.EVENTS.{consumer}")).await;
            raw.must_not_publish(&format!("$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.{consumer}")).await;
        }
        raw.must_not_publish("$JS.API.ACCOUNT.PURGE.$G").await;
        raw.must_not_publish("$JS.API.STREAM.LEADER.STEPDOWN.EVENTS").await;
    }
}

#[tokio::test]
async fn not_even_the_provisioner_restores_over_a_stream() {
    let site = site::shared().await;
    let mut raw = Raw::connect(site, NatsUser::Provision).await;
    let config = r#"{"config":{"name":"EVENTS","subjects":["tix.>"],"storage":"file"},"state":{}}"#;
    let answer = raw.ask("$JS.API.STREAM.RESTORE.EVENTS", config).await.unwrap();
    assert!(answer.contains("stream name already in use"), "{answer}");
    raw.must_not_publish("$JS.API.STREAM.RESTORE.KV_SESSIONS").await;
}

#[tokio::test]
async fn only_the_provisioner_changes_streams_and_durable_consumers() {
    let site = site::shared().await;
    for user in NatsUser::ALL.into_iter().filter(|user| *user != NatsUser::Provision) {
        let mut raw = Raw::connect(site, user).await;
        for stream in [
            "EVENTS",
            "TIMERS",
            "PARKED",
            "WEBHOOKS",
            "MAILS",
            "AUDIT",
            "AUDIT_ACTS",
            "KV_SNAPSHOTS",
            "KV_SESSIONS",
            "KV_REQUESTS",
            "KV_PERSONS",
            "OTHER",
        ] {
            raw.must_not_publish(&format!("$JS.API.STREAM.CREATE.{stream}")).await;
            raw.must_not_publish(&format!("$JS.API.STREAM.UPDATE.{stream}")).await;
        }
        for consumer in
            ["read-models", "hold-expiry", "payment", "refund", "cascade", "notification", "scheduling"]
        {
            raw.must_not_publish(&format!("$JS.API.CONSUMER.CREATE.EVENTS.{consumer}")).await;
            raw.must_not_publish(&format!("$JS.API.CONSUMER.CREATE.EVENTS.{consumer}.tix.>")).await;
        }
        raw.must_not_publish("$JS.API.CONSUMER.CREATE.TIMERS.hold-expiry-timers").await;
        raw.must_not_publish("$JS.API.CONSUMER.CREATE.MAILS.mailing").await;
        // A consumer delivers to any subject that its creator names, so nobody else may create one at all.
        for consumer in ["EVENTS", "EVENTS.reads", "EVENTS.reads.tix.>", "MAILS.reads", "KV_SNAPSHOTS.reads"]
        {
            raw.must_not_publish(&format!("$JS.API.CONSUMER.CREATE.{consumer}")).await;
        }
    }
}

#[tokio::test]
async fn each_service_writes_only_its_own_subjects() {
    let site = site::shared().await;
    let events = ["account", "show", "venue", "screen", "screening", "booking", "payment", "wallet"];
    let (command, query, projectors) = (NatsUser::CommandApi, NatsUser::QueryApi, NatsUser::Projectors);
    let foreign: [(NatsUser, &[&str]); 5] = [
        (NatsUser::Sagas, &["account"]),
        (query, &events),
        (projectors, &events),
        (NatsUser::Operator, &events),
        (NatsUser::Provision, &events),
    ];
    for (user, aggregates) in foreign {
        let mut raw = Raw::connect(site, user).await;
        for aggregate in aggregates {
            raw.must_not_publish(&format!("tix.{aggregate}.x")).await;
        }
    }
    for (user, subjects) in [
        (command, &["parked.payment.1", "timer.armed.hold-expiry.x", "$JS.ACK.EVENTS.payment.1.1.1.1.0"][..]),
        (
            query,
            &[
                "$KV.SESSIONS.a.b",
                "$KV.PERSONS.a",
                "$KV.SNAPSHOTS.a.b",
                "mail.a.b.c",
                "tixctl.parked.payment",
                "parked.payment.1",
                "audit.nobody",
            ],
        ),
        (
            projectors,
            &[
                "audit.nobody",
                "$KV.SESSIONS.a.b",
                "$KV.PERSONS.a",
                "$KV.SNAPSHOTS.a.b",
                "mail.a.b.c",
                "$JS.API.CONSUMER.RESET.EVENTS.payment",
            ],
        ),
        (
            NatsUser::Sagas,
            &["$KV.SESSIONS.a.b", "timer.fired.hold-expiry.x", "$JS.API.CONSUMER.RESET.EVENTS.read-models"],
        ),
        (
            NatsUser::Operator,
            &[
                "$KV.SESSIONS.a.b",
                "$JS.API.DIRECT.GET.KV_SESSIONS",
                "$KV.PERSONS.a",
                "$JS.API.DIRECT.GET.KV_PERSONS",
                "$JS.API.STREAM.MSG.GET.KV_PERSONS",
                "timer.fired.a.b",
                "mail.a.b.c",
                "$JS.API.CONSUMER.RESET.EVENTS.payment",
            ],
        ),
        (
            NatsUser::Provision,
            &["$KV.SESSIONS.a.b", "$KV.PERSONS.a", "parked.payment.1", "timer.armed.a.b", "mail.a.b.c"],
        ),
        (NatsUser::Serve, &["tix.other.x", "timer.fired.hold-expiry.x", "$SYS.REQ.SERVER.PING"]),
    ] {
        let mut raw = Raw::connect(site, user).await;
        for subject in subjects {
            raw.must_not_publish(subject).await;
        }
    }
}

#[tokio::test]
async fn no_user_takes_the_messages_of_another() {
    let site = site::shared().await;
    for (user, durables) in [
        (
            NatsUser::Provision,
            &["read-models", "payment", "refund", "cascade", "hold-expiry", "notification", "scheduling"][..],
        ),
        (
            NatsUser::CommandApi,
            &["read-models", "payment", "refund", "cascade", "hold-expiry", "notification", "scheduling"],
        ),
        (
            NatsUser::QueryApi,
            &["read-models", "payment", "refund", "cascade", "hold-expiry", "notification", "scheduling"],
        ),
        (
            NatsUser::Operator,
            &["read-models", "payment", "refund", "cascade", "hold-expiry", "notification", "scheduling"],
        ),
        (
            NatsUser::Projectors,
            &["payment", "refund", "cascade", "hold-expiry", "notification", "scheduling"],
        ),
        (NatsUser::Sagas, &["read-models"]),
    ] {
        let mut raw = Raw::connect(site, user).await;
        for durable in durables {
            raw.must_not_publish(&format!("$JS.API.CONSUMER.MSG.NEXT.EVENTS.{durable}")).await;
        }
        if user != NatsUser::Sagas {
            raw.must_not_publish("$JS.API.CONSUMER.MSG.NEXT.MAILS.mailing").await;
        }
    }
    for user in NatsUser::ALL {
        let mut raw = Raw::connect(site, user).await;
        let elsewhere = if user == NatsUser::Serve { "_INBOX_sagas.>" } else { "_INBOX_serve.>" };
        for subject in [">", "tix.>", "_INBOX.>", elsewhere, "$KV.>"] {
            raw.must_not_subscribe(subject).await;
        }
    }
}

#[tokio::test]
async fn a_client_without_a_key_is_rejected() {
    let site = site::shared().await;
    assert!(async_nats::connect(site.nats.url()).await.is_err());
}

#[tokio::test]
async fn the_operator_inspects_streams_and_pauses_a_saga_with_the_nats_cli() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let customer = customer();
    execute(&executor(&connection), customer, credit(customer, clock::new_id(), 5)).await.unwrap();
    let seed = site.seed_file(NatsUser::Operator);
    let backup = seed.with_extension("backup");
    let nats = async |arguments: &str| {
        let mut command = Command::new(find_tool("nats"));
        command
            .args(["--server", &site.nats.url(), "--inbox-prefix", "_INBOX_operator", "--nkey"])
            .arg(&seed);
        command.args(arguments.split(' ')).env("XDG_CONFIG_HOME", seed.parent().unwrap());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), text.into_owned())
    };
    for (arguments, shows) in [
        ("stream ls", "PARKED"),
        ("stream info EVENTS", "tix.>"),
        ("stream subjects EVENTS", "tix.wallet."),
        ("stream get EVENTS 1", "Tix-Events: wallet_credited"),
        ("sub --stream EVENTS --direct --all --wait 1s tix.wallet.>", "Tix-Events: wallet_credited"),
        ("consumer ls EVENTS", "read-models"),
        ("consumer report EVENTS", "payment"),
        ("consumer info EVENTS payment", "tix.booking.>"),
        ("consumer pause EVENTS payment 1m --force", "Paused"),
        ("consumer resume EVENTS payment --force", "resumed"),
    ] {
        let (done, text) = nats(arguments).await;
        assert!(done && text.contains(shows), "nats {arguments}: {text}");
    }
    for arguments in [
        &format!("backup stream EVENTS {} --no-progress", backup.display()),
        "stream purge EVENTS --force",
        "consumer rm EVENTS payment --force",
        "pub tix.wallet.x y --jetstream",
    ] {
        let (done, text) = nats(&format!("--timeout 1s {arguments}")).await;
        assert!(!done, "nats {arguments}: {text}");
    }
}
