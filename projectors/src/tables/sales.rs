//! `sales`: what was sold and refunded per day, month and in all, by show and venue, at the levels that reports group by. A booking
//! that moves stays with the screening that sold it.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{BookingId, Money, booking::Event, seat_move::SeatMove};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::error::{ProjectError, database};

/// A sale, or its refund.
struct Movement {
    booking: BookingId,
    at: Timestamp,
    amount: Money,
    /// Seats; `None` for all that the booking has.
    seats: Option<i64>,
    /// Bookings: none if only some of its seats are refunded.
    bookings: i64,
    is_refund: bool,
}

/// Adds the movements to their hours, as whole bookings and by category. An amount that is not that of all seats, such as that of some
/// of them, cannot be divided: it counts as one line of the category `other`.
const ADD_LINES: &str = "
    WITH moved AS (
        SELECT (m.at AT TIME ZONE p.timezone)::date AS day, extract(hour FROM m.at AT TIME ZONE p.timezone)::smallint AS hour,
               p.show_id, p.venue_id, coalesce(t.method, 'other') AS method, m.currency, m.minor, m.is_refund, b.lines,
               COALESCE(m.seats, cardinality(b.seats)) AS seats, m.bookings
        FROM UNNEST($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[])
             AS m (booking_id, at, currency, minor, is_refund, seats, bookings)
        JOIN bookings b USING (booking_id)
        JOIN screenings p ON p.screening_id = COALESCE((b.moves->0->>'from')::uuid, b.screening_id)
        LEFT JOIN payments t ON t.payment_id = b.payment_id),
    divided AS (
        SELECT moved.*, '' AS category, '' AS ticket_type, moved.minor AS part_minor, moved.seats AS part_seats FROM moved
        UNION ALL
        SELECT moved.*, part.category, 'standard', part.minor, part.seats
        FROM moved CROSS JOIN LATERAL (
            SELECT l.category, l.minor, l.seats FROM jsonb_to_recordset(moved.lines) AS l (category text, seats bigint, minor bigint)
            WHERE moved.minor = (SELECT sum((line->>'minor')::bigint) FROM jsonb_array_elements(moved.lines) AS line)
            UNION ALL
            SELECT 'other', moved.minor, moved.seats
            WHERE moved.minor IS DISTINCT FROM
                  (SELECT sum((line->>'minor')::bigint) FROM jsonb_array_elements(moved.lines) AS line)) AS part)
    INSERT INTO sales_lines (day, hour, show_id, venue_id, category, ticket_type, method, currency, bookings, seats, sold_minor,
                             bookings_refunded, seats_refunded, refunded_minor)
    SELECT day, hour, show_id, venue_id, category, ticket_type, method, currency,
           COALESCE(sum(bookings) FILTER (WHERE NOT is_refund), 0), COALESCE(sum(part_seats) FILTER (WHERE NOT is_refund), 0),
           COALESCE(sum(part_minor) FILTER (WHERE NOT is_refund), 0),
           COALESCE(sum(bookings) FILTER (WHERE is_refund), 0), COALESCE(sum(part_seats) FILTER (WHERE is_refund), 0),
           COALESCE(sum(part_minor) FILTER (WHERE is_refund), 0)
    FROM divided GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (day, hour, show_id, venue_id, category, ticket_type, method, currency) DO UPDATE
    SET bookings = sales_lines.bookings + EXCLUDED.bookings, seats = sales_lines.seats + EXCLUDED.seats,
        sold_minor = sales_lines.sold_minor + EXCLUDED.sold_minor,
        bookings_refunded = sales_lines.bookings_refunded + EXCLUDED.bookings_refunded,
        seats_refunded = sales_lines.seats_refunded + EXCLUDED.seats_refunded,
        refunded_minor = sales_lines.refunded_minor + EXCLUDED.refunded_minor";

/// The table: movements of the current batch.
#[derive(Default)]
pub(crate) struct Sales(Vec<Movement>);

