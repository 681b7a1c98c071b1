//! Execution of commands in mailboxes and groups.

use std::time::{Duration, Instant};

use ticketshow_domain::wallet::{Refusal, Wallet};
use ticketshow_nats::{
    clock,
    executor::{
        Executor,
        outcome::{ExecuteError, Freshness},
        settings::ExecutorSettings,
    },
    failure::Failure,
    log::metadata::{Actor, Metadata},
    server::users::NatsUser,
};
use ticketshow_tests::eventually;

use crate::{
    proxy::{Fate, Proxy},
    site::{self, Site},
    wallets::*,
};

#[tokio::test]
async fn decided_events_are_in_the_log() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (executor, customer) = (executor(&connection), customer());

    let first = execute(&executor, customer, credit(customer, clock::new_id(), 500)).await.unwrap();
    let second = execute(&executor, customer, debit(customer, clock::new_id(), 200)).await.unwrap();

    assert_eq!((first.answer, first.changed), (500, true));
    assert_eq!((second.answer, second.changed), (300, true));
    assert!(second.position > first.position);
    assert_eq!(folded(&connection, customer).await.0.balance_minor(), 300);
}

#[tokio::test]
async fn a_repeat_adds_no_event_and_gets_the_same_answer() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (executor, customer) = (executor(&connection), customer());
    let command = credit(customer, clock::new_id(), 500);

    let first = execute(&executor, customer, command.clone()).await.unwrap();
    let repeat = execute(&executor, customer, command.clone()).await.unwrap();
    let elsewhere = execute(&self::executor(&connection), customer, command).await.unwrap();

    assert_eq!((repeat.answer, repeat.position, repeat.changed), (500, first.position, false));
    assert_eq!((elsewhere.answer, elsewhere.position, elsewhere.changed), (500, first.position, false));
    assert_eq!(folded(&connection, customer).await.1, 1);
}

#[tokio::test]
async fn commands_that_wait_together_are_committed_together() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (executor, customer) = (executor(&connection), customer());

    let credits = ids(1_000).iter().map(|id| credit(customer, *id, 1)).collect::<Vec<_>>();
    let answers = execute_all(&executor, customer, credits).await;

    let mut balances: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().answer).collect();
    balances.sort_unstable();
    assert!(balances.iter().copied().eq(1..=1_000), "each caller gets the balance after its own command");
    let (wallet, version) = folded(&connection, customer).await;
    assert_eq!((wallet.balance_minor(), version), (1_000, 1_000));
    let commits = commits(&connection, customer).await;
    assert!(commits <= 500, "{commits} commits");
}

#[tokio::test]
async fn two_executors_on_one_aggregate_lose_nothing() {
    let site = site::shared().await;
    let (one, other) = (site.connect(NatsUser::CommandApi).await, site.connect(NatsUser::Serve).await);
    let customer = customer();
    let half = |executor| async move {
        let credits = ids(300).iter().map(|id| credit(customer, *id, 1)).collect::<Vec<_>>();
        execute_all(&executor, customer, credits).await
    };

    let (ours, theirs) = tokio::join!(half(executor(&one)), half(executor(&other)));

    assert!(ours.iter().chain(&theirs).all(Result::is_ok));
    assert_eq!(folded(&one, customer).await.0.balance_minor(), 600);
}

#[tokio::test]
async fn a_refusal_reflects_the_latest_writes_of_others() {
    let site = site::shared().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let (one, other) = (executor(&connection), executor(&connection));
    let customer = customer();

    for round in 1..=50 {
        // Both have the wallet in memory. The first one sees it empty until it reads the credit of the other.
        let refused = execute(&one, customer, debit(customer, clock::new_id(), 1)).await;
        assert!(
            matches!(refused, Err(ExecuteError::Refused { refusal: Refusal::InsufficientFunds { .. }, .. })),
            "round {round}: {refused:?}"
        );
        let filled = execute(&other, customer, credit(customer, clock::new_id(), 1)).await.unwrap();
        let paid = execute(&one, customer, debit(customer, clock::new_id(), 1)).await.unwrap();
        assert!(paid.position > filled.position);
    }
}

#[tokio::test]
async fn a_fresh_read_sees_the_writes_of_others() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (one, other) = (executor(&connection), executor(&connection));
    let customer = customer();
    let empty = one.state::<Wallet>(&customer, Freshness::Cached).await.unwrap();
    assert_eq!((empty.position, empty.version), (0, 0));

    let filled = execute(&other, customer, credit(customer, clock::new_id(), 7)).await.unwrap();

    let cached = one.state::<Wallet>(&customer, Freshness::Cached).await.unwrap();
    assert_eq!(cached.position, 0);
    let fresh = one.state::<Wallet>(&customer, Freshness::Fresh).await.unwrap();
    assert_eq!((fresh.position, fresh.version, fresh.state.balance_minor()), (filled.position, 1, 7));
}

