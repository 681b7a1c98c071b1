//! `POST /admin/cascades/preview`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money, ScreeningId, ShowId, VenueId, screening::Screening, show::Show, venue::Venue,
};
use ticketshow_http::{Body, Problem, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::Staff, routing::Affected};

/// The show, venue or screening to cancel: exactly one id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedPreview {
    show_id: Option<Uuid>,
    venue_id: Option<Uuid>,
    screening_id: Option<Uuid>,
}

/// Extent of a cascade, according to the read models.
#[derive(Serialize, ToSchema)]
pub struct CascadePreview {
    /// Screenings that have not started.
    screenings: i64,
    /// Bookings with seats on those screenings, paid or not.
    bookings: i64,
    customers: i64,
    /// Amount to refund.
    amount: AmountByMethod,
}

/// Amounts by means of payment.
#[derive(Serialize, ToSchema)]
pub struct AmountByMethod {
    #[schema(value_type = schema::Money)]
    wallet: Money,
    #[schema(value_type = schema::Money)]
    card: Money,
    /// Paid at the counter, where it is handed back.
    #[schema(value_type = schema::Money)]
    counter: Money,
}

/// Previews the effect of a cancellation. Nothing changes.
///
/// # Errors
///
/// 404; 422 unless exactly one id is given.
#[utoipa::path(
    post,
    path = "/admin/cascades/preview",
    tag = "Administration",
    request_body = WantedPreview,
    responses(
        (status = 200, body = CascadePreview),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn preview_cascade(
    State(app): State<App>,
    _: Staff,
    Body(WantedPreview { show_id, venue_id, screening_id }): Body<WantedPreview>,
) -> Result<Json<CascadePreview>, Problem> {
    let known = match (show_id, venue_id, screening_id) {
        (Some(show), None, None) => {
            app.state::<Show>(&ShowId(show), Freshness::Fresh).await?.state.details.is_some()
        }
        (None, Some(venue), None) => {
            app.state::<Venue>(&VenueId(venue), Freshness::Fresh).await?.state.details.is_some()
        }
        (None, None, Some(screening)) => {
            app.state::<Screening>(&ScreeningId(screening), Freshness::Fresh).await?.state.promise().is_some()
        }
        (None, None, None) | (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            return Err(Problem::invalid_value(
                "",
                "must have exactly one of show_id, venue_id and screening_id",
            ));
        }
    };
    if !known {
        return Err(Problem::not_found());
    }
    let affected = app.routing.affected_by([show_id, venue_id, screening_id], app.edge.now()).await?;
    let Affected { screenings, bookings, customers, wallet_minor, card_minor, counter_minor } = affected;
    let money = |amount_minor| Money { amount_minor, currency: app.currency };
    let amount = AmountByMethod {
        wallet: money(wallet_minor),
        card: money(card_minor),
        counter: money(counter_minor),
    };
    Ok(Json(CascadePreview { screenings, bookings, customers, amount }))
}
