//! Customers of the demo data, their wallets and bookings.

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    AT_ONCE, FORMER_PASSWORD, PASSWORD,
    api::{Answer, Api},
    catalogue::parse,
    money,
    venues::Screening,
};

/// Initial balance of each wallet, in minor units.
const CREDIT_MINOR: i64 = 5_000_000;
/// Bookings per customer. The last one is left unpaid and lapses.
const BOOKINGS: usize = 5;
/// Bookings are made for screenings that start within this many hours.
const SOON_HOURS: i64 = 96;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    name: String,
    email: String,
    city: String,
}

/// Returns the e-mails of the customers.
pub fn emails() -> Result<Vec<String>> {
    Ok(customers()?.into_iter().map(|customer| customer.email).collect())
}

fn customers() -> Result<Vec<Customer>> {
    parse(include_str!("../customers.json"))
}

/// Registers the customers, credits their wallets and books screenings in their own city. Returns the number of bookings made.
/// Customers with bookings from an earlier run are skipped.
pub async fn book(admin: &Api, currency: &str, screenings: &[Screening], now: Timestamp) -> Result<usize> {
    let until = now + SignedDuration::from_hours(SOON_HOURS);
    let made = stream::iter(customers()?.into_iter().enumerate()).map(|(number, customer)| async move {
        let near = |screening: &&Screening| screening.city == customer.city && screening.starts_at < until;
        let near: Vec<&Screening> = screenings.iter().filter(near).collect();
        book_for(admin, currency, &customer, number, &near)
            .await
            .with_context(|| format!("the bookings of {}", customer.email))
    });
    let made: Vec<usize> = made.buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(made.into_iter().sum())
}

async fn book_for(
    admin: &Api,
    currency: &str,
    customer: &Customer,
    number: usize,
    near: &[&Screening],
) -> Result<usize> {
    let Customer { name, email, city } = customer;
    let body = json!({"email": email, "password": PASSWORD, "name": name, "city": city});
    let registered = match admin.post("/admin/accounts", "", &body).await? {
        Answer::Done { position, .. } => position,
        // Registered by an earlier run.
        Answer::Refused { slug, .. } if slug == "email-taken" => 0,
        refused @ Answer::Refused { .. } => bail!(refused.done().err().context("a refusal")?),
    };
    let anonymous = admin.anonymous();
    let api = match anonymous.login(email, PASSWORD).await {
        Ok(api) => api,
        Err(_) => anonymous.login(email, FORMER_PASSWORD).await?,
    };
    let me = api.get("/me", registered).await?;
    let user = me["user_id"].as_str().context("an account has an id")?;
    let credit =
        json!({"amount": money(CREDIT_MINOR, currency), "reason": "A welcome gift of the demo data"});
    admin.post(&format!("/admin/wallets/{user}/credits"), "demo welcome", &credit).await?.done()?;

    let existing = api.get("/bookings?limit=1", registered).await?;
    if existing["items"].as_array().is_some_and(|items| !items.is_empty()) || near.is_empty() {
        return Ok(0);
    }
    let mut made = 0;
    for booking in 0..BOOKINGS {
        let spread = number * 13 + booking * 29;
        made += usize::from(book_one(&api, near[spread % near.len()], spread, booking + 1 < BOOKINGS).await?);
    }
    Ok(made)
}

/// Books adjacent seats in the middle of a row. Returns false if they were taken.
async fn book_one(api: &Api, screening: &Screening, spread: usize, pay: bool) -> Result<bool> {
    let (label, seats) = &screening.rows[spread % screening.rows.len()];
    let count = u16::try_from(spread % 4 + 1)?.min(*seats);
    let first = (seats - count) / 2 + 1;
    let seats: Vec<String> = (first..first + count).map(|seat| format!("{label}-{seat}")).collect();
    let body = json!({"screening_id": screening.screening_id, "seats": seats});
    let booking: Value = match api.post("/bookings", "demo booking", &body).await? {
        Answer::Done { body, .. } => body,
        // Another customer was faster, or an earlier run used the key: skipped.
        Answer::Refused { slug, .. } if slug == "seat-taken" || slug == "idempotency-key-reused" => {
            return Ok(false);
        }
        refused @ Answer::Refused { .. } => bail!(refused.done().err().context("a refusal")?),
    };
    if pay {
        let id = booking["booking_id"].as_str().context("a booking has an id")?;
        let payment = json!({"method": "wallet"});
        api.post(&format!("/bookings/{id}/payment"), "demo payment", &payment).await?.done()?;
    }
    Ok(true)
}
