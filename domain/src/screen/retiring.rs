//! Rooms that are out of use. A room is retired only once nothing is to come there, so no guest is affected; both this and the
//! scheduling of a screening are decided by the calendar, one after the other.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Event, Refusal, Screen};
use crate::ScreeningId;

impl Screen {
    pub(super) fn retire(&self, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        if self.retired {
            return Ok(Vec::new());
        }
        let after = (now, ScreeningId(Uuid::max()));
        let scheduled = self.calendar.range(after..).map(|((start, screening), _)| (*start, *screening));
        let reserved = self.reserved.values().map(|slot| (slot.promise.starts_at, slot.screening));
        let drafts = self.drafts.iter().map(|(screening, draft)| (draft.promise.starts_at, *screening));
        let planned = reserved.chain(drafts).filter(|(start, _)| *start > now);
        let mut to_come: Vec<_> = scheduled.chain(planned).collect();
        to_come.sort_unstable();
        let Some((first_at, _)) = to_come.first().copied() else { return Ok(vec![Event::ScreenRetired {}]) };
        // A screening that is about to change has two slots.
        to_come.sort_unstable_by_key(|(_, screening)| *screening);
        to_come.dedup_by_key(|(_, screening)| *screening);
        Err(Refusal::ScreenInUse { screenings: to_come.len(), first_at })
    }

    pub(super) fn reactivate(&self) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        Ok(self.retired.then_some(Event::ScreenReactivated {}).into_iter().collect())
    }
}
