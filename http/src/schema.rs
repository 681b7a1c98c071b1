//! Types that describe the shared contract in the OpenAPI document. They only document: none is ever constructed.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::{
    IntoResponses, Modify, ToSchema,
    openapi::{
        OpenApi,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

/// An amount in the smallest unit of its currency.
#[derive(Serialize, ToSchema)]
pub struct Money {
    /// Minor units: paise, cents, yen.
    #[schema(example = 25_000)]
    amount_minor: i64,
    /// ISO 4217.
    #[schema(example = "INR")]
    currency: String,
}

/// Price of a category: one for every ticket, of type `standard`, or one for each ticket type.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum CategoryPrice {
    /// The price of `standard`.
    Standard(Money),
    /// Prices by ticket type.
    ByType(BTreeMap<String, Money>),
}

/// The reason why a call failed (RFC 9457). Some types have extra members, such as `seats` of `seat-taken`.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// `/problems/<slug>`, stable.
    #[schema(example = "/problems/seat-taken")]
    r#type: String,
    /// Title of the type.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Details of this occurrence.
    detail: Option<String>,
    /// Invalid values, for `invalid`.
    errors: Option<Vec<Flaw>>,
}

/// One invalid value.
#[derive(Serialize, ToSchema)]
pub struct Flaw {
    /// RFC 6901 pointer into the body; for a query, the parameter.
    #[schema(example = "/seats/0")]
    pointer: String,
    /// Human-readable explanation.
    message: String,
}

/// Role of an account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Role {
    Customer,
    Staff,
    Door,
    BoxOffice,
    Accountant,
    Manager,
    Admin,
}

/// Rule for a customer's choice that leaves a single seat between taken ones, although it need not: it is like any other, the app
/// asks for other seats, or it is refused (409 `single-seat-left`). The counter is free to choose.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum SingleSeats {
    Allow,
    Warn,
    Refuse,
}

/// Language of mails and tickets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    En,
    Hi,
}

/// Means of payment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PaymentMethod {
    Wallet,
    Card,
    Cash,
    CardTerminal,
    Upi,
    Complimentary,
}

/// Rows of a screen, front first.
#[derive(Serialize, ToSchema)]
pub struct Layout {
    /// 1 to 1,000.
    rows: Vec<Row>,
}

/// A row of seats, left to right, or a standing area. Seats are named by label and number: `A-1`, `A-2` …
#[derive(Serialize, ToSchema)]
pub struct Row {
    /// One to four capital letters or digits, unique in the layout.
    #[schema(example = "A")]
    label: String,
    /// The price category.
    #[schema(example = "gold")]
    category: String,
    /// Number of seats, 1 to 1,000; of places of a standing area, 1 to 9,999.
    #[schema(example = 12)]
    seats: u16,
    /// An aisle runs to the right of the seats with these numbers.
    #[schema(required = false, example = json!([4, 8]))]
    aisles_after: Vec<u16>,
    /// The seats with these numbers can be reached by wheelchair.
    #[schema(required = false, example = json!([1]))]
    accessible: Vec<u16>,
    /// Numbers of the seats from left to right, 1 to 9,999, each once. Left out, they are 1, 2, 3 …
    #[schema(required = false, example = json!([11, 9, 7, 5, 3, 1]))]
    numbers: Vec<u16>,
    /// Spaces where seats are missing.
    #[schema(required = false)]
    gaps: Vec<Gap>,
    /// The seats with these numbers are for companions of wheelchair users. They are beside accessible seats.
    #[schema(required = false, example = json!([2]))]
    companions: Vec<u16>,
    /// Distance by which the ends of the widest row would lie in front of its middle, in seats, 0 to 20. Left out for a straight row.
    #[schema(required = false, example = 4)]
    curve: u16,
    /// Level of the house, one to 30 characters. Rows of a level are next to each other.
    #[schema(required = false, example = "Balcony")]
    level: Option<String>,
    /// True for a standing area: its places have no position, and it has none of `aisles_after`, `accessible`, `numbers`, `gaps`,
    /// `companions` and `curve`.
    #[schema(required = false)]
    standing: bool,
}

/// Space in a row where seats are missing.
#[derive(Serialize, ToSchema)]
pub struct Gap {
    /// Number of the seat to the left of it; 0 in front of the first seat.
    #[schema(example = 4)]
    after: u16,
    /// Width in seats, 1 to 100.
    #[schema(example = 2)]
    width: u16,
}

/// Ticket of one seat.
#[derive(Serialize, ToSchema)]
pub struct Ticket {
    /// Name of the seat.
    #[schema(example = "A-1")]
    seat: String,
    /// Signed code of the ticket.
    code: String,
}

/// Error of a call whose path names nothing that the caller may see.
#[derive(IntoResponses)]
#[response(status = 404, description = "`not-found`", content_type = "application/problem+json")]
pub struct NotFound(pub Problem);

/// Error of a call sent by a page of another site.
#[derive(IntoResponses)]
#[response(status = 403, description = "`foreign-origin`", content_type = "application/problem+json")]
pub struct ForeignOrigin(pub Problem);

/// Errors of any call.
#[derive(IntoResponses)]
pub enum AnyCall {
    /// `malformed`: cannot be parsed.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// `invalid`: some values are invalid.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
    /// `too-many-requests`, with `Retry-After`.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// `unavailable`, with `Retry-After`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// Further errors of a call that requires a token.
#[derive(IntoResponses)]
pub enum SignedInCall {
    /// `unauthorized`: no valid token.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
}

/// Further errors of a call for staff.
#[derive(IntoResponses)]
pub enum StaffCall {
    /// `unauthorized`: no valid token.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// `forbidden`: the role does not include this, or is not granted for the venue.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
}

/// Further errors of a call for administrators.
#[derive(IntoResponses)]
pub enum AdministratorCall {
    /// `unauthorized`: no valid token.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// `forbidden`: the role does not include this, or is not granted for the venue.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
}

/// The security scheme of the document: bearer tokens, used by `security(("bearer" = []))`.
#[derive(Debug, Clone, Copy)]
pub struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}
