//! Changes that a client missed: everything after the position it has, read from the log.

use ticketshow_domain::{Decider, ScreeningId, screening::Screening};
use ticketshow_nats::failure::Failure;

use super::{
    changes::{Changes, Frame},
    hub::Subscription,
};
use crate::machinery::app::App;

/// Pages of a hundred commits read per client. Beyond that, fetching the whole map again is cheaper.
const PAGES_MAX: usize = 10;

/// Missed changes.
pub enum Missed {
    /// None, up to this position.
    Nothing {
        /// Not before the position of the client.
        after: u64,
    },
    /// These.
    Changes(Frame),
    /// Too many to send, or the client's position is beyond the end of the log, which must then be another log.
    TooMuch,
}

/// Collects the changes of the screening after `known`, at least up to the start of the subscription.
///
/// # Errors
///
/// [`Failure`] if the log cannot be read.
pub async fn missed(
    app: &App,
    screening: ScreeningId,
    known: u64,
    subscription: &Subscription,
) -> Result<Missed, Failure> {
    if known > subscription.from && known > app.parts.log.last_position().await? {
        return Ok(Missed::TooMuch);
    }
    if known >= subscription.quiet_since {
        return Ok(Missed::Nothing { after: known.max(subscription.from) });
    }
    let _permit = app.histories.acquire().await.map_err(|_| Failure::Stopping)?;
    let id = screening.to_string();
    let (mut changes, mut after) = (Changes::default(), known);
    for _ in 0..PAGES_MAX {
        let page = app.parts.log.history_page(Screening::TYPE, &id, after).await?;
        let at_end = page.is_empty();
        // A follower of the stream may lag: read the end from the leader.
        let page = if at_end { app.parts.log.history_end(Screening::TYPE, &id, after).await? } else { page };
        for commit in &page {
            changes.add(commit)?;
            after = commit.position;
        }
        if at_end {
            if after <= subscription.from {
                app.live.note_quiet(screening, after, subscription.from);
            }
            let after = after.max(subscription.from);
            return Ok(if changes.is_empty() {
                Missed::Nothing { after }
            } else {
                Missed::Changes(changes.frame(after))
            });
        }
    }
    Ok(Missed::TooMuch)
}
