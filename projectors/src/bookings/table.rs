//! The SQL of `bookings`.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;
use ticketshow_domain::{
    BookingId, Currency,
    booking::{BookingStatus, CancelledBy},
};
use uuid::Uuid;

use super::status::Claim;
use crate::{
    error::{ProjectError, database},
    rows::{Rows, column},
    words::Word,
};

const SELECT: &str = r"
    SELECT booking_id, screening_id, customer_id, booking_status, claim, array_to_string(seats, E'\x1f') AS seats,
           amount_minor, currency, held_until, payment_id, confirmed_at,
           array_to_string(ticket_codes, E'\x1f') AS ticket_codes, checked_in, cancelled_by, cancel_reason, created_at,
           position
    FROM bookings WHERE booking_id = ANY($1)";

const UPSERT: &str = r"
    INSERT INTO bookings (booking_id, screening_id, customer_id, status, booking_status, claim, seats, amount_minor,
                          currency, held_until, payment_id, confirmed_at, ticket_codes, checked_in, cancelled_by,
                          cancel_reason, created_at, position)
    SELECT booking_id, screening_id, customer_id, status, booking_status, claim, string_to_array(seats, E'\x1f'),
           amount_minor, currency, held_until, payment_id, confirmed_at, string_to_array(ticket_codes, E'\x1f'),
           checked_in, cancelled_by, cancel_reason, created_at, position
    FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                $9::text[], $10::timestamptz[], $11::uuid[], $12::timestamptz[], $13::text[], $14::integer[],
                $15::text[], $16::text[], $17::timestamptz[], $18::bigint[])
         AS new (booking_id, screening_id, customer_id, status, booking_status, claim, seats, amount_minor, currency,
                 held_until, payment_id, confirmed_at, ticket_codes, checked_in, cancelled_by, cancel_reason, created_at,
                 position)
    ON CONFLICT (booking_id) DO UPDATE SET
        status = EXCLUDED.status, booking_status = EXCLUDED.booking_status, claim = EXCLUDED.claim,
        held_until = EXCLUDED.held_until, payment_id = EXCLUDED.payment_id, confirmed_at = EXCLUDED.confirmed_at,
        ticket_codes = EXCLUDED.ticket_codes, checked_in = EXCLUDED.checked_in,
        cancelled_by = EXCLUDED.cancelled_by, cancel_reason = EXCLUDED.cancel_reason, position = EXCLUDED.position";

/// A row, but for its status, which follows from the two columns after it.
#[derive(sqlx::FromRow)]
pub(super) struct Booking {
    pub booking_id: Uuid,
    pub screening_id: Uuid,
    pub customer_id: Uuid,
    pub booking_status: Option<Word<BookingStatus>>,
    pub claim: Word<Claim>,
    /// Joined.
    pub seats: String,
    pub amount_minor: i64,
    pub currency: Word<Currency>,
    pub held_until: Timestamp,
    pub payment_id: Option<Uuid>,
    pub confirmed_at: Option<Timestamp>,
    /// Joined.
    pub ticket_codes: String,
    pub checked_in: i32,
    pub cancelled_by: Option<Word<CancelledBy>>,
    pub cancel_reason: Option<String>,
    pub created_at: Timestamp,
    pub position: i64,
}

impl Booking {
    fn status(&self) -> Word<BookingStatus> {
        Word(self.claim.0.status(self.booking_status.map(|Word(status)| status)))
    }
}

pub(super) async fn flush(
    bookings: &mut Rows<BookingId, Booking>,
    connection: &mut PgConnection,
) -> Result<(), ProjectError> {
    bookings.load(connection, SELECT, |booking| booking.0, |row| BookingId(row.booking_id)).await?;
    let rows = bookings.changed();
    if !rows.is_empty() {
        sqlx::query(UPSERT)
            .bind(column(&rows, |booking, _| booking.0))
            .bind(column(&rows, |_, row| row.screening_id))
            .bind(column(&rows, |_, row| row.customer_id))
            .bind(column(&rows, |_, row| row.status()))
            .bind(column(&rows, |_, row| row.booking_status))
            .bind(column(&rows, |_, row| row.claim))
            .bind(column(&rows, |_, row| row.seats.as_str()))
            .bind(column(&rows, |_, row| row.amount_minor))
            .bind(column(&rows, |_, row| row.currency))
            .bind(column(&rows, |_, row| row.held_until))
            .bind(column(&rows, |_, row| row.payment_id))
            .bind(column(&rows, |_, row| row.confirmed_at))
            .bind(column(&rows, |_, row| row.ticket_codes.as_str()))
            .bind(column(&rows, |_, row| row.checked_in))
            .bind(column(&rows, |_, row| row.cancelled_by))
            .bind(column(&rows, |_, row| row.cancel_reason.as_deref()))
            .bind(column(&rows, |_, row| row.created_at))
            .bind(column(&rows, |_, row| row.position))
            .execute(connection)
            .await
            .map_err(database("writing bookings"))?;
    }
    bookings.written();
    Ok(())
}
