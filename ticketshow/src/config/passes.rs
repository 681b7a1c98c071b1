//! Settings of passes for wallet apps. `docs/passes.md` says how an operator gets these files and ids.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use ticketshow_query_api::Passes;
use ticketshow_tickets::{AppleCertificates, ApplePasses, GooglePasses};

/// Passes of Apple Wallet need the first five settings, those of Google Wallet the last two. Without them no page offers any.
#[derive(Debug, Clone, Default, Args)]
pub struct PassSettings {
    /// File of the certificate of the pass type, in PEM. Default: none, no passes of Apple Wallet.
    #[arg(long, env = "TICKETSHOW_APPLE_PASS_CERTIFICATE")]
    pub apple_pass_certificate: Option<PathBuf>,

    /// File of the certificate's private key, in PEM and not encrypted. Default: none.
    #[arg(long, env = "TICKETSHOW_APPLE_PASS_KEY")]
    pub apple_pass_key: Option<PathBuf>,

    /// File of the certificate of its issuer, Apple Worldwide Developer Relations, in DER or PEM. Default: none.
    #[arg(long, env = "TICKETSHOW_APPLE_PASS_INTERMEDIATE")]
    pub apple_pass_intermediate: Option<PathBuf>,

    /// Pass type identifier, such as `pass.example.tickets`. Default: none.
    #[arg(long, env = "TICKETSHOW_APPLE_PASS_TYPE_ID")]
    pub apple_pass_type_id: Option<String>,

    /// Team identifier with Apple, 10 characters. Default: none.
    #[arg(long, env = "TICKETSHOW_APPLE_TEAM_ID")]
    pub apple_team_id: Option<String>,

    /// Issuer id with Google, a number. Default: none, no passes of Google Wallet.
    #[arg(long, env = "TICKETSHOW_GOOGLE_WALLET_ISSUER_ID")]
    pub google_wallet_issuer_id: Option<String>,

    /// JSON file of a key of the service account. Default: none.
    #[arg(long, env = "TICKETSHOW_GOOGLE_WALLET_ACCOUNT")]
    pub google_wallet_account: Option<PathBuf>,
}

impl PassSettings {
    /// Reads the files. `organization` is the name of the house on passes.
    ///
    /// # Errors
    ///
    /// A file cannot be read or used, or some of the settings that belong together are missing.
    pub fn makers(&self, organization: &str) -> Result<Passes> {
        Ok(Passes { apple: self.apple(organization)?, google: self.google(organization)? })
    }

    fn apple(&self, organization: &str) -> Result<Option<ApplePasses>> {
        let Self {
            apple_pass_certificate: certificate,
            apple_pass_key: key,
            apple_pass_intermediate: intermediate,
            apple_pass_type_id: pass_type_id,
            apple_team_id: team_id,
            google_wallet_issuer_id: _,
            google_wallet_account: _,
        } = self;
        let (certificate, key, intermediate, pass_type_id, team_id) =
            match (certificate, key, intermediate, pass_type_id, team_id) {
                (None, None, None, None, None) => return Ok(None),
                (Some(certificate), Some(key), Some(intermediate), Some(pass_type_id), Some(team_id)) => {
                    (read(certificate)?, read(key)?, read(intermediate)?, pass_type_id, team_id)
                }
                _ => bail!("all of TICKETSHOW_APPLE_PASS_* and TICKETSHOW_APPLE_TEAM_ID are needed, or none"),
            };
        let files = AppleCertificates {
            certificate: &certificate,
            key: &key,
            intermediate: &intermediate,
            pass_type_id,
            team_id,
        };
        ApplePasses::new(files, organization).context("TICKETSHOW_APPLE_PASS_*").map(Some)
    }

    fn google(&self, organization: &str) -> Result<Option<GooglePasses>> {
        match (&self.google_wallet_issuer_id, &self.google_wallet_account) {
            (None, None) => Ok(None),
            (Some(issuer_id), Some(account)) => {
                let account = fs::read_to_string(account).with_context(|| account.display().to_string())?;
                let passes = GooglePasses::new(&account, issuer_id, organization);
                passes.context("TICKETSHOW_GOOGLE_WALLET_ACCOUNT").map(Some)
            }
            _ => bail!(
                "TICKETSHOW_GOOGLE_WALLET_ISSUER_ID and TICKETSHOW_GOOGLE_WALLET_ACCOUNT are both needed, or none"
            ),
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(settings: &PassSettings) -> String {
        format!("{:#}", settings.makers("Rex").unwrap_err())
    }

    #[test]
    fn without_settings_there_are_no_passes() {
        let passes = PassSettings::default().makers("Rex").unwrap();
        assert!(passes.apple.is_none() && passes.google.is_none());
    }

    #[test]
    fn some_of_the_settings_alone_and_files_that_are_missing_are_refused() {
        let nowhere = || Some(PathBuf::from("/nowhere/at-all"));
        let some = PassSettings { apple_pass_key: nowhere(), ..PassSettings::default() };
        assert!(refusal(&some).contains("all of TICKETSHOW_APPLE_PASS_*"));
        let half = PassSettings { google_wallet_issuer_id: Some("1".into()), ..PassSettings::default() };
        assert!(refusal(&half).contains("both needed"));
        let missing = PassSettings { google_wallet_account: nowhere(), ..half };
        assert!(refusal(&missing).starts_with("/nowhere/at-all: "));
    }
}
