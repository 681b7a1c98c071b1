//! What one listener gets.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::changes::Frame;

/// A comment is sent after this long a silence, so that nobody on the way takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Sent first, so that the answer begins at once: when to come again after the stream ended, in milliseconds.
const RETRY: &[u8] = b"retry: 1000\n\n";

/// One listener.
pub struct Listening {
    frames: broadcast::Receiver<Frame>,
    /// To be sent before anything else.
    greeting: bool,
    first: VecDeque<Frame>,
    /// What is not newer is known already.
    after: u64,
    stop: CancellationToken,
}

impl Listening {
    /// One that gets `first` and then every frame after the position.
    pub fn new(
        frames: broadcast::Receiver<Frame>,
        first: Vec<Frame>,
        after: u64,
        stop: CancellationToken,
    ) -> Self {
        Self { frames, greeting: true, first: first.into(), after, stop }
    }

    /// Ends when it is told to, when the reader failed, or when this listener is too slow: whatever was got has its id, and
    /// the next connection goes on from there.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(self, async |mut listening| {
            let bytes = listening.next().await?;
            Some((Ok(bytes), listening))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.greeting) {
            return Some(Bytes::from_static(RETRY));
        }
        if let Some(first) = self.first.pop_front() {
            return Some(first.bytes);
        }
        let heartbeat = tokio::time::sleep(HEARTBEAT);
        let mut heartbeat = std::pin::pin!(heartbeat);
        loop {
            tokio::select! {
                frame = self.frames.recv() => match frame {
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
