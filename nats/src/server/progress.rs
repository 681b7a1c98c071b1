//! Requests about durable consumers: where they are, and where they begin again.

use std::time::Duration;

use async_nats::jetstream::consumer::{Consumer, pull};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout};

use crate::{failure::Failure, server::connection::Connection};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Life of a fetch request. It stays valid on the server if this process hangs, so it has to end before another replica
/// takes over.
pub(crate) const FETCH_LIFE: Duration = Duration::from_secs(5);
/// Interval of heartbeats of a fetch, at most half of its life. A silent server is detected after twice this time.
pub(crate) const FETCH_HEARTBEAT: Duration = Duration::from_secs(2);
/// Interval of comparing deliveries after a consumer was opened, while fetches of an earlier opening may be valid: those of
/// older versions for 30 seconds.
const COMPARE_AT_FIRST: Duration = Duration::from_secs(1);
const AT_FIRST: Duration = Duration::from_secs(40);
/// Interval after that: a process that hung may send one more fetch before it notices that it was replaced.
const COMPARE_LATER: Duration = Duration::from_secs(5);

/// Progress of a durable consumer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// Stream sequence up to which everything is acknowledged.
    pub ack_floor: u64,
    /// Messages that were never delivered.
    pub undelivered: u64,
}

/// Place in a stream to which a durable consumer is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rewind {
    /// Its own acknowledgement floor.
    ToFloor,
    /// A sequence, which may be ahead of its floor: for readers with a checkpoint of their own.
    To(u64),
}

impl Rewind {
    fn request(self) -> Value {
        match self {
            Self::ToFloor => json!({}),
            Self::To(sequence) => json!({ "seq": sequence }),
        }
    }
}

/// Detection of deliveries that reached nobody. The server keeps the fetch of a process that is gone until it expires, because
/// answers cross an account, and gives it messages. The next message shows the gap; without one, only the server's count does.
#[derive(Debug)]
pub(crate) struct LostDeliveries {
    opened_at: Instant,
    next: Instant,
    /// Deliveries received when the server had counted more at the last comparison.
    behind: Option<u64>,
}

impl LostDeliveries {
    /// Begins when a consumer was opened.
    pub fn new() -> Self {
        let now = Instant::now();
        Self { opened_at: now, next: now + COMPARE_AT_FIRST, behind: None }
    }

    /// Waits until the next comparison is due. Cancel safe.
    pub async fn due(&self) {
        sleep_until(self.next).await;
    }

    /// Compares the deliveries received since the opening with those of the server. Returns `true` if the server has counted
    /// more and none arrived since the last comparison: open the consumer again.
    pub async fn found(
        &mut self,
        connection: &Connection,
        stream: &str,
        consumer: &str,
        received: u64,
    ) -> bool {
        let is_new = self.opened_at.elapsed() < AT_FIRST;
        self.next = Instant::now() + if is_new { COMPARE_AT_FIRST } else { COMPARE_LATER };
        // Messages wait meanwhile: a server that is slow to answer is asked again later.
        let deliveries = timeout(COMPARE_AT_FIRST, connection.deliveries(stream, consumer)).await;
        let is_behind = matches!(deliveries, Ok(Ok(deliveries)) if deliveries > received);
        let is_lost = is_behind && self.behind == Some(received);
        self.behind = is_behind.then_some(received);
        if is_lost {
            tracing::debug!(consumer, "a delivery did not arrive: opening again");
        }
        is_lost
    }
}

impl Connection {
    /// Opens a durable consumer, reset to a place in its stream. Unacknowledged messages from there on are delivered again, in
    /// order, and its count of deliveries starts again at 1.
    pub(crate) async fn rewound(
        &self,
        stream: &str,
        name: &str,
        to: Rewind,
    ) -> Result<Consumer<pull::Config>, Failure> {
        const DOING: &str = "opening a durable consumer";
        let subject = format!("CONSUMER.RESET.{stream}.{name}");
        let reset = self.ask::<IgnoredAny>(DOING, &subject, &to.request()).await?;
        reset.map_err(|error| Failure::rejected(DOING, error))?;
        self.call(DOING, PATIENCE, self.context().get_consumer_from_stream(name, stream)).await
    }

    /// Returns how far a durable consumer has come.
    pub(crate) async fn progress(&self, stream: &str, name: &str) -> Result<Progress, Failure> {
        #[derive(Deserialize)]
        struct Info {
            ack_floor: Floor,
            num_pending: u64,
        }
        #[derive(Deserialize)]
        struct Floor {
            stream_seq: u64,
        }
        const DOING: &str = "inspecting a durable consumer";
        let info = self.ask(DOING, &format!("CONSUMER.INFO.{stream}.{name}"), &json!({})).await?;
        let Info { ack_floor, num_pending } = info.map_err(|error| Failure::rejected(DOING, error))?;
        Ok(Progress { ack_floor: ack_floor.stream_seq, undelivered: num_pending })
    }

    /// Returns the number of deliveries of a durable consumer since it was opened.
    async fn deliveries(&self, stream: &str, name: &str) -> Result<u64, Failure> {
        #[derive(Deserialize)]
        struct Info {
            delivered: Delivered,
        }
        #[derive(Deserialize)]
        struct Delivered {
            consumer_seq: u64,
        }
        const DOING: &str = "counting the deliveries of a durable consumer";
        let info = self.ask(DOING, &format!("CONSUMER.INFO.{stream}.{name}"), &json!({})).await?;
        let Info { delivered } = info.map_err(|error| Failure::rejected(DOING, error))?;
        Ok(delivered.consumer_seq)
    }
}
