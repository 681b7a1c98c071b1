//! Seats of a room: layout, names, and the numbers they are stored under.

use std::{collections::HashSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Flaws;

/// Number of a seat in its layout: row by row from the front, left to right, from 0.
pub type SeatIndex = u32;

/// Maximum number of seats in one room: a stadium.
pub const CAPACITY_MAX: usize = 250_000;

// One commit holds a whole layout, so the largest must stay under the size limit of commits.
const ROWS_MAX: usize = 1_000;
const CATEGORIES_MAX: usize = 20;
const MARKS_MAX: usize = 10_000;

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

/// A row of seats, numbered from 1 at the left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// One to four capital letters or digits, unique in the layout.
    pub label: String,
    /// The price category, one to 20 characters.
    pub category: String,
    /// Number of seats.
    pub seats: u16,
    /// Seats with an aisle to their right.
    #[serde(default)]
    pub aisles_after: Vec<u16>,
    /// Seats accessible by wheelchair.
    #[serde(default)]
    pub accessible: Vec<u16>,
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
        let marks: usize = self.rows.iter().map(|row| row.aisles_after.len() + row.accessible.len()).sum();
        for (count, max, what) in [
            (self.capacity(), CAPACITY_MAX, "seats"),
            (self.categories().len(), CATEGORIES_MAX, "categories"),
            (marks, MARKS_MAX, "aisles and accessible seats"),
        ] {
            let message = format!("must not have more than {max} {what}");
            flaws.unless(count <= max, format!("{pointer}/rows"), message);
        }
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
                let mut named = HashSet::new();
                let once = seats.iter().all(|seat| (1..=row.seats).contains(seat) && named.insert(seat));
                flaws.unless(once, at(field), "must name seats of the row, each once");
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
                return (1..=row.seats)
                    .contains(&number)
                    .then(|| (before + SeatIndex::from(number) - 1, row));
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
                Ok(offset) if offset < row.seats => return Some((row, offset + 1)),
                Ok(_) | Err(_) => rest -= SeatIndex::from(row.seats),
            }
        }
        None
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, category: &str, seats: u16) -> Row {
        let (label, category) = (label.to_owned(), category.to_owned());
        Row { label, category, seats, aisles_after: vec![], accessible: vec![] }
    }

    fn hall() -> Layout {
        Layout { rows: vec![row("A", "gold", 3), row("B", "silver", 2), row("C", "gold", 1)] }
    }

    fn pointers(layout: &Layout) -> Vec<String> {
        let Err(Flaws(flaws)) = layout.check("/layout") else { return vec![] };
        flaws.into_iter().map(|flaw| flaw.pointer).collect()
    }

    #[test]
    fn a_status_and_its_byte_convert_both_ways() {
        let all =
            [(SeatStatus::Free, 0), (SeatStatus::Held, 1), (SeatStatus::Sold, 2), (SeatStatus::Blocked, 3)];
        for (status, byte) in all {
            assert_eq!(status.as_byte(), byte);
            assert_eq!(SeatStatus::from_byte(byte), Some(status));
        }
        for other in 4..=u8::MAX {
            assert_eq!(SeatStatus::from_byte(other), None);
        }
    }

    #[test]
    fn seats_are_numbered_row_by_row() {
        let names: Vec<_> = (0..7).map(|index| hall().name(index).map(|name| name.0)).collect();
        let expected = ["A-1", "A-2", "A-3", "B-1", "B-2", "C-1"].map(|name| Some(name.to_owned()));
        assert_eq!(names[..6], expected);
        assert_eq!(names[6], None, "there are six seats");
    }

    #[test]
    fn a_name_leads_back_to_its_number() {
        let hall = hall();
        for index in 0..6 {
            let name = hall.name(index).unwrap();
            assert_eq!(hall.find(&name).map(|(found, _)| found), Some(index));
        }
    }

    #[test]
    fn only_the_plain_name_names_a_seat() {
        for name in ["A-0", "A-4", "A-01", "A-+1", "A-", "A", "D-1", "a-1", "A-1 ", "A-99999", ""] {
            assert_eq!(hall().find(&SeatName(name.into())), None, "{name:?}");
        }
    }

    #[test]
    fn a_row_has_1_to_1000_seats() {
        for (seats, flaws) in [(0, 1), (1, 0), (1_000, 0), (1_001, 1)] {
            let layout = Layout { rows: vec![row("A", "gold", seats)] };
            assert_eq!(pointers(&layout).len(), flaws, "{seats} seats");
        }
    }

    #[test]
    fn a_layout_has_1_to_1000_rows_and_no_more_than_250_000_seats() {
        let of = |rows: usize, seats| Layout {
            rows: (0..rows).map(|index| row(&index.to_string(), "gold", seats)).collect(),
        };
        assert_eq!(pointers(&of(0, 1)), ["/layout/rows"]);
        assert_eq!(pointers(&of(250, 1_000)), [""; 0]);
        assert_eq!(pointers(&of(251, 1_000)), ["/layout/rows"]);
        assert_eq!(pointers(&of(1_000, 1)), [""; 0]);
        assert_eq!(pointers(&of(1_001, 1)), ["/layout/rows"]);
    }

    #[test]
    fn all_flaws_of_a_layout_are_reported_at_once() {
        let mut layout = hall();
        layout.rows[0].label = "a".into();
        layout.rows[1].label = "C".into();
        layout.rows[1].aisles_after = vec![1, 1];
        layout.rows[2].accessible = vec![2];
        layout.rows[2].category = " ".into();
        let expected = [
            "/layout/rows/0/label",
            "/layout/rows/1/aisles_after",
            "/layout/rows/2/label",
            "/layout/rows/2/category",
            "/layout/rows/2/accessible",
        ];
        assert_eq!(pointers(&layout), expected);
    }

    #[test]
    fn the_largest_layout_fits_into_a_commit() {
        let categories: Vec<String> = ('a'..='t').map(|c| format!("{}{c}", "\u{1F3AB}".repeat(19))).collect();
        let rows = (0..ROWS_MAX).map(|index| Row {
            label: format!("R{index}"),
            category: categories[index % CATEGORIES_MAX].clone(),
            seats: 250,
            aisles_after: (241..=245).collect(),
            accessible: (246..=250).collect(),
        });
        let layout = Layout { rows: rows.collect() };
        assert_eq!(layout.check(""), Ok(()));
        assert!(serde_json::to_string(&layout).unwrap().len() < 230 * 1024);
    }
}

