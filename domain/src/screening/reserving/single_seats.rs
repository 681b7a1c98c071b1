//! Single seats that a choice would leave between taken ones. Groups never book them.

use jiff::Timestamp;

use crate::{
    BookingId, Row, SeatIndex,
    pricing::SingleSeats,
    promise::Promise,
    screening::{Refusal, Screening, Seat},
};

impl Screening {
    /// Refuses a choice that leaves a single seat, if the house has set this rule. `replaced` gives up its seats.
    pub(in crate::screening) fn check_single_seats(
        &self,
        promise: &Promise,
        wanted: &[SeatIndex],
        replaced: Option<BookingId>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        match promise.terms.single_seats {
            SingleSeats::Allow | SingleSeats::Warn => return Ok(()),
            SingleSeats::Refuse => {}
        }
        let is_open = |seat: SeatIndex| self.is_open(seat, replaced, now);
        let mut alone = Vec::new();
        let mut first = 0;
        for row in &promise.layout.rows {
            let end = first + SeatIndex::from(row.seats);
            // Nobody sits in a standing area.
            if !row.standing && wanted.iter().any(|seat| (first..end).contains(seat)) {
                let blocks = blocks(row, first, is_open).into_iter();
                alone.extend(blocks.flat_map(|block| left_alone(&block, wanted)));
            }
            first = end;
        }
        if alone.is_empty() { Ok(()) } else { Err(Refusal::SingleSeatLeft(self.names(&alone))) }
    }

    /// Returns `true` for a seat that could be booked if `replaced` gave up its seats.
    fn is_open(&self, seat: SeatIndex, replaced: Option<BookingId>, now: Timestamp) -> bool {
        match self.seat(seat) {
            Seat::Free => true,
            Seat::Held(owner) | Seat::Sold(owner) if Some(owner) == replaced => true,
            Seat::Held(owner) => self.claim(owner).is_some_and(|claim| claim.has_lapsed(now)),
            Seat::Blocked(block) => self.block(block).is_some_and(|block| block.is_due(now)),
            Seat::Sold(_) => false,
        }
    }
}

/// Returns the seats of a row that can be booked, side by side without an aisle or a gap between them.
fn blocks(row: &Row, first: SeatIndex, is_open: impl Fn(SeatIndex) -> bool) -> Vec<Vec<SeatIndex>> {
    let mut blocks = vec![Vec::new()];
    for position in 0..row.seats {
        let seat = first + SeatIndex::from(position);
        let is_open = is_open(seat);
        if let Some(block) = blocks.last_mut()
            && is_open
        {
            block.push(seat);
        }
        if !is_open || row.is_broken_after(position) {
            blocks.push(Vec::new());
        }
    }
    blocks
}

/// Returns the seats of a block that a choice leaves without a neighbour. If the block has only one seat left, no
/// other choice would avoid it.
fn left_alone(block: &[SeatIndex], wanted: &[SeatIndex]) -> Vec<SeatIndex> {
    let left: Vec<SeatIndex> = block.iter().filter(|seat| !wanted.contains(seat)).copied().collect();
    if left.len() < 2 || left.len() == block.len() {
        return Vec::new();
    }
    let has_neighbour = |seat: SeatIndex| {
        left.contains(&(seat + 1)) || seat.checked_sub(1).is_some_and(|before| left.contains(&before))
    };
    left.iter().filter(|seat| !has_neighbour(**seat)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gap, examples::row};

    /// Seats that are left alone in a row such as `..o|.x.`: chosen are `o`, taken `x`, aisles `|`, gaps `_`.
    fn alone(drawn: &str) -> Vec<SeatIndex> {
        let mut row = row("A", "gold", 0);
        let mut seats = Vec::new();
        for letter in drawn.chars() {
            match letter {
                '|' => row.aisles_after.push(row.seats),
                '_' => row.gaps.push(Gap { after: row.seats, width: 1 }),
                seat => {
                    seats.push(seat);
                    row.seats += 1;
                }
            }
        }
        let chosen: Vec<SeatIndex> =
            (0..).zip(&seats).filter(|(_, seat)| **seat == 'o').map(|(n, _)| n).collect();
        let is_open = |seat: SeatIndex| seats[seat as usize] != 'x';
        blocks(&row, 0, is_open).iter().flat_map(|block| left_alone(block, &chosen)).collect()
    }

    #[test]
    fn a_seat_between_taken_ones_is_named() {
        assert_eq!(alone(".oo..."), [0]);
        assert_eq!(alone("oo.o.."), [2]);
        assert_eq!(alone("..o.xx|.o.."), [3, 6]);
        assert_eq!(alone("..oo.|.."), [4], "an aisle is no neighbour");
        assert_eq!(alone("..oo._.."), [4], "nor is a gap");
    }

    #[test]
    fn what_cannot_be_avoided_is_allowed() {
        assert!(alone("oo.xx").is_empty(), "one of three is left by any choice");
        assert!(alone("o.x..").is_empty());
        assert!(alone("oooo").is_empty(), "all that is left");
    }

    #[test]
    fn a_seat_that_was_alone_before_and_pairs_are_nobody_s_fault() {
        assert!(alone("x.xoo..").is_empty());
        assert!(alone("..oo..").is_empty());
        assert!(alone("o....o").is_empty());
    }
}
