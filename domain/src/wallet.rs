//! A customer's money with the operator. The balance is the fold of the ledger, never below zero, and a reference moves
//! money once.

#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{BookingId, Context, Currency, Decider, Money, PaymentId, UserId, aggregate::aggregate};

/// Kind of a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Money paid in by card. The reference's id is the payment.
    TopUp,
    /// A booking paid. The reference's id is the payment.
    Payment,
    /// A refund. The reference's id is the refunded payment.
    Refund,
    /// Goodwill of the operator. The reference's id is the credit's.
    Credit,
}

/// Identity of a movement: one entry per reference. Written `kind:id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// Kind of the movement.
    pub kind: EntryKind,
    /// Id within that kind.
    pub id: Uuid,
}

impl Reference {
    /// Returns the reference of the debit that pays a booking.
    #[must_use]
    pub fn payment(payment: PaymentId) -> Self {
        Self { kind: EntryKind::Payment, id: payment.0 }
    }

    /// Returns the reference of the credit that refunds a payment.
    #[must_use]
    pub fn refund(payment: PaymentId) -> Self {
        Self { kind: EntryKind::Refund, id: payment.0 }
    }
}

impl EntryKind {
    /// Written form of the kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TopUp => "top_up",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Credit => "credit",
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.id)
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAReference(text.to_owned());
        let (kind, id) = text.split_once(':').ok_or_else(wrong)?;
        let kind = [EntryKind::TopUp, EntryKind::Payment, EntryKind::Refund, EntryKind::Credit]
            .into_iter()
            .find(|known| known.name() == kind)
            .ok_or_else(wrong)?;
        Ok(Self { kind, id: id.parse().map_err(|_| wrong())? })
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Invalid reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a wallet reference like payment:<uuid>")]
pub struct NotAReference(String);

/// Requests to a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Adds money.
    CreditWallet {
        /// Owner of the wallet.
        customer: UserId,
        /// Identity of the movement: it happens once.
        reference: Reference,
        /// More than zero.
        amount: Money,
        /// Booking of the money, if there is one.
        booking: Option<BookingId>,
        /// Reason for the customer.
        reason: Option<String>,
    },
    /// Proposes a credit so large that a second administrator has to approve it.
    ProposeCredit {
        /// Owner of the wallet.
        customer: UserId,
        /// Identity of the movement: it happens once.
        reference: Reference,
        /// More than zero.
        amount: Money,
        /// Reason for the customer.
        reason: Option<String>,
        /// Administrator who proposes.
        by: UserId,
    },
    /// Makes a proposed credit. Refused to the one who proposed it.
    ApproveCredit {
        /// Identity of the movement.
        reference: Reference,
        /// Administrator who approves.
        by: UserId,
    },
    /// Pays a booking.
    DebitWallet {
        /// Owner of the wallet.
        customer: UserId,
        /// Identity of the movement: it happens once.
        reference: Reference,
        /// Zero or more.
        amount: Money,
        /// Booking to pay.
        booking: BookingId,
    },
    /// Declines a debit for good, so that a slower process cannot make it any more. Refused if it was made.
    DeclineDebit {
        /// Owner of the wallet.
        customer: UserId,
        /// Identity of the debit.
        reference: Reference,
        /// Booking that stays unpaid.
        booking: BookingId,
    },
}

