//! Dodo Payments over HTTP: the calls that we need, and nothing else. No POST is ever repeated here, because Dodo has no
//! idempotency keys. Facts: Dodo's documentation and its official clients, as of November 2026.

mod budget;
mod wire;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::RETRY_AFTER};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use ticketshow_domain::{Currency, PaymentId};
use ticketshow_nats::clock;
use tokio::sync::OnceCell;

use crate::provider::{
    OpenedCheckout, Payer, Provider, ProviderError, ProviderPayment, ProviderRefund, WantedCheckout,
};
pub use budget::CALLS_PER_MINUTE;
use budget::{Budget, Urgency};

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long opening a page may take: a customer waits for it.
const CHECKOUT_PATIENCE: Duration = Duration::from_secs(8);
/// How long a checkout page lives.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How long nothing is called after a 429 that does not say it itself.
const PEACE: Duration = Duration::from_secs(10);
/// Entries of a list that are asked for at once; the most that Dodo gives.
const PAGE: u32 = 100;

/// How Dodo Payments is reached.
#[derive(Clone)]
pub struct DodoSettings {
    /// `https://test.dodopayments.com` or `https://live.dodopayments.com`, or a simulator's address.
    pub base_url: String,
    /// The secret key of the merchant, with write access.
    pub api_key: String,
    /// The pay-what-you-want product that every checkout is for.
    pub product_id: String,
    /// Where the customer comes back to; `payment` and `booking` are appended to its query.
    pub return_url: String,
    /// The currency of the installation.
    pub currency: Currency,
    /// Calls a minute at most, 1 or more; the limit of a key is [`CALLS_PER_MINUTE`] and some.
    pub calls_per_minute: u32,
}

impl std::fmt::Debug for DodoSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DodoSettings").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// A client of Dodo Payments.
#[derive(Debug)]
pub(crate) struct Dodo {
    settings: DodoSettings,
    client: Client,
    budget: Budget,
    /// Set once the product was found to be fit.
    fit: OnceCell<()>,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made for the payment provider")]
pub struct NoClient(#[source] reqwest::Error);

impl Dodo {
    pub fn new(settings: DodoSettings) -> Result<Self, NoClient> {
        // Whoever was first has chosen the same one: the tree has no other.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).build().map_err(NoClient)?;
        let budget = Budget::new(settings.calls_per_minute);
        Ok(Self { settings, client, budget, fit: OnceCell::new() })
    }

    /// Finds out whether the product can be sold for any amount in our currency; once it could, it is not asked again.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Refused`] with code `PRODUCT_UNFIT` if it cannot.
    pub async fn check_product(&self) -> Result<(), ProviderError> {
        let check = async || {
            let path = format!("/products/{}", self.settings.product_id);
            let product: wire::Product = self.get(Urgency::Checkout, &path).await?;
            product.check(self.settings.currency).map_err(|flaw| ProviderError::Refused {
                code: "PRODUCT_UNFIT".to_owned(),
                message: flaw.to_string(),
            })
        };
        self.fit.get_or_try_init(check).await.copied()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.settings.base_url.trim_end_matches('/'));
        self.client.request(method, url).bearer_auth(&self.settings.api_key)
    }

    async fn get<T: DeserializeOwned>(&self, urgency: Urgency, path: &str) -> Result<T, ProviderError> {
        self.send(urgency, self.request(Method::GET, path)).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        urgency: Urgency,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<T, ProviderError> {
        self.send(urgency, self.request(Method::POST, path).json(body).timeout(patience)).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        urgency: Urgency,
        request: RequestBuilder,
    ) -> Result<T, ProviderError> {
        let away = |error: reqwest::Error| ProviderError::Away(error.without_url().into());
        self.budget.spend(urgency).await;
        let answer = request.send().await.map_err(away)?;
        let status = answer.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let pause = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            self.budget.pause(pause.map_or(PEACE, Duration::from_secs));
        }
        if status.is_success() {
            return answer.json().await.map_err(away);
        }
        let told = answer.json::<Told>().await.unwrap_or_default();
        Err(if is_final(status) {
            ProviderError::Refused { code: told.code, message: told.message }
        } else {
            ProviderError::Away(format!("status {status}: {} ({})", told.code, told.message).into())
        })
    }
}

/// What an error says.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    code: String,
    message: String,
}

/// Whether nothing was done and a repeat would be answered the same. A wrong key (401, 403) can be mended meanwhile.
fn is_final(status: StatusCode) -> bool {
    let may_change = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::CONFLICT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    status.is_client_error() && !may_change.contains(&status)
}

