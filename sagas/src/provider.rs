//! What is asked of a provider of card payments, in our words. A provider's own words stay in its client.

use std::{error::Error, future::Future};

use jiff::Timestamp;
use ticketshow_domain::{BookingId, Money, PaymentId};

/// A provider of card payments. No call is repeated by itself: whoever calls knows whether a repeat is safe.
pub(crate) trait Provider: Send + Sync + 'static {
    /// Opens a page where the customer can pay.
    ///
    /// # Errors
    ///
    /// [`ProviderError`]. A page that was opened although nobody heard of it harms nobody.
    fn open_checkout(
        &self,
        wanted: &WantedCheckout,
    ) -> impl Future<Output = Result<OpenedCheckout, ProviderError>> + Send;

    /// The provider's id of the payment that was begun on a page, if one was.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn payment_of(&self, session: &str)
    -> impl Future<Output = Result<Option<String>, ProviderError>> + Send;

    /// A payment as the provider has it.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn payment(
        &self,
        provider_payment: &str,
    ) -> impl Future<Output = Result<ProviderPayment, ProviderError>> + Send;

    /// A refund as the provider has it.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn refund(
        &self,
        provider_refund: &str,
    ) -> impl Future<Output = Result<ProviderRefund, ProviderError>> + Send;

    /// Sends the whole of a payment back to its card. `refund` is written on the refund, so that it can be found again.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Away`]: nobody knows whether it was done.
    fn send_back(
        &self,
        provider_payment: &str,
        refund: PaymentId,
    ) -> impl Future<Output = Result<ProviderRefund, ProviderError>> + Send;

    /// All payments that were begun since `since`, a page of them: `page` counts from 0. Empty: there are no more.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn payments_since(
        &self,
        since: Timestamp,
        page: u32,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send;

    /// All refunds that were begun since `since`, as [`Provider::payments_since`].
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    fn refunds_since(
        &self,
        since: Timestamp,
        page: u32,
    ) -> impl Future<Output = Result<Vec<ProviderRefund>, ProviderError>> + Send;
}

/// What a customer is to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedCheckout {
    /// Written on the payment, so that it can be found again.
    pub payment: PaymentId,
    /// `None` for a top-up.
    pub booking: Option<BookingId>,
    pub amount: Money,
    /// Filled in on the page for them; `None` if they have no account any more.
    pub customer: Option<Payer>,
}

/// Who is going to pay.
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
    /// Nobody can begin to pay from then on.
    pub expires_at: Timestamp,
}

/// A payment as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderPayment {
    pub id: String,
    /// Ours, as we wrote it on the checkout; none if it is not of our making.
    pub payment: Option<PaymentId>,
    pub status: ProviderStatus,
    /// What the customer pays, tax included.
    pub total: Money,
    /// How much of it is tax, in minor units.
    pub tax_minor: i64,
    /// The provider's ids of its refunds.
    pub refunds: Vec<String>,
    pub created_at: Timestamp,
}

/// Where a payment stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProviderStatus {
    /// The customer has not done everything yet.
    Pending,
    /// The money is there.
    Succeeded,
    /// It came to nothing; why, in the provider's words.
    Failed(String),
}

/// A refund as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProviderRefund {
    pub id: String,
    /// The provider's id of the payment that goes back.
    pub provider_payment: String,
    /// Our payment, if we wrote it on the refund and the provider told us this time.
    pub payment: Option<PaymentId>,
    pub status: RefundProgress,
    /// What goes back, if the provider says so.
    pub amount: Option<Money>,
    pub created_at: Timestamp,
}

/// Where a refund stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundProgress {
    Pending,
    /// The provider's people look at it.
    InReview,
    Succeeded,
    Failed,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It could not be reached, took too long, is in trouble, or wants to be left in peace for a while. What was asked
    /// for may have been done.
    #[error("the payment provider is away")]
    Away(#[source] Box<dyn Error + Send + Sync>),
    /// It said no, and did nothing.
    #[error("the payment provider refused: {code} ({message})")]
    Refused {
        /// The provider's own code.
        code: String,
        /// Its words.
        message: String,
    },
}
