//! Reasons for a failed card payment, as recorded in the payment: the provider's own code, or one of these words.

use ticketshow_domain::booking::FailureReason;

/// The provider was unreachable or refused to open its page.
pub const PROVIDER_UNAVAILABLE: &str = "provider_unavailable";
/// Too many calls to the provider were waiting.
pub const PROVIDER_BUSY: &str = "provider_busy";
/// The hold was over before the page was open.
pub const HOLD_EXPIRED: &str = "hold_expired";
/// The booking was cancelled before the page was open.
pub const CANCELLED: &str = "cancelled_before";
/// Another attempt paid the booking first.
pub const ALREADY_PAID: &str = "already_paid";

/// Codes of the provider for a customer who left its page, and the status that it reports without a code.
const ABANDONED: [&str; 2] = ["CUSTOMER_CANCELLED", "cancelled"];

/// Returns the failure that the booking records.
pub fn failure(reason: &str) -> FailureReason {
    match reason {
        PROVIDER_UNAVAILABLE | PROVIDER_BUSY => FailureReason::ProviderUnavailable,
        HOLD_EXPIRED => FailureReason::SeatsGone,
        CANCELLED => FailureReason::Cancelled,
        ALREADY_PAID => FailureReason::PaidTwice,
        _ if ABANDONED.contains(&reason) => FailureReason::Abandoned,
        // Any code of the provider.
        _ => FailureReason::Declined,
    }
}
