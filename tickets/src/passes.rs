//! Passes for the wallet apps of telephones, where the house has the keys for them.

mod apple;
mod certificate;
mod der;
mod google;
mod keys;
mod signed_data;
#[cfg(test)]
mod tests;
mod words;

use jiff::Timestamp;
use ticketshow_domain::{ScreeningId, TimeZoneName};

pub use apple::{AppleCertificates, ApplePasses};
pub use google::GooglePasses;

use crate::PrintedTicket;

/// A ticket with the additional facts of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassTicket {
    /// The ticket as it is printed.
    pub printed: PrintedTicket,
    /// The screening of the ticket.
    pub screening: ScreeningId,
    /// Start of the screening.
    pub starts_at: Timestamp,
    /// End of the screening.
    pub ends_at: Timestamp,
    /// Time zone of the venue.
    pub timezone: TimeZoneName,
    /// The booking is cancelled.
    pub is_void: bool,
}

impl PassTicket {
    /// Returns a time with the venue's offset: `2026-11-27T18:30:00+05:30`.
    fn local(&self, at: Timestamp) -> String {
        let offset = self.timezone.zone().to_offset(at);
        at.display_with_offset(offset).to_string()
    }
}

/// Certificates or keys that make no passes.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PassKeyError {
    #[error("{0} holds no certificate in PEM")]
    NoCertificate(&'static str),
    #[error("{0} is a certificate that cannot be read")]
    Unreadable(&'static str),
    #[error("the private key is not in PEM, or is encrypted")]
    NoKey,
    #[error("the private key is no RSA key of 2048 to 4096 bits: {0}")]
    NotRsa(String),
    #[error("the private key is not that of the certificate")]
    OtherKey,
    #[error("the intermediate is not the issuer of the certificate")]
    OtherIssuer,
    #[error("the certificate does not name the {what} {value}")]
    NotNamed { what: &'static str, value: String },
    #[error("the service account is not the JSON file of a key")]
    NoAccount(#[source] serde_json::Error),
}

/// A pass that could not be made: a bug.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PassError {
    #[error("the pass could not be signed")]
    Unsigned,
    #[error("the pass could not be packed")]
    Unpacked(#[from] zip::result::ZipError),
    #[error("the pass could not be written")]
    Unwritten(#[from] std::io::Error),
}
