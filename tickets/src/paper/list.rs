//! Printed lists of a house, on A4: a title, columns, as many pages as it takes. The same list always gives the same bytes.

use krilla::{Document, metadata::Metadata};

use super::{
    PrintError,
    a4::{HEIGHT, WIDTH},
    ink::{Colour, Ink, Style, Weight},
    size,
};

const MARGIN: f32 = 40.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// Height of the first row of a page from the top.
const TOP: f32 = 128.0;
const ROW: f32 = 19.0;
/// Rows that fit between [`TOP`] and the page number.
const ROWS: usize = 35;
/// Space between columns.
const GAP: f32 = 8.0;

const TITLE: Style = Style { weight: Weight::Bold, size: 18.0, colour: Colour::Night };
const FACTS: Style = Style { weight: Weight::Regular, size: 10.5, colour: Colour::Grey };
const HEAD: Style = Style { weight: Weight::Bold, size: 9.0, colour: Colour::Grey };
const CELL: Style = Style { weight: Weight::Regular, size: 10.0, colour: Colour::Night };

/// A list to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedList {
    /// Title on every page.
    pub title: String,
    /// Subtitle below the title: at most two lines are printed.
    pub facts: String,
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Cells by row; texts that are too long for their column are cut with an ellipsis.
    pub rows: Vec<Vec<String>>,
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Heading.
    pub name: String,
    /// Share of the width, relative to those of the other columns.
    pub share: u16,
}

/// Prints a list.
///
/// # Errors
///
/// [`PrintError::Pdf`].
pub fn list_pdf(list: &PrintedList) -> Result<Vec<u8>, PrintError> {
    let mut document = Document::new();
    let metadata = Metadata::new().title(list.title.clone()).description(list.facts.clone());
    document.set_metadata(metadata.creator("Ticket Show".to_owned()).language("en".to_owned()));
    let pages = list.rows.len().div_ceil(ROWS).max(1);
    for page in 0..pages {
        let mut sheet = document.start_page_with(size(WIDTH, HEIGHT));
        let mut ink = Ink::on(sheet.surface());
        head(&mut ink, list);
        for (index, row) in list.rows.iter().skip(page * ROWS).take(ROWS).enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a page has few rows")]
            let y = TOP + index as f32 * ROW;
            if index % 2 == 1 {
                ink.rectangle((MARGIN - 4.0, y - 13.0), (INNER + 8.0, ROW), Colour::Mist);
            }
            cells(&mut ink, list, row.iter().map(String::as_str), y, CELL);
        }
        let number = format!("Page {} of {pages}", page + 1);
        ink.line_ending((WIDTH - MARGIN, HEIGHT - 26.0), &number, FACTS);
        ink.finish();
        sheet.finish();
    }
    document.finish().map_err(PrintError::Pdf)
}

fn head(ink: &mut Ink<'_>, list: &PrintedList) {
    ink.paragraph((MARGIN, 52.0), INNER, 1, &list.title, TITLE);
    ink.paragraph((MARGIN, 72.0), INNER, 2, &list.facts, FACTS);
    cells(ink, list, list.columns.iter().map(|column| column.name.as_str()), TOP - 20.0, HEAD);
}

fn cells<'a>(
    ink: &mut Ink<'_>,
    list: &PrintedList,
    texts: impl Iterator<Item = &'a str>,
    y: f32,
    style: Style,
) {
    let shares: f32 = list.columns.iter().map(|column| f32::from(column.share)).sum();
    let mut x = MARGIN;
    for (column, text) in list.columns.iter().zip(texts) {
        let width = INNER * f32::from(column.share) / shares;
        ink.paragraph((x, y), width - GAP, 1, text, style);
        x += width;
    }
}
