//! `POST /promotions`

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money, PromotionId, ShowId, VenueId,
    pricing::TicketType,
    promotion::{Code, Command, Day, Promotion, PromotionTerms, Reduction, USES_LARGEST},
};
use ticketshow_http::{
    Body, Problem, RequestIds, StreamPosition, Trace, promotions::PublishedPromotion, schema,
};
use utoipa::ToSchema;

use crate::machinery::{app::App, authority::Staff};

/// A new code, or an offer without one.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPromotion {
    /// 4 to 32 letters, digits and hyphens; letter case does not matter. Long and random ones are not guessed. Without a code, the
    /// promotion lowers the prices of new holds by itself.
    #[schema(example = "TUESDAY10")]
    code: Option<String>,
    /// Name that customers read, at most 60 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Tuesday price")]
    name: Option<String>,
    /// Percentage to take off the prices, 1 to 100. Either this or `amount`.
    #[schema(minimum = 1, maximum = 100, example = 10)]
    percent: Option<u8>,
    /// Amount to take off a booking, at most the price of its tickets.
    #[schema(value_type = Option<schema::Money>)]
    amount: Option<Money>,
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
    /// Shows that it is for; all if empty or left out.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, required = false)]
    shows: BTreeSet<ShowId>,
    /// Venues that it is for; all if empty or left out.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, required = false)]
    venues: BTreeSet<VenueId>,
    /// Ticket types that it is for; all if empty or left out.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    ticket_types: BTreeSet<TicketType>,
    /// Days of the week on which the screenings start that it is for; all if empty or left out.
    #[serde(default)]
    #[schema(value_type = Vec<schema::Weekday>, required = false)]
    weekdays: BTreeSet<Day>,
    /// Most bookings that use it, 1 to 100,000, which is also the default.
    #[schema(minimum = 1, maximum = 100_000, example = 100)]
    uses_max: Option<u32>,
    /// Most bookings of one customer that use it; no limit if left out.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    uses_per_customer_max: Option<u32>,
}

/// Publishes a code that lowers the prices of bookings, or an offer that does so by itself for new holds.
///
/// # Errors
///
/// 409 `code-taken`; 422 `wrong-currency`, or for invalid values.
#[utoipa::path(
    post,
    path = "/promotions",
    tag = "Promotions",
    request_body = NewPromotion,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = PublishedPromotion),
        (
            status = 409,
            description = "`code-taken`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn create_promotion(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewPromotion>,
) -> Result<(StatusCode, StreamPosition, Json<PublishedPromotion>), Problem> {
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let code = body.code.as_deref().map(Code::new);
    let promotion = PromotionId(match &code {
        Some(code) => app.edge.keys.promotion(code.text()),
        None => ids.id(caller.user, "promotions", app.edge.new_id),
    });
    let reduction = app.reduction(body.percent, body.amount)?;
    let terms = PromotionTerms {
        reduction: reduction
            .ok_or_else(|| Problem::invalid_value("/percent", "percent or amount is required"))?,
        valid_from: body.valid_from,
        valid_until: body.valid_until,
        shows: body.shows,
        venues: body.venues,
        ticket_types: body.ticket_types,
        weekdays: body.weekdays,
        uses_max: body.uses_max.unwrap_or(USES_LARGEST),
        uses_per_customer_max: body.uses_per_customer_max,
        name: body.name,
    };
    let command = Command::CreatePromotion { promotion, code, terms, by: caller.user, fingerprint };
    let (position, published) = app.publish(promotion, command, &caller, &trace).await?;
    Ok((StatusCode::CREATED, position, Json(published)))
}

impl App {
    /// Returns the discount of a promotion; `None` if the body does not name one.
    ///
    /// # Errors
    ///
    /// 422 if it says both, or names another currency.
    pub(super) fn reduction(
        &self,
        percent: Option<u8>,
        amount: Option<Money>,
    ) -> Result<Option<Reduction>, Problem> {
        match (percent, amount) {
            (Some(_), Some(_)) => Err(Problem::invalid_value("/amount", "must not be sent with percent")),
            (Some(percent), None) => Ok(Some(Reduction::Percent(percent))),
            (None, Some(amount)) => {
                self.check_currency(amount.currency)?;
                Ok(Some(Reduction::AmountMinor(amount.amount_minor)))
            }
            (None, None) => Ok(None),
        }
    }

    /// Sends a command of staff to a promotion, and returns its new terms.
    ///
    /// # Errors
    ///
    /// The problem of a refusal; 503 if the log is unreachable.
    pub(super) async fn publish(
        &self,
        promotion: PromotionId,
        command: Command,
        caller: &ticketshow_http::Caller,
        trace: &Trace,
    ) -> Result<(StreamPosition, PublishedPromotion), Problem> {
        let metadata = self.sent_by(caller.user, trace);
        let (now, currency) = (metadata.time, self.currency);
        let published = move |state: &Promotion| {
            let published = state.published.as_deref()?;
            let (code, terms) = (published.code.as_ref(), published.terms.clone());
            let code = code.map(|code| code.text().to_owned());
            Some(PublishedPromotion::new(promotion, code, terms, state.uses(now), currency))
        };
        let executed = self.execute(&promotion, command, metadata, published).await?;
        let published = executed.answer.ok_or_else(Problem::not_found)?;
        Ok((StreamPosition(executed.position), published))
    }
}
