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
        search_text::{SearchText, text},
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
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    // Matching accounts are looked up once, not once per booking: a customer has many bookings.
    let select: Select<Row> = sqlx::query_as(select_bookings!(
        "WHERE ($1::text IS NULL OR starts_with(b.booking_id::text, lower($1)) OR b.customer_id IN (
                   SELECT user_id FROM accounts
                   WHERE strpos(lower(email), lower($1)) > 0 OR strpos(lower(name), lower($1)) > 0))
           AND ($2::text IS NULL OR b.status = $2)
           AND ($3::uuid IS NULL OR b.screening_id = $3)
           AND ($4::timestamptz IS NULL OR b.created_at <= $4 AND (b.created_at < $4 OR b.booking_id > $5::uuid))
         ORDER BY b.created_at DESC, b.booking_id LIMIT $6"
    ));
    let select = select
        .bind(text(filter.q))
        .bind(filter.status)
        .bind(filter.screening_id.map(|screening| screening.0))
        .bind(before)
        .bind(after_id)
        .bind(paging.rows());
    let rows = reading.all(select).await?;
    let (page, now) =
        (Page::new(rows, &paging, |row| (row.created_at, row.booking_id)), app.parts.edge.now());
    Ok(Json(page.map(|mut row| {
        let customer = row.customer();
        CustomersBooking { booking: Booking::new(row, now, &app.parts.posters), customer }
    })))
}
