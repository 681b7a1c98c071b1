//! Realistic demo data: venues in eight cities, their programme for the next two weeks, and customers with bookings. It is
//! created through the public API, each command with its own Idempotency-Key, so a second run only adds the days that are new
//! in the two weeks. It is not a fixture for tests.
//!
//! `catalogue` reads the JSON files, `programme` computes the timetable, `venues`, `customers` and `posters` create the data.

mod api;
mod catalogue;
mod customers;
mod posters;
mod programme;
mod venues;

use std::fmt;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::json;

use crate::api::Api;

/// Password of every demo customer.
pub const PASSWORD: &str = "ticketshow demo";
/// The password that earlier versions gave them.
const FORMER_PASSWORD: &str = "ticketshow";

/// Calls in flight: enough to share commits, few enough not to overload a laptop.
const AT_ONCE: usize = 24;

/// Contents of the installation after a run.
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
/// The installation is unreachable or refuses a call. A second run continues.
pub async fn run(base_url: &str, admin_email: &str, admin_password: &str, now: Timestamp) -> Result<Summary> {
    let admin =
        Api::new(base_url).login(admin_email, admin_password).await.context("signing in as administrator")?;
    let currency =
        admin.get("/me", 0).await?["wallet_balance"]["currency"].as_str().unwrap_or("INR").to_owned();
    let screens = venues::create_screens(&admin).await?;
    let shows = venues::create_shows(&admin).await?;
    let screenings = venues::schedule(&admin, &screens, &shows, &currency, now).await?;
    tracing::info!(screenings = screenings.len(), "demo: programme created");
    let bookings = customers::book(&admin, &currency, &screenings, now).await?;
    Ok(Summary {
        cities: catalogue::cities(&catalogue::venues()?),
        venues: catalogue::venues()?.len(),
        screens: screens.len(),
        shows: shows.len(),
        screenings: screenings.len(),
        bookings,
        customers: customers::emails()?,
    })
}

/// Uploads a poster for each show of the demo data without one, and returns their number. Separate from [`run`], because the
/// poster store may become ready later than the other parts.
///
/// # Errors
///
/// The installation or the poster store is unreachable. A second run continues.
pub async fn posters(base_url: &str, admin_email: &str, admin_password: &str) -> Result<usize> {
    let admin =
        Api::new(base_url).login(admin_email, admin_password).await.context("signing in as administrator")?;
    posters::upload(&admin).await
}

/// Returns an amount in the format of the API.
fn money(amount_minor: i64, currency: &str) -> serde_json::Value {
    json!({"amount_minor": amount_minor, "currency": currency})
}