#[cfg(test)]
mod hostile {
    use std::cell::Cell;

    use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

    use super::*;

    fn rows() -> impl Strategy<Value = Row> {
        let label = prop_oneof![4 => "[A-C]", 1 => "[A-Z0-9]{1,5}", 1 => any::<String>()];
        let category = prop_oneof![4 => "(gold|silver)", 1 => any::<String>()];
        let seats = prop_oneof![4 => 1..30_u16, 1 => any::<u16>()];
        let marks = || vec(prop_oneof![3 => 1..12_u16, 1 => any::<u16>()], 0..4);
        (label, category, seats, marks(), marks()).prop_map(
            |(label, category, seats, aisles_after, accessible)| Row {
                label,
                category,
                seats,
                aisles_after,
                accessible,
            },
        )
    }

    #[test]
    fn each_seat_of_an_accepted_layout_has_one_name() {
        let layouts = vec(rows(), 0..6).prop_map(|rows| Layout { rows });
        let (accepted, refused) = (Cell::new(0), Cell::new(0));
        let run = TestRunner::deterministic().run(&layouts, |layout| {
            if layout.check("/layout").is_err() {
                refused.set(refused.get() + 1);
                return Ok(());
            }
            accepted.set(accepted.get() + 1);
            let mut names = HashSet::new();
            for index in (0..).take(layout.capacity()) {
                let name = layout.name(index).unwrap();
                prop_assert_eq!(layout.find(&name).map(|(found, _)| found), Some(index));
                prop_assert!(names.insert(name));
            }
            Ok(())
        });
        run.unwrap();
        assert!(accepted.get() > 0 && refused.get() > 0, "{accepted:?} {refused:?}");
    }
}
