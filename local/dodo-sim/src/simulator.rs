//! The simulator as a value: opened, asked, changed, served.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use standardwebhooks::Webhook;
use tokio::sync::Notify;

use crate::book::Book;
use crate::cards::Card;
use crate::currencies;
use crate::faults::Faults;
use crate::paying::{Door, Payer};
use crate::records::{Movement, Notice, PaymentStatus};
use crate::refusal::Refusal;
use crate::settings::{Conduct, Settings};
use crate::world::World;
use crate::{admin, api, pages};

/// Why a simulator cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its file cannot be read or written, or holds something else.
    #[error("cannot use the file of the Dodo simulator")]
    File(#[source] io::Error),
    /// The webhook secret is no `whsec_<base64>`.
    #[error("the webhook secret is not whsec_ and base64")]
    Secret(#[source] standardwebhooks::WebhookError),
    /// The provider does not take that currency.
    #[error("the provider does not take {0}")]
    Currency(String),
}

/// A simulated provider. Clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    settings: Settings,
    signer: Webhook,
    /// Rung when there may be something to do earlier than thought.
    bell: Notify,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("settings", &self.shared.settings).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Opens one, with what its file remembers.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(settings: Settings) -> Result<Self, OpenError> {
        if !currencies::known(&settings.currency) {
            return Err(OpenError::Currency(settings.currency));
        }
        let signer = Webhook::new(&settings.webhook_secret).map_err(OpenError::Secret)?;
        let book = match &settings.file {
            Some(file) => Book::open(file).map_err(OpenError::File)?,
            None => Book::default(),
        };
        let (conduct, webhook_url) = (settings.conduct.clone(), settings.webhook_url.clone());
        let world = Mutex::new(World::new(book, conduct, webhook_url, &settings.currency));
        Ok(Self { shared: Arc::new(Shared { world, settings, signer, bell: Notify::new() }) })
    }

    /// All it answers: the provider's API, the hosted page and `/admin`. Served by [`Simulator::serve`]; by another server the
    /// faults that reset connections become 500s, and nothing happens over time.
    pub fn router(&self) -> Router {
        api::router(self)
            .merge(pages::router())
            .merge(admin::router())
            .fallback(api::unknown)
            .with_state(self.clone())
    }

    /// Where notices go from now on, `http://…`.
    pub fn deliver_to(&self, url: &str) {
        self.change(|world| world.webhook_url = Some(url.to_owned()));
    }

    /// Other faults from now on; the draws begin again.
    pub fn set_faults(&self, faults: Faults) {
        self.change(|world| world.set_faults(faults));
    }

    /// Another conduct from now on.
    pub fn set_conduct(&self, conduct: Conduct) {
        self.change(|world| world.conduct = conduct);
    }

    /// Lets time pass at once.
    pub fn advance(&self, by: Duration) {
        self.change(|world| world.clock.advance(by));
    }

    /// Lets time pass so many times as fast.
    pub fn run_at(&self, scale: f64) {
        self.change(|world| world.clock.run_at(scale));
    }

    /// Every movement of money, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Movement> {
        self.world().book.movements().to_vec()
    }

    /// Every notice with its deliveries, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let mut notices: Vec<Notice> = self.world().book.notices().cloned().collect();
        notices.sort_by_key(|notice| notice.happened_at);
        notices
    }

    /// Pays a session with a card from behind the scenes, also one that has expired or was paid before: the id of the payment
    /// and where it stands.
    ///
    /// # Errors
    ///
    /// 404 for a session that is not there, 422 for a card that is none.
    pub fn pay_session(&self, session: &str, card: &str) -> Result<(String, PaymentStatus), Refusal> {
        let card = Card::parse(card).ok_or_else(|| Refusal::body("no card number"))?;
        let paid = self
            .change(|world| world.pay(session, &card, Payer::new("buyer@example.com", None), Door::Admin));
        let payment = paid.map_err(admin::closed)?;
        Ok((payment.payment_id, payment.status))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn signer(&self) -> &Webhook {
        &self.shared.signer
    }

    /// For reading.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, and lets what follows from it begin.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let changed = change(&mut self.world());
        self.shared.bell.notify_one();
        changed
    }

    /// Waits until something was changed since the last time.
    pub(crate) async fn changed(&self) {
        self.shared.bell.notified().await;
    }
}
