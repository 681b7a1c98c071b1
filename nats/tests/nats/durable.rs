//! Processes over time.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use ticketshow_nats::{
    Commit, Connection, Durable, Handler, NatsUser, Parked, Verdict, consumers::PAYMENT, run_durable,
};
use ticketshow_tests::eventually;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{commits::Writer, site::Site};

pub const ALL: Durable = Durable { name: PAYMENT, events: &[], parallelism: 8 };

/// Notes what it handles, and does with a commit what its id says.
#[derive(Default)]
pub struct Notes {
    handled: Mutex<HashMap<String, Vec<u64>>>,
    /// While set, ids with `retry` are retried and ids with `park` parked.
    pub ill: AtomicBool,
    at_once: AtomicUsize,
    pub at_once_max: AtomicUsize,
    pub attempts: AtomicUsize,
    pub pause: Duration,
}

impl Notes {
    pub fn ill() -> Arc<Self> {
        Arc::new(Self { ill: true.into(), ..Self::default() })
    }

    pub fn heal(&self) {
        self.ill.store(false, Ordering::SeqCst);
    }

    /// The versions handled of an aggregate, in the order they were.
    pub fn of(&self, id: &str) -> Vec<u64> {
        self.handled.lock().unwrap().get(id).cloned().unwrap_or_default()
    }

    pub async fn until(&self, id: &str, versions: &[u64]) {
        eventually(&format!("{versions:?} of {id}"), async || (self.of(id) == versions).then_some(())).await;
    }
}

impl Handler for Notes {
    async fn handle(&self, commit: &Commit) -> Verdict {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.at_once_max.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(self.pause).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        if self.ill.load(Ordering::SeqCst) && commit.first_version == 2 {
            if commit.id.contains("retry") {
                return Verdict::Retry("the world is away".into());
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

/// A process that works off a consumer.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub fn start(connection: &Connection, durable: Durable, notes: &Arc<Notes>) -> Self {
        let stop = CancellationToken::new();
        let (connection, notes, stopped) = (connection.clone(), Arc::clone(notes), stop.clone());
        let task = tokio::spawn(async move {
            run_durable(&connection, &durable, notes, stopped).await.unwrap();
        });
        Self { stop, task }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn an_aggregate_is_handled_in_order_and_others_beside_it() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    for version in 1..=25 {
        for booking in 0..20 {
            writer.commit(&format!("b{booking}"), version, "x").await;
        }
    }
    let notes = Arc::new(Notes { pause: Duration::from_millis(2), ..Notes::default() });

    let running = Running::start(&connection, ALL, &notes);

    for booking in 0..20 {
        notes.until(&format!("b{booking}"), &(1..=25).collect::<Vec<_>>()).await;
    }
    running.stop().await;
    assert_eq!(notes.at_once_max.load(Ordering::SeqCst), 8);
    assert_eq!(notes.attempts.load(Ordering::SeqCst), 500);
}

#[tokio::test]
async fn a_world_that_is_away_holds_up_one_aggregate_only() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    let notes = Notes::ill();
    let running = Running::start(&connection, Durable { parallelism: 1, ..ALL }, &notes);
    for version in 1..=3 {
        writer.commit("retry", version, "x").await;
        writer.commit("well", version, "x").await;
    }

    notes.until("well", &[1, 2, 3]).await;
    assert_eq!(notes.of("retry"), [1]);
    notes.heal();
    notes.until("retry", &[1, 2, 3]).await;

    assert!(Parked::new(&connection).list(None, 10).await.unwrap().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn commits_without_an_event_that_matters_are_passed_over() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    let notes = Arc::new(Notes::default());
    let running = Running::start(&connection, Durable { events: &["wanted"], ..ALL }, &notes);
    writer.commit("a", 1, "wanted").await;
    writer.commit("a", 2, "wanted_not").await;
    writer.commit("a", 3, "other,wanted").await;

    notes.until("a", &[1, 3]).await;
    running.stop().await;
    assert_eq!(notes.of("a"), [1, 3]);
}

#[tokio::test]
async fn what_is_in_hand_is_finished_and_the_rest_is_left_for_the_next() {
    let site = Site::start().await;
    let (writer, connection) = (Writer::new(&site).await, site.connect(NatsUser::Sagas).await);
    for version in 1..=20 {
        writer.commit("a", version, "x").await;
    }
    let notes = Arc::new(Notes { pause: Duration::from_millis(50), ..Notes::default() });
    let first = Running::start(&connection, ALL, &notes);
    eventually("some to be handled", async || (notes.of("a").len() >= 2).then_some(())).await;
    first.stop().await;
    assert!(notes.of("a").len() < 20);

    let second = Running::start(&site.connect(NatsUser::Sagas).await, ALL, &notes);

    notes.until("a", &(1..=20).collect::<Vec<_>>()).await;
    second.stop().await;
}

#[tokio::test]
async fn a_server_killed_and_restarted_is_worked_off_in_order() {
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let notes = Arc::new(Notes { pause: Duration::from_millis(3), ..Notes::default() });
    let running = Running::start(&connection, ALL, &notes);
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
        eventually("all to be handled", async || notes.of(booking).contains(&120).then_some(())).await;
        let mut handled = notes.of(booking);
        handled.dedup();
        assert_eq!(handled, (1..=120).collect::<Vec<_>>(), "{booking}");
    }
    running.stop().await;
}
