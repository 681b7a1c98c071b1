//! Screenings that are planned but not published. A draft has its slot, so nothing else is scheduled then. Until it is
//! published, its screening does not exist anywhere else, so no customer can see or book it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    DraftBlock, Event, HouseBlock, OpeningHours, Refusal, Screen, blocks::within, schedule::cut_off,
};
use crate::{
    Context, Fingerprint, Flaws, ScreenId, ScreeningId, ShowId, TimeZoneName,
    promise::{Offer, Promise},
    show::Show,
    venue::{Venue, VenueDetails},
};

/// Most drafts of a screen that are still to come: a month of them. Each holds a layout. House rule.
pub const DRAFTS_MAX: usize = 500;
/// Time for which a draft is kept after its start. House rule.
const KEPT_AFTER_START: SignedDuration = SignedDuration::from_hours(24);
/// Time after `publish_at` in which a draft is published automatically. Later, only staff publish it: a draft that
/// missed its time must not go on sale unexpectedly. House rule.
pub const PUBLICATION_TRIED: SignedDuration = SignedDuration::from_hours(24);
/// Time between two attempts to publish a draft automatically. House rule.
const PUBLICATION_RETRY: SignedDuration = SignedDuration::from_hours(1);

/// A screening that customers do not see yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Terms that it will have. The facts of show, venue and screen are those of the day of the publication.
    pub promise: Arc<Promise>,
    /// Time at which it is published automatically; `None` if staff publish it.
    pub publish_at: Option<Timestamp>,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// Seats that its screening keeps back from the beginning, and the latest blocks that were released.
    pub(super) blocks: Vec<DraftBlock>,
    /// Draft of another screen that it replaces, without its blocks: that draft must be gone before this one is published.
    pub replaces: Option<ReplacedDraft>,
}

/// A draft of another screen that a new one replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedDraft {
    /// Screen that it is on.
    pub screen: ScreenId,
    /// Its id.
    pub draft: ScreeningId,
    /// Its blocks, as far as the new screen has their seats.
    pub blocks: Vec<HouseBlock>,
    /// All blocks that it had: it is deleted only while it has exactly these.
    pub seen: Vec<Uuid>,
}

/// Terms of a draft as requested, with the facts that scheduling needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedDraft {
    /// Terms, before the screen adds its own facts.
    pub offer: Arc<Offer>,
    /// Time at which it is published automatically, before the start.
    pub publish_at: Option<Timestamp>,
    /// Facts of the venue.
    pub opening_hours: OpeningHours,
    /// `true` once the show is cancelled.
    pub show_cancelled: bool,
    /// Draft of another screen that a new one replaces.
    pub replaces: Option<ReplacedDraft>,
}

/// Source of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// A member of staff, at any time.
    Staff,
    /// The timer, which publishes only what is due.
    Timer,
}

/// Facts of show and venue at the time of a publication, read by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentFacts {
    show_title: String,
    duration: SignedDuration,
    show_cancelled: bool,
    venue_name: String,
    city: String,
    timezone: TimeZoneName,
    opening_hours: OpeningHours,
}

impl CurrentFacts {
    /// Returns the facts that a publication needs; `None` before the show or the venue is created.
    #[must_use]
    pub fn of(show: &Show, venue: &Venue) -> Option<Self> {
        let play = show.details.as_ref()?;
        let VenueDetails { name, city, timezone, .. } = venue.details.as_ref()?;
        Some(Self {
            show_title: play.title.clone(),
            duration: SignedDuration::from_mins(i64::from(play.duration_minutes)),
            show_cancelled: show.cancelled.is_some(),
            venue_name: name.clone(),
            city: city.clone(),
            timezone: timezone.clone(),
            opening_hours: OpeningHours::of(venue)?,
        })
    }
}

impl Draft {
    /// Returns `true` at a time at which the draft is published automatically.
    fn is_due(&self, now: Timestamp) -> bool {
        let tried = |at| at <= now && now.duration_since(at) < PUBLICATION_TRIED;
        self.publish_at.is_some_and(tried) && now < self.promise.starts_at
    }

