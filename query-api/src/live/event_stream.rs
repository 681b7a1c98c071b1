//! The server-sent events of one client.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::{changes::Frame, hub::Subscription};

/// After this much silence a comment is sent, so that no proxy considers the connection dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Sent first, so that the response starts at once: the reconnection delay in milliseconds.
const RETRY: &[u8] = b"retry: 1000\n\n";

/// The events still to be sent to one client.
pub struct EventStream {
    subscription: Subscription,
    /// True until [`RETRY`] is sent.
    send_retry: bool,
    /// Frames to send before those from the hub.
    first: VecDeque<Frame>,
    /// Position that the client has; older frames are skipped.
    after: u64,
    stop: CancellationToken,
}

impl EventStream {
    /// Sends `first`, then every frame after the position `after`.
    pub fn new(subscription: Subscription, first: Vec<Frame>, after: u64, stop: CancellationToken) -> Self {
        Self { subscription, send_retry: true, first: first.into(), after, stop }
    }

    /// Ends at shutdown, when the log reader failed, or when the client is too slow. Every event carries its id, so the
    /// next connection resumes from the last one received.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(self, async |mut events| {
            let bytes = events.next().await?;
            Some((Ok(bytes), events))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.send_retry) {
            return Some(Bytes::from_static(RETRY));
        }
        if let Some(first) = self.first.pop_front() {
            return Some(first.bytes);
        }
        let heartbeat = tokio::time::sleep(HEARTBEAT);
        let mut heartbeat = std::pin::pin!(heartbeat);
        loop {
            tokio::select! {
                frame = self.subscription.frames.recv() => match frame {
                    Ok(frame) if frame.position <= self.after => {}
                    Ok(frame) => {
                        self.after = frame.position;
                        return Some(frame.bytes);
                    }
                    Err(RecvError::Lagged(_)) => {
                        metrics::counter!("ticketshow_live_listeners_too_slow").increment(1);
                        return None;
                    }
                    Err(RecvError::Closed) => return None,
                },
                () = &mut heartbeat => return Some(Bytes::from_static(b":\n\n")),
                () = self.stop.cancelled() => return None,
            }
        }
    }
}
