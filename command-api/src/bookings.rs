//! Bookings: from reserving seats to the check-in at the door.

pub mod add_note;
pub mod cancel_booking;
pub mod check_in;
pub mod end_share;
pub mod erase_buyer;
pub mod give_up_move;
pub mod live_holds;
pub mod mail_booking;
pub mod move_booking;
pub mod open_share;
pub mod pay_booking;
pub mod release_holds;
mod replaced_hold;
pub mod report_check_ins;
pub mod reserve_seats;
pub mod return_seats;
pub mod seat_wish;
pub mod share_ticket;
pub mod undo_check_in;

use ticketshow_domain::{
    BookingId, UserId,
    booking::{Booking, BookingStatus},
    screening::Screening,
};
use ticketshow_http::{Caller, Problem};
use ticketshow_nats::executor::outcome::Freshness;

use crate::machinery::{
    app::App,
    refusals::{booking_cancelled, not_confirmed},
};

/// Checks that a booking is the caller's and has tickets.
///
/// # Errors
///
/// 404; 409 `not-confirmed`, `booking-cancelled`.
async fn paid_booking_of(app: &App, caller: &Caller, booking: BookingId) -> Result<(), Problem> {
    let opened = app.state::<Booking>(&booking, Freshness::Fresh).await?.state.opened;
    let owner = match &opened {
        Some(opened) => Some(opened.reservation.customer),
        None => holder(app, booking).await?,
    };
    if owner != Some(caller.user) {
        return Err(Problem::not_found());
    }
    match opened.map(|opened| opened.status) {
        Some(BookingStatus::Confirmed) => Ok(()),
        Some(BookingStatus::Cancelled | BookingStatus::Refunded) => Err(booking_cancelled()),
        Some(BookingStatus::Held | BookingStatus::Paying | BookingStatus::Expired) | None => {
            Err(not_confirmed())
        }
    }
}

/// Returns the customer of a booking that nobody began to pay: only its screening knows it.
async fn holder(app: &App, booking: BookingId) -> Result<Option<UserId>, Problem> {
    let screening = app.routing.screening_of(booking).await?;
    let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
    Ok(seen.state.claim(booking).map(|claim| claim.customer))
}
