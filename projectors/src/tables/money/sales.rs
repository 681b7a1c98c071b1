//! `sales`: sold and refunded amounts per day, per month and in total, by show and venue, at the levels that reports group by. A booking
//! that moves stays with the screening that sold it. Each amount counts for the payment method that took it: a
//! difference for its own, and a return for that of the payment which gives it back.

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    BookingId, Money, PaymentId, SeatName,
    booking::Event,
    seat_move::SeatMove,
    seat_return::{RefundWay, SeatReturn},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::error::{ProjectError, database};

/// A sale, or its refund.
struct Movement {
    booking: BookingId,
    /// The payment that took or returns the amount: of a difference, or of a part, it is not that of the booking.
    payment: PaymentId,
    at: Timestamp,
    amount: Money,
    /// Seats; `None` for all that the booking has left.
    seats: Option<Vec<SeatName>>,
    /// The return that gave them back, if one did.
    returned: Option<Uuid>,
    /// Bookings: none if only some of its seats are refunded.
    bookings: i64,
    is_refund: bool,
}

/// Adds the movements to their hours, as whole bookings and seat by seat. Amounts other than seat prices, such as a
/// fee or the part of a refund that the house keeps, count as a line of the category `fees`. An amount without seats,
/// such as the difference of a move, or whose seats have no known prices, counts as one of the category `other`.
///
/// A booking has other seats after a move. Those that it sold are then found in its first move, and those of a return in that return,
/// so that it does not matter when the movements are added.
const ADD_LINES: &str = "
    WITH moved AS (
        SELECT (m.at AT TIME ZONE p.timezone)::date AS day, extract(hour FROM m.at AT TIME ZONE p.timezone)::smallint AS hour,
               p.show_id, p.venue_id, coalesce(t.method, 'other') AS method, m.currency, m.minor, m.is_refund,
               CASE WHEN m.returned IS NOT NULL THEN (SELECT back->'priced' FROM jsonb_array_elements(b.returns) AS back
                                                      WHERE back->>'id' = m.returned::text)
                    WHEN m.is_refund THEN b.priced_seats
                    ELSE COALESCE(b.moves->0->'priced', b.priced_seats) END AS lines,
               COALESCE(m.seats, to_jsonb(b.seats)) AS names, jsonb_array_length(COALESCE(m.seats, to_jsonb(b.seats))) AS seats, m.bookings
        FROM UNNEST($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[], $5::boolean[], $6::jsonb[], $7::bigint[], $8::uuid[], $9::uuid[])
             AS m (booking_id, at, currency, minor, is_refund, seats, bookings, returned, payment_id)
        JOIN bookings b USING (booking_id)
        JOIN screenings p ON p.screening_id = COALESCE((b.moves->0->>'from')::uuid, b.screening_id)
        LEFT JOIN payments t ON t.payment_id = m.payment_id),
    divided AS (
        SELECT moved.*, '' AS category, '' AS ticket_type, moved.minor AS part_minor, moved.seats AS part_seats FROM moved
        UNION ALL
        SELECT moved.*, part.category, part.ticket_type, part.minor, part.seats
        FROM moved CROSS JOIN LATERAL (
            WITH own AS (
                SELECT l.category, l.ticket_type, sum(l.price_minor - l.discount_minor)::bigint AS minor, count(*)::bigint AS seats
                FROM jsonb_to_recordset(moved.lines)
                     AS l (seat text, category text, ticket_type text, price_minor bigint, discount_minor bigint)
                WHERE moved.names ? l.seat GROUP BY 1, 2)
            SELECT category, ticket_type, minor, seats FROM own
            UNION ALL
            SELECT 'fees', 'fees', moved.minor - sum(minor)::bigint, 0 FROM own
            HAVING count(*) > 0 AND moved.minor <> sum(minor)
            UNION ALL
            SELECT 'other', 'standard', moved.minor, moved.seats WHERE NOT EXISTS (SELECT FROM own)) AS part)
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
        let (booking, payment, amount, seats, returned, bookings, is_refund) = match event {
            Event::BookingConfirmed { booking, payment, amount, tickets, .. } => {
                let seats = tickets.iter().map(|ticket| ticket.seat.clone()).collect();
                (*booking, *payment, *amount, Some(seats), None, 1, false)
            }
            Event::BookingRefunded { booking, payment, amount, .. } => {
                (*booking, *payment, *amount, None, None, 1, true)
            }
            Event::ReturnRefunded { booking, payment, amount, seats, .. } => {
                (*booking, *payment, *amount, Some(seats.clone()), Some(payment.0), 0, true)
            }
            Event::SeatsReturned { booking, returned, due, .. } if returned.refund == RefundWay::Cash => {
                let SeatReturn { id, seats, .. } = returned;
                (*booking, *id, due.amount, Some(seats.clone()), Some(id.0), 0, true)
            }
            Event::BookingMoved { booking, moved: SeatMove { id, to_pay: Some(more), .. }, .. } => {
                (*booking, *id, *more, Some(Vec::new()), None, 0, false)
            }
            Event::BookingMoved { moved: SeatMove { to_pay: None, .. }, .. }
            | Event::MoveRequested { .. }
            | Event::MovePaid { .. }
            | Event::MoveRefused { .. }
            | Event::BookingOpened { .. }
            | Event::PaymentAttemptStarted { .. }
            | Event::PaymentAttemptFailed { .. }
            | Event::BookingExpired { .. }
            | Event::SeatsReturned { .. }
            | Event::BookingCancelled { .. }
            | Event::NoteAdded { .. }
            | Event::BuyerErased { .. }
            | Event::TicketShared { .. }
            | Event::ShareEnded { .. }
            | Event::DiscountApplied { .. }
            | Event::DiscountRemoved { .. }
            | Event::BookingRescheduled { .. } => return,
        };
        let at = recorded.metadata.time.to_sqlx();
        self.0.push(Movement { booking, payment, at, amount, seats, returned, bookings, is_refund });
    }

    /// Adds the movements to their days. Bookings, screenings and payments must be written before.
    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        const ADD: &str = "
            WITH moved AS (
                SELECT spans.span,
                       CASE spans.span WHEN 'ever' THEN '0001-01-01'
                            ELSE date_trunc(spans.span, m.at AT TIME ZONE p.timezone)::date END AS day, p.show_id, p.venue_id,
                       m.currency, m.minor, m.is_refund, COALESCE(jsonb_array_length(m.seats), cardinality(b.seats)) AS seats,
                       m.bookings
                FROM UNNEST($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[], $5::boolean[], $6::jsonb[], $7::bigint[])
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
        let seats: Vec<Option<Json<&Vec<SeatName>>>> =
            moved.iter().map(|movement| movement.seats.as_ref().map(Json)).collect();
        let counted: Vec<i64> = moved.iter().map(|movement| movement.bookings).collect();
        let returns: Vec<Option<Uuid>> = moved.iter().map(|movement| movement.returned).collect();
        let payments: Vec<Uuid> = moved.iter().map(|movement| movement.payment.0).collect();
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
            .bind(returns)
            .bind(payments)
            .execute(connection)
            .await
            .map(drop)
            .map_err(database("writing sales by line"))
    }
}
