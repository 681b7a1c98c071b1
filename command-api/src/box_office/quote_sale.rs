//! `POST /box-office/quotes`

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, Context, Decider, Money, PromotionId, ScreeningId, UserId,
    counter::{CounterSeat, SaleDiscount},
    pricing::Quote,
    promotion::{self, Code, Promotion, SALE_USE},
    screening::{self, Screening},
};
use ticketshow_http::{
    Body, Problem,
    prices::{Bill, BillLine, TaxLine},
    schema,
};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    box_office::sell_seats::WantedCounterSeat,
    machinery::{app::App, authority::StaffSomewhere, failures::not_executed, refusals::Refuse},
    promotions::use_code::UNKNOWN_CODE,
};

/// Seats to quote for a sale at the counter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedQuote {
    #[schema(value_type = Uuid)]
    screening_id: ScreeningId,
    /// 1 to 100, each once.
    seats: Vec<WantedCounterSeat>,
    /// Code that the buyer names, in any letter case, with or without blanks. Without one, the offer that takes off most counts.
    #[schema(example = "tuesday10")]
    code: Option<String>,
}

/// Price of a sale at the counter.
#[derive(Serialize, ToSchema)]
pub struct SaleQuote {
    /// Source of the discount; null without one. The sale names it.
    promotion: Option<QuotedPromotion>,
    /// One per seat.
    lines: Vec<BillLine>,
    /// Fees of the house.
    #[schema(value_type = schema::Money)]
    fees: Money,
    /// Discount on the prices.
    #[schema(value_type = schema::Money)]
    discount: Money,
    /// Tax, which is included in the amount.
    tax: Vec<TaxLine>,
    /// Prices and fees less discount.
    #[schema(value_type = schema::Money)]
    amount: Money,
}

/// A promotion that lowers the price of a sale.
#[derive(Serialize, ToSchema)]
pub struct QuotedPromotion {
    promotion_id: Uuid,
    /// Null if the house lowers prices by itself.
    #[schema(example = "TUESDAY10")]
    code: Option<String>,
    /// Name that the house gave it; null without one.
    #[schema(example = "Tuesday price")]
    name: Option<String>,
}

