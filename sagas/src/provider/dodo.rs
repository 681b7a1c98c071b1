//! HTTP client of Dodo Payments, with only the calls that we need. It never retries a POST, because Dodo has no idempotency
//! keys. Sources: Dodo's documentation and its official clients, as of November 2026.

mod wire;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use reqwest::{
    Client, Method, RequestBuilder, StatusCode, Url,
    header::{HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use ticketshow_domain::{Currency, Money, PaymentId};
use ticketshow_traces::Span;
use tokio::sync::OnceCell;

use super::{
    budget::{Budget, Lane, Turn},
    interface::{
        OpenedCheckout, Payer, Provider, ProviderDispute, ProviderError, ProviderPayment, ProviderRefund,
        WantedCheckout,
    },
};
use crate::worker::clock::Clock;

/// Domain of the provider, with its checkout pages below it.
const PROVIDER_DOMAIN: &str = "dodopayments.com";
/// Time limit of a call.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// Time limit of opening a page, for which a customer waits.
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(8);
/// Lifetime of a checkout page.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Pause after a 429 without a readable `Retry-After`.
const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(10);
/// Longest pause after a 429: the provider counts calls per minute, so a longer one is a mistake.
const RATE_LIMIT_PAUSE_MAX: Duration = Duration::from_mins(1);
/// Entries per page of a list, the most that Dodo returns.
const PAGE: u32 = 100;

/// Settings of the Dodo Payments client.
#[derive(Clone)]
pub struct DodoSettings {
    /// `https://test.dodopayments.com` or `https://live.dodopayments.com`, or a simulator's address.
    pub base_url: String,
    /// The secret key of the merchant, with write access.
    pub api_key: String,
    /// The pay-what-you-want product that every checkout is for.
    pub product_id: String,
    /// Address to which the customer returns; `payment` and `booking` are appended to its query.
    pub return_url: String,
    /// The currency of the installation.
    pub currency: Currency,
    /// Most calls per minute, 1 or more; the limit of a key is a little above [`crate::CALLS_PER_MINUTE`].
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
    clock: Clock,
    /// Set once the product was found to be usable.
    checked: OnceCell<()>,
}

/// The machine cannot make HTTP calls.
#[derive(Debug, thiserror::Error)]
#[error("cannot create the HTTP client for the payment provider")]
pub struct NoClient(#[source] reqwest::Error);

impl Dodo {
    pub fn new(settings: DodoSettings, clock: Clock) -> Result<Self, NoClient> {
        // Installing it twice is harmless: the workspace has no other provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect would send names and addresses of customers to wherever it points.
        let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build().map_err(NoClient)?;
        let budget = Budget::new(settings.calls_per_minute);
        Ok(Self { settings, client, budget, clock, checked: OnceCell::new() })
    }

    /// Checks that the product can be sold for any amount in our currency. Asks the provider until a check succeeds once.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Refused`] with code `PRODUCT_UNFIT` if the product is unusable.
    pub async fn check_product(&self) -> Result<(), ProviderError> {
        let check = async || {
            let path = format!("/products/{}", self.settings.product_id);
            let [turn] = self.budget.turns(Lane::Checkout).await;
            let product: wire::Product = self.get(turn, "/products/{id}", &path).await?;
            product.check(self.settings.currency).map_err(|flaw| ProviderError::Refused {
                code: "PRODUCT_UNFIT".to_owned(),
                message: flaw.to_string(),
            })
        };
        self.checked.get_or_try_init(check).await.copied()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.settings.base_url.trim_end_matches('/'));
        self.client.request(method, url).bearer_auth(&self.settings.api_key)
    }

    /// `template` is the path without ids, for traces.
    async fn get<T: DeserializeOwned>(
        &self,
        turn: Turn,
        template: &'static str,
        path: &str,
    ) -> Result<T, ProviderError> {
        let span = Span::provider_call("GET", template);
        self.send(turn, span, self.request(Method::GET, path)).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        turn: Turn,
        path: &'static str,
        body: &impl Serialize,
        timeout: Duration,
    ) -> Result<T, ProviderError> {
        let span = Span::provider_call("POST", path);
        self.send(turn, span, self.request(Method::POST, path).json(body).timeout(timeout)).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        turn: Turn,
        mut span: Span,
        request: RequestBuilder,
    ) -> Result<T, ProviderError> {
        let unavailable = |error: reqwest::Error| ProviderError::Unavailable(error.without_url().into());
        turn.spend();
        let answer = request.send().await.inspect_err(|_| span.unanswered()).map_err(unavailable)?;
        let status = answer.status();
        span.answered(status.as_u16());
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.budget.pause(rate_limit_pause(answer.headers(), self.clock.now()));
        }
        if status.is_success() {
            return answer.json().await.map_err(unavailable);
        }
        let error = answer.json::<ErrorBody>().await.unwrap_or_default();
        Err(if is_final(status) {
            ProviderError::Refused { code: error.code, message: error.message }
        } else {
            ProviderError::Unavailable(format!("status {status}: {} ({})", error.code, error.message).into())
        })
    }
}

/// Returns true if customers may be sent to `page`: a page by HTTPS of the provider at `base_url`. A simulator without HTTPS has
/// pages at any address.
fn is_of_provider(page: &str, base_url: &str) -> bool {
    let (Ok(page), Ok(base)) = (Url::parse(page), Url::parse(base_url)) else { return false };
    if base.scheme() == "http" {
        return matches!(page.scheme(), "http" | "https");
    }
    let Some(host) = page.host_str() else { return false };
    let is_theirs =
        host == PROVIDER_DOMAIN || host.strip_suffix(PROVIDER_DOMAIN).is_some_and(|rest| rest.ends_with('.'));
    page.scheme() == "https" && (is_theirs || base.host_str() == Some(host))
}

/// Returns the pause that a 429 asks for, in seconds or as an HTTP date, within our own limit.
fn rate_limit_pause(headers: &HeaderMap, now: Timestamp) -> Duration {
    let wanted = headers.get(RETRY_AFTER).and_then(|value| {
        let text = value.to_str().ok()?.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(text.parse().map_or(RATE_LIMIT_PAUSE_MAX, Duration::from_secs));
        }
        let until = rfc2822::parse(text).ok()?.timestamp();
        // A date in the past asks for no pause.
        Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
    });
    wanted.unwrap_or(RATE_LIMIT_PAUSE).min(RATE_LIMIT_PAUSE_MAX)
}

