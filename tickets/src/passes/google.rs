//! Links that add a ticket to Google Wallet: the ticket and its screening in a token signed by the service account of the house.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{PassError, PassKeyError, PassTicket, keys::RsaSigner};
use crate::ticket_type;

const SAVE: &str = "https://pay.google.com/gp/v/save/";
/// Length of a link that every browser takes, as Google advises.
const LINK_MAX: usize = 1_800;
/// Texts are not cut.
const WHOLE: usize = usize::MAX;

/// Parts that a link leaves out to be short, each with those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Omitted {
    Nothing,
    /// The city stays.
    Street,
    /// The number of the booking below the code.
    Reference,
    TicketType,
    Venue,
}

/// Contents of a link.
#[derive(Debug, Clone, Copy)]
struct Form {
    omitted: Omitted,
    /// Longest text, in characters: at least one.
    chars_max: usize,
}

/// The first form that makes a link short enough is taken, or else the last. Texts that are not Latin are the longest: each of their
/// characters takes four of the link.
const FORMS: [Form; 10] = [
    Form { omitted: Omitted::Nothing, chars_max: WHOLE },
    Form { omitted: Omitted::Street, chars_max: WHOLE },
    Form { omitted: Omitted::Reference, chars_max: WHOLE },
    Form { omitted: Omitted::TicketType, chars_max: WHOLE },
    Form { omitted: Omitted::TicketType, chars_max: 40 },
    Form { omitted: Omitted::TicketType, chars_max: 30 },
    Form { omitted: Omitted::Venue, chars_max: WHOLE },
    Form { omitted: Omitted::Venue, chars_max: 60 },
    Form { omitted: Omitted::Venue, chars_max: 40 },
    Form { omitted: Omitted::Venue, chars_max: 20 },
];

/// The file of a key of a service account.
#[derive(Deserialize)]
struct ServiceAccount {
    client_email: String,
    private_key: String,
}

/// Makes links that add tickets to Google Wallet.
#[derive(Debug)]
pub struct GooglePasses {
    signer: RsaSigner,
    account: String,
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
            issuer_id: issuer_id.to_owned(),
            organization: organization.to_owned(),
        })
    }

    /// Returns the link that adds a ticket, made at `now`. Parts that make it too long are left out.
    ///
    /// # Errors
    ///
    /// [`PassError`].
    pub fn link(&self, ticket: &PassTicket, now: Timestamp) -> Result<String, PassError> {
        let signature_length = BASE64URL_NOPAD.encode_len(self.signer.signature_length());
        let fits = |signed: &str| SAVE.len() + signed.len() + 1 + signature_length <= LINK_MAX;
        let mut signed = String::new();
        for form in FORMS {
            signed = self.unsigned(ticket, now, form);
            if fits(&signed) {
                break;
            }
        }
        let signature = BASE64URL_NOPAD.encode(&self.signer.sign(signed.as_bytes())?);
        Ok(format!("{SAVE}{signed}.{signature}"))
    }

    /// Returns header and claims of the token. Google finds the key by the account, so the header does not name it.
    fn unsigned(&self, ticket: &PassTicket, now: Timestamp, form: Form) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let (class, object) = (self.class(ticket, form), self.object(ticket, form));
        let claims = json!({
            "iss": self.account,
            "aud": "google",
            "typ": "savetowallet",
            "iat": now.as_second(),
            // Pages that show Google's own button. A link needs none.
            "origins": [],
            "payload": { "eventTicketClasses": [class], "eventTicketObjects": [object] },
        });
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        format!("{}.{}", part(&header), part(&claims))
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

    fn class(&self, ticket: &PassTicket, form: Form) -> Value {
        let printed = &ticket.printed;
        let text = |text: &str| localized(printed.language.tag(), &form.cut(text));
        let mut class = json!({
            "id": self.class_id(ticket),
            "issuerName": self.organization,
            "reviewStatus": "UNDER_REVIEW",
            "eventName": text(&printed.show),
            "dateTime": { "start": ticket.local(ticket.starts_at) },
        });
        if let Some(class) = class.as_object_mut().filter(|_| !form.omits(Omitted::Venue)) {
            let street = printed.address.as_deref().filter(|_| !form.omits(Omitted::Street));
            let address = joined([street, Some(printed.city.as_str())]);
            let venue = json!({ "name": text(&printed.venue), "address": text(&address) });
            class.insert("venue".to_owned(), venue);
        }
        class
    }

    /// The ticket. Each text of its own costs some 75 characters, so all about the seat is one, which begins with its name.
    fn object(&self, ticket: &PassTicket, form: Form) -> Value {
        let printed = &ticket.printed;
        let room = form.cut(&joined([Some(printed.screen.as_str()), printed.level.as_deref()]));
        let is_special = !printed.ticket_type.is_standard() && !form.omits(Omitted::TicketType);
        let kind = is_special.then(|| ticket_type(&printed.ticket_type, printed.language));
        let seat = joined([Some(printed.seat.0.as_str()), Some(room.as_str()), kind.as_deref()]);
        let mut barcode = json!({ "type": "QR_CODE", "value": printed.code });
        if let Some(barcode) = barcode.as_object_mut().filter(|_| !form.omits(Omitted::Reference)) {
            barcode.insert("alternateText".to_owned(), printed.booking.reference().to_string().into());
        }
        json!({
            "id": self.object_id(ticket),
            "classId": self.class_id(ticket),
            "state": if ticket.is_void { "INACTIVE" } else { "ACTIVE" },
            "barcode": barcode,
            "seatInfo": { "seat": localized(printed.language.tag(), &seat) },
        })
    }
}

impl Form {
    fn omits(self, part: Omitted) -> bool {
        part <= self.omitted
    }

    fn cut(self, text: &str) -> String {
        if text.chars().count() <= self.chars_max {
            return text.to_owned();
        }
        let begin: String = text.chars().take(self.chars_max - 1).collect();
        format!("{}…", begin.trim_end())
    }
}

fn joined<const N: usize>(parts: [Option<&str>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn localized(language: &str, text: &str) -> Value {
    json!({ "defaultValue": { "language": language, "value": text } })
}