/// Returns what seats cost at the counter, with the discount of a code or of the best offer. Nothing is held, and no use is taken: the
/// sale decides.
///
/// # Errors
///
/// 404 `unknown-code`, `not-found`; 409 `code-used-up`, `code-not-valid`; 422 `unknown-seat`, `seat-count`, `duplicate-seat`,
/// `ticket-type-missing`, `unknown-ticket-type`, `ticket-type-limit`.
#[utoipa::path(
    post,
    path = "/box-office/quotes",
    tag = "Box office",
    request_body = WantedQuote,
    responses(
        (status = 200, body = SaleQuote),
        (
            status = 404,
            description = "`unknown-code`, `not-found`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        (
            status = 409,
            description = "`code-used-up`, `code-not-valid`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn quote_sale(
    State(app): State<App>,
    seller: StaffSomewhere,
    Body(WantedQuote { screening_id, seats, code }): Body<WantedQuote>,
) -> Result<Json<SaleQuote>, Problem> {
    seller.check_screening(&app, screening_id).await?;
    let seats: Vec<CounterSeat> = seats.into_iter().map(Into::into).collect();
    app.quote_sale(screening_id, &seats, code.as_deref().map(Code::new)).await.map(Json)
}

/// A sale that a promotion makes cheaper.
pub(crate) struct Lowered {
    pub discount: SaleDiscount,
    /// With the discount.
    pub quote: Quote,
    code: Option<Code>,
    name: Option<String>,
}

/// Buyer for whom the use of a promotion is checked.
#[derive(Clone, Copy)]
pub(crate) struct UseOf {
    pub booking: BookingId,
    pub customer: UserId,
    pub now: Timestamp,
}

impl UseOf {
    /// Returns the command that takes a use for a sale.
    pub fn take(self, screening: promotion::Occasion) -> promotion::Command {
        let Self { booking, customer, now } = self;
        promotion::Command::TakeUse { booking, customer, screening, until: now + SALE_USE }
    }
}

impl App {
    async fn quote_sale(
        &self,
        screening: ScreeningId,
        seats: &[CounterSeat],
        code: Option<Code>,
    ) -> Result<SaleQuote, Problem> {
        let state = self.state::<Screening>(&screening, Freshness::Fresh).await?.state;
        let quote = state.counter_quote(seats).map_err(Refuse::problem)?;
        let currency = state.promise().ok_or_else(Problem::not_found)?.currency;
        // Not counted for any customer: the limit per customer is checked when the sale names the buyer.
        let nobody = (self.edge.new_id)();
        let of = UseOf { booking: BookingId(nobody), customer: UserId(nobody), now: self.edge.now() };
        let lowered = match code {
            Some(code) => {
                let promotion = PromotionId(self.edge.keys.promotion(code.text()));
                Some(self.lowered(promotion, &state, quote.clone(), of).await?)
            }
            None => self.lowered_by_offer(&state, &quote, of).await,
        };
        let promotion = lowered.as_ref().map(|lowered| QuotedPromotion {
            promotion_id: lowered.discount.promotion.0,
            code: lowered.code.as_ref().map(|code| code.text().to_owned()),
            name: lowered.name.clone(),
        });
        let Quote { lines, charges } = lowered.map_or(quote, |lowered| lowered.quote);
        let Bill { lines, fees, discount, tax, amount } = Bill::new(lines, &charges, currency);
        Ok(SaleQuote { promotion, lines, fees, discount, tax, amount })
    }

    /// Lowers the price of a sale by the offer without a code that takes off most, if there is one that may still be used.
    async fn lowered_by_offer(&self, state: &Screening, quote: &Quote, of: UseOf) -> Option<Lowered> {
        let best = self.best_offer(state.promise()?.occasion(), &quote.lines).await?;
        self.lowered(best, state, quote.clone(), of).await.ok()
    }

    /// Lowers the price of a sale by a promotion, without taking a use.
    ///
    /// # Errors
    ///
    /// 404 `unknown-code`; 409 `code-used-up`, `code-not-valid`.
    pub(crate) async fn lowered(
        &self,
        promotion: PromotionId,
        state: &Screening,
        mut quote: Quote,
        of: UseOf,
    ) -> Result<Lowered, Problem> {
        let occasion = state.promise().ok_or_else(Problem::not_found)?.occasion();
        let seen = self.state::<Promotion>(&promotion, Freshness::Fresh).await?;
        let unknown = || Problem::new(StatusCode::NOT_FOUND, UNKNOWN_CODE, "There is no such code");
        let published = seen.state.published.as_ref().ok_or_else(unknown)?;
        let context = Context { now: of.now, policy: *self.executor.policy() };
        seen.state
            .decide(&of.take(occasion), &context)
            .map_err(|refusal| not_executed(ExecuteError::Refused { refusal, position: seen.position }))?;
        let seats_minor = published.terms.discounts(&quote.lines);
        if seats_minor.iter().all(|off| *off == 0) {
            let title = "The code lowers none of these prices";
            return Err(Problem::new(StatusCode::CONFLICT, "code-not-valid", title));
        }
        let full_minor = quote.total_minor();
        for (line, off_minor) in quote.lines.iter_mut().zip(&seats_minor) {
            line.discount_minor = *off_minor;
        }
        let (code, name) = (published.code.clone(), published.terms.name.clone());
        Ok(Lowered { discount: SaleDiscount { promotion, seats_minor, full_minor }, quote, code, name })
    }

    /// Takes the use of a promotion for a sale, and returns its discount. `None` if the sale was made before.
    ///
    /// # Errors
    ///
    /// As [`App::lowered`]; 409 `amount-changed` if the sale would not cost `expected`.
    pub(crate) async fn take_use_for_sale(
        &self,
        promotion: PromotionId,
        screening: ScreeningId,
        seats: &[CounterSeat],
        of: UseOf,
        expected: Option<Money>,
        metadata: &Metadata,
    ) -> Result<Option<SaleDiscount>, Problem> {
        let state = self.state::<Screening>(&screening, Freshness::Fresh).await?.state;
        if state.counter_sale(of.booking).is_some() {
            return Ok(None);
        }
        let promise = state.promise().ok_or_else(Problem::not_found)?;
        let quote = state.counter_quote(seats).map_err(Refuse::problem)?;
        let Lowered { discount, quote, .. } = self.lowered(promotion, &state, quote, of).await?;
        let amount = Money { amount_minor: quote.total_minor(), currency: promise.currency };
        if expected.is_some_and(|expected| expected != amount) {
            return Err(screening::Refusal::PricesChanged.problem());
        }
        let take = of.take(promise.occasion());
        self.execute(&promotion, take, metadata.clone(), |_: &Promotion| ()).await?;
        Ok(Some(discount))
    }
}
