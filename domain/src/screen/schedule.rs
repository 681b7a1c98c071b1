//! Calendar of a screen. Opening hours are in the venue's time zone, so a day has 23 or 25 hours when clocks change.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use uuid::Uuid;

use super::{Event, OpeningHours, Refusal, Reserved, Room, Screen, Slot, Unscheduled};
use crate::{
    Fingerprint, Flaws, Policy, ScreeningId, TimeZoneName,
    pricing::CancellationRule,
    promise::{Offer, Promise},
    values::text::{check_reason, tidy},
    venue::{Venue, VenueDetails},
};

/// Longest time until the start of a screening: a hundred years, far from the end of the calendar, where sums overflow.
/// House rule.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 36_525);

/// A slot that is in the way of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenSlot {
    /// Screening, or draft of one, that has it.
    pub screening: ScreeningId,
    /// Title of the show when the screening was planned.
    pub show_title: String,
    /// Start of the screening.
    pub starts_at: Timestamp,
    /// End of the screening.
    pub ends_at: Timestamp,
    /// Time zone of the venue.
    pub timezone: TimeZoneName,
    /// `true` if customers do not see the screening yet.
    pub is_draft: bool,
}

impl fmt::Display for TakenSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { show_title, starts_at, ends_at, timezone, is_draft, screening: _ } = self;
        let zone = timezone.zone();
        let local = |moment: &Timestamp| moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let what = if *is_draft { "a draft of" } else { "the screening of" };
        write!(f, "{what} {show_title} from {} to {}", local(starts_at), local(ends_at))
    }
}

impl TakenSlot {
    fn of_screening(((starts_at, screening), slot): (&(Timestamp, ScreeningId), &Slot)) -> Self {
        let Slot { ends_at, show_title, timezone, fingerprint: _, change: _ } = slot.clone();
        let (screening, starts_at) = (*screening, *starts_at);
        Self { screening, show_title, starts_at, ends_at, timezone, is_draft: false }
    }

    fn of_promise(screening: ScreeningId, promise: &Promise, is_draft: bool) -> Self {
        let (show_title, timezone) = (promise.show_title.clone(), promise.timezone.clone());
        let Promise { starts_at, ends_at, .. } = *promise;
        Self { screening, show_title, starts_at, ends_at, timezone, is_draft }
    }
}

