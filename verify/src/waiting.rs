//! Waiting lists: offers go to places in line, each once, in order, with the seats that their customers wait for.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ticketshow_domain::{
    BookingId, SeatName, UserId,
    promise::Promise,
    screening::{Event, Wish},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::findings::{Findings, Invariant};

/// The lists of all screenings.
#[derive(Debug, Default)]
pub(super) struct WaitingLists(HashMap<Box<str>, WaitingList>);

#[derive(Debug)]
struct WaitingList {
    promise: Arc<Promise>,
    /// Places in line by their numbers.
    line: BTreeMap<u64, (Uuid, UserId, Wish)>,
    /// The latest reservation.
    reserved: Option<(BookingId, Vec<SeatName>)>,
}

impl WaitingLists {
    pub fn take(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let id = recorded.id.as_ref();
        if let Event::ScreeningOpened { promise, .. } = event {
            let (promise, line) = (Arc::clone(promise), BTreeMap::new());
            self.0.insert(id.into(), WaitingList { promise, line, reserved: None });
            return;
        }
        let Some(list) = self.0.get_mut(id) else { return };
        if let Event::ScreeningChanged { promise, .. } = event {
            list.promise = Arc::clone(promise);
        }
        if let Err(wrong) = list.take(event) {
            let detail = format!("waiting list of screening {id}: {wrong}");
            findings.violated(Invariant::ListInOrder, recorded.position, detail);
        }
    }
}

impl WaitingList {
    fn take(&mut self, event: &Event) -> Result<(), String> {
        if let Event::SeatsReserved { booking, seats, .. } = event {
            self.reserved = Some((*booking, seats.clone()));
        }
        if let Event::WaitingListJoined { place, customer, wish, number, .. } = event {
            let is_twice = self.line.values().any(|(_, other, _)| other == customer);
            let is_last = self.line.keys().all(|before| before < number);
            self.line.insert(*number, (*place, *customer, wish.clone()));
            if is_twice || !is_last {
                return Err(format!(
                    "place {place} was not the customer's only one, or not the last in line"
                ));
            }
        }
        if let Event::WaitingListLeft { place, .. } = event {
            self.remove(*place)?;
        }
        if let Event::SeatsOffered { place, booking, .. } = event {
            let (number, wish) = self.remove(*place)?;
            let reserved = self.reserved.take();
            let seats = reserved.filter(|(holder, _)| holder == booking);
            let seats = seats.map(|(_, seats)| seats).unwrap_or_default();
            if seats.len() != count(&wish) || !self.fulfils(&seats, &wish) {
                return Err(format!("place {place} was offered other seats than its customer waits for"));
            }
            let mut before = self.line.range(..number);
            if let Some((_, (other, ..))) = before.find(|(_, (.., wish))| self.fulfils(&seats, wish)) {
                return Err(format!("place {place} was served before {other}"));
            }
        }
        Ok(())
    }

    fn remove(&mut self, place: Uuid) -> Result<(u64, Wish), String> {
        let found = self.line.iter().find(|(_, (id, ..))| *id == place).map(|(number, _)| *number);
        let removed = found.and_then(|number| Some((number, self.line.remove(&number)?.2)));
        removed.ok_or_else(|| format!("place {place} was not in line"))
    }

    /// Returns `true` if some of the seats are what a customer waits for.
    fn fulfils(&self, seats: &[SeatName], wish: &Wish) -> bool {
        let is_wanted = |seat: &&SeatName| {
            let row = self.promise.layout.find(seat).map(|(_, row)| row);
            row.is_some_and(|row| wish.categories.is_empty() || wish.categories.contains(&row.category))
        };
        seats.iter().filter(is_wanted).count() >= count(wish)
    }
}

fn count(wish: &Wish) -> usize {
    usize::try_from(wish.seats).unwrap_or(usize::MAX)
}
