//! `GET /venues/{id}/price-templates`

use axum::Json;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::VenueId;
use ticketshow_http::{Params, PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use super::terms::{ListedTerms, TermsRow};
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
    #[serde(flatten)]
    terms: ListedTerms,
}

#[derive(FromRow)]
struct Row {
    template_id: Uuid,
    name: String,
    #[sqlx(flatten)]
    terms: TermsRow,
}

impl From<Row> for PriceTemplate {
    fn from(Row { template_id, name, terms }: Row) -> Self {
        Self { template_id, name, terms: terms.into() }
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
         WHERE venue_id = $1 AND NOT dropped
           AND ($2::text IS NULL OR (name COLLATE public.as_people_sort, template_id) > ($2, $3::uuid))
         ORDER BY name COLLATE public.as_people_sort, template_id LIMIT $4",
    );
    let select = select.bind(venue).bind(after_name).bind(after_id).bind(paging.rows());
    let rows = reading.all(select).await?;
    let page = Page::new(rows, &paging, |row| (row.name.clone(), row.template_id));
    Ok(Json(page.map(PriceTemplate::from)))
}
