//! Settings of keys: the installation secret, from which all keys are derived, and the lists that replace derived ones.

use anyhow::{Context, Result, ensure};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use ticketshow_http::{Secret, TokenKey, TokenPublicKey};
use ticketshow_nats::key_ring::WrappingKeys;
use ticketshow_stack::random_hex;
use ticketshow_tickets::{PublicKey, Signer};

use crate::config::root_key;

/// Keys of access tokens and ticket codes. `ticketshow admin rotate-keys` makes new ones.
#[derive(Debug, Clone, Default, Args)]
pub struct KeySettings {
    /// Keys of access tokens, 64 hexadecimal digits each, separated by commas: the first signs, tokens of all are valid.
    /// Default: one derived from the installation secret.
    #[arg(long, env = "TICKETSHOW_TOKEN_KEYS", hide_env_values = true)]
    pub token_keys: Option<SecretString>,

    /// Public halves of the keys of access tokens, separated by commas, for a query-api that can verify tokens but not make
    /// any. It then needs no installation secret. Default: those of the keys.
    #[arg(long, env = "TICKETSHOW_TOKEN_PUBLIC_KEYS", conflicts_with = "token_keys")]
    pub token_public_keys: Option<String>,

    /// Keys of ticket codes, written like those of tokens: the first signs, codes of all are valid. Default: one derived from
    /// the installation secret.
    #[arg(long, env = "TICKETSHOW_TICKET_KEYS", hide_env_values = true)]
    pub ticket_keys: Option<SecretString>,

    /// Public halves of the keys of ticket codes, separated by commas, for a query-api without the keys or the secret: doors without a
    /// network verify tickets with them. Default: those of the keys.
    #[arg(long, env = "TICKETSHOW_TICKET_PUBLIC_KEYS", conflicts_with = "ticket_keys")]
    pub ticket_public_keys: Option<String>,

    #[command(flatten)]
    pub persons: PersonKeySettings,
}

/// Keys that wrap the keys of persons.
#[derive(Debug, Clone, Default, Args)]
pub struct PersonKeySettings {
    /// Keys that wrap the keys with which texts about persons are sealed, written like those of tokens: the first wraps, all unwrap.
    /// The same for all services. Default: `serve` derives one from the installation secret; services that run separately store
    /// such texts in clear.
    #[arg(long, env = "TICKETSHOW_PERSON_KEYS", hide_env_values = true)]
    pub person_keys: Option<SecretString>,
}

impl PersonKeySettings {
    /// Returns the listed keys, for services that run separately.
    ///
    /// # Errors
    ///
    /// A key is malformed.
    pub fn listed(&self) -> Result<Option<WrappingKeys>> {
        Ok(WrappingKeys::new(self.list()?.iter().map(TokenKey::bytes).copied().collect()))
    }

    /// Returns the listed keys, else one derived from the secret.
    ///
    /// # Errors
    ///
    /// A key is malformed, or the secret is too short.
    pub fn listed_or_derived(&self, secret: Option<&SecretString>) -> Result<Option<WrappingKeys>> {
        let keys = self.tokens(secret)?;
        Ok(WrappingKeys::new(keys.iter().map(TokenKey::bytes).copied().collect()))
    }

    /// Returns the keys in the form in which they are written.
    ///
    /// # Errors
    ///
    /// As [`PersonKeySettings::listed_or_derived`].
    pub fn tokens(&self, secret: Option<&SecretString>) -> Result<Vec<TokenKey>> {
        match (&self.person_keys, secret) {
            (None, Some(secret)) => Ok(vec![TokenKey::from_bytes(root_key(secret)?.derive("person-keys"))]),
            (Some(_), _) | (None, None) => self.list(),
        }
    }

    fn list(&self) -> Result<Vec<TokenKey>> {
        let keys = self.person_keys.as_ref();
        let keys = keys.map(|keys| list(keys.expose_secret(), "TICKETSHOW_PERSON_KEYS"));
        keys.transpose().map(Option::unwrap_or_default)
    }
}