    /// Returns the next time at which the timer tries to publish the draft: at once, if it is due and was not tried at `now`.
    fn next_attempt(&self, now: Timestamp, was_tried: bool) -> Option<Timestamp> {
        let publish_at = self.publish_at?;
        let attempt = if was_tried && publish_at <= now {
            let retry = PUBLICATION_RETRY.as_secs();
            let retries = now.duration_since(publish_at).as_secs() / retry + 1;
            publish_at.checked_add(SignedDuration::from_secs(retries * retry)).ok()?
        } else {
            publish_at.max(now)
        };
        self.is_due(attempt).then_some(attempt)
    }
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
        if self.drafts.values().filter(|draft| draft.promise.starts_at > now).count() >= DRAFTS_MAX {
            return Err(Refusal::TooManyDrafts { max: DRAFTS_MAX });
        }
        let promise = Arc::new(self.check_draft(screening, wanted, now)?);
        let (publish_at, fingerprint) = (wanted.publish_at, fingerprint.cloned());
        let replaces = wanted
            .replaces
            .clone()
            .map(|replaced| ReplacedDraft { blocks: within(&replaced.blocks, &promise.layout), ..replaced });
        Ok(vec![Event::ScreeningDrafted { screening, promise, publish_at, fingerprint, replaces }])
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
        self.check_draft_slot(screening, &promise, &wanted.opening_hours, now)?;
        let mut flaws = Flaws::default();
        let is_before = wanted.publish_at.is_none_or(|at| at < promise.starts_at);
        flaws.unless(is_before, "/publish_at", "must be before the start");
        flaws.into_result().map_err(Refusal::Invalid)?;
        Ok(promise)
    }

    /// Checks a slot. In the slot that the draft has already, the time for cleaning may have become longer since.
    fn check_draft_slot(
        &self,
        screening: ScreeningId,
        promise: &Promise,
        hours: &OpeningHours,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let is_within =
            |before: &Promise| before.starts_at <= promise.starts_at && promise.ends_at <= before.ends_at;
        self.check_promise(promise, hours, now)?;
        let keeps_slot = self.drafts.get(&screening).is_some_and(|draft| is_within(&draft.promise));
        self.check_free(screening, promise, if keeps_slot { 0 } else { self.turnaround_minutes })
    }

    /// Publishes a draft. Without effect if it was published before, or is not due for the timer.
    pub(super) fn publish_draft(
        &self,
        screening: ScreeningId,
        publisher: Publisher,
        facts: &CurrentFacts,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let Some(draft) = self.drafts.get(&screening) else {
            return if self.is_published(screening) { Ok(Vec::new()) } else { Err(Refusal::NoDraft) };
        };
        let is_due = match publisher {
            Publisher::Staff => true,
            Publisher::Timer => draft.is_due(context.now),
        };
        if !is_due {
            return Ok(Vec::new());
        }
        if facts.show_cancelled {
            return Err(Refusal::ShowCancelled);
        }
        let promise = self.current_promise(draft, facts, context)?;
        self.check_draft_slot(screening, &promise, &facts.opening_hours, context.now)?;
        let of_draft: Vec<HouseBlock> = draft.blocks_at(context.now).cloned().collect();
        let blocks = self.first_blocks(screening, &promise.layout, &of_draft);
        let (promise, fingerprint) = (Arc::new(promise), draft.fingerprint.clone());
        let scheduled = Event::ScreeningScheduled { screening, promise, fingerprint, blocks };
        Ok(vec![Event::DraftPublished { screening }, scheduled])
    }

    /// Returns the terms of a draft with the current facts of show, venue and screen. Start, prices and terms stay.
    fn current_promise(
        &self,
        draft: &Draft,
        facts: &CurrentFacts,
        context: &Context,
    ) -> Result<Promise, Refusal> {
        let room = self.known()?;
        let before = Promise::clone(&draft.promise);
        let CurrentFacts { show_title, duration, venue_name, city, timezone, .. } = facts.clone();
        // Nobody can book before now.
        let cancel_until = cut_off(before.terms.cancellation, before.starts_at, &context.policy);
        Ok(Promise {
            show_title,
            venue_name,
            city,
            timezone,
            screen_name: room.name.clone(),
            layout: room.layout.clone(),
            ends_at: before.starts_at.saturating_add(duration).unwrap_or(Timestamp::MAX),
            cancel_until: cancel_until.unwrap_or(context.now),
            ..before
        })
    }

    pub(super) fn discard_draft(&self, screening: ScreeningId) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        if self.drafts.contains_key(&screening) {
            return Ok(vec![Event::DraftDiscarded { screening }]);
        }
        if self.discarded.contains_key(&screening) {
            return Ok(Vec::new());
        }
        Err(self.no_draft(screening))
    }

    /// Deletes a draft on behalf of the one that takes its place, which has the blocks `seen`.
    pub(super) fn replace_draft(&self, screening: ScreeningId, seen: &[Uuid]) -> Result<Vec<Event>, Refusal> {
        if let Some(draft) = self.drafts.get(&screening) {
            let has_others = draft.active_blocks().any(|block| !seen.contains(&block.id));
            if has_others || draft.active_blocks().count() != seen.len() {
                return Err(Refusal::DraftBlocksChanged);
            }
        }
        self.discard_draft(screening)
    }

    /// The reason why there is no draft of this screening.
    pub(super) fn no_draft(&self, screening: ScreeningId) -> Refusal {
        if self.is_published(screening) { Refusal::Published } else { Refusal::NoDraft }
    }

    /// Returns `true` if the screening was ever scheduled here.
    #[must_use]
    pub fn is_published(&self, screening: ScreeningId) -> bool {
        self.slot(screening).is_some()
            || self.unscheduled.contains_key(&screening)
            || self.vacated.contains_key(&screening)
    }

    /// Returns `true` if the screening is a draft that was published here.
    #[must_use]
    pub fn was_draft(&self, screening: ScreeningId) -> bool {
        self.published.contains(&screening)
    }

    pub(super) fn enter_draft(
        &mut self,
        screening: ScreeningId,
        promise: &Arc<Promise>,
        publish_at: Option<Timestamp>,
        fingerprint: Option<&Fingerprint>,
        replaces: Option<&ReplacedDraft>,
    ) {
        let of_draft = |block: &HouseBlock| {
            let block = block.clone();
            DraftBlock { block, fingerprint: None, released: false }
        };
        let blocks = replaces.iter().flat_map(|replaced| &replaced.blocks).map(of_draft).collect();
        let replaces = replaces.map(|replaced| ReplacedDraft { blocks: Vec::new(), ..replaced.clone() });
        let (promise, fingerprint) = (Arc::clone(promise), fingerprint.cloned());
        self.keep_draft(screening, Draft { promise, publish_at, fingerprint, blocks, replaces });
    }

    pub(super) fn keep_draft(&mut self, screening: ScreeningId, draft: Draft) {
        let starts_at = draft.promise.starts_at;
        if let Some(before) = self.starts.insert(screening, starts_at) {
            self.by_start.remove(&(before, screening));
        }
        self.by_start.insert((starts_at, screening));
        self.drafts.insert(screening, draft);
    }

    /// Ends a draft that is not published.
    pub(super) fn give_up_draft(&mut self, screening: ScreeningId) {
        if let Some(draft) = self.drafts.remove(&screening) {
            self.discarded.insert(screening, draft.fingerprint);
        }
    }

    /// Ends the drafts that began some time before. Their layouts would fill the state.
    pub(super) fn give_up_past_drafts(&mut self, now: Timestamp) {
        let is_past = |draft: &Draft| now.duration_since(draft.promise.starts_at) > KEPT_AFTER_START;
        let past: Vec<_> =
            self.drafts.iter().filter(|(_, draft)| is_past(draft)).map(|(id, _)| *id).collect();
        for screening in past {
            self.give_up_draft(screening);
        }
    }

    /// Returns the next time at which a draft is published automatically. `tried` are the drafts that could not be published at
    /// `now`.
    #[must_use]
    pub fn next_publication(&self, now: Timestamp, tried: &[ScreeningId]) -> Option<Timestamp> {
        let attempt = |(id, draft): (&ScreeningId, &Draft)| draft.next_attempt(now, tried.contains(id));
        self.drafts.iter().filter_map(attempt).min()
    }

    /// Returns the drafts that are to be published automatically at `now`, with their shows.
    #[must_use]
    pub fn due_drafts(&self, now: Timestamp) -> Vec<(ScreeningId, ShowId)> {
        let due = self.drafts.iter().filter(|(_, draft)| draft.is_due(now));
        due.map(|(screening, draft)| (*screening, draft.promise.show)).collect()
    }
}