#[tokio::test]
async fn a_read_after_a_commit_asks_the_log_only_if_memory_lacks_it() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (one, other) = (executor(&connection), executor(&connection));
    let customer = customer();
    let first = execute(&one, customer, credit(customer, clock::new_id(), 5)).await.unwrap();
    let second = execute(&other, customer, credit(customer, clock::new_id(), 2)).await.unwrap();

    let known = one.state::<Wallet>(&customer, Freshness::Including(first.position)).await.unwrap();
    assert_eq!((known.position, known.state.balance_minor()), (first.position, 5));
    let read = one.state::<Wallet>(&customer, Freshness::Including(second.position)).await.unwrap();
    assert_eq!((read.position, read.state.balance_minor()), (second.position, 7));
}

#[tokio::test]
async fn a_first_command_meets_a_history_after_all() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (one, other) = (executor(&connection), executor(&connection));
    let customer = customer();
    let first = async |executor: &Executor, command| {
        executor.execute_first::<Wallet, _>(&customer, command, metadata(), Wallet::balance_minor).await
    };
    let id = clock::new_id();
    let filled = first(&one, credit(customer, id, 5)).await.unwrap();
    assert_eq!((filled.answer, filled.changed), (5, true));

    let repeated = first(&other, credit(customer, id, 5)).await.unwrap();
    assert_eq!((repeated.answer, repeated.changed, repeated.position), (5, false, filled.position));
    let another = executor(&connection);
    let more = first(&another, credit(customer, clock::new_id(), 3)).await.unwrap();
    assert_eq!((more.answer, more.changed), (8, true));
    let last = executor(&connection);
    let refused = first(&last, debit(customer, clock::new_id(), 9)).await;
    assert!(matches!(refused, Err(ExecuteError::Refused { position, .. }) if position == more.position));
}

#[tokio::test]
async fn a_state_is_waited_for_in_memory() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let idle = Duration::from_millis(300);
    let executor =
        executor_with(&connection, ExecutorSettings { idle, idle_long: idle, ..ExecutorSettings::default() });
    let customer = customer();
    let above = |balance| {
        executor.when::<Wallet, _>(&customer, move |seen| {
            let found = seen.state.balance_minor();
            (found > balance).then_some((found, seen.position))
        })
    };
    let command = execute(&executor, customer, credit(customer, clock::new_id(), 5));
    let (found, executed) = tokio::join!(above(4), command);
    assert_eq!(found.unwrap(), (5, executed.unwrap().position));
    assert_eq!(above(4).await.unwrap().0, 5, "it is there already");

    assert!(matches!(above(5).await, Err(Failure::Busy)), "nothing happens, and it leaves memory");
}

#[tokio::test]
async fn a_full_mailbox_rejects_commands_immediately() {
    let mut site = site::Site::start().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let settings = ExecutorSettings { mailbox_capacity: 8, ..ExecutorSettings::default() };
    let (executor, customer) = (executor_with(&connection, settings), customer());
    execute(&executor, customer, credit(customer, clock::new_id(), 1)).await.unwrap();
    site.nats.pause();

    let waiting = ids(64).iter().map(|id| credit(customer, *id, 1)).collect::<Vec<_>>();
    let waiting = tokio::spawn({
        let executor = executor.clone();
        async move { execute_all(&executor, customer, waiting).await }
    });
    let rejected_after = eventually("the mailbox to be full", async || {
        let asked = Instant::now();
        let full = {
            let attempt = execute(&executor, customer, credit(customer, clock::new_id(), 1));
            tokio::time::timeout(Duration::from_millis(20), attempt).await.ok()?
        };
        matches!(full, Err(ExecuteError::Overloaded { .. })).then(|| asked.elapsed())
    })
    .await;
    site.nats.resume();

    assert!(rejected_after < Duration::from_millis(20));
    let answers = waiting.await.unwrap();
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    let overloaded =
        answers.iter().filter(|answer| matches!(answer, Err(ExecuteError::Overloaded { .. }))).count();
    assert_eq!(done + overloaded, 64, "{answers:?}");
    assert!(done >= 8);
}

