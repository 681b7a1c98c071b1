//! Opening a session: what a merchant asks for, and what the provider makes of it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::book::Entry;
use crate::clock::plus;
use crate::currencies;
use crate::ids::mint;
use crate::paying::Payer;
use crate::records::{Billing, Customer, Line, Metadata, Payment, PaymentStatus, Product, Session};
use crate::refusal::Refusal;
use crate::tax::{Pricing, total_and_tax};
use crate::world::World;

/// How long a session may be used …
const LIFE: Duration = Duration::from_hours(24);
/// … and how long when everything was told at once.
const CONFIRMED_LIFE: Duration = Duration::from_mins(15);
/// Pairs of metadata.
const METADATA_MAX: usize = 50;
/// The least that is taken in US dollars, in cents. Other currencies have no published minimum.
const LEAST_USD: i64 = 50;
/// Longest address of ours that a browser is sent to, in bytes.
const URL_MAX: usize = 2048;

/// The body of `POST /checkouts`, as far as it changes what happens here; other fields are let pass.
#[derive(Debug, Deserialize)]
pub struct CheckoutRequest {
    product_cart: Vec<CartItem>,
    customer: Option<CustomerRequest>,
    billing_address: Option<Billing>,
    billing_currency: Option<String>,
    return_url: Option<String>,
    cancel_url: Option<String>,
    metadata: Option<Metadata>,
    confirm: Option<bool>,
    feature_flags: Option<FeatureFlags>,
}

#[derive(Debug, Deserialize)]
struct CartItem {
    product_id: String,
    quantity: i64,
    amount: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum CustomerRequest {
    Known { customer_id: String },
    New(NewCustomer),
}

#[derive(Debug, Deserialize)]
struct NewCustomer {
    email: String,
    name: Option<String>,
    phone_number: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct FeatureFlags {
    always_create_new_customer: Option<bool>,
}

/// What a cart costs.
#[derive(Debug)]
pub struct Quote {
    pub lines: Vec<Line>,
    pub currency: String,
}

impl World {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// What the request asks for cannot be had: 422, or 404 for a customer that is not there.
    pub fn open_session(&mut self, request: CheckoutRequest) -> Result<Session, Refusal> {
        let Quote { lines, currency } = self.quote(&request)?;
        let metadata = checked(request.metadata.unwrap_or_default())?;
        let billing = billing(request.billing_address, &currency)?;
        let (return_url, cancel_url) = (url(request.return_url)?, url(request.cancel_url)?);
        let reuse = match request.feature_flags.and_then(|flags| flags.always_create_new_customer) {
            Some(true) => Reuse::Never,
            Some(false) | None => Reuse::SameEmail,
        };
        let customer_id = request.customer.map(|customer| self.customer_for(customer, reuse)).transpose()?;
        let (now, confirm) = (self.now(), request.confirm == Some(true));
        let mut session = Session {
            session_id: mint("cks"),
            lines,
            currency,
            customer_id,
            billing,
            return_url,
            cancel_url,
            metadata,
            payment_id: None,
            created_at: now,
            expires_at: plus(now, if confirm { CONFIRMED_LIFE } else { LIFE }),
        };
        let mut entries = Vec::new();
        if confirm {
            let Some(customer) = session.customer_id.clone() else {
                return Err(Refusal::body("customer is required when confirm is true"));
            };
            let payment = self.payment_of(&session, customer, PaymentStatus::RequiresPaymentMethod);
            session.payment_id = Some(payment.payment_id.clone());
            entries.push(Entry::Payment(Box::new(payment)));
        }
        entries.push(Entry::Session(Box::new(session.clone())));
        self.book.keep(entries);
        Ok(session)
    }

    /// What the cart of a request costs. Nothing is remembered.
    ///
    /// # Errors
    ///
    /// 422: a product that is not there, or an amount that cannot be paid.
    pub fn quote(&self, request: &CheckoutRequest) -> Result<Quote, Refusal> {
        let mut quote: Option<Quote> = None;
        for item in &request.product_cart {
            let product = self.book.product(&item.product_id).ok_or_else(|| {
                Refusal::unprocessable(
                    "INVALID_REQUEST_BODY",
                    format!("Product {} not found", item.product_id),
                )
            })?;
            let line = self.line(product, item)?;
            let currency = &product.price.currency;
            let quote = quote.get_or_insert_with(|| Quote { lines: Vec::new(), currency: currency.clone() });
            if quote.currency != *currency {
                return Err(Refusal::body("All products of a cart must have one currency"));
            }
            match quote.lines.iter_mut().find(|other| other.product_id == line.product_id) {
                // Items of a refund are told by product: the same product twice is one line.
                Some(same) => {
                    same.quantity += line.quantity;
                    same.amount += line.amount;
                    same.tax += line.tax;
                }
                None => quote.lines.push(line),
            }
        }
        let quote = quote.ok_or_else(|| Refusal::body("product_cart must not be empty"))?;
        let total: i64 = quote.lines.iter().map(|line| line.amount).sum();
        if quote.currency == "USD" && total < LEAST_USD {
            let message = "The total amount is below the minimum of 0.50 USD";
            return Err(Refusal::unprocessable("TOTAL_PAYMENT_AMOUNT_BELOW_MINIMUM_AMOUNT", message));
        }
        match &request.billing_currency {
            // Nothing is converted here: an installation has one currency, and asks not to be converted.
            Some(wanted) if *wanted != quote.currency => Err(Refusal::unprocessable(
                "UNSUPPORTED_CURRENCY",
                format!("Currency {wanted} is not supported for this cart"),
            )),
            Some(_) | None => Ok(quote),
        }
    }

