//! `ticketshow admin tokens`: access tokens for invented customers, so that a load tool need not register thousands of accounts.

use std::io::{BufWriter, Write};

use anyhow::{Context, Result};
use clap::Args;
use ticketshow_domain::{UserId, account::Role};
use ticketshow_http::{Caller, Keys, Tokens};
use ticketshow_nats::clock;
use uuid::Uuid;

use crate::config::{InstallationSecret, KeySettings};

/// The installation and the number of tokens.
#[derive(Debug, Args)]
pub struct Settings {
    #[command(flatten)]
    secret: InstallationSecret,

    #[command(flatten)]
    keys: KeySettings,

    /// Number of customers.
    #[arg(long, default_value_t = 1)]
    count: u32,
}

/// Prints the tokens.
///
/// # Errors
///
/// The secret is too short, or the output was closed.
pub fn print(settings: &Settings) -> Result<()> {
    let secret = settings.keys.root(Some(&settings.secret.find()?))?;
    let (keys, tokens) = (Keys::new(&secret), Tokens::new(&secret));
    let now = clock::now();
    let mut output = BufWriter::new(std::io::stdout().lock());
    for number in 0..settings.count {
        let email = format!("load-{number}@ticketshow.invalid");
        let user = Uuid::new_v5(&Uuid::NAMESPACE_URL, email.as_bytes());
        let (account, role, second_factor) = (keys.account(&email), Role::Customer, false);
        let caller = Caller { user: UserId(user), account, role, session: user, second_factor };
        writeln!(output, "{user} {}", tokens.issue(&caller, now)).context("cannot print")?;
    }
    output.flush().context("cannot print")
}
