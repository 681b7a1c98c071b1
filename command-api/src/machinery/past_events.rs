//! Search for an event in the history of an aggregate, for retries of an earlier call.

use ticketshow_domain::{Decider, decode};
use ticketshow_http::Problem;

use crate::machinery::{app::App, failures::failed};

/// Commits read at once: a long history is never in memory as a whole.
const PAGE: usize = 100;

/// Returns the result of `found` for the first event after the position `after` that it accepts, if there is one. In
/// a cluster the last commits may be missing for a moment.
///
/// # Errors
///
/// 503 if the log is unreachable.
pub async fn find_event<A: Decider, T>(
    app: &App,
    id: &A::Id,
    mut after: u64,
    mut found: impl FnMut(A::Event) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let id = id.to_string();
    loop {
        let page =
            app.log.history_page(A::TYPE, &id, after, PAGE).await.map_err(|failure| failed(&failure))?;
        let Some(last) = page.last() else { return Ok(None) };
        after = last.position;
        for commit in &page {
            for raw in commit.raw_events() {
                let event = decode(raw).map_err(|error| failed(&error.into()))?;
                if let Some(wanted) = found(event) {
                    return Ok(Some(wanted));
                }
            }
        }
    }
}
