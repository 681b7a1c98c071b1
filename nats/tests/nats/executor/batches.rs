//! Group commit across aggregates: commits that wait together are stored together, and each writer gets the answer to its own.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_domain::UserId;
use ticketshow_nats::{
    clock,
    executor::{Executor, outcome::ExecuteError},
    log::history::Log,
    server::{
        connection::{Connection, Settings},
        staging::stage_batches_in_memory,
        topology::provision,
        users::NatsUser,
    },
};
use ticketshow_tests::{Nats, eventually};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    executor::crashes::{self, Proxy},
    site::{self, Site},
    wallets::*,
};

/// A server without users, whose messages can be looked at.
struct Case {
    nats: Nats,
    raw: async_nats::Client,
    connection: Connection,
}

impl Case {
    async fn start() -> Self {
        let nats = Nats::start().await;
        let raw = async_nats::connect(nats.url()).await.unwrap();
        let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
        let connection = Connection::open(&settings).await.unwrap();
        provision(&connection, &site::small()).await.unwrap();
        Self { nats, raw, connection }
    }

    async fn ask(&self, call: &str, question: Value) -> Value {
        let answer = self.raw.request(format!("$JS.API.{call}"), question.to_string().into()).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(answer["error"], Value::Null);
        answer
    }

    /// Number of commits after `position` that were stored as parts of batches.
    async fn batched(&self, position: u64) -> usize {
        let last = Log::new(&self.connection).last_position().await.unwrap();
        let mut batched = 0;
        for sequence in position + 1..=last {
            let stored = self.ask("STREAM.MSG.GET.EVENTS", json!({ "seq": sequence })).await;
            let headers = stored["message"]["hdrs"].as_str().unwrap();
            // "Nats-Batch-Id" in Base64, at each of the three alignments.
            let found = ["TmF0cy1CYXRjaC1J", "5hdHMtQmF0Y2gtS", "OYXRzLUJhdGNoLU"];
            batched += usize::from(found.iter().any(|part| headers.contains(part)));
        }
        batched
    }

    async fn allow_batches(&self, allowed: bool) {
        let mut config = self.ask("STREAM.INFO.EVENTS", json!({})).await["config"].take();
        config["allow_atomic"] = allowed.into();
        self.ask("STREAM.UPDATE.EVENTS", config).await;
    }

    async fn allows_batches(&self) -> bool {
        self.ask("STREAM.INFO.EVENTS", json!({})).await["config"]["allow_atomic"] == true
    }
}

fn customers(count: usize) -> Vec<UserId> {
    (0..count).map(|_| customer()).collect()
}

