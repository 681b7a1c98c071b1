//! The tickets of a booking.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// The ticket of one seat.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedTicket {
    #[schema(example = "A-1")]
    seat: String,
    /// Level of the seat, such as the balcony; left out in a room with one level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Balcony")]
    level: Option<String>,
    /// Signed code of the ticket.
    code: String,
}

impl BookedTicket {
    /// Returns the tickets of some seats, with the levels of their rows.
    pub fn list(seats: &[String], codes: &[String], levels: Option<&BTreeMap<String, String>>) -> Vec<Self> {
        let level_of = |seat: &str| {
            let (row, _) = seat.split_once('-')?;
            levels?.get(row).cloned()
        };
        let ticket = |(seat, code): (&String, &String)| Self {
            seat: seat.clone(),
            level: level_of(seat),
            code: code.clone(),
        };
        seats.iter().zip(codes).map(ticket).collect()
    }
}
