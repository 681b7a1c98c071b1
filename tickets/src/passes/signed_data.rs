//! A detached signature as Apple's wallet reads it: CMS `SignedData` (RFC 5652, formerly PKCS #7) with one signer, SHA-256 and RSA.

use jiff::{Timestamp, tz::TimeZone};
use sha2::{Digest, Sha256};

use super::{
    PassError,
    certificate::CertificateFacts,
    der::{CONTEXT_0, GENERALIZED_TIME, INTEGER, OCTET_STRING, SEQUENCE, SET, UTC_TIME, oid, set, value},
    keys::RsaSigner,
};

/// The signer and the certificates that lead to it.
#[derive(Debug)]
pub(super) struct Seal {
    pub signer: RsaSigner,
    /// Certificate of the signer.
    pub certificate: Vec<u8>,
    pub facts: CertificateFacts,
    /// Certificate of its issuer.
    pub intermediate: Vec<u8>,
}

impl Seal {
    /// Signs a document, which the signature does not contain.
    pub fn sign(&self, document: &[u8], now: Timestamp) -> Result<Vec<u8>, PassError> {
        let attributes = attributes(document, now);
        // The attributes are signed as a set, and stand under a tag of their own.
        let signature = self.signer.sign(&set(SET, &attributes))?;
        let version = value(INTEGER, &[&[1]]);
        let issuer_and_serial = value(SEQUENCE, &[&self.facts.issuer, &self.facts.serial]);
        let signer = value(
            SEQUENCE,
            &[
                &version,
                &issuer_and_serial,
                oid::SHA_256,
                &set(CONTEXT_0, &attributes),
                oid::RSA,
                &value(OCTET_STRING, &[&signature]),
            ],
        );
        let signed_data = value(
            SEQUENCE,
            &[
                &version,
                &value(SET, &[oid::SHA_256]),
                &value(SEQUENCE, &[oid::DATA]),
                &set(CONTEXT_0, &[self.certificate.clone(), self.intermediate.clone()]),
                &value(SET, &[&signer]),
            ],
        );
        Ok(value(SEQUENCE, &[oid::SIGNED_DATA, &value(CONTEXT_0, &[&signed_data])]))
    }
}

fn attributes(document: &[u8], now: Timestamp) -> Vec<Vec<u8>> {
    let attribute = |kind: &[u8], content: &[u8]| value(SEQUENCE, &[kind, &value(SET, &[content])]);
    vec![
        attribute(oid::CONTENT_TYPE, oid::DATA),
        attribute(oid::SIGNING_TIME, &signing_time(now)),
        attribute(oid::MESSAGE_DIGEST, &value(OCTET_STRING, &[&Sha256::digest(document)])),
    ]
}

/// Times up to 2049 have the short form.
fn signing_time(now: Timestamp) -> Vec<u8> {
    let utc = now.to_zoned(TimeZone::UTC);
    if (1950..2050).contains(&utc.year()) {
        value(UTC_TIME, &[utc.strftime("%y%m%d%H%M%SZ").to_string().as_bytes()])
    } else {
        value(GENERALIZED_TIME, &[utc.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes()])
    }
}
