//! `GET /bookings/{id}/invoice.pdf`, `GET /admin/invoices`

mod csv;
#[cfg(test)]
mod tests;
mod words;

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json as Stored};
use ticketshow_domain::{
    BookingId, BookingReference, Currency, Language, Money, Permission, VenueId,
    invoices::{DocumentKind, Line, Tax},
    pricing::TicketType,
};
use ticketshow_http::{Params, PathId, Problem, schema};
use ticketshow_tickets::{PrintedInvoice, amount, invoices_pdf, long_date, ticket_type};
use utoipa::{IntoParams, IntoResponses, ToSchema};
use uuid::Uuid;

use self::words::{Words, words};
use crate::{
    bookings::{booking::BookingStatus, tickets::Reader},
    machinery::{
        accepted_language::accepted_language,
        app::App,
        authority::Staff,
        csv::{Form, answer as csv_answer},
        formatting::{Moment, money},
        page::{Page, Paging},
        pdf,
        reading::{Reading, Select, answered},
        responses::CallForOne,
        word::Word,
    },
};

/// Documents in one file, at most.
const LINES_MAX: i64 = 100_000;
/// Tries to find the document of a payment that was just made, and the pause between them: it is numbered after the payment.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Period of a list of documents.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InvoiceFilter {
    /// First day, at the venue. Default: no lower bound.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-01")]
    from: Option<Date>,
    /// Last day, at the venue, inclusive. Default: no upper bound.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-30")]
    to: Option<Date>,
    /// Only documents of screenings at this venue. Their numbers have gaps: those of the other venues.
    #[param(value_type = Option<Uuid>)]
    venue_id: Option<VenueId>,
}

/// An invoice or a credit note.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invoice {
    /// Counts up without gaps in each year; invoices and credit notes have numbers of their own.
    #[schema(example = "INV-2026-000042")]
    number: String,
    #[schema(value_type = InvoiceKind)]
    kind: Word<DocumentKind>,
    /// Day of the payment or the refund, at the venue.
    #[schema(value_type = String, format = Date)]
    day: Date,
    issued_at: Moment,
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    show: String,
    venue: String,
    /// Sum with tax. The sums of credit notes are positive, too.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Sum without tax.
    #[schema(value_type = schema::Money)]
    net: Money,
    tax: Vec<InvoiceTax>,
}

/// Kind of a document.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "for the document only")]
pub enum InvoiceKind {
    Invoice,
    CreditNote,
}

/// Tax of one rate that is included in a sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceTax {
    #[schema(example = "GST")]
    name: String,
    /// Hundredths of a percent of the price without tax: 1,800 is 18 %.
    #[schema(example = 1_800)]
    percent_hundredths: u32,
    #[schema(value_type = schema::Money)]
    amount: Money,
}

/// Additional responses of an invoice.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "for the document only")]
enum NoInvoice {
    /// `not-confirmed`: the booking is not paid. `nothing-paid`: it was free.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] schema::Problem),
}

#[derive(FromRow)]
struct Row {
    version: i64,
    number: String,
    kind: Word<DocumentKind>,
    day: jiff_sqlx::Date,
    issued_at: Moment,
    booking_id: Uuid,
    show_title: String,
    venue_name: String,
    amount_minor: i64,
    fees_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    lines: Stored<Vec<Line>>,
    tax: Stored<Vec<Tax>>,
    seller_name: String,
    seller_address: String,
    tax_number: String,
    service_code: String,
    buyer: Option<String>,
    promotion_code: Option<String>,
    promotion_name: Option<String>,
}

macro_rules! select_documents {
    ($rest:literal) => {
        concat!(
            "SELECT i.version, i.number, i.kind, i.day, i.issued_at, i.booking_id, i.show_title, i.venue_name, i.amount_minor,
                    i.fees_minor, i.currency, i.lines, i.tax, s.name AS seller_name, s.address AS seller_address,
                    s.tax_number, s.service_code, coalesce(a.name, w.name) AS buyer,
                    o.code AS promotion_code, o.terms->>'name' AS promotion_name
             FROM invoices i
             JOIN LATERAL (SELECT * FROM invoice_sellers s WHERE s.version < i.version ORDER BY s.version DESC LIMIT 1) s
                  ON true
             LEFT JOIN accounts a ON a.user_id = i.customer_id
             LEFT JOIN buyers w ON w.user_id = i.customer_id
             LEFT JOIN promotions o ON o.promotion_id = i.promotion_id ",
            $rest
        )
    };
}

impl Row {
    fn net_minor(&self) -> i64 {
        self.amount_minor - self.tax.iter().map(|tax| tax.amount_minor).sum::<i64>()
    }

