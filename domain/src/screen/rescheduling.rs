//! Slots of screenings that get another time or screen. The new slot is reserved before the screening decides, and the old one is
//! given up after it has, so the screening always has a slot of its own.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, OpeningHours, Refusal, Screen, Slot};
use crate::{Fingerprint, ScreeningId, promise::Promise, rescheduling::WantedChange};

/// A slot that is kept for a screening until it has decided about a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// The screening.
    pub screening: ScreeningId,
    /// Terms with the new time and screen.
    pub promise: Arc<Promise>,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
}

impl Screen {
    /// Reserves the slot of a change. Without effect if it is reserved or taken.
    pub(super) fn reserve_slot(
        &self,
        screening: ScreeningId,
        wanted: &WantedChange,
        hours: &OpeningHours,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let room = self.known()?;
        let own = self.slot(screening).map(|(_, slot)| slot);
        if let Some(reserved) = self.reserved.get(&wanted.id) {
            let same = reserved.fingerprint == wanted.fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        if own.is_some_and(|slot| slot.change == Some(wanted.id)) {
            return Ok(Vec::new());
        }
        if self.unscheduled.contains_key(&screening) {
            return Err(Refusal::Unscheduled);
        }
        let mut promise = Promise::clone(&wanted.promise);
        if own.is_none() {
            // On another screen the seats are those of the room as it is now.
            promise.screen_name.clone_from(&room.name);
            promise.layout.clone_from(&room.layout);
        }
        self.check_slot(screening, &promise, hours, now)?;
        let wanted = WantedChange { promise: Arc::new(promise), ..wanted.clone() };
        Ok(vec![Event::SlotReserved { screening, wanted }])
    }

    /// Gives a reserved slot to its screening, in place of the one that it has here.
    pub(super) fn take_slot(&self, change: Uuid) -> Vec<Event> {
        let taken = |reserved: &Reserved| {
            let Reserved { screening, promise, fingerprint: _ } = reserved.clone();
            Event::SlotTaken { screening, change, promise }
        };
        self.reserved.get(&change).map(taken).into_iter().collect()
    }

    /// Frees a reserved slot.
    pub(super) fn drop_slot(&self, change: Uuid) -> Vec<Event> {
        let dropped = |reserved: &Reserved| Event::SlotDropped { screening: reserved.screening, change };
        self.reserved.get(&change).map(dropped).into_iter().collect()
    }

    /// Frees the slot of a screening that went to another screen, unless it has come back since.
    pub(super) fn vacate_slot(
        &self,
        screening: ScreeningId,
        change: Uuid,
        taken_by: Option<Uuid>,
    ) -> Vec<Event> {
        match self.slot(screening) {
            Some((_, slot)) if slot.change == taken_by => vec![Event::SlotVacated { screening, change }],
            Some(_) | None => Vec::new(),
        }
    }

    pub(super) fn enter_slot(&mut self, screening: ScreeningId, change: Uuid, promise: &Promise) {
        self.reserved.remove(&change);
        let before = self.starts.get(&screening).map(|start| (*start, screening));
        let slot = before.and_then(|key| {
            self.by_start.remove(&key);
            self.calendar.remove(&key)
        });
        let fingerprint: Option<Fingerprint> =
            slot.and_then(|slot| slot.fingerprint).or_else(|| self.vacated.remove(&screening).flatten());
        let key = (promise.starts_at, screening);
        let slot = Slot {
            ends_at: promise.ends_at,
            fingerprint,
            change: Some(change),
            show_title: promise.show_title.clone(),
            timezone: promise.timezone.clone(),
        };
        self.calendar.insert(key, slot);
        self.by_start.insert(key);
        self.starts.insert(screening, promise.starts_at);
    }

    pub(super) fn leave_slot(&mut self, screening: ScreeningId) {
        let Some(start) = self.starts.get(&screening) else { return };
        if let Some(slot) = self.calendar.remove(&(*start, screening)) {
            self.vacated.insert(screening, slot.fingerprint);
        }
    }

    /// Returns the slot that is reserved for a change.
    #[must_use]
    pub fn reserved(&self, change: Uuid) -> Option<&Reserved> {
        self.reserved.get(&change)
    }

    /// Returns the start of a slot that is only reserved for a screening.
    pub(super) fn reserved_start(&self, screening: ScreeningId) -> Option<Timestamp> {
        let own = self.reserved.values().find(|reserved| reserved.screening == screening);
        own.map(|reserved| reserved.promise.starts_at)
    }
}
