//! Waiting lists: offers go to places in line, each once, in order, with the seats that their customers wait for.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ticketshow_domain::{
    BookingId, Row, SeatName, UserId,
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
            let skipped = before.find(|(_, (.., wish))| self.fulfils(&self.offered(&seats, wish), wish));
            if let Some((_, (other, ..))) = skipped {
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

    /// Returns the seats that are offered to a customer: those for wheelchair users only to people who wait for a wheelchair place, or who
    /// name a category that has no others.
    fn offered(&self, seats: &[SeatName], wish: &Wish) -> Vec<SeatName> {
        let is_offered = |seat: &&SeatName| {
            let Some((row, number)) = self.placed(seat) else { return false };
            wish.wheelchair
                || !is_kept(row, number)
                || !wish.categories.is_empty() && !self.is_common(&row.category)
        };
        seats.iter().filter(is_offered).cloned().collect()
    }

    /// Returns the row of a seat and its number.
    fn placed(&self, seat: &SeatName) -> Option<(&Row, u16)> {
        let layout = &self.promise.layout;
        layout.find(seat).and_then(|(index, _)| layout.row_of(index))
    }

    /// Returns `true` for a category that has seats other than wheelchair and companion places.
    fn is_common(&self, category: &str) -> bool {
        let rows = self.promise.layout.rows.iter().filter(|row| row.category == category);
        rows.flat_map(|row| row.seat_numbers().map(move |number| (row, number)))
            .any(|(row, number)| !is_kept(row, number))
    }

    /// Returns `true` if some of the seats are what a customer waits for.
    fn fulfils(&self, seats: &[SeatName], wish: &Wish) -> bool {
        let is_wanted = |seat: &&SeatName| {
            let row = self.promise.layout.find(seat).map(|(_, row)| row);
            row.is_some_and(|row| wish.categories.is_empty() || wish.categories.contains(&row.category))
        };
        let wanted: Vec<&SeatName> = seats.iter().filter(is_wanted).collect();
        wanted.len() >= count(wish) && (!wish.wheelchair || self.has_place(&wanted, wish))
    }

    /// Returns `true` if one of the seats is a wheelchair place, with another one beside it if the customer comes in company.
    fn has_place(&self, seats: &[&SeatName], wish: &Wish) -> bool {
        seats.iter().any(|place| {
            let Some((row, number)) = self.placed(place) else { return false };
            let is_beside = |other: &&SeatName| {
                let other = self.placed(other).filter(|(of_other, _)| of_other.label == row.label);
                let positions =
                    row.position_of(number).zip(other.and_then(|(row, number)| row.position_of(number)));
                positions
                    .is_some_and(|(one, two)| one.abs_diff(two) == 1 && !row.is_broken_after(one.min(two)))
            };
            row.accessible.contains(&number) && (count(wish) == 1 || seats.iter().any(is_beside))
        })
    }
}

/// Returns `true` for a seat for wheelchair users or for those who come along.
fn is_kept(row: &Row, number: u16) -> bool {
    row.accessible.contains(&number) || row.companions.contains(&number)
}

fn count(wish: &Wish) -> usize {
    usize::try_from(wish.seats).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::examples::{at, booking, promise, seats};

    use super::*;

    /// Customer 1 waits for any seat and customer 2 for a gold one. Row A is gold, and for wheelchair users.
    fn in_line(accessible: Vec<u16>) -> WaitingList {
        let mut promise = promise();
        let row = promise.layout.rows[0].clone();
        promise.layout.rows[0] = Row { accessible, ..row };
        let wish = |categories: &[&str]| Wish {
            seats: 1,
            categories: categories.iter().map(|category| (*category).to_owned()).collect(),
            wheelchair: false,
        };
        let place = |n: u128, wish| (Uuid::from_u128(n), UserId(Uuid::from_u128(n)), wish);
        let line = [(1, place(1, wish(&[]))), (2, place(2, wish(&["gold"])))].into();
        WaitingList { promise: Arc::new(promise), line, reserved: Some((booking(2), seats(&["A-1"]))) }
    }

    #[test]
    fn a_customer_who_waits_for_a_wheelchair_place_gets_one_with_a_seat_beside_it() {
        let offered = Event::SeatsOffered {
            place: Uuid::from_u128(2),
            booking: booking(2),
            customer: UserId(Uuid::from_u128(2)),
            held_until: at(900),
        };
        let takes = |names: &[&str]| {
            let mut list = in_line(vec![1]);
            let wish = Wish { seats: 2, categories: Vec::new(), wheelchair: true };
            list.line.insert(2, (Uuid::from_u128(2), UserId(Uuid::from_u128(2)), wish));
            list.reserved = Some((booking(2), seats(names)));
            list.take(&offered)
        };
        // The first in line waits for one seat, and A-1 is kept.
        assert!(takes(&["A-1", "A-2"]).is_err(), "A-2 is for the first in line");
        let mut alone = in_line(vec![1]);
        alone.line.remove(&1);
        let wish = Wish { seats: 2, categories: Vec::new(), wheelchair: true };
        for (names, is_right) in [(["A-1", "A-2"], true), (["A-1", "A-3"], false), (["A-2", "A-3"], false)] {
            alone.line.insert(2, (Uuid::from_u128(2), UserId(Uuid::from_u128(2)), wish.clone()));
            alone.reserved = Some((booking(2), seats(&names)));
            assert_eq!(alone.take(&offered).is_ok(), is_right, "{names:?}");
        }
    }

    #[test]
    fn seats_for_wheelchair_users_are_offered_to_those_who_name_their_category() {
        let offered = Event::SeatsOffered {
            place: Uuid::from_u128(2),
            booking: booking(2),
            customer: UserId(Uuid::from_u128(2)),
            held_until: at(900),
        };
        assert_eq!(in_line((1..=12).collect()).take(&offered), Ok(()));
        assert!(in_line(Vec::new()).take(&offered).is_err(), "the first in line is passed over");
    }
}
