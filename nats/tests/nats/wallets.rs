//! Wallets as test subjects: the balance reveals lost and duplicated credits.

use std::sync::Arc;

use ticketshow_domain::{
    BookingId, Currency, Money, Policy, UserId,
    wallet::{Command, EntryKind, Reference, Refusal, Wallet},
};
use ticketshow_nats::{
    clock,
    executor::{
        Executor,
        outcome::{ExecuteError, Executed},
        settings::ExecutorSettings,
    },
    guard::gate::Gate,
    log::{
        history::Log,
        metadata::{Actor, Metadata},
    },
    server::connection::Connection,
};
use uuid::Uuid;

pub type Answered = Result<Executed<i64>, ExecuteError<Refusal>>;

/// An executor that publishes a batch when sixteen commits wait, however fast the disk is.
pub fn executor(connection: &Connection) -> Executor {
    executor_with(connection, ExecutorSettings { batch_from: Some(16), ..ExecutorSettings::default() })
}

pub fn executor_with(connection: &Connection, settings: ExecutorSettings) -> Executor {
    Executor::with_settings(connection, Policy::default(), Gate::open(), settings)
}

pub fn metadata() -> Metadata {
    Metadata {
        time: clock::now(),
        actor: Actor::System,
        correlation: clock::new_id(),
        causation: None,
        trace: None,
    }
}

pub fn customer() -> UserId {
    UserId(clock::new_id())
}

pub fn inr(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::INR }
}

pub fn credit(customer: UserId, id: Uuid, amount_minor: i64) -> Command {
    credit_because(customer, id, amount_minor, None)
}

pub fn credit_because(customer: UserId, id: Uuid, amount_minor: i64, reason: Option<String>) -> Command {
    let reference = Reference { kind: EntryKind::Credit, id };
    Command::CreditWallet { customer, reference, amount: inr(amount_minor), booking: None, reason }
}

pub fn debit(customer: UserId, id: Uuid, amount_minor: i64) -> Command {
    let reference = Reference { kind: EntryKind::Payment, id };
    Command::DebitWallet { customer, reference, amount: inr(amount_minor), booking: BookingId(id) }
}

/// Executes a command and returns the balance.
pub async fn execute(executor: &Executor, customer: UserId, command: Command) -> Answered {
    executor.execute::<Wallet, _>(&customer, command, metadata(), Wallet::balance_minor).await
}

/// Executes all commands concurrently.
pub async fn execute_all(
    executor: &Executor,
    customer: UserId,
    commands: impl IntoIterator<Item = Command>,
) -> Vec<Answered> {
    let tasks: Vec<_> = commands
        .into_iter()
        .map(|command| {
            let executor = executor.clone();
            tokio::spawn(async move { execute(&executor, customer, command).await })
        })
        .collect();
    let mut answers = Vec::with_capacity(tasks.len());
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Folds the wallet from the log and returns its version. Panics if the versions have a gap.
pub async fn folded(connection: &Connection, customer: UserId) -> (Wallet, u64) {
    let commits = Log::new(connection).history("wallet", &customer.to_string()).await.unwrap();
    let mut wallet = Wallet::default();
    let mut version = 0;
    for commit in &commits {
        assert_eq!(commit.first_version, version + 1, "versions have no gap");
        commit.apply_to(&mut wallet).unwrap();
        version = commit.last_version();
    }
    (wallet, version)
}

/// Counts the commits of a wallet.
pub async fn commits(connection: &Connection, customer: UserId) -> usize {
    Log::new(connection).history("wallet", &customer.to_string()).await.unwrap().len()
}

/// Creates `count` ids.
pub fn ids(count: usize) -> Arc<[Uuid]> {
    (0..count).map(|_| clock::new_id()).collect()
}
