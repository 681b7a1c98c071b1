//! Full streams: what their writers get, what is measured, and that raising the limit is enough to go on.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jiff::SignedDuration;
use serde_json::{Value, json};
use ticketshow_domain::{AccountKey, BookingId, UserId, mail::MailKind};
use ticketshow_nats::{
    clock,
    consumers::{mail::Mail, mails::Mails, parked::Parked, timers::Timers, webhooks::Webhooks},
    executor::{Executor, outcome::ExecuteError},
    failure::Failure,
    kv::{
        pending::{PendingRequest, PendingRequests, Purpose, Registration},
        sessions::{Rotation, Session, Sessions, TokenHash},
    },
    server::{
        connection::{Connection, Settings},
        topology::{TopologyError, TopologySettings, provision},
        usage::{StreamUsage, Streams},
    },
    subjects::consumers::PAYMENT,
};
use ticketshow_tests::{Nats, eventually};

use crate::{
    consumers::subscription::{ALL, Recorder, Running},
    wallets::*,
};

const SMALL: u64 = 64 * 1024;
const LARGE: u64 = 1 << 20;
/// Longest life that a test waits for. The server does not allow less than its window for duplicates.
const SHORT: Duration = Duration::from_secs(2);

/// Sets the size of one stream.
type Size = fn(&mut TopologySettings, u64);

const STREAMS: [(&str, Size); 7] = [
    ("EVENTS", |settings, bytes| settings.events_bytes_max = bytes),
    ("MAILS", |settings, bytes| settings.mails_bytes_max = bytes),
    ("WEBHOOKS", |settings, bytes| settings.webhooks_bytes_max = bytes),
    ("PARKED", |settings, bytes| settings.parked_bytes_max = bytes),
    ("TIMERS", |settings, bytes| settings.timers_bytes_max = bytes),
    ("KV_SESSIONS", |settings, bytes| settings.sessions_bytes_max = bytes),
    ("KV_SNAPSHOTS", |settings, bytes| settings.snapshots_bytes_max = bytes),
];

fn all_large() -> TopologySettings {
    let mut settings = TopologySettings::default();
    for (_, size) in STREAMS {
        size(&mut settings, LARGE);
    }
    settings
}

fn with_small(stream: &str) -> TopologySettings {
    let mut settings = all_large();
    let (_, size) = STREAMS.into_iter().find(|(name, _)| *name == stream).unwrap();
    size(&mut settings, SMALL);
    settings
}

struct Writers {
    nats: Nats,
    raw: async_nats::Client,
    connection: Connection,
    executor: Executor,
    sessions: Sessions,
}

impl Writers {
    async fn start(settings: &TopologySettings) -> Self {
        let nats = Nats::start().await;
        let raw = async_nats::connect(nats.url()).await.unwrap();
        let settings_of = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
        let connection = Connection::open(&settings_of).await.unwrap();
        provision(&connection, settings).await.unwrap();
        let (executor, sessions) = (executor(&connection), Sessions::new(&connection));
        Self { nats, raw, connection, executor, sessions }
    }

    /// Writes some kilobytes to a stream as its writer does.
    async fn write(&self, stream: &str) -> Result<(), Failure> {
        let (text, id, now) = ("x".repeat(4_000), clock::new_id(), clock::now());
        match stream {
            "EVENTS" => {
                let customer = customer();
                match execute(&self.executor, customer, credit_because(customer, id, 1, Some(text))).await {
                    Ok(_) => Ok(()),
                    Err(ExecuteError::Unavailable(failure)) => Err(failure),
                    Err(error) => panic!("{error:?}"),
                }
            }
            "MAILS" => Mails::new(&self.connection).want(&mail(Some(text))).await,
            "WEBHOOKS" => Webhooks::new(&self.connection).keep("dodo", &id.to_string(), text.into()).await,
            "TIMERS" => {
                let id = format!("{id}-{}", &text[..1_000]);
                Timers::new(&self.connection)
                    .arm("hold-expiry", &id, now + SignedDuration::from_hours(1))
                    .await
            }
            "KV_SESSIONS" => self.sessions.create(&session(Some(text))).await,
            "PARKED" => self.publish(&format!("parked.{PAYMENT}.{}", id.as_u128()), text).await,
            "KV_SNAPSHOTS" => self.publish(&format!("$KV.SNAPSHOTS.wallet.{id}.0.0"), text).await,
            other => panic!("{other}"),
        }
    }

    async fn publish(&self, subject: &str, text: String) -> Result<(), Failure> {
        let answer = self.raw.request(subject.to_owned(), text.into()).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
        let Some(code) = answer["error"]["err_code"].as_u64() else { return Ok(()) };
        Err(Failure::Rejected { doing: "publishing", code, description: answer.to_string() })
    }

