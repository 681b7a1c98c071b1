//! A row of seats, or a standing area.

use std::collections::HashSet;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::Flaws;

/// Maximum number of seats in a row.
const ROW_SEATS_MAX: u16 = 1_000;
/// Largest number of a seat, and maximum number of places of a standing area: the longest name of a seat has nine letters.
const NUMBER_MAX: u16 = 9_999;
const GAPS_MAX: usize = 100;
const GAP_WIDTH_MAX: u16 = 100;
const CURVE_MAX: u16 = 20;
const LEVEL_CHARS_MAX: usize = 30;

/// A row of seats, left to right, or a standing area. Seats are named by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// One to four capital letters or digits, unique in the layout.
    pub label: String,
    /// The price category, one to 20 characters.
    pub category: String,
    /// Number of seats, or of places of a standing area.
    pub seats: u16,
    /// Seats with an aisle to their right.
    #[serde(default)]
    pub aisles_after: Vec<u16>,
    /// Seats accessible by wheelchair.
    #[serde(default)]
    pub accessible: Vec<u16>,
    /// Numbers of the seats from left to right; 1, 2, 3 and so on if there are none.
    #[serde(default)]
    pub numbers: Vec<u16>,
    /// Spaces where seats are missing.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// Seats for the companions of wheelchair users.
    #[serde(default)]
    pub companions: Vec<u16>,
    /// Distance by which the ends of the widest row would lie in front of its middle, in seats: 0 for a straight row.
    #[serde(default)]
    pub curve: u16,
    /// Level of the house, such as the balcony; one to 30 characters.
    #[serde(default)]
    pub level: Option<String>,
    /// `true` for a standing area: its places have numbers, but no position.
    #[serde(default)]
    pub standing: bool,
}

/// Space in a row where seats are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Seat to the left of it; 0 in front of the first seat.
    pub after: u16,
    /// Width in seats.
    pub width: u16,
}

// In JSON, an empty field is left out, so that the layouts of older versions stay as they were. A snapshot has no names of
// fields, so each one is written.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let writes_all = !serializer.is_human_readable();
        let Self { label, category, seats, aisles_after, accessible, .. } = self;
        let Self { numbers, gaps, companions, curve, level, standing, .. } = self;
        let mut row = serializer.serialize_struct("Row", 11)?;
        row.serialize_field("label", label)?;
        row.serialize_field("category", category)?;
        row.serialize_field("seats", seats)?;
        row.serialize_field("aisles_after", aisles_after)?;
        row.serialize_field("accessible", accessible)?;
        if writes_all || !numbers.is_empty() {
            row.serialize_field("numbers", numbers)?;
        }
        if writes_all || !gaps.is_empty() {
            row.serialize_field("gaps", gaps)?;
        }
        if writes_all || !companions.is_empty() {
            row.serialize_field("companions", companions)?;
        }
        if writes_all || *curve != 0 {
            row.serialize_field("curve", curve)?;
        }
        if writes_all || level.is_some() {
            row.serialize_field("level", level)?;
        }
        if writes_all || *standing {
            row.serialize_field("standing", standing)?;
        }
        row.end()
    }
}

