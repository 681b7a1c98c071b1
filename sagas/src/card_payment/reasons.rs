//! Why an attempt came to nothing, as it is written in the payment: the provider's own code, or one of these words.

use ticketshow_domain::booking::FailureReason;

/// The provider could not be reached, or would not open its page.
pub const PROVIDER_UNAVAILABLE: &str = "provider_unavailable";
/// The hold was over before the page was open.
pub const HOLD_EXPIRED: &str = "hold_expired";
/// The booking was cancelled before the page was open.
pub const CANCELLED: &str = "cancelled_before";
/// Another attempt was faster.
pub const ALREADY_PAID: &str = "already_paid";

/// What the booking is told.
pub fn told(reason: &str) -> FailureReason {
    match reason {
        PROVIDER_UNAVAILABLE => FailureReason::ProviderUnavailable,
        HOLD_EXPIRED => FailureReason::SeatsGone,
        CANCELLED => FailureReason::Cancelled,
        ALREADY_PAID => FailureReason::PaidTwice,
        // Whatever the provider's code is.
        _ => FailureReason::Declined,
    }
}
