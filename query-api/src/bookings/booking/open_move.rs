//! A move of a booking that waits for the difference by card.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::Money;
use ticketshow_http::schema;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::formatting::Moment;

/// An open move, as the table keeps it.
#[derive(Debug, Clone, Deserialize)]
pub struct StoredMove {
    id: Uuid,
    screening: Uuid,
    seats: Vec<String>,
    to_pay: Money,
    pay_until: Timestamp,
    paid: bool,
}

/// A move of the booking that waits for a payment by card.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenMove {
    /// Id of the move, and of the payment of the difference.
    move_id: Uuid,
    /// Screening of the new seats.
    screening_id: Uuid,
    /// New seats, which are kept while the payment page is open.
    #[schema(example = json!(["C-7", "C-8"]))]
    seats: Vec<String>,
    /// Price difference of the new seats.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// The difference is due by this time.
    pay_until: Moment,
    /// True once the difference is paid: the new seats follow.
    paid: bool,
    /// Address of the payment page, while the payment is pending.
    checkout_url: Option<String>,
}

impl OpenMove {
    pub fn new(stored: StoredMove, checkout_url: Option<String>) -> Self {
        let StoredMove { id, screening, seats, to_pay, pay_until, paid } = stored;
        Self {
            move_id: id,
            screening_id: screening,
            seats,
            amount: to_pay,
            pay_until: Moment::from(pay_until),
            paid,
            checkout_url,
        }
    }
}