#[tokio::test]
async fn a_flood_of_requests_does_not_turn_sagas_away() {
    let mut site = site::Site::start().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let settings = ExecutorSettings { mailbox_capacity: 8, saga_places: 1, ..ExecutorSettings::default() };
    let (executor, customer) = (executor_with(&connection, settings), customer());
    execute(&executor, customer, credit(customer, clock::new_id(), 1)).await.unwrap();
    site.nats.pause();

    let flood = ids(64).iter().map(|id| credit(customer, *id, 1)).collect::<Vec<_>>();
    let flood = tokio::spawn({
        let executor = executor.clone();
        async move { execute_all(&executor, customer, flood).await }
    });
    eventually("the mailbox to be full", async || {
        let attempt = execute(&executor, customer, credit(customer, clock::new_id(), 1));
        let full = tokio::time::timeout(Duration::from_millis(20), attempt).await.ok()?;
        matches!(full, Err(ExecuteError::Overloaded { .. })).then_some(())
    })
    .await;
    let saga = Metadata { actor: Actor::Saga("payment".to_owned()), ..metadata() };
    let command = credit(customer, clock::new_id(), 1);
    let waiting = executor.execute::<Wallet, _>(&customer, command, saga, Wallet::balance_minor);
    let mut waiting = std::pin::pin!(waiting);
    let answered = tokio::time::timeout(Duration::from_millis(20), &mut waiting).await;
    assert!(answered.is_err(), "turned away: {answered:?}");
    site.nats.resume();

    waiting.await.unwrap();
    flood.await.unwrap();
}

#[tokio::test]
async fn an_idle_aggregate_leaves_memory_and_is_reloaded() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let idle = Duration::from_millis(50);
    let settings = ExecutorSettings { idle, idle_long: idle, ..ExecutorSettings::default() };
    let (executor, customer) = (executor_with(&connection, settings), customer());
    execute(&executor, customer, credit(customer, clock::new_id(), 5)).await.unwrap();
    assert_eq!(executor.in_memory::<Wallet>(), 1);

    eventually("the wallet to leave memory", async || (executor.in_memory::<Wallet>() == 0).then_some(()))
        .await;

    let back = execute(&executor, customer, debit(customer, clock::new_id(), 2)).await.unwrap();
    assert_eq!(back.answer, 3);
}

#[tokio::test]
async fn a_group_is_split_before_a_commit_grows_too_large() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (executor, customer) = (executor(&connection), customer());
    let long = "x".repeat(60_000);

    let credits =
        ids(20).iter().map(|id| credit_because(customer, *id, 1, Some(long.clone()))).collect::<Vec<_>>();
    let answers = execute_all(&executor, customer, credits).await;

    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(folded(&connection, customer).await.0.balance_minor(), 20);
    let history = ticketshow_nats::log::history::Log::new(&connection)
        .history("wallet", &customer.to_string())
        .await
        .unwrap();
    assert!(history.iter().all(|commit| commit.payload.len() <= 256 * 1024));
    assert!(history.iter().any(|commit| commit.len() == 4), "a commit takes as many commands as fit");
}

#[tokio::test]
async fn a_command_with_too_large_events_fails_alone() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let (executor, customer) = (executor(&connection), customer());

    let credits = [10, 250_000, 300_000, 10]
        .map(|length| credit_because(customer, clock::new_id(), 1, Some("x".repeat(length))));
    let answers = execute_all(&executor, customer, credits).await;

    let too_large = |answer: &Answered| matches!(answer, Err(ExecuteError::Unavailable(Failure::TooLarge { bytes, max })) if bytes > max);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert_eq!(answers.iter().filter(|answer| too_large(answer)).count(), 1);
    assert_eq!(folded(&connection, customer).await.0.balance_minor(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn catching_up_with_another_process_takes_few_requests() {
    const COMMITS: u64 = 3_000;
    let site = Site::start().await;
    let proxy = Proxy::start(&site, |_: &str| Fate::Unchanged).await;
    let busy = executor(&site.connect(NatsUser::CommandApi).await);
    let other = executor(&site.connect_at(&proxy.url(), NatsUser::Sagas).await);
    let customer = customer();
    execute(&busy, customer, credit(customer, clock::new_id(), 1)).await.unwrap();
    other.state::<Wallet>(&customer, Freshness::Fresh).await.unwrap();
    for _ in 0..COMMITS {
        // One after the other, so that each is a commit of its own.
        execute(&busy, customer, credit(customer, clock::new_id(), 1)).await.unwrap();
    }
    proxy.take_requests();

    let seen = other.state::<Wallet>(&customer, Freshness::Fresh).await.unwrap();

    assert_eq!(seen.version, COMMITS + 1);
    let requests = proxy.take_requests().iter().filter(|subject| subject.starts_with("$JS.API.")).count();
    assert!(requests < 40, "{requests} requests for {COMMITS} commits");
}
