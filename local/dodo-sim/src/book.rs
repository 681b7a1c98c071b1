//! All that the simulator remembers, in memory and in its file.
//!
//! The file is a JSON text a line: the list of entries that one deed brought about, the latest of an id counting. A line is
//! written whole or, when the process is killed in the middle of it, ignored; so a payment and its movement of money are kept
//! together or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::records::{Customer, Dispute, Movement, Notice, Payment, Product, Refund, Session};

/// One thing to remember.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    Product(Product),
    Customer(Customer),
    Session(Box<Session>),
    Payment(Box<Payment>),
    Refund(Box<Refund>),
    Dispute(Dispute),
    Notice(Box<Notice>),
    Movement(Movement),
}

/// Something to do at a certain time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Errand {
    /// The bank answers.
    SettlePayment(String),
    /// The refund becomes what it becomes.
    SettleRefund(String),
    /// The notice is delivered.
    Deliver(String),
}

/// The memory.
#[derive(Debug, Default)]
pub struct Book {
    products: BTreeMap<String, Product>,
    customers: BTreeMap<String, Customer>,
    sessions: BTreeMap<String, Session>,
    payments: BTreeMap<String, Payment>,
    refunds: BTreeMap<String, Refund>,
    disputes: BTreeMap<String, Dispute>,
    notices: BTreeMap<String, Notice>,
    movements: Vec<Movement>,
    refunds_of: BTreeMap<String, Vec<String>>,
    agenda: BTreeSet<(Timestamp, Errand)>,
    file: Option<File>,
}

impl Book {
    /// What `path` remembers. The file is written anew, without what was overwritten.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or holds something else.
    pub fn open(path: &Path) -> io::Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let mut book = Self::default();
        // Only the last line can be torn: every other one ends in a newline that was written with it.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let entries: Vec<Entry> = serde_json::from_str(line)?;
            for entry in entries {
                book.take_in(entry);
            }
        }
        let beside = path.with_extension("new");
        fs::write(&beside, book.written()?)?;
        fs::rename(&beside, path)?;
        book.file = Some(OpenOptions::new().append(true).open(path)?);
        Ok(book)
    }

    /// Remembers what one deed brought about.
    pub fn keep(&mut self, entries: Vec<Entry>) {
        if let Some(file) = &mut self.file {
            let written = line(&entries).and_then(|line| file.write_all(line.as_bytes()));
            if let Err(error) = written {
                tracing::error!(%error, "the simulator cannot write its file: a restart will forget this");
            }
        }
        for entry in entries {
            self.take_in(entry);
        }
    }

    fn take_in(&mut self, entry: Entry) {
        match entry {
            Entry::Product(product) => {
                self.products.insert(product.product_id.clone(), product);
            }
            Entry::Customer(customer) => {
                self.customers.insert(customer.customer_id.clone(), customer);
            }
            Entry::Session(session) => {
                self.sessions.insert(session.session_id.clone(), *session);
            }
            Entry::Payment(payment) => {
                let errand = Errand::SettlePayment(payment.payment_id.clone());
                let before = self.payments.get(&payment.payment_id).and_then(|payment| payment.due);
                self.reschedule(errand, before, payment.due);
                self.payments.insert(payment.payment_id.clone(), *payment);
            }
            Entry::Refund(refund) => {
                let errand = Errand::SettleRefund(refund.refund_id.clone());
                let before = self.refunds.get(&refund.refund_id);
                if before.is_none() {
                    let of_payment = self.refunds_of.entry(refund.payment_id.clone()).or_default();
                    of_payment.push(refund.refund_id.clone());
                }
                self.reschedule(errand, before.and_then(|refund| refund.due), refund.due);
                self.refunds.insert(refund.refund_id.clone(), *refund);
            }
            Entry::Dispute(dispute) => {
                self.disputes.insert(dispute.dispute_id.clone(), dispute);
            }
            Entry::Notice(notice) => {
                let errand = Errand::Deliver(notice.webhook_id.clone());
                let before = self.notices.get(&notice.webhook_id).and_then(|notice| notice.due);
                self.reschedule(errand, before, notice.due);
                self.notices.insert(notice.webhook_id.clone(), *notice);
            }
            Entry::Movement(movement) => self.movements.push(movement),
        }
    }

    fn reschedule(&mut self, errand: Errand, before: Option<Timestamp>, after: Option<Timestamp>) {
        if let Some(before) = before {
            self.agenda.remove(&(before, errand.clone()));
        }
        if let Some(after) = after {
            self.agenda.insert((after, errand));
        }
    }

    /// Takes the next errand that is due at `now` from the agenda; it stays in the file until its outcome is kept.
    pub fn take_due(&mut self, now: Timestamp) -> Option<Errand> {
        let (at, _) = self.agenda.first()?;
        if *at > now {
            return None;
        }
        self.agenda.pop_first().map(|(_, errand)| errand)
    }

    /// When the next errand is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _)| *at)
    }

    pub fn product(&self, id: &str) -> Option<&Product> {
        self.products.get(id)
    }

    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.values()
    }

    pub fn customer(&self, id: &str) -> Option<&Customer> {
        self.customers.get(id)
    }

    /// Who has this address, whatever its letter case.
    pub fn customer_of(&self, email: &str) -> Option<&Customer> {
        self.customers.values().find(|customer| customer.email.eq_ignore_ascii_case(email))
    }

    pub fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.get(id)
    }

    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values()
    }

    pub fn payment(&self, id: &str) -> Option<&Payment> {
        self.payments.get(id)
    }

    pub fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.payments.values()
    }

    pub fn refund(&self, id: &str) -> Option<&Refund> {
        self.refunds.get(id)
    }

    pub fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.values()
    }

    /// The refunds of one payment, oldest first.
    pub fn refunds_of(&self, payment: &str) -> impl Iterator<Item = &Refund> {
        let ids = self.refunds_of.get(payment).into_iter().flatten();
        ids.filter_map(|id| self.refunds.get(id))
    }

    pub fn dispute(&self, id: &str) -> Option<&Dispute> {
        self.disputes.get(id)
    }

    pub fn disputes_of(&self, payment: &str) -> impl Iterator<Item = &Dispute> {
        self.disputes.values().filter(move |dispute| dispute.payment_id == payment)
    }

    pub fn notice(&self, id: &str) -> Option<&Notice> {
        self.notices.get(id)
    }

    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.values()
    }

    /// Every movement of money, oldest first.
    pub fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// Everything, as the file holds it.
    fn written(&self) -> io::Result<String> {
        let mut text = String::new();
        let entries = (self.products.values().cloned().map(Entry::Product))
            .chain(self.customers.values().cloned().map(Entry::Customer))
            .chain(self.sessions.values().cloned().map(|session| Entry::Session(Box::new(session))))
            .chain(self.payments.values().cloned().map(|payment| Entry::Payment(Box::new(payment))))
            .chain(self.refunds.values().cloned().map(|refund| Entry::Refund(Box::new(refund))))
            .chain(self.disputes.values().cloned().map(Entry::Dispute))
            .chain(self.notices.values().cloned().map(|notice| Entry::Notice(Box::new(notice))))
            .chain(self.movements.iter().cloned().map(Entry::Movement));
        for entry in entries {
            text.push_str(&line(&[entry])?);
        }
        Ok(text)
    }
}

fn line(entries: &[Entry]) -> io::Result<String> {
    Ok(serde_json::to_string(entries)? + "\n")
}
