//! Settings of TLS between the gateway and a service.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use clap::Args;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// HTTPS instead of HTTP on `TICKETSHOW_LISTEN`.
#[derive(Debug, Clone, Args)]
pub struct TlsSettings {
    /// File with the certificate of this service and its chain, PEM: `TICKETSHOW_LISTEN` speaks HTTPS. Read at the start. Default:
    /// none, and plain HTTP.
    #[arg(long, env = "TICKETSHOW_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,

    /// File with the key of that certificate, PEM. No default.
    #[arg(long, env = "TICKETSHOW_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

impl TlsSettings {
    /// Returns the TLS settings of the server; `None` without a certificate.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or the key is not that of the certificate.
    pub fn acceptor(&self) -> Result<Option<TlsAcceptor>> {
        let (Some(certificate), Some(key)) = (&self.tls_certificate, &self.tls_key) else { return Ok(None) };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
        let chain = chain.context("TICKETSHOW_TLS_CERTIFICATE")?;
        let key = PrivateKeyDer::from_pem_file(key).context("TICKETSHOW_TLS_KEY")?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("the provider of TLS has no usable version")?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("TICKETSHOW_TLS_CERTIFICATE and TICKETSHOW_TLS_KEY")?;
        Ok(Some(TlsAcceptor::from(Arc::new(config))))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        tls: TlsSettings,
    }

    fn parsed(arguments: &[&str]) -> Option<TlsSettings> {
        Command::try_parse_from([&["serve"][..], arguments].concat()).ok().map(|command| command.tls)
    }

    #[test]
    fn a_certificate_needs_its_key_and_neither_is_needed() {
        assert!(parsed(&[]).unwrap().acceptor().unwrap().is_none());
        assert!(parsed(&["--tls-certificate", "cert.pem"]).is_none());
        assert!(parsed(&["--tls-key", "key.pem"]).is_none());
        assert!(parsed(&["--tls-certificate", "cert.pem", "--tls-key", "key.pem"]).is_some());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_by_its_setting() {
        let settings = parsed(&["--tls-certificate", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem"]);
        let error = settings.unwrap().acceptor().err().unwrap();
        assert_eq!(error.to_string(), "TICKETSHOW_TLS_CERTIFICATE");
    }
}
