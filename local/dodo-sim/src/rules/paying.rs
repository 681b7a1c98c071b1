//! Payments: paying or cancelling on the hosted page, and the bank's answer.

use std::time::Duration;

use crate::{
    refusal::Refusal,
    rules::{
        cards::{Card, Decline},
        customers::{Payer, Reuse},
    },
    state::{
        book::Entry,
        clock::plus,
        faults::PaymentFault,
        records::{About, Movement, MovementKind, Payment, PaymentStatus, Session},
        world::World,
    },
};

/// Access to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// From the hosted page: once, and before the session expires.
    Page,
    /// From `/admin`: also for an expired or paid session, to simulate races at the provider.
    Admin,
}

/// Reason why a session cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The session does not exist.
    Unknown,
    /// The session has expired.
    Expired,
    /// The session was paid, or the payment is processing.
    Paid,
    /// The customer cancelled.
    Cancelled,
    /// The payer is unknown.
    NoPayer,
}

/// Error response of the API for a session that cannot be used.
impl From<Closed> for Refusal {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Unknown => Refusal::not_found("Checkout session"),
            Closed::Paid => Refusal::unprocessable("CHECKOUT_SESSION_CONSUMED", "The session has been paid"),
            Closed::Expired | Closed::Cancelled => {
                Refusal::unprocessable("CHECKOUT_SESSION_EXPIRED", "The session is over")
            }
            Closed::NoPayer => Refusal::body("The session does not say who pays"),
        }
    }
}

impl World {
    /// Returns a session that can still be used.
    ///
    /// # Errors
    ///
    /// The session cannot be used.
    pub fn usable(&self, session: &str, access: Access) -> Result<&Session, Closed> {
        let session = self.book.session(session).ok_or(Closed::Unknown)?;
        match access {
            Access::Admin => return Ok(session),
            Access::Page => {}
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

    /// Pays with a card. The payment is settled at once, or after the delay of the behaviour.
    ///
    /// # Errors
    ///
    /// The session cannot be used.
    pub fn pay(
        &mut self,
        session: &str,
        card: &Card,
        payer: Option<Payer>,
        access: Access,
    ) -> Result<Payment, Closed> {
        let session = self.usable(session, access)?.clone();
        let customer = match (&session.customer_id, payer) {
            (Some(customer), _) => customer.clone(),
            (None, Some(payer)) => self.customer_of(payer, None, Reuse::SameEmail),
            (None, None) => return Err(Closed::NoPayer),
        };
        let mut payment = self.begun(&session, customer.clone());
        let session = Session { customer_id: Some(customer.clone()), ..session };
        let faults = self.draw_for_payment(&session.session_id);
        for fault in &faults {
            match fault {
                PaymentFault::AmountOff { minor } => {
                    payment.total_amount = (payment.total_amount + minor).max(1);
                    // The lines must match the captured amount, which limits refunds.
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

    /// Cancels the payment and returns to the shop.
    ///
    /// # Errors
    ///
    /// The session cannot be used.
    pub fn cancel(&mut self, session: &str, payer: Option<Payer>) -> Result<Payment, Closed> {
        let mut session = self.usable(session, Access::Page)?.clone();
        let customer = match (&session.customer_id, payer) {
            (Some(customer), _) => customer.clone(),
            (None, Some(payer)) => self.customer_of(payer, None, Reuse::SameEmail),
            (None, None) => return Err(Closed::NoPayer),
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

    /// Returns the existing payment of a confirmed session, else a new one.
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

    /// Submits a payment to the bank.
    fn submit(&mut self, session: &Session, mut payment: Payment, card: &Card) -> Payment {
        let now = self.now();
        payment.status = PaymentStatus::Processing;
        payment.updated_at = now;
        payment.decline = card.decline();
        payment.card = Some(card.clone());
        payment.due = Some(plus(now, Duration::from_millis(self.behaviour.payment_delay_millis)));
        let id = payment.payment_id.clone();
        let mut entries = self.notices("payment.processing", About::Payment(id.clone()));
        entries.push(Entry::Session(Box::new(Session { payment_id: Some(id.clone()), ..session.clone() })));
        entries.push(Entry::Payment(Box::new(payment.clone())));
        self.book.keep(entries);
        if self.behaviour.payment_delay_millis == 0 {
            self.settle_payment(&id);
        }
        self.book.payment(&id).cloned().unwrap_or(payment)
    }

    /// Settles a payment with the bank's answer.
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
