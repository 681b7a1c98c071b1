//! Subscriptions to the log.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use ticketshow_nats::{
    consumers::{
        parked::Parked,
        subscription::{Handler, Subscription, run_subscription},
        verdict::Verdict,
    },
    failure::Failure,
    log::envelope::Commit,
    server::{connection::Connection, users::NatsUser},
    subjects::{EVENTS, consumers::PAYMENT},
};
use ticketshow_tests::eventually;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{commits::Writer, site::Site};

pub const ALL: Subscription = Subscription { name: PAYMENT, events: &[], parallelism: 8 };
const WANTED: Subscription = Subscription { events: &["payment_requested"], ..ALL };

/// Handler that records commits and fails as their ids say.
#[derive(Default)]
pub struct Recorder {
    handled: Mutex<HashMap<String, Vec<u64>>>,
    /// While set, ids with `retry` are retried and ids with `park` parked.
    pub failing: AtomicBool,
    at_once: AtomicUsize,
    pub at_once_max: AtomicUsize,
    pub attempts: AtomicUsize,
    pub pause: Duration,
}

impl Recorder {
    pub fn failing() -> Arc<Self> {
        Arc::new(Self { failing: true.into(), ..Self::default() })
    }

    pub fn recover(&self) {
        self.failing.store(false, Ordering::SeqCst);
    }

    /// Handled versions of an aggregate, in order.
    pub fn of(&self, id: &str) -> Vec<u64> {
        self.handled.lock().unwrap().get(id).cloned().unwrap_or_default()
    }

    pub async fn until(&self, id: &str, versions: &[u64]) {
        eventually(&format!("{versions:?} of {id}"), async || (self.of(id) == versions).then_some(())).await;
    }
}

impl Handler for Recorder {
    async fn handle(&self, commit: &Commit) -> Verdict {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.at_once_max.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(self.pause).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        if self.failing.load(Ordering::SeqCst) && commit.first_version == 2 {
            if commit.id.contains("retry") {
                return Verdict::Retry("a dependency is unavailable".into());
            }
            if commit.id.contains("park") {
                return Verdict::Park("a bug".into());
            }
            assert!(!commit.id.contains("panic"), "a bug of another kind");
        }
        self.handled.lock().unwrap().entry(commit.id.to_string()).or_default().push(commit.first_version);
        Verdict::Done
    }
}

/// A running subscription.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub fn start(connection: &Connection, subscription: Subscription, recorder: &Arc<Recorder>) -> Self {
        let stop = CancellationToken::new();
        let (connection, recorder, stopped) = (connection.clone(), Arc::clone(recorder), stop.clone());
        let task = tokio::spawn(async move {
            while !stopped.is_cancelled() {
                let ran =
                    run_subscription(&connection, &subscription, Arc::clone(&recorder), stopped.clone());
                match ran.await {
                    Ok(()) => {}
                    // A saga starts its subscription again as well.
                    Err(Failure::OtherLog | Failure::Unreachable { .. }) => {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    Err(failure) => panic!("{failure}"),
                }
            }
        });
        Self { stop, task }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn an_aggregate_is_handled_in_order_and_others_in_parallel() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    for version in 1..=25 {
        for booking in 0..20 {
            writer.commit(&format!("b{booking}"), version, "x").await;
        }
    }
    let recorder = Arc::new(Recorder { pause: Duration::from_millis(2), ..Recorder::default() });

    let running = Running::start(&connection, ALL, &recorder);

    for booking in 0..20 {
        recorder.until(&format!("b{booking}"), &(1..=25).collect::<Vec<_>>()).await;
    }
    running.stop().await;
    assert_eq!(recorder.at_once_max.load(Ordering::SeqCst), 8);
    assert_eq!(recorder.attempts.load(Ordering::SeqCst), 500);
}

#[tokio::test]
async fn an_outage_delays_one_aggregate_only() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    let recorder = Recorder::failing();
    let running = Running::start(&connection, Subscription { parallelism: 1, ..ALL }, &recorder);
    for version in 1..=3 {
        writer.commit("retry", version, "x").await;
        writer.commit("healthy", version, "x").await;
    }

    recorder.until("healthy", &[1, 2, 3]).await;
    assert_eq!(recorder.of("retry"), [1]);
    recorder.recover();
    recorder.until("retry", &[1, 2, 3]).await;

    assert!(Parked::new(&connection).list(None, 10).await.unwrap().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn commits_without_a_subscribed_event_are_skipped() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    let recorder = Arc::new(Recorder::default());
    let running = Running::start(&connection, WANTED, &recorder);
    writer.commit("a", 1, "payment_requested").await;
    writer.commit("a", 2, "booking_expired").await;
    writer.commit("a", 3, "booking_opened,payment_requested").await;

    recorder.until("a", &[1, 3]).await;
    running.stop().await;
    assert_eq!(recorder.of("a"), [1, 3]);
}

