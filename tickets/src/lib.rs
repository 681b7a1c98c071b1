//! What a visitor shows at the door: the signed code of each seat, as a QR code and on paper. Pure functions; whether a
//! ticket is void or was used, the screening alone knows.

mod base32;
mod code;
mod key;
mod paper;
mod qr;
mod told;

pub use code::{CodeError, TicketFacts};
pub use key::{KeyId, NotAKey, PublicKey, Signer, Verifier};
pub use paper::{PrintError, PrintedTicket, pdf};
pub use qr::{Qr, TooLong};
pub use told::{LocalTime, amount};
