//! Printable tickets: a PDF with one A5 page per seat, so that two fit on a sheet and each is readable at arm's length.
//! The same tickets always give the same bytes.

mod fonts;
mod ink;
pub mod invoice;
pub mod list;
mod words;

use krilla::{Document, error::KrillaError, metadata::Metadata, page::PageSettings};
use ticketshow_domain::{BookingId, Language, Money, SeatName, pricing::TicketType};

use crate::{LocalTime, Qr, TooLong, amount};
use ink::{Colour, Ink, Style, Weight};
pub use words::ticket_type;
use words::words;

/// A5 (ISO 216) in points.
const WIDTH: f32 = 419.53;
const HEIGHT: f32 = 595.28;
const MARGIN: f32 = 34.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// Height of the dark header.
const HEAD: f32 = 168.0;
/// Height of the tear line from the top.
const TEAR: f32 = 366.0;
/// Left edge of the second column, and its width.
const SEAT_COLUMN: f32 = MARGIN + 236.0;
const SEAT_WIDTH: f32 = WIDTH - MARGIN - SEAT_COLUMN;
const QR_SIDE: f32 = 152.0;

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

/// Prints tickets, one page each.
///
/// # Errors
///
/// [`PrintError`]: permanent, a retry does not help.
pub fn pdf(tickets: &[PrintedTicket]) -> Result<Vec<u8>, PrintError> {
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
    for ticket in tickets {
        let qr = Qr::new(&ticket.code)?;
        let mut page = document.start_page_with(a5());
        let mut ink = Ink::on(page.surface());
        head(&mut ink, ticket);
        place(&mut ink, ticket);
        seat(&mut ink, ticket);
        stub(&mut ink, ticket, &qr);
        ink.finish();
        page.finish();
    }
    document.finish().map_err(PrintError::Pdf)
}

fn a5() -> PageSettings {
    PageSettings::from_wh(WIDTH, HEIGHT).expect("A5 has a positive size")
}

/// Draws the header with title and time, light on dark.
fn head(ink: &mut Ink<'_>, ticket: &PrintedTicket) {
    ink.rectangle((0.0, 0.0), (WIDTH, HEAD), Colour::Night);
    ink.rectangle((0.0, HEAD), (WIDTH, 3.0), Colour::Gold);
    ink.line((MARGIN, 40.0), "TICKET SHOW", Style { weight: Weight::Bold, size: 10.0, colour: Colour::Gold });
    ink.line_ending(
        (WIDTH - MARGIN, 40.0),
        words(ticket.language).admit_one,
        Style { weight: Weight::Regular, size: 10.0, colour: Colour::Pale },
    );
    let title = Style { weight: Weight::Bold, size: 26.0, colour: Colour::White };
    // Longer titles are set smaller; one of 200 characters is cut with an ellipsis.
    let title = [26.0, 21.0, 17.0]
        .into_iter()
        .map(|size| Style { size, ..title })
        .find(|style| ink.lines_of(&ticket.show, INNER, *style).len() <= 2)
        .unwrap_or(Style { size: 15.0, ..title });
    ink.paragraph((MARGIN, 76.0), INNER, 3, &ticket.show, title);
    let when = Style { weight: Weight::Regular, size: 13.0, colour: Colour::White };
    ink.line((MARGIN, HEAD - 20.0), &format!("{}  ·  {}", ticket.starts.date, ticket.starts.time), when);
}

