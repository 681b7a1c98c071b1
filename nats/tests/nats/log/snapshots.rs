//! Snapshots of long histories.

use async_nats::{ConnectOptions, jetstream};
use ticketshow_domain::wallet::Wallet;
use ticketshow_nats::{executor::outcome::Freshness, server::users::NatsUser};
use ticketshow_tests::eventually;

use crate::{site, wallets::*};

#[tokio::test]
async fn a_long_history_is_restored_from_its_snapshot() {
    let site = site::shared().await;
    let connection = site.connect(NatsUser::CommandApi).await;
    let (executor, customer) = (executor(&connection), customer());
    let credits = ids(1_000).iter().map(|id| credit(customer, *id, 1)).collect::<Vec<_>>();
    execute_all(&executor, customer, credits).await;
    execute(&executor, customer, credit(customer, ticketshow_nats::clock::new_id(), 1)).await.unwrap();

    let seed = std::fs::read_to_string(site.seed_file(NatsUser::Provision)).unwrap();
    let options = ConnectOptions::with_nkey(seed).custom_inbox_prefix("_INBOX_provision");
    let context = jetstream::new(options.connect(site.nats.url()).await.unwrap());
    let bucket = context.get_stream("KV_SNAPSHOTS").await.unwrap();
    let key = format!("$KV.SNAPSHOTS.wallet.{customer}");
    eventually("a snapshot", async || bucket.get_last_raw_message_by_subject(&key).await.ok()).await;

    let elsewhere = self::executor(&connection);
    let seen = elsewhere.state::<Wallet>(&customer, Freshness::Cached).await.unwrap();
    let (wallet, version) = folded(&connection, customer).await;
    assert_eq!((seen.state, seen.version), (wallet, version));
    let debited = execute(&elsewhere, customer, debit(customer, ticketshow_nats::clock::new_id(), 1)).await;
    assert_eq!(debited.unwrap().answer, 1_000);
}
