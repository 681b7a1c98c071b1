//! A promotion: a code that lowers prices, or an offer without a code, for a number of bookings. It decides who may still use it; the booking decides what
//! it costs then ([`crate::booking`]).
//!
//! A use lapses by itself with the hold that it was taken for, until it is kept, just before the payment begins. A kept use returns when
//! its booking ends.

mod offer;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{BookingId, Context, Decider, Fingerprint, Flaws, PromotionId, UserId, aggregate::aggregate};
pub use offer::{CODE_LETTERS, Code, Day, Occasion, PromotionTerms, Reduction, USES_LARGEST};

/// Time for which a use that lapsed is remembered, to answer a repeated request.
const LAPSED_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Time for which a sale at the counter reserves a use before it is counted: longer than any request takes.
pub const SALE_USE: SignedDuration = SignedDuration::from_hours(1);

/// Requests to a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Publishes the promotion.
    CreatePromotion {
        promotion: PromotionId,
        /// Without one, the promotion lowers prices by itself.
        code: Option<Code>,
        terms: PromotionTerms,
        by: UserId,
        fingerprint: Option<Fingerprint>,
    },
    /// Changes its terms. Bookings that use it already keep their discounts.
    ChangePromotion { terms: PromotionTerms, by: UserId },
    /// Takes a use for a booking, which lapses at `until` unless it is kept.
    TakeUse { booking: BookingId, customer: UserId, screening: Occasion, until: Timestamp },
    /// Passes the use of the hold `from` on to the one that took its place, so that nobody can take it in between. If it was returned
    /// already, this takes one.
    PassUse { from: BookingId, booking: BookingId, customer: UserId, screening: Occasion, until: Timestamp },
    /// Keeps the use of a booking that is about to be paid.
    KeepUse { booking: BookingId },
    /// Counts the use of a booking that is sold already, at the counter. It is not refused, even if the use that was taken for it has
    /// lapsed.
    CountUse { booking: BookingId, customer: UserId },
    /// Returns the use of a booking that is over. Without effect if it has none.
    ReturnUse { booking: BookingId },
}

/// Facts of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    PromotionCreated {
        promotion: PromotionId,
        code: Option<Code>,
        terms: PromotionTerms,
        by: UserId,
        fingerprint: Option<Fingerprint>,
    },
    PromotionChanged {
        terms: PromotionTerms,
        by: UserId,
    },
    UseTaken {
        booking: BookingId,
        customer: UserId,
        until: Timestamp,
    },
    UseKept {
        booking: BookingId,
    },
    /// `kept` is false for a use that was only taken.
    UseReturned {
        booking: BookingId,
        kept: bool,
    },
}

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such promotion")]
    NotFound,
    #[error("another promotion has this code")]
    CodeTaken,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("the code has been used as often as it can be")]
    UsedUp,
    #[error("you have used the code as often as you can")]
    UsedUpByYou,
    #[error("the code is valid from {0}")]
    NotYet(Timestamp),
    #[error("the code was valid until {0}")]
    Ended(Timestamp),
    #[error("the code is not for this screening")]
    OtherScreening,
    #[error("{0}")]
    Invalid(Flaws),
}

/// Use of a promotion by one booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Customer of the booking.
    pub customer: UserId,
    /// Moment at which it lapses; `None` once it is kept.
    pub until: Option<Timestamp>,
}

impl Use {
    fn counts(self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// A promotion, folded from its history. Large parts are persistent collections: a clone is cheap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// `None` until it is created.
    pub published: Option<Arc<Published>>,
    uses: imbl::OrdMap<BookingId, Use>,
    /// Uses by customer.
    customers: imbl::OrdMap<UserId, imbl::OrdSet<BookingId>>,
    /// Uses that are not kept, by the moment they lapse.
    lapses: imbl::OrdSet<(Timestamp, BookingId)>,
    /// Number of kept uses.
    kept: u32,
}

/// Terms of a created promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the event")]
pub struct Published {
    pub code: Option<Code>,
    pub terms: PromotionTerms,
    fingerprint: Option<Fingerprint>,
}

aggregate!(Promotion,
    PromotionCreated => "promotion_created",
    PromotionChanged => "promotion_changed",
    UseTaken => "use_taken",
    UseKept => "use_kept",
    UseReturned => "use_returned",
);

impl Promotion {
    /// Returns the use of a booking, lapsed or not.
    #[must_use]
    pub fn use_of(&self, booking: BookingId) -> Option<Use> {
        self.uses.get(&booking).copied()
    }

    /// Returns the number of uses at `now`: kept ones, and those of holds that have not lapsed.
    #[must_use]
    pub fn uses(&self, now: Timestamp) -> u32 {
        let live = self.lapses.iter().rev().take_while(|(until, _)| now < *until).count();
        self.kept.saturating_add(u32::try_from(live).unwrap_or(u32::MAX))
    }

    fn known(&self) -> Result<&Published, Refusal> {
        self.published.as_deref().ok_or(Refusal::NotFound)
    }