/// Draws the venue, in the left column.
fn place(ink: &mut Ink<'_>, ticket: &PrintedTicket) {
    let width = SEAT_COLUMN - MARGIN - 24.0;
    let mut y = HEAD + 36.0;
    let strong = Style { weight: Weight::Bold, size: 13.0, colour: Colour::Night };
    let plain = Style { weight: Weight::Regular, size: 10.5, colour: Colour::Night };
    label(ink, (MARGIN, y), words(ticket.language).venue);
    y = ink.paragraph((MARGIN, y + 18.0), width, 2, &ticket.venue, strong);
    if let Some(address) = &ticket.address {
        y = ink.paragraph((MARGIN, y), width, 2, address, plain);
    }
    y = ink.paragraph((MARGIN, y), width, 1, &ticket.city, plain);
    y += 14.0;
    label(ink, (MARGIN, y), words(ticket.language).starts);
    let starts = format!("{}  ({})", ticket.starts.time, ticket.starts.zone);
    ink.paragraph((MARGIN, y + 16.0), width, 1, &starts, plain);
}

/// Draws the seat, large, in the right column.
fn seat(ink: &mut Ink<'_>, ticket: &PrintedTicket) {
    let top = HEAD + 24.0;
    ink.frame((SEAT_COLUMN, top), (SEAT_WIDTH, TEAR - 24.0 - top));
    let inner = SEAT_COLUMN + 14.0;
    label(ink, (inner, top + 20.0), words(ticket.language).screen);
    let screen = Style { weight: Weight::Bold, size: 12.0, colour: Colour::Night };
    ink.paragraph((inner, top + 36.0), SEAT_WIDTH - 28.0, 2, &ticket.screen, screen);
    label(ink, (inner, top + 74.0), words(ticket.language).seat);
    let seat = Style { weight: Weight::Bold, size: 34.0, colour: Colour::Night };
    let seat = [34.0, 26.0, 20.0, 15.0]
        .into_iter()
        .map(|size| Style { size, ..seat })
        .find(|style| ink.lines_of(&ticket.seat.0, SEAT_WIDTH - 28.0, *style).len() == 1)
        .unwrap_or(Style { size: 12.0, ..seat });
    ink.line((inner, top + 108.0), &ticket.seat.0, seat);
    let price = Style { weight: Weight::Regular, size: 11.0, colour: Colour::Grey };
    let price_and_type = match &ticket.ticket_type {
        standard if standard.is_standard() => amount(ticket.price),
        kind => format!("{}  ·  {}", amount(ticket.price), ticket_type(kind, ticket.language)),
    };
    ink.paragraph((inner, top + 130.0), SEAT_WIDTH - 28.0, 2, &price_and_type, price);
}

/// Draws the stub with the QR code, below the tear line.
fn stub(ink: &mut Ink<'_>, ticket: &PrintedTicket, qr: &Qr) {
    let words = words(ticket.language);
    ink.tear((MARGIN, TEAR), INNER);
    let top = TEAR + 30.0;
    ink.qr((MARGIN, top), QR_SIDE, qr);
    let (x, width) = (MARGIN + QR_SIDE + 26.0, INNER - QR_SIDE - 26.0);
    let strong = Style { weight: Weight::Bold, size: 13.0, colour: Colour::Night };
    let plain = Style { weight: Weight::Regular, size: 10.0, colour: Colour::Night };
    let fine = Style { weight: Weight::Regular, size: 8.5, colour: Colour::Grey };
    let mut y = ink.paragraph((x, top + 12.0), width, 2, &ticket.show, strong);
    y = ink.paragraph(
        (x, y + 2.0),
        width,
        2,
        &format!("{} {}, {}", words.seat_named, ticket.seat, ticket.screen),
        plain,
    );
    y = ink.paragraph((x, y), width, 2, &format!("{}, {}", ticket.starts.date, ticket.starts.time), plain);
    ink.paragraph((x, y + 12.0), width, 4, words.advice, fine);
    let number = Style { weight: Weight::Bold, size: 11.0, colour: Colour::Night };
    ink.line((MARGIN, HEIGHT - 20.0), &format!("{} {}", words.booking, ticket.booking.reference()), number);
}

fn label(ink: &mut Ink<'_>, at: (f32, f32), text: &str) {
    ink.line(at, text, Style { weight: Weight::Regular, size: 8.0, colour: Colour::Grey });
}
