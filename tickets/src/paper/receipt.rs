//! The ticket of one seat on the roll of a receipt printer: one column, black on white, as long as it takes.

use super::{
    PrintedTicket,
    ink::{Colour, Ink, Style, Weight},
    words::{ticket_type, words},
};
use crate::{Qr, amount};

/// Width of an 80 mm roll in points, of which printers reach 72 mm.
pub(super) const WIDTH: f32 = 226.77;
const INNER: f32 = 204.09;
const MARGIN: f32 = (WIDTH - INNER) / 2.0;
/// Top and bottom, for the cutter.
const EDGE: f32 = 14.0;
const QR_SIDE: f32 = 144.0;
/// Space around the QR code: four modules of 45, its quiet zone.
const QUIET: f32 = 13.0;

const SMALL: Style = Style { weight: Weight::Regular, size: 8.5, colour: Colour::Black };
const PLAIN: Style = Style { weight: Weight::Regular, size: 10.0, colour: Colour::Black };
const STRONG: Style = Style { weight: Weight::Bold, size: 12.0, colour: Colour::Black };
const TITLE: Style = Style { weight: Weight::Bold, size: 16.0, colour: Colour::Black };
const SEAT: Style = Style { weight: Weight::Bold, size: 28.0, colour: Colour::Black };

/// A paragraph, and the space before it in points.
struct Paragraph {
    text: String,
    style: Style,
    lines_max: usize,
    before: f32,
}

impl Paragraph {
    fn height(&self) -> f32 {
        let lines = self.style.lines(&self.text, INNER).len().min(self.lines_max);
        self.before + std::iter::repeat_n(self.style.leading(&self.text), lines).sum::<f32>()
    }

    fn draw(&self, ink: &mut Ink<'_>, y: f32) -> f32 {
        // Text stands on its baseline.
        let baseline = y + self.before + self.style.size;
        let end = ink.paragraph((MARGIN, baseline), INNER, self.lines_max, &self.text, self.style);
        end - self.style.size
    }
}

/// A ticket as it goes to the printer.
pub(super) struct Receipt<'a> {
    above: Vec<Paragraph>,
    qr: &'a Qr,
    below: Vec<Paragraph>,
}

impl<'a> Receipt<'a> {
    pub fn new(ticket: &PrintedTicket, qr: &'a Qr) -> Self {
        let words = words(ticket.language);
        let line = |text: &str, style, lines_max, before| Paragraph {
            text: text.to_owned(),
            style,
            lines_max,
            before,
        };
        let starts = &ticket.starts;
        let seat = format!("{} {}", words.seat_named, ticket.seat);
        let price = match &ticket.ticket_type {
            standard if standard.is_standard() => amount(ticket.price),
            kind => format!("{}  ·  {}", ticket_type(kind, ticket.language), amount(ticket.price)),
        };
        let mut above = vec![
            line(words.admit_one, SMALL, 1, 0.0),
            line(&ticket.show, TITLE, 4, 4.0),
            line(&format!("{}, {} ({})", starts.date, starts.time, starts.zone), STRONG, 2, 4.0),
            line(&ticket.venue, STRONG, 2, 8.0),
        ];
        above.extend(ticket.address.as_ref().map(|address| line(address, PLAIN, 2, 0.0)));
        above.extend([line(&ticket.city, PLAIN, 1, 0.0), line(&ticket.screen, STRONG, 2, 8.0)]);
        above.extend(ticket.level.as_ref().map(|level| line(level, STRONG, 1, 0.0)));
        above.extend([line(&seat, SEAT, 2, 0.0), line(&price, PLAIN, 2, 2.0)]);
        let booking = format!("{} {}", words.booking, ticket.booking.reference());
        let below = vec![line(&booking, STRONG, 1, 0.0), line(words.advice, SMALL, 5, 4.0)];
        Self { above, qr, below }
    }

    /// Returns the length of paper that the ticket takes, in points.
    pub fn height(&self) -> f32 {
        let text: f32 = self.above.iter().chain(&self.below).map(Paragraph::height).sum();
        2.0 * (EDGE + QUIET) + QR_SIDE + text
    }

    pub fn draw(&self, ink: &mut Ink<'_>) {
        let y = self.above.iter().fold(EDGE, |y, paragraph| paragraph.draw(ink, y)) + QUIET;
        ink.qr(((WIDTH - QR_SIDE) / 2.0, y), QR_SIDE, self.qr, Colour::Black);
        self.below.iter().fold(y + QR_SIDE + QUIET, |y, paragraph| paragraph.draw(ink, y));
    }
}