/// Facts of a wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    WalletCredited {
        customer: UserId,
        reference: Reference,
        amount: Money,
        balance_after_minor: i64,
        booking: Option<BookingId>,
        reason: Option<String>,
    },
    CreditProposed {
        customer: UserId,
        reference: Reference,
        amount: Money,
        reason: Option<String>,
        by: UserId,
    },
    WalletDebited {
        customer: UserId,
        reference: Reference,
        amount: Money,
        balance_after_minor: i64,
        booking: BookingId,
    },
    WalletDebitDeclined {
        customer: UserId,
        reference: Reference,
        booking: BookingId,
    },
}

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("the wallet has {balance_minor} of {needed_minor} {currency} (minor units)")]
    InsufficientFunds { balance_minor: i64, needed_minor: i64, currency: Currency },
    #[error("the wallet is kept in {0}")]
    WrongCurrency(Currency),
    #[error("the amount must be more than zero and not overflow the balance")]
    AmountOutOfRange,
    #[error("reference {0} moved another amount before")]
    ReferenceReused(Reference),
    #[error("there is no such proposal")]
    NotProposed,
    #[error("another administrator has to approve it")]
    OwnProposal,
    #[error("debit {0} was made")]
    DebitMade(Reference),
    #[error("debit {0} was declined")]
    DebitDeclined(Reference),
}

/// A wallet, folded from its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallet {
    balance_minor: i64,
    currency: Option<Currency>,
    /// Amount of each movement in minor units, payments negative.
    entries: imbl::HashMap<Reference, i64>,
    /// Debits that will never be made.
    declined: imbl::HashSet<Reference>,
    /// Credits that wait for approval.
    proposals: imbl::HashMap<Reference, Proposal>,
}

/// A credit that waits for a second administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Owner of the wallet.
    pub customer: UserId,
    /// Amount of the credit.
    pub amount: Money,
    /// Reason for the customer.
    pub reason: Option<String>,
    /// Administrator who proposed it.
    pub by: UserId,
}

impl Wallet {
    /// Returns the balance in minor units.
    #[must_use]
    pub fn balance_minor(&self) -> i64 {
        self.balance_minor
    }

    /// Balance with its currency; `None` before the first entry.
    #[must_use]
    pub fn balance(&self) -> Option<Money> {
        self.currency.map(|currency| Money { amount_minor: self.balance_minor(), currency })
    }

    /// Returns the amount that a reference moved, in minor units, payments negative.
    #[must_use]
    pub fn entry(&self, reference: &Reference) -> Option<i64> {
        self.entries.get(reference).copied()
    }

    /// Returns a credit that waits for approval.
    #[must_use]
    pub fn proposal(&self, reference: &Reference) -> Option<&Proposal> {
        self.proposals.get(reference)
    }

    /// Returns the balance after a new credit, which is more than zero.
    fn balance_after(&self, amount: Money) -> Result<i64, Refusal> {
        let Money { amount_minor, .. } = amount;
        let after = self.balance_minor.checked_add(amount_minor).filter(|_| amount_minor > 0);
        after.ok_or(Refusal::AmountOutOfRange)
    }

    fn propose(&self, reference: Reference, wanted: Proposal) -> Result<Vec<Event>, Refusal> {
        let Money { amount_minor, currency } = wanted.amount;
        if !self.is_new(reference, amount_minor, currency)? {
            return Ok(Vec::new());
        }
        match self.proposal(&reference) {
            Some(proposed) if *proposed == wanted => return Ok(Vec::new()),
            Some(_) => return Err(Refusal::ReferenceReused(reference)),
            None => {}
        }
        self.balance_after(wanted.amount)?;
        let Proposal { customer, amount, reason, by } = wanted;
        Ok(vec![Event::CreditProposed { customer, reference, amount, reason, by }])
    }

    fn approve(&self, reference: Reference, by: UserId) -> Result<Vec<Event>, Refusal> {
        if self.entries.contains_key(&reference) {
            return Ok(Vec::new());
        }
        let proposal = self.proposal(&reference).ok_or(Refusal::NotProposed)?;
        if proposal.by == by {
            return Err(Refusal::OwnProposal);
        }
        let Proposal { customer, amount, reason, .. } = proposal.clone();
        let balance_after_minor = self.balance_after(amount)?;
        let booking = None;
        Ok(vec![Event::WalletCredited { customer, reference, amount, balance_after_minor, booking, reason }])
    }

