//! Background work: settling payments and refunds, and delivering notices.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet};

use crate::{simulator::Simulator, state::book::Task};

/// Maximum deliveries in flight.
const DELIVERIES_MAX: usize = 32;
/// Longest sleep. A change of the clock wakes the loop, and this bound limits the delay if that is missed.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// Runs tasks as they become due, until it is dropped.
pub async fn run(simulator: Simulator) {
    let room = Arc::new(Semaphore::new(DELIVERIES_MAX));
    let mut deliveries = JoinSet::new();
    loop {
        let sleep = loop {
            let mut world = simulator.world();
            let now = world.now();
            match world.book.take_due(now) {
                Some(Task::SettlePayment(id)) => world.settle_payment(&id),
                Some(Task::SettleRefund(id)) => world.settle_refund(&id),
                Some(Task::Deliver(id)) => {
                    let (simulator, room) = (simulator.clone(), Arc::clone(&room));
                    deliveries.spawn(async move {
                        // The semaphore is never closed, so this cannot fail.
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
