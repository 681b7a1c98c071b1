//! Opening a session: the merchant's request, its checks and its price.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    refusal::Refusal,
    rules::{
        currencies,
        customers::{Payer, Reuse},
        tax::{Pricing, total_and_tax},
    },
    state::{
        book::Entry,
        clock::plus,
        ids::mint,
        records::{Billing, Line, Metadata, Payment, PaymentStatus, Product, Session},
        world::World,
    },
};

/// Lifetime of a session …
const LIFE: Duration = Duration::from_hours(24);
/// … and of a confirmed one.
const CONFIRMED_LIFE: Duration = Duration::from_mins(15);
/// Maximum pairs of metadata.
const METADATA_MAX: usize = 50;
/// Minimum amount in US dollars, in cents. Other currencies have no published minimum.
const LEAST_USD: i64 = 50;
/// Maximum length of a return address, in bytes.
const URL_MAX: usize = 2048;

/// Body of `POST /checkouts`. Fields without effect in the simulator are ignored.
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

/// Cost of a cart.
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
    /// 422 for an invalid request, 404 for an unknown customer.
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

    /// Returns the cost of a request's cart without storing anything.
    ///
    /// # Errors
    ///
    /// 422 for an unknown product or an invalid amount.
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
                // Items of a refund name a product, so a product makes one line.
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
            // The simulator converts no currencies: an installation has one currency.
            Some(wanted) if *wanted != quote.currency => Err(Refusal::unprocessable(
                "UNSUPPORTED_CURRENCY",
                format!("Currency {wanted} is not supported for this cart"),
            )),
            Some(_) | None => Ok(quote),
        }
    }

    fn line(&self, product: &Product, item: &CartItem) -> Result<Line, Refusal> {
        // More than a million is a mistake, and sums might overflow.
        if !(1..=1_000_000).contains(&item.quantity) {
            return Err(Refusal::body("quantity must be between 1 and 1000000"));
        }
        let price = &product.price;
        let each = match (price.pay_what_you_want, item.amount) {
            // The provider would ask the customer; for this merchant a missing amount is a mistake.
            (true, None) => {
                let message = "amount is required for a pay-what-you-want product";
                return Err(Refusal::unprocessable("PAY_AS_YOU_WANT_AMOUNT_REQUIRED", message));
            }
            (true, Some(amount)) if !(price.price..=1_000_000_000_000).contains(&amount) => {
                let message = format!("The amount must be at least {}", price.price);
                return Err(Refusal::unprocessable("REQUEST_AMOUNT_BELOW_MINIMUM", message));
            }
            (true, Some(amount)) => amount,
            // Like the provider, ignores the amount for a fixed price.
            (false, _) => price.price - price.price * i64::from(price.discount) / 100,
        };
        let pricing = if price.tax_inclusive { Pricing::Inclusive } else { Pricing::Exclusive };
        // It is undocumented if the amount is per item or total; with a quantity of 1 both are equal.
        let (amount, tax) = total_and_tax(each * item.quantity, pricing, self.behaviour.tax_percent);
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

    /// Returns a new payment of a session.
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

/// Checks metadata: at most 50 pairs, scalars only.
///
/// # Errors
///
/// 422 for too many pairs (`MAXIMUM_KEYS_REACHED`) or a value that is not a scalar.
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
        // The provider's page would ask; the simulator derives it from the currency.
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

/// Checks a price.
///
/// # Errors
///
/// 422 for an unsupported currency or invalid amounts.
pub fn check_price(price: &crate::state::records::Price) -> Result<(), Refusal> {
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
