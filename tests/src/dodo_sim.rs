//! The payment provider of a story: the Dodo simulator, in this process.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_dodo_sim::{
    Behaviour, Fault, Faults, Movement, Notice, PRODUCT_ID, RateLimit, SUCCESS_CARD, Settings, Simulator,
};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Answer, Client, Stack, eventually};

/// The merchant's key at every simulator of the tests.
pub const DODO_API_KEY: &str = "sk_a_key_of_the_tests";
/// The secret its webhooks are signed with.
pub const DODO_WEBHOOK_KEY: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// A running simulator; gone when dropped. Its rate limit is off, its refunds take 100 ms.
#[derive(Debug)]
pub struct DodoSim {
    /// The simulator itself: faults, behaviour, clock, ledger, notices.
    pub simulator: Simulator,
    origin: String,
    task: JoinHandle<()>,
}

impl DodoSim {
    /// Starts one that sells in rupees.
    pub async fn start() -> Self {
        Self::start_with(Behaviour {
            rate_limit: RateLimit::Off,
            refund_delay_millis: 100,
            ..Behaviour::default()
        })
        .await
    }

    /// Starts one with this behaviour.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    pub async fn start_with(conduct: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free loopback port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let origin = format!("http://127.0.0.1:{port}");
        let settings = Settings {
            api_key: DODO_API_KEY.to_owned(),
            webhook_secret: DODO_WEBHOOK_KEY.to_owned(),
            webhook_url: None,
            currency: "INR".to_owned(),
            origin: origin.clone(),
            file: None,
            conduct,
        };
        let simulator = Simulator::open(settings).expect("the settings make sense");
        let task = tokio::spawn(simulator.clone().serve(listener, std::future::pending()));
        Self { simulator, origin, task }
    }

    /// Its address.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Settings with which a server uses it. Pass them to [`Stack::start_with`], then call [`DodoSim::deliver_to`].
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DODO_PAYMENTS_API_KEY", DODO_API_KEY.to_owned()),
            ("DODO_PAYMENTS_WEBHOOK_KEY", DODO_WEBHOOK_KEY.to_owned()),
            ("DODO_PAYMENTS_PRODUCT_ID", PRODUCT_ID.to_owned()),
            ("DODO_PAYMENTS_RETURN_URL", "http://localhost:8000/payments/return".to_owned()),
            ("DODO_PAYMENTS_ENVIRONMENT", "test_mode".to_owned()),
            ("DODO_PAYMENTS_BASE_URL", self.origin.clone()),
        ]
    }

    /// Sends notices to this stack from now on.
    pub fn deliver_to(&self, stack: &Stack) {
        self.simulator.deliver_to(&format!("{}/api/v1/webhooks/dodo", stack.server.url()));
    }

    /// These faults from now on, drawn with this seed.
    pub fn set_faults(&self, faults: Faults) {
        self.simulator.set_faults(faults);
    }

    /// A fault of calls more, beside those that are set.
    pub async fn add_request_fault(&self, fault: Fault<ticketshow_dodo_sim::RequestFault>) {
        let mut faults: Faults = self.faults().await;
        faults.requests.push(fault);
        self.set_faults(faults);
    }

    async fn faults(&self) -> Faults {
        let answer = self.browser().get("/admin/faults").await.expect(200);
        serde_json::from_value(answer.json).expect("the simulator returns valid faults")
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.simulator.set_faults(Faults::default());
    }

    /// Every movement of money, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Movement> {
        self.simulator.ledger()
    }

    /// Every webhook with its deliveries, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.simulator.notices()
    }

    /// Person with a browser: pages, and `/admin`.
    #[must_use]
    pub fn browser(&self) -> Client {
        Client::new(&self.origin)
    }

    /// Holder of the merchant's key.
    #[must_use]
    pub fn merchant(&self) -> Client {
        self.browser().with_token(DODO_API_KEY)
    }

    /// Presses Pay on the page at `checkout_url` with the card that is filled in. Returns the address that the
    /// browser is sent to.
    ///
    /// # Panics
    ///
    /// If the answer is not a redirect.
    pub async fn pay(&self, checkout_url: &str) -> String {
        self.press(checkout_url, "pay", SUCCESS_CARD).await
    }

    /// Presses "Pay with declined card". Returns the address that the browser is sent to.
    ///
    /// # Panics
    ///
    /// If the answer is not a redirect.
    pub async fn pay_declined(&self, checkout_url: &str) -> String {
        self.press(checkout_url, "decline", SUCCESS_CARD).await
    }

    /// Presses Cancel. Returns the address that the browser is sent to.
    ///
    /// # Panics
    ///
    /// If the answer is not a redirect.
    pub async fn cancel(&self, checkout_url: &str) -> String {
        self.press(checkout_url, "cancel", SUCCESS_CARD).await
    }

    async fn press(&self, checkout_url: &str, action: &str, card: &str) -> String {
        let path =
            checkout_url.strip_prefix(&self.origin).unwrap_or_else(|| panic!("{checkout_url} is not ours"));
        let answer = self
            .browser()
            .call(hyper::Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("card_number={card}&action={action}&email=buyer%40example.com"))
            .await
            .expect(303);
        answer.header("location").expect("a redirect has a location").to_owned()
    }

    /// Pays a session (`cks_…`) through `/admin`, even one that has expired or was paid. Returns the id of the payment.
    ///
    /// # Panics
    ///
    /// If there is no such session.
    #[must_use]
    pub fn pay_anyway(&self, session: &str) -> String {
        let (payment, _) = self.simulator.pay_session(session, SUCCESS_CARD).expect("the session is there");
        payment
    }

    /// Lets a refund that is pending or in review become `succeeded`, `failed` or `review`.
    pub async fn turn_refund(&self, refund: &str, status: &str) -> Answer {
        self.browser().post(&format!("/admin/refunds/{refund}"), &json!({"status": status})).await.expect(200)
    }

    /// Waits until every notice was delivered, given up or lost.
    pub async fn settled(&self) {
        use ticketshow_dodo_sim::NoticeState;
        eventually("every webhook to be delivered", async || {
            self.notices().iter().all(|notice| notice.state != NoticeState::Waiting).then_some(())
        })
        .await;
    }

    /// Lets time pass at the provider.
    pub fn advance(&self, by: Duration) {
        self.simulator.advance(by);
    }

    /// Every session, oldest first, as `/admin/sessions` shows it.
    pub async fn sessions(&self) -> Vec<Value> {
        let answer = self.browser().get("/admin/sessions").await.expect(200);
        answer.json.as_array().cloned().unwrap_or_default()
    }
}

impl Drop for DodoSim {
    fn drop(&mut self) {
        self.task.abort();
    }
}
