//! Timers that survive restarts.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use ticketshow_nats::{
    clock,
    consumers::{parked::Parked, timers::Timers, verdict::Verdict},
    server::users::NatsUser,
};
use ticketshow_tests::eventually;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::site::{self, Site};

const KIND: &str = "hold-expiry";

#[tokio::test]
async fn timers_fire_once_and_not_before_their_time() {
    let site = site::shared().await;
    let timers = Timers::new(&site.connect(NatsUser::Sagas).await);
    let now = clock::now();
    let at = |millis| now + SignedDuration::from_millis(millis);
    timers.arm(KIND, "past", at(-60_000)).await.unwrap();
    timers.arm(KIND, "soon", at(1_500)).await.unwrap();
    timers.arm(KIND, "retried", at(0)).await.unwrap();
    timers.arm(KIND, "parked", at(0)).await.unwrap();
    timers.arm(KIND, "earlier", at(600_000)).await.unwrap();
    timers.arm(KIND, "earlier", at(1_000)).await.unwrap();
    timers.arm(KIND, "later", at(500)).await.unwrap();
    timers.arm(KIND, "later", at(600_000)).await.unwrap();
    timers.arm(KIND, "cancelled", at(500)).await.unwrap();
    timers.cancel(KIND, "cancelled").await.unwrap();
    timers.cancel(KIND, "never-armed").await.unwrap();
    timers.arm(KIND, "last", at(3_000)).await.unwrap();

    let fired: Arc<Mutex<HashMap<String, Vec<Timestamp>>>> = Arc::default();
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (timers, fired, stop) = (timers.clone(), Arc::clone(&fired), stop.clone());
        async move {
            let record = move |id: String| {
                let fired = Arc::clone(&fired);
                async move {
                    let mut fired = fired.lock().unwrap();
                    let moments = fired.entry(id.clone()).or_default();
                    moments.push(clock::now());
                    match id.as_str() {
                        "retried" if moments.len() < 3 => Verdict::Retry("unavailable".into()),
                        "parked" => Verdict::Park("a bug".into()),
                        _ => Verdict::Done,
                    }
                }
            };
            timers.run(KIND, record, stop).await.unwrap();
        }
    });
    eventually("the last timer", async || fired.lock().unwrap().contains_key("last").then_some(())).await;
    stop.cancel();
    running.await.unwrap();

    let fired = fired.lock().unwrap();
    let mut ids: Vec<_> = fired.iter().map(|(id, moments)| (id.as_str(), moments.len())).collect();
    ids.sort_unstable();
    assert_eq!(ids, [("earlier", 1), ("last", 1), ("parked", 1), ("past", 1), ("retried", 3), ("soon", 1)]);
    for (id, due) in [("soon", 1_500), ("earlier", 1_000), ("last", 3_000)] {
        assert!(fired[id][0] >= at(due), "{id} fired early");
    }
}

/// Runs timers that fail for good until they are mended.
fn start(timers: &Timers, mended: &Arc<AtomicBool>) -> (JoinHandle<()>, CancellationToken) {
    let stop = CancellationToken::new();
    let (timers, mended, stopped) = (timers.clone(), Arc::clone(mended), stop.clone());
    let running = tokio::spawn(async move {
        let fired = move |_| {
            let mended = mended.load(Ordering::SeqCst);
            async move { if mended { Verdict::Done } else { Verdict::Park("a bug".into()) } }
        };
        timers.run(KIND, fired, stopped).await.unwrap();
    });
    (running, stop)
}

#[tokio::test]
async fn a_timer_that_fails_for_good_is_parked_until_a_person_or_a_later_firing_mends_it() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let (timers, parked) = (Timers::new(&connection), Parked::new(&site.connect(NatsUser::CommandApi).await));
    let mended = Arc::new(AtomicBool::new(false));
    let until_listed = async |ids: &[&str]| {
        eventually(&format!("{ids:?} to be listed"), async || {
            let list = parked.list(None, 10).await.unwrap();
            list.iter().map(|message| message.aggregate_id.as_str()).eq(ids.iter().copied()).then_some(list)
        })
        .await
    };
    let (running, stop) = start(&timers, &mended);
    for id in ["retried", "armed-again", "dropped"] {
        timers.arm(KIND, id, clock::now()).await.unwrap();
        eventually("the timer to be parked", async || {
            parked
                .list(None, 10)
                .await
                .unwrap()
                .iter()
                .any(|message| message.aggregate_id == id)
                .then_some(())
        })
        .await;
    }
    let list = until_listed(&["retried", "armed-again", "dropped"]).await;
    assert_eq!((list[0].aggregate.as_str(), list[0].id.consumer.as_str()), (KIND, "hold-expiry-timers"));
    assert_eq!((&list[0].error[..], list[0].attempts), (&["a bug".to_owned()][..], 1));

    // A failed retry leaves it parked, and so does a restart.
    assert!(parked.retry(&list[0].id).await.unwrap());
    eventually("the second attempt", async || {
        parked.get(&list[0].id).await.unwrap().filter(|message| message.attempts == 2)
    })
    .await;
    stop.cancel();
    running.await.unwrap();
    let (running, stop) = start(&timers, &mended);

    eventually("the new process to answer", async || {
        parked.drop(&list[2].id).await.ok().filter(|found| *found)
    })
    .await;
    until_listed(&["retried", "armed-again"]).await;
    mended.store(true, Ordering::SeqCst);
    assert!(parked.retry(&list[0].id).await.unwrap());
    until_listed(&["armed-again"]).await;
    timers.arm(KIND, "armed-again", clock::now()).await.unwrap();
    until_listed(&[]).await;
    stop.cancel();
    running.await.unwrap();
}
