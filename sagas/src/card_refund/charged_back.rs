//! Consequence of a lost dispute: the bank took the money back, so the tickets that it bought are void. Tickets that were used
//! stay as they are.

use ticketshow_domain::{
    PaymentId,
    booking::{self, Booking, BookingStatus, CancelledBy, moving::KnownMove},
    payment::{Payment, Purpose},
    screening::{self, Claim, ReleaseReason, Screening},
    seat_move::MoveOutcome,
};

use crate::worker::{error::SagaError, reaction::Reaction};

/// Reason that the customer reads.
const REASON: &str = "your bank took the payment back";

/// Cancels the booking that the payment confirmed, or moved, and releases its seats. Every run starts from the first step.
pub(super) async fn void(reaction: &Reaction<'_>, payment: PaymentId) -> Result<(), SagaError> {
    let state: Payment = reaction.read(&payment).await?;
    let purpose = state.opened().map(|opened| opened.purpose.clone());
    let Some(Purpose::Booking { booking } | Purpose::Difference { booking }) = purpose else {
        return Ok(());
    };
    let bought: Booking = reaction.read(&booking).await?;
    let Some(opened) = bought.opened.filter(|_| state.is_charged_back()) else { return Ok(()) };
    let is_about_to_buy = |known: &KnownMove| known.paid && known.outcome == MoveOutcome::Open;
    if opened.known_move(payment).is_some_and(is_about_to_buy) {
        // In a moment it has moved, or its move is over.
        return Err(SagaError::transient(booking::Refusal::MoveInProgress));
    }
    // Other payments bought the seats, or none did.
    if !opened.is_paid_by(payment) {
        return Ok(());
    }
    let screening = opened.screening;
    if opened.status == BookingStatus::Confirmed {
        // All of it went back with seats, so other payments bought those that are left.
        if !opened.has_money_of(payment) {
            return Ok(());
        }
        let seen: Screening = reaction.read(&screening).await?;
        let is_used = |claim: &Claim| claim.is_checked_in(&seen);
        if seen.claim(booking).is_some_and(is_used) {
            return Ok(());
        }
        let (by, reason, cascade) = (CancelledBy::House, Some(REASON.to_owned()), None);
        let command = booking::Command::CancelBooking { by, reason, cascade, released: false };
        reaction.must::<Booking>(&booking, command).await?;
    }
    let reason = ReleaseReason::CancelledByHouse;
    reaction.must::<Screening>(&screening, screening::Command::ReleaseSeats { booking, reason }).await
}
