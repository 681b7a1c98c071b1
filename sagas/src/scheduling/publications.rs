//! Publishes drafts at the time that was set for them. There is one timer per screen: it fires at the earliest of these
//! times, publishes every draft that is due, and is armed for the next time. If a draft cannot be published, for example because its
//! venue is inactive, publishing is retried every hour for a day.

#[cfg(test)]
mod tests;

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_domain::{
    ScreenId, ScreeningId,
    screen::{Command, CurrentFacts, PUBLICATION_TRIED, Publisher, Screen},
    show::Show,
    venue::Venue,
};
use ticketshow_nats::{
    consumers::{timers::Timers, verdict::Verdict},
    executor::Executor,
    server::connection::Connection,
    subjects::consumers,
};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    scheduling::screen_blocks,
    worker::{
        clock::Clock,
        error::{SagaError, verdict},
        reaction::Reactions,
    },
};

/// Shortest time between two firings of a timer.
const REARM_PAUSE_MIN: SignedDuration = SignedDuration::from_secs(1);
/// Interval between two restorations of the timers.
const RESTORE_EVERY: Duration = Duration::from_hours(1);
/// Pause after a restoration that failed.
const RESTORE_PAUSE: Duration = Duration::from_secs(10);

/// The timers of all screens with drafts.
#[derive(Debug)]
pub(crate) struct Publications {
    reactions: Reactions,
    timers: Timers,
    /// Held while the next time is read and its timer armed: an older state must not replace a newer timer.
    arming: Mutex<()>,
}

impl Publications {
    /// Kind of the timers. Frozen once shipped.
    pub const KIND: &'static str = "publication";

    pub fn new(connection: &Connection, executor: &Executor, clock: Clock) -> Self {
        let reactions = Reactions::new(consumers::SCHEDULING, executor, clock);
        Self { reactions, timers: Timers::new(connection), arming: Mutex::default() }
    }

    /// Arms the timer of a screen for its next draft, which may be due already.
    pub async fn arm(&self, screen: ScreenId) -> Result<(), SagaError> {
        self.arm_after(screen, &[], SignedDuration::ZERO).await
    }

    /// Arms the timer of a screen, to fire after the pause or later. `tried` are drafts that could not be published just now.
    async fn arm_after(
        &self,
        screen: ScreenId,
        tried: &[ScreeningId],
        pause: SignedDuration,
    ) -> Result<(), SagaError> {
        let _alone = self.arming.lock().await;
        let reaction = self.reactions.to_outside();
        let state: Screen = reaction.read(&screen).await?;
        let Some(next) = state.next_publication(reaction.now(), tried) else { return Ok(()) };
        let soon = reaction.now().saturating_add(pause).unwrap_or(next);
        Ok(self.timers.arm(Self::KIND, &screen.to_string(), next.max(soon)).await?)
    }

    /// Restores the timers now and every hour until `stop`.
    pub async fn keep_restored(&self, pool: &PgPool, stop: &CancellationToken) {
        repeat(stop, &|| self.restore(pool).boxed()).await;
    }

    /// Arms the timers of all drafts that the read models list, because timers may be lost. One that cannot be armed does not
    /// stop the others.
    async fn restore(&self, pool: &PgPool) -> Result<(), SagaError> {
        let tried_since = self.reactions.to_outside().now() - PUBLICATION_TRIED;
        let mut outcome = Ok(());
        for screen in screens_to_arm(pool, tried_since).await? {
            match self.arm(screen).await {
                Ok(()) => {}
                Err(error @ SagaError::Transient(_)) => outcome = Err(error),
                Err(error @ (SagaError::Newer(_) | SagaError::Permanent(_))) => {
                    tracing::error!(error = error.source(), %screen, "cannot arm the timer of a screen");
                }
            }
        }
        outcome
    }

    /// Handles the timer of a screen.
    pub async fn fired(&self, screen: &str) -> Verdict {
        verdict(match screen.parse() {
            Ok(screen) => self.publish_due(screen).await,
            Err(error) => Err(SagaError::permanent(error)),
        })
    }

    /// Publishes the drafts that are due. A draft that cannot be published, for example because its show was
    /// cancelled, stays a draft, and staff see that its time has passed.
    async fn publish_due(&self, screen: ScreenId) -> Result<(), SagaError> {
        let reaction = self.reactions.to_outside();
        let state: Screen = reaction.read(&screen).await?;
        let due = state.due_drafts(reaction.now());
        let mut tried = Vec::with_capacity(due.len());
        if let (Some(room), false) = (&state.room, due.is_empty()) {
            let venue: Venue = reaction.read(&room.venue).await?;
            for (screening, show) in due {
                tried.push(screening);
                // Not both drafts are published. If the other one stays, this one is deleted.
                let replaced = state.drafts.get(&screening).and_then(|draft| draft.replaces.as_ref());
                if let Some(replaced) = replaced {
                    screen_blocks::end_replaced(&reaction, screen, screening, replaced).await?;
                }
                let show: Show = reaction.read(&show).await?;
                let Some(facts) = CurrentFacts::of(&show, &venue) else { continue };
                let command = Command::PublishDraft { screening, publisher: Publisher::Timer, facts };
                if let Err(refusal) = reaction.execute::<Screen>(&screen, command).await? {
                    let refusal = &refusal as &dyn std::error::Error;
                    tracing::warn!(refusal, %screening, "a draft could not be published at its time");
                }
            }
        }
        // The clock of the server may be ahead of ours.
        self.arm_after(screen, &tried, REARM_PAUSE_MIN).await
    }
}

/// An attempt to restore the timers.
type Restore<'a> = dyn Fn() -> BoxFuture<'a, Result<(), SagaError>> + Send + Sync + 'a;

/// Runs `restore` now, every hour, and soon after it failed, until `stop`.
async fn repeat(stop: &CancellationToken, restore: &Restore<'_>) {
    let mut pause = Duration::ZERO;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        pause = match stop.run_until_cancelled(restore()).await {
            Some(Ok(())) | None => RESTORE_EVERY,
            Some(Err(error)) => {
                tracing::warn!(error = error.source(), "cannot arm the timers of drafts yet");
                RESTORE_PAUSE
            }
        };
    }
}

/// Returns the screens with drafts whose time is to come, or was missed since `tried_since`: older ones are not tried any more.
async fn screens_to_arm(pool: &PgPool, tried_since: Timestamp) -> Result<Vec<ScreenId>, SagaError> {
    let screens: Vec<Uuid> = sqlx::query_scalar(
        "SELECT DISTINCT screen_id FROM read.drafts WHERE status = 'draft' AND publish_at > $1 ORDER BY screen_id",
    )
    .bind(tried_since.to_sqlx())
    .fetch_all(pool)
    .await?;
    Ok(screens.into_iter().map(ScreenId).collect())
}
