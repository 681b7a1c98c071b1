//! Notes of staff about bookings.

use serde::Serialize;
use sqlx::FromRow;
use ticketshow_http::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    formatting::Moment,
    reading::{Reading, Select},
};

/// Most notes in an answer, the newest.
const NOTES_MAX: i64 = 1_000;

/// A note of a member of staff about a booking.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct Note {
    note_id: Uuid,
    pub booking_id: Uuid,
    text: String,
    /// The member of staff.
    by: Uuid,
    /// Their name, if they have an account.
    by_name: Option<String>,
    created_at: Moment,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT n.note_id, n.booking_id, n.text, n.made_by AS by, a.name AS by_name, n.created_at
             FROM booking_notes n LEFT JOIN accounts a ON a.user_id = n.made_by
             WHERE ",
            $condition,
            " ORDER BY n.created_at DESC, n.note_id LIMIT $2"
        )
    };
}

/// Selects the notes about some bookings, newest first.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn of_bookings(reading: &mut Reading, bookings: Vec<Uuid>) -> Result<Vec<Note>, Problem> {
    if bookings.is_empty() {
        return Ok(Vec::new());
    }
    let select: Select<Note> = sqlx::query_as(select!("n.booking_id = ANY($1)"));
    reading.all(select.bind(bookings).bind(NOTES_MAX)).await
}

/// Selects the notes about the bookings of a customer, newest first.
///
/// # Errors
///
/// 503 if Postgres is unreachable.
pub async fn of_customer(reading: &mut Reading, customer: Uuid) -> Result<Vec<Note>, Problem> {
    let select: Select<Note> = sqlx::query_as(select!("n.customer_id = $1"));
    reading.all(select.bind(customer).bind(NOTES_MAX)).await
}
