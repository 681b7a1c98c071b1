//! Calendars of the screens: screenings on one screen do not overlap, with the time for cleaning that was valid when each was scheduled, and
//! none is scheduled on a retired screen.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{ScreeningId, promise::Promise, screen::Event};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::findings::{Findings, Invariant};

/// Calendars by screen.
#[derive(Debug, Default)]
pub(super) struct Calendars(HashMap<Arc<str>, Calendar>);

/// Start, id and end of each screening, the slots of changes and drafts, and what limits new ones.
#[derive(Debug, Default)]
struct Calendar {
    slots: BTreeMap<(Timestamp, ScreeningId), Timestamp>,
    reserved: HashMap<Uuid, (Timestamp, ScreeningId, Timestamp)>,
    drafts: HashMap<ScreeningId, (Timestamp, ScreeningId, Timestamp)>,
    turnaround_minutes: u16,
    retired: bool,
}

impl Calendars {
    pub fn take(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let calendar = self.0.entry(Arc::clone(&recorded.id)).or_default();
        let wrong = match event {
            Event::ScreeningScheduled { screening, promise, .. } => {
                let clash = calendar.clash(*screening, promise);
                calendar.slots.insert((promise.starts_at, *screening), promise.ends_at);
                clash.map(|wrong| format!("screening {screening} {wrong}"))
            }
            Event::ScreeningDrafted { screening, promise, .. }
            | Event::DraftChanged { screening, promise, publish_at: _ } => {
                let clash = calendar.clash(*screening, promise);
                let slot = (promise.starts_at, *screening, promise.ends_at);
                let is_new = calendar.drafts.insert(*screening, slot).is_none();
                let is_change = matches!(event, Event::DraftChanged { .. });
                let unknown = (is_new == is_change).then(|| "is not the draft that it was".to_owned());
                clash.or(unknown).map(|wrong| format!("the draft {screening} {wrong}"))
            }
            Event::DraftPublished { screening } | Event::DraftDiscarded { screening } => {
                let was_draft = calendar.drafts.remove(screening).is_some();
                (!was_draft).then(|| format!("the draft {screening} ended twice"))
            }
            Event::SlotReserved { screening, wanted } => {
                let clash = calendar.clash(*screening, &wanted.promise);
                let slot = (wanted.promise.starts_at, *screening, wanted.promise.ends_at);
                calendar.reserved.insert(wanted.id, slot);
                clash.map(|wrong| format!("screening {screening} reserved a slot that {wrong}"))
            }
            Event::SlotTaken { screening, change, promise } => {
                let slot = (promise.starts_at, *screening, promise.ends_at);
                let is_reserved = calendar.reserved.remove(change) == Some(slot);
                calendar.slots.retain(|(_, id), _| id != screening);
                calendar.slots.insert((promise.starts_at, *screening), promise.ends_at);
                (!is_reserved).then(|| format!("screening {screening} took a slot that it had not reserved"))
            }
            Event::SlotDropped { change, .. } => {
                calendar.reserved.remove(change);
                None
            }
            Event::ScreeningUnscheduled { screening, .. } => {
                calendar.slots.retain(|(_, id), _| id != screening);
                calendar.reserved.retain(|_, (_, id, _)| id != screening);
                None
            }
            Event::SlotVacated { screening, .. } => {
                calendar.slots.retain(|(_, id), _| id != screening);
                None
            }
            Event::TurnaroundChanged { minutes } => {
                calendar.turnaround_minutes = *minutes;
                None
            }
            Event::ScreenRetired {} => {
                calendar.retired = true;
                None
            }
            Event::ScreenReactivated {} => {
                calendar.retired = false;
                None
            }
            Event::ScreenAdded { .. }
            | Event::ScreenRenamed { .. }
            | Event::LayoutChanged { .. }
            | Event::DraftSeatsBlocked { .. }
            | Event::DraftBlockReleased { .. }
            | Event::ScreenSeatsBlocked { .. }
            | Event::ScreenBlockReleased { .. } => None,
        };
        if let Some(wrong) = wrong {
            let detail = format!("{wrong} on {}", recorded.id);
            findings.violated(Invariant::CalendarFree, recorded.position, detail);
        }
    }
}

impl Calendar {
    /// Returns the reason why a new slot is not allowed: an overlap with another slot or reserved slot, or a retired screen.
    fn clash(&self, screening: ScreeningId, Promise { starts_at, ends_at, .. }: &Promise) -> Option<String> {
        if self.retired {
            return Some("is on a retired screen".to_owned());
        }
        let turnaround = SignedDuration::from_mins(i64::from(self.turnaround_minutes));
        let clean_at = |ends_at: &Timestamp| ends_at.saturating_add(turnaround).unwrap_or(Timestamp::MAX);
        let slots = self.slots.iter().map(|((start, id), end)| (*start, *id, *end));
        let planned = self.reserved.values().chain(self.drafts.values()).copied();
        let mut others = slots.chain(planned).filter(|(_, id, _)| *id != screening);
        let clash = others.find(|(start, _, end)| *start < clean_at(ends_at) && *starts_at < clean_at(end));
        clash.map(|(_, other, _)| format!("overlaps {other}"))
    }
}
