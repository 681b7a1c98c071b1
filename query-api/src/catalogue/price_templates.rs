//! `GET /venues/{id}/price-templates`

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;
use sqlx::{FromRow, types::Json as Jsonb};
use ticketshow_domain::{
    Currency, VenueId,
    pricing::{Charges, SingleSeats, Terms, TicketType},
};
use ticketshow_http::{
    Params, PathId, Problem,
    prices::{CancellationTerms, CategoryPrice, Fee, TaxRate, TicketTypeLimits},
    schema,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    authority::Staff,
    page::{Page, Paging},
    reading::{Reading, Select},
    responses::CallForOne,
};

/// Prices and terms under a name, to be copied into screenings.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceTemplate {
    template_id: Uuid,
    name: String,
    /// Price per seat, by category: one, or one for each ticket type.
    #[schema(value_type = BTreeMap<String, schema::CategoryPrice>)]
    prices: BTreeMap<String, CategoryPrice>,
    /// Limits by ticket type.
    #[schema(value_type = BTreeMap<String, TicketTypeLimits>)]
    ticket_types: BTreeMap<TicketType, TicketTypeLimits>,
    /// Fee on top of the prices; null if there is none.
    fee: Option<Fee>,
    /// Tax included in prices and fee.
    tax_rates: Vec<TaxRate>,
    /// Terms of a cancellation by the customer; null for those of the installation.
    cancellation: Option<CancellationTerms>,
    /// Choices that leave a single seat.
    #[schema(value_type = schema::SingleSeats)]
    single_seats: SingleSeats,
}

#[derive(FromRow)]
struct Row {
    template_id: Uuid,
    name: String,
    prices: Jsonb<BTreeMap<String, i64>>,
    #[sqlx(try_from = "String")]
    currency: Currency,
    terms: Jsonb<Terms>,
}

impl From<Row> for PriceTemplate {
    fn from(Row { template_id, name, prices, currency, terms }: Row) -> Self {
        let prices = CategoryPrice::list(&prices, &terms, currency);
        let Terms { limits, charges: Charges { fee, tax_rates }, cancellation, single_seats, .. } = terms.0;
        Self {
            template_id,
            name,
            prices,
            ticket_types: limits.into_iter().map(|(kind, limit)| (kind, limit.into())).collect(),
            fee: fee.map(|fee| Fee::new(fee, currency)),
            tax_rates: tax_rates.into_iter().map(Into::into).collect(),
            cancellation: cancellation.map(Into::into),
            single_seats,
        }
    }
}

/// Lists the price templates of a venue by name.
///
/// # Errors
///
/// 404 if the venue does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/venues/{id}/price-templates",
    tag = "Catalogue",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<PriceTemplate>), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn list_price_templates(
    _admitted: Staff,
    PathId(venue): PathId<VenueId>,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<PriceTemplate>>, Problem> {
    let select: Select<(Uuid,)> = sqlx::query_as("SELECT venue_id FROM venues WHERE venue_id = $1");
    let (venue,) = reading.one(select.bind(venue.0)).await?;
    let (after_name, after_id) = paging.after::<(String, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(
        "SELECT template_id, name, prices, currency, terms FROM price_templates
         WHERE venue_id = $1 AND NOT dropped AND ($2::text IS NULL OR (name, template_id) > ($2, $3::uuid))
         ORDER BY name, template_id LIMIT $4",
    );
    let select = select.bind(venue).bind(after_name).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    let page = Page::new(rows, &paging, |row| (row.name.clone(), row.template_id));
    Ok(Json(page.map(PriceTemplate::from)))
}
