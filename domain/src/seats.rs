//! Seats of a room: their layout, their names, and the numbers they are stored under.

use std::{collections::HashSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Flaws;

/// Number of a seat in its layout: row by row from the front, left to right, from 0.
pub type SeatIndex = u32;

/// Seats that one room may have: a stadium, with room to spare in a commit.
pub const CAPACITY_MAX: usize = 250_000;

/// What a seat map shows of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatStatus {
    /// Can be reserved.
    Free,
    /// Waits for somebody's payment.
    Held,
    /// Paid.
    Sold,
}

/// A row of seats, numbered from 1 at the left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// One to four capital letters or digits, unique in the layout.
    pub label: String,
    /// The price category, one to 20 characters.
    pub category: String,
    /// How many seats.
    pub seats: u16,
    /// An aisle runs to the right of each of these seats.
    #[serde(default)]
    pub aisles_after: Vec<u16>,
    /// These seats can be reached by wheelchair.
    #[serde(default)]
    pub accessible: Vec<u16>,
}

/// All rows of a room, front first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The rows.
    pub rows: Vec<Row>,
}

impl Layout {
    /// How many seats there are.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.rows.iter().map(|row| usize::from(row.seats)).sum()
    }

    /// The price categories in order of their first row.
    #[must_use]
    pub fn categories(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        self.rows.iter().map(|row| row.category.as_str()).filter(|category| seen.insert(*category)).collect()
    }

    /// Checks what a person entered. `pointer` is where the layout stands in the request body.
    ///
    /// # Errors
    ///
    /// Every flaw found.
    pub fn check(&self, pointer: &str) -> Result<(), Flaws> {
        let mut flaws = Flaws::default();
        flaws.unless(
            (1..=1_000).contains(&self.rows.len()),
            format!("{pointer}/rows"),
            "must have 1 to 1000 rows",
        );
        flaws.unless(
            self.capacity() <= CAPACITY_MAX,
            format!("{pointer}/rows"),
            format!("must not have more than {CAPACITY_MAX} seats"),
        );
        let mut labels = HashSet::new();
        for (index, row) in self.rows.iter().enumerate() {
            let at = |field: &str| format!("{pointer}/rows/{index}/{field}");
            let label_is_plain = (1..=4).contains(&row.label.len())
                && row.label.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            flaws.unless(label_is_plain, at("label"), "must be 1 to 4 capital letters or digits");
            flaws.unless(labels.insert(&row.label), at("label"), "is used by another row");
            flaws.text(&row.category, 20, &at("category"));
            flaws.unless((1..=1_000).contains(&row.seats), at("seats"), "must be 1 to 1000");
            for (field, seats) in [("aisles_after", &row.aisles_after), ("accessible", &row.accessible)] {
                let inside = seats.iter().all(|seat| (1..=row.seats).contains(seat));
                flaws.unless(inside, at(field), "names a seat that the row does not have");
            }
        }
        flaws.into_result()
    }

    /// The number of the seat called `name`, if there is one, and its row.
    #[must_use]
    pub fn find(&self, name: &SeatName) -> Option<(SeatIndex, &Row)> {
        let (label, number) = name.parts()?;
        let mut before = 0;
        for row in &self.rows {
            if row.label == label {
                return (1..=row.seats)
                    .contains(&number)
                    .then(|| (before + SeatIndex::from(number) - 1, row));
            }
            before += SeatIndex::from(row.seats);
        }
        None
    }

    /// The row of the seat numbered `index` and the seat's number in it.
    #[must_use]
    pub fn row_of(&self, index: SeatIndex) -> Option<(&Row, u16)> {
        let mut rest = index;
        for row in &self.rows {
            match u16::try_from(rest) {
                Ok(offset) if offset < row.seats => return Some((row, offset + 1)),
                Ok(_) | Err(_) => rest -= SeatIndex::from(row.seats),
            }
        }
        None
    }

    /// The name of the seat numbered `index`, if there is one.
    #[must_use]
    pub fn name(&self, index: SeatIndex) -> Option<SeatName> {
        self.row_of(index).map(|(row, number)| SeatName(format!("{}-{number}", row.label)))
    }
}

/// A seat as people call it: row label, hyphen, number in the row: `C-14`.
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