impl KeySettings {
    /// Returns the root of derived keys, with the keys of tokens.
    ///
    /// # Errors
    ///
    /// A key is malformed, or there is no secret.
    pub fn root(&self, secret: Option<&SecretString>) -> Result<Secret> {
        if let Some(public) = &self.token_public_keys {
            let public: Vec<TokenPublicKey> = list(public, "TICKETSHOW_TOKEN_PUBLIC_KEYS")?;
            // A process that only verifies tokens derives no keys.
            let throwaway = || Ok(SecretString::from(random_hex(32)));
            let secret = secret.cloned().map_or_else(throwaway, Ok::<_, anyhow::Error>)?;
            return Ok(root_key(&secret)?.with_public_token_keys(public));
        }
        let root = root_key(secret.context("TICKETSHOW_SECRET is not set")?)?;
        Ok(match self.token_keys()? {
            Some(keys) => root.with_token_keys(keys),
            None => root,
        })
    }

    /// Returns `true` if keys of tokens are listed, so that none is derived from the secret.
    pub fn replaces_token_keys(&self) -> bool {
        self.token_keys.is_some() || self.token_public_keys.is_some()
    }

    /// Returns the listed keys of tokens, if there is a list.
    ///
    /// # Errors
    ///
    /// A key is malformed.
    pub fn token_keys(&self) -> Result<Option<Vec<TokenKey>>> {
        let keys = self.token_keys.as_ref();
        keys.map(|keys| list(keys.expose_secret(), "TICKETSHOW_TOKEN_KEYS")).transpose()
    }

    /// Returns the keys of ticket codes, the signing one first. They are written like those of tokens.
    ///
    /// # Errors
    ///
    /// A key is malformed, or there is no secret.
    pub fn ticket_keys(&self, secret: Option<&SecretString>) -> Result<Vec<TokenKey>> {
        if let Some(keys) = &self.ticket_keys {
            return list(keys.expose_secret(), "TICKETSHOW_TICKET_KEYS");
        }
        let root = root_key(secret.context("TICKETSHOW_SECRET is not set")?)?;
        Ok(vec![TokenKey::from_bytes(root.derive("ticket-codes"))])
    }

    /// Returns the signers of ticket codes, the one in use first.
    ///
    /// # Errors
    ///
    /// As [`KeySettings::ticket_keys`].
    pub fn signers(&self, secret: Option<&SecretString>) -> Result<Vec<Signer>> {
        let keys = self.ticket_keys(secret)?;
        Ok(keys.iter().map(|key| Signer::from_secret(key.bytes())).collect())
    }

    /// Returns the public keys of ticket codes.
    ///
    /// # Errors
    ///
    /// As [`KeySettings::ticket_keys`].
    pub fn ticket_public_keys(&self, secret: Option<&SecretString>) -> Result<Vec<PublicKey>> {
        Ok(self.signers(secret)?.iter().map(Signer::public_key).collect())
    }
}

impl KeySettings {
    /// Returns the public keys of ticket codes for a process that only publishes them; none if it has neither the keys nor the
    /// secret.
    ///
    /// # Errors
    ///
    /// A key is malformed.
    pub fn verifying_ticket_keys(&self, secret: Option<&SecretString>) -> Result<Vec<PublicKey>> {
        match &self.ticket_public_keys {
            Some(keys) => list(keys, "TICKETSHOW_TICKET_PUBLIC_KEYS"),
            None if self.ticket_keys.is_none() && secret.is_none() => Ok(Vec::new()),
            None => self.ticket_public_keys(secret),
        }
    }
}

fn list<K>(text: &str, setting: &'static str) -> Result<Vec<K>>
where
    K: std::str::FromStr,
    K::Err: std::error::Error + Send + Sync + 'static,
{
    let keys: Result<Vec<K>, _> = text.split(',').map(str::parse).collect();
    let keys = keys.context(setting)?;
    ensure!(!keys.is_empty(), "{setting} is empty");
    Ok(keys)
}
