//! Settings of the binary, from the command line or the environment. `deploy/ticketshow.env.example` lists them all. The text
//! of each setting states its unit, range and default.

mod cards;
mod dodo_sim;
mod installation;
mod keys;
mod limits;
mod passes;
mod policy;
mod posters;
mod production;
mod service;
mod staff_sessions;
mod tls;
mod topology;
mod traces;

use anyhow::{Context, Result, ensure};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

pub use cards::Cards;
pub use dodo_sim::DodoSim;
pub use installation::{Installation, InstallationSecret};
pub use keys::{KeySettings, PersonKeySettings};
pub use passes::PassSettings;
pub use posters::Posters;
pub use production::Demands;
pub use service::{
    Callers, Data, LogFormat, Logging, Mail, Mode, Nats, OPERATIONS_LISTEN, Process, Projectors, Rules,
    Sagas, Search, Serve, Service, Web,
};
pub use tls::TlsSettings;
pub use topology::Topology;

/// Settings of `ticketshow up`: those of the local stack, and those passed on to the services.
#[derive(Debug, Clone, Args)]
pub struct Up {
    #[command(flatten)]
    pub stack: ticketshow_stack::Settings,

    #[command(flatten)]
    pub topology: Topology,

    #[command(flatten)]
    pub web: Web,
}

/// Returns the installation secret as the key from which other keys are derived.
///
/// # Errors
///
/// The secret is too short.
pub fn root_key(secret: &SecretString) -> Result<ticketshow_http::Secret> {
    ticketshow_http::Secret::new(secret.expose_secret().as_bytes()).context("TICKETSHOW_SECRET")
}

/// Returns a fingerprint that identifies a secret without revealing it.
///
/// # Errors
///
/// The secret is too short.
pub fn fingerprint(secret: &SecretString) -> Result<String> {
    let key = root_key(secret)?.derive("backup-fingerprint");
    Ok(u128::from_be_bytes(key[..16].try_into().expect("16 of 32 bytes")).to_string())
}

/// Minimum number of different characters in a random secret. Among 32 random hexadecimal digits, fewer occur once in
/// hundreds of millions.
const DIFFERENT_MIN: usize = 8;

/// Refuses a secret that a person has made up, such as one letter 32 times. Secrets of existing installations are not
/// checked, because they cannot be changed.
///
/// # Errors
///
/// It has fewer than 8 different characters.
pub fn refuse_weak(secret: &SecretString) -> Result<()> {
    let mut characters: Vec<_> = secret.expose_secret().bytes().collect();
    characters.sort_unstable();
    characters.dedup();
    ensure!(
        characters.len() >= DIFFERENT_MIN,
        "TICKETSHOW_SECRET is easy to guess; make one with `openssl rand -hex 32`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_repeats_itself_is_refused() {
        for weak in ["a".repeat(64), "secret".repeat(8), "0123456".repeat(8)] {
            assert!(refuse_weak(&weak.into()).is_err());
        }
        for strong in ["0123456789abcdef0123456789abcdef", "01234567012345670123456701234567"] {
            refuse_weak(&strong.to_owned().into()).unwrap();
        }
    }
}
