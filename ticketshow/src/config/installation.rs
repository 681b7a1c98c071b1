//! The installation that an operation works on: the given addresses, else those of the local stack.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use secrecy::SecretString;
use ticketshow_nats::server::{connection::Connection, users::NatsUser};
use ticketshow_stack::{Addresses, Place};

use crate::config::Nats;

/// Address of nats-server if neither a setting nor the local stack names one.
const NATS_URL: &str = "nats://127.0.0.1:4222";

/// The installation. Settings that are not given are those of the local stack when it was last started.
#[derive(Debug, Clone, Args)]
pub struct Installation {
    #[command(flatten)]
    place: Place,

    /// Address of nats-server, `nats://host:port`; several separated by commas. Default: the local stack's.
    #[arg(long, env = "NATS_URL", hide_env_values = true)]
    nats_url: Option<String>,

    /// Folder with one file `<user>.nk` per NATS user, which holds the seed of its nkey. Default: the local stack's; none if
    /// a nats-server is given.
    #[arg(long, env = "TICKETSHOW_NATS_KEYS")]
    nats_keys: Option<PathBuf>,

    /// Postgres database, `postgres://user:password@host:port/database`. Default: the local stack's.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<SecretString>,

    /// `OpenSearch`, `http://host:port`. Default: the local stack's, if it has one.
    #[arg(long, env = "OPENSEARCH_URL", hide_env_values = true)]
    opensearch_url: Option<String>,
}

impl Installation {
    /// Connects to NATS as one of its users.
    ///
    /// # Errors
    ///
    /// The user's seed cannot be read, or the address is invalid.
    pub async fn connect(&self, user: NatsUser) -> Result<Connection> {
        self.nats()?.connect(user).await
    }

    /// Returns the address of the database.
    ///
    /// # Errors
    ///
    /// No address is given, and there is no local stack.
    pub fn database_url(&self) -> Result<SecretString> {
        if let Some(url) = &self.database_url {
            return Ok(url.clone());
        }
        let addresses =
            Addresses::of(&self.place.home)?.with_context(|| missing(&self.place.home, "DATABASE_URL"))?;
        Ok(SecretString::from(addresses.database_url))
    }

    /// Returns the given installation secret, else the local stack's.
    ///
    /// # Errors
    ///
    /// No secret is given, and there is no local stack.
    pub fn secret(&self, given: Option<&SecretString>) -> Result<SecretString> {
        secret(&self.place, given)
    }

    /// Returns the address of `OpenSearch`, or `None` if none is given and the local stack has none.
    ///
    /// # Errors
    ///
    /// The addresses of the local stack cannot be read.
    pub fn opensearch_url(&self) -> Result<Option<String>> {
        if self.opensearch_url.is_some() {
            return Ok(self.opensearch_url.clone());
        }
        // Another database means another installation.
        if self.database_url.is_some() {
            return Ok(None);
        }
        Ok(Addresses::of(&self.place.home)?.and_then(|local| local.opensearch_url))
    }

    /// Returns address and keys of NATS. Keys belong to their server: with a given address only given keys apply, and the
    /// server may require none.
    fn nats(&self) -> Result<Nats> {
        let (url, keys) = match &self.nats_url {
            Some(url) => (url.clone(), self.nats_keys.clone()),
            None => match Addresses::of(&self.place.home)? {
                Some(local) => (local.nats_url, self.nats_keys.clone().or(local.nats_keys)),
                None => (NATS_URL.to_owned(), self.nats_keys.clone()),
            },
        };
        Ok(Nats { url, monitor_url: String::new(), keys })
    }
}

/// The secret of an installation: the given one, else the local stack's.
#[derive(Debug, Clone, Args)]
pub struct InstallationSecret {
    #[command(flatten)]
    place: Place,

    /// The installation secret. Default: the local stack's.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    secret: Option<SecretString>,
}

impl InstallationSecret {
    /// Returns the secret.
    ///
    /// # Errors
    ///
    /// No secret is given, and there is no local stack.
    pub fn find(&self) -> Result<SecretString> {
        secret(&self.place, self.secret.as_ref())
    }
}

fn secret(place: &Place, given: Option<&SecretString>) -> Result<SecretString> {
    if let Some(secret) = given {
        return Ok(secret.clone());
    }
    let local = Addresses::of(&place.home)?;
    local
        .map(|local| SecretString::from(local.secret))
        .with_context(|| missing(&place.home, "TICKETSHOW_SECRET"))
}

fn missing(home: &Path, setting: &str) -> String {
    format!("{setting} is not set, and no local stack was started in {}", home.display())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Operation {
        #[command(flatten)]
        of: Installation,
    }

    fn operation(arguments: &[&str]) -> Installation {
        Operation::parse_from([&["operation"], arguments].concat()).of
    }

    #[test]
    fn settings_that_are_not_given_are_those_of_the_local_stack() {
        let folder = std::env::temp_dir().join(format!("ticketshow-installation-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("secrets")).unwrap();
        let keys = folder.join("keys");
        let addresses = Addresses {
            nats_url: "nats://127.0.0.1:1".to_owned(),
            nats_keys: Some(keys.clone()),
            database_url: "postgres://local".to_owned(),
            opensearch_url: None,
            secret: "s".repeat(32),
        };
        let at = ["--home", folder.to_str().unwrap()];
        let before = operation(&at);
        assert!(before.database_url().unwrap_err().to_string().starts_with("DATABASE_URL is not set"));
        assert_eq!(before.nats().unwrap().url, NATS_URL);

        let noted = serde_json::to_string(&addresses).unwrap();
        std::fs::write(folder.join("secrets/addresses.json"), noted).unwrap();
        let local = operation(&at);
        assert_eq!(local.database_url().unwrap().expose_secret(), "postgres://local");
        assert_eq!(
            (local.nats().unwrap().url, local.nats().unwrap().keys),
            (addresses.nats_url.clone(), Some(keys))
        );

        let other = operation(
            &[&at[..], &["--nats-url", "nats://other", "--database-url", "postgres://other"]].concat(),
        );
        assert_eq!(other.database_url().unwrap().expose_secret(), "postgres://other");
        assert_eq!(
            (other.nats().unwrap().url, other.nats().unwrap().keys),
            ("nats://other".to_owned(), None)
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
