//! Three minutes without nats-server under load. `fault_tolerance.rs` has a short form of this.

use std::time::Duration;

use ticketshow_tests::survive_outage_of_nats;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_minutes_without_nats_end_in_503_with_flat_memory() {
    survive_outage_of_nats(Duration::from_mins(3)).await;
}
