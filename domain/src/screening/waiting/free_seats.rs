//! Free seats of a room, and the choice among them for a customer who waits.

use std::cmp::Reverse;

use super::wish::Wish;
use crate::{Layout, Row, SeatIndex};

/// Free seats of the layout.
pub(super) struct FreeSeats<'a>(Vec<FreeInRow<'a>>);

struct FreeInRow<'a> {
    row: &'a Row,
    /// False for a category that is only for wheelchair users.
    is_common: bool,
    /// First seat of the row.
    first: SeatIndex,
    /// Seats that are offered to everybody. In a category for wheelchair users only, these are all seats, and they
    /// are offered only to customers who ask for a wheelchair place.
    free: Vec<SeatIndex>,
    /// Wheelchair places.
    places: Vec<SeatIndex>,
    /// Companion seats.
    companions: Vec<SeatIndex>,
}

impl<'a> FreeInRow<'a> {
    fn of(row: &'a Row, is_common: bool, keeps_places: bool, first: SeatIndex, is_free: &[bool]) -> Self {
        let mut in_row =
            Self { row, is_common, first, free: Vec::new(), places: Vec::new(), companions: Vec::new() };
        let free = (0..row.seats).zip(is_free).filter(|(_, is_free)| **is_free);
        for (position, _) in free {
            let Some(number) = row.number_at(position) else { continue };
            let seat = first + SeatIndex::from(position);
            if row.accessible.contains(&number) {
                in_row.places.push(seat);
            } else if row.companions.contains(&number) {
                in_row.companions.push(seat);
            }
            if !keeps_places || !is_common || !row.is_kept_at(position) {
                in_row.free.push(seat);
            }
        }
        in_row
    }

    fn is_broken_after(&self, seat: SeatIndex) -> bool {
        u16::try_from(seat - self.first).is_ok_and(|position| self.row.is_broken_after(position))
    }

    /// Returns seats side by side, without an aisle or a gap between them.
    fn run_of(&self, count: usize) -> Option<&[SeatIndex]> {
        let is_run = |seats: &&[SeatIndex]| {
            seats.windows(2).all(|pair| pair[0] + 1 == pair[1] && !self.is_broken_after(pair[0]))
        };
        self.free.windows(count).find(is_run)
    }

    fn are_beside(&self, one: SeatIndex, other: SeatIndex) -> bool {
        one.abs_diff(other) == 1 && !self.is_broken_after(one.min(other))
    }

    fn has_companion(&self, place: SeatIndex) -> bool {
        self.companions.iter().any(|seat| self.are_beside(place, *seat))
    }

    /// Returns the companion seats of the row, the nearest first; none if no seat is beside the place. Companion
    /// seats beside other places are left to those.
    fn company_of(&self, place: SeatIndex) -> Vec<SeatIndex> {
        let own = self.companions.iter().filter(|seat| self.are_beside(place, **seat));
        let mut company: Vec<SeatIndex> =
            self.free.iter().chain(own).copied().filter(|seat| *seat != place).collect();
        company.sort_unstable();
        company.dedup();
        let is_common = |seat: &SeatIndex| !self.companions.contains(seat);
        company.sort_by_key(|seat| (!self.are_beside(place, *seat), is_common(seat), place.abs_diff(*seat)));
        if company.first().is_some_and(|seat| self.are_beside(place, *seat)) { company } else { Vec::new() }
    }
}

impl<'a> FreeSeats<'a> {
    /// The free seats of a layout. `is_free` is called for each seat in order. `keeps_places`: wheelchair places are
    /// not on general sale.
    pub fn of(layout: &'a Layout, keeps_places: bool, is_free: impl Iterator<Item = bool>) -> Self {
        let common = layout.common_categories();
        let (mut is_free, mut first) = (is_free, 0);
        let row = |row: &'a Row| {
            let of_row: Vec<bool> = is_free.by_ref().take(usize::from(row.seats)).collect();
            let is_common = !keeps_places || common.contains(row.category.as_str());
            let in_row = FreeInRow::of(row, is_common, keeps_places, first, &of_row);
            first += SeatIndex::from(row.seats);
            in_row
        };
        Self(layout.rows.iter().map(row).collect())
    }

    /// Chooses seats for a wish: side by side in the first row that has as many, else in one row, else in as few rows as possible. With a
    /// wheelchair place: one that has a seat beside it, and the nearest others.
    pub fn choose(&self, wish: &Wish) -> Option<Vec<SeatIndex>> {
        let count = usize::try_from(wish.seats).ok().filter(|count| *count > 0)?;
        if wish.wheelchair {
            return self.choose_with_place(wish, count);
        }
        if let Some(run) = self.accepted(wish).find_map(|in_row| in_row.run_of(count)) {
            return Some(run.to_vec());
        }
        let mut rows: Vec<&[SeatIndex]> = self.accepted(wish).map(|in_row| in_row.free.as_slice()).collect();
        rows.sort_by_key(|free| Reverse(free.len()));
        let chosen: Vec<SeatIndex> = rows.into_iter().flatten().copied().take(count).collect();
        (chosen.len() == count).then_some(chosen)
    }

    fn choose_with_place(&self, wish: &Wish, count: usize) -> Option<Vec<SeatIndex>> {
        let named = || self.0.iter().filter(|in_row| wish.names(&in_row.row.category));
        let mut places: Vec<(&FreeInRow<'_>, SeatIndex)> =
            named().flat_map(|in_row| in_row.places.iter().map(move |place| (in_row, *place))).collect();
        // A place alone leaves the companions' seats to others.
        places.sort_by_key(|(in_row, place)| in_row.has_companion(*place) == (count == 1));
        places.into_iter().find_map(|(in_row, place)| {
            let company = in_row.company_of(place);
            if count > 1 && company.is_empty() {
                return None;
            }
            let elsewhere = named().filter(|other| other.first != in_row.first && other.is_common);
            let elsewhere = elsewhere.flat_map(|other| &other.free).copied();
            let mut chosen: Vec<SeatIndex> =
                std::iter::once(place).chain(company).chain(elsewhere).take(count).collect();
            chosen.sort_unstable();
            (chosen.len() == count).then_some(chosen)
        })
    }

    /// Returns the number of seats that can be offered, without wheelchair places.
    pub fn count(&self, wish: &Wish) -> usize {
        self.accepted(wish).map(|in_row| in_row.free.len()).sum()
    }

    fn accepted(&self, wish: &Wish) -> impl Iterator<Item = &FreeInRow<'a>> {
        self.0.iter().filter(|in_row| in_row.is_common && wish.names(&in_row.row.category))
    }

    /// Removes seats.
    pub fn take(&mut self, taken: &[SeatIndex]) {
        for FreeInRow { free, places, companions, .. } in &mut self.0 {
            for seats in [free, places, companions] {
                seats.retain(|seat| !taken.contains(seat));
            }
        }
    }
}
