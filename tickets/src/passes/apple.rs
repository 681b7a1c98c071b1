//! Passes of Apple Wallet: a zip of `pass.json`, icons, a manifest of their hashes and its signature.

use std::io::{Cursor, Write};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    PassError, PassKeyError, PassTicket, certificate::CertificateFacts, keys::RsaSigner, signed_data::Seal,
    words::words,
};
use crate::{amount, ticket_type};

const ICONS: [(&str, &[u8]); 3] = [
    ("icon.png", include_bytes!("icons/icon.png")),
    ("icon@2x.png", include_bytes!("icons/icon@2x.png")),
    ("icon@3x.png", include_bytes!("icons/icon@3x.png")),
];

/// Files of a house that is a developer with Apple, in PEM, and its names there.
#[derive(Debug, Clone, Copy)]
pub struct AppleCertificates<'a> {
    /// Certificate of the pass type.
    pub certificate: &'a [u8],
    /// Its private key, not encrypted.
    pub key: &'a [u8],
    /// Certificate of the issuer: Apple Worldwide Developer Relations.
    pub intermediate: &'a [u8],
    /// Pass type identifier, such as `pass.example.tickets`.
    pub pass_type_id: &'a str,
    /// Team identifier.
    pub team_id: &'a str,
}

/// Makes passes of Apple Wallet.
#[derive(Debug)]
pub struct ApplePasses {
    seal: Seal,
    pass_type_id: String,
    team_id: String,
    organization: String,
}

impl ApplePasses {
    /// The passes of a house.
    ///
    /// # Errors
    ///
    /// [`PassKeyError`] if the files do not match, or are of another pass type or team.
    pub fn new(files: AppleCertificates<'_>, organization: &str) -> Result<Self, PassKeyError> {
        let signer = RsaSigner::from_pem(files.key)?;
        let (certificate, facts) = certificate("the certificate", files.certificate)?;
        if facts.public_key != signer.public_key() {
            return Err(PassKeyError::OtherKey);
        }
        let (intermediate, issuer) = certificate_of_issuer(files.intermediate)?;
        // Telephones refuse a pass without giving a reason, so these mistakes are detected here.
        if issuer.subject != facts.issuer {
            return Err(PassKeyError::OtherIssuer);
        }
        for (what, value) in [("pass type", files.pass_type_id), ("team", files.team_id)] {
            if !facts.names(value) {
                return Err(PassKeyError::NotNamed { what, value: value.to_owned() });
            }
        }
        Ok(Self {
            seal: Seal { signer, certificate, facts, intermediate },
            pass_type_id: files.pass_type_id.to_owned(),
            team_id: files.team_id.to_owned(),
            organization: organization.to_owned(),
        })
    }

    /// The end of the certificate: later passes are refused by telephones.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.seal.facts.expires_at
    }

    /// Makes the pass of a ticket, signed at `now`: a file `.pkpass`.
    ///
    /// # Errors
    ///
    /// [`PassError`].
    pub fn pass(&self, ticket: &PassTicket, now: Timestamp) -> Result<Vec<u8>, PassError> {
        let described = self.describe(ticket).to_string().into_bytes();
        let mut files = vec![("pass.json", described.as_slice())];
        files.extend(ICONS);
        let hashes: Map<String, Value> = files
            .iter()
            .map(|(name, content)| ((*name).to_owned(), HEXLOWER.encode(&Sha1::digest(content)).into()))
            .collect();
        let manifest = Value::from(hashes).to_string().into_bytes();
        let signature = self.seal.sign(&manifest, now)?;
        files.extend([("manifest.json", manifest.as_slice()), ("signature", signature.as_slice())]);

        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Stored);
        for (name, content) in files {
            zip.start_file(name, options)?;
            zip.write_all(content)?;
        }
        Ok(zip.finish()?.into_inner())
    }

    fn describe(&self, ticket: &PassTicket) -> Value {
        let printed = &ticket.printed;
        let words = words(printed.language);
        let (seat, booking) = (&printed.seat.0, printed.booking.0.simple().to_string());
        let barcode = json!({
            "format": "PKBarcodeFormatQR",
            "message": printed.code,
            "messageEncoding": "iso-8859-1",
            "altText": format!("{seat} · {}", printed.booking.reference()),
        });
        json!({
            "formatVersion": 1,
            "passTypeIdentifier": self.pass_type_id,
            "teamIdentifier": self.team_id,
            "organizationName": self.organization,
            "logoText": self.organization,
            "description": words.description.replace("{}", &printed.show),
            // The same for the same seat of a booking, so that a pass that is added again replaces the first.
            "serialNumber": format!("{booking}-{seat}"),
            "groupingIdentifier": booking,
            "relevantDate": ticket.local(ticket.starts_at),
            "expirationDate": ticket.local(ticket.ends_at),
            "voided": ticket.is_void,
            "barcodes": [barcode],
            // iOS 8 and older watches.
            "barcode": barcode,
            "backgroundColor": "rgb(27, 23, 48)",
            "foregroundColor": "rgb(255, 255, 255)",
            "labelColor": "rgb(232, 176, 74)",
            "eventTicket": fields(ticket),
        })
    }
}

/// The fields that a person reads.
fn fields(ticket: &PassTicket) -> Value {
    let printed = &ticket.printed;
    let words = words(printed.language);
    let field = |key: &str, label: &str, value: &str| json!({ "key": key, "label": label, "value": value });
    let seat = &printed.seat.0;
    let place = [printed.address.as_deref(), Some(printed.city.as_str())];
    let address = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let mut seats = vec![field("screen", words.screen, &printed.screen)];
    seats.extend(printed.level.as_ref().map(|level| field("level", words.level, level)));
    seats.push(field("seat", words.seat, seat));
    if !printed.ticket_type.is_standard() {
        let kind = ticket_type(&printed.ticket_type, printed.language);
        seats.push(field("type", words.ticket_type, &kind));
    }
    json!({
        "headerFields": [field("seat-in-stack", words.seat, seat)],
        "primaryFields": [field("show", words.show, &printed.show)],
        "secondaryFields": [
            {
                "key": "starts",
                "label": words.starts,
                "value": ticket.local(ticket.starts_at),
                "dateStyle": "PKDateStyleMedium",
                "timeStyle": "PKDateStyleShort",
                // The clock at the venue, also in the pocket of a traveller.
                "ignoresTimeZone": true,
            },
            field("venue", words.venue, &printed.venue),
        ],
        "auxiliaryFields": seats,
        "backFields": [
            field("starts-in-full", words.starts, &printed.starts.to_string()),
            field("address", words.address, &address),
            field("booking", words.booking, &printed.booking.reference().to_string()),
            field("price", words.price, &amount(printed.price)),
            field("advice", words.ticket_type, words.advice),
        ],
    })
}

fn certificate(name: &'static str, pem: &[u8]) -> Result<(Vec<u8>, CertificateFacts), PassKeyError> {
    let der = CertificateDer::from_pem_slice(pem).map_err(|_| PassKeyError::NoCertificate(name))?;
    let facts = CertificateFacts::read(&der).ok_or(PassKeyError::Unreadable(name))?;
    Ok((der.to_vec(), facts))
}

/// Apple offers it in DER.
fn certificate_of_issuer(file: &[u8]) -> Result<(Vec<u8>, CertificateFacts), PassKeyError> {
    match CertificateFacts::read(file) {
        Some(facts) => Ok((file.to_vec(), facts)),
        None => certificate("the intermediate", file),
    }
}
