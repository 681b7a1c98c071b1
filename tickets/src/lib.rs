//! Tickets: the signed code of each seat, as a QR code, as a printable PDF, and as a pass of a wallet app. Pure functions; only the screening knows
//! whether a ticket is void or was used.

#![deny(missing_docs)]

mod base32;
mod code;
mod formatting;
#[cfg(test)]
mod hostile;
mod key;
mod paper;
mod passes;
mod qr;

pub use code::{CodeError, TicketFacts, VERSION as CODE_VERSION};
pub use formatting::{LocalTime, amount, long_date};
pub use key::{KeyId, NotAKey, PublicKey, Signer, Verifier};
pub use paper::{
    Paper, PrintError, PrintedTicket,
    invoice::{PrintedInvoice, invoices_pdf},
    list::{Column, PrintedList, list_pdf},
    ticket_type, tickets_pdf,
};
pub use passes::{AppleCertificates, ApplePasses, GooglePasses, PassError, PassKeyError, PassTicket};
pub use qr::{Qr, TooLong};
