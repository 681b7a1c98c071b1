//! Customers: the people who pay, one per e-mail address unless the merchant asks for a new one.

use crate::state::{book::Entry, ids::mint, records::Customer, world::World};

/// A payer, as entered on the page or sent by the merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    pub email: String,
    pub name: String,
}

impl Payer {
    /// Returns a payer, or `None` for an invalid e-mail address. The default name is the local part of the address.
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

/// Rule for reusing an existing customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    SameEmail,
    Never,
}

impl World {
    /// Returns the id of the customer with that e-mail address, creating one if needed.
    pub fn customer_of(&mut self, payer: Payer, phone_number: Option<String>, reuse: Reuse) -> String {
        let known = match reuse {
            Reuse::SameEmail => self.book.customer_of(&payer.email),
            Reuse::Never => None,
        };
        if let Some(known) = known {
            return known.customer_id.clone();
        }
        let Payer { email, name } = payer;
        let customer = Customer { customer_id: mint("cus"), email, name, phone_number };
        let id = customer.customer_id.clone();
        self.book.keep(vec![Entry::Customer(customer)]);
        id
    }
}
