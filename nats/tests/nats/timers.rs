//! Timers that survive restarts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use ticketshow_nats::{
    clock,
    consumers::{timers::Timers, verdict::Verdict},
    server::users::NatsUser,
};
use ticketshow_tests::eventually;
use tokio_util::sync::CancellationToken;

use crate::site;

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
