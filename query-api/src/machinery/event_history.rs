//! Event history of one aggregate, read from the log page by page: a stadium's screening has a long one.

use std::iter::repeat_n;

use serde_json::value::RawValue;
use ticketshow_domain::WireError;
use ticketshow_http::Problem;
use ticketshow_nats::log::{envelope::Commit, metadata::Metadata};

use crate::machinery::{app::App, failures::log_failed};

/// A fold over the commits of one aggregate. Each page is folded on a blocking thread, because decoding is CPU-bound.
pub trait Fold: Send + 'static {
    /// Adds the next commit; returns `false` to stop reading.
    ///
    /// # Errors
    ///
    /// [`WireError`] if an event cannot be decoded.
    fn add(&mut self, commit: &Commit) -> Result<bool, WireError>;
}

/// Folds the history of an aggregate from its first commit.
///
/// # Errors
///
/// 503 if the log is unreachable.
pub async fn fold<F: Fold>(app: &App, aggregate: &str, id: &str, mut fold: F) -> Result<F, Problem> {
    let _permit = app.histories.acquire().await.map_err(|_| Problem::internal())?;
    let mut after = 0;
    loop {
        let page = app.parts.log.history_page(aggregate, id, after).await;
        let page = page.map_err(|failure| log_failed(&failure))?;
        let Some(last) = page.last() else { return Ok(fold) };
        after = last.position;
        let folded = tokio::task::spawn_blocking(move || {
            for commit in &page {
                if !fold.add(commit)? {
                    return Ok((fold, true));
                }
            }
            Ok((fold, false))
        });
        let folded: Result<_, WireError> = folded.await.map_err(|_| Problem::internal())?;
        let (returned, stopped) = folded.map_err(|error| log_failed(&error.into()))?;
        if stopped {
            return Ok(returned);
        }
        fold = returned;
    }
}

/// The encoded events of a commit, each with its version and the metadata of its command.
pub fn events(commit: &Commit) -> impl Iterator<Item = (u64, &Metadata, &RawValue)> {
    let commands = commit.commands().flat_map(|(metadata, events)| repeat_n(metadata, events));
    let versions = commit.first_version..;
    versions.zip(commands).zip(commit.raw_events()).map(|((version, metadata), raw)| (version, metadata, raw))
}
