//! Settings of TLS between the gateway and a service.

use std::path::{Path, PathBuf};

use clap::Args;

/// HTTPS instead of HTTP on `TICKETSHOW_LISTEN`.
#[derive(Debug, Clone, Args)]
pub struct TlsSettings {
    /// File with the certificate of this service and its chain, PEM: `TICKETSHOW_LISTEN` speaks HTTPS. Read again when it
    /// changes. Default: none, and plain HTTP.
    #[arg(long, env = "TICKETSHOW_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,

    /// File with the key of that certificate, PEM. No default.
    #[arg(long, env = "TICKETSHOW_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

impl TlsSettings {
    /// Returns the files with the certificate and its key; `None` for plain HTTP.
    pub fn files(&self) -> Option<(&Path, &Path)> {
        Some((self.tls_certificate.as_deref()?, self.tls_key.as_deref()?))
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
        assert!(parsed(&[]).unwrap().files().is_none());
        assert!(parsed(&["--tls-certificate", "cert.pem"]).is_none());
        assert!(parsed(&["--tls-key", "key.pem"]).is_none());
        let both = parsed(&["--tls-certificate", "cert.pem", "--tls-key", "key.pem"]).unwrap();
        assert_eq!(both.files(), Some((Path::new("cert.pem"), Path::new("key.pem"))));
    }
}
