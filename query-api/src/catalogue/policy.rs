//! `GET /policy`

use axum::{extract::State, response::Response};
use serde::Serialize;
use ticketshow_domain::{
    Language, Money,
    pricing::{TICKET_TYPES_MAX, TicketType},
};
use ticketshow_http::{IfNoneMatch, Problem, schema};
use utoipa::ToSchema;

use crate::machinery::{
    app::App,
    formatting::money,
    responses::{CachedCall, cached},
};

/// Limits and time windows of this installation. They apply to new bookings and payments; bookings already made keep
/// the terms they were made under.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Policy)]
struct PublicPolicy {
    /// Most seats in one booking.
    #[schema(example = 10)]
    booking_seats_max: usize,
    /// Most seats of one customer per screening, held and sold together.
    #[schema(example = 40)]
    customer_seats_max: usize,
    /// Most unpaid holds of one customer per screening.
    #[schema(example = 3)]
    holds_max: usize,
    /// Time to pay for held seats, in seconds.
    #[schema(example = 480)]
    hold_seconds: i64,
    /// Time to complete a card payment, in seconds from the opening of its checkout. A hold never outlasts the start of
    /// the screening.
    #[schema(example = 600)]
    extension_seconds: i64,
    /// Paid bookings may be cancelled until this many seconds before the screening starts.
    #[schema(example = 7_200)]
    cancel_cutoff_seconds: i64,
    /// Smallest card payment of a booking. The wallet pays any amount.
    #[schema(value_type = schema::Money)]
    card_min: Money,
    /// Most seats of a new layout.
    #[schema(example = 10_000)]
    screen_seats_max: usize,
    /// Smallest top-up of a wallet.
    #[schema(value_type = schema::Money)]
    top_up_min: Money,
    /// Largest top-up of a wallet.
    #[schema(value_type = schema::Money)]
    top_up_max: Money,
    /// Time to pay for seats that are offered to those on a waiting list, in seconds.
    #[schema(example = 900)]
    offer_seconds: i64,
    /// True if people can wait for seats of sold-out screenings.
    has_waiting_lists: bool,
    currency: PolicyCurrency,
    /// Ticket types that pages have names for; a house may use others.
    #[schema(example = json!(["adult", "child"]))]
    ticket_types: &'static [&'static str],
    /// Most ticket types of a screening.
    #[schema(example = 20)]
    ticket_types_max: usize,
    /// Languages of mails and documents.
    #[schema(example = json!(["en", "hi"]))]
    languages: [&'static str; Language::ALL.len()],
    /// True if tickets can be added to the wallet app of a telephone.
    #[schema(example = false)]
    passes: bool,
    /// Wallet apps to which tickets can be added: `apple`, `google`.
    #[schema(example = json!(["apple", "google"]))]
    pass_kinds: Vec<&'static str>,
    /// True if guests are reminded of their screenings by mail.
    sends_reminders: bool,
}

/// The currency of all amounts of this installation.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyCurrency {
    /// ISO 4217 code.
    #[schema(example = "INR")]
    code: String,
    /// Digits after the decimal point: 2 means that an amount of 100 minor units is shown as 1.00.
    #[schema(example = 2)]
    decimals: u32,
}

/// Returns the limits and time windows that pages have to show or respect.
///
/// # Errors
///
/// None of its own.
#[utoipa::path(
    get,
    path = "/policy",
    tag = "Catalogue",
    responses((status = 200, body = PublicPolicy), CachedCall, schema::AnyCall)
)]
pub async fn get_policy(State(app): State<App>, known: IfNoneMatch) -> Result<Response, Problem> {
    let (policy, currency) = (app.parts.policy, app.parts.currency);
    let pass_kinds = app.parts.passes.kinds(app.parts.edge.now());
    let public = PublicPolicy {
        booking_seats_max: policy.booking_seats_max,
        customer_seats_max: policy.customer_seats_max,
        holds_max: policy.holds_max,
        hold_seconds: policy.hold_seconds,
        extension_seconds: policy.extension_seconds,
        cancel_cutoff_seconds: policy.cancel_cutoff_seconds,
        card_min: money(policy.card_min_minor, currency),
        screen_seats_max: policy.screen_seats_max,
        top_up_min: money(policy.top_up_min_minor, currency),
        top_up_max: money(policy.top_up_max_minor, currency),
        offer_seconds: policy.offer_seconds,
        has_waiting_lists: policy.waiting_places_max > 0,
        currency: PolicyCurrency { code: currency.code().to_owned(), decimals: currency.minor_digits() },
        ticket_types: &TicketType::KNOWN,
        ticket_types_max: TICKET_TYPES_MAX,
        languages: Language::ALL.map(Language::tag),
        passes: !pass_kinds.is_empty(),
        pass_kinds,
        sends_reminders: policy.sends_reminders(),
    };
    Ok(cached(&known, &public))
}
