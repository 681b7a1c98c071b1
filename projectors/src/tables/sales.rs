//! `sales`: what was sold and refunded per day, month and in all, by show and venue, at the levels that reports group by. A booking
//! that moves stays with the screening that sold it.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    BookingId, Money, SeatName, booking::Event, seat_move::SeatMove, seat_return::RefundWay,
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::error::{ProjectError, database};

/// A sale, or its refund.
struct Movement {
    booking: BookingId,
    at: Timestamp,
    amount: Money,
    /// Names of the seats; `None` for all that the booking has.
    names: Option<Json<Vec<SeatName>>>,
    /// Seats; `None` for all that the booking has.
    seats: Option<i64>,
    /// Bookings: none if only some of its seats are refunded.
    bookings: i64,
    is_refund: bool,
}

/// Adds the movements to their hours, as whole bookings and by category. An amount that is not the price of the seats, such as that
/// of a booking of an older version, cannot be divided: it counts as one line of the category `other`.
const ADD_LINES: &str = "
    WITH moved AS (
        SELECT (m.at AT TIME ZONE p.timezone)::date AS day, extract(hour FROM m.at AT TIME ZONE p.timezone)::smallint AS hour,
               p.show_id, p.venue_id, coalesce(t.method, 'other') AS method, m.currency, m.minor, m.is_refund, b.lines,
               COALESCE(m.seats, cardinality(b.seats)) AS seats, m.bookings, COALESCE(m.names, to_jsonb(b.seats)) AS names
        FROM UNNEST($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[], $8::jsonb[])
             AS m (booking_id, at, currency, minor, is_refund, seats, bookings, names)
        JOIN bookings b USING (booking_id)
        JOIN screenings p ON p.screening_id = COALESCE((b.moves->0->>'from')::uuid, b.screening_id)
        LEFT JOIN payments t ON t.payment_id = b.payment_id),
    priced AS (
        SELECT moved.*, parts.parts, parts.minor AS parts_minor FROM moved CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('category', part.category, 'seats', part.seats, 'minor', part.minor)) AS parts,
                   sum(part.minor) AS minor
            FROM (SELECT l.category, l.minor / l.seats * named.seats AS minor, named.seats
                  FROM jsonb_to_recordset(moved.lines) AS l (category text, seats bigint, minor bigint, names jsonb)
                  CROSS JOIN LATERAL (
                      SELECT count(*) AS seats FROM jsonb_array_elements_text(l.names) AS own (name)
                      WHERE moved.names @> to_jsonb(own.name)) AS named
                  WHERE named.seats > 0) AS part) AS parts),
    divided AS (
        SELECT priced.*, '' AS category, '' AS ticket_type, priced.minor AS part_minor, priced.seats AS part_seats FROM priced
        UNION ALL
        SELECT priced.*, part.category, 'standard', part.minor, part.seats
        FROM priced CROSS JOIN LATERAL (
            SELECT p.category, p.minor, p.seats FROM jsonb_to_recordset(priced.parts) AS p (category text, seats bigint, minor bigint)
            WHERE priced.minor = priced.parts_minor
            UNION ALL
            SELECT 'other', priced.minor, priced.seats WHERE priced.minor IS DISTINCT FROM priced.parts_minor) AS part)
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
        let (booking, amount, names, bookings, is_refund) = match event {
            Event::BookingConfirmed { booking, amount, tickets, .. } => {
                let names = tickets.iter().map(|ticket| ticket.seat.clone()).collect();
                (*booking, *amount, Some(names), 1, false)
            }
            Event::BookingRefunded { booking, amount, .. } => (*booking, *amount, None, 1, true),
            Event::ReturnRefunded { booking, amount, seats, .. } => {
                (*booking, *amount, Some(seats.clone()), 0, true)
            }
            Event::SeatsReturned { booking, returned, due, .. } if returned.refund == RefundWay::Cash => {
                (*booking, due.amount, Some(returned.seats.clone()), 0, true)
            }
            Event::BookingMoved { booking, moved: SeatMove { to_pay: Some(more), .. }, .. } => {
                (*booking, *more, Some(Vec::new()), 0, false)
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
        let seats = names.as_ref().map(|names: &Vec<_>| i64::try_from(names.len()).unwrap_or(i64::MAX));
        let names = names.map(Json);
        self.0.push(Movement { booking, at, amount, names, seats, bookings, is_refund });
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
        let names: Vec<_> = moved.iter().map(|movement| movement.names.as_ref()).collect();
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
            .bind(names)
            .execute(connection)
            .await
            .map(drop)
            .map_err(database("writing sales by line"))
    }
}