impl Screen {
    /// Returns `true` if the same request scheduled `screening` before.
    pub(super) fn is_repeat(
        &self,
        screening: ScreeningId,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<bool, Refusal> {
        self.known()?;
        let slot = self.slot(screening).map(|(_, slot)| &slot.fingerprint);
        let before = slot
            .or_else(|| self.drafts.get(&screening).map(|draft| &draft.fingerprint))
            .or_else(|| self.unscheduled.get(&screening).map(|gone| &gone.fingerprint))
            .or_else(|| self.vacated.get(&screening))
            .or_else(|| self.discarded.get(&screening));
        let Some(before) = before else { return Ok(false) };
        if before.as_ref() == fingerprint { Ok(true) } else { Err(Refusal::KeyReused) }
    }

    pub(super) fn schedule(
        &self,
        screening: ScreeningId,
        offer: &Offer,
        hours: &OpeningHours,
        fingerprint: Option<&Fingerprint>,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.known()?.complete(offer.clone());
        self.check_slot(screening, &promise, hours, now)?;
        Ok(vec![Event::ScreeningScheduled {
            screening,
            blocks: self.first_blocks(screening, &promise.layout, &[]),
            promise: Arc::new(promise),
            fingerprint: fingerprint.cloned(),
        }])
    }

    /// Checks that a screening can take place as promised, in a slot that no other screening has.
    pub(super) fn check_slot(
        &self,
        screening: ScreeningId,
        promise: &Promise,
        hours: &OpeningHours,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.check_promise(promise, hours, now)?;
        self.check_free(screening, promise, self.turnaround_minutes)
    }

    /// Checks that a screening can take place as promised, if its slot is free.
    pub(super) fn check_promise(
        &self,
        promise: &Promise,
        hours: &OpeningHours,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if !hours.active {
            return Err(Refusal::VenueInactive);
        }
        if self.retired {
            return Err(Refusal::ScreenRetired);
        }
        if promise.starts_at <= now {
            return Err(Refusal::InThePast);
        }
        check_prices(promise)?;
        if !hours.include(promise.starts_at, promise.ends_at, &promise.timezone.zone()) {
            let OpeningHours { opens_at, closes_at, active: _ } = *hours;
            return Err(Refusal::OutsideOpeningHours { opens_at, closes_at });
        }
        let mut flaws = Flaws::default();
        let near = promise.starts_at.duration_since(now) <= AHEAD_MAX;
        flaws.unless(near, "/starts_at", "must be within a hundred years");
        flaws.into_result().map_err(Refusal::Invalid)
    }

    /// Checks the drafts, the reserved slots, and only the last one of the calendar that starts before the room is clean again
    /// after the end, because those do not overlap. The screening's own slots are no obstacle to it.
    pub(super) fn check_free(
        &self,
        screening: ScreeningId,
        promise: &Promise,
        turnaround_minutes: u16,
    ) -> Result<(), Refusal> {
        let turnaround = SignedDuration::from_mins(i64::from(turnaround_minutes));
        let clean_at = |ends_at: Timestamp| ends_at.saturating_add(turnaround).unwrap_or(Timestamp::MAX);
        let free_at = clean_at(promise.ends_at);
        let before = self.calendar.range(..(free_at, ScreeningId(Uuid::nil()))).rev();
        let last = before.map(TakenSlot::of_screening).find(|taken| taken.screening != screening);
        let reserved = self.reserved.values().map(|reserved| {
            let Reserved { screening, promise, fingerprint: _ } = reserved;
            TakenSlot::of_promise(*screening, promise, false)
        });
        let drafts = self.drafts.iter();
        let drafts = drafts.map(|(other, draft)| TakenSlot::of_promise(*other, &draft.promise, true));
        let others = reserved.chain(drafts);
        let others = others.filter(|taken| taken.screening != screening && taken.starts_at < free_at);
        match last.into_iter().chain(others).find(|taken| clean_at(taken.ends_at) > promise.starts_at) {
            Some(taken) => Err(Refusal::ScreenBusy { taken: Box::new(taken), turnaround_minutes }),
            None => Ok(()),
        }
    }

    pub(super) fn unschedule(
        &self,
        screening: ScreeningId,
        cascade: Uuid,
        reason: Option<&str>,
        decided_at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        let scheduled = self.slot(screening).map(|(starts_at, _)| starts_at);
        let Some(starts_at) = scheduled.or_else(|| self.reserved_start(screening)) else {
            return Ok(Vec::new());
        };
        if starts_at <= decided_at {
            return Err(Refusal::Started(starts_at));
        }
        let reason = reason.and_then(tidy);
        check_reason(reason.as_deref()).map_err(Refusal::Invalid)?;
        Ok(vec![Event::ScreeningUnscheduled { screening, cascade, reason, decided_at }])
    }

    pub(super) fn free(&mut self, screening: ScreeningId, cascade: Uuid) {
        let starts_at = self.starts.get(&screening).copied();
        let Some(starts_at) = starts_at.or_else(|| self.reserved_start(screening)) else { return };
        self.reserved.retain(|_, reserved| reserved.screening != screening);
        // Both know when to forget it.
        self.starts.insert(screening, starts_at);
        self.by_start.insert((starts_at, screening));
        let slot = self.calendar.remove(&(starts_at, screening));
        let fingerprint = slot.and_then(|Slot { fingerprint, .. }| fingerprint);
        self.unscheduled.entry(screening).or_insert(Unscheduled { cascade, fingerprint });
    }

    /// The start of a screening in the calendar, and its slot.
    pub(super) fn slot(&self, screening: ScreeningId) -> Option<(Timestamp, &Slot)> {
        let starts_at = *self.starts.get(&screening)?;
        Some((starts_at, self.calendar.get(&(starts_at, screening))?))
    }
}

impl Room {
    /// Makes an offer a promise by adding the room's own facts.
    #[must_use]
    pub fn complete(&self, offer: Offer) -> Promise {
        let Self { screen, venue, name: screen_name, layout, fingerprint: _ } = self.clone();
        let Offer {
            show,
            show_title,
            venue_name,
            city,
            timezone,
            starts_at,
            ends_at,
            cancel_until,
            prices,
            currency,
            terms,
        } = offer;
        Promise {
            show,
            show_title,
            venue,
            venue_name,
            city,
            timezone,
            screen,
            screen_name,
            starts_at,
            ends_at,
            cancel_until,
            layout,
            prices,
            currency,
            terms,
        }
    }
}

/// Returns the cut-off of cancellations by customers; `None` if they cannot cancel at all.
#[must_use]
pub fn cut_off(rule: Option<CancellationRule>, starts_at: Timestamp, policy: &Policy) -> Option<Timestamp> {
    let seconds = match rule {
        None => policy.cancel_cutoff_seconds,
        Some(CancellationRule::Until { minutes, .. }) => i64::from(minutes) * 60,
        Some(CancellationRule::Never) => return None,
    };
    Some(starts_at.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN))
}

/// Requires a price of zero or more for each category of the room, and for no other, and terms within their ranges.
pub(crate) fn check_prices(promise: &Promise) -> Result<(), Refusal> {
    let categories = promise.layout.categories();
    let missing: Vec<String> = categories
        .iter()
        .filter(|category| !promise.prices.contains_key(**category))
        .map(ToString::to_string)
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::PriceMissing { categories: missing });
    }
    let mut flaws = Flaws::default();
    promise.check_terms(&mut flaws);
    flaws.into_result().map_err(Refusal::Invalid)
}

impl OpeningHours {
    /// The facts of a venue; `None` before it is created.
    #[must_use]
    pub fn of(venue: &Venue) -> Option<Self> {
        let VenueDetails { opens_at, closes_at, .. } = venue.details.as_ref()?;
        Some(Self { opens_at: *opens_at, closes_at: *closes_at, active: venue.inactive.is_none() })
    }

    /// Returns `true` if the venue is open without a break from `starts_at` to `ends_at`.
    fn include(&self, starts_at: Timestamp, ends_at: Timestamp, zone: &TimeZone) -> bool {
        if self.opens_at == self.closes_at {
            return true;
        }
        let today = starts_at.to_zoned(zone.clone()).date();
        // A screening after midnight may belong to the evening before.
        [Some(today), today.yesterday().ok()].into_iter().flatten().any(|day| {
            self.opening_of(day, zone).is_some_and(|(opens, closes)| opens <= starts_at && ends_at <= closes)
        })
    }

    /// Returns the opening on `day` and the closing after it; `None` only at the end of the calendar.
    fn opening_of(&self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let closing_day = if self.closes_at > self.opens_at { day } else { day.tomorrow().ok()? };
        let moment = |day: Date, time| Some(day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp());
        Some((moment(day, self.opens_at.time())?, moment(closing_day, self.closes_at.time())?))
    }
}
