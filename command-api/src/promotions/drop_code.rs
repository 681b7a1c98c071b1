//! `DELETE /bookings/{id}/promotion`

use axum::{Json, extract::State};
use ticketshow_domain::{
    BookingId,
    booking::{self, Booking},
};
use ticketshow_http::{Caller, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;

use crate::{
    machinery::app::{App, carry_through},
    promotions::use_code::{Hold, RepricedBooking},
};

/// Takes the discount off a hold that nobody began to pay. Without effect if it has none.
///
/// # Errors
///
/// 404; 409 `payment-in-progress`.
#[utoipa::path(
    delete,
    path = "/bookings/{id}/promotion",
    tag = "Promotions",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = RepricedBooking),
        schema::NotFound,
        (
            status = 409,
            description = "`payment-in-progress`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn drop_code(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    PathId(booking): PathId<BookingId>,
) -> Result<(StreamPosition, Json<RepricedBooking>), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let screening = app.routing.screening_of(booking).await?;
    let hold = Hold::of(&app, screening, booking, caller.user, metadata.time).await?;
    let drop_it = async move {
        let before = app.state::<Booking>(&booking, Freshness::Fresh).await?.state.discounted;
        let reservation = hold.reservation;
        let repriced = move |state: &Booking| RepricedBooking::new(&reservation, state);
        let remove = booking::Command::RemoveDiscount;
        let removed = app.execute(&booking, remove, metadata.clone(), repriced).await?;
        // A saga returns the use too.
        let returned = match before {
            Some(known) => app.return_use(known.discount.promotion, booking, &metadata).await?,
            None => 0,
        };
        Ok((removed.position.max(returned), removed.answer))
    };
    let (position, repriced) = carry_through(drop_it).await?;
    Ok((StreamPosition(position), Json(repriced)))
}
