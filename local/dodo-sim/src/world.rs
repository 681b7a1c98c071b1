//! The whole simulated provider behind one lock: memory, clock, faults, conduct.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Map;

use crate::book::{Book, Entry};
use crate::clock::{Clock, plus};
use crate::faults::{Fault, Faults, Mangling, PaymentFault, RefundFault, RequestFault, draw};
use crate::ids::mint;
use crate::limiter::Limiter;
use crate::records::{About, Notice, NoticeState, Price, Product};
use crate::settings::{Conduct, PRODUCT_ID, RateLimit};

/// The type of a notice that nobody knows.
const UNKNOWN_TYPE: &str = "constellation.aligned";
/// The least that the first product takes, in minor units: a rupee, a dollar.
const LEAST: i64 = 100;

/// The provider.
#[derive(Debug)]
pub struct World {
    pub book: Book,
    pub clock: Clock,
    pub conduct: Conduct,
    /// Where notices go.
    pub webhook_url: Option<String>,
    faults: Faults,
    draws: StdRng,
    limiter: Limiter,
}

impl World {
    /// A provider with this memory; the first product is made if it is not there.
    pub fn new(book: Book, conduct: Conduct, webhook_url: Option<String>, currency: &str) -> Self {
        let faults = Faults::default();
        let draws = StdRng::seed_from_u64(faults.seed);
        let limiter = Limiter::default();
        let mut world = Self { book, clock: Clock::new(), conduct, webhook_url, faults, draws, limiter };
        // Whoever sells in another currency now gets it: the product belongs to the settings, not to the memory.
        if world.book.product(PRODUCT_ID).is_none_or(|product| product.price.currency != currency) {
            let product = first_product(currency, world.now());
            world.book.keep(vec![Entry::Product(product)]);
        }
        world
    }

    /// What the simulator's clock shows.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Other faults from now on; the draws begin again.
    pub fn set_faults(&mut self, faults: Faults) {
        self.draws = StdRng::seed_from_u64(faults.seed);
        self.faults = faults;
    }

    /// Counts a call of the merchant, unless the limit is off: how many are left in this minute.
    ///
    /// # Errors
    ///
    /// It is one too many: how long until the next one is not.
    pub fn admit(&mut self, now: Instant) -> Result<Option<usize>, Duration> {
        match self.conduct.rate_limit {
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

    /// What goes wrong with one delivery of a notice.
    pub fn draw_for_delivery(&mut self, kind: &str) -> Vec<Mangling> {
        self.draw_manglings(kind, Moment::Delivery)
    }

    /// A new notice, due at once but for faults.
    pub fn notices(&mut self, kind: &str, about: About) -> Vec<Entry> {
        let now = self.now();
        let (mut due, mut state) = (Some(now), NoticeState::Waiting);
        let mut entries = Vec::new();
        for mangling in self.draw_manglings(kind, Moment::Birth) {
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

    /// Only the knobs of that moment are drawn, so that none is used up in vain.
    fn draw_manglings(&mut self, kind: &str, moment: Moment) -> Vec<Mangling> {
        let knobs = &mut self.faults.webhooks;
        knobs
            .iter_mut()
            .filter(|knob| Moment::of(&knob.what) == moment)
            .flat_map(|knob| {
                draw::<Mangling>(std::slice::from_mut::<Fault<Mangling>>(knob), &mut self.draws, kind)
            })
            .collect()
    }
}

/// When a notice is mangled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Birth,
    Delivery,
}

impl Moment {
    fn of(mangling: &Mangling) -> Self {
        match mangling {
            Mangling::Delay { .. } | Mangling::Shuffle { .. } | Mangling::Lose | Mangling::UnknownType => {
                Self::Birth
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
