//! `GET /bookings`, `GET /bookings/{id}`

use axum::{Json, extract::State};
use serde::Deserialize;
use ticketshow_domain::BookingId;
use ticketshow_http::{Caller, Params, PathId, Problem, schema};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    bookings::booking::{Booking, BookingStatus, Row},
    machinery::{
        app::App,
        formatting::Moment,
        page::{Page, Paging},
        reading::{Reading, Select},
        responses::CallForOne,
    },
};

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BookingFilter {
    /// Only bookings with this status.
    #[param(inline)]
    status: Option<BookingStatus>,
}

/// Names are as promised when the screening was scheduled; address and poster are current.
macro_rules! select_bookings {
    ($($rest:literal)+) => {
        concat!(
            "SELECT b.booking_id, b.buyer_erased, b.status, b.seats, b.amount_minor, b.currency, b.held_until, b.ticket_codes, b.checked_in,
                    b.returns, b.open_move,
                    (SELECT d.checkout_url FROM payments d
                     WHERE d.payment_id = (b.open_move->>'id')::uuid AND d.status = 'pending') AS open_move_url,
                    b.cancelled_by, b.cancel_reason, b.created_at, b.customer_id, COALESCE(a.email, w.email) AS email,
                    COALESCE(a.name, w.name) AS customer_name,
                    t.payment_id, t.method AS payment_method, t.status AS payment_status, t.checkout_url,
                    CASE WHEN b.status = 'confirmed' AND b.moves <> '[]' THEN (
                        SELECT jsonb_agg(jsonb_build_object('payment', e.payment_id, 'method', e.method, 'left_minor',
                                                            e.confirmed_minor - GREATEST(e.split_minor, e.returned_minor))
                                         ORDER BY COALESCE(e.payment_id = b.payment_id, false) DESC, e.created_at DESC, e.payment_id)
                        FROM (SELECT q.*, (SELECT COALESCE(sum(k.amount_minor), 0)::bigint FROM payments k
                                           WHERE k.booking_id = b.booking_id AND k.part_of = q.payment_id) AS returned_minor
                              FROM payments q
                              WHERE q.booking_id = b.booking_id AND q.part_of IS NULL AND q.confirmed_minor > 0) e
                    ) END AS sources,
                    r.refund_target, r.refund_status, r.refund_minor, r.refund_currency,
                    p.show_id, p.show_title, s.poster_card, p.venue_id, p.venue_name, v.address, p.city, p.screen_id, p.screen_name,
                    p.screening_id, p.starts_at, p.ends_at, p.timezone, p.terms, b.priced_seats AS lines,
                    b.charges, b.promotion, o.terms->>'name' AS promotion_name, o.code AS promotion_code, l.levels, b.free_until, b.reschedulings,
                    GREATEST(p.cancel_until, b.free_until) AS cancel_until
             FROM bookings b JOIN screenings p ON p.screening_id = b.screening_id
             LEFT JOIN shows s ON s.show_id = p.show_id
             LEFT JOIN venues v ON v.venue_id = p.venue_id
             LEFT JOIN accounts a ON a.user_id = b.customer_id
             LEFT JOIN buyers w ON w.user_id = b.customer_id
             LEFT JOIN promotions o ON o.promotion_id = (b.promotion->>'promotion')::uuid
             LEFT JOIN LATERAL (
                 SELECT payment_id, method, status, CASE WHEN status = 'pending' THEN checkout_url END AS checkout_url
                 FROM payments WHERE booking_id = b.booking_id AND part_of IS NULL
                 ORDER BY COALESCE(payment_id = b.payment_id, false) DESC, status = 'pending' DESC, created_at DESC,
                          payment_id
                 LIMIT 1) t ON true
             LEFT JOIN LATERAL (
                 SELECT refund_target, refund_status, COALESCE(captured_minor, amount_minor) - split_minor AS refund_minor,
                        COALESCE(captured_currency, currency) AS refund_currency
                 FROM payments WHERE booking_id = b.booking_id AND part_of IS NULL AND refund_status IS NOT NULL
                 ORDER BY COALESCE(payment_id = b.payment_id, false) DESC, refund_requested_at DESC, payment_id
                 LIMIT 1) r ON true
             LEFT JOIN LATERAL (
                 SELECT jsonb_object_agg(seat_row->>'label', seat_row->>'level')
                            FILTER (WHERE seat_row->>'level' IS NOT NULL AND seat_row->>'label' IN (
                                SELECT split_part(seat, '-', 1) FROM unnest(b.seats) seat)) AS levels
                 FROM seat_maps m, jsonb_array_elements(m.layout->'rows') seat_row
                 WHERE m.screening_id = b.screening_id AND b.ticket_codes <> '{}' AND jsonb_path_exists(m.layout, '$.rows[*].level')
                 HAVING count(DISTINCT COALESCE(seat_row->>'level', '')) > 1) l ON true ",
            $($rest),+
        )
    };
}
pub(crate) use select_bookings;

/// Lists the caller's bookings, newest first.
///
/// # Errors
///
/// 401 without a token.
#[utoipa::path(
    get,
    path = "/bookings",
    tag = "Booking and money",
    params(BookingFilter, Paging),
    responses((status = 200, body = Page<Booking>), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn list_bookings(
    State(app): State<App>,
    caller: Caller,
    Params(filter): Params<BookingFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<Booking>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(select_bookings!(
        "WHERE b.customer_id = $1
           AND ($2::text IS NULL OR b.status = $2)
           AND ($3::timestamptz IS NULL OR b.created_at <= $3 AND (b.created_at < $3 OR b.booking_id > $4::uuid))
         ORDER BY b.created_at DESC, b.booking_id LIMIT $5"
    ));
    let select =
        select.bind(caller.user.0).bind(filter.status).bind(before).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    let (page, now) =
        (Page::new(rows, &paging, |row| (row.created_at, row.booking_id)), app.parts.edge.now());
    Ok(Json(page.map(|row| Booking::new(row, now, &app.parts.posters))))
}

/// Returns one of the caller's bookings.
///
/// # Errors
///
/// 404 if the booking does not exist or belongs to another customer.
#[utoipa::path(
    get,
    path = "/bookings/{id}",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Booking), CallForOne, schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn get_booking(
    State(app): State<App>,
    caller: Caller,
    PathId(booking): PathId<BookingId>,
    mut reading: Reading,
) -> Result<Json<Booking>, Problem> {
    let select: Select<Row> =
        sqlx::query_as(select_bookings!("WHERE b.booking_id = $1 AND b.customer_id = $2"));
    let row = reading.one(select.bind(booking.0).bind(caller.user.0)).await?;
    Ok(Json(Booking::new(row, app.parts.edge.now(), &app.parts.posters)))
}
