//! Reading of the log.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use ticketshow_nats::{
    consumers::in_order::read_models_consumer,
    executor::outcome::ExecuteError,
    failure::Failure,
    log::{envelope::Commit, history::Log},
    server::users::NatsUser,
};

use crate::{
    commits::Writer,
    proxy::{Fate, Proxy, lagging, losing_once},
    site::{self, Site},
    wallets::*,
};

async fn take(stream: &mut (impl Stream<Item = Result<Commit, Failure>> + Unpin), count: usize) -> Vec<u64> {
    let mut positions = Vec::new();
    while positions.len() < count {
        let next = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
        positions.push(next.expect("a commit within 20 s").unwrap().unwrap().position);
    }
    positions
}

#[tokio::test]
async fn a_range_of_the_log_is_read_to_its_end() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    for version in 1..=30 {
        writer.commit("a", version, "x").await;
    }
    let log = Log::new(&site.connect(NatsUser::QueryApi).await);

    let read = async |after, up_to| {
        log.read(after, up_to).map(|commit| commit.unwrap().position).collect::<Vec<_>>().await
    };

    assert_eq!(read(0, 30).await, (1..=30).collect::<Vec<_>>());
    assert_eq!(read(10, 12).await, [11, 12]);
    assert_eq!(read(12, 12).await, [0; 0]);
    assert_eq!(log.last_position().await.unwrap(), 30);
    assert!(log.bytes().await.unwrap() > 0);
    assert_eq!(log.commit_at(7).await.unwrap().unwrap().first_version, 7);
    assert!(log.commit_at(31).await.unwrap().is_none());
    assert!(log.commit_at(0).await.unwrap().is_none());
}

#[tokio::test]
async fn a_live_reader_survives_restarts_without_gaps_or_repeats() {
    let mut site = Site::start().await;
    for version in 1..=5 {
        Writer::new(&site).await.commit("old", version, "x").await;
    }
    let connection = site.connect(NatsUser::CommandApi).await;
    let mut tail = Box::pin(Log::new(&connection).tail(5, &["tix.booking.a", "tix.wallet.>"]).await.unwrap());

    // It has read nothing yet, and must not restart at the first commit.
    site.nats.kill();
    site.nats.restart().await;
    let mut expected = Vec::new();
    for round in 0..3 {
        let writer = Writer::new(&site).await;
        for version in 1..=10 {
            expected.push(writer.commit("a", round * 10 + version, "x").await);
            writer.commit("b", round * 10 + version, "x").await;
        }
        assert_eq!(take(&mut tail, 10).await, expected);
        expected.clear();
        site.nats.kill();
        site.nats.restart().await;
    }
}

#[tokio::test]
async fn a_follower_that_parses_on_demand_gets_past_what_it_does_not_need() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    let log = Log::new(&site.connect(NatsUser::CommandApi).await);
    let mut tail = Box::pin(log.tail_unparsed(0, &["tix.booking.>"]).await.unwrap());
    let written = [
        writer.commit("a", 1, "x").await,
        writer.write("b", "x", "no commit".to_owned()).await,
        writer.commit("a", 2, "x").await,
    ];
    let mut seen = Vec::new();
    for _ in written {
        let next = tokio::time::timeout(Duration::from_secs(20), tail.next()).await;
        let commit = next.expect("a message within 20 s").unwrap().unwrap();
        let version = commit.parse().map(|parsed| parsed.first_version);
        seen.push((commit.position, commit.id().to_owned(), version.ok()));
    }
    let [first, foreign, second] = written;
    let named = |position, id: &str, version| (position, id.to_owned(), version);
    assert_eq!(seen, [named(first, "a", Some(1)), named(foreign, "b", None), named(second, "a", Some(2))]);
}

#[tokio::test]
async fn names_with_wildcards_match_no_history() {
    let connection = site::shared().await.connect(NatsUser::QueryApi).await;
    let log = Log::new(&connection);
    let writing = site::shared().await.connect(NatsUser::CommandApi).await;
    let customer = customer();
    execute(&executor(&writing), customer, credit(customer, ticketshow_nats::clock::new_id(), 1))
        .await
        .unwrap();

    assert_eq!(log.history("wallet", &customer.to_string()).await.unwrap().len(), 1);
    for (aggregate, id) in [("wallet", "*"), ("*", "*"), ("wallet", ">"), ("wallet", ""), ("wallet", "a b")] {
        assert!(log.history(aggregate, id).await.unwrap().is_empty(), "{aggregate} {id}");
    }
}