    fn create(
        &self,
        promotion: PromotionId,
        code: Option<&Code>,
        terms: &PromotionTerms,
        by: UserId,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(published) = &self.published {
            let same = published.fingerprint.is_some() && published.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::CodeTaken) };
        }
        let terms = terms.tidied();
        code.map_or(Ok(()), Code::check).and_then(|()| terms.check()).map_err(Refusal::Invalid)?;
        let (code, fingerprint) = (code.cloned(), fingerprint.cloned());
        Ok(vec![Event::PromotionCreated { promotion, code, terms, by, fingerprint }])
    }

    fn change(&self, terms: &PromotionTerms, by: UserId) -> Result<Vec<Event>, Refusal> {
        let terms = terms.tidied();
        if self.known()?.terms == terms {
            return Ok(Vec::new());
        }
        terms.check().map_err(Refusal::Invalid)?;
        Ok(vec![Event::PromotionChanged { terms, by }])
    }

    fn take(
        &self,
        booking: BookingId,
        customer: UserId,
        screening: Occasion,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let terms = &self.known()?.terms;
        if self.use_of(booking).is_some_and(|known| known.counts(now)) {
            return Ok(Vec::new());
        }
        if let Some(from) = terms.valid_from.filter(|from| now < *from) {
            return Err(Refusal::NotYet(from));
        }
        if let Some(end) = terms.valid_until.filter(|end| *end <= now) {
            return Err(Refusal::Ended(end));
        }
        if !terms.is_for(screening) {
            return Err(Refusal::OtherScreening);
        }
        if self.uses(now) >= terms.uses_max {
            return Err(Refusal::UsedUp);
        }
        let own = self.customers.get(&customer).into_iter().flatten();
        let own = own.filter(|other| self.use_of(**other).is_some_and(|known| known.counts(now))).count();
        if terms.uses_per_customer_max.is_some_and(|max| own >= max as usize) {
            return Err(Refusal::UsedUpByYou);
        }
        Ok(vec![Event::UseTaken { booking, customer, until }])
    }

    fn pass(
        &self,
        from: BookingId,
        booking: BookingId,
        customer: UserId,
        screening: Occasion,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let passed = self.use_of(from).filter(|known| known.customer == customer && known.counts(now));
        let has_own = self.use_of(booking).is_some_and(|known| known.counts(now));
        if passed.is_none() || has_own {
            return self.take(booking, customer, screening, until, now);
        }
        // The terms were checked when the use was taken.
        let mut events = self.give_back(from);
        events.push(Event::UseTaken { booking, customer, until });
        Ok(events)
    }

    fn keep(&self, booking: BookingId, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        match self.use_of(booking) {
            Some(Use { until: None, .. }) => Ok(Vec::new()),
            Some(known) if known.counts(now) => Ok(vec![Event::UseKept { booking }]),
            Some(_) | None => Err(Refusal::UsedUp),
        }
    }

    fn count(&self, booking: BookingId, customer: UserId, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.known()?;
        Ok(match self.use_of(booking) {
            Some(Use { until: None, .. }) => Vec::new(),
            Some(known) if known.counts(now) => vec![Event::UseKept { booking }],
            Some(_) | None => {
                let until = now + SALE_USE;
                vec![Event::UseTaken { booking, customer, until }, Event::UseKept { booking }]
            }
        })
    }

    fn give_back(&self, booking: BookingId) -> Vec<Event> {
        let returned = |known: Use| Event::UseReturned { booking, kept: known.until.is_none() };
        self.use_of(booking).map(returned).into_iter().collect()
    }

    fn forget_use(&mut self, booking: BookingId) {
        let Some(known) = self.uses.remove(&booking) else { return };
        match known.until {
            Some(until) => drop(self.lapses.remove(&(until, booking))),
            None => self.kept = self.kept.saturating_sub(1),
        }
        if let Some(own) = self.customers.get_mut(&known.customer) {
            own.remove(&booking);
            if own.is_empty() {
                self.customers.remove(&known.customer);
            }
        }
    }
}

impl Decider for Promotion {
    const TYPE: &'static str = "promotion";
    const STATE_FORMAT: u16 = 2;
    type Id = PromotionId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::CreatePromotion { promotion, code, terms, by, fingerprint } => {
                self.create(*promotion, code.as_ref(), terms, *by, fingerprint.as_ref())
            }
            Command::ChangePromotion { terms, by } => self.change(terms, *by),
            Command::TakeUse { booking, customer, screening, until } => {
                self.take(*booking, *customer, *screening, *until, context.now)
            }
            Command::PassUse { from, booking, customer, screening, until } => {
                self.pass(*from, *booking, *customer, *screening, *until, context.now)
            }
            Command::KeepUse { booking } => self.keep(*booking, context.now),
            Command::CountUse { booking, customer } => self.count(*booking, *customer, context.now),
            Command::ReturnUse { booking } => Ok(self.give_back(*booking)),
        }
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::PromotionCreated { code, terms, fingerprint, .. } => {
                let (code, terms, fingerprint) = (code.clone(), terms.clone(), fingerprint.clone());
                self.published = Some(Arc::new(Published { code, terms, fingerprint }));
            }
            Event::PromotionChanged { terms, by: _ } => {
                if let Some(published) = &mut self.published {
                    Arc::make_mut(published).terms = terms.clone();
                }
            }
            Event::UseTaken { booking, customer, until } => {
                self.forget_use(*booking);
                self.uses.insert(*booking, Use { customer: *customer, until: Some(*until) });
                self.customers.entry(*customer).or_default().insert(*booking);
                self.lapses.insert((*until, *booking));
            }
            Event::UseKept { booking } => {
                let Some(Use { customer, until: Some(until) }) = self.use_of(*booking) else { return };
                self.lapses.remove(&(until, *booking));
                self.uses.insert(*booking, Use { customer, until: None });
                self.kept += 1;
            }
            Event::UseReturned { booking, kept: _ } => self.forget_use(*booking),
        }
    }

    fn forget(&mut self, at: Timestamp) {
        while let Some((until, booking)) = self.lapses.get_min().copied()
            && at.duration_since(until) > LAPSED_KEPT
        {
            self.forget_use(booking);
        }
    }
}
