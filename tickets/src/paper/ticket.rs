//! The ticket of one seat, on A5 (ISO 216).

use super::{
    PrintedTicket,
    ink::{Colour, Ink, Style, Weight},
    words::{ticket_type, words},
};
use crate::{Qr, amount};

/// Size of the page in points.
pub(super) const WIDTH: f32 = 419.53;
pub(super) const HEIGHT: f32 = 595.28;
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

/// Draws a ticket from the origin of the page.
pub(super) fn draw(ink: &mut Ink<'_>, ticket: &PrintedTicket, qr: &Qr) {
    head(ink, ticket);
    place(ink, ticket);
    seat(ink, ticket);
    stub(ink, ticket, qr);
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
        .find(|style| style.lines(&ticket.show, INNER).len() <= 2)
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
    let place = [Some(&ticket.screen), ticket.level.as_ref()].into_iter().flatten().map(String::as_str);
    let place = place.collect::<Vec<_>>().join(", ");
    ink.paragraph((inner, top + 36.0), SEAT_WIDTH - 28.0, 2, &place, screen);
    label(ink, (inner, top + 74.0), words(ticket.language).seat);
    let seat = Style { weight: Weight::Bold, size: 34.0, colour: Colour::Night };
    let seat = [34.0, 26.0, 20.0, 15.0]
        .into_iter()
        .map(|size| Style { size, ..seat })
        .find(|style| style.lines(&ticket.seat.0, SEAT_WIDTH - 28.0).len() == 1)
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
    ink.qr((MARGIN, top), QR_SIDE, qr, Colour::Night);
    let (x, width) = (MARGIN + QR_SIDE + 26.0, INNER - QR_SIDE - 26.0);
    let strong = Style { weight: Weight::Bold, size: 13.0, colour: Colour::Night };
    let plain = Style { weight: Weight::Regular, size: 10.0, colour: Colour::Night };
    let fine = Style { weight: Weight::Regular, size: 8.5, colour: Colour::Grey };
    let mut y = ink.paragraph((x, top + 12.0), width, 2, &ticket.show, strong);
    y = ink.paragraph(
        (x, y + 2.0),
        width,
        2,
        &format!("{}, {}", ticket.seat_named(words.seat_named), ticket.screen),
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
