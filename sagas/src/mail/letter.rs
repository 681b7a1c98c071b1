//! Rendering of a mail as HTML and plain text, with tickets as pictures and as a PDF. Pure.

use std::collections::BTreeMap;

use ticketshow_domain::Language;
use ticketshow_tickets::{Paper, PrintError, PrintedTicket, Qr, amount, tickets_pdf};

use super::{
    calendar::CancelledEntry,
    template::{Block, Filled, ListName, Template, Values, fill},
    words::{Words, words},
};

const FRAME_TEXT: &str = include_str!("templates/frame.txt");
const FRAME: &str = include_str!("templates/html/frame.html");
const PARAGRAPH: &str = include_str!("templates/html/paragraph.html");
const FACTS: &str = include_str!("templates/html/facts.html");
const FACT: &str = include_str!("templates/html/fact.html");
const BUTTON: &str = include_str!("templates/html/button.html");
const LINK: &str = include_str!("templates/html/link.html");
const TICKET: &str = include_str!("templates/html/ticket.html");

/// Contents of a mail, before rendering.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Contents {
    pub template: Template,
    pub language: Language,
    /// Includes `origin`, the address of the site.
    pub values: Values,
    /// Labels and values.
    pub facts: Vec<(&'static str, String)>,
    pub tickets: Vec<PrintedTicket>,
    /// Names and values.
    pub lists: BTreeMap<ListName, Vec<(String, String)>>,
    /// Address to which a mail program reports that the recipient unsubscribes from mails of this kind.
    pub unsubscribe: Option<String>,
    /// Entry of a calendar that the mail removes.
    pub cancelled_entry: Option<CancelledEntry>,
}

impl Contents {
    pub fn new(template: Template, language: Language) -> Self {
        let (facts, tickets, lists) = (Vec::new(), Vec::new(), BTreeMap::new());
        let (values, unsubscribe, cancelled_entry) = (Values::new(), None, None);
        Self { template, language, values, facts, tickets, lists, unsubscribe, cancelled_entry }
    }

    fn list(&self, name: ListName) -> &[(String, String)] {
        self.lists.get(&name).map_or(&[], Vec::as_slice)
    }
}

/// A rendered mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Pictures that the HTML refers to.
    pub pictures: Vec<Picture>,
    /// All tickets, for printing.
    pub pdf: Option<Vec<u8>>,
    /// As in the [`Contents`].
    pub unsubscribe: Option<String>,
    pub cancelled_entry: Option<CancelledEntry>,
}

/// The QR code of a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    /// The `Content-ID`, without angle brackets.
    pub id: String,
    pub file: String,
    pub png: Vec<u8>,
}

impl Letter {
    /// Renders a mail.
    ///
    /// # Errors
    ///
    /// [`PrintError`] if a ticket cannot be drawn: a bug.
    pub fn new(contents: &Contents) -> Result<Self, PrintError> {
        let Contents { template, language, values, tickets, unsubscribe, cancelled_entry, .. } = contents;
        let filled = template.fill(*language, values);
        // The number of the booking, if the mail is about one.
        let number = values.get("reference").map(|number| format!(" ({number})")).unwrap_or_default();
        let pictures = tickets.iter().map(|ticket| {
            let (id, file) = (content_id(&ticket.code), format!("{}.png", ticket.seat));
            Ok(Picture { id, file, png: Qr::new(&ticket.code)?.png() })
        });
        let pictures = pictures.collect::<Result<Vec<_>, PrintError>>()?;
        let origin = values.get("origin").map_or("", String::as_str);
        Ok(Self {
            text: text(&filled, contents, origin),
            html: html(&filled, contents, &pictures, origin),
            // Always one line, even if a title contains line breaks.
            subject: format!("{}{number}", filled.subject).replace(char::is_control, " "),
            pdf: if tickets.is_empty() { None } else { Some(tickets_pdf(tickets, Paper::A5)?) },
            pictures,
            unsubscribe: unsubscribe.clone(),
            cancelled_entry: cancelled_entry.clone(),
        })
    }
}