    /// Returns `true` if `reference` still has to move `signed_minor`.
    fn is_new(&self, reference: Reference, signed_minor: i64, currency: Currency) -> Result<bool, Refusal> {
        if let Some(kept) = self.currency.filter(|kept| *kept != currency) {
            return Err(Refusal::WrongCurrency(kept));
        }
        match self.entry(&reference) {
            None => Ok(true),
            Some(moved) if moved == signed_minor => Ok(false),
            Some(_) => Err(Refusal::ReferenceReused(reference)),
        }
    }
}

aggregate!(Wallet,
    WalletCredited => "wallet_credited",
    CreditProposed => "credit_proposed",
    WalletDebited => "wallet_debited",
    WalletDebitDeclined => "wallet_debit_declined",
);

impl Decider for Wallet {
    const TYPE: &'static str = "wallet";
    const STATE_FORMAT: u16 = 3;
    type Id = UserId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::CreditWallet { customer, reference, amount, booking, reason } => {
                let Money { amount_minor, currency } = *amount;
                if !self.is_new(*reference, amount_minor, currency)? {
                    return Ok(Vec::new());
                }
                let balance_after_minor = self.balance_after(*amount)?;
                Ok(vec![Event::WalletCredited {
                    customer: *customer,
                    reference: *reference,
                    amount: *amount,
                    balance_after_minor,
                    booking: *booking,
                    reason: reason.clone(),
                }])
            }
            Command::ProposeCredit { customer, reference, amount, reason, by } => {
                let (customer, amount, reason, by) = (*customer, *amount, reason.clone(), *by);
                self.propose(*reference, Proposal { customer, amount, reason, by })
            }
            Command::ApproveCredit { reference, by } => self.approve(*reference, *by),
            Command::DebitWallet { customer, reference, amount, booking } => {
                let Money { amount_minor, currency } = *amount;
                if amount_minor < 0 {
                    return Err(Refusal::AmountOutOfRange);
                }
                if !self.is_new(*reference, -amount_minor, currency)? {
                    return Ok(Vec::new());
                }
                if self.declined.contains(reference) {
                    return Err(Refusal::DebitDeclined(*reference));
                }
                let balance_after_minor = self.balance_minor - amount_minor;
                if balance_after_minor < 0 {
                    let (balance_minor, needed_minor) = (self.balance_minor, amount_minor);
                    return Err(Refusal::InsufficientFunds { balance_minor, needed_minor, currency });
                }
                Ok(vec![Event::WalletDebited {
                    customer: *customer,
                    reference: *reference,
                    amount: *amount,
                    balance_after_minor,
                    booking: *booking,
                }])
            }
            Command::DeclineDebit { reference, .. } if self.entries.contains_key(reference) => {
                Err(Refusal::DebitMade(*reference))
            }
            Command::DeclineDebit { reference, .. } if self.declined.contains(reference) => Ok(Vec::new()),
            Command::DeclineDebit { customer, reference, booking } => {
                let (customer, reference, booking) = (*customer, *reference, *booking);
                Ok(vec![Event::WalletDebitDeclined { customer, reference, booking }])
            }
        }
    }

    fn evolve(&mut self, event: &Event) {
        let (reference, signed_minor, currency) = match event {
            Event::CreditProposed { customer, reference, amount, reason, by } => {
                let (customer, amount, reason, by) = (*customer, *amount, reason.clone(), *by);
                self.proposals.insert(*reference, Proposal { customer, amount, reason, by });
                return;
            }
            Event::WalletCredited { reference, amount, .. } => {
                self.proposals.remove(reference);
                (*reference, amount.amount_minor, amount.currency)
            }
            Event::WalletDebited { reference, amount, .. } => {
                (*reference, -amount.amount_minor, amount.currency)
            }
            Event::WalletDebitDeclined { reference, .. } => {
                self.declined.insert(*reference);
                return;
            }
        };
        self.balance_minor += signed_minor;
        self.currency = Some(currency);
        self.entries.insert(reference, signed_minor);
    }
}