impl Provider for Dodo {
    async fn open_checkout(&self, wanted: &WantedCheckout) -> Result<OpenedCheckout, ProviderError> {
        self.check_product().await?;
        let WantedCheckout { payment, booking, amount, customer } = wanted;
        let customer = customer.as_ref().map(|Payer { email, name }| json!({ "email": email, "name": name }));
        let mut metadata = json!({ wire::PAYMENT: payment });
        let mut back = format!("{}?payment={payment}", self.settings.return_url);
        if let Some(booking) = booking {
            metadata["booking_id"] = json!(booking);
            back = format!("{back}&booking={booking}");
        }
        let body = json!({
            "product_cart": [{
                "product_id": self.settings.product_id,
                "quantity": 1,
                "amount": amount.amount_minor,
            }],
            "customer": customer,
            "billing_currency": amount.currency,
            "return_url": back,
            "cancel_url": back,
            "metadata": metadata,
            "feature_flags": {
                "allow_currency_selection": false,
                "allow_discount_code": false,
                "allow_tax_id": false,
                "allow_phone_number_collection": false,
                "redirect_immediately": true,
            },
        });
        let opened: wire::Session =
            self.post(Urgency::Checkout, "/checkouts", &body, CHECKOUT_PATIENCE).await?;
        let url = opened.checkout_url.ok_or_else(|| ProviderError::Away("no page was opened".into()))?;
        let expires_at = clock::now() + SESSION_LIFE;
        Ok(OpenedCheckout { session: opened.session_id, url, expires_at })
    }

    async fn payment_of(&self, session: &str) -> Result<Option<String>, ProviderError> {
        let session: wire::SessionStatus = self.get(Urgency::Poll, &format!("/checkouts/{session}")).await?;
        Ok(session.payment_id)
    }

    async fn payment(&self, provider_payment: &str) -> Result<ProviderPayment, ProviderError> {
        let payment: wire::Payment =
            self.get(Urgency::Poll, &format!("/payments/{provider_payment}")).await?;
        payment.read()
    }

    async fn refund(&self, provider_refund: &str) -> Result<ProviderRefund, ProviderError> {
        let refund: wire::Refund = self.get(Urgency::Poll, &format!("/refunds/{provider_refund}")).await?;
        Ok(refund.read())
    }

    async fn send_back(
        &self,
        provider_payment: &str,
        refund: PaymentId,
    ) -> Result<ProviderRefund, ProviderError> {
        let body = json!({ "payment_id": provider_payment, "metadata": { wire::REFUND: refund } });
        let refund: wire::Refund = self.post(Urgency::Refund, "/refunds", &body, PATIENCE).await?;
        Ok(refund.read())
    }

    async fn payments_since(&self, since: Timestamp, page: u32) -> Result<Vec<String>, ProviderError> {
        let path = format!("/payments?created_at_gte={since}&page_size={PAGE}&page_number={page}");
        let list: wire::List<wire::ListedPayment> = self.get(Urgency::Refund, &path).await?;
        Ok(list.items.into_iter().map(|payment| payment.payment_id).collect())
    }

    async fn refunds_since(&self, since: Timestamp, page: u32) -> Result<Vec<ProviderRefund>, ProviderError> {
        let path = format!("/refunds?created_at_gte={since}&page_size={PAGE}&page_number={page}");
        let list: wire::List<wire::Refund> = self.get(Urgency::Refund, &path).await?;
        Ok(list.items.into_iter().map(wire::Refund::read).collect())
    }
}

/// What a notice is about.
#[derive(Debug)]
pub(crate) enum NoticeOf {
    Payment(ProviderPayment),
    Refund(ProviderRefund),
    /// Of no concern here.
    Nothing,
}

/// Reads the body of a notice.
///
/// # Errors
///
/// It is no notice of Dodo's, or tells of a payment what cannot be understood.
pub(crate) fn read_notice(body: &[u8]) -> Result<NoticeOf, UnreadableNotice> {
    let notice: wire::Notice =
        serde_json::from_slice(body).map_err(|error| UnreadableNotice(error.into()))?;
    Ok(match notice.data {
        wire::NoticeData::Payment(payment) => {
            NoticeOf::Payment(payment.read().map_err(|error| UnreadableNotice(error.into()))?)
        }
        wire::NoticeData::Refund(refund) => NoticeOf::Refund(refund.read()),
        wire::NoticeData::Other => NoticeOf::Nothing,
    })
}

/// A notice that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("the notice cannot be read")]
pub(crate) struct UnreadableNotice(#[source] Box<dyn std::error::Error + Send + Sync>);
