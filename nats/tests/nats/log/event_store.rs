//! The `cqrs-es` framework on the log.

use cqrs_es::{AggregateError, CqrsFramework, EventStore as _};
use ticketshow_domain::{
    Context, Policy,
    wallet::{Refusal, Wallet},
};
use ticketshow_nats::{clock, guard::gate::Gate, log::event_store::EventStore, server::users::NatsUser};

use crate::{
    site,
    wallets::{credit, customer, debit, folded},
};

fn context() -> Context {
    Context { now: clock::now(), policy: Policy::default() }
}

#[tokio::test]
async fn the_framework_executes_commands_on_the_log() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let store = EventStore::new(&connection, Gate::open());
    let framework = CqrsFramework::<Wallet, _>::new(store.clone(), Vec::new(), context());
    let customer = customer();
    let id = customer.to_string();

    framework.execute(&id, credit(customer, clock::new_id(), 500)).await.unwrap();
    framework.execute(&id, debit(customer, clock::new_id(), 200)).await.unwrap();
    let refused = framework.execute(&id, debit(customer, clock::new_id(), 400)).await;

    assert!(matches!(refused, Err(AggregateError::UserError(Refusal::InsufficientFunds { .. }))));
    let events = cqrs_es::EventStore::<Wallet>::load_events(&store, &id).await.unwrap();
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(folded(&connection, customer).await.0.balance_minor(), 300);
}

#[tokio::test]
async fn a_lost_race_is_a_conflict() {
    let connection = site::shared().await.connect(NatsUser::CommandApi).await;
    let store = EventStore::new(&connection, Gate::open());
    let customer = customer();
    let id = customer.to_string();
    let stale = cqrs_es::EventStore::<Wallet>::load_aggregate(&store, &id).await.unwrap();

    let framework = CqrsFramework::<Wallet, _>::new(store.clone(), Vec::new(), context());
    framework.execute(&id, credit(customer, clock::new_id(), 500)).await.unwrap();
    let event = cqrs_es::EventStore::<Wallet>::load_events(&store, &id).await.unwrap().remove(0).payload;
    let late = store.commit(vec![event], stale, std::collections::HashMap::new()).await;

    assert!(matches!(late, Err(AggregateError::AggregateConflict)));
}
