//! Publishes drafts at the time that was set for them. There is one timer per screen: it fires at the earliest of these times, publishes what
//! is due, and is armed for the next one.

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_domain::{
    ScreenId,
    screen::{Command, OpeningHours, Publisher, Screen},
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
use uuid::Uuid;

use crate::worker::{
    clock::Clock,
    error::{SagaError, verdict},
    reaction::Reactions,
};

/// Shortest time between two firings of a timer.
const REARM_PAUSE_MIN: SignedDuration = SignedDuration::from_secs(1);

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
        self.arm_after(screen, Timestamp::MIN).await
    }

    /// Arms the timer of a screen for the first draft that is due after `passed`. Drafts due before have been tried.
    async fn arm_after(&self, screen: ScreenId, passed: Timestamp) -> Result<(), SagaError> {
        let _alone = self.arming.lock().await;
        let reaction = self.reactions.to_outside();
        let state: Screen = reaction.read(&screen).await?;
        let Some(next) = state.next_publication(passed) else { return Ok(()) };
        // The clock of the server may be ahead of ours.
        let soon = reaction.now().saturating_add(REARM_PAUSE_MIN).unwrap_or(next);
        let at = if passed == Timestamp::MIN { next } else { next.max(soon) };
        Ok(self.timers.arm(Self::KIND, &screen.to_string(), at).await?)
    }

    /// Arms the timers of all drafts that the read models list, because timers may be lost.
    pub async fn restore(&self, pool: &PgPool) -> Result<(), SagaError> {
        let screens: Vec<Uuid> = sqlx::query_scalar(
            "SELECT DISTINCT screen_id FROM read.drafts WHERE status = 'draft' AND publish_at IS NOT NULL",
        )
        .fetch_all(pool)
        .await?;
        for screen in screens {
            self.arm(ScreenId(screen)).await?;
        }
        Ok(())
    }

    /// Handles the timer of a screen.
    pub async fn fired(&self, screen: &str) -> Verdict {
        verdict(match screen.parse() {
            Ok(screen) => self.publish_due(screen).await,
            Err(error) => Err(SagaError::permanent(error)),
        })
    }

    /// Publishes what is due. What cannot be published, because its show was cancelled for example, stays a draft, and staff see that
    /// its time has passed.
    async fn publish_due(&self, screen: ScreenId) -> Result<(), SagaError> {
        let reaction = self.reactions.to_outside();
        let now = reaction.now();
        let state: Screen = reaction.read(&screen).await?;
        let due = state.due_drafts(now);
        if let (Some(room), false) = (&state.room, due.is_empty()) {
            let venue: Venue = reaction.read(&room.venue).await?;
            let Some(opening_hours) = OpeningHours::of(&venue) else { return Ok(()) };
            for (screening, show) in due {
                let show: Show = reaction.read(&show).await?;
                let command = Command::PublishDraft {
                    screening,
                    publisher: Publisher::Timer,
                    opening_hours: opening_hours.clone(),
                    show_cancelled: show.cancelled.is_some(),
                };
                if let Err(refusal) = reaction.execute::<Screen>(&screen, command).await? {
                    let refusal = &refusal as &dyn std::error::Error;
                    tracing::warn!(refusal, %screening, "a draft could not be published at its time");
                }
            }
        }
        self.arm_after(screen, now).await
    }
}