    /// Writes until the stream refuses.
    async fn fill(&self, stream: &str) -> Failure {
        for _ in 0..1_000 {
            if let Err(failure) = self.write(stream).await {
                return failure;
            }
        }
        panic!("{stream} never refuses");
    }

    async fn usage(&self, stream: &str) -> StreamUsage {
        let all = Streams::new(&self.connection).usage().await.unwrap();
        assert!(STREAMS.iter().all(|(name, _)| all.iter().any(|usage| usage.stream == *name)), "{all:?}");
        all.into_iter().find(|usage| usage.stream == stream).unwrap()
    }
}

pub fn mail(trace: Option<String>) -> Mail {
    let booking = BookingId(clock::new_id());
    Mail {
        id: clock::new_id(),
        recipient: UserId(clock::new_id()),
        matter: MailKind::BookingConfirmed { booking },
        wanted_at: clock::now(),
        correlation: clock::new_id(),
        trace,
        repeats: None,
        cascade: None,
        address: None,
    }
}

fn session(user_agent: Option<String>) -> Session {
    let now = clock::now();
    Session {
        id: clock::new_id(),
        account: AccountKey(clock::new_id().simple().to_string()),
        user: UserId(clock::new_id()),
        token: TokenHash([1; 32]),
        spent: None,
        created_at: now,
        used_at: now,
        expires_at: now + SignedDuration::from_hours(1),
        user_agent: user_agent.map(Into::into),
        password: Some("AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        confirmed_at: None,
        rotations: 0,
    }
}

#[tokio::test]
async fn a_full_stream_refuses_shows_it_and_goes_on_when_its_limit_is_raised() {
    for (stream, _) in STREAMS.into_iter().filter(|(stream, _)| *stream != "TIMERS") {
        let writers = Writers::start(&with_small(stream)).await;
        assert!(!writers.usage(stream).await.is_nearly_full(), "{stream}");

        let refused = writers.fill(stream).await;

        assert!(matches!(refused, Failure::Rejected { code: 10_077, .. }), "{stream}: {refused:?}");
        assert!(!refused.is_permanent(), "{stream}: a retry succeeds once there is room");
        let full = writers.usage(stream).await;
        assert!(full.is_nearly_full() && full.bytes <= SMALL && full.limit_bytes == SMALL, "{full:?}");
        for (other, _) in STREAMS.into_iter().filter(|(other, _)| *other != stream) {
            writers.write(other).await.unwrap();
        }

        provision(&writers.connection, &all_large()).await.unwrap();

        writers.write(stream).await.unwrap();
        let raised = writers.usage(stream).await;
        assert!(!raised.is_nearly_full() && raised.bytes > full.bytes, "nothing was lost: {raised:?}");
    }
}

#[tokio::test]
async fn a_full_timer_stream_is_shown_before_it_drops_its_oldest() {
    let writers = Writers::start(&with_small("TIMERS")).await;
    while !writers.usage("TIMERS").await.is_nearly_full() {
        writers.write("TIMERS").await.unwrap();
    }
    let first: u64 = first_sequence(&writers, "TIMERS").await;
    assert_eq!(first, 1, "all timers are still there when the warning is shown");
}

async fn first_sequence(writers: &Writers, stream: &str) -> u64 {
    let info = writers.raw.request(format!("$JS.API.STREAM.INFO.{stream}"), "{}".into()).await.unwrap();
    let info: Value = serde_json::from_slice(&info.payload).unwrap();
    info["state"]["first_seq"].as_u64().unwrap()
}

#[tokio::test]
async fn a_limit_below_the_size_of_a_stream_is_refused() {
    for (stream, size) in STREAMS {
        let writers = Writers::start(&all_large()).await;
        writers.write(stream).await.unwrap();
        let bytes = writers.usage(stream).await.bytes;
        let mut settings = all_large();
        size(&mut settings, bytes - 1);

        let refused = provision(&writers.connection, &settings).await;

        assert!(
            matches!(&refused, Err(TopologyError::TooSmall { name, .. }) if name == stream),
            "{refused:?}"
        );
        assert_eq!(
            writers.usage(stream).await,
            StreamUsage { stream: stream.into(), bytes, limit_bytes: LARGE }
        );
    }
}

#[tokio::test]
async fn existing_sessions_go_on_and_can_be_ended_while_no_new_one_fits() {
    let writers = Writers::start(&with_small("KV_SESSIONS")).await;
    let (old, now) = (session(Some("a browser".into())), clock::now());
    writers.sessions.create(&old).await.unwrap();
    writers.fill("KV_SESSIONS").await;
    while writers.sessions.create(&session(None)).await.is_ok() {}

    let mut shown = TokenHash([1; 32]);
    for number in 2..20 {
        let now = now + SignedDuration::from_millis(1_111 * i64::from(number));
        let fresh = TokenHash([number; 32]);
        let rotation = writers.sessions.rotate(&old.account, old.id, shown, fresh, "", now).await.unwrap();
        assert!(matches!(rotation, Rotation::Rotated(_)), "{rotation:?}");
        shown = fresh;
    }
    writers.sessions.end(&old.account, old.id).await.unwrap();
    assert!(writers.sessions.get(&old.account, old.id, now).await.unwrap().is_none());
}

#[tokio::test]
async fn a_flood_of_registrations_stops_neither_sessions_nor_new_registrations() {
    let small = TopologySettings { requests_bytes_max: SMALL, ..all_large() };
    let writers = Writers::start(&small).await;
    let (requests, now) = (PendingRequests::new(&writers.connection, 20), clock::now());
    let (sessions, request) = (writers.usage("KV_SESSIONS").await, registration());
    for number in 0..200 {
        let account = AccountKey(format!("{number:032x}"));
        requests.put(Purpose::Registration, &account, &request).await.unwrap();
        assert!(requests.get(Purpose::Registration, &account, now).await.unwrap().is_some());
    }
    assert!(writers.usage("KV_REQUESTS").await.bytes <= SMALL);
    assert_eq!(writers.usage("KV_SESSIONS").await, sessions);
}

#[tokio::test]
async fn requests_of_an_installation_without_their_bucket_are_found_before_and_after_it_is_provisioned() {
    let writers = Writers::start(&all_large()).await;
    writers.raw.request("$JS.API.STREAM.DELETE.KV_REQUESTS", "".into()).await.unwrap();
    writers.connection.check_topology().await.unwrap();
    let requests = PendingRequests::new(&writers.connection, 20);
    let (account, request, now) = (AccountKey("0".repeat(32)), registration(), clock::now());
    requests.put(Purpose::Registration, &account, &request).await.unwrap();
    provision(&writers.connection, &all_large()).await.unwrap();
    let found = requests.get(Purpose::Registration, &account, now).await.unwrap();
    assert_eq!(found, Some(request));
    requests.remove(Purpose::Registration, &account).await.unwrap();
    assert_eq!(requests.get(Purpose::Registration, &account, now).await.unwrap(), None);
}

fn registration() -> PendingRequest {
    let registration = Registration {
        email: "ada@example.org".into(),
        name: "Ada".into(),
        city: Some("x".repeat(1_000).into()),
        password_hash: "".into(),
        fingerprint: None,
    };
    let expires_at = clock::now() + SignedDuration::from_hours(24);
    let request = PendingRequest::new(clock::new_id(), expires_at, None);
    PendingRequest { registration: Some(registration), ..request }
}

#[tokio::test]
async fn while_no_message_can_be_parked_only_its_aggregate_waits() {
    let writers = Writers::start(&with_small("PARKED")).await;
    let mut number = 0;
    while writers.publish(&format!("parked.other.{number}"), "x".repeat(100)).await.is_ok() {
        number += 1;
    }
    let recorder = Recorder::failing();
    let running = Running::start(&writers.connection, ALL, &recorder);
    for version in 1..=3 {
        for id in ["park", "healthy"] {
            let commit = json!({
                "commit": clock::new_id(), "aggregate": "booking", "id": id, "first_version": version,
                "commands": [], "events": [{"version": 1, "type": "x", "data": {}}],
            });
            writers.publish(&format!("tix.booking.{id}"), commit.to_string()).await.unwrap();
        }
    }
    recorder.until("healthy", &[1, 2, 3]).await;
    assert_eq!(recorder.of("park"), [1], "nothing overtakes a message that could not be parked");
    let parked = Parked::new(&writers.connection);
    assert!(parked.list(None, 100).await.unwrap().iter().all(|message| message.id.consumer != PAYMENT));

    provision(&writers.connection, &all_large()).await.unwrap();

    let list = eventually("the message and the one behind it to be parked", async || {
        let mut list = parked.list(None, 100).await.unwrap();
        list.retain(|message| message.aggregate_id == "park");
        (list.len() == 2).then_some(list)
    })
    .await;

    // Resolved messages leave the stream after 30 days.
    let resolved = &list[0].id;
    assert!(parked.drop(resolved).await.unwrap());
    let query = json!({ "last_by_subj": format!("parked.{PAYMENT}.{}", resolved.position) });
    let stored =
        writers.raw.request("$JS.API.STREAM.MSG.GET.PARKED", query.to_string().into()).await.unwrap();
    let stored: Value = serde_json::from_slice(&stored.payload).unwrap();
    let headers = BASE64.decode(stored["message"]["hdrs"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8_lossy(&headers).contains("Nats-TTL: 720h"));
    running.stop().await;
}

#[tokio::test]
async fn commands_need_no_room_for_snapshots() {
    let settings = TopologySettings { events_bytes_max: 64 << 20, ..with_small("KV_SNAPSHOTS") };
    let writers = Writers::start(&settings).await;
    writers.fill("KV_SNAPSHOTS").await;
    let customer = customer();
    let credits: Vec<_> = ids(1_000).iter().map(|id| credit(customer, *id, 1)).collect();
    assert!(execute_all(&writers.executor, customer, credits).await.iter().all(Result::is_ok));

    let elsewhere = executor(&writers.connection);
    let debited = execute(&elsewhere, customer, debit(customer, clock::new_id(), 1)).await;
    assert_eq!(debited.unwrap().answer, 999);
}

#[tokio::test]
async fn a_full_stream_with_a_retention_gets_room_by_itself() {
    for stream in ["MAILS", "WEBHOOKS", "KV_SNAPSHOTS"] {
        let small = with_small(stream);
        let short =
            TopologySettings { mails_life: SHORT, webhooks_life: SHORT, snapshots_life: SHORT, ..small };
        let writers = Writers::start(&short).await;
        writers.fill(stream).await;

        eventually(&format!("{stream} to have room again"), async || writers.write(stream).await.ok()).await;
        writers.connection.check_topology().await.unwrap();
    }
}

#[tokio::test]
async fn an_installation_with_the_streams_of_an_earlier_version_starts_and_is_updated() {
    let writers = Writers::start(&all_large()).await;
    let Writers { raw, connection, .. } = &writers;
    for (stream, _) in STREAMS {
        raw.request(format!("$JS.API.STREAM.DELETE.{stream}"), "".into()).await.unwrap();
    }
    for stream in earlier_streams() {
        let name = stream["name"].as_str().unwrap();
        let created = raw.request(format!("$JS.API.STREAM.CREATE.{name}"), stream.to_string().into()).await;
        let created: Value = serde_json::from_slice(&created.unwrap().payload).unwrap();
        assert!(created["error"].is_null(), "{created}");
    }
    // The consumers are those of this version.
    let missing = connection.check_topology().await;
    assert!(matches!(missing, Err(TopologyError::Missing(name)) if name == "read-models"));
    let (first, second, now) = (session(None), session(None), clock::now());
    for session in [&first, &second] {
        writers.sessions.create(session).await.unwrap();
    }
    writers.sessions.end(&first.account, first.id).await.unwrap();
    assert!(writers.sessions.get(&first.account, first.id, now).await.unwrap().is_none());

    provision(connection, &TopologySettings::default()).await.unwrap();

    connection.check_topology().await.unwrap();
    assert!(writers.sessions.get(&second.account, second.id, now).await.unwrap().is_some());
    assert_eq!(writers.usage("MAILS").await.limit_bytes, 2 << 30);
    drop(writers.nats);
}

/// The streams as version 0.1.0 created them.
fn earlier_streams() -> Vec<Value> {
    let stream = |name: &str, subject: &str, bytes: u64, more: Value| {
        let mut stream = json!({
            "name": name, "subjects": [subject], "max_bytes": bytes, "retention": "limits", "storage": "file",
            "num_replicas": 1, "duplicate_window": 10_000_000_000_u64, "allow_direct": true, "deny_delete": true,
            "max_msgs": -1, "max_msgs_per_subject": -1, "max_consumers": -1, "max_age": 0,
        });
        stream.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stream
    };
    let month = 30 * 24 * 3_600 * 1_000_000_000_u64;
    let bucket = json!({"discard": "new", "allow_rollup_hdrs": true, "max_msgs_per_subject": 1});
    let mut sessions = bucket.clone();
    sessions["max_age"] = json!(month);
    vec![
        stream("EVENTS", "tix.>", 8 << 30, json!({"discard": "new", "deny_purge": true})),
        stream(
            "TIMERS",
            "timer.>",
            256 << 20,
            json!({"max_msgs_per_subject": 1, "allow_msg_schedules": true, "allow_msg_ttl": true,
                "allow_rollup_hdrs": true}),
        ),
        stream(
            "PARKED",
            "parked.>",
            256 << 20,
            json!({"max_msgs_per_subject": 1, "discard": "new", "allow_msg_ttl": true, "deny_purge": true}),
        ),
        stream("MAILS", "mail.>", 2 << 30, json!({"discard": "new", "deny_purge": true})),
        stream(
            "WEBHOOKS",
            "webhook.*.*",
            512 << 20,
            json!({"max_age": month, "max_msgs_per_subject": 1, "discard": "new", "discard_new_per_subject": true,
                "deny_purge": true}),
        ),
        stream("KV_SNAPSHOTS", "$KV.SNAPSHOTS.>", 1 << 30, bucket),
        stream("KV_SESSIONS", "$KV.SESSIONS.>", 256 << 20, sessions),
    ]
}
