//! The log guard.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::StreamExt;
use ticketshow_domain::{Policy, UserId, wallet::Wallet};
use ticketshow_nats::{
    clock,
    executor::{
        Executor,
        outcome::{ExecuteError, Freshness},
    },
    failure::Failure,
    guard::{
        gate::{Gate, GateState},
        log_guard::{AcceptError, LogMark, accept_log, guard_log},
    },
    log::history::Log,
    server::{connection::Connection, users::NatsUser},
};
use ticketshow_tests::{Folder, eventually};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    commits::Writer,
    consumers::subscription::{ALL, Recorder, Running},
    site::Site,
    wallets::*,
};

/// Stops the server and puts the data of a backup in the place of its own.
async fn restore(site: &mut Site, backup: &Path) {
    site.nats.kill();
    fs::remove_dir_all(&site.nats.place().store).unwrap();
    copy(backup, &site.nats.place().store);
    site.nats.restart().await;
}

/// Replacement for the mark in the tables of an installation.
type Mark = Arc<Mutex<Result<Option<LogMark>, &'static str>>>;

struct Guarded {
    connection: Connection,
    executor: Executor,
    gate: Gate,
    mark: Mark,
    customer: UserId,
    _stop: DropGuard,
}

impl Guarded {
    async fn start(site: &Site, mark: Result<Option<LogMark>, &'static str>) -> Self {
        let connection = site.connect(NatsUser::CommandApi).await;
        let (gate, mark) = (Gate::checking(), Arc::new(Mutex::new(mark)));
        let stop = CancellationToken::new();
        tokio::spawn({
            let (connection, gate, mark, stop) =
                (connection.clone(), gate.clone(), Arc::clone(&mark), stop.clone());
            async move {
                let read = || std::future::ready(mark.lock().unwrap().map_err(Into::into));
                guard_log(&connection, &gate, read, stop).await;
            }
        });
        let executor = Executor::new(&connection, Policy::default(), gate.clone());
        Self { connection, executor, gate, mark, customer: customer(), _stop: stop.drop_guard() }
    }

    /// Credits the wallet `count` times and updates the mark.
    async fn write(&self, count: usize) {
        for _ in 0..count {
            self.credit().await.unwrap();
        }
        let log = Log::new(&self.connection);
        let last = log.commit_at(log.last_position().await.unwrap()).await.unwrap().unwrap();
        *self.mark.lock().unwrap() = Ok(Some(LogMark::of(&last)));
    }

    async fn credit(&self) -> Answered {
        execute(&self.executor, self.customer, credit(self.customer, clock::new_id(), 1)).await
    }

    async fn balance(&self) -> i64 {
        let seen = self.executor.state::<Wallet>(&self.customer, Freshness::Fresh).await;
        seen.unwrap().state.balance_minor()
    }

