//! The promotion of a booking.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The promotion that lowers the prices.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedPromotion {
    promotion_id: Uuid,
    /// Null if the house lowers prices by itself.
    #[schema(example = "TUESDAY10")]
    code: Option<String>,
    /// Name that the house gave it; left out without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Tuesday price")]
    name: Option<String>,
}

/// The promotion of a booking, as the table keeps it.
#[derive(Deserialize)]
pub struct AppliedPromotion {
    promotion: Uuid,
    code: Option<String>,
}

impl AppliedPromotion {
    /// Returns the promotion with its current name. Bookings of the counter do not keep its code.
    pub fn named(self, name: Option<String>, code: Option<String>) -> BookedPromotion {
        BookedPromotion { promotion_id: self.promotion, code: self.code.or(code), name }
    }
}
