//! Space that the streams and buckets use, compared with their limits.

use std::{collections::HashSet, time::Duration};

use async_nats::jetstream::ErrorCode;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Failure,
    server::{connection::Connection, topology::stream_names},
};

/// Share of its limit, in percent, from which a stream needs attention.
const NEARLY_FULL_PERCENT: u64 = 80;
/// Pause between two measurements of [`Streams::measure`].
const PAUSE: Duration = Duration::from_secs(10);

/// Space that a stream uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamUsage {
    /// Name of the stream; that of a bucket begins with `KV_`.
    pub stream: String,
    /// Bytes stored.
    pub bytes: u64,
    /// Size at which it is full; 0 for none.
    pub limit_bytes: u64,
}

impl StreamUsage {
    /// Share of the limit that is used, in percent, rounded down.
    #[must_use]
    pub fn percent(&self) -> u64 {
        (self.bytes * 100).checked_div(self.limit_bytes).unwrap_or(0)
    }

    /// Returns `true` from 80 % of the limit on: the time to raise it.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        self.percent() >= NEARLY_FULL_PERCENT
    }
}

/// The streams and buckets of an installation.
#[derive(Debug, Clone)]
pub struct Streams {
    connection: Connection,
}

impl Streams {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Returns the usage of every stream. One that a later version added may not be provisioned yet.
    ///
    /// # Errors
    ///
    /// [`Failure`] if NATS does not answer.
    pub async fn usage(&self) -> Result<Vec<StreamUsage>, Failure> {
        let usages = try_join_all(stream_names().map(|stream| self.usage_of(stream))).await?;
        Ok(usages.into_iter().flatten().collect())
    }

    async fn usage_of(&self, stream: String) -> Result<Option<StreamUsage>, Failure> {
        #[derive(Deserialize)]
        struct Info {
            config: Config,
            state: State,
        }
        #[derive(Deserialize)]
        struct Config {
            max_bytes: i64,
        }
        #[derive(Deserialize)]
        struct State {
            bytes: u64,
        }
        const DOING: &str = "measuring a stream";
        let info = self.connection.ask(DOING, &format!("STREAM.INFO.{stream}"), &json!({})).await?;
        let Info { config, state } = match info {
            Ok(info) => info,
            Err(error) if error.err_code == ErrorCode::STREAM_NOT_FOUND.0 => return Ok(None),
            Err(error) => return Err(Failure::rejected(DOING, error)),
        };
        let limit_bytes = config.max_bytes.try_into().unwrap_or(0);
        Ok(Some(StreamUsage { stream, bytes: state.bytes, limit_bytes }))
    }

    /// Publishes the usage of every stream as metrics until `stop`, and logs a warning when one becomes nearly full.
    pub async fn measure(&self, stop: CancellationToken) {
        let mut warned = HashSet::new();
        let measuring = async {
            loop {
                match self.usage().await {
                    Ok(streams) => streams.iter().for_each(|usage| publish(usage, &mut warned)),
                    Err(failure) => tracing::debug!(%failure, "streams not measured"),
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        stop.run_until_cancelled(measuring).await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "gauges")]
fn publish(usage: &StreamUsage, warned: &mut HashSet<String>) {
    let StreamUsage { stream, bytes, limit_bytes } = usage;
    metrics::gauge!("ticketshow_stream_bytes", "stream" => stream.clone()).set(*bytes as f64);
    metrics::gauge!("ticketshow_stream_limit_bytes", "stream" => stream.clone()).set(*limit_bytes as f64);
    if !usage.is_nearly_full() {
        warned.remove(stream);
    } else if warned.insert(stream.clone()) {
        tracing::warn!(stream, percent = usage.percent(), "a stream is nearly full; raise its limit");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(bytes: u64, limit_bytes: u64) -> StreamUsage {
        StreamUsage { stream: "MAILS".to_owned(), bytes, limit_bytes }
    }

    #[test]
    fn a_stream_is_nearly_full_from_eighty_percent() {
        assert!(!usage(799, 1_000).is_nearly_full());
        assert!(usage(800, 1_000).is_nearly_full());
        assert_eq!(usage(1_000, 1_000).percent(), 100);
    }

    #[test]
    fn a_stream_without_a_limit_is_never_full() {
        assert!(!usage(u64::MAX / 100, 0).is_nearly_full());
    }
}
