//! What a customer does on the hosted page, and what the bank says to it.

use std::time::Duration;

use crate::book::Entry;
use crate::cards::{Card, Decline};
use crate::checking_out::Reuse;
use crate::clock::plus;
use crate::faults::PaymentFault;
use crate::records::{About, Movement, MovementKind, Payment, PaymentStatus, Session};
use crate::world::World;

/// Who pays, as told on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    pub email: String,
    pub name: String,
}

impl Payer {
    /// Somebody with an e-mail address; the name is the beginning of it if none is given.
    pub fn new(email: &str, name: Option<&str>) -> Option<Self> {
        let email = email.trim();
        let (local, domain) = email.split_once('@')?;
        if local.is_empty() || domain.is_empty() || email.contains(char::is_whitespace) {
            return None;
        }
        let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(local);
        Some(Self { email: email.to_owned(), name: name.to_owned() })
    }
}

/// By which way somebody comes to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The hosted page: once, and in time.
    Page,
    /// The test's own: also when the session has expired or was paid already, as races at the provider would have it.
    Admin,
}

/// Why a session cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// There is no such session.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was paid, or is being paid.
    Paid,
    /// The customer had gone back.
    Cancelled,
    /// It is not known who pays.
    Nobody,
}

impl World {
    /// A session that may still be used.
    ///
    /// # Errors
    ///
    /// It may not, and why.
    pub fn usable(&self, session: &str, door: Door) -> Result<&Session, Closed> {
        let session = self.book.session(session).ok_or(Closed::Unknown)?;
        match door {
            Door::Admin => return Ok(session),
            Door::Page => {}
        }
        let payment = session.payment_id.as_deref().and_then(|id| self.book.payment(id));
        match payment.map(|payment| payment.status) {
            Some(PaymentStatus::Succeeded | PaymentStatus::Processing) => Err(Closed::Paid),
            Some(PaymentStatus::Cancelled) => Err(Closed::Cancelled),
            // A declined customer may try another card.
            Some(PaymentStatus::Failed | PaymentStatus::RequiresPaymentMethod) | None
                if session.expires_at <= self.now() =>
            {
                Err(Closed::Expired)
            }
            Some(PaymentStatus::Failed | PaymentStatus::RequiresPaymentMethod) | None => Ok(session),
        }
    }

    /// Pays with a card: a payment that is settled now, or later if the conduct says so.
    ///
    /// # Errors
    ///
    /// The session cannot be used.
    pub fn pay(
        &mut self,
        session: &str,
        card: &Card,
        payer: Option<Payer>,
        door: Door,
    ) -> Result<Payment, Closed> {
        let session = self.usable(session, door)?.clone();
        let customer = match (&session.customer_id, payer) {
            (Some(customer), _) => customer.clone(),
            (None, Some(payer)) => self.customer_of(payer, None, Reuse::SameEmail),
            (None, None) => return Err(Closed::Nobody),
        };
        let mut payment = self.begun(&session, customer.clone());
        let session = Session { customer_id: Some(customer.clone()), ..session };
        let faults = self.draw_for_payment(&session.session_id);
        for fault in &faults {
            match fault {
                PaymentFault::AmountOff { minor } => {
                    payment.total_amount = (payment.total_amount + minor).max(1);
                    // What was taken is what the lines say: a refund is bounded by it.
                    if let Some(line) = payment.lines.first_mut() {
                        line.amount = (line.amount + minor).max(1);
                    }
                }
                PaymentFault::Currency { code } => payment.currency.clone_from(code),
                PaymentFault::Twice => {}
            }
        }
        let payment = self.submit(&session, payment, card);
        if faults.contains(&PaymentFault::Twice) {
            let again = self.payment_of(&session, customer, PaymentStatus::Processing);
            self.submit(&session, again, card);
        }
        Ok(payment)
    }

    /// Goes back to the shop.
    ///
    /// # Errors
    ///
    /// The session cannot be used.
    pub fn cancel(&mut self, session: &str, payer: Option<Payer>) -> Result<Payment, Closed> {
        let mut session = self.usable(session, Door::Page)?.clone();
        let customer = match (&session.customer_id, payer) {
            (Some(customer), _) => customer.clone(),
            (None, Some(payer)) => self.customer_of(payer, None, Reuse::SameEmail),
            (None, None) => return Err(Closed::Nobody),
        };
        let mut payment = self.begun(&session, customer);
        payment.status = PaymentStatus::Cancelled;
        payment.decline = Some(Decline::cancelled());
        session.payment_id = Some(payment.payment_id.clone());
        let mut entries = self.notices("payment.cancelled", About::Payment(payment.payment_id.clone()));
        entries.push(Entry::Payment(Box::new(payment.clone())));
        entries.push(Entry::Session(Box::new(session)));
        self.book.keep(entries);
        Ok(payment)
    }

    /// The payment that a confirmed session has already, else a new one.
    fn begun(&self, session: &Session, customer: String) -> Payment {
        let before = session.payment_id.as_deref().and_then(|id| self.book.payment(id));
        match before {
            Some(payment) if payment.status == PaymentStatus::RequiresPaymentMethod => payment.clone(),
            Some(payment) => {
                let retry_attempt = payment.retry_attempt + 1;
                Payment {
                    retry_attempt,
                    ..self.payment_of(session, customer, PaymentStatus::RequiresPaymentMethod)
                }
            }
            None => self.payment_of(session, customer, PaymentStatus::RequiresPaymentMethod),
        }
    }

    /// Hands a payment to the bank.
    fn submit(&mut self, session: &Session, mut payment: Payment, card: &Card) -> Payment {
        let now = self.now();
        payment.status = PaymentStatus::Processing;
        payment.updated_at = now;
        payment.decline = card.decline();
        payment.card = Some(card.clone());
        payment.due = Some(plus(now, Duration::from_millis(self.conduct.payment_delay_millis)));
        let id = payment.payment_id.clone();
        let mut entries = self.notices("payment.processing", About::Payment(id.clone()));
        entries.push(Entry::Session(Box::new(Session { payment_id: Some(id.clone()), ..session.clone() })));
        entries.push(Entry::Payment(Box::new(payment.clone())));
        self.book.keep(entries);
        if self.conduct.payment_delay_millis == 0 {
            self.settle_payment(&id);
        }
        self.book.payment(&id).cloned().unwrap_or(payment)
    }

    /// The bank answers.
    pub fn settle_payment(&mut self, id: &str) {
        let Some(payment) = self.book.payment(id) else { return };
        let mut payment = Payment { due: None, updated_at: self.now(), ..payment.clone() };
        payment.status =
            if payment.decline.is_none() { PaymentStatus::Succeeded } else { PaymentStatus::Failed };
        let kind = format!("payment.{}", payment.status.name());
        let mut entries = self.notices(&kind, About::Payment(id.to_owned()));
        if payment.status == PaymentStatus::Succeeded {
            entries.push(Entry::Movement(Movement {
                at: payment.updated_at,
                kind: MovementKind::Capture,
                payment_id: payment.payment_id.clone(),
                refund_id: None,
                amount: payment.total_amount,
                currency: payment.currency.clone(),
                metadata: payment.metadata.clone(),
                refund_metadata: serde_json::Map::new(),
            }));
        }
        entries.push(Entry::Payment(Box::new(payment)));
        self.book.keep(entries);
    }
}
