//! Invoices and credit notes, on A4: one document per page. The same documents always give the same bytes.

use krilla::{Document, metadata::Metadata};
use ticketshow_domain::Language;

use super::{
    PrintError,
    a4::{HEIGHT, WIDTH},
    ink::{Colour, Ink, Style, Weight},
    size,
};

const MARGIN: f32 = 56.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// Left edge of the values beside their labels.
const VALUES: f32 = MARGIN + 110.0;
/// Width of the column of amounts.
const AMOUNTS: f32 = 110.0;
const ROW: f32 = 20.0;

const TITLE: Style = Style { weight: Weight::Bold, size: 22.0, colour: Colour::Night };
const LABEL: Style = Style { weight: Weight::Regular, size: 10.0, colour: Colour::Grey };
const TEXT: Style = Style { weight: Weight::Regular, size: 10.0, colour: Colour::Night };
const TOTAL: Style = Style { weight: Weight::Bold, size: 12.0, colour: Colour::Night };

/// A document to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedInvoice {
    /// Kind and number: `Invoice INV-2026-000042`.
    pub title: String,
    /// Labels with their values: seller, buyer, day, booking. Values have at most three lines.
    pub facts: Vec<(String, String)>,
    /// Tickets that were bought or returned, each with its amount. At most 20 rows are printed.
    pub rows: Vec<(String, String)>,
    /// Label and amount of the sum.
    pub total: (String, String),
    /// Parts of the sum, each with its amount: the net sum and taxes.
    pub included: Vec<(String, String)>,
    /// Language of the words.
    pub language: Language,
}

/// Prints documents.
///
/// # Errors
///
/// [`PrintError::Pdf`].
pub fn invoices_pdf(invoices: &[PrintedInvoice]) -> Result<Vec<u8>, PrintError> {
    let mut document = Document::new();
    let title = invoices.first().map(|invoice| invoice.title.clone()).unwrap_or_default();
    let metadata = Metadata::new().title(title).creator("Ticket Show".to_owned());
    let language = invoices.first().map(|invoice| invoice.language).unwrap_or_default();
    document.set_metadata(metadata.language(language.tag().to_owned()));
    for invoice in invoices {
        let mut sheet = document.start_page_with(size(WIDTH, HEIGHT));
        let mut ink = Ink::on(sheet.surface());
        draw(&mut ink, invoice);
        ink.finish();
        sheet.finish();
    }
    document.finish().map_err(PrintError::Pdf)
}

fn draw(ink: &mut Ink<'_>, invoice: &PrintedInvoice) {
    let mut y = ink.paragraph((MARGIN, 84.0), INNER, 2, &invoice.title, TITLE) + 14.0;
    for (label, value) in &invoice.facts {
        ink.line((MARGIN, y), label, LABEL);
        y = ink.paragraph((VALUES, y), INNER - VALUES + MARGIN, 3, value, TEXT) + 5.0;
    }
    y += 22.0;
    for (index, row) in invoice.rows.iter().take(20).enumerate() {
        if index % 2 == 0 {
            ink.rectangle((MARGIN - 6.0, y - 14.0), (INNER + 12.0, ROW), Colour::Mist);
        }
        entry(ink, y, row, TEXT);
        y += ROW;
    }
    y += 12.0;
    entry(ink, y, &invoice.total, TOTAL);
    y += ROW + 2.0;
    for row in &invoice.included {
        entry(ink, y, row, LABEL);
        y += 16.0;
    }
}

fn entry(ink: &mut Ink<'_>, y: f32, (text, amount): &(String, String), style: Style) {
    ink.paragraph((MARGIN, y), INNER - AMOUNTS, 1, text, style);
    ink.line_ending((WIDTH - MARGIN, y), amount, style);
}
