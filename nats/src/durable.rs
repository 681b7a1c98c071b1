//! Processes over time: a durable consumer of the log whose commits are handled at least once, those of one aggregate in
//! order, those of different aggregates side by side.

use std::{error::Error, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::{Commit, Connection, Failure};

/// A durable consumer, as the process that works it off sees it.
#[derive(Debug, Clone, Copy)]
pub struct Durable {
    /// One of [`crate::consumers`].
    pub name: &'static str,
    /// Types of the events that matter: commits with none of them are passed over unread. Empty: all matter.
    pub events: &'static [&'static str],
    /// How many aggregates are worked on at once.
    pub parallelism: usize,
}

/// How the handling of a commit went.
#[derive(Debug)]
pub enum Verdict {
    /// It is handled.
    Done,
    /// The world is away: try again later, for ever.
    Retry(Box<dyn Error + Send + Sync>),
    /// A bug or a final refusal: set it aside for a person, and everything of the same aggregate behind it.
    Park(Box<dyn Error + Send + Sync>),
}

/// What is done with each commit.
pub trait Handler: Send + Sync + 'static {
    /// Handles one commit; it may come again.
    fn handle(&self, commit: &Commit) -> impl Future<Output = Verdict> + Send;
}

/// Works off a durable consumer until `stop`; then what is in hand is finished. Also answers [`crate::Parked`].
/// One process at a time may do this for a consumer.
///
/// # Errors
///
/// [`Failure`] if the consumer cannot be had; from then on it mends itself.
pub async fn run_durable<H: Handler>(
    _connection: &Connection,
    _durable: &Durable,
    _handler: Arc<H>,
    _stop: CancellationToken,
) -> Result<(), Failure> {
    unimplemented!()
}
