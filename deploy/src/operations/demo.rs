//! `ticketshow demo`: loads the demo data into an installation that runs.

use anyhow::Result;
use clap::Args;
use ticketshow_nats::clock;

use crate::config::Secret;
use crate::demo::{self, PASSWORD, Summary, run};

/// Into which installation, and as whom.
#[derive(Debug, Args)]
pub struct Demo {
    /// Its origin.
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    url: String,

    /// The administrator's e-mail. Default `admin@ticketshow.local`.
    #[arg(long, env = "TICKETSHOW_ADMIN_EMAIL", default_value = "admin@ticketshow.local")]
    admin_email: String,

    /// The administrator's password.
    #[arg(long, env = "TICKETSHOW_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: Secret,
}

/// Loads it, and tells the logins.
///
/// # Errors
///
/// The installation is away, or refuses something.
pub async fn demo(settings: &Demo) -> Result<()> {
    let Demo { url, admin_email, admin_password } = settings;
    let summary = run(url, admin_email, admin_password.expose(), clock::now()).await?;
    println!("{}", sum_up(&summary));
    println!("customers, all with the password {PASSWORD}:");
    for email in &summary.customers {
        println!("  {email}");
    }
    match demo::posters(url, admin_email, admin_password.expose()).await {
        Ok(count) => println!("{count} new posters"),
        Err(error) => println!("no new posters: {error:#}"),
    }
    Ok(())
}

/// What there is now, in one line.
pub fn sum_up(summary: &Summary) -> String {
    let Summary { cities, venues, screens, shows, screenings, bookings, customers } = summary;
    let customers = customers.len();
    format!(
        "{cities} cities, {venues} venues, {screens} screens, {shows} shows, {screenings} screenings, \
         {customers} customers, {bookings} new bookings"
    )
}