impl Sales {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let number = |seats: usize| Some(i64::try_from(seats).unwrap_or(i64::MAX));
        let (booking, amount, seats, bookings, is_refund) = match event {
            Event::BookingConfirmed { booking, amount, tickets, .. } => {
                (*booking, *amount, number(tickets.len()), 1, false)
            }
            Event::BookingRefunded { booking, amount, .. } => (*booking, *amount, None, 1, true),
            Event::ReturnRefunded { booking, amount, seats, .. } => {
                (*booking, *amount, number(seats.len()), 0, true)
            }
            Event::BookingMoved { booking, moved: SeatMove { to_pay: Some(more), .. }, .. } => {
                (*booking, *more, number(0), 0, false)
            }
            Event::BookingMoved { moved: SeatMove { to_pay: None, .. }, .. }
            | Event::MoveRequested { .. }
            | Event::MoveRefused { .. }
            | Event::BookingOpened { .. }
            | Event::PaymentAttemptStarted { .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::BookingExpired { .. }
            | Event::SeatsReturned { .. }
            | Event::BookingCancelled { .. }
            | Event::NoteAdded { .. }
            | Event::TicketShared { .. }
            | Event::ShareEnded { .. } => return,
        };
        let at = recorded.metadata.time.to_sqlx();
        self.0.push(Movement { booking, at, amount, seats, bookings, is_refund });
    }

    /// Adds the movements to their days. Bookings and screenings must be written before.
    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        const ADD: &str = "
            WITH moved AS (
                SELECT spans.span,
                       CASE spans.span WHEN 'ever' THEN '0001-01-01'
                            ELSE date_trunc(spans.span, m.at AT TIME ZONE p.timezone)::date END AS day, p.show_id, p.venue_id,
                       m.currency, m.minor, m.is_refund, COALESCE(m.seats, cardinality(b.seats)) AS seats, m.bookings
                FROM UNNEST($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[])
                     AS m (booking_id, at, currency, minor, is_refund, seats, bookings)
                JOIN bookings b USING (booking_id)
        JOIN screenings p ON p.screening_id = COALESCE((b.moves->0->>'from')::uuid, b.screening_id)
                CROSS JOIN (VALUES ('day'), ('month'), ('ever')) AS spans (span))
            INSERT INTO sales (span, day, show_id, venue_id, currency, bookings, seats, sold_minor, bookings_refunded,
                               seats_refunded, refunded_minor)
            SELECT span, day, COALESCE(show_id, '00000000-0000-0000-0000-000000000000'),
                   COALESCE(venue_id, '00000000-0000-0000-0000-000000000000'), currency,
                   COALESCE(sum(bookings) FILTER (WHERE NOT is_refund), 0), COALESCE(sum(seats) FILTER (WHERE NOT is_refund), 0),
                   COALESCE(sum(minor) FILTER (WHERE NOT is_refund), 0),
                   COALESCE(sum(bookings) FILTER (WHERE is_refund), 0), COALESCE(sum(seats) FILTER (WHERE is_refund), 0),
                   COALESCE(sum(minor) FILTER (WHERE is_refund), 0)
            FROM moved
            GROUP BY GROUPING SETS ((span, day, currency), (span, day, currency, show_id), (span, day, currency, venue_id),
                                    (span, day, currency, show_id, venue_id))
            ON CONFLICT (show_id, venue_id, span, day, currency) DO UPDATE
            SET bookings = sales.bookings + EXCLUDED.bookings, seats = sales.seats + EXCLUDED.seats,
                sold_minor = sales.sold_minor + EXCLUDED.sold_minor,
                bookings_refunded = sales.bookings_refunded + EXCLUDED.bookings_refunded,
                seats_refunded = sales.seats_refunded + EXCLUDED.seats_refunded,
                refunded_minor = sales.refunded_minor + EXCLUDED.refunded_minor";
        let moved = std::mem::take(&mut self.0);
        if moved.is_empty() {
            return Ok(());
        }
        let bookings: Vec<Uuid> = moved.iter().map(|movement| movement.booking.0).collect();
        let times: Vec<Timestamp> = moved.iter().map(|movement| movement.at).collect();
        let currencies: Vec<&str> = moved.iter().map(|movement| movement.amount.currency.code()).collect();
        let amounts: Vec<i64> = moved.iter().map(|movement| movement.amount.amount_minor).collect();
        let refunds: Vec<bool> = moved.iter().map(|movement| movement.is_refund).collect();
        let seats: Vec<Option<i64>> = moved.iter().map(|movement| movement.seats).collect();
        let counted: Vec<i64> = moved.iter().map(|movement| movement.bookings).collect();
        sqlx::query(ADD)
            .bind(&bookings)
            .bind(&times)
            .bind(&currencies)
            .bind(&amounts)
            .bind(&refunds)
            .bind(&seats)
            .bind(&counted)
            .execute(&mut *connection)
            .await
            .map_err(database("writing sales"))?;
        sqlx::query(ADD_LINES)
            .bind(bookings)
            .bind(times)
            .bind(currencies)
            .bind(amounts)
            .bind(refunds)
            .bind(seats)
            .bind(counted)
            .execute(connection)
            .await
            .map(drop)
            .map_err(database("writing sales by line"))
    }
}
