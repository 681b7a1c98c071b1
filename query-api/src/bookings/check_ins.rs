//! `GET /screenings/{id}/check-ins`

use axum::Json;
use serde::Serialize;
use sqlx::FromRow;
use ticketshow_domain::ScreeningId;
use ticketshow_http::{PathId, Problem, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    authority::Staff,
    reading::{Reading, Select},
    responses::CallForOne,
};

/// Check-in counts of a screening.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub struct CheckIns {
    screening_id: Uuid,
    /// Seats sold.
    sold: i64,
    /// Tickets already used.
    checked_in: i64,
}

/// Returns the check-in counts of a screening.
///
/// # Errors
///
/// 404 if the screening does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/screenings/{id}/check-ins",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CheckIns), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn get_check_ins(
    _admitted: Staff,
    PathId(screening): PathId<ScreeningId>,
    mut reading: Reading,
) -> Result<Json<CheckIns>, Problem> {
    let select: Select<CheckIns> = sqlx::query_as(
        "SELECT s.screening_id, COALESCE(sum(cardinality(b.seats)), 0)::bigint AS sold,
                COALESCE(sum(b.checked_in), 0)::bigint AS checked_in
         FROM screenings s LEFT JOIN bookings b ON b.screening_id = s.screening_id AND b.claim = 'sold'
         WHERE s.screening_id = $1 GROUP BY s.screening_id",
    );
    Ok(Json(reading.one(select.bind(screening.0)).await?))
}
