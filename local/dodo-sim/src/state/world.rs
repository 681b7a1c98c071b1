//! The whole simulated provider behind one lock: records, clock, faults, behaviour.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::Map;

use crate::{
    limiter::Limiter,
    state::{
        book::{Book, Entry},
        clock::{Clock, plus},
        faults::{Fault, Faults, Mangling, PaymentFault, RefundFault, RequestFault, draw},
        ids::mint,
        records::{About, Notice, NoticeState, Price, Product},
        settings::{Behaviour, PRODUCT_ID, RateLimit},
    },
};

/// Type of a notice that no client knows.
const UNKNOWN_TYPE: &str = "constellation.aligned";
/// Minimum amount of the first product in minor units, for example one rupee.
const LEAST: i64 = 100;

/// The provider.
#[derive(Debug)]
pub struct World {
    pub book: Book,
    pub clock: Clock,
    pub behaviour: Behaviour,
    /// Receiver of notices.
    pub webhook_url: Option<String>,
    faults: Faults,
    draws: StdRng,
    limiter: Limiter,
}

impl World {
    /// Returns a provider with these records. The first product is created if missing.
    pub fn new(book: Book, behaviour: Behaviour, webhook_url: Option<String>, currency: &str) -> Self {
        let faults = Faults::default();
        let draws = StdRng::seed_from_u64(faults.seed);
        let limiter = Limiter::default();
        let mut world = Self { book, clock: Clock::new(), behaviour, webhook_url, faults, draws, limiter };
        // The product follows the settings, so a new currency replaces the stored one.
        if world.book.product(PRODUCT_ID).is_none_or(|product| product.price.currency != currency) {
            let product = first_product(currency, world.now());
            world.book.keep(vec![Entry::Product(product)]);
        }
        world
    }

    /// Returns the time of the simulator's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Replaces the faults and restarts the random generator.
    pub fn set_faults(&mut self, faults: Faults) {
        self.draws = StdRng::seed_from_u64(faults.seed);
        self.faults = faults;
    }

    /// Counts a call of the merchant and returns the number left in this minute; `None` if the limit is off.
    ///
    /// # Errors
    ///
    /// The limit is reached. Returns the time until the next call is allowed.
    pub fn admit(&mut self, now: Instant) -> Result<Option<usize>, Duration> {
        match self.behaviour.rate_limit {
            RateLimit::On => self.limiter.admit(now).map(Some),
            RateLimit::Off => Ok(None),
        }
    }

    pub fn draw_for_request(&mut self, method_and_path: &str) -> Vec<RequestFault> {
        draw(&mut self.faults.requests, &mut self.draws, method_and_path)
    }

    pub fn draw_for_payment(&mut self, session: &str) -> Vec<PaymentFault> {
        draw(&mut self.faults.payments, &mut self.draws, session)
    }

    pub fn draw_for_refund(&mut self, payment: &str) -> Vec<RefundFault> {
        draw(&mut self.faults.refunds, &mut self.draws, payment)
    }

    /// Draws the faults of one delivery of a notice.
    pub fn draw_for_delivery(&mut self, kind: &str) -> Vec<Mangling> {
        self.draw_manglings(kind, Moment::Delivery)
    }

    /// Returns a new notice, due at once unless a fault delays it.
    pub fn notices(&mut self, kind: &str, about: About) -> Vec<Entry> {
        let now = self.now();
        let (mut due, mut state) = (Some(now), NoticeState::Waiting);
        let mut entries = Vec::new();
        for mangling in self.draw_manglings(kind, Moment::Creation) {
            match mangling {
                Mangling::Delay { millis } => {
                    due = due.map(|due| plus(due, Duration::from_millis(millis)));
                }
                Mangling::Shuffle { within_millis } => {
                    let millis = self.draws.random_range(0..=within_millis);
                    due = due.map(|due| plus(due, Duration::from_millis(millis)));
                }
                Mangling::Lose => (due, state) = (None, NoticeState::Lost),
                Mangling::UnknownType => {
                    let notice = notice(UNKNOWN_TYPE, about.clone(), now, Some(now), NoticeState::Waiting);
                    entries.push(Entry::Notice(Box::new(notice)));
                }
                Mangling::Duplicate
                | Mangling::WrongSignature
                | Mangling::OldTimestamp
                | Mangling::TwoSignatures
                | Mangling::ExtraFields => {}
            }
        }
        entries.push(Entry::Notice(Box::new(notice(kind, about, now, due, state))));
        entries
    }

    /// Draws only the faults of that moment, so that no other one is used up.
    fn draw_manglings(&mut self, kind: &str, moment: Moment) -> Vec<Mangling> {
        let faults = &mut self.faults.webhooks;
        faults
            .iter_mut()
            .filter(|fault| Moment::of(&fault.what) == moment)
            .flat_map(|fault| {
                draw::<Mangling>(std::slice::from_mut::<Fault<Mangling>>(fault), &mut self.draws, kind)
            })
            .collect()
    }
}

/// Moment at which a fault affects a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Creation,
    Delivery,
}

impl Moment {
    fn of(mangling: &Mangling) -> Self {
        match mangling {
            Mangling::Delay { .. } | Mangling::Shuffle { .. } | Mangling::Lose | Mangling::UnknownType => {
                Self::Creation
            }
            Mangling::Duplicate
            | Mangling::WrongSignature
            | Mangling::OldTimestamp
            | Mangling::TwoSignatures
            | Mangling::ExtraFields => Self::Delivery,
        }
    }
}

fn notice(kind: &str, about: About, now: Timestamp, due: Option<Timestamp>, state: NoticeState) -> Notice {
    let (webhook_id, kind) = (mint("msg"), kind.to_owned());
    Notice { webhook_id, kind, about, happened_at: now, attempts: Vec::new(), state, due }
}

fn first_product(currency: &str, now: Timestamp) -> Product {
    Product {
        product_id: PRODUCT_ID.to_owned(),
        name: Some("Tickets".to_owned()),
        description: Some("Tickets and wallet top-ups, at the amount the shop says".to_owned()),
        tax_category: "digital_products".to_owned(),
        price: Price {
            price: LEAST,
            currency: currency.to_owned(),
            discount: 0,
            purchasing_power_parity: false,
            pay_what_you_want: true,
            suggested_price: None,
            tax_inclusive: true,
        },
        metadata: Map::new(),
        created_at: now,
    }
}
