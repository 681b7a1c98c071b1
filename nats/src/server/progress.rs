//! Requests about durable consumers: where they are, and where they begin again.

use std::time::Duration;

use async_nats::jetstream::consumer::{Consumer, pull};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};

use crate::{failure::Failure, server::connection::Connection};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

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
    pub(crate) async fn deliveries(&self, stream: &str, name: &str) -> Result<u64, Failure> {
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
