//! The harness itself: what it starts answers, survives a kill and is gone afterwards.

use sqlx::{Connection, PgConnection};
use ticketshow_tests::{Client, Nats, NatsCluster, Postgres};

#[tokio::test]
async fn a_nats_server_comes_back_on_the_same_port_after_a_kill() {
    let mut nats = Nats::start().await;
    let url = nats.url();
    nats.kill();
    nats.restart().await;
    assert_eq!(nats.url(), url);
    Client::new(&nats.monitor_url()).get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_cluster_is_whole_again_after_a_member_was_killed() {
    let mut cluster = NatsCluster::start(3).await;
    cluster.kill("n2");
    cluster.restart("n2").await;
    assert_eq!(cluster.url().split(',').count(), 3);
}

#[tokio::test]
async fn postgres_keeps_what_it_has_over_a_kill() {
    let mut postgres = Postgres::start().await;
    let database = postgres.fresh_database().await;
    let mut connection = PgConnection::connect(&database).await.unwrap();
    sqlx::query("CREATE TABLE kept (n int)").execute(&mut connection).await.unwrap();
    postgres.kill();
    postgres.restart().await;
    let mut connection = PgConnection::connect(&database).await.unwrap();
    sqlx::query("SELECT n FROM kept").execute(&mut connection).await.unwrap();
}
