//! `ticketshow admin healthy`: health check for containers, whose image has no other HTTP client.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::Args;
use hyper::{Request, client::conn::http1::handshake, header::HOST};
use hyper_util::rt::TokioIo;
use ticketshow_stack::get;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};

use crate::config::TlsSettings;

/// Longest wait for an answer by HTTPS, as by HTTP.
const PATIENCE: Duration = Duration::from_secs(2);

/// The service to check.
#[derive(Debug, Args)]
pub struct Settings {
    /// Address on which the service listens, `host:port`. Default 127.0.0.1:8000.
    #[arg(long, env = "TICKETSHOW_LISTEN", default_value = "127.0.0.1:8000")]
    listen: String,

    #[command(flatten)]
    tls: TlsSettings,
}

/// Requests `/healthz` of the service, by HTTPS if it has a certificate.
///
/// # Errors
///
/// The service does not answer with 200.
pub async fn check(settings: &Settings) -> Result<()> {
    // A service on all interfaces is reached through loopback.
    let address = settings.listen.replace("0.0.0.0", "127.0.0.1");
    if settings.tls.files().is_some() {
        let status = tokio::time::timeout(PATIENCE, status_by_https(&address)).await;
        let status = status.context("the service does not answer")??;
        ensure!(status == 200, "the service answered {status}");
    } else {
        let (status, body) = get(&address, "/healthz").await?;
        ensure!(status == 200, "the service answered {status}: {body}");
    }
    println!("alive");
    Ok(())
}

async fn status_by_https(address: &str) -> Result<u16> {
    let provider = ring::default_provider();
    let any = AnyCertificate(provider.signature_verification_algorithms);
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .context("the provider of TLS has no usable version")?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(any))
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
    let name = ServerName::try_from("localhost").context("the name of this machine")?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.context("no HTTPS")?;
    let (mut connection, driver) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    let request = Request::get("/healthz").header(HOST, address).body(String::new())?;
    Ok(connection.send_request(request).await?.status().as_u16())
}

/// Accepts any certificate whose key the server holds. The check sends nothing but a path, to an address of its own machine, and
/// a program that can listen there in place of the service can also read its key. Comparing with the configured file would do harm: a
/// service keeps its certificate if the renewed file is broken, and a failed check would have it restarted with that file.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
