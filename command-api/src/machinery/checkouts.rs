//! The provider's checkout pages, for the requests that wait for one to open.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    PaymentId, UserId,
    payment::{Payment, PaymentStatus},
};
use ticketshow_http::Problem;
use ticketshow_nats::{
    executor::outcome::Freshness,
    failure::Failure,
    log::{envelope::Commit, history::Log},
};
use tokio::time::Instant;

use crate::machinery::{
    app::App,
    refusals::{provider_unavailable, too_many_checkouts},
    tally::Tally,
    waiters::{Listener, Waiters},
};

/// Longest wait for a checkout page. Source: the REST surface.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests that wait for news of a payment.
pub type Checkouts = Waiters<PaymentId, ()>;

/// Follows the payments in `log`.
pub fn follow(log: Log) -> Checkouts {
    Checkouts::follow(log, "tix.payment.>", payments)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of `Read`")]
fn payments(commit: &Commit) -> Result<Vec<(PaymentId, ())>, Failure> {
    Ok(commit.id.parse().map(|payment| (payment, ())).into_iter().collect())
}

/// The state of a checkout page.
#[derive(Debug)]
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

/// Waits up to 10 s for the checkout page of `payment`. News only wake: each time the payment itself is read.
///
/// # Errors
///
/// 503 `payment-provider-unavailable` if the attempt failed.
pub async fn wait_for_page(
    app: &App,
    listener: &mut Listener<'_, PaymentId, ()>,
    payment: PaymentId,
    requested_at: u64,
) -> Result<Checkout, Problem> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = app.state::<Payment>(&payment, Freshness::Fresh).await?;
        let position = seen.position.max(requested_at);
        if let Some(checkout) = seen.state.checkout() {
            return Ok(Checkout { url: Some(checkout.url.clone()), position });
        }
        if seen.state.status() != PaymentStatus::Pending {
            return Err(provider_unavailable());
        }
        if listener.next(deadline).await.is_none() {
            return Ok(Checkout { url: None, position });
        }
    }
}
