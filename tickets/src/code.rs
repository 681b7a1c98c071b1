//! The format of a code: `TS1.<key id>.<payload>.<signature>`, frozen once shipped. The last three are base32; the
//! payload is the screening's 16 bytes, the booking's 16 bytes and the seat's name; the signature is Ed25519 over all
//! text before its dot, so version and key id are signed too.
//!
//! The same ticket under the same key always has the same code.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use ticketshow_domain::{BookingId, ScreeningId, SeatName};
use uuid::Uuid;

use crate::{KeyId, base32};

/// Ticket Show, format 1: how codes of this version begin.
pub const VERSION: &str = "TS1";
const UUID_BYTES: usize = 16;

/// Facts that a code certifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFacts {
    /// The screening to admit to.
    pub screening: ScreeningId,
    /// The booking that the seat belongs to.
    pub booking: BookingId,
    /// The seat.
    pub seat: SeatName,
}

/// Reason why a text is not a ticket of this installation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// The text is not a code.
    #[error("this is not a ticket code")]
    Malformed,
    /// Issued by another version of the program.
    #[error("the version of the ticket code is not supported")]
    UnknownVersion,
    /// The key is not, or no longer, trusted.
    #[error("the key {0} of the ticket code is not trusted")]
    UnknownKey(KeyId),
    /// The code was tampered with or forged.
    #[error("the signature of the ticket code is wrong")]
    WrongSignature,
}

pub fn sign(key: &SigningKey, key_id: KeyId, facts: &TicketFacts) -> String {
    let TicketFacts { screening, booking, seat } = facts;
    let payload = [&screening.0.as_bytes()[..], &booking.0.as_bytes()[..], seat.0.as_bytes()].concat();
    let mut code = format!("{VERSION}.{key_id}.{}", base32::encode(&payload));
    let signature = key.sign(code.as_bytes());
    code.push('.');
    code.push_str(&base32::encode(&signature.to_bytes()));
    code
}

/// Returns a code as it was issued: scanners, mail programs and people add blanks and line breaks within, marks and full stops around,
/// and write small letters. Codes consist of capital letters, digits and dots.
fn as_issued(code: &str) -> String {
    let written: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    written.trim_matches('.').to_ascii_uppercase()
}

/// Verifies a code with the key that `trusted` returns for its key id.
pub fn verify<'a>(
    code: &str,
    trusted: impl FnOnce(KeyId) -> Option<&'a VerifyingKey>,
) -> Result<TicketFacts, CodeError> {
    let code = as_issued(code);
    let (signed, signature) = code.rsplit_once('.').ok_or(CodeError::Malformed)?;
    let (version, rest) = signed.split_once('.').ok_or(CodeError::Malformed)?;
    if version != VERSION {
        return Err(if is_version(version) { CodeError::UnknownVersion } else { CodeError::Malformed });
    }
    let (key_id, payload) = rest.split_once('.').ok_or(CodeError::Malformed)?;
    let key_id: KeyId = key_id.parse().map_err(|_| CodeError::Malformed)?;
    let signature = base32::decode(signature).ok_or(CodeError::Malformed)?;
    let signature = Signature::from_slice(&signature).map_err(|_| CodeError::Malformed)?;
    let facts = base32::decode(payload).and_then(|payload| read(&payload)).ok_or(CodeError::Malformed)?;
    let key = trusted(key_id).ok_or(CodeError::UnknownKey(key_id))?;
    key.verify_strict(signed.as_bytes(), &signature).map_err(|_| CodeError::WrongSignature)?;
    Ok(facts)
}

fn is_version(text: &str) -> bool {
    text.strip_prefix("TS").is_some_and(|number| number.parse::<u16>().is_ok())
}

fn read(payload: &[u8]) -> Option<TicketFacts> {
    let (screening, rest) = payload.split_first_chunk::<UUID_BYTES>()?;
    let (booking, seat) = rest.split_first_chunk::<UUID_BYTES>()?;
    let seat = std::str::from_utf8(seat).ok().filter(|seat| !seat.is_empty())?;
    Some(TicketFacts {
        screening: ScreeningId(Uuid::from_bytes(*screening)),
        booking: BookingId(Uuid::from_bytes(*booking)),
        seat: SeatName(seat.to_owned()),
    })
}
