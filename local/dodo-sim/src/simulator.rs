//! The simulator: opening it, and its interface for tests.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use standardwebhooks::Webhook;
use tokio::sync::Notify;

use crate::{
    refusal::Refusal,
    rules::{cards::Card, currencies, customers::Payer, paying::Access},
    state::{
        book::Book,
        faults::Faults,
        records::{Movement, Notice, PaymentStatus},
        settings::{Behaviour, Settings},
        world::World,
    },
};

/// Error of opening a simulator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its file cannot be read or written, or has another format.
    #[error("cannot use the file of the Dodo simulator")]
    File(#[source] io::Error),
    /// The webhook secret is not `whsec_<base64>`.
    #[error("the webhook secret is not whsec_ and base64")]
    Secret(#[source] standardwebhooks::WebhookError),
    /// The provider does not accept that currency.
    #[error("the provider does not accept {0}")]
    Currency(String),
}

/// A simulated provider. Clones share its state.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    settings: Settings,
    signer: Webhook,
    /// Wakes the background work after a change.
    changed: Notify,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("settings", &self.shared.settings).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Opens a simulator with the records of its file.
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
        let (behaviour, webhook_url) = (settings.conduct.clone(), settings.webhook_url.clone());
        let world = Mutex::new(World::new(book, behaviour, webhook_url, &settings.currency));
        Ok(Self { shared: Arc::new(Shared { world, settings, signer, changed: Notify::new() }) })
    }

    /// Sets the receiver of notices, `http://…`.
    pub fn deliver_to(&self, url: &str) {
        self.change(|world| world.webhook_url = Some(url.to_owned()));
    }

    /// Replaces the faults and restarts the random generator.
    pub fn set_faults(&self, faults: Faults) {
        self.change(|world| world.set_faults(faults));
    }

    /// Changes the behaviour.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.change(|world| world.behaviour = behaviour);
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        self.change(|world| world.clock.advance(by));
    }

    /// Sets the speed of the clock.
    pub fn run_at(&self, scale: f64) {
        self.change(|world| world.clock.run_at(scale));
    }

    /// Returns all movements of money, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Movement> {
        self.world().book.movements().to_vec()
    }

    /// Returns all notices with their deliveries, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let mut notices: Vec<Notice> = self.world().book.notices().cloned().collect();
        notices.sort_by_key(|notice| notice.happened_at);
        notices
    }

    /// Pays a session with a card, even an expired or paid one. Returns the id and status of the payment.
    ///
    /// # Errors
    ///
    /// 404 for an unknown session, 422 for an invalid card number.
    pub fn pay_session(&self, session: &str, card: &str) -> Result<(String, PaymentStatus), Refusal> {
        let card = Card::parse(card).ok_or_else(|| Refusal::body("invalid card number"))?;
        let paid = self
            .change(|world| world.pay(session, &card, Payer::new("buyer@example.com", None), Access::Admin));
        let payment = paid.map_err(Refusal::from)?;
        Ok((payment.payment_id, payment.status))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn signer(&self) -> &Webhook {
        &self.shared.signer
    }

    /// Locks the world for reading.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the world and wakes the background work.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let changed = change(&mut self.world());
        self.shared.changed.notify_one();
        changed
    }

    /// Waits for the next change.
    pub(crate) async fn changed(&self) {
        self.shared.changed.notified().await;
    }
}