/// Body of an error response.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// Returns `true` if the call had no effect and a retry would be refused as well. A wrong key (401, 403) may be corrected.
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
    fn budget(&self) -> &Budget {
        &self.budget
    }

    async fn open_checkout(
        &self,
        turn: Turn,
        wanted: &WantedCheckout,
    ) -> Result<OpenedCheckout, ProviderError> {
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
        let opened: wire::Session = self.post(turn, "/checkouts", &body, CHECKOUT_TIMEOUT).await?;
        let url = opened.checkout_url.filter(|url| is_of_provider(url, &self.settings.base_url)).ok_or_else(
            || ProviderError::Unavailable("the answer has no checkout page of the provider".into()),
        )?;
        let expires_at = self.clock.now() + SESSION_LIFE;
        Ok(OpenedCheckout { session: opened.session_id, url, expires_at })
    }

    async fn payment_of(&self, turn: Turn, session: &str) -> Result<Option<String>, ProviderError> {
        let session: wire::SessionStatus =
            self.get(turn, "/checkouts/{id}", &format!("/checkouts/{session}")).await?;
        Ok(session.payment_id)
    }

    async fn payment(&self, turn: Turn, provider_payment: &str) -> Result<ProviderPayment, ProviderError> {
        let payment: wire::Payment =
            self.get(turn, "/payments/{id}", &format!("/payments/{provider_payment}")).await?;
        payment.read()
    }

    async fn refund(&self, turn: Turn, provider_refund: &str) -> Result<ProviderRefund, ProviderError> {
        let refund: wire::Refund =
            self.get(turn, "/refunds/{id}", &format!("/refunds/{provider_refund}")).await?;
        Ok(refund.read())
    }

    async fn refund_payment(
        &self,
        turn: Turn,
        provider_payment: &str,
        refund: PaymentId,
        part: Option<Money>,
    ) -> Result<ProviderRefund, ProviderError> {
        let mut body = json!({ "payment_id": provider_payment, "metadata": { wire::REFUND: refund } });
        if let Some(Money { amount_minor, .. }) = part {
            // A checkout has one line, of the one product.
            let item =
                json!({ "item_id": self.settings.product_id, "amount": amount_minor, "tax_inclusive": true });
            body["items"] = json!([item]);
        }
        let refund: wire::Refund = self.post(turn, "/refunds", &body, TIMEOUT).await?;
        Ok(refund.read())
    }

    async fn captures_since(
        &self,
        turn: Turn,
        since: Timestamp,
        page: u32,
    ) -> Result<Vec<String>, ProviderError> {
        let filter = format!("status={}&created_at_gte={since}", wire::SUCCEEDED);
        let path = format!("/payments?{filter}&page_size={PAGE}&page_number={page}");
        let list: wire::List<wire::ListedPayment> = self.get(turn, "/payments", &path).await?;
        Ok(list.items.into_iter().map(|payment| payment.payment_id).collect())
    }

    async fn refunds_since(
        &self,
        turn: Turn,
        since: Timestamp,
        page: u32,
    ) -> Result<Vec<ProviderRefund>, ProviderError> {
        let path = format!("/refunds?created_at_gte={since}&page_size={PAGE}&page_number={page}");
        let list: wire::List<wire::Refund> = self.get(turn, "/refunds", &path).await?;
        Ok(list.items.into_iter().map(wire::Refund::read).collect())
    }

    async fn disputes_since(
        &self,
        turn: Turn,
        since: Timestamp,
        page: u32,
    ) -> Result<Vec<ProviderDispute>, ProviderError> {
        let path = format!("/disputes?created_at_gte={since}&page_size={PAGE}&page_number={page}");
        let list: wire::List<wire::Dispute> = self.get(turn, "/disputes", &path).await?;
        Ok(list.items.into_iter().map(wire::Dispute::read).collect())
    }
}

