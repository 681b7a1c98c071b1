//! `DELETE /admin/bookings/{id}/customer`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    BookingId,
    booking::{Booking, Command},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, schema};

use crate::machinery::{app::App, authority::FreshStaff};

/// Erases a buyer at the counter who has no account: the key that opens the name, the address and the telephone number of the booking,
/// and the notes about it, is destroyed. The booking and its money stay in the books, and its tickets stay valid; no more mails
/// are sent about it. Repeating the call changes nothing.
///
/// # Errors
///
/// 404 if there is no such booking; 409 `customer-has-account`: only customers themselves delete their accounts.
#[utoipa::path(
    delete,
    path = "/admin/bookings/{id}/customer",
    tag = "Administration",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 202, description = "erased; copies in other services follow within moments"),
        (status = 409, description = "`customer-has-account`", body = schema::Problem, content_type = "application/problem+json"),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn erase_buyer(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(booking): PathId<BookingId>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let command = Command::EraseBuyer { booking, by: Some(caller.user) };
    // The saga that queues mails destroys the key.
    let position = app.send::<Booking>(&booking, command, metadata).await?;
    Ok((StatusCode::ACCEPTED, position))
}
