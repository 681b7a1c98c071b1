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
        CertificateError, Error, RootCertStore, ServerConfig,
        client::verify_server_cert_signed_by_trust_anchor,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
        server::{ClientHello, ParsedCertificate, ResolvesServerCert},
        sign::CertifiedKey,
    },
};
use tokio_util::sync::CancellationToken;

use crate::config::TlsSettings;

/// Time between two reads of the files. The contents are compared, because a cluster replaces a folder by a link, and the time of a
/// file does not show that.
const READ_EVERY: Duration = Duration::from_secs(10);

/// Reads of files that stay unusable between two warnings: a day of them.
const READS_PER_WARNING: u64 = 24 * 60 * 60 / READ_EVERY.as_secs();

/// The certificate that new connections get, and the files it came from.
pub struct Certificate {
    certificate_file: PathBuf,
    key_file: PathBuf,
    shown: Arc<Shown>,
    /// Result of the last read of the files, usable or not, so that each change is handled once.
    last_read: Result<Pair, String>,
    /// Reads of unusable files since the last warning, which counts as well; 0 if the files are those in use.
    unusable_reads: u64,
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
            unusable_reads: 0,
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

    /// Takes over renewed files until `stop`. Files that cannot be used are logged at once and then once a day, and the certificate before
    /// them stays.
    pub async fn keep_up(mut self, stop: CancellationToken) {
        self.shown.measure();
        while stop.run_until_cancelled(tokio::time::sleep(READ_EVERY)).await.is_some() {
            match self.renew().await {
                Ok(false) => {}
                Ok(true) => {
                    self.shown.measure();
                    tracing::info!("the certificate was read again");
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "the changed certificate cannot be used, so the one before stays");
                }
            }
        }
    }

    /// Reads the files, and returns true if they changed and new connections get their certificate from now on. Files that stay unusable
    /// are an error once a day.
    async fn renew(&mut self) -> Result<bool> {
        let read = Pair::read(&self.certificate_file, &self.key_file).await;
        let read = read.map_err(|error| format!("{error:#}"));
        if read != self.last_read {
            self.last_read = read;
        } else if self.unusable_reads == 0 {
            return Ok(false);
        } else if self.unusable_reads < READS_PER_WARNING {
            self.unusable_reads += 1;
            return Ok(false);
        }
        self.unusable_reads = 1;
        let pair = self.last_read.as_ref().map_err(|error| anyhow::Error::msg(error.clone()))?;
        *lock(&self.shown.0) = pair.certified()?;
        self.unusable_reads = 0;
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

impl Shown {
    /// Reports the moment at which the certificate expires.
    fn measure(&self) {
        let shown = Arc::clone(&lock(&self.0));
        if let Some(expires_at) = shown.end_entity_cert().ok().and_then(expires_at) {
            let since_epoch = Duration::from_secs(expires_at.as_secs());
            metrics::gauge!("ticketshow_certificate_expires_seconds").set(since_epoch.as_secs_f64());
        }
    }
}

/// Returns the last moment at which a certificate is valid. The library has no function for it, but names it if a certificate is checked
/// at a later moment, and checks that first.
fn expires_at(certificate: &CertificateDer<'_>) -> Option<UnixTime> {
    let certificate = ParsedCertificate::try_from(certificate).ok()?;
    let (nobody, too_late) = (RootCertStore::empty(), UnixTime::since_unix_epoch(Duration::MAX));
    let algorithms = ring::default_provider().signature_verification_algorithms.all;
    let checked = verify_server_cert_signed_by_trust_anchor(&certificate, &nobody, &[], too_late, algorithms);
    match checked {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => Some(not_after),
        Err(_) | Ok(()) => None,
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&lock(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::{
        SignatureAlgorithm, SignatureScheme,
        sign::{Signer, SigningKey},
    };

    use super::*;

    /// Valid until 2036-11-28T03:13:10Z.
    const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBkzCCATmgAwIBAgIURq6lAFIhgLVTI3RGy4BdS2lF4LIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTIwMTAzMTMxMFoXDTM2MTEyODAz
MTMxMFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEYACfbDZsiDF1Nyba6I1OQoThJ9z0GpMRZh+Iqi5Ft2DOVL2YcokISY+U
sJ0PMQcozDAD/usFdLiYs3jqngp1PaNpMGcwHQYDVR0OBBYEFGDelA/rHTvIHSji
DorC7CcaS8CRMB8GA1UdIwQYMBaAFGDelA/rHTvIHSjiDorC7CcaS8CRMA8GA1Ud
EwEB/wQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0MAoGCCqGSM49BAMCA0gA
MEUCIQDBBAIsWND11XE9Ay9w0Hv0jJjw92p7MidRJAsIQzdRggIgJjkyy5c82cDu
wXIoTImvVxyeIGpwa0/hr/MzPZDD4FY=
-----END CERTIFICATE-----
";

    /// A key that signs nothing.
    #[derive(Debug)]
    struct NoKey;

    impl SigningKey for NoKey {
        fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
            None
        }

        fn algorithm(&self) -> SignatureAlgorithm {
            SignatureAlgorithm::ECDSA
        }
    }

    #[test]
    fn the_end_of_a_certificate_is_known() {
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
        assert_eq!(expires_at(&certificate).map(|end| end.as_secs()), Some(2_111_454_790));
        assert_eq!(expires_at(&CertificateDer::from(b"no certificate".to_vec())), None);
    }

    #[tokio::test]
    async fn files_that_stay_unusable_are_an_error_when_they_change_and_once_a_day() {
        let shown = CertifiedKey::new(Vec::new(), Arc::new(NoKey));
        let mut certificate = Certificate {
            certificate_file: "/nowhere/cert.pem".into(),
            key_file: "/nowhere/key.pem".into(),
            shown: Arc::new(Shown(Mutex::new(Arc::new(shown)))),
            last_read: Ok(Pair { certificate: Vec::new(), key: Vec::new() }),
            unusable_reads: 0,
        };
        assert!(certificate.renew().await.is_err(), "the files are gone");
        for _ in 1..READS_PER_WARNING {
            assert!(!certificate.renew().await.unwrap());
        }
        assert!(certificate.renew().await.is_err(), "a day later");
        assert!(!certificate.renew().await.unwrap());
    }

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
