//! Demo data that a person would believe: houses in eight cities, their programme of the next two weeks, and customers who
//! have booked. It goes through the public commands, each under an Idempotency-Key of its own, so a second run adds
//! nothing but the days that have come into view. It is not a fixture for tests.

mod api;
mod customers;
mod houses;
mod posters;
mod programme;

use std::fmt;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::json;

use api::Api;

/// Password of every demo customer.
pub const PASSWORD: &str = "ticketshow";

/// Calls that are under way at once: enough to share commits, few enough to leave a laptop some air.
const AT_ONCE: usize = 24;

/// What there is after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub cities: usize,
    pub venues: usize,
    pub screens: usize,
    pub shows: usize,
    pub screenings: usize,
    /// Bookings made by this run.
    pub bookings: usize,
    /// E-mail addresses of the customers; all have the password [`PASSWORD`].
    pub customers: Vec<String>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cities, venues, screens, shows, screenings, bookings, customers } = self;
        let customers = customers.len();
        write!(
            f,
            "{cities} cities, {venues} venues, {screens} screens, {shows} shows, {screenings} screenings, \
             {customers} customers, {bookings} new bookings"
        )
    }
}

/// Loads the demo data into the installation at `base_url` (its origin), as its administrator.
///
/// # Errors
///
/// If the installation cannot be reached or refuses something that a fresh one accepts. Running it again goes on.
pub async fn run(base_url: &str, admin_email: &str, admin_password: &str, now: Timestamp) -> Result<Summary> {
    let admin =
        Api::new(base_url).login(admin_email, admin_password).await.context("signing in as administrator")?;
    let currency =
        admin.get("/me", 0).await?["wallet_balance"]["currency"].as_str().unwrap_or("INR").to_owned();
    let houses = houses::build(&admin).await?;
    let shows = houses::put_on(&admin).await?;
    let screenings = houses::schedule(&admin, &houses, &shows, &currency, now).await?;
    tracing::info!(screenings = screenings.len(), "demo: the programme stands");
    let bookings = customers::book(&admin, &currency, &screenings, now).await?;
    Ok(Summary {
        cities: programme::cities(&houses::venues()?),
        venues: houses::venues()?.len(),
        screens: houses.len(),
        shows: shows.len(),
        screenings: screenings.len(),
        bookings,
        customers: customers::emails()?,
    })
}

/// Uploads posters for the shows of the demo data that have none; how many there were. Apart from [`run`], because
/// the store for posters may come later than everything else.
///
/// # Errors
///
/// The store is away, or the installation. Running it again goes on.
pub async fn posters(base_url: &str, admin_email: &str, admin_password: &str) -> Result<usize> {
    let admin =
        Api::new(base_url).login(admin_email, admin_password).await.context("signing in as administrator")?;
    posters::upload(&admin).await
}

/// Money as the API writes it.
fn money(amount_minor: i64, currency: &str) -> serde_json::Value {
    json!({"amount_minor": amount_minor, "currency": currency})
}
