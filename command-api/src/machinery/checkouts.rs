//! The provider's checkout pages: waiting until one is open, and the limit of open pages per customer.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    PaymentId, UserId,
    payment::{Payment, PaymentStatus},
};
use ticketshow_http::Problem;
use ticketshow_nats::executor::outcome::{AggregateState, Freshness};
use tokio::time::Instant;

use crate::machinery::{
    app::App,
    refusals::{provider_unavailable, too_many_checkouts},
    tally::Tally,
    waiting::wait_for,
};

/// Longest wait for a checkout page. Source: the REST surface.
const PATIENCE: Duration = Duration::from_secs(10);

/// The state of a checkout page.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// Address of the page; `None` if it is not open yet.
    pub url: Option<String>,
    /// Position of the last commit that this reflects.
    pub position: u64,
}

/// Checkout pages per customer that may still be paid.
pub type OpenCheckouts = Tally<UserId, PaymentId>;

/// Counts a page before it is requested, for as long as seats can be held for it.
///
/// # Errors
///
/// 409 `too-many-checkouts`, once the payments have confirmed that the other pages are open, and that this call is no repeat.
pub async fn count_checkout(
    app: &App,
    customer: UserId,
    payment: PaymentId,
    now: Timestamp,
) -> Result<(), Problem> {
    let policy = app.executor.policy();
    let ends_at = now + SignedDuration::from_secs(policy.hold_seconds + policy.extension_seconds);
    let enter = || app.open_checkouts.enter(customer, payment, 1, ends_at, now);
    let Err(full) = enter() else { return Ok(()) };
    for open in full.items {
        if app.state::<Payment>(&open, Freshness::Fresh).await?.state.status() != PaymentStatus::Pending {
            app.open_checkouts.remove(open);
        }
    }
    let Err(full) = enter() else { return Ok(()) };
    let seen = app.state::<Payment>(&payment, Freshness::Fresh).await?;
    if seen.state.opened().is_some() { Ok(()) } else { Err(too_many_checkouts(full.max)) }
}

/// Waits up to 10 s for the checkout page of `payment`.
///
/// # Errors
///
/// 503 `payment-provider-unavailable` if the attempt failed.
pub async fn wait_for_page(app: &App, payment: PaymentId, requested_at: u64) -> Result<Checkout, Problem> {
    let outcome = wait_for(app, &payment, page, Instant::now() + PATIENCE).await?;
    match outcome {
        Some(Ok(checkout)) => Ok(Checkout { position: checkout.position.max(requested_at), ..checkout }),
        Some(Err(NoPage)) => Err(provider_unavailable()),
        None => Ok(Checkout { url: None, position: requested_at }),
    }
}

/// The attempt ended without a page.
#[derive(Debug, Clone)]
struct NoPage;

/// The page of a payment once it is open, or that there will be none.
fn page(seen: &AggregateState<Payment>) -> Option<Result<Checkout, NoPage>> {
    if let Some(checkout) = seen.state.checkout() {
        return Some(Ok(Checkout { url: Some(checkout.url.clone()), position: seen.position }));
    }
    // A payment that was not requested yet is pending as well.
    (seen.state.status() != PaymentStatus::Pending).then_some(Err(NoPage))
}