    fn view(self) -> Invoice {
        let currency = self.currency;
        let net = money(self.net_minor(), currency);
        let tax = |tax: Tax| InvoiceTax {
            name: tax.name,
            percent_hundredths: tax.percent_hundredths,
            amount: money(tax.amount_minor, currency),
        };
        Invoice {
            number: self.number,
            kind: self.kind,
            day: self.day.to_jiff(),
            issued_at: self.issued_at,
            booking_id: self.booking_id,
            reference: BookingId(self.booking_id).reference(),
            show: self.show_title,
            venue: self.venue_name,
            amount: money(self.amount_minor, currency),
            net,
            tax: self.tax.0.into_iter().map(tax).collect(),
        }
    }

    /// `invoice` is the number of the booking's invoice, for its credit notes.
    fn printed(&self, invoice: Option<&str>, language: Language) -> PrintedInvoice {
        let words = words(language);
        let (what, total) = match self.kind.0 {
            DocumentKind::Invoice if self.tax.is_empty() => (words.invoice, words.total),
            DocumentKind::Invoice => (words.tax_invoice, words.total),
            DocumentKind::CreditNote => (words.credit_note, words.total_returned),
        };
        let fact = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        let reference = BookingId(self.booking_id).reference().to_string();
        let mut facts = vec![fact(words.seller, &self.seller_name), fact("", &self.seller_address)];
        facts.push(fact(words.tax_number, &self.tax_number));
        facts.push(fact(words.service_code, &self.service_code));
        facts.push(fact(words.buyer, self.buyer.as_deref().unwrap_or_default()));
        facts.push(fact(words.date, &long_date(self.day.to_jiff(), language)));
        facts.push(fact(words.booking, &reference));
        facts.push(fact(words.subject, &format!("{}, {}", self.show_title, self.venue_name)));
        let of = invoice.filter(|_| self.kind.0 == DocumentKind::CreditNote);
        facts.push(fact(words.to_invoice, of.unwrap_or_default()));
        facts.retain(|(_, value)| !value.is_empty());
        PrintedInvoice {
            title: format!("{what} {}", self.number),
            facts,
            rows: self.rows(words, language),
            total: (total.to_owned(), self.shown(self.amount_minor)),
            included: self.included(words),
            language,
        }
    }

    fn shown(&self, minor: i64) -> String {
        amount(money(minor, self.currency))
    }

    /// Tickets of one type and price in one row, then the discount on all of them and the fee.
    fn rows(&self, words: &Words, language: Language) -> Vec<(String, String)> {
        let mut alike: BTreeMap<(&TicketType, i64), Vec<&str>> = BTreeMap::new();
        for line in &*self.lines {
            let full_minor = line.amount_minor + line.discount_minor;
            alike.entry((&line.ticket_type, full_minor)).or_default().push(&line.seat.0);
        }
        let row = |((kind, minor), seats): ((&TicketType, i64), Vec<&str>)| {
            let count = i64::try_from(seats.len()).unwrap_or(i64::MAX);
            let kind = match kind {
                standard if standard.is_standard() => String::new(),
                kind => format!(", {}", ticket_type(kind, language)),
            };
            let each = self.shown(minor);
            let seats = seats.join(", ");
            (format!("{count} × {each}{kind}: {seats}"), self.shown(minor.saturating_mul(count)))
        };
        let mut rows: Vec<_> = alike.into_iter().map(row).collect();
        let discount_minor: i64 = self.lines.iter().map(|line| line.discount_minor).sum();
        if discount_minor > 0 {
            let name = self.promotion_code.as_ref().or(self.promotion_name.as_ref());
            let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
            rows.push((format!("{}{name}", words.discount), self.shown(-discount_minor)));
        }
        if self.fees_minor > 0 {
            rows.push((words.booking_fee.to_owned(), self.shown(self.fees_minor)));
        }
        if rows.is_empty() {
            let what = match self.kind.0 {
                DocumentKind::Invoice => words.difference,
                DocumentKind::CreditNote => words.given_back,
            };
            rows.push((what.to_owned(), self.shown(self.amount_minor)));
        }
        rows
    }

    fn included(&self, words: &Words) -> Vec<(String, String)> {
        if self.tax.is_empty() {
            return Vec::new();
        }
        let net = (words.without_tax.to_owned(), self.shown(self.net_minor()));
        let share = |tax: &Tax| {
            let percent = f64::from(tax.percent_hundredths) / 100.0;
            (format!("{} {percent} %", tax.name), self.shown(tax.amount_minor))
        };
        std::iter::once(net).chain(self.tax.iter().map(share)).collect()
    }
}

