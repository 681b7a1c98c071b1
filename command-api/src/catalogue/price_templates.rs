//! `POST /venues/{id}/price-templates`, `PUT` and `DELETE /venues/{id}/price-templates/{template_id}`

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money, VenueId,
    pricing::{Charges, SingleSeats, Terms, TicketType},
    venue::{Command, Event, PriceTemplate, Venue},
};
use ticketshow_http::{
    Body, PathId, Problem, RequestIds, StreamPosition, Trace,
    prices::{CancellationTerms, CategoryPrice, Fee, TaxRate, TicketTypeLimits},
    schema,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff, past_events::find_event};

/// Prices and terms under a name.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedPriceTemplate {
    /// 1 to 100 characters, once per venue.
    #[schema(example = "Weekday")]
    name: String,
    /// Price per seat category: one, or one for each ticket type. They need not be the categories of any screen.
    #[schema(value_type = BTreeMap<String, schema::CategoryPrice>)]
    prices: BTreeMap<String, CategoryPrice>,
    /// Limits by ticket type.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, TicketTypeLimits>, required = false)]
    ticket_types: BTreeMap<TicketType, TicketTypeLimits>,
    /// A fee on top of the prices.
    fee: Option<Fee>,
    /// Tax included in prices and fee: at most 10 rates, together at most 100 %.
    #[serde(default)]
    #[schema(required = false)]
    tax_rates: Vec<TaxRate>,
    /// Terms of a cancellation by the customer; by default, those of the installation.
    cancellation: Option<CancellationTerms>,
    /// Choices that leave a single seat; by default, the app warns of them.
    #[schema(value_type = Option<schema::SingleSeats>)]
    single_seats: Option<SingleSeats>,
    /// Minutes before the start until which wheelchair places and companion seats are kept for people who ask for
    /// them; without it, they are on general sale.
    wheelchair_minutes: Option<u32>,
}

impl WantedPriceTemplate {
    fn content(self, app: &App) -> Result<PriceTemplate, Problem> {
        let amounts = self.prices.values().flat_map(CategoryPrice::amounts);
        for Money { currency, .. } in amounts.chain(self.fee.iter().map(Fee::amount)) {
            app.check_currency(currency)?;
        }
        let terms = Terms {
            type_prices: CategoryPrice::by_type(&self.prices),
            limits: self.ticket_types.into_iter().map(|(kind, limit)| (kind, limit.into())).collect(),
            charges: Charges {
                fee: self.fee.map(Into::into),
                tax_rates: self.tax_rates.into_iter().map(Into::into).collect(),
            },
            cancellation: self.cancellation.map(Into::into),
            single_seats: self.single_seats.unwrap_or_default(),
            wheelchair_minutes: self.wheelchair_minutes,
        };
        let prices = CategoryPrice::full(&self.prices);
        Ok(PriceTemplate { name: self.name, prices, currency: app.currency, terms })
    }
}

/// A price template after a command.
#[derive(Serialize, ToSchema)]
pub struct KeptPriceTemplate {
    template_id: Uuid,
    venue_id: Uuid,
    name: String,
}

/// Adds a price template to a venue. The forms that schedule screenings copy it: a template that changes later changes no screening.
///
/// # Errors
///
/// 404 if there is no such venue; 409 `name-taken` (`name`), `too-many-templates` (`max`); 422 `wrong-currency`, or for invalid values.
#[utoipa::path(
    post,
    path = "/venues/{id}/price-templates",
    tag = "Catalogue",
    request_body = WantedPriceTemplate,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = KeptPriceTemplate),
        schema::NotFound,
        (
            status = 409,
            description = "`name-taken` (`name`), `too-many-templates` (`max`)",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn add_price_template(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(venue): PathId<VenueId>,
    Body(body): Body<WantedPriceTemplate>,
) -> Result<(StatusCode, StreamPosition, Json<KeptPriceTemplate>), Problem> {
    let template = ids.id(caller.user, venue, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let command = Command::AddPriceTemplate { template, content: body.content(&app)?, fingerprint };
    let metadata = app.sent_by(caller.user, &trace);
    let executed =
        app.execute(&venue, command, metadata, move |venue: &Venue| name_of(venue, template)).await?;
    let first = if executed.changed { None } else { first_name(&app, venue, template).await? };
    let name = first.or(executed.answer).ok_or_else(Problem::not_found)?;
    let kept = KeptPriceTemplate { template_id: template, venue_id: venue.0, name };
    Ok((StatusCode::CREATED, StreamPosition(executed.position), Json(kept)))
}

/// Replaces a price template. Screenings keep what they copied.
///
/// # Errors
///
/// 404; 409 `name-taken` (`name`); 422 `wrong-currency`, or for invalid values.
#[utoipa::path(
    put,
    path = "/venues/{id}/price-templates/{template_id}",
    tag = "Catalogue",
    request_body = WantedPriceTemplate,
    params(("id" = Uuid, Path), ("template_id" = Uuid, Path)),
    responses(
        (status = 200, body = KeptPriceTemplate),
        schema::NotFound,
        (
            status = 409,
            description = "`name-taken` (`name`)",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn change_price_template(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((venue, template)): PathId<(VenueId, Uuid)>,
    Body(body): Body<WantedPriceTemplate>,
) -> Result<(StreamPosition, Json<KeptPriceTemplate>), Problem> {
    let command = Command::ChangePriceTemplate { template, content: body.content(&app)? };
    let metadata = app.sent_by(caller.user, &trace);
    let executed =
        app.execute(&venue, command, metadata, move |venue: &Venue| name_of(venue, template)).await?;
    let name = executed.answer.ok_or_else(Problem::not_found)?;
    let kept = KeptPriceTemplate { template_id: template, venue_id: venue.0, name };
    Ok((StreamPosition(executed.position), Json(kept)))
}

/// Removes a price template. Screenings keep what they copied.
///
/// # Errors
///
/// 404 if there is no such venue.
#[utoipa::path(
    delete,
    path = "/venues/{id}/price-templates/{template_id}",
    tag = "Catalogue",
    params(("id" = Uuid, Path), ("template_id" = Uuid, Path)),
    responses(
        (status = 204, description = "removed, now or before"),
        schema::NotFound,
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn drop_price_template(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId((venue, template)): PathId<(VenueId, Uuid)>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let metadata = app.sent_by(caller.user, &trace);
    let command = Command::DropPriceTemplate { template };
    let position = app.send::<Venue>(&venue, command, metadata).await?;
    Ok((StatusCode::NO_CONTENT, position))
}

/// The name that a template was added with, for a call that repeats an earlier one. It may have been changed or removed since.
async fn first_name(app: &App, venue: VenueId, template: Uuid) -> Result<Option<String>, Problem> {
    find_event::<Venue, _>(app, &venue, 0, |event| {
        let Event::PriceTemplateAdded { template: id, content, .. } = event else { return None };
        (id == template).then_some(content.name)
    })
    .await
}

fn name_of(venue: &Venue, template: Uuid) -> Option<String> {
    venue.price_templates.get(&template).map(|(content, _)| content.name.clone())
}
