//! Seats that a customer waits for.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

/// Seats that a customer waits for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Wish {
    /// Number of seats, which are offered together.
    pub seats: u32,
    /// Price categories; any if there are none.
    pub categories: Vec<String>,
    /// One of the seats is a wheelchair place, with a seat beside it if there are more.
    #[serde(default)]
    pub wheelchair: bool,
}

// Wishes without a wheelchair place are written to the log as by older versions. A snapshot has no names of fields, so each one is
// written.
impl Serialize for Wish {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { seats, categories, wheelchair } = self;
        let is_written = *wheelchair || !serializer.is_human_readable();
        let mut wish = serializer.serialize_struct("Wish", 2 + usize::from(is_written))?;
        wish.serialize_field("seats", seats)?;
        wish.serialize_field("categories", categories)?;
        if is_written {
            wish.serialize_field("wheelchair", wheelchair)?;
        }
        wish.end()
    }
}

impl Wish {
    /// Returns `true` if the customer waits for seats of a category.
    pub(super) fn names(&self, category: &str) -> bool {
        self.categories.is_empty() || self.categories.iter().any(|wanted| wanted == category)
    }
}
