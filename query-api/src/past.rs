//! The past of one aggregate, read from the log a page at a time: a stadium's screening has a long one.

use std::iter::repeat_n;

use serde_json::value::RawValue;
use ticketshow_domain::WireError;
use ticketshow_http::Problem;
use ticketshow_nats::{Commit, Metadata};

use crate::{App, failures::no_log};

/// What reads the past. It is moved off the async threads page by page, because decoding takes its time.
pub trait Reader: Send + 'static {
    /// Takes in the next commit; `false` if it has seen enough.
    ///
    /// # Errors
    ///
    /// [`WireError`] if it is not known here.
    fn take(&mut self, commit: &Commit) -> Result<bool, WireError>;
}

/// Reads the past of an aggregate from its first commit on.
///
/// # Errors
///
/// 503 if the log is away.
pub async fn read<R: Reader>(app: &App, aggregate: &str, id: &str, mut reader: R) -> Result<R, Problem> {
    let _turn = app.histories.acquire().await.map_err(|_| Problem::internal())?;
    let mut after = 0;
    loop {
        let page = app.log.history_page(aggregate, id, after).await.map_err(|failure| no_log(&failure))?;
        let Some(last) = page.last() else { return Ok(reader) };
        after = last.position;
        let taken = tokio::task::spawn_blocking(move || {
            for commit in &page {
                if !reader.take(commit)? {
                    return Ok((reader, true));
                }
            }
            Ok((reader, false))
        });
        let taken: Result<_, WireError> = taken.await.map_err(|_| Problem::internal())?;
        let (returned, enough) = taken.map_err(|error| no_log(&error.into()))?;
        if enough {
            return Ok(returned);
        }
        reader = returned;
    }
}

/// The events of a commit as they are written, each with its version and the command that brought it.
pub fn events(commit: &Commit) -> impl Iterator<Item = (u64, &Metadata, &RawValue)> {
    let commands = commit.commands().flat_map(|(metadata, events)| repeat_n(metadata, events));
    let versions = commit.first_version..;
    versions.zip(commands).zip(commit.raw_events()).map(|((version, metadata), raw)| (version, metadata, raw))
}
