//! Readers of a booking's history.

/// Reader whom the sentences address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The customer: "you". The house is "we".
    Customer,
    /// Staff at the desk, who read about the customer and the house.
    Staff,
}

impl Reader {
    /// Chooses between the words for the customer and those for staff.
    pub fn words<'a>(self, customer: &'a str, staff: &'a str) -> &'a str {
        match self {
            Self::Customer => customer,
            Self::Staff => staff,
        }
    }
}
