//! What happens by itself: banks answer, refunds arrive, notices are delivered.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::book::Errand;
use crate::simulator::Simulator;

/// Deliveries under way at once.
const DELIVERIES_MAX: usize = 32;
/// Longest sleep: the clock may be told to go faster in between, and rings then, but a day is too long to trust in.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// Runs errands as they come due, for ever.
pub async fn run(simulator: Simulator) {
    let room = Arc::new(Semaphore::new(DELIVERIES_MAX));
    let mut deliveries = JoinSet::new();
    loop {
        let sleep = loop {
            let mut world = simulator.world();
            let now = world.now();
            match world.book.take_due(now) {
                Some(Errand::SettlePayment(id)) => world.settle_payment(&id),
                Some(Errand::SettleRefund(id)) => world.settle_refund(&id),
                Some(Errand::Deliver(id)) => {
                    let (simulator, room) = (simulator.clone(), Arc::clone(&room));
                    deliveries.spawn(async move {
                        // Never closed: an error would only mean that nobody waits for us any more.
                        let _permit = room.acquire_owned().await;
                        simulator.deliver(&id).await;
                    });
                }
                None => break world.book.next_due().map_or(SLEEP_MAX, |due| world.clock.until(due)),
            }
        };
        tokio::select! {
            () = tokio::time::sleep(sleep.min(SLEEP_MAX)) => {}
            () = simulator.changed() => {}
            Some(_) = deliveries.join_next() => {}
        }
    }
}
