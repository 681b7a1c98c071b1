//! How the OpenAPI document describes what both APIs speak. For documents only: nothing is ever built of these.

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

/// Why a call was not carried out (RFC 9457). Kinds have members of their own, such as `seats` of `seat-taken`.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// `/problems/<slug>`, stable.
    #[schema(example = "/problems/seat-taken")]
    r#type: String,
    /// Of the kind.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Of this occurrence.
    detail: Option<String>,
    /// What is wrong with the values, for `invalid`.
    errors: Option<Vec<Flaw>>,
}

/// One wrong value.
#[derive(Serialize, ToSchema)]
pub struct Flaw {
    /// RFC 6901 pointer into the body; for a query, the parameter.
    #[schema(example = "/seats/0")]
    pointer: String,
    /// For a person.
    message: String,
}

/// What an account may do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Role {
    Customer,
    Staff,
    Admin,
}

/// How a customer pays.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PaymentMethod {
    Wallet,
    Card,
}

/// All rows of a room, front first.
#[derive(Serialize, ToSchema)]
pub struct Layout {
    /// 1 to 1,000.
    rows: Vec<Row>,
}

/// A row of seats, numbered from 1 at the left: `A-1`, `A-2` …
#[derive(Serialize, ToSchema)]
pub struct Row {
    /// One to four capital letters or digits, unique in the layout.
    #[schema(example = "A")]
    label: String,
    /// The price category.
    #[schema(example = "gold")]
    category: String,
    /// How many seats, 1 to 1,000.
    #[schema(example = 12)]
    seats: u16,
    /// An aisle runs to the right of each of these seats.
    #[schema(required = false, example = json!([4, 8]))]
    aisles_after: Vec<u16>,
    /// These seats can be reached by wheelchair.
    #[schema(required = false, example = json!([1]))]
    accessible: Vec<u16>,
}

/// A seat's ticket.
#[derive(Serialize, ToSchema)]
pub struct Ticket {
    /// Which seat.
    #[schema(example = "A-1")]
    seat: String,
    /// Its signed code.
    code: String,
}

/// The answer for an address that names nothing the caller may see.
#[derive(IntoResponses)]
#[response(status = 404, description = "`not-found`", content_type = "application/problem+json")]
pub struct NotFound(pub Problem);

/// The answer to a call that a page of another site sent.
#[derive(IntoResponses)]
#[response(status = 403, description = "`foreign-origin`", content_type = "application/problem+json")]
pub struct ForeignOrigin(pub Problem);

/// What any call may answer.
#[derive(IntoResponses)]
pub enum AnyCall {
    /// `malformed`: not readable.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// `invalid`: values are wrong.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
    /// `too-many-requests`, with `Retry-After`.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// `unavailable`, with `Retry-After`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// What a call that needs a token may answer besides.
#[derive(IntoResponses)]
pub enum SignedInCall {
    /// `unauthorized`: no token, or none that is valid now.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
}

/// What a call for the staff may answer besides.
#[derive(IntoResponses)]
pub enum StaffCall {
    /// `unauthorized`: no token, or none that is valid now.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// `forbidden`: not of the staff.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
}

/// What a call for administrators may answer besides.
#[derive(IntoResponses)]
pub enum AdministratorCall {
    /// `unauthorized`: no token, or none that is valid now.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// `forbidden`: not an administrator.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
}

/// Tells the document how tokens are sent: `security(("bearer" = []))`.
#[derive(Debug, Clone, Copy)]
pub struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}
