//! Links that add a ticket to Google Wallet: the ticket and its screening in a token signed by the service account of the house.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{PassError, PassKeyError, PassTicket, keys::RsaSigner};
use crate::ticket_type;

const SAVE: &str = "https://pay.google.com/gp/v/save/";

/// The file of a key of a service account.
#[derive(Deserialize)]
struct ServiceAccount {
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
}

/// Makes links that add tickets to Google Wallet.
#[derive(Debug)]
pub struct GooglePasses {
    signer: RsaSigner,
    account: String,
    key_id: Option<String>,
    issuer_id: String,
    organization: String,
}

impl GooglePasses {
    /// The passes of a house that is an issuer with Google. `account` is the JSON file of a key of its service account.
    ///
    /// # Errors
    ///
    /// [`PassKeyError`] if the file is not one.
    pub fn new(account: &str, issuer_id: &str, organization: &str) -> Result<Self, PassKeyError> {
        let account: ServiceAccount = serde_json::from_str(account).map_err(PassKeyError::NoAccount)?;
        Ok(Self {
            signer: RsaSigner::from_pem(account.private_key.as_bytes())?,
            account: account.client_email,
            key_id: account.private_key_id,
            issuer_id: issuer_id.to_owned(),
            organization: organization.to_owned(),
        })
    }

    /// Returns the link that adds a ticket, made at `now`.
    ///
    /// # Errors
    ///
    /// [`PassError`].
    pub fn link(&self, ticket: &PassTicket, now: Timestamp) -> Result<String, PassError> {
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if let (Some(header), Some(id)) = (header.as_object_mut(), &self.key_id) {
            header.insert("kid".to_owned(), id.as_str().into());
        }
        let claims = json!({
            "iss": self.account,
            "aud": "google",
            "typ": "savetowallet",
            "iat": now.as_second(),
            // Pages that show Google's own button. A link needs none.
            "origins": [],
            "payload": { "eventTicketClasses": [self.class(ticket)], "eventTicketObjects": [self.object(ticket)] },
        });
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = BASE64URL_NOPAD.encode(&self.signer.sign(signed.as_bytes())?);
        Ok(format!("{SAVE}{signed}.{signature}"))
    }

    /// Id of the screening at its time. Google keeps the first class of an id, so another time is another class.
    fn class_id(&self, ticket: &PassTicket) -> String {
        self.id(&[ticket.screening.0.as_bytes(), &ticket.starts_at.as_second().to_be_bytes()])
    }

    /// Id of a ticket at its time.
    fn object_id(&self, ticket: &PassTicket) -> String {
        self.id(&[ticket.printed.code.as_bytes(), &ticket.starts_at.as_second().to_be_bytes()])
    }

    /// An id of the house: a hash, because the link has to be short. 72 bits are enough for all tickets of a house.
    fn id(&self, parts: &[&[u8]]) -> String {
        let hash = Sha256::digest(parts.concat());
        format!("{}.{}", self.issuer_id, BASE64URL_NOPAD.encode(&hash[..9]))
    }

    fn class(&self, ticket: &PassTicket) -> Value {
        let printed = &ticket.printed;
        let text = |text: &str| localized(printed.language.tag(), text);
        let place = [printed.address.as_deref(), Some(printed.city.as_str())];
        let address = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
        json!({
            "id": self.class_id(ticket),
            "issuerName": self.organization,
            "reviewStatus": "UNDER_REVIEW",
            "eventName": text(&printed.show),
            "venue": { "name": text(&printed.venue), "address": text(&address) },
            "dateTime": { "start": ticket.local(ticket.starts_at), "end": ticket.local(ticket.ends_at) },
        })
    }

    fn object(&self, ticket: &PassTicket) -> Value {
        let printed = &ticket.printed;
        let text = |text: &str| localized(printed.language.tag(), text);
        let section = [Some(printed.screen.as_str()), printed.level.as_deref()];
        let section = section.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let reference = printed.booking.reference().to_string();
        let mut object = json!({
            "id": self.object_id(ticket),
            "classId": self.class_id(ticket),
            "state": if ticket.is_void { "INACTIVE" } else { "ACTIVE" },
            "barcode": { "type": "QR_CODE", "value": printed.code, "alternateText": reference },
            "seatInfo": { "seat": text(&printed.seat.0), "section": text(&section) },
        });
        if let Some(object) = object.as_object_mut().filter(|_| !printed.ticket_type.is_standard()) {
            let kind = ticket_type(&printed.ticket_type, printed.language);
            object.insert("ticketType".to_owned(), text(&kind));
        }
        object
    }
}

fn localized(language: &str, text: &str) -> Value {
    json!({ "defaultValue": { "language": language, "value": text } })
}