impl Row {
    /// Returns the numbers of the seats from left to right.
    pub fn seat_numbers(&self) -> impl Iterator<Item = u16> + '_ {
        (0..self.seats).map(|position| self.number_at(position).unwrap_or_default())
    }

    /// Returns the number of the seat at a position from the left, from 0.
    #[must_use]
    pub fn number_at(&self, position: u16) -> Option<u16> {
        if position >= self.seats {
            return None;
        }
        if self.numbers.is_empty() {
            Some(position + 1)
        } else {
            self.numbers.get(usize::from(position)).copied()
        }
    }

    /// Returns the position of the seat with a number, from the left and from 0.
    #[must_use]
    pub fn position_of(&self, number: u16) -> Option<u16> {
        if self.numbers.is_empty() {
            (1..=self.seats).contains(&number).then(|| number - 1)
        } else {
            let position = self.numbers.iter().position(|known| *known == number)?;
            u16::try_from(position).ok().filter(|position| *position < self.seats)
        }
    }

    /// Returns `true` if an aisle or a gap is between the seat at a position and the next one.
    #[must_use]
    pub fn is_broken_after(&self, position: u16) -> bool {
        let Some(number) = self.number_at(position) else { return false };
        self.aisles_after.contains(&number) || self.gaps.iter().any(|gap| gap.after == number)
    }

    /// Returns `true` if the seat at a position is a wheelchair place or a companion seat.
    #[must_use]
    pub fn is_kept_at(&self, position: u16) -> bool {
        self.number_at(position)
            .is_some_and(|number| self.accessible.contains(&number) || self.companions.contains(&number))
    }

    /// Number of marks, all of which together have a limit.
    pub(super) fn marks(&self) -> usize {
        self.aisles_after.len() + self.accessible.len() + self.companions.len()
    }

    /// Notes the flaws of the row itself. `at` returns the JSON pointer of a field.
    pub(super) fn check(&self, flaws: &mut Flaws, at: impl Fn(&str) -> String) {
        let label_is_plain = (1..=4).contains(&self.label.len())
            && self.label.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        flaws.unless(label_is_plain, at("label"), "must be 1 to 4 capital letters or digits");
        flaws.text(&self.category, 20, &at("category"));
        let most = if self.standing { NUMBER_MAX } else { ROW_SEATS_MAX };
        flaws.unless((1..=most).contains(&self.seats), at("seats"), format!("must be 1 to {most}"));
        let numbers: HashSet<u16> = self.numbers.iter().copied().collect();
        let is_plain = numbers.len() == self.numbers.len()
            && numbers.iter().all(|number| (1..=NUMBER_MAX).contains(number))
            && [0, usize::from(self.seats)].contains(&numbers.len());
        let message = format!("must be a number from 1 to {NUMBER_MAX} for each seat, each once");
        flaws.unless(is_plain, at("numbers"), message);
        let lists = [
            ("aisles_after", &self.aisles_after),
            ("accessible", &self.accessible),
            ("companions", &self.companions),
        ];
        for (field, seats) in lists {
            let mut named = HashSet::new();
            let once = seats.iter().all(|seat| self.position_of(*seat).is_some() && named.insert(seat));
            flaws.unless(once, at(field), "must name seats of the row, each once");
        }
        let accompany = self.companions.iter().all(|companion| self.accompanies(*companion));
        flaws.unless(accompany, at("companions"), "must be beside accessible seats, and not be such seats");
        self.check_shape(flaws, &at);
        if self.standing {
            self.check_standing(flaws, at);
        }
    }

    /// Returns `true` for a seat beside an accessible one, and for one that is not in the row.
    fn accompanies(&self, companion: u16) -> bool {
        let Some(position) = self.position_of(companion) else { return true };
        let neighbours = [position.checked_sub(1), position.checked_add(1)].into_iter().flatten();
        let mut beside = neighbours.filter_map(|position| self.number_at(position));
        !self.accessible.contains(&companion) && beside.any(|seat| self.accessible.contains(&seat))
    }

    fn check_shape(&self, flaws: &mut Flaws, at: &impl Fn(&str) -> String) {
        let mut named = HashSet::new();
        let once = self
            .gaps
            .iter()
            .all(|gap| (gap.after == 0 || self.position_of(gap.after).is_some()) && named.insert(gap.after));
        flaws.unless(once, at("gaps"), "must be after seats of the row or after 0, each once");
        let are_bounded = self.gaps.len() <= GAPS_MAX
            && self.gaps.iter().all(|gap| (1..=GAP_WIDTH_MAX).contains(&gap.width));
        let message = format!("must be at most {GAPS_MAX} gaps that are 1 to {GAP_WIDTH_MAX} seats wide");
        flaws.unless(are_bounded, at("gaps"), message);
        flaws.unless(self.curve <= CURVE_MAX, at("curve"), format!("must be 0 to {CURVE_MAX}"));
        if let Some(level) = &self.level {
            flaws.text(level, LEVEL_CHARS_MAX, &at("level"));
        }
    }

    fn check_standing(&self, flaws: &mut Flaws, at: impl Fn(&str) -> String) {
        for (field, is_empty) in [
            ("aisles_after", self.aisles_after.is_empty()),
            ("accessible", self.accessible.is_empty()),
            ("numbers", self.numbers.is_empty()),
            ("gaps", self.gaps.is_empty()),
            ("companions", self.companions.is_empty()),
            ("curve", self.curve == 0),
        ] {
            flaws.unless(is_empty, at(field), "does not apply to a standing area");
        }
    }
}