    fn line(&self, product: &Product, item: &CartItem) -> Result<Line, Refusal> {
        // Above a million of something it is a mistake, and sums might overflow.
        if !(1..=1_000_000).contains(&item.quantity) {
            return Err(Refusal::body("quantity must be between 1 and 1000000"));
        }
        let price = &product.price;
        let each = match (price.pay_what_you_want, item.amount) {
            // The provider lets the customer choose; a merchant who knows the price has made a mistake.
            (true, None) => {
                let message = "amount is required for a pay-what-you-want product";
                return Err(Refusal::unprocessable("PAY_AS_YOU_WANT_AMOUNT_REQUIRED", message));
            }
            (true, Some(amount)) if !(price.price..=1_000_000_000_000).contains(&amount) => {
                let message = format!("The amount must be at least {}", price.price);
                return Err(Refusal::unprocessable("REQUEST_AMOUNT_BELOW_MINIMUM", message));
            }
            (true, Some(amount)) => amount,
            // Ignored for a fixed price, as the provider does.
            (false, _) => price.price - price.price * i64::from(price.discount) / 100,
        };
        let pricing = if price.tax_inclusive { Pricing::Inclusive } else { Pricing::Exclusive };
        // Whether an amount is for each or for all is not documented; a quantity of 1 leaves no doubt.
        let (amount, tax) = total_and_tax(each * item.quantity, pricing, self.conduct.tax_percent);
        let (product_id, name) = (product.product_id.clone(), product.name.clone());
        Ok(Line { product_id, name, quantity: item.quantity, amount, tax })
    }

    fn customer_for(&mut self, request: CustomerRequest, reuse: Reuse) -> Result<String, Refusal> {
        match request {
            CustomerRequest::Known { customer_id } => {
                let known = self.book.customer(&customer_id);
                known.map(|_| customer_id).ok_or_else(|| Refusal::not_found("Customer"))
            }
            CustomerRequest::New(NewCustomer { email, name, phone_number }) => {
                let payer = Payer::new(&email, name.as_deref())
                    .ok_or_else(|| Refusal::body("customer.email is not an e-mail address"))?;
                Ok(self.customer_of(payer, phone_number, reuse))
            }
        }
    }

    /// The customer with that address, made if there is none.
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

    /// A new payment of a session.
    pub fn payment_of(&self, session: &Session, customer_id: String, status: PaymentStatus) -> Payment {
        let now = self.now();
        Payment {
            payment_id: mint("pay"),
            session_id: session.session_id.clone(),
            customer_id,
            billing: session.billing.clone(),
            lines: session.lines.clone(),
            total_amount: session.total(),
            tax: session.lines.iter().map(|line| line.tax).sum(),
            currency: session.currency.clone(),
            metadata: session.metadata.clone(),
            status,
            card: None,
            decline: None,
            retry_attempt: 0,
            created_at: now,
            updated_at: now,
            due: None,
        }
    }
}

/// Whether somebody with the same address is the same customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    SameEmail,
    Never,
}

/// Metadata within the limits: at most 50 pairs, scalars only.
///
/// # Errors
///
/// 422 `MAXIMUM_KEYS_REACHED`, or a value that is no scalar.
pub fn checked(metadata: Metadata) -> Result<Metadata, Refusal> {
    if metadata.len() > METADATA_MAX {
        let message = format!("metadata must not have more than {METADATA_MAX} keys");
        return Err(Refusal::unprocessable("MAXIMUM_KEYS_REACHED", message));
    }
    match metadata.iter().find(|(_, value)| matches!(value, Value::Null | Value::Array(_) | Value::Object(_)))
    {
        Some((key, _)) => Err(Refusal::body(format!("metadata.{key} must be a string, number or boolean"))),
        None => Ok(metadata),
    }
}

fn billing(given: Option<Billing>, currency: &str) -> Result<Billing, Refusal> {
    let Some(billing) = given else {
        // The page would ask; here it is guessed.
        let country = if currency == "INR" { "IN" } else { "US" }.to_owned();
        return Ok(Billing { country, city: None, state: None, street: None, zipcode: None });
    };
    let country = &billing.country;
    if country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(billing);
    }
    let message = format!("Country {country} currently not supported");
    Err(Refusal::unprocessable("UNSUPPORTED_COUNTRY", message))
}

fn url(given: Option<String>) -> Result<Option<String>, Refusal> {
    let fits = |url: &str| {
        (url.starts_with("https://") || url.starts_with("http://"))
            && url.len() <= URL_MAX
            && url.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match given {
        Some(url) if !fits(&url) => Err(Refusal::body(format!("{url} is not a web address"))),
        Some(_) | None => Ok(given),
    }
}

/// A price that can be charged.
///
/// # Errors
///
/// 422: a currency that is not taken, or amounts that make no sense.
pub fn check_price(price: &crate::records::Price) -> Result<(), Refusal> {
    if !currencies::known(&price.currency) {
        let message = format!("Currency {} is not supported", price.currency);
        return Err(Refusal::unprocessable("UNSUPPORTED_CURRENCY", message));
    }
    if price.price < 0 || price.discount > 100 {
        return Err(Refusal::body("price must not be negative, discount at most 100"));
    }
    match price.suggested_price {
        Some(suggested) if suggested < price.price => {
            let message = "suggested_price must not be below price";
            Err(Refusal::unprocessable("INVALID_SUGGESTED_PRICE", message))
        }
        Some(_) | None => Ok(()),
    }
}
