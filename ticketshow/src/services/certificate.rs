//! The certificate of the public listener. It is read again when its files change, because those of a cluster are renewed every few
//! weeks.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result};
use ticketshow_http::sync::lock;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};
use tokio_util::sync::CancellationToken;

use crate::config::TlsSettings;

/// Time between two reads of the files. The contents are compared, because a cluster replaces a folder by a link, and the time of a
/// file does not show that.
const READ_EVERY: Duration = Duration::from_secs(10);

/// The certificate that new connections get, and the files it came from.
pub struct Certificate {
    certificate_file: PathBuf,
    key_file: PathBuf,
    shown: Arc<Shown>,
    /// Result of the last read of the files, usable or not, so that each change is handled and logged once.
    last_read: Result<Pair, String>,
}

impl Certificate {
    /// Reads the certificate; `None` if the settings name none.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or the key is not that of the certificate.
    pub async fn read(settings: &TlsSettings) -> Result<Option<Self>> {
        let Some((certificate_file, key_file)) = settings.files() else { return Ok(None) };
        let pair = Pair::read(certificate_file, key_file).await?;
        Ok(Some(Self {
            certificate_file: certificate_file.to_owned(),
            key_file: key_file.to_owned(),
            shown: Arc::new(Shown(Mutex::new(pair.certified()?))),
            last_read: Ok(pair),
        }))
    }

    /// Returns the server's side of TLS, which shows the certificate of the moment to each new connection.
    ///
    /// # Errors
    ///
    /// The library has no usable version of TLS.
    pub fn acceptor(&self) -> Result<TlsAcceptor> {
        let shown = Arc::clone(&self.shown);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("the provider of TLS has no usable version")?
            .with_no_client_auth()
            .with_cert_resolver(shown);
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Takes over renewed files until `stop`. Files that cannot be used are logged, and the certificate before them stays.
    pub async fn keep_up(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(READ_EVERY)).await.is_some() {
            match self.renew().await {
                Ok(false) => {}
                Ok(true) => tracing::info!("the certificate was read again"),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "the changed certificate cannot be used, so the one before stays");
                }
            }
        }
    }

    /// Reads the files, and returns true if they changed and new connections get their certificate from now on.
    async fn renew(&mut self) -> Result<bool> {
        let read = Pair::read(&self.certificate_file, &self.key_file).await;
        let read = read.map_err(|error| format!("{error:#}"));
        if read == self.last_read {
            return Ok(false);
        }
        self.last_read = read;
        let pair = self.last_read.as_ref().map_err(|error| anyhow::Error::msg(error.clone()))?;
        *lock(&self.shown.0) = pair.certified()?;
        Ok(true)
    }
}

/// Contents of the two files.
#[derive(PartialEq)]
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Pair {
    async fn read(certificate: &Path, key: &Path) -> Result<Self> {
        Ok(Self {
            certificate: tokio::fs::read(certificate).await.context("TICKETSHOW_TLS_CERTIFICATE")?,
            key: tokio::fs::read(key).await.context("TICKETSHOW_TLS_KEY")?,
        })
    }

    /// Returns the certificate with its key, which belong together.
    fn certified(&self) -> Result<Arc<CertifiedKey>> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.context("TICKETSHOW_TLS_CERTIFICATE")?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).context("TICKETSHOW_TLS_KEY")?;
        let certified = CertifiedKey::from_der(chain, key, &ring::default_provider());
        certified.map(Arc::new).context("TICKETSHOW_TLS_CERTIFICATE and TICKETSHOW_TLS_KEY")
    }
}

/// The certificate of the moment.
#[derive(Debug)]
struct Shown(Mutex<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&lock(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_named_by_its_setting() {
        let nowhere = |file: &str| Some(PathBuf::from("/nowhere").join(file));
        let settings = TlsSettings { tls_certificate: nowhere("cert.pem"), tls_key: nowhere("key.pem") };
        let error = Certificate::read(&settings).await.err().unwrap();
        assert_eq!(error.to_string(), "TICKETSHOW_TLS_CERTIFICATE");
    }

    #[test]
    fn files_without_a_certificate_or_key_are_refused() {
        let pair = Pair { certificate: b"no PEM".to_vec(), key: b"no PEM".to_vec() };
        assert_eq!(pair.certified().unwrap_err().to_string(), "TICKETSHOW_TLS_KEY");
    }
}
