//! The hold that a new hold replaces.

use ticketshow_domain::{
    BookingId,
    booking::{self, Booking, BookingStatus, Discounted},
    screening::Screening,
};
use ticketshow_http::Problem;
use ticketshow_nats::executor::outcome::Freshness;

use crate::{
    bookings::live_holds::LiveHold,
    machinery::{app::App, refusals::Refuse},
};

/// Returns the discount of the hold `replaced`, which the new hold keeps. Its screening decides whether it is replaced; this only
/// refuses one that is being paid. A payment that begins a moment later gets its money back, as after a cancellation.
///
/// # Errors
///
/// 404 if the customer has no such booking of the screening; 409 `payment-in-progress`, `already-paid`, `hold-expired`,
/// `booking-cancelled`.
pub async fn discount_to_pass(
    app: &App,
    hold: &LiveHold,
    replaced: BookingId,
) -> Result<Option<Discounted>, Problem> {
    let seen = app.state::<Screening>(&hold.screening, Freshness::Fresh).await?;
    let is_theirs = seen.state.claim(replaced).is_some_and(|claim| claim.customer == hold.customer);
    // The screening forgets a released hold in time, and still knows the one that replaced it.
    let is_repeat = seen.state.claim(hold.booking).is_some();
    if !is_theirs && !is_repeat {
        return Err(Problem::not_found());
    }
    let state = app.state::<Booking>(&replaced, Freshness::Fresh).await?.state;
    let status = state.opened.as_ref().map(|opened| opened.status).filter(|_| !is_repeat);
    match status {
        None | Some(BookingStatus::Held) => Ok(state.discounted),
        Some(BookingStatus::Paying) => Err(booking::Refusal::PaymentInProgress.problem()),
        Some(BookingStatus::Confirmed) => Err(booking::Refusal::AlreadyPaid.problem()),
        Some(BookingStatus::Expired) => Err(booking::Refusal::HoldExpired.problem()),
        Some(BookingStatus::Cancelled | BookingStatus::Refunded) => {
            Err(booking::Refusal::BookingCancelled.problem())
        }
    }
}
