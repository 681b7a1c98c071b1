//! Settings of the binary, from the command line or the environment. `deploy/ticketshow.env.example` lists them all. The text
//! of each setting states its unit, range and default.

mod cards;
mod dodo_sim;
mod installation;
mod limits;
mod policy;
mod posters;
mod service;
mod staff_sessions;
mod topology;

use anyhow::{Context, Result};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

pub use cards::Cards;
pub use dodo_sim::DodoSim;
pub use installation::{Installation, InstallationSecret};
pub use posters::Posters;
pub use service::{
    Callers, Data, LogFormat, Logging, Mail, Mode, Nats, Process, Projectors, Rules, Sagas, Search, Serve,
    Service, Web,
};
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
