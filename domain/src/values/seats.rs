//! Seats of a room: layout, names, and the numbers they are stored under.

mod row;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Flaws, values::text::tidy_line};
pub use row::{Gap, Row};

/// Number of a seat in its layout: row by row from the front, left to right, from 0.
pub type SeatIndex = u32;

/// Maximum number of seats in one room: a stadium.
pub const CAPACITY_MAX: usize = 250_000;

// One commit holds a whole layout, so the largest must stay under the size limit of commits.
const ROWS_MAX: usize = 1_000;
const CATEGORIES_MAX: usize = 20;
const MARKS_MAX: usize = 10_000;
const LEVELS_MAX: usize = 10;
/// Largest layout as JSON, in bytes: less than a request body may have.
const LAYOUT_BYTES_MAX: usize = 120 * 1024;

/// Status of a seat in a seat map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatStatus {
    /// Can be reserved.
    Free,
    /// Reserved and waiting for payment.
    Held,
    /// Paid.
    Sold,
    /// Kept back by the house.
    Blocked,
}

impl SeatStatus {
    /// Byte of this status in stored seat maps. Frozen: the read models hold it.
    #[must_use]
    pub fn as_byte(self) -> u8 {
        match self {
            Self::Free => 0,
            Self::Held => 1,
            Self::Sold => 2,
            Self::Blocked => 3,
        }
    }

    /// Status for a byte of a stored seat map; `None` for any byte other than those of [`SeatStatus::as_byte`].
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Free),
            1 => Some(Self::Held),
            2 => Some(Self::Sold),
            3 => Some(Self::Blocked),
            _ => None,
        }
    }
}

/// All rows of a room, front first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Rows from the front to the back.
    pub rows: Vec<Row>,
}

impl Layout {
    /// Returns the number of seats.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.rows.iter().map(|row| usize::from(row.seats)).sum()
    }

    /// Returns the price categories in order of their first row.
    #[must_use]
    pub fn categories(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        self.rows.iter().map(|row| row.category.as_str()).filter(|category| seen.insert(*category)).collect()
    }

    /// Returns the price categories that have seats for everybody, not only for wheelchair users and their companions.
    #[must_use]
    pub fn common_categories(&self) -> HashSet<&str> {
        let is_common = |row: &&Row| (0..row.seats).any(|position| !row.is_kept_at(position));
        self.rows.iter().filter(is_common).map(|row| row.category.as_str()).collect()
    }

    /// Returns the names of the levels in order of their first row.
    #[must_use]
    pub fn levels(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        self.rows.iter().filter_map(|row| row.level.as_deref()).filter(|level| seen.insert(*level)).collect()
    }

    /// Returns the layout with tidy names of categories and levels.
    pub(crate) fn tidied(&self) -> Self {
        let tidied = |row: &Row| Row {
            category: tidy_line(&row.category),
            level: row.level.as_deref().map(tidy_line),
            ..row.clone()
        };
        Self { rows: self.rows.iter().map(tidied).collect() }
    }

    /// Validates a layout from a request. `pointer` is its JSON pointer in the request body.
    ///
    /// # Errors
    ///
    /// All flaws found.
    pub fn check(&self, pointer: &str) -> Result<(), Flaws> {
        let mut flaws = Flaws::default();
        if !(1..=ROWS_MAX).contains(&self.rows.len()) {
            flaws.unless(false, format!("{pointer}/rows"), format!("must have 1 to {ROWS_MAX} rows"));
            return Err(flaws);
        }
        let marks: usize = self.rows.iter().map(Row::marks).sum();
        let bytes = serde_json::to_string(self).map_or(usize::MAX, |json| json.len());
        for (count, max, what) in [
            (self.capacity(), CAPACITY_MAX, "seats"),
            (self.categories().len(), CATEGORIES_MAX, "categories"),
            (self.levels().len(), LEVELS_MAX, "levels"),
            (marks, MARKS_MAX, "aisles, accessible seats and companion seats"),
            (bytes, LAYOUT_BYTES_MAX, "bytes as JSON"),
        ] {
            let message = format!("must not have more than {max} {what}");
            flaws.unless(count <= max, format!("{pointer}/rows"), message);
        }
        // The rest takes time that grows with these numbers.
        if !flaws.0.is_empty() {
            return Err(flaws);
        }
        let (mut labels, mut levels) = (HashSet::new(), HashSet::new());
        let mut level = None;
        for (index, row) in self.rows.iter().enumerate() {
            let at = |field: &str| format!("{pointer}/rows/{index}/{field}");
            flaws.unless(labels.insert(&row.label), at("label"), "is used by another row");
            row.check(&mut flaws, at);
            if level != Some(&row.level) {
                level = Some(&row.level);
                flaws.unless(
                    levels.insert(&row.level),
                    at("level"),
                    "must not be between rows of another level",
                );
            }
        }
        flaws.into_result()
    }

    /// Returns the number of the seat called `name`, if it exists, and its row.
    #[must_use]
    pub fn find(&self, name: &SeatName) -> Option<(SeatIndex, &Row)> {
        let (label, number) = name.parts()?;
        let mut before = 0;
        for row in &self.rows {
            if row.label == label {
                return row.position_of(number).map(|position| (before + SeatIndex::from(position), row));
            }
            before += SeatIndex::from(row.seats);
        }
        None
    }

    /// Returns the row of seat `index` and its number in that row.
    #[must_use]
    pub fn row_of(&self, index: SeatIndex) -> Option<(&Row, u16)> {
        let mut rest = index;
        for row in &self.rows {
            match u16::try_from(rest) {
                Ok(position) if position < row.seats => return Some((row, row.number_at(position)?)),
                Ok(_) | Err(_) => rest -= SeatIndex::from(row.seats),
            }
        }
        None
    }

    /// Returns the name of a seat's level, if the room has more than one: rows without a name are a level, too.
    #[must_use]
    pub fn level_of(&self, seat: &SeatName) -> Option<&str> {
        let (_, row) = self.find(seat)?;
        let level = row.level.as_deref()?;
        self.rows.iter().any(|other| other.level != row.level).then_some(level)
    }

    /// Returns `true` for a seat that is accessible by wheelchair.
    #[must_use]
    pub fn is_accessible(&self, index: SeatIndex) -> bool {
        self.row_of(index).is_some_and(|(row, number)| row.accessible.contains(&number))
    }

    /// Returns the name of seat `index`, if it exists.
    #[must_use]
    pub fn name(&self, index: SeatIndex) -> Option<SeatName> {
        self.row_of(index).map(|(row, number)| SeatName(format!("{}-{number}", row.label)))
    }
}

/// Printed name of a seat: row label, hyphen, number in the row: `C-14`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeatName(pub String);

impl SeatName {
    fn parts(&self) -> Option<(&str, u16)> {
        let (label, number) = self.0.split_once('-')?;
        // `A-01` and `A-+1` are not names of seat A-1.
        let plain = !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| number.parse().ok()).flatten().map(|number| (label, number))
    }
}

impl fmt::Display for SeatName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SeatName {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}
