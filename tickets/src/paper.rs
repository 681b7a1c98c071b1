//! Printable tickets: a PDF with one ticket per seat, for paper of several sizes. The same tickets always give the same bytes.

mod a4;
mod breaks;
mod fonts;
mod ink;
pub mod invoice;
pub mod list;
mod order;
mod receipt;
mod ticket;
mod words;

use krilla::{Document, error::KrillaError, metadata::Metadata, page::PageSettings};
use ticketshow_domain::{BookingId, Language, Money, SeatName, pricing::TicketType};

use crate::{LocalTime, Qr, TooLong};
use ink::Ink;
pub use words::ticket_type;
use words::words;

/// Everything printed on the ticket of one seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedTicket {
    /// Title of the show.
    pub show: String,
    /// Name of the venue.
    pub venue: String,
    /// Street address of the venue, if known.
    pub address: Option<String>,
    /// City of the venue.
    pub city: String,
    /// Name of the screen.
    pub screen: String,
    /// The seat.
    pub seat: SeatName,
    /// Level of the seat, such as the balcony, in a room with more than one.
    pub level: Option<String>,
    /// Start of the screening, in the venue's local time.
    pub starts: LocalTime,
    /// Price of the seat.
    pub price: Money,
    /// Type of the ticket, which is printed unless it is `standard`.
    pub ticket_type: TicketType,
    /// The booking of the seat.
    pub booking: BookingId,
    /// The signed code of the seat.
    pub code: String,
    /// Language of the words on the ticket.
    pub language: Language,
}

impl PrintedTicket {
    /// Returns the seat after the word for one, with its level: `Balcony, Seat C-7`.
    #[must_use]
    pub fn seat_named(&self, word: &str) -> String {
        let seat = format!("{word} {}", self.seat);
        self.level.as_ref().map_or_else(|| seat.clone(), |level| format!("{level}, {seat}"))
    }
}

/// Reason why there is no PDF: a bug, or a code that we did not issue.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// A code is too long.
    #[error("a ticket code cannot be printed")]
    Code(#[from] TooLong),
    /// The PDF could not be assembled.
    #[error("a PDF could not be written: {0:?}")]
    Pdf(KrillaError),
}

/// Paper that tickets are printed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Paper {
    /// Two tickets on each sheet, to be cut.
    A4,
    /// One ticket per page.
    #[default]
    A5,
    /// A roll 80 mm wide, in black, as receipt printers take it: pages are as long as their ticket.
    Receipt,
}

/// Prints tickets.
///
/// # Errors
///
/// [`PrintError`]: permanent, a retry does not help.
pub fn tickets_pdf(tickets: &[PrintedTicket], paper: Paper) -> Result<Vec<u8>, PrintError> {
    let mut document = Document::new();
    if let Some(PrintedTicket { show, booking, language, .. }) = tickets.first() {
        let words = words(*language);
        let metadata = Metadata::new().title(format!("{}: {show}", words.tickets)).description(format!(
            "{} {}",
            words.booking,
            booking.reference()
        ));
        document.set_metadata(metadata.creator("Ticket Show".to_owned()).language(language.tag().to_owned()));
    }
    match paper {
        Paper::A4 => {
            for sheet in tickets.chunks(2) {
                let mut page = document.start_page_with(size(a4::HEIGHT, a4::WIDTH));
                let mut ink = Ink::on(page.surface());
                for (place, ticket) in (0_u8..).zip(sheet) {
                    let qr = Qr::new(&ticket.code)?;
                    ink.moved(f32::from(place) * a4::HEIGHT / 2.0, |ink| ticket::draw(ink, ticket, &qr));
                }
                ink.finish();
                page.finish();
            }
        }
        Paper::A5 => {
            for ticket in tickets {
                let qr = Qr::new(&ticket.code)?;
                let mut page = document.start_page_with(size(ticket::WIDTH, ticket::HEIGHT));
                let mut ink = Ink::on(page.surface());
                ticket::draw(&mut ink, ticket, &qr);
                ink.finish();
                page.finish();
            }
        }
        Paper::Receipt => {
            for ticket in tickets {
                let qr = Qr::new(&ticket.code)?;
                let receipt = receipt::Receipt::new(ticket, &qr);
                let mut page = document.start_page_with(size(receipt::WIDTH, receipt.height()));
                let mut ink = Ink::on(page.surface());
                receipt.draw(&mut ink);
                ink.finish();
                page.finish();
            }
        }
    }
    document.finish().map_err(PrintError::Pdf)
}

fn size(width: f32, height: f32) -> PageSettings {
    PageSettings::from_wh(width, height).expect("pages have a positive size")
}
