//! Results of processing a message.

use std::{error::Error, time::Duration};

/// Result of one attempt to process a message.
#[derive(Debug)]
pub enum Verdict {
    /// Processed.
    Done,
    /// Not due yet: call again after this time.
    Wait(Duration),
    /// A dependency is unavailable: retry with back-off, without a limit.
    Retry(Box<dyn Error + Send + Sync>),
    /// A bug or a final refusal: park the message for a person. Later messages of the same aggregate wait behind it.
    Park(Box<dyn Error + Send + Sync>),
}
