//! `POST /box-office/tills/{id}/closing`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money, TillId,
    till::{Command, Till},
};
use ticketshow_http::{Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// Cash at the end of a session.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountedTill {
    /// Cash in the drawer as counted, 0 or more.
    #[schema(value_type = schema::Money)]
    counted: Money,
}

/// A closed session.
#[derive(Serialize, ToSchema)]
pub struct ClosedTill {
    till_id: Uuid,
    #[schema(value_type = schema::Money)]
    float: Money,
    /// The float with the cash taken, less the cash paid out.
    #[schema(value_type = schema::Money)]
    expected: Money,
    #[schema(value_type = schema::Money)]
    counted: Money,
    /// Negative if cash is missing.
    #[schema(value_type = schema::Money)]
    difference: Money,
}

/// Closes a session of the caller's till. A repeat with the same count gets the same answer.
///
/// # Errors
///
/// 404 if the caller has no such session; 409 `till-closed` if it was closed with another count; 422 `wrong-currency` or for a
/// wrong amount.
#[utoipa::path(
    post,
    path = "/box-office/tills/{id}/closing",
    tag = "Box office",
    request_body = CountedTill,
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = ClosedTill),
        schema::NotFound,
        (
            status = 409,
            description = "`till-closed`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn close_till(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    PathId(till): PathId<TillId>,
    Body(body): Body<CountedTill>,
) -> Result<(StreamPosition, Json<ClosedTill>), Problem> {
    let key = app.check_key(&ids, caller.user, ids.fingerprint(&app.edge.keys, &(till, &body))).await?;
    let CountedTill { counted } = body;
    app.check_currency(counted.currency)?;
    let command = Command::CloseTill { till, counted };
    let closed = move |state: &Till| {
        let session = state.sessions.get(&till)?;
        Some((session.float, session.closed?))
    };
    let executed = app.execute(&caller.user, command, app.sent_by(caller.user, &trace), closed).await?;
    app.keep_key(key).await;
    let (float, closed) = executed.answer.ok_or_else(Problem::internal)?;
    let difference =
        Money { amount_minor: closed.counted.amount_minor - closed.expected.amount_minor, ..closed.counted };
    let (expected, counted) = (closed.expected, closed.counted);
    let closed = ClosedTill { till_id: till.0, float, expected, counted, difference };
    Ok((StreamPosition(executed.position), Json(closed)))
}