#[tokio::test]
async fn a_replica_that_lags_is_not_taken_for_another_log() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    let positions = [writer.commit("a", 1, "x").await, writer.commit("a", 2, "x").await];
    let proxy = Proxy::start(&site, lagging(positions[0])).await;
    let log = Log::new(&site.connect_at(&proxy.url(), NatsUser::Projectors).await);

    let replicated = log.history("booking", "a").await.unwrap();
    assert_eq!(replicated.last().unwrap().position, positions[0], "the replica lags");
    assert_eq!(log.commit_at(positions[1]).await.unwrap().unwrap().first_version, 2);
}

#[tokio::test]
async fn headers_that_were_stored_with_a_message_do_not_move_it() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    writer.commit("a", 1, "x").await;
    let forged = [("Nats-Sequence", "1"), ("Nats-Last-Sequence", "7"), ("Nats-Subject", "tix.booking.b")];
    writer.commit_with("a", 2, &forged).await;
    writer.commit("a", 3, "x").await;
    let log = Log::new(&site.connect(NatsUser::QueryApi).await);

    let read = async || {
        let mut positions = Vec::new();
        loop {
            let after = positions.last().copied().unwrap_or(0);
            match log.history_page("booking", "a", after, 2).await.unwrap().as_slice() {
                [] => break positions,
                page => positions.extend(page.iter().map(|commit| commit.position)),
            }
        }
    };
    let positions = tokio::time::timeout(Duration::from_secs(20), read()).await.expect("the history ends");
    assert_eq!(positions, [1, 2, 3]);
}

#[tokio::test]
async fn a_page_that_does_not_advance_is_an_error() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    writer.commit("a", 1, "x").await;
    writer.commit("a", 2, "x").await;
    let repeating = |headers: &str| {
        let repeated = headers.contains("Nats-Subject: tix.booking.a");
        let first = "NATS/1.0\r\nNats-Subject: tix.booking.a\r\nNats-Sequence: 1\r\n\r\n";
        if repeated { Fate::Replaced(first.to_owned()) } else { Fate::Unchanged }
    };
    let proxy = Proxy::start(&site, repeating).await;
    let log = Log::new(&site.connect_at(&proxy.url(), NatsUser::QueryApi).await);

    let page = log.history_page("booking", "a", 1, 100).await;

    assert!(matches!(page, Err(Failure::Backwards { from: 2, sequence: 1 })), "{page:?}");
}

#[tokio::test]
async fn a_commit_on_the_subject_of_another_aggregate_is_unreadable_for_every_reader() {
    let site = Site::start().await;
    let writing = site.connect(NatsUser::CommandApi).await;
    let (rich, poor) = (customer(), customer());
    execute(&executor(&writing), rich, credit(rich, ticketshow_nats::clock::new_id(), 100)).await.unwrap();
    let connection = site.connect(NatsUser::Projectors).await;
    let log = Log::new(&connection);
    let credited = log.commit_at(1).await.unwrap().unwrap();
    let copy = Writer::new(&site).await.store(&format!("tix.wallet.{poor}"), credited.payload.clone()).await;

    let unreadable =
        |read: Result<_, Failure>| assert!(matches!(read, Err(Failure::Unreadable(_))), "{read:?}");
    unreadable(log.history("wallet", &poor.to_string()).await.map(drop));
    unreadable(log.commit_at(copy).await.map(drop));
    unreadable(log.page_of("wallet", 1).await.map(drop));
    unreadable(log.history_end("wallet", &poor.to_string(), 0).await.map(drop));
    unreadable(log.read(1, copy).map(|commit| commit.map(drop)).boxed().next().await.unwrap());
    let mut tail = log.tail(1, &["tix.wallet.>"]).await.unwrap().boxed();
    unreadable(tail.next().await.unwrap().map(drop));
    let mut reader = read_models_consumer(&connection, 1).await.unwrap();
    unreadable(reader.next(1).await.map(drop));
    // The money belongs to no one.
    let spent = execute(&executor(&writing), poor, credit(poor, ticketshow_nats::clock::new_id(), 1)).await;
    assert!(matches!(spent, Err(ExecuteError::Unavailable(Failure::Unreadable(_)))), "{spent:?}");
}

#[tokio::test]
async fn a_page_that_lost_a_message_on_its_way_has_no_hole() {
    let site = Site::start().await;
    let writer = Writer::new(&site).await;
    for version in 1..=5 {
        writer.commit("a", version, "x").await;
    }
    let page = async |lost| {
        let proxy = Proxy::start(&site, losing_once(lost)).await;
        let log = Log::new(&site.connect_at(&proxy.url(), NatsUser::QueryApi).await);
        let page = log.history_page("booking", "a", 0, 100).await.unwrap();
        page.iter().map(|commit| commit.first_version).collect::<Vec<_>>()
    };

    for lost in [1, 3, 5] {
        assert_eq!(page(lost).await, [1, 2, 3, 4, 5], "{lost} was lost");
    }
}