    async fn until(&self, state: GateState) {
        eventually(&format!("the gate to be {state:?}"), async || (self.gate.state() == state).then_some(()))
            .await;
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_truncated_log_is_not_written_to_until_it_is_accepted() {
    let mut site = Site::start().await;
    let guarded = Guarded::start(&site, Ok(None)).await;
    let backup = Folder::new("backup");
    guarded.write(5).await;
    site.nats.stop();
    copy(&site.nats.place().store, backup.path());
    site.nats.restart().await;
    guarded.write(5).await;

    restore(&mut site, backup.path()).await;

    guarded.until(GateState::Diverged { seen: 10, last: 5 }).await;
    assert!(matches!(guarded.credit().await, Err(ExecuteError::LogDiverged)));
    assert_eq!(guarded.balance().await, 5, "reads continue and show the truncated log");
    let provisioner = site.connect(NatsUser::Provision).await;
    let wrong = accept_log(&provisioner, 10).await;
    assert!(matches!(wrong, Err(AcceptError::NotTheEnd { at: 10, last: 5 })), "{wrong:?}");

    accept_log(&provisioner, 5).await.unwrap();
    let last = Log::new(&guarded.connection).commit_at(5).await.unwrap().unwrap();
    *guarded.mark.lock().unwrap() = Ok(Some(LogMark::of(&last)));

    guarded.until(GateState::Open).await;
    guarded.write(1).await;
    assert_eq!(guarded.balance().await, 6);
}

#[tokio::test]
async fn another_log_of_the_same_length_is_not_written_to() {
    let mut site = Site::start().await;
    let guarded = Guarded::start(&site, Ok(None)).await;
    guarded.write(3).await;
    let other = Site::start().await;
    let elsewhere = Guarded::start(&other, Ok(None)).await;
    elsewhere.write(4).await;
    let mut other = other;
    other.nats.stop();

    restore(&mut site, &other.nats.place().store).await;

    guarded.until(GateState::Diverged { seen: 3, last: 4 }).await;
    assert!(matches!(guarded.credit().await, Err(ExecuteError::LogDiverged)));
}

#[tokio::test]
async fn no_commit_is_written_before_the_log_was_compared() {
    let mut site = Site::start().await;
    let guarded = Guarded::start(&site, Err("the database is unavailable")).await;
    let waiting = guarded.credit().await;
    assert!(matches!(waiting, Err(ExecuteError::Unavailable(Failure::Guarded))), "{waiting:?}");
    assert_eq!(guarded.gate.state(), GateState::Checking);

    *guarded.mark.lock().unwrap() = Ok(None);
    guarded.until(GateState::Open).await;
    guarded.write(1).await;

    // The gate closes when the server is lost and opens by itself after a reconnect.
    site.nats.kill();
    guarded.until(GateState::Checking).await;
    let lost = tokio::time::timeout(Duration::from_secs(4), guarded.credit()).await.unwrap();
    assert!(matches!(lost, Err(ExecuteError::Unavailable(_))), "{lost:?}");
    site.nats.restart().await;
    guarded.until(GateState::Open).await;
    guarded.write(1).await;
    assert_eq!(guarded.balance().await, 2);
}

#[tokio::test]
async fn commits_after_an_accepted_truncation_are_each_handled_by_running_subscriptions() {
    let mut site = Site::start().await;
    let backup = Folder::new("backup");
    let sagas = site.connect(NatsUser::Sagas).await;
    let recorder = Arc::new(Recorder::default());
    let running = Running::start(&sagas, ALL, &recorder);
    let mut tail = Box::pin(Log::new(&sagas).tail(0, &["tix.booking.>"]).await.unwrap());
    Writer::new(&site).await.commit("before", 1, "x").await;
    recorder.until("before", &[1]).await;
    tail.next().await.unwrap().unwrap();
    site.nats.stop();
    copy(&site.nats.place().store, backup.path());
    site.nats.restart().await;
    let writer = Writer::new(&site).await;
    for booking in 0..10 {
        writer.commit(&format!("lost{booking}"), 1, "x").await;
        recorder.until(&format!("lost{booking}"), &[1]).await;
        tail.next().await.unwrap().unwrap();
    }

    restore(&mut site, backup.path()).await;
    accept_log(&site.connect(NatsUser::Provision).await, 1).await.unwrap();

    let writer = Writer::new(&site).await;
    for booking in 0..10 {
        writer.commit(&format!("new{booking}"), 1, "x").await;
    }
    for booking in 0..10 {
        recorder.until(&format!("new{booking}"), &[1]).await;
    }
    running.stop().await;
    let replaced = tail.next().await.unwrap();
    assert!(matches!(replaced, Err(Failure::OtherLog)), "{replaced:?}");
}

#[tokio::test]
async fn a_reconnect_without_the_database_does_not_stop_writes_but_another_log_does() {
    let mut site = Site::start().await;
    let guarded = Guarded::start(&site, Ok(None)).await;
    guarded.until(GateState::Open).await;
    let backup = Folder::new("backup");
    guarded.write(3).await;
    site.nats.stop();
    copy(&site.nats.place().store, backup.path());
    site.nats.restart().await;
    guarded.until(GateState::Open).await;
    guarded.write(2).await;
    // The guard reads the mark of position 5 after this reconnect, and never again.
    site.nats.kill();
    guarded.until(GateState::Checking).await;
    site.nats.restart().await;
    guarded.until(GateState::Open).await;
    *guarded.mark.lock().unwrap() = Err("the database is unavailable");

    site.nats.kill();
    guarded.until(GateState::Checking).await;
    site.nats.restart().await;
    guarded.until(GateState::Open).await;
    guarded.credit().await.unwrap();

    restore(&mut site, backup.path()).await;
    guarded.until(GateState::Diverged { seen: 5, last: 3 }).await;
    assert!(matches!(guarded.credit().await, Err(ExecuteError::LogDiverged)));
}
