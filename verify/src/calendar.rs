//! Calendars of the screens: screenings on one screen do not overlap.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use ticketshow_domain::{ScreeningId, screen::Event};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::findings::{Findings, Invariant};

/// Start, id and end of each screening, by screen.
#[derive(Debug, Default)]
pub(super) struct Calendars(HashMap<Arc<str>, BTreeMap<(Timestamp, ScreeningId), Timestamp>>);

impl Calendars {
    pub fn take(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        match event {
            Event::ScreeningScheduled { screening, promise, .. } => {
                let (starts_at, ends_at) = (promise.starts_at, promise.ends_at);
                let slots = self.0.entry(Arc::clone(&recorded.id)).or_default();
                let clash =
                    slots.iter().rev().find(|((start, _), end)| *start < ends_at && starts_at < **end);
                if let Some(((_, other), _)) = clash {
                    let detail = format!("screening {screening} overlaps {other} on {}", recorded.id);
                    findings.violated(Invariant::CalendarFree, recorded.position, detail);
                }
                slots.insert((starts_at, *screening), ends_at);
            }
            Event::ScreeningUnscheduled { screening, .. } => {
                if let Some(slots) = self.0.get_mut(&recorded.id) {
                    slots.retain(|(_, id), _| id != screening);
                }
            }
            Event::ScreenAdded { .. } | Event::ScreenRenamed { .. } | Event::LayoutChanged { .. } => {}
        }
    }
}
