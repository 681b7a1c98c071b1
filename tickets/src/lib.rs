//! What a visitor shows at the door: the signed code of each seat. Pure functions; whether a ticket is void or was used,
//! the screening alone knows.

mod base32;
mod code;
mod key;

pub use code::{CodeError, TicketFacts};
pub use key::{KeyId, NotAKey, PublicKey, Signer, Verifier};
