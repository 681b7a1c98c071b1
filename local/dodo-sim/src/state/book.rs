//! The simulator's records, in memory and in its file.
//!
//! Each line of the file is the JSON list of the entries that one operation wrote; the latest entry of an id counts. A partial
//! last line, from a killed process, is ignored. A payment and its movement of money are therefore stored together or not at
//! all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::state::records::{Customer, Dispute, Movement, Notice, Payment, Product, Refund, Session};

/// A stored record.
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

/// Background task at a certain time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Settles a payment: the bank answers.
    SettlePayment(String),
    /// Settles a refund.
    SettleRefund(String),
    /// Delivers a notice.
    Deliver(String),
}

/// All records.
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
    agenda: BTreeSet<(Timestamp, Task)>,
    file: Option<File>,
}

impl Book {
    /// Reads the records of a file and rewrites it without outdated entries.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or has another format.
    pub fn open(path: &Path) -> io::Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let mut book = Self::default();
        // Only the last line can be partial: every other one ends with its newline.
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

    /// Stores the entries of one operation.
    pub fn keep(&mut self, entries: Vec<Entry>) {
        if let Some(file) = &mut self.file {
            let written = line(&entries).and_then(|line| file.write_all(line.as_bytes()));
            if let Err(error) = written {
                tracing::error!(%error, "cannot write the simulator's file: a restart will lose this change");
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
                let task = Task::SettlePayment(payment.payment_id.clone());
                let before = self.payments.get(&payment.payment_id).and_then(|payment| payment.due);
                self.reschedule(task, before, payment.due);
                self.payments.insert(payment.payment_id.clone(), *payment);
            }
            Entry::Refund(refund) => {
                let task = Task::SettleRefund(refund.refund_id.clone());
                let before = self.refunds.get(&refund.refund_id);
                if before.is_none() {
                    let of_payment = self.refunds_of.entry(refund.payment_id.clone()).or_default();
                    of_payment.push(refund.refund_id.clone());
                }
                self.reschedule(task, before.and_then(|refund| refund.due), refund.due);
                self.refunds.insert(refund.refund_id.clone(), *refund);
            }
            Entry::Dispute(dispute) => {
                self.disputes.insert(dispute.dispute_id.clone(), dispute);
            }
            Entry::Notice(notice) => {
                let task = Task::Deliver(notice.webhook_id.clone());
                let before = self.notices.get(&notice.webhook_id).and_then(|notice| notice.due);
                self.reschedule(task, before, notice.due);
                self.notices.insert(notice.webhook_id.clone(), *notice);
            }
            Entry::Movement(movement) => self.movements.push(movement),
        }
    }

    fn reschedule(&mut self, task: Task, before: Option<Timestamp>, after: Option<Timestamp>) {
        if let Some(before) = before {
            self.agenda.remove(&(before, task.clone()));
        }
        if let Some(after) = after {
            self.agenda.insert((after, task));
        }
    }

    /// Removes the next task that is due at `now` from the agenda. It stays in the file until its outcome is stored.
    pub fn take_due(&mut self, now: Timestamp) -> Option<Task> {
        let (at, _) = self.agenda.first()?;
        if *at > now {
            return None;
        }
        self.agenda.pop_first().map(|(_, task)| task)
    }

    /// Returns the time of the next task.
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

    /// Returns the customer with this e-mail address, ignoring case.
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

    /// Returns the refunds of a payment, oldest first.
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

    pub fn disputes(&self) -> impl Iterator<Item = &Dispute> {
        self.disputes.values()
    }

    pub fn notice(&self, id: &str) -> Option<&Notice> {
        self.notices.get(id)
    }

    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.values()
    }

    /// Returns all movements of money, oldest first.
    pub fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// Returns all records in the format of the file.
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
