//! The kept security log.

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{UserId, account::Role, audit::AuditEntry};
use ticketshow_nats::{
    clock,
    consumers::audit::{AuditFilter, AuditTrail},
    server::{
        connection::{Connection, Settings},
        topology::{TopologySettings, provision},
    },
};
use ticketshow_tests::{Nats, eventually};
use tokio::sync::mpsc;

use crate::site::small;

fn began() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn entry(second: i64, actor: Option<UserId>, action: &str) -> AuditEntry {
    AuditEntry {
        id: clock::new_id(),
        at: began() + SignedDuration::from_secs(second),
        action: action.to_owned(),
        target: "/x".to_owned(),
        actor,
        role: actor.map(|_| Role::Admin),
        session: None,
        network: "203.0.113.7".to_owned(),
        outcome: "done".to_owned(),
        status: 200,
        correlation: clock::new_id(),
    }
}

async fn trail() -> (Nats, AuditTrail) {
    let nats = Nats::start().await;
    let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
    let connection = Connection::open(&settings).await.unwrap();
    provision(&connection, &small()).await.unwrap();
    (nats, AuditTrail::new(&connection))
}

/// Ids of all matching entries, page by page.
async fn listed(trail: &AuditTrail, filter: &AuditFilter, size: usize) -> Vec<uuid::Uuid> {
    let (mut ids, mut before) = (Vec::new(), None);
    loop {
        let page = trail.list(filter, before, size).await.unwrap();
        assert!(page.entries.len() <= size);
        ids.extend(page.entries.iter().map(|entry| entry.id));
        before = page.next;
        if before.is_none() {
            return ids;
        }
    }
}

#[tokio::test]
async fn entries_are_found_by_actor_action_and_time_newest_first() {
    let (_nats, trail) = trail().await;
    assert!(listed(&trail, &AuditFilter::default(), 5).await.is_empty());
    let ada = UserId(clock::new_id());
    // More than are read at once.
    let entries: Vec<AuditEntry> = (0..1_100)
        .map(|n| match n % 11 {
            0 => entry(n, Some(ada), "PUT /admin/accounts/{user_id}/role"),
            _ => entry(n, None, "POST /auth/login"),
        })
        .collect();
    for entry in &entries {
        trail.keep(entry).await.unwrap();
    }
    let newest_first = |found: &dyn Fn(usize, &AuditEntry) -> bool| -> Vec<uuid::Uuid> {
        let matching = entries.iter().enumerate().filter(|(n, entry)| found(*n, entry));
        matching.map(|(_, entry)| entry.id).collect::<Vec<_>>().into_iter().rev().collect()
    };

    assert_eq!(listed(&trail, &AuditFilter::default(), 100).await, newest_first(&|_, _| true));
    let by_actor = AuditFilter { actor: Some(ada), ..AuditFilter::default() };
    assert_eq!(listed(&trail, &by_actor, 7).await, newest_first(&|n, _| n % 11 == 0));
    let by_action = AuditFilter { action: Some("ROLE".to_owned()), ..AuditFilter::default() };
    assert_eq!(listed(&trail, &by_action, 7).await, newest_first(&|n, _| n % 11 == 0));
    let between = AuditFilter {
        from: Some(began() + SignedDuration::from_secs(100)),
        to: Some(began() + SignedDuration::from_secs(200)),
        ..AuditFilter::default()
    };
    assert_eq!(listed(&trail, &between, 7).await, newest_first(&|n, _| (100..200).contains(&n)));
}

#[tokio::test]
async fn a_flood_of_failures_and_reads_pushes_no_act_of_an_administrator_out() {
    let nats = Nats::start().await;
    let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
    let connection = Connection::open(&settings).await.unwrap();
    let tiny = TopologySettings { audit_bytes_max: 64 << 10, ..small() };
    provision(&connection, &tiny).await.unwrap();
    let trail = AuditTrail::new(&connection);
    let admin = UserId(clock::new_id());
    let act = entry(0, Some(admin), "PUT /admin/accounts/{user_id}/role");
    let read = entry(1, Some(admin), "GET /admin/bookings");
    let refused = AuditEntry { status: 403, ..entry(2, Some(admin), "POST /shows") };
    for entry in [&act, &read, &refused] {
        trail.keep(entry).await.unwrap();
    }
    for second in 3..500 {
        trail.keep(&entry(second, None, "POST /auth/login")).await.unwrap();
    }
    let of_admin = AuditFilter { actor: Some(admin), ..AuditFilter::default() };
    assert_eq!(listed(&trail, &of_admin, 5).await, [act.id]);
}

#[tokio::test]
async fn entries_of_a_server_that_an_earlier_version_provisioned_are_kept_and_listed() {
    let (nats, trail) = trail().await;
    let raw = async_nats::connect(nats.url()).await.unwrap();
    raw.request("$JS.API.STREAM.DELETE.AUDIT_ACTS", "".into()).await.unwrap();
    let act = entry(0, Some(UserId(clock::new_id())), "POST /shows");
    trail.keep(&act).await.unwrap();
    assert_eq!(listed(&trail, &AuditFilter::default(), 5).await, [act.id]);
}

#[tokio::test]
async fn entries_wait_while_the_server_is_away() {
    let (mut nats, trail) = trail().await;
    let (sender, entries) = mpsc::channel(10);
    tokio::spawn(trail.clone().keep_all(entries));
    nats.kill();
    let late = entry(0, None, "POST /auth/login");
    sender.send(late.clone()).await.unwrap();
    nats.restart().await;
    eventually("the entry to be kept", async || {
        let page = trail.list(&AuditFilter::default(), None, 10).await.ok()?;
        page.entries.contains(&late).then_some(())
    })
    .await;
}
