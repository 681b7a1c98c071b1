//! Screenings that are planned but not published. A draft has its slot, so nothing else is scheduled then. Until it is published, its
//! screening does not exist anywhere else, so no customer can see or book it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Event, OpeningHours, Refusal, Screen};
use crate::{
    Fingerprint, Flaws, ScreeningId, ShowId,
    promise::{Offer, Promise},
};

/// A screening that customers do not see yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Terms that it will have. Layout and name of the screen are those of the day of the publication.
    pub promise: Arc<Promise>,
    /// Time at which it is published by itself; `None` if staff publish it.
    pub publish_at: Option<Timestamp>,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
}

/// Terms of a draft as requested, with the facts that scheduling needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedDraft {
    /// Terms, before the screen adds its own facts.
    pub offer: Arc<Offer>,
    /// Time at which it is published by itself, before the start.
    pub publish_at: Option<Timestamp>,
    /// Facts of the venue.
    pub opening_hours: OpeningHours,
    /// `true` once the show is cancelled.
    pub show_cancelled: bool,
}

/// Source of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// A member of staff, at any time.
    Staff,
    /// The timer, which publishes only what is due.
    Timer,
}

impl Screen {
    pub(super) fn draft(
        &self,
        screening: ScreeningId,
        wanted: &WantedDraft,
        fingerprint: Option<&Fingerprint>,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        if self.is_repeat(screening, fingerprint)? {
            return Ok(Vec::new());
        }
        let promise = Arc::new(self.check_draft(screening, wanted, now)?);
        let (publish_at, fingerprint) = (wanted.publish_at, fingerprint.cloned());
        Ok(vec![Event::ScreeningDrafted { screening, promise, publish_at, fingerprint }])
    }

    pub(super) fn change_draft(
        &self,
        screening: ScreeningId,
        wanted: &WantedDraft,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let Some(before) = self.drafts.get(&screening) else { return Err(self.no_draft(screening)) };
        let promise = Arc::new(self.check_draft(screening, wanted, now)?);
        let publish_at = wanted.publish_at;
        if before.promise == promise && before.publish_at == publish_at {
            return Ok(Vec::new());
        }
        Ok(vec![Event::DraftChanged { screening, promise, publish_at }])
    }

    fn check_draft(
        &self,
        screening: ScreeningId,
        wanted: &WantedDraft,
        now: Timestamp,
    ) -> Result<Promise, Refusal> {
        if wanted.show_cancelled {
            return Err(Refusal::ShowCancelled);
        }
        let promise = self.known()?.complete(Offer::clone(&wanted.offer));
        self.check_slot(screening, &promise, &wanted.opening_hours, now)?;
        let mut flaws = Flaws::default();
        let is_before = wanted.publish_at.is_none_or(|at| at < promise.starts_at);
        flaws.unless(is_before, "/publish_at", "must be before the start");
        flaws.into_result().map_err(Refusal::Invalid)?;
        Ok(promise)
    }

    /// Returns the draft, or `None` if there is nothing to do: it was published before, or is not due for the timer.
    pub(super) fn draft_to_publish(
        &self,
        screening: ScreeningId,
        publisher: Publisher,
        now: Timestamp,
    ) -> Result<Option<&Draft>, Refusal> {
        self.known()?;
        let Some(draft) = self.drafts.get(&screening) else {
            return if self.is_published(screening) { Ok(None) } else { Err(Refusal::NoDraft) };
        };
        let is_due = match publisher {
            Publisher::Staff => true,
            Publisher::Timer => draft.publish_at.is_some_and(|at| at <= now),
        };
        Ok(is_due.then_some(draft))
    }

    pub(super) fn publish(
        &self,
        screening: ScreeningId,
        draft: &Draft,
        hours: &OpeningHours,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let room = self.known()?;
        let mut promise = Promise::clone(&draft.promise);
        promise.screen_name.clone_from(&room.name);
        promise.layout.clone_from(&room.layout);
        self.check_slot(screening, &promise, hours, now)?;
        let (promise, fingerprint) = (Arc::new(promise), draft.fingerprint.clone());
        let scheduled = Event::ScreeningScheduled { screening, promise, fingerprint };
        Ok(vec![Event::DraftPublished { screening }, scheduled])
    }

    pub(super) fn discard_draft(&self, screening: ScreeningId) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        if self.drafts.contains_key(&screening) {
            return Ok(vec![Event::DraftDiscarded { screening }]);
        }
        if self.vacated.contains_key(&screening) {
            return Ok(Vec::new());
        }
        Err(self.no_draft(screening))
    }

    /// The reason for which there is no draft of this screening.
    fn no_draft(&self, screening: ScreeningId) -> Refusal {
        if self.is_published(screening) { Refusal::Published } else { Refusal::NoDraft }
    }

    fn is_published(&self, screening: ScreeningId) -> bool {
        self.slot(screening).is_some() || self.unscheduled.contains_key(&screening)
    }

    pub(super) fn keep_draft(&mut self, screening: ScreeningId, draft: Draft) {
        let starts_at = draft.promise.starts_at;
        if let Some(before) = self.starts.insert(screening, starts_at) {
            self.by_start.remove(&(before, screening));
        }
        self.by_start.insert((starts_at, screening));
        self.drafts.insert(screening, draft);
    }

    /// Returns the first moment after `passed` at which a draft is published by itself.
    #[must_use]
    pub fn next_publication(&self, passed: Timestamp) -> Option<Timestamp> {
        self.drafts.values().filter_map(|draft| draft.publish_at).filter(|at| *at > passed).min()
    }

    /// Returns the drafts that are to be published at `now`, with their shows.
    #[must_use]
    pub fn due_drafts(&self, now: Timestamp) -> Vec<(ScreeningId, ShowId)> {
        let due = self.drafts.iter().filter(|(_, draft)| draft.publish_at.is_some_and(|at| at <= now));
        due.map(|(screening, draft)| (*screening, draft.promise.show)).collect()
    }
}
