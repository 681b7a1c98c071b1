//! Every address of the query API, one line each.

use axum::Router;
use ticketshow_http::schema::{self, BearerToken};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{any_accounts, export, me, person, reminders},
    bookings::{
        any_bookings, check_ins, door, guests, holders, own_bookings, passes, shares, tickets, timeline,
        waiting_list,
    },
    box_office,
    catalogue::{
        cities, day_sheet, drafts, overlaps, policy, price_templates, screenings, screens, show_venues,
        shows, venues,
    },
    live,
    machinery::app::App,
    money::{any_payments, credits, invoices, own_payments, promotions, reconciliation, sales, wallet},
    operations::{aggregate_history, audit, cascades, mails, parked, projections, streams},
    search,
    seats::{self, past},
};

#[derive(OpenApi)]
#[openapi(modifiers(&BearerToken), components(schemas(schema::Problem, schema::Flaw)))]
struct Document;

fn table() -> OpenApiRouter<App> {
    let queries = OpenApiRouter::new()
        .routes(routes!(me::get_me))
        .routes(routes!(me::list_sessions))
        .routes(routes!(export::export_me))
        .routes(routes!(reminders::open_unsubscribe_page))
        .routes(routes!(any_accounts::list_accounts))
        .routes(routes!(person::get_person))
        .routes(routes!(policy::get_policy))
        .routes(routes!(shows::list_shows))
        .routes(routes!(shows::get_show))
        .routes(routes!(show_venues::list_show_venues))
        .routes(routes!(venues::list_venues))
        .routes(routes!(venues::get_venue))
        .routes(routes!(screens::list_screens))
        .routes(routes!(screens::get_screen))
        .routes(routes!(drafts::list_drafts))
        .routes(routes!(overlaps::list_overlaps))
        .routes(routes!(overlaps::list_screen_overlaps))
        .routes(routes!(price_templates::list_price_templates))
        .routes(routes!(screenings::list_screenings))
        .routes(routes!(screenings::get_screening))
        .routes(routes!(seats::get_seats))
        .routes(routes!(seats::blocks::list_blocks))
        .routes(routes!(seats::screen_blocks::list_screen_blocks))
        .routes(routes!(live::follow_seats))
        .routes(routes!(cities::list_cities))
        .routes(routes!(search::search))
        .routes(routes!(search::suggest::suggest))
        .routes(routes!(own_bookings::list_bookings))
        .routes(routes!(own_bookings::get_booking))
        .routes(routes!(timeline::get_booking_history))
        .routes(routes!(timeline::get_any_booking_history))
        .routes(routes!(waiting_list::list_waiting_places))
        .routes(routes!(own_payments::list_payments))
        .routes(routes!(own_payments::get_payment))
        .routes(routes!(shares::list_shares))
        .routes(routes!(tickets::get_tickets))
        .routes(routes!(tickets::get_ticket_qr))
        .routes(routes!(passes::get_apple_pass))
        .routes(routes!(passes::get_google_link))
        .routes(routes!(wallet::get_wallet))
        .routes(routes!(wallet::list_transactions))
        .routes(routes!(any_bookings::list_any_bookings))
        .routes(routes!(holders::list_holders))
        .routes(routes!(past::get_past_seats))
        .routes(routes!(any_payments::list_any_payments))
        .routes(routes!(any_payments::list_any_refunds))
        .routes(routes!(credits::list_credits))
        .routes(routes!(promotions::list_promotions))
        .routes(routes!(sales::get_sales))
        .routes(routes!(invoices::list_invoices))
        .routes(routes!(invoices::get_invoice))
        .routes(routes!(reconciliation::get_reconciliation))
        .routes(routes!(aggregate_history::get_history))
        .routes(routes!(projections::list_projections))
        .routes(routes!(streams::list_streams))
        .routes(routes!(mails::list_mails))
        .routes(routes!(audit::list_audit))
        .routes(routes!(cascades::list_cascades))
        .routes(routes!(cascades::get_cascade))
        .routes(routes!(check_ins::get_check_ins))
        .routes(routes!(guests::list_guests))
        .routes(routes!(day_sheet::get_day_sheet))
        .routes(routes!(door::get_door))
        .routes(routes!(box_office::tills::list_tills))
        .routes(routes!(box_office::tills::get_till))
        .routes(routes!(box_office::refunds::list_owed))
        .routes(routes!(parked::list_parked));
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", queries)
}

/// The router of all queries, below `/api/v1`. Merge it with the commands and pass the result to
/// [`ticketshow_http::complete`].
pub fn router(app: App) -> Router {
    Router::from(table()).with_state(app)
}

/// The OpenAPI document of the queries, to be merged with that of the commands.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    table().into_openapi()
}
