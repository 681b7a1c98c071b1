//! `GET /promotions`

use axum::{Json, extract::State};
use sqlx::{FromRow, types::Json as Stored};
use ticketshow_domain::{PromotionId, promotion::PromotionTerms};
use ticketshow_http::{Params, Problem, promotions::PublishedPromotion, schema};
use uuid::Uuid;

use crate::machinery::{
    app::App,
    authority::Staff,
    formatting::Moment,
    page::{Page, Paging},
    reading::{Reading, Select},
};

#[derive(FromRow)]
struct Row {
    promotion_id: Uuid,
    code: Option<String>,
    terms: Stored<PromotionTerms>,
    uses: i32,
    created_at: Moment,
}

/// Lists the promotions, newest first.
///
/// # Errors
///
/// 403 if the role of the caller does not include this.
#[utoipa::path(
    get,
    path = "/promotions",
    tag = "Promotions",
    params(Paging),
    responses((status = 200, body = Page<PublishedPromotion>), schema::AnyCall, schema::AdministratorCall),
    security(("bearer" = []))
)]
pub async fn list_promotions(
    State(app): State<App>,
    _admitted: Staff,
    Params(paging): Params<Paging>,
    mut reading: Reading,
) -> Result<Json<Page<PublishedPromotion>>, Problem> {
    let (before, after_id) = paging.after::<(Moment, Uuid)>()?.unzip();
    let select: Select<Row> = sqlx::query_as(
        "SELECT promotion_id, code, terms, uses, created_at FROM promotions
         WHERE $1::timestamptz IS NULL OR created_at <= $1 AND (created_at < $1 OR promotion_id > $2::uuid)
         ORDER BY created_at DESC, promotion_id LIMIT $3",
    );
    let rows = reading.all(select.bind(before).bind(after_id).bind(paging.rows())).await?;
    let currency = app.parts.currency;
    let published = |row: Row| {
        let uses = u32::try_from(row.uses).unwrap_or_default();
        PublishedPromotion::new(PromotionId(row.promotion_id), row.code, row.terms.0, uses, currency)
    };
    Ok(Json(Page::new(rows, &paging, |row| (row.created_at, row.promotion_id)).map(published)))
}