/// Credits one unit to every customer, all at the same time. The answers are in the order of the customers.
async fn credit_each(executor: &Executor, customers: &[UserId]) -> Vec<Answered> {
    let mut credits = JoinSet::new();
    for (place, customer) in customers.iter().copied().enumerate() {
        let executor = executor.clone();
        credits.spawn(async move {
            (place, execute(&executor, customer, credit(customer, clock::new_id(), 1)).await)
        });
    }
    let mut answers = credits.join_all().await;
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Checks that the last commit of each customer is at the position of its answer and left `balance`.
async fn check(connection: &Connection, customers: &[UserId], answers: &[Answered], balance: i64) {
    for (customer, answer) in customers.iter().zip(answers) {
        let answer = answer.as_ref().unwrap();
        assert_eq!((answer.answer, answer.changed), (balance, true));
        let history = Log::new(connection).history("wallet", &customer.to_string()).await.unwrap();
        assert_eq!(history.last().unwrap().position, answer.position);
        assert_eq!(folded(connection, *customer).await.0.balance_minor(), balance);
    }
}

/// Credits 200 wallets and counts the commits that travelled in batches.
async fn batched_credits(case: &Case) -> usize {
    let (executor, customers) = (executor(&case.connection), customers(200));
    let before = Log::new(&case.connection).last_position().await.unwrap();
    for answer in credit_each(&executor, &customers).await {
        answer.unwrap();
    }
    case.batched(before).await
}

#[tokio::test]
async fn batches_are_staged_in_memory_until_the_server_starts_again() {
    let mut case = Case::start().await;
    for _ in 0..2 {
        assert!(batched_credits(&case).await > 0, "on disk");
        assert!(stage_batches_in_memory(case.nats.store()).unwrap());
        let staged = case.nats.store().join("jetstream/$G/streams/EVENTS/batches");
        let mails = case.nats.store().join("jetstream/$G/streams/MAILS/batches");
        for folder in [&staged, &mails] {
            assert!(folder.read_link().unwrap().starts_with("/dev/shm"));
        }
        assert!(stage_batches_in_memory(case.nats.store()).unwrap(), "twice is no error");
        assert!(batched_credits(&case).await > 0, "in memory");
        assert_eq!(staged.read_dir().unwrap().count(), 0, "what was stored is no longer staged");
        case.nats.restart().await;
        assert!(!staged.exists());
        eventually("the connection to be back", async || {
            Log::new(&case.connection).last_position().await.ok()
        })
        .await;
    }
    assert_eq!(Log::new(&case.connection).last_position().await.unwrap(), 800);
}

#[tokio::test]
async fn commits_that_wait_together_travel_together_and_learn_their_own_positions() {
    let case = Case::start().await;
    let (executor, customers) = (executor(&case.connection), customers(200));

    for balance in 1..=3 {
        let answers = credit_each(&executor, &customers).await;
        check(&case.connection, &customers, &answers, balance).await;
    }

    let batched = case.batched(0).await;
    assert!(batched > 300, "{batched} of 600 commits");
}

#[tokio::test]
async fn few_commits_are_published_one_by_one() {
    let case = Case::start().await;
    let (executor, customers) = (executor(&case.connection), customers(15));

    let answers = credit_each(&executor, &customers).await;

    check(&case.connection, &customers, &answers, 1).await;
    assert_eq!(case.batched(0).await, 0);
}

#[tokio::test]
async fn a_conflict_inside_a_batch_affects_only_the_commit_that_lost_the_race() {
    let case = Case::start().await;
    let (one, other) = (executor(&case.connection), executor(&case.connection));
    let customers = customers(64);
    credit_each(&one, &customers).await;
    let (contended, rest) = customers.split_at(3);
    credit_each(&other, contended).await;

    // The first executor still has the balances of before in memory.
    let answers = credit_each(&one, &customers).await;

    check(&case.connection, contended, &answers[..3], 3).await;
    check(&case.connection, rest, &answers[3..], 2).await;

    let before = Log::new(&case.connection).last_position().await.unwrap();
    credit_each(&one, &customers).await;
    let batched = case.batched(before).await;
    assert!((1..=rest.len()).contains(&batched), "{batched}: contended aggregates travel alone from now on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_with_batches_on_the_same_aggregates_lose_nothing() {
    const ROUNDS: i64 = 5;
    let site = site::shared().await;
    let (one, other) = (site.connect(NatsUser::CommandApi).await, site.connect(NatsUser::Sagas).await);
    let customers = customers(40);
    let credits = |executor: Executor| {
        let customers = customers.clone();
        async move {
            for _ in 0..ROUNDS {
                for answer in credit_each(&executor, &customers).await {
                    answer.unwrap();
                }
            }
        }
    };

    tokio::join!(credits(executor(&one)), credits(executor(&other)));

    for customer in customers {
        assert_eq!(folded(&one, customer).await.0.balance_minor(), 2 * ROUNDS);
    }
}

#[tokio::test]
async fn a_batch_with_a_lost_acknowledgement_is_stored_once() {
    let site = site::shared().await;
    let proxy = Proxy::to(site.nats.place().port).await;
    let connection = site.connect_at(&proxy.url(), NatsUser::CommandApi).await;
    let (executor, customers) = (executor(&connection), customers(100));
    credit_each(&executor, &customers).await;

    proxy.lose_answers();
    let asked = tokio::spawn({
        let (executor, customers) = (executor.clone(), customers.clone());
        async move { credit_each(&executor, &customers).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    proxy.recover();

    let direct = site.connect(NatsUser::CommandApi).await;
    check(&direct, &customers, &asked.await.unwrap(), 2).await;
}

#[tokio::test]
async fn commits_near_the_largest_size_travel_in_several_batches() {
    let case = Case::start().await;
    let executor = executor(&case.connection);
    let customers = customers(24);
    let reason = || Some("r".repeat(200));
    credit_each(&executor, &customers).await;

    let mut all = JoinSet::new();
    for customer in customers.clone() {
        let credits: Vec<_> = ids(512).iter().map(|id| credit_because(customer, *id, 1, reason())).collect();
        let executor = executor.clone();
        all.spawn(async move { execute_all(&executor, customer, credits).await });
    }
    assert!(all.join_all().await.iter().flatten().all(Result::is_ok));

    let info = case.ask("STREAM.INFO.EVENTS", json!({})).await;
    assert!(info["state"]["bytes"].as_u64().unwrap() > 5 << 20, "more than one batch may have");
    for customer in customers {
        assert_eq!(folded(&case.connection, customer).await.0.balance_minor(), 513);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_the_middle_of_batches_loses_no_acknowledged_commit() {
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let (executor, customers) = (executor(&connection), customers(48));
    let stop = CancellationToken::new();
    let load = tokio::spawn({
        let (customers, stop) = (customers.clone(), stop.clone());
        async move { crashes::load(&executor, &customers, stop).await }
    });

    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        site.nats.kill();
        site.nats.restart().await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    stop.cancel();
    let acknowledged = load.await.unwrap();

    assert!(acknowledged.len() > 500, "only {} credits", acknowledged.len());
    crashes::check(&connection, &customers, &acknowledged).await;
}

/// As in a power cut, which leaves what was synced and empties the memory in which batches are staged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_loses_its_staged_batches_loses_no_acknowledged_commit() {
    let mut site = Site::start().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let (executor, customers) = (executor(&connection), customers(48));
    let stop = CancellationToken::new();
    let load = tokio::spawn({
        let (customers, stop) = (customers.clone(), stop.clone());
        async move { crashes::load(&executor, &customers, stop).await }
    });

    for _ in 0..3 {
        // A batch on disk may be under way.
        let staged = async || stage_batches_in_memory(site.nats.store()).unwrap().then_some(());
        eventually("batches to be staged in memory", staged).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        site.nats.kill();
        let batches = site.nats.store().join("jetstream/LOG/streams/EVENTS/batches");
        let memory = batches.read_link().unwrap();
        for batch in memory.read_dir().unwrap() {
            std::fs::remove_dir_all(batch.unwrap().path()).unwrap();
        }
        site.nats.restart().await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    stop.cancel();
    let acknowledged = load.await.unwrap();

    assert!(acknowledged.len() > 500, "only {} credits", acknowledged.len());
    crashes::check(&connection, &customers, &acknowledged).await;
}

#[tokio::test]
async fn a_stream_of_a_version_without_batches_is_written_to_and_updated() {
    let case = Case::start().await;
    case.allow_batches(false).await;
    let (executor, customers) = (executor(&case.connection), customers(100));

    case.connection.check_topology().await.unwrap();
    let answers = credit_each(&executor, &customers).await;
    check(&case.connection, &customers, &answers, 1).await;
    assert_eq!(case.batched(0).await, 0);

    provision(&case.connection, &site::small()).await.unwrap();
    assert!(case.allows_batches().await);
}

#[tokio::test]
async fn batches_to_a_server_that_is_gone_fail_within_the_time_of_an_append() {
    let mut case = Case::start().await;
    let (executor, customers) = (executor(&case.connection), customers(100));
    credit_each(&executor, &customers).await;

    case.nats.pause();
    let began = tokio::time::Instant::now();
    let answers = credit_each(&executor, &customers).await;
    case.nats.resume();

    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(answers.iter().all(|answer| matches!(answer, Err(ExecuteError::Unavailable(_)))));
    // The sent messages may be stored by now, but only once.
    for customer in customers {
        assert!(folded(&case.connection, customer).await.1 <= 2);
    }
}
