//! `GET /admin/bookings`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::ScreeningId;
use ticketshow_http::{Administrator, Params, Problem, schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    bookings::{
        booking::{Booking, BookingStatus, Customer, Row},
        own_bookings::select_bookings,
    },
    machinery::{
        app::App,
        formatting::Moment,
        page::{Page, Paging},
        reading::{Reading, Select},
        search_text::{SearchText, containing, ids_beginning_with, text},
    },
};

/// A booking and its customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomersBooking {
    #[serde(flatten)]
    booking: Booking,
    customer: Customer,
}

/// Filters of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnyBookingFilter {
    /// Beginning of the booking id, or part of the customer's e-mail address or name, in any letter case.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
    /// Only bookings with this status.
    #[param(inline)]
    status: Option<BookingStatus>,
    /// Only bookings of this screening.
    #[param(value_type = Option<Uuid>)]
    screening_id: Option<ScreeningId>,
}

/// Most bookings and most customers that are looked up one by one.
const FEW: i64 = 1_000;

/// What a search text finds.
enum Found {
    /// These bookings, and those of these customers.
    Few { bookings: Vec<Uuid>, customers: Vec<Uuid> },
    /// So many that the newest bookings contain enough of them: those with an id in this range, and those of customers whose
    /// address or name is like this.
    Many { ids: Option<(Uuid, Uuid)>, pattern: String },
}

impl Found {
    async fn by(reading: &mut Reading, text: &str) -> Result<Self, Problem> {
        let (ids, pattern) = (ids_beginning_with(text), containing(text));
        let few = usize::try_from(FEW).unwrap_or(usize::MAX);
        let select: Select<(Uuid,)> = sqlx::query_as(
            "SELECT user_id FROM accounts WHERE lower(email) LIKE lower($1) OR lower(name) LIKE lower($1) LIMIT $2",
        );
        let customers = reading.all(select.persistent(false).bind(pattern.clone()).bind(FEW + 1)).await?;
        let bookings: Vec<(Uuid,)> = match ids {
            Some((from, to)) if customers.len() <= few => {
                let select: Select<(Uuid,)> = sqlx::query_as(
                    "SELECT booking_id FROM bookings WHERE booking_id BETWEEN $1 AND $2 LIMIT $3",
                );
                reading.all(select.persistent(false).bind(from).bind(to).bind(FEW + 1)).await?
            }
            Some(_) | None => Vec::new(),
        };
        if customers.len() > few || bookings.len() > few {
            return Ok(Self::Many { ids, pattern });
        }
        let plain = |found: Vec<(Uuid,)>| found.into_iter().map(|(id,)| id).collect();
        Ok(Self::Few { bookings: plain(bookings), customers: plain(customers) })
    }
}

/// Selects one page: first only its ids, so that nothing is looked up for other bookings.
macro_rules! select_found {
    ($join:literal, $found:literal) => {
        select_bookings!(
            "WHERE b.booking_id IN (
                 SELECT f.booking_id FROM bookings f "
            $join
            " WHERE "
            $found
            " AND ($1::text IS NULL OR f.status = $1) AND ($2::uuid IS NULL OR f.screening_id = $2)
                 AND ($3::timestamptz IS NULL OR f.created_at <= $3 AND (f.created_at < $3 OR f.booking_id > $4::uuid))
                 ORDER BY f.created_at DESC, f.booking_id LIMIT $5)
             ORDER BY b.created_at DESC, b.booking_id"
        )
    };
}

/// Lists the bookings of all customers, newest first.
///
/// # Errors
///
/// 403 if the caller is not an administrator.
#[utoipa::path(
    get,
    path = "/admin/bookings",
    tag = "Administration",
    params(AnyBookingFilter, Paging),
    responses((status = 200, body = Page<CustomersBooking>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_any_bookings(
    State(app): State<App>,
    _admitted: Administrator,
    Params(filter): Params<AnyBookingFilter>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<CustomersBooking>>, Problem> {
    let found = match text(filter.q).filter(|text| !text.is_empty()) {
        Some(text) => Some(Found::by(&mut reading, &text).await?),
        None => None,
    };
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(match &found {
        None => select_found!("", "true"),
        Some(Found::Few { .. }) => select_found!("", "(f.booking_id = ANY($6) OR f.customer_id = ANY($7))"),
        Some(Found::Many { .. }) => select_found!(
            "LEFT JOIN accounts n ON n.user_id = f.customer_id",
            "(f.booking_id BETWEEN $6 AND $7 OR lower(n.email) LIKE lower($8) OR lower(n.name) LIKE lower($8))"
        ),
    });
    let select = select
        // Planned for these filters: a plan for all of them would read every booking.
        .persistent(false)
        .bind(filter.status)
        .bind(filter.screening_id.map(|screening| screening.0))
        .bind(before)
        .bind(after_id)
        .bind(paging.rows());
    let select = match found {
        None => select,
        Some(Found::Few { bookings, customers }) => select.bind(bookings).bind(customers),
        Some(Found::Many { ids, pattern }) => {
            let (from, to) = ids.unzip();
            select.bind(from).bind(to).bind(pattern)
        }
    };
    let rows = reading.all(select).await?;
    let (page, now) =
        (Page::new(rows, &paging, |row| (row.created_at, row.booking_id)), app.parts.edge.now());
    Ok(Json(page.map(|mut row| {
        let customer = row.customer();
        CustomersBooking { booking: Booking::new(row, now, &app.parts.posters), customer }
    })))
}
