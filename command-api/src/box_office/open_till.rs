//! `POST /box-office/tills`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money, TillId, UserId,
    till::{Command, Till},
};
use ticketshow_http::{Body, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff};

/// Cash at the start of a session.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTill {
    /// Cash in the drawer, 0 or more.
    #[schema(value_type = schema::Money)]
    float: Money,
}

/// An open session of the caller's till.
#[derive(Serialize, ToSchema)]
pub struct OpenedTill {
    till_id: Uuid,
    #[schema(value_type = schema::Money)]
    float: Money,
}

/// Opens a session of the caller's till. Sales in cash need one.
///
/// # Errors
///
/// 409 `till-open` (`till_id`) if the caller has one; 422 `wrong-currency` or for a wrong amount.
#[utoipa::path(
    post,
    path = "/box-office/tills",
    tag = "Box office",
    request_body = NewTill,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = OpenedTill),
        (
            status = 409,
            description = "`till-open` (`till_id`)",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn open_till(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewTill>,
) -> Result<(StatusCode, StreamPosition, Json<OpenedTill>), Problem> {
    app.check_currency(body.float.currency)?;
    let till = TillId(ids.id(caller.user, caller.user, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let NewTill { float } = body;
    let command = Command::OpenTill { till, seller: caller.user, float, fingerprint };
    let position = app.send::<Till>(&caller.user, command, app.sent_by(caller.user, &trace)).await?;
    let opened = OpenedTill { till_id: till.0, float };
    Ok((StatusCode::CREATED, position, Json(opened)))
}

impl App {
    /// Returns the open session of a seller's till.
    ///
    /// # Errors
    ///
    /// 503 if the log is unreachable.
    pub(crate) async fn open_till_of(&self, seller: UserId) -> Result<Option<TillId>, Problem> {
        Ok(self.state::<Till>(&seller, Freshness::Fresh).await?.state.open())
    }
}
