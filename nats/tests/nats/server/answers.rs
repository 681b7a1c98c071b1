//! Answers of the server as a weapon: a request names the subject of its answer, and no permission is checked for it.

use async_nats::{Client, ConnectOptions};
use serde_json::{Value, json};
use ticketshow_nats::{
    log::history::Log,
    server::{
        connection::{Connection, Settings},
        topology::provision,
        users::NatsUser,
    },
};
use ticketshow_tests::Nats;

use crate::{
    commits::Writer,
    site::{self, Site},
};

/// A limit of one message, for the whole log.
const TRUNCATED: &str = r#"{"name":"EVENTS","subjects":["tix.>"],"storage":"file","num_replicas":1,"max_msgs":1,
    "discard":"old","deny_delete":true,"deny_purge":true,"allow_direct":true}"#;

/// Requests with an answer. The second message of the log is itself a request to the server.
const QUESTIONS: [(&str, &str); 8] = [
    ("$JS.API.STREAM.INFO.EVENTS", ""),
    ("$JS.API.CONSUMER.INFO.EVENTS.payment", ""),
    ("$JS.API.DIRECT.GET.EVENTS", ""),
    ("$JS.API.DIRECT.GET.EVENTS", r#"{"seq":1}"#),
    ("$JS.API.DIRECT.GET.EVENTS", r#"{"seq":2}"#),
    ("$JS.API.STREAM.MSG.GET.EVENTS", r#"{"seq":1}"#),
    ("$JS.API.CONSUMER.MSG.NEXT.EVENTS.payment", r#"{"batch":2,"no_wait":true}"#),
    ("$JS.API.CONSUMER.MSG.NEXT.EVENTS.read-models", r#"{"batch":2,"no_wait":true}"#),
];
const DESTROYING: [&str; 4] = [
    "$JS.API.STREAM.DELETE.EVENTS",
    "$JS.API.STREAM.PURGE.KV_SESSIONS",
    "$JS.API.STREAM.DELETE.KV_SESSIONS",
    "$JS.API.CONSUMER.DELETE.EVENTS.payment",
];

/// Sends every question with every answer to `subject`, and waits until the server has answered them.
async fn answer_to(client: &Client, subject: &str) {
    for (question, payload) in QUESTIONS {
        client.publish_with_reply(question, subject.to_owned(), payload.into()).await.unwrap();
    }
    // The server answers requests to a stream in order.
    for question in ["$JS.API.DIRECT.GET.EVENTS", "$JS.API.STREAM.INFO.EVENTS"] {
        client.request(question, "".into()).await.unwrap();
    }
}

async fn info(client: &Client, subject: &str, question: Value) -> Value {
    let answer = client.request(format!("$JS.API.{subject}"), question.to_string().into()).await.unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

/// Number of messages on a subject.
async fn stored(client: &Client, stream: &str, subject: &str) -> u64 {
    let info = info(client, &format!("STREAM.INFO.{stream}"), json!({ "subjects_filter": subject })).await;
    info["state"]["subjects"][subject].as_u64().unwrap_or(0)
}

async fn raw(site: &Site, user: NatsUser) -> Client {
    let seed = std::fs::read_to_string(site.seed_file(user)).unwrap();
    let options = ConnectOptions::with_nkey(seed).custom_inbox_prefix(format!("_INBOX_{}", user.name()));
    options.connect(site.nats.url()).await.unwrap()
}

#[tokio::test]
async fn in_one_account_an_answer_forges_truncates_and_deletes() {
    let nats = Nats::start().await;
    let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
    provision(&Connection::open(&settings).await.unwrap(), &site::small()).await.unwrap();
    let client = async_nats::connect(nats.url()).await.unwrap();
    let context = async_nats::jetstream::new(client.clone());
    for payload in ["a commit", TRUNCATED] {
        context.publish("tix.booking.a", payload.into()).await.unwrap().await.unwrap();
    }

    answer_to(&client, "tix.wallet.thief").await;
    assert!(stored(&client, "EVENTS", "tix.wallet.thief").await > 0);
    answer_to(&client, "$JS.API.STREAM.UPDATE.EVENTS").await;
    let config = info(&client, "STREAM.INFO.EVENTS", json!({})).await["config"]["max_msgs"].clone();
    assert_eq!(config, 1);
    let delete = "$JS.API.STREAM.DELETE.EVENTS".to_owned();
    client.publish_with_reply("$JS.API.DIRECT.GET.EVENTS", delete, "".into()).await.unwrap();
    ticketshow_tests::eventually("the log to be gone", async || {
        let info = info(&client, "STREAM.INFO.EVENTS", json!({})).await;
        info["error"].is_object().then_some(())
    })
    .await;
}

#[tokio::test]
async fn no_answer_to_any_user_destroys_or_forges_anything() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    writer.commit("a", 1, "x").await;
    writer.write("a", "x", TRUNCATED.to_owned()).await;
    let owner = raw(&site, NatsUser::Provision).await;
    let command = raw(&site, NatsUser::CommandApi).await;
    command.request("$KV.SESSIONS.account.session", "a session".into()).await.unwrap();
    let sessions = info(&owner, "STREAM.INFO.KV_SESSIONS", json!({})).await;
    assert_eq!(sessions["state"]["messages"], 1);
    let config = info(&owner, "STREAM.INFO.EVENTS", json!({})).await["config"].clone();

    for user in NatsUser::ALL {
        let client = raw(&site, user).await;
        for subject in DESTROYING {
            answer_to(&client, subject).await;
        }
        if user == NatsUser::Provision {
            continue;
        }
        answer_to(&client, "$JS.API.STREAM.UPDATE.EVENTS").await;
        answer_to(&client, "$JS.API.CONSUMER.CREATE.EVENTS.thief").await;
        for (stream, prefix) in [
            ("EVENTS", "tix.wallet"),
            ("EVENTS", "tix.account"),
            ("TIMERS", "timer.fired.hold-expiry"),
            ("PARKED", "parked.payment"),
        ] {
            let subject = format!("{prefix}.{}", user.name());
            answer_to(&client, &subject).await;
            assert_eq!(stored(&owner, stream, &subject).await, 0, "{} and {subject}", user.name());
        }
    }

    let events = info(&owner, "STREAM.INFO.EVENTS", json!({})).await;
    assert_eq!(events["config"], config);
    assert_eq!(events["state"]["first_seq"], 1);
    let sessions = info(&owner, "STREAM.INFO.KV_SESSIONS", json!({})).await;
    assert_eq!(sessions["state"]["messages"], 1);
    site.connect(NatsUser::QueryApi).await.check_topology().await.unwrap();
    let log = Log::new(&site.connect(NatsUser::QueryApi).await);
    assert_eq!(log.commit_at(1).await.unwrap().unwrap().id.as_ref(), "a");
}
