//! Cash at the counter: the sessions of one seller's till, each opened with a float and closed with a count. A seller has one
//! open session at most, so the stream is the seller's.
//!
//! The screening decides a sale and the booking a refund, and both name the session. Its cash is entered here afterwards, once
//! per payment, even if the session was closed meanwhile.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    BookingId, Context, Decider, Fingerprint, Flaws, Money, PaymentId, Policy, TillId, UserId,
    aggregate::aggregate,
};

/// Time for which a closed session is remembered: a repeated request or a saga that resumes after an outage enters
/// cash much earlier.
const CLOSED_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Requests to the till of a seller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Opens a session with the cash that is in the drawer.
    OpenTill { till: TillId, seller: UserId, float: Money, fingerprint: Option<Fingerprint> },
    /// Enters the cash of a sale.
    TakeCash { till: TillId, booking: BookingId, payment: PaymentId, amount: Money },
    /// Enters the cash that a refund handed out.
    ReturnCash { till: TillId, booking: BookingId, payment: PaymentId, amount: Money },
    /// Closes a session with the cash that was counted.
    CloseTill { till: TillId, counted: Money },
}

/// Facts of the till of a seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    TillOpened {
        till: TillId,
        seller: UserId,
        float: Money,
        fingerprint: Option<Fingerprint>,
    },
    CashTaken {
        till: TillId,
        booking: BookingId,
        payment: PaymentId,
        amount: Money,
    },
    CashReturned {
        till: TillId,
        booking: BookingId,
        payment: PaymentId,
        amount: Money,
    },
    /// `expected` is the float with the cash taken so far, less the cash returned.
    TillClosed {
        till: TillId,
        counted: Money,
        expected: Money,
        at: Timestamp,
    },
}

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such session of the till")]
    UnknownTill,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("session {0} of the till is open")]
    TillOpen(TillId),
    #[error("the session was closed with another count, {0}")]
    Closed(Money),
    #[error("{0}")]
    Invalid(Flaws),
}

/// The till of a seller, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Till {
    /// Open and lately closed sessions.
    pub sessions: imbl::OrdMap<TillId, Arc<Session>>,
}

/// One session of a till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Cash at the opening.
    pub float: Money,
    /// Cash that should be in the drawer, in minor units.
    pub expected_minor: i64,
    /// Payments whose cash was taken.
    taken: imbl::OrdSet<PaymentId>,
    /// Payments whose cash was returned.
    returned: imbl::OrdSet<PaymentId>,
    /// The end of the session.
    pub closed: Option<Closed>,
    fingerprint: Option<Fingerprint>,
}

/// End of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the event")]
pub struct Closed {
    pub counted: Money,
    pub expected: Money,
    pub at: Timestamp,
}

aggregate!(Till,
    TillOpened => "till_opened",
    CashTaken => "cash_taken",
    CashReturned => "cash_returned",
    TillClosed => "till_closed",
);

impl Till {
    /// Returns the open session.
    #[must_use]
    pub fn open(&self) -> Option<TillId> {
        self.sessions.iter().find(|(_, session)| session.closed.is_none()).map(|(till, _)| *till)
    }

    fn session(&self, till: TillId) -> Result<&Session, Refusal> {
        self.sessions.get(&till).map(AsRef::as_ref).ok_or(Refusal::UnknownTill)
    }

    fn open_till(
        &self,
        till: TillId,
        seller: UserId,
        float: Money,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<Vec<Event>, Refusal> {
        if let Ok(session) = self.session(till) {
            let same = session.float == float && session.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        check(float, "/float/amount_minor")?;
        if let Some(open) = self.open() {
            return Err(Refusal::TillOpen(open));
        }
        Ok(vec![Event::TillOpened { till, seller, float, fingerprint: fingerprint.cloned() }])
    }

    fn close(&self, till: TillId, counted: Money, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let session = self.session(till)?;
        match session.closed {
            Some(closed) if closed.counted == counted => Ok(Vec::new()),
            Some(closed) => Err(Refusal::Closed(closed.counted)),
            None => {
                check(counted, "/counted/amount_minor")?;
                let expected = Money { amount_minor: session.expected_minor, ..session.float };
                Ok(vec![Event::TillClosed { till, counted, expected, at }])
            }
        }
    }

    fn amend(&mut self, till: TillId, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.sessions.get_mut(&till) {
            change(Arc::make_mut(session));
        }
    }
}

fn check(cash: Money, pointer: &str) -> Result<(), Refusal> {
    let mut flaws = Flaws::default();
    let max = Policy::AMOUNT_LARGEST;
    flaws.unless((0..=max).contains(&cash.amount_minor), pointer, format!("must be 0 to {max}"));
    flaws.into_result().map_err(Refusal::Invalid)
}

impl Decider for Till {
    const TYPE: &'static str = "till";
    const STATE_FORMAT: u16 = 1;
    type Id = UserId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::OpenTill { till, seller, float, fingerprint } => {
                self.open_till(*till, *seller, *float, fingerprint.as_ref())
            }
            Command::TakeCash { till, booking, payment, amount } => {
                let (till, booking, payment, amount) = (*till, *booking, *payment, *amount);
                let is_new = !self.session(till)?.taken.contains(&payment);
                Ok(is_new
                    .then_some(Event::CashTaken { till, booking, payment, amount })
                    .into_iter()
                    .collect())
            }
            Command::ReturnCash { till, booking, payment, amount } => {
                let (till, booking, payment, amount) = (*till, *booking, *payment, *amount);
                let is_new = !self.session(till)?.returned.contains(&payment);
                Ok(is_new
                    .then_some(Event::CashReturned { till, booking, payment, amount })
                    .into_iter()
                    .collect())
            }
            Command::CloseTill { till, counted } => self.close(*till, *counted, context.now),
        }
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::TillOpened { till, seller: _, float, fingerprint } => {
                let session = Session {
                    float: *float,
                    expected_minor: float.amount_minor,
                    taken: imbl::OrdSet::new(),
                    returned: imbl::OrdSet::new(),
                    closed: None,
                    fingerprint: fingerprint.clone(),
                };
                self.sessions.insert(*till, Arc::new(session));
            }
            Event::CashTaken { till, booking: _, payment, amount } => self.amend(*till, |session| {
                session.expected_minor += amount.amount_minor;
                session.taken.insert(*payment);
            }),
            Event::CashReturned { till, booking: _, payment, amount } => self.amend(*till, |session| {
                session.expected_minor -= amount.amount_minor;
                session.returned.insert(*payment);
            }),
            Event::TillClosed { till, counted, expected, at } => self.amend(*till, |session| {
                session.closed = Some(Closed { counted: *counted, expected: *expected, at: *at });
            }),
        }
    }

    fn forget(&mut self, at: Timestamp) {
        let old = |session: &Session| {
            session.closed.is_some_and(|closed| at.duration_since(closed.at) > CLOSED_KEPT)
        };
        if self.sessions.values().any(|session| old(session)) {
            self.sessions = self
                .sessions
                .iter()
                .filter(|(_, session)| !old(session))
                .map(|(till, session)| (*till, Arc::clone(session)))
                .collect();
        }
    }
}
