//! What somebody who listens has missed: everything after the position that they know, from the log.

use ticketshow_domain::{Decider, ScreeningId, screening::Screening};
use ticketshow_nats::Failure;

use super::{
    changes::{Changes, Frame},
    hub::Heard,
};
use crate::App;

/// Pages of a hundred commits that are read for one listener. Whoever missed more asks for the map anew, which is cheaper.
const PAGES_MAX: usize = 10;

/// What was missed.
pub enum Missed {
    /// Nothing, up to this position.
    Nothing {
        /// The position, not before the one that is known.
        after: u64,
    },
    /// This.
    Changes(Frame),
    /// More than is told, or the log does not reach to what is known: it is another log.
    TooMuch,
}

/// What changed the screening after `known`, at least up to where everything is heard.
///
/// # Errors
///
/// [`Failure`] if the log cannot be read.
pub async fn missed(app: &App, screening: ScreeningId, known: u64, heard: &Heard) -> Result<Missed, Failure> {
    if known > heard.from && known > app.log.last_position().await? {
        return Ok(Missed::TooMuch);
    }
    if known >= heard.quiet_since {
        return Ok(Missed::Nothing { after: known.max(heard.from) });
    }
    let _turn = app.histories.acquire().await.map_err(|_| Failure::Stopping)?;
    let id = screening.to_string();
    let (mut changes, mut after) = (Changes::default(), known);
    for _ in 0..PAGES_MAX {
        let page = app.log.history_page(Screening::TYPE, &id, after).await?;
        let over = page.is_empty();
        // What a follower of the leader does not have yet, the leader has.
        let page = if over { app.log.history_end(Screening::TYPE, &id, after).await? } else { page };
        for commit in &page {
            changes.take(commit)?;
            after = commit.position;
        }
        if over {
            if after <= heard.from {
                app.live.is_quiet(screening, after, heard.from);
            }
            let after = after.max(heard.from);
            return Ok(if changes.is_empty() {
                Missed::Nothing { after }
            } else {
                Missed::Changes(changes.frame(after))
            });
        }
    }
    Ok(Missed::TooMuch)
}