#[tokio::test]
async fn commits_with_an_event_of_a_newer_version_are_not_skipped() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    let recorder = Arc::new(Recorder::default());
    let running = Running::start(&connection, WANTED, &recorder);
    writer.commit("a", 1, "booking_expired").await;
    writer.commit("a", 2, "booking_gilded").await;
    writer.commit("a", 3, "booking_expired,booking_gilded").await;
    writer.commit("a", 4, "payment_requested").await;

    recorder.until("a", &[2, 3, 4]).await;
    running.stop().await;
}

#[tokio::test]
async fn commits_in_flight_are_finished_and_the_rest_is_left_for_the_next_run() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    for version in 1..=20 {
        writer.commit("a", version, "x").await;
    }
    let recorder = Arc::new(Recorder { pause: Duration::from_millis(50), ..Recorder::default() });
    let first = Running::start(&connection, ALL, &recorder);
    eventually("some to be handled", async || (recorder.of("a").len() >= 2).then_some(())).await;
    first.stop().await;
    assert!(recorder.of("a").len() < 20);

    let second = Running::start(&site.connect(NatsUser::Sagas).await, ALL, &recorder);

    recorder.until("a", &(1..=20).collect::<Vec<_>>()).await;
    second.stop().await;
}

#[tokio::test]
async fn commits_stay_in_order_after_a_server_restart() {
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let recorder = Arc::new(Recorder { pause: Duration::from_millis(3), ..Recorder::default() });
    let running = Running::start(&connection, ALL, &recorder);
    for round in 0..3 {
        let writer = Writer::new(&site).await;
        for version in 1..=40 {
            for booking in ["a", "b", "c"] {
                writer.commit(booking, round * 40 + version, "x").await;
            }
        }
        site.nats.kill();
        site.nats.restart().await;
    }

    for booking in ["a", "b", "c"] {
        eventually("all to be handled", async || recorder.of(booking).contains(&120).then_some(())).await;
        let mut handled = recorder.of(booking);
        handled.dedup();
        assert_eq!(handled, (1..=120).collect::<Vec<_>>(), "{booking}");
    }
    running.stop().await;
}

/// Fetches from the consumer as another process would that then hangs: what it is given is not acknowledged.
async fn steal(site: &Site, batch: usize) -> async_nats::Subscriber {
    let seed = std::fs::read_to_string(site.seed_file(NatsUser::Sagas)).unwrap();
    let prefix = format!("_INBOX_{}", NatsUser::Sagas.name());
    let options = async_nats::ConnectOptions::with_nkey(seed).custom_inbox_prefix(prefix);
    let client = options.connect(site.nats.url()).await.unwrap();
    let inbox = client.new_inbox();
    let given = client.subscribe(inbox.clone()).await.unwrap();
    let fetch = format!(r#"{{"batch":{batch},"expires":60000000000}}"#);
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{EVENTS}.{PAYMENT}");
    client.publish_with_reply(subject, inbox, fetch.into()).await.unwrap();
    client.flush().await.unwrap();
    given
}

#[tokio::test]
async fn commits_given_to_a_hanging_process_are_handled_in_order_by_the_other_one() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    let recorder = Arc::new(Recorder::default());
    let running = Running::start(&connection, ALL, &recorder);
    writer.commit("a", 1, "x").await;
    recorder.until("a", &[1]).await;

    let mut given = steal(&site, 10).await;
    for version in 2..=40 {
        writer.commit("a", version, "x").await;
    }

    given.next().await.expect("the hanging process is given a commit");
    recorder.until("a", &(1..=40).collect::<Vec<_>>()).await;
    running.stop().await;
}

#[tokio::test]
async fn commits_given_to_a_hanging_process_are_not_skipped_after_a_server_restart() {
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let recorder = Arc::new(Recorder::default());
    let running = Running::start(&connection, ALL, &recorder);
    let writer = Writer::new(&site).await;
    writer.commit("b0", 1, "x").await;
    recorder.until("b0", &[1]).await;

    let mut given = steal(&site, 10).await;
    for booking in 1..=40 {
        writer.commit(&format!("b{booking}"), 1, "x").await;
    }
    given.next().await.expect("the hanging process is given a commit");
    site.nats.kill();
    site.nats.restart().await;

    for booking in 0..=40 {
        recorder.until(&format!("b{booking}"), &[1]).await;
    }
    running.stop().await;
}
