//! Changes that a client missed: everything after the position it has, read from the log.

use ticketshow_domain::{Decider, ScreeningId, screening::Screening};
use ticketshow_http::Problem;
use ticketshow_nats::{failure::Failure, log::history::Log};

use super::{
    changes::{Changes, Missed},
    hub::Subscription,
};
use crate::machinery::{app::App, event_history, failures::log_failed};

/// Most commits that are read for a client. Beyond that, fetching the whole map again is cheaper.
const MISSED_MAX: u64 = 200;
/// Commits read before it is known how many follow: a reconnecting client rarely missed more.
const FIRST_PAGE: usize = 10;

/// Collects the changes of the screening after `known`, at least up to the start of the subscription.
///
/// # Errors
///
/// 503 if the log cannot be read, or too many other clients are catching up.
pub async fn missed(
    app: &App,
    screening: ScreeningId,
    known: u64,
    subscription: &Subscription,
) -> Result<Missed, Problem> {
    let log = &app.parts.log;
    if known > subscription.from {
        let end = log.last_position().await.map_err(|failure| log_failed(&failure))?;
        if known > end {
            return Ok(Missed::TooMuch);
        }
    }
    if let Some(missed) = app.live.missed(screening, known) {
        return Ok(missed);
    }
    // In a rush, thousands of clients come with the same map: one reads the log for all of them.
    let _turn = subscription.turn().await?;
    if let Some(missed) = app.live.missed(screening, known) {
        return Ok(missed);
    }
    let _permit = app.catch_ups.take().await?;
    let read = changes_after(log, screening, known).await.map_err(|failure| log_failed(&failure))?;
    let Some((changes, until)) = read else {
        app.live.keep_too_old(screening, known);
        return Ok(Missed::TooMuch);
    };
    // The log was read after the subscription began, so nothing is missing up to there: the position of the last change may be older.
    let after = until.max(subscription.from);
    app.live.keep(screening, known, after, &changes);
    Ok(if changes.is_empty() { Missed::Nothing { after } } else { Missed::Changes(changes.frame(after)) })
}

/// Reads the changes of the screening after a position, and the position of the last one; `None` if there are too many.
async fn changes_after(
    log: &Log,
    screening: ScreeningId,
    known: u64,
) -> Result<Option<(Changes, u64)>, Failure> {
    let id = screening.to_string();
    let (mut changes, mut after) = (Changes::default(), known);
    let (mut page, left) = log.history_page_and_rest(Screening::TYPE, &id, after, FIRST_PAGE).await?;
    if left > MISSED_MAX {
        return Ok(None);
    }
    // More may be added while these are read.
    for _ in 0..=MISSED_MAX.div_ceil(event_history::PAGE as u64) {
        let at_end = page.is_empty();
        // A follower of the stream may lag: read the end from the leader.
        if at_end {
            page = log.history_end(Screening::TYPE, &id, after).await?;
        }
        for commit in &page {
            changes.add(commit)?;
            after = commit.position;
        }
        if at_end {
            return Ok(Some((changes, after)));
        }
        page = log.history_page(Screening::TYPE, &id, after, event_history::PAGE).await?;
    }
    Ok(None)
}