/// Lists invoices and credit notes in the order of their numbering. `Accept: text/csv` returns all of the period, with amounts in units
/// of the currency and headings in the language of `Accept-Language`.
///
/// # Errors
///
/// 422 if the period has more than 100,000 documents and is asked for as CSV; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/admin/invoices",
    tag = "Administration",
    params(InvoiceFilter, Paging),
    responses(
        (status = 200, content((Page<Invoice> = "application/json"), (String = "text/csv"))),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn list_invoices(
    _admitted: Staff,
    Params(InvoiceFilter { from, to, venue_id }): Params<InvoiceFilter>,
    Params(paging): Params<Paging>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let as_csv = Form::accepted(&headers) == Form::Csv;
    let after = if as_csv { None } else { paging.after::<i64>()? };
    let limit = if as_csv { LINES_MAX + 1 } else { paging.rows() };
    let select: Select<Row> = sqlx::query_as(select_documents!(
        "WHERE ($1::date IS NULL OR i.day >= $1) AND ($2::date IS NULL OR i.day <= $2) AND i.version > $3
           AND ($5::uuid IS NULL OR EXISTS (SELECT FROM screenings p WHERE p.screening_id = i.screening_id AND p.venue_id = $5))
         ORDER BY i.version LIMIT $4"
    ));
    let select = select.bind(from.map(ToSqlx::to_sqlx)).bind(to.map(ToSqlx::to_sqlx));
    let rows = reading
        .planned(select.bind(after.unwrap_or_default()).bind(limit).bind(venue_id.map(|venue| venue.0)))
        .await?;
    let mut answer = if as_csv {
        if rows.len() > usize::try_from(LINES_MAX).unwrap_or(usize::MAX) {
            return Err(Problem::invalid_value(
                "/from",
                "has more than 100,000 documents: choose a shorter period",
            ));
        }
        csv_answer(csv::encode(&rows, accepted_language(&headers)))
    } else {
        Json(Page::new(rows, &paging, |row| row.version).map(Row::view)).into_response()
    };
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
    Ok(answer)
}

#[derive(FromRow)]
struct Payable {
    status: BookingStatus,
    amount_minor: i64,
}

/// Returns the invoice of a paid booking and its credit notes as a PDF in a language that the caller accepts, one document per page: of
/// one's own booking, or for staff of any at their venues.
///
/// # Errors
///
/// 404 if the booking does not exist or belongs to another customer; 409 `not-confirmed` before payment, `nothing-paid` if the
/// booking was free; 503 while the invoice is not numbered yet.
#[utoipa::path(
    get,
    path = "/bookings/{id}/invoice.pdf",
    tag = "Booking and money",
    params(("id" = Uuid, Path), ("Accept-Language" = Option<String>, Header)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        CallForOne,
        NoInvoice,
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn get_invoice(
    State(app): State<App>,
    Reader(caller): Reader,
    PathId(booking): PathId<BookingId>,
    headers: HeaderMap,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let select: Select<Payable> = sqlx::query_as(
        "SELECT b.status, b.amount_minor FROM bookings b JOIN screenings p USING (screening_id)
         WHERE b.booking_id = $1
           AND (b.customer_id = $2
                OR $3 AND EXISTS (SELECT FROM accounts a WHERE a.user_id = $2
                                  AND (a.venues IS NULL OR a.venues ? p.venue_id::text)))",
    );
    let is_staff = caller.role.may(Permission::Desk) || caller.role.may(Permission::Accounts);
    let payable = reading.one(select.bind(booking.0).bind(caller.user.0).bind(is_staff)).await?;
    drop(reading);
    let documents = documents(&app, booking, &payable).await?;
    let invoice = documents.iter().find(|row| row.kind.0 == DocumentKind::Invoice).map(|row| &*row.number);
    let language = accepted_language(&headers);
    let printed: Vec<PrintedInvoice> = documents.iter().map(|row| row.printed(invoice, language)).collect();
    let name = format!("invoice-{}", booking.reference());
    pdf::print(&app, move || invoices_pdf(&printed), &name).await
}

/// The documents of a booking; waits for the first one of a booking that is paid.
async fn documents(app: &App, booking: BookingId, payable: &Payable) -> Result<Vec<Row>, Problem> {
    for _ in 0..TRIES {
        let select: Select<Row> =
            sqlx::query_as(select_documents!("WHERE i.booking_id = $1 ORDER BY i.version"));
        let found = answered(select.bind(booking.0).fetch_all(app.tables.pool())).await?;
        let conflict = |slug, title| Err(Problem::new(StatusCode::CONFLICT, slug, title));
        match payable.status {
            _ if !found.is_empty() => return Ok(found),
            BookingStatus::Confirmed | BookingStatus::Refunded if payable.amount_minor == 0 => {
                return conflict("nothing-paid", "The booking was free");
            }
            BookingStatus::Confirmed | BookingStatus::Refunded => tokio::time::sleep(PAUSE).await,
            BookingStatus::Held
            | BookingStatus::Paying
            | BookingStatus::Expired
            | BookingStatus::Cancelled => {
                return conflict("not-confirmed", "The booking is not paid");
            }
        }
    }
    Err(Problem::read_model_behind())
}
