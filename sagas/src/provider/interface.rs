//! Interface to a provider of card payments, in the terms of this project. The provider's own terms stay in its client.

use std::{error::Error, future::Future};

use jiff::Timestamp;
use ticketshow_domain::{BookingId, Money, PaymentId, payment::DisputeStatus};

use super::budget::{Budget, Turn};

/// A provider of card payments. No call is retried here: the caller knows whether a retry is safe. Every call takes a turn,
/// so that the caller waits before it does anything that must be followed by the call at once.
pub(crate) trait Provider: Send + Sync + 'static {
    /// Returns the call budget.
    fn budget(&self) -> &Budget;

    /// Opens a page where the customer can pay.
    ///
    /// # Errors
    ///
    /// [`ProviderError`]. A page may have been opened all the same, which is harmless.
    fn open_checkout(
        &self,
        turn: Turn,
        wanted: &WantedCheckout,
    ) -> impl Future<Output = Result<OpenedCheckout, ProviderError>> + Send;

    /// Returns the provider's id of the payment that was begun on a page, if any.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn payment_of(
        &self,
        turn: Turn,
        session: &str,
    ) -> impl Future<Output = Result<Option<String>, ProviderError>> + Send;

    /// Returns a payment as the provider knows it.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn payment(
        &self,
        turn: Turn,
        provider_payment: &str,
    ) -> impl Future<Output = Result<ProviderPayment, ProviderError>> + Send;

    /// Returns a refund as the provider knows it.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn refund(
        &self,
        turn: Turn,
        provider_refund: &str,
    ) -> impl Future<Output = Result<ProviderRefund, ProviderError>> + Send;

    /// Refunds a payment to its card: `part` of it, or all. `refund` is attached to the refund, so that it can be found again.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unavailable`]: the outcome is unknown.
    fn refund_payment(
        &self,
        turn: Turn,
        provider_payment: &str,
        refund: PaymentId,
        part: Option<Money>,
    ) -> impl Future<Output = Result<ProviderRefund, ProviderError>> + Send;

    /// Returns one page of the payments begun since `since` whose money was captured; `page` counts from 0. An empty page is
    /// past the end.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn captures_since(
        &self,
        turn: Turn,
        since: Timestamp,
        page: u32,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send;

    /// Returns one page of the refunds begun since `since`, like [`Provider::captures_since`].
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn refunds_since(
        &self,
        turn: Turn,
        since: Timestamp,
        page: u32,
    ) -> impl Future<Output = Result<Vec<ProviderRefund>, ProviderError>> + Send;

    /// Returns one page of the disputes opened since `since`, like [`Provider::payments_since`].
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn disputes_since(
        &self,
        turn: Turn,
        since: Timestamp,
        page: u32,
    ) -> impl Future<Output = Result<Vec<ProviderDispute>, ProviderError>> + Send;
}

/// A checkout to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedCheckout {
    /// Attached to the payment, so that it can be found again.
    pub payment: PaymentId,
    /// `None` for a top-up.
    pub booking: Option<BookingId>,
    pub amount: Money,
    /// Prefilled on the page; `None` if the customer no longer has an account.
    pub customer: Option<Payer>,
}

/// The customer who pays.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Payer {
    pub email: String,
    pub name: String,
}

impl std::fmt::Debug for Payer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payer")
    }
}

/// A page where the customer can pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenedCheckout {
    pub session: String,
    pub url: String,
    /// No payment can be begun from then on.
    pub expires_at: Timestamp,
}

/// A payment as the provider knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderPayment {
    pub id: String,
    /// Our payment, as attached to the checkout; `None` if the payment is not ours.
    pub payment: Option<PaymentId>,
    pub status: ProviderStatus,
    /// Amount paid by the customer, including tax.
    pub total: Money,
    /// Tax in the total, in minor units.
    pub tax_minor: i64,
    /// The provider's ids of the refunds of this payment.
    pub refunds: Vec<String>,
    pub created_at: Timestamp,
}

/// Status of a payment at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProviderStatus {
    /// The customer has not finished paying.
    Pending,
    /// The money was captured.
    Succeeded,
    /// It failed, for this reason in the provider's terms.
    Failed(String),
}

/// A refund as the provider knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderRefund {
    pub id: String,
    /// The provider's id of the refunded payment.
    pub provider_payment: String,
    /// Our payment, if the answer includes the metadata that we attached.
    pub payment: Option<PaymentId>,
    pub status: RefundProgress,
    /// Refunded amount, if the answer includes it.
    pub amount: Option<Money>,
    pub created_at: Timestamp,
}

/// Status of a refund at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundProgress {
    Pending,
    /// Under review by the provider's staff.
    InReview,
    Succeeded,
    Failed,
}

/// A dispute as the provider knows it: the customer's bank demands the money of a payment back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderDispute {
    pub id: String,
    /// The provider's id of the disputed payment.
    pub provider_payment: String,
    pub status: DisputeStatus,
    /// Disputed amount, if the report names it.
    pub amount: Option<Money>,
    pub created_at: Timestamp,
}

/// Reason why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// The provider was unreachable, too slow, failing, or rate limiting. The call may have had its effect.
    #[error("the payment provider is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The provider refused, without any effect.
    #[error("the payment provider refused: {code} ({message})")]
    Refused {
        /// The provider's own code.
        code: String,
        /// The provider's explanation.
        message: String,
    },
}
