//! Event history of one aggregate, read from the log page by page (a stadium's screening has a long one), or only the commits
//! at known positions.

use std::{iter::repeat_n, time::Duration};

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

/// Commits read at once.
pub const PAGE: usize = 100;

/// Folds the history of an aggregate from its first commit.
///
/// # Errors
///
/// 503 if the log is unreachable.
pub async fn fold<F: Fold>(app: &App, aggregate: &str, id: &str, fold: F) -> Result<F, Problem> {
    fold_after(app, (aggregate, id), 0, PAGE, fold).await
}

/// Folds the history of an aggregate after a position, reading `commits` at once.
///
/// # Errors
///
/// 503 if the log is unreachable.
pub async fn fold_after<F: Fold>(
    app: &App,
    (aggregate, id): (&str, &str),
    mut after: u64,
    commits: usize,
    mut fold: F,
) -> Result<F, Problem> {
    loop {
        let page = app.parts.log.history_page(aggregate, id, after, commits).await;
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

/// Folds the commits at `positions`, which are those of aggregates of one type.
///
/// # Errors
///
/// 503 if the log is unreachable, or does not hold them.
pub async fn fold_at<F: Fold>(
    app: &App,
    aggregate: &str,
    positions: impl IntoIterator<Item = u64>,
    mut fold: F,
) -> Result<F, Problem> {
    for position in positions {
        let commit = app.parts.log.commit_at(position).await.map_err(|failure| log_failed(&failure))?;
        let commit = commit.filter(|commit| *commit.aggregate == *aggregate);
        let Some(commit) = commit else {
            tracing::warn!(position, "the log does not hold a commit that the read models name");
            return Err(Problem::unavailable(Duration::from_secs(1)));
        };
        if !fold.add(&commit).map_err(|error| log_failed(&error.into()))? {
            break;
        }
    }
    Ok(fold)
}

/// The encoded events of a commit, each with its version and the metadata of its command.
pub fn events(commit: &Commit) -> impl Iterator<Item = (u64, &Metadata, &RawValue)> {
    let commands = commit.commands().flat_map(|(metadata, events)| repeat_n(metadata, events));
    let versions = commit.first_version..;
    versions.zip(commands).zip(commit.raw_events()).map(|((version, metadata), raw)| (version, metadata, raw))
}
