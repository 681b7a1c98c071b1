//! The provider's checkout pages, for the requests that wait for one to open.

use std::time::Duration;

use ticketshow_domain::{
    PaymentId,
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
    refusals::provider_unavailable,
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
