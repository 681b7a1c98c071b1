//! `ticketshow demo`: loads the demo data into a running installation.

use anyhow::Result;
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use ticketshow_demo::{PASSWORD, run};
use ticketshow_nats::clock;

/// The installation and its administrator.
#[derive(Debug, Args)]
pub struct Demo {
    /// Origin of the installation.
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    url: String,

    /// The administrator's e-mail. Default `admin@ticketshow.local`.
    #[arg(long, env = "TICKETSHOW_ADMIN_EMAIL", default_value = "admin@ticketshow.local")]
    admin_email: String,

    /// The administrator's password.
    #[arg(long, env = "TICKETSHOW_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: SecretString,
}

/// Loads the demo data and prints the logins.
///
/// # Errors
///
/// The installation is unreachable or refuses a call.
pub async fn demo(settings: &Demo) -> Result<()> {
    let Demo { url, admin_email, admin_password } = settings;
    let summary = run(url, admin_email, admin_password.expose_secret(), clock::now()).await?;
    println!("{summary}");
    println!("customers, all with the password {PASSWORD}:");
    for email in &summary.customers {
        println!("  {email}");
    }
    match ticketshow_demo::posters(url, admin_email, admin_password.expose_secret()).await {
        Ok(count) => println!("{count} new posters"),
        Err(error) => println!("no new posters: {error:#}"),
    }
    Ok(())
}