/// Returns the `Content-ID` of a ticket's picture: the beginning of its signature, which no other ticket has. Mail programs
/// may confuse pictures of different mails that share one.
fn content_id(code: &str) -> String {
    let signature = code.rsplit('.').next().unwrap_or_default();
    let beginning: String = signature.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    format!("{beginning}@ticketshow")
}

fn text(filled: &Filled, contents: &Contents, origin: &str) -> String {
    let Contents { language, facts, tickets, .. } = contents;
    let seat = words(*language).seat;
    let block = |block: &Block| match block {
        Block::Paragraph(text) => text.clone(),
        Block::Button { address, text } | Block::Link { address, text } => format!("{text}: {address}"),
        Block::Facts => {
            lines(facts.iter().map(|(label, value)| format!("{:<8} {value}", format!("{label}:"))))
        }
        Block::Tickets => lines(tickets.iter().map(|ticket| {
            format!("{} ({})\n{}", ticket.seat_named(seat), amount(ticket.price), ticket.code)
        })),
        Block::List(name) => {
            lines(contents.list(*name).iter().map(|(label, value)| format!("{label}: {value}")))
        }
    };
    let body: Vec<String> = filled.blocks.iter().map(block).filter(|text| !text.is_empty()).collect();
    let heading = filled.heading.clone();
    framed(FRAME_TEXT, &[("heading", heading), ("body", body.join("\n\n")), ("origin", origin.to_owned())])
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn html(filled: &Filled, contents: &Contents, pictures: &[Picture], origin: &str) -> String {
    let Contents { language, facts, tickets, .. } = contents;
    let language = *language;
    let block = |block: &Block| match block {
        Block::Paragraph(text) => framed(PARAGRAPH, &[("text", escape(text))]),
        Block::Button { address, text } => {
            framed(BUTTON, &[("address", escape(address)), ("text", escape(text))])
        }
        Block::Link { address, text } => {
            framed(LINK, &[("address", escape(address)), ("text", escape(text))])
        }
        Block::Facts => table(facts.iter().map(|(label, value)| (*label, value.as_str()))),
        Block::List(name) => {
            table(contents.list(*name).iter().map(|(label, value)| (label.as_str(), value.as_str())))
        }
        Block::Tickets => {
            let ticket = |(ticket, picture): (&PrintedTicket, &Picture)| {
                let (seat, price) = (escape(&ticket.seat.0), escape(&amount(ticket.price)));
                let Words { seat: label, code, .. } = words(language);
                let code = code.replace("{}", &seat);
                let values = [("picture", escape(&picture.id)), ("seat", seat), ("price", price)];
                let level = ticket.level.as_ref().map(|level| format!("{level} · ")).unwrap_or_default();
                let label = escape(&format!("{level}{label}").to_uppercase());
                framed(TICKET, &[&values[..], &[("label", label), ("code", code)]].concat())
            };
            tickets.iter().zip(pictures).map(ticket).collect()
        }
    };
    let body = filled.blocks.iter().map(block).collect();
    let language = language.tag().to_owned();
    framed(
        FRAME,
        &[
            ("language", language),
            ("heading", escape(&filled.heading)),
            ("body", body),
            ("origin", escape(origin)),
        ],
    )
}

/// Names and values below each other; nothing for an empty table.
fn table<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let row = |(label, value)| framed(FACT, &[("label", escape(label)), ("value", escape(value))]);
    let rows: String = rows.map(row).collect();
    if rows.is_empty() { rows } else { framed(FACTS, &[("rows", rows)]) }
}

fn framed(frame: &str, values: &[(&'static str, String)]) -> String {
    fill(frame, &values.iter().cloned().collect()).expect("the frames name only the values they are given")
}

/// Escapes a text for HTML content and attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
