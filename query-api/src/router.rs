//! Every address of the query API, one line each.

use axum::Router;
use ticketshow_http::schema::{self, BearerToken};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, admin_accounts, admin_bookings, admin_payments, booking_history, bookings, cascades, check_ins,
    cities, history, live, mails, me, parked, payments, projections, reconciliation, sales, screenings,
    screens, search, seats, show_venues, shows, tickets, venues, wallet,
};

#[derive(OpenApi)]
#[openapi(modifiers(&BearerToken), components(schemas(schema::Problem, schema::Flaw)))]
struct Document;

fn table() -> OpenApiRouter<App> {
    let queries = OpenApiRouter::new()
        .routes(routes!(me::get_me))
        .routes(routes!(me::list_sessions))
        .routes(routes!(admin_accounts::list_accounts))
        .routes(routes!(shows::list_shows))
        .routes(routes!(shows::get_show))
        .routes(routes!(show_venues::list_show_venues))
        .routes(routes!(venues::list_venues))
        .routes(routes!(venues::get_venue))
        .routes(routes!(screens::list_screens))
        .routes(routes!(screens::get_screen))
        .routes(routes!(screenings::list_screenings))
        .routes(routes!(screenings::get_screening))
        .routes(routes!(seats::get_seats))
        .routes(routes!(live::follow_seats))
        .routes(routes!(cities::list_cities))
        .routes(routes!(search::search))
        .routes(routes!(search::suggest::suggest))
        .routes(routes!(bookings::list_bookings))
        .routes(routes!(bookings::get_booking))
        .routes(routes!(booking_history::get_booking_history))
        .routes(routes!(payments::list_payments))
        .routes(routes!(payments::get_payment))
        .routes(routes!(tickets::get_tickets))
        .routes(routes!(tickets::get_ticket_qr))
        .routes(routes!(wallet::get_wallet))
        .routes(routes!(wallet::list_transactions))
        .routes(routes!(admin_bookings::list_any_bookings))
        .routes(routes!(admin_payments::list_any_payments))
        .routes(routes!(admin_payments::list_any_refunds))
        .routes(routes!(sales::get_sales))
        .routes(routes!(reconciliation::get_reconciliation))
        .routes(routes!(history::get_history))
        .routes(routes!(projections::list_projections))
        .routes(routes!(mails::list_mails))
        .routes(routes!(cascades::list_cascades))
        .routes(routes!(cascades::get_cascade))
        .routes(routes!(check_ins::get_check_ins))
        .routes(routes!(parked::list_parked));
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", queries)
}

/// All queries, below `/api/v1`. Merge it with the commands and call [`ticketshow_http::complete`] on the whole.
pub fn router(app: App) -> Router {
    Router::from(table()).with_state(app)
}

/// What the OpenAPI document says of the queries; to be merged with what it says of the commands.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    table().into_openapi()
}