/// The content of a webhook.
#[derive(Debug)]
pub(crate) enum Webhook {
    Payment(ProviderPayment),
    Refund(ProviderRefund),
    Dispute(ProviderDispute),
    /// Irrelevant here.
    Nothing,
}

/// Reads the body of a webhook.
///
/// # Errors
///
/// [`UnreadableWebhook`] if the body is malformed, or its payment has an unknown currency.
pub(crate) fn read_webhook(body: &[u8]) -> Result<Webhook, UnreadableWebhook> {
    let webhook: wire::Webhook =
        serde_json::from_slice(body).map_err(|error| UnreadableWebhook(error.into()))?;
    Ok(match webhook.data {
        wire::WebhookData::Payment(payment) => {
            Webhook::Payment(payment.read().map_err(|error| UnreadableWebhook(error.into()))?)
        }
        wire::WebhookData::Refund(refund) => Webhook::Refund(refund.read()),
        wire::WebhookData::Dispute(dispute) => Webhook::Dispute(dispute.read()),
        wire::WebhookData::Other => Webhook::Nothing,
    })
}

/// A webhook that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the webhook cannot be read")]
pub(crate) struct UnreadableWebhook(#[source] Box<dyn std::error::Error + Send + Sync>);

#[cfg(test)]
mod tests {
    use ticketshow_domain::examples::inr;
    use ticketshow_tests::{DODO_API_KEY, DodoSim};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn payments_that_came_to_nothing_cost_the_reconciliation_no_call() {
        let sim = DodoSim::start().await;
        let product = sim.environment().into_iter().find(|(name, _)| *name == "DODO_PAYMENTS_PRODUCT_ID");
        let settings = DodoSettings {
            base_url: sim.origin().to_owned(),
            api_key: DODO_API_KEY.to_owned(),
            product_id: product.unwrap().1,
            return_url: "http://localhost:8000/payments/return".to_owned(),
            currency: Currency::INR,
            calls_per_minute: 600,
        };
        let dodo = Dodo::new(settings, Clock::System).unwrap();
        let turn = async || {
            let [turn] = dodo.budget.turns(Lane::Reconciliation).await;
            turn
        };
        let mut sessions = Vec::new();
        for number in 1..=3 {
            let payment = PaymentId(Uuid::from_u128(number));
            let wanted = WantedCheckout { payment, booking: None, amount: inr(500), customer: None };
            sessions.push(dodo.open_checkout(turn().await, &wanted).await.unwrap());
        }
        sim.pay_declined(&sessions[0].url).await;
        sim.pay(&sessions[1].url).await;

        let listed = dodo.captures_since(turn().await, Timestamp::UNIX_EPOCH, 0).await.unwrap();
        let paid = dodo.payment_of(turn().await, &sessions[1].session).await.unwrap();
        assert_eq!(listed, [paid.unwrap()]);
        assert!(dodo.captures_since(turn().await, Timestamp::UNIX_EPOCH, 1).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (base_url, target) = (provider.local_addr().unwrap(), elsewhere.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = provider.accept().await.unwrap();
                let _ = connection.read(&mut [0; 4_096]).await;
                let answer = format!(
                    "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{target}/\r\nContent-Length: 0\r\n\r\n"
                );
                connection.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let settings = DodoSettings {
            base_url: format!("http://{base_url}"),
            api_key: DODO_API_KEY.to_owned(),
            product_id: "pdt_1".to_owned(),
            return_url: "http://localhost:8000/payments/return".to_owned(),
            currency: Currency::INR,
            calls_per_minute: 600,
        };
        let dodo = Dodo::new(settings, Clock::System).unwrap();
        tokio::select! {
            refused = dodo.check_product() => {
                assert!(matches!(refused, Err(ProviderError::Unavailable(_))), "{refused:?}");
            }
            _ = elsewhere.accept() => panic!("the redirect was followed"),
        }
    }

    #[test]
    fn customers_are_sent_to_pages_of_the_provider_only() {
        let real = "https://live.dodopayments.com";
        for (page, base_url, expected) in [
            ("https://checkout.dodopayments.com/session/1", real, true),
            ("https://live.dodopayments.com/1", real, true),
            ("http://checkout.dodopayments.com/1", real, false),
            ("https://evildodopayments.com/1", real, false),
            ("https://dodopayments.com.evil.example/1", real, false),
            ("https://dodopayments.com@evil.example/1", real, false),
            ("javascript:alert(1)", real, false),
            ("/session/1", real, false),
            ("https://pay.example.org/1", "https://pay.example.org", true),
            ("http://localhost:8010/pay/1", "http://dodo-sim:8010", true),
            ("javascript:alert(1)", "http://dodo-sim:8010", false),
        ] {
            assert_eq!(is_of_provider(page, base_url), expected, "{page}");
        }
    }

    #[test]
    fn a_retry_after_of_any_size_and_form_pauses_for_a_minute_at_most() {
        let now: Timestamp = "2026-11-29T10:00:00Z".parse().unwrap();
        let pause = |retry_after: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, retry_after.parse().unwrap())]);
            rate_limit_pause(&headers, now).as_secs()
        };
        assert_eq!(rate_limit_pause(&HeaderMap::new(), now), RATE_LIMIT_PAUSE);
        for (retry_after, seconds) in [
            ("7", 7),
            ("60", 60),
            ("61", 60),
            ("86400", 60),
            ("18446744073709551615", 60),
            ("99999999999999999999999", 60),
            ("Sun, 29 Nov 2026 10:00:07 GMT", 7),
            ("Mon, 30 Nov 2026 10:00:07 GMT", 60),
            ("Sun, 29 Nov 2026 09:59:59 GMT", 0),
            ("-1", 10),
            ("1.5", 10),
            ("soon", 10),
            ("", 10),
        ] {
            assert_eq!(pause(retry_after), seconds, "Retry-After: {retry_after}");
        }
    }
}
