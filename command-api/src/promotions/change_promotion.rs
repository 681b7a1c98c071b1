//! `PATCH /promotions/{id}`

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Deserialize;
use ticketshow_domain::{
    Money, PromotionId, ShowId, VenueId,
    pricing::TicketType,
    promotion::{Command, Day, Promotion, PromotionTerms},
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, promotions::PublishedPromotion, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::machinery::{app::App, authority::Staff};

/// The fields to change. Omitted fields stay as they are; the code stays for good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedPromotion {
    /// Name that customers read, at most 60 characters; an empty one takes it away.
    name: Option<String>,
    /// Percentage to take off the prices, 1 to 100. Replaces an amount.
    #[schema(minimum = 1, maximum = 100)]
    percent: Option<u8>,
    /// Amount to take off a booking. Replaces a percentage.
    #[schema(value_type = Option<schema::Money>)]
    amount: Option<Money>,
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_from: Option<Timestamp>,
    /// A time in the past ends the promotion.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
    /// The complete list; all shows if empty.
    #[schema(value_type = Option<Vec<Uuid>>)]
    shows: Option<BTreeSet<ShowId>>,
    /// The complete list; all venues if empty.
    #[schema(value_type = Option<Vec<Uuid>>)]
    venues: Option<BTreeSet<VenueId>>,
    /// The complete list; all ticket types if empty.
    #[schema(value_type = Option<Vec<String>>)]
    ticket_types: Option<BTreeSet<TicketType>>,
    /// The complete list; all days if empty.
    #[schema(value_type = Option<Vec<schema::Weekday>>)]
    weekdays: Option<BTreeSet<Day>>,
    /// 1 to 100,000. Bookings that use it already keep their discounts.
    #[schema(minimum = 1, maximum = 100_000)]
    uses_max: Option<u32>,
    /// 1 to 100,000.
    #[schema(minimum = 1, maximum = 100_000)]
    uses_per_customer_max: Option<u32>,
}

/// Changes a promotion. Bookings that use it already keep their discounts.
///
/// # Errors
///
/// 404; 422 `wrong-currency`, or for invalid values.
#[utoipa::path(
    patch,
    path = "/promotions/{id}",
    tag = "Promotions",
    request_body = ChangedPromotion,
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = PublishedPromotion),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn change_promotion(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    PathId(promotion): PathId<PromotionId>,
    Body(body): Body<ChangedPromotion>,
) -> Result<(StreamPosition, Json<PublishedPromotion>), Problem> {
    let seen = app.state::<Promotion>(&promotion, Freshness::Fresh).await?;
    let published = seen.state.published.ok_or_else(Problem::not_found)?;
    let known = published.terms.clone();
    let terms = PromotionTerms {
        reduction: app.reduction(body.percent, body.amount)?.unwrap_or(known.reduction),
        valid_from: body.valid_from.or(known.valid_from),
        valid_until: body.valid_until.or(known.valid_until),
        shows: body.shows.unwrap_or(known.shows),
        venues: body.venues.unwrap_or(known.venues),
        ticket_types: body.ticket_types.unwrap_or(known.ticket_types),
        weekdays: body.weekdays.unwrap_or(known.weekdays),
        uses_max: body.uses_max.unwrap_or(known.uses_max),
        uses_per_customer_max: body.uses_per_customer_max.or(known.uses_per_customer_max),
        name: body.name.or(known.name),
    };
    let command = Command::ChangePromotion { terms, by: caller.user };
    let (position, published) = app.publish(promotion, command, &caller, &trace).await?;
    Ok((position, Json(published)))
}
